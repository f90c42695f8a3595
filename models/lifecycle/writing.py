"""How are rows written at the least cost? By statements that are made once, as those are that read.

A flush of SQLAlchemy's takes two thirds of its time to find out what it knew the last time.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from functools import cache, lru_cache
from typing import Any

from sqlalchemy import bindparam, insert, inspect, update
from sqlalchemy.orm.exc import StaleDataError
from sqlmodel import Session

from models.record import Record
from models.statement import Writing, WritingRows, hold

# A command that edits sets any of a record's columns together; these are kept, the latest ones.
_MOST_UPDATES = 500


def write(session: Session, table: type[Record], rows: Sequence[Mapping[str, Any]]) -> None:
    """Write rows that no record stands for, each with a value for the same columns, in one statement."""
    if rows:
        _inserting(table, tuple(rows[0])).send(session, rows)


def store(session: Session) -> None:
    """Write what was added to a session and what was set of the records that it holds.

    As a flush does, but for what is to be deleted: first what was set, in the order of the keys, so that no
    two commands deadlock, and then what is new, each kind of row by one statement.

    Raises:
        StaleDataError: a row is gone.
    """
    records = [*session.dirty, *session.new]
    _update(session)
    _insert(session)
    for record in records:
        _settle(session, record)


def _update(session: Session) -> None:
    """Write what was set of the records that a session holds."""
    changed: defaultdict[tuple[Any, ...], list[Any]] = defaultdict(list)
    for record in sorted(session.dirty, key=lambda each: inspect(each).key[1]):
        changed[record.__tablename__, type(record), _changes(record)].append(record)
    for (noun, table, names), records in sorted(changed.items(), key=lambda each: each[0][0]):
        if not names:
            continue
        cursor = _updating(table, names).send(session, *map(vars, records))
        if cursor.rowcount != len(records):
            message = f"{len(records) - cursor.rowcount} rows of {noun} are gone"
            raise StaleDataError(message)


def _insert(session: Session) -> None:
    """Write what was added to a session."""
    made: defaultdict[Any, list[Any]] = defaultdict(list)
    for record in session.new:
        made[type(record)].append(record)
    for table, records in made.items():
        _adding(table).send(session, *map(vars, records))


def _changes(record: Any) -> tuple[str, ...]:  # Of a table.
    """Return the names of the columns that were set to another value."""
    values, before = vars(record), inspect(record).committed_state
    return tuple(sorted(name for name, value in before.items() if value != values[name]))


def _settle(session: Session, record: Any) -> None:  # Of a table.
    """Let a record be what the database has."""
    state: Any = inspect(record)
    if state.key is None:
        session.expunge(record)
        hold(session, record, state.mapper.identity_key_from_instance(record))
    state._commit_all(state.dict, session.identity_map)  # noqa: SLF001  # So ends a flush; nothing public does it.


@cache
def _inserting(table: type[Record], names: tuple[str, ...]) -> WritingRows:
    """Return the insert of rows."""
    columns = table.metadata.tables[table.noun()].c
    return WritingRows([columns[name] for name in names], insert(table).values)


@cache
def _adding(table: Any) -> Writing:  # A table class.
    """Return the insert of a row."""
    columns = inspect(table).columns
    return Writing(insert(table).values({each.key: bindparam(each.key, type_=each.type) for each in columns}))


@lru_cache(_MOST_UPDATES)
def _updating(table: Any, names: tuple[str, ...]) -> Writing:  # A table class.
    """Return the update of some columns of a row. Its parameters are named as they are."""
    columns = table.__table__.c
    keys = [each == bindparam(each.key, type_=each.type) for each in table.__table__.primary_key]
    values = {name: bindparam(name, type_=columns[name].type) for name in names}
    return Writing(update(table.__table__).where(*keys).values(values))
