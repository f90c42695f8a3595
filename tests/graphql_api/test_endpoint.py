"""Does the endpoint keep the rules of GraphQL over HTTP, whatever it is sent?"""

import asyncio
import json
import logging
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from graphql_api.endpoint import media_type_for
from graphql_api.endpoint.request import decode
from graphql_api.errors import RequestRefused
from graphql_api.settings import Settings
from models.access import Role
from tests.graphql_api.conftest import RESPONSE_JSON, Site, make_site

JSON = "application/json"
SMALL = '{"query": "{ __typename }"}'


async def sent(
    site: Site, body: bytes | str, content_type: str = JSON, accept: str = JSON, **headers: str
) -> httpx.Response:
    """Return the response to a body without a key."""
    async with site.client(None) as client:
        return await client.post(
            "/graphql", content=body, headers={"Content-Type": content_type, "Accept": accept} | headers
        )


def code_of(response: httpx.Response) -> str:
    """Return the code of the one error of a response that has no data."""
    body = response.json()
    assert "data" not in body
    (error,) = body["errors"]
    assert error["extensions"]["requestId"] == response.headers["x-request-id"]
    assert isinstance(error["extensions"]["code"], str)
    return str(error["extensions"]["code"])


@pytest.mark.parametrize(
    ("accept", "media_type"),
    [
        (None, JSON),
        ("*/*", JSON),
        ("application/*", JSON),
        (JSON, JSON),
        (RESPONSE_JSON, RESPONSE_JSON),
        (f"{RESPONSE_JSON}, {JSON};q=0.9", RESPONSE_JSON),
        (f"{RESPONSE_JSON};q=0.5, {JSON}", JSON),
        (f"{RESPONSE_JSON};charset=utf-8", RESPONSE_JSON),
        (f"text/html, {JSON};q=0.1", JSON),
        (f"{JSON};q=0, */*", RESPONSE_JSON),
    ],
)
def test_media_type_is_the_favourite_of_the_client(accept: str | None, media_type: str) -> None:
    """Weights count; without a preference it is plain JSON."""
    assert media_type_for([] if accept is None else [accept]) == media_type


@pytest.mark.parametrize("accept", ["text/html", f"{JSON};q=0", f"{JSON};charset=latin-1", "*/*;q=0"])
def test_client_that_takes_neither_media_type_gets_406(accept: str) -> None:
    """The message names both."""
    with pytest.raises(RequestRefused) as caught:
        media_type_for([accept])
    assert caught.value.status == 406
    assert str(caught.value) == f"Only {RESPONSE_JSON} and {JSON} can be sent; accept one of them."


@pytest.mark.parametrize(
    ("query", "variables", "status", "code"),
    [
        ("{", {}, 400, "GRAPHQL_PARSE_FAILED"),
        ("{ nothing }", {}, 422, "GRAPHQL_VALIDATION_FAILED"),
        ("query ($id: ID) { __typename }", {}, 400, "GRAPHQL_VALIDATION_FAILED"),
        ("query A { __typename } query B { __typename }", {}, 422, "GRAPHQL_VALIDATION_FAILED"),
        ("query ($n: String!) { __type(name: $n) { name } }", {"n": 1}, 400, "BAD_USER_INPUT"),
        ("{ viewer { id } }", {}, 401, "UNAUTHENTICATED"),
        ("{ a: __schema { types { name } } b: __schema { types { name } } }", {}, 422, "COST_LIMIT_EXCEEDED"),
        ("subscription { events { event { id } } }", {}, 401, "UNAUTHENTICATED"),
    ],
)
async def test_status_tells_what_is_wrong_only_to_clients_of_the_newer_media_type(
    embedded: Site, query: str, variables: dict[str, Any], status: int, code: str
) -> None:
    """The same error is 200 under application/json, since the HTTP request itself is well-formed."""
    body = json.dumps({"query": query, "variables": variables})
    newer = await sent(embedded, body, accept=RESPONSE_JSON)
    assert (newer.status_code, code_of(newer)) == (status, code)
    assert newer.headers["content-type"] == f"{RESPONSE_JSON}; charset=utf-8"
    older = await sent(embedded, body)
    assert (older.status_code, code_of(older)) == (200, code)
    assert older.headers["content-type"] == f"{JSON}; charset=utf-8"


