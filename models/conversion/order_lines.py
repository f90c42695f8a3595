"""How are the lines of an active order added, changed and removed?

The rules are those of every document's lines, and two more: what the customer agreed to pay stays while
prices are locked, and what is delivered or billed stays ordered, of a bundle's products as well.
"""

from dataclasses import dataclass, fields
from datetime import date
from decimal import Decimal
from typing import Annotated, Any
from uuid import UUID

from sqlalchemy import ColumnElement, not_, or_
from sqlalchemy.orm import aliased
from sqlmodel import col, select

from models.address import PostalAddress, write_address
from models.conversion.billed_lines import before_edit, require_billed_prices
from models.conversion.deposits import require_worth_of_deposits
from models.conversion.fulfillment import GIVE_BACK_FIRST, close_if_complete
from models.conversion.line_terms import (
    Discount,
    DiscountPerUnit,
    LineTerms,
    TaxCodes,
    TaxExemptReason,
    TaxPercent,
    TypedTax,
)
from models.conversion.lines import (
    Description,
    Draft,
    Edit,
    NewDescription,
    NewPrice,
    NewQuantity,
    NewUnitName,
    OptionalProductIds,
    PricePerUnit,
    ProductId,
    Quantity,
    UnitName,
    add_line,
    line_of,
    parts_of,
    remove_line,
    update_line,
    with_parts,
)
from models.conversion.order_editing import RequestedDelivery, priced
from models.conversion.ordering import order_has_lines
from models.document import LineType
from models.errors import Blocker
from models.invoice import InvoiceLine
from models.lifecycle import KEEP, Change, Fact, Kept, Reference, Seen, guard, kept, transition
from models.money import ZERO, plain
from models.order import FulfillmentLine, Order, OrderLine, OrderReturnLine, OrderStatus, settle
from models.record import camel

WillCall = Annotated[bool, "Whether the customer fetches it."]
LineId = Annotated[UUID, Reference("order_line"), "The line."]
_PRICED = ("price_per_unit", *(each.name for each in fields(LineTerms)), "unit")
_UNLOCK = "or unlockOrderPricing first"


def _is_named(line: Any) -> ColumnElement[bool]:  # The table, or an alias of it.
    """Return the condition that a delivery, a return or an invoice of whatever state names a line."""
    named = [
        select(table.id).where(table.order_line_id == line.id).exists()
        for table in (FulfillmentLine, OrderReturnLine, InvoiceLine)
    ]
    return or_(*named)


_part = aliased(OrderLine)
_named_part = (
    select(_part.id)
    .where(
        _part.order_id == OrderLine.order_id,
        _part.bundle_lineage_id == OrderLine.lineage_id,
        _is_named(_part),
    )
    .exists()
)
has_removable_line = Fact(
    "has_removable_line",
    lambda order: (
        select(OrderLine.id)
        .where(
            OrderLine.order_id == order.id,
            col(OrderLine.line_type) != LineType.REQUIRED_BUNDLE_PRODUCT,
            not_(_is_named(OrderLine)),
            not_(_named_part),
        )
        .exists()
    ),
)


@guard("HAS_DOWNSTREAM", order_has_lines, has_removable_line, path=("input", "lineId"))
def something_removable(seen: Seen) -> str | None:
    """The order has a line that was never delivered or billed, nor what its bundle holds, if it has any."""
    if seen.has_removable_line or not seen.has_lines:
        return None
    return (
        "Every line of this order, or a product of its bundle, was delivered or billed before and keeps "
        "that history: closeOrderShort calls off what is not delivered."
    )


@dataclass
class EditedOrderLine:
    """The line that was added or changed."""

    line: Annotated[OrderLine, "The line that was added or changed."]


