"""Does a stream begin where its page stands, and does it outlast a database that is away?"""

import asyncio
from contextlib import aclosing
from typing import Any

import orjson
import pytest

from graphql_api.operation import Question
from graphql_api.settings import Settings
from models.access import Role
from models.outbox import place_of
from tests.graphql_api.conftest import Site, listening, make_site
from tests.postgresql import Server

EVENTS = "subscription { events { event { name } } }"
CREATE = "mutation ($name: String!) { createAccount(input: {name: $name}) { account { id } } }"


async def test_cursor_of_a_query_is_that_of_its_answer(site: Site) -> None:
    """What nobody listened to before does not come after it, however often it is asked for."""
    for name in "ABC":
        await site.ask(CREATE, name=name)
        for _ in range(3):
            here = (await site.ask("{ eventCursor accounts { nodes { id } } }"))["data"]
            assert place_of(here["eventCursor"], 1_000) == len(here["accounts"]["nodes"])


async def test_cursor_of_a_query_is_told_although_it_is_an_old_one(embedded: Site) -> None:
    """Another process holds the write lock: nothing is missed after it, and more is repeated."""
    await embedded.ask(CREATE, name="A")
    with embedded.database.writing() as session:
        session.flush()
        answer = await embedded.ask("{ eventCursor }")
    assert place_of(answer["data"]["eventCursor"], 1_000) == 0


async def test_database_that_is_away_ends_no_subscription(
    postgresql: Server, postgresql_name: str, caplog: pytest.LogCaptureFixture
) -> None:
    """It goes on once the database answers; who subscribes meanwhile is told to come again."""
    settings = Settings(database_url=postgresql.url(postgresql_name), key_cache_seconds=0, worker_threads=4)
    with make_site(settings) as site:
        question = Question(EVENTS, secret=site.keys[Role.SALES])
        async with aclosing(site.operations.stream(question)) as replies:
            first = asyncio.ensure_future(anext(replies))
            await listening(site)
            with postgresql.away(postgresql_name):
                # Longer than until a subscriber looks again.
                done, _ = await asyncio.wait({first}, timeout=2.5)
                assert not done
                (refused,) = [reply async for reply in site.operations.stream(question)]
                (error,) = refused.errors
                assert ((error.extensions or {})["code"], error.message) == (
                    "RETRYABLE",
                    "The database does not answer at the moment; subscribe again.",
                )
            await site.ask(CREATE, name="Acme")
            heard: Any = orjson.loads((await first).data or b"")
            assert heard["events"]["event"] == {"name": "account.created"}
    assert {each.getMessage() for each in caplog.records} == {
        "Events wait to be put in order: OperationalError"
    }
