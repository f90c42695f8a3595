"""Is what is taken back of an invoice never more than it, and accounted for to the cent?"""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from models.credit_note import CreditNote, CreditNoteLine
from models.invoice import Invoice, InvoiceLine
from models.lifecycle import Pointer
from models.order import Order, OrderLine
from models.payment import CustomerCredit, CustomerCreditEntry
from tests.desk import TODAY, Desk, at_once, told
from tests.factories import Item, make_credited_invoice, make_invoice, make_invoice_draft, make_order

D = Decimal
HEADER = ("line_total", "discount_total", "tax_total", "freight_amount", "total")
LINE = ("base_amount", "discount_amount", "discount_share", "tax_amount", "extended_amount")


def _credit(desk: Desk, invoice: str, **given: Any) -> CreditNote:
    made = desk.do("create_credit_note", id=invoice, **{"reason": "CORRECTION"} | given)
    return desk.read(CreditNote, made["credit_note"])


def _owed(desk: Desk, invoice: str) -> tuple[Any, ...]:
    row = desk.read(Invoice, invoice)
    return row.status, row.reason, row.credited_total, row.balance


def _line(desk: Desk, invoice: str, quantity: str, position: int = 1) -> dict[str, Any]:
    line = desk.all(InvoiceLine, invoice_id=invoice)[position - 1]
    return {"line_id": line.public_id, "quantity": D(quantity)}


def _order_of(desk: Desk, invoice: str) -> str:
    key = desk.read(Invoice, invoice).order_id
    assert key is not None
    return Pointer("order", key).public_id


def test_a_part_of_an_invoice_is_credited_by_quantity(desk: Desk) -> None:
    """The credit note has a number of its own series; the balance falls, the quantity stays billed."""
    invoice = make_invoice(desk)
    note = _credit(desk, invoice, lines=[_line(desk, invoice, "1")], note="One was broken.")
    assert (note.number, note.status, note.issued_on, note.note) == (
        "C-2026-00001", "ISSUED", TODAY, "One was broken.",
    )  # fmt: skip
    assert [getattr(note, name) for name in HEADER] == [D(100), D(0), D(19), D(0), D(119)]
    assert (note.applied_total, note.customer_credit_total) == (D(119), D(0))
    (line,) = desk.all(CreditNoteLine)
    assert (line.quantity, line.price_per_unit, line.base_amount, line.tax_amount) == (
        D(1),
        D(100),
        D(100),
        D(19),
    )
    assert desk.all(InvoiceLine)[0].quantity_credited == D(1)
    assert _owed(desk, invoice) == ("ACTIVE", "BILLED", D(119), D(119))
    assert desk.row(_order_of(desk, invoice)).status == "INVOICED"
    event = desk.events_of(invoice)[-1]
    assert (event.type, event.note) == ("invoice.credited", "One was broken.")
    second = _credit(desk, invoice, lines=[_line(desk, invoice, "1")], issued_on=TODAY)
    assert second.number == "C-2026-00002"


def test_a_price_is_reduced_by_an_amount(desk: Desk) -> None:
    """The amount has its taxes in it; no quantity comes back."""
    invoice = make_invoice(desk)
    note = _credit(desk, invoice, amount=D(50), reason="PRICE_REDUCTION")
    assert (note.reason, note.line_total, note.tax_total, note.total) == (
        "PRICE_REDUCTION", D("42.02"), D("7.98"), D(50),
    )  # fmt: skip
    (line,) = desk.all(CreditNoteLine)
    assert (line.quantity, line.unit, line.price_per_unit, line.description) == (
        D(1),
        "piece",
        D("42.02"),
        "Pump",
    )
    assert desk.all(InvoiceLine)[0].quantity_credited == D(0)
    assert _owed(desk, invoice) == ("ACTIVE", "BILLED", D(50), D(188))


