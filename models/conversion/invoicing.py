"""How does what was delivered become an invoice, and how is that undone?"""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import Annotated
from uuid import UUID

from sqlmodel import col, select

from models.document import PRICED, carried, freight_of, line_price, set_line_price, set_totals
from models.errors import Blocker, Invalid
from models.invoice import DRAFT, ISSUED, Invoice, InvoiceLine, InvoiceStatus
from models.lifecycle import Change, Fact, Seen, guard, transition
from models.moment import TaxMode
from models.money import ZERO, plain
from models.order import LineQuantity, Order, OrderLine, OrderStatus, matched, settle
from models.pricing import Billing, LinePrice, document_of, part_of_line, sum_of_lines


class InvoicePolicy(StrEnum):
    """Which quantity may be billed: what was delivered, or what was ordered."""

    FULFILLED = "FULFILLED"
    ORDERED = "ORDERED"


@dataclass
class InvoicedOrder:
    """The draft invoice that was made."""

    invoice: Annotated[Invoice, "The draft invoice that was made; issueInvoice gives it its number."]


def _open_to_bill(name: str, policy: InvoicePolicy) -> Fact:
    """Return the fact whether an order has a line with something left to bill under a policy."""
    limit = (
        col(OrderLine.quantity_fulfilled) - OrderLine.quantity_returned
        if policy is InvoicePolicy.FULFILLED
        else col(OrderLine.quantity) - OrderLine.quantity_canceled
    )
    return Fact(
        name,
        lambda order: (
            select(OrderLine.id)
            .where(
                OrderLine.order_id == order.id,
                limit > col(OrderLine.quantity_invoiced) - OrderLine.quantity_credited,
            )
            .exists()
        ),
    )


fulfilled_to_bill = _open_to_bill("has_fulfilled_to_bill", InvoicePolicy.FULFILLED)
ordered_to_bill = _open_to_bill("has_ordered_to_bill", InvoicePolicy.ORDERED)


@guard("NOTHING_TO_INVOICE", fulfilled_to_bill, ordered_to_bill, path=("input", "policy"))
def something_to_bill(seen: Seen) -> str | None:
    """Something may be billed under the policy that is not billed yet."""
    if seen.arguments.get("policy") is InvoicePolicy.ORDERED:
        return None if seen.has_ordered_to_bill else "Everything that was ordered is billed already."
    if seen.has_fulfilled_to_bill:
        return None
    return "Nothing delivered is left to bill: fulfillOrder first, or pass policy ORDERED."


@transition(
    Order,
    event="order.invoiced",
    sources=(OrderStatus.ACTIVE, OrderStatus.SUBMITTED, OrderStatus.FULFILLED, OrderStatus.INVOICED),
    guards=(something_to_bill,),
)
def invoice_order(
    change: Change,
    order: Order,
    *,
    policy: Annotated[InvoicePolicy, "Which quantity may be billed."] = InvoicePolicy.FULFILLED,
    lines: Annotated[
        list[LineQuantity] | None, "What is billed; all that may be where it is left out."
    ] = None,
) -> InvoicedOrder:
    """Make a draft invoice of what was delivered, or ordered (Dataverse: ConvertSalesOrderToInvoice).

    Prices are the order's. Discounts, freight and tax are apportioned; the last invoice takes what is left,
    so that all invoices of an order sum to the order.
    """
    everything = change.parts(OrderLine, order)
    given = (
        lines
        if lines is not None
        else [LineQuantity(line.id, rest) for line in everything if (rest := _billable(line, policy))]
    )
    billed = matched(order, everything, given)
    for line, quantity in billed:
        if quantity > _billable(line, policy):
            left = plain(_billable(line, policy))
            message = f"Line {line.position} has {left} left to bill as {policy}, not {plain(quantity)}."
            change.refuse(Blocker("OVER_INVOICED", message, ("input", "lines")))
    before, taken = _billed_before(change, order)
    invoice = _draft(change, order)
    parts = [
        _bill(change, order, invoice, line, _due(order, line, quantity, taken.get(line.id, [])))
        for line, quantity in billed
    ]
    is_last = all(line.quantity_invoiced == line.quantity for line in everything)
    freight = _freight(order, before, parts, is_last=is_last)
    invoice.freight_amount = freight.base_amount
    set_totals(invoice, document_of(parts, freight))
    invoice.balance = invoice.total
    settle(change, order, everything)
    return InvoicedOrder(invoice)


@guard("HAS_PAYMENTS", "paid_total")
def no_payments(seen: Seen) -> str | None:
    """Nothing is paid on the invoice, or what was paid is taken back."""
    if not seen.paid_total:
        return None
    return "Money was received for this invoice: reversePayment takes it back first."


@dataclass
class WithdrawnInvoice:
    """The order that gets the quantities back."""

    order: Annotated[
        Order | None, "The order that the invoice was made of; its quantities may be billed again."
    ]


