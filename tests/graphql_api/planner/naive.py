"""What would the plainest evaluator answer? One resolver a field, one row at a time, no plan.

It shares the declarations of the types with the planner and nothing else: whole tables are read and then
sorted, filtered and cut in Python, and graphql-core's executor completes every leaf.
"""

import base64
import json
from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from enum import Enum
from functools import cmp_to_key
from typing import Any
from uuid import UUID

from graphql import (
    GraphQLError,
    GraphQLResolveInfo,
    GraphQLSchema,
    build_schema,
    execute_sync,
    parse,
)
from sqlalchemy.orm import aliased
from sqlmodel import Session, SQLModel, select

from graphql_api.planner import backing as sources
from graphql_api.planner.backing import Backing, backing_of, source_of, type_name_of, variants_of
from graphql_api.schema import print_schema
from models.access import Viewer, visible_to
from models.moment import Moment
from models.money import CURRENCY_DIGITS
from models.record import Record, parse_id, public_id
from models.search import words_of


class Naive:
    """Answers one operation after the other in one session."""

    def __init__(self, schema: GraphQLSchema, session: Session, viewer: Viewer, moment: Moment) -> None:
        self._declared = schema
        self._schema = build_schema(print_schema())
        self._session = session
        self._viewer = viewer
        self._moment = moment

    def answer(
        self, text: str, variables: Mapping[str, Any] | None = None
    ) -> tuple[Any, list[tuple[Any, Any]]]:
        """Return data and (code, path) of the errors."""
        result = execute_sync(
            self._schema,
            parse(text),
            variable_values=dict(variables or {}),
            field_resolver=self._resolve,
            type_resolver=lambda value, _info, _kind: value["__typename"],
        )
        return result.data, [
            ((error.extensions or {}).get("code"), error.path) for error in result.errors or ()
        ]

    def _resolve(self, parent: Any, info: GraphQLResolveInfo[Any], **arguments: Any) -> Any:
        if isinstance(parent, dict) and info.field_name in parent:
            value = parent[info.field_name]
            return value(**arguments) if callable(value) else value
        declared: Any = self._declared.get_type(info.parent_type.name)
        source = source_of(declared.fields[info.field_name])
        return (
            self._root(source, arguments) if parent is None else self._below(parent["row"], source, arguments)
        )

    def _below(self, row: Any, source: sources.Source, arguments: Mapping[str, Any]) -> Any:
        match source:
            case sources.Column(name):
                found = self._leaf(row, name)
            case sources.MoneyOf(amount, currency):
                found = money(getattr(row, amount), getattr(row, currency))
            case sources.ToOne(target, own, other):
                found = self._first(target, other, getattr(row, own))
            case sources.ToOneBack(target, other):
                found = self._first(target, other, row.id)
            case sources.ToMany():
                found = self._many(row, source, arguments)
            case sources.Polymorphic(noun, own):
                found = self._first(type_name_of(getattr(row, noun)), "id", getattr(row, own))
            case sources.Computed(needs, function):
                found = self._computed(row, needs, function)
            case _:
                raise AssertionError(source)
        return found

    def _root(self, source: sources.Source, arguments: Mapping[str, Any]) -> Any:
        match source:
            case sources.RootOne(target, keys, latest):
                ((name, value),) = arguments["by"].items()
                wanted = parse_id(value)[1] if name == "id" else value
                rows = [row for row in self._rows(backing_of(target)) if getattr(row, keys[name]) == wanted]
                rows.sort(key=lambda row: getattr(row, latest or "id"))
                return self._shown(rows[-1]) if rows else _missing()
            case sources.RootMany(target, order):
                return self._many(None, sources.ToMany(target, {}, order=order), arguments)
            case sources.RootNode():
                return self._node(arguments["id"]) or _missing()
            case sources.RootNodes():
                return [self._node(each) or _missing() for each in arguments["ids"]]
            case sources.RootViewer():
                viewer = self._viewer
                return {
                    "id": public_id(viewer.noun, viewer.id),
                    "name": viewer.name,
                    "role": viewer.role.value,
                }
        raise AssertionError(source)

    def _node(self, given: str) -> Any:
        noun, key = parse_id(given)
        return self._first(type_name_of(noun), "id", key)

    def _rows(self, backing: Backing) -> list[Any]:
        statement: Any = select(backing.table)
        if issubclass(backing.table, Record):
            rule = visible_to(self._viewer, backing.table)
            statement = statement if rule is None else statement.where(rule)
        rows = self._session.exec(statement).all()
        column, value = backing.variant or ("", None)
        return [row for row in rows if not column or getattr(row, column) == value]

    def _first(self, target: str, column: str, value: Any) -> Any:
        found = [
            row
            for row in self._rows(backing_of(target))
            if value is not None and getattr(row, column) == value
        ]
        return self._shown(found[0]) if found else None

    def _shown(self, row: Any) -> dict[str, Any]:
        noun = str(row.__tablename__)
        names = [
            each.type_name
            for each in variants_of(noun)
            if each.variant is not None and getattr(row, each.variant[0]) == each.variant[1]
        ]
        return {"row": row, "__typename": names[0] if names else type_name_of(noun)}

    def _leaf(self, row: SQLModel, name: str) -> Any:
        value = getattr(row, name)
        if isinstance(value, UUID):
            noun = (
                str(row.__tablename__) if name == "id" else name.removesuffix("_id").removeprefix("bundle_")
            )
            return public_id(noun, value)
        if isinstance(value, Decimal):
            return written(value)
        if isinstance(value, datetime):
            return value.strftime("%Y-%m-%dT%H:%M:%S.%fZ")
        return (
            value.isoformat()
            if isinstance(value, date)
            else value.value
            if isinstance(value, Enum)
            else value
        )

    def _computed(self, row: Any, needs: Sequence[Any], function: Any) -> Any:
        entity: Any = aliased(type(row))
        values = {}
        for need in needs:
            if isinstance(need, str):
                values[need] = getattr(row, need)
            else:
                values[need.name] = self._session.scalar(select(need.read(entity)).where(entity.id == row.id))
        return written(function(values, self._viewer, self._moment))

    def _many(self, parent: Any, source: sources.ToMany, arguments: Mapping[str, Any]) -> dict[str, Any]:
        rows = self._rows(backing_of(source.target))
        if source.match:
            child, own = source.match[arguments[source.argument] if source.argument else ""]
            rows = [
                row
                for row in rows
                if getattr(parent, own) is not None and getattr(row, child) == getattr(parent, own)
            ]
        for argument, column in source.filters.items():
            if arguments.get(argument) is not None:
                rows = [row for row in rows if getattr(row, column) in arguments[argument]]
        if arguments.get("where") is not None:
            rows = [row for row in rows if self._meets(source.target, row, arguments["where"])]
        wanted_words = words_of(arguments.get("search") or "")
        rows = [row for row in rows if all(is_found(row, word) for word in wanted_words)]
        wanted = [
            (each["field"].lower(), each["direction"] == "DESC") for each in arguments.get("orderBy") or ()
        ]
        rows = in_order(rows, wanted or list(source.order))
        return self._page(rows, arguments)

    def _meets(self, type_name: str, row: Any, where: Mapping[str, Any]) -> bool:
        return all(self._holds(type_name, row, name, operand) for name, operand in where.items())

    def _holds(self, type_name: str, row: Any, name: str, operand: Any) -> bool:
        if name == "not":
            return not self._meets(type_name, row, operand)
        if name in {"and", "or"}:
            return (all if name == "and" else any)(self._meets(type_name, row, each) for each in operand)
        match backing_of(type_name).fields[name]:
            case sources.ToOne(target, own, other):
                return self._linked(target, other, getattr(row, own), operand)
            case sources.ToOneBack(target, other):
                return self._linked(target, other, row.id, operand)
            case source:
                (column, *_) = sources.columns_of(source)
                return compares(getattr(row, column), operand)

    def _linked(self, target: str, column: str, value: Any, operand: Mapping[str, Any]) -> bool:
        there = self._first(target, column, value)
        rest = {name: each for name, each in operand.items() if name != "isNull"}
        if "isNull" in operand and operand["isNull"] is not (there is None):
            return False
        if not any(rest.values()):
            return True
        return there is not None and self._meets(target, there["row"], rest)

    def _page(self, rows: list[Any], arguments: Mapping[str, Any]) -> dict[str, Any]:
        keys = [key_of(row) for row in rows]
        begin = keys.index(id_in(arguments["after"])) + 1 if arguments.get("after") else 0
        end = keys.index(id_in(arguments["before"])) if arguments.get("before") else len(rows)
        if arguments.get("last") is not None:
            begin = max(begin, end - arguments["last"])
        else:
            end = min(end, begin + arguments["first"])
        page = rows[begin : max(begin, end)]
        return {
            "nodes": [self._shown(row) for row in page],
            "edges": [{"cursor": key_of(row), "node": self._shown(row)} for row in page],
            "pageInfo": {
                "hasNextPage": end < len(rows),
                "hasPreviousPage": begin > 0,
                "startCursor": key_of(page[0]) if page else None,
                "endCursor": key_of(page[-1]) if page else None,
            },
            "totalCount": lambda limit: {
                "value": min(limit, len(rows)),
                "precision": "EXACT" if len(rows) <= limit else "AT_LEAST",
            },
        }


