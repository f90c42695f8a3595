"""Which deals are worth breaking by hand? Such as have something of everything."""

from decimal import Decimal

from models.credit_note import CreditNoteLine
from models.invoice import InvoiceLine
from models.order import OrderLine
from models.payment import Payment
from models.quote import QuoteLine
from models.record import public_id
from tests.desk import Desk
from tests.factories import ADDRESS, Item, make_account_invoices, make_confirmed_lead

ITEMS = (Item("10", "99.95", discount="3"), Item("2.5", "0.35", tax="7"))


def deal(desk: Desk) -> dict[str, str]:
    """Return the records of a deal that is delivered, partly returned, partly billed and partly paid."""
    lead = make_confirmed_lead(desk)
    ids = {"lead": lead, "opportunity": desk.do("qualify_lead", id=lead)["opportunity"]}
    for item in ITEMS:
        desk.do("add_opportunity_line", id=ids["opportunity"], expected_version=None, **item.given)
    ids["quote"] = desk.do("generate_quote_from_opportunity", id=ids["opportunity"])["quote"]
    terms = {"discount_percent": Decimal("3.3"), "freight_amount": Decimal("12.34")}
    desk.do("update_quote", id=ids["quote"], expected_version=None, **terms)
    desk.do("activate_quote", id=ids["quote"])
    ids["order"] = desk.do("accept_quote", id=ids["quote"])["order"]
    desk.do("submit_order", id=ids["order"], bill_to=ADDRESS)
    desk.do("fulfill_order", id=ids["order"])
    first, second = desk.all(OrderLine, order_id=ids["order"])
    some = [{"line_id": first.public_id, "quantity": Decimal(4)}]
    ids["invoice"] = desk.do("invoice_order", id=ids["order"], lines=some)["invoice"]
    desk.do("return_items", id=ids["order"], lines=some, reason="Broken.")
    desk.do("issue_invoice", id=ids["invoice"])
    desk.do("record_payment", id=ids["invoice"], amount=Decimal("100.01"))
    for name, table in (("quote_line", QuoteLine), ("invoice_line", InvoiceLine), ("payment", Payment)):
        parent = ids[table.part_of.removesuffix("_id")]
        ids[name] = desk.all(table, **{table.part_of: parent})[0].public_id
    return ids | {"order_line": first.public_id, "second_line": second.public_id}


def credited(desk: Desk) -> dict[str, str]:
    """Return a paid invoice that was credited in part, and the customer's credit that paid another one."""
    invoice, other = make_account_invoices(desk, 2)
    desk.do("record_payment", id=invoice, amount=Decimal(300), excess="CUSTOMER_CREDIT")
    (line,) = desk.all(InvoiceLine, invoice_id=invoice)
    some = [{"line_id": line.public_id, "quantity": Decimal(1)}]
    note = desk.do(
        "create_credit_note", id=invoice, reason="GOODS_RETURNED", lines=some, goods_returned=True
    )  # fmt: skip
    desk.do("apply_customer_credit", id=other, amount=Decimal(50))
    (of_note,) = desk.all(CreditNoteLine)
    (brought,) = desk.all(Payment, invoice_id=invoice)
    (taken,) = desk.all(Payment, invoice_id=other)
    return {
        "invoice": invoice, "other": other, "note": note["credit_note"], "credit": note["customer_credit"],
        "order_line": public_id("order_line", line.order_line_id or line.id),
        "note_line": of_note.public_id, "brought": brought.public_id,
        "taken": taken.public_id,
    }  # fmt: skip
