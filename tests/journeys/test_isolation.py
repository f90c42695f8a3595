"""Does a partner see what is shared with it, and nothing else: not a row, not a name, not a count?

Questions and commands are generated from the schema, so that a new field is asked for as soon as it exists.
"""

import json
import re
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
from graphql import GraphQLInputObjectType, GraphQLNonNull, get_named_type, is_leaf_type
from sqlmodel import select

from graphql_api.types.backed import title
from models.access import FOR_OWNERS
from models.lifecycle import REGISTRY
from models.record import Record, camel, public_id, records
from tests.journeys.deals import ADDRESS, Deal, make_deal
from tests.journeys.office import Office
from tests.journeys.questions import (
    INTERNAL,
    SCHEMA,
    command_text,
    commands,
    concrete_types,
    connections,
    example_of,
    orders_of,
    questions,
)

_ID = re.compile(r"\b[a-z]+(?:_[a-z]+)*_[0-9a-hjkmnp-tv-z]{26}\b")
_NEVER = "00000000000000000000000000"
# Records that the API does not have as such.
_INNER = {"address", "api_key", "metadata_entry", "tag"}
# Nouns that are no records of a customer: whoever has a key reads them.
_COMMON = {
    "exchange_rate",
    "pipeline",
    "product",
    "product_version",
    "stage",
    "status_reason",
    "tax_code",
    "tax_rate",
    "unit",
    "unit_group",
    "user",
}
# What is shown to nobody but the company's own people, and what this catalogue does not have.
_UNSEEN = {
    "approval_policy",
    "competitor",
    "discount",
    "discount_list",
    "price_list",
    "price_list_item",
    "quote_approval",
} | {"webhook_attempt", "webhook_delivery", "webhook_endpoint"}  # Those of others: a partner has its own.
_UNUSED = {"bundle_product", "exchange_rate", "product_relationship"}


@dataclass(frozen=True)
class Two:
    """Two deals of two customers, of which only the first is shared with Pam; nothing is with Pete."""

    office: Office
    ours: Deal
    theirs: Deal
    shared: frozenset[str]
    foreign: frozenset[str]

    async def ask(self, text: str, who: str = "pam", **variables: Any) -> Any:
        """Return the answer to a partner's question."""
        return await self.office.ask(text, who, **variables)


def every_id(office: Office) -> set[str]:
    """Return the public ids of all records."""
    found = set()
    with office.database.reading() as session:
        for noun, table in records().items():
            if noun not in _COMMON | _INNER and issubclass(table, Record):
                found |= {public_id(noun, key) for key in session.exec(select(table.id)).all()}
    return found


@pytest.fixture
async def two(office: Office) -> Two:
    """Return two deals over one product; an opportunity of the first customer names a foreign contact."""
    made = await office.do(
        "createProduct",
        "product { id version }",
        "ada",
        number="P-1",
        name="Pump",
        listPrice="100",
        taxPercent="19",
    )
    await office.do("publishProduct", who="ada", id=made["product"]["id"])
    await office.do("createTaxCode", who="ada", code="VAT", name="VAT", percent="19")
    rival = await office.do("createCompetitor", "competitor { id }", name="Rival")
    shared_by_all = (made["product"]["id"], rival["competitor"]["id"])
    before = every_id(office)
    theirs = await _whole(office, "Südwind AG", *shared_by_all)
    hook = await office.do("createWebhookEndpoint", "webhookEndpoint { id }", url="https://a.example.com/")
    await office.do("sendTestWebhook", id=hook["webhookEndpoint"]["id"])
    after = every_id(office)
    ours = await _whole(office, "Nordwind GmbH", *shared_by_all)
    crossing = await office.do(
        "createOpportunity", "opportunity { id }", name="Crossing", accountId=ours["account"],
        contactId=theirs["contact"],
    )  # fmt: skip
    ours.ids["crossing"] = crossing["opportunity"]["id"]
    await office.do("shareAccount", who="ada", id=ours["account"], partnerId=office.people["pam"].id)
    now = every_id(office)
    return Two(office, ours, theirs, frozenset(now - after), frozenset(after - before))


