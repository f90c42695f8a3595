"""How does a level read as SQL? Pure: no I/O, names from the response path, values only as parameters.

A page below many parents is limited for each of them by an index, without a window function over all:
PostgreSQL takes ``unnest`` of the keys and a lateral join, SQLite ``json_each`` and a correlated ``IN``.
"""

import functools
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import orjson
from sqlalchemy import (
    ARRAY,
    BindParameter,
    ColumnClause,
    ColumnElement,
    Dialect,
    Integer,
    Label,
    Select,
    Text,
    Uuid,
    and_,
    bindparam,
    cast,
    exists,
    func,
    literal_column,
    or_,
    select,
    table,
)
from sqlalchemy.orm import aliased
from sqlalchemy.types import TypeEngine

from graphql_api.planner.backing import table_of
from graphql_api.planner.condition import ALL_ROWS
from graphql_api.planner.draft import named, visible
from graphql_api.planner.keyset import equal, order_of, past
from graphql_api.planner.leaf import Finish, bind_processor, ordered
from graphql_api.planner.level import Connection, Level
from graphql_api.planner.page import PageShape
from graphql_api.planner.prepared import Prepared
from graphql_api.planner.restriction import Restriction
from graphql_api.planner.script import PRESENT, Condition
from models.record import Identifier

# The key of the one parent at the root.
ROOT = ""
# The last column of rows that belong to parents.
OWNER = ("owner",)
_PLACE = ("place",)

_ONE: ColumnClause[int] = literal_column("1")
_NO_OWNER: Label[str] = literal_column("''", Text).label("owner")
_FIRST_OWNER: Label[int] = literal_column("0", Integer).label("owner")
_MARK_OR_TEXT = re.compile(r"'(?:[^']|'')*'|\?")
_LIMIT = bindparam("limit", None, type_=Integer)


