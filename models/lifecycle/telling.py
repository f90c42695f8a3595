"""How is a changed column told in an event? By the name it goes by in the API, its values as text."""

from collections.abc import Iterator
from datetime import date, datetime
from decimal import Decimal
from enum import Enum
from functools import cache
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
    state, table = inspect(record), type(record)
    values, before = state.dict, state.committed_state
    for name in _told(table):
        value = values.get(name)
        if state.key is None:
            # It is new: whatever it has was nothing before.
            yield from column_change(table, name, None, value)
        elif deleted:
            yield from column_change(table, name, before.get(name, value), None)
        elif name in before:
            yield from column_change(table, name, before[name], value)


@cache
def _told(table: type[Record]) -> dict[str, str]:
    """Return the columns of which an event tells, in their order, with the names they go by in the API."""
    return {
        each.key: shown_name(table, each.key)
        for each in inspect(table).column_attrs
        if each.key not in _UNTOLD and not (issubclass(table, Part) and each.key == table.part_of)
    }


def column_change(table: type[Record], name: str, before: object, after: object) -> Iterator[dict[str, Any]]:
    """Yield the change of one column, if it is one that is told."""
    if (before is None and after is None) or name not in _told(table):
        return
    old, new = told_text(table, name, before), told_text(table, name, after)
    if old != new:
        yield {"field": _told(table)[name], "before": old, "after": new}


@cache
def shown_name(table: type[Record], name: str) -> str:
    """Return the name that a column goes by in the API: ``account_id`` is ``account``."""
    if name == "reason_id":
        return "statusReason"
    is_link = bool(table.__table__.c[name].foreign_keys)  # type: ignore[attr-defined]  # SQLModel sets it.
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
            noun = _linked(record if isinstance(record, type) else type(record), name)
            return str(value) if noun is None else public_id(noun, value)
        case datetime() | date():
            return value.isoformat()
        case _:
            return state_of(str(value)) if name == "reason_id" else str(value)


@cache
def _linked(table: type[Record], name: str) -> str | None:
    """Return the noun of what a column links to, None where it links to nothing."""
    keys = table.__table__.c[name].foreign_keys  # type: ignore[attr-defined]  # SQLModel sets it.
    return next((str(key.column.table.name) for key in keys), None)


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
