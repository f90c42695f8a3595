"""What is fetched together, and what hangs on it?

A ``Level`` is one table with the rows joined to it: one statement. Code made for the plan writes its rows,
from the innermost level to the outermost: a text is written once all that it holds is there.
"""

import functools
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement
from sqlmodel import SQLModel

from graphql_api.planner.leaf import Finish
from graphql_api.planner.page import Paging
from graphql_api.planner.script import PRESENT, Condition, Row
from graphql_api.planner.selection import Asked
from models.access import Viewer
from models.moment import Moment

Below = tuple[Mapping[Any, str], Any]
"""The texts of a child by the value in the row that they belong to, and the slot or slots of that value."""

WriteRows = Callable[[Sequence[Row], Sequence[Below], Viewer, Moment], list[str]]
"""Writes the objects of rows, given the texts of all children of their level."""


@dataclass(frozen=True, eq=False)
class Join:
    """A row at the other end of a to-one link, fetched in the same statement."""

    entity: Any
    on: ColumnElement[bool]


@dataclass(frozen=True, eq=False)
class Level:
    """One table, the columns wanted of it, and what hangs on its rows.

    ``path``        the response path, without list positions; ``stem`` is what SQL names begin with.
    ``where``       (column, value) pairs that every row meets.
    ``entity``      the aliased table; ``columns`` and ``joins`` refer to it.
    ``is_textual``  whether PostgreSQL hands out every column as text; it ``is_divisible`` where none of them
                    can hold the mark that divides the values of several rows.
    """

    path: tuple[str, ...]
    stem: str
    table: type[SQLModel]
    entity: Any
    where: tuple[tuple[str, Any], ...]
    viewer: Viewer
    columns: tuple[ColumnElement[Any], ...]
    joins: tuple[Join, ...]
    children: tuple["Waiting", ...]
    is_textual: bool
    is_divisible: bool


@dataclass(frozen=True, eq=False)
class Readable:
    """A level, and what writes its rows."""

    level: Level
    write: WriteRows


@dataclass(frozen=True, eq=False)
class Connection:
    """The list below one field: pages of rows, and what is said about them.

    ``variables``  the names of those that its arguments depend on; ``cursors`` tells the one that alone says
                 where a page begins or ends, by the argument.
    ``match``    variant -> column of ``level`` that holds the parent's key; empty at the root.
    ``writes``   make the nodes' texts, one for each place that asks for nodes.
    ``write``    makes the connections' texts of the parts of all parents, ``write_lists`` of their texts.
    """

    asked: Asked
    variables: tuple[str, ...]
    cursors: Mapping[str, str]
    path: tuple[str, ...]
    paging: Paging
    match: Mapping[str, str]
    level: Level
    needs_cursors: bool
    needs_next: bool
    needs_previous: bool
    counts: tuple[Asked, ...]
    writes: tuple[WriteRows, ...]
    write: "WriteParts"
    write_lists: "WriteLists"

    @property
    def is_constant(self) -> bool:
        """Whether no argument depends on a variable."""
        return not self.variables

    @functools.cached_property
    def others(self) -> tuple[str, ...]:
        """The variables that are no cursors."""
        return tuple(name for name in self.variables if name not in self.cursors.values())

    @property
    def needs_page_info(self) -> bool:
        """Whether it is asked if there are more rows than a page shows, on either side of it."""
        return self.needs_next or self.needs_previous

    @functools.cached_property
    def is_plain(self) -> bool:
        """Whether nothing but the texts of its rows is wanted, once."""
        return len(self.writes) == 1 and not (self.needs_cursors or self.needs_page_info)

    @property
    def has_page(self) -> bool:
        """Whether rows are shown or looked at, and not only counted."""
        return bool(self.writes) or self.needs_cursors or self.needs_page_info

    @property
    def is_numbered(self) -> bool:
        """Whether its rows need their place: one more is read than shown, and something hangs on them."""
        return self.needs_page_info and bool(self.level.children)


@dataclass(frozen=True, eq=False)
class ToMany:
    """A connection below the rows of a level.

    ``slots``    variant -> where the row holds the parent's key.
    ``are_own``  whether no two rows of the level have the same key.
    """

    connection: Connection
    slots: Mapping[str, int]
    are_own: bool


@dataclass(frozen=True, eq=False)
class ToAny:
    """A record of any type: two values of the row hold its noun and its key."""

    key: str
    branches: "Branches"
    noun_slot: int
    key_slot: int


@dataclass(frozen=True, eq=False)
class Made:
    """A value that a function makes for all rows of a level at once.

    ``needs``     what it is given of each row: name, slot and how the raw value is finished.
    ``function``  makes the trees of all rows, in their order.
    ``read``      makes the texts of the trees, in the order of the rows.
    """

    asked: Asked
    path: tuple[str, ...]
    needs: tuple[tuple[str, int, Finish | None], ...]
    function: Callable[..., Sequence[Any]]
    read: Callable[[Any, Sequence[Any]], Sequence[str]]


Child = ToMany | ToAny | Made


@dataclass(frozen=True, eq=False)
class Waiting:
    """A child, and whose it is: a row that meets all conditions of one of ``where`` waits for it."""

    child: Child
    where: list[tuple[Condition, ...]]

    def of(self, rows: Sequence[Row]) -> Sequence[Row]:
        """Return the rows that wait."""
        if not all(self.where):
            return rows
        if len(self.where) > 1:
            return [row for row in rows if any(_meets(row, each) for each in self.where)]
        for slot, value in self.where[0]:
            if value is PRESENT:
                rows = [row for row in rows if row[slot] is not None]
            else:
                rows = [row for row in rows if row[slot] == value]
        return rows


def _meets(row: Row, conditions: tuple[Condition, ...]) -> bool:
    """Say whether a row meets all conditions."""
    return all(
        row[slot] is not None if value is PRESENT else row[slot] == value for slot, value in conditions
    )


class Part(NamedTuple):
    """The rows of one parent in response order, and what is known of the rest."""

    rows: Sequence[Any]
    has_next: bool
    has_previous: bool
    counts: Mapping[str, tuple[int, bool]]


Told = Mapping[Any, Mapping[str, tuple[int, bool]]]
"""By owner, the number of its rows by each count asked for, and whether it is exact."""

WriteParts = Callable[[Mapping[Any, Part], Sequence[list[str]], Callable[[Row], str]], dict[Any, str]]
"""Makes the texts of connections by their parents, of the parts of each, the texts of all nodes in their
order, and what makes the cursor of a row."""

WriteLists = Callable[[Mapping[Any, Any], dict[Any, list[str]], Told], dict[Any, str]]
"""Makes the texts of plain connections by their parents, of parents by owner, as the rows of statements call
them, and of the texts of each owner's nodes, which it takes."""


class Branches:
    """The levels behind an interface that spans tables, each planned when a record of its type turns up."""

    def __init__(self, plan: Callable[[str], Readable | None]) -> None:
        self._plan = plan
        self._levels: dict[str, Readable | None] = {}

    def level(self, noun: str) -> Readable | None:
        """Return the level for records of this noun; None where the field cannot hold such a record.

        Two threads may plan the same level at once; either result serves.
        """
        if noun not in self._levels:
            self._levels[noun] = self._plan(noun)
        return self._levels[noun]

    def planned(self) -> list[Level]:
        """Return the levels that have turned up."""
        # A copy, made in one step: another thread may plan one meanwhile.
        return [each.level for each in list(self._levels.values()) if each is not None]
