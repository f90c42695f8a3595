"""Does the courier go on, and rest, where the database or the network does not do what it should?"""

import asyncio
import logging
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import httpcore
import pytest
from sqlalchemy.exc import SQLAlchemyError
from sqlmodel import col, update

from graphql_api.settings import Settings
from graphql_api.streams import Streams
from graphql_api.webhooks import Courier
from graphql_api.webhooks.sending import Network
from models import outbox
from models.database import Database
from models.event import Event
from models.webhook import WebhookAttempt, WebhookDelivery
from tests.deliveries import give_keys, make_webhook_endpoint, tell
from tests.desk import Desk
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
    give_keys(desk)
    return replace(desk, organization=replace(desk.organization, webhooks_to_loopback=True))


@pytest.fixture
def settings(database_url: str) -> Settings:
    """Return the settings of a server that tells programs of this machine."""
    return Settings(database_url=database_url, webhook_loopback=True, webhook_timeout_seconds=5.0)


def courier(desk: Desk, settings: Settings) -> Courier:
    """Return a courier that works at the desk's moment."""
    streams = Streams(desk.database, poll_seconds=1.0, most_per_viewer=1)
    return Courier(settings, desk.database, lambda: desk.now, streams.catch_up)


def deliver(desk: Desk, settings: Settings) -> tuple[int, int]:
    """Send what is due, and return how many were sent and taken."""
    sent = courier(desk, settings).deliver()
    return sent.attempts, sent.delivered


@contextmanager
def refusing_to_take(desk: Desk) -> Iterator[None]:
    """Let the database take no change of a delivery meanwhile, as with a full disk."""
    trigger = "CREATE TRIGGER refuse BEFORE UPDATE ON webhook_delivery"
    if desk.database.dialect == "sqlite":
        made = [f"{trigger} BEGIN SELECT RAISE(ABORT, 'full'); END"]
        ended = ["DROP TRIGGER refuse"]
    else:
        body = "BEGIN RAISE EXCEPTION 'full' USING ERRCODE = 'disk_full'; END"
        function = f"CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ {body} $$"
        made = [function, f"{trigger} FOR EACH ROW EXECUTE FUNCTION refuse()"]
        ended = ["DROP TRIGGER refuse ON webhook_delivery", "DROP FUNCTION refuse"]
    _execute(desk.database, made)
    yield
    _execute(desk.database, ended)


def _execute(database: Database, statements: list[str]) -> None:
    with database._writer.begin() as connection:
        for each in statements:
            connection.exec_driver_sql(each)


async def test_database_that_takes_nothing_is_not_asked_all_the_time(
    local: Desk, settings: Settings, receiver: Receiver, caplog: pytest.LogCaptureFixture
) -> None:
    """The courier rests as if nothing were due, and sends once it can write down that it does."""
    endpoint = make_webhook_endpoint(local, url=receiver.url(), names=["account.*"])
    local.do("send_test_webhook", id=endpoint)
    with caplog.at_level(logging.WARNING):
        async with courier(local, replace(settings, webhook_seconds=0.25)).running():
            with refusing_to_take(local):
                await asyncio.sleep(1.0)
            told = [each.getMessage() for each in caplog.records]
            await asyncio.to_thread(until, lambda: receiver.received)
    assert {each.partition(":")[0] for each in told} == {"A webhook waits for the database"}
    assert 1 <= len(told) <= 5


def test_command_ends_where_the_database_takes_nothing(
    local: Desk, settings: Settings, receiver: Receiver
) -> None:
    """It says so, and sends nothing."""
    endpoint = make_webhook_endpoint(local, url=receiver.url())
    local.do("send_test_webhook", id=endpoint)
    faults: list[BaseException] = []

    def work() -> None:
        try:
            deliver(local, settings)
        except SQLAlchemyError as fault:
            faults.append(fault)

    with refusing_to_take(local):
        thread = threading.Thread(target=work, daemon=True)
        thread.start()
        thread.join(20)
    assert (len(faults), receiver.received) == (1, [])
    assert "full" in str(faults[0])


def test_message_that_cannot_be_written_is_a_failed_attempt(
    local: Desk, settings: Settings, receiver: Receiver, caplog: pytest.LogCaptureFixture
) -> None:
    """Of a kind of record that this version does not know: it waits its time, and the others are sent."""
    make_webhook_endpoint(local, url=receiver.url(), names=["account.*"])
    make_account(local, name="A")
    tell(local)
    with local.database.writing() as session:
        session.execute(
            update(Event).where(col(Event.type) == "account.created").values(subject_type="relic")
        )
        session.commit()
    make_account(local, name="B")
    assert deliver(local, settings) == (2, 1)
    assert deliver(local, settings) == (0, 0)
    error = "this server failed to write the message; its log says why"
    found = [(each.number, each.status_code, each.error) for each in local.all(WebhookAttempt)]
    assert found == [(1, None, error), (1, 204, None)]
    assert [each.levelname for each in caplog.records] == ["ERROR"]


def test_log_is_pruned_although_nobody_is_told_anything(
    local: Desk, settings: Settings, receiver: Receiver
) -> None:
    """Its endpoints are all disabled."""
    endpoint = make_webhook_endpoint(local, url=receiver.url(), names=["account.*"])
    make_account(local)
    assert deliver(local, settings) == (1, 1)
    local.do("disable_webhook_endpoint", id=endpoint)
    assert deliver(local.later(days=31), settings) == (0, 0)
    assert local.all(WebhookDelivery) == []


def test_events_that_nobody_listens_to_are_put_in_order_now_and_then(
    local: Desk, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Once an hour, and then until none is left: an endpoint that is made later has not much to wait for."""
    monkeypatch.setattr("models.outbox._BATCH", 1)
    monkeypatch.setattr("graphql_api.webhooks.courier._EVENTS_AT_ONCE", 10)
    ours = courier(local, settings)
    expected = []
    for count in (15, 1):
        for _ in range(count):
            make_account(local)
        for _ in range(3):
            ours.deliver()
            with local.database.reading() as session:
                expected.append(outbox.head(session))
    assert expected == [10, 15, 15, 15, 15, 15]


async def test_name_that_is_not_answered_holds_up_no_other(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is looked up once, whoever waits for it; neither another name nor the loop's end waits."""
    over, asked = threading.Event(), []
    real = socket.getaddrinfo

    def look_up(host: str, *given: Any, **more: Any) -> Any:
        asked.append(host)
        if host == "hangs.example":
            over.wait(60)
        return real("127.0.0.1", *given, **more)

    monkeypatch.setattr(socket, "getaddrinfo", look_up)
    network = Network(to_loopback=False, most_lookups=2)
    for _ in range(3):
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.05):
                await network.connect_tcp("hangs.example", 443)
    with pytest.raises(httpcore.ConnectError, match="not on the public internet"):
        async with asyncio.timeout(10):
            await network.connect_tcp("other.example", 443)
    assert asked == ["hangs.example", "other.example"]
    network.close()
    over.set()
