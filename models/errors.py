"""Why was a command refused, and what would be allowed?

Refusal                      a caller can put it right; nothing was written
├── InputRefusal             an argument cannot be used as it is
│   ├── MalformedId          not an id at all
│   ├── WrongIdType          the id of another kind of record; names both
│   ├── Invalid              a value out of its range, too long, missing, or in contradiction to another
│   └── UnfitReason          a status reason that cannot be given here; lists those that can
├── NotFound                 no such record, or not this viewer's: the two answer the same
├── Forbidden                this viewer's role may not run the command
├── StaleVersion             someone else changed the record since it was read
├── Blocked                  the record's state or a guard does not let the command through
├── Duplicate                records that look the same exist
├── Undone                   an item of a bulk command was taken back since another was refused
├── IdempotencyKeyReused     the key was used with other input
└── IdempotencyInProgress    the first call with this key is still running
"""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

Path = tuple[str | int, ...]

# Long enough for any real id.
_SHOWN = 60


@dataclass(frozen=True)
class Blocker:
    """One unmet condition of a transition: stable code, words that name the way out, argument path."""

    code: str
    message: str
    path: Path = ()


class Refusal(Exception):  # noqa: N818  # A refusal is an answer, not a fault.
    """A command was refused; its transaction leaves no trace.

    ``path`` is the GraphQL path of the argument at fault, from the mutation's arguments down.
    """

    code = "REFUSED"

    def __init__(self, message: str, *, path: Path = ("input",)) -> None:
        super().__init__(message)
        self.message = message
        self.path = path


class InputRefusal(Refusal):
    """An argument cannot be used as it is."""

    code = "VALIDATION"


class MalformedId(InputRefusal):
    """A text that is not an id."""

    code = "MALFORMED_ID"

    def __init__(self, text: str, *, path: Path = ("input", "id")) -> None:
        shown = text if len(text) <= _SHOWN else text[:_SHOWN] + "…"  # Long enough for any real id.
        super().__init__(
            f"{shown!r} is not an id; ids look like quote_01jz8k… and come from `id` fields.", path=path
        )


class WrongIdType(InputRefusal):
    """The id of another kind of record."""

    code = "WRONG_ID_TYPE"

    def __init__(self, expected: str, given: str, *, path: Path = ("input", "id")) -> None:
        super().__init__(f"This is the id of {_a(given)}; {_a(expected)} is needed here.", path=path)
        self.expected = expected
        self.given = given


class Invalid(InputRefusal):
    """A value out of its range, too long, missing, or in contradiction to another."""

    def __init__(self, message: str, *, path: Path = ("input",), code: str = "VALIDATION") -> None:
        super().__init__(message, path=path)
        self.code = code


class UnfitReason(InputRefusal):
    """A status reason that cannot be given here, or none where one is needed.

    ``allowed`` holds (noun, key) of each reason that can be given, in the order of the state's reasons.
    """

    def __init__(
        self, message: str, allowed: Sequence[tuple[str, UUID]], *, path: Path, code: str = "REASON_REQUIRED"
    ) -> None:
        super().__init__(message, path=path)
        self.code = code
        self.allowed = tuple(allowed)


class NotFound(Refusal):
    """No such record, or not this viewer's."""

    code = "NOT_FOUND"

    def __init__(self, noun: str, *, path: Path = ("input", "id")) -> None:
        super().__init__(f"There is no such {noun.replace('_', ' ')} that you may see.", path=path)


class Forbidden(Refusal):
    """This viewer's role may not run the command."""

    code = "FORBIDDEN"

    def __init__(self, command: str, role: str) -> None:
        super().__init__(f"The role {role} may not run {command}; ask an admin for a key that may.", path=())


class StaleVersion(Refusal):
    """Someone else changed the record since it was read."""

    code = "STALE_VERSION"

    def __init__(self, noun: str, key: UUID, *, expected: int, actual: int) -> None:
        super().__init__(
            f"You expected version {expected}, the {noun.replace('_', ' ')} is at version {actual}: "
            "read it again, and repeat the command with the new version if it still makes sense.",
            path=("input", "expectedVersion"),
        )
        self.noun = noun
        self.key = key


class Blocked(Refusal):
    """The record's state or a guard does not let the command through.

    ``allowed`` lists the commands that the present state offers, by their GraphQL names; ``obstacles`` holds
    (noun, key) of each record that stands in the way.
    """

    def __init__(
        self,
        blockers: Sequence[Blocker],
        *,
        command: str,
        status: str,
        allowed: Sequence[str],
        obstacles: Sequence[tuple[str, UUID]] = (),
    ) -> None:
        first = blockers[0]
        super().__init__(first.message, path=first.path or ("input", "id"))
        self.code = first.code
        self.blockers = tuple(blockers)
        self.command = command
        self.status = status
        self.allowed = tuple(allowed)
        self.obstacles = tuple(obstacles)


@dataclass(frozen=True)
class Candidate:
    """A record that looks the same: its noun and key, codes of what the two have in common, and words."""

    noun: str
    key: UUID
    reasons: tuple[str, ...]
    message: str


class Duplicate(Refusal):
    """Records that look the same exist; the best match comes first."""

    code = "DUPLICATE_DETECTED"

    def __init__(self, message: str, candidates: Sequence[Candidate]) -> None:
        super().__init__(message, path=("input", "onDuplicate"))
        self.candidates = tuple(candidates)


class Undone(Refusal):
    """An item of a bulk command was fine, and taken back since another was refused."""

    code = "OTHERS_REFUSED"

    def __init__(self) -> None:
        message = "Another input was refused, and with it all: put it right and repeat, or pass mode EACH."
        super().__init__(message, path=("mode",))


class IdempotencyKeyReused(Refusal):
    """The key was used with other input."""

    code = "IDEMPOTENCY_KEY_REUSED"

    def __init__(self) -> None:
        super().__init__(
            "This idempotencyKey was used with other input; use a new key for a new command.",
            path=("input", "idempotencyKey"),
        )


class IdempotencyInProgress(Refusal):
    """The first call with this key is still running."""

    code = "IDEMPOTENCY_IN_PROGRESS"

    def __init__(self) -> None:
        super().__init__(
            "The first call with this idempotencyKey is still running; repeat the call in a moment.",
            path=("input", "idempotencyKey"),
        )


def _a(noun: str) -> str:
    """Return the noun with its article, in words; a user and a unit are spoken with a y."""
    words = noun.replace("_", " ")
    return f"{'an' if words[0] in 'aeio' else 'a'} {words}"