@transition(
    Order,
    event="order.line_added",
    sources=(OrderStatus.ACTIVE,),
    when_read_only="RECORD_READ_ONLY",
    demands_version=True,
)
def add_order_line(
    change: Change,
    order: Order,
    *,
    quantity: Quantity,
    product_id: ProductId = None,
    description: Description = None,
    unit: UnitName = None,
    price_per_unit: PricePerUnit = None,
    discount_amount: Discount = KEEP,
    discount_per_unit: DiscountPerUnit = KEEP,
    tax_percent: TaxPercent = KEEP,
    tax_codes: TaxCodes = KEEP,
    tax_exempt_reason: TaxExemptReason = KEEP,
    typed_tax: TypedTax = KEEP,
    optional_product_ids: OptionalProductIds = None,
    requested_delivery_on: RequestedDelivery = None,
    ship_to: Annotated[PostalAddress | None, "Where it goes; the order's address where left out."] = None,
    will_call: WillCall = False,
) -> EditedOrderLine:
    """Add a product, or something written in, to an active order.

    While prices are locked only products at the catalogue's price are added.
    """
    terms = LineTerms(
        discount_amount, discount_per_unit, tax_percent, tax_codes, tax_exempt_reason, typed_tax
    )
    if order.is_prices_locked:
        typed = {"price_per_unit": price_per_unit, **vars(terms)}
        named = next((name for name, value in typed.items() if value not in (None, KEEP, ZERO)), None)
        if named is not None:
            _refuse_locked(change, named, f"leave {camel(named)} out")
        if product_id is None:
            _refuse_locked(change, "product_id", "pass a productId, since nothing is written in")
    draft = Draft(product_id, description, unit, quantity, price_per_unit, terms, optional_product_ids)
    before, line = before_edit(change, order), add_line(change, order, OrderLine, draft)
    line.requested_delivery_on = requested_delivery_on
    line.is_will_call = will_call
    if ship_to is not None:
        line.ship_to_id = write_address(change, ship_to, ("input", "shipTo")).id
    require_worth_of_deposits(change, order, ("input", "pricePerUnit"))
    require_billed_prices(change, order, before, "quantity")
    settle(change, order, change.parts(OrderLine, order))
    return EditedOrderLine(line)


@transition(
    Order,
    event="order.line_updated",
    sources=(OrderStatus.ACTIVE,),
    when_read_only="RECORD_READ_ONLY",
    demands_version=True,
)
def update_order_line(
    change: Change,
    order: Order,
    *,
    line_id: LineId,
    description: NewDescription = KEEP,
    quantity: NewQuantity = KEEP,
    unit: NewUnitName = KEEP,
    price_per_unit: NewPrice = KEEP,
    discount_amount: Discount = KEEP,
    discount_per_unit: DiscountPerUnit = KEEP,
    tax_percent: TaxPercent = KEEP,
    tax_codes: TaxCodes = KEEP,
    tax_exempt_reason: TaxExemptReason = KEEP,
    typed_tax: TypedTax = KEEP,
    requested_delivery_on: Annotated[date | Kept | None, "The day the customer wants it."] = KEEP,
    ship_to: Annotated[PostalAddress | Kept | None, "Where it goes; null for the order's address."] = KEEP,
    will_call: Annotated[bool | Kept, "Whether the customer fetches it."] = KEEP,
) -> EditedOrderLine:
    """Change a line of an active order. Its quantity does not go below what is delivered or billed.

    What is billed keeps its price: a change that would alter it is refused. An order of which nothing is open
    any more is FULFILLED.
    """
    terms = LineTerms(
        discount_amount, discount_per_unit, tax_percent, tax_codes, tax_exempt_reason, typed_tax
    )
    edit = Edit(description, quantity, unit, price_per_unit, terms)
    if not isinstance(unit, Kept):
        _require_undelivered(change, order, line_id, unit)
    before, line = before_edit(change, order), update_line(change, order, OrderLine, line_id, edit)
    named = priced(vars(edit) | vars(terms), _PRICED)
    if named is not None:
        _require_price_open(change, order, line, named)
    for each in (line, *parts_of(change, order, OrderLine, line)):
        _require_held(change, each, each.quantity, "quantity")
    if named is not None or not isinstance(quantity, Kept):
        require_worth_of_deposits(change, order, ("input", camel(named or "quantity")))
    require_billed_prices(change, order, before, named or "quantity")
    line.requested_delivery_on = kept(requested_delivery_on, line.requested_delivery_on)
    line.is_will_call = kept(will_call, line.is_will_call)
    if not isinstance(ship_to, Kept):
        written = None if ship_to is None else write_address(change, ship_to, ("input", "shipTo"))
        line.ship_to_id = None if written is None else written.id
    _settle(change, order)
    return EditedOrderLine(line)


