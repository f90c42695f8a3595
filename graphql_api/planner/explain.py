"""Which statements would a query run? Those of its plan, without the rows."""

from collections.abc import Iterator

from graphql_api.planner.groups import Groups, GroupWriter, shape_of
from graphql_api.planner.level import Connection, Level, ToMany
from graphql_api.planner.plan import ManyRows, OneRow, Plan
from graphql_api.planner.wanted import First, Wanted


def statements_of(plan: Plan, wanted: Wanted) -> list[str]:
    """Return the text of the statements in the order of their running.

    Raises:
        ArgumentRefused: an argument of a connection cannot be used.
    """
    return list(_Walk(wanted).plan(plan))


class _Walk:
    """One way through a plan."""

    def __init__(self, wanted: Wanted) -> None:
        self._wanted = wanted

    def plan(self, plan: Plan) -> Iterator[str]:
        """Yield the statements of all root fields."""
        for planned in plan.fields:
            if isinstance(planned, ManyRows):
                yield from self._root(planned.connection)
            elif isinstance(planned, Groups):
                shape, _ = shape_of(planned, planned.asked.arguments(self._wanted.variables))
                yield GroupWriter(self._wanted.compiler).statement(planned, shape).sql
            elif isinstance(planned, OneRow):
                yield from self._one(planned)

    def _root(self, connection: Connection) -> Iterator[str]:
        """Yield the statements of a connection at the root."""
        whole = self._wanted.whole_of(connection)
        if whole is not None:
            yield whole.prepared.sql
        else:
            yield from self._connection(connection)

    def _one(self, planned: OneRow) -> Iterator[str]:
        """Yield the statements of one row."""
        level = planned.readable.level
        by = planned.asked.arguments(self._wanted.variables)["by"]
        column = next(planned.keys[name] for name, value in by.items() if value is not None)
        first = First.one(self._wanted.compiler, level, column, None if column == "id" else planned.latest)
        whole = self._wanted.whole_from(first)
        if whole is not None:
            yield whole.prepared.sql
        else:
            yield first.write().sql
            yield from self._below(level)

    def _connection(self, connection: Connection) -> Iterator[str]:
        """Yield the statements of a connection and of what hangs on its rows."""
        for name in self._wanted.reads(connection):
            yield self._wanted.statement(connection, name).sql
        yield from self._below(connection.level)

    def _below(self, level: Level) -> Iterator[str]:
        """Yield the statements of what hangs on a level's rows."""
        for waiting in level.children:
            if isinstance(waiting.child, ToMany):
                yield from self._connection(waiting.child.connection)
