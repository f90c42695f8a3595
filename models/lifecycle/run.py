"""How is a transition carried out?

In a straight line: permission; the idempotency key; a lock on the chain; the record with the facts of its
guards; state, version and guards; the body; one event a touched record. Whoever called commits, or rolls
back for a dry run.
"""

from collections.abc import Callable, Collection, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from sqlmodel import Session

from models.access import Viewer
from models.errors import Blocked, Blocker, Forbidden, Invalid, NotFound, Path, Refusal, StaleVersion
from models.event import IdempotencyEntry
from models.lifecycle import finding
from models.lifecycle.arguments import decode_id, keywords, unwrap
from models.lifecycle.change import Change
from models.lifecycle.declaration import REGISTRY, Seen, Transition
from models.lifecycle.idempotency import claim
from models.lifecycle.listing import allowed_commands
from models.lifecycle.outcome import Made, Outcome, Pointer, payload_of, thawed
from models.moment import Moment
from models.record import Record, Versioned, table
from models.status import Staged


@dataclass(frozen=True)
class Command:
    """A transition to be carried out for a viewer.

    ``given`` is the coerced input object by Python names: the arguments, and ``id`` (public),
    ``expected_version`` and ``idempotency_key`` where they were given. What is absent was not given.
    """

    transition: Transition
    given: Mapping[str, Any]
    viewer: Viewer
    moment: Moment


def run(session: Session, command: Command) -> Outcome:
    """Carry out a command inside the session's transaction, without committing.

    Raises:
        Refusal: nothing may be kept; the caller rolls back.
    """
    transition, given = command.transition, command.given
    if not command.viewer.may(transition.name):
        raise Forbidden(transition.command, command.viewer.role)
    entry: IdempotencyEntry | None = None
    if (key := given.get("idempotency_key")) is not None:
        who, told = command.viewer.id, transition.told(given)
        entry, is_replay = claim(session, who, transition.command, key, given=told, moment=command.moment)
        if is_replay:
            return Outcome(thawed(entry.outcome or {}), [], entry, is_replay=True)
    arguments = {**transition.defaults, **keywords(transition.parameters, given)}
    change = Change(session, command.viewer, command.moment)
    if transition.creates:
        payload = _create(change, transition, arguments)
    else:
        payload = _advance(change, transition, given, arguments)
    return Outcome(payload, change.finish(), entry)


def perform(
    change: Change,
    body: Callable[..., Any],
    record: Versioned,
    *,
    asked_by: Path = ("input", "id"),
    **arguments: Any,
) -> Any:  # The body's result.
    """Carry out another transition on a record as a part of the running command, which becomes its cause.

    Raises:
        Blocked: the record's state or a guard does not let it through. The refusal is that of the running
            command, at the path of the argument that asked for it.
    """
    change.flush()
    transition = REGISTRY[body.__name__]
    _, facts = _load(change, transition, record.id, is_part=True)
    try:
        return _carry_out(change, transition, record, facts, {**transition.defaults, **arguments})
    except Blocked as refusal:
        blockers = [replace(blocker, path=asked_by) for blocker in refusal.blockers]
        change.refuse(*blockers, obstacles=refusal.obstacles)


def _create(change: Change, transition: Transition, arguments: Mapping[str, Any]) -> dict[str, Any]:
    """Run a body that starts from nothing, and return the payload."""
    change.command = transition.command
    finding.lock(change.session, _referred(transition, arguments))
    result = transition.body(change, **arguments)
    made = result if isinstance(result, Made) else Made(result)
    if not made.already_done:
        change.tell(made.record, transition.event)
    return payload_of(made.record, made, already_done=made.already_done)


def _advance(
    change: Change, transition: Transition, given: Mapping[str, Any], arguments: Mapping[str, Any]
) -> dict[str, Any]:
    """Carry a transition out on the record whose id was given, and return the payload."""
    key = _key(transition, given)
    finding.lock(change.session, [(transition.table, key), *_referred(transition, arguments)])
    record, facts = _load(change, transition, key)
    if isinstance(record, Staged) and transition.was_done(record, arguments):
        result = transition.recall(change, record) if transition.recall else None
        return payload_of(record, result, already_done=True)
    _check_version(transition, record, given)
    result = _carry_out(change, transition, record, facts, arguments)
    return payload_of(record, result, already_done=False)