def test_an_amount_is_split_by_rate_with_discount_and_freight(desk: Desk) -> None:
    """What is left of each rate bears its part: and the last credit note takes what the others left."""
    items = [Item("1", "100"), Item("3", "33.33", "9.99", "7"), Item("1", "50", tax="0")]
    invoice = make_invoice(desk, items, discount_percent=D(3), freight_amount=D("4.90"))
    notes = [
        _credit(desk, invoice, amount=D("77.77")),
        _credit(desk, invoice, lines=[_line(desk, invoice, "1", 2)]),
    ]
    notes.append(_credit(desk, invoice))
    _assert_whole(desk, invoice, notes)
    assert notes[0].total == D("77.77")
    assert _owed(desk, invoice)[:2] == ("CANCELED", "CREDITED")


def _assert_whole(desk: Desk, invoice: str, notes: list[CreditNote]) -> None:
    """Check that credit notes come to their invoice in every amount, each being the sum of its lines."""
    row = desk.read(Invoice, invoice)
    for name in HEADER:
        assert sum(getattr(note, name) for note in notes) == getattr(row, name), name
    for note in notes:
        own = desk.all(CreditNoteLine, credit_note_id=note.public_id)
        assert note.line_total == sum(line.base_amount - line.discount_amount for line in own)
        assert note.discount_total == sum(line.discount_share for line in own)
        assert note.total == note.line_total - note.discount_total + note.tax_total + note.freight_amount
        assert note.total > 0
    for line in desk.all(InvoiceLine, invoice_id=invoice):
        taken = desk.all(CreditNoteLine, invoice_line_id=line.public_id)
        for name in LINE:
            assert sum(getattr(each, name) for each in taken) == getattr(line, name), name
        assert line.quantity_credited == line.quantity


def test_an_unpaid_invoice_that_is_credited_as_a_whole_is_canceled(desk: Desk) -> None:
    """It keeps its number, and can be neither paid nor canceled nor credited again."""
    invoice = make_invoice(desk)
    note = _credit(desk, invoice)
    row = desk.read(Invoice, invoice)
    assert (row.status, row.reason, row.balance, row.closed_at, row.number) == (
        "CANCELED", "CREDITED", D(0), desk.now, "I-2026-00001",
    )  # fmt: skip
    assert (note.total, note.applied_total) == (D(238), D(238))
    assert desk.allowed(invoice) == []


def test_what_is_credited_of_a_paid_invoice_is_owed_to_the_customer(desk: Desk) -> None:
    """The invoice stays paid; its credit may be set off or paid out."""
    invoice = make_invoice(desk)
    desk.do("mark_invoice_paid", id=invoice)
    done = desk.do("create_credit_note", id=invoice, reason="GOODWILL", amount=D(38))
    assert _owed(desk, invoice) == ("PAID", "COMPLETE", D(38), D(0))
    (credit,), (entry,) = desk.all(CustomerCredit), desk.all(CustomerCreditEntry)
    assert (credit.public_id, credit.balance) == (done["customer_credit"], D(38))
    assert (entry.kind, entry.amount, entry.credit_note_id) == (
        "CREDIT_NOTE", D(38), desk.read(CreditNote, done["credit_note"]).id,
    )  # fmt: skip
    _credit(desk, invoice)
    assert _owed(desk, invoice) == ("PAID", "COMPLETE", D(238), D(0))
    assert desk.all(CustomerCredit)[0].balance == D(238)
    assert "createCreditNote" not in desk.allowed(invoice)


def test_the_balance_comes_before_the_customers_credit(desk: Desk) -> None:
    """Of a partly paid invoice first what is owed falls."""
    invoice = make_invoice(desk)
    payment = desk.do("record_payment", id=invoice, amount=D(100))["payment"]
    note = _credit(desk, invoice, amount=D(200))
    assert (note.applied_total, note.customer_credit_total) == (D(138), D(62))
    assert _owed(desk, invoice) == ("PAID", "COMPLETE", D(200), D(0))
    desk.do("reverse_payment", id=invoice, payment_id=payment, reason="It bounced.")
    assert _owed(desk, invoice) == ("ACTIVE", "BILLED", D(200), D(100))
    desk.do("apply_customer_credit", id=invoice)
    assert _owed(desk, invoice) == ("ACTIVE", "PARTIALLY_PAID", D(200), D(38))


