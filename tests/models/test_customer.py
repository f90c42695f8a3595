"""May the customer of a quote do what its token says, and nothing else?"""

from datetime import timedelta

import pytest
from sqlmodel import select

from models.access import ActorKind, Role, Viewer, visible_to
from models.annotation import Note
from models.errors import Forbidden
from models.event import Event, IdempotencyEntry
from models.lifecycle import REGISTRY
from models.order import Order
from models.quote import Quote, QuoteLine, customer_of
from models.record import Record, new_id, parse_id, public_id, records
from models.status import StatusReason
from tests.desk import TODAY, Desk, at_once, told, undo_migrations
from tests.factories import make_lead, make_order, make_quote, make_sibling, opportunity_of


def customer(desk: Desk, quote: str) -> Desk:
    """Present a quote, and return the desk of its customer."""
    token = desk.do("present_quote", id=quote)["token"]
    with desk.database.reading() as session:
        viewer = customer_of(session, token)
    assert viewer == Viewer(parse_id(quote)[1], f"Customer of {desk.row(quote).number}", Role.CUSTOMER)
    return Desk(desk.database, viewer, desk.users, desk.now, desk.organization)


def seen(desk: Desk, table: type[Record]) -> list[str]:
    """Return the ids of the rows that a viewer sees."""
    condition = visible_to(desk.viewer, table)
    assert condition is not None
    with desk.database.reading() as session:
        return [row.public_id for row in session.exec(select(table).where(condition)).all()]


def test_a_customer_accepts_the_quote(desk: Desk) -> None:
    """All of the deal follows; the customer is told that it is done, and no more."""
    quote = make_quote(desk)
    sibling = make_sibling(desk, quote)
    buyer = customer(desk, quote)
    done = buyer.do("accept_quote", id=quote, customer_reference="PO 7", note="Go ahead.")
    assert (done["order"], done["opportunity"], done["closed_quotes"], done["remark"]) == (
        None,
        None,
        [],
        None,
    )
    assert [desk.row(each).status for each in (quote, sibling, opportunity_of(desk, quote))] == [
        "WON", "CLOSED", "WON",
    ]  # fmt: skip
    (order,) = desk.all(Order)
    assert order.customer_reference == "PO 7"
    assert {(event.actor_kind, event.actor_id) for event in done.events} == {(ActorKind.CUSTOMER, None)}
    again = buyer.do("accept_quote", id=quote)
    assert (again["order"], again.already_done, len(desk.all(Order))) == (None, True, 1)


def test_a_customer_repeats_with_a_key(desk: Desk) -> None:
    """The entry is the quote's; the first answer is given again."""
    quote = make_quote(desk)
    buyer = customer(desk, quote)
    first = buyer.do("accept_quote", id=quote, idempotency_key="k")
    again = buyer.do("accept_quote", id=quote, idempotency_key="k")
    assert (first.outcome.is_replay, again.outcome.is_replay) == (False, True)
    with desk.database.reading() as session:
        assert [each.user_id for each in session.exec(select(IdempotencyEntry)).all()] == [buyer.viewer.id]


def test_a_customer_cannot_accept_what_has_expired(desk: Desk) -> None:
    """The seller's flag is not the customer's: the refusal does not even name it (invoiceninja/ui#2997)."""
    quote = make_quote(desk, valid_until=TODAY)
    buyer = customer(desk, quote).later(days=1)
    refusal = buyer.refused("accept_quote", id=quote, accept_expired=True)
    assert told(refusal) == ("QUOTE_EXPIRED", ("input", "acceptExpired"))
    assert refusal.message == "Quote Q-2026-00001 was valid until 2026-03-02: ask for a new one."
    assert "acceptQuote" not in buyer.allowed(quote)
    late = desk.later(days=1)
    late.do("accept_quote", id=quote, accept_expired=True)
    assert desk.events_of(quote)[-1].note == "Accepted after it expired on 2026-03-02."


def test_a_customer_keeps_no_competing_quotes_open(desk: Desk) -> None:
    """That is for the seller to decide."""
    quote = make_quote(desk)
    refusal = customer(desk, quote).refused("accept_quote", id=quote, siblings="KEEP")
    assert told(refusal) == ("VALIDATION", ("input", "siblings"))
    assert refusal.message == "Only a seller keeps competing quotes open: leave siblings out."


def test_a_customer_declines_and_comments(desk: Desk) -> None:
    """Both are told as the customer's; it sees its own words, and none of the seller's."""
    quote = make_quote(desk)
    buyer = customer(desk, quote)
    desk.do("comment_quote", id=quote, text="They will haggle.")
    said = buyer.do("comment_quote", id=quote, text="Can you do 5 % less?")["note"]
    assert seen(buyer, Note) == [said]
    assert [(note.text, note.author_id) for note in desk.all(Note)] == [
        ("They will haggle.", desk.viewer.id), ("Can you do 5 % less?", None),
    ]  # fmt: skip
    buyer.do("decline_quote", id=quote, note="Too dear.")
    assert desk.row(quote).state == "CLOSED.LOST"
    assert [(event.type, event.actor_kind) for event in desk.events_of(quote)][-2:] == [
        ("quote.commented", ActorKind.CUSTOMER), ("quote.declined", ActorKind.CUSTOMER),
    ]  # fmt: skip


def test_a_customer_may_run_nothing_else(desk: Desk) -> None:
    """Every other command is FORBIDDEN."""
    quote = make_quote(desk)
    buyer = customer(desk, quote)
    may = {name for name in REGISTRY if buyer.viewer.may(name)}
    assert may == {"accept_quote", "decline_quote", "comment_quote"}
    refusal = buyer.refused("revise_quote", id=quote)
    assert isinstance(refusal, Forbidden)
    assert set(buyer.allowed(quote)) == {"acceptQuote", "declineQuote"}


