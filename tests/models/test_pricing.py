"""Does a document cost what its lines, discounts, taxes and freight say, to the cent?"""

from decimal import Decimal
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from models.money import digits, round_money
from models.pricing import Position, Terms, Totals, price

_currencies = st.sampled_from(["EUR", "JPY", "KWD"])


def _position(quantity: str, each: str, discount: str = "0", tax: str = "0") -> Position:
    return Position(Decimal(quantity), Decimal(each), Decimal(discount), Decimal(tax))


def _totals(line: str, discount: str, tax: str, total: str) -> Totals:
    return Totals(*(Decimal(each) for each in (line, discount, tax, total)))


@st.composite
def documents(draw: st.DrawFn) -> tuple[list[Position], Terms]:
    """Return a document whose discounts are no larger than what they are taken off."""
    currency = draw(_currencies)
    places = digits(currency)
    positions = []
    for _ in range(draw(st.integers(1, 8))):
        quantity = draw(st.decimals("0.001", "500", places=3))
        each = draw(st.decimals("0", "2000", places=4))
        base = round_money(quantity * each, currency)
        discount = draw(st.decimals("0", base, places=places))
        tax = draw(st.sampled_from([Decimal(rate) for rate in ("0", "7", "19", "21", "8.1", "5.5")]))
        positions.append(Position(quantity, each, discount, tax))
    lines = sum(round_money(each.quantity * each.price_per_unit, currency) for each in positions)
    net = lines - sum(each.discount_amount for each in positions)
    percent = draw(st.decimals("0", "100", places=2))
    left = net - round_money(net * percent / 100, currency)
    fixed = draw(st.decimals("0", left, places=places))
    return positions, Terms(currency, percent, fixed, draw(st.decimals("0", "100", places=places)))


def test_half_a_cent_is_rounded_up() -> None:
    """9.5 times 124.75 is 1,185.13 on the line and in the total (SuiteCRM#10811)."""
    lines, totals = price([_position("9.5", "124.75")], Terms("EUR"))
    assert lines[0].base_amount == lines[0].extended_amount == Decimal("1185.13")
    assert totals == _totals("1185.13", "0", "0", "1185.13")


def test_tax_is_taken_after_the_discount() -> None:
    """3 times 45 less 60 at 21 % is 75.00 net, 15.75 tax and 90.75 in all (crater#889)."""
    for position, terms in (
        (_position("3", "45", "60", "21"), Terms("EUR")),
        (_position("3", "45", "0", "21"), Terms("EUR", discount_amount=Decimal(60))),
    ):
        (line,), totals = price([position], terms)
        assert line.net_amount - line.discount_share == Decimal("75.00")
        assert (totals.tax_total, totals.total) == (Decimal("15.75"), Decimal("90.75"))


def test_a_line_discount_is_for_the_whole_line() -> None:
    """100 times 11 less 10 is 1,090; 100 times 200 less 10 is 19,990 (Dynamics: Line item)."""
    for quantity, net in (("11", "1090"), ("200", "19990")):
        _, totals = price([_position(quantity, "100", "10")], Terms("EUR"))
        assert totals.total == Decimal(net)


def test_a_document_discount_is_shared_over_the_lines() -> None:
    """75 over 75, 500, 200, 100, 50 and 50 is 5.77 + 38.46 + 15.38 + 7.69 + 3.85 + 3.85 (saleor#17024)."""
    positions = [_position("1", each) for each in ("75", "500", "200", "100", "50", "50")]
    lines, totals = price(positions, Terms("EUR", discount_amount=Decimal(75)))
    assert [str(line.discount_share) for line in lines] == ["5.77", "38.46", "15.38", "7.69", "3.85", "3.85"]
    assert totals == _totals("975", "75", "0", "900")


def test_the_percentage_comes_before_the_fixed_discount() -> None:
    """10 % of 200 and then 30 leaves 150; freight of 5 is added untaxed."""
    terms = Terms("EUR", Decimal(10), Decimal(30), Decimal(5))
    _, totals = price([_position("2", "100", "0", "20")], terms)
    assert totals == _totals("200", "50", "30", "185")


def test_tax_is_rounded_once_per_rate() -> None:
    """Three lines of 0.33 at 10 % owe 0.10 together, not three times 0.03."""
    lines, totals = price([_position("1", "0.33", "0", "10")] * 3, Terms("EUR"))
    assert totals.tax_total == Decimal("0.10")
    assert [line.tax_amount for line in lines] == [Decimal("0.04"), Decimal("0.03"), Decimal("0.03")]


def test_an_empty_document_costs_its_freight() -> None:
    """Without lines there is nothing to take a discount off."""
    lines, totals = price([], Terms("EUR", Decimal(10), Decimal(5), Decimal(7)))
    assert lines == []
    assert totals == _totals("0", "0", "0", "7")


@given(documents())
def test_lines_add_up_to_the_header(document: tuple[list[Position], Terms]) -> None:
    """Every part of the header is the sum of the lines' parts, and nothing is finer than the currency."""
    positions, terms = document
    lines, totals = price(positions, terms)
    assert totals.line_total == sum(line.net_amount for line in lines)
    assert totals.discount_total == sum(line.discount_share for line in lines)
    assert totals.tax_total == sum(line.tax_amount for line in lines)
    extended = sum(line.extended_amount for line in lines)
    assert totals.total == extended - totals.discount_total + terms.freight_amount
    for line in lines:
        assert line.extended_amount == line.net_amount + line.tax_amount
    amounts: list[Any] = [value for each in (*lines, totals) for value in vars(each).values()]
    assert all(isinstance(value, Decimal) for value in amounts)
    assert all(value == round_money(value, terms.currency_code) and value >= 0 for value in amounts)


@given(documents(), st.randoms(use_true_random=False))
def test_the_order_of_lines_changes_no_total(document: tuple[list[Position], Terms], chance: Any) -> None:
    """Permuted lines come to the same totals."""
    positions, terms = document
    shuffled = chance.sample(positions, len(positions))
    assert price(shuffled, terms)[1] == price(positions, terms)[1]


@given(documents())
def test_a_cent_of_discount_is_a_cent(document: tuple[list[Position], Terms]) -> None:
    """One unit more of the fixed discount takes exactly one unit off an untaxed total."""
    positions, terms = document
    untaxed = [
        Position(each.quantity, each.price_per_unit, each.discount_amount, Decimal(0)) for each in positions
    ]
    unit = Decimal(1).scaleb(-digits(terms.currency_code))
    more = Terms(
        terms.currency_code, terms.discount_percent, terms.discount_amount + unit, terms.freight_amount
    )
    assert price(untaxed, terms)[1].total - price(untaxed, more)[1].total == unit
