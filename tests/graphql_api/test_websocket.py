"""Does a WebSocket keep the protocol graphql-transport-ws, whatever it is sent?"""

import asyncio
import json
import logging
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any

import pytest
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.typing import Subprotocol

from graphql_api.settings import Settings
from models.access import Role
from tests.graphql_api.conftest import Site, listening, make_site

PROTOCOL = Subprotocol("graphql-transport-ws")
CREATE = 'mutation { createAccount(input: {name: "Acme"}) { account { name } } }'


class Socket:
    """A client's side of a socket."""

    def __init__(self, connection: ClientConnection) -> None:
        self.connection = connection

    async def send(self, **message: Any) -> None:
        """Send a message."""
        await self.connection.send(json.dumps(message))

    async def receive(self) -> Any:
        """Return the next message, which is a text frame."""
        async with asyncio.timeout(10):
            frame = await self.connection.recv()
        assert isinstance(frame, str)
        return json.loads(frame)

    async def subscribe(self, name: str, query: str, **variables: Any) -> None:
        """Send an operation."""
        await self.send(type="subscribe", id=name, payload={"query": query, "variables": variables})

    async def closed(self) -> tuple[int, str]:
        """Return code and reason of the close; nothing comes before it."""
        with pytest.raises(ConnectionClosed) as caught:
            await self.receive()
        assert caught.value.rcvd is not None
        return caught.value.rcvd.code, caught.value.rcvd.reason


@asynccontextmanager
async def opened(
    address: str, key: str | None = None, *, init: bool = True, **options: Any
) -> AsyncIterator[Socket]:
    """Open a socket and, unless told otherwise, have it acknowledged."""
    async with connect(f"ws://{address}/graphql", subprotocols=[PROTOCOL], **options) as connection:
        socket = Socket(connection)
        if init:
            payload = {"payload": {"authorization": f"Bearer {key}"}} if key else {}
            await socket.send(type="connection_init", **payload)
            assert await socket.receive() == {"type": "connection_ack"}
        yield socket


@pytest.fixture
def address(embedded: Site) -> Iterator[str]:
    """Return host and port of a served application."""
    with embedded.served() as address:
        yield address


async def test_query_and_mutation_run_over_a_socket(embedded: Site, address: str) -> None:
    """Each is one ``next`` and a ``complete``; several operations share the socket."""
    async with opened(address, embedded.keys[Role.SALES]) as socket:
        await socket.subscribe(
            "1", "query ($n: String!) { viewer { role } __type(name: $n) { name } }", n="Quote"
        )
        answer = await socket.receive()
        assert (answer["type"], answer["id"]) == ("next", "1")
        assert answer["payload"]["data"] == {"viewer": {"role": "SALES"}, "__type": {"name": "Quote"}}
        cost = answer["payload"]["extensions"]["cost"]
        assert cost == {"requested": 0, "limit": 50_000, "remaining": 50_000}
        assert await socket.receive() == {"type": "complete", "id": "1"}
        await socket.subscribe("1", CREATE)
        answer = await socket.receive()
        assert answer["payload"]["data"] == {"createAccount": {"account": {"name": "Acme"}}}


async def test_subscription_streams_until_it_is_completed(embedded: Site, address: str) -> None:
    """An event of a command that came over HTTP."""
    async with opened(address, embedded.keys[Role.SALES]) as socket:
        await socket.subscribe("s", "subscription { events { event { name } } }")
        await listening(embedded)
        await embedded.ask(CREATE)
        answer = await socket.receive()
        assert answer["payload"]["data"] == {"events": {"event": {"name": "account.created"}}}
        await socket.send(type="complete", id="s")
        await socket.send(type="ping")
        assert await socket.receive() == {"type": "pong"}
        await listening(embedded, 0)


async def test_subscription_ends_with_its_socket(embedded: Site, address: str) -> None:
    """Whoever goes away without a word leaves nothing behind."""
    async with opened(address, embedded.keys[Role.SALES]) as socket:
        for number in range(10):
            await socket.subscribe(str(number), "subscription { events { event { name } } }")
        await listening(embedded, 10)
        socket.connection.transport.abort()
    await listening(embedded, 0)


