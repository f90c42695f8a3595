"""How is a subscription answered? One payload for each committed event that the subscriber wants and may see.

Each page of events and each payload is read anew, by the key as it is then: what a viewer has lost sight of
is not sent, and a subscription does not outlive its key.
"""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping
from contextlib import aclosing
from dataclasses import dataclass
from functools import partial
from http import HTTPStatus
from typing import Any, Protocol, TypeVar
from uuid import UUID

import orjson
from graphql import FieldNode, GraphQLField, GraphQLSchema, get_argument_values
from sqlalchemy.exc import SQLAlchemyError
from sqlmodel import Session, col, select

from graphql_api.auth import Authenticator, require_viewer
from graphql_api.errors import ErrorCode, RequestRefused, refused
from graphql_api.operation.asked import Asked
from graphql_api.operation.reply import Reply
from graphql_api.planner.backing import Streams as StreamsSource
from graphql_api.planner.backing import StreamScope, source_of
from graphql_api.planner.planner import Planner
from graphql_api.settings import Settings
from graphql_api.streams import Listener, Streams, StreamsClosed, TooManyListeners
from graphql_api.types.stream import position_of
from graphql_api.types.timeline import TimelineScope
from models import outbox
from models.access import Viewer, visible_to
from models.database import Database
from models.errors import Invalid, MalformedId, NotFound
from models.event import Event
from models.lifecycle import Pointer
from models.moment import Moment
from models.outbox import Page, Wanted
from models.record import parse_id, records

T = TypeVar("T")

# Shorter looks at the key would be as many statements.
_SHORTEST_LOOK_SECONDS = 1.0


class OnThread(Protocol):
    """Runs a function on a worker thread."""

    def __call__(self, work: Callable[[], T]) -> Awaitable[T]:
        """Return what the function returns."""


@dataclass(frozen=True)
class Stream:
    """One subscription: who asked for what, and from where on."""

    asked: Asked
    key: str
    nodes: list[FieldNode]
    definition: GraphQLField
    wanted: Wanted
    begin: int


class Listening:
    """Answers subscriptions."""

    def __init__(  # noqa: PLR0917  # What an answer takes, from whom it is taken.
        self,
        settings: Settings,
        schema: GraphQLSchema,
        database: Database,
        planner: Planner,
        streams: Streams,
        authenticator: Authenticator,
        on_thread: OnThread,
        moment: Callable[[], Moment],
    ) -> None:
        self._settings = settings
        self._schema = schema
        self._database = database
        self._planner = planner
        self._streams = streams
        self._authenticator = authenticator
        self._on_thread = on_thread
        self._moment = moment
        self._look_seconds = max(settings.key_cache_seconds, _SHORTEST_LOOK_SECONDS)

    async def replies(self, asked: Asked) -> AsyncGenerator[Reply, None]:
        """Yield one reply for each event.

        Raises:
            RequestRefused: it cannot be listened to, the key has ended, or the reader is too slow.
            StreamsClosed: the server ends.
        """
        stream = await self._on_thread(partial(self._begin, asked))
        try:
            with self._streams.listener(asked.viewer.id) as listener:
                async with aclosing(self._sent(stream, listener)) as replies:
                    async for reply in replies:
                        yield reply
        except TooManyListeners:
            raise _too_many(self._settings.streams_per_viewer) from None

    async def _sent(self, stream: Stream, listener: Listener) -> AsyncGenerator[Reply, None]:
        """Yield one reply for each event.

        Raises:
            RequestRefused: the key has ended, or the reader is too slow.
            StreamsClosed: the server ends.
        """
        position, is_live = stream.begin, False
        while not self._streams.is_closed:
            head = self._streams.head
            if position >= head:
                is_live = True
                await listener.wait(position, self._look_seconds)
                await self._read(partial(self._viewer, stream.asked))
                continue
            page = await self._read(partial(self._look, stream, position, head))
            for at, key in page.events:
                reply = await self._read(partial(self._payload, stream, at, key))
                if reply is not None:
                    yield reply
                if is_live and self._streams.head - at > self._settings.stream_max_behind:
                    raise _too_slow(self._settings.stream_max_behind)
            position = page.reached
        raise StreamsClosed

    async def _read(self, work: Callable[[], T]) -> T:
        """Return what a function read, once the database answers: nothing is missed meanwhile.

        The thread of the streams says in the log that it does not: it does so once for all.

        Raises:
            StreamsClosed: the server ends.
        """
        while not self._streams.is_closed:
            try:
                return await self._on_thread(work)
            except SQLAlchemyError as fault:
                if not (self._database.is_away(fault) or self._database.is_overload(fault)):
                    raise
            await asyncio.sleep(_SHORTEST_LOOK_SECONDS)
        raise StreamsClosed

    def _viewer(self, asked: Asked) -> Viewer:
        """Return who is asking, now.

        Raises:
            RequestRefused: the key is revoked, or the token has ended.
        """
        return require_viewer(self._authenticator.viewer(asked.question.secret))

    def _begin(self, asked: Asked) -> Stream:
        """Return what is listened to, and from where on.

        Raises:
            RequestRefused: an argument cannot be used, or the record is not the viewer's.
        """
        ((key, nodes),) = asked.roots.items()
        definition = self._definition(nodes[0].name.value)
        arguments = get_argument_values(definition, nodes[0], asked.values)
        source = source_of(definition)
        if not isinstance(source, StreamsSource):
            message = f"{nodes[0].name.value} is no stream"
            raise TypeError(message)
        # All that is committed by now gets its place: what follows is what comes from now on.
        head = self._streams.catch_up()
        after = asked.question.last_event_id or arguments.get("after")
        with self._database.reading() as session:
            wanted = _wanted(session, asked.viewer, source.scope, arguments)
        return Stream(
            asked, key, nodes, definition, wanted, head if after is None else position_of(after, head)
        )

    def _definition(self, name: str) -> GraphQLField:
        """Return the field of a subscription."""
        root = self._schema.subscription_type
        if root is None:
            message = "the schema has no subscriptions"
            raise TypeError(message)
        definition: GraphQLField = root.fields[name]
        return definition

    def _look(self, stream: Stream, position: int, head: int) -> Page:
        """Return the next events that are wanted and may be seen."""
        with self._database.reading() as session:
            viewer = self._viewer(stream.asked)
            return outbox.look(session, viewer, stream.wanted, after=position, up_to=head)

    def _payload(self, stream: Stream, position: int, key: UUID) -> Reply | None:
        """Return the payload of one event, None where the subscriber may not see it any more."""
        asked, viewer = stream.asked, self._viewer(stream.asked)
        place = outbox.cursor_of(position)
        with self._database.reading() as session:
            if not _is_seen(session, viewer, Pointer(Event.noun(), key)):
                return None
            answer = self._planner.payload(
                session,
                stream.nodes,
                stream.definition.type,
                {"event": Pointer(Event.noun(), key), "cursor": place},
                asked.document.fragments,
                asked.variables,
                viewer,
                self._moment(),
                (stream.key,),
            )
        data = orjson.dumps({stream.key: orjson.Fragment(answer.data)})
        return Reply(asked.question.request_id, [data], tuple(answer.errors), asked.cost, cursor=place)


