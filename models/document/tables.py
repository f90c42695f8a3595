"""What do the priced documents of the chain have in common?

Opportunity, quote, order and invoice have the same totals; so do their lines. The columns are declared
once, here; each table file adds what is its own.
"""

from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import JSON
from sqlmodel import Field

from models.errors import Invalid
from models.lifecycle import Change, Kept, kept
from models.moment import TaxBase, TaxMode, TaxRounding
from models.money import Amount, Rate, require_money, require_percent
from models.record import Identifier, Part, camel, choice
from models.status import Staged

# What rows have that were there before the column.
_ZERO = {"server_default": "0"}
_NOTHING = {"server_default": "[]"}

# Ten years: longer payment terms are a typing error.
LONGEST_TERMS_DAYS = 3650


class LineType(StrEnum):
    """What a line is within its document."""

    PRODUCT = "PRODUCT"
    BUNDLE = "BUNDLE"
    REQUIRED_BUNDLE_PRODUCT = "REQUIRED_BUNDLE_PRODUCT"
    OPTIONAL_BUNDLE_PRODUCT = "OPTIONAL_BUNDLE_PRODUCT"


class ChainRecord(Staged):
    """A record of the story from lead to invoice."""

    filtered: ClassVar[tuple[str, ...]] = ("owner_id", "contact_id")

    chain_id: UUID = Field(foreign_key="chain.id", sa_type=Identifier, index=True)
    account_id: UUID | None = Field(default=None, foreign_key="account.id", sa_type=Identifier)
    contact_id: UUID | None = Field(default=None, foreign_key="contact.id", sa_type=Identifier)
    owner_id: UUID | None = Field(default=None, foreign_key="user.id", sa_type=Identifier)


class Document(ChainRecord):
    """A record with lines and totals, in one currency. Amounts are in ``currency_code``."""

    filtered: ClassVar[tuple[str, ...]] = ("name", "currency_code", "total")

    name: str = Field(max_length=300)
    currency_code: str = Field(max_length=3)
    # What its lines are priced by.
    price_list_id: UUID | None = Field(
        default=None, foreign_key="price_list.id", sa_type=Identifier, index=True
    )
    # Percent of the lines' net amount, taken off first.
    discount_percent: Decimal = Field(default=Decimal(0), sa_type=Amount)
    # Taken off after the percentage.
    discount_amount: Decimal = Field(default=Decimal(0), sa_type=Amount)
    # Added after discounts; untaxed unless it has taxes of its own.
    freight_amount: Decimal = Field(default=Decimal(0), sa_type=Amount)
    # The freight's part of the breakdown below.
    freight_taxes: list[dict[str, Any]] = Field(default_factory=list, sa_type=JSON, sa_column_kwargs=_NOTHING)
    # How its taxes are computed: the organisation's choice when the document was made.
    tax_rounding: TaxRounding = Field(
        default=TaxRounding.DOCUMENT,
        sa_type=choice(TaxRounding, "tax_rounding"),
        sa_column_kwargs={"server_default": TaxRounding.DOCUMENT.value},
    )
    tax_base: TaxBase = Field(
        default=TaxBase.AFTER_DISCOUNTS,
        sa_type=choice(TaxBase, "tax_base"),
        sa_column_kwargs={"server_default": TaxBase.AFTER_DISCOUNTS.value},
    )
    tax_mode: TaxMode = Field(
        default=TaxMode.COMPUTED,
        sa_type=choice(TaxMode, "tax_mode"),
        sa_column_kwargs={"server_default": TaxMode.COMPUTED.value},
    )
    # Sum of the lines' net amounts, before the document discount; with the taxes that prices include.
    line_total: Decimal = Field(default=Decimal(0), sa_type=Amount)
    # Percentage part and fixed part of the document discount together.
    discount_total: Decimal = Field(default=Decimal(0), sa_type=Amount)
    tax_total: Decimal = Field(default=Decimal(0), sa_type=Amount)
    # What of the tax the prices include.
    included_tax_total: Decimal = Field(default=Decimal(0), sa_type=Amount, sa_column_kwargs=_ZERO)
    # Every tax by code and rate, with its base and its amount (models/pricing/tax.py).
    taxes: list[dict[str, Any]] = Field(default_factory=list, sa_type=JSON, sa_column_kwargs=_NOTHING)
    total: Decimal = Field(default=Decimal(0), sa_type=Amount)
    # Units of its currency for one of the organisation's, frozen when it leaves its draft.
    exchange_rate: Decimal | None = Field(default=None, sa_type=Rate)
    base_currency_code: str | None = Field(default=None, max_length=3)
    # The total in the organisation's currency: it counts where the parts, each divided by itself, differ.
    base_total: Decimal | None = Field(default=None, sa_type=Amount)


