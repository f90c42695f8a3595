"""Does a deal end for a reason, once, and can the end be undone without losing it?"""

from datetime import timedelta
from decimal import Decimal

from models.activity import CloseActivity
from models.opportunity import Opportunity
from models.order import OrderLine
from models.quote import Quote
from models.record import public_id
from tests.desk import TODAY, Desk, blocked, told
from tests.factories import (
    Item,
    make_fulfilled_order,
    make_opportunity,
    make_order,
    make_quote,
    make_sibling,
    opportunity_of,
)


def test_a_win_brings_the_estimated_revenue_unless_told_otherwise(desk: Desk) -> None:
    """Revenue, day and forecast are set, and written into the close activity."""
    first, second = make_opportunity(desk), make_opportunity(desk)
    yesterday = TODAY - timedelta(days=1)
    desk.do("win_opportunity", id=first)
    desk.do("win_opportunity", id=second, actual_revenue=Decimal(99), closed_on=yesterday, note="Good.")
    rows = [desk.read(Opportunity, each) for each in (first, second)]
    assert [(row.actual_revenue, row.actual_close_on, row.forecast_category) for row in rows] == [
        (Decimal(238), TODAY, "WON"), (Decimal(99), yesterday, "WON"),
    ]  # fmt: skip
    assert [
        (each.status, each.reason, each.actual_revenue, each.closed_on, each.note, each.currency_code)
        for each in desk.all(CloseActivity)
    ] == [
        ("WON", "WON", Decimal(238), TODAY, None, "EUR"),
        ("WON", "WON", Decimal(99), yesterday, "Good.", "EUR"),
    ]


def test_an_end_that_cannot_be_is_refused(desk: Desk) -> None:
    """A day to come, a negative revenue and an unknown reason are refused with their paths."""
    opportunity = make_opportunity(desk)
    tomorrow = TODAY + timedelta(days=1)
    refusal = desk.refused("win_opportunity", id=opportunity, closed_on=tomorrow)
    assert told(refusal) == ("INVALID_DATES", ("input", "closedOn"))
    assert refusal.message == f"closedOn {tomorrow} lies in the future; today is {TODAY}."
    refusal = desk.refused("win_opportunity", id=opportunity, actual_revenue=Decimal(-1))
    assert told(refusal) == ("VALIDATION", ("input", "actualRevenue"))
    refusal = desk.refused("lose_opportunity", id=opportunity, reason="WON")
    assert told(refusal) == ("REASON_REQUIRED", ("input", "reason"))
    assert refusal.message == "'WON' is not a reason for opportunity LOST; there are CANCELED, OUT_SOLD."


def test_open_quotes_stand_in_the_way_of_an_end(desk: Desk) -> None:
    """Win and loss are refused while a draft or an active quote is open, or close it (erpnext#8969)."""
    quote = make_quote(desk)
    opportunity = opportunity_of(desk, quote)
    sibling = desk.do("generate_quote_from_opportunity", id=opportunity)["quote"]
    for command, given in (("win_opportunity", {}), ("lose_opportunity", {"reason": "OUT_SOLD"})):
        refusal = blocked(desk.refused(command, id=opportunity, **given))
        assert told(refusal) == ("OPEN_QUOTES_EXIST", ("input", "closeOpenQuotes"))
        assert [public_id(*each) for each in refusal.obstacles] == [quote, sibling]
        assert refusal.message == (
            "Q-2026-00001, Q-2026-00002 are open quotes of this opportunity: "
            "closeQuote closes each, or pass closeOpenQuotes."
        )
    done = desk.do(
        "lose_opportunity", id=opportunity, reason="OUT_SOLD", competitor="Aqua", close_open_quotes=True
    )
    assert done["closed_quotes"] == [quote, sibling]
    assert {(each.status, each.reason) for each in desk.all(Quote)} == {("CLOSED", "CANCELED")}
    lost = desk.read(Opportunity, opportunity)
    assert (lost.status, lost.reason, lost.forecast_category, desk.stage_of(opportunity)) == (
        "LOST", "OUT_SOLD", "LOST", "PROPOSE",
    )  # fmt: skip
    (activity,) = desk.all(CloseActivity, opportunity_id=opportunity)
    assert (activity.competitor, activity.actual_revenue) == ("Aqua", None)


