"""Status reasons are records: a company adds its own, words them, deactivates them and chooses a default.

What records keep as their reason stays what it was; it is the column ``key`` of the reason now.
"""

from datetime import UTC, datetime
from uuid import UUID

import sqlalchemy as sa
from alembic import op

from models.record import Identifier, Instant

revision = "0028"
down_revision = "0027"
branch_labels = None
depends_on = None

# The same in every database, so that programs may know them: UUIDv7 of 2026-01-01, counted up by the keys.
_FIRST = UUID("019b76da-a801-7000-8000-000000000000")
_EPOCH = datetime(2026, 1, 1, tzinfo=UTC)
# Noun and state -> the reasons that people choose; None stands for all that the company starts with.
_CHOSEN: dict[str, tuple[str, ...] | None] = {
    "lead.OPEN": ("NURTURING",),
    "lead.DISQUALIFIED": None,
    "opportunity.OPEN": ("ON_HOLD",),
    "opportunity.WON": None,
    "opportunity.LOST": None,
    "quote.CLOSED": ("LOST", "CANCELED"),
    "order.CANCELED": ("NO_MONEY", "CUSTOMER_REQUEST", "OUT_OF_STOCK"),
    "credit_note.ISSUED": None,
}
_DEFAULTS = ("lead.OPEN.NURTURING", "opportunity.OPEN.ON_HOLD", "opportunity.WON.WON")
# Of these, no command gives one by itself, but for the one behind.
_FREE = {"lead.DISQUALIFIED": "DUPLICATE", "order.CANCELED": "ACCEPTANCE_REVERTED", "credit_note.ISSUED": ""}
_OWN = (("status_reason", "ACTIVE", "Active", 0), ("status_reason", "INACTIVE", "Inactive", 0))
_INDEXED = (
    "code",
    "of_record",
    "of_status",
    "process_code",
    "status",
    "reason_id",
    "created_at",
    "updated_at",
)
_LENGTHS = {"key": 80, "of_record": 40, "of_status": 40, "code": 40, "label": 80}

_old = sa.table(
    "status_reason", *(sa.column(name) for name in ("id", "noun", "status", "code", "label", "position"))
)
_new = sa.table(
    "status_reason",
    sa.column("id", Identifier()),
    sa.column("created_at", Instant()),
    sa.column("updated_at", Instant()),
    *(sa.column(name) for name in ("version", "status", "reason_id", "process_code", "position")),
    *map(sa.column, _LENGTHS),
    sa.column("wordings", sa.JSON()),
    *(sa.column(name, sa.Boolean()) for name in ("is_default", "is_of_process", "is_chosen")),
)


def upgrade() -> None:
    """Make the change: the reasons are taken out, and written anew as records."""
    rows = op.get_bind().execute(sa.select(_old).order_by(_old.c.id)).all()
    for before, after in (("id", "key"), ("noun", "of_record"), ("status", "of_status")):
        # The keys of the records follow.
        op.execute(f"ALTER TABLE status_reason RENAME COLUMN {before} TO {after}")
    op.drop_index("ix_status_reason_code", table_name="status_reason")
    if op.get_bind().dialect.name == "sqlite":
        op.drop_table("status_reason")
        _make()
    else:
        _alter()
    seeds = [tuple(row[1:]) for row in rows]
    seeds += [(noun, code, code, label, position) for noun, code, label, position in _OWN]
    values = [_record(number, seed) for number, seed in enumerate(sorted(seeds, key=_key), 1)]
    if op.get_bind().dialect.name == "sqlite":
        op.bulk_insert(_new, values)
    else:
        _fill(values)
    for column in _INDEXED:
        op.create_index(f"ix_status_reason_{column}_id", "status_reason", [column, "id"])
    default = sa.text("is_default")
    op.create_index(
        "uq_status_reason_default",
        "status_reason",
        ["of_record", "of_status"],
        unique=True,
        sqlite_where=default,
        postgresql_where=default,
    )


def _key(seed: tuple[str, str, str, str, int]) -> str:
    """Return the key of a reason."""
    return ".".join(seed[:3])


