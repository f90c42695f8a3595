"""Does what the pages on subscriptions and webhooks show do what they say?"""

import asyncio
import json
import re
import shlex
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from typing import Any

import httpx
import pytest
from websockets.asyncio.client import connect
from websockets.typing import Subprotocol

from graphql_api.settings import Settings
from models.access import Role
from models.outbox import cursor_of, place_of
from tests.examples import PAGES, Block, blocks
from tests.graphql_api.conftest import Site, listening, make_site

CREATE = 'mutation { createAccount(input: {name: "Acme"}) { account { id } } }'
UPDATE = (
    "mutation ($id: ID!, $name: String!) { updateAccount(input: {id: $id, name: $name}) { account { id } } }"
)


def shown(page: str, beginning: str) -> Block:
    """Return the block of a page that begins with a text."""
    (found,) = [
        each for each in blocks(PAGES[page].read_text(encoding="utf-8")) if each.text.startswith(beginning)
    ]
    return found


@pytest.fixture
def site(database_url: str) -> Iterator[Site]:
    """Return an application on each engine."""
    with make_site(Settings(database_url=database_url, worker_threads=4)) as site:
        yield site


@asynccontextmanager
async def subscribed(site: Site, text: str, **variables: Any) -> AsyncIterator[AsyncIterator[Any]]:
    """Subscribe over a WebSocket as the page tells, and give the payloads."""
    with site.served() as address:
        async with connect(
            f"ws://{address}/graphql", subprotocols=[Subprotocol("graphql-transport-ws")]
        ) as socket:
            key = site.keys[Role.SALES]
            init = {"type": "connection_init", "payload": {"authorization": f"Bearer {key}"}}
            await socket.send(json.dumps(init))
            assert json.loads(await socket.recv()) == {"type": "connection_ack"}
            payload = {"query": text, "variables": variables}
            await socket.send(json.dumps({"type": "subscribe", "id": "1", "payload": payload}))
            yield _payloads(socket)


async def _payloads(socket: Any) -> AsyncIterator[Any]:
    async for frame in socket:
        message = json.loads(frame)
        assert message["type"] == "next", message
        yield message["payload"]["data"]


async def test_subscription_of_the_page_goes_on_after_a_cursor(site: Site) -> None:
    """Each event once: those that came meanwhile first, then what comes from then on."""
    begin = (await site.ask("{ eventCursor }"))["data"]["eventCursor"]
    account = (await site.ask(CREATE))["data"]["createAccount"]["account"]["id"]
    # An account has no deal of its own: the page's example is of a record that has one.
    text = shown("live", "subscription (").text.replace("scope: CHAIN", "scope: SELF")
    seen = []
    for name in ("One", "Two", "Three"):
        await site.ask(UPDATE, id=account, name=name)
        async with subscribed(site, text, id=account, after=begin) as payloads, asyncio.timeout(60):
            event = (await anext(payloads))["recordEvents"]
            seen.append((event["event"]["name"], event["event"]["subjectVersion"]))
            assert event["event"]["subject"] == {"id": account}
            begin = event["cursor"]
    assert seen == [("account.created", 1), ("account.updated", 2), ("account.updated", 3)]


async def test_curl_of_the_page_streams_events(site: Site) -> None:
    """The id of each event is its cursor."""
    words = shlex.split(
        shown("live", "curl").text.replace("\\\n", " ").replace("$KEY", site.keys[Role.SALES])
    )
    assert words[:2] == ["curl", "--no-buffer"]
    headers = dict(words[at + 1].split(": ", 1) for at, word in enumerate(words) if word == "--header")
    body = json.loads(words[words.index("--json") + 1])
    with site.served() as address:
        async with (
            httpx.AsyncClient(base_url=f"http://{address}", timeout=30) as client,
            client.stream("POST", "/graphql", json=body, headers=headers) as response,
        ):
            await listening(site)
            await site.ask(CREATE)
            lines = response.aiter_lines()
            found = [await anext(lines) for _ in range(3)]
    assert found[0] == "event: next"
    payload = json.loads(found[2].removeprefix("data: "))["data"]["events"]
    assert payload["event"]["name"] == "account.created"
    assert found[1] == f"id: {payload['cursor']}"


async def test_webhook_page_shows_a_message_as_it_is_sent(site: Site) -> None:
    """Its fields are those of the schema's events, and its cursor is one."""
    head, body = shown("webhooks", "POST ").text.split("\n\n", 1)
    said = json.loads(body)
    assert sorted(re.findall(r"^(webhook-\w+):", head, re.MULTILINE)) == [
        "webhook-id", "webhook-signature", "webhook-timestamp",
    ]  # fmt: skip
    answer = await site.ask('{ __type(name: "TimelineEvent") { fields { name } } }')
    fields = {each["name"] for each in answer["data"]["__type"]["fields"]}
    ids = {"subjectId": "subject", "actorId": "actor", "causedById": "causedBy"}
    own = {"cursor", "subjectType", "accountId", "fromStatus", "toStatus", "reason"}
    assert {ids.get(each, each) for each in said["data"]} - own <= fields
    assert said["data"]["cursor"] == cursor_of(42)
    assert place_of(said["data"]["cursor"], 42) == 42
