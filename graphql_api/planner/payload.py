"""How is the result of a command, or an event, read as deeply as a query?

A payload is a tree of plain values and pointers. First all pointers are gathered and read, those of one
response path and type in one statement; then the tree is completed, nulls spreading as GraphQL says.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from graphql import (
    FieldNode,
    GraphQLEnumType,
    GraphQLError,
    GraphQLList,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLOutputType,
)
from orjson import Fragment

from graphql_api.errors import ErrorCode, graphql_error
from graphql_api.planner.condition import ArgumentRefused
from graphql_api.planner.execute import Run
from graphql_api.planner.leaf import json_text
from graphql_api.planner.level import Branches
from graphql_api.planner.plan import branches_below
from graphql_api.planner.script import NULL
from graphql_api.planner.selection import Asked, Nodes, named_output
from graphql_api.planner.shape import Planning
from graphql_api.planner.tree import enum_name, lookup
from graphql_api.planner.wanted import Refused
from models.errors import NotFound
from models.lifecycle import Pointer

Path = tuple[str | int, ...]
Static = tuple[str, ...]
Mark = tuple[int, ...]
"""The identity of a field's nodes: under one response key, two types may ask for different things."""


class Nullified(Exception):  # noqa: N818  # Control flow of null propagation, caught at the next nullable field.
    """A value that may not be null is missing."""


@dataclass
class PayloadPlan:
    """What is planned for the payloads of one field, kept between calls."""

    planning: Planning
    kind: GraphQLOutputType
    nodes: Nodes
    _branches: dict[tuple[Mark, str], Branches] = field(default_factory=dict)
    _fields: dict[tuple[Mark, str], list[Asked]] = field(default_factory=dict)

    def branches(self, path: Static, kind: GraphQLOutputType, nodes: Nodes) -> Branches:
        """Return the levels for pointers at a path."""
        named = named_output(kind)
        known = (mark(nodes), named.name)
        if known not in self._branches:
            self._branches[known] = branches_below(self.planning, named, nodes, path)
        return self._branches[known]

    def fields(self, kind: GraphQLObjectType, nodes: Nodes) -> list[Asked]:
        """Return what is asked of an object below these nodes."""
        known = (mark(nodes), kind.name)
        if known not in self._fields:
            self._fields[known] = self.planning.document.fields(kind, nodes)
        return self._fields[known]


