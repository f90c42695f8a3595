"""Is an invoice issued once, paid to the cent, and never paid beyond its balance?"""

from datetime import timedelta
from decimal import Decimal
from typing import Any

from models.invoice import Invoice, InvoiceStatus, is_overdue, state_of_amounts
from models.payment import Payment
from tests.desk import TODAY, Desk, at_once, told
from tests.factories import Item, make_account, make_invoice, make_invoice_draft, make_product


def test_an_issued_invoice_has_its_number_and_its_days(desk: Desk) -> None:
    """Date and terms may be given; the terms default to the organisation's."""
    first, second = make_invoice_draft(desk), make_invoice_draft(desk)
    yesterday = TODAY - timedelta(days=1)
    desk.do("issue_invoice", id=first, issued_on=yesterday, terms_days=10)
    desk.do("issue_invoice", id=second)
    rows = [desk.read(Invoice, each) for each in (first, second)]
    assert [(row.number, row.issued_on, row.due_on) for row in rows] == [
        ("I-2026-00001", yesterday, yesterday + timedelta(days=10)),
        ("I-2026-00002", TODAY, TODAY + timedelta(days=30)),
    ]
    assert {(row.status, row.reason, row.balance) for row in rows} == {("ACTIVE", "BILLED", Decimal(238))}


def test_an_issue_that_cannot_be_is_refused(desk: Desk) -> None:
    """A day to come and impossible terms are refused; a second issue changes nothing."""
    invoice = make_invoice_draft(desk)
    refusal = desk.refused("issue_invoice", id=invoice, issued_on=TODAY + timedelta(days=1))
    assert told(refusal) == ("INVALID_DATES", ("input", "issuedOn"))
    for days in (-1, 3651):
        refusal = desk.refused("issue_invoice", id=invoice, terms_days=days)
        assert told(refusal) == ("VALIDATION", ("input", "termsDays"))
        assert refusal.message == f"termsDays is {days}; it is 0 to 3650."
    desk.do("issue_invoice", id=invoice)
    desk.do("issue_invoice", id=invoice)
    assert (len(desk.events_of(invoice)), desk.read(Invoice, invoice).number) == (2, "I-2026-00001")


def test_an_invoice_of_nothing_is_paid_when_it_is_issued(desk: Desk) -> None:
    """The status follows the balance alone."""
    invoice = make_invoice(desk, [Item("1", "0")])
    row = desk.read(Invoice, invoice)
    assert (row.status, row.reason, row.paid_on, row.number) == ("PAID", "COMPLETE", TODAY, "I-2026-00001")


def test_an_invoice_is_paid_in_parts(desk: Desk) -> None:
    """Each payment is a row; the balance says whether the invoice is paid."""
    invoice = make_invoice(desk)
    desk.do("record_payment", id=invoice, amount=Decimal("100.50"), method="CARD", reference="R 1")
    row = desk.read(Invoice, invoice)
    assert (row.status, row.reason, row.paid_total, row.balance, row.paid_on) == (
        "ACTIVE", "PARTIALLY_PAID", Decimal("100.5"), Decimal("137.5"), None,
    )  # fmt: skip
    later = desk.later(days=3)
    done = later.do("record_payment", id=invoice, amount=Decimal("137.5"), currency_code="EUR")
    row = desk.read(Invoice, invoice)
    assert (row.status, row.reason, row.balance, row.paid_on) == (
        "PAID", "COMPLETE", Decimal(0), later.moment.today,
    )  # fmt: skip
    payments = desk.all(Payment, invoice_id=invoice)
    assert [(each.amount, each.method, each.reference) for each in payments] == [
        (Decimal("100.5"), "CARD", "R 1"), (Decimal("137.5"), "BANK_TRANSFER", None),
    ]  # fmt: skip
    assert done["payment"] == payments[1].public_id
    changes = {each["field"]: each["after"] for each in desk.events_of(invoice)[-1].changes}
    assert changes[f"{done['payment']}.amount"] == "137.5"


_IMPOSSIBLE: list[tuple[dict[str, Any], str, str, str]] = [
    ({"amount": Decimal("238.01")}, "OVERPAYMENT", "amount",
     "238.01 is more than the balance of EUR 238.00."),
    ({"amount": Decimal(0)}, "VALIDATION", "amount", "amount is 0; it has to be above zero."),
    ({"amount": Decimal(-5)}, "VALIDATION", "amount", "amount is -5; it has to be above zero."),
    ({"amount": Decimal("0.001")}, "VALIDATION", "amount",
     "amount is 0.001; EUR has 2 digits behind the point."),
    ({"currency_code": "USD"}, "CURRENCY_MISMATCH", "currencyCode",
     "The invoice is in EUR; a payment in USD does not settle it."),
    ({"paid_on": TODAY + timedelta(days=1)}, "INVALID_DATES", "paidOn",
     "paidOn 2026-03-03 lies in the future; today is 2026-03-02."),
    ({"reference": "x" * 201}, "VALIDATION", "reference",
     "reference is 201 characters long; at most 200 are kept."),
]  # fmt: skip


def test_a_payment_that_cannot_be_is_refused(desk: Desk) -> None:
    """Each impossible payment is refused with its path, and the balance stays."""
    invoice = make_invoice(desk)
    for given, code, field, message in _IMPOSSIBLE:
        refusal = desk.refused("record_payment", id=invoice, **{"amount": Decimal(1)} | given)
        assert (*told(refusal), refusal.message) == (code, ("input", field), message)


