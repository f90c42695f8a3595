"""Which object does the answer hold for a row of a backed type?

Walks what is asked of a type, adds columns and joins to the draft of the statement, and returns the
reader that makes the object.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import orjson
from graphql import (
    GraphQLNamedOutputType,
    GraphQLNonNull,
    GraphQLObjectType,
    is_leaf_type,
)
from sqlalchemy import JSON, Dialect

from graphql_api.planner import backing as sources
from graphql_api.planner.backing import Backing, backing_of, is_backed, source_of, table_of
from graphql_api.planner.draft import Draft, Place
from graphql_api.planner.leaf import decimal_text, money_text
from graphql_api.planner.level import (
    Branches,
    Child,
    Connection,
    Leaf,
    Made,
    Object,
    Read,
    Row,
    ToAny,
    ToMany,
    by_variant,
    computed,
    constant,
    nullable,
    object_reader,
    with_children,
)
from graphql_api.planner.page import PageSizes
from graphql_api.planner.selection import Asked, Document, Nodes
from graphql_api.planner.tree import projection
from models.access import Viewer

PlanConnection = Callable[["Planning", Asked, sources.ToMany, tuple[str, ...]], Connection]
PlanBranches = Callable[["Planning", Asked, tuple[str, ...]], Branches]
PlanTrees = Callable[["Planning", Asked, tuple[str, ...]], Callable[[Any, Sequence[Any]], Sequence[Any]]]


@dataclass(frozen=True, eq=False)
class Planning:
    """What every part of one plan is made of. The last three plan what hangs on a row."""

    document: Document
    viewer: Viewer
    dialect: Dialect
    sizes: PageSizes
    connection: PlanConnection
    branches: PlanBranches
    trees: PlanTrees


def rows_of(planning: Planning, draft: Draft, at: Place, kind: GraphQLNamedOutputType, nodes: Nodes) -> Read:
    """Return the reader for rows of ``kind``: an object type, or an interface over one table's variants."""
    if isinstance(kind, GraphQLObjectType):
        backing = backing_of(kind.name)
        if backing.variant is not None:
            if at is not draft.own:
                message = f"a link leads to the interface over {backing.noun}, not to {kind.name} alone"
                raise TypeError(message)
            draft.where.append(backing.variant)
        return _ObjectShape(planning, draft, at, kind).reader(nodes)
    variants = [each for each in planning.document.possible(kind) if is_backed(each.name)]
    readers: dict[Any, Read] = {}
    column = ""
    for each in variants:
        column, value = _variant(backing_of(each.name))
        readers[str(value)] = _ObjectShape(planning, draft, at, each).reader(nodes)
    return by_variant(readers, draft.raw(at, column))


def _variant(backing: Backing) -> tuple[str, Any]:
    """Return what tells the rows of a type from those of its siblings."""
    if backing.variant is None:
        message = f"{backing.type_name} is one type of several of its table, but has no variant"
        raise TypeError(message)
    return backing.variant


