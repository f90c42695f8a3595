"""What does the server say to those who mean it no good? Never more than its own words."""

import asyncio
import json
import random
from collections.abc import Iterator
from typing import Any

from graphql import GraphQLInputObjectType, get_named_type, is_required_input_field

from graphql_api.operation import Question
from graphql_api.schema import build_schema
from tests.journeys.deals import make_deal
from tests.journeys.office import Office, text_of

SCHEMA = build_schema()._schema  # Strawberry has no public name for graphql-core's schema.
MUTATIONS = 200
MUTILATED = (
    "query Q($first: Int = 3, $id: ID!) { leads(first: $first, orderBy: [{field: CREATED_AT}]) "
    "{ nodes { id topic opportunity { id } timeline(first: 2) { nodes { id } } } } "
    "node(id: $id) { id ... on Quote { number } } }"
)
PIECES = [
    b"{",
    b"}",
    b"[",
    b'"',
    b"\\",
    b"\\ud800",
    b"\\u0000",
    b"null",
    b"1e400",
    b"\x00",
    b"\xff",
    b"...",
    b"9",
]
NODE = "query ($id: ID!) { node(id: $id) { id } }"
# A value for each required argument that is no id: good enough to come as far as the row rule.
FILLERS = {"String": "x", "Decimal": "1", "Int": 1, "Boolean": True}


def commands_by_id() -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield each command that takes a record's id, with its other required arguments filled in."""
    assert SCHEMA.mutation_type is not None
    for name, field in SCHEMA.mutation_type.fields.items():
        if "input" not in field.args:  # A command that takes many inputs takes those of another one.
            continue
        kind = get_named_type(field.args["input"].type)
        assert isinstance(kind, GraphQLInputObjectType)
        if "id" in kind.fields:
            needed = {key: get_named_type(each.type) for key, each in kind.fields.items()
                      if key != "id" and is_required_input_field(each)}  # fmt: skip
            yield (
                name,
                {
                    key: FILLERS.get(each.name, next(iter(getattr(each, "values", ["x"]))))
                    for key, each in needed.items()
                },
            )


def missing(public_id: str) -> str:
    """Return the id of a record of the same kind that does not exist."""
    return public_id[:-4] + "0000"


def without_ids(answer: Any, *ids: str) -> str:
    """Return an answer without what differs between two requests that were told the same."""
    text = json.dumps({key: value for key, value in answer.items() if key != "extensions"})
    for error in answer.get("errors", ()):
        text = text.replace(error["extensions"]["requestId"], "")
    for each in ids:
        text = text.replace(each, "ID")
    return text


async def test_partner_learns_nothing_from_a_foreign_id(office: Office) -> None:
    """A foreign record's id gets a partner the same answer as one that never was, from every field."""
    foreign = await make_deal(office, "Fremd AG")
    for public_id in foreign.ids.values():
        nothing = missing(public_id)
        one, other = [await office.ask(NODE, "pam", id=each) for each in (public_id, nothing)]
        assert one["data"] == {"node": None}
        assert without_ids(one, public_id) == without_ids(other, nothing)
    for command, rest in commands_by_id():
        for noun in ("lead", "quote", "order", "invoice"):
            public_id, nothing = foreign[noun], missing(foreign[noun])
            one, other = [
                await office.ask(text_of(command), "pam", input={**rest, "id": each})
                for each in (public_id, nothing)
            ]
            assert without_ids(one, public_id) == without_ids(other, nothing), command


async def test_partner_hears_only_of_own_accounts(office: Office) -> None:
    """A partner's subscription skips what happens to others, and delivers what happens to its own."""
    foreign, own = [await make_deal(office, name, "qualified") for name in ("Fremd AG", "Eigen AG")]
    await office.do("shareAccount", id=own["account"], partnerId=office.people["pam"].id)
    text = "subscription { events { event { subject { id } } } }"
    stream = office.operations.stream(Question(text, None, {}, office.people["pam"].key))
    waiting = asyncio.ensure_future(anext(stream))
    # Nothing else tells that the subscription has begun.
    while not len(office.operations.streams):
        await asyncio.wait({waiting}, timeout=0.01)
    for deal in (foreign, own):
        await office.do("updateOpportunity", id=deal["opportunity"], expectedVersion=None, name="New")
    reply = await waiting
    await stream.aclose()
    assert json.loads(reply.data or b"") == {"events": {"event": {"subject": {"id": own["opportunity"]}}}}


async def test_no_mutilated_request_is_a_fault(office: Office) -> None:
    """Requests with random bytes changed are answered in GraphQL JSON, none as a fault of the server."""
    dice = random.Random(7)  # noqa: S311  # The same requests in every run.
    whole = json.dumps({"query": MUTILATED, "variables": {"first": 2, "id": "lead_0"}}).encode()
    for _ in range(MUTATIONS):
        body = bytearray(whole)
        for _ in range(dice.randint(1, 4)):
            place = dice.randrange(len(body))
            body[place : place + dice.randint(0, 3)] = dice.choice(PIECES)
        response = await office.post(bytes(body))
        assert response.status_code in (200, 400, 422), body
        codes = [each["extensions"]["code"] for each in response.json().get("errors", ())]
        assert "INTERNAL" not in codes, body


async def test_connection_without_a_column(office: Office) -> None:
    """A page can be counted, or named, without asking for anything of its rows."""
    await make_deal(office, until="captured")
    counted = await office.read("{ leads { totalCount { value } } }")
    assert counted == {"leads": {"totalCount": {"value": 1}}}
    named = await office.read("{ leads { __typename nodes { __typename } pageInfo { hasNextPage } } }")
    assert named["leads"]["nodes"] == [{"__typename": "Lead"}]
    left_out = await office.read("{ leads { nodes { id @skip(if: true) } } }")
    assert left_out == {"leads": {"nodes": [{}]}}


async def test_circle_of_fragments_is_named(office: Office) -> None:
    """A fragment that reaches itself through fields is refused by its name, however often it does."""
    loop = "opportunity { lead { ...Loop } } " * 80
    for times in (loop[:33], loop):
        answer = await office.ask(
            f"{{ leads {{ nodes {{ ...Loop }} }} }} fragment Loop on Lead {{ {times} }}"
        )
        assert answer["errors"][0]["message"] == "Cannot spread fragment 'Loop' within itself."
        assert answer["errors"][0]["extensions"]["code"] == "GRAPHQL_VALIDATION_FAILED"


async def test_values_at_the_ends_of_their_range(office: Office) -> None:
    """The last day, the largest integers and amounts are taken or refused by path, never a fault."""
    deal = await make_deal(office, until="invoiced")
    for terms in (0, 1, 2**31 - 1, -1, -(2**31)):
        payload = await office.call(
            "issueInvoice", dry=True, id=deal["invoice"], issuedOn="9999-12-31", termsDays=terms
        )
        paths = [error["path"] for error in payload["userErrors"]]
        assert paths in ([["input", "issuedOn"]], [["input", "termsDays"]]), terms
    for amount in ("9" * 18, "-" + "9" * 18, "0." + "0" * 5 + "1", "-0"):
        payload = await office.call("recordPayment", dry=True, id=deal["invoice"], amount=amount)
        assert len(payload["userErrors"]) == 1, amount
    for text in ("a\0b", "\u202eabc", "a" + "\u0315" * 500 + "\u0316" * 500, "\U0001f600" * 161):
        payload = await office.call("createAccount", "account { name }", dry=True, name=text)
        assert (payload["userErrors"] == []) == (text == "\u202eabc"), text
