"""Do webhooks reach their receivers: signed, at least once, and whatever the other receivers do?"""

import asyncio
import logging
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import httpcore
import pytest

from graphql_api.app import create_app, open_database
from graphql_api.settings import Settings
from graphql_api.streams import Streams
from graphql_api.webhooks import Courier
from graphql_api.webhooks.message import key_of, signatures
from graphql_api.webhooks.sending import Network
from models.access import Role, User, issue_key
from models.database import Database
from models.outbox import cursor_of
from models.record import INSTANT_FORMAT, public_id
from models.webhook import WebhookAttempt, WebhookDelivery
from tests.deliveries import make_webhook_endpoint
from tests.desk import Desk, at_once
from tests.factories import make_account
from tests.receiver import Receiver, receiving, until


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    """Return a receiver on loopback."""
    with receiving() as receiver:
        yield receiver


@pytest.fixture
def local(desk: Desk) -> Desk:
    """Return a desk whose webhooks may go to this machine, and whose users have keys."""
    with desk.database.writing() as session:
        for each in desk.users.values():
            issue_key(session, session.get_one(User, each.id), "test", now=desk.now, pepper=b"")
        session.commit()
    return replace(desk, organization=replace(desk.organization, webhooks_to_loopback=True))


@pytest.fixture
def settings(database_url: str) -> Settings:
    """Return the settings of a server that tells programs of this machine."""
    return Settings(database_url=database_url, webhook_loopback=True, webhook_timeout_seconds=5.0)


def courier(desk: Desk, settings: Settings, database: Database | None = None) -> Courier:
    """Return a courier that works at the desk's moment."""
    database = database or desk.database
    streams = Streams(database, poll_seconds=1.0, most_per_viewer=1)
    return Courier(settings, database, lambda: desk.now, streams.catch_up)


def deliver(desk: Desk, settings: Settings) -> tuple[int, int]:
    """Send what is due, and return how many were sent and taken."""
    sent = courier(desk, settings).deliver()
    return sent.attempts, sent.delivered


def log_of(desk: Desk) -> list[tuple[int, int | None, str | None]]:
    """Return number, status and error of every attempt."""
    return [(each.number, each.status_code, each.error) for each in desk.all(WebhookAttempt)]


def test_signature_is_that_of_standard_webhooks() -> None:
    """The example that the libraries are tested with."""
    signed = b'msg_p5jXN8AQM9LWM0D4loKWxJek.1614265330.{"test": 2432232314}'
    assert signatures(["whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"], signed) == [
        "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="
    ]
    with pytest.raises(ValueError, match="a secret is whsec_ and base64"):
        key_of("whsec_?")


