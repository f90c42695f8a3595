"""Is a qualification taken back as if it had not been, and may the lead be qualified again?"""

from decimal import Decimal
from typing import Any

import pytest

from models.account import Account, Contact
from models.activity import CloseActivity
from models.errors import Refusal
from models.event import Event
from models.lead import Lead
from models.opportunity import Opportunity
from tests.desk import Desk, at_once, blocked, told
from tests.factories import Item, make_account, make_activity, make_confirmed_lead


def test_undoing_puts_aside_what_qualifying_made(desk: Desk) -> None:
    """The lead is open again; the opportunity is canceled and kept, account and contact are inactive."""
    lead = make_confirmed_lead(desk)
    made = desk.do("qualify_lead", id=lead)
    done = desk.do("undo_qualify_lead", id=lead, note="Wrong company.")
    names = ("account", "contact", "opportunity")
    assert [done[name] for name in names] == [made[name] for name in names]
    row, opportunity = desk.read(Lead, lead), desk.read(Opportunity, made["opportunity"])
    assert (row.state, row.account_id, row.contact_id, row.qualified_at) == (
        "OPEN.CONTACTED", None, None, None,
    )  # fmt: skip
    assert (opportunity.state, opportunity.lead_id) == ("LOST.CANCELED", row.id)
    assert (desk.row(made["account"]).status, desk.row(made["contact"]).status) == ("INACTIVE", "INACTIVE")
    cause = desk.events_of(lead)[-1]
    assert (cause.type, cause.note) == ("lead.qualification_undone", "Wrong company.")
    told = {each.type: each for each in desk.all(Event) if each.caused_by_id == cause.id}
    assert set(told) == {"opportunity.lost", "contact.deactivated", "account.deactivated"}
    assert told["opportunity.lost"].note == "Wrong company."


def test_what_was_linked_stays_active(desk: Desk) -> None:
    """An account that was there before is no one's to put aside; neither is a contact."""
    account = make_account(desk)
    contact = desk.do("create_contact", last_name="Lark", account_id=account)["contact"]
    lead = make_confirmed_lead(desk)
    linked = {"account": "LINK", "account_id": account, "contact": "LINK", "contact_id": contact}
    desk.do("qualify_lead", id=lead, **linked)
    done = desk.do("undo_qualify_lead", id=lead)
    assert (done["account"], done["contact"]) == (None, None)
    assert (desk.row(account).status, desk.row(contact).status) == ("ACTIVE", "ACTIVE")


def test_what_something_else_refers_to_stays_active(desk: Desk) -> None:
    """A second opportunity of the account, and of the contact, keeps both."""
    lead = make_confirmed_lead(desk)
    made = desk.do("qualify_lead", id=lead)
    given = {"account_id": made["account"], "contact_id": made["contact"]}
    desk.do("create_opportunity", name="Hoses", **given)
    done = desk.do("undo_qualify_lead", id=lead)
    assert (done["account"], done["contact"], done["opportunity"]) == (None, None, made["opportunity"])
    again = desk.do("qualify_lead", id=lead)
    assert [again[name] for name in ("account", "contact", "opportunity")] == [
        made[name] for name in ("account", "contact", "opportunity")
    ]


def test_without_an_opportunity_there_is_none_to_cancel(desk: Desk) -> None:
    """Any subset that was made is put aside."""
    lead = make_confirmed_lead(desk)
    desk.do("qualify_lead", id=lead, opportunity="NONE", contact="NONE")
    done = desk.do("undo_qualify_lead", id=lead)
    assert (done["opportunity"], done["contact"]) == (None, None)
    assert desk.row(done["account"]).status == "INACTIVE"


_REASON = (
    "What came of this lead is in use: {}. Only what nobody has worked on is taken back: loseOpportunity "
    "closes the deal instead."
)


def _move(desk: Desk, opportunity: str) -> None:
    desk.do("move_opportunity_stage", id=opportunity, stage="DEVELOP")


def _win(desk: Desk, opportunity: str) -> None:
    desk.do("win_opportunity", id=opportunity)


def _offer(desk: Desk, opportunity: str) -> None:
    desk.do("add_opportunity_line", id=opportunity, expected_version=None, **Item().given)
    desk.do("generate_quote_from_opportunity", id=opportunity)


@pytest.mark.parametrize(
    ("work", "words"),
    [
        (_move, "an opportunity that is past its first stage"),
        (_win, "an opportunity that is WON"),
        (_offer, "quote Q-2026-00001"),
    ],
)
def test_what_somebody_worked_on_is_not_taken_back(desk: Desk, work: Any, words: str) -> None:
    """A later stage, a won deal, a quote: the refusal says which."""
    lead = make_confirmed_lead(desk)
    work(desk, desk.do("qualify_lead", id=lead)["opportunity"])
    refusal = desk.refused("undo_qualify_lead", id=lead)
    assert (refusal.code, refusal.message) == ("HAS_DOWNSTREAM", _REASON.format(words))
    (offer,) = [each for each in desk.offers_of(lead) if each.name == "undoQualifyLead"]
    assert [each.message for each in offer.blockers] == [refusal.message]


