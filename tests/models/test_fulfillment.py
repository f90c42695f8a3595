"""Do goods come back, deliveries get withdrawn, and orders end short, with every quantity accounted for?"""

from collections.abc import Sequence
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from models.activity import CloseActivity
from models.order import Fulfillment, Order, OrderLine, OrderReturn, OrderReturnLine
from models.record import new_id, public_id
from tests.desk import TODAY, Desk, at_once, blocked, told
from tests.factories import (
    ADDRESS,
    Item,
    make_fulfilled_order,
    make_order,
    make_part_fulfilled_order,
    make_recalled_order,
)

CREDIT_FIRST = (
    "discardInvoice, cancelInvoice, or createCreditNote with goodsReturned: true, "
    "gives billed quantities back first"
)
LIVE = "An invoice of this order is live: cancelInvoice, or discardInvoice for a draft, takes it back first."
TEN = (Item("10", "5"),)


def some(desk: Desk, order: str, *quantities: str) -> list[dict[str, Any]]:
    """Return quantities of an order's lines, in their order."""
    rows = desk.all(OrderLine, order_id=order)
    return [
        {"line_id": row.public_id, "quantity": Decimal(quantity)}
        for row, quantity in zip(rows, quantities, strict=False)
    ]


def quantities(desk: Desk, order: str) -> list[tuple[str, ...]]:
    """Return ordered, fulfilled, returned, invoiced, credited, canceled and open of each line."""
    names = ("", "_fulfilled", "_returned", "_invoiced", "_credited", "_canceled")
    return [
        (*(f"{getattr(row, f'quantity{name}'):f}" for name in names), f"{row.open_quantity:f}")
        for row in desk.all(OrderLine, order_id=order)
    ]


def whole(*values: str) -> tuple[str, ...]:
    """Return quantities as they are stored."""
    return tuple(f"{Decimal(value):.6f}" for value in values)


def axes(desk: Desk, order: str) -> tuple[str, str, str, str]:
    """Return state and reason of an order, and how far it is delivered and billed."""
    row = desk.read(Order, order)
    return row.status, row.reason, row.fulfillment_status, row.billing_status


def closings(desk: Desk, order: str) -> list[tuple[str, str, str | None, bool]]:
    """Return the close activities of an order: state, reason, note, and whether they stand."""
    return [
        (each.status, each.reason, each.note, each.superseded_at is None)
        for each in desk.all(CloseActivity, order_id=order)
    ]


def test_a_submitted_order_is_recalled(desk: Desk) -> None:
    """It may be edited and submitted anew; until then it is pending."""
    order = make_recalled_order(desk)
    row = desk.read(Order, order)
    assert (row.status, row.reason, row.submitted_at) == ("ACTIVE", "PENDING", None)
    assert (desk.events_of(order)[-1].type, desk.events_of(order)[-1].note) == (
        "order.recalled", "Another address.",
    )  # fmt: skip
    assert desk.do("recall_order", id=order, reason="Again.").already_done
    desk.do("submit_order", id=order)
    assert desk.do("submit_order", id=order).already_done
    refusal = desk.refused("recall_order", id=order, reason="")
    assert (*told(refusal), refusal.message) == (
        "REASON_REQUIRED", ("input", "reason"), "Say why the order is recalled.",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("command", "code", "message"),
    [
        (
            "fulfill_order",
            "HAS_FULFILLMENTS",
            "Something of this order is delivered: returnItems takes it back, closeOrderShort ends the rest.",
        ),
        (
            "invoice_order",
            "HAS_INVOICES",
            LIVE,
        ),
    ],
)
def test_what_is_delivered_or_billed_is_not_recalled(
    desk: Desk, command: str, code: str, message: str
) -> None:
    """One unit is enough."""
    order = make_order(desk)
    desk.do("submit_order", id=order, bill_to=ADDRESS)
    policy = {"policy": "ORDERED"} if command == "invoice_order" else {}
    desk.do(command, id=order, lines=some(desk, order, "1"), **policy)
    refusal = desk.refused("recall_order", id=order, reason="Wait.")
    assert (*told(refusal), refusal.message) == (code, ("input", "id"), message)


