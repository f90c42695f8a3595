"""Where among all events does a stream begin? The cursors of subscriptions."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from sqlmodel import Session

from graphql_api.errors import ErrorCode, refused
from graphql_api.planner.backing import RootComputed
from graphql_api.types.backed import built_field
from models import outbox
from models.access import Viewer
from models.moment import Moment

EVENT_CURSOR = "eventCursor"
"""The root field that tells where among all events an answer stands."""


def position_of(text: str, head: int) -> int:
    """Return the position of a cursor.

    Raises:
        RequestRefused: it is none, or one that is still to come.
    """
    position = outbox.place_of(text, head)
    if position is None:
        message = "`after` is no cursor of an event; take `cursor` of a payload, or the query `eventCursor`."
        raise refused(ErrorCode.CURSOR_INVALID, message, HTTPStatus.BAD_REQUEST)
    return position


def root_event_cursor() -> Any:
    """Declare ``eventCursor``."""
    text = (
        "Where among all events this answer stands: a subscription `after` it misses nothing that the answer "
        "does not show, and may repeat what was committed just before."
    )
    return built_field(RootComputed(_here), str | None, text)


def _here(session: Session, viewer: Viewer, moment: Moment, arguments: Mapping[str, Any]) -> str:
    """Return the cursor of the last event that has its place."""
    del viewer, moment, arguments
    return outbox.cursor_of(outbox.head(session))
