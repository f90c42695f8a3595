"""How does a plan become an answer? Statements and texts; no resolver a field, no statement a row."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain
from typing import Any
from uuid import UUID

from graphql import GraphQLError

from graphql_api.planner.backing import ToOne
from graphql_api.planner.compile import ROOT, Compiler, Prepared
from graphql_api.planner.condition import ArgumentRefused
from graphql_api.planner.cursor import encode
from graphql_api.planner.groups import Groups, GroupWriter, objects, shape_of
from graphql_api.planner.level import (
    Below,
    Branches,
    Child,
    Connection,
    Level,
    Made,
    Part,
    Readable,
    ToAny,
    ToMany,
    WriteRows,
)
from graphql_api.planner.page import Page, count_limit
from graphql_api.planner.script import Row
from models.access import Viewer
from models.moment import Moment
from models.snapshot import Snapshot

_MOST_STATEMENTS = 1_000  # Of one plan: clients may vary order and filters, and each form is a statement.


@dataclass(frozen=True)
class Statement:
    """One statement that was run: its text, its parameters, and how many rows it gave."""

    sql: str
    params: tuple[Any, ...] | dict[str, Any]
    rows: int


class Refused(Exception):  # noqa: N818  # A refusal is an answer, not a fault.
    """A field below ``path`` cannot be answered."""

    def __init__(self, reason: ArgumentRefused, connection: Connection | Made) -> None:
        super().__init__(reason.message)
        self.reason = reason
        self.path = connection.path
        self.nodes = connection.asked.nodes


class Statements:
    """The statements of one plan, each written once."""

    def __init__(self) -> None:
        self._known: dict[tuple[Any, ...], Prepared] = {}

    def get(self, make: Callable[..., Prepared], *arguments: Any) -> Prepared:
        """Return the statement that ``make`` writes. Two threads may write the same one; either serves."""
        key = (make.__name__, *arguments)
        found = self._known.get(key)
        if found is None:
            if len(self._known) >= _MOST_STATEMENTS:
                self._known.clear()
            found = self._known[key] = make(*arguments)
        return found


@dataclass
class Run:
    """One execution: in one session, for one viewer, at one moment."""

    snapshot: Snapshot
    compiler: Compiler
    statements: Statements
    variables: Mapping[str, Any]
    viewer: Viewer
    moment: Moment
    most_keys: int = 100
    log: list[Statement] = field(default_factory=list)
    errors: list[GraphQLError] = field(default_factory=list)
    _pages: dict[Connection, Page] = field(default_factory=dict)

    def check(self, level: Level) -> None:
        """Look at the arguments of every connection below, before any statement is run.

        Raises:
            Refused: one of them cannot be used.
        """
        for waiting in level.children:
            child = waiting.child
            if isinstance(child, ToMany):
                self.check_connection(child.connection)
            elif isinstance(child, ToAny):
                for branch in child.branches.planned():
                    self.check(branch)

    def check_connection(self, connection: Connection) -> None:
        """Look at the arguments of a connection and of those below it.

        Raises:
            Refused: one of them cannot be used.
        """
        self.page(connection)
        for count in connection.counts:
            self._limit(connection, count.arguments(self.variables))
        self.check(connection.level)

    def page(self, connection: Connection) -> Page:
        """Return the page that is asked for.

        Raises:
            Refused: the arguments cannot be used.
        """
        if connection not in self._pages:
            asked = connection.asked
            try:
                self._pages[connection] = connection.paging.page(
                    asked.arguments(self.variables), asked.given(self.variables)
                )
            except ArgumentRefused as refusal:
                raise Refused(refusal, connection) from refusal
        return self._pages[connection]

    def one(self, readable: Readable, column: str, latest: str | None, key: Any) -> str | None:
        """Return the text of the row whose ``column`` is ``key``; None where there is none to be seen."""
        level = readable.level
        self.check(level)
        rows = self._rows(self.statements.get(self.compiler.one, level, column, latest), {"key": key})
        return self._texts(level, [readable.write], rows[:1])[0][0] if rows else None

    def by_keys(self, readable: Readable, column: str, keys: Sequence[Any]) -> dict[Any, str]:
        """Return the texts of the rows whose ``column`` is one of these raw keys, in one statement."""
        level = readable.level
        self.check(level)
        statement = self.statements.get(self.compiler.by_keys, level, column)
        rows = self._rows(statement, {"ids": self.compiler.key_values(keys)})
        (texts,) = self._texts(level, [readable.write], rows)
        return {row[-1]: text for row, text in zip(rows, texts, strict=True)}

    def any_of(self, branches: Branches, wanted: Iterable[tuple[str, UUID]]) -> dict[tuple[str, UUID], str]:
        """Return the texts of records of any type by (noun, key), in one statement a type."""
        by_noun: dict[str, dict[Any, UUID]] = {}
        for noun, key in wanted:
            by_noun.setdefault(noun, {})[self.compiler.raw_key(key)] = key
        found: dict[tuple[str, UUID], str] = {}
        for noun, keys in by_noun.items():
            readable = branches.level(noun)
            if readable is not None:
                texts = self.by_keys(readable, "id", list(keys))
                found |= {(noun, keys[raw]): text for raw, text in texts.items()}
        return found

    def root(self, connection: Connection) -> str:
        """Return the text of a connection at the root."""
        self.check_connection(connection)
        page = self.page(connection)
        statement = self.statements.get(self.compiler.root_page, connection, page.shape)
        rows = self._rows(statement, {**page.values, "limit": _limit_of(connection, page)})
        return self._connections(connection, page, {ROOT: list(rows)})[ROOT]

    def groups(self, planned: Groups) -> list[dict[str, Any]]:
        """Return groups of rows, in one statement, and in one more for each kind of record they are of.

        Raises:
            ArgumentRefused: an argument cannot be used.
        """
        shape, values = shape_of(planned, planned.asked.arguments(self.variables))
        for _, readable in planned.links.values():
            self.check(readable.level)
        write = GroupWriter(self.compiler).statement
        zone = self.moment.organization.time_zone.key
        rows = self._rows(self.statements.get(write, planned, shape), {**values, "zone": zone})

        def fetch(link: ToOne, readable: Readable, keys: Iterable[Any]) -> dict[Any, str]:
            raw = {self.compiler.raw_key(key): key for key in keys} if link.other == "id" else None
            found = self.by_keys(readable, link.other, list(keys if raw is None else raw))
            return found if raw is None else {raw[key]: text for key, text in found.items()}

        return objects(planned, shape, rows, fetch)

    def _texts(self, level: Level, writes: Sequence[WriteRows], rows: Sequence[Row]) -> list[list[str]]:
        """Return the texts of a level's rows by each writer, after those of all that hangs on them."""
        below = [self._below(waiting.child, waiting.of(rows)) for waiting in level.children]
        return [write(rows, below, self.viewer, self.moment) for write in writes]

    def _below(self, child: Child, rows: Sequence[Row]) -> Below:
        """Return the texts of what hangs on rows."""
        match child:
            case ToMany():
                return self._below_many(child, rows)
            case ToAny():
                return self._below_any(child, rows), None
            case Made():
                return self._below_made(child, rows), None

    def _below_many(self, child: ToMany, rows: Sequence[Row]) -> Below:
        """Return the texts of the connections of rows; rows with the same key share one."""
        connection = child.connection
        page = self.page(connection)
        slot = child.slots[page.shape.variant]
        keys = dict.fromkeys([row[slot] for row in rows])
        is_unlinked = None in keys
        keys.pop(None, None)
        buckets: dict[Any, list[Row]] = {key: [] for key in keys}
        ids = self.compiler.key_values(list(keys))
        if keys:
            statement = self.statements.get(self.compiler.child_page, connection, page.shape)
            limit = _limit_of(connection, page)
            for row in self._rows(statement, {**page.values, "limit": limit, "ids": ids}):
                buckets[row[-1]].append(row)
        texts = self._connections(connection, page, buckets, ids)
        if is_unlinked:
            counts = {asked.key: (0, True) for asked in connection.counts}
            nothing = {None: Part([], has_next=False, has_previous=False, counts=counts)}
            texts |= connection.write(nothing, [[] for _ in connection.writes], _no_cursor)
        return texts, slot

    def _below_made(self, child: Made, rows: Sequence[Row]) -> dict[Any, str]:
        """Return the texts of what is made for all rows at once; equal rows share one.

        Raises:
            Refused: an argument cannot be used.
        """
        if not rows:
            return {}
        slots = [slot for _, slot, _ in child.needs]
        keys = list(dict.fromkeys([tuple([row[slot] for slot in slots]) for row in rows]))
        given = [
            {
                name: value if finish is None else finish(value)
                for (name, _, finish), value in zip(child.needs, values, strict=True)
            }
            for values in keys
        ]
        try:
            arguments = child.asked.arguments(self.variables)
            trees = child.function(self.snapshot.session, self.viewer, self.moment, given, arguments)
        except ArgumentRefused as refusal:
            raise Refused(refusal, child) from refusal
        return dict(zip(keys, child.read(self, trees), strict=True))

    def _below_any(self, child: ToAny, rows: Sequence[Row]) -> dict[Any, str]:
        """Return the texts of records of any type by noun and raw key."""
        by_noun: dict[str, dict[Any, None]] = {}
        for row in rows:
            noun, key = row[child.noun_slot], row[child.key_slot]
            if noun is not None and key is not None:
                by_noun.setdefault(noun, {})[key] = None
        found: dict[Any, str] = {}
        for noun, keys in by_noun.items():
            readable = child.branches.level(noun)
            if readable is not None:
                texts = self.by_keys(readable, "id", list(keys))
                found |= {(noun, key): text for key, text in texts.items()}
        return found

    def _connections(
        self, connection: Connection, page: Page, buckets: Mapping[Any, list[Row]], ids: Any = None
    ) -> dict[Any, str]:
        """Return the text of each parent's connection."""
        outside = self._outside(connection, page, buckets, ids)
        counts = self._counts(connection, page, buckets, ids)
        parts = {
            key: _part(
                page, rows, outside.get(key, _INSIDE), {name: found[key] for name, found in counts.items()}
            )
            for key, rows in buckets.items()
        }
        rows = list(chain.from_iterable([part.rows for part in parts.values()]))
        texts = self._texts(connection.level, connection.writes, rows)
        return connection.write(parts, texts, self._cursor(connection, page))

    def _outside(
        self, connection: Connection, page: Page, parents: Iterable[Any], ids: Any
    ) -> dict[Any, tuple[bool, bool]]:
        """Say for each parent whether there are rows at or before ``after``, and at or after ``before``."""
        is_inside = page.shape.after is None and page.shape.before is None
        if not parents or not connection.needs_page_info or is_inside:
            return {}
        statement = self.statements.get(self.compiler.beyond, connection, page.shape)
        rows = self._rows(statement, {**page.values, "ids": ids})
        return {owner: (bool(before), bool(after)) for before, after, owner in rows}

    def _counts(
        self, connection: Connection, page: Page, parents: Iterable[Any], ids: Any
    ) -> dict[str, dict[Any, tuple[int, bool]]]:
        """Return for each count asked for the number of rows of each parent, and whether it is exact."""
        counts: dict[str, dict[Any, tuple[int, bool]]] = {}
        shape = page.shape.whole
        for asked in connection.counts if parents else ():
            limit = self._limit(connection, asked.arguments(self.variables))
            statement = self.statements.get(self.compiler.count, connection, shape)
            rows = self._rows(statement, {**page.values, "limit": limit + 1, "ids": ids})
            counts[asked.key] = {owner: (min(number, limit), number <= limit) for number, owner in rows}
        return counts

    def _cursor(self, connection: Connection, page: Page) -> Callable[[Row], str]:
        """Return what makes the cursor of a row."""
        if not connection.needs_cursors:
            return _no_cursor
        first = len(connection.level.columns)
        finishes = list(enumerate(self.compiler.cursor_finishes(connection, page.shape), first))
        bound_to = page.bound_to

        def cursor(row: Row) -> str:
            return encode(
                bound_to, [row[at] if finish is None else finish(row[at]) for at, finish in finishes]
            )

        return cursor

    def _limit(self, connection: Connection, arguments: Mapping[str, Any]) -> int:
        """Return up to how many rows are counted."""
        try:
            return count_limit(arguments)
        except ArgumentRefused as refusal:
            raise Refused(refusal, connection) from refusal

    def _rows(self, statement: Prepared, values: Mapping[str, Any]) -> Sequence[Row]:
        """Run a statement and return its rows as the driver hands them out."""
        parameters = statement.parameters({"viewer_id": self.viewer.id, **values})
        rows = self.snapshot.rows(statement.sql, parameters)
        self.log.append(Statement(statement.sql, parameters, len(rows)))
        return rows


_INSIDE = (False, False)


def _limit_of(connection: Connection, page: Page) -> int:
    """Return how many rows to read: one more than shown, where it is asked whether there are more."""
    return page.size + connection.needs_page_info


def _part(
    page: Page, rows: list[Row], outside: tuple[bool, bool], counts: Mapping[str, tuple[int, bool]]
) -> Part:
    """Return one parent's page."""
    is_more = len(rows) > page.size
    kept = rows[: page.size] if is_more else rows
    if page.shape.backward:
        return Part(kept[::-1], outside[1], is_more or outside[0], counts)
    return Part(kept, is_more or outside[1], outside[0], counts)


def _no_cursor(row: Row) -> str:
    """Stand in where no cursor is asked for."""
    del row
    return ""
