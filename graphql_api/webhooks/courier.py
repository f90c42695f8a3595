"""Who sees to it that every message is sent, in time and by one server?

A thread of each server looks every second, on an event loop of its own: many receivers are slow at once, and
none holds up another. The command ``webhooks deliver`` does the same once.
"""

import asyncio
import contextlib
import logging
import math
import threading
from collections import Counter
from collections.abc import AsyncGenerator, Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy.exc import SQLAlchemyError
from sqlmodel import Session

from graphql_api.settings import Settings
from graphql_api.webhooks.message import body_of, headers_of
from graphql_api.webhooks.sending import Sender
from models import webhook
from models.database import Database
from models.webhook import Claim, Result

_LOG = logging.getLogger(__name__)
# To one endpoint at once: enough to keep up, few enough for a small receiver.
_MOST_AT_ONCE = 4
# After its time for an answer, an attempt is written down within milliseconds, or its server has ended.
_LEASE_MARGIN_SECONDS = 5.0
# How long a server that ends waits for answers: what is cut off then is sent again by another.
_LAST_SECONDS = 2.0
_TIDY_SECONDS = 3_600.0
# Ten thousand events at a look: some tenths of a second, between which commands have their turn.
_STEPS_AT_ONCE, _EVENTS_AT_ONCE = 10, 10_000
_UNWRITABLE = "this server failed to write the message; its log says why"


@dataclass
class Sent:
    """How many attempts there were, and how many of them the receivers took."""

    attempts: int = 0
    delivered: int = 0


@dataclass
class _Round:
    """What is under way."""

    sender: Sender
    tasks: set[asyncio.Task[None]] = field(default_factory=set)
    busy: Counter[UUID] = field(default_factory=Counter)
    slow: set[UUID] = field(default_factory=set)
    sent: Sent = field(default_factory=Sent)
    # Why a delivery could not be taken: it is due still, and would be begun again at once.
    fault: Exception | None = None


