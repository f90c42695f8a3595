"""Does each stay in a stage, and each close, belong to the event that it came from?

Both are rows that no event tells of field by field: what they have to be follows from their record's events.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import zip_longest
from typing import Any
from uuid import UUID

import sqlalchemy
from sqlmodel import Session, col, select

from models.activity import CloseActivity
from models.event import Event
from models.integrity.difference import Difference, difference, streamed
from models.money import plain
from models.opportunity import Opportunity, OpportunityStatus
from models.opportunity.progress import StageVisit
from models.order import Order, OrderStatus
from models.quote import Quote, QuoteStatus
from models.record import public_id

# By record: the states that a close activity tells of.
_ENDS: tuple[tuple[Any, frozenset[str]], ...] = (
    (Opportunity, frozenset({OpportunityStatus.WON, OpportunityStatus.LOST})),
    (Quote, frozenset({QuoteStatus.WON, QuoteStatus.CLOSED})),
    (Order, frozenset({OrderStatus.FULFILLED, OrderStatus.INVOICED, OrderStatus.CANCELED})),
)
# Records whose rows are compared at once.
_AT_ONCE = 500


@dataclass
class _Close:
    """What a close activity has to be."""

    status: str
    reason: str | None
    revenue: str | None
    account_id: UUID | None


@dataclass
class _Life:
    """What the events of a record led to."""

    # The stages that it came into, by their public ids, each with the instant.
    stays: list[tuple[str, datetime]] = field(default_factory=list)
    closes: list[_Close] = field(default_factory=list)
    is_told: bool = False
    is_closed: bool = False


def stays(session: Session) -> Iterator[Difference]:
    """Compare the stays of every opportunity in its stages with the events that led it there."""
    for opportunities in _some(session, Opportunity):
        lives = _lives(session, opportunities, _ENDS[0][1])
        visits = _rows(session, StageVisit, "opportunity_id", opportunities)
        for opportunity in opportunities:
            life = lives[opportunity.id]
            if life.is_told:
                yield from _compare_stays(opportunity, life, visits[opportunity.id])


def _compare_stays(opportunity: Opportunity, life: _Life, visits: Sequence[Any]) -> Iterator[Difference]:
    """Compare the stays of one opportunity: which stages, from when, how long, and in which one it is."""
    for visit, stay in zip_longest(visits, life.stays):
        if visit is None:
            yield difference(Opportunity, opportunity.id, "stage_visits", len(visits), len(life.stays))
            return
        if stay is None:
            yield difference(StageVisit, visit.id, "opportunity", opportunity.public_id, None)
            continue
        stage = public_id("stage", visit.stage_id)
        if stage != stay[0]:
            yield difference(StageVisit, visit.id, "stage", stage, stay[0])
        if visit.created_at != stay[1]:
            yield difference(StageVisit, visit.id, "created_at", visit.created_at, stay[1])
        left_at: datetime | None = visit.left_at
        is_present = visit is visits[-1] and not life.is_closed
        if (left_at is None) is not is_present:
            yield difference(StageVisit, visit.id, "left_at", left_at, None if is_present else "an instant")
        seconds = None if left_at is None else int((left_at - visit.created_at).total_seconds())
        if visit.duration_seconds != seconds:
            yield difference(StageVisit, visit.id, "duration_seconds", visit.duration_seconds, seconds)


def closes(session: Session) -> Iterator[Difference]:
    """Compare the close activities of every record with the events that closed it."""
    for table, ends in _ENDS:
        name = f"{table.noun()}_id"
        for some in _some(session, table):
            lives = _lives(session, some, ends)
            activities = _rows(session, CloseActivity, name, some)
            for record in some:
                yield from _compare_closes(record, lives[record.id], activities[record.id])


def _compare_closes(record: Any, life: _Life, activities: Sequence[Any]) -> Iterator[Difference]:
    """Compare the close activities of one record: what each told, and which of them stands."""
    for activity, close in zip_longest(activities, life.closes):
        if activity is None:
            count = len(activities), len(life.closes)
            yield difference(type(record), record.id, "close_activities", *count)
            return
        if close is None:
            yield difference(CloseActivity, activity.id, record.noun(), record.public_id, None)
            continue
        revenue = None if activity.actual_revenue is None else plain(activity.actual_revenue)
        for name, stored, derived in (
            ("status", activity.status, close.status),
            ("reason", activity.reason, close.reason),
            ("actual_revenue", revenue, close.revenue),
            ("account", _account(activity.account_id), _account(close.account_id)),
        ):
            if stored != derived:
                yield difference(CloseActivity, activity.id, name, stored, derived)
        stands = activity is activities[-1] and life.is_closed
        if stands is (activity.superseded_at is not None):
            wanted = None if stands else "an instant"
            yield difference(CloseActivity, activity.id, "superseded_at", activity.superseded_at, wanted)


def _account(key: UUID | None) -> str | None:
    """Return the public id of an account."""
    return None if key is None else public_id("account", key)


def _some(session: Session, table: Any) -> Iterator[list[Any]]:
    """Yield the rows of a table, some at a time."""
    last: UUID | None = None
    while True:
        statement = select(table).order_by(col(table.id)).limit(_AT_ONCE)
        if last is not None:
            statement = statement.where(col(table.id) > last)
        found = list(session.exec(statement).all())
        if found:
            yield found
        if len(found) < _AT_ONCE:
            return
        last = found[-1].id


def _rows(session: Session, table: Any, name: str, owners: Sequence[Any]) -> dict[UUID, list[Any]]:
    """Return the rows of some records, oldest first."""
    key = getattr(table, name)
    statement = select(table).where(key.in_([each.id for each in owners]))
    found: dict[UUID, list[Any]] = defaultdict(list)
    for row in session.exec(statement.order_by(col(table.created_at), col(table.id))).all():
        found[getattr(row, name)].append(row)
    return found


def _lives(session: Session, owners: Sequence[Any], ends: frozenset[str]) -> dict[UUID, _Life]:
    """Return what the events of some records led to."""
    columns = ("subject_id", "created_at", "from_status", "to_status", "reason", "account_id", "changes")
    statement = sqlalchemy.select(*(getattr(Event, name) for name in columns)).where(
        col(Event.subject_id).in_([each.id for each in owners])
    )
    found: dict[UUID, _Life] = defaultdict(_Life)
    ordered = statement.order_by(col(Event.subject_id), col(Event.subject_version))
    for key, instant, was, now, reason, account, changes in streamed(session, ordered):
        life, told = found[key], {each["field"]: each["after"] for each in changes}
        life.is_told = life.is_told or (was is None and "stage" in told)
        stage = told.get("stage")
        if stage is None and was in ends and now not in ends and life.stays:
            # It was reopened, and came back into the stage that it was in.
            stage = life.stays[-1][0]
        if stage is not None:
            life.stays.append((stage, instant))
        if now in ends and was not in ends:
            life.closes.append(_Close(str(now), reason, told.get("actualRevenue"), account))
        life.is_closed = now in ends
    return found
