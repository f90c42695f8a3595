"""How does a program get to be told of events, and who may change that? Its owner, and admins."""

import base64
import secrets
from dataclasses import dataclass
from datetime import timedelta
from typing import Annotated
from uuid import UUID

from sqlmodel import col, delete, func, or_, select, update

from models import outbox
from models.access import Role, User
from models.errors import Invalid
from models.lifecycle import KEEP, Change, Kept, Made, Reference, kept, transition
from models.record import new_id
from models.webhook.address import require_url
from models.webhook.tables import (
    ENABLED,
    WebhookAttempt,
    WebhookDelivery,
    WebhookDeliveryStatus,
    WebhookEndpoint,
    WebhookEndpointStatus,
    WebhookProgress,
    WebhookSecret,
)

# Enough for the programs of a company; each costs a look at every event.
_MOST_ENDPOINTS = 20
_MOST_NAMES = 50
# 192 bits, as Standard Webhooks asks for at the least; the prefix lets scanners find a leaked one.
_SECRET_BYTES = 24
_SECRET_PREFIX = "whsec_"  # noqa: S105  # What secrets begin with.
_LONGEST_OVERLAP_HOURS = 7 * 24

_URL = "Where messages are sent, by POST: https, on the public internet, without user and password."
_DESCRIPTION = "What it is for, in words."
_NAMES = (
    "Only events with one of these names, quote.accepted for example; quote.* is all of quotes. "
    "All events where there are none."
)


@dataclass
class MadeEndpoint(Made):
    """The endpoint, and what its messages are signed with."""

    secret: Annotated[
        str,
        "What messages are signed with (Standard Webhooks). Keep it: it is shown once. "
        "rotateWebhookSecret makes another.",
    ] = ""


@transition(WebhookEndpoint, event="webhook_endpoint.created")
def create_webhook_endpoint(
    change: Change,
    *,
    url: Annotated[str, _URL],
    description: Annotated[str | None, _DESCRIPTION] = None,
    names: Annotated[list[str] | None, _NAMES] = None,
    owner_id: Annotated[
        UUID | None,
        Reference("user"),
        "On whose behalf: only what this user may see is sent. You where it is left out; only admins may "
        "name somebody else.",
    ] = None,
) -> MadeEndpoint:
    """Have a program told of committed events by HTTP, from now on, signed by Standard Webhooks.

    Each message is sent until the program answers 2xx, for three days at the most; it may come more than
    once, and not in order: `webhook-id` tells repeats, `data.cursor` the order.
    """
    owner = change.viewer.id if owner_id is None else change.find(User, owner_id, ("input", "ownerId")).id
    if owner != change.viewer.id and change.viewer.role is not Role.ADMIN:
        message = "Only an admin makes an endpoint for somebody else; leave ownerId out."
        raise Invalid(message, path=("input", "ownerId"))
    _require_room(change, owner)
    require_url(url, to_loopback=change.moment.organization.webhooks_to_loopback)
    endpoint = change.new(
        WebhookEndpoint, owner_id=owner, url=url, description=description, names=_checked(names or [])
    )
    change.add(endpoint, status=WebhookEndpointStatus.ACTIVE, reason="ACTIVE")
    change.flush()
    # Events get their positions once somebody asks: those that have none yet would come after this endpoint.
    begin = outbox.settle(change.session)
    change.session.add(WebhookProgress(endpoint_id=endpoint.id, position=begin))
    return MadeEndpoint(endpoint, secret=_new_secret(change, endpoint))


@transition(WebhookEndpoint, event="webhook_endpoint.updated", sources=tuple(WebhookEndpointStatus))
def update_webhook_endpoint(
    change: Change,
    endpoint: WebhookEndpoint,
    *,
    url: Annotated[str | Kept, _URL] = KEEP,
    description: Annotated[str | Kept | None, _DESCRIPTION] = KEEP,
    names: Annotated[list[str] | Kept, _NAMES] = KEEP,
) -> None:
    """Change where messages are sent, or of which events. What waits to be sent goes to the new address."""
    if not isinstance(url, Kept) and url != endpoint.url:
        require_url(url, to_loopback=change.moment.organization.webhooks_to_loopback)
        endpoint.url = url
    endpoint.description = kept(description, endpoint.description)
    if not isinstance(names, Kept):
        endpoint.names = _checked(names)
    change.tell(endpoint)


@dataclass
class Rotated:
    """What messages are signed with from now on."""

    secret: Annotated[str, "The new secret. Keep it: it is shown once."]


