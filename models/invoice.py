"""What is owed, and when? Invoices."""

from datetime import date, datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import Annotated, Any, ClassVar
from uuid import UUID

from sqlmodel import Field, Index, select

from models.document import Document, Line, require_past, require_terms
from models.lifecycle import Change, Fact, Seen, guard, transition
from models.money import Amount
from models.numbering import next_number
from models.record import Identifier, Instant, choice, table
from models.status import reason_key


class InvoiceStatus(StrEnum):
    """The states of an invoice."""

    ACTIVE = "ACTIVE"
    PAID = "PAID"
    CANCELED = "CANCELED"


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

    filtered: ClassVar[tuple[str, ...]] = ("issued_on", "balance")
    titled: ClassVar[tuple[str, ...]] = ("number", "name")
    searched: ClassVar[tuple[str, ...]] = ("customer_reference",)
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
        int | None, "Days until it is due; the order's or the account's terms where it is left out."
    ] = None,
) -> None:
    """Issue an invoice: it is frozen, and gets its due date and its number.

    Numbers run without a gap and in the order of their dates; what fails takes none.
    An earlier date than that of the last number is refused.
    """
    invoice.issued_on = require_past(change, issued_on, "issued_on")
    require_terms(terms_days, "terms_days")
    invoice.due_on = invoice.issued_on + timedelta(
        days=_terms(change, invoice) if terms_days is None else terms_days
    )
    invoice.number = next_number(change, "I", invoice.issued_on)
    settle_balance(change, invoice, invoice.issued_on)


def settle_balance(change: Change, invoice: Invoice, day: date) -> None:
    """Derive what is owed on an issued invoice, and its state, which follows from its amounts alone."""
    invoice.balance = invoice.total - invoice.paid_total
    status, reason = state_of_amounts(invoice.paid_total, invoice.balance)
    if (status, reason) != (invoice.status, invoice.reason):
        change.become(invoice, status, reason)
    is_paid = status is InvoiceStatus.PAID
    invoice.paid_on = invoice.paid_on or day if is_paid else None
    invoice.closed_at = invoice.closed_at or change.now if is_paid else None


def state_of_amounts(paid_total: Decimal, balance: Decimal) -> tuple[InvoiceStatus, str]:
    """Return the status and its reason that an issued invoice has with these amounts."""
    if balance == 0:
        return InvoiceStatus.PAID, "COMPLETE"
    return InvoiceStatus.ACTIVE, "PARTIALLY_PAID" if paid_total else "BILLED"


def is_overdue(status: InvoiceStatus, due_on: date | None, balance: Decimal, today: date) -> bool:
    """Say whether an invoice is owed past its due date."""
    return status == InvoiceStatus.ACTIVE and due_on is not None and due_on < today and balance > 0


def _terms(change: Change, invoice: Invoice) -> int:
    """Return the days until an invoice is due: the order's, else the account's, else the organisation's."""
    for noun, key in (("order", invoice.order_id), ("account", invoice.account_id)):
        agreed: Any = table(noun)
        days: int | None = change.session.exec(
            select(agreed.payment_terms_days).where(agreed.id == key)
        ).one_or_none()
        if days is not None:
            return days
    return change.moment.organization.payment_terms_days
