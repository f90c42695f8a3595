"""What does the history of a record tell, and in which order?"""

from decimal import Decimal

from models.event import Event, EventKind
from models.quote import QuoteLine
from tests.desk import Desk
from tests.factories import (
    Item,
    make_confirmed_lead,
    make_draft,
    make_invoice,
    make_lead,
    make_quote,
    make_sibling,
    opportunity_of,
)


def test_accepting_tells_of_every_record_it_touched(desk: Desk) -> None:
    """Quote, order, sibling and opportunity have one event each, caused by the acceptance."""
    quote = make_quote(desk)
    sibling = make_sibling(desk, quote)
    done = desk.do("accept_quote", id=quote, note="By phone.")
    root, *others = done.events
    assert [(each.type, each.command, each.subject_type) for each in done.events] == [
        ("quote.accepted", "acceptQuote", "quote"),
        ("order.created", "acceptQuote", "order"),
        ("quote.closed", "closeQuote", "quote"),
        ("opportunity.won", "winOpportunity", "opportunity"),
    ]
    assert {each.caused_by_id for each in others} == {root.id}
    assert (root.from_status, root.to_status, root.reason, root.note) == ("ACTIVE", "WON", "WON", "By phone.")
    assert [each.kind for each in done.events] == [
        EventKind.STATUS_CHANGED, EventKind.CREATED, EventKind.STATUS_CHANGED, EventKind.STATUS_CHANGED,
    ]  # fmt: skip
    assert desk.events_of(sibling)[-1].note == f"{desk.row(quote).number} was accepted."
    assert desk.events_of(opportunity_of(desk, quote))[-1].subject_version == 6


def test_an_edit_tells_what_changed(desk: Desk) -> None:
    """The event of an edit names each field with its value before and after; parts by their ids."""
    quote = make_draft(desk)
    line = desk.all(QuoteLine, quote_id=quote)[0].public_id
    done = desk.do("update_quote_line", id=quote, expected_version=1, line_id=line, quantity=Decimal(3))
    (event,) = done.events
    assert (event.kind, event.from_status, event.to_status) == (EventKind.EDITED, "DRAFT", "DRAFT")
    assert {each["field"]: (each["before"], each["after"]) for each in event.changes} == {
        f"{line}.quantity": ("2", "3"),
        f"{line}.baseAmount": ("200", "300"),
        f"{line}.taxAmount": ("38", "57"),
        f"{line}.extendedAmount": ("238", "357"),
        "lineTotal": ("200", "300"),
        "taxTotal": ("38", "57"),
        "total": ("238", "357"),
    }


def test_a_new_record_tells_its_first_values(desk: Desk) -> None:
    """The event of a creation holds what was filled in, and nothing for what was not."""
    lead = make_lead(desk, phone=None, company_name=None)
    (event,) = desk.events_of(lead)
    changes = {each["field"]: (each["before"], each["after"]) for each in event.changes}
    assert changes["lastName"] == (None, "Novak")
    assert changes["source"] == (None, "OTHER")
    assert "phone" not in changes
    assert (event.kind, event.type, event.summary) == (
        EventKind.CREATED, "lead.created", "Lead Novak: created",
    )  # fmt: skip


def test_a_chain_tells_one_story_in_order(desk: Desk) -> None:
    """From lead to payment all events share one chain and are in the order in which things happened."""
    lead = make_confirmed_lead(desk)
    opportunity = desk.later(hours=1).do("qualify_lead", id=lead)["opportunity"]
    desk.later(hours=2).do("add_opportunity_line", id=opportunity, expected_version=1, **Item().given)
    quote = desk.later(hours=3).do("generate_quote_from_opportunity", id=opportunity)["quote"]
    desk.later(hours=4).do("activate_quote", id=quote)
    order = desk.later(hours=5).do("accept_quote", id=quote)["order"]
    desk.later(hours=6).do("fulfill_order", id=order)
    invoice = desk.later(hours=7).do("invoice_order", id=order)["invoice"]
    desk.later(hours=8).do("issue_invoice", id=invoice)
    desk.later(hours=9).do("record_payment", id=invoice, amount=Decimal(238))
    chain = desk.row(lead).chain_id
    story = desk.all(Event, chain_id=chain)
    assert [each.type for each in story] == [
        "lead.created", "lead.qualification_recorded", "lead.qualified", "opportunity.created",
        "opportunity.line_added", "opportunity.quoted", "quote.created", "quote.activated",
        "opportunity.stage_moved", "quote.accepted", "order.created", "opportunity.won", "order.fulfilled",
        "order.invoiced", "invoice.created", "invoice.issued", "invoice.payment_recorded",
    ]  # fmt: skip
    assert [each.created_at for each in story] == sorted(each.created_at for each in story)
    account = desk.row(lead).account_id
    assert {each.account_id for each in story[2:]} == {account}


def test_an_invoice_is_told_with_its_number(desk: Desk) -> None:
    """The summary of an event names the record as people do."""
    invoice = make_invoice(desk)
    assert desk.events_of(invoice)[-1].summary == "Invoice I-2026-00001: issued"
