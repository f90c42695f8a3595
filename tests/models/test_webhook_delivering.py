"""Is each event sent by one server, to whoever may hear of it, and not for ever?"""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlmodel import col, select, update

from models import outbox
from models.access import ApiKey, Role
from models.errors import NotFound
from models.event import Event
from models.record import parse_id, public_id
from models.webhook import (
    WebhookAttempt,
    WebhookDelivery,
    WebhookDeliveryStatus,
    WebhookProgress,
    prune,
)
from tests.deliveries import (
    THREE_DAYS,
    attempt,
    fail,
    find_due,
    give_keys,
    make_webhook_endpoint,
    put_in_order,
    take,
    tell,
)
from tests.desk import START, Desk, at_once, told
from tests.factories import make_account

# ---- which events


def test_endpoint_is_told_of_what_comes_after_it(desk: Desk) -> None:
    """Each event once, in the order of the commits."""
    give_keys(desk)
    make_account(desk)
    tell(desk)
    endpoint = make_webhook_endpoint(desk, names=["account.*"])
    made = [make_account(desk, name=f"A{number}") for number in range(3)]
    assert tell(desk) == 3
    assert tell(desk) == 3
    rows = desk.all(WebhookDelivery, endpoint_id=endpoint)
    with desk.database.reading() as session:
        subjects = [session.get_one(Event, each.event_id).subject_id for each in rows]
    assert subjects == [parse_id(each)[1] for each in made]
    positions = [each.position or 0 for each in rows]
    assert positions == sorted(positions)


