"""What happened, by whom, when and why? Events, and the timelines that tell them as one story."""

from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import Any

from sqlmodel import SQLModel
from strawberry.types.field import StrawberryField

from graphql_api.planner.backing import Computed, Polymorphic, ToMany
from graphql_api.types.backed import (
    Declared,
    argument,
    backed_by,
    built_field,
    column,
    computed,
    describe,
    given,
    one,
    optional,
    shown,
    title,
)
from graphql_api.types.node import Node
from graphql_api.types.paging import connection_of, many, page_arguments
from models.access import ActorKind, Role, Viewer
from models.access import User as UserTable
from models.errors import MalformedId
from models.event import Event, EventKind
from models.moment import Moment
from models.record import parse_id, records


class TimelineScope(StrEnum):
    """How far a timeline looks."""

    SELF = "SELF"
    CHAIN = "CHAIN"


describe(
    TimelineScope,
    "How far a timeline looks.",
    SELF="Only what happened to this record.",
    CHAIN="The whole story of the deal, from the lead to the last invoice.",
)
describe(
    EventKind,
    "What an event tells.",
    name="TimelineEventType",
    CREATED="A record was made.",
    STATUS_CHANGED="A record came to another state.",
    EDITED="A record changed and kept its state.",
    DELETED="A record was deleted; its event keeps what it was.",
)


describe(
    Role,
    "What kind of viewer asks: a user whose key it is, or a customer under the token of a quote.",
    ADMIN="Sees everything and runs every command.",
    SALES="Sees everything and runs the commands of the sales process.",
    PARTNER="Sees the accounts shared with it, and their chains. Reads only.",
    SUPPORT="Sees everything. Reads only.",
    CUSTOMER="Sees one quote, whose token it bears: reads, accepts, declines or comments on it.",
)
describe(
    ActorKind,
    "Who ran a command.",
    USER="A user, with an API key.",
    CUSTOMER="The customer of a quote, under its token.",
    CLOCK="The server itself, when it was time.",
)


@backed_by(UserTable)
class User(Node):
    """Someone, or some program, that runs commands: the actor of events, the owner of records."""

    name = column("What people call the user.")
    sales_teams = many(
        "sales_team_member", "user_id", "The deals that the user works on beside their owners."
    )


@shown
class FieldChange:
    """What became of one field."""

    field = given(str, "The field's name; that of a line bears the line's id in front.")
    before = given(str | None, "The value before, as text; null where there was none.")
    after = given(str | None, "The value since, as text; null where there is none.")


def _changes(values: Mapping[str, Any], viewer: Viewer, moment: Moment) -> list[dict[str, Any]]:
    """Return the changed fields of an event, as the lifecycle wrote them.

    Who does not see every record is not told the ids that a field held: one may be that of a hidden record.
    """
    del moment
    return changes_shown(values["changes"], viewer)


def changes_shown(changes: Sequence[Mapping[str, Any]] | None, viewer: Viewer) -> list[dict[str, Any]]:
    """Return the changes of an event that a viewer is told."""
    shown = changes or ()
    if viewer.role not in viewer.sees_all:
        shown = [each for each in shown if not any(_is_id(each.get(name)) for name in ("before", "after"))]
    return [{name: each.get(name) for name in ("field", "before", "after")} for each in shown]


def _is_id(value: str | None) -> bool:
    """Say whether a text is the id of a record."""
    try:
        return parse_id(value or "")[0] in records()
    except MalformedId:
        return False


def any_record(prefix: str, description: str) -> Any:
    """Declare a record of any kind, whose noun and key are in the columns of a prefix."""
    source = Polymorphic(f"{prefix}_type", f"{prefix}_id")
    return Declared(lambda _, __: built_field(source, optional(Node, null=True), description))


