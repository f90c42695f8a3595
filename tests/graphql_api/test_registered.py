"""Is a document found by its hash, in every form and over every transport, and does nobody trust itself?"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest

from graphql_api.operation.registered import Texts
from graphql_api.settings import Settings
from models.access import Role
from models.trusted_document import distrust, sha256_of, trust
from tests.graphql_api.conftest import Site, listening, make_site
from tests.graphql_api.test_websocket import opened

ROLE = "{ viewer { role } }"
OTHER = "{ viewer { name } }"
COMMAND = 'mutation { createAccount(input: {name: "Acme"}) { account { name } } }'
NO_HASH = (
    "`extensions.persistedQuery.sha256Hash` has to be the SHA-256 of the document's text in UTF-8, "
    "as 64 lower-case hex digits."
)
NO_DOCUMENT_ID = (
    "`documentId` has to be the SHA-256 of the document's text in UTF-8, as 64 lower-case hex "
    "digits, with sha256: before them or without."
)
NOW = datetime(2026, 3, 2, tzinfo=UTC)


def apollos(text: str, version: Any = 1, **given: Any) -> dict[str, Any]:
    """Return the parts that Apollo's protocol sends for a text."""
    return {"extensions": {"persistedQuery": {"version": version, "sha256Hash": sha256_of(text)}}} | given


def forms(text: str) -> list[dict[str, Any]]:
    """Return the parts of a request in each of the three forms."""
    return [apollos(text), {"documentId": f"sha256:{sha256_of(text)}"}, {"documentId": sha256_of(text)}]


def register(site: Site, *texts: str) -> None:
    """Trust documents, as the command line does."""
    with site.database.writing() as session:
        trust(session, dict.fromkeys(texts, "Test"), NOW)
        session.commit()


async def post(site: Site, parts: Mapping[str, Any], role: Role | None = Role.SALES) -> httpx.Response:
    """Return the response to a request by POST."""
    async with site.client(role) as client:
        return await client.post("/graphql", json=parts)


async def get(
    site: Site, parts: Mapping[str, Any], role: Role | None = Role.SALES, known: str | None = None
) -> httpx.Response:
    """Return the response to a request by GET; ``known`` is the tag of the answer that the client has."""
    params = {name: part if isinstance(part, str) else json.dumps(part) for name, part in parts.items()}
    async with site.client(role) as client:
        headers = {} if known is None else {"If-None-Match": known}
        return await client.get("/graphql", params=params, headers=headers)


def told(response: httpx.Response) -> tuple[int, str, str]:
    """Return status, code and message of a refusal, which is one error."""
    assert "data" not in response.json()
    (error,) = response.json()["errors"]
    return response.status_code, error["extensions"]["code"], error["message"]


@pytest.fixture
def bound_settings(embedded_settings: Settings) -> Settings:
    """Return the settings of a company whose own app runs trusted documents only."""
    return replace(embedded_settings, trusted_documents=("SALES", "ANONYMOUS"), key_cache_seconds=0.0)


@pytest.fixture
def bound(bound_settings: Settings) -> Iterator[Site]:
    """Return an application of that company."""
    with make_site(bound_settings) as site:
        yield site


async def test_trusted_document_is_found_in_every_form(site: Site) -> None:
    """By POST and by GET."""
    register(site, ROLE)
    for parts in forms(ROLE):
        for response in (await post(site, parts), await get(site, parts)):
            assert (response.status_code, response.json()["data"]) == (200, {"viewer": {"role": "SALES"}})


async def test_trusted_document_takes_variables_and_a_name(site: Site) -> None:
    """As one whose text is sent."""
    text = "query A { viewer { name } } query B($n: String!) { __type(name: $n) { name } }"
    register(site, text)
    parts = {"documentId": sha256_of(text), "operationName": "B", "variables": {"n": "Quote"}}
    assert (await post(site, parts)).json()["data"] == {"__type": {"name": "Quote"}}


async def test_unknown_hash_asks_for_the_text(embedded: Site) -> None:
    """In the words that clients of Apollo's protocol look for; other clients are told more."""
    apollo, prefixed, bare = forms(ROLE)
    assert told(await post(embedded, apollo)) == (400, "PERSISTED_QUERY_NOT_FOUND", "PersistedQueryNotFound")
    words = f"No document is registered under {sha256_of(ROLE)}; send its text as `query` too."
    for parts in (prefixed, bare):
        assert told(await get(embedded, parts)) == (400, "PERSISTED_QUERY_NOT_FOUND", words)


