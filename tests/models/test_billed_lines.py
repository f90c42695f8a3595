"""Does what is billed of an order keep its price, whatever becomes of the order's lines?"""

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from models.invoice import Invoice
from models.moment import TaxMode
from models.order import Order
from tests.desk import Desk
from tests.factories import (
    Item,
    make_account,
    make_bundle,
    make_discount_list,
    make_price_list,
    make_product,
    set_price,
)
from tests.models.editing import edit, lines_of, refused

D = Decimal
OTHERWISE = "cancelInvoice or discardInvoice first, or put it on a new order."
A, B, C = (Item("1", price, tax="0") for price in ("100", "100", "200"))


def make_own_order(desk: Desk, *items: Item, **terms: Any) -> str:
    """Return an active order that was made without a quote, with lines that are written in."""
    order: str = desk.do("create_order", name="Pumps", account_id=make_account(desk))["order"]
    for item in items:
        edit(desk, "add_order_line", order, **item.given)
    if terms:
        edit(desk, "update_order", order, **terms)
    return order


def make_listed_order(desk: Desk, product: str, quantity: str, *breaks: dict[str, Any]) -> str:
    """Return an active order of a product at 10.00, with what a large quantity takes off it."""
    price_list, volume = make_price_list(desk), make_discount_list(desk, *breaks)
    set_price(desk, price_list, product, amount=D(10), discount_list_id=volume)
    order: str = desk.do(
        "create_order", name="Pumps", account_id=make_account(desk), price_list_id=price_list
    )["order"]  # fmt: skip
    edit(desk, "add_order_line", order, product_id=product, quantity=D(quantity))
    return order


def bill(desk: Desk, order: str, *quantities: int) -> Decimal:
    """Bill some units of each line, or all that is left, and return what the invoice comes to."""
    named = [
        {"line_id": line, "quantity": D(quantity)}
        for line, quantity in zip(lines_of(desk, order), quantities, strict=False)
        if quantity
    ]
    made = desk.do("invoice_order", id=order, policy="ORDERED", lines=named or None)
    return desk.read(Invoice, made["invoice"]).total


def assert_billed(desk: Desk, order: str, total: str) -> None:
    """Check that an order comes to an amount, and that all of it is billed."""
    row = desk.read(Order, order)
    assert (row.total, row.billing_status) == (D(total), "COMPLETE")
    live = [each for each in desk.all(Invoice, order_id=order) if each.status != "CANCELED"]
    assert sum(each.total for each in live) == D(total)


def test_a_fixed_discount_is_shared_over_the_lines_that_were_billed_with_it(desk: Desk) -> None:
    """No line is added, removed or changed any more that would change another one's share."""
    order = make_own_order(desk, A, B, discount_amount=D(100))
    first, second = lines_of(desk, order)
    assert bill(desk, order, 1) == 50
    message = (
        "Something of this order is billed with its part of the discountAmount of EUR 100.00, which another "
        f"sum of the lines would change: {OTHERWISE}"
    )
    for command, field, given in (
        ("add_order_line", "quantity", C.given),
        ("remove_order_line", "lineId", {"line_id": second}),
        ("update_order_line", "quantity", {"line_id": second, "quantity": D(3)}),
        ("update_order_line", "pricePerUnit", {"line_id": second, "price_per_unit": D(90)}),
        ("update_order_line", "discountPerUnit", {"line_id": second, "discount_per_unit": D(1)}),
    ):
        assert refused(desk, command, order, **given) == ("HAS_INVOICES", ("input", field), message)
    edit(desk, "update_order_line", order, line_id=first, description="Big pump")
    edit(desk, "update_order_line", order, line_id=second, quantity=D(1), will_call=True)
    edit(desk, "add_order_line", order, **Item("1", "0", tax="0").given)
    assert bill(desk, order) == 50
    assert_billed(desk, order, "100")


def test_an_order_with_a_fixed_discount_is_edited_while_nothing_is_billed(desk: Desk) -> None:
    """Neither before an invoice, nor after the only one was discarded, is anything refused."""
    order = make_own_order(desk, A, B, discount_amount=D(100))
    edit(desk, "add_order_line", order, **C.given)
    made = desk.do("invoice_order", id=order, policy="ORDERED")["invoice"]
    desk.do("discard_invoice", id=made)
    edit(desk, "update_order_line", order, line_id=lines_of(desk, order)[2], quantity=D(2))
    assert bill(desk, order) == 500
    assert_billed(desk, order, "500")


