"""Are deposits asked for, taken off and given back to the cent, at every tax rate?"""

from decimal import Decimal
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from models.invoice import Invoice
from models.order import Order
from tests.desk import Desk, told
from tests.factories import Item, make_account, make_fulfilled_order, make_order
from tests.models.deposits import assert_whole, bill, deposit_on, lines_of

D = Decimal
TAKEN_OFF = (
    "An invoice of the order takes this deposit off: discardInvoice, cancelInvoice or createCreditNote takes "
    "that one back first."
)
TWO_RATES = [Item("2", "100"), Item("10", "9.99", "9.90", "7")]


def test_a_deposit_is_split_over_the_rates(desk: Desk) -> None:
    """It is a draft with a line for each rate: 30 percent of 238.00 at 19 and of 96.30 at 7."""
    order = make_order(desk, TWO_RATES)
    row = desk.read(Order, order)
    assert row.total == D("334.30")
    invoice = deposit_on(desk, order, percent=D(30))
    assert (invoice.status, invoice.reason, invoice.number, invoice.is_deposit) == (
        "ACTIVE",
        "NEW",
        None,
        True,
    )
    assert (invoice.total, invoice.balance, invoice.tax_total) == (D("100.29"), D("100.29"), D("13.29"))
    assert sorted(lines_of(desk, invoice)) == [
        ("DEPOSIT", D("27.00"), D("1.89"), D(7)), ("DEPOSIT", D("60.00"), D("11.40"), D(19)),
    ]  # fmt: skip
    assert desk.read(Order, order).billing_status == "NONE"
    assert desk.events_of(order)[-1].type == "order.deposit_invoiced"


def test_an_invoice_takes_the_deposit_off(desk: Desk) -> None:
    """One invoice of everything: the order less the deposit."""
    order = make_fulfilled_order(desk, TWO_RATES)
    deposit_on(desk, order, amount=D(100))
    invoice = bill(desk, order)
    assert invoice.total == D("234.30")
    kinds = [line[0] for line in lines_of(desk, invoice)]
    assert kinds == ["ITEM", "ITEM", "DEDUCTION", "DEDUCTION"]
    assert_whole(desk, order)
    assert desk.row(order).status == "INVOICED"


def test_each_invoice_takes_its_part_off_and_the_last_one_the_rest(desk: Desk) -> None:
    """Half of the order bears half of the deposit at its rates."""
    order = make_fulfilled_order(desk, TWO_RATES)
    deposit_on(desk, order, percent=D(30))
    first = bill(desk, order, 1)
    # One pump of two, 119.00, less half of 71.40.
    assert lines_of(desk, first) == [
        ("ITEM", D(100), D(19), D(19)), ("DEDUCTION", D("-30.00"), D("-5.70"), D(19)),
    ]  # fmt: skip
    assert first.total == D("83.30")
    bill(desk, order)
    assert_whole(desk, order)


def test_a_deposit_of_everything_leaves_nothing_to_pay(desk: Desk) -> None:
    """Every invoice that follows comes to zero, and is paid when it is issued."""
    order = make_fulfilled_order(
        desk, [Item("3", "0.33"), Item("3", "33.33", tax="7")], discount_percent=D("3.3")
    )
    deposit_on(desk, order, percent=D(100))
    for _ in range(3):
        invoice = bill(desk, order, 1, 1)
        assert invoice.total == D(0)
        desk.do("issue_invoice", id=invoice.public_id)
        assert desk.read(Invoice, invoice.public_id).status == "PAID"
    assert_whole(desk, order)


def test_deposits_come_to_no_more_than_the_order(desk: Desk) -> None:
    """What is billed and asked for already counts; neither or both of percent and amount are refused."""
    order = make_fulfilled_order(desk, [Item("2", "100")])

    def refused(**given: Any) -> tuple[Any, ...]:
        refusal = desk.refused("invoice_deposit", id=order, **given)
        return (*told(refusal), refusal.message)

    either = ("VALIDATION", ("input", "percent"), "Pass either percent or amount.")
    assert refused() == refused(percent=D(1), amount=D(1)) == either
    assert refused(percent=D(101))[2] == "percent is 101; a percentage is between 0 and 100."
    assert refused(percent=D(0)) == (
        "VALIDATION",
        ("input", "percent"),
        "percent is 0; it has to be above zero.",
    )
    assert refused(amount=D(0))[:2] == ("VALIDATION", ("input", "amount"))
    assert refused(amount=D("0.001"))[2] == "amount is 0.001; EUR has 2 digits behind the point."
    assert refused(amount=D("238.01")) == (
        "OVER_INVOICED", ("input", "amount"),
        "238.01 is more than the EUR 238.00 of the order that no invoice asks for yet.",
    )  # fmt: skip
    deposit_on(desk, order, percent=D(50))
    assert refused(percent=D(51))[:2] == ("OVER_INVOICED", ("input", "percent"))
    bill(desk, order, 1)
    assert refused(amount=D("59.51"))[0] == "OVER_INVOICED"
    deposit_on(desk, order, amount=D("59.50"))
    bill(desk, order)
    assert_whole(desk, order)


