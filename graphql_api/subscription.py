"""What can be listened to? Committed events: all, those of one record or its deal, those of one account."""

from strawberry import ID
from strawberry.types.arguments import StrawberryArgument

from graphql_api.planner.backing import Streams, StreamScope
from graphql_api.types.backed import Declared, argument, built_field, given, shown
from graphql_api.types.timeline import TimelineEvent, TimelineScope
from models.event import EventKind


@shown
class CommittedEvent:
    """One event, sent to its subscribers after the commit of the command that made it."""

    event = given(TimelineEvent, "What happened. Its `subject` is the record as it is now.")
    cursor = given(
        str, "Its place among all events: `after` it, a new subscription misses and repeats nothing."
    )


_HOW = (
    "In the order of the commits. With `after` a subscription goes on where another one broke off, however "
    "long ago; without it begins now. What you may no longer see is not sent."
)


def _arguments(*own: StrawberryArgument) -> list[StrawberryArgument]:
    """Return the arguments of a stream: its own, then those that all have."""
    return [
        *own,
        argument(
            "after",
            str | None,
            "The `cursor` of the last event that you have, or the query `eventCursor`; of any subscription.",
        ),
        argument(
            "names",
            list[str] | None,
            "Only events with one of these names, quote.accepted for example; quote.* is all of quotes.",
        ),
        argument("types", list[EventKind] | None, "Only events of these types; all where absent or null."),
    ]


def _stream(scope: StreamScope, what: str, *own: StrawberryArgument) -> Declared:
    """Declare a subscription field."""
    return Declared(
        lambda _, __: built_field(
            Streams("TimelineEvent", scope), CommittedEvent, f"{what} {_HOW}", _arguments(*own)
        )
    )


@shown
class Subscription:
    """What is sent as it happens: over a WebSocket with graphql-transport-ws, or as server-sent events."""

    events = _stream(StreamScope.ALL, "Every event on the records that you see.")
    record_events = _stream(
        StreamScope.RECORD,
        "What happens to one record, or to the whole deal that it belongs to.",
        argument("id", ID, "The record's id."),
        argument(
            "scope",
            TimelineScope,
            "How far to listen; CHAIN for a record of a deal.",
            default=TimelineScope.SELF,
        ),
    )
    account_events = _stream(
        StreamScope.ACCOUNT,
        "What happens with one customer, across all its deals.",
        argument("id", ID, "The account's id."),
    )
