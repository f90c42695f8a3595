"""Do SQLite and PostgreSQL hold and answer the same bytes, whatever documents are made?

Chance makes the same deals on both, by commands; then every stored row and every answer is compared.
``ENGINE_DEALS`` is how many deals are made, ``ENGINE_SEED`` which.
"""

import os
import re
import shutil
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from random import Random
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import JSON, BigInteger, String, cast, select, type_coerce
from sqlmodel import SQLModel

from models.database import Database
from models.money import Amount, Rate
from models.record import parse_id
from tests.desk import make_desk
from tests.journeys.dealings import Dealings
from tests.journeys.office import Office, opened
from tests.postgresql import Server

DEALS = int(os.environ.get("ENGINE_DEALS", "8"))
SEED = int(os.environ.get("ENGINE_SEED", "1"))

# What is drawn by chance when it is made, or made of such.
_SECRETS = frozenset({"api_key.digest", "api_key.hint", "quote.content_hash", "quote.token_digest"})
# What an engine counts by itself, with gaps of its own.
_COUNTED = frozenset({"search_entry.number"})
_ID = re.compile(r"\b([a-z]+(?:_[a-z]+)*_[0-7][0-9a-hjkmnp-tv-z]{25})\b")
_KEY = re.compile(r"\b[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\b")
_HASH = re.compile(r"\b[0-9a-f]{64}\b")
_STEPS = "priceTrace { rule subject inputs { name value } output rounding }"
_TAXES = (
    "{ code percent isInclusive isOnPrevious exemptReason base { amount } amount { amount currencyCode } }"
)
_LINES = f"""lines(first: 50) {{ nodes {{
  position lineType description quantity unit currencyCode isPriceOverridden taxPercent
  pricePerUnit {{ amount }} volumeDiscount {{ amount }} discountAmount {{ amount }}
  discountPerUnit {{ amount }} typedTax {{ amount }} baseAmount {{ amount }} discountShare {{ amount }}
  taxAmount {{ amount }} includedTaxAmount {{ amount }} extendedAmount {{ amount }} taxes {_TAXES} {_STEPS}
}} }}"""
_DOCUMENT = f"""
  status number name currencyCode discountPercent discountAmount {{ amount }} freightAmount {{ amount }}
  freightTaxes {_TAXES} taxRounding taxBase taxMode lineTotal {{ amount }} discountTotal {{ amount }}
  taxTotal {{ amount }} includedTaxTotal {{ amount }} taxes {_TAXES} total {{ amount currencyCode }} {_STEPS}
  baseAmounts {{ exchangeRate lineTotal {{ amount }} taxTotal {{ amount }} total {{ amount currencyCode }} }}
  {_LINES}
"""
QUESTION = f"""query ($id: ID!) {{ quote(by: {{id: $id}}) {{ {_DOCUMENT} order {{ {_DOCUMENT}
  invoices(first: 5) {{ nodes {{ {_DOCUMENT} isDeposit balance {{ amount }} paidTotal {{ amount }}
    creditNotes(first: 5) {{ nodes {{ {_DOCUMENT} appliedTotal {{ amount }} }} }} }} }} }} }} }}"""


@pytest.fixture
def offices(migrated_file: Path, postgresql: Server, tmp_path: Path) -> Iterator[list[Office]]:
    """Return an office on each engine."""
    name = f"both_{os.getpid()}"
    urls = [f"sqlite:///{shutil.copy(migrated_file, tmp_path / 'sales.db')}", postgresql.create(name)]
    with ExitStack() as stack:
        yield [stack.enter_context(opened(url)) for url in urls]
    postgresql.drop(name)


def _stored(database: Database) -> dict[str, list[str]]:
    """Return every row as it is stored: amounts as whole numbers, JSON as its text; an id as its rank."""
    found: dict[str, list[dict[str, Any]]] = {}
    with database.reading() as session:
        for table in SQLModel.metadata.sorted_tables:
            columns = [
                _as_it_is(column).label(column.name)
                for column in table.columns
                if f"{table.name}.{column.name}" not in _SECRETS | _COUNTED
            ]
            rows = session.execute(select(*columns).order_by(*table.primary_key)).mappings()
            found[table.name] = [dict(row) for row in rows]
    keys = {
        value for rows in found.values() for row in rows for value in row.values() if isinstance(value, UUID)
    }
    ranks = {key: f"#{rank}" for rank, key in enumerate(sorted(keys))}
    return {
        name: sorted(str([_ranked(value, ranks) for value in row.values()]) for row in rows)
        for name, rows in found.items()
    }


def _as_it_is(column: Any) -> Any:
    """Return the expression for what is stored in a column."""
    if isinstance(column.type, Amount | Rate):
        return type_coerce(column, BigInteger)
    return cast(column, String) if isinstance(column.type, JSON) else column


def _ranked(value: Any, ranks: dict[UUID, str]) -> Any:
    """Return a value with the ranks of the ids in it."""
    if isinstance(value, UUID):
        return ranks[value]
    if isinstance(value, str):
        value = _ID.sub(lambda found: ranks.get(parse_id(found[1])[1], found[1]), value)
        value = _KEY.sub(lambda found: ranks.get(UUID(found[0]), found[0]), value)
        return _HASH.sub("#", value)
    return value


async def test_the_same_deals_are_the_same_bytes_on_both_engines(offices: list[Office]) -> None:
    """Refusals, rows and answers: no amount, tax, step or rate differs in a digit."""
    told, stored, answers = [], [], []
    for office in offices:
        dealings = Dealings(make_desk(office.database), Random(SEED))  # noqa: S311  # Guards no secret.
        dealings.set_up()
        for _ in range(DEALS):
            dealings.deal()
        told.append(dealings.told)
        stored.append(_stored(office.database))
        bodies = [{"query": QUESTION, "variables": {"id": quote}} for quote in dealings.quotes]
        contents = [(await office.post(body)).content for body in bodies]
        # What is behind the data tells of the request.
        answers.append([content.partition(b',"extensions":')[0] for content in contents])
    assert told[0] == told[1]
    assert {name: rows for name, rows in stored[0].items() if rows != stored[1][name]} == {}
    assert answers[0] == answers[1]
    assert [answer for answer in answers[0] if b'"errors"' in answer] == []
    done = [each for each in told[0] if " " not in each]
    assert len(done) > len(told[0]) / 2
    assert {"accept_quote", "invoice_order", "invoice_deposit", "create_credit_note"} <= set(done)
