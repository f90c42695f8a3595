"""Where are the records kept, and how does one operation get its transaction?

Two engines, one code path. SQLite is embedded and has one writer connection per process beside a pool
of read-only ones; PostgreSQL has one pool. Either way ``reading`` is one snapshot and ``writing`` is
one transaction that nobody else can slip into unnoticed.
"""

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any, Literal

import psycopg
import pysqlite3.dbapi2
import sqlalchemy
from sqlalchemy import URL, Engine, make_url
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from sqlmodel import Session

from models import migrations
from models.brief import Spare
from models.engines import (
    BEGIN_SNAPSHOT,
    Limits,
    milliseconds,
    postgresql_engine,
    revive,
    shorten,
    sqlite_engine,
)
from models.snapshot import Snapshot

# Serialization failure, deadlock, lock not available, and unique violation (PostgreSQL, appendix A). The
# last one is a race that an index decided: run again, the loser finds the winner's row.
_RETRYABLE_SQLSTATES = frozenset({"40001", "40P01", "55P03", "23505"})
# Connection exceptions; then admin_shutdown, crash_shutdown, cannot_connect_now and too_many_connections.
_CONNECTION_CLASS = "08"
_AWAY_SQLSTATES = frozenset({"57P01", "57P02", "57P03", "53300"})
# PostgreSQL's query_canceled: what statement_timeout raises.
_CANCELED_SQLSTATE = "57014"
# The low byte of a SQLite result code is its primary code: SQLITE_BUSY and SQLITE_INTERRUPT.
_SQLITE_BUSY, _SQLITE_INTERRUPT = 5, 9
# Any number will do, as long as every version of this program takes the same one.
_MIGRATION_LOCK = 5_284_197_361
_MIGRATION_WAIT_SECONDS = 60


