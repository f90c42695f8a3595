"""Who listens to what is committed, and how do they learn that there is more?

Nobody is handed events: each listener knows the position up to which it has read (models/outbox.py), and
reads on as fast as it can send. So a slow one takes no memory, and one that comes back goes on at its cursor.
``Streams`` puts in order what was committed, at once where this process did it, else when it next looks, and
wakes the listeners.
"""

import asyncio
import logging
import math
import threading
from collections import Counter
from collections.abc import Collection
from types import TracebackType
from typing import Self
from uuid import UUID

from sqlalchemy.exc import SQLAlchemyError

from models import outbox
from models.database import Database

_LOG = logging.getLogger(__name__)


class StreamsClosed(Exception):  # noqa: N818  # That a server ends is no fault.
    """The server ends, and with it every stream: they go on at another one."""


class TooManyListeners(Exception):  # noqa: N818  # A refusal is an answer, not a fault.
    """A viewer listens as often as it may."""


class Listener:
    """One reader of committed events, on the event loop. It listens inside a ``with``."""

    def __init__(self, streams: "Streams", viewer_id: UUID) -> None:
        self.viewer_id = viewer_id
        self._streams = streams
        self._loop = asyncio.get_running_loop()
        self._woken = asyncio.Event()

    def __enter__(self) -> Self:
        """Begin to listen.

        Raises:
            TooManyListeners: the viewer listens as often as it may.
        """
        self._streams.add(self)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, fault: BaseException | None, at: TracebackType | None
    ) -> None:
        """Stop listening."""
        self._streams.remove(self)

    def wake(self) -> None:
        """Let it look again, from any thread."""
        if not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._woken.set)

    async def wait(self, position: int, seconds: float) -> None:
        """Wait until there is something beyond a position, the streams are closed, or the time is over."""
        self._woken.clear()
        if self._streams.head > position or self._streams.is_closed:
            return
        try:
            async with asyncio.timeout(seconds):
                await self._woken.wait()
        except TimeoutError:
            return


class Streams:
    """The listeners of this process. Its thread looks for commits of others while anybody has listened."""

    def __init__(self, database: Database, *, poll_seconds: float, most_per_viewer: int) -> None:
        self.head = 0
        self.is_closed = False
        self._database = database
        self._poll_seconds = poll_seconds
        self._most_per_viewer = most_per_viewer
        self._lock = threading.Lock()
        self._listeners: set[Listener] = set()
        self._counts: Counter[UUID] = Counter()
        self._committed = threading.Event()
        self._thread: threading.Thread | None = None

    def __len__(self) -> int:
        """Return how many listen."""
        return len(self._listeners)

    def listener(self, viewer_id: UUID) -> Listener:
        """Return a listener on the running event loop."""
        return Listener(self, viewer_id)

    def add(self, listener: Listener) -> None:
        """Let someone hear of what comes.

        Raises:
            TooManyListeners: the viewer listens as often as it may.
        """
        with self._lock:
            if self._counts[listener.viewer_id] >= self._most_per_viewer:
                raise TooManyListeners
            self._counts[listener.viewer_id] += 1
            self._listeners.add(listener)
            if self._thread is None and not self.is_closed:
                self._thread = threading.Thread(target=self._run, name="streams")
                self._thread.start()

    def remove(self, listener: Listener) -> None:
        """Let a listener go."""
        with self._lock:
            if listener in self._listeners:
                self._listeners.remove(listener)
                self._counts[listener.viewer_id] -= 1
                # A count of nothing is not kept: there are many viewers.
                self._counts += Counter()

    def publish(self, keys: Collection[UUID]) -> None:
        """Hear of the keys of events that were just committed, from any thread."""
        if keys and self._listeners:
            self._committed.set()

    def catch_up(self, most_steps: float = math.inf) -> int:
        """Put in order all that is committed, wake whoever listens, and return the last position.

        After so many steps of a thousand events it leaves the rest to whoever looks next.

        Raises:
            sqlalchemy.exc.SQLAlchemyError: the database does not answer, or others hold it.
        """
        steps = 0
        while True:
            with self._database.reading() as session:
                head, is_waiting = outbox.head(session), outbox.is_waiting(session)
            if not is_waiting or steps >= most_steps:
                break
            with self._database.writing() as session:
                outbox.put_in_order(session)
                session.commit()
            steps += 1
        with self._lock:
            is_news = head > self.head
            self.head = max(head, self.head)
            listeners = list(self._listeners) if is_news else []
        for each in listeners:
            each.wake()
        return self.head

    def close(self) -> None:
        """End all listening; whoever comes later hears nothing."""
        with self._lock:
            self.is_closed = True
            listeners, thread = list(self._listeners), self._thread
        self._committed.set()
        for each in listeners:
            each.wake()
        if thread is not None:
            thread.join()

    def _run(self) -> None:
        """Catch up after each commit of this process, and now and then for those of others."""
        while not self.is_closed:
            self._committed.clear()
            try:
                self.catch_up()
            except SQLAlchemyError as fault:
                _LOG.warning("Events wait to be put in order: %s", type(fault).__name__)
            self._committed.wait(self._poll_seconds)
