"""Does no invoice come to less than nothing, and is what lowers an order billed for all that?"""

from decimal import Decimal
from typing import Any

import pytest

from models.invoice import Invoice, InvoiceLine
from models.order import Order, OrderLine
from tests.desk import Desk, told
from tests.factories import Item, make_account, make_fulfilled_order, make_order

D = Decimal
ANY: dict[str, Any] = {"expected_version": None}
_TOGETHER = "bill line 2 with what covers it."
REBATED = (Item("10", "10", tax="0"), Item("1", "-50", tax="0"))


def _lines(desk: Desk, order: str, *quantities: str) -> list[dict[str, Any]]:
    rows = desk.all(OrderLine, order_id=order)
    return [
        {"line_id": row.public_id, "quantity": D(quantity)}
        for row, quantity in zip(rows, quantities, strict=False)
        if D(quantity)
    ]


def _bill(desk: Desk, order: str, *quantities: str, policy: str = "ORDERED") -> Invoice:
    """Bill some units of each line, or all that is left."""
    lines = _lines(desk, order, *quantities) or None
    return desk.read(Invoice, desk.do("invoice_order", id=order, policy=policy, lines=lines)["invoice"])


def _refused(desk: Desk, name: str, **given: Any) -> tuple[Any, ...]:
    refusal = desk.refused(name, **given)
    return *told(refusal), refusal.message


def _below(amount: str, path: str = "lines") -> tuple[Any, ...]:
    message = (
        f"The invoice would come to EUR {amount}, and none comes to less than zero: bill line 2 with what "
        "covers it, or less of it."
    )
    return "TOTAL_BELOW_ZERO", ("input", path), message


def _left(amount: str, path: str = "lines", way_out: str = _TOGETHER) -> tuple[Any, ...]:
    message = (
        f"That would leave EUR {amount} of the order to bill, and no invoice comes to less than zero: "
        f"{way_out}"
    )
    return "TOTAL_BELOW_ZERO", ("input", path), message


def test_a_rebate_is_billed_with_what_covers_it(desk: Desk) -> None:
    """Two of ten do not, five come to exactly nothing, and the last invoice has the rest."""
    order = make_order(desk, REBATED)
    assert desk.row(order).total == 50
    given = {"id": order, "policy": "ORDERED"}
    assert _refused(desk, "invoice_order", **given, lines=_lines(desk, order, "2", "1")) == _below("-30.00")
    assert _refused(desk, "invoice_order", **given, lines=_lines(desk, order, "0", "1")) == _below("-50.00")
    first = _bill(desk, order, "5", "1")
    assert first.total == 0
    desk.do("issue_invoice", id=first.public_id)
    assert desk.row(first.public_id).status == "PAID"
    last = _bill(desk, order)
    assert (last.total, desk.row(order).billing_status) == (D(50), "COMPLETE")


def test_a_part_of_a_rebate_is_billed_with_a_part_of_the_goods(desk: Desk) -> None:
    """Less of it is covered by less."""
    order = make_order(desk, REBATED)
    assert _bill(desk, order, "2", "0.4").total == 0
    assert _bill(desk, order).total == 50


def test_a_rebate_is_not_left_behind_alone(desk: Desk) -> None:
    """What covers it is not billed without it: the last invoice could be none."""
    order = make_order(desk, REBATED)
    given = {"id": order, "policy": "ORDERED"}
    assert _refused(desk, "invoice_order", **given, lines=_lines(desk, order, "6", "0")) == _left("-10.00")
    assert _refused(desk, "invoice_order", **given, lines=_lines(desk, order, "10", "0")) == _left("-50.00")
    assert _bill(desk, order, "5", "0").total == 50
    assert _bill(desk, order).total == 0


