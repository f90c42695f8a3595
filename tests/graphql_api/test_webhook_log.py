"""Are endpoints, secrets and the log of what was sent to be had through the API, by whom they belong to?"""

import asyncio
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from typing import Any

import pytest
from sqlmodel import select

from graphql_api.settings import Settings
from graphql_api.webhooks import Courier
from models.access import Role
from models.webhook import WebhookAttempt, WebhookDelivery
from tests.graphql_api.conftest import Site, make_site
from tests.receiver import Receiver, receiving, until


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    """Return a receiver on loopback."""
    with receiving() as receiver:
        yield receiver


@pytest.fixture
def settings(database_url: str) -> Settings:
    """Return the settings of a server that tells programs of this machine."""
    return Settings(database_url=database_url, webhook_loopback=True, webhook_timeout_seconds=5.0)


async def test_running_server_tells_of_what_is_committed(settings: Settings, receiver: Receiver) -> None:
    """Endpoint, secret and log go through the API; it ends in time although a receiver is slow."""
    with make_site(replace(settings, webhook_seconds=0.05)) as site:
        async with site.app.router.lifespan_context(site.app):
            made = await _make(site, receiver.url())
            receiver.pauses["/hook"] = 0.5
            await site.ask('mutation { createAccount(input: {name: "Acme"}) { account { id } } }')
            await asyncio.to_thread(until, lambda: receiver.received)
            begin = time.monotonic()
        assert time.monotonic() - begin < 4
        assert receiver.received[0].is_signed_with(made["secret"])


async def _make(site: Site, url: str, role: Role = Role.SALES) -> dict[str, Any]:
    """Make an endpoint, and return its id and secret."""
    text = """mutation ($url: String!) { createWebhookEndpoint(input: {url: $url, names: ["account.*"]}) {
        webhookEndpoint { id } secret userErrors { message } } }"""
    answer = await site.ask(text, role, url=url)
    payload = answer["data"]["createWebhookEndpoint"]
    assert payload["userErrors"] == []
    return {"id": payload["webhookEndpoint"]["id"], "secret": payload["secret"]}


LOG = """query ($id: ID!) {
    webhookEndpoint(by: {id: $id}) {
        url status names owner { name } statusReason { code }
        deliveries(where: {status: {eq: DELIVERED}}) { nodes {
            status attemptCount nextAttemptAt endpoint { id } event { name }
            attempts { nodes { number statusCode error nextAttemptAt } }
        } }
    }
    webhookDeliveries(where: {endpoint: {id: {eq: $id}}}) { nodes { status } }
}"""


def log_of(endpoint: str, url: str) -> dict[str, Any]:
    """Return the log of an endpoint that took one message."""
    attempt = {"number": 1, "statusCode": 204, "error": None, "nextAttemptAt": None}
    delivery = {
        "status": "DELIVERED",
        "attemptCount": 1,
        "nextAttemptAt": None,
        "endpoint": {"id": endpoint},
        "event": {"name": "account.created"},
        "attempts": {"nodes": [attempt]},
    }
    found = {
        "url": url,
        "status": "ACTIVE",
        "names": ["account.*"],
        "owner": {"name": "Sales"},
        "statusReason": {"code": "ACTIVE"},
        "deliveries": {"nodes": [delivery]},
    }
    return {"webhookEndpoint": found, "webhookDeliveries": {"nodes": [{"status": "DELIVERED"}]}}


async def test_log_is_read_by_its_owner_and_admins(settings: Settings, receiver: Receiver) -> None:
    """Nobody else finds endpoint, delivery or attempt, by any way."""
    with make_site(settings) as site:
        made = await _make(site, receiver.url())
        await site.ask('mutation { createAccount(input: {name: "Acme"}) { account { id } } }')
        await asyncio.to_thread(_courier_of(site).deliver)
        for role in (Role.SALES, Role.ADMIN):
            assert (await site.ask(LOG, role, id=made["id"]))["data"] == log_of(made["id"], receiver.url())
        with site.database.reading() as session:
            (attempt,) = session.exec(select(WebhookAttempt)).all()
            (delivery,) = session.exec(select(WebhookDelivery)).all()
        ids = [made["id"], attempt.public_id, delivery.public_id]
        for role in (Role.SUPPORT, Role.PARTNER, Role.CUSTOMER):
            answer = (await site.ask(LOG, role, id=made["id"]))["data"]
            assert answer == {"webhookEndpoint": None, "webhookDeliveries": {"nodes": []}}
            found = await site.ask("query ($ids: [ID!]!) { nodes(ids: $ids) { id } }", role, ids=ids)
            assert found["data"] == {"nodes": [None] * 3}


def _courier_of(site: Site) -> Courier:
    """Return a courier on the database of an application."""
    return Courier(site.settings, site.database, _now, site.operations.streams.catch_up)


def _now() -> datetime:
    return datetime.now().astimezone()
