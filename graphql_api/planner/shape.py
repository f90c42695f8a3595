"""What does the answer hold for a row of a backed type?

Walks what is asked of a type, adds columns and joins to the draft of the statement, and writes the code that
makes the object's text.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
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
from graphql_api.planner.leaf import Finish, json_text, noun_of
from graphql_api.planner.level import (
    Branches,
    Child,
    Connection,
    Made,
    ToAny,
    ToMany,
    WriteRows,
)
from graphql_api.planner.page import PageSizes
from graphql_api.planner.script import NULL, PRESENT, Code, Pieces, Row, Script, Spelled
from graphql_api.planner.selection import Asked, Document, Nodes
from graphql_api.planner.spelling import money, or_null, spelled
from graphql_api.planner.tree import projection
from models.access import Viewer
from models.moment import Moment
from models.record import Identifier, key_texts

PlanConnection = Callable[["Planning", Asked, sources.ToMany, tuple[str, ...]], Connection]
PlanBranches = Callable[["Planning", Asked, tuple[str, ...]], Branches]
PlanTrees = Callable[["Planning", Asked, tuple[str, ...]], Callable[[Any, Sequence[Any]], Sequence[str]]]


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


def writer_of(planning: Planning, draft: Draft, kind: GraphQLNamedOutputType, nodes: Nodes) -> WriteRows:
    """Return what writes the draft's own rows as objects of ``kind``."""
    script = Script()
    with script.aside() as lines:
        text = script.text(draft.written(rows_of(planning, draft, draft.own, kind, nodes, script)))
    first = [f"b{number}, s{number} = below[{number}]" for number, _ in enumerate(draft.children)]
    first += script.columns
    head = "write(rows, below, viewer, moment)"
    if not lines:
        script.line(f"return [{text} for {script.row} in {script.rows}]")
        return script.function(head, *first)
    with script.block(f"for {script.row} in {script.rows}"):
        script.add(lines)
        script.line(f"add({text})")
    script.line("return made")
    return script.function(head, "made = []", "add = made.append", *first)


def rows_of(  # noqa: PLR0917  # A row is told by as many.
    planning: Planning,
    draft: Draft,
    at: Place,
    kind: GraphQLNamedOutputType,
    nodes: Nodes,
    script: Script,
) -> Pieces:
    """Return the text of a row of ``kind``: an object type, or an interface over one table's variants."""
    if isinstance(kind, GraphQLObjectType):
        backing = backing_of(kind.name)
        if backing.variant is not None:
            if at is not draft.own:
                message = f"a link leads to the interface over {backing.noun}, not to {kind.name} alone"
                raise TypeError(message)
            draft.where.append(backing.variant)
        return _ObjectShape(planning, draft, at, kind, script).text(nodes)
    variants = {
        each: _variant(backing_of(each.name))
        for each in planning.document.possible(kind)
        if is_backed(each.name)
    }
    ((column, _), *_) = variants.values()
    slot, made = draft.raw(at, column), script.variable()
    word = "if"
    for each, (_, value) in variants.items():
        with script.block(f"{word} r[{slot}] == {script.name(str(value))}", (slot, str(value))):
            pieces = _ObjectShape(planning, draft, at, each, script).text(nodes)
            script.line(f"{made} = {script.text(draft.written(pieces, script.conditions))}")
        word = "elif"
    with script.block("else"):
        script.line(f"raise KeyError(r[{slot}])")
    return [made]


def _variant(backing: Backing) -> tuple[str, Any]:
    """Return what tells the rows of a type from those of its siblings."""
    if backing.variant is None:
        message = f"{backing.type_name} is one type of several of its table, but has no variant"
        raise TypeError(message)
    return backing.variant


