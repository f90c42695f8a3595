"""What does a finished command hand back?"""

from collections.abc import Mapping
from dataclasses import dataclass, fields, is_dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import inspect

from models.event import IdempotencyEntry
from models.record import Record, parse_id, public_id


@dataclass(frozen=True)
class Pointer:
    """A record by noun and key: what a reader needs to fetch it."""

    noun: str
    key: UUID

    @property
    def public_id(self) -> str:
        """The id that clients see."""
        return public_id(self.noun, self.key)


@dataclass
class Outcome:
    """The payload of a command, by Python names: pointers, lists of pointers, and plain values.

    ``entry`` is the idempotency entry to be filled with the answer. Where it ``is_replay``, it holds the
    first answer already.
    """

    payload: Mapping[str, Any]
    event_keys: list[UUID]
    entry: IdempotencyEntry | None = None
    is_replay: bool = False


@dataclass
class Made:
    """What a transition from nothing made, or found made before. Subclasses add fields to the payload."""

    record: Any
    already_done: bool = False


def payload_of(record: Record, result: object, *, already_done: bool) -> dict[str, Any]:
    """Return the record under its noun, the fields of the result, and whether it was done before.

    A record that was deleted is null.
    """
    payload: dict[str, Any] = {record.noun(): None if inspect(record).deleted else _pointed(record)}
    if is_dataclass(result):
        payload |= {
            each.name: _pointed(getattr(result, each.name))
            for each in fields(result)
            if each.name not in _OWN
        }
    return payload | {"already_done": already_done}


_OWN = frozenset(each.name for each in fields(Made))


def frozen(payload: Mapping[str, Any]) -> dict[str, Any]:
    """Return the payload as JSON: a pointer becomes ``{"id": "quote_01jz…"}``, wherever it stands."""

    def freeze(value: Any) -> Any:  # Any payload value.
        if isinstance(value, Pointer):
            return {"id": value.public_id}
        if isinstance(value, Mapping):
            return {name: freeze(each) for name, each in value.items()}
        return [freeze(each) for each in value] if isinstance(value, list) else value

    return {name: freeze(value) for name, value in payload.items()}


def thawed(payload: Mapping[str, Any]) -> dict[str, Any]:
    """Return what ``frozen`` was given."""

    def thaw(value: Any) -> Any:  # Any payload value.
        if isinstance(value, dict):
            return (
                Pointer(*parse_id(value["id"]))
                if value.keys() == {"id"}
                else {name: thaw(each) for name, each in value.items()}
            )
        return [thaw(each) for each in value] if isinstance(value, list) else value

    return {name: thaw(value) for name, value in payload.items()}


def _pointed(value: Any) -> Any:  # Any payload value.
    """Return a record as its pointer, a list item by item, a dataclass field by field, else the value."""
    if isinstance(value, Record):
        return Pointer(value.noun(), value.id)
    if is_dataclass(value) and not isinstance(value, Pointer | type):
        return {each.name: _pointed(getattr(value, each.name)) for each in fields(value)}
    return [_pointed(each) for each in value] if isinstance(value, list) else value
