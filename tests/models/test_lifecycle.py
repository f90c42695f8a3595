"""Does every command do what its row of the table says, in every state, and tell of it?"""

import pytest
from sqlmodel import Session

from models.access import Role
from models.errors import (
    Blocked,
    Forbidden,
    Invalid,
    MalformedId,
    NotFound,
    Refusal,
    StaleVersion,
    WrongIdType,
)
from models.lifecycle import REGISTRY, run
from models.quote import Quote
from models.record import Versioned, new_id, public_id, records
from tests.commands import arguments
from tests.desk import Desk, Rows, blocked, everything, rows_of, told
from tests.factories import STATES, Item, make_draft, make_opportunity, make_quote, make_sibling

DONE, AGAIN = "done", "again"
ILLEGAL, FROZEN = "ILLEGAL_TRANSITION", "RECORD_READ_ONLY"

# The table: by record, the states in their order; by command, what it comes to in each of them.
TABLE: dict[tuple[str, ...], dict[str, tuple[str, ...]]] = {
    ("account.ACTIVE.ACTIVE",): {"share_account": (DONE,), "unshare_account": (DONE,)},
    ("product.DRAFT.DRAFT", "product.ACTIVE.ACTIVE"): {"publish_product": (DONE, ILLEGAL)},
    ("lead.OPEN.NEW", "lead.QUALIFIED.QUALIFIED", "lead.DISQUALIFIED.LOST"): {
        "record_qualification": (DONE, FROZEN, FROZEN),
        "qualify_lead": (DONE, AGAIN, ILLEGAL),
        "disqualify_lead": (DONE, ILLEGAL, ILLEGAL),
        "reactivate_lead": (ILLEGAL, ILLEGAL, DONE),
    },
    ("opportunity.OPEN.IN_PROGRESS", "opportunity.WON.WON", "opportunity.LOST.OUT_SOLD"): {
        "update_opportunity": (DONE, FROZEN, FROZEN),
        "add_opportunity_line": (DONE, FROZEN, FROZEN),
        "update_opportunity_line": (DONE, FROZEN, FROZEN),
        "remove_opportunity_line": (DONE, FROZEN, FROZEN),
        "move_opportunity_stage": (DONE, FROZEN, FROZEN),
        "win_opportunity": (DONE, ILLEGAL, ILLEGAL),
        "lose_opportunity": (DONE, ILLEGAL, ILLEGAL),
        "reopen_opportunity": (ILLEGAL, DONE, DONE),
        "generate_quote_from_opportunity": (DONE, "OPPORTUNITY_CLOSED", "OPPORTUNITY_CLOSED"),
    },
    (
        "quote.DRAFT.IN_PROGRESS",
        "quote.ACTIVE.IN_PROGRESS",
        "quote.ACTIVE.PRESENTED",
        "quote.WON.WON",
        "quote.CLOSED.LOST",
        "quote.CLOSED.CANCELED",
        "quote.CLOSED.REVISED",
    ): {
        "update_quote": (DONE, *[FROZEN] * 6),
        "add_quote_line": (DONE, *[FROZEN] * 6),
        "update_quote_line": (DONE, *[FROZEN] * 6),
        "remove_quote_line": (DONE, *[FROZEN] * 6),
        "activate_quote": (DONE, *[ILLEGAL] * 6),
        "present_quote": (ILLEGAL, DONE, DONE, *[ILLEGAL] * 4),
        "revise_quote": (ILLEGAL, DONE, DONE, FROZEN, DONE, DONE, AGAIN),
        "accept_quote": (ILLEGAL, DONE, DONE, AGAIN, *[ILLEGAL] * 3),
        "close_quote": (DONE, DONE, DONE, *[ILLEGAL] * 4),
    },
    (
        "order.ACTIVE.NEW",
        "order.SUBMITTED.IN_PROGRESS",
        "order.FULFILLED.COMPLETE",
        "order.INVOICED.INVOICED",
        "order.CANCELED.NO_MONEY",
    ): {
        "submit_order": (DONE, *[ILLEGAL] * 4),
        "fulfill_order": (DONE, DONE, AGAIN, AGAIN, ILLEGAL),
        "invoice_order": ("NOTHING_TO_INVOICE", "NOTHING_TO_INVOICE", DONE, "NOTHING_TO_INVOICE", ILLEGAL),
        "cancel_order": (DONE, DONE, *[ILLEGAL] * 3),
    },
    (
        "invoice.ACTIVE.NEW",
        "invoice.ACTIVE.BILLED",
        "invoice.ACTIVE.PARTIALLY_PAID",
        "invoice.PAID.COMPLETE",
        "invoice.CANCELED.CANCELED",
    ): {
        "issue_invoice": (DONE, AGAIN, AGAIN, AGAIN, ILLEGAL),
        "record_payment": (ILLEGAL, DONE, DONE, ILLEGAL, ILLEGAL),
        "cancel_invoice": (ILLEGAL, DONE, "HAS_PAYMENTS", ILLEGAL, ILLEGAL),
        "discard_invoice": (DONE, *[ILLEGAL] * 4),
    },
}
CREATING = {
    "capture_lead", "create_account", "create_contact", "create_lead", "create_opportunity", "create_product",
}  # fmt: skip
EXPECTED = [
    (state, {command: outcomes[index] for command, outcomes in commands.items()})
    for states, commands in TABLE.items()
    for index, state in enumerate(states)
]


