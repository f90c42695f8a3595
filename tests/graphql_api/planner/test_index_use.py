"""Does the database read an index where it could read a table? Thousands of rows, and its own word for it."""

from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from itertools import product
from typing import Any

import pytest
from sqlmodel import Session

from graphql_api.types.backed import title
from models.account import Account
from models.database import Database
from models.invoice import Invoice
from models.lead import Lead
from models.opportunity import Opportunity
from models.order import Order
from models.quote import Quote, QuoteStatus
from models.search import write
from models.status import Staged
from tests.graphql_api.planner.company import START, Reader, key, pid

ROWS, ACCOUNTS = 4_000, 200
# Filters that few of the rows meet, one for each kind of operator and of link.
FILTERS = [
    '{number: {eq: "N-77"}}',
    '{number: {in: ["N-77", "N-78"]}}',
    '{number: {startsWith: "N-77"}}',
    "{status: {eq: WON}}",
    "{total: {eq: 3990}}",
    '{validUntil: {eq: "2026-04-01"}}',
    '{currencyCode: {eq: "JPY"}}',
    '{createdAt: {eq: "2026-03-12T10:00:00Z"}}',
    '{name: {startsWith: "Deal 3"}}',
    f'{{id: {{eq: "{pid("quote", 11)}"}}}}',
    f'{{account: {{id: {{eq: "{pid("account", 1)}"}}}}}}',
    '{account: {number: {eq: "A-1"}}}',
    f'{{opportunity: {{id: {{eq: "{pid("opportunity", 2)}"}}}}}}',
    '{order: {number: {eq: "O-1"}}}',
]
ORDERS = ["CREATED_AT", "UPDATED_AT", "NUMBER", "TOTAL"]
# PostgreSQL sorts the few rows of these tests where it may.
_BY_INDEX = "SET LOCAL enable_seqscan = off; SET LOCAL enable_sort = off; SET LOCAL enable_bitmapscan = off"


def _fill(session: Session) -> None:
    """Write many quotes of many accounts; the company's own differ from them in everything."""
    some = session.get_one(Quote, key("quote", 11)).model_dump()
    account = session.get_one(Account, key("account", 2)).model_dump()
    session.add_all(
        Account(**account | {"id": key("account", 100 + number), "number": f"B-{number}"})
        for number in range(ACCOUNTS)
    )
    rows = []
    for number in range(1, ROWS + 1):
        at = START + timedelta(days=10, minutes=number)
        rows.append(
            Quote(
                **some
                | {"id": key("quote", 1000 + number), "number": f"N-{number}", "name": f"Many {number}"}
                | {"total": Decimal(number), "valid_until": None, "created_at": at, "updated_at": at}
                | {
                    "opportunity_id": key("opportunity", 1),
                    "account_id": key("account", 100 + number % ACCOUNTS),
                }
            )
        )
    session.add_all(rows)
    session.flush()
    write(session, rows)
    won = session.get_one(Quote, key("quote", 12))
    won.status, won.reason_id = QuoteStatus.WON, "quote.WON.WON"
    session.commit()


@pytest.fixture
def crowded(reader: Reader) -> Reader:
    """Return a reader of a company with thousands of quotes, known to PostgreSQL as its autovacuum would."""
    with reader.database.writing() as session:
        _fill(session)
        if reader.database.dialect == "postgresql":
            session.connection().exec_driver_sql("ANALYZE")
        session.commit()
    return reader


def _plan(reader: Reader, text: str, setting: str = "") -> Iterator[tuple[str, list[str]]]:
    """Yield each statement of a question with what the engine says about running it."""
    answer = reader.answer(text)
    assert answer.errors == []
    word = "EXPLAIN" if reader.database.dialect == "postgresql" else "EXPLAIN QUERY PLAN"
    with reader.database.reading() as session:
        if setting and reader.database.dialect == "postgresql":
            session.connection().exec_driver_sql(setting)
        for each in answer.statements:
            params: Any = each.params
            rows = session.connection().exec_driver_sql(f"{word} {each.sql}", params).all()
            yield each.sql, [str(row[-1]) for row in rows]


def _reads_a_table(database: Database, plan: list[str]) -> list[str]:
    """Return the steps that read the whole table of quotes."""
    if database.dialect == "postgresql":
        return [step for step in plan if "Seq Scan on quote " in step]
    return [step for step in plan if step.split()[:2] == ["SCAN", "quotes_"]]


def test_every_filter_is_answered_by_an_index(crowded: Reader) -> None:
    """Pages and counts alike: what few rows meet is not looked for in all of them."""
    for where in FILTERS:
        text = f"{{ quotes(first: 5, where: {where}) {{ totalCount {{ value }} nodes {{ number }} }} }}"
        for sql, plan in _plan(crowded, text):
            assert _reads_a_table(crowded.database, plan) == [], (where, sql, plan)


def test_every_order_is_read_from_an_index(crowded: Reader) -> None:
    """The first page of thousands of rows sorts none of them, in either direction."""
    for order in ORDERS:
        for direction in ("ASC", "DESC"):
            by = f"[{{field: {order}, direction: {direction}}}]"
            for sql, plan in _plan(
                crowded, f"{{ quotes(first: 5, orderBy: {by}) {{ nodes {{ number }} }} }}"
            ):
                together = "\n".join(plan)
                assert "TEMP B-TREE" not in together, (by, sql, plan)
                assert "Sort" not in together, (by, sql, plan)
                assert "Seq Scan" not in together, (by, sql, plan)


@pytest.mark.parametrize(
    ("connection", "table"),
    [
        ("leads", Lead),
        ("opportunities", Opportunity),
        ("quotes", Quote),
        ("orders", Order),
        ("invoices", Invoice),
    ],
)
def test_every_order_within_a_status_is_read_from_an_index(
    reader: Reader, connection: str, table: type[Staged]
) -> None:
    """A page of the open quotes by their total sorts none of them, from either end."""
    name = title(table.noun())
    kinds: Any = reader.schema.type_map
    (status, *_) = kinds[f"{name}Status"].values
    orders = kinds[f"{name}OrderField"].values
    assert {each.lower() for each in orders} == set(table.ordered_by_status)
    for order, direction, end in product(orders, ("ASC", "DESC"), ("first", "last")):
        asked = f"where: {{status: {{eq: {status}}}}}, orderBy: [{{field: {order}, direction: {direction}}}]"
        for sql, plan in _plan(
            reader, f"{{ {connection}({end}: 5, {asked}) {{ nodes {{ id }} }} }}", _BY_INDEX
        ):
            together = "\n".join(plan)
            assert f"ix_{table.noun()}_status_{order.lower()}" in together, (asked, sql, plan)
            assert "TEMP B-TREE" not in together, (asked, sql, plan)
            assert "Sort" not in together, (asked, sql, plan)


def test_words_are_looked_up(crowded: Reader) -> None:
    """A search reads the index of words, not the words of every record."""
    for text in (
        '{ quotes(first: 5, search: "q 21") { nodes { number } } }',
        '{ search(query: "q 21", first: 5) { nodes { rank } } }',
    ):
        # A few thousand words are read as fast as looked up: PostgreSQL is told not to.
        for sql, plan in _plan(crowded, text, "SET LOCAL enable_seqscan = off"):
            together = "\n".join(plan)
            assert "search_index" in together, (sql, plan)
            assert "Seq Scan on search_entry" not in together, (sql, plan)
