"""Do the values of a request become what a transition takes?"""

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import Annotated, Any
from uuid import UUID

import pytest

from models.errors import Invalid, MalformedId, WrongIdType
from models.lifecycle import KEEP, Kept, Reference, Verbatim, kept
from models.lifecycle.arguments import coerce, keywords
from models.record import new_id, public_id

_PATH = ("input", "field")


class Colour(StrEnum):
    """A choice."""

    RED = "RED"


@dataclass
class Part:
    """A nested input."""

    line_id: Annotated[UUID, Reference("quote_line"), "A line."]
    note: Annotated[str | None, "Words."] = None


def test_what_is_absent_stays_absent() -> None:
    """Only what was given is turned into a keyword; what is no parameter is left out."""
    parameters = {"name": str, "amount": Decimal | None}
    assert keywords(parameters, {"name": " a ", "id": "x"}) == {"name": "a"}


def test_nested_values_are_turned_into_what_they_are() -> None:
    """Lists, dataclasses, enumerations and references are told by the annotation."""
    key = new_id()
    given = [{"line_id": public_id("quote_line", key), "note": "  e\u0301 "}]
    assert coerce(list[Part] | None, given, _PATH) == [Part(key, "é")]
    assert coerce(Annotated[Colour, "A colour."], "RED", _PATH) is Colour.RED
    assert coerce(Annotated[Decimal | Kept | None, "Money."], None, _PATH) is None


@pytest.mark.parametrize(
    ("value", "kind"),
    [("nonsense", MalformedId), (public_id("quote", new_id()), WrongIdType)],
    ids=["malformed", "of another type"],
)
def test_a_nested_id_is_refused_with_its_path(value: str, kind: type[Exception]) -> None:
    """The path leads to the item of the list and its field."""
    with pytest.raises(kind) as refused:
        coerce(list[Part], [{"line_id": value}], _PATH)
    assert getattr(refused.value, "path", None) == ("input", "field", 0, "lineId")


@pytest.mark.parametrize("value", ["a\x00b", "\ud800"])
@pytest.mark.parametrize("annotation", [str, Annotated[str | None, Verbatim(), "Raw."]])
def test_text_that_no_database_stores_is_refused(annotation: Any, value: str) -> None:
    """A NUL and a lone surrogate are refused, also where a text is kept verbatim."""
    with pytest.raises(Invalid) as refused:
        coerce(annotation, value, _PATH)
    assert refused.value.message == "field holds a NUL or a lone surrogate; send text."


def test_text_is_cleaned_unless_it_is_kept_verbatim() -> None:
    """Space around a text goes, and accents are composed; what is verbatim stays as it came."""
    assert coerce(Annotated[str, "Words."], " e\u0301 ", _PATH) == "é"
    assert coerce(Annotated[str | None, Verbatim(), "Raw."], " e\u0301 \n", _PATH) == " e\u0301 \n"


def test_null_needs_a_place() -> None:
    """Null for what cannot be null is refused; the message says what to do instead."""
    with pytest.raises(Invalid) as refused:
        coerce(Annotated[Decimal | Kept, "Money."], None, _PATH)
    assert refused.value.path == _PATH
    assert refused.value.message == "field cannot be null; leave it out to keep or default it."


def test_a_kept_value_is_the_present_one() -> None:
    """KEEP keeps; null clears."""
    assert kept(KEEP, "a") == "a"
    assert kept("b", "a") == "b"
    assert kept(None, "a") is None
    assert repr(KEEP) == "KEEP"
