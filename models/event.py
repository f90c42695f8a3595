"""What happened to a record, by whom, when and why? And which answer did a repeated command get?

Events are append-only. They are written by the lifecycle in the transaction of the command they tell of.
"""

from datetime import datetime
from enum import StrEnum
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import JSON, BigInteger, Index, Text
from sqlmodel import Field, SQLModel

from models.access import ActorKind
from models.record import Identifier, Instant, Record, choice


class EventKind(StrEnum):
    """What an event tells."""

    CREATED = "CREATED"
    STATUS_CHANGED = "STATUS_CHANGED"
    EDITED = "EDITED"
    DELETED = "DELETED"


class Chain(SQLModel, table=True):
    """One story from lead to invoice: what its records have in common, and the row that its writers lock.

    Every command locks the chain of its record first, so that commands on the records of one deal run
    one after another and cannot deadlock, whichever record each starts from.
    """

    __tablename__ = "chain"

    id: UUID = Field(primary_key=True, sa_type=Identifier)


class Event(Record, table=True):
    """One thing that happened to one record. ``created_at`` is when."""

    __tablename__ = "event"
    __table_args__ = (
        Index("ix_event_subject_id_id", "subject_id", "id"),
        Index("ix_event_chain_id_id", "chain_id", "id"),
        Index("ix_event_account_id_id", "account_id", "id"),
        Index("ix_event_position_id", "position", "id"),
    )

    filtered: ClassVar[tuple[str, ...]] = ("created_at",)

    kind: EventKind = Field(sa_type=choice(EventKind))
    # The noun and the past tense of the command's verb: "quote.accepted".
    type: str = Field(max_length=80)
    # The GraphQL name of the command: "acceptQuote".
    command: str = Field(max_length=80)
    summary: str = Field(max_length=600)
    subject_type: str = Field(max_length=40)
    subject_id: UUID = Field(sa_type=Identifier)
    subject_version: int
    chain_id: UUID | None = Field(default=None, foreign_key="chain.id", sa_type=Identifier)
    # Whose history it belongs to; what a lead's chain told before it had an account is added at qualifying.
    account_id: UUID | None = Field(default=None, foreign_key="account.id", sa_type=Identifier)
    # A customer, and the clock, are no users.
    actor_kind: ActorKind = Field(
        default=ActorKind.USER, sa_type=choice(ActorKind), sa_column_kwargs={"server_default": "USER"}
    )
    actor_id: UUID | None = Field(default=None, foreign_key="user.id", sa_type=Identifier, index=True)
    caused_by_id: UUID | None = Field(default=None, foreign_key="event.id", sa_type=Identifier, index=True)
    from_status: str | None = Field(default=None, max_length=40)
    to_status: str | None = Field(default=None, max_length=40)
    reason: str | None = Field(default=None, max_length=80)
    note: str | None = Field(default=None, sa_type=Text)
    # One item a changed field: {"field", "before", "after"}, values as text or null; the field of a part
    # is "quote_line_01jz….quantity".
    changes: list[dict[str, Any]] = Field(default_factory=list, sa_type=JSON)
    # Its place in the order of the commits, given soon after its own (models/outbox.py); null until then.
    position: int | None = Field(default=None, sa_type=BigInteger)


class IdempotencyEntry(SQLModel, table=True):
    """The first answer to a command with an idempotency key, kept for 24 hours."""

    __tablename__ = "idempotency_entry"

    # The user, or the quote whose customer asks.
    user_id: UUID = Field(primary_key=True, sa_type=Identifier)
    command: str = Field(primary_key=True, max_length=80)
    key: str = Field(primary_key=True, max_length=255)
    input_hash: str = Field(max_length=64)
    # The hash of the selection that the answer was written for, and the answer's JSON.
    selection_hash: str | None = Field(default=None, max_length=64)
    answer: str | None = Field(default=None, sa_type=Text)
    # The records of the answer by payload field, so that a repeat with another selection can be read.
    outcome: dict[str, Any] | None = Field(default=None, sa_type=JSON)
    created_at: datetime = Field(sa_type=Instant, index=True)
