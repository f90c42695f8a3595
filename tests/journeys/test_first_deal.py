"""Does a business card become a paid invoice, and can the whole story be read back in one question?"""

from typing import Any

from tests.journeys.first_deal import FirstDeal, eur
from tests.journeys.office import START, Office

# From the lead down along every link to the payment, in one question. Pages are small, since their product is
# what the question costs.
DOWN = """
query ($id: ID!) { lead(by: {id: $id}) { status
  account { name leads(first: 3) { nodes { topic } } history { totalCount { value precision } } }
  contact { lastName account { name } }
  evidence(first: 3) { nodes { kind isConfirmed note } }
  opportunity { name stage { code } lead { topic } account { name } contact { lastName }
    closeActivities(first: 3) { nodes { reason actualRevenue { amount } } }
    lines(first: 3) { nodes { position product { number } quoteLines(first: 3) { nodes { quote { revision }
      orderLines(first: 3) { nodes { quantityFulfilled quantityInvoiced
        invoiceLines(first: 3) { nodes { quantity } }
        fulfillmentLines(first: 3) { nodes { quantity } } } } } } } }
    quotes(first: 3, orderBy: [{field: TOTAL, direction: DESC}]) { nodes { number revision status
      previous { revision } next { revision } revisions(first: 3) { nodes { revision } }
      closeActivities(first: 3) { nodes { reason note } }
      order { number status quote { revision } opportunity { name }
        fulfillments(first: 3) { nodes { lines(first: 3) { nodes { quantity orderLine { position } } } } }
        invoices(first: 3) { nodes { number status order { number } opportunity { name }
          payments(first: 3) { nodes { amount { amount } method invoice { number } } } } } } } }
    orders(first: 3) { nodes { number } } invoices(first: 3) { nodes { number } } } } }
"""
# From the invoice up to the lead, by number.
UP = """
{ invoice(by: {number: "I-2026-00001"}) { total { amount currencyCode } account { number } contact { email }
  lines { nodes { position product { name } orderLine { position quoteLine { position quote { revision }
    previousLine { position quote { revision } } revisedLines { nodes { position } }
    opportunityLine { position opportunity { name } } } } } }
  order { number quote { number revision previous { revision status } opportunity { name
    lead { topic source budget { amount } account { number } contact { lastName } } } } }
  opportunity { name lead { firstName } } } }
"""


_DEAL = {"name": "Pumps for Kiel"}


def _lines_downwards() -> list[Any]:
    """Return the opportunity's lines, each followed through both quotes to delivery and invoice."""
    nine = "9.5"
    delivered: list[dict[str, Any]] = [
        {"position": 1, "product": {"number": "P-100"}, "parts": ["2", "1"], "quantity": "3"},
        {"position": 2, "product": {"number": "H-7"}, "parts": [nine], "quantity": nine},
    ]
    return [
        {
            "position": line["position"], "product": line["product"], "quoteLines": {"nodes": [
                {"quote": {"revision": 0}, "orderLines": {"nodes": []}},
                {"quote": {"revision": 1}, "orderLines": {"nodes": [{
                    "quantityFulfilled": line["quantity"], "quantityInvoiced": line["quantity"],
                    "invoiceLines": {"nodes": [{"quantity": line["quantity"]}]},
                    "fulfillmentLines": {"nodes": [{"quantity": part} for part in line["parts"]]},
                }]}},
            ]},
        }
        for line in delivered
    ]  # fmt: skip


def _order_downwards() -> Any:
    """Return the order with its deliveries, its invoice and the payments."""
    invoice = {
        "number": "I-2026-00001", "status": "PAID", "order": {"number": "O-2026-00001"}, "opportunity": _DEAL,
        "payments": {"nodes": [
            {"amount": eur(amount), "method": method, "invoice": {"number": "I-2026-00001"}}
            for amount, method in (("1000.00", "BANK_TRANSFER"), ("4828.05", "CARD"))
        ]},
    }  # fmt: skip
    return {
        "number": "O-2026-00001", "status": "INVOICED", "quote": {"revision": 1}, "opportunity": _DEAL,
        "fulfillments": {"nodes": [
            {"lines": {"nodes": [{"quantity": quantity, "orderLine": {"position": position}}
                                 for position, quantity in parts]}}
            for parts in ([(1, "2")], [(1, "1"), (2, "9.5"), (3, "1")])
        ]},
        "invoices": {"nodes": [invoice]},
    }  # fmt: skip


