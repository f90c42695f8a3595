"""What does time bring about, and how does it happen once?

A transition with the condition ``due`` is run by the clock on every row that is due: an offer expires, for
example. Each row has a transaction of its own. However many processes look at once, under the lock of the
chain the row is still due for one of them only.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, literal, or_
from sqlmodel import Session, col, select

from models.access import CLOCK
from models.database import Database
from models.errors import Refusal
from models.lifecycle import REGISTRY, Command, Pointer, Transition, run
from models.lifecycle.declaration import Due
from models.moment import Moment

# Rows that are looked up at once: enough that looking costs nothing, few enough to be held.
_BATCH = 200


@dataclass(frozen=True)
class Tick:
    """What the clock did to one record, or why it could not.

    ``event_keys`` are those of the events that are committed. A row with a ``fault`` is due still.
    """

    command: str
    record: Pointer
    event_keys: tuple[UUID, ...] = ()
    fault: Exception | None = None


def run_due(
    database: Database, moment: Moment, *, is_stopping: Callable[[], bool] = lambda: False
) -> Iterator[Tick]:
    """Run what is due at a moment, one row after another, and yield what was done after each commit.

    A fault of one row stops no other. Once ``is_stopping`` says so, the rest is left for the next time.

    Raises:
        sqlalchemy.exc.SQLAlchemyError: the database does not answer.
    """
    for transition in REGISTRY.values():
        if transition.due is None:
            continue
        for key in _due(database, transition, transition.due, moment):
            if is_stopping():
                return
            tick = _run_one(database, transition, key, moment)
            if tick is not None:
                yield tick


def _run_one(database: Database, transition: Transition, key: UUID, moment: Moment) -> Tick | None:
    """Run a transition on one row; None where it is not due any more."""
    record = Pointer(transition.table.noun(), key)
    try:
        with database.writing() as session:
            outcome = run(session, Command(transition, {"id": record.public_id}, CLOCK, moment))
            keys = tuple(outcome.event_keys)
            session.commit()
    except Refusal:
        return None
    except Exception as fault:  # noqa: BLE001  # Whatever it is: the other rows are due as well.
        return Tick(transition.command, record, fault=fault)
    return Tick(transition.command, record, keys)


def _due(database: Database, transition: Transition, due: Due, moment: Moment) -> Iterator[UUID]:
    """Yield the keys of the rows that are due, oldest first. No transaction is open between two of them."""
    table = transition.table
    statement = (
        select(table.id).where(_is_in_source(transition), due(table, moment)).order_by(col(table.id))
    ).limit(_BATCH)
    last: UUID | None = None
    while True:
        after = statement if last is None else statement.where(col(table.id) > last)
        with database.reading() as session:
            keys = _keys(session, after)
        yield from keys
        if len(keys) < _BATCH:
            return
        last = keys[-1]


def _keys(session: Session, statement: Any) -> list[UUID]:  # A select of keys.
    """Return the keys that a statement selects."""
    return list(session.exec(statement).all())


def _is_in_source(transition: Transition) -> ColumnElement[bool]:
    """Return the condition that a row is in a state that the transition starts from.

    The values stand in the text of the statement: so an index over the rows of one state can be used.
    """
    table: Any = transition.table
    return or_(
        *(
            or_(
                table.reason_id == literal(f"{table.noun()}.{source}", literal_execute=True),
                # A company's own kinds of the reason.
                table.reason_id.startswith(literal(f"{table.noun()}.{source}.", literal_execute=True)),
            )
            if "." in source
            else table.status == literal(source, table.status.type, literal_execute=True)
            for source in transition.sources
        )
    )
