"""In which order were events committed, and which of them does someone want to hear of?

An event's id is made before its commit, so that ids do not tell the order of the commits: a transaction that
takes long commits an id that is smaller than those which others have read already. So each committed event is
given a *position* afterwards, under the lock of one row. Positions have no gap, and become visible in their
order: whoever has read up to one has missed nothing before it, whichever process wrote it.
"""

import base64
import binascii
import json
from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import BigInteger, ColumnElement, func, or_, update
from sqlmodel import Field, Session, SQLModel, col, select

from models.access import Viewer, visible_to
from models.errors import Invalid, Path
from models.event import Event, EventKind
from models.record import Versioned, records

# Events that are given their position at once: a few milliseconds under the lock.
_BATCH = 1_000
# Positions that one statement looks at: a rare event is found in steps, each of some milliseconds.
_WINDOW = 10_000
# Events that one look returns: what a reader holds in memory, 16 bytes each.
PAGE = 100
# What the cursors of events begin with, so that one of a page is not taken for one.
_CURSOR = "event"


class Outbox(SQLModel, table=True):
    """The last position that was given. Its one row is locked by whoever gives the next."""

    __tablename__ = "outbox"

    id: int = Field(primary_key=True)
    last: int = Field(sa_type=BigInteger)


@dataclass(frozen=True)
class Wanted:
    """Which events someone wants to hear of: those that meet every part that is given.

    ``names``     ``quote.accepted``, or ``quote.*`` for all of a kind of record; one of them.
    ``subjects``  the records, one of which it happened to.
    ``accounts``  the accounts, to the history of one of which it belongs.
    """

    names: Sequence[str] = ()
    kinds: Sequence[EventKind] = ()
    subjects: Sequence[UUID] = ()
    chain: UUID | None = None
    accounts: Sequence[UUID] = ()

    def conditions(self) -> list[ColumnElement[bool]]:
        """Return what holds for every wanted event."""
        found: list[ColumnElement[bool]] = []
        if self.names:
            found.append(or_(*(_is_named(each) for each in self.names)))
        if self.kinds:
            found.append(col(Event.kind).in_(self.kinds))
        places: list[ColumnElement[bool]] = []
        if self.subjects:
            places.append(col(Event.subject_id).in_(self.subjects))
        if self.accounts:
            places.append(col(Event.account_id).in_(self.accounts))
        if self.chain is not None:
            places.append(col(Event.chain_id) == self.chain)
        return [*found, or_(*places)] if places else found


@dataclass(frozen=True)
class Page:
    """Wanted events by position and key, and the position up to which there are no others."""

    events: Sequence[tuple[int, UUID]]
    reached: int


def cursor_of(position: int) -> str:
    """Return the cursor of an event by its position: what clients have, and where they go on."""
    told = json.dumps([_CURSOR, position], separators=(",", ":"))
    return base64.urlsafe_b64encode(told.encode()).rstrip(b"=").decode()


def place_of(cursor: str, head: int) -> int | None:
    """Return the position of a cursor, None where it is none, or one that is still to come."""
    try:
        raw = base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True)
        kind, position = json.loads(raw)
    except (binascii.Error, ValueError, TypeError, RecursionError):
        return None
    is_place = kind == _CURSOR and type(position) is int and 0 <= position <= head
    return position if is_place else None


def head(session: Session) -> int:
    """Return the last position that was given."""
    return session.exec(select(Outbox.last)).one()


def is_waiting(session: Session) -> bool:
    """Say whether a committed event has no position yet."""
    return session.exec(select(Event.id).where(col(Event.position).is_(None)).limit(1)).first() is not None


def put_in_order(session: Session) -> int:
    """Give the next positions to committed events that have none, the oldest first; return how many.

    It waits for whoever else is doing so, and sees what that one has left. The caller commits.
    """
    # A lock that also holds on SQLite, where the transaction itself is one. No row is kept in the session:
    # one that goes on after a commit would know an older number.
    last = session.exec(select(Outbox.last).with_for_update()).one()
    rank = func.row_number().over(order_by=col(Event.id)).label("rank")
    unplaced = select(Event.id, rank).where(col(Event.position).is_(None)).order_by(col(Event.id))
    waiting = unplaced.limit(_BATCH).subquery()
    placed = session.connection().execute(
        update(Event)
        .where(col(Event.id) == waiting.c.id)
        .values(position=last + waiting.c.rank)
        .returning(col(Event.id))
    )
    count = len(placed.all())
    if count:
        session.connection().execute(update(Outbox).values(last=last + count))
    return count


def settle(session: Session) -> int:
    """Give every committed event its position and return the last one: what is committed later follows it.

    Nobody else gives any until the caller commits.
    """
    while put_in_order(session) == _BATCH:
        pass
    return head(session)


def look(session: Session, viewer: Viewer, wanted: Wanted, *, after: int, up_to: int) -> Page:
    """Return the next wanted events after a position that the viewer sees, at most ``PAGE``, in order.

    Where ``reached`` is less than ``up_to``, there may be more: look again after it.
    """
    end = min(after + _WINDOW, up_to)
    statement = (
        select(Event.position, Event.id)
        .where(col(Event.position) > after, col(Event.position) <= end, *wanted.conditions())
        .order_by(col(Event.position))
        .limit(PAGE)
    )
    condition = visible_to(viewer, Event)
    if condition is not None:
        statement = statement.where(condition)
    found = [(int(position or 0), key) for position, key in session.exec(statement).all()]
    return Page(found, found[-1][0] if len(found) == PAGE else end)


def checked_names(names: Sequence[str], path: Path) -> list[str]:
    """Return names of events, each once, in the order they were given.

    Raises:
        Invalid: one is not of the form of one, or of no kind of record.
    """
    for name in names:
        noun, _, word = name.partition(".")
        known = records().get(noun)
        is_word = word == "*" or word.replace("_", "").isalpha()
        if known is None or not issubclass(known, Versioned) or not is_word:
            message = (
                f"{name!r} names no event; quote.accepted is one, and quote.* stands for all of quotes. "
                "A timeline shows the names."
            )
            raise Invalid(message, path=path)
    return list(dict.fromkeys(names))


def _is_named(name: str) -> ColumnElement[bool]:
    """Return the condition that an event has a name, or is of its kind of record."""
    noun, _, word = name.partition(".")
    return col(Event.subject_type) == noun if word == "*" else col(Event.type) == name
