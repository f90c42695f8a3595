"""Can the fields of an operation that share a response key be merged?

The language's rule (GraphQL specification, 5.3.2) compares each such pair; a field repeated a thousand times
is half a million pairs. Here each group is compared with its first member, and the group's selections are
looked at as one, so that the work grows with the fields of the operation, fragments expanded.
"""

from collections.abc import Iterable, Iterator
from http import HTTPStatus
from typing import NamedTuple

from graphql import (
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLError,
    GraphQLField,
    GraphQLInterfaceType,
    GraphQLNamedType,
    GraphQLObjectType,
    GraphQLType,
    InlineFragmentNode,
    Node,
    OperationDefinitionNode,
    SelectionSetNode,
    ValidationRule,
    get_named_type,
    is_leaf_type,
    is_list_type,
    is_non_null_type,
    print_ast,
)
from graphql.utilities.sort_value_node import sort_value_node

from graphql_api.errors import ErrorCode, refused

# Abstract fields are looked at once for each concrete type beside them, and that may nest. Ten times the
# fields that an operation may have is beyond any honest document.
_MOST_VISITS = 20_000
# An operation within the limit of depth, its frames and its introspection included, ends long before. Deeper
# is only what a circle of fragments makes, and another rule names that.
_DEEPEST = 100


class _Asked(NamedTuple):
    """A field as it stands in a selection set."""

    parent: GraphQLNamedType
    node: FieldNode
    definition: GraphQLField


class FieldsCanMerge(ValidationRule):
    """Refuse fields that share a response key and differ in name, arguments or shape."""

    def enter_operation_definition(self, node: OperationDefinitionNode, *_args: object) -> None:
        """Check one operation with all fragments that it reaches."""
        root = self.context.schema.get_root_type(node.operation)
        if root is None:
            return
        self.visits = 0
        fields = list(self._collect(node.selection_set, root, set()))
        error = self._differing_shape(fields) or self._differing_field(fields)
        if error is not None:
            self.report_error(error)

    def _collect(
        self, selection_set: SelectionSetNode | None, parent: GraphQLNamedType, spread: set[str]
    ) -> Iterator[_Asked]:
        """Yield the fields of a selection set, each fragment spread once."""
        for node in selection_set.selections if selection_set else ():
            if isinstance(node, FieldNode):
                definition = self._definition(node, parent)
                if definition is not None:
                    yield _Asked(parent, node, definition)
                continue
            narrowed: Node = node
            if isinstance(node, FragmentSpreadNode):
                fragment = self.context.get_fragment(node.name.value)
                if fragment is None or node.name.value in spread:
                    continue
                spread.add(node.name.value)
                narrowed = fragment
            if not isinstance(narrowed, InlineFragmentNode | FragmentDefinitionNode):
                continue
            condition = narrowed.type_condition
            inner = parent if condition is None else self.context.schema.get_type(condition.name.value)
            if inner is not None:
                yield from self._collect(narrowed.selection_set, inner, spread)

    def _definition(self, node: FieldNode, parent: GraphQLNamedType) -> GraphQLField | None:
        """Return the definition of a field, None where there is none: other rules tell."""
        schema = self.context.schema
        if isinstance(parent, GraphQLObjectType | GraphQLInterfaceType):
            return schema.get_field(parent, node.name.value)
        return None

    def _below(self, group: Iterable[_Asked]) -> list[_Asked]:
        """Return what a group of fields selects together.

        Raises:
            RequestRefused: the operation is made to be expensive to check.
        """
        spread: set[str] = set()
        found: list[_Asked] = []
        for each in group:
            inner = get_named_type(each.definition.type)
            found += self._collect(each.node.selection_set, inner, spread)
        self.visits += len(found)
        if self.visits > _MOST_VISITS:
            message = "The operation repeats abstract fields within each other too often to be checked."
            raise refused(ErrorCode.COST_LIMIT_EXCEEDED, message, HTTPStatus.UNPROCESSABLE_ENTITY)
        return found

    def _differing_shape(self, fields: list[_Asked], depth: int = 0) -> GraphQLError | None:
        """Return the error of two fields whose values differ in shape, even where only one can apply."""
        if depth > _DEEPEST:
            return None
        for key, group in _by_key(fields).items():
            first = group[0]
            for other in group[1:]:
                if _shapes_differ(first.definition.type, other.definition.type):
                    types = f"'{first.definition.type}' and '{other.definition.type}'"
                    return _conflict(key, f"they return conflicting types {types}", first, other)
            error = self._differing_shape(self._below(group), depth + 1)
            if error is not None:
                return error
        return None

    def _differing_field(self, fields: list[_Asked], depth: int = 0) -> GraphQLError | None:
        """Return the error of two fields that may apply to one object and ask for different things."""
        if depth > _DEEPEST:
            return None
        for key, whole in _by_key(fields).items():
            for group in _by_parent(whole):
                first = group[0]
                written = _arguments(first.node) if len(group) > 1 else ""
                for other in group[1:]:
                    if other.node.name.value != first.node.name.value:
                        names = (
                            f"'{first.node.name.value}' and '{other.node.name.value}' are different fields"
                        )
                        return _conflict(key, names, first, other)
                    if _arguments(other.node) != written:
                        return _conflict(key, "they have differing arguments", first, other)
                error = self._differing_field(self._below(group), depth + 1)
                if error is not None:
                    return error
        return None


def _by_key(fields: Iterable[_Asked]) -> dict[str, list[_Asked]]:
    """Return the fields by response key."""
    groups: dict[str, list[_Asked]] = {}
    for each in fields:
        alias = each.node.alias or each.node.name
        groups.setdefault(alias.value, []).append(each)
    return groups


def _by_parent(fields: list[_Asked]) -> list[list[_Asked]]:
    """Return the groups of fields that may apply to one object: those of abstract types to each."""
    abstract = [each for each in fields if not isinstance(each.parent, GraphQLObjectType)]
    concrete: dict[str, list[_Asked]] = {}
    for each in fields:
        if isinstance(each.parent, GraphQLObjectType):
            concrete.setdefault(each.parent.name, []).append(each)
    return [abstract + group for group in concrete.values()] or [abstract]


def _shapes_differ(one: GraphQLType, other: GraphQLType) -> bool:
    """Say whether the values of two types differ in lists, in nulls, or as leaves."""
    for wraps in (is_non_null_type, is_list_type):
        if wraps(one) or wraps(other):
            if not (wraps(one) and wraps(other)):
                return True
            return _shapes_differ(one.of_type, other.of_type)  # type: ignore[attr-defined]  # Both wrap a type.
    return (is_leaf_type(one) or is_leaf_type(other)) and one is not other


def _arguments(node: FieldNode) -> str:
    """Return a field's arguments in one order, as text."""
    written = [f"{each.name.value}:{print_ast(sort_value_node(each.value))}" for each in node.arguments or ()]
    return ",".join(sorted(written))


def _conflict(key: str, reason: str, first: _Asked, other: _Asked) -> GraphQLError:
    """Return the error of two fields, with the way out."""
    message = f"Fields '{key}' conflict because {reason}. Use different aliases to fetch both."
    return GraphQLError(message, [first.node, other.node])
