"""Do the six pricing methods, the rounding policies and the quantity breaks make the right unit price?"""

import math
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.errors import Invalid
from models.pricing import (
    Input,
    PriceBasis,
    PriceRule,
    PricingMethod,
    QuantityBreak,
    Rounding,
    RoundingOption,
    RoundingPolicy,
    Rule,
    as_json,
    from_json,
    price_places,
    require_breaks,
    rounded,
    unit_price,
    volume_discount,
)
from tests.models.pricing.documents import EXAMPLES, amounts

_BASIS = PriceBasis(Decimal(250), Decimal(100), Decimal(80))
_POLICIES = {"up": RoundingPolicy.UP, "down": RoundingPolicy.DOWN, "nearest": RoundingPolicy.TO_NEAREST}
_OPTIONS = {"ends": RoundingOption.ENDS_IN, "multiple": RoundingOption.MULTIPLE_OF}


@pytest.mark.parametrize(
    ("method", "percent", "amount"),
    [
        (PricingMethod.PERCENT_OF_LIST, "90", "225.00"),
        (PricingMethod.PERCENT_MARKUP_CURRENT_COST, "50", "150.00"),
        (PricingMethod.PERCENT_MARGIN_CURRENT_COST, "50", "200.00"),
        (PricingMethod.PERCENT_MARKUP_STANDARD_COST, "25", "100.00"),
        (PricingMethod.PERCENT_MARGIN_STANDARD_COST, "20", "100.00"),
        (PricingMethod.PERCENT_MARGIN_CURRENT_COST, "30", "142.86"),
    ],
)
def test_a_method_makes_its_price(method: PricingMethod, percent: str, amount: str) -> None:
    """A percentage of the list price, a markup on a cost, a margin of the price."""
    found = unit_price(PriceRule(method, percent=Decimal(percent)), _BASIS, 2)
    assert str(found.amount) == amount


def test_a_typed_amount_stands() -> None:
    """Neither places nor a policy round the amount of a price list item."""
    rule = PriceRule(
        PricingMethod.CURRENCY_AMOUNT,
        Decimal("12.3456"),
        rounding=Rounding(RoundingPolicy.UP, RoundingOption.ENDS_IN, Decimal("0.99")),
    )
    assert unit_price(rule, PriceBasis(), 2).amount == Decimal("12.3456")


def test_a_policy_rounds_the_exact_price_and_the_steps_say_so() -> None:
    """100 at a margin of 30 % is 142.857…; up to an end in .99 it is 142.99."""
    rule = PriceRule(
        PricingMethod.PERCENT_MARGIN_CURRENT_COST,
        percent=Decimal(30),
        rounding=Rounding(RoundingPolicy.UP, RoundingOption.ENDS_IN, Decimal("0.99")),
    )
    found = unit_price(rule, _BASIS, 2)
    assert found.amount == Decimal("142.99")
    assert [(each.rule, each.output) for each in found.steps] == [
        (Rule.PERCENT_MARGIN, Decimal("142.857142857143")),
        (Rule.ROUNDING_POLICY, Decimal("142.990000000000")),
    ]
    last = found.steps[-1]
    assert last.inputs == (
        Input("price", Decimal("142.857142857143")), Input("rounding_amount", Decimal("0.99")),
    )  # fmt: skip
    assert (last.rounding, last.subject) == (Decimal("0.132857142857"), "UP ENDS_IN")
    assert from_json(as_json(found.steps)) == found.steps


@pytest.mark.parametrize(
    ("policy", "option", "amount", "value", "expected"),
    [
        ("up", "ends", "0.99", "12.34", "12.99"),
        ("up", "multiple", "0.05", "12.34", "12.35"),
        ("down", "multiple", "5", "12.34", "10"),
        ("down", "ends", "0.99", "12.34", "11.99"),
        ("nearest", "ends", "0.99", "12.34", "11.99"),
        ("nearest", "ends", "0.99", "12.49", "12.99"),
        ("up", "ends", "9.95", "12.34", "19.95"),
        ("down", "ends", "9.95", "12.34", "9.95"),
        ("nearest", "ends", "95", "145", "195"),
        ("up", "ends", "0", "12.34", "13"),
        ("nearest", "multiple", "0.05", "12.325", "12.35"),
        ("up", "multiple", "0.05", "12.35", "12.35"),
        ("down", "ends", "0.99", "0.50", "0.99"),
        ("nearest", "ends", "0.99", "0.20", "0.99"),
    ],
)
def test_a_price_is_rounded_by_policy(
    policy: str, option: str, amount: str, value: str, expected: str
) -> None:
    """Up, down and nearest, to a multiple or an end; ties go up, and no price falls below zero."""
    rounding = Rounding(_POLICIES[policy], _OPTIONS[option], Decimal(amount))
    assert rounded(Decimal(value), rounding) == Decimal(expected)


