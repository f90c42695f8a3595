"""Does a company put its own reasons and words to the states, without changing what the process does?"""

from typing import Any

import pytest

from models.access import Role
from models.errors import Forbidden, Refusal, StaleVersion, UnfitReason
from models.event import Event
from models.status import StatusReason
from tests.desk import Desk, at_once, blocked, told, undo_migrations
from tests.factories import (
    make_lead,
    make_opportunity,
    make_order,
)
from tests.process import make_reason

# Where a company adds reasons: the key of one, the reason of the process that it is a kind of, and its place
# behind those that the company starts with.
PLACES = [
    ("LEAD_NURTURING", "lead.OPEN.NURTURING.OWN", "NURTURING", 3),
    ("LEAD_DISQUALIFIED", "lead.DISQUALIFIED.OWN", None, 5),
    ("OPPORTUNITY_ON_HOLD", "opportunity.OPEN.ON_HOLD.OWN", "ON_HOLD", 2),
    ("OPPORTUNITY_WON", "opportunity.WON.WON.OWN", "WON", 1),
    ("OPPORTUNITY_LOST", "opportunity.LOST.OWN", None, 2),
    ("QUOTE_LOST", "quote.CLOSED.LOST.OWN", "LOST", 4),
    ("QUOTE_CANCELED", "quote.CLOSED.CANCELED.OWN", "CANCELED", 4),
    ("ORDER_CANCELED", "order.CANCELED.OWN", None, 11),
    ("CREDIT_NOTE_ISSUED", "credit_note.ISSUED.OWN", None, 4),
]


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


@pytest.mark.parametrize(("place", "key", "kind", "position"), PLACES)
def test_a_company_adds_a_reason_to_a_state(
    admin: Desk, place: str, key: str, kind: str | None, position: int
) -> None:
    """It belongs to one state, comes last, is chosen by people, and can be given up again."""
    made = make_reason(
        admin, place, "OWN", label="Our own", wordings=[{"language": "de", "label": "Eigener"}]
    )
    row = admin.read(StatusReason, made)
    assert (row.key, row.code, row.process_code, row.position) == (key, "OWN", kind, position)
    assert f"{row.of_record}.{row.of_status}" == ".".join(key.split(".")[:2])
    assert (row.label, row.wordings) == ("Our own", [{"language": "de", "label": "Eigener"}])
    assert (row.is_chosen, row.is_of_process, row.is_default, row.state, row.version) == (
        True, False, False, "ACTIVE.ACTIVE", 1,
    )  # fmt: skip
    (event,) = admin.events_of(made)
    assert (event.type, event.summary) == ("status_reason.added", "Status reason Our own: added")
    assert admin.allowed(made) == ["updateStatusReason", "deactivateStatusReason"]


_IMPOSSIBLE: list[tuple[dict[str, Any], str, tuple[str | int, ...], str]] = [
    ({"code": "own"}, "VALIDATION", ("code",),
     "'own' is not a code; codes are capitals, digits and _, for example NO_BUDGET."),
    ({"code": "LOST"}, "CODE_TAKEN", ("code",),
     "lead DISQUALIFIED has a reason LOST already; activateStatusReason brings an inactive one back."),
    ({"code": "A" * 41}, "VALIDATION", ("code",), "code is 41 characters long; at most 40 are kept."),
    ({"label": ""}, "VALIDATION", ("label",), "A label has 1 to 80 characters; this one has 0."),
    ({"label": "x" * 81}, "VALIDATION", ("label",), "A label has 1 to 80 characters; this one has 81."),
    ({"wordings": [{"language": "German", "label": "Verloren"}]}, "VALIDATION", ("wordings", 0, "language"),
     "'German' is no language; pass de or pt-BR."),
    ({"wordings": [{"language": "de", "label": "A"}, {"language": "de", "label": "B"}]}, "VALIDATION",
     ("wordings", 1, "language"), "'de' is there already."),
    ({"wordings": [{"language": "pt-BR", "label": ""}]}, "VALIDATION", ("wordings", 0, "label"),
     "A label has 1 to 80 characters; this one has 0."),
]  # fmt: skip


