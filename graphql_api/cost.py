"""How many records may an operation return, and how many may the caller ask for?

Each connection counts its page size times the page sizes of the connections around it (the rule of GitHub's
API). ``limits`` finds the pages of a document once; their sizes may stand in the variables of each request.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, Final, Union

from graphql_api.errors import ErrorCode, refused
from graphql_api.settings import Settings
from models.access import Viewer

# The largest number that every reader of JSON holds exactly (RFC 8259, 6).
_LARGEST = 2**53 - 1
# Prices of one operation that are kept: clients ask with a few page sizes.
_MOST_PRICES = 64


@dataclass(frozen=True)
class Page:
    """A connection, or a list of ids: how many records, and what each of them asks for in turn.

    ``sizes`` are numbers and names of variables: the first that is not null tells how many, else ``default``.
    """

    sizes: tuple[int | str, ...]
    default: int
    inner: "Load"


Load = tuple[Union[Page, "Load"], ...]
"""The pages of a selection. What a fragment asks for is one object, shared by all its spreads."""


@dataclass(slots=True)
class Cost:
    """How many records an operation may return, and how many the caller may ask for at once."""

    # Not frozen, as one is made for each request; mypy holds what ``Final`` says.
    requested: Final[int]
    limit: Final[int]

    @property
    def remaining(self) -> int:
        """How many records more the operation could have asked for."""
        return max(self.limit - self.requested, 0)


def cost_limit(viewer: Viewer | None, settings: Settings) -> int:
    """Return how many records the viewer may ask for in one operation."""
    if viewer is None:
        return settings.max_cost_anonymous
    return settings.max_cost if viewer.role in viewer.sees_all else settings.max_cost_partner


def cost_of(load: Load, variables: Mapping[str, Any], settings: Settings) -> int:
    """Return the number of records that an operation may return, each shared part counted once."""
    return Price(load, {}).of(variables, settings)


class Price:
    """What one operation costs, worked out once for the same page sizes.

    ``defaults`` are the values of variables that a request leaves out.
    """

    def __init__(self, load: Load, defaults: Mapping[str, Any]) -> None:
        self._load = load
        self._defaults = defaults
        self._names = tuple(dict.fromkeys(_names_in(load, set())))
        self._known: dict[tuple[int | None, ...], int] = {}

    def of(self, variables: Mapping[str, Any], settings: Settings) -> int:
        """Return the number of records that the operation may return with these variables."""
        sizes = self._sizes(variables, settings) if self._names else ()
        found = self._known.get(sizes)
        if found is None:
            found = _total(self._load, dict(zip(self._names, sizes, strict=True)), settings)
            if len(self._known) >= _MOST_PRICES:
                self._known.clear()
            self._known[sizes] = found
        return found

    def _sizes(self, variables: Mapping[str, Any], settings: Settings) -> tuple[int | None, ...]:
        """Return the sizes of the pages that variables tell, None for one that is null."""
        given = [variables[name] if name in variables else self._defaults.get(name) for name in self._names]
        return tuple([_size_of(value, settings) for value in given])


def _total(load: Load, sizes: Mapping[str, int | None], settings: Settings) -> int:
    """Return the number of records with pages of these sizes."""
    known: dict[int, int] = {}

    def total(part: Load) -> int:
        if id(part) not in known:
            known[id(part)] = sum(
                size_of(each) * (1 + total(each.inner)) if isinstance(each, Page) else total(each)
                for each in part
            )
        return known[id(part)]

    def size_of(page: Page) -> int:
        told = (sizes[each] if isinstance(each, str) else _size_of(each, settings) for each in page.sizes)
        return next((each for each in told if each is not None), page.default)

    return min(total(load), _LARGEST)


def _size_of(value: Any, settings: Settings) -> int | None:
    """Return how many records a page has, or a list of ids, inputs or lines; None where it is not told."""
    if isinstance(value, Mapping):
        value = value.get("lines")
    if isinstance(value, list):
        return len(value)
    if not isinstance(value, int):
        return None
    # A size out of bounds is the planner's to refuse, by its name; it must not multiply here.
    return min(max(value, 0), settings.max_page_size)


def _names_in(load: Load, seen: set[int]) -> Iterator[str]:
    """Yield the variables that sizes of pages stand in; what is shared is looked at once."""
    if id(load) in seen:
        return
    seen.add(id(load))
    for each in load:
        if isinstance(each, Page):
            yield from (size for size in each.sizes if isinstance(size, str))
            yield from _names_in(each.inner, seen)
        else:
            yield from _names_in(each, seen)


def check_cost(cost: Cost) -> None:
    """Refuse an operation that may return too many records.

    Raises:
        RequestRefused: COST_LIMIT_EXCEEDED.
    """
    if cost.requested > cost.limit:
        message = (
            f"The operation may return {cost.requested} records, {cost.limit} is the limit: "
            "ask for smaller pages (first, last), most of all in the outer connections."
        )
        limit = (cost.requested, cost.limit)
        raise refused(ErrorCode.COST_LIMIT_EXCEEDED, message, HTTPStatus.UNPROCESSABLE_ENTITY, limit=limit)