class _ObjectShape:
    """The object of one row of one concrete type."""

    def __init__(self, planning: Planning, draft: Draft, at: Place, kind: GraphQLObjectType) -> None:
        self._planning = planning
        self._draft = draft
        self._at = at
        self._kind = kind
        self._children: list[tuple[str, int]] = []

    def reader(self, nodes: Nodes) -> Read:
        """Return the reader for what is asked below the nodes."""
        return self.of(self._planning.document.fields(self._kind, nodes))

    def of(self, fields: list[Asked]) -> Read:
        """Return the reader for these fields."""
        leaves = {asked.key: self._leaf(asked) for asked in fields}
        return with_children(object_reader(leaves), self._children)

    def _leaf(self, asked: Asked) -> Leaf:
        """Return where the value of a field comes from."""
        if asked.definition is None:
            return constant(self._kind.name)
        match backing_of(self._kind.name).fields.get(asked.name) or source_of(asked.definition):
            case sources.Column(name):
                return self._column(asked, name)
            case sources.MoneyOf(amount, currency):
                return Leaf(make=self._money(asked, amount, currency))
            case sources.ToOne(target, key, other):
                return Leaf(make=self._to_one(asked, target, key, other))
            case sources.ToOneBack(target, key):
                return Leaf(make=self._to_one(asked, target, "id", key))
            case sources.ToMany() as source:
                return self._to_many(asked, source)
            case sources.Polymorphic(noun, key):
                return self._to_any(asked, noun, key)
            case other:
                return self._made(asked, other)

    def _made(self, asked: Asked, source: sources.Source) -> Leaf:
        """Return where the value of a field comes from that a function makes."""
        match source:
            case sources.Computed():
                return Leaf(make=self._computed(asked, source))
            case sources.ComputedTogether():
                return self._together(asked, source)
            case other:
                message = f"{self._kind.name}.{asked.name} has a source that is not one of a row: {other}"
                raise TypeError(message)

    def _column(self, asked: Asked, name: str) -> Leaf:
        """Return a leaf from a column; stored JSON behind an object type is projected."""
        slot, finish = self._draft.printed(self._at, name)
        if is_leaf_type(asked.type) or not isinstance(table_of(self._at.table).c[name].type, JSON):
            return Leaf(slot, finish)
        project = projection(self._planning.document, asked.field.type, asked.nodes)

        def parsed(text: str | None) -> Any:
            return None if text is None else project(orjson.loads(text))

        return Leaf(slot, parsed)

    def _money(self, asked: Asked, amount: str, currency: str) -> Read:
        """Return the reader of an amount with its currency."""
        at_amount, at_currency = self._draft.raw(self._at, amount), self._draft.raw(self._at, currency)
        kind = self._planning.document.concrete(asked.type.name)
        fields = self._planning.document.fields(kind, asked.nodes)
        written = tuple((each.key, None if each.definition is None else each.name) for each in fields)

        def read(row: Row, _: object) -> Object | None:
            millionths, code = row[at_amount], row[at_currency]
            if millionths is None:
                return None
            text = decimal_text(millionths) if code is None else money_text(millionths, code)
            return {
                key: kind.name if name is None else text if name == "amount" else code
                for key, name in written
            }

        return read

    def _to_one(self, asked: Asked, target: str, own: str, other: str) -> Read:
        """Return the reader of a joined row."""
        table = backing_of(target).table
        place = self._draft.join(self._at, asked.key, table, own, other)
        presence = self._draft.raw(place, "id")
        read = rows_of(self._planning, self._draft, place, asked.type, asked.nodes)
        return nullable(read, presence)

    def _to_many(self, asked: Asked, source: sources.ToMany) -> Leaf:
        """Note a connection below this row; its place stays empty until its rows are read."""

        def plan() -> ToMany:
            connection = self._planning.connection(self._planning, asked, source, self._path(asked))
            slots = {
                variant: self._draft.raw(self._at, parent) for variant, (_, parent) in source.match.items()
            }
            return ToMany(asked.key, connection, slots)

        return self._waiting(asked, plan)

    def _to_any(self, asked: Asked, noun: str, key: str) -> Leaf:
        """Note a record of any type behind this row."""
        if isinstance(asked.field.type, GraphQLNonNull):
            message = f"{self._kind.name}.{asked.name} may be hidden, so it has to be nullable"
            raise TypeError(message)

        def plan() -> ToAny:
            branches = self._planning.branches(self._planning, asked, self._path(asked))
            return ToAny(asked.key, branches, self._draft.raw(self._at, noun), self._draft.raw(self._at, key))

        return self._waiting(asked, plan)

    def _together(self, asked: Asked, source: sources.ComputedTogether) -> Leaf:
        """Note a value that is made for all rows at once."""

        def plan() -> Made:
            needs = tuple(self._draft.needed(self._at, need) for need in source.needs)
            path = self._path(asked)
            read = self._planning.trees(self._planning, asked, path)
            return Made(asked.key, asked, path, needs, source.function, read)

        return self._waiting(asked, plan)

    def _waiting(self, asked: Asked, plan: Callable[[], Child]) -> Leaf:
        """Add a child to the level, and this object to those that wait for it."""
        self._children.append((asked.key, self._draft.child(self._at, asked.key, asked.nodes, plan)))
        return constant(None)

    def _computed(self, asked: Asked, source: sources.Computed) -> Read:
        """Return the reader of a computed value."""
        needs = [self._draft.needed(self._at, need) for need in source.needs]
        return computed(
            source.function, needs, projection(self._planning.document, asked.field.type, asked.nodes)
        )

    def _path(self, asked: Asked) -> tuple[str, ...]:
        """Return the response path of a field of this object, its joined parents taken as one step."""
        joined = self._at.stem.removeprefix(self._draft.stem).removeprefix("_")
        return (*self._draft.path, *([joined] if joined else []), asked.key)
