"""How does an accepted quote become an order?"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated

from sqlmodel import select

from models.access import Role
from models.account import Account
from models.conversion.closing import OPEN_QUOTES, close_quote, win_opportunity
from models.conversion.quoting import close, opportunity_open
from models.document import carried, carried_terms, freeze
from models.errors import Invalid
from models.lifecycle import Change, perform, transition
from models.numbering import next_number
from models.opportunity import Opportunity, OpportunityStatus
from models.order import Order, OrderLine, OrderStatus
from models.quote import Quote, QuoteLine, QuoteStatus, not_expired


class SiblingQuotes(StrEnum):
    """What becomes of the opportunity's other open quotes when one is accepted."""

    CANCEL = "CANCEL"
    KEEP = "KEEP"


@dataclass
class AcceptedQuote:
    """What accepting a quote made and closed."""

    order: Annotated[Order | None, "The order that was made."]
    opportunity: Annotated[Opportunity | None, "The quote's opportunity."]
    closed_quotes: Annotated[list[Quote], "The competing quotes that were closed."]
    remark: Annotated[str | None, "Why the opportunity stays open, where it does."]


# What the customer is told: the quote is accepted. The order and the rest are the seller's to see.
_UNSEEN = AcceptedQuote(None, None, [], None)


def _recall(change: Change, quote: Quote) -> AcceptedQuote:
    """Return what accepting the quote made the first time."""
    if change.viewer.role is Role.CUSTOMER:
        return _UNSEEN
    order = change.session.exec(select(Order).where(Order.quote_id == quote.id)).one_or_none()
    opportunity = (
        None if quote.opportunity_id is None else change.session.get(Opportunity, quote.opportunity_id)
    )
    return AcceptedQuote(order, opportunity, [], None)


@transition(
    Quote,
    event="quote.accepted",
    sources=(QuoteStatus.ACTIVE,),
    target=QuoteStatus.WON,
    reason="WON",
    guards=(not_expired, opportunity_open),
    again=(QuoteStatus.WON,),
    recall=_recall,
)
def accept_quote(
    change: Change,
    quote: Quote,
    *,
    siblings: Annotated[
        SiblingQuotes, "What becomes of the opportunity's other open quotes."
    ] = SiblingQuotes.CANCEL,
    accept_expired: Annotated[bool, "Accept although the quote has expired; the event says so."] = False,
    customer_reference: Annotated[str | None, "The customer's own number for the order."] = None,
    note: Annotated[str | None, "What was said."] = None,
) -> AcceptedQuote:
    """Make the order of an active quote, and win its opportunity.

    A seller runs it, or the customer under the token of presentQuote, who sees no more than the quote.
    One transaction: the order with locked prices, the quote WON, its competitors closed as CANCELED, the
    opportunity WON with the order's total. A second call answers with the order that exists.
    (Dataverse: WinQuote, ConvertQuoteToSalesOrder.)
    """
    is_customer = change.viewer.role is Role.CUSTOMER
    if is_customer and siblings is SiblingQuotes.KEEP:
        message = "Only a seller keeps competing quotes open: leave siblings out."
        raise Invalid(message, path=("input", "siblings"))
    quote.closed_at = change.now
    expired = quote.valid_until is not None and quote.valid_until < change.moment.today and accept_expired
    remark = f"Accepted after it expired on {quote.valid_until}." if expired else None
    change.tell(quote, note=" ".join(filter(None, (remark, note))) or None)
    close(change, quote, note=note)
    order = _make_order(change, quote, customer_reference)
    accepted = _win(change, quote, order, siblings)
    return _UNSEEN if is_customer else accepted


def _win(change: Change, quote: Quote, order: Order, siblings: SiblingQuotes) -> AcceptedQuote:
    """Win the quote's opportunity and close its competitors, or say why it stays open."""
    if quote.opportunity_id is None:
        return AcceptedQuote(order, None, [], None)
    opportunity = change.get(Opportunity, quote.opportunity_id)
    open_siblings = _siblings(change, quote)
    if open_siblings and siblings is SiblingQuotes.KEEP:
        numbers = ", ".join(each.number for each in open_siblings)
        return AcceptedQuote(
            order, opportunity, [], f"The opportunity stays open: {numbers} still compete for it."
        )
    for sibling in open_siblings:
        perform(change, close_quote, sibling, reason="CANCELED", note=f"{quote.number} was accepted.")
    if opportunity.status is OpportunityStatus.OPEN:
        perform(change, win_opportunity, opportunity, actual_revenue=order.total)
    return AcceptedQuote(order, opportunity, open_siblings, None)


def _make_order(change: Change, quote: Quote, customer_reference: str | None) -> Order:
    """Write the order of a quote: its terms, lines and prices, to the account's addresses."""
    account = None if quote.account_id is None else change.get(Account, quote.account_id)
    billing = None if account is None else account.billing_address_id
    shipping = None if account is None else account.shipping_address_id
    order = change.add(
        change.new(
            Order,
            **carried_terms(quote),
            number=next_number(change, "O"),
            quote_id=quote.id,
            opportunity_id=quote.opportunity_id,
            is_prices_locked=True,
            customer_reference=customer_reference or quote.customer_reference,
            bill_to_id=billing,
            ship_to_id=shipping or billing,
        ),
        status=OrderStatus.ACTIVE,
        reason="NEW",
    )
    freeze(change, order)
    for line in change.parts(QuoteLine, quote):
        change.add(change.new(OrderLine, order_id=order.id, quote_line_id=line.id, **carried(line)))
    return order


def _siblings(change: Change, quote: Quote) -> list[Quote]:
    """Return the other open quotes of a quote's opportunity, oldest first."""
    found: list[Quote] = OPEN_QUOTES.all(change.session, key=quote.opportunity_id)
    return [each for each in found if each.id != quote.id]