def test_a_win_closes_open_quotes_on_request(desk: Desk) -> None:
    """The quotes are closed, not won."""
    quote = make_quote(desk)
    done = desk.do("win_opportunity", id=opportunity_of(desk, quote), close_open_quotes=True)
    assert (done["closed_quotes"], desk.row(quote).reason) == ([quote], "CANCELED")


def test_a_live_order_stands_in_the_way_of_a_loss(desk: Desk) -> None:
    """What was sold is not lost; after the order is canceled it may be."""
    quote = make_quote(desk)
    make_sibling(desk, quote)
    done = desk.do("accept_quote", id=quote, siblings="KEEP")
    given = {"id": done["opportunity"], "reason": "OUT_SOLD", "close_open_quotes": True}
    refusal = desk.refused("lose_opportunity", **given)
    assert told(refusal) == ("HAS_LIVE_ORDER", ("input", "id"))
    assert refusal.message == "An order of this opportunity is live: cancelOrder cancels it first."
    desk.do("cancel_order", id=done["order"], reason="NO_MONEY")
    assert desk.do("lose_opportunity", **given)["closed_quotes"]


def test_reopening_keeps_the_earlier_end_as_superseded(desk: Desk) -> None:
    """Reason and actuals are cleared, the stage stays, the close is kept in the history (axelor#9783)."""
    opportunity = make_opportunity(desk)
    desk.do("move_opportunity_stage", id=opportunity, stage="DEVELOP", override="Hurry.")
    desk.do("lose_opportunity", id=opportunity, reason="CANCELED")
    late = desk.later(days=5)
    late.do("reopen_opportunity", id=opportunity, reason="New budget.")
    row = desk.read(Opportunity, opportunity)
    assert (row.status, row.reason, row.actual_revenue, row.actual_close_on) == (
        "OPEN", "IN_PROGRESS", None, None,
    )  # fmt: skip
    assert (desk.stage_of(opportunity), row.forecast_category) == ("DEVELOP", "PIPELINE")
    assert desk.events_of(opportunity)[-1].note == "New budget."
    later = late.later(days=1)
    later.do("win_opportunity", id=opportunity)
    activities = desk.all(CloseActivity, opportunity_id=opportunity)
    assert [(each.status, each.superseded_at) for each in activities] == [("LOST", late.now), ("WON", None)]
    later.do("reopen_opportunity", id=opportunity, reason="Again.")
    activities = desk.all(CloseActivity, opportunity_id=opportunity)
    assert [each.superseded_at for each in activities] == [late.now, later.now]


def test_reopening_needs_a_reason_and_no_live_order(desk: Desk) -> None:
    """Words are needed; a live order keeps its opportunity won."""
    order = make_order(desk)
    opportunity = opportunity_of(desk, order)
    refusal = desk.refused("reopen_opportunity", id=opportunity, reason="Mistake.")
    assert told(refusal) == ("HAS_LIVE_ORDER", ("input", "id"))
    desk.do("cancel_order", id=order, reason="NO_MONEY")
    refusal = desk.refused("reopen_opportunity", id=opportunity, reason=" ")
    assert told(refusal) == ("REASON_REQUIRED", ("input", "reason"))
    assert refusal.message == "Say why the opportunity is reopened."
    desk.do("reopen_opportunity", id=opportunity, reason="Mistake.")


