"""Does a bundle's line leave alone what is delivered and billed of its products?"""

from decimal import Decimal
from typing import Any

from models.integrity import differences
from models.invoice import Invoice, InvoiceLine
from models.order import OrderLine
from models.record import public_id
from tests.desk import Desk, told
from tests.factories import Item, make_account, make_bundle, make_product

D = Decimal
ANY: dict[str, Any] = {"expected_version": None}
STAYS = "are delivered, billed or called off: that many stay ordered."
HISTORY = (
    "was delivered or billed before and keeps that history: closeOrderShort calls off what is not delivered."
)


def make_bundle_order(desk: Desk, *others: Item) -> tuple[str, list[str]]:
    """Return an order over ten bundles, each of a motor and a hose, with unlocked prices; and its lines."""
    motor, hose = make_product(desk, name="Motor"), make_product(desk, name="Hose", list_price=D(10))
    bundle = make_bundle(desk, motor, optional=[hose], name="Set")
    order = desk.do("create_order", name="Sets", account_id=make_account(desk))["order"]
    desk.do("add_order_line", id=order, **ANY, product_id=bundle, quantity=D(10))
    for item in others:
        desk.do("add_order_line", id=order, **ANY, **item.given)
    return order, [line.public_id for line in _lines(desk, order)]


def _lines(desk: Desk, order: str) -> list[OrderLine]:
    return sorted(desk.all(OrderLine, order_id=order), key=lambda each: each.position)


def _refused(desk: Desk, command: str, key: str, **given: Any) -> tuple[Any, ...]:
    refusal = desk.refused(command, id=key, **ANY, **given)
    return *told(refusal), refusal.message


def _some(**quantities: str) -> list[dict[str, Any]]:
    return [{"line_id": line, "quantity": D(quantity)} for line, quantity in quantities.items()]


def _bill(desk: Desk, order: str, **quantities: str) -> str:
    """Return a draft over quantities of an order's lines, with unlocked prices."""
    lines = _some(**quantities)
    invoice: str = desk.do("invoice_order", id=order, policy="ORDERED", lines=lines)["invoice"]
    desk.do("unlock_invoice_pricing", id=invoice, **ANY)
    return invoice


def _billed(desk: Desk, order: str) -> list[int]:
    """Return what is billed of each line of an order, in a database that is sound."""
    with desk.database.reading() as session:
        assert list(differences(session)) == []
    return [int(line.quantity_invoiced) for line in _lines(desk, order)]


def _line(desk: Desk, invoice: str, name: str) -> str:
    (line,) = desk.all(InvoiceLine, invoice_id=invoice, description=name)
    return line.public_id


def test_what_is_delivered_or_billed_of_a_bundles_product_stays_ordered(desk: Desk) -> None:
    """The bundle's quantity does not go below it; the refusal names the product and how much stays."""
    order, (bundle, motor, hose) = make_bundle_order(desk)
    five: dict[str, Any] = {"line_id": bundle, "quantity": D(5)}
    delivery = desk.do("fulfill_order", id=order, lines=_some(**{motor: "10"}))["fulfillment"]
    assert _refused(desk, "update_order_line", order, **five) == (
        "BELOW_FULFILLED", ("input", "quantity"), f"Of line 2 (Motor), 10 {STAYS}",
    )  # fmt: skip
    desk.do("update_order_line", id=order, **ANY, line_id=bundle, quantity=D(12))
    desk.do("update_order_line", id=order, **ANY, line_id=bundle, quantity=D(10))
    assert [desk.row(each).quantity for each in (bundle, motor, hose)] == [10, 10, 10]
    desk.do("cancel_fulfillment", id=order, fulfillment_id=delivery, reason="Typing error.")
    desk.do("invoice_order", id=order, policy="ORDERED", lines=_some(**{hose: "6"}))
    assert _refused(desk, "update_order_line", order, **five) == (
        "BELOW_FULFILLED", ("input", "quantity"), f"Of line 3 (Hose), 6 {STAYS}",
    )  # fmt: skip
    desk.do("update_order_line", id=order, **ANY, line_id=bundle, quantity=D(6))
    assert [desk.row(each).quantity for each in (bundle, motor, hose)] == [6, 6, 6]
    assert _billed(desk, order) == [0, 0, 6]


