"""Lists of one status are read in each of their orders by an index, instead of being sorted."""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0031"
down_revision = "0030"
branch_labels = None
depends_on = None

_ORDERS = {
    "lead": ("created_at", "updated_at"),
    "opportunity": ("created_at", "updated_at", "estimated_close_on", "estimated_revenue"),
    "quote": ("created_at", "updated_at", "number", "valid_until", "total"),
    "order": ("created_at", "updated_at", "number", "total"),
    "invoice": ("created_at", "updated_at", "number", "due_on", "total"),
}
# Those that may be null; PostgreSQL reads them from their other end by an index of their own.
_WITH_NULLS = (
    ("opportunity", "estimated_close_on"),
    ("quote", "valid_until"),
    ("invoice", "number"),
    ("invoice", "due_on"),
)


def upgrade() -> None:
    """Make the indexes."""
    is_postgresql = op.get_bind().dialect.name == "postgresql"
    if is_postgresql:
        # It indexes no table whose deferred keys an earlier migration has left to be checked.
        op.execute("SET CONSTRAINTS ALL IMMEDIATE")
    for table, names in _ORDERS.items():
        for name in names:
            op.create_index(f"ix_{table}_status_{name}_id", table, ["status", name, "id"])
    if not is_postgresql:
        return
    for table, name in _WITH_NULLS:
        keys: list[Any] = ["status", sa.column(name).desc().nulls_last(), sa.column("id").desc()]
        op.create_index(f"ix_{table}_status_{name}_down", table, keys)


def downgrade() -> None:
    """Drop the indexes."""
    if op.get_bind().dialect.name == "postgresql":
        for table, name in _WITH_NULLS:
            op.drop_index(f"ix_{table}_status_{name}_down", table)
    for table, names in _ORDERS.items():
        for name in names:
            op.drop_index(f"ix_{table}_status_{name}_id", table)
