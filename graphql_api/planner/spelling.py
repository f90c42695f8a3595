"""How does the database write a column as JSON?

A row comes as text that goes into the answer as it is, in as few pieces as what hangs on it cuts it into: no
value becomes an object of Python's, and a cell costs more than what the database does for it.
"""

from typing import Any

import sqlalchemy
from sqlalchemy import (
    Cast,
    Column,
    ColumnElement,
    Dialect,
    Text,
    case,
    cast,
    func,
    literal_column,
    type_coerce,
)
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement

from graphql_api.planner.leaf import in_text, is_text
from graphql_api.planner.script import NULL, Pieces, Spelled
from models.money import CURRENCY_DIGITS, Amount
from models.record import Instant

# PostgreSQL takes a hundred arguments of a function.
_MOST_ARGUMENTS = 100
_QUOTE = '"'
NEWEST = (17,)
"""The release of PostgreSQL from which on there is nothing new that a statement makes use of."""


class MoneyText(FunctionElement[str]):
    """The text of millionths in a currency: with its digits, and with more where it has more."""

    inherit_cache = True
    type = Text()


class DecimalText(FunctionElement[str]):
    """The text of millionths without zeros behind the point: 12500000 is ``12.5``."""

    inherit_cache = True
    type = Text()


class JsonText(FunctionElement[str]):
    """A text with its quotes and escapes."""

    inherit_cache = True
    type = Text()


class JsonValue(FunctionElement[Any]):
    """The same, of whatever type the engine makes it."""

    inherit_cache = True
    type = Text()


def constant(text: str) -> ColumnElement[str]:
    """Return a literal: names of the schema, aliases, and what stands between them."""
    doubled = text.replace("'", "''")
    return literal_column(f"'{doubled}'", Text)


def together(pieces: Pieces) -> ColumnElement[str]:
    """Return the one text that pieces make."""
    parts: list[ColumnElement[Any]] = []
    words = ""
    for each in pieces:
        if isinstance(each, str):
            words += each
            continue
        parts += [constant(words), each.expression] if words else [each.expression]
        words = ""
    parts += [constant(words)] if words else []
    while len(parts) > 1:
        starts = range(0, len(parts), _MOST_ARGUMENTS)
        loose = [_loose(each) for each in parts]
        parts = [func.concat(*loose[at : at + _MOST_ARGUMENTS], type_=Text()) for at in starts]
    return parts[0]


def _loose(expression: ColumnElement[Any]) -> ColumnElement[Any]:
    """Return an argument of ``concat``, which makes text of all by itself: a cast would do it twice."""
    if isinstance(expression, JsonText):
        return JsonValue(*expression.clauses)
    return expression.clause if isinstance(expression, Cast) else expression


def or_null(is_null: ColumnElement[bool], pieces: Pieces) -> Pieces:
    """Return the text that pieces make, null where a condition is met."""
    return [Spelled(case((is_null, constant(NULL)), else_=together(pieces)))]


def spelled(expression: ColumnElement[Any], column: Column[Any], dialect: Dialect) -> Pieces:
    """Return how a column, which an expression reads, is written.

    Raises:
        TypeError: it has no form in JSON, or one that is not of SQL.
    """
    pieces = _present(expression, column.type, dialect)
    return or_null(expression.is_(None), pieces) if column.nullable else pieces


def _present(expression: ColumnElement[Any], kind: Any, dialect: Dialect) -> Pieces:
    """Return how a value is written that is not null."""
    if isinstance(kind, sqlalchemy.Enum):
        return _enum(type_coerce(expression, Text), kind)
    if isinstance(kind, sqlalchemy.Boolean):
        return [Spelled(case((expression, constant("true")), else_=constant("false")))]
    if isinstance(kind, Amount):
        return [_QUOTE, Spelled(DecimalText(expression)), _QUOTE]
    if isinstance(kind, Instant | sqlalchemy.Date):
        return [_QUOTE, Spelled(in_text(expression, kind, dialect)), _QUOTE]
    if isinstance(kind, sqlalchemy.Integer | sqlalchemy.JSON):
        return [Spelled(cast(expression, Text))]
    if is_text(kind):
        return [Spelled(JsonText(expression))]
    message = f"{kind!r} has no form in JSON"
    raise TypeError(message)


