"""Is what is short answered on the event loop, in the same words, and does nothing else wait for it?"""

import asyncio
import socket
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from typing import Any

import psycopg
import pytest

from graphql_api.operation import Question, Reply
from graphql_api.operation.brief import MOST_AT_ONCE
from graphql_api.operation.pace import Pace
from graphql_api.settings import Settings
from models.access import Role
from tests.graphql_api.conftest import Site, make_site
from tests.postgresql import Server

ACCOUNTS = "query ($n: Int = 5, $after: String) { accounts(first: $n, after: $after) { nodes { name } } }"
CREATE = "mutation ($name: String!) { createAccount(input: {name: $name}) { account { id } } }"
NAMES = b'{"accounts":{"nodes":[{"name":"A"},{"name":"B"}]}}'


def threads(site: Site) -> int:
    """Return how many threads have been needed: each of the first pieces of work starts one."""
    return len(site.operations._threads._threads)


async def ask(site: Site, text: str, **variables: Any) -> Reply:
    """Return the reply to a question of a salesperson."""
    return await site.operations.answer(
        Question(text, variables=variables, secret=site.keys[Role.SALES], request_id="x")
    )


def pace_of(site: Site, text: str) -> Pace:
    """Return what has been found out about a document."""
    document = site.operations.documents.kept(text)
    assert document is not None
    return document.operation(None).pace


async def shorten(site: Site, *texts: str, count: int = 1) -> None:
    """Let documents be answered on the event loop from now on, however slow the machine is."""
    site.operations._brief._seconds = 60
    for text in texts:
        await ask(site, text)
        pace_of(site, text).short_to = 1_000_000
    for _ in range(count - 1):
        await site.operations.on_thread(site.operations._brief.prepare)


@pytest.fixture
async def company(site: Site) -> Site:
    """Return an application with two accounts, on each engine; each piece of a thread's work starts one."""
    site.operations._threads._most = 1_000
    for name in "AB":
        assert "errors" not in await site.ask(CREATE, name=name)
    return site


@contextmanager
def locked(site: Site, table: str) -> Iterator[None]:
    """Let nobody read a table of PostgreSQL."""
    url = site.database.url.render_as_string(hide_password=False).replace("+psycopg", "")
    with psycopg.connect(url) as other:
        other.execute(f"LOCK TABLE {table} IN ACCESS EXCLUSIVE MODE")
        yield