@backed_by(Event, is_interface=True)
class TimelineEvent(Node):
    """One thing that happened to one record. Events are never changed or deleted."""

    type = column("What kind of thing happened.", name="kind")
    name = column("Record and past tense, for example quote.accepted.", name="type")
    command = column("The command that did it: a mutation, for example acceptQuote, or what the clock ran.")
    occurred_at = column("When it happened.", name="created_at")
    actor_kind = column("Whether a user did it, the customer of a quote, or the clock.")
    actor = one("The user who did it; null for a customer and for the clock.")
    subject = any_record("subject", "The record that it happened to; null where you may not see it.")
    subject_version = column("The record's version since.")
    summary = column("What happened, in words for people.")
    note = column("Why it happened, where someone said so.")
    changes = computed(Computed(("changes",), _changes), list[FieldChange], "What became of which field.")
    caused_by = one(
        "The event that brought this one about, for example the quote's acceptance for the order made."
    )
    effects = many("event", "caused_by_id", "The events that this one brought about.")


@backed_by(Event, variant=("kind", EventKind.CREATED))
class RecordCreated(TimelineEvent):
    """A record was made."""

    status = column("The state that it began in.", name="to_status")


@backed_by(Event, variant=("kind", EventKind.STATUS_CHANGED))
class StatusChanged(TimelineEvent):
    """A record came to another state."""

    from_status = column("The state that it left.")
    to_status = column("The state that it came to.")
    reason = column("The code of the status reason, for example OUT_SOLD.")


@backed_by(Event, variant=("kind", EventKind.EDITED))
class RecordEdited(TimelineEvent):
    """A record changed and kept its state."""

    status = column("The state that it was in.", name="to_status")


@backed_by(Event, variant=("kind", EventKind.DELETED))
class RecordDeleted(TimelineEvent):
    """A record was deleted: subject is null, and changes tell what it was."""

    status = column("The state that it was in.", name="from_status")


def timeline(description: str, **match: tuple[str, str]) -> Any:
    """Declare a timeline: events by variant of ``scope``; without variants there is no such argument."""
    by_scope = match or {"": ("subject_id", "id")}
    types = argument("types", list[EventKind] | None, "Only events of these types; all where absent or null.")
    scope = argument("scope", TimelineScope, "How far it looks.", default=TimelineScope.SELF)

    def make(_: type[SQLModel], __: str) -> StrawberryField:
        scoped = len(by_scope) > 1
        source = ToMany(
            "TimelineEvent", by_scope, argument="scope" if scoped else None, filters={"types": "kind"}
        )
        arguments = [*([scope] if scoped else []), types, *page_arguments("TimelineEvent")]
        return built_field(source, connection_of("TimelineEvent"), description, arguments)

    return Declared(make)


def through_chain(noun: str, description: str) -> Any:
    """Declare what speaks of a record of the chain, or of any other one of its chain."""
    scope = argument("scope", TimelineScope, "How far it looks.", default=TimelineScope.CHAIN)
    match = {"SELF": ("regarding_id", "id"), "CHAIN": ("chain_id", "chain_id")}

    def make(_: type[SQLModel], __: str) -> StrawberryField:
        source = ToMany(title(noun), match, argument="scope")
        arguments = [scope, *page_arguments(title(noun))]
        return built_field(source, connection_of(title(noun)), description, arguments)

    return Declared(make)


def story() -> Any:
    """Declare the timeline of a record of the chain."""
    return timeline(
        "What happened to this record, or to its whole chain, oldest first; `last: 25` gives the latest.",
        SELF=("subject_id", "id"),
        CHAIN=("chain_id", "chain_id"),
    )


def own_story() -> Any:
    """Declare the timeline of a record outside the chain."""
    return timeline("What happened to this record, oldest first; `last: 25` gives the latest.")


def history() -> Any:
    """Declare the events of all chains of an account."""
    return timeline(
        "All that happened with this customer, across all chains, oldest first; `last: 25` gives the latest.",
        **{"": ("account_id", "id")},
    )
