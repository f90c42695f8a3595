"""Does the pricing come to the figures that other systems publish with their own tests?

Facts, with their source: quantities, prices and rates as they stand there, and what they come to. Where we
differ on purpose, the figure is ours and the docstring says why.
"""

from decimal import Decimal

import pytest

from models.pricing import Position, Priced, Tax, Terms, price

# Quantity, price, and the rates in percent by code; "+" marks a rate that the price includes.
Rows = list[tuple[str, str, dict[str, str]]]


def _priced(rows: Rows, discount: str = "0") -> Priced:
    positions = [
        Position(
            Decimal(quantity),
            Decimal(each),
            taxes=tuple(
                Tax(code, Decimal(rate.rstrip("+")), rate.endswith("+")) for code, rate in rates.items()
            ),
        )
        for quantity, each, rates in rows
    ]
    return price(positions, Terms("EUR", discount_amount=Decimal(discount)))


def _by_code(priced: Priced) -> dict[str, str]:
    codes = sorted({each.tax.code for each in priced.taxes})
    return {
        code: str(sum((each.amount for each in priced.taxes if each.tax.code == code), Decimal(0)))
        for code in codes
    }


_VAT19: Rows = [(quantity, "4.6", {"VAT": "19"}) for quantity in ("84", "54", "288", "144", "430")]
_VAT24: Rows = [("1", each, {"VAT": "24"}) for each in ("75", "500", "200", "100", "50", "50")]
_TEMPLATES: Rows = [
    ("84", "4.6", {"EXCISE": "11", "CESS": "0", "HIGHER": "3"}),
    ("54", "4.6", {"EXCISE": "12", "CESS": "0", "HIGHER": "3"}),
    ("288", "4.6", {"EXCISE": "15", "CESS": "0", "HIGHER": "3"}),
    ("144", "4.6", {"EXCISE": "20", "CESS": "0", "HIGHER": "3"}),
    ("430", "4.6", {"EXCISE": "5", "CESS": "10", "HIGHER": "15"}),
]


@pytest.mark.parametrize(
    ("rows", "discount", "net", "taxes", "total"),
    [
        (_VAT19, "0", "4600.00", {"VAT": "874.00"}, "5474.00"),
        (_VAT24, "75", "900.00", {"VAT": "216.00"}, "1116.00"),
        (_TEMPLATES, "0", "4600.00", {"CESS": "197.80", "EXCISE": "502.41", "HIGHER": "375.36"}, "5675.57"),
        ([("100", "50", {"SERVICE": "14+"})], "0", "4385.96", {"SERVICE": "614.04"}, "5000.00"),
        ([("100", "50", {"SERVICE": "14+"})], "100", "4298.25", {"SERVICE": "601.75"}, "4900.00"),
        (
            [("10", "50", {"DUTY": "10", "VAT": "12.5"}), ("5", "150", {"DUTY": "10", "VAT": "12.5"})],
            "0",
            "1250.00",
            {"DUTY": "125.00", "VAT": "156.25"},
            "1531.25",
        ),
    ],
)
def test_figures_of_erpnext(rows: Rows, discount: str, net: str, taxes: dict[str, str], total: str) -> None:
    """Those of accounts/doctype/sales_invoice/test_sales_invoice.py, at 000ac00, come out the same."""
    # Its discount "on net total" of an inclusive price (4,885.99) has no counterpart here: a discount comes
    # off what people add up, which is its discount on the grand total. The sum of the last row is ours: the
    # other taxes of that invoice are on other taxes alone, which no line of ours can be.
    priced = _priced(rows, discount)
    assert (str(priced.totals.net_total), _by_code(priced), str(priced.totals.total)) == (net, taxes, total)


@pytest.mark.parametrize(
    ("rate", "base", "tax", "total"),
    [("10", "200.00", "20.00", "220.00"), ("10+", "181.82", "18.18", "200.00")],
)
def test_figures_of_odoo(rate: str, base: str, tax: str, total: str) -> None:
    """Those of account/tests/test_tax.py, at 00dd8c0, for 200 with 10 % added and included, do as well."""
    # Its taxes by division and by fixed amount, and those that enter the base of all later ones, are not
    # ours: a tax here is a percentage of the base alone, or of the base with all taxes before it.
    priced = _priced([("1", "200", {"TAX": rate})])
    (found,) = priced.taxes
    assert (str(found.base), str(found.amount), str(priced.totals.total)) == (base, tax, total)


@pytest.mark.parametrize(
    ("fees", "coupon", "expected"),
    [
        (("10", "20"), "0", {"TEN": ("30.00", "3.00"), "TWELVE": ("20.00", "2.40")}),
        (("10", "20"), "10", {"TEN": ("20.00", "2.00"), "TWELVE": ("13.33", "1.60")}),
        (("0", "0"), "0", {"TEN": ("0.00", "0.00"), "TWELVE": ("0.00", "0.00")}),
    ],
)
def test_figures_of_lago(fees: tuple[str, str], coupon: str, expected: dict[str, tuple[str, str]]) -> None:
    """Those of spec/services/invoices/apply_taxes_service_spec.rb, at 002d7a8, do with a coupon, too."""
    rows: Rows = [("1", fees[0], {"TEN": "10"}), ("1", fees[1], {"TEN": "10", "TWELVE": "12"})]
    priced = _priced(rows, coupon)
    assert {each.tax.code: (str(each.base), str(each.amount)) for each in priced.taxes} == expected
