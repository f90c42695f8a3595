"""How is an order delivered, how do goods come back, and how does an order end short?"""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Annotated
from uuid import UUID

from sqlalchemy import func
from sqlmodel import col, select

from models.activity import CloseActivity
from models.conversion.deposits import require_worth_of_deposits
from models.conversion.ordering import (
    Note,
    is_fulfilled,
    order_not_empty,
    require_reason,
    write_close_activity,
)
from models.conversion.remaining import require_rest
from models.document import require_past
from models.errors import Blocker, NotFound
from models.lifecycle import Change, Fact, Loading, Reference, Seen, guard, transition
from models.money import plain
from models.order import (
    Fulfillment,
    FulfillmentLine,
    LineQuantity,
    Order,
    OrderLine,
    OrderReturn,
    OrderReturnLine,
    OrderStatus,
    Progress,
    matched,
    settle,
)
from models.record import KEY

# Credited without their goods, quantities stay billed.
GIVE_BACK_FIRST = (
    "discardInvoice, cancelInvoice, or createCreditNote with goodsReturned: true, "
    "gives billed quantities back first"
)
_net_fulfilled = col(OrderLine.quantity_fulfilled) - OrderLine.quantity_returned
_net_invoiced = col(OrderLine.quantity_invoiced) - OrderLine.quantity_credited
has_returnable = Fact(
    "has_returnable",
    lambda order: (
        select(OrderLine.id)
        .where(OrderLine.order_id == order.id, _net_fulfilled > _net_invoiced, _net_fulfilled > 0)
        .exists()
    ),
)
is_billed_ahead = Fact(
    "is_billed_ahead",
    lambda order: (
        select(OrderLine.id).where(OrderLine.order_id == order.id, _net_invoiced > _net_fulfilled).exists()
    ),
)


@guard("NOTHING_FULFILLED", is_fulfilled)
def something_fulfilled(seen: Seen) -> str | None:
    """The customer has something of the order."""
    if seen.is_fulfilled:
        return None
    return "Nothing of this order is with the customer: fulfillOrder delivers it, cancelOrder cancels it."


@guard("INVOICED_QUANTITY", is_fulfilled, has_returnable)
def something_unbilled(seen: Seen) -> str | None:
    """Something that the customer has is not billed."""
    if seen.has_returnable or not seen.is_fulfilled:
        return None
    return f"All that was delivered is billed: {GIVE_BACK_FIRST}."


@guard("INVOICED_QUANTITY", is_billed_ahead)
def nothing_billed_ahead(seen: Seen) -> str | None:
    """Nothing is billed that is not delivered."""
    if not seen.is_billed_ahead:
        return None
    return f"Something is billed that is not delivered: {GIVE_BACK_FIRST}, or fulfillOrder delivers it."


@dataclass
class Fulfilled:
    """The delivery that was written down."""

    fulfillment: Annotated[Fulfillment | None, "The delivery that was written down."]


def _recall_fulfillment(change: Change, order: Order) -> Fulfilled:
    """Return the last delivery that stands of an order that is complete."""
    standing = [each for each in change.parts(Fulfillment, order) if each.canceled_at is None]
    return Fulfilled(next(reversed(standing), None))