def _told_downwards() -> Any:
    """Return what ``DOWN`` answers."""
    both = {"number": "Q-2026-00001", "revisions": {"nodes": [{"revision": 0}, {"revision": 1}]}}
    quotes = [
        both | {
            "revision": 1, "status": "WON", "previous": {"revision": 0}, "next": None,
            "order": _order_downwards(),
            "closeActivities": {"nodes": [{"reason": "WON", "note": None}]},
        },
        both | {
            "revision": 0, "status": "CLOSED", "previous": None, "next": {"revision": 1}, "order": None,
            "closeActivities": {"nodes": [{"reason": "REVISED", "note": "One more pump"}]},
        },
    ]  # fmt: skip
    customer = {"name": "Nordwind GmbH"}
    return {"lead": {
        "status": "QUALIFIED",
        "account": customer | {
            "leads": {"nodes": [{"topic": "Pumps for Kiel"}]},
            "history": {"totalCount": {"value": len(STORY) + 2, "precision": "EXACT"}},
        },
        "contact": {"lastName": "Petersen", "account": customer},
        "evidence": {"nodes": [
            {"kind": "INTEREST", "isConfirmed": True, "note": "Called us twice"},
            {"kind": "PURCHASING_POWER", "isConfirmed": True, "note": None},
        ]},
        "opportunity": _DEAL | {
            "stage": {"code": "PROPOSE"}, "lead": {"topic": "Pumps for Kiel"}, "account": customer,
            "contact": {"lastName": "Petersen"},
            "closeActivities": {"nodes": [{"reason": "WON", "actualRevenue": eur("5828.05")}]},
            "lines": {"nodes": _lines_downwards()}, "quotes": {"nodes": quotes},
            "orders": {"nodes": [{"number": "O-2026-00001"}]},
            "invoices": {"nodes": [{"number": "I-2026-00001"}]},
        },
    }}  # fmt: skip


def _told_upwards() -> Any:
    """Return what ``UP`` answers."""
    deal = {"name": "Pumps for Kiel"}

    def line(position: int, product: str | None) -> Any:
        from_start = product is not None
        return {
            "position": position, "product": {"name": product} if product else None,
            "orderLine": {"position": position, "quoteLine": {
                "position": position, "quote": {"revision": 1}, "revisedLines": {"nodes": []},
                "previousLine": {"position": position, "quote": {"revision": 0}} if from_start else None,
                "opportunityLine": {"position": position, "opportunity": deal} if from_start else None,
            }},
        }  # fmt: skip

    lead = {
        "topic": "Pumps for Kiel", "source": "BUSINESS_CARD", "budget": eur("8000.00"),
        "account": {"number": "A-2026-00001"}, "contact": {"lastName": "Petersen"},
    }  # fmt: skip
    return {"invoice": {
        "total": {"amount": "5828.05", "currencyCode": "EUR"}, "account": {"number": "A-2026-00001"},
        "contact": {"email": "nora@nordwind.example"},
        "lines": {"nodes": [line(1, "Pump"), line(2, "Hose"), line(3, None)]},
        "order": {"number": "O-2026-00001", "quote": {
            "number": "Q-2026-00001", "revision": 1, "previous": {"revision": 0, "status": "CLOSED"},
            "opportunity": deal | {"lead": lead},
        }},
        "opportunity": deal | {"lead": {"firstName": "Nora"}},
    }}  # fmt: skip


