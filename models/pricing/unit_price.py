"""What does one unit cost by the price list? The six pricing methods of Dynamics.

Source: Dynamics 365, "product pricing methods". A margin is a part of the price, a markup one of the cost.
"""

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from models.errors import Invalid
from models.money import HUNDRED, PLACES, digits, exactly, plain, round_to
from models.pricing.rounding import NO_ROUNDING, Rounding, RoundingPolicy, rounded
from models.pricing.trace import TRACE_PLACES, Rule, Step, step


class PricingMethod(StrEnum):
    """How a price list item makes a unit price."""

    CURRENCY_AMOUNT = "CURRENCY_AMOUNT"
    PERCENT_OF_LIST = "PERCENT_OF_LIST"
    PERCENT_MARKUP_CURRENT_COST = "PERCENT_MARKUP_CURRENT_COST"
    PERCENT_MARGIN_CURRENT_COST = "PERCENT_MARGIN_CURRENT_COST"
    PERCENT_MARKUP_STANDARD_COST = "PERCENT_MARKUP_STANDARD_COST"
    PERCENT_MARGIN_STANDARD_COST = "PERCENT_MARGIN_STANDARD_COST"


_RULES: dict[PricingMethod, tuple[Rule, str]] = {
    PricingMethod.PERCENT_OF_LIST: (Rule.PERCENT_OF_LIST, "list_price"),
    PricingMethod.PERCENT_MARKUP_CURRENT_COST: (Rule.PERCENT_MARKUP, "current_cost"),
    PricingMethod.PERCENT_MARGIN_CURRENT_COST: (Rule.PERCENT_MARGIN, "current_cost"),
    PricingMethod.PERCENT_MARKUP_STANDARD_COST: (Rule.PERCENT_MARKUP, "standard_cost"),
    PricingMethod.PERCENT_MARGIN_STANDARD_COST: (Rule.PERCENT_MARGIN, "standard_cost"),
}
_WORDS = {"list_price": "list price", "current_cost": "current cost", "standard_cost": "standard cost"}


@dataclass(frozen=True)
class PriceBasis:
    """What a product has to compute a price from, each of one unit; None where it is not known."""

    list_price: Decimal | None = None
    current_cost: Decimal | None = None
    standard_cost: Decimal | None = None


@dataclass(frozen=True)
class PriceRule:
    """What is typed of a price list item: an ``amount`` for CURRENCY_AMOUNT, else a ``percent``."""

    method: PricingMethod
    amount: Decimal | None = None
    percent: Decimal | None = None
    rounding: Rounding = NO_ROUNDING

    def check(self) -> None:
        """Refuse a rule that can never make a price.

        Raises:
            Invalid: its amount or percentage is missing or negative, or a margin is 100 % or more.
        """
        self.rounding.check()
        name = "amount" if self.method is PricingMethod.CURRENCY_AMOUNT else "percent"
        value: Decimal | None = getattr(self, name)
        if value is None:
            message = f"{self.method} needs {'an amount' if name == 'amount' else 'a percent'}."
            raise Invalid(message, path=("input", name))
        if value < 0:
            message = f"{name} is {plain(value)}; it cannot be negative."
            raise Invalid(message, path=("input", name))
        if name == "percent" and _RULES[self.method][0] is Rule.PERCENT_MARGIN and value >= HUNDRED:
            message = f"percent is {plain(value)}; a margin is a part of the price and lies below 100."
            raise Invalid(message, path=("input", "percent"), code="MARGIN_TOO_LARGE")


@dataclass(frozen=True)
class UnitPrice:
    """The price of one unit, and how it came about."""

    amount: Decimal
    steps: tuple[Step, ...]


def price_places(organization_places: int, currency_code: str) -> int:
    """Return the pricing precision: digits of a computed unit price, never fewer than the currency has."""
    return min(max(organization_places, digits(currency_code)), PLACES)


def unit_price(rule: PriceRule, basis: PriceBasis, places: int) -> UnitPrice:
    """Return what one unit costs, to ``places`` digits. A typed amount stands as it is.

    Raises:
        Invalid: the rule can never make a price, or the product lacks what it is computed from.
    """
    rule.check()
    if rule.method is PricingMethod.CURRENCY_AMOUNT:
        amount = rule.amount or Decimal(0)
        return UnitPrice(amount, (step(Rule.CURRENCY_AMOUNT, {"amount": amount}, amount),))
    kind, source = _RULES[rule.method]
    known: Decimal | None = getattr(basis, source)
    if known is None:
        message = f"The product has no {_WORDS[source]}, which {rule.method} computes from."
        raise Invalid(message, path=("input", "productId"), code="PRICE_BASIS_MISSING")
    percent = rule.percent or Decimal(0)
    has_policy = rule.rounding.policy is not RoundingPolicy.NONE
    with exactly():
        exact = _apply(kind, known, percent)
        # A policy looks at the exact price: one that was rounded before could miss its multiple.
        amount = round_to(exact, TRACE_PLACES if has_policy else places)
        steps = [step(kind, {source: known, "percent": percent}, amount, exact)]
        if has_policy:
            steps.append(_rounding_step(amount, rule.rounding))
    return UnitPrice(steps[-1].output, tuple(steps))


def _rounding_step(price: Decimal, rounding: Rounding) -> Step:
    """Return the step that applies a rounding policy."""
    inputs = {"price": price, "rounding_amount": rounding.amount}
    subject = f"{rounding.policy} {rounding.option}"
    return step(Rule.ROUNDING_POLICY, inputs, rounded(price, rounding), price, subject=subject)


def _apply(kind: Rule, basis: Decimal, percent: Decimal) -> Decimal:
    """Return the exact price."""
    if kind is Rule.PERCENT_OF_LIST:
        return basis * percent / HUNDRED
    if kind is Rule.PERCENT_MARKUP:
        return basis * (HUNDRED + percent) / HUNDRED
    return basis * HUNDRED / (HUNDRED - percent)
