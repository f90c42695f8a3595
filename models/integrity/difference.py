"""How is it told that something stored is not what follows from the rest?"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import Executable
from sqlmodel import Session

from models.money import plain
from models.record import Record, camel, public_id

# Rows that are in memory at once: enough to keep the database busy.
_AT_ONCE = 1000


@dataclass(frozen=True)
class Difference:
    """One value that is not what it should be: whose, which, what is stored, and what should be."""

    record: str
    field: str
    stored: str
    derived: str


def streamed(session: Session, statement: Executable) -> Iterator[Any]:
    """Yield the rows of a statement, some at a time."""
    return iter(session.execute(statement.execution_options(yield_per=_AT_ONCE)))


def compared(
    session: Session, table: type[Record], field: str, statement: Executable
) -> Iterator[Difference]:
    """Yield a difference for each row of a statement: key, stored value, derived value."""
    for key, stored, derived in streamed(session, statement):
        yield difference(table, key, field, stored, derived)


def difference(table: type[Record], key: UUID, field: str, stored: object, derived: object) -> Difference:
    """Return the difference between two values of a row."""
    return Difference(public_id(table.noun(), key), camel(field), in_text(stored), in_text(derived))


def unequal(record: Record, derived: object, fields: Iterable[str]) -> Iterator[Difference]:
    """Yield the fields in which a row is not what was derived."""
    for field in fields:
        stored, wanted = getattr(record, field), getattr(derived, field)
        if stored != wanted:
            yield difference(type(record), record.id, field, stored, wanted)


def in_text(value: object) -> str:
    """Return a value for people."""
    if value is None:
        return "nothing"
    return plain(value) if isinstance(value, Decimal) else str(value)
