"""Which rows does a filter ask for?

The argument ``where`` becomes a tree of conditions, which decides the statement, and values, which become
its parameters. A field of a filter bears the name of the type's field and has its source: nothing is declared
twice.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from enum import Enum
from typing import Any, NoReturn

from sqlalchemy import Table

from graphql_api.errors import ErrorCode
from graphql_api.planner.backing import Column, MoneyOf, Source, ToOne, ToOneBack, backing_of, table_of
from graphql_api.planner.leaf import noun_of
from models.errors import InputRefusal, WrongIdType
from models.money import LARGEST, plain
from models.record import Identifier, parse_id
from models.search import MOST_WORDS, parameters, words_of

MOST_CONDITIONS = 30
"""Comparisons in one ``where``: people write three, programs a dozen."""
DEEPEST = 5
"""Levels of ``and``, ``or`` and ``not`` inside one another."""
MOST_VALUES = 200
"""Items of ``in`` and ``notIn``."""


class ArgumentRefused(Exception):  # noqa: N818  # A refusal is an answer, not a fault.
    """An argument of a field cannot be used."""

    def __init__(self, message: str, code: ErrorCode = ErrorCode.BAD_USER_INPUT) -> None:
        super().__init__(message)
        self.message = message
        self.code = code


@dataclass(frozen=True)
class Compare:
    """A column and a value, which is the parameter of this name; a null column meets ``isNull`` alone."""

    column: str
    operator: str
    parameter: str


@dataclass(frozen=True)
class Linked:
    """There is a row of ``target`` that the viewer sees, whose ``other`` is this row's ``own``, as wanted."""

    target: str
    own: str
    other: str
    parts: tuple[Compare, ...]


@dataclass(frozen=True)
class Every:
    """All of the parts are met; of none, every row."""

    parts: tuple["Condition", ...] = ()


@dataclass(frozen=True)
class Some:
    """One of the parts is met; of none, no row."""

    parts: tuple["Condition", ...]


@dataclass(frozen=True)
class Not:
    """The part is not met: a null that it compares counts as not meeting it."""

    part: "Condition"


@dataclass(frozen=True)
class Matches:
    """Words find the row, which is of the table of this noun."""

    noun: str


Condition = Compare | Matches | Linked | Every | Some | Not


ALL_ROWS = Every()


