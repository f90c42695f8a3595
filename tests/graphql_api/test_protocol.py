"""Are the bytes of a connection held to HTTP/1.1, to a length and to a time?"""

import asyncio
import gc
import time
from collections.abc import Iterator
from dataclasses import replace
from typing import Any, cast

import pytest
from uvicorn.protocols.http.httptools_impl import RequestResponseCycle

from graphql_api.endpoint.protocol import MOST_HEAD_BYTES, BoundedProtocol
from graphql_api.settings import Settings
from models.access import Role
from tests.graphql_api.conftest import Site, make_site

BODY = b'{"query": "{ __typename }"}'
VIEWER = b'{"query": "{ viewer { role } }"}'
ANSWER = b'"__typename":"Query"'


@pytest.fixture
def hasty(embedded_settings: Settings) -> Iterator[Site]:
    """Return an application whose clients have little time, and little to say."""
    with make_site(replace(embedded_settings, body_timeout_seconds=0.2, max_body_bytes=20_000)) as site:
        yield site


@pytest.fixture
def address(hasty: Site) -> Iterator[str]:
    """Return host and port of a served application."""
    with hasty.served() as address:
        yield address


def request(body: bytes = BODY, *lines: str, host: str = "Host: x") -> bytes:
    """Return the bytes of a request."""
    head = ["POST /graphql HTTP/1.1", host, "Content-Type: application/json", *lines]
    if not any(line.startswith(("Transfer-Encoding", "Content-Length")) for line in lines):
        head.append(f"Content-Length: {len(body)}")
    return "\r\n".join([*(line for line in head if line), "", ""]).encode() + body


def chunked(body: bytes, *trailers: str) -> bytes:
    """Return a body in one chunk, with what comes behind it."""
    return b"%x\r\n%s\r\n0\r\n" % (len(body), body) + "\r\n".join([*trailers, "", ""]).encode()


async def told(address: str, *parts: bytes, wait: float = 0) -> bytes:
    """Send parts, each after a while, and return all that comes until the server closes the connection."""
    reader, writer = await asyncio.open_connection(*address.split(":"))
    try:
        for part in parts:
            writer.write(part)
            await writer.drain()
            await asyncio.sleep(wait)
        return await reader.read()
    except ConnectionError:
        return b""
    finally:
        writer.close()


CLOSE = "Connection: close"


async def test_request_is_answered(address: str) -> None:
    """In one piece, byte by byte, and in chunks."""
    whole = request(BODY, CLOSE)
    for parts in ([whole], [bytes([each]) for each in whole]):
        answer = await told(address, *parts)
        assert answer.startswith(b"HTTP/1.1 200 OK\r\n")
        assert ANSWER in answer
    assert ANSWER in await told(address, request(chunked(BODY), CLOSE, "Transfer-Encoding: chunked"))


async def test_requests_one_after_another_are_answered_in_their_order(address: str) -> None:
    """Sent at once, each gets its answer."""
    texts = [b'{"query": "{ a%d: __typename }"}' % number for number in range(20)]
    sent = b"".join(request(text) for text in texts[:-1]) + request(texts[-1], CLOSE)
    answer = await told(address, sent)
    assert answer.count(b"HTTP/1.1 200 OK") == 20
    places = [answer.index(b'"a%d"' % number) for number in range(20)]
    assert places == sorted(places)


@pytest.mark.parametrize(
    "sent",
    [
        request(host=""),
        request(BODY, "Host: y"),
        request(BODY, "Content-Length: 27", "Content-Length: 28"),
        request(chunked(BODY), "Content-Length: 27", "Transfer-Encoding: chunked"),
        request(BODY, "Content-Length : 27"),
        request(BODY, "X: a\x00b"),
        request(BODY, "X: " + "a" * MOST_HEAD_BYTES),
        b"GET /graphql?query=" + b"a" * MOST_HEAD_BYTES + b" HTTP/1.1\r\nHost: x\r\n\r\n",
        b"nonsense\r\n\r\n",
        b"\x16\x03\x01\x02\x00\x01\x00",
    ],
    ids=["no host", "two hosts", "two lengths", "length and chunks", "space before a colon", "NUL",
         "long head", "long URL", "nonsense", "TLS"],
)  # fmt: skip
async def test_what_is_no_request_gets_400_and_no_more(address: str, sent: bytes) -> None:
    """What follows on the connection is not looked at."""
    answer = await told(address, sent + request())
    assert answer.startswith(b"HTTP/1.1 400 ")
    assert answer.count(b"HTTP/1.1") == 1


async def test_older_version_needs_no_host(address: str) -> None:
    """HTTP/1.0 has none, and closes."""
    sent = request(host="").replace(b"HTTP/1.1", b"HTTP/1.0")
    assert ANSWER in await told(address, sent)


