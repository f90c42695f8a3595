"""How are the lines of a draft invoice added, changed and removed?

Of an order's invoice the quantities change within what may be billed, and the prices are the order's as long
as they are locked.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Annotated, Any
from uuid import UUID

from models.conversion.apportioning import apportion, part_of, set_price
from models.conversion.deposits import require_worth_of_deposits
from models.conversion.invoice_editing import bear_discount, no_deposit, reprice_invoice
from models.conversion.invoicing import bill, billable
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
)
from models.conversion.remaining import require_rest
from models.errors import Blocker, Invalid, NotFound
from models.invoice import DRAFT, Invoice, InvoiceLine, InvoiceLineKind, InvoicePolicy
from models.lifecycle import KEEP, Change, Kept, Reference, Seen, guard, kept, transition
from models.money import ZERO, plain, require_positive
from models.order import Order, OrderLine, settle
from models.record import camel

LineId = Annotated[UUID, Reference("invoice_line"), "The line."]


@dataclass
class EditedInvoiceLine:
    """The line that was added or changed."""

    line: Annotated[InvoiceLine, "The line that was added or changed."]


@guard("PRICES_LOCKED", "is_prices_locked", "order_id", path=("input", "orderLineId"))
def takes_lines(seen: Seen) -> str | None:
    """A line of the order is given, the prices are unlocked, or it is no order's invoice."""
    if not seen.is_prices_locked or seen.order_id is None or seen.arguments.get("order_line_id"):
        return None
    return (
        "This invoice has the order's lines and prices: pass an orderLineId, "
        "or unlockInvoicePricing lets others be added."
    )


@transition(
    Invoice,
    event="invoice.line_added",
    sources=DRAFT,
    when_read_only="RECORD_READ_ONLY",
    demands_version=True,
    guards=(no_deposit, takes_lines),
)
def add_invoice_line(
    change: Change,
    invoice: Invoice,
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
    order_line_id: Annotated[
        UUID | None,
        Reference("order_line"),
        "A line of the invoice's order, of which the quantity is billed as the order says.",
    ] = None,
) -> EditedInvoiceLine:
    """Add a product, something written in, or more of its order to a draft invoice.

    While prices are locked only products at the catalogue's price are added; to an order's invoice only lines
    of the order.
    """
    terms = LineTerms(
        discount_amount, discount_per_unit, tax_percent, tax_codes, tax_exempt_reason, typed_tax
    )
    if order_line_id is not None:
        own = {"product_id": product_id, "unit": unit, "price_per_unit": price_per_unit, **vars(terms)}
        _require_bare(own | {"optional_product_ids": optional_product_ids})
        return EditedInvoiceLine(_add_of_order(change, invoice, order_line_id, quantity, description))
    if invoice.is_prices_locked:
        typed = {"price_per_unit": price_per_unit, **vars(terms)}
        named = next((name for name, value in typed.items() if value not in (None, KEEP, ZERO)), None)
        if named is not None or product_id is None:
            _refuse_locked(change, named or "product_id")
    draft = Draft(product_id, description, unit, quantity, price_per_unit, terms, optional_product_ids)
    line = add_line(change, invoice, InvoiceLine, draft)
    invoice.balance = invoice.total
    return EditedInvoiceLine(line)


