"""Which errors does a client meet, and what do they tell it?

A refusal that the caller can put right is data: ``user_error`` turns it into an item of ``userErrors``.
Everything else is an item of the top-level ``errors`` with a code of ``ErrorCode``. What nobody foresaw is
masked: the client gets INTERNAL and a request id, the log gets the traceback under the same id.
"""

import logging
from collections.abc import Collection, Mapping, Sequence
from enum import StrEnum
from http import HTTPStatus
from typing import Any

from graphql import GraphQLError, Node

from models.errors import (
    Blocked,
    Duplicate,
    Forbidden,
    IdempotencyInProgress,
    IdempotencyKeyReused,
    NotFound,
    Path,
    Refusal,
    StaleVersion,
    Undone,
    UnfitReason,
)
from models.lifecycle import Pointer

logger = logging.getLogger(__name__)


class ErrorCode(StrEnum):
    """Every code of a top-level error, in ``extensions.code``. The list is closed."""

    GRAPHQL_PARSE_FAILED = "GRAPHQL_PARSE_FAILED"
    GRAPHQL_VALIDATION_FAILED = "GRAPHQL_VALIDATION_FAILED"
    BAD_USER_INPUT = "BAD_USER_INPUT"
    UNAUTHENTICATED = "UNAUTHENTICATED"
    FORBIDDEN = "FORBIDDEN"
    NOT_FOUND = "NOT_FOUND"
    COST_LIMIT_EXCEEDED = "COST_LIMIT_EXCEEDED"
    DEPTH_LIMIT_EXCEEDED = "DEPTH_LIMIT_EXCEEDED"
    RATE_LIMITED = "RATE_LIMITED"
    TIMEOUT = "TIMEOUT"
    RETRYABLE = "RETRYABLE"
    PERSISTED_QUERY_NOT_FOUND = "PERSISTED_QUERY_NOT_FOUND"
    PERSISTED_QUERY_REQUIRED = "PERSISTED_QUERY_REQUIRED"
    CURSOR_INVALID = "CURSOR_INVALID"
    CURSOR_EXPIRED = "CURSOR_EXPIRED"
    IDEMPOTENCY_IN_PROGRESS = "IDEMPOTENCY_IN_PROGRESS"
    INTERNAL = "INTERNAL"


MEANINGS: Mapping[ErrorCode, str] = {
    ErrorCode.GRAPHQL_PARSE_FAILED: "The document is not GraphQL. The message names the place.",
    ErrorCode.GRAPHQL_VALIDATION_FAILED: "The document does not fit the schema, or has no such operation.",
    ErrorCode.BAD_USER_INPUT: "A variable, an argument, or the request itself cannot be used as it is.",
    ErrorCode.UNAUTHENTICATED: "The request bears no API key, or one that is unknown or revoked.",
    ErrorCode.FORBIDDEN: "The key's role may not do this.",
    ErrorCode.NOT_FOUND: "There is no such record, or it is not yours to see: the two answer the same.",
    ErrorCode.COST_LIMIT_EXCEEDED: "The document asks for too much at once. Ask for smaller pages.",
    ErrorCode.DEPTH_LIMIT_EXCEEDED: "The document is nested too deeply. Ask in two operations.",
    ErrorCode.RATE_LIMITED: "Too much at once. Wait, then repeat.",
    ErrorCode.TIMEOUT: "The operation took too long and was given up.",
    ErrorCode.RETRYABLE: "Others kept changing the same records. Nothing was written; repeat the call.",
    ErrorCode.PERSISTED_QUERY_NOT_FOUND: "The server does not know this hash. Send the document's text.",
    ErrorCode.PERSISTED_QUERY_REQUIRED: "This key may run registered documents only.",
    ErrorCode.CURSOR_INVALID: "The cursor is not one of this connection with these arguments.",
    ErrorCode.CURSOR_EXPIRED: "The cursor points to what is no longer kept. Start from the first page.",
    ErrorCode.IDEMPOTENCY_IN_PROGRESS: "The first call with this key is still running. Repeat in a moment.",
    ErrorCode.INTERNAL: "A fault of the server, logged under extensions.requestId.",
}
"""What each code means to a client, for the docs."""


