"""What is owed, what is paid? Invoices and payments."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import Annotated, ClassVar
from uuid import UUID

from sqlmodel import Field, Index, select

from models.document import Document, Line, require_money, require_positive, require_terms
from models.errors import Blocker, Invalid
from models.lifecycle import Change, Fact, Seen, guard, transition
from models.money import Amount, in_words, plain
from models.numbering import next_number
from models.record import Identifier, Instant, Part, choice, table
from models.status import reason_key


class InvoiceStatus(StrEnum):
    """The states of an invoice."""

    ACTIVE = "ACTIVE"
    PAID = "PAID"
    CANCELED = "CANCELED"


class PaymentMethod(StrEnum):
    """How money reached us."""

    BANK_TRANSFER = "BANK_TRANSFER"
    CARD = "CARD"
    DIRECT_DEBIT = "DIRECT_DEBIT"
    CASH = "CASH"
    CHECK = "CHECK"
    OTHER = "OTHER"


class Invoice(Document, table=True):
    """A demand for payment. Once issued it has its number for good and never changes."""

    __tablename__ = "invoice"
    __table_args__ = (
        reason_key(),
        Index("ix_invoice_order_id_id", "order_id", "id"),
        Index("ix_invoice_opportunity_id_id", "opportunity_id", "id"),
        Index("ix_invoice_account_id_id", "account_id", "id"),
        Index("ix_invoice_created_at_id", "created_at", "id"),
        Index("ix_invoice_updated_at_id", "updated_at", "id"),
        Index("ix_invoice_due_on_id", "due_on", "id"),
        Index("ix_invoice_total_id", "total", "id"),
    )

    read_only: ClassVar[frozenset[StrEnum]] = frozenset({InvoiceStatus.PAID, InvoiceStatus.CANCELED})

    status: InvoiceStatus = Field(sa_type=choice(InvoiceStatus))
    # Taken at issue, gapless per year; null on a draft.
    number: str | None = Field(default=None, max_length=40, unique=True)
    order_id: UUID | None = Field(default=None, foreign_key="order.id", sa_type=Identifier)
    opportunity_id: UUID | None = Field(default=None, foreign_key="opportunity.id", sa_type=Identifier)
    bill_to_id: UUID | None = Field(default=None, foreign_key="address.id", sa_type=Identifier)
    customer_reference: str | None = Field(default=None, max_length=100)
    issued_on: date | None = None
    due_on: date | None = None
    paid_total: Decimal = Field(default=Decimal(0), sa_type=Amount)
    # Total less payments: the status of an issued invoice follows from it alone.
    balance: Decimal = Field(default=Decimal(0), sa_type=Amount)
    paid_on: date | None = None
    closed_at: datetime | None = Field(default=None, sa_type=Instant)


class InvoiceLine(Line, table=True):
    """One position of an invoice."""

    __tablename__ = "invoice_line"
    __table_args__ = (Index("ix_invoice_line_invoice_id_position_id", "invoice_id", "position", "id"),)
    part_of: ClassVar[str] = "invoice_id"
    seen_through: ClassVar[str | None] = "invoice_id"

    invoice_id: UUID = Field(foreign_key="invoice.id", sa_type=Identifier)
    order_line_id: UUID | None = Field(
        default=None, foreign_key="order_line.id", sa_type=Identifier, index=True
    )


class Payment(Part, table=True):
    """Money received for an invoice. Never changed or deleted."""

    __tablename__ = "payment"
    __table_args__ = (Index("ix_payment_invoice_id_id", "invoice_id", "id"),)
    part_of: ClassVar[str] = "invoice_id"
    seen_through: ClassVar[str | None] = "invoice_id"

    invoice_id: UUID = Field(foreign_key="invoice.id", sa_type=Identifier)
    currency_code: str = Field(max_length=3)
    amount: Decimal = Field(sa_type=Amount)
    paid_on: date
    method: PaymentMethod = Field(sa_type=choice(PaymentMethod))
    reference: str | None = Field(default=None, max_length=200)


invoice_has_lines = Fact(
    "has_lines", lambda invoice: select(InvoiceLine.id).where(InvoiceLine.invoice_id == invoice.id).exists()
)


@guard("EMPTY_DOCUMENT", invoice_has_lines)
def invoice_not_empty(seen: Seen) -> str | None:
    """The invoice has a line."""
    return None if seen.has_lines else "The invoice has no lines: there is nothing to bill."


# The states of a draft, and of an issued invoice on which something is still owed.
DRAFT = (f"{InvoiceStatus.ACTIVE}.NEW",)
ISSUED = (f"{InvoiceStatus.ACTIVE}.BILLED", f"{InvoiceStatus.ACTIVE}.PARTIALLY_PAID")


@transition(
    Invoice,
    event="invoice.issued",
    sources=DRAFT,
    target=InvoiceStatus.ACTIVE,
    reason="BILLED",
    guards=(invoice_not_empty,),
    again=(*ISSUED, InvoiceStatus.PAID),
)
def issue_invoice(
    change: Change,
    invoice: Invoice,
    *,
    issued_on: Annotated[date | None, "The invoice's date; today where it is left out."] = None,
    terms_days: Annotated[
        int | None, "Days until it is due; the account's terms where it is left out."
    ] = None,
) -> None:
    """Issue an invoice: it is frozen, and gets its due date and its number.

    Numbers run without a gap through a year; what fails takes none.
    """
    today = change.moment.today
    if issued_on is not None and issued_on > today:
        message = f"issuedOn {issued_on} lies in the future; today is {today}."
        raise Invalid(message, path=("input", "issuedOn"), code="INVALID_DATES")
    require_terms(terms_days, "terms_days")
    invoice.issued_on = issued_on or today
    invoice.due_on = invoice.issued_on + timedelta(
        days=_terms(change, invoice) if terms_days is None else terms_days
    )
    invoice.number = next_number(change.session, "I", invoice.issued_on.year)
    invoice.balance = invoice.total
    if invoice.balance == 0:
        change.become(invoice, InvoiceStatus.PAID, "COMPLETE")
        invoice.paid_on = invoice.issued_on
        invoice.closed_at = change.now


@dataclass
class RecordedPayment:
    """The payment that was written down."""

    payment: Annotated[Payment, "The payment that was written down."]


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
    paid_on: Annotated[date | None, "The day it was received; today where it is left out."] = None,
    method: Annotated[PaymentMethod, "How it was received."] = PaymentMethod.BANK_TRANSFER,
    reference: Annotated[str | None, "The bank's or the card's reference."] = None,
) -> RecordedPayment:
    """Write down money received for an invoice. It is PAID once its balance is zero."""
    if currency_code not in {None, invoice.currency_code}:
        message = (
            f"The invoice is in {invoice.currency_code}; a payment in {currency_code} does not settle it."
        )
        change.refuse(Blocker("CURRENCY_MISMATCH", message, ("input", "currencyCode")))
    require_positive(amount, "amount")
    require_money(amount, "amount", invoice.currency_code)
    if amount > invoice.balance:
        message = (
            f"{plain(amount)} is more than the balance of {in_words(invoice.balance, invoice.currency_code)}."
        )
        change.refuse(Blocker("OVERPAYMENT", message, ("input", "amount")))
    day = paid_on or change.moment.today
    if day > change.moment.today:
        message = f"paidOn {day} lies in the future; today is {change.moment.today}."
        raise Invalid(message, path=("input", "paidOn"), code="INVALID_DATES")
    payment = change.add(
        change.new(
            Payment,
            invoice_id=invoice.id,
            currency_code=invoice.currency_code,
            amount=amount,
            paid_on=day,
            method=method,
            reference=reference,
        )
    )
    invoice.paid_total += amount
    invoice.balance -= amount
    if invoice.balance == 0:
        invoice.paid_on = day
        invoice.closed_at = change.now
        change.become(invoice, InvoiceStatus.PAID, "COMPLETE")
    else:
        change.become(invoice, InvoiceStatus.ACTIVE, "PARTIALLY_PAID")
    return RecordedPayment(payment)


def is_overdue(status: InvoiceStatus, due_on: date | None, balance: Decimal, today: date) -> bool:
    """Say whether an invoice is owed past its due date."""
    return status == InvoiceStatus.ACTIVE and due_on is not None and due_on < today and balance > 0


def _terms(change: Change, invoice: Invoice) -> int:
    """Return the days until an invoice is due: the account's, else the organisation's."""
    account = table("account")
    statement = select(account.payment_terms_days).where(account.id == invoice.account_id)  # type: ignore[attr-defined]  # A column of the account.
    days: int | None = change.session.exec(statement).one_or_none()
    return change.moment.organization.payment_terms_days if days is None else days
