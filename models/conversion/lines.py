"""How are the lines of an opportunity and of a draft quote added, changed and removed?

The rules are one for both documents: a line names a product or is written in; the price is the catalogue's
unless it is typed; every change reprices the document.
"""

from dataclasses import dataclass
from decimal import Decimal
from typing import Annotated, TypeVar
from uuid import UUID

from models.document import Document, Line, reprice, require_money, require_percent, require_positive
from models.errors import Blocker, Invalid, NotFound
from models.lifecycle import KEEP, Change, Kept, Reference, kept, transition
from models.money import LARGEST, plain, round_to
from models.opportunity import Opportunity, OpportunityLine, OpportunityStatus, recalculate
from models.product import Product, ProductStatus
from models.quote import Quote, QuoteLine, QuoteStatus
from models.record import new_id

AnyLine = TypeVar("AnyLine", OpportunityLine, QuoteLine)

ProductId = Annotated[UUID | None, Reference("product"), "The product; leave it out to write a line in."]
Description = Annotated[str | None, "What is sold; the product's name where it is left out."]
Quantity = Annotated[Decimal, "How many units, above zero."]
PricePerUnit = Annotated[
    Decimal | None, "The price of one unit; the product's list price where it is left out."
]
Discount = Annotated[Decimal, "Taken off the whole line."]
TaxPercent = Annotated[Decimal | None, "The tax rate in percent; the product's where it is left out."]
Unit = Annotated[str | None, "The unit; the product's, or piece, where it is left out."]
NewDescription = Annotated[str | Kept, "What is sold."]
NewQuantity = Annotated[Decimal | Kept, "How many units, above zero."]
NewPrice = Annotated[
    Decimal | Kept | None, "The price of one unit; null goes back to the product's list price."
]
NewDiscount = Annotated[Decimal | Kept, "Taken off the whole line."]
NewTaxPercent = Annotated[Decimal | Kept, "The tax rate in percent."]


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
    unit: Unit = None,
    price_per_unit: PricePerUnit = None,
    discount_amount: Discount = Decimal(0),
    tax_percent: TaxPercent = None,
) -> EditedOpportunityLine:
    """Add a product, or something written in, to an opportunity."""
    draft = _Draft(product_id, description, unit, quantity, price_per_unit, discount_amount, tax_percent)
    line = _add(change, opportunity, OpportunityLine, draft)
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
    price_per_unit: NewPrice = KEEP,
    discount_amount: NewDiscount = KEEP,
    tax_percent: NewTaxPercent = KEEP,
) -> EditedOpportunityLine:
    """Change a line of an opportunity."""
    edit = _Edit(description, quantity, price_per_unit, discount_amount, tax_percent)
    line = _update(change, opportunity, OpportunityLine, line_id, edit)
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
    _remove(change, opportunity, OpportunityLine, line_id)
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
    unit: Unit = None,
    price_per_unit: PricePerUnit = None,
    discount_amount: Discount = Decimal(0),
    tax_percent: TaxPercent = None,
) -> EditedQuoteLine:
    """Add a product, or something written in, to a draft quote."""
    draft = _Draft(product_id, description, unit, quantity, price_per_unit, discount_amount, tax_percent)
    return EditedQuoteLine(_add(change, quote, QuoteLine, draft))


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
    price_per_unit: NewPrice = KEEP,
    discount_amount: NewDiscount = KEEP,
    tax_percent: NewTaxPercent = KEEP,
) -> EditedQuoteLine:
    """Change a line of a draft quote."""
    edit = _Edit(description, quantity, price_per_unit, discount_amount, tax_percent)
    return EditedQuoteLine(_update(change, quote, QuoteLine, line_id, edit))


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
    """Take a line off a draft quote."""
    _remove(change, quote, QuoteLine, line_id)


@dataclass(frozen=True)
class _Draft:
    """What is typed of a new line."""

    product_id: UUID | None
    description: str | None
    unit: str | None
    quantity: Decimal
    price_per_unit: Decimal | None
    discount_amount: Decimal
    tax_percent: Decimal | None