@transition(
    Invoice,
    event="invoice.line_updated",
    sources=DRAFT,
    when_read_only="RECORD_READ_ONLY",
    demands_version=True,
    guards=(no_deposit,),
)
def update_invoice_line(
    change: Change,
    invoice: Invoice,
    *,
    line_id: LineId,
    description: NewDescription = KEEP,
    quantity: NewQuantity = KEEP,
    price_per_unit: NewPrice = KEEP,
    discount_amount: Discount = KEEP,
    discount_per_unit: DiscountPerUnit = KEEP,
    tax_percent: TaxPercent = KEEP,
    tax_codes: TaxCodes = KEEP,
    tax_exempt_reason: TaxExemptReason = KEEP,
    typed_tax: TypedTax = KEEP,
) -> EditedInvoiceLine:
    """Change a line of a draft invoice. That of an order's line bills no more than may be billed."""
    terms = LineTerms(
        discount_amount, discount_per_unit, tax_percent, tax_codes, tax_exempt_reason, typed_tax
    )
    if invoice.is_prices_locked:
        typed = {"price_per_unit": price_per_unit, **vars(terms)}
        named = next((name for name, value in typed.items() if value is not KEEP), None)
        if named is not None:
            _refuse_locked(change, named)
    edit = Edit(description, quantity, KEEP, price_per_unit, terms)
    line = _own_line(change, invoice, line_id)
    lines = _together(change, invoice, line)
    before = [each.quantity for each in lines]
    if _is_as_ordered(invoice):
        line.description = kept(description, line.description)
        line.quantity = kept(quantity, line.quantity)
        require_positive(line.quantity, "quantity")
    else:
        line = update_line(change, invoice, InvoiceLine, line_id, edit)
    if not isinstance(quantity, Kept):
        _bill_instead(change, invoice, lines, before, [each.quantity for each in lines])
    if _is_as_ordered(invoice):
        _apportion(change, invoice, "quantity")
    else:
        _require_worth(change, invoice, "quantity")
    invoice.balance = invoice.total
    _require_rest(change, invoice, "quantity")
    return EditedInvoiceLine(line)


@transition(
    Invoice,
    event="invoice.line_removed",
    sources=DRAFT,
    when_read_only="RECORD_READ_ONLY",
    demands_version=True,
    guards=(no_deposit,),
)
def remove_invoice_line(change: Change, invoice: Invoice, *, line_id: LineId) -> None:
    """Take a line off a draft invoice. The quantity of an order's line may be billed again."""
    line = _own_line(change, invoice, line_id)
    gone = _together(change, invoice, line)
    _bill_instead(change, invoice, gone, [each.quantity for each in gone], [ZERO for _ in gone])
    if _is_as_ordered(invoice):
        change.remove(line)
        _apportion(change, invoice, "line_id")
    else:
        remove_line(change, invoice, InvoiceLine, line_id)
    invoice.balance = invoice.total
    _require_rest(change, invoice, "line_id")


def _require_bare(typed: Mapping[str, Any]) -> None:
    """Refuse what a line of an order has already.

    Raises:
        Invalid: it is given.
    """
    named = next((name for name, value in typed.items() if value not in (None, KEEP)), None)
    if named is not None:
        message = f"A line of the order has its product, price and taxes: leave {camel(named)} out."
        raise Invalid(message, path=("input", camel(named)))


def _add_of_order(
    change: Change, invoice: Invoice, key: UUID, quantity: Decimal, description: str | None
) -> InvoiceLine:
    """Put more of its order on a draft invoice.

    Raises:
        NotFound: the invoice's order has no such line.
        Invalid: the invoice bills it already, or the quantity is not above zero.
        Blocked: more than may be billed.
    """
    path = ("input", "orderLineId")
    order = None if invoice.order_id is None else change.get(Order, invoice.order_id)
    everything = [] if order is None else change.parts(OrderLine, order)
    own = next((each for each in everything if each.id == key), None)
    if order is None or own is None:
        raise NotFound(OrderLine.noun(), path=path)
    if any(each.order_line_id == key for each in change.parts(InvoiceLine, invoice)):
        message = f"This invoice bills line {own.position} already: updateInvoiceLine changes how much of it."
        raise Invalid(message, path=path)
    require_positive(quantity, "quantity")
    _require_billable(change, invoice, own, quantity)
    line = bill(change, invoice, own, quantity)
    line.description = description or line.description
    if invoice.is_prices_locked:
        apportion(change, order, invoice, everything, ("input", "quantity"))
    else:
        set_price(line, part_of(order, own, quantity), order)
        bear_discount(invoice, line)
        reprice_invoice(change, invoice)
        _require_worth(change, invoice, "orderLineId")
    require_rest(change, order, everything, ("input", "quantity"))
    _tell_order(change, order, everything)
    return line


