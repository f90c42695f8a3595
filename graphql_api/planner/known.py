"""What is kept of a plan, so that the next run need not find it out again?

The text of each statement, and for some values what its connections need.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from graphql_api.planner.leaf import Finish
from graphql_api.planner.level import Connection
from graphql_api.planner.page import Page
from graphql_api.planner.prepared import Bound
from graphql_api.planner.read import Read, reads_of

# Of one plan: clients may vary sizes, order and filters, and each form is a statement of some kilobytes.
_MOST_STATEMENTS = 200
# Of one plan: page sizes go to a hundred.
_MOST_VALUES = 200

_NUMBERS = frozenset({int, bool, type(None)})


@dataclass(slots=True, eq=False)
class Needs:
    """What a connection needs, its arguments read.

    ``reads``     the statements that it takes, by name.
    ``is_plain``  whether its rows are shown as they come, and nothing is said about them.
    ``is_leaf``   whether they are written as they come, and then not needed any more.
    ``is_all``    whether one statement reads it, with nothing below.
    ``bound``     those statements that were used, with their values.
    ``finishes``  where the keys of a cursor stand in a row, and how each is finished; None until one is made.
    """

    page: Page
    reads: Mapping[str, Read]
    is_plain: bool
    is_leaf: bool
    is_all: bool
    bound: dict[str, Bound] = field(default_factory=dict)
    finishes: Sequence[tuple[int, Finish | None]] | None = None


def needs_of(connection: Connection, page: Page, limits: Iterable[tuple[str, int]]) -> Needs:
    """Return what a connection needs for a page."""
    reads = reads_of(connection, page, limits)
    is_plain = connection.is_plain and not page.shape.backward
    has_children = bool(connection.level.children)
    return Needs(page, reads, is_plain, is_plain and not has_children, len(reads) == 1 and not has_children)


class Statements:
    """The statements of one plan, each written once, and what is known of it for some values."""

    def __init__(self) -> None:
        self._known: dict[tuple[Any, ...], Any] = {}
        self._by_values: dict[tuple[Any, ...], dict[Any, Any]] = {}

    def get(self, key: tuple[Any, ...], make: Callable[[], Any]) -> Any:
        """Return what ``make`` makes for this key. Two threads may make the same; either serves."""
        found = self._known.get(key)
        if found is None:
            if len(self._known) >= _MOST_STATEMENTS:
                self._known.clear()
            found = self._known[key] = make()
        return found

    def known_for(self, key: tuple[Any, ...], values: Iterable[Any]) -> dict[Any, Any]:
        """Return where to keep what is found out for these values: of numbers, the next run finds it.

        Two threads may find out the same; either serves.
        """
        if not all(type(each) in _NUMBERS for each in values):
            return {}
        found = self._by_values.get(key)
        if found is None:
            if len(self._by_values) >= _MOST_VALUES:
                self._by_values.clear()
            found = self._by_values[key] = {}
        return found
