"""Does every deposit find something to be taken off from, at every tax rate, whatever comes in between?"""

from decimal import Decimal
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from models.credit_note import CreditNote, CreditNoteLine
from models.errors import Refusal
from models.invoice import Invoice, InvoiceLine
from models.lifecycle import KEEP
from models.order import Order, OrderLine
from tests.desk import Desk, told
from tests.factories import Item, make_account, make_fulfilled_order, make_order
from tests.models.deposits import assert_whole, bill, deposit_on, fulfill, lines_of, paid_deposit
from tests.models.test_deposit import TAKEN_OFF
from tests.process import make_tax_code

D = Decimal
A_AND_B = [Item("1", "100"), Item("1", "100", tax="7")]
TEN = [Item("10", "20", tax="0")]


def _position(desk: Desk, line: str) -> int:
    return desk.read(InvoiceLine, line).position


def test_a_deposit_is_split_over_what_is_not_billed(desk: Desk) -> None:
    """Goods at 19 percent are billed: what is asked for then is all of the 7 percent that are left."""
    order = make_fulfilled_order(desk, A_AND_B)
    assert bill(desk, order, 1).total == D(119)
    invoice = deposit_on(desk, order, amount=D(107))
    assert lines_of(desk, invoice) == [("DEPOSIT", D(100), D(7), D(7))]
    last = bill(desk, order)
    assert lines_of(desk, last) == [("ITEM", D(100), D(7), D(7)), ("DEDUCTION", D(-100), D(-7), D(7))]
    assert last.total == D(0)
    assert_whole(desk, order)


def test_a_second_deposit_is_split_over_what_the_first_leaves(desk: Desk) -> None:
    """The 7 percent are asked for already, but for a cent."""
    order = make_fulfilled_order(desk, A_AND_B)
    bill(desk, order, 1)
    deposit_on(desk, order, amount=D("106.99"))
    assert desk.refused("invoice_deposit", id=order, amount=D("0.02")).message == (
        "0.02 is more than the EUR 0.01 of the order that no invoice asks for yet."
    )
    assert lines_of(desk, deposit_on(desk, order, amount=D("0.01"))) == [("DEPOSIT", D("0.01"), D(0), D(7))]
    assert bill(desk, order).total == D(0)
    assert_whole(desk, order)


def test_a_deposit_is_on_what_the_customer_is_to_pay_alone(desk: Desk) -> None:
    """What is given back at another rate is no part of it: the last invoice comes to nothing."""
    order = make_fulfilled_order(desk, [Item("1", "100"), Item("1", "-50", tax="7")])
    assert desk.row(order).total == D("65.5")
    invoice = deposit_on(desk, order, percent=D(100))
    assert [line[0::3] for line in lines_of(desk, invoice)] == [("DEPOSIT", D(19))]
    assert bill(desk, order).total == D(0)
    assert_whole(desk, order)


def test_a_deposit_of_what_is_called_off_is_not_asked_for(desk: Desk) -> None:
    """Half of an order is delivered and the rest called off: half of it may be asked for."""
    order = make_order(desk, TEN)
    fulfill(desk, order, 5)
    desk.do("close_order_short", id=order, reason="Sold out.")
    assert desk.refused("invoice_deposit", id=order, amount=D("100.01")).message == (
        "100.01 is more than the EUR 100.00 of the order that no invoice asks for yet."
    )
    deposit_on(desk, order, amount=D(100))
    assert bill(desk, order).total == D(0)


def test_what_is_credited_of_a_deposit_is_what_no_invoice_took_off(desk: Desk) -> None:
    """At each rate: the 19 percent are taken off, so that an amount comes off the 7 percent alone."""
    order = make_fulfilled_order(desk, A_AND_B)
    paid = paid_deposit(desk, order, D(113))
    assert bill(desk, order, 1).total == D("59.50")
    note = desk.do("create_credit_note", id=paid, reason="CORRECTION", amount=D("53.50"))["credit_note"]
    assert [
        (line.base_amount, line.tax_amount, line.tax_percent)
        for line in desk.all(CreditNoteLine, credit_note_id=note)
    ] == [(D(50), D("3.50"), D(7))]
    last = bill(desk, order)
    assert last.total == D(107)
    invoices = [each.total for each in desk.all(Invoice, order_id=order)]
    assert sum(invoices) - D("53.50") == desk.row(order).total == D(226)


