"""Does the token of a quote open this quote to its customer, over the wire, and nothing else of the company?

Questions and commands are generated from the schema, so that a new field is asked for as soon as it exists.
"""

import json
from datetime import timedelta
from typing import Any

import pytest

from tests.journeys.deals import Deal, make_deal
from tests.journeys.office import Office, Person
from tests.journeys.questions import SCHEMA, command_text, commands, example_of, questions
from tests.journeys.test_isolation import every_id, ids_in, unnamed

_NEVER = "00000000000000000000000000"


async def present(office: Office, deal: Deal, name: str) -> None:
    """Present the quote of a deal, and let its customer into the office under a name."""
    made = await office.do("presentQuote", "token", id=deal["quote"])
    office.people[name] = Person(deal["quote"], made["token"])


@pytest.fixture
async def deal(office: Office) -> Deal:
    """Return a deal whose quote is presented to Carl; another customer's deal is all through."""
    await make_deal(office, "Südwind AG")
    ours = await make_deal(office, "Nordwind GmbH", "active")
    await office.do("commentQuote", id=ours["quote"], text="Internal words.")
    await present(office, ours, "carl")
    return ours


async def test_customer_reads_and_accepts_the_quote(office: Office, deal: Deal) -> None:
    """What the customer holds, what it may do, who it is; then it does it, and the quote stays to be read."""
    text = """{ viewer { id name role }
      quotes { nodes { number status total { amount } validUntil lines { nodes { description quantity } }
        statusReason { code } transitions { name allowed } } } }"""
    seen = await office.read(text, "carl")
    assert seen["viewer"] == {"id": deal["quote"], "name": "Customer of Q-2026-00002", "role": "CUSTOMER"}
    (quote,) = seen["quotes"]["nodes"]
    assert (quote["number"], quote["total"], quote["statusReason"]) == (
        "Q-2026-00002", {"amount": "238.00"}, {"code": "PRESENTED"},
    )  # fmt: skip
    assert quote["lines"]["nodes"] == [{"description": "Pump", "quantity": "2"}]
    assert {each["name"] for each in quote["transitions"] if each["allowed"]} == {
        "acceptQuote",
        "declineQuote",
    }
    said = await office.do(
        "commentQuote", "note { text author { id } }", "carl", id=deal["quote"], text="Fine."
    )
    assert said["note"] == {"text": "Fine.", "author": None}
    done = await office.do(
        "acceptQuote", "quote { status } order { id } closedQuotes { id }", "carl", id=deal["quote"]
    )
    assert (done["quote"], done["order"], done["closedQuotes"]) == ({"status": "WON"}, None, [])
    again = await office.do("acceptQuote", "quote { status }", "carl", id=deal["quote"])
    assert again["alreadyDone"] is True
    story = await office.read(
        "query ($id: ID!) { quote(by: {id: $id}) { order { number } "
        "timeline(last: 1) { nodes { name actorKind actor { id } } } } }",
        id=deal["quote"],
    )
    assert story["quote"]["order"] == {"number": "O-2026-00002"}
    assert story["quote"]["timeline"]["nodes"] == [
        {"name": "quote.accepted", "actorKind": "CUSTOMER", "actor": None}
    ]


async def test_customer_reads_the_answer_to_its_question(office: Office, deal: Deal) -> None:
    """Told from its own words, without the name of who answers; what is internal stays so."""
    await office.do("commentQuote", "note { id }", "carl", id=deal["quote"], text="And freight?")
    await office.do("commentQuote", id=deal["quote"], text="Included.", isForCustomer=True)
    text = "{ quotes { nodes { notes { nodes { text isFromCustomer author { id } } } } } }"
    (told,) = (await office.read(text, "carl"))["quotes"]["nodes"]
    assert told["notes"]["nodes"] == [
        {"text": "And freight?", "isFromCustomer": True, "author": None},
        {"text": "Included.", "isFromCustomer": False, "author": None},
    ]


async def test_customer_reaches_nothing_else(office: Office, deal: Deal) -> None:
    """Along every link of the quote and its lines there is no other record, and no word of the sellers."""
    line = deal["quote_line"] if "quote_line" in deal.ids else ""
    seen: set[str] = set()
    for kind, record in (("Quote", deal["quote"]), ("QuoteLine", line)):
        for text in questions(kind):
            answer = await office.ask(text, "carl", ids=[record])
            assert "errors" not in answer, answer
            seen |= ids_in(answer)
            told = json.dumps(answer, ensure_ascii=False)
            assert not [word for word in ("Südwind", "Internal", "petersen@") if word in told]
    lineage = await office.read(
        "query ($id: ID!) { quote(by: {id: $id}) { lines { nodes { lineageId } } } }", id=deal["quote"]
    )
    (position,) = lineage["quote"]["lines"]["nodes"]
    reasons = {each for each in seen if each.startswith("status_reason_")}
    assert seen - reasons == {deal["quote"], line, position["lineageId"]}
    assert len(reasons) == 1