class Courier:
    """Delivers. ``catch_up`` puts events in order, in at most so many steps; it returns the last position."""

    def __init__(
        self,
        settings: Settings,
        database: Database,
        clock: Callable[[], datetime],
        catch_up: Callable[[float], int],
    ) -> None:
        self._settings = settings
        self._database = database
        self._clock = clock
        self._catch_up = catch_up
        self._tidied_at: datetime | None = None
        self._head = 0

    @contextlib.asynccontextmanager
    async def running(self) -> AsyncGenerator[None, None]:
        """Deliver until the context is left, then wait a moment for what is under way."""
        if not self._settings.webhook_seconds:
            yield
            return
        stopping = threading.Event()
        thread = threading.Thread(target=lambda: asyncio.run(self._run(stopping.is_set)), name="webhooks")
        thread.start()
        try:
            yield
        finally:
            stopping.set()
            await asyncio.to_thread(thread.join)

    def deliver(self) -> Sent:
        """Send all that is due now, and return how it went.

        Raises:
            sqlalchemy.exc.SQLAlchemyError: the database does not answer, or takes nothing.
        """
        return asyncio.run(self._deliver())

    async def _deliver(self) -> Sent:
        """Send until nothing is due and nothing is under way."""
        async with Sender(self._settings) as sender:
            now = _Round(sender)
            while (now.fault is None and self._begin(now)) or now.tasks:
                if now.tasks:
                    await asyncio.wait(now.tasks, return_when=asyncio.FIRST_COMPLETED)
            if now.fault is not None:
                raise now.fault
            return now.sent

    async def _run(self, is_stopping: Callable[[], bool]) -> None:
        """Send what is due, again and again."""
        seconds = self._settings.webhook_seconds
        async with Sender(self._settings) as sender:
            now = _Round(sender)
            while not is_stopping():
                now.fault, has_more = None, False
                try:
                    has_more = self._begin(now)
                except SQLAlchemyError as fault:
                    _LOG.warning("Webhooks wait for the database: %s", type(fault).__name__)
                except Exception:  # noqa: BLE001  # Whatever it is: nobody else in this process looks again.
                    _LOG.exception("A look for webhooks failed")
                await self._pause(now, 0.0 if has_more else seconds, is_stopping)
            await self._end(now)

    async def _pause(self, now: _Round, seconds: float, is_stopping: Callable[[], bool]) -> None:
        """Wait until it is time to look again, or an endpoint has room for more."""
        # What was begun takes its delivery before anybody looks again.
        await asyncio.sleep(0)
        if now.fault is not None:
            seconds = self._settings.webhook_seconds
        end = asyncio.get_running_loop().time() + seconds
        while not is_stopping():
            left = min(end - asyncio.get_running_loop().time(), 0.1)
            if left <= 0:
                return
            if now.fault is not None or not now.tasks:
                await asyncio.sleep(left)
            elif (await asyncio.wait(now.tasks, timeout=left, return_when=asyncio.FIRST_COMPLETED))[0]:
                return

    async def _end(self, now: _Round) -> None:
        """Wait a moment for what is under way, and cut the rest off."""
        if now.tasks:
            _, late = await asyncio.wait(now.tasks, timeout=_LAST_SECONDS)
            for each in late:
                each.cancel()
            await asyncio.gather(*late, return_exceptions=True)

    def _begin(self, now: _Round) -> bool:
        """Begin to send what is due, as far as there is room; say whether there was anything to do.

        Raises:
            sqlalchemy.exc.SQLAlchemyError: the database does not answer.
        """
        self._tidy()
        with self._database.reading() as session:
            if not webhook.is_needed(session):
                return False
        has_spread = self._spread()
        moment = self._clock()
        with self._database.reading() as session:
            found = webhook.due(
                session,
                moment,
                limit=self._settings.webhook_connections - len(now.tasks),
                most=_MOST_AT_ONCE,
                busy=now.busy,
                slow=now.slow,
            )
        for endpoint, delivery in found:
            now.busy[endpoint] += 1
            task = asyncio.get_running_loop().create_task(self._attempt(now, endpoint, delivery))
            now.tasks.add(task)
            task.add_done_callback(now.tasks.discard)
        return bool(found) or has_spread

    def _spread(self) -> bool:
        """Write the next deliveries of every endpoint; say whether there were any."""
        head = self._catch_up(math.inf)
        with self._database.reading() as session:
            if not webhook.is_behind(session, head):
                return False
        with self._database.writing() as session:
            count = webhook.spread(session, head, self._clock())
            session.commit()
        return bool(count)

    def _tidy(self) -> None:
        """Now and then delete what was sent long ago, and put in order what nobody listens to.

        Some at each look, until there is no more: a command that makes an endpoint does not wait for years.
        """
        now = self._clock()
        if self._tidied_at is not None and now - self._tidied_at < timedelta(seconds=_TIDY_SECONDS):
            return
        with self._database.writing() as session:
            count = webhook.prune(session, now - timedelta(days=self._settings.webhook_log_days))
            session.commit()
        before, self._head = self._head, self._catch_up(_STEPS_AT_ONCE)
        if not count and self._head - before < _EVENTS_AT_ONCE:
            self._tidied_at = now

    async def _attempt(self, now: _Round, endpoint: UUID, key: UUID) -> None:
        """Send one delivery, if no other server does, and write down what came of it."""
        try:
            taken = self._take(now, key)
            if taken is None:
                return
            claim, message = taken
            sent_at = self._clock()
            result = Result(sent_at, 0, error=_UNWRITABLE)
            if message is not None:
                headers = headers_of(claim, message, sent_at)
                result = await now.sender.send(claim.endpoint.url, headers, message, sent_at)
            (now.slow.add if result.error else now.slow.discard)(endpoint)
            now.sent.attempts += 1
            now.sent.delivered += result.error is None
            self._record(claim, result)
        except SQLAlchemyError as fault:
            # Its lease ends, and it is sent again.
            _LOG.warning("A webhook waits for the database: %s", type(fault).__name__)
        except Exception:  # noqa: BLE001  # Whatever it is: the other deliveries go on.
            _LOG.exception("Webhook delivery %s failed", key)
        finally:
            now.busy[endpoint] -= 1
            now.busy += Counter()

    def _take(self, now: _Round, key: UUID) -> tuple[Claim, bytes | None] | None:
        """Take a delivery and return it with its message, None where it is not to be sent."""
        lease = self._settings.webhook_timeout_seconds + _LEASE_MARGIN_SECONDS
        try:
            with self._database.writing() as session:
                claim = webhook.claim(session, key, self._clock(), lease)
                taken = None if claim is None else (claim, _message(session, claim))
                session.commit()
        except Exception as fault:
            now.fault = fault
            raise
        return taken

    def _record(self, claim: Claim, result: Result) -> None:
        """Write down what came of an attempt."""
        with self._database.writing() as session:
            webhook.record(session, claim, result, self._settings.webhook_retry_seconds)
            session.commit()
        if result.error is not None:
            _LOG.info("%s: %s", claim.delivery.public_id, result.error)


def _message(session: Session, claim: Claim) -> bytes | None:
    """Return what a delivery says, None where it cannot be written: that is tried again as any failure is."""
    try:
        return body_of(session, claim)
    except SQLAlchemyError:
        raise
    except Exception:  # noqa: BLE001  # Whatever it is: it would be due again at once, before all others.
        _LOG.exception("Webhook delivery %s cannot be written", claim.delivery.public_id)
        return None
