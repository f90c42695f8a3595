"""Do deals that do not go straight come to their end, over the wire? The branches from the order on.

Each ends with what anybody can read of it, and with a database in which everything follows from the rest.
"""

from collections.abc import AsyncIterator
from typing import Any

import pytest

from models.integrity import differences
from tests.journeys.deals import Deal, make_deal
from tests.journeys.office import Office
from tests.journeys.test_detours import refused, repeated, state_of


@pytest.fixture(autouse=True)
async def sound(office: Office) -> AsyncIterator[None]:
    """Check, once the branch is gone, that nothing in the database contradicts the rest."""
    yield
    with office.database.reading() as session:
        assert list(differences(session)) == []


async def _order(office: Office, deal: Deal) -> Any:
    text = """query ($id: ID!) { order(by: {id: $id}) { status statusReason { code } fulfillmentStatus
      billingStatus opportunity { status } closeActivities { nodes { status reason } }
      lines { nodes { quantity quantityFulfilled quantityReturned quantityInvoiced quantityCredited
        quantityCanceled openQuantity } } invoices { nodes { status total { amount } } } } }"""
    return (await office.read(text, id=deal["order"]))["order"]


async def _quantities(office: Office, deal: Deal) -> dict[str, str]:
    """Return the quantities of the order's one line that are not zero."""
    (line,) = (await _order(office, deal))["lines"]["nodes"]
    return {name: value for name, value in line.items() if value != "0"}


async def _invoice(office: Office, invoice: str) -> Any:
    text = """query ($id: ID!) { invoice(by: {id: $id}) { number status statusReason { code }
      balance { amount } paidTotal { amount } creditedTotal { amount } total { amount } } }"""
    found = (await office.read(text, id=invoice))["invoice"]
    return {
        name: value["amount"] if isinstance(value, dict) and "amount" in value else value
        for name, value in found.items()
    } | {"statusReason": found["statusReason"]["code"]}


async def _told(office: Office, record: str) -> list[str]:
    """Return what the timeline of a record tells, in order."""
    kind = record.rpartition("_")[0].capitalize()
    text = (
        f"query ($id: ID!) {{ it: node(id: $id) {{ ... on {kind} {{ timeline {{ nodes {{ name }} }} }} }} }}"
    )
    return [each["name"] for each in (await office.read(text, id=record))["it"]["timeline"]["nodes"]]


async def test_order_is_canceled_before_it_is_delivered(office: Office) -> None:
    """Its quantity counts as canceled, the deal stays won unless asked otherwise, and nothing follows."""
    deal = await make_deal(office, until="ordered")
    given = {"reason": "CUSTOMER_REQUEST", "note": "They wait for the grant."}
    await repeated(
        office, "cancelOrder", "order { status } opportunity { status }", id=deal["order"], **given
    )
    found = await _order(office, deal)
    assert (found["status"], found["statusReason"]["code"]) == ("CANCELED", "CUSTOMER_REQUEST")
    assert found["opportunity"] == {"status": "WON"}
    assert found["closeActivities"]["nodes"] == [{"status": "CANCELED", "reason": "CUSTOMER_REQUEST"}]
    assert await _quantities(office, deal) == {"quantity": "2", "quantityCanceled": "2"}
    for command in ("fulfillOrder", "invoiceOrder", "submitOrder"):
        code, path = await refused(office, command, id=deal["order"])
        assert (code, path) == ("ILLEGAL_TRANSITION", ["input", "id"])
    other = await make_deal(office, "Südwind AG", "ordered")
    again = await office.do(
        "cancelOrder", "opportunity { status }", id=other["order"], reason="NO_MONEY", reopenOpportunity=True
    )
    assert again["opportunity"] == {"status": "OPEN"}
    assert (await _told(office, other["order"]))[-1] == "order.canceled"


async def test_order_is_delivered_in_part_and_ends_short(office: Office) -> None:
    """The rest is canceled quantity; what was delivered is billed, and the order is done."""
    deal = await make_deal(office, until="ordered")
    assert await refused(office, "closeOrderShort", id=deal["order"], reason="Sold out.") == (
        "NOTHING_FULFILLED", ["input", "id"],
    )  # fmt: skip
    one = [{"lineId": deal["order_line"], "quantity": "1"}]
    await repeated(office, "fulfillOrder", "fulfillment { id }", id=deal["order"], lines=one)
    assert (await _order(office, deal))["fulfillmentStatus"] == "PARTIAL"
    await repeated(office, "closeOrderShort", "order { status }", id=deal["order"], reason="Sold out.")
    assert await state_of(office, deal["order"]) == ("FULFILLED", "PARTIAL")
    assert await _quantities(office, deal) == {
        "quantity": "2", "quantityFulfilled": "1", "quantityCanceled": "1",
    }  # fmt: skip
    made = await office.do("invoiceOrder", "invoice { id total { amount } }", id=deal["order"])
    assert made["invoice"]["total"] == {"amount": "119.00"}
    assert await state_of(office, deal["order"]) == ("INVOICED", "INVOICED")
    edit = await refused(office, "updateOrder", id=deal["order"], expectedVersion=None, name="X")
    assert edit == ("RECORD_READ_ONLY", ["input", "id"])


