"""Which part of a connection is asked for, and in which order?

Arguments become a ``Page``: its shape decides the statement, its values become parameters.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import Table
from sqlalchemy.types import TypeEngine

from graphql_api.errors import ErrorCode
from graphql_api.planner.condition import (
    ALL_ROWS,
    ArgumentRefused,
    Condition,
    Every,
    Matches,
    Reading,
    plain_code,
)
from graphql_api.planner.cursor import CursorInvalid, decode, digest

MOST_ORDERS = 3
# Beyond this a count takes longer than the page it stands beside; AT_LEAST says so.
MOST_COUNTED = 10_000


@dataclass(frozen=True)
class PageSizes:
    """How many rows a page has where nothing is said, and at most."""

    default: int = 25
    most: int = 100


@dataclass(frozen=True)
class Term:
    """One key of an order. Nulls come last in either direction."""

    column: str
    descending: bool
    nullable: bool


@dataclass(frozen=True)
class PageShape:
    """What decides the statement of a page. SQL compares nulls differently, so a cursor's are part of it."""

    order: tuple[Term, ...]
    backward: bool = False
    after: tuple[bool, ...] | None = None
    before: tuple[bool, ...] | None = None
    variant: str = ""
    where: Condition = ALL_ROWS

    @property
    def whole(self) -> "PageShape":
        """The shape of all pages together."""
        return PageShape(self.order, variant=self.variant, where=self.where)


@dataclass(frozen=True)
class Page:
    """One page: at most ``size`` rows. ``values`` are the parameters of the statement.

    ``kinds`` are the types of the columns that it is ordered by.
    """

    shape: PageShape
    size: int
    bound_to: str
    values: Mapping[str, Any]
    kinds: tuple[TypeEngine[Any], ...]


@dataclass(frozen=True, eq=False)
class Paging:
    """What the arguments of a connection may say. ``place`` (type and field) binds its cursors."""

    place: str
    target: str
    table: Table
    order: tuple[tuple[str, bool], ...]
    filters: Mapping[str, str]
    variant_argument: str | None
    sizes: PageSizes

    def page(self, arguments: Mapping[str, Any], given: set[str]) -> Page:
        """Return the page that the coerced arguments ask for; ``given`` names those that are no defaults.

        Raises:
            ArgumentRefused: a page size, a filter, a cursor or an order that cannot be used.
        """
        size, backward = self._size(arguments, given)
        order = self._order(arguments.get("orderBy"))
        variant = plain_code(arguments[self.variant_argument]) if self.variant_argument else ""
        where, wanted = self._where(arguments)
        terms = [[term.column, term.descending] for term in order]
        filtered = [str(where), wanted] if wanted or where != ALL_ROWS else {}
        bound_to = digest(self.place, terms, variant, filtered)
        values = {**wanted, "limit": size + 1}
        cursors = {side: arguments.get(side) for side in ("after", "before")}
        kinds = tuple([self.table.c[term.column].type for term in order])
        page = Page(PageShape(order, backward, variant=variant, where=where), size, bound_to, values, kinds)
        nulls, edges = edges_of(page, cursors)
        shape = replace(page.shape, after=nulls.get("after"), before=nulls.get("before"))
        return replace(page, shape=shape, values={**values, **edges})

    def _where(self, arguments: Mapping[str, Any]) -> tuple[Condition, dict[str, Any]]:
        """Return what the rows are to meet, and the values that they are compared with."""
        reading = Reading()
        parts: list[Condition] = [
            reading.one_of(column, arguments[name])
            for name, column in self.filters.items()
            if arguments.get(name) is not None
        ]
        if arguments.get("search") is not None and reading.words("search", arguments["search"]):
            parts.append(Matches(self.table.name))
        if "query" in arguments and not reading.words("query", arguments["query"]):
            message = "`query` holds no word: letters and digits are what records are found by."
            raise ArgumentRefused(message)
        if arguments.get("where") is not None:
            parts.append(reading.where(self.target, arguments["where"], "where"))
        return Every(tuple(parts)), reading.values

    def _size(self, arguments: Mapping[str, Any], given: set[str]) -> tuple[int, bool]:
        """Return how many rows, and whether they are counted from the end."""
        first = arguments.get("first") if "first" in given else None
        last = arguments.get("last")
        if first is not None and last is not None:
            message = "`first` and `last` cannot be used together: one pages forward, the other backward."
            raise ArgumentRefused(message)
        name, size = ("last", last) if last is not None else ("first", first)
        if size is None:
            return self.sizes.default, False
        if not 0 <= size <= self.sizes.most:
            message = f"`{name}` is between 0 and {self.sizes.most}; {size} is not."
            raise ArgumentRefused(message)
        return size, name == "last"

    def _order(self, wanted: Sequence[Mapping[str, Any]] | None) -> tuple[Term, ...]:
        """Return the order with ``id`` appended, in the direction of the last key: one index serves both."""
        if wanted is not None and len(wanted) > MOST_ORDERS:
            message = f"`orderBy` takes at most {MOST_ORDERS} fields; {len(wanted)} were given."
            raise ArgumentRefused(message)
        pairs = [
            (str(plain_code(each["field"])), plain_code(each["direction"]) == "DESC") for each in wanted or ()
        ]
        keys: dict[str, bool] = {}
        for column, descending in pairs or self.order:
            keys.setdefault(column, descending)
        keys.setdefault("id", next(reversed(keys.values()), False))
        return tuple(
            Term(column, descending, bool(self.table.c[column].nullable))
            for column, descending in keys.items()
        )


def edges_of(
    page: Page, cursors: Mapping[str, str | None]
) -> tuple[dict[str, tuple[bool, ...]], dict[str, Any]]:
    """Return what ``after`` and ``before`` add to a page: to its shape, and to its values.

    Raises:
        ArgumentRefused: a cursor that cannot be used.
    """
    nulls: dict[str, tuple[bool, ...]] = {}
    values: dict[str, Any] = {}
    for side, cursor in cursors.items():
        if cursor is not None:
            keys = _keys(page, side, cursor)
            nulls[side] = tuple([key is None for key in keys])
            values |= {f"{side}_{index}": key for index, key in enumerate(keys) if key is not None}
    return nulls, values


def _keys(page: Page, side: str, cursor: str) -> tuple[Any, ...]:
    """Return the keys of a cursor, in the page's order.

    Raises:
        ArgumentRefused: one that cannot be used.
    """
    try:
        keys = decode(cursor, page.bound_to, page.kinds)
    except CursorInvalid:
        message = (
            f"The cursor in `{side}` is not one of this connection with this order and these filters; "
            "take cursors from the same field with the same arguments."
        )
        raise ArgumentRefused(message, ErrorCode.CURSOR_INVALID) from None
    for key, term in zip(keys, page.shape.order, strict=True):
        if key is None and not term.nullable:
            message = f"The cursor in `{side}` is damaged."
            raise ArgumentRefused(message, ErrorCode.CURSOR_INVALID)
    return keys


def count_limit(arguments: Mapping[str, Any]) -> int:
    """Return up to how many rows a ``totalCount`` counts.

    Raises:
        ArgumentRefused: negative, or more than ``MOST_COUNTED``.
    """
    limit = arguments.get("limit")
    limit = MOST_COUNTED if limit is None else limit
    if not 0 <= limit <= MOST_COUNTED:
        message = f"`limit` is between 0 and {MOST_COUNTED}; {limit} is not."
        raise ArgumentRefused(message)
    return int(limit)
