"""A company has several pipelines, and an opportunity a history of stages and holds.

The stages that there are become those of the pipeline SALES, in which new deals start. Every opportunity gets
its present stay; what it did before is told by its events only. Downgrading keeps the stages of the default
pipeline, and brings the opportunities of others into its stage of the same code, or the first.
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

# What the tables were before, and what they are afterwards.
import sqlalchemy as sa
from alembic import op

from models.migrations import ALONE
from models.record import Identifier, Instant, new_id

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

# The same in every database, so that programs may know them: UUIDv7 of 2026-01-01, counted up.
_PIPELINE = UUID("019b76da-a800-7000-8000-000000000000")
_EPOCH = datetime(2026, 1, 1, tzinfo=UTC)
_FACTS = ("budget", "timeframe", "need", "proposed_solution", "estimated_close_on", "decision_on")
_SHARED = ("label", "position", "probability", "forecast_category")
# Opportunities whose stay is written at once.
_BATCH = 1000

# How SQLite's text of the table changes; PostgreSQL alters it.
_NEW_COLUMNS = (
    "pipeline_id BINARY(16) NOT NULL, stage_id BINARY(16) NOT NULL, held_at CHAR(27), held_until DATE, "
    "on_hold_seconds INTEGER NOT NULL"
)
_NEW_KEY = (
    "CONSTRAINT fk_opportunity_pipeline_id FOREIGN KEY(pipeline_id) REFERENCES pipeline (id) "
    "DEFERRABLE INITIALLY DEFERRED"
)
_EDITS = (
    ("stage_id VARCHAR(40) NOT NULL", _NEW_COLUMNS),
    ("CONSTRAINT ck_opportunity_stage_id_length CHECK (length(stage_id) <= 40)", _NEW_KEY),
)

_opportunity = sa.table(
    "opportunity",
    sa.column("id", Identifier()),
    sa.column("status"),
    sa.column("stage_id", Identifier()),
    sa.column("stage_entered_at", Instant()),
    sa.column("updated_at", Instant()),
)
_pipeline = sa.table(
    "pipeline",
    sa.column("id", Identifier()),
    sa.column("created_at", Instant()),
    sa.column("updated_at", Instant()),
    *(sa.column(name) for name in ("version", "status", "reason_id", "code", "name")),
    sa.column("is_default", sa.Boolean()),
)
_old_stage = sa.table(
    "stage", sa.column("id"), *map(sa.column, _SHARED), sa.column("required_facts", sa.JSON())
)
_stage = sa.table(
    "stage",
    sa.column("id", Identifier()),
    sa.column("created_at", Instant()),
    sa.column("pipeline_id", Identifier()),
    sa.column("code"),
    *map(sa.column, _SHARED),
    sa.column("required_facts", sa.JSON()),
    sa.column("is_proposal", sa.Boolean()),
)
_visit = sa.table(
    "stage_visit",
    sa.column("id", Identifier()),
    sa.column("created_at", Instant()),
    sa.column("opportunity_id", Identifier()),
    sa.column("stage_id", Identifier()),
    sa.column("command"),
    sa.column("left_at", Instant()),
    sa.column("duration_seconds"),
)
_reason = sa.table(
    "status_reason", *(sa.column(name) for name in ("id", "noun", "status", "code", "label", "position"))
)


def upgrade() -> None:
    """Make the tables, and move the stages into the first pipeline."""
    connection = op.get_bind()
    stages = connection.execute(sa.select(_old_stage).order_by(sa.text("position"))).mappings().all()
    keys = {stage["id"]: UUID(int=_PIPELINE.int + number) for number, stage in enumerate(stages, 1)}
    _make_pipeline()
    _change_opportunity(keys)
    op.drop_table("stage")
    _make_stage()
    op.bulk_insert(
        _stage,
        [
            {
                "id": keys[stage["id"]],
                "created_at": _EPOCH,
                "pipeline_id": _PIPELINE,
                "code": stage["id"],
                "required_facts": [each.upper() for each in stage["required_facts"] if each in _FACTS],
                "is_proposal": stage["id"] == "PROPOSE",
            }
            | {name: stage[name] for name in _SHARED}
            for stage in stages
        ],
    )
    _make_visit()
    _write_visits()
    _tie_stages()
    op.create_index("ix_opportunity_pipeline_id_id", "opportunity", ["pipeline_id", "id"])
    op.create_index("ix_opportunity_held_until_id", "opportunity", ["held_until", "id"])


def downgrade() -> None:
    """Put the stages of the default pipeline into a table of their own again."""
    connection = op.get_bind()
    default = sa.select(_pipeline.c.id).where(_pipeline.c.is_default).scalar_subquery()
    every = connection.execute(sa.select(_stage).order_by(sa.text("position"))).mappings().all()
    own = connection.execute(sa.select(_stage.c.id).where(_stage.c.pipeline_id == default)).scalars().all()
    stages = [stage for stage in every if stage["id"] in own]
    codes = [stage["code"] for stage in stages]
    op.drop_table("stage_visit")
    op.drop_index("ix_opportunity_held_until_id", table_name="opportunity")
    op.drop_index("ix_opportunity_pipeline_id_id", table_name="opportunity")
    _change_opportunity_back(
        {stage["id"]: stage["code"] if stage["code"] in codes else codes[0] for stage in every}
    )
    op.drop_table("stage")
    _make_old_stage()
    op.bulk_insert(
        _old_stage,
        [
            {
                "id": stage["code"],
                "label": stage["label"],
                "position": position,
                "probability": stage["probability"],
                "forecast_category": stage["forecast_category"],
                "required_facts": [
                    each.lower() for each in stage["required_facts"] if each.lower() in _FACTS
                ],
            }
            for position, stage in enumerate(stages)
        ],
    )
    _tie_stages()
    op.drop_table("pipeline")
    op.execute(sa.delete(_reason).where(_reason.c.noun == "pipeline"))


def _make_pipeline() -> None:
    """Make the table of pipelines, and the one that new deals start in."""
    op.bulk_insert(
        _reason,
        [
            {
                "id": f"pipeline.{code}.{code}",
                "noun": "pipeline",
                "status": code,
                "code": code,
                "label": label,
                "position": 0,
            }
            for code, label in (("ACTIVE", "Active"), ("INACTIVE", "Inactive"))
        ],
    )
    op.create_table(
        "pipeline",
        sa.Column("id", Identifier(), nullable=False),
        sa.Column("created_at", Instant(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("updated_at", Instant(), nullable=False),
        sa.Column("status", _choice("pipeline_status", "ACTIVE", "INACTIVE"), nullable=False),
        sa.Column("reason_id", sa.String(80), nullable=False),
        sa.Column("code", sa.String(40), nullable=False),
        sa.Column("name", sa.String(160), nullable=False),
        sa.Column("is_default", sa.Boolean(), nullable=False),
        sa.CheckConstraint("length(code) <= 40", name=op.f("ck_pipeline_code_length")),
        sa.CheckConstraint("length(name) <= 160", name=op.f("ck_pipeline_name_length")),
        sa.CheckConstraint("length(reason_id) <= 80", name=op.f("ck_pipeline_reason_id_length")),
        sa.ForeignKeyConstraint(
            ["reason_id", "status"],
            ["status_reason.id", "status_reason.status"],
            name=op.f("fk_pipeline_reason_id_status"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pipeline")),
        sa.UniqueConstraint("code", name=op.f("uq_pipeline_code")),
    )
    for column in ("created_at", "updated_at", "status", "reason_id"):
        op.create_index(f"ix_pipeline_{column}_id", "pipeline", [column, "id"])
    _create_partial("uq_pipeline_default", "pipeline", "is_default", "is_default")
    op.bulk_insert(
        _pipeline,
        [
            {
                "id": _PIPELINE,
                "created_at": _EPOCH,
                "updated_at": _EPOCH,
                "version": 1,
                "status": "ACTIVE",
                "reason_id": "pipeline.ACTIVE.ACTIVE",
                "code": "SALES",
                "name": "Sales",
                "is_default": True,
            }
        ],
    )


def _make_stage() -> None:
    """Make the table of the pipelines' stages."""
    op.create_table(
        "stage",
        sa.Column("id", Identifier(), nullable=False),
        sa.Column("created_at", Instant(), nullable=False),
        sa.Column("pipeline_id", Identifier(), nullable=False),
        sa.Column("code", sa.String(40), nullable=False),
        sa.Column("label", sa.String(80), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("probability", sa.Integer(), nullable=False),
        sa.Column("forecast_category", _category(), nullable=False),
        sa.Column("required_facts", sa.JSON(), nullable=False),
        sa.Column("is_proposal", sa.Boolean(), nullable=False),
        sa.Column("retired_at", Instant(), nullable=True),
        sa.CheckConstraint("length(code) <= 40", name=op.f("ck_stage_code_length")),
        sa.CheckConstraint("length(label) <= 80", name=op.f("ck_stage_label_length")),
        _key("stage", "pipeline_id", "pipeline"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_stage")),
        sa.UniqueConstraint("pipeline_id", "code", name=op.f("uq_stage_pipeline_id_code")),
    )
    op.create_index("ix_stage_pipeline_id_position_id", "stage", ["pipeline_id", "position", "id"])


def _make_old_stage() -> None:
    """Make the table of the one pipeline's stages."""
    op.create_table(
        "stage",
        sa.Column("id", sa.String(40), nullable=False),
        sa.Column("label", sa.String(80), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("probability", sa.Integer(), nullable=False),
        sa.Column("forecast_category", _category(), nullable=False),
        sa.Column("required_facts", sa.JSON(), nullable=False),
        sa.CheckConstraint("length(id) <= 40", name=op.f("ck_stage_id_length")),
        sa.CheckConstraint("length(label) <= 80", name=op.f("ck_stage_label_length")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_stage")),
        sa.UniqueConstraint("position", name=op.f("uq_stage_position")),
    )


def _make_visit() -> None:
    """Make the table of stays."""
    op.create_table(
        "stage_visit",
        sa.Column("id", Identifier(), nullable=False),
        sa.Column("created_at", Instant(), nullable=False),
        sa.Column("opportunity_id", Identifier(), nullable=False),
        sa.Column("stage_id", Identifier(), nullable=False),
        sa.Column("command", sa.String(80), nullable=False),
        sa.Column("left_at", Instant(), nullable=True),
        sa.Column("duration_seconds", sa.Integer(), nullable=True),
        sa.CheckConstraint("length(command) <= 80", name=op.f("ck_stage_visit_command_length")),
        _key("stage_visit", "opportunity_id", "opportunity"),
        _key("stage_visit", "stage_id", "stage"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_stage_visit")),
    )
    op.create_index("ix_stage_visit_opportunity_id_id", "stage_visit", ["opportunity_id", "id"])
    op.create_index("ix_stage_visit_stage_id_id", "stage_visit", ["stage_id", "id"])
    _create_partial("uq_stage_visit_present", "stage_visit", "opportunity_id", "left_at IS NULL")


def _write_visits() -> None:
    """Write the present stay of every opportunity, over where the opportunity is."""
    connection = op.get_bind()
    last: UUID | None = None
    while True:
        statement = sa.select(_opportunity).order_by(_opportunity.c.id).limit(_BATCH)
        after = statement if last is None else statement.where(_opportunity.c.id > last)
        rows = connection.execute(after).mappings().all()
        if not rows:
            return
        connection.execute(sa.insert(_visit), [_visit_of(row) for row in rows])
        last = rows[-1]["id"]


def _visit_of(row: Mapping[Any, Any]) -> dict[str, Any]:
    """Return the present stay of an opportunity; a closed one left when it was touched last."""
    left = None if row["status"] == "OPEN" else row["updated_at"]
    return {
        "id": new_id(),
        "created_at": row["stage_entered_at"],
        "opportunity_id": row["id"],
        "stage_id": row["stage_id"],
        "command": "moveOpportunityStage",
        "left_at": left,
        "duration_seconds": left and int((left - row["stage_entered_at"]).total_seconds()),
    }


def _change_opportunity(keys: Mapping[str, UUID]) -> None:
    """Let opportunities name their stage by its new key, and give them a pipeline and holds."""
    if op.get_bind().dialect.name == "sqlite":
        written = {code: f"x'{key.hex}'" for code, key in keys.items()}
        _rewrite(
            _EDITS,
            {
                "stage_id": _case({f"'{code}'": key for code, key in written.items()}),
                "pipeline_id": f"x'{_PIPELINE.hex}'",
                "held_at": "NULL",
                "held_until": "NULL",
                "on_hold_seconds": "0",
            },
        )
        return
    op.drop_constraint(op.f("fk_opportunity_stage_id"), "opportunity", type_="foreignkey")
    op.drop_constraint(op.f("ck_opportunity_stage_id_length"), "opportunity", type_="check")
    case = _case({f"'{code}'": f"'{key}'::uuid" for code, key in keys.items()})
    op.execute(f"ALTER TABLE opportunity ALTER stage_id TYPE uuid USING ({case})")
    op.execute(f"ALTER TABLE opportunity ADD pipeline_id uuid NOT NULL DEFAULT '{_PIPELINE}'")
    op.execute("ALTER TABLE opportunity ADD on_hold_seconds integer NOT NULL DEFAULT 0")
    op.alter_column("opportunity", "pipeline_id", server_default=None)
    op.alter_column("opportunity", "on_hold_seconds", server_default=None)
    op.add_column("opportunity", sa.Column("held_at", Instant(), nullable=True))
    op.add_column("opportunity", sa.Column("held_until", sa.Date(), nullable=True))
    op.execute("SET CONSTRAINTS ALL IMMEDIATE")
    _create_key("pipeline")


def _change_opportunity_back(codes: Mapping[UUID, str]) -> None:
    """Let opportunities name their stage by its code again."""
    if op.get_bind().dialect.name == "sqlite":
        case = _case({f"x'{key.hex}'": f"'{code}'" for key, code in codes.items()})
        op.execute(f"UPDATE opportunity SET stage_id = {case}")  # noqa: S608  # Keys and codes are the table's own.
        # Later revisions write the table anew: its columns stand elsewhere in the text than they were put.
        with op.batch_alter_table("opportunity", reflect_kwargs=ALONE) as batch:
            for key in ("stage_id", "pipeline_id"):
                batch.drop_constraint(f"fk_opportunity_{key}", type_="foreignkey")
            batch.alter_column("stage_id", type_=sa.String(40))
            for column in ("pipeline_id", "held_at", "held_until", "on_hold_seconds"):
                batch.drop_column(column)
        return
    for key in ("stage_id", "pipeline_id"):
        op.drop_constraint(op.f(f"fk_opportunity_{key}"), "opportunity", type_="foreignkey")
    case = _case({f"'{key}'": f"'{code}'" for key, code in codes.items()})
    op.execute(f"ALTER TABLE opportunity ALTER stage_id TYPE varchar(40) USING ({case})")
    op.create_check_constraint(
        op.f("ck_opportunity_stage_id_length"), "opportunity", "length(stage_id) <= 40"
    )
    for column in ("pipeline_id", "held_at", "held_until", "on_hold_seconds"):
        op.drop_column("opportunity", column)


def _tie_stages() -> None:
    """Tie opportunities to their stages; SQLite's text of the table never ceased to."""
    if op.get_bind().dialect.name == "postgresql":
        op.execute("SET CONSTRAINTS ALL IMMEDIATE")
        _create_key("stage")


def _rewrite(edits: Any, values: Mapping[str, str]) -> None:
    """Write the table anew on SQLite, its text edited, with ``values`` in the columns that they name."""
    connection = op.get_bind()
    own = sa.text(
        "SELECT sql FROM sqlite_master WHERE tbl_name = 'opportunity' AND type = :type AND sql > ''"
    )
    (ddl,) = connection.execute(own, {"type": "table"}).scalars().all()
    indexes = connection.execute(own, {"type": "index"}).scalars().all()
    for old, new in edits:
        if old not in ddl:
            message = f"the table opportunity has no {old}"
            raise LookupError(message)
        ddl = ddl.replace(old, new)
    op.execute("CREATE TABLE opportunity_new " + ddl[ddl.index("(") :])
    names = (
        connection.execute(sa.text("SELECT name FROM pragma_table_info('opportunity_new')")).scalars().all()
    )
    shown = ", ".join(f"{values[name]} AS {name}" if name in values else name for name in names)
    op.execute(f"INSERT INTO opportunity_new ({', '.join(names)}) SELECT {shown} FROM opportunity")  # noqa: S608  # Names come from the table, values from above.
    op.execute("DROP TABLE opportunity")
    op.execute("ALTER TABLE opportunity_new RENAME TO opportunity")
    for index in indexes:
        op.execute(index)


def _case(values: Mapping[str, str]) -> str:
    """Return the SQL expression that gives each stage its other key."""
    branches = " ".join(f"WHEN {old} THEN {new}" for old, new in values.items())
    return f"CASE stage_id {branches} END"


def _choice(name: str, *values: str) -> sa.Enum:
    """Return the type of a closed set of codes."""
    return sa.Enum(*values, name=name, native_enum=False, create_constraint=True, length=40)


def _category() -> sa.Enum:
    """Return the type of a forecast category."""
    return _choice("forecast_category", "PIPELINE", "BEST_CASE", "COMMITTED", "OMITTED", "WON", "LOST")


def _key(table: str, column: str, target: str) -> sa.ForeignKeyConstraint:
    """Return a foreign key that is checked at the commit."""
    name = op.f(f"fk_{table}_{column}")
    return sa.ForeignKeyConstraint(
        [column], [f"{target}.id"], name=name, initially="DEFERRED", deferrable=True
    )


def _create_key(target: str) -> None:
    """Tie opportunities to a table, checked at the commit."""
    op.create_foreign_key(
        op.f(f"fk_opportunity_{target}_id"),
        "opportunity",
        target,
        [f"{target}_id"],
        ["id"],
        initially="DEFERRED",
        deferrable=True,
    )


def _create_partial(name: str, table: str, column: str, condition: str) -> None:
    """Create a unique index over some rows."""
    where = sa.text(condition)
    op.create_index(name, table, [column], unique=True, sqlite_where=where, postgresql_where=where)