async def _whole(office: Office, company: str, product: str, rival: str) -> Deal:
    """Return a paid deal with everything that a deal can have."""
    deal = await make_deal(office, company, "drafted")
    office.clock[0] += timedelta(minutes=1)
    await office.do("addQuoteLine", id=deal["quote"], expectedVersion=None, productId=product, quantity=1)
    await _meet(office, deal, company, rival)
    await office.do("activateQuote", id=deal["quote"])
    revised = await office.do("reviseQuote", "revision { id }", id=deal["quote"])
    deal.ids["revision"] = revised["revision"]["id"]
    await office.do("activateQuote", id=deal["revision"])
    deal.ids["order"] = (await office.do("acceptQuote", "order { id }", id=deal["revision"]))["order"]["id"]
    await office.do("submitOrder", id=deal["order"], billTo=ADDRESS)
    await office.do("fulfillOrder", id=deal["order"])
    await office.do("returnItems", id=deal["order"], reason="Damaged in transit.")
    await office.do("fulfillOrder", id=deal["order"])
    deal.ids["invoice"] = (await office.do("invoiceOrder", "invoice { id }", id=deal["order"]))["invoice"][
        "id"
    ]
    await office.do("issueInvoice", id=deal["invoice"])
    await office.do("createCreditNote", id=deal["invoice"], reason="PRICE_REDUCTION", amount="5")
    paid = await office.do(
        "recordPayment", "customerCredit { id }", id=deal["invoice"], amount="1000", excess="CUSTOMER_CREDIT"
    )
    deal.ids["customer_credit"] = paid["customerCredit"]["id"]
    return deal


async def _meet(office: Office, deal: Deal, company: str, rival: str) -> None:
    """Write down who is around an open deal, what was said of it, and what is to be done."""
    about: dict[str, Any] = {"id": deal["opportunity"], "expectedVersion": None}
    await office.do("addOpportunityCompetitor", competitorId=rival, **about)
    await office.do("addOpportunityStakeholder", contactId=deal["contact"], role="DECISION_MAKER", **about)
    await office.do("addSalesTeamMember", userId=office.people["sue"].id, role="Engineer", **about)
    await office.do("commentOpportunity", id=deal["opportunity"], text=f"{company} wants it soon.")
    await office.do("createActivity", regardingId=deal["opportunity"], subject=f"Call {company}")


def ids_in(answer: Any) -> set[str]:
    """Return every id in an answer, wherever it stands."""
    return set(_ID.findall(json.dumps(answer)))


def unnamed(answer: Any, record: str) -> str:
    """Return an answer as text without the id that was asked for, and without the request's own id."""
    answer = dict(answer)
    answer.pop("extensions")
    for error in answer.get("errors", ()):
        error["extensions"].pop("requestId")
    return json.dumps(answer).replace(record, "the id")


async def test_partner_sees_every_record_of_the_shared_account(two: Two) -> None:
    """By id, alone and in a list, each under its own type."""
    ids = sorted(two.shared)
    for start in range(0, len(ids), 50):
        some = ids[start : start + 50]
        answer = await two.ask("query ($ids: [ID!]!) { nodes(ids: $ids) { id } }", ids=some)
        assert [each["id"] for each in answer["data"]["nodes"]] == some
        assert "errors" not in answer
    nouns = {each.rpartition("_")[0] for each in two.shared}
    assert nouns == set(records()) - _COMMON - _INNER - _UNSEEN - _UNUSED