def test_a_percentage_and_a_discount_per_unit_follow_the_lines(desk: Desk) -> None:
    """What is billed keeps its price by them, so that lines come, go and change as before."""
    order = make_own_order(desk, Item("10", "10", tax="0"), B, discount_percent=D(10), freight_amount=D(40))
    first, second = lines_of(desk, order)
    edit(desk, "update_order_line", order, line_id=first, discount_per_unit=D(2))
    # 5 of 10 at 8.00 less a tenth, and of the freight 40 of the 180 that the lines come to.
    assert bill(desk, order, 5) == D("44.89")
    edit(desk, "update_order_line", order, line_id=first, quantity=D(6))
    edit(desk, "remove_order_line", order, line_id=second)
    edit(desk, "add_order_line", order, **C.given)
    assert desk.row(order).total == D("263.20")
    assert bill(desk, order) == D("218.31")
    assert_billed(desk, order, "263.20")


def test_a_billed_line_with_a_fixed_discount_keeps_its_quantity(desk: Desk) -> None:
    """The last part of it would be worth less than nothing; other lines change as before."""
    order = make_own_order(desk, Item("10", "10", "40", "0"), B)
    first, second = lines_of(desk, order)
    assert bill(desk, order, 5) == 30
    message = (
        "Of line 1, 5 are billed with their part of what is typed for all of it, "
        f"a discountAmount of EUR 40.00: {OTHERWISE}"
    )
    for quantity in (D(6), D(5), D(20)):
        assert refused(desk, "update_order_line", order, line_id=first, quantity=quantity) == (
            "HAS_INVOICES", ("input", "quantity"), message,
        )  # fmt: skip
    edit(desk, "update_order_line", order, line_id=second, quantity=D(2))
    assert bill(desk, order) == 230
    assert_billed(desk, order, "260")


def test_a_billed_line_with_a_typed_tax_keeps_its_quantity(desk: Desk) -> None:
    """Half of the tax is billed, and the rest would never be."""
    desk = replace(desk, organization=replace(desk.organization, tax_mode=TaxMode.TYPED))
    order = desk.do("create_order", name="Pumps", account_id=make_account(desk))["order"]
    given = {"description": "Pump", "quantity": D(10), "price_per_unit": D(10), "typed_tax": D(19)}
    line = edit(desk, "add_order_line", order, **given)["line"]
    assert bill(desk, order, 5) == D("59.50")
    message = (
        "Of line 1, 5 are billed with their part of what is typed for all of it, "
        f"a typedTax of EUR 19.00: {OTHERWISE}"
    )
    assert refused(desk, "update_order_line", order, line_id=line, quantity=D(5)) == (
        "HAS_INVOICES", ("input", "quantity"), message,
    )  # fmt: skip
    assert bill(desk, order) == D("59.50")
    assert_billed(desk, order, "119")


def test_a_billed_line_stays_within_its_step_of_a_discount_list(desk: Desk) -> None:
    """A quantity with another volume discount would change what the billed units cost."""
    volume = ({"low": D(10), "high": D(20), "percent": D(20)},)
    order = make_listed_order(desk, make_product(desk), "10", *volume)
    (line,) = lines_of(desk, order)
    assert bill(desk, order, 9) == 72
    for quantity in (D(9), D(21)):
        message = (
            f"Of line 1, 9 are billed at 8 a unit, and with a quantity of {quantity} a unit would cost 10: "
            f"{OTHERWISE}"
        )
        assert refused(desk, "update_order_line", order, line_id=line, quantity=quantity) == (
            "HAS_INVOICES", ("input", "quantity"), message,
        )  # fmt: skip
    edit(desk, "update_order_line", order, line_id=line, quantity=D(20))
    assert bill(desk, order) == 88
    assert_billed(desk, order, "160")


