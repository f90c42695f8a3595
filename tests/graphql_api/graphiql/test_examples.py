"""Do the operations that the explorer opens with tell one deal, from a business card to its payment?"""

import re
from typing import Any

import pytest
from graphql import parse, validate

from graphql_api.graphiql.examples import Example, examples
from graphql_api.schema import build_schema
from models.access import Role
from tests.graphql_api.conftest import Site

STEPS = [
    "CaptureCard", "RecordQualification", "Qualify", "Opportunity", "Product", "AddLines", "GenerateQuote",
    "Activate", "Present", "Revise", "GiveDiscount", "ActivateRevision", "TryAcceptance", "Accept", "Submit",
    "Fulfill", "Invoice", "Issue", "Pay", "WholeStory",
]  # fmt: skip
OTHERS = ["Watch", "PartnerDeals", "SupportInvoices", "SupportHistory"]
QUESTIONS = {
    "AppExpiringQuotes": Role.SALES, "PartnerOpenInvoices": Role.PARTNER,
    "SupportSearch": Role.SUPPORT, "OperationsPipeline": Role.ADMIN,
    "SellerPrice": Role.SALES, "SupportExplainPrice": Role.SUPPORT,
    "OperationsForecast": Role.ADMIN, "SellerAttention": Role.SALES, "SupportReceivables": Role.SUPPORT,
    "OperationsMovement": Role.ADMIN, "SupportJourney": Role.SUPPORT,
    "OperationsReason": Role.ADMIN, "OperationsWebhooks": Role.ADMIN,
}  # fmt: skip
CREATE = """mutation ($input: CreateProductInput!) { createProduct(input: $input) { product { id } } }"""
PUBLISH = """mutation ($id: ID!) { publishProduct(input: {id: $id}) { product { status } } }"""


class Walk:
    """What the explorer does: ids and versions of an answer fill the variables of the next operations."""

    def __init__(self, site: Site) -> None:
        self.site = site
        self.known: dict[str, Any] = {}

    async def run(self, example: Example, role: Role = Role.ADMIN) -> Any:
        """Return the data of an operation that went well, and remember its records."""
        names = re.findall(r"\$(\w+):", example.query)
        variables = {name: self.known[name] for name in names if name in self.known}
        answer = await self.site.ask(example.query, role, **variables)
        assert answer.get("errors") is None, (example.name, answer["errors"])
        for value in answer["data"].values():
            assert value.get("userErrors", []) == [], example.name
            if "dryRun: true" not in example.query:
                self.remember(value)
        return answer["data"]

    def remember(self, value: dict[str, Any]) -> None:
        """Keep the ids and versions of a root field's records."""
        for record in (value, *value.values()):
            if isinstance(record, dict) and "id" in record:
                noun, _, _ = record["id"].rpartition("_")
                self.known |= {noun: record["id"], f"{noun}Version": record.get("version")}


def test_operations_come_in_the_order_of_the_deal() -> None:
    """Twenty steps, then what is of use on any day."""
    assert [example.name for example in examples()] == [*STEPS, *OTHERS, *QUESTIONS]


@pytest.mark.parametrize("example", examples(), ids=lambda example: example.name)
def test_operation_is_valid_and_says_what_it_does(example: Example) -> None:
    """Its first line is a comment, and it fits the schema."""
    assert example.query.startswith("# ")
    assert validate(build_schema()._schema, parse(example.query)) == []


