"""Can an acceptance be taken back while nothing has come of it, and be given again?"""

from decimal import Decimal

from models.activity import CloseActivity
from models.event import Event
from models.opportunity import Opportunity
from models.order import Order, OrderLine
from models.quote import Quote
from tests.desk import Desk, at_once, blocked, told
from tests.factories import make_account, make_quote, make_sibling, opportunity_of


def accepted(desk: Desk) -> tuple[str, str]:
    """Return a won quote and its order."""
    quote = make_quote(desk)
    return quote, str(desk.do("accept_quote", id=quote)["order"])


def test_a_reverted_acceptance_leaves_an_active_quote(desk: Desk) -> None:
    """The order is canceled and keeps its link, the opportunity is open, both closes are superseded."""
    quote, order = accepted(desk)
    late = desk.later(hours=1)
    done = late.do("revert_quote_acceptance", id=quote, reason="Signed by mistake.")
    assert (done["order"], done["opportunity"]) == (order, opportunity_of(desk, quote))
    row, canceled = desk.read(Quote, quote), desk.read(Order, order)
    assert (row.status, row.reason, row.closed_at) == ("ACTIVE", "IN_PROGRESS", None)
    assert (canceled.status, canceled.reason, canceled.closed_at) == (
        "CANCELED", "ACCEPTANCE_REVERTED", late.now,
    )  # fmt: skip
    assert (canceled.quote_id, canceled.reverted_quote_id) == (None, row.id)
    opportunity = desk.read(Opportunity, opportunity_of(desk, quote))
    assert (opportunity.status, opportunity.actual_revenue) == ("OPEN", None)
    superseded = {each.status: each.superseded_at for each in desk.all(CloseActivity)}
    assert superseded == {"WON": late.now, "CANCELED": None}
    assert [(each.type, each.note) for each in done.events] == [
        ("quote.acceptance_reverted", "Signed by mistake."),
        ("order.canceled", "Signed by mistake."),
        ("opportunity.reopened", "Signed by mistake."),
    ]
    assert {each.caused_by_id for each in done.events[1:]} == {done.events[0].id}


def test_a_quote_is_accepted_again_with_a_new_order(desk: Desk) -> None:
    """Again and again; a repeat answers with the order that stands, and the old ones stay to be read."""
    quote, first = accepted(desk)
    desk.do("revert_quote_acceptance", id=quote, reason="Mistake.")
    second = desk.do("accept_quote", id=quote)["order"]
    again = desk.do("accept_quote", id=quote)
    assert (again["order"], again["already_done"], second != first) == (second, True, True)
    desk.do("revert_quote_acceptance", id=quote, reason="Once more.")
    third = desk.do("accept_quote", id=quote)["order"]
    assert [(each.number, each.status) for each in desk.all(Order)] == [
        ("O-2026-00001", "CANCELED"), ("O-2026-00002", "CANCELED"), ("O-2026-00003", "ACTIVE"),
    ]  # fmt: skip
    key = desk.read(Quote, quote).id
    assert [each.public_id for each in desk.all(Order, reverted_quote_id=key)] == [first, second]
    assert [each.public_id for each in desk.all(Order, quote_id=key)] == [third]
    assert desk.row(opportunity_of(desk, quote)).status == "WON"


def test_what_had_been_presented_is_presented_still(desk: Desk) -> None:
    """The quote comes back to the reason that it had."""
    quote = make_quote(desk)
    desk.do("present_quote", id=quote)
    desk.do("accept_quote", id=quote)
    desk.do("revert_quote_acceptance", id=quote, reason="Mistake.")
    assert desk.row(quote).state == "ACTIVE.PRESENTED"


def test_a_quote_without_an_opportunity_is_reverted(desk: Desk) -> None:
    """There is nothing to reopen; an order that was canceled already is only let go."""
    quote = desk.do("create_quote", name="Parts", account_id=make_account(desk))["quote"]
    desk.do(
        "add_quote_line", id=quote, expected_version=1, description="Pump", quantity=Decimal(1),
        price_per_unit=Decimal(5),
    )  # fmt: skip
    desk.do("activate_quote", id=quote)
    order = desk.do("accept_quote", id=quote)["order"]
    desk.do("cancel_order", id=order, reason="NO_MONEY")
    done = desk.do("revert_quote_acceptance", id=quote, reason="Mistake.")
    assert (done["order"], done["opportunity"], desk.row(order).reason) == (order, None, "NO_MONEY")
    assert desk.do("accept_quote", id=quote)["order"] != order


def test_an_opportunity_that_was_lost_since_is_open_again(desk: Desk) -> None:
    """An offer that the customer may accept has an open opportunity."""
    quote = make_quote(desk)
    order = desk.do("accept_quote", id=quote)["order"]
    opportunity = opportunity_of(desk, quote)
    desk.do("cancel_order", id=order, reason="NO_MONEY")
    desk.do("reopen_opportunity", id=opportunity, reason="They may come back.")
    desk.do("lose_opportunity", id=opportunity, reason="CANCELED")
    done = desk.do("revert_quote_acceptance", id=quote, reason="They are back.")
    assert (done["opportunity"], desk.row(opportunity).state) == (opportunity, "OPEN.IN_PROGRESS")
    assert desk.do("accept_quote", id=quote)["order"] != order