def test_a_step_of_an_amount_counts_as_one_of_a_percentage(desk: Desk) -> None:
    """Every unit of 10 and more costs 3.00 less."""
    volume = {"type": "AMOUNT", "currency_code": "EUR", "breaks": [{"low": D(10), "amount": D(3)}]}
    product, price_list = make_product(desk), make_price_list(desk)
    set_price(
        desk, price_list, product, amount=D(10), discount_list_id=make_discount_list(desk, **volume)
    )  # fmt: skip
    order = desk.do(
        "create_order", name="Pumps", account_id=make_account(desk), price_list_id=price_list
    )["order"]  # fmt: skip
    line = edit(desk, "add_order_line", order, product_id=product, quantity=D(9))["line"]
    assert bill(desk, order, 9) == 90
    refusal = refused(desk, "update_order_line", order, line_id=line, quantity=D(10))
    assert refusal[:2] == ("HAS_INVOICES", ("input", "quantity"))
    assert_billed(desk, order, "90")


def test_what_a_bundle_is_made_of_keeps_its_price_too(desk: Desk) -> None:
    """A product of it that is billed follows the bundle's quantity only as far as its price stays."""
    hose = make_product(desk, name="Hose")
    bundle = make_bundle(desk, make_product(desk), optional=[hose])
    price_list = make_price_list(desk)
    set_price(desk, price_list, bundle, amount=D(150))
    volume = make_discount_list(desk, {"low": D(10), "percent": D(20)})
    set_price(desk, price_list, hose, amount=D(10), discount_list_id=volume)
    order = desk.do(
        "create_order", name="Pumps", account_id=make_account(desk), price_list_id=price_list
    )["order"]  # fmt: skip
    whole = edit(desk, "add_order_line", order, product_id=bundle, quantity=D(10))["line"]
    assert desk.row(order).total == 1580
    assert bill(desk, order, 0, 0, 4) == 32
    message = (
        f"Of line 3, 4 are billed at 8 a unit, and with a quantity of 9 a unit would cost 10: {OTHERWISE}"
    )
    assert refused(desk, "update_order_line", order, line_id=whole, quantity=D(9)) == (
        "HAS_INVOICES", ("input", "quantity"), message,
    )  # fmt: skip
    edit(desk, "update_order_line", order, line_id=whole, quantity=D(12))
    assert bill(desk, order) == 1864
    assert_billed(desk, order, "1896")


def test_a_fixed_discount_on_a_product_of_a_bundle_keeps_the_bundle(desk: Desk) -> None:
    """The bundle's quantity would scale the product's, and not its discount."""
    hose = make_product(desk, name="Hose", list_price=D(10))
    bundle = make_bundle(desk, make_product(desk), optional=[hose])
    order = make_own_order(desk)
    whole = edit(desk, "add_order_line", order, product_id=bundle, quantity=D(10))["line"]
    part = lines_of(desk, order)[2]
    edit(desk, "update_order_line", order, line_id=part, discount_amount=D(40))
    assert bill(desk, order, 0, 0, 5) == 30
    refusal = refused(desk, "update_order_line", order, line_id=whole, quantity=D(12))
    assert refusal[:2] == ("HAS_INVOICES", ("input", "quantity"))
    assert bill(desk, order) == 1530
    assert_billed(desk, order, "1560")


@pytest.mark.parametrize("is_removed", [True, False])
def test_no_freight_is_left_with_nothing_to_bill_it_with(desk: Desk, *, is_removed: bool) -> None:
    """What is not billed yet is not taken off where a part of the freight would go with it."""
    order = make_own_order(desk, A, Item("2", "50", tax="0"), freight_amount=D(10))
    _, second = lines_of(desk, order)
    assert bill(desk, order, 1, 0 if is_removed else 1) == (105 if is_removed else D("157.50"))
    left = "5.00" if is_removed else "2.50"
    message = (
        f"That would leave EUR {left} of the freight with nothing to bill it with: "
        "cancelInvoice or discardInvoice first, and bill it again after the change."
    )
    given = {"line_id": second} | ({} if is_removed else {"quantity": D(1)})
    command, field = ("remove_order_line", "lineId") if is_removed else ("update_order_line", "quantity")
    assert refused(desk, command, order, **given) == ("HAS_INVOICES", ("input", field), message)
    edit(desk, "add_order_line", order, **A.given)
    if is_removed:
        edit(desk, "remove_order_line", order, line_id=second)
        assert bill(desk, order) == 105
        assert_billed(desk, order, "210")