@transition(WebhookEndpoint, event="webhook_endpoint.secret_rotated", sources=tuple(WebhookEndpointStatus))
def rotate_webhook_secret(
    change: Change,
    endpoint: WebhookEndpoint,
    *,
    overlap_hours: Annotated[
        int, "For how long messages also bear the signature of the secret before, 0 to 168."
    ] = 24,
) -> Rotated:
    """Make a new secret. For a while messages bear both signatures, so that none is refused meanwhile."""
    if not 0 <= overlap_hours <= _LONGEST_OVERLAP_HOURS:
        message = f"overlapHours is {overlap_hours}; it takes 0 to {_LONGEST_OVERLAP_HOURS}."
        raise Invalid(message, path=("input", "overlapHours"))
    known = col(WebhookSecret.endpoint_id) == endpoint.id
    ends = change.now + timedelta(hours=overlap_hours)
    change.session.execute(delete(WebhookSecret).where(known, col(WebhookSecret.expires_at) <= change.now))
    longer = or_(col(WebhookSecret.expires_at).is_(None), col(WebhookSecret.expires_at) > ends)
    change.session.execute(update(WebhookSecret).where(known, longer).values(expires_at=ends))
    change.tell(endpoint)
    return Rotated(_new_secret(change, endpoint))


@transition(
    WebhookEndpoint,
    event=ENABLED,
    sources=(WebhookEndpointStatus.DISABLED,),
    target=WebhookEndpointStatus.ACTIVE,
    reason="ACTIVE",
    again=(WebhookEndpointStatus.ACTIVE,),
)
def enable_webhook_endpoint(change: Change, endpoint: WebhookEndpoint) -> None:
    """Have an endpoint told of events again, from now on. What it missed can be replayed: replayWebhook."""
    change.session.execute(
        update(WebhookProgress)
        .where(col(WebhookProgress.endpoint_id) == endpoint.id)
        .values(position=outbox.settle(change.session), stop_reason=None)
    )


@transition(
    WebhookEndpoint,
    event="webhook_endpoint.disabled",
    sources=(WebhookEndpointStatus.ACTIVE,),
    target=WebhookEndpointStatus.DISABLED,
    reason="DISABLED",
    again=(WebhookEndpointStatus.DISABLED,),
)
def disable_webhook_endpoint(
    change: Change, endpoint: WebhookEndpoint, *, note: Annotated[str | None, "Why, in words."] = None
) -> None:
    """Send an endpoint nothing any more. What waits to be sent goes on waiting, until it is enabled."""
    change.tell(endpoint, note=note)


@transition(
    WebhookEndpoint,
    event="webhook_endpoint.suspended",
    sources=(WebhookEndpointStatus.ACTIVE,),
    target=WebhookEndpointStatus.DISABLED,
    reason="FAILING",
    due=lambda endpoint, _: (
        select(WebhookProgress.endpoint_id)
        .where(col(WebhookProgress.endpoint_id) == endpoint.id, col(WebhookProgress.stop_reason).is_not(None))
        .exists()
    ),
    of_clock=True,
)
def suspend_webhook_endpoint(change: Change, endpoint: WebhookEndpoint) -> None:
    """Disable an endpoint that is gone (410), or that took nothing for as long as messages are tried."""
    progress = change.session.get(WebhookProgress, endpoint.id)
    reason = "FAILING" if progress is None else progress.stop_reason
    change.become(endpoint, WebhookEndpointStatus.DISABLED, reason or "FAILING")


@dataclass
class DeletedEndpoint:
    """What was deleted."""

    deleted_id: Annotated[str, Reference("webhook_endpoint"), "The id that the endpoint had."]


@transition(WebhookEndpoint, event="webhook_endpoint.deleted", sources=tuple(WebhookEndpointStatus))
def delete_webhook_endpoint(change: Change, endpoint: WebhookEndpoint) -> DeletedEndpoint:
    """Delete an endpoint with its secrets and the log of its deliveries. Its events stay."""
    change.tell(endpoint)
    of_endpoint = select(WebhookDelivery.id).where(WebhookDelivery.endpoint_id == endpoint.id)
    change.session.execute(delete(WebhookAttempt).where(col(WebhookAttempt.delivery_id).in_(of_endpoint)))
    for table in (WebhookDelivery, WebhookProgress, WebhookSecret):
        change.session.execute(delete(table).where(col(table.endpoint_id) == endpoint.id))
    change.remove(endpoint)
    return DeletedEndpoint(endpoint.public_id)


@dataclass
class Sent:
    """What is to be sent."""

    delivery: Annotated[WebhookDelivery, "The delivery, which is tried in a moment; its attempts tell more."]


