"""What is answered on the event loop, and how?

What is known to be short: the hop to a thread and back, and the interpreter handed to and fro, would cost
as much as the answer itself. While PostgreSQL has a statement, the loop goes on with other work; on SQLite an
answer is interrupted after some milliseconds, and begins anew on a thread.
"""

import asyncio
import contextlib
import time
from collections.abc import Callable
from functools import partial
from typing import Any, Generic, TypeVar

from greenlet import error as GreenletError  # noqa: N812  # The package's name for it says too little.
from psycopg.waiting import Ready, Wait

from graphql_api.operation.pace import BRIEF_SECONDS
from models.brief import BriefSnapshot, NotBriefError, Spare
from models.database import Database
from models.waiting import Awaited, Connection, Fiber

T = TypeVar("T")

# On PostgreSQL so many are under way at a time; what comes on top goes to the threads.
MOST_AT_ONCE = 4


class Watch:
    """Tells who waits for a connection to PostgreSQL that there is something to read.

    To begin to watch a connection, and to end it, takes a loop six calls of the system: it is watched for as
    long as it stands.
    """

    def __init__(self) -> None:
        self.loop = asyncio.get_running_loop()
        self._files: dict[Connection, int] = {}
        self._waiting: dict[Connection, Running[Any]] = {}

    def wait(self, connection: Connection, running: "Running[Any]") -> None:
        """Let a piece of work go on whenever there is something to read."""
        self._waiting[connection] = running
        if connection not in self._files:
            file = self._files[connection] = connection.fileno()
            self.loop.add_reader(file, self._ready, connection)

    def rest(self, connection: Connection) -> None:
        """Nobody waits any more."""
        self._waiting.pop(connection, None)

    def forget(self, *, all_of_them: bool = False) -> None:
        """Watch connections that have ended no more: others may get the numbers of their files."""
        for each in [each for each in self._files if all_of_them or each.closed]:
            self._forget(each)

    def _forget(self, connection: Connection) -> None:
        """Watch a connection no more."""
        file = self._files.pop(connection)
        if not self.loop.is_closed():
            self.loop.remove_reader(file)

    def _ready(self, connection: Connection) -> None:
        """Let go on who waits. Nobody does where the server ends a connection that is at rest."""
        running = self._waiting.get(connection)
        if running is None:
            self._forget(connection)
        else:
            running.go_on(Ready.R)


class Brief:
    """Answers on the event loop, from connections of its own."""

    def __init__(self, database: Database, seconds: float = BRIEF_SECONDS) -> None:
        is_embedded = database.dialect == "sqlite"
        # SQLite's are answered one after the other, and a connection to it takes 1.6 MB: the schema's tables.
        self._spare: Spare = database.spare(1 if is_embedded else MOST_AT_ONCE)
        self._seconds = seconds
        self._running: set[Running[Any]] = set()
        # SQLite is embedded: there is nobody to wait for.
        self._resting: list[Fiber] | None = None if is_embedded else []
        self._watch: Watch | None = None

    @property
    def has_room(self) -> bool:
        """Whether an answer can begin."""
        return self._spare.has_free

    def begin(self, work: Callable[[BriefSnapshot], T]) -> "Running[T]":
        """Begin a piece of work, and come back when it is done or has to wait for the server."""
        watch = self._watch
        if watch is None or watch.loop is not asyncio.get_running_loop():
            watch = self._watch = Watch()
        running = Running(work, self._spare.snapshot(self._seconds), self._running, self._resting, watch)
        running.begin()
        return running

    def prepare(self) -> None:
        """Add a connection where one is wanting, on a thread that has just read: there will be no wait."""
        if self._spare.is_wanting:
            # Whoever comes next tries again; what a thread read is answered all the same.
            with contextlib.suppress(Exception):
                self._spare.add()

    def close(self) -> None:
        """Let go of what nobody waits for any more, and of the connections."""
        for each in list(self._running):
            each.let_go()
        if self._watch is not None:
            self._watch.forget(all_of_them=True)
        self._spare.close()