# Every event of the chain: what happened, of which type, to what, by which command, brought about by what.
STORY: list[tuple[str, str, str, str, str | None]] = [
    ("lead.captured", "CREATED", "Lead", "captureLead", None),
    ("lead.qualification_recorded", "EDITED", "Lead", "recordQualification", None),
    ("lead.qualification_recorded", "EDITED", "Lead", "recordQualification", None),
    ("lead.qualified", "STATUS_CHANGED", "Lead", "qualifyLead", None),
    ("opportunity.created", "CREATED", "Opportunity", "qualifyLead", "lead.qualified"),
    ("opportunity.line_added", "EDITED", "Opportunity", "addOpportunityLine", None),
    ("opportunity.line_added", "EDITED", "Opportunity", "addOpportunityLine", None),
    ("opportunity.quoted", "EDITED", "Opportunity", "generateQuoteFromOpportunity", None),
    ("quote.created", "CREATED", "Quote 0", "generateQuoteFromOpportunity", "opportunity.quoted"),
    ("quote.updated", "EDITED", "Quote 0", "updateQuote", None),
    ("quote.activated", "STATUS_CHANGED", "Quote 0", "activateQuote", None),
    ("opportunity.stage_moved", "EDITED", "Opportunity", "activateQuote", "quote.activated"),
    ("quote.presented", "STATUS_CHANGED", "Quote 0", "presentQuote", None),
    ("activity.created", "CREATED", "Activity", "presentQuote", "quote.presented"),
    ("quote.revised", "STATUS_CHANGED", "Quote 0", "reviseQuote", None),
    ("quote.created", "CREATED", "Quote 1", "reviseQuote", "quote.revised"),
    ("quote.line_updated", "EDITED", "Quote 1", "updateQuoteLine", None),
    ("quote.line_added", "EDITED", "Quote 1", "addQuoteLine", None),
    ("quote.updated", "EDITED", "Quote 1", "updateQuote", None),
    ("quote.activated", "STATUS_CHANGED", "Quote 1", "activateQuote", None),
    ("quote.accepted", "STATUS_CHANGED", "Quote 1", "acceptQuote", None),
    ("order.created", "CREATED", "Order", "acceptQuote", "quote.accepted"),
    ("opportunity.won", "STATUS_CHANGED", "Opportunity", "winOpportunity", "quote.accepted"),
    ("order.submitted", "STATUS_CHANGED", "Order", "submitOrder", None),
    ("order.fulfilled", "EDITED", "Order", "fulfillOrder", None),
    ("order.fulfilled", "STATUS_CHANGED", "Order", "fulfillOrder", None),
    ("order.invoiced", "STATUS_CHANGED", "Order", "invoiceOrder", None),
    ("invoice.created", "CREATED", "Invoice", "invoiceOrder", "order.invoiced"),
    ("invoice.issued", "STATUS_CHANGED", "Invoice", "issueInvoice", None),
    ("invoice.payment_recorded", "STATUS_CHANGED", "Invoice", "recordPayment", None),
    ("invoice.payment_recorded", "STATUS_CHANGED", "Invoice", "recordPayment", None),
]  # fmt: skip
_EVENTS = """nodes { name type command actor { name } causedBy { name } effects { nodes { name } }
    subject { __typename ... on Quote { revision } } }"""


async def _check_timelines(deal: FirstDeal) -> None:
    """Read the story from each of its records, and each record's own part of it."""
    nouns = {
        "lead": "lead",
        "opportunity": "opportunity",
        "quote": "quote",
        "order": "order",
        "invoice": "invoice",
    }
    fields = " ".join(
        f'{noun}: {noun}(by: {{id: "{deal.ids[noun]}"}}) {{ self: timeline {{ {_EVENTS} }} '
        f"chain: timeline(scope: CHAIN, first: 50) {{ {_EVENTS} pageInfo {{ hasNextPage }} }} }}"
        for noun in nouns
    )
    found = await deal.office.read(f"{{ {fields} }}")
    for noun, answer in found.items():
        chain = answer["chain"]
        assert chain["pageInfo"] == {"hasNextPage": False}
        assert [_as_told(each) for each in chain["nodes"]] == STORY
        assert {each["actor"]["name"] for each in chain["nodes"]} == {"sam"}
        own = {"quote": "Quote 1"}.get(noun, noun.capitalize())
        assert [_as_told(each) for each in answer["self"]["nodes"]] == [
            each for each in STORY if each[2] == own
        ]
    effects = {
        each["name"]: [effect["name"] for effect in each["effects"]["nodes"]]
        for each in found["lead"]["chain"]["nodes"]
        if each["name"] in {"lead.qualified", "quote.accepted"}
    }
    assert effects == {
        "lead.qualified": ["account.created", "contact.created", "opportunity.created"],
        "quote.accepted": ["order.created", "opportunity.won"],
    }


def _as_told(event: Any) -> tuple[str, str, str, str, str | None]:
    """Return an event as ``STORY`` writes it."""
    subject = event["subject"]
    title = " ".join(str(each) for each in subject.values())
    cause = event["causedBy"]["name"] if event["causedBy"] else None
    return event["name"], event["type"], title, event["command"], cause


async def test_business_card_becomes_a_paid_invoice(office: Office) -> None:
    """Every step answers with exact states and numbers; the story reads the same from both ends."""
    deal = FirstDeal(office)
    await deal.run()
    assert office.clock[0].date() > START.date()
    assert await office.read(DOWN, id=deal.ids["lead"]) == _told_downwards()
    assert await office.read(UP) == _told_upwards()
    await _check_timelines(deal)