@pytest.mark.parametrize(("given", "code", "path", "message"), _IMPOSSIBLE)
def test_a_reason_that_cannot_be_is_not_added(
    admin: Desk, given: dict[str, Any], code: str, path: tuple[str | int, ...], message: str
) -> None:
    """Codes are codes and unique in their state, labels are there and fit, languages come once."""
    whole = {"place": "LEAD_DISQUALIFIED", "code": "OWN", "label": "Our own"} | given
    refusal = admin.refused("add_status_reason", **whole)
    assert (*told(refusal), refusal.message) == (code, ("input", *path), message)


def test_a_code_is_unique_within_its_state_alone(admin: Desk) -> None:
    """LOST is a reason of leads and quotes; the two kinds of a closed quote share one list of codes."""
    make_reason(admin, "OPPORTUNITY_LOST", "LOST")
    make_reason(admin, "QUOTE_LOST", "OWN")
    given = {"place": "QUOTE_CANCELED", "code": "OWN", "label": "Own"}
    assert told(admin.refused("add_status_reason", **given)) == ("CODE_TAKEN", ("input", "code"))


@pytest.mark.parametrize(
    ("command", "given"),
    [
        ("add_status_reason", {"place": "LEAD_DISQUALIFIED", "code": "OWN", "label": "Own"}),
        ("update_status_reason", {"label": "Gone"}),
        ("deactivate_status_reason", {}),
        ("activate_status_reason", {}),
    ],
)
@pytest.mark.parametrize("role", [Role.SALES, Role.SUPPORT, Role.PARTNER])
def test_only_admins_shape_reasons(desk: Desk, role: Role, command: str, given: dict[str, Any]) -> None:
    """Whoever sells chooses among them."""
    whole = given if "place" in given else {"id": _id(desk, "lead.DISQUALIFIED.LOST"), **given}
    assert isinstance(desk.acting(role).refused(command, **whole), Forbidden)


def test_words_are_changed_and_the_rest_stays(admin: Desk) -> None:
    """A reason of the process is worded as well; wordings are replaced as a whole; a stale one is refused."""
    key = _id(admin, "opportunity.OPEN.ON_HOLD")
    german = [{"language": "de", "label": "Ruht"}]
    admin.do(
        "update_status_reason", id=key, label="Parked", wordings=[*german, {"language": "fr", "label": "F"}]
    )
    admin.do("update_status_reason", id=key, expected_version=2, wordings=german)
    row = admin.read(StatusReason, key)
    assert (row.label, row.wordings, row.code, row.version) == ("Parked", german, "ON_HOLD", 3)
    event = admin.events_of(key)[0]
    assert (event.type, event.changes[0]) == (
        "status_reason.updated", {"field": "label", "before": "On hold", "after": "Parked"},
    )  # fmt: skip
    assert isinstance(
        admin.refused("update_status_reason", id=key, expected_version=2, label="X"), StaleVersion
    )
    refusal = admin.refused("update_status_reason", id=key, label="")
    assert told(refusal) == ("VALIDATION", ("input", "label"))