def _own_line(change: Change, invoice: Invoice, key: UUID) -> InvoiceLine:
    """Return the line of a draft that is to be changed.

    Raises:
        NotFound: the invoice has no such line.
        Blocked: it takes a deposit off.
    """
    line = line_of(change, invoice, InvoiceLine, key)
    if line.kind is InvoiceLineKind.DEDUCTION:
        message = f"Line {line.position} takes a deposit off, and follows from the other lines."
        change.refuse(Blocker("PRICES_LOCKED", message, ("input", "lineId")))
    return line


def _is_as_ordered(invoice: Invoice) -> bool:
    """Say whether a draft bills an order's lines at the order's prices, each for itself."""
    return invoice.order_id is not None and invoice.is_prices_locked


def _together(change: Change, invoice: Invoice, line: InvoiceLine) -> list[InvoiceLine]:
    """Return a line with those that follow it: of a bundle, unless each bills the order's for itself."""
    return [line] if _is_as_ordered(invoice) else [line, *parts_of(change, invoice, InvoiceLine, line)]


def _bill_instead(
    change: Change,
    invoice: Invoice,
    lines: Sequence[InvoiceLine],
    before: Sequence[Decimal],
    after: Sequence[Decimal],
) -> None:
    """Let lines bill other quantities than before, where they are of the order's.

    Raises:
        Blocked: more than may be billed.
    """
    if all(line.order_line_id is None for line in lines):
        return
    order = change.get(Order, invoice.order_id)
    everything = change.parts(OrderLine, order)
    by_key: dict[UUID | None, OrderLine] = {each.id: each for each in everything}
    for line, old, new in zip(lines, before, after, strict=True):
        own = by_key.get(line.order_line_id)
        if own is not None:
            own.quantity_invoiced -= old
            _require_billable(change, invoice, own, new)
            own.quantity_invoiced += new
    _tell_order(change, order, everything)


def _require_billable(change: Change, invoice: Invoice, own: OrderLine, quantity: Decimal) -> None:
    """Refuse to bill more of an order's line than the invoice's policy allows.

    Raises:
        Blocked: it is more.
    """
    policy = invoice.billing_policy or InvoicePolicy.ORDERED
    left = billable(own, policy)
    if quantity > left:
        message = f"Line {own.position} has {plain(left)} left to bill as {policy}, not {plain(quantity)}."
        change.refuse(Blocker("OVER_INVOICED", message, ("input", "quantity")))


def _require_worth(change: Change, invoice: Invoice, name: str) -> None:
    """Refuse to bill more at changed prices where that leaves nothing to take a deposit off from.

    Raises:
        Blocked: the deductions of an invoice follow from its lines only while its prices are locked.
    """
    if invoice.order_id is not None:
        order = change.get(Order, invoice.order_id)
        way_out = "lockInvoicePricing lets this invoice take them off"
        require_worth_of_deposits(change, order, ("input", name), way_out)


def _tell_order(change: Change, order: Order, everything: Sequence[OrderLine]) -> None:
    """Derive how far an order is billed by an invoice that was changed, and tell of it."""
    change.tell(order, "order.invoice_changed")
    settle(change, order, everything)


def _apportion(change: Change, invoice: Invoice, name: str) -> None:
    """Give the lines of an order's invoice what is due of the order's."""
    order = change.get(Order, invoice.order_id)
    apportion(change, order, invoice, change.parts(OrderLine, order), ("input", camel(name)))


def _require_rest(change: Change, invoice: Invoice, name: str) -> None:
    """Refuse what would leave less than nothing to bill of an invoice's order, where it has one."""
    if invoice.order_id is not None:
        order = change.get(Order, invoice.order_id)
        require_rest(change, order, change.parts(OrderLine, order), ("input", camel(name)))


def _refuse_locked(change: Change, name: str) -> None:
    """Refuse a price while prices are locked."""
    message = "The prices of this invoice are locked: unlockInvoicePricing lets them be changed."
    change.refuse(Blocker("PRICES_LOCKED", message, ("input", camel(name))))
