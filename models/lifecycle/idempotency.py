"""Has this command been run before, and what was the answer?

An entry is written in the command's own transaction: there is an answer exactly if there was an effect.
Key space: user, command, key. A refused call leaves no entry.
"""

import hashlib
import json
from collections.abc import Mapping
from datetime import timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import bindparam, null
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import OperationalError
from sqlmodel import Session, col, update

from models.errors import IdempotencyInProgress, IdempotencyKeyReused, Invalid
from models.event import IdempotencyEntry
from models.lifecycle.arguments import require_text
from models.lifecycle.outcome import Outcome, frozen
from models.moment import Moment
from models.money import plain
from models.record import Instant

# A client that has not heard for a day asks what happened instead of repeating (api: 24 hours).
KEPT_FOR = timedelta(hours=24)
LONGEST_KEY = 255
_LOCK_NOT_AVAILABLE = "55P03"  # PostgreSQL's SQLSTATE where a lock timeout ended the wait.


def claim(
    session: Session, user_id: UUID, command: str, key: str, *, given: Mapping[str, Any], moment: Moment
) -> tuple[IdempotencyEntry, bool]:
    """Return the entry of the key, and whether it is an earlier call's: then it holds the answer.

    On PostgreSQL the insert waits for a running first call to end, at most its lock timeout.

    Raises:
        IdempotencyInProgress: the first call was still running when the wait was over.
        Invalid: an empty key, one of more than 255 characters, or one that no database stores.
        IdempotencyKeyReused: the earlier call had other input.
    """
    if not 0 < len(key) <= LONGEST_KEY:
        message = f"An idempotencyKey has 1 to {LONGEST_KEY} characters; this one has {len(key)}."
        raise Invalid(message, path=("input", "idempotencyKey"))
    require_text(key, ("input", "idempotencyKey"))
    input_hash = hash_of(given)
    own: dict[str, Any] = {"user_id": user_id, "command": command, "key": key}
    new = own | {"input_hash": input_hash, "created_at": moment.now}
    connection = session.connection()
    claiming = _CLAIMING[connection.dialect.name]
    try:
        made = connection.execute(claiming, new | {"oldest": moment.now - KEPT_FOR}).first()
    except OperationalError as fault:
        if getattr(fault.orig, "sqlstate", None) == _LOCK_NOT_AVAILABLE:
            raise IdempotencyInProgress from fault
        raise
    if made is not None:
        return IdempotencyEntry(**new), False
    entry = session.get_one(IdempotencyEntry, (user_id, command, key))
    if entry.input_hash != input_hash:
        raise IdempotencyKeyReused
    return entry, True


def _claiming(insert: Any) -> Any:  # An INSERT of either engine, and what comes of it.
    """Return the statement that writes an entry, in the place of one that has become too old."""
    names = ("user_id", "command", "key", "input_hash", "created_at")
    statement = insert(IdempotencyEntry).values({name: bindparam(name) for name in names})
    anew = {name: getattr(statement.excluded, name) for name in ("input_hash", "created_at")}
    emptied = dict.fromkeys(("selection_hash", "answer", "outcome"), null())
    return statement.on_conflict_do_update(
        index_elements=names[:3],
        set_=anew | emptied,
        where=col(IdempotencyEntry.created_at) < bindparam("oldest", type_=Instant),
    ).returning(col(IdempotencyEntry.key))


_CLAIMING = {"postgresql": _claiming(postgresql.insert), "sqlite": _claiming(sqlite.insert)}
_REMEMBERING = update(IdempotencyEntry.__table__).where(  # type: ignore[attr-defined]  # SQLModel sets it.
    *(getattr(IdempotencyEntry, name) == bindparam(f"of_{name}") for name in ("user_id", "command", "key"))
)


def remember(session: Session, outcome: Outcome, selection_hash: str, answer: str) -> None:
    """Keep the answer of a command with the entry of its key, if it has one.

    ``answer`` is the payload's JSON as it was sent, ``selection_hash`` stands for what was asked for: a
    repeat that asks for the same gets the same bytes.
    """
    if outcome.entry is None or outcome.is_replay:
        return
    entry = outcome.entry
    own = {"of_user_id": entry.user_id, "of_command": entry.command, "of_key": entry.key}
    told = {"selection_hash": selection_hash, "answer": answer, "outcome": frozen(outcome.payload)}
    session.connection().execute(_REMEMBERING, own | told)


def hash_of(given: Mapping[str, Any]) -> str:
    """Return the SHA-256 of an input's canonical JSON, in which 1.5 and 1.50 are one number."""
    canonical = json.dumps(given, sort_keys=True, separators=(",", ":"), default=_written)
    return hashlib.sha256(canonical.encode()).hexdigest()


def _written(value: object) -> str:
    """Return a value that JSON has no form for."""
    return plain(value) if isinstance(value, Decimal) else str(value)
