"""Is money that came in too much, or did not last, accounted for to the cent?"""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from models.invoice import Invoice
from models.payment import CustomerCredit, CustomerCreditEntry, Payment
from models.record import new_id, public_id
from tests.desk import TODAY, Desk, at_once, told
from tests.factories import (
    Item,
    make_account_invoices,
    make_credit,
    make_invoice,
    make_invoice_draft,
)

D = Decimal


def _owed(desk: Desk, invoice: str) -> tuple[Any, ...]:
    row = desk.read(Invoice, invoice)
    return row.status, row.reason, row.paid_total, row.balance, row.paid_on, row.closed_at


def _credit(desk: Desk) -> tuple[Any, ...]:
    """Return state and balance of the one credit there is, after checking it against its entries."""
    (row,) = desk.all(CustomerCredit)
    assert row.balance == sum(each.amount for each in desk.all(CustomerCreditEntry))
    return row.status, row.reason, row.balance


def test_an_invoice_is_marked_paid_by_a_payment_of_its_balance(desk: Desk) -> None:
    """What is still owed is written down as received; a repeat answers with the same payment."""
    invoice = make_invoice(desk)
    desk.do("record_payment", id=invoice, amount=D(38))
    done = desk.do("mark_invoice_paid", id=invoice, method="CASH", reference="Receipt 5")
    assert _owed(desk, invoice) == ("PAID", "COMPLETE", D(238), D(0), TODAY, desk.now)
    payment = desk.read(Payment, done["payment"])
    assert (payment.amount, payment.method, payment.reference) == (D(200), "CASH", "Receipt 5")
    again = desk.do("mark_invoice_paid", id=invoice)
    assert (again.already_done, again["payment"]) == (True, done["payment"])
    assert [event.type for event in desk.events_of(invoice)][-1] == "invoice.paid"


def test_a_payment_by_credit_is_no_money(desk: Desk) -> None:
    """Credit is applied by its own command."""
    invoice = make_invoice(desk)
    for name, given in (("record_payment", {"amount": D(1)}), ("mark_invoice_paid", {})):
        refusal = desk.refused(name, id=invoice, method="CUSTOMER_CREDIT", **given)
        assert told(refusal) == ("VALIDATION", ("input", "method"))
        assert refusal.message == (
            "CUSTOMER_CREDIT is not money; applyCustomerCredit sets it off against an invoice."
        )


def test_a_payment_is_reversed_by_a_row_of_its_own(desk: Desk) -> None:
    """The payment stays; the invoice is owed again, and open where it was paid."""
    invoice = make_invoice(desk)
    first = desk.do("record_payment", id=invoice, amount=D(38), reference="R 1")["payment"]
    second = desk.do("record_payment", id=invoice, amount=D(200))["payment"]
    later = desk.later(days=2)
    done = later.do("reverse_payment", id=invoice, payment_id=first, reason="The debit came back.")
    assert _owed(desk, invoice) == ("ACTIVE", "PARTIALLY_PAID", D(200), D(38), None, None)
    row = desk.read(Payment, done["reversal"])
    assert (row.amount, row.reverses_id, row.reference, row.note, row.paid_on) == (
        D(-38), desk.read(Payment, first).id, "R 1", "The debit came back.", TODAY + timedelta(days=2),
    )  # fmt: skip
    assert done["customer_credit"] is None
    event = desk.events_of(invoice)[-1]
    assert (event.type, event.note) == ("invoice.payment_reversed", "The debit came back.")
    desk.do("reverse_payment", id=invoice, payment_id=second, reason="Wrong invoice.", reversed_on=TODAY)
    assert _owed(desk, invoice) == ("ACTIVE", "BILLED", D(0), D(238), None, None)
    assert [each.amount for each in desk.all(Payment)] == [D(38), D(200), D(-38), D(-200)]
    desk.do("mark_invoice_paid", id=invoice)
    assert _owed(desk, invoice)[:4] == ("PAID", "COMPLETE", D(238), D(0))


def test_where_nothing_was_paid_nothing_is_reversed(desk: Desk) -> None:
    """An invoice of nothing is paid without a payment."""
    invoice = make_invoice(desk, [Item(price="0")])
    assert _owed(desk, invoice)[:2] == ("PAID", "COMPLETE")
    missing = public_id("payment", new_id())
    refusal = desk.refused("reverse_payment", id=invoice, payment_id=missing, reason="Wrong invoice.")
    assert (refusal.code, refusal.message) == (
        "NOTHING_PAID", "Nothing was paid on this invoice: there is no payment to take back.",
    )  # fmt: skip


