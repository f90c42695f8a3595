"""Which text does the hash of a request stand for, and may this caller run it?

Trusted documents are in the database (models/trusted_document.py), for good. What clients register by
themselves, as Apollo's automatic persisted queries do, is kept in this process for a while, and in bounds: a
server that does not know a hash says so, and the client sends the text along. One never becomes the other.
"""

import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from http import HTTPStatus

from graphql_api.errors import ErrorCode, RequestRefused, refused
from graphql_api.operation.reference import Reference, unusable
from graphql_api.operation.reply import Question
from graphql_api.settings import ANONYMOUS, Settings
from models.access import Viewer
from models.database import Database
from models.trusted_document import sha256_of, trusted_text

# Without the text: the hash, and what holds the entry.
_ENTRY_BYTES = 300


class Texts:
    """Texts by their hashes, the least recently used first to go; bounded in number, bytes and time.

    None stands for a hash that is known to have no text.
    """

    def __init__(
        self, entries: int, most_bytes: int, seconds: float, now: Callable[[], float] = time.monotonic
    ) -> None:
        self._entries = entries
        self._most_bytes = most_bytes
        self._seconds = seconds
        self._now = now
        self._lock = threading.Lock()
        self._kept: OrderedDict[str, tuple[float, int, str | None]] = OrderedDict()
        self._bytes = 0

    def __len__(self) -> int:
        """Return how many are kept."""
        return len(self._kept)

    def find(self, sha256: str) -> tuple[bool, str | None]:
        """Return whether a hash is kept, and its text."""
        with self._lock:
            until, _, text = self._kept.get(sha256, (0.0, 0, None))
            if self._now() >= until:
                self._drop(sha256)
                return False, None
            self._kept.move_to_end(sha256)
            return True, text

    def keep(self, sha256: str, text: str | None) -> None:
        """Keep the text of a hash from now on."""
        size = _ENTRY_BYTES + len((text or "").encode())
        with self._lock:
            self._drop(sha256)
            self._kept[sha256] = (self._now() + self._seconds, size, text)
            self._bytes += size
            while len(self._kept) > self._entries or self._bytes > self._most_bytes:
                self._drop(next(iter(self._kept)))

    def _drop(self, sha256: str) -> None:
        """Let one go, if it is there."""
        _, size, _ = self._kept.pop(sha256, (0.0, 0, None))
        self._bytes -= size


class Registered:
    """The documents that have a hash, for one process."""

    def __init__(self, settings: Settings, database: Database) -> None:
        self._required_of = frozenset(settings.trusted_documents)
        self._database = database
        bounds = (settings.persisted_query_entries, settings.persisted_query_bytes)
        self._automatic = Texts(*bounds, settings.persisted_query_seconds)
        # As with keys: what was removed is refused after at most so long.
        self._trusted = Texts(*bounds, settings.key_cache_seconds)

    def text_of(self, question: Question, caller: Viewer | None) -> str:
        """Return the text that a request asks for, given or by its hash.

        Raises:
            RequestRefused: nobody registered the hash, it is that of another text, or the caller may run
                trusted documents only.
        """
        reference, is_bound = question.reference, self._is_bound(caller)
        if question.text is None:
            text = None if reference is None else self._found(reference.sha256, is_bound=is_bound)
            if text is None:
                raise _unknown(reference)
            return text
        sha256 = sha256_of(question.text) if is_bound or reference is not None else ""
        if reference is not None and reference.sha256 != sha256:
            message = f"The hash is not that of the text in `query`, whose SHA-256 is {sha256}."
            raise unusable(message)
        if is_bound and self._trusted_text(sha256) is None:
            raise _untrusted()
        return question.text

    def keep(self, question: Question, caller: Viewer | None) -> None:
        """Keep the text that came with its hash, which fits the schema. Nobody does so without a key."""
        if question.text is None or question.reference is None or caller is None or self._is_bound(caller):
            return
        self._automatic.keep(question.reference.sha256, question.text)

    def is_free(self, question: Question, caller: Viewer) -> bool:
        """Say whether the text that came is the one to run: no hash has to be looked at."""
        return question.text is not None and question.reference is None and not self._is_bound(caller)

    def _is_bound(self, caller: Viewer | None) -> bool:
        """Say whether a caller may run trusted documents only."""
        return (ANONYMOUS if caller is None else str(caller.role)) in self._required_of

    def _found(self, sha256: str, *, is_bound: bool) -> str | None:
        """Return the text of a hash, None where there is none for this caller."""
        if not is_bound:
            _, text = self._automatic.find(sha256)
            if text is not None:
                return text
        return self._trusted_text(sha256)

    def _trusted_text(self, sha256: str) -> str | None:
        """Return the text of a trusted document, from the cache or the database."""
        is_kept, text = self._trusted.find(sha256)
        if is_kept:
            return text
        with self._database.reading() as session:
            text = trusted_text(session, sha256)
        self._trusted.keep(sha256, text)
        return text


def _unknown(reference: Reference | None) -> RequestRefused:
    """Return the refusal of a hash that nobody registered."""
    # Clients of Apollo's protocol compare the whole message.
    message = (
        "PersistedQueryNotFound"
        if reference is None or reference.is_apollos
        else f"No document is registered under {reference.sha256}; send its text as `query` too."
    )
    return refused(ErrorCode.PERSISTED_QUERY_NOT_FOUND, message, HTTPStatus.BAD_REQUEST)


def _untrusted() -> RequestRefused:
    """Return the refusal of a document that its caller would have to have registered."""
    message = "This key may run trusted documents only, and this is none: an operator registers them."
    return refused(ErrorCode.PERSISTED_QUERY_REQUIRED, message, HTTPStatus.FORBIDDEN)
