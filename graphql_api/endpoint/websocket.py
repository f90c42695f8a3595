"""How does a WebSocket speak graphql-transport-ws?

Strawberry's handler keeps the protocol's state; here are the limits, the form of every frame, and the way to
the operations. A frame that is not one of the protocol closes the socket with 4400; a document that cannot be
run is an error for its id, and the socket lives on.
"""

import json
import time
from collections import deque
from collections.abc import AsyncGenerator, Mapping
from contextlib import aclosing
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, Any, cast

import orjson
from starlette.requests import Request
from starlette.responses import Response
from starlette.websockets import WebSocket, WebSocketState
from strawberry.asgi import ASGIWebSocketAdapter, GraphQL
from strawberry.exceptions import ConnectionRejectionError
from strawberry.http.exceptions import WebSocketDisconnected
from strawberry.subscriptions import GRAPHQL_TRANSPORT_WS_PROTOCOL
from strawberry.subscriptions.protocols.graphql_transport_ws.handlers import BaseGraphQLTransportWSHandler
from strawberry.subscriptions.protocols.graphql_transport_ws.types import Message
from strawberry.types.execution import ExecutionResult, PreExecutionError
from strawberry.types.unset import UnsetType
from typing_extensions import override

from graphql_api.auth import secret_of_init
from graphql_api.endpoint.request import check_parts, decode
from graphql_api.errors import ErrorCode, RequestRefused, graphql_error, identified, masked
from graphql_api.operation import Operations, Question, Reply
from graphql_api.operation.reference import reference_of
from graphql_api.operation.reply import new_request_id
from graphql_api.streams import StreamsClosed

if TYPE_CHECKING:
    from strawberry.schema import BaseSchema

# Ids are echoed, in close reasons too, which have 123 bytes (RFC 6455, 5.5).
_LONGEST_ID = 64
# "The service is restarted. A client may reconnect" (IANA, WebSocket close codes); as uvicorn closes sockets.
_SERVICE_RESTART = 1012


@dataclass
class Connection:
    """What is known of one socket. The key is looked at for every operation anew."""

    headers: Mapping[str, str]
    connection_params: dict[str, object] = field(default_factory=dict)
    secret: str | None = None


class Adapter(ASGIWebSocketAdapter):
    """Sends, until the socket is closed from either side."""

    @override
    async def send_json(self, message: Mapping[str, object]) -> None:
        """Send a message as a text frame."""
        if self.ws.application_state is WebSocketState.DISCONNECTED:
            raise WebSocketDisconnected
        await super().send_json(message)

    @override
    async def close(self, code: int, reason: str) -> None:
        """Close the socket, once."""
        if self.ws.application_state is not WebSocketState.DISCONNECTED:
            await super().close(code, reason)


class Protocol(BaseGraphQLTransportWSHandler[Connection, None]):
    """The protocol of one socket."""

    def __init__(self, view: "Sockets", **given: Any) -> None:
        super().__init__(view, **given)
        # When the last operations began, as many as may in a second.
        self._begun: deque[float] = deque(maxlen=view.operations_per_second)

    @override
    async def handle_message(self, message: Message) -> None:
        """Take a message, if it is one."""
        if not _is_message(message):
            await self.handle_invalid_message("Not a message of graphql-transport-ws")
        elif message["type"] == "subscribe" and (reason := self._refusal(message["id"])) is not None:
            error = identified(graphql_error(ErrorCode.RATE_LIMITED, reason), new_request_id())
            await self.send_message({"id": message["id"], "type": "error", "payload": [error.formatted]})
        elif message["type"] == "subscribe":
            # The handler hands on the document's text alone; the whole request goes in its place.
            payload: dict[str, Any] = {**message["payload"], "query": message["payload"]}
            await super().handle_message(cast("Message", {**message, "payload": payload}))
        else:
            await super().handle_message(message)

    def _refusal(self, name: str) -> str | None:
        """Return why an operation may not begin now, None where it may: it counts from now on."""
        if not self.connection_acknowledged or name in self.operations:
            # The protocol itself has an answer to that.
            return None
        limit = self.max_subscriptions_per_connection
        if limit is not None and len(self.operations) >= limit:
            return f"{limit} operations run on this socket already; complete one first."
        now, most = time.monotonic(), self._begun.maxlen
        if len(self._begun) == most and now - self._begun[0] < 1.0:
            return f"{most} operations began on this socket within a second; wait one, then repeat."
        self._begun.append(now)
        return None

    @override
    async def handle_task_exception(self, error: Exception) -> None:
        """Log a fault; that the client has gone is none, nor that the server ends, which closes the socket.

        An operation that is over is told to be complete after this, unless the socket is closed.
        """
        if isinstance(error, StreamsClosed):
            await self.websocket.close(_SERVICE_RESTART, "Service restart")
        elif not isinstance(error, WebSocketDisconnected):
            await super().handle_task_exception(error)


