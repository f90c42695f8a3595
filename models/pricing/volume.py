"""How much less does a unit cost in a large quantity? Discount lists with quantity breaks."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import pairwise

from models.errors import Invalid
from models.money import HUNDRED, ZERO, exactly, plain, round_to
from models.pricing.trace import Rule, Step, step


@dataclass(frozen=True)
class QuantityBreak:
    """A row of a discount list: from ``low`` to ``high``, both included; without ``high`` there is no end.

    It has either a ``percent`` of the price or an ``amount`` of each unit.
    """

    low: Decimal
    high: Decimal | None = None
    percent: Decimal | None = None
    amount: Decimal | None = None

    def holds(self, quantity: Decimal) -> bool:
        """Say whether a quantity lies within the row."""
        return self.low <= quantity and (self.high is None or quantity <= self.high)


@dataclass(frozen=True)
class VolumeDiscount:
    """What is taken off each unit, and how it came about."""

    amount: Decimal
    steps: tuple[Step, ...] = ()


def require_breaks(breaks: Sequence[QuantityBreak]) -> None:
    """Refuse rows that cannot be, or of which two hold one quantity.

    Raises:
        Invalid: a quantity or discount out of range, or rows that overlap; the path has the row's index.
    """
    for index, each in enumerate(breaks):
        _require(each, index)
    by_quantity = sorted(range(len(breaks)), key=lambda index: breaks[index].low)
    for before, after in pairwise(by_quantity):
        end, begin = breaks[before].high, breaks[after].low
        if end is None or begin <= end:
            shown = "without end" if end is None else f"to {plain(end)}"
            message = f"A row goes {shown}, another one begins at {plain(begin)}: which of them holds?"
            raise Invalid(message, path=("input", "breaks", after, "low"), code="OVERLAPPING_BREAKS")


def _require(row: QuantityBreak, index: int) -> None:
    """Refuse a row that cannot be.

    Raises:
        Invalid: it ends before it begins, or has no discount, two of them, or one out of range.
    """
    path = ("input", "breaks", index)
    if row.low <= 0:
        message = f"low is {plain(row.low)}; it has to be above zero."
        raise Invalid(message, path=(*path, "low"))
    if row.high is not None and row.high < row.low:
        message = f"high is {plain(row.high)}, which is below low, {plain(row.low)}."
        raise Invalid(message, path=(*path, "high"))
    if (row.percent is None) is (row.amount is None):
        message = "A row of a discount list has a percent or an amount: one of the two."
        raise Invalid(message, path=path)
    if row.percent is not None and not 0 <= row.percent <= HUNDRED:
        message = f"percent is {plain(row.percent)}; a percentage is between 0 and 100."
        raise Invalid(message, path=(*path, "percent"))
    if row.amount is not None and row.amount < 0:
        message = f"amount is {plain(row.amount)}; it cannot be negative."
        raise Invalid(message, path=(*path, "amount"))


def volume_discount(
    breaks: Sequence[QuantityBreak], quantity: Decimal, price_per_unit: Decimal, places: int
) -> VolumeDiscount:
    """Return what the row of a quantity takes off each unit, to ``places`` digits; nothing without a row.

    What comes back (a negative quantity) is discounted as it was when it went out.
    """
    found = next((each for each in breaks if each.holds(abs(quantity))), None)
    if found is None:
        return VolumeDiscount(ZERO)
    if found.amount is not None:
        taken = found.amount
        return VolumeDiscount(taken, (step(Rule.VOLUME_AMOUNT, {"amount": taken}, taken),))
    percent = found.percent or ZERO
    with exactly():
        exact = price_per_unit * percent / HUNDRED
        taken = round_to(exact, places)
        made = step(Rule.VOLUME_PERCENT, {"price_per_unit": price_per_unit, "percent": percent}, taken, exact)
    return VolumeDiscount(taken, (made,))
