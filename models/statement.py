"""How is a statement sent at the least cost? As text that is made once; rows become records by hand.

Two thirds of the time that a select of some records takes, SQLAlchemy finds out what it knew the last time.
That is kept here: the text, how parameters are written and how values are read. The records are the session's
own, as if it had loaded them; one that it holds already is left as it is.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

from sqlalchemy import Column, Connection, Dialect, bindparam, inspect
from sqlalchemy.orm import Mapper
from sqlmodel import Session

from models.record import Record

# Cursors are kept by the texts they ran: what the driver learned of parameters and columns stays with them, a
# quarter of the time of a statement. So do the rows of the last answer, which therefore must not be many.
_CURSORS = "cursors"
_MOST_CURSORS = 500
_MOST_ROWS = 50
# Inserts of up to so many rows are kept, and more rows are more statements: a command writes a few of a kind.
_MOST_WRITTEN = 16

Turn = Callable[[Any], Any] | None
"""What turns a value into another; None where it stays."""


class Loading:
    """A select that is made once and sent often: of records of tables, of plain values, or of both.

    What returns something of the rows that it writes will do as well. ``statement`` begins with the
    ``tables``, where there are any. The values of its parameters are given by
    their names each time; constants among them are kept.
    """

    def __init__(self, statement: Any, *tables: type[Record]) -> None:  # A select.
        self._statement = statement
        self._tables = tables
        self._texts: dict[str, _Rows] = {}

    def rows(self, session: Session, **given: Any) -> list[Sequence[Any]]:
        """Return the rows, with a record for each table in the place of its columns."""
        dialect = session.get_bind().dialect
        text = self._texts.get(dialect.name)
        if text is None:
            text = self._texts[dialect.name] = _Rows(self._statement, self._tables, dialect)
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


class Writing:
    """A statement that is made once and sent often: an insert, an update, or a delete."""

    def __init__(self, statement: Any) -> None:  # A statement.
        self._statement = statement
        self._texts: dict[str, Text] = {}

    def send(self, session: Session, *rows: Mapping[str, Any]) -> Any:  # The driver's cursor.
        """Send it once for each row of parameters, by their names."""
        dialect = session.get_bind().dialect
        text = self._texts.get(dialect.name)
        if text is None:
            text = self._texts[dialect.name] = Text(self._statement, dialect)
        if len(rows) == 1:
            return send(session, text.sql, text.parameters(rows[0]))
        return send(session, text.sql, [text.parameters(each) for each in rows], is_many=True)


class WritingRows:
    """An insert of rows that is made once for each number of them; ``make`` makes it of their values."""

    def __init__(self, columns: Iterable[Column[Any]], make: Callable[[list[dict[str, Any]]], Any]) -> None:
        self._types = {each.name: each.type for each in columns}
        self._make = make
        self._of_count: dict[int, Writing] = {}

    def send(self, session: Session, rows: Sequence[Mapping[str, Any]]) -> None:
        """Send it for rows of values by the names of the columns."""
        for start in range(0, len(rows), _MOST_WRITTEN):
            part = rows[start : start + _MOST_WRITTEN]
            given = {f"{name}_{at}": value for at, row in enumerate(part) for name, value in row.items()}
            self._writing(len(part)).send(session, given)

    def _writing(self, count: int) -> Writing:
        """Return the insert of so many rows."""
        found = self._of_count.get(count)
        if found is None:
            values = [
                {name: bindparam(f"{name}_{at}", type_=type_) for name, type_ in self._types.items()}
                for at in range(count)
            ]
            found = self._of_count[count] = Writing(self._make(values))
        return found


class Text:
    """A statement in the words of an engine, and how the values of its parameters are written."""

    def __init__(self, statement: Any, dialect: Dialect) -> None:  # A statement.
        compiled = statement.compile(dialect=dialect)
        # Lists of constants are written out; what is given later has no value yet.
        state = compiled.construct_expanded_state(
            {name: None for name, each in compiled.binds.items() if each.required}
        )
        self.sql: str = state.statement
        self._positions: Sequence[str] | None = state.positiontup
        writes: dict[str, Turn] = {
            name: each.type.dialect_impl(dialect).bind_processor(dialect)
            for name, each in compiled.binds.items()
        }
        self._writes = list(writes.items())
        self._constants = {
            name: _turned(state.processors.get(name) or writes.get(name), value)
            for name, value in state.parameters.items()
        }

    def parameters(self, given: Mapping[str, Any]) -> Any:  # What the driver takes.
        """Return the values of the parameters as the driver takes them."""
        values = self._constants | {
            name: given[name] if turn is None else turn(given[name])
            for name, turn in self._writes
            if name in given
        }
        positions = self._positions
        return values if positions is None else [values[at] for at in positions]


class _Rows(Text):
    """A statement in the words of an engine, and how its rows are read."""

    def __init__(self, statement: Any, tables: Sequence[type[Record]], dialect: Dialect) -> None:
        super().__init__(statement, dialect)
        columns = list(statement.exported_columns)
        turns = [each.type.dialect_impl(dialect).result_processor(dialect, None) for each in columns]
        self._reads = [(index, turn) for index, turn in enumerate(turns) if turn is not None]
        self._makers: list[_Maker] = []
        for table in tables:
            start = self._makers[-1].end if self._makers else 0
            end = start + len(inspect(table).columns)
            self._makers.append(_Maker(inspect(table), start, end, [each.key for each in columns[start:end]]))

    def rows(self, session: Session, given: dict[str, Any]) -> list[Sequence[Any]]:
        """Return the rows, each with its record in the place of the record's columns."""
        cursor = send(session, self.sql, self.parameters(given))
        rows = cursor.fetchall()
        if len(rows) > _MOST_ROWS:
            session.connection().info[_CURSORS].pop(self.sql)
        return [self._read(session, row) for row in rows]

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
        key = self.mapper.identity_key_from_primary_key((columns["id"],))
        record = session.identity_map.get(key)
        if record is None:
            record = self.mapper.class_manager.new_instance()
            vars(record).update(columns)
            hold(session, record, key)
        return record


