"""How does a request come in, and how does its answer go out?

GraphQL over HTTP by POST and, for queries, by GET; subscriptions as server-sent events, and by
graphql-transport-ws over a WebSocket. Every answer is
GraphQL JSON, that to a request which is not even JSON too. A command runs by POST with a JSON body only: no
form and no link of another site can send one.
"""

from collections.abc import Iterable, Mapping
from http import HTTPStatus

from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from graphql_api.endpoint.caching import cacheable
from graphql_api.endpoint.request import accepted, malformed, question_of
from graphql_api.endpoint.sse import EVENT_STREAM, EventStream
from graphql_api.endpoint.websocket import Sockets
from graphql_api.errors import RequestRefused, masked
from graphql_api.operation import Operations, Reply
from graphql_api.operation.reply import new_request_id

__all__ = ["Endpoint"]

RESPONSE_JSON = "application/graphql-response+json"
JSON = "application/json"


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
            response = await self._http(Request(scope, receive))
        except ClientDisconnect:
            return
        await response(scope, receive, send)

    async def _http(self, request: Request) -> Response:
        """Return the response to an HTTP request."""
        media_type = JSON
        try:
            accept = request.headers.getlist("accept")
            if is_stream_wanted(accept):
                media_type = RESPONSE_JSON
                question = await question_of(request, self._operations.settings)
                return EventStream(self._operations.stream(question), question.request_id)
            media_type = media_type_for(accept)
            question = await question_of(request, self._operations.settings)
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
        response = _response(reply, media_type)
        return cacheable(request, reply, response) if request.method == "GET" else response


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


def _response(reply: Reply, media_type: str) -> Response:
    """Return the HTTP response. Clients of plain JSON look at the body alone: they get 200."""
    is_told_by_status = media_type == RESPONSE_JSON or reply.of_transport
    return Response(
        reply.body(),
        reply.status if is_told_by_status else HTTPStatus.OK,
        {"Cache-Control": "no-store", "X-Request-Id": reply.request_id, **reply.headers},
        f"{media_type}; charset=utf-8",
    )
