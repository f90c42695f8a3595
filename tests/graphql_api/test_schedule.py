"""Does a running server do by itself what is due, without standing in anyone's way?"""

import asyncio
import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from uuid import UUID

import pytest

from graphql_api.app import create_app
from graphql_api.schedule import Schedule
from graphql_api.settings import Settings
from models.quote import Quote
from tests.desk import TODAY, Desk
from tests.factories import make_quote


@pytest.fixture
def settings(database_url: str) -> Settings:
    """Return the settings of a server whose clock strikes a hundred times a second."""
    return Settings(database_url=database_url, clock_seconds=0.01)


@contextmanager
def told(desk: Desk, settings: Settings) -> Iterator[tuple[Schedule, list[UUID]]]:
    """Give a schedule a day after the desk's, and the keys of the events that it published."""
    keys: list[UUID] = []
    yield Schedule(settings, desk.database, lambda: desk.now + timedelta(days=1), keys.extend), keys


async def until(condition: Callable[[], bool]) -> None:
    """Wait until something holds."""
    async with asyncio.timeout(20):
        while not condition():  # noqa: ASYNC110  # A thread of the server has no such event.
            await asyncio.sleep(0.01)


async def test_a_running_server_closes_what_has_expired(desk: Desk, settings: Settings) -> None:
    """And goes on: what becomes due later is done, too."""
    first = make_quote(desk, valid_until=TODAY)
    now = [desk.now + timedelta(days=1)]
    app = create_app(settings, clock=lambda: now[0])
    async with app.router.lifespan_context(app):
        await until(lambda: desk.read(Quote, first).reason == "EXPIRED")
        second = make_quote(desk, valid_until=TODAY + timedelta(days=1))
        now[0] += timedelta(days=1)
        await until(lambda: desk.read(Quote, second).reason == "EXPIRED")


async def test_with_zero_seconds_it_is_left_to_the_command(desk: Desk, settings: Settings) -> None:
    """No thread is started."""
    quote = make_quote(desk, valid_until=TODAY)
    with told(desk, replace(settings, clock_seconds=0)) as (schedule, keys):
        async with schedule.running():
            pass
    assert (keys, desk.row(quote).status) == ([], "ACTIVE")


def test_subscribers_hear_of_it(desk: Desk, settings: Settings) -> None:
    """The events of each row are published after its commit."""
    quote = make_quote(desk, valid_until=TODAY)
    with told(desk, settings) as (schedule, keys):
        schedule.run_once()
        assert keys == [desk.events_of(quote)[-1].id]
        schedule.run_once()
        assert len(keys) == 1


def test_a_database_that_is_away_is_waited_for(desk: Desk, caplog: pytest.LogCaptureFixture) -> None:
    """It is logged, and nothing ends."""
    settings = Settings(database_url="postgresql://sales:hunter2@127.0.0.1:9/sales")
    app = create_app(settings)
    schedule = Schedule(settings, app.state.database, lambda: desk.now, lambda _: None)
    with caplog.at_level(logging.WARNING):
        schedule.run_once()
    app.state.operations.close()
    app.state.database.close()
    assert [record.getMessage() for record in caplog.records] == [
        "The clock found no database: OperationalError"
    ]