async def test_clients_of_plain_json_are_asked_for_the_text_with_200(embedded: Site) -> None:
    """As they expect of every error that is not the HTTP request's own."""
    async with embedded.client() as client:
        response = await client.post("/graphql", json=apollos(ROLE), headers={"Accept": "application/json"})
    assert told(response) == (200, "PERSISTED_QUERY_NOT_FOUND", "PersistedQueryNotFound")


async def test_client_registers_a_document_by_sending_it_with_its_hash(site: Site) -> None:
    """From then on any client of this server finds it in every form; another server asks for it again."""
    assert (await post(site, apollos(ROLE, query=ROLE))).json()["data"] == {"viewer": {"role": "SALES"}}
    for parts in forms(ROLE):
        assert (await post(site, parts, Role.PARTNER)).json()["data"] == {"viewer": {"role": "PARTNER"}}
    with make_site(site.settings) as second:
        assert told(await post(second, apollos(ROLE)))[1] == "PERSISTED_QUERY_NOT_FOUND"
        await post(second, {"documentId": sha256_of(ROLE), "query": ROLE})
        assert (await post(second, apollos(ROLE))).status_code == 200


async def test_document_that_does_not_fit_is_not_registered(embedded: Site) -> None:
    """Nor is one that somebody without a key sends."""
    bad = "{ nothing }"
    assert told(await post(embedded, apollos(bad, query=bad)))[1] == "GRAPHQL_VALIDATION_FAILED"
    assert told(await post(embedded, apollos(bad)))[1] == "PERSISTED_QUERY_NOT_FOUND"
    schema = "{ __typename }"
    assert (await post(embedded, apollos(schema, query=schema), None)).status_code == 200
    assert told(await post(embedded, apollos(schema), None))[1] == "PERSISTED_QUERY_NOT_FOUND"


@pytest.mark.parametrize(
    ("parts", "words"),
    [
        (apollos(ROLE, 2), "`extensions.persistedQuery` has to be an object with `version`: 1."),
        (apollos(ROLE, "1"), "`extensions.persistedQuery` has to be an object with `version`: 1."),
        (apollos(ROLE, version=True), "`extensions.persistedQuery` has to be an object with `version`: 1."),
        (
            {"extensions": {"persistedQuery": []}},
            "`extensions.persistedQuery` has to be an object with `version`: 1.",
        ),
        (
            {"extensions": {"persistedQuery": {"version": 1, "sha256Hash": "ab"}}},
            NO_HASH,
        ),
        (
            {"documentId": "md5:" + "a" * 32},
            NO_DOCUMENT_ID,
        ),
        (
            {"documentId": sha256_of(ROLE).upper()},
            NO_DOCUMENT_ID,
        ),
        (
            apollos(ROLE, documentId=sha256_of(OTHER)),
            "`documentId` and `extensions.persistedQuery` name two documents; send one of them.",
        ),
        (
            apollos(ROLE, query=OTHER),
            f"The hash is not that of the text in `query`, whose SHA-256 is {sha256_of(OTHER)}.",
        ),
        (
            {"documentId": f"sha256:{sha256_of(ROLE)}", "query": OTHER},
            f"The hash is not that of the text in `query`, whose SHA-256 is {sha256_of(OTHER)}.",
        ),
    ],
)
async def test_unusable_hash_is_refused(embedded: Site, parts: dict[str, Any], words: str) -> None:
    """The same by POST, by GET and as a stream; no text is run."""
    register(embedded, ROLE, OTHER)
    assert told(await post(embedded, parts)) == (400, "BAD_USER_INPUT", words)
    assert told(await get(embedded, parts)) == (400, "BAD_USER_INPUT", words)
    async with embedded.client() as client:
        response = await client.post("/graphql", json=parts, headers={"Accept": "text/event-stream"})
    assert words in response.text
    assert '"data":{' not in response.text


async def test_wrong_pair_of_hash_and_text_registers_nothing(embedded: Site) -> None:
    """Else one client could put its document in the place of another's."""
    await post(embedded, apollos(ROLE, query=OTHER))
    for text in (ROLE, OTHER):
        assert told(await post(embedded, apollos(text)))[1] == "PERSISTED_QUERY_NOT_FOUND"


