"""Do commands take a company's own reasons, and refuse those that do not fit a state with those that do?"""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from models.access import Role
from models.activity import CloseActivity
from models.errors import Refusal, UnfitReason
from models.status import StatusReason
from models.status_reason import ReasonPlace
from tests.desk import Desk, blocked, told
from tests.factories import (
    make_draft,
    make_invoice,
    make_lead,
    make_opportunity,
    make_order,
    make_quote,
    opportunity_of,
)
from tests.process import make_reason


@pytest.fixture
def admin(desk: Desk) -> Desk:
    """Return the desk of an admin."""
    return desk.acting(Role.ADMIN)


def _id(desk: Desk, key: str) -> str:
    """Return the public id of the reason with a key."""
    (row,) = desk.all(StatusReason, key=key)
    return row.public_id


def _allowed(desk: Desk, refusal: Refusal) -> list[str]:
    """Return the codes of the reasons that a refusal lists."""
    assert isinstance(refusal, UnfitReason)
    by_id = {each.id: each.code for each in desk.all(StatusReason)}
    assert {noun for noun, _ in refusal.allowed} == {"status_reason"}
    return [by_id[key] for _, key in refusal.allowed]


def test_a_command_takes_a_reason_of_the_company(admin: Desk) -> None:
    """Each keeps its code, its event tells it, and what the process makes of the state is the same."""
    for place in ReasonPlace:
        make_reason(admin, place, f"OWN_{place}")
    lead, gone = make_lead(admin), make_lead(admin, email="second@birch.example", phone=None)
    admin.do("nurture_lead", id=lead, reason="OWN_LEAD_NURTURING")
    admin.do("disqualify_lead", id=gone, reason="OWN_LEAD_DISQUALIFIED")
    assert admin.row(lead).state == "OPEN.NURTURING.OWN_LEAD_NURTURING"
    assert admin.row(gone).state == "DISQUALIFIED.OWN_LEAD_DISQUALIFIED"
    assert admin.events_of(gone)[-1].reason == "OWN_LEAD_DISQUALIFIED"
    won, lost = make_opportunity(admin), make_opportunity(admin)
    admin.do("win_opportunity", id=won, reason="OWN_OPPORTUNITY_WON")
    admin.do("lose_opportunity", id=lost, reason="OWN_OPPORTUNITY_LOST")
    assert [admin.row(each).state for each in (won, lost)] == [
        "WON.WON.OWN_OPPORTUNITY_WON", "LOST.OWN_OPPORTUNITY_LOST",
    ]  # fmt: skip
    order, invoice = make_order(admin), make_invoice(admin)
    admin.do("cancel_order", id=order, reason="OWN_ORDER_CANCELED")
    assert admin.row(order).reason == "OWN_ORDER_CANCELED"
    note = admin.do("create_credit_note", id=invoice, reason="OWN_CREDIT_NOTE_ISSUED", amount=Decimal(1))[
        "credit_note"
    ]
    assert admin.row(note).state == "ISSUED.OWN_CREDIT_NOTE_ISSUED"


def test_a_kind_of_on_hold_is_on_hold(admin: Desk) -> None:
    """It is resumed by the command, and by the clock on its day; it is not held twice."""
    make_reason(admin, "OPPORTUNITY_ON_HOLD", "NO_BUDGET")
    opportunity = make_opportunity(admin)
    admin.do("hold_opportunity", id=opportunity, reason="NO_BUDGET")
    assert admin.row(opportunity).state == "OPEN.ON_HOLD.NO_BUDGET"
    refusal = blocked(admin.refused("hold_opportunity", id=opportunity))
    assert (refusal.code, refusal.status) == ("ILLEGAL_TRANSITION", "OPEN")
    assert "resumeOpportunity" in refusal.allowed
    assert "holdOpportunity" not in refusal.allowed
    admin.later(hours=1).do("resume_opportunity", id=opportunity)
    row = admin.row(opportunity)
    assert (row.state, row.on_hold_seconds) == ("OPEN.IN_PROGRESS", 3600)
    until = (admin.now + timedelta(days=2)).date()
    admin.do("hold_opportunity", id=opportunity, reason="NO_BUDGET", until=until)
    (tick,) = admin.later(days=2).tick()
    assert (tick.command, admin.row(opportunity).state) == ("resumeOpportunity", "OPEN.IN_PROGRESS")


def test_a_refusal_while_held_for_a_kind_lists_what_the_state_offers(admin: Desk) -> None:
    """The guard that refuses inside the body knows the whole state, too."""
    make_reason(admin, "OPPORTUNITY_ON_HOLD", "NO_BUDGET")
    opportunity = make_opportunity(admin)
    admin.do("hold_opportunity", id=opportunity, reason="NO_BUDGET")
    refusal = blocked(admin.refused("move_opportunity_stage", id=opportunity, stage="CLOSE"))
    assert refusal.code == "STAGE_INCOMPLETE"
    assert "resumeOpportunity" in refusal.allowed


