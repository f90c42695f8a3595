"""What did the customer agree to, and what of it is delivered, returned and billed?

The tables of orders, fulfilments and returns, and the one derivation of how far an order has come. Its
commands are in ``models/conversion``: they look at invoices, or write close activities.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Annotated, ClassVar
from uuid import UUID

from sqlalchemy import false
from sqlmodel import Field, Index

from models.document import Document, Line
from models.errors import Invalid, NotFound
from models.lifecycle import Change, Reference
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

    filtered: ClassVar[tuple[str, ...]] = ("fulfillment_status", "billing_status")
    ordered_by_status: ClassVar[tuple[str, ...]] = ("created_at", "updated_at", "number", "total")
    titled: ClassVar[tuple[str, ...]] = ("number", "name")
    searched: ClassVar[tuple[str, ...]] = ("customer_reference",)
    read_only: ClassVar[frozenset[StrEnum]] = frozenset(
        {OrderStatus.SUBMITTED, OrderStatus.FULFILLED, OrderStatus.INVOICED, OrderStatus.CANCELED}
    )

    status: OrderStatus = Field(sa_type=choice(OrderStatus))
    number: str = Field(max_length=40, unique=True)
    # Unique: a quote becomes one order, whatever is clicked, retried or raced.
    quote_id: UUID | None = Field(default=None, foreign_key="quote.id", sa_type=Identifier, unique=True)
    # The quote that it was made from, where that acceptance was taken back: the quote may be accepted again.
    reverted_quote_id: UUID | None = Field(
        default=None, foreign_key="quote.id", sa_type=Identifier, index=True
    )
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
    requested_delivery_on: date | None = None
    # Days until an invoice is due; the account's terms where there are none.
    payment_terms_days: int | None = None
    freight_terms: str | None = Field(default=None, max_length=100)
    shipping_method: str | None = Field(default=None, max_length=100)
    submitted_at: datetime | None = Field(default=None, sa_type=Instant)
    fulfilled_on: date | None = None
    closed_at: datetime | None = Field(default=None, sa_type=Instant)


# Of columns that the first version did not have: it goes on inserting rows while this one takes over.
_ZERO = {"server_default": "0"}


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
    requested_delivery_on: date | None = None
    # Where it goes, where that is not the order's address; nowhere where the customer fetches it.
    ship_to_id: UUID | None = Field(default=None, foreign_key="address.id", sa_type=Identifier)
    is_will_call: bool = Field(default=False, sa_column_kwargs={"server_default": false()})
    # What its deliveries, returns, live invoices and credit notes sum to, and what was called off.
    quantity_fulfilled: Decimal = Field(default=Decimal(0), sa_type=Amount)
    quantity_returned: Decimal = Field(default=Decimal(0), sa_type=Amount, sa_column_kwargs=_ZERO)
    quantity_invoiced: Decimal = Field(default=Decimal(0), sa_type=Amount)
    quantity_credited: Decimal = Field(default=Decimal(0), sa_type=Amount, sa_column_kwargs=_ZERO)
    quantity_canceled: Decimal = Field(default=Decimal(0), sa_type=Amount)

    @property
    def wanted(self) -> Decimal:
        """How much the customer still wants: ordered less canceled."""
        return self.quantity - self.quantity_canceled

    @property
    def net_fulfilled(self) -> Decimal:
        """How much the customer has: delivered less returned."""
        return self.quantity_fulfilled - self.quantity_returned

    @property
    def net_invoiced(self) -> Decimal:
        """How much is billed: invoiced less credited."""
        return self.quantity_invoiced - self.quantity_credited

    @property
    def open_quantity(self) -> Decimal:
        """How much is still to be delivered."""
        return self.wanted - self.net_fulfilled

    @property
    def returnable(self) -> Decimal:
        """How much may come back: what the customer has and does not owe."""
        return max(self.net_fulfilled - self.net_invoiced, Decimal(0))


class Fulfillment(Part, table=True):
    """One delivery on an order. Withdrawn it stays, and counts no longer."""

    __tablename__ = "fulfillment"
    __table_args__ = (Index("ix_fulfillment_order_id_id", "order_id", "id"),)
    part_of: ClassVar[str] = "order_id"
    seen_through: ClassVar[str | None] = "order_id"

    order_id: UUID = Field(foreign_key="order.id", sa_type=Identifier)
    fulfilled_on: date
    note: str | None = Field(default=None, max_length=2000)
    canceled_at: datetime | None = Field(default=None, sa_type=Instant)


class FulfillmentLine(Part, table=True):
    """How much of an order's line was delivered."""

    __tablename__ = "fulfillment_line"
    __table_args__ = (Index("ix_fulfillment_line_fulfillment_id_id", "fulfillment_id", "id"),)
    part_of: ClassVar[str] = "fulfillment_id"
    seen_through: ClassVar[str | None] = "fulfillment_id"

    fulfillment_id: UUID = Field(foreign_key="fulfillment.id", sa_type=Identifier)
    order_line_id: UUID = Field(foreign_key="order_line.id", sa_type=Identifier, index=True)
    quantity: Decimal = Field(sa_type=Amount)


