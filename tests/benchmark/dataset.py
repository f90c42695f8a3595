"""How does the company of the benchmark get into a database? Twenty accounts, copied many times over.

2,000 accounts have 10,000 opportunities, 20,000 quotes with 60,000 lines, 6,700 orders and as many invoices.
The engine itself makes the copies, so that a million rows take a minute.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import Column, Connection, Index, Table, UniqueConstraint, func, insert, select
from sqlalchemy import text as sql
from sqlmodel import AutoString, SQLModel, col

from models.access import AccountShare, Role, User, issue_key
from models.account import Account
from models.database import Database
from models.engines import Limits
from models.record import INSTANT_FORMAT, Identifier, Instant, utc_now
from tests.benchmark import template

ACCOUNTS = 2_000

# What all copies share, and what the questions of the benchmark do not read.
_SHARED = frozenset({
    "api_key", "idempotency_entry", "number_series", "outbox", "pipeline", "product", "product_version",
    "search_entry", "stage", "status_reason", "unit", "unit_group", "user",
})  # fmt: skip
# A copy is so much older than the one before, and so than what is made later; longer than the commands took.
_APART = timedelta(minutes=10)
_APART_MILLISECONDS = int(_APART.total_seconds() * 1000)
_PATIENT = Limits(statement_seconds=36_000, lock_seconds=60)
# One key of every so many accounts is shared with the partner.
_PARTNER_SEES_ONE_OF = 10
# A version 7 UUID begins with 48 bits of milliseconds (RFC 9562, 5.7).
_POSTGRESQL_FUNCTIONS = f"""
CREATE FUNCTION pg_temp.older_id(id uuid, copy integer) RETURNS uuid IMMUTABLE STRICT LANGUAGE sql AS $$
    SELECT (lpad(to_hex(('x' || replace(left(id::text, 13), '-', ''))::bit(48)::bigint
        - copy * {_APART_MILLISECONDS}::bigint), 12, '0') || replace(substr(id::text, 15), '-', ''))::uuid $$;
CREATE FUNCTION pg_temp.older(moment timestamptz, copy integer) RETURNS timestamptz IMMUTABLE STRICT
    LANGUAGE sql AS $$ SELECT moment - copy * interval '{_APART_MILLISECONDS} milliseconds' $$;
