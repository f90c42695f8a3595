"""Orders and their lines say when, where and how they are delivered, and on which terms."""

import sqlalchemy as sa
from alembic import op

from models.migrations import ALONE
from models.record import Identifier

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the change."""
    with op.batch_alter_table("order", reflect_kwargs=ALONE) as order:
        order.add_column(sa.Column("requested_delivery_on", sa.Date(), nullable=True))
        order.add_column(sa.Column("payment_terms_days", sa.Integer(), nullable=True))
        for name in ("freight_terms", "shipping_method"):
            order.add_column(sa.Column(name, sa.String(100), nullable=True))
            order.create_check_constraint(op.f(f"ck_order_{name}_length"), f"length({name}) <= 100")
    with op.batch_alter_table("order_line", reflect_kwargs=ALONE) as line:
        line.add_column(sa.Column("requested_delivery_on", sa.Date(), nullable=True))
        line.add_column(sa.Column("ship_to_id", Identifier(), nullable=True))
        line.add_column(sa.Column("is_will_call", sa.Boolean(), nullable=False, server_default=sa.false()))
        line.create_foreign_key(
            op.f("fk_order_line_ship_to_id"),
            "address",
            ["ship_to_id"],
            ["id"],
            initially="DEFERRED",
            deferrable=True,
        )


def downgrade() -> None:
    """Undo the change."""
    with op.batch_alter_table("order_line", reflect_kwargs=ALONE) as line:
        line.drop_constraint(op.f("fk_order_line_ship_to_id"), type_="foreignkey")
        for name in ("is_will_call", "ship_to_id", "requested_delivery_on"):
            line.drop_column(name)
    with op.batch_alter_table("order", reflect_kwargs=ALONE) as order:
        for name in ("shipping_method", "freight_terms"):
            order.drop_constraint(op.f(f"ck_order_{name}_length"), type_="check")
            order.drop_column(name)
        for name in ("payment_terms_days", "requested_delivery_on"):
            order.drop_column(name)
