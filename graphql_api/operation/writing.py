"""How is a command carried out and answered?

The fields of a mutation run one after another. Each is one transaction: the transition, its payload read by
the planner as it will be, then the commit, the only one of this package; a dry run rolls back instead. A
field that met another's lock runs again from the start, in a fresh session; nothing leaves the process
before the commit, so that this cannot be noticed.
"""

import hashlib
import json
import random
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import TYPE_CHECKING, Any
from uuid import UUID

import orjson
from graphql import (
    FieldNode,
    GraphQLError,
    GraphQLField,
    GraphQLObjectType,
    GraphQLSchema,
    get_argument_values,
)
from sqlmodel import Session

from graphql_api.errors import ErrorCode, graphql_error, masked, overloaded, refused, top_level_code
from graphql_api.operation.asked import Asked
from graphql_api.operation.deadline import Deadline
from graphql_api.operation.root import TYPE_NAME
from graphql_api.operation.work import Many, Single, keyed, work_of
from graphql_api.planner.backing import Publishes, source_of
from graphql_api.planner.planner import Planner
from graphql_api.settings import Settings
from models.database import Database
from models.errors import Refusal
from models.lifecycle import Outcome, remember
from models.moment import Moment
from models.waiting import pause

if TYPE_CHECKING:
    # Prometheus' client is loaded where it is asked for.
    from graphql_api.metrics import Metrics

# The first wait before a command is tried again; each further one is twice as long, and none is exact, so
# that two that met do not meet again.
_FIRST_WAIT_SECONDS = 0.01
_NULL = b"null"


class _GivenUp(Exception):  # noqa: N818  # A way out of the transaction, which rolls back.
    """Nobody waits for this command any more."""


class _Unreadable(Exception):  # noqa: N818  # The same.
    """The payload that was asked for cannot be read; the command is not kept."""

    def __init__(self, errors: list[GraphQLError]) -> None:
        super().__init__()
        self.errors = errors


@dataclass(frozen=True)
class _Field:
    """One mutation field of an operation."""

    asked: Asked
    key: str
    nodes: list[FieldNode]
    definition: GraphQLField
    work: Single | Many
    is_dry_run: bool
    deadline: Deadline

    @property
    def selection_hash(self) -> str:
        """What stands for the answer that was asked for: the same request has the same."""
        asked = self.asked
        parts = (asked.document.text, asked.question.operation_name, self.key, dict(asked.question.variables))
        return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()


@dataclass
class Written:
    """What a mutation answered: the JSON of each field in order, and the errors."""

    fields: dict[str, bytes] = field(default_factory=dict)
    errors: list[GraphQLError] = field(default_factory=list)

    @property
    def data(self) -> bytes:
        """The answer's data as JSON."""
        return orjson.dumps({key: orjson.Fragment(value) for key, value in self.fields.items()})


