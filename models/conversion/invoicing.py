"""How does what was delivered become an invoice, and how is that undone?"""

from dataclasses import dataclass
from decimal import Decimal
from typing import Annotated, Any

from sqlalchemy import ColumnElement, func
from sqlalchemy.orm import aliased
from sqlmodel import col, select

from models.conversion.apportioning import apportion, billed_of
from models.conversion.remaining import require_rest
from models.credit_note import CreditNoteLine
from models.document import PRICED, carried
from models.errors import Blocker, Invalid
from models.invoice import (
    DRAFT,
    ISSUED,
    Invoice,
    InvoiceLine,
    InvoiceLineKind,
    InvoicePolicy,
    InvoiceStatus,
    is_live,
)
from models.lifecycle import Change, Fact, Seen, guard, transition
from models.money import ZERO, Amount, plain
from models.order import LineQuantity, Order, OrderLine, OrderStatus, matched, settle


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
    so that all invoices of an order sum to the order. None comes to less than zero: what lowers the order is
    billed with what covers it.
    """
    everything = change.parts(OrderLine, order)
    given = (
        lines
        if lines is not None
        else [LineQuantity(line.id, rest) for line in everything if (rest := billable(line, policy))]
    )
    billed = matched(order, everything, given)
    for line, quantity in billed:
        if quantity > billable(line, policy):
            left = plain(billable(line, policy))
            message = f"Line {line.position} has {left} left to bill as {policy}, not {plain(quantity)}."
            change.refuse(Blocker("OVER_INVOICED", message, ("input", "lines")))
    invoice = draft_of(change, order)
    invoice.billing_policy = policy
    for line, quantity in billed:
        bill(change, invoice, line, quantity)
    apportion(change, order, invoice, everything, ("input", "lines"))
    require_rest(change, order, everything, ("input", "lines"))
    settle(change, order, everything)
    return InvoicedOrder(invoice)


@guard("HAS_PAYMENTS", "paid_total")
def no_payments(seen: Seen) -> str | None:
    """Nothing is paid on the invoice, or what was paid is taken back."""
    if not seen.paid_total:
        return None
    return (
        "Money was received for this invoice: reversePayment takes it back first, or createCreditNote "
        "credits what was billed."
    )


@guard("HAS_CREDIT_NOTES", "credited_total")
def no_credit_notes(seen: Seen) -> str | None:
    """Nothing of the invoice is credited."""
    if not seen.credited_total:
        return None
    return "A part of this invoice is credited: createCreditNote takes the rest back."


_own, _line = aliased(InvoiceLine), aliased(InvoiceLine)
_other = aliased(Invoice)
_credited = (
    select(func.coalesce(func.sum(CreditNoteLine.extended_amount), 0, type_=Amount))
    .where(CreditNoteLine.invoice_line_id == _line.id, _line.kind == InvoiceLineKind.DEPOSIT)
    .scalar_subquery()
)


def _others_are_short(invoice: Any) -> ColumnElement[bool]:  # The table, or an alias of it.
    """Return the condition that the other deposits of an order come to less than was taken off for all.

    At a rate of the deposit, by its percentage: two taxes may have one, which ``_give_back`` tells apart.
    """
    others = (
        select(func.coalesce(func.sum(_line.extended_amount - _credited), 0, type_=Amount))
        .join(_other, col(_other.id) == _line.invoice_id)
        .where(
            _other.order_id == invoice.order_id,
            _other.id != invoice.id,
            is_live(_other),
            col(_line.kind).in_((InvoiceLineKind.DEPOSIT, InvoiceLineKind.DEDUCTION)),
            _line.tax_percent == _own.tax_percent,
        )
        .correlate(invoice, _own)
        .scalar_subquery()
    )
    return select(_own.id).where(_own.invoice_id == invoice.id, others < 0).exists()


is_deducted = Fact("is_deducted", _others_are_short)
_DEDUCTED = (
    "An invoice of the order takes this deposit off: discardInvoice, cancelInvoice or createCreditNote takes "
    "that one back first."
)


@guard("DEPOSIT_DEDUCTED", "is_deposit", is_deducted)
def deposit_not_deducted(seen: Seen) -> str | None:
    """It is not a deposit of which live invoices take more off than the others come to."""
    return _DEDUCTED if seen.is_deposit and seen.is_deducted else None


@dataclass
class WithdrawnInvoice:
    """The order that gets the quantities back."""

    order: Annotated[
        Order | None, "The order that the invoice was made of; its quantities may be billed again."
    ]


@transition(
    Invoice,
    event="invoice.canceled",
    # One that comes to nothing is paid when it is issued, and has nothing that could be credited.
    sources=(*ISSUED, InvoiceStatus.PAID),
    target=InvoiceStatus.CANCELED,
    reason="CANCELED",
    guards=(no_payments, no_credit_notes, deposit_not_deducted),
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
    guards=(deposit_not_deducted,),
)
def discard_invoice(
    change: Change, invoice: Invoice, *, note: Annotated[str | None, "Why, in words."] = None
) -> WithdrawnInvoice:
    """Discard a draft invoice. No number was taken; its quantities come back to the order."""
    return _give_back(change, invoice, note)


def billable(line: OrderLine, policy: InvoicePolicy) -> Decimal:
    """Return how much of a line may be billed under a policy."""
    fulfilled = policy is InvoicePolicy.FULFILLED
    limit = line.net_fulfilled if fulfilled else line.wanted
    return max(limit - line.net_invoiced, ZERO)


def bill(change: Change, invoice: Invoice, line: OrderLine, quantity: Decimal) -> InvoiceLine:
    """Put a quantity of an order's line on a draft invoice, not yet priced."""
    line.quantity_invoiced += quantity
    left_out = ("quantity", "discount_per_unit", "typed_tax", *PRICED)
    return change.add(
        change.new(
            InvoiceLine,
            invoice_id=invoice.id,
            order_line_id=line.id,
            quantity=quantity,
            **carried(line, *left_out),
        )
    )