def test_no_more_of_a_deposit_is_credited_than_no_invoice_took_off(desk: Desk) -> None:
    """As an amount, by a line, or as a whole: the refusal names what is left."""
    order = make_fulfilled_order(desk, [Item("2", "50"), Item("1", "100", tax="7")])
    paid = paid_deposit(desk, order, D(113))
    # Half of the 59.50 at 19 percent.
    assert bill(desk, order, 1).total == D("29.75")
    one = {line.tax_percent: line.public_id for line in desk.all(InvoiceLine, invoice_id=paid)}

    def refused(**given: Any) -> tuple[Any, ...]:
        refusal = desk.refused("create_credit_note", id=paid, reason="CORRECTION", **given)
        return (*told(refusal), refusal.message)

    way_out = ", or discardInvoice, cancelInvoice or createCreditNote takes that invoice back first."
    whole = f"No invoice took EUR 83.25 of this deposit off: pass no more as amount{way_out}"
    assert refused() == ("DEPOSIT_DEDUCTED", ("input", "id"), whole)
    assert refused(amount=D("83.26")) == ("DEPOSIT_DEDUCTED", ("input", "amount"), whole)
    line = {"line_id": one[D(19)], "quantity": D(1)}
    assert refused(lines=[line]) == (
        "DEPOSIT_DEDUCTED", ("input", "lines"),
        f"No invoice took EUR 29.75 of line {_position(desk, one[D(19)])} off: name no more of it{way_out}",
    )  # fmt: skip
    half = [line | {"quantity": D("0.5")}, {"line_id": one[D(7)], "quantity": D("0.5")}]
    note = desk.do("create_credit_note", id=paid, reason="CORRECTION", lines=half)["credit_note"]
    assert desk.row(note).total == D("56.50")
    assert refused(lines=[line | {"quantity": D("0.5")}])[0] == "DEPOSIT_DEDUCTED"
    assert refused(amount=D("26.76"))[0] == "DEPOSIT_DEDUCTED"
    desk.do("create_credit_note", id=paid, reason="CORRECTION", amount=D("26.75"))
    assert refused(amount=D("0.01"))[2] == TAKEN_OFF
    assert bill(desk, order).total == D("59.50") + D(107)
    assert sum(each.total for each in desk.all(Invoice, order_id=order)) - D("83.25") == D(226)


def test_an_order_is_worth_its_deposits_at_each_rate(desk: Desk) -> None:
    """However large it is: goods at another rate do not bear the deposit."""
    order = desk.do("create_order", name="Pumps", account_id=make_account(desk))["order"]
    _, second = (
        desk.do("add_order_line", id=order, expected_version=None, **item.given)["line"] for item in A_AND_B
    )
    paid = paid_deposit(desk, order, D(113))
    message = (
        "At 7 % tax the order would come to EUR 0.00, and its invoices, with deposits, ask for EUR 53.50: "
        "createCreditNote of a deposit's line at that rate, cancelInvoice or discardInvoice takes it back "
        "first."
    )
    for name, field, changed in (
        ("remove_order_line", "lineId", {}),
        ("update_order_line", "taxPercent", {"tax_percent": D(19)}),
        ("update_order_line", "taxPercent", {"tax_percent": D(19), "price_per_unit": D(900)}),
    ):
        refusal = desk.refused(name, id=order, expected_version=None, line_id=second, **changed)
        assert told(refusal) == ("OVER_INVOICED", ("input", field if len(changed) < 2 else "pricePerUnit"))
        assert refusal.message == message
    desk.do("update_order_line", id=order, expected_version=None, line_id=second, description="B")
    (line,) = (row.public_id for row in desk.all(InvoiceLine, invoice_id=paid) if row.tax_percent == D(7))
    lines = [{"line_id": line, "quantity": D(1)}]
    desk.do("create_credit_note", id=paid, reason="CORRECTION", lines=lines)
    desk.do("remove_order_line", id=order, expected_version=None, line_id=second)
    desk.do("fulfill_order", id=order)
    assert bill(desk, order).total == D("59.50")