"""
_NEXT_ENTRY = """
SELECT setval(pg_get_serial_sequence('search_entry', 'number'), max(number)) FROM search_entry"""


@dataclass(frozen=True)
class Company:
    """A database with the data, and the keys of a seller and of a partner that sees every tenth account."""

    url: str
    seller: str
    partner: str
    rows: int
    accounts: int


def load(url: str, file: Path, accounts: int = ACCOUNTS) -> Company:
    """Fill a migrated database with copies of the template in a file, for at most so many accounts."""
    copies = accounts // template.ACCOUNTS
    found = _rows_of(file)
    database = Database(url, limits=_PATIENT)
    with _unchecked(database) as connection:
        for table in reversed(found):
            connection.execute(table.delete())
        for table, rows in found.items():
            if rows:
                connection.execute(insert(table), rows)
        for table, rows in found.items():
            if rows and table.name not in _SHARED:
                _multiply(connection, table, copies - 1, len(rows))
        last = "(SELECT coalesce(max(position), 0) FROM event)"
        connection.execute(sql(f"UPDATE outbox SET last = {last}"))
        if database.dialect == "postgresql":
            connection.execute(sql(_NEXT_ENTRY))
        connection.execute(sql("ANALYZE"))
        total = sum(
            connection.execute(select(func.count()).select_from(table)).scalar_one() for table in found
        )
    seller, partner = _make_keys(database)
    database.close()
    return Company(url, seller, partner, total, copies * template.ACCOUNTS)


def _rows_of(file: Path) -> dict[Table, list[dict[str, Any]]]:
    """Return all rows of the template, by table in the order of their links."""
    source = Database(f"sqlite:///{file}")
    with source.reading() as session:
        found = {
            table: [dict(row) for row in session.execute(select(table)).mappings()]
            for table in SQLModel.metadata.sorted_tables
        }
    source.close()
    return found


@contextmanager
def _unchecked(database: Database) -> Iterator[Connection]:
    """Open a transaction that does not look where links point: they are right, and looking takes long."""
    with database._writer.connect() as connection:
        if database.dialect == "sqlite":
            driver: Any = connection.connection.driver_connection
            driver.executescript("PRAGMA foreign_keys = OFF; PRAGMA synchronous = OFF")
            driver.create_function("older_id", 2, _older_id, deterministic=True)
            driver.create_function("older", 2, _older, deterministic=True)
        else:
            connection.execute(sql("SET LOCAL session_replication_role = replica"))
            connection.connection.driver_connection.execute(_POSTGRESQL_FUNCTIONS)  # type: ignore[union-attr]  # It is open.
        yield connection
        connection.commit()


def _older_id(key: bytes | None, copy: int) -> bytes | None:
    """Return the key of a copy on SQLite."""
    if key is None:
        return None
    milliseconds = int.from_bytes(key[:6]) - copy * _APART_MILLISECONDS
    return milliseconds.to_bytes(6) + key[6:]


def _older(moment: str | None, copy: int) -> str | None:
    """Return an instant of a copy on SQLite."""
    return None if moment is None else f"{datetime.fromisoformat(moment) - copy * _APART:{INSTANT_FORMAT}}"


def _multiply(connection: Connection, table: Table, copies: int, count: int) -> None:
    """Write so many copies of a table's rows; they follow one another, as the years of a company do."""
    is_postgresql = connection.dialect.name == "postgresql"
    named = _named(table)
    columns = ", ".join(f'"{column.name}"' for column in table.columns)
    values = ", ".join(
        _value(column, "pg_temp." if is_postgresql else "", named, count) for column in table.columns
    )
    # SQLite goes through a join as it is written. To sort, or to read the table it writes, it would keep all
    # rows in memory: 14 GB of ten million.
    order = "ORDER BY copy DESC" if is_postgresql else ""
    connection.execute(sql(f'CREATE TEMPORARY TABLE original AS SELECT * FROM "{table.name}"'))
    connection.execute(
        sql(
            f"WITH RECURSIVE copies(copy) AS (VALUES ({copies}) "
            "UNION ALL SELECT copy - 1 FROM copies WHERE copy > 1) "
            f'INSERT INTO "{table.name}" ({columns}) SELECT {values} FROM copies CROSS JOIN original {order}'
        )
    )
    connection.execute(sql("DROP TABLE original"))


def _named(table: Table) -> set[str]:
    """Return the columns of a table that are unique though they are no keys: numbers, mostly."""
    return {
        column.name
        for each in [*table.constraints, *table.indexes]
        if (isinstance(each, UniqueConstraint) or (isinstance(each, Index) and each.unique))
        and not any(isinstance(column.type, Identifier) for column in each.columns)
        for column in each.columns
        if isinstance(column.type, AutoString)
    }


def _value(column: Column[Any], prefix: str, named: set[str], count: int) -> str:
    """Return in SQL what a column holds in a copy."""
    name = f'"{column.name}"'
    if isinstance(column.type, Identifier):
        shared = {key.column.table.name for key in column.foreign_keys} & _SHARED
        return name if shared else f"{prefix}older_id({name}, copy)"
    if isinstance(column.type, Instant):
        return f"{prefix}older({name}, copy)"
    if column.name in named:
        return f"{name} || '-' || copy"
    if column.name == "name" and isinstance(column.type, AutoString):
        return f"{name} || ' ' || copy"
    if column.table.name == "event" and column.name == "position":
        return f"{name} + copy * {count}"
    return name


def _make_keys(database: Database) -> tuple[str, str]:
    """Write a key each of a seller and of a partner, with which accounts are shared."""
    with database.writing() as session:
        users = {user.role: user for user in session.scalars(select(User))}
        keys = [
            issue_key(session, users[role], "benchmark", now=utc_now(), pepper=b"")
            for role in (Role.SALES, Role.PARTNER)
        ]
        accounts = list(session.scalars(select(col(Account.id)).order_by(col(Account.id))))
        partner = users[Role.PARTNER].id
        session.add_all(
            AccountShare(user_id=partner, account_id=each) for each in accounts[::_PARTNER_SEES_ONE_OF]
        )
        session.commit()
    return keys[0], keys[1]
