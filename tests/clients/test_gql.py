"""Does a Python client that is not ours carry a deal through? PyPI's gql, over HTTP and over a WebSocket."""

import asyncio
from pathlib import Path
from typing import Any

import pytest
from gql import Client, GraphQLRequest, gql
from gql.client import AsyncClientSession
from gql.transport.aiohttp import AIOHTTPTransport
from gql.transport.websockets import WebsocketsTransport
from graphql import parse, separate_operations

from tests.clients.server import Address

pytestmark = pytest.mark.clients

DOCUMENTS = separate_operations(parse(Path(__file__).with_name("deal.graphql").read_text(encoding="utf-8")))
CARD = {
    "source": "BUSINESS_CARD",
    "firstName": "Joana",
    "lastName": "Prado",
    "companyName": "Prado Ceramics",
    "email": "joana@prado-ceramics.example",
}
LINES = (
    {"description": "Kiln pump", "quantity": "3", "pricePerUnit": "333.33", "taxPercent": "19"},
    {"description": "Handbook", "quantity": "2", "pricePerUnit": "49.90", "taxPercent": "7"},
)
ADDRESS = {"line1": "Rua do Forno 3", "postalCode": "4000-001", "city": "Porto", "countryCode": "PT"}


class Deal:
    """A deal on its way, and the session of the client that carries it."""

    def __init__(self, session: AsyncClientSession) -> None:
        self.session = session

    async def step(self, name: str, **values: Any) -> Any:
        """Run a command and return its payload, which has no errors."""
        request = GraphQLRequest(_text(name), variable_values={"input": values}, operation_name=name)
        (payload,) = (await self.session.execute(request)).values()
        assert payload["userErrors"] == []
        return payload

    async def to_quote(self) -> tuple[str, Any]:
        """Go from the card to the draft quote; return the lead's id and the quote."""
        lead = (await self.step("CaptureLead", **CARD))["lead"]
        await self.step("RecordQualification", id=lead["id"], interest=True, purchasingPower=True)
        opportunity = (await self.step("QualifyLead", id=lead["id"]))["opportunity"]
        for line in LINES:
            added = await self.step(
                "AddLine", id=opportunity["id"], expectedVersion=opportunity["version"], **line
            )
            opportunity = added["opportunity"]
        return lead["id"], (await self.step("GenerateQuote", id=opportunity["id"]))["quote"]

    async def to_payment(self, order: str, amount: str) -> Any:
        """Go from the order to the payment; return the paid invoice."""
        await self.step("SubmitOrder", id=order, billTo=ADDRESS)
        await self.step("FulfillOrder", id=order)
        invoice = (await self.step("InvoiceOrder", id=order))["invoice"]
        issued = (await self.step("IssueInvoice", id=invoice["id"]))["invoice"]
        assert issued["balance"] == {"amount": amount, "currencyCode": "EUR"}
        return (await self.step("RecordPayment", id=invoice["id"], amount=amount))["invoice"]


def _text(name: str) -> str:
    """Return the text of an operation of the deal."""
    source = DOCUMENTS[name].definitions[0].loc
    assert source is not None
    return source.source.body[source.start : source.end]


async def test_gql_carries_a_business_card_to_a_paid_invoice(server: Address) -> None:
    """With one revision, and against the schema that it read from the server itself."""
    transport = AIOHTTPTransport(server.http, headers=dict(server.headers))
    async with Client(transport=transport, fetch_schema_from_transport=True) as session:
        deal = Deal(session)
        lead, quote = await deal.to_quote()
        # 999.99 and 99.80; the tax is 190.00 and 6.99.
        assert quote["total"] == {"amount": "1296.78", "currencyCode": "EUR"}
        await deal.step("ActivateQuote", id=quote["id"])
        revision = (await deal.step("ReviseQuote", id=quote["id"]))["revision"]
        assert (revision["number"], revision["revision"]) == (quote["number"], 1)
        # 10 % off: 109.98, of which the pumps bear 100.00; the tax is 171.00 and 6.29.
        changed = await deal.step(
            "UpdateQuote", id=revision["id"], expectedVersion=revision["version"], discountPercent="10"
        )
        assert changed["quote"]["total"] == {"amount": "1167.10", "currencyCode": "EUR"}
        await deal.step("ActivateQuote", id=revision["id"])
        accepted = await deal.step("AcceptQuote", id=revision["id"])
        assert accepted["opportunity"] == {"status": "WON"}
        paid = await deal.to_payment(accepted["order"]["id"], "1167.10")
        assert (paid["status"], paid["balance"]) == ("PAID", {"amount": "0.00", "currencyCode": "EUR"})
        request = GraphQLRequest(_text("Story"), variable_values={"lead": lead})
        story = (await session.execute(request))["lead"]
    (first, second) = story["opportunity"].pop("quotes")["nodes"]
    told = [event["name"] for event in story.pop("timeline")["nodes"]]
    assert story == {
        "status": "QUALIFIED",
        "account": {"name": "Prado Ceramics"},
        "contact": {"lastName": "Prado"},
        "opportunity": {"status": "WON", "actualRevenue": {"amount": "1167.10"}},
    }
    assert first == {"revision": 0, "status": "CLOSED", "total": {"amount": "1296.78"}, "order": None}
    _assert_order(second.pop("order"))
    assert second == {"revision": 1, "status": "WON", "total": {"amount": "1167.10"}}
    assert (told[0], told[-1]) == ("lead.captured", "invoice.payment_recorded")
    assert told.count("quote.activated") == 2


def _assert_order(order: Any) -> None:
    """Compare the order, delivered, billed and paid in one go, with what was done."""
    assert order == {
        "status": "INVOICED",
        "total": {"amount": "1167.10"},
        "lines": {
            "nodes": [
                {
                    "description": line["description"],
                    "quantity": line["quantity"],
                    "quantityFulfilled": line["quantity"],
                    "quantityInvoiced": line["quantity"],
                }
                for line in LINES
            ]
        },
        "invoices": {
            "nodes": [
                {
                    "status": "PAID",
                    "total": {"amount": "1167.10"},
                    "payments": {
                        "nodes": [
                            {
                                "amount": {"amount": "1167.10", "currencyCode": "EUR"},
                                "method": "BANK_TRANSFER",
                            }
                        ]
                    },
                }
            ]
        },
    }


async def test_gql_reads_and_writes_over_a_websocket(server: Address) -> None:
    """The events of a command that one socket runs reach the subscription of another one."""
    init = dict(server.headers)
    listening = Client(transport=WebsocketsTransport(server.socket, init_payload=init))
    working = Client(transport=WebsocketsTransport(server.socket, init_payload=init))
    async with listening as ear, working as hand:
        events = ear.subscribe(gql(_text("Watch")))
        first = asyncio.ensure_future(anext(events))
        leads = []
        while not first.done():
            # The protocol does not acknowledge a subscription: it is there when its first event comes.
            leads.append((await Deal(hand).step("CaptureLead", **CARD))["lead"]["id"])
            await asyncio.wait([first], timeout=1)
        await events.aclose()
    event = first.result()["events"]["event"]
    assert (event["name"], event["subject"]["__typename"]) == ("lead.captured", "Lead")
    assert event["subject"]["id"] in leads