async def test_head_that_does_not_end_is_given_up(address: str) -> None:
    """Whether nothing comes, a part, or more and more; on a connection that was used before, too."""
    begin = time.monotonic()
    for parts in ([], [b"POST /gra"], [b"POST /graphql HTTP/1.1\r\n"] + [b"X: y\r\n"] * 8):
        assert await told(address, *parts, wait=0.05) == b""
    answer = await told(address, request() + b"POST /gra", b"phql", wait=0.05)
    assert answer.count(b"HTTP/1.1") == 1
    assert time.monotonic() - begin < 10


async def test_head_that_grows_is_given_up(hasty: Site) -> None:
    """At a length, not after a time."""
    with make_site(replace(hasty.settings, body_timeout_seconds=60)) as site, site.served() as address:
        piece = b"X: " + b"y" * 8_000 + b"\r\n"
        assert await told(address, b"POST /graphql HTTP/1.1\r\n", *[piece] * 20, wait=0.005) == b""


@pytest.mark.parametrize("behind", [b"\r\n", b"\r"], ids=["line", "half a line"])
async def test_byte_behind_a_request_keeps_no_connection(address: str, behind: bytes) -> None:
    """What is no request is not waited for."""
    async with asyncio.timeout(5):
        assert ANSWER in await told(address, request(), behind, wait=0.1)


async def test_body_that_nobody_waits_for_keeps_no_connection(address: str) -> None:
    """The request was refused by its head, and its body comes byte by byte."""
    head = request(b"", "Content-Length: 10000").replace(b"application/json", b"text/plain")
    reader, writer = await asyncio.open_connection(*address.split(":"))
    writer.write(head)
    assert (await reader.readline()).startswith(b"HTTP/1.1 415 ")
    async with asyncio.timeout(5):
        while not writer.is_closing():
            writer.write(b"x")
            await asyncio.sleep(0.05)


async def test_what_follows_a_body_is_no_header(hasty: Site, address: str) -> None:
    """A proxy that checks the headers does not see it."""
    key = f"Authorization: Bearer {hasty.keys[Role.SALES]}"
    honest = request(chunked(VIEWER), CLOSE, "Transfer-Encoding: chunked", key)
    assert b'{"role":"SALES"}' in await told(address, honest)
    answer = await told(address, request(chunked(VIEWER, key), CLOSE, "Transfer-Encoding: chunked"))
    assert b"Without an API key" in answer


async def test_what_follows_a_body_is_bounded(hasty: Site) -> None:
    """It is counted as the body is, though nobody reads it."""
    with make_site(replace(hasty.settings, body_timeout_seconds=60)) as site, site.served() as address:
        head = request(b"1b\r\n" + BODY + b"\r\n0\r\n", "Transfer-Encoding: chunked")
        piece = b"X: " + b"y" * 8_000 + b"\r\n"
        assert await told(address, head, *[piece] * 100, wait=0.001) == b""


async def test_client_that_asks_whether_to_go_on_is_told(address: str) -> None:
    """Even where it went on without waiting."""
    answer = await told(address, request(BODY, CLOSE, "Expect: 100-continue"))
    assert answer.startswith(b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\n")
    assert ANSWER in answer


async def test_request_leaves_nothing_to_the_garbage_collector(hasty: Site, address: str) -> None:
    """What answers it and what it said go with the answer."""
    key = f"Authorization: Bearer {hasty.keys[Role.SALES]}"
    gc.collect()
    gc.disable()
    try:
        before = _cycles()
        assert (await told(address, request(VIEWER, key) * 20 + request(VIEWER, CLOSE, key))).count(
            b"200 OK"
        ) == 21
        # The last is held by its connection.
        assert _cycles() - before <= 1
    finally:
        gc.enable()


def _cycles() -> int:
    """Return how many requests are held."""
    return sum(isinstance(each, RequestResponseCycle) for each in gc.get_objects())


class _Noting:
    """A transport that notes what is sent."""

    def __init__(self, transport: asyncio.Transport, sent: list[bytes]) -> None:
        self._transport, self._sent = transport, sent

    def write(self, data: bytes) -> None:
        """Send it."""
        self._sent.append(data)
        self._transport.write(data)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._transport, name)


async def test_answer_leaves_in_one_piece(address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Head and body; the connection stays open for the next request, or says that it does not."""
    sent: list[bytes] = []
    made = BoundedProtocol.connection_made

    def noting(self: BoundedProtocol, transport: asyncio.Transport) -> None:
        made(self, cast("asyncio.Transport", _Noting(transport, sent)))

    monkeypatch.setattr(BoundedProtocol, "connection_made", noting)
    everything = await told(address, request() + request(), request(BODY, "Connection: close"))
    heads = [each.partition(b"\r\n\r\n")[0].split(b"\r\n") for each in sent]
    assert b"".join(sent) == everything
    assert [head[0] for head in heads if len(head) > 1] == [b"HTTP/1.1 200 OK"] * 3
    assert [ANSWER in each for each in sent[:2]] == [True, True]
    names = [[line.partition(b":")[0] for line in head] for head in heads[:2]]
    assert names[0] == names[1]
    assert {b"date", b"content-length", b"content-type", b"x-request-id"} < set(names[0])
    assert b"connection: close" in heads[2]
