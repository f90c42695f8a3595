"""Can every step of a price be computed again, and do the steps lead to the totals?"""

from collections.abc import Callable
from decimal import Decimal

from hypothesis import given, settings

from models.money import round_money
from models.pricing import (
    Position,
    Rule,
    Step,
    Tax,
    Terms,
    as_json,
    explain_document,
    explain_line,
    from_json,
    price,
)
from tests.models.pricing.documents import EXAMPLES, documents

_ROUNDED = {Rule.BASE_AMOUNT, Rule.PERCENT_DISCOUNT}
# Rounded in one of their parts, or over the document.
_WITHIN_A_COIN = {Rule.MANUAL_DISCOUNT, Rule.TAX, Rule.TAX_INCLUDED}


_RULES: dict[Rule, Callable[[dict[str, Decimal]], Decimal]] = {
    Rule.TYPED_PRICE: lambda of: of["price_per_unit"],
    Rule.TAX_TYPED: lambda of: of["typed_tax"],
    Rule.LINE_TOTAL: lambda of: of["line_total"],
    Rule.BASE_AMOUNT: lambda of: of["quantity"] * (of["price_per_unit"] - of["volume_discount"]),
    Rule.MANUAL_DISCOUNT: lambda of: of["discount_amount"] + of["quantity"] * of["discount_per_unit"],
    Rule.NET_AMOUNT: lambda of: of["base_amount"] - of["manual_discount"],
    Rule.PERCENT_DISCOUNT: lambda of: of["line_total"] * of["percent"] / 100,
    Rule.DISCOUNT_TOTAL: lambda of: sum(of.values(), Decimal(0)),
    Rule.TAX_TOTAL: lambda of: sum(of.values(), Decimal(0)),
    Rule.TAX: lambda of: of["base"] * of["percent"] / 100,
    Rule.TAX_INCLUDED: lambda of: of["base"] * of["percent"] / 100,
    Rule.EXTENDED_AMOUNT: lambda of: of["net_amount"] + of["tax_amount"] - of["included_tax_amount"],
    Rule.TOTAL: lambda of: (
        of["line_total"]
        - of["discount_total"]
        + of["freight_amount"]
        + of["tax_total"]
        - of["included_tax_total"]
    ),
}
"""What a step's inputs come to before rounding; a share is what the others leave, and has none."""


def _check(steps: tuple[Step, ...], currency: str) -> None:
    """Compute every step again."""
    for step in steps:
        if step.rule not in _RULES:
            continue
        exact = _RULES[step.rule]({each.name: each.value for each in step.inputs})
        if step.rule in _ROUNDED:
            assert step.output == round_money(exact, currency)
        elif step.rule not in _WITHIN_A_COIN:
            assert step.output == exact
        assert abs(step.output - exact - step.rounding) < Decimal("1e-11")


@given(documents())
@settings(max_examples=EXAMPLES)
def test_steps_replay_to_the_totals(document: tuple[list[Position], Terms]) -> None:
    """Each output follows from its inputs, the last one is the total, and none is lost on its way to JSON."""
    positions, terms = document
    priced = price(positions, terms)
    for position, line in zip(positions, priced.lines, strict=True):
        steps = explain_line(position, line)
        _check(steps, terms.currency_code)
        assert steps[-1].output == line.extended_amount
        assert from_json(as_json(steps)) == steps
    totals = priced.totals
    steps = explain_document(terms, totals.line_total, totals.discount_total, priced.taxes, totals.total)
    _check(steps, terms.currency_code)
    assert (steps[-1].rule, steps[-1].output) == (Rule.TOTAL, totals.total)


def test_a_line_tells_what_rounding_did() -> None:
    """9.5 at 124.75 are 1,185.125, rounded up by half a cent; the tax of 19 % loses less than a cent."""
    position = Position(Decimal("9.5"), Decimal("124.75"), taxes=(Tax("VAT", Decimal(19)),))
    (line,) = price([position], Terms("EUR")).lines
    told = [(str(each.rule), str(each.output), each.rounding) for each in explain_line(position, line)]
    assert told == [
        ("TYPED_PRICE", "124.75", Decimal(0)),
        ("BASE_AMOUNT", "1185.13", Decimal("0.005")),
        ("NET_AMOUNT", "1185.13", Decimal(0)),
        ("TAX", "225.17", Decimal("-0.0047")),
        ("EXTENDED_AMOUNT", "1410.30", Decimal(0)),
    ]
