"""How does a deal end, and how is the end undone?"""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Annotated

from sqlalchemy import func
from sqlalchemy.orm import aliased
from sqlmodel import col, select

from models.activity import CloseActivity
from models.conversion.quoting import close
from models.document import require_money
from models.errors import Invalid
from models.invoice import Invoice, InvoiceStatus
from models.lifecycle import Change, Fact, Seen, guard, perform, transition
from models.opportunity import ForecastCategory, Opportunity, OpportunityStatus, Stage
from models.order import Order, OrderLine, OrderStatus
from models.quote import Quote, QuoteStatus

_OPEN_QUOTES = (QuoteStatus.DRAFT, QuoteStatus.ACTIVE)

open_quotes = Fact(
    "open_quotes",
    lambda opportunity: (
        select(func.aggregate_strings(col(Quote.number), " "))
        .where(Quote.opportunity_id == opportunity.id, col(Quote.status).in_(_OPEN_QUOTES))
        .scalar_subquery()
    ),
)
_sibling = aliased(Quote)
other_open_quotes = Fact(
    "other_open_quotes",
    lambda quote: (
        select(func.aggregate_strings(col(_sibling.number), " "))
        .where(
            _sibling.opportunity_id == quote.opportunity_id,
            _sibling.id != quote.id,
            col(_sibling.status).in_(_OPEN_QUOTES),
        )
        .scalar_subquery()
    ),
)
has_live_order = Fact(
    "has_live_order",
    lambda opportunity: (
        select(Order.id)
        .where(Order.opportunity_id == opportunity.id, col(Order.status) != OrderStatus.CANCELED)
        .exists()
    ),
)


@guard("OPEN_QUOTES_EXIST", open_quotes, path=("input", "closeOpenQuotes"))
def no_open_quotes(seen: Seen) -> str | None:
    """No quote of the opportunity is a draft or active, unless they are closed with it."""
    if not seen.open_quotes or seen.arguments.get("close_open_quotes"):
        return None
    return (
        f"{_listed(seen.open_quotes)} of this opportunity: closeQuote closes each, or pass closeOpenQuotes."
    )


@guard("OTHER_QUOTES_OPEN", other_open_quotes, path=("input", "closeOpportunity"))
def is_last_open_quote(seen: Seen) -> str | None:
    """The quote is the last open one of its opportunity, where the opportunity is to be lost with it."""
    if not seen.other_open_quotes or not seen.arguments.get("close_opportunity"):
        return None
    listed = _listed(seen.other_open_quotes)
    return f"{listed} of the same opportunity: leave closeOpportunity out, or use loseOpportunity."


def _listed(numbers: str) -> str:
    """Return the open quotes as the beginning of a sentence."""
    names = sorted(numbers.split())
    return f"{', '.join(names)} {'is an open quote' if len(names) == 1 else 'are open quotes'}"


@guard("HAS_LIVE_ORDER", has_live_order)
def no_live_order(seen: Seen) -> str | None:
    """No order of the opportunity is live."""
    if not seen.has_live_order:
        return None
    return "An order of this opportunity is live: cancelOrder cancels it first."


@dataclass
class ClosedOpportunity:
    """The quotes that were closed along with the opportunity."""

    closed_quotes: Annotated[list[Quote], "The quotes that were closed along with it."]


CloseOpenQuotes = Annotated[
    bool, "Close the opportunity's draft and active quotes as CANCELED instead of refusing."
]
Note = Annotated[str | None, "Why, in words."]
Competitor = Annotated[str | None, "Who won it instead."]


@transition(
    Opportunity,
    event="opportunity.won",
    sources=(OpportunityStatus.OPEN,),
    target=OpportunityStatus.WON,
    reason="WON",
    guards=(no_open_quotes,),
)
def win_opportunity(
    change: Change,
    opportunity: Opportunity,
    *,
    actual_revenue: Annotated[
        Decimal | None, "What it brought; the estimated revenue where it is left out."
    ] = None,
    closed_on: Annotated[date | None, "The day it was won; today where it is left out."] = None,
    close_open_quotes: CloseOpenQuotes = False,
    note: Note = None,
) -> ClosedOpportunity:
    """Close an opportunity as won (Dataverse: WinOpportunity). acceptQuote does it for you."""
    require_money(actual_revenue, "actual_revenue", opportunity.currency_code)
    closed = _close_quotes(change, opportunity) if close_open_quotes else []
    revenue = opportunity.estimated_revenue if actual_revenue is None else actual_revenue
    opportunity.actual_revenue = revenue
    opportunity.forecast_category = ForecastCategory.WON
    _close_opportunity(change, opportunity, closed_on, note=note, actual_revenue=revenue)
    return ClosedOpportunity(closed)