def written(value: Any) -> Any:
    """Write the numbers of a computed tree as those of columns are written."""
    match value:
        case Decimal():
            text = format(value, "f")
            return text.rstrip("0").rstrip(".") if "." in text else text
        case list():
            return [written(each) for each in value]
        case dict():
            return {name: written(each) for name, each in value.items()}
    return value


def is_found(row: Any, word: str) -> bool:
    """Say whether a word begins one of those that a record is found by."""
    names = (*row.titled, *row.searched) if isinstance(row, Record) else ()
    return any(
        each.startswith(word)
        for name in names
        if getattr(row, name) is not None
        for each in words_of(getattr(row, name))
    )


def _missing() -> GraphQLError:
    """Return the error for what is not there; graphql-core puts a returned error where the value would be."""
    return GraphQLError("missing", extensions={"code": "NOT_FOUND"})


def key_of(row: Any) -> str:
    """Return what stands for a row in place of a cursor."""
    return row.id.hex if isinstance(row.id, UUID) else row.id


def id_in(cursor: str) -> str:
    """Return what stands for a row by one of the planner's cursors."""
    found: str = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))[-1]
    return found


def without_cursors(value: Any) -> Any:
    """Return the planner's answer with what stands for rows in place of its cursors."""
    if isinstance(value, list):
        return [without_cursors(each) for each in value]
    if not isinstance(value, dict):
        return value
    named = ("cursor", "startCursor", "endCursor")
    return {
        key: id_in(each) if key in named and each is not None else without_cursors(each)
        for key, each in value.items()
    }


