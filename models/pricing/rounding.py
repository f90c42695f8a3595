"""To which figure is a unit price rounded? Policies of a price list: .99 at the end, multiples of 0.05.

Policy and option are those of Dynamics' price list items, whose pages give no algorithm. Ours: *multiple
of a* is the ceiling, floor or nearest of x/a, times a. *Ends in a* takes the figures that equal a modulo M,
where M is 1 for an a below 1, and else the power of ten with one digit more than a. Ties go up.
"""

from dataclasses import dataclass
from decimal import ROUND_CEILING, ROUND_FLOOR, ROUND_HALF_UP, Decimal
from enum import StrEnum

from models.errors import Invalid
from models.money import plain

_ONE = Decimal(1)
_TEN = Decimal(10)


class RoundingPolicy(StrEnum):
    """Whether and in which direction a price is rounded."""

    NONE = "NONE"
    UP = "UP"
    DOWN = "DOWN"
    TO_NEAREST = "TO_NEAREST"


class RoundingOption(StrEnum):
    """What a rounded price looks like."""

    ENDS_IN = "ENDS_IN"
    MULTIPLE_OF = "MULTIPLE_OF"


@dataclass(frozen=True)
class Rounding:
    """How a computed price is rounded: ``Rounding(UP, ENDS_IN, Decimal("0.99"))``."""

    policy: RoundingPolicy = RoundingPolicy.NONE
    option: RoundingOption = RoundingOption.MULTIPLE_OF
    amount: Decimal = Decimal(0)

    def check(self) -> None:
        """Refuse an amount that no price can be rounded to.

        Raises:
            Invalid: a multiple of nothing, or a negative end.
        """
        least_is_zero = self.option is RoundingOption.ENDS_IN
        if self.policy is RoundingPolicy.NONE or self.amount > 0 or (self.amount == 0 and least_is_zero):
            return
        least = "zero or more" if least_is_zero else "above zero"
        message = f"roundingAmount is {plain(self.amount)}; with {self.option} it has to be {least}."
        raise Invalid(message, path=("input", "roundingAmount"))


NO_ROUNDING = Rounding()

_DIRECTIONS = {
    RoundingPolicy.UP: ROUND_CEILING,
    RoundingPolicy.DOWN: ROUND_FLOOR,
    RoundingPolicy.TO_NEAREST: ROUND_HALF_UP,
}


def rounded(value: Decimal, rounding: Rounding) -> Decimal:
    """Return a price, rounded by a policy. Where DOWN or the nearest figure is negative, the next one counts.

    Raises:
        Invalid: the policy's amount cannot be rounded to.
    """
    rounding.check()
    if rounding.policy is RoundingPolicy.NONE:
        return value
    if rounding.option is RoundingOption.MULTIPLE_OF:
        step, end = rounding.amount, Decimal(0)
    else:
        step, end = _modulus(rounding.amount), rounding.amount
    # Half up on the scaled value sends a tie up: prices are not negative, but value less end may be.
    steps = (value - end) / step
    whole = steps.to_integral_value(_DIRECTIONS[rounding.policy])
    if rounding.policy is RoundingPolicy.TO_NEAREST and steps - whole == Decimal("0.5"):
        whole += 1
    found = whole * step + end
    while found < 0 <= value:
        found += step
    return found


def _modulus(end: Decimal) -> Decimal:
    """Return the step between two figures that end alike: 1 for .99, 10 for 9.95, 100 for 95."""
    return _ONE if end < 1 else _TEN ** (end.adjusted() + 1)
