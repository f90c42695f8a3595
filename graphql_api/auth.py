"""Who is asking?

A request bears an API key, ``Authorization: Bearer sales_…`` or ``X-Api-Key: sales_…``, or in its place the
token of a quote, ``offer_…``; a WebSocket bears it in the payload of ``connection_init``, or in the headers
of its handshake. What a viewer may do and see is decided in ``models/access.py``.
"""

import threading
import time
from collections.abc import Callable, Mapping
from http import HTTPStatus

from graphql_api.errors import ErrorCode, RequestRefused, graphql_error
from models.access import TOKEN_PREFIX, Viewer, digest_of, is_well_formed, user_of
from models.database import Database
from models.quote import customer_of

# A flood of made-up keys must not fill the memory; one entry is some 300 bytes.
_MOST_CACHED = 10_000
# What is known of a key that nobody looked up: it ended long ago.
_UNKNOWN: tuple[float, Viewer | None] = (0.0, None)


def secret_of(headers: Mapping[str, str]) -> str | None:
    """Return the key that headers bear, None where they bear none.

    ``headers`` is looked up by lower-case names.

    Raises:
        RequestRefused: an Authorization of another scheme.
    """
    return secret_in(headers.get("authorization"), headers.get("x-api-key"))


def secret_in(authorization: str | None, api_key: str | None) -> str | None:
    """Return the key that stands in the values of the two headers, None where it stands in neither.

    Raises:
        RequestRefused: an Authorization of another scheme.
    """
    if authorization is None:
        return api_key
    scheme, _, secret = authorization.strip().partition(" ")
    if scheme.lower() != "bearer" or not secret.strip():
        message = "Authorization takes the form `Bearer sales_…`."
        raise unauthenticated(message)
    return secret.strip()


def secret_of_init(payload: Mapping[str, object], headers: Mapping[str, str]) -> str | None:
    """Return the key that a WebSocket's first message bears, else its handshake's headers.

    The names of the payload are those of the headers, in any case.

    Raises:
        RequestRefused: an Authorization of another scheme.
    """
    given = {name.lower(): value for name, value in payload.items() if isinstance(value, str)}
    return secret_of(given) or secret_of(headers)


def unauthenticated(message: str, *, of_transport: bool = True) -> RequestRefused:
    """Return the refusal of a request whose key is malformed, unknown or revoked: 401, whatever is accepted.

    A missing key shows only when the document is known, since the schema may be read without one: that
    refusal is not ``of_transport``, and is 200 for clients of ``application/json``.
    """
    error = graphql_error(ErrorCode.UNAUTHENTICATED, message)
    return RequestRefused(
        [error], HTTPStatus.UNAUTHORIZED, headers={"WWW-Authenticate": "Bearer"}, of_transport=of_transport
    )


def require_viewer(viewer: Viewer | None) -> Viewer:
    """Return the viewer.

    Raises:
        RequestRefused: there is none, and the operation needs one.
    """
    if viewer is None:
        message = "Without an API key only the schema can be read; send `Authorization: Bearer sales_…`."
        raise unauthenticated(message, of_transport=False)
    return viewer


class Authenticator:
    """Turns keys into viewers, and remembers them for a few seconds: as long as a revocation may take."""

    def __init__(
        self,
        database: Database,
        pepper: bytes,
        cache_seconds: float,
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        self._database = database
        self._pepper = pepper
        self._cache_seconds = cache_seconds
        self._now = now
        self._lock = threading.Lock()
        self._known: dict[str, tuple[float, Viewer | None]] = {}

    def forget(self) -> None:
        """Look every key up anew."""
        with self._lock:
            self._known.clear()

    def recall(self, secret: str) -> Viewer | None:
        """Return the viewer of a key that was looked up of late, None for any other: no database is asked."""
        until, known = self._known.get(digest_of(secret, self._pepper), _UNKNOWN)
        return known if self._now() < until else None

    def viewer(self, secret: str | None) -> Viewer | None:
        """Return the viewer that a key speaks for, None without a key. Asks the database, or the cache.

        Raises:
            RequestRefused: the key is malformed, unknown or revoked: the three answer the same.
        """
        if secret is None:
            return None
        is_token = is_well_formed(secret, TOKEN_PREFIX)
        found = self._look_up(secret, is_token=is_token) if is_token or is_well_formed(secret) else None
        if found is None and secret.startswith(TOKEN_PREFIX):
            message = "This token opens no offer: it was closed, or presented anew; ask for another."
            raise unauthenticated(message)
        if found is None:
            message = "This API key is unknown or revoked; ask an admin for another."
            raise unauthenticated(message)
        return found

    def _look_up(self, secret: str, *, is_token: bool) -> Viewer | None:
        """Return the viewer of a well-formed key or token, None for one that is unknown or has ended."""
        digest = digest_of(secret, self._pepper)
        with self._lock:
            until, known = self._known.get(digest, _UNKNOWN)
        if self._now() < until:
            return known
        with self._database.reading() as session:
            found = customer_of(session, secret) if is_token else user_of(session, digest)
        with self._lock:
            if len(self._known) >= _MOST_CACHED:
                self._known.clear()
            self._known[digest] = (self._now() + self._cache_seconds, found)
        return found
