"""Which rows does an insight look at? Those that the viewer sees, and of these what a filter lets through."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select
from sqlalchemy.orm import aliased
from sqlmodel import Session

from models.access import Viewer, visible_to
from models.errors import Invalid
from models.moment import Moment
from models.record import Record


@dataclass(frozen=True)
class Scope:
    """An alias of a table, and the conditions that its rows meet; ``values`` are their parameters."""

    session: Session
    viewer: Viewer
    moment: Moment
    rows: Any
    conditions: tuple[ColumnElement[bool], ...]
    values: Mapping[str, Any] = field(default_factory=dict)

    def all(self, statement: Select[Any]) -> Sequence[Any]:
        """Return the rows of a statement over the scope."""
        return self.session.execute(statement, dict(self.values)).all()


@dataclass(frozen=True)
class Filter:
    """A condition, and the values of its parameters."""

    condition: ColumnElement[bool]
    values: Mapping[str, Any]


def scope(session: Session, viewer: Viewer, moment: Moment, rows: Any, wanted: Filter | None = None) -> Scope:
    """Return the scope of a table, or an alias of it, under the row rule of the viewer."""
    given = None if wanted is None else wanted.condition
    conditions = tuple(each for each in (visible_to(viewer, rows), given) if each is not None)
    return Scope(session, viewer, moment, rows, conditions, {} if wanted is None else wanted.values)


def scope_of(session: Session, viewer: Viewer, moment: Moment, table: type[Record]) -> Scope:
    """Return the scope of all rows of a table that the viewer sees."""
    return scope(session, viewer, moment, aliased(table, name=f"{table.noun()}_"))


def midnight(moment: Moment, day: date) -> datetime:
    """Return the instant at which a day begins in the organisation's time zone."""
    return datetime.combine(day, time.min, moment.organization.time_zone)


def instants(moment: Moment, start: date | None, end: date | None) -> tuple[datetime | None, datetime | None]:
    """Return the first instant of a period and the one behind it; None where it is open.

    Raises:
        Invalid: the period ends before it begins.
    """
    require_period(start, end)
    return (
        None if start is None else midnight(moment, start),
        None if end is None else midnight(moment, end + timedelta(days=1)),
    )


def require_period(start: date | None, end: date | None) -> None:
    """Refuse a period that ends before it begins.

    Raises:
        Invalid: it does.
    """
    if start is not None and end is not None and end < start:
        message = f"`to` is {end}, before `from`, {start}."
        raise Invalid(message, path=("to",))
