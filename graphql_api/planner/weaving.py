"""How do the rows of one statement become texts? Level by level, from the innermost to the outermost.

Where of each connection nothing but the texts of its rows is wanted, all that there is to find out about a
level is found out with its statement. What is left for each answer are two loops a level.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from graphql_api.planner.known import Needs
from graphql_api.planner.level import Connection, ToMany
from graphql_api.planner.read import PAGE
from graphql_api.planner.script import Row
from models.access import Viewer
from models.moment import Moment

Lists = defaultdict[Any, list[str]]
"""The texts of a connection's rows by their owners."""


class Texts(dict[Any, str]):
    """The texts of a connection by its parents; ``empty`` is that of any who has no rows."""

    empty: str

    def __missing__(self, key: object) -> str:
        """Return the text of a parent without rows."""
        return self.empty


@dataclass(frozen=True, eq=False)
class Step:
    """One level: its connection, and the slot of each list that hangs on its rows."""

    connection: Connection
    below: tuple[tuple[Connection, int], ...]
    empty: str

    def lists(
        self, rows: Sequence[Row], texts: dict[Connection, Texts], viewer: Viewer, moment: Moment
    ) -> Lists:
        """Return the texts of rows, into which those of what hangs on them go."""
        below = [(texts.pop(child), slot) for child, slot in self.below]
        lists: Lists = defaultdict(list)
        add_to(lists, [row[-1] for row in rows], self.connection.writes[0](rows, below, viewer, moment))
        return lists

    def texts(self, lists: Lists) -> Texts:
        """Return the connection's texts of the lists of all parents, which it takes."""
        made = Texts(self.connection.write_lists(dict(zip(lists, lists, strict=True)), lists, {}))
        made.empty = self.empty
        return made


def steps_of(
    places: Iterable[tuple[Connection, str]], needs: Callable[[Connection], Needs]
) -> tuple[Step, ...]:
    """Return the steps of a statement with these parts, each behind what it hangs on.

    There are none where anything but the texts of rows is wanted of a connection.
    """
    parts = list(places)
    connections = [connection for connection, _ in parts]
    if not all(name == PAGE and needs(connection).is_plain for connection, name in parts):
        return ()
    found: list[Step] = []
    for connection in reversed(connections):
        below: list[tuple[Connection, int]] = []
        for waiting in connection.level.children:
            child = waiting.child
            if not isinstance(child, ToMany) or child.connection not in connections:
                return ()
            below.append((child.connection, child.slots[needs(child.connection).page.shape.variant]))
        empty = connection.write_lists({None: None}, {}, {})[None]
        found.append(Step(connection, tuple(below), empty))
    return tuple(found)


def add_to(lists: Mapping[Any, list[str]], owners: Iterable[Any], texts: Iterable[str]) -> None:
    """Add texts to the lists of their owners."""
    for owner, text in zip(owners, texts, strict=True):
        lists[owner].append(text)
