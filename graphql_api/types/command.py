"""How does a declared transition become a mutation with its own input and payload type?"""

import dataclasses
import typing
from collections.abc import Callable, Mapping
from enum import Enum
from functools import cache
from typing import Annotated, Any, get_args, get_origin

import strawberry
from sqlmodel import SQLModel
from strawberry.types.field import StrawberryField

from graphql_api.planner.backing import Publishes
from graphql_api.types.backed import (
    argument,
    built_field,
    by_name,
    enumeration,
    given,
    input_field,
    input_type,
    list_of,
    optional,
    shown,
    title,
)
from graphql_api.types.scalars import CurrencyCode
from graphql_api.types.user_error import UserError
from models.access import FOR_ADMINS
from models.lifecycle import REGISTRY, Kept, Transition
from models.lifecycle.arguments import unwrap
from models.record import Record, camel

_DRY_RUN = "Run everything, answer as if it had been done, and write nothing."
_EXPECTED = "The version that you read; another one is refused with STALE_VERSION and the present record."
_DEMANDED = f"{_EXPECTED} Has to be given here; null means that you do not mind."
_KEY = (
    "A text of your own, at most 255 characters. A repeat with the same key and input within 24 hours gets "
    "the first answer again; other input is refused."
)
_FOR_ADMINS = "\n\nOnly admins may run it."
# What a result's dataclass says of the record itself is said by the payload already.
_SAID = frozenset({"record", "already_done"})


def publish(body: Callable[..., Any], noun: str | None = None) -> Any:
    """Return the mutation field of a transition, with its input and payload type.

    ``noun`` says which record is meant where one body is declared for several.
    """
    name = body.__name__
    transition = REGISTRY[name if noun is None else f"{name}_{noun}"]
    type_name = title(transition.name)
    return built_field(
        Publishes(transition.name),
        optional(_payload(type_name, transition), null=True),
        transition.description + (_FOR_ADMINS if transition.name in FOR_ADMINS else ""),
        [
            argument("input", _input(type_name, transition), "What the command is given."),
            argument("dry_run", bool, _DRY_RUN, default=False),
        ],
    )


def python_names(transition: Transition, values: Mapping[str, Any]) -> dict[str, Any]:
    """Return a coerced input object by Python names, nested ones as well: what ``Command.given`` takes."""
    hints = {"id": str, "expected_version": int, "idempotency_key": str, **transition.parameters}
    return _renamed(hints, values)


def named(kind: type, values: Mapping[str, Any]) -> dict[str, Any]:
    """Return a coerced input object of a dataclass by Python names, nested ones as well."""
    return _renamed(typing.get_type_hints(kind, include_extras=True), values)


def refused_payload(transition: Transition, user_errors: list[Any]) -> dict[str, Any]:
    """Return the payload of a refused command: its errors, no record, and empty lists."""
    payload: dict[str, Any] = {transition.table.noun(): None}
    for name, annotation in _result_fields(transition).items():
        payload[name] = [] if _is_list(annotation) else None
    return payload | {"already_done": False, "user_errors": user_errors}


def _input(type_name: str, transition: Transition) -> type:
    """Return the input type of a transition."""
    fields: dict[str, StrawberryField] = {}
    noun = transition.table.noun().replace("_", " ")
    if not transition.creates:
        fields["id"] = input_field(strawberry.ID, f"The {noun}'s id.")
    for name, annotation in transition.parameters.items():
        fields[name] = _input_field(name, annotation, transition.defaults.get(name, dataclasses.MISSING))
    if not transition.creates:
        description = _DEMANDED if transition.demands_version else _EXPECTED
        fields["expected_version"] = _absent(int | None, description)
    fields["idempotency_key"] = _absent(str | None, _KEY)
    return input_type(f"{type_name}Input", f"What {transition.command} is given.", fields)


@cache
def input_of(values: type) -> type:
    """Return the input type of a dataclass, the same for every field that takes it."""
    hints = typing.get_type_hints(values, include_extras=True)
    fields = {
        each.name: _input_field(each.name, hints[each.name], each.default)
        for each in dataclasses.fields(values)
    }
    name = values.__name__
    return input_type(name if name.endswith("Input") else f"{name}Input", values.__doc__ or "", fields)


def _input_field(name: str, annotation: Any, default: object) -> StrawberryField:
    """Return the input field of a parameter."""
    kind, description = _shown_input(name, annotation), _description(annotation)
    if default is None or isinstance(default, Kept):
        return _absent(kind | None, description)
    return input_field(kind, description, default=default)


def _absent(kind: object, description: str) -> StrawberryField:
    """Return an input field that may be left out, which is not the same as null."""
    return input_field(kind, description, default=strawberry.UNSET)


