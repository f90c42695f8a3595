"""What does the server do by itself, and when?

Every ``SALES_CLOCK_SECONDS`` it runs what is due (models/clock.py), on a thread and a connection of its own.
Requests come first: it begins a second after the start, and rests after each row.
"""

import asyncio
import contextlib
import logging
import threading
import time
from collections.abc import AsyncGenerator, Callable
from datetime import datetime
from uuid import UUID

from sqlalchemy.exc import SQLAlchemyError

from graphql_api.settings import Settings
from models.clock import run_due
from models.database import Database
from models.moment import Moment

_LOG = logging.getLogger(__name__)
# Whoever starts a server wants its first answers at once.
_FIRST_SECONDS = 1.0
# Times that a row took. After a night thousands may be due: nine tenths of a processor are for the requests.
_RESTS = 9


class Schedule:
    """Runs what is due again and again. ``publish`` is told the keys of the events of each row."""

    def __init__(
        self,
        settings: Settings,
        database: Database,
        clock: Callable[[], datetime],
        publish: Callable[[list[UUID]], None],
    ) -> None:
        self._settings = settings
        self._database = database
        self._clock = clock
        self._publish = publish

    @contextlib.asynccontextmanager
    async def running(self) -> AsyncGenerator[None, None]:
        """Run what is due until the context is left, then wait for the row that is under way."""
        if not self._settings.clock_seconds:
            yield
            return
        stopping = threading.Event()
        # A thread of its own: the workers are there for requests.
        thread = threading.Thread(target=self._run, args=(stopping,), name="clock")
        thread.start()
        try:
            yield
        finally:
            stopping.set()
            await asyncio.to_thread(thread.join)

    def _run(self, stopping: threading.Event) -> None:
        """Wait, run what is due, and so on."""
        stopping.wait(min(_FIRST_SECONDS, self._settings.clock_seconds))
        while not stopping.is_set():
            self.run_once(resting(stopping))
            stopping.wait(self._settings.clock_seconds)

    def run_once(self, is_stopping: Callable[[], bool] = lambda: False) -> None:
        """Run what is due now. Whatever goes wrong is logged, and tried again the next time."""
        moment = Moment(self._clock(), self._settings.organization)
        try:
            for tick in run_due(self._database, moment, is_stopping=is_stopping):
                if tick.fault is not None:
                    _LOG.error("%s %s failed", tick.command, tick.record.public_id, exc_info=tick.fault)
                self._publish(list(tick.event_keys))
        except SQLAlchemyError as fault:
            _LOG.warning("The clock found no database: %s", type(fault).__name__)


def resting(stopping: threading.Event) -> Callable[[], bool]:
    """Return what is asked before each row whether to stop: it rests first, for as long as is polite."""
    worked = time.thread_time()

    def is_stopping() -> bool:
        nonlocal worked
        stopping.wait((time.thread_time() - worked) * _RESTS)
        worked = time.thread_time()
        return stopping.is_set()

    return is_stopping
