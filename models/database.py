"""Where are the records kept, and how does one operation get its transaction?

Two engines, one code path. SQLite is embedded and has one writer connection per process beside a pool
of read-only ones; PostgreSQL has one pool. Either way ``reading`` is one snapshot and ``writing`` is
one transaction that nobody else can slip into unnoticed.
"""

import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any, Literal
from urllib.parse import quote
from zoneinfo import ZoneInfo

import pysqlite3.dbapi2
import sqlalchemy
from psycopg.pq import TransactionStatus
from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url
from sqlalchemy.exc import DBAPIError
from sqlalchemy.pool import ConnectionPoolEntry, NullPool, QueuePool
from sqlmodel import Session

from models import migrations
from models.snapshot import Snapshot

# Every release up to 3.51.2 can corrupt a write-ahead log under racing checkpoints (sqlite.org, "WAL reset").
_OLDEST_SQLITE = (3, 51, 3)
# A virtual-machine step takes some nanoseconds: 20,000 of them look at the clock about once a millisecond.
_STEPS_BETWEEN_LOOKS = 20_000
# Serialization failure, deadlock, lock not available, and unique violation (PostgreSQL, appendix A). The
# last one is a race that an index decided: run again, the loser finds the winner's row.
_RETRYABLE_SQLSTATES = frozenset({"40001", "40P01", "55P03", "23505"})
# PostgreSQL's query_canceled: what statement_timeout raises.
_CANCELED_SQLSTATE = "57014"
# The low byte of a SQLite result code is its primary code: SQLITE_BUSY and SQLITE_INTERRUPT.
_SQLITE_BUSY, _SQLITE_INTERRUPT = 5, 9
# Any number will do, as long as every version of this program takes the same one.
_MIGRATION_LOCK = 5_284_197_361
_MIGRATION_WAIT_SECONDS = 60
_BEGIN_SNAPSHOT = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"
# More connections than a pool has are not to be connected anew for one request.
_MOST_REVIVALS = 100


@dataclass(frozen=True)
class Limits:
    """How long the database may keep an operation waiting.

    Args:
        connect_seconds: until a connection stands; longer means the server is away.
        wait_seconds: for a free connection of the pool; longer means overload.
        lock_seconds: for a row or for SQLite's write lock.
        statement_seconds: for one statement.
    """

    connect_seconds: float = 3.0
    wait_seconds: float = 2.0
    lock_seconds: float = 2.0
    statement_seconds: float = 5.0


class _Stopwatch:
    """Interrupts a SQLite statement that runs past its limit: SQLite has no timeout of its own."""

    def __init__(self) -> None:
        self.operation_ends = self.statement_ends = float("inf")

    def __call__(self) -> bool:
        return time.monotonic() > self.statement_ends

    def start(self, statement_seconds: float) -> None:
        """Give the statement that comes next its time, within that of its operation."""
        self.statement_ends = min(time.monotonic() + statement_seconds, self.operation_ends)


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
            self._reader = _sqlite_engine(self.url, self.limits, begin="BEGIN", size=readers)
            self._writer = _sqlite_engine(self.url, self.limits, begin="BEGIN IMMEDIATE", size=1)
            self._pool, self._begin = self._reader, "BEGIN"
        else:
            self.dialect = "postgresql"
            self._writer = _postgresql_engine(self.url, self.limits, readers)
            self._pool, self._begin = self._writer, _BEGIN_SNAPSHOT
            self._reader = self._writer.execution_options(begin=_BEGIN_SNAPSHOT)

    def __repr__(self) -> str:
        """Return the address without its password."""
        return f"Database({self.url.render_as_string(hide_password=True)!r})"

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
                _revive(connection)
            session.connection()
            if deadline_seconds is not None:
                _shorten(connection, min(deadline_seconds, self.limits.statement_seconds))
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
                    f"SET LOCAL lock_timeout = {_milliseconds(self.limits.lock_seconds)}"
                )
                migrations.upgrade(connection)

    def _migrate_sqlite(self) -> None:
        """Migrate over a connection of its own.

        SQLite changes a table by writing it anew, which must not delete what points to it: foreign keys
        are off meanwhile, which only works outside a transaction, and are checked before the commit.
        """
        patient = Limits(lock_seconds=_MIGRATION_WAIT_SECONDS, statement_seconds=float("inf"))
        engine = _sqlite_engine(self.url, patient, begin="BEGIN IMMEDIATE", size=0)
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
            return migrations.current(connection)

    def is_current(self) -> bool:
        """Tell whether the tables are those that this program expects."""
        return self.revision() == migrations.head()

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


