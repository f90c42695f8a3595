"""How does a column become JSON, without a Python object made only to be printed?

``printed`` returns what to select and how the code of a plan writes it. PostgreSQL hands everything out as
text, so that the rows of several tables fit into one result; SQLite hands out what it stores.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from json.encoder import encode_basestring
from typing import Any

import orjson
import sqlalchemy
from sqlalchemy import (
    Column,
    ColumnClause,
    ColumnElement,
    Dialect,
    Text,
    TypeDecorator,
    cast,
    func,
    literal_column,
)
from sqlalchemy.types import TypeEngine

from graphql_api.planner.script import NULL, Code, Pieces, Script
from models.money import CURRENCY_DIGITS, PLACES, SCALE, Amount, plain
from models.record import INSTANT_FORMAT, Identifier, Instant, key_text

Finish = Callable[[Any], Any]
"""What makes a Python value of a raw value of a row; it passes null on."""

_UTC: ColumnClause[str] = literal_column("'UTC'")
_INSTANT: ColumnClause[str] = literal_column("""'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'""")
_QUOTE = '"'
_USUAL_DIGITS = 2
# Quantities and percentages are few: most are written only once.
_MOST_REMEMBERED = 4_096


@dataclass(frozen=True)
class Shown:
    """What to select for a leaf, and how its value, which stands at an expression, is written."""

    expression: ColumnElement[Any]
    written: Callable[[Script, Code], Pieces]


class Remembered(dict[Any, str]):
    """What a function makes of values, made once for those of late."""

    def __init__(self, make: Callable[[Any], str]) -> None:
        super().__init__({None: NULL})
        self._make = make

    def __missing__(self, value: Any) -> str:
        """Return what is made of a value that is not known yet."""
        if len(self) >= _MOST_REMEMBERED:
            self.clear()
            self[None] = NULL
        made = self[value] = self._make(value)
        return made


def printed(expression: ColumnElement[Any], column: Column[Any], noun: str, dialect: Dialect) -> Shown:
    """Return how a leaf of a column, which an expression reads, is selected and written.

    ``noun`` prefixes ids.
    """
    kind = column.type
    selected = in_text(expression, kind, dialect)
    if isinstance(kind, sqlalchemy.Enum | sqlalchemy.Boolean):
        table = _table(kind)
        return Shown(selected, lambda script, at: [Code(f"{script.name(table)}[{at}]")])
    if isinstance(kind, Amount):
        return Shown(selected, lambda script, at: [Code(f"{script.name(_DECIMALS)}[{at}]")])

    def written(script: Script, at: Code) -> Pieces:
        pieces = _plain(script, at, kind, noun)
        if not column.nullable:
            return pieces
        joined = "+".join(each if isinstance(each, Code) else script.name(each) for each in pieces)
        return [Code(f"{script.name(NULL)} if {at} is None else {joined}")]

    return Shown(selected, written)


def _plain(script: Script, at: Code, kind: TypeEngine[Any], noun: str) -> Pieces:
    """Return how a value is written that is not null."""
    if isinstance(kind, Identifier):
        return [f'"{noun}_', Code(f"{script.name(key_text)}({at})"), _QUOTE]
    if isinstance(kind, Instant | sqlalchemy.Date):
        return [_QUOTE, at, _QUOTE]
    if isinstance(kind, sqlalchemy.Integer):
        return [Code(f"{script.name(str)}({at})")]
    if isinstance(kind, sqlalchemy.JSON):
        return [at]
    if _is_text(kind):
        return [Code(f"{script.name(encode_basestring)}({at})")]
    message = f"{kind!r} has no form in JSON"
    raise TypeError(message)


def money(script: Script, amount: Code, currency: Code) -> Code:
    """Return the amount of money as text with its quotes; what it is made of is not null."""
    return Code(f"{script.name(_money)}({amount},{currency})")


def currency(script: Script, at: Code) -> Code:
    """Return a currency's code with its quotes."""
    return Code(f"{script.name(_CURRENCIES)}[{at}]")


def in_text(expression: ColumnElement[Any], kind: TypeEngine[Any], dialect: Dialect) -> ColumnElement[Any]:
    """Return what to select of a column of a type: on PostgreSQL text, on SQLite what it stores."""
    if dialect.name == "sqlite":
        return expression
    if isinstance(kind, Instant):
        return func.to_char(func.timezone(_UTC, expression), _INSTANT)
    return expression if _is_text(kind) else cast(expression, Text)


def _is_text(kind: TypeEngine[Any]) -> bool:
    """Say whether columns of this type hold text."""
    return isinstance(kind.impl_instance if isinstance(kind, TypeDecorator) else kind, sqlalchemy.String)


