"""Do records move as their diagrams say?"""

from sqlmodel import col, select

from graphql_api.diagrams import _BEGINNINGS, _DERIVED, Edge, edges
from models.event import Event, EventKind
from models.lifecycle import REGISTRY
from models.record import records
from models.status import Staged
from tests.desk import Desk
from tests.factories import (
    ADDRESS,
    STATES,
    Item,
    make_invoice,
    make_invoice_draft,
    make_lead,
    make_order,
)

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
    desk.do("capture_lead", source="EMAIL", last_name="Novak", email="jana@amber.example")
    lead = make_lead(desk, email="other@amber.example")
    desk.do("disqualify_lead", id=lead, reason="LOST")
    desk.do("reactivate_lead", id=lead)
    desk.do("discard_invoice", id=make_invoice_draft(desk))
    desk.do("cancel_invoice", id=make_invoice(desk), reason="Typing error.")
    desk.do("issue_invoice", id=make_invoice_draft(desk, [Item(price="0")]))
    for is_submitted in (False, True):
        order = make_order(desk)
        if is_submitted:
            desk.do("submit_order", id=order, bill_to=ADDRESS)
        desk.do("invoice_order", id=order, policy="ORDERED")
        desk.do("fulfill_order", id=order)
    for name in ("fulfill_order", "cancel_order"):
        order = make_order(desk)
        desk.do("submit_order", id=order, bill_to=ADDRESS)
        desk.do(name, id=order, **({"reason": "NO_MONEY"} if name == "cancel_order" else {}))


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