@dataclass(frozen=True)
class Compiler:
    """Writes the statements of levels for one engine."""

    dialect: Dialect

    @functools.cached_property
    def is_postgresql(self) -> bool:
        """Whether lateral joins and arrays are there; the other engine is SQLite."""
        return self.dialect.name == "postgresql"

    @functools.cached_property
    def at_root(self) -> Mapping[Any, Any]:
        """The owner of the rows of a connection at the root."""
        return self.owners([ROOT])

    def one(self, level: Level, column: str, latest: str | None) -> Prepared:
        """Write the statement for the row whose ``column`` is ``key``; of several the latest."""
        wanted = bindparam("key", None, type_=table_of(level.table).c[column].type)
        statement = _joined(_selected(level.columns), level).where(
            getattr(level.entity, column) == wanted, *conditions(level, level.entity)
        )
        if latest is not None:
            statement = statement.order_by(getattr(level.entity, latest).desc()).limit(_ONE)
        return self.prepared(statement)

    def by_keys(self, level: Level, column: str) -> Prepared:
        """Write the statement for the rows whose ``column`` is in ``ids``; the last column is the key."""
        keys = self._keys(level, table_of(level.table).c[column].type)
        on = getattr(level.entity, column) == keys.value
        statement = select(*level.columns, keys.owner).select_from(keys.rows).join(level.entity, on)
        return self.prepared(_outer(statement, level).where(*conditions(level, level.entity)), OWNER)

    def root_page(self, connection: Connection, shape: PageShape) -> Prepared:
        """Write the statement for a page of all rows."""
        level = connection.level
        columns = (*level.columns, *self.cursor_columns(connection, shape))
        place = self._place(connection, shape)
        statement = _joined(select(*columns, *place, self._no_owner), level)
        statement = statement.where(*self._wanted(level, level.entity, shape))
        statement = statement.order_by(*order_of(level.entity, shape)).limit(_LIMIT)
        return self.prepared(statement, (*_PLACE[: len(place)], *OWNER))

    def child_page(
        self, connection: Connection, shape: PageShape, source: "Source | None" = None
    ) -> Prepared:
        """Write the statement for a page of each parent; the last column is its key."""
        if self.is_postgresql:
            return self._lateral(connection, shape, source)
        return self.prepared(self._correlated(connection, shape), OWNER)

    def beyond(self, connection: Connection, shape: PageShape, source: "Source | None" = None) -> Prepared:
        """Write the statement that looks outside the cursors: before ``after``, and after ``before``.

        Its rows are two truth values and the key of the parent; at the root there is one row, of ``ROOT``.
        """
        level = connection.level
        entity = level.entity
        parents = self._parents(connection, shape, source)
        outside: list[ColumnElement[bool]] = []
        for name, nulls, back in (("after", shape.after, True), ("before", shape.before, False)):
            if nulls is None:
                outside.append(literal_column("0"))
                continue
            side = or_(
                past(entity, shape.order, nulls, name, back=back), equal(entity, shape.order, nulls, name)
            )
            found = select(_ONE).select_from(entity).where(*self._all(connection, shape, parents), side)
            outside.append(exists(found if parents is None else found.correlate(parents.rows)))
        return self.prepared(self._per_parent(parents, outside), OWNER)

    def count(self, connection: Connection, shape: PageShape, source: "Source | None" = None) -> Prepared:
        """Write the statement that counts the rows of each parent, at most up to ``limit``."""
        level = connection.level
        parents = self._parents(connection, shape, source)
        inside = (
            select(_ONE).select_from(level.entity).where(*self._all(connection, shape, parents)).limit(_LIMIT)
        )
        if parents is not None:
            inside = inside.correlate(parents.rows)
        counted = (
            select(func.count()).select_from(inside.subquery(named(level.stem, "page"))).scalar_subquery()
        )
        return self.prepared(self._per_parent(parents, [counted]), OWNER)

    def cursor_columns(self, connection: Connection, shape: PageShape) -> list[ColumnElement[Any]]:
        """Return what a cursor is made of, where one is asked for."""
        if not connection.needs_cursors:
            return []
        return [
            expression.label(f"{term.column}_key")
            for term, (expression, _) in zip(shape.order, self._ordered(connection, shape), strict=True)
        ]

    def cursor_finishes(self, connection: Connection, shape: PageShape) -> list[Finish | None]:
        """Return how the values of ``cursor_columns`` become JSON scalars."""
        return [finish for _, finish in self._ordered(connection, shape)]

    def _ordered(
        self, connection: Connection, shape: PageShape
    ) -> list[tuple[ColumnElement[Any], Finish | None]]:
        """Return what is selected for each key of a cursor, and how its value is finished."""
        entity, declared = connection.level.entity, table_of(connection.level.table).c
        return [
            ordered(getattr(entity, term.column), declared[term.column].type, self.dialect)
            for term in shape.order
        ]

    def key_values(self, keys: Iterable[Any]) -> Any:
        """Return the parameter ``ids`` for raw keys of rows."""
        if self.is_postgresql:
            return list(keys)
        return orjson.dumps([key.hex() if isinstance(key, bytes) else key for key in keys]).decode()

    def owners(self, keys: Iterable[Any]) -> dict[Any, Any]:
        """Return the keys by what a statement calls the owner of a row: on SQLite by their places."""
        return dict(zip(keys, keys, strict=True)) if self.is_postgresql else dict(enumerate(keys))

    def raw_key(self, key: UUID | bytes) -> str | bytes:
        """Return a key as the statements of levels hand it out."""
        return str(key) if self.is_postgresql else key.bytes if isinstance(key, UUID) else key

    def prepared(self, statement: Select[Any], others: tuple[str, ...] = ()) -> Prepared:
        """Return a statement as text with its parameters. ``others`` are the columns behind its values."""
        compiled = statement.compile(dialect=self.dialect, compile_kwargs={"render_postcompile": True})
        kinds: dict[str, BindParameter[Any]] = dict(compiled.binds)
        for name, bind in compiled.binds.items():
            if bind.expanding:
                kinds |= {f"{name}_{number}": bind for number, _ in enumerate(bind.value or (), 1)}
        processors: dict[str, Finish] = {}
        constants: dict[str, Any] = {}
        for name, value in compiled.params.items():
            process = bind_processor(kinds[name].type, self.dialect)
            if process is not None and name != "ids":
                processors[name] = process
            constants[name] = (
                value if process is None or name not in processors or value is None else process(value)
            )
        names = compiled.positiontup if compiled.positional else None
        values = len(statement.selected_columns) - len(others)
        given = None if names is None else tuple(names)
        sql = str(compiled) if given is None else _MARK_OR_TEXT.sub(_hidden, str(compiled))
        return Prepared(sql, given, constants, processors, values, others)

    def _place(self, connection: Connection, shape: PageShape) -> list[ColumnElement[Any]]:
        """Return what numbers the rows of a page, where not all that are read are shown."""
        if not self.is_postgresql or not connection.is_numbered:
            return []
        return [func.row_number().over(order_by=order_of(connection.level.entity, shape)).label("place")]

    def _lateral(self, connection: Connection, shape: PageShape, source: "Source | None") -> Prepared:
        """Return a page for each parent on PostgreSQL."""
        level = connection.level
        keys = self._keys(level, table_of(level.table).c[connection.match[shape.variant]].type, source)
        match = getattr(level.entity, connection.match[shape.variant])
        place = self._place(connection, shape)
        columns = (*level.columns, *self.cursor_columns(connection, shape), *place)
        page = (
            _joined(_selected(columns), level)
            .where(match == keys.value, *self._wanted(level, level.entity, shape))
            .order_by(*order_of(level.entity, shape))
            .limit(_LIMIT)
            .correlate(keys.rows)
            .lateral(named(level.stem, "page"))
        )
        wanted = list(page.c) if columns else []
        statement = select(*wanted, keys.owner).select_from(keys.rows.join(page, literal_column("true")))
        return self.prepared(statement, (*_PLACE[: len(place)], *OWNER))

    def _correlated(self, connection: Connection, shape: PageShape) -> Select[Any]:
        """Return a page for each parent on SQLite."""
        level = connection.level
        keys = self._keys(level, table_of(level.table).c[connection.match[shape.variant]].type)
        inner: Any = aliased(level.table, name=named(level.stem, "page"))
        # By the number that a table's rows have on SQLite, which is in every index: a key is looked up in an
        # index of its own first.
        page = (
            select(self._row_number(named(level.stem, "page")))
            .select_from(inner)
            .where(
                getattr(inner, connection.match[shape.variant]) == keys.value,
                *self._wanted(level, inner, shape),
            )
            .order_by(*order_of(inner, shape))
            .limit(_LIMIT)
            .correlate(keys.rows)
        )
        columns = (*level.columns, *self.cursor_columns(connection, shape))
        statement = (
            select(*columns, keys.owner)
            .select_from(keys.rows)
            .join(level.entity, self._row_number(named(level.stem)).in_(page))
        )
        return _outer(statement, level).order_by(keys.place, *order_of(level.entity, shape))

    def _row_number(self, alias: str) -> ColumnClause[int]:
        """Return SQLite's own number of a row."""
        return literal_column(f"{self.dialect.identifier_preparer.quote(alias)}.rowid", Integer)

    def _all(
        self, connection: Connection, shape: PageShape, parents: "Keys | None"
    ) -> list[ColumnElement[bool]]:
        """Return what holds for every row of the connection, on whichever page."""
        entity = connection.level.entity
        found = self._wanted(connection.level, entity, shape.whole)
        if parents is not None:
            found.insert(0, getattr(entity, connection.match[shape.variant]) == parents.value)
        return found

    def _wanted(self, level: Level, entity: Any, shape: PageShape) -> list[ColumnElement[bool]]:
        """Return the conditions of a page: the level's own, filters and cursors."""
        found = conditions(level, entity)
        if shape.where != ALL_ROWS:
            found.append(Restriction(self.dialect, level.viewer, level.stem).of(entity, shape.where))
        if shape.after is not None:
            found.append(past(entity, shape.order, shape.after, "after", back=False))
        if shape.before is not None:
            found.append(past(entity, shape.order, shape.before, "before", back=True))
        return found

    def _parents(self, connection: Connection, shape: PageShape, source: "Source | None") -> "Keys | None":
        """Return the keys of the parents of a connection; None at the root."""
        if not connection.match:
            return None
        level = connection.level
        return self._keys(level, table_of(level.table).c[connection.match[shape.variant]].type, source)

    def _keys(self, level: Level, kind: TypeEngine[Any], source: "Source | None" = None) -> "Keys":
        """Return the keys that the parameter ``ids`` or a source holds, as rows."""
        is_id = isinstance(kind, Identifier)
        name = named(level.stem, "keys")
        if self.is_postgresql:
            if source is not None:
                texts = source.keys().subquery(name)
                text = texts.c.value
                return Keys(texts, cast(text, Uuid) if is_id else text, text.label("owner"))
            given = func.unnest(bindparam("ids", None, type_=ARRAY(Uuid() if is_id else Text())))
            rows: Any = given.table_valued("value").render_derived(name=name)
            value = rows.c.value
            return Keys(rows, value, (cast(value, Text) if is_id else value).label("owner"))
        rows = func.json_each(bindparam("ids", None, type_=Text)).table_valued("key", "value", name=name)
        value = func.unhex(rows.c.value) if is_id else rows.c.value
        # A small number costs a row less than a key of sixteen bytes.
        return Keys(rows, value, rows.c.key.label("owner"), rows.c.key)

    @property
    def _no_owner(self) -> Label[Any]:
        """What stands in the place of an owner at the root, where there is one parent."""
        return _NO_OWNER if self.is_postgresql else _FIRST_OWNER

    def _per_parent(self, parents: "Keys | None", values: Sequence[ColumnElement[Any]]) -> Select[Any]:
        """Return a select of values for each parent, or once at the root."""
        if parents is None:
            return select(*values, self._no_owner)
        return select(*values, parents.owner).select_from(parents.rows)


