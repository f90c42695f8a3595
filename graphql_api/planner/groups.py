"""How many rows are there of each kind, and what do their amounts come to? Counted and summed in SQL.

Amounts are sums of integers, taken apart into whole units and the rest, so that no sum is too large for
64 bits; money is never added across currencies.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import sqlalchemy
from orjson import Fragment
from sqlalchemy import BigInteger, ColumnElement, Integer, Text, bindparam, func, literal_column, select
from sqlalchemy.orm import aliased

from graphql_api.planner.backing import MoneyOf, ToOne, backing_of, source_of
from graphql_api.planner.compile import Compiler
from graphql_api.planner.condition import ALL_ROWS, ArgumentRefused, Condition, Reading, plain_code
from graphql_api.planner.draft import named, short, visible
from graphql_api.planner.leaf import money_text
from graphql_api.planner.level import Readable
from graphql_api.planner.prepared import Prepared
from graphql_api.planner.restriction import Restriction
from graphql_api.planner.script import Row
from graphql_api.planner.selection import Asked
from graphql_api.planner.shape import Planning
from graphql_api.planner.tree import lookup, projection
from models.access import Viewer
from models.money import PLACES, SCALE, round_money
from models.record import Identifier, Instant

MOST_GROUPS = 1_000
MOST_KEYS = 4
CURRENCY = "currency_code"

PlanLevel = Callable[[Asked], Readable]
Fetch = Callable[[ToOne, Readable, Iterable[Any]], Mapping[Any, str]]


@dataclass(frozen=True)
class Key:
    """What rows are grouped by: a column, or the month that it lies in."""

    name: str
    column: str
    is_month: bool = False


@dataclass(frozen=True, eq=False)
class Groups:
    """A root field for groups. ``keys``: by the names that clients group by. ``money``: name -> column."""

    asked: Asked
    target: str
    keys: Mapping[str, Key]
    money: Mapping[str, str]
    links: Mapping[str, tuple[ToOne, Readable]]
    leaves: Mapping[str, tuple[Asked, Callable[[Any], Any]]]
    order: tuple[str, ...]
    type_name: str
    viewer: Viewer


@dataclass(frozen=True)
class GroupShape:
    """What decides the statement: keys, in their order, and conditions."""

    keys: tuple[Key, ...]
    where: Condition


def plan_groups(
    planning: Planning, asked: Asked, target: str, keys: Mapping[str, Key], plan: PlanLevel
) -> Groups:
    """Plan the groups of a type's rows: what is asked of each."""
    kind = planning.document.concrete(asked.type.name)
    money: dict[str, str] = {}
    links: dict[str, tuple[ToOne, Readable]] = {}
    leaves: dict[str, tuple[Asked, Callable[[Any], Any]]] = {}
    fields = planning.document.fields(kind, asked.nodes)
    for each in fields:
        source = None if each.definition is None else source_of(each.definition)
        if isinstance(source, ToOne):
            links[each.key] = source, plan(each)
        elif source is not None:
            leaves[each.key] = each, projection(planning.document, each.field.type, each.nodes)
        if isinstance(source, MoneyOf):
            money[each.name] = source.amount
    order = tuple(each.key for each in fields)
    return Groups(asked, target, keys, money, links, leaves, order, kind.name, planning.viewer)


def shape_of(groups: Groups, arguments: Mapping[str, Any]) -> tuple[GroupShape, dict[str, Any]]:
    """Return the shape of the statement, and the values of its parameters.

    Raises:
        ArgumentRefused: too many keys or groups, or a filter that cannot be used.
    """
    names = list(dict.fromkeys(plain_code(each) for each in arguments["by"]))
    if len(names) > MOST_KEYS:
        message = f"`by` takes at most {MOST_KEYS} fields; {len(names)} were given."
        raise ArgumentRefused(message)
    first = arguments.get("first")
    first = 100 if first is None else first
    if not 0 <= first <= MOST_GROUPS:
        message = f"`first` is between 0 and {MOST_GROUPS}; {first} is not."
        raise ArgumentRefused(message)
    if groups.money and CURRENCY not in names:
        names.append(CURRENCY)
    reading = Reading()
    given = arguments.get("where")
    where = ALL_ROWS if given is None else reading.where(groups.target, given, "where")
    return GroupShape(tuple(groups.keys[name] for name in names), where), {**reading.values, "limit": first}