class OrderReturn(Part, table=True):
    """Goods of an order that came back at once."""

    __tablename__ = "order_return"
    __table_args__ = (Index("ix_order_return_order_id_id", "order_id", "id"),)
    part_of: ClassVar[str] = "order_id"
    seen_through: ClassVar[str | None] = "order_id"

    order_id: UUID = Field(foreign_key="order.id", sa_type=Identifier)
    returned_on: date
    reason: str = Field(max_length=2000)


class OrderReturnLine(Part, table=True):
    """How much of an order's line came back."""

    __tablename__ = "order_return_line"
    __table_args__ = (Index("ix_order_return_line_order_return_id_id", "order_return_id", "id"),)
    part_of: ClassVar[str] = "order_return_id"
    seen_through: ClassVar[str | None] = "order_return_id"

    order_return_id: UUID = Field(foreign_key="order_return.id", sa_type=Identifier)
    order_line_id: UUID = Field(foreign_key="order_line.id", sa_type=Identifier, index=True)
    quantity: Decimal = Field(sa_type=Amount)


@dataclass
class LineQuantity:
    """How much of a line."""

    line_id: Annotated[UUID, Reference("order_line"), "The order's line."]
    quantity: Annotated[Decimal, "How many units, above zero."]


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
    """Derive how far an order is delivered and billed, and the state that follows from both.

    It is INVOICED when nothing is open and all that the customer has is billed, FULFILLED when nothing is
    open, and back in ACTIVE, as PENDING, when goods came back from there. The reason of FULFILLED is PARTIAL
    where something was called off. Every command that changes a quantity of a line ends with it.
    """
    wanted = [line.wanted for line in lines]
    order.fulfillment_status = progress([line.net_fulfilled for line in lines], wanted)
    order.billing_status = progress([line.net_invoiced for line in lines], wanted)
    if order.status is OrderStatus.CANCELED:
        return
    status, reason = derived_state(order, order.fulfillment_status, order.billing_status, lines)
    if (order.status, order.reason) != (status, reason):
        change.become(order, status, reason)
    is_closed = status in {OrderStatus.FULFILLED, OrderStatus.INVOICED}
    order.closed_at = (order.closed_at or change.now) if is_closed else None


def derived_state(
    order: Order, fulfilled: Progress, billed: Progress, lines: Sequence[OrderLine]
) -> tuple[OrderStatus, str]:
    """Return the state of a live order, and its reason, that follow from how far it has come."""
    if fulfilled is not Progress.COMPLETE:
        is_reopened = order.status in {OrderStatus.FULFILLED, OrderStatus.INVOICED}
        return (OrderStatus.ACTIVE, "PENDING") if is_reopened else (order.status, order.reason)
    if billed is Progress.COMPLETE:
        return OrderStatus.INVOICED, "INVOICED"
    return OrderStatus.FULFILLED, "PARTIAL" if any(line.quantity_canceled for line in lines) else "COMPLETE"


def progress(done: Sequence[Decimal], wanted: Sequence[Decimal]) -> Progress:
    """Return how far the lines have come together."""
    if not any(done):
        return Progress.NONE
    return Progress.COMPLETE if list(done) == list(wanted) else Progress.PARTIAL
