"""What is the whole schema, and how is it printed?"""

from functools import cache
from typing import Any, NoReturn, cast

import strawberry
from graphql import (
    GraphQLDirective,
    GraphQLEnumType,
    GraphQLInputObjectType,
    GraphQLInterfaceType,
    GraphQLNamedType,
    GraphQLObjectType,
    GraphQLSchema,
    GraphQLType,
)
from graphql.pyutils import natural_comparison_key
from strawberry.schema.config import StrawberryConfig

from graphql_api.mutation import Mutation
from graphql_api.query import Query
from graphql_api.subscription import Subscription
from graphql_api.types import timeline, user_error
from graphql_api.types.scalars import SCALARS

# Concrete types that no field names: they are reached through their interfaces.
_BEHIND_INTERFACES = (
    timeline.RecordCreated,
    timeline.RecordDeleted,
    timeline.RecordEdited,
    timeline.StatusChanged,
    user_error.DuplicateError,
    user_error.IdempotencyError,
    user_error.UndoneError,
    user_error.InputError,
    user_error.NotFoundError,
    user_error.ReasonError,
    user_error.StaleVersionError,
    user_error.TransitionError,
)


@cache
def build_schema() -> strawberry.Schema:
    """Return the schema, its types and fields in alphabetical order."""
    schema = strawberry.Schema(
        query=Query,
        mutation=Mutation,
        subscription=Subscription,
        types=_BEHIND_INTERFACES,
        config=StrawberryConfig(scalar_map=SCALARS, default_resolver=_no_resolver),
    )
    core = schema._schema  # noqa: SLF001  # graphql-core's schema has no public name.
    _sort(core)
    for kind in core.type_map.values():
        # Strawberry marks @oneOf for itself alone; graphql-core's own validation looks here.
        if isinstance(kind, GraphQLInputObjectType):
            kind.is_one_of = kind.extensions["strawberry-definition"].is_one_of
    # Strawberry's own answer fails for lists and non-nulls, which bear no mark of it.
    cast("GraphQLObjectType", core.type_map["__Type"]).fields["isOneOf"].resolve = _is_one_of
    return schema


def print_schema() -> str:
    """Return the schema in GraphQL's own language, as it is committed in ``schema.graphql``."""
    lines = build_schema().as_str().strip().splitlines()
    return "".join(f"{line.rstrip()}\n" for line in lines)


def _is_one_of(kind: GraphQLType, _: object) -> bool | None:
    """Say of an input object whether it takes exactly one of its fields; of other types nothing."""
    return kind.is_one_of if isinstance(kind, GraphQLInputObjectType) else None


def _no_resolver(source: object, name: str) -> NoReturn:
    """Refuse to answer a field one by one.

    Raises:
        AssertionError: always; the planner answers every field from its source.
    """
    message = (
        f"{name} of {type(source).__name__} was asked of a resolver; the planner answers it from its source"
    )
    raise AssertionError(message)


def _sort(schema: GraphQLSchema) -> None:
    """Put types, fields, arguments and values into alphabetical order.

    Strawberry would make a second schema for it, and keep the first.
    """
    schema.directives = tuple(sorted(schema.directives, key=_by_name))
    _reorder(schema.type_map)
    for name, kind in schema.type_map.items():
        # Those of introspection belong to graphql-core.
        if not name.startswith("__"):
            _sort_parts(schema, kind)


def _sort_parts(schema: GraphQLSchema, kind: GraphQLNamedType) -> None:
    """Put what belongs to a type into alphabetical order."""
    if isinstance(kind, GraphQLEnumType):
        _reorder(kind.values)
    if isinstance(kind, GraphQLObjectType | GraphQLInterfaceType):
        for field in kind.fields.values():
            _reorder(field.args)
    if isinstance(kind, GraphQLObjectType | GraphQLInterfaceType | GraphQLInputObjectType):
        _reorder(kind.fields)
    if isinstance(kind, GraphQLInterfaceType):
        implementations = schema.get_implementations(kind)
        implementations.objects.sort(key=_by_name)
        implementations.interfaces.sort(key=_by_name)


def _reorder(named: dict[str, Any]) -> None:
    """Put what is named into alphabetical order, in the same mapping."""
    if len(named) > 1:
        pairs = sorted(named.items(), key=lambda each: natural_comparison_key(each[0]))
        named.clear()
        named.update(pairs)


def _by_name(each: GraphQLNamedType | GraphQLDirective) -> tuple[Any, ...]:
    """Return what a type or a directive is sorted by."""
    return natural_comparison_key(each.name)
