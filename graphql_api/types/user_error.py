"""What did a command refuse, and what does the caller need to put it right?"""

from graphql_api.types.backed import by_name, given, list_of, shown, shown_interface
from graphql_api.types.node import Node, Versioned
from graphql_api.types.transition import Blocker


@shown_interface
class UserError:
    """Why a command was refused. Nothing was written; the caller can put it right."""

    code = given(str, "Stable code, for programs, for example QUOTE_EXPIRED.")
    message = given(str, "The cause, the present state and the way out, for people.")
    path = given(list[str], "Path of the argument at fault, from the mutation's arguments down.")


@shown
class InputError(UserError):
    """An argument cannot be used as it is: malformed, too long, missing, the id of another kind of record."""


@shown
class NotFoundError(UserError):
    """There is no such record that you may see. What does not exist and what is not yours answer the same."""


@shown
class StaleVersionError(UserError):
    """Someone else changed the record since you read it."""

    current = given(Versioned | None, "The record as it is now.")


@shown
class TransitionError(UserError):
    """The record's state, or a condition of the command, does not let it through."""

    status = given(str, "The state that the record is in.")
    command = given(str, "The mutation that was refused.")
    allowed = given(list[str], "The mutations that the record's state offers.")
    blockers = given(list[Blocker], "Each unmet condition.")
    obstacles = given(
        list[Node], "The records that stand in the way, for example open quotes; empty where it is the state."
    )


@shown
class ReasonError(UserError):
    """The status reason cannot be given here: it is not one of the state's, or inactive, or missing."""

    allowed = given(
        list_of(by_name("StatusReason")), "The reasons that can be given here, in the order of the state's."
    )


@shown
class DuplicateError(UserError):
    """Records that look the same exist."""

    candidates = given(
        list_of(by_name("DuplicateCandidate")), "The records that look the same and why, best match first."
    )


@shown
class UndoneError(UserError):
    """The input was fine, and was taken back since another one of the same call was refused."""


@shown
class IdempotencyError(UserError):
    """The `idempotencyKey` was used with other input."""
