"""Which steps does a first deal take, from a business card to a paid invoice, and what does each answer?"""

from datetime import timedelta
from typing import Any

from tests.journeys.deals import ADDRESS
from tests.journeys.office import Office

_MONEY = "total { amount } taxTotal { amount } lineTotal { amount } discountTotal { amount }"
_LINES = (
    "lines { nodes { position description quantity unit pricePerUnit { amount } taxPercent "
    "discountShare { amount } taxAmount { amount } extendedAmount { amount } } }"
)
_NEXT = "transitions { name to allowed }"
_LEAD_OFFERS = {
    "updateLead", "recordQualification", "markLeadContacted", "nurtureLead", "disqualifyLead", "mergeLeads",
    "deleteLead",
}  # fmt: skip
# What a draft quote, and one that the customer has, offer to a seller.
_OF_A_DRAFT = {
    "updateQuote", "addQuoteLine", "updateQuoteLine", "removeQuoteLine", "copyOpportunityLines",
    "activateQuote", "closeQuote", "moveQuoteLine", "repriceQuote",
}  # fmt: skip
_OF_AN_OFFER = {"presentQuote", "reviseQuote", "acceptQuote", "declineQuote", "closeQuote"}


def eur(amount: str) -> dict[str, str]:
    """Return an amount as a selection of it answers."""
    return {"amount": amount}


def offered(record: Any) -> set[str]:
    """Return the names of the transitions that a record allows."""
    return {each["name"] for each in record["transitions"] if each["allowed"]}


