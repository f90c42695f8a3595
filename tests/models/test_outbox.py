"""Has every committed event one place, in an order that hides none?"""

from uuid import UUID

import pytest
from sqlmodel import col, select

from models import outbox
from models.access import Role
from models.database import Database
from models.errors import Invalid
from models.event import Event, EventKind
from models.lifecycle import run
from models.outbox import Wanted
from models.record import public_id
from tests.desk import Desk, everything
from tests.factories import make_account, make_lead, make_quote


def put_in_order(database: Database) -> int:
    """Give positions to all that is committed, and return the last one."""
    with database.writing() as session:
        while outbox.put_in_order(session):
            pass
        session.commit()
    with database.reading() as session:
        assert not outbox.is_waiting(session)
        return outbox.head(session)


def seen(desk: Desk, wanted: Wanted, after: int = 0) -> list[str]:
    """Return the names of the events that the desk's user sees."""
    up_to = put_in_order(desk.database)
    with desk.database.reading() as session:
        page = outbox.look(session, desk.viewer, wanted, after=after, up_to=up_to)
        assert page.reached == up_to
        return [session.get_one(Event, key).type for _, key in page.events]


def test_positions_have_no_gap_and_follow_the_ids_of_one_command(desk: Desk) -> None:
    """Each event has one, also those of records of many kinds."""
    make_quote(desk)
    last = put_in_order(desk.database)
    events = desk.all(Event)
    assert [each.position for each in events] == list(range(1, last + 1)) == list(range(1, len(events) + 1))


def test_an_event_that_commits_late_comes_after_those_read_before(desk: Desk) -> None:
    """Its id is smaller than theirs; whoever has read on misses nothing."""
    if desk.database.dialect == "sqlite":
        # One transaction writes at a time there: only a clock that is set back makes ids run backwards.
        make_lead(desk)
        first = put_in_order(desk.database)
        with desk.database.writing() as session:
            outcome = run(session, desk.command("create_account", name="Late"))
            session.get_one(Event, outcome.event_keys[0]).id = UUID(int=1)
            session.commit()
    else:
        with desk.database.writing() as slow:
            run(slow, desk.command("create_account", name="Late"))
            make_lead(desk)
            first = put_in_order(desk.database)
            slow.commit()
    late = desk.all(Event)[0]
    assert (late.type, late.position) == ("account.created", None)
    assert put_in_order(desk.database) == first + 1
    assert desk.all(Event)[0].position == first + 1


def test_what_is_wanted_is_found_and_nothing_else(desk: Desk) -> None:
    """By name, by all names of a kind of record, by type, by record, by deal and by account; all together."""
    quote = make_quote(desk)
    account = public_id("account", desk.row(quote).account_id)
    make_account(desk)
    row = desk.row(quote)
    whole = seen(desk, Wanted())
    assert seen(desk, Wanted(names=["quote.activated", "lead.created"])) == ["quote.activated"]
    quotes = [each for each in whole if each.startswith("quote.")]
    assert seen(desk, Wanted(names=["quote.*"])) == quotes != []
    assert seen(desk, Wanted(kinds=[EventKind.STATUS_CHANGED], subjects=[row.id])) == ["quote.activated"]
    assert seen(desk, Wanted(subjects=[row.id])) == quotes
    assert seen(desk, Wanted(chain=row.chain_id)) == [
        each for each in whole if not each.startswith("account.")
    ]
    assert seen(desk, Wanted(accounts=[row.account_id])) == [
        each.type for each in desk.all(Event, account_id=account)
    ]
    assert seen(desk, Wanted(names=["lead.*"], subjects=[row.id])) == []


def test_partner_finds_what_is_shared_with_it_and_only_as_long(desk: Desk) -> None:
    """The rule is that of the moment of the look."""
    account, _ = make_account(desk), make_account(desk)
    partner, place = (
        desk.acting(Role.PARTNER),
        {"id": account, "partner_id": public_id("user", desk.users[Role.PARTNER].id)},
    )
    assert seen(partner, Wanted()) == []
    desk.do("share_account", **place)
    assert seen(partner, Wanted()) == ["account.created", "account.shared"]
    desk.do("unshare_account", **place)
    assert seen(partner, Wanted()) == []


def test_pages_are_bounded_and_go_on(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """By the number of events, and by the number of positions looked at."""
    for number in range(5):
        make_account(desk, name=f"Customer {number}")
    up_to = put_in_order(desk.database)
    for name, most in (("PAGE", 2), ("_WINDOW", 3)):
        with monkeypatch.context() as patch, desk.database.reading() as session:
            patch.setattr(outbox, name, most)
            found, position = [], 0
            while position < up_to:
                page = outbox.look(session, desk.viewer, Wanted(), after=position, up_to=up_to)
                assert len(page.events) <= most
                found += [key for _, key in page.events]
                position = page.reached
        assert found == [each.id for each in desk.all(Event)]


@pytest.mark.parametrize(
    "name", ["quote", "quote.", "nothing.made", "quote.1", "chain.*", "quote_line.*", "*", ""]
)
def test_a_name_that_is_none_is_refused(name: str) -> None:
    """It names the way out."""
    with pytest.raises(Invalid) as caught:
        outbox.checked_names(["quote.accepted", "quote.*", name], ("input", "names"))
    assert caught.value.path == ("input", "names")
    assert caught.value.message == (
        f"{name!r} names no event; quote.accepted is one, and quote.* stands for all of quotes. "
        "A timeline shows the names."
    )


def test_giving_positions_changes_nothing_else(desk: Desk) -> None:
    """The history stays what it was."""
    make_quote(desk)
    before = everything(desk.database)
    put_in_order(desk.database)
    after = everything(desk.database)
    for row in after["event"].values():
        row["position"] = None
    assert {**after, "outbox": before["outbox"]} == before
    with desk.database.reading() as session:
        assert session.exec(select(col(Event.position)).where(col(Event.position).is_(None))).all() == []


def test_refused_endpoint_puts_nothing_in_order(desk: Desk) -> None:
    """Positions are given in the command's own transaction: taken back, they are free."""
    make_account(desk)
    desk.tried("create_webhook_endpoint", url="https://a.example.com/")
    with desk.database.reading() as session:
        assert (outbox.head(session), outbox.is_waiting(session)) == (0, True)
