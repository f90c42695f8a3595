"""Where are commands carried out that meet? On PostgreSQL on one thread, which goes on with what can go on.

A command is some dozen statements with little between them. The driver lets go of the interpreter several
times a statement; with a thread for each command, each time one of the others is woken, mostly in vain.
"""

import contextlib
import heapq
import select
import socket
import threading
import time
from asyncio import Future, get_running_loop
from collections import deque
from collections.abc import Callable
from itertools import count
from typing import TypeVar

from psycopg.waiting import Ready, Wait

from graphql_api.operation.threads import Task
from models.waiting import Awaited, Fiber

T = TypeVar("T")

# Somebody rings before.
_LONG_SECONDS = 3600.0
_MOST_RINGS = 4096

# What the driver's steps say and are told, as numbers: to reckon with its own kind takes microseconds.
_EVENTS = {
    int(Wait.R): select.POLLIN,
    int(Wait.W): select.POLLOUT,
    int(Wait.RW): select.POLLIN | select.POLLOUT,
}
_READ, _WRITE, _BOTH = int(Ready.R), int(Ready.W), int(Ready.RW)


def _ready_of(event: int) -> int:
    """Return what a connection is ready for. What else happened to it, the driver finds out by reading."""
    if not event & select.POLLOUT:
        return _READ
    return _WRITE if event == select.POLLOUT else _BOTH


class Lane:
    """Carries on with so many pieces of work at a time, each in a fiber, on one thread.

    The first one starts it. Work may wait for its own connection, and pause; whatever else it waited for
    would hold up the others.
    """

    def __init__(self, most: int, name: str) -> None:
        self._most = most
        self._name = name
        self._lock = threading.Lock()
        self._new: deque[Task] = deque()
        self._thread: threading.Thread | None = None
        self._is_asleep = False
        self._is_closed = False
        # Of the thread alone.
        self._resting: list[Fiber] = []
        self._running = 0
        self._waiting: dict[int, Fiber] = {}
        self._pausing: list[tuple[float, int, Fiber]] = []
        self._numbers = count()
        self._poll = select.poll()
        self._ear, self._bell = socket.socketpair()
        self._ear.setblocking(False)
        self._poll.register(self._ear, select.POLLIN)

    def run(self, work: Callable[[], T]) -> "Future[T]":
        """Return what will be what a function returns; it begins when it is its turn.

        Raises:
            RuntimeError: no work is taken any more.
        """
        loop = get_running_loop()
        future: Future[T] = loop.create_future()
        with self._lock:
            if self._is_closed:
                message = "no work is taken any more"
                raise RuntimeError(message)
            if self._thread is None:
                # It does not keep the process from ending.
                self._thread = threading.Thread(target=self._work, name=self._name, daemon=True)
                self._thread.start()
            self._new.append(Task(work, future, loop))
            self._ring()
        return future

    def close(self) -> None:
        """Take no more work, let go of what has not begun, and wait for the rest."""
        with self._lock:
            self._is_closed = True
            for waiting in self._new:
                with contextlib.suppress(RuntimeError):
                    waiting.loop.call_soon_threadsafe(waiting.future.cancel)
            self._new.clear()
            self._ring()
        if self._thread is not None:
            self._thread.join()
        self._ear.close()
        self._bell.close()

    def _ring(self) -> None:
        """Wake the thread, where it sleeps."""
        if self._is_asleep:
            self._is_asleep = False
            self._bell.send(b"!")

    def _work(self) -> None:
        """Carry on until there will be no more work."""
        while (seconds := self._sleeps()) is not None:
            for file, event in self._poll.poll(seconds * 1000):
                self._wake(file, event)
            self._is_asleep = False
            while self._pausing and self._pausing[0][0] <= time.monotonic():
                self._go_on(heapq.heappop(self._pausing)[2], None)
        # Fibers end on the thread that they began on.
        self._resting.clear()

    def _sleeps(self) -> float | None:
        """Begin what there is room for, and return how long there is nothing to do; None where it is over."""
        while True:
            with self._lock:
                if not self._new or self._running == self._most:
                    self._is_asleep = True
                    break
                task = self._new.popleft()
            self._running += 1
            self._go_on(self._resting.pop() if self._resting else Fiber(), task.run)
        if self._is_closed and not self._running:
            return None
        return max(0.0, self._pausing[0][0] - time.monotonic()) if self._pausing else _LONG_SECONDS

    def _wake(self, file: int, event: int) -> None:
        """Go on with what waited for a file."""
        if file == self._ear.fileno():
            self._ear.recv(_MOST_RINGS)
            return
        self._poll.unregister(file)
        self._go_on(self._waiting.pop(file), _ready_of(event))

    def _go_on(self, fiber: Fiber, told: object) -> None:
        """Let a fiber work until it is done or has to wait."""
        awaited: Awaited | float | None = fiber.switch(told)
        if awaited is None:
            self._running -= 1
            self._resting.append(fiber)
        elif isinstance(awaited, float):
            heapq.heappush(self._pausing, (time.monotonic() + awaited, next(self._numbers), fiber))
        else:
            connection, state = awaited
            file = connection.fileno()
            self._waiting[file] = fiber
            self._poll.register(file, _EVENTS[state])
