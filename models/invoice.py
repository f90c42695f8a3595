"""What is owed, and when? Invoices."""

from datetime import date, datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from functools import cache
from typing import Annotated, Any, ClassVar
from uuid import UUID

import sqlalchemy
from sqlmodel import Field, Index, select

from models.document import (
    Document,
    Line,
    freeze,
    require_past,
    require_terms,
    told_unpriced,
    unpriced_lines,
)
from models.lifecycle import Change, Fact, Loading, Seen, guard, transition
from models.money import Amount
from models.numbering import next_number
from models.record import KEY, Identifier, Instant, choice, table
from models.status import reason_key


class InvoiceStatus(StrEnum):
    """The states of an invoice."""

    ACTIVE = "ACTIVE"
    PAID = "PAID"
    CANCELED = "CANCELED"


class InvoicePolicy(StrEnum):
    """Which quantity may be billed: what was delivered, or what was ordered."""

    FULFILLED = "FULFILLED"
    ORDERED = "ORDERED"


class InvoiceLineKind(StrEnum):
    """What a position of an invoice is."""

    ITEM = "ITEM"
    DEPOSIT = "DEPOSIT"
    DEDUCTION = "DEDUCTION"


# Of columns that came later: the version before goes on inserting rows while this one takes over.
_ZERO = {"server_default": "0"}
_FALSE = {"server_default": sqlalchemy.false()}


_UNTOLD: sqlalchemy.ColumnClause[bool] = sqlalchemy.literal_column(
    "status = 'ACTIVE' AND became_overdue_at IS NULL"
)


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
        # What the clock looks for: what is owed and not told of yet, and not all that was ever billed.
        Index("ix_invoice_untold_due_on", "due_on", sqlite_where=_UNTOLD, postgresql_where=_UNTOLD),
        Index("ix_invoice_total_id", "total", "id"),
    )

    filtered: ClassVar[tuple[str, ...]] = ("issued_on", "balance", "number")
    ordered_with_nulls: ClassVar[tuple[str, ...]] = ("due_on", "number")
    ordered_by_status: ClassVar[tuple[str, ...]] = ("created_at", "updated_at", "number", "due_on", "total")
    titled: ClassVar[tuple[str, ...]] = ("number", "name")
    searched: ClassVar[tuple[str, ...]] = ("customer_reference",)
    read_only: ClassVar[frozenset[StrEnum]] = frozenset({InvoiceStatus.PAID, InvoiceStatus.CANCELED})

    status: InvoiceStatus = Field(sa_type=choice(InvoiceStatus))
    # Taken at issue, gapless per year; null on a draft.
    number: str | None = Field(default=None, max_length=40, unique=True)
    order_id: UUID | None = Field(default=None, foreign_key="order.id", sa_type=Identifier)
    opportunity_id: UUID | None = Field(default=None, foreign_key="opportunity.id", sa_type=Identifier)
    # Whether it asks for money before anything is billed; later invoices of the order take it off.
    is_deposit: bool = Field(default=False, sa_column_kwargs=_FALSE)
    # Whether its prices stay as they are: those of an order's invoice are the order's.
    is_prices_locked: bool = Field(default=False, sa_column_kwargs=_FALSE)
    # Up to which quantity an order's line may be billed by it.
    billing_policy: InvoicePolicy | None = Field(default=None, sa_type=choice(InvoicePolicy))
    bill_to_id: UUID | None = Field(default=None, foreign_key="address.id", sa_type=Identifier)
    customer_reference: str | None = Field(default=None, max_length=100)
    issued_on: date | None = None
    due_on: date | None = None
    paid_total: Decimal = Field(default=Decimal(0), sa_type=Amount)
    # What its credit notes come to, and what of that became credit of the customer.
    credited_total: Decimal = Field(default=Decimal(0), sa_type=Amount, sa_column_kwargs=_ZERO)
    customer_credit_total: Decimal = Field(default=Decimal(0), sa_type=Amount, sa_column_kwargs=_ZERO)
    # Total less payments and credit notes: the status of an issued invoice follows from it alone.
    balance: Decimal = Field(default=Decimal(0), sa_type=Amount)
    # When the clock told that it was not paid in time.
    became_overdue_at: datetime | None = Field(default=None, sa_type=Instant)
    paid_on: date | None = None
    closed_at: datetime | None = Field(default=None, sa_type=Instant)


class InvoiceLine(Line, table=True):
    """One position of an invoice."""

    __tablename__ = "invoice_line"
    __table_args__ = (Index("ix_invoice_line_invoice_id_position_id", "invoice_id", "position", "id"),)
    part_of: ClassVar[str] = "invoice_id"
    seen_through: ClassVar[str | None] = "invoice_id"

    invoice_id: UUID = Field(foreign_key="invoice.id", sa_type=Identifier)
    kind: InvoiceLineKind = Field(
        default=InvoiceLineKind.ITEM,
        sa_type=choice(InvoiceLineKind),
        sa_column_kwargs={"server_default": "ITEM"},
    )
    order_line_id: UUID | None = Field(
        default=None, foreign_key="order_line.id", sa_type=Identifier, index=True
    )
    # How much of the quantity credit notes took back.
    quantity_credited: Decimal = Field(default=Decimal(0), sa_type=Amount, sa_column_kwargs=_ZERO)


