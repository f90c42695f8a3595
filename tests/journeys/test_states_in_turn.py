"""Does each command lead an order and an invoice where their tables say, and tell it, over the wire?"""

from typing import Any

from tests.journeys.deals import ADDRESS, Deal, make_deal
from tests.journeys.office import Office

_ORDER = """status statusReason { code } pricesLocked fulfillmentStatus billingStatus"""
_INVOICE = "status statusReason { code } pricesLocked"
# Command, what it is given beside the id, the state that it leads to, and what its event is called. Names in
# braces are ids that were met on the way.
Step = tuple[str, dict[str, Any], str, str]
ONE = [{"lineId": "{order_line}", "quantity": "1"}]
ORDER: list[Step] = [
    ("unlockOrderPricing", {"expectedVersion": None}, "ACTIVE.NEW", "order.pricing_unlocked"),
    ("updateOrderLine", {"expectedVersion": None, "lineId": "{order_line}", "quantity": "3"}, "ACTIVE.NEW",
     "order.line_updated"),
    ("lockOrderPricing", {}, "ACTIVE.NEW", "order.pricing_locked"),
    ("submitOrder", {"billTo": ADDRESS}, "SUBMITTED.IN_PROGRESS", "order.submitted"),
    ("recallOrder", {"reason": "Another address."}, "ACTIVE.PENDING", "order.recalled"),
    ("submitOrder", {}, "SUBMITTED.IN_PROGRESS", "order.submitted"),
    ("fulfillOrder", {"lines": ONE}, "SUBMITTED.IN_PROGRESS", "order.fulfilled"),
    ("returnItems", {"lines": ONE, "reason": "Broken."}, "SUBMITTED.IN_PROGRESS", "order.items_returned"),
    ("fulfillOrder", {}, "FULFILLED.COMPLETE", "order.fulfilled"),
    ("returnItems", {"lines": ONE, "reason": "Broken."}, "ACTIVE.PENDING", "order.items_returned"),
    ("closeOrderShort", {"reason": "Sold out."}, "FULFILLED.PARTIAL", "order.closed_short"),
    ("invoiceOrder", {}, "INVOICED.INVOICED", "order.invoiced"),
]  # fmt: skip
INVOICE: list[Step] = [
    ("unlockInvoicePricing", {"expectedVersion": None}, "ACTIVE.NEW", "invoice.pricing_unlocked"),
    ("updateInvoiceLine", {"expectedVersion": None, "lineId": "{invoice_line}", "pricePerUnit": "90"},
     "ACTIVE.NEW", "invoice.line_updated"),
    ("lockInvoicePricing", {}, "ACTIVE.NEW", "invoice.pricing_locked"),
    ("issueInvoice", {}, "ACTIVE.BILLED", "invoice.issued"),
    ("recordPayment", {"amount": "38"}, "ACTIVE.PARTIALLY_PAID", "invoice.payment_recorded"),
    ("markInvoicePaid", {}, "PAID.COMPLETE", "invoice.paid"),
    ("reversePayment", {"paymentId": "{payment}", "reason": "It came back."}, "ACTIVE.PARTIALLY_PAID",
     "invoice.payment_reversed"),
    ("createCreditNote", {"reason": "GOODWILL", "amount": "100"}, "ACTIVE.PARTIALLY_PAID",
     "invoice.credited"),
    ("createCreditNote", {"reason": "GOODWILL", "amount": "100"}, "PAID.COMPLETE", "invoice.credited"),
]  # fmt: skip


async def _walk(office: Office, deal: Deal, noun: str, steps: list[Step], shown: str) -> list[Any]:
    """Run commands in turn; return what was shown of the record after each."""
    found = []
    for command, given, state, event in steps:
        filled: dict[str, Any] = {
            name: [each | {"lineId": deal["order_line"]} for each in value] if name == "lines" else
            deal[value[1:-1]] if isinstance(value, str) and value.startswith("{") else value
            for name, value in given.items()
        }  # fmt: skip
        extra = "payment { id }" if command == "markInvoicePaid" else ""
        selection = f"{noun} {{ {shown} timeline(last: 30) {{ nodes {{ name }} }} }} {extra}"
        made = await office.do(command, selection, id=deal[noun], **filled)
        if extra:
            deal.ids["payment"] = made["payment"]["id"]
        record = made[noun]
        assert f"{record['status']}.{record['statusReason']['code']}" == state, command
        assert record["timeline"]["nodes"][-1] == {"name": event}, command
        found.append(record)
    return found