def test_an_inactive_reason_is_given_no_more(admin: Desk) -> None:
    """Records that have it keep it; a repeat does nothing; activated, it is given again."""
    own = make_reason(admin, "LEAD_DISQUALIFIED", "SPAM")
    first, second = make_lead(admin), make_lead(admin, email="second@birch.example", phone=None)
    admin.do("disqualify_lead", id=first, reason="SPAM")
    assert not admin.do("deactivate_status_reason", id=own).already_done
    assert admin.do("deactivate_status_reason", id=own).already_done
    row = admin.read(StatusReason, own)
    assert (row.state, row.version) == ("INACTIVE.INACTIVE", 2)
    refusal = admin.refused("disqualify_lead", id=second, reason="SPAM")
    assert (*told(refusal), refusal.message) == (
        "REASON_INACTIVE", ("input", "reason"),
        ("'SPAM' is an inactive reason for lead DISQUALIFIED; there are CANCELED, CANNOT_CONTACT, DUPLICATE, "
        "LOST, NO_LONGER_INTERESTED."),
    )  # fmt: skip
    assert "SPAM" not in _allowed(admin, refusal)
    assert admin.row(first).reason == "SPAM"
    admin.do("reactivate_lead", id=first)
    admin.do("activate_status_reason", id=own)
    assert admin.do("activate_status_reason", id=own).already_done
    admin.do("disqualify_lead", id=second, reason="SPAM")
    assert [event.type for event in admin.events_of(own)] == [
        "status_reason.added", "status_reason.deactivated", "status_reason.activated",
    ]  # fmt: skip


def test_a_reason_that_the_company_started_with_can_go(admin: Desk) -> None:
    """Where no command gives it by itself."""
    admin.do("deactivate_status_reason", id=_id(admin, "order.CANCELED.NO_MONEY"))
    refusal = admin.refused("cancel_order", id=make_order(admin), reason="NO_MONEY")
    assert (refusal.code, _allowed(admin, refusal)) == (
        "REASON_INACTIVE",
        ["CUSTOMER_REQUEST", "OUT_OF_STOCK"],
    )


@pytest.mark.parametrize("key", ["lead.OPEN.NEW", "quote.CLOSED.REVISED", "lead.DISQUALIFIED.DUPLICATE"])
def test_the_process_keeps_its_reasons(admin: Desk, key: str) -> None:
    """A reason that commands give by themselves is not deactivated; its words are the company's."""
    reason = _id(admin, key)
    record, status, code = key.split(".")
    (blocker,) = blocked(admin.refused("deactivate_status_reason", id=reason)).blockers
    assert (blocker.code, blocker.message) == (
        "REASON_OF_PROCESS",
        (
            f"{code} of {record} {status} is given by commands of the process, which cannot do without it: "
            "updateStatusReason changes its words."
        ),
    )
    assert "deactivateStatusReason" not in admin.allowed(reason)
    admin.do("update_status_reason", id=reason, label="In our words")


def test_one_reason_of_a_state_is_taken_by_default(admin: Desk) -> None:
    """Without one the reason has to be named; the old default gives way and its event says so."""
    lead = make_lead(admin)
    refusal = admin.refused("disqualify_lead", id=lead)
    assert (*told(refusal), refusal.message) == (
        "REASON_REQUIRED", ("input", "reason"),
        ("No reason for lead DISQUALIFIED is given, and the company has chosen no default; there are "
        "CANCELED, CANNOT_CONTACT, DUPLICATE, LOST, NO_LONGER_INTERESTED."),
    )  # fmt: skip
    first, own = _id(admin, "lead.DISQUALIFIED.LOST"), make_reason(admin, "LEAD_DISQUALIFIED", "SPAM")
    admin.do("update_status_reason", id=first, is_default=True)
    admin.do("update_status_reason", id=own, is_default=True)
    assert [each.code for each in admin.all(StatusReason, of_record="lead", is_default=True)] == [
        "NURTURING", "SPAM",
    ]  # fmt: skip
    last = admin.events_of(first)[-1]
    assert (last.command, last.changes) == (
        "updateStatusReason", [{"field": "isDefault", "before": "true", "after": "false"}],
    )  # fmt: skip
    (blocker,) = blocked(admin.refused("deactivate_status_reason", id=own)).blockers
    assert (blocker.code, blocker.message) == (
        "REASON_IS_DEFAULT",
        (
            "SPAM is the default of lead DISQUALIFIED: updateStatusReason makes another reason the default "
            "first, or none."
        ),
    )
    admin.do("disqualify_lead", id=lead)
    assert admin.row(lead).reason == "SPAM"
    admin.do("update_status_reason", id=own, is_default=False)
    admin.do("deactivate_status_reason", id=own)


