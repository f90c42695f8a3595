"""Does a document cost what its lines, discounts, taxes and freight say, to the cent?"""

from decimal import Decimal

from models.pricing import Position, Tax, TaxAmount, TaxBase, TaxMode, TaxRounding, Terms, price


def _position(quantity: str, each: str, discount: str = "0", tax: str = "0") -> Position:
    return Position(Decimal(quantity), Decimal(each), Decimal(discount), (Tax("", Decimal(tax)),))


def _one(each: str, *taxes: Tax) -> Position:
    return Position(Decimal(1), Decimal(each), taxes=taxes)


def _tax(code: str, percent: str, *, inclusive: bool = False, on_previous: bool = False) -> Tax:
    return Tax(code, Decimal(percent), inclusive, on_previous)


def _sums(positions: list[Position], terms: Terms) -> tuple[str, str, str, str]:
    totals = price(positions, terms).totals
    found = (totals.line_total, totals.discount_total, totals.tax_total, totals.total)
    line, discount, tax, total = (format(each, "f") for each in found)
    return line, discount, tax, total


def test_half_a_cent_is_rounded_up() -> None:
    """9.5 times 124.75 is 1,185.13 on the line and in the total (SuiteCRM#10811)."""
    priced = price([_position("9.5", "124.75")], Terms("EUR"))
    assert priced.lines[0].base_amount == priced.lines[0].extended_amount == Decimal("1185.13")
    assert priced.totals.total == Decimal("1185.13")


def test_half_of_the_smallest_coin_is_rounded_away_from_zero() -> None:
    """What is credited mirrors what was billed: 9.5 times -124.75 is -1,185.13."""
    assert price([_position("9.5", "-124.75")], Terms("EUR")).totals.total == Decimal("-1185.13")
    assert price([_position("-9.5", "124.75")], Terms("EUR")).totals.total == Decimal("-1185.13")


def test_tax_is_taken_after_the_discount() -> None:
    """3 times 45 less 60 at 21 % is 75.00 net, 15.75 tax and 90.75 in all (crater#889)."""
    for position, terms in (
        (_position("3", "45", "60", "21"), Terms("EUR")),
        (_position("3", "45", "0", "21"), Terms("EUR", discount_amount=Decimal(60))),
    ):
        priced = price([position], terms)
        assert priced.lines[0].total_amount == Decimal("90.75")
        assert (priced.totals.net_total, priced.totals.tax_total, priced.totals.total) == (
            Decimal("75.00"), Decimal("15.75"), Decimal("90.75"),
        )  # fmt: skip


def test_tax_may_be_on_what_was_before_the_document_discount() -> None:
    """As in Dynamics, a document discount then leaves the tax as it is: 28.35 on 135."""
    terms = Terms("EUR", discount_amount=Decimal(60), tax_base=TaxBase.BEFORE_DOCUMENT_DISCOUNT)
    assert _sums([_position("3", "45", "0", "21")], terms) == ("135.00", "60.00", "28.35", "103.35")


def test_manual_discounts_are_for_the_line_or_for_each_unit() -> None:
    """100 less 10: 11 of them are 1,090 or 990, 200 are 19,990 or 18,000 (Dynamics)."""
    for quantity, of_line, of_unit in (("11", "1090", "990"), ("200", "19990", "18000")):
        line = Position(Decimal(quantity), Decimal(100), discount_amount=Decimal(10))
        unit = Position(Decimal(quantity), Decimal(100), discount_per_unit=Decimal(10))
        assert price([line], Terms("EUR")).totals.total == Decimal(of_line)
        assert price([unit], Terms("EUR")).totals.total == Decimal(of_unit)


def test_a_volume_discount_is_part_of_the_base_amount() -> None:
    """12 at 9.95 less 0.995 each are 107.46; the manual discount comes off that."""
    position = Position(
        Decimal(12), Decimal("9.95"), discount_amount=Decimal(5), volume_discount=Decimal("0.995")
    )
    (line,) = price([position], Terms("EUR")).lines
    assert (line.base_amount, line.manual_discount, line.net_amount) == (
        Decimal("107.46"), Decimal(5), Decimal("102.46"),
    )  # fmt: skip


