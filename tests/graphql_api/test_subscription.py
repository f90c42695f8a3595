"""Does each subscriber hear of what was committed and what it may see, of all of it, and of nothing else?"""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import replace
from typing import Any
from uuid import UUID

import orjson
import pytest
from sqlmodel import delete, select

from graphql_api.app import create_app
from graphql_api.operation import Question, Reply
from graphql_api.settings import Settings
from graphql_api.streams import Streams, StreamsClosed
from models.access import AccountShare, Role, User
from models.account import Account
from tests.graphql_api.conftest import Site, listening, make_site

EVENTS = """
subscription ($after: String, $names: [String!], $types: [TimelineEventType!]) {
  events(after: $after, names: $names, types: $types) {
    cursor event { name subject { __typename ... on Account { name } } } } }
"""
OF_RECORD = """
subscription ($id: ID!, $scope: TimelineScope! = SELF, $after: String) {
  recordEvents(id: $id, scope: $scope, after: $after) { cursor event { name } } }
"""
OF_ACCOUNT = """
subscription ($id: ID!, $after: String) { accountEvents(id: $id, after: $after) { cursor event { name } } }
"""
CREATE = """
mutation ($input: CreateAccountInput!, $dry: Boolean! = false) {
  createAccount(input: $input, dryRun: $dry) { account { id } }
}
"""
RENAME = 'mutation ($id: ID!) { updateAccount(input: {id: $id, name: "New"}) { account { id } } }'
COMMENT = """mutation ($id: ID!) { commentOpportunity(input: {id: $id, text: "So it is."}) {
    opportunity { id } userErrors { message } } }"""
OPEN = """mutation ($id: ID!) { createOpportunity(input: {accountId: $id, name: "Deal"}) {
    opportunity { id } userErrors { message } } }"""


def subscribed(site: Site, role: Role, text: str = EVENTS, **variables: Any) -> AsyncGenerator[Reply, None]:
    """Return the replies to a subscription."""
    return site.operations.stream(Question(text, variables=variables, secret=site.keys[role]))


def payload(reply: Reply) -> Any:
    """Return the payload of a reply."""
    assert reply.data is not None, reply.errors
    (found,) = orjson.loads(reply.data).values()
    assert found["cursor"] == reply.cursor
    return found


def event(reply: Reply) -> Any:
    """Return the event of a reply."""
    return payload(reply)["event"]


def code(reply: Reply) -> Any:
    """Return the code of the error that ended a subscription."""
    assert reply.data is None
    return (reply.errors[0].extensions or {})["code"]


async def create(site: Site, name: str, *, dry: bool = False) -> str:
    """Make an account; return its id."""
    answer = await site.ask(CREATE, input={"name": name}, dry=dry)
    made: str = answer["data"]["createAccount"]["account"]["id"]
    return made


async def taken(replies: AsyncGenerator[Reply, None], count: int) -> list[Any]:
    """Return the next payloads."""
    async with asyncio.timeout(20):
        return [payload(await anext(replies)) for _ in range(count)]


def names(payloads: list[Any]) -> list[str]:
    """Return the names of the accounts that payloads tell of."""
    return [each["event"]["subject"]["name"] for each in payloads]


async def test_committed_event_is_sent(site: Site) -> None:
    """What a dry run did is not; the subscriber is forgotten once it goes."""
    await create(site, "Before")
    async with aclosing(subscribed(site, Role.SUPPORT)) as replies:
        first = asyncio.ensure_future(anext(replies))
        await listening(site)
        await create(site, "Dry", dry=True)
        await create(site, "Acme")
        assert event(await first) == {
            "name": "account.created",
            "subject": {"__typename": "Account", "name": "Acme"},
        }
    await listening(site, 0)


async def test_broken_subscription_goes_on_where_it_was(site: Site) -> None:
    """From the cursor of the last event that came, or from that of a query: all that follows, each once."""
    await create(site, "Before")
    here = (await site.ask("{ eventCursor }"))["data"]["eventCursor"]
    async with aclosing(subscribed(site, Role.SALES, after=here)) as replies:
        waiting = asyncio.ensure_future(taken(replies, 3))
        await listening(site)
        for name in "ABC":
            await create(site, name)
        heard = await waiting
    for name in "DE":
        await create(site, name)
    assert names(heard) == ["A", "B", "C"]
    for number, each in enumerate(heard, 1):
        async with aclosing(subscribed(site, Role.SALES, after=each["cursor"])) as replies:
            assert names(await taken(replies, 5 - number)) == ["A", "B", "C", "D", "E"][number:]


