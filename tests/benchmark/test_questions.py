"""Which filters and orders read more than they answer, on a million rows?

``pytest -m benchmark tests/benchmark/test_questions.py -s`` asks for every filter with every operator and for every
order in both directions, of every list, looks at the engine's plans and prints how long answers take.
Some minutes an engine. ``QUESTIONS_ROWS`` is the number of rows.
"""

import os
import time
from collections.abc import Iterator
from statistics import median
from typing import Any, NamedTuple

import pytest
from graphql import GraphQLEnumType, get_named_type

from models.access import Role, Viewer
from models.database import Database
from tests.benchmark.grown import grow
from tests.graphql_api.planner.company import Reader
from tests.journeys.questions import SCHEMA

_ROWS = int(os.environ.get("QUESTIONS_ROWS", "1000000"))
# These are met by most rows, or look inside of values: an index is read as a whole, or not at all.
_WIDE = {"notIn", "contains"}
_TIMES = 3


class Question(NamedTuple):
    """One question, by the connection it reads and what it asks for."""

    connection: str
    asks: str
    text: str
    is_wide: bool = False


def _value(kind: Any, ids: str) -> str:
    """Return a value of a type, as it is written in a document."""
    if isinstance(kind, GraphQLEnumType):
        return next(iter(kind.values))
    return {
        "ID": f'"{ids}"', "Boolean": "true", "Int": "3", "Decimal": '"3990.5"', "Date": '"2026-04-01"',
        "DateTime": '"2026-03-12T10:00:00Z"', "CurrencyCode": '"EUR"',
    }.get(kind.name, '"Q-2026-00042"')  # fmt: skip


def _conditions(kind: Any, ids: dict[str, str], type_name: str) -> Iterator[tuple[str, str, bool]]:
    """Yield each condition of a filter: its name, its text, and whether it is wide."""
    for name, field in kind.fields.items():
        named = get_named_type(field.type)
        if name in {"and", "or", "not", "isNull"}:
            continue
        if named.name.endswith("LinkWhere"):
            target = named.name.removesuffix("LinkWhere")
            for inner, text, is_wide in _conditions(named, ids, target):
                yield f"{name}.{inner}", f"{{{name}: {text}}}", is_wide
            continue
        for operator, given in named.fields.items():
            value = _value(get_named_type(given.type), ids.get(type_name, ""))
            listed = f"[{value}]" if operator in {"in", "notIn"} else value
            yield f"{name}.{operator}", f"{{{name}: {{{operator}: {listed}}}}}", operator in _WIDE


def _questions(ids: dict[str, str]) -> Iterator[Question]:
    """Yield every filter and order of every root connection."""
    assert SCHEMA.query_type is not None
    for connection, field in SCHEMA.query_type.fields.items():
        named: Any = get_named_type(field.type)
        if not named.name.endswith("Connection") or "where" not in field.args:
            continue
        of = named.name.removesuffix("Connection")
        for name, where, is_wide in _conditions(get_named_type(field.args["where"].type), ids, of):
            yield Question(connection, name, f"{{ {connection}(first: 5, where: {where}) {{ nodes {{ id }} }} }}", is_wide)
        order: Any = get_named_type(field.args["orderBy"].type)
        for by in get_named_type(order.fields["field"].type).values:
            for direction in ("ASC", "DESC"):
                given = f"[{{field: {by}, direction: {direction}}}]"
                text = f"{{ {connection}(first: 5, orderBy: {given}) {{ nodes {{ id }} }} }}"
                yield Question(connection, f"{by} {direction}", text)


def _plan(reader: Reader, statements: Any) -> list[str]:
    """Return what the engine says about running the statements, where it may not read whole tables."""
    word = "EXPLAIN" if reader.database.dialect == "postgresql" else "EXPLAIN QUERY PLAN"
    steps = []
    with reader.database.reading() as session:
        connection = session.connection()
        if reader.database.dialect == "postgresql":
            connection.exec_driver_sql("SET LOCAL enable_seqscan = off")
        for each in statements:
            params: Any = each.params
            steps += [str(row[-1]) for row in connection.exec_driver_sql(f"{word} {each.sql}", params).all()]
    return steps


def _reads_all(step: str) -> bool:
    """Say whether a step of a plan reads a whole table, or sorts one."""
    if step.startswith("SCAN "):
        return step.split()[1] not in {"CONSTANT", "page_", "keys_"} and "VIRTUAL" not in step and "json_each" not in step
    return "Seq Scan" in step


def _ids(database: Database) -> tuple[Viewer, dict[str, str]]:
    """Return an admin, and the id of one record of each kind."""
    from models.access import User  # noqa: PLC0415
    from sqlmodel import col, select
    from models.record import records
    with database.reading() as session:
        admin = session.exec(select(User).where(col(User.role) == Role.ADMIN)).first()
        assert admin is not None
        found = {}
        for table in records().values():
            one = session.exec(select(table).limit(1)).first()
            if one is not None:
                found[table.__name__] = one.public_id
        return Viewer(admin.id, admin.name, admin.role), found


@pytest.mark.benchmark
def test_filters_and_orders_of_a_million_rows(database: Database) -> None:
    began = time.perf_counter()
    rows = grow(database, _ROWS)
    print(f"\n{database.dialect}: {rows:,} rows in {time.perf_counter() - began:.0f} s")
    viewer, ids = _ids(database)
    reader = Reader(SCHEMA, database)
    unbacked, times = [], []
    for each in _questions(ids):
        spent = []
        for _ in range(_TIMES):
            begin = time.perf_counter()
            answer = reader.answer(each.text, viewer=viewer)
            spent.append(time.perf_counter() - begin)
        assert answer.errors == [], (each, answer.errors)
        times.append((median(spent), each))
        plan = _plan(reader, answer.statements)
        if not each.is_wide and any(map(_reads_all, plan)):
            unbacked.append((each, plan))
    times.sort(reverse=True)
    print(f"{len(times)} questions: median {median(t for t, _ in times) * 1000:.1f} ms; the slowest:")
    for spent_, each in times[:40]:
        print(f"  {spent_ * 1000:8.1f} ms  {each.connection} {each.asks}")
    for each, plan in unbacked:
        print("UNBACKED", each.connection, each.asks, "|".join(step.strip() for step in plan)[:400])
    assert unbacked == []
