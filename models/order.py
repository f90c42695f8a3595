"""What did the customer agree to, and what of it is delivered and billed? Orders and fulfilments."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Annotated, ClassVar
from uuid import UUID

from sqlmodel import Field, Index, select

from models.address import PostalAddress, write_address
from models.document import Document, Line
from models.errors import Blocker, Invalid, NotFound
from models.lifecycle import Change, Fact, Reference, Seen, guard, transition
from models.money import Amount, plain
from models.record import Identifier, Instant, Part, choice
from models.status import reason_key


class OrderStatus(StrEnum):
    """The states of an order."""

    ACTIVE = "ACTIVE"
    SUBMITTED = "SUBMITTED"
    FULFILLED = "FULFILLED"
    INVOICED = "INVOICED"
    CANCELED = "CANCELED"


class Progress(StrEnum):
    """How much of an order is delivered, or billed."""

    NONE = "NONE"
    PARTIAL = "PARTIAL"
    COMPLETE = "COMPLETE"


class Order(Document, table=True):
    """What the customer agreed to buy."""

    __tablename__ = "order"
    __table_args__ = (
        reason_key(),
        Index("ix_order_opportunity_id_id", "opportunity_id", "id"),
        Index("ix_order_account_id_id", "account_id", "id"),
        Index("ix_order_created_at_id", "created_at", "id"),
        Index("ix_order_updated_at_id", "updated_at", "id"),
        Index("ix_order_total_id", "total", "id"),
    )

    read_only: ClassVar[frozenset[StrEnum]] = frozenset(
        {OrderStatus.SUBMITTED, OrderStatus.FULFILLED, OrderStatus.INVOICED, OrderStatus.CANCELED}
    )

    status: OrderStatus = Field(sa_type=choice(OrderStatus))
    number: str = Field(max_length=40, unique=True)
    # Unique: a quote becomes one order, whatever is clicked, retried or raced.
    quote_id: UUID | None = Field(default=None, foreign_key="quote.id", sa_type=Identifier, unique=True)
    opportunity_id: UUID | None = Field(default=None, foreign_key="opportunity.id", sa_type=Identifier)
    is_prices_locked: bool = False
    customer_reference: str | None = Field(default=None, max_length=100)
    bill_to_id: UUID | None = Field(default=None, foreign_key="address.id", sa_type=Identifier)
    ship_to_id: UUID | None = Field(default=None, foreign_key="address.id", sa_type=Identifier)
    # Both derived from the lines' quantities whenever these change.
    fulfillment_status: Progress = Field(
        default=Progress.NONE, sa_type=choice(Progress, "fulfillment_status")
    )
    billing_status: Progress = Field(default=Progress.NONE, sa_type=choice(Progress, "billing_status"))
    submitted_at: datetime | None = Field(default=None, sa_type=Instant)
    fulfilled_on: date | None = None
    closed_at: datetime | None = Field(default=None, sa_type=Instant)


class OrderLine(Line, table=True):
    """One position of an order, with what became of its quantity."""

    __tablename__ = "order_line"
    __table_args__ = (Index("ix_order_line_order_id_position_id", "order_id", "position", "id"),)
    part_of: ClassVar[str] = "order_id"
    seen_through: ClassVar[str | None] = "order_id"

    order_id: UUID = Field(foreign_key="order.id", sa_type=Identifier)
    quote_line_id: UUID | None = Field(
        default=None, foreign_key="quote_line.id", sa_type=Identifier, index=True
    )
    quantity_fulfilled: Decimal = Field(default=Decimal(0), sa_type=Amount)
    quantity_invoiced: Decimal = Field(default=Decimal(0), sa_type=Amount)
    quantity_canceled: Decimal = Field(default=Decimal(0), sa_type=Amount)


class Fulfillment(Part, table=True):
    """One delivery on an order."""

    __tablename__ = "fulfillment"
    __table_args__ = (Index("ix_fulfillment_order_id_id", "order_id", "id"),)
    part_of: ClassVar[str] = "order_id"
    seen_through: ClassVar[str | None] = "order_id"

    order_id: UUID = Field(foreign_key="order.id", sa_type=Identifier)
    fulfilled_on: date
    note: str | None = Field(default=None, max_length=2000)


class FulfillmentLine(Part, table=True):
    """How much of an order's line was delivered."""

    __tablename__ = "fulfillment_line"
    __table_args__ = (Index("ix_fulfillment_line_fulfillment_id_id", "fulfillment_id", "id"),)
    part_of: ClassVar[str] = "fulfillment_id"
    seen_through: ClassVar[str | None] = "fulfillment_id"

    fulfillment_id: UUID = Field(foreign_key="fulfillment.id", sa_type=Identifier)
    order_line_id: UUID = Field(foreign_key="order_line.id", sa_type=Identifier, index=True)
    quantity: Decimal = Field(sa_type=Amount)


