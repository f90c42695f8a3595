"""How does money come in, and what of it do we owe back? Payments, and the credit of a customer."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Annotated, ClassVar
from uuid import UUID

from sqlalchemy import CheckConstraint, UniqueConstraint
from sqlmodel import Field, Index, select

from models.document import Document, require_money, require_past, require_positive
from models.errors import Blocker, Invalid, Path
from models.lifecycle import Change, transition
from models.money import Amount, in_words, plain
from models.record import Identifier, Part, choice
from models.status import Staged, reason_key


class PaymentMethod(StrEnum):
    """How money changed hands."""

    BANK_TRANSFER = "BANK_TRANSFER"
    CARD = "CARD"
    DIRECT_DEBIT = "DIRECT_DEBIT"
    CASH = "CASH"
    CHECK = "CHECK"
    OTHER = "OTHER"
    CUSTOMER_CREDIT = "CUSTOMER_CREDIT"


class Payment(Part, table=True):
    """Money received for an invoice. Never changed or deleted: another row takes it back."""

    __tablename__ = "payment"
    __table_args__ = (Index("ix_payment_invoice_id_id", "invoice_id", "id"),)
    part_of: ClassVar[str] = "invoice_id"
    seen_through: ClassVar[str | None] = "invoice_id"

    invoice_id: UUID = Field(foreign_key="invoice.id", sa_type=Identifier)
    currency_code: str = Field(max_length=3)
    # Below zero on the row that takes a payment back.
    amount: Decimal = Field(sa_type=Amount)
    # What of the amount was beyond the balance, and became credit of the customer.
    excess_amount: Decimal = Field(
        default=Decimal(0), sa_type=Amount, sa_column_kwargs={"server_default": "0"}
    )
    paid_on: date
    method: PaymentMethod = Field(sa_type=choice(PaymentMethod))
    reference: str | None = Field(default=None, max_length=200)
    # The payment that this row takes back; unique, so that each is taken back once.
    reverses_id: UUID | None = Field(default=None, foreign_key="payment.id", sa_type=Identifier, unique=True)
    note: str | None = Field(default=None, max_length=2000)


class CustomerCreditStatus(StrEnum):
    """Whether something is owed to the customer."""

    OPEN = "OPEN"
    SETTLED = "SETTLED"


class CreditEntryKind(StrEnum):
    """Why the credit of a customer rose or fell."""

    OVERPAYMENT = "OVERPAYMENT"
    CREDIT_NOTE = "CREDIT_NOTE"
    APPLICATION = "APPLICATION"
    REVERSAL = "REVERSAL"
    REFUND = "REFUND"


class CustomerCredit(Staged, table=True):
    """What we owe a customer in one currency: the sum of its entries."""

    __tablename__ = "customer_credit"
    __table_args__ = (
        reason_key(),
        UniqueConstraint("account_id", "currency_code"),
        UniqueConstraint("contact_id", "currency_code"),
        CheckConstraint("balance >= 0", name="balance_not_negative"),
        CheckConstraint("(account_id IS NULL) <> (contact_id IS NULL)", name="one_customer"),
        Index("ix_customer_credit_created_at_id", "created_at", "id"),
        Index("ix_customer_credit_updated_at_id", "updated_at", "id"),
        Index("ix_customer_credit_balance_id", "balance", "id"),
    )

    status: CustomerCreditStatus = Field(sa_type=choice(CustomerCreditStatus))
    # The organisation, or the person where the customer is one.
    account_id: UUID | None = Field(default=None, foreign_key="account.id", sa_type=Identifier)
    contact_id: UUID | None = Field(default=None, foreign_key="contact.id", sa_type=Identifier)
    currency_code: str = Field(max_length=3)
    balance: Decimal = Field(default=Decimal(0), sa_type=Amount)


class CustomerCreditEntry(Part, table=True):
    """One rise or fall of a customer's credit. Never changed or deleted."""

    __tablename__ = "customer_credit_entry"
    __table_args__ = (Index("ix_customer_credit_entry_customer_credit_id_id", "customer_credit_id", "id"),)
    part_of: ClassVar[str] = "customer_credit_id"
    seen_through: ClassVar[str | None] = "customer_credit_id"

    customer_credit_id: UUID = Field(foreign_key="customer_credit.id", sa_type=Identifier)
    kind: CreditEntryKind = Field(sa_type=choice(CreditEntryKind))
    currency_code: str = Field(max_length=3)
    # Above zero where the credit rose.
    amount: Decimal = Field(sa_type=Amount)
    entered_on: date
    # The payment that it came from, or went into.
    payment_id: UUID | None = Field(default=None, foreign_key="payment.id", sa_type=Identifier, index=True)
    # The credit note that it came from.
    credit_note_id: UUID | None = Field(
        default=None, foreign_key="credit_note.id", sa_type=Identifier, index=True
    )
    # How a refund was paid out.
    method: PaymentMethod | None = Field(default=None, sa_type=choice(PaymentMethod))
    reference: str | None = Field(default=None, max_length=200)
    note: str | None = Field(default=None, max_length=2000)


