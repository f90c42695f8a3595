"""Do two leads become one without anything being lost, and is one that nobody needs deleted?"""

from decimal import Decimal

from models.activity import Activity
from models.annotation import Note, Tag
from models.errors import Refusal
from models.lead import Lead, LeadEvidence
from models.record import parse_id
from tests.desk import Desk, at_once, blocked, told
from tests.factories import make_activity, make_confirmed_lead, make_lead


def _other(desk: Desk, **given: object) -> str:
    """Return an open lead that lacks most."""
    values = {
        "first_name": None,
        "company_name": None,
        "phone": None,
        "need": None,
        "email": "j@amber.example",
    }
    return make_lead(desk, **values | given)


def test_the_lead_that_stays_gets_what_it_lacks(desk: Desk) -> None:
    """Empty fields are filled, filled ones stay, and what duplicates are found by follows."""
    lead = make_confirmed_lead(desk, budget=Decimal(900), job_title="Head")
    into = _other(desk, last_name="Nowak")
    done = desk.do("merge_leads", id=lead, into_id=into, note="One card, one form.")
    row = desk.read(Lead, into)
    assert done["into"] == into
    assert (row.last_name, row.email) == ("Nowak", "j@amber.example")
    assert (row.first_name, row.company_name, row.phone, row.job_title, row.need, row.budget) == (
        "Jana", "Amber Dairy GmbH", "+49 40 555 001", "Head", "More pressure.", Decimal(900),
    )  # fmt: skip
    assert (row.match_name, row.match_phone) == ("amber dairy", "4940555001")
    assert (row.is_interest_confirmed, row.is_purchasing_power_confirmed, row.state) == (
        True, True, "OPEN.NEW",
    )  # fmt: skip


def test_amounts_of_another_currency_are_left(desk: Desk) -> None:
    """900 yen are no 900 euros."""
    into = _other(desk)
    desk.do("merge_leads", id=make_lead(desk, budget=Decimal(900), currency_code="JPY"), into_id=into)
    assert (desk.read(Lead, into).budget, desk.read(Lead, into).currency_code) == (None, "EUR")


def test_the_duplicate_is_closed_and_says_where_it_went(desk: Desk) -> None:
    """Both stories tell of it."""
    lead, into = make_lead(desk), _other(desk)
    desk.do("merge_leads", id=lead, into_id=into, note="One card, one form.")
    row = desk.read(Lead, lead)
    assert (row.state, row.merged_into_id) == ("DISQUALIFIED.DUPLICATE", parse_id(into)[1])
    own, other = desk.events_of(lead)[-1], desk.events_of(into)[-1]
    assert (own.type, own.to_status, own.reason, own.note) == (
        "lead.merged", "DISQUALIFIED", "DUPLICATE", "One card, one form.",
    )  # fmt: skip
    assert (other.type, other.note, other.caused_by_id) == (
        "lead.duplicate_absorbed", "One card, one form.", own.id,
    )  # fmt: skip


def test_evidence_notes_and_activities_go_over(desk: Desk) -> None:
    """They are of the chain of the lead that stays; open ones stay open."""
    lead, into = make_confirmed_lead(desk), _other(desk)
    desk.do("comment_lead", id=lead, text="Met at the fair.")
    activity = make_activity(desk, lead)
    desk.do("merge_leads", id=lead, into_id=into)
    row = desk.read(Lead, into)
    assert len(desk.all(LeadEvidence, lead_id=into)) == 2
    assert desk.all(LeadEvidence, lead_id=lead) == []
    (note,) = desk.all(Note, regarding_id=into)
    moved = desk.read(Activity, activity)
    assert (note.chain_id, note.text) == (row.chain_id, "Met at the fair.")
    assert (moved.regarding_id, moved.chain_id, moved.status) == (row.id, row.chain_id, "OPEN")
    assert desk.events_of(activity)[-1].type == "activity.moved"


def test_what_cannot_be_merged_is_refused(desk: Desk) -> None:
    """Into itself, into a closed one, and one that was merged already."""
    lead, into, closed = make_lead(desk), _other(desk), make_lead(desk)
    desk.do("disqualify_lead", id=closed, reason="LOST")
    refusal = desk.refused("merge_leads", id=lead, into_id=lead)
    assert (*told(refusal), refusal.message) == (
        "MERGE_INTO_ITSELF",
        ("input", "intoId"),
        "A lead cannot be merged into itself: pass the other one as intoId.",
    )
    refusal = blocked(desk.refused("merge_leads", id=lead, into_id=closed))
    assert (*told(refusal), refusal.message, refusal.status) == (
        "TARGET_NOT_OPEN",
        ("input", "intoId"),
        "The lead of intoId is DISQUALIFIED; only an OPEN one can take in another.",
        "OPEN",
    )
    desk.do("merge_leads", id=closed, into_id=lead)
    refusal = desk.refused("merge_leads", id=closed, into_id=into)
    assert (refusal.code, refusal.message) == (
        "ALREADY_MERGED",
        "This lead was merged into another one, see mergedInto: reactivateLead takes it up again first.",
    )


