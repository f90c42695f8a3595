"""How is a value that is there already cut down to what is asked of it?

Computed fields and payloads hand over trees of dicts, lists and scalars. ``projection`` prepares, once per
plan, the function that projects such a tree by the sub-selection.
"""

from collections.abc import Callable, Mapping
from enum import Enum
from typing import Any

from graphql import (
    GraphQLEnumType,
    GraphQLField,
    GraphQLList,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLOutputType,
)

from graphql_api.planner.backing import Given, source_of
from graphql_api.planner.selection import Asked, Document, Nodes

Project = Callable[[Any], Any]


def projection(document: Document, kind: GraphQLOutputType, nodes: Nodes) -> Project:
    """Return the function that projects values of ``kind``; its input is under GraphQL or Python names."""
    if isinstance(kind, GraphQLNonNull):
        return projection(document, kind.of_type, nodes)
    if isinstance(kind, GraphQLList):
        of_item = projection(document, kind.of_type, nodes)
        return lambda values: None if values is None else [of_item(each) for each in values]
    if isinstance(kind, GraphQLEnumType):
        return lambda value: enum_name(kind, value)
    possible = document.possible(kind)
    if not possible:
        return _itself
    by_name = {each.name: _of_object(document, each, nodes) for each in possible}
    if len(by_name) == 1:
        return next(iter(by_name.values()))
    return lambda value: None if value is None else by_name[value["__typename"]](value)


def enum_name(kind: GraphQLEnumType, value: object) -> str | None:
    """Return the GraphQL name of a value: of an enum member, or of the code that stands for it."""
    if value is None or (isinstance(value, str) and not isinstance(value, Enum) and value in kind.values):
        return value if isinstance(value, str) else None
    return str(kind.serialize(value))


def lookup(value: Mapping[str, Any], asked: Asked) -> Any:
    """Return a field's value from an object under Python or GraphQL names; None where it has none."""
    name = given_name(asked.field)
    return value[name] if name in value else value.get(asked.name)


def given_name(field: GraphQLField) -> str:
    """Return the Python name under which a payload holds a field; empty where no source says so."""
    try:
        source = source_of(field)
    except (KeyError, AttributeError):
        return ""
    return source.name if isinstance(source, Given) else ""


def _itself(value: Any) -> Any:
    """Return a leaf as it is."""
    return value


def _of_object(document: Document, kind: GraphQLObjectType, nodes: Nodes) -> Project:
    """Return the projection of objects of one type."""
    fields = document.fields(kind, nodes)
    parts = [
        (
            asked.key,
            asked,
            None if asked.definition is None else projection(document, asked.field.type, asked.nodes),
        )
        for asked in fields
    ]

    def project(value: Mapping[str, Any] | None) -> dict[str, Any] | None:
        if value is None:
            return None
        return {key: kind.name if part is None else part(lookup(value, asked)) for key, asked, part in parts}

    return project
