"""Which values would a record's columns not hold?"""

from models.errors import Invalid
from models.money import LARGEST, Amount, plain
from models.record import Record, camel, text_limit


def validate(record: Record) -> None:
    """Refuse a value that its column would not hold.

    Raises:
        Invalid: a text beyond its column's length, an amount beyond 64 bits or with more than six places.
    """
    for column in record.__table__.columns:  # type: ignore[attr-defined]  # SQLModel sets it.
        value = getattr(record, column.key)
        path = ("input", camel(column.key))
        limit = text_limit(column)
        if isinstance(value, str) and limit is not None and len(value) > limit:
            message = f"{path[1]} is {len(value)} characters long; at most {limit} are kept."
            raise Invalid(message, path=path)
        if isinstance(column.type, Amount) and value is not None and abs(value) > LARGEST:
            message = f"{path[1]} is larger than {plain(LARGEST)}, the largest amount that is kept."
            raise Invalid(message, path=path, code="AMOUNT_TOO_LARGE")
