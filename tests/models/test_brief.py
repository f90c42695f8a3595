"""Does what is read on the event loop never wait, and does it give back what it took?"""

import select
from collections.abc import Iterator
from functools import partial
from typing import Any

import psycopg
import pytest
import sqlalchemy

from models.brief import BriefSnapshot, NeverBriefError, NotBriefError, Spare
from models.database import Database
from models.waiting import Fiber

_LONG_SECONDS = 60.0
_ENDLESS = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n"


@pytest.fixture
def spare(database: Database) -> Iterator[Spare]:
    """Return what keeps two connections, and has one."""
    found = database.spare(2)
    found.add()
    yield found
    found.close()


def _rows(snapshot: BriefSnapshot, sql: str, **how: bool) -> list[Any]:
    found: list[Any] = []
    snapshot.read(sql, (), found.extend, **how)
    return found


def _lent(database: Database) -> int:
    pool = database._pool.pool
    assert isinstance(pool, sqlalchemy.pool.QueuePool)
    return pool.checkedout()


def _plain(database: Database) -> "psycopg.Connection[Any]":
    url = database.url.render_as_string(hide_password=False).replace("+psycopg", "")
    return psycopg.connect(url, autocommit=True)


def test_connection_is_kept_and_given_back_at_the_end(database: Database, spare: Spare) -> None:
    """One is enough for one answer after the other, and each sees what was committed before it."""
    for sql in ("SELECT count(*) FROM account", "SELECT count(*) FROM lead"):
        with spare.snapshot(_LONG_SECONDS) as snapshot:
            assert (_rows(snapshot, sql), spare.has_free) == ([(0,)], False)
        assert (spare.has_free, _lent(database)) == (True, 1)
    spare.close()
    assert (spare.has_free, _lent(database)) == (False, 0)


def test_no_more_are_kept_than_allowed(database: Database, spare: Spare) -> None:
    """Whoever adds one when there are enough changes nothing."""
    for _ in range(3):
        spare.add()
    assert (spare.is_wanting, _lent(database)) == (False, 2)


def test_nobody_waits_for_a_connection(spare: Spare) -> None:
    """The second answer has none while the first is under way."""
    with spare.snapshot(_LONG_SECONDS) as first:
        assert _rows(first, "SELECT 1") == [(1,)]
        with spare.snapshot(_LONG_SECONDS) as second, pytest.raises(NotBriefError):
            _rows(second, "SELECT 1")


def test_functions_of_the_models_are_not_called(spare: Spare) -> None:
    """They would get a session, and take as long as they like."""
    with spare.snapshot(_LONG_SECONDS) as snapshot, pytest.raises(NeverBriefError):
        _ = snapshot.session


def test_statements_see_one_state(database: Database, spare: Spare) -> None:
    """What is committed meanwhile is seen by the next snapshot."""
    with database.writing() as session:
        session.connection().exec_driver_sql("CREATE TABLE tally (amount INTEGER)")
        session.commit()
    with spare.snapshot(_LONG_SECONDS) as snapshot:
        assert _rows(snapshot, "SELECT amount FROM tally") == []
        with database.writing() as session:
            session.connection().exec_driver_sql("INSERT INTO tally VALUES (1)")
            session.commit()
        assert _rows(snapshot, "SELECT amount FROM tally") == []
    with spare.snapshot(_LONG_SECONDS) as snapshot:
        assert _rows(snapshot, "SELECT amount FROM tally") == [(1,)]


def test_nothing_holds_on_to_a_state_that_was_not_read_to_its_end(database: Database, spare: Spare) -> None:
    """Whoever takes the rows may fail: the statement ends all the same, or SQLite's log would only grow."""

    def fail(_: object) -> None:
        raise LookupError

    numbers = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 999) SELECT i FROM n"
    with spare.snapshot(_LONG_SECONDS) as snapshot, pytest.raises(LookupError):
        snapshot.read(f"{numbers} LEFT JOIN lead ON 1 = 1", (), fail, is_only=True)
    if database.dialect == "sqlite":
        with database.writing() as session:
            session.connection().exec_driver_sql("CREATE TABLE tally (amount INTEGER)")
            session.commit()
        driver: Any = database._writer.raw_connection()
        assert driver.cursor().execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone() == (0, 0, 0)
        driver.close()
    with spare.snapshot(_LONG_SECONDS) as snapshot:
        assert _rows(snapshot, "SELECT 1") == [(1,)]


