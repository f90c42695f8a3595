"""How do values leave the database, and how are those written that it does not write itself?

PostgreSQL hands everything out as text, so that the rows of several tables fit into one result; SQLite hands
out what it stores.
"""

from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import orjson
import sqlalchemy
from sqlalchemy import (
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

from models.money import CURRENCY_DIGITS, PLACES, SCALE, Amount, plain
from models.record import INSTANT_FORMAT, Identifier, Instant

Finish = Callable[[Any], Any]
"""What makes a Python value of a raw value of a row; it passes null on."""

_UTC: ColumnClause[str] = literal_column("'UTC'")
_INSTANT: ColumnClause[str] = literal_column("""'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'""")
_USUAL_DIGITS = 2


def in_text(expression: ColumnElement[Any], kind: TypeEngine[Any], dialect: Dialect) -> ColumnElement[Any]:
    """Return what to select of a column of a type: on PostgreSQL text, on SQLite what it stores."""
    if dialect.name == "sqlite":
        return expression
    if isinstance(kind, Instant):
        return func.to_char(func.timezone(_UTC, expression), _INSTANT)
    return expression if is_text(kind) else cast(expression, Text)


def is_text(kind: TypeEngine[Any]) -> bool:
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


def _hex(key: bytes | str | None) -> str | None:
    """Write a key as 32 hexadecimal digits."""
    return None if key is None else key.hex() if isinstance(key, bytes) else key.replace("-", "")


def _whole(number: int | str | None) -> int | None:
    """Return a whole number."""
    return None if number is None else int(number)


_TRUTH = {None: None, 0: False, 1: True, "false": False, "true": True}
