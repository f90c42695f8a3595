"""How is money held, rounded and shared out?

Amounts are exact decimals with at most six places, stored as integers of millionths, so that SQLite
sums them as exactly as PostgreSQL does. This module has the only rounding of the project: half up,
to the digits of the currency (ISO 4217).
"""

from collections.abc import Sequence
from decimal import ROUND_DOWN, ROUND_HALF_UP, Decimal
from typing import Any

from sqlalchemy import BigInteger, Dialect, TypeDecorator

PLACES = 6
SCALE = 10**PLACES
# 64 bits of millionths end at 9.2 million million: one more digit would not fit.
LARGEST = Decimal(9_000_000_000_000)

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


def digits(currency_code: str) -> int:
    """Return how many digits the currency has behind its point (ISO 4217), for example 0 for JPY."""
    return CURRENCY_DIGITS[currency_code]


def round_to(value: Decimal, places: int) -> Decimal:
    """Round half up (away from zero on a tie) to ``places`` digits behind the point."""
    return value.quantize(Decimal(1).scaleb(-places), rounding=ROUND_HALF_UP)


def round_money(value: Decimal, currency_code: str) -> Decimal:
    """Round half up to the digits of the currency."""
    return round_to(value, digits(currency_code))


def shares(total: Decimal, weights: Sequence[Decimal], places: int) -> list[Decimal]:
    """Split ``total`` in proportion to ``weights`` by largest remainder: the shares sum to ``total``.

    ``total`` has at most ``places`` digits behind its point. Ties go to the earlier weight. Where all
    weights are zero everything goes to the first; without weights there is nothing to share.
    """
    if not weights:
        return []
    sum_of_weights = sum(weights, Decimal(0))
    if sum_of_weights == 0:
        return [total, *[Decimal(0)] * (len(weights) - 1)]
    unit = Decimal(1).scaleb(-places)
    exact = [total * weight / sum_of_weights for weight in weights]
    parts = [value.quantize(unit, rounding=ROUND_DOWN) for value in exact]
    missing = int((total - sum(parts, Decimal(0))) / unit)
    step = unit if missing > 0 else -unit
    by_remainder = sorted(range(len(weights)), key=lambda index: (-abs(exact[index] - parts[index]), index))
    for index in by_remainder[: abs(missing)]:
        parts[index] += step
    return parts


def plain(value: Decimal) -> str:
    """Return the decimal without an exponent and without trailing zeros behind the point: ``"12.5"``."""
    text = f"{value:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def in_words(value: Decimal, currency_code: str) -> str:
    """Return an amount for people, for example ``EUR 1,250.00``."""
    return f"{currency_code} {value:,.{digits(currency_code)}f}"