def test_a_draft_is_not_paid(desk: Desk) -> None:
    """It has to be issued first."""
    refusal = desk.refused("record_payment", id=make_invoice_draft(desk), amount=Decimal(1))
    assert told(refusal) == ("ILLEGAL_TRANSITION", ("input", "id"))
    assert refusal.message == (
        "This invoice is ACTIVE.NEW; recordPayment needs ACTIVE.BILLED or ACTIVE.PARTIALLY_PAID: "
        "it offers issueInvoice, discardInvoice, updateInvoice, lockInvoicePricing, unlockInvoicePricing, "
        "addInvoiceLine, updateInvoiceLine, removeInvoiceLine."
    )


def test_a_draft_is_discarded_and_an_issued_invoice_canceled(desk: Desk) -> None:
    """Each refusal names the command that would help; money stands in the way of canceling."""
    draft, issued = make_invoice_draft(desk), make_invoice(desk)
    refusal = desk.refused("cancel_invoice", id=draft, reason="x")
    assert told(refusal) == ("ILLEGAL_TRANSITION", ("input", "id"))
    assert refusal.message == (
        "This invoice is ACTIVE.NEW; cancelInvoice needs ACTIVE.BILLED or ACTIVE.PARTIALLY_PAID or PAID: "
        "it offers issueInvoice, discardInvoice, updateInvoice, lockInvoicePricing, unlockInvoicePricing, "
        "addInvoiceLine, updateInvoiceLine, removeInvoiceLine."
    )
    refusal = desk.refused("discard_invoice", id=issued)
    assert told(refusal) == ("ILLEGAL_TRANSITION", ("input", "id"))
    assert refusal.message == (
        "This invoice is ACTIVE.BILLED; discardInvoice needs ACTIVE.NEW: "
        "it offers createCreditNote, cancelInvoice, recordPayment, markInvoicePaid, applyCustomerCredit."
    )
    desk.do("record_payment", id=issued, amount=Decimal(1))
    refusal = desk.refused("cancel_invoice", id=issued, reason="x")
    assert told(refusal) == ("HAS_PAYMENTS", ("input", "id"))
    assert refusal.message == (
        "Money was received for this invoice: reversePayment takes it back first, or createCreditNote "
        "credits what was billed."
    )
    payment = desk.all(Payment, invoice_id=issued)[0].public_id
    desk.do("reverse_payment", id=issued, payment_id=payment, reason="It bounced.")
    desk.do("cancel_invoice", id=issued, reason="Typing error.")
    assert desk.row(issued).status == "CANCELED"


def test_the_state_of_an_invoice_follows_from_its_amounts() -> None:
    """Nothing else is asked."""
    owed, paid, nothing = Decimal(238), Decimal("0.01"), Decimal(0)
    assert state_of_amounts(nothing, owed, is_credited=False) == ("ACTIVE", "BILLED")
    assert state_of_amounts(nothing, owed, is_credited=True) == ("ACTIVE", "BILLED")
    assert state_of_amounts(paid, owed, is_credited=False) == ("ACTIVE", "PARTIALLY_PAID")
    assert state_of_amounts(owed, nothing, is_credited=False) == ("PAID", "COMPLETE")
    assert state_of_amounts(nothing, nothing, is_credited=False) == ("PAID", "COMPLETE")
    assert state_of_amounts(paid, nothing, is_credited=True) == ("PAID", "COMPLETE")
    assert state_of_amounts(nothing, nothing, is_credited=True) == ("CANCELED", "CREDITED")


def test_an_invoice_is_overdue_the_day_after_it_was_due(desk: Desk) -> None:
    """Only what is issued and owed can be overdue."""
    row = desk.read(Invoice, make_invoice(desk))
    assert row.due_on is not None
    day = timedelta(days=1)
    assert not is_overdue(row.status, row.due_on, row.balance, row.due_on)
    assert is_overdue(row.status, row.due_on, row.balance, row.due_on + day)
    assert not is_overdue(row.status, None, row.balance, row.due_on + day)
    assert not is_overdue(row.status, row.due_on, Decimal(0), row.due_on + day)
    assert not is_overdue(InvoiceStatus.PAID, row.due_on, row.balance, row.due_on + day)


def test_twenty_pay_the_whole_at_once(crowd: Desk) -> None:
    """One payment settles the invoice; the others are refused, and nothing is paid twice."""
    invoice = make_invoice(crowd)

    def pay(_: int) -> str:
        try:
            crowd.do("record_payment", id=invoice, amount=Decimal(238))
        except Exception as fault:  # noqa: BLE001  # Whatever it is shows in the comparison.
            return str(getattr(fault, "code", repr(fault)))
        return "paid"

    answers = at_once(20, pay)
    assert (answers.count("paid"), answers.count("ILLEGAL_TRANSITION")) == (1, 19)
    assert [payment.amount for payment in crowd.all(Payment)] == [Decimal(238)]


def test_an_invoice_with_a_line_without_a_price_is_not_issued(desk: Desk) -> None:
    """A product that costs nothing is given away only where 0 is typed."""
    invoice = desk.do("create_invoice", name="Hoses", account_id=make_account(desk))["invoice"]
    given: dict[str, Any] = {"id": invoice, "expected_version": None}
    free = make_product(desk, list_price=Decimal(0))
    line = desk.do("add_invoice_line", **given, product_id=free, quantity=Decimal(1))["line"]
    refusal = desk.refused("issue_invoice", id=invoice)
    assert told(refusal) == ("PRICING_ERROR", ("input", "id"))
    assert refusal.message == (
        "There is no price in EUR on line 1: updateInvoiceLine types one, 0 for what is given away, "
        "after unlockInvoicePricing where prices are locked."
    )
    assert "issueInvoice" not in desk.allowed(invoice)
    desk.do("update_invoice_line", **given, line_id=line, price_per_unit=Decimal(0))
    desk.do("issue_invoice", id=invoice)
    assert desk.row(invoice).number == "I-2026-00001"