def test_an_order_ends_short(desk: Desk) -> None:
    """What is not delivered is canceled, and all that is delivered may be billed, and no more."""
    order = make_order(desk, (*TEN, Item("2", "1")))
    desk.do("fulfill_order", id=order, lines=some(desk, order, "4"), fulfilled_on=TODAY - timedelta(days=3))
    later = desk.later(days=1)
    later.do("close_order_short", id=order, reason="Sold out.")
    assert axes(desk, order) == ("FULFILLED", "PARTIAL", "COMPLETE", "NONE")
    assert quantities(desk, order) == [
        whole("10", "4", "0", "0", "0", "6", "0"), whole("2", "0", "0", "0", "0", "2", "0"),
    ]  # fmt: skip
    row = desk.read(Order, order)
    assert (row.closed_at, row.fulfilled_on) == (later.now, TODAY - timedelta(days=3))
    assert closings(desk, order) == [("FULFILLED", "PARTIAL", "Sold out.", True)]
    assert later.do("close_order_short", id=order, reason="Again.").already_done
    assert told(desk.refused("fulfill_order", id=order)) == ("ILLEGAL_TRANSITION", ("input", "id"))
    refusal = desk.refused("invoice_order", id=order, policy="ORDERED", lines=some(desk, order, "5"))
    assert refusal.message == "Line 1 has 4 left to bill as ORDERED, not 5."
    desk.do("invoice_order", id=order)
    assert axes(desk, order) == ("INVOICED", "INVOICED", "COMPLETE", "COMPLETE")


def test_an_order_that_ends_short_with_all_of_it_billed_is_invoiced(desk: Desk) -> None:
    """Nothing is open, and nothing is left to bill."""
    order = make_part_fulfilled_order(desk)
    desk.do("invoice_order", id=order)
    assert axes(desk, order) == ("ACTIVE", "NEW", "PARTIAL", "PARTIAL")
    desk.do("close_order_short", id=order, reason="Sold out.")
    assert axes(desk, order) == ("INVOICED", "INVOICED", "COMPLETE", "COMPLETE")
    assert closings(desk, order) == [("INVOICED", "INVOICED", "Sold out.", True)]


def test_an_order_does_not_end_short_without_a_delivery_a_reason_or_what_is_billed(desk: Desk) -> None:
    """Each refusal names the way out."""
    order = make_order(desk)
    refusal = desk.refused("close_order_short", id=order, reason="Sold out.")
    assert (*told(refusal), refusal.message) == (
        "NOTHING_FULFILLED",
        ("input", "id"),
        "Nothing of this order is with the customer: fulfillOrder delivers it, cancelOrder cancels it.",
    )
    desk.do("fulfill_order", id=order, lines=some(desk, order, "1"))
    refusal = desk.refused("close_order_short", id=order, reason="")
    assert (*told(refusal), refusal.message) == (
        "REASON_REQUIRED",
        ("input", "reason"),
        "Say why the rest of the order is not delivered.",
    )
    desk.do("invoice_order", id=order, policy="ORDERED")
    refusal = desk.refused("close_order_short", id=order, reason="Sold out.")
    assert (*told(refusal), refusal.message) == (
        "INVOICED_QUANTITY",
        ("input", "id"),
        f"Something is billed that is not delivered: {CREDIT_FIRST}, or fulfillOrder delivers it.",
    )


def test_a_delivery_is_withdrawn(desk: Desk) -> None:
    """It stays readable; the order is active again, what had closed it is superseded, and all is open."""
    order = make_order(desk, TEN)
    first = desk.do("fulfill_order", id=order, lines=some(desk, order, "4"))["fulfillment"]
    last = desk.do("fulfill_order", id=order, note="The rest.")["fulfillment"]
    later = desk.later(days=1)
    done = later.do("cancel_fulfillment", id=order, fulfillment_id=last, reason="Typing error.")
    assert (done["fulfillment"], desk.row(last).canceled_at) == (last, later.now)
    assert axes(desk, order) == ("ACTIVE", "PENDING", "PARTIAL", "NONE")
    assert quantities(desk, order) == [whole("10", "4", "0", "0", "0", "0", "6")]
    row = desk.read(Order, order)
    assert (row.closed_at, row.fulfilled_on) == (None, None)
    assert closings(desk, order) == [("FULFILLED", "COMPLETE", "The rest.", False)]
    event = desk.events_of(order)[-1]
    assert (event.type, event.note) == ("order.fulfillment_canceled", "Typing error.")
    later.do("cancel_fulfillment", id=order, fulfillment_id=first, reason="Never left the house.")
    assert axes(desk, order) == ("ACTIVE", "PENDING", "NONE", "NONE")
    again = desk.do("fulfill_order", id=order)["fulfillment"]
    assert desk.do("fulfill_order", id=order)["fulfillment"] == again