@given(
    st.sampled_from(RoundingPolicy),
    st.sampled_from(RoundingOption),
    st.decimals("0.01", "200", places=2),
    st.decimals("0", "5000", places=4),
)
def test_a_rounded_price_is_on_its_side_and_stays(
    policy: RoundingPolicy, option: RoundingOption, amount: Decimal, value: Decimal
) -> None:
    """Up is not below and down not above, and what is rounded is not rounded again."""
    rounding = Rounding(policy, option, amount)
    found = rounded(value, rounding)
    assert rounded(found, rounding) == found
    assert found >= 0
    if policy is RoundingPolicy.UP:
        assert found >= value
    if policy is RoundingPolicy.DOWN and value >= amount:
        assert found <= value


@pytest.mark.parametrize(
    ("rule", "code", "field", "message"),
    [
        (
            PriceRule(PricingMethod.PERCENT_MARGIN_CURRENT_COST, percent=Decimal(100)),
            "MARGIN_TOO_LARGE",
            "percent",
            "percent is 100; a margin is a part of the price and lies below 100.",
        ),
        (
            PriceRule(PricingMethod.PERCENT_OF_LIST),
            "VALIDATION",
            "percent",
            "PERCENT_OF_LIST needs a percent.",
        ),
        (
            PriceRule(PricingMethod.CURRENCY_AMOUNT, Decimal(-1)),
            "VALIDATION",
            "amount",
            "amount is -1; it cannot be negative.",
        ),
        (
            PriceRule(
                PricingMethod.PERCENT_OF_LIST, percent=Decimal(5), rounding=Rounding(RoundingPolicy.UP)
            ),
            "VALIDATION",
            "roundingAmount",
            "roundingAmount is 0; with MULTIPLE_OF it has to be above zero.",
        ),
        (
            PriceRule(PricingMethod.PERCENT_MARKUP_STANDARD_COST, percent=Decimal(5)),
            "PRICE_BASIS_MISSING",
            "productId",
            "The product has no standard cost, which PERCENT_MARKUP_STANDARD_COST computes from.",
        ),
    ],
)
def test_a_rule_that_makes_no_price_is_refused(rule: PriceRule, code: str, field: str, message: str) -> None:
    """A margin of 100 %, a missing or negative figure, a product without the cost."""
    with pytest.raises(Invalid) as caught:
        unit_price(rule, PriceBasis(), 2)
    assert (caught.value.code, caught.value.path, caught.value.message) == (code, ("input", field), message)


def test_the_pricing_precision_is_never_coarser_than_the_currency() -> None:
    """Two digits are three for the dinar."""
    assert (price_places(2, "EUR"), price_places(2, "KWD"), price_places(4, "JPY")) == (2, 3, 4)


_BREAKS = [
    QuantityBreak(Decimal(10), Decimal("49.99999"), percent=Decimal(5)),
    QuantityBreak(Decimal(50), None, amount=Decimal("1.25")),
]


@pytest.mark.parametrize(
    ("quantity", "taken"),
    [
        ("9.99", "0"),
        ("10", "0.50"),
        ("49.99999", "0.50"),
        ("49.999995", "0"),
        ("50", "1.25"),
        ("-10", "0.50"),
    ],
)
def test_a_quantity_falls_into_its_row(quantity: str, taken: str) -> None:
    """Both ends of a row belong to it; what comes back is discounted as it went out."""
    assert volume_discount(_BREAKS, Decimal(quantity), Decimal("9.95"), 2).amount == Decimal(taken)


