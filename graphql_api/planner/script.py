"""How does code come about that writes rows as JSON? One function a plan, no object a value.

A ``Script`` is the body of a function over rows, line by line. Whatever it needs, texts of the answer too,
is handed to it by name: nothing that a client wrote becomes code.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

Row = Sequence[Any]


class Code(str):
    """An expression over names and slots. It yields what the answer holds in its place."""

    __slots__ = ()


Pieces = Sequence[str]
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

    def text(self, pieces: Pieces) -> Code:
        """Return the expression of a text. Its constants are names: no quote and no brace is in it."""
        merged: list[str] = []
        for each in pieces:
            if merged and not isinstance(each, Code) and not isinstance(merged[-1], Code):
                merged[-1] += each
            else:
                merged.append(each)
        parts = [each if isinstance(each, Code) else self.name(each) for each in merged]
        return Code("f'" + "".join(f"{{{each}}}" for each in parts) + "'")

    def function(self, head: str, *first: str) -> Callable[..., Any]:
        """Return the function of this head: the first lines, and those that were added."""
        source = "\n".join([f"def {head}:", *(f" {line}" for line in first), *self._lines])
        place = dict(self._names)
        exec(compile(source, "<plan>", "exec"), place)  # noqa: S102  # No client's text is in it, see above.
        made: Callable[..., Any] = place[head.partition("(")[0]]
        return made