def test_of_what_is_delivered_no_more_is_billed_than_there_is(desk: Desk) -> None:
    """Neither the rebate without its goods nor the goods without their rebate; both of them later."""
    order = make_order(desk, REBATED)
    desk.do("fulfill_order", id=order, lines=_lines(desk, order, "2", "1"))
    assert _refused(desk, "invoice_order", id=order) == _below("-30.00")
    desk.do("fulfill_order", id=order)
    assert _bill(desk, order, policy="FULFILLED").total == 50
    assert desk.row(order).status == "INVOICED"
    other = make_order(desk, REBATED)
    desk.do("fulfill_order", id=other, lines=_lines(desk, other, "10", "0"))
    assert _refused(desk, "invoice_order", id=other) == _left("-50.00")
    assert _bill(desk, other, "10", "1").total == 50


def test_freight_and_deposits_count_for_what_is_left(desk: Desk) -> None:
    """Freight covers a rebate as goods do, and what is asked for beforehand covers it no longer."""
    order = make_order(desk, REBATED, freight_amount=D(10))
    given = {"id": order, "policy": "ORDERED"}
    # Of the 50.00 that the lines come to 60.00 are billed: 12.00 of freight, 2.00 more than there are.
    assert _refused(desk, "invoice_order", **given, lines=_lines(desk, order, "6", "0")) == _left("-12.00")
    assert _bill(desk, order, "5", "0").total == 60
    assert _bill(desk, order).total == 0
    other = make_order(desk, REBATED)
    desk.do("invoice_deposit", id=other, amount=D(25))
    given = {"id": other, "policy": "ORDERED"}
    assert _refused(desk, "invoice_order", **given, lines=_lines(desk, other, "4", "1")) == _below("-10.00")
    assert _bill(desk, other).total == 25


def test_a_draft_is_edited_to_no_less_than_nothing(desk: Desk) -> None:
    """Neither fewer goods, nor a rebate that is left behind, at the order's prices or at others."""
    order = make_order(desk, REBATED)
    invoice = _bill(desk, order, "10", "1").public_id
    goods, rebate = (line.public_id for line in desk.all(InvoiceLine, invoice_id=invoice))
    own = {"id": invoice, **ANY}
    assert _refused(desk, "update_invoice_line", **own, line_id=goods, quantity=D(4)) == _below(
        "-10.00", "quantity"
    )
    assert _refused(desk, "remove_invoice_line", **own, line_id=goods) == _below("-50.00", "lineId")
    for _ in range(2):
        assert _refused(desk, "remove_invoice_line", **own, line_id=rebate) == _left("-50.00", "lineId")
        assert _refused(desk, "update_invoice_line", **own, line_id=rebate, quantity=D("0.5")) == _left(
            "-25.00", "quantity"
        )
        if not desk.row(invoice).is_prices_locked:
            break
        desk.do("unlock_invoice_pricing", **own)
    desk.do("update_invoice_line", **own, line_id=goods, price_per_unit=D(20))
    desk.do("update_invoice_line", **own, line_id=goods, quantity=D(4))
    assert desk.row(invoice).total == 30
    assert _refused(desk, "lock_invoice_pricing", id=invoice) == _below("-10.00", "id")
    desk.do("update_invoice_line", **own, line_id=goods, quantity=D(5))
    desk.do("lock_invoice_pricing", id=invoice)
    assert desk.row(invoice).total == 0


def test_more_of_an_order_goes_on_a_draft_with_its_rebate(desk: Desk) -> None:
    """Goods are not added that the rebate needs."""
    order = make_order(desk, REBATED)
    own, rebate = (line.public_id for line in desk.all(OrderLine, order_id=order))
    invoice = _bill(desk, order, "4", "0").public_id
    (line,) = (each.public_id for each in desk.all(InvoiceLine, invoice_id=invoice))
    given = {"id": invoice, **ANY}
    assert _refused(desk, "update_invoice_line", **given, line_id=line, quantity=D(6)) == _left(
        "-10.00", "quantity"
    )
    assert _refused(desk, "add_invoice_line", **given, order_line_id=rebate, quantity=D(1)) == _below(
        "-10.00", "quantity"
    )
    desk.do("remove_invoice_line", **given, line_id=line)
    assert _refused(desk, "add_invoice_line", **given, order_line_id=own, quantity=D(6)) == _left(
        "-10.00", "quantity"
    )
    desk.do("add_invoice_line", **given, order_line_id=own, quantity=D(5))
    assert desk.row(invoice).total == 50


