"""How does a plan become an answer? Statements and texts; no resolver a field, no statement a row."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain
from typing import Any
from uuid import UUID

from graphql import GraphQLError

from graphql_api.planner.backing import ToOne
from graphql_api.planner.compile import ROOT
from graphql_api.planner.condition import ArgumentRefused
from graphql_api.planner.cursor import encode
from graphql_api.planner.fetch import Fetch, Owners
from graphql_api.planner.groups import Groups, GroupWriter, objects, shape_of
from graphql_api.planner.known import Needs
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
from graphql_api.planner.page import Page
from graphql_api.planner.read import BEYOND, PAGE, count_of
from graphql_api.planner.script import Row
from graphql_api.planner.wanted import First, Refused
from graphql_api.planner.weaving import Lists, add_to
from models.access import Viewer
from models.moment import Moment

_INSIDE = (False, False)
_NOTHING: Mapping[str, tuple[int, bool]] = {}
_TRUE = frozenset({1, "true", "1"})


@dataclass
class Run:
    """One execution: from one snapshot, for one viewer, at one moment."""

    fetch: Fetch
    most_keys: int = 100
    errors: list[GraphQLError] = field(default_factory=list)

    @property
    def viewer(self) -> Viewer:
        """Who asks."""
        return self.fetch.viewer

    @property
    def moment(self) -> Moment:
        """When it is."""
        return self.fetch.moment

    @property
    def variables(self) -> Mapping[str, Any]:
        """The coerced variables."""
        return self.fetch.wanted.variables

    def one(self, readable: Readable, column: str, latest: str | None, key: Any) -> str | None:
        """Return the text of the row whose ``column`` is ``key``; None where there is none to be seen."""
        first = First.one(self.fetch.wanted.compiler, readable.level, column, latest)
        rows = self.fetch.begin(first, {"key": key})
        return self._texts(readable.level, [readable.write], rows[:1])[0][0] if rows else None

    def by_keys(self, readable: Readable, column: str, keys: Sequence[Any]) -> dict[Any, str]:
        """Return the texts of the rows whose ``column`` is one of these raw keys, in one statement."""
        first = First.by_keys(self.fetch.wanted.compiler, readable.level, column, len(keys))
        rows = self.fetch.begin(first, {"ids": self.fetch.wanted.compiler.key_values(keys)})
        (texts,) = self._texts(readable.level, [readable.write], rows)
        owners = self.fetch.wanted.compiler.owners(keys)
        return {owners[row[-1]]: text for row, text in zip(rows, texts, strict=True)}

    def any_of(self, branches: Branches, wanted: Iterable[tuple[str, UUID]]) -> dict[tuple[str, UUID], str]:
        """Return the texts of records of any type by (noun, key), in one statement a type."""
        by_noun: dict[str, dict[Any, UUID]] = {}
        for noun, key in wanted:
            by_noun.setdefault(noun, {})[self.fetch.wanted.compiler.raw_key(key)] = key
        found: dict[tuple[str, UUID], str] = {}
        for noun, keys in by_noun.items():
            readable = branches.level(noun)
            if readable is not None:
                texts = self.by_keys(readable, "id", list(keys))
                found |= {(noun, keys[raw]): text for raw, text in texts.items()}
        return found

    def root(self, connection: Connection) -> str:
        """Return the text of a connection at the root."""
        self.fetch.root(connection)
        woven = self.fetch.woven.pop(connection, None)
        return self._connections(connection, None)[ROOT] if woven is None else woven[ROOT]

    def groups(self, planned: Groups) -> list[dict[str, Any]]:
        """Return groups of rows, in one statement, and in one more for each kind of record they are of.

        Raises:
            ArgumentRefused: an argument cannot be used.
        """
        shape, values = shape_of(planned, planned.asked.arguments(self.variables))
        for _, readable in planned.links.values():
            self.fetch.wanted.check(readable.level)
        write = GroupWriter(self.fetch.wanted.compiler).statement
        zone = self.moment.organization.time_zone.key
        statement = self.fetch.wanted.statements.get(
            ("groups", planned, shape), lambda: write(planned, shape)
        )
        rows = self.fetch.rows(statement, {**values, "zone": zone})

        def fetch(link: ToOne, readable: Readable, keys: Iterable[Any]) -> dict[Any, str]:
            raw = (
                {self.fetch.wanted.compiler.raw_key(key): key for key in keys} if link.other == "id" else None
            )
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
        slot = child.slots[self.fetch.wanted.needs(connection).page.shape.variant]
        woven = self.fetch.woven.pop(connection, None)
        if woven is not None:
            return woven, slot
        keys = dict.fromkeys([row[slot] for row in rows])
        is_unlinked = None in keys
        keys.pop(None, None)
        texts = self._connections(connection, self.fetch.wanted.compiler.owners(keys))
        if is_unlinked:
            counts = {asked.key: (0, True) for asked in connection.counts}
            nothing = {None: Part((), has_next=False, has_previous=False, counts=counts)}
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
            trees = child.function(self.fetch.snapshot.session, self.viewer, self.moment, given, arguments)
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

    def _connections(self, connection: Connection, parents: Owners) -> dict[Any, str]:
        """Return the text of each parent's connection."""
        needs = self.fetch.wanted.needs(connection)
        if needs.is_plain:
            return self._plain(connection, needs, parents)
        page = needs.page
        owners = self.fetch.wanted.compiler.at_root if parents is None else parents
        buckets: dict[Any, list[Row]] = {owner: [] for owner in owners}
        for row in self.fetch.read(connection, PAGE, parents) if owners and connection.has_page else ():
            buckets[row[-1]].append(row)
        outside = self._outside(connection, parents) if owners else {}
        told = self._told(connection, owners, parents)
        parts = {
            owners[owner]: _part(page, rows, outside.get(owner, _INSIDE), told.get(owner, _NOTHING))
            for owner, rows in buckets.items()
        }
        rows = list(chain.from_iterable([part.rows for part in parts.values()]))
        texts = self._texts(connection.level, connection.writes, rows)
        return connection.write(parts, texts, self._cursor(connection, page))

    def _plain(self, connection: Connection, needs: Needs, parents: Owners) -> dict[Any, str]:
        """Return the text of each parent's connection, of which nothing but the texts of rows is wanted."""
        owners = self.fetch.wanted.compiler.at_root if parents is None else parents
        if not owners:
            return {}
        lists: Lists
        if needs.is_leaf:
            lists = self.fetch.texts(connection, parents)
            told = self._told(connection, owners, parents)
        else:
            lists = defaultdict(list)
            rows = self.fetch.read(connection, PAGE, parents)
            told = self._told(connection, owners, parents)
            (texts,) = self._texts(connection.level, connection.writes, rows)
            add_to(lists, [row[-1] for row in rows], texts)
        return connection.write_lists(owners, lists, told)

    def _outside(self, connection: Connection, parents: Owners) -> dict[Any, tuple[bool, bool]]:
        """Say for each owner whether there are rows at or before ``after``, and at or after ``before``."""
        if BEYOND not in self.fetch.wanted.reads(connection):
            return {}
        rows = self.fetch.read(connection, BEYOND, parents)
        return {row[-1]: (row[0] in _TRUE, row[1] in _TRUE) for row in rows}

    def _told(
        self, connection: Connection, owners: Iterable[Any], parents: Owners
    ) -> dict[Any, dict[str, tuple[int, bool]]]:
        """Return for each owner the number of its rows by each count asked for, and whether it is exact."""
        if not connection.counts:
            return {}
        told: dict[Any, dict[str, tuple[int, bool]]] = {owner: {} for owner in owners}
        for asked in connection.counts if told else ():
            name = count_of(asked.key)
            most = self.fetch.wanted.reads(connection)[name].size or 0
            for row in self.fetch.read(connection, name, parents):
                told[row[-1]][asked.key] = min(int(row[0]), most), int(row[0]) <= most
        return told

    def _cursor(self, connection: Connection, page: Page) -> Callable[[Row], str]:
        """Return what makes the cursor of a row."""
        if not connection.needs_cursors:
            return _no_cursor
        needs = self.fetch.wanted.needs(connection)
        if needs.finishes is None:
            found = self.fetch.wanted.compiler.cursor_finishes(connection, page.shape)
            needs.finishes = list(enumerate(found, len(connection.level.columns)))
        finishes = needs.finishes
        bound_to = page.bound_to

        def cursor(row: Row) -> str:
            return encode(
                bound_to, [row[at] if finish is None else finish(row[at]) for at, finish in finishes]
            )

        return cursor


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
