"""Filters find their rows by an index, in the order of the ids."""

from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

# By table: the columns whose index ends in the id from now on, and those that had one without it.
MADE = {
    "account": (
        "email",
        "industry",
        "owner_id",
        "reason_id",
        "status",
    ),
    "contact": (
        "email",
        "owner_id",
        "reason_id",
        "status",
    ),
    "event": ("created_at",),
    "invoice": (
        "balance",
        "contact_id",
        "currency_code",
        "issued_on",
        "name",
        "owner_id",
        "reason_id",
        "status",
    ),
    "lead": (
        "company_name",
        "contact_id",
        "email",
        "estimated_value",
        "last_name",
        "owner_id",
        "reason_id",
        "source",
        "status",
    ),
    "opportunity": (
        "actual_close_on",
        "contact_id",
        "currency_code",
        "forecast_category",
        "name",
        "owner_id",
        "reason_id",
        "stage_id",
        "status",
        "total",
    ),
    "order": (
        "billing_status",
        "contact_id",
        "currency_code",
        "fulfillment_status",
        "name",
        "owner_id",
        "reason_id",
        "status",
    ),
    "product": (
        "reason_id",
        "status",
    ),
    "quote": (
        "contact_id",
        "currency_code",
        "name",
        "number",
        "owner_id",
        "reason_id",
        "status",
    ),
}
DROPPED = {
    "account": ("owner_id",),
    "contact": (
        "email",
        "owner_id",
    ),
    "invoice": (
        "contact_id",
        "owner_id",
    ),
    "lead": (
        "contact_id",
        "owner_id",
    ),
    "opportunity": (
        "contact_id",
        "owner_id",
        "stage_id",
    ),
    "order": (
        "contact_id",
        "owner_id",
    ),
    "quote": (
        "contact_id",
        "owner_id",
    ),
}


def upgrade() -> None:
    """Make the indexes, and drop those that they stand in for."""
    for table, columns in MADE.items():
        for column in columns:
            op.create_index(f"ix_{table}_{column}_id", table, [column, "id"])
    for table, columns in DROPPED.items():
        for column in columns:
            op.drop_index(f"ix_{table}_{column}", table_name=table)
    op.create_index("ix_status_reason_code", "status_reason", ["code"])


def downgrade() -> None:
    """Have the indexes as they were."""
    op.drop_index("ix_status_reason_code", table_name="status_reason")
    for table, columns in DROPPED.items():
        for column in columns:
            op.create_index(f"ix_{table}_{column}", table, [column])
    for table, columns in MADE.items():
        for column in columns:
            op.drop_index(f"ix_{table}_{column}_id", table_name=table)
