"""What was done, or is to be done, about a record, and why did a deal end? Activities, of two kinds."""

from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Annotated, Any, ClassVar
from uuid import UUID

from sqlmodel import Field, Index

from models.errors import Invalid
from models.lifecycle import KEEP, Change, Kept, Pointer, Reference, kept, transition
from models.money import Amount
from models.ownership import OwnerId, require_owner
from models.record import Identifier, Instant, Record, Versioned, choice, table
from models.regarding import Regarding, placed
from models.status import Staged, reason_key


class CloseActivity(Record, table=True):
    """A win, loss, close, fulfilment or cancellation. Reopening keeps it, marked superseded."""

    __tablename__ = "close_activity"

    account_id: UUID | None = Field(default=None, foreign_key="account.id", sa_type=Identifier, index=True)
    # The one record that was closed.
    opportunity_id: UUID | None = Field(
        default=None, foreign_key="opportunity.id", sa_type=Identifier, index=True
    )
    quote_id: UUID | None = Field(default=None, foreign_key="quote.id", sa_type=Identifier, index=True)
    order_id: UUID | None = Field(default=None, foreign_key="order.id", sa_type=Identifier, index=True)
    # The state that the record came to, and the reason's code.
    status: str = Field(max_length=40)
    reason: str = Field(max_length=40)
    note: str | None = Field(default=None, max_length=2000)
    competitor: str | None = Field(default=None, max_length=160)
    competitor_id: UUID | None = Field(
        default=None, foreign_key="competitor.id", sa_type=Identifier, index=True
    )
    currency_code: str | None = Field(default=None, max_length=3)
    actual_revenue: Decimal | None = Field(default=None, sa_type=Amount)
    closed_on: date
    superseded_at: datetime | None = Field(default=None, sa_type=Instant)


class ActivityStatus(StrEnum):
    """The states of an activity."""

    OPEN = "OPEN"
    COMPLETED = "COMPLETED"
    CANCELED = "CANCELED"


class ActivityKind(StrEnum):
    """How people deal with one another."""

    TASK = "TASK"
    PHONE_CALL = "PHONE_CALL"
    EMAIL = "EMAIL"
    APPOINTMENT = "APPOINTMENT"
    LETTER = "LETTER"


class Activity(Regarding, Staged, table=True):
    """Something to do, or done, about a record: a task, a phone call, an e-mail, an appointment."""

    __tablename__ = "activity"
    __table_args__ = (
        reason_key(),
        Index("ix_activity_regarding_id_id", "regarding_id", "id"),
        Index("ix_activity_chain_id_id", "chain_id", "id"),
        Index("ix_activity_account_id_id", "account_id", "id"),
        Index("ix_activity_created_at_id", "created_at", "id"),
        Index("ix_activity_updated_at_id", "updated_at", "id"),
        Index("ix_activity_due_at_id", "due_at", "id"),
    )

    filtered: ClassVar[tuple[str, ...]] = ("owner_id",)
    ordered_with_nulls: ClassVar[tuple[str, ...]] = ("due_at",)
    read_only: ClassVar[frozenset[StrEnum]] = frozenset({ActivityStatus.COMPLETED, ActivityStatus.CANCELED})

    status: ActivityStatus = Field(sa_type=choice(ActivityStatus))
    # Its record's; one of its own where it is about an account or a contact.
    chain_id: UUID = Field(foreign_key="chain.id", sa_type=Identifier)
    kind: ActivityKind = Field(sa_type=choice(ActivityKind))
    subject: str = Field(max_length=300)
    description: str | None = Field(default=None, max_length=10_000)
    due_at: datetime | None = Field(default=None, sa_type=Instant)
    completed_at: datetime | None = Field(default=None, sa_type=Instant)
    owner_id: UUID | None = Field(default=None, foreign_key="user.id", sa_type=Identifier)