class Writer:
    """Answers mutations on the calling thread. ``publish`` is told the keys of events after each commit."""

    def __init__(
        self,
        schema: GraphQLSchema,
        database: Database,
        planner: Planner,
        settings: Settings,
        publish: Callable[[list[UUID]], None],
        *,
        metrics: "Metrics | None" = None,
    ) -> None:
        self._schema = schema
        self._database = database
        self._planner = planner
        self._settings = settings
        self._publish = publish
        self._metrics = metrics

    def answer(self, asked: Asked, moment: Callable[[], Moment], deadline: Deadline) -> Written:
        """Carry out the fields of a mutation, one after another.

        Raises:
            RequestRefused: the header Idempotency-Key came with more than one field.
        """
        header = _checked_header(asked)
        written = Written()
        for key, nodes in asked.roots.items():
            if nodes[0].name.value == TYPE_NAME:
                written.fields[key] = orjson.dumps(self._root_type().name)
                continue
            try:
                one = self._field(asked, key, nodes, header, deadline)
                written.fields[key] = self._with_retries(one, moment)
            except GraphQLError as error:
                written.fields[key] = _NULL
                written.errors.append(_at(error, key, nodes))
            except _Unreadable as unreadable:
                written.fields[key] = _NULL
                written.errors += unreadable.errors
            except Exception as fault:  # noqa: BLE001  # Whatever it is: the other fields are answered.
                written.fields[key] = _NULL
                explained = self._explained(fault, asked.question.request_id)
                written.errors.append(_at(explained, key, nodes))
        return written

    def _root_type(self) -> GraphQLObjectType:
        """Return the type of the mutation fields, which a validated mutation has."""
        root = self._schema.mutation_type
        if root is None:
            message = "the schema has no mutations"
            raise TypeError(message)
        return root

    def _field(
        self, asked: Asked, key: str, nodes: list[FieldNode], header: str | None, deadline: Deadline
    ) -> _Field:
        """Return what one field commands.

        Raises:
            GraphQLError: an argument that its scalar refuses.
        """
        definition = self._root_type().fields[nodes[0].name.value]
        source = source_of(definition)
        if not isinstance(source, Publishes):
            message = f"{nodes[0].name.value} publishes no transition"
            raise TypeError(message)
        arguments = get_argument_values(definition, nodes[0], asked.values)
        work: Single | Many | None = work_of(source, arguments)
        if work is not None and header is not None:
            work = keyed(work, header)
        if work is None:
            message = "The header Idempotency-Key and the argument idempotencyKey differ; send one of them."
            raise graphql_error(ErrorCode.BAD_USER_INPUT, message)
        return _Field(asked, key, nodes, definition, work, arguments["dryRun"], deadline)

    def _with_retries(self, one: _Field, moment: Callable[[], Moment]) -> bytes:
        """Return a field's payload, trying again while other transactions stand in the way.

        Raises:
            GraphQLError: given up: the time is over, or the last try failed.
        """
        settings = self._settings
        stop = time.monotonic() + settings.retry_seconds
        wait = _FIRST_WAIT_SECONDS
        for tries_left in reversed(range(settings.max_retries)):
            try:
                return self._once(one, moment())
            except _GivenUp:
                raise _timed_out(settings.operation_timeout_seconds) from None
            except Exception as fault:
                if not self._database.is_retryable(fault):
                    raise
                if not tries_left or time.monotonic() + wait > stop:
                    message = (
                        "Others kept changing the same records. Nothing was written; repeat the command."
                    )
                    raise graphql_error(ErrorCode.RETRYABLE, message) from fault
            if self._metrics is not None:
                self._metrics.retry()
            pause(wait * random.uniform(0.5, 1.5))  # noqa: S311  # Spreads waits; guards no secret.
            wait *= 2
        raise AssertionError  # The last try returns or raises.

    def _once(self, one: _Field, moment: Moment) -> bytes:
        """Run a command in a transaction of its own and return its payload.

        Raises:
            GraphQLError: a refusal that is not the caller's to put right by other input.
        """
        try:
            with self._database.writing() as session:
                return self._in_transaction(session, one, moment)
        except Refusal as refusal:
            self._count(one, refusal.code)
            code = top_level_code(refusal)
            if code is not None:
                raise graphql_error(code, refusal.message) from refusal
            value = one.work.refused(refusal)
        # The write lock is gone: what the refusal points to is read in a transaction of its own.
        with self._database.reading() as session:
            return self._payload(session, one, value, moment)

    def _in_transaction(self, session: Session, one: _Field, moment: Moment) -> bytes:
        """Run a command, read its payload, and commit; a dry run, or a late one, rolls back."""
        if one.deadline.is_over:
            raise _GivenUp
        outcome = one.work.run(session, one.asked.viewer, moment)
        remembered = _remembered(outcome, one)
        if remembered is not None:
            self._count(one, "REPEATED")
            return remembered
        session.flush()
        payload = self._payload(session, one, {**outcome.payload, "user_errors": []}, moment)
        if outcome.is_replay or one.is_dry_run:
            session.rollback()
            self._count(one, "REPEATED" if outcome.is_replay else "DRY_RUN")
            return payload
        if outcome.entry is not None:
            remember(session, outcome, one.selection_hash, payload.decode())
        if not one.deadline.begin_commit():
            raise _GivenUp
        try:
            session.commit()
        finally:
            one.deadline.end_commit()
        self._count(one, "DONE")
        self._publish(outcome.event_keys)
        return payload

    def _count(self, one: _Field, outcome: str) -> None:
        """Count a command where somebody asks for such figures."""
        if self._metrics is not None:
            self._metrics.command(one.nodes[0].name.value, outcome)

    def _payload(self, session: Session, one: _Field, value: Mapping[str, Any], moment: Moment) -> bytes:
        """Return a payload as JSON.

        Raises:
            _Unreadable: it cannot be read as it was asked for, for example with a page too large.
        """
        asked = one.asked
        answer = self._planner.payload(
            session,
            one.nodes,
            one.definition.type,
            value,
            asked.document.fragments,
            asked.variables,
            asked.viewer,
            moment,
            (one.key,),
        )
        if answer.errors:
            raise _Unreadable(answer.errors)
        return answer.data

    def _explained(self, fault: Exception, request_id: str) -> GraphQLError:
        """Return the error that a fault stands for."""
        if self._database.is_timeout(fault):
            return _timed_out(self._settings.statement_timeout_seconds)
        if self._database.is_overload(fault):
            return overloaded()
        return masked(fault, request_id)


def _checked_header(asked: Asked) -> str | None:
    """Return the header Idempotency-Key, which speaks for one command.

    Raises:
        RequestRefused: there are several commands.
    """
    header = asked.question.idempotency_key
    commands = [nodes for nodes in asked.roots.values() if nodes[0].name.value != TYPE_NAME]
    if header is not None and len(commands) != 1:
        message = (
            f"The header Idempotency-Key is for one command, the document has {len(commands)}; "
            "use the argument idempotencyKey."
        )
        raise refused(ErrorCode.BAD_USER_INPUT, message, HTTPStatus.BAD_REQUEST)
    return header


def _remembered(outcome: Outcome, one: _Field) -> bytes | None:
    """Return the first answer to a repeated command, where it was asked for in the same words."""
    entry = outcome.entry
    if (
        entry is None
        or not outcome.is_replay
        or entry.answer is None
        or entry.selection_hash != one.selection_hash
    ):
        return None
    return entry.answer.encode()


def _timed_out(seconds: float) -> GraphQLError:
    """Return the error of a command that was given up."""
    message = f"The command took longer than {seconds:g} s and was given up. Nothing was written."
    return graphql_error(ErrorCode.TIMEOUT, message)


def _at(error: GraphQLError, key: str, nodes: list[FieldNode]) -> GraphQLError:
    """Return an error with the place in the answer that it explains."""
    extensions = {"code": str(ErrorCode.BAD_USER_INPUT), **(error.extensions or {})}
    return GraphQLError(error.message, nodes=error.nodes or nodes[:1], path=[key], extensions=extensions)
