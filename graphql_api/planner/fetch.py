"""How are the rows of an answer read? From one snapshot, in the statements that are wanted."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from graphql_api.planner.compile import Prepared
from graphql_api.planner.level import Connection
from graphql_api.planner.read import PAGE
from graphql_api.planner.script import Row
from graphql_api.planner.wanted import First, Wanted, Whole
from graphql_api.planner.whole import Place
from models.access import Viewer
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
    is_alone: bool = False
    log: list[Statement] = field(default_factory=list)
    _found: dict[Place, Sequence[Row]] = field(default_factory=dict)

    def root(self, connection: Connection) -> Sequence[Row]:
        """Return the rows of a connection at the root, all that it takes read too where that can be.

        Raises:
            Refused: an argument of it, or of a connection below, cannot be used.
        """
        reads = self.wanted.reads(connection)
        self.wanted.check(connection.level)
        if self.wanted.is_one(connection):
            return self._spread(self.wanted.whole_of(connection), {})
        is_only = self.is_alone and len(reads) == 1 and not connection.level.children
        return self.read(connection, PAGE, is_only=is_only)

    def begin(self, first: First, values: Mapping[str, Any]) -> Sequence[Row]:
        """Return the rows of a field's first statement, all that hangs on them read too where that can be.

        Raises:
            Refused: an argument of a connection below cannot be used.
        """
        self.wanted.check(first.level)
        if self.wanted.is_one(first.level):
            return self._spread(self.wanted.whole_from(first), values)
        statement = self.wanted.statements.get(first.key, first.write)
        return self.rows(statement, values, is_only=self.is_alone and not first.level.children)

    def read(
        self, connection: Connection, name: str, ids: Any = None, *, is_only: bool = False
    ) -> Sequence[Row]:
        """Return the rows of one statement of a connection, for the parents in ``ids``."""
        found = self._found.get((connection, name))
        if found is not None:
            return found
        read = self.wanted.reads(connection)[name]
        values = {**read.values, "limit": read.limit, "ids": ids}
        return self.rows(self.wanted.statement(connection, name), values, is_only=is_only)

    def _spread(self, whole: Whole, values: Mapping[str, Any]) -> Sequence[Row]:
        """Return the rows of the first part of a statement, and keep those of the other parts."""
        places, statement = whole
        given = {f"p0_{name}": value for name, value in values.items()}
        for number, place in enumerate(places):
            if place is not None:
                connection, name = place
                own = self.wanted.reads(connection)[name].values
                given |= {f"p{number}_{key}": value for key, value in own.items()}
        found: list[list[Row]] = [[] for _ in places]
        for row in self.rows(statement, given, is_only=self.is_alone):
            found[row[-2]].append(row)
        for place, rows in zip(places, found, strict=True):
            if place is not None:
                self._found[place] = rows
        return found[0]

    def rows(self, statement: Prepared, values: Mapping[str, Any], *, is_only: bool = False) -> Sequence[Row]:
        """Run a statement and return its rows as the driver hands them out."""
        parameters = statement.parameters({"viewer_id": self.viewer.id, **values})
        rows = self.snapshot.rows(statement.sql, parameters, is_only=is_only)
        self.log.append(Statement(statement.sql, parameters, len(rows)))
        return rows