async def test_no_more_is_delivered_than_was_ordered(office: Office) -> None:
    """At once, or in the sum of several deliveries; what is refused leaves no delivery."""
    deal = await make_deal(office, until="ordered")
    place = ["input", "lines"]
    for quantity in ("3", "2.00001"):
        lines = [{"lineId": deal["order_line"], "quantity": quantity}]
        assert await refused(office, "fulfillOrder", id=deal["order"], lines=lines) == (
            "OVER_FULFILLMENT",
            place,
        )
    one = [{"lineId": deal["order_line"], "quantity": "1.5"}]
    await office.do("fulfillOrder", id=deal["order"], lines=one)
    assert await refused(office, "fulfillOrder", id=deal["order"], lines=one) == ("OVER_FULFILLMENT", place)
    for quantity in ("0", "-1"):
        lines = [{"lineId": deal["order_line"], "quantity": quantity}]
        assert (await refused(office, "fulfillOrder", id=deal["order"], lines=lines))[0] == "VALIDATION"
    assert await _quantities(office, deal) == {
        "quantity": "2", "quantityFulfilled": "1.5", "openQuantity": "0.5",
    }  # fmt: skip


async def test_deposit_partial_and_final_invoice_come_to_the_order(office: Office) -> None:
    """Each takes its part of the deposit off, and together they are the order, tax and all."""
    deal = await make_deal(office, until="ordered")
    selection = "invoice { id total { amount } taxTotal { amount } }"
    deposit = (await repeated(office, "invoiceDeposit", selection, id=deal["order"], percent="30"))["invoice"]
    assert (deposit["total"], deposit["taxTotal"]) == ({"amount": "71.40"}, {"amount": "11.40"})
    await office.do("issueInvoice", id=deposit["id"])
    await office.do("markInvoicePaid", id=deposit["id"])
    assert await refused(office, "invoiceDeposit", id=deal["order"], amount="166.61") == (
        "OVER_INVOICED", ["input", "amount"],
    )  # fmt: skip
    one = [{"lineId": deal["order_line"], "quantity": "1"}]
    await office.do("fulfillOrder", id=deal["order"], lines=one)
    first = (await repeated(office, "invoiceOrder", selection, id=deal["order"]))["invoice"]
    assert (first["total"], first["taxTotal"]) == ({"amount": "83.30"}, {"amount": "13.30"})
    assert (await refused(office, "cancelOrder", id=deal["order"], reason="NO_MONEY"))[
        0
    ] == "HAS_FULFILLMENTS"
    await office.do("fulfillOrder", id=deal["order"])
    last = (await office.do("invoiceOrder", selection, id=deal["order"]))["invoice"]
    assert (last["total"], last["taxTotal"]) == ({"amount": "83.30"}, {"amount": "13.30"})
    assert await state_of(office, deal["order"]) == ("INVOICED", "INVOICED")
    assert await refused(office, "invoiceOrder", id=deal["order"]) == (
        "NOTHING_TO_INVOICE",
        ["input", "policy"],
    )
    for invoice in (first["id"], last["id"]):
        await office.do("issueInvoice", id=invoice)
        await office.do("markInvoicePaid", id=invoice)
        assert await state_of(office, invoice) == ("PAID", "COMPLETE")


async def test_draft_invoice_is_discarded(office: Office) -> None:
    """It takes no number, and its quantities are billed by the next one."""
    deal = await make_deal(office, until="invoiced")
    assert await state_of(office, deal["order"]) == ("INVOICED", "INVOICED")
    await repeated(office, "discardInvoice", "invoice { status }", id=deal["invoice"])
    found = await _invoice(office, deal["invoice"])
    assert (found["number"], found["status"], found["statusReason"]) == (None, "CANCELED", "CANCELED")
    assert await state_of(office, deal["order"]) == ("FULFILLED", "COMPLETE")
    assert await _quantities(office, deal) == {"quantity": "2", "quantityFulfilled": "2"}
    again = (await office.do("invoiceOrder", "invoice { id }", id=deal["order"]))["invoice"]["id"]
    issued = await office.do("issueInvoice", "invoice { number }", id=again)
    assert issued["invoice"] == {"number": "I-2026-00001"}
    assert await refused(office, "issueInvoice", id=deal["invoice"]) == (
        "ILLEGAL_TRANSITION", ["input", "id"],
    )  # fmt: skip