async def test_foreign_ids_answer_like_missing_ones(office: Office, deal: Deal) -> None:
    """For a record of each type, through ``node`` and ``nodes``."""
    foreign = every_id(office) - {deal["quote"], deal["quote_line"]}
    assert {each.rpartition("_")[0] for each in foreign} >= {"quote", "order", "invoice", "account", "note"}
    by_noun = {each.rpartition("_")[0]: each for each in sorted(foreign)}
    for noun, record in by_noun.items():
        missing = f"{noun}_{_NEVER}"
        for text in (
            "query ($id: ID!) { it: node(id: $id) { __typename id } }",
            "query ($id: ID!) { nodes(ids: [$id]) { id } }",
        ):
            answer = await office.ask(text, "carl", id=record)
            assert unnamed(answer, record) == unnamed(await office.ask(text, "carl", id=missing), missing)


async def test_every_root_connection_of_records_is_empty_but_quotes(office: Office, deal: Deal) -> None:
    """No product, no price, no user: a customer sees its quote, and why that is in its state."""
    seen = {"quotes": "Quote", "statusReasons": "StatusReason"}
    fields: Any = SCHEMA.query_type.fields  # type: ignore[union-attr]  # There is a query type.
    for name, field in fields.items():
        if not str(field.type).removesuffix("!").endswith("Connection"):
            continue
        asked = {"search": ', query: "Südwind"', "pipelineMoves": ', from: "2020-01-01T00:00:00Z"'}.get(
            name, ""
        )
        answer = await office.ask(f"{{ {name}(first: 5{asked}) {{ nodes {{ __typename }} }} }}", "carl")
        assert "errors" not in answer, answer
        expected = [{"__typename": seen[name]}] if name in seen else []
        assert answer["data"][name]["nodes"] == expected, name
    assert deal["quote"]


async def test_every_other_command_is_forbidden(office: Office, deal: Deal) -> None:
    """Whatever the id; nothing is written."""
    before = office.dump()
    for name, kind in commands().items():
        if name in {"acceptQuote", "declineQuote", "commentQuote"}:
            continue
        body = {"query": command_text(name, kind), "variables": {"input": example_of(kind, deal["quote"])}}
        answer = (await office.post(body, "carl")).json()
        (error,) = answer["errors"]
        assert (answer["data"], error["extensions"]["code"]) == ({name: None}, "FORBIDDEN"), name
    assert office.dump() == before


async def test_token_ends_with_the_quote_and_with_the_next_token(office: Office, deal: Deal) -> None:
    """Malformed, replaced and ended tokens are answered alike, and say what to do."""
    old = office.people["carl"]
    await present(office, deal, "carl")
    message = "This token opens no offer: it was closed, or presented anew; ask for another."
    wrong = Person(deal["quote"], "offer_" + "0" * 72)
    for person in (old, wrong):
        office.people["wrong"] = person
        response = await office.post({"query": "{ viewer { id } }"}, "wrong")
        (error,) = response.json()["errors"]
        assert (response.status_code, error["message"]) == (401, message)
        assert error["extensions"]["code"] == "UNAUTHENTICATED"
    assert (await office.read("{ viewer { role } }", "carl"))["viewer"] == {"role": "CUSTOMER"}
    await office.do("declineQuote", "quote { status }", "carl", id=deal["quote"], note="Too dear.")
    office.operations.authenticator.forget()
    response = await office.post({"query": "{ viewer { id } }"}, "carl")
    assert response.status_code == 401


async def test_customer_is_refused_when_the_last_day_is_over(office: Office, deal: Deal) -> None:
    """With the code, and without the seller's way out."""
    office.clock[0] += timedelta(days=31)
    refused = await office.call("acceptQuote", who="carl", id=deal["quote"], acceptExpired=True)
    (error,) = refused["userErrors"]
    assert (error["code"], error["message"]) == (
        "QUOTE_EXPIRED", "Quote Q-2026-00002 was valid until 2026-04-01: ask for a new one.",
    )  # fmt: skip
