"""Do partial invoices and deposits come to the document, of every amount and every tax?"""

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal

from hypothesis import given, settings
from hypothesis import strategies as st

from models.pricing import (
    Billing,
    LinePrice,
    Position,
    RateGroup,
    Tax,
    TaxAmount,
    Terms,
    deposit,
    document_of,
    freight_price,
    part_of_line,
    price,
    rate_groups,
    rest_of,
    sum_by_tax,
    sum_of_lines,
)
from tests.models.pricing.documents import EXAMPLES, documents, offers

Document = tuple[list[Position], Terms]
_VAT = Tax("VAT", Decimal(19))


def _in_parts(whole: LinePrice, quantities: Sequence[Decimal], terms: Terms) -> list[LinePrice]:
    """Return the parts of a line that is billed in several quantities, one after another."""
    total, done = sum(quantities, Decimal(0)), Decimal(0)
    parts: list[LinePrice] = []
    for quantity in quantities:
        done += quantity
        billing = Billing(done, total)
        parts.append(part_of_line(whole, sum_of_lines(parts), billing, terms.currency_code, terms.tax_base))
    return parts


def test_three_thirds_of_a_line_are_the_line() -> None:
    """100.00 at 19 %, of which 10 is discount, is billed as 30.00, 30.00 and 30.00 and 5.70 of tax each."""
    priced = price(
        [Position(Decimal(3), Decimal("33.3333"), taxes=(_VAT,))], Terms("EUR", discount_amount=Decimal(10))
    )
    parts = _in_parts(priced.lines[0], [Decimal(1)] * 3, Terms("EUR"))
    shown = [
        (str(each.base_amount), str(each.discount_share), str(each.tax_amount), str(each.total_amount))
        for each in parts
    ]
    assert shown == [
        ("33.33", "3.33", "5.70", "35.70"),
        ("33.34", "3.34", "5.70", "35.70"),
        ("33.33", "3.33", "5.70", "35.70"),
    ]


def test_a_line_without_quantity_is_billed_at_once() -> None:
    """There is no part of nothing: the first invoice takes all of it."""
    (line,) = price([Position(Decimal(1), Decimal(5), taxes=(_VAT,))], Terms("EUR")).lines
    assert part_of_line(line, sum_of_lines([]), Billing(Decimal(0), Decimal(0)), "EUR") == line


@given(documents(), st.lists(st.integers(1, 9).map(Decimal), min_size=1, max_size=6))
@settings(max_examples=EXAMPLES)
def test_parts_of_a_line_sum_to_the_line(document: Document, quantities: list[Decimal]) -> None:
    """Whatever the quantities, the invoices of a line come to it: each amount, each tax and its base."""
    for whole in price(*document).lines:
        parts = _in_parts(whole, quantities, document[1])
        assert sum_of_lines(parts) == replace(whole, taxes=sum_by_tax([whole.taxes]))


@given(offers(), st.lists(st.integers(1, 9).map(Decimal), min_size=2, max_size=5))
@settings(max_examples=EXAMPLES)
def test_no_part_of_an_offer_is_negative(document: Document, quantities: list[Decimal]) -> None:
    """No invoice bills less than nothing."""
    for whole in price(*document).lines:
        for part in _in_parts(whole, quantities, document[1]):
            assert min(part.base_amount, part.manual_discount, part.tax_amount) >= 0
            assert part.net_amount >= part.discount_share


@given(documents(), st.lists(st.integers(1, 9).map(Decimal), min_size=1, max_size=4))
@settings(max_examples=EXAMPLES)
def test_partial_invoices_sum_to_the_document(document: Document, quantities: list[Decimal]) -> None:
    """Lines, discount, freight, taxes by rate and total of all invoices are those of the document."""
    priced = price(*document)
    freight = freight_price(priced.totals.freight_amount, priced.freight_taxes)
    billed = [_in_parts(line, quantities, document[1]) for line in (*priced.lines, freight)]
    invoices = [
        ([line[index] for line in billed[:-1]], billed[-1][index]) for index in range(len(quantities))
    ]
    sums = [document_of(lines, freight_part).totals for lines, freight_part in invoices]
    for name in (
        "line_total",
        "discount_total",
        "freight_amount",
        "tax_total",
        "included_tax_total",
        "total",
    ):
        assert sum(getattr(each, name) for each in sums) == getattr(priced.totals, name)
    by_tax = sum_by_tax([each.taxes for lines, part in invoices for each in (*lines, part)])
    assert by_tax == priced.taxes


def test_a_deposit_is_split_over_the_rates() -> None:
    """Half of 119.00 at 19 % and 107.00 at 7 % owes half of each tax; the second half is the rest."""
    lines = [
        Position(Decimal(1), Decimal(100), taxes=(_VAT,)),
        Position(Decimal(1), Decimal(100), taxes=(Tax("VAT", Decimal(7)),)),
    ]
    groups = rate_groups(price(lines, Terms("EUR")).lines)
    first = deposit(groups, Decimal("113.00"), "EUR")
    assert first == [
        RateGroup(Decimal("53.50"), (TaxAmount(Tax("VAT", Decimal(7)), Decimal("50.00"), Decimal("3.50")),)),
        RateGroup(Decimal("59.50"), (TaxAmount(_VAT, Decimal("50.00"), Decimal("9.50")),)),
    ]
    assert [str(each.net) for each in first] == ["50.00", "50.00"]
    left = [rest_of(group, part) for group, part in zip(groups, first, strict=True)]
    assert deposit(left, Decimal("113.00"), "EUR") == first


@given(documents(), st.lists(st.integers(1, 30), min_size=1, max_size=5))
@settings(max_examples=EXAMPLES)
def test_deposits_sum_to_the_document(document: Document, parts: list[int]) -> None:
    """Deposits up to the total come to what the document owes at each rate."""
    positions, terms = document
    priced = price(positions, terms)
    groups = rate_groups([*priced.lines, freight_price(priced.totals.freight_amount, priced.freight_taxes)])
    total, made, left = priced.totals.total, list[RateGroup](), groups
    given_so_far = Decimal(0)
    for index, _ in enumerate(parts):
        share = sum(parts[: index + 1])
        so_far = (total * share / sum(parts)).quantize(total)
        part = deposit(left, so_far - given_so_far, terms.currency_code)
        made += part
        left = tuple(rest_of(group, each) for group, each in zip(left, part, strict=True))
        given_so_far = so_far
    for group in groups:
        mine = [each for each in made if each.key == group.key]
        if total != 0:
            assert sum(each.gross for each in mine) == group.gross
        assert sum(each.gross for each in made) == total
        if total != 0:
            for index, tax in enumerate(group.taxes):
                assert sum(each.taxes[index].amount for each in mine) == tax.amount
