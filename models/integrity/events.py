"""Do the events themselves go on from one another, and belong where they stand?"""

from collections.abc import Iterator, Sequence
from itertools import groupby
from operator import attrgetter
from typing import Any

import sqlalchemy
from sqlalchemy import literal, or_
from sqlalchemy.orm import aliased
from sqlmodel import Session, col, select

from models.document import ChainRecord
from models.event import Event, EventKind
from models.integrity.difference import Difference, compared, difference, streamed
from models.integrity.history import emptied
from models.integrity.links import link
from models.lead import Lead
from models.outbox import Outbox
from models.record import Versioned, parse_id, public_id, records


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
    return bool(head) and name in emptied(records()[parse_id(head)[0]])


def belonging(session: Session) -> Iterator[Difference]:
    """Compare each event with its record, and with the event that caused it."""
    for table in records().values():
        if issubclass(table, ChainRecord):
            yield from _chained(session, table)
        if issubclass(table, Versioned):
            yield from _of_nothing(session, table)
    cause = aliased(Event)
    apart = (
        select(Event.id, Event.created_at, cause.created_at)
        .join(cause, col(cause.id) == Event.caused_by_id)
        .where(or_(col(cause.created_at) != Event.created_at, col(cause.id) == Event.id))
    )
    yield from compared(session, Event, "caused_by", apart)


def _chained(session: Session, table: Any) -> Iterator[Difference]:
    """Compare chain and account of a kind of record with those of its events.

    Where all events of a record differ from it, it is the record that is wrong: of its account they tell.
    """
    # A lead's account comes and goes with its qualification, and what was told of it before stays.
    names = ("chain_id",) if table is Lead else ("chain_id", "account_id")
    for name in names:
        own, told, other = getattr(table, name), getattr(Event, name), aliased(Event)
        agrees = (
            select(other.id)
            .where(other.subject_id == table.id, getattr(other, name).is_not_distinct_from(own))
            .exists()
        )
        of_it = col(Event.subject_id) == table.id
        apart = select(Event.id, told, own).join(table, of_it).where(agrees, told.is_distinct_from(own))
        for key, mine, theirs in streamed(session, apart):
            yield link(Event, key, name, mine, theirs)
        if name == "chain_id":
            first = of_it & (col(Event.subject_version) == 1)
            alone = select(table.id, own, told).join(Event, first).where(~agrees)
            for key, mine, theirs in streamed(session, alone):
                yield link(table, key, name, mine, theirs)


def _of_nothing(session: Session, table: Any) -> Iterator[Difference]:
    """Find events of records of a kind that are not there, and were not deleted."""
    other = aliased(Event)
    is_deleted = (
        select(other.id)
        .where(other.subject_id == Event.subject_id, col(other.kind) == EventKind.DELETED)
        .exists()
    )
    statement = (
        select(Event.id, Event.subject_id)
        .outerjoin(table, table.id == Event.subject_id)
        .where(Event.subject_type == table.noun(), table.id.is_(None), ~is_deleted)
    )
    for key, subject in streamed(session, statement):
        yield difference(Event, key, "subject", public_id(table.noun(), subject), None)


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
