"""Give each event its place in the order of the commits, so that a broken stream can go on.

Events that are there get theirs in steps, from the running server.
"""

# What the tables were before, and what they are afterwards.
import sqlalchemy as sa
from alembic import op

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the change."""
    outbox = op.create_table(
        "outbox",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("last", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outbox")),
    )
    op.bulk_insert(outbox, [{"id": 1, "last": 0}])
    op.add_column("event", sa.Column("position", sa.BigInteger(), nullable=True))
    op.create_index("ix_event_position_id", "event", ["position", "id"], unique=False)


def downgrade() -> None:
    """Undo the change."""
    op.drop_index("ix_event_position_id", "event")
    op.drop_column("event", "position")
    op.drop_table("outbox")
