"""How do the values of a request become the keyword arguments of a transition?

The annotation of a parameter says what it takes: a scalar, a ``StrEnum``, a dataclass of such, a list of
such, or ``Annotated[UUID, Reference("account")]``, which arrives as a public id.
"""

import dataclasses
import types
import typing
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Annotated, Any, TypeVar, Union, get_args, get_origin
from uuid import UUID

from models.errors import Invalid, MalformedId, Path, WrongIdType
from models.lifecycle.outcome import Pointer
from models.record import camel, parse_id

T = TypeVar("T")


class Kept(Enum):
    """The type of ``KEEP``."""

    KEEP = "KEEP"

    def __repr__(self) -> str:
        """Return the name the sentinel is imported by."""
        return "KEEP"


KEEP = Kept.KEEP
"""The default of an argument whose absence leaves the field as it is, where null would clear it."""


@dataclass(frozen=True)
class Verbatim:
    """Marks a text parameter that is kept as it came, space and all."""


class Reference:
    """Marks a parameter that takes the id of a record: of one kind it becomes the key, of several a pointer.

    ``is_locked``  the record's chain is locked with that of the command's own record, before either is read.
    """

    def __init__(self, *nouns: str, is_locked: bool = False) -> None:
        self.nouns = nouns
        self.is_locked = is_locked

    def decode(self, text: str, path: Path) -> UUID | Pointer:
        """Return what a public id stands for.

        Raises:
            MalformedId: not an id.
            WrongIdType: the id of another kind of record.
        """
        given = text.rpartition("_")[0]
        *most, last = self.nouns
        words = f"{', '.join(most)} or {last}" if most else last
        key = decode_id(text, given if given in self.nouns else words, path)
        return Pointer(given, key) if most else key


def kept(given: T | Kept, present: T) -> T:
    """Return the given value, or the present one where none was given."""
    return present if isinstance(given, Kept) else given


def keywords(parameters: Mapping[str, Any], values: Mapping[str, Any]) -> dict[str, Any]:
    """Turn the values of an input object, by their Python names, into keyword arguments.

    ``parameters`` maps each name to its annotation. Absent values are left to the defaults.

    Raises:
        MalformedId, WrongIdType: a reference that is not an id of its kind.
        Invalid: text with a NUL or a lone surrogate; null for a parameter that cannot be null.
    """
    return {
        name: coerce(parameters[name], value, ("input", camel(name)))
        for name, value in values.items()
        if name in parameters
    }


def coerce(annotation: Any, value: Any, path: Path) -> Any:  # Any annotation, any value.
    """Turn one wire value into what its annotation says."""
    kinds, reference = unwrap(annotation)
    if value is None:
        if type(None) not in kinds:
            message = f"{path[-1]} cannot be null; leave it out to keep or default it."
            raise Invalid(message, path=path)
        return None
    kind = next(kind for kind in kinds if kind is not type(None))
    if reference is not None:
        return reference.decode(str(value), path)
    if get_origin(kind) is list:
        (item,) = get_args(kind)
        return [coerce(item, each, (*path, index)) for index, each in enumerate(value)]
    if dataclasses.is_dataclass(kind):
        hints = typing.get_type_hints(kind, include_extras=True)
        return kind(**{name: coerce(hints[name], each, (*path, camel(name))) for name, each in value.items()})  # type: ignore[operator]  # A dataclass type is callable.
    if isinstance(kind, type) and issubclass(kind, Enum):
        return kind(getattr(value, "value", value))
    return _text(annotation, value, path) if kind is str else value


def _text(annotation: Any, value: str, path: Path) -> str:  # Any annotation.
    """Return a text as it is, or cleaned where it is not to be kept verbatim."""
    if get_origin(annotation) is Annotated and Verbatim() in get_args(annotation):
        require_text(value, path)
        return value
    return clean_text(value, path)


def unwrap(annotation: Any) -> tuple[list[Any], Reference | None]:  # Any annotation.
    """Return the alternatives of an annotation without ``Annotated`` and ``Kept``, and its reference."""
    reference: Reference | None = None
    if get_origin(annotation) is Annotated:
        annotation, *marks = get_args(annotation)
        reference = next((mark for mark in marks if isinstance(mark, Reference)), None)
    if get_origin(annotation) in (Union, types.UnionType):
        kinds: list[Any] = []
        for alternative in get_args(annotation):
            inner, found = unwrap(alternative)
            kinds += inner
            reference = reference or found
        return [kind for kind in kinds if kind is not Kept], reference
    return [annotation], reference


def decode_id(text: str, noun: str, path: Path) -> UUID:
    """Return the key of a public id of the kind ``noun``.

    Raises:
        MalformedId: not an id.
        WrongIdType: the id of another kind of record.
    """
    try:
        given, key = parse_id(text)
    except MalformedId:
        raise MalformedId(text, path=path) from None
    if given != noun:
        raise WrongIdType(noun, given, path=path)
    return key


def clean_text(value: str, path: Path) -> str:
    """Return the text in Unicode's NFC without surrounding space.

    Raises:
        Invalid: a NUL or a lone surrogate, which no database stores.
    """
    require_text(value, path)
    return unicodedata.normalize("NFC", value).strip()


def require_text(value: str, path: Path) -> None:
    """Refuse a text that no database stores.

    Raises:
        Invalid: it holds a NUL or a lone surrogate.
    """
    if "\x00" in value or any("\ud800" <= character <= "\udfff" for character in value):
        message = f"{path[-1]} holds a NUL or a lone surrogate; send text."
        raise Invalid(message, path=path)
