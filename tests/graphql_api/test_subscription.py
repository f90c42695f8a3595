"""Does each subscriber hear of what was committed and what it may see, and of nothing else?"""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import replace
from typing import Any
from uuid import UUID

import orjson
import pytest
from sqlmodel import select

from graphql_api.operation import Question, Reply
from graphql_api.settings import Settings
from graphql_api.subscription import StreamOverflowed, Streams
from models.access import AccountShare, Role, User
from models.account import Account
from tests.graphql_api.conftest import Site, listening, make_site

EVENTS = "subscription { events { event { name subject { __typename ... on Account { name } } } } }"
CREATE = """
mutation ($input: CreateAccountInput!, $dry: Boolean! = false) {
  createAccount(input: $input, dryRun: $dry) { account { id } }
}
"""


def subscribed(site: Site, role: Role, text: str = EVENTS) -> AsyncGenerator[Reply, None]:
    """Return the replies to a subscription."""
    return site.operations.stream(Question(text, secret=site.keys[role]))


def event(reply: Reply) -> Any:
    """Return the event of a reply."""
    assert reply.data is not None
    return orjson.loads(reply.data)["events"]["event"]


async def test_committed_event_is_sent(site: Site) -> None:
    """What a dry run did is not; the subscriber is forgotten once it goes."""
    async with aclosing(subscribed(site, Role.SUPPORT)) as replies:
        first = asyncio.ensure_future(anext(replies))
        await listening(site)
        await site.ask(CREATE, input={"name": "Dry"}, dry=True)
        await site.ask(CREATE, input={"name": "Acme"})
        assert event(await first) == {
            "name": "account.created",
            "subject": {"__typename": "Account", "name": "Acme"},
        }
    await listening(site, 0)


async def test_partner_hears_of_its_own_accounts_only(site: Site) -> None:
    """An event that a query would not show is not sent, not even as null."""
    made = await site.ask(CREATE, input={"name": "Shared"})
    with site.database.writing() as session:
        partner = session.exec(select(User).where(User.role == Role.PARTNER)).one()
        account = session.exec(select(Account)).one()
        session.add(AccountShare(user_id=partner.id, account_id=account.id))
        session.commit()
    async with aclosing(subscribed(site, Role.PARTNER)) as replies:
        first = asyncio.ensure_future(anext(replies))
        await listening(site)
        await site.ask(CREATE, input={"name": "Hidden"})
        shared = made["data"]["createAccount"]["account"]["id"]
        text = """mutation ($id: ID!) { createOpportunity(input: {accountId: $id, name: "Deal"}) {
            opportunity { id } userErrors { message } } }"""
        answer = await site.ask(text, id=shared)
        assert answer["data"]["createOpportunity"]["userErrors"] == []
        assert event(await first)["name"] == "opportunity.created"


async def test_revoked_key_ends_the_subscription(embedded_settings: Settings) -> None:
    """At the next event: a subscription does not outlive its key."""
    with make_site(replace(embedded_settings, key_cache_seconds=0)) as site:
        async with aclosing(subscribed(site, Role.SALES)) as replies:
            first = asyncio.ensure_future(anext(replies))
            await listening(site)
            with site.database._writer.begin() as connection:
                connection.exec_driver_sql(
                    "UPDATE api_key SET revoked_at = '2026-01-01T00:00:00.000000Z' "
                    "WHERE user_id IN (SELECT id FROM user WHERE role = 'SALES')"
                )
            await site.ask(CREATE, input={"name": "Acme"})
            reply = await first
            assert reply.data is None
            assert (reply.errors[0].extensions or {})["code"] == "UNAUTHENTICATED"
            with pytest.raises(StopAsyncIteration):
                await anext(replies)
        assert len(site.operations.streams) == 0


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("subscription { nothing }", "GRAPHQL_VALIDATION_FAILED"),
        (
            "subscription { a: events { event { id } } b: events { event { id } } }",
            "GRAPHQL_VALIDATION_FAILED",
        ),
        ("subscription ($y: Boolean! = true) { events @skip(if: $y) { event { id } } }", "BAD_USER_INPUT"),
    ],
)
async def test_unusable_subscription_is_refused_at_once(embedded: Site, text: str, code: str) -> None:
    """One reply without data, and no subscriber."""
    replies = [reply async for reply in subscribed(embedded, Role.ADMIN, text)]
    assert [(reply.data, (reply.errors[0].extensions or {})["code"]) for reply in replies] in (
        [(None, code)],
        [(None, "GRAPHQL_VALIDATION_FAILED")],
    )
    assert len(embedded.operations.streams) == 0


async def test_slow_subscriber_is_told_and_closed(embedded_settings: Settings) -> None:
    """What was queued is still sent; then comes the error."""
    with make_site(replace(embedded_settings, stream_queue_events=2)) as site:
        async with aclosing(subscribed(site, Role.ADMIN)) as replies:
            first = asyncio.ensure_future(anext(replies))
            await listening(site)
            await site.ask(CREATE, input={"name": "A"})
            await first
            for name in "BCD":
                await site.ask(CREATE, input={"name": name})
            rest = [reply async for reply in replies]
        assert [event(reply)["subject"]["name"] for reply in rest[:-1]] == ["B", "C"]
        assert rest[-1].errors[0].message == (
            "You read more slowly than events come: more than 2 wait. "
            "Subscribe again, and read the timeline for what you missed."
        )


async def test_subscribers_end_when_the_server_does() -> None:
    """Those that listen, and those that come too late; what was queued is still given."""
    streams = Streams(10)
    with streams.subscriber() as subscriber:
        streams.publish([UUID(int=1), UUID(int=2)])
        streams.close()
        assert [key async for key in subscriber.event_keys()] == [UUID(int=1), UUID(int=2)]
    with streams.subscriber() as late:
        assert [key async for key in late.event_keys()] == []
    assert len(streams) == 0


async def test_overflow_is_raised_after_what_was_queued() -> None:
    """No event of the queue is lost, and none is given twice."""
    streams = Streams(2)
    with streams.subscriber() as subscriber:
        streams.publish([UUID(int=number) for number in range(3)])
        given = []

        async def read() -> None:
            async for key in subscriber.event_keys():
                given.append(key)  # noqa: PERF401  # A comprehension would lose them with the exception.

        with pytest.raises(StreamOverflowed):
            await read()
        assert given == [UUID(int=0), UUID(int=1)]


async def test_subscriber_that_is_cancelled_leaves_nothing_behind() -> None:
    """A hundred of them, at whatever they wait."""
    streams = Streams(2)

    async def read() -> None:
        with streams.subscriber() as subscriber:
            async with aclosing(subscriber.event_keys()) as keys:
                async for _ in keys:
                    pass

    tasks = [asyncio.ensure_future(read()) for _ in range(100)]
    await asyncio.sleep(0)
    streams.publish([UUID(int=1)])
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    await asyncio.sleep(0)
    assert len(streams) == 0
    assert asyncio.all_tasks() == {asyncio.current_task()}