def test_goods_that_come_back_may_be_returned_or_billed_again(desk: Desk) -> None:
    """The order is no longer fully billed; after all came back it can be canceled (odoo#3674)."""
    invoice = make_invoice(desk)
    order = _order_of(desk, invoice)
    desk.do("mark_invoice_paid", id=invoice)
    done = desk.do(
        "create_credit_note", id=invoice, reason="GOODS_RETURNED", lines=[_line(desk, invoice, "1")],
        goods_returned=True,
    )  # fmt: skip
    assert done["order"] == order
    assert desk.all(OrderLine)[0].quantity_credited == D(1)
    row = desk.read(Order, order)
    assert (row.status, row.reason, row.billing_status) == ("FULFILLED", "COMPLETE", "PARTIAL")
    assert desk.events_of(order)[-1].type == "order.invoice_credited"
    _credit(desk, invoice, goods_returned=True)
    desk.do("return_items", id=order, reason="Broken.")
    desk.do("cancel_order", id=order, reason="CUSTOMER_REQUEST")
    assert desk.row(order).status == "CANCELED"


def test_an_invoice_credited_as_a_whole_gives_all_quantities_back(desk: Desk) -> None:
    """Whatever was said of the goods: they may be billed again, or returned, and the order canceled."""
    invoice = make_invoice(desk)
    order = _order_of(desk, invoice)
    line = {"lines": [_line(desk, invoice, "1")]}
    assert desk.do("create_credit_note", id=invoice, reason="CORRECTION", **line)["order"] is None
    assert desk.all(OrderLine)[0].quantity_credited == D(0)
    done = desk.do("create_credit_note", id=invoice, reason="CORRECTION", amount=D(119))
    assert done["order"] == order
    assert desk.all(OrderLine)[0].quantity_credited == D(2)
    assert desk.events_of(order)[-1].type == "order.invoice_credited"
    row = desk.read(Order, order)
    assert (row.status, row.reason, row.billing_status) == ("FULFILLED", "COMPLETE", "NONE")
    again = desk.read(Invoice, desk.do("invoice_order", id=order)["invoice"])
    assert (again.total, desk.row(order).status) == (D(238), "INVOICED")
    desk.do("discard_invoice", id=again.public_id)
    desk.do("return_items", id=order, reason="Broken.")
    desk.do("cancel_order", id=order, reason="CUSTOMER_REQUEST")
    assert desk.row(order).status == "CANCELED"


def test_what_the_first_credit_notes_brought_back_comes_back_once(desk: Desk) -> None:
    """The last one brings the rest of each quantity, and no more."""
    invoice = make_invoice(desk, [Item("5", "10")])
    _credit(desk, invoice, lines=[_line(desk, invoice, "2")], goods_returned=True)
    _credit(desk, invoice, lines=[_line(desk, invoice, "1")])
    assert desk.all(OrderLine)[0].quantity_credited == D(2)
    _credit(desk, invoice)
    assert desk.all(OrderLine)[0].quantity_credited == D(5)


def test_a_paid_invoice_credited_as_a_whole_does_not_hold_its_order(desk: Desk) -> None:
    """It stays PAID and is not live: once the goods are back the order is canceled."""
    invoice = make_invoice(desk)
    order = _order_of(desk, invoice)
    desk.do("mark_invoice_paid", id=invoice)
    _credit(desk, invoice)
    assert desk.row(invoice).status == "PAID"
    desk.do("return_items", id=order, reason="Broken.")
    assert "cancelOrder" in desk.allowed(order)
    desk.do("cancel_order", id=order, reason="CUSTOMER_REQUEST")
    assert desk.row(order).status == "CANCELED"


