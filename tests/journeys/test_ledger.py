"""Does the ledger of a deal name the record that breaks one of its conditions?

The model test is worth what its ledger finds: rows are broken here as they were read, one after another.
"""

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

import pytest

from models.invoice import Invoice, InvoiceLine
from models.order import FulfillmentLine, Order, OrderLine
from models.payment import CustomerCreditEntry, Payment
from models.quote import QuoteLine
from models.record import new_id, parse_id, public_id
from tests.desk import Desk
from tests.factories import make_account_invoices
from tests.journeys.ledger import Ledger

CENT = Decimal("0.01")
ONE = Decimal(1)
AnyRows = dict[str, dict[Any, dict[str, Any]]]
Ids = Mapping[str, str]
Break = Callable[[AnyRows, Ids], object]


@pytest.fixture
def ids(desk: Desk) -> dict[str, str]:
    """Return the records of a customer's deals: one overpaid and credited in part, one paid of that."""
    first, second = make_account_invoices(desk, 2)
    desk.do("record_payment", id=first, amount=Decimal(300), excess="CUSTOMER_CREDIT")
    (billed,) = desk.all(InvoiceLine, invoice_id=first)
    some = [{"line_id": billed.public_id, "quantity": ONE}]
    given = {"id": first, "reason": "GOODS_RETURNED", "lines": some, "goods_returned": True}
    note = desk.do("create_credit_note", **given)
    desk.do("apply_customer_credit", id=second, amount=Decimal(50))
    found = {"note": note["credit_note"], "credit": note["customer_credit"], "invoice_line": billed.public_id}
    for name, key in (("", first), ("other_", second)):
        invoice = desk.read(Invoice, key)
        order = desk.read(Order, public_id("order", invoice.order_id or invoice.id))
        (line,) = desk.all(OrderLine, order_id=order.public_id)
        (delivered,) = desk.all(FulfillmentLine, order_line_id=line.public_id)
        found |= {
            f"{name}invoice": key,
            f"{name}order": order.public_id,
            f"{name}order_line": line.public_id,
            f"{name}delivered": delivered.public_id,
            f"{name}quote": public_id("quote", order.quote_id or order.id),
            f"{name}opportunity": public_id("opportunity", order.opportunity_id or order.id),
            f"{name}payment": desk.all(Payment, invoice_id=key)[0].public_id,
        }
    (quoted,) = desk.all(QuoteLine, quote_id=found["quote"])
    entry = desk.all(CustomerCreditEntry)[0]
    return found | {"quote_line": quoted.public_id, "entry": entry.public_id}


@pytest.fixture
def ledger(desk: Desk, ids: Ids) -> Ledger:
    """Return the ledger of the deals, which are sound."""
    ledger = Ledger({desk.read(Invoice, ids[name]).chain_id for name in ("invoice", "other_invoice")})
    with desk.database.reading() as session:
        ledger.check(ledger.look(session))
    return ledger


def at(record: str, /, **values: Any) -> Break:
    """Return what changes columns of a row; a number is added to what is there."""

    def change(rows: AnyRows, ids: Ids) -> None:
        noun, key = parse_id(ids[record])
        row = rows[noun][key]
        for column, value in values.items():
            is_number = isinstance(value, Decimal | int) and not isinstance(value, bool)
            row[column] = row[column] + value if is_number else value

    return change


def link(record: str, column: str, other: str) -> Break:
    """Return what points a link of a row to another record."""
    return lambda rows, ids: at(record, **{column: parse_id(ids[other])[1]})(rows, ids)


def both(*breaks: Break) -> Break:
    """Return what breaks several rows."""

    def change(rows: AnyRows, ids: Ids) -> None:
        for each in breaks:
            each(rows, ids)

    return change


def twin(record: str, /, **values: Any) -> Break:
    """Return what adds a second row like one that is there."""

    def change(rows: AnyRows, ids: Ids) -> None:
        noun, key = parse_id(ids[record])
        added = {**rows[noun][key], "id": new_id(), **values}
        rows[noun][added["id"]] = added

    return change


def event(record: str, version: int, /, **values: Any) -> Break:
    """Return what changes an event of a record; without values it is gone."""

    def change(rows: AnyRows, ids: Ids) -> None:
        (found,) = [
            each
            for each in rows["event"].values()
            if each["subject_id"] == parse_id(ids[record])[1] and each["subject_version"] == version
        ]
        found |= values
        if not values:
            del rows["event"][found["id"]]

    return change


