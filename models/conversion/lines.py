"""How are the lines of an opportunity and of a draft quote added, changed and removed?

The rules are one for both documents: a line names a product or is written in; the price is the catalogue's
unless it is typed; every change reprices the document.
"""

from dataclasses import dataclass
from decimal import Decimal
from typing import Annotated, TypeVar
from uuid import UUID

from models.conversion.line_terms import (
    Discount,
    DiscountPerUnit,
    LineTerms,
    TaxCodes,
    TaxExemptReason,
    TaxPercent,
    TypedTax,
    check_line,
    put_product_taxes,
    set_line_terms,
)
from models.document import Document, Line, reprice
from models.errors import Blocker, Invalid, NotFound
from models.lifecycle import KEEP, Change, Kept, Reference, kept, transition
from models.opportunity import Opportunity, OpportunityLine, OpportunityStatus, recalculate
from models.order import OrderLine
from models.product import Product, ProductStatus
from models.quote import Quote, QuoteLine, QuoteStatus, withdraw_approval
from models.record import new_id
from models.unit import Unit, in_unit, unit_named

AnyLine = TypeVar("AnyLine", OpportunityLine, QuoteLine, OrderLine)

ProductId = Annotated[UUID | None, Reference("product"), "The product; leave it out to write a line in."]
Description = Annotated[str | None, "What is sold; the product's name where it is left out."]
Quantity = Annotated[Decimal, "How many units, above zero."]
PricePerUnit = Annotated[
    Decimal | None, "The price of one unit; the product's list price where it is left out."
]
UnitName = Annotated[
    str | None,
    "The unit, by name: one of the product's unit group; its default unit, or piece, where it is left out.",
]
NewDescription = Annotated[str | Kept, "What is sold."]
NewQuantity = Annotated[Decimal | Kept, "How many units, above zero."]
NewUnitName = Annotated[
    str | Kept, "The unit, by name; the price becomes the catalogue's for it unless it is overridden."
]
NewPrice = Annotated[
    Decimal | Kept | None, "The price of one unit; null goes back to the product's list price."
]


@dataclass
class EditedOpportunityLine:
    """The line that was added or changed."""

    line: Annotated[OpportunityLine, "The line that was added or changed."]


@dataclass
class EditedQuoteLine:
    """The line that was added or changed."""

    line: Annotated[QuoteLine, "The line that was added or changed."]


@transition(
    Opportunity,
    event="opportunity.line_added",
    sources=(OpportunityStatus.OPEN,),
    when_read_only="RECORD_READ_ONLY",
    demands_version=True,
)
def add_opportunity_line(
    change: Change,
    opportunity: Opportunity,
    *,
    quantity: Quantity,
    product_id: ProductId = None,
    description: Description = None,
    unit: UnitName = None,
    price_per_unit: PricePerUnit = None,
    discount_amount: Discount = KEEP,
    discount_per_unit: DiscountPerUnit = KEEP,
    tax_percent: TaxPercent = KEEP,
    tax_codes: TaxCodes = KEEP,
    tax_exempt_reason: TaxExemptReason = KEEP,
    typed_tax: TypedTax = KEEP,
) -> EditedOpportunityLine:
    """Add a product, or something written in, to an opportunity."""
    terms = LineTerms(
        discount_amount, discount_per_unit, tax_percent, tax_codes, tax_exempt_reason, typed_tax
    )
    draft = Draft(product_id, description, unit, quantity, price_per_unit, terms)
    line = add_line(change, opportunity, OpportunityLine, draft)
    recalculate(opportunity)
    return EditedOpportunityLine(line)


@transition(
    Opportunity,
    event="opportunity.line_updated",
    sources=(OpportunityStatus.OPEN,),
    when_read_only="RECORD_READ_ONLY",
    demands_version=True,
)
def update_opportunity_line(
    change: Change,
    opportunity: Opportunity,
    *,
    line_id: Annotated[UUID, Reference("opportunity_line"), "The line."],
    description: NewDescription = KEEP,
    quantity: NewQuantity = KEEP,
    unit: NewUnitName = KEEP,
    price_per_unit: NewPrice = KEEP,
    discount_amount: Discount = KEEP,
    discount_per_unit: DiscountPerUnit = KEEP,
    tax_percent: TaxPercent = KEEP,
    tax_codes: TaxCodes = KEEP,
    tax_exempt_reason: TaxExemptReason = KEEP,
    typed_tax: TypedTax = KEEP,
) -> EditedOpportunityLine:
    """Change a line of an opportunity."""
    terms = LineTerms(
        discount_amount, discount_per_unit, tax_percent, tax_codes, tax_exempt_reason, typed_tax
    )
    edit = Edit(description, quantity, unit, price_per_unit, terms)
    line = update_line(change, opportunity, OpportunityLine, line_id, edit)
    recalculate(opportunity)
    return EditedOpportunityLine(line)