@transition(
    Order,
    event="order.fulfilled",
    sources=(OrderStatus.ACTIVE, OrderStatus.SUBMITTED),
    target=OrderStatus.FULFILLED,
    conditional=True,
    guards=(order_not_empty,),
    again=(f"{OrderStatus.FULFILLED}.COMPLETE", OrderStatus.INVOICED),
    recall=_recall_fulfillment,
)
def fulfill_order(
    change: Change,
    order: Order,
    *,
    lines: Annotated[
        list[LineQuantity] | None, "What was delivered; all that is open where it is left out."
    ] = None,
    fulfilled_on: Annotated[date | None, "The day of the delivery; today where it is left out."] = None,
    note: Note = None,
) -> Fulfilled:
    """Write down a delivery (Dataverse: FulfillSalesOrder).

    The order is FULFILLED once everything is delivered; until then it stays in its state, and may be
    delivered in as many parts as it takes.
    """
    everything = change.parts(OrderLine, order)
    given = (
        lines
        if lines is not None
        else [LineQuantity(each.id, rest) for each in everything if (rest := each.open_quantity)]
    )
    day = require_past(change, fulfilled_on, "fulfilled_on")
    fulfillment = change.add(change.new(Fulfillment, order_id=order.id, fulfilled_on=day, note=note))
    for line, quantity in matched(order, everything, given):
        if quantity > line.open_quantity:
            left = plain(line.open_quantity)
            message = f"Line {line.position} has {left} left to deliver, not {plain(quantity)}."
            change.refuse(Blocker("OVER_FULFILLMENT", message, ("input", "lines")))
        line.quantity_fulfilled += quantity
        change.add(
            change.new(
                FulfillmentLine, fulfillment_id=fulfillment.id, order_line_id=line.id, quantity=quantity
            )
        )
    change.tell(order, note=note)
    settle(change, order, everything)
    close_if_complete(change, order, note)
    return Fulfilled(fulfillment)


@transition(
    Order,
    event="order.closed_short",
    sources=(OrderStatus.ACTIVE, OrderStatus.SUBMITTED),
    target=OrderStatus.FULFILLED,
    reason="PARTIAL",
    guards=(something_fulfilled, nothing_billed_ahead),
    again=(f"{OrderStatus.FULFILLED}.PARTIAL",),
)
def close_order_short(
    change: Change, order: Order, *, reason: Annotated[str, "Why the rest is not delivered, in words."]
) -> None:
    """Cancel what is not delivered, and end the order with what is (Dataverse: FulfillSalesOrder, Partial).

    It is INVOICED at once where all that was delivered is billed. What is still to be billed has to be worth
    the deposits that no invoice has taken off: createCreditNote gives back first what is beyond it.
    """
    require_reason(reason, "Say why the rest of the order is not delivered.")
    lines = change.parts(OrderLine, order)
    for line in lines:
        line.quantity_canceled += line.open_quantity
    require_worth_of_deposits(change, order, ("input", "id"))
    require_rest(change, order, lines, ("input", "id"), "returnItems takes back first what lowers it.")
    change.tell(order, note=reason)
    settle(change, order, lines)
    close_if_complete(change, order, reason)


@dataclass
class CanceledFulfillment:
    """The delivery that was withdrawn."""

    fulfillment: Annotated[Fulfillment | None, "The delivery that was withdrawn."]


@transition(
    Order,
    event="order.fulfillment_canceled",
    sources=(OrderStatus.ACTIVE, OrderStatus.SUBMITTED, OrderStatus.FULFILLED, OrderStatus.INVOICED),
    target=OrderStatus.ACTIVE,
    leaves=(OrderStatus.FULFILLED,),
    guards=(something_fulfilled, something_unbilled),
)
def cancel_fulfillment(
    change: Change,
    order: Order,
    *,
    fulfillment_id: Annotated[UUID, Reference("fulfillment"), "The order's delivery."],
    reason: Annotated[str, "Why it is withdrawn, in words."],
) -> CanceledFulfillment:
    """Withdraw a delivery that was recorded by mistake; it stays readable.

    Its quantities may be delivered again: an order that was FULFILLED is ACTIVE, as PENDING.
    """
    require_reason(reason, "Say why the delivery is withdrawn.")
    fulfillment = change.session.get(Fulfillment, fulfillment_id)
    path = ("input", "fulfillmentId")
    if fulfillment is None or fulfillment.order_id != order.id:
        raise NotFound(Fulfillment.noun(), path=path)
    if fulfillment.canceled_at is not None:
        message = f"This delivery was withdrawn on {fulfillment.canceled_at:%Y-%m-%d} already."
        change.refuse(Blocker("FULFILLMENT_CANCELED", message, path))
    quantities = {each.order_line_id: each.quantity for each in change.parts(FulfillmentLine, fulfillment)}
    lines = change.parts(OrderLine, order)
    for line in lines:
        quantity = quantities.get(line.id, Decimal(0))
        if quantity > line.net_fulfilled:
            message = f"Line {line.position}: of what this delivery brought, something came back already."
            change.refuse(Blocker("RETURNED_QUANTITY", message, path))
        _require_unbilled(change, line, quantity, path)
        line.quantity_fulfilled -= quantity
    fulfillment.canceled_at = change.now
    _reopen(change, order, lines, reason)
    return CanceledFulfillment(fulfillment)


