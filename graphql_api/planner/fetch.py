"""How are the rows of an answer read? From one snapshot, in the statements that are wanted."""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from itertools import groupby
from operator import itemgetter
from typing import Any

from graphql_api.planner.level import Connection
from graphql_api.planner.prepared import Bound, Prepared
from graphql_api.planner.read import PAGE
from graphql_api.planner.script import Row
from graphql_api.planner.wanted import First, Wanted, Whole
from graphql_api.planner.weaving import Lists, Texts, add_to
from graphql_api.planner.whole import Place, columns_of
from models.access import Viewer
from models.moment import Moment
from models.snapshot import Snapshot

_NOTHING: Mapping[str, Any] = {}
# The number of the part that a row of a statement of several parts is of.
_part_of = itemgetter(-2)

Owners = Mapping[Any, Any] | None
"""The keys of parents, by what a statement calls the owner of a row; None at the root."""


@dataclass(slots=True)
class Statement:
    """One statement that was run, its parameters, and how many rows it gave."""

    prepared: Prepared
    given: tuple[Any, ...]
    rows: int

    @property
    def sql(self) -> str:
        """Its text."""
        return self.prepared.sql

    @property
    def params(self) -> tuple[Any, ...] | dict[str, Any]:
        """Its parameters in their order, or by their names where the text has them."""
        _, names = self.prepared.sent
        return self.given if self.prepared.names is not None else dict(zip(names, self.given, strict=True))


@dataclass
class Fetch:
    """The reading for one answer.

    ``is_alone``  whether nothing else is read for it: then one statement is a snapshot by itself.
    ``woven``     the texts of connections that were made where their rows were read.
    """

    snapshot: Snapshot
    wanted: Wanted
    viewer: Viewer
    moment: Moment
    is_alone: bool = False
    log: list[Statement] = field(default_factory=list)
    woven: dict[Connection, Texts] = field(default_factory=dict)
    _found: dict[Place, Sequence[Row]] = field(default_factory=dict)
    _texts: dict[Connection, Lists] = field(default_factory=dict)

    def root(self, connection: Connection) -> None:
        """Read a connection at the root with all below it, where one statement does that.

        Raises:
            Refused: an argument of it, or of a connection below, cannot be used.
        """
        whole = self.wanted.whole_of(connection)
        if whole is not None:
            self._spread(whole, {})

    def begin(self, first: First, values: Mapping[str, Any]) -> Sequence[Row]:
        """Return the rows of a field's first statement, all that hangs on them read too where that can be.

        Raises:
            Refused: an argument of a connection below cannot be used.
        """
        whole = self.wanted.whole_from(first)
        if whole is not None:
            return self._spread(whole, values)
        statement: Prepared = self.wanted.statements.get(first.key, first.write)
        return self.rows(statement, values, is_only=self.is_alone and not first.level.children)

    def read(self, connection: Connection, name: str, owners: Owners) -> Sequence[Row]:
        """Return the rows of one statement of a connection, for these parents; they are not kept."""
        found = self._found.pop((connection, name), None) if self._found else None
        if found is None:
            found = []
            self._read(connection, name, owners, found.extend)
        return found

    def texts(self, connection: Connection, owners: Owners) -> Lists:
        """Return the texts of a leaf's nodes by their owners: no more rows are held than come at once."""
        found = self._texts.pop(connection, None) if self._texts else None
        if found is None:
            found = defaultdict(list)
            self._read(connection, PAGE, owners, partial(self._write, connection, found))
        return found

    def rows(self, statement: Prepared, values: Mapping[str, Any], *, is_only: bool = False) -> Sequence[Row]:
        """Run a statement and return its rows as the driver hands them out."""
        found: list[Row] = []
        self._run(statement.bound(values), found.extend, is_only=is_only)
        return found

    def _read(
        self, connection: Connection, name: str, owners: Owners, take: Callable[[Sequence[Row]], object]
    ) -> None:
        """Hand on the rows of one statement of a connection."""
        is_only = self.is_alone and owners is None and self.wanted.needs(connection).is_all
        bound, edges = self.wanted.bound(connection, name), self.wanted.edges(connection)
        ids = None if owners is None else self.wanted.compiler.key_values(owners.values())
        self._run(bound, take, is_only=is_only, ids=ids, edges=edges)

    def _run(
        self,
        bound: Bound,
        take: Callable[[Sequence[Row]], object],
        *,
        is_only: bool,
        ids: Any = None,
        edges: Mapping[str, Any] = _NOTHING,
    ) -> None:
        """Run a statement and hand on its rows, so many at a time."""
        parameters = bound.parameters(self.viewer.id, ids, edges)
        count = self.snapshot.read(bound.sql, parameters, take, is_only=is_only)
        self.log.append(Statement(bound.prepared, parameters, count))

    def _spread(self, whole: Whole, values: Mapping[str, Any]) -> Sequence[Row]:
        """Return the rows of the first part of a statement, and keep those of the other parts."""
        for connection in whole.leaves.values():
            self._texts[connection] = defaultdict(list)
        found: list[list[Row]] = [[] for _ in whole.places]

        def take(rows: Sequence[Row]) -> None:
            for number, group in groupby(rows, _part_of):
                part, owners = list(group), None
                if number in whole.ones:
                    columns = columns_of(part[0])
                    part, owners = list(zip(*columns, strict=True)), columns[-1] if columns else None
                if number in whole.leaves:
                    connection = whole.leaves[number]
                    self._write(connection, self._texts[connection], part, owners)
                else:
                    found[number] += part

        self._run(self.wanted.bound_whole(whole, values), take, is_only=self.is_alone)
        if whole.steps:
            self._weave(whole, found)
            return found[0]
        for place, rows in zip(whole.places, found, strict=True):
            if place is not None:
                self._found[place] = rows
        return found[0]

    def _weave(self, whole: Whole, found: list[list[Row]]) -> None:
        """Make the texts of all connections of a statement, of which the outermost are left to be taken."""
        # The innermost come last; where the first part is no connection, there is no step for it.
        for number, step in zip(reversed(range(len(found))), whole.steps, strict=False):
            lists = self._texts.pop(step.connection, None)
            if lists is None:
                lists = step.lists(found[number], self.woven, self.viewer, self.moment)
                found[number] = []
            self.woven[step.connection] = step.texts(lists)

    def _write(
        self,
        connection: Connection,
        texts: Mapping[Any, list[str]],
        rows: Sequence[Row],
        owners: Sequence[Any] | None = None,
    ) -> None:
        """Write rows on which nothing hangs, and add their texts to those of their owners."""
        if rows:
            written = connection.writes[0](rows, (), self.viewer, self.moment)
            add_to(texts, [row[-1] for row in rows] if owners is None else owners, written)