def test_endpoint_is_not_told_of_what_was_before_it(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """Not of a history that nobody has listened to, and of which no event has its position, however long."""
    monkeypatch.setattr(outbox, "_BATCH", 2)
    give_keys(desk)
    for number in range(5):
        make_account(desk, name=f"A{number}")
    make_webhook_endpoint(desk, names=["account.*"])
    assert tell(desk) == 0
    made = make_account(desk, name="B")
    assert tell(desk) == 1
    with desk.database.reading() as session:
        (delivery,) = desk.all(WebhookDelivery)
        assert session.get_one(Event, delivery.event_id).subject_id == parse_id(made)[1]


def test_names_choose_and_unknown_ones_are_refused(desk: Desk) -> None:
    """As in subscriptions; at most fifty."""
    give_keys(desk)
    make_webhook_endpoint(desk, names=["account.updated", "quote.*"])
    account = make_account(desk)
    desk.do("update_account", id=account, name="Other")
    assert tell(desk) == 1
    refusal = desk.refused("create_webhook_endpoint", url="https://a.example.com/", names=["nothing.*"])
    assert told(refusal) == ("VALIDATION", ("input", "names"))
    refusal = desk.refused("create_webhook_endpoint", url="https://a.example.com/", names=["quote.*"] * 51)
    assert told(refusal) == ("VALIDATION", ("input", "names"))


def test_partner_is_told_of_shared_accounts_only(desk: Desk) -> None:
    """Of those that are shared when the event is sent: one that was hidden meanwhile is withheld."""
    give_keys(desk)
    make_webhook_endpoint(desk.acting(Role.PARTNER))
    ours, theirs = make_account(desk, name="Ours"), make_account(desk, name="Theirs")
    admin = desk.acting(Role.ADMIN)
    partner = public_id("user", desk.users[Role.PARTNER].id)
    admin.do("share_account", id=ours, partner_id=partner)
    desk.do("update_account", id=theirs, name="Theirs still")
    assert tell(desk) == 2
    admin.do("unshare_account", id=ours, partner_id=partner)
    for _, key in find_due(desk):
        assert take(desk, key) is None
    assert {each.status for each in desk.all(WebhookDelivery)} == {WebhookDeliveryStatus.WITHHELD}
    assert desk.all(WebhookAttempt) == []


def test_user_without_a_key_is_told_nothing(desk: Desk) -> None:
    """Whoever has left is told no more; with a new key the events that waited are sent."""
    give_keys(desk)
    make_webhook_endpoint(desk, names=["account.*"])
    make_account(desk)
    assert tell(desk) == 1
    with desk.database.writing() as session:
        session.execute(update(ApiKey).values(revoked_at=START))
        session.commit()
    make_account(desk, name="B")
    assert (tell(desk), find_due(desk)) == (1, [])
    give_keys(desk)
    assert (tell(desk), len(find_due(desk))) == (2, 2)


def test_endpoint_that_is_far_behind_is_told_in_parts(desk: Desk) -> None:
    """A thousand deliveries wait at most; the events themselves are kept anyway."""
    give_keys(desk)
    endpoint = make_webhook_endpoint(desk, names=["account.*"])
    make_account(desk)
    key = parse_id(endpoint)[1]
    with desk.database.writing() as session:
        session.add_all(
            WebhookDelivery(created_at=START, endpoint_id=key, next_attempt_at=START) for _ in range(1_000)
        )
        session.commit()
    assert tell(desk) == 1_000
    assert take(desk, find_due(desk)[0][1]) is not None
    with desk.database.writing() as session:
        session.execute(
            update(WebhookDelivery)
            .where(col(WebhookDelivery.attempt_count) == 1)
            .values(status=WebhookDeliveryStatus.DELIVERED)
        )
        session.commit()
    assert tell(desk) == 1_001


def test_many_servers_write_each_delivery_once(crowd: Desk) -> None:
    """Ten at once: whoever comes second sees that it was done."""
    give_keys(crowd)
    make_webhook_endpoint(crowd, names=["account.*"])
    for number in range(30):
        make_account(crowd, name=f"A{number}")
    at_once(10, lambda _: tell(crowd))
    assert len(crowd.all(WebhookDelivery)) == 30


# ---- who sends, and how often


def test_one_server_takes_a_delivery(crowd: Desk) -> None:
    """Ten try; once the lease of the first is over, the next one gets it, as another attempt of the same."""
    give_keys(crowd)
    endpoint = make_webhook_endpoint(crowd)
    crowd.do("send_test_webhook", id=endpoint)
    ((_, key),) = find_due(crowd)
    taken = [each for each in at_once(10, lambda _: take(crowd, key)) if each is not None]
    assert [each.delivery.attempt_count for each in taken] == [1]
    assert find_due(crowd.later(seconds=29)) == []
    again = take(crowd.later(seconds=30), key)
    assert again is not None
    assert (again.delivery.attempt_count, again.message_id) == (2, taken[0].message_id)


def test_waits_grow_until_three_days_are_over(desk: Desk) -> None:
    """From five seconds to twelve hours, each a little off; then the delivery is given up."""
    give_keys(desk)
    endpoint = make_webhook_endpoint(desk)
    desk.do("send_test_webhook", id=endpoint)
    ((_, key),) = find_due(desk)
    now, waits = desk, []
    while (next_at := fail(now, key)) is not None:
        waits.append((next_at - now.now).total_seconds())
        now = replace(now, now=next_at)
    for number, wait in enumerate(waits):
        assert wait == pytest.approx(min(5 * 4**number, 43_200), rel=0.1001)
    assert sum(waits) <= THREE_DAYS
    assert 12 <= len(waits) <= 14
    (row,) = desk.all(WebhookDelivery)
    assert (row.status, row.next_attempt_at, row.delivered_at) == ("FAILED", None, None)
    attempts = desk.all(WebhookAttempt)
    assert [each.number for each in attempts] == list(range(1, len(waits) + 2))
    assert [each.next_attempt_at is None for each in attempts] == [False] * len(waits) + [True]
    assert {(each.status_code, each.error) for each in attempts} == {(500, "the receiver did not take it")}


def test_endpoint_that_took_nothing_for_three_days_is_suspended(desk: Desk) -> None:
    """By the clock, for that reason; nothing is sent meanwhile, and enabling it begins anew."""
    give_keys(desk)
    endpoint = make_webhook_endpoint(desk, names=["account.*"])
    desk.do("send_test_webhook", id=endpoint)
    ((_, key),) = find_due(desk)
    late = desk.later(days=3, seconds=-1)
    fail(late, key)
    make_account(late)
    tell(late)
    assert find_due(late) == []
    assert [(each.command, each.record.public_id) for each in late.tick()] == [
        ("suspendWebhookEndpoint", endpoint)
    ]
    assert late.row(endpoint).state == "DISABLED.FAILING"
    assert late.events_of(endpoint)[-1].type == "webhook_endpoint.suspended"
    assert late.tick() == []
    late.do("enable_webhook_endpoint", id=endpoint)
    assert (late.row(endpoint).state, late.tick(), tell(late)) == ("ACTIVE.ACTIVE", [], 1)


def test_time_for_trying_begins_anew_when_an_endpoint_is_enabled(desk: Desk) -> None:
    """What waited for longer than three days is tried for three days more; only then it is suspended."""
    give_keys(desk)
    endpoint = make_webhook_endpoint(desk)
    for _ in range(2):
        desk.do("send_test_webhook", id=endpoint)
    first, second = (key for _, key in find_due(desk))
    taken = take(desk.later(hours=1), first)
    assert taken is not None
    assert attempt(desk.later(hours=1), taken, 204) is None
    assert fail(desk, second) is not None
    desk.later(hours=2).do("disable_webhook_endpoint", id=endpoint)
    enabled = desk.later(days=7)
    enabled.do("enable_webhook_endpoint", id=endpoint)
    assert fail(enabled, second) is not None
    assert (enabled.tick(), enabled.row(endpoint).state) == ([], "ACTIVE.ACTIVE")
    late = enabled.later(days=3, seconds=-1)
    assert fail(late, second) is None
    assert [each.command for each in late.tick()] == ["suspendWebhookEndpoint"]


def test_endpoint_that_took_something_meanwhile_is_not_suspended(desk: Desk) -> None:
    """Only the one delivery is given up."""
    give_keys(desk)
    endpoint = make_webhook_endpoint(desk)
    for _ in range(2):
        desk.do("send_test_webhook", id=endpoint)
    first, second = (key for _, key in find_due(desk))
    taken = take(desk.later(hours=1), second)
    assert taken is not None
    assert attempt(desk.later(hours=1), taken, 204) is None
    assert fail(desk.later(days=3, seconds=-1), first) is None
    assert sorted(each.status for each in desk.all(WebhookDelivery)) == ["DELIVERED", "FAILED"]
    assert desk.later(days=3).tick() == []


def test_endpoint_that_is_gone_is_suspended_at_once(desk: Desk) -> None:
    """410 says that it is to be told no more."""
    give_keys(desk)
    endpoint = make_webhook_endpoint(desk)
    desk.do("send_test_webhook", id=endpoint)
    taken = take(desk, find_due(desk)[0][1])
    assert taken is not None
    assert attempt(desk, taken, 410, "the receiver did not take it") is None
    assert [each.command for each in desk.tick()] == ["suspendWebhookEndpoint"]
    assert desk.row(endpoint).state == "DISABLED.GONE"
    assert desk.all(WebhookDelivery)[0].status == "FAILED"


def test_no_endpoint_holds_up_another(desk: Desk) -> None:
    """Each gets four at once, one that is slow gets one, and what is under way counts."""
    give_keys(desk)
    many, few = make_webhook_endpoint(desk), make_webhook_endpoint(desk)
    for endpoint, count in ((many, 10), (few, 2)):
        for _ in range(count):
            desk.do("send_test_webhook", id=endpoint)
    one, two = parse_id(many)[1], parse_id(few)[1]

    def chosen(**given: Any) -> tuple[int, int]:
        found = [endpoint for endpoint, _ in find_due(desk, **given)]
        return found.count(one), found.count(two)

    assert chosen() == (4, 2)
    assert chosen(busy={one: 3}) == (1, 2)
    assert chosen(busy={one: 4}) == (0, 2)
    assert chosen(slow={one}) == (1, 2)
    assert chosen(slow={one}, busy={one: 1}) == (0, 2)
    assert sum(chosen(limit=3)) == 3


# ---- replay, disable, prune


def test_delivery_is_replayed_as_a_new_one_of_the_same_event(desk: Desk) -> None:
    """The message bears the id that it had; another endpoint's delivery is not replayed here."""
    give_keys(desk)
    endpoint, other = make_webhook_endpoint(desk, names=["account.*"]), make_webhook_endpoint(desk)
    make_account(desk)
    tell(desk)
    (first,) = desk.all(WebhookDelivery, endpoint_id=endpoint)
    taken = take(desk, first.id)
    assert taken is not None
    attempt(desk, taken, 204)
    made = desk.do("replay_webhook", id=endpoint, delivery_id=first.public_id)["delivery"]
    again = take(desk, parse_id(made)[1])
    assert again is not None
    assert (again.message_id, again.delivery.position) == (taken.message_id, first.position)
    refusal = desk.refused("replay_webhook", id=other, delivery_id=first.public_id)
    assert told(refusal) == ("VALIDATION", ("input", "deliveryId"))
    partner = desk.acting(Role.PARTNER)
    own = make_webhook_endpoint(partner)
    refusal = partner.refused("replay_webhook", id=own, delivery_id=first.public_id)
    assert isinstance(refusal, NotFound)


def test_all_events_after_a_cursor_are_replayed(desk: Desk) -> None:
    """What still waits is replaced, what was sent before stays in the log."""
    give_keys(desk)
    endpoint = make_webhook_endpoint(desk, names=["account.*"])
    for number in range(3):
        make_account(desk, name=f"A{number}")
    tell(desk)
    first, second, third = desk.all(WebhookDelivery)
    taken = take(desk, second.id)
    assert taken is not None
    attempt(desk, taken, 204)
    done = desk.do("replay_webhook", id=endpoint, after=outbox.cursor_of(first.position or 0))
    assert done["delivery"] is None
    assert tell(desk) == 5
    assert [each.status for each in desk.all(WebhookDelivery)] == [
        "PENDING", "DELIVERED", "REPLACED", "PENDING", "PENDING",
    ]  # fmt: skip
    assert [each.event_id for each in desk.all(WebhookDelivery)][3:] == [second.event_id, third.event_id]


def test_replay_skips_nothing_that_was_not_told_yet(desk: Desk) -> None:
    """A cursor that is further on than the endpoint: what lies before it is told all the same."""
    give_keys(desk)
    endpoint = make_webhook_endpoint(desk, names=["account.*"])
    for number in range(3):
        make_account(desk, name=f"A{number}")
    desk.do("replay_webhook", id=endpoint, after=outbox.cursor_of(put_in_order(desk)))
    assert tell(desk) == 3


@pytest.mark.parametrize("given", [{}, {"after": "x", "delivery_id": "webhook_delivery_" + "0" * 26}])
def test_replay_takes_one_of_two(desk: Desk, given: dict[str, str]) -> None:
    """Neither, and both, are refused."""
    endpoint = make_webhook_endpoint(desk)
    assert told(desk.refused("replay_webhook", id=endpoint, **given)) == (
        "VALIDATION", ("input", "deliveryId"),
    )  # fmt: skip


@pytest.mark.parametrize("after", ["", "x", outbox.cursor_of(1_000_000), outbox.cursor_of(-1), "WyJ4Iiwx"])
def test_replay_after_no_cursor_is_refused(desk: Desk, after: str) -> None:
    """One that is damaged, of a page, or of what is still to come."""
    endpoint = make_webhook_endpoint(desk)
    assert told(desk.refused("replay_webhook", id=endpoint, after=after)) == (
        "VALIDATION", ("input", "after"),
    )  # fmt: skip


def test_disabled_endpoint_is_told_of_what_comes_after_it_is_enabled(desk: Desk) -> None:
    """What waited is sent then; what happened meanwhile is not, although nobody has put it in order."""
    give_keys(desk)
    endpoint = make_webhook_endpoint(desk, names=["account.*"])
    make_account(desk)
    tell(desk)
    desk.do("disable_webhook_endpoint", id=endpoint, note="Moving.")
    make_account(desk, name="B")
    assert find_due(desk) == []
    desk.do("enable_webhook_endpoint", id=endpoint)
    make_account(desk, name="C")
    assert (tell(desk), len(find_due(desk))) == (2, 2)


def test_log_is_pruned(desk: Desk) -> None:
    """What was sent long ago goes with its attempts; what waits stays."""
    give_keys(desk)
    endpoint = make_webhook_endpoint(desk)
    for _ in range(2):
        desk.do("send_test_webhook", id=endpoint)
    taken = take(desk, find_due(desk)[0][1])
    assert taken is not None
    attempt(desk, taken, 204)
    with desk.database.writing() as session:
        assert prune(session, START) == 0
        assert prune(session, START + timedelta(seconds=1)) == 1
        session.commit()
    assert [each.status for each in desk.all(WebhookDelivery)] == ["PENDING"]
    assert desk.all(WebhookAttempt) == []


def test_progress_is_no_commands_matter(desk: Desk) -> None:
    """Delivering raises no version and tells no event."""
    give_keys(desk)
    endpoint = make_webhook_endpoint(desk, names=["account.*"])
    make_account(desk)
    before = desk.row(endpoint), len(desk.events_of(endpoint))
    tell(desk)
    taken = take(desk, find_due(desk)[0][1])
    assert taken is not None
    attempt(desk, taken, 204)
    assert (desk.row(endpoint), len(desk.events_of(endpoint))) == before
    with desk.database.reading() as session:
        progress = session.exec(select(WebhookProgress)).one()
        assert (progress.position, progress.succeeded_at) == (outbox.head(session), START)
