"""What of a document's money is due in one of several invoices? Parts by quantity, and deposits by amount.

Due is the part of all that is billed so far, less what was billed before: so the roundings of many invoices
never add up, and the last one takes exactly what is left, of every amount and of every tax.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from models.money import ZERO, apportion, digits, exactly, quotas_of, round_money, shares
from models.pricing.document import LinePrice, Priced, Totals
from models.pricing.tax import TaxAmount, TaxBase, Taxes, amounts_of, sum_by_tax


@dataclass(frozen=True)
class Billing:
    """How far a document is billed: ``done`` of the whole quantity ``of``, what is billed now included."""

    done: Decimal
    of: Decimal

    @property
    def is_last(self) -> bool:
        """Whether nothing is left to bill afterwards."""
        return self.of in {self.done, 0}


@dataclass(frozen=True)
class RateGroup:
    """What a document owes at one set of taxes: the amount with all of them, and each."""

    gross: Decimal
    taxes: tuple[TaxAmount, ...]

    @property
    def key(self) -> Taxes:
        """The taxes without their amounts."""
        return tuple(each.tax for each in self.taxes)

    @property
    def net(self) -> Decimal:
        """The amount without any tax."""
        return self.gross - sum((each.amount for each in self.taxes), ZERO)


def freight_price(amount: Decimal, taxes: tuple[TaxAmount, ...]) -> LinePrice:
    """Return a document's freight as what it is to splitting: a line without a discount."""
    return _line(amount, ZERO, ZERO, taxes)


def sum_of_lines(lines: Sequence[LinePrice]) -> LinePrice:
    """Return the amounts of several lines together, for example what was billed of one line so far."""
    return _line(
        sum((each.base_amount for each in lines), ZERO),
        sum((each.manual_discount for each in lines), ZERO),
        sum((each.discount_share for each in lines), ZERO),
        sum_by_tax([each.taxes for each in lines]),
    )


def part_of_line(
    whole: LinePrice,
    before: LinePrice,
    billing: Billing,
    currency_code: str,
    tax_base: TaxBase = TaxBase.AFTER_DISCOUNTS,
) -> LinePrice:
    """Return what is due of a line now, after what was billed ``before``; freight splits in the same way.

    The discount's share is what lies between the line's net and what remains of it, so that no part of a
    line is worth less than nothing.
    """

    def due(amount: Decimal, billed: Decimal) -> Decimal:
        with exactly():
            done = amount if billing.is_last else amount * billing.done / billing.of
            part = round_money(done, currency_code) - billed
        # A canceled invoice in between can leave a coin too much billed: it is not paid back now.
        return part if billing.is_last or part * amount > 0 else ZERO

    base = due(whole.base_amount, before.base_amount)
    manual = due(whole.manual_discount, before.manual_discount)
    remains = due(_remains(whole), _remains(before))
    billed = {each.tax: each.amount for each in before.taxes}
    parts = [due(each.amount, billed.get(each.tax, ZERO)) for each in whole.taxes]
    taxed = remains if tax_base is TaxBase.AFTER_DISCOUNTS else base - manual
    taxes = amounts_of(tuple(each.tax for each in whole.taxes), parts, taxed)
    return _line(base, manual, base - manual - remains, taxes)


def document_of(lines: Sequence[LinePrice], freight: LinePrice) -> Priced:
    """Return a document of which the lines and the freight are known."""
    line_total = sum((each.net_amount for each in lines), ZERO)
    discount = sum((each.discount_share for each in lines), ZERO)
    tax = sum((each.tax_amount for each in (*lines, freight)), ZERO)
    included = sum((each.included_tax_amount for each in (*lines, freight)), ZERO)
    totals = Totals(
        line_total=line_total,
        percent_discount=ZERO,
        discount_total=discount,
        freight_amount=freight.base_amount,
        tax_total=tax,
        included_tax_total=included,
        total=line_total - discount + freight.base_amount + tax - included,
    )
    taxes = sum_by_tax([each.taxes for each in (*lines, freight)])
    return Priced(list(lines), totals, taxes, freight.taxes)


def rate_groups(lines: Sequence[LinePrice]) -> tuple[RateGroup, ...]:
    """Return what lines (and freight, as one of them) owe at each set of taxes, in the order of the taxes."""
    found: dict[Taxes, list[LinePrice]] = {}
    for each in lines:
        found.setdefault(tuple(one.tax for one in each.taxes), []).append(each)
    return tuple(_group(key, found[key]) for key in sorted(found))


def rest_of(group: RateGroup, taken: RateGroup | None) -> RateGroup:
    """Return what is left of a group after something of it was taken."""
    if taken is None:
        return group
    return RateGroup(group.gross - taken.gross, _less_taxes(group.taxes, taken.taxes))


def deposit(groups: Sequence[RateGroup], amount: Decimal, currency_code: str) -> list[RateGroup]:
    """Return ``amount``, taxes included, split over groups, by what each of them comes to.

    As much as all of them come to is the groups themselves, with every tax to the cent.
    """
    with exactly():
        total = sum((each.gross for each in groups), ZERO)
        quotas = quotas_of(amount, [group.gross for group in groups])
        found = []
        for group, gross in zip(groups, apportion(amount, quotas, digits(currency_code)), strict=True):
            # The taxes of lines that cancel out follow the document.
            part, whole = (gross, group.gross) if group.gross else (amount, total)
            rate = part / whole if whole else ZERO
            amounts = [round_money(tax.amount * rate, currency_code) for tax in group.taxes]
            found.append(_group_of(gross, group.key, amounts))
        return found