MALFORMED = {
    "empty": b"",
    "number": b"123",
    "null": b"null",
    "string": b'"x"',
    "batch": b'[{"query": "{ __typename }"}]',
    "list of a number": b"[1]",
    "not UTF-8": b'{"query": "\xff"}',
    "deep": b'{"query": "{ __typename }", "variables": ' + b"[" * 5_000 + b"]" * 5_000 + b"}",
    "not closed": b"[" * 5_000,
    "5,000 digits": b'{"query": "{ __typename }", "variables": {"n": ' + b"9" * 5_000 + b"}}",
    "byte order mark": b"\xef\xbb\xbf" + SMALL.encode(),
    "UTF-16": SMALL.encode("utf-16"),
    "key twice": b'{"query": "{ a }", "query": "{ __typename }"}',
    "NaN": b'{"query": "{ __typename }", "variables": {"n": NaN}}',
    "half a surrogate pair": b'{"query": "{ __typename }", "variables": {"n": "\\ud800"}}',
    "no query": b"{}",
    "query null": b'{"query": null}',
    "query list": b'{"query": ["{ __typename }"]}',
    "operationName number": b'{"query": "{ __typename }", "operationName": 1}',
    "operationName object": b'{"query": "{ __typename }", "operationName": {}}',
    "variables list": b'{"query": "{ __typename }", "variables": [1]}',
    "variables string": b'{"query": "{ __typename }", "variables": "{}"}',
    "extensions list": b'{"query": "{ __typename }", "extensions": []}',
    "documentId number": b'{"query": "{ __typename }", "documentId": 1}',
    "query list beside documentId": b'{"query": [], "documentId": "' + b"a" * 64 + b'"}',
}


@pytest.mark.parametrize("name", MALFORMED)
@pytest.mark.parametrize("accept", [JSON, RESPONSE_JSON])
async def test_malformed_body_gets_400(
    embedded: Site, name: str, accept: str, caplog: pytest.LogCaptureFixture
) -> None:
    """Under either media type, with an error that says why, and without a line in the log."""
    with caplog.at_level(logging.WARNING):
        response = await sent(embedded, MALFORMED[name], accept=accept)
    assert (response.status_code, code_of(response)) == (400, "BAD_USER_INPUT")
    assert caplog.records == []


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ("[1]", "The body is a JSON array; batches are not taken, send one operation a request."),
        ("1", 'The body has to be a JSON object like {"query": "{ viewer { id } }"}.'),
        ('{"a": 1, "a": 2}', "The body cannot be read: an object names a key twice."),
        ("[" * 5_000, "The body cannot be read: the JSON is nested too deeply."),
        ('{"query": "{ a }", "variables": []}', "`variables` has to be an object or null."),
        ("{}", "`query` has to be a string: the text of a GraphQL document."),
    ],
)
async def test_message_says_what_to_send(embedded: Site, body: str, message: str) -> None:
    """In the words of the sender's mistake."""
    assert (await sent(embedded, body)).json()["errors"][0]["message"] == message


@pytest.mark.parametrize("around", ["{}", " {}", "{}\n", "\r\n\t {} \n"])
async def test_white_space_may_stand_around_the_body(embedded: Site, around: str) -> None:
    """As in every JSON text; anything else beside it is told with its place."""
    assert (await sent(embedded, around.replace("{}", SMALL))).json()["data"] == {"__typename": "Query"}
    refused = (await sent(embedded, around.replace("{}", SMALL + "{}"))).json()["errors"][0]["message"]
    with pytest.raises(json.JSONDecodeError) as fault:
        json.loads(around.replace("{}", SMALL + "{}"))
    assert refused == f"The body cannot be read: the text is not JSON: {fault.value}."


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_mutated_bodies_never_meet_a_fault(embedded: Site, data: st.DataObject) -> None:
    """Bytes changed at random in a good request are answered with an error, or with the answer."""
    body = bytearray(
        b'{"query": "query A($n: Int = 3) { __typename }", "variables": {"n": 1}, "operationName": "A"}'
    )
    for _ in range(data.draw(st.integers(1, 4))):
        body[data.draw(st.integers(0, len(body) - 1))] = data.draw(st.integers(0, 255))
    response = asyncio.run(sent(embedded, bytes(body), accept=RESPONSE_JSON))
    assert response.status_code in {200, 400, 401, 422}
    assert ("data" in response.json()) == (response.status_code == 200)


@settings(max_examples=300, deadline=None)
@given(st.binary(max_size=60) | st.text(max_size=60))
def test_decoding_gives_a_value_or_says_why_not(data: bytes | str) -> None:
    """Any bytes, any text."""
    try:
        value = decode(data)
    except ValueError as fault:
        assert type(fault) is ValueError  # noqa: PT017  # Either way is right.
    else:
        assert json.loads(data) == value or value != value  # noqa: PLR0124  # Only NaN differs from itself.


@pytest.mark.parametrize(
    "content_type",
    [
        "",
        "text/plain",
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=x",
        "application/graphql",
        "application/json; charset=utf-16",
        "application/jsonx",
    ],
)
async def test_body_that_a_form_could_send_is_refused(embedded: Site, content_type: str) -> None:
    """A page of another site can send these without asking; nothing of them is run."""
    response = await sent(embedded, SMALL, content_type=content_type)
    assert (response.status_code, code_of(response)) == (415, "BAD_USER_INPUT")


@pytest.mark.parametrize(
    "content_type",
    ["Application/JSON", "application/json; charset=UTF-8", 'application/json;charset="utf-8"'],
)
async def test_json_is_known_by_any_spelling(embedded: Site, content_type: str) -> None:
    """Case and a charset of UTF-8 make no difference."""
    assert (await sent(embedded, SMALL, content_type=content_type)).json()["data"] == {"__typename": "Query"}


