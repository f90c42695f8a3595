"""Does each engine keep what its transactions promise?"""

import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager
from pathlib import Path
from threading import Barrier
from typing import Any

import pytest
import sqlalchemy
from sqlmodel import Session

from models import migrations
from models.database import Database
from models.engines import Limits
from tests.postgresql import Server

_COUNTING = "RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n"
_ENDLESS = f"WITH {_COUNTING}) SELECT count(*) FROM n"


def _run(session: Session, statement: str) -> sqlalchemy.CursorResult[Any]:
    return session.connection().exec_driver_sql(statement)


@pytest.fixture
def tally(database: Database) -> Database:
    """Return a database with one row to fight over."""
    with database.writing() as session:
        _run(session, "CREATE TABLE tally (id INTEGER PRIMARY KEY, amount INTEGER NOT NULL)")
        _run(session, "CREATE TABLE mark (tally_id INTEGER NOT NULL REFERENCES tally (id))")
        _run(session, "INSERT INTO tally VALUES (1, 0)")
        session.commit()
    return database


def _amount(database: Database) -> object:
    with database.reading() as session:
        return _run(session, "SELECT amount FROM tally").scalar_one()


def _add_one(database: Database) -> None:
    with database.writing() as session:
        # PostgreSQL locks rows, SQLite has locked the whole file by now.
        lock = " FOR UPDATE" if database.dialect == "postgresql" else ""
        amount = _run(session, f"SELECT amount FROM tally WHERE id = 1{lock}").scalar_one()
        _run(session, f"UPDATE tally SET amount = {amount} + 1 WHERE id = 1")
        session.commit()


def test_concurrent_read_modify_writes_lose_nothing(tally: Database, database_url: str) -> None:
    """Two hundred additions by eight threads add two hundred, however long each waits for the others."""
    patient = Database(database_url, limits=Limits(lock_seconds=60))
    with ThreadPoolExecutor(8) as threads:
        for done in [threads.submit(_add_one, patient) for _ in range(200)]:
            done.result()
    patient.close()
    assert _amount(tally) == 200


def test_concurrent_processes_lose_nothing(tally: Database, database_url: str) -> None:
    """Three processes that each add fifty add a hundred and fifty."""
    program = (
        "import sys; from models.database import Database; from tests.models.test_database import _add_one\n"
        "database = Database(sys.argv[1])\n"
        "for _ in range(50): _add_one(database)\n"
    )
    processes = [
        subprocess.Popen([sys.executable, "-c", program, database_url], cwd=Path(__file__).parents[2])
        for _ in range(3)
    ]
    assert [process.wait() for process in processes] == [0, 0, 0]
    assert _amount(tally) == 150


def test_reading_cannot_write(tally: Database) -> None:
    """An UPDATE in a read transaction is refused and changes nothing."""
    with pytest.raises(sqlalchemy.exc.DBAPIError, match=r"read-?only"), tally.reading() as session:
        _run(session, "UPDATE tally SET amount = 7")
    assert _amount(tally) == 0


def test_reading_is_one_snapshot(tally: Database) -> None:
    """A commit between two statements of a reading is not seen by the second."""
    with tally.reading() as session:
        assert _run(session, "SELECT amount FROM tally").scalar_one() == 0
        _add_one(tally)
        assert _run(session, "SELECT amount FROM tally").scalar_one() == 0
    assert _amount(tally) == 1


def test_writing_without_commit_leaves_nothing(tally: Database) -> None:
    """What was not committed when the session is left is gone."""
    with tally.writing() as session:
        _run(session, "UPDATE tally SET amount = 7")
    assert _amount(tally) == 0


def test_writing_goes_on_after_a_commit(tally: Database) -> None:
    """The statement after a commit begins a transaction of its own, which may be rolled back alone."""
    with tally.writing() as session:
        _run(session, "UPDATE tally SET amount = 7")
        session.commit()
        _run(session, "UPDATE tally SET amount = 8")
        session.rollback()
    assert _amount(tally) == 7


def test_the_version_is_known_from_the_first_connection_on(database: Database) -> None:
    """Statements are written for it."""
    assert Database(database.url).version is None
    with database.reading():
        pass
    assert database.version is not None
    assert database.version >= ((3, 51) if database.dialect == "sqlite" else (15,))


def test_error_rolls_back(tally: Database) -> None:
    """An exception that leaves the session takes the changes with it."""

    def fail(session: Session) -> None:
        _run(session, "UPDATE tally SET amount = 7")
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError), tally.writing() as session:
        fail(session)
    assert _amount(tally) == 0


def test_foreign_keys_are_enforced(tally: Database) -> None:
    """A row that points nowhere is refused on both engines."""

    def point_nowhere() -> None:
        with tally.writing() as session:
            _run(session, "INSERT INTO mark VALUES (99)")
            session.commit()

    with pytest.raises(sqlalchemy.exc.IntegrityError):
        point_nowhere()


