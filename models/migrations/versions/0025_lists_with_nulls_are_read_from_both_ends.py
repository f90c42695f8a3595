"""Lists whose keys may be null are read from both ends by an index, as on SQLite, so on PostgreSQL."""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None

_ORDERS = (
    ("activity", "due_at"),
    ("contact", "email"),
    ("invoice", "due_on"),
    ("invoice", "number"),
    ("opportunity", "estimated_close_on"),
    ("quote", "valid_until"),
)


def upgrade() -> None:
    """Make the indexes."""
    op.create_index("ix_invoice_number_id", "invoice", ["number", "id"])
    if op.get_bind().dialect.name != "postgresql":
        return
    for table, name in _ORDERS:
        keys: list[Any] = [sa.column(name).desc().nulls_last(), sa.column("id").desc()]
        op.create_index(f"ix_{table}_{name}_down", table, keys)


def downgrade() -> None:
    """Drop the indexes."""
    if op.get_bind().dialect.name == "postgresql":
        for table, name in _ORDERS:
            op.drop_index(f"ix_{table}_{name}_down", table)
    op.drop_index("ix_invoice_number_id", "invoice")
