"""Is an invoice made without an order, and a draft changed, within what may be billed and agreed?"""

from decimal import Decimal
from typing import Any

from models.address import Address
from models.invoice import Invoice, InvoiceLine
from models.order import Order, OrderLine
from tests.desk import Desk, told
from tests.factories import (
    ADDRESS,
    Item,
    make_account,
    make_fulfilled_order,
    make_invoice,
    make_invoice_draft,
    make_plain_invoice,
    make_product,
)
from tests.process import make_tax_code

D = Decimal
ANY: dict[str, Any] = {"expected_version": None}


def _line(desk: Desk, invoice: str, position: int = 1) -> str:
    return desk.all(InvoiceLine, invoice_id=invoice)[position - 1].public_id


def _refused(desk: Desk, command: str, /, **given: Any) -> tuple[Any, ...]:
    refusal = desk.refused(command, **given)
    return (*told(refusal), refusal.message)


def test_an_invoice_is_made_without_an_order(desk: Desk) -> None:
    """It begins a chain of its own, to the account's address, and is issued like any other."""
    account = make_account(desk, billing_address=ADDRESS, currency_code="USD")
    made = desk.do("create_invoice", name="Repairs", account_id=account, customer_reference="PO 7")
    invoice = made["invoice"]
    row = desk.read(Invoice, invoice)
    assert (row.status, row.reason, row.currency_code, row.order_id, row.customer_reference) == (
        "ACTIVE", "NEW", "USD", None, "PO 7",
    )  # fmt: skip
    assert desk.all(Address)[0].id == row.bill_to_id
    assert _refused(desk, "issue_invoice", id=invoice)[0] == "EMPTY_DOCUMENT"
    desk.do("add_invoice_line", id=invoice, **ANY, **Item("2", "100").given)
    desk.do("issue_invoice", id=invoice)
    assert (desk.read(Invoice, invoice).number, desk.read(Invoice, invoice).balance) == (
        "I-2026-00001",
        D(238),
    )


def test_an_invoice_needs_a_customer_and_a_name(desk: Desk) -> None:
    """Each with its path."""
    account = make_account(desk)
    assert _refused(desk, "create_invoice", name="Repairs") == (
        "CUSTOMER_REQUIRED", ("input", "accountId"),
        "An invoice needs a customer: pass accountId or contactId; createContact makes one.",
    )  # fmt: skip
    assert _refused(desk, "create_invoice", name=" ", account_id=account) == (
        "VALIDATION", ("input", "name"), "An invoice needs a name.",
    )  # fmt: skip
    assert (
        _refused(desk, "create_invoice", name="x", account_id=account, currency_code="XYZ")[0] == "VALIDATION"
    )


def test_a_draft_is_priced_anew_with_every_change(desk: Desk) -> None:
    """Lines come and go, discounts and freight are set, and the balance follows."""
    invoice = make_plain_invoice(desk)
    desk.do("add_invoice_line", id=invoice, **ANY, **Item("1", "50", tax="7").given)
    second = _line(desk, invoice, 2)
    desk.do("update_invoice_line", id=invoice, **ANY, line_id=second, quantity=D(2), discount_amount=D(10))
    desk.do(
        "update_invoice", id=invoice, **ANY, name="Repairs in May", discount_percent=D(10),
        freight_amount=D("4.90"), bill_to=ADDRESS,
    )  # fmt: skip
    row = desk.read(Invoice, invoice)
    # 200.00 and 90.00 less ten percent: 180.00 at 19 and 81.00 at 7.
    assert (row.name, row.line_total, row.discount_total, row.tax_total, row.total, row.balance) == (
        "Repairs in May", D(290), D(29), D("39.87"), D("305.77"), D("305.77"),
    )  # fmt: skip
    desk.do("remove_invoice_line", id=invoice, **ANY, line_id=second)
    assert desk.read(Invoice, invoice).total == D("219.10")


