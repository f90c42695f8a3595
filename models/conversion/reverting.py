"""How is an acceptance taken back, and what does a customer that does not want an offer leave?"""

from dataclasses import dataclass
from typing import Annotated

from sqlmodel import col, select

from models.activity import CloseActivity
from models.conversion.closing import reopen_opportunity
from models.conversion.ordering import cancel_order
from models.conversion.quoting import close
from models.errors import Invalid
from models.invoice import Invoice, InvoiceStatus
from models.lifecycle import Change, Fact, Seen, guard, perform, transition
from models.opportunity import Opportunity, OpportunityStatus
from models.order import Order, OrderLine, OrderStatus
from models.payment import Payment
from models.quote import Quote, QuoteStatus

order_is_delivered = Fact(
    "order_is_delivered",
    lambda quote: (
        select(OrderLine.id)
        .join(Order, col(Order.id) == OrderLine.order_id)
        .where(Order.quote_id == quote.id, OrderLine.quantity_fulfilled > 0)
        .exists()
    ),
)
order_is_billed = Fact(
    "order_is_billed",
    lambda quote: (
        select(Invoice.id)
        .join(Order, col(Order.id) == Invoice.order_id)
        .where(Order.quote_id == quote.id, col(Invoice.status) != InvoiceStatus.CANCELED)
        .exists()
    ),
)
order_is_paid = Fact(
    "order_is_paid",
    lambda quote: (
        select(Payment.id)
        .join(Invoice, col(Invoice.id) == Payment.invoice_id)
        .join(Order, col(Order.id) == Invoice.order_id)
        .where(Order.quote_id == quote.id)
        .exists()
    ),
)


@guard("HAS_FULFILLMENTS", order_is_delivered)
def nothing_delivered(seen: Seen) -> str | None:
    """Nothing of the quote's order is delivered."""
    if not seen.order_is_delivered:
        return None
    return "Something of the quote's order is delivered: the acceptance stands."


@guard("HAS_INVOICES", order_is_billed)
def nothing_billed(seen: Seen) -> str | None:
    """No invoice of the quote's order is live."""
    if not seen.order_is_billed:
        return None
    return "An invoice of the quote's order is live: cancelInvoice cancels it first."


@guard("HAS_PAYMENTS", order_is_paid)
def nothing_paid(seen: Seen) -> str | None:
    """No money was received for the quote's order."""
    if not seen.order_is_paid:
        return None
    return "Money was received for the quote's order: the acceptance stands."


@dataclass
class RevertedAcceptance:
    """What taking an acceptance back canceled and reopened."""

    order: Annotated[Order | None, "The order that was canceled."]
    opportunity: Annotated[
        Opportunity | None, "The quote's opportunity, open again unless another order holds it."
    ]


@transition(
    Quote,
    event="quote.acceptance_reverted",
    sources=(QuoteStatus.WON,),
    target=QuoteStatus.ACTIVE,
    guards=(nothing_delivered, nothing_billed, nothing_paid),
)
def revert_quote_acceptance(
    change: Change, quote: Quote, *, reason: Annotated[str, "Why the acceptance does not stand, in words."]
) -> RevertedAcceptance:
    """Take an acceptance back while nothing has come of its order: the quote is active again.

    The order is canceled and keeps its link as the order of a reverted acceptance; the opportunity is
    reopened, unless another live order keeps it won. Quotes that were closed by the acceptance stay closed.
    Accepting the quote again makes a new order.
    """
    if not reason:
        message = "Say why the acceptance is reverted."
        raise Invalid(message, path=("input", "reason"), code="REASON_REQUIRED")
    change.become(quote, QuoteStatus.ACTIVE, "PRESENTED" if quote.presented_at else "IN_PROGRESS")
    quote.closed_at = None
    change.tell(quote, note=reason)
    _supersede(change, quote)
    order = change.session.exec(select(Order).where(Order.quote_id == quote.id)).one_or_none()
    if order is not None:
        if order.status is not OrderStatus.CANCELED:
            perform(change, cancel_order, order, reason="ACCEPTANCE_REVERTED", note=reason)
        order.quote_id, order.reverted_quote_id = None, quote.id
        change.tell(order)
    return RevertedAcceptance(order, _reopen(change, quote, reason))


def _supersede(change: Change, quote: Quote) -> None:
    """Mark the close activities of a quote as superseded."""
    standing = select(CloseActivity).where(
        CloseActivity.quote_id == quote.id, col(CloseActivity.superseded_at).is_(None)
    )
    for activity in change.session.exec(standing).all():
        activity.superseded_at = change.now


def _reopen(change: Change, quote: Quote, reason: str) -> Opportunity | None:
    """Return the quote's opportunity, open again unless another order holds it."""
    if quote.opportunity_id is None:
        return None
    opportunity = change.get(Opportunity, quote.opportunity_id)
    change.flush()
    live = select(Order.id).where(
        Order.opportunity_id == opportunity.id, col(Order.status) != OrderStatus.CANCELED
    )
    if (
        opportunity.status is not OpportunityStatus.OPEN
        and change.session.exec(live.limit(1)).first() is None
    ):
        perform(change, reopen_opportunity, opportunity, reason=reason)
    return opportunity


@transition(
    Quote,
    event="quote.declined",
    sources=(QuoteStatus.ACTIVE,),
    target=QuoteStatus.CLOSED,
    reason="LOST",
)
def decline_quote(
    change: Change,
    quote: Quote,
    *,
    note: Annotated[str | None, "Why the customer does not want it, in words."] = None,
) -> None:
    """Close an active quote that the customer does not want as LOST. Its opportunity stays open.

    The customer runs it under the token of presentQuote, or a seller on the customer's word.
    """
    quote.closed_at = change.now
    close(change, quote, note=note)
    change.tell(quote, note=note)
