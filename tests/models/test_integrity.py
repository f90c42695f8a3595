"""Does a sound database have no differences, and is each broken value named with its row?"""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

from sqlalchemy import delete, insert, update
from sqlmodel import Session, col

from models.event import Event
from models.integrity import Difference, differences
from models.invoice import Invoice, InvoiceLine
from models.numbering import NumberSeries
from models.opportunity import OpportunityLine
from models.order import Fulfillment, FulfillmentLine, OrderLine, OrderReturnLine
from models.payment import CustomerCreditEntry
from models.quote import Quote, QuoteLine
from models.record import new_id, parse_id, public_id, records
from tests.desk import Desk
from tests.factories import (
    STATES,
    make_fulfilled_order,
    make_invoice,
    make_opportunity,
    make_order,
)
from tests.models.broken import credited, deal

Break = Callable[[Session], object]


def test_what_commands_made_has_no_differences(desk: Desk) -> None:
    """Records in every state, with their history, follow from one another."""
    for make in STATES.values():
        make(desk)
    with desk.database.reading() as session:
        assert list(differences(session)) == []


def _set(key: str, **values: Any) -> Break:
    """Return what changes columns of a row by hand."""
    noun, uuid = parse_id(key)
    table: Any = records()[noun]
    return lambda session: session.execute(update(table).where(table.id == uuid).values(**values))


def _found(desk: Desk, *breaks: Break) -> list[Difference]:
    """Return the differences of a database that was broken, and mend it."""
    with desk.database.writing() as session:
        for each in breaks:
            each(session)
        found = list(differences(session))
        session.rollback()
    return found


def test_a_cent_is_found(desk: Desk) -> None:
    """A header, a line, what is paid and what is owed: row, field, what is stored and what follows."""
    ids = deal(desk)
    assert _found(desk) == []
    cent = Decimal("0.01")
    for noun, field in (
        ("opportunity", "line_total"), ("quote", "discount_total"), ("order", "tax_total"),
        ("order", "total"), ("invoice", "tax_total"), ("quote_line", "tax_amount"),
        ("order_line", "base_amount"),
        ("order_line", "discount_share"), ("invoice_line", "extended_amount"), ("invoice", "paid_total"),
        ("invoice", "balance"),
    ):  # fmt: skip
        key, right = ids[noun], getattr(desk.row(ids[noun]), field)
        named = {(each.record, each.field) for each in _found(desk, _set(key, **{field: right + cent}))}
        head, *tail = field.split("_")
        assert (key, head + "".join(word.capitalize() for word in tail)) in named, (noun, field)
    (first, *_) = _found(desk, _set(ids["order"], total=Decimal(1)))
    assert first == Difference(ids["order"], "total", "1", f"{desk.row(ids['order']).total.normalize():f}")
    (first, *_) = _found(desk, _set(ids["payment"], amount=Decimal("100.02")))
    assert first == Difference(ids["invoice"], "paidTotal", "100.01", "100.02")
    owed = desk.row(ids["invoice"]).balance
    expected = Difference(ids["invoice"], "balance", "0", f"{owed.normalize():f}")
    assert expected in _found(desk, _set(ids["invoice"], balance=Decimal(0)))


def test_a_cent_of_credit_is_found(desk: Desk) -> None:
    """On credit notes and their lines, on the customer's credit and its entries, and on payments by it."""
    ids = credited(desk)
    assert _found(desk) == []
    assert desk.row(ids["credit"]).balance == Decimal(131)
    first, second, third = desk.all(CustomerCreditEntry)
    cases: tuple[tuple[str, str, str, Difference], ...] = (
        (ids["note"], "total", "119.01", Difference(ids["note"], "total", "119.01", "119")),
        (ids["note"], "total", "119.01", Difference(ids["invoice"], "creditedTotal", "119", "119.01")),
        (ids["note"], "applied_total", "0.01", Difference(ids["note"], "appliedTotal", "0.01", "0")),
        (ids["note_line"], "extended_amount", "119.01",
         Difference(ids["note_line"], "extendedAmount", "119.01", "119")),
        (ids["invoice"], "customer_credit_total", "118.99",
         Difference(ids["invoice"], "customerCreditTotal", "118.99", "119")),
        (ids["credit"], "balance", "131.01", Difference(ids["credit"], "balance", "131.01", "131")),
        (first.public_id, "amount", "62.01", Difference(ids["brought"], "excessAmount", "62", "62.01")),
        (second.public_id, "amount", "119.01",
         Difference(ids["note"], "customerCreditTotal", "119", "119.01")),
        (third.public_id, "amount", "-50.01", Difference(ids["taken"], "amount", "50", "50.01")),
        (third.public_id, "amount", "-50.01", Difference(ids["credit"], "balance", "131", "130.99")),
    )  # fmt: skip
    for key, field, value, expected in cases:
        assert expected in _found(desk, _set(key, **{field: Decimal(value)})), (key, field)
    settled = _set(ids["credit"], status="SETTLED", reason_id="customer_credit.SETTLED.SETTLED")
    assert Difference(ids["credit"], "status", "SETTLED", "OPEN") in _found(desk, settled)
    reason = _set(ids["other"], reason_id="invoice.ACTIVE.BILLED")
    expected = Difference(ids["other"], "status", "ACTIVE.BILLED", "ACTIVE.PARTIALLY_PAID")
    assert expected in _found(desk, reason)
    taken = lambda session: session.execute(  # noqa: E731  # A break.
        update(NumberSeries).where(col(NumberSeries.series) == "C").values(last=2)
    )
    assert _found(desk, taken) == [Difference("number_series C", "last", "2", "1")]


