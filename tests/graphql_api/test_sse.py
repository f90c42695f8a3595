"""Do server-sent events keep the GraphQL over SSE protocol, and go on where they broke off?"""

import json
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from typing import Any

import httpx
import pytest

from graphql_api.endpoint import is_stream_wanted, sse
from graphql_api.endpoint.response import JSON
from models.access import Role
from tests.graphql_api.conftest import Site, listening

EVENTS = "subscription { events { cursor event { subject { ... on Account { name } } } } }"
CREATE = "mutation ($name: String!) { createAccount(input: {name: $name}) { account { id } } }"


@pytest.fixture
def address(embedded: Site) -> Iterator[str]:
    """Return host and port of a served application."""
    with embedded.served() as address:
        yield address


@asynccontextmanager
async def opened(
    site: Site, address: str, text: str = EVENTS, **headers: str
) -> AsyncIterator[httpx.Response]:
    """Send an operation whose answer is streamed."""
    given = site.headers(Role.SALES) | {"Accept": "text/event-stream"} | headers
    async with (
        httpx.AsyncClient(base_url=f"http://{address}", timeout=20) as client,
        client.stream("POST", "/graphql", json={"query": text}, headers=given) as response,
    ):
        yield response


async def frames(response: httpx.Response) -> AsyncIterator[dict[str, str]]:
    """Yield each event by its fields; comments under an empty name."""
    fields: dict[str, str] = {}
    async for line in response.aiter_lines():
        if line:
            name, _, value = line.partition(":")
            fields[name] = value.strip()
        else:
            yield fields
            fields = {}


def name_in(frame: dict[str, str]) -> Any:
    """Return the account's name that an event tells of."""
    assert frame["event"] == "next"
    payload = json.loads(frame["data"])["data"]["events"]
    assert payload["cursor"] == frame["id"]
    return payload["event"]["subject"]["name"]


async def test_events_are_streamed_and_go_on_after_the_last_one(embedded: Site, address: str) -> None:
    """The id of each is its cursor; a reader that comes back with it gets what followed, once."""
    async with opened(embedded, address) as response:
        assert response.status_code == 200
        assert response.headers["content-type"] == "text/event-stream; charset=utf-8"
        await listening(embedded)
        await embedded.ask(CREATE, name="A")
        first = await anext(frames(response))
        assert name_in(first) == "A"
    await listening(embedded, 0)
    for name in "BC":
        await embedded.ask(CREATE, name=name)
    async with opened(embedded, address, **{"Last-Event-ID": first["id"]}) as response:
        found = frames(response)
        assert [name_in(await anext(found)) for _ in range(2)] == ["B", "C"]


async def test_query_is_one_event_and_the_end(embedded: Site, address: str) -> None:
    """A refusal as well: its errors are data of the protocol."""
    for text, expected in (("{ viewer { role } }", {"viewer": {"role": "SALES"}}), ("{ nothing }", None)):
        async with opened(embedded, address, text) as response:
            answer, end = [each async for each in frames(response)]
        assert (answer["event"], json.loads(answer["data"]).get("data")) == ("next", expected)
        assert end == {"event": "complete", "data": ""}


async def test_silence_is_broken_by_comments(
    embedded: Site, address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """So that no proxy takes the connection for dead."""
    monkeypatch.setattr(sse, "_HEARTBEAT_SECONDS", 0.01)
    async with opened(embedded, address) as response:
        found = frames(response)
        assert [await anext(found) for _ in range(2)] == [{"": ""}, {"": ""}]


async def test_stream_ends_with_the_server(embedded: Site, address: str) -> None:
    """Without a word, as if the connection broke: after `complete` no client would come again."""
    async with opened(embedded, address) as response:
        await listening(embedded)
        embedded.operations.streams.close()
        assert [each async for each in frames(response)] == []


@pytest.mark.parametrize(
    ("accept", "expected"),
    [
        ("text/event-stream", True),
        ("text/event-stream, application/json", True),
        ("application/json, text/event-stream", False),
        ("application/json;q=0.5, text/event-stream", True),
        ("text/event-stream;q=0", False),
        ("*/*", False),
        ("", False),
        ("application/graphql-response+json, application/json, multipart/mixed, text/event-stream", False),
    ],
)
def test_stream_is_sent_to_those_who_want_it_most(accept: str, expected: bool) -> None:  # noqa: FBT001  # A row.
    """Clients that merely can read one get JSON."""
    assert is_stream_wanted([accept]) is expected


async def test_subscription_over_plain_http_is_told_where_to_go(embedded: Site) -> None:
    """By POST without the media type; by GET it is not taken at all."""
    answer = await embedded.ask(EVENTS)
    assert answer["errors"][0]["message"] == (
        "Subscriptions run over a WebSocket with the protocol graphql-transport-ws, on this path, or by POST "
        "as server-sent events with `Accept: text/event-stream`."
    )
    async with embedded.client() as client:
        response = await client.get("/graphql", params={"query": EVENTS}, headers={"Accept": JSON})
    assert (response.status_code, response.headers["allow"]) == (405, "POST")
