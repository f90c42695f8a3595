"""Which questions and commands does the schema allow? Everything that it has, asked for once."""

from collections.abc import Iterator
from typing import Any

from graphql import (
    GraphQLEnumType,
    GraphQLField,
    GraphQLInputObjectType,
    GraphQLInputType,
    GraphQLInterfaceType,
    GraphQLList,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLScalarType,
    GraphQLSchema,
    get_named_type,
    get_nullable_type,
)

from graphql_api.schema import build_schema

SCHEMA: GraphQLSchema = build_schema()._schema


AnyObject = GraphQLObjectType | GraphQLInterfaceType


def selection_of(kind: AnyObject, depth: int) -> str:
    """Return a selection of all that a type has: its leaves, and its links ``depth`` steps deep."""
    parts = ["__typename"]
    for name, field in kind.fields.items():
        named = get_named_type(field.type)
        if "at" in field.args:
            continue  # What a record was has tests of its own.
        if not isinstance(named, GraphQLObjectType | GraphQLInterfaceType):
            parts.append(name)
        elif not is_link(field):
            parts.append(f"{name} {{ {selection_of(named, 0)} }}")
        elif depth > 0:
            parts.append(linked(name, field, depth - 1))
    return " ".join(parts)


def linked(name: str, field: GraphQLField, depth: int) -> str:
    """Return the selection of a link to a record, or to a page of three with its count."""
    named = get_named_type(field.type)
    assert isinstance(named, GraphQLObjectType | GraphQLInterfaceType)
    if not named.name.endswith("Connection"):
        return f"{name} {{ {selection_of(named, depth)} }}"
    node = get_named_type(named.fields["nodes"].type)
    assert isinstance(node, GraphQLObjectType | GraphQLInterfaceType)
    inner = selection_of(node, depth)
    count = "totalCount { value }" if "totalCount" in named.fields else ""
    page = f"{count} pageInfo {{ hasNextPage }} nodes {{ {inner} }}"
    return f"{name}{_arguments(field)} {{ {page} }}"


def _arguments(field: GraphQLField) -> str:
    """Return the arguments of a connection that show the most."""
    return "(first: 3, scope: CHAIN)" if "scope" in field.args else "(first: 3)"


def concrete_types() -> Iterator[GraphQLObjectType]:
    """Yield the types that ``node`` can answer with."""
    yield from SCHEMA.get_possible_types(SCHEMA.type_map["Node"])  # type: ignore[arg-type]  # Node is an interface.


def questions(name: str) -> Iterator[str]:
    """Yield questions that together follow every link of a type; of events, those of all events."""
    kind = SCHEMA.type_map[
        "TimelineEvent"
        if name in {"RecordCreated", "RecordDeleted", "RecordEdited", "StatusChanged"}
        else name
    ]
    assert isinstance(kind, GraphQLObjectType | GraphQLInterfaceType)
    links = [linked(key, field, 0) for key, field in kind.fields.items() if is_link(field)]
    for start in range(0, max(len(links), 1), 3):
        selection = " ".join(["id", *links[start : start + 3]])
        leaves = selection_of(kind, 0) if start == 0 else ""
        fragment = f"... on {kind.name} {{ {selection} {leaves} }}"
        yield f"query ($ids: [ID!]!) {{ nodes(ids: $ids) {{ {fragment} }} }}"


def is_link(field: GraphQLField) -> bool:
    """Say whether a field leads to a record, or to a page of them."""
    named = get_named_type(field.type)
    return isinstance(named, GraphQLObjectType | GraphQLInterfaceType) and (
        "id" in named.fields or named.name.endswith("Connection")
    )


# What whoever has a key reads, and what no partner does.
_COMMON = {"exchangeRates", "pipelines", "products", "stages", "statusReasons", "taxCodes", "unitGroups"}
INTERNAL = {
    "approvalPolicies",
    "competitors",
    "discountLists",
    "priceLists",
    "webhookDeliveries",
    "webhookEndpoints",
}
# It is asked with words, and answers with hits.
_ASKED = {"search"}


def connections() -> list[str]:
    """Return the names of the root connections of customers' records."""
    fields = SCHEMA.query_type.fields  # type: ignore[union-attr]  # There is a query type.
    return [
        name
        for name, field in fields.items()
        if "orderBy" in field.args and name not in _COMMON | INTERNAL | _ASKED
    ]


def orders_of(connection: str) -> list[str]:
    """Return by what a root connection can be ordered."""
    fields = SCHEMA.query_type.fields  # type: ignore[union-attr]  # There is a query type.
    if "orderBy" not in fields[connection].args:
        return []
    order: Any = get_named_type(fields[connection].args["orderBy"].type)
    choices: Any = get_named_type(order.fields["field"].type)
    return list(choices.values)


def example_of(kind: GraphQLInputType, record: str) -> Any:
    """Return a value that fits an input type; ids are ``record``."""
    if isinstance(kind, GraphQLNonNull):
        return example_of(kind.of_type, record)
    if isinstance(kind, GraphQLList):
        return [example_of(kind.of_type, record)]
    if isinstance(kind, GraphQLEnumType):
        return next(iter(kind.values))
    if isinstance(kind, GraphQLInputObjectType):
        return {
            name: example_of(field.type, record)
            for name, field in kind.fields.items()
            if isinstance(field.type, GraphQLNonNull) or name.endswith(("Id", "Ids"))
        }
    assert isinstance(kind, GraphQLScalarType)
    return {
        "ID": record,
        "Int": 1,
        "Boolean": True,
        "Decimal": "1",
        "Date": "2026-03-02",
        "DateTime": "2026-03-02T09:00:00Z",
        "CurrencyCode": "EUR",
    }.get(kind.name, "x")


def command_text(name: str, kind: GraphQLInputType) -> str:
    """Return the document of a command; one that takes many inputs at once answers other fields."""
    is_bulk = isinstance(get_nullable_type(kind), GraphQLList)
    argument, leaf = ("inputs", "succeeded") if is_bulk else ("input", "alreadyDone")
    return f"mutation ($input: {kind}) {{ {name}({argument}: $input) {{ {leaf} }} }}"


def commands() -> dict[str, GraphQLInputType]:
    """Return the type of every command's input, or of its inputs."""
    fields = SCHEMA.mutation_type.fields  # type: ignore[union-attr]  # There is a mutation type.
    return {
        name: next(field.args[each].type for each in ("input", "inputs") if each in field.args)
        for name, field in fields.items()
    }
