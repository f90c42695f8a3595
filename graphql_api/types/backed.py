"""How does a class become a GraphQL type whose every field has a source?

A record's type names what it shows; its table says which GraphQL type each field has and whether it may be
null, so that the two cannot drift apart.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import MISSING, dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import Enum, StrEnum
from functools import cache
from types import GenericAlias
from typing import Any
from uuid import UUID

import sqlalchemy
import strawberry
from sqlmodel import AutoString, SQLModel
from strawberry.schema_directives import OneOf
from strawberry.types.arguments import StrawberryArgument
from strawberry.types.field import StrawberryField
from strawberry.types.lazy_type import LazyType
from typing_extensions import override

from graphql_api.planner.backing import (
    BACKING,
    Backing,
    Column,
    Computed,
    Given,
    MoneyOf,
    Source,
    ToOne,
    ToOneBack,
    back,
    table_of,
)
from graphql_api.types.definition import Field, Kind, define, known
from graphql_api.types.scalars import CurrencyCode
from models.access import Role, Viewer, visible_to
from models.money import Amount
from models.record import Identifier, Instant, camel, records

_BUILT: dict[str, type] = {}
# A viewer with a row rule: what it might not see may be null.
_RULED = Viewer(id=UUID(int=0), name="", role=Role.PARTNER)
# SQLAlchemy's type of a column -> Python's type of the GraphQL field.
_LEAVES: tuple[tuple[type, Any], ...] = (
    (Identifier, strawberry.ID),
    (Amount, Decimal),
    (Instant, datetime),
    (sqlalchemy.Boolean, bool),
    (sqlalchemy.Integer, int),
    (sqlalchemy.Date, date),
    (sqlalchemy.String, str),
    (AutoString, str),
)


class ByName(LazyType[Any, Any]):
    """A GraphQL type by its name: records refer to each other in rings, modules do not."""

    @override
    def resolve_type(self) -> type:
        """Return the class; all of them are there once the schema is built."""
        return _BUILT[self.type_name]


def by_name(type_name: str) -> Any:
    """Return a reference to the GraphQL type of this name, declared before or after."""
    return ByName(type_name, __name__)


def keep(kind: Kind) -> Kind:
    """Let ``by_name`` find a type that was built without ``backed_by``."""
    name: str = kind.__strawberry_definition__.name  # type: ignore[attr-defined]  # Strawberry sets it.
    if _BUILT.setdefault(name, kind) is not kind:
        message = f"two classes want to be the GraphQL type {name}"
        raise TypeError(message)
    return kind


@cache
def title(noun: str) -> str:
    """Return the GraphQL type name of a noun: ``quote_line`` is ``QuoteLine``."""
    return _EXCEPTIONS.get(noun) or "".join(word.capitalize() for word in noun.split("_"))


# An event is what happened; on a timeline it is what people read.
_EXCEPTIONS = {"event": "TimelineEvent"}


def words(type_name: str) -> str:
    """Return a type name in words: ``QuoteLine`` is ``quote line``."""
    return re.sub(r"(?<!^)(?=[A-Z])", " ", type_name).lower()


@dataclass(frozen=True)
class Declared:
    """A field as a class declares it; ``make`` turns it into a Strawberry field, given table and name."""

    make: Callable[[type[SQLModel], str], StrawberryField]


def built_field(
    source: Source, kind: object, description: str, arguments: Iterable[StrawberryArgument] = ()
) -> StrawberryField:
    """Return a Strawberry field with a source, and no resolver."""
    made = Field(type_annotation=known(kind), description=description, metadata={BACKING: source})
    made.arguments = list(arguments)
    return made


def input_field(
    kind: object, description: str, *, name: str | None = None, default: object = MISSING
) -> StrawberryField:
    """Return a field of an input type; with the default ``UNSET`` it may be left out."""
    return Field(graphql_name=name, type_annotation=known(kind), description=description, default=default)


def input_type(
    name: str, description: str, fields: Mapping[str, StrawberryField], *, one_of: bool = False
) -> type:
    """Return a GraphQL input type."""
    made = type(name, (), {"__doc__": description, "__module__": __name__, **fields})
    directives = (OneOf(),) if one_of else ()
    return keep(define(made, name=name, description=description, is_input=True, directives=directives))


def argument(name: str, kind: object, description: str, **default: object) -> StrawberryArgument:
    """Return a GraphQL argument; ``default=…`` gives it a default."""
    return StrawberryArgument(name, None, known(kind), description=description, **default)  # type: ignore[arg-type]  # default: object.


def given(kind: object, description: str, name: str | None = None) -> Any:
    """Declare a field whose value is there already: in a payload, an error, a computed tree."""
    return Declared(lambda _, attribute: built_field(Given(name or attribute), kind, description))


def column(description: str, *, name: str | None = None, kind: object = None) -> Any:
    """Declare a leaf: a column, by default that of the attribute's name."""

    def make(table: type[SQLModel], attribute: str) -> StrawberryField:
        backing = table_of(table).c[name or attribute]
        return built_field(
            Column(backing.name), optional(kind or leaf(backing), null=backing.nullable), description
        )

    return Declared(make)


def money(description: str, *, amount: str | None = None) -> Any:
    """Declare a ``Money`` of the row's currency: an amount, by default the column of the attribute's name."""

    def make(table: type[SQLModel], attribute: str) -> StrawberryField:
        columns = table_of(table).c
        null = columns[amount or attribute].nullable or columns["currency_code"].nullable
        return built_field(
            MoneyOf(amount or attribute), optional(by_name("Money"), null=bool(null)), description
        )

    return Declared(make)


