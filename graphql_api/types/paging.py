"""How does a list show its pages? Relay connections, both ways, with their order and their count."""

from enum import StrEnum
from functools import cache
from typing import Any

from sqlmodel import SQLModel
from strawberry.types.arguments import StrawberryArgument
from strawberry.types.field import StrawberryField

from graphql_api.planner.backing import ConnectionPart, RootMany, ToMany, leads_index, table_of
from graphql_api.types.backed import (
    Declared,
    argument,
    built_field,
    by_name,
    describe,
    input_field,
    input_type,
    list_of,
    optional,
    shown,
    title,
    words,
)
from graphql_api.types.filtering import where_argument
from models.record import Versioned, records
from models.search import MOST_WORDS, searched

DEFAULT_PAGE = 25
"""Items on a page where neither ``first`` nor ``last`` is given: what a screen shows."""
LARGEST_PAGE = 100
COUNTED_AT_MOST = 10_000


class OrderDirection(StrEnum):
    """Which end comes first. Nulls come last either way."""

    ASC = "ASC"
    DESC = "DESC"


class CountPrecision(StrEnum):
    """Whether a count was finished."""

    EXACT = "EXACT"
    AT_LEAST = "AT_LEAST"


describe(
    OrderDirection,
    "Which end comes first. Nulls come last either way.",
    ASC="From the smallest, earliest or first in the alphabet.",
    DESC="From the largest, latest or last in the alphabet.",
)
describe(
    CountPrecision,
    "Whether a count was finished.",
    EXACT="There are exactly as many.",
    AT_LEAST="Counting stopped at the limit: there are more.",
)


def part(kind: object, description: str) -> Any:
    """Declare a field of a connection, which the planner makes."""
    return Declared(lambda _, attribute: built_field(ConnectionPart(attribute), kind, description))


@shown
class PageInfo:
    """Where a page begins and ends, and whether there are more."""

    has_next_page = part(bool, "Whether more items follow this page.")
    has_previous_page = part(bool, "Whether items precede this page.")
    start_cursor = part(str | None, "The cursor of the first item, for `before`; null on an empty page.")
    end_cursor = part(str | None, "The cursor of the last item, for `after`; null on an empty page.")


@shown
class Count:
    """How many items a connection has in all, counted only as far as asked."""

    value = part(int, "The number of items, or the limit where counting stopped there.")
    precision = part(CountPrecision, "Whether the number is exact.")


@cache
def connection_of(type_name: str) -> type:
    """Return the connection over a type, such as ``QuoteConnection``; its edge type is made with it."""
    item, many_items = words(type_name), plural(words(type_name))
    node = by_name(type_name)
    edge = _shown(
        f"{type_name}Edge",
        f"One {item} on a page, with its cursor.",
        cursor=part(str, "Opaque place of this item, for `after` and `before` with the same arguments."),
        node=part(node, f"The {item}."),
    )
    limit = argument("limit", int | None, "Where counting stops.", default=COUNTED_AT_MOST)
    count = "The number of items on all pages. Counted only when asked for."
    return _shown(
        f"{type_name}Connection",
        f"A page of {many_items}.",
        edges=part(list_of(edge), f"The {many_items} of this page with their cursors."),
        nodes=part(list_of(node), f"The {many_items} of this page."),
        page_info=part(PageInfo, "Where this page begins and ends, and whether there are more."),
        total_count=Declared(
            lambda _, attribute: built_field(
                ConnectionPart(attribute), optional(Count, null=True), count, [limit]
            )
        ),
    )


def _shown(name: str, description: str, **declared: Any) -> type:
    """Return a GraphQL type made of declared fields."""
    return shown(type(name, (), {"__doc__": description, "__module__": __name__, **declared}))


def plural(noun: str) -> str:
    """Return the plural of a noun in words."""
    if noun == "lead evidence":
        return noun
    return noun[:-1] + "ies" if noun.endswith("y") else noun + "s"


