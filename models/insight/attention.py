"""What needs somebody's attention next, and why?

One statement finds what is due, whatever its kind, oldest first; one more for each kind on the page says
why, in words and figures.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import Integer, and_, case, false, func, literal, literal_column, or_, select, union_all
from sqlalchemy.sql.selectable import Subquery
from sqlmodel import Session, col

from models.access import Viewer
from models.insight.days import LocalDay
from models.insight.reasons import (
    Due,
    Reason,
    Tell,
    expiring,
    is_unbilled,
    overdue,
    overstayed,
    unclosed,
    uninvoiced,
)
from models.insight.receivables import is_owed
from models.insight.scope import Scope, scope_of
from models.insight.stages import Median, medians
from models.invoice import Invoice
from models.lifecycle import Pointer
from models.moment import Moment
from models.opportunity import Opportunity, OpportunityStatus
from models.order import Fulfillment, Order, OrderLine, OrderStatus, Progress
from models.quote import Quote, QuoteStatus
from models.record import Record

FEWEST_STAYS = 3
"""Stays in a stage that have to be over before its median says anything."""


class AttentionKind(StrEnum):
    """Why something needs attention."""

    QUOTE_EXPIRING = "QUOTE_EXPIRING"
    STAGE_OVERSTAYED = "STAGE_OVERSTAYED"
    CLOSE_DATE_PASSED = "CLOSE_DATE_PASSED"
    NOT_INVOICED = "NOT_INVOICED"
    INVOICE_OVERDUE = "INVOICE_OVERDUE"


_TABLES: dict[AttentionKind, type[Record]] = {
    AttentionKind.QUOTE_EXPIRING: Quote,
    AttentionKind.STAGE_OVERSTAYED: Opportunity,
    AttentionKind.CLOSE_DATE_PASSED: Opportunity,
    AttentionKind.NOT_INVOICED: Order,
    AttentionKind.INVOICE_OVERDUE: Invoice,
}
Place = tuple[date, int, UUID]
"""What items are sorted by: the day that counts, the number of the kind, and the record's key."""


@dataclass(frozen=True)
class Wanted:
    """What is asked for: kinds, whose records, how many days before its end a quote expires, and the page."""

    kinds: Collection[AttentionKind]
    owner_id: UUID | None
    expiring_within_days: int
    first: int
    after: Place | None


@dataclass(frozen=True)
class Item:
    """A record that needs attention. ``days`` have passed since the day that counts; it may lie ahead."""

    kind: AttentionKind
    due_on: date
    days: int
    record: Pointer
    reason: Reason

    @property
    def place(self) -> Place:
        """What the item is sorted by."""
        return self.due_on, list(AttentionKind).index(self.kind), self.record.key


def attention(session: Session, viewer: Viewer, moment: Moment, wanted: Wanted) -> tuple[list[Item], bool]:
    """Return a page of what needs attention, oldest first, and whether there is more."""
    deals = scope_of(session, viewer, moment, Opportunity)
    is_measured = AttentionKind.STAGE_OVERSTAYED in wanted.kinds
    middles = {
        stage: each
        for stage, each in (medians(deals).items() if is_measured else ())
        if each.stays >= FEWEST_STAYS
    }
    looks = [_look(kind, scope_of(session, viewer, moment, _TABLES[kind]), wanted, middles)
             for kind in AttentionKind if kind in wanted.kinds]  # fmt: skip
    if not looks:
        return [], False
    rows = union_all(*looks).subquery("due_")
    statement = select(rows.c.due_on, rows.c.kind, rows.c.id).where(_past(rows, wanted.after))
    ordered = statement.order_by(rows.c.due_on, rows.c.kind, rows.c.id).limit(wanted.first + 1)
    found = session.execute(ordered).all()
    page = [(due_on, list(AttentionKind)[kind], key) for due_on, kind, key in found[: wanted.first]]
    return _items(session, moment, page, middles), len(found) > wanted.first


def _past(rows: Subquery, after: Place | None) -> Any:
    """Return the condition that an item comes behind a place."""
    if after is None:
        return literal_column("1") == literal_column("1")
    due_on, kind, key = after
    behind = or_(rows.c.kind > kind, and_(rows.c.kind == kind, rows.c.id > key))
    return or_(rows.c.due_on > due_on, and_(rows.c.due_on == due_on, behind))


