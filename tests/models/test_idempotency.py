"""Does a repeated command get the first answer, and never a second effect?"""

import threading
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest
from sqlmodel import select

from models.access import Role
from models.database import Database
from models.engines import Limits
from models.errors import IdempotencyInProgress, IdempotencyKeyReused
from models.event import Event, IdempotencyEntry
from models.lifecycle import remember, run
from models.order import Order
from models.payment import Payment
from tests.desk import Desk, at_once, told
from tests.factories import Item, make_draft, make_invoice, make_lead, make_quote


def _entries(desk: Desk) -> list[IdempotencyEntry]:
    with desk.database.reading() as session:
        return list(session.exec(select(IdempotencyEntry)).all())


def test_a_repeat_gets_the_first_answer(desk: Desk) -> None:
    """Same key and input: the same records, no event, no second payment."""
    invoice = make_invoice(desk)
    given = {"id": invoice, "amount": Decimal(10), "idempotency_key": "k"}
    first = desk.do("record_payment", **given)
    again = desk.later(hours=23).do("record_payment", **given)
    assert again.values == first.values
    assert (again.outcome.is_replay, again.events) == (True, [])
    assert len(desk.all(Payment)) == 1
    assert desk.row(invoice).version == 3


def test_a_repeat_is_answered_whatever_has_happened_since(desk: Desk) -> None:
    """The record has moved on, its version is another: the repeat is still the first call."""
    quote = make_draft(desk)
    given = {"id": quote, "expected_version": 1, "idempotency_key": "k", **Item().given}
    first = desk.do("add_quote_line", **given)
    desk.do("activate_quote", id=quote)
    assert desk.do("add_quote_line", **given)["line"] == first["line"]


def test_an_answer_is_kept_with_its_plain_values(desk: Desk) -> None:
    """Lists, plain values and nulls come back as they were."""
    quote = make_quote(desk)
    first = desk.do("accept_quote", id=quote, idempotency_key="k")
    assert desk.do("accept_quote", id=quote, idempotency_key="k").values == first.values
    assert first.values == {
        "quote": quote,
        "order": desk.all(Order)[0].public_id,
        "opportunity": first["opportunity"],
        "closed_quotes": [],
        "remark": None,
        "already_done": False,
    }


def test_other_input_under_a_key_is_refused(desk: Desk) -> None:
    """The key stands for its input, also where the new input would be invalid."""
    invoice = make_invoice(desk)
    desk.do("record_payment", id=invoice, amount=Decimal(10), idempotency_key="k")
    for given in ({"id": invoice, "amount": Decimal(11)}, {"id": "nonsense", "amount": Decimal(-1)}):
        refusal = desk.refused("record_payment", idempotency_key="k", **given)
        assert isinstance(refusal, IdempotencyKeyReused)
        assert told(refusal) == ("IDEMPOTENCY_KEY_REUSED", ("input", "idempotencyKey"))
        assert refusal.message == (
            "This idempotencyKey was used with other input; use a new key for a new command."
        )


def test_a_key_is_of_one_user_and_one_command(desk: Desk) -> None:
    """The same text is another key for another user, and for another command."""
    lead = make_lead(desk)
    given = {"id": lead, "idempotency_key": "k"}
    desk.do("disqualify_lead", reason="LOST", **given)
    desk.do("reactivate_lead", **given)
    again = desk.acting(Role.ADMIN).do("disqualify_lead", reason="LOST", **given)
    assert (again.outcome.is_replay, len(_entries(desk))) == (False, 3)


def test_a_refused_call_stores_nothing(desk: Desk) -> None:
    """After the cause is put right the same key works, with the same input or another."""
    quote = make_draft(desk, ())
    desk.refused("activate_quote", id=quote, idempotency_key="k")
    assert _entries(desk) == []
    desk.do("add_quote_line", id=quote, expected_version=1, **Item().given)
    done = desk.do("activate_quote", id=quote, idempotency_key="k")
    assert (done.outcome.is_replay, desk.row(quote).status) == (False, "ACTIVE")


def test_a_dry_run_stores_nothing(desk: Desk) -> None:
    """What is rolled back leaves no entry either."""
    desk.tried("accept_quote", id=make_quote(desk), idempotency_key="k")
    assert _entries(desk) == []


