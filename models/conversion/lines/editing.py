"""What becomes of a document when a line is added, changed, moved or removed?

The rules are one for opportunities and quotes: a line names a product or is written in; the price is the
catalogue's unless it is typed; every change reprices the document.
"""

from dataclasses import dataclass
from decimal import Decimal
from typing import TypeVar
from uuid import UUID

from models.conversion.line_terms import LineTerms, check_line, put_product_taxes, set_line_terms
from models.conversion.lines.bundle import Bundle, require_alone, scale_parts, with_parts
from models.conversion.lines.catalogue import (
    Sold,
    catalogue,
    follow_quantity,
    put_price,
    sold,
    unit_of,
    version_to_sell,
)
from models.conversion.lines.known import Draft, Known, look_up
from models.document import Document, LineType, lines_to_price, reprice
from models.errors import Invalid
from models.invoice import InvoiceLine
from models.lifecycle import Change, Kept, kept
from models.opportunity import OpportunityLine
from models.order import OrderLine
from models.product import ProductStructure, ProductVersion
from models.quote import QuoteLine
from models.record import new_id

AnyLine = TypeVar("AnyLine", OpportunityLine, QuoteLine, OrderLine, InvoiceLine)


@dataclass(frozen=True)
class Edit:
    """What is typed of a changed line."""

    description: str | Kept
    quantity: Decimal | Kept
    unit: str | Kept
    price_per_unit: Decimal | Kept | None
    terms: LineTerms


def add_line(change: Change, document: Document, table: type[AnyLine], draft: Draft) -> AnyLine:
    """Write a new line at the end of a document, a bundle with what it is made of, and reprice it."""
    lines: list[AnyLine] = lines_to_price(change, document, table)
    known = look_up(change, [draft])
    last = max((each.position for each in lines), default=0)
    new: list[AnyLine] = new_lines(change, document, table, draft, last + 1, known)
    if draft.product_id is not None:
        listed = catalogue(change, document, new, known.sold)
        for each in new:
            put_price(change, document, each, listed, ("input", "productId"))
    reprice(document, [*lines, *new])
    for each in new:
        change.add(each)
    return new[0]


def new_lines(  # noqa: PLR0917  # What is typed, its place, and what is known of it.
    change: Change, document: Document, table: type[AnyLine], draft: Draft, position: int, known: Known
) -> list[AnyLine]:
    """Return a new line, a bundle's with those of what it is made of: neither priced nor written yet."""
    line: AnyLine = _begin(change, document, table, draft, position)
    if draft.product_id is None:
        put_product_taxes(change, line, None)
        set_line_terms(change, document, line, draft.terms, known.taxes)
        check_line(line, None)
        return [line]
    version: ProductVersion = version_to_sell(change, known.sold, draft.product_id, ("input", "productId"))
    product = known.sold[draft.product_id].product
    line.description = line.description or version.name
    line.counted_in_id, line.unit = unit_of(change, product, version, draft.unit, known.units)
    put_product_taxes(change, line, version, known.taxes)
    set_line_terms(change, document, line, draft.terms, known.taxes)
    check_line(line, version)
    new: list[AnyLine] = [line]
    if product.structure is ProductStructure.BUNDLE:
        line.line_type = LineType.BUNDLE
        new += Bundle(change, table, line, known).parts(version, draft.optional_product_ids)
    return new


def update_line(change: Change, document: Document, table: type[AnyLine], key: UUID, edit: Edit) -> AnyLine:
    """Change a line of a document, and reprice it."""
    line: AnyLine
    line, *parts = with_parts(change, document, table, key)
    lines: list[AnyLine] = lines_to_price(change, document, table)
    if any(not isinstance(each, Kept) for each in (edit.quantity, edit.unit, edit.price_per_unit)):
        require_alone(change, line, "change the quantity of the bundle's line")
    before: Decimal = line.quantity
    line.description = kept(edit.description, line.description)
    line.quantity = kept(edit.quantity, line.quantity)
    set_line_terms(change, document, line, edit.terms)
    if line.product_id is None:
        line.unit = kept(edit.unit, line.unit)
        line.price_per_unit = _typed(kept(edit.price_per_unit, line.price_per_unit))
        check_line(line, None)
    else:
        _update_from_catalogue(change, document, line, edit, sold(change, [line.product_id])[line.product_id])
    if line.quantity != before:
        follow_quantity(change, [line, *scale_parts(change, line, parts, before)])
    reprice(document, lines)
    return line