def _look(kind: AttentionKind, scope: Scope, wanted: Wanted, middles: dict[UUID, Median]) -> Any:
    """Return the select of one kind: the day that counts, the number of the kind, the key."""
    due_on, condition = _KINDS[kind](scope, wanted, middles)
    number = literal_column(str(list(AttentionKind).index(kind)), Integer)
    own = [] if wanted.owner_id is None else [scope.rows.owner_id == wanted.owner_id]
    return select(due_on.label("due_on"), number.label("kind"), scope.rows.id.label("id")).where(
        condition, *own, *scope.conditions
    )


def _expiring(scope: Scope, wanted: Wanted, _: dict[UUID, Median]) -> tuple[Any, Any]:
    quote, today = scope.rows, scope.moment.today
    last = today + timedelta(days=wanted.expiring_within_days)
    return quote.valid_until, and_(quote.status == QuoteStatus.ACTIVE, quote.valid_until.between(today, last))


def _overstayed(scope: Scope, _: Wanted, middles: dict[UUID, Median]) -> tuple[Any, Any]:
    deal, moment = scope.rows, scope.moment
    if not middles:
        return deal.estimated_close_on, false()
    seconds = case(*((deal.stage_id == key, each.seconds) for key, each in middles.items()))
    latest = {key: moment.now - timedelta(seconds=each.seconds) for key, each in middles.items()}
    is_over = or_(*(and_(deal.stage_id == key, deal.stage_entered_at < each) for key, each in latest.items()))
    is_running = and_(deal.status == OpportunityStatus.OPEN, deal.held_at.is_(None))
    zone = literal(moment.organization.time_zone.key)
    return LocalDay(deal.stage_entered_at, seconds, zone), and_(is_running, is_over)


def _unclosed(scope: Scope, _: Wanted, __: dict[UUID, Median]) -> tuple[Any, Any]:
    deal = scope.rows
    is_open = deal.status == OpportunityStatus.OPEN
    return deal.estimated_close_on, and_(is_open, deal.estimated_close_on < scope.moment.today)


def _uninvoiced(scope: Scope, _: Wanted, __: dict[UUID, Median]) -> tuple[Any, Any]:
    order = scope.rows
    last = (
        select(func.max(col(Fulfillment.fulfilled_on)))
        .where(col(Fulfillment.order_id) == order.id, col(Fulfillment.canceled_at).is_(None))
        .scalar_subquery()
    )
    unbilled = select(col(OrderLine.id)).where(col(OrderLine.order_id) == order.id, is_unbilled()).exists()
    live = (OrderStatus.ACTIVE, OrderStatus.SUBMITTED, OrderStatus.FULFILLED)
    is_delivered = order.fulfillment_status != Progress.NONE
    return last, and_(order.status.in_(live), is_delivered, unbilled)


def _overdue(scope: Scope, _: Wanted, __: dict[UUID, Median]) -> tuple[Any, Any]:
    invoice = scope.rows
    return invoice.due_on, and_(is_owed(invoice), invoice.due_on < scope.moment.today)


_KINDS = {
    AttentionKind.QUOTE_EXPIRING: _expiring,
    AttentionKind.STAGE_OVERSTAYED: _overstayed,
    AttentionKind.CLOSE_DATE_PASSED: _unclosed,
    AttentionKind.NOT_INVOICED: _uninvoiced,
    AttentionKind.INVOICE_OVERDUE: _overdue,
}


def _items(
    session: Session,
    moment: Moment,
    page: Sequence[tuple[date, AttentionKind, UUID]],
    middles: dict[UUID, Median],
) -> list[Item]:
    """Return the items of a page with their reasons."""
    by_kind: dict[AttentionKind, dict[UUID, date]] = {}
    for due_on, kind, key in page:
        by_kind.setdefault(kind, {})[key] = due_on
    told = {kind: _REASONS[kind](Due(session, moment, due, middles)) for kind, due in by_kind.items()}
    return [
        Item(
            kind=kind,
            due_on=due_on,
            days=(moment.today - due_on).days,
            record=Pointer(_TABLES[kind].noun(), key),
            reason=told[kind][key],
        )
        for due_on, kind, key in page
    ]


_REASONS: dict[AttentionKind, Tell] = {
    AttentionKind.QUOTE_EXPIRING: expiring,
    AttentionKind.STAGE_OVERSTAYED: overstayed,
    AttentionKind.CLOSE_DATE_PASSED: unclosed,
    AttentionKind.NOT_INVOICED: uninvoiced,
    AttentionKind.INVOICE_OVERDUE: overdue,
}