def test_a_bundle_goes_only_without_a_history_of_its_products(desk: Desk) -> None:
    """What is delivered stays ordered; what came back, or was billed once, still names its line."""
    order, (bundle, motor, hose, other) = make_bundle_order(desk, Item("1", "5"))
    delivery = desk.do("fulfill_order", id=order, lines=_some(**{motor: "4"}))["fulfillment"]
    path = ("input", "lineId")
    assert _refused(desk, "remove_order_line", order, line_id=bundle) == (
        "BELOW_FULFILLED", path, f"Of line 2 (Motor), 4 {STAYS}",
    )  # fmt: skip
    desk.do("cancel_fulfillment", id=order, fulfillment_id=delivery, reason="Typing error.")
    assert _refused(desk, "remove_order_line", order, line_id=bundle) == (
        "HAS_DOWNSTREAM", path, f"Line 2 (Motor) {HISTORY}",
    )  # fmt: skip
    assert "removeOrderLine" in desk.allowed(order)
    desk.do("remove_order_line", id=order, **ANY, line_id=hose)
    desk.do("remove_order_line", id=order, **ANY, line_id=other)
    assert "removeOrderLine" not in desk.allowed(order)
    assert _refused(desk, "remove_order_line", order, line_id=bundle) == (
        "HAS_DOWNSTREAM", path, f"Every line of this order, or a product of its bundle, {HISTORY}",
    )  # fmt: skip


def test_a_bundle_goes_with_products_that_nothing_names(desk: Desk) -> None:
    """Another bundle of the same products has a history of its own."""
    order, (bundle, motor, _) = make_bundle_order(desk)
    product = desk.row(bundle).product_id
    given: dict[str, Any] = {"product_id": public_id("product", product), "quantity": D(1)}
    added = desk.do("add_order_line", id=order, **ANY, **given)["line"]
    desk.do("discard_invoice", id=_bill(desk, order, **{motor: "1"}))
    assert _refused(desk, "remove_order_line", order, line_id=bundle) == (
        "HAS_DOWNSTREAM", ("input", "lineId"), f"Line 2 (Motor) {HISTORY}",
    )  # fmt: skip
    desk.do("remove_order_line", id=order, **ANY, line_id=added)
    assert _billed(desk, order) == [0, 0, 0]


def test_what_is_billed_of_a_bundles_products_follows_it(desk: Desk) -> None:
    """On a draft whose prices are unlocked: less, more, and nothing at all."""
    order, (bundle, motor, hose) = make_bundle_order(desk)
    invoice = _bill(desk, order, **{bundle: "10", motor: "10", hose: "5"})
    line = _line(desk, invoice, "Set")
    desk.do("update_invoice_line", id=invoice, **ANY, line_id=line, quantity=D(4))
    assert [each.quantity for each in desk.all(InvoiceLine, invoice_id=invoice)] == [4, 4, 2]
    assert _billed(desk, order) == [4, 4, 2]
    assert (desk.row(order).billing_status, desk.read(Invoice, invoice).line_total) == ("PARTIAL", D(620))
    desk.do("update_invoice_line", id=invoice, **ANY, line_id=line, quantity=D(8))
    assert _billed(desk, order) == [8, 8, 4]
    desk.do("update_invoice_line", id=invoice, **ANY, line_id=line, description="Sets", price_per_unit=D(1))
    assert _billed(desk, order) == [8, 8, 4]
    desk.do("remove_invoice_line", id=invoice, **ANY, line_id=_line(desk, invoice, "Hose"))
    assert _billed(desk, order) == [8, 8, 0]
    desk.do("remove_invoice_line", id=invoice, **ANY, line_id=line)
    assert (desk.all(InvoiceLine, invoice_id=invoice), _billed(desk, order)) == ([], [0, 0, 0])
    assert desk.row(order).billing_status == "NONE"
    assert desk.events_of(order)[-1].type == "order.invoice_changed"


def test_no_more_is_billed_of_a_bundles_product_than_may_be(desk: Desk) -> None:
    """Though of the bundle there is: the refusal names the product's line."""
    order, (bundle, motor, hose) = make_bundle_order(desk)
    invoice = _bill(desk, order, **{bundle: "6", motor: "6"})
    desk.do("invoice_order", id=order, policy="ORDERED", lines=_some(**{motor: "3", hose: "1"}))
    given: dict[str, Any] = {"line_id": _line(desk, invoice, "Set")}
    assert _refused(desk, "update_invoice_line", invoice, **given, quantity=D(8)) == (
        "OVER_INVOICED", ("input", "quantity"), "Line 2 has 7 left to bill as ORDERED, not 8.",
    )  # fmt: skip
    desk.do("update_invoice_line", id=invoice, **ANY, **given, quantity=D(7))
    assert _billed(desk, order) == [7, 10, 1]


def test_a_bundles_line_is_billed_alone_while_prices_are_locked(desk: Desk) -> None:
    """Its products have quantities of their own there, and keep what is billed of them."""
    order, (bundle, motor, _) = make_bundle_order(desk)
    invoice = _bill(desk, order, **{bundle: "6", motor: "5"})
    desk.do("lock_invoice_pricing", id=invoice)
    line = _line(desk, invoice, "Set")
    desk.do("update_invoice_line", id=invoice, **ANY, line_id=line, quantity=D(2))
    assert _billed(desk, order) == [2, 5, 0]
    desk.do("remove_invoice_line", id=invoice, **ANY, line_id=line)
    assert _billed(desk, order) == [0, 5, 0]