def ordered(
    expression: ColumnElement[Any], kind: TypeEngine[Any], dialect: Dialect
) -> tuple[ColumnElement[Any], Finish | None]:
    """Return what to select for a key of a cursor, and how to make a JSON scalar of it."""
    finish: Finish | None = None
    if isinstance(kind, Identifier):
        finish = _hex
    elif isinstance(kind, sqlalchemy.Boolean):
        finish = _TRUTH.get
    elif isinstance(kind, sqlalchemy.Integer | Amount):
        finish = _whole
    return in_text(expression, kind, dialect), finish


def result_processor(kind: TypeEngine[Any], dialect: Dialect) -> Finish | None:
    """Return what SQLAlchemy does to a raw value of this type."""
    return kind.dialect_impl(dialect).result_processor(dialect, None)


def bind_processor(kind: TypeEngine[Any], dialect: Dialect) -> Finish | None:
    """Return what SQLAlchemy does to a parameter of this type."""
    return kind.dialect_impl(dialect).bind_processor(dialect)


def noun_of(column: ColumnElement[Any], own: str) -> str:
    """Return the noun of the ids in a column: its table's, its foreign key's, a declared one or its name."""
    foreign: sqlalchemy.Table | None = next((key.column.table for key in column.foreign_keys), None)
    if foreign is not None:
        return str(foreign.name)
    name = str(getattr(column, "key", "id"))
    declared: str = column.info.get("noun") or name.removesuffix("_id")
    return own if name == "id" else declared


def decimal_text(millionths: int | None) -> str | None:
    """Write an amount of millionths without trailing zeros behind the point: 12500000 is ``12.5``."""
    if millionths is None:
        return None
    whole, fraction = divmod(abs(millionths), SCALE)
    sign = "-" if millionths < 0 else ""
    return f"{sign}{whole}.{fraction:0{PLACES}d}".rstrip("0") if fraction else f"{sign}{whole}"


def money_text(millionths: int, currency_code: str) -> str:
    """Write an amount with the digits of its currency, and with more where it has more."""
    digits = CURRENCY_DIGITS.get(currency_code, _USUAL_DIGITS)
    whole, fraction = divmod(abs(millionths), SCALE)
    behind = f"{fraction:0{PLACES}d}".rstrip("0").ljust(digits, "0")
    sign = "-" if millionths < 0 else ""
    return f"{sign}{whole}.{behind}" if behind else f"{sign}{whole}"


def json_text(value: object) -> str:
    """Write a value as the text of JSON."""
    return dumps(value).decode()


def dumps(value: object) -> bytes:
    """Write an answer as JSON."""
    return orjson.dumps(value, default=_rest, option=orjson.OPT_PASSTHROUGH_DATETIME)


def _rest(value: object) -> object:
    """Write what JSON has no form for, the way columns are written."""
    match value:
        case Decimal():
            return plain(value)
        case datetime():
            return value.strftime(INSTANT_FORMAT)
        case date():
            return value.isoformat()
        case tuple() | frozenset():
            return list(value)
    message = f"{type(value).__name__} has no form in JSON"
    raise TypeError(message)


def _table(kind: sqlalchemy.Enum | sqlalchemy.Boolean) -> dict[Any, str]:
    """Return what is written for each value that a column of few values may have."""
    if isinstance(kind, sqlalchemy.Boolean):
        return {raw: "null" if value is None else str(value).lower() for raw, value in _TRUTH.items()}
    return {None: NULL} | {each.value: f'"{each.name}"' for each in kind.enum_class or ()}


def _money(millionths: Any, currency_code: str | None) -> str:
    """Write an amount with its quotes. Nearly all have two digits, which are cut out of the number's text."""
    text = str(millionths)
    if (
        text[-4:] == "0000"
        and len(text) > _SHORTEST
        and CURRENCY_DIGITS.get(currency_code or "", _USUAL_DIGITS) == _USUAL_DIGITS
    ):
        return f'"{text[:-6]}.{text[-6:-4]}"'
    if currency_code is None:
        return _DECIMALS[millionths]
    return f'"{money_text(int(millionths), currency_code)}"'


def _hex(key: bytes | str | None) -> str | None:
    """Write a key as 32 hexadecimal digits."""
    return None if key is None else key.hex() if isinstance(key, bytes) else key.replace("-", "")


def _whole(number: int | str | None) -> int | None:
    """Return a whole number."""
    return None if number is None else int(number)


# Millionths with as many digits, and a sign, are less than one.
_SHORTEST = PLACES + 1
_TRUTH = {None: None, 0: False, 1: True, "false": False, "true": True}
_DECIMALS = Remembered(lambda millionths: f'"{decimal_text(int(millionths))}"')
_CURRENCIES = Remembered(encode_basestring)