def make_activity(change: Change, record: Versioned, subject: str, **values: Any) -> Activity:
    """Write a new activity about a record; it is open unless it is completed already."""
    if not subject:
        message = "An activity needs a subject."
        raise Invalid(message, path=("input", "subject"))
    status = ActivityStatus.COMPLETED if values.get("completed_at") else ActivityStatus.OPEN
    activity = change.new(
        Activity,
        **placed(record),
        chain_id=getattr(record, "chain_id", None) or change.begin_chain(),
        subject=subject,
        **values,
    )
    return change.add(activity, status=status, reason=str(status))


@transition(Activity, event="activity.created")
def create_activity(
    change: Change,
    *,
    regarding_id: Annotated[
        Pointer,
        Reference("lead", "account", "contact", "opportunity", "quote", "order", "invoice", is_locked=True),
        "The record that it is about: one of the chain, an account or a contact.",
    ],
    kind: Annotated[ActivityKind, "How people deal with one another."] = ActivityKind.TASK,
    subject: Annotated[str, "What it is about, in a few words."],
    description: Annotated[str | None, "The details, in words; at most 10,000 characters."] = None,
    due_at: Annotated[datetime | None, "When it is due, or takes place."] = None,
    owner_id: Annotated[UUID | None, Reference("user"), "Who does it; you where it is left out."] = None,
) -> Activity:
    """Plan an activity about a record: a task, a phone call, an e-mail, an appointment.

    It stays with the record's chain: what was planned for a lead shows on its opportunity, too.
    """
    record: Any = change.find(table(regarding_id.noun), regarding_id.key, ("input", "regardingId"))
    owner = change.viewer.id if owner_id is None else require_owner(change, owner_id, ("input", "ownerId")).id
    return make_activity(
        change, record, subject, kind=kind, description=description, due_at=due_at, owner_id=owner
    )


@transition(
    Activity, event="activity.updated", sources=(ActivityStatus.OPEN,), when_read_only="RECORD_READ_ONLY"
)
def update_activity(
    change: Change,
    activity: Activity,
    *,
    subject: Annotated[str | Kept, "What it is about, in a few words."] = KEEP,
    description: Annotated[str | Kept | None, "The details, in words; at most 10,000 characters."] = KEEP,
    due_at: Annotated[datetime | Kept | None, "When it is due, or takes place."] = KEEP,
    owner_id: Annotated[OwnerId | Kept, "Who does it from now on."] = KEEP,
) -> None:
    """Change an open activity, or put it off. What is left out stays."""
    if subject == "":
        message = "An activity needs a subject."
        raise Invalid(message, path=("input", "subject"))
    activity.subject = kept(subject, activity.subject)
    activity.description = kept(description, activity.description)
    activity.due_at = kept(due_at, activity.due_at)
    if not isinstance(owner_id, Kept):
        activity.owner_id = require_owner(change, owner_id, ("input", "ownerId")).id
    change.tell(activity)


@transition(
    Activity,
    event="activity.completed",
    sources=(ActivityStatus.OPEN,),
    target=ActivityStatus.COMPLETED,
    reason="COMPLETED",
    again=(ActivityStatus.COMPLETED,),
)
def complete_activity(
    change: Change, activity: Activity, *, note: Annotated[str | None, "What came of it, in words."] = None
) -> None:
    """Write down that an activity is done (Dataverse: SetState to Completed)."""
    activity.completed_at = change.now
    change.tell(activity, note=note)


@transition(
    Activity,
    event="activity.canceled",
    sources=(ActivityStatus.OPEN,),
    target=ActivityStatus.CANCELED,
    reason="CANCELED",
    again=(ActivityStatus.CANCELED,),
)
def cancel_activity(
    change: Change, activity: Activity, *, note: Annotated[str | None, "Why, in words."] = None
) -> None:
    """Give an open activity up (Dataverse: SetState to Canceled). It stays readable."""
    change.tell(activity, note=note)
