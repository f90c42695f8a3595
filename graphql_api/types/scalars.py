"""Which leaf values does the schema have beside GraphQL's own, and what do they refuse?

Strawberry's stock ``Decimal`` and ``DateTime`` take binary floats, NaN, exponents of any size and times
without a zone. These take none of them, and each refusal names the form that is taken.
"""

import re
from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any, NewType

import strawberry
from graphql import FloatValueNode, GraphQLError, IntValueNode, StringValueNode, ValueNode, print_ast
from strawberry.types.scalar import ScalarDefinition

from models.money import CURRENCY_DIGITS, plain

CurrencyCode = NewType("CurrencyCode", str)
"""An ISO 4217 code."""

# 18 digits before the point and 6 behind it: what the API promises to take; the columns hold fewer.
_WHOLE_DIGITS = 18
_PLACES = 6
_DECIMAL = re.compile(r"-?(?P<whole>[0-9]+)(?:\.(?P<fraction>[0-9]+))?")
_DECIMAL_FORM = (
    'send a string such as "12.50" or an integer; in the document itself, 12.50 is taken as written'
)
# RFC 3339, 5.6, with at most the six digits of a second that are stored; T and Z in capitals.
_DATE_TIME = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]{1,6})?(?P<zone>Z|[+-][0-9]{2}:[0-9]{2})?"
)
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_LONGEST_SHOWN = 60


def parse_decimal(value: object) -> Decimal:
    """Return the decimal that a variable holds.

    Raises:
        GraphQLError: neither a string nor an integer; not digits; more than 18 + 6 digits.
    """
    if isinstance(value, float):
        message = f"Decimal cannot take the JSON number {value!r}, a binary float: {_DECIMAL_FORM}."
        raise GraphQLError(message)
    if isinstance(value, bool) or not isinstance(value, int | str):
        raise _refused(value, "Decimal", _DECIMAL_FORM)
    # The length comes first: Python takes quadratic time to print or read an integer of a million digits.
    if isinstance(value, int) and abs(value) >= 10**_WHOLE_DIGITS:
        message = f"Decimal takes at most {_WHOLE_DIGITS} digits before the point."
        raise GraphQLError(message)
    return _decimal_of(str(value))


def parse_decimal_literal(node: ValueNode, variables: dict[str, Any] | None = None) -> Decimal:
    """Return the decimal that is written in the document, taken from its text."""
    del variables
    if isinstance(node, StringValueNode | IntValueNode | FloatValueNode):
        return _decimal_of(node.value)
    raise _refused(print_ast(node), "Decimal", _DECIMAL_FORM)


def _decimal_of(text: str) -> Decimal:
    """Read a decimal of at most 18 + 6 digits."""
    match = _DECIMAL.fullmatch(text)
    if match is None:
        raise _refused(text, "Decimal", f"exponents, NaN and infinities are not taken; {_DECIMAL_FORM}")
    whole, fraction = match["whole"].lstrip("0"), (match["fraction"] or "").rstrip("0")
    if len(whole) > _WHOLE_DIGITS or len(fraction) > _PLACES:
        message = (
            f"Decimal takes at most {_WHOLE_DIGITS} digits before the point and {_PLACES} behind it; "
            f"{_shown(text)} has {len(whole)} and {len(fraction)}."
        )
        raise GraphQLError(message)
    # Minus zero is zero.
    return Decimal(text) + 0


def parse_date_time(value: object) -> datetime:
    """Return the instant in UTC.

    Raises:
        GraphQLError: not RFC 3339, no zone, or no such day or time.
    """
    form = "send RFC 3339 with a zone, such as 2026-03-31T09:30:00Z or 2026-03-31T11:30:00+02:00"
    match = _DATE_TIME.fullmatch(value) if isinstance(value, str) else None
    if match is None:
        raise _refused(value, "DateTime", form)
    if match["zone"] is None:
        message = f"DateTime {_shown(value)} has no time zone: {form}."
        raise GraphQLError(message)
    try:
        return datetime.fromisoformat(match[0]).astimezone(UTC)
    except (ValueError, OverflowError):
        raise _refused(value, "DateTime", f"there is no such instant; {form}") from None


