"""How does a column become JSON, without a Python object made only to be printed?

``printed`` returns what to select and, where the database cannot hand out the final form, the function
that finishes it. ``typed`` is for columns that code computes with.
"""

import enum
from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

import orjson
import sqlalchemy
from sqlalchemy import ColumnClause, ColumnElement, Dialect, Text, cast, func, literal_column
from sqlalchemy.types import TypeEngine

from models.money import CURRENCY_DIGITS, PLACES, SCALE, Amount, plain
from models.record import INSTANT_FORMAT, Identifier, Instant, public_id

Finish = Callable[[Any], Any]
"""What turns a raw value of a row into what the answer holds; it passes null on."""

_UTC: ColumnClause[str] = literal_column("'UTC'")
_INSTANT: ColumnClause[str] = literal_column("""'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'""")
_DAY: ColumnClause[str] = literal_column("'YYYY-MM-DD'")


def printed(
    column: ColumnElement[Any], noun: str, dialect: Dialect
) -> tuple[ColumnElement[Any], Finish | None]:
    """Return what to select for a leaf, and how to finish it. ``noun`` prefixes ids."""
    kind = column.type
    if isinstance(kind, Identifier):
        return column, public_ids(noun)
    if isinstance(kind, Amount):
        return column, decimal_text
    if isinstance(kind, sqlalchemy.JSON):
        return cast(column, Text) if dialect.name == "postgresql" else column, json_text
    return _as_text(column, dialect)


def ordered(column: ColumnElement[Any], dialect: Dialect) -> tuple[ColumnElement[Any], Finish | None]:
    """Return what to select for a key of a cursor, and how to make a JSON scalar of it."""
    if isinstance(column.type, Identifier):
        return column, _hex
    return (column, None) if isinstance(column.type, Amount) else _as_text(column, dialect)


def typed(expression: ColumnElement[Any], dialect: Dialect) -> tuple[ColumnElement[Any], Finish | None]:
    """Return what to select for a value that code computes with, and how to make the Python value."""
    return expression, result_processor(expression.type, dialect)


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


def public_ids(noun: str) -> Finish:
    """Return what writes keys of a table as public ids."""

    def finish(key: bytes | UUID | None) -> str | None:
        if key is None:
            return None
        return public_id(noun, UUID(bytes=key) if isinstance(key, bytes) else key)

    return finish


def decimal_text(millionths: int | None) -> str | None:
    """Write an amount of millionths without trailing zeros behind the point: 12500000 is ``12.5``."""
    if millionths is None:
        return None
    whole, fraction = divmod(abs(millionths), SCALE)
    sign = "-" if millionths < 0 else ""
    return f"{sign}{whole}.{fraction:0{PLACES}d}".rstrip("0") if fraction else f"{sign}{whole}"


def money_text(millionths: int, currency_code: str) -> str:
    """Write an amount with the digits of its currency, and with more where it has more."""
    digits = CURRENCY_DIGITS.get(currency_code, 2)
    whole, fraction = divmod(abs(millionths), SCALE)
    behind = f"{fraction:0{PLACES}d}".rstrip("0").ljust(digits, "0")
    sign = "-" if millionths < 0 else ""
    return f"{sign}{whole}.{behind}" if behind else f"{sign}{whole}"


def json_text(text: str | None) -> orjson.Fragment | None:
    """Hand stored JSON on as it is."""
    return None if text is None else orjson.Fragment(text)


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


def _as_text(column: ColumnElement[Any], dialect: Dialect) -> tuple[ColumnElement[Any], Finish | None]:
    """Return instants, days and codes as text; numbers and truth values as JSON has them."""
    kind = column.type
    postgresql = dialect.name == "postgresql"
    if isinstance(kind, Instant):
        return func.to_char(func.timezone(_UTC, column), _INSTANT) if postgresql else column, None
    if isinstance(kind, sqlalchemy.Date):
        return func.to_char(column, _DAY) if postgresql else column, None
    if isinstance(kind, sqlalchemy.Enum):
        return column, _codes(kind.enum_class)
    if isinstance(kind, sqlalchemy.Boolean):
        return column, None if postgresql else {0: False, 1: True}.get
    return column, None


def _codes(values: type[enum.Enum] | None) -> Finish | None:
    """Return what writes stored values as GraphQL names; None where the two are the same."""
    if values is None or all(each.name == each.value for each in values):
        return None
    return {each.value: each.name for each in values}.get


def _hex(key: bytes | UUID | None) -> str | None:
    """Write a key as 32 hexadecimal digits."""
    return None if key is None else key.hex() if isinstance(key, bytes) else key.hex
