"""May every record be commented on, assigned and tagged, whatever state it is in?"""

from typing import Any

import pytest

from models.access import Role
from models.annotation import MetadataEntry, Note, Tag
from models.conversion.upkeep import KEPT_UP
from models.errors import Forbidden
from models.record import new_id, parse_id, public_id
from tests.desk import Desk, told
from tests.factories import make_account, make_confirmed_lead, make_lead, make_quote, opportunity_of


def test_each_record_of_the_chain_and_its_customer_is_kept_up() -> None:
    """Leads, customers, opportunities, quotes, orders and invoices; the catalogue is not."""
    nouns = [table.noun() for table in KEPT_UP]
    assert nouns == ["lead", "account", "contact", "opportunity", "quote", "order", "invoice"]


def test_a_comment_is_a_note_and_an_event(desk: Desk) -> None:
    """A closed quote takes it; the note is of its chain and account, and its timeline tells."""
    quote = make_quote(desk)
    desk.do("close_quote", id=quote, reason="LOST")
    done = desk.do("comment_quote", id=quote, text="They took the other one.")
    row, note = desk.row(quote), desk.read(Note, done["note"])
    assert (note.regarding_type, note.regarding_id, note.text) == (
        "quote", row.id, "They took the other one.",
    )  # fmt: skip
    assert (note.chain_id, note.account_id, note.author_id) == (row.chain_id, row.account_id, desk.viewer.id)
    event = desk.events_of(quote)[-1]
    assert (event.type, event.command, event.note) == (
        "quote.commented", "commentQuote", "They took the other one.",
    )  # fmt: skip
    assert (row.version, row.status, event.changes) == (event.subject_version, "CLOSED", [])


def test_a_comment_on_a_customer_is_of_no_chain(desk: Desk) -> None:
    """That on an account belongs to it, that on a contact to the contact's account."""
    account = make_account(desk)
    contact = desk.do("create_contact", last_name="Lark", account_id=account)["contact"]
    key = parse_id(account)[1]
    for noun, record in (("account", account), ("contact", contact)):
        note = desk.read(Note, desk.do(f"comment_{noun}", id=record, text="Hello.")["note"])
        assert (note.chain_id, note.account_id) == (None, key)


def test_a_comment_says_something(desk: Desk) -> None:
    """An empty one is refused, and one that is too long."""
    lead = make_lead(desk)
    refusal = desk.refused("comment_lead", id=lead, text=" ")
    assert (*told(refusal), refusal.message) == (
        "VALIDATION", ("input", "text"), "A comment needs a text.",
    )  # fmt: skip
    refusal = desk.refused("comment_lead", id=lead, text="x" * 10_001)
    assert refusal.message == "text is 10001 characters long; at most 10000 are kept."


def test_support_may_comment_and_no_more(desk: Desk) -> None:
    """Who reads the story may add to it; partners may not."""
    lead = make_lead(desk)
    support = desk.acting(Role.SUPPORT)
    support.do("comment_lead", id=lead, text="They had a problem with the old pump.")
    assert desk.events_of(lead)[-1].actor_id == support.viewer.id
    for given in ({"name": "tag_lead", "add": ["vip"]}, {"name": "update_lead", "topic": "Pumps"}):
        refusal = support.refused(str(given.pop("name")), id=lead, **given)
        assert isinstance(refusal, Forbidden)
    partner = desk.acting(Role.PARTNER).refused("comment_lead", id=lead, text="Me, too.")
    assert partner.message == "The role PARTNER may not run commentLead; ask an admin for a key that may."


def test_a_leads_notes_are_those_of_its_customer(desk: Desk) -> None:
    """What was said before there was an account belongs to its story since the qualification."""
    lead = make_confirmed_lead(desk)
    note = desk.do("comment_lead", id=lead, text="Met at the fair.")["note"]
    assert desk.read(Note, note).account_id is None
    done = desk.do("qualify_lead", id=lead)
    row, opportunity = desk.read(Note, note), desk.row(done["opportunity"])
    assert (row.account_id, row.chain_id) == (opportunity.account_id, opportunity.chain_id)


@pytest.mark.parametrize("closed", [False, True])
def test_a_record_is_given_to_a_user_who_sells(desk: Desk, closed: bool) -> None:  # noqa: FBT001  # A case of the test.
    """Open or closed, it has another owner since; its event tells from whom to whom."""
    lead = make_lead(desk)
    if closed:
        desk.do("disqualify_lead", id=lead, reason="LOST")
    admin = public_id("user", desk.users[Role.ADMIN].id)
    desk.do("assign_lead", id=lead, owner_id=admin, note="On holiday.")
    assert desk.row(lead).owner_id == desk.users[Role.ADMIN].id
    event = desk.events_of(lead)[-1]
    before = public_id("user", desk.viewer.id)
    assert (event.type, event.note) == ("lead.assigned", "On holiday.")
    assert event.changes == [{"field": "owner", "before": before, "after": admin}]


