"""How does the event loop read, which must never wait?

A question that is known to be short costs less there than on a thread. It is read over one of a few
connections that are kept for the loop, and within milliseconds: on SQLite a statement that takes longer is
interrupted, on PostgreSQL the loop goes on with other work while the server has the question. Whatever would
have to wait begins anew on a thread.
"""

import threading
import time
from collections.abc import Callable, Sequence
from typing import Any

from sqlalchemy import Engine
from sqlalchemy.pool import PoolProxiedConnection
from sqlmodel import Session
from typing_extensions import override

from models.snapshot import Parameters, Row, Snapshot

# SQLite's primary codes for a lock that is held and for a statement that was interrupted.
_SQLITE_BUSY, _SQLITE_INTERRUPT = 5, 9
# SQLite's time limit looks at the clock about once in a millisecond of its work.
_LOOKS_A_SECOND = 1_000
_CURSOR = "brief_cursor"


class NotBriefError(Exception):
    """The event loop would have to wait. Nothing was told yet: begin anew on a thread."""


class NeverBriefError(NotBriefError):
    """A function of the models takes its time whenever it is asked."""


class Spare:
    """Connections that are kept for event loops, so that they neither make one nor wait for one.

    Args:
        engine: whose pool has so many more than its threads need.
        begin: the statement that begins a transaction of one snapshot.
        most: how many are kept.
    """

    def __init__(self, engine: Engine, begin: str, most: int) -> None:
        self._engine = engine
        self._begin = begin
        self._most = most
        self._lock = threading.Lock()
        self._count = 0
        self._free: list[PoolProxiedConnection] = []
        self._is_closed = False

    def snapshot(self, seconds: float) -> "BriefSnapshot":
        """Return one snapshot that takes a connection when it is used, and so long at most."""
        return BriefSnapshot(self._engine, self._begin, self, seconds)

    @property
    def is_wanting(self) -> bool:
        """Whether another connection may be added."""
        return self._count < self._most and not self._is_closed

    @property
    def has_free(self) -> bool:
        """Whether there is a connection that nobody uses."""
        return bool(self._free)

    def add(self) -> None:
        """Add a connection. This may wait.

        Raises:
            sqlalchemy.exc.SQLAlchemyError: there is none to be had.
        """
        with self._lock:
            if not self.is_wanting:
                return
            self._count += 1
        try:
            lent = self._engine.raw_connection()
            if self._engine.dialect.name == "sqlite":
                lent.cursor().execute("PRAGMA busy_timeout = 0")
        except BaseException:
            self.forget()
            raise
        self.give_back(lent)

    def take(self) -> PoolProxiedConnection:
        """Return a connection that nobody uses.

        Raises:
            NotBriefError: there is none.
        """
        try:
            return self._free.pop()
        except IndexError:
            raise NotBriefError from None

    def give_back(self, lent: PoolProxiedConnection) -> None:
        """Keep a connection for whoever comes next."""
        if self._is_closed:
            lent.close()
        else:
            self._free.append(lent)

    def forget(self) -> None:
        """Count a connection that has ended no more."""
        with self._lock:
            self._count -= 1

    def close(self) -> None:
        """Give the connections back to the pool."""
        self._is_closed = True
        while self._free:
            self._free.pop().close()


class BriefSnapshot(Snapshot):
    """One consistent state of the records, read without waiting.

    ``seconds`` are those of the processor: on a machine that is busy otherwise, nothing is longer.
    Each step raises ``NotBriefError`` where it would have to wait, or has taken too long.
    """

    def __init__(self, engine: Engine, begin: str, spare: Spare, seconds: float) -> None:
        super().__init__(engine, begin)
        self._spare = spare
        self._seconds = seconds
        self._is_abandoned = False
        self._kept: Any = None  # The driver's cursor.
        self._is_embedded = engine.dialect.name == "sqlite"
        if self._is_embedded:
            self._ends, self._may_end = time.thread_time() + seconds, time.perf_counter() + seconds

    @override
    def __exit__(self, *_: object) -> None:
        """Give the connection back; nothing was written."""
        lent = self._lent
        if lent is None:
            return
        if self._is_abandoned:
            self._drop(lent, NotBriefError())
            return
        try:
            if self._is_begun:
                lent.rollback()
        except self._engine.dialect.loaded_dbapi.Error as fault:
            self._drop(lent, fault)
        else:
            self._lent, self._is_begun = None, False
            self._spare.give_back(lent)

    def abandon(self) -> None:
        """End the connection rather than give it back: the server still has a statement."""
        self._is_abandoned = True

    @property
    @override
    def session(self) -> Session:
        """There is none."""
        raise NeverBriefError

    @override
    def read(
        self,
        sql: str,
        parameters: Parameters,
        take: Callable[[Sequence[Row]], object],
        *,
        is_only: bool = False,
    ) -> int:
        """Hand on the rows of a statement as the driver hands them out; return how many there were."""
        if self._is_embedded and self._is_late():
            raise NotBriefError
        try:
            return super().read(sql, parameters, take, is_only=is_only)
        except BaseException as fault:
            self._forget_cursor()
            if getattr(fault, "sqlite_errorcode", 0) & 0xFF in (_SQLITE_BUSY, _SQLITE_INTERRUPT):
                raise NotBriefError from fault
            raise

    def _is_late(self) -> bool:
        """Say whether the time is over; to ask for the processor's is a call of the system."""
        return time.perf_counter() > self._may_end and time.thread_time() > self._ends

    @override
    def _cursor(self, lent: PoolProxiedConnection) -> Any:  # The driver's cursor.
        """Return the cursor of the connection: on PostgreSQL, what it has learned is worth 11 µs."""
        if self._kept is None:
            self._kept = lent.info.get(_CURSOR)
            if self._kept is None:
                self._kept = lent.info[_CURSOR] = super()._cursor(lent)
        return self._kept

    @override
    def _end(self, cursor: Any) -> None:
        """Keep the cursor, which has what a short answer took."""

    def _forget_cursor(self) -> None:
        """Let go of a cursor that was not read to its end: on SQLite its transaction would go on with it."""
        if self._kept is not None and self._lent is not None:
            self._kept.close()
            del self._lent.info[_CURSOR]
        self._kept = None

    @override
    def _opened(self) -> PoolProxiedConnection:
        """Return the connection, which is taken at its first use."""
        if self._lent is None:
            self._lent = self._spare.take()
            if self._is_embedded:
                self._lent.info["stopwatch"].looks_left = self._seconds * _LOOKS_A_SECOND
        return self._lent

    @override
    def _drop(self, lent: PoolProxiedConnection, fault: BaseException) -> None:
        """Let go of a connection that has ended."""
        super()._drop(lent, fault)
        self._kept = None
        self._spare.forget()
