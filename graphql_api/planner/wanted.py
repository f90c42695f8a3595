"""Which statements does an operation take, given its variables? Nothing is run here.

On PostgreSQL one statement reads a row or a page with all that hangs on it, where that is text; elsewhere
there is one statement a level, and never one a row.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any

from graphql_api.planner.compile import Compiler
from graphql_api.planner.condition import ArgumentRefused
from graphql_api.planner.known import Needs, Statements, needs_of
from graphql_api.planner.level import Connection, Level, Made, ToAny, ToMany
from graphql_api.planner.page import Page, count_limit, edges_of
from graphql_api.planner.prepared import LIMIT, Bound, Prepared
from graphql_api.planner.read import PAGE, Read
from graphql_api.planner.weaving import Step, steps_of
from graphql_api.planner.whole import (
    Part,
    Place,
    composed,
    is_whole,
    limited,
    part_values,
    parts_below,
    parts_of,
)

# Of one statement. So many rows come faster as one; more of them would be held in too many forms at a time.
_ROWS_AS_ONE = range(500, 4_001)

_FIRST = "first"
_NOTHING: Mapping[str, Any] = {}


@dataclass(frozen=True, eq=False)
class Whole:
    """One statement that reads a row or a page with all that hangs on it.

    ``places``    which statements are its parts, in their order.
    ``ones``      the parts whose rows come as one.
    ``leaves``    the parts whose rows are written as they come.
    ``changing``  the parts whose values depend on variables; the ``values`` of the others are known.
    ``steps``     make the texts of its connections; where there are none, that takes finding out.
    """

    prepared: Prepared
    places: tuple[Place | None, ...]
    ones: frozenset[int]
    leaves: Mapping[int, Connection]
    changing: Mapping[int, Place]
    values: Mapping[str, Any]
    steps: tuple[Step, ...]


@dataclass(frozen=True, eq=False)
class Outline:
    """What is known of a field before its variables are.

    ``changing``  the connections on it and below that depend on them; the others are in order.
    ``is_text``   whether one statement can read it, on PostgreSQL.
    ``is_open``   whether records of any type hang on it, whose levels turn up with the rows.
    """

    changing: tuple[Connection, ...]
    is_text: bool
    is_open: bool


class Refused(Exception):  # noqa: N818  # A refusal is an answer, not a fault.
    """A field below ``path`` cannot be answered."""

    def __init__(self, reason: ArgumentRefused, connection: Connection | Made) -> None:
        super().__init__(reason.message)
        self.reason = reason
        self.path = connection.path
        self.nodes = connection.asked.nodes


@dataclass(frozen=True)
class First:
    """The statement with which a field begins to be read: what tells it from others, and what writes it.

    ``most`` is how many rows it can have.
    """

    level: Level
    key: tuple[Any, ...]
    write: Callable[[], Prepared]
    most: int

    @classmethod
    def one(cls, compiler: Compiler, level: Level, column: str, latest: str | None) -> "First":
        """Return the statement for one row by a key."""
        return cls(level, ("one", level, column, latest), partial(compiler.one, level, column, latest), 1)

    @classmethod
    def by_keys(cls, compiler: Compiler, level: Level, column: str, count: int) -> "First":
        """Return the statement for rows by so many keys."""
        return cls(level, ("keys", level, column), partial(compiler.by_keys, level, column), count)


@dataclass
class Wanted:
    """What one operation wants to be read."""

    compiler: Compiler
    statements: Statements
    variables: Mapping[str, Any]
    # By connection what it needs, and what was found out about others of its parts.
    _known: dict[Any, Any] = field(init=False)
    _edges: dict[Connection, Mapping[str, Any]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Find what is known of these variables."""
        self._known = self.statements.known_for(tuple(self.variables.items()), self.variables.values())

    def check(self, top: Connection | Level) -> Outline:
        """Look at the arguments of a connection and of all below, before any statement is run.

        Raises:
            Refused: one of them cannot be used.
        """
        checked: Outline | None = self._known.get(("checked", top))
        if checked is not None:
            return checked
        outline: Outline = self.statements.get(("outline", top), partial(self._outline, top))
        for connection in outline.changing:
            self.needs(connection)
        if outline.is_open:
            self._check_below(top.level if isinstance(top, Connection) else top)
        else:
            self._known["checked", top] = outline
        return outline

    def _outline(self, top: Connection | Level) -> Outline:
        """Return what is known of a connection, or of what hangs on a level."""
        level = top.level if isinstance(top, Connection) else top
        if isinstance(top, Connection):
            self.needs(top)
        self._check_below(level)
        return Outline(
            tuple(each for each in _below(top) if not each.is_constant),
            self.compiler.is_postgresql and is_whole(level),
            _is_open(level),
        )

    def _check_below(self, level: Level) -> None:
        """Look at the arguments of every connection below.

        Raises:
            Refused: one of them cannot be used.
        """
        for waiting in level.children:
            child = waiting.child
            if isinstance(child, ToMany):
                self.needs(child.connection)
                self._check_below(child.connection.level)
            elif isinstance(child, ToAny):
                for branch in child.branches.planned():
                    self._check_below(branch)

    def reads(self, connection: Connection) -> Mapping[str, Read]:
        """Return the statements that a connection takes, by name.

        Raises:
            Refused: its arguments cannot be used.
        """
        return self.needs(connection).reads

    def needs(self, connection: Connection) -> Needs:
        """Return what a connection needs.

        Raises:
            Refused: its arguments cannot be used.
        """
        found: Needs | None = self._known.get(connection)
        if found is None:
            try:
                found = self._known[connection] = self._needs(connection)
            except ArgumentRefused as refusal:
                raise Refused(refusal, connection) from refusal
        return found

    def _needs(self, connection: Connection) -> Needs:
        """Find out what a connection needs; of one page after the other, only where each begins."""
        names = connection.others
        values = [self.variables.get(name) for name in names]
        # Those that were left out are no nulls.
        given = [name in self.variables for name in names]
        kept = self.statements.known_for((connection, *values, *given), values)
        if _FIRST not in kept:
            known = {name: self.variables[name] for name in names if name in self.variables}
            kept[_FIRST] = self._first(connection, known)
        page, limits = kept[_FIRST]
        cursors = {side: self.variables.get(name) for side, name in connection.cursors.items()}
        nulls, edges = edges_of(page, cursors)
        if edges or nulls:
            self._edges[connection] = edges
        key = tuple(nulls.items())
        found: Needs | None = kept.get(key)
        if found is None:
            moved = replace(page, shape=replace(page.shape, **nulls)) if nulls else page
            found = kept[key] = needs_of(connection, moved, limits)
        return found

    @staticmethod
    def _first(connection: Connection, variables: Mapping[str, Any]) -> tuple[Page, list[tuple[str, int]]]:
        """Return the page that is asked for, without cursors that are variables, and the limits of counts."""
        asked = connection.asked
        page = connection.paging.page(asked.arguments(variables), asked.given(variables))
        return page, [(each.key, count_limit(each.arguments(variables))) for each in connection.counts]

    def edges(self, connection: Connection) -> Mapping[str, Any]:
        """Return the values that cursors have given."""
        return self._edges.get(connection, _NOTHING) if self._edges else _NOTHING

    def bound(self, connection: Connection, name: str) -> Bound:
        """Return one statement of a connection with its values, but for the parents' keys."""
        needs = self.needs(connection)
        found = needs.bound.get(name)
        if found is None:
            read = needs.reads[name]
            values = {**read.values, LIMIT: read.limit}
            found = needs.bound[name] = self.statement(connection, name).bound(values)
        return found

    def statement(self, connection: Connection, name: str) -> Prepared:
        """Return one statement of a connection."""
        read = self.reads(connection)[name]
        key, write = (connection, name, read.shape), partial(read.write, self.compiler, connection)
        limit = read.limit
        if limit is None or not self.compiler.is_postgresql:
            found: Prepared = self.statements.get(key, write)
        else:
            found = self.statements.get((*key, limit), lambda: self.statements.get(key, write).limited(limit))
        return found

    def whole_of(self, connection: Connection) -> Whole | None:
        """Return the one statement of a connection with all below it; None where it takes several.

        Raises:
            Refused: an argument cannot be used.
        """
        if not connection.level.children and len(self.reads(connection)) <= 1:
            return None
        outline = self.check(connection)
        if not outline.is_text:
            return None
        found: Whole | None = self._known.get(("whole", connection))
        if found is None:
            parts = partial(parts_of, self.compiler, connection, self.reads, 0, None)
            found = self._whole((connection,), outline, parts, self._most(connection, 1))
            self._known["whole", connection] = found
        return found

    def whole_from(self, first: First) -> Whole | None:
        """Return the one statement that begins with another, with all below it; None where it takes several.

        Raises:
            Refused: an argument cannot be used.
        """
        outline = self.check(first.level)
        if not outline.is_text or not first.level.children:
            return None

        def parts() -> list[Part]:
            below = parts_below(self.compiler, first.level, self.reads, 0, None)
            return [Part(None, first.write(), first.level.is_divisible), *below]

        return self._whole(first.key, outline, parts, self._most_below(first.level, first.most))

    def _most(self, connection: Connection, parents: int) -> int:
        """Return how many rows of a connection and all below are read at most, for so many parents."""
        limit = next((read.limit for read in self.reads(connection).values()), None)
        rows = parents * (1 if limit is None else limit)
        return rows + self._most_below(connection.level, rows)

    def _most_below(self, level: Level, rows: int) -> int:
        """Return how many rows are read at most of all that hangs on so many rows of a level."""
        return sum(
            self._most(each.child.connection, rows)
            for each in level.children
            if isinstance(each.child, ToMany)
        )

    def _whole(
        self, key: tuple[Any, ...], outline: Outline, parts: Callable[[], Sequence[Part]], most: int
    ) -> Whole:
        """Return one statement, which is written once for each shape of its parts, whatever their limits."""
        are_ones = most in _ROWS_AS_ONE
        reads = [(each, read) for each in outline.changing for read in self.reads(each).values()]
        shapes = [
            (read.name, read.shape, read.size if connection.is_numbered else None)
            for connection, read in reads
        ]
        limits = [read.limit for _, read in reads]

        def write() -> Whole:
            return self._written(parts(), are_ones=are_ones)

        def with_limits() -> Whole:
            open_ended: Whole = self.statements.get(("whole", are_ones, *key, *shapes), write)
            asked = {
                number: self.reads(connection)[name].limit
                for number, (connection, name) in open_ended.changing.items()
            }
            return replace(open_ended, prepared=limited(open_ended.prepared, asked))

        found: Whole = self.statements.get(("limited", *key, *shapes, *limits), with_limits)
        return found

    def _written(self, parts: Sequence[Part], *, are_ones: bool) -> Whole:
        """Write one statement of its parts."""
        places = {number: part.place for number, part in enumerate(parts) if part.place is not None}
        values: dict[str, Any] = {}
        for number, (connection, name) in places.items():
            if connection.is_constant:
                values |= part_values(number, self.reads(connection)[name].values)
        return Whole(
            composed(parts, are_ones=are_ones),
            tuple(part.place for part in parts),
            frozenset(number for number, part in enumerate(parts) if are_ones and part.is_divisible),
            {
                number: connection
                for number, (connection, name) in places.items()
                if name == PAGE and self.needs(connection).is_leaf
            },
            {number: place for number, place in places.items() if not place[0].is_constant},
            values,
            steps_of(places.values(), self.needs),
        )

    def bound_whole(self, whole: Whole, values: Mapping[str, Any]) -> Bound:
        """Return one statement with its values, of which some are those of its first part."""
        found: Bound | None = None if values else self._known.get(whole)
        if found is None:
            given = {**part_values(0, values), **whole.values}
            for number, (connection, name) in whole.changing.items():
                values_of_it = {**self.reads(connection)[name].values, **self.edges(connection)}
                given |= part_values(number, values_of_it)
            found = whole.prepared.bound(given)
            if not values:
                self._known[whole] = found
        return found


def _below(top: Connection | Level) -> Iterator[Connection]:
    """Yield a connection and all below it, or all below a level."""
    if isinstance(top, Connection):
        yield top
        top = top.level
    for waiting in top.children:
        if isinstance(waiting.child, ToMany):
            yield from _below(waiting.child.connection)


def _is_open(level: Level) -> bool:
    """Say whether a record of any type hangs on rows of a level or below."""
    return any(
        isinstance(each.child, ToAny)
        or (isinstance(each.child, ToMany) and _is_open(each.child.connection.level))
        for each in level.children
    )