def test_prices_of_a_draft_are_locked_and_unlocked(desk: Desk) -> None:
    """While they are, products come at the catalogue's price, and nothing is typed."""
    invoice = make_plain_invoice(desk)
    product = make_product(desk)
    desk.do("lock_invoice_pricing", id=invoice)
    locked = "The prices of this invoice are locked: unlockInvoicePricing lets them be changed."
    line = _line(desk, invoice)
    assert _refused(desk, "update_invoice_line", id=invoice, **ANY, line_id=line, price_per_unit=D(1)) == (
        "PRICES_LOCKED", ("input", "pricePerUnit"), locked,
    )  # fmt: skip
    assert _refused(desk, "add_invoice_line", id=invoice, **ANY, description="Hose", quantity=D(1)) == (
        "PRICES_LOCKED", ("input", "productId"), locked,
    )  # fmt: skip
    given: dict[str, Any] = {"id": invoice, **ANY, "product_id": product, "quantity": D(1)}
    assert _refused(desk, "add_invoice_line", **given, tax_codes=[]) == (
        "PRICES_LOCKED", ("input", "taxCodes"), locked,
    )  # fmt: skip
    assert _refused(desk, "update_invoice", id=invoice, **ANY, discount_percent=D(1)) == (
        "PRICES_LOCKED", ("input", "discountPercent"),
        ("The prices of this invoice are locked: leave price list, discounts and freight out, "
         "or unlockInvoicePricing first."),
    )  # fmt: skip
    assert _refused(desk, "lock_invoice_pricing", id=invoice)[2] == (
        "The prices of this invoice are locked already."
    )
    desk.do("add_invoice_line", id=invoice, **ANY, product_id=product, quantity=D(1))
    desk.do("update_invoice_line", id=invoice, **ANY, line_id=line, quantity=D(1))
    assert desk.read(Invoice, invoice).line_total == D(200)
    desk.do("unlock_invoice_pricing", id=invoice, **ANY)
    assert _refused(desk, "unlock_invoice_pricing", id=invoice, **ANY)[::2] == (
        "PRICES_UNLOCKED", "The prices of this invoice are not locked: they can be changed.",
    )  # fmt: skip
    desk.do("update_invoice_line", id=invoice, **ANY, line_id=line, price_per_unit=D(10))
    assert desk.read(Invoice, invoice).line_total == D(110)


def test_the_quantity_of_an_orders_invoice_follows_what_may_be_billed(desk: Desk) -> None:
    """Less is billed, and the order knows; what was removed may be billed again."""
    order = make_fulfilled_order(desk, [Item("5", "10"), Item("1", "9.99", tax="7")], freight_amount=D("5"))
    invoice = desk.do("invoice_order", id=order)["invoice"]
    first = _line(desk, invoice)
    desk.do("update_invoice_line", id=invoice, **ANY, line_id=first, quantity=D(3), description="Pumps")
    own = desk.all(OrderLine)[0]
    row = desk.read(Invoice, invoice)
    assert (own.quantity_invoiced, desk.read(Order, order).status, row.line_total) == (
        D(3),
        "FULFILLED",
        D("39.99"),
    )
    assert desk.events_of(order)[-1].type == "order.invoice_changed"
    assert _refused(desk, "update_invoice_line", id=invoice, **ANY, line_id=first, quantity=D(6)) == (
        "OVER_INVOICED", ("input", "quantity"), "Line 1 has 5 left to bill as FULFILLED, not 6.",
    )  # fmt: skip
    assert (
        _refused(desk, "update_invoice_line", id=invoice, **ANY, line_id=first, quantity=D(0))[0]
        == "VALIDATION"
    )
    desk.do("remove_invoice_line", id=invoice, **ANY, line_id=_line(desk, invoice, 2))
    assert desk.all(OrderLine)[1].quantity_invoiced == D(0)
    rest = desk.read(Invoice, desk.do("invoice_order", id=order)["invoice"])
    row, whole = desk.read(Invoice, invoice), desk.read(Order, order)
    assert row.total + rest.total == whole.total
    assert row.freight_amount + rest.freight_amount == D(5)
    assert whole.status == "INVOICED"


def test_a_line_of_the_order_is_added_to_its_invoice(desk: Desk) -> None:
    """What was taken off is billed again, by the same invoice, as the order says."""
    order = make_fulfilled_order(
        desk, [Item("5", "10"), Item("3", "9.99", tax="7")], discount_percent=D(3), freight_amount=D("5")
    )
    deposit = desk.do("invoice_deposit", id=order, percent=D(10))["invoice"]
    invoice = desk.do("invoice_order", id=order)["invoice"]
    whole = desk.read(Invoice, invoice).total
    assert whole + desk.row(deposit).total == desk.row(order).total
    own = [line.public_id for line in desk.all(OrderLine, order_id=order)]
    desk.do("remove_invoice_line", id=invoice, **ANY, line_id=_line(desk, invoice, 2))
    assert desk.row(order).status == "FULFILLED"
    given: dict[str, Any] = {"id": invoice, **ANY, "order_line_id": own[1]}
    assert _refused(desk, "add_invoice_line", **given, quantity=D(4)) == (
        "OVER_INVOICED", ("input", "quantity"), "Line 2 has 3 left to bill as FULFILLED, not 4.",
    )  # fmt: skip
    assert _refused(desk, "add_invoice_line", **given, quantity=D(0))[:2] == (
        "VALIDATION", ("input", "quantity"),
    )  # fmt: skip
    assert _refused(desk, "add_invoice_line", **given, quantity=D(1), price_per_unit=D(1)) == (
        "VALIDATION", ("input", "pricePerUnit"),
        "A line of the order has its product, price and taxes: leave pricePerUnit out.",
    )  # fmt: skip
    assert _refused(desk, "add_invoice_line", **given | {"order_line_id": own[0]}, quantity=D(1)) == (
        "VALIDATION", ("input", "orderLineId"),
        "This invoice bills line 1 already: updateInvoiceLine changes how much of it.",
    )  # fmt: skip
    done = desk.do("add_invoice_line", **given, quantity=D(3), description="Hoses")
    line = desk.read(InvoiceLine, done["line"])
    assert (line.description, line.order_line_id, line.quantity) == (
        "Hoses", desk.all(OrderLine)[1].id, D(3),
    )  # fmt: skip
    row = desk.read(Invoice, invoice)
    assert (row.total, row.balance, desk.row(order).status) == (whole, whole, "INVOICED")
    positions = [(each.position, str(each.kind)) for each in desk.all(InvoiceLine, invoice_id=invoice)]
    # One for each of the rates, and one for the freight, which has none.
    taken_off = [(place, "DEDUCTION") for place in (3, 4, 5)]
    assert sorted(positions) == [(1, "ITEM"), (2, "ITEM"), *taken_off]
    event = desk.events_of(order)[-1]
    assert (event.type, event.caused_by_id) == ("order.invoice_changed", desk.events_of(invoice)[-1].id)