def draft_of(change: Change, order: Order) -> Invoice:
    """Write an empty draft invoice of an order, whose prices it keeps."""
    return change.add(
        change.new(
            Invoice,
            chain_id=order.chain_id,
            account_id=order.account_id,
            contact_id=order.contact_id,
            owner_id=order.owner_id,
            name=order.name,
            currency_code=order.currency_code,
            price_list_id=order.price_list_id,
            order_id=order.id,
            opportunity_id=order.opportunity_id,
            bill_to_id=order.bill_to_id,
            customer_reference=order.customer_reference,
            is_prices_locked=True,
            tax_rounding=order.tax_rounding,
            tax_base=order.tax_base,
            tax_mode=order.tax_mode,
        ),
        status=InvoiceStatus.ACTIVE,
        reason="NEW",
    )


def _give_back(change: Change, invoice: Invoice, note: str | None) -> WithdrawnInvoice:
    """Close an invoice and give its quantities back to the order, which may be billed again."""
    invoice.closed_at = change.now
    invoice.balance = ZERO
    change.tell(invoice, note=note)
    if invoice.order_id is None:
        return WithdrawnInvoice(None)
    order = change.get(Order, invoice.order_id)
    if invoice.is_deposit:
        others = billed_of(change, order, but=invoice).undeducted
        if any(each.gross < 0 for each in others.values()):
            change.refuse(Blocker("DEPOSIT_DEDUCTED", _DEDUCTED))
    lines = change.parts(OrderLine, order)
    by_key = {line.id: line for line in lines}
    for line in change.parts(InvoiceLine, invoice):
        if line.order_line_id is not None:
            by_key[line.order_line_id].quantity_invoiced -= line.quantity
    change.tell(order, "order.invoice_withdrawn")
    settle(change, order, lines)
    return WithdrawnInvoice(order)
