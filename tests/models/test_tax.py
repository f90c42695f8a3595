"""Do lines, products and freight get their taxes by code, and do documents add them up?"""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest

from models.invoice import Invoice, InvoiceLine
from models.moment import DiscountCalculation, TaxBase, TaxMode, TaxRounding
from models.opportunity import OpportunityLine
from models.order import OrderLine
from models.quote import Quote, QuoteLine
from models.record import parse_id
from models.tax import TaxRate
from tests.desk import TODAY, Desk, blocked, told
from tests.factories import Item, make_draft, make_opportunity, make_product
from tests.process import make_tax_code


def _line(desk: Desk, quote: str, **given: Any) -> QuoteLine:
    values: dict[str, Any] = {"description": "Pump", "quantity": Decimal(1), "price_per_unit": Decimal(100)}
    done = desk.do("add_quote_line", id=quote, expected_version=None, **values | given)
    return desk.read(QuoteLine, done["line"])


def _taxes(row: Any) -> list[tuple[str, str, str, str]]:
    return [(each["code"], each["percent"], each["base"], each["amount"]) for each in row.taxes]


def _choosing(desk: Desk, **choices: Any) -> Desk:
    return replace(desk, organization=replace(desk.organization, **choices))


def test_a_tax_has_rates_from_a_day_each(desk: Desk) -> None:
    """A line takes the rate of its day; what is priced keeps its rate."""
    vat = make_tax_code(desk, percent=Decimal(16), valid_from=TODAY - timedelta(days=9))
    desk.do("add_tax_rate", id=vat, percent=Decimal(19))
    desk.do("add_tax_rate", id=vat, percent=Decimal(21), valid_from=TODAY + timedelta(days=1))
    assert [each.percent for each in desk.all(TaxRate)] == [Decimal(16), Decimal(19), Decimal(21)]
    quote = make_draft(desk, ())
    line = _line(desk, quote, tax_codes=["VAT"])
    assert _taxes(line) == [("VAT", "19", "100", "19")]
    assert (line.tax_percent, line.tax_amount) == (Decimal(19), Decimal(19))
    later = _line(desk.later(days=1), quote, tax_codes=["VAT"])
    assert _taxes(later) == [("VAT", "21", "100", "21")]
    assert _taxes(desk.row(quote)) == [("VAT", "19", "100", "19"), ("VAT", "21", "100", "21")]
    assert desk.row(quote).total == Decimal(240)


def test_several_taxes_are_on_a_line(desk: Desk) -> None:
    """One may be on the base including the other, and the price may include one."""
    make_tax_code(desk, code="GST", percent=Decimal(5))
    make_tax_code(desk, code="QST", percent=Decimal("9.5"), is_on_previous=True)
    make_tax_code(desk, code="MWST", percent=Decimal("8.1"), is_inclusive=True)
    quote = make_draft(desk, ())
    both = _line(desk, quote, tax_codes=["GST", "QST"])
    assert _taxes(both) == [("GST", "5", "100", "5"), ("QST", "9.5", "105", "9.98")]
    assert both.extended_amount == Decimal("114.98")
    included = _line(desk, quote, price_per_unit=Decimal("108.10"), tax_codes=["MWST"])
    assert _taxes(included) == [("MWST", "8.1", "100", "8.1")]
    assert (included.included_tax_amount, included.extended_amount) == (Decimal("8.1"), Decimal("108.1"))
    header = desk.row(quote)
    assert (header.tax_total, header.included_tax_total, header.total) == (
        Decimal("23.08"), Decimal("8.1"), Decimal("223.08"),
    )  # fmt: skip


def test_a_product_brings_its_tax(desk: Desk) -> None:
    """Its code counts before its percentage, and a line may name another, or none."""
    vat = make_tax_code(desk)
    product = make_product(desk, tax_code_id=vat, tax_percent=Decimal(3))
    quote = make_draft(desk, ())
    given = {"product_id": product, "description": None, "price_per_unit": None}
    assert _taxes(_line(desk, quote, **given)) == [("VAT", "19", "100", "19")]
    assert _taxes(_line(desk, quote, **given, tax_percent=Decimal(7))) == [("", "7", "100", "7")]
    assert _taxes(_line(desk, quote, **given, tax_codes=[])) == [("", "0", "100", "0")]


