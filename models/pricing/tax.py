"""Which taxes are due on an amount, and how much of it are they?

Every tax of a line is a part f of the line's net base B, so that both directions are one formula: an
amount that includes taxes is B times (1 + the included f); a tax is B times its f. A tax on the base
including others has f = percent times (1 + the f of those before it).
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from typing import Any

from models.moment import TaxBase, TaxMode, TaxRounding
from models.money import HUNDRED, ZERO, plain

__all__ = [
    "TYPED_TAX",
    "Factors",
    "Tax",
    "TaxAmount",
    "TaxBase",
    "TaxMode",
    "TaxRounding",
    "Taxes",
    "amounts_of",
    "as_json",
    "factors",
    "from_json",
    "sum_by_tax",
    "taxes_in",
]

_ONE = Decimal(1)


@dataclass(frozen=True, order=True)
class Tax:
    """A tax on a line or on freight, at the rate of its day. ``percent`` is for example 19.

    ``is_inclusive``    the amount it is on contains it.
    ``is_on_previous``  it is on the base including the taxes before it, not on the base alone.
    ``exempt_reason``   why nothing is due, where the rate is 0 for a reason of law.
    """

    code: str
    percent: Decimal
    is_inclusive: bool = False
    is_on_previous: bool = False
    exempt_reason: str = ""


Taxes = tuple[Tax, ...]

TYPED_TAX = Tax("", ZERO)
"""What stands for the typed amounts in a breakdown: they have neither code nor rate."""


@dataclass(frozen=True)
class TaxAmount:
    """How much of a tax is due, and on how much; of a line, of freight or of a document."""

    tax: Tax
    base: Decimal
    amount: Decimal


@dataclass(frozen=True)
class Factors:
    """How large each of a line's taxes is, per unit of the net base."""

    of_taxes: tuple[Decimal, ...]
    included: Decimal

    def base_of(self, amount: Decimal) -> Decimal:
        """Return the exact net base of an amount that may include taxes."""
        return amount / (_ONE + self.included) if self.included else amount


def factors(taxes: Taxes) -> Factors:
    """Return what each tax comes to per unit of the base, in the taxes' order."""
    found: list[Decimal] = []
    for tax in taxes:
        base = _ONE + sum(found, ZERO) if tax.is_on_previous else _ONE
        found.append(base * tax.percent / HUNDRED)
    included = sum((each for each, tax in zip(found, taxes, strict=True) if tax.is_inclusive), ZERO)
    return Factors(tuple(found), included)


def amounts_of(taxes: Taxes, parts: Sequence[Decimal], left: Decimal) -> tuple[TaxAmount, ...]:
    """Return a breakdown with the base of each tax, from what is left after discounts and its taxes."""
    net = left - sum((part for part, tax in zip(parts, taxes, strict=True) if tax.is_inclusive), ZERO)
    found: list[TaxAmount] = []
    before = ZERO
    for tax, part in zip(taxes, parts, strict=True):
        found.append(TaxAmount(tax, net + before if tax.is_on_previous else net, part))
        before += part
    return tuple(found)


def sum_by_tax(breakdowns: Sequence[tuple[TaxAmount, ...]]) -> tuple[TaxAmount, ...]:
    """Return the sums of several breakdowns, by code and rate in their order."""
    bases: dict[Tax, Decimal] = {}
    amounts: dict[Tax, Decimal] = {}
    for each in (item for breakdown in breakdowns for item in breakdown):
        bases[each.tax] = bases.get(each.tax, ZERO) + each.base
        amounts[each.tax] = amounts.get(each.tax, ZERO) + each.amount
    return tuple(TaxAmount(tax, bases[tax], amounts[tax]) for tax in sorted(bases))


def as_json(breakdown: Iterable[TaxAmount]) -> list[dict[str, Any]]:
    """Return a breakdown as a line or a document keeps it: plain texts, the same on both engines."""
    return [
        {
            "code": each.tax.code,
            "percent": plain(each.tax.percent),
            "isInclusive": each.tax.is_inclusive,
            "isOnPrevious": each.tax.is_on_previous,
            "exemptReason": each.tax.exempt_reason,
            "base": plain(each.base),
            "amount": plain(each.amount),
        }
        for each in breakdown
    ]


def from_json(kept: Sequence[Mapping[str, Any]]) -> tuple[TaxAmount, ...]:
    """Return the breakdown that a line or a document has kept."""
    return tuple(
        TaxAmount(tax, Decimal(each["base"]), Decimal(each["amount"]))
        for tax, each in zip(taxes_in(kept), kept, strict=True)
    )


def taxes_in(kept: Sequence[Mapping[str, Any]]) -> Taxes:
    """Return the taxes of a breakdown that a line or a document has kept."""
    return tuple(
        _known(each["code"], each["percent"], each["isInclusive"], each["isOnPrevious"], each["exemptReason"])
        for each in kept
    )


# A document's many lines share few taxes.
@lru_cache(maxsize=1_000)
def _known(code: str, percent: str, is_inclusive: bool, is_on_previous: bool, exempt_reason: str) -> Tax:  # noqa: FBT001  # They are the fields of the stored tax.
    """Return a tax, the same one for the same fields."""
    return Tax(code, Decimal(percent), is_inclusive, is_on_previous, exempt_reason)
