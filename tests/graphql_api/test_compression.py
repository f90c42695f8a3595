"""Is a long answer compressed for those who take it, and nothing else?"""

import gzip
import json
from typing import Any

import httpx
import pytest

from graphql_api.endpoint.response import LEAST_COMPRESSED_BYTES, MOST_BYTES_AT_ONCE, takes_gzip
from tests.graphql_api.conftest import Site

SCHEMA = "{ __schema { types { name fields { name description type { name } } } } }"
SMALL = "{ __typename }"


async def received(site: Site, text: str, method: str = "POST", **headers: str) -> httpx.Response:
    """Return the response to a query, as it was sent."""
    body: dict[str, Any] = {"params" if method == "GET" else "json": {"query": text}}
    async with site.client() as client:
        request = client.build_request(method, "/graphql", **body, headers=headers)
        response = await client.send(request, stream=True)
        response.extensions["sent"] = b"".join([each async for each in response.aiter_raw()])
        return response


def sent_by(response: httpx.Response) -> bytes:
    """Return the bytes of a response's body."""
    body = response.extensions["sent"]
    assert isinstance(body, bytes)
    assert response.headers["content-length"] == str(len(body))
    return body


@pytest.mark.parametrize("method", ["POST", "GET"])
async def test_long_answer_is_compressed(embedded: Site, method: str) -> None:
    """It says the same, in a fraction of the bytes; by GET it has the same tag."""
    plain = await received(embedded, SCHEMA, method, **{"Accept-Encoding": "identity"})
    small = await received(embedded, SCHEMA, method, **{"Accept-Encoding": "br, gzip;q=0.5"})
    assert ("content-encoding" in plain.headers, small.headers["content-encoding"]) == (False, "gzip")
    body = sent_by(plain)
    assert len(body) > MOST_BYTES_AT_ONCE
    assert len(sent_by(small)) < len(body) / 5
    assert json.loads(gzip.decompress(sent_by(small)))["data"] == json.loads(body)["data"]
    assert small.headers.get("etag") == plain.headers.get("etag")


async def test_answer_is_compressed_from_a_certain_length_on(embedded: Site) -> None:
    """What fits into a packet is sent as it is."""
    headers = {"Accept-Encoding": "gzip"}
    base = len(sent_by(await received(embedded, "{ x: __typename }", **headers)))
    for length, is_compressed in ((LEAST_COMPRESSED_BYTES - 1, False), (LEAST_COMPRESSED_BYTES, True)):
        alias = "x" * (length - base + 1)
        response = await received(embedded, f"{{ {alias}: __typename }}", **headers)
        assert ("content-encoding" in response.headers) is is_compressed
        body = sent_by(response)
        assert len(gzip.decompress(body) if is_compressed else body) == length


async def test_errors_and_streams_are_sent_as_they_are(embedded: Site) -> None:
    """The first are short, the second would wait in the compressor."""
    headers = {"Accept-Encoding": "gzip"}
    refused = await received(embedded, "{ nothing }", **headers)
    assert b"Cannot query field" in sent_by(refused)
    stream = await received(embedded, SCHEMA, **headers, Accept="text/event-stream")
    assert "content-encoding" not in stream.headers
    assert stream.extensions["sent"].startswith(b"event: next\n")


@pytest.mark.parametrize(
    ("accept", "expected"),
    [("", False), ("gzip", True), ("GZip, br", True), ("*", True), ("gzip;q=0, *", False), ("br", False)],
)
def test_client_says_what_it_takes(accept: str, expected: bool) -> None:  # noqa: FBT001  # A parameter of the test.
    """By name or by the star, and not with the weight of nothing."""
    assert takes_gzip(accept) is expected
