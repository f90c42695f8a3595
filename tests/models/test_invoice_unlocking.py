"""Does an invoice come to what it came to once its prices are unlocked, with the same taxes?"""

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from models.invoice import Invoice, InvoiceLine
from models.order import OrderLine
from models.pricing import TaxBase
from tests.desk import Desk
from tests.factories import Item, make_fulfilled_order, make_plain_invoice
from tests.process import make_tax_code

D = Decimal
ANY: dict[str, Any] = {"expected_version": None}
_SUMS = ("tax_total", "included_tax_total", "total", "balance", "taxes")


def _before(desk: Desk) -> Desk:
    """Return the desk of a company whose taxes are on what is before a document's discount."""
    tax_base = TaxBase.BEFORE_DOCUMENT_DISCOUNT
    return replace(desk, organization=replace(desk.organization, tax_base=tax_base))


def _sums(desk: Desk, invoice: str) -> tuple[Any, ...]:
    row = desk.read(Invoice, invoice)
    return tuple(getattr(row, name) for name in _SUMS)


def _lines(desk: Desk, invoice: str) -> list[InvoiceLine]:
    return desk.all(InvoiceLine, invoice_id=invoice)


def test_a_tax_that_a_discount_does_not_lower_stays_when_prices_are_unlocked(desk: Desk) -> None:
    """The discount is the invoice's from then on, and goes back to the lines' shares when they are locked."""
    desk = _before(desk)
    order = make_fulfilled_order(
        desk, [Item("2", "100"), Item("1", "50", tax="7")], discount_percent=D(10), discount_amount=D(5)
    )
    invoice = desk.do("invoice_order", id=order)["invoice"]
    row = desk.read(Invoice, invoice)
    # 200.00 at 19 % and 50.00 at 7 %, whatever is taken off.
    assert (row.line_total, row.discount_total, row.tax_total, row.total) == (
        D(250), D(30), D("41.50"), D("261.50"),
    )  # fmt: skip
    before = _sums(desk, invoice)
    desk.do("unlock_invoice_pricing", id=invoice, **ANY)
    row = desk.read(Invoice, invoice)
    assert _sums(desk, invoice) == before
    assert (row.line_total, row.discount_total, row.discount_amount, row.discount_percent) == (
        D(250), D(30), D(30), D(0),
    )  # fmt: skip
    assert [(line.discount_amount, line.discount_share) for line in _lines(desk, invoice)] == [
        (D(0), D(24)), (D(0), D(6)),
    ]  # fmt: skip
    desk.do("lock_invoice_pricing", id=invoice)
    assert _sums(desk, invoice) == before
    assert desk.read(Invoice, invoice).discount_amount == 0


def test_what_is_edited_afterwards_is_taxed_as_the_rest(desk: Desk) -> None:
    """Another price changes the tax by its own part alone; a line of the order comes with its discount."""
    desk = _before(desk)
    order = make_fulfilled_order(desk, [Item("2", "100"), Item("4", "25")], discount_percent=D(10))
    own = desk.all(OrderLine, order_id=order)[1].public_id
    invoice = desk.do("invoice_order", id=order)["invoice"]
    first, second = (line.public_id for line in _lines(desk, invoice))
    desk.do("remove_invoice_line", id=invoice, **ANY, line_id=second)
    desk.do("unlock_invoice_pricing", id=invoice, **ANY)
    desk.do("update_invoice_line", id=invoice, **ANY, line_id=first, price_per_unit=D(90))
    row = desk.read(Invoice, invoice)
    assert (row.line_total, row.discount_total, row.tax_total, row.total) == (
        D(180), D(20), D("34.20"), D("194.20"),
    )  # fmt: skip
    made = desk.do("add_invoice_line", id=invoice, **ANY, order_line_id=own, quantity=D(2))
    line, row = desk.read(InvoiceLine, made["line"]), desk.read(Invoice, invoice)
    assert (line.base_amount, line.discount_amount, line.tax_amount) == (D(50), D(0), D("9.50"))
    assert (row.discount_total, row.tax_total, row.total) == (D(25), D("43.70"), D("248.70"))


@pytest.mark.parametrize("tax_base", list(TaxBase))
def test_what_is_left_of_an_order_stays_to_the_coin(desk: Desk, tax_base: TaxBase) -> None:
    """The last of three invoices bears the roundings of the others, unlocked as locked."""
    desk = replace(desk, organization=replace(desk.organization, tax_base=tax_base))
    order = make_fulfilled_order(desk, [Item("3", "33.35", tax="7.7")], discount_percent=D("3.3"))
    line = {"line_id": desk.all(OrderLine, order_id=order)[0].public_id, "quantity": D(1)}
    invoices = [desk.do("invoice_order", id=order, lines=[line])["invoice"] for _ in range(3)]
    before = [_sums(desk, each) for each in invoices]
    assert len({each[0] for each in before}) > 1
    for invoice in invoices:
        desk.do("unlock_invoice_pricing", id=invoice, **ANY)
    assert [_sums(desk, each) for each in invoices] == before


