"""Does one thread carry on with several pieces of work, and go on with another where one waits?"""

import asyncio
import threading
from collections.abc import AsyncIterator, Callable
from decimal import Decimal, localcontext
from functools import partial
from typing import Any

import psycopg
import pytest
from sqlalchemy.exc import DBAPIError

from graphql_api.operation.lane import Lane
from models.database import Database
from models.waiting import pause
from tests.graphql_api.conftest import Site

_LOCK = "SELECT pg_advisory_xact_lock(1)"


@pytest.fixture
async def lane() -> AsyncIterator[Lane]:
    """Return a lane for two pieces of work at a time."""
    found = Lane(2, "lane")
    yield found
    found.close()


def _run(database: Database, sql: str) -> Any:
    with database.writing() as session:
        return session.connection().exec_driver_sql(sql).scalar()


async def test_result_and_fault_come_back_to_the_loop(lane: Lane) -> None:
    """What a function returns or raises on the lane's thread, which is one."""
    names = await asyncio.gather(*(lane.run(lambda: threading.current_thread().name) for _ in range(5)))
    assert names == ["lane"] * 5
    with pytest.raises(KeyError, match="x"):
        await lane.run(partial(dict[str, str]().__getitem__, "x"))


async def test_others_go_on_while_work_pauses(lane: Lane) -> None:
    """The one that wakes first goes on first; so many are under way, and the next begins when one is done."""
    told: list[str] = []

    def work(name: str, seconds: float) -> None:
        told.append(f"{name} begins")
        pause(seconds)
        told.append(f"{name} ends")

    await asyncio.gather(lane.run(partial(work, "a", 0.2)), lane.run(partial(work, "b", 0.05)))
    assert told == ["a begins", "b begins", "b ends", "a ends"]
    told.clear()
    await asyncio.gather(*(lane.run(partial(work, name, 0.05)) for name in "abc"))
    assert told[:3] == ["a begins", "b begins", "a ends"]
    assert told.index("c begins") > told.index("a ends")


async def test_each_piece_of_work_reckons_by_itself(lane: Lane) -> None:
    """The precision of one that pauses is not that of another which goes on meanwhile."""

    def work(digits: int) -> Decimal:
        with localcontext() as context:
            context.prec = digits
            pause(0.05)
            return Decimal(1) / 3

    found = await asyncio.gather(*(lane.run(partial(work, digits)) for digits in (3, 5)))
    assert found == [Decimal("0.333"), Decimal("0.33333")]


async def test_on_postgresql_others_go_on_while_work_waits_for_a_lock(site: Site, lane: Lane) -> None:
    """It goes on when it has it."""
    if site.database.dialect == "sqlite":
        return
    told: list[str] = []

    def work(name: str, sql: str) -> None:
        _run(site.database, sql)
        told.append(name)

    url = site.database.url.render_as_string(hide_password=False).replace("+psycopg", "")
    with psycopg.connect(url) as other:
        other.execute(_LOCK)
        late = lane.run(partial(work, "late", _LOCK))
        for _ in range(3):
            await lane.run(partial(work, "soon", "SELECT 1"))
        assert told == ["soon"] * 3
    await late
    assert told == ["soon", "soon", "soon", "late"]


async def test_on_postgresql_a_connection_that_ends_is_a_fault_of_its_work_alone(
    site: Site, lane: Lane
) -> None:
    """Closed by the server while it waits, or by somebody before that: the lane carries on."""
    if site.database.dialect == "sqlite":
        return

    def close_and_ask() -> None:
        with site.database.writing() as session:
            driver: Any = session.connection().connection.driver_connection
            driver.pgconn.finish()
            session.connection().exec_driver_sql("SELECT 1")

    for _ in range(3):
        with pytest.raises(DBAPIError):
            await lane.run(partial(_run, site.database, "SELECT pg_terminate_backend(pg_backend_pid())"))
        with pytest.raises(DBAPIError):
            await lane.run(close_and_ask)
        assert await lane.run(partial(_run, site.database, "SELECT 7")) == 7


async def test_work_is_never_left_lying(lane: Lane) -> None:
    """Whether it comes while the lane sleeps, works, or is just about to sleep."""
    works: list[Callable[[], None]] = [lambda: None, partial(pause, 0.0), partial(pause, 0.001)]
    for number in range(300):
        await asyncio.wait_for(
            asyncio.gather(*(lane.run(works[(number + each) % 3]) for each in range(number % 4))), 30
        )
