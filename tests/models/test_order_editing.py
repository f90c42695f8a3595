"""Is an order made without a quote, and edited while it is active, with agreed prices kept?"""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from models.order import Order, OrderLine
from models.record import new_id, parse_id, public_id
from tests.desk import Desk, told
from tests.factories import ADDRESS, Item, make_account, make_fulfilled_order, make_order, make_product
from tests.models.editing import edit, lines_of, refused
from tests.process import make_tax_code, make_unit_group

LOCKED = "The prices of this order are locked:"


def make_own_order(desk: Desk, *items: Item, **given: Any) -> str:
    """Return an order that was made without a quote, with lines that are written in."""
    values = {"name": "Pumps", "account_id": make_account(desk)} | given
    order: str = desk.do("create_order", **values)["order"]
    for item in items:
        desk.do("add_order_line", id=order, expected_version=None, **item.given)
    return order


def test_an_order_is_made_without_a_quote(desk: Desk) -> None:
    """Its prices are unlocked, its addresses and its currency those of the account, its story its own."""
    account = make_account(desk, billing_address=ADDRESS, currency_code="USD")
    order = make_own_order(
        desk, account_id=account, requested_delivery_on=date(2026, 4, 1), payment_terms_days=14,
        freight_terms="DAP Hamburg", shipping_method="Full load", customer_reference="PO 7",
    )  # fmt: skip
    row = desk.read(Order, order)
    assert (row.status, row.reason, row.number, row.currency_code) == ("ACTIVE", "NEW", "O-2026-00001", "USD")
    assert (row.is_prices_locked, row.quote_id, row.opportunity_id) == (False, None, None)
    assert row.bill_to_id == row.ship_to_id == desk.row(account).billing_address_id
    assert (row.requested_delivery_on, row.payment_terms_days) == (date(2026, 4, 1), 14)
    assert (row.freight_terms, row.shipping_method) == ("DAP Hamburg", "Full load")
    assert [event.type for event in desk.events_of(order)] == ["order.created"]
    edit(desk, "add_order_line", order, **Item("2", "100").given)
    desk.do("submit_order", id=order)
    desk.do("fulfill_order", id=order)
    invoice = desk.do("invoice_order", id=order)["invoice"]
    assert (desk.row(order).status, desk.row(order).total) == ("INVOICED", Decimal(238))
    desk.do("issue_invoice", id=invoice)
    assert desk.row(invoice).due_on == desk.moment.in_days(14)


@pytest.mark.parametrize(
    ("given", "code", "path", "message"),
    [
        (
            {"account_id": None},
            "CUSTOMER_REQUIRED",
            "accountId",
            "An order needs a customer: pass accountId or contactId; createContact makes one.",
        ),
        ({"name": ""}, "VALIDATION", "name", "An order needs a name."),
        (
            {"currency_code": "XXY"},
            "VALIDATION",
            "currencyCode",
            "'XXY' is not a currency of ISO 4217, such as EUR or USD.",
        ),
        (
            {"payment_terms_days": -1},
            "VALIDATION",
            "paymentTermsDays",
            "paymentTermsDays is -1; it is 0 to 3650.",
        ),
    ],
)
def test_an_order_that_cannot_be_is_not_made(
    desk: Desk, given: dict[str, Any], code: str, path: str, message: str
) -> None:
    """It needs a customer, a name, and values that can be."""
    refusal = desk.refused("create_order", **{"name": "Pumps", "account_id": make_account(desk)} | given)
    assert (*told(refusal), refusal.message) == (code, ("input", path), message)


def test_an_order_for_a_person_is_for_the_organisation_as_well(desk: Desk) -> None:
    """The contact's account is the order's."""
    account = make_account(desk)
    contact = desk.do("create_contact", last_name="Novak", account_id=account)["contact"]
    order = make_own_order(desk, account_id=None, contact_id=contact)
    assert desk.row(order).account_id == parse_id(account)[1]
    alone = desk.do("create_contact", last_name="Alone")["contact"]
    row = desk.row(make_own_order(desk, account_id=None, contact_id=alone))
    assert (row.account_id, row.currency_code, row.bill_to_id) == (None, "EUR", None)


