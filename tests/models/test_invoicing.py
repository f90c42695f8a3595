"""Is what was delivered billed once, and do the invoices of an order add up to it exactly?"""

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from models.invoice import Invoice, InvoiceLine
from models.lifecycle import Pointer
from models.money import digits, round_money
from models.order import Order, OrderLine
from tests.desk import Desk, at_once, told
from tests.factories import Item, make_fulfilled_order, make_order

HEADER = ("line_total", "discount_total", "tax_total", "freight_amount", "total")
PARTS = ("quantity", "base_amount", "discount_amount", "discount_share", "tax_amount", "extended_amount")


def _lines(desk: Desk, order: str, *quantities: str) -> list[dict[str, Any]]:
    rows = desk.all(OrderLine, order_id=order)
    return [
        {"line_id": row.public_id, "quantity": Decimal(quantity)}
        for row, quantity in zip(rows, quantities, strict=False)
        if Decimal(quantity)
    ]


def _live(desk: Desk, order: str) -> list[Invoice]:
    return [each for each in desk.all(Invoice, order_id=order) if each.status != "CANCELED"]


def _assert_sums(desk: Desk, order: str) -> None:
    """Check that the live invoices of a fully billed order are the order, in every amount."""
    invoices, row = _live(desk, order), desk.read(Order, order)
    for name in HEADER:
        assert sum(getattr(each, name) for each in invoices) == getattr(row, name), name
    lines = [line for each in invoices for line in desk.all(InvoiceLine, invoice_id=each.public_id)]
    for own in desk.all(OrderLine, order_id=order):
        billed = [line for line in lines if line.order_line_id == own.id]
        for name in PARTS:
            assert sum(getattr(line, name) for line in billed) == getattr(own, name), name
        assert own.quantity_invoiced == own.quantity


def _assert_sound(desk: Desk, invoice: str) -> None:
    """Check that an invoice's header is the sum of its lines, in the currency's digits, and not negative."""
    row, lines = desk.read(Invoice, invoice), desk.all(InvoiceLine, invoice_id=invoice)
    assert row.line_total == sum(line.base_amount - line.discount_amount for line in lines)
    assert row.discount_total == sum(line.discount_share for line in lines)
    assert row.tax_total == sum(line.tax_amount for line in lines)
    assert row.total == row.line_total - row.discount_total + row.tax_total + row.freight_amount
    assert min(row.total, row.line_total, row.tax_total, row.freight_amount) >= 0
    for line in lines:
        assert line.extended_amount == line.base_amount - line.discount_amount + line.tax_amount
        assert min(line.base_amount, line.discount_amount, line.tax_amount) >= 0
    for name in HEADER:
        assert getattr(row, name) == round_money(getattr(row, name), row.currency_code)


def test_what_was_delivered_is_billed_as_the_order_says(desk: Desk) -> None:
    """A whole invoice has the order's amounts, lines, customer and addresses; the order is INVOICED."""
    order = make_fulfilled_order(
        desk, [Item("2", "100", "5"), Item("1", "9.99", tax="7")], discount_percent=Decimal(3),
        freight_amount=Decimal("4.90"),
    )  # fmt: skip
    invoice = desk.read(Invoice, desk.do("invoice_order", id=order)["invoice"])
    row = desk.read(Order, order)
    assert (invoice.status, invoice.reason, invoice.number, invoice.version) == ("ACTIVE", "NEW", None, 1)
    assert (invoice.balance, invoice.order_id, invoice.chain_id) == (invoice.total, row.id, row.chain_id)
    assert (row.status, row.billing_status) == ("INVOICED", "COMPLETE")
    _assert_sums(desk, order)
    _assert_sound(desk, invoice.public_id)
    lines, ordered = desk.all(InvoiceLine), desk.all(OrderLine)
    assert [line.lineage_id for line in lines] == [line.lineage_id for line in ordered]


def test_nothing_is_billed_before_it_is_delivered(desk: Desk) -> None:
    """By default only what was delivered may be billed; by policy what was ordered."""
    order = make_order(desk)
    refusal = desk.refused("invoice_order", id=order)
    assert told(refusal) == ("NOTHING_TO_INVOICE", ("input", "policy"))
    assert refusal.message == (
        "Nothing delivered is left to bill: fulfillOrder first, or pass policy ORDERED."
    )
    desk.do("invoice_order", id=order, policy="ORDERED")
    refusal = desk.refused("invoice_order", id=order, policy="ORDERED")
    assert told(refusal) == ("NOTHING_TO_INVOICE", ("input", "policy"))
    assert refusal.message == "Everything that was ordered is billed already."