@transition(
    Invoice,
    event="invoice.canceled",
    sources=ISSUED,
    target=InvoiceStatus.CANCELED,
    reason="CANCELED",
    guards=(no_payments,),
)
def cancel_invoice(
    change: Change, invoice: Invoice, *, reason: Annotated[str, "Why, in words."]
) -> WithdrawnInvoice:
    """Cancel an issued invoice on which nothing was paid (Dataverse: SetState to Canceled).

    Its number stays taken; its quantities come back to the order.
    """
    if not reason:
        message = "Say why the invoice is canceled."
        raise Invalid(message, path=("input", "reason"), code="REASON_REQUIRED")
    return _give_back(change, invoice, reason)


@transition(
    Invoice,
    event="invoice.discarded",
    sources=DRAFT,
    target=InvoiceStatus.CANCELED,
    reason="CANCELED",
)
def discard_invoice(
    change: Change, invoice: Invoice, *, note: Annotated[str | None, "Why, in words."] = None
) -> WithdrawnInvoice:
    """Discard a draft invoice. No number was taken; its quantities come back to the order."""
    return _give_back(change, invoice, note)


def _billable(line: OrderLine, policy: InvoicePolicy) -> Decimal:
    """Return how much of a line may be billed under a policy."""
    fulfilled = policy is InvoicePolicy.FULFILLED
    limit = line.net_fulfilled if fulfilled else line.wanted
    return max(limit - line.net_invoiced, ZERO)


def _draft(change: Change, order: Order) -> Invoice:
    """Write an empty draft invoice of an order."""
    return change.add(
        change.new(
            Invoice,
            chain_id=order.chain_id,
            account_id=order.account_id,
            contact_id=order.contact_id,
            owner_id=order.owner_id,
            name=order.name,
            currency_code=order.currency_code,
            order_id=order.id,
            opportunity_id=order.opportunity_id,
            bill_to_id=order.bill_to_id,
            customer_reference=order.customer_reference,
            tax_rounding=order.tax_rounding,
            tax_base=order.tax_base,
            tax_mode=order.tax_mode,
        ),
        status=InvoiceStatus.ACTIVE,
        reason="NEW",
    )


@dataclass(frozen=True)
class _Due:
    """How much of an order's line is billed now, and what it comes to."""

    quantity: Decimal
    price: LinePrice


def _due(order: Order, line: OrderLine, quantity: Decimal, before: Sequence[LinePrice]) -> _Due:
    """Return what is due of an order's line for a quantity, which is billed from here on."""
    line.quantity_invoiced += quantity
    billing = Billing(line.quantity_invoiced, line.quantity)
    part = part_of_line(line_price(line), sum_of_lines(before), billing, order.currency_code, order.tax_base)
    return _Due(quantity, part)


def _bill(change: Change, order: Order, invoice: Invoice, line: OrderLine, due: _Due) -> LinePrice:
    """Write an invoice's line, all manual discounts as one amount, and return what it comes to."""
    made = change.new(
        InvoiceLine,
        invoice_id=invoice.id,
        order_line_id=line.id,
        quantity=due.quantity,
        discount_amount=abs(due.price.manual_discount),
        typed_tax=due.price.tax_amount if order.tax_mode is TaxMode.TYPED else ZERO,
        **carried(line, "quantity", "discount_per_unit", "typed_tax", *PRICED),
    )
    set_line_price(made, due.price)
    change.add(made)
    return due.price


def _billed_before(change: Change, order: Order) -> tuple[list[Invoice], dict[UUID | None, list[LinePrice]]]:
    """Return the live invoices of an order, and what they took of each of its lines."""
    live = (Invoice.order_id == order.id, col(Invoice.status) != InvoiceStatus.CANCELED)
    invoices = list(change.session.exec(select(Invoice).where(*live)).all())
    statement = select(InvoiceLine).join(Invoice, col(Invoice.id) == InvoiceLine.invoice_id).where(*live)
    taken: dict[UUID | None, list[LinePrice]] = {}
    for line in change.session.exec(statement).all():
        taken.setdefault(line.order_line_id, []).append(line_price(line))
    return invoices, taken


def _freight(
    order: Order, invoices: Sequence[Invoice], lines: Sequence[LinePrice], *, is_last: bool
) -> LinePrice:
    """Return an invoice's part of the order's freight: by what is billed altogether, less what was billed."""
    billed = sum((each.line_total for each in invoices), ZERO) + sum(
        (each.net_amount for each in lines), ZERO
    )
    billing = Billing(order.line_total if is_last else billed, order.line_total)
    before = sum_of_lines([freight_of(each) for each in invoices])
    return part_of_line(freight_of(order), before, billing, order.currency_code)


def _give_back(change: Change, invoice: Invoice, note: str | None) -> WithdrawnInvoice:
    """Close an invoice and give its quantities back to the order, which may be billed again."""
    invoice.closed_at = change.now
    invoice.balance = ZERO
    change.tell(invoice, note=note)
    if invoice.order_id is None:
        return WithdrawnInvoice(None)
    order = change.session.get_one(Order, invoice.order_id)
    lines = change.parts(OrderLine, order)
    by_key = {line.id: line for line in lines}
    for line in change.parts(InvoiceLine, invoice):
        if line.order_line_id is not None:
            by_key[line.order_line_id].quantity_invoiced -= line.quantity
    change.tell(order, "order.invoice_withdrawn")
    settle(change, order, lines)
    return WithdrawnInvoice(order)
