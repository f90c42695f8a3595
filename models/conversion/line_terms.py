"""Which discounts and taxes does a line have, and may they be?"""

from dataclasses import dataclass
from decimal import Decimal
from typing import Annotated

from models.document import Document, Line, put_taxes, require_money, require_percent, require_positive
from models.errors import Invalid
from models.lifecycle import KEEP, Change, Kept, kept
from models.moment import DiscountCalculation, TaxMode
from models.money import LARGEST, ZERO, plain, round_to
from models.pricing import Tax
from models.product import ProductContent
from models.record import camel
from models.tax import KnownTaxes, TaxCode, taxes_of

Discount = Annotated[
    Decimal | Kept,
    "Taken off the whole line; where the organisation's discount calculation is PER_UNIT, off each unit.",
]
DiscountPerUnit = Annotated[Decimal | Kept, "Taken off each unit, whatever the discount calculation."]
TaxPercent = Annotated[
    Decimal | Kept | None,
    "A plain tax rate in percent, on top of the price; a new line has the product's where it has no other.",
]
TaxCodes = Annotated[
    list[str] | Kept | None,
    "The taxes by their codes, in the order in which one is on another; none of them for an empty list.",
]
TaxExemptReason = Annotated[str | Kept | None, "Why no tax is due on the line, as documents say it."]
TypedTax = Annotated[
    Decimal | Kept | None,
    "The tax of the line as an amount, on a document with the tax mode TYPED; it may be negative.",
]


@dataclass(frozen=True)
class LineTerms:
    """What is typed of a line's discounts and taxes; KEEP leaves what there is."""

    discount_amount: Decimal | Kept = KEEP
    discount_per_unit: Decimal | Kept = KEEP
    tax_percent: Decimal | Kept | None = KEEP
    tax_codes: list[str] | Kept | None = KEEP
    tax_exempt_reason: str | Kept | None = KEEP
    typed_tax: Decimal | Kept | None = KEEP


def set_line_terms(
    change: Change, document: Document, line: Line, terms: LineTerms, known: KnownTaxes | None = None
) -> None:
    """Give a line the discounts and taxes that are typed; the taxes are looked up unless they are known."""
    _set_discounts(change, line, terms)
    _set_taxes(change, line, terms, known)
    if not isinstance(terms.typed_tax, Kept):
        if document.tax_mode is not TaxMode.TYPED and terms.typed_tax is not None:
            message = "The taxes of this document are computed: name taxCodes or a taxPercent."
            raise Invalid(message, path=("input", "typedTax"), code="TAX_IS_COMPUTED")
        line.typed_tax = terms.typed_tax or ZERO
        require_money(abs(line.typed_tax), "typed_tax", line.currency_code)


def put_product_taxes(
    change: Change, line: Line, product: ProductContent | None, known: KnownTaxes | None = None
) -> None:
    """Give a new line the taxes of its product: by its tax code, or its plain rate."""
    if product is not None and product.tax_code_id is not None:
        code = change.get(TaxCode, product.tax_code_id).code
        put_taxes(line, taxes_of(change, [code], "productId", known))
    else:
        put_taxes(line, (Tax("", ZERO if product is None else product.tax_percent),))


def _set_discounts(change: Change, line: Line, terms: LineTerms) -> None:
    """Set the manual discounts.

    Raises:
        Invalid: both of them are typed where they mean the same.
    """
    per_unit = change.moment.organization.discount_calculation is DiscountCalculation.PER_UNIT
    if per_unit and not isinstance(terms.discount_amount, Kept):
        if not isinstance(terms.discount_per_unit, Kept):
            message = "discountAmount is taken off each unit here: leave it or discountPerUnit out."
            raise Invalid(message, path=("input", "discountAmount"))
        line.discount_per_unit = terms.discount_amount
    else:
        line.discount_amount = kept(terms.discount_amount, line.discount_amount)
        line.discount_per_unit = kept(terms.discount_per_unit, line.discount_per_unit)


def _set_taxes(change: Change, line: Line, terms: LineTerms, known: KnownTaxes | None) -> None:
    """Set the taxes.

    Raises:
        Invalid: they are given in two ways at once, or by a code that cannot be used.
    """
    names = ("tax_percent", "tax_codes", "tax_exempt_reason")
    typed = [name for name in names if getattr(terms, name) is not None and getattr(terms, name) is not KEEP]
    if len(typed) > 1:
        message = f"{camel(typed[0])} and {camel(typed[1])} both say what the tax is: pass one of them."
        raise Invalid(message, path=("input", camel(typed[1])))
    if isinstance(terms.tax_percent, Decimal):
        require_percent(terms.tax_percent, "tax_percent")
        put_taxes(line, (Tax("", terms.tax_percent),))
    elif isinstance(terms.tax_codes, list):
        put_taxes(line, taxes_of(change, terms.tax_codes, "taxCodes", known) or (Tax("", ZERO),))
    elif isinstance(terms.tax_exempt_reason, str):
        put_taxes(line, (Tax("", ZERO, exempt_reason=terms.tax_exempt_reason),))


def check_line(line: Line, product: ProductContent | None) -> None:
    """Refuse values that a line cannot have.

    Raises:
        Invalid: quantity, price or a discount out of range.
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
    if line.price_per_unit < 0 and product is not None:
        message = (
            f"pricePerUnit is {plain(line.price_per_unit)}; that of a product cannot be negative: "
            "write a line in for what is taken off."
        )
        raise Invalid(message, path=("input", "pricePerUnit"))
    if abs(line.quantity * line.price_per_unit) > LARGEST:
        message = (
            f"{plain(line.quantity)} times {plain(line.price_per_unit)} is more than {plain(LARGEST)}, "
            "the largest amount that is kept."
        )
        raise Invalid(message, path=("input", "pricePerUnit"), code="AMOUNT_TOO_LARGE")
    require_money(line.discount_amount, "discount_amount", line.currency_code)
    if line.discount_per_unit < 0:
        message = f"discountPerUnit is {plain(line.discount_per_unit)}; it cannot be negative."
        raise Invalid(message, path=("input", "discountPerUnit"))