class FirstDeal:
    """The deal step by step; each checks what the server answered, and takes a minute."""

    def __init__(self, office: Office) -> None:
        self.office = office
        self.ids: dict[str, str] = {}
        self.lines: dict[str, str] = {}
        self.versions: dict[str, int] = {}

    async def run(self) -> None:
        """Take all steps."""
        for step in (
            self.catalogue, self.capture, self.qualify, self.detail, self.offer, self.revise, self.accept,
            self.deliver, self.bill, self.collect,
        ):  # fmt: skip
            await step()

    async def do(self, command: str, selection: str = "", **given: Any) -> Any:
        """Run a command a minute after the last."""
        self.office.clock[0] += timedelta(minutes=1)
        return await self.office.do(command, selection, **given)

    async def catalogue(self) -> None:
        """An admin makes two products and publishes them."""
        for number, name, price, tax, unit, places in (
            ("P-100", "Pump", "1250", "19", "piece", 0),
            ("H-7", "Hose", "124.75", "7", "metre", 1),
        ):
            self.office.clock[0] += timedelta(minutes=1)
            made = await self.office.do(
                "createProduct", f"product {{ id status {_NEXT} }}", "ada", number=number, name=name,
                listPrice=price, taxPercent=tax, unit=unit, quantityPlaces=places,
            )  # fmt: skip
            assert made["product"]["status"] == "DRAFT"
            assert offered(made["product"]) == {"publishProduct", "updateProduct", "relateProduct"}
            published = await self.office.do(
                "publishProduct", "product { status version }", "ada", id=made["product"]["id"]
            )
            assert published["product"] == {"status": "ACTIVE", "version": 2}
            self.ids[name] = made["product"]["id"]

    async def capture(self) -> None:
        """Take in the business card twice: the second scan finds the first."""
        card = {
            "source": "BUSINESS_CARD", "externalId": "scan-1", "firstName": "Nora", "lastName": "Petersen",
            "companyName": "Nordwind GmbH", "jobTitle": "Head of Purchasing", "topic": "Pumps for Kiel",
            "email": "Nora@Nordwind.example", "phone": "+49 431 1234", "budget": "8000",
            "rawPayload": "vCard",
        }  # fmt: skip
        selection = (
            f"lead {{ id status statusReason {{ code }} budget {{ amount currencyCode }} version {_NEXT} }}"
        )
        made = await self.do("captureLead", selection, **card)
        lead = made["lead"]
        assert (lead["status"], lead["statusReason"], lead["version"]) == ("OPEN", {"code": "NEW"}, 1)
        assert lead["budget"] == {"amount": "8000.00", "currencyCode": "EUR"}
        assert offered(lead) == _LEAD_OFFERS
        assert {each["name"] for each in lead["transitions"]} == _LEAD_OFFERS | {"qualifyLead"}
        again = await self.do("captureLead", selection, **card)
        assert again == made | {"alreadyDone": True}
        self.ids["lead"] = lead["id"]

    async def qualify(self) -> None:
        """Confirm interest and purchasing power, then qualify."""
        await self.do("recordQualification", id=self.ids["lead"], interest=True, note="Called us twice")
        confirmed = await self.do(
            "recordQualification", f"lead {{ version {_NEXT} }}", id=self.ids["lead"], purchasingPower=True
        )
        assert confirmed["lead"]["version"] == 3
        assert offered(confirmed["lead"]) == _LEAD_OFFERS | {"qualifyLead"}
        made = await self.do(
            "qualifyLead",
            f"""lead {{ status version {_NEXT} }} account {{ id number name }}
            contact {{ id lastName email }}
            opportunity {{ id version name status stage {{ code }} probability budget {{ amount }}
            {_NEXT} }}""",
            id=self.ids["lead"],
            expectedVersion=3,
        )
        undo = {"name": "undoQualifyLead", "to": "OPEN", "allowed": True}
        assert made["lead"] == {"status": "QUALIFIED", "version": 4, "transitions": [undo]}
        assert (made["account"]["number"], made["account"]["name"]) == ("A-2026-00001", "Nordwind GmbH")
        assert (made["contact"]["lastName"], made["contact"]["email"]) == (
            "Petersen", "nora@nordwind.example",
        )  # fmt: skip
        opportunity = made["opportunity"]
        assert opportunity["name"] == "Pumps for Kiel"
        assert (opportunity["status"], opportunity["stage"], opportunity["probability"]) == (
            "OPEN", {"code": "QUALIFY"}, 10,
        )  # fmt: skip
        assert opportunity["budget"] == eur("8000.00")
        assert offered(opportunity) == {
            "updateOpportunity", "moveOpportunityStage", "addOpportunityLine", "updateOpportunityLine",
            "removeOpportunityLine", "generateQuoteFromOpportunity", "winOpportunity", "loseOpportunity",
            "changeOpportunityPipeline", "holdOpportunity", "moveOpportunityLine", "repriceOpportunity",
            "setRevenueMode", "addOpportunityCompetitor", "addOpportunityStakeholder", "addSalesTeamMember",
            "removeOpportunityCompetitor", "removeOpportunityStakeholder", "removeSalesTeamMember",
        }  # fmt: skip
        self.ids |= {name: made[name]["id"] for name in ("account", "contact", "opportunity")}
        self.versions["opportunity"] = opportunity["version"]

    async def detail(self) -> None:
        """Say what the customer wants: two pumps, and nine and a half metres of hose."""
        added: Any = None
        for name, quantity in (("Pump", "2"), ("Hose", "9.5")):
            added = await self.do(
                "addOpportunityLine",
                f"opportunity {{ version estimatedRevenue {{ amount }} {_MONEY} }} line {{ id }}",
                id=self.ids["opportunity"],
                expectedVersion=self.versions["opportunity"],
                productId=self.ids[name],
                quantity=quantity,
            )
            self.versions["opportunity"] += 1
            assert added["opportunity"]["version"] == self.versions["opportunity"]
            self.lines[name] = added["line"]["id"]
        # 2 x 1250.00 at 19 % and 9.5 x 124.75 = 1185.125 at 7 %: 475.00 and 82.96 of tax.
        assert added["opportunity"] == {
            "version": self.versions["opportunity"], "estimatedRevenue": eur("4243.09"),
            "lineTotal": eur("3685.13"), "discountTotal": eur("0.00"),
            "taxTotal": eur("557.96"), "total": eur("4243.09"),
        }  # fmt: skip

    async def offer(self) -> None:
        """Make the quote, take five percent off, activate and present it."""
        made = await self.do(
            "generateQuoteFromOpportunity",
            f"quote {{ id number revision status version {_MONEY} {_LINES} {_NEXT} }}",
            id=self.ids["opportunity"],
        )
        quote = made["quote"]
        assert (quote["number"], quote["revision"], quote["status"]) == ("Q-2026-00001", 0, "DRAFT")
        assert quote["total"] == eur("4243.09")
        assert [line["extendedAmount"] for line in quote["lines"]["nodes"]] == [
            eur("2975.00"), eur("1268.09"),
        ]  # fmt: skip
        assert offered(quote) == _OF_A_DRAFT
        changed = await self.do(
            "updateQuote", f"quote {{ {_MONEY} }}", id=quote["id"], expectedVersion=1, discountPercent="5"
        )
        # 5 % of 3685.13 is 184.2565; it is shared 125.00 to 59.26, and taxed is what is left.
        assert changed["quote"] == {
            "lineTotal": eur("3685.13"), "discountTotal": eur("184.26"),
            "taxTotal": eur("530.06"), "total": eur("4030.93"),
        }  # fmt: skip
        active = await self.do(
            "activateQuote",
            "quote { status validUntil contentHash }",
            id=quote["id"],
            validUntil="2026-03-31",
        )
        assert (active["quote"]["status"], active["quote"]["validUntil"]) == ("ACTIVE", "2026-03-31")
        assert len(active["quote"]["contentHash"]) == 64
        presented = await self.do(
            "presentQuote", f"token quote {{ statusReason {{ code }} presentedBy {_NEXT} }}", id=quote["id"]
        )
        assert len(presented["token"]) == len("offer_") + 72
        assert presented["quote"]["statusReason"] == {"code": "PRESENTED"}
        assert presented["quote"]["presentedBy"] == "EMAIL"
        assert offered(presented["quote"]) == _OF_AN_OFFER
        self.ids["first quote"] = quote["id"]

    async def revise(self) -> None:
        """Revise the quote: a third pump, a line discount, installation, freight."""
        made = await self.do(
            "reviseQuote",
            """quote { status statusReason { code } transitions { name } } revision { id number revision
            status version total { amount } previous { id } lines { nodes { id position } } }""",
            id=self.ids["first quote"],
            note="One more pump",
        )
        assert made["quote"] == {
            "status": "CLOSED",
            "statusReason": {"code": "REVISED"},
            "transitions": [],
        }
        revision = made["revision"]
        assert (revision["number"], revision["revision"], revision["status"]) == ("Q-2026-00001", 1, "DRAFT")
        assert (revision["total"], revision["previous"]) == (eur("4030.93"), {"id": self.ids["first quote"]})
        quote = self.ids["quote"] = revision["id"]
        pump = revision["lines"]["nodes"][0]["id"]
        await self.do(
            "updateQuoteLine", id=quote, expectedVersion=1, lineId=pump, quantity=3, discountAmount="150"
        )
        await self.do(
            "addQuoteLine", id=quote, expectedVersion=2, description="Installation", quantity=1,
            pricePerUnit="480", taxPercent="19", unit="job",
        )  # fmt: skip
        changed = await self.do(
            "updateQuote", f"quote {{ version {_MONEY} {_LINES} }}", id=quote, expectedVersion=3,
            discountAmount="25", freightAmount="40",
        )  # fmt: skip
        assert changed["quote"] == {"version": 4} | DOCUMENT
        await self.do("activateQuote", id=quote, expectedVersion=4)

    async def accept(self) -> None:
        """Accept the revision: the order is made, the opportunity won."""
        made = await self.do(
            "acceptQuote",
            f"""quote {{ status }} closedQuotes {{ id }} remark
            order {{ id number status statusReason {{ code }} pricesLocked customerReference fulfillmentStatus
                     billingStatus {_MONEY} {_LINES} {_NEXT} }}
            opportunity {{ status actualRevenue {{ amount }} actualCloseOn forecastCategory {_NEXT} }}""",
            id=self.ids["quote"],
            customerReference="PO 4711",
        )
        assert (made["quote"], made["closedQuotes"], made["remark"]) == ({"status": "WON"}, [], None)
        order = made["order"]
        self.ids["order"] = order.pop("id")
        assert offered({"transitions": order.pop("transitions")}) == {
            "fulfillOrder", "cancelOrder", "invoiceDeposit", "updateOrder", "addOrderLine", "updateOrderLine",
            "removeOrderLine", "unlockOrderPricing",
        }  # fmt: skip
        assert order == DOCUMENT | {
            "number": "O-2026-00001", "status": "ACTIVE", "statusReason": {"code": "NEW"},
            "pricesLocked": True,
            "customerReference": "PO 4711", "fulfillmentStatus": "NONE", "billingStatus": "NONE",
        }  # fmt: skip
        assert made["opportunity"] | {"transitions": None} == {
            "status": "WON", "actualRevenue": eur("5828.05"), "actualCloseOn": "2026-03-02",
            "forecastCategory": "WON", "transitions": None,
        }  # fmt: skip

    async def deliver(self) -> None:
        """Submit the order, deliver two pumps, then the rest."""
        submitted = await self.do(
            "submitOrder",
            f"""order {{ status {_NEXT} lines {{ nodes {{ id }} }}
            billTo {{ line1 postalCode city countryCode }} }}""",
            id=self.ids["order"],
            billTo=ADDRESS,
        )
        assert submitted["order"]["status"] == "SUBMITTED"
        assert submitted["order"]["billTo"] == ADDRESS
        assert offered(submitted["order"]) == {
            "fulfillOrder", "cancelOrder", "invoiceDeposit", "recallOrder",
        }  # fmt: skip
        pump = submitted["order"]["lines"]["nodes"][0]["id"]
        part = await self.do(
            "fulfillOrder", "order { status fulfillmentStatus }", id=self.ids["order"],
            lines=[{"lineId": pump, "quantity": 2}],
        )  # fmt: skip
        assert part["order"] == {"status": "SUBMITTED", "fulfillmentStatus": "PARTIAL"}
        rest = await self.do(
            "fulfillOrder",
            f"""order {{ status fulfillmentStatus fulfilledOn {_NEXT} }}
            fulfillment {{ fulfilledOn lines {{ nodes {{ quantity orderLine {{ position }} }} }} }}""",
            id=self.ids["order"],
        )
        assert offered(rest["order"]) == {
            "invoiceOrder", "invoiceDeposit", "cancelFulfillment", "returnItems",
        }  # fmt: skip
        assert rest["order"] | {"transitions": None} == {
            "status": "FULFILLED", "fulfillmentStatus": "COMPLETE", "fulfilledOn": "2026-03-02",
            "transitions": None,
        }  # fmt: skip
        lines = rest["fulfillment"]["lines"]["nodes"]
        assert [(line["orderLine"]["position"], line["quantity"]) for line in lines] == [
            (1, "1"), (2, "9.5"), (3, "1"),
        ]  # fmt: skip

    async def bill(self) -> None:
        """Invoice what was delivered, and issue the invoice."""
        made = await self.do(
            "invoiceOrder",
            f"""order {{ status billingStatus {_NEXT} }}
            invoice {{ id number status statusReason {{ code }} balance {{ amount }} {_MONEY} {_LINES}
            {_NEXT} }}""",
            id=self.ids["order"],
        )
        assert (made["order"]["status"], made["order"]["billingStatus"]) == ("INVOICED", "COMPLETE")
        assert offered(made["order"]) == set()
        invoice = made["invoice"]
        self.ids["invoice"] = invoice.pop("id")
        assert offered({"transitions": invoice.pop("transitions")}) == {
            "issueInvoice", "discardInvoice", "updateInvoice", "updateInvoiceLine", "removeInvoiceLine",
            "unlockInvoicePricing",
        }  # fmt: skip
        assert invoice == DOCUMENT | {
            "number": None, "status": "ACTIVE", "statusReason": {"code": "NEW"}, "balance": eur("5828.05"),
        }  # fmt: skip
        issued = await self.do(
            "issueInvoice", f"invoice {{ number statusReason {{ code }} issuedOn dueOn isOverdue {_NEXT} }}",
            id=self.ids["invoice"], termsDays=14,
        )  # fmt: skip
        assert offered(issued["invoice"]) == {
            "recordPayment", "markInvoicePaid", "cancelInvoice", "createCreditNote",
        }  # fmt: skip
        assert issued["invoice"] | {"transitions": None} == {
            "number": "I-2026-00001", "statusReason": {"code": "BILLED"}, "issuedOn": "2026-03-02",
            "dueOn": "2026-03-16", "isOverdue": False, "transitions": None,
        }  # fmt: skip

    async def collect(self) -> None:
        """Take two payments, when the invoice is a day overdue."""
        self.office.clock[0] += timedelta(days=15)
        selection = (
            "payment { amount { amount currencyCode } paidOn method } invoice { status statusReason { code } "
            "paidTotal { amount } balance { amount } isOverdue paidOn transitions { name } }"
        )
        first = await self.do("recordPayment", selection, id=self.ids["invoice"], amount="1000")
        assert first["payment"] == {
            "amount": {"amount": "1000.00", "currencyCode": "EUR"}, "paidOn": "2026-03-17",
            "method": "BANK_TRANSFER",
        }  # fmt: skip
        assert first["invoice"] | {"transitions": None} == {
            "status": "ACTIVE", "statusReason": {"code": "PARTIALLY_PAID"}, "paidTotal": eur("1000.00"),
            "balance": eur("4828.05"), "isOverdue": True, "paidOn": None, "transitions": None,
        }  # fmt: skip
        last = await self.do(
            "recordPayment", selection, id=self.ids["invoice"], amount="4828.05", method="CARD"
        )
        assert last["invoice"] == {
            "status": "PAID", "statusReason": {"code": "COMPLETE"}, "paidTotal": eur("5828.05"),
            "balance": eur("0.00"), "isOverdue": False, "paidOn": "2026-03-17",
            "transitions": [
                {"name": "createCreditNote"}, {"name": "cancelInvoice"}, {"name": "reversePayment"},
            ],
        }  # fmt: skip