def in_order(rows: list[Any], order: list[tuple[str, bool]]) -> list[Any]:
    """Sort rows: nulls last either way, id appended in the direction of the last key."""
    # A field that is named again changes nothing.
    named: dict[str, bool] = {}
    for name, descending in order:
        named.setdefault(name, descending)
    keys = [*named.items(), ("id", next(reversed(named.values()), False))]

    def compare(one: Any, other: Any) -> int:
        for name, descending in keys:
            left, right = getattr(one, name), getattr(other, name)
            if left == right:
                continue
            if left is None or right is None:
                return 1 if left is None else -1
            return (-1 if left < right else 1) * (-1 if descending else 1)
        return 0

    return sorted(rows, key=cmp_to_key(compare))


def compares(value: Any, operand: Mapping[str, Any]) -> bool:
    """Say whether a value stands every comparison; null stands ``isNull`` alone."""
    return all(_OPERATORS[name](value, _as(value, given)) for name, given in operand.items())


_OPERATORS: dict[str, Callable[[Any, Any], bool]] = {
    "eq": lambda value, given: value is not None and value == given,
    "in": lambda value, given: value is not None and value in given,
    "notIn": lambda value, given: value is not None and value not in given,
    "gt": lambda value, given: value is not None and value > given,
    "gte": lambda value, given: value is not None and value >= given,
    "lt": lambda value, given: value is not None and value < given,
    "lte": lambda value, given: value is not None and value <= given,
    "startsWith": lambda value, given: value is not None and value.startswith(given),
    "contains": lambda value, given: value is not None and given in value,
    "isNull": lambda value, given: (value is None) is given,
}


def _as(value: Any, given: Any) -> Any:
    """Return an operand as a value of the kind that it is compared with."""
    match value, given:
        case _, list():
            return [_as(value, each) for each in given]
        case UUID(), str():
            return parse_id(given)[1]
        case Decimal(), _:
            return given if isinstance(given, bool) else Decimal(str(given))
        case datetime(), str():
            return datetime.fromisoformat(given)
        case date(), str():
            return date.fromisoformat(given)
    return given


def money(amount: Decimal | None, currency_code: str) -> dict[str, str] | None:
    """Write an amount with at least the digits of its currency."""
    if amount is None:
        return None
    digits = CURRENCY_DIGITS[currency_code]
    exact = amount.normalize()
    places = max(digits, -int(exact.as_tuple().exponent))
    return {"amount": f"{exact:.{places}f}", "currencyCode": currency_code}
