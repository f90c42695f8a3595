"""Goods come back: returns with lines, deliveries that are withdrawn, and their quantities on order lines.

What was ordered on orders that are canceled already counts as canceled from now on, line by line.
"""

import sqlalchemy as sa
from alembic import op

from models.money import Amount
from models.record import Identifier, Instant

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def _link(table: str, name: str, target: str) -> sa.ForeignKeyConstraint:
    """Return a foreign key that waits for the commit."""
    return sa.ForeignKeyConstraint(
        [name], [f"{target}.id"], name=op.f(f"fk_{table}_{name}"), initially="DEFERRED", deferrable=True
    )


def upgrade() -> None:
    """Make the change."""
    op.create_table(
        "order_return",
        sa.Column("id", Identifier(), nullable=False),
        sa.Column("created_at", Instant(), nullable=False),
        sa.Column("order_id", Identifier(), nullable=False),
        sa.Column("returned_on", sa.Date(), nullable=False),
        sa.Column("reason", sa.String(2000), nullable=False),
        sa.CheckConstraint("length(reason) <= 2000", name=op.f("ck_order_return_reason_length")),
        _link("order_return", "order_id", "order"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_order_return")),
    )
    op.create_index("ix_order_return_order_id_id", "order_return", ["order_id", "id"])
    op.create_table(
        "order_return_line",
        sa.Column("id", Identifier(), nullable=False),
        sa.Column("created_at", Instant(), nullable=False),
        sa.Column("order_return_id", Identifier(), nullable=False),
        sa.Column("order_line_id", Identifier(), nullable=False),
        sa.Column("quantity", Amount(), nullable=False),
        _link("order_return_line", "order_line_id", "order_line"),
        _link("order_return_line", "order_return_id", "order_return"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_order_return_line")),
    )
    op.create_index("ix_order_return_line_order_line_id", "order_return_line", ["order_line_id"])
    op.create_index("ix_order_return_line_order_return_id_id", "order_return_line", ["order_return_id", "id"])
    for name in ("quantity_returned", "quantity_credited"):
        op.add_column("order_line", sa.Column(name, Amount(), nullable=False, server_default="0"))
    op.add_column("fulfillment", sa.Column("canceled_at", Instant(), nullable=True))
    op.execute(
        "UPDATE order_line SET quantity_canceled = quantity "
        "WHERE order_id IN (SELECT id FROM \"order\" WHERE status = 'CANCELED')"
    )


def downgrade() -> None:
    """Undo the change."""
    op.execute(
        "UPDATE order_line SET quantity_canceled = 0 "
        "WHERE order_id IN (SELECT id FROM \"order\" WHERE status = 'CANCELED')"
    )
    op.drop_column("fulfillment", "canceled_at")
    for name in ("quantity_credited", "quantity_returned"):
        op.drop_column("order_line", name)
    op.drop_table("order_return_line")
    op.drop_table("order_return")
