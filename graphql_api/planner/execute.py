"""How does a plan become an answer? Statements, rows, objects; no resolver a field, no statement a row."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from graphql import GraphQLError
from sqlmodel import Session

from graphql_api.planner.backing import ToOne
from graphql_api.planner.compile import Compiler, Prepared
from graphql_api.planner.condition import ArgumentRefused
from graphql_api.planner.cursor import encode
from graphql_api.planner.groups import Groups, GroupWriter, objects, shape_of
from graphql_api.planner.level import (
    Branches,
    Connection,
    Gathered,
    Level,
    Made,
    Object,
    Part,
    Row,
    ToAny,
    ToMany,
)
from graphql_api.planner.page import Page, count_limit
from models.access import Viewer
from models.moment import Moment

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

    session: Session
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
        for child in level.children:
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

    def one(self, level: Level, column: str, latest: str | None, key: Any) -> Object | None:
        """Return the object of the row whose ``column`` is ``key``; None where there is none to be seen."""
        self.check(level)
        rows = self._rows(self.statements.get(self.compiler.one, level, column, latest), {"key": key})
        if not rows:
            return None
        gathered = level.gathered(self.viewer, self.moment)
        made: Object = level.read(rows[0], gathered)
        self._fill(level, gathered)
        return made

    def by_keys(self, level: Level, keys: Iterable[UUID]) -> dict[UUID, Object]:
        """Return the objects of the rows with these keys, in one statement."""
        return self._by_raw_keys(level, "id", {self.compiler.raw_key(key): key for key in keys})

    def any_of(
        self, branches: Branches, wanted: Iterable[tuple[str, UUID]]
    ) -> dict[tuple[str, UUID], Object]:
        """Return the objects of records of any type by (noun, key), in one statement a type."""
        by_noun: dict[str, list[UUID]] = {}
        for noun, key in wanted:
            by_noun.setdefault(noun, []).append(key)
        found: dict[tuple[str, UUID], Object] = {}
        for noun, keys in by_noun.items():
            level = branches.level(noun)
            if level is not None:
                found |= {(noun, key): made for key, made in self.by_keys(level, keys).items()}
        return found

    def root(self, connection: Connection) -> Object:
        """Return the object of a connection at the root."""
        self.check_connection(connection)
        page = self.page(connection)
        rows = self._rows(self.statements.get(self.compiler.root_page, connection, page.shape), page.values)
        gathered = connection.level.gathered(self.viewer, self.moment)
        (made,) = self._connections(connection, page, [rows], None, gathered)
        self._fill(connection.level, gathered)
        return made

    def groups(self, planned: Groups) -> list[Object]:
        """Return groups of rows, in one statement, and in one more for each kind of record they are of.

        Raises:
            ArgumentRefused: an argument cannot be used.
        """
        shape, values = shape_of(planned, planned.asked.arguments(self.variables))
        for _, level in planned.links.values():
            self.check(level)
        write = GroupWriter(self.compiler).statement
        zone = self.moment.organization.time_zone.key
        rows = self._rows(self.statements.get(write, planned, shape), {**values, "zone": zone})

        def fetch(link: ToOne, level: Level, keys: Sequence[Any]) -> dict[Any, Object]:
            return self._by_raw_keys(level, link.other, {key: key for key in keys})

        return objects(planned, shape, rows, fetch)

    def _by_raw_keys(self, level: Level, column: str, keys: Mapping[Any, Any]) -> dict[Any, Object]:
        """Return the objects by what ``keys`` says of the raw values of their rows' ``column``."""
        self.check(level)
        names = list(keys.values())
        rows = self._rows(
            self.statements.get(self.compiler.by_keys, level, column),
            {"ids": self.compiler.key_values(list(keys))},
        )
        gathered = level.gathered(self.viewer, self.moment)
        base = self.compiler.first_place
        found: dict[Any, Object] = {names[row[-1] - base]: level.read(row, gathered) for row in rows}
        self._fill(level, gathered)
        return found

    def _fill(self, level: Level, gathered: Gathered) -> None:
        """Fetch what hangs on the rows that were read, and put it into their objects."""
        for child, waiting in zip(level.children, gathered.waiting, strict=True):
            if not waiting:
                continue
            if isinstance(child, ToMany):
                self._fill_many(child, waiting)
            elif isinstance(child, Made):
                self._fill_made(child, waiting)
            else:
                self._fill_any(child, waiting)

    def _fill_many(self, child: ToMany, waiting: Sequence[tuple[Row, Object]]) -> None:
        """Put a connection into each waiting object; objects with the same key share it."""
        connection = child.connection
        page = self.page(connection)
        slot = child.slots[page.shape.variant]
        places: dict[Any, int] = {}
        for row, _ in waiting:
            if row[slot] is not None:
                places.setdefault(row[slot], len(places))
        buckets: list[list[Row]] = [[] for _ in places]
        ids = self.compiler.key_values(list(places))
        if places:
            base = self.compiler.first_place
            statement = self.statements.get(self.compiler.child_page, connection, page.shape)
            for row in self._rows(statement, {**page.values, "ids": ids}):
                buckets[row[-1] - base].append(row)
        gathered = connection.level.gathered(self.viewer, self.moment)
        made = self._connections(connection, page, buckets, ids, gathered)
        nothing = self._empty(connection, page, gathered)
        for row, holder in waiting:
            key = row[slot]
            holder[child.key] = nothing if key is None else made[places[key]]
        self._fill(connection.level, gathered)

    def _fill_made(self, child: Made, waiting: Sequence[tuple[Row, Object]]) -> None:
        """Put a value into each waiting object that is made for all of them at once; equal rows share it.

        Raises:
            Refused: an argument cannot be used.
        """
        places: dict[tuple[Any, ...], int] = {}
        found = [
            places.setdefault(tuple(row[slot] for _, slot, _ in child.needs), len(places))
            for row, _ in waiting
        ]
        rows = [
            {
                name: value if finish is None else finish(value)
                for (name, _, finish), value in zip(child.needs, values, strict=True)
            }
            for values in places
        ]
        try:
            trees = child.function(
                self.session, self.viewer, self.moment, rows, child.asked.arguments(self.variables)
            )
        except ArgumentRefused as refusal:
            raise Refused(refusal, child) from refusal
        made = child.read(self, trees)
        for (_, holder), place in zip(waiting, found, strict=True):
            holder[child.key] = made[place]

    def _fill_any(self, child: ToAny, waiting: Sequence[tuple[Row, Object]]) -> None:
        """Put a record of any type into each waiting object."""
        by_noun: dict[str, dict[Any, Any]] = {}
        for row, _ in waiting:
            noun, key = row[child.noun_slot], row[child.key_slot]
            if noun is not None and key is not None:
                by_noun.setdefault(noun, {})[key] = key
        for noun, keys in by_noun.items():
            level = child.branches.level(noun)
            found = {} if level is None else self._by_raw_keys(level, "id", keys)
            for row, holder in waiting:
                if row[child.noun_slot] == noun:
                    holder[child.key] = found.get(row[child.key_slot])

    def _connections(
        self,
        connection: Connection,
        page: Page,
        buckets: Sequence[Sequence[Row]],
        ids: Any,
        gathered: Gathered,
    ) -> list[Object]:
        """Return the object of each parent's connection."""
        outside = self._outside(connection, page, len(buckets), ids)
        counts = self._counts(connection, page, len(buckets), ids)
        cursor = self._cursor(connection, page)
        made = []
        for place, rows in enumerate(buckets):
            part = _part(
                page, rows, cursor, outside[place], {key: found[place] for key, found in counts.items()}
            )
            made.append(connection.write(part, gathered))
        return made

    def _empty(self, connection: Connection, page: Page, gathered: Gathered) -> Object:
        """Return the connection of a row that has no key for it."""
        counts = {asked.key: (0, True) for asked in connection.counts}
        return connection.write(_part(page, [], _no_cursor, (False, False), counts), gathered)

    def _outside(
        self,
        connection: Connection,
        page: Page,
        parents: int,
        ids: Any,
    ) -> list[tuple[bool, bool]]:
        """Say for each parent whether there are rows at or before ``after``, and at or after ``before``."""
        found = [(False, False)] * parents
        if (
            not parents
            or not connection.needs_page_info
            or (page.shape.after is None and page.shape.before is None)
        ):
            return found
        statement = self.statements.get(self.compiler.beyond, connection, page.shape)
        base = 0 if ids is None else self.compiler.first_place
        for before, after, place in self._rows(statement, {**page.values, "ids": ids}):
            found[place - base] = bool(before), bool(after)
        return found

    def _counts(
        self,
        connection: Connection,
        page: Page,
        parents: int,
        ids: Any,
    ) -> dict[str, list[tuple[int, bool]]]:
        """Return for each count asked for the number of rows of each parent, and whether it is exact."""
        counts: dict[str, list[tuple[int, bool]]] = {}
        shape = page.shape.whole
        base = 0 if ids is None else self.compiler.first_place
        for asked in connection.counts if parents else ():
            limit = self._limit(connection, asked.arguments(self.variables))
            counted = counts[asked.key] = [(0, True)] * parents
            values = {**page.values, "limit": limit + 1, "ids": ids}
            for number, place in self._rows(
                self.statements.get(self.compiler.count, connection, shape), values
            ):
                counted[place - base] = min(number, limit), number <= limit
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
        result = self.session.connection().exec_driver_sql(statement.sql, parameters)
        # The driver's own rows: SQLAlchemy would wrap each of them again.
        rows: Sequence[Row] = result.cursor.fetchall()
        result.close()
        self.log.append(Statement(statement.sql, parameters, len(rows)))
        return rows


def _part(
    page: Page,
    rows: Sequence[Row],
    cursor: Callable[[Row], str],
    outside: tuple[bool, bool],
    counts: Mapping[str, tuple[int, bool]],
) -> Part:
    """Return one parent's page: one row more was asked for, to see whether there are more."""
    is_more = len(rows) > page.size
    kept = rows[: page.size]
    if page.shape.backward:
        return Part(kept[::-1], cursor, outside[1], is_more or outside[0], counts)
    return Part(kept, cursor, is_more or outside[1], outside[0], counts)


def _no_cursor(row: Row) -> str:
    """Stand in where no cursor is asked for."""
    del row
    return ""
