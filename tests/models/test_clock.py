"""Does time bring about what is due, once, and nothing else?"""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from sqlmodel import Session

from models import clock
from models.activity import CloseActivity
from models.clock import Tick, run_due
from models.database import Database
from models.engines import Limits
from models.event import Event
from models.lifecycle import Pointer
from models.quote import Quote
from tests.desk import TODAY, Desk, at_once, told
from tests.factories import make_draft, make_quote, opportunity_of


def shown(ticks: list[Tick]) -> list[tuple[str, str]]:
    """Return what was done to which record."""
    assert [tick.fault for tick in ticks] == [None] * len(ticks)
    return [(tick.command, tick.record.public_id) for tick in ticks]


def test_a_quote_expires_when_its_last_day_is_over(desk: Desk) -> None:
    """Through the end of that day in the organisation's time zone it is valid."""
    quote = make_quote(desk, valid_until=date(2026, 3, 31))
    berlin = desk.abroad("Europe/Berlin")
    # 23:59 in Berlin, summer time since two days.
    assert replace(berlin, now=datetime(2026, 3, 31, 21, 59, tzinfo=UTC)).tick() == []
    over = replace(berlin, now=datetime(2026, 3, 31, 22, 0, tzinfo=UTC))
    assert shown(over.tick()) == [("expireQuote", quote)]
    row = desk.read(Quote, quote)
    assert (row.status, row.reason, row.closed_at) == ("CLOSED", "EXPIRED", over.now)


def test_an_expiry_is_told_without_an_actor(desk: Desk) -> None:
    """Event and close activity say why; the opportunity is as it was."""
    quote = make_quote(desk, valid_until=TODAY)
    opportunity = desk.row(opportunity_of(desk, quote))
    late = desk.later(days=1)
    (tick,) = late.tick()
    event = desk.events_of(quote)[-1]
    assert tick == Tick("expireQuote", Pointer("quote", desk.read(Quote, quote).id), (event.id,))
    assert (event.type, event.command, event.actor_id, event.created_at) == (
        "quote.expired", "expireQuote", None, late.now,
    )  # fmt: skip
    assert (event.from_status, event.to_status, event.reason) == ("ACTIVE", "CLOSED", "EXPIRED")
    assert event.note == "Valid until 2026-03-02."
    (activity,) = desk.all(CloseActivity)
    assert (activity.status, activity.reason, activity.closed_on) == ("CLOSED", "EXPIRED", late.now.date())
    assert desk.row(opportunity_of(desk, quote)) == opportunity
    assert late.tick() == []
    assert told(late.refused("accept_quote", id=quote, accept_expired=True))[0] == "ILLEGAL_TRANSITION"


def test_only_open_offers_expire(desk: Desk) -> None:
    """A draft, a won, a closed and a revised quote stay what they are (erpnext#33952)."""
    draft, won, lost, revised = (make_draft(desk), *(make_quote(desk, valid_until=TODAY) for _ in range(3)))
    desk.do("update_quote", id=draft, expected_version=None, valid_until=TODAY)
    desk.do("accept_quote", id=won)
    desk.do("close_quote", id=lost, reason="LOST")
    desk.do("revise_quote", id=revised)
    open_one = make_quote(desk, valid_until=TODAY + timedelta(days=3))
    assert desk.later(days=3).tick() == []
    assert shown(desk.later(days=4).tick()) == [("expireQuote", open_one)]


def test_an_expired_quote_is_revised(desk: Desk) -> None:
    """The old one stays expired; the revision is offered anew and accepted."""
    quote = make_quote(desk, valid_until=TODAY)
    late = desk.later(days=1)
    late.tick()
    revision = late.do("revise_quote", id=quote)["revision"]
    late.do("activate_quote", id=revision)
    assert late.do("accept_quote", id=revision)["order"]
    assert [(row.reason, row.revision) for row in desk.all(Quote)] == [("EXPIRED", 0), ("WON", 1)]


