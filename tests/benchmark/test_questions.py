"""Which filters and orders read more than they answer, on a million rows?

``pytest -m benchmark tests/benchmark/test_questions.py -s`` asks for every filter with every operator and for
every order from both ends, of every list, looks at the engine's plans and prints how long answers take: some
minutes an engine. ``QUESTIONS_ROWS`` is the number of rows.
"""

import os
import time
from collections.abc import Iterator
from contextlib import closing
from itertools import product
from statistics import median
from typing import Any, NamedTuple

import pytest
from graphql import GraphQLEnumType, GraphQLNonNull, get_named_type
from sqlmodel import col, select

from graphql_api.planner.backing import backing_of
from graphql_api.types.backed import title
from models.access import Role, User, Viewer
from models.database import Database
from models.engines import Limits
from models.record import new_id, public_id, records
from tests.benchmark import plans
from tests.benchmark.grown import grow
from tests.graphql_api.planner.company import Reader
from tests.journeys.questions import SCHEMA

_ROWS = int(os.environ.get("QUESTIONS_ROWS", "1000000"))
# These are met by most rows, or look inside of values: an index is read as a whole, or not at all.
_WIDE = {"notIn", "contains"}
_PATIENCE = 600.0  # Seconds.
_VALUES = {
    "Boolean": "true",
    "Int": "3",
    "Decimal": '"3990.5"',
    "Date": '"2026-04-01"',
    "DateTime": '"2026-03-12T10:00:00Z"',
    "CurrencyCode": '"EUR"',
}


class Question(NamedTuple):
    """One question: the connection it reads, what it asks for and its document."""

    connection: str
    asks: str
    document: str
    is_wide: bool = False
    is_order: bool = False


def _conditions(kind: Any, ids: dict[str, str], type_name: str) -> Iterator[tuple[str, str, bool]]:
    """Yield each condition of a filter: its name, its text, and whether it is wide."""
    for name, field in kind.fields.items():
        named: Any = get_named_type(field.type)
        if name in {"and", "or", "not", "isNull"}:
            continue
        if named.name.endswith("LinkWhere"):
            for inner, text, is_wide in _conditions(named, ids, named.name.removesuffix("LinkWhere")):
                yield f"{name}.{inner}", f"{{{name}: {text}}}", is_wide
            continue
        for operator, given in named.fields.items():
            value = _value(get_named_type(given.type), ids.get(type_name, ""))
            listed = f"[{value}]" if operator in {"in", "notIn"} else value
            # What is never null is null on no record or, by way of a link, on those without one.
            is_wide = operator in _WIDE or (operator == "isNull" and not _may_be_null(type_name, name))
            yield f"{name}.{operator}", f"{{{name}: {{{operator}: {listed}}}}}", is_wide


def _may_be_null(type_name: str, name: str) -> bool:
    """Say whether a field may be null."""
    kind: Any = SCHEMA.type_map[type_name]
    return not isinstance(kind.fields[name].type, GraphQLNonNull)


def _value(kind: Any, key: str) -> str:
    """Return a value of a type, as it is written in a document."""
    if isinstance(kind, GraphQLEnumType):
        return str(next(iter(kind.values)))
    return f'"{key}"' if kind.name == "ID" else _VALUES.get(kind.name, '"Q-2026-00042"')


def _questions(ids: dict[str, str]) -> Iterator[Question]:
    """Yield every filter and order of every root connection."""
    assert SCHEMA.query_type is not None
    for connection, field in SCHEMA.query_type.fields.items():
        named: Any = get_named_type(field.type)
        # Other lists than those of records are computed of many: they read what they add up.
        if not named.name.endswith("Connection") or "id" not in _node(named).fields:
            continue
        if "where" in field.args:
            where: Any = get_named_type(field.args["where"].type)
            for name, text, is_wide in _conditions(where, ids, named.name.removesuffix("Connection")):
                document = f"{{ {connection}(first: 5, where: {text}) {{ nodes {{ id }} }} }}"
                yield Question(connection, name, document, is_wide=is_wide)
        if "orderBy" in field.args:
            yield from _orders_of(connection, field)