LEAD = {"lead_id": new_id()}
TWO_OF_ONE_LEAD = both(at("opportunity", **LEAD), twin("opportunity", **LEAD))
LOST = {"status": "LOST", "reason_id": "opportunity.LOST.CANCELED"}
CANCELED = {"status": "CANCELED", "reason_id": "order.CANCELED.NO_MONEY"}
# What is broken, whose fault that is, and the words in which it is told.
BREAKS: tuple[tuple[Break, str, str], ...] = (
    # No illegal state.
    (at("order", reason_id="order.ACTIVE.NEW"), "order", "its reason is one of its state's"),
    (at("order", **CANCELED), "order", "canceled with something delivered"),
    (at("order", status="ACTIVE", reason_id="order.ACTIVE.NEW"), "order", "it is FULFILLED"),
    (at("order", billing_status="NONE"), "order", "it is COMPLETE and PARTIAL"),
    (at("opportunity", **LOST), "opportunity", "LOST with quotes"),
    (at("opportunity", actual_close_on=None), "opportunity", "its end is known"),
    (at("opportunity", actual_revenue=None), "opportunity", "what it brought is known"),
    (at("quote", content_hash=None), "quote", "it is frozen"),
    (at("invoice", issued_on=None), "invoice", "it has a number"),
    (at("invoice", reason_id="invoice.ACTIVE.BILLED", status="ACTIVE"), "invoice", "it is PAID"),
    (at("credit", reason_id="customer_credit.SETTLED.SETTLED", status="SETTLED"), "credit", "it is OPEN"),
    (event("order", 1, to_status="FULFILLED"), "order", "is drawn"),
    (event("invoice", 1, to_status="PAID"), "invoice", "is drawn"),
    (event("quote", 2, from_status="CLOSED"), "quote", "starts from"),
    # One order of a won quote, one live revision of a number.
    (at("order", quote_id=None), "quote", "it has 1 order"),
    (link("order", "quote_id", "other_quote"), "quote", "it has 1 order"),
    (twin("order"), "quote", "it has 1 order"),
    (at("other_quote", number="Q-2026-00001"), "quote", "one live revision of its number"),
    (twin("quote", status="DRAFT", revision=1), "quote", "one live revision of its number"),
    (twin("quote", status="CLOSED"), "quote", "its revision is the only one"),
    (at("quote", revision=1), "quote", "it follows the revision before"),
    (TWO_OF_ONE_LEAD, "opportunity", "the only one of its lead"),
    # What is billed is permitted.
    (at("order_line", quantity_invoiced=ONE), "order_line", "quantity_invoiced 2"),
    (at("order_line", quantity_fulfilled=-ONE), "order_line", "quantity_fulfilled 2"),
    (at("order_line", quantity_returned=ONE), "order_line", "quantity_returned 0"),
    (at("order_line", quantity_credited=-ONE), "order_line", "quantity_credited 1"),
    (at("delivered", quantity=ONE), "order_line", "quantity_fulfilled 3"),
    (at("invoice_line", quantity=ONE), "order_line", "quantity_invoiced 3"),
    (link("invoice_line", "order_line_id", "other_order_line"), "order_line", "quantity_invoiced 0"),
    # The lines come to the header.
    (at("quote_line", discount_share=CENT), "quote", "its discount is 0.01"),
    (at("quote_line", tax_amount=CENT), "quote_line", "its taxes sum to its tax"),
    (at("quote_line", extended_amount=CENT), "quote", "its lines come to 200.01"),
    (at("quote_line", base_amount=Decimal(1)), "quote_line", "201.000000 less 0"),
    (at("quote", line_total=CENT), "quote", "its lines come to 200"),
    (at("quote", tax_total=CENT), "quote", "its tax is 38"),
    (at("quote", total=CENT), "quote", "it comes to 238"),
    (at("order", freight_amount=CENT), "order", "it comes to 238.01"),
    (at("invoice", taxes=[]), "invoice", "its taxes are"),
    (at("note", line_total=CENT), "note", "its lines come to 100"),
    # What is owed is what was billed less payments and credits.
    (at("payment", amount=CENT), "invoice", "238.010000 paid"),
    (at("invoice", balance=CENT), "invoice", "0 is owed"),
    (at("other_invoice", balance=-CENT), "other_invoice", "188.000000 is owed"),
    (at("note", applied_total=CENT), "note", "its parts are"),
    (link("note", "invoice_id", "other_invoice"), "invoice", "238.000000 paid and 0 credited"),
    (at("entry", amount=CENT), "credit", "131.010000 is owed"),
    (at("credit", balance=-CENT), "credit", "131.000000 is owed"),
    # Versions only go up.
    (at("order", version=-1), "order", "has the events"),
    # Each change has its event.
    (at("order", version=1), "order", "has the events"),
    (event("order", 2), "order", "has the events"),
    (event("order", 2, note="Other"), "order", "an event of it changed: ['note']"),
    (at("order", name="Other"), "order", "has not changed, but ['name'] have"),
    (at("order_line", description="Other"), "order", "description'] have"),
    (at("invoice", taxes=[], total=Decimal(0)), "invoice", "its taxes"),
)  # fmt: skip


def test_each_broken_condition_is_named(desk: Desk, ledger: Ledger, ids: Ids) -> None:
    """The record that breaks it, and which it is."""
    for number, (change, name, words) in enumerate(BREAKS):
        rows = look(desk, ledger)
        change(rows, ids)
        with pytest.raises(AssertionError) as caught:
            ledger.check(rows)
        told = str(caught.value)
        assert told.startswith(f"{ids[name]}: "), (number, told)
        assert words in told, number


def test_what_was_not_told_is_named(desk: Desk, ledger: Ledger, ids: Ids) -> None:
    """A column that changed along with a version whose event tells of another one."""
    invoice = ids["other_invoice"]
    desk.do("record_payment", id=invoice, amount=ONE)
    rows = look(desk, ledger)
    at("other_invoice", customer_reference="Other")(rows, ids)
    with pytest.raises(AssertionError, match=f"{invoice}: no event tells of .'customerReference'."):
        ledger.check(rows)


def test_a_version_that_went_down_is_named(desk: Desk, ledger: Ledger, ids: Ids) -> None:
    """Even where the events of both are gone as well."""
    invoice = ids["other_invoice"]
    version = desk.read(Invoice, invoice).version
    before, now = look(desk, ledger), look(desk, ledger)
    before["event"].clear()
    event("other_invoice", version)(now, ids)
    at("other_invoice", version=-1)(now, ids)
    ledger.seen = before
    with pytest.raises(AssertionError, match=f"{invoice}: version {version - 1} came after {version}"):
        ledger.check(now)


def look(desk: Desk, ledger: Ledger) -> AnyRows:
    """Return the rows of the deals, to be broken."""
    with desk.database.reading() as session:
        found = ledger.look(session)
    return {noun: {key: dict(row) for key, row in rows.items()} for noun, rows in found.items()}
