"""What does a document cost? Lines, discounts, taxes and freight to totals, as pure functions.

Order of computation: quantity times price, less the line's discount; the document's percentage, then its
fixed discount, shared over the lines by largest remainder; tax on what is left, once per rate over the
whole document, shared over the lines of that rate. So the lines' parts always add up to the header.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from models.money import digits, round_money, shares

ZERO = Decimal(0)
HUNDRED = Decimal(100)


@dataclass(frozen=True)
class Position:
    """What is typed of a line. ``discount_amount`` is for the whole line, ``tax_percent`` for example 19."""

    quantity: Decimal
    price_per_unit: Decimal
    discount_amount: Decimal
    tax_percent: Decimal


@dataclass(frozen=True)
class Terms:
    """What is typed of a document."""

    currency_code: str
    discount_percent: Decimal = ZERO
    discount_amount: Decimal = ZERO
    freight_amount: Decimal = ZERO


@dataclass(frozen=True)
class LinePrice:
    """What is computed of a line, in the currency's digits. ``net_amount`` is after the line's discount."""

    base_amount: Decimal
    net_amount: Decimal
    discount_share: Decimal
    tax_amount: Decimal
    extended_amount: Decimal


@dataclass(frozen=True)
class Totals:
    """What is computed of a document, in the currency's digits."""

    line_total: Decimal
    discount_total: Decimal
    tax_total: Decimal
    total: Decimal


def price(positions: Sequence[Position], terms: Terms) -> tuple[list[LinePrice], Totals]:
    """Price a document. The line prices come in the order of the positions."""
    currency, places = terms.currency_code, digits(terms.currency_code)
    bases = [round_money(each.quantity * each.price_per_unit, currency) for each in positions]
    nets = [base - each.discount_amount for base, each in zip(bases, positions, strict=True)]
    line_total = sum(nets, ZERO)
    percent_part = round_money(line_total * terms.discount_percent / HUNDRED, currency)
    discount = percent_part + terms.discount_amount if positions else ZERO
    discounts = shares(discount, nets, places)
    taxes = _taxes([net - share for net, share in zip(nets, discounts, strict=True)], positions, currency)
    lines = [
        LinePrice(base, net, share, tax, net + tax)
        for base, net, share, tax in zip(bases, nets, discounts, taxes, strict=True)
    ]
    tax_total = sum(taxes, ZERO)
    total = line_total - discount + tax_total + terms.freight_amount
    return lines, Totals(line_total, discount, tax_total, total)


def _taxes(bases: Sequence[Decimal], positions: Sequence[Position], currency: str) -> list[Decimal]:
    """Return each line's part of the tax, which is rounded once per rate."""
    parts = [ZERO] * len(bases)
    for rate in sorted({each.tax_percent for each in positions}):
        indexes = [index for index, each in enumerate(positions) if each.tax_percent == rate]
        weights = [bases[index] for index in indexes]
        tax = round_money(sum(weights, ZERO) * rate / HUNDRED, currency)
        for index, part in zip(indexes, shares(tax, weights, digits(currency)), strict=True):
            parts[index] = part
    return parts
