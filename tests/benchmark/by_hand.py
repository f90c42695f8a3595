"""What does the same SQL cost without us? The statements of commands, noted once and then sent by hand.

They are noted while the commands run here. What these made up, keys and numbers, is made up anew each time,
so that the statements can be sent again and again, those of a command in one transaction.
"""

import re
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from uuid import UUID

from sqlalchemy import Connection, event

from models.database import Database
from models.record import new_id

if TYPE_CHECKING:
    import psycopg

MARK = "zq0000zq"
"""What a noted command has in texts that have to differ; the number of the repetition takes its place."""

# A number that the organisation gives: A-2026-00001.
_NUMBER = re.compile(r"([A-Z])-(\d{4})-\d+")
# A version 7 UUID begins with 48 bits of milliseconds (RFC 9562, 5.7).
_BEHIND_MILLISECONDS = 80
# It names its row by a number which the database gave; a row that is not there takes no lock, and less time.
_UPDATE_OF_WORDS = "UPDATE search_entry"


@dataclass(frozen=True)
class Script:
    """The statements of some transactions with their parameters, and since when there are keys of its own."""

    began_milliseconds: int
    transactions: list[list[tuple[str, Any]]] = field(default_factory=list)


@contextmanager
def noted(database: Database) -> Iterator[Script]:
    """Note what is sent to the database within the block; each commit ends a transaction."""
    engine = database._writer
    script = Script(time.time_ns() // 1_000_000)
    statements: list[tuple[str, Any]] = []

    def sent(_: Connection, __: Any, statement: str, parameters: Any, *___: Any) -> None:
        statements.append((statement, parameters))

    def committed(_: Connection) -> None:
        script.transactions.append(statements.copy())
        statements.clear()

    event.listen(engine, "before_cursor_execute", sent)
    event.listen(engine, "commit", committed)
    try:
        yield script
    finally:
        event.remove(engine, "before_cursor_execute", sent)
        event.remove(engine, "commit", committed)


def send(
    connection: "psycopg.Connection[Any]",
    script: Script,
    number: int,
    instead: Mapping[UUID, UUID] | None = None,
) -> None:
    """Send the statements once more, with keys and numbers of their own.

    ``instead`` says which records take the place of those that were there before.
    """
    made: dict[UUID, UUID] = dict(instead or {})
    for statements in script.transactions:
        with connection.transaction(), connection.cursor() as cursor:
            for statement, parameters in statements:
                values = _anew(parameters, script, number, made)
                if statement.startswith(_UPDATE_OF_WORDS):
                    values = _nowhere(values)
                if isinstance(values, list):
                    cursor.executemany(statement.encode(), values)
                    continue
                cursor.execute(statement.encode(), values)
                if cursor.description is not None:
                    cursor.fetchall()


def _anew(value: Any, script: Script, number: int, made: dict[UUID, UUID]) -> Any:
    """Return a parameter as it is in a repetition."""
    if isinstance(value, UUID):
        if value in made:
            return made[value]
        is_own = value.int >> _BEHIND_MILLISECONDS >= script.began_milliseconds
        return made.setdefault(value, new_id()) if is_own else value
    if isinstance(value, str):
        return _NUMBER.sub(rf"\1-\2-9{number:06}", value).replace(MARK, f"zq{number:04}zq")
    if isinstance(value, Mapping):
        return {key: _anew(each, script, number, made) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [_anew(each, script, number, made) for each in value]
    return value


def _nowhere(values: Any) -> Any:
    """Return parameters whose numbers are those of no row."""
    if isinstance(values, list):
        return [_nowhere(each) for each in values]
    return {key: -1 if isinstance(value, int) else value for key, value in values.items()}
