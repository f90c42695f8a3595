"""How is it told? A table in Markdown."""

from collections.abc import Sequence

from tests.benchmark.ground import Row

_VERDICTS = {True: "met", False: "**not yet**", None: ""}


def markdown(rows: Sequence[Row]) -> str:
    """Return the rows as a table."""
    lines = ["| | compared | target | found: median (extremes) | |", "|---|---|---|---|---|"]
    before = ""
    for row in rows:
        part = row.part if row.part != before else ""
        lines.append(f"| {part} | {row.what} | {row.target} | {row.found} | {_VERDICTS[row.is_met]} |")
        before = row.part
    return "\n".join(lines) + "\n"