@transition(
    Opportunity,
    event="opportunity.line_removed",
    sources=(OpportunityStatus.OPEN,),
    when_read_only="RECORD_READ_ONLY",
    demands_version=True,
)
def remove_opportunity_line(
    change: Change,
    opportunity: Opportunity,
    *,
    line_id: Annotated[UUID, Reference("opportunity_line"), "The line."],
) -> None:
    """Take a line off an opportunity. Quotes that were made with it keep theirs."""
    remove_line(change, opportunity, OpportunityLine, line_id)
    recalculate(opportunity)


@transition(
    Quote,
    event="quote.line_added",
    sources=(QuoteStatus.DRAFT,),
    when_read_only="RECORD_READ_ONLY",
    demands_version=True,
)
def add_quote_line(
    change: Change,
    quote: Quote,
    *,
    quantity: Quantity,
    product_id: ProductId = None,
    description: Description = None,
    unit: UnitName = None,
    price_per_unit: PricePerUnit = None,
    discount_amount: Discount = KEEP,
    discount_per_unit: DiscountPerUnit = KEEP,
    tax_percent: TaxPercent = KEEP,
    tax_codes: TaxCodes = KEEP,
    tax_exempt_reason: TaxExemptReason = KEEP,
    typed_tax: TypedTax = KEEP,
) -> EditedQuoteLine:
    """Add a product, or something written in, to a draft quote. It withdraws an approval."""
    withdraw_approval(change, quote)
    terms = LineTerms(
        discount_amount, discount_per_unit, tax_percent, tax_codes, tax_exempt_reason, typed_tax
    )
    draft = Draft(product_id, description, unit, quantity, price_per_unit, terms)
    return EditedQuoteLine(add_line(change, quote, QuoteLine, draft))


@transition(
    Quote,
    event="quote.line_updated",
    sources=(QuoteStatus.DRAFT,),
    when_read_only="RECORD_READ_ONLY",
    demands_version=True,
)
def update_quote_line(
    change: Change,
    quote: Quote,
    *,
    line_id: Annotated[UUID, Reference("quote_line"), "The line."],
    description: NewDescription = KEEP,
    quantity: NewQuantity = KEEP,
    unit: NewUnitName = KEEP,
    price_per_unit: NewPrice = KEEP,
    discount_amount: Discount = KEEP,
    discount_per_unit: DiscountPerUnit = KEEP,
    tax_percent: TaxPercent = KEEP,
    tax_codes: TaxCodes = KEEP,
    tax_exempt_reason: TaxExemptReason = KEEP,
    typed_tax: TypedTax = KEEP,
) -> EditedQuoteLine:
    """Change a line of a draft quote. It withdraws an approval."""
    withdraw_approval(change, quote)
    terms = LineTerms(
        discount_amount, discount_per_unit, tax_percent, tax_codes, tax_exempt_reason, typed_tax
    )
    edit = Edit(description, quantity, unit, price_per_unit, terms)
    return EditedQuoteLine(update_line(change, quote, QuoteLine, line_id, edit))


@transition(
    Quote,
    event="quote.line_removed",
    sources=(QuoteStatus.DRAFT,),
    when_read_only="RECORD_READ_ONLY",
    demands_version=True,
)
def remove_quote_line(
    change: Change, quote: Quote, *, line_id: Annotated[UUID, Reference("quote_line"), "The line."]
) -> None:
    """Take a line off a draft quote. It withdraws an approval."""
    withdraw_approval(change, quote)
    remove_line(change, quote, QuoteLine, line_id)


@dataclass(frozen=True)
class Draft:
    """What is typed of a new line."""

    product_id: UUID | None
    description: str | None
    unit: str | None
    quantity: Decimal
    price_per_unit: Decimal | None
    terms: LineTerms


@dataclass(frozen=True)
class Edit:
    """What is typed of a changed line."""

    description: str | Kept
    quantity: Decimal | Kept
    unit: str | Kept
    price_per_unit: Decimal | Kept | None
    terms: LineTerms