async def test_filter_lets_through_what_is_named(site: Site) -> None:
    """By the event's name, by all of a kind of record, and by type; both have to be met."""
    start = (await site.ask("{ eventCursor }"))["data"]["eventCursor"]
    account = await create(site, "Acme")
    await site.ask(OPEN, id=account)
    await site.ask(RENAME, id=account)
    await create(site, "Last")
    cases: list[tuple[dict[str, Any], list[str]]] = [
        ({"names": ["account.*"]}, ["account.created", "account.updated", "account.created"]),
        ({"names": ["account.updated", "opportunity.*"]}, ["opportunity.created", "account.updated"]),
        ({"names": ["account.*"], "types": ["EDITED"]}, ["account.updated"]),
        ({"names": [], "types": ["CREATED"]}, ["account.created", "opportunity.created", "account.created"]),
    ]
    for given, expected in cases:
        async with aclosing(subscribed(site, Role.SALES, after=start, **given)) as replies:
            heard = await taken(replies, len(expected))
        assert [each["event"]["name"] for each in heard] == expected


async def test_one_record_its_deal_and_one_account_are_listened_to(site: Site) -> None:
    """What happens to others is not heard."""
    start = (await site.ask("{ eventCursor }"))["data"]["eventCursor"]
    account, other = await create(site, "Acme"), await create(site, "Other")
    made = [(await site.ask(OPEN, id=each))["data"]["createOpportunity"] for each in (other, account)]
    deal = made[1]["opportunity"]["id"]
    assert (await site.ask(COMMENT, id=deal))["data"]["commentOpportunity"]["userErrors"] == []
    for text, given, expected in (
        (OF_RECORD, {"id": deal}, ["opportunity.created", "opportunity.commented"]),
        (OF_RECORD, {"id": deal, "scope": "CHAIN"}, ["opportunity.created", "opportunity.commented"]),
        (OF_ACCOUNT, {"id": account}, ["account.created", "opportunity.created", "opportunity.commented"]),
        (OF_ACCOUNT, {"id": other}, ["account.created", "opportunity.created"]),
    ):
        async with aclosing(subscribed(site, Role.SALES, text, after=start, **given)) as replies:
            heard = [each["event"]["name"] for each in await taken(replies, len(expected))]
        assert heard == expected


async def test_partner_hears_of_its_own_accounts_only(site: Site) -> None:
    """An event that a query would not show is not sent, not even as null; nor may others' be listened to."""
    shared = await create(site, "Shared")
    with site.database.writing() as session:
        partner = session.exec(select(User).where(User.role == Role.PARTNER)).one()
        account = session.exec(select(Account)).one()
        session.add(AccountShare(user_id=partner.id, account_id=account.id))
        session.commit()
    async with aclosing(subscribed(site, Role.PARTNER)) as replies:
        first = asyncio.ensure_future(anext(replies))
        await listening(site)
        hidden = await create(site, "Hidden")
        answer = await site.ask(OPEN, id=shared)
        assert answer["data"]["createOpportunity"]["userErrors"] == []
        heard = payload(await first)
        assert heard["event"]["name"] == "opportunity.created"
    for text, unseen in ((OF_RECORD, hidden), (OF_ACCOUNT, hidden)):
        (reply,) = [reply async for reply in subscribed(site, Role.PARTNER, text, id=unseen)]
        assert code(reply) == "NOT_FOUND"


async def test_who_has_lost_sight_of_a_record_gets_nothing(site: Site) -> None:
    """Between the look for events and the payload of one, too."""
    start = (await site.ask("{ eventCursor }"))["data"]["eventCursor"]
    shared = await create(site, "Shared")
    with site.database.writing() as session:
        partner = session.exec(select(User).where(User.role == Role.PARTNER)).one()
        session.add(AccountShare(user_id=partner.id, account_id=session.exec(select(Account.id)).one()))
        session.commit()
    for _ in range(3):
        await site.ask(OPEN, id=shared)
    async with aclosing(subscribed(site, Role.PARTNER, after=start)) as replies:
        heard = await taken(replies, 2)
        assert [each["event"]["name"] for each in heard] == ["account.created", "opportunity.created"]
        with site.database.writing() as session:
            session.exec(delete(AccountShare))
            session.commit()
        rest = asyncio.ensure_future(anext(replies))
        done, _ = await asyncio.wait({rest}, timeout=0.3)
        assert not done
        rest.cancel()
        await asyncio.gather(rest, return_exceptions=True)


