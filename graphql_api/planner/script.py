"""How does code come about that writes rows as JSON? One function a plan, no object a value.

A ``Script`` is the body of a function over rows, line by line. Whatever it needs, texts of the answer too,
is handed to it by name: nothing that a client wrote becomes code.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement

Row = Sequence[Any]


class Code(str):
    """An expression over names and slots. It yields what the answer holds in its place."""

    __slots__ = ()


@dataclass(frozen=True, eq=False)
class Spelled:
    """A text that the database writes; of a row that is there it is never null."""

    expression: ColumnElement[Any]


Pieces = Sequence[str | Spelled]
"""What a text is made of, in its order: plain strings as they are, ``Code`` as what it yields."""

Condition = tuple[int, Any]
"""A slot of the row and the value that it has; ``PRESENT`` stands for any but null."""

PRESENT = object()
NULL = "null"


class Script:
    """The code of one function, in the making."""

    def __init__(self) -> None:
        self._lines: list[str] = []
        self._names: dict[str, Any] = {}
        self._constants: dict[str, str] = {}
        self._depth = 1
        self._variables = 0
        self._columns: dict[tuple[Any, int], Code] = {}
        # What holds for the row where the next line stands.
        self.conditions: tuple[Condition, ...] = ()

    def name(self, value: object) -> str:
        """Return the name by which the code knows a value; equal texts share one."""
        if isinstance(value, str) and value in self._constants:
            return self._constants[value]
        name = f"C{len(self._names)}"
        self._names[name] = value
        if isinstance(value, str):
            self._constants[value] = name
        return name

    def variable(self) -> Code:
        """Return a variable that no other line has."""
        self._variables += 1
        return Code(f"v{self._variables}")

    def line(self, text: str) -> None:
        """Add a line."""
        self._lines.append(" " * self._depth + text)

    def of_column(self, function: Callable[[Sequence[Any]], Sequence[Any]], slot: int) -> Code:
        """Return a variable with what a function makes of a slot. It makes that of all rows at once."""
        return self._columns.setdefault((function, slot), Code(f"k{len(self._columns)}"))

    @property
    def columns(self) -> list[str]:
        """The first lines of a function over rows: what is made of whole columns."""
        return [
            f"{made}s = {self.name(function)}([r[{slot}] for r in rows])"
            for (function, slot), made in self._columns.items()
        ]

    @property
    def row(self) -> str:
        """What a loop over ``rows`` calls each row, and with it what was made of its columns."""
        return ", ".join(["r", *self._columns.values()])

    @property
    def rows(self) -> str:
        """What such a loop goes through."""
        made = [f"{each}s" for each in self._columns.values()]
        return f"zip({', '.join(['rows', *made])})" if made else "rows"

    @contextmanager
    def block(self, head: str, *conditions: Condition) -> Iterator[None]:
        """Add lines below a head, which are reached where the conditions hold."""
        self.line(f"{head}:")
        before = self.conditions
        self._depth += 1
        self.conditions = (*before, *conditions)
        yield
        self._depth -= 1
        self.conditions = before

    @contextmanager
    def aside(self, *conditions: Condition) -> Iterator[list[str]]:
        """Collect lines of a block in a list of their own, for ``block`` and ``add`` to take them or not."""
        lines, self._lines = self._lines, []
        before, self.conditions = self.conditions, (*self.conditions, *conditions)
        self._depth += 1
        yield self._lines
        self._depth -= 1
        self._lines, self.conditions = lines, before

    def add(self, lines: Sequence[str]) -> None:
        """Add the lines that were collected for a block of this depth."""
        self._lines += lines

    def text(self, pieces: Pieces) -> Code:
        """Return the expression of a text. Its constants are names: no quote and no brace is in it.

        Raises:
            TypeError: what the database writes is among it, and no column yet.
        """
        merged: list[str] = []
        for each in pieces:
            if isinstance(each, Spelled):
                message = f"{each.expression} is no column of the statement"
                raise TypeError(message)
            if merged and not isinstance(each, Code) and not isinstance(merged[-1], Code):
                merged[-1] += each
            else:
                merged.append(each)
        parts = [each if isinstance(each, Code) else self.name(each) for each in merged]
        return Code("f'" + "".join(f"{{{each}}}" for each in parts) + "'")

    def function(self, head: str, *first: str) -> Callable[..., Any]:
        """Return the function of this head: the first lines, and those that were added, which are taken."""
        source = "\n".join([f"def {head}:", *(f" {line}" for line in first), *self._lines])
        self._lines = []
        place = dict(self._names)
        exec(compile(source, "<plan>", "exec"), place)  # noqa: S102  # No client's text is in it, see above.
        made: Callable[..., Any] = place[head.partition("(")[0]]
        return made
