"""What of an invoice is taken back? Credit notes."""

from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import ClassVar
from uuid import UUID

from sqlmodel import Field, Index

from models.document import Document, Line
from models.money import Amount
from models.record import Identifier, choice
from models.status import reason_key


class CreditNoteStatus(StrEnum):
    """The one state of a credit note: it is issued when it is made, and final."""

    ISSUED = "ISSUED"


class CreditNote(Document, table=True):
    """A document that takes an invoice back, or a part of it. It never changes."""

    __tablename__ = "credit_note"
    __table_args__ = (
        reason_key(),
        Index("ix_credit_note_invoice_id_id", "invoice_id", "id"),
        Index("ix_credit_note_order_id_id", "order_id", "id"),
        Index("ix_credit_note_account_id_id", "account_id", "id"),
        Index("ix_credit_note_created_at_id", "created_at", "id"),
        Index("ix_credit_note_updated_at_id", "updated_at", "id"),
        Index("ix_credit_note_issued_on_id", "issued_on", "id"),
        Index("ix_credit_note_total_id", "total", "id"),
    )

    read_only: ClassVar[frozenset[StrEnum]] = frozenset({CreditNoteStatus.ISSUED})

    status: CreditNoteStatus = Field(sa_type=choice(CreditNoteStatus))
    # Gapless, in a series of its own.
    number: str = Field(max_length=40, unique=True)
    invoice_id: UUID = Field(foreign_key="invoice.id", sa_type=Identifier)
    order_id: UUID | None = Field(default=None, foreign_key="order.id", sa_type=Identifier)
    bill_to_id: UUID | None = Field(default=None, foreign_key="address.id", sa_type=Identifier)
    issued_on: date
    # Whether the goods come back: then their quantities may be returned, or billed again.
    is_goods_returned: bool = False
    # What of the total lowered the invoice's balance; the rest became credit of the customer.
    applied_total: Decimal = Field(default=Decimal(0), sa_type=Amount)
    customer_credit_total: Decimal = Field(default=Decimal(0), sa_type=Amount)
    note: str | None = Field(default=None, max_length=2000)


class CreditNoteLine(Line, table=True):
    """What of one position of an invoice is taken back."""

    __tablename__ = "credit_note_line"
    __table_args__ = (
        Index("ix_credit_note_line_credit_note_id_position_id", "credit_note_id", "position", "id"),
    )
    part_of: ClassVar[str] = "credit_note_id"
    seen_through: ClassVar[str | None] = "credit_note_id"

    credit_note_id: UUID = Field(foreign_key="credit_note.id", sa_type=Identifier)
    invoice_line_id: UUID = Field(foreign_key="invoice_line.id", sa_type=Identifier, index=True)
