"""Is nothing done a second time, and nothing that need not be done?"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import orjson
import pytest
from sqlalchemy import event
from sqlalchemy.pool import Pool
from sqlmodel import select

from graphql_api.operation import Question
from graphql_api.operation import document as documents
from graphql_api.operation.document import Documents
from graphql_api.settings import Settings
from models.access import ApiKey, Role
from tests.graphql_api.conftest import Site, make_site

VIEWER = "{ viewer { role } who: viewer { __typename } __typename }"


def threads(site: Site) -> int:
    """Return how many threads have been needed: each of the first pieces of work starts one."""
    return len(site.operations._threads._threads)


@contextmanager
def connections() -> Iterator[list[None]]:
    """Give a list with an item for each connection that is taken to a database."""
    taken: list[None] = []

    def note(*_: Any) -> None:
        taken.append(None)

    event.listen(Pool, "checkout", note)
    try:
        yield taken
    finally:
        event.remove(Pool, "checkout", note)


def calls_of(monkeypatch: pytest.MonkeyPatch, name: str) -> list[None]:
    """Return a list with an item for each call of a function of graphql-core for a document."""
    calls: list[None] = []
    real: Callable[..., Any] = getattr(documents, name)

    def noted(*args: Any, **kwargs: Any) -> Any:
        calls.append(None)
        return real(*args, **kwargs)

    monkeypatch.setattr(documents, name, noted)
    return calls


async def test_known_document_is_neither_parsed_nor_validated_again(
    embedded: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Once for the text, whoever asks, with whatever variables."""
    steps = [calls_of(monkeypatch, name) for name in ("parse", "validate")]
    text = "query ($n: Int) { accounts(first: $n) { nodes { id } } }"
    for role, number in ((Role.SALES, 1), (Role.SALES, 2), (Role.PARTNER, 3)):
        assert (await embedded.ask(text, role, n=number))["data"] == {"accounts": {"nodes": []}}
    assert [len(each) for each in steps] == [1, 1]


async def test_who_asks_is_answered_without_thread_and_connection(site: Site) -> None:
    """The first time the key is looked up; from then on there is nothing to wait for."""
    expected = {"viewer": {"role": "SALES"}, "who": {"__typename": "Viewer"}, "__typename": "Query"}
    assert (await site.ask(VIEWER, Role.SALES))["data"] == expected
    assert threads(site) == 1
    with connections() as taken:
        answer = await site.ask(VIEWER, Role.SALES)
    assert answer["data"] == expected
    assert answer["extensions"]["cost"] == {"requested": 0, "limit": 50_000, "remaining": 50_000}
    assert (threads(site), taken) == (1, [])


@pytest.mark.parametrize(
    "text",
    [
        "{ viewer { role } accounts { totalCount { value } } }",
        "query ($no: Boolean = true) { viewer { role } accounts @skip(if: $no) { totalCount { value } } }",
        "{ viewer { role } __schema { queryType { name } } }",
        "{ __typename }",
    ],
)
async def test_everything_else_is_answered_on_a_thread(embedded: Site, text: str) -> None:
    """What asks the database for the first time, what variables decide, and what may take long."""
    for count in (1, 2):
        embedded.operations.documents = Documents(embedded.operations._schema, embedded.settings)
        reply = await embedded.operations.answer(Question(text, secret=embedded.keys[Role.SALES]))
        assert (reply.errors, threads(embedded)) == ((), count)


async def test_key_that_has_ended_is_refused_though_its_document_is_known(embedded: Site) -> None:
    """The key is asked about anew once it has been forgotten."""
    question = Question(VIEWER, secret=embedded.keys[Role.SALES])
    for _ in range(2):
        assert (await embedded.operations.answer(question)).errors == ()
    with embedded.database.writing() as session:
        for key in session.exec(select(ApiKey)):
            key.revoked_at = datetime.now(UTC)
        session.commit()
    embedded.operations.authenticator.forget()
    (error,) = (await embedded.operations.answer(question)).errors
    assert error.message == "This API key is unknown or revoked; ask an admin for another."


async def test_caller_of_trusted_documents_is_held_to_them_though_others_are_not(
    embedded_settings: Settings,
) -> None:
    """A document that is known from one caller is no more trusted for another."""
    with make_site(replace(embedded_settings, trusted_documents=("PARTNER",))) as site:
        for _ in range(2):
            assert "errors" not in await site.ask(VIEWER, Role.SALES)
            (error,) = (await site.ask(VIEWER, Role.PARTNER))["errors"]
            assert error["extensions"]["code"] == "PERSISTED_QUERY_REQUIRED"


async def test_each_viewer_is_told_of_itself(embedded: Site) -> None:
    """What was told to one is told again to that one only, and only where nothing else decides."""
    text = "query ($no: Boolean = true) { viewer { role name @skip(if: $no) } }"
    for _ in range(2):
        for role in (Role.SALES, Role.PARTNER):
            assert (await embedded.ask("{ viewer { role } }", role))["data"] == {"viewer": {"role": role}}
            assert (await embedded.ask(text, role))["data"] == {"viewer": {"role": role}}
            named = {"role": role, "name": role.title()}
            assert (await embedded.ask(text, role, no=False))["data"] == {"viewer": named}


@pytest.mark.parametrize("text", [VIEWER, "{ nothing }", "{ accounts(first: 1000) { nodes { id } } }"])
async def test_body_says_what_the_parts_of_a_reply_say(embedded: Site, text: str) -> None:
    """Errors, data, extensions, in this order."""
    reply = await embedded.operations.answer(Question(text, secret=embedded.keys[Role.SALES]))
    assert reply.body() == b"".join(reply.parts()) == orjson.dumps(reply.content())
    assert ("errors" in reply.content()) is (text != VIEWER)