def test_a_customer_sees_its_quote_and_lines_and_nothing_else(desk: Desk) -> None:
    """Of every other table there is no row for it but why the quote is in its state, whatever was sold."""
    quote = make_quote(desk)
    make_sibling(desk, quote)
    make_order(desk)
    buyer = customer(desk, quote)
    buyer.do("accept_quote", id=quote)
    lines = [line.public_id for line in desk.all(QuoteLine, quote_id=quote)]
    found = {noun: rows for noun, table in records().items() if (rows := seen(buyer, table))}
    (why,) = [each.public_id for each in desk.all(StatusReason, key="quote.WON.WON")]
    assert found == {"quote": [quote], "quote_line": lines, "status_reason": [why]}


@pytest.mark.parametrize("command", ["accept_quote", "decline_quote", "comment_quote"])
def test_another_quote_is_to_a_customer_like_none(desk: Desk, command: str) -> None:
    """The refusal is that of an id that does not exist."""
    quote, other = make_quote(desk), make_quote(desk)
    buyer = customer(desk, quote)
    given = {"text": "Hello."} if command == "comment_quote" else {}
    missing = public_id("quote", new_id())
    foreign, none = (buyer.refused(command, id=each, **given) for each in (other, missing))
    assert (told(foreign), foreign.message) == (told(none), none.message)
    assert told(foreign) == ("NOT_FOUND", ("input", "id"))


def test_a_token_ends_with_the_next_one_and_with_the_quote(desk: Desk) -> None:
    """An active and a won quote have a customer, a closed one has none."""
    quote, won = make_quote(desk), make_quote(desk)
    first, second = (desk.do("present_quote", id=quote)["token"] for _ in range(2))
    other = desk.do("present_quote", id=won)["token"]
    desk.do("accept_quote", id=won)

    def known() -> list[bool]:
        with desk.database.reading() as session:
            return [customer_of(session, token) is not None for token in (first, second, other)]

    assert known() == [False, True, True]
    desk.do("revise_quote", id=quote)
    assert known() == [False, False, True]


def test_customer_and_seller_accept_at_once(crowd: Desk) -> None:
    """Twenty of either: one order, one acceptance, nobody is refused."""
    quote = make_quote(crowd)
    buyer = customer(crowd, quote)
    answers = at_once(20, lambda number: (buyer, crowd)[number % 2].do("accept_quote", id=quote).already_done)
    assert answers.count(False) == 1
    assert (len(crowd.all(Order)), len(crowd.all(Event, type="quote.accepted"))) == (1, 1)


def test_customer_accepts_while_the_seller_revises(crowd: Desk) -> None:
    """Either there is an order, or a new revision; never both."""
    for _ in range(3):
        quote = make_quote(crowd, valid_until=TODAY + timedelta(days=9))
        buyer = customer(crowd, quote)

        def act(number: int, quote: str = quote, buyer: Desk = buyer) -> str:
            try:
                if number % 2:
                    crowd.do("revise_quote", id=quote)
                    return "revised"
                buyer.do("accept_quote", id=quote)
            except Exception as fault:  # noqa: BLE001  # Whatever it is shows in the comparison.
                return str(getattr(fault, "code", repr(fault)))
            return "accepted"

        answers = at_once(20, act)
        row = crowd.read(Quote, quote)
        revisions = crowd.all(Quote, previous_id=row.id)
        if row.status == "WON":
            assert (answers.count("accepted"), answers.count("RECORD_READ_ONLY"), revisions) == (10, 10, [])
        else:
            assert (row.reason, answers.count("revised"), len(revisions)) == ("REVISED", 10, 1)
            assert answers.count("ILLEGAL_TRANSITION") == 10


def test_a_customer_reads_what_it_is_answered_and_no_other_word(desk: Desk) -> None:
    """Its own notes and those that are said to be for it, of its quote alone."""
    quote = make_quote(desk)
    other = make_sibling(desk, quote)
    buyer = customer(desk, quote)
    asked = buyer.do("comment_quote", id=quote, text="Is freight included?")["note"]
    desk.do("comment_quote", id=quote, text="They haggle.")
    answer = desk.acting(Role.SUPPORT).do(
        "comment_quote", id=quote, text="It is.", is_for_customer=True
    )["note"]  # fmt: skip
    desk.do("comment_quote", id=other, text="This one is cheaper.", is_for_customer=True)
    desk.do("comment_opportunity", id=opportunity_of(desk, quote), text="Close it soon.")
    assert seen(buyer, Note) == [asked, answer]
    assert [each.is_for_customer for each in desk.all(Note)] == [True, False, True, True, False]


def test_what_was_said_and_deleted_before_is_kept_by_the_migration(desk: Desk) -> None:
    """A customer reads on what it said, and deletions are told as such; an answer is internal again."""
    quote = make_quote(desk)
    buyer = customer(desk, quote)
    asked = buyer.do("comment_quote", id=quote, text="Is freight included?")["note"]
    desk.do("comment_quote", id=quote, text="It is.", is_for_customer=True)
    letter = desk.do("create_activity", regarding_id=quote, subject="Thank you", kind="LETTER")["activity"]
    lead = make_lead(desk)
    desk.do("delete_lead", id=lead)
    undo_migrations(desk.database, "events_tell_of_deletions")
    desk.database.migrate()
    assert seen(buyer, Note) == [asked]
    assert desk.row(letter).kind == "TASK"
    event = desk.events_of(lead)[-1]
    assert (event.kind, event.from_status, event.to_status, event.reason) == ("DELETED", "OPEN", None, None)
