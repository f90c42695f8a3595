"""Does a subscriber of one server hear of what another one commits, and miss nothing when it breaks off?"""

import asyncio
import json
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing, asynccontextmanager
from typing import Any

import httpx
from websockets.asyncio.client import connect
from websockets.typing import Subprotocol

from tests.journeys.office import Branch, headers_of

EVENTS = """subscription ($after: String) { events(after: $after, names: ["account.created"]) {
    cursor event { subject { ... on Account { name } } } } }"""
CREATE = "mutation ($n: String!) { createAccount(input: {name: $n}) { userErrors { code } } }"
WRITERS, EACH = 4, 15


@asynccontextmanager
async def listened(branch: Branch, number: int, after: str | None) -> AsyncIterator[AsyncIterator[Any]]:
    """Subscribe over a WebSocket of one of the servers; gives the payloads."""
    address = branch.addresses[number].replace("http", "ws")
    options = {"subprotocols": [Subprotocol("graphql-transport-ws")]}
    async with connect(f"{address}/graphql", **options) as socket:  # type: ignore[arg-type]  # Options by name.
        key = branch.people["sam"].key
        await socket.send(
            json.dumps({"type": "connection_init", "payload": {"authorization": f"Bearer {key}"}})
        )
        asked = {"query": EVENTS, "variables": {"after": after}}
        await socket.send(json.dumps({"type": "subscribe", "id": "1", "payload": asked}))
        assert json.loads(await socket.recv()) == {"type": "connection_ack"}

        async def payloads() -> AsyncGenerator[Any, None]:
            async for frame in socket:
                yield json.loads(frame)["payload"]["data"]["events"]

        async with aclosing(payloads()) as found:
            yield found


async def write(branch: Branch, client: httpx.AsyncClient, writer: int) -> None:
    """Make accounts one after another, in turn at each server."""
    for number in range(EACH):
        response = await client.post(
            f"{branch.addresses[(writer + number) % 2]}/graphql",
            json={
                "query": CREATE,
                "variables": {"n": f"{writer}-{number}"},
            },
            headers=headers_of(branch.people, "sam"),
        )
        assert response.json()["data"] == {"createAccount": {"userErrors": []}}


async def test_no_event_is_lost_and_none_comes_twice_across_breaks_and_servers(branch: Branch) -> None:
    """Four writers at two servers; the reader breaks off every few events and goes on at the other one."""
    start = branch.post(0, "{ eventCursor }")["data"]["eventCursor"]
    heard: list[str] = []
    cursor, turn = start, 0
    async with asyncio.timeout(120), httpx.AsyncClient(timeout=60) as client:
        writing = asyncio.gather(*(write(branch, client, each) for each in range(WRITERS)))
        while len(heard) < WRITERS * EACH:
            async with listened(branch, turn % 2, cursor) as payloads:
                async for payload in payloads:
                    heard.append(payload["event"]["subject"]["name"])
                    cursor = payload["cursor"]
                    if len(heard) % 7 == 0 or len(heard) == WRITERS * EACH:
                        break
            turn += 1
        await writing
    assert len(heard) == len(set(heard))
    for writer in range(WRITERS):
        own = [name for name in heard if name.startswith(f"{writer}-")]
        assert own == [f"{writer}-{number}" for number in range(EACH)]