def is_credited(invoice: Any) -> sqlalchemy.ColumnElement[bool]:  # The table, or an alias of it.
    """Return the condition that an invoice is credited as a whole: it bills nothing any more."""
    return sqlalchemy.and_(invoice.total > 0, invoice.credited_total == invoice.total)


def is_live(invoice: Any) -> sqlalchemy.ColumnElement[bool]:  # The table, or an alias of it.
    """Return the condition that an invoice bills something: neither canceled nor credited as a whole."""
    return sqlalchemy.and_(invoice.status != InvoiceStatus.CANCELED, sqlalchemy.not_(is_credited(invoice)))


invoice_has_lines = Fact(
    "has_lines", lambda invoice: select(InvoiceLine.id).where(InvoiceLine.invoice_id == invoice.id).exists()
)


@guard("EMPTY_DOCUMENT", invoice_has_lines)
def invoice_not_empty(seen: Seen) -> str | None:
    """The invoice has a line."""
    return None if seen.has_lines else "The invoice has no lines: there is nothing to bill."


@guard("PRICING_ERROR", unpriced_lines(InvoiceLine), "currency_code")
def invoice_is_priced(seen: Seen) -> str | None:
    """Each line has a price in the invoice's currency; what is given away has 0 typed."""
    return told_unpriced(
        seen,
        "updateInvoiceLine types one, 0 for what is given away, after unlockInvoicePricing where prices are "
        "locked.",
    )


@guard("TOTAL_BELOW_ZERO", "total")
def invoice_not_below_zero(seen: Seen) -> str | None:
    """The invoice comes to zero or more."""
    if seen.total >= 0:
        return None
    return (
        "This invoice comes to less than zero, and could be neither paid nor credited: discardInvoice, and "
        "invoiceOrder bills what lowers it with what covers it."
    )


# The states of a draft, and of an issued invoice on which something is still owed.
DRAFT = (f"{InvoiceStatus.ACTIVE}.NEW",)
ISSUED = (f"{InvoiceStatus.ACTIVE}.BILLED", f"{InvoiceStatus.ACTIVE}.PARTIALLY_PAID")


@transition(
    Invoice,
    event="invoice.issued",
    sources=DRAFT,
    target=InvoiceStatus.ACTIVE,
    reason="BILLED",
    guards=(invoice_not_empty, invoice_is_priced, invoice_not_below_zero),
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
    freeze(change, invoice, invoice.issued_on)
    settle_balance(change, invoice, invoice.issued_on)


def settle_balance(change: Change, invoice: Invoice, day: date) -> None:
    """Derive what is owed on an issued invoice, and its state, which follows from its amounts alone."""
    invoice.balance = (
        invoice.total - invoice.paid_total - invoice.credited_total + invoice.customer_credit_total
    )
    is_credited = 0 < invoice.total == invoice.credited_total
    status, reason = state_of_amounts(invoice.paid_total, invoice.balance, is_credited=is_credited)
    if (status, reason) != (invoice.status, invoice.reason):
        change.become(invoice, status, reason)
    is_closed = status is not InvoiceStatus.ACTIVE
    invoice.paid_on = invoice.paid_on or day if status is InvoiceStatus.PAID else None
    invoice.closed_at = invoice.closed_at or change.now if is_closed else None


def state_of_amounts(
    paid_total: Decimal, balance: Decimal, *, is_credited: bool
) -> tuple[InvoiceStatus, str]:
    """Return the status and its reason that an issued invoice has with these amounts."""
    if balance == 0 and paid_total == 0 and is_credited:
        return InvoiceStatus.CANCELED, "CREDITED"
    if balance == 0:
        return InvoiceStatus.PAID, "COMPLETE"
    return InvoiceStatus.ACTIVE, "PARTIALLY_PAID" if paid_total else "BILLED"


@transition(
    Invoice,
    event="invoice.became_overdue",
    sources=ISSUED,
    # Once: what was told is not told again when a payment is reversed.
    due=lambda invoice, moment: sqlalchemy.and_(
        invoice.due_on < moment.today, invoice.became_overdue_at.is_(None)
    ),
    of_clock=True,
)
def mark_invoice_overdue(change: Change, invoice: Invoice) -> None:
    """Tell that an invoice was not paid by its due date. Its state stays, and so does what is owed."""
    invoice.became_overdue_at = change.now
    change.tell(invoice, note=f"Due on {invoice.due_on}.")


def is_overdue(status: InvoiceStatus, due_on: date | None, balance: Decimal, today: date) -> bool:
    """Say whether an invoice is owed past its due date."""
    return status == InvoiceStatus.ACTIVE and due_on is not None and due_on < today and balance > 0


def _terms(change: Change, invoice: Invoice) -> int:
    """Return the days until an invoice is due: the order's, else the account's, else the organisation's."""
    for noun, key in (("order", invoice.order_id), ("account", invoice.account_id)):
        days: int | None = None if key is None else _agreed(noun).one(change.session, key=key)
        if days is not None:
            return days
    return change.moment.organization.payment_terms_days


@cache
def _agreed(noun: str) -> Loading:
    """Return what reads the days that were agreed with a kind of record."""
    agreed: Any = table(noun)
    return Loading(select(agreed.payment_terms_days).where(agreed.id == KEY))
