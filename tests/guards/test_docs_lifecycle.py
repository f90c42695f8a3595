"""Do records move as their diagrams say?"""

from decimal import Decimal
from typing import Any

from sqlmodel import col, select

from graphql_api.diagrams import _BEGINNINGS, _DERIVED, Edge, edges
from models.event import Event, EventKind
from models.invoice import InvoiceLine
from models.lifecycle import REGISTRY
from models.order import OrderLine
from models.record import records
from models.status import Staged
from tests.desk import Desk
from tests.factories import (
    ADDRESS,
    STATES,
    Item,
    make_account,
    make_account_invoices,
    make_activity,
    make_confirmed_lead,
    make_invoice,
    make_invoice_draft,
    make_lead,
    make_order,
    make_part_fulfilled_order,
    make_plain_invoice,
)
from tests.process import make_reason

DRAWN = {
    edge
    for table in records().values()
    if issubclass(table, Staged) and table.noun() in {each.noun for each in _BEGINNINGS}
    for edge in edges(table)
}


NOUNS = {edge.noun for edge in DRAWN}


def moves(desk: Desk) -> set[Edge]:
    """Return the moves from state to state that the events tell of, for the records that have a diagram."""
    wanted = col(Event.kind).in_((EventKind.CREATED, EventKind.STATUS_CHANGED))
    with desk.database.reading() as session:
        told = {
            Edge(each.subject_type, each.from_status or "", each.command, each.to_status or "")
            for each in session.exec(select(Event).where(wanted)).all()
        }
    return {each for each in told if each.noun in NOUNS and each.source != each.target}


def play(desk: Desk) -> None:
    """Run commands until every arrow was gone along."""
    for make in STATES.values():
        make(desk)
    make_reason(desk, "LEAD_DISQUALIFIED", "SPAM")
    desk.do("capture_lead", source="EMAIL", last_name="Novak", email="jana@amber.example")
    desk.do("create_quote", name="Spare parts", account_id=make_account(desk))
    lead = make_lead(desk, email="other@amber.example")
    make_activity(desk, lead)
    desk.do("disqualify_lead", id=lead, reason="LOST")
    desk.do("reactivate_lead", id=lead)
    desk.do("nurture_lead", id=lead, follow_up_at=desk.now)
    lead = make_confirmed_lead(desk, company_name="Elm", email="e@elm.example", phone=None)
    for name in ("qualify_lead", "undo_qualify_lead", "qualify_lead"):
        desk.do(name, id=lead)
    desk.do("discard_invoice", id=make_invoice_draft(desk))
    desk.do("cancel_invoice", id=make_invoice(desk), reason="Typing error.")
    desk.do("issue_invoice", id=make_invoice_draft(desk, [Item(price="0")]))
    _play_credit(desk)
    _play_credit_notes(desk)
    _play_drafts(desk)
    for is_submitted in (False, True):
        order = make_order(desk)
        if is_submitted:
            desk.do("submit_order", id=order, bill_to=ADDRESS)
        desk.do("invoice_order", id=order, policy="ORDERED")
        desk.do("fulfill_order", id=order)
    for is_submitted in (False, True):
        order = make_part_fulfilled_order(desk)
        if is_submitted:
            desk.do("submit_order", id=order, bill_to=ADDRESS)
        desk.do("invoice_order", id=order)
        desk.do("close_order_short", id=order, reason="Sold out.")
    _shrink(desk)
    for name in ("fulfill_order", "cancel_order"):
        order = make_order(desk)
        desk.do("submit_order", id=order, bill_to=ADDRESS)
        desk.do(name, id=order, **({"reason": "NO_MONEY"} if name == "cancel_order" else {}))


def _shrink(desk: Desk) -> None:
    """Take off what is open of orders whose deliveries are billed, or not."""
    desk.do("create_order", name="Pumps", account_id=make_account(desk))
    for command, given in (("update_order_line", {"quantity": Decimal(1)}), ("remove_order_line", {})):
        for is_billed in (False, True):
            order = make_order(desk, [Item("1"), Item("1")] if not given else [Item("2")])
            lines = [line.public_id for line in desk.all(OrderLine, order_id=order)]
            desk.do("fulfill_order", id=order, lines=[{"line_id": lines[0], "quantity": Decimal(1)}])
            if is_billed:
                desk.do("invoice_order", id=order)
            desk.do(command, id=order, expected_version=None, line_id=lines[-1], **given)


def _play_credit(desk: Desk) -> None:
    """Pay too much, set the credit off, take both back, and pay too much again."""
    first, second = make_account_invoices(desk, 2)
    too_much: dict[str, Any] = {"amount": Decimal(300), "excess": "CUSTOMER_CREDIT"}
    paid = desk.do("record_payment", id=first, **too_much)["payment"]
    applied = desk.do("apply_customer_credit", id=second)["payment"]
    desk.do("reverse_payment", id=second, payment_id=applied, reason="Wrong invoice.")
    desk.do("reverse_payment", id=first, payment_id=paid, reason="It bounced.")
    desk.do("record_payment", id=first, **too_much)


def _play_credit_notes(desk: Desk) -> None:
    """Credit what was paid, pay the credit out, and credit more."""
    invoice = make_invoice(desk)
    desk.do("mark_invoice_paid", id=invoice)
    credit = desk.do("create_credit_note", id=invoice, reason="GOODWILL", amount=Decimal(1))[
        "customer_credit"
    ]
    desk.do("refund_customer_credit", id=credit)
    desk.do("create_credit_note", id=invoice, reason="GOODWILL", amount=Decimal(1))
    half = make_invoice(desk)
    desk.do("record_payment", id=half, amount=Decimal(1))
    desk.do("create_credit_note", id=half, reason="GOODWILL", amount=Decimal(237))
    other = make_invoice(desk)
    desk.do("mark_invoice_paid", id=other)
    desk.do("create_credit_note", id=other, reason="GOODS_RETURNED", goods_returned=True)


def _play_drafts(desk: Desk) -> None:
    """Ask for a deposit, make an invoice without an order, and bill less of one, and all of it again."""
    desk.do("invoice_deposit", id=make_order(desk), percent=Decimal(10))
    make_plain_invoice(desk)
    invoice = make_invoice_draft(desk, [Item("2"), Item("1")])
    lines = [line.public_id for line in desk.all(InvoiceLine, invoice_id=invoice)]
    for quantity in (Decimal(1), Decimal(2)):
        desk.do("update_invoice_line", id=invoice, expected_version=None, line_id=lines[0], quantity=quantity)
    desk.do("remove_invoice_line", id=invoice, expected_version=None, line_id=lines[1])


def test_records_move_along_the_arrows_of_their_diagrams(desk: Desk) -> None:
    """No event tells of a move that is not drawn, and what is not declared but drawn has happened."""
    play(desk)
    told = moves(desk)
    assert told - DRAWN == set()
    assert {*_BEGINNINGS, *_DERIVED} - told == set()


def test_every_command_that_creates_has_its_beginning() -> None:
    """A record that a command makes begins somewhere in its diagram."""
    begun = {edge.command for edge in _BEGINNINGS}
    created = {each.command for each in REGISTRY.values() if each.creates and each.table.noun() in NOUNS}
    assert created - begun == set()
