"""Is each operation answered once, whole, and in its time?"""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import func
from sqlmodel import SQLModel, col, select

from graphql_api.operation import Operations, Question
from graphql_api.planner.planner import Planner
from graphql_api.schema import build_schema
from graphql_api.settings import Settings
from models.access import Role
from models.account import Account
from models.database import Database
from models.engines import Limits
from models.event import Chain, Event, IdempotencyEntry
from tests.graphql_api.conftest import Site, make_keys, make_site
from tests.postgresql import Server

CREATE = """
mutation ($input: CreateAccountInput!, $dry: Boolean! = false) {
  createAccount(input: $input, dryRun: $dry) {
    account { id name version } alreadyDone userErrors { __typename code message path }
  }
}
"""


async def make_opportunity(site: Site) -> dict[str, Any]:
    """Return id and version of an opportunity of a new account."""
    made = await site.ask(CREATE, input={"name": "Acme"})
    text = """mutation ($account: ID!) { createOpportunity(input: {accountId: $account, name: "Deal"}) {
        opportunity { id version } userErrors { message } } }"""
    answer = await site.ask(text, account=made["data"]["createAccount"]["account"]["id"])
    found: dict[str, Any] = answer["data"]["createOpportunity"]["opportunity"]
    return found


def count(site: Site, table: type[SQLModel]) -> int:
    """Return the number of rows of a table."""
    with site.database.reading() as session:
        return session.exec(select(func.count()).select_from(table)).one()


def events(site: Site) -> list[Event]:
    """Return all events, in their order."""
    with site.database.reading() as session:
        return list(session.exec(select(Event).order_by(col(Event.id))))


async def test_command_answers_with_the_record_that_it_made(site: Site) -> None:
    """The payload is what a query would show."""
    answer = await site.ask(CREATE, input={"name": "Acme"})
    payload = answer["data"]["createAccount"]
    account = payload["account"]
    assert payload == {
        "account": {**account, "name": "Acme", "version": 1},
        "alreadyDone": False,
        "userErrors": [],
    }
    read = await site.ask(
        "query ($id: ID!) { node(id: $id) { id } account(by: {id: $id}) { name } }", id=account["id"]
    )
    assert read["data"] == {"node": {"id": account["id"]}, "account": {"name": "Acme"}}
    assert (count(site, Account), count(site, Event)) == (1, 1)


async def test_dry_run_answers_and_writes_nothing(site: Site) -> None:
    """Not even the idempotency key."""
    answer = await site.ask(CREATE, input={"name": "Acme", "idempotencyKey": "k"}, dry=True)
    assert answer["data"]["createAccount"]["account"]["name"] == "Acme"
    assert [count(site, table) for table in (Account, Event, IdempotencyEntry)] == [0, 0, 0]


async def test_refused_command_tells_why_and_writes_nothing(site: Site) -> None:
    """The record is null, lists are empty, the reason is data."""
    text = """mutation { acceptQuote(input: {id: "lead_00000000000000000000000001", idempotencyKey: "k"}) {
        quote { id } closedQuotes { id } alreadyDone userErrors { __typename code message path } } }"""
    answer = await site.ask(text)
    assert "errors" not in answer
    assert answer["data"]["acceptQuote"] == {
        "quote": None,
        "closedQuotes": [],
        "alreadyDone": False,
        "userErrors": [
            {
                "__typename": "InputError",
                "code": "WRONG_ID_TYPE",
                "message": "This is the id of a lead; a quote is needed here.",
                "path": ["input", "id"],
            }
        ],
    }
    assert [count(site, table) for table in (Event, IdempotencyEntry)] == [0, 0]


async def test_stale_version_shows_the_present_record(site: Site) -> None:
    """What is needed to try again is in the answer."""
    opportunity = await make_opportunity(site)
    text = """mutation ($id: ID!) { updateOpportunity(input: {id: $id, name: "Other", expectedVersion: 9}) {
        opportunity { id }
        userErrors { code ... on StaleVersionError { current { __typename id version } } } } }"""
    answer = await site.ask(text, id=opportunity["id"])
    assert answer["data"]["updateOpportunity"] == {
        "opportunity": None,
        "userErrors": [
            {
                "code": "STALE_VERSION",
                "current": {
                    "__typename": "Opportunity",
                    "id": opportunity["id"],
                    "version": opportunity["version"],
                },
            }
        ],
    }


