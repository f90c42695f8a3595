"""Does a line tell how its price came about, and nothing of costs to whom they are not told?"""

from decimal import Decimal
from typing import Any

from models.document import explained_line
from models.pricing import (
    PriceBasis,
    PriceRule,
    PricingMethod,
    Rule,
    as_json,
    unit_price,
)

NOTHING = Decimal(0)


def priced_by(method: PricingMethod, percent: int, **basis: Decimal) -> dict[str, Any]:
    """Return the columns of a line of one unit whose price a rule of the catalogue made."""
    found = unit_price(PriceRule(method, percent=Decimal(percent)), PriceBasis(**basis), 2)
    return {
        "quantity": Decimal(1), "price_per_unit": found.amount, "price_steps": as_json(found.steps),
        "volume_discount": NOTHING, "discount_amount": NOTHING, "discount_per_unit": NOTHING,
        "tax_percent": NOTHING, "typed_tax": NOTHING, "taxes": [], "base_amount": found.amount,
        "discount_share": NOTHING, "tax_amount": NOTHING, "included_tax_amount": NOTHING,
        "currency_code": "EUR",
    }  # fmt: skip


def test_a_price_made_of_a_cost_is_told_as_it_stands_where_costs_are_not_told() -> None:
    """A markup of 50 % on 60.00 gives neither the cost nor the percentage away to a partner."""
    line = priced_by(PricingMethod.PERCENT_MARKUP_CURRENT_COST, 50, current_cost=Decimal(60))
    first = explained_line(line, sees_costs=True)[0]
    assert (first.rule, first.output) == (Rule.PERCENT_MARKUP, Decimal("90.00"))
    told = explained_line(line, sees_costs=False)
    assert (told[0].rule, told[0].output) == (Rule.TYPED_PRICE, Decimal("90.00"))
    figures = {each.value for step in told for each in step.inputs}
    assert figures & {Decimal(60), Decimal(50)} == set()


def test_a_part_of_the_list_price_is_told_to_everybody() -> None:
    """The list price is no secret, so that neither is the percentage of it."""
    line = priced_by(PricingMethod.PERCENT_OF_LIST, 90, list_price=Decimal(100))
    assert explained_line(line, sees_costs=False) == explained_line(line, sees_costs=True)