def test_only_a_line_of_its_own_order_is_added(desk: Desk) -> None:
    """One of another order, and any to an invoice without an order, is not known."""
    invoice, other = make_invoice_draft(desk), make_fulfilled_order(desk)
    foreign = desk.all(OrderLine, order_id=other)[0].public_id
    for key in (invoice, make_plain_invoice(desk)):
        given: dict[str, Any] = {"id": key, **ANY, "order_line_id": foreign, "quantity": D(1)}
        assert _refused(desk, "add_invoice_line", **given) == (
            "NOT_FOUND", ("input", "orderLineId"), "There is no such order line that you may see.",
        )  # fmt: skip
    assert _refused(desk, "add_invoice_line", id=invoice, **ANY, **Item().given) == (
        "PRICES_LOCKED", ("input", "orderLineId"),
        ("This invoice has the order's lines and prices: pass an orderLineId, "
         "or unlockInvoicePricing lets others be added."),
    )  # fmt: skip


def test_a_line_of_the_order_has_its_own_taxes_and_parts(desk: Desk) -> None:
    """Neither other taxes nor optional products of a bundle come with it, not even an empty list of them."""
    order = make_fulfilled_order(desk, [Item("5", "10"), Item("4", "25")])
    invoice = desk.do("invoice_order", id=order)["invoice"]
    own = desk.all(OrderLine, order_id=order)[1].public_id
    desk.do("remove_invoice_line", id=invoice, **ANY, line_id=_line(desk, invoice, 2))
    given: dict[str, Any] = {"id": invoice, **ANY, "order_line_id": own, "quantity": D(2)}
    for name, argument in (("tax_codes", "taxCodes"), ("optional_product_ids", "optionalProductIds")):
        assert _refused(desk, "add_invoice_line", **given, **{name: []}) == (
            "VALIDATION", ("input", argument),
            f"A line of the order has its product, price and taxes: leave {argument} out.",
        )  # fmt: skip


def test_a_line_of_the_order_bears_its_discount_where_prices_are_unlocked(desk: Desk) -> None:
    """As the lines do that were there when they were unlocked."""
    order = make_fulfilled_order(desk, [Item("5", "10"), Item("4", "25")], discount_percent=D(10))
    invoice = desk.do("invoice_order", id=order)["invoice"]
    own = desk.all(OrderLine, order_id=order)[1].public_id
    desk.do("remove_invoice_line", id=invoice, **ANY, line_id=_line(desk, invoice, 2))
    desk.do("unlock_invoice_pricing", id=invoice, **ANY)
    made = desk.do("add_invoice_line", id=invoice, **ANY, order_line_id=own, quantity=D(2))
    line = desk.read(InvoiceLine, made["line"])
    assert (line.base_amount, line.discount_amount, line.discount_share, line.tax_amount) == (
        D(50), D(5), D(0), D("8.55"),
    )  # fmt: skip
    assert desk.read(Invoice, invoice).total == D("107.10")
    rest = desk.read(Invoice, desk.do("invoice_order", id=order)["invoice"])
    assert rest.total == D("53.55")


