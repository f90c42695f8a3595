"""How does a test deliver webhooks step by step: spread, take, and write down what came of it?"""

from datetime import datetime
from typing import Any
from uuid import UUID

from models import outbox
from models.access import User, issue_key
from models.webhook import Claim, Result, WebhookDelivery, claim, due, record, spread
from tests.desk import START, Desk

THREE_DAYS = 259_200.0


def make_webhook_endpoint(desk: Desk, **given: Any) -> str:
    """Return an endpoint that is told of all that the desk's user sees."""
    values = {"url": "https://hooks.example.com/sales"} | given
    endpoint: str = desk.do("create_webhook_endpoint", **values)["webhook_endpoint"]
    return endpoint


def give_keys(desk: Desk) -> None:
    """Give every user a key: without one, nobody is told anything."""
    with desk.database.writing() as session:
        for user in everyone(desk):
            issue_key(session, session.get_one(User, user), "test", now=START, pepper=b"")
        session.commit()


def everyone(desk: Desk) -> list[UUID]:
    """Return the keys of all users."""
    return [each.id for each in desk.users.values()]


def put_in_order(desk: Desk) -> int:
    """Put events in order and return the last position."""
    with desk.database.writing() as session:
        head = outbox.settle(session)
        session.commit()
    return head


def tell(desk: Desk) -> int:
    """Put events in order and write the deliveries that follow; return how many there are by now."""
    put_in_order(desk)
    with desk.database.writing() as session:
        while spread(session, outbox.head(session), desk.now):
            pass
        session.commit()
    return len(desk.all(WebhookDelivery))


def find_due(desk: Desk, most: int = 4, **given: Any) -> list[tuple[UUID, UUID]]:
    """Return what is to be sent."""
    values: dict[str, Any] = {"limit": 100, "busy": {}, "slow": set()} | given
    with desk.database.reading() as session:
        return due(session, desk.now, most=most, **values)


def take(desk: Desk, key: UUID) -> Claim | None:
    """Take a delivery for thirty seconds."""
    with desk.database.writing() as session:
        found = claim(session, key, desk.now, 30.0)
        session.commit()
    return found


def attempt(desk: Desk, taken: Claim, status: int | None, error: str | None = None) -> datetime | None:
    """Write down what came of an attempt that took no time."""
    with desk.database.writing() as session:
        found = record(session, taken, Result(desk.now, 0, status, error), THREE_DAYS)
        session.commit()
    return found


def fail(desk: Desk, key: UUID) -> datetime | None:
    """Take a delivery and fail to send it."""
    taken = take(desk, key)
    assert taken is not None
    return attempt(desk, taken, 500, "the receiver did not take it")
