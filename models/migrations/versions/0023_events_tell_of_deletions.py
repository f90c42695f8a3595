"""Events tell of deletions, activities are letters as well, and customers read what they are answered.

Events of leads that were deleted before become such events; what customers said is theirs to read, as before.
"""

import sqlalchemy as sa
from alembic import op

from models.migrations import ALONE

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None

_KINDS = ("CREATED", "STATUS_CHANGED", "EDITED")
_DEALINGS = ("TASK", "PHONE_CALL", "EMAIL", "APPOINTMENT")


def _take(table: str, check: str, codes: tuple[str, ...]) -> None:
    """Let the column ``kind`` of a table have these codes."""
    listed = ", ".join(f"'{each}'" for each in codes)
    with op.batch_alter_table(table, reflect_kwargs=ALONE) as batch_op:
        batch_op.drop_constraint(batch_op.f(check), type_="check")
        batch_op.create_check_constraint(batch_op.f(check), f"kind IN ({listed})")


def upgrade() -> None:
    """Make the change."""
    _take("event", "ck_event_event_kind", (*_KINDS, "DELETED"))
    _take("activity", "ck_activity_activity_kind", (*_DEALINGS, "LETTER"))
    op.add_column(
        "note", sa.Column("is_for_customer", sa.Boolean(), nullable=False, server_default=sa.false())
    )
    op.execute(
        "UPDATE event SET kind = 'DELETED', to_status = NULL, reason = NULL WHERE type = 'lead.deleted'"
    )
    op.execute("UPDATE note SET is_for_customer = true WHERE author_id IS NULL AND regarding_type = 'quote'")


def downgrade() -> None:
    """Undo the change: deletions become edits, letters tasks, and answers are hidden from customers."""
    op.execute(
        "UPDATE event SET kind = 'EDITED', to_status = from_status, reason = 'NEW' WHERE kind = 'DELETED'"
    )
    op.execute("UPDATE activity SET kind = 'TASK' WHERE kind = 'LETTER'")
    if op.get_bind().dialect.name == "postgresql":
        # A table whose keys wait for the commit cannot be altered.
        op.execute("SET CONSTRAINTS ALL IMMEDIATE")
    op.drop_column("note", "is_for_customer")
    _take("activity", "ck_activity_activity_kind", _DEALINGS)
    _take("event", "ck_event_event_kind", _KINDS)