class Running(Generic[T]):
    """A piece of work on the event loop. ``seconds`` is what it took of the processor."""

    def __init__(
        self,
        work: Callable[[BriefSnapshot], T],
        snapshot: BriefSnapshot,
        all_running: "set[Running[Any]]",
        resting: list[Fiber] | None,
        watch: Watch,
    ) -> None:
        self.seconds = 0.0
        self.is_done = False
        self._result: T | None = None
        self._fault: BaseException | None = None
        self._all = all_running
        self._resting = resting
        self._fiber: Fiber | None = None
        self._work = work
        self._snapshot = snapshot
        self._awaited: Awaited | None = None
        self._watch = watch
        self._file = -1
        self._future: asyncio.Future[T] | None = None

    def result(self) -> T:
        """Return what the work returned, or raise what it raised."""
        if self._fault is not None:
            raise self._fault
        return self._result  # type: ignore[return-value]  # It is done.

    def future(self) -> "asyncio.Future[T]":
        """Return what will be its result."""
        self._future = self._watch.loop.create_future()
        self._all.add(self)
        return self._future

    def let_go(self) -> None:
        """Give the work up. What waits for it is told, and its connection ends."""
        self._rest()
        if self._future is not None:
            self._future.cancel()
        self._snapshot.abandon()
        # Another thread's fiber cannot be ended from here.
        with contextlib.suppress(GreenletError):
            if self._fiber is not None:
                self._fiber.throw(NotBriefError)
        self._watch.forget()
        self._all.discard(self)

    def begin(self) -> None:
        """Work until it is done or has to wait."""
        if self._resting is None:
            self._do(self._run)
        else:
            self._fiber = self._resting.pop() if self._resting else Fiber()
            self._do(partial(self._fiber.switch, self._run))

    def go_on(self, ready: Ready) -> None:
        """Go on until the work is done or has to wait."""
        if self._fiber is not None:
            self._do(partial(self._fiber.switch, ready))

    def _do(self, work: Callable[[], Awaited | None]) -> None:
        """Do a part of the work, and wait for what it waits for."""
        began = time.thread_time()
        awaited = work()
        self.seconds += time.thread_time() - began
        if awaited is None:
            self._rest()
            if self._fiber is not None and self._resting is not None:
                self._resting.append(self._fiber)
                # It is the next one's now.
                self._fiber = None
            self._settle()
        elif awaited != self._awaited:
            self._rest()
            self._await(*awaited)
        self._watch.forget()

    def _run(self) -> None:
        """Do the work."""
        try:
            with self._snapshot as snapshot:
                self._result = self._work(snapshot)
        except BaseException as fault:  # noqa: BLE001  # Whoever waits gets it, whatever it is.
            self._fault = fault
        self.is_done = True

    def _await(self, connection: Connection, state: Wait) -> None:
        """Go on whenever the server has sent something, or takes more: a long answer comes in many pieces."""
        self._awaited = connection, state
        if state & Wait.R:
            self._watch.wait(connection, self)
        if state & Wait.W:
            self._file = connection.fileno()
            self._watch.loop.add_writer(self._file, self.go_on, Ready.W)

    def _rest(self) -> None:
        """Wait for nothing."""
        if self._awaited is None:
            return
        connection, state = self._awaited
        self._awaited = None
        if state & Wait.R:
            self._watch.rest(connection)
        if state & Wait.W:
            self._watch.loop.remove_writer(self._file)

    def _settle(self) -> None:
        """Tell whoever waits, unless it was given up."""
        self._all.discard(self)
        future = self._future
        if future is None or future.done():
            return
        if self._fault is not None:
            future.set_exception(self._fault)
        else:
            future.set_result(self._result)  # type: ignore[arg-type]  # It is done.
