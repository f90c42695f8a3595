"""What is sent to a database: the text of a statement, and what makes its parameters?"""

import functools
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from graphql_api.planner.leaf import Finish

LIMIT = "limit"
"""The parameter that says how many rows are read at most."""

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
                process = self.processors.get(name)
                made[name] = value if process is None else process(value)
        return made

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