order_has_lines = Fact(
    "has_lines", lambda order: select(OrderLine.id).where(OrderLine.order_id == order.id).exists()
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


@transition(
    Order,
    event="order.submitted",
    sources=(OrderStatus.ACTIVE,),
    target=OrderStatus.SUBMITTED,
    reason="IN_PROGRESS",
    guards=(order_not_empty, has_addresses),
)
def submit_order(
    change: Change,
    order: Order,
    *,
    bill_to: Annotated[
        PostalAddress | None, "Where the invoice goes; the account's address where it is left out."
    ] = (None),
    ship_to: Annotated[
        PostalAddress | None, "Where the goods go; the billing address where it is left out."
    ] = None,
    note: Annotated[str | None, "What was said."] = None,
) -> None:
    """Hand an order over to be delivered (Dataverse: SetState to Submitted).

    Its lines are read-only from here on.
    """
    if bill_to is not None:
        order.bill_to_id = write_address(change, bill_to, ("input", "billTo")).id
    if ship_to is not None:
        order.ship_to_id = write_address(change, ship_to, ("input", "shipTo")).id
    order.ship_to_id = order.ship_to_id or order.bill_to_id
    order.submitted_at = change.now
    change.tell(order, note=note)


@dataclass
class LineQuantity:
    """How much of a line."""

    line_id: Annotated[UUID, Reference("order_line"), "The order's line."]
    quantity: Annotated[Decimal, "How many units, above zero."]


@dataclass
class Fulfilled:
    """The delivery that was written down."""

    fulfillment: Annotated[Fulfillment | None, "The delivery that was written down."]


def _recall_fulfillment(change: Change, order: Order) -> Fulfilled:
    """Return the last delivery of an order that is complete."""
    return Fulfilled(next(reversed(change.parts(Fulfillment, order)), None))


@transition(
    Order,
    event="order.fulfilled",
    sources=(OrderStatus.ACTIVE, OrderStatus.SUBMITTED),
    target=OrderStatus.FULFILLED,
    conditional=True,
    guards=(order_not_empty,),
    again=(OrderStatus.FULFILLED, OrderStatus.INVOICED),
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
    note: Annotated[str | None, "What was said."] = None,
) -> Fulfilled:
    """Write down a delivery (Dataverse: FulfillSalesOrder).

    The order is FULFILLED once everything is delivered; until then it stays in its state, and may be
    delivered in as many parts as it takes.
    """
    everything = change.parts(OrderLine, order)
    given = (
        lines
        if lines is not None
        else [LineQuantity(each.id, rest) for each in everything if (rest := open_quantity(each))]
    )
    day = fulfilled_on or change.moment.today
    if day > change.moment.today:
        message = f"fulfilledOn {day} lies in the future; today is {change.moment.today}."
        raise Invalid(message, path=("input", "fulfilledOn"), code="INVALID_DATES")
    fulfillment = change.add(change.new(Fulfillment, order_id=order.id, fulfilled_on=day, note=note))
    for line, quantity in matched(order, everything, given):
        if quantity > open_quantity(line):
            left = plain(open_quantity(line))
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
    if order.fulfillment_status is Progress.COMPLETE:
        order.fulfilled_on = fulfillment.fulfilled_on
    return Fulfilled(fulfillment)


def open_quantity(line: OrderLine) -> Decimal:
    """Return how much of a line is still to be delivered."""
    return line.quantity - line.quantity_canceled - line.quantity_fulfilled


def matched(
    order: Order, lines: Sequence[OrderLine], given: Sequence[LineQuantity]
) -> list[tuple[OrderLine, Decimal]]:
    """Return the order's lines with the quantities given for them.

    Raises:
        NotFound: a line that the order does not have.
        Invalid: a line named twice, a quantity that is not above zero, or nothing at all.
    """
    by_key = {line.id: line for line in lines}
    found: dict[UUID, tuple[OrderLine, Decimal]] = {}
    for index, each in enumerate(given):
        path = ("input", "lines", index)
        line = by_key.get(each.line_id)
        if line is None:
            raise NotFound(OrderLine.noun(), path=(*path, "lineId"))
        if each.line_id in found:
            message = f"Line {line.position} is named twice; add its quantities up."
            raise Invalid(message, path=(*path, "lineId"))
        if each.quantity <= 0:
            message = f"quantity is {plain(each.quantity)}; it has to be above zero."
            raise Invalid(message, path=(*path, "quantity"))
        found[each.line_id] = (line, each.quantity)
    if not found:
        message = f"Nothing of order {order.number} was named: pass a line with a quantity above zero."
        raise Invalid(message, path=("input", "lines"))
    return list(found.values())


def settle(change: Change, order: Order, lines: Sequence[OrderLine]) -> None:
    """Derive how much of an order is delivered and billed, and the state that follows from it."""
    wanted = [line.quantity - line.quantity_canceled for line in lines]
    order.fulfillment_status = _progress([line.quantity_fulfilled for line in lines], wanted)
    order.billing_status = _progress([line.quantity_invoiced for line in lines], wanted)
    if order.status is OrderStatus.CANCELED or order.fulfillment_status is not Progress.COMPLETE:
        return
    if order.billing_status is Progress.COMPLETE:
        if order.status is not OrderStatus.INVOICED:
            change.become(order, OrderStatus.INVOICED, "INVOICED")
    elif order.status is not OrderStatus.FULFILLED:
        change.become(order, OrderStatus.FULFILLED, "COMPLETE")


def _progress(done: Sequence[Decimal], wanted: Sequence[Decimal]) -> Progress:
    """Return how far the lines have come together."""
    if not any(done):
        return Progress.NONE
    return Progress.COMPLETE if list(done) == list(wanted) else Progress.PARTIAL