def test_the_header_of_an_active_order_is_changed(desk: Desk) -> None:
    """Addresses and terms always, discounts and freight while prices are unlocked."""
    order = make_own_order(desk, Item("2", "100"))
    edit(
        desk, "update_order", order, name="Hoses", bill_to=ADDRESS, ship_to=ADDRESS | {"city": "Kiel"},
        discount_percent=Decimal(10), freight_amount=Decimal(5), freight_terms="EXW",
        requested_delivery_on=date(2026, 5, 1), payment_terms_days=7, shipping_method="Parcel",
        customer_reference="PO 8",
    )  # fmt: skip
    row = desk.read(Order, order)
    assert (row.name, row.freight_terms, row.shipping_method, row.payment_terms_days) == (
        "Hoses", "EXW", "Parcel", 7,
    )  # fmt: skip
    assert (row.line_total, row.discount_total, row.tax_total, row.freight_amount, row.total) == (
        Decimal(200), Decimal(20), Decimal("34.2"), Decimal(5), Decimal("219.2"),
    )  # fmt: skip
    assert row.bill_to_id != row.ship_to_id
    edit(desk, "update_order", order, requested_delivery_on=None, payment_terms_days=None)
    assert (desk.row(order).requested_delivery_on, desk.row(order).payment_terms_days) == (None, None)
    assert refused(desk, "update_order", order, name="") == (
        "VALIDATION", ("input", "name"), "An order needs a name.",
    )  # fmt: skip


def test_agreed_and_billed_terms_stay(desk: Desk) -> None:
    """Discounts and freight are refused while prices are locked, and once something is billed."""
    order = make_order(desk)
    edit(desk, "update_order", order, freight_terms="EXW")
    path = ("input", "discountPercent")
    message = f"{LOCKED} leave price list, discounts and freight out, or unlockOrderPricing first."
    for name in ("discount_percent", "discount_amount", "freight_amount"):
        assert refused(desk, "update_order", order, **{name: Decimal(1)}) == ("PRICES_LOCKED", path, message)
    own = make_own_order(desk, Item("2", "100"))
    desk.do("invoice_order", id=own, policy="ORDERED")
    message = "Something of this order is billed: leave discounts and freight out, or cancelInvoice first."
    assert refused(desk, "update_order", own, discount_amount=Decimal(1)) == ("HAS_INVOICES", path, message)
    edit(desk, "update_order", own, customer_reference="PO 9")


def test_lines_go_on_and_off_an_active_order(desk: Desk) -> None:
    """Each has its own day, its own address, or is fetched; the totals follow."""
    order = make_own_order(desk)
    product = make_product(desk, list_price=Decimal(40), tax_percent=Decimal(7))
    line = edit(
        desk, "add_order_line", order, product_id=product, quantity=Decimal(3), ship_to=ADDRESS,
        requested_delivery_on=date(2026, 4, 2),
    )["line"]  # fmt: skip
    row = desk.read(OrderLine, line)
    assert (row.price_per_unit, row.tax_amount, row.requested_delivery_on) == (
        Decimal(40), Decimal("8.4"), date(2026, 4, 2),
    )  # fmt: skip
    assert (row.is_will_call, row.ship_to_id is None) == (False, False)
    assert desk.row(order).total == Decimal("128.4")
    other = edit(desk, "add_order_line", order, will_call=True, **Item("1", "10", tax="0").given)["line"]
    assert (desk.row(other).is_will_call, desk.row(other).position) == (True, 2)
    edit(
        desk, "update_order_line", order, line_id=line, quantity=Decimal(1), ship_to=None, will_call=True,
        requested_delivery_on=None, price_per_unit=Decimal(50), discount_amount=Decimal(5),
    )  # fmt: skip
    row = desk.read(OrderLine, line)
    assert (row.ship_to_id, row.is_will_call, row.requested_delivery_on) == (None, True, None)
    assert (row.is_price_overridden, row.extended_amount) == (True, Decimal("48.15"))
    edit(desk, "remove_order_line", order, line_id=other)
    assert (lines_of(desk, order), desk.row(order).total) == ([line], Decimal("48.15"))
    for command in ("update_order_line", "remove_order_line"):
        missing = public_id("order_line", new_id())
        assert refused(desk, command, order, line_id=missing) == (
            "NOT_FOUND", ("input", "lineId"), "There is no such order line that you may see.",
        )  # fmt: skip
    foreign = lines_of(desk, make_order(desk))[0]
    assert refused(desk, "remove_order_line", order, line_id=foreign)[0] == "NOT_FOUND"