async def test_server_that_stops_closes_the_socket(
    embedded: Site, address: str, caplog: pytest.LogCaptureFixture
) -> None:
    """1012, and no ``complete`` before it: no subscription has come to its end. Nothing is logged."""
    with caplog.at_level(logging.WARNING):
        async with opened(address, embedded.keys[Role.SALES]) as socket:
            for name in "ab":
                await socket.subscribe(name, "subscription { events { event { name } } }")
            await listening(embedded, 2)
            embedded.operations.streams.close()
            assert await socket.closed() == (1012, "Service restart")
        await listening(embedded, 0)
    assert caplog.records == []


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ("{", "GRAPHQL_PARSE_FAILED"),
        ("{ nothing }", "GRAPHQL_VALIDATION_FAILED"),
        ("", "GRAPHQL_PARSE_FAILED"),
        ("query A { __typename } query B { __typename }", "GRAPHQL_VALIDATION_FAILED"),
        ("{ viewer { id } }", "UNAUTHENTICATED"),
        ("{" + "a" * 200_000 + "}", "COST_LIMIT_EXCEEDED"),
    ],
)
async def test_bad_document_is_an_error_for_its_id(address: str, query: str, code: str) -> None:
    """The socket lives on."""
    async with opened(address) as socket:
        await socket.subscribe("1", query)
        answer = await socket.receive()
        assert (answer["type"], answer["id"]) == ("error", "1")
        (error,) = answer["payload"]
        assert error["extensions"]["code"] == code
        assert error["extensions"]["requestId"]
        await socket.subscribe("1", "{ __typename }")
        assert (await socket.receive())["payload"]["data"] == {"__typename": "Query"}


MALFORMED: list[str | bytes] = [
    b"\x00",
    b'{"type": "ping"}',
    "",
    "[]",
    "1",
    "null",
    '"x"',
    "{}",
    '{"type": 1}',
    '{"type": "start"}',
    '{"type": ["ping"]}',
    "[" * 50_000,
    '{"type": "ping", "payload": null}',
    '{"type": "ping", "payload": "x"}',
    '{"type": "connection_init", "payload": 1}',
    '{"type": "subscribe"}',
    '{"type": "subscribe", "id": "1"}',
    '{"type": "subscribe", "id": "1", "payload": null}',
    '{"type": "subscribe", "id": "1", "payload": "x"}',
    '{"type": "subscribe", "id": "1", "payload": {}}',
    '{"type": "subscribe", "id": ["1"], "payload": {"query": "{ __typename }"}}',
    '{"type": "subscribe", "id": "", "payload": {"query": "{ __typename }"}}',
    '{"type": "subscribe", "id": "1", "payload": {"query": 1}}',
    '{"type": "subscribe", "id": "1", "payload": {"query": "{ __typename }", "variables": []}}',
    '{"type": "subscribe", "id": "1", "payload": {"query": "{ __typename }", "operationName": 1}}',
    '{"type": "subscribe", "id": "1", "payload": {"documentId": 1}}',
    json.dumps({"type": "subscribe", "id": "1" * 100_000, "payload": {"query": "{ __typename }"}}),
    '{"type": "complete"}',
    '{"type": "complete", "id": 1}',
    '{"type": "' + "x" * 1_000 + '"}',
]


@pytest.mark.parametrize("init", [True, False])
async def test_malformed_frame_closes_the_socket_with_4400(
    address: str, caplog: pytest.LogCaptureFixture, *, init: bool
) -> None:
    """Before and after the acknowledgement, and without a traceback."""
    with caplog.at_level(logging.WARNING):
        for frame in MALFORMED:
            async with opened(address, init=init) as socket:
                await socket.connection.send(frame)
                code, _ = await socket.closed()
                assert (frame[:80], code) == (frame[:80], 4400)
    assert caplog.records == []


async def test_refused_key_closes_the_socket_before_it_is_acknowledged(address: str) -> None:
    """4403, for an unknown key and for another scheme."""
    for payload in ({"authorization": "Bearer sales_1"}, {"Authorization": "Basic x"}, {"x-api-key": "1"}):
        async with opened(address, init=False) as socket:
            await socket.send(type="connection_init", payload=payload)
            assert await socket.closed() == (4403, "Forbidden")


async def test_key_may_come_with_the_handshake(embedded: Site, address: str) -> None:
    """Programs can send headers, pages cannot."""
    headers = {"X-Api-Key": embedded.keys[Role.PARTNER]}
    async with opened(address, additional_headers=headers) as socket:
        await socket.subscribe("1", "{ viewer { role } }")
        assert (await socket.receive())["payload"]["data"] == {"viewer": {"role": "PARTNER"}}


