"""Lines are found by their lineage, so that a line's journey through its deal is read by an index."""

from alembic import op

revision = "0029"
down_revision = "0028"
branch_labels = None
depends_on = None

_TABLES = ("opportunity_line", "quote_line", "order_line", "invoice_line", "credit_note_line")


def upgrade() -> None:
    """Make the change."""
    if op.get_bind().dialect.name == "postgresql":
        # It indexes no table whose deferred keys an earlier migration has left to be checked.
        op.execute("SET CONSTRAINTS ALL IMMEDIATE")
    for table in _TABLES:
        op.create_index(f"ix_{table}_lineage_id", table, ["lineage_id"], unique=False)


def downgrade() -> None:
    """Undo the change."""
    for table in reversed(_TABLES):
        op.drop_index(f"ix_{table}_lineage_id", table)
