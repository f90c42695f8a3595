"""Quotes expire by the clock: an index over the active ones, so that looking for them costs nothing."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

_ACTIVE = sa.text("status = 'ACTIVE'")


def upgrade() -> None:
    """Make the index."""
    op.create_index(
        "ix_quote_active_valid_until",
        "quote",
        ["valid_until"],
        sqlite_where=_ACTIVE,
        postgresql_where=_ACTIVE,
    )


def downgrade() -> None:
    """Drop it."""
    op.drop_index("ix_quote_active_valid_until", table_name="quote")
