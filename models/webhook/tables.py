"""What is known of a webhook endpoint, of what was sent to it, and of how far it has been told?"""

from datetime import datetime
from enum import StrEnum
from typing import ClassVar
from uuid import UUID

from sqlalchemy import JSON, BigInteger, ColumnClause, literal_column
from sqlmodel import Field, Index, SQLModel

from models.record import Identifier, Instant, Record, choice
from models.status import Staged, reason_key

_PENDING: ColumnClause[bool] = literal_column("status = 'PENDING'")
ENABLED = "webhook_endpoint.enabled"
"""The event that tells that an endpoint was enabled again."""


class WebhookEndpointStatus(StrEnum):
    """Whether an endpoint is told of events."""

    ACTIVE = "ACTIVE"
    DISABLED = "DISABLED"


class WebhookEndpoint(Staged, table=True):
    """A program that is told of committed events by HTTP, those that its owner may see."""

    __tablename__ = "webhook_endpoint"
    __table_args__ = (
        reason_key(),
        Index("ix_webhook_endpoint_created_at_id", "created_at", "id"),
        Index("ix_webhook_endpoint_updated_at_id", "updated_at", "id"),
    )
    filtered: ClassVar[tuple[str, ...]] = ("owner_id",)
    is_personal: ClassVar[bool] = True

    status: WebhookEndpointStatus = Field(sa_type=choice(WebhookEndpointStatus))
    owner_id: UUID = Field(foreign_key="user.id", sa_type=Identifier)
    url: str = Field(max_length=1000)
    description: str | None = Field(default=None, max_length=300)
    # Names of events as in subscriptions, `quote.accepted` or `quote.*`; all where there are none.
    names: list[str] = Field(default_factory=list, sa_type=JSON)


class WebhookSecret(SQLModel, table=True):
    """What the messages to an endpoint are signed with. Signing needs the secret itself, not its digest."""

    __tablename__ = "webhook_secret"

    id: UUID = Field(primary_key=True, sa_type=Identifier)
    endpoint_id: UUID = Field(foreign_key="webhook_endpoint.id", sa_type=Identifier, index=True)
    secret: str = Field(max_length=100)
    # Set once another one took its place: until then messages bear both signatures.
    expires_at: datetime | None = Field(default=None, sa_type=Instant)


class WebhookProgress(SQLModel, table=True):
    """How far an endpoint has been told: the book of those who deliver, no command's."""

    __tablename__ = "webhook_progress"

    endpoint_id: UUID = Field(primary_key=True, foreign_key="webhook_endpoint.id", sa_type=Identifier)
    # Up to this position (models/outbox.py) each event that the endpoint wants has its delivery.
    position: int = Field(sa_type=BigInteger)
    # When it last took a message.
    succeeded_at: datetime | None = Field(default=None, sa_type=Instant)
    # Why it is to be told no more: the code of a status reason. The clock disables it.
    stop_reason: str | None = Field(default=None, max_length=40)


class WebhookDeliveryStatus(StrEnum):
    """What became of a message."""

    PENDING = "PENDING"
    DELIVERED = "DELIVERED"
    FAILED = "FAILED"
    WITHHELD = "WITHHELD"
    REPLACED = "REPLACED"


class WebhookDelivery(Record, table=True):
    """One event that an endpoint is told of, or a test of the endpoint, which tells of none."""

    __tablename__ = "webhook_delivery"
    __table_args__ = (
        # What is to be sent, and not what was sent in all the time.
        Index(
            "ix_webhook_delivery_pending",
            "endpoint_id",
            "next_attempt_at",
            sqlite_where=_PENDING,
            postgresql_where=_PENDING,
        ),
    )
    filtered: ClassVar[tuple[str, ...]] = ("endpoint_id", "event_id", "status", "created_at")
    is_personal: ClassVar[bool] = True
    seen_through: ClassVar[str | None] = "endpoint_id"

    endpoint_id: UUID = Field(foreign_key="webhook_endpoint.id", sa_type=Identifier)
    event_id: UUID | None = Field(default=None, foreign_key="event.id", sa_type=Identifier)
    # The event's place among all, for the cursor of its message; null for a test.
    position: int | None = Field(default=None, sa_type=BigInteger)
    status: WebhookDeliveryStatus = Field(
        default=WebhookDeliveryStatus.PENDING, sa_type=choice(WebhookDeliveryStatus)
    )
    attempt_count: int = 0
    # While a server is sending it: when another one may take it to be lost.
    next_attempt_at: datetime | None = Field(default=None, sa_type=Instant)
    delivered_at: datetime | None = Field(default=None, sa_type=Instant)


class WebhookAttempt(Record, table=True):
    """One try to send a message. ``created_at`` is when it began."""

    __tablename__ = "webhook_attempt"
    __table_args__ = (Index("ix_webhook_attempt_delivery_id_id", "delivery_id", "id"),)
    is_personal: ClassVar[bool] = True
    seen_through: ClassVar[str | None] = "delivery_id"

    delivery_id: UUID = Field(foreign_key="webhook_delivery.id", sa_type=Identifier)
    number: int
    # What the receiver answered; null where it did not.
    status_code: int | None = Field(default=None)
    milliseconds: int
    error: str | None = Field(default=None, max_length=300)
    # When it is tried again; null where it is not.
    next_attempt_at: datetime | None = Field(default=None, sa_type=Instant)
