"""Does every field say where its value comes from?"""

import pytest
from graphql import GraphQLInterfaceType, GraphQLObjectType, get_named_type, is_introspection_type

from graphql_api.planner.backing import (
    Source,
    ToMany,
    ToOne,
    ToOneBack,
    backing_of,
    columns_of,
    is_backed,
    source_of,
    table_of,
)
from graphql_api.schema import build_schema
from models.record import camel

SCHEMA = build_schema()._schema
SHOWN = sorted(
    (
        kind
        for kind in SCHEMA.type_map.values()
        if isinstance(kind, GraphQLObjectType | GraphQLInterfaceType) and not is_introspection_type(kind)
    ),
    key=lambda kind: kind.name,
)


@pytest.mark.parametrize("kind", SHOWN, ids=str)
def test_every_field_has_a_source(kind: GraphQLObjectType) -> None:
    """No field is left to a resolver."""
    assert [name for name, field in kind.fields.items() if not isinstance(source_of(field), Source)] == []


@pytest.mark.parametrize("kind", [kind for kind in SHOWN if is_backed(kind.name)], ids=str)
def test_every_source_finds_its_columns(kind: GraphQLObjectType) -> None:
    """A field of a table's type names columns of the table, and links lead to keys of their targets."""
    backing = backing_of(kind.name)
    assert set(backing.fields) == set(kind.fields)
    for name, field in kind.fields.items():
        source = source_of(field)
        assert source == backing.fields[name]
        assert [column for column in columns_of(source) if column not in table_of(backing.table).c] == []
        if isinstance(source, ToOne | ToOneBack):
            assert get_named_type(field.type).name == source.target
        if isinstance(source, ToOneBack):
            assert source.key in table_of(backing_of(source.target).table).c
        if isinstance(source, ToMany):
            assert get_named_type(field.type).name == f"{source.target}Connection"
            assert [
                key
                for key, _ in source.match.values()
                if key not in table_of(backing_of(source.target).table).c
            ] == []


@pytest.mark.parametrize("kind", [kind for kind in SHOWN if is_backed(kind.name)], ids=str)
def test_a_not_null_column_is_a_non_null_field(kind: GraphQLObjectType) -> None:
    """A leaf may be null exactly where its column may."""
    columns = table_of(backing_of(kind.name).table).c
    for name, field in kind.fields.items():
        if (
            column := next((each for each in columns if camel(each.name) == name), None)
        ) is not None and columns_of(source_of(field)) == (column.name,):
            assert str(field.type).endswith("!") is not column.nullable, f"{kind}.{name}"


@pytest.mark.parametrize(
    "kind", [kind for kind in SHOWN if is_backed(kind.name) and "version" in kind.fields], ids=str
)
def test_every_record_that_commands_change_has_its_story(kind: GraphQLObjectType) -> None:
    """It has a timeline of its own, and one of the whole chain where it belongs to a chain."""
    source = source_of(kind.fields["timeline"])
    assert isinstance(source, ToMany)
    assert ("subject_id", "id") in source.match.values()
    is_chained = "chain_id" in table_of(backing_of(kind.name).table).c
    assert (("chain_id", "chain_id") in source.match.values()) is (is_chained and kind.name != "Activity")
    assert ("scope" in kind.fields["timeline"].args) is (len(source.match) > 1)
