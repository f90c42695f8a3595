"""How would a query be answered? The plan, its statements and its cost, without a row being read."""

from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from graphql import OperationType
from rich.tree import Tree

from graphql_api.errors import ErrorCode, refused
from graphql_api.operation.asked import admit
from graphql_api.operation.document import Documents
from graphql_api.operation.reply import Question
from graphql_api.planner.level import Connection, Level, Made, ToAny, ToMany
from graphql_api.planner.page import PageSizes
from graphql_api.planner.plan import AnyRow, ManyRows, OneRow, Plan, WhoAsks
from graphql_api.planner.planner import Planner
from graphql_api.schema import build_schema
from graphql_api.settings import Settings
from models.access import Role, Viewer
from models.database import Database
from models.record import new_id


@dataclass(frozen=True)
class Explanation:
    """What a query would take. ``cost`` is the number of records it may return at the most."""

    tree: Tree
    statements: list[str]
    dialect: str
    cost: int
    limit: int


def explained(text: str, variables: Mapping[str, Any], role: Role, settings: Settings) -> Explanation:
    """Return the plan and the statements of a query, asked by a user of a role.

    Raises:
        RequestRefused: it is not a valid query, or not within the limits.
    """
    schema = build_schema()._schema  # noqa: SLF001  # Strawberry has no public name for graphql-core's schema.
    viewer = Viewer(new_id(), "explain", role)
    document = Documents(schema, settings).find(text)
    asked = admit(document, Question(text, variables=variables), viewer, schema, settings)
    if asked.operation.operation is not OperationType.QUERY:
        message = "Only queries are planned ahead; a command's payload is planned when it is read."
        raise refused(ErrorCode.BAD_USER_INPUT, message, HTTPStatus.BAD_REQUEST)
    dialect = Database(settings.url).dialect
    sizes = PageSizes(settings.default_page_size, settings.max_page_size)
    planner = Planner(schema, dialect, sizes)
    given = (asked.operation, document.fragments, asked.variables, viewer)
    statements = planner.explain(*given)
    return Explanation(
        _tree(planner.plan(*given)), statements, dialect, asked.cost.requested, asked.cost.limit
    )


def _tree(plan: Plan) -> Tree:
    """Return the plan as a tree: a node a statement, or a field that needs none."""
    root = Tree("query")
    for planned in plan.fields:
        key = planned.asked.key
        match planned:
            case OneRow():
                level = planned.readable.level
                _level(root.add(f"{key}: one row of {_table(level)}"), level)
            case ManyRows():
                _connection(root, planned.connection)
            case AnyRow():
                root.add(f"{key}: records by id, one statement a type")
            case WhoAsks():
                root.add(f"{key}: the viewer, no statement")
            case _:
                root.add(f"{key}: from the schema, no statement")
    return root


def _connection(tree: Tree, connection: Connection) -> None:
    """Add a connection and what hangs on its rows."""
    per_parent = " for each parent" if connection.match else ""
    counted = ", and their number" if connection.counts else ""
    table = _table(connection.level)
    _level(tree.add(f"{connection.path[-1]}: a page of {table}{per_parent}{counted}"), connection.level)


def _level(tree: Tree, level: Level) -> None:
    """Add what a level's statement fetches, and the statements below it."""
    joined = f", joined with {len(level.joins)} more" if level.joins else ""
    number = "1 column" if len(level.columns) == 1 else f"{len(level.columns)} columns"
    tree.add(f"[dim]{number}{joined}[/]")
    for waiting in level.children:
        match waiting.child:
            case ToMany(connection):
                _connection(tree, connection)
            case ToAny(key):
                tree.add(f"{key}: a record of any type, one statement a type")
            case Made(asked):
                tree.add(f"{asked.key}: made for all rows at once")


def _table(level: Level) -> str:
    """Return the name of a level's table."""
    return str(level.table.__tablename__)