@dataclass
class Reading:
    """One filter being read. ``values`` are the parameters, in the order of the conditions."""

    values: dict[str, Any] = field(default_factory=dict)
    _steps: list[str] = field(default_factory=list)
    _depth: int = 0
    _conditions: int = 0

    def one_of(self, column: str, wanted: Sequence[Any]) -> Compare:
        """Return the condition that a column has one of the values of an argument of its own."""
        return self._compare(column, "in", [plain_code(each) for each in wanted])

    def words(self, name: str, text: str) -> list[str]:
        """Keep the words of a text as parameters, and return them.

        Raises:
            ArgumentRefused: there are more than one search takes.
        """
        found = words_of(text)
        if len(found) > MOST_WORDS:
            message = f"`{name}` takes at most {MOST_WORDS} words; {len(found)} were given."
            raise ArgumentRefused(message)
        self.values |= parameters(found)
        return found

    def where(self, type_name: str, given: Mapping[str, Any], *steps: str) -> Condition:
        """Return what the rows of a type are to meet.

        Raises:
            ArgumentRefused: a null operand, an id of another type, or more than a filter may hold.
        """
        parts: list[Condition] = []
        for name, operand in self._items(given, *steps):
            if name in _COMBINED:
                parts.append(self._combined(type_name, name, operand))
            else:
                parts.append(self._field(type_name, name, operand))
        return parts[0] if len(parts) == 1 else Every(tuple(parts))

    def _items(self, given: Mapping[str, Any], *steps: str) -> Iterator[tuple[str, Any]]:
        """Yield the fields of an input object, which lies ``steps`` further, while the path leads there.

        Raises:
            ArgumentRefused: a field is null.
        """
        before = len(self._steps)
        for name, operand in given.items():
            self._steps[before:] = [*steps, name]
            if operand is None:
                self._refuse("is null: leave it out, or ask for `isNull: true`")
            yield name, operand
        del self._steps[before:]

    def _combined(self, type_name: str, name: str, operand: Any) -> Condition:
        """Return the condition of ``and``, ``or`` or ``not``."""
        self._depth += 1
        if self._depth > DEEPEST:
            self._refuse(f"is nested {self._depth} deep; {DEEPEST} levels of `and`, `or` and `not` are taken")
        if name == "not":
            found: Condition = Not(self.where(type_name, operand))
        else:
            parts = tuple(self.where(type_name, each, str(at)) for at, each in enumerate(operand))
            found = Every(parts) if name == "and" else Some(parts)
        self._depth -= 1
        return found

    def _field(self, type_name: str, name: str, operand: Mapping[str, Any]) -> Condition:
        """Return the condition on one field of a type."""
        backing = backing_of(type_name)
        match source := backing.fields[name]:
            case ToOne(target, key, other):
                return self._link(target, key, other, operand)
            case ToOneBack(target, key):
                return self._link(target, "id", key, operand)
            case _:
                return Every(tuple(self._comparisons(table_of(backing.table), source, operand)))

    def _link(self, target: str, own: str, other: str, operand: Mapping[str, Any]) -> Condition:
        """Return the condition on the record at the other end of a link: one that is hidden is missing."""
        there = Linked(target, own, other, ())
        found: list[Condition] = []
        parts: list[Compare] = []
        backing = backing_of(target)
        for name, below in self._items(operand):
            if name == "isNull":
                self._count()
                found.append(Not(there) if below else there)
            else:
                parts.extend(self._comparisons(table_of(backing.table), backing.fields[name], below))
        if parts:
            found.append(Linked(target, own, other, tuple(parts)))
        return Every(tuple(found))

    def _comparisons(self, table: Table, source: Source, operand: Mapping[str, Any]) -> Iterator[Compare]:
        """Yield the comparisons of one column."""
        column = column_of(source)
        for operator, value in self._items(operand):
            wanted = value if operator == "isNull" else self._value(table, column, value)
            yield self._compare(column, operator, wanted)

    def _compare(self, column: str, operator: str, value: Any) -> Compare:
        """Return one comparison; a truth about null decides the statement and is no parameter."""
        name = self._count()
        if operator == "isNull":
            return Compare(column, "isNull" if value else "isNotNull", "")
        self.values[name] = value
        if operator == "startsWith":
            self.values[f"{name}_end"] = after_prefix(value)
        return Compare(column, operator, name)

    def _count(self) -> str:
        """Count a condition, and return the name of its parameter.

        Raises:
            ArgumentRefused: there are more than a filter may hold.
        """
        self._conditions += 1
        if self._conditions > MOST_CONDITIONS:
            message = f"`where` takes at most {MOST_CONDITIONS} conditions; ask in several operations."
            raise ArgumentRefused(message)
        return f"where_{self._conditions}"

    def _value(self, table: Table, column: str, value: Any) -> Any:
        """Return an operand as the column holds it.

        Raises:
            ArgumentRefused: no value of the column can be compared with it.
        """
        if isinstance(value, list):
            if len(value) > MOST_VALUES:
                self._refuse(f"holds {len(value)} values; at most {MOST_VALUES} are taken")
            return [self._value(table, column, each) for each in value]
        value = plain_code(value)
        if isinstance(table.c[column].type, Identifier):
            return self._key(noun_of(table.c[column], table.name), value)
        if isinstance(value, Decimal) and abs(value) > LARGEST:
            self._refuse(f"is beyond {plain(LARGEST)}, the largest amount that is kept")
        if isinstance(value, str) and not value.replace("\x00", "\ud800").isascii():
            self._check_text(value)
        return value

    def _key(self, wanted: str, given: str) -> Any:
        """Return the key of a public id."""
        try:
            noun, key = parse_id(given)
            if noun != wanted:
                raise WrongIdType(wanted, noun)  # Both refusals are told in one way.
        except InputRefusal as refusal:
            self._refuse(f"cannot be used: {refusal.message.removesuffix('.')}")
        return key

    def _check_text(self, value: str) -> None:
        """Refuse what no stored text holds, and no database takes: a null character, half a character."""
        if "\x00" in value or any("\ud800" <= each <= "\udfff" for each in value):
            self._refuse("holds a null character or half a character, which no text has")

    def _refuse(self, what: str) -> NoReturn:
        """Refuse the operand that the path leads to.

        Raises:
            ArgumentRefused: always.
        """
        message = f"`{'.'.join(self._steps)}` {what}."
        raise ArgumentRefused(message)


_COMBINED = frozenset({"and", "or", "not"})


def column_of(source: Source) -> str:
    """Return the column that a field of a filter compares."""
    if isinstance(source, Column):
        return source.name
    if isinstance(source, MoneyOf):
        return source.amount
    message = f"{source} is no column to compare"
    raise TypeError(message)


def after_prefix(prefix: str) -> str:
    """Return the first text that sorts behind every text with this prefix, code point by code point."""
    for at in reversed(range(len(prefix))):
        following = ord(prefix[at]) + 1
        if following <= _LAST:
            # Surrogates are no characters: what follows U+D7FF is U+E000.
            return prefix[:at] + chr(_PAST_SURROGATES if following == _SURROGATES else following)
    return chr(_LAST)


_LAST, _SURROGATES, _PAST_SURROGATES = 0x10FFFF, 0xD800, 0xE000


def plain_code(value: Any) -> Any:
    """Return the code that an enum value stands for."""
    return value.value if isinstance(value, Enum) else value