def test_a_line_is_exempt_for_a_reason(desk: Desk) -> None:
    """By a code that says why, or by a reason of its own; the breakdown keeps it."""
    make_tax_code(desk, code="EXPORT", percent=None, exempt_reason="Delivered outside of the union.")
    quote = make_draft(desk, ())
    by_code = _line(desk, quote, tax_codes=["EXPORT"])
    assert (by_code.taxes[0]["exemptReason"], by_code.tax_amount) == (
        "Delivered outside of the union.", Decimal(0),
    )  # fmt: skip
    own = _line(desk, quote, tax_exempt_reason="Small business.")
    assert (own.taxes[0]["exemptReason"], own.tax_amount) == ("Small business.", Decimal(0))


def test_freight_is_taxed_by_code(desk: Desk) -> None:
    """One amount per rate over lines and freight; the breakdown of the freight is kept."""
    make_tax_code(desk)
    quote = make_draft(desk, ())
    _line(desk, quote, tax_codes=["VAT"])
    desk.do(
        "update_quote", id=quote, expected_version=None, freight_amount=Decimal(10), freight_tax_codes=["VAT"]
    )
    header = desk.row(quote)
    assert _taxes(header) == [("VAT", "19", "110", "20.9")]
    assert header.freight_taxes[0]["amount"] == "1.9"
    assert header.total == Decimal("130.90")


def test_taxes_reach_the_invoice(desk: Desk) -> None:
    """Partial invoices sum to the order, tax by tax; the last one takes what is left."""
    make_tax_code(desk, code="GST", percent=Decimal(5))
    make_tax_code(desk, code="QST", percent=Decimal("9.975"))
    quote = make_draft(desk, ())
    desk.do(
        "update_quote", id=quote, expected_version=None, freight_amount=Decimal(10), freight_tax_codes=["GST"]
    )
    _line(
        desk, quote, quantity=Decimal(3), price_per_unit=Decimal("33.33"), discount_per_unit=Decimal("0.33"),
        tax_codes=["GST", "QST"],
    )  # fmt: skip
    desk.do("activate_quote", id=quote)
    order = desk.do("accept_quote", id=quote)["order"]
    assert _taxes(desk.row(order)) == _taxes(desk.row(quote))
    (line,) = desk.all(OrderLine)
    for _ in range(3):
        given = [{"line_id": line.public_id, "quantity": Decimal(1)}]
        desk.do("invoice_order", id=order, policy="ORDERED", lines=given)
    invoices = desk.all(Invoice)
    for name in ("line_total", "freight_amount", "tax_total", "total"):
        assert sum(getattr(each, name) for each in invoices) == getattr(desk.row(order), name)
    assert [_taxes(each) for each in invoices] == [
        [("GST", "5", "36.33", "1.82"), ("QST", "9.975", "33", "3.29")],
        [("GST", "5", "36.34", "1.81"), ("QST", "9.975", "33", "3.3")],
        [("GST", "5", "36.33", "1.82"), ("QST", "9.975", "33", "3.29")],
    ]
    assert [each.discount_amount for each in desk.all(InvoiceLine)] == [Decimal("0.33")] * 3


def test_tax_may_be_typed(desk: Desk) -> None:
    """In Dynamics' way, on a document of an organisation that does so."""
    typing = _choosing(desk, tax_mode=TaxMode.TYPED)
    quote = make_draft(typing, ())
    line = _line(typing, quote, typed_tax=Decimal("7.77"))
    assert (line.tax_amount, desk.row(quote).total) == (Decimal("7.77"), Decimal("107.77"))
    computed = make_draft(desk, ())
    refusal = desk.refused(
        "add_quote_line", id=computed, expected_version=None, **Item().given, typed_tax=Decimal(1)
    )
    assert told(refusal) == ("TAX_IS_COMPUTED", ("input", "typedTax"))
    assert refusal.message == "The taxes of this document are computed: name taxCodes or a taxPercent."