def test_canceling_an_order_may_reopen_its_opportunity(desk: Desk) -> None:
    """Otherwise it stays won; the close activity of the order says why."""
    kept, reopened = make_order(desk), make_order(desk)
    desk.do("cancel_order", id=kept, reason="CUSTOMER_REQUEST", note="Moved.")
    desk.do("cancel_order", id=reopened, reason="NO_MONEY", reopen_opportunity=True)
    assert desk.row(opportunity_of(desk, kept)).status == "WON"
    assert desk.row(opportunity_of(desk, reopened)).status == "OPEN"
    row = desk.row(kept)
    assert (row.status, row.reason, row.closed_at) == ("CANCELED", "CUSTOMER_REQUEST", desk.now)
    (activity,) = desk.all(CloseActivity, order_id=kept)
    assert (activity.status, activity.reason, activity.note) == ("CANCELED", "CUSTOMER_REQUEST", "Moved.")
    (event,) = [each for each in desk.events_of(opportunity_of(desk, reopened)) if "reopened" in each.type]
    assert event.note == "Order O-2026-00002 was canceled."


def test_an_open_opportunity_needs_no_reopening(desk: Desk) -> None:
    """Where competitors were kept the opportunity is open already, and stays so."""
    quote = make_quote(desk)
    make_sibling(desk, quote)
    done = desk.do("accept_quote", id=quote, siblings="KEEP")
    desk.do("cancel_order", id=done["order"], reason="NO_MONEY", reopen_opportunity=True)
    assert desk.row(done["opportunity"]).status == "OPEN"


def test_a_second_live_order_keeps_the_opportunity_won(desk: Desk) -> None:
    """Canceling one of two orders cannot reopen, and is refused whole."""
    quote = make_quote(desk)
    sibling = make_sibling(desk, quote)
    desk.do("accept_quote", id=quote, siblings="KEEP")
    order = desk.do("accept_quote", id=sibling)["order"]
    refusal = blocked(desk.refused("cancel_order", id=order, reason="NO_MONEY", reopen_opportunity=True))
    assert told(refusal) == ("HAS_LIVE_ORDER", ("input", "reopenOpportunity"))
    assert [noun for noun, _ in refusal.obstacles] == ["order"]
    assert (refusal.command, refusal.status) == ("cancelOrder", "ACTIVE")


def test_what_is_delivered_or_billed_is_not_canceled(desk: Desk) -> None:
    """A delivery, and a live invoice, even a draft, stand in the way (odoo#270710)."""
    order = make_order(desk, [Item("3", "10")])
    invoice = desk.do("invoice_order", id=order, policy="ORDERED")["invoice"]
    refusal = desk.refused("cancel_order", id=order, reason="NO_MONEY")
    assert told(refusal) == ("HAS_INVOICES", ("input", "id"))
    assert refusal.message == (
        "An invoice of this order is live: cancelInvoice, or discardInvoice for a draft, takes it back first."
    )
    desk.do("discard_invoice", id=invoice)
    assert "cancelOrder" in desk.allowed(order)
    lines = [{"line_id": desk.all(OrderLine)[0].public_id, "quantity": Decimal(1)}]
    desk.do("fulfill_order", id=order, lines=lines)
    refusal = desk.refused("cancel_order", id=order, reason="NO_MONEY")
    assert told(refusal) == ("HAS_FULFILLMENTS", ("input", "id"))
    assert refusal.message == (
        "Something of this order is delivered: returnItems takes it back, closeOrderShort ends the rest."
    )


def test_a_canceled_order_needs_a_known_reason(desk: Desk) -> None:
    """The reasons of the state are named."""
    refusal = desk.refused("cancel_order", id=make_order(desk), reason="RAIN")
    assert told(refusal) == ("REASON_REQUIRED", ("input", "reason"))
    assert refusal.message == (
        "'RAIN' is not a reason for order CANCELED; there are CUSTOMER_REQUEST, NO_MONEY, OUT_OF_STOCK."
    )
    assert desk.refused("cancel_order", id=make_fulfilled_order(desk), reason="NO_MONEY").code == (
        "ILLEGAL_TRANSITION"
    )
