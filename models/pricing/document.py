"""What does a document cost? Lines, discounts, taxes and freight to totals, as one pure function.

Order of computation: quantity times price less volume discount, less the line's manual discounts; the
document's percentage, then its fixed discount, shared over the lines; taxes on what is left, one amount per
code and rate of the whole document, shared over its lines and freight.

Prices, discounts and freight are as they are typed: where a line's taxes are inclusive, its price and
``line_total`` include them, and so does what a document discount is taken off. The total is therefore what
people add up: lines less discounts, plus freight, plus the taxes that are not included. Amounts are signed:
a negative quantity or price is a line like another.

No total depends on the order of lines: discounts and taxes are shared first over the groups of lines with
equal taxes, whose order is that of their taxes, and then within each group.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from models.money import HUNDRED, ZERO, apportion, digits, exactly, quotas_of, round_money
from models.pricing.tax import (
    TYPED_TAX,
    Tax,
    TaxAmount,
    TaxBase,
    Taxes,
    TaxMode,
    TaxRounding,
    amounts_of,
    factors,
    sum_by_tax,
)


@dataclass(frozen=True)
class Position:
    """What is typed of a line. ``volume_discount`` and ``discount_per_unit`` are taken off each unit.

    ``discount_amount`` is taken off the whole line. ``typed_tax`` counts in the tax mode TYPED alone.
    """

    quantity: Decimal
    price_per_unit: Decimal
    discount_amount: Decimal = ZERO
    taxes: Taxes = ()
    discount_per_unit: Decimal = ZERO
    volume_discount: Decimal = ZERO
    typed_tax: Decimal = ZERO


@dataclass(frozen=True)
class Terms:
    """What is typed of a document, and the rules that its taxes follow."""

    currency_code: str
    discount_percent: Decimal = ZERO
    discount_amount: Decimal = ZERO
    freight_amount: Decimal = ZERO
    freight_taxes: Taxes = ()
    tax_rounding: TaxRounding = TaxRounding.DOCUMENT
    tax_base: TaxBase = TaxBase.AFTER_DISCOUNTS
    tax_mode: TaxMode = TaxMode.COMPUTED


@dataclass(frozen=True)
class LinePrice:
    """What is computed of a line, in the currency's digits.

    ``net_amount`` is after the line's own discounts; ``extended_amount`` adds the taxes that it does not
    include (Dynamics' extended amount). ``tax_amount`` is all tax, ``included_tax_amount`` what prices hold.
    """

    base_amount: Decimal
    manual_discount: Decimal
    net_amount: Decimal
    discount_share: Decimal
    tax_amount: Decimal
    included_tax_amount: Decimal
    taxes: tuple[TaxAmount, ...]

    @property
    def extended_amount(self) -> Decimal:
        """Net amount plus the taxes that it does not include, before the document discount."""
        return self.net_amount + self.tax_amount - self.included_tax_amount

    @property
    def total_amount(self) -> Decimal:
        """What the line adds to the total: the sum over all lines, with freight and its tax, is the total."""
        return self.extended_amount - self.discount_share


@dataclass(frozen=True)
class Totals:
    """What is computed of a document, in the currency's digits."""

    line_total: Decimal
    percent_discount: Decimal
    discount_total: Decimal
    freight_amount: Decimal
    tax_total: Decimal
    included_tax_total: Decimal
    total: Decimal

    @property
    def net_total(self) -> Decimal:
        """The total without any tax."""
        return self.total - self.tax_total


@dataclass(frozen=True)
class Priced:
    """A priced document: its lines in the order given, its totals, and each tax once per code and rate."""

    lines: list[LinePrice]
    totals: Totals
    taxes: tuple[TaxAmount, ...]
    freight_taxes: tuple[TaxAmount, ...]


@dataclass
class _Item:
    """A line on its way to its price, or the freight: what it comes to, and what is taken off and taxed."""

    taxes: Taxes
    base: Decimal
    manual: Decimal = ZERO
    share: Decimal = ZERO
    typed: Decimal = ZERO
    parts: list[Decimal] = field(default_factory=list)

    @property
    def net(self) -> Decimal:
        """After the line's own discounts."""
        return self.base - self.manual

    def taxable(self, base: TaxBase) -> Decimal:
        """Return what the item's taxes are on, with what of them it includes."""
        return self.net - self.share if base is TaxBase.AFTER_DISCOUNTS else self.net

    def breakdown(self, base: TaxBase) -> tuple[TaxAmount, ...]:
        """Return each tax of the item with its base."""
        return amounts_of(self.taxes, self.parts, self.taxable(base))


_Groups = dict[Taxes, list[_Item]]


def price(positions: Sequence[Position], terms: Terms) -> Priced:
    """Price a document. The line prices come in the order of the positions."""
    with exactly():
        items = [_item(position, terms) for position in positions]
        freight = _Item(_taxes_of(terms.freight_taxes, terms), terms.freight_amount)
        line_total = sum((each.net for each in items), ZERO)
        percent_part = round_money(line_total * terms.discount_percent / HUNDRED, terms.currency_code)
        discount = percent_part + terms.discount_amount if items else ZERO
        _share_discount(discount, _grouped(items), terms)
        _tax(items, freight, terms)
        lines = [_line(each, terms.tax_base) for each in items]
        freight_taxes = freight.breakdown(terms.tax_base)
        taxes = sum_by_tax([*(each.taxes for each in lines), freight_taxes])
        tax_total = sum((each.amount for each in taxes), ZERO)
        included = sum((each.amount for each in taxes if each.tax.is_inclusive), ZERO)
        total = line_total - discount + terms.freight_amount + tax_total - included
    totals = Totals(line_total, percent_part, discount, terms.freight_amount, tax_total, included, total)
    return Priced(lines, totals, taxes, freight_taxes)


def _item(position: Position, terms: Terms) -> _Item:
    """Return a line with its own amounts, each rounded once."""
    quantity, currency = position.quantity, terms.currency_code
    base = round_money(quantity * (position.price_per_unit - position.volume_discount), currency)
    manual = position.discount_amount + round_money(quantity * position.discount_per_unit, currency)
    return _Item(_taxes_of(position.taxes, terms), base, manual, typed=position.typed_tax)


def _taxes_of(taxes: Taxes, terms: Terms) -> Taxes:
    """Return the taxes that count: typed amounts stand in for all of them in their mode."""
    return taxes if terms.tax_mode is TaxMode.COMPUTED else (TYPED_TAX,)


def _grouped(items: Sequence[_Item]) -> _Groups:
    """Return the items by their taxes, the groups in an order that no line decides."""
    found: _Groups = {}
    for each in items:
        found.setdefault(each.taxes, []).append(each)
    return {taxes: found[taxes] for taxes in sorted(found)}


def _share_discount(discount: Decimal, groups: _Groups, terms: Terms) -> None:
    """Share the document discount over the groups, and within each over its lines, in proportion to nets.

    A line's quota is its percentage and its part of the fixed discount: no share is off it by a coin, even
    where negative lines make the sum of all small.
    """
    if not groups:
        return
    nets = [each.net for group in groups.values() for each in group]
    fixed = quotas_of(terms.discount_amount, nets)
    quotas = iter(
        [net * terms.discount_percent / HUNDRED + part for net, part in zip(nets, fixed, strict=True)]
    )
    by_group = [[next(quotas) for _ in group] for group in groups.values()]
    for group, parts in zip(groups.values(), _apportioned(discount, by_group, terms), strict=True):
        for each, part in zip(group, parts, strict=True):
            each.share = part


def _apportioned(total: Decimal, quotas: list[list[Decimal]], terms: Terms) -> list[list[Decimal]]:
    """Return the lines' parts of a rounded total: apportioned to the groups, and in each to its lines."""
    places = digits(terms.currency_code)
    parts = apportion(total, [sum(each, ZERO) for each in quotas], places)
    return [apportion(part, each, places) for part, each in zip(parts, quotas, strict=True)]


def _tax(items: Sequence[_Item], freight: _Item, terms: Terms) -> None:
    """Give every line, and the freight, its part of each of its taxes."""
    everything = [*items, freight]
    if terms.tax_mode is TaxMode.TYPED:
        for each in everything:
            each.parts = [each.typed]
    elif terms.tax_rounding is TaxRounding.LINE:
        _tax_lines(everything, terms)
    else:
        _tax_document(_grouped(everything), terms)


def _tax_lines(items: Sequence[_Item], terms: Terms) -> None:
    """Round every tax on every line."""
    for taxes, group in _grouped(items).items():
        known = factors(taxes)
        for each in group:
            base = known.base_of(each.taxable(terms.tax_base))
            each.parts = [round_money(base * factor, terms.currency_code) for factor in known.of_taxes]


def _tax_document(groups: _Groups, terms: Terms) -> None:
    """Round every tax once over the document, and give each line its part."""
    owed: dict[Tax, list[tuple[int, list[_Item], list[Decimal]]]] = {}
    for taxes, group in groups.items():
        known = factors(taxes)
        bases = [known.base_of(each.taxable(terms.tax_base)) for each in group]
        for index, (tax, factor) in enumerate(zip(taxes, known.of_taxes, strict=True)):
            owed.setdefault(tax, []).append((index, group, [base * factor for base in bases]))
        for each in group:
            each.parts = [ZERO] * len(taxes)
    for due in owed.values():
        quotas = [exact for _, _, exact in due]
        tax_total = round_money(sum((sum(each, ZERO) for each in quotas), ZERO), terms.currency_code)
        for (index, group, _), parts in zip(due, _apportioned(tax_total, quotas, terms), strict=True):
            for each, part in zip(group, parts, strict=True):
                each.parts[index] = part


def _line(item: _Item, base: TaxBase) -> LinePrice:
    """Return the finished price of a line."""
    breakdown = item.breakdown(base)
    return LinePrice(
        base_amount=item.base,
        manual_discount=item.manual,
        net_amount=item.net,
        discount_share=item.share,
        tax_amount=sum((each.amount for each in breakdown), ZERO),
        included_tax_amount=sum((each.amount for each in breakdown if each.tax.is_inclusive), ZERO),
        taxes=breakdown,
    )