def test_a_document_keeps_the_organisations_rules(desk: Desk) -> None:
    """Rounding and base are those of the day it was made, along the whole chain."""
    choosing = _choosing(desk, tax_rounding=TaxRounding.LINE, tax_base=TaxBase.BEFORE_DOCUMENT_DISCOUNT)
    opportunity = make_opportunity(choosing, [Item("1", "0.33", tax="10")] * 3, discount_percent=Decimal(50))
    quote = desk.do("generate_quote_from_opportunity", id=opportunity)["quote"]
    for row in (desk.row(opportunity), desk.row(quote)):
        assert (row.tax_rounding, row.tax_base) == (TaxRounding.LINE, TaxBase.BEFORE_DOCUMENT_DISCOUNT)
        assert (row.tax_total, row.total) == (Decimal("0.09"), Decimal("0.58"))


def test_a_discount_may_be_taken_off_each_unit(desk: Desk) -> None:
    """100 less 10, 11 of them: 1,090, or 990 per unit; the organisation says which discountAmount means."""
    quote = make_draft(desk, ())
    eleven = {"quantity": Decimal(11), "tax_percent": Decimal(0)}
    assert _line(desk, quote, **eleven, discount_amount=Decimal(10)).extended_amount == Decimal(1090)
    assert _line(desk, quote, **eleven, discount_per_unit=Decimal(10)).extended_amount == Decimal(990)
    per_unit = _choosing(desk, discount_calculation=DiscountCalculation.PER_UNIT)
    line = _line(per_unit, quote, **eleven, discount_amount=Decimal(10))
    assert (line.discount_amount, line.discount_per_unit, line.extended_amount) == (
        Decimal(0), Decimal(10), Decimal(990),
    )  # fmt: skip
    both = {"discount_amount": Decimal(1), "discount_per_unit": Decimal(1)}
    refusal = per_unit.refused("add_quote_line", id=quote, expected_version=None, **Item().given | both)
    assert told(refusal) == ("VALIDATION", ("input", "discountAmount"))


def test_a_line_may_take_money_off(desk: Desk) -> None:
    """A write-in with a negative price takes its tax with it; a product, and a whole document, may not."""
    quote = make_draft(desk, [Item("1", "100")])
    line = _line(desk, quote, description="Trade-in", price_per_unit=Decimal(-40), tax_percent=Decimal(19))
    assert (line.base_amount, line.tax_amount) == (Decimal(-40), Decimal("-7.6"))
    assert desk.row(quote).total == Decimal("71.40")
    given = {"id": quote, "expected_version": None, "quantity": Decimal(1), "price_per_unit": Decimal(-72)}
    refusal = desk.refused("add_quote_line", **given, description="Too much")
    assert told(refusal) == ("TOTAL_BELOW_ZERO", ("input", "pricePerUnit"))
    refusal = desk.refused("add_quote_line", **given, product_id=make_product(desk))
    assert told(refusal) == ("VALIDATION", ("input", "pricePerUnit"))
    assert refusal.message == (
        "pricePerUnit is -72; that of a product cannot be negative: write a line in for what is taken off."
    )


_REFUSED: list[tuple[dict[str, Any], str, tuple[str | int, ...]]] = [
    ({"tax_codes": ["NONE"]}, "TAX_RATE_MISSING", ("taxCodes", 0)),
    ({"tax_codes": ["VAT", "VAT"]}, "VALIDATION", ("taxCodes", 1)),
    ({"tax_codes": ["OLD"]}, "TAX_CODE_RETIRED", ("taxCodes", 0)),
    ({"tax_codes": ["EMPTY"]}, "TAX_RATE_MISSING", ("taxCodes", 0)),
    ({"tax_codes": ["SOON"]}, "TAX_RATE_MISSING", ("taxCodes", 0)),
    ({"tax_codes": ["VAT"], "tax_percent": Decimal(1)}, "VALIDATION", ("taxCodes",)),
    ({"tax_exempt_reason": "x", "tax_codes": ["VAT"]}, "VALIDATION", ("taxExemptReason",)),
    ({"discount_per_unit": Decimal(-1)}, "VALIDATION", ("discountPerUnit",)),
    ({"discount_per_unit": Decimal(101)}, "DISCOUNT_TOO_LARGE", ("discountAmount",)),
]


