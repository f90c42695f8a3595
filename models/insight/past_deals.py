"""What was a deal at an instant? Its present row, from which the events since are taken back."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import or_, select
from sqlmodel import col

from models.event import Event, EventKind
from models.insight.scope import Scope
from models.insight.undoing import Past, texts_of, undo
from models.money import HUNDRED, round_money
from models.opportunity import Opportunity, OpportunityStatus
from models.record import parse_id


@dataclass(frozen=True)
class Deal:
    """What counts of a deal at an instant."""

    status: OpportunityStatus
    pipeline: UUID
    stage: UUID
    currency_code: str
    revenue: Decimal
    probability: int
    close_on: date | None

    @property
    def is_open(self) -> bool:
        """Whether it was part of the pipeline."""
        return self.status is OpportunityStatus.OPEN

    @property
    def weighted(self) -> Decimal:
        """Its revenue times its probability, rounded to the currency."""
        return round_money(self.revenue * self.probability / HUNDRED, self.currency_code)


Deals = dict[UUID, Deal]


def deals_at(scope: Scope, *instants: datetime) -> list[Deals]:
    """Return the deals of a scope that were there at each of several instants, the latest instant first.

    What was closed at all of them and ever since is left out. Two statements, whatever the number of deals.
    """
    earliest = min(instants)
    texts = {row.id: texts_of(row) for row in _rows(scope, earliest)}
    events = _events(scope, earliest)
    gone: set[UUID] = set()
    found = []
    event = next(events, None)
    for at in sorted(instants, reverse=True):
        while event is not None and event.created_at > at:
            undo(texts[event.subject_id], event.changes)
            if event.kind is EventKind.CREATED:
                gone.add(event.subject_id)
            event = next(events, None)
        found.append({key: _deal(Past(Opportunity, own)) for key, own in texts.items() if key not in gone})
    return found


def _rows(scope: Scope, since: datetime) -> Iterator[Any]:
    """Yield the deals that are open, or to which something has happened since."""
    deal = scope.rows
    touched = select(col(Event.subject_id)).where(*_since(since))
    is_wanted = or_(deal.status == OpportunityStatus.OPEN, deal.id.in_(touched))
    for (row,) in scope.all(select(deal).where(is_wanted, *scope.conditions)):
        yield row


def _events(scope: Scope, since: datetime) -> Iterator[Any]:
    """Yield what has happened to the deals since, the last first."""
    deal = scope.rows
    columns = (Event.subject_id, Event.kind, Event.created_at, Event.changes)
    statement = (
        select(*(col(each) for each in columns))
        .join(deal, deal.id == Event.subject_id)
        .where(*_since(since), *scope.conditions)
        .order_by(col(Event.created_at).desc(), col(Event.subject_version).desc(), col(Event.id).desc())
    )
    yield from scope.all(statement)


def _since(since: datetime) -> tuple[Any, ...]:
    """Return the conditions of an event of a deal after an instant."""
    return col(Event.created_at) > since, col(Event.subject_type) == Opportunity.noun()


def _deal(past: Past) -> Deal:
    """Return what counts of a deal."""
    return Deal(
        status=OpportunityStatus(past.value("status")),
        pipeline=parse_id(past.value("pipeline_id"))[1],
        stage=parse_id(past.value("stage_id"))[1],
        currency_code=past.value("currency_code"),
        revenue=past.value("estimated_revenue"),
        probability=past.value("probability"),
        close_on=past.value("estimated_close_on"),
    )
