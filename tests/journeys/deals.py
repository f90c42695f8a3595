"""How does a deal come to a certain point? By the commands that a client would send, one after another."""

from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from tests.journeys.office import Office

ADDRESS = {"line1": "Hafenstraße 1", "postalCode": "20457", "city": "Hamburg", "countryCode": "DE"}
# What was agreed at each step; a deal that is taken to one of them has all before it.
STEPS = (
    "captured",
    "confirmed",
    "qualified",
    "drafted",
    "active",
    "ordered",
    "fulfilled",
    "invoiced",
    "issued",
)


@dataclass
class Deal:
    """The ids of what a deal consists of so far."""

    ids: dict[str, str] = field(default_factory=dict)

    def __getitem__(self, name: str) -> str:
        """Return the id of a record by its noun."""
        return self.ids[name]


async def make_deal(office: Office, company: str = "Nordwind GmbH", until: str = "issued") -> Deal:
    """Take a deal over one write-in line of two times 100.00 at 19 % to one of ``STEPS``."""
    deal = Deal()
    for step in STEPS[: STEPS.index(until) + 1]:
        # A millisecond a step, so that no two steps share an instant.
        office.clock[0] += timedelta(milliseconds=1)
        await _PERFORM[step](office, deal.ids, company)
    return deal


async def _captured(office: Office, ids: dict[str, str], company: str) -> None:
    mailbox = f"office@{''.join(company.lower().split())}.example"
    made = await office.do(
        "captureLead",
        "lead { id }",
        source="BUSINESS_CARD",
        firstName="Nora",
        lastName="Petersen",
        companyName=company,
        email=mailbox,
    )
    ids["lead"] = made["lead"]["id"]


async def _confirmed(office: Office, ids: dict[str, str], _: str) -> None:
    await office.do("recordQualification", id=ids["lead"], interest=True, purchasingPower=True)


async def _qualified(office: Office, ids: dict[str, str], _: str) -> None:
    selection = "account { id } contact { id } opportunity { id version }"
    made = await office.do("qualifyLead", selection, id=ids["lead"])
    ids |= {name: made[name]["id"] for name in ("account", "contact", "opportunity")}
    line: dict[str, Any] = {"description": "Pump", "quantity": "2", "pricePerUnit": "100", "taxPercent": "19"}
    added = await office.do(
        "addOpportunityLine", "line { id }", id=ids["opportunity"], expectedVersion=None, **line
    )
    ids["opportunity_line"] = added["line"]["id"]


async def _drafted(office: Office, ids: dict[str, str], _: str) -> None:
    selection = "quote { id lines { nodes { id } } }"
    made = await office.do("generateQuoteFromOpportunity", selection, id=ids["opportunity"])
    ids["quote"] = made["quote"]["id"]
    ids["quote_line"] = made["quote"]["lines"]["nodes"][0]["id"]


async def _active(office: Office, ids: dict[str, str], _: str) -> None:
    await office.do("activateQuote", id=ids["quote"])


async def _ordered(office: Office, ids: dict[str, str], _: str) -> None:
    made = await office.do("acceptQuote", "order { id lines { nodes { id } } }", id=ids["quote"])
    ids["order"] = made["order"]["id"]
    ids["order_line"] = made["order"]["lines"]["nodes"][0]["id"]
    await office.do("submitOrder", id=ids["order"], billTo=ADDRESS)


async def _fulfilled(office: Office, ids: dict[str, str], _: str) -> None:
    selection = "fulfillment { id lines { nodes { id } } }"
    made = (await office.do("fulfillOrder", selection, id=ids["order"]))["fulfillment"]
    ids["fulfillment"] = made["id"]
    ids["fulfillment_line"] = made["lines"]["nodes"][0]["id"]


async def _invoiced(office: Office, ids: dict[str, str], _: str) -> None:
    made = await office.do("invoiceOrder", "invoice { id lines { nodes { id } } }", id=ids["order"])
    ids["invoice"] = made["invoice"]["id"]
    ids["invoice_line"] = made["invoice"]["lines"]["nodes"][0]["id"]


async def _issued(office: Office, ids: dict[str, str], _: str) -> None:
    await office.do("issueInvoice", id=ids["invoice"])


_PERFORM = dict(
    zip(
        STEPS,
        (_captured, _confirmed, _qualified, _drafted, _active, _ordered, _fulfilled, _invoiced, _issued),
        strict=True,
    )
)


@dataclass(frozen=True)
class Settled:
    """An office with deals at several points, two of them of accounts that partners see."""

    office: Office
    ids: dict[str, str]

    def filled(self, value: Any) -> Any:
        """Return a value with the names in braces replaced by ids."""
        if isinstance(value, dict):
            return {name: self.filled(each) for name, each in value.items()}
        if isinstance(value, list):
            return [self.filled(each) for each in value]
        return value.format_map(self.ids) if isinstance(value, str) and "{" in value else value


async def settle(office: Office) -> Settled:
    """Make an open lead, a draft quote, a draft invoice and an issued invoice, each of its own deal."""
    issued = await make_deal(office, "Nordwind GmbH")
    billed = await make_deal(office, "Südwind AG", "invoiced")
    drafted = await make_deal(office, "Ostwind KG", "drafted")
    captured = await make_deal(office, "Westwind SE", "captured")
    made = await office.do("createProduct", "product { id }", "ada", number="P-1", name="Pump", listPrice="1")
    ids = drafted.ids | {
        "issued_invoice": issued["invoice"],
        "invoiced_order": issued["order"],
        "invoiced_order_line": issued["order_line"],
        "foreign_quote_line": issued["quote_line"],
        "won_opportunity": issued["opportunity"],
        "won_quote": issued["quote"],
        "draft_invoice": billed["invoice"],
        "open_lead": captured["lead"],
        "draft_product": made["product"]["id"],
    }
    return Settled(office, ids)