def test_an_order_that_ends_short_is_worth_its_deposits(desk: Desk) -> None:
    """What no invoice can take off any more is given back first."""
    order = make_order(desk, TEN)
    paid = paid_deposit(desk, order, D(100))
    fulfill(desk, order, 5)
    assert bill(desk, order).total == D(50)
    refusal = desk.refused("close_order_short", id=order, reason="Sold out.")
    message = (
        "The order would come to EUR 100.00, and its invoices, with deposits, ask for EUR 150.00: "
        "createCreditNote, cancelInvoice or discardInvoice takes a deposit back first."
    )
    assert (*told(refusal), refusal.message) == (
        "OVER_INVOICED", ("input", "id"), message,
    )  # fmt: skip
    assert desk.refused("create_credit_note", id=paid, reason="CORRECTION", amount=D("50.01")).code == (
        "DEPOSIT_DEDUCTED"
    )
    desk.do("create_credit_note", id=paid, reason="CORRECTION", amount=D(50))
    desk.do("close_order_short", id=order, reason="Sold out.")
    assert desk.row(order).status == "INVOICED"


def test_what_an_order_comes_to_when_it_ends_short_bears_its_deposits(desk: Desk) -> None:
    """As long as something delivered is not billed; the last invoice takes all of the deposit off."""
    order = make_order(desk, [*TEN, Item("1", "20", tax="0")])
    paid_deposit(desk, order, D(110))
    fulfill(desk, order, 5, 1)
    desk.do("close_order_short", id=order, reason="Sold out.")
    first = bill(desk, order, 5)
    # 110 of 120 are paid: five sixths of the order bear five sixths of it.
    assert (first.total, desk.row(order).status) == (D("8.33"), "FULFILLED")
    assert bill(desk, order).total == D("1.67")
    assert desk.row(order).status == "INVOICED"


def test_freight_that_no_invoice_will_bill_bears_no_deposit(desk: Desk) -> None:
    """All that was delivered is billed, with a half of the freight: the other half ends with the order."""
    order = make_order(desk, [Item("2", "100", tax="0")], freight_amount=D(20))
    deposit_on(desk, order, amount=D(20))
    fulfill(desk, order, 1)
    assert bill(desk, order).total == D(100)
    refusal = desk.refused("close_order_short", id=order, reason="Sold out.")
    assert refusal.message.startswith("The order would come to EUR 110.00, and its invoices, with deposits, ")


def test_an_invoice_with_changed_prices_does_not_bill_what_bears_a_deposit(desk: Desk) -> None:
    """What it takes off stays as it is: its prices are locked again first."""
    order = make_fulfilled_order(desk, [Item("1", "100"), Item("2", "100", tax="7")])
    paid_deposit(desk, order, D(333))
    invoice = bill(desk, order, 1, 1).public_id
    given: dict[str, Any] = {"id": invoice, "expected_version": None}
    desk.do("unlock_invoice_pricing", **given)
    item, other = (row.public_id for row in desk.all(InvoiceLine, invoice_id=invoice) if row.kind == "ITEM")
    refusal = desk.refused("update_invoice_line", **given, line_id=other, quantity=D(2))
    message = (
        "The order would come to EUR 333.00, and its invoices, with deposits, ask for EUR 440.00: "
        "lockInvoicePricing lets this invoice take them off."
    )
    assert (*told(refusal), refusal.message) == ("OVER_INVOICED", ("input", "quantity"), message)
    desk.do("lock_invoice_pricing", id=invoice)
    desk.do("remove_invoice_line", **given, line_id=other)
    desk.do("unlock_invoice_pricing", **given)
    desk.do("update_invoice_line", **given, line_id=item, description="Big pump")
    line = {"order_line_id": desk.all(OrderLine, order_id=order)[1].public_id, "quantity": D(1)}
    refusal = desk.refused("add_invoice_line", **given, **line)
    assert told(refusal) == ("OVER_INVOICED", ("input", "orderLineId"))
    desk.do("lock_invoice_pricing", id=invoice)
    desk.do("add_invoice_line", **given, **line)
    assert desk.row(invoice).total == bill(desk, order).total == D(0)
    assert_whole(desk, order)


