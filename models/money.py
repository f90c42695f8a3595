"""How is money held, rounded and shared out?

Amounts are exact decimals with at most six places, stored as integers of millionths, so that SQLite
sums them as exactly as PostgreSQL does. This module has the only rounding of the project: half up,
to the digits of the currency (ISO 4217).
"""

from collections.abc import Sequence
from contextlib import AbstractContextManager
from decimal import ROUND_FLOOR, ROUND_HALF_UP, Context, Decimal, Inexact, localcontext
from typing import Any

from sqlalchemy import BigInteger, Dialect, TypeDecorator

from models.errors import Invalid
from models.record import camel

PLACES = 6
SCALE = 10**PLACES
# 64 bits of millionths end at 9.2 million million: one more digit would not fit.
LARGEST = Decimal(9_000_000_000_000)

# Dataverse's exchange rates have as many places; 64 bits of them end at 9.2 million.
RATE_PLACES = 12
LARGEST_RATE = Decimal(9_000_000)
ZERO = Decimal(0)
HUNDRED = Decimal(100)
# Python's usual 28 digits are fewer than a product of two amounts may have. A quotient of amounts misses a
# tie by more than one part in 10^90, or is one: a hundred digits round it as all of its digits would.
_EXACT = Context(prec=100, rounding=ROUND_HALF_UP)
_EXACT.traps[Inexact] = False

# ISO 4217, list one: every currency in use whose minor unit is not 1/100.
_DIGITS = dict.fromkeys(
    [
        "BIF",
        "CLP",
        "DJF",
        "GNF",
        "ISK",
        "JPY",
        "KMF",
        "KRW",
        "PYG",
        "RWF",
        "UGX",
        "UYI",
        "VND",
        "VUV",
        "XAF",
        "XOF",
        "XPF",
    ],
    0,
)
_DIGITS |= dict.fromkeys(["BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"], 3)
_DIGITS |= {"CLF": 4, "UYW": 4}
# ISO 4217, list one: the currencies whose minor unit is 1/100.
_HUNDREDTHS = (
    "AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BMD BND BOB BRL BSD BTN BWP BYN BZD CAD CDF CHF CNY COP "
    "CRC CUP CVE CZK DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GTQ GYD HKD HNL HTG HUF IDR ILS "
    "INR IRR JMD KES KGS KHR KPW KYD KZT LAK LBP LKR LRD LSL MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN "
    "MYR MZN NAD NGN NIO NOK NPR NZD PAB PEN PGK PHP PKR PLN QAR RON RSD RUB SAR SBD SCR SDG SEK SGD SHP SLE "
    "SOS SRD SSP STN SVC SYP SZL THB TJS TMT TOP TRY TTD TWD TZS UAH USD UYU UZS VED VES WST XCD XCG YER ZAR "
    "ZMW ZWG"
)
CURRENCY_DIGITS: dict[str, int] = dict(sorted((_DIGITS | dict.fromkeys(_HUNDREDTHS.split(), 2)).items()))
"""The digits behind the point of every currency in use, by its ISO 4217 code."""


class Amount(TypeDecorator[Decimal]):
    """An exact decimal with at most six places: a 64-bit integer of millionths in the database."""

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: Any, dialect: Dialect) -> int | None:
        """Turn a decimal into millionths.

        Raises:
            ValueError: not a decimal, more than six places, or a value beyond ``LARGEST``.
        """
        del dialect
        if value is None:
            return None
        if not isinstance(value, Decimal | int):
            message = f"{value!r} is not an exact decimal"
            raise ValueError(message)  # noqa: TRY004  # One kind of error for every value that cannot be stored.
        scaled = Decimal(value).scaleb(PLACES)
        if scaled != scaled.to_integral_value() or abs(Decimal(value)) > LARGEST:
            message = f"{value} has more than {PLACES} places or is larger than {LARGEST}"
            raise ValueError(message)
        return int(scaled)

    def process_result_value(
        self, value: Any, dialect: Dialect
    ) -> Decimal | None:  # int, or Decimal from SUM.
        """Turn millionths into a decimal."""
        del dialect
        return None if value is None else Decimal(int(value)).scaleb(-PLACES)


