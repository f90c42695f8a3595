"""How is an invoice paid, and how is a payment taken back?

By money, in parts or at once, or by the customer's credit. Whatever happens, the state of the invoice
follows from its amounts alone (``settle_balance``).
"""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Annotated, Any
from uuid import UUID

from sqlalchemy import and_, or_
from sqlmodel import col, select

from models.document import require_money, require_past, require_positive
from models.errors import Blocker, Invalid, NotFound
from models.invoice import ISSUED, Invoice, InvoiceStatus, settle_balance
from models.lifecycle import Change, Fact, Reference, Seen, guard, transition
from models.money import in_words, plain
from models.payment import (
    CreditEntryKind,
    CustomerCredit,
    CustomerCreditEntry,
    Payment,
    PaymentMethod,
    credit_of,
    enter,
    require_money_method,
)

ZERO = Decimal(0)


class Excess(StrEnum):
    """What becomes of what is paid beyond the balance."""

    REFUSE = "REFUSE"
    CUSTOMER_CREDIT = "CUSTOMER_CREDIT"


@dataclass
class RecordedPayment:
    """The payment that was written down."""

    payment: Annotated[Payment | None, "The payment that was written down."]


@dataclass
class PaymentWithCredit:
    """The payment that was written down, and the customer's credit where it changed."""

    payment: Annotated[Payment, "The payment that was written down."]
    customer_credit: Annotated[CustomerCredit | None, "The customer's credit, where it changed."]


PaidOn = Annotated[date | None, "The day it was received; today where it is left out."]
Method = Annotated[PaymentMethod, "How it was received."]
BankReference = Annotated[str | None, "The bank's or the card's reference."]


@transition(
    Invoice,
    event="invoice.payment_recorded",
    sources=ISSUED,
    target=InvoiceStatus.PAID,
    conditional=True,
)
def record_payment(
    change: Change,
    invoice: Invoice,
    *,
    amount: Annotated[Decimal, "What was received, in the invoice's currency."],
    currency_code: Annotated[str | None, "ISO 4217; has to be the invoice's where it is given."] = None,
    paid_on: PaidOn = None,
    method: Method = PaymentMethod.BANK_TRANSFER,
    reference: BankReference = None,
    excess: Annotated[Excess, "What becomes of what is paid beyond the balance."] = Excess.REFUSE,
) -> PaymentWithCredit:
    """Write down money received for an invoice. It is PAID once its balance is zero.

    More than the balance is refused, or kept as credit of the customer where excess says so.
    """
    if currency_code not in {None, invoice.currency_code}:
        message = (
            f"The invoice is in {invoice.currency_code}; a payment in {currency_code} does not settle it."
        )
        change.refuse(Blocker("CURRENCY_MISMATCH", message, ("input", "currencyCode")))
    require_money_method(method)
    require_positive(amount, "amount")
    require_money(amount, "amount", invoice.currency_code)
    beyond = max(amount - invoice.balance, ZERO)
    if beyond and excess is Excess.REFUSE:
        _refuse_overpayment(change, invoice, amount)
    day = require_past(change, paid_on, "paid_on")
    payment = _receive(
        change, invoice, amount=amount, excess_amount=beyond, paid_on=day, method=method, reference=reference
    )
    if not beyond:
        return PaymentWithCredit(payment, None)
    credit = credit_of(change, invoice)
    _move(change, credit, payment, beyond, CreditEntryKind.OVERPAYMENT)
    return PaymentWithCredit(payment, credit)


def _recall_payment(change: Change, invoice: Invoice) -> RecordedPayment:
    """Return the last payment of an invoice that is paid."""
    return RecordedPayment(next(reversed(change.parts(Payment, invoice)), None))


@transition(
    Invoice,
    event="invoice.paid",
    sources=ISSUED,
    target=InvoiceStatus.PAID,
    reason="COMPLETE",
    again=(InvoiceStatus.PAID,),
    recall=_recall_payment,
)
def mark_invoice_paid(
    change: Change,
    invoice: Invoice,
    *,
    paid_on: PaidOn = None,
    method: Method = PaymentMethod.BANK_TRANSFER,
    reference: BankReference = None,
) -> RecordedPayment:
    """Write down that the whole balance of an invoice was received (Dataverse: SetState to Paid)."""
    require_money_method(method)
    day = require_past(change, paid_on, "paid_on")
    paid = {"amount": invoice.balance, "paid_on": day, "method": method, "reference": reference}
    return RecordedPayment(_receive(change, invoice, **paid))


@dataclass
class ReversedPayment:
    """The row that takes the payment back."""

    reversal: Annotated[Payment, "The row that takes the payment back: the same amount below zero."]
    customer_credit: Annotated[CustomerCredit | None, "The customer's credit, where it changed."]


@guard("NOTHING_PAID", "paid_total")
def something_paid(seen: Seen) -> str | None:
    """A payment of the invoice stands."""
    if seen.paid_total:
        return None
    return "Nothing was paid on this invoice: there is no payment to take back."