def test_freight_without_taxes_bears_its_part_of_a_deposit(desk: Desk) -> None:
    """With the goods that have none, as one line; the last invoice takes all of it off."""
    order = make_fulfilled_order(desk, [*A_AND_B, *TEN], freight_amount=D(24))
    assert desk.row(order).total == D(450)
    invoice = deposit_on(desk, order, percent=D(50))
    assert sorted(line[1:] for line in lines_of(desk, invoice)) == [
        (D(50), D("3.50"), D(7)), (D(50), D("9.50"), D(19)), (D(112), D(0), D(0)),
    ]  # fmt: skip
    assert bill(desk, order).total == D(225)
    assert sum(each.total for each in desk.all(Invoice, order_id=order)) == D(450)


def test_a_deposit_that_no_invoice_took_off_is_withdrawn(desk: Desk) -> None:
    """What was taken off are other deposits: one that was asked for by mistake goes."""
    order = make_fulfilled_order(desk, A_AND_B)
    paid = paid_deposit(desk, order, D(113))
    first = bill(desk, order, 1).public_id
    desk.do("issue_invoice", id=first)
    desk.do("mark_invoice_paid", id=first)
    mistaken = deposit_on(desk, order, percent=D(5)).public_id
    assert "discardInvoice" in desk.allowed(mistaken)
    desk.do("discard_invoice", id=mistaken)
    assert desk.refused("cancel_invoice", id=paid, reason="x").code == "HAS_PAYMENTS"
    other = deposit_on(desk, order, percent=D(5)).public_id
    desk.do("issue_invoice", id=other)
    assert "cancelInvoice" in desk.allowed(other)
    desk.do("cancel_invoice", id=other, reason="They want none.")
    assert bill(desk, order).total == D("53.50")
    assert_whole(desk, order)


def test_a_deposit_is_withdrawn_up_to_what_the_others_come_to(desk: Desk) -> None:
    """At each rate, less what was credited of them."""
    order = make_fulfilled_order(desk, A_AND_B)
    paid = paid_deposit(desk, order, D("22.60"))
    draft = deposit_on(desk, order, amount=D("22.60")).public_id
    # Half of what is at 19 percent, 23.80 of both.
    assert bill(desk, order, 1).total == D("95.20")
    assert desk.refused("discard_invoice", id=draft).code == "DEPOSIT_DEDUCTED"
    assert "discardInvoice" not in desk.allowed(draft)
    invoice = next(each for each in desk.all(Invoice, order_id=order) if each.total == D("95.20")).public_id
    desk.do("discard_invoice", id=invoice)
    assert "discardInvoice" in desk.allowed(draft)
    desk.do("create_credit_note", id=paid, reason="CORRECTION", amount=D("11.30"))
    bill(desk, order)
    assert "discardInvoice" not in desk.allowed(draft)


def test_two_taxes_of_one_rate_are_two(desk: Desk) -> None:
    """A deposit on goods with a tax code is not made good by one on goods with the same rate typed."""
    make_tax_code(desk)
    order = desk.do("create_order", name="Pumps", account_id=make_account(desk))["order"]
    plain = Item("1", "100").given
    for line in (plain, plain | {"tax_percent": KEEP, "tax_codes": ["VAT"]}):
        desk.do("add_order_line", id=order, expected_version=None, **line)
    desk.do("fulfill_order", id=order)
    first = deposit_on(desk, order, percent=D(50)).public_id
    assert len(lines_of(desk, desk.row(first))) == 2
    other = deposit_on(desk, order, percent=D(50)).public_id
    assert bill(desk, order, 1).total == D(0)
    # Of the two taxes together the other deposit is worth as much as was taken off.
    assert desk.refused("discard_invoice", id=first).code == "DEPOSIT_DEDUCTED"
    assert desk.refused("discard_invoice", id=other).code == "DEPOSIT_DEDUCTED"
    bill(desk, order)
    assert_whole(desk, order)


