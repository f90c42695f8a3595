"""What does the schema say about itself? Introspection goes through graphql-core's own executor."""

from collections.abc import Mapping
from typing import Any

from graphql import (
    DocumentNode,
    GraphQLError,
    GraphQLSchema,
    OperationDefinitionNode,
    OperationType,
    SelectionSetNode,
    VariableDefinitionNode,
    execute_sync,
)

from graphql_api.planner.selection import Asked, Fragments, reachable, variables_in


def introspect(
    schema: GraphQLSchema,
    asked: Asked,
    definitions: tuple[VariableDefinitionNode, ...],
    fragments: Fragments,
    variables: Mapping[str, Any],
) -> tuple[Any, list[GraphQLError]]:
    """Return the value of ``__schema`` or ``__type`` and its errors.

    Only names and truth values are arguments there, so that coerced variables can be coerced again.
    """
    used = {
        name
        for node in reachable(asked.nodes, fragments)
        for part in (*(getattr(node, "arguments", None) or ()), *(getattr(node, "directives", None) or ()))
        for name in variables_in(part)
    }
    operation = OperationDefinitionNode(
        operation=OperationType.QUERY,
        variable_definitions=tuple(each for each in definitions if each.variable.name.value in used),
        directives=(),
        selection_set=SelectionSetNode(selections=asked.nodes),
    )
    result = execute_sync(
        schema,
        DocumentNode(definitions=(operation, *fragments.values())),
        variable_values={name: value for name, value in variables.items() if name in used},
    )
    return (result.data or {}).get(asked.key), list(result.errors or ())
