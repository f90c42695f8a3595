"""How is a deposit asked for in a test, and do all invoices come to their order?"""

from decimal import Decimal
from typing import Any

from models.invoice import Invoice, InvoiceLine
from models.order import Order, OrderLine
from tests.desk import Desk

D = Decimal


def deposit_on(desk: Desk, order: str, **given: Any) -> Invoice:
    """Ask for a deposit on an order, as a draft."""
    return desk.read(Invoice, desk.do("invoice_deposit", id=order, **given)["invoice"])


def paid_deposit(desk: Desk, order: str, amount: Decimal) -> str:
    """Return a deposit on an order that is issued and paid."""
    paid = deposit_on(desk, order, amount=amount).public_id
    desk.do("issue_invoice", id=paid)
    desk.do("mark_invoice_paid", id=paid)
    return paid


def fulfill(desk: Desk, order: str, *quantities: int) -> None:
    """Deliver some units of the first lines."""
    rows = desk.all(OrderLine, order_id=order)
    lines = [
        {"line_id": row.public_id, "quantity": D(quantity)}
        for row, quantity in zip(rows, quantities, strict=False)
    ]
    desk.do("fulfill_order", id=order, lines=lines)


def lines_of(desk: Desk, invoice: Invoice) -> list[tuple[str, Decimal, Decimal, Decimal]]:
    """Return the lines of an invoice: kind, amount without tax, tax, and its percentage."""
    lines = desk.all(InvoiceLine, invoice_id=invoice.public_id)
    return [(str(line.kind), line.base_amount, line.tax_amount, line.tax_percent) for line in lines]


def bill(desk: Desk, order: str, *quantities: int) -> Invoice:
    """Bill some units of each line, or all that is left."""
    rows = desk.all(OrderLine, order_id=order)
    lines = [
        {"line_id": row.public_id, "quantity": D(quantity)}
        for row, quantity in zip(rows, quantities, strict=False)
        if quantity
    ]
    return desk.read(Invoice, desk.do("invoice_order", id=order, lines=lines or None)["invoice"])


def assert_whole(desk: Desk, order: str) -> None:
    """Check that all live invoices of an order come to it, in total, in tax and at every rate."""
    row = desk.read(Order, order)
    live = [each for each in desk.all(Invoice, order_id=order) if each.status != "CANCELED"]
    assert sum(each.total for each in live) == row.total
    assert sum(each.tax_total for each in live) == row.tax_total
    taxes: dict[Decimal, Decimal] = {}
    for each in live:
        assert each.total >= 0
        assert each.total == each.line_total - each.discount_total + each.tax_total + each.freight_amount
        for line in desk.all(InvoiceLine, invoice_id=each.public_id):
            taxes[line.tax_percent] = taxes.get(line.tax_percent, D(0)) + line.tax_amount
    expected: dict[Decimal, Decimal] = {}
    for own in desk.all(OrderLine, order_id=order):
        expected[own.tax_percent] = expected.get(own.tax_percent, D(0)) + own.tax_amount
    assert taxes == expected