async def test_revoked_key_ends_the_subscription(embedded_settings: Settings) -> None:
    """At the next event: a subscription does not outlive its key."""
    with make_site(replace(embedded_settings, key_cache_seconds=0)) as site:
        async with aclosing(subscribed(site, Role.SALES)) as replies:
            first = asyncio.ensure_future(anext(replies))
            await listening(site)
            revoke(site)
            await create(site, "Acme")
            assert code(await first) == "UNAUTHENTICATED"
            with pytest.raises(StopAsyncIteration):
                await anext(replies)
        assert len(site.operations.streams) == 0


async def test_revoked_key_ends_a_subscription_that_hears_nothing(embedded_settings: Settings) -> None:
    """It is looked at while nothing happens as well."""
    with make_site(replace(embedded_settings, key_cache_seconds=0)) as site:
        async with aclosing(subscribed(site, Role.SALES)) as replies:
            first = asyncio.ensure_future(anext(replies))
            await listening(site)
            revoke(site)
            async with asyncio.timeout(20):
                assert code(await first) == "UNAUTHENTICATED"


def revoke(site: Site) -> None:
    """Revoke the seller's key, past the server."""
    with site.database._writer.begin() as connection:
        connection.exec_driver_sql(
            "UPDATE api_key SET revoked_at = '2026-01-01T00:00:00.000000Z' "
            "WHERE user_id IN (SELECT id FROM user WHERE role = 'SALES')"
        )


@pytest.mark.parametrize(
    ("text", "variables", "expected"),
    [
        ("subscription { nothing }", {}, "GRAPHQL_VALIDATION_FAILED"),
        (
            "subscription { a: events { event { id } } b: events { event { id } } }",
            {},
            "GRAPHQL_VALIDATION_FAILED",
        ),
        ("subscription ($y: Boolean! = true) { events @skip(if: $y) { event { id } } }", {}, None),
        (EVENTS, {"after": "x"}, "CURSOR_INVALID"),
        (EVENTS, {"after": "WyJldmVudCIsOTk5XQ"}, "CURSOR_INVALID"),
        (EVENTS, {"after": "WyJldmVudCIsLTFd"}, "CURSOR_INVALID"),
        (EVENTS, {"after": ""}, "CURSOR_INVALID"),
        (EVENTS, {"names": ["quote"]}, "BAD_USER_INPUT"),
        (OF_RECORD, {"id": "x"}, "BAD_USER_INPUT"),
        (OF_RECORD, {"id": "quote_01jz8k3v4m8e5b6c7d8e9f0g1h"}, "NOT_FOUND"),
        (OF_RECORD, {"id": "nothing_01jz8k3v4m8e5b6c7d8e9f0g1h"}, "NOT_FOUND"),
        (OF_ACCOUNT, {"id": "quote_01jz8k3v4m8e5b6c7d8e9f0g1h"}, "BAD_USER_INPUT"),
    ],
)
async def test_unusable_subscription_is_refused_at_once(
    embedded: Site, text: str, variables: dict[str, Any], expected: str | None
) -> None:
    """One reply without data, and no subscriber."""
    (reply,) = [reply async for reply in subscribed(embedded, Role.ADMIN, text, **variables)]
    assert code(reply) in ({expected} if expected else {"BAD_USER_INPUT", "GRAPHQL_VALIDATION_FAILED"})
    assert len(embedded.operations.streams) == 0


@pytest.mark.parametrize("text", [OF_RECORD, OF_RECORD.replace("scope: $scope", "scope: SELF")])
async def test_scope_is_the_record_itself_however_it_is_written(embedded: Site, text: str) -> None:
    """As a variable's value, and in the document."""
    text = text.replace("$scope: TimelineScope! = SELF, ", "") if "scope: SELF" in text else text
    account = await create(embedded, "Acme")
    given = {"scope": "SELF"} if "$scope" in text else {}
    async with aclosing(subscribed(embedded, Role.ADMIN, text, id=account, **given)) as replies:
        waiting = asyncio.ensure_future(anext(replies))
        await listening(embedded)
        await embedded.ask(RENAME, id=account)
        assert event(await waiting)["name"] == "account.updated"


