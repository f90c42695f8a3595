"""Which values would a record's columns not hold?"""

from decimal import Decimal
from functools import cache
from typing import Any

from sqlalchemy import inspect

from models.errors import Invalid
from models.money import LARGEST, Amount, plain
from models.record import Record, camel, text_limit


@cache
def _limited(table: type[Record]) -> dict[str, tuple[int | None, bool]]:
    """Return the columns that do not hold every value: how many characters, and whether it is an amount."""
    found = {
        column.key: (text_limit(column), isinstance(column.type, Amount))
        for column in table.__table__.columns  # type: ignore[attr-defined]  # SQLModel sets it.
    }
    return {name: limits for name, limits in found.items() if limits != (None, False)}


def validate(record: Record) -> None:
    """Refuse a value that was set and that its column would not hold.

    Raises:
        Invalid: a text beyond its column's length, an amount beyond 64 bits or with more than six places.
    """
    table, state = type(record), inspect(record)
    # What was read and not set since is what a column holds.
    for name in _limited(table):
        if state.key is None or name in state.committed_state:
            validate_value(table, name, state.dict.get(name))


def validate_value(table: type[Record], name: str, value: Any) -> None:  # Any column's value.
    """Refuse a value that a column would not hold.

    Raises:
        Invalid: a text beyond the column's length, an amount beyond 64 bits or with more than six places.
    """
    limit, is_amount = _limited(table).get(name, (None, False))
    if limit is not None and isinstance(value, str) and len(value) > limit:
        path = ("input", camel(name))
        message = f"{path[1]} is {len(value)} characters long; at most {limit} are kept."
        raise Invalid(message, path=path)
    if is_amount and isinstance(value, Decimal | int) and not -LARGEST <= value <= LARGEST:
        path = ("input", camel(name))
        message = f"{path[1]} is larger than {plain(LARGEST)}, the largest amount that is kept."
        raise Invalid(message, path=path, code="AMOUNT_TOO_LARGE")
