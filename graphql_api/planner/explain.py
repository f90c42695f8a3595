"""Which statements would a query run? Those of its plan, without the rows."""

from collections.abc import Iterator, Mapping
from typing import Any

from graphql_api.planner.compile import Compiler
from graphql_api.planner.execute import Statements
from graphql_api.planner.groups import Groups, GroupWriter, shape_of
from graphql_api.planner.level import Connection, Level, ToMany
from graphql_api.planner.plan import ManyRows, OneRow, Plan


def statements_of(
    plan: Plan, compiler: Compiler, statements: Statements, variables: Mapping[str, Any]
) -> list[str]:
    """Return the text of the statements in the order of their running.

    Raises:
        ArgumentRefused: an argument of a connection cannot be used.
    """
    return list(_Walk(compiler, statements, variables).plan(plan))


class _Walk:
    """One way through a plan."""

    def __init__(self, compiler: Compiler, statements: Statements, variables: Mapping[str, Any]) -> None:
        self._compiler = compiler
        self._statements = statements
        self._variables = variables

    def plan(self, plan: Plan) -> Iterator[str]:
        """Yield the statements of all root fields."""
        for planned in plan.fields:
            if isinstance(planned, ManyRows):
                yield from self._connection(planned.connection)
            elif isinstance(planned, Groups):
                shape, _ = shape_of(planned, planned.asked.arguments(self._variables))
                write = GroupWriter(self._compiler).statement
                yield self._statements.get(write, planned, shape).sql
            elif isinstance(planned, OneRow):
                by = planned.asked.arguments(self._variables)["by"]
                column = next(planned.keys[name] for name, value in by.items() if value is not None)
                latest = None if column == "id" else planned.latest
                yield self._statements.get(self._compiler.one, planned.readable.level, column, latest).sql
                yield from self._below(planned.readable.level)

    def _connection(self, connection: Connection) -> Iterator[str]:
        """Yield the statements of a connection and of what hangs on its rows."""
        asked = connection.asked
        page = connection.paging.page(asked.arguments(self._variables), asked.given(self._variables))
        write = self._compiler.child_page if connection.match else self._compiler.root_page
        yield self._statements.get(write, connection, page.shape).sql
        if connection.needs_page_info and (page.shape.after is not None or page.shape.before is not None):
            yield self._statements.get(self._compiler.beyond, connection, page.shape).sql
        for _ in connection.counts:
            yield self._statements.get(self._compiler.count, connection, page.shape.whole).sql
        yield from self._below(connection.level)

    def _below(self, level: Level) -> Iterator[str]:
        """Yield the statements of what hangs on a level's rows."""
        for waiting in level.children:
            if isinstance(waiting.child, ToMany):
                yield from self._connection(waiting.child.connection)