def test_what_came_back_of_changed_prices_counts_as_the_order_says(desk: Desk) -> None:
    """Half of an order is billed at half its price and taken back: the next invoice bills it whole."""
    order = make_order(desk)
    invoice = desk.do("invoice_order", id=order, policy="ORDERED")["invoice"]
    desk.do("unlock_invoice_pricing", id=invoice, expected_version=None)
    (line,) = desk.all(InvoiceLine, invoice_id=invoice)
    desk.do(
        "update_invoice_line", id=invoice, expected_version=None, line_id=line.public_id, price_per_unit=D(50)
    )
    desk.do("issue_invoice", id=invoice)
    note = _credit(desk, invoice, lines=[_line(desk, invoice, "1")], goods_returned=True)
    again = desk.read(Invoice, desk.do("invoice_order", id=order, policy="ORDERED")["invoice"])
    assert (desk.read(Invoice, invoice).total, note.total, again.total) == (D(119), D("59.5"), D(119))


def test_what_came_back_is_billed_again_as_the_order_says(desk: Desk) -> None:
    """Invoices less what came back are the order, in every amount."""
    invoice = make_invoice(
        desk, [Item("7", "0.33"), Item("3", "9.99", "0.5", "7")], discount_percent=D("3.5"),
        freight_amount=D("1.01"),
    )  # fmt: skip
    order = _order_of(desk, invoice)
    note = _credit(
        desk, invoice, lines=[_line(desk, invoice, "2"), _line(desk, invoice, "1", 2)], goods_returned=True
    )
    again = desk.read(Invoice, desk.do("invoice_order", id=order)["invoice"])
    row, first = desk.read(Order, order), desk.read(Invoice, invoice)
    assert row.status == "INVOICED"
    for name in HEADER:
        assert getattr(first, name) + getattr(again, name) - getattr(note, name) == getattr(row, name), name


_IMPOSSIBLE: list[tuple[dict[str, Any], str, str, str]] = [
    ({"reason": "MOOD"}, "REASON_REQUIRED", "reason",
     ("'MOOD' is not a reason for credit_note ISSUED; there are CORRECTION, GOODS_RETURNED, GOODWILL, "
      "PRICE_REDUCTION.")),
    ({"amount": D("238.01")}, "OVER_CREDITED", "amount",
     "238.01 is more than the EUR 238.00 of the invoice that are not credited yet."),
    ({"amount": D(0)}, "VALIDATION", "amount", "amount is 0; it has to be above zero."),
    ({"amount": D("0.001")}, "VALIDATION", "amount", "amount is 0.001; EUR has 2 digits behind the point."),
    ({"amount": D(1), "goods_returned": True}, "VALIDATION", "amount",
     "Pass either lines or an amount; goods come back by lines alone."),
    ({"amount": D(1), "lines": []}, "VALIDATION", "amount",
     "Pass either lines or an amount; goods come back by lines alone."),
    ({"lines": []}, "VALIDATION", "lines",
     "Nothing of the invoice was named: pass a line with a quantity above zero."),
    ({"issued_on": TODAY + timedelta(days=1)}, "INVALID_DATES", "issuedOn",
     "issuedOn 2026-03-03 lies in the future; today is 2026-03-02."),
    ({"issued_on": TODAY - timedelta(days=1)}, "INVALID_DATES", "issuedOn",
     "issuedOn 2026-03-01 lies before 2026-03-02, the date of the invoice."),
]  # fmt: skip


def test_a_credit_note_that_cannot_be_is_refused(desk: Desk) -> None:
    """Each with its path; the invoice is as it was, and no number is taken."""
    invoice = make_invoice(desk)
    for given, code, field, message in _IMPOSSIBLE:
        refusal = desk.refused("create_credit_note", id=invoice, **{"reason": "CORRECTION"} | given)
        assert (*told(refusal), refusal.message) == (code, ("input", field), message)
    assert _credit(desk, invoice).number == "C-2026-00001"


