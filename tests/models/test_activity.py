"""Is what people do about a record planned, done and given up, and does it travel with the chain?"""

from datetime import timedelta
from typing import Any

import pytest

from models.access import Role
from models.activity import Activity
from models.lead import Lead
from models.record import new_id, parse_id, public_id
from tests.desk import Desk, told
from tests.factories import make_account, make_activity, make_confirmed_lead, make_lead, make_order


def test_an_activity_is_of_its_records_chain(desk: Desk) -> None:
    """It has the record, the chain, the account, and an owner: whoever planned it unless another is given."""
    order = make_order(desk)
    due = desk.now + timedelta(days=1)
    key = make_activity(
        desk, order, kind="APPOINTMENT", subject="Handover", description="Bring keys.", due_at=due
    )
    row, record = desk.read(Activity, key), desk.row(order)
    assert (row.status, row.kind, row.subject, row.description, row.due_at) == (
        "OPEN", "APPOINTMENT", "Handover", "Bring keys.", due,
    )  # fmt: skip
    assert (row.regarding_type, row.regarding_id, row.chain_id) == ("order", record.id, record.chain_id)
    assert (row.account_id, row.owner_id) == (record.account_id, desk.viewer.id)
    (event,) = desk.events_of(key)
    assert (event.type, event.chain_id, event.account_id) == (
        "activity.created", record.chain_id, record.account_id,
    )  # fmt: skip
    assert desk.row(order).version == record.version


def test_an_activity_about_a_customer_has_a_chain_of_its_own(desk: Desk) -> None:
    """It is in the account's history and of no deal."""
    account = make_account(desk)
    contact = desk.do("create_contact", last_name="Lark", account_id=account)["contact"]
    rows = [desk.read(Activity, make_activity(desk, each)) for each in (account, contact)]
    assert {row.account_id for row in rows} == {parse_id(account)[1]}
    assert rows[0].chain_id != rows[1].chain_id


_OF_ANOTHER_KIND = (
    "This is the id of a product; a lead, account, contact, opportunity, quote, order or invoice is needed "
    "here."
)
_IMPOSSIBLE: list[tuple[dict[str, Any], str, tuple[str, ...], str]] = [
    ({"subject": " "}, "VALIDATION", ("subject",), "An activity needs a subject."),
    (
        {"regarding_id": public_id("order", new_id())},
        "NOT_FOUND",
        ("regardingId",),
        "There is no such order that you may see.",
    ),
    (
        {"regarding_id": public_id("product", new_id())},
        "WRONG_ID_TYPE",
        ("regardingId",),
        _OF_ANOTHER_KIND,
    ),
    (
        {"regarding_id": "17"},
        "MALFORMED_ID",
        ("regardingId",),
        "'17' is not an id; ids look like quote_01jz8k… and come from `id` fields.",
    ),
]


def test_an_activity_that_cannot_be_is_refused(desk: Desk) -> None:
    """Without a subject, or about nothing that it can be about."""
    lead = make_lead(desk)
    for given, code, path, message in _IMPOSSIBLE:
        refusal = desk.refused("create_activity", **{"regarding_id": lead, "subject": "Call"} | given)
        assert (*told(refusal), refusal.message) == (code, ("input", *path), message)
    support = public_id("user", desk.users[Role.SUPPORT].id)
    refusal = desk.refused("create_activity", regarding_id=lead, subject="Call", owner_id=support)
    assert told(refusal) == ("OWNER_NOT_ALLOWED", ("input", "ownerId"))


def test_an_open_activity_is_changed(desk: Desk) -> None:
    """It is put off and given to another user; what is left out stays."""
    activity = make_activity(desk, description="Soon.")
    due = desk.now + timedelta(days=7)
    admin = desk.users[Role.ADMIN]
    desk.do("update_activity", id=activity, due_at=due, owner_id=public_id("user", admin.id))
    row = desk.read(Activity, activity)
    assert (row.subject, row.description, row.due_at, row.owner_id) == ("Call back", "Soon.", due, admin.id)
    refusal = desk.refused("update_activity", id=activity, subject="")
    assert (*told(refusal), refusal.message) == (
        "VALIDATION", ("input", "subject"), "An activity needs a subject.",
    )  # fmt: skip