@pytest.mark.parametrize(
    ("breaks", "path", "code"),
    [
        ([QuantityBreak(Decimal(0), percent=Decimal(1))], (0, "low"), "VALIDATION"),
        ([QuantityBreak(Decimal(5), Decimal(4), percent=Decimal(1))], (0, "high"), "VALIDATION"),
        ([QuantityBreak(Decimal(1))], (0,), "VALIDATION"),
        ([QuantityBreak(Decimal(1), percent=Decimal(1), amount=Decimal(1))], (0,), "VALIDATION"),
        ([QuantityBreak(Decimal(1), percent=Decimal(101))], (0, "percent"), "VALIDATION"),
        ([QuantityBreak(Decimal(1), amount=Decimal(-1))], (0, "amount"), "VALIDATION"),
        (
            [QuantityBreak(Decimal(5), percent=Decimal(1)), QuantityBreak(Decimal(1), percent=Decimal(1))],
            (0, "low"),
            "OVERLAPPING_BREAKS",
        ),
    ],
)
def test_rows_that_cannot_be_are_refused(
    breaks: list[QuantityBreak], path: tuple[str | int, ...], code: str
) -> None:
    """A row without a discount, one that ends before it begins, two that hold one quantity."""
    with pytest.raises(Invalid) as caught:
        require_breaks(breaks)
    assert (caught.value.code, caught.value.path) == (code, ("input", "breaks", *path))
    require_breaks(_BREAKS)


@st.composite
def discount_lists(draw: st.DrawFn) -> list[QuantityBreak]:
    """Return rows that do not overlap, in any order; some quantities lie between them, or beyond."""
    edges = sorted(draw(st.sets(st.integers(1, 400), min_size=2, max_size=10)))
    lows, highs = edges[::2], edges[1::2]
    rows = []
    for index, low in enumerate(lows):
        last = highs[index] if index < len(highs) else None
        discount = Decimal(draw(st.integers(0, 10_000))).scaleb(-2)
        is_percent = draw(st.booleans())
        rows.append(
            QuantityBreak(
                Decimal(low).scaleb(-1),
                None if last is None else Decimal(last).scaleb(-1),
                percent=discount if is_percent else None,
                amount=None if is_percent else discount,
            )
        )
    return draw(st.permutations(rows))


@settings(max_examples=EXAMPLES)
@given(discount_lists(), amounts(-50, 50, 2), amounts(0, 1000, 4), st.sampled_from([0, 2, 3]))
def test_any_quantity_gets_what_its_row_says(
    rows: list[QuantityBreak], quantity: Decimal, price: Decimal, places: int
) -> None:
    """One row or none holds it, whatever their order; the step says how what is taken off came about."""
    require_breaks(rows)
    found = volume_discount(rows, quantity, price, places)
    assert found == volume_discount(rows[::-1], quantity, price, places)
    own = [
        each for each in rows if each.low <= abs(quantity) and (each.high or Decimal(1000)) >= abs(quantity)
    ]
    if not own:
        assert found.amount == 0
        assert found.steps == ()
        return
    ((row,), (told,)) = own, found.steps
    assert told.output == found.amount
    if row.amount is not None:
        assert (found.amount, told.rule) == (row.amount, Rule.VOLUME_AMOUNT)
    else:
        exact = Fraction(price) * Fraction(row.percent or 0) / 100
        assert Fraction(found.amount) == Fraction(math.floor(exact * 10**places + Fraction(1, 2)), 10**places)
        assert Fraction(told.rounding) == Fraction(found.amount) - exact


@settings(max_examples=EXAMPLES)
@given(discount_lists(), st.data())
def test_no_list_holds_a_quantity_twice(rows: list[QuantityBreak], data: st.DataObject) -> None:
    """A row that begins or ends within another one, or goes around it, is refused."""
    row = data.draw(st.sampled_from(rows))
    step = Decimal("0.05")
    low, high = row.low, row.high or row.low
    begin = data.draw(st.sampled_from([low, high, max(low - step, step)]))
    other = QuantityBreak(begin, max(begin, high) + step, percent=Decimal(1))
    with pytest.raises(Invalid) as caught:
        require_breaks([*rows, other])
    assert caught.value.code == "OVERLAPPING_BREAKS"