def _sqlite_engine(url: URL, limits: Limits, *, begin: str, size: int) -> Engine:
    """Return an engine whose transactions start with ``begin``; ``size`` 0 keeps no connection open.

    The driver's own transactions are off (``isolation_level=None``): it begins late and deferred, which
    loses updates or answers "database is locked" as soon as two write.
    """
    version: tuple[int, ...] = pysqlite3.dbapi2.sqlite_version_info
    if version < _OLDEST_SQLITE:
        oldest = ".".join(map(str, _OLDEST_SQLITE))
        message = f"SQLite {pysqlite3.dbapi2.sqlite_version} can corrupt data: {oldest} or newer is needed"
        raise RuntimeError(message)
    pool: dict[str, Any] = {"poolclass": NullPool}
    if size:
        pool = {
            "poolclass": QueuePool,
            "pool_size": size,
            "max_overflow": 0,
            "pool_timeout": limits.wait_seconds,
        }
    connect = partial(_sqlite_connection, str(url.database), limits, writes=begin != "BEGIN")
    engine = create_engine(url, module=pysqlite3.dbapi2, creator=connect, **pool)

    @event.listens_for(engine, "connect")
    def watch(driver: Any, entry: ConnectionPoolEntry) -> None:
        stopwatch = entry.info["stopwatch"] = _Stopwatch()
        driver.set_progress_handler(stopwatch, _STEPS_BETWEEN_LOOKS)

    @event.listens_for(engine, "begin")
    def explicit_begin(connection: Connection) -> None:
        driver: Any = connection.connection.driver_connection
        # Not where a snapshot hands its own transaction to a session.
        if not driver.in_transaction:
            connection.exec_driver_sql(begin)

    @event.listens_for(engine, "checkin")
    def forget_operation(_: object, entry: ConnectionPoolEntry) -> None:
        entry.info["stopwatch"].operation_ends = float("inf")

    @event.listens_for(engine, "before_cursor_execute")
    def start_stopwatch(connection: Connection, *_: object) -> None:
        connection.info["stopwatch"].start(limits.statement_seconds)

    return engine


def _sqlite_connection(file: str, limits: Limits, *, writes: bool) -> Any:
    """Open a connection of the driver, which ships no types; a reading one cannot change the file."""
    connection = pysqlite3.dbapi2.connect(
        f"file:{quote(file)}?mode={'rwc' if writes else 'ro'}",
        uri=True,
        timeout=limits.lock_seconds,
        isolation_level=None,
        # A pooled connection is used by one thread at a time, but not always by the same one.
        check_same_thread=False,
        cached_statements=512,
    )
    if writes:
        # journal_size_limit keeps a log that once grew under a long read from staying large: 64 MB.
        connection.executescript(
            # What was answered survives a power failure: FULL syncs the log at every commit.
            "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON;"
            "PRAGMA journal_size_limit = 67108864"
        )
    else:
        connection.executescript("PRAGMA query_only = ON; PRAGMA temp_store = MEMORY")
    connection.create_function("local_month", 2, local_month, deterministic=True)
    connection.create_function("local_day", 3, local_day, deterministic=True)
    return connection


def local_month(instant: str | None, zone: str) -> str | None:
    """Return the month in which a stored instant lies in a time zone: what SQLite has no function for."""
    if instant is None:
        return None
    # No zone is a whole day away from UTC: the month can differ at its ends only.
    if "02" <= instant[8:10] <= "27":
        return instant[:7]
    return f"{datetime.fromisoformat(instant).astimezone(ZoneInfo(zone)):%Y-%m}"


def local_day(instant: str | None, seconds: int | None, zone: str) -> str | None:
    """Return the day in a time zone on which so many seconds have passed since a stored instant."""
    if instant is None or seconds is None:
        return None
    then = datetime.fromisoformat(instant) + timedelta(seconds=seconds)
    return f"{then.astimezone(ZoneInfo(zone)):%Y-%m-%d}"


def _postgresql_engine(url: URL, limits: Limits, size: int) -> Engine:
    """Return an engine whose sessions run in UTC at READ COMMITTED and never wait for ever."""
    settings = {
        "statement_timeout": _milliseconds(limits.statement_seconds),
        "lock_timeout": _milliseconds(limits.lock_seconds),
        "TimeZone": "UTC",
    }
    own = url.query.get("options", "")
    options = [own if isinstance(own, str) else " ".join(own)]
    options += [f"-c {name}={value}" for name, value in settings.items()]
    engine = create_engine(
        url,
        # The driver begins nothing by itself: a snapshot of one statement needs no transaction.
        isolation_level="AUTOCOMMIT",
        execution_options={"begin": "BEGIN ISOLATION LEVEL READ COMMITTED"},
        connect_args={
            "options": " ".join(options).strip(),
            "connect_timeout": max(1, round(limits.connect_seconds)),
            "application_name": "sales-graphql",
        },
        pool_size=size,
        max_overflow=0,
        pool_timeout=limits.wait_seconds,
    )

    @event.listens_for(engine, "begin")
    def explicit_begin(connection: Connection) -> None:
        driver: Any = connection.connection.driver_connection
        # Not where a snapshot hands its own transaction to a session.
        if driver.info.transaction_status is TransactionStatus.IDLE:
            driver.execute(connection.get_execution_options()["begin"])

    return engine


def _revive(connection: Connection) -> None:
    """Connect anew where the server was restarted while the connection lay in the pool.

    Without it a restart fails one request per pooled connection.
    """
    for _ in range(_MOST_REVIVALS):
        driver: Any = connection.connection.dbapi_connection
        try:
            connection.dialect.do_ping(driver)
        except connection.dialect.loaded_dbapi.Error as fault:
            connection.invalidate(fault)
        else:
            return


def _shorten(connection: Connection, seconds: float) -> None:
    """Give the open transaction less time than its connection's setting."""
    if connection.dialect.name == "sqlite":
        connection.info["stopwatch"].operation_ends = time.monotonic() + seconds
    else:
        connection.exec_driver_sql(f"SET LOCAL statement_timeout = {_milliseconds(seconds)}")


def _milliseconds(seconds: float) -> int:
    """Return whole milliseconds, at least one: PostgreSQL takes 0 for 'no limit'."""
    return max(1, round(seconds * 1000))
