"""How are many commands of one kind carried out together?

In one transaction, each in a savepoint of its own: a refused one leaves no trace, and the others stand or
fall with it as the mode says. Whoever called commits, or rolls back for a dry run.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

from sqlmodel import Session

from models.access import Viewer
from models.errors import Blocked, Forbidden, IdempotencyInProgress, Invalid, Path, Refusal, Undone
from models.event import IdempotencyEntry
from models.lifecycle.declaration import Transition
from models.lifecycle.idempotency import claim, remember
from models.lifecycle.outcome import Outcome
from models.lifecycle.run import Command, lock_all, run
from models.moment import Moment

MOST_ITEMS = 250


class BulkMode(StrEnum):
    """What becomes of the other items of a bulk command when one is refused."""

    ALL_OR_NOTHING = "ALL_OR_NOTHING"
    EACH = "EACH"


@dataclass(frozen=True)
class BulkCommand:
    """A transition to be carried out many times; ``given`` holds what ``Command`` takes, once an item."""

    transition: Transition
    given: Sequence[Mapping[str, Any]]
    mode: BulkMode
    idempotency_key: str | None
    viewer: Viewer
    moment: Moment

    @property
    def command(self) -> str:
        """The GraphQL name: ``bulkCreateLead``."""
        name = self.transition.command
        return f"bulk{name[0].upper()}{name[1:]}"


@dataclass
class BulkOutcome:
    """What became of each item, in their order. A repeat has ``entry``, and no results."""

    results: list[Outcome | Refusal]
    entry: IdempotencyEntry | None = None
    is_replay: bool = False

    @property
    def is_refused(self) -> bool:
        """Whether any item was refused."""
        return any(isinstance(each, Refusal) for each in self.results)


def run_bulk(session: Session, bulk: BulkCommand) -> BulkOutcome:
    """Carry out a bulk command inside the session's transaction, without committing.

    With ALL_OR_NOTHING every item is tried, so that all refusals are told at once. Where one was refused, the
    caller has to roll back: the results of the others are ``Undone``.

    Raises:
        Refusal: of the whole call: the role, the number of items, or the idempotency key.
    """
    if not bulk.viewer.may(bulk.transition.name):
        raise Forbidden(bulk.command, bulk.viewer.role)
    if not 0 < len(bulk.given) <= MOST_ITEMS:
        message = f"There are {len(bulk.given)} inputs; a bulk command takes 1 to {MOST_ITEMS}."
        raise Invalid(message, path=("inputs",))
    entry: IdempotencyEntry | None = None
    if bulk.idempotency_key is not None:
        told = {"inputs": [bulk.transition.told(each) for each in bulk.given], "mode": str(bulk.mode)}
        key, who = bulk.idempotency_key, bulk.viewer.id
        entry, is_replay = claim(session, who, bulk.command, key, given=told, moment=bulk.moment)
        if is_replay:
            return BulkOutcome([], entry, is_replay=True)
    # All at once, in one order: two calls that meet in different orders would else wait for one another.
    lock_all(session, bulk.transition, bulk.given)
    results = [_one(session, bulk, index) for index in range(len(bulk.given))]
    outcome = BulkOutcome(results, entry)
    if outcome.is_refused and bulk.mode is BulkMode.ALL_OR_NOTHING:
        outcome.results = [each if isinstance(each, Refusal) else Undone() for each in results]
    return outcome


def _one(session: Session, bulk: BulkCommand, index: int) -> Outcome | Refusal:
    """Carry out one item, and return its refusal instead of raising it."""
    command = Command(bulk.transition, bulk.given[index], bulk.viewer, bulk.moment)
    try:
        with session.begin_nested():
            outcome = run(session, command)
            # A key of the item's own: a repeat finds the records, and reads them as it asks for them.
            remember(session, outcome, "", "")
    except (Forbidden, IdempotencyInProgress):
        raise
    except Refusal as refusal:
        return _placed(refusal, index)
    return outcome


def _placed(refusal: Refusal, index: int) -> Refusal:
    """Return a refusal that speaks of its item: ``input.id`` is ``inputs.3.id``."""
    refusal.path = _moved(refusal.path, index)
    if isinstance(refusal, Blocked):
        refusal.blockers = tuple(replace(each, path=_moved(each.path, index)) for each in refusal.blockers)
    return refusal


def _moved(path: Path, index: int) -> Path:
    """Return the path of an argument of one item."""
    return ("inputs", index, *path[1:]) if path[:1] == ("input",) else path
