"""Text sorts by its code points on PostgreSQL too: the order of a list is the same in any locale.

Indexes over text are built anew, which takes a minute for some millions of rows.
"""

from alembic import op

from models.migrations.sorting import sort_text

revision = "0032"
down_revision = "0031"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Sort by code points."""
    sort_text(op.get_bind())


def downgrade() -> None:
    """Sort by the locale of the database."""
    sort_text(op.get_bind(), '"default"')
