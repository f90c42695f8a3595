"""Which statements does a connection take, and what are they given?"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from graphql_api.planner.compile import Compiler, Source
from graphql_api.planner.level import Connection
from graphql_api.planner.page import Page, PageShape
from graphql_api.planner.prepared import Prepared

PAGE = "page"
BEYOND = "beyond"


@dataclass(frozen=True)
class Read:
    """One statement of a connection: which it is, its shape, and its values.

    ``size`` is how many rows of a page are shown, ``limit`` how many are read at most.
    """

    name: str
    shape: PageShape
    values: Mapping[str, Any]
    limit: int | None = None
    size: int | None = None

    def write(self, compiler: Compiler, connection: Connection, source: Source | None = None) -> Prepared:
        """Write the statement, for parents that are parameters or come from a source."""
        if self.name == PAGE:
            if connection.match:
                return compiler.child_page(connection, self.shape, source)
            return compiler.root_page(connection, self.shape)
        if self.name == BEYOND:
            return compiler.beyond(connection, self.shape, source)
        return compiler.count(connection, self.shape, source)


def reads_of(connection: Connection, page: Page, limits: Iterable[tuple[str, int]]) -> dict[str, Read]:
    """Return the statements of a connection by name, its page first: a count has that of its response key."""
    shape = page.shape
    # One row more than is shown, where it is asked whether there are more on that side.
    limit = page.size + (connection.needs_previous if shape.backward else connection.needs_next)
    found = {PAGE: Read(PAGE, shape, page.values, limit, page.size)} if connection.has_page else {}
    if (connection.needs_previous and shape.after is not None) or (
        connection.needs_next and shape.before is not None
    ):
        found[BEYOND] = Read(BEYOND, shape, page.values)
    for key, most in limits:
        found[count_of(key)] = Read(count_of(key), shape.whole, page.values, most + 1, most)
    return found


def count_of(key: str) -> str:
    """Return the name of the count under a response key."""
    return f"count {key}"
