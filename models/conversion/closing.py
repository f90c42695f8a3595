"""How does a deal end, and how is the end undone?"""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Annotated
from uuid import UUID

from sqlalchemy import func
from sqlalchemy.orm import aliased
from sqlmodel import col, select
from sqlmodel.sql.expression import SelectOfScalar

from models.activity import CloseActivity
from models.competitor import Competitor
from models.conversion.quoting import close
from models.document import freeze, require_money
from models.errors import Invalid
from models.lifecycle import Change, Fact, Loading, Reference, Seen, guard, perform, transition
from models.opportunity import Opportunity, OpportunityStatus, end_hold, leave_stage, return_to_stage
from models.order import Order, OrderStatus
from models.pipeline import ForecastCategory
from models.quote import Quote, QuoteStatus
from models.record import KEY

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


@guard(
    "OPEN_QUOTES_EXIST",
    open_quotes,
    path=("input", "closeOpenQuotes"),
    obstacles=lambda opportunity: _open_quotes_of(opportunity.id),
)
def no_open_quotes(seen: Seen) -> str | None:
    """No quote of the opportunity is a draft or active, unless they are closed with it."""
    if not seen.open_quotes or seen.arguments.get("close_open_quotes"):
        return None
    return (
        f"{_listed(seen.open_quotes)} of this opportunity: closeQuote closes each, or pass closeOpenQuotes."
    )


@guard(
    "OTHER_QUOTES_OPEN",
    other_open_quotes,
    path=("input", "closeOpportunity"),
    obstacles=lambda quote: _open_quotes_of(quote.opportunity_id).where(Quote.id != quote.id),
)
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


@guard(
    "HAS_LIVE_ORDER",
    has_live_order,
    obstacles=lambda opportunity: (
        select(Order)
        .where(Order.opportunity_id == opportunity.id, col(Order.status) != OrderStatus.CANCELED)
        .order_by(col(Order.id))
    ),
)
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
Winner = Annotated[str | None, "Who won it instead, in words."]


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
    reason: Annotated[
        str | None, "Code of WON or of a company's kind of it; the default where it is left out."
    ] = None,
    note: Note = None,
) -> ClosedOpportunity:
    """Close an opportunity as won (Dataverse: WinOpportunity). acceptQuote does it for you."""
    require_money(actual_revenue, "actual_revenue", opportunity.currency_code)
    won = change.reason("opportunity", OpportunityStatus.WON, reason, otherwise="WON")
    change.become(opportunity, OpportunityStatus.WON, won)
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
    reason: Annotated[
        str | None,
        "Code of a status reason of LOST, for example OUT_SOLD or CANCELED; needed unless the company has "
        "chosen a default.",
    ] = None,
    competitor: Winner = None,
    competitor_id: Annotated[
        UUID | None,
        Reference("competitor"),
        "The competitor that won it; its name is kept as the competitor.",
    ] = None,
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
    activity = _close_opportunity(change, opportunity, closed_on, note=note)
    activity.competitor = competitor
    if competitor_id is not None:
        winner = change.find(Competitor, competitor_id, ("input", "competitorId"))
        activity.competitor, activity.competitor_id = winner.name, winner.id
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
    return_to_stage(change, opportunity)
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
    reason: Annotated[
        str | None,
        "Code of LOST or CANCELED, or of a company's kind of one; a draft can only be CANCELED. Needed "
        "unless the company has chosen a default.",
    ] = None,
    competitor: Winner = None,
    close_opportunity: Annotated[bool, "Lose the opportunity too; only with its last open quote."] = False,
    note: Note = None,
) -> LostOpportunity:
    """Close a quote that did not become an order (Dataverse: CloseQuote)."""
    # What was never offered cannot be lost.
    kinds = ("CANCELED",) if quote.status is QuoteStatus.DRAFT else ("LOST", "CANCELED")
    closed = change.reason("quote", QuoteStatus.CLOSED, reason, kinds=kinds)
    change.become(quote, QuoteStatus.CLOSED, closed)
    quote.closed_at = change.now
    close(change, quote, note=note, competitor=competitor)
    change.tell(quote, note=note)
    if quote.opportunity_id is None:
        return LostOpportunity(None)
    opportunity = change.get(Opportunity, quote.opportunity_id)
    if close_opportunity:
        lost = "OUT_SOLD" if closed.partition(".")[0] == "LOST" else "CANCELED"
        told = {"reason": lost, "competitor": competitor, "note": note}
        perform(change, lose_opportunity, opportunity, asked_by=("input", "closeOpportunity"), **told)
    return LostOpportunity(opportunity)


def _close_opportunity(  # The columns of a close activity.
    change: Change,
    opportunity: Opportunity,
    closed_on: date | None,
    *,
    note: str | None,
    actual_revenue: Decimal | None = None,
) -> CloseActivity:
    """End an opportunity's stay in its stage, and write why it was closed."""
    if closed_on is not None and closed_on > change.moment.today:
        message = f"closedOn {closed_on} lies in the future; today is {change.moment.today}."
        raise Invalid(message, path=("input", "closedOn"), code="INVALID_DATES")
    end_hold(change, opportunity)
    leave_stage(change, opportunity)
    opportunity.actual_close_on = closed_on or change.moment.today
    freeze(change, opportunity)
    change.tell(opportunity, note=note)
    return change.add(
        change.new(
            CloseActivity,
            account_id=opportunity.account_id,
            opportunity_id=opportunity.id,
            status=str(opportunity.status),
            reason=opportunity.reason,
            note=note,
            currency_code=opportunity.currency_code,
            actual_revenue=actual_revenue,
            closed_on=opportunity.actual_close_on,
        )
    )


def _open_quotes(change: Change, opportunity: Opportunity) -> list[Quote]:
    """Return the draft and active quotes of an opportunity, oldest first."""
    return OPEN_QUOTES.all(change.session, key=opportunity.id)


def _open_quotes_of(opportunity_id: UUID | None) -> SelectOfScalar[Quote]:
    """Return the select of the draft and active quotes of an opportunity, oldest first."""
    statement = select(Quote).where(
        Quote.opportunity_id == opportunity_id, col(Quote.status).in_(_OPEN_QUOTES)
    )
    return statement.order_by(col(Quote.id))


OPEN_QUOTES = Loading(
    select(Quote)
    .where(col(Quote.opportunity_id) == KEY, col(Quote.status).in_(_OPEN_QUOTES))
    .order_by(col(Quote.id)),
    Quote,
)
"""Reads the draft and active quotes of an opportunity, oldest first."""


def _close_quotes(change: Change, opportunity: Opportunity) -> list[Quote]:
    """Close the open quotes of an opportunity as canceled; the guard has made sure that it was asked for."""
    quotes = _open_quotes(change, opportunity)
    for quote in quotes:
        perform(change, close_quote, quote, reason="CANCELED")
    return quotes