@pytest.mark.parametrize("transaction", [Database.reading, Database.writing])
def test_statement_past_its_time_is_stopped(
    database_url: str, transaction: Callable[..., AbstractContextManager[Session]]
) -> None:
    """An endless statement ends with an error that is known as a timeout, and the connection still works."""
    database = Database(database_url, readers=1, limits=Limits(statement_seconds=0.1))
    with pytest.raises(sqlalchemy.exc.DBAPIError) as stopped, transaction(database) as session:
        _run(session, _ENDLESS)
    assert Database.is_timeout(stopped.value)
    assert not Database.is_retryable(stopped.value)
    database.check()
    database.close()


def test_operation_may_have_less_time_than_a_statement(database: Database) -> None:
    """A deadline given to one reading stops it, and does not stay with the connection."""
    with (
        pytest.raises(sqlalchemy.exc.DBAPIError) as stopped,
        database.reading(deadline_seconds=0.1) as session,
    ):
        _run(session, _ENDLESS)
    assert Database.is_timeout(stopped.value)
    slow = f"WITH {_COUNTING} WHERE i < 1000000) SELECT count(*) FROM n"
    with database.reading() as session:
        assert _run(session, slow).scalar_one() == 1_000_000


def test_held_lock_is_an_error_worth_a_retry(tally: Database, database_url: str) -> None:
    """Whoever waits longer than the lock limit gets an error that is known as retryable."""
    impatient = Database(database_url, limits=Limits(lock_seconds=0.05))
    with tally.writing() as session:
        _run(session, "UPDATE tally SET amount = 7")
        with pytest.raises(sqlalchemy.exc.DBAPIError) as waited, impatient.writing() as other:
            _run(other, "UPDATE tally SET amount = 8")
    assert Database.is_retryable(waited.value)
    assert not Database.is_timeout(waited.value)
    impatient.close()


def test_broken_rule_is_not_worth_a_retry(tally: Database) -> None:
    """A value that a constraint refuses stays refused, however often it is tried."""
    with pytest.raises(sqlalchemy.exc.IntegrityError) as refused, tally.writing() as session:
        _run(session, "INSERT INTO tally VALUES (2, NULL)")
    assert not Database.is_retryable(refused.value)
    assert not Database.is_retryable(ZeroDivisionError())


def test_duplicate_is_worth_a_retry_where_it_can_be_a_race(tally: Database) -> None:
    """A unique key taken meanwhile is a lost race on PostgreSQL; SQLite's one writer saw it coming."""
    with pytest.raises(sqlalchemy.exc.IntegrityError) as refused, tally.writing() as session:
        _run(session, "INSERT INTO tally VALUES (1, 0)")
    assert Database.is_retryable(refused.value) == (tally.dialect == "postgresql")


def test_busy_pool_says_so(database_url: str) -> None:
    """With every connection in use the next reader is turned away after the waiting time."""
    database = Database(database_url, readers=1, limits=Limits(wait_seconds=0.05))
    with database.reading(), pytest.raises(sqlalchemy.exc.TimeoutError), database.reading():
        pass
    database.close()


def test_sessions_speak_utc(postgresql: Server, tmp_path: Path) -> None:
    """PostgreSQL's session is in UTC, whatever the server's own zone."""
    name = f"utc_{tmp_path.name.replace('-', '_')}"
    database = Database(postgresql.create(name))
    with database.reading() as session:
        assert _run(session, "SHOW TimeZone").scalar_one() == "UTC"
    with database.writing() as session:
        assert _run(session, "SHOW transaction_isolation").scalar_one() == "read committed"
    with database.reading() as session:
        assert _run(session, "SHOW transaction_isolation").scalar_one() == "repeatable read"
        assert _run(session, "SHOW transaction_read_only").scalar_one() == "on"
    database.close()
    postgresql.drop(name)


def test_postgresql_keeps_statements_prepared(postgresql: Server, tmp_path: Path) -> None:
    """Over questions, refused commands and snapshots, none of which commits."""
    name = f"prepared_{tmp_path.parent.name}".replace("-", "_")
    database = Database(postgresql.create(name), readers=1)
    told = "SELECT count(*) FROM pg_prepared_statements WHERE statement = 'SELECT 7'"
    for opened in (database.reading, database.reading, database.writing):
        with opened() as session:
            _run(session, "SELECT 7")
    with database.snapshot() as snapshot:
        found: list[Any] = []
        assert snapshot.read("SELECT 8", (), found.append) == 1
        assert found == [[(8,)]]
    with database.reading() as session:
        assert _run(session, told).scalar_one() == 1
    database.close()
    postgresql.drop(name)


