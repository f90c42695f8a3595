"""Which root fields does an operation ask for, under which response keys?"""

from collections.abc import Mapping

from graphql import (
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLIncludeDirective,
    GraphQLSkipDirective,
    InlineFragmentNode,
    OperationDefinitionNode,
    SelectionNode,
    SelectionSetNode,
    get_directive_values,
)
from graphql.execution.values import VariableValues

# The fields that answer from the schema alone: they need no key, no plan and no database.
META_FIELDS = frozenset({"__schema", "__type"})
TYPE_NAME = "__typename"
NO_VALUES = VariableValues({}, {})
"""The values of an operation that has no variables."""


def root_fields(
    operation: OperationDefinitionNode,
    fragments: Mapping[str, FragmentDefinitionNode],
    variables: VariableValues,
) -> dict[str, list[FieldNode]]:
    """Return the nodes of each response key, in the order of the document (specification, 6.3.2)."""
    found: dict[str, list[FieldNode]] = {}
    spread: set[str] = set()

    def collect(selection_set: SelectionSetNode) -> None:
        for node in selection_set.selections:
            if not _is_included(node, variables):
                continue
            if isinstance(node, FieldNode):
                found.setdefault((node.alias or node.name).value, []).append(node)
            elif isinstance(node, InlineFragmentNode):
                collect(node.selection_set)
            elif isinstance(node, FragmentSpreadNode) and node.name.value not in spread:
                spread.add(node.name.value)
                collect(fragments[node.name.value].selection_set)

    collect(operation.selection_set)
    return found


def fixed_root_fields(
    operation: OperationDefinitionNode, fragments: Mapping[str, FragmentDefinitionNode]
) -> dict[str, list[FieldNode]] | None:
    """Return what ``root_fields`` returns whatever the variables are, None where they may decide."""
    pending = list(operation.selection_set.selections)
    spread: set[str] = set()
    while pending:
        node = pending.pop()
        if node.directives:
            return None
        if isinstance(node, InlineFragmentNode):
            pending += node.selection_set.selections
        elif isinstance(node, FragmentSpreadNode) and node.name.value not in spread:
            spread.add(node.name.value)
            pending += fragments[node.name.value].selection_set.selections
    return root_fields(operation, fragments, NO_VALUES)


def _is_included(node: SelectionNode, variables: VariableValues) -> bool:
    """Say whether @skip and @include let a selection through."""
    if not node.directives:
        return True
    skip = get_directive_values(GraphQLSkipDirective, node, variables)
    include = get_directive_values(GraphQLIncludeDirective, node, variables)
    return not (skip and skip["if"]) and not (include and not include["if"])