@dataclass(frozen=True)
class Source:
    """Another part of the same statement, in which the keys of the parents are found.

    ``where``  the conditions of which a row meets one whole set, as a child's rows do.
    ``size``   how many of a page's rows are shown, where more are read.
    ``are_own``  whether each of its rows has a key of its own.
    """

    name: str
    slot: int
    where: tuple[tuple[Condition, ...], ...]
    size: int | None
    are_own: bool

    def keys(self) -> Select[Any]:
        """Return the different keys, as the texts that they are there."""
        column: ColumnElement[Any] = literal_column(f"c{self.slot}", Text)
        statement = select(column.label("value")).select_from(table(self.name))
        if not self.are_own:
            statement = statement.distinct()
        if self.size is not None:
            statement = statement.where(literal_column("place") <= literal_column(str(self.size)))
        if all(self.where):
            statement = statement.where(or_(*(and_(*map(_met, each)) for each in self.where)))
        return statement.where(column.is_not(None))


def _met(condition: Condition) -> ColumnElement[bool]:
    """Return a condition on a row as SQL; what it compares with is a code of ours."""
    slot, value = condition
    column: ColumnElement[Any] = literal_column(f"c{slot}")
    return column.is_not(None) if value is PRESENT else column == literal_column(f"'{value}'")


