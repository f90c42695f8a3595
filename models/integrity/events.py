"""Do the events themselves go on from one another, and belong where they stand?"""

from collections.abc import Iterator, Sequence
from functools import cache
from itertools import groupby
from operator import attrgetter
from typing import Any

import sqlalchemy
from sqlalchemy import literal, or_
from sqlalchemy.orm import aliased
from sqlmodel import Session, SQLModel, col, select

from models.document import ChainRecord
from models.event import Event
from models.integrity.difference import Difference, compared, difference, streamed
from models.integrity.links import link
from models.lead import Lead
from models.lifecycle.telling import shown_name
from models.outbox import Outbox
from models.record import parse_id, records


def sequence(session: Session) -> Iterator[Difference]:
    """Go through the events of each record: no version is missing, and each begins where one ended."""
    told = ("id", "subject_id", "subject_version", "from_status", "to_status", "changes")
    order = (col(Event.subject_id), col(Event.subject_version), col(Event.id))
    statement = sqlalchemy.select(*(getattr(Event, name) for name in told)).order_by(*order)
    for _, events in groupby(streamed(session, statement), attrgetter("subject_id")):
        yield from _go_through(list(events))


def _go_through(events: Sequence[Any]) -> Iterator[Difference]:
    """Compare each event of a record with the one before."""
    known: dict[str, str | None] = {}
    for before, event in zip([None, *events], events, strict=False):
        if before is not None:
            version = before.subject_version + 1
            if event.subject_version != version:
                yield difference(Event, event.id, "subject_version", event.subject_version, version)
            if event.from_status != before.to_status:
                yield difference(Event, event.id, "from_status", event.from_status, before.to_status)
        for each in event.changes:
            field = each["field"]
            if known.get(field, each["before"]) != each["before"] and not _is_emptied(field):
                yield difference(Event, event.id, f"changes.{field}", each["before"], known[field])
            known[field] = each["after"]


def _is_emptied(field: str) -> bool:
    """Say whether a field of a part is one that the database itself empties, of which nothing is told."""
    head, _, name = field.rpartition(".")
    return bool(head) and (parse_id(head)[0], name) in _emptied()


@cache
def _emptied() -> frozenset[tuple[str, str]]:
    """Return the fields that the database empties where what they point to is removed, with their nouns."""
    return frozenset(
        (noun, shown_name(table, column.name))
        for noun, table in records().items()
        for column in SQLModel.metadata.tables[noun].c
        if any(key.ondelete for key in column.foreign_keys)
    )


def belonging(session: Session) -> Iterator[Difference]:
    """Compare the chain and the account of each event with its record's, and find causes of another time."""
    for table in records().values():
        if issubclass(table, ChainRecord):
            # A lead's account comes and goes with its qualification, and what was told of it before stays.
            for name in ("chain_id",) if table is Lead else ("chain_id", "account_id"):
                stored, derived = getattr(Event, name), getattr(table, name)
                statement = (
                    select(Event.id, stored, derived)
                    .join(table, col(table.id) == Event.subject_id)
                    .where(stored.is_distinct_from(derived))
                )
                for key, mine, theirs in streamed(session, statement):
                    yield link(Event, key, name, mine, theirs)
    cause = aliased(Event)
    apart = (
        select(Event.id, Event.created_at, cause.created_at)
        .join(cause, col(cause.id) == Event.caused_by_id)
        .where(or_(col(cause.created_at) != Event.created_at, col(cause.id) == Event.id))
    )
    yield from compared(session, Event, "caused_by", apart)


def places(session: Session) -> Iterator[Difference]:
    """Find events with a place that another has, or that was not given yet."""
    last = select(Outbox.last).scalar_subquery()
    beyond = select(Event.id, Event.position, last).where(
        or_(col(Event.position) > last, col(Event.position) < 1)
    )
    yield from compared(session, Event, "position", beyond)
    other = aliased(Event)
    twice = select(Event.id, Event.position, literal("one of it")).join(
        other, (col(other.position) == Event.position) & (col(other.id) != Event.id)
    )
    yield from compared(session, Event, "position", twice)
