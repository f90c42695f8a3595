"""Who hears of what has been committed, and when?

A command's events are handed to ``Streams`` after its commit; each subscriber has a bounded queue of their
keys. What a subscriber gets is read anew, with its own viewer, so that it sees what a query would show.
"""

import asyncio
import threading
from collections.abc import AsyncGenerator, Iterable
from types import TracebackType
from typing import Self
from uuid import UUID

from graphql_api.planner import backing
from graphql_api.types.backed import Declared, built_field, given, shown
from graphql_api.types.timeline import TimelineEvent


@shown
class CommittedEvent:
    """One event, sent to its subscribers after the commit of the command that made it."""

    event = given(TimelineEvent, "What happened. Its `subject` is the record as it is now.")


_EVENTS = (
    "Every event on the records that you see, in the order of the commits, from now on. A client that reads "
    "too slowly is told so and closed; it subscribes again and reads the timeline for what it missed."
)


@shown
class Subscription:
    """What is sent as it happens, over a WebSocket with the protocol graphql-transport-ws."""

    events = Declared(lambda _, __: built_field(backing.Streams("TimelineEvent"), CommittedEvent, _EVENTS))


class StreamOverflowed(Exception):  # noqa: N818  # The reader is slow; nothing is broken.
    """A subscriber fell further behind than its queue is long."""


class Subscriber:
    """One reader of committed events. Iterating yields the keys of events, until either side ends it."""

    def __init__(self, streams: "Streams", queue_events: int) -> None:
        self._streams = streams
        self._loop = asyncio.get_running_loop()
        self._queue: asyncio.Queue[UUID] = asyncio.Queue(queue_events)
        self._ended = asyncio.Event()
        self._is_overflowed = False

    def __enter__(self) -> Self:
        """Begin to listen."""
        self._streams.add(self)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, fault: BaseException | None, at: TracebackType | None
    ) -> None:
        """Stop listening, whatever ended the iteration."""
        self._streams.remove(self)

    def offer(self, keys: Iterable[UUID]) -> None:
        """Hand over the keys of events, from any thread."""
        kept = list(keys)
        if not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._take, kept)

    def end(self) -> None:
        """End the iteration after what is queued, from any thread."""
        if not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._ended.set)

    def _take(self, keys: list[UUID]) -> None:
        """Queue the keys, or end the iteration where they do not fit."""
        for key in keys:
            if self._queue.full():
                self._is_overflowed = True
                self._ended.set()
                return
            self._queue.put_nowait(key)

    async def event_keys(self) -> AsyncGenerator[UUID, None]:
        """Yield the key of each event.

        Raises:
            StreamOverflowed: after the queued ones, where some did not fit.
        """
        ended = asyncio.ensure_future(self._ended.wait())
        try:
            while True:
                taken = asyncio.ensure_future(self._queue.get())
                try:
                    await asyncio.wait({taken, ended}, return_when=asyncio.FIRST_COMPLETED)
                    if not taken.done():
                        break
                    yield taken.result()
                finally:
                    taken.cancel()
        finally:
            ended.cancel()
        if self._is_overflowed:
            raise StreamOverflowed


class Streams:
    """The subscribers of this process."""

    def __init__(self, queue_events: int) -> None:
        self._queue_events = queue_events
        self._lock = threading.Lock()
        self._subscribers: set[Subscriber] = set()
        self._is_closed = False

    def __len__(self) -> int:
        """Return how many subscribers are listening."""
        return len(self._subscribers)

    def subscriber(self) -> Subscriber:
        """Return a subscriber for the running event loop; it listens inside a ``with``."""
        return Subscriber(self, self._queue_events)

    def add(self, subscriber: Subscriber) -> None:
        """Let a subscriber hear of what comes."""
        with self._lock:
            self._subscribers.add(subscriber)
            if self._is_closed:
                subscriber.end()

    def remove(self, subscriber: Subscriber) -> None:
        """Let a subscriber go."""
        with self._lock:
            self._subscribers.discard(subscriber)

    def publish(self, keys: Iterable[UUID]) -> None:
        """Tell every subscriber of committed events, from any thread, without waiting for any of them."""
        given = list(keys)
        with self._lock:
            for subscriber in self._subscribers:
                subscriber.offer(given)

    def close(self) -> None:
        """End all subscriptions; those to come end at once."""
        with self._lock:
            self._is_closed = True
            for subscriber in self._subscribers:
                subscriber.end()
