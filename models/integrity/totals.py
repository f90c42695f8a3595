"""Do lines and documents come to what their prices say?"""

from collections.abc import Iterator
from itertools import groupby
from operator import itemgetter
from typing import Any, TypeVar

from sqlmodel import Session, SQLModel, col, select

from models.credit_note import CreditNote, CreditNoteLine
from models.document import Document, Line, freight_of, line_price, reprice
from models.errors import Invalid
from models.integrity.difference import Difference, difference, streamed, unequal
from models.invoice import Invoice, InvoiceLine
from models.opportunity import Opportunity, OpportunityLine
from models.order import Order, OrderLine
from models.pricing import document_of
from models.quote import Quote, QuoteLine

AnyTable = TypeVar("AnyTable", bound=SQLModel)
_PRICED: tuple[tuple[type[Document], type[Line]], ...] = (
    (Opportunity, OpportunityLine),
    (Quote, QuoteLine),
    (Order, OrderLine),
)
_PARTS: tuple[tuple[type[Document], type[Line]], ...] = (
    (Invoice, InvoiceLine),
    (CreditNote, CreditNoteLine),
)
_OF_LINE = ("base_amount", "discount_share", "tax_amount", "included_tax_amount", "extended_amount", "taxes")
_OF_DOCUMENT = ("line_total", "discount_total", "tax_total", "included_tax_total", "total")


def documents(
    session: Session, table: type[Document], lines: type[Line]
) -> Iterator[tuple[Any, list[Any]]]:  # Rows of both tables.
    """Yield each document with its lines, by position."""
    statement = (
        select(table, lines)
        .outerjoin(lines, getattr(lines, lines.part_of) == table.id)
        .order_by(col(table.id), col(lines.position), col(lines.id))
    )
    for document, rows in groupby(streamed(session, statement), itemgetter(0)):
        yield document, [line for _, line in rows if line is not None]


def totals(session: Session) -> Iterator[Difference]:
    """Price every opportunity, quote and order again, and compare lines and header."""
    for table, lines in _PRICED:
        for document, own in documents(session, table, lines):
            anew, parts = _copied(document), [_copied(line) for line in own]
            try:
                reprice(anew, parts)
            except Invalid as fault:
                yield difference(table, document.id, "total", document.total, fault.message)
                continue
            for line, part in zip(own, parts, strict=True):
                yield from unequal(line, part, _OF_LINE)
            yield from unequal(document, anew, _OF_DOCUMENT)


def sums(session: Session) -> Iterator[Difference]:
    """Add the lines up of what is a part of another document: invoices and credit notes."""
    for table, lines in _PARTS:
        for document, own in documents(session, table, lines):
            parts = [line_price(line) for line in own]
            for line, part in zip(own, parts, strict=True):
                yield from unequal(line, part, ("extended_amount",))
            yield from unequal(document, document_of(parts, freight_of(document)).totals, _OF_DOCUMENT)


def _copied(row: AnyTable) -> AnyTable:
    """Return a row's values apart from the session, free to be changed."""
    table = type(row)
    return table(**{name: getattr(row, name) for name in table.model_fields})
