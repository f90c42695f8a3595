"""What exactly is asked: which operation, by whom, with which values, and may it be?"""

from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, Final

from graphql import (
    FieldNode,
    GraphQLError,
    GraphQLSchema,
    OperationDefinitionNode,
    OperationType,
    get_variable_values,
)
from graphql.execution.values import VariableValues, VariableValueSource

from graphql_api.auth import require_viewer
from graphql_api.cost import Cost, check_cost, cost_limit
from graphql_api.errors import ErrorCode, RequestRefused, refused
from graphql_api.limits import Analysis, check_variables
from graphql_api.operation.document import Document, Operation
from graphql_api.operation.reply import Question
from graphql_api.operation.root import META_FIELDS, NO_VALUES, TYPE_NAME, root_fields
from graphql_api.settings import Settings
from models.access import Viewer

_OF_SCHEMA = META_FIELDS | {TYPE_NAME}
_NUMBERS = frozenset({int, bool, type(None)})
# Of one operation, and of so few variables: clients ask with a few page sizes.
_MOST_VALUES = 64
_MOST_NAMES = 16


@dataclass(slots=True)
class Asked:
    """An operation that may be run: its values are coerced, its cost is within the viewer's limit."""

    question: Final[Question]
    document: Final[Document]
    chosen: Final[Operation]
    values: Final[VariableValues]
    caller: Final[Viewer | None]
    cost: Final[Cost]

    @property
    def operation(self) -> OperationDefinitionNode:
        """The operation's node."""
        return self.chosen.node

    @property
    def roots(self) -> dict[str, list[FieldNode]]:
        """The nodes of each response key."""
        fixed = self.chosen.roots
        return root_fields(self.operation, self.document.fragments, self.values) if fixed is None else fixed

    @property
    def variables(self) -> dict[str, Any]:
        """The coerced values by name."""
        return self.values.coerced

    @property
    def viewer(self) -> Viewer:
        """Who is asking.

        Raises:
            RequestRefused: nobody who said so.
        """
        return require_viewer(self.caller)

    @property
    def is_of_schema_only(self) -> bool:
        """Whether the schema alone can answer."""
        if self.chosen.is_of_viewer or self.chosen.is_plain:
            return False
        return all(nodes[0].name.value in _OF_SCHEMA for nodes in self.roots.values())


def admit(
    document: Document, question: Question, caller: Viewer | None, schema: GraphQLSchema, settings: Settings
) -> Asked:
    """Return what is asked, once nothing speaks against answering it.

    Raises:
        RequestRefused: no such operation, a command by GET, unusable variables, or too high a cost.
    """
    chosen = document.operation(question.operation_name)
    operation = chosen.node
    if question.only_queries and operation.operation is not OperationType.QUERY:
        message = f"A {operation.operation.value} cannot be sent by GET; use POST with a JSON body."
        refusal = refused(ErrorCode.BAD_USER_INPUT, message, HTTPStatus.METHOD_NOT_ALLOWED)
        raise RequestRefused(refusal.errors, refusal.status, headers={"Allow": "POST"}, of_transport=True)
    values = _known_values(chosen, question, caller, schema, settings)
    cost = price(chosen.analysis, values.coerced, caller, settings)
    asked = Asked(question, document, chosen, values, caller, cost)
    if not asked.is_of_schema_only or operation.operation is not OperationType.QUERY:
        require_viewer(caller)
    if operation.operation is OperationType.SUBSCRIPTION and len(asked.roots) != 1:
        message = "A subscription needs its field; @skip or @include left it out."
        raise refused(ErrorCode.BAD_USER_INPUT, message, HTTPStatus.BAD_REQUEST)
    check_cost(cost)
    return asked


def _known_values(
    chosen: Operation, question: Question, caller: Viewer | None, schema: GraphQLSchema, settings: Settings
) -> VariableValues:
    """Return the coerced values of the variables; of numbers and strings alone, as far as known from before.

    Raises:
        RequestRefused: they do not fit, are nested too deeply or hold too long a list.
    """
    if not question.variables and not chosen.node.variable_definitions:
        return NO_VALUES
    if caller is None or len(question.variables) > _MOST_NAMES:
        # Whoever has no key is to fill no memory.
        return _values(chosen.node, question, caller, schema, settings)
    texts: dict[str, str] = {}
    told: list[tuple[str, type, Any]] = []
    for name, value in question.variables.items():
        kind = type(value)
        if kind is str and name in chosen.texts:
            texts[name] = value
            told.append((name, kind, None))
        elif kind in _NUMBERS:
            # JSON's true is no number, though Python's is one. What is not declared is not looked at.
            if name in chosen.names:
                told.append((name, kind, value))
        else:
            return _values(chosen.node, question, caller, schema, settings)
    given = tuple(told)
    found = chosen.values.get(given)
    if found is None:
        found = _values(chosen.node, question, caller, schema, settings)
        if len(chosen.values) >= _MOST_VALUES:
            chosen.values.clear()
        chosen.values[given] = found
    return _with_texts(found, texts) if texts else found


def _with_texts(known: VariableValues, texts: Mapping[str, str]) -> VariableValues:
    """Return values with other strings."""
    sources = {name: VariableValueSource(known.sources[name].signature, text) for name, text in texts.items()}
    return VariableValues({**known.sources, **sources}, {**known.coerced, **texts})


def _values(
    operation: OperationDefinitionNode,
    question: Question,
    caller: Viewer | None,
    schema: GraphQLSchema,
    settings: Settings,
) -> VariableValues:
    """Return the coerced values of the variables.

    Raises:
        RequestRefused: they do not fit, are nested too deeply or hold too long a list.
    """
    if question.variables:
        check_variables(question.variables, settings)
    if not operation.variable_definitions:
        return NO_VALUES
    values = get_variable_values(
        schema,
        operation.variable_definitions,
        dict(question.variables),
        max_errors=settings.max_validation_errors,
        hide_suggestions=caller is None,
    )
    if not isinstance(values, VariableValues):
        raise RequestRefused(
            [_unusable(error) for error in values[: settings.max_validation_errors]], HTTPStatus.BAD_REQUEST
        )
    return values


def price(
    analysis: Analysis, variables: Mapping[str, Any], caller: Viewer | None, settings: Settings
) -> Cost:
    """Return what an operation costs with these variables, and what the caller may spend."""
    return Cost(analysis.price.of(variables, settings), cost_limit(caller, settings))


def _unusable(error: GraphQLError) -> GraphQLError:
    """Return the library's error about a variable with its code."""
    error.extensions = {**(error.extensions or {}), "code": str(ErrorCode.BAD_USER_INPUT)}
    return error
