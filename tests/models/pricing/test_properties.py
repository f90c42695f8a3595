"""What holds for every document, whatever is typed?"""

from dataclasses import asdict, replace
from decimal import Decimal
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from models.money import digits, round_money
from models.pricing import Position, Tax, TaxMode, Terms, price
from tests.models.pricing.documents import EXAMPLES, amounts, documents, offers, untaxed

Document = tuple[list[Position], Terms]


def _numbers(value: Any) -> list[Any]:
    """Return every number in a tree."""
    if isinstance(value, dict):
        return [number for each in value.values() for number in _numbers(each)]
    if isinstance(value, list | tuple):
        return [number for each in value for number in _numbers(each)]
    return [] if isinstance(value, str | bool) else [value]


@given(documents())
@settings(max_examples=EXAMPLES)
def test_lines_and_freight_add_up_to_the_header(document: Document) -> None:
    """Every figure of the header is the sum of the lines' figures, in every mode."""
    priced = price(*document)
    lines, totals = priced.lines, priced.totals
    freight = document[1].freight_amount
    freight_tax = sum(each.amount for each in priced.freight_taxes)
    freight_included = sum(each.amount for each in priced.freight_taxes if each.tax.is_inclusive)
    assert totals.line_total == sum(line.net_amount for line in lines)
    assert totals.discount_total == sum(line.discount_share for line in lines)
    assert totals.tax_total == sum(line.tax_amount for line in lines) + freight_tax
    assert totals.included_tax_total == sum(line.included_tax_amount for line in lines) + freight_included
    lines_total = sum(line.total_amount for line in lines)
    assert totals.total == lines_total + freight + freight_tax - freight_included


@given(documents())
@settings(max_examples=EXAMPLES)
def test_the_breakdown_adds_up_to_the_tax(document: Document) -> None:
    """Each code and rate is there once; its amount and base are the sums of the lines'."""
    priced = price(*document)
    assert sum(each.amount for each in priced.taxes) == priced.totals.tax_total
    for each in priced.taxes:
        parts = [
            part
            for taxes in (*(line.taxes for line in priced.lines), priced.freight_taxes)
            for part in taxes
            if part.tax == each.tax
        ]
        assert each.amount == sum(part.amount for part in parts)
        assert each.base == sum(part.base for part in parts)
    assert len({each.tax for each in priced.taxes}) == len(priced.taxes)


@given(documents())
@settings(max_examples=EXAMPLES)
def test_every_figure_is_an_exact_decimal_of_the_currency(document: Document) -> None:
    """Nothing is ever a float, and nothing computed is finer than the currency's smallest coin."""
    priced = price(*document)
    for number in _numbers(asdict(priced)):
        assert isinstance(number, Decimal)
    for line in priced.lines:
        for name in ("base_amount", "net_amount", "discount_share", "tax_amount", "included_tax_amount"):
            value = getattr(line, name)
            assert value == round_money(value, document[1].currency_code)


@given(documents(), st.randoms(use_true_random=False))
@settings(max_examples=EXAMPLES)
def test_the_order_of_lines_changes_no_total(document: Document, chance: Any) -> None:
    """Permuted lines come to the same totals and the same breakdown."""
    positions, terms = document
    shuffled = price(chance.sample(positions, len(positions)), terms)
    priced = price(positions, terms)
    assert (shuffled.totals, shuffled.taxes) == (priced.totals, priced.taxes)


@given(documents())
@settings(max_examples=EXAMPLES)
def test_a_cent_of_discount_is_a_cent(document: Document) -> None:
    """One coin more of the fixed discount takes exactly one coin off an untaxed total."""
    positions, terms = document
    unit = Decimal(1).scaleb(-digits(terms.currency_code))
    terms = replace(terms, freight_taxes=())
    more = replace(terms, discount_amount=terms.discount_amount + unit)
    plain = untaxed(positions)
    assert price(plain, terms).totals.total - price(plain, more).totals.total == unit


@given(documents())
@settings(max_examples=EXAMPLES)
def test_a_document_with_all_signs_turned_comes_to_the_same_with_its_sign_turned(document: Document) -> None:
    """What is credited mirrors what was billed, total by total and tax by tax."""
    positions, terms = document
    mirrored = [
        replace(
            each,
            quantity=-each.quantity,
            discount_amount=-each.discount_amount,
            typed_tax=-each.typed_tax,
        )
        for each in positions
    ]
    back = replace(terms, discount_amount=-terms.discount_amount, freight_amount=-terms.freight_amount)
    there, again = price(positions, terms), price(mirrored, back)
    for name, value in vars(there.totals).items():
        assert getattr(again.totals, name) == -value
    assert [-each.amount for each in again.taxes] == [each.amount for each in there.taxes]


@given(documents())
@settings(max_examples=EXAMPLES)
def test_no_part_is_a_coin_off_its_line(document: Document) -> None:
    """A line's part of a tax differs from its exact tax by less than a coin, however small the sum of all."""
    positions, terms = document
    priced = price(positions, terms)
    unit = Decimal(1).scaleb(-digits(terms.currency_code))
    for line, position in zip(priced.lines, positions, strict=True):
        if len(position.taxes) != 1 or terms.tax_mode is TaxMode.TYPED:
            continue
        taxed = line.net_amount
        if terms.tax_base.value == "AFTER_DISCOUNTS":
            taxed -= line.discount_share
        (tax,) = position.taxes
        exact = taxed * tax.percent / (100 + tax.percent if tax.is_inclusive else 100)
        assert abs(line.tax_amount - exact) < unit


@given(amounts(1, 99999, 2), st.sampled_from(["7", "19", "21", "8.1", "5.5", "25"]))
@settings(max_examples=EXAMPLES)
def test_a_gross_price_keeps_its_gross(amount: Decimal, percent: str) -> None:
    """Inclusive to net to inclusive is the same gross, and net to gross to net the same net."""
    included, added = Tax("VAT", Decimal(percent), is_inclusive=True), Tax("VAT", Decimal(percent))

    def of(value: Decimal, tax: Tax) -> tuple[Decimal, Decimal]:
        totals = price([Position(Decimal(1), value, taxes=(tax,))], Terms("EUR")).totals
        return totals.net_total, totals.total

    net, gross = of(amount, included)
    assert gross == amount
    assert of(gross, included) == (net, amount)
    _, gross_of_net = of(amount, added)
    assert of(gross_of_net, included) == (amount, gross_of_net)


@given(offers())
@settings(max_examples=EXAMPLES)
def test_an_offer_is_never_below_zero(document: Document) -> None:
    """Without negative lines, no part of an offer is negative."""
    priced = price(*document)
    for line in priced.lines:
        assert min(line.net_amount, line.discount_share, line.tax_amount) >= 0
        assert line.net_amount >= line.discount_share
    assert priced.totals.total >= 0
