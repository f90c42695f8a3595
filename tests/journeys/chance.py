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

# How often one that may be null is, an id leads nowhere, and two arguments are given of which one is wanted.
_NULL = 0.05
_ASTRAY = 0.05
_BOTH = 0.1
# How likely arguments are given that may be left out, at least: without them commands come to little.
_LIKELY: Mapping[str, float] = {
    "add": 0.5,
    "bill_to": 0.9,
    "company_name": 0.9,
    "description": 0.7,
    "discount_percent": 0.4,
    "email": 0.9,
    "excess": 0.5,
    "goods_returned": 0.5,
    "interest": 0.9,
    "lines": 0.6,
    "override": 0.6,
    "price_per_unit": 0.8,
    "product_id": 0.4,
    "purchasing_power": 0.9,
    "tax_codes": 0.4,
    "reopen_opportunity": 0.3,
}
# Of these only one makes sense; a command that has both as they stand here wants one of them.
_EITHER = (
    ("percent", "amount"),
    ("lines", "amount"),
    ("account_id", "contact_id"),
    ("product_id", "description"),
    ("tax_codes", "tax_percent"),
    ("competitor_id", "competitor"),
)
_WANTED = (("percent", "amount"), ("account_id", "contact_id"))
_DECIMALS = ("1", "1", "2", "3", "10", "100", "0.5", "0.01", "0", "-1")
_INTEGERS = (0, 1, 1, 2, 2, 5, 30, 100, -1)
_DAYS = (0, 0, 0, 0, 1, 30, -1, -40)
# What a text has to be for most of its commands to make sense of it.
_TEXTS: Mapping[str, Sequence[str]] = {
    "currency_code": ("EUR", "EUR", "EUR", "USD"),
    "country_code": ("DE", "FR"),
    "email": ("nora@nordwind.example", "ida@nordwind.example"),
    "freight_tax_codes": ("VAT", "ECO"),
    "phone": ("+49 40 555 001", "+45 20 55 01 42"),
    "company_name": ("Nordwind GmbH", "Westwind SE"),
    "stage": ("QUALIFY", "DEVELOP", "PROPOSE", "CLOSE"),
    "tax_codes": ("VAT", "ECO"),
    "website": ("nordwind.example",),
}
# Whose reason a command gives, where it is not that of the record that it starts from.
_REASONS_OF = {"create_credit_note": "credit_note"}


@dataclass(frozen=True)
class Chance:
    """Draws input.

    ``known`` holds public ids by noun, ``reasons`` the codes of status reasons by noun and status.
    ``talkative`` is how often an argument that may be left out is given.
    """

    random: Random
    known: Mapping[str, Sequence[str]]
    reasons: Mapping[tuple[str, str], Sequence[str]]
    today: date
    talkative: float

    def input_of(self, transition: Transition, key: str | None) -> dict[str, Any]:
        """Return an input object, as JSON has it; ``key`` is the record that the command starts from."""
        names = self._given(transition)
        given = {camel(name): self._value(name, transition.parameters[name]) for name in names}
        if "reason" in names:
            given["reason"] = self._reason(transition)
        if key is not None:
            given["id"] = key
        if transition.demands_version:
            given["expectedVersion"] = None
        return given

    def _given(self, transition: Transition) -> list[str]:
        """Return the arguments that are given."""
        names = [
            name
            for name in transition.parameters
            if name not in transition.defaults or self.random.random() < self._likeliness(name)
        ]
        for one, other in _WANTED:
            if {one, other} <= set(transition.parameters) and not {one, other} & set(names):
                names.append(self.random.choice((one, other)))
        for pair in _EITHER:
            if set(pair) <= set(names) and self.random.random() > _BOTH:
                names.remove(self.random.choice([each for each in pair if each in transition.defaults]))
        return names

    def _likeliness(self, name: str) -> float:
        """Return how often an argument is given that may be left out."""
        return max(self.talkative, _LIKELY.get(name, 0))

    def _reason(self, transition: Transition) -> str:
        """Return a status reason: one of the state that the command leads to, or now and then any other."""
        noun = _REASONS_OF.get(transition.name, transition.table.noun())
        fitting = [
            code
            for (kind, status), codes in self.reasons.items()
            for code in codes
            if kind == noun and (noun in _REASONS_OF.values() or status == transition.target)
        ]
        every = sorted({code for codes in self.reasons.values() for code in codes})
        return self.random.choice(every if not fitting or self.random.random() < _ASTRAY else fitting)

    def _value(self, name: str, annotation: Any) -> Any:
        """Return a value for what an annotation takes."""
        kinds, reference = unwrap(annotation)
        if type(None) in kinds and self.random.random() < _NULL:
            return None
        if reference is not None:
            return self._id(self.random.choice(reference.nouns))
        (kind,) = [each for each in kinds if each is not type(None)]
        if get_origin(kind) is list:
            return self._list(name, get_args(kind)[0])
        if dataclasses.is_dataclass(kind):
            hints = typing.get_type_hints(kind, include_extras=True)
            return {camel(each): self._value(each, hint) for each, hint in hints.items()}
        return self._leaf(name, kind)

    def _list(self, name: str, item: Any) -> list[Any]:
        """Return a list of one or two, mostly without the same twice."""
        found = [self._value(name, item) for _ in range(self.random.randint(1, 2))]
        firsts = [str(next(iter(each.values()))) if isinstance(each, dict) else str(each) for each in found]
        is_twice = len(set(firsts)) < len(firsts)
        return found[:1] if is_twice and self.random.random() > _BOTH else found

    def _id(self, noun: str) -> str:
        """Return the id of a known record, now and then of none."""
        known = self.known.get(noun)
        if not known or self.random.random() < _ASTRAY:
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
        return choose(_TEXTS.get(name, ("Pump", "Valve")))
