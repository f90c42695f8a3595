"""Where does the value of a GraphQL field come from?

Each field of the schema bears one *source* in its metadata: a plain, frozen value that the planner reads.
No field has a resolver; a schema in which a field has no source is refused by a guard.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cache
from typing import Any

from graphql import GraphQLField
from sqlalchemy import PrimaryKeyConstraint, Table, UniqueConstraint
from sqlmodel import Session, SQLModel

from models.access import Viewer
from models.lifecycle.declaration import Fact
from models.moment import Moment

BACKING = "backing"
"""The key of a field's source in its Strawberry metadata."""

# Where Strawberry keeps its own definition on the types and fields of graphql-core.
_DEFINITION = "strawberry-definition"


@dataclass(frozen=True)
class Source:
    """Where a field's value comes from."""


@dataclass(frozen=True)
class Column(Source):
    """A leaf: a column of the row. Its SQLAlchemy type says how it is written."""

    name: str


@dataclass(frozen=True)
class MoneyOf(Source):
    """A ``Money`` made of an amount and a currency of the row; null when the amount is null."""

    amount: str
    currency: str = "currency_code"


@dataclass(frozen=True)
class ToOne(Source):
    """The one row of ``target`` whose ``other`` is this row's ``key``; null where the viewer may not see it.

    ``target`` is a GraphQL type name, as in every source below.
    """

    target: str
    key: str
    other: str = "id"


@dataclass(frozen=True)
class ToOneBack(Source):
    """The one row of ``target`` whose unique column ``key`` is this row's ``id``."""

    target: str
    key: str


@dataclass(frozen=True)
class ToMany(Source):
    """A connection of the rows of ``target`` that belong to this row.

    ``match``      variant -> (child column, parent column); one variant, "", unless ``argument`` is set.
    ``argument``   the enum argument whose value names the variant.
    ``order``      (column, descending) pairs of the default order. Every order ends in ``id``.
    ``filters``    argument -> child column: the argument is a list, null or absent is no restriction.
    ``where``      (child column, value) pairs that hold for every row, for example a kind of activity.

    The argument ``orderBy`` holds {field, direction}; the coerced ``field`` is the column's name.
    """

    target: str
    match: Mapping[str, tuple[str, str]] = field(hash=False)
    argument: str | None = None
    order: tuple[tuple[str, bool], ...] = ()
    filters: Mapping[str, str] = field(default_factory=dict, hash=False)
    where: tuple[tuple[str, Any], ...] = ()


@dataclass(frozen=True)
class Polymorphic(Source):
    """A record of any type: one column holds its noun, another its key."""

    noun: str
    key: str


@dataclass(frozen=True)
class Computed(Source):
    """A value made once per row, by a function, of columns and facts that the planner adds to the statement.

    ``function(values, viewer, moment)`` returns a tree of dicts, lists and scalars under GraphQL names;
    the planner projects it by the sub-selection. ``values`` holds typed Python values by name.
    """

    needs: tuple[str | Fact, ...]
    function: Callable[[Mapping[str, Any], Viewer, Moment], Any]


@dataclass(frozen=True)
class ComputedTogether(Source):
    """A value that a function of the models makes for all rows at once; it reads, and writes nothing.

    ``function(session, viewer, moment, rows, arguments)`` is given the columns of each row by name, as typed
    Python values, and returns a tree for each of them: plain values under Python names, and pointers to
    records, which are read as deeply as they are asked for. An ArgumentRefused in the place of a tree is the
    error of that row, whose value is null; one that is raised is that of the root field.
    """

    needs: tuple[str, ...]
    function: Callable[
        [Session, Viewer, Moment, Sequence[Mapping[str, Any]], Mapping[str, Any]], Sequence[Any]
    ]


@dataclass(frozen=True)
class Given(Source):
    """A value that is there already, under this Python name: in a payload, an error, a computed tree."""

    name: str


@dataclass(frozen=True)
class ConnectionPart(Source):
    """A field of a connection, an edge or a page: the planner makes them all."""

    name: str


@dataclass(frozen=True)
class ViewerAttribute(Source):
    """An attribute of the viewer who asks."""

    name: str


@dataclass(frozen=True)
class RootOne(Source):
    """One row of ``target``, by one of the keys of the ``by`` argument: GraphQL key -> column.

    Several rows may bear one number (a quote's revisions); then the one with the largest ``latest`` counts.
    """

    target: str
    keys: Mapping[str, str] = field(hash=False)
    latest: str | None = None


@dataclass(frozen=True)
class RootMany(Source):
    """A connection of all rows of ``target`` that the viewer sees; ``filters`` are those of ``ToMany``."""

    target: str
    order: tuple[tuple[str, bool], ...] = ()
    filters: Mapping[str, str] = field(default_factory=dict, hash=False)


@dataclass(frozen=True)
class RootGroups(Source):
    """Groups of the rows of ``target``. ``keys``: name -> (column, whether its month is meant)."""

    target: str
    keys: Mapping[str, tuple[str, bool]] = field(hash=False)