def _carry_out(
    change: Change,
    transition: Transition,
    record: Versioned,
    facts: Mapping[str, Any],
    arguments: Mapping[str, Any],
) -> Any:  # The body's result.
    """Check state and guards, move the record, and run the body."""
    state = record.state if isinstance(record, Staged) else ""
    blockers = (
        transition.blockers(Seen(facts, change.moment, change.viewer, arguments))
        if transition.starts_from(state)
        else [_wrong_state(transition, record, state)]
    )
    if blockers:
        status, allowed = state.partition(".")[0], allowed_commands(transition.table, state)
        found = _obstacles(change, transition, record, {blocker.code for blocker in blockers})
        raise Blocked(blockers, command=transition.command, status=status, allowed=allowed, obstacles=found)
    with change.causing(record, transition.command, transition.event):
        if transition.target is not None and transition.reason is not None and isinstance(record, Staged):
            change.become(record, transition.target, transition.reason)
        result = transition.body(change, record, **arguments)
        # Whatever the body left to be written was caused by this command, too.
        change.flush()
        return result


def _obstacles(
    change: Change, transition: Transition, record: Versioned, codes: Collection[str]
) -> list[tuple[str, UUID]]:
    """Return noun and key of the records that stand in the way of a command, by the guards that refused."""
    selects = [
        each.obstacles(record)
        for each in transition.guards
        if each.code in codes and each.obstacles is not None
    ]
    rows: list[Record] = [row for one in selects for row in change.session.execute(one).scalars()]
    return [(row.noun(), row.id) for row in rows]


def _referred(transition: Transition, arguments: Mapping[str, Any]) -> list[tuple[type[Record], UUID]]:
    """Return the records among the arguments that are locked with the command's own."""
    found = []
    for name, annotation in transition.parameters.items():
        reference, value = unwrap(annotation)[1], arguments.get(name)
        if reference is not None and reference.is_locked and value is not None:
            place = value if isinstance(value, Pointer) else Pointer(reference.nouns[0], value)
            found.append((table(place.noun), place.key))
    return found


def lock_all(session: Session, transition: Transition, given: Iterable[Mapping[str, Any]]) -> None:
    """Lock the chains of many commands of one kind at once, before the first of them is carried out.

    One that cannot even be read locks nothing: it is refused in its turn.
    """
    places: list[tuple[type[Record], UUID]] = []
    for each in given:
        with suppress(Refusal):
            places += _referred(transition, keywords(transition.parameters, each))
            if not transition.creates:
                places.append((transition.table, _key(transition, each)))
    finding.lock(session, places)


def _key(transition: Transition, given: Mapping[str, Any]) -> UUID:
    """Return the key of the record that a command is about.

    Raises:
        MalformedId, WrongIdType: it is none of the transition's table.
    """
    return decode_id(str(given["id"]), transition.table.noun(), ("input", "id"))


def _load(
    change: Change, transition: Transition, key: UUID, *, is_part: bool = False
) -> tuple[Versioned, dict[str, Any]]:
    """Return the record and the facts of the transition's guards, read after its chain was locked.

    Raises:
        NotFound: no such record, or not this viewer's.
    """
    row = finding.record_and_facts(
        change.session, transition, key, change.viewer, change.moment, is_part=is_part
    )
    if row is None:
        raise NotFound(transition.table.noun())
    record, *values = row
    return record, dict(zip(finding.needed(transition), values, strict=True))


def _check_version(transition: Transition, record: Versioned, given: Mapping[str, Any]) -> None:
    """Refuse a command that was made for another version of the record.

    Raises:
        Invalid: the version is demanded and was not given at all.
        StaleVersion: someone else changed the record since.
    """
    if transition.demands_version and "expected_version" not in given:
        message = (
            f"{transition.command} changes prices or lines: pass the version you read as expectedVersion, "
            "or null to overwrite whatever is there."
        )
        raise Invalid(message, path=("input", "expectedVersion"), code="EXPECTED_VERSION_REQUIRED")
    expected = given.get("expected_version")
    if expected is not None and expected != record.version:
        raise StaleVersion(record.noun(), record.id, expected=expected, actual=record.version)


def _wrong_state(transition: Transition, record: Versioned, state: str) -> Blocker:
    """Return the blocker that says which state is needed, and what the present one offers."""
    allowed = allowed_commands(transition.table, state)
    noun = record.noun().replace("_", " ")
    needed = " or ".join(transition.sources)
    # The reason matters only where the command asks for one.
    present = state if "." in needed else state.partition(".")[0]
    offer = f"it offers {', '.join(allowed)}" if allowed else "it offers no command"
    message = f"This {noun} is {present}; {transition.command} needs {needed}: {offer}."
    frozen = isinstance(record, Staged) and record.status in record.read_only
    return Blocker(transition.when_read_only if frozen else "ILLEGAL_TRANSITION", message, ("input", "id"))