def test_event_is_sent_signed_and_whole(local: Desk, settings: Settings, receiver: Receiver) -> None:
    """Its fields are those of the schema, its cursor that of the streams."""
    made = local.do("create_webhook_endpoint", url=receiver.url(), names=["account.*"])
    account = make_account(local, name="Acme")
    assert deliver(local, settings) == (1, 1)
    (message,) = receiver.received
    (event,) = local.events_of(account)
    (delivery,) = local.all(WebhookDelivery)
    assert (message.id, message.headers["content-type"]) == (event.public_id, "application/json")
    assert message.headers["webhook-timestamp"] == str(int(local.now.timestamp()))
    assert message.is_signed_with(made["secret"])
    assert not message.is_signed_with("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
    said = message.said
    changes = said["data"].pop("changes")
    assert {"field": "name", "before": None, "after": "Acme"} in changes
    assert said == {
        "type": "account.created",
        "timestamp": local.now.strftime(INSTANT_FORMAT),
        "data": {
            "cursor": cursor_of(event.position or delivery.position or 0),
            "id": event.public_id,
            "name": "account.created",
            "type": "CREATED",
            "command": "createAccount",
            "summary": event.summary,
            "subjectType": "account",
            "subjectId": account,
            "subjectVersion": 1,
            "accountId": account,
            "fromStatus": None,
            "toStatus": "ACTIVE",
            "reason": "ACTIVE",
            "note": None,
            "actorKind": "USER",
            "actorId": public_id("user", local.viewer.id),
            "causedById": None,
        },
    }
    assert (delivery.status, delivery.delivered_at, delivery.attempt_count) == ("DELIVERED", local.now, 1)
    assert log_of(local) == [(1, 204, None)]
    assert deliver(local, settings) == (0, 0)


def test_test_message_tells_of_nothing(local: Desk, settings: Settings, receiver: Receiver) -> None:
    """It is signed like any other, also while a secret is replaced."""
    made = local.do("create_webhook_endpoint", url=receiver.url())
    second = local.do("rotate_webhook_secret", id=made["webhook_endpoint"])["secret"]
    delivery = local.do("send_test_webhook", id=made["webhook_endpoint"])["delivery"]
    deliver(local, settings)
    message = next(each for each in receiver.received if each.said["type"] == "webhook.test")
    assert message.id == delivery
    assert message.said["data"] == {"endpointId": made["webhook_endpoint"]}
    assert message.is_signed_with(made["secret"])
    assert message.is_signed_with(second)


def test_partner_is_told_what_it_may_see(local: Desk, settings: Settings, receiver: Receiver) -> None:
    """Not of other accounts, and no id of what is hidden: not as cause, not among the changes."""
    partner = local.acting(Role.PARTNER)
    make_webhook_endpoint(partner, url=receiver.url())
    ours, theirs = make_account(local, name="Ours"), make_account(local, name="Theirs")
    shared = {"id": ours, "partner_id": public_id("user", partner.viewer.id)}
    local.acting(Role.ADMIN).do("share_account", **shared)
    local.do("update_account", id=ours, parent_id=theirs)
    deliver(local, settings)
    assert {each.said["data"]["subjectId"] for each in receiver.received} == {ours}
    assert theirs not in "".join(each.body.decode() for each in receiver.received)
    assert "account.updated" in {each.said["type"] for each in receiver.received}


def test_failed_message_is_sent_again_under_its_id(
    local: Desk, settings: Settings, receiver: Receiver
) -> None:
    """After its wait, with the time of the new attempt, until the receiver takes it."""
    make_webhook_endpoint(local, url=receiver.url(), names=["account.*"])
    receiver.statuses["/hook"] = [500, 429, 204]
    make_account(local)
    now, found = local, []
    for _ in range(3):
        found.append(deliver(now, settings))
        assert deliver(now, settings) == (0, 0)
        now = now.later(seconds=25)
    assert found == [(1, 0), (1, 0), (1, 1)]
    assert len({each.id for each in receiver.received}) == 1
    assert len({each.headers["webhook-timestamp"] for each in receiver.received}) == 3
    error = "the receiver did not take it"
    assert log_of(local) == [(1, 500, error), (2, 429, error), (3, 204, None)]


def test_redirect_is_not_followed(local: Desk, settings: Settings, receiver: Receiver) -> None:
    """It is a failure; nothing reaches the other address."""
    make_webhook_endpoint(local, url=receiver.url(), names=["account.*"])
    receiver.statuses["/hook"] = [302]
    make_account(local)
    assert deliver(local, settings) == (1, 0)
    assert [each.path for each in receiver.received] == ["/hook"]
    assert log_of(local) == [(1, 302, "a redirect, which is not followed")]


def test_receiver_that_is_gone_is_told_no_more(local: Desk, settings: Settings, receiver: Receiver) -> None:
    """410 disables the endpoint, even before the clock has looked."""
    endpoint = make_webhook_endpoint(local, url=receiver.url(), names=["account.*"])
    receiver.statuses["/hook"] = [410]
    make_account(local)
    assert deliver(local, settings) == (1, 0)
    make_account(local, name="B")
    assert deliver(local, settings) == (0, 0)
    local.tick()
    assert local.row(endpoint).state == "DISABLED.GONE"
    assert len(receiver.received) == 1


def test_receiver_that_is_away_is_tried_again(local: Desk, settings: Settings) -> None:
    """Nobody listens there."""
    with receiving() as gone:
        url = gone.url()
    make_webhook_endpoint(local, url=url, names=["account.*"])
    make_account(local)
    assert deliver(local, settings) == (1, 0)
    assert log_of(local) == [(1, None, "no connection to 127.0.0.1")]
    assert local.all(WebhookDelivery)[0].status == "PENDING"


def test_slow_receiver_holds_up_nobody(local: Desk, settings: Settings, receiver: Receiver) -> None:
    """It is given up after its time; another one gets all its messages while the first four still wait."""
    hasty = replace(settings, webhook_timeout_seconds=3.0)
    receiver.pauses["/slow"] = 30.0
    for path in ("/slow", "/fast"):
        make_webhook_endpoint(local, url=receiver.url(path), names=["account.*"])
    for number in range(5):
        make_account(local, name=f"A{number}")
    thread = threading.Thread(target=deliver, args=(local, hasty))
    thread.start()
    until(lambda: len(receiver.to("/fast")) == 5)
    assert len(receiver.to("/slow")) <= 4
    thread.join()
    failed = [each[1:] for each in log_of(local) if each[2] is not None]
    assert failed == [(None, "no answer within 3 s")] * 5


def test_nothing_is_sent_to_a_private_address(local: Desk, settings: Settings, receiver: Receiver) -> None:
    """Whatever the endpoint's name stood for when it was made: the address that it has now counts."""
    url = receiver.url().replace("127.0.0.1", "localhost")
    make_webhook_endpoint(local, url=url, names=["account.*"])
    make_account(local)
    assert deliver(local, replace(settings, webhook_loopback=False)) == (1, 0)
    error = "localhost has an address that is not on the public internet; nothing is sent there"
    assert log_of(local) == [(1, None, error)]
    assert receiver.received == []


@pytest.mark.parametrize(
    ("host", "words"),
    [
        ("localhost", "localhost has an address that is not on the public internet; nothing is sent there"),
        ("2130706433", "2130706433 has an address that is not on the public internet; nothing is sent there"),
        ("nowhere.invalid", "nowhere.invalid has no address"),
        ("a" * 70 + ".example", "a" * 70 + ".example has no address"),
    ],
)
async def test_network_connects_to_public_addresses_only(host: str, words: str) -> None:
    """A number is an address as well, whatever it is written like."""
    with pytest.raises(httpcore.ConnectError) as caught:
        await Network(to_loopback=False).connect_tcp(host, 443, 1.0)
    assert str(caught.value) == words
    with pytest.raises(httpcore.ConnectError):
        await Network(to_loopback=True).connect_unix_socket("/tmp/x")  # noqa: S108  # Nothing is there.


def test_secret_is_in_no_log(
    local: Desk, settings: Settings, receiver: Receiver, caplog: pytest.LogCaptureFixture
) -> None:
    """Not even where libraries tell all that they do."""
    with caplog.at_level(logging.DEBUG):
        made = local.do("create_webhook_endpoint", url=receiver.url(), names=["account.*"])
        receiver.statuses["/hook"] = [500]
        make_account(local)
        deliver(local, settings)
    assert caplog.records
    assert made["secret"] not in caplog.text
    assert made["secret"].removeprefix("whsec_") not in caplog.text


def test_two_servers_send_each_message_once(local: Desk, settings: Settings, receiver: Receiver) -> None:
    """They look at the same moment, each with connections of its own."""
    make_webhook_endpoint(local, url=receiver.url(), names=["account.*"])
    for number in range(20):
        make_account(local, name=f"A{number}")
    databases = [open_database(settings) for _ in range(2)]
    sent = at_once(2, lambda number: courier(local, settings, databases[number]).deliver())
    while any(each.status == "PENDING" for each in local.all(WebhookDelivery)):
        sent.append(courier(local, settings).deliver())
    for each in databases:
        each.close()
    assert sum(each.attempts for each in sent) == 20
    assert len(receiver.received) == len({each.id for each in receiver.received}) == 20


def run(settings: Settings, *arguments: str) -> "subprocess.Popen[bytes]":
    """Start the program on the database of the settings."""
    environment = {
        "SALES_DATABASE_URL": settings.database_url,
        "SALES_WEBHOOK_LOOPBACK": "true",
        "SALES_WEBHOOK_SECONDS": "0.05",
    }
    kept = {name: value for name, value in os.environ.items() if not name.startswith("SALES_")}
    return subprocess.Popen(
        [sys.executable, "-m", "graphql_api", *arguments],
        env=kept | environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )


def test_message_of_a_server_that_was_killed_is_sent_again(
    local: Desk, settings: Settings, receiver: Receiver
) -> None:
    """Between sending and writing it down: the receiver knows the repeat by its id."""
    make_webhook_endpoint(local, url=receiver.url(), names=["account.*"])
    make_account(local)
    receiver.pauses["/hook"] = 1.0
    with run(settings, "webhooks", "deliver") as process:
        until(lambda: receiver.received)
        process.send_signal(signal.SIGKILL)
    assert log_of(local) == []
    receiver.pauses.clear()
    (delivery,) = local.all(WebhookDelivery)
    assert delivery.next_attempt_at is not None
    after = replace(local, now=delivery.next_attempt_at)
    assert deliver(replace(after, now=after.now - timedelta(seconds=1)), settings) == (0, 0)
    assert deliver(after, settings) == (1, 1)
    first, second = receiver.received
    assert (first.id, first.body) == (second.id, second.body)
    assert log_of(local) == [(2, 204, None)]


def test_command_sends_what_is_due(local: Desk, settings: Settings, receiver: Receiver) -> None:
    """For a company whose servers do not."""
    endpoint = make_webhook_endpoint(local, url=receiver.url(), names=["account.*"])
    make_account(local)
    local.do("send_test_webhook", id=endpoint)
    with run(settings, "webhooks", "deliver") as process:
        told, _ = process.communicate(timeout=60)
    assert (process.returncode, told.decode()) == (0, "2 sent, 2 taken.\n")


def test_database_that_is_away_is_waited_for(caplog: pytest.LogCaptureFixture) -> None:
    """It is logged, and nothing ends."""
    settings = Settings(database_url="postgresql://sales:hunter2@127.0.0.1:9/sales", webhook_seconds=0.05)
    app = create_app(replace(settings, clock_seconds=0))

    async def live() -> None:
        async with app.router.lifespan_context(app):
            async with asyncio.timeout(20):
                while not caplog.records:  # noqa: ASYNC110  # A thread of the server has no such event.
                    await asyncio.sleep(0.01)

    with caplog.at_level(logging.WARNING):
        asyncio.run(live())
    assert {each.getMessage() for each in caplog.records} == {
        "Webhooks wait for the database: OperationalError"
    }