async def test_role_that_may_not_is_told_at_the_top_level(site: Site) -> None:
    """The payload is null; nothing was written."""
    answer = await site.ask(CREATE, Role.SUPPORT, input={"name": "Acme"})
    (error,) = answer["errors"]
    assert answer["data"] == {"createAccount": None}
    assert (error["extensions"]["code"], error["path"]) == ("FORBIDDEN", ["createAccount"])
    assert count(site, Account) == 0


async def test_fields_of_a_mutation_run_one_after_another(site: Site) -> None:
    """A refused one leaves the others as they are; each is a transaction of its own."""
    text = """mutation {
      __typename
      a: createAccount(input: {name: "A"}) { account { name } }
      b: createAccount(input: {name: " "}) { account { name } userErrors { code } }
      c: createAccount(input: {name: "C"}) { account { name } }
    }"""
    answer = await site.ask(text)
    assert list(answer["data"]) == ["__typename", "a", "b", "c"]
    assert answer["data"]["__typename"] == "Mutation"
    assert answer["data"]["b"] == {"account": None, "userErrors": [{"code": "VALIDATION"}]}
    assert answer["data"]["a"] == {"account": {"name": "A"}}
    assert answer["data"]["c"] == {"account": {"name": "C"}}
    assert count(site, Account) == 2


async def test_skipped_command_is_not_run(site: Site) -> None:
    """@skip and @include hold for mutation fields, through fragments as well."""
    text = """mutation ($yes: Boolean!) {
      ... @skip(if: $yes) { a: createAccount(input: {name: "A"}) { alreadyDone } }
      ...F
    }
    fragment F on Mutation { b: createAccount(input: {name: "B"}) @include(if: $yes) { alreadyDone } }"""
    assert (await site.ask(text, yes=True))["data"] == {"b": {"alreadyDone": False}}
    assert count(site, Account) == 1


async def test_payload_that_cannot_be_read_takes_the_command_back(site: Site) -> None:
    """A page too large in the payload: an error, and no account that the client does not know of."""
    text = """mutation { createAccount(input: {name: "A"}) {
        account { contacts(first: 101) { nodes { id } } } } }"""
    answer = await site.ask(text)
    assert answer["data"] == {"createAccount": None}
    assert [error["extensions"]["code"] for error in answer["errors"]] == ["BAD_USER_INPUT"]
    assert count(site, Account) == 0


async def test_repeat_with_the_same_key_gets_the_first_answer(site: Site) -> None:
    """The same request gets the same bytes; another selection is read anew; nothing is done twice."""
    given = {"name": "Acme", "idempotencyKey": "k-1"}
    first = await site.ask(CREATE, input=given)
    again = await site.ask(CREATE, input=given)
    assert again["data"] == first["data"]
    other = await site.ask(
        "mutation ($input: CreateAccountInput!) { createAccount(input: $input) { account { name } } }",
        input=given,
    )
    assert other["data"]["createAccount"]["account"] == {"name": "Acme"}
    assert (count(site, Account), count(site, Event)) == (1, 1)


async def test_reused_key_is_refused(site: Site) -> None:
    """Other input under the same key is a mistake of the client's."""
    await site.ask(CREATE, input={"name": "Acme", "idempotencyKey": "k"})
    answer = await site.ask(CREATE, input={"name": "Other", "idempotencyKey": "k"})
    (error,) = answer["data"]["createAccount"]["userErrors"]
    assert (error["__typename"], error["code"]) == ("IdempotencyError", "IDEMPOTENCY_KEY_REUSED")
    assert count(site, Account) == 1


async def test_header_is_the_key_of_the_one_command(site: Site) -> None:
    """As if it stood in the input."""
    for _ in range(2):
        answer = await site.ask(CREATE, headers={"Idempotency-Key": "k"}, input={"name": "Acme"})
        assert answer["data"]["createAccount"]["account"]["name"] == "Acme"
    await site.ask(CREATE, input={"name": "Acme", "idempotencyKey": "k"})
    assert count(site, Account) == 1


async def test_header_that_does_not_fit_is_refused(site: Site) -> None:
    """With two commands it is not clear which it is for; with another key, which of the two counts."""
    two = """mutation { a: createAccount(input: {name: "A"}) { alreadyDone }
                        b: createAccount(input: {name: "B"}) { alreadyDone } }"""
    answer = await site.ask(two, headers={"Idempotency-Key": "k"})
    assert answer["errors"][0]["message"] == (
        "The header Idempotency-Key is for one command, the document has 2; use the argument idempotencyKey."
    )
    answer = await site.ask(
        CREATE, headers={"Idempotency-Key": "k"}, input={"name": "A", "idempotencyKey": "l"}
    )
    assert answer["errors"][0]["message"] == (
        "The header Idempotency-Key and the argument idempotencyKey differ; send one of them."
    )
    assert count(site, Account) == 0