async def test_hash_works_over_a_websocket(embedded: Site) -> None:
    """For queries and subscriptions; what is wrong is an error for its id, and the socket lives on."""
    stream = "subscription { events { event { name } } }"
    register(embedded, ROLE, stream)
    with embedded.served() as address:
        async with opened(address, embedded.keys[Role.SALES]) as socket:
            for parts in forms(ROLE):
                await socket.send(type="subscribe", id="1", payload=parts)
                assert (await socket.receive())["payload"]["data"] == {"viewer": {"role": "SALES"}}
                assert await socket.receive() == {"type": "complete", "id": "1"}
            for parts, code in (
                (apollos(OTHER), "PERSISTED_QUERY_NOT_FOUND"),
                (apollos(ROLE, 3), "BAD_USER_INPUT"),
                (apollos(ROLE, query=OTHER), "BAD_USER_INPUT"),
            ):
                await socket.send(type="subscribe", id="2", payload=parts)
                answer = await socket.receive()
                assert (answer["type"], answer["payload"][0]["extensions"]["code"]) == ("error", code)
            await socket.send(type="subscribe", id="3", payload=apollos(OTHER, query=OTHER))
            assert (await socket.receive())["payload"]["data"] == {"viewer": {"name": "Sales"}}
            await socket.receive()
            await socket.send(type="subscribe", id="4", payload=apollos(OTHER))
            assert (await socket.receive())["payload"]["data"] == {"viewer": {"name": "Sales"}}
            await socket.receive()
            await socket.send(type="subscribe", id="5", payload=apollos(stream))
            await listening(embedded)
            await embedded.ask(COMMAND)
            answer = await socket.receive()
            assert answer["payload"]["data"] == {"events": {"event": {"name": "account.created"}}}


async def test_hash_works_as_a_stream(embedded: Site) -> None:
    """Server-sent events carry the answer, or the question for the text."""
    register(embedded, ROLE)
    async with embedded.client(Role.SALES) as client:
        streamed = {"Accept": "text/event-stream"}
        for parts in forms(ROLE):
            response = await client.post("/graphql", json=parts, headers=streamed)
            assert '"data":{"viewer":{"role":"SALES"}}' in response.text
        response = await client.post("/graphql", json=apollos(OTHER), headers=streamed)
        assert '"message":"PersistedQueryNotFound"' in response.text


async def test_caller_who_has_to_runs_trusted_documents_only(bound: Site) -> None:
    """By hash or by text, whatever the form; and no transport is a way around."""
    register(bound, ROLE)
    for parts in (*forms(ROLE), {"query": ROLE}, apollos(ROLE, query=ROLE)):
        assert (await post(bound, parts)).json()["data"] == {"viewer": {"role": "SALES"}}
    words = "This key may run trusted documents only, and this is none: an operator registers them."
    for parts in ({"query": OTHER}, apollos(OTHER, query=OTHER)):
        for response in (await post(bound, parts), await get(bound, parts)):
            assert told(response) == (403, "PERSISTED_QUERY_REQUIRED", words)
    async with bound.client(Role.SALES) as client:
        response = await client.post(
            "/graphql", json={"query": OTHER}, headers={"Accept": "text/event-stream"}
        )
    assert '"code":"PERSISTED_QUERY_REQUIRED"' in response.text
    with bound.served() as address:
        async with opened(address, bound.keys[Role.SALES]) as socket:
            await socket.subscribe("1", OTHER)
            assert (await socket.receive())["payload"][0]["extensions"]["code"] == "PERSISTED_QUERY_REQUIRED"


async def test_kinds_of_viewers_are_bound_one_by_one(bound: Site) -> None:
    """A partner asks what it likes, and what it registers is not trusted for anybody else."""
    assert (await post(bound, apollos(OTHER, query=OTHER), Role.PARTNER)).status_code == 200
    assert (await post(bound, apollos(OTHER), Role.PARTNER)).status_code == 200
    assert told(await post(bound, apollos(OTHER)))[:2] == (400, "PERSISTED_QUERY_NOT_FOUND")
    assert told(await post(bound, {"query": "{ __typename }"}, None))[:2] == (403, "PERSISTED_QUERY_REQUIRED")


async def test_untrusted_command_is_not_run(bound: Site) -> None:
    """No account is made; once it is trusted, one is."""
    assert told(await post(bound, {"query": COMMAND}))[1] == "PERSISTED_QUERY_REQUIRED"
    answer = await bound.ask("{ accounts { nodes { name } } }")
    assert answer["data"]["accounts"]["nodes"] == []
    register(bound, COMMAND)
    made = (await post(bound, {"documentId": sha256_of(COMMAND)})).json()
    assert made["data"] == {"createAccount": {"account": {"name": "Acme"}}}


async def test_removed_document_is_forgotten(bound: Site) -> None:
    """As soon as the cache of keys is; here it keeps nothing."""
    register(bound, ROLE)
    assert (await post(bound, apollos(ROLE))).status_code == 200
    with bound.database.writing() as session:
        assert distrust(session, sha256_of(ROLE))
        session.commit()
    assert told(await post(bound, apollos(ROLE)))[1] == "PERSISTED_QUERY_NOT_FOUND"