class Rate(TypeDecorator[Decimal]):
    """An exchange rate with at most twelve places: a 64-bit integer of 10^-12 in the database."""

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: Decimal | None, dialect: Dialect) -> int | None:
        """Turn a rate into a whole number of its last place."""
        del dialect
        return None if value is None else int(value.scaleb(RATE_PLACES))

    def process_result_value(self, value: Any, dialect: Dialect) -> Decimal | None:
        """Turn a whole number of the last place into a rate."""
        del dialect
        return None if value is None else Decimal(int(value)).scaleb(-RATE_PLACES)


def in_base(amount: Decimal, rate: Decimal, base_currency_code: str) -> Decimal:
    """Return an amount in the organisation's currency, of which one unit is ``rate`` of the amount's."""
    with exactly():
        return round_money(amount / rate, base_currency_code)


def digits(currency_code: str) -> int:
    """Return how many digits the currency has behind its point (ISO 4217), for example 0 for JPY."""
    return CURRENCY_DIGITS[currency_code]


def round_to(value: Decimal, places: int) -> Decimal:
    """Round half up (away from zero on a tie) to ``places`` digits behind the point."""
    return value.quantize(Decimal(1).scaleb(-places), rounding=ROUND_HALF_UP)


def round_money(value: Decimal, currency_code: str) -> Decimal:
    """Round half up to the digits of the currency."""
    return round_to(value, digits(currency_code))


def exactly() -> AbstractContextManager[Context]:
    """Return a block in which amounts are computed with a hundred digits before they are rounded."""
    return localcontext(_EXACT)


def apportion(total: Decimal, quotas: Sequence[Decimal], places: int) -> list[Decimal]:
    """Round each quota down or up to ``places`` digits, so that together they are ``total``.

    ``total`` is the rounded sum of the quotas. The largest remainders are rounded up; of equal ones the
    larger quota, then the earlier. With all signs turned the answer is the same with its signs turned.
    """
    if total < 0:
        return [-part for part in apportion(-total, [-quota for quota in quotas], places)]
    unit = Decimal(1).scaleb(-places)
    parts = [quota.quantize(unit, rounding=ROUND_FLOOR) for quota in quotas]
    missing = int((total - sum(parts, ZERO)) / unit)
    if missing:
        order = sorted(
            range(len(quotas)), key=lambda index: (parts[index] - quotas[index], -quotas[index], index)
        )
        everyone, some = divmod(missing, len(quotas))
        for place, index in enumerate(order):
            parts[index] += unit * (everyone + (place < some))
    return parts


def quotas_of(total: Decimal, weights: Sequence[Decimal]) -> list[Decimal]:
    """Return what ``total`` comes to for each weight, in proportion and not rounded.

    Where all weights are zero everything goes to the first; where they cancel out, the size of each counts.
    """
    whole = sum(weights, ZERO)
    if whole == 0 and any(weights):
        weights = [abs(weight) for weight in weights]
        whole = sum(weights, ZERO)
    if whole == 0:
        return [total, *[ZERO] * (len(weights) - 1)] if weights else []
    return [total * weight / whole for weight in weights]


def shares(total: Decimal, weights: Sequence[Decimal], places: int) -> list[Decimal]:
    """Split ``total`` in proportion to ``weights`` by largest remainder: the shares sum to ``total``.

    ``total`` has at most ``places`` digits behind its point. Without weights there is nothing to share.
    """
    with exactly():
        return apportion(total, quotas_of(total, weights), places) if weights else []


def plain(value: Decimal) -> str:
    """Return the decimal without an exponent and without trailing zeros behind the point: ``"12.5"``."""
    # Half a coin below nothing is rounded to a zero with a sign.
    text = f"{value or Decimal(0):f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def in_words(value: Decimal, currency_code: str) -> str:
    """Return an amount for people, for example ``EUR 1,250.00``."""
    return f"{currency_code} {value:,.{digits(currency_code)}f}"


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


def require_currency(code: str) -> str:
    """Return an ISO 4217 code after checking that it is one.

    Raises:
        Invalid: there is no such currency.
    """
    if code not in CURRENCY_DIGITS:
        message = f"{code!r} is not a currency of ISO 4217, such as EUR or USD."
        raise Invalid(message, path=("input", "currencyCode"))
    return code
