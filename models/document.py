"""What do the priced documents of the chain have in common?

Opportunity, quote, order and invoice have the same totals; so do their lines. The columns are declared
once, here; each table file adds what is its own.
"""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlmodel import Field

from models.errors import Invalid
from models.lifecycle import Kept, kept
from models.money import CURRENCY_DIGITS, Amount, digits, plain, round_money
from models.pricing import HUNDRED, Position, Terms, price
from models.record import Identifier, Part, camel
from models.status import Staged

# Ten years: longer payment terms are a typing error.
LONGEST_TERMS_DAYS = 3650


class ChainRecord(Staged):
    """A record of the story from lead to invoice."""

    chain_id: UUID = Field(foreign_key="chain.id", sa_type=Identifier, index=True)
    account_id: UUID | None = Field(default=None, foreign_key="account.id", sa_type=Identifier)
    contact_id: UUID | None = Field(default=None, foreign_key="contact.id", sa_type=Identifier, index=True)
    owner_id: UUID | None = Field(default=None, foreign_key="user.id", sa_type=Identifier, index=True)


class Document(ChainRecord):
    """A record with lines and totals, in one currency. Amounts are in ``currency_code``."""

    name: str = Field(max_length=300)
    currency_code: str = Field(max_length=3)
    # Percent of the lines' net amount, taken off first.
    discount_percent: Decimal = Field(default=Decimal(0), sa_type=Amount)
    # Taken off after the percentage.
    discount_amount: Decimal = Field(default=Decimal(0), sa_type=Amount)
    # Added after discounts, untaxed.
    freight_amount: Decimal = Field(default=Decimal(0), sa_type=Amount)
    # Sum of the lines' net amounts, before the document discount.
    line_total: Decimal = Field(default=Decimal(0), sa_type=Amount)
    # Percentage part and fixed part of the document discount together.
    discount_total: Decimal = Field(default=Decimal(0), sa_type=Amount)
    tax_total: Decimal = Field(default=Decimal(0), sa_type=Amount)
    total: Decimal = Field(default=Decimal(0), sa_type=Amount)


class Line(Part):
    """One priced position of a document."""

    # What the same position bears on every document of the chain.
    lineage_id: UUID = Field(sa_type=Identifier)
    position: int
    product_id: UUID | None = Field(default=None, foreign_key="product.id", sa_type=Identifier, index=True)
    # The product's name, or what was written in.
    description: str = Field(max_length=500)
    quantity: Decimal = Field(sa_type=Amount)
    unit: str = Field(max_length=40)
    currency_code: str = Field(max_length=3)
    price_per_unit: Decimal = Field(sa_type=Amount)
    is_price_overridden: bool = False
    # The manual discount of the whole line.
    discount_amount: Decimal = Field(default=Decimal(0), sa_type=Amount)
    tax_percent: Decimal = Field(default=Decimal(0), sa_type=Amount)
    # Quantity times price, rounded to the currency.
    base_amount: Decimal = Field(default=Decimal(0), sa_type=Amount)
    # The line's part of the document discount.
    discount_share: Decimal = Field(default=Decimal(0), sa_type=Amount)
    # The line's part of the tax of its rate.
    tax_amount: Decimal = Field(default=Decimal(0), sa_type=Amount)
    # Base less manual discount, plus tax: Dynamics' extended amount.
    extended_amount: Decimal = Field(default=Decimal(0), sa_type=Amount)


def reprice(document: Document, lines: Sequence[Line]) -> None:
    """Compute what each line and the document come to from what is typed.

    Raises:
        Invalid: a discount larger than what it is taken off.
    """
    positions = [
        Position(line.quantity, line.price_per_unit, line.discount_amount, line.tax_percent) for line in lines
    ]
    terms = Terms(
        document.currency_code, document.discount_percent, document.discount_amount, document.freight_amount
    )
    prices, totals = price(positions, terms)
    for line, priced in zip(lines, prices, strict=True):
        if priced.net_amount < 0:
            taken = plain(line.discount_amount)
            message = f"The discount of {taken} is larger than the line's {plain(priced.base_amount)}."
            raise Invalid(message, path=("input", "discountAmount"), code="DISCOUNT_TOO_LARGE")
        line.base_amount = priced.base_amount
        line.discount_share = priced.discount_share
        line.tax_amount = priced.tax_amount
        line.extended_amount = priced.extended_amount
    if totals.discount_total > totals.line_total:
        taken, whole = plain(totals.discount_total), plain(totals.line_total)
        message = f"The discount of {taken} is larger than the lines' {whole}."
        raise Invalid(message, path=("input", "discountAmount"), code="DISCOUNT_TOO_LARGE")
    document.line_total = totals.line_total
    document.discount_total = totals.discount_total
    document.tax_total = totals.tax_total
    document.total = totals.total


