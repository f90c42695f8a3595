"""Through which window do the tests look at insights? A query of a user at a moment, and what it cost."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any

from graphql import (
    FragmentDefinitionNode,
    GraphQLError,
    GraphQLSchema,
    OperationDefinitionNode,
    get_variable_values,
    parse,
    validate,
)
from graphql.execution import VariableValues
from sqlalchemy import Engine, event

from graphql_api.planner import Planner
from graphql_api.schema import build_schema
from tests.desk import Desk

Ran = tuple[str, Any]
"""A statement with its parameters."""


@cache
def _schema() -> GraphQLSchema:
    return build_schema()._schema


@cache
def _planner(dialect: str) -> Planner:
    return Planner(_schema(), dialect)


def answered(desk: Desk, text: str, **variables: Any) -> tuple[Any, list[GraphQLError], list[Ran]]:
    """Return the data of a query of the desk's user, its errors, and the statements that were run."""
    document = parse(text)
    assert validate(_schema(), document) == []
    (operation,) = [each for each in document.definitions if isinstance(each, OperationDefinitionNode)]
    fragments = {
        each.name.value: each for each in document.definitions if isinstance(each, FragmentDefinitionNode)
    }
    coerced = get_variable_values(_schema(), operation.variable_definitions or (), variables)
    assert isinstance(coerced, VariableValues), coerced
    with desk.database.snapshot() as snapshot, _watched() as statements:
        planner = _planner(desk.database.dialect)
        answer = planner.query(snapshot, operation, fragments, coerced.coerced, desk.viewer, desk.moment)
    return json.loads(answer.data), answer.errors, statements


def asked(desk: Desk, text: str, **variables: Any) -> Any:
    """Return the data of a query that meets no error."""
    data, errors, _ = answered(desk, text, **variables)
    assert errors == []
    return data


def refused(desk: Desk, text: str, **variables: Any) -> tuple[str, str]:
    """Return code and message of the one error of a query, whose root field is null."""
    data, (error,), _ = answered(desk, text, **variables)
    assert list(data.values()) == [None]
    return (error.extensions or {})["code"], error.message


@contextmanager
def _watched() -> Iterator[list[Ran]]:
    """Give the statements that are run meanwhile."""
    statements: list[Ran] = []

    def note(_: object, __: object, statement: str, parameters: Any, *___: object) -> None:
        statements.append((statement, parameters))

    event.listen(Engine, "before_cursor_execute", note)
    try:
        yield statements
    finally:
        event.remove(Engine, "before_cursor_execute", note)