def test_a_withdrawal_that_cannot_be_is_refused(desk: Desk) -> None:
    """A delivery of another order, one withdrawn before, one that came back, and one that is billed."""
    order, other = make_order(desk, TEN), make_fulfilled_order(desk)
    delivery = desk.do("fulfill_order", id=order, lines=some(desk, order, "4"))["fulfillment"]
    second = desk.do("fulfill_order", id=order, lines=some(desk, order, "1"))["fulfillment"]
    (foreign,) = desk.all(Fulfillment, order_id=other)

    def refused(key: str, reason: str = "Typing error.") -> tuple[Any, ...]:
        refusal = desk.refused("cancel_fulfillment", id=order, fulfillment_id=key, reason=reason)
        return *told(refusal), refusal.message

    path = ("input", "fulfillmentId")
    unknown = "There is no such fulfillment that you may see."
    assert refused(foreign.public_id) == ("NOT_FOUND", path, unknown)
    assert refused(public_id("fulfillment", new_id())) == ("NOT_FOUND", path, unknown)
    why = "Say why the delivery is withdrawn."
    assert refused(delivery, "") == ("REASON_REQUIRED", ("input", "reason"), why)
    desk.do("invoice_order", id=order, lines=some(desk, order, "2"))
    billed = f"Line 1 has 3 delivered that is not billed, not 4: {CREDIT_FIRST}."
    assert refused(delivery) == ("INVOICED_QUANTITY", path, billed)
    desk.do("cancel_fulfillment", id=order, fulfillment_id=second, reason="Typing error.")
    message = "This delivery was withdrawn on 2026-03-02 already."
    assert refused(second) == ("FULFILLMENT_CANCELED", path, message)
    desk.do("return_items", id=order, lines=some(desk, order, "1"), reason="Broken.")
    came_back = "Line 1: of what this delivery brought, something came back already."
    assert refused(delivery) == ("RETURNED_QUANTITY", path, came_back)


def test_goods_come_back_and_the_order_can_be_canceled(desk: Desk) -> None:
    """A return is a record with lines; once all came back nothing keeps the order."""
    order = make_fulfilled_order(desk, (*TEN, Item("2", "1")))
    desk.do("return_items", id=order, lines=some(desk, order, "3"), reason="Too loud.")
    assert axes(desk, order) == ("ACTIVE", "PENDING", "PARTIAL", "NONE")
    assert quantities(desk, order) == [
        whole("10", "10", "3", "0", "0", "0", "3"), whole("2", "2", "0", "0", "0", "0", "0"),
    ]  # fmt: skip
    assert desk.refused("cancel_order", id=order, reason="NO_MONEY").code == "HAS_FULFILLMENTS"
    yesterday = TODAY - timedelta(days=1)
    made = desk.do("return_items", id=order, reason="All of it.", returned_on=yesterday)["order_return"]
    row = desk.read(OrderReturn, made)
    assert (row.returned_on, row.reason) == (yesterday, "All of it.")
    parts = desk.all(OrderReturnLine, order_return_id=made)
    assert [part.quantity for part in parts] == [Decimal(7), Decimal(2)]
    assert axes(desk, order) == ("ACTIVE", "PENDING", "NONE", "NONE")
    assert (desk.events_of(order)[-1].type, desk.events_of(order)[-1].note) == (
        "order.items_returned", "All of it.",
    )  # fmt: skip
    desk.do("cancel_order", id=order, reason="CUSTOMER_REQUEST")
    assert axes(desk, order) == ("CANCELED", "CUSTOMER_REQUEST", "NONE", "NONE")
    assert quantities(desk, order)[0] == whole("10", "10", "10", "0", "0", "10", "0")
    assert desk.do("cancel_order", id=order, reason="NO_MONEY").already_done


