"""Do lines and documents come to what their prices say?"""

from collections.abc import Iterator
from dataclasses import replace
from itertools import groupby
from operator import itemgetter
from typing import Any, TypeVar

from sqlmodel import Session, SQLModel, col, select

from models.credit_note import CreditNote, CreditNoteLine
from models.document import Document, Line, freight_of, line_price, reprice, set_totals
from models.errors import Invalid
from models.integrity.difference import Difference, difference, streamed, unequal
from models.invoice import Invoice, InvoiceLine
from models.money import ZERO
from models.opportunity import Opportunity, OpportunityLine
from models.order import Order, OrderLine
from models.pricing import LinePrice, document_of
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
_OF_DOCUMENT = ("line_total", "discount_total", "tax_total", "included_tax_total", "total", "base_total")
_TAXES = ("taxes", "freight_taxes")


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
            yield from unequal(document, anew, (*_OF_DOCUMENT, *_TAXES))


def sums(session: Session) -> Iterator[Difference]:
    """Add the lines up of what is a part of another document: invoices and credit notes."""
    for table, lines in _PARTS:
        for document, own in documents(session, table, lines):
            parts = [line_price(line) for line in own]
            for line, part in zip(own, parts, strict=True):
                yield from unequal(line, part, ("extended_amount",))
                yield from unequal(line, _by_tax(part), ("tax_amount", "included_tax_amount"))
            anew = _copied(document)
            set_totals(anew, document_of(parts, freight_of(document)))
            yield from unequal(document, anew, _OF_DOCUMENT)
            stored, derived = _taxed(document), _taxed(anew)
            if stored != derived:
                yield difference(table, document.id, "taxes", stored, derived)


def _taxed(document: Document) -> list[Any]:
    """Return a document's taxes; that something of it is untaxed is not told by all of its lines."""
    return [each for each in document.taxes if each["code"] or each["percent"] != "0"]


def _by_tax(part: LinePrice) -> LinePrice:
    """Return a line with the tax that its taxes come to, one by one."""
    tax = sum((each.amount for each in part.taxes), ZERO)
    included = sum((each.amount for each in part.taxes if each.tax.is_inclusive), ZERO)
    return replace(part, tax_amount=tax, included_tax_amount=included)


def _copied(row: AnyTable) -> AnyTable:
    """Return a row's values apart from the session, free to be changed."""
    table = type(row)
    return table(**{name: getattr(row, name) for name in table.model_fields})