_EVENTS = {
    CreditEntryKind.OVERPAYMENT: "customer_credit.raised",
    CreditEntryKind.CREDIT_NOTE: "customer_credit.raised",
    CreditEntryKind.APPLICATION: "customer_credit.applied",
    CreditEntryKind.REVERSAL: "customer_credit.reversed",
    CreditEntryKind.REFUND: "customer_credit.refunded",
}


@dataclass
class RefundedCredit:
    """The entry that was written down."""

    entry: Annotated[CustomerCreditEntry, "The entry that was written down."]


@transition(
    CustomerCredit,
    event="customer_credit.refunded",
    sources=(CustomerCreditStatus.OPEN,),
    target=CustomerCreditStatus.SETTLED,
    conditional=True,
)
def refund_customer_credit(
    change: Change,
    customer_credit: CustomerCredit,
    *,
    amount: Annotated[Decimal | None, "What was paid out; all of it where it is left out."] = None,
    refunded_on: Annotated[date | None, "The day it was paid out; today where it is left out."] = None,
    method: Annotated[PaymentMethod, "How it was paid out."] = PaymentMethod.BANK_TRANSFER,
    reference: Annotated[str | None, "The bank's or the card's reference."] = None,
    note: Annotated[str | None, "Why, in words."] = None,
) -> RefundedCredit:
    """Write down that a customer's credit was paid out. It is SETTLED once nothing is left of it."""
    require_money_method(method)
    paid = customer_credit.balance if amount is None else amount
    require_positive(paid, "amount")
    require_money(paid, "amount", customer_credit.currency_code)
    entry = change.new(
        CustomerCreditEntry,
        kind=CreditEntryKind.REFUND,
        amount=-paid,
        entered_on=require_past(change, refunded_on, "refunded_on"),
        method=method,
        reference=reference,
        note=note,
    )
    return RefundedCredit(enter(change, customer_credit, entry))


def credit_of(change: Change, document: Document) -> CustomerCredit:
    """Return the credit of a document's customer in its currency, locked until the commit."""
    account_id = document.account_id
    contact_id = None if account_id else document.contact_id
    found = change.session.exec(
        select(CustomerCredit)
        .where(
            CustomerCredit.currency_code == document.currency_code,
            CustomerCredit.account_id == account_id,
            CustomerCredit.contact_id == contact_id,
        )
        .with_for_update(key_share=True)
    ).one_or_none()
    if found is not None:
        return found
    made = change.new(
        CustomerCredit, account_id=account_id, contact_id=contact_id, currency_code=document.currency_code
    )
    return change.add(made, status=CustomerCreditStatus.SETTLED, reason="SETTLED")


def enter(
    change: Change,
    credit: CustomerCredit,
    entry: CustomerCreditEntry,
    *,
    asked_by: Path = ("input", "amount"),
) -> CustomerCreditEntry:
    """Write an entry of a customer's credit, and derive what the credit comes to, and its state."""
    if credit.balance + entry.amount < 0:
        taken, there = plain(-entry.amount), in_words(credit.balance, credit.currency_code)
        message = f"{taken} is more than the customer's credit of {there}."
        change.refuse(Blocker("INSUFFICIENT_CREDIT", message, asked_by))
    entry.customer_credit_id, entry.currency_code = credit.id, credit.currency_code
    credit.balance += entry.amount
    status = CustomerCreditStatus.OPEN if credit.balance else CustomerCreditStatus.SETTLED
    if status is not credit.status:
        change.become(credit, status, str(status))
    change.tell(credit, _EVENTS[entry.kind], note=entry.note)
    return change.add(entry)


def require_money_method(method: PaymentMethod) -> None:
    """Refuse customer credit where money changes hands.

    Raises:
        Invalid: the method is no money.
    """
    if method is PaymentMethod.CUSTOMER_CREDIT:
        message = "CUSTOMER_CREDIT is not money; applyCustomerCredit sets it off against an invoice."
        raise Invalid(message, path=("input", "method"))
