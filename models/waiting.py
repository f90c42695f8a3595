"""How does work wait, for a connection to PostgreSQL or a while? A thread sleeps, a fiber lets go of it."""

import time
from collections.abc import Callable
from typing import Any, TypeVar

import psycopg
from greenlet import getcurrent, greenlet
from psycopg.abc import PQGen
from psycopg.waiting import Ready, Wait
from typing_extensions import override

T = TypeVar("T")


class Fiber(greenlet):  # type: ignore[misc]  # The package has no types.
    """A place to work in that lets go of its thread while it waits for a connection.

    ``switch`` with a piece of work begins it, and without goes on with it; it returns what is awaited, None
    when the work is done: then the next can begin, for to make a fiber takes as long as a small answer waits.
    """

    def run(self, work: Callable[[], object]) -> None:
        """Do one piece of work after the other."""
        while True:
            work()
            work = self.parent.switch(None)

    def wait_for(self, connection: "Connection", state: Wait) -> Ready:
        """Let go of the thread until a connection is ready.

        Raises:
            psycopg.OperationalError: it has ended; whoever drives the fiber need not find that out.
        """
        connection.fileno()
        ready: Ready = self.parent.switch((connection, state))
        return ready

    def pause(self, seconds: float) -> None:
        """Let go of the thread for so long, where whoever drives the fiber has a clock."""
        self.parent.switch(float(seconds))


class Connection(psycopg.Connection[Any]):
    """A connection to PostgreSQL that waits as whoever uses it waits: a fiber, or a thread.

    Until it ``is_made``, fibers wait as threads do: the pool that makes it holds a lock.
    """

    is_made = False

    @override
    def wait(self, gen: PQGen[T], *how: Any, **more: Any) -> T:
        """Go through the steps of the driver, which say what they wait for."""
        fiber = getcurrent()
        if not self.is_made or not isinstance(fiber, Fiber):
            return super().wait(gen, *how, **more)
        try:
            state = next(gen)
            while True:
                state = gen.send(fiber.wait_for(self, state))
        except StopIteration as end:
            result: T = end.value
            return result


Awaited = tuple[Connection, Wait]
"""A connection, and what it is to be ready for. Its file may have the number of one that was closed."""


def pause(seconds: float) -> None:
    """Wait for so long: a fiber lets go of its thread meanwhile."""
    fiber = getcurrent()
    if isinstance(fiber, Fiber):
        fiber.pause(seconds)
    else:
        time.sleep(seconds)