def test_no_more_of_a_line_is_credited_than_was_billed(desk: Desk) -> None:
    """What is left is named; a line of another invoice and one named twice are refused."""
    invoice, other = make_invoice(desk), make_invoice(desk)
    one = _line(desk, invoice, "1")

    def refused(*lines: dict[str, Any]) -> tuple[Any, ...]:
        refusal = desk.refused("create_credit_note", id=invoice, reason="CORRECTION", lines=list(lines))
        return (*told(refusal), refusal.message)

    assert refused(one | {"quantity": D(3)}) == (
        "OVER_CREDITED", ("input", "lines"), "Line 1 has 2 left to credit, not 3.",
    )  # fmt: skip
    assert refused(one, one) == (
        "VALIDATION", ("input", "lines", 1, "lineId"), "Line 1 is named twice; add its quantities up.",
    )  # fmt: skip
    assert refused(_line(desk, other, "1"))[:2] == ("NOT_FOUND", ("input", "lines", 0, "lineId"))
    assert refused(one | {"quantity": D(0)})[0] == "VALIDATION"
    _credit(desk, invoice, lines=[one])
    assert refused(one | {"quantity": D(2)})[2] == "Line 1 has 1 left to credit, not 2."


def test_an_invoice_with_a_credit_note_is_not_canceled(desk: Desk) -> None:
    """The rest is credited instead."""
    invoice = make_invoice(desk)
    _credit(desk, invoice, amount=D(1))
    refusal = desk.refused("cancel_invoice", id=invoice, reason="x")
    assert (*told(refusal), refusal.message) == (
        "HAS_CREDIT_NOTES", ("input", "id"),
        "A part of this invoice is credited: createCreditNote takes the rest back.",
    )  # fmt: skip


def test_what_is_credited_as_a_whole_offers_no_more(desk: Desk) -> None:
    """The guard says so before anyone tries."""
    invoice = make_invoice(desk)
    desk.do("mark_invoice_paid", id=invoice)
    _credit(desk, invoice)
    refusal = desk.refused("create_credit_note", id=invoice, reason="CORRECTION")
    assert (*told(refusal), refusal.message) == (
        "OVER_CREDITED", ("input", "id"), "The whole invoice is credited: nothing is left to take back.",
    )  # fmt: skip
    assert "createCreditNote" not in desk.allowed(make_invoice_draft(desk))


@pytest.mark.parametrize("count", [10])
def test_ten_credit_the_same_at_once(crowd: Desk, count: int) -> None:
    """One whole credit note comes of it, whoever was first."""
    invoice = make_invoice(crowd)

    def credit(_: int) -> str:
        try:
            return str(crowd.do("create_credit_note", id=invoice, reason="CORRECTION")["credit_note"])
        except Exception as fault:  # noqa: BLE001  # Whatever it is shows in the comparison.
            return str(getattr(fault, "code", repr(fault)))

    answers = at_once(count, credit)
    (note,) = crowd.all(CreditNote)
    assert set(answers) == {note.public_id, "ILLEGAL_TRANSITION"}
    assert note.number == "C-2026-00001"


def test_credit_notes_of_many_at_once_are_numbered_without_a_gap(crowd: Desk) -> None:
    """Each thread credits another invoice."""
    invoices = [make_invoice(crowd) for _ in range(10)]
    at_once(10, lambda number: _credit(crowd, invoices[number]))
    numbers = sorted(note.number for note in crowd.all(CreditNote))
    assert numbers == [f"C-2026-{number:05d}" for number in range(1, 11)]


def test_a_credit_note_never_changes(desk: Desk) -> None:
    """It offers no command."""
    make_credited_invoice(desk)
    assert desk.offers_of(desk.all(CreditNote)[0].public_id) == []
    assert make_order(desk)
