"""Count quantities in units: products get a unit group, and lines a unit of it.

What products were sold by becomes a unit group of that name with that one unit. A line that was typed in
another unit than its product's keeps the name of it, and no link.
"""

# What the tables were before, and what they are afterwards.
from decimal import Decimal

import sqlalchemy as sa
from alembic import op
from alembic.operations import BatchOperations

from models.migrations import ALONE
from models.money import Amount
from models.record import Identifier, Instant, new_id, utc_now

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

LINES = ("opportunity_line", "quote_line", "order_line", "invoice_line")


def upgrade() -> None:
    """Make the change."""
    op.create_table(
        "unit_group",
        sa.Column("id", Identifier(), nullable=False),
        sa.Column("created_at", Instant(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("updated_at", Instant(), nullable=False),
        sa.Column("name", sa.String(80), nullable=False),
        sa.CheckConstraint("length(name) <= 80", name=op.f("ck_unit_group_name_length")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_unit_group")),
        sa.UniqueConstraint("name", name=op.f("uq_unit_group_name")),
    )
    with op.batch_alter_table("unit_group", schema=None, reflect_kwargs=ALONE) as batch_op:
        batch_op.create_index("ix_unit_group_created_at_id", ["created_at", "id"], unique=False)
        batch_op.create_index("ix_unit_group_updated_at_id", ["updated_at", "id"], unique=False)

    op.create_table(
        "unit",
        sa.Column("id", Identifier(), nullable=False),
        sa.Column("created_at", Instant(), nullable=False),
        sa.Column("unit_group_id", Identifier(), nullable=False),
        sa.Column("name", sa.String(40), nullable=False),
        sa.Column("quantity", Amount(), nullable=False),
        sa.Column("base_unit_id", Identifier(), nullable=True),
        sa.Column("base_quantity", Amount(), nullable=False),
        sa.CheckConstraint("length(name) <= 40", name=op.f("ck_unit_name_length")),
        sa.ForeignKeyConstraint(
            ["base_unit_id"],
            ["unit.id"],
            name=op.f("fk_unit_base_unit_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.ForeignKeyConstraint(
            ["unit_group_id"],
            ["unit_group.id"],
            name=op.f("fk_unit_unit_group_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_unit")),
        sa.UniqueConstraint("unit_group_id", "name", name=op.f("uq_unit_unit_group_id_name")),
    )
    with op.batch_alter_table("unit", schema=None, reflect_kwargs=ALONE) as batch_op:
        batch_op.create_index(batch_op.f("ix_unit_base_unit_id"), ["base_unit_id"], unique=False)

    for line in LINES:
        with op.batch_alter_table(line, schema=None, reflect_kwargs=ALONE) as batch_op:
            batch_op.add_column(sa.Column("counted_in_id", Identifier(), nullable=True))
            batch_op.create_index(batch_op.f(f"ix_{line}_counted_in_id"), ["counted_in_id"], unique=False)
            _point(batch_op, line, "counted_in_id", "unit")

    with op.batch_alter_table("product", schema=None, reflect_kwargs=ALONE) as batch_op:
        batch_op.add_column(sa.Column("unit_group_id", Identifier(), nullable=True))
        batch_op.add_column(sa.Column("default_unit_id", Identifier(), nullable=True))
    _count_in_units(op.get_bind())
    with op.batch_alter_table("product", schema=None, reflect_kwargs=ALONE) as batch_op:
        for column, target in (("unit_group_id", "unit_group"), ("default_unit_id", "unit")):
            batch_op.alter_column(column, existing_type=Identifier(), nullable=False)
            batch_op.create_index(batch_op.f(f"ix_product_{column}"), [column], unique=False)
            _point(batch_op, "product", column, target)


def _point(batch_op: BatchOperations, table: str, column: str, target: str) -> None:
    """Let a column point to a row of another table, as the commit checks."""
    name = batch_op.f(f"fk_{table}_{column}")
    batch_op.create_foreign_key(name, target, [column], ["id"], initially="DEFERRED", deferrable=True)


def _count_in_units(connection: sa.Connection) -> None:
    """Make a unit group of each unit that products were sold by, and link products and lines to it."""
    group = sa.table(
        "unit_group",
        *(sa.column("id", Identifier()), sa.column("created_at", Instant())),
        sa.column("version", sa.Integer()),
        sa.column("updated_at", Instant()),
        sa.column("name", sa.String()),
    )
    unit = sa.table(
        "unit",
        *(sa.column("id", Identifier()), sa.column("created_at", Instant())),
        sa.column("unit_group_id", Identifier()),
        sa.column("name", sa.String()),
        sa.column("quantity", Amount()),
        sa.column("base_quantity", Amount()),
    )
    product = sa.table(
        "product", *(sa.column(name) for name in ("id", "unit", "default_unit_id", "unit_group_id"))
    )
    now = utc_now()
    for (name,) in connection.execute(sa.select(product.c.unit).distinct().order_by(product.c.unit)).all():
        group_id, one = new_id(), Decimal(1)
        times = {"created_at": now, "updated_at": now}
        connection.execute(sa.insert(group).values(id=group_id, version=1, name=name, **times))
        counted = {"unit_group_id": group_id, "name": name, "quantity": one, "base_quantity": one}
        connection.execute(sa.insert(unit).values(id=new_id(), created_at=now, **counted))
    own = sa.select(unit.c.id).where(unit.c.name == product.c.unit).scalar_subquery()
    group_of = sa.select(unit.c.unit_group_id).where(unit.c.name == product.c.unit).scalar_subquery()
    connection.execute(sa.update(product).values(default_unit_id=own, unit_group_id=group_of))
    for name in LINES:
        line = sa.table(name, *(sa.column(each) for each in ("product_id", "unit", "counted_in_id")))
        same = (product.c.id == line.c.product_id) & (product.c.unit == line.c.unit)
        connection.execute(
            sa.update(line).values(
                counted_in_id=sa.select(product.c.default_unit_id).where(same).scalar_subquery()
            )
        )


def downgrade() -> None:
    """Take the change back."""
    with op.batch_alter_table("product", schema=None, reflect_kwargs=ALONE) as batch_op:
        for column in ("default_unit_id", "unit_group_id"):
            batch_op.drop_constraint(batch_op.f(f"fk_product_{column}"), type_="foreignkey")
            batch_op.drop_index(batch_op.f(f"ix_product_{column}"))
            batch_op.drop_column(column)

    for line in LINES:
        with op.batch_alter_table(line, schema=None, reflect_kwargs=ALONE) as batch_op:
            batch_op.drop_constraint(batch_op.f(f"fk_{line}_counted_in_id"), type_="foreignkey")
            batch_op.drop_index(batch_op.f(f"ix_{line}_counted_in_id"))
            batch_op.drop_column("counted_in_id")

    with op.batch_alter_table("unit", schema=None, reflect_kwargs=ALONE) as batch_op:
        batch_op.drop_index(batch_op.f("ix_unit_base_unit_id"))

    op.drop_table("unit")
    with op.batch_alter_table("unit_group", schema=None, reflect_kwargs=ALONE) as batch_op:
        batch_op.drop_index("ix_unit_group_updated_at_id")
        batch_op.drop_index("ix_unit_group_created_at_id")

    op.drop_table("unit_group")
