"""How does what was delivered become an invoice, and how is that undone?"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import Annotated

from sqlalchemy import func
from sqlmodel import col, select

from models.document import carried
from models.errors import Blocker, Invalid
from models.invoice import DRAFT, ISSUED, Invoice, InvoiceLine, InvoiceStatus, Payment
from models.lifecycle import Change, Fact, Seen, guard, transition
from models.money import plain, round_money
from models.order import LineQuantity, Order, OrderLine, OrderStatus, matched, settle

ZERO = Decimal(0)
# What a partial invoice takes a part of, line by line.
_APPORTIONED = ("base_amount", "discount_amount", "discount_share", "tax_amount")


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
        OrderLine.quantity_fulfilled
        if policy is InvoicePolicy.FULFILLED
        else col(OrderLine.quantity) - OrderLine.quantity_canceled
    )
    return Fact(
        name,
        lambda order: (
            select(OrderLine.id)
            .where(OrderLine.order_id == order.id, limit > OrderLine.quantity_invoiced)
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
    invoice = _draft(change, order)
    made = [_bill(change, invoice, line, quantity) for line, quantity in billed]
    is_last = all(line.quantity_invoiced == line.quantity for line in everything)
    _sum_up(change, order, invoice, made, is_last=is_last)
    settle(change, order, everything)
    return InvoicedOrder(invoice)


has_payment = Fact(
    "has_payment", lambda invoice: select(Payment.id).where(Payment.invoice_id == invoice.id).exists()
)


@guard("HAS_PAYMENTS", has_payment)
def no_payments(seen: Seen) -> str | None:
    """Nothing was paid on the invoice."""
    return "Money was received for this invoice: it cannot be canceled." if seen.has_payment else None


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
    limit = line.quantity_fulfilled if fulfilled else line.quantity - line.quantity_canceled
    return max(limit - line.quantity_invoiced, ZERO)


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
        ),
        status=InvoiceStatus.ACTIVE,
        reason="NEW",
    )


def _bill(change: Change, invoice: Invoice, line: OrderLine, quantity: Decimal) -> InvoiceLine:
    """Write an invoice's line for a quantity of an order's line, with its part of each amount."""
    line.quantity_invoiced += quantity
    parts = _parts(line, _billed_before(change, line))
    extended = parts["base_amount"] - parts["discount_amount"] + parts["tax_amount"]
    return change.add(
        change.new(
            InvoiceLine,
            invoice_id=invoice.id,
            order_line_id=line.id,
            quantity=quantity,
            extended_amount=extended,
            **parts,
            **carried(line, "quantity", "extended_amount", *_APPORTIONED),
        )
    )


def _parts(line: OrderLine, before: Mapping[str, Decimal]) -> dict[str, Decimal]:
    """Return what is due of each amount of a line now, after what was billed before.

    Due is the part of what is billed altogether, less what was billed: so the roundings of many invoices
    never add up, none is negative, and the last one takes exactly what is left. The discount's share is
    what lies between the line's net and what remains of it, so that a total cannot fall below zero.
    """

    def due(amount: Decimal, billed: Decimal) -> Decimal:
        part = amount * line.quantity_invoiced / line.quantity
        return max(round_money(part, line.currency_code) - billed, ZERO)

    base, discount, tax = (
        due(getattr(line, name), before[name]) for name in ("base_amount", "discount_amount", "tax_amount")
    )
    remains = due(
        line.base_amount - line.discount_amount - line.discount_share,
        before["base_amount"] - before["discount_amount"] - before["discount_share"],
    )
    share = base - discount - remains
    return {"base_amount": base, "discount_amount": discount, "discount_share": share, "tax_amount": tax}


def _billed_before(change: Change, line: OrderLine) -> dict[str, Decimal]:
    """Return what the live invoices took of each amount of an order's line so far."""
    statement = (
        select(*[func.sum(getattr(InvoiceLine, name)) for name in _APPORTIONED])
        .join(Invoice, col(Invoice.id) == InvoiceLine.invoice_id)
        .where(InvoiceLine.order_line_id == line.id, col(Invoice.status) != InvoiceStatus.CANCELED)
    )
    sums = change.session.execute(statement).one()
    return {name: value or ZERO for name, value in zip(_APPORTIONED, sums, strict=True)}


def _sum_up(
    change: Change, order: Order, invoice: Invoice, lines: Sequence[InvoiceLine], *, is_last: bool
) -> None:
    """Set the totals of an invoice from its lines, and its part of the order's freight."""
    invoice.line_total = sum((line.base_amount - line.discount_amount for line in lines), ZERO)
    invoice.discount_total = sum((line.discount_share for line in lines), ZERO)
    invoice.tax_total = sum((line.tax_amount for line in lines), ZERO)
    invoice.freight_amount = _freight(change, order, invoice, is_last=is_last)
    invoice.total = invoice.line_total - invoice.discount_total + invoice.tax_total + invoice.freight_amount
    invoice.balance = invoice.total


def _freight(change: Change, order: Order, invoice: Invoice, *, is_last: bool) -> Decimal:
    """Return an invoice's part of the order's freight: by what is billed altogether, less what was billed."""
    statement = select(func.sum(Invoice.line_total), func.sum(Invoice.freight_amount)).where(
        Invoice.order_id == order.id, Invoice.id != invoice.id, col(Invoice.status) != InvoiceStatus.CANCELED
    )
    lines_before, freight_before = (each or ZERO for each in change.session.execute(statement).one())
    part = order.freight_amount
    if not is_last:
        billed = lines_before + invoice.line_total
        part = part * billed / order.line_total if order.line_total else ZERO
    return max(round_money(part, order.currency_code) - freight_before, ZERO)


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