def parse_date(value: object) -> date:
    """Return the calendar day.

    Raises:
        GraphQLError: not of the form 2026-03-31, or no such day.
    """
    form = "send a calendar day such as 2026-03-31, without a time"
    if not isinstance(value, str) or _DATE.fullmatch(value) is None:
        raise _refused(value, "Date", form)
    try:
        return date.fromisoformat(value)
    except ValueError:
        raise _refused(value, "Date", f"there is no such day; {form}") from None


def parse_currency_code(value: object) -> str:
    """Return the code of a currency in use.

    Raises:
        GraphQLError: not an ISO 4217 code in capitals.
    """
    if not isinstance(value, str) or value not in CURRENCY_DIGITS:
        raise _refused(value, "CurrencyCode", "send an ISO 4217 code in capitals, such as EUR, USD or JPY")
    return value


def _text_literal(parse: Callable[[object], Any], name: str, form: str) -> Callable[..., Any]:
    """Return the literal parser of a scalar that is written as a string."""

    def parse_literal(node: ValueNode, variables: dict[str, Any] | None = None) -> Any:
        del variables
        if not isinstance(node, StringValueNode):
            raise _refused(print_ast(node), name, f"send it as a string, such as {form}")
        return parse(node.value)

    return parse_literal


def _refused(value: object, name: str, way_out: str) -> GraphQLError:
    """Return the error for a value that a scalar does not take."""
    return GraphQLError(f"{name} cannot take {_shown(value)}: {way_out}.")


def _shown(value: object) -> str:
    """Return a value for a message, cut to a bearable length."""
    text = repr(value)
    return text if len(text) <= _LONGEST_SHOWN else text[:_LONGEST_SHOWN] + "…"


def _iso(value: date) -> str:
    """Return a day, or an instant with its zone as Z."""
    return value.isoformat().replace("+00:00", "Z")


SCALARS: dict[object, ScalarDefinition] = {
    Decimal: strawberry.scalar(
        name="Decimal",
        description=(
            'An exact decimal number. It goes out as a string, such as "12.50". It comes in as a string or '
            "an integer, and may be written as a decimal in the document itself; JSON numbers with a point "
            "are refused, since they pass through binary floats on their way. At most 18 digits before the "
            "point and 6 behind it."
        ),
        specified_by_url="https://www.w3.org/TR/xmlschema11-2/#decimal",
        serialize=plain,
        parse_value=parse_decimal,
        parse_literal=parse_decimal_literal,
    ),
    datetime: strawberry.scalar(
        name="DateTime",
        description=(
            "An instant in RFC 3339, such as 2026-03-31T09:30:00Z. It goes out in UTC; it comes in with any "
            "offset, but never without one."
        ),
        specified_by_url="https://www.rfc-editor.org/rfc/rfc3339#section-5.6",
        serialize=_iso,
        parse_value=parse_date_time,
        parse_literal=_text_literal(parse_date_time, "DateTime", '"2026-03-31T09:30:00Z"'),
    ),
    date: strawberry.scalar(
        name="Date",
        description="A calendar day, such as 2026-03-31, in the time zone of the organisation.",
        specified_by_url="https://www.rfc-editor.org/rfc/rfc3339#section-5.6",
        serialize=_iso,
        parse_value=parse_date,
        parse_literal=_text_literal(parse_date, "Date", '"2026-03-31"'),
    ),
    CurrencyCode: strawberry.scalar(
        name="CurrencyCode",
        description="The code of a currency in use, in capitals, such as EUR.",
        specified_by_url="https://www.iso.org/iso-4217-currency-codes.html",
        serialize=str,
        parse_value=parse_currency_code,
        parse_literal=_text_literal(parse_currency_code, "CurrencyCode", '"EUR"'),
    ),
}
"""The project's scalars by the Python type that stands for each: Strawberry's ``scalar_map``."""
