"""What does a mutation field command: one transition, or many of one kind?"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlmodel import Session

from graphql_api.errors import user_error
from graphql_api.planner.backing import Publishes
from graphql_api.types.bulk import refused_bulk
from graphql_api.types.command import python_names, refused_payload
from models.access import Viewer
from models.errors import Refusal
from models.lifecycle import (
    REGISTRY,
    BulkCommand,
    BulkMode,
    Command,
    Outcome,
    Transition,
    run,
    run_bulk,
    thawed,
)
from models.moment import Moment


@dataclass(frozen=True)
class Single:
    """One transition, with its input by Python names."""

    transition: Transition
    given: dict[str, Any]

    def run(self, session: Session, viewer: Viewer, moment: Moment) -> Outcome:
        """Carry it out inside the session's transaction, without committing."""
        return run(session, Command(self.transition, self.given, viewer, moment))

    def refused(self, refusal: Refusal) -> dict[str, Any]:
        """Return the payload of a refusal."""
        return refused_payload(self.transition, [user_error(refusal)])


class _NothingDone(Refusal):
    """An item was refused, and with it all; ``payload`` tells of each."""

    def __init__(self, payload: dict[str, Any]) -> None:
        super().__init__("An item was refused.")
        self.payload = payload


@dataclass(frozen=True)
class Many:
    """One transition for each of several inputs."""

    transition: Transition
    given: Sequence[dict[str, Any]]
    mode: BulkMode
    idempotency_key: str | None

    def run(self, session: Session, viewer: Viewer, moment: Moment) -> Outcome:
        """Carry all out inside the session's transaction, without committing.

        Raises:
            Refusal: nothing may be kept.
        """
        command = BulkCommand(self.transition, self.given, self.mode, self.idempotency_key, viewer, moment)
        done = run_bulk(session, command)
        if done.entry is not None and done.is_replay:
            return Outcome(thawed(done.entry.outcome or {}), [], done.entry, is_replay=True)
        results = [
            refused_payload(self.transition, [user_error(each)])
            if isinstance(each, Refusal)
            else {**each.payload, "user_errors": []}
            for each in done.results
        ]
        refused = sum(isinstance(each, Refusal) for each in done.results)
        payload = {"results": results, "succeeded": len(results) - refused, "refused": refused}
        if refused and self.mode is BulkMode.ALL_OR_NOTHING:
            raise _NothingDone({**payload, "succeeded": 0, "refused": len(results), "user_errors": []})
        keys = [key for each in done.results if isinstance(each, Outcome) for key in each.event_keys]
        return Outcome(payload, keys, done.entry)

    def refused(self, refusal: Refusal) -> dict[str, Any]:
        """Return the payload of a refusal, of the whole call or of its items."""
        return refusal.payload if isinstance(refusal, _NothingDone) else refused_bulk([user_error(refusal)])


def work_of(source: Publishes, arguments: Mapping[str, Any]) -> Single | Many:
    """Return what a field commands, given its coerced arguments."""
    transition = REGISTRY[source.transition]
    if not source.is_bulk:
        return Single(transition, python_names(transition, arguments["input"]))
    given = [python_names(transition, each) for each in arguments["inputs"]]
    return Many(transition, given, BulkMode(arguments["mode"]), arguments.get("idempotencyKey"))


def keyed(work: Single | Many, key: str) -> Single | Many | None:
    """Return work under the idempotency key of the header, None where it bears another one of its own."""
    if isinstance(work, Many):
        same = work.idempotency_key in {None, key}
        return Many(work.transition, work.given, work.mode, key) if same else None
    return work if work.given.setdefault("idempotency_key", key) == key else None
