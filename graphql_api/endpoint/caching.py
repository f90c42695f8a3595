"""What may a client keep of an answer, and how does it learn that it is still the same?

An answer to GET may be kept by the client itself, never by what is shared, and is asked about each time: one
that has not changed is 304, without a body (RFC 9110, 13.1.2).
"""

import hashlib
from http import HTTPStatus

from starlette.requests import Request
from starlette.responses import Response

from graphql_api.operation import Reply

# What an answer depends on beside its URL.
_VARY = "Accept, Authorization, X-Api-Key"
_TAG_DIGITS = 32


def cacheable(request: Request, reply: Reply, response: Response) -> Response:
    """Return the response to a GET: with its tag, or 304 where the client has the same answer.

    One with errors is not kept. The tag is a weak one: the request's id, which is in the body, is left out.
    """
    if reply.data is None or reply.errors:
        return response
    told = f"{response.media_type}\n".encode() + reply.data
    tag = f'"{hashlib.sha256(told).hexdigest()[:_TAG_DIGITS]}"'
    headers = {
        "Cache-Control": "private, no-cache",
        "ETag": f"W/{tag}",
        "Vary": _VARY,
        "X-Request-Id": reply.request_id,
    }
    if _is_known(tag, request.headers.getlist("if-none-match")):
        return Response(status_code=HTTPStatus.NOT_MODIFIED, headers=headers)
    response.headers.update(headers)
    return response


def _is_known(tag: str, fields: list[str]) -> bool:
    """Say whether a client has the answer with this tag."""
    known = {each.strip().removeprefix("W/") for field in fields for each in field.split(",")}
    return bool(known & {tag, "*"})
