"""Which values would a record's columns not hold?"""

from decimal import Decimal
from typing import Any

from models.errors import Invalid
from models.money import LARGEST, Amount, plain
from models.record import Record, camel, text_limit


def validate(record: Record) -> None:
    """Refuse a value that its column would not hold.

    Raises:
        Invalid: a text beyond its column's length, an amount beyond 64 bits or with more than six places.
    """
    for column in record.__table__.columns:  # type: ignore[attr-defined]  # SQLModel sets it.
        validate_value(type(record), column.key, getattr(record, column.key))


def validate_value(table: type[Record], name: str, value: Any) -> None:  # Any column's value.
    """Refuse a value that a column would not hold.

    Raises:
        Invalid: a text beyond the column's length, an amount beyond 64 bits or with more than six places.
    """
    column = table.__table__.columns[name]  # type: ignore[attr-defined]  # SQLModel sets it.
    path = ("input", camel(name))
    limit = text_limit(column)
    if isinstance(value, str) and limit is not None and len(value) > limit:
        message = f"{path[1]} is {len(value)} characters long; at most {limit} are kept."
        raise Invalid(message, path=path)
    if (
        isinstance(column.type, Amount)
        and isinstance(value, Decimal | int)
        and not -LARGEST <= value <= LARGEST
    ):
        message = f"{path[1]} is larger than {plain(LARGEST)}, the largest amount that is kept."
        raise Invalid(message, path=path, code="AMOUNT_TOO_LARGE")
