"""How much of a request is taken from the wire, and how long is its head waited for?

uvicorn takes a head of any length, waits for its end for ever, and takes what follows a body for headers.
What a body may say and how long it may take is bounded in ``request``.
"""

import asyncio
import logging
from collections.abc import Iterable
from typing import Any

from starlette.types import Scope
from typing_extensions import override
from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol, RequestResponseCycle

from graphql_api.settings import Settings

# A document of 16 kB, percent-encoded in a URL, has three times as many bytes.
MOST_HEAD_BYTES = 65_536
# A body in chunks has at least so many bytes on the wire for each of its own: `1 CR LF x CR LF`.
_BYTES_OF_A_CHUNK = 6
# The ASGI extension under which a request knows what uvicorn answers it with.
WHOLE = "sales.response.whole"
_CYCLE = "cycle"
_NONE: dict[str, Any] = {}
_WITH_BODY = frozenset({"GET", "POST"})


class UnfitHeadError(ValueError):
    """The parser makes it a 400, and closes the connection."""


class BoundedProtocol(HttpToolsProtocol):
    """HTTP/1.1 over one connection, whose requests are bounded."""

    head_seconds = 10.0
    most_bytes = 8 * 2**20

    _timer: asyncio.TimerHandle | None = None
    _is_in_head = False
    # Since the request began.
    _received = 0

    @override
    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # As in uvicorn.
        """Wait for a first request."""
        super().connection_made(transport)
        self._await_head()

    @override
    def connection_lost(self, exc: Exception | None) -> None:
        """Wait for nothing any more."""
        self._rest()
        super().connection_lost(exc)

    @override
    def data_received(self, data: bytes) -> None:
        """Take some bytes, and look at the bounds of a request that has not ended."""
        self._received += len(data)
        super().data_received(data)
        if self._received and not self.transport.is_closing():
            if self._received > (MOST_HEAD_BYTES if self._is_in_head else self.most_bytes):
                self.transport.close()
            elif self._timer is None and (self._is_in_head or self._is_answered()):
                self._await_head()

    @override
    def on_message_begin(self) -> None:
        """Begin a head."""
        self._is_in_head = True
        super().on_message_begin()

    @override
    def on_headers_complete(self) -> None:
        """End a head, and begin to answer.

        Raises:
            UnfitHeadError: it is too long, or names no host or several (RFC 9112, 3.2).
        """
        self._is_in_head = False
        self._rest()
        hosts = [name for name, _ in self.headers].count(b"host")
        if hosts != 1 and (hosts or self.parser.get_http_version() != "1.0"):
            message = "a request names one host"
            raise UnfitHeadError(message)
        if self._received > MOST_HEAD_BYTES and self._head_bytes() > MOST_HEAD_BYTES:
            message = "the head is too long"
            raise UnfitHeadError(message)
        super().on_headers_complete()
        self.scope["extensions"] = {WHOLE: {_CYCLE: self.cycle}}
        if not self.parser.should_upgrade():
            # What comes behind a body is no header of the request (RFC 9110, 6.5.1).
            self.headers = []

    @override
    def on_message_complete(self) -> None:
        """End a request."""
        self._received = 0
        super().on_message_complete()

    def _head_bytes(self) -> int:
        """Return the length of what the head says."""
        return len(self.url) + sum(len(name) + len(value) for name, value in self.headers)

    def _is_answered(self) -> bool:
        """Say whether there is nothing to answer: uvicorn waits no longer once a byte has come."""
        cycle: RequestResponseCycle | None = self.cycle
        return cycle is not None and cycle.response_complete and not self.pipeline

    def _await_head(self) -> None:
        """Close the connection unless a head ends in time."""
        self._timer = self.loop.call_later(self.head_seconds, self.transport.close)

    def _rest(self) -> None:
        """Wait for no head."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None


def body_at_once(scope: Scope) -> bytes | None:
    """Take the body of a request that is there to its end; None where it has to be received.

    uvicorn's own way to it is a future, an event and a dictionary, though there is nothing to wait for.
    """
    cycle = _cycle_of(scope)
    if (
        cycle is None
        or cycle.more_body
        or cycle.waiting_for_100_continue
        or cycle.disconnected
        or cycle.response_complete
    ):
        return None
    cycle.flow.resume_reading()
    cycle.message_event.clear()
    body, cycle.body = bytes(cycle.body), bytearray()
    return body


def _cycle_of(scope: Scope) -> RequestResponseCycle | None:
    """Return what uvicorn answers a request with."""
    cycle: RequestResponseCycle | None = (scope.get("extensions") or _NONE).get(WHOLE, _NONE).get(_CYCLE)
    return cycle


class Lines:
    """Headers that many answers have, and the bytes that they are in a head: put together once."""

    __slots__ = ("headers", "wire")

    def __init__(self, *headers: tuple[bytes, bytes]) -> None:
        self.headers = headers
        self.wire = b"".join([b"%b: %b\r\n" % each for each in headers])


def send_whole(
    scope: Scope, status: int, lines: Lines, headers: Iterable[tuple[bytes, bytes]], body: Iterable[bytes]
) -> bool:
    """Send an answer in one piece; False where that is not for us to do, and nothing was sent.

    To the system head and body are two packets otherwise, each of which costs as much as a small answer. The
    headers are ours alone, and none of them says ``connection``.
    """
    cycle = _cycle_of(scope)
    if (
        cycle is None
        or cycle.response_started
        or cycle.disconnected
        or (cycle.access_log and cycle.access_logger.isEnabledFor(logging.INFO))
        or not cycle.keep_alive
        or cycle.flow.write_paused
        or scope["method"] not in _WITH_BODY
    ):
        return False
    parts = [STATUS_LINE[status], lines.wire]
    for name, value in (*cycle.default_headers, *headers):
        parts += (name, b": ", value, b"\r\n")
    parts += (b"\r\n", *body)
    cycle.response_started = cycle.response_complete = True
    cycle.waiting_for_100_continue = False
    cycle.transport.write(b"".join(parts))
    cycle.message_event.set()
    cycle.on_response()
    # The two hold each other: the garbage collector would have to look for them.
    del scope["extensions"]
    return True


def protocol_for(settings: Settings) -> type[BoundedProtocol]:
    """Return the protocol with the bounds of a deployment."""

    class Protocol(BoundedProtocol):
        head_seconds = settings.body_timeout_seconds
        most_bytes = MOST_HEAD_BYTES + _BYTES_OF_A_CHUNK * settings.max_body_bytes

    return Protocol