@pytest.mark.parametrize("tax_base", list(TaxBase))
def test_deposits_are_taken_off_as_before(desk: Desk, tax_base: TaxBase) -> None:
    """Unlocking leaves what an invoice takes off, and its tax."""
    desk = replace(desk, organization=replace(desk.organization, tax_base=tax_base))
    order = make_fulfilled_order(desk, [Item("2", "100")], discount_amount=D(20))
    desk.do("issue_invoice", id=desk.do("invoice_deposit", id=order, percent=D(50))["invoice"])
    invoice = desk.do("invoice_order", id=order)["invoice"]
    before = _sums(desk, invoice)
    desk.do("unlock_invoice_pricing", id=invoice, **ANY)
    assert _sums(desk, invoice) == before
    desk.do("issue_invoice", id=invoice)


def test_an_invoice_without_an_order_keeps_its_discount_once(desk: Desk) -> None:
    """Locked and unlocked it comes to the same: its discount was its own all along."""
    invoice = make_plain_invoice(desk)
    desk.do("update_invoice", id=invoice, **ANY, discount_percent=D(10))
    before = _sums(desk, invoice)
    assert before[2] == D("214.20")
    desk.do("lock_invoice_pricing", id=invoice)
    desk.do("unlock_invoice_pricing", id=invoice, **ANY)
    row = desk.read(Invoice, invoice)
    assert _sums(desk, invoice) == before
    assert (row.discount_percent, row.discount_total) == (D(10), D(20))
    desk.do("update_invoice", id=invoice, **ANY, name="Repairs in May")
    assert _sums(desk, invoice) == before


@pytest.mark.parametrize("said", ["0", "5", "30"])
def test_later_invoices_bill_the_freight_that_the_order_says(desk: Desk, said: str) -> None:
    """What an unlocked invoice waives stays waived, and what it asks for beyond the order stays its own."""
    order = make_fulfilled_order(desk, [Item("2", "100", tax="0")], freight_amount=D(10))
    line = {"line_id": desk.all(OrderLine, order_id=order)[0].public_id, "quantity": D(1)}
    first = desk.do("invoice_order", id=order, lines=[line])["invoice"]
    assert desk.row(first).freight_amount == 5
    desk.do("unlock_invoice_pricing", id=first, **ANY)
    desk.do("update_invoice", id=first, **ANY, freight_amount=D(said))
    last = desk.read(Invoice, desk.do("invoice_order", id=order)["invoice"])
    assert (desk.row(first).total, last.freight_amount, last.total) == (100 + D(said), D(5), D(105))
    desk.do("lock_invoice_pricing", id=first)
    assert (desk.row(first).freight_amount, desk.row(first).total) == (D(5), D(105))


def test_freight_goes_with_the_lines_of_the_order_on_an_unlocked_invoice(desk: Desk) -> None:
    """As the order prices them, whatever the invoice does, and with the order's taxes on it."""
    make_tax_code(desk)
    order = make_fulfilled_order(
        desk, [Item("4", "100", tax="0"), Item("1", "100", tax="0")],
        freight_amount=D(10), freight_tax_codes=["VAT"],
    )  # fmt: skip
    lines = [{"line_id": row.public_id, "quantity": D(1)} for row in desk.all(OrderLine, order_id=order)]
    first = desk.do("invoice_order", id=order, lines=lines)["invoice"]
    assert (desk.row(first).freight_amount, desk.row(first).tax_total) == (D(4), D("0.76"))
    desk.do("unlock_invoice_pricing", id=first, **ANY)
    desk.do("update_invoice", id=first, **ANY, freight_amount=D(0), freight_tax_codes=[])
    desk.do("add_invoice_line", id=first, **ANY, **Item("1", "1000", tax="0").given)
    own, other = (line.public_id for line in _lines(desk, first) if line.order_line_id is not None)
    desk.do("update_invoice_line", id=first, **ANY, line_id=own, price_per_unit=D(1))
    desk.do("remove_invoice_line", id=first, **ANY, line_id=other)
    second = desk.read(Invoice, desk.do("invoice_order", id=order, lines=lines)["invoice"])
    # 300.00 of the order's 500.00 are billed with it: 6.00 of freight, of which 2.00 went with the first.
    assert (second.freight_amount, second.tax_total) == (D(4), D("0.76"))
    last = desk.read(Invoice, desk.do("invoice_order", id=order)["invoice"])
    assert (last.freight_amount, last.tax_total, last.total) == (D(4), D("0.76"), D("204.76"))


def test_freight_of_an_order_that_is_free_is_billed_as_the_invoice_says(desk: Desk) -> None:
    """No line bears a part of it: the first invoice asks for it as a whole."""
    order = make_fulfilled_order(desk, [Item("2", "0", tax="0")], freight_amount=D(10))
    line = {"line_id": desk.all(OrderLine, order_id=order)[0].public_id, "quantity": D(1)}
    first = desk.do("invoice_order", id=order, lines=[line])["invoice"]
    desk.do("unlock_invoice_pricing", id=first, **ANY)
    last = desk.read(Invoice, desk.do("invoice_order", id=order)["invoice"])
    assert (desk.row(first).total, last.total) == (D(10), D(0))
