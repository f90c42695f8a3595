"""How does a connection to each engine begin, and how long may it keep anybody waiting?

SQLite is embedded and has one writer connection per process beside a pool of read-only ones; PostgreSQL has
one pool. Transactions are begun by statements of ours: the drivers begin late, or without need.
"""

import time
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Any
from urllib.parse import quote
from zoneinfo import ZoneInfo

import psycopg
import pysqlite3.dbapi2
from psycopg.generators import execute
from psycopg.pq import TransactionStatus
from sqlalchemy import URL, Connection, Engine, create_engine, event
from sqlalchemy.pool import ConnectionPoolEntry, NullPool, QueuePool

from models.waiting import Connection as PostgresqlConnection

# Every release up to 3.51.2 can corrupt a write-ahead log under racing checkpoints (sqlite.org, "WAL reset").
_OLDEST_SQLITE = (3, 51, 3)
# A virtual-machine step takes some nanoseconds: 20,000 of them look at the clock about once a millisecond.
_STEPS_BETWEEN_LOOKS = 20_000
BEGIN_SNAPSHOT = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"
_LOCK_LOOK_SECONDS = 0.01
# The statements that a connection keeps prepared: those of every command, and of as many questions.
_PREPARED = 500
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
        # Where the clock would tell how busy the machine is: each look is some work that was done.
        self.looks_left = float("inf")

    def __call__(self) -> bool:
        self.looks_left -= 1
        return self.looks_left < 0 or time.monotonic() > self.statement_ends

    def start(self, statement_seconds: float) -> None:
        """Give the statement that comes next its time, within that of its operation."""
        self.statement_ends = min(time.monotonic() + statement_seconds, self.operation_ends)


def sqlite_engine(url: URL, limits: Limits, *, begin: str, size: int) -> Engine:
    """Return an engine whose transactions start with ``begin``; ``size`` 0 keeps no connection open.

    The driver's own transactions are off (``isolation_level=None``): it begins late and deferred, which
    loses updates or answers "database is locked" as soon as two write.
    """
    _check_version()
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
        stopwatch = entry.info["stopwatch"]
        stopwatch.operation_ends = stopwatch.looks_left = float("inf")

    @event.listens_for(engine, "before_cursor_execute")
    def start_stopwatch(connection: Connection, *_: object) -> None:
        connection.info["stopwatch"].start(limits.statement_seconds)

    return engine


def _check_version() -> None:
    """Look at the release of SQLite.

    Raises:
        RuntimeError: it is too old to be trusted with a write-ahead log.
    """
    version: tuple[int, ...] = pysqlite3.dbapi2.sqlite_version_info
    if version < _OLDEST_SQLITE:
        oldest = ".".join(map(str, _OLDEST_SQLITE))
        message = f"SQLite {pysqlite3.dbapi2.sqlite_version} can corrupt data: {oldest} or newer is needed"
        raise RuntimeError(message)


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
        _begin_log(connection, limits.lock_seconds)
        # journal_size_limit keeps a log that once grew under a long read from staying large: 64 MB.
        connection.executescript(
            # What was answered survives a power failure: FULL syncs the log at every commit.
            "PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON; PRAGMA journal_size_limit = 67108864"
        )
    else:
        # Half a megabyte of pages, a quarter of the default: more is no faster, the system has them too.
        connection.executescript(
            "PRAGMA query_only = ON; PRAGMA temp_store = MEMORY; PRAGMA cache_size = -512"
        )
    connection.create_function("local_month", 2, local_month, deterministic=True)
    connection.create_function("local_day", 3, local_day, deterministic=True)
    return connection


