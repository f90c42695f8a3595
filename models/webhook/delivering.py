"""What is to be sent now, who sends it, and what comes of it?

Any number of servers look at once. Each step is one short transaction that goes through for one of them: a
comparison with what was seen decides. A server that ends while it sends leaves a delivery that is due again
once its lease is over: so a message may be sent twice, and none is lost.
"""

import random
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import sqlalchemy
from sqlalchemy import ColumnElement, and_, func, not_, or_
from sqlmodel import Session, col, delete, select, update

from models import outbox
from models.access import ApiKey, User, Viewer, visible_to
from models.event import Event
from models.record import new_id
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

# Beyond so many that wait, an endpoint is told no further: the events are kept, and take no room of its own.
_MOST_PENDING = 1_000
# 5 s, 20 s, 80 s and so on, up to twice a day (Standard Webhooks proposes the same order of magnitude).
_FIRST_WAIT_SECONDS = 5.0
_FACTOR = 4.0
_LONGEST_WAIT_SECONDS = 12 * 3_600.0
_GONE = 410
_LONGEST_ERROR = 300
_PRUNED_AT_ONCE = 500


@dataclass(frozen=True)
class Claim:
    """A delivery that this server is to send. ``event`` is None for a test, ``secrets`` the newest first."""

    delivery: WebhookDelivery
    endpoint: WebhookEndpoint
    viewer: Viewer
    secrets: tuple[str, ...]
    event: Event | None

    @property
    def message_id(self) -> str:
        """What a receiver knows repeats by: the event's id, for a test the delivery's."""
        return (self.event or self.delivery).public_id


@dataclass(frozen=True)
class Result:
    """What came of an attempt. ``error`` is None where the receiver took the message."""

    started_at: datetime
    milliseconds: int
    status_code: int | None = None
    error: str | None = None


def is_needed(session: Session) -> bool:
    """Say whether there is an endpoint to be told anything."""
    return session.exec(select(WebhookEndpoint.id).where(_is_told()).limit(1)).first() is not None


def is_behind(session: Session, head: int) -> bool:
    """Say whether an endpoint has not been told of all up to a position."""
    return session.execute(_behind(head).limit(1)).first() is not None


def spread(session: Session, head: int, now: datetime) -> int:
    """Write the next deliveries of each endpoint that has not been told of all up to a position.

    Returns how many events were gone through: as long as it is not 0, there may be more. The caller commits.
    """
    return sum(
        _spread_to(session, endpoint, _viewer(owner), now, position=position, head=head)
        for endpoint, position, owner in session.execute(_behind(head)).all()
    )


def _behind(head: int) -> Any:  # A select of three.
    """Return the endpoints, positions and owners of what has not been told of all up to a position."""
    return (
        sqlalchemy.select(WebhookEndpoint, col(WebhookProgress.position), User)
        .join(WebhookProgress, col(WebhookProgress.endpoint_id) == WebhookEndpoint.id)
        .join(User, col(User.id) == WebhookEndpoint.owner_id)
        .where(_is_told(), col(WebhookProgress.position) < head, _waiting() < _MOST_PENDING)
        .order_by(col(WebhookEndpoint.id))
    )


def _spread_to(
    session: Session, endpoint: WebhookEndpoint, viewer: Viewer, now: datetime, *, position: int, head: int
) -> int:
    """Write the next deliveries of one endpoint, and return how many positions were gone through."""
    wanted = outbox.Wanted(names=endpoint.names)
    page = outbox.look(session, viewer, wanted, after=position, up_to=head)
    seen = (
        col(WebhookProgress.endpoint_id) == endpoint.id,
        col(WebhookProgress.position) == position,
    )
    moved = session.connection().execute(update(WebhookProgress).where(*seen).values(position=page.reached))
    if not moved.rowcount:
        return 0
    session.add_all(
        WebhookDelivery(
            created_at=now, endpoint_id=endpoint.id, event_id=key, position=at, next_attempt_at=now
        )
        for at, key in page.events
    )
    session.flush()
    return page.reached - position


