"""How does a request come in, and how does its answer go out?

GraphQL over HTTP by POST and, for queries, by GET; subscriptions as server-sent events, and by
graphql-transport-ws over a WebSocket. Every answer is
GraphQL JSON, that to a request which is not even JSON too. A command runs by POST with a JSON body only: no
form and no link of another site can send one.
"""

import functools
from collections.abc import Iterable, Mapping
from http import HTTPStatus

from starlette.requests import ClientDisconnect
from starlette.types import Receive, Scope, Send

from graphql_api.endpoint.caching import response_to_get
from graphql_api.endpoint.request import SPELLINGS, Incoming, accepted, malformed, question_of
from graphql_api.endpoint.response import (
    JSON,
    LEAST_COMPRESSED_BYTES,
    MOST_BYTES_AT_ONCE,
    RESPONSE_JSON,
    Response,
    response_of,
    takes_gzip,
)
from graphql_api.endpoint.safety import SafeHeaders
from graphql_api.endpoint.sse import EVENT_STREAM, EventStream
from graphql_api.endpoint.websocket import Sockets
from graphql_api.errors import RequestRefused, masked
from graphql_api.operation import Operations, Reply
from graphql_api.operation.reply import new_request_id

__all__ = ["Endpoint"]


class Endpoint:
    """The ASGI application of one path."""

    def __init__(self, operations: Operations) -> None:
        self._operations = operations
        self._sockets = Sockets(operations)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request, or serve a WebSocket until it is closed."""
        if scope["type"] == "websocket":
            await self._sockets(scope, receive, send)
            return
        try:
            response = await self._http(Incoming(scope, receive))
        except ClientDisconnect:
            return
        await response(scope, receive, send)

    async def _http(self, request: Incoming) -> Response | SafeHeaders:
        """Return the response to an HTTP request."""
        media_type = JSON
        try:
            media_type = _media_type(request.values(b"accept"))
            question = await question_of(request, self._operations.settings)
            if media_type == EVENT_STREAM:
                return SafeHeaders(EventStream(self._operations.stream(question), question.request_id))
            reply = await self._operations.answer(question)
        except RequestRefused as refusal:
            reply = Reply.refusing(refusal, new_request_id())
        except ClientDisconnect:
            raise
        except Exception as fault:  # noqa: BLE001  # Whatever it is: it is answered, without a traceback.
            request_id = new_request_id()
            error = masked(fault, request_id)
            reply = Reply(
                request_id, errors=(error,), status=HTTPStatus.INTERNAL_SERVER_ERROR, of_transport=True
            )
        if media_type == EVENT_STREAM:
            media_type = RESPONSE_JSON
        is_get = request.method == "GET"
        response = response_to_get(request, reply, media_type) if is_get else response_of(reply, media_type)
        if response.length >= LEAST_COMPRESSED_BYTES:
            await self._compress(request, response)
        return response

    async def _compress(self, request: Incoming, response: Response) -> None:
        """Compress a response for a client that takes it."""
        if not takes_gzip(request.header(b"accept-encoding") or ""):
            return
        if response.length > MOST_BYTES_AT_ONCE:
            await self._operations.on_thread(response.compress)
        else:
            response.compress()


@functools.lru_cache(SPELLINGS)
def _media_type(accept: tuple[bytes, ...]) -> str:
    """Return the media type of the answer, that of server-sent events where they are wanted.

    Raises:
        RequestRefused: the client takes none of them.
    """
    values = [each.decode("latin-1") for each in accept]
    return EVENT_STREAM if is_stream_wanted(values) else media_type_for(values)


def is_stream_wanted(accept: Iterable[str]) -> bool:
    """Say whether server-sent events are the client's first choice: named first, among equals too.

    Some clients of ordinary queries name them last, and could not read the answer.
    """
    weights = [(name, weight) for name, weight in accepted(accept) if weight > 0]
    return bool(weights) and max(weights, key=lambda each: each[1])[0] == EVENT_STREAM


def media_type_for(accept: Iterable[str]) -> str:
    """Return the media type of the answer: the client's favourite, plain JSON where it has none.

    Raises:
        RequestRefused: it takes neither.
    """
    weights = dict(accepted(accept))
    if not weights:
        return JSON
    best = max((RESPONSE_JSON, JSON), key=lambda each: (_weight_of(each, weights), each in weights))
    if _weight_of(best, weights) <= 0:
        message = f"Only {RESPONSE_JSON} and {JSON} can be sent; accept one of them."
        raise malformed(message, HTTPStatus.NOT_ACCEPTABLE)
    if RESPONSE_JSON not in weights and _weight_of(JSON, weights) >= _weight_of(best, weights):
        return JSON
    return best


def _weight_of(media_type: str, weights: Mapping[str, float]) -> float:
    """Return the weight of a media type, by the most specific range that holds it."""
    return next((weights[each] for each in (media_type, "application/*", "*/*") if each in weights), 0.0)
