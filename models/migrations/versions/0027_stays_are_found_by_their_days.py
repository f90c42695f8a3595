"""Stays in stages are found by when they began and ended: how stages fared in a period reads no others.

Nothing changes for those who do not ask for it.
"""

from alembic import op

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None

_COLUMNS = ("created_at", "left_at")


def upgrade() -> None:
    """Make the change."""
    for column in _COLUMNS:
        op.create_index(f"ix_stage_visit_{column}_id", "stage_visit", [column, "id"], unique=False)


def downgrade() -> None:
    """Undo the change."""
    for column in reversed(_COLUMNS):
        op.drop_index(f"ix_stage_visit_{column}_id", "stage_visit")
