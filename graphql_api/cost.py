"""How many records may an operation return, and how many may the caller ask for?

Each connection counts its page size times the page sizes of the connections around it (the rule of GitHub's
API). ``limits`` finds the pages of a document once; their sizes may stand in the variables of each request.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, Union

from graphql_api.errors import ErrorCode, refused
from graphql_api.settings import Settings
from models.access import Viewer

# The largest number that every reader of JSON holds exactly (RFC 8259, 6).
_LARGEST = 2**53 - 1


@dataclass(frozen=True)
class Page:
    """A connection, or a list of ids: how many records, and what each of them asks for in turn."""

    size: int | str
    inner: "Load"


Load = tuple[Union[Page, "Load"], ...]
"""The pages of a selection. What a fragment asks for is one object, shared by all its spreads."""


@dataclass(frozen=True)
class Cost:
    """How many records an operation may return, and how many the caller may ask for at once."""

    requested: int
    limit: int

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
    known: dict[int, int] = {}

    def total(part: Load) -> int:
        if id(part) not in known:
            known[id(part)] = sum(
                size_of(each.size) * (1 + total(each.inner)) if isinstance(each, Page) else total(each)
                for each in part
            )
        return known[id(part)]

    def size_of(size: int | str) -> int:
        value = variables.get(size) if isinstance(size, str) else size
        if isinstance(value, Mapping):
            value = value.get("lines")
        if isinstance(value, list):
            return len(value)
        if not isinstance(value, int):
            return settings.default_page_size
        # A size out of bounds is the planner's to refuse, by its name; it must not multiply here.
        return min(max(value, 0), settings.max_page_size)

    return min(total(load), _LARGEST)


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