def test_no_more_is_billed_than_the_policy_allows(desk: Desk) -> None:
    """The quantity that is left is named, under either policy."""
    order = make_order(desk, [Item("5", "10")])
    desk.do("fulfill_order", id=order, lines=_lines(desk, order, "3"))
    refusal = desk.refused("invoice_order", id=order, lines=_lines(desk, order, "4"))
    assert told(refusal) == ("OVER_INVOICED", ("input", "lines"))
    assert refusal.message == "Line 1 has 3 left to bill as FULFILLED, not 4."
    desk.do("invoice_order", id=order, lines=_lines(desk, order, "3"))
    refusal = desk.refused("invoice_order", id=order, policy="ORDERED", lines=_lines(desk, order, "3"))
    assert refusal.message == "Line 1 has 2 left to bill as ORDERED, not 3."
    row = desk.read(Order, order)
    assert (row.status, row.billing_status, row.fulfillment_status) == ("ACTIVE", "PARTIAL", "PARTIAL")


def test_a_discarded_draft_gives_its_quantities_back(desk: Desk) -> None:
    """The order goes back to FULFILLED, and the same is billed again (erpnext#14656)."""
    order = make_fulfilled_order(desk)
    invoice = desk.do("invoice_order", id=order)["invoice"]
    desk.do("discard_invoice", id=invoice, note="Wrong month.")
    row, gone = desk.read(Order, order), desk.read(Invoice, invoice)
    assert (row.status, row.reason, row.billing_status) == ("FULFILLED", "COMPLETE", "NONE")
    assert (gone.status, gone.reason, gone.number, gone.balance) == ("CANCELED", "CANCELED", None, Decimal(0))
    assert desk.all(OrderLine)[0].quantity_invoiced == Decimal(0)
    assert [event.type for event in desk.events_of(order)][-1] == "order.invoice_withdrawn"
    assert desk.events_of(invoice)[-1].note == "Wrong month."
    desk.do("invoice_order", id=order)
    _assert_sums(desk, order)


def test_a_canceled_invoice_keeps_its_number(desk: Desk) -> None:
    """The number stays taken, the quantities come back; a reason is needed."""
    order = make_fulfilled_order(desk)
    invoice = desk.do("invoice_order", id=order)["invoice"]
    desk.do("issue_invoice", id=invoice)
    refusal = desk.refused("cancel_invoice", id=invoice, reason=" ")
    assert told(refusal) == ("REASON_REQUIRED", ("input", "reason"))
    desk.do("cancel_invoice", id=invoice, reason="Typing error.")
    row = desk.read(Invoice, invoice)
    assert (row.status, row.number, row.balance, row.closed_at) == (
        "CANCELED", "I-2026-00001", Decimal(0), desk.now,
    )  # fmt: skip
    second = desk.do("invoice_order", id=order)["invoice"]
    desk.do("issue_invoice", id=second)
    assert desk.row(second).number == "I-2026-00002"
    _assert_sums(desk, order)


def test_an_invoice_of_nothing_is_canceled_though_it_is_paid(desk: Desk) -> None:
    """Nothing was paid and nothing can be credited: canceling alone gives its quantities back."""
    order = make_fulfilled_order(desk, [Item("1", "0")])
    invoice = desk.do("invoice_order", id=order)["invoice"]
    desk.do("issue_invoice", id=invoice)
    assert desk.allowed(invoice) == ["cancelInvoice"]
    desk.do("cancel_invoice", id=invoice, reason="It comes back.")
    row = desk.read(Invoice, invoice)
    assert (row.status, row.reason, row.number) == ("CANCELED", "CANCELED", "I-2026-00001")
    desk.do("return_items", id=order, reason="Broken.")
    desk.do("cancel_order", id=order, reason="CUSTOMER_REQUEST")
    assert desk.row(order).status == "CANCELED"