def _line(
    position: int, words: str, quantity: str, unit: str, price: str, rate: str, *parts: str
) -> dict[str, Any]:
    """Return a line as ``_LINES`` answers it; ``parts`` are its discount share, tax and extended amount."""
    share, tax, extended = parts
    return {
        "position": position, "description": words, "quantity": quantity, "unit": unit,
        "pricePerUnit": eur(price), "taxPercent": rate, "discountShare": eur(share),
        "taxAmount": eur(tax), "extendedAmount": eur(extended),
    }  # fmt: skip


# By hand: nets 3600.00 (3 x 1250.00 - 150.00), 1185.13 and 480.00; 5 % of 5265.13 is 263.26, with 25.00 more
# 288.26, shared over the two rates: 223.37(28) at 19 %, 64.88(37) at 7 %, which gets the missing cent, and
# then over the lines at 19 %: 197.09(36), 26.27(91), which gets it there. 19 % of 4080.00 - 223.37 is 732.76,
# 7 % of 1185.13 - 64.89 is 78.42.
DOCUMENT: dict[str, Any] = {
    "lineTotal": eur("5265.13"), "discountTotal": eur("288.26"), "taxTotal": eur("811.18"),
    "total": eur("5828.05"),
    "lines": {"nodes": [
        _line(1, "Pump", "3", "piece", "1250.00", "19", "197.09", "646.55", "4246.55"),
        _line(2, "Hose", "9.5", "metre", "124.75", "7", "64.89", "78.42", "1263.55"),
        _line(3, "Installation", "1", "job", "480.00", "19", "26.28", "86.21", "566.21"),
    ]},
}  # fmt: skip