def hold(session: Session, record: Any, key: Any) -> None:  # Of a table, as it is in the database.
    """Let the session hold a record from now on, under the key that it has in there.

    It is what ``Session.add`` comes to for a record that has all of its columns and no relationship.
    """
    state: Any = inspect(record)
    state.key, state.session_id = key, session.hash_key
    session.identity_map.add(state)


def _turned(turn: Turn, value: Any) -> Any:  # Any value.
    """Return what a value turns into."""
    return value if turn is None else turn(value)


def send(session: Session, sql: str, parameters: Any, *, is_many: bool = False) -> Any:  # The cursor.
    """Send a statement in the session's transaction, and return the driver's cursor.

    With ``is_many`` there is a list of parameters, for each of which it is sent once.

    Raises:
        Exception: the driver's own, for ``Database.is_timeout`` and ``is_retryable`` to judge.
    """
    bind = session.get_bind()
    # To ask a session for its connection takes as long as a row of the answer.
    is_begun = isinstance(bind, Connection) and bind.in_transaction()
    connection = cast("Connection", bind) if is_begun else session.connection()
    kept = connection.info.setdefault(_CURSORS, {})
    cursor = kept.get(sql)
    if cursor is None:
        if len(kept) >= _MOST_CURSORS:
            kept.clear()
        cursor = kept[sql] = connection.connection.cursor()
    # Whoever listens to statements hears of these too, as the one does that stops late ones.
    for told in connection.engine.dispatch.before_cursor_execute:
        told(connection, cursor, sql, parameters, None, is_many)
    if is_many:
        cursor.executemany(sql, parameters)
    else:
        cursor.execute(sql, parameters)
    return cursor