def due(
    session: Session,
    now: datetime,
    *,
    limit: int,
    most: int,
    busy: Mapping[UUID, int],
    slow: Collection[UUID],
) -> list[tuple[UUID, UUID]]:
    """Return endpoint and delivery of what is to be sent now, the longest due first.

    No endpoint holds up another: each gets ``most`` at once, less those that are ``busy`` already, and one
    that is ``slow`` to take what it is sent gets one.
    """
    place = func.row_number().over(
        partition_by=col(WebhookDelivery.endpoint_id), order_by=col(WebhookDelivery.next_attempt_at)
    )
    waiting = (
        sqlalchemy.select(
            col(WebhookDelivery.endpoint_id),
            col(WebhookDelivery.id),
            col(WebhookDelivery.next_attempt_at),
            place.label("place"),
        )
        .join(WebhookEndpoint, col(WebhookEndpoint.id) == WebhookDelivery.endpoint_id)
        .where(_is_told(), _is_pending(), col(WebhookDelivery.next_attempt_at) <= now)
        .subquery()
    )
    first = sqlalchemy.select(waiting).where(waiting.c.place <= most).order_by(waiting.c.next_attempt_at)
    rooms: dict[UUID, int] = {}
    found: list[tuple[UUID, UUID]] = []
    for endpoint, delivery, *_ in session.execute(first).all():
        room = rooms.setdefault(endpoint, (1 if endpoint in slow else most) - busy.get(endpoint, 0))
        if room > 0 and len(found) < limit:
            rooms[endpoint] = room - 1
            found.append((endpoint, delivery))
    return found


def claim(session: Session, key: UUID, now: datetime, lease_seconds: float) -> Claim | None:
    """Take a delivery, for as long as the lease; None where another server has it. The caller commits."""
    lease = now + timedelta(seconds=lease_seconds)
    taken = session.connection().execute(
        update(WebhookDelivery)
        .where(col(WebhookDelivery.id) == key, _is_pending(), col(WebhookDelivery.next_attempt_at) <= now)
        .values(next_attempt_at=lease, attempt_count=col(WebhookDelivery.attempt_count) + 1)
    )
    if not taken.rowcount:
        return None
    statement = (
        select(WebhookDelivery, WebhookEndpoint, User, Event)
        .join(WebhookEndpoint, col(WebhookEndpoint.id) == WebhookDelivery.endpoint_id)
        .join(User, col(User.id) == WebhookEndpoint.owner_id)
        .outerjoin(Event, col(Event.id) == WebhookDelivery.event_id)
        .where(col(WebhookDelivery.id) == key)
    )
    row: Any = session.exec(statement).one()
    delivery, endpoint, owner, event = row
    viewer = _viewer(owner)
    if event is not None and not _is_seen(session, viewer, event):
        _end(session, delivery, WebhookDeliveryStatus.WITHHELD)
        return None
    return Claim(delivery, endpoint, viewer, _secrets(session, endpoint, now), event)


def record(session: Session, claim: Claim, result: Result, keep_trying_seconds: float) -> datetime | None:
    """Write down what came of an attempt, and return when the next one is. The caller commits."""
    delivery = claim.delivery
    since = delivery.created_at if result.error is None else _tried_since(session, delivery)
    next_at = None if result.error is None else _next_at(delivery, since, result, keep_trying_seconds)
    if result.error is None:
        is_ours = _end(session, delivery, WebhookDeliveryStatus.DELIVERED, delivered_at=result.started_at)
    elif next_at is None:
        is_ours = _end(session, delivery, WebhookDeliveryStatus.FAILED)
    else:
        is_ours = _end(session, delivery, WebhookDeliveryStatus.PENDING, next_attempt_at=next_at)
    if is_ours:
        session.add(
            WebhookAttempt(
                id=new_id(),
                created_at=result.started_at,
                delivery_id=delivery.id,
                number=delivery.attempt_count,
                status_code=result.status_code,
                milliseconds=result.milliseconds,
                error=None if result.error is None else result.error[:_LONGEST_ERROR],
                next_attempt_at=next_at,
            )
        )
        session.flush()
    _note(session, delivery, since, result, is_over=next_at is None)
    return next_at


def prune(session: Session, before: datetime) -> int:
    """Delete what was sent, or given up, before an instant; return how many. The caller commits."""
    old = (
        select(WebhookDelivery.id)
        .where(
            col(WebhookDelivery.created_at) < before,
            col(WebhookDelivery.status) != WebhookDeliveryStatus.PENDING,
        )
        .limit(_PRUNED_AT_ONCE)
    )
    keys = list(session.exec(old).all())
    session.execute(delete(WebhookAttempt).where(col(WebhookAttempt.delivery_id).in_(keys)))
    session.execute(delete(WebhookDelivery).where(col(WebhookDelivery.id).in_(keys)))
    return len(keys)