def test_a_tax_that_cannot_be_is_refused(desk: Desk) -> None:
    """Unknown, retired, without a rate, named twice, or said in two ways."""
    make_tax_code(desk)
    desk.do("retire_tax_code", id=make_tax_code(desk, code="OLD"))
    make_tax_code(desk, code="EMPTY", percent=None)
    make_tax_code(desk, code="SOON", valid_from=TODAY + timedelta(days=1))
    quote = make_draft(desk, ())
    for given, code, path in _REFUSED:
        values = {"description": "Pump", "quantity": Decimal(1), "price_per_unit": Decimal(100)} | given
        refusal = desk.refused("add_quote_line", id=quote, expected_version=None, **values)
        assert told(refusal) == (code, ("input", *path)), given


@pytest.mark.parametrize(
    ("given", "code", "field"),
    [
        ({"code": ""}, "VALIDATION", "code"),
        ({"name": ""}, "VALIDATION", "name"),
        ({"percent": Decimal(101)}, "VALIDATION", "percent"),
        ({"exempt_reason": "Export."}, "VALIDATION", "percent"),
        ({"code": "VAT"}, "NUMBER_TAKEN", "code"),
    ],
)
def test_a_tax_code_that_cannot_be_is_refused(
    desk: Desk, given: dict[str, Any], code: str, field: str
) -> None:
    """Each impossible value is refused with its path."""
    make_tax_code(desk)
    values = {"code": "GST", "name": "Tax", "percent": Decimal(5)} | given
    assert told(desk.refused("create_tax_code", **values)) == (code, ("input", field))


def test_rates_are_added_and_never_overwritten(desk: Desk) -> None:
    """A day has one rate; a tax that is exempt, or retired, gets none."""
    vat = make_tax_code(desk)
    refusal = desk.refused("add_tax_rate", id=vat, percent=Decimal(20))
    assert told(refusal) == ("RATE_TAKEN", ("input", "validFrom"))
    assert refusal.message == "Tax code VAT has a rate from that day already; rates are not overwritten."
    exempt = make_tax_code(desk, code="EXPORT", percent=None, exempt_reason="Export.")
    assert told(desk.refused("add_tax_rate", id=exempt, percent=Decimal(1))) == (
        "VALIDATION", ("input", "percent"),
    )  # fmt: skip
    desk.do("retire_tax_code", id=vat)
    refusal = desk.refused("add_tax_rate", id=vat, percent=Decimal(20), valid_from=date(2027, 1, 1))
    assert told(blocked(refusal)) == ("ILLEGAL_TRANSITION", ("input", "id"))
    refusal = desk.refused("create_product", number="X", name="X", list_price=Decimal(1), tax_code_id=vat)
    assert told(refusal) == ("TAX_CODE_RETIRED", ("input", "taxCodeId"))
    desk.do("reactivate_tax_code", id=vat)
    desk.do("add_tax_rate", id=vat, percent=Decimal(20), valid_from=date(2027, 1, 1))


def test_changing_a_line_changes_its_taxes(desk: Desk) -> None:
    """What is left out stays; what is named replaces all that was there."""
    make_tax_code(desk)
    opportunity = make_opportunity(desk, [Item("1", "100", tax="7")])
    (line,) = desk.all(OpportunityLine, opportunity_id=parse_id(opportunity)[1])

    def changed(**given: Any) -> list[tuple[str, str, str, str]]:
        desk.do(
            "update_opportunity_line", id=opportunity, expected_version=None, line_id=line.public_id, **given
        )
        return _taxes(desk.read(OpportunityLine, line.public_id))

    assert changed(tax_codes=["VAT"]) == [("VAT", "19", "100", "19")]
    assert changed(quantity=Decimal(2)) == [("VAT", "19", "200", "38")]
    assert changed(tax_percent=Decimal(7)) == [("", "7", "200", "14")]
    assert desk.row(opportunity).estimated_revenue == Decimal(214)


def test_a_quote_can_be_read_with_its_breakdown(desk: Desk) -> None:
    """The columns that the API shows are all there after activation, and the content hash covers taxes."""
    make_tax_code(desk)
    quote = make_draft(desk, ())
    _line(desk, quote, tax_codes=["VAT"])
    desk.do("activate_quote", id=quote)
    row = desk.read(Quote, quote)
    assert row.content_hash is not None
    assert _taxes(row) == [("VAT", "19", "100", "19")]
