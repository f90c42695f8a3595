"""What do amounts come to? Sums and weights in whole numbers: no overflow, and the same on both engines."""

from decimal import Decimal
from typing import Any

import sqlalchemy
from sqlalchemy import BigInteger, ColumnElement, case, func, literal_column

from models.money import CURRENCY_DIGITS, HUNDRED, PLACES, SCALE, digits

_USUAL_DIGITS = 2


def millionths(amount: Any) -> ColumnElement[int]:
    """Return an amount as the number that the database holds."""
    return sqlalchemy.type_coerce(amount, BigInteger)


def summed(amount: ColumnElement[int]) -> tuple[ColumnElement[Any], ColumnElement[Any]]:
    """Return the sums of the whole units and of the rests of amounts: neither outgrows 64 bits."""
    scale = _number(SCALE)
    return func.sum(amount // scale), func.sum(amount % scale)


def total(whole: Any, rest: Any) -> Decimal:
    """Return the sum that ``summed`` took apart; zero where there was nothing to sum."""
    return Decimal(int(whole or 0) * SCALE + int(rest or 0)).scaleb(-PLACES)


def weighted(
    amount: ColumnElement[int], percent: Any, currency_code: ColumnElement[Any]
) -> ColumnElement[int]:
    """Return a percentage of an amount that is not negative, rounded half up to the digits of the currency.

    With the coin ``u`` the amount is ``k`` hundreds of it and the rest ``m``: k·u·percent is whole, and only
    m·percent / 100 is rounded. No product is larger than the amount, or than a hundred rests.
    """
    coin = _coin(currency_code)
    hundred, half = coin * _number(int(HUNDRED)), coin * _number(int(HUNDRED) // 2)
    many, rest = amount // hundred, amount % hundred
    return sqlalchemy.type_coerce(coin * (many * percent + (rest * percent + half) // hundred), BigInteger)


def _coin(currency_code: ColumnElement[Any]) -> ColumnElement[int]:
    """Return the smallest coin of a currency in millionths."""
    by_digits: dict[int, list[str]] = {}
    for code in CURRENCY_DIGITS:
        if digits(code) != _USUAL_DIGITS:
            by_digits.setdefault(digits(code), []).append(code)
    coins = [(currency_code.in_(codes), _number(10 ** (PLACES - of))) for of, codes in by_digits.items()]
    return case(*coins, else_=_number(10 ** (PLACES - _USUAL_DIGITS)))


def _number(value: int) -> ColumnElement[int]:
    """Return a constant as a part of the statement: PostgreSQL types a parameter by its size."""
    return sqlalchemy.cast(literal_column(str(value)), BigInteger)