def test_another_live_order_keeps_the_opportunity_won(desk: Desk) -> None:
    """Two quotes were sold; taking one back leaves the other's win."""
    quote = make_quote(desk)
    sibling = make_sibling(desk, quote)
    desk.do("accept_quote", id=quote, siblings="KEEP")
    desk.do("accept_quote", id=sibling)
    desk.do("revert_quote_acceptance", id=sibling, reason="Mistake.")
    assert (desk.row(sibling).status, desk.row(opportunity_of(desk, quote)).status) == ("ACTIVE", "WON")


def test_what_came_of_an_order_makes_the_acceptance_stand(desk: Desk) -> None:
    """A delivery, a live invoice and a payment, each with its code; the offer says so beforehand."""
    quote, order = accepted(desk)
    (line,) = desk.all(OrderLine)
    assert "revertQuoteAcceptance" in desk.allowed(quote)
    invoice = desk.do("invoice_order", id=order, policy="ORDERED")["invoice"]
    refusal = desk.refused("revert_quote_acceptance", id=quote, reason="Mistake.")
    assert told(refusal) == ("HAS_INVOICES", ("input", "id"))
    assert refusal.message == "An invoice of the quote's order is live: cancelInvoice cancels it first."
    desk.do("issue_invoice", id=invoice)
    desk.do("record_payment", id=invoice, amount=Decimal(1))
    lines = [{"line_id": line.public_id, "quantity": Decimal(1)}]
    desk.do("fulfill_order", id=order, lines=lines)
    refusal = blocked(desk.refused("revert_quote_acceptance", id=quote, reason="Mistake."))
    assert [(each.code, each.message) for each in refusal.blockers] == [
        ("HAS_FULFILLMENTS", "Something of the quote's order is delivered: the acceptance stands."),
        ("HAS_INVOICES", "An invoice of the quote's order is live: cancelInvoice cancels it first."),
        ("HAS_PAYMENTS", "Money was received for the quote's order: the acceptance stands."),
    ]
    assert "revertQuoteAcceptance" not in desk.allowed(quote)


def test_reverting_needs_a_reason_and_a_won_quote(desk: Desk) -> None:
    """In words; a second time there is nothing to take back."""
    quote, _ = accepted(desk)
    refusal = desk.refused("revert_quote_acceptance", id=quote, reason=" ")
    assert told(refusal) == ("REASON_REQUIRED", ("input", "reason"))
    assert refusal.message == "Say why the acceptance is reverted."
    desk.do("revert_quote_acceptance", id=quote, reason="Mistake.")
    assert desk.refused("revert_quote_acceptance", id=quote, reason="Mistake.").code == "ILLEGAL_TRANSITION"


def test_acceptances_and_reverts_at_once_leave_one_live_order_at_most(crowd: Desk) -> None:
    """Twenty at once: each revert takes back one order, and what is live is the quote's."""
    quote, _ = accepted(crowd)

    def act(number: int) -> str:
        try:
            if number % 2:
                crowd.do("revert_quote_acceptance", id=quote, reason="Mistake.")
                return "reverted"
            crowd.do("accept_quote", id=quote)
        except Exception as fault:  # noqa: BLE001  # Whatever it is shows in the comparison.
            return str(getattr(fault, "code", repr(fault)))
        return "accepted"

    answers = at_once(20, act)
    assert set(answers) <= {"reverted", "accepted", "ILLEGAL_TRANSITION"}
    orders = crowd.all(Order)
    live = [each for each in orders if each.status != "CANCELED"]
    assert len(live) == (1 if crowd.row(quote).status == "WON" else 0)
    assert len(orders) - len(live) == answers.count("reverted")
    assert [each.quote_id is None for each in orders] == [each not in live for each in orders]


def test_a_declined_quote_is_lost_and_its_opportunity_open(desk: Desk) -> None:
    """The words are kept with the close activity and the event; the next revision may do better."""
    quote = make_quote(desk)
    desk.do("decline_quote", id=quote, note="Too dear.")
    assert (desk.row(quote).state, desk.row(quote).closed_at) == ("CLOSED.LOST", desk.now)
    (activity,) = desk.all(CloseActivity)
    assert (activity.status, activity.reason, activity.note) == ("CLOSED", "LOST", "Too dear.")
    assert [(each.type, each.note) for each in desk.all(Event, command="declineQuote")] == [
        ("quote.declined", "Too dear.")
    ]
    assert desk.row(opportunity_of(desk, quote)).status == "OPEN"
    assert desk.refused("decline_quote", id=quote).code == "ILLEGAL_TRANSITION"
    revision = desk.do("revise_quote", id=quote)["revision"]
    desk.do("activate_quote", id=revision)
    assert desk.do("accept_quote", id=revision)["order"]
