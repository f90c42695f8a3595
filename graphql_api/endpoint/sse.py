"""How does a subscription go out as server-sent events?

The distinct connections mode of the GraphQL over SSE protocol: one request is one operation, each of its
replies one ``next``, its end one ``complete``. A server that ends says nothing, as if the connection broke:
clients take ``complete`` for the end of what they asked for, and would not come again. The id of a ``next``
is the cursor of its event, which a browser sends back as ``Last-Event-ID`` when it connects again.
"""

import asyncio
import contextlib
from collections.abc import AsyncGenerator, Awaitable, Callable, MutableMapping
from contextlib import aclosing
from typing import Any

from starlette.responses import StreamingResponse
from typing_extensions import override

from graphql_api.operation import Reply
from graphql_api.streams import StreamsClosed

EVENT_STREAM = "text/event-stream"
# Proxies cut a connection that is silent for 30 s or longer.
_HEARTBEAT_SECONDS = 15.0
_HEARTBEAT = b":\n\n"
_COMPLETE = b"event: complete\ndata:\n\n"


class EventStream(StreamingResponse):
    """The replies to one operation as server-sent events."""

    def __init__(self, replies: AsyncGenerator[Reply, None], request_id: str) -> None:
        headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no", "X-Request-Id": request_id}
        self._frames = _frames(replies)
        super().__init__(self._frames, headers=headers, media_type=EVENT_STREAM)

    @override
    async def stream_response(self, send: Callable[[MutableMapping[str, Any]], Awaitable[None]]) -> None:
        """Send until either side ends; the subscription ends with it."""
        async with aclosing(self._frames):
            await super().stream_response(send)


async def _frames(replies: AsyncGenerator[Reply, None]) -> AsyncGenerator[bytes, None]:
    """Yield each reply as an event, and a comment now and then while there is none."""
    async with aclosing(replies):
        while True:
            reply = asyncio.ensure_future(anext(replies, None))
            try:
                while not (await asyncio.wait({reply}, timeout=_HEARTBEAT_SECONDS))[0]:
                    yield _HEARTBEAT
                found = reply.result()
            except StreamsClosed:
                return
            finally:
                # Whoever goes away while there is nothing to send leaves no task behind.
                reply.cancel()
                with contextlib.suppress(asyncio.CancelledError, StreamsClosed):
                    await reply
            if found is None:
                break
            yield _frame(found)
    yield _COMPLETE


def _frame(reply: Reply) -> bytes:
    """Return a reply as one event. Its JSON has no line feed."""
    place = b"" if reply.cursor is None else b"id: " + reply.cursor.encode() + b"\n"
    return b"event: next\n" + place + b"data: " + reply.body() + b"\n\n"
