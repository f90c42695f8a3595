"""Numbers run in the order of their dates: each series knows the latest date that a number of it bears."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the date; what was issued before is not looked at."""
    op.add_column("number_series", sa.Column("last_on", sa.Date(), nullable=True))


def downgrade() -> None:
    """Drop it."""
    op.drop_column("number_series", "last_on")
