"""Do the clients of the Node world find what they expect? Apollo Client, graphql-ws and the audit suite."""

import json

import pytest

from tests.clients.server import Address, by_node

pytestmark = pytest.mark.clients

# What graphql-http 1.23 asks of a server.
AUDITS = 61


def test_apollo_client_carries_a_business_card_to_a_paid_invoice(server: Address) -> None:
    """Its cache knows the records by their ids, and its subscription hears every step."""
    told = json.loads(by_node("apollo.mjs", server.http, server.socket, server.key))
    assert told["offered"]["amount"] == "1212.42"
    assert told["accepted"] == {"isSameOrder": True, "alreadyDone": True}
    assert told["paid"]["status"] == told["cached"] == "PAID"
    assert told["paid"]["balance"]["amount"] == "0.00"
    first, second = told["story"]["opportunity"]["quotes"]["nodes"]
    assert (first["status"], first["total"]["amount"]) == ("CLOSED", "1212.42")
    # 1002.00 less 2.00, and 21 % of the rest.
    assert (second["status"], second["total"]["amount"]) == ("WON", "1210.00")
    (invoice,) = second["order"]["invoices"]["nodes"]
    assert [payment["amount"]["amount"] for payment in invoice["payments"]["nodes"]] == ["1210.00"]
    steps = ["lead.captured", "lead.qualified", "quote.accepted", "order.fulfilled", "invoice.issued"]
    assert [name for name in told["heard"] if name in steps] == steps


def test_graphql_ws_finds_its_protocol(server: Address) -> None:
    """A mistake is an error of its operation; the socket lives on. A wrong key is refused with 4403."""
    assert json.loads(by_node("socket.mjs", server.socket, server.key)) == {
        "viewer": {"viewer": {"name": "Client", "role": "ADMIN"}},
        "command": "BUSINESS_CARD",
        "mistakes": [
            {"refused": ["GRAPHQL_VALIDATION_FAILED"]},
            {"refused": ["GRAPHQL_PARSE_FAILED"]},
            {"refused": ["BAD_USER_INPUT"]},
        ],
        "event": "lead.captured",
        "after": {"viewer": {"role": "ADMIN"}},
        "opened": 1,
        "stranger": 4403,
    }


def test_audit_suite_of_graphql_over_http_passes_whole(server: Address) -> None:
    """Each MUST, SHOULD and MAY, with a key and without one."""
    results = json.loads(by_node("audits.mjs", server.http, server.key))
    assert [result for result in results if result["status"] != "ok"] == []
    assert len(results) == 2 * AUDITS


def test_apollo_client_registers_what_it_asks_by_hash(server: Address) -> None:
    """It asks by GET with the hash alone, sends the text once, and is answered by hash from then on."""
    told = json.loads(by_node("hashes.mjs", server.http, server.key))
    assert told["answers"] == ["ADMIN"] * 3
    unknown = {"hasText": False, "code": "PERSISTED_QUERY_NOT_FOUND", "isTagged": False}
    assert told["sent"][0] == {"method": "GET", **unknown}
    assert [each["hasText"] for each in told["sent"]] == [False, True, False, False]
    assert [each["code"] for each in told["sent"][1:]] == [None] * 3
    assert [(each["method"], each["isTagged"]) for each in told["sent"][2:]] == [("GET", True)] * 2
