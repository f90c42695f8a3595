"""Do pages, walked from either end, tell what one unpaged read tells, at the same number of statements?"""

import asyncio
import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from models import demo
from models.moment import Organization
from tests.journeys.office import START, Office, opened

if TYPE_CHECKING:
    from tests.postgresql import Server

_CHAINS = 90
_PAGE = 7
# Long enough that a key is looked up once: another look would count among a question's statements.
_CALM: dict[str, Any] = {"key_cache_seconds": 3600.0}


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def company(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, migrated_file: Path
) -> Iterator[Office]:
    """Return an office with a small demo company, on each engine, for tests that only read."""
    folder = tmp_path_factory.mktemp("company")
    if request.param == "sqlite":
        with opened(f"sqlite:///{shutil.copy(migrated_file, folder / 'sales.db')}", **_CALM) as office:
            _fill(office)
            yield office
        return
    server: Server = request.getfixturevalue("postgresql")
    name = f"{folder.name}_{os.getpid()}"
    with opened(server.create(name), **_CALM) as office:
        _fill(office)
        yield office
    server.drop(name)


def _fill(office: Office) -> None:
    """Write the demo company."""
    with office.database.writing() as session:
        users = demo.people(session, START)
        for _ in demo.tell(session, Organization(), START, users, _CHAINS):
            pass
        session.commit()


async def page(office: Office, field: str, **arguments: Any) -> Any:
    """Return a page of a root connection; of a nested one, ``field`` leads there with dots."""
    *outer, last = field.split(".")
    given = ", ".join(f"{name}: {value}" for name, value in arguments.items() if value is not None)
    text = (
        f"{last}({given}) {{ edges {{ cursor node {{ id }} }} nodes {{ id }} totalCount {{ value }} "
        "pageInfo { hasNextPage hasPreviousPage startCursor endCursor } }"
    )
    for each in reversed(outer):
        text = f"{each} {{ {text} }}"
    found = await office.read(f"{{ {text} }}")
    for each in (*[name.partition("(")[0] for name in outer], last):
        found = found[each]
    return found


async def walk(office: Office, field: str, order: str | None, *, backward: bool) -> list[str]:
    """Return the ids of all rows, page by page from one end, in the order of the connection."""
    seen: list[str] = []
    cursor: str | None = None
    while True:
        edge = {"before": cursor, "last": _PAGE} if backward else {"after": cursor, "first": _PAGE}
        found = await page(office, field, orderBy=order, **edge)
        ids = [each["id"] for each in found["nodes"]]
        assert ids == [each["node"]["id"] for each in found["edges"]]
        assert [each["cursor"] for each in found["edges"]][:: len(ids) - 1 or 1][:1] == [
            found["pageInfo"]["startCursor"]
        ]
        assert found["pageInfo"]["hasPreviousPage" if not backward else "hasNextPage"] is bool(seen)
        seen = ids + seen if backward else seen + ids
        if not found["pageInfo"]["hasPreviousPage" if backward else "hasNextPage"]:
            assert found["totalCount"]["value"] == len(seen)
            return seen
        cursor = found["pageInfo"]["startCursor" if backward else "endCursor"]
        cursor = f'"{cursor}"'


# Connection and order: default ones, nulls (dates and numbers that drafts have not), ties (totals, stages).
WALKS = [
    ("accounts", "[{field: NAME}]"),
    ("contacts", "[{field: EMAIL, direction: DESC}]"),
    ("leads", None),
    ("opportunities", "[{field: ESTIMATED_CLOSE_ON}, {field: ESTIMATED_REVENUE, direction: DESC}]"),
    ("quotes", "[{field: VALID_UNTIL, direction: DESC}]"),
    ("quotes", "[{field: NUMBER}, {field: TOTAL, direction: DESC}, {field: CREATED_AT}]"),
    ("orders", "[{field: TOTAL}]"),
    ("invoices", "[{field: NUMBER}]"),
    ("invoices", "[{field: DUE_ON, direction: DESC}, {field: NUMBER, direction: DESC}]"),
    ("products", "[{field: UPDATED_AT, direction: DESC}]"),
]


@pytest.mark.parametrize(("field", "order"), WALKS)
async def test_walking_pages_equals_one_read(company: Office, field: str, order: str | None) -> None:
    """Forward and backward, with nulls and ties, and the count says how many there are."""
    whole = await page(company, field, orderBy=order, first=100)
    assert whole["pageInfo"]["hasNextPage"] is False
    ids = [each["id"] for each in whole["nodes"]]
    assert len(ids) == len(set(ids)) == whole["totalCount"]["value"] > _PAGE
    assert await walk(company, field, order, backward=False) == ids
    assert await walk(company, field, order, backward=True) == ids


async def test_walking_a_nested_connection_equals_one_read(company: Office) -> None:
    """The events of one account, page by page from either end."""
    busiest = await company.read(
        "{ accounts(first: 100) { nodes { number history { totalCount { value } } } } }"
    )
    account = max(busiest["accounts"]["nodes"], key=lambda each: each["history"]["totalCount"]["value"])
    field = f'account(by: {{number: "{account["number"]}"}}).history'
    whole = [each["id"] for each in (await page(company, field, first=100))["nodes"]]
    assert len(whole) > 2 * _PAGE
    assert await walk(company, field, None, backward=False) == whole
    assert await walk(company, field, None, backward=True) == whole


QUESTIONS = {
    "chain": """{ accounts(first: %d) { totalCount { value } nodes { name
        contacts(first: 2) { nodes { lastName } }
        opportunities(first: 3) { totalCount { value } nodes { name lead { topic }
        quotes(first: 3) { nodes { number lines(first: 5) { nodes { description product { name } } }
        order { number invoices(first: 3) { nodes { number payments(first: 3) { nodes { amount { amount } } }
        } } } } } } } } } }""",
    "transitions": """{ quotes(first: %d) { nodes { number transitions { name allowed blockers { code } } } }
        leads(first: 5) { nodes { transitions { name } } } }""",
    "timeline": """{ invoices(first: %d) { nodes { number timeline(scope: CHAIN, first: 30) { nodes { name
        actor { name } causedBy { name } } } } } }""",
}


@pytest.mark.parametrize("name", QUESTIONS)
async def test_number_of_statements_does_not_grow_with_the_rows(company: Office, name: str) -> None:
    """A page of thirty or of ninety: the same statements."""
    counts = []
    for size in (30, 90):
        text = QUESTIONS[name] % size
        await company.read(text)
        with company.counted() as statements:
            await company.read(text)
        counts.append(len(statements))
    assert counts[0] == counts[1] > 0, counts


async def test_pages_at_once_do_not_disturb_each_other(company: Office) -> None:
    """Twenty questions at the same time get each its own answer."""
    texts = [f"{{ quotes(first: {size}) {{ nodes {{ id }} }} }}" for size in range(1, 21)]
    answers = await asyncio.gather(*(company.read(text) for text in texts))
    assert [len(answer["quotes"]["nodes"]) for answer in answers] == list(range(1, 21))
    assert all(
        answers[-1]["quotes"]["nodes"][: len(each["quotes"]["nodes"])] == each["quotes"]["nodes"]
        for each in answers
    )
