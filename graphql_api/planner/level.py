"""What is fetched together, and how does a row become an object?

A ``Level`` is one table with the rows joined to it: one statement. Its ``read`` makes an object of a row;
where a list hangs on the object, it leaves the place empty and notes who is waiting.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement
from sqlmodel import SQLModel

from graphql_api.planner.leaf import Finish
from graphql_api.planner.page import Paging
from graphql_api.planner.selection import Asked
from models.access import Viewer
from models.moment import Moment

Row = Sequence[Any]
Object = dict[str, Any]


@dataclass(slots=True)
class Gathered:
    """What reading a level's rows leaves to be done: per child, the rows and objects that wait."""

    viewer: Viewer
    moment: Moment
    waiting: list[list[tuple[Row, Object]]]


Read = Callable[[Row, Gathered], Any]


@dataclass(frozen=True, eq=False)
class Join:
    """A row at the other end of a to-one link, fetched in the same statement."""

    entity: Any
    on: ColumnElement[bool]


@dataclass(frozen=True, eq=False)
class Level:
    """One table, the columns wanted of it, and what hangs on its rows.

    ``path``    the response path, without list positions; ``stem`` is what SQL names begin with.
    ``where``   (column, value) pairs that every row meets.
    ``entity``  the aliased table; ``columns`` and ``joins`` refer to it.
    """

    path: tuple[str, ...]
    stem: str
    table: type[SQLModel]
    entity: Any
    where: tuple[tuple[str, Any], ...]
    viewer: Viewer
    columns: tuple[ColumnElement[Any], ...]
    joins: tuple[Join, ...]
    children: tuple["Child", ...]
    read: Read

    def gathered(self, viewer: Viewer, moment: Moment) -> Gathered:
        """Return an empty note of who waits for the children."""
        return Gathered(viewer, moment, [[] for _ in self.children])


@dataclass(frozen=True, eq=False)
class Connection:
    """The list below one field: pages of rows, and what is said about them.

    ``match``   variant -> column of ``level`` that holds the parent's key; empty at the root.
    ``order``   what to select for each column that can order, and how it becomes part of a cursor.
    ``write``   makes the connection's object of the rows of one parent.
    """

    asked: Asked
    path: tuple[str, ...]
    paging: Paging
    match: Mapping[str, str]
    level: Level
    needs_cursors: bool
    needs_page_info: bool
    counts: tuple[Asked, ...]
    write: "Write"


@dataclass(frozen=True, eq=False)
class ToMany:
    """A connection below the rows of a level. ``slots``: variant -> where the row holds the parent's key."""

    key: str
    connection: Connection
    slots: Mapping[str, int]


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
    ``read``      reads the trees as deeply as they are asked for, in the order of the rows.
    """

    key: str
    asked: Asked
    path: tuple[str, ...]
    needs: tuple[tuple[str, int, Finish | None], ...]
    function: Callable[..., Sequence[Any]]
    read: Callable[[Any, Sequence[Any]], Sequence[Any]]


Child = ToMany | ToAny | Made


@dataclass(frozen=True, eq=False)
class Part:
    """The rows of one parent, in response order, and what is known about the rest."""

    rows: Sequence[Row]
    cursor: Callable[[Row], str]
    has_next: bool
    has_previous: bool
    counts: Mapping[str, tuple[int, bool]]


Write = Callable[[Part, Gathered], Object]


class Branches:
    """The levels behind an interface that spans tables, each planned when a record of its type turns up."""

    def __init__(self, plan: Callable[[str], Level | None]) -> None:
        self._plan = plan
        self._levels: dict[str, Level | None] = {}

    def level(self, noun: str) -> Level | None:
        """Return the level for records of this noun; None where the field cannot hold such a record.

        Two threads may plan the same level at once; either result serves.
        """
        if noun not in self._levels:
            self._levels[noun] = self._plan(noun)
        return self._levels[noun]

    def planned(self) -> list[Level]:
        """Return the levels that have turned up."""
        return [level for level in self._levels.values() if level is not None]


def object_reader(leaves: Mapping[str, "Leaf"]) -> Read:
    """Return what makes an object of a row: its keys in response order, all values in one pass.

    Values that need no change are taken as they are; only the others cost a call.
    """
    keys = tuple(leaves)
    slots = [leaf.slot for leaf in leaves.values()]
    finished = [(at, leaf.finish) for at, leaf in enumerate(leaves.values()) if leaf.finish is not None]
    made = [(at, leaf.make) for at, leaf in enumerate(leaves.values()) if leaf.make is not None]

    def read(row: Row, gathered: Gathered) -> Object:
        values = [row[slot] for slot in slots]
        for at, finish in finished:
            values[at] = finish(values[at])
        for at, make in made:
            values[at] = make(row, gathered)
        return dict(zip(keys, values, strict=True))

    return read


@dataclass(frozen=True, eq=False)
class Leaf:
    """Where a value of an object comes from: a slot of the row, finished or not, or a function of it."""

    slot: int = 0
    finish: Finish | None = None
    make: Read | None = None


def constant(value: object) -> Leaf:
    """Return a leaf that is the same in every object."""
    return Leaf(make=lambda _, __: value)


def with_children(read: Read, children: Sequence[tuple[str, int]]) -> Read:
    """Return a reader that also notes the object with the children that wait to be put into it."""
    if not children:
        return read
    numbers = [number for _, number in children]

    def read_and_note(row: Row, gathered: Gathered) -> Object:
        made: Object = read(row, gathered)
        for number in numbers:
            gathered.waiting[number].append((row, made))
        return made

    return read_and_note


def nullable(read: Read, slot: int) -> Read:
    """Return a reader for a joined row that may be missing: then the value of its key's slot is null."""
    return lambda row, gathered: None if row[slot] is None else read(row, gathered)


def by_variant(reads: Mapping[Any, Read], slot: int) -> Read:
    """Return a reader for rows of several types, told apart by the value of one slot."""
    return lambda row, gathered: reads[row[slot]](row, gathered)


def computed(
    function: Callable[[Mapping[str, Any], Viewer, Moment], Any],
    needs: Sequence[tuple[str, int, Finish | None]],
    project: Finish,
) -> Read:
    """Return a reader that calls ``function`` with typed values of the row and projects what it returns."""

    def read(row: Row, gathered: Gathered) -> Any:
        values = {name: row[slot] if finish is None else finish(row[slot]) for name, slot, finish in needs}
        return project(function(values, gathered.viewer, gathered.moment))

    return read
