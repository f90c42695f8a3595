"""Keep exchange rates by day, and on documents the rate and the total in the organisation's currency.

Documents that are there have no rate; they get one when they next leave a draft.
"""

# What the tables were before, and what they are afterwards.
import sqlalchemy as sa
from alembic import op

from models.migrations import ALONE
from models.money import Amount, Rate
from models.record import Identifier, Instant

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None

DOCUMENTS = ("opportunity", "quote", "order", "invoice")


def upgrade() -> None:
    """Make the change."""
    op.create_table(
        "exchange_rate",
        sa.Column("id", Identifier(), nullable=False),
        sa.Column("created_at", Instant(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("updated_at", Instant(), nullable=False),
        sa.Column("currency_code", sa.String(3), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("rate", Rate(), nullable=False),
        sa.CheckConstraint("length(currency_code) <= 3", name=op.f("ck_exchange_rate_currency_code_length")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_exchange_rate")),
        sa.UniqueConstraint(
            "currency_code", "valid_from", name=op.f("uq_exchange_rate_currency_code_valid_from")
        ),
    )
    for name in ("created_at", "updated_at", "valid_from"):
        op.create_index(f"ix_exchange_rate_{name}_id", "exchange_rate", [name, "id"], unique=False)
    for table in DOCUMENTS:
        with op.batch_alter_table(table, schema=None, reflect_kwargs=ALONE) as batch_op:
            batch_op.add_column(sa.Column("exchange_rate", Rate(), nullable=True))
            batch_op.add_column(sa.Column("base_currency_code", sa.String(3), nullable=True))
            batch_op.add_column(sa.Column("base_total", Amount(), nullable=True))
            batch_op.create_check_constraint(
                batch_op.f(f"ck_{table}_base_currency_code_length"), "length(base_currency_code) <= 3"
            )


def downgrade() -> None:
    """Undo the change."""
    for table in DOCUMENTS:
        with op.batch_alter_table(table, schema=None, reflect_kwargs=ALONE) as batch_op:
            batch_op.drop_constraint(batch_op.f(f"ck_{table}_base_currency_code_length"), type_="check")
            for name in ("base_total", "base_currency_code", "exchange_rate"):
                batch_op.drop_column(name)
    op.drop_table("exchange_rate")