def _enum(expression: ColumnElement[str], kind: sqlalchemy.Enum) -> Pieces:
    """Return how a member is written: by its name, which mostly is what is stored."""
    others = [each for each in kind.enum_class or () if each.name != each.value]
    if not others:
        return [_QUOTE, Spelled(expression), _QUOTE]
    named = [(expression == constant(each.value), constant(each.name)) for each in others]
    return [_QUOTE, Spelled(case(*named, else_=expression)), _QUOTE]


def money(amount: ColumnElement[Any], code: ColumnElement[Any]) -> Pieces:
    """Return how an amount of money is written that is not null."""
    return [_QUOTE, Spelled(MoneyText(amount, code)), _QUOTE]


def _codes(digits: int) -> str:
    """Return the list of the currencies with so many digits."""
    return ", ".join(f"'{code}'" for code, each in CURRENCY_DIGITS.items() if each == digits)


# The two that most amounts are in are looked at first. An amount without a currency is a number.
_DIGITS = (
    "CASE WHEN {code} IN ('EUR', 'USD') THEN 2 "
    f"WHEN {{code}} IS NULL OR {{code}} IN ({_codes(0)}) THEN 0 "
    f"WHEN {{code}} IN ({_codes(3)}) THEN 3 WHEN {{code}} IN ({_codes(4)}) THEN 4 ELSE 2 END"
)
# Nearly all amounts have two digits, and currencies that have as many; the rest is slower and right for all.
_MONEY_POSTGRESQL = (
    "CASE WHEN mod({x}, 10000) = 0 AND {code} NOT IN ("
    + ", ".join(map(_codes, sorted(set(CURRENCY_DIGITS.values()) - {2})))
    + ") THEN ({x} / 10000) * 0.01 "
    f"ELSE round({{x}} * 0.000001, greatest(min_scale({{x}} * 0.000001), {_DIGITS})) END"
)
_FRACTION = "format('%06d', abs({x}) % 1000000)"
# Two digits are cut out of the number's text.
_MONEY_SQLITE = (
    f"CASE WHEN {{x}} % 10000 = 0 AND {{x}} >= 1000000 AND {_DIGITS} = 2 "
    "THEN concat({x} / 1000000, '.', substr({x}, -6, 2)) "
    "ELSE rtrim(concat(iif({x} < 0, '-', ''), abs({x}) / 1000000, '.', "
    f"substr({_FRACTION}, 1, max({_DIGITS}, length(rtrim({_FRACTION}, '0'))))), '.') END"
)
_DECIMAL_SQLITE = (
    "CASE WHEN {x} % 1000000 = 0 THEN {x} / 1000000 ELSE rtrim(format('%s%d.%06d', "
    "iif({x} < 0, '-', ''), abs({x}) / 1000000, abs({x}) % 1000000), '0') END"
)


_SPELLINGS: dict[tuple[type[FunctionElement[str]], str], str] = {
    (MoneyText, "postgresql"): _MONEY_POSTGRESQL,
    (MoneyText, "sqlite"): _MONEY_SQLITE,
    (DecimalText, "postgresql"): "trim_scale({x} * 0.000001)",
    (DecimalText, "sqlite"): _DECIMAL_SQLITE,
    (JsonText, "postgresql"): "CAST(json_scalar({x}) AS TEXT)",
    (JsonValue, "postgresql"): "json_scalar({x})",
    (JsonValue, "sqlite"): "json_quote({x})",
    (JsonText, "sqlite"): "json_quote({x})",
}


def _known(words: str, dialect: Dialect) -> str:
    """Return words that the server knows: an older one has another function, which takes longer."""
    is_new = dialect.name != "postgresql" or (dialect.server_version_info or ()) >= NEWEST
    return words if is_new else words.replace("json_scalar(", "to_json(")


def _teach(kind: type[FunctionElement[str]], engine: str, words: str) -> None:
    """Teach SQLAlchemy how an engine writes an element of its arguments ``x`` and ``code``."""

    @compiles(kind, engine)
    def _(element: FunctionElement[str], compiler: SQLCompiler, **_given: Any) -> str:
        arguments = [compiler.process(each) for each in element.clauses]
        return _known(words, compiler.dialect).format(**dict(zip(("x", "code"), arguments, strict=False)))


for (_kind, _engine), _words in _SPELLINGS.items():
    _teach(_kind, _engine, _words)
