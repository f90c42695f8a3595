"""What does an HTTP request ask, and is it well-formed?

Whatever a client sends, it gets an answer that says what is wrong: a body that is no JSON, nested a thousand
levels deep, of the wrong shape, too long, or that never ends.
"""

import asyncio
import functools
import json
from collections.abc import Iterable, Mapping
from http import HTTPStatus
from typing import Any

from starlette.datastructures import QueryParams
from starlette.requests import ClientDisconnect
from starlette.types import Receive, Scope

from graphql_api.auth import secret_in
from graphql_api.endpoint.protocol import body_at_once
from graphql_api.errors import ErrorCode, RequestRefused, graphql_error
from graphql_api.operation import Question
from graphql_api.operation.reference import is_referring, reference_of
from graphql_api.settings import Settings

_JSON = "application/json"
SPELLINGS = 32
"""How many spellings of a header are remembered, of up to 64 kB each: a client sends the same each time."""


class Incoming:
    """An HTTP request, as ASGI gives it.

    ``headers`` has the first value of each as it came, by its lower-case name: few of them are read as text.
    """

    __slots__ = ("_scope", "headers", "method", "receive")

    def __init__(self, scope: Scope, receive: Receive) -> None:
        self._scope = scope
        self.method: str = scope["method"]
        self.receive = receive
        self.headers: dict[bytes, bytes] = dict(reversed(scope["headers"]))

    def header(self, name: bytes) -> str | None:
        """Return the first value of a header, None where there is none."""
        value = self.headers.get(name)
        return None if value is None else value.decode("latin-1")

    def body_at_once(self) -> bytes | None:
        """Take the body if it is known to be there to its end; None where it has to be received."""
        return body_at_once(self._scope)

    def values(self, name: bytes) -> tuple[bytes, ...]:
        """Return every value of a header."""
        return tuple([value for each, value in self._scope["headers"] if each == name])

    def parameters(self) -> list[tuple[str, str]]:
        """Return the parameters of the URL."""
        return QueryParams(self._scope["query_string"]).multi_items()


def malformed(
    message: str, status: HTTPStatus = HTTPStatus.BAD_REQUEST, headers: Mapping[str, str] | None = None
) -> RequestRefused:
    """Return the refusal of a request that is not one by the rules of GraphQL over HTTP."""
    error = graphql_error(ErrorCode.BAD_USER_INPUT, message)
    return RequestRefused([error], status, headers=headers, of_transport=True)


def decode(data: bytes | str) -> Any:
    """Return the value of a JSON text in UTF-8 (RFC 8259), which names no key of an object twice.

    Raises:
        ValueError: it is not such a text; the message says why, and is fit for a client.
    """
    try:
        text = data.decode() if isinstance(data, bytes) else data
        if text.startswith("\ufeff"):
            raise _UnfitError(_MARKED)
        value = _value_of(text)
        if "\\u" in text:
            # The one way to write half of a surrogate pair, which no text in UTF-8 can hold.
            json.dumps(value, ensure_ascii=False).encode()
    except RecursionError:
        message = "the JSON is nested too deeply"
    except UnicodeError:
        message = "the text is not UTF-8"
    except json.JSONDecodeError as fault:
        message = f"the text is not JSON: {fault}"
    except ValueError as fault:
        message = str(fault) if isinstance(fault, _UnfitError) else "a number in it is too long"
    else:
        return value
    raise ValueError(message)


def _value_of(text: str) -> Any:
    """Return the value of a JSON text.

    Around an object without white space, the library's own ``decode`` looks for it all the same, at length.
    """
    if text.startswith("{") and text.endswith("}"):
        value, end = _DECODER.raw_decode(text)
        if end == len(text):
            return value
    return _DECODER.decode(text)


