"""How does one operation get from text to bytes?

In a straight line, on one worker thread: key -> viewer; text -> document, from the cache; variables ->
values; cost; then the reader or the writer. The event loop waits for it as long as the operation may take.
"""

import asyncio
import math
import time
from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import aclosing
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, TypeVar

from graphql import GraphQLError, GraphQLSchema, OperationType

from graphql_api.auth import Authenticator
from graphql_api.cost import Cost
from graphql_api.errors import ErrorCode, RequestRefused, graphql_error, masked, overloaded, refused
from graphql_api.operation.asked import Asked, admit, price
from graphql_api.operation.brief import Brief
from graphql_api.operation.deadline import Deadline
from graphql_api.operation.document import Documents
from graphql_api.operation.lane import Lane
from graphql_api.operation.listening import Listening
from graphql_api.operation.reading import Reader
from graphql_api.operation.registered import Registered
from graphql_api.operation.reply import Question, Reply
from graphql_api.operation.threads import Threads
from graphql_api.operation.writing import Writer
from graphql_api.planner.planner import Planner
from graphql_api.settings import Settings
from graphql_api.streams import Streams, StreamsClosed
from models.brief import NeverBriefError, NotBriefError
from models.database import Database
from models.moment import Moment
from models.record import utc_now
from models.snapshot import Snapshot

if TYPE_CHECKING:
    # Prometheus' client is loaded where it is asked for.
    from graphql_api.metrics import Metrics

__all__ = ["Operations", "Question", "Reply"]

T = TypeVar("T")

# Of variables, in a question that is admitted on the event loop.
_MOST_VALUES = 100

# A commit that is under way when the time is over ends within milliseconds, or the database hangs.
_COMMIT_SECONDS = 5.0
_AWAY = "The database does not answer at the moment; subscribe again."


@dataclass(slots=True)
class Progress:
    """What has been found out about a request, in case it comes to nothing, and to be counted."""

    cost: Cost | None = None
    kind: str = "unknown"

    def admit(self, asked: Asked) -> None:
        """Note what is asked."""
        self.cost = asked.cost
        self.kind = asked.operation.operation.value