async def test_trusted_documents_are_read_once_in_a_while(site: Site) -> None:
    """What was found, or missed, a moment ago is not asked of the database again."""
    assert (await post(site, apollos(ROLE))).status_code == 400
    register(site, ROLE, OTHER)
    assert (await post(site, apollos(ROLE))).status_code == 400
    assert (await post(site, apollos(OTHER))).status_code == 200
    with site.database.writing() as session:
        distrust(session, sha256_of(OTHER))
        session.commit()
    assert (await post(site, apollos(OTHER))).status_code == 200


async def test_command_does_not_run_by_get(embedded: Site) -> None:
    """Trusted or not."""
    register(embedded, COMMAND)
    response = await get(embedded, {"documentId": sha256_of(COMMAND)})
    assert (response.status_code, response.headers["allow"]) == (405, "POST")
    answer = await embedded.ask("{ accounts { nodes { name } } }")
    assert answer["data"]["accounts"]["nodes"] == []


async def test_answer_to_get_is_sent_once(site: Site) -> None:
    """Whoever has it gets 304 without a body, until it changes; another viewer has another."""
    text = "{ accounts { nodes { name } } }"
    register(site, text)
    parts = {"documentId": sha256_of(text)}
    first = await get(site, parts)
    assert first.headers["cache-control"] == "private, no-cache"
    assert first.headers["vary"] == "Accept, Accept-Encoding, Authorization, X-Api-Key"
    tag = first.headers["etag"]
    for known in (tag, tag.removeprefix("W/"), f'"x", {tag}', "*"):
        again = await get(site, parts, known=known)
        assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", tag)
        assert again.headers["x-request-id"] != first.headers["x-request-id"]
    await site.ask(COMMAND)
    changed = await get(site, parts, known=tag)
    assert changed.json()["data"]["accounts"]["nodes"] == [{"name": "Acme"}]
    assert changed.headers["etag"] != tag
    partner = await get(site, parts, Role.PARTNER, known=changed.headers["etag"])
    assert partner.json()["data"]["accounts"]["nodes"] == []


async def test_answer_with_errors_is_not_kept(embedded: Site) -> None:
    """It may be another one the next time."""
    for query in ("{ nothing }", '{ account(by: {number: "A-1"}) { id } }'):
        response = await get(embedded, {"query": query}, known="*")
        assert response.json()["errors"]
        assert (response.headers["cache-control"], "etag" in response.headers) == ("no-store", False)


def test_texts_are_bounded_in_number() -> None:
    """The one that was not used for the longest time goes."""
    texts = Texts(2, 10_000, 60)
    texts.keep("a", "1")
    texts.keep("b", "2")
    assert texts.find("a") == (True, "1")
    texts.keep("c", "3")
    assert [texts.find(each) for each in "abc"] == [(True, "1"), (False, None), (True, "3")]
    assert len(texts) == 2


def test_texts_are_bounded_in_bytes() -> None:
    """An umlaut has two; one that is larger than all room is not kept, and takes the others with it."""
    texts = Texts(100, 1_000, 60)
    texts.keep("a", "ä" * 300)
    assert texts.find("a") == (True, "ä" * 300)
    texts.keep("b", "x")
    assert [texts.find(each)[0] for each in "ab"] == [False, True]
    texts.keep("c", "x" * 2_000)
    assert len(texts) == 0
    texts.keep("d", "x" * 700)
    assert texts.find("d")[0]


def test_texts_expire() -> None:
    """After their time, counted from when they were kept last."""
    now = [0.0]
    texts = Texts(10, 10_000, 60, lambda: now[0])
    texts.keep("a", "1")
    texts.keep("b", None)
    now[0] = 59.0
    assert (texts.find("a"), texts.find("b")) == ((True, "1"), (True, None))
    texts.keep("a", "1")
    now[0] = 60.0
    assert (texts.find("a"), texts.find("b")) == ((True, "1"), (False, None))
    now[0] = 119.0
    assert texts.find("a") == (False, None)
    assert len(texts) == 0


async def test_clients_register_nothing_where_the_setting_says_so(embedded_settings: Settings) -> None:
    """The text is run all the same."""
    with make_site(replace(embedded_settings, persisted_query_entries=0)) as site:
        assert (await post(site, apollos(ROLE, query=ROLE))).status_code == 200
        assert told(await post(site, apollos(ROLE)))[1] == "PERSISTED_QUERY_NOT_FOUND"
        register(site, ROLE)
        assert (await post(site, apollos(ROLE))).status_code == 200