# What a line keeps when it is carried to the next document.
CARRIED = (
    "lineage_id",
    "position",
    "product_id",
    "description",
    "quantity",
    "unit",
    "currency_code",
    "price_per_unit",
    "is_price_overridden",
    "discount_amount",
    "tax_percent",
    "base_amount",
    "discount_share",
    "tax_amount",
    "extended_amount",
)


def carried(line: Line, *without: str) -> dict[str, Any]:
    """Return the columns that a line hands on to the next document's line."""
    return {name: getattr(line, name) for name in CARRIED if name not in without}


def carried_terms(document: Document) -> dict[str, Any]:
    """Return the columns that a document hands on to the next: customer, currency, discounts and totals."""
    return {name: getattr(document, name) for name in _CARRIED_TERMS}


_CARRIED_TERMS = (
    "chain_id",
    "account_id",
    "contact_id",
    "owner_id",
    "name",
    "currency_code",
    "discount_percent",
    "discount_amount",
    "freight_amount",
    "line_total",
    "discount_total",
    "tax_total",
    "total",
)


def set_terms(
    document: Document,
    discount_percent: Decimal | Kept,
    discount_amount: Decimal | Kept,
    freight_amount: Decimal | Kept,
) -> None:
    """Set a document's discounts and freight where they were given.

    Raises:
        Invalid: a percentage out of range, or an amount that is negative or finer than the currency.
    """
    document.discount_percent = kept(discount_percent, document.discount_percent)
    require_percent(document.discount_percent, "discount_percent")
    document.discount_amount = kept(discount_amount, document.discount_amount)
    require_money(document.discount_amount, "discount_amount", document.currency_code)
    document.freight_amount = kept(freight_amount, document.freight_amount)
    require_money(document.freight_amount, "freight_amount", document.currency_code)


def require_positive(value: Decimal, name: str) -> None:
    """Refuse a value that is not above zero.

    Raises:
        Invalid: it is zero or negative.
    """
    if value <= 0:
        message = f"{camel(name)} is {plain(value)}; it has to be above zero."
        raise Invalid(message, path=("input", camel(name)))


def require_money(value: Decimal | None, name: str, currency_code: str) -> None:
    """Refuse a negative amount, or one finer than the currency's smallest coin.

    Raises:
        Invalid: it is negative, or has more digits than the currency.
    """
    if value is None:
        return
    if value < 0:
        message = f"{camel(name)} is {plain(value)}; it cannot be negative."
        raise Invalid(message, path=("input", camel(name)))
    if round_money(value, currency_code) != value:
        places = digits(currency_code)
        message = f"{camel(name)} is {plain(value)}; {currency_code} has {places} digits behind the point."
        raise Invalid(message, path=("input", camel(name)))


def require_percent(value: Decimal | None, name: str) -> None:
    """Refuse a percentage outside 0 to 100.

    Raises:
        Invalid: it is below 0 or above 100.
    """
    if value is not None and not 0 <= value <= HUNDRED:
        message = f"{camel(name)} is {plain(value)}; a percentage is between 0 and 100."
        raise Invalid(message, path=("input", camel(name)))


def require_terms(days: int | None, name: str) -> None:
    """Refuse payment terms that are negative or longer than ten years.

    Raises:
        Invalid: they are below 0 or above 3650 days.
    """
    if days is not None and not 0 <= days <= LONGEST_TERMS_DAYS:
        message = f"{camel(name)} is {days}; it is 0 to {LONGEST_TERMS_DAYS}."
        raise Invalid(message, path=("input", camel(name)))


def require_currency(code: str) -> str:
    """Return an ISO 4217 code after checking that it is one.

    Raises:
        Invalid: there is no such currency.
    """
    if code not in CURRENCY_DIGITS:
        message = f"{code!r} is not a currency of ISO 4217, such as EUR or USD."
        raise Invalid(message, path=("input", "currencyCode"))
    return code
