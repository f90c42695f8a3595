"""Does each refusal become the error that a client can act on?"""

import logging
from http import HTTPStatus
from uuid import UUID

import pytest
from graphql import GraphQLError

from graphql_api.errors import (
    MEANINGS,
    ErrorCode,
    graphql_error,
    identified,
    masked,
    refused,
    top_level_code,
    user_error,
)
from models.errors import (
    Blocked,
    Blocker,
    Candidate,
    Duplicate,
    Forbidden,
    IdempotencyInProgress,
    IdempotencyKeyReused,
    Invalid,
    NotFound,
    StaleVersion,
    WrongIdType,
)
from models.lifecycle import Pointer
from tests.graphql_api.conftest import Site

KEY = UUID(int=7)


def test_stale_version_points_to_the_present_record() -> None:
    """The record as it is comes with the refusal."""
    error = user_error(StaleVersion("quote", KEY, expected=1, actual=3))
    assert error == {
        "__typename": "StaleVersionError",
        "code": "STALE_VERSION",
        "message": "You expected version 1, the quote is at version 3: read it again, and repeat the command "
        "with the new version if it still makes sense.",
        "path": ["input", "expectedVersion"],
        "current": Pointer("quote", KEY),
    }


def test_blocked_command_tells_every_blocker_and_what_is_allowed() -> None:
    """State, command, way out."""
    blockers = [Blocker("QUOTE_EXPIRED", "It has expired.", ("input", 0)), Blocker("NO_LINES", "No lines.")]
    error = user_error(Blocked(blockers, command="acceptQuote", status="ACTIVE", allowed=["reviseQuote"]))
    assert error == {
        "__typename": "TransitionError",
        "code": "QUOTE_EXPIRED",
        "message": "It has expired.",
        "path": ["input", "0"],
        "status": "ACTIVE",
        "command": "acceptQuote",
        "allowed": ["reviseQuote"],
        "blockers": [
            {"code": "QUOTE_EXPIRED", "message": "It has expired.", "path": ["input", "0"]},
            {"code": "NO_LINES", "message": "No lines.", "path": []},
        ],
        "obstacles": [],
    }


def test_duplicate_points_to_its_candidates() -> None:
    """Best match first, as the refusal has them, each with what the two have in common."""
    reasons, message = ("SAME_EMAIL", "SAME_PHONE"), "Same e-mail address, same phone number."
    alike = [Candidate(noun, KEY, reasons, message) for noun in ("contact", "lead")]
    error = user_error(Duplicate("Two alike.", alike))
    assert error["__typename"] == "DuplicateError"
    assert error["candidates"] == [
        {"record": Pointer(noun, KEY), "reasons": list(reasons), "message": message}
        for noun in ("contact", "lead")
    ]


@pytest.mark.parametrize(
    ("refusal", "type_name", "code"),
    [
        (NotFound("quote"), "NotFoundError", "NOT_FOUND"),
        (WrongIdType("quote", "lead"), "InputError", "WRONG_ID_TYPE"),
        (Invalid("Too long.", code="TOO_LONG"), "InputError", "TOO_LONG"),
        (IdempotencyKeyReused(), "IdempotencyError", "IDEMPOTENCY_KEY_REUSED"),
    ],
)
def test_other_refusals_have_code_message_and_path(refusal: Exception, type_name: str, code: str) -> None:
    """Nothing else is needed to act on them."""
    assert isinstance(refusal, Invalid | NotFound | WrongIdType | IdempotencyKeyReused)
    error = user_error(refusal)
    assert (error["__typename"], error["code"], error["message"]) == (type_name, code, refusal.message)
    assert top_level_code(refusal) is None


def test_refusals_beyond_the_command_are_top_level() -> None:
    """A role and a running first call are not put right by other input."""
    assert top_level_code(Forbidden("acceptQuote", "SUPPORT")) is ErrorCode.FORBIDDEN
    assert top_level_code(IdempotencyInProgress()) is ErrorCode.IDEMPOTENCY_IN_PROGRESS