class Line(Part):
    """One priced position of a document."""

    # What the same position bears on every document of the chain.
    lineage_id: UUID = Field(sa_type=Identifier, index=True)
    position: int
    line_type: LineType = Field(default=LineType.PRODUCT, sa_type=choice(LineType))
    # The lineage of the bundle's line that it belongs to: it finds it on every document of the chain.
    # Written with the noun of what it holds, so that it equals what the bundle's line shows as its own.
    bundle_lineage_id: UUID | None = Field(
        default=None, sa_type=Identifier, sa_column_kwargs={"info": {"noun": "lineage"}}
    )
    product_id: UUID | None = Field(default=None, foreign_key="product.id", sa_type=Identifier, index=True)
    # The version of the product that it quotes, and the price that it has.
    product_version_id: UUID | None = Field(
        default=None, foreign_key="product_version.id", sa_type=Identifier, index=True
    )
    price_list_item_id: UUID | None = Field(
        default=None, foreign_key="price_list_item.id", sa_type=Identifier, index=True
    )
    # The product's name, or what was written in.
    description: str = Field(max_length=500)
    quantity: Decimal = Field(sa_type=Amount)
    # The unit of the product's unit group, and its name; a line that was written in has a name only.
    counted_in_id: UUID | None = Field(default=None, foreign_key="unit.id", sa_type=Identifier, index=True)
    unit: str = Field(max_length=40)
    currency_code: str = Field(max_length=3)
    price_per_unit: Decimal = Field(sa_type=Amount)
    is_price_overridden: bool = False
    # How the price came about (models/pricing/trace.py); empty where it was typed.
    price_steps: list[dict[str, Any]] = Field(default_factory=list, sa_type=JSON, sa_column_kwargs=_NOTHING)
    # Taken off each unit for a large quantity, by a discount list.
    volume_discount: Decimal = Field(default=Decimal(0), sa_type=Amount, sa_column_kwargs=_ZERO)
    # The manual discounts, of the whole line and of each unit.
    discount_amount: Decimal = Field(default=Decimal(0), sa_type=Amount)
    discount_per_unit: Decimal = Field(default=Decimal(0), sa_type=Amount, sa_column_kwargs=_ZERO)
    # The rates of its taxes together.
    tax_percent: Decimal = Field(default=Decimal(0), sa_type=Amount)
    # The tax that was typed; it counts in the tax mode TYPED alone.
    typed_tax: Decimal = Field(default=Decimal(0), sa_type=Amount, sa_column_kwargs=_ZERO)
    # Its taxes, each with its base and amount (models/pricing/tax.py).
    taxes: list[dict[str, Any]] = Field(default_factory=list, sa_type=JSON, sa_column_kwargs=_NOTHING)
    # Quantity times price less volume discount, rounded to the currency.
    base_amount: Decimal = Field(default=Decimal(0), sa_type=Amount)
    # The line's part of the document discount.
    discount_share: Decimal = Field(default=Decimal(0), sa_type=Amount)
    # The line's part of the tax of its rates, and what of it the price includes.
    tax_amount: Decimal = Field(default=Decimal(0), sa_type=Amount)
    included_tax_amount: Decimal = Field(default=Decimal(0), sa_type=Amount, sa_column_kwargs=_ZERO)
    # Base less manual discounts, plus the tax that the price does not include: Dynamics' extended amount.
    extended_amount: Decimal = Field(default=Decimal(0), sa_type=Amount)


# What the pricing computes of a line.
PRICED = (
    "discount_amount",
    "taxes",
    "base_amount",
    "discount_share",
    "tax_amount",
    "included_tax_amount",
    "extended_amount",
)
# What it computes them from, a line's place and the bundle that it belongs to: all that counts of a line
# where another one changes.
FIGURES = (
    "position",
    "bundle_lineage_id",
    "quantity",
    "price_per_unit",
    "volume_discount",
    "discount_per_unit",
    "tax_percent",
    "typed_tax",
    *PRICED,
)
# What a line keeps when it is carried to the next document.
CARRIED = (
    "lineage_id",
    "position",
    "line_type",
    "bundle_lineage_id",
    "product_id",
    "product_version_id",
    "price_list_item_id",
    "description",
    "quantity",
    "counted_in_id",
    "unit",
    "currency_code",
    "price_per_unit",
    "is_price_overridden",
    "price_steps",
    "volume_discount",
    "discount_amount",
    "discount_per_unit",
    "tax_percent",
    "typed_tax",
    "taxes",
    "base_amount",
    "discount_share",
    "tax_amount",
    "included_tax_amount",
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
    "price_list_id",
    "discount_percent",
    "discount_amount",
    "freight_amount",
    "freight_taxes",
    "tax_rounding",
    "tax_base",
    "tax_mode",
    "line_total",
    "discount_total",
    "tax_total",
    "included_tax_total",
    "taxes",
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


def require_terms(days: int | None, name: str) -> None:
    """Refuse payment terms that are negative or longer than ten years.

    Raises:
        Invalid: they are below 0 or above 3650 days.
    """
    if days is not None and not 0 <= days <= LONGEST_TERMS_DAYS:
        message = f"{camel(name)} is {days}; it is 0 to {LONGEST_TERMS_DAYS}."
        raise Invalid(message, path=("input", camel(name)))


def require_past(change: Change, day: date | None, name: str) -> date:
    """Return the day on which something happened, today where none is given.

    Raises:
        Invalid: it lies in the future.
    """
    today = change.moment.today
    if day is not None and day > today:
        message = f"{camel(name)} {day} lies in the future; today is {today}."
        raise Invalid(message, path=("input", camel(name)), code="INVALID_DATES")
    return day or today