@transition(
    Invoice,
    event="invoice.payment_reversed",
    sources=(f"{InvoiceStatus.ACTIVE}.PARTIALLY_PAID", InvoiceStatus.PAID),
    target=InvoiceStatus.ACTIVE,
    conditional=True,
    guards=(something_paid,),
)
def reverse_payment(
    change: Change,
    invoice: Invoice,
    *,
    payment_id: Annotated[UUID, Reference("payment"), "The payment that did not last."],
    reason: Annotated[str, "Why, in words: for example a direct debit that came back."],
    reversed_on: Annotated[date | None, "The day it was taken back; today where it is left out."] = None,
) -> ReversedPayment:
    """Take a payment back. It stays, and a row of the same amount below zero is added.

    The invoice is owed again. Credit of the customer that it was paid with comes back, and credit that came
    of it goes.
    """
    if not reason:
        message = "Say why the payment is reversed."
        raise Invalid(message, path=("input", "reason"), code="REASON_REQUIRED")
    payment = _reversible(change, invoice, payment_id)
    day = require_past(change, reversed_on, "reversed_on")
    reversal = _receive(
        change,
        invoice,
        amount=-payment.amount,
        excess_amount=-payment.excess_amount,
        paid_on=day,
        method=payment.method,
        reference=payment.reference,
        reverses_id=payment.id,
        note=reason,
    )
    change.tell(invoice, note=reason)
    by_credit = payment.method is PaymentMethod.CUSTOMER_CREDIT
    moved = payment.amount if by_credit else -payment.excess_amount
    if not moved:
        return ReversedPayment(reversal, None)
    credit = credit_of(change, invoice)
    _move(change, credit, reversal, moved, CreditEntryKind.REVERSAL)
    return ReversedPayment(reversal, credit)


customer_credit = Fact(
    "customer_credit",
    lambda invoice: (
        select(col(CustomerCredit.balance))
        .where(
            CustomerCredit.currency_code == invoice.currency_code,
            or_(
                CustomerCredit.account_id == invoice.account_id,
                and_(col(invoice.account_id).is_(None), CustomerCredit.contact_id == invoice.contact_id),
            ),
        )
        .scalar_subquery()
    ),
)


@guard("INSUFFICIENT_CREDIT", customer_credit)
def customer_has_credit(seen: Seen) -> str | None:
    """The customer has credit in the invoice's currency."""
    if seen.customer_credit:
        return None
    return "The customer has no credit in this currency: recordPayment writes down what was paid."


@transition(
    Invoice,
    event="invoice.customer_credit_applied",
    sources=ISSUED,
    target=InvoiceStatus.PAID,
    conditional=True,
    guards=(customer_has_credit,),
)
def apply_customer_credit(
    change: Change,
    invoice: Invoice,
    *,
    amount: Annotated[
        Decimal | None, "How much of it; as much as there is and is owed where it is left out."
    ] = None,
) -> PaymentWithCredit:
    """Set a customer's credit off against an invoice. It counts as a payment, and is reversed like one."""
    credit = credit_of(change, invoice)
    taken = min(credit.balance, invoice.balance) if amount is None else amount
    require_positive(taken, "amount")
    require_money(taken, "amount", invoice.currency_code)
    if taken > invoice.balance:
        _refuse_overpayment(change, invoice, taken)
    payment = _receive(
        change, invoice, amount=taken, paid_on=change.moment.today, method=PaymentMethod.CUSTOMER_CREDIT
    )
    _move(change, credit, payment, -taken, CreditEntryKind.APPLICATION)
    return PaymentWithCredit(payment, credit)


def _refuse_overpayment(change: Change, invoice: Invoice, amount: Decimal) -> None:
    """Refuse more than is owed.

    Raises:
        Blocked: always.
    """
    owed = in_words(invoice.balance, invoice.currency_code)
    message = f"{plain(amount)} is more than the balance of {owed}."
    change.refuse(Blocker("OVERPAYMENT", message, ("input", "amount")))


def _reversible(change: Change, invoice: Invoice, key: UUID) -> Payment:
    """Return the payment of an invoice that is to be taken back.

    Raises:
        NotFound: the invoice has no such payment.
        Blocked: it was taken back before, or is itself the row that takes another back.
    """
    path = ("input", "paymentId")
    payments = {each.id: each for each in change.parts(Payment, invoice)}
    payment = payments.get(key)
    if payment is None:
        raise NotFound(Payment.noun(), path=path)
    reversal = next((each for each in payments.values() if each.reverses_id == key), None)
    if reversal is not None:
        message = f"The payment was reversed on {reversal.paid_on} already; recordPayment takes a new one."
        change.refuse(Blocker("PAYMENT_REVERSED", message, path))
    if payment.reverses_id is not None:
        message = "This row takes a payment back; recordPayment writes down what was paid after all."
        change.refuse(Blocker("PAYMENT_REVERSED", message, path))
    return payment


def _receive(change: Change, invoice: Invoice, **values: Any) -> Payment:  # Columns of a payment.
    """Write a payment of an invoice, and derive what is owed."""
    payment = change.new(Payment, invoice_id=invoice.id, currency_code=invoice.currency_code, **values)
    invoice.paid_total += payment.amount - payment.excess_amount
    settle_balance(change, invoice, payment.paid_on)
    return change.add(payment)


def _move(
    change: Change, credit: CustomerCredit, payment: Payment, amount: Decimal, kind: CreditEntryKind
) -> None:
    """Raise or lower a customer's credit on account of a payment."""
    entry = change.new(
        CustomerCreditEntry,
        kind=kind, amount=amount, entered_on=payment.paid_on, payment_id=payment.id, note=payment.note,
    )  # fmt: skip
    field = "paymentId" if kind is CreditEntryKind.REVERSAL else "amount"
    enter(change, credit, entry, asked_by=("input", field))