def test_unforeseen_fault_is_masked_and_logged_under_one_id(caplog: pytest.LogCaptureFixture) -> None:
    """The client gets the id, the log gets the fault."""
    with caplog.at_level(logging.ERROR):
        error = masked(RuntimeError("password=hunter2"), "abc123")
    assert error.extensions == {"code": "INTERNAL"}
    assert (
        error.message == "The server failed to answer. The operator finds the reason in the log under abc123."
    )
    assert "hunter2" in caplog.text
    assert "abc123" in caplog.text


def test_sent_error_has_code_and_request_id() -> None:
    """An error that says nothing of a code is about the input."""
    sent = identified(GraphQLError("No.", path=["quote"]), "abc")
    assert sent.formatted == {
        "message": "No.",
        "path": ["quote"],
        "extensions": {"code": "BAD_USER_INPUT", "requestId": "abc"},
    }
    own = identified(graphql_error(ErrorCode.NOT_FOUND, "No."), "abc")
    assert own.extensions == {"code": "NOT_FOUND", "requestId": "abc"}


def test_refusal_of_a_limit_tells_both_numbers() -> None:
    """Programs need not read the message."""
    refusal = refused(
        ErrorCode.COST_LIMIT_EXCEEDED, "Too much.", HTTPStatus.UNPROCESSABLE_ENTITY, limit=(5, 3)
    )
    assert refusal.errors[0].extensions == {"code": "COST_LIMIT_EXCEEDED", "requested": 5, "limit": 3}
    assert (refusal.status, str(refusal), refusal.of_transport) == (422, "Too much.", False)


def test_every_code_has_its_meaning() -> None:
    """The list for the docs is the list of codes."""
    assert list(MEANINGS) == list(ErrorCode)


async def test_refusal_lists_what_stands_in_the_way(site: Site) -> None:
    """A loss with an open quote is refused with the list of the quotes, or closes them (erpnext#8969)."""
    made = await site.ask("""mutation { createCompetitor(input: {name: "Aqua"}) { competitor { id } }
        createAccount(input: {name: "Acme"}) { account { id } } }""")
    account = made["data"]["createAccount"]["account"]["id"]
    opened = await site.ask(
        """mutation ($id: ID!) { createOpportunity(
            input: {name: "Pumps", accountId: $id, estimatedRevenue: "333.33"}) {
            opportunity { id weightedRevenue { amount currencyCode } } } }""",
        id=account,
    )
    deal = opened["data"]["createOpportunity"]["opportunity"]
    assert deal["weightedRevenue"] == {"amount": "33.33", "currencyCode": "EUR"}
    quoted = await site.ask(
        "mutation ($id: ID!) { generateQuoteFromOpportunity(input: {id: $id}) { quote { number } } }",
        id=deal["id"],
    )
    text = """mutation ($input: LoseOpportunityInput!) { loseOpportunity(input: $input) {
        closedQuotes { number }
        opportunity { closeActivities { nodes { competitor winner { name wonDeals { nodes { reason } } } } } }
        userErrors { code ... on TransitionError { obstacles { id ... on Quote { number status } } } } } }"""
    given = {"id": deal["id"], "reason": "OUT_SOLD"}
    refused = (await site.ask(text, input=given))["data"]["loseOpportunity"]
    number = quoted["data"]["generateQuoteFromOpportunity"]["quote"]["number"]
    (error,) = refused["userErrors"]
    assert error["code"] == "OPEN_QUOTES_EXIST"
    assert [(each["number"], each["status"]) for each in error["obstacles"]] == [(number, "DRAFT")]
    winner = made["data"]["createCompetitor"]["competitor"]["id"]
    given |= {"closeOpenQuotes": True, "competitorId": winner}
    lost = (await site.ask(text, input=given))["data"]["loseOpportunity"]
    assert (lost["userErrors"], lost["closedQuotes"]) == ([], [{"number": number}])
    assert lost["opportunity"]["closeActivities"]["nodes"] == [
        {"competitor": "Aqua", "winner": {"name": "Aqua", "wonDeals": {"nodes": [{"reason": "OUT_SOLD"}]}}}
    ]