def test_a_payment_is_reversed_once(desk: Desk) -> None:
    """A reason, a payment of this invoice, and one that still stands are needed."""
    invoice, other = make_invoice(desk), make_invoice(desk)
    payment = desk.do("record_payment", id=invoice, amount=D(238))["payment"]
    desk.do("record_payment", id=other, amount=D(1))
    refusal = desk.refused("reverse_payment", id=invoice, payment_id=payment, reason=" ")
    assert (*told(refusal), refusal.message) == (
        "REASON_REQUIRED", ("input", "reason"), "Say why the payment is reversed.",
    )  # fmt: skip
    refusal = desk.refused("reverse_payment", id=other, payment_id=payment, reason="x")
    assert told(refusal) == ("NOT_FOUND", ("input", "paymentId"))
    refusal = desk.refused(
        "reverse_payment", id=invoice, payment_id=payment, reason="x", reversed_on=TODAY + timedelta(days=1)
    )
    assert told(refusal) == ("INVALID_DATES", ("input", "reversedOn"))
    desk.do("record_payment", id=other, amount=D(1))
    paid = desk.do("record_payment", id=other, amount=D(1))["payment"]
    reversal = desk.do("reverse_payment", id=other, payment_id=paid, reason="x")["reversal"]
    refusal = desk.refused("reverse_payment", id=other, payment_id=paid, reason="x")
    assert (*told(refusal), refusal.message) == (
        "PAYMENT_REVERSED", ("input", "paymentId"),
        "The payment was reversed on 2026-03-02 already; recordPayment takes a new one.",
    )  # fmt: skip
    refusal = desk.refused("reverse_payment", id=other, payment_id=reversal, reason="x")
    assert (*told(refusal), refusal.message) == (
        "PAYMENT_REVERSED", ("input", "paymentId"),
        "This row takes a payment back; recordPayment writes down what was paid after all.",
    )  # fmt: skip


def test_what_is_paid_too_much_becomes_credit_where_it_is_asked_for(desk: Desk) -> None:
    """The payment is the whole of what came; what was beyond the balance is owed to the customer."""
    invoice = make_invoice(desk)
    refusal = desk.refused("record_payment", id=invoice, amount=D(300))
    assert (*told(refusal), refusal.message) == (
        "OVERPAYMENT", ("input", "amount"), "300 is more than the balance of EUR 238.00.",
    )  # fmt: skip
    done = desk.do("record_payment", id=invoice, amount=D(300), excess="CUSTOMER_CREDIT")
    assert _owed(desk, invoice) == ("PAID", "COMPLETE", D(238), D(0), TODAY, desk.now)
    payment = desk.read(Payment, done["payment"])
    assert (payment.amount, payment.excess_amount) == (D(300), D(62))
    assert _credit(desk) == ("OPEN", "OPEN", D(62))
    (entry,) = desk.all(CustomerCreditEntry)
    assert (entry.kind, entry.amount, entry.payment_id) == ("OVERPAYMENT", D(62), payment.id)
    assert [event.type for event in desk.events_of(done["customer_credit"])] == ["customer_credit.raised"]


def test_what_is_not_paid_too_much_makes_no_credit(desk: Desk) -> None:
    """Only the excess is kept."""
    invoice = make_invoice(desk)
    done = desk.do("record_payment", id=invoice, amount=D(238), excess="CUSTOMER_CREDIT")
    assert (done["customer_credit"], desk.all(CustomerCredit)) == (None, [])


def test_a_reversed_overpayment_takes_its_credit_along(desk: Desk) -> None:
    """As long as the credit is there; once it is spent, the reversal is refused."""
    invoice, other = make_account_invoices(desk, 2)
    payment = desk.do("record_payment", id=invoice, amount=D(300), excess="CUSTOMER_CREDIT")["payment"]
    desk.do("apply_customer_credit", id=other, amount=D("0.01"))
    refusal = desk.refused("reverse_payment", id=invoice, payment_id=payment, reason="x")
    assert (*told(refusal), refusal.message) == (
        "INSUFFICIENT_CREDIT", ("input", "paymentId"),
        "62 is more than the customer's credit of EUR 61.99.",
    )  # fmt: skip
    applied = desk.all(Payment, invoice_id=other)[0].public_id
    desk.do("reverse_payment", id=other, payment_id=applied, reason="Back.")
    done = desk.do("reverse_payment", id=invoice, payment_id=payment, reason="It bounced.")
    assert _owed(desk, invoice)[:4] == ("ACTIVE", "BILLED", D(0), D(238))
    assert _credit(desk) == ("SETTLED", "SETTLED", D(0))
    assert [event.type for event in desk.events_of(done["customer_credit"])] == [
        f"customer_credit.{each}" for each in ("raised", "applied", "reversed", "reversed")
    ]


