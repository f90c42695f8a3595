"""How are the rows of an answer read? From one snapshot, in the statements that are wanted."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain
from typing import Any

from graphql_api.planner.level import Connection
from graphql_api.planner.prepared import Prepared
from graphql_api.planner.read import PAGE
from graphql_api.planner.script import Row
from graphql_api.planner.wanted import First, Wanted, Whole
from graphql_api.planner.whole import Place, part_values
from models.access import Viewer
from models.moment import Moment
from models.snapshot import Snapshot


@dataclass(frozen=True)
class Statement:
    """One statement that was run: its text, its parameters, and how many rows it gave."""

    sql: str
    params: tuple[Any, ...] | dict[str, Any]
    rows: int


@dataclass
class Fetch:
    """The reading for one answer.

    ``is_alone``  whether nothing else is read for it: then one statement is a snapshot by itself.
    """

    snapshot: Snapshot
    wanted: Wanted
    viewer: Viewer
    moment: Moment
    is_alone: bool = False
    log: list[Statement] = field(default_factory=list)
    _found: dict[Place, Sequence[Row]] = field(default_factory=dict)
    _texts: dict[Connection, defaultdict[Any, list[str]]] = field(default_factory=dict)

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
        statement = self.wanted.statements.get(first.key, first.write)
        return self.rows(statement, values, is_only=self.is_alone and not first.level.children)

    def read(self, connection: Connection, name: str, ids: Any = None) -> Sequence[Row]:
        """Return the rows of one statement of a connection, for the parents in ``ids``; they are not kept."""
        found = self._found.pop((connection, name), None)
        return list(chain.from_iterable(self._chunks(connection, name, ids))) if found is None else found

    def texts(self, connection: Connection, ids: Any = None) -> defaultdict[Any, list[str]]:
        """Return the texts of a leaf's nodes by their owners: no more rows are held than come at once."""
        found = self._texts.pop(connection, None)
        if found is None:
            found = defaultdict(list)
            for rows in self._chunks(connection, PAGE, ids):
                self._write(connection, rows, found)
        return found

    def rows(self, statement: Prepared, values: Mapping[str, Any], *, is_only: bool = False) -> Sequence[Row]:
        """Run a statement and return its rows as the driver hands them out."""
        return list(chain.from_iterable(self._run(statement, values, is_only=is_only)))

    def _chunks(self, connection: Connection, name: str, ids: Any) -> Iterator[Sequence[Row]]:
        """Yield the rows of one statement of a connection."""
        reads = self.wanted.reads(connection)
        read = reads[name]
        values = {**read.values, "limit": read.limit, "ids": ids}
        is_last = ids is None and len(reads) == 1 and not connection.level.children
        return self._run(self.wanted.statement(connection, name), values, is_only=self.is_alone and is_last)

    def _run(
        self, statement: Prepared, values: Mapping[str, Any], *, is_only: bool
    ) -> Iterator[Sequence[Row]]:
        """Run a statement and yield its rows, so many at a time."""
        named = statement.parameters({"viewer_id": self.viewer.id, **values})
        sql, names = statement.sent
        parameters = tuple([named[name] for name in names])
        count = 0
        for rows in self.snapshot.rows(sql, parameters, is_only=is_only):
            count += len(rows)
            yield rows
        self.log.append(Statement(statement.sql, named if statement.names is None else parameters, count))

    def _spread(self, whole: Whole, values: Mapping[str, Any]) -> Sequence[Row]:
        """Return the rows of the first part of a statement, and keep those of the other parts."""
        given = {**part_values(0, values), **whole.values}
        for number, (connection, name) in whole.changing.items():
            given |= part_values(number, self.wanted.reads(connection)[name].values)
        for connection in whole.leaves.values():
            self._texts[connection] = defaultdict(list)
        found: list[list[Row]] = [[] for _ in whole.places]
        for rows in self._run(whole.prepared, given, is_only=self.is_alone):
            for row in rows:
                found[row[-2]].append(row)
            for number, connection in whole.leaves.items():
                self._write(connection, found[number], self._texts[connection])
                found[number] = []
        for place, rows in zip(whole.places, found, strict=True):
            if place is not None:
                self._found[place] = rows
        return found[0]

    def _write(self, connection: Connection, rows: Sequence[Row], texts: Mapping[Any, list[str]]) -> None:
        """Write rows on which nothing hangs, and add their texts to those of their owners."""
        add_to(texts, rows, connection.writes[0](rows, (), self.viewer, self.moment))


def add_to(lists: Mapping[Any, list[str]], rows: Sequence[Row], texts: Sequence[str]) -> None:
    """Add the texts of rows to the lists of their owners."""
    for row, text in zip(rows, texts, strict=True):
        lists[row[-1]].append(text)