def test_only_what_people_can_choose_is_a_default(admin: Desk) -> None:
    """Not what the process alone gives, and not what is inactive."""
    new = _id(admin, "lead.OPEN.NEW")
    refusal = admin.refused("update_status_reason", id=new, is_default=True)
    assert (*told(refusal), refusal.message) == (
        "REASON_OF_PROCESS", ("input", "isDefault"),
        "NEW is given by the process alone: people cannot choose it.",
    )  # fmt: skip
    own = make_reason(admin, "ORDER_CANCELED", "FLOOD")
    admin.do("deactivate_status_reason", id=own)
    refusal = admin.refused("update_status_reason", id=own, is_default=True)
    assert (*told(refusal), refusal.message) == (
        "REASON_INACTIVE", ("input", "isDefault"),
        "FLOOD is INACTIVE: activateStatusReason lets records be given it.",
    )  # fmt: skip


def test_commands_on_reasons_are_tried_and_repeated(admin: Desk) -> None:
    """A dry run writes nothing; a key makes one reason; two at once make one."""
    given = {"place": "ORDER_CANCELED", "code": "FLOOD", "label": "Flood"}
    before = len(admin.all(StatusReason))
    admin.tried("add_status_reason", **given)
    assert len(admin.all(StatusReason)) == before
    keyed = given | {"idempotency_key": "flood"}
    first = admin.do("add_status_reason", **keyed)["status_reason"]
    assert admin.do("add_status_reason", **keyed)["status_reason"] == first

    def add(_: int) -> str:
        try:
            return str(admin.do("add_status_reason", **given | {"code": "FIRE"})["status_reason"])
        except Refusal as refusal:
            return refusal.code

    answers = sorted(at_once(4, add))
    assert answers[:3] == ["CODE_TAKEN"] * 3
    assert len(admin.all(StatusReason)) == before + 2


def test_defaults_that_are_chosen_at_once_leave_one(admin: Desk) -> None:
    """The database holds it."""
    reasons = [_id(admin, f"lead.DISQUALIFIED.{code}") for code in ("LOST", "CANCELED", "CANNOT_CONTACT")]
    at_once(3, lambda number: admin.do("update_status_reason", id=reasons[number], is_default=True))
    assert len(admin.all(StatusReason, of_status="DISQUALIFIED", is_default=True)) == 1


def test_ids_are_the_same_in_every_database(admin: Desk) -> None:
    """What a company starts with has ids that programs may know, apart from those of the first pipeline."""
    rows = sorted(admin.all(StatusReason), key=lambda each: each.id)
    assert str(rows[0].id) == "019b76da-a801-7000-8000-000000000001"
    # Those of webhooks came later, and count from 0x1000 on.
    first = [each for each in rows if not each.of_record.startswith("webhook")]
    later = [each for each in rows if each.of_record.startswith("webhook")]
    assert [each.id.int & 0xFFFF for each in first] == list(range(1, len(first) + 1))
    assert [each.id.int & 0xFFFF for each in later] == list(range(0x1000, 0x1000 + len(later)))


def test_going_back_gives_records_the_reasons_that_were_there(admin: Desk) -> None:
    """A kind becomes what it was a kind of, and another one the first of its state."""
    for place, code in (("OPPORTUNITY_ON_HOLD", "NO_BUDGET"), ("LEAD_DISQUALIFIED", "SPAM")):
        make_reason(admin, place, code)
    opportunity, lead = make_opportunity(admin), make_lead(admin)
    admin.do("hold_opportunity", id=opportunity, reason="NO_BUDGET")
    admin.do("disqualify_lead", id=lead, reason="SPAM")
    undo_migrations(admin.database, "companies_have")
    admin.database.migrate()
    assert [admin.row(each).state for each in (opportunity, lead)] == ["OPEN.ON_HOLD", "DISQUALIFIED.LOST"]
    assert len(admin.all(Event, subject_id=lead)) == 2