def _begin_log(connection: Any, seconds: float) -> None:
    """Let a file have a write-ahead log.

    Of several who make a new file at once, SQLite refuses those at once that would wait for each other.

    Raises:
        pysqlite3.dbapi2.OperationalError: somebody has locked the file for so many seconds.
    """
    ends = time.monotonic() + seconds
    while True:
        try:
            connection.execute("PRAGMA journal_mode = WAL")
        except pysqlite3.dbapi2.OperationalError:
            if time.monotonic() > ends:
                raise
            time.sleep(_LOCK_LOOK_SECONDS)
        else:
            return


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


def postgresql_engine(url: URL, limits: Limits, size: int) -> Engine:
    """Return an engine whose sessions run in UTC at READ COMMITTED and never wait for ever."""
    settings = {
        "statement_timeout": milliseconds(limits.statement_seconds),
        "lock_timeout": milliseconds(limits.lock_seconds),
        "TimeZone": "UTC",
        # Days are read as text.
        "DateStyle": "ISO",
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
            # A statement that reads five levels is planned in milliseconds: that is not done five times.
            "prepare_threshold": 1,
        },
        pool_size=size,
        max_overflow=0,
        pool_timeout=limits.wait_seconds,
    )

    event.listen(engine, "do_connect", _postgresql_connection)

    @event.listens_for(engine, "begin")
    def explicit_begin(connection: Connection) -> None:
        driver: Any = connection.connection.driver_connection
        # Not where a snapshot hands its own transaction to a session, or ``revive`` has begun.
        if driver.info.transaction_status is TransactionStatus.IDLE:
            driver.execute(connection.get_execution_options()["begin"])

    _keep_prepared(engine)
    return engine


def _postgresql_connection(_: object, __: object, arguments: Any, settings: Any) -> PostgresqlConnection:
    """Open a connection of the driver that an event loop can use as well."""
    return PostgresqlConnection.connect(*arguments, **settings)


def _keep_prepared(engine: Engine) -> None:
    """Let connections of PostgreSQL's keep their prepared statements when they roll back.

    The driver's own rollback forgets them all, in case that tables were made and are gone: each question that
    is no single statement, and each refusal, would let hundreds be prepared anew.
    """

    def roll_back(driver: Any) -> None:
        if driver.info.transaction_status not in {TransactionStatus.INTRANS, TransactionStatus.INERROR}:
            return
        # A connection that has ended is found out by whoever uses it next.
        with suppress(psycopg.OperationalError):
            driver.pgconn.send_query(b"ROLLBACK")
            driver.wait(execute(driver.pgconn))

    @event.listens_for(engine, "connect")
    def keep_more(driver: Any, _: ConnectionPoolEntry) -> None:
        driver.prepared_max = _PREPARED
        # No statement follows before it is handed out.
        driver.is_made = True

    @event.listens_for(engine, "rollback")
    def before_rollback(connection: Connection) -> None:
        if not connection.invalidated:
            roll_back(connection.connection.driver_connection)

    @event.listens_for(engine, "reset")
    def before_return(driver: Any, *_: object) -> None:
        roll_back(driver)


def revive(connection: Connection) -> None:
    """Begin, and connect anew where the server was restarted while the connection lay in the pool.

    Without it a restart fails one request per pooled connection. What begins a transaction tells as well as
    a statement of its own whether the connection stands.
    """
    for _ in range(_MOST_REVIVALS):
        driver: Any = connection.connection.dbapi_connection
        try:
            driver.execute(connection.get_execution_options()["begin"])
        except connection.dialect.loaded_dbapi.Error as fault:
            connection.invalidate(fault)
        else:
            return


def shorten(connection: Connection, seconds: float) -> None:
    """Give the open transaction less time than its connection's setting."""
    if connection.dialect.name == "sqlite":
        connection.info["stopwatch"].operation_ends = time.monotonic() + seconds
    else:
        connection.exec_driver_sql(f"SET LOCAL statement_timeout = {milliseconds(seconds)}")


def milliseconds(seconds: float) -> int:
    """Return whole milliseconds, at least one: PostgreSQL takes 0 for 'no limit'."""
    return max(1, round(seconds * 1000))
