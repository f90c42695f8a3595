"""Is money exact, rounded in one way, and shared out without losing a cent?"""

from decimal import ROUND_HALF_UP, Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy.dialects import sqlite

from models.money import (
    CURRENCY_DIGITS,
    LARGEST,
    Amount,
    digits,
    in_words,
    plain,
    round_money,
    round_to,
    shares,
)

_DIALECT = sqlite.dialect()
_weights = st.lists(st.decimals("0", "100000", places=2), min_size=1, max_size=12)


@pytest.mark.parametrize(
    ("value", "currency", "rounded"),
    [
        ("1185.125", "EUR", "1185.13"),
        ("0.005", "EUR", "0.01"),
        ("-0.005", "EUR", "-0.01"),
        ("2.675", "USD", "2.68"),
        ("1.5", "JPY", "2"),
        ("2.5", "JPY", "3"),
        ("1.0005", "KWD", "1.001"),
        ("1.00045", "CLF", "1.0005"),
    ],
)
def test_rounding_is_half_up_to_the_currency(value: str, currency: str, rounded: str) -> None:
    """A tie goes away from zero, at the last digit that the currency has."""
    assert round_money(Decimal(value), currency) == Decimal(rounded)


@pytest.mark.parametrize(("currency", "places"), [("EUR", 2), ("JPY", 0), ("KWD", 3), ("CLF", 4)])
def test_currencies_have_their_digits(currency: str, places: int) -> None:
    """The digits are those of ISO 4217."""
    assert digits(currency) == places


def test_currency_codes_are_well_formed() -> None:
    """Every code is three capital letters, in order, and the common ones are there."""
    assert list(CURRENCY_DIGITS) == sorted(CURRENCY_DIGITS)
    assert all(len(code) == 3 and code.isupper() for code in CURRENCY_DIGITS)
    assert {"EUR", "USD", "GBP", "CHF", "JPY", "KWD"} <= set(CURRENCY_DIGITS)


def test_a_published_discount_is_shared_as_published() -> None:
    """75 over 75, 500, 200, 100, 50 and 50 adds up (saleor#17024)."""
    weights = [Decimal(each) for each in (75, 500, 200, 100, 50, 50)]
    assert shares(Decimal(75), weights, 2) == [
        Decimal(each) for each in ("5.77", "38.46", "15.38", "7.69", "3.85", "3.85")
    ]


def test_ties_go_to_the_earlier_share() -> None:
    """A cent that belongs to nobody goes to the first."""
    assert shares(Decimal("0.01"), [Decimal(1), Decimal(1)], 2) == [Decimal("0.01"), Decimal(0)]


def test_shares_of_nothing() -> None:
    """Without weights there is nothing to share; with zero weights the first takes everything."""
    assert shares(Decimal(5), [], 2) == []
    assert shares(Decimal(5), [Decimal(0), Decimal(0)], 2) == [Decimal(5), Decimal(0)]


@given(st.decimals("0", "1000000", places=3), _weights, st.sampled_from([0, 2, 3]))
def test_shares_add_up_and_are_fair(total: Decimal, weights: list[Decimal], places: int) -> None:
    """The shares sum to the total, each within one unit of its exact part, none below zero."""
    total = round_to(total, places)
    parts = shares(total, weights, places)
    assert sum(parts) == total
    assert {type(part) for part in parts} == {Decimal}
    assert min(parts) >= 0
    assert all(part == round_to(part, places) for part in parts)
    if sum(weights):
        unit = Decimal(1).scaleb(-places)
        for part, weight in zip(parts, weights, strict=True):
            assert abs(part - total * weight / sum(weights)) < unit


@given(st.decimals(-LARGEST, LARGEST, places=6))
def test_amounts_are_stored_exactly(value: Decimal) -> None:
    """An amount of six places comes back as it went in, and is an integer in between."""
    amount = Amount()
    stored = amount.process_bind_param(value, _DIALECT)
    assert isinstance(stored, int)
    assert amount.process_result_value(stored, _DIALECT) == value


@pytest.mark.parametrize("value", [0.1, Decimal("0.0000001"), LARGEST + 1, "1", Decimal("NaN")])
def test_an_inexact_amount_is_never_stored(value: object) -> None:
    """A float, a seventh place, a value beyond 64 bits, a text and no number at all are refused."""
    with pytest.raises((ValueError, ArithmeticError)):
        Amount().process_bind_param(value, _DIALECT)


def test_null_stays_null() -> None:
    """Nothing is nothing, not zero."""
    assert Amount().process_bind_param(None, _DIALECT) is None
    assert Amount().process_result_value(None, _DIALECT) is None


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("12.500000", "12.5"),
        ("100", "100"),
        ("1E+3", "1000"),
        ("0.000001", "0.000001"),
        ("-0.10", "-0.1"),
        ("-0.00", "0"),
    ],
)
def test_plain_numbers_have_no_exponent_and_no_tail(value: str, text: str) -> None:
    """A number is written out, without zeros that say nothing."""
    assert plain(Decimal(value)) == text


@given(st.decimals("-1000000", "1000000", places=6))
def test_plain_numbers_lose_nothing(value: Decimal) -> None:
    """The text is the number."""
    assert Decimal(plain(value)) == value


def test_amounts_in_words_have_the_currency_in_front() -> None:
    """People read the code, groups of thousands, and the currency's digits."""
    assert in_words(Decimal(1250), "EUR") == "EUR 1,250.00"
    assert in_words(Decimal(1250), "JPY") == "JPY 1,250"


@given(st.decimals("-1000000", "1000000", places=6), st.sampled_from([0, 2, 3]))
def test_rounding_agrees_with_the_decimal_module(value: Decimal, places: int) -> None:
    """There is one rounding: half up."""
    assert round_to(value, places) == value.quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP)