@dataclass
class PayloadRun:
    """One payload being read."""

    _plan: PayloadPlan
    _run: Run
    errors: list[GraphQLError] = field(default_factory=list)
    _found: dict[tuple[Mark, str, UUID], str] = field(default_factory=dict)

    def answer(self, value: Any, path: Path) -> Any:
        """Return the payload as it is asked for."""
        static = tuple(step for step in path if isinstance(step, str))
        try:
            self._fetch(self._plan.kind, self._plan.nodes, value, static)
            return self._complete(self._plan.kind, self._plan.nodes, value, path, static)
        except Nullified:
            return None
        except Refused as refused:
            self.errors.append(
                graphql_error(refused.reason.code, str(refused), nodes=refused.nodes, path=refused.path)
            )
            return None

    def _fetch(self, kind: GraphQLOutputType, nodes: Nodes, value: Any, static: Static) -> None:
        """Read the records behind all pointers of the tree."""
        wanted: dict[Mark, tuple[Branches, dict[tuple[str, UUID], None]]] = {}
        for at, at_kind, at_nodes, pointer in self._pointers(kind, nodes, value, static):
            branches = self._plan.branches(at, at_kind, at_nodes)
            wanted.setdefault(mark(at_nodes), (branches, {}))[1][pointer.noun, pointer.key] = None
        for at_mark, (branches, keys) in wanted.items():
            for (noun, key), made in self._run.any_of(branches, keys).items():
                self._found[at_mark, noun, key] = made

    def _pointers(
        self,
        kind: GraphQLOutputType,
        nodes: Nodes,
        value: Any,
        static: Static,
    ) -> Iterator[tuple[Static, GraphQLOutputType, Nodes, Pointer]]:
        """Yield every pointer of the tree that is asked for, with its place."""
        if isinstance(value, Pointer):
            yield static, kind, nodes, value
        elif isinstance(value, list | tuple):
            for each in value:
                yield from self._pointers(kind, nodes, each, static)
        elif isinstance(value, Mapping):
            for asked in self._asked(kind, nodes, value):
                if asked.definition is not None:
                    below = lookup(value, asked)
                    yield from self._pointers(asked.definition.type, asked.nodes, below, (*static, asked.key))

    def _asked(self, kind: GraphQLOutputType, nodes: Nodes, value: Mapping[str, Any]) -> list[Asked]:
        """Return what is asked of an object of the tree."""
        return self._plan.fields(self._concrete(kind, value), nodes)

    def _concrete(self, kind: GraphQLOutputType, value: Mapping[str, Any]) -> GraphQLObjectType:
        """Return the type of an object of the tree."""
        named = named_output(kind)
        if isinstance(named, GraphQLObjectType):
            return named
        return self._plan.planning.document.concrete(value["__typename"])

    def _complete(
        self,
        kind: GraphQLOutputType,
        nodes: Nodes,
        value: Any,
        path: Path,
        static: Static,
    ) -> Any:
        """Return a value as it is asked for.

        Raises:
            Nullified: it is missing and may not be null.
        """
        if isinstance(kind, GraphQLNonNull):
            known = len(self.errors)
            made = self._complete(kind.of_type, nodes, value, path, static)
            if made is None:
                if len(self.errors) == known:
                    self._report(
                        ErrorCode.INTERNAL, "This value is missing, but may not be null.", nodes, path
                    )
                raise Nullified
            return made
        try:
            return self._nullable(kind, nodes, value, path, static)
        except Nullified:
            return None

    def _nullable(
        self,
        kind: GraphQLOutputType,
        nodes: Nodes,
        value: Any,
        path: Path,
        static: Static,
    ) -> Any:
        """Return a value that may be null."""
        if value is None:
            return None
        if isinstance(value, Pointer):
            return self._record(value, nodes, path)
        if isinstance(kind, GraphQLList):
            return [
                self._complete(kind.of_type, nodes, each, (*path, index), static)
                for index, each in enumerate(value)
            ]
        if isinstance(kind, GraphQLEnumType):
            return enum_name(kind, value)
        if not isinstance(value, Mapping):
            return value
        made: dict[str, Any] = {}
        for asked in self._asked(kind, nodes, value):
            if asked.definition is None:
                made[asked.key] = self._concrete(kind, value).name
                continue
            at, below = (*path, asked.key), lookup(value, asked)
            made[asked.key] = self._complete(
                asked.definition.type, asked.nodes, below, at, (*static, asked.key)
            )
        return made

    def _record(self, pointer: Pointer, nodes: Nodes, path: Path) -> Fragment | None:
        """Return the record behind a pointer; one that the viewer may not see is reported and null."""
        found = self._found.get((mark(nodes), pointer.noun, pointer.key))
        if found is None:
            self._report(ErrorCode.NOT_FOUND, NotFound(pointer.noun).message, nodes, path)
        return None if found is None else Fragment(found)

    def _report(self, code: ErrorCode, message: str, nodes: tuple[FieldNode, ...], path: Path) -> None:
        """Add an error at a path."""
        self.errors.append(graphql_error(code, message, nodes=nodes, path=path))


def plan_trees(
    planning: Planning, asked: Asked, path: Static
) -> Callable[[Run, Sequence[Any]], Sequence[str]]:
    """Plan how trees that were made for all rows of a level are read, those of all rows together.

    Errors bear the path without list positions; a tree that is a refusal is its own error.
    """
    plan = PayloadPlan(planning, GraphQLList(asked.field.type), asked.nodes)

    def read(run: Run, trees: Sequence[Any]) -> Sequence[str]:
        for each in trees:
            if isinstance(each, ArgumentRefused):
                run.errors.append(graphql_error(each.code, each.message, nodes=asked.nodes, path=path))
        reading = PayloadRun(plan, run)
        told = [None if isinstance(each, ArgumentRefused) else each for each in trees]
        found: Sequence[Any] | None = reading.answer(told, path)
        run.errors += reading.errors
        return [NULL] * len(trees) if found is None else [json_text(each) for each in found]

    return read


def mark(nodes: Nodes) -> Mark:
    """Return the identity of a field's nodes."""
    return tuple(map(id, nodes))