@transition(WebhookEndpoint, event="webhook_endpoint.test_sent", sources=(WebhookEndpointStatus.ACTIVE,))
def send_test_webhook(change: Change, endpoint: WebhookEndpoint) -> Sent:
    """Send a signed message of the type `webhook.test`, which tells of nothing."""
    change.tell(endpoint)
    return Sent(_deliver(change, endpoint))


@dataclass
class Replayed:
    """What is sent anew."""

    delivery: Annotated[
        WebhookDelivery | None, "The new delivery, where one was named; those after a cursor are made later."
    ]


@transition(WebhookEndpoint, event="webhook_endpoint.replayed", sources=(WebhookEndpointStatus.ACTIVE,))
def replay_webhook(
    change: Change,
    endpoint: WebhookEndpoint,
    *,
    delivery_id: Annotated[
        UUID | None, Reference("webhook_delivery"), "One delivery of this endpoint; its event is sent anew."
    ] = None,
    after: Annotated[
        str | None,
        "A cursor of an event, from `data.cursor` of a message, a subscription or the query `eventCursor`: "
        "all events after it are sent anew.",
    ] = None,
) -> Replayed:
    """Send events anew: that of one delivery, or all that the endpoint wants after a cursor.

    They bear the same `webhook-id` as before. What waits to be sent and comes after the cursor is replaced.
    """
    if (delivery_id is None) == (after is None):
        message = "Say what to send anew: pass either deliveryId or after."
        raise Invalid(message, path=("input", "deliveryId"))
    change.tell(endpoint)
    if after is not None:
        _rewind(change, endpoint, after)
        return Replayed(None)
    path = ("input", "deliveryId")
    known = change.find(WebhookDelivery, delivery_id or endpoint.id, path)
    if known.endpoint_id != endpoint.id:
        message = "This delivery is another endpoint's; pass that one's id."
        raise Invalid(message, path=path)
    return Replayed(_deliver(change, endpoint, known))


def _deliver(
    change: Change, endpoint: WebhookEndpoint, known: WebhookDelivery | None = None
) -> WebhookDelivery:
    """Write a delivery that is due now: of the event of another one, or a test."""
    delivery = change.new(
        WebhookDelivery,
        endpoint_id=endpoint.id,
        event_id=None if known is None else known.event_id,
        position=None if known is None else known.position,
        next_attempt_at=change.now,
    )
    return change.add(delivery)


def _rewind(change: Change, endpoint: WebhookEndpoint, after: str) -> None:
    """Let an endpoint be told of everything after a cursor.

    Raises:
        Invalid: the cursor is none.
    """
    position = outbox.place_of(after, outbox.head(change.session))
    if position is None:
        message = "after is no cursor of an event; take data.cursor of a message, or the query eventCursor."
        raise Invalid(message, path=("input", "after"))
    # What it has not been told yet lies before a later cursor, and is still to be told.
    is_beyond = col(WebhookProgress.position) > position
    change.session.execute(
        update(WebhookProgress)
        .where(col(WebhookProgress.endpoint_id) == endpoint.id, is_beyond)
        .values(position=position)
    )
    change.session.execute(
        update(WebhookDelivery)
        .where(
            col(WebhookDelivery.endpoint_id) == endpoint.id,
            col(WebhookDelivery.status) == WebhookDeliveryStatus.PENDING,
            col(WebhookDelivery.position) > position,
        )
        .values(status=WebhookDeliveryStatus.REPLACED, next_attempt_at=None)
    )


def _new_secret(change: Change, endpoint: WebhookEndpoint) -> str:
    """Write a new secret of an endpoint and return it."""
    secret = _SECRET_PREFIX + base64.b64encode(secrets.token_bytes(_SECRET_BYTES)).decode()
    change.session.add(WebhookSecret(id=new_id(), endpoint_id=endpoint.id, secret=secret))
    return secret


def _checked(names: list[str]) -> list[str]:
    """Return names of events, each once.

    Raises:
        Invalid: one is none, or there are too many.
    """
    if len(names) > _MOST_NAMES:
        message = (
            f"names has {len(names)} items; at most {_MOST_NAMES} are looked at. quote.* is all of quotes."
        )
        raise Invalid(message, path=("input", "names"))
    return outbox.checked_names(names, ("input", "names"))


def _require_room(change: Change, owner: UUID) -> None:
    """Refuse one endpoint more than a user may have.

    Raises:
        Invalid: the user has as many already.
    """
    statement = select(func.count()).select_from(WebhookEndpoint).where(WebhookEndpoint.owner_id == owner)
    if change.session.exec(statement).one() >= _MOST_ENDPOINTS:
        message = f"A user has at most {_MOST_ENDPOINTS} endpoints; delete one first."
        raise Invalid(message, path=("input",), code="TOO_MANY_ENDPOINTS")