async def test_overpayment_is_refused_or_kept_as_credit(office: Office) -> None:
    """By explicit choice, and the credit pays another invoice."""
    deal = await make_deal(office)
    given: dict[str, Any] = {"id": deal["invoice"], "amount": "240"}
    assert await refused(office, "recordPayment", **given) == ("OVERPAYMENT", ["input", "amount"])
    selection = "invoice { status balance { amount } } customerCredit { id balance { amount } }"
    made = await repeated(office, "recordPayment", selection, excess="CUSTOMER_CREDIT", **given)
    assert made["invoice"] == {"status": "PAID", "balance": {"amount": "0.00"}}
    assert made["customerCredit"]["balance"] == {"amount": "2.00"}
    assert await refused(office, "recordPayment", id=deal["invoice"], amount="1") == (
        "ILLEGAL_TRANSITION", ["input", "id"],
    )  # fmt: skip


async def test_partial_payment_is_reversed(office: Office) -> None:
    """By a row of its own; the state follows the balance alone, and a reversal is not reversed."""
    deal = await make_deal(office)
    paid = [
        (await office.do("recordPayment", "payment { id }", id=deal["invoice"], amount=amount))["payment"][
            "id"
        ]
        for amount in ("100", "138")
    ]
    assert await state_of(office, deal["invoice"]) == ("PAID", "COMPLETE")
    given = {"id": deal["invoice"], "paymentId": paid[0], "reason": "The debit came back."}
    made = await repeated(office, "reversePayment", "reversal { id amount { amount } }", **given)
    assert made["reversal"]["amount"] == {"amount": "-100.00"}
    found = await _invoice(office, deal["invoice"])
    assert (found["statusReason"], found["balance"], found["paidTotal"]) == (
        "PARTIALLY_PAID",
        "100.00",
        "138.00",
    )
    reversal = given | {"paymentId": made["reversal"]["id"]}
    for once_more in (given, reversal):
        assert await refused(office, "reversePayment", **once_more) == (
            "PAYMENT_REVERSED", ["input", "paymentId"],
        )  # fmt: skip
    await office.do("reversePayment", id=deal["invoice"], paymentId=paid[1], reason="That one, too.")
    assert await state_of(office, deal["invoice"]) == ("ACTIVE", "BILLED")
    assert (await _told(office, deal["invoice"])).count("invoice.payment_reversed") == 2


async def test_invoice_is_credited_as_a_whole(office: Office) -> None:
    """Unpaid it is canceled; its quantities come back, so that the goods may come back as well."""
    deal = await make_deal(office)
    assert (await refused(office, "returnItems", id=deal["order"], reason="Broken."))[
        0
    ] == "INVOICED_QUANTITY"
    selection = "creditNote { id number total { amount } } invoice { status } order { status }"
    made = await repeated(office, "createCreditNote", selection, id=deal["invoice"], reason="CORRECTION")
    assert (made["creditNote"]["number"], made["creditNote"]["total"]) == (
        "C-2026-00001",
        {"amount": "238.00"},
    )
    assert (made["invoice"], made["order"]) == ({"status": "CANCELED"}, {"status": "FULFILLED"})
    found = await _invoice(office, deal["invoice"])
    assert (found["statusReason"], found["balance"], found["creditedTotal"]) == ("CREDITED", "0.00", "238.00")
    assert await refused(office, "createCreditNote", id=deal["invoice"], reason="CORRECTION") == (
        "ILLEGAL_TRANSITION", ["input", "id"],
    )  # fmt: skip
    await office.do("returnItems", id=deal["order"], reason="Broken.")
    assert await state_of(office, deal["order"]) == ("ACTIVE", "PENDING")
    await office.do("cancelOrder", id=deal["order"], reason="CUSTOMER_REQUEST")
    assert (await _order(office, deal))["lines"]["nodes"][0]["openQuantity"] == "0"


async def test_paid_invoice_is_credited_as_a_whole(office: Office) -> None:
    """It stays paid, and what it brought is owed to the customer, no more than once."""
    deal = await make_deal(office)
    await office.do("markInvoicePaid", id=deal["invoice"])
    over = await refused(office, "createCreditNote", id=deal["invoice"], reason="GOODWILL", amount="238.01")
    assert over == ("OVER_CREDITED", ["input", "amount"])
    selection = "customerCredit { id balance { amount } } invoice { status }"
    made = await repeated(office, "createCreditNote", selection, id=deal["invoice"], reason="GOODWILL")
    assert (made["invoice"], made["customerCredit"]["balance"]) == ({"status": "PAID"}, {"amount": "238.00"})
    refunded = await office.do(
        "refundCustomerCredit",
        "customerCredit { status balance { amount } }",
        id=made["customerCredit"]["id"],
    )
    assert refunded["customerCredit"] == {"status": "SETTLED", "balance": {"amount": "0.00"}}