def test_a_document_discount_is_shared_over_the_lines() -> None:
    """75 over 75, 500, 200, 100, 50 and 50 is 5.77 + 38.46 + 15.38 + 7.69 + 3.85 + 3.85 (saleor#17024)."""
    positions = [_position("1", each) for each in ("75", "500", "200", "100", "50", "50")]
    terms = Terms("EUR", discount_amount=Decimal(75))
    shares = [str(line.discount_share) for line in price(positions, terms).lines]
    assert shares == ["5.77", "38.46", "15.38", "7.69", "3.85", "3.85"]
    assert _sums(positions, terms) == ("975.00", "75.00", "0.00", "900.00")


def test_the_percentage_comes_before_the_fixed_discount() -> None:
    """10 % of 200 and then 30 leaves 150; freight of 5 is added untaxed."""
    terms = Terms("EUR", Decimal(10), Decimal(30), Decimal(5))
    assert _sums([_position("2", "100", "0", "20")], terms) == ("200.00", "50.00", "30.00", "185.00")


def test_tax_is_rounded_once_per_rate() -> None:
    """Three lines of 0.33 at 10 % owe 0.10 together, or 0.09 where every line is rounded."""
    lines = [_position("1", "0.33", "0", "10")] * 3
    priced = price(lines, Terms("EUR"))
    assert priced.totals.tax_total == Decimal("0.10")
    assert [str(line.tax_amount) for line in priced.lines] == ["0.04", "0.03", "0.03"]
    by_line = price(lines, Terms("EUR", tax_rounding=TaxRounding.LINE))
    assert [str(line.tax_amount) for line in by_line.lines] == ["0.03", "0.03", "0.03"]


def test_an_inclusive_price_is_what_is_paid() -> None:
    """2,500.00 with 8 % in it are 2,314.81 net and 185.19 tax (SuiteCRM#1776)."""
    priced = price([_one("2500", _tax("VAT", "8", inclusive=True))], Terms("EUR"))
    assert (priced.totals.net_total, priced.totals.tax_total, priced.totals.total) == (
        Decimal("2314.81"), Decimal("185.19"), Decimal("2500.00"),
    )  # fmt: skip
    assert priced.totals.included_tax_total == Decimal("185.19")
    assert priced.lines[0].extended_amount == Decimal("2500.00")


def test_taxes_of_a_line_are_side_by_side_or_on_one_another() -> None:
    """5 % and 9.5 % on 100 are 14.50; the second on the base including the first makes it 14.98."""
    gst, side, on = _tax("GST", "5"), _tax("QST", "9.5"), _tax("QST", "9.5", on_previous=True)
    assert _sums([_one("100", gst, side)], Terms("CAD"))[2:] == ("14.50", "114.50")
    priced = price([_one("100", gst, on)], Terms("CAD"))
    assert priced.taxes == (
        TaxAmount(gst, Decimal("100.00"), Decimal("5.00")),
        TaxAmount(on, Decimal("105.00"), Decimal("9.98")),
    )


def test_an_included_tax_on_another_comes_out_as_it_went_in() -> None:
    """114.98 with 5 % and then 9.5 % in it hold a base of 100."""
    taxes = (
        _tax("GST", "5", inclusive=True),
        _tax("QST", "9.5", inclusive=True, on_previous=True),
    )
    priced = price([_one("114.98", *taxes)], Terms("CAD"))
    assert [(str(each.base), str(each.amount)) for each in priced.taxes] == [
        ("100.00", "5.00"), ("105.00", "9.98"),
    ]  # fmt: skip
    assert priced.totals.total == Decimal("114.98")


def test_an_included_and_an_added_tax_have_one_base() -> None:
    """110 with 10 % in it and 2 % added: the base is 100, the total 112."""
    priced = price([_one("110", _tax("VAT", "10", inclusive=True), _tax("CITY", "2"))], Terms("EUR"))
    assert [(each.tax.code, str(each.base), str(each.amount)) for each in priced.taxes] == [
        ("CITY", "100.00", "2.00"), ("VAT", "100.00", "10.00"),
    ]  # fmt: skip
    assert priced.totals.total == Decimal("112.00")


