"""Programs are told of events by webhooks: endpoints with secrets, and the log of what was sent to them."""

from datetime import UTC, datetime
from uuid import UUID

import sqlalchemy as sa
from alembic import op

from models.record import Identifier, Instant

revision = "0030"
down_revision = "0029"
branch_labels = None
depends_on = None

_TABLES = ("webhook_attempt", "webhook_delivery", "webhook_progress", "webhook_secret", "webhook_endpoint")
_REASONS = (
    ("ACTIVE", "ACTIVE", "Active"),
    ("DISABLED", "DISABLED", "Disabled"),
    ("DISABLED", "GONE", "Gone"),
    ("DISABLED", "FAILING", "Took nothing for too long"),
)
# The same in every database, as those that were there before (revision 0028), behind them.
_FIRST = UUID("019b76da-a801-7000-8000-000000001000")
_EPOCH = datetime(2026, 1, 1, tzinfo=UTC)
_TEXTS = ("key", "of_record", "of_status", "code", "label")
_STATUSES = ("PENDING", "DELIVERED", "FAILED", "WITHHELD", "REPLACED")


def _choice(name: str, *codes: str) -> sa.Enum:
    """Return the type of a closed set of codes."""
    return sa.Enum(*codes, name=name, native_enum=False, create_constraint=True, length=40)


def _key(table: str, column: str, target: str) -> sa.ForeignKeyConstraint:
    """Return a foreign key that is checked at the commit."""
    return sa.ForeignKeyConstraint(
        [column], [f"{target}.id"], name=op.f(f"fk_{table}_{column}"), initially="DEFERRED", deferrable=True
    )


def upgrade() -> None:
    """Make the tables."""
    _make_endpoint()
    _make_books()
    _make_log()
    _add_reasons()


def downgrade() -> None:
    """Drop them: nobody is told any more."""
    for table in _TABLES:
        op.drop_table(table)
    op.execute("DELETE FROM status_reason WHERE of_record = 'webhook_endpoint'")


def _add_reasons() -> None:
    """Write the reasons of an endpoint's states, as a company starts with them."""
    names = ("version", "status", "reason_id", "process_code", "position", *_TEXTS)
    reason = sa.table(
        "status_reason",
        sa.column("id", Identifier()),
        sa.column("created_at", Instant()),
        sa.column("updated_at", Instant()),
        *map(sa.column, names),
        sa.column("wordings", sa.JSON()),
        *(sa.column(name, sa.Boolean()) for name in ("is_default", "is_of_process", "is_chosen")),
    )
    op.bulk_insert(
        reason,
        [
            {
                "id": UUID(int=_FIRST.int + number),
                "created_at": _EPOCH,
                "updated_at": _EPOCH,
                "version": 1,
                "status": "ACTIVE",
                "reason_id": "status_reason.ACTIVE.ACTIVE",
                "process_code": code,
                "position": number,
                "key": f"webhook_endpoint.{status}.{code}",
                "of_record": "webhook_endpoint",
                "of_status": status,
                "code": code,
                "label": label,
                "wordings": [],
                "is_default": False,
                "is_of_process": True,
                "is_chosen": False,
            }
            for number, (status, code, label) in enumerate(_REASONS)
        ],
    )