def remove_line(change: Change, document: Document, table: type[AnyLine], key: UUID) -> None:
    """Take a line off a document, a bundle with what it is made of, and reprice it."""
    gone: list[AnyLine] = with_parts(change, document, table, key)
    require_alone(change, gone[0], "remove the bundle's line")
    lines: list[AnyLine] = lines_to_price(change, document, table)
    for each in gone:
        change.remove(each)
    reprice(document, [each for each in lines if each not in gone])


def move_line(change: Change, document: Document, table: type[AnyLine], key: UUID, position: int) -> AnyLine:
    """Put a line at another place of its document, a bundle with what it is made of."""
    moved: list[AnyLine] = with_parts(change, document, table, key)
    lines: list[AnyLine] = change.excerpts(table, document, ("position",))
    if not 1 <= position <= len(lines):
        message = f"position is {position}; the document has the positions 1 to {len(lines)}."
        raise Invalid(message, path=("input", "position"))
    others: list[AnyLine] = [each for each in lines if each not in moved]
    at: int = min(position - 1, len(others))
    for number, each in enumerate([*others[:at], *moved, *others[at:]], 1):
        if each.position != number:
            each.position = number
    return moved[0]


def reprice_from_catalogue(change: Change, document: Document, table: type[AnyLine]) -> None:
    """Give every line of a product the version and the price that the catalogue has today."""
    lines: list[AnyLine] = change.parts(table, document)
    found = sold(change, (line.product_id for line in lines if line.product_id is not None))
    listed = catalogue(change, document, lines, found)
    for line in lines:
        put_price(change, document, line, listed, ("input", "id"))
    reprice(document, lines)


def _begin(change: Change, document: Document, table: type[AnyLine], draft: Draft, position: int) -> AnyLine:
    """Return a new line with what is typed of it."""
    if draft.description is None and draft.product_id is None:
        message = "A line without a product needs a description."
        raise Invalid(message, path=("input", "description"))
    is_written_in = draft.product_id is None
    return change.new(
        table,
        **{table.part_of: document.id},
        lineage_id=new_id(),
        position=position,
        product_id=draft.product_id,
        description=draft.description if is_written_in else draft.description or "",
        quantity=draft.quantity,
        unit=draft.unit or "piece",
        currency_code=document.currency_code,
        price_per_unit=_typed(draft.price_per_unit) if is_written_in else draft.price_per_unit or Decimal(0),
        is_price_overridden=not is_written_in and draft.price_per_unit is not None,
    )


def _typed(price: Decimal | None) -> Decimal:
    """Return the price of a line that is written in.

    Raises:
        Invalid: it has no other price than the typed one.
    """
    if price is None:
        message = "A line without a product needs a pricePerUnit."
        raise Invalid(message, path=("input", "pricePerUnit"))
    return price


def _update_from_catalogue(
    change: Change, document: Document, line: AnyLine, edit: Edit, found: Sold
) -> None:
    """Change what a line of a product has of the catalogue: unit and price, where they were given."""
    version = found.version
    if version is None or (isinstance(edit.unit, Kept) and isinstance(edit.price_per_unit, Kept)):
        check_line(line, version)
        return
    if not isinstance(edit.price_per_unit, Kept):
        line.is_price_overridden = edit.price_per_unit is not None
        line.price_per_unit = edit.price_per_unit if edit.price_per_unit is not None else line.price_per_unit
    if not isinstance(edit.unit, Kept):
        line.counted_in_id, line.unit = unit_of(change, found.product, version, edit.unit)
    check_line(line, version)
    listed = catalogue(change, document, [line], {found.product.id: found})
    put_price(change, document, line, listed, ("input", "lineId"))