def test_what_came_back_may_be_delivered_again(desk: Desk) -> None:
    """An exchange is a return and another delivery; more than what is open is refused."""
    order = make_fulfilled_order(desk, TEN)
    desk.do("return_items", id=order, lines=some(desk, order, "3"), reason="Broken.")
    refusal = desk.refused("fulfill_order", id=order, lines=some(desk, order, "4"))
    assert refusal.message == "Line 1 has 3 left to deliver, not 4."
    desk.do("fulfill_order", id=order)
    assert axes(desk, order) == ("FULFILLED", "COMPLETE", "COMPLETE", "NONE")
    assert quantities(desk, order) == [whole("10", "13", "3", "0", "0", "0", "0")]


def test_what_comes_back_to_an_order_that_ended_short_may_be_called_off(desk: Desk) -> None:
    """What was canceled stays canceled; what came back is open until it is called off as well."""
    order = make_order(desk, TEN)
    desk.do("fulfill_order", id=order, lines=some(desk, order, "4"))
    desk.do("close_order_short", id=order, reason="Sold out.")
    desk.do("return_items", id=order, lines=some(desk, order, "1"), reason="Broken.")
    assert axes(desk, order) == ("ACTIVE", "PENDING", "PARTIAL", "NONE")
    assert quantities(desk, order) == [whole("10", "4", "1", "0", "0", "6", "1")]
    desk.do("close_order_short", id=order, reason="No more of it.")
    assert axes(desk, order) == ("FULFILLED", "PARTIAL", "COMPLETE", "NONE")
    assert quantities(desk, order) == [whole("10", "4", "1", "0", "0", "7", "0")]
    assert [each[3] for each in closings(desk, order)] == [False, True]


def test_a_return_that_cannot_be_is_refused(desk: Desk) -> None:
    """More than was delivered, what is billed, no reason, and a day to come."""
    order = make_order(desk, TEN)
    desk.do("fulfill_order", id=order, lines=some(desk, order, "4"))

    def refused(lines: Sequence[dict[str, Any]], **given: Any) -> tuple[Any, ...]:
        refusal = desk.refused("return_items", id=order, lines=lines, **{"reason": "Broken."} | given)
        return *told(refusal), refusal.message

    five, two = some(desk, order, "5"), some(desk, order, "2")
    path = ("input", "lines")
    assert refused(five) == ("OVER_RETURNED", path, "Line 1 has 4 delivered, not 5.")
    why = "Say why the goods came back."
    assert refused(two, reason="") == ("REASON_REQUIRED", ("input", "reason"), why)
    tomorrow = TODAY + timedelta(days=1)
    future = f"returnedOn {tomorrow} lies in the future; today is {TODAY}."
    assert refused(two, returned_on=tomorrow) == ("INVALID_DATES", ("input", "returnedOn"), future)
    desk.do("invoice_order", id=order, lines=some(desk, order, "3"))
    billed = f"Line 1 has 1 delivered that is not billed, not 2: {CREDIT_FIRST}."
    assert refused(two) == ("INVOICED_QUANTITY", path, billed)
    desk.do("return_items", id=order, reason="Broken.")
    assert quantities(desk, order) == [whole("10", "4", "1", "3", "0", "0", "7")]
    all_billed = f"All that was delivered is billed: {CREDIT_FIRST}."
    assert refused(two) == ("INVOICED_QUANTITY", ("input", "id"), all_billed)
    assert {offer.name: offer.allowed for offer in desk.offers_of(order)}["returnItems"] is False


def test_a_billed_order_takes_nothing_back_until_its_invoice_is_canceled(desk: Desk) -> None:
    """Then it is fulfilled again, and what comes back makes it active."""
    order = make_fulfilled_order(desk)
    invoice = desk.do("invoice_order", id=order)["invoice"]
    assert axes(desk, order) == ("INVOICED", "INVOICED", "COMPLETE", "COMPLETE")
    assert blocked(desk.refused("return_items", id=order, reason="Broken.")).code == "INVOICED_QUANTITY"
    desk.do("discard_invoice", id=invoice)
    assert axes(desk, order) == ("FULFILLED", "COMPLETE", "COMPLETE", "NONE")
    offers = {offer.name: (offer.to, offer.allowed) for offer in desk.offers_of(order)}
    assert offers["returnItems"] == offers["cancelFulfillment"] == ("ACTIVE", True)
    desk.do("return_items", id=order, reason="Broken.")
    assert {offer.name: offer.to for offer in desk.offers_of(order)}["submitOrder"] == "SUBMITTED"