def test_a_key_is_forgotten_after_a_day(desk: Desk) -> None:
    """Up to 24 hours it is the first call, afterwards a new one; the old entry is gone."""
    lead = make_lead(desk)
    given = {"id": lead, "interest": True, "idempotency_key": "k"}
    desk.do("record_qualification", **given)
    day = replace(desk, now=desk.now + timedelta(hours=24))
    assert day.do("record_qualification", **given).outcome.is_replay
    assert not day.later(seconds=1).do("record_qualification", **given).outcome.is_replay
    (entry,) = _entries(desk)
    assert entry.created_at == day.now + timedelta(seconds=1)
    assert desk.row(lead).version == 3


def test_a_key_that_cannot_be_is_refused(desk: Desk) -> None:
    """Empty, too long, or a text that no database stores."""
    lead = make_lead(desk)
    for key in ("", "x" * 256, "a\x00", "\ud800"):
        refusal = desk.refused("record_qualification", id=lead, interest=True, idempotency_key=key)
        assert told(refusal) == ("VALIDATION", ("input", "idempotencyKey"))
    desk.do("record_qualification", id=lead, interest=True, idempotency_key="x" * 255)


def test_a_repeat_keeps_the_first_bytes(desk: Desk) -> None:
    """The answer stays as it was remembered; remembering a repeat changes nothing."""
    lead = make_lead(desk)
    given = {"id": lead, "interest": True, "idempotency_key": "k"}
    for answer in ('{"first": 1}', '{"second": 2}'):
        with desk.database.writing() as session:
            outcome = run(session, desk.command("record_qualification", **given))
            remember(session, outcome, "hash", answer)
            session.commit()
    (entry,) = _entries(desk)
    assert (entry.answer, entry.selection_hash) == ('{"first": 1}', "hash")


def test_twenty_calls_with_one_key_are_one(crowd: Desk) -> None:
    """Each gets the one payment that was made, however they meet."""
    invoice = make_invoice(crowd)
    given = {"id": invoice, "amount": Decimal(10), "idempotency_key": "k"}
    answers = at_once(20, lambda _: crowd.do("record_payment", **given))
    assert len({answer["payment"] for answer in answers}) == len(crowd.all(Payment)) == 1
    assert [answer.outcome.is_replay for answer in answers].count(False) == 1
    assert len(crowd.all(Event, type="invoice.payment_recorded")) == 1


@pytest.mark.parametrize("is_refused", [False, True], ids=["committed", "rolled back"])
def test_a_second_call_waits_for_the_first(crowd: Desk, *, is_refused: bool) -> None:
    """If the first was kept the second repeats its answer; if it was rolled back the second is the first."""
    lead = make_lead(crowd)
    given = {"id": lead, "interest": True, "idempotency_key": "k"}
    answers = []
    second = threading.Thread(
        target=lambda: answers.append(crowd.do("record_qualification", **given).outcome.is_replay)
    )
    with crowd.database.writing() as session:
        outcome = run(session, crowd.command("record_qualification", **given))
        remember(session, outcome, "hash", "{}")
        second.start()
        assert answers == []
        if is_refused:
            session.rollback()
        else:
            session.commit()
    second.join()
    assert answers == [not is_refused]
    assert crowd.row(lead).version == 2


def test_an_impatient_second_call_is_told_that_the_first_runs(desk: Desk) -> None:
    """On PostgreSQL the end of the wait is IDEMPOTENCY_IN_PROGRESS; SQLite has its one writer to wait for."""
    lead = make_lead(desk)
    given = {"id": lead, "interest": True, "idempotency_key": "k"}
    hasty = replace(desk, database=Database(desk.database.url, limits=Limits(lock_seconds=0.05)))
    with desk.database.writing() as session:
        run(session, desk.command("record_qualification", **given))
        with pytest.raises(Exception) as refused:  # noqa: PT011  # Told apart below, by engine.
            hasty._once("record_qualification", given)
    hasty.database.close()
    if desk.database.dialect == "sqlite":
        assert Database.is_retryable(refused.value)
        return
    assert isinstance(refused.value, IdempotencyInProgress)
    assert told(refused.value) == ("IDEMPOTENCY_IN_PROGRESS", ("input", "idempotencyKey"))
    assert refused.value.message == (
        "The first call with this idempotencyKey is still running; repeat the call in a moment."
    )