def test_a_deposit_that_is_taken_off_is_not_withdrawn(desk: Desk) -> None:
    """The invoice that takes it off goes first."""
    order = make_fulfilled_order(desk)
    paid = deposit_on(desk, order, percent=D(50)).public_id
    invoice = bill(desk, order).public_id
    refusal = desk.refused("discard_invoice", id=paid)
    assert (*told(refusal), refusal.message) == (
        "DEPOSIT_DEDUCTED", ("input", "id"),
        TAKEN_OFF,
    )  # fmt: skip
    desk.do("issue_invoice", id=paid)
    assert desk.refused("cancel_invoice", id=paid, reason="x").code == "DEPOSIT_DEDUCTED"
    refusal = desk.refused("create_credit_note", id=paid, reason="CORRECTION")
    assert (*told(refusal), refusal.message) == (
        "DEPOSIT_DEDUCTED", ("input", "id"),
        TAKEN_OFF,
    )  # fmt: skip
    desk.do("discard_invoice", id=invoice)
    desk.do("cancel_invoice", id=paid, reason="They want none.")
    assert bill(desk, order).total == D(238)
    assert_whole(desk, order)


def test_an_order_is_not_made_smaller_than_its_deposits(desk: Desk) -> None:
    """By no change of its lines, until a deposit is taken back; what makes it no smaller is free."""
    order = desk.do("create_order", name="Pumps", account_id=make_account(desk))["order"]
    first, second = (
        desk.do("add_order_line", id=order, expected_version=None, **Item("2", "100").given)["line"]
        for _ in range(2)
    )
    deposit = desk.do("invoice_deposit", id=order, percent=D(75))["invoice"]
    message = (
        "The order would come to EUR 238.00, and its invoices, with deposits, ask for EUR 357.00: "
        "createCreditNote, cancelInvoice or discardInvoice takes a deposit back first."
    )
    for name, field, change in (
        ("remove_order_line", "lineId", {"line_id": first}),
        ("update_order_line", "pricePerUnit", {"line_id": first, "price_per_unit": D(0)}),
        ("add_order_line", "pricePerUnit", Item("1", "-200").given),
    ):
        refusal = desk.refused(name, id=order, expected_version=None, **change)
        assert (*told(refusal), refusal.message) == ("OVER_INVOICED", ("input", field), message)
    half = {"line_id": second, "quantity": D("0.5")}
    refusal = desk.refused("update_order_line", id=order, expected_version=None, **half)
    assert told(refusal) == ("OVER_INVOICED", ("input", "quantity"))
    desk.do("update_order_line", id=order, expected_version=None, line_id=second, quantity=D(1))
    assert desk.row(order).total == desk.row(deposit).total == D(357)
    desk.do("update_order_line", id=order, expected_version=None, line_id=second, description="Big pump")
    desk.do("issue_invoice", id=deposit)
    desk.do("create_credit_note", id=deposit, reason="GOODWILL", amount=D("119"))
    desk.do("remove_order_line", id=order, expected_version=None, line_id=second)
    assert desk.row(order).total == D(238)


def test_a_credited_deposit_is_not_taken_off(desk: Desk) -> None:
    """Half of it was given back: the other half is taken off."""
    order = make_fulfilled_order(desk)
    paid = deposit_on(desk, order, percent=D(50)).public_id
    desk.do("issue_invoice", id=paid)
    desk.do("mark_invoice_paid", id=paid)
    desk.do("create_credit_note", id=paid, reason="CORRECTION", amount=D("59.50"))
    assert bill(desk, order).total == D("178.50")


@st.composite
def _cases(draw: st.DrawFn) -> tuple[list[Item], Decimal, list[list[int]]]:
    """Return the lines of an order, the percent of its deposit, and the quantities of its first invoices."""
    items = [
        Item(
            "4", str(draw(st.decimals("0.01", "99", places=2))), "0", draw(st.sampled_from(["0", "7", "19"]))
        )
        for _ in range(draw(st.integers(1, 3)))
    ]
    percent = draw(st.sampled_from([D(1), D("33.3"), D(50), D(99), D(100)]))
    bills = [[draw(st.integers(0, 1)) for _ in items] for _ in range(draw(st.integers(0, 3)))]
    return items, percent, [bill for bill in bills if any(bill)]


@settings(
    max_examples=15,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(case=_cases())
def test_invoices_and_deposits_come_to_the_order(
    desk: Desk, case: tuple[list[Item], Decimal, list[list[int]]]
) -> None:
    """However an order is asked for and billed, no invoice is below zero and all come to it."""
    items, percent, bills = case
    order = make_fulfilled_order(desk, items)
    if desk.read(Order, order).total * percent < 1:
        return
    deposit_on(desk, order, percent=percent)
    for quantities in bills:
        bill(desk, order, *quantities)
    bill(desk, order)
    assert_whole(desk, order)
