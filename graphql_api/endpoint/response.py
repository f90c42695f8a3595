"""What goes out over HTTP?

A reply becomes a status, headers and bytes. Clients that take gzip get a long answer compressed: one that
fits into a packet as it is would come no earlier.
"""

import functools
import zlib
from dataclasses import dataclass
from http import HTTPStatus

from starlette.types import Receive, Scope, Send

from graphql_api.endpoint.protocol import Lines, send_whole
from graphql_api.endpoint.request import SPELLINGS, accepted
from graphql_api.endpoint.safety import SAFE
from graphql_api.operation import Reply

JSON = "application/json"
RESPONSE_JSON = "application/graphql-response+json"

# An Ethernet packet has room for 1,460 bytes, of which the headers take some 500.
LEAST_COMPRESSED_BYTES = 1_400
# Compressing takes 3.5 µs a kilobyte here: from this size on other requests would notice.
MOST_BYTES_AT_ONCE = 64_000
# To copy as much takes no longer than a further call of the system, which wakes the client up besides.
_MOST_BYTES_COPIED = 256_000
# The fastest level makes JSON a ninth of its size; the default one a tenth, in twice the time.
_LEVEL = 1
_GZIP_FORMAT = 16 + zlib.MAX_WBITS
CONTENT_TYPES = {each: (b"content-type", f"{each}; charset=utf-8".encode()) for each in (JSON, RESPONSE_JSON)}
"""The header that tells each media type of an answer."""
_NO_STORE = (b"cache-control", b"no-store")
_LINES = {name: Lines(told, _NO_STORE, *SAFE) for name, told in CONTENT_TYPES.items()}
_GZIP = (b"content-encoding", b"gzip")
# An enumeration's member takes a fifth of a microsecond to be looked up.
_NOT_MODIFIED = int(HTTPStatus.NOT_MODIFIED)


@dataclass(slots=True)
class Response:
    """The response to one request, as an ASGI application that sends it, once.

    ``lines`` are the headers of all answers of its kind, ``headers`` its own. ``is_ours`` says that it has a
    body, and no header from whoever refused the request.
    """

    status: int
    lines: Lines
    headers: list[tuple[bytes, bytes]]
    parts: list[bytes]
    is_ours: bool = False

    @property
    def length(self) -> int:
        """The length of the body."""
        return sum(map(len, self.parts))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send it. A very long body is not copied into one piece, and held here no longer than it takes."""
        del receive
        # What has no content has no length either (RFC 9110, 8.6).
        length = self.length
        if self.status != _NOT_MODIFIED:
            self.headers.append((b"content-length", b"%d" % length))
        if length <= _MOST_BYTES_COPIED:
            if self.is_ours and send_whole(scope, self.status, self.lines, self.headers, self.parts):
                return
            self.parts = [b"".join(self.parts)]
        headers = [*self.lines.headers, *self.headers]
        await send({"type": "http.response.start", "status": self.status, "headers": headers})
        while self.parts:
            part = self.parts.pop(0)
            await send({"type": "http.response.body", "body": part, "more_body": bool(self.parts)})

    def compress(self) -> None:
        """Compress the body."""
        deflate = zlib.compressobj(_LEVEL, zlib.DEFLATED, _GZIP_FORMAT)
        self.parts = [*map(deflate.compress, self.parts), deflate.flush()]
        self.headers.append(_GZIP)


def response_of(reply: Reply, media_type: str) -> Response:
    """Return the response. Clients of plain JSON look at the body alone: they get 200."""
    is_told_by_status = media_type == RESPONSE_JSON or reply.of_transport
    headers = [(b"x-request-id", reply.request_id.encode())]
    if reply.headers:
        headers += [(name.lower().encode(), value.encode()) for name, value in reply.headers.items()]
    status = int(reply.status) if is_told_by_status else 200
    return Response(status, _LINES[media_type], headers, reply.parts(), is_ours=not reply.headers)


@functools.lru_cache(SPELLINGS)
def takes_gzip(accept_encoding: str) -> bool:
    """Say whether a client takes gzip. One that says nothing could not be told that it gets it."""
    weights = dict(accepted([accept_encoding]))
    return weights.get("gzip", weights.get("*", 0.0)) > 0