def _group(key: Taxes, lines: Sequence[LinePrice]) -> RateGroup:
    """Return what lines with the same taxes owe together."""
    summed = {each.tax: each for each in sum_by_tax([line.taxes for line in lines])}
    return RateGroup(
        sum((line.total_amount for line in lines), ZERO), tuple(summed[tax] for tax in dict.fromkeys(key))
    )


def _remains(line: LinePrice) -> Decimal:
    """Return what a line comes to after all discounts, with the taxes that it includes."""
    return line.net_amount - line.discount_share


def _line(base: Decimal, manual: Decimal, share: Decimal, taxes: tuple[TaxAmount, ...]) -> LinePrice:
    """Return a line's price of its parts."""
    return LinePrice(
        base_amount=base,
        manual_discount=manual,
        net_amount=base - manual,
        discount_share=share,
        tax_amount=sum((each.amount for each in taxes), ZERO),
        included_tax_amount=sum((each.amount for each in taxes if each.tax.is_inclusive), ZERO),
        taxes=taxes,
    )


def less(whole: LinePrice, taken: Sequence[LinePrice]) -> LinePrice:
    """Return what is left of a line after parts of it were taken. Its taxes keep their order."""
    gone = sum_of_lines(taken)
    return _line(
        whole.base_amount - gone.base_amount,
        whole.manual_discount - gone.manual_discount,
        whole.discount_share - gone.discount_share,
        _less_taxes(whole.taxes, gone.taxes),
    )


def negative(line: LinePrice) -> LinePrice:
    """Return a line with every amount turned round."""
    taxes = tuple(TaxAmount(each.tax, -each.base, -each.amount) for each in line.taxes)
    return _line(-line.base_amount, -line.manual_discount, -line.discount_share, taxes)


def price_of_group(part: RateGroup) -> LinePrice:
    """Return what is due at one set of taxes as a line: without a discount."""
    added = sum((each.amount for each in part.taxes if not each.tax.is_inclusive), ZERO)
    return _line(part.gross - added, ZERO, ZERO, part.taxes)


def part_by_amount(lines: Sequence[LinePrice], amount: Decimal, currency_code: str) -> list[LinePrice]:
    """Return what an amount, taxes included, takes off each of several lines: together exactly the amount.

    It is spread over the rates as a deposit is, and over the lines of a rate by what each comes to.
    """
    places = digits(currency_code)
    groups = rate_groups(lines)
    found = [_line(ZERO, ZERO, ZERO, ())] * len(lines)
    for group, part in zip(groups, deposit(groups, amount, currency_code), strict=True):
        own = [
            index
            for index, line in enumerate(lines)
            if tuple(dict.fromkeys(each.tax for each in line.taxes)) == group.key
        ]
        grosses = shares(part.gross, [lines[index].total_amount for index in own], places)
        amounts = [
            shares(tax.amount, [lines[index].taxes[place].amount for index in own], places)
            for place, tax in enumerate(part.taxes)
        ]
        for index, gross, *taxes in zip(own, grosses, *amounts, strict=True):
            found[index] = price_of_group(_group_of(gross, part.key, taxes))
    return found


def deduction(
    own: RateGroup, billing: Billing, paid: RateGroup, deducted: RateGroup, currency_code: str
) -> RateGroup:
    """Return what an invoice takes off for deposits at one set of taxes.

    ``own`` is what the invoice bills of them, ``billing`` how far the order is billed with it, in amounts;
    ``paid`` is what deposits come to, and ``deducted`` what invoices before it took off for them.
    Each takes off its part by amount, no more than it bills, and so much that the rest of the order is never
    worth less than the rest of the deposits: so the last one takes off all that is left.
    """
    left = rest_of(paid, deducted)
    with exactly():
        part = paid.gross * billing.done / billing.of if billing.of else left.gross
        wanted = round_money(part, currency_code) - deducted.gross
    # What the order still comes to before this invoice, beyond what the deposits still come to.
    beyond = billing.of - billing.done + own.gross - left.gross
    taken = min(max(wanted, own.gross - beyond, ZERO), own.gross, left.gross)
    (due,) = deposit([left], max(taken, ZERO), currency_code)
    return due


def _group_of(gross: Decimal, taxes: Taxes, amounts: Sequence[Decimal]) -> RateGroup:
    """Return what comes to ``gross`` with these taxes."""
    added = sum((due for due, tax in zip(amounts, taxes, strict=True) if not tax.is_inclusive), ZERO)
    return RateGroup(gross, amounts_of(taxes, amounts, gross - added))


def _less_taxes(whole: tuple[TaxAmount, ...], taken: tuple[TaxAmount, ...]) -> tuple[TaxAmount, ...]:
    """Return what is left of a breakdown."""
    gone = {each.tax: each for each in taken}
    return tuple(
        TaxAmount(each.tax, each.base - gone[each.tax].base, each.amount - gone[each.tax].amount)
        if each.tax in gone
        else each
        for each in whole
    )