@dataclass(frozen=True)
class RootComputed(Source):
    """A value that a function of the models makes of the arguments; it reads, and writes nothing.

    ``function(session, viewer, moment, arguments)`` returns a tree as a command's payload is: plain values
    under Python names, and pointers to records, which are read as deeply as they are asked for. It may raise
    Forbidden.
    """

    function: Callable[[Session, Viewer, Moment, Mapping[str, Any]], Any]


@dataclass(frozen=True)
class RootNode(Source):
    """``node(id:)``: a record of any type, routed by the prefix of its id."""


@dataclass(frozen=True)
class RootNodes(Source):
    """``nodes(ids:)``: records of any type, in the order of the ids."""


@dataclass(frozen=True)
class RootViewer(Source):
    """Who is asking."""


@dataclass(frozen=True)
class Publishes(Source):
    """A mutation field: runs the transition of this name, once or for many inputs, and reads its payload."""

    transition: str
    is_bulk: bool = False


class StreamScope(StrEnum):
    """Whose events a stream brings: those of all records, of one or its chain, or of an account's history."""

    ALL = "ALL"
    RECORD = "RECORD"
    ACCOUNT = "ACCOUNT"


@dataclass(frozen=True)
class Streams(Source):
    """A subscription field: one payload for each committed event of ``target`` that the viewer sees."""

    target: str
    scope: StreamScope = StreamScope.ALL


@dataclass(frozen=True)
class Backing:
    """What a GraphQL type shows of a table.

    ``is_node``  whether ``node(id:)`` finds its rows: an address, for one, is reached from its record only.
    ``variant``  (column, value): the type shows only the rows where the column has the value. Several types
                 may so share a table; the interface over them is backed by it without a variant.
    """

    table: type[SQLModel]
    type_name: str
    fields: Mapping[str, Source] = field(hash=False)
    variant: tuple[str, Any] | None = None
    is_node: bool = True

    @property
    def noun(self) -> str:
        """The prefix of the public ids of the table's rows."""
        return str(self.table.__tablename__)


_BACKINGS: dict[str, Backing] = {}
_TYPE_NAMES: dict[str, str] = {}


def back(backing: Backing) -> None:
    """Keep a backing, after a look at whether each of its sources finds its columns.

    Raises:
        TypeError: a source names a column that the table does not have.
    """
    for name, source in backing.fields.items():
        for column in columns_of(source):
            if column not in table_of(backing.table).c:
                message = (
                    f"{backing.type_name}.{name} is backed by {backing.noun}.{column}, which does not exist"
                )
                raise TypeError(message)
    _BACKINGS[backing.type_name] = backing
    if backing.variant is None:
        _TYPE_NAMES[backing.noun] = backing.type_name


def backing_of(type_name: str) -> Backing:
    """Return what the GraphQL type of this name is backed by.

    Raises:
        KeyError: the type is not backed by a table.
    """
    return _BACKINGS[type_name]


def is_backed(type_name: str) -> bool:
    """Say whether the GraphQL type of this name is backed by a table."""
    return type_name in _BACKINGS


def type_name_of(noun: str) -> str:
    """Return the GraphQL type of a table's rows; for a table with variants, the interface over them.

    Raises:
        KeyError: no type shows the table.
    """
    return _TYPE_NAMES[noun]


def variants_of(noun: str) -> list[Backing]:
    """Return the backings of the concrete types that share a table, in the order of their declaration."""
    return [each for each in _BACKINGS.values() if each.variant is not None and each.noun == noun]


def backed_nouns() -> list[str]:
    """Return the nouns of all tables that a type shows, for example to route an id."""
    return list(_TYPE_NAMES)


def source_of(graphql_field: GraphQLField) -> Source:
    """Return the source of a field of the built schema.

    Raises:
        KeyError: the field has none, as the fields of introspection.
    """
    source: Source = graphql_field.extensions[_DEFINITION].metadata[BACKING]
    return source


def columns_of(source: Source) -> tuple[str, ...]:
    """Return the columns of its own row that a source reads."""
    match source:
        case Column(name):
            return (name,)
        case MoneyOf(amount, currency):
            return (amount, currency)
        case ToOne(_, key, _):
            return (key,)
        case ToMany():
            return tuple(parent for _, parent in source.match.values())
        case Polymorphic(noun, key):
            return (noun, key)
        case ComputedTogether(needs, _):
            return needs
        case Computed(needs, _):
            return tuple(need for need in needs if isinstance(need, str))
    return ()


def leads_index(table: Table, name: str) -> bool:
    """Say whether an index of all rows begins with a column, so that its values are found without a scan."""
    return name in _leading(table)


@cache
def _leading(table: Table) -> frozenset[str]:
    """Return the columns that an index of all rows begins with."""
    indexes = [
        each for each in table.indexes if each.dialect_options["postgresql"]["where"] is None and each.columns
    ]
    keys = [each for each in table.constraints if isinstance(each, PrimaryKeyConstraint | UniqueConstraint)]
    leading = {next(iter(each.columns)).name for each in (*indexes, *keys)}
    return frozenset(leading | {each.name for each in table.columns if each.unique})


def table_of(entity: type[SQLModel]) -> Table:
    """Return the SQLAlchemy table of a table class."""
    table: Table = entity.__table__  # type: ignore[attr-defined]  # SQLModel sets it on every table class.
    return table
