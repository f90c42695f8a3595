"""How do rows become records at the least cost? A select is made text once, and its rows records by hand.

Two thirds of the time that a select of some records takes, SQLAlchemy finds out what it knew the last time.
That is kept here: the text, how parameters are written and how values are read. The records are the session's
own, as if it had loaded them; one that it holds already is left as it is.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, cast

from sqlalchemy import Connection, Dialect, inspect
from sqlalchemy.orm import Mapper, make_transient_to_detached
from sqlmodel import Session

from models.record import Record

Turn = Callable[[Any], Any] | None
"""What turns a value into another; None where it stays."""


class Loading:
    """A select that is made once and sent often: of records of tables, of plain values, or of both.

    ``statement`` begins with the ``tables``, where there are any. The values of its parameters are given by
    their names each time; constants among them are kept.
    """

    def __init__(self, statement: Any, *tables: type[Record]) -> None:  # A select.
        self._statement = statement
        self._tables = tables
        self._texts: dict[str, _Text] = {}

    def rows(self, session: Session, **given: Any) -> list[Sequence[Any]]:
        """Return the rows, with a record for each table in the place of its columns."""
        dialect = session.get_bind().dialect
        text = self._texts.get(dialect.name)
        if text is None:
            text = self._texts[dialect.name] = _Text(self._statement, self._tables, dialect)
        return text.rows(session, given)

    def all(self, session: Session, **given: Any) -> list[Any]:
        """Return the first value of each row: the records."""
        return [row[0] for row in self.rows(session, **given)]

    def one(self, session: Session, **given: Any) -> Any:  # The record, or None.
        """Return the first value of the only row, None where there is none.

        Raises:
            LookupError: there are several rows.
        """
        found = self.rows(session, **given)
        if len(found) > 1:
            message = f"{len(found)} rows are there in place of one"
            raise LookupError(message)
        return found[0][0] if found else None


class _Text:
    """A select in the words of an engine."""

    def __init__(self, statement: Any, tables: Sequence[type[Record]], dialect: Dialect) -> None:
        compiled = statement.compile(dialect=dialect)
        # Lists of constants are written out; what is given later has no value yet.
        state = compiled.construct_expanded_state(
            {name: None for name, each in compiled.binds.items() if each.required}
        )
        self._sql: str = state.statement
        self._positions: Sequence[str] | None = state.positiontup
        self._writes: dict[str, Turn] = {
            name: each.type.dialect_impl(dialect).bind_processor(dialect)
            for name, each in compiled.binds.items()
        }
        self._constants = {
            name: _turned(state.processors.get(name) or self._writes.get(name), value)
            for name, value in state.parameters.items()
        }
        columns = list(statement.selected_columns)
        turns = [each.type.dialect_impl(dialect).result_processor(dialect, None) for each in columns]
        self._reads = [(index, turn) for index, turn in enumerate(turns) if turn is not None]
        self._makers: list[_Maker] = []
        for table in tables:
            start = self._makers[-1].end if self._makers else 0
            end = start + len(inspect(table).columns)
            self._makers.append(_Maker(inspect(table), start, end, [each.key for each in columns[start:end]]))

    def rows(self, session: Session, given: dict[str, Any]) -> list[Sequence[Any]]:
        """Return the rows, each with its record in the place of the record's columns."""
        values = self._constants | {
            name: _turned(self._writes[name], value) for name, value in given.items() if name in self._writes
        }
        positions = self._positions
        found = _sent(session, self._sql, values if positions is None else [values[at] for at in positions])
        return [self._read(session, row) for row in found]

    def _read(self, session: Session, row: Sequence[Any]) -> Sequence[Any]:
        """Return a row with the values that its types stand for, and with its records."""
        values = list(row)
        for index, turn in self._reads:
            values[index] = turn(values[index])
        if not self._makers:
            return values
        records = [each.made(session, values) for each in self._makers]
        return (*records, *values[self._makers[-1].end :])


@dataclass(frozen=True)
class _Maker:
    """What makes a record of a part of a row."""

    mapper: Mapper[Any]
    start: int
    end: int
    names: Sequence[str]

    def made(self, session: Session, values: Sequence[Any]) -> Any:  # A record, or None.
        """Return the record, which the session holds from now on; None where an outer join found none."""
        columns = dict(zip(self.names, values[self.start : self.end], strict=True))
        if columns["id"] is None:
            return None
        record = session.identity_map.get(self.mapper.identity_key_from_primary_key((columns["id"],)))
        if record is None:
            record = self.mapper.class_manager.new_instance()
            vars(record).update(columns)
            make_transient_to_detached(record)
            session.add(record)
        return record


def _turned(turn: Turn, value: Any) -> Any:  # Any value.
    """Return what a value turns into."""
    return value if turn is None else turn(value)


def _sent(session: Session, sql: str, parameters: Any) -> Sequence[Sequence[Any]]:
    """Send a select in the session's transaction, and return what the driver hands out."""
    cursor = send(session, sql, parameters)
    rows: Sequence[Sequence[Any]] = cursor.fetchall()
    cursor.close()
    return rows


def send(session: Session, sql: str, parameters: Any) -> Any:  # The driver's cursor.
    """Send a statement in the session's transaction, and return its cursor.

    Raises:
        Exception: the driver's own, for ``Database.is_timeout`` and ``is_retryable`` to judge.
    """
    bind = session.get_bind()
    # To ask a session for its connection takes as long as a row of the answer.
    is_begun = isinstance(bind, Connection) and bind.in_transaction()
    connection = cast("Connection", bind) if is_begun else session.connection()
    cursor = connection.connection.cursor()
    # Whoever listens to statements hears of these too, as the one does that stops late ones.
    for told in connection.engine.dispatch.before_cursor_execute:
        told(connection, cursor, sql, parameters, None, False)
    cursor.execute(sql, parameters)
    return cursor
