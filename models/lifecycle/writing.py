"""How are rows of one kind written at the least cost? By one statement for all of them, made once.

It is for rows that no record stands for: the events of a command.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from sqlalchemy import Dialect, bindparam, insert
from sqlmodel import Session

from models.lifecycle.loading import send
from models.record import Record

# A command tells of a few records; statements of so many rows are kept, and more rows are more statements.
_MOST_ROWS = 16


class Writing:
    """The insert of rows into a table."""

    def __init__(self, table: type[Record]) -> None:
        self._table = table
        self._texts: dict[tuple[str, int], _Text] = {}

    def write(self, session: Session, rows: Sequence[Mapping[str, Any]]) -> None:
        """Write rows, each with a value for the same columns."""
        dialect = session.get_bind().dialect
        for start in range(0, len(rows), _MOST_ROWS):
            part = rows[start : start + _MOST_ROWS]
            known = dialect.name, len(part)
            text = self._texts.get(known)
            if text is None:
                text = self._texts[known] = _Text(self._table, list(part[0]), len(part), dialect)
            text.write(session, part)


class _Text:
    """The insert of so many rows in the words of an engine."""

    def __init__(self, table: type[Record], names: Sequence[str], count: int, dialect: Dialect) -> None:
        columns = table.__table__.c  # type: ignore[attr-defined]  # SQLModel sets it.
        values = [
            {name: bindparam(f"{name}_{number}", type_=columns[name].type) for name in names}
            for number in range(count)
        ]
        compiled = insert(table).values(values).compile(dialect=dialect)
        self._sql = str(compiled)
        self._positions: Sequence[str] | None = compiled.positiontup
        self._turns: list[tuple[str, Callable[[Any], Any] | None]] = [
            (name, columns[name].type.dialect_impl(dialect).bind_processor(dialect)) for name in names
        ]

    def write(self, session: Session, rows: Sequence[Mapping[str, Any]]) -> None:
        """Write so many rows."""
        given = {
            f"{name}_{number}": row[name] if turn is None else turn(row[name])
            for number, row in enumerate(rows)
            for name, turn in self._turns
        }
        positions = self._positions
        send(session, self._sql, given if positions is None else [given[at] for at in positions]).close()