def _record(number: int, seed: tuple[str, str, str, str, int]) -> dict[str, object]:
    """Return a reason that a company starts with as a record."""
    noun, status, code, label, position = seed
    state = f"{noun}.{status}"
    chosen = _CHOSEN.get(state, ())
    is_free = state in _FREE and code != _FREE[state]
    return {
        "id": UUID(int=_FIRST.int + number),
        "created_at": _EPOCH,
        "updated_at": _EPOCH,
        "version": 1,
        "status": "ACTIVE",
        "reason_id": "status_reason.ACTIVE.ACTIVE",
        "key": f"{state}.{code}",
        "of_record": noun,
        "of_status": status,
        "code": code,
        "process_code": code,
        "label": label,
        "wordings": [],
        "position": position,
        "is_default": f"{state}.{code}" in _DEFAULTS,
        "is_of_process": not is_free,
        "is_chosen": chosen is None or code in chosen,
    }


def _columns() -> list[sa.Column[object]]:
    """Return the columns that are new, with what they hold until they are filled."""
    return [
        sa.Column("id", Identifier(), nullable=True),
        sa.Column("created_at", Instant(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=True),
        sa.Column("updated_at", Instant(), nullable=True),
        sa.Column("status", sa.String(40), nullable=True),
        sa.Column("reason_id", sa.String(80), nullable=True),
        sa.Column("process_code", sa.String(40), nullable=True),
        sa.Column("wordings", sa.JSON(), nullable=True),
        sa.Column("is_default", sa.Boolean(), nullable=True),
        sa.Column("is_of_process", sa.Boolean(), nullable=True),
        sa.Column("is_chosen", sa.Boolean(), nullable=True),
    ]


def _checks() -> dict[str, str]:
    """Return the conditions on the columns by name."""
    lengths = _LENGTHS | {"reason_id": 80, "process_code": 40}
    # "key" is a word of SQLite's, and so is written in quotes.
    checks = {
        f"ck_status_reason_{name}_length": "length({}) <= {}".format('"key"' if name == "key" else name, most)
        for name, most in lengths.items()
    }
    return checks | {"ck_status_reason_status_reason_status": "status IN ('ACTIVE', 'INACTIVE')"}


def _make() -> None:
    """Make the table anew."""
    added = _columns()
    for column in added:
        column.nullable = column.name == "process_code"
    texts = [sa.Column(name, sa.String(most), nullable=False) for name, most in _LENGTHS.items()]
    op.create_table(
        "status_reason",
        *added,
        *texts,
        sa.Column("position", sa.Integer(), nullable=False),
        *(sa.CheckConstraint(check, name=op.f(name)) for name, check in _checks().items()),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_status_reason")),
        sa.UniqueConstraint("key", "of_status", name=op.f("uq_status_reason_key_of_status")),
        sa.UniqueConstraint(
            "of_record", "of_status", "code", name=op.f("uq_status_reason_of_record_of_status_code")
        ),
        sa.ForeignKeyConstraint(
            ["reason_id", "status"],
            ["status_reason.key", "status_reason.of_status"],
            name=op.f("fk_status_reason_reason_id_status"),
            initially="DEFERRED",
            deferrable=True,
        ),
    )


def _alter() -> None:
    """Add to the table what is new, on PostgreSQL."""
    for column in _columns():
        op.add_column("status_reason", column)
    for name in ("id", "noun", "status", "code", "label"):
        op.drop_constraint(op.f(f"ck_status_reason_{name}_length"), "status_reason", type_="check")
    op.drop_constraint(op.f("pk_status_reason"), "status_reason", type_="primary")
    op.execute(
        "ALTER TABLE status_reason "
        "RENAME CONSTRAINT uq_status_reason_id_status TO uq_status_reason_key_of_status"
    )


def _fill(values: list[dict[str, object]]) -> None:
    """Write the reasons into the altered table on PostgreSQL, and hold it to what has to be."""
    known = op.get_bind().execute(sa.select(_new.c.key)).scalars().all()
    for each in values:
        if each["key"] in known:
            op.execute(_new.update().where(_new.c.key == each["key"]).values(each))
        else:
            op.execute(_new.insert().values(each))
    for column in _columns():
        if column.name != "process_code":
            op.alter_column("status_reason", column.name, nullable=False)
    op.create_primary_key(op.f("pk_status_reason"), "status_reason", ["id"])
    op.create_unique_constraint(
        op.f("uq_status_reason_of_record_of_status_code"), "status_reason", ["of_record", "of_status", "code"]
    )
    for name, check in _checks().items():
        op.create_check_constraint(op.f(name), "status_reason", check)
    op.create_foreign_key(
        op.f("fk_status_reason_reason_id_status"),
        "status_reason",
        "status_reason",
        ["reason_id", "status"],
        ["key", "of_status"],
        initially="DEFERRED",
        deferrable=True,
    )


def downgrade() -> None:
    """Undo the change; what has a reason of the company's own gets one that it started with."""
    bind = op.get_bind()
    rows = bind.execute(sa.select(_new).order_by(_new.c.position, _new.c.key)).mappings().all()
    seeds = [row for row in rows if row["id"].int <= _FIRST.int + len(rows) and row["id"].int > _FIRST.int]
    for row in rows:
        if row not in seeds:
            _replace(row, seeds)
    for column in _INDEXED:
        op.drop_index(f"ix_status_reason_{column}_id", table_name="status_reason")
    op.drop_index("uq_status_reason_default", table_name="status_reason")
    kept = [row for row in seeds if row["of_record"] != "status_reason"]
    for before, after in (("status", "status_of_reason"), ("id", "own_id")):
        op.execute(f"ALTER TABLE status_reason RENAME COLUMN {before} TO {after}")
    for before, after in (("key", "id"), ("of_record", "noun"), ("of_status", "status")):
        op.execute(f"ALTER TABLE status_reason RENAME COLUMN {before} TO {after}")
    if bind.dialect.name == "sqlite":
        op.drop_table("status_reason")
        _make_old()
        names = {"id": "key", "noun": "of_record", "status": "of_status"}
        op.bulk_insert(
            _old,
            [{column.name: row[names.get(column.name, column.name)] for column in _old.c} for row in kept],
        )
    else:
        _alter_back([row["key"] for row in kept])
    op.create_index("ix_status_reason_code", "status_reason", ["code"])


def _replace(row: sa.RowMapping, seeds: list[sa.RowMapping]) -> None:
    """Give the records that have a reason of the company's own one that it started with."""
    of_state = [each for each in seeds if all(each[name] == row[name] for name in ("of_record", "of_status"))]
    kinds = [each for each in of_state if each["code"] == row["process_code"]]
    record = sa.table(row["of_record"], sa.column("reason_id"))
    op.execute(
        record.update()
        .where(record.c.reason_id == row["key"])
        .values(reason_id=(kinds or of_state)[0]["key"])
    )


def _make_old() -> None:
    """Make the table as it was."""
    lengths = {"id": 80, "noun": 40, "status": 40, "code": 40, "label": 80}
    op.create_table(
        "status_reason",
        *(sa.Column(name, sa.String(most), nullable=False) for name, most in lengths.items()),
        sa.Column("position", sa.Integer(), nullable=False),
        *(
            sa.CheckConstraint(f"length({name}) <= {most}", name=op.f(f"ck_status_reason_{name}_length"))
            for name, most in lengths.items()
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_status_reason")),
        sa.UniqueConstraint("id", "status", name=op.f("uq_status_reason_id_status")),
    )


def _alter_back(kept: list[str]) -> None:
    """Take from the table what was added, on PostgreSQL."""
    # A table whose keys wait for the commit cannot be altered.
    op.execute("SET CONSTRAINTS ALL IMMEDIATE")
    op.drop_constraint(op.f("fk_status_reason_reason_id_status"), "status_reason", type_="foreignkey")
    op.execute(_old.delete().where(_old.c.id.not_in(kept)))
    op.execute("SET CONSTRAINTS ALL IMMEDIATE")
    for name in _checks():
        op.drop_constraint(op.f(name), "status_reason", type_="check")
    op.drop_constraint(op.f("uq_status_reason_of_record_of_status_code"), "status_reason", type_="unique")
    op.drop_constraint(op.f("pk_status_reason"), "status_reason", type_="primary")
    names = {"status": "status_of_reason", "id": "own_id"}
    for column in _columns():
        op.drop_column("status_reason", names.get(column.name, column.name))
    op.create_primary_key(op.f("pk_status_reason"), "status_reason", ["id"])
    op.execute(
        "ALTER TABLE status_reason "
        "RENAME CONSTRAINT uq_status_reason_key_of_status TO uq_status_reason_id_status"
    )
    for name, most in {"id": 80, "noun": 40, "status": 40, "code": 40, "label": 80}.items():
        op.create_check_constraint(
            op.f(f"ck_status_reason_{name}_length"), "status_reason", f"length({name}) <= {most}"
        )
