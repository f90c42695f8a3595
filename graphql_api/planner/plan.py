"""What is to be fetched for an operation, before anything is?

A ``Plan`` has one part a root field, and below it a tree of levels: one statement a to-many level, whatever
the number of rows. It holds row rules and everything that the selection decides; page sizes, cursors and
ids are read from the variables each time it runs.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from graphql import FieldNode, GraphQLNamedOutputType, GraphQLObjectType, OperationDefinitionNode
from sqlalchemy import Dialect
from sqlmodel import Session

from graphql_api.planner import backing as sources
from graphql_api.planner.backing import backed_nouns, backing_of, is_backed, source_of, type_name_of
from graphql_api.planner.connection import plan_connection
from graphql_api.planner.draft import Draft
from graphql_api.planner.groups import Groups, Key, plan_groups
from graphql_api.planner.level import Branches, Connection, Readable
from graphql_api.planner.page import PageSizes
from graphql_api.planner.selection import Asked, Document
from graphql_api.planner.shape import Planning, PlanTrees, writer_of
from models.access import Viewer
from models.moment import Moment


@dataclass(frozen=True, eq=False)
class OneRow:
    """A root field for one row, found by one of several keys: GraphQL key -> column."""

    asked: Asked
    noun: str
    readable: Readable
    keys: Mapping[str, str]
    latest: str | None


@dataclass(frozen=True, eq=False)
class ManyRows:
    """A root field for a connection."""

    asked: Asked
    connection: Connection


@dataclass(frozen=True, eq=False)
class AnyRow:
    """``node``, or with ``is_list`` ``nodes``: records of any type by their ids."""

    asked: Asked
    branches: Branches
    is_list: bool


@dataclass(frozen=True, eq=False)
class WhoAsks:
    """``viewer``: (response key, attribute) pairs; the attribute is empty for ``__typename``."""

    asked: Asked
    type_name: str
    attributes: tuple[tuple[str, str], ...]


@dataclass(frozen=True, eq=False)
class Call:
    """A root field whose value a function makes. How it is read below is planned once, and kept."""

    asked: Asked
    planning: Planning
    function: Callable[[Session, Viewer, Moment, Mapping[str, Any]], Any]
    kept: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, eq=False)
class Introspection:
    """A field of introspection. What was answered is kept: the schema does not change."""

    asked: Asked
    answers: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, eq=False)
class TypeName:
    """``__typename`` of the root."""

    asked: Asked
    type_name: str


RootField = OneRow | ManyRows | Groups | AnyRow | Call | WhoAsks | Introspection | TypeName


@dataclass(frozen=True, eq=False)
class Plan:
    """The root fields of an operation, in response order."""

    fields: tuple[RootField, ...]

    @property
    def reads_once(self) -> bool:
        """Whether one field alone reads, and with the rows of one table it begins."""
        reading = [each for each in self.fields if not isinstance(each, WhoAsks | Introspection | TypeName)]
        return len(reading) == 1 and isinstance(reading[0], OneRow | ManyRows)


def planning_for(
    document: Document, viewer: Viewer, dialect: Dialect, sizes: PageSizes, trees: PlanTrees
) -> Planning:
    """Return what the parts of a plan share."""
    return Planning(document, viewer, dialect, sizes, plan_connection, plan_branches, trees)


def plan_operation(planning: Planning, operation: OperationDefinitionNode) -> Plan:
    """Plan a query."""
    query = planning.document.schema.query_type
    if query is None:
        message = "the schema has no queries"
        raise TypeError(message)
    fields = planning.document.merged(query, operation.selection_set.selections)
    return Plan(tuple(_root(planning, query, asked) for asked in fields))


def plan_branches(planning: Planning, asked: Asked, path: tuple[str, ...]) -> Branches:
    """Plan records of any type behind a field, each type when it turns up."""
    return branches_below(planning, asked.type, asked.nodes, path)


def branches_below(
    planning: Planning, kind: GraphQLNamedOutputType, nodes: tuple[FieldNode, ...], path: tuple[str, ...]
) -> Branches:
    """Return the levels for the types that a value of ``kind`` may have."""
    return Branches(_brancher(planning, kind, nodes, path))


def _brancher(
    planning: Planning, kind: GraphQLNamedOutputType, nodes: tuple[FieldNode, ...], path: tuple[str, ...]
) -> Callable[[str], Readable | None]:
    """Return the function that plans the level of a noun."""
    possible = {each.name for each in planning.document.possible(kind)}

    def plan(noun: str) -> Readable | None:
        if noun not in backed_nouns():
            return None
        shown = planning.document.schema.get_type(type_name_of(noun))
        if shown is None or not any(each.name in possible for each in planning.document.possible(shown)):  # type: ignore[arg-type]  # A backed type is an output type.
            return None
        return _level(planning, shown, nodes, path, noun)  # type: ignore[arg-type]  # As above.

    return plan


def _level(
    planning: Planning,
    kind: GraphQLNamedOutputType,
    nodes: tuple[FieldNode, ...],
    path: tuple[str, ...],
    noun: str = "",
) -> Readable:
    """Plan rows of one backed type, found by key."""
    backing = backing_of(kind.name)
    at = (*path[:-1], f"{path[-1]}_{noun}") if noun else path
    draft = Draft(at, backing.table, planning.viewer, planning.dialect)
    write = writer_of(planning, draft, kind, nodes)
    return Readable(draft.level(), write)


def _root(planning: Planning, query: GraphQLObjectType, asked: Asked) -> RootField:
    """Plan one field of the root."""
    if asked.name == "__typename":
        return TypeName(asked, query.name)
    if asked.definition is None:
        return Introspection(asked)
    path = (asked.key,)
    match source_of(asked.definition):
        case sources.RootOne(target, keys, latest):
            noun = backing_of(target).noun
            return OneRow(asked, noun, _level(planning, asked.type, asked.nodes, path), keys, latest)
        case sources.RootMany(target, order, filters):
            source = sources.ToMany(target, {}, order=order, filters=filters)
            return ManyRows(asked, plan_connection(planning, asked, source, path))
        case sources.RootGroups(target, keys):
            by = {name: Key(name, *of) for name, of in keys.items()}
            return plan_groups(
                planning, asked, target, by, lambda link: _level(planning, link.type, link.nodes, (link.key,))
            )
        case sources.RootComputed(function):
            return Call(asked, planning, function)
        case sources.RootNode() | sources.RootNodes() as source:
            is_list = isinstance(source, sources.RootNodes)
            return AnyRow(asked, plan_branches(planning, asked, path), is_list)
        case sources.RootViewer():
            return _viewer(planning, asked)
        case other:
            message = f"{query.name}.{asked.name} has a source that is not one of the root: {other}"
            raise TypeError(message)


def _viewer(planning: Planning, asked: Asked) -> WhoAsks:
    """Plan who asks: nothing has to be fetched."""
    kind = planning.document.concrete(asked.type.name)
    attributes: list[tuple[str, str]] = []
    for each in planning.document.fields(kind, asked.nodes):
        source = None if each.definition is None else source_of(each.definition)
        attributes.append((each.key, source.name if isinstance(source, sources.ViewerAttribute) else ""))
    return WhoAsks(asked, kind.name, tuple(attributes))


def is_known(noun: str) -> bool:
    """Say whether ``node(id:)`` finds records of this noun."""
    return noun in backed_nouns() and is_backed(type_name_of(noun)) and backing_of(type_name_of(noun)).is_node
