"""How much does a document ask for, and is that too much?

One pass over a parsed document, before it is validated, finds depth, fields, aliases, directives and pages.
A fragment is looked at once, however often it is spread, so that the work is linear in the document: thirty
fragments that each spread the next one twice are refused as fast as any other document. Unknown and circular
fragments are left to validation, which names them.

What is asked of the schema itself is held to the shape of the query that schema explorers send: nothing asks
for more than they do.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from http import HTTPStatus
from typing import Any, cast

from graphql import (
    ArgumentNode,
    DirectiveNode,
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLArgument,
    GraphQLInterfaceType,
    GraphQLNamedType,
    GraphQLObjectType,
    GraphQLSchema,
    InlineFragmentNode,
    IntValueNode,
    ListValueNode,
    Node,
    NullValueNode,
    ObjectValueNode,
    OperationDefinitionNode,
    SelectionSetNode,
    ValueNode,
    VariableNode,
    get_named_type,
    value_from_ast_untyped,
)

from graphql_api.cost import Load, Page, Price
from graphql_api.errors import ErrorCode, RequestRefused, graphql_error
from graphql_api.settings import Settings

# The frame of a connection: it nests, but it asks for nothing.
_FRAME = frozenset({"edges", "node", "nodes"})
# Lists of the introspection schema multiply: most lead on to types, and so to further such lists. There are
# many types, but they are asked for once; there are few arguments to a field. A type's description is one
# value, but a long one, which every field of the type would repeat.
_META_LISTS = {
    "types": 1,
    "args": 1,
    "fields": 2,
    "inputFields": 2,
    "interfaces": 2,
    "possibleTypes": 2,
    "enumValues": 2,
}
# Types, their fields, and the arguments of those: what schema explorers ask for.
_META_LISTS_NESTED = 4
_NESTED = "{n} deep in introspection lists (`types` and `args` count 1; others, and a type's description, 2)"
# The schema as a whole, or two types to be compared.
_META_ROOTS_ASKED = 2
# GraphiQL unwraps nine levels of lists and non-nulls; a dozen more are room.
_META_DEPTH = 20
_META_ROOTS = frozenset({"__schema", "__type"})


@dataclass
class _Sums:
    """What a selection set asks for, fragments expanded."""

    fields: int = 0
    aliases: int = 0
    width: int = 0
    depth: int = 0
    meta_depth: int = 0
    meta_lists: int = 0
    meta_roots: int = 0
    meta_aliases: int = 0
    type_lists: int = 0
    load: list[Page | Load] = field(default_factory=list)


@dataclass(frozen=True)
class Analysis:
    """What an operation asks for: figures for the docs and the log, and the pages for ``cost_of``.

    ``defaults`` are the values of variables that a request leaves out. ``refusal`` is the first limit passed.
    """

    depth: int
    fields: int
    aliases: int
    root_fields: int
    load: Load
    defaults: Mapping[str, Any]
    refusal: RequestRefused | None

    @cached_property
    def price(self) -> Price:
        """What the operation costs."""
        return Price(self.load, self.defaults)


def analyse(document: DocumentNode, schema: GraphQLSchema, settings: Settings) -> dict[str | None, Analysis]:
    """Return what each operation of a document asks for, by its name.

    Raises:
        RequestRefused: it cannot be measured, or passes a limit that holds for the whole document.
    """
    walk = _Walk(document, schema, settings)
    found: dict[str | None, Analysis] = {}
    try:
        for definition in document.definitions:
            if isinstance(definition, OperationDefinitionNode):
                found[definition.name.value if definition.name else None] = walk.operation(definition)
    except RecursionError:
        message = "The document is nested too deeply to be read; ask in several operations."
        raise _refused(ErrorCode.DEPTH_LIMIT_EXCEEDED, message) from None
    return found


class _Walk:
    """The pass over one document."""

    def __init__(self, document: DocumentNode, schema: GraphQLSchema, settings: Settings) -> None:
        self.schema = schema
        self.settings = settings
        self.fragments = {
            each.name.value: each for each in document.definitions if isinstance(each, FragmentDefinitionNode)
        }
        self.known: dict[str, _Sums] = {}
        self.directives = 0

    def operation(self, node: OperationDefinitionNode) -> Analysis:
        """Measure one operation and hold it to the limits."""
        self.check_directives(node, node.directives)
        sums = self.selection(node.selection_set, self.schema.get_root_type(node.operation))
        defaults = {
            each.variable.name.value: value_from_ast_untyped(each.default_value)
            for each in node.variable_definitions or ()
            if each.default_value
        }
        refusal = self.refusal(sums, node)
        return Analysis(
            sums.depth, sums.fields, sums.aliases, sums.width, tuple(sums.load), defaults, refusal
        )

    def selection(self, selection_set: SelectionSetNode | None, parent: GraphQLNamedType | None) -> _Sums:
        """Measure one selection set of the type ``parent``, None where the schema does not know it."""
        sums = _Sums()
        for node in selection_set.selections if selection_set else ():
            self.check_directives(node, node.directives)
            if isinstance(node, FieldNode):
                self.field(sums, node, parent)
            elif isinstance(node, FragmentSpreadNode):
                _add(sums, self.fragment(node.name.value))
            elif isinstance(node, InlineFragmentNode):
                narrowed = node.type_condition
                inner = self.schema.get_type(narrowed.name.value) if narrowed else parent
                _add(sums, self.selection(node.selection_set, inner))
        return sums

    def fragment(self, name: str) -> _Sums:
        """Measure a fragment once. One that is unknown, or inside itself, counts nothing."""
        known = self.known.get(name)
        definition = self.fragments.get(name)
        if known is not None or definition is None:
            return known or _Sums()
        self.known[name] = _Sums()
        self.check_directives(definition, definition.directives)
        parent = self.schema.get_type(definition.type_condition.name.value)
        sums = self.known[name] = self.selection(definition.selection_set, parent)
        sums.load = [tuple(sums.load)] if sums.load else []
        return sums

    def field(self, sums: _Sums, node: FieldNode, parent: GraphQLNamedType | None) -> None:
        """Add a field and what is below it."""
        name = node.name.value
        for argument in node.arguments or ():
            conditions = self.check_lists(argument.value)
            # A condition costs the database what a field costs the answer, and more.
            sums.fields += conditions if argument.name.value == "where" else 0
        inner = self.selection(node.selection_set, self.type_of(name, parent))
        sums.fields += 1 + inner.fields
        sums.aliases += (node.alias is not None) + inner.aliases
        sums.width += 1
        sums.type_lists += inner.type_lists + (name == "types" and _is_meta(parent))
        sums.meta_aliases += inner.meta_aliases
        if _is_meta(parent):
            sums.meta_lists = max(sums.meta_lists, inner.meta_lists + _weight(name, parent))
            sums.meta_depth = max(sums.meta_depth, 1 + inner.meta_depth)
            sums.meta_aliases += node.alias is not None
            return
        sums.meta_roots += inner.meta_roots + (name in _META_ROOTS)
        sums.meta_lists = max(sums.meta_lists, inner.meta_lists)
        sums.meta_depth = max(sums.meta_depth, inner.meta_depth)
        is_frame = name in _FRAME and not node.arguments
        sums.depth = max(sums.depth, inner.depth + (not is_frame))
        self.add_load(sums, node, parent, tuple(inner.load))

    def add_load(self, sums: _Sums, node: FieldNode, parent: GraphQLNamedType | None, inner: Load) -> None:
        """Add the page of a field that has one, else the pages below it."""
        definition = self.definition_of(node.name.value, parent)
        arguments = {argument.name.value: argument for argument in node.arguments or ()}
        listed = arguments.get("ids") or arguments.get("inputs")
        if listed is None and parent is self.schema.query_type:
            # A document to be priced: its lines are what it costs.
            listed = arguments.get("input")
        if listed is not None:
            sums.load.append(Page((_count_of(listed.value),), self.settings.default_page_size, inner))
        elif (
            "first" in arguments or "last" in arguments or (definition is not None and "first" in definition)
        ):
            # As the planner reads them: null is not given.
            given = [arguments[name] for name in ("first", "last") if name in arguments]
            sizes = tuple(_size_of(each) for each in given if not isinstance(each.value, NullValueNode))
            sums.load.append(Page(sizes, self.default_size(definition), inner))
        elif inner:
            sums.load.append(inner)

    def definition_of(
        self, name: str, parent: GraphQLNamedType | None
    ) -> Mapping[str, GraphQLArgument] | None:
        """Return the arguments of a field, None for a field that the schema does not know."""
        if isinstance(parent, GraphQLObjectType | GraphQLInterfaceType) and name in parent.fields:
            arguments: Mapping[str, GraphQLArgument] = parent.fields[name].args
            return arguments
        return None

    def default_size(self, arguments: Mapping[str, GraphQLArgument] | None) -> int:
        """Return how many items a field has where nothing is said: a page, or so many groups."""
        is_grouped = arguments is not None and "by" in arguments
        return self.settings.max_page_size if is_grouped else self.settings.default_page_size

    def type_of(self, name: str, parent: GraphQLNamedType | None) -> GraphQLNamedType | None:
        """Return the type that a field of ``parent`` leads to."""
        if name in _META_ROOTS:
            return self.schema.get_type("__Schema" if name == "__schema" else "__Type")
        if isinstance(parent, GraphQLObjectType | GraphQLInterfaceType) and name in parent.fields:
            return cast("GraphQLNamedType", get_named_type(parent.fields[name].type))
        return None

    def check_directives(self, node: Node, directives: tuple[DirectiveNode, ...] | None) -> None:
        """Count directives, on this node and in the document."""
        count_here = len(directives or ())
        self.directives += count_here
        limits = ((count_here, self.settings.max_directives_per_node, "on one node"),
                  (self.directives, self.settings.max_directives, "in one document"))  # fmt: skip
        for count, limit, where in limits:
            if count > limit:
                message = f"There are {count} directives {where}, {limit} are allowed; leave some out."
                raise _refused(ErrorCode.COST_LIMIT_EXCEEDED, message, node, limit=(count, limit))

    def check_lists(self, given: ValueNode) -> int:
        """Refuse a list literal with too many items; return how many fields of input objects there are."""
        pending, fields = [given], 0
        while pending:
            value = pending.pop()
            if isinstance(value, ListValueNode):
                _check_length(len(value.values), self.settings, value)
                pending += value.values
            elif isinstance(value, ObjectValueNode):
                pending += [each.value for each in value.fields]
                fields += len(value.fields)
        return fields

    def refusal(self, sums: _Sums, node: OperationDefinitionNode) -> RequestRefused | None:
        """Return the refusal at the first limit that an operation passes: the number, and the way out."""
        settings, cost, depth = self.settings, ErrorCode.COST_LIMIT_EXCEEDED, ErrorCode.DEPTH_LIMIT_EXCEEDED
        by_name, in_parts = "ask for a type by its name", "ask in several operations"
        table = (
            (depth, sums.depth, settings.max_depth, "{n} fields deep", "ask for the deeper part by its id"),
            (depth, sums.meta_depth, _META_DEPTH, "{n} introspection fields deep", "unwrap fewer types"),
            (depth, sums.meta_lists, _META_LISTS_NESTED, _NESTED, by_name),
            (cost, sums.meta_roots, _META_ROOTS_ASKED, "asking for the schema {n} times", in_parts),
            (cost, sums.meta_aliases, 0, "using {n} aliases inside introspection", "use the fields' names"),
            (cost, sums.type_lists, 1, "asking for the list of types {n} times", "ask for it once"),
            (cost, sums.width, settings.max_root_fields, "{n} root fields wide", in_parts),
            (cost, sums.aliases, settings.max_aliases, "using {n} aliases", in_parts),
            (cost, sums.fields, settings.max_fields, "{n} fields large", "ask for fewer fields at once"),
        )
        for code, count, limit, words, way_out in table:
            if count > limit:
                said = words.replace("{n}", str(count) if count < _UNCOUNTED else f"more than {_UNCOUNTED:,}")
                message = f"The operation is {said}, fragments expanded; {limit} is the limit: {way_out}."
                return _refused(code, message, node, limit=(min(count, _UNCOUNTED), limit))
        return None


# Doubling fragments make numbers that nobody reads, and that no JSON integer holds.
_UNCOUNTED = 1_000_000


def check_variables(variables: Mapping[str, Any], settings: Settings) -> None:
    """Refuse variables that are nested too deeply, or that hold too long a list.

    Raises:
        RequestRefused: BAD_USER_INPUT.
    """
    pending: list[tuple[Any, int]] = [(value, 1) for value in variables.values()]
    while pending:
        value, depth = pending.pop()
        if not isinstance(value, dict | list):
            continue
        if depth > settings.max_variable_depth:
            message = (
                f"The variables are nested more than {settings.max_variable_depth} levels deep; no input is."
            )
            raise _refused(ErrorCode.BAD_USER_INPUT, message, status=HTTPStatus.BAD_REQUEST)
        if isinstance(value, list):
            _check_length(len(value), settings)
        pending += [(each, depth + 1) for each in (value.values() if isinstance(value, dict) else value)]


def _add(sums: _Sums, other: _Sums) -> None:
    """Add what a fragment asks for to the selection that spreads it."""
    sums.fields += other.fields
    sums.aliases += other.aliases
    sums.width += other.width
    sums.type_lists += other.type_lists
    sums.meta_roots += other.meta_roots
    sums.meta_aliases += other.meta_aliases
    sums.depth = max(sums.depth, other.depth)
    sums.meta_depth = max(sums.meta_depth, other.meta_depth)
    sums.meta_lists = max(sums.meta_lists, other.meta_lists)
    sums.load += other.load


def _is_meta(parent: GraphQLNamedType | None) -> bool:
    """Say whether a type is one of the introspection schema."""
    return parent is not None and parent.name.startswith("__")


def _weight(name: str, parent: GraphQLNamedType | None) -> int:
    """Return how deep a field of the introspection schema counts as a list."""
    is_long = name == "description" and parent is not None and parent.name == "__Type"
    return 2 if is_long else _META_LISTS.get(name, 0)


def _size_of(argument: ArgumentNode) -> int | str:
    """Return a page size, or the name of the variable that holds it."""
    value = argument.value
    if isinstance(value, VariableNode):
        return value.name.value
    if isinstance(value, IntValueNode) and len(value.value) < len("1000000000"):
        return int(value.value)
    return 1


def _count_of(value: ValueNode) -> int | str:
    """Return the number of ids, inputs or lines in a list, or the name of the variable that holds it."""
    if isinstance(value, VariableNode):
        return value.name.value
    if isinstance(value, ObjectValueNode):
        lines = next((each.value for each in value.fields if each.name.value == "lines"), None)
        return 1 if lines is None else _count_of(lines)
    return len(value.values) if isinstance(value, ListValueNode) else 1


def _check_length(count: int, settings: Settings, node: Node | None = None) -> None:
    """Refuse a list with too many items."""
    if count > settings.max_list_items:
        message = f"A list has {count} items, {settings.max_list_items} is the limit; send it in parts."
        raise _refused(ErrorCode.BAD_USER_INPUT, message, node, status=HTTPStatus.BAD_REQUEST)


def _refused(
    code: ErrorCode,
    message: str,
    node: Node | None = None,
    status: HTTPStatus = HTTPStatus.UNPROCESSABLE_ENTITY,
    limit: tuple[int, int] | None = None,
) -> RequestRefused:
    """Return the refusal of a document."""
    nodes = None if node is None else [node]
    return RequestRefused([graphql_error(code, message, nodes=nodes, limit=limit)], status)