def test_a_quantity_and_a_link_of_credit_are_found(desk: Desk) -> None:
    """What came back by credit notes, of which line, of which invoice."""
    ids = credited(desk)
    line, note = ids["order_line"], ids["note"]
    broken = _set(line, quantity_credited=Decimal(2))
    assert Difference(line, "quantityCredited", "2", "1") in _found(desk, broken)
    broken = _set(ids["note_line"], quantity=Decimal(2))
    assert Difference(line, "quantityCredited", "1", "2") in _found(desk, broken)
    broken = _set(note, is_goods_returned=False)
    assert Difference(line, "quantityCredited", "1", "0") in _found(desk, broken)
    other = desk.read(Invoice, ids["other"])
    (foreign,) = desk.all(InvoiceLine, invoice_id=ids["other"])
    found = _found(desk, _set(note, invoice_id=other.id))
    order = public_id("order", desk.read(Invoice, ids["invoice"]).order_id or other.id)
    expected = Difference(note, "order", order, public_id("order", other.order_id or other.id))
    assert expected in found
    found = _found(desk, _set(ids["note_line"], invoice_line_id=foreign.id))
    assert Difference(ids["note_line"], "invoiceLine", ids["invoice"], ids["other"]) in found
    whole = make_invoice(desk)
    desk.do("create_credit_note", id=whole, reason="CORRECTION")
    assert _found(desk) == []
    (billed,) = desk.all(InvoiceLine, invoice_id=whole)
    key = public_id("order_line", billed.order_line_id or billed.id)
    broken = _set(key, quantity_credited=Decimal(0))
    assert Difference(key, "quantityCredited", "0", "2") in _found(desk, broken)


def test_a_quantity_is_found(desk: Desk) -> None:
    """On the order's line, on what it sums, and in how far the order has come."""
    ids = deal(desk)
    line = ids["order_line"]
    cases: tuple[tuple[str, Decimal, Difference], ...] = (
        ("quantity_fulfilled", Decimal(9), Difference(line, "quantityFulfilled", "9", "10")),
        ("quantity_returned", Decimal(5), Difference(line, "quantityReturned", "5", "4")),
        ("quantity_invoiced", Decimal(3), Difference(line, "quantityInvoiced", "3", "4")),
        ("quantity_canceled", Decimal(5), Difference(line, "quantityCanceled", "5", "0")),
    )
    for name, value, expected in cases:
        assert expected in _found(desk, _set(line, **{name: value})), name
    (delivered,) = desk.all(FulfillmentLine, order_line_id=line)
    broken = _set(delivered.public_id, quantity=Decimal(11))
    assert Difference(line, "quantityFulfilled", "10", "11") in _found(desk, broken)
    (withdrawn,) = desk.all(Fulfillment, order_id=ids["order"])
    broken = _set(withdrawn.public_id, canceled_at=desk.now)
    assert Difference(line, "quantityFulfilled", "10", "0") in _found(desk, broken)
    (returned,) = desk.all(OrderReturnLine, order_line_id=line)
    broken = _set(returned.public_id, quantity=Decimal(1))
    assert Difference(line, "quantityReturned", "4", "1") in _found(desk, broken)
    order = ids["order"]
    assert Difference(order, "fulfillmentStatus", "NONE", "PARTIAL") in _found(
        desk, _set(order, fulfillment_status="NONE")
    )
    assert Difference(order, "billingStatus", "COMPLETE", "PARTIAL") in _found(
        desk, _set(order, billing_status="COMPLETE")
    )
    assert Difference(line, "netFulfilled", "6", "5") in _found(
        desk, _set(line, quantity_canceled=Decimal(5))
    )