@cache
def page_arguments(target: str) -> tuple[StrawberryArgument, ...]:
    """Return the arguments of every connection over a type.

    ``search`` is there where words find its rows, and ``orderBy`` where they are records.
    """
    arguments = [*edge_arguments(), where_argument(target)]
    if any(title(noun) == target for noun in searched()):
        wanted = (
            f"Only what has these words, or longer ones that begin so, at most {MOST_WORDS}; case, accents "
            "and punctuation do not matter. A text without a word finds all."
        )
        arguments.append(argument("search", str | None, wanted))
    if has_order(target):
        wanted = (
            "At most 3; what is equal in one is ordered by the next, last by id. By default oldest first."
        )
        kind = optional(list_of(by_name(f"{target}Order")), null=True)
        arguments.append(argument("order_by", kind, wanted))
    return tuple(arguments)


@cache
def edge_arguments() -> tuple[StrawberryArgument, ...]:
    """Return the arguments that say which page is wanted."""
    default = f"{DEFAULT_PAGE} unless `last` is given"
    return (
        argument(
            "first",
            int | None,
            f"At most so many items from the start; {default}, at most {LARGEST_PAGE}.",
            default=DEFAULT_PAGE,
        ),
        argument("after", str | None, "Only items after this cursor."),
        argument(
            "last",
            int | None,
            f"At most so many items from the end, at most {LARGEST_PAGE}; not with `first`.",
        ),
        argument("before", str | None, "Only items before this cursor."),
    )


@cache
def has_order(target: str) -> bool:
    """Say whether clients choose the order of a type's rows: of records, not of their parts."""
    return any(title(noun) == target and issubclass(table, Versioned) for noun, table in records().items())


def many(
    noun: str,
    key: str,
    description: str,
    *,
    parent: str = "id",
    order: tuple[tuple[str, bool], ...] = (),
    where: tuple[tuple[str, Any], ...] = (),
) -> Any:
    """Declare the connection of the rows of a table whose ``key`` is this row's ``parent``.

    ``where`` holds (column, value) pairs that every row meets.
    """

    def make(_: type[SQLModel], __: str) -> StrawberryField:
        _assert_indexed(records()[noun], key)
        source = ToMany(title(noun), {"": (key, parent)}, order=order, where=where)
        return built_field(source, connection_of(title(noun)), description, page_arguments(title(noun)))

    return Declared(make)


def root_many(type_name: str, description: str, *, order: tuple[tuple[str, bool], ...] = ()) -> Any:
    """Declare the connection of all rows of a type that the viewer sees."""
    kind = optional(connection_of(type_name), null=True)
    return built_field(RootMany(type_name, order), kind, description, page_arguments(type_name))


def ordered(table: type[Versioned], **columns: str) -> None:
    """Let clients order the rows of a table by these columns; each has an index and a description.

    Raises:
        TypeError: a column that leads no index, or that may be null and has none for both ends.
    """
    type_name = title(table.noun())
    for name in columns:
        _assert_indexed(table, name)
        if table_of(table).c[name].nullable and name not in table.ordered_with_nulls:
            message = f"{type_name} is ordered by {name}, which may be null: name it in `ordered_with_nulls`"
            raise TypeError(message)
    fields = StrEnum(f"{type_name}OrderField", {name.upper(): name for name in columns})  # type: ignore[misc]  # Dynamic.
    what = plural(words(type_name))
    described = {name.upper(): text for name, text in columns.items()}
    describe(fields, f"What {what} can be ordered by.", **described)
    given = {
        "field": input_field(fields, f"What the {what} are ordered by."),
        "direction": input_field(OrderDirection, "Which end comes first.", default=OrderDirection.ASC),
    }
    input_type(f"{type_name}Order", f"One criterion by which {what} are ordered.", given)


def _assert_indexed(table: type[SQLModel], name: str) -> None:
    """Refuse a link or an order that would read a whole table."""
    backing = table_of(table)
    if not leads_index(backing, name):
        message = f"{backing.name}.{name} leads no index"
        raise TypeError(message)