@dataclass(frozen=True, eq=False)
class Keys:
    """The keys handed to a statement, as rows: to compare with, and as the owner of a row is told by.

    SQLite sorts by their ``place``, which is the owner too; PostgreSQL reads one after the other.
    """

    rows: Any
    value: ColumnElement[Any]
    owner: ColumnElement[Any]
    place: ColumnElement[Any] | None = None


def conditions(level: Level, entity: Any) -> list[ColumnElement[bool]]:
    """Return what every row of a level meets: its type, and the row rule of whoever asks."""
    found: list[ColumnElement[bool]] = [getattr(entity, column) == value for column, value in level.where]
    rule = visible(level.viewer, entity, level.table)
    return found if rule is None else [*found, rule]


def _selected(columns: Sequence[ColumnElement[Any]]) -> Select[Any]:
    """Begin a statement; where nothing is asked of a row but that it is there, it says so."""
    return select(*columns) if columns else select(_ONE.label("one"))


def _hidden(found: re.Match[str]) -> str:
    """Return a mark of SQLite's with a plus before it, a text as it is.

    The plus hides the value. For each value of a bare limit it plans a statement anew, and once ``ANALYZE``
    was run also for each that a column is compared with.
    """
    return "+?" if found[0] == "?" else found[0]


def _joined(statement: Select[Any], level: Level) -> Select[Any]:
    """Write the statement reading from the level's table and what is joined to it."""
    return _outer(statement.select_from(level.entity), level)


def _outer(statement: Select[Any], level: Level) -> Select[Any]:
    """Write the statement with the to-one links of the level."""
    for each in level.joins:
        statement = statement.outerjoin(each.entity, each.on)
    return statement
