"""Which operations does the explorer open with?

The files of ``operations/``, in the order of the numbers that their names begin with. The first twenty are
the steps of one deal: what an answer shows fills the variables of later steps (``memory.js`` says how).
"""

import re
from dataclasses import dataclass
from pathlib import Path

OPERATIONS = Path(__file__).parent / "operations"
_NAME = re.compile(r"^(?:query|mutation|subscription) (\w+)", re.MULTILINE)


@dataclass(frozen=True)
class Example:
    """A ready-made operation: its name, its text, and the JSON of its variables where it needs any."""

    name: str
    query: str
    variables: str | None


def examples() -> list[Example]:
    """Return the operations in the order of their files."""
    return [_read(file) for file in sorted(OPERATIONS.glob("*.graphql"))]


def _read(file: Path) -> Example:
    """Return the operation of a file, with the variables that lie beside it."""
    query = file.read_text(encoding="utf-8")
    named = _NAME.search(query)
    if named is None:
        message = f"{file.name} holds no named operation"
        raise ValueError(message)
    beside = file.with_suffix(".json")
    return Example(named[1], query, beside.read_text(encoding="utf-8") if beside.exists() else None)
