"""Which lines were removed from their documents? Their rows are gone; the events of that keep them."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Text, cast, or_, select
from sqlmodel import Session, col

from models.access import Viewer, visible_to
from models.errors import MalformedId
from models.event import Event
from models.lifecycle import Pointer
from models.lifecycle.telling import shown_name
from models.record import parse_id, records

_REMOVALS = tuple(f"{noun}.line_removed" for noun in ("opportunity", "quote", "order", "invoice"))


@dataclass(frozen=True)
class RemovedLine:
    """A line that is gone, with what its fields were last, as text under the names of events."""

    pointer: Pointer
    record: Pointer
    label: str
    recorded_at: datetime
    removed_at: datetime
    fields: dict[str, str | None]

    def text(self, column: str) -> str | None:
        """Return what a column was last, as text."""
        return self.fields.get(shown_name(records()[self.pointer.noun], column))


def removed_lines(
    session: Session, viewer: Viewer, chains: Collection[UUID], lineages: Collection[UUID]
) -> Iterator[tuple[UUID, RemovedLine]]:
    """Yield the lines of these lineages that were removed in these chains, as far as the viewer sees it."""
    statement = _events(viewer, chains).where(col(Event.type).in_(_REMOVALS))
    found: list[tuple[UUID, Any, str, dict[str, str | None]]] = []
    for event in session.execute(statement) if chains else ():
        for line, fields in _gone(event.changes).items():
            lineage = fields.get("lineageId")
            if lineage is not None and UUID(lineage) in lineages:
                found.append((UUID(lineage), event, line, fields))
    begun = _begun(session, viewer, chains, [line for _, _, line, _ in found])
    for own, event, line, fields in found:
        yield (
            own,
            RemovedLine(
                pointer=Pointer(*parse_id(line)),
                record=Pointer(event.subject_type, event.subject_id),
                label=event.summary.rpartition(":")[0],
                recorded_at=begun.get(line, event.created_at),
                removed_at=event.created_at,
                fields=fields,
            ),
        )


def _events(viewer: Viewer, chains: Collection[UUID]) -> Any:
    """Return the statement for the events of chains, in the order in which they happened."""
    statement = select(
        *(col(each) for each in (Event.created_at, Event.subject_type, Event.subject_id, Event.summary)),
        col(Event.changes),
    ).where(col(Event.chain_id).in_(sorted(chains)))
    rule = visible_to(viewer, Event)
    return (statement if rule is None else statement.where(rule)).order_by(col(Event.id))


def _gone(changes: list[dict[str, Any]]) -> dict[str, dict[str, str | None]]:
    """Return the fields of each part that an event tells away, by the part's id."""
    parts: dict[str, dict[str, str | None]] = {}
    left = set()
    for each in changes:
        line, _, name = each["field"].partition(".")
        if name and _is_id(line):
            parts.setdefault(line, {})[name] = each["before"]
            if each["after"] is not None:
                left.add(line)
    return {line: fields for line, fields in parts.items() if line not in left}


def _is_id(text: str) -> bool:
    """Say whether a text is an id."""
    try:
        parse_id(text)
    except MalformedId:
        return False
    return True


def _begun(
    session: Session, viewer: Viewer, chains: Collection[UUID], lines: list[str]
) -> dict[str, datetime]:
    """Return when each of these lines was written: at the first event that tells of it."""
    if not lines:
        return {}
    told = cast(col(Event.changes), Text)
    mentions = or_(*(told.contains(line, autoescape=True) for line in lines))
    found: dict[str, datetime] = {}
    for event in session.execute(_events(viewer, chains).where(mentions)):
        for each in event.changes:
            line = each["field"].partition(".")[0]
            if line in lines:
                found.setdefault(line, event.created_at)
    return found