async def test_operations_walk_a_whole_deal(site: Site) -> None:
    """In their order, each one on the records of those before it, to the cent."""
    product = {"number": "MP-200", "name": "Submersible pump S1", "listPrice": "1249", "taxPercent": "19"}
    made = await site.ask(CREATE, input=product)
    await site.ask(PUBLISH, id=made["data"]["createProduct"]["product"]["id"])
    walk = Walk(site)
    data = {example.name: await walk.run(example) for example in examples() if example.name in STEPS}
    assert data["GenerateQuote"]["generateQuoteFromOpportunity"]["quote"]["total"]["amount"] == "3674.72"
    assert data["GiveDiscount"]["updateQuote"]["quote"]["discountTotal"] == {"amount": "154.40"}
    assert data["TryAcceptance"]["acceptQuote"]["opportunity"] == {"status": "WON"}
    assert data["Accept"]["acceptQuote"]["alreadyDone"] is False
    assert data["Pay"]["recordPayment"]["invoice"]["balance"] == {"amount": "0.00", "currencyCode": "EUR"}
    lead = data["WholeStory"]["lead"]
    first, second = lead["opportunity"]["quotes"]["nodes"]
    assert (first["revision"], first["status"], first["total"], first["order"]) == (
        0, "CLOSED", {"amount": "3674.72"}, None,
    )  # fmt: skip
    assert (second["revision"], second["status"], second["total"]) == (1, "WON", {"amount": "3490.98"})
    (invoice,) = second["order"]["invoices"]["nodes"]
    assert (invoice["status"], invoice["total"]["amount"]) == ("PAID", "3490.98")
    assert [each["amount"]["amount"] for each in invoice["payments"]["nodes"]] == ["3490.98"]
    told = [event["name"] for event in lead["timeline"]["nodes"]]
    assert (told[0], told[-1]) == ("lead.captured", "invoice.payment_recorded")


async def test_operations_can_be_walked_twice(site: Site) -> None:
    """The second card of the same person finds the customer that the first one made."""
    walk = Walk(site)
    steps = [example for example in examples() if example.name in ("CaptureCard", "Qualify")]
    card, qualify = steps
    recorded = next(example for example in examples() if example.name == "RecordQualification")
    customers = set()
    for _ in range(2):
        for step in (card, recorded, qualify):
            await walk.run(step)
        customers.add((walk.known["account"], walk.known["contact"]))
    assert len(customers) == 1


async def test_operations_of_every_day_answer_their_roles(site: Site) -> None:
    """A partner sees none of the accounts that are not shared with it; support sees all."""
    walk = Walk(site)
    by_name = {example.name: example for example in examples()}
    for name in ("CaptureCard", "RecordQualification", "Qualify"):
        await walk.run(by_name[name])
    assert (await walk.run(by_name["PartnerDeals"], Role.PARTNER))["accounts"]["nodes"] == []
    (account,) = (await walk.run(by_name["PartnerDeals"]))["accounts"]["nodes"]
    assert account["name"] == "Skagen Breweries"
    assert (await walk.run(by_name["SupportInvoices"], Role.SUPPORT))["invoices"]["nodes"] == []
    history = (await walk.run(by_name["SupportHistory"], Role.SUPPORT))["account"]["history"]["nodes"]
    assert {event["subject"]["__typename"] for event in history} == {
        "Account", "Contact", "Lead", "Opportunity",
    }  # fmt: skip


async def test_questions_of_every_role_are_answered(site: Site) -> None:
    """Filters, search and groups find what the first commands wrote, and a partner finds nothing."""
    walk = Walk(site)
    by_name = {example.name: example for example in examples()}
    for name in ("CaptureCard", "RecordQualification", "Qualify"):
        await walk.run(by_name[name])
    answers = {name: await site.ask(by_name[name].query, role) for name, role in QUESTIONS.items()}

    assert {name: answer.get("errors") for name, answer in answers.items()} == dict.fromkeys(QUESTIONS)
    found = answers["SupportSearch"]["data"]["search"]["nodes"]
    assert [each["record"]["__typename"] for each in found] == ["Account", "Contact"]
    assert [each["count"] for each in answers["OperationsPipeline"]["data"]["opportunityGroups"]] == [1]
    priced = answers["SellerPrice"]["data"]["priceDocument"]["document"]
    assert priced["total"] == {"amount": "2681.68", "currencyCode": "EUR"}
    assert answers["SupportExplainPrice"]["data"]["quotes"]["nodes"] == []
    assert answers["PartnerOpenInvoices"]["data"]["invoices"]["nodes"] == []