@transition(
    Order,
    event="order.line_removed",
    sources=(OrderStatus.ACTIVE,),
    when_read_only="RECORD_READ_ONLY",
    demands_version=True,
    guards=(something_removable,),
)
def remove_order_line(change: Change, order: Order, *, line_id: LineId) -> None:
    """Take a line off an active order that was never delivered or billed, a bundle with its products.

    An order of which nothing is open any more is FULFILLED.
    """
    gone = with_parts(change, order, OrderLine, line_id)
    for line in gone:
        _require_held(change, line, ZERO, "line_id")
    are_gone = col(OrderLine.id).in_([line.id for line in gone])
    named = set(change.session.exec(select(OrderLine.id).where(are_gone, _is_named(OrderLine))).all())
    for line in (each for each in gone if each.id in named):
        message = (
            f"Line {_place(line)} was delivered or billed before and keeps that history: "
            "closeOrderShort calls off what is not delivered."
        )
        change.refuse(Blocker("HAS_DOWNSTREAM", message, ("input", "lineId")))
    before = before_edit(change, order)
    remove_line(change, order, OrderLine, line_id)
    require_worth_of_deposits(change, order, ("input", "lineId"))
    require_billed_prices(change, order, before, "line_id")
    _settle(change, order)


def _settle(change: Change, order: Order) -> None:
    """Derive how far an order has come with its new lines; it may be complete."""
    settle(change, order, change.parts(OrderLine, order))
    close_if_complete(change, order, None)


def _require_price_open(change: Change, order: Order, line: OrderLine, named: str) -> None:
    """Refuse a price of a line that is agreed or billed.

    Raises:
        Blocked: prices are locked, or something of the line is billed.
    """
    if order.is_prices_locked:
        _refuse_locked(change, named, f"leave {camel(named)} out")
    if line.net_invoiced > 0:
        message = f"Line {line.position} is billed at its price: {GIVE_BACK_FIRST}."
        change.refuse(Blocker("INVOICED_QUANTITY", message, ("input", camel(named))))


def _refuse_locked(change: Change, name: str, way_out: str) -> None:
    """Refuse a price while prices are locked."""
    message = f"The prices of this order are locked: {way_out}, {_UNLOCK}."
    change.refuse(Blocker("PRICES_LOCKED", message, ("input", camel(name))))


def _require_undelivered(change: Change, order: Order, key: UUID, unit: str) -> None:
    """Refuse another unit for what was delivered: ten pieces would have been ten boxes.

    Raises:
        NotFound: the order has no such line.
        Blocked: something of the line was delivered, whether or not it came back.
    """
    line = line_of(change, order, OrderLine, key)
    if line.quantity_fulfilled > 0 and unit != line.unit:
        message = (
            f"Line {line.position} was delivered by the {line.unit}: addOrderLine orders more by the {unit}, "
            "and cancelFulfillment withdraws a delivery that was a mistake."
        )
        change.refuse(Blocker("HAS_DOWNSTREAM", message, ("input", "unit")))


def _require_held(change: Change, line: OrderLine, left: Decimal, name: str) -> None:
    """Refuse to leave less of a line ordered than is delivered, billed or called off.

    Raises:
        Blocked: it is less.
    """
    held = max(line.net_fulfilled, line.net_invoiced) + line.quantity_canceled
    if left < held:
        message = (
            f"Of line {_place(line)}, {plain(held)} are delivered, billed or called off: "
            "that many stay ordered."
        )
        change.refuse(Blocker("BELOW_FULFILLED", message, ("input", camel(name))))


def _place(line: OrderLine) -> str:
    """Return the number of a line, and what it is where another one, its bundle's, may have been named."""
    return f"{line.position}" if line.bundle_lineage_id is None else f"{line.position} ({line.description})"