def one(description: str, *, key: str | None = None) -> Any:
    """Declare the record that a key points to, by default the column named after the attribute and ``_id``.

    It may be null where the key may, or where a row rule may hide the record.
    """

    def make(table: type[SQLModel], attribute: str) -> StrawberryField:
        backing = table_of(table).c[key or f"{attribute}_id"]
        other = next(iter(backing.foreign_keys)).column
        target = other.table.name
        null = bool(backing.nullable) or may_be_hidden(target)
        return built_field(
            ToOne(title(target), backing.name, other.name),
            optional(by_name(title(target)), null=null),
            description,
        )

    return Declared(make)


def one_back(noun: str, key: str, description: str) -> Any:
    """Declare the one record of a kind whose unique key points here."""

    def make(_: type[SQLModel], __: str) -> StrawberryField:
        backing = table_of(records()[noun]).c[key]
        if not backing.unique:
            message = f"{noun}.{key} is not unique: this is a list"
            raise TypeError(message)
        return built_field(
            ToOneBack(title(noun), key), optional(by_name(title(noun)), null=True), description
        )

    return Declared(make)


def computed(source: Computed, kind: object, description: str) -> Any:
    """Declare a value that a function makes of the row's columns and facts."""
    return Declared(lambda _, __: built_field(source, kind, description))


def may_be_hidden(noun: str) -> bool:
    """Say whether a row rule may hide rows of a table from someone."""
    table = records().get(noun)
    return table is not None and visible_to(_RULED, table) is not None


def optional(kind: Any, *, null: bool | None) -> Any:
    """Return an annotation that also allows null."""
    return kind | None if null else kind


def list_of(kind: Any) -> Any:
    """Return the annotation of a list of non-null items."""
    return GenericAlias(list, (kind,))


def leaf(backing: "sqlalchemy.Column[Any]") -> Any:
    """Return the annotation of the leaf that shows a column."""
    if isinstance(backing.type, sqlalchemy.Enum) and backing.type.enum_class is not None:
        return enumeration(backing.type.enum_class)
    if backing.name == "currency_code":
        return CurrencyCode
    for stored, wire in _LEAVES:
        if isinstance(backing.type, stored):
            return wire
    message = f"{backing} has no leaf of its own: say kind=…"
    raise TypeError(message)


def complete(cls: type, table: type[SQLModel]) -> None:
    """Turn what a class and its plain bases declare into Strawberry fields, as the table says."""
    for base in reversed(cls.__mro__):
        for name, declared in list(vars(base).items()):
            if isinstance(declared, Declared):
                setattr(cls, name, declared.make(table, name))


def backed_by(
    table: type[SQLModel],
    *,
    name: str | None = None,
    variant: tuple[str, Any] | None = None,
    is_node: bool = True,
    is_interface: bool = False,
) -> Callable[[Kind], Kind]:
    """Make a class the GraphQL type of a table's rows. Its docstring is its description.

    Raises:
        TypeError: a field without a source, or a source whose column does not exist.
    """

    def build(cls: Kind) -> Kind:
        complete(cls, table)
        built = keep(define(cls, name=name, description=cls.__doc__, is_interface=is_interface))
        definition = built.__strawberry_definition__  # type: ignore[attr-defined]  # Strawberry sets it.
        sources = {camel(each.python_name): source_in(definition.name, each) for each in definition.fields}
        back(Backing(table, definition.name, sources, variant, is_node))
        return built

    return build


def shown(cls: Kind) -> Kind:
    """Make a class a GraphQL type whose values are there already. Its docstring is its description."""
    complete(cls, SQLModel)
    return keep(define(cls, description=cls.__doc__))


def shown_interface(cls: Kind) -> Kind:
    """Make a class a GraphQL interface over types whose values are there already."""
    complete(cls, SQLModel)
    return keep(define(cls, description=cls.__doc__, is_interface=True))


def source_in(type_name: str, each: StrawberryField) -> Source:
    """Return the source that a Strawberry field bears.

    Raises:
        TypeError: it bears none.
    """
    source = each.metadata.get(BACKING)
    if not isinstance(source, Source):
        message = f"{type_name}.{each.python_name} has no source"
        raise TypeError(message)
    return source


def enumeration(values: type[Enum]) -> type[Enum]:
    """Return a Python enum as a GraphQL enum, once each."""
    if "__strawberry_definition__" not in vars(values):
        keep(strawberry.enum(values, description=_first_paragraph(values.__doc__)))
    return values


def describe(values: type[StrEnum], description: str, *, name: str | None = None, **of_values: str) -> None:
    """Give a Python enum its description in the schema, and one to each of its values.

    Raises:
        TypeError: a value without a description, or a description without its value.
    """
    if set(of_values) != set(values.__members__):
        there, described = sorted(values.__members__), sorted(of_values)
        message = f"{values.__name__} has the values {there}, described are {described}"
        raise TypeError(message)
    strawberry.enum(values, name=name, description=description)
    for value in values.__strawberry_definition__.values:  # type: ignore[attr-defined]  # Just set.
        value.description = of_values[value.name]
    keep(values)


def _first_paragraph(text: str | None) -> str | None:
    """Return a docstring up to its first empty line."""
    return text.partition("\n\n")[0] if text else None