async def test_clients_at_once_with_one_key_make_one_record(site: Site) -> None:
    """Eight repeats in flight together: one effect, and nobody meets a fault."""
    given = {"name": "Acme", "idempotencyKey": "k"}
    answers = await asyncio.gather(*(site.ask(CREATE, input=given) for _ in range(8)))
    codes = {error["extensions"]["code"] for answer in answers for error in answer.get("errors", ())}
    assert codes <= {"IDEMPOTENCY_IN_PROGRESS", "RETRYABLE"}
    made = {answer["data"]["createAccount"]["account"]["id"] for answer in answers if "errors" not in answer}
    assert len(made) == 1
    assert count(site, Account) == 1


async def test_without_a_key_only_the_schema_is_read(site: Site) -> None:
    """``__typename`` and introspection; any record and any command wants a key."""
    assert (await site.ask("{ __typename __schema { queryType { name } } }", None))["data"] == {
        "__typename": "Query",
        "__schema": {"queryType": {"name": "Query"}},
    }
    for text in (
        "{ viewer { id } }",
        "{ __typename ...F } fragment F on Query { accounts { nodes { id } } }",
        "mutation { __typename }",
        'mutation { createAccount(input: {name: "A"}) { alreadyDone } }',
    ):
        answer = await site.ask(text, None)
        assert answer["errors"][0]["message"] == (
            "Without an API key only the schema can be read; send `Authorization: Bearer sales_…`."
        )
    assert count(site, Account) == 0


@pytest.mark.parametrize(
    ("text", "variables", "code", "words"),
    [
        ("query ($id: ID!) { account(by: {id: $id}) { id } }", {}, "BAD_USER_INPUT", "Variable '$id'"),
        (
            "{ accounts(first: 101) { nodes { id } } }",
            {},
            "BAD_USER_INPUT",
            "`first` is between 0 and 100; 101",
        ),
        ('{ account(by: {id: "x"}) { id } }', {}, "BAD_USER_INPUT", "'x' is not an id"),
        ("{ a(", {}, "GRAPHQL_PARSE_FAILED", "Syntax Error"),
        ("query ($n: [ID!]!) { nodes(ids: $n) { id } }", {"n": ["a"] * 251}, "BAD_USER_INPUT", "251 items"),
    ],
)
async def test_unusable_input_is_named(
    site: Site, text: str, variables: dict[str, Any], code: str, words: str
) -> None:
    """Code and message."""
    (error,) = (await site.ask(text, **variables))["errors"]
    assert error["extensions"]["code"] == code
    assert words in error["message"]


async def test_cost_above_the_limit_of_the_role_is_not_run(site: Site) -> None:
    """A partner gets ten thousand records at once, an own role five times as many."""
    text = "{ accounts(first: 100) { nodes { contacts(first: 100) { nodes { id } } } } }"
    answer = await site.ask(text, Role.PARTNER)
    assert answer["errors"][0]["extensions"]["requested"] == 10_100
    assert answer["errors"][0]["extensions"]["limit"] == 10_000
    assert (await site.ask(text, Role.SALES))["data"] == {"accounts": {"nodes": []}}


@asynccontextmanager
async def impatient(site: Site) -> AsyncIterator[Callable[[str], Awaitable[Any]]]:
    """Give a way to rename an opportunity that waits a twentieth of a second for a lock; another holds it."""
    key = (await make_opportunity(site))["id"]
    database = Database(site.settings.url, readers=4, limits=Limits(lock_seconds=0.05))
    schema = build_schema()._schema
    operations = Operations(site.settings, schema, database, Planner(schema, database.dialect))
    text = """mutation ($id: ID!, $name: String!) {
      updateOpportunity(input: {id: $id, name: $name, expectedVersion: null}) { opportunity { name } } }"""

    async def rename(name: str) -> Any:
        question = Question(text, None, {"id": key, "name": name}, site.keys[Role.SALES])
        return json.loads((await operations.answer(question)).body())

    with site.database.writing() as session:
        session.exec(select(Chain).with_for_update()).all()
        yield rename
    operations.close()
    database.close()


