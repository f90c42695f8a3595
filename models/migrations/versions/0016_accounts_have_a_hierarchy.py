"""Give accounts a parent, a primary contact and a credit limit."""

# What the tables were before, and what they are afterwards.
import sqlalchemy as sa
from alembic import op

from models.migrations import ALONE
from models.money import Amount
from models.record import Identifier

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the change."""
    with op.batch_alter_table("account", schema=None, reflect_kwargs=ALONE) as batch_op:
        batch_op.add_column(sa.Column("parent_id", Identifier(), nullable=True))
        batch_op.add_column(sa.Column("primary_contact_id", Identifier(), nullable=True))
        batch_op.add_column(sa.Column("credit_limit", Amount(), nullable=True))
        batch_op.add_column(
            sa.Column("is_on_credit_hold", sa.Boolean(), server_default=sa.false(), nullable=False)
        )
        batch_op.create_index(batch_op.f("ix_account_parent_id"), ["parent_id"], unique=False)
        batch_op.create_index(
            batch_op.f("ix_account_primary_contact_id"), ["primary_contact_id"], unique=False
        )
        batch_op.create_foreign_key(
            batch_op.f("fk_account_parent_id"),
            "account",
            ["parent_id"],
            ["id"],
            initially="DEFERRED",
            deferrable=True,
        )
        batch_op.create_foreign_key(
            batch_op.f("fk_account_primary_contact_id"),
            "contact",
            ["primary_contact_id"],
            ["id"],
            initially="DEFERRED",
            deferrable=True,
        )


def downgrade() -> None:
    """Take the change back."""
    with op.batch_alter_table("account", schema=None, reflect_kwargs=ALONE) as batch_op:
        batch_op.drop_constraint(batch_op.f("fk_account_primary_contact_id"), type_="foreignkey")
        batch_op.drop_constraint(batch_op.f("fk_account_parent_id"), type_="foreignkey")
        batch_op.drop_index(batch_op.f("ix_account_primary_contact_id"))
        batch_op.drop_index(batch_op.f("ix_account_parent_id"))
        batch_op.drop_column("is_on_credit_hold")
        batch_op.drop_column("credit_limit")
        batch_op.drop_column("primary_contact_id")
        batch_op.drop_column("parent_id")