def test_a_repeat_with_a_key_makes_nothing(desk: Desk) -> None:
    """A part delivered and a part returned again under their keys are the first ones."""
    order = make_order(desk, TEN)
    for command, name, reason in (
        ("fulfill_order", "fulfillment", {}),
        ("return_items", "order_return", {"reason": "Broken."}),
    ):
        given = {"id": order, "lines": some(desk, order, "1"), "idempotency_key": "k", **reason}
        assert desk.do(command, **given)[name] == desk.do(command, **given)[name]
    assert quantities(desk, order) == [whole("10", "1", "1", "0", "0", "0", "10")]


def test_many_take_the_last_units_at_once(crowd: Desk) -> None:
    """Of twenty that want three of ten units, three get them; the others are refused."""
    order = make_order(crowd, TEN)
    lines = some(crowd, order, "3")

    def deliver(_: int) -> str:
        try:
            crowd.do("fulfill_order", id=order, lines=lines)
        except Exception as refusal:  # noqa: BLE001  # What it was is asserted below.
            return getattr(refusal, "code", repr(refusal))
        return "done"

    answers = at_once(20, deliver)
    assert {each: answers.count(each) for each in set(answers)} == {"done": 3, "OVER_FULFILLMENT": 17}
    assert quantities(crowd, order) == [whole("10", "9", "0", "0", "0", "0", "1")]


def test_cancel_fulfill_and_invoice_at_once_come_to_one_outcome(crowd: Desk) -> None:
    """Either the order is canceled and nothing else happened, or it is delivered, and billed at most once."""
    order = make_order(crowd, TEN)
    runs: tuple[tuple[str, dict[str, Any]], ...] = (
        ("cancel_order", {"reason": "NO_MONEY"}),
        ("fulfill_order", {}),
        ("invoice_order", {"policy": "ORDERED"}),
    )

    def act(number: int) -> tuple[str, str]:
        name, given = runs[number % len(runs)]
        try:
            done = crowd.do(name, id=order, **given)
        except Exception as refusal:  # noqa: BLE001  # What it was is asserted below.
            return name, getattr(refusal, "code", repr(refusal))
        return name, "again" if done.already_done else "done"

    answers = at_once(24, act)
    done = sorted(name for name, answer in answers if answer == "done")
    told_why = {answer for _, answer in answers} - {"done", "again"}
    row = crowd.read(Order, order)
    if row.status == "CANCELED":
        assert done == ["cancel_order"]
        assert told_why == {"ILLEGAL_TRANSITION"}
        assert quantities(crowd, order) == [whole("10", "0", "0", "0", "0", "10", "0")]
    else:
        assert done == ["fulfill_order", "invoice_order"]
        assert told_why <= {"HAS_FULFILLMENTS", "HAS_INVOICES", "ILLEGAL_TRANSITION", "NOTHING_TO_INVOICE"}
        assert axes(crowd, order) == ("INVOICED", "INVOICED", "COMPLETE", "COMPLETE")
        assert quantities(crowd, order) == [whole("10", "10", "0", "10", "0", "0", "0")]


def test_two_tabs_that_invoice_the_same_order_make_one_invoice(crowd: Desk) -> None:
    """Twenty of them as well: the others find nothing left to bill."""
    order = make_fulfilled_order(crowd, TEN)

    def bill(_: int) -> str:
        try:
            crowd.do("invoice_order", id=order)
        except Exception as refusal:  # noqa: BLE001  # What it was is asserted below.
            return getattr(refusal, "code", repr(refusal))
        return "done"

    answers = at_once(20, bill)
    assert {each: answers.count(each) for each in set(answers)} == {"done": 1, "NOTHING_TO_INVOICE": 19}
