"""Policies ask for approvals: the policies, and the approvals of quotes."""

import sqlalchemy as sa
from alembic import op

from models.money import Amount
from models.record import Identifier, Instant

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

_ROLES = "'ADMIN', 'SALES', 'PARTNER', 'SUPPORT', 'CUSTOMER'"


def _link(table: str, name: str, target: str) -> sa.ForeignKeyConstraint:
    """Return a foreign key that waits for the commit."""
    return sa.ForeignKeyConstraint(
        [name], [f"{target}.id"], name=op.f(f"fk_{table}_{name}"), initially="DEFERRED", deferrable=True
    )


def _limit(table: str, name: str, length: int) -> sa.CheckConstraint:
    """Return the check of a text's length."""
    return sa.CheckConstraint(f"length({name}) <= {length}", name=op.f(f"ck_{table}_{name}_length"))


def upgrade() -> None:
    """Make the change."""
    op.create_table(
        "approval_policy",
        sa.Column("id", Identifier(), nullable=False),
        sa.Column("created_at", Instant(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("updated_at", Instant(), nullable=False),
        sa.Column("name", sa.String(80), nullable=False),
        sa.Column("currency_code", sa.String(3), nullable=True),
        sa.Column("max_discount_percent", Amount(), nullable=True),
        sa.Column("min_margin_percent", Amount(), nullable=True),
        sa.Column("max_total", Amount(), nullable=True),
        sa.Column("approver_role", sa.String(40), nullable=True),
        sa.Column("approver_id", Identifier(), nullable=True),
        sa.Column("asked_of", sa.String(80), nullable=False),
        sa.Column("is_active", sa.Boolean(), nullable=False),
        sa.CheckConstraint(f"approver_role IN ({_ROLES})", name=op.f("ck_approval_policy_approver_role")),
        _limit("approval_policy", "name", 80),
        _limit("approval_policy", "currency_code", 3),
        _limit("approval_policy", "asked_of", 80),
        _link("approval_policy", "approver_id", "user"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_approval_policy")),
        sa.UniqueConstraint("name", name=op.f("uq_approval_policy_name")),
    )
    op.create_index(op.f("ix_approval_policy_approver_id"), "approval_policy", ["approver_id"])
    for name in ("created_at", "updated_at"):
        op.create_index(f"ix_approval_policy_{name}_id", "approval_policy", [name, "id"])
    op.create_table(
        "quote_approval",
        sa.Column("id", Identifier(), nullable=False),
        sa.Column("created_at", Instant(), nullable=False),
        sa.Column("quote_id", Identifier(), nullable=False),
        sa.Column("policy_id", Identifier(), nullable=False),
        sa.Column("policy_name", sa.String(80), nullable=False),
        sa.Column("asked_of", sa.String(80), nullable=False),
        sa.Column("finding", sa.String(400), nullable=False),
        sa.Column("requested_by_id", Identifier(), nullable=True),
        sa.Column("decision", sa.String(40), nullable=False),
        sa.Column("decided_by_id", Identifier(), nullable=True),
        sa.Column("decided_at", Instant(), nullable=True),
        sa.Column("note", sa.String(2000), nullable=True),
        sa.CheckConstraint(
            "decision IN ('PENDING', 'APPROVED', 'REJECTED', 'WITHDRAWN')",
            name=op.f("ck_quote_approval_approval_decision"),
        ),
        _limit("quote_approval", "policy_name", 80),
        _limit("quote_approval", "asked_of", 80),
        _limit("quote_approval", "finding", 400),
        _limit("quote_approval", "note", 2000),
        _link("quote_approval", "quote_id", "quote"),
        _link("quote_approval", "policy_id", "approval_policy"),
        _link("quote_approval", "requested_by_id", "user"),
        _link("quote_approval", "decided_by_id", "user"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_quote_approval")),
    )
    op.create_index("ix_quote_approval_quote_id_id", "quote_approval", ["quote_id", "id"])
    for name in ("policy_id", "requested_by_id", "decided_by_id"):
        op.create_index(op.f(f"ix_quote_approval_{name}"), "quote_approval", [name])
    op.add_column("quote", sa.Column("approved_at", Instant(), nullable=True))


def downgrade() -> None:
    """Undo the change; drafts that wait for an approval are in progress again."""
    op.execute(
        "UPDATE quote SET reason_id = 'quote.DRAFT.IN_PROGRESS' "
        "WHERE reason_id = 'quote.DRAFT.PENDING_APPROVAL'"
    )
    if op.get_bind().dialect.name == "postgresql":
        # A table whose keys wait for the commit cannot be altered.
        op.execute("SET CONSTRAINTS ALL IMMEDIATE")
    op.drop_column("quote", "approved_at")
    op.drop_table("quote_approval")
    op.drop_table("approval_policy")
