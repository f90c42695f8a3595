"""What does a snapshot hold, and what does it not? One state of the records, on each engine."""

from collections.abc import Iterator
from typing import Any

import psycopg
import pytest
import sqlalchemy
from sqlmodel import Session

from models.database import Database
from models.engines import Limits
from models.snapshot import Row, Snapshot

_COUNTING = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n"


def _run(session: Session, sql: str) -> Any:
    return session.connection().exec_driver_sql(sql)


@pytest.fixture
def tally(database: Database) -> Iterator[Database]:
    """Return a database with one number in it, and one connection to read with."""
    single = Database(database.url, readers=2, limits=Limits(statement_seconds=0.5))
    with single.writing() as session:
        _run(session, "CREATE TABLE tally (amount INTEGER NOT NULL)")
        _run(session, "INSERT INTO tally VALUES (1)")
        session.commit()
    yield single
    single.close()


def _amounts(snapshot: Snapshot, **how: bool) -> list[Row]:
    found: list[Row] = []
    count = snapshot.read("SELECT amount FROM tally ORDER BY 1", (), found.extend, **how)
    assert count == len(found)
    return found


def _add(database: Database, amount: int) -> None:
    with database.writing() as session:
        _run(session, f"INSERT INTO tally VALUES ({amount})")
        session.commit()


def _lent(database: Database) -> int:
    pool = database._pool.pool
    assert isinstance(pool, sqlalchemy.pool.QueuePool)
    return pool.checkedout()


def test_nothing_is_opened_before_it_is_used(tally: Database) -> None:
    """A connection is lent at the first statement and given back at the end."""
    with tally.snapshot() as snapshot:
        assert _lent(tally) == 0
        assert _amounts(snapshot) == [(1,)]
        assert _lent(tally) == 1
    assert _lent(tally) == 0


def test_statements_and_the_session_see_one_state(tally: Database) -> None:
    """What is committed meanwhile is seen by the next snapshot, whichever of the two reads first."""
    with tally.snapshot() as snapshot:
        assert _amounts(snapshot) == [(1,)]
        _add(tally, 2)
        assert _run(snapshot.session, "SELECT count(*) FROM tally").scalar_one() == 1
        assert _amounts(snapshot) == [(1,)]
    with tally.snapshot() as snapshot:
        assert _run(snapshot.session, "SELECT count(*) FROM tally").scalar_one() == 2
        _add(tally, 3)
        assert _amounts(snapshot) == [(1,), (2,)]


def test_the_only_statement_begins_no_transaction(tally: Database) -> None:
    """It sees one state by itself: the next one sees what came since."""
    with tally.snapshot() as snapshot:
        assert _amounts(snapshot, is_only=True) == [(1,)]
        _add(tally, 2)
        assert _amounts(snapshot, is_only=True) == [(1,), (2,)]


def test_a_snapshot_of_a_session_sees_what_it_has_not_committed(tally: Database) -> None:
    """A payload tells of the command that it belongs to, and leaves its session open."""
    with tally.writing() as session:
        _run(session, "INSERT INTO tally VALUES (2)")
        assert _amounts(Snapshot.of(session)) == [(1,), (2,)]
        session.commit()
    with tally.snapshot() as snapshot:
        assert _amounts(snapshot) == [(1,), (2,)]


def test_a_late_statement_is_stopped(tally: Database) -> None:
    """The time of a statement holds here too, and the connection still works."""
    endless = f"{_COUNTING}) SELECT count(*) FROM n"
    with pytest.raises(Exception) as stopped, tally.snapshot() as snapshot:  # noqa: PT011  # Each driver has its own.
        snapshot.read(endless, (), print)
    assert Database.is_timeout(stopped.value)
    with tally.snapshot() as snapshot:
        assert _amounts(snapshot) == [(1,)]


def test_rows_come_some_hundred_at_a_time(tally: Database) -> None:
    """Whoever writes them as they come never holds all of them."""
    with tally.snapshot() as snapshot:
        sizes: list[int] = []
        for most in (500, 400):
            sql = f"{_COUNTING} WHERE i < {most}) SELECT i FROM n"
            count = snapshot.read(sql, (), lambda rows: sizes.append(len(rows)))
            assert count == most
    assert sizes == [200, 200, 100, 200, 200]


def test_a_restart_of_the_server_is_not_noticed(tally: Database) -> None:
    """A connection that ended in the pool is replaced; SQLite has no server to restart."""
    if tally.dialect == "sqlite":
        return
    with tally.snapshot() as one, tally.snapshot() as other:
        assert (_amounts(one), _amounts(other)) == ([(1,)], [(1,)])
    with psycopg.connect(tally.url.render_as_string(hide_password=False).replace("+psycopg", "")) as server:
        server.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
            "WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
    with tally.snapshot() as snapshot:
        assert _amounts(snapshot) == [(1,)]
    with tally.snapshot() as snapshot:
        assert _amounts(snapshot, is_only=True) == [(1,)]
    _add(tally, 2)
    with tally.snapshot() as snapshot:
        assert _amounts(snapshot) == [(1,), (2,)]