class Operations:
    """Everything that a request needs, for every transport."""

    def __init__(
        self,
        settings: Settings,
        schema: GraphQLSchema,
        database: Database,
        planner: Planner,
        clock: Callable[[], datetime] = utc_now,
        *,
        metrics: "Metrics | None" = None,
    ) -> None:
        self.settings = settings
        self.streams = Streams(
            database,
            poll_seconds=settings.stream_poll_seconds,
            most_per_viewer=settings.streams_per_viewer,
        )
        self.authenticator = Authenticator(database, settings.pepper, settings.key_cache_seconds)
        self.documents = Documents(schema, settings)
        self._registered = Registered(settings, database)
        self._schema = schema
        self._database = database
        self._planner = planner
        self._clock = clock
        self._reader = Reader(schema, database, planner, self.streams.catch_up)
        self._writer = Writer(schema, database, planner, settings, self.streams.publish, metrics=metrics)
        self._listening = Listening(
            settings,
            schema,
            database,
            planner,
            self.streams,
            self.authenticator,
            self.on_thread,
            self._moment,
        )
        self._organization = settings.organization
        self._threads = Threads(settings.worker_threads, "operation")
        # SQLite has one writer, and waits for its disk on a thread.
        is_embedded = database.dialect == "sqlite"
        self._lane = None if is_embedded else Lane(settings.worker_threads, "commands")
        self._commands = 0
        self._brief = Brief(database)
        self._metrics = metrics
        if metrics is not None:
            metrics.watch("operations_waiting", "Operations that wait for a thread.", self._waiting)
            metrics.watch("subscriptions", "Subscriptions that are open.", self.streams.__len__)

    def _waiting(self) -> int:
        """Return how many operations have not begun."""
        return self._threads.waiting

    def close(self) -> None:
        """End the subscriptions, and wait for the threads."""
        self.streams.close()
        if self._lane is not None:
            self._lane.close()
        self._threads.close()
        self._brief.close()

    async def on_thread(self, work: Callable[[], T]) -> T:
        """Return what a function returns on a worker thread."""
        return await self._threads.run(work)

    async def authenticate(self, secret: str | None) -> None:
        """Look at a key before anything is asked with it.

        Raises:
            RequestRefused: it is malformed, unknown or revoked.
        """
        await self.on_thread(partial(self.authenticator.viewer, secret))

    async def answer(self, question: Question) -> Reply:
        """Answer a query or a mutation within the operation's time."""
        progress = Progress()
        if self._metrics is None:
            return await self._answered(question, progress)
        began = time.perf_counter()
        reply = await self._answered(question, progress)
        codes = [(each.extensions or {})["code"] for each in reply.identified_errors()]
        code = codes[0] if codes else "OK"
        self._metrics.operation(progress.kind, code, time.perf_counter() - began)
        return reply

    async def _answered(self, question: Question, progress: Progress) -> Reply:
        """Answer on the event loop what is known to be short, else on a thread."""
        asked = self._known(question)
        if asked is not None:
            progress.admit(asked)
            if asked.chosen.is_of_viewer:
                return self._answer_query(asked, progress)
            if asked.chosen.pace.is_short(asked.cost.requested) and self._brief.has_room:
                reply = await self._briefly(asked, progress)
                if reply is not None:
                    return reply
        deadline = Deadline(self.settings.operation_timeout_seconds)
        if asked is None and self._lane is not None and self._is_command(question):
            return await self._command(question, deadline, progress, self._lane)
        work = self._threads.run(partial(self._answer, question, deadline, progress, asked))
        return await self._in_time(work, deadline, question, progress)

    async def _command(self, question: Question, deadline: Deadline, progress: Progress, lane: Lane) -> Reply:
        """Carry out a command: on a thread where it is the only one, which wakes sooner, else on the lane."""
        where = lane if self._commands else self._threads
        self._commands += 1
        try:
            work = where.run(partial(self._answer, question, deadline, progress, None))
            return await self._in_time(work, deadline, question, progress)
        finally:
            self._commands -= 1

    async def _in_time(
        self, work: "asyncio.Future[Reply]", deadline: Deadline, question: Question, progress: Progress
    ) -> Reply:
        """Wait for an answer, as long as the operation may take."""
        loop = asyncio.get_running_loop()
        is_over = loop.call_later(deadline.remaining_seconds, _give_up, work, deadline)
        try:
            return await work
        except TimeoutError:
            return self._too_late(question, progress)
        finally:
            is_over.cancel()

    async def _briefly(self, asked: Asked, progress: Progress) -> Reply | None:
        """Answer on the event loop; None where it would have to wait: then a thread begins anew."""
        pace, cost = asked.chosen.pace, asked.cost.requested
        running = self._brief.begin(partial(self._answer_query, asked, progress))
        try:
            if running.is_done:
                reply = running.result()
            else:
                deadline = Deadline(self.settings.operation_timeout_seconds)
                reply = await self._in_time(running.future(), deadline, asked.question, progress)
        except NeverBriefError:
            pace.is_long()
            return None
        except NotBriefError:
            pace.note(cost, math.inf)
            return None
        pace.note(cost, running.seconds)
        return reply

    def _answer_query(self, asked: Asked, progress: Progress, snapshot: Snapshot | None = None) -> Reply:
        """Answer a query on the calling thread, from a snapshot that is given or one of its own.

        Raises:
            NotBriefError: the snapshot does not wait for what was asked for.
        """
        request_id = asked.question.request_id
        try:
            pieces, errors = self._reader.answer(asked, self._moment, snapshot)
        except NotBriefError:
            raise
        except Exception as fault:  # noqa: BLE001  # Whatever it is: it is answered.
            return self._failed(fault, request_id, progress)
        return Reply(request_id, pieces, tuple(errors), asked.cost)

    def _too_late(self, question: Question, progress: Progress) -> Reply:
        """Return the reply to an operation that was given up."""
        seconds = self.settings.operation_timeout_seconds
        message = (
            f"The operation took longer than {seconds:g} s and was given up; "
            "what it had not committed is not kept."
        )
        error = graphql_error(ErrorCode.TIMEOUT, message)
        status = HTTPStatus.SERVICE_UNAVAILABLE
        return Reply(question.request_id, errors=(error,), cost=progress.cost, status=status)

    async def stream(self, question: Question) -> AsyncGenerator[Reply, None]:
        """Yield the replies to an operation: one, or one for each event that a subscriber may see.

        Raises:
            StreamsClosed: the server ends. It is no end of the subscription, which has none.
        """
        progress = Progress()
        try:
            asked = await self.on_thread(partial(self._admit, question, progress))
            if asked.operation.operation is not OperationType.SUBSCRIPTION:
                yield await self.answer(question)
                return
            async with aclosing(self._listening.replies(asked)) as replies:
                async for reply in replies:
                    yield reply
        except StreamsClosed:
            raise
        except Exception as fault:  # noqa: BLE001  # Whatever it is: it is answered.
            if self._database.is_away(fault):
                # All that was tried is to read: a command answers for itself.
                fault = refused(ErrorCode.RETRYABLE, _AWAY, HTTPStatus.SERVICE_UNAVAILABLE)
            yield self._failed(fault, question.request_id, progress)

    def _known(self, question: Question) -> Asked | None:
        """Return what a query by a known key and with a known document asks; None for everything else.

        It runs on the event loop: nothing here can wait, or take long.
        """
        if question.secret is None or question.text is None:
            return None
        viewer = self.authenticator.recall(question.secret)
        if viewer is None or not self._registered.is_free(question, viewer):
            return None
        document = self.documents.kept(question.text)
        if document is None:
            return None
        try:
            chosen = document.operation(question.operation_name)
            is_swift = chosen.is_of_viewer or (chosen.is_plain and chosen.pace.is_short(0))
            if not is_swift or not _is_small(question.variables):
                return None
            return admit(document, question, viewer, self._schema, self.settings)
        except RequestRefused:
            # A thread finds out what is to be told with it.
            return None

    def _is_command(self, question: Question) -> bool:
        """Tell whether a document that is known has mutations only."""
        document = None if question.text is None else self.documents.kept(question.text)
        return document is not None and all(
            each.node.operation is OperationType.MUTATION for each in document.operations.values()
        )

    def _admit(self, question: Question, progress: Progress) -> Asked:
        """Return what is asked, once nothing speaks against answering it."""
        viewer = self.authenticator.viewer(question.secret)
        text = self._registered.text_of(question, viewer)
        try:
            document = self.documents.find(text, helps=viewer is not None)
            self._registered.keep(question, viewer)
            known = question if question.text is text else replace(question, text=text)
            asked = admit(document, known, viewer, self._schema, self.settings)
        except RequestRefused:
            analysis = self.documents.analysis(text, question.operation_name)
            if analysis is not None:
                progress.cost = price(analysis, question.variables, viewer, self.settings)
            raise
        progress.admit(asked)
        return asked

    def _moment(self) -> Moment:
        """Return now."""
        return Moment(self._clock(), self._organization)

    def _answer(
        self, question: Question, deadline: Deadline, progress: Progress, asked: Asked | None
    ) -> Reply:
        """Answer on a worker thread what was admitted, or is to be."""
        try:
            if asked is None:
                asked = self._admit(question, progress)
            if asked.operation.operation is OperationType.SUBSCRIPTION:
                return Reply.refusing(_needs_socket(), question.request_id, asked.cost)
            if asked.operation.operation is OperationType.MUTATION:
                written = self._writer.answer(asked, self._moment, deadline)
                return Reply(question.request_id, [written.data], tuple(written.errors), asked.cost)
            began = time.thread_time()
            reply = self._answer_query(asked, progress)
            asked.chosen.pace.note(asked.cost.requested, time.thread_time() - began)
        except Exception as fault:  # noqa: BLE001  # Whatever it is: it is answered.
            return self._failed(fault, question.request_id, progress)
        self._brief.prepare()
        return reply

    def _failed(self, fault: Exception, request_id: str, progress: Progress) -> Reply:
        """Return the reply to a request that came to nothing."""
        if isinstance(fault, RequestRefused):
            return Reply.refusing(fault, request_id, progress.cost)
        if isinstance(fault, GraphQLError):
            # Null for a variable that has a default fits where none is allowed, until its value is needed.
            return Reply(request_id, errors=(fault,), cost=progress.cost, status=HTTPStatus.BAD_REQUEST)
        status, headers = HTTPStatus.SERVICE_UNAVAILABLE, {}
        if self._database.is_timeout(fault):
            seconds = self.settings.statement_timeout_seconds
            message = f"A statement took longer than {seconds:g} s and was given up."
            error = graphql_error(ErrorCode.TIMEOUT, message)
        elif self._database.is_overload(fault) or self._database.is_retryable(fault):
            error, headers = overloaded(), {"Retry-After": "1"}
        else:
            error, status = masked(fault, request_id), HTTPStatus.INTERNAL_SERVER_ERROR
        return Reply(request_id, errors=(error,), cost=progress.cost, status=status, headers=headers)


def _give_up(work: "asyncio.Future[Reply]", deadline: Deadline, *, is_last: bool = False) -> None:
    """Wait no longer for an operation, unless it commits: then its outcome is near."""
    if work.done():
        return
    if deadline.expire() or is_last:
        work.set_exception(TimeoutError())
    else:
        last = partial(_give_up, work, deadline, is_last=True)
        asyncio.get_running_loop().call_later(_COMMIT_SECONDS, last)


def _is_small(variables: Mapping[str, Any]) -> bool:
    """Say whether variables are looked through in no time."""
    left, pending = _MOST_VALUES, list(variables.values())
    while pending and left:
        left -= 1
        value = pending.pop()
        if isinstance(value, dict):
            pending += value.values()
        elif isinstance(value, list):
            pending += value
    return not pending


def _needs_socket() -> RequestRefused:
    """Return the refusal of a subscription over plain HTTP."""
    message = (
        "Subscriptions run over a WebSocket with the protocol graphql-transport-ws, on this path, or by POST "
        "as server-sent events with `Accept: text/event-stream`."
    )
    return refused(ErrorCode.BAD_USER_INPUT, message, HTTPStatus.UNPROCESSABLE_ENTITY)