async def test_lock_that_lets_go_is_not_noticed(site: Site) -> None:
    """A command that met another's lock runs again, in a fresh session."""
    async with impatient(site) as rename:
        first = asyncio.ensure_future(rename("New"))
        await asyncio.sleep(0.1)
    assert (await first)["data"] == {"updateOpportunity": {"opportunity": {"name": "New"}}}
    assert [event.type for event in events(site)] == [
        "account.created",
        "opportunity.created",
        "opportunity.updated",
    ]


async def test_lock_that_stays_is_told(site: Site) -> None:
    """After the tries of the settings: nothing was written, and the client may repeat the command."""
    async with impatient(site) as rename:
        answer = await rename("New")
    (error,) = answer["errors"]
    assert answer["data"] == {"updateOpportunity": None}
    assert error["extensions"]["code"] == "RETRYABLE"
    assert error["message"] == (
        "Others kept changing the same records. Nothing was written; repeat the command."
    )
    assert len(events(site)) == 2


async def test_slow_statement_is_given_up(postgresql: Server) -> None:
    """A command that waits for a lock for longer than a statement may take; the lock's own limit is later."""
    url = postgresql.create("slow_statement")
    with make_site(Settings(database_url=url, statement_timeout_seconds=0.1)) as site:
        key = (await make_opportunity(site))["id"]
        text = """mutation ($id: ID!) {
            updateOpportunity(input: {id: $id, name: "B", expectedVersion: null}) { opportunity { id } } }"""
        with site.database.writing() as session:
            session.exec(select(Chain).with_for_update()).all()
            answer = await site.ask(text, id=key)
        (error,) = answer["errors"]
        assert (error["extensions"]["code"], error["path"]) == ("TIMEOUT", ["updateOpportunity"])
        assert error["message"] == "The command took longer than 0.1 s and was given up. Nothing was written."
    postgresql.drop("slow_statement")


async def test_operation_that_takes_too_long_is_given_up(embedded_settings: Settings) -> None:
    """The client hears after the operation's time, and the command that waited is not kept."""
    settings = replace(embedded_settings, operation_timeout_seconds=0.2)
    with make_site(settings) as site:
        with site.database.writing():
            answer = await site.ask(CREATE, input={"name": "Late"})
        assert answer["errors"][0]["extensions"]["code"] == "TIMEOUT"
        assert "data" not in answer
        # The worker gets the lock now, and finds that nobody waits for it.
        await site.operations.on_thread(lambda: None)
        site.operations.close()
        assert count(site, Account) == 0


async def test_unforeseen_fault_is_masked(embedded: Site, caplog: pytest.LogCaptureFixture) -> None:
    """Neither the statement nor the driver's words go out; the log has them under the request's id."""
    with embedded.database._writer.begin() as connection:
        connection.exec_driver_sql("ALTER TABLE account RENAME TO gone")
    answer = await embedded.ask("{ accounts { nodes { id } } }")
    (error,) = answer["errors"]
    assert error["extensions"]["code"] == "INTERNAL"
    assert "account" not in str(answer)
    assert error["extensions"]["requestId"] in caplog.text
    assert "no such table" in caplog.text


async def test_operations_wait_for_a_thread_and_are_all_answered(embedded_settings: Settings) -> None:
    """Many operations at once wait for their turn, and all are answered."""
    keys = make_keys(embedded_settings)
    settings = replace(embedded_settings, worker_threads=2)
    with make_site(settings) as site:
        question = Question("{ viewer { role } }", secret=keys[Role.SALES])
        replies = await asyncio.gather(*(site.operations.answer(question) for _ in range(50)))
        assert {reply.data for reply in replies} == {b'{"viewer":{"role":"SALES"}}'}


async def test_command_that_finds_no_connection_may_be_repeated(embedded: Site) -> None:
    """While another one has the only connection that writes."""
    embedded.database._writer.pool._timeout = 0.05  # type: ignore[attr-defined]  # A pool that waits has it.
    text = 'mutation { createAccount(input: {name: "A"}) { account { name } } }'
    with embedded.database.writing():
        answer = await embedded.ask(text)
    assert answer["data"] == {"createAccount": None}
    (error,) = answer["errors"]
    assert (error["extensions"]["code"], error["message"]) == (
        "RETRYABLE",
        "The database has too much to do at the moment; repeat the call.",
    )
    assert (await embedded.ask(text))["data"] == {"createAccount": {"account": {"name": "A"}}}
