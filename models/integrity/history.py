"""Do the events tell how every record came to be what it is?"""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from functools import cache
from typing import Any
from uuid import UUID

from sqlalchemy import func, or_
from sqlmodel import Session, SQLModel, col, select

from models.document import ChainRecord
from models.errors import MalformedId
from models.event import Event
from models.integrity.difference import Difference, compared, in_text, streamed
from models.lifecycle.telling import column_change, shown_name, told_text
from models.record import Part, Record, Versioned, parse_id, public_id, records
from models.status import Staged

# A value of no type in particular.
_SOMETHING = "something"
# Records whose rows are compared at once.
_AT_ONCE = 500
# The public id of a record or a part -> by field, the value that was told last.
Told = dict[str, dict[str, str | None]]
# The public id of a part -> that of the record whose events tell of it.
Wholes = dict[str, str]


def versions(session: Session) -> Iterator[Difference]:
    """Compare the version of each record with that of its last event.

    What a company starts with, such as its stages, is at its first version without an event.
    """
    last = (
        select(Event.subject_id, func.max(Event.subject_version).label("version"))
        .group_by(col(Event.subject_id))
        .subquery()
    )
    for table in _tables(Versioned):
        untold = last.c.version.is_(None)
        if not issubclass(table, ChainRecord):
            untold &= table.version > 1
        statement = (
            select(table.id, table.version, last.c.version)
            .outerjoin(last, last.c.subject_id == table.id)
            .where(or_(untold, table.version != last.c.version))
        )
        yield from compared(session, table, "version", statement)


def states(session: Session) -> Iterator[Difference]:
    """Compare the status of each record with that which its last event led to."""
    for table in _tables(Staged):
        last = (col(Event.subject_id) == table.id) & (col(Event.subject_version) == table.version)
        statement = (
            select(table.id, table.status, Event.to_status)
            .join(Event, last)
            .where(col(Event.to_status).is_distinct_from(table.status))
        )
        yield from compared(session, table, "status", statement)


def told(session: Session) -> Iterator[Difference]:
    """Compare every field of every record and part with the value that the events told last."""
    events = select(Event.subject_type, Event.subject_id, Event.changes)
    ordered = streamed(session, events.order_by(col(Event.subject_id), col(Event.id)))
    found: Told = {}
    wholes: Wholes = {}
    subjects: set[UUID] = set()
    for noun, key, changes in ordered:
        if key not in subjects and len(subjects) == _AT_ONCE:
            yield from _compare(session, found, wholes)
            found, wholes, subjects = {}, {}, set()
        subjects.add(key)
        whole = public_id(noun, key)
        for each in changes:
            owner, field = _place(each["field"], whole)
            found.setdefault(owner, {})[field] = each["after"]
            wholes[owner] = whole
    yield from _compare(session, found, wholes)


def _place(told: str, record: str) -> tuple[str, str]:
    """Return whose field an event tells of, and which: that of a part has the part's id in front."""
    head, _, field = told.partition(".")
    try:
        parse_id(head)
    except MalformedId:
        return record, told
    return head, field


def _compare(session: Session, found: Told, wholes: Wholes) -> Iterator[Difference]:
    """Compare rows with what was told of them, and parts with whose events told it.

    A part whose every field was told away was removed.
    """
    by_noun: dict[str, list[str]] = defaultdict(list)
    for owner in found:
        by_noun[parse_id(owner)[0]].append(owner)
    for noun, owners in by_noun.items():
        table = records()[noun]
        for start in range(0, len(owners), _AT_ONCE):
            some = owners[start : start + _AT_ONCE]
            keys = [parse_id(owner)[1] for owner in some]
            rows = {
                row.public_id: row for row in session.exec(select(table).where(col(table.id).in_(keys))).all()
            }
            for owner in some:
                yield from _compare_row(table, owner, rows.get(owner), found[owner])
                if issubclass(table, Part) and owner in rows:
                    yield from _compare_whole(table, rows[owner], wholes)


def _compare_row(
    table: type[Record], owner: str, row: Record | None, fields: Mapping[str, str | None]
) -> Iterator[Difference]:
    """Compare one row with what was told of it."""
    columns, may_be_empty = _columns(table), emptied(table)
    if row is None:
        kept = columns.keys() - may_be_empty
        if any(value is not None for field, value in fields.items() if field in kept):
            yield Difference(owner, "id", "nothing", "the row that its events tell of")
        return
    for field, value in fields.items():
        if field in columns:
            stored = _text(row, columns[field])
            if stored != value and not (stored is None and field in may_be_empty):
                yield Difference(owner, field, in_text(stored), in_text(value))
    yield from _compare_untold(table, row, fields)


def _compare_untold(
    table: type[Record], row: Record, fields: Mapping[str, str | None]
) -> Iterator[Difference]:
    """Find what a row has and no event tells of, once its events tell how it was made.

    What was there before the events, or was filled while the database was brought to a newer version, was
    never told as a whole.
    """
    required, optional = _told_columns(table)
    if not fields.keys() >= required:
        return
    for field, column in optional.items():
        if field not in fields and getattr(row, column) is not None:
            yield Difference(row.public_id, field, in_text(_text(row, column)), in_text(None))


def _compare_whole(table: type[Part], row: Record, wholes: Wholes) -> Iterator[Difference]:
    """Compare what a part is a part of with the record whose events tell of it."""
    (key,) = SQLModel.metadata.tables[table.noun()].c[table.part_of].foreign_keys
    parent = public_id(key.column.table.name, getattr(row, table.part_of))
    stored, derived = wholes.get(parent, parent), wholes[row.public_id]
    if stored != derived:
        yield Difference(row.public_id, shown_name(table, table.part_of), stored, derived)


@cache
def _columns(table: type[Record]) -> dict[str, str]:
    """Return the columns of a table by their names in events."""
    return {shown_name(table, each.name): each.name for each in SQLModel.metadata.tables[table.noun()].c}


@cache
def emptied(table: type[Record]) -> frozenset[str]:
    """Return the fields that the database itself empties where what they point to is removed, untold."""
    columns = SQLModel.metadata.tables[table.noun()].c
    return frozenset(
        shown_name(table, each.name) for each in columns if any(key.ondelete for key in each.foreign_keys)
    )


@cache
def _told_columns(table: type[Record]) -> tuple[frozenset[str], dict[str, str]]:
    """Return the fields that are told of every row, and the columns of those that may have no value."""
    columns = SQLModel.metadata.tables[table.noun()].c
    told = {
        field: column
        for field, column in _columns(table).items()
        if any(column_change(table, column, None, _SOMETHING))
    }
    optional = {field: column for field, column in told.items() if columns[column].nullable}
    return frozenset(told.keys() - optional.keys()), optional


def _text(row: Record, column: str) -> str | None:
    """Return a value as an event tells it."""
    value = getattr(row, column)
    return told_text(row, column, value.astimezone(UTC) if isinstance(value, datetime) else value)


def _tables(kind: type[Record]) -> Iterator[Any]:  # Table classes of the kind.
    """Yield the tables of a kind of record."""
    return (table for table in records().values() if issubclass(table, kind))