def test_an_order_is_edited_so_that_the_rest_can_be_billed(desk: Desk) -> None:
    """No more is given back than is left to bill, and what covers a rebate stays."""
    order = desk.do("create_order", name="Pumps", account_id=make_account(desk))["order"]
    given = {"id": order, **ANY}
    for item in (Item("1", "100", tax="0"), Item("1", "50", tax="0")):
        desk.do("add_order_line", **given, **item.given)
    assert _bill(desk, order, "1").total == 100
    way_out = "createCreditNote gives back what was billed, or put it on a new order."
    rebate = Item("1", "-60", tax="0").given
    assert _refused(desk, "add_order_line", **given, **rebate) == _left("-10.00", "quantity", way_out)
    added = desk.do("add_order_line", **given, **rebate | {"price_per_unit": D(-50)})["line"]
    second = desk.all(OrderLine, order_id=order)[1].public_id
    change = {"line_id": second, "quantity": D("0.5")}
    assert _refused(desk, "update_order_line", **given, **change) == _left("-25.00", "quantity", way_out)
    assert _refused(desk, "remove_order_line", **given, line_id=second) == _left("-50.00", "lineId", way_out)
    desk.do("update_order_line", **given, line_id=added, price_per_unit=D(-20))
    assert _bill(desk, order).total == 30
    assert (desk.row(order).total, desk.row(order).billing_status) == (D(130), "COMPLETE")


def test_an_order_ends_short_with_what_covers_its_rebate(desk: Desk) -> None:
    """The rebate that was delivered comes back first; then it is called off with the goods."""
    order = make_order(desk, REBATED)
    desk.do("fulfill_order", id=order, lines=_lines(desk, order, "2", "1"))
    given = {"id": order, "reason": "Sold out."}
    way_out = "returnItems takes back first what lowers it."
    assert _refused(desk, "close_order_short", **given) == _left("-30.00", "id", way_out)
    desk.do("return_items", id=order, reason="Not due.", lines=_lines(desk, order, "0", "0.6"))
    desk.do("close_order_short", **given)
    assert _bill(desk, order, policy="FULFILLED").total == 0
    assert desk.row(order).status == "INVOICED"


@pytest.mark.parametrize("total", ["0", "-0.01"])
def test_no_invoice_below_zero_is_issued(desk: Desk, total: str) -> None:
    """A draft that came to less by whatever way takes no number; one of nothing does."""
    invoice = desk.do("invoice_order", id=make_fulfilled_order(desk, [Item("1", "0")]))["invoice"]
    with desk.database.writing() as session:
        row = session.get_one(Invoice, desk.row(invoice).id)
        row.total = row.balance = D(total)
        session.commit()
    if D(total) == 0:
        desk.do("issue_invoice", id=invoice)
        assert (desk.row(invoice).status, desk.row(invoice).balance) == ("PAID", D(0))
        return
    assert "issueInvoice" not in desk.allowed(invoice)
    message = (
        "This invoice comes to less than zero, and could be neither paid nor credited: discardInvoice, and "
        "invoiceOrder bills what lowers it with what covers it."
    )
    assert _refused(desk, "issue_invoice", id=invoice) == ("TOTAL_BELOW_ZERO", ("input", "id"), message)
    desk.do("discard_invoice", id=invoice)


def test_the_invoices_of_a_rebated_order_come_to_it(desk: Desk) -> None:
    """With taxes, a discount and freight, in three invoices, each of them above zero."""
    order = make_order(
        desk, [Item("9", "33.33"), Item("1", "-99.99", tax="7")], discount_percent=D("3.3"),
        freight_amount=D(7),
    )  # fmt: skip
    parts = [_bill(desk, order, "4", "0.5"), _bill(desk, order, "3", "0.25"), _bill(desk, order)]
    row = desk.read(Order, order)
    assert all(each.total > 0 for each in parts)
    for name in ("line_total", "discount_total", "tax_total", "freight_amount", "total"):
        assert sum(getattr(each, name) for each in parts) == getattr(row, name), name
