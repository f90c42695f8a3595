"""How does an engine say it will answer? By an index, or by reading or sorting all rows there are."""

import re
from collections.abc import Iterator, Sequence
from typing import Any

from models.database import Database

# A common table expression: what a statement has found already, and may read as a whole.
_FOUND = re.compile(r"(\w+)\s*(?:\([^()]*\)\s*)?AS\s+(?:MATERIALIZED\s+)?\(")
_ESTIMATED = re.compile(r"rows=(\d+)")
# A page is sorted once more where it is put together; PostgreSQL tells how many rows it expects.
_A_PAGE = 1_000


def steps(database: Database, statements: Sequence[Any]) -> list[str]:
    """Return what the engine says about running statements, where it may not read whole tables."""
    return [step for each in statements for step in _steps_of(database, each)]


def whole(database: Database, statements: Sequence[Any], *, in_order: bool) -> list[str]:
    """Return the steps that read a whole table or, to answer an order, sort all rows that meet a filter."""
    found = {name for each in statements for name in _FOUND.findall(each.sql)}
    return [step for step in steps(database, statements) if _is_whole(step, found, in_order=in_order)]


def _steps_of(database: Database, statement: Any) -> Iterator[str]:
    """Yield the steps of one statement."""
    is_postgresql = database.dialect == "postgresql"
    word = "EXPLAIN" if is_postgresql else "EXPLAIN QUERY PLAN"
    with database.reading() as session:
        connection = session.connection()
        if is_postgresql:
            connection.exec_driver_sql("SET LOCAL enable_seqscan = off")
        for row in connection.exec_driver_sql(f"{word} {statement.sql}", statement.params):
            yield str(row[-1]).strip()


def _is_whole(step: str, found: set[str], *, in_order: bool) -> bool:
    """Say whether a step reads a whole table, or sorts all of it to answer an order."""
    if in_order and "TEMP B-TREE FOR ORDER BY" in step:
        return True
    if in_order and step.removeprefix("->").lstrip().startswith("Sort  ("):
        estimated = _ESTIMATED.search(step)
        return estimated is None or int(estimated[1]) > _A_PAGE
    if step.startswith("SCAN "):
        # An index in the wanted order is scanned until the page is full.
        reads_table = "USING" not in step and "VIRTUAL" not in step and "json_each" not in step
        return reads_table and step.split()[1] not in found | {"CONSTANT", "page_", "keys_"}
    return "Seq Scan" in step
