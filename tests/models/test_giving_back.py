"""Does each way out that is named where something is billed give its quantities back?"""

from collections.abc import Callable
from decimal import Decimal
from functools import partial
from typing import Any

import pytest

from models.invoice import InvoiceLine
from models.order import OrderLine
from tests.desk import Desk
from tests.factories import Item, make_order

GIVE_BACK_FIRST = (
    "discardInvoice, cancelInvoice, or createCreditNote with goodsReturned: true, "
    "gives billed quantities back first"
)


def _some(desk: Desk, order: str, quantity: str) -> list[dict[str, Any]]:
    (line,) = desk.all(OrderLine, order_id=order)
    return [{"line_id": line.public_id, "quantity": Decimal(quantity)}]


def _discard(desk: Desk, invoice: str) -> None:
    desk.do("discard_invoice", id=invoice)


def _cancel(desk: Desk, invoice: str) -> None:
    desk.do("issue_invoice", id=invoice)
    desk.do("cancel_invoice", id=invoice, reason="Typing error.")


def _credit(desk: Desk, invoice: str, **given: Any) -> None:
    (line,) = desk.all(InvoiceLine, invoice_id=invoice)
    lines = [{"line_id": line.public_id, "quantity": Decimal(2)}]
    desk.do("issue_invoice", id=invoice)
    desk.do("create_credit_note", id=invoice, reason="CORRECTION", lines=lines, **given)


@pytest.mark.parametrize(
    "give_back",
    [_discard, _cancel, partial(_credit, goods_returned=True)],
    ids=["discard", "cancel", "credit"],
)
def test_each_way_out_gives_billed_quantities_back(
    desk: Desk, give_back: Callable[[Desk, str], None]
) -> None:
    """Goods that were billed then come back, and an order of which something was billed ahead ends short."""
    order = make_order(desk, (Item("10", "5"),))
    desk.do("fulfill_order", id=order, lines=_some(desk, order, "3"))
    invoice = desk.do("invoice_order", id=order)["invoice"]
    back = _some(desk, order, "2")
    refusal = desk.refused("return_items", id=order, reason="Broken.", lines=back)
    assert refusal.message == f"All that was delivered is billed: {GIVE_BACK_FIRST}."
    give_back(desk, invoice)
    desk.do("return_items", id=order, reason="Broken.", lines=back)
    desk.do("fulfill_order", id=order, lines=_some(desk, order, "1"))
    ahead = desk.do("invoice_order", id=order, policy="ORDERED", lines=_some(desk, order, "3"))["invoice"]
    refusal = desk.refused("close_order_short", id=order, reason="Sold out.")
    assert refusal.message == (
        f"Something is billed that is not delivered: {GIVE_BACK_FIRST}, or fulfillOrder delivers it."
    )
    give_back(desk, ahead)
    desk.do("close_order_short", id=order, reason="Sold out.")
    (line,) = desk.all(OrderLine, order_id=order)
    assert (line.net_fulfilled, line.wanted) == (Decimal(2), Decimal(2))
    assert desk.row(order).fulfillment_status == "COMPLETE"


def test_a_credit_note_without_the_goods_gives_no_quantity_back(desk: Desk) -> None:
    """Of a part of an invoice: what is billed stays billed."""
    order = make_order(desk, (Item("10", "5"),))
    desk.do("fulfill_order", id=order, lines=_some(desk, order, "3"))
    _credit(desk, desk.do("invoice_order", id=order)["invoice"])
    refusal = desk.refused("return_items", id=order, reason="Broken.", lines=_some(desk, order, "2"))
    assert refusal.message == f"All that was delivered is billed: {GIVE_BACK_FIRST}."