def test_credit_is_set_off_against_an_invoice(desk: Desk) -> None:
    """As much as there is, or as is owed, or as is said; it counts as a payment."""
    first, second = make_account_invoices(desk, 2)
    assert "applyCustomerCredit" not in desk.allowed(second)
    refusal = desk.refused("apply_customer_credit", id=second)
    assert (*told(refusal), refusal.message) == (
        "INSUFFICIENT_CREDIT", ("input", "id"),
        "The customer has no credit in this currency: recordPayment writes down what was paid.",
    )  # fmt: skip
    desk.do("record_payment", id=first, amount=D(500), excess="CUSTOMER_CREDIT")
    assert "applyCustomerCredit" in desk.allowed(second)
    for amount, code, message in (
        (D(250), "OVERPAYMENT", "250 is more than the balance of EUR 238.00."),
        (D(0), "VALIDATION", "amount is 0; it has to be above zero."),
        (D("0.001"), "VALIDATION", "amount is 0.001; EUR has 2 digits behind the point."),
    ):
        refusal = desk.refused("apply_customer_credit", id=second, amount=amount)
        assert (*told(refusal), refusal.message) == (code, ("input", "amount"), message)
    desk.do("apply_customer_credit", id=second, amount=D(38))
    assert _owed(desk, second) == ("ACTIVE", "PARTIALLY_PAID", D(38), D(200), None, None)
    done = desk.do("apply_customer_credit", id=second)
    assert _owed(desk, second)[:4] == ("PAID", "COMPLETE", D(238), D(0))
    assert desk.read(Payment, done["payment"]).method == "CUSTOMER_CREDIT"
    assert _credit(desk) == ("OPEN", "OPEN", D(24))


def test_no_more_credit_is_set_off_than_there_is(desk: Desk) -> None:
    """Even where the invoice would take it."""
    first, second = make_account_invoices(desk, 2)
    desk.do("record_payment", id=first, amount=D(248), excess="CUSTOMER_CREDIT")
    refusal = desk.refused("apply_customer_credit", id=second, amount=D(11))
    assert (*told(refusal), refusal.message) == (
        "INSUFFICIENT_CREDIT", ("input", "amount"), "11 is more than the customer's credit of EUR 10.00.",
    )  # fmt: skip


def test_a_credit_is_of_one_customer(desk: Desk) -> None:
    """What one customer paid too much is not set off against another's invoice."""
    desk.do("record_payment", id=make_invoice(desk), amount=D(248), excess="CUSTOMER_CREDIT")
    refusal = desk.refused("apply_customer_credit", id=make_invoice(desk))
    assert refusal.code == "INSUFFICIENT_CREDIT"


def test_credit_is_paid_out(desk: Desk) -> None:
    """In parts or whole; what is paid out is written down with its day and its way."""
    credit = make_credit(desk)
    for given, code, field, message in (
        ({"amount": D(63)}, "INSUFFICIENT_CREDIT", "amount",
         "63 is more than the customer's credit of EUR 62.00."),
        ({"amount": D(-1)}, "VALIDATION", "amount", "amount is -1; it has to be above zero."),
        ({"method": "CUSTOMER_CREDIT"}, "VALIDATION", "method",
         "CUSTOMER_CREDIT is not money; applyCustomerCredit sets it off against an invoice."),
        ({"refunded_on": TODAY + timedelta(days=1)}, "INVALID_DATES", "refundedOn",
         "refundedOn 2026-03-03 lies in the future; today is 2026-03-02."),
    ):  # fmt: skip
        refusal = desk.refused("refund_customer_credit", id=credit, **given)
        assert (*told(refusal), refusal.message) == (code, ("input", field), message)
    desk.do("refund_customer_credit", id=credit, amount=D(12))
    assert _credit(desk) == ("OPEN", "OPEN", D(50))
    done = desk.do("refund_customer_credit", id=credit, method="CARD", reference="T 9", note="As asked.")
    assert _credit(desk) == ("SETTLED", "SETTLED", D(0))
    entry = desk.read(CustomerCreditEntry, done["entry"])
    assert (entry.kind, entry.amount, entry.method, entry.reference, entry.note, entry.entered_on) == (
        "REFUND", D(-50), "CARD", "T 9", "As asked.", TODAY,
    )  # fmt: skip
    refusal = desk.refused("refund_customer_credit", id=credit)
    assert refusal.message == (
        "This customer credit is SETTLED; refundCustomerCredit needs OPEN: it offers no command."
    )


@pytest.mark.parametrize("count", [10])
def test_credit_is_spent_once(crowd: Desk, count: int) -> None:
    """Ten invoices take the whole credit at once, and someone pays it out: one gets it."""
    first, *others = make_account_invoices(crowd, count + 1)
    crowd.do("record_payment", id=first, amount=D(338), excess="CUSTOMER_CREDIT")
    credit = crowd.all(CustomerCredit)[0].public_id

    def spend(number: int) -> str:
        name, key = (
            ("refund_customer_credit", credit) if number == 0 else ("apply_customer_credit", others[number])
        )
        try:
            crowd.do(name, id=key, amount=D(100))
        except Exception as fault:  # noqa: BLE001  # Whatever it is shows in the comparison.
            return str(getattr(fault, "code", repr(fault)))
        return "spent"

    answers = at_once(count, spend)
    assert answers.count("spent") == 1
    assert set(answers) <= {"spent", "INSUFFICIENT_CREDIT", "ILLEGAL_TRANSITION"}
    assert _credit(crowd) == ("SETTLED", "SETTLED", D(0))


def test_a_draft_has_no_payment_to_reverse(desk: Desk) -> None:
    """Nor is it paid, by money or by credit."""
    draft = make_invoice_draft(desk)
    assert set(desk.allowed(draft)) & {"recordPayment", "markInvoicePaid", "applyCustomerCredit"} == set()
