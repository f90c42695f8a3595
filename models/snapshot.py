"""How does one question read a state of the records that nobody changes meanwhile, at the least cost?

Its statements go to the driver as text. SQLAlchemy lends the connection from its pool, and a session where a
function of the models wants one; nothing is opened before it is used.
"""

from collections.abc import Callable, Sequence
from typing import Any, Self

from psycopg import RawCursor
from sqlalchemy import Connection, Engine
from sqlalchemy.pool import PoolProxiedConnection
from sqlmodel import Session

# What is written of rows takes less memory than they do: so many are there at a time.
_ROWS_AT_ONCE = 200

Row = Sequence[Any]
Parameters = tuple[Any, ...]


class Snapshot:
    """One consistent state of the records, for reading; for one thread. Leave its block to give it back.

    Args:
        engine: whose pool lends the connection.
        begin: the statement that begins a transaction of one snapshot.
    """

    def __init__(self, engine: Engine, begin: str) -> None:
        self._engine = engine
        self._begin = begin
        self._lent: PoolProxiedConnection | None = None
        self._session: Session | None = None
        self._is_begun = False

    @classmethod
    def of(cls, session: Session) -> "Snapshot":
        """Return the state that a session sees, its own changes included. The session stays open."""
        connection = session.connection()
        found = cls(connection.engine, "")
        found._session, found._lent, found._is_begun = session, connection.connection, True
        return found

    def __enter__(self) -> Self:
        """Return itself; nothing is opened yet."""
        return self

    def __exit__(self, *_: object) -> None:
        """Give the connection back; nothing was written."""
        if self._session is not None:
            self._session.close()
        if self._lent is not None:
            # The pool rolls back what was begun.
            self._lent.close()

    @property
    def session(self) -> Session:
        """A session that sees this state."""
        if self._session is None:
            lent = self._opened()
            if not self._is_begun:
                self._start(lent)
            self._session = Session(
                Connection(self._engine, connection=lent), autoflush=False, expire_on_commit=False
            )
        return self._session

    def read(
        self,
        sql: str,
        parameters: Parameters,
        take: Callable[[Sequence[Row]], object],
        *,
        is_only: bool = False,
    ) -> int:
        """Hand on the rows of a statement as the driver hands them out, so many at a time; return how many.

        Its parameters are marked as the engine marks them: ``?`` or ``$1``.

        The only statement of a snapshot needs no transaction.

        Raises:
            Exception: the driver's own, for ``Database.is_timeout`` and ``is_retryable`` to judge.
        """
        cursor = self._executed(sql, parameters, is_only=is_only)
        count = 0
        try:
            while rows := cursor.fetchmany(_ROWS_AT_ONCE):
                count += len(rows)
                take(rows)
                if len(rows) < _ROWS_AT_ONCE:
                    break
        finally:
            self._end(cursor)
        return count

    def _executed(self, sql: str, parameters: Parameters, *, is_only: bool) -> Any:  # The driver's cursor.
        """Return the cursor of a statement that was run."""
        while True:
            is_fresh = self._lent is None
            lent = self._lent or self._opened()
            try:
                if not is_only and not self._is_begun:
                    self._start(lent)
                cursor = self._cursor(lent)
                # Whoever listens to statements hears of these too, as the one does that stops late ones.
                for told in self._engine.dispatch.before_cursor_execute:
                    told(lent, cursor, sql, parameters, None, False)
                cursor.execute(sql, parameters)
            except Exception as fault:
                if not is_fresh or not self._is_broken(fault, lent):
                    raise
                # The server was restarted while the connection lay in the pool: nothing was read yet.
                self._drop(lent, fault)
            else:
                return cursor

    def _cursor(self, lent: PoolProxiedConnection) -> Any:  # The driver's cursor.
        """Return a cursor that sends a statement as it is."""
        if self._engine.dialect.name == "sqlite":
            return lent.cursor()
        driver: Any = lent.driver_connection
        return RawCursor(driver)

    def _end(self, cursor: Any) -> None:
        """Let go of a cursor, and of what it read."""
        cursor.close()

    def _opened(self) -> PoolProxiedConnection:
        """Return the connection, which is lent at its first use."""
        if self._lent is None:
            self._lent = self._engine.raw_connection()
        return self._lent

    def _start(self, lent: PoolProxiedConnection) -> None:
        """Begin the transaction."""
        lent.cursor().execute(self._begin)
        self._is_begun = True

    def _drop(self, lent: PoolProxiedConnection, fault: BaseException) -> None:
        """Let go of a connection that has ended."""
        lent.invalidate(fault)
        self._lent, self._is_begun = None, False

    def _is_broken(self, fault: Exception, lent: PoolProxiedConnection) -> bool:
        """Say whether the connection has ended."""
        dialect = self._engine.dialect
        return isinstance(fault, dialect.loaded_dbapi.Error) and dialect.is_disconnect(fault, lent, None)