class RequestRefused(Exception):  # noqa: N818  # A refusal is an answer, not a fault.
    """A request is answered by errors alone, without ``data``.

    ``status`` is the HTTP status under ``application/graphql-response+json``. Under ``application/json``
    it is 200, unless ``of_transport`` says that the fault lies in the HTTP request itself.
    """

    def __init__(
        self,
        errors: Sequence[GraphQLError],
        status: HTTPStatus,
        *,
        headers: Mapping[str, str] | None = None,
        of_transport: bool = False,
    ) -> None:
        super().__init__(errors[0].message)
        self.errors = list(errors)
        self.status = status
        self.headers = dict(headers or {})
        self.of_transport = of_transport


def graphql_error(
    code: ErrorCode,
    message: str,
    *,
    nodes: Collection[Node] | None = None,
    path: Path | None = None,
    limit: tuple[int, int] | None = None,
) -> GraphQLError:
    """Return a top-level error with its code; ``limit`` is what was requested, and what is allowed."""
    return GraphQLError(
        message,
        nodes=None if nodes is None else list(nodes),
        path=None if path is None else list(path),
        extensions={"code": str(code)}
        if limit is None
        else {"code": str(code), "requested": limit[0], "limit": limit[1]},
    )


def refused(
    code: ErrorCode, message: str, status: HTTPStatus, *, limit: tuple[int, int] | None = None
) -> RequestRefused:
    """Return the refusal of a request for one reason."""
    return RequestRefused([graphql_error(code, message, limit=limit)], status)


def identified(error: GraphQLError, request_id: str) -> GraphQLError:
    """Return an error as it is sent: with a code, and the id that the log knows."""
    extensions = {"code": str(ErrorCode.BAD_USER_INPUT), **(error.extensions or {}), "requestId": request_id}
    return GraphQLError(
        error.message, error.nodes, error.source, error.positions, error.path, extensions=extensions
    )


def overloaded() -> GraphQLError:
    """Return the error of what the database has no time for."""
    message = "The database has too much to do at the moment; repeat the call."
    return graphql_error(ErrorCode.RETRYABLE, message)


def masked(fault: BaseException, request_id: str) -> GraphQLError:
    """Log a fault that nobody foresaw, and return what the client may know of it."""
    logger.error("request %s failed", request_id, exc_info=fault)
    message = f"The server failed to answer. The operator finds the reason in the log under {request_id}."
    return graphql_error(ErrorCode.INTERNAL, message)


_TOP_LEVEL: tuple[tuple[type[Refusal], ErrorCode], ...] = (
    (Forbidden, ErrorCode.FORBIDDEN),
    (IdempotencyInProgress, ErrorCode.IDEMPOTENCY_IN_PROGRESS),
)


def top_level_code(refusal: Refusal) -> ErrorCode | None:
    """Return the code of a refusal that is not the command's own matter, None for one of ``userErrors``."""
    return next((code for kind, code in _TOP_LEVEL if isinstance(refusal, kind)), None)


# Refusals that say nothing more than their words, by the type that shows them; any other is one of input.
_PLAIN: tuple[tuple[type[Refusal], str], ...] = (
    (NotFound, "NotFoundError"),
    (Undone, "UndoneError"),
    (IdempotencyKeyReused, "IdempotencyError"),
)


def user_error(refusal: Refusal) -> dict[str, Any]:
    """Return a refusal as an item of ``userErrors``, by Python names, with what is needed to act on it."""
    shared = {"code": refusal.code, "message": refusal.message, "path": [str(step) for step in refusal.path]}
    match refusal:
        case StaleVersion():
            return {
                "__typename": "StaleVersionError",
                **shared,
                "current": Pointer(refusal.noun, refusal.key),
            }
        case Blocked():
            blockers = [
                {"code": each.code, "message": each.message, "path": [str(step) for step in each.path]}
                for each in refusal.blockers
            ]
            return {
                "__typename": "TransitionError",
                **shared,
                "status": refusal.status,
                "command": refusal.command,
                "allowed": list(refusal.allowed),
                "blockers": blockers,
                "obstacles": [Pointer(noun, key) for noun, key in refusal.obstacles],
            }
        case UnfitReason():
            fit = [Pointer(noun, key) for noun, key in refusal.allowed]
            return {"__typename": "ReasonError", **shared, "allowed": fit}
        case Duplicate():
            candidates = [
                {
                    "record": Pointer(each.noun, each.key),
                    "reasons": list(each.reasons),
                    "message": each.message,
                }
                for each in refusal.candidates
            ]
            return {"__typename": "DuplicateError", **shared, "candidates": candidates}
        case _:
            name = next((name for kind, name in _PLAIN if isinstance(refusal, kind)), "InputError")
            return {"__typename": name, **shared}