def test_goods_that_come_back_with_a_deduction_are_credited_with_the_invoice(desk: Desk) -> None:
    """Two units less the deposit of one: both are more than is owed, and the refusal says what to do."""
    order = make_fulfilled_order(desk, [Item("2", "100", tax="0")])
    paid_deposit(desk, order, D(150))
    invoice = bill(desk, order).public_id
    desk.do("issue_invoice", id=invoice)
    item, deduction = (row.public_id for row in desk.all(InvoiceLine, invoice_id=invoice))

    def refused(line: str) -> tuple[Any, ...]:
        given = {"lines": [{"line_id": line, "quantity": D(1)}], "goods_returned": True}
        refusal = desk.refused("create_credit_note", id=invoice, reason="CORRECTION", **given)
        return (*told(refusal), refusal.message)

    message = (
        "What is named comes to 100, more than the EUR 50.00 that are not credited yet: leave lines out to "
        "take all of it back, or pass an amount."
    )
    assert refused(item) == ("OVER_CREDITED", ("input", "lines"), message)
    message = "Line 2 takes a deposit off: leave lines out to take all of it back."
    assert refused(deduction) == ("OVER_CREDITED", ("input", "lines"), message)
    desk.do("create_credit_note", id=invoice, reason="CORRECTION")
    assert bill(desk, order).total == D(50)


_STEP = st.tuples(
    st.sampled_from(["deposit", "deposit", "bill", "bill", "credit", "withdraw", "short"]),
    st.integers(0, 5),
    st.sampled_from([1, 25, 50, 100]),
)


@settings(
    max_examples=15,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(
    rates=st.lists(st.sampled_from(["0", "7", "19"]), min_size=1, max_size=3),
    freight=st.sampled_from(["0", "4.99"]),
    steps=st.lists(_STEP, min_size=2, max_size=8),
)
def test_no_deposit_is_stranded(
    desk: Desk, rates: list[str], freight: str, steps: list[tuple[str, int, int]]
) -> None:
    """Whatever is asked for, billed, credited, withdrawn and called off, nothing of a deposit stays over."""
    items = [Item("4", f"{index + 3}.33", tax=rate) for index, rate in enumerate(rates)]
    order = make_order(desk, items, freight_amount=D(freight))
    fulfill(desk, order, *[2] * len(items))
    for name, place, percent in steps:
        _try(desk, order, name, place, D(percent))
    if desk.row(order).status == "ACTIVE":
        desk.do("fulfill_order", id=order)
    if desk.row(order).status == "FULFILLED":
        bill(desk, order)
    assert desk.row(order).status == "INVOICED"
    assert set(_over(desk, order).values()) <= {D(0)}
    canceled = any(line.quantity_canceled for line in desk.all(OrderLine, order_id=order))
    came = sum(each.total - each.credited_total for each in _live(desk, order))
    assert canceled or came == desk.read(Order, order).total


def _try(desk: Desk, order: str, name: str, place: int, percent: Decimal) -> None:
    """Take a step with a deal where that is possible."""
    deposits: list[Invoice | None] = [each for each in _live(desk, order) if each.is_deposit]
    deposits = deposits or [None]
    one = deposits[place % len(deposits)]
    try:
        if name == "deposit":
            desk.do("issue_invoice", id=deposit_on(desk, order, percent=percent).public_id)
        elif name == "bill":
            bill(desk, order, *(place >> index & 1 for index in range(3)))
        elif name == "short":
            desk.do("close_order_short", id=order, reason="Sold out.")
        elif one is not None and name == "credit":
            amount = (one.total * percent / 100).quantize(D("0.01"))
            desk.do("create_credit_note", id=one.public_id, reason="CORRECTION", amount=amount)
        elif one is not None:
            desk.do("cancel_invoice", id=one.public_id, reason="They want none.")
    except Refusal:
        return


def _live(desk: Desk, order: str) -> list[Invoice]:
    """Return the invoices of an order that count."""
    return [
        each
        for each in desk.all(Invoice, order_id=order)
        if each.status != "CANCELED" and not 0 < each.total == each.credited_total
    ]


def _over(desk: Desk, order: str) -> dict[Decimal, Decimal]:
    """Return what of the deposits is neither taken off nor credited, at each rate."""
    found: dict[Decimal, Decimal] = {}
    for invoice in _live(desk, order):
        rows: list[tuple[int, InvoiceLine | CreditNoteLine]] = [
            (1, row) for row in desk.all(InvoiceLine, invoice_id=invoice.public_id) if row.kind != "ITEM"
        ]
        notes = desk.all(CreditNote, invoice_id=invoice.public_id)
        rows += [
            (-1, row) for note in notes for row in desk.all(CreditNoteLine, credit_note_id=note.public_id)
        ]
        for sign, row in rows:
            assert invoice.total >= 0
            found[row.tax_percent] = found.get(row.tax_percent, D(0)) + sign * row.extended_amount
    return found