def test_an_orders_invoice_keeps_its_prices_until_they_are_unlocked(desk: Desk) -> None:
    """Other prices are this invoice's alone: the rest of the order is billed as it was agreed."""
    order = make_fulfilled_order(desk, [Item("2", "100")], discount_percent=D(10))
    line = {"line_id": desk.all(OrderLine)[0].public_id, "quantity": D(1)}
    invoice = desk.do("invoice_order", id=order, lines=[line])["invoice"]
    first = _line(desk, invoice)
    assert _refused(desk, "update_invoice_line", id=invoice, **ANY, line_id=first, price_per_unit=D(1))[
        0
    ] == ("PRICES_LOCKED")
    desk.do("unlock_invoice_pricing", id=invoice, **ANY)
    assert desk.read(Invoice, invoice).total == D("107.10")
    desk.do("update_invoice_line", id=invoice, **ANY, line_id=first, price_per_unit=D(60))
    assert desk.read(Invoice, invoice).total == D("59.50")
    rest = desk.read(Invoice, desk.do("invoice_order", id=order)["invoice"])
    assert rest.total == D("107.10")
    desk.do("lock_invoice_pricing", id=invoice)
    row = desk.read(Invoice, invoice)
    assert (row.total, row.discount_total, row.is_prices_locked) == (D("107.10"), D(10), True)


def test_what_is_written_in_stands_in_the_way_of_the_orders_prices(desk: Desk) -> None:
    """It has no price there."""
    invoice = make_invoice_draft(desk)
    desk.do("unlock_invoice_pricing", id=invoice, **ANY)
    desk.do("add_invoice_line", id=invoice, **ANY, **Item("1", "5").given)
    assert _refused(desk, "lock_invoice_pricing", id=invoice) == (
        "NOT_OF_ORDER", ("input", "id"),
        "A line of this invoice is not the order's and has no price there: removeInvoiceLine first.",
    )  # fmt: skip
    desk.do("remove_invoice_line", id=invoice, **ANY, line_id=_line(desk, invoice, 2))
    desk.do("lock_invoice_pricing", id=invoice)
    assert desk.read(Invoice, invoice).total == D(238)


def test_a_deposit_is_not_edited(desk: Desk) -> None:
    """Nor is what an invoice takes off for it."""
    order = make_fulfilled_order(desk)
    deposit = desk.do("invoice_deposit", id=order, percent=D(50))["invoice"]
    message = "A deposit does not change: discardInvoice, and invoiceDeposit asks for another."
    for name, given in (
        ("add_invoice_line", Item().given), ("unlock_invoice_pricing", {}),
        ("remove_invoice_line", {"line_id": _line(desk, deposit)}),
    ):  # fmt: skip
        assert _refused(desk, name, id=deposit, **ANY, **given) == ("PRICES_LOCKED", ("input", "id"), message)
    invoice = desk.do("invoice_order", id=order)["invoice"]
    assert _refused(desk, "remove_invoice_line", id=invoice, **ANY, line_id=_line(desk, invoice, 2)) == (
        "PRICES_LOCKED", ("input", "lineId"), "Line 2 takes a deposit off, and follows from the other lines.",
    )  # fmt: skip
    desk.do("update_invoice_line", id=invoice, **ANY, line_id=_line(desk, invoice), quantity=D(1))
    assert desk.read(Invoice, invoice).total == D("59.50")


def test_an_issued_invoice_is_not_edited(desk: Desk) -> None:
    """Neither header nor lines; once paid it is read-only."""
    invoice = make_invoice(desk)
    assert _refused(desk, "update_invoice", id=invoice, **ANY, name="x")[0] == "ILLEGAL_TRANSITION"
    desk.do("mark_invoice_paid", id=invoice)
    assert _refused(desk, "update_invoice", id=invoice, **ANY, name="x")[0] == "RECORD_READ_ONLY"


def test_the_freight_of_an_invoice_is_taxed_by_its_codes(desk: Desk) -> None:
    """While its prices are unlocked, as on every other document; an empty list takes the taxes off."""
    make_tax_code(desk)
    invoice = make_plain_invoice(desk)
    desk.do("update_invoice", id=invoice, **ANY, freight_amount=D(10), freight_tax_codes=["VAT"])
    row = desk.read(Invoice, invoice)
    assert (row.tax_total, row.total, row.balance) == (D("39.9"), D("249.9"), D("249.9"))
    desk.do("update_invoice", id=invoice, **ANY, freight_tax_codes=[])
    assert desk.read(Invoice, invoice).total == D(248)
    assert _refused(desk, "update_invoice", id=invoice, **ANY, freight_tax_codes=["NONE"])[:2] == (
        "TAX_RATE_MISSING", ("input", "freightTaxCodes", 0),
    )  # fmt: skip
    desk.do("lock_invoice_pricing", id=invoice)
    assert (
        _refused(desk, "update_invoice", id=invoice, **ANY, freight_tax_codes=["VAT"])[0] == "PRICES_LOCKED"
    )