async def test_foreign_id_answers_like_one_that_does_not_exist(two: Two) -> None:
    """Through ``node``, ``nodes`` and every look-up, for a record of each type; numbers likewise."""
    lookups = {
        name: field.args["by"].type
        for name, field in SCHEMA.query_type.fields.items()  # type: ignore[union-attr]  # There is a query type.
        if "by" in field.args and isinstance(field.args["by"].type.of_type, GraphQLInputObjectType)
    }
    for record in sorted(two.foreign):
        noun = record.rpartition("_")[0]
        name = camel(noun)
        missing = f"{noun}_{_NEVER}"
        texts = [
            "query ($id: ID!) { it: node(id: $id) { __typename id } }",
            "query ($id: ID!) { nodes(ids: [$id]) { id } }",
        ]
        texts += (
            [f"query ($id: ID!) {{ {camel(noun)}(by: {{id: $id}}) {{ id }} }}"]
            if camel(noun) in lookups
            else []
        )
        for text in texts:
            answer = await two.ask(text, id=record)
            assert unnamed(answer, record) == unnamed(await two.ask(text, id=missing), missing)
            assert [error["extensions"] for error in answer["errors"]] == [{"code": "NOT_FOUND"}]
    for name, kind in lookups.items():
        if "number" not in get_named_type(kind).fields or name == "product":
            continue
        seen = await two.office.read(f"{{ {name}s(first: 1) {{ nodes {{ number }} }} }}")
        number = seen[f"{name}s"]["nodes"][0]["number"]
        text = f"query ($number: String!) {{ {name}(by: {{number: $number}}) {{ id }} }}"
        foreign, missing_one = await two.ask(text, number=number), await two.ask(text, number="X-2026-99999")
        assert unnamed(foreign, number) == unnamed(missing_one, number), name


async def test_nothing_foreign_is_reached_from_what_is_shared(two: Two) -> None:
    """From every shared record along every link of its type there is no foreign id, no foreign name."""
    links = "defaultUnit { id } unitGroup { id } versions { nodes { id } }"
    text = f'{{ product(by: {{number: "P-1"}}) {{ id {links} }} }}'
    product = (await two.ask(text))["data"]["product"]
    by_noun = {
        "product": [product["id"]],
        "unit": [product["defaultUnit"]["id"]],
        "unit_group": [product["unitGroup"]["id"]],
        "product_version": [product["versions"]["nodes"][0]["id"]],
    }
    for name in ("pipelines", "stages", "statusReasons", "taxCodes"):
        found = (await two.ask(f"{{ {name} {{ nodes {{ id }} }} }}"))["data"][name]["nodes"]
        by_noun |= {each["id"].rpartition("_")[0]: [each["id"]] for each in found[:1]}
    rates = (await two.ask("{ taxCodes { nodes { rates { nodes { id } } } } }"))["data"]["taxCodes"]["nodes"]
    by_noun["tax_rate"] = [rates[0]["rates"]["nodes"][0]["id"]]
    for record in sorted(two.shared):
        by_noun.setdefault(record.rpartition("_")[0], []).append(record)
    seen: set[str] = set()
    visited = set()
    for some in by_noun.values():
        answer = await two.ask("query ($id: ID!) { node(id: $id) { __typename } }", id=some[0])
        kinds = {answer["data"]["node"]["__typename"]}
        visited |= kinds
        for text in questions(kinds.pop()):
            for start in range(0, len(some), 20):
                answer = await two.ask(text, ids=some[start : start + 20])
                assert "errors" not in answer, answer
                seen |= ids_in(answer)
                assert "Südwind" not in json.dumps(answer, ensure_ascii=False), text
    events = {"RecordCreated", "RecordDeleted", "RecordEdited", "StatusChanged"}
    assert visited | events == {each.name for each in concrete_types()} - {
        "User",
        *map(title, _UNSEEN | _UNUSED),
    }
    assert seen & two.foreign == set()
    assert seen >= two.shared


