"""Does the schema tell a stranger what everything is?"""

from collections.abc import Iterator

from graphql import (
    GraphQLEnumType,
    GraphQLInputObjectType,
    GraphQLInterfaceType,
    GraphQLNamedType,
    GraphQLObjectType,
    is_introspection_type,
    is_specified_scalar_type,
)

from graphql_api.schema import build_schema

SCHEMA = build_schema()._schema


def described(kind: GraphQLNamedType) -> Iterator[tuple[str, str | None]]:
    """Yield everything of a type that has a description, with it."""
    yield kind.name, kind.description
    if isinstance(kind, GraphQLEnumType):
        for name, value in kind.values.items():
            yield f"{kind.name}.{name}", value.description
    if isinstance(kind, GraphQLInputObjectType):
        for name, entry in kind.fields.items():
            yield f"{kind.name}.{name}", entry.description
    if isinstance(kind, GraphQLObjectType | GraphQLInterfaceType):
        for name, field in kind.fields.items():
            yield f"{kind.name}.{name}", field.description
            for argument, taken in field.args.items():
                yield f"{kind.name}.{name}({argument}:)", taken.description


def test_everything_in_the_schema_is_described() -> None:
    """Every type, field, argument and enum value has a description that begins and ends as prose does."""
    own = [
        kind
        for kind in SCHEMA.type_map.values()
        if not is_introspection_type(kind) and not is_specified_scalar_type(kind)
    ]
    wanting = [
        name
        for kind in own
        for name, text in described(kind)
        if not text or text != text.strip() or not text.endswith((".", ")"))
    ]
    assert wanting == []