def test_the_table_has_every_command() -> None:
    """No command is missing in the table, and every one that creates is known."""
    walked = {name for commands in TABLE.values() for name in commands}
    assert walked | CREATING == set(REGISTRY)
    assert {name for name, each in REGISTRY.items() if each.creates} == CREATING
    assert {state for states in TABLE for state in states} == set(STATES)


@pytest.mark.parametrize(("state", "expected"), EXPECTED, ids=[state for state, _ in EXPECTED])
def test_every_command_in_every_state(desk: Desk, state: str, expected: dict[str, str]) -> None:
    """A command is done, known as done before, or refused with its code; a refusal leaves no trace."""
    key = STATES[state](desk)
    before = everything(desk.database)
    outcomes = {}
    for name in expected:
        with desk.database.writing() as session:
            outcomes[name] = _outcome(session, desk, name, key, before)
            session.rollback()
        assert everything(desk.database) == before
    assert outcomes == expected


def _outcome(session: Session, desk: Desk, name: str, key: str, before: Rows) -> str:
    """Run one command, check what it told, and return what it came to."""
    try:
        outcome = run(session, desk.command(name, **arguments(desk, name, key)))
    except Blocked as refusal:
        return _refusal_code(desk, name, key, refusal)
    after = rows_of(session)
    if outcome.payload["already_done"]:
        del after["idempotency_entry"]
        assert after == {table: rows for table, rows in before.items() if table != "idempotency_entry"}
        return AGAIN
    _check_told(desk, name, key, before, after)
    return DONE


def _refusal_code(desk: Desk, name: str, key: str, refusal: Blocked) -> str:
    """Check that a refusal speaks of the command and the state, and return its code."""
    assert (refusal.command, refusal.status) == (REGISTRY[name].command, desk.row(key).status)
    assert refusal.message
    return refusal.code


def _check_told(desk: Desk, name: str, key: str, before: Rows, after: Rows) -> None:
    """Check that each changed record is at its next version and has exactly one event, with its cause."""
    touched = set()
    for noun, table in records().items():
        if not issubclass(table, Versioned):
            continue
        for primary, row in after[noun].items():
            was = before[noun].get(primary)
            if row != was:
                touched.add((noun, row["id"], row["version"]))
                assert row["version"] == (1 if was is None else was["version"] + 1)
                assert row["updated_at"] == desk.now
    events = [row for primary, row in sorted(after["event"].items()) if primary not in before["event"]]
    assert len(events) == len(touched)
    assert {(row["subject_type"], row["subject_id"], row["subject_version"]) for row in events} == touched
    root, *others = events
    assert public_id(root["subject_type"], root["subject_id"]) == key
    assert (root["caused_by_id"], root["type"]) == (None, REGISTRY[name].event)
    assert root["command"] == REGISTRY[name].command
    for row in others:
        assert row["caused_by_id"] in {each["id"] for each in events if each["id"] < row["id"]}
    for row in events:
        assert (row["actor_id"], row["created_at"]) == (desk.viewer.id, desk.now)
        assert row["command"]
        fields = [each["field"] for each in row["changes"]]
        assert sorted(fields) == sorted(set(fields))


def test_an_illegal_command_names_the_way_out(desk: Desk) -> None:
    """The refusal says the state, the state that is needed, and what the present state offers."""
    refusal = blocked(desk.refused("accept_quote", id=make_draft(desk)))
    assert told(refusal) == ("ILLEGAL_TRANSITION", ("input", "id"))
    assert refusal.status == "DRAFT"
    assert set(refusal.allowed) == {
        "updateQuote", "closeQuote", "addQuoteLine", "updateQuoteLine", "removeQuoteLine", "activateQuote",
    }  # fmt: skip
    assert refusal.message == (
        f"This quote is DRAFT; acceptQuote needs ACTIVE: it offers {', '.join(refusal.allowed)}."
    )


def test_a_stale_version_is_refused_with_the_present_record(desk: Desk) -> None:
    """Whoever read an older version is told both versions, and which record to read again."""
    quote = make_draft(desk)
    desk.do("update_quote", id=quote, expected_version=1, name="Pumps and hoses")
    refusal = desk.refused("update_quote", id=quote, expected_version=1, name="Hoses")
    assert isinstance(refusal, StaleVersion)
    assert told(refusal) == ("STALE_VERSION", ("input", "expectedVersion"))
    assert public_id(refusal.noun, refusal.key) == quote
    assert refusal.message.startswith("You expected version 1, the quote is at version 2: ")


def test_a_lone_writer_never_meets_a_conflict(desk: Desk) -> None:
    """Passing on the version that each answer left the record at always fits."""
    opportunity = make_opportunity(desk, ())
    for version in range(1, 6):
        desk.do("add_opportunity_line", id=opportunity, expected_version=version, **Item().given)
        assert desk.row(opportunity).version == version + 1


