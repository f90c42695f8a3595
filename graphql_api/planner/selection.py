"""What is asked of each type, once fragments, directives and aliases are merged?

Fields are collected for one concrete type at a time, and each node of the document once, so that merging
takes time in proportion to what is asked (GraphQL specification, 6.3.2).
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, cast

from graphql import (
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLField,
    GraphQLIncludeDirective,
    GraphQLNamedOutputType,
    GraphQLObjectType,
    GraphQLOutputType,
    GraphQLSchema,
    GraphQLSkipDirective,
    InlineFragmentNode,
    Node,
    SelectionNode,
    VariableNode,
    get_argument_values,
    get_directive_values,
    get_named_type,
    is_abstract_type,
)
from graphql.execution import VariableValues

Fragments = Mapping[str, FragmentDefinitionNode]
Nodes = tuple[FieldNode, ...]


@dataclass(frozen=True, eq=False)
class Asked:
    """One field of one concrete type, under one response key. ``definition`` is None for ``__typename``."""

    key: str
    name: str
    parent: str
    definition: GraphQLField | None
    nodes: Nodes

    @property
    def field(self) -> GraphQLField:
        """The field's definition.

        Raises:
            TypeError: the field is ``__typename``, which has none.
        """
        if self.definition is None:
            message = f"{self.name} has no definition"
            raise TypeError(message)
        return self.definition

    @property
    def type(self) -> GraphQLNamedOutputType:
        """The type of the field without its lists and exclamation marks."""
        return named_output(self.field.type)

    def arguments(self, variables: Mapping[str, Any]) -> dict[str, Any]:
        """Return the coerced arguments, all defaults applied."""
        return get_argument_values(self.field, self.nodes[0], values_of(variables))

    def given(self, variables: Mapping[str, Any]) -> set[str]:
        """Return the names of the arguments that the document really gives: a default is not given."""
        return {
            argument.name.value
            for argument in self.nodes[0].arguments or ()
            if not (isinstance(argument.value, VariableNode) and argument.value.name.value not in variables)
        }

    @property
    def variables(self) -> list[str]:
        """The names of the variables that arguments depend on, each as often as it stands there."""
        return [name for argument in self.nodes[0].arguments or () for name in variables_in(argument)]

    def variable_of(self, name: str) -> str | None:
        """Return the variable that is all of an argument, and of no other; None where there is none."""
        found = [each.value for each in self.nodes[0].arguments or () if each.name.value == name]
        variable = found[0].name.value if found and isinstance(found[0], VariableNode) else ""
        return variable if self.variables.count(variable) == 1 else None


class Document:
    """One operation's document, under the variables that decide its shape."""

    def __init__(self, schema: GraphQLSchema, fragments: Fragments, variables: Mapping[str, Any]) -> None:
        self.schema = schema
        self._fragments = fragments
        self._variables = values_of(variables)

    def fields(self, kind: GraphQLObjectType, nodes: Iterable[FieldNode]) -> list[Asked]:
        """Return what is asked of ``kind`` below these nodes, in response order, each response key once."""
        return self.merged(
            kind, (each for node in nodes if node.selection_set for each in node.selection_set.selections)
        )

    def merged(self, kind: GraphQLObjectType, selections: Iterable[SelectionNode]) -> list[Asked]:
        """Return what is asked of ``kind`` by these selections, in response order, each response key once."""
        found: dict[str, list[FieldNode]] = {}
        seen: set[str] = set()
        for node in self._flat(kind, selections, seen):
            found.setdefault(node.alias.value if node.alias else node.name.value, []).append(node)
        return [
            Asked(key, nodes[0].name.value, kind.name, kind.fields.get(nodes[0].name.value), tuple(nodes))
            for key, nodes in found.items()
        ]

    def possible(self, kind: GraphQLNamedOutputType) -> list[GraphQLObjectType]:
        """Return the concrete types that a value of ``kind`` may have."""
        if isinstance(kind, GraphQLObjectType):
            return [kind]
        return list(self.schema.get_possible_types(kind)) if is_abstract_type(kind) else []

    def concrete(self, type_name: str) -> GraphQLObjectType:
        """Return the object type of this name.

        Raises:
            TypeError: there is none.
        """
        kind = self.schema.get_type(type_name)
        if not isinstance(kind, GraphQLObjectType):
            message = f"{type_name} is not an object type of the schema"
            raise TypeError(message)
        return kind

    def _flat(
        self, kind: GraphQLObjectType, selections: Iterable[SelectionNode], seen: set[str]
    ) -> Iterator[FieldNode]:
        """Yield the field nodes that apply to ``kind``; each fragment is entered once."""
        for node in selections:
            if not self._is_wanted(node):
                continue
            if isinstance(node, FieldNode):
                yield node
            elif isinstance(node, InlineFragmentNode):
                if node.type_condition is None or self._applies(kind, node.type_condition.name.value):
                    yield from self._flat(kind, node.selection_set.selections, seen)
            elif isinstance(node, FragmentSpreadNode) and node.name.value not in seen:
                seen.add(node.name.value)
                fragment = self._fragments[node.name.value]
                if self._applies(kind, fragment.type_condition.name.value):
                    yield from self._flat(kind, fragment.selection_set.selections, seen)

    def _is_wanted(self, node: SelectionNode) -> bool:
        """Say whether @skip and @include let the node through."""
        if not node.directives:
            return True
        skip = get_directive_values(GraphQLSkipDirective, node, self._variables)
        if skip is not None and skip["if"]:
            return False
        include = get_directive_values(GraphQLIncludeDirective, node, self._variables)
        return include is None or bool(include["if"])

    def _applies(self, kind: GraphQLObjectType, condition: str) -> bool:
        """Say whether an object of ``kind`` meets a type condition."""
        if kind.name == condition:
            return True
        named = self.schema.get_type(condition)
        return is_abstract_type(named) and self.schema.is_sub_type(named, kind)


def named_output(kind: GraphQLOutputType) -> GraphQLNamedOutputType:
    """Return a type without its lists and exclamation marks."""
    return cast("GraphQLNamedOutputType", get_named_type(kind))


def values_of(variables: Mapping[str, Any]) -> VariableValues:
    """Return coerced variables in the form that graphql-core reads."""
    return VariableValues({}, dict(variables))


def shape_variables(nodes: Iterable[Node], fragments: Fragments) -> tuple[str, ...]:
    """Return the variables that @skip and @include depend on: they decide the shape of the answer."""
    found = {
        name
        for node in reachable(nodes, fragments)
        for directive in getattr(node, "directives", None) or ()
        for name in variables_in(directive)
    }
    return tuple(sorted(found))


def reachable(nodes: Iterable[Node], fragments: Fragments) -> Iterator[Node]:
    """Yield every selection below the nodes, those of fragments included, each fragment once."""
    pending = list(nodes)
    seen: set[str] = set()
    while pending:
        node = pending.pop()
        yield node
        if isinstance(node, FragmentSpreadNode) and node.name.value not in seen:
            seen.add(node.name.value)
            pending.append(fragments[node.name.value])
        selection_set = getattr(node, "selection_set", None)
        if selection_set is not None:
            pending.extend(selection_set.selections)


def variables_in(node: Node) -> Iterator[str]:
    """Yield the names of the variables in an argument, a directive or a value."""
    pending: list[Any] = [node]
    while pending:
        each = pending.pop()
        if isinstance(each, VariableNode):
            yield each.name.value
        elif isinstance(each, Node):
            pending.extend(getattr(each, key, None) for key in ("arguments", "value", "values", "fields"))
        elif isinstance(each, list | tuple):
            pending.extend(each)