def test_a_merged_lead_may_stand_on_its_own_again(desk: Desk) -> None:
    """Reactivated, it is no duplicate any more."""
    lead, into = make_lead(desk), _other(desk)
    desk.do("merge_leads", id=lead, into_id=into)
    desk.do("reactivate_lead", id=lead)
    row = desk.read(Lead, lead)
    assert (row.state, row.merged_into_id) == ("OPEN.NEW", None)


def test_a_lead_with_an_open_opportunity_is_not_merged(desk: Desk) -> None:
    """The deal would be left without its lead: it is closed first."""
    lead = make_confirmed_lead(desk)
    opportunity = desk.do("qualify_lead", id=lead)["opportunity"]
    desk.do("undo_qualify_lead", id=lead)
    desk.do("reopen_opportunity", id=opportunity, reason="They called.")
    refusal = desk.refused("merge_leads", id=lead, into_id=_other(desk))
    assert (refusal.code, refusal.message) == (
        "HAS_OPPORTUNITY",
        "An open opportunity came from this lead: loseOpportunity closes it first.",
    )


def test_merging_twice_at_once_is_merging_once(crowd: Desk) -> None:
    """Ten merge one lead into another: one does, the others are told that it is done."""
    lead, into = make_lead(crowd), _other(crowd)
    answers = at_once(10, lambda _: crowd.do("merge_leads", id=lead, into_id=into))
    assert [each.already_done for each in answers].count(False) == 1
    assert {each["into"] for each in answers} == {into}
    assert (crowd.row(lead).version, crowd.row(into).version) == (2, 2)


def test_two_leads_that_are_merged_into_each_other_leave_one(crowd: Desk) -> None:
    """Opposite directions at once do not deadlock: one lead stays open, whoever was first."""
    pairs = [(make_lead(crowd), _other(crowd)) for _ in range(4)]

    def merge(number: int) -> str | None:
        pair = pairs[number // 2]
        lead, into = pair if number % 2 else pair[::-1]
        try:
            crowd.do("merge_leads", id=lead, into_id=into)
        except Refusal as refusal:
            return refusal.code
        return None

    outcomes = at_once(8, merge)
    assert sorted(map(str, outcomes)) == ["None"] * 4 + ["TARGET_NOT_OPEN"] * 4
    for pair in pairs:
        assert sorted(crowd.row(key).status for key in pair) == ["DISQUALIFIED", "OPEN"]


def test_a_lead_that_nobody_worked_on_is_deleted(desk: Desk) -> None:
    """It is gone with its evidence and tags; its event tells what it was, and by whom."""
    lead = make_confirmed_lead(desk)
    desk.do("tag_lead", id=lead, add=["test"], metadata=[{"key": "a", "value": "1"}])
    done = desk.do("delete_lead", id=lead, note="A test.")
    assert (done["lead"], done["deleted_id"]) == (None, lead)
    assert (desk.all(Lead), desk.all(LeadEvidence), desk.all(Tag)) == ([], [], [])
    event = desk.events_of(lead)[-1]
    assert (event.type, event.note, event.actor_id) == ("lead.deleted", "A test.", desk.viewer.id)
    assert (event.kind, event.from_status, event.to_status) == ("DELETED", "OPEN", None)
    assert {"field": "email", "before": "jana@amber.example", "after": None} in event.changes


def test_a_lead_with_a_story_is_not_deleted(desk: Desk) -> None:
    """One with a note, an activity or a merged lead, and one that was contacted, is disqualified instead."""
    noted, planned, into = (make_lead(desk) for _ in range(3))
    desk.do("comment_lead", id=noted, text="Rude.")
    make_activity(desk, planned)
    desk.do("merge_leads", id=make_lead(desk), into_id=into)
    for lead in (noted, planned, into):
        refusal = desk.refused("delete_lead", id=lead)
        assert refusal.code == "HAS_DOWNSTREAM"
        assert refusal.message == (
            "An opportunity, a merged lead, a note or an activity hangs on this lead: disqualifyLead closes "
            "it, and keeps them."
        )
    contacted = make_lead(desk)
    desk.do("mark_lead_contacted", id=contacted)
    assert desk.refused("delete_lead", id=contacted).code == "ILLEGAL_TRANSITION"