@transition(
    Opportunity,
    event="opportunity.lost",
    sources=(OpportunityStatus.OPEN,),
    target=OpportunityStatus.LOST,
    guards=(no_open_quotes, no_live_order),
)
def lose_opportunity(
    change: Change,
    opportunity: Opportunity,
    *,
    reason: Annotated[str, "Code of a status reason of LOST, for example OUT_SOLD or CANCELED."],
    competitor: Competitor = None,
    closed_on: Annotated[date | None, "The day it was lost; today where it is left out."] = None,
    close_open_quotes: CloseOpenQuotes = False,
    note: Note = None,
) -> ClosedOpportunity:
    """Close an opportunity as lost (Dataverse: LoseOpportunity). Its last stage is kept."""
    closed = _close_quotes(change, opportunity) if close_open_quotes else []
    change.become(
        opportunity, OpportunityStatus.LOST, change.reason("opportunity", OpportunityStatus.LOST, reason)
    )
    opportunity.forecast_category = ForecastCategory.LOST
    _close_opportunity(change, opportunity, closed_on, note=note, competitor=competitor)
    return ClosedOpportunity(closed)


@transition(
    Opportunity,
    event="opportunity.reopened",
    sources=(OpportunityStatus.WON, OpportunityStatus.LOST),
    target=OpportunityStatus.OPEN,
    reason="IN_PROGRESS",
    guards=(no_live_order,),
)
def reopen_opportunity(
    change: Change, opportunity: Opportunity, *, reason: Annotated[str, "Why it goes on, in words."]
) -> None:
    """Open a won or lost opportunity again (Dataverse: SetState to Open).

    What it brought is cleared; its close activity stays, marked superseded.
    """
    if not reason:
        message = "Say why the opportunity is reopened."
        raise Invalid(message, path=("input", "reason"), code="REASON_REQUIRED")
    opportunity.actual_revenue = None
    opportunity.actual_close_on = None
    opportunity.forecast_category = change.session.get_one(Stage, opportunity.stage_id).forecast_category
    standing = select(CloseActivity).where(
        CloseActivity.opportunity_id == opportunity.id, col(CloseActivity.superseded_at).is_(None)
    )
    for activity in change.session.exec(standing).all():
        activity.superseded_at = change.now
    change.tell(opportunity, note=reason)


@dataclass
class LostOpportunity:
    """The opportunity of the quote that was closed."""

    opportunity: Annotated[Opportunity | None, "The quote's opportunity, lost with it if that was asked for."]


@dataclass
class CanceledOrder:
    """The opportunity of the order that was canceled."""

    opportunity: Annotated[Opportunity | None, "The order's opportunity, open again if that was asked for."]


@transition(
    Quote,
    event="quote.closed",
    sources=(QuoteStatus.DRAFT, QuoteStatus.ACTIVE),
    target=QuoteStatus.CLOSED,
    guards=(is_last_open_quote,),
)
def close_quote(
    change: Change,
    quote: Quote,
    *,
    reason: Annotated[str, "LOST or CANCELED; a draft can only be CANCELED."],
    competitor: Competitor = None,
    close_opportunity: Annotated[bool, "Lose the opportunity too; only with its last open quote."] = False,
    note: Note = None,
) -> LostOpportunity:
    """Close a quote that did not become an order (Dataverse: CloseQuote)."""
    allowed = ("CANCELED",) if quote.status is QuoteStatus.DRAFT else ("LOST", "CANCELED")
    if reason not in allowed:
        message = f"A quote that is {quote.status} is closed as {' or '.join(allowed)}, not as {reason!r}."
        raise Invalid(message, path=("input", "reason"), code="REASON_REQUIRED")
    change.become(quote, QuoteStatus.CLOSED, reason)
    quote.closed_at = change.now
    close(change, quote, note=note, competitor=competitor)
    change.tell(quote, note=note)
    if quote.opportunity_id is None:
        return LostOpportunity(None)
    opportunity = change.session.get_one(Opportunity, quote.opportunity_id)
    if close_opportunity:
        lost = "OUT_SOLD" if reason == "LOST" else "CANCELED"
        told = {"reason": lost, "competitor": competitor, "note": note}
        perform(change, lose_opportunity, opportunity, asked_by=("input", "closeOpportunity"), **told)
    return LostOpportunity(opportunity)


