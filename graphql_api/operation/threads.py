"""On which threads is work done that may have to wait?

The standard library's pool makes two futures, two locks and a condition for each piece of work, which costs
more than the hop to the thread itself.
"""

import asyncio
import contextlib
import threading
from collections.abc import Callable
from dataclasses import dataclass
from queue import SimpleQueue
from typing import Any, TypeVar

T = TypeVar("T")


@dataclass(slots=True)
class Task:
    """A piece of work, and who waits for it on which loop."""

    work: Callable[[], Any]
    future: "asyncio.Future[Any]"
    loop: asyncio.AbstractEventLoop

    def run(self) -> None:
        """Do the work, unless nobody waits for it any more."""
        if self.future.done():
            return
        result, fault = None, None
        try:
            result = self.work()
        except BaseException as raised:  # noqa: BLE001  # Whoever waits gets it, whatever it is.
            fault = raised
        # A loop that has ended waits for nothing.
        with contextlib.suppress(RuntimeError):
            self.loop.call_soon_threadsafe(self.settle, result, fault)

    def settle(self, result: Any, fault: BaseException | None) -> None:
        """Tell the outcome on the loop, unless it has been given up there."""
        if self.future.done():
            return
        if fault is None:
            self.future.set_result(result)
        else:
            self.future.set_exception(fault)


class Threads:
    """So many threads that take work in its order. The first pieces of work start one each."""

    def __init__(self, most: int, name: str) -> None:
        self._most = most
        self._name = name
        self._queue: SimpleQueue[Task | None] = SimpleQueue()
        self._lock = threading.Lock()
        self._threads: list[threading.Thread] = []
        self._is_closed = False

    def run(self, work: Callable[[], T]) -> "asyncio.Future[T]":
        """Return what will be what a function returns on one of the threads.

        Raises:
            RuntimeError: they are closed.
        """
        loop = asyncio.get_running_loop()
        future: asyncio.Future[T] = loop.create_future()
        with self._lock:
            if self._is_closed:
                message = "no work is taken any more"
                raise RuntimeError(message)
            if len(self._threads) < self._most:
                self._start()
            self._queue.put(Task(work, future, loop))
        return future

    @property
    def waiting(self) -> int:
        """How many pieces of work have not begun."""
        return self._queue.qsize()

    def close(self, *, waits: bool = True) -> None:
        """Take no more work, let go of what has not begun, and wait for the rest, unless told otherwise."""
        with self._lock:
            self._is_closed = True
            while not self._queue.empty():
                waiting = self._queue.get()
                if waiting is not None:
                    with contextlib.suppress(RuntimeError):
                        waiting.loop.call_soon_threadsafe(waiting.future.cancel)
            for _ in self._threads:
                self._queue.put(None)
        for thread in self._threads if waits else ():
            thread.join()

    def _start(self) -> None:
        """Start one more thread. It does not keep the process from ending."""
        name = f"{self._name}_{len(self._threads)}"
        thread = threading.Thread(target=self._work, name=name, daemon=True)
        self._threads.append(thread)
        thread.start()

    def _work(self) -> None:
        """Take work until there will be no more."""
        while (task := self._queue.get()) is not None:
            task.run()
            # A thread that waits must not hold on to the last answer.
            del task
