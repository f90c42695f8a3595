"""How is a changed column told in an event? By the name it goes by in the API, its values as text."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime
from decimal import Decimal
from enum import Enum
from typing import Any
from uuid import UUID

from sqlalchemy import inspect

from models.money import plain
from models.record import Part, Record, Versioned, camel, public_id
from models.status import state_of

# Never told in an event: bookkeeping, secrets, what is kept elsewhere unchanged, and what follows from that.
_UNTOLD = frozenset(
    [
        "id",
        "version",
        "created_at",
        "updated_at",
        "token_digest",
        "url",
        "raw_payload",
        "chain_id",
        "match_name",
        "match_email",
        "match_phone",
        "taxes",
        "freight_taxes",
        "price_steps",
    ]
)


def changes_of(record: Record, *, deleted: bool) -> Iterator[dict[str, Any]]:
    """Yield the changed columns of a record with their values before and after, as text."""
    state = inspect(record)
    for column in state.mapper.column_attrs:
        history = state.attrs[column.key].history
        if deleted:
            before: Sequence[Any] | None = history.unchanged or history.deleted
            after: Iterable[Any] | None = ()
        else:
            before, after = history.deleted, history.added
        old, new = (next(iter(values or ()), None) for values in (before, after))
        yield from column_change(type(record), column.key, old, new)


def column_change(table: type[Record], name: str, before: object, after: object) -> Iterator[dict[str, Any]]:
    """Yield the change of one column, if it is one that is told."""
    if name in _UNTOLD or (issubclass(table, Part) and name == table.part_of):
        return
    old, new = told_text(table, name, before), told_text(table, name, after)
    if old != new:
        yield {"field": shown_name(table, name), "before": old, "after": new}


def shown_name(record: Record | type[Record], name: str) -> str:
    """Return the name that a column goes by in the API: ``account_id`` is ``account``."""
    if name == "reason_id":
        return "statusReason"
    is_link = bool(record.__table__.c[name].foreign_keys)  # type: ignore[union-attr]  # SQLModel sets it.
    return camel(name.removesuffix("_id") if is_link else name)


def told_text(record: Record | type[Record], name: str, value: object) -> str | None:  # One line a type.
    """Return a column's value as the text that an event keeps."""
    match value:
        case None:
            return None
        case bool():
            return "true" if value else "false"
        case Enum():
            return str(value.value)
        case Decimal():
            return plain(value)
        case UUID():
            keys = record.__table__.c[name].foreign_keys  # type: ignore[union-attr]  # SQLModel sets it.
            return next((public_id(key.column.table.name, value) for key in keys), str(value))
        case datetime() | date():
            return value.isoformat()
        case _:
            return state_of(str(value)) if name == "reason_id" else str(value)


def label(record: Versioned) -> str:
    """Return what people call a record: its noun and its number, name or topic."""
    name = next(
        (
            value
            for each in ("number", "name", "topic", "last_name", "label")
            if (value := getattr(record, each, None))
        ),
        None,
    )
    title = record.noun().replace("_", " ").capitalize()
    revision = getattr(record, "revision", 0)
    return " ".join(filter(None, (title, name, f"revision {revision}" if revision else None)))