def _wanted(session: Session, viewer: Viewer, scope: StreamScope, arguments: Mapping[str, Any]) -> Wanted:
    """Return what the arguments ask for.

    Raises:
        RequestRefused: a name that is none, an id that is none, or of a record that is not the viewer's.
    """
    try:
        names = outbox.checked_names(arguments.get("names") or (), ("names",))
    except Invalid as refusal:
        raise refused(ErrorCode.BAD_USER_INPUT, refusal.message, HTTPStatus.BAD_REQUEST) from None
    kinds = arguments.get("types") or ()
    if scope is StreamScope.ALL:
        return Wanted(names, kinds)
    record = _record(session, viewer, str(arguments["id"]), scope)
    if scope is StreamScope.ACCOUNT:
        return Wanted(names, kinds, accounts=[record.id])
    # Written in a document it is a text, as the default it is the enum's member.
    if arguments["scope"] == TimelineScope.SELF:
        return Wanted(names, kinds, subjects=[record.id])
    chain = getattr(record, "chain_id", None)
    if chain is None:
        message = f"This {record.noun()} belongs to no deal: listen with scope SELF, or to accountEvents."
        raise refused(ErrorCode.BAD_USER_INPUT, message, HTTPStatus.BAD_REQUEST)
    return Wanted(names, kinds, chain=chain)


def _record(session: Session, viewer: Viewer, text: str, scope: StreamScope) -> Any:  # Of any kind.
    """Return the record that is listened to.

    Raises:
        RequestRefused: the id is not one, or of a record that the viewer does not see.
    """
    try:
        noun, key = parse_id(text)
    except MalformedId as fault:
        raise refused(ErrorCode.BAD_USER_INPUT, fault.message, HTTPStatus.BAD_REQUEST) from None
    if scope is StreamScope.ACCOUNT and noun != "account":
        message = f"{text} is the id of a {noun}; accountEvents takes that of an account."
        raise refused(ErrorCode.BAD_USER_INPUT, message, HTTPStatus.BAD_REQUEST)
    place = Pointer(noun, key)
    if noun not in records() or not _is_seen(session, viewer, place):
        raise refused(ErrorCode.NOT_FOUND, NotFound(noun).message, HTTPStatus.OK)
    return session.get_one(records()[noun], key)


def _is_seen(session: Session, viewer: Viewer, place: Pointer) -> bool:
    """Say whether a record is there, and the viewer sees it."""
    table = records()[place.noun]
    statement = select(table.id).where(col(table.id) == place.key)
    condition = visible_to(viewer, table)
    if condition is not None:
        statement = statement.where(condition)
    return session.exec(statement).first() is not None


def _too_many(most: int) -> RequestRefused:
    """Return the refusal of one subscription more than a viewer may have."""
    message = f"You have {most} subscriptions on this server already; end one first."
    return refused(ErrorCode.RATE_LIMITED, message, HTTPStatus.TOO_MANY_REQUESTS)


def _too_slow(most: int) -> RequestRefused:
    """Return what a subscriber is told that fell too far behind."""
    message = (
        f"You read more slowly than events come: more than {most} wait. "
        "Subscribe again with `after`: the cursor of the last event that you have; nothing is missed."
    )
    return refused(ErrorCode.RATE_LIMITED, message, HTTPStatus.TOO_MANY_REQUESTS)
