"""How does a document get its price, and a line its taxes? Between the tables and the pure pricing."""

from collections.abc import Sequence
from datetime import date
from typing import Annotated, Any, TypeVar

from models.currency import rate_of
from models.document.tables import FIGURES, Document, Line
from models.errors import Invalid, Path
from models.lifecycle import Change, Kept
from models.moment import Organization
from models.money import ZERO, in_base, plain, round_money
from models.pricing import (
    LinePrice,
    Position,
    Priced,
    Tax,
    TaxAmount,
    Taxes,
    Terms,
    Totals,
    freight_price,
    price,
    taxes_as_json,
    taxes_from_json,
    taxes_in,
)
from models.tax import taxes_of

AnyLine = TypeVar("AnyLine", bound=Line)
FreightTaxCodes = Annotated[
    list[str] | Kept, "The taxes on the freight by their codes; none for an empty list."
]


def tax_rules(organization: Organization) -> dict[str, Any]:
    """Return the columns of a new document that say how its taxes are computed; it keeps to them."""
    return {
        "tax_rounding": organization.tax_rounding,
        "tax_base": organization.tax_base,
        "tax_mode": organization.tax_mode,
    }


def taxes_on(line: Line) -> Taxes:
    """Return the taxes of a line: those that it keeps, or the plain rate of one that keeps none."""
    return taxes_in(line.taxes) or (Tax("", line.tax_percent),)


def put_taxes(line: Line, taxes: Taxes) -> None:
    """Give a line its taxes, which the next repricing computes."""
    line.taxes = taxes_as_json([TaxAmount(tax, ZERO, ZERO) for tax in taxes])
    line.tax_percent = sum((tax.percent for tax in taxes), ZERO)


def terms_of(document: Document) -> Terms:
    """Return what is typed of a document, as the pricing takes it."""
    return Terms(
        document.currency_code,
        document.discount_percent,
        document.discount_amount,
        document.freight_amount,
        taxes_in(document.freight_taxes),
        document.tax_rounding,
        document.tax_base,
        document.tax_mode,
    )


def position_of(line: Line) -> Position:
    """Return what is typed of a line. A discount makes a negative line smaller, too."""
    is_negative = line.quantity * line.price_per_unit < 0
    return Position(
        line.quantity,
        line.price_per_unit,
        -line.discount_amount if is_negative else line.discount_amount,
        taxes_on(line),
        -line.discount_per_unit if line.price_per_unit < 0 else line.discount_per_unit,
        -line.volume_discount if line.price_per_unit < 0 else line.volume_discount,
        line.typed_tax,
    )


def reprice(document: Document, lines: Sequence[Line], places: Sequence[Path] = ()) -> None:
    """Compute what each line and the document come to from what is typed.

    ``places`` are the paths of the lines' own arguments, where several are typed at once.

    Raises:
        Invalid: a discount larger than what it is taken off, or a document that comes to less than nothing.
    """
    found = price([position_of(line) for line in lines], terms_of(document))
    for index, (line, priced) in enumerate(zip(lines, found.lines, strict=True)):
        if abs(priced.manual_discount) > abs(priced.base_amount):
            taken, base = plain(abs(priced.manual_discount)), plain(abs(priced.base_amount))
            message = f"The discount of {taken} is larger than the line's {base}."
            place = places[index] if places else ("input",)
            raise Invalid(message, path=(*place, "discountAmount"), code="DISCOUNT_TOO_LARGE")
        set_line_price(line, priced)
    _require_sound(found.totals)
    set_totals(document, found)


def lines_to_price(change: Change, document: Document, table: type[AnyLine]) -> list[AnyLine]:
    """Return the lines of a document with the columns that repricing reads and writes, by position."""
    return change.excerpts(table, document, FIGURES)


def set_line_price(line: Line, priced: LinePrice) -> None:
    """Write what a line comes to. What has not changed is not touched: a document may have many lines."""
    values = {
        "base_amount": priced.base_amount,
        "discount_share": priced.discount_share,
        "tax_amount": priced.tax_amount,
        "included_tax_amount": priced.included_tax_amount,
        "extended_amount": priced.extended_amount,
        "taxes": taxes_as_json(priced.taxes),
    }
    for name, value in values.items():
        if getattr(line, name) != value:
            setattr(line, name, value)


def _require_sound(totals: Totals) -> None:
    """Refuse a discount larger than its lines, and a document that comes to less than nothing.

    Raises:
        Invalid: it is so.
    """
    if abs(totals.discount_total) > abs(totals.line_total) or totals.discount_total * totals.line_total < 0:
        taken, whole = plain(totals.discount_total), plain(totals.line_total)
        message = f"The discount of {taken} is larger than the lines' {whole}."
        raise Invalid(message, path=("input", "discountAmount"), code="DISCOUNT_TOO_LARGE")
    if totals.total < 0:
        message = (
            f"The document would come to {plain(totals.total)}; it comes to zero or more, and what is given "
            "back beyond that is a credit note's matter."
        )
        raise Invalid(message, path=("input", "pricePerUnit"), code="TOTAL_BELOW_ZERO")


def set_totals(document: Document, found: Priced) -> None:
    """Write what a document comes to."""
    totals = found.totals
    document.line_total = totals.line_total
    document.discount_total = totals.discount_total
    document.tax_total = totals.tax_total
    document.included_tax_total = totals.included_tax_total
    document.total = totals.total
    document.taxes = taxes_as_json(found.taxes)
    document.freight_taxes = taxes_as_json(found.freight_taxes)
    _put_base_total(document)


def _put_base_total(document: Document) -> None:
    """Write the total in the organisation's currency, once the document has a rate."""
    if document.exchange_rate is not None and document.base_currency_code is not None:
        document.base_total = in_base(document.total, document.exchange_rate, document.base_currency_code)


def freeze(change: Change, document: Document, day: date | None = None) -> None:
    """Give a document that leaves its draft the exchange rate of its day, which it keeps, where one is set.

    The day is today's unless the document bears another date.
    """
    document.exchange_rate = rate_of(change, document.currency_code, day or change.moment.today)
    document.base_currency_code = None
    document.base_total = None
    if document.exchange_rate is not None:
        document.base_currency_code = change.moment.organization.currency_code
        _put_base_total(document)


def line_price(line: Line) -> LinePrice:
    """Return what a stored line comes to, for example to split it."""
    signed = position_of(line)
    manual = signed.discount_amount + round_money(
        line.quantity * signed.discount_per_unit, line.currency_code
    )
    net = line.base_amount - manual
    breakdown = taxes_from_json(line.taxes) or (
        TaxAmount(Tax("", line.tax_percent), net - line.discount_share, line.tax_amount),
    )
    return LinePrice(
        base_amount=line.base_amount,
        manual_discount=manual,
        net_amount=net,
        discount_share=line.discount_share,
        tax_amount=line.tax_amount,
        included_tax_amount=line.included_tax_amount,
        taxes=breakdown,
    )


def freight_of(document: Document) -> LinePrice:
    """Return a stored document's freight as a line, for example to split it."""
    return freight_price(document.freight_amount, taxes_from_json(document.freight_taxes))


def set_freight_taxes(change: Change, document: Document, codes: list[str] | Kept) -> None:
    """Set the taxes of a document's freight where they were given, for the next repricing."""
    if not isinstance(codes, Kept):
        taxes = taxes_of(change, codes, "freightTaxCodes")
        document.freight_taxes = taxes_as_json([TaxAmount(tax, ZERO, ZERO) for tax in taxes])
