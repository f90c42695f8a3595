"""What may a client keep of an answer, and how does it learn that it is still the same?

An answer to GET may be kept by the client itself, never by what is shared, and is asked about each time: one
that has not changed is 304, without a body (RFC 9110, 13.1.2).
"""

import hashlib
from collections.abc import Iterable
from http import HTTPStatus

from graphql_api.endpoint.protocol import Lines
from graphql_api.endpoint.request import Incoming
from graphql_api.endpoint.response import CONTENT_TYPES, Response, response_of
from graphql_api.endpoint.safety import SAFE
from graphql_api.operation import Reply

# What an answer depends on beside its URL.
_VARY = (b"vary", b"Accept, Accept-Encoding, Authorization, X-Api-Key")
_CACHE = (b"cache-control", b"private, no-cache")
_UNCHANGED = Lines(_CACHE, _VARY, *SAFE)
_LINES = {name: Lines(told, *_UNCHANGED.headers) for name, told in CONTENT_TYPES.items()}
_TAG_DIGITS = 32


def response_to_get(request: Incoming, reply: Reply, media_type: str) -> Response:
    """Return the response to a GET: with its tag, or 304 where the client has the same answer.

    One with errors is not kept. The tag is a weak one: the request's id, which is in the body, is left out.
    """
    response = response_of(reply, media_type)
    if reply.pieces is None or reply.errors:
        return response
    told = hashlib.sha256(f"{media_type}\n".encode())
    for piece in reply.pieces:
        told.update(piece)
    tag = f'"{told.hexdigest()[:_TAG_DIGITS]}"'
    response.headers.append((b"etag", f"W/{tag}".encode()))
    if _is_known(tag, request.values(b"if-none-match")):
        return Response(HTTPStatus.NOT_MODIFIED, _UNCHANGED, response.headers, [])
    response.lines = _LINES[media_type]
    return response


def _is_known(tag: str, fields: Iterable[bytes]) -> bool:
    """Say whether a client has the answer with this tag."""
    texts = (each for field in fields for each in field.decode("latin-1").split(","))
    known = {each.strip().removeprefix("W/") for each in texts}
    return bool(known & {tag, "*"})
