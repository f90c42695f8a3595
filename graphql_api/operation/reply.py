"""What is asked in one request, and what goes back?"""

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any, Final

import orjson
from graphql import GraphQLError

from graphql_api.cost import Cost
from graphql_api.errors import RequestRefused, identified
from graphql_api.operation.reference import Reference

# One of each class here is made for each request, and to make a frozen one takes five times as long. That
# nothing changes it is said by ``Final``, and held by mypy.

# Seeded by the system once a process: asking it each time would let go of the interpreter.
_dice = random.Random()  # noqa: S311  # An id keeps no secret.


def new_request_id() -> str:
    """Return an id that the answer and the log share."""
    return f"{_dice.getrandbits(64):016x}"


@dataclass(slots=True)
class Question:
    """One request, whatever it came through. ``secret`` is the API key as it was sent.

    ``text`` is None where the document is named by its hash alone, the ``reference``.
    """

    text: Final[str | None]
    operation_name: Final[str | None] = None
    variables: Final[Mapping[str, Any]] = field(default_factory=dict)
    secret: Final[str | None] = None
    idempotency_key: Final[str | None] = None
    only_queries: Final[bool] = False
    # Where a broken stream of server-sent events goes on: it takes the place of the argument ``after``.
    last_event_id: Final[str | None] = None
    reference: Final[Reference | None] = None
    request_id: Final[str] = field(default_factory=new_request_id)


@dataclass(slots=True)
class Reply:
    """The answer to one request. ``pieces`` are the data as JSON; None where it was refused as a whole.

    ``status`` holds under ``application/graphql-response+json``; see ``RequestRefused``.
    """

    request_id: Final[str]
    pieces: Final[Sequence[bytes] | None] = None
    errors: Final[tuple[GraphQLError, ...]] = ()
    cost: Final[Cost | None] = None
    status: Final[HTTPStatus] = HTTPStatus.OK
    headers: Final[Mapping[str, str]] = field(default_factory=dict)
    of_transport: Final[bool] = False
    # The place of an event among all, where the reply tells of one.
    cursor: Final[str | None] = None

    @classmethod
    def refusing(cls, refusal: RequestRefused, request_id: str, cost: Cost | None = None) -> "Reply":
        """Return the answer that a refusal stands for."""
        return cls(
            request_id,
            errors=tuple(refusal.errors),
            cost=cost,
            status=refusal.status,
            headers=refusal.headers,
            of_transport=refusal.of_transport,
        )

    @property
    def data(self) -> bytes | None:
        """The data in one piece."""
        return None if self.pieces is None else b"".join(self.pieces)

    def identified_errors(self) -> list[GraphQLError]:
        """Return the errors as they are sent, each with its code and the request's id."""
        return [identified(error, self.request_id) for error in self.errors]

    def content(self) -> dict[str, Any]:
        """Return the answer's parts by their names; errors come first (specification, 7.1)."""
        content: dict[str, Any] = {}
        if self.errors:
            content["errors"] = [error.formatted for error in self.identified_errors()]
        if self.pieces is not None:
            content["data"] = orjson.Fragment(b"".join(self.pieces))
        content["extensions"] = self.extensions()
        return content

    def extensions(self) -> dict[str, Any]:
        """Return what an answer says beside data and errors."""
        extensions: dict[str, Any] = {"requestId": self.request_id}
        if self.cost is not None:
            cost = self.cost
            extensions["cost"] = {
                "requested": cost.requested,
                "limit": cost.limit,
                "remaining": cost.remaining,
            }
        return extensions

    def parts(self) -> list[bytes]:
        """Return the answer as JSON, in parts that follow one another: the data is not copied."""
        if self.pieces is None or self.errors:
            return [orjson.dumps(self.content())]
        return [b'{"data":', *self.pieces, b',"extensions":' + orjson.dumps(self.extensions()) + b"}"]

    def body(self) -> bytes:
        """Return the answer as JSON."""
        return b"".join(self.parts())
