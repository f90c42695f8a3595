"""Which input might a client send? Anything that a command allows, likely enough to be right."""

import dataclasses
import typing
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from random import Random
from typing import Any, get_args, get_origin

from models.lifecycle import Transition
from models.lifecycle.arguments import unwrap
from models.record import camel, new_id, public_id

# How often one that may be null is, and an id that leads nowhere stands for one that is known.
_NULL = 0.05
# Arguments that may be left out, but without which their commands seldom come to anything.
_USUAL = frozenset({"bill_to", "company_name", "description", "email", "interest", "price_per_unit"})
_DECIMALS = ("1", "1", "2", "3", "10", "100", "0.5", "0.01", "0", "-1")
_INTEGERS = (0, 1, 2, 5, 30, 100, -1)
_DAYS = (0, 0, 0, 1, 30, -1, -40)
# What a text has to be for most of its commands to make sense of it.
_TEXTS: Mapping[str, Sequence[str]] = {
    "currency_code": ("EUR", "EUR", "EUR", "USD"),
    "country_code": ("DE", "FR"),
    "email": ("nora@nordwind.example", "ida@nordwind.example"),
    "phone": ("+49 40 555 001", "+45 20 55 01 42"),
    "company_name": ("Nordwind GmbH", "Westwind SE"),
    "stage": ("QUALIFY", "DEVELOP", "PROPOSE", "CLOSE"),
    "website": ("nordwind.example",),
}


@dataclass(frozen=True)
class Chance:
    """Draws input.

    ``known`` holds public ids by noun, ``reasons`` the codes of status reasons. ``talkative`` is how often an
    argument that may be left out is given.
    """

    random: Random
    known: Mapping[str, Sequence[str]]
    reasons: Sequence[str]
    today: date
    talkative: float

    def input_of(self, transition: Transition, key: str | None) -> dict[str, Any]:
        """Return an input object, as JSON has it; ``key`` is the record that the command starts from."""
        given = {
            camel(name): self._value(name, annotation)
            for name, annotation in transition.parameters.items()
            if name not in transition.defaults or self._is_given(name)
        }
        if key is not None:
            given["id"] = key
        if transition.demands_version:
            given["expectedVersion"] = None
        return given

    def _is_given(self, name: str) -> bool:
        """Say whether an argument is given that may be left out."""
        return self.random.random() < (1 - self.talkative if name in _USUAL else self.talkative)

    def _value(self, name: str, annotation: Any) -> Any:
        """Return a value for what an annotation takes."""
        kinds, reference = unwrap(annotation)
        if type(None) in kinds and self.random.random() < _NULL:
            return None
        if reference is not None:
            return self._id(self.random.choice(reference.nouns))
        (kind,) = [each for each in kinds if each is not type(None)]
        if get_origin(kind) is list:
            (item,) = get_args(kind)
            return [self._value(name, item) for _ in range(self.random.randint(1, 2))]
        if dataclasses.is_dataclass(kind):
            hints = typing.get_type_hints(kind, include_extras=True)
            return {camel(each): self._value(each, hint) for each, hint in hints.items()}
        return self._leaf(name, kind)

    def _id(self, noun: str) -> str:
        """Return the id of a known record, now and then of none."""
        known = self.known.get(noun)
        if not known or self.random.random() < _NULL:
            return public_id(noun, new_id())
        return self.random.choice(known)

    def _leaf(self, name: str, kind: Any) -> Any:
        """Return a value of a scalar type."""
        choose = self.random.choice
        if kind is bool:
            return choose((True, False))
        if kind is Decimal:
            return choose(_DECIMALS)
        if kind is int:
            return choose(_INTEGERS)
        if kind is datetime:
            return f"{self.today + timedelta(days=choose(_DAYS))}T12:00:00Z"
        if kind is date:
            return (self.today + timedelta(days=choose(_DAYS))).isoformat()
        if isinstance(kind, type) and issubclass(kind, StrEnum):
            return choose([each.name for each in kind])
        if name == "reason":
            return choose(self.reasons)
        return choose(_TEXTS.get(name, ("Pump", "Valve")))