def test_freight_is_taxed_where_it_has_a_tax() -> None:
    """One amount per rate, over lines and freight: 19 % of 0.30 and 0.03 are 0.06, not 0.06 and 0.01."""
    vat = _tax("VAT", "19")
    priced = price([_one("0.30", vat)], Terms("EUR", freight_amount=Decimal("0.03"), freight_taxes=(vat,)))
    assert priced.taxes == (TaxAmount(vat, Decimal("0.33"), Decimal("0.06")),)
    assert (priced.lines[0].tax_amount, priced.freight_taxes[0].amount) == (Decimal("0.06"), Decimal("0.00"))
    assert priced.totals.total == Decimal("0.39")


def test_an_exempt_line_is_in_the_breakdown_with_its_reason() -> None:
    """Nothing is due, and the document says on how much, and why."""
    export = Tax("EXPORT", Decimal(0), exempt_reason="Delivered outside of the union.")
    priced = price([_one("80", export), _one("20", _tax("VAT", "19"))], Terms("EUR"))
    assert [(each.tax.code, str(each.base), str(each.amount)) for each in priced.taxes] == [
        ("EXPORT", "80.00", "0.00"), ("VAT", "20.00", "3.80"),
    ]  # fmt: skip


def test_a_typed_tax_is_added_as_it_is() -> None:
    """In Dynamics' way the rates do not count, nor does the document discount."""
    lines = [
        Position(Decimal(1), Decimal(100), taxes=(_tax("VAT", "19"),), typed_tax=Decimal("7.77")),
        Position(Decimal(1), Decimal(50), typed_tax=Decimal("2.01")),
    ]
    terms = Terms("EUR", discount_amount=Decimal(30), tax_mode=TaxMode.TYPED)
    assert _sums(lines, terms) == ("150.00", "30.00", "9.78", "129.78")


def test_a_returned_line_takes_its_tax_and_its_discount_with_it() -> None:
    """Of 100 and -99.97 at 19 % and 10 % discount, the parts are those of each line, not of the small sum."""
    vat = _tax("VAT", "19")
    priced = price([_one("100", vat), _one("-99.97", vat)], Terms("EUR", discount_percent=Decimal(10)))
    assert [(str(line.discount_share), str(line.tax_amount)) for line in priced.lines] == [
        ("10.00", "17.10"), ("-10.00", "-17.09"),
    ]  # fmt: skip
    totals = priced.totals
    assert (totals.line_total, totals.discount_total, totals.tax_total, totals.total) == (
        Decimal("0.03"), Decimal("0.00"), Decimal("0.01"), Decimal("0.04"),
    )  # fmt: skip


def test_an_empty_document_costs_its_freight() -> None:
    """Without lines there is nothing to take a discount off."""
    priced = price([], Terms("EUR", Decimal(10), Decimal(5), Decimal(7)))
    assert priced.lines == []
    assert _sums([], Terms("EUR", Decimal(10), Decimal(5), Decimal(7))) == ("0", "0", "0", "7")


def test_a_currency_has_its_own_digits() -> None:
    """1.5 at 333 are 500 JPY, 499.5 CLF; a third of a dinar is 0.333 KWD."""
    assert price([_position("1.5", "333")], Terms("JPY")).totals.total == Decimal(500)
    assert price([_position("1.5", "333")], Terms("CLF")).totals.total == Decimal("499.5")
    assert str(price([_position("0.333333", "1")], Terms("KWD")).totals.total) == "0.333"


def test_the_largest_amounts_are_exact() -> None:
    """More digits than Python's usual decimals have are all there: nothing is rounded but to the coin."""
    position = Position(Decimal("8999999999999.999999"), Decimal("0.999999"), taxes=(_tax("VAT", "19"),))
    priced = price([position], Terms("EUR"))
    assert priced.totals.line_total == Decimal("8999991000000.00")
    assert priced.totals.tax_total == Decimal("1709998290000.00")