def test_agreed_prices_stay(desk: Desk) -> None:
    """While prices are locked products are added at the catalogue's price, and quantities change."""
    order = make_order(desk, (Item("2", "100"),))
    (line,) = lines_of(desk, order)
    product = make_product(desk)
    added = edit(desk, "add_order_line", order, product_id=product, quantity=Decimal(1))["line"]
    edit(desk, "update_order_line", order, line_id=added, quantity=Decimal(4), description="Spare")
    assert desk.row(added).base_amount == Decimal(400)
    message = f"{LOCKED} pass a productId, since nothing is written in, or unlockOrderPricing first."
    written = {"description": "Hose", "quantity": Decimal(1)}
    assert refused(desk, "add_order_line", order, **written) == (
        "PRICES_LOCKED", ("input", "productId"), message,
    )  # fmt: skip
    make_tax_code(desk)
    typed: tuple[tuple[str, str, Any], ...] = (
        ("price_per_unit", "pricePerUnit", Decimal(1)),
        ("discount_amount", "discountAmount", Decimal(1)),
        ("tax_percent", "taxPercent", Decimal(1)),
        ("tax_codes", "taxCodes", ["VAT"]),
    )
    for name, argument, value in typed:
        message = f"{LOCKED} leave {argument} out, or unlockOrderPricing first."
        expected = ("PRICES_LOCKED", ("input", argument), message)
        given = {name: value}
        assert refused(
            desk, "add_order_line", order, product_id=product, quantity=Decimal(1), **given
        ) == expected  # fmt: skip
        assert refused(desk, "update_order_line", order, line_id=line, **given) == expected
    assert refused(desk, "update_order_line", order, line_id=line, unit="box")[:2] == (
        "PRICES_LOCKED", ("input", "unit"),
    )  # fmt: skip


def test_what_is_delivered_or_billed_stays_ordered(desk: Desk) -> None:
    """A line's quantity does not go below it, its price stays once it is billed, and it is not removed."""
    order = make_own_order(desk, Item("10", "5"), Item("2", "1"))
    line, other = lines_of(desk, order)
    desk.do("fulfill_order", id=order, lines=[{"line_id": line, "quantity": Decimal(4)}])
    desk.do("invoice_order", id=order, policy="ORDERED", lines=[{"line_id": line, "quantity": Decimal(6)}])
    message = "Of line 1, 6 are delivered, billed or called off: that many stay ordered."
    below = ("BELOW_FULFILLED", ("input", "quantity"), message)
    assert refused(desk, "update_order_line", order, line_id=line, quantity=Decimal("5.5")) == below
    assert refused(desk, "remove_order_line", order, line_id=line) == (
        "BELOW_FULFILLED", ("input", "lineId"), message,
    )  # fmt: skip
    message = (
        "Line 1 is billed at its price: discardInvoice, cancelInvoice, or createCreditNote with "
        "goodsReturned: true, gives billed quantities back first."
    )
    assert refused(desk, "update_order_line", order, line_id=line, price_per_unit=Decimal(4)) == (
        "INVOICED_QUANTITY", ("input", "pricePerUnit"), message,
    )  # fmt: skip
    edit(desk, "update_order_line", order, line_id=line, quantity=Decimal(6))
    edit(desk, "update_order_line", order, line_id=other, price_per_unit=Decimal(2))
    row = desk.read(Order, order)
    assert (row.status, row.fulfillment_status, row.billing_status) == ("ACTIVE", "PARTIAL", "PARTIAL")


def test_a_line_with_a_history_is_not_removed(desk: Desk) -> None:
    """What was withdrawn, returned or discarded still names it."""
    order = make_own_order(desk, Item("2", "1"), Item("1", "1"))
    line, other = lines_of(desk, order)
    invoice = desk.do(
        "invoice_order", id=order, policy="ORDERED", lines=[{"line_id": line, "quantity": Decimal(1)}]
    )["invoice"]  # fmt: skip
    desk.do("discard_invoice", id=invoice)
    message = (
        "Line 1 was delivered or billed before and keeps that history: "
        "closeOrderShort calls off what is not delivered."
    )
    assert refused(desk, "remove_order_line", order, line_id=line) == (
        "HAS_DOWNSTREAM", ("input", "lineId"), message,
    )  # fmt: skip
    edit(desk, "remove_order_line", order, line_id=other)
    message = (
        "Every line of this order, or a product of its bundle, was delivered or billed before and keeps that "
        "history: closeOrderShort calls off what is not delivered."
    )
    assert refused(desk, "remove_order_line", order, line_id=line) == (
        "HAS_DOWNSTREAM", ("input", "lineId"), message,
    )  # fmt: skip


