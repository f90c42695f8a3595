"""How does a database of millions of rows come to be? The demo company, copied many times over."""

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from decimal import Decimal
from enum import Enum
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Index, Table, UniqueConstraint, func, insert, select, text
from sqlmodel import SQLModel

from models.database import Database
from models.demo import people, tell
from models.demo.scenery import FATES
from models.moment import Organization
from models.record import Identifier
from tests.desk import START

# What all copies share: people, words and numbers that are known by their names.
_SHARED = {
    "user",
    "api_key",
    "status_reason",
    "number_series",
    "idempotency_entry",
    "exchange_rate",
    "outbox",
}
_CHAINS = sum(weight for _, weight in FATES)
_BATCH = 2_000
# An odd number near 2^64 divided by the golden ratio: its multiples lie far apart.
_SPREAD = 0x9E3779B97F4A7C15


def grow(database: Database, rows: int) -> int:
    """Write the demo company and copies of it, until there are so many rows; return how many there are.

    Copies have keys, numbers and moments of their own, so that equal values are as rare as in a company.
    """
    with database.writing() as session:
        users = people(session, START)
        list(tell(session, Organization(), START, users, _CHAINS))
        session.commit()
    with database.writing() as session:
        connection = session.connection()
        company = {
            table: [dict(row) for row in connection.execute(select(table)).mappings()]
            for table in SQLModel.metadata.sorted_tables
            if table.name not in _SHARED
        }
        size = sum(map(len, company.values()))
        copies = -(-rows // size)
        own = {row["id"] for each in company.values() for row in each if "id" in row}
        for table, each in company.items():
            _copy(connection, table, each, own, copies)
        if database.dialect == "sqlite":
            connection.execute(text("DELETE FROM search_index"))
            found = "SELECT number, title, words FROM search_entry"
            connection.execute(text(f"INSERT INTO search_index (rowid, title, words) {found}"))
        session.commit()
        connection = session.connection()
        # The planner knows a table by its statistics, which PostgreSQL's autovacuum would gather meanwhile.
        connection.execute(text("ANALYZE"))
        total = sum(
            connection.execute(select(func.count()).select_from(table)).scalar_one()
            for table in SQLModel.metadata.sorted_tables
        )
        session.commit()
    return total


def _copy(
    connection: Connection, table: Table, rows: list[dict[str, Any]], own: set[Any], copies: int
) -> None:
    """Write the copies of one table's rows."""
    if not rows:
        return
    named = {
        column.name
        for each in [*table.constraints, *table.indexes]
        if (isinstance(each, UniqueConstraint) or (isinstance(each, Index) and each.unique))
        and not any(isinstance(column.type, Identifier) for column in each.columns)
        for column in each.columns
    }
    batch: list[Mapping[str, Any]] = []
    for made in _copies(rows, own, named, copies):
        batch.append(made)
        if len(batch) == _BATCH:
            connection.execute(insert(table), batch)
            batch = []
    if batch:
        connection.execute(insert(table), batch)


def _copies(
    rows: list[dict[str, Any]], own: set[Any], named: set[str], copies: int
) -> Iterator[dict[str, Any]]:
    for copy in range(1, copies):
        for row in rows:
            yield {name: _other(name, value, own, named, copy) for name, value in row.items()}


def _other(name: str, value: Any, own: set[Any], named: set[str], copy: int) -> Any:
    """Return a value as it is in a copy."""
    if name == "is_default":
        return False
    if isinstance(value, UUID):
        return UUID(int=value.int ^ copy * _SPREAD % 2**62) if value in own else value
    if isinstance(value, datetime):
        return value + timedelta(minutes=7 * copy)
    if isinstance(value, Decimal) and name == "total":
        return value + Decimal(copy).scaleb(-2)
    if isinstance(value, str) and name in named and not isinstance(value, Enum):
        return f"{value[:20]}-{copy}"
    if name == "number" and isinstance(value, int):
        return value + 1_000_000 * copy
    return value