class _ObjectShape:
    """The object of one row of one concrete type."""

    def __init__(
        self, planning: Planning, draft: Draft, at: Place, kind: GraphQLObjectType, script: Script
    ) -> None:
        self._planning = planning
        self._draft = draft
        self._at = at
        self._kind = kind
        self._script = script

    def text(self, nodes: Nodes) -> Pieces:
        """Return the text of the object with what is asked below the nodes."""
        fields = self._planning.document.fields(self._kind, nodes)
        return object_of((asked.key, self._leaf(asked)) for asked in fields)

    def _leaf(self, asked: Asked) -> Pieces:
        """Return the text of a field's value."""
        if asked.definition is None:
            return [json_text(self._kind.name)]
        match backing_of(self._kind.name).fields.get(asked.name) or source_of(asked.definition):
            case sources.Column(name):
                return self._column(asked, name)
            case sources.MoneyOf(amount, code):
                return self._money(asked, amount, code)
            case sources.ToOne(target, key, other):
                return self._to_one(asked, target, key, other)
            case sources.ToOneBack(target, key):
                return self._to_one(asked, target, "id", key)
            case sources.ToMany() as source:
                return self._to_many(asked, source)
            case sources.Polymorphic(noun, key):
                return self._to_any(asked, noun, key)
            case other:
                return self._made(asked, other)

    def _made(self, asked: Asked, source: sources.Source) -> Pieces:
        """Return the text of a value that a function makes."""
        match source:
            case sources.Computed():
                return self._computed(asked, source)
            case sources.ComputedTogether():
                return self._together(asked, source)
            case other:
                message = f"{self._kind.name}.{asked.name} has a source that is not one of a row: {other}"
                raise TypeError(message)

    def _column(self, asked: Asked, name: str) -> Pieces:
        """Return the text of a column. An id has digits of its own; JSON behind an object is projected."""
        declared, expression = table_of(self._at.table).c[name], self._at.column(name)
        if isinstance(declared.type, Identifier):
            noun = noun_of(declared, str(self._at.table.__tablename__))
            return self._id(name, noun, bool(declared.nullable))
        if is_leaf_type(asked.type) or not isinstance(declared.type, JSON):
            return spelled(expression, declared, self._draft.dialect)
        project = projection(self._planning.document, asked.field.type, asked.nodes)

        def projected(text: str | None) -> str:
            return NULL if text is None else json_text(project(orjson.loads(text)))

        return [Code(f"{self._script.name(projected)}(r[{self._draft.raw(self._at, name)}])")]

    def _id(self, name: str, noun: str, is_nullable: bool) -> Pieces:  # noqa: FBT001  # As the column says.
        """Return the text of a public id."""
        script = self._script
        before, after = f'"{noun}_', '"'
        digits = script.of_column(key_texts, self._draft.raw(self._at, name))
        if not is_nullable:
            return [before, digits, after]
        text = f"{script.name(before)}+{digits}+{script.name(after)}"
        return [Code(f"{script.name(NULL)} if {digits} is None else {text}")]

    def _money(self, asked: Asked, amount: str, code: str) -> Pieces:
        """Return the text of an amount with its currency."""
        columns, at = table_of(self._at.table).c, self._at
        kind = self._planning.document.concrete(asked.type.name)
        parts: dict[str, Pieces] = {
            "amount": money(at.column(amount), at.column(code)),
            "currencyCode": spelled(at.column(code), columns[code], self._draft.dialect),
        }
        pieces = object_of(
            (each.key, [json_text(kind.name)] if each.definition is None else parts[each.name])
            for each in self._planning.document.fields(kind, asked.nodes)
        )
        return or_null(at.column(amount).is_(None), pieces) if columns[amount].nullable else pieces

    def _to_one(self, asked: Asked, target: str, own: str, other: str) -> Pieces:
        """Return the text of a joined row, which may be missing.

        The database writes it, unless a part of it is code's.
        """
        draft, script = self._draft, self._script
        place = draft.join(self._at, asked.key, backing_of(target).table, own, other)
        before = len(draft.columns)
        presence = draft.raw(place, "id")
        with script.aside((presence, PRESENT)) as lines:
            pieces = rows_of(self._planning, draft, place, asked.type, asked.nodes, script)
        if not any(isinstance(each, Code) for each in pieces):
            draft.forget(before)
            return or_null(place.column("id").is_(None), pieces)
        made = script.variable()
        with script.block(f"if r[{presence}] is None"):
            script.line(f"{made} = {script.name(NULL)}")
        with script.block("else", (presence, PRESENT)):
            script.add(lines)
            script.line(f"{made} = {script.text(draft.written(pieces, script.conditions))}")
        return [made]

    def _to_many(self, asked: Asked, source: sources.ToMany) -> Pieces:
        """Return the text of a connection below this row."""

        def plan() -> ToMany:
            connection = self._planning.connection(self._planning, asked, source, self._path(asked))
            slots = {
                variant: self._draft.raw(self._at, parent) for variant, (_, parent) in source.match.items()
            }
            are_own = self._at.is_once and {parent for _, parent in source.match.values()} == {"id"}
            return ToMany(connection, slots, are_own)

        number = self._waiting(asked, plan)
        return [Code(f"b{number}[r[s{number}]]")]

    def _to_any(self, asked: Asked, noun: str, key: str) -> Pieces:
        """Return the text of a record of any type behind this row."""
        if isinstance(asked.field.type, GraphQLNonNull):
            message = f"{self._kind.name}.{asked.name} may be hidden, so it has to be nullable"
            raise TypeError(message)

        def plan() -> ToAny:
            branches = self._planning.branches(self._planning, asked, self._path(asked))
            return ToAny(asked.key, branches, self._draft.raw(self._at, noun), self._draft.raw(self._at, key))

        number = self._waiting(asked, plan)
        noun_at, key_at = (Code(f"r[{self._draft.raw(self._at, each)}]") for each in (noun, key))
        return [Code(f"b{number}.get(({noun_at},{key_at}),{self._script.name(NULL)})")]

    def _together(self, asked: Asked, source: sources.ComputedTogether) -> Pieces:
        """Return the text of a value that is made for all rows at once."""
        needs = tuple(self._draft.needed(self._at, need) for need in source.needs)

        def plan() -> Made:
            path = self._path(asked)
            read = self._planning.trees(self._planning, asked, path)
            return Made(asked, path, needs, source.function, read)

        number = self._waiting(asked, plan)
        given = "".join(f"r[{slot}]," for _, slot, _ in needs)
        return [Code(f"b{number}[({given})]")]

    def _waiting(self, asked: Asked, plan: Callable[[], Child]) -> int:
        """Add a child to the level, for which the rows that meet the conditions of this place wait."""
        return self._draft.child(self._at, asked.key, asked.nodes, self._script.conditions, plan)

    def _computed(self, asked: Asked, source: sources.Computed) -> Pieces:
        """Return the text of a value that a function makes."""
        needs = [self._draft.needed(self._at, need) for need in source.needs]
        project = projection(self._planning.document, asked.field.type, asked.nodes)
        write = _computing(source.function, needs, project)
        return [Code(f"{self._script.name(write)}(r,viewer,moment)")]

    def _path(self, asked: Asked) -> tuple[str, ...]:
        """Return the response path of a field of this object, its joined parents taken as one step."""
        joined = self._at.stem.removeprefix(self._draft.stem).removeprefix("_")
        return (*self._draft.path, *([joined] if joined else []), asked.key)


def object_of(fields: Iterable[tuple[str, Pieces]]) -> Pieces:
    """Return the text of an object, given its keys in response order and the texts of their values."""
    pieces: list[str | Spelled] = []
    for key, value in fields:
        pieces += ["," if pieces else "{", json_text(key), ":", *value]
    return [*pieces, "}"] if pieces else ["{}"]


def _computing(
    function: Callable[[Mapping[str, Any], Viewer, Moment], Any],
    needs: Sequence[tuple[str, int, Finish | None]],
    project: Finish,
) -> Callable[[Row, Viewer, Moment], str]:
    """Return what calls a function with typed values of a row, and writes what it returns."""

    def write(row: Row, viewer: Viewer, moment: Moment) -> str:
        values = {name: row[slot] if finish is None else finish(row[slot]) for name, slot, finish in needs}
        return json_text(project(function(values, viewer, moment)))

    return write