def _node(connection: Any) -> Any:
    """Return the type of what a connection holds."""
    return get_named_type(connection.fields["nodes"].type)


def _orders_of(connection: str, field: Any) -> Iterator[Question]:
    """Yield every order of a connection from either end, and within a status where an index serves that."""
    order: Any = get_named_type(field.args["orderBy"].type)
    table: Any = backing_of(_node(get_named_type(field.type)).name).table
    for by in get_named_type(order.fields["field"].type).values:
        for direction, end in product(("ASC", "DESC"), ("first", "last")):
            given = f"{end}: 5, orderBy: [{{field: {by}, direction: {direction}}}]"
            asks = f"{by} {direction} {end}"
            document = f"{{ {connection}({given}) {{ nodes {{ id }} }} }}"
            yield Question(connection, asks, document, is_order=True)
            if by.lower() in getattr(table, "ordered_by_status", ()):
                (status, *_) = SCHEMA.type_map[f"{title(table.noun())}Status"].values  # type: ignore[attr-defined]  # It is an enum.
                within = document.replace("orderBy:", f"where: {{status: {{eq: {status}}}}}, orderBy:")
                yield Question(connection, f"{status} by {asks}", within, is_order=True)


def _company(database: Database) -> tuple[Viewer, dict[str, str]]:
    """Return an admin, and by type an id: that of one record, or where there is none, of none."""
    with database.reading() as session:
        admin = session.exec(select(User).where(col(User.role) == Role.ADMIN)).first()
        assert admin is not None
        ids = {
            title(noun): public_id(noun, session.exec(select(table.id).limit(1)).first() or new_id())
            for noun, table in records().items()
        }
        return Viewer(admin.id, admin.name, admin.role), ids


def _patient(database: Database) -> Database:
    """Return the database to somebody who lets each statement take its time."""
    return Database(database.url, limits=Limits(statement_seconds=_PATIENCE))


def _without_statistics(database: Database) -> Database:
    """Return the database as an engine sees it that knows no counts, and so reads each index there is."""
    if database.dialect == "sqlite":
        with database.writing() as session:
            session.connection().exec_driver_sql("DELETE FROM sqlite_stat1")
            session.commit()
    return _patient(database)


def _asked(database: Database, viewer: Viewer, ids: dict[str, str]) -> list[tuple[float, Question, Any]]:
    """Ask each question twice; return how many seconds the second answer took, and its statements."""
    reader = Reader(SCHEMA, database)
    found: list[tuple[float, Question, Any]] = []
    for each in _questions(ids):
        reader.answer(each.document, viewer=viewer)
        begin = time.perf_counter()
        answer = reader.answer(each.document, viewer=viewer)
        found.append((time.perf_counter() - begin, each, answer.statements))
        assert answer.errors == [], (each, answer.errors)
    return found


@pytest.mark.benchmark
def test_filters_and_orders_of_a_million_rows(database: Database) -> None:
    """Each filter and each order finds its rows by an index."""
    began = time.perf_counter()
    with closing(_patient(database)) as patient:
        rows = grow(patient, _ROWS)
        print(f"\n{database.dialect}: {rows:,} rows in {time.perf_counter() - began:.0f} s")
        asked = _asked(patient, *_company(patient))
    asked.sort(key=lambda one: one[0], reverse=True)
    print(f"{len(asked)} questions: median {median(one[0] for one in asked) * 1000:.1f} ms; the slowest:")
    for seconds, each, _ in asked[:30]:
        print(f"  {seconds * 1000:8.1f} ms  {each.connection} {each.asks}")
    with closing(_without_statistics(database)) as forced:
        found = [
            (each, plans.whole(forced, statements, in_order=each.is_order))
            for _, each, statements in asked
            if not each.is_wide
        ]
    read = [(each, steps) for each, steps in found if steps]
    for each, steps in read:
        print("WHOLE", each.connection, each.asks, " | ".join(steps)[:400])
    assert read == []