async def test_an_order_walks_through_its_table(office: Office) -> None:
    """What is delivered, billed and locked is read off after each command."""
    deal = await make_deal(office, until="active")
    selection = f"order {{ id {_ORDER} lines {{ nodes {{ id }} }} }}"
    made = (await office.do("acceptQuote", selection, id=deal["quote"]))["order"]
    deal.ids |= {"order": made["id"], "order_line": made["lines"]["nodes"][0]["id"]}
    assert (made["status"], made["statusReason"], made["pricesLocked"]) == ("ACTIVE", {"code": "NEW"}, True)
    shown = await _walk(office, deal, "order", ORDER, _ORDER)
    assert [each["pricesLocked"] for each in shown[:4]] == [False, False, True, True]
    assert [(each["fulfillmentStatus"], each["billingStatus"]) for each in shown[5:]] == [
        ("NONE", "NONE"), ("PARTIAL", "NONE"), ("NONE", "NONE"), ("COMPLETE", "NONE"), ("PARTIAL", "NONE"),
        ("COMPLETE", "NONE"), ("COMPLETE", "COMPLETE"),
    ]  # fmt: skip
    text = """query ($id: ID!) { order(by: {id: $id}) {
      lines { nodes { quantity quantityCanceled quantityInvoiced } } } }"""
    (line,) = (await office.read(text, id=deal["order"]))["order"]["lines"]["nodes"]
    assert line == {"quantity": "3", "quantityCanceled": "1", "quantityInvoiced": "2"}


async def test_an_invoice_walks_through_its_table(office: Office) -> None:
    """Its state follows from the balance alone, and the order follows what becomes of it."""
    deal = await make_deal(office, until="invoiced")
    money = (
        "balance { amount } paidTotal { amount } creditedTotal { amount } total { amount } order { status }"
    )
    shown = await _walk(office, deal, "invoice", INVOICE, f"{_INVOICE} {money}")
    assert [each["pricesLocked"] for each in shown[:3]] == [False, False, True]
    assert [each["total"]["amount"] for each in shown[:3]] == ["238.00", "214.20", "238.00"]
    assert [tuple(each[name]["amount"] for name in ("balance", "paidTotal", "creditedTotal"))
            for each in shown[3:]] == [
        ("238.00", "0.00", "0.00"), ("200.00", "38.00", "0.00"), ("0.00", "238.00", "0.00"),
        ("200.00", "38.00", "0.00"), ("100.00", "38.00", "100.00"), ("0.00", "38.00", "200.00"),
    ]  # fmt: skip
    assert {each["order"]["status"] for each in shown} == {"INVOICED"}


async def test_what_is_taken_back_of_an_invoice_comes_back_to_its_order(office: Office) -> None:
    """By canceling, discarding and crediting as a whole; the number of a canceled invoice stays."""
    deal = await make_deal(office)
    selection = "invoice { status statusReason { code } number } order { status }"
    for command, reason, given in (
        ("cancelInvoice", "CANCELED", {"reason": "Typing error."}),
        ("createCreditNote", "CREDITED", {"reason": "CORRECTION"}),
    ):
        made = await office.do(command, selection, id=deal["invoice"], **given)
        assert (made["invoice"]["status"], made["invoice"]["statusReason"]) == ("CANCELED", {"code": reason})
        assert made["invoice"]["number"] is not None
        assert made["order"] == {"status": "FULFILLED"}
        again = await office.do("invoiceOrder", "invoice { id } order { status }", id=deal["order"])
        assert again["order"] == {"status": "INVOICED"}
        deal.ids["invoice"] = again["invoice"]["id"]
        await office.do("issueInvoice", id=deal["invoice"])
