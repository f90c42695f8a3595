"""How are the lines of an opportunity and of a draft quote added, changed, moved, repriced and removed?"""

from dataclasses import dataclass
from decimal import Decimal
from typing import Annotated
from uuid import UUID

from models.conversion.line_terms import (
    Discount,
    DiscountPerUnit,
    LineTerms,
    TaxCodes,
    TaxExemptReason,
    TaxPercent,
    TypedTax,
)
from models.conversion.lines.editing import (
    Edit,
    add_line,
    move_line,
    remove_line,
    reprice_from_catalogue,
    update_line,
)
from models.conversion.lines.known import Draft
from models.lifecycle import KEEP, Change, Kept, Reference, transition
from models.opportunity import Opportunity, OpportunityLine, OpportunityStatus, recalculate
from models.quote import Quote, QuoteLine, QuoteStatus, withdraw_approval

ProductId = Annotated[UUID | None, Reference("product"), "The product; leave it out to write a line in."]
Description = Annotated[str | None, "What is sold; the product's name where it is left out."]
Quantity = Annotated[Decimal, "How many units, above zero."]
PricePerUnit = Annotated[Decimal | None, "The price of one unit; that of the catalogue where it is left out."]
UnitName = Annotated[
    str | None,
    "The unit, by name: one of the product's unit group; its default unit, or piece, where it is left out.",
]
NewDescription = Annotated[str | Kept, "What is sold."]
NewQuantity = Annotated[Decimal | Kept, "How many units, above zero."]
NewUnitName = Annotated[
    str | Kept, "The unit, by name; the price becomes the catalogue's for it unless it is overridden."
]
NewPrice = Annotated[Decimal | Kept | None, "The price of one unit; null goes back to that of the catalogue."]
OptionalProductIds = Annotated[
    list[Annotated[UUID, Reference("product")]] | None,
    "Of a bundle: which of its optional products go with it; all of them where left out.",
]
Position = Annotated[int, "Its new place, from 1 on."]


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
    optional_product_ids: OptionalProductIds = None,
) -> EditedOpportunityLine:
    """Add a product, a bundle with its products, or something written in, to an opportunity."""
    terms = LineTerms(
        discount_amount, discount_per_unit, tax_percent, tax_codes, tax_exempt_reason, typed_tax
    )
    draft = Draft(product_id, description, unit, quantity, price_per_unit, terms, optional_product_ids)
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
    """Take a line off an opportunity, a bundle with its products. Quotes that were made with it keep it."""
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
    optional_product_ids: OptionalProductIds = None,
) -> EditedQuoteLine:
    """Add a product, a bundle with its products, or something written in. It withdraws an approval."""
    withdraw_approval(change, quote)
    terms = LineTerms(
        discount_amount, discount_per_unit, tax_percent, tax_codes, tax_exempt_reason, typed_tax
    )
    draft = Draft(product_id, description, unit, quantity, price_per_unit, terms, optional_product_ids)
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
    """Take a line off a draft quote, a bundle with its products. It withdraws an approval."""
    withdraw_approval(change, quote)
    remove_line(change, quote, QuoteLine, line_id)


@transition(
    Opportunity,
    event="opportunity.line_moved",
    sources=(OpportunityStatus.OPEN,),
    when_read_only="RECORD_READ_ONLY",
    demands_version=True,
)
def move_opportunity_line(
    change: Change,
    opportunity: Opportunity,
    *,
    line_id: Annotated[UUID, Reference("opportunity_line"), "The line."],
    position: Position,
) -> EditedOpportunityLine:
    """Put a line at another place of an opportunity, a bundle with its products."""
    return EditedOpportunityLine(move_line(change, opportunity, OpportunityLine, line_id, position))


@transition(
    Opportunity,
    event="opportunity.repriced",
    sources=(OpportunityStatus.OPEN,),
    when_read_only="RECORD_READ_ONLY",
    demands_version=True,
)
def reprice_opportunity(change: Change, opportunity: Opportunity) -> None:
    """Give every line of an opportunity the version and the price that the catalogue has today.

    Prices that were typed stand, and so do all discounts that were.
    """
    reprice_from_catalogue(change, opportunity, OpportunityLine)
    recalculate(opportunity)


@transition(
    Quote,
    event="quote.line_moved",
    sources=(QuoteStatus.DRAFT,),
    when_read_only="RECORD_READ_ONLY",
    demands_version=True,
)
def move_quote_line(
    change: Change,
    quote: Quote,
    *,
    line_id: Annotated[UUID, Reference("quote_line"), "The line."],
    position: Position,
) -> EditedQuoteLine:
    """Put a line at another place of a draft quote, a bundle with its products."""
    return EditedQuoteLine(move_line(change, quote, QuoteLine, line_id, position))


@transition(
    Quote,
    event="quote.repriced",
    sources=(QuoteStatus.DRAFT,),
    when_read_only="RECORD_READ_ONLY",
    demands_version=True,
)
def reprice_quote(change: Change, quote: Quote) -> None:
    """Give every line of a draft quote the version and the price that the catalogue has today.

    Prices that were typed stand, and so do all discounts that were. It withdraws an approval.
    """
    withdraw_approval(change, quote)
    reprice_from_catalogue(change, quote, QuoteLine)