def _make_endpoint() -> None:
    """Make the table of endpoints."""
    op.create_table(
        "webhook_endpoint",
        sa.Column("id", Identifier(), nullable=False),
        sa.Column("created_at", Instant(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("updated_at", Instant(), nullable=False),
        sa.Column("status", _choice("webhook_endpoint_status", "ACTIVE", "DISABLED"), nullable=False),
        sa.Column("reason_id", sa.String(80), nullable=False),
        sa.Column("owner_id", Identifier(), nullable=False),
        sa.Column("url", sa.String(1000), nullable=False),
        sa.Column("description", sa.String(300), nullable=True),
        sa.Column("names", sa.JSON(), nullable=False),
        sa.CheckConstraint("length(reason_id) <= 80", name=op.f("ck_webhook_endpoint_reason_id_length")),
        sa.CheckConstraint("length(url) <= 1000", name=op.f("ck_webhook_endpoint_url_length")),
        sa.CheckConstraint("length(description) <= 300", name=op.f("ck_webhook_endpoint_description_length")),
        sa.ForeignKeyConstraint(
            ["reason_id", "status"],
            ["status_reason.key", "status_reason.of_status"],
            name=op.f("fk_webhook_endpoint_reason_id_status"),
            initially="DEFERRED",
            deferrable=True,
        ),
        _key("webhook_endpoint", "owner_id", "user"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_webhook_endpoint")),
    )
    for column in ("created_at", "updated_at", "status", "reason_id", "owner_id"):
        op.create_index(f"ix_webhook_endpoint_{column}_id", "webhook_endpoint", [column, "id"])


def _make_books() -> None:
    """Make the tables of secrets, and of how far endpoints have been told."""
    op.create_table(
        "webhook_secret",
        sa.Column("id", Identifier(), nullable=False),
        sa.Column("endpoint_id", Identifier(), nullable=False),
        sa.Column("secret", sa.String(100), nullable=False),
        sa.Column("expires_at", Instant(), nullable=True),
        sa.CheckConstraint("length(secret) <= 100", name=op.f("ck_webhook_secret_secret_length")),
        _key("webhook_secret", "endpoint_id", "webhook_endpoint"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_webhook_secret")),
    )
    op.create_index("ix_webhook_secret_endpoint_id", "webhook_secret", ["endpoint_id"])
    op.create_table(
        "webhook_progress",
        sa.Column("endpoint_id", Identifier(), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column("succeeded_at", Instant(), nullable=True),
        sa.Column("stop_reason", sa.String(40), nullable=True),
        sa.CheckConstraint("length(stop_reason) <= 40", name=op.f("ck_webhook_progress_stop_reason_length")),
        _key("webhook_progress", "endpoint_id", "webhook_endpoint"),
        sa.PrimaryKeyConstraint("endpoint_id", name=op.f("pk_webhook_progress")),
    )


def _make_log() -> None:
    """Make the tables of deliveries and attempts."""
    op.create_table(
        "webhook_delivery",
        sa.Column("id", Identifier(), nullable=False),
        sa.Column("created_at", Instant(), nullable=False),
        sa.Column("endpoint_id", Identifier(), nullable=False),
        sa.Column("event_id", Identifier(), nullable=True),
        sa.Column("position", sa.BigInteger(), nullable=True),
        sa.Column("status", _choice("webhook_delivery_status", *_STATUSES), nullable=False),
        sa.Column("attempt_count", sa.Integer(), nullable=False),
        sa.Column("next_attempt_at", Instant(), nullable=True),
        sa.Column("delivered_at", Instant(), nullable=True),
        _key("webhook_delivery", "endpoint_id", "webhook_endpoint"),
        _key("webhook_delivery", "event_id", "event"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_webhook_delivery")),
    )
    for column in ("endpoint_id", "event_id", "status", "created_at"):
        op.create_index(f"ix_webhook_delivery_{column}_id", "webhook_delivery", [column, "id"])
    pending = sa.text("status = 'PENDING'")
    op.create_index(
        "ix_webhook_delivery_pending",
        "webhook_delivery",
        ["endpoint_id", "next_attempt_at"],
        sqlite_where=pending,
        postgresql_where=pending,
    )
    op.create_table(
        "webhook_attempt",
        sa.Column("id", Identifier(), nullable=False),
        sa.Column("created_at", Instant(), nullable=False),
        sa.Column("delivery_id", Identifier(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("status_code", sa.Integer(), nullable=True),
        sa.Column("milliseconds", sa.Integer(), nullable=False),
        sa.Column("error", sa.String(300), nullable=True),
        sa.Column("next_attempt_at", Instant(), nullable=True),
        sa.CheckConstraint("length(error) <= 300", name=op.f("ck_webhook_attempt_error_length")),
        _key("webhook_attempt", "delivery_id", "webhook_delivery"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_webhook_attempt")),
    )
    op.create_index("ix_webhook_attempt_delivery_id_id", "webhook_attempt", ["delivery_id", "id"])