class Sockets(GraphQL[Connection, None]):
    """The WebSocket side of the endpoint."""

    graphql_transport_ws_handler_class = Protocol
    websocket_adapter_class = Adapter

    def __init__(self, operations: Operations) -> None:
        settings = operations.settings
        super().__init__(
            cast("BaseSchema", Executor(operations)),
            graphql_ide=None,
            subscription_protocols=(GRAPHQL_TRANSPORT_WS_PROTOCOL,),
            connection_init_wait_timeout=timedelta(seconds=settings.ws_init_timeout_seconds),
            max_subscriptions_per_connection=settings.ws_max_operations,
            allowed_origins=settings.allowed_origins,
        )
        self._operations = operations
        self.operations_per_second = settings.ws_operations_per_second

    @override
    async def get_context(self, request: Request | WebSocket, response: Response | WebSocket) -> Connection:
        """Return what the handshake says."""
        return Connection(request.headers)

    @override
    async def on_ws_connect(self, context: Connection) -> UnsetType | dict[str, object] | None:
        """Look at the key before the connection is acknowledged; without one, only the schema can be read.

        Raises:
            ConnectionRejectionError: the key is not one.
        """
        try:
            context.secret = secret_of_init(context.connection_params, context.headers)
            await self._operations.authenticate(context.secret)
        except RequestRefused as refusal:
            raise ConnectionRejectionError from refusal
        except Exception as fault:
            masked(fault, new_request_id())
            raise ConnectionRejectionError from fault
        return UnsetType()  # Strawberry's way to say: acknowledge without a payload.

    @override
    def decode_json(self, data: str | bytes) -> object:
        """Return the value of a frame."""
        try:
            return decode(data)
        except ValueError as fault:
            raise json.JSONDecodeError(str(fault), "", 0) from None

    @override
    def encode_json(self, data: object) -> str:
        """Return the text of a frame."""
        return orjson.dumps(data).decode()


class Executor:
    """Stands where Strawberry's handler expects a schema, and hands each operation on."""

    def __init__(self, operations: Operations) -> None:
        self._operations = operations

    async def stream(
        self,
        request: Mapping[str, Any],
        *,
        variable_values: Mapping[str, Any] | None,
        context_value: Connection,
        root_value: None,
        operation_name: str | None,
    ) -> AsyncGenerator[ExecutionResult, None]:
        """Return the results of an operation, whose request stands where Strawberry has its text."""
        del root_value, variable_values, operation_name
        return self._results(request, context_value.secret)

    async def _results(
        self, request: Mapping[str, Any], secret: str | None
    ) -> AsyncGenerator[ExecutionResult, None]:
        """Yield each reply as Strawberry's handler takes it."""
        try:
            reference = reference_of(request)
        except RequestRefused as refusal:
            yield _result(Reply.refusing(refusal, new_request_id()))
            return
        question = Question(
            request.get("query"),
            request.get("operationName"),
            request.get("variables") or {},
            secret,
            reference=reference,
        )
        async with aclosing(self._operations.stream(question)) as replies:
            async for reply in replies:
                yield _result(reply)


def _result(reply: Reply) -> ExecutionResult:
    """Return a reply as Strawberry's handler takes it; one without data ends its operation."""
    errors = reply.identified_errors()
    if reply.pieces is None:
        return PreExecutionError(data=None, errors=errors)
    data = cast("dict[str, Any]", orjson.Fragment(b"".join(reply.pieces)))
    return ExecutionResult(data=data, errors=errors or None, extensions=reply.extensions())


def _is_message(message: object) -> bool:
    """Say whether a frame is a message of the protocol, in every part."""
    if not isinstance(message, dict):
        return False
    kind, payload = message.get("type"), message.get("payload", {})
    if kind in ("connection_init", "ping", "pong"):
        return isinstance(payload, dict)
    name = message.get("id")
    if not isinstance(name, str) or not 0 < len(name) <= _LONGEST_ID:
        return False
    return kind == "complete" or (kind == "subscribe" and isinstance(payload, dict) and _is_request(payload))


def _is_request(payload: Mapping[str, Any]) -> bool:
    """Say whether the payload of a subscribe message has the parts of a request."""
    try:
        check_parts(payload)
    except RequestRefused:
        return False
    return True
