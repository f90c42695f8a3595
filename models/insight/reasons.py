"""Why does a record need attention? In words and figures."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, case, func, select
from sqlmodel import Session, col

from models.insight.stages import Median
from models.invoice import Invoice
from models.moment import Moment
from models.money import in_words
from models.opportunity import Opportunity
from models.order import Order, OrderLine
from models.pipeline import Stage
from models.quote import Quote

_DAY, _HOUR, _MINUTE = 86_400, 3_600, 60


@dataclass(frozen=True)
class Reason:
    """Why, in words, and the amount that is at stake."""

    words: str
    amount: Decimal
    currency_code: str


@dataclass(frozen=True)
class Due:
    """The records of one kind, each with the day that counts."""

    session: Session
    moment: Moment
    due_on: Mapping[UUID, date]
    middles: Mapping[UUID, Median]

    def rows(self, table: Any, *columns: Any) -> Sequence[Any]:
        """Return columns of the records, the key first."""
        return self.session.execute(select(table.id, *columns).where(table.id.in_(list(self.due_on)))).all()


Tell = Callable[[Due], dict[UUID, Reason]]


def is_unbilled() -> ColumnElement[bool]:
    """Return the condition that the customer has more of an order's line than is billed."""
    net = col(OrderLine.quantity_fulfilled) - OrderLine.quantity_returned
    return net > col(OrderLine.quantity_invoiced) - OrderLine.quantity_credited


def expiring(due: Due) -> dict[UUID, Reason]:
    """Tell of quotes whose validity ends."""
    found = {}
    for key, number, total, code in due.rows(Quote, Quote.number, Quote.total, Quote.currency_code):
        days = (due.due_on[key] - due.moment.today).days
        left = f"{counted(days, 'day')} left" if days else "today is its last day"
        found[key] = Reason(f"Quote {number} is valid through {due.due_on[key]}: {left}.", total, code)
    return found


def overstayed(due: Due) -> dict[UUID, Reason]:
    """Tell of deals that are in their stage for longer than half of the deals before were."""
    names = {key: str(label) for key, label in due.session.execute(select(col(Stage.id), col(Stage.label)))}
    found = {}
    for key, stage, entered_at, revenue, code in due.rows(
        Opportunity,
        Opportunity.stage_id,
        Opportunity.stage_entered_at,
        Opportunity.estimated_revenue,
        Opportunity.currency_code,
    ):
        spent = int((due.moment.now - entered_at).total_seconds())
        usual = duration(due.middles[stage].seconds)
        words = f"For {duration(spent)} in {names[stage]}; half of the deals left it within {usual}."
        found[key] = Reason(words, revenue, code)
    return found


def unclosed(due: Due) -> dict[UUID, Reason]:
    """Tell of deals that were expected to close by now."""
    columns = (Opportunity.estimated_revenue, Opportunity.currency_code)
    return {
        key: Reason(f"It was expected to close by {due.due_on[key]} and is open.", revenue, code)
        for key, revenue, code in due.rows(Opportunity, *columns)
    }


def uninvoiced(due: Due) -> dict[UUID, Reason]:
    """Tell of orders of which the customer has more than is billed."""
    counts = (
        select(col(OrderLine.order_id), func.count(case((is_unbilled(), col(OrderLine.id)))), func.count())
        .where(col(OrderLine.order_id).in_(list(due.due_on)))
        .group_by(col(OrderLine.order_id))
    )
    lines = {key: numbers for key, *numbers in due.session.execute(counts)}
    found = {}
    for key, number, total, code in due.rows(Order, Order.number, Order.total, Order.currency_code):
        unbilled, all_lines = lines[key]
        words = (
            f"Order {number} was last delivered on {due.due_on[key]}; of "
            f"{counted(all_lines, 'line')} {unbilled} {'is' if unbilled == 1 else 'are'} not fully invoiced."
        )
        found[key] = Reason(words, total, code)
    return found


def overdue(due: Due) -> dict[UUID, Reason]:
    """Tell of invoices that were not paid in time."""
    columns = (Invoice.number, Invoice.balance, Invoice.currency_code)
    return {
        key: Reason(
            f"Invoice {number} was due on {due.due_on[key]}; {in_words(balance, code)} is owed.",
            balance,
            code,
        )
        for key, number, balance, code in due.rows(Invoice, *columns)
    }


def duration(seconds: int) -> str:
    """Return a duration in words: in days from two days on, else in hours or minutes."""
    for size, unit in ((_DAY, "day"), (_HOUR, "hour"), (_MINUTE, "minute")):
        if seconds >= 2 * size:
            return counted(seconds // size, unit)
    return counted(seconds, "second")


def counted(number: int, noun: str) -> str:
    """Return a number with its noun."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