def test_sqlite_is_run_as_it_must_be(migrated_file: Path) -> None:
    """The file has a write-ahead log, foreign keys are on and the library is one known version."""
    database = Database(f"sqlite:///{migrated_file}")
    with database.writing() as session:
        pragmas = ("journal_mode", "foreign_keys", "synchronous")
        assert [_run(session, f"PRAGMA {pragma}").scalar_one() for pragma in pragmas] == ["wal", 1, 2]
    version = tuple(int(part) for part in database.engine_version().removeprefix("SQLite ").split("."))
    assert version >= (3, 51, 3)
    database.close()


def test_many_open_a_new_file_at_once(tmp_path: Path) -> None:
    """Servers that start together on a file that is not there yet all find it theirs."""

    def write(file: Path, start: Barrier) -> str:
        database = Database(f"sqlite:///{file}")
        start.wait()
        with database.writing() as session:
            found: str = _run(session, "PRAGMA journal_mode").scalar_one()
        database.close()
        return found

    with ThreadPoolExecutor(6) as threads:
        for number in range(100):
            start = Barrier(6)
            opened = [threads.submit(write, tmp_path / f"{number}.db", start) for _ in range(6)]
            assert [each.result() for each in opened] == ["wal"] * 6


def test_migrations_start_from_nothing(empty_url: str) -> None:
    """A database without tables is not current, and is after migrating; doing so twice changes nothing."""
    database = Database(empty_url)
    assert database.revision() is None
    assert not database.is_current()
    database.migrate()
    assert database.revision() == migrations.head()
    database.migrate()
    assert database.is_current()
    database.check()
    database.close()


def test_two_migrate_at_once(empty_url: str) -> None:
    """Four migrators that start together all succeed, and the tables are made once."""
    start = Barrier(4)

    def migrate() -> str | None:
        database = Database(empty_url)
        start.wait()
        database.migrate()
        revision = database.revision()
        database.close()
        return revision

    with ThreadPoolExecutor(4) as threads:
        done = [threads.submit(migrate) for _ in range(4)]
    assert [migrator.result() for migrator in done] == [migrations.head()] * 4


def test_failed_migration_leaves_nothing(empty_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A migration that breaks half-way leaves the database as it was."""
    database = Database(empty_url)
    upgrade = migrations.upgrade

    def break_after(connection: sqlalchemy.Connection) -> None:
        upgrade(connection)
        raise ZeroDivisionError

    with monkeypatch.context() as patch:
        patch.setattr(migrations, "upgrade", break_after)
        with pytest.raises(ZeroDivisionError):
            database.migrate()
    assert database.revision() is None
    database.migrate()
    assert database.is_current()
    database.close()


def test_tables_of_a_later_version_are_worked_with(database: Database) -> None:
    """A server of the version before goes on, and starts again, while others are replaced."""
    with database.writing() as session:
        _run(session, "UPDATE alembic_version SET version_num = '9999'")
        session.commit()
    database.migrate()
    assert database.is_current()
    assert database.revision() == "9999"


def test_text_sorts_by_its_code_points(database: Database) -> None:
    """On PostgreSQL no column of text has the collation of the database; SQLite compares bytes as it is."""
    of_locale = (
        "SELECT count(*) FROM pg_attribute JOIN pg_class c ON c.oid = attrelid WHERE relkind = 'r' "
        "AND relnamespace = 'public'::regnamespace AND relname <> 'alembic_version' "
        "AND attcollation = '\"default\"'::regcollation"
        if database.dialect == "postgresql"
        else "SELECT count(*) FROM sqlite_master WHERE sql LIKE '%COLLATE%'"
    )
    with database.writing() as session:
        assert _run(session, of_locale).scalar_one() == 0
        if database.dialect == "postgresql":
            migrations.downgrade(session.connection(), "0031")
            assert _run(session, of_locale).scalar_one() > 100


def test_migrations_can_be_undone(database: Database) -> None:
    """Going back to the start removes every table, and the way forward is open again."""
    with database.writing() as session:
        migrations.downgrade(session.connection(), "base")
        tables = sqlalchemy.inspect(session.connection()).get_table_names()
        session.commit()
    assert tables == ["alembic_version"]
    database.migrate()
    assert database.is_current()


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("sqlite://", "SQLite needs a file"),
        ("sqlite:///:memory:", "SQLite needs a file"),
        ("mysql://host/name", "mysql is not supported"),
    ],
)
def test_unsuitable_url_is_refused(url: str, reason: str) -> None:
    """A database that cannot hold the records is refused before anything is opened."""
    with pytest.raises(ValueError, match=reason):
        Database(url)


def test_password_is_not_shown() -> None:
    """A database's representation, which ends up in logs, hides the password."""
    database = Database("postgres://sales:secret@localhost/sales")
    assert repr(database) == "Database('postgresql+psycopg://sales:***@localhost/sales')"