def test_quotes_are_closed_for_kinds_of_lost_and_canceled(admin: Desk) -> None:
    """A draft cannot be lost in any words; the opportunity is lost as the kind says."""
    make_reason(admin, "QUOTE_LOST", "TOO_DEAR")
    make_reason(admin, "QUOTE_CANCELED", "TYPO")
    draft = make_draft(admin)
    refusal = admin.refused("close_quote", id=draft, reason="TOO_DEAR")
    assert (*told(refusal), refusal.message) == (
        "REASON_REQUIRED", ("input", "reason"),
        "'TOO_DEAR' is not a reason for quote CLOSED; there are CANCELED, TYPO.",
    )  # fmt: skip
    assert _allowed(admin, refusal) == ["CANCELED", "TYPO"]
    admin.do("close_quote", id=draft, reason="TYPO", close_opportunity=True)
    assert admin.row(draft).state == "CLOSED.CANCELED.TYPO"
    assert admin.row(opportunity_of(admin, draft)).state == "LOST.CANCELED"
    quote = make_quote(admin)
    admin.do("close_quote", id=quote, reason="TOO_DEAR", close_opportunity=True)
    assert admin.row(opportunity_of(admin, quote)).state == "LOST.OUT_SOLD"
    assert [each.reason for each in admin.all(CloseActivity, quote_id=quote)] == ["TOO_DEAR"]
    # Lost by whatever name: it is revised as any lost quote is once the opportunity is open again.
    admin.do("reopen_opportunity", id=opportunity_of(admin, quote), reason="They called.")
    assert admin.do("revise_quote", id=quote)["revision"]
    assert admin.row(quote).state == "CLOSED.LOST.TOO_DEAR"


@pytest.mark.parametrize(
    ("command", "make", "given", "wrong", "allowed"),
    [
        ("disqualify_lead", make_lead, {}, "OUT_SOLD",
         ["LOST", "CANNOT_CONTACT", "NO_LONGER_INTERESTED", "CANCELED", "DUPLICATE"]),
        ("nurture_lead", make_lead, {}, "NEW", ["NURTURING"]),
        ("hold_opportunity", make_opportunity, {}, "IN_PROGRESS", ["ON_HOLD"]),
        ("win_opportunity", make_opportunity, {}, "OUT_SOLD", ["WON"]),
        ("lose_opportunity", make_opportunity, {}, "NO_MONEY", ["CANCELED", "OUT_SOLD"]),
        ("close_quote", make_quote, {}, "EXPIRED", ["LOST", "CANCELED"]),
        ("cancel_order", make_order, {}, "ACCEPTANCE_REVERTED",
         ["NO_MONEY", "CUSTOMER_REQUEST", "OUT_OF_STOCK"]),
        ("create_credit_note", make_invoice, {"amount": Decimal(1)}, "LOST",
         ["PRICE_REDUCTION", "GOODS_RETURNED", "CORRECTION", "GOODWILL"]),
    ],
)  # fmt: skip
def test_a_reason_of_another_state_is_refused_with_those_that_fit(
    desk: Desk, command: str, make: Any, given: dict[str, Any], wrong: str, allowed: list[str]
) -> None:
    """So is one that the process alone gives: the list holds those that people choose, in their order."""
    record = make(desk)
    refusal = desk.refused(command, id=record, reason=wrong, **given)
    assert (told(refusal), _allowed(desk, refusal)) == (("REASON_REQUIRED", ("input", "reason")), allowed)


def test_what_the_process_goes_on_with_needs_no_default(admin: Desk) -> None:
    """A deal is won by an acceptance, and held, for a default of the company, or for the process's reason."""
    own = make_reason(admin, "OPPORTUNITY_WON", "BEST_PRICE")
    admin.do("update_status_reason", id=own, is_default=True)
    opportunity = make_opportunity(admin)
    admin.do("win_opportunity", id=opportunity)
    assert admin.row(opportunity).state == "WON.WON.BEST_PRICE"
    quote = make_quote(admin)
    admin.do("accept_quote", id=quote)
    assert admin.row(opportunity_of(admin, quote)).state == "WON.WON.BEST_PRICE"
    for key in ("opportunity.OPEN.ON_HOLD", "lead.OPEN.NURTURING"):
        admin.do("update_status_reason", id=_id(admin, key), is_default=False)
    admin.do("update_status_reason", id=own, is_default=False)
    held = make_opportunity(admin)
    admin.do("hold_opportunity", id=held)
    assert admin.row(held).state == "OPEN.ON_HOLD"
    admin.do("win_opportunity", id=held)
    assert admin.row(held).state == "WON.WON"
