"""How is an order handed over to be delivered, taken back, or called off?"""

from dataclasses import dataclass
from typing import Annotated

from sqlmodel import select

from models.activity import CloseActivity
from models.address import PostalAddress, write_address
from models.conversion.closing import reopen_opportunity as reopen
from models.errors import Invalid
from models.invoice import Invoice, is_live
from models.lifecycle import Change, Fact, Seen, guard, perform, transition
from models.opportunity import Opportunity, OpportunityStatus
from models.order import Order, OrderLine, OrderStatus, settle

Note = Annotated[str | None, "What was said."]
order_has_lines = Fact(
    "has_lines", lambda order: select(OrderLine.id).where(OrderLine.order_id == order.id).exists()
)
is_fulfilled = Fact(
    "is_fulfilled",
    lambda order: (
        select(OrderLine.id)
        .where(OrderLine.order_id == order.id, OrderLine.quantity_fulfilled > OrderLine.quantity_returned)
        .exists()
    ),
)
has_live_invoice = Fact(
    "has_live_invoice",
    lambda order: select(Invoice.id).where(Invoice.order_id == order.id, is_live(Invoice)).exists(),
)


@guard("EMPTY_DOCUMENT", order_has_lines)
def order_not_empty(seen: Seen) -> str | None:
    """The order has a line."""
    return None if seen.has_lines else "The order has no lines: there is nothing to submit."


@guard("ADDRESS_REQUIRED", "bill_to_id", path=("input", "billTo"))
def has_addresses(seen: Seen) -> str | None:
    """The order has a billing address, or it is given; goods go there where no other is."""
    if seen.bill_to_id or seen.arguments.get("bill_to"):
        return None
    return "The order has no address to bill or ship to: pass billTo, and shipTo where it differs."


@guard("HAS_FULFILLMENTS", is_fulfilled)
def nothing_fulfilled(seen: Seen) -> str | None:
    """Nothing of the order is delivered, or all of it came back."""
    if not seen.is_fulfilled:
        return None
    return "Something of this order is delivered: returnItems takes it back, closeOrderShort ends the rest."


@guard("HAS_INVOICES", has_live_invoice)
def no_live_invoice(seen: Seen) -> str | None:
    """No invoice of the order is live."""
    if not seen.has_live_invoice:
        return None
    return (
        "An invoice of this order is live: cancelInvoice, or discardInvoice for a draft, takes it back first."
    )


@transition(
    Order,
    event="order.submitted",
    sources=(OrderStatus.ACTIVE,),
    target=OrderStatus.SUBMITTED,
    reason="IN_PROGRESS",
    guards=(order_not_empty, has_addresses),
    again=(OrderStatus.SUBMITTED,),
)
def submit_order(
    change: Change,
    order: Order,
    *,
    bill_to: Annotated[
        PostalAddress | None, "Where the invoice goes; the account's address where it is left out."
    ] = None,
    ship_to: Annotated[
        PostalAddress | None, "Where the goods go; the billing address where it is left out."
    ] = None,
    note: Note = None,
) -> None:
    """Hand an order over to be delivered (Dataverse: SetState to Submitted).

    Its lines are read-only from here on; recallOrder takes it back while nothing is delivered.
    """
    if bill_to is not None:
        order.bill_to_id = write_address(change, bill_to, ("input", "billTo")).id
    if ship_to is not None:
        order.ship_to_id = write_address(change, ship_to, ("input", "shipTo")).id
    order.ship_to_id = order.ship_to_id or order.bill_to_id
    order.submitted_at = change.now
    change.tell(order, note=note)


@transition(
    Order,
    event="order.recalled",
    sources=(OrderStatus.SUBMITTED,),
    target=OrderStatus.ACTIVE,
    reason="PENDING",
    guards=(nothing_fulfilled, no_live_invoice),
    again=(f"{OrderStatus.ACTIVE}.PENDING",),
)
def recall_order(
    change: Change, order: Order, *, reason: Annotated[str, "Why it is taken back, in words."]
) -> None:
    """Take a submitted order back, of which nothing is delivered or billed (Dataverse: SetState to Active).

    It may be edited again, and is PENDING until it is submitted anew.
    """
    require_reason(reason, "Say why the order is recalled.")
    order.submitted_at = None
    change.tell(order, note=reason)


@dataclass
class CanceledOrder:
    """The opportunity of the order that was canceled."""

    opportunity: Annotated[Opportunity | None, "The order's opportunity, open again if that was asked for."]


def _recall_cancellation(change: Change, order: Order) -> CanceledOrder:
    """Return the opportunity of an order that is canceled."""
    return CanceledOrder(_opportunity(change, order))


@transition(
    Order,
    event="order.canceled",
    sources=(OrderStatus.ACTIVE, OrderStatus.SUBMITTED),
    target=OrderStatus.CANCELED,
    guards=(nothing_fulfilled, no_live_invoice),
    again=(OrderStatus.CANCELED,),
    recall=_recall_cancellation,
)
def cancel_order(
    change: Change,
    order: Order,
    *,
    reason: Annotated[
        str | None,
        "Code of a status reason of CANCELED, for example CUSTOMER_REQUEST or NO_MONEY; needed unless the "
        "company has chosen a default.",
    ] = None,
    note: Annotated[str | None, "Why, in words."] = None,
    reopen_opportunity: Annotated[
        bool, "Open the order's opportunity again; otherwise it stays WON."
    ] = False,  # Keyword-only.
) -> CanceledOrder:
    """Cancel an order of which nothing is delivered or billed (Dataverse: CancelSalesOrder).

    That is so again once all that was delivered came back. What was ordered counts as canceled, line by line.
    """
    change.become(order, OrderStatus.CANCELED, change.reason("order", OrderStatus.CANCELED, reason))
    lines = change.parts(OrderLine, order)
    for line in lines:
        line.quantity_canceled = line.quantity
    settle(change, order, lines)
    order.closed_at = change.now
    write_close_activity(change, order, note)
    change.tell(order, note=note)
    opportunity = _opportunity(change, order)
    if reopen_opportunity and opportunity and opportunity.status is not OpportunityStatus.OPEN:
        perform(
            change,
            reopen,
            opportunity,
            asked_by=("input", "reopenOpportunity"),
            reason=f"Order {order.number} was canceled.",
        )
    return CanceledOrder(opportunity)


def _opportunity(change: Change, order: Order) -> Opportunity | None:
    """Return the opportunity that an order came from, if it came from one."""
    return None if order.opportunity_id is None else change.get(Opportunity, order.opportunity_id)


def write_close_activity(change: Change, order: Order, note: str | None) -> None:
    """Write the close activity of an order that was fulfilled or canceled (Dynamics: OrderClose)."""
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


def require_reason(reason: str, message: str) -> None:
    """Refuse an empty reason.

    Raises:
        Invalid: with the message.
    """
    if not reason:
        raise Invalid(message, path=("input", "reason"), code="REASON_REQUIRED")