def test_prices_and_lines_need_an_expected_version(desk: Desk) -> None:
    """Leaving the version out is refused where prices or lines change; null overwrites."""
    quote = make_draft(desk)
    refusal = desk.refused("add_quote_line", id=quote, **Item().given)
    assert told(refusal) == ("EXPECTED_VERSION_REQUIRED", ("input", "expectedVersion"))
    desk.do("add_quote_line", id=quote, expected_version=None, **Item().given)
    demanding = {name for name, each in REGISTRY.items() if each.demands_version}
    assert demanding == {
        "update_opportunity", "add_opportunity_line", "update_opportunity_line", "remove_opportunity_line",
        "update_quote", "add_quote_line", "update_quote_line", "remove_quote_line",
    }  # fmt: skip


def test_a_version_may_be_expected_of_any_command(desk: Desk) -> None:
    """A pure transition checks the version where it is given."""
    quote = make_quote(desk)
    assert desk.refused("accept_quote", id=quote, expected_version=1).code == "STALE_VERSION"
    assert desk.do("accept_quote", id=quote, expected_version=2)["order"]


@pytest.mark.parametrize(
    ("key", "kind", "message"),
    [
        ("nonsense", MalformedId, "'nonsense' is not an id; ids look like quote_01jz8k…"),
        (public_id("lead", new_id()), WrongIdType, "This is the id of a lead; a quote"),
        (public_id("quote", new_id()), NotFound, "There is no such quote"),
    ],
    ids=["malformed", "of another type", "unknown"],
)
def test_an_id_that_leads_nowhere(desk: Desk, key: str, kind: type[Refusal], message: str) -> None:
    """A text that is no id, an id of another kind of record, and an unknown one are told apart."""
    refusal = desk.refused("accept_quote", id=key)
    assert type(refusal) is kind
    assert refusal.path == ("input", "id")
    assert refusal.message.startswith(message)


@pytest.mark.parametrize("role", [Role.PARTNER, Role.SUPPORT])
def test_only_sellers_run_commands(desk: Desk, role: Role) -> None:
    """Partners and support read; whatever they command is forbidden, even on records that do not exist."""
    quote = make_quote(desk)
    other = desk.acting(role)
    for given in ({"id": quote}, {"id": "nonsense"}):
        refusal = other.refused("accept_quote", **given)
        assert isinstance(refusal, Forbidden)
        assert refusal.message == f"The role {role} may not run acceptQuote; ask an admin for a key that may."
    (offer,) = [each for each in other.offers_of(quote) if each.name == "acceptQuote"]
    assert (offer.allowed, offer.blockers[0].code) == (False, "FORBIDDEN")


def test_an_admin_may_do_what_sales_may(desk: Desk) -> None:
    """An admin runs the commands of the chain."""
    assert desk.acting(Role.ADMIN).do("accept_quote", id=make_quote(desk))["order"]


def test_an_offer_says_where_it_leads(desk: Desk) -> None:
    """The offers of an active quote have their targets, and no blocker."""
    offers = {each.name: (each.to, each.allowed) for each in desk.offers_of(make_quote(desk))}
    assert offers == {
        "presentQuote": ("ACTIVE", True),
        "reviseQuote": ("CLOSED", True),
        "acceptQuote": ("WON", True),
        "closeQuote": ("CLOSED", True),
    }


def test_a_tried_command_answers_and_leaves_nothing(desk: Desk) -> None:
    """What is rolled back takes no number and leaves no row."""
    quote = make_quote(desk)
    before = everything(desk.database)
    tried = desk.tried("accept_quote", id=quote, idempotency_key="k")
    assert everything(desk.database) == before
    order = desk.do("accept_quote", id=quote, idempotency_key="k")["order"]
    assert tried["order"] != order
    assert desk.row(order).number == "O-2026-00001"


def test_required_text_cannot_be_null(desk: Desk) -> None:
    """Null for an argument that has a value is refused, and says how to keep it."""
    refusal = desk.refused("update_quote", id=make_draft(desk), expected_version=None, name=None)
    assert isinstance(refusal, Invalid)
    assert told(refusal) == ("VALIDATION", ("input", "name"))
    assert refusal.message == "name cannot be null; leave it out to keep or default it."


def test_a_part_of_a_command_is_refused_with_the_whole(desk: Desk) -> None:
    """A guard of an inner command takes the outer one back, and speaks of what the caller sent."""
    quote = make_quote(desk)
    make_sibling(desk, quote)
    desk.do("accept_quote", id=quote, siblings="KEEP")
    (sibling,) = [each for each in desk.all(Quote) if each.public_id != quote]
    refusal = blocked(
        desk.refused("close_quote", id=sibling.public_id, reason="LOST", close_opportunity=True)
    )
    assert told(refusal) == ("HAS_LIVE_ORDER", ("input", "closeOpportunity"))
    assert (refusal.command, refusal.status) == ("closeQuote", "ACTIVE")
    assert "closeQuote" in refusal.allowed
