"""Is an order submitted with an address, and delivered in as many parts as it takes?"""

from datetime import timedelta
from decimal import Decimal
from typing import Any

from models.order import Fulfillment, FulfillmentLine, Order, OrderLine
from models.record import new_id, public_id
from tests.desk import TODAY, Desk, at_once, told
from tests.factories import ADDRESS, Item, make_account, make_order

_NOTHING = "Nothing of order O-2026-00001 was named: pass a line with a quantity above zero."
_UNKNOWN = "There is no such order line that you may see."
TWO = (Item("3", "100"), Item("2.5", "10"))


def _lines(desk: Desk, order: str, *quantities: str) -> list[dict[str, Any]]:
    rows = desk.all(OrderLine, order_id=order)
    return [
        {"line_id": row.public_id, "quantity": Decimal(quantity)}
        for row, quantity in zip(rows, quantities, strict=False)
    ]


def test_an_order_is_submitted_with_an_address(desk: Desk) -> None:
    """Without one it is refused; goods go to the billing address where no other is given."""
    order = make_order(desk)
    refusal = desk.refused("submit_order", id=order)
    assert told(refusal) == ("ADDRESS_REQUIRED", ("input", "billTo"))
    assert refusal.message == (
        "The order has no address to bill or ship to: pass billTo, and shipTo where it differs."
    )
    assert desk.refused("submit_order", id=order, ship_to=ADDRESS).code == "ADDRESS_REQUIRED"
    refusal = desk.refused("submit_order", id=order, bill_to=ADDRESS | {"country_code": "de"})
    assert told(refusal) == ("VALIDATION", ("input", "billTo", "countryCode"))
    desk.do("submit_order", id=order, bill_to=ADDRESS, note="Urgent.")
    row = desk.read(Order, order)
    assert (row.status, row.reason, row.submitted_at) == ("SUBMITTED", "IN_PROGRESS", desk.now)
    assert row.ship_to_id == row.bill_to_id is not None
    assert desk.events_of(order)[-1].note == "Urgent."
    other = make_order(desk)
    desk.do("submit_order", id=other, bill_to=ADDRESS, ship_to=ADDRESS | {"city": "Kiel"})
    assert desk.row(other).ship_to_id != desk.row(other).bill_to_id


def test_an_empty_order_is_not_submitted(desk: Desk) -> None:
    """Its lines come first."""
    order = desk.do("create_order", name="Pumps", account_id=make_account(desk))["order"]
    refusal = desk.refused("submit_order", id=order, bill_to=ADDRESS)
    assert (*told(refusal), refusal.message) == (
        "EMPTY_DOCUMENT", ("input", "id"), "The order has no lines: there is nothing to submit.",
    )  # fmt: skip


def test_an_order_is_delivered_in_parts(desk: Desk) -> None:
    """It stays in its state until everything is delivered; each delivery is a record."""
    order = make_order(desk, TWO)
    desk.do("submit_order", id=order, bill_to=ADDRESS)
    desk.do("fulfill_order", id=order, lines=_lines(desk, order, "1"))
    row = desk.read(Order, order)
    assert (row.status, row.fulfillment_status, row.fulfilled_on) == ("SUBMITTED", "PARTIAL", None)
    later = desk.later(days=2)
    done = later.do("fulfill_order", id=order, note="The rest.")
    row = desk.read(Order, order)
    assert (row.status, row.reason, row.fulfillment_status, row.fulfilled_on) == (
        "FULFILLED", "COMPLETE", "COMPLETE", later.moment.today,
    )  # fmt: skip
    assert [line.quantity_fulfilled for line in desk.all(OrderLine)] == [Decimal(3), Decimal("2.5")]
    assert [delivery.note for delivery in desk.all(Fulfillment)] == [None, "The rest."]
    parts = desk.all(FulfillmentLine, fulfillment_id=done["fulfillment"])
    assert [part.quantity for part in parts] == [Decimal(2), Decimal("2.5")]


def test_a_complete_order_answers_with_its_last_delivery(desk: Desk) -> None:
    """Delivering again makes nothing."""
    order = make_order(desk)
    first = desk.do("fulfill_order", id=order)
    again = desk.do("fulfill_order", id=order)
    assert (again["fulfillment"], again.already_done) == (first["fulfillment"], True)
    assert len(desk.all(Fulfillment)) == 1


def test_a_delivery_that_cannot_be_is_refused(desk: Desk) -> None:
    """Too much, nothing, twice the same line, a line of another order, and a day to come."""
    order, other = make_order(desk, TWO), make_order(desk)
    foreign = desk.all(OrderLine, order_id=other)[0].public_id
    (one,) = _lines(desk, order, "1")
    cases: list[tuple[list[dict[str, Any]], str, tuple[str | int, ...], str]] = [
        (_lines(desk, order, "3.01"), "OVER_FULFILLMENT", (), "Line 1 has 3 left to deliver, not 3.01."),
        ([], "VALIDATION", (), _NOTHING),
        (
            _lines(desk, order, "1", "0"),
            "VALIDATION",
            (1, "quantity"),
            "quantity is 0; it has to be above zero.",
        ),
        (
            _lines(desk, order, "-1"),
            "VALIDATION",
            (0, "quantity"),
            "quantity is -1; it has to be above zero.",
        ),
        ([one, one], "VALIDATION", (1, "lineId"), "Line 1 is named twice; add its quantities up."),
        ([one | {"line_id": foreign}], "NOT_FOUND", (0, "lineId"), _UNKNOWN),
        ([one | {"line_id": public_id("order_line", new_id())}], "NOT_FOUND", (0, "lineId"), _UNKNOWN),
        (
            [one | {"line_id": order}],
            "WRONG_ID_TYPE",
            (0, "lineId"),
            "This is the id of an order; an order line is needed here.",
        ),
    ]
    for lines, code, path, message in cases:
        for command in ("fulfill_order", "invoice_order"):
            if command == "invoice_order" and code == "OVER_FULFILLMENT":
                continue
            policy = {"policy": "ORDERED"} if command == "invoice_order" else {}
            refusal = desk.refused(command, id=order, lines=lines, **policy)
            assert (*told(refusal), refusal.message) == (code, ("input", "lines", *path), message)
    tomorrow = TODAY + timedelta(days=1)
    refusal = desk.refused("fulfill_order", id=order, fulfilled_on=tomorrow)
    assert told(refusal) == ("INVALID_DATES", ("input", "fulfilledOn"))


def test_an_order_that_was_billed_first_is_invoiced_when_it_is_delivered(desk: Desk) -> None:
    """With everything billed before, the delivery is the last thing open."""
    order = make_order(desk)
    desk.do("invoice_order", id=order, policy="ORDERED")
    row = desk.read(Order, order)
    assert (row.status, row.billing_status) == ("ACTIVE", "COMPLETE")
    desk.do("fulfill_order", id=order)
    row = desk.read(Order, order)
    assert (row.status, row.reason) == ("INVOICED", "INVOICED")


def test_twenty_deliver_one_unit_each_at_once(crowd: Desk) -> None:
    """Ten of ten units are delivered by ten of them; the others are refused or find it done."""
    order = make_order(crowd, [Item("10", "1")])
    lines = _lines(crowd, order, "1")

    def deliver(_: int) -> str:
        done = crowd.do("fulfill_order", id=order, lines=lines)
        return "again" if done.already_done else "done"

    answers = at_once(20, deliver)
    assert (answers.count("done"), answers.count("again")) == (10, 10)
    assert crowd.all(OrderLine)[0].quantity_fulfilled == Decimal(10)
    assert len(crowd.all(FulfillmentLine)) == 10