async def test_operation_before_the_acknowledgement_is_refused(address: str) -> None:
    """4401, as the protocol says."""
    async with opened(address, init=False) as socket:
        await socket.subscribe("1", "{ __typename }")
        assert (await socket.closed())[0] == 4401


async def test_second_init_and_second_use_of_an_id_are_refused(embedded: Site, address: str) -> None:
    """4429 and 4409, as the protocol says."""
    async with opened(address) as socket:
        await socket.send(type="connection_init")
        assert (await socket.closed())[0] == 4429
    async with opened(address, embedded.keys[Role.SALES]) as socket:
        for _ in range(2):
            await socket.subscribe("1", "subscription { events { event { name } } }")
        assert (await socket.closed())[0] == 4409


async def test_socket_that_does_not_say_who_it_is_goes(embedded_settings: Settings) -> None:
    """After the time of the settings."""
    with make_site(replace(embedded_settings, ws_init_timeout_seconds=0.1)) as site, site.served() as address:
        async with opened(address, init=False) as socket:
            assert (await socket.closed())[0] == 4408


async def test_operations_of_a_socket_are_limited(embedded_settings: Settings) -> None:
    """Twenty run; one more is an error for its id, until one is completed."""
    settings = replace(embedded_settings, ws_operations_per_second=100)
    with make_site(settings) as site, site.served() as address:
        async with opened(address, site.keys[Role.SALES]) as socket:
            for number in range(21):
                await socket.subscribe(str(number), "subscription { events { event { name } } }")
            answer = await socket.receive()
            assert (answer["type"], answer["id"]) == ("error", "20")
            assert told(answer) == (
                "RATE_LIMITED", "20 operations run on this socket already; complete one first.",
            )  # fmt: skip
            await socket.send(type="complete", id="0")
            await socket.subscribe("20", "{ __typename }")
            assert (await socket.receive())["id"] == "20"


def told(answer: dict[str, Any]) -> tuple[str, str]:
    """Return code and message of the one error of an operation."""
    (error,) = answer["payload"]
    return error["extensions"]["code"], error["message"]


async def test_flood_of_operations_is_refused(address: str) -> None:
    """Ten begin within a second, whatever becomes of them; the others are errors for their ids."""
    async with opened(address) as socket:
        for number in range(100):
            await socket.subscribe(str(number), "{ __typename }" if number % 2 else "{")
        answers = [await socket.receive() for _ in range(105)]
        refused = {
            each["id"] for each in answers if each["type"] == "error" and told(each)[0] == "RATE_LIMITED"
        }
        assert refused == {str(number) for number in range(10, 100)}
        assert {told(each)[1] for each in answers if each.get("id") in refused} == {
            "10 operations began on this socket within a second; wait one, then repeat."
        }
        await asyncio.sleep(1)
        await socket.subscribe("again", "{ __typename }")
        assert (await socket.receive())["payload"]["data"] == {"__typename": "Query"}


async def test_only_the_one_protocol_is_spoken(address: str) -> None:
    """Not its predecessor, and not none."""
    for protocols in ([Subprotocol("graphql-ws")], None):
        async with connect(f"ws://{address}/graphql", subprotocols=protocols) as connection:
            with pytest.raises(ConnectionClosed) as caught:
                await connection.recv()
            assert caught.value.rcvd is not None
            assert caught.value.rcvd.code == 4406


async def test_page_of_another_origin_gets_no_socket(embedded_settings: Settings) -> None:
    """Unless its origin is in the settings; the page of this server always does."""
    settings = replace(embedded_settings, allowed_origins=("https://app.example",))
    with make_site(settings) as site, site.served() as address:
        for origin in ("https://elsewhere.example", "null"):
            with pytest.raises(InvalidStatus) as caught:
                async with opened(address, origin=origin):
                    pass
            assert caught.value.response.status_code == 403
        for origin in ("https://app.example", f"http://{address}"):
            async with opened(address, origin=origin):
                pass


async def test_frame_above_the_limit_closes_the_socket(embedded_settings: Settings) -> None:
    """1009, as the WebSocket protocol says."""
    with make_site(replace(embedded_settings, ws_max_bytes=1_000)) as site, site.served() as address:
        async with opened(address) as socket:
            await socket.subscribe("1", "{ __typename }" + " " * 1_000)
            assert (await socket.closed())[0] == 1009
