"""What is sent to a database: the text of a statement, and what makes its parameters?"""

import functools
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from graphql_api.planner.leaf import Finish

LIMIT = "limit"
"""The parameter that says how many rows are read at most."""
VIEWER = "viewer_id"
"""The parameter that says who asks."""
IDS = "ids"
"""The parameter that says whose rows are read."""

# A parameter of psycopg's, or a percent sign, which stands twice beside them.
_MARK = re.compile(r"%%|%\((\w+)\)s")


@dataclass(frozen=True, eq=False)
class Prepared:
    """A statement as text, and how its parameters are made; names that are not given keep their constants.

    Its rows are so many ``values``, and the ``others`` behind them.
    """

    sql: str
    names: tuple[str, ...] | None
    constants: Mapping[str, Any]
    processors: Mapping[str, Finish]
    values: int
    others: tuple[str, ...] = ()

    def parameters(self, values: Mapping[str, Any]) -> dict[str, Any]:
        """Return the parameters by name."""
        made = dict(self.constants)
        for name, value in values.items():
            if name in made:
                made[name] = self.processed(name, value)
        return made

    def processed(self, name: str, value: Any) -> Any:
        """Return what the driver is given for the value of a parameter."""
        process = self.processors.get(name)
        return value if process is None else process(value)

    def limited(self, rows: int) -> "Prepared":
        """Return the statement with its limit written out, for PostgreSQL.

        For a limit that is a parameter it reckons with a tenth of the rows; since that looks worse than what
        the value would take, it plans again at each run.
        """
        constants = {name: value for name, value in self.constants.items() if name != LIMIT}
        return replace(self, sql=self.sql.replace(f"%({LIMIT})s", str(rows)), constants=constants)

    @functools.cached_property
    def sent(self) -> tuple[str, tuple[str, ...]]:
        """The text with the marks of the engine itself, ``$1``, and the names of what stands in their places.

        The driver would look for its own marks at each run: it remembers short statements only.
        """
        if self.names is not None:
            return self.sql, self.names
        places: dict[str, int] = {}

        def numbered(match: re.Match[str]) -> str:
            return f"${places.setdefault(match[1], len(places) + 1)}" if match[1] else "%"

        return _MARK.sub(numbered, self.sql), tuple(places)

    def bound(self, values: Mapping[str, Any]) -> "Bound":
        """Return the statement with its values; the viewer, or parents' keys, may be open still."""
        named = self.parameters(values)
        sql, names = self.sent
        places: dict[str, tuple[int, ...]] = {}
        for place, name in enumerate(names):
            places[name] = (*places.get(name, ()), place)
        return Bound(self, sql, tuple([named[name] for name in names]), places)


@dataclass(frozen=True, eq=False, slots=True)
class Bound:
    """A statement as it is sent, with its values, and the places of each."""

    prepared: Prepared
    sql: str
    given: tuple[Any, ...]
    places: Mapping[str, tuple[int, ...]]

    def parameters(self, viewer_id: UUID, ids: Any, others: Mapping[str, Any]) -> tuple[Any, ...]:
        """Return the parameters of a run, of which some are its own; None for ``ids`` leaves those given."""
        if VIEWER not in self.places and ids is None and not others:
            return self.given
        made = list(self.given)
        for place in self.places.get(VIEWER, ()):
            made[place] = self.prepared.processed(VIEWER, viewer_id)
        if ids is not None:
            for place in self.places[IDS]:
                made[place] = ids
        for name, value in others.items():
            for place in self.places.get(name, ()):
                made[place] = self.prepared.processed(name, value)
        return tuple(made)