def add_line(change: Change, document: Document, table: type[AnyLine], draft: Draft) -> AnyLine:
    """Write a new line at the end of a document, and reprice it."""
    product = None if draft.product_id is None else sellable(change, document, draft.product_id)
    description = draft.description or (None if product is None else product.name)
    if description is None:
        message = "A line without a product needs a description."
        raise Invalid(message, path=("input", "description"))
    lines: list[AnyLine] = change.parts(table, document)
    counted = _counted(change, product, draft.unit)
    line = change.new(
        table,
        **{table.part_of: document.id},
        lineage_id=new_id(),
        position=1 + max((each.position for each in lines), default=0),
        product_id=draft.product_id,
        description=description,
        quantity=draft.quantity,
        counted_in_id=counted.unit_id,
        unit=counted.unit,
        currency_code=document.currency_code,
        price_per_unit=_price(draft.price_per_unit, counted),
        is_price_overridden=product is not None and draft.price_per_unit is not None,
    )
    put_product_taxes(change, line, product)
    set_line_terms(change, document, line, draft.terms)
    check_line(line, product)
    reprice(document, [*lines, line])
    return change.add(line)


def update_line(change: Change, document: Document, table: type[AnyLine], key: UUID, edit: Edit) -> AnyLine:
    """Change a line of a document, and reprice it."""
    lines = change.parts(table, document)
    line = _line(lines, table, key)
    product = None if line.product_id is None else change.session.get_one(Product, line.product_id)
    line.description = kept(edit.description, line.description)
    line.quantity = kept(edit.quantity, line.quantity)
    set_line_terms(change, document, line, edit.terms)
    price_anew(change, line, product, edit)
    check_line(line, product)
    reprice(document, lines)
    return line


def price_anew(change: Change, line: Line, product: Product | None, edit: Edit) -> None:
    """Change the unit of a line and its price, where either was given."""
    if isinstance(edit.price_per_unit, Kept) and isinstance(edit.unit, Kept):
        return
    counted = _counted(change, product, kept(edit.unit, line.unit))
    stands = line.price_per_unit if line.is_price_overridden or product is None else None
    typed = kept(edit.price_per_unit, stands)
    line.counted_in_id, line.unit = counted.unit_id, counted.unit
    line.is_price_overridden = typed is not None and product is not None
    line.price_per_unit = _price(typed, counted)


@dataclass(frozen=True)
class _Counted:
    """What a line is counted in, and what one comes to by the catalogue."""

    unit_id: UUID | None
    unit: str
    list_price: Decimal | None


def _counted(change: Change, product: Product | None, unit: str | None) -> _Counted:
    """Return the unit of a line: the product's default unless another one is named.

    Raises:
        Invalid: the product's unit group has no such unit.
    """
    if product is None:
        return _Counted(None, unit or "piece", None)
    if unit in {None, product.unit}:
        return _Counted(product.default_unit_id, product.unit, product.list_price)
    named = unit_named(change.session, product.unit_group_id, unit)
    default = change.session.get_one(Unit, product.default_unit_id)
    return _Counted(named.id, named.name, in_unit(product.list_price, default, named))


def _price(typed: Decimal | None, counted: _Counted) -> Decimal:
    """Return the typed price, or that of the catalogue.

    Raises:
        Invalid: a line that was written in has no other price than the typed one.
    """
    if typed is not None:
        return typed
    if counted.list_price is None:
        message = "A line without a product needs a pricePerUnit."
        raise Invalid(message, path=("input", "pricePerUnit"))
    return counted.list_price


def remove_line(change: Change, document: Document, table: type[AnyLine], key: UUID) -> None:
    """Take a line off a document, and reprice it."""
    lines = change.parts(table, document)
    line = _line(lines, table, key)
    change.remove(line)
    reprice(document, [each for each in lines if each is not line])


def _line(lines: list[AnyLine], table: type[AnyLine], key: UUID) -> AnyLine:
    """Return the line of the document with that key.

    Raises:
        NotFound: the document has no such line.
    """
    for line in lines:
        if line.id == key:
            return line
    raise NotFound(table.noun(), path=("input", "lineId"))


def sellable(change: Change, document: Document, key: UUID) -> Product:
    """Return a product that may be put on a document.

    Raises:
        NotFound: there is no such product.
        Blocked: it is not active, or priced in another currency.
    """
    path = ("input", "productId")
    product = change.find(Product, key, path)
    if product.status is not ProductStatus.ACTIVE:
        message = f"Product {product.number} is {product.status}; only an active product goes on a document."
        change.refuse(Blocker("PRODUCT_NOT_ACTIVE", message, path))
    if product.currency_code != document.currency_code:
        message = (
            f"Product {product.number} is priced in {product.currency_code}, "
            f"this document in {document.currency_code}."
        )
        change.refuse(Blocker("CURRENCY_MISMATCH", message, path))
    return product