@dataclass(frozen=True)
class GroupWriter:
    """Writes the statement of groups for one engine. Pure, like the compiler."""

    compiler: Compiler

    def statement(self, groups: Groups, shape: GroupShape) -> Prepared:
        """Write the statement: keys, the count, and five numbers for each amount."""
        backing = backing_of(groups.target)
        stem = short(groups.asked.key)
        entity: Any = aliased(backing.table, name=named(stem))
        keys = [self._key(entity, key).label(f"key_{at}") for at, key in enumerate(shape.keys)]
        sums = [each for column in groups.money.values() for each in _numbers(getattr(entity, column))]
        grouped = select(*keys, func.count().label("count"), *sums).select_from(entity)
        grouped = grouped.where(*self._wanted(groups, entity, stem, shape))
        grouped = grouped.group_by(*(literal_column(str(at)) for at, _ in enumerate(keys, 1)))
        rows = grouped.subquery(named(stem, "groups"))
        order = [self._sorted(each) for each in list(rows.c)[: len(keys)]]
        limit = bindparam("limit", None, type_=Integer)
        return self.compiler.prepared(select(*rows.c).order_by(*order).limit(limit))

    def _wanted(self, groups: Groups, entity: Any, stem: str, shape: GroupShape) -> list[ColumnElement[bool]]:
        """Return what every row meets: the filter and the row rule."""
        restriction = Restriction(self.compiler.dialect, groups.viewer, stem)
        found = [] if shape.where == ALL_ROWS else [restriction.of(entity, shape.where)]
        rule = visible(groups.viewer, entity, backing_of(groups.target).table)
        return found if rule is None else [*found, rule]

    def _key(self, entity: Any, key: Key) -> ColumnElement[Any]:
        """Return what rows are grouped by; a month is one of the organisation's calendar."""
        column: ColumnElement[Any] = getattr(entity, key.column)
        if not key.is_month:
            return column
        zone = bindparam("zone", None, type_=Text)
        is_instant = isinstance(column.type, Instant)
        if self.compiler.is_postgresql:
            local = func.timezone(zone, column) if is_instant else column
            return func.to_char(local, literal_column("'YYYY-MM'"), type_=Text)
        if is_instant:
            return func.local_month(column, zone, type_=Text)
        return func.substr(column, literal_column("1"), literal_column("7"), type_=Text)

    def _sorted(self, column: ColumnElement[Any]) -> ColumnElement[Any]:
        """Return a key of the order: as the bytes are, whatever the language of the database; nulls last."""
        if self.compiler.is_postgresql and not isinstance(column.type, Identifier):
            return column.collate("C").nulls_last()
        return column.nulls_last()


def _numbers(column: ColumnElement[Any]) -> list[ColumnElement[Any]]:
    """Return the numbers of an amount: whole units, the rest in millionths, how many, smallest, largest."""
    amount = sqlalchemy.type_coerce(column, BigInteger)
    scale = literal_column(str(SCALE), BigInteger)
    numbers = (
        func.sum(amount.op("/")(scale)),
        func.sum(amount % scale),
        func.count(amount),
        func.min(amount),
        func.max(amount),
    )
    return [each.label(f"{column.key}_{at}") for at, each in enumerate(numbers)]


def objects(groups: Groups, shape: GroupShape, rows: Sequence[Row], fetch: Fetch) -> list[dict[str, Any]]:
    """Return the groups as they are asked for; records that they have in common are fetched kind by kind."""
    places = {key.name: at for at, key in enumerate(shape.keys)}
    columns = {key.column: at for at, key in enumerate(shape.keys) if not key.is_month}
    records: dict[str, Mapping[Any, str]] = {}
    for name, (link, readable) in groups.links.items():
        if link.key in columns:
            at = columns[link.key]
            records[name] = fetch(link, readable, {row[at]: None for row in rows if row[at] is not None})
    made = []
    for row in rows:
        known = _known(groups, shape, places, row)
        group: dict[str, Any] = {}
        for name in groups.order:
            if name in groups.links:
                column = groups.links[name][0].key
                text = records[name].get(row[columns[column]]) if column in columns else None
                group[name] = None if text is None else Fragment(text)
            elif name in groups.leaves:
                asked, project = groups.leaves[name]
                group[name] = project(lookup(known, asked))
            else:
                group[name] = groups.type_name
        made.append(group)
    return made


def _known(groups: Groups, shape: GroupShape, places: Mapping[str, int], row: Row) -> dict[str, Any]:
    """Return what is known of a group, by the names of its fields."""
    known: dict[str, Any] = {
        key.name: f"{row[at]}-01" if key.is_month and row[at] is not None else row[at]
        for at, key in enumerate(shape.keys)
    }
    at = len(shape.keys)
    known["count"] = row[at]
    for number, name in enumerate(groups.money):
        known[name] = _summary(row[at + 1 + 5 * number : at + 6 + 5 * number], row[places[CURRENCY]])
    return known


def _summary(numbers: Sequence[Any], currency_code: str) -> dict[str, Any]:
    """Return sum, average, smallest and largest; null where there is no amount."""
    whole, rest, count, smallest, largest = numbers
    if not count:
        return dict.fromkeys(("sum", "average", "minimum", "maximum"))
    total = int(whole) * SCALE + int(rest)
    average = round_money(Decimal(total) / count / SCALE, currency_code)
    millionths = {
        "sum": total,
        "average": int(average.scaleb(PLACES)),
        "minimum": smallest,
        "maximum": largest,
    }
    return {
        name: {"amount": money_text(int(value), currency_code), "currencyCode": currency_code}
        for name, value in millionths.items()
    }