async def test_link_to_a_foreign_record_is_null(two: Two) -> None:
    """A contact of another customer is not shown, by name nor by id; support sees it."""
    text = "query ($id: ID!) { opportunity(by: {id: $id}) { name contact { lastName } account { name } } }"
    for who, contact in (("pam", None), ("bob", {"lastName": "Petersen"})):
        answer = await two.ask(text, who, id=two.ours["crossing"])
        assert answer["data"]["opportunity"] == {
            "name": "Crossing", "contact": contact, "account": {"name": "Nordwind GmbH"},
        }  # fmt: skip


async def test_root_connections_count_and_page_over_what_is_shared(two: Two) -> None:
    """Nodes, edges, counts and page ends of a partner are those of a company without the others."""
    expected = {
        "accounts": 1, "contacts": 1, "leads": 1, "opportunities": 2, "quotes": 2, "orders": 1, "invoices": 1,
        "activities": 1, "creditNotes": 1, "customerCredits": 1,
    }  # fmt: skip
    assert set(connections()) == set(expected)
    expected |= dict.fromkeys(sorted(INTERNAL), 0)
    for name, count in expected.items():
        selection = (
            "totalCount { value precision } pageInfo { hasNextPage hasPreviousPage endCursor } nodes { id }"
        )
        text = f"query ($size: Int) {{ {name}(first: $size) {{ {selection} edges {{ node {{ id }} }} }} }}"
        for who, seen in (("pam", count), ("pete", 0)):
            found = (await two.ask(text, who, size=seen))["data"][name]
            assert found["totalCount"] == {"value": seen, "precision": "EXACT"}
            assert len(found["nodes"]) == len(found["edges"]) == seen
            assert (found["pageInfo"]["hasNextPage"], found["pageInfo"]["hasPreviousPage"]) == (False, False)
            assert ids_in(found["nodes"]) <= two.shared
        for choice in orders_of(name):
            text = f"{{ {name}(orderBy: [{{field: {choice}, direction: DESC}}]) {{ nodes {{ id }} }} }}"
            assert len((await two.ask(text))["data"][name]["nodes"]) == count


async def test_search_finds_nothing_foreign(two: Two) -> None:
    """A name of another customer is no hit for a partner; it is one for support."""
    text = '{ search(query: "Südwind", types: [ACCOUNT]) { totalCount { value } nodes { __typename } } }'
    for who, count in (("pam", 0), ("bob", 1)):
        found = (await two.ask(text, who))["data"]["search"]
        assert (found["totalCount"]["value"], len(found["nodes"])) == (count, count)


async def test_cursor_of_a_foreign_row_shows_only_own_rows(two: Two) -> None:
    """A cursor is a place in an order, not a way to the row that it was taken from."""
    all_of_them = (await two.office.read("{ quotes { edges { cursor node { id } } } }"))["quotes"]["edges"]
    for edge in all_of_them:
        text = "query ($c: String) { quotes(after: $c) { nodes { id } pageInfo { hasNextPage } } }"
        answer = await two.ask(text, c=edge["cursor"])
        assert ids_in(answer["data"]["quotes"]["nodes"]) <= two.shared
        assert answer["data"]["quotes"]["pageInfo"]["hasNextPage"] is False


async def test_commands_are_for_those_who_sell(two: Two) -> None:
    """Partners get FORBIDDEN for all but what is their own, support for all but that and comments."""
    before = two.office.dump()
    own = {REGISTRY[each].command for each in FOR_OWNERS}
    for name, kind in commands().items():
        if name in own:
            continue
        for who, role in (("pam", "PARTNER"), ("bob", "SUPPORT")):
            if who == "bob" and name.startswith("comment"):
                continue
            messages = set()
            for record in (two.ours["quote"], two.theirs["quote"], f"quote_{_NEVER}", "x"):
                body = {
                    "query": command_text(name, kind),
                    "variables": {"input": example_of(kind, record)},
                }
                answer = (await two.office.post(body, who)).json()
                (error,) = answer["errors"]
                assert (answer["data"], error["path"]) == ({name: None}, [name])
                assert error["extensions"]["code"] == "FORBIDDEN"
                messages.add(error["message"])
            assert messages == {f"The role {role} may not run {name}; ask an admin for a key that may."}
    assert two.office.dump() == before