def test_qualifying_again_goes_on_with_the_same_records(desk: Desk) -> None:
    """The opportunity is reopened, its close superseded; account and contact are as the lead says now."""
    lead = make_confirmed_lead(desk)
    made = desk.do("qualify_lead", id=lead)
    desk.do("undo_qualify_lead", id=lead)
    desk.do("update_lead", id=lead, company_name="Birch Brewery", topic="Hoses", phone="+49 40 999 000")
    again = desk.do("qualify_lead", id=lead)
    for name in ("account", "contact", "opportunity"):
        assert again[name] == made[name]
    account, contact = desk.read(Account, made["account"]), desk.read(Contact, made["contact"])
    opportunity = desk.read(Opportunity, made["opportunity"])
    assert (account.status, account.name, account.match_name) == ("ACTIVE", "Birch Brewery", "birch brewery")
    assert (contact.status, contact.match_phone, contact.account_id) == ("ACTIVE", "4940999000", account.id)
    assert (opportunity.state, opportunity.name, opportunity.account_id) == (
        "OPEN.IN_PROGRESS", "Hoses", account.id,
    )  # fmt: skip
    (close,) = desk.all(CloseActivity)
    assert (close.reason, close.superseded_at) == ("CANCELED", desk.now)
    assert [len(desk.all(table)) for table in (Account, Contact, Opportunity)] == [1, 1, 1]


def test_qualifying_again_takes_the_currency_and_the_value_of_the_lead(desk: Desk) -> None:
    """Without lines the opportunity is in the lead's currency since; with lines in another it is refused."""
    lead = make_confirmed_lead(desk)
    opportunity = desk.do("qualify_lead", id=lead)["opportunity"]
    desk.do("undo_qualify_lead", id=lead)
    desk.do("update_lead", id=lead, currency_code="USD", budget=Decimal(500), estimated_value=Decimal(400))
    assert desk.do("qualify_lead", id=lead)["opportunity"] == opportunity
    row = desk.read(Opportunity, opportunity)
    assert (row.currency_code, row.budget, row.estimated_revenue, row.revenue_mode) == (
        "USD", Decimal(500), Decimal(400), "USER_PROVIDED",
    )  # fmt: skip
    desk.do("add_opportunity_line", id=opportunity, expected_version=None, **Item().given)
    desk.do("undo_qualify_lead", id=lead)
    desk.do("update_lead", id=lead, currency_code="EUR")
    refusal = blocked(desk.refused("qualify_lead", id=lead))
    assert told(refusal) == ("CURRENCY_MISMATCH", ("input", "opportunity"))
    assert refusal.message == (
        "The opportunity of this lead has lines in USD, the lead is in EUR: updateLead sets its currencyCode "
        "back, or pass opportunity NONE."
    )


def test_twenty_that_qualify_again_at_once_make_nothing_twice(crowd: Desk) -> None:
    """After an undone qualification, too, one of them does it."""
    lead = make_confirmed_lead(crowd)
    made = crowd.do("qualify_lead", id=lead)
    crowd.do("undo_qualify_lead", id=lead)
    answers = at_once(20, lambda _: crowd.do("qualify_lead", id=lead))
    assert [each.already_done for each in answers].count(False) == 1
    assert {each["opportunity"] for each in answers} == {made["opportunity"]}
    assert [len(crowd.all(table)) for table in (Account, Contact, Opportunity)] == [1, 1, 1]
    assert crowd.row(made["opportunity"]).status == "OPEN"


def test_twenty_that_undo_at_once_undo_once(crowd: Desk) -> None:
    """One takes it back; the others are told that the lead is open."""
    lead = make_confirmed_lead(crowd)
    crowd.do("qualify_lead", id=lead)

    def undo(_: int) -> str:
        try:
            crowd.do("undo_qualify_lead", id=lead)
        except Refusal as refusal:
            return refusal.code
        return "done"

    assert sorted(at_once(20, undo)) == ["ILLEGAL_TRANSITION"] * 19 + ["done"]
    assert len(crowd.all(CloseActivity)) == 1


def test_notes_and_activities_go_along_to_another_account(desk: Desk) -> None:
    """Qualified again with another customer, the lead takes along what was said and planned."""
    lead = make_confirmed_lead(desk)
    note = desk.do("comment_lead", id=lead, text="Met at the fair.")["note"]
    activity = make_activity(desk, lead)
    desk.do("qualify_lead", id=lead)
    desk.do("undo_qualify_lead", id=lead)
    account = make_account(desk)
    desk.do("qualify_lead", id=lead, account="LINK", account_id=account)
    assert desk.row(note).account_id == desk.row(activity).account_id == desk.row(account).id