def test_a_line_that_was_removed_after_its_origin_is_no_difference(desk: Desk) -> None:
    """The database itself empties the link to a line that is removed: nothing is told of it."""
    opportunity = make_opportunity(desk)
    desk.do("generate_quote_from_opportunity", id=opportunity)
    (of_opportunity,), (of_quote,) = desk.all(OpportunityLine), desk.all(QuoteLine)
    desk.do(
        "remove_opportunity_line", id=opportunity, expected_version=None, line_id=of_opportunity.public_id
    )
    assert desk.row(of_quote.public_id).opportunity_line_id is None
    assert _found(desk) == []
    quote = public_id("quote", of_quote.quote_id)
    desk.do("remove_quote_line", id=quote, expected_version=None, line_id=of_quote.public_id)
    assert _found(desk) == []


def test_a_state_is_found(desk: Desk) -> None:
    """One that does not follow from quantities, from what is owed, or from the last event."""
    ids = deal(desk)
    done = make_fulfilled_order(desk)
    broken = _set(done, status="ACTIVE", reason_id="order.ACTIVE.NEW")
    found = _found(desk, broken)
    assert Difference(done, "status", "ACTIVE.NEW", "FULFILLED.COMPLETE") in found
    assert Difference(done, "status", "ACTIVE", "FULFILLED") in found
    paid = _set(ids["invoice"], status="PAID", reason_id="invoice.PAID.COMPLETE")
    assert Difference(ids["invoice"], "status", "PAID", "ACTIVE") in _found(desk, paid)
    lead = _set(ids["lead"], status="OPEN", reason_id="lead.OPEN.NEW")
    assert Difference(ids["lead"], "status", "OPEN", "QUALIFIED") in _found(desk, lead)
    canceled = make_order(desk)
    desk.do("cancel_order", id=canceled, reason="NO_MONEY")
    (line,) = desk.all(OrderLine, order_id=canceled)
    broken = _set(line.public_id, quantity_canceled=Decimal(0))
    assert Difference(line.public_id, "quantityCanceled", "0", "2") in _found(desk, broken)


def test_a_link_is_found(desk: Desk) -> None:
    """A won quote without its order, a record of another deal, a line of another, and a link to nothing."""
    ids, other = deal(desk), make_order(desk)
    assert Difference(ids["quote"], "order", "nothing", "an order") in _found(
        desk, _set(ids["order"], quote_id=None)
    )
    foreign = desk.row(other)
    found = _found(desk, _set(ids["order"], account_id=foreign.account_id))
    assert {each.record for each in found} == {ids["order"], ids["invoice"]}
    found = _found(desk, _set(ids["invoice"], chain_id=foreign.chain_id))
    chains = str(foreign.chain_id), str(desk.row(ids["order"]).chain_id)
    assert Difference(ids["invoice"], "chain", *chains) in found
    lineage = desk.row(ids["second_line"]).lineage_id
    found = _found(desk, _set(ids["order_line"], lineage_id=lineage))
    assert {each.field for each in found} >= {"lineageId"}
    (stray,) = desk.all(OrderLine, order_id=other)
    (delivered,) = desk.all(FulfillmentLine, order_line_id=ids["order_line"])
    found = _found(desk, _set(delivered.public_id, order_line_id=stray.id))
    assert Difference(delivered.public_id, "orderLine", ids["order"], other) in found
    nowhere = new_id()
    expected = Difference(ids["order"], "owner", public_id("user", nowhere), "nothing")
    assert expected in _found(desk, _set(ids["order"], owner_id=nowhere))


def test_what_may_exist_once_and_exists_twice_is_found(desk: Desk) -> None:
    """Even where somebody dropped the index that holds it."""
    quote = deal(desk)["quote"]
    row = {name: getattr(desk.row(quote), name) for name in Quote.model_fields}
    (index,) = [each for each in Quote.__table__.indexes if each.name == "uq_quote_live_number"]  # type: ignore[attr-defined]  # SQLModel sets it.
    twin = row | {"id": new_id(), "revision": 1}
    found = _found(
        desk,
        lambda session: index.drop(session.connection()),
        lambda session: session.execute(insert(Quote).values(**twin)),
    )
    assert Difference(quote, "number", "Q-2026-00001", "one of it") in found


def test_history_is_found(desk: Desk) -> None:
    """A version ahead of its events, an event or a number that is gone, a field that nobody changed."""
    ids = deal(desk)
    version = desk.row(ids["order"]).version
    expected = Difference(ids["order"], "version", str(version + 1), str(version))
    assert expected in _found(desk, _set(ids["order"], version=version + 1))
    named = Difference(ids["quote"], "name", "Other", desk.row(ids["quote"]).name)
    assert _found(desk, _set(ids["quote"], name="Other")) == [named]
    last = desk.events_of(ids["lead"])[-1]
    with_gap = lambda session: session.execute(delete(Event).where(col(Event.id) == last.id))  # noqa: E731  # A break.
    assert ids["lead"] in {each.record for each in _found(desk, with_gap)}
    taken = lambda session: session.execute(update(NumberSeries).values(last=7))  # noqa: E731  # A break.
    assert Difference("number_series I", "last", "7", "1") in _found(desk, taken)