@pytest.mark.parametrize(("name", "state"), [("complete", "COMPLETED"), ("cancel", "CANCELED")])
def test_an_activity_ends_once(desk: Desk, name: str, state: str) -> None:
    """Done or given up, with a word of why; a repeat changes nothing."""
    activity = make_activity(desk)
    desk.do(f"{name}_activity", id=activity, note="They were out.")
    again = desk.do(f"{name}_activity", id=activity)
    row = desk.read(Activity, activity)
    assert (again.already_done, row.status, row.reason, row.version) == (True, state, state, 2)
    assert row.completed_at == (desk.now if state == "COMPLETED" else None)
    assert desk.events_of(activity)[-1].note == "They were out."


def test_talking_to_a_lead_is_an_activity(desk: Desk) -> None:
    """The lead is CONTACTED, what was said is a completed activity, and a repeat writes no second one."""
    lead = make_lead(desk)
    done = desk.do("mark_lead_contacted", id=lead, kind="EMAIL", note="Wants a visit.")
    again = desk.do("mark_lead_contacted", id=lead)
    (activity,) = desk.all(Activity, regarding_id=lead)
    assert (again.already_done, again["activity"], done["activity"]) == (True, None, activity.public_id)
    assert (activity.kind, activity.status, activity.completed_at, activity.description) == (
        "EMAIL", "COMPLETED", desk.now, "Wants a visit.",
    )  # fmt: skip
    assert desk.read(Lead, lead).state == "OPEN.CONTACTED"
    event = desk.events_of(lead)[-1]
    assert (event.type, event.reason, event.note) == ("lead.contacted", "CONTACTED", "Wants a visit.")


def test_a_lead_is_kept_warm(desk: Desk) -> None:
    """A task for its owner says when to come back to it; contacting takes it up again."""
    lead = make_lead(desk)
    due = desk.now + timedelta(days=90)
    desk.do("nurture_lead", id=lead, follow_up_at=due, note="Next budget.")
    (task,) = desk.all(Activity, regarding_id=lead)
    assert (task.kind, task.status, task.due_at, task.owner_id) == ("TASK", "OPEN", due, desk.viewer.id)
    assert desk.read(Lead, lead).state == "OPEN.NURTURING"
    desk.do("mark_lead_contacted", id=lead)
    assert desk.read(Lead, lead).state == "OPEN.CONTACTED"
    assert desk.do("nurture_lead", id=lead)["activity"] is None


def test_what_was_planned_for_a_lead_that_is_given_up_is_canceled(desk: Desk) -> None:
    """Open activities are canceled and say why; what was done stays done."""
    lead = make_lead(desk)
    desk.do("mark_lead_contacted", id=lead)
    planned = [make_activity(desk, lead), make_activity(desk, lead, kind="PHONE_CALL")]
    done = desk.do("disqualify_lead", id=lead, reason="LOST")
    assert done["canceled_activities"] == planned
    rows = desk.all(Activity, regarding_id=lead)
    assert [row.status for row in rows] == ["COMPLETED", "CANCELED", "CANCELED"]
    event = desk.events_of(planned[0])[-1]
    assert (event.type, event.command, event.note) == (
        "activity.canceled", "disqualifyLead", "The lead was disqualified.",
    )  # fmt: skip
    assert event.caused_by_id == desk.events_of(lead)[-1].id


def test_notes_and_activities_of_a_lead_are_its_opportunitys(desk: Desk) -> None:
    """They share its chain, and belong to the account from the qualification on."""
    lead = make_confirmed_lead(desk)
    activity = make_activity(desk, lead)
    opportunity = desk.row(desk.do("qualify_lead", id=lead)["opportunity"])
    row = desk.read(Activity, activity)
    assert (row.chain_id, row.account_id) == (opportunity.chain_id, opportunity.account_id)
    assert [event.type for event in desk.events_of(activity)] == ["activity.created", "activity.moved"]
