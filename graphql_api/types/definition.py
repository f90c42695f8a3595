"""How does Strawberry learn what a class of ours says, without finding out again what is known?

Its decorators make a dataclass of each class, whose methods are written and compiled, and resolve each
annotation a dozen times. Nobody makes an object of these classes: what clients send and get stays in
mappings. So the definition in which a decorator ends is made here directly; of eight hundred types that was a
sixth of a server's start.
"""

from collections.abc import Callable, Sequence
from functools import cache
from typing import Any, TypeVar

from strawberry.annotation import StrawberryAnnotation
from strawberry.types.base import StrawberryObjectDefinition, StrawberryType
from strawberry.types.field import StrawberryField
from typing_extensions import override

Kind = TypeVar("Kind", bound=type)


class Known(StrawberryAnnotation):
    """An annotation without a text that would have to be evaluated where it stands. It is resolved once."""

    __slots__ = ("_resolved",)

    def __init__(self, kind: object) -> None:
        super().__init__(kind)
        self._resolved: StrawberryType | type | None = None

    @property
    def annotation(self) -> object:
        """What a class says of its field: this, which is resolved."""
        return self

    @annotation.setter
    def annotation(self, value: object) -> None:
        self.raw_annotation = value

    @override
    def evaluate(self) -> Any:
        """Return the annotation."""
        return self.raw_annotation

    @override
    def resolve(
        self, *, type_definition: StrawberryObjectDefinition | None = None, origin: type | None = None
    ) -> StrawberryType | type:
        """Return Strawberry's type: none of ours is generic, so it is the same whoever asks."""
        del type_definition, origin
        if self._resolved is None:
            self._resolved = super().resolve()
        return self._resolved

    @override
    def set_namespace_from_field(self, field: StrawberryField) -> None:
        """Stay: no name has to be looked up, and what is resolved stays resolved."""


@cache
def known(kind: object) -> Known:
    """Return an annotation, the same one wherever the same is said."""
    return Known(kind)


class Field(StrawberryField):
    """A field with a known annotation, which holds nothing that would have to be looked for."""

    type_annotation: Known

    @override
    def resolve_type(self, *, type_definition: StrawberryObjectDefinition | None = None) -> Any:
        """Return Strawberry's type."""
        del type_definition
        return self.type_annotation.resolve()


def define(
    cls: Kind,
    *,
    name: str | None = None,
    description: str | None = None,
    is_input: bool = False,
    is_interface: bool = False,
    directives: Sequence[object] = (),
) -> Kind:
    """Make a class a GraphQL type. It has the fields among its attributes, and those of its interfaces."""
    found = (vars(base).get("__strawberry_definition__") for base in cls.__mro__)
    interfaces = [each for each in found if each is not None]
    fields = {each.python_name: each for base in reversed(interfaces) for each in base.fields}
    for attribute, field in vars(cls).items():
        if isinstance(field, StrawberryField):
            field.python_name, field.origin = attribute, cls
            fields[attribute] = field
    definition = StrawberryObjectDefinition(
        name=name or cls.__name__,
        is_input=is_input,
        is_interface=is_interface,
        origin=cls,
        description=description,
        interfaces=sorted(interfaces, key=lambda each: each.name),
        extend=False,
        directives=directives,
        is_type_of=None,
        resolve_type=None,
        fields=list(fields.values()),
    )
    cls.__strawberry_definition__ = definition  # type: ignore[attr-defined]  # Where Strawberry looks for it.
    return cls


def root(description: str) -> Callable[[Kind], Kind]:
    """Make a class the root of an operation; its attributes are fields already."""
    return lambda cls: define(cls, description=description)