async def test_transitions_say_that_a_partner_may_not(two: Two) -> None:
    """What a command would answer is told beforehand."""
    text = (
        "query ($id: ID!) { opportunity(by: {id: $id}) { transitions { name allowed blockers { code } } } }"
    )
    offers = (await two.ask(text, id=two.ours["crossing"]))["data"]["opportunity"]["transitions"]
    assert offers != []
    assert {each["allowed"] for each in offers} == {False}
    assert {each["blockers"][0]["code"] for each in offers} == {"FORBIDDEN"}


async def test_nobody_reads_or_writes_without_a_key(two: Two) -> None:
    """Every root field and every command answers UNAUTHENTICATED without data; the schema may be read."""
    fields = SCHEMA.query_type.fields  # type: ignore[union-attr]  # There is a query type.
    before = two.office.dump()
    for name, field in fields.items():
        variables = {
            key: example_of(each.type, two.ours["quote"])
            for key, each in field.args.items()
            if isinstance(each.type, GraphQLNonNull)
        }
        for key, value in variables.items():
            if "id" in getattr(get_named_type(field.args[key].type), "fields", ()):
                value["id"] = two.ours["quote"]
        declared = ", ".join(f"${key}: {field.args[key].type}" for key in variables)
        given = ", ".join(f"{key}: ${key}" for key in variables)
        below = "" if is_leaf_type(get_named_type(field.type)) else "{ __typename }"
        text = f"query ({declared}) {{ {name}({given}) {below} }}".replace("()", "")
        response = await two.office.post({"query": text, "variables": variables}, None)
        answer = response.json()
        assert [error["extensions"]["code"] for error in answer["errors"]] == ["UNAUTHENTICATED"], answer
        assert (response.status_code, "data" in answer) == (401, False)
    for name, kind in commands().items():
        body = {
            "query": command_text(name, kind),
            "variables": {"input": example_of(kind, two.ours["quote"])},
        }
        answer = (await two.office.post(body, None)).json()
        assert [error["extensions"]["code"] for error in answer["errors"]] == ["UNAUTHENTICATED"]
    assert two.office.dump() == before
    told = await two.office.ask("{ __schema { queryType { name } } __typename }", None)
    assert told["data"] == {"__schema": {"queryType": {"name": "Query"}}, "__typename": "Query"}


async def test_story_of_a_shared_deal_is_whole(two: Two) -> None:
    """A partner reads the chain as support does, from the first word on."""
    text = """query ($id: ID!) { invoice(by: {id: $id}) {
        timeline(scope: CHAIN, first: 100) { totalCount { value } nodes { name } }
        account { history(first: 100) { totalCount { value } nodes { name } } } } }"""
    seen = (await two.ask(text, id=two.ours["invoice"]))["data"]
    assert seen == (await two.ask(text, "bob", id=two.ours["invoice"]))["data"]
    assert seen["invoice"]["timeline"]["nodes"][0] == {"name": "lead.captured"}
    assert seen["invoice"]["account"]["history"]["nodes"][0] == {"name": "lead.captured"}


async def test_what_is_no_longer_shared_is_gone_at_once(two: Two) -> None:
    """The next question is answered as if there had never been an account."""
    text = "query ($id: ID!) { invoice(by: {id: $id}) { number } accounts { totalCount { value } } }"
    assert "errors" not in await two.ask(text, id=two.ours["invoice"])
    await two.office.do(
        "unshareAccount", who="ada", id=two.ours["account"], partnerId=two.office.people["pam"].id
    )
    answer = await two.ask(text, id=two.ours["invoice"])
    assert answer["data"] == {"invoice": None, "accounts": {"totalCount": {"value": 0}}}
    assert [error["extensions"]["code"] for error in answer["errors"]] == ["NOT_FOUND"]