def _tried_since(session: Session, delivery: WebhookDelivery) -> datetime:
    """Return since when a delivery is tried: since it is there, or its endpoint was enabled again.

    An endpoint that was disabled for longer than anything is tried would be suspended by its first failure.
    """
    enabled_at = session.execute(
        sqlalchemy.select(func.max(col(Event.created_at))).where(
            col(Event.subject_id) == delivery.endpoint_id, col(Event.type) == ENABLED
        )
    ).scalar()
    return delivery.created_at if enabled_at is None else max(delivery.created_at, enabled_at)


def _next_at(
    delivery: WebhookDelivery, since: datetime, result: Result, keep_trying_seconds: float
) -> datetime | None:
    """Return when to try again, None where it is over: the receiver is gone, or has had its time."""
    if result.status_code == _GONE:
        return None
    wait = min(_FIRST_WAIT_SECONDS * _FACTOR ** (delivery.attempt_count - 1), _LONGEST_WAIT_SECONDS)
    # Not all at the same moment: those that failed together come back apart.
    wait *= random.uniform(0.9, 1.1)  # noqa: S311  # Spreads waits; guards no secret.
    next_at = result.started_at + timedelta(milliseconds=result.milliseconds, seconds=wait)
    return next_at if next_at <= since + timedelta(seconds=keep_trying_seconds) else None


def _note(
    session: Session, delivery: WebhookDelivery, since: datetime, result: Result, *, is_over: bool
) -> None:
    """Write down that an endpoint took a message, or that it is to be told no more."""
    values: dict[str, Any] = {}
    mine: ColumnElement[bool] = col(WebhookProgress.endpoint_id) == delivery.endpoint_id
    if result.error is None:
        values = {"succeeded_at": result.started_at}
    elif result.status_code == _GONE:
        values = {"stop_reason": "GONE"}
    elif is_over:
        values = {"stop_reason": "FAILING"}
        taken = col(WebhookProgress.succeeded_at)
        mine = and_(mine, or_(taken.is_(None), taken < since))
    if values:
        session.execute(update(WebhookProgress).where(mine).values(values))


def _end(session: Session, delivery: WebhookDelivery, status: WebhookDeliveryStatus, **values: Any) -> bool:
    """Move a delivery that is pending to a status, and say whether it was."""
    moved = session.connection().execute(
        update(WebhookDelivery)
        .where(col(WebhookDelivery.id) == delivery.id, _is_pending())
        .values({"next_attempt_at": None, "status": status} | values)
    )
    return bool(moved.rowcount)


def _is_pending() -> ColumnElement[bool]:
    """Return the condition that a delivery waits to be sent."""
    return col(WebhookDelivery.status) == WebhookDeliveryStatus.PENDING


def _is_told() -> ColumnElement[bool]:
    """Return the condition that an endpoint is told of events: its owner has a key, and so is still there.

    One that is to be suspended is not told, although the clock has not seen it yet.
    """
    has_key = select(ApiKey.id).where(
        col(ApiKey.user_id) == WebhookEndpoint.owner_id, col(ApiKey.revoked_at).is_(None)
    )
    is_stopped = (
        select(WebhookProgress.endpoint_id)
        .where(
            col(WebhookProgress.endpoint_id) == WebhookEndpoint.id,
            col(WebhookProgress.stop_reason).is_not(None),
        )
        .correlate(WebhookEndpoint)
    )
    is_active = col(WebhookEndpoint.status) == WebhookEndpointStatus.ACTIVE
    return and_(is_active, has_key.exists(), not_(is_stopped.exists()))


def _waiting() -> ColumnElement[int]:
    """Return how many deliveries of an endpoint wait to be sent."""
    mine = col(WebhookDelivery.endpoint_id) == WebhookEndpoint.id
    return select(func.count(col(WebhookDelivery.id))).where(mine, _is_pending()).scalar_subquery()


def _is_seen(session: Session, viewer: Viewer, event: Event) -> bool:
    """Say whether a viewer may see an event now."""
    condition = visible_to(viewer, Event)
    if condition is None:
        return True
    return session.exec(select(Event.id).where(col(Event.id) == event.id, condition)).first() is not None


def _secrets(session: Session, endpoint: WebhookEndpoint, now: datetime) -> tuple[str, ...]:
    """Return what messages to an endpoint are signed with, the newest first."""
    valid = or_(col(WebhookSecret.expires_at).is_(None), col(WebhookSecret.expires_at) > now)
    statement = select(WebhookSecret.secret).where(WebhookSecret.endpoint_id == endpoint.id, valid)
    return tuple(session.exec(statement.order_by(col(WebhookSecret.id).desc())).all())


def _viewer(owner: User) -> Viewer:
    """Return the viewer by whose rules an endpoint is told."""
    return Viewer(owner.id, owner.name, owner.role)