@pytest.mark.parametrize(
    ("noun", "owner", "expected"),
    [
        (
            "user",
            Role.SUPPORT,
            ("OWNER_NOT_ALLOWED", "Support is SUPPORT; a record is owned by a user who is ADMIN or SALES."),
        ),
        (
            "user",
            Role.PARTNER,
            ("OWNER_NOT_ALLOWED", "Partner is PARTNER; a record is owned by a user who is ADMIN or SALES."),
        ),
        ("user", None, ("NOT_FOUND", "There is no such user that you may see.")),
        ("lead", None, ("WRONG_ID_TYPE", "This is the id of a lead; a user is needed here.")),
    ],
)
def test_an_owner_is_a_user_who_sells(
    desk: Desk, noun: str, owner: Role | None, expected: tuple[str, str]
) -> None:
    """Others cannot own what they may not work on."""
    opportunity = opportunity_of(desk, make_quote(desk))
    key = public_id(noun, new_id() if owner is None else desk.users[owner].id)
    refusal = desk.refused("assign_opportunity", id=opportunity, owner_id=key)
    assert (refusal.code, refusal.message, refusal.path) == (*expected, ("input", "ownerId"))


def test_tags_are_added_and_removed(desk: Desk) -> None:
    """Each is there once; what is there already stays, what is not there may be removed."""
    lead = make_lead(desk)
    desk.do("tag_lead", id=lead, add=["vip", "fair", "vip"])
    desk.do("tag_lead", id=lead, add=["vip", "pumps"], remove=["fair", "never"])
    assert sorted(each.name for each in desk.all(Tag, regarding_id=lead)) == ["pumps", "vip"]
    assert [event.changes for event in desk.events_of(lead)[1:]] == [
        [{"field": "tags", "before": None, "after": "fair, vip"}],
        [{"field": "tags", "before": "fair, vip", "after": "pumps, vip"}],
    ]


def test_metadata_is_set_and_removed(desk: Desk) -> None:
    """A closed order keeps what another program wants to remember; null forgets it."""
    lead = make_lead(desk)
    desk.do("disqualify_lead", id=lead, reason="LOST")
    first = [{"key": "erp.id", "value": "17"}, {"key": "erp.area", "value": "north"}]
    desk.do("tag_lead", id=lead, metadata=first)
    second = [
        {"key": "erp.id", "value": "18"},
        {"key": "erp.area", "value": None},
        {"key": "x", "value": None},
    ]
    desk.do("tag_lead", id=lead, metadata=second)
    assert [(each.key, each.value) for each in desk.all(MetadataEntry)] == [("erp.id", "18")]
    assert desk.events_of(lead)[-1].changes == [
        {"field": "metadata.erp.id", "before": "17", "after": "18"},
        {"field": "metadata.erp.area", "before": "north", "after": None},
    ]


_IMPOSSIBLE: list[tuple[dict[str, Any], tuple[str | int, ...], str]] = [
    ({}, ("add",), "Pass add, remove or metadata: there is nothing to change."),
    ({"add": ["a", " "]}, ("add", 1), "A tag is a word; this one is empty."),
    (
        {"add": [str(number) for number in range(51)]},
        ("add",),
        "A record has at most 50 tags; it would have 51: remove some.",
    ),
    ({"add": ["x" * 61]}, ("name",), "name is 61 characters long; at most 60 are kept."),
    (
        {"metadata": [{"key": "", "value": "1"}]},
        ("metadata", 0, "key"),
        "Metadata has a key of its own for each value; this one is empty.",
    ),
    (
        {"metadata": [{"key": "a", "value": "1"}, {"key": "a", "value": None}]},
        ("metadata", 1, "key"),
        "Metadata has a key of its own for each value; 'a' is there twice.",
    ),
    (
        {"metadata": [{"key": str(number), "value": "1"} for number in range(51)]},
        ("metadata",),
        "A record has at most 50 metadata entries; it would have 51.",
    ),
]


def test_labels_that_cannot_be_are_refused(desk: Desk) -> None:
    """Each with the path of its argument and the limit."""
    lead = make_lead(desk)
    for given, path, message in _IMPOSSIBLE:
        refusal = desk.refused("tag_lead", id=lead, **given)
        assert (*told(refusal), refusal.message) == ("VALIDATION", ("input", *path), message)


def test_upkeep_is_no_edge_out_of_a_state(desk: Desk) -> None:
    """It is possible in every state, so it is neither listed among the transitions nor named as a way out."""
    lead = make_lead(desk)
    assert {each.name for each in desk.offers_of(lead)} & {"commentLead", "assignLead", "tagLead"} == set()
    assert "commentLead" not in desk.refused("reactivate_lead", id=lead).message
