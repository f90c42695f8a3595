"""When, and under whose house rules, does a command or a question run?

Time is given, not taken: whoever runs a command hands in the instant, so that expiry and due dates
can be tested, and every row of one transaction bears the same one.
"""

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo


class TaxRounding(StrEnum):
    """Where tax is rounded: once per rate of the document, or on every line."""

    DOCUMENT = "DOCUMENT"
    LINE = "LINE"


class TaxBase(StrEnum):
    """What is taxed: what is left after all discounts, or the lines' net before the document discount."""

    AFTER_DISCOUNTS = "AFTER_DISCOUNTS"
    BEFORE_DOCUMENT_DISCOUNT = "BEFORE_DOCUMENT_DISCOUNT"


class TaxMode(StrEnum):
    """Whether tax is computed from rates, or typed as an amount on every line, as in Dynamics."""

    COMPUTED = "COMPUTED"
    TYPED = "TYPED"


class DiscountCalculation(StrEnum):
    """What a line's discountAmount is taken off where it is typed: the whole line, or each of its units."""

    LINE_ITEM = "LINE_ITEM"
    PER_UNIT = "PER_UNIT"


@dataclass(frozen=True)
class Organization:
    """The one company that a deployment serves, and its choices."""

    time_zone: ZoneInfo = field(default_factory=lambda: ZoneInfo("UTC"))
    currency_code: str = "EUR"
    quote_validity_days: int = 30
    payment_terms_days: int = 30
    # How a series is numbered where not as models/numbering.py has it: ("I", "{year}/{number}").
    number_patterns: tuple[tuple[str, str], ...] = ()
    # What a new document's taxes follow; the document keeps it.
    tax_rounding: TaxRounding = TaxRounding.DOCUMENT
    tax_base: TaxBase = TaxBase.AFTER_DISCOUNTS
    tax_mode: TaxMode = TaxMode.COMPUTED
    discount_calculation: DiscountCalculation = DiscountCalculation.LINE_ITEM
    # Digits of a computed unit price: Dynamics' pricing decimal precision.
    price_places: int = 2
    # Whether a product goes on a document only with a price of the document's price list.
    price_list_is_mandatory: bool = False
    # Whether webhooks may be sent to this machine, without TLS as well: for development.
    webhooks_to_loopback: bool = False


@dataclass(frozen=True)
class Moment:
    """An instant, seen from the organisation's time zone."""

    now: datetime
    organization: Organization

    @property
    def today(self) -> date:
        """The calendar day of the organisation: what valid-until and due dates are compared with."""
        return self.now.astimezone(self.organization.time_zone).date()

    def in_days(self, days: int) -> date:
        """Return the calendar day ``days`` after today."""
        return self.today + timedelta(days=days)
