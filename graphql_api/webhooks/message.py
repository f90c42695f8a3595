"""What does a message say, and how does its receiver know that it is ours?

Headers and signature are those of Standard Webhooks, which have libraries for most languages.
"""

import base64
import binascii
import hashlib
import hmac
from collections.abc import Iterable
from datetime import datetime
from typing import Any
from uuid import UUID

import orjson
from sqlmodel import Session, col, select

from graphql_api.types.timeline import changes_shown
from models.access import Viewer, visible_to
from models.event import Event
from models.outbox import cursor_of
from models.record import INSTANT_FORMAT, public_id, records
from models.webhook import Claim

TEST = "webhook.test"
"""The type of a message that tells of nothing."""

_SECRET_PREFIX = "whsec_"  # noqa: S105  # What secrets begin with.


def body_of(session: Session, claim: Claim) -> bytes:
    """Return the JSON of a message, by what its endpoint's owner may see now."""
    event = claim.event
    if event is None:
        data: dict[str, Any] = {"endpointId": claim.endpoint.public_id}
        return _json(TEST, claim.delivery.created_at, data)
    return _json(event.type, event.created_at, _data(session, claim.viewer, event, claim.delivery.position))


def headers_of(claim: Claim, body: bytes, now: datetime) -> dict[str, str]:
    """Return the headers of a message: one signature for each secret, the newest first."""
    seconds = int(now.timestamp())
    signed = f"{claim.message_id}.{seconds}.".encode() + body
    return {
        "content-type": "application/json",
        "user-agent": "sales-graphql-webhooks",
        "webhook-id": claim.message_id,
        "webhook-timestamp": str(seconds),
        "webhook-signature": " ".join(signatures(claim.secrets, signed)),
    }


def signatures(secrets: Iterable[str], signed: bytes) -> list[str]:
    """Return the signature of a text under each secret."""
    return [
        f"v1,{base64.b64encode(hmac.digest(key_of(each), signed, hashlib.sha256)).decode()}"
        for each in secrets
    ]


def key_of(secret: str) -> bytes:
    """Return the bytes of a secret.

    Raises:
        ValueError: it is not base64.
    """
    try:
        return base64.b64decode(secret.removeprefix(_SECRET_PREFIX), validate=True)
    except binascii.Error as fault:
        message = "a secret is whsec_ and base64"
        raise ValueError(message) from fault


def _json(kind: str, at: datetime, data: dict[str, Any]) -> bytes:
    """Return a message as Standard Webhooks lays it out."""
    return orjson.dumps({"type": kind, "timestamp": at.strftime(INSTANT_FORMAT), "data": data})


def _data(session: Session, viewer: Viewer, event: Event, position: int | None) -> dict[str, Any]:
    """Return what an event tells, under the names of the schema's ``TimelineEvent``."""
    return {
        "cursor": cursor_of(position or 0),
        "id": event.public_id,
        "name": event.type,
        "type": event.kind,
        "command": event.command,
        "summary": event.summary,
        "subjectType": event.subject_type,
        "subjectId": _seen(session, viewer, event.subject_type, event.subject_id),
        "subjectVersion": event.subject_version,
        "accountId": _seen(session, viewer, "account", event.account_id),
        "fromStatus": event.from_status,
        "toStatus": event.to_status,
        "reason": event.reason,
        "note": event.note,
        "actorKind": event.actor_kind,
        "actorId": None if event.actor_id is None else public_id("user", event.actor_id),
        "causedById": _seen(session, viewer, "event", event.caused_by_id),
        "changes": changes_shown(event.changes, viewer),
    }


def _seen(session: Session, viewer: Viewer, noun: str, key: UUID | None) -> str | None:
    """Return the id of a record, None where there is none, or none that the viewer may see."""
    if key is None:
        return None
    table = records()[noun]
    condition = visible_to(viewer, table)
    if condition is None:
        return public_id(noun, key)
    found = session.exec(select(table.id).where(col(table.id) == key, condition)).first()
    return None if found is None else public_id(noun, key)
