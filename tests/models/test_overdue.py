"""Is it told once, by the clock, that an invoice was not paid in time?"""

from datetime import timedelta
from decimal import Decimal

from models.clock import run_due
from models.event import EventKind
from models.invoice import Invoice
from tests.desk import TODAY, Desk, at_once
from tests.factories import make_invoice, make_invoice_draft

COMMAND = "markInvoiceOverdue"


def _told(desk: Desk) -> list[tuple[str, str]]:
    return [(tick.command, tick.record.public_id) for tick in desk.tick() if tick.command == COMMAND]


def test_an_invoice_becomes_overdue_the_day_after_it_was_due(desk: Desk) -> None:
    """Through its due day nothing is told; then it is told once, and its state stays."""
    invoice = make_invoice(desk)
    due = desk.read(Invoice, invoice)
    assert due.due_on == TODAY + timedelta(days=30)
    assert _told(desk.later(days=30)) == []
    late = desk.later(days=31)
    assert _told(late) == [(COMMAND, invoice)]
    assert _told(late) == _told(desk.later(days=32)) == []
    row = desk.read(Invoice, invoice)
    assert (row.status, row.reason, row.became_overdue_at, row.balance) == (
        "ACTIVE", "BILLED", late.now, Decimal(238),
    )  # fmt: skip
    event = desk.events_of(invoice)[-1]
    assert (event.type, event.kind, event.command, event.actor_id, event.note) == (
        "invoice.became_overdue", EventKind.EDITED, COMMAND, None, "Due on 2026-04-01.",
    )  # fmt: skip


def test_only_what_is_owed_becomes_overdue(desk: Desk) -> None:
    """Neither a draft nor what is paid, canceled or credited; what is partly paid does."""
    make_invoice_draft(desk)
    paid, canceled, credited, partly = (make_invoice(desk) for _ in range(4))
    desk.do("mark_invoice_paid", id=paid)
    desk.do("cancel_invoice", id=canceled, reason="Typing error.")
    desk.do("create_credit_note", id=credited, reason="CORRECTION")
    desk.do("record_payment", id=partly, amount=Decimal(1))
    assert _told(desk.later(days=31)) == [(COMMAND, partly)]


def test_what_is_owed_again_is_not_told_again(desk: Desk) -> None:
    """A payment that is reversed does not make it overdue a second time."""
    invoice = make_invoice(desk)
    late = desk.later(days=31)
    assert len(_told(late)) == 1
    payment = late.do("mark_invoice_paid", id=invoice)["payment"]
    late.do("reverse_payment", id=invoice, payment_id=payment, reason="It bounced.")
    assert _told(desk.later(days=40)) == []


def test_several_clocks_tell_it_once(crowd: Desk) -> None:
    """Four processes look at once: each invoice has one event."""
    invoices = [make_invoice(crowd) for _ in range(5)]
    late = crowd.later(days=31)
    at_once(4, lambda _: list(run_due(crowd.database, late.moment)))
    for invoice in invoices:
        types = [event.type for event in crowd.events_of(invoice)]
        assert types.count("invoice.became_overdue") == 1