async def test_compressed_body_is_refused(embedded: Site) -> None:
    """A few bytes could become gigabytes."""
    response = await sent(embedded, b"\x1f\x8b", **{"Content-Encoding": "gzip"})
    assert (response.status_code, code_of(response)) == (415, "BAD_USER_INPUT")


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH", "OPTIONS", "HEAD"])
async def test_other_methods_get_405(embedded: Site, method: str) -> None:
    """Allow names the methods there are."""
    async with embedded.client(None) as client:
        response = await client.request(method, "/graphql")
    assert (response.status_code, response.headers["allow"]) == (405, "GET, POST")


async def test_query_runs_by_get(embedded: Site) -> None:
    """With variables as JSON in the URL."""
    text = "query ($n: String!) { __type(name: $n) { name } }"
    async with embedded.client(None) as client:
        response = await client.get("/graphql", params={"query": text, "variables": '{"n": "Quote"}'})
    assert response.json()["data"] == {"__type": {"name": "Quote"}}
    assert response.headers["cache-control"] == "private, no-cache"


async def test_mutation_by_get_is_not_run(site: Site) -> None:
    """405, POST is allowed; no account is made."""
    async with site.client() as client:
        text = 'mutation { createAccount(input: {name: "Acme"}) { account { id } } }'
        response = await client.get("/graphql", params={"query": text})
    assert (response.status_code, response.headers["allow"], code_of(response)) == (
        405,
        "POST",
        "BAD_USER_INPUT",
    )
    assert (await site.ask("{ accounts { nodes { id } } }"))["data"]["accounts"]["nodes"] == []


@pytest.mark.parametrize(
    "query",
    ["", "query=%7B", "query=%7B__typename%7D&query=%7Bx%7D", "query=%7B__typename%7D&variables=1",
     "query=%7B__typename%7D&variables=%7B", "query=%ff%fe&variables=%ff"],
)  # fmt: skip
async def test_malformed_url_gets_400(embedded: Site, query: str) -> None:
    """As a malformed body does."""
    async with embedded.client(None) as client:
        response = await client.get(f"/graphql?{query}")
    assert response.status_code == 400
    assert code_of(response) in {"BAD_USER_INPUT", "GRAPHQL_PARSE_FAILED"}


async def test_declared_length_above_the_limit_is_refused(embedded: Site) -> None:
    """One byte more than a mebibyte; a mebibyte is taken."""
    body = SMALL.encode().ljust(1 << 20)
    assert (await sent(embedded, body)).status_code == 200
    response = await sent(embedded, body + b" ")
    assert (response.status_code, code_of(response)) == (413, "BAD_USER_INPUT")
    assert response.json()["errors"][0]["message"] == "The body is longer than 1048576 bytes."


async def test_undeclared_length_above_the_limit_is_refused(embedded: Site) -> None:
    """A body in chunks is cut off once it passes the limit."""
    taken = 0

    async def chunks() -> AsyncIterator[bytes]:
        nonlocal taken
        for _ in range(100):
            taken += 1
            yield b" " * (1 << 16)

    async with embedded.client(None) as client:
        response = await client.post("/graphql", content=chunks(), headers={"Content-Type": JSON})
    assert (response.status_code, code_of(response)) == (413, "BAD_USER_INPUT")
    assert taken == 17


async def test_body_that_never_ends_is_given_up(embedded_settings: Settings) -> None:
    """The connection is closed with 408."""
    with make_site(replace(embedded_settings, body_timeout_seconds=0.1)) as site, site.served() as address:
        reader, writer = await asyncio.open_connection(*address.split(":"))
        writer.write(b"POST /graphql HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n")
        writer.write(b"Content-Length: 10\r\n\r\n{")
        answer = await reader.read()
        writer.close()
    assert answer.startswith(b"HTTP/1.1 408 ")
    assert b"The body did not arrive within 0.1 s." in answer


async def test_refused_key_gets_401_under_either_media_type(embedded: Site) -> None:
    """The fault lies in the request's header, and the scheme that is wanted is named."""
    for accept in (JSON, RESPONSE_JSON):
        response = await sent(embedded, SMALL, accept=accept, Authorization="Bearer sales_x")
        assert (response.status_code, code_of(response)) == (401, "UNAUTHENTICATED")
        assert response.headers["www-authenticate"] == "Bearer"


async def test_answer_tells_its_cost_and_limit(embedded: Site) -> None:
    """So that a client learns before it meets the limit."""
    text = "{ accounts(first: 10) { nodes { contacts(first: 4) { nodes { id } } } } }"
    answer = await embedded.ask(text, Role.PARTNER)
    assert answer["extensions"]["cost"] == {"requested": 50, "limit": 10_000, "remaining": 9_950}


async def test_answers_bear_the_headers_that_bind_browsers(embedded: Site) -> None:
    """No sniffing, no framing, nothing from elsewhere; and no page of another origin may read."""
    response = await sent(embedded, SMALL, Origin="https://elsewhere.example")
    assert response.headers["x-content-type-options"] == "nosniff"
    assert "frame-ancestors 'none'" in response.headers["content-security-policy"]
    assert "access-control-allow-origin" not in response.headers
