"""What does a text say, and may it be run?

Parsed, measured, validated: once for each text, and kept for the next request with the same one. A refusal
is kept too, so that a client which repeats a bad document costs as little.
"""

import functools
import threading
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    GraphQLError,
    GraphQLSchema,
    GraphQLSyntaxError,
    NamedTypeNode,
    NonNullTypeNode,
    OperationDefinitionNode,
    OperationType,
    VariableDefinitionNode,
    parse,
    specified_rules,
    validate,
)
from graphql.execution.values import VariableValues
from graphql.validation import OverlappingFieldsCanBeMergedRule

from graphql_api.errors import ErrorCode, RequestRefused, refused
from graphql_api.limits import Analysis, analyse
from graphql_api.operation.merging import FieldsCanMerge
from graphql_api.operation.pace import Pace
from graphql_api.operation.root import META_FIELDS, TYPE_NAME, fixed_root_fields
from graphql_api.planner.backing import RootViewer, source_of
from graphql_api.settings import Settings
from models.access import Viewer

_RULES = (*(rule for rule in specified_rules if rule is not OverlappingFieldsCanBeMergedRule), FieldsCanMerge)

_STRINGS = frozenset({"ID", "String"})


@dataclass(frozen=True)
class Operation:
    """An operation, and what is known of it before anybody asks.

    ``roots`` are its root fields, None where variables decide. ``is_of_viewer`` says that whatever they are,
    who asks is all that the answer depends on: no database is asked; ``is_plain``, that it asks the database,
    and not the schema about itself, which takes its time. ``answers`` are what was told to whom, ``values``
    what variables that are no objects and lists were coerced to, ``pace`` is how long answers took.
    """

    node: OperationDefinitionNode
    analysis: Analysis
    roots: dict[str, list[FieldNode]] | None
    is_of_viewer: bool
    is_plain: bool
    answers: dict[Viewer, Sequence[bytes]] = field(default_factory=dict)
    values: dict[tuple[Any, ...], VariableValues] = field(default_factory=dict)
    pace: Pace = field(default_factory=Pace)

    @functools.cached_property
    def names(self) -> frozenset[str]:
        """The variables that it declares."""
        return frozenset(each.variable.name.value for each in self.node.variable_definitions or ())

    @functools.cached_property
    def texts(self) -> frozenset[str]:
        """The variables that are strings: such a value is coerced to itself."""
        named = {
            each.variable.name.value: each.type.type if isinstance(each.type, NonNullTypeNode) else each.type
            for each in self.node.variable_definitions or ()
        }
        return frozenset(
            name
            for name, kind in named.items()
            if isinstance(kind, NamedTypeNode) and kind.name.value in _STRINGS
        )


@dataclass(frozen=True)
class Document:
    """A text that may be run: its operations with what they ask for, and its fragments, by name."""

    text: str
    operations: Mapping[str | None, Operation]
    fragments: dict[str, FragmentDefinitionNode]
    analyses: Mapping[str | None, Analysis]

    def operation(self, name: str | None) -> Operation:
        """Return the operation to run: the named one, or the only one.

        Raises:
            RequestRefused: there is no such operation, or there are several and none is named.
        """
        chosen = name or None
        if chosen is None and len(self.operations) == 1:
            (only,) = self.operations.values()
            return only
        if chosen not in self.operations:
            names = ", ".join(str(each) for each in self.operations)
            message = (
                f"The document has several operations; name one as operationName: {names}."
                if not name
                else f"The document has no operation {name!r}; it has {names}."
                if None not in self.operations
                else f"The document has no operation {name!r}; its one operation has no name."
            )
            raise refused(ErrorCode.GRAPHQL_VALIDATION_FAILED, message, HTTPStatus.UNPROCESSABLE_ENTITY)
        return self.operations[chosen]


@dataclass(frozen=True)
class Unfit:
    """A text that may not be run: why, and what its operations ask for, where that could be measured.

    What is told to a caller with a key may name parts of the schema that were not asked for ("Did you mean");
    nobody else is helped to guess.
    """

    refusal: RequestRefused
    helpful: RequestRefused
    analyses: Mapping[str | None, Analysis]


