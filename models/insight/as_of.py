"""What was a document at an instant? Its present rows, from which every later event is taken back."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlmodel import Session, col, select

from models.access import Role, Viewer
from models.document import Document, Line
from models.errors import Forbidden, Invalid
from models.event import Event, EventKind
from models.insight.undoing import Past, Texts, texts_of, undo
from models.moment import Moment
from models.record import records


@dataclass(frozen=True)
class Snapshot:
    """A document and its lines, by position, as they were at an instant."""

    at: datetime
    version: int
    document: Past
    lines: list[tuple[str, Past]]


_FIELD = "asOf"


@dataclass(frozen=True)
class Wanted:
    """Which documents are asked for, and as of when."""

    table: type[Document]
    keys: Collection[UUID]
    at: datetime


@dataclass
class _Rewound:
    """A document that is being taken back."""

    version: int
    header: Texts
    lines: dict[str, Texts]
    is_there: bool = True

    def undo(self, event: Any, noun: str) -> None:
        """Take back an event; what is told of other parts than lines is left alone."""
        self.version = event.subject_version - 1
        self.is_there = self.is_there and event.kind is not EventKind.CREATED
        for each in event.changes:
            part, _, name = each["field"].rpartition(".")
            if not part:
                undo(self.header, [each])
            elif part.startswith(f"{noun}_"):
                undo(self.lines.setdefault(part, {}), [each | {"field": name}])


def snapshots(
    session: Session, viewer: Viewer, moment: Moment, wanted: Wanted
) -> dict[UUID, Snapshot | Invalid]:
    """Return documents, which the viewer sees, as they were at an instant: what was done at it is done.

    Three statements, whatever the number of documents. One that was not there yet is a refusal.

    Raises:
        Invalid: the instant lies in the future.
        Forbidden: a customer asks, who is shown what was offered and nothing of how it came about.
    """
    if viewer.role is Role.CUSTOMER:
        raise Forbidden(_FIELD, viewer.role)
    table, keys, at = wanted.table, wanted.keys, wanted.at
    if at > moment.now:
        message = f"{_told(at)} lies in the future; it is {_told(moment.now)}."
        raise Invalid(message, path=("at",))
    line = line_table(table)
    found = {
        row.id: _Rewound(row.version, texts_of(row), {})
        for row in session.exec(select(table).where(col(table.id).in_(keys))).all()
    }
    begun = {}
    for row in _lines(session, line, keys):
        found[getattr(row, line.part_of)].lines[row.public_id] = texts_of(row)
    for event in _later(session, keys, at):
        found[event.subject_id].undo(event, line.noun())
        begun[event.subject_id] = event.created_at
    return {
        key: Snapshot(at, each.version, Past(table, each.header), list(_by_position(line, each.lines)))
        if each.is_there
        else _not_yet(table, at, begun[key])
        for key, each in found.items()
    }


def line_table(table: type[Document]) -> type[Line]:
    """Return the table of a document's lines."""
    found = records()[f"{table.noun()}_line"]
    if not issubclass(found, Line):
        message = f"{found.noun()} has no lines of a document"
        raise TypeError(message)
    return found


def _lines(session: Session, line: type[Line], keys: Collection[UUID]) -> Iterator[Any]:
    """Yield the present lines of documents."""
    yield from session.exec(select(line).where(getattr(line, line.part_of).in_(keys))).all()


def _later(session: Session, keys: Collection[UUID], at: datetime) -> Iterator[Any]:
    """Yield what happened to documents after an instant, the last first."""
    columns = (Event.subject_id, Event.subject_version, Event.kind, Event.created_at, Event.changes)
    statement = (
        select(*(col(each) for each in columns))
        .where(col(Event.subject_id).in_(keys), col(Event.created_at) > at)
        .order_by(col(Event.subject_version).desc(), col(Event.id).desc())
    )
    yield from session.execute(statement)


def _by_position(table: type[Line], lines: dict[str, Texts]) -> Iterator[tuple[str, Past]]:
    """Yield the lines that were there, by position; of one that was not, nothing is told."""
    there = [(key, Past(table, texts)) for key, texts in lines.items() if any(texts.values())]
    yield from sorted(there, key=lambda each: (each[1].value("position"), each[0]))


def _not_yet(table: type[Document], at: datetime, begun: datetime) -> Invalid:
    """Return the refusal of an instant before a document was made."""
    noun = table.noun().replace("_", " ")
    message = f"At {_told(at)} this {noun} was not there yet: it was made at {_told(begun)}."
    return Invalid(message, path=("at",))


def _told(instant: datetime) -> str:
    """Return an instant as the API writes it, without a fraction of a second where there is none."""
    return instant.isoformat().replace("+00:00", "Z")