async def test_record_without_a_deal_has_no_chain_to_listen_to(embedded: Site) -> None:
    """The refusal says what to ask instead."""
    account = await create(embedded, "Acme")
    stream = subscribed(embedded, Role.ADMIN, OF_RECORD, id=account, scope="CHAIN")
    (reply,) = [reply async for reply in stream]
    assert (code(reply), reply.errors[0].message) == (
        "BAD_USER_INPUT",
        "This account belongs to no deal: listen with scope SELF, or to accountEvents.",
    )


async def test_slow_subscriber_is_told_and_ended_and_goes_on(embedded_settings: Settings) -> None:
    """Nothing is kept for it meanwhile; from its cursor it gets all that it missed."""
    with make_site(replace(embedded_settings, stream_max_behind=2)) as site:
        async with aclosing(subscribed(site, Role.ADMIN)) as replies:
            first = asyncio.ensure_future(anext(replies))
            await listening(site)
            await create(site, "A")
            last = payload(await first)
            for name in "BCDE":
                await create(site, name)
            site.operations.streams.catch_up()
            rest = [reply async for reply in replies]
        assert [code(reply) for reply in rest] == ["RATE_LIMITED"]
        assert rest[0].errors[0].message == (
            "You read more slowly than events come: more than 2 wait. "
            "Subscribe again with `after`: the cursor of the last event that you have; nothing is missed."
        )
        async with aclosing(subscribed(site, Role.ADMIN, after=last["cursor"])) as replies:
            assert names(await taken(replies, 4)) == ["B", "C", "D", "E"]


async def test_viewer_listens_as_often_as_it_may(embedded_settings: Settings) -> None:
    """One more is refused; another user's count is its own, and one that ended makes room."""
    with make_site(replace(embedded_settings, streams_per_viewer=2)) as site:
        tasks = [asyncio.ensure_future(anext(subscribed(site, Role.SALES))) for _ in range(2)]
        await listening(site, 2)
        (reply,) = [reply async for reply in subscribed(site, Role.SALES)]
        assert (code(reply), reply.errors[0].message) == (
            "RATE_LIMITED",
            "You have 2 subscriptions on this server already; end one first.",
        )
        tasks.append(asyncio.ensure_future(anext(subscribed(site, Role.ADMIN))))
        await listening(site, 3)
        tasks.pop(0).cancel()
        await listening(site, 2)
        tasks.append(asyncio.ensure_future(anext(subscribed(site, Role.SALES))))
        await listening(site, 3)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def test_what_another_process_commits_is_sent(site: Site) -> None:
    """Two servers on one database know nothing of each other but its rows."""
    other = Site(site.settings, create_app(site.settings), site.keys)
    try:
        async with aclosing(subscribed(site, Role.SALES)) as replies:
            first = asyncio.ensure_future(taken(replies, 3))
            await listening(site)
            for where, name in ((other, "A"), (site, "B"), (other, "C")):
                await create(where, name)
            assert names(await first) == ["A", "B", "C"]
    finally:
        other.operations.close()
        other.database.close()


async def test_subscribers_end_when_the_server_does(embedded: Site) -> None:
    """Those that listen, and those that come too late; by no reply, as if they had come to their end."""
    replies = subscribed(embedded, Role.ADMIN)
    waiting = asyncio.ensure_future(anext(replies))
    await listening(embedded)
    await asyncio.to_thread(embedded.operations.streams.close)
    for each in (waiting, anext(subscribed(embedded, Role.ADMIN))):
        with pytest.raises(StreamsClosed):
            await each
    assert len(embedded.operations.streams) == 0


async def test_subscriber_that_is_cancelled_leaves_nothing_behind(embedded: Site) -> None:
    """A hundred of them, at whatever they wait."""
    streams = Streams(embedded.database, poll_seconds=10, most_per_viewer=100)

    async def listen() -> None:
        with streams.listener(UUID(int=1)) as listener:
            while True:
                await listener.wait(0, 10)

    tasks = [asyncio.ensure_future(listen()) for _ in range(100)]
    await asyncio.sleep(0)
    assert len(streams) == 100
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    await asyncio.to_thread(streams.close)
    assert len(streams) == 0
    assert streams._counts == {}