def test_more_rows_than_are_looked_up_at_once_are_all_done(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In the order of their making."""
    monkeypatch.setattr(clock, "_BATCH", 2)
    quotes = [make_quote(desk, valid_until=TODAY) for _ in range(5)]
    assert [each for _, each in shown(desk.later(days=1).tick())] == quotes


def test_the_clock_stops_between_two_rows(desk: Desk) -> None:
    """What is left is done the next time."""
    quotes = [make_quote(desk, valid_until=TODAY) for _ in range(3)]
    late = desk.later(days=1)
    answers = iter([False, False, True])
    done = list(run_due(desk.database, late.moment, is_stopping=lambda: next(answers)))
    assert [each for _, each in shown(done)] == quotes[:2]
    assert [each for _, each in shown(late.tick())] == quotes[2:]


def test_a_fault_of_one_row_stops_no_other(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is told with its record, nothing of it is kept, and it is due still."""
    quotes = [make_quote(desk, valid_until=TODAY) for _ in range(2)]
    late = desk.later(days=1)
    commit = Session.commit
    faults = [OSError("disk full")]

    def fails_once(session: Session) -> None:
        if faults:
            raise faults.pop()
        commit(session)

    monkeypatch.setattr(Session, "commit", fails_once)
    first, second = late.tick()
    assert (first.record.public_id, str(first.fault), first.event_keys) == (quotes[0], "disk full", ())
    assert (second.record.public_id, second.fault) == (quotes[1], None)
    assert [desk.row(each).status for each in quotes] == ["ACTIVE", "CLOSED"]
    assert [each for _, each in shown(late.tick())] == [quotes[0]]


def test_each_is_done_once_whatever_number_of_processes_look(database_url: str, desk: Desk) -> None:
    """Twenty with connections of their own; each row has one event."""
    quotes = {make_quote(desk, valid_until=TODAY) for _ in range(8)}
    moment = desk.later(days=1).moment
    patient = Limits(wait_seconds=60, lock_seconds=30, statement_seconds=60)

    def process(_: int) -> list[Tick]:
        database = Database(database_url, readers=1, limits=patient)
        try:
            return list(run_due(database, moment))
        finally:
            database.close()

    ticks = [tick for each in at_once(20, process) for tick in each]
    assert sorted(each for _, each in shown(ticks)) == sorted(quotes)
    assert len(desk.all(Event, type="quote.expired")) == len(quotes)


def test_expiry_and_acceptance_at_once_leave_one_end(crowd: Desk) -> None:
    """Ten accept by the flag while ten clocks strike: an order and WON, or none and EXPIRED."""
    for _ in range(3):
        quote = make_quote(crowd, valid_until=TODAY)
        late = crowd.later(days=1)

        def end(number: int, quote: str = quote, late: Desk = late) -> str:
            try:
                if number % 2:
                    return "expired" if late.tick() else "nothing"
                return str(late.do("accept_quote", id=quote, accept_expired=True)["order"])
            except Exception as fault:  # noqa: BLE001  # Whatever it is shows in the comparison.
                return str(getattr(fault, "code", repr(fault)))

        answers = at_once(20, end)
        row = crowd.read(Quote, quote)
        orders = {each for each in answers if each.startswith("order_")}
        if row.status == "WON":
            assert (len(orders), answers.count("nothing")) == (1, 10)
        else:
            assert (row.reason, orders, answers.count("expired")) == ("EXPIRED", set(), 1)
            assert answers.count("ILLEGAL_TRANSITION") == 10


def test_no_one_is_offered_what_the_clock_does(desk: Desk) -> None:
    """Neither among the transitions nor among what a refusal lists."""
    quote = make_quote(desk)
    assert "expireQuote" not in {offer.name for offer in desk.offers_of(quote)}
    refusal = desk.refused("activate_quote", id=quote)
    assert "expireQuote" not in refusal.message