@dataclass(frozen=True)
class _Edit:
    """What is typed of a changed line."""

    description: str | Kept
    quantity: Decimal | Kept
    price_per_unit: Decimal | Kept | None
    discount_amount: Decimal | Kept
    tax_percent: Decimal | Kept


def _add(change: Change, document: Opportunity | Quote, table: type[AnyLine], draft: _Draft) -> AnyLine:
    """Write a new line at the end of a document, and reprice it."""
    product = None if draft.product_id is None else _product(change, document, draft.product_id)
    description = draft.description or (None if product is None else product.name)
    if description is None:
        message = "A line without a product needs a description."
        raise Invalid(message, path=("input", "description"))
    lines: list[AnyLine] = change.parts(table, document)
    line = change.new(
        table,
        **{table.part_of: document.id},
        lineage_id=new_id(),
        position=1 + max((each.position for each in lines), default=0),
        product_id=draft.product_id,
        description=description,
        quantity=draft.quantity,
        unit=draft.unit or ("piece" if product is None else product.unit),
        currency_code=document.currency_code,
        price_per_unit=_price(draft.price_per_unit, product),
        is_price_overridden=product is not None and draft.price_per_unit is not None,
        discount_amount=draft.discount_amount,
        tax_percent=draft.tax_percent
        if draft.tax_percent is not None
        else (Decimal(0) if product is None else product.tax_percent),
    )
    _check(line, product)
    reprice(document, [*lines, line])
    return change.add(line)


def _update(
    change: Change, document: Opportunity | Quote, table: type[AnyLine], key: UUID, edit: _Edit
) -> AnyLine:
    """Change a line of a document, and reprice it."""
    lines = change.parts(table, document)
    line = _line(lines, table, key)
    product = None if line.product_id is None else change.session.get_one(Product, line.product_id)
    line.description = kept(edit.description, line.description)
    line.quantity = kept(edit.quantity, line.quantity)
    line.discount_amount = kept(edit.discount_amount, line.discount_amount)
    line.tax_percent = kept(edit.tax_percent, line.tax_percent)
    if not isinstance(edit.price_per_unit, Kept):
        line.is_price_overridden = edit.price_per_unit is not None and product is not None
        line.price_per_unit = _price(edit.price_per_unit, product)
    _check(line, product)
    reprice(document, lines)
    return line


def _price(typed: Decimal | None, product: Product | None) -> Decimal:
    """Return the typed price, or the product's list price.

    Raises:
        Invalid: a line that was written in has no other price than the typed one.
    """
    if typed is not None:
        return typed
    if product is None:
        message = "A line without a product needs a pricePerUnit."
        raise Invalid(message, path=("input", "pricePerUnit"))
    return product.list_price


def _remove(change: Change, document: Opportunity | Quote, table: type[AnyLine], key: UUID) -> None:
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


def _product(change: Change, document: Document, key: UUID) -> Product:
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


def _check(line: Line, product: Product | None) -> None:
    """Refuse values that a line cannot have.

    Raises:
        Invalid: quantity, price, discount or tax out of range.
    """
    if not line.description:
        message = "A line needs a description."
        raise Invalid(message, path=("input", "description"))
    require_positive(line.quantity, "quantity")
    if product is not None and round_to(line.quantity, product.quantity_places) != line.quantity:
        message = (
            f"Quantity {plain(line.quantity)} is finer than {product.name} is sold: "
            f"it has {product.quantity_places} digits behind the point."
        )
        raise Invalid(message, path=("input", "quantity"), code="FRACTIONAL_QUANTITY")
    if line.price_per_unit < 0:
        message = f"pricePerUnit is {plain(line.price_per_unit)}; it cannot be negative."
        raise Invalid(message, path=("input", "pricePerUnit"))
    if line.quantity * line.price_per_unit > LARGEST:
        message = (
            f"{plain(line.quantity)} times {plain(line.price_per_unit)} is more than {plain(LARGEST)}, "
            "the largest amount that is kept."
        )
        raise Invalid(message, path=("input", "pricePerUnit"), code="AMOUNT_TOO_LARGE")
    require_money(line.discount_amount, "discount_amount", line.currency_code)
    require_percent(line.tax_percent, "tax_percent")