class Database:
    """The records' home at ``url``: sessions, migrations, and what its errors mean.

    Args:
        url: ``sqlite:///path/to/file.db`` or ``postgresql://user:password@host/name``.
        readers: the connections that read at the same time; on PostgreSQL the whole pool.
        limits: how long anything may take.

    Raises:
        ValueError: the URL is of another engine, or SQLite is not kept in a file.
        RuntimeError: SQLite is too old to be trusted with a write-ahead log.
    """

    def __init__(self, url: str | URL, *, readers: int = 8, limits: Limits | None = None) -> None:
        self.url = _normalised(url)
        self.limits = limits or Limits()
        self.dialect: Literal["sqlite", "postgresql"]
        if self.url.get_backend_name() == "sqlite":
            self.dialect = "sqlite"
            self._reader = sqlite_engine(self.url, self.limits, begin="BEGIN", size=readers)
            self._writer = sqlite_engine(self.url, self.limits, begin="BEGIN IMMEDIATE", size=1)
            self._pool, self._begin = self._reader, "BEGIN"
        else:
            self.dialect = "postgresql"
            self._writer = postgresql_engine(self.url, self.limits, readers)
            self._pool, self._begin = self._writer, BEGIN_SNAPSHOT
            self._reader = self._writer.execution_options(begin=BEGIN_SNAPSHOT)

    def __repr__(self) -> str:
        """Return the address without its password."""
        return f"Database({self.url.render_as_string(hide_password=True)!r})"

    @property
    def version(self) -> tuple[int | str, ...] | None:
        """The release of the engine; None before there was a connection."""
        return self._pool.dialect.server_version_info

    def reading(self, deadline_seconds: float | None = None) -> AbstractContextManager[Session]:
        """Open a read transaction: one snapshot for all its statements, given back at the end.

        Args:
            deadline_seconds: the time for the operation, where it is shorter than that of a statement.

        Raises:
            sqlalchemy.exc.TimeoutError: no connection came free in ``limits.wait_seconds``.
            sqlalchemy.exc.DBAPIError: for ``is_retryable`` and ``is_timeout`` to judge.
        """
        return self._session(self._reader, deadline_seconds)

    def snapshot(self) -> Snapshot:
        """Return one snapshot for statements as text, opened when it is used; use it in a ``with`` block."""
        return Snapshot(self._pool, self._begin)

    def spare(self, most: int) -> Spare:
        """Return what keeps so many of the connections for event loops."""
        return Spare(self._pool, self._begin, most)

    def writing(self, deadline_seconds: float | None = None) -> AbstractContextManager[Session]:
        """Open a write transaction; whatever was not committed when it is left is rolled back.

        On SQLite it holds the write lock from its start. After a commit the same session can go on: its
        next statement begins the next transaction.

        Args:
            deadline_seconds: the time for the operation, where it is shorter than that of a statement.

        Raises:
            sqlalchemy.exc.TimeoutError: no connection came free in ``limits.wait_seconds``.
            sqlalchemy.exc.DBAPIError: for ``is_retryable`` and ``is_timeout`` to judge.
        """
        return self._session(self._writer, deadline_seconds)

    @contextmanager
    def _session(self, engine: Engine, deadline_seconds: float | None) -> Iterator[Session]:
        with (
            engine.connect() as connection,
            Session(connection, autoflush=False, expire_on_commit=False) as session,
        ):
            if self.dialect == "postgresql":
                revive(connection)
            session.connection()
            if deadline_seconds is not None:
                shorten(connection, min(deadline_seconds, self.limits.statement_seconds))
            yield session

    def migrate(self) -> None:
        """Bring the tables to the newest revision, all of it or nothing; a second migrator waits its turn.

        Where they are, nothing is locked or checked: each start of a server comes by here.

        Raises:
            sqlalchemy.exc.IntegrityError: a migration left a foreign key that points nowhere.
        """
        if self.is_current():
            return
        if self.dialect == "sqlite":
            Path(str(self.url.database)).parent.mkdir(parents=True, exist_ok=True)
            self._migrate_sqlite()
        else:
            with self._writer.begin() as connection:
                connection.exec_driver_sql("SET LOCAL statement_timeout = 0")
                connection.exec_driver_sql(f"SET LOCAL lock_timeout = '{_MIGRATION_WAIT_SECONDS}s'")
                connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_MIGRATION_LOCK})")
                # A table in use is not waited for: everybody else would queue up behind the wait.
                connection.exec_driver_sql(
                    f"SET LOCAL lock_timeout = {milliseconds(self.limits.lock_seconds)}"
                )
                migrations.upgrade(connection)

    def _migrate_sqlite(self) -> None:
        """Migrate over a connection of its own.

        SQLite changes a table by writing it anew, which must not delete what points to it: foreign keys
        are off meanwhile, which only works outside a transaction, and are checked before the commit.
        """
        patient = Limits(lock_seconds=_MIGRATION_WAIT_SECONDS, statement_seconds=float("inf"))
        engine = sqlite_engine(self.url, patient, begin="BEGIN IMMEDIATE", size=0)
        with engine.connect() as connection:
            driver: Any = connection.connection.driver_connection
            driver.execute("PRAGMA foreign_keys = OFF")
            with connection.begin():
                migrations.upgrade(connection)
                dangling = connection.exec_driver_sql("PRAGMA foreign_key_check").all()
                if dangling:
                    message = f"the migration left rows that point nowhere: {dangling[:10]}"
                    raise sqlalchemy.exc.IntegrityError(message, None, ValueError(message))

    def revision(self) -> str | None:
        """Return the revision that the tables are at, or None where no migration has run."""
        if self.dialect == "sqlite" and not Path(str(self.url.database)).exists():
            return None
        with self._reader.connect() as connection:
            if self.dialect == "postgresql":
                revive(connection)
            return migrations.current(connection)

    def is_current(self) -> bool:
        """Tell whether this program can work with the tables: its own, or those of a later version.

        A migration leaves what the version before it reads and writes.
        """
        found = self.revision()
        return found is not None and found >= migrations.head()

    def check(self) -> None:
        """Read something, so that a database which is away, locked or damaged says so.

        Raises:
            sqlalchemy.exc.SQLAlchemyError: the database does not answer.
        """
        with self.reading() as session:
            session.connection().exec_driver_sql("SELECT version_num FROM alembic_version").all()

    def engine_version(self) -> str:
        """Return the engine's name and version, for example ``SQLite 3.53.4``."""
        if self.dialect == "sqlite":
            return f"SQLite {pysqlite3.dbapi2.sqlite_version}"
        with self.reading() as session:
            return f"PostgreSQL {session.connection().exec_driver_sql('SHOW server_version').scalar_one()}"

    def close(self) -> None:
        """Close every connection that is not in use."""
        self._reader.dispose()
        self._writer.dispose()

    @staticmethod
    def is_retryable(error: BaseException) -> bool:
        """Tell whether the operation, run again, could succeed: a lost race, a deadlock, a held lock."""
        fault = _drivers(error)
        code = getattr(fault, "sqlite_errorcode", None)
        if code is not None:
            return int(code) & 0xFF == _SQLITE_BUSY
        return getattr(fault, "sqlstate", None) in _RETRYABLE_SQLSTATES

    @staticmethod
    def is_overload(error: BaseException) -> bool:
        """Tell whether no connection came free in time."""
        return isinstance(error, PoolTimeoutError)

    @staticmethod
    def is_away(error: BaseException) -> bool:
        """Tell whether the database did not answer at all: it is restarted, or cannot be reached.

        What a commit that ended like this did is not known.
        """
        fault = _drivers(error)
        if not isinstance(fault, psycopg.OperationalError):
            return False
        # A connection that broke, or never stood, comes without a code.
        state = fault.sqlstate
        return state is None or state.startswith(_CONNECTION_CLASS) or state in _AWAY_SQLSTATES

    @staticmethod
    def is_timeout(error: BaseException) -> bool:
        """Tell whether a statement was stopped because its time was up."""
        fault = _drivers(error)
        if getattr(fault, "sqlite_errorcode", None) == _SQLITE_INTERRUPT:
            return True
        return getattr(fault, "sqlstate", None) == _CANCELED_SQLSTATE


def _drivers(error: BaseException) -> BaseException | None:
    """Return the driver's own error: as it is, or in the library's."""
    return error.orig if isinstance(error, DBAPIError) else error


def _normalised(url: str | URL) -> URL:
    """Return the URL with the one driver that is used for its engine."""
    if isinstance(url, str) and url.startswith("postgres://"):
        url = url.replace("postgres://", "postgresql://", 1)
    parsed = make_url(url)
    match parsed.get_backend_name():
        case "sqlite":
            if parsed.database in {None, "", ":memory:"}:
                message = (
                    "SQLite needs a file, for example sqlite:///sales.db: connections share nothing else"
                )
                raise ValueError(message)
            return parsed.set(drivername="sqlite+pysqlite")
        case "postgresql":
            return parsed.set(drivername="postgresql+psycopg")
    message = f"{parsed.get_backend_name()} is not supported: use sqlite:///file.db or postgresql://host/name"
    raise ValueError(message)