def test_what_is_delivered_keeps_its_unit(desk: Desk) -> None:
    """Ten pieces do not become ten boxes, even once they came back; the refusal's ways out lead out."""
    group = make_unit_group(desk, box="12")
    product = make_product(desk, unit_group_id=group, list_price=Decimal(2))
    order = make_own_order(desk, Item("1", "1"))
    by_piece = {"product_id": product, "quantity": Decimal(10)}
    line = edit(desk, "add_order_line", order, **by_piece)["line"]
    desk.do("fulfill_order", id=order, lines=[{"line_id": line, "quantity": Decimal(4)}])
    message = (
        "Line 2 was delivered by the piece: addOrderLine orders more by the box, and cancelFulfillment "
        "withdraws a delivery that was a mistake."
    )
    kept = ("HAS_DOWNSTREAM", ("input", "unit"), message)
    assert refused(desk, "update_order_line", order, line_id=line, unit="box") == kept
    desk.do(
        "return_items", id=order, reason="Broken.", lines=[{"line_id": line, "quantity": Decimal(1)}]
    )  # fmt: skip
    assert refused(desk, "update_order_line", order, line_id=line, unit="box", quantity=Decimal(9)) == kept
    edit(desk, "update_order_line", order, line_id=line, unit="piece", quantity=Decimal(9))
    row = desk.read(OrderLine, line)
    assert (row.quantity, row.unit, row.base_amount) == (Decimal(9), "piece", Decimal(18))
    other = edit(desk, "add_order_line", order, **by_piece, unit="box")["line"]
    assert desk.row(other).base_amount == 240
    mistake = edit(desk, "add_order_line", order, **by_piece)["line"]
    delivery = desk.do("fulfill_order", id=order, lines=[{"line_id": mistake, "quantity": Decimal(4)}])
    desk.do(
        "cancel_fulfillment", id=order, fulfillment_id=delivery["fulfillment"], reason="Typing error."
    )  # fmt: skip
    edit(desk, "update_order_line", order, line_id=mistake, unit="box")
    row = desk.read(OrderLine, mistake)
    assert (row.quantity, row.unit, row.base_amount) == (Decimal(10), "box", Decimal(240))


def test_an_order_of_which_nothing_is_open_any_more_is_fulfilled(desk: Desk) -> None:
    """Less is ordered, or the rest is taken off: what is delivered is all."""
    order = make_own_order(desk, Item("10", "5"), Item("2", "1"))
    line, other = lines_of(desk, order)
    desk.do("fulfill_order", id=order, lines=[{"line_id": line, "quantity": Decimal(4)}])
    edit(desk, "update_order_line", order, line_id=line, quantity=Decimal(4))
    assert desk.row(order).status == "ACTIVE"
    edit(desk, "remove_order_line", order, line_id=other)
    row = desk.read(Order, order)
    assert (row.status, row.reason, row.fulfilled_on) == ("FULFILLED", "COMPLETE", desk.moment.today)
    assert refused(desk, "add_order_line", order, **Item().given)[0] == "RECORD_READ_ONLY"


def test_unlocking_takes_the_prices_of_the_catalogue(desk: Desk) -> None:
    """Typed prices stay; locked again, nothing is written in."""
    product = make_product(desk)
    order = make_own_order(desk)
    for given in ({}, {"price_per_unit": Decimal(90)}):
        edit(desk, "add_order_line", order, product_id=product, quantity=Decimal(1), **given)
    edit(desk, "add_order_line", order, **Item("1", "10", tax="0").given)
    assert refused(desk, "unlock_order_pricing", order) == (
        "PRICES_UNLOCKED", ("input", "id"), "The prices of this order are not locked: they can be changed.",
    )  # fmt: skip
    desk.do("lock_order_pricing", id=order)
    refusal = desk.refused("lock_order_pricing", id=order)
    assert (*told(refusal), refusal.message) == (
        "PRICES_LOCKED", ("input", "id"), "The prices of this order are locked already.",
    )  # fmt: skip
    desk.do("revise_product", id=product)
    desk.do("update_product", id=product, expected_version=None, list_price=Decimal(120))
    desk.do("publish_product", id=product)
    assert desk.row(order).total == Decimal(200)
    edit(desk, "unlock_order_pricing", order)
    prices = [line.price_per_unit for line in desk.all(OrderLine, order_id=order)]
    assert (prices, desk.row(order).total) == ([Decimal(120), Decimal(90), Decimal(10)], Decimal(220))
    assert desk.row(order).is_prices_locked is False


def test_prices_of_a_billed_order_stay_locked(desk: Desk) -> None:
    """Its invoice was made at them."""
    order = make_order(desk)
    desk.do("invoice_order", id=order, policy="ORDERED")
    assert refused(desk, "unlock_order_pricing", order)[:2] == ("HAS_INVOICES", ("input", "id"))
    assert refused(desk, "unlock_order_pricing", make_fulfilled_order(desk))[0] == "RECORD_READ_ONLY"


def test_no_more_is_sold_to_a_customer_that_is_retired(desk: Desk) -> None:
    """Neither an order nor a quote is begun for an account that is inactive."""
    account = make_account(desk)
    desk.do("deactivate_account", id=account)
    for command in ("create_order", "create_quote"):
        refusal = desk.refused(command, name="Pumps", account_id=account)
        assert told(refusal) == ("CUSTOMER_INACTIVE", ("input", "accountId"))