fulfilled_quantity = Fact(
    "has_fulfilled",
    lambda order: (
        select(OrderLine.id).where(OrderLine.order_id == order.id, OrderLine.quantity_fulfilled > 0).exists()
    ),
)
has_live_invoice = Fact(
    "has_live_invoice",
    lambda order: (
        select(Invoice.id)
        .where(Invoice.order_id == order.id, col(Invoice.status) != InvoiceStatus.CANCELED)
        .exists()
    ),
)


@guard("HAS_FULFILLMENTS", fulfilled_quantity)
def nothing_fulfilled(seen: Seen) -> str | None:
    """Nothing of the order is delivered."""
    return (
        "Something of this order is delivered: it cannot be canceled as a whole."
        if seen.has_fulfilled
        else None
    )


@guard("HAS_INVOICES", has_live_invoice)
def no_live_invoice(seen: Seen) -> str | None:
    """No invoice of the order is live."""
    return (
        "An invoice of this order is live: cancelInvoice cancels it first." if seen.has_live_invoice else None
    )


@transition(
    Order,
    event="order.canceled",
    sources=(OrderStatus.ACTIVE, OrderStatus.SUBMITTED),
    target=OrderStatus.CANCELED,
    guards=(nothing_fulfilled, no_live_invoice),
)
def cancel_order(
    change: Change,
    order: Order,
    *,
    reason: Annotated[str, "Code of a status reason of CANCELED, for example CUSTOMER_REQUEST or NO_MONEY."],
    note: Note = None,
    reopen_opportunity: Annotated[
        bool, "Open the order's opportunity again; otherwise it stays WON."
    ] = False,  # Keyword-only.
) -> CanceledOrder:
    """Cancel an order of which nothing is delivered or billed (Dataverse: CancelSalesOrder)."""
    change.become(order, OrderStatus.CANCELED, change.reason("order", OrderStatus.CANCELED, reason))
    order.closed_at = change.now
    change.add(
        change.new(
            CloseActivity,
            account_id=order.account_id,
            order_id=order.id,
            status=str(order.status),
            reason=order.reason,
            note=note,
            closed_on=change.moment.today,
        )
    )
    change.tell(order, note=note)
    if order.opportunity_id is None:
        return CanceledOrder(None)
    opportunity = change.session.get_one(Opportunity, order.opportunity_id)
    if reopen_opportunity and opportunity.status is not OpportunityStatus.OPEN:
        perform(
            change,
            _reopen,
            opportunity,
            asked_by=("input", "reopenOpportunity"),
            reason=f"Order {order.number} was canceled.",
        )
    return CanceledOrder(opportunity)


# cancel_order has an argument of the same name.
_reopen = reopen_opportunity


def _close_opportunity(  # The columns of a close activity.
    change: Change,
    opportunity: Opportunity,
    closed_on: date | None,
    *,
    note: str | None,
    competitor: str | None = None,
    actual_revenue: Decimal | None = None,
) -> None:
    """Write the close activity of an opportunity."""
    if closed_on is not None and closed_on > change.moment.today:
        message = f"closedOn {closed_on} lies in the future; today is {change.moment.today}."
        raise Invalid(message, path=("input", "closedOn"), code="INVALID_DATES")
    opportunity.actual_close_on = closed_on or change.moment.today
    change.add(
        change.new(
            CloseActivity,
            account_id=opportunity.account_id,
            opportunity_id=opportunity.id,
            status=str(opportunity.status),
            reason=opportunity.reason,
            note=note,
            competitor=competitor,
            currency_code=opportunity.currency_code,
            actual_revenue=actual_revenue,
            closed_on=opportunity.actual_close_on,
        )
    )
    change.tell(opportunity, note=note)


def _open_quotes(change: Change, opportunity: Opportunity) -> list[Quote]:
    """Return the draft and active quotes of an opportunity, oldest first."""
    statement = select(Quote).where(
        Quote.opportunity_id == opportunity.id, col(Quote.status).in_(_OPEN_QUOTES)
    )
    return list(change.session.exec(statement.order_by(col(Quote.id))).all())


def _close_quotes(change: Change, opportunity: Opportunity) -> list[Quote]:
    """Close the open quotes of an opportunity as canceled; the guard has made sure that it was asked for."""
    quotes = _open_quotes(change, opportunity)
    for quote in quotes:
        perform(change, close_quote, quote, reason="CANCELED")
    return quotes