def _shown_input(name: str, annotation: Any) -> Any:
    """Return the Strawberry annotation of a parameter."""
    kinds, reference = unwrap(annotation)
    (kind,) = [each for each in kinds if each is not type(None)]
    if reference is not None:
        wire: Any = strawberry.ID
    elif name == "currency_code":
        wire = CurrencyCode
    else:
        wire = _shown_kind(kind, input_of)
    return optional(wire, null=type(None) in kinds)


def _shown_kind(kind: Any, nested: Callable[[type], Any]) -> Any:
    """Return the Strawberry annotation of a type: a leaf, an enum, a dataclass, or a list of such."""
    if get_origin(kind) is list:
        (item,) = get_args(kind)
        inner, reference = unwrap(item)
        return list_of(strawberry.ID if reference is not None else _shown_kind(inner[0], nested))
    if isinstance(kind, type) and issubclass(kind, Enum):
        return enumeration(kind)
    if kind is Record:
        return by_name("Node")
    if isinstance(kind, type) and issubclass(kind, SQLModel):
        return by_name(title(str(kind.__tablename__)))
    return nested(kind) if isinstance(kind, type) and dataclasses.is_dataclass(kind) else kind


def _payload(type_name: str, transition: Transition) -> type:
    """Return the payload type of a transition."""
    noun = transition.table.noun()
    words = noun.replace("_", " ")
    fields = {
        noun: given(
            by_name(title(noun)) | None, f"The {words} as it is now; null where the command was refused."
        )
    }
    for name, annotation in _result_fields(transition).items():
        kinds, reference = unwrap(annotation)
        (kind,) = [each for each in kinds if each is not type(None)]
        null = not _is_list(annotation)
        wire = _shown_kind(kind, _nested_output) if reference is None else strawberry.ID
        fields[name] = given(optional(wire, null=null), _description(annotation))
    fields["already_done"] = given(bool, "Whether it had been done before, so that nothing was done now.")
    fields["user_errors"] = given(list[UserError], "Why the command was refused; empty where it was done.")
    description = f"What {transition.command} answers."
    return shown(type(f"{type_name}Payload", (), {"__doc__": description, "__module__": __name__, **fields}))


@cache
def _nested_output(values: type) -> type:
    """Return the output type of a dataclass in a result."""
    hints = typing.get_type_hints(values, include_extras=True)
    fields = {name: given(_output(hint), _description(hint)) for name, hint in hints.items()}
    return shown(type(values.__name__, (), {"__doc__": values.__doc__, "__module__": __name__, **fields}))


def _output(annotation: Any) -> Any:
    """Return the Strawberry annotation of a field in a result."""
    kinds, _ = unwrap(annotation)
    (kind,) = [each for each in kinds if each is not type(None)]
    hidden = isinstance(kind, type) and issubclass(kind, Record)
    return optional(_shown_kind(kind, _nested_output), null=hidden or type(None) in kinds)


def _result_fields(transition: Transition) -> dict[str, Any]:
    """Return the annotations of what a transition answers beside its record, by name."""
    kinds, _ = unwrap(transition.returns)
    results = [kind for kind in kinds if dataclasses.is_dataclass(kind)]
    found: dict[str, Any] = {}
    for result in results:
        found |= typing.get_type_hints(result, include_extras=True)
    return {
        name: annotation
        for name, annotation in found.items()
        if name not in _SAID | {transition.table.noun()}
    }


def _is_list(annotation: Any) -> bool:
    """Say whether an annotation is a list, null or not."""
    kinds, _ = unwrap(annotation)
    return any(get_origin(kind) is list for kind in kinds)


def _description(annotation: Any) -> str:
    """Return the words that an annotation bears.

    Raises:
        TypeError: it bears none.
    """
    if get_origin(annotation) is Annotated:
        for mark in get_args(annotation)[1:]:
            if isinstance(mark, str):
                return mark
    message = f'{annotation} has no description: write Annotated[…, "what it is"]'
    raise TypeError(message)


def _renamed(hints: Mapping[str, Any], values: Mapping[str, Any]) -> dict[str, Any]:
    """Return the values under Python names, nested objects as well."""
    by_camel = {camel(name): name for name in hints}
    return {by_camel[name]: _renamed_value(hints[by_camel[name]], value) for name, value in values.items()}


def _renamed_value(annotation: Any, value: Any) -> Any:
    """Return a value with the objects in it under Python names."""
    kinds, _ = unwrap(annotation)
    kind = next((each for each in kinds if each is not type(None)), None)
    if isinstance(value, list):
        return [_renamed_value(get_args(kind)[0], each) for each in value]
    if isinstance(value, Mapping) and dataclasses.is_dataclass(kind):
        return _renamed(typing.get_type_hints(kind, include_extras=True), value)
    return value