class Documents:
    """The documents of late, least recently used last; bounded in number and in characters."""

    def __init__(self, schema: GraphQLSchema, settings: Settings) -> None:
        self._schema = schema
        self._settings = settings
        self._lock = threading.Lock()
        self._kept: OrderedDict[str, Document | Unfit] = OrderedDict()
        self._chars = 0

    def __len__(self) -> int:
        """Return how many documents are kept."""
        return len(self._kept)

    def find(self, text: str, *, helps: bool = True) -> Document:
        """Return the document of a text; ``helps`` lets a refusal suggest names of the schema.

        Raises:
            RequestRefused: it cannot be parsed, asks for too much, or does not fit the schema.
        """
        found = self._found(text)
        if isinstance(found, Unfit):
            refusal = found.helpful if helps else found.refusal
            # A fresh one each time: a raised exception holds on to the frames it passed.
            raise RequestRefused(refusal.errors, refusal.status)
        return found

    def kept(self, text: str) -> Document | None:
        """Return the document of a text that has been found fit before, None for any other text."""
        with self._lock:
            found = self._kept.get(text)
            if not isinstance(found, Document):
                return None
            self._kept.move_to_end(text)
            return found

    def analysis(self, text: str, name: str | None) -> Analysis | None:
        """Return what an operation of a text asks for, None where that is not known."""
        analyses = self._found(text).analyses
        if not name and len(analyses) == 1:
            (only,) = analyses.values()
            return only
        return analyses.get(name or None)

    def _found(self, text: str) -> Document | Unfit:
        """Return what a text is, which is found out once."""
        with self._lock:
            found = self._kept.get(text)
            if found is not None:
                self._kept.move_to_end(text)
        if found is None:
            found = self._prepare(text)
            self._keep(text, found)
        return found

    def _keep(self, text: str, found: Document | Unfit) -> None:
        """Keep what a text turned out to be, and let the longest unused go.

        A text that is refused for its length is not kept: it would put all others out.
        """
        if len(text) > self._settings.max_document_chars:
            return
        with self._lock:
            if text not in self._kept:
                self._chars += len(text)
            self._kept[text] = found
            settings = self._settings
            while (
                len(self._kept) > settings.document_cache_entries
                or self._chars > settings.document_cache_chars
            ):
                gone, _ = self._kept.popitem(last=False)
                self._chars -= len(gone)

    def _prepare(self, text: str) -> Document | Unfit:
        """Parse, measure and validate a text."""
        try:
            node = self._parse(text)
            analyses = analyse(node, self._schema, self._settings)
        except RequestRefused as refusal:
            return Unfit(refusal, refusal, {})
        passed = next((each.refusal for each in analyses.values() if each.refusal is not None), None)
        if passed is not None:
            return Unfit(passed, passed, analyses)
        try:
            errors = self._errors(node, helps=False)
            if errors:
                helpful = self._errors(node, helps=True)
                return Unfit(_invalid(errors), _invalid(helpful), analyses)
        except RequestRefused as refusal:
            return Unfit(refusal, refusal, analyses)
        fragments = {
            each.name.value: each for each in node.definitions if isinstance(each, FragmentDefinitionNode)
        }
        operations = {
            name: self._operation(each, fragments, analyses[name])
            for each in node.definitions
            if isinstance(each, OperationDefinitionNode)
            for name in (each.name.value if each.name else None,)
        }
        if not operations:
            message = "The document has fragments only; add an operation that uses them."
            status = HTTPStatus.UNPROCESSABLE_ENTITY
            empty = refused(ErrorCode.GRAPHQL_VALIDATION_FAILED, message, status)
            return Unfit(empty, empty, analyses)
        return Document(text, operations, fragments, analyses)

    def _operation(
        self, node: OperationDefinitionNode, fragments: dict[str, FragmentDefinitionNode], analysis: Analysis
    ) -> Operation:
        """Return what can be said of an operation before anybody asks."""
        roots = fixed_root_fields(node, fragments)
        root, names = self._schema.query_type, {nodes[0].name.value for nodes in (roots or {}).values()}
        names.discard(TYPE_NAME)
        if root is None or node.operation is not OperationType.QUERY or not names or names & META_FIELDS:
            return Operation(node, analysis, roots, is_of_viewer=False, is_plain=False)
        is_of_viewer = all(isinstance(source_of(root.fields[name]), RootViewer) for name in names)
        return Operation(node, analysis, roots, is_of_viewer, not is_of_viewer)

    def _errors(self, node: DocumentNode, *, helps: bool) -> list[GraphQLError]:
        """Return the first few errors of a document, with the library's suggestions or without."""
        count = self._settings.max_validation_errors
        errors = validate(self._schema, node, _RULES, max_errors=count, hide_suggestions=not helps)
        return errors[:count]

    def _parse(self, text: str) -> DocumentNode:
        """Return the parsed text.

        Raises:
            RequestRefused: it is not GraphQL, or too long.
        """
        settings = self._settings
        if len(text) > settings.max_document_chars:
            raise _too_long(len(text), settings.max_document_chars, "characters")
        try:
            return parse(text, max_lexical_tokens=settings.max_document_tokens)
        except GraphQLSyntaxError as error:
            # The parser has no class of its own for this; the words are its whole message.
            if f"more than {settings.max_document_tokens} " in error.message:
                raise _too_long(
                    settings.max_document_tokens + 1, settings.max_document_tokens, "tokens"
                ) from None
            raise _with_code([error], ErrorCode.GRAPHQL_PARSE_FAILED, HTTPStatus.BAD_REQUEST) from None


def _too_long(count: int, limit: int, unit: str) -> RequestRefused:
    """Return the refusal of a document that is too long to be looked at."""
    message = f"The document has {count} {unit} or more, {limit} is the limit: ask in several operations."
    return refused(
        ErrorCode.COST_LIMIT_EXCEEDED, message, HTTPStatus.UNPROCESSABLE_ENTITY, limit=(count, limit)
    )


def _invalid(errors: list[GraphQLError]) -> RequestRefused:
    """Return the refusal of a document that does not fit the schema.

    Where nothing is wrong but variables that it never uses, the status is that of wrong variables: the audit
    suite of GraphQL over HTTP (86EE) asks for the latter with such a document.
    """
    is_of_variables = all(
        isinstance(node, VariableDefinitionNode) for error in errors for node in error.nodes or (None,)
    )
    status = HTTPStatus.BAD_REQUEST if is_of_variables else HTTPStatus.UNPROCESSABLE_ENTITY
    return _with_code(errors, ErrorCode.GRAPHQL_VALIDATION_FAILED, status)


def _with_code(errors: list[GraphQLError], code: ErrorCode, status: HTTPStatus) -> RequestRefused:
    """Return the refusal that the library's errors stand for."""
    for error in errors:
        error.extensions = {**(error.extensions or {}), "code": str(code)}
    return RequestRefused(errors, status)
