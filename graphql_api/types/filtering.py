"""What can lists be filtered by? Every field whose column leads an index, and one hop along to-one links.

Nothing is declared here for a record: ``QuoteWhere`` has the fields of ``Quote`` that an index serves, with
their descriptions. Whoever wants another filter gives its column an index.
"""

from collections.abc import Iterator
from datetime import date, datetime
from decimal import Decimal
from enum import Enum
from functools import cache
from typing import Any

import strawberry
from sqlalchemy import Table
from strawberry.types.arguments import StrawberryArgument
from strawberry.types.field import StrawberryField
from typing_extensions import override

from graphql_api.planner.backing import (
    BACKING,
    Column,
    MoneyOf,
    Source,
    ToOne,
    ToOneBack,
    backing_of,
    leads_index,
    table_of,
)
from graphql_api.planner.condition import DEEPEST, MOST_CONDITIONS, MOST_VALUES, column_of
from graphql_api.types.backed import (
    ByName,
    argument,
    by_name,
    input_field,
    input_type,
    leaf,
    list_of,
    optional,
    words,
)
from graphql_api.types.scalars import CurrencyCode
from models.record import Identifier

_VALUES = f"at most {MOST_VALUES}"
_EQUAL = {
    "eq": "Equal to this.",
    "in": f"Equal to one of these, {_VALUES}.",
    "notIn": f"Equal to none of these, {_VALUES}.",
}
_RANGE = {
    "gt": "Larger or later than this.",
    "gte": "This, larger or later.",
    "lt": "Smaller or earlier than this.",
    "lte": "This, smaller or earlier.",
}
_TEXT = {
    "startsWith": "Begins with this, capitals and small letters told apart.",
    "contains": "Has this in it, capitals and small letters told apart; `search` is faster.",
}
_NULL = "Whether there is no value. Only this operator is met by null."
# The annotation of a leaf -> the name of its operators, and the operators beside `eq` and `isNull`.
_KINDS: dict[object, tuple[str, dict[str, str]]] = {
    strawberry.ID: ("ID", _EQUAL),
    str: ("String", _EQUAL | _TEXT),
    CurrencyCode: ("CurrencyCode", _EQUAL),
    Decimal: ("Decimal", _EQUAL | _RANGE),
    int: ("Int", _EQUAL | _RANGE),
    date: ("Date", _EQUAL | _RANGE),
    datetime: ("DateTime", _EQUAL | _RANGE),
    bool: ("Boolean", {"eq": _EQUAL["eq"]}),
}


class _Where(ByName):
    """The filter of a type, made when the schema asks for it: by then every type is declared."""

    @override
    def resolve_type(self) -> type:
        """Return the input class."""
        return _where_of(self.type_name)


class _Link(ByName):
    """The filter of the record at the other end of a link to a type."""

    @override
    def resolve_type(self) -> type:
        """Return the input class."""
        return _link_to(self.type_name)


def where_argument(target: str) -> StrawberryArgument:
    """Return the argument ``where`` of a connection over a type."""
    description = (
        "Only what meets every field given here; `{}` or null stands for every record. "
        f"At most {MOST_CONDITIONS} conditions, `and`, `or` and `not` at most {DEEPEST} deep."
    )
    return argument("where", optional(_Where(target, __name__), null=True), description)


@cache
def _where_of(type_name: str) -> type:
    """Return the filter of a type's rows."""
    what, own = words(type_name), _Where(type_name, __name__)
    fields = dict(_leaves(type_name)) | dict(_links(type_name))
    fields["and_"] = _given(list_of(own), "Meets all of these.", "and")
    fields["or_"] = _given(list_of(own), "Meets one of these; an empty list is met by none.", "or")
    fields["not_"] = _given(own, "Does not meet this; a null that it compares counts as not met.", "not")
    return input_type(f"{type_name}Where", f"What holds of each {what}: every field that is given.", fields)


@cache
def _link_to(type_name: str) -> type:
    """Return the filter of a linked record."""
    what = words(type_name)
    fields = dict(_leaves(type_name))
    fields["is_null"] = _given(bool, f"Whether there is no {what}, or none that you may see.", "isNull")
    description = f"What holds of the linked {what}: every field that is given. A missing one meets none."
    return input_type(f"{type_name}LinkWhere", description, fields)


@cache
def _operators(name: str, kind: Any, operators: tuple[tuple[str, str], ...]) -> type:
    """Return the operators of one kind of leaf."""
    fields = {
        f"{each}_": _given(list_of(kind) if each in {"in", "notIn"} else kind, text, each)
        for each, text in operators
    }
    fields["is_null"] = _given(bool, _NULL, "isNull")
    return input_type(
        f"{name}Operators", f"What holds of a value of type {name}: every operator that is given.", fields
    )


def _leaves(type_name: str) -> Iterator[tuple[str, StrawberryField]]:
    """Yield the filters of a type's own columns."""
    table = table_of(backing_of(type_name).table)
    for each, source in _sources(type_name):
        if isinstance(source, Column | MoneyOf) and _is_filtered(table, column_of(source)):
            kind = leaf(table.c[column_of(source)])
            is_enum = isinstance(kind, type) and issubclass(kind, Enum)
            name, operators = (kind.__strawberry_definition__.name, _EQUAL) if is_enum else _KINDS[kind]
            said = each.description or ""
            if isinstance(source, MoneyOf):
                said += " Compared as a number, whatever the currency."
            yield each.python_name, _given(_operators(name, kind, tuple(operators.items())), said)


def _is_filtered(table: Table, name: str) -> bool:
    """Say whether rows are looked for by a column: an index serves it, and its keys are ids of records."""
    column = table.c[name]
    is_lineage = isinstance(column.type, Identifier) and name != "id" and not column.foreign_keys
    return leads_index(table, name) and not is_lineage


def _links(type_name: str) -> Iterator[tuple[str, StrawberryField]]:
    """Yield the filters of the records that a type's rows lead to."""
    table = table_of(backing_of(type_name).table)
    for each, source in _sources(type_name):
        is_indexed = isinstance(source, ToOneBack) or (
            isinstance(source, ToOne) and leads_index(table, source.key)
        )
        if isinstance(source, ToOne | ToOneBack) and is_indexed:
            yield each.python_name, _given(_Link(source.target, __name__), each.description or "")


def _sources(type_name: str) -> Iterator[tuple[StrawberryField, Source]]:
    """Yield the fields of a type with their sources."""
    definition = by_name(type_name).resolve_type().__strawberry_definition__
    for each in definition.fields:
        yield each, each.metadata[BACKING]


def _given(kind: Any, description: str, name: str | None = None) -> Any:
    """Return an input field that may be left out. A null in it is refused by the planner, by its path."""
    wanted = optional(kind, null=True)
    return input_field(wanted, description, name=name, default=strawberry.UNSET)