class _UnfitError(ValueError):
    """A JSON text that says something which has no one meaning."""


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Return an object whose keys are all different."""
    found = dict(pairs)
    if len(found) != len(pairs):
        message = "an object names a key twice"
        raise _UnfitError(message)
    return found


def _no_constant(name: str) -> None:
    """Refuse NaN and the infinities, which JSON does not have."""
    message = f"{name} is not a JSON value"
    raise _UnfitError(message)


_MARKED = "the text is not JSON: Unexpected UTF-8 BOM (decode using utf-8-sig): line 1 column 1 (char 0)"
_DECODER = json.JSONDecoder(object_pairs_hook=_object, parse_constant=_no_constant)


async def question_of(request: Incoming, settings: Settings) -> Question:
    """Return what an HTTP request asks.

    Raises:
        RequestRefused: method, media type, size, form, or the form of the key.
    """
    if request.method == "GET":
        return _question(_of_url(request), request, only_queries=True)
    if request.method != "POST":
        message = f"{request.method} is not allowed here; use POST, or GET for a query."
        raise malformed(message, HTTPStatus.METHOD_NOT_ALLOWED, {"Allow": "GET, POST"})
    _check_media_type(request)
    body = await _body(request, settings)
    try:
        parts = decode(body)
    except ValueError as fault:
        message = f"The body cannot be read: {fault}."
        raise malformed(message) from None
    if isinstance(parts, list):
        message = "The body is a JSON array; batches are not taken, send one operation a request."
        raise malformed(message)
    if not isinstance(parts, dict):
        message = 'The body has to be a JSON object like {"query": "{ viewer { id } }"}.'
        raise malformed(message)
    return _question(parts, request, only_queries=False)


_PARTS = (
    ("documentId", (str, type(None)), "a string"),
    ("operationName", (str, type(None)), "a string"),
    ("variables", (dict, type(None)), "an object"),
    ("extensions", (dict, type(None)), "an object"),
)


def check_parts(parts: Mapping[str, Any]) -> None:
    """Check the form of a request, over HTTP or a WebSocket.

    Raises:
        RequestRefused: a part has the wrong type, or there is neither a document nor the hash of one.
    """
    for name, kinds, words in _PARTS:
        if not isinstance(parts.get(name), kinds):
            message = f"`{name}` has to be {words} or null."
            raise malformed(message)
    text = parts.get("query")
    if not isinstance(text, str) and not (text is None and is_referring(parts)):
        message = "`query` has to be a string: the text of a GraphQL document."
        raise malformed(message)


def _question(parts: Mapping[str, Any], request: Incoming, *, only_queries: bool) -> Question:
    """Return what the parts of a request ask."""
    check_parts(parts)
    return Question(
        parts.get("query"),
        parts.get("operationName"),
        parts.get("variables") or {},
        secret_in(request.header(b"authorization"), request.header(b"x-api-key")),
        request.header(b"idempotency-key"),
        only_queries,
        request.header(b"last-event-id"),
        reference_of(parts),
    )


def _of_url(request: Incoming) -> dict[str, Any]:
    """Return the parts of a request by GET.

    Raises:
        RequestRefused: a part comes twice, or is not JSON where it has to be.
    """
    pairs = request.parameters()
    parts: dict[str, Any] = dict(pairs)
    if len(parts) != len(pairs):
        message = "A parameter of the URL comes twice."
        raise malformed(message)
    if any("\ud800" <= character <= "\udfff" for value in parts.values() for character in value):
        message = "The URL is not UTF-8."
        raise malformed(message)
    for name in ("variables", "extensions"):
        if name in parts:
            try:
                parts[name] = decode(parts[name])
            except ValueError as fault:
                message = f"The parameter `{name}` cannot be read: {fault}."
                raise malformed(message) from None
    return parts


def _check_media_type(request: Incoming) -> None:
    """Refuse a body that is not declared as plain JSON in UTF-8.

    A form or a text/plain body can be sent by any page without asking; JSON cannot.
    """
    if not _is_json(request.headers.get(b"content-type", b"")):
        message = "The body has to be JSON in UTF-8, with Content-Type: application/json."
        raise malformed(message, HTTPStatus.UNSUPPORTED_MEDIA_TYPE)
    encoding = request.header(b"content-encoding")
    if encoding is not None and encoding.strip().lower() != "identity":
        message = "Compressed bodies are not taken; send the JSON as it is."
        raise malformed(message, HTTPStatus.UNSUPPORTED_MEDIA_TYPE)


@functools.lru_cache(SPELLINGS)
def _is_json(content_type: bytes) -> bool:
    """Say whether a Content-Type is that of JSON in UTF-8."""
    media_type, _, rest = content_type.decode("latin-1").partition(";")
    parameters = [part.strip().lower() for part in rest.split(";") if part.strip()]
    is_utf8 = all(
        not part.startswith("charset=") or part[8:].strip('"') in ("utf-8", "utf8") for part in parameters
    )
    return media_type.strip().lower() == _JSON and is_utf8


async def _body(request: Incoming, settings: Settings) -> bytes:
    """Return the body, as long as it is neither too long nor too slow.

    Raises:
        RequestRefused: the declared or the real length passes the limit, or the time does.
        ClientDisconnect: the client has gone.
    """
    limit = settings.max_body_bytes
    declared = request.headers.get(b"content-length", b"0")
    if not declared.isdigit() or int(declared[:20]) > limit:
        raise _too_long(limit)
    body = request.body_at_once()
    if body is not None:
        if len(body) > limit:
            raise _too_long(limit)
        return body
    try:
        async with asyncio.timeout(settings.body_timeout_seconds):
            return await _received(request, limit)
    except TimeoutError:
        message = f"The body did not arrive within {settings.body_timeout_seconds:g} s."
        raise malformed(message, HTTPStatus.REQUEST_TIMEOUT, {"Connection": "close"}) from None


async def _received(request: Incoming, limit: int) -> bytes:
    """Return the body.

    Raises:
        RequestRefused: its length passes the limit.
        ClientDisconnect: the client has gone.
    """
    chunks: list[bytes] = []
    length, is_more = 0, True
    while is_more:
        part = await request.receive()
        if part["type"] == "http.disconnect":
            raise ClientDisconnect
        chunk = part.get("body", b"")
        length += len(chunk)
        if length > limit:
            raise _too_long(limit)
        chunks.append(chunk)
        is_more = part.get("more_body", False)
    return b"".join(chunks)


def _too_long(limit: int) -> RequestRefused:
    """Return the refusal of a body that is longer than is read."""
    message = f"The body is longer than {limit} bytes."
    return malformed(message, HTTPStatus.REQUEST_ENTITY_TOO_LARGE, {"Connection": "close"})


def accepted(values: Iterable[str]) -> list[tuple[str, float]]:
    """Return the media types of Accept headers with their weights (RFC 9110, 12.5.1)."""
    found = []
    for item in ",".join(values).split(","):
        media_type, *parameters = (part.strip().lower() for part in item.split(";"))
        weight = 1.0
        for parameter in parameters:
            name, _, value = parameter.partition("=")
            if name.strip() == "q":
                weight = _weight(value.strip())
            elif name.strip() == "charset" and value.strip(' "') not in ("utf-8", "utf8"):
                weight = 0.0
        if media_type:
            found.append((media_type, weight))
    return found


def _weight(text: str) -> float:
    """Return the weight that a text stands for; one that is none counts nothing."""
    try:
        weight = float(text)
    except ValueError:
        return 0.0
    return weight if 0 <= weight <= 1 else 0.0