def test_on_sqlite_a_long_statement_is_interrupted(database: Database, spare: Spare) -> None:
    """It would never end by itself; the connection works afterwards. No statement begins too late either."""
    if database.dialect != "sqlite":
        return
    with spare.snapshot(0.05) as snapshot, pytest.raises(NotBriefError):
        _rows(snapshot, _ENDLESS)
    with spare.snapshot(-1) as snapshot, pytest.raises(NotBriefError):
        _rows(snapshot, "SELECT 1")
    with spare.snapshot(_LONG_SECONDS) as snapshot:
        assert _rows(snapshot, "SELECT 1") == [(1,)]


def test_on_sqlite_steps_are_counted_not_the_clock(database: Database, spare: Spare) -> None:
    """All statements of an answer share them: 100,000 are five milliseconds."""
    if database.dialect != "sqlite":
        return
    counting = (
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {}) SELECT max(i) FROM n"
    )
    with spare.snapshot(0.005) as snapshot:
        stopwatch = snapshot._opened().info["stopwatch"]
        assert stopwatch.looks_left == 5
        snapshot._ends = float("inf")
        assert _rows(snapshot, counting.format(2_000)) == [(2_000,)]
        left = stopwatch.looks_left
        assert 0 < left < 5
        assert _rows(snapshot, counting.format(2_000)) == [(2_000,)]
        assert 0 < stopwatch.looks_left < left
        with pytest.raises(NotBriefError):
            _rows(snapshot, counting.format(20_000))
    with spare.snapshot(0.005) as snapshot:
        assert _rows(snapshot, counting.format(2_000)) == [(2_000,)]


def test_on_sqlite_a_held_lock_is_not_waited_for(database: Database, spare: Spare) -> None:
    """Readers meet none but that of a file which is being put in order."""
    if database.dialect != "sqlite":
        return
    with database.writing() as session:
        session.connection().exec_driver_sql("CREATE TABLE tally (amount INTEGER)")
        session.commit()
    lent = spare.take()
    assert lent.cursor().execute("PRAGMA busy_timeout").fetchone() == (0,)
    spare.give_back(lent)


def test_on_postgresql_work_lets_go_of_its_thread(database: Database, spare: Spare) -> None:
    """What was begun later ends first, on one thread."""
    if database.dialect == "sqlite":
        return
    spare.add()
    told: list[Any] = []

    def ask(sql: str) -> None:
        with spare.snapshot(_LONG_SECONDS) as snapshot:
            told.append(_rows(snapshot, sql, is_only=True))

    def go_on(fiber: Fiber, awaited: Any) -> None:
        while awaited is not None:
            connection, state = awaited
            select.select([connection] if state & 1 else [], [connection] if state & 2 else [], [])
            awaited = fiber.switch(1)

    with _plain(database) as other:
        other.execute("SELECT pg_advisory_lock(1)")
        waiting, swift = Fiber(), Fiber()
        first = waiting.switch(partial(ask, "SELECT 'late' FROM pg_advisory_xact_lock(1)"))
        for _ in range(2):
            go_on(swift, swift.switch(partial(ask, "SELECT 'soon'")))
        assert told == [[("soon",)]] * 2
        other.execute("SELECT pg_advisory_unlock(1)")
        go_on(waiting, first)
    assert told == [[("soon",)], [("soon",)], [("late",)]]


def test_on_postgresql_work_that_is_given_up_ends_its_connection(database: Database, spare: Spare) -> None:
    """The server still has its statement: whoever came next would get that one's answer."""
    if database.dialect == "sqlite":
        return
    snapshot = spare.snapshot(_LONG_SECONDS)

    def ask() -> None:
        with snapshot:
            _rows(snapshot, "SELECT pg_advisory_xact_lock(1)")

    with _plain(database) as other:
        other.execute("SELECT pg_advisory_lock(1)")
        fiber = Fiber()
        fiber.switch(ask)
        snapshot.abandon()
        with pytest.raises(NotBriefError):
            fiber.throw(NotBriefError)
    assert (spare.has_free, spare.is_wanting, _lent(database)) == (False, True, 0)


def test_on_postgresql_a_restart_of_the_server_is_not_noticed(database: Database, spare: Spare) -> None:
    """Connections that have ended are let go, and the next one is taken; without one a thread begins anew."""
    if database.dialect == "sqlite":
        return
    spare.add()
    for is_only in (False, True):
        with _plain(database) as server:
            server.execute(
                "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity "
                "WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
        with spare.snapshot(_LONG_SECONDS) as snapshot, pytest.raises(NotBriefError):
            _rows(snapshot, "SELECT 1", is_only=is_only)
        assert (spare.has_free, spare.is_wanting) == (False, True)
        spare.add()
        with spare.snapshot(_LONG_SECONDS) as snapshot:
            assert _rows(snapshot, "SELECT 1", is_only=is_only) == [(1,)]