def test_many_small_invoices_do_not_add_their_roundings_up(desk: Desk) -> None:
    """Ten invoices of one unit each share 0.05 of discount, tax and freight, none of them below zero."""
    order = make_fulfilled_order(
        desk, [Item("10", "0.10", tax="5")], discount_amount=Decimal("0.05"), freight_amount=Decimal("0.05")
    )
    for _ in range(10):
        invoice = desk.do("invoice_order", id=order, lines=_lines(desk, order, "1"))["invoice"]
        _assert_sound(desk, invoice)
    assert {each.freight_amount for each in _live(desk, order)} == {Decimal(0), Decimal("0.01")}
    _assert_sums(desk, order)


def test_invoices_add_up_after_one_in_the_middle_was_canceled(desk: Desk) -> None:
    """What came back is billed again, and the sum is the order's."""
    order = make_fulfilled_order(
        desk, [Item("7", "0.33", tax="19"), Item("3", "9.99", "0.5", "7")], discount_percent=Decimal("3.5"),
        freight_amount=Decimal("1.01"),
    )  # fmt: skip
    made = [
        desk.do("invoice_order", id=order, lines=_lines(desk, order, *each))["invoice"]
        for each in (("2", "1"), ("2", "1"), ("1",))
    ]
    desk.do("discard_invoice", id=made[1])
    rest = desk.do("invoice_order", id=order)["invoice"]
    for invoice in (made[0], made[2], rest):
        _assert_sound(desk, invoice)
    _assert_sums(desk, order)


@st.composite
def _orders(draw: st.DrawFn) -> tuple[dict[str, Any], list[list[str]]]:
    """Return what an order is made of, and the quantities of each of its invoices but the last."""
    currency = draw(st.sampled_from(["EUR", "JPY", "KWD"]))
    places = digits(currency)
    items, net = [], Decimal(0)
    for _ in range(draw(st.integers(1, 3))):
        quantity = draw(st.integers(1, 9))
        price = draw(st.decimals("0.01", "300", places=4))
        base = round_money(quantity * price, currency)
        discount = draw(st.decimals("0", base, places=places)) if draw(st.booleans()) else Decimal(0)
        net += base - discount
        items.append(Item(str(quantity), str(price), str(discount), draw(st.sampled_from(["0", "7", "19"]))))
    terms = {
        "currency": currency,
        "discount_percent": draw(st.sampled_from([Decimal(0), Decimal("2.5"), Decimal(33), Decimal(100)])),
        "freight_amount": draw(st.decimals("0", "50", places=places)),
    }
    left, splits = [int(item.quantity) for item in items], []
    for _ in range(draw(st.integers(0, 3))):
        split = [draw(st.integers(0, each)) for each in left]
        if any(split) and split != left:
            left = [each - taken for each, taken in zip(left, split, strict=True)]
            splits.append([str(each) for each in split])
    return {"items": items, **terms}, splits


@settings(
    max_examples=30,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(case=_orders())
def test_partial_invoices_add_up_to_the_order(
    desk: Desk, case: tuple[dict[str, Any], list[list[str]]]
) -> None:
    """However an order is split, its invoices are it in every amount of header and lines."""
    terms, splits = case
    order = make_fulfilled_order(desk, terms.pop("items"), **terms)
    for split in splits:
        invoice = desk.do("invoice_order", id=order, lines=_lines(desk, order, *split))["invoice"]
        _assert_sound(desk, invoice)
    _assert_sound(desk, desk.do("invoice_order", id=order)["invoice"])
    _assert_sums(desk, order)
    assert desk.row(order).status == "INVOICED"


@pytest.mark.parametrize("keys", ["one key", "no key"])
def test_twenty_bill_the_same_order_at_once(crowd: Desk, keys: str) -> None:
    """One invoice comes of it; who has no key is told that there is nothing left (odoo#223845)."""
    order = make_fulfilled_order(crowd)
    given_key = {"idempotency_key": "k"} if keys == "one key" else {}

    def bill(_: int) -> str:
        try:
            return str(crowd.do("invoice_order", id=order, **given_key)["invoice"])
        except Exception as fault:  # noqa: BLE001  # Whatever it is shows in the comparison.
            return str(getattr(fault, "code", repr(fault)))

    answers = at_once(20, bill)
    (invoice,) = crowd.all(Invoice)
    others = {"NOTHING_TO_INVOICE"} if keys == "no key" else set()
    assert set(answers) == {Pointer("invoice", invoice.id).public_id} | others