def end_connections(site: Site) -> None:
    """Let the server end all of them."""
    url = site.database.url.render_as_string(hide_password=False).replace("+psycopg", "")
    with psycopg.connect(url) as other:
        other.execute(
            "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity "
            "WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )


@contextmanager
def pair() -> Iterator[tuple[socket.socket, socket.socket]]:
    """Return two ends of a connection."""
    one, other = socket.socketpair()
    with one, other:
        yield one, other


async def turns() -> None:
    """Let the event loop do all that it can do without the database."""
    for _ in range(20):
        await asyncio.sleep(0.001)


async def test_short_question_is_found_out_and_answered_without_a_thread(company: Site) -> None:
    """A thread answers until it is known to be short; then the loop does, from a connection of its own."""
    await ask(company, ACCOUNTS)
    known = threads(company)
    assert company.operations._brief.has_room
    pace_of(company, ACCOUNTS).short_to = 1_000
    company.operations._brief._seconds = 60
    reply = await ask(company, ACCOUNTS)
    assert (reply.data, reply.errors, threads(company)) == (NAMES, (), known)
    assert company.operations._brief.has_room
    # An embedded database has answered before the next question comes: one connection is enough for it.
    await shorten(company, count=3)
    is_embedded = company.database.dialect == "sqlite"
    assert company.operations._brief._spare.is_wanting != is_embedded
    assert company.operations._brief._spare._count == (1 if is_embedded else 3)


@pytest.mark.parametrize(
    ("text", "variables"),
    [
        (ACCOUNTS, {"n": 1}),
        (ACCOUNTS, {"after": "no cursor"}),
        ("{ accounts(first: 1) { totalCount { value } pageInfo { hasNextPage endCursor } } }", {}),
        ("{ accounts { nodes { name contacts { nodes { id } } quotes { nodes { id } } } } }", {}),
        ('{ a: node(id: "account_1") { id } viewer { role } __typename }', {}),
        ("{ accounts { nodes { timeline { nodes { type } } } } leads { nodes { id } } }", {}),
    ],
)
async def test_loop_and_thread_answer_the_same(company: Site, text: str, variables: dict[str, Any]) -> None:
    """Data, errors and cost."""
    on_thread = await ask(company, text, **variables)
    await shorten(company, text)
    known = threads(company)
    on_loop = await ask(company, text, **variables)
    assert threads(company) == known
    assert on_loop.body() == on_thread.body()


async def test_what_a_function_makes_is_answered_on_threads_for_good(company: Site) -> None:
    """It is given a session, and nobody knows how long it takes."""
    text = "{ attention { nodes { __typename } } }"
    await shorten(company, text)
    known = threads(company)
    for count in (1, 2):
        reply = await ask(company, text)
        assert (reply.data, threads(company)) == (b'{"attention":{"nodes":[]}}', known + count)
        assert pace_of(company, text).is_never_short


async def test_question_that_takes_too_long_begins_anew_on_a_thread(company: Site) -> None:
    """On SQLite it is interrupted; the answer is the same, and one like it goes to a thread at once."""
    if company.database.dialect != "sqlite":
        return
    await shorten(company, ACCOUNTS)
    known = threads(company)
    company.operations._brief._seconds = -1
    reply = await ask(company, ACCOUNTS)
    assert (reply.data, reply.errors, threads(company)) == (NAMES, (), known + 1)
    assert company.operations._brief.has_room


async def test_loop_goes_on_while_the_server_has_a_statement(company: Site) -> None:
    """What was asked later is answered first."""
    if company.database.dialect == "sqlite":
        return
    leads = "{ leads { nodes { id } } }"
    await shorten(company, ACCOUNTS, leads, count=2)
    known = threads(company)
    with locked(company, "account"):
        waiting = asyncio.create_task(ask(company, ACCOUNTS))
        await turns()
        assert (await ask(company, leads)).data == b'{"leads":{"nodes":[]}}'
        assert not waiting.done()
    assert ((await waiting).data, threads(company)) == (NAMES, known)


async def test_more_at_once_than_there_are_connections_go_to_threads(company: Site) -> None:
    """Nobody waits for one on the loop, and the question is no longer for it."""
    if company.database.dialect == "sqlite":
        return
    await shorten(company, ACCOUNTS, count=MOST_AT_ONCE)
    with locked(company, "account"):
        waiting = [asyncio.create_task(ask(company, ACCOUNTS)) for _ in range(MOST_AT_ONCE + 1)]
        await turns()
        running = len(company.operations._brief._running)
        assert (running, company.operations._brief.has_room) == (MOST_AT_ONCE, False)
    assert {(await each).data for each in waiting} == {NAMES}
    assert company.operations._brief.has_room


async def test_statement_and_operation_have_their_time_on_the_loop_too(postgresql: Server) -> None:
    """The server stops the one, the loop gives up the other and lets go of its connection in the end."""
    url = postgresql.create("brief_times")
    settings = Settings(database_url=url, statement_timeout_seconds=0.2)
    with make_site(settings) as site:
        await shorten(site, ACCOUNTS)
        known = threads(site)
        with locked(site, "account"):
            (error,) = (await ask(site, ACCOUNTS)).errors
        assert (error.message, threads(site)) == (
            "A statement took longer than 0.2 s and was given up.",
            known,
        )
        assert (await ask(site, ACCOUNTS)).errors == ()
    with make_site(replace(settings, statement_timeout_seconds=5, operation_timeout_seconds=0.2)) as site:
        await shorten(site, ACCOUNTS)
        with locked(site, "account"):
            (error,) = (await ask(site, ACCOUNTS)).errors
            assert error.message == (
                "The operation took longer than 0.2 s and was given up; "
                "what it had not committed is not kept."
            )
            assert len(site.operations._brief._running) == 1
            site.operations.close()
            assert site.operations._brief._running == set()
    postgresql.drop("brief_times")


async def test_restart_of_the_server_is_not_noticed(company: Site) -> None:
    """The connections of the loop have ended: a thread answers, and brings a new one."""
    if company.database.dialect == "sqlite":
        return
    await shorten(company, ACCOUNTS, count=2)
    end_connections(company)
    for _ in range(2):
        reply = await ask(company, ACCOUNTS)
        assert (reply.data, reply.errors) == (NAMES, ())
    assert company.operations._brief.has_room


@pytest.mark.parametrize("is_noticed", [True, False])
async def test_file_of_a_connection_that_ended_is_watched_no_more(company: Site, *, is_noticed: bool) -> None:
    """Whoever gets its number is heard, whether the loop saw it end or whoever asked next."""
    if company.database.dialect == "sqlite":
        return
    await shorten(company, ACCOUNTS)
    await ask(company, ACCOUNTS)
    (lent,) = company.operations._brief._spare._free
    driver: Any = lent.driver_connection
    number = driver.fileno()
    end_connections(company)
    if is_noticed:
        await turns()
        assert not asyncio.get_running_loop().remove_reader(number)
    assert (await ask(company, ACCOUNTS)).data == NAMES
    company.operations.close()
    company.database.close()
    heard = asyncio.Event()
    with ExitStack() as stack:
        pairs = [stack.enter_context(pair()) for _ in range(20)]
        ours, theirs = next(each for each in pairs if each[0].fileno() == number)
        asyncio.get_running_loop().add_reader(ours, heard.set)
        theirs.send(b"x")
        await asyncio.wait_for(heard.wait(), 5)
        asyncio.get_running_loop().remove_reader(ours)


async def test_fault_on_the_loop_is_masked(company: Site, caplog: pytest.LogCaptureFixture) -> None:
    """As on a thread: the log has the driver's words, the client an id."""
    await shorten(company, ACCOUNTS)
    with company.database._writer.begin() as connection:
        connection.exec_driver_sql("ALTER TABLE account RENAME TO gone")
    (error,) = (await ask(company, ACCOUNTS)).errors
    assert (error.extensions or {})["code"] == "INTERNAL"
    assert "account" in caplog.text
    assert company.operations._brief.has_room


async def test_large_variables_are_looked_at_on_a_thread(company: Site) -> None:
    """Coercing them takes its time."""
    text = "query ($ids: [ID!]!) { nodes(ids: $ids) { id } }"
    await shorten(company, ACCOUNTS)
    await ask(company, text, ids=[])
    pace_of(company, text).short_to = 1_000
    few, many = (
        Question(text, variables={"ids": ["x"] * n}, secret=company.keys[Role.SALES]) for n in (99, 100)
    )
    assert company.operations._known(few) is not None
    assert company.operations._known(many) is None