@dataclass
class ReturnedItems:
    """The return that was written down."""

    order_return: Annotated[OrderReturn, "The return that was written down."]


@transition(
    Order,
    event="order.items_returned",
    sources=(OrderStatus.ACTIVE, OrderStatus.SUBMITTED, OrderStatus.FULFILLED, OrderStatus.INVOICED),
    target=OrderStatus.ACTIVE,
    leaves=(OrderStatus.FULFILLED,),
    guards=(something_fulfilled, something_unbilled),
)
def return_items(
    change: Change,
    order: Order,
    *,
    reason: Annotated[str, "Why the goods came back, in words."],
    lines: Annotated[
        list[LineQuantity] | None,
        "What came back; all that is delivered and not billed where it is left out.",
    ] = None,
    returned_on: Annotated[date | None, "The day of the return; today where it is left out."] = None,
) -> ReturnedItems:
    """Write down goods that came back. What is billed needs a credit note first.

    They may be delivered again: an order that was FULFILLED is ACTIVE, as PENDING. Once all came back it can
    be canceled.
    """
    require_reason(reason, "Say why the goods came back.")
    everything = change.parts(OrderLine, order)
    given = (
        lines
        if lines is not None
        else [LineQuantity(each.id, rest) for each in everything if (rest := each.returnable)]
    )
    day = require_past(change, returned_on, "returned_on")
    made = change.add(change.new(OrderReturn, order_id=order.id, returned_on=day, reason=reason))
    for line, quantity in matched(order, everything, given):
        if quantity > line.net_fulfilled:
            message = (
                f"Line {line.position} has {plain(line.net_fulfilled)} delivered, not {plain(quantity)}."
            )
            change.refuse(Blocker("OVER_RETURNED", message, ("input", "lines")))
        _require_unbilled(change, line, quantity, ("input", "lines"))
        line.quantity_returned += quantity
        change.add(
            change.new(OrderReturnLine, order_return_id=made.id, order_line_id=line.id, quantity=quantity)
        )
    _reopen(change, order, everything, reason)
    return ReturnedItems(made)


def _require_unbilled(change: Change, line: OrderLine, quantity: Decimal, path: tuple[str, ...]) -> None:
    """Refuse to take back what is billed.

    Raises:
        Blocked: the quantity is larger than what is delivered and not billed.
    """
    if quantity > line.returnable:
        message = (
            f"Line {line.position} has {plain(line.returnable)} delivered that is not billed, "
            f"not {plain(quantity)}: {GIVE_BACK_FIRST}."
        )
        change.refuse(Blocker("INVOICED_QUANTITY", message, path))


def close_if_complete(change: Change, order: Order, note: str | None) -> None:
    """Write the close activity of an order once nothing is open, and the day of its last delivery."""
    if order.fulfillment_status is not Progress.COMPLETE:
        return
    change.flush()
    order.fulfilled_on = _LAST_DAY.one(change.session, key=order.id)
    write_close_activity(change, order, note)


_LAST_DAY = Loading(
    select(func.max(Fulfillment.fulfilled_on)).where(
        col(Fulfillment.order_id) == KEY, col(Fulfillment.canceled_at).is_(None)
    )
)


def _reopen(change: Change, order: Order, lines: list[OrderLine], note: str) -> None:
    """Settle an order of which something came back; what had closed it is superseded."""
    change.tell(order, note=note)
    settle(change, order, lines)
    if order.fulfilled_on is None or order.fulfillment_status is Progress.COMPLETE:
        return
    order.fulfilled_on = None
    standing = select(CloseActivity).where(
        CloseActivity.order_id == order.id, col(CloseActivity.superseded_at).is_(None)
    )
    for activity in change.session.exec(standing).all():
        activity.superseded_at = change.now
