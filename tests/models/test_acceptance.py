"""Does an accepted quote become exactly one order, and win exactly one opportunity?"""

from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from models.activity import CloseActivity
from models.event import Event
from models.lifecycle import Pointer
from models.opportunity import Opportunity
from models.order import Order, OrderLine
from models.quote import Quote, QuoteLine
from tests.desk import TODAY, Desk, at_once, told
from tests.factories import Item, make_draft, make_quote, make_sibling, opportunity_of


def test_the_order_is_the_quote_with_locked_prices(desk: Desk) -> None:
    """Terms, totals and lines are copied, each line linked to the one it came from."""
    quote = make_quote(
        desk, [Item("2", "100", "5"), Item("1", "9.99", tax="7")], discount_percent=Decimal(3),
        freight_amount=Decimal("4.90"),
    )  # fmt: skip
    order = desk.read(Order, desk.do("accept_quote", id=quote, customer_reference="PO 7")["order"])
    source = desk.row(quote)
    assert (order.status, order.reason, order.number) == ("ACTIVE", "NEW", "O-2026-00001")
    assert (order.is_prices_locked, order.customer_reference) == (True, "PO 7")
    assert (order.fulfillment_status, order.billing_status) == ("NONE", "NONE")
    for name in ("total", "tax_total", "discount_total", "freight_amount", "chain_id", "opportunity_id"):
        assert getattr(order, name) == getattr(source, name), name
    lines, quoted = desk.all(OrderLine), desk.all(QuoteLine)
    assert [line.quote_line_id for line in lines] == [line.id for line in quoted]
    assert [line.lineage_id for line in lines] == [line.lineage_id for line in quoted]


def test_the_opportunity_is_won_with_the_orders_total(desk: Desk) -> None:
    """Actual revenue, close date and forecast are set; three close activities tell why."""
    quote = make_quote(desk, [Item("2", "100", tax="19")])
    sibling = make_sibling(desk, quote)
    draft = desk.do("generate_quote_from_opportunity", id=opportunity_of(desk, quote))["quote"]
    done = desk.do("accept_quote", id=quote, note="Agreed.")
    won = desk.read(Opportunity, done["opportunity"])
    assert (won.status, won.actual_revenue, won.actual_close_on) == ("WON", Decimal(238), TODAY)
    assert won.forecast_category == "WON"
    assert done["closed_quotes"] == [sibling, draft]
    assert {desk.row(each).reason for each in (sibling, draft)} == {"CANCELED"}
    assert (desk.row(quote).reason, desk.row(quote).closed_at, done["remark"]) == ("WON", desk.now, None)
    assert sorted((each.status, each.reason) for each in desk.all(CloseActivity)) == [
        ("CLOSED", "CANCELED"), ("CLOSED", "CANCELED"), ("WON", "WON"), ("WON", "WON"),
    ]  # fmt: skip


def test_competing_quotes_may_be_kept(desk: Desk) -> None:
    """The opportunity stays open, the payload says why; the last one accepted wins it."""
    quote = make_quote(desk)
    sibling = make_sibling(desk, quote)
    done = desk.do("accept_quote", id=quote, siblings="KEEP")
    assert done["closed_quotes"] == []
    assert done["remark"] == "The opportunity stays open: Q-2026-00002 still compete for it."
    assert (desk.row(done["opportunity"]).status, desk.row(sibling).status) == ("OPEN", "ACTIVE")
    desk.do("accept_quote", id=sibling, siblings="KEEP")
    assert desk.row(done["opportunity"]).status == "WON"
    assert len(desk.all(Order)) == 2


def test_accepting_twice_answers_with_the_order(desk: Desk) -> None:
    """The repeat makes nothing and tells nothing."""
    quote = make_quote(desk)
    first = desk.do("accept_quote", id=quote)
    second = desk.do("accept_quote", id=quote)
    assert (second["order"], second.already_done, second.events) == (first["order"], True, [])
    assert (second["opportunity"], second["closed_quotes"]) == (first["opportunity"], [])
    assert len(desk.all(Order)) == 1


def test_a_quote_is_valid_through_the_end_of_its_last_day(desk: Desk) -> None:
    """The organisation's time zone says when the day is over (invoiceninja/ui#2997)."""
    quote = make_quote(desk, valid_until=date(2026, 3, 31))
    berlin = desk.abroad("Europe/Berlin")
    # 23:59 in Berlin, summer time since two days.
    last = replace(berlin, now=datetime(2026, 3, 31, 21, 59, tzinfo=UTC))
    over = replace(berlin, now=datetime(2026, 3, 31, 22, 0, tzinfo=UTC))
    assert "acceptQuote" in last.allowed(quote)
    refusal = over.refused("accept_quote", id=quote)
    assert told(refusal) == ("QUOTE_EXPIRED", ("input", "acceptExpired"))
    assert refusal.message == (
        "Quote Q-2026-00001 was valid until 2026-03-31: reviseQuote makes a new revision, "
        "or pass acceptExpired."
    )
    assert last.do("accept_quote", id=quote)["order"]


def test_a_seller_may_accept_an_expired_quote(desk: Desk) -> None:
    """The flag is written into the history; a quote that has not expired says nothing of it."""
    quote = make_quote(desk, valid_until=TODAY)
    late = desk.later(days=2)
    late.do("accept_quote", id=quote, accept_expired=True, note="By phone.")
    assert desk.events_of(quote)[-1].note == "Accepted after it expired on 2026-03-02. By phone."
    other = make_quote(desk)
    desk.do("accept_quote", id=other, accept_expired=True)
    assert desk.events_of(other)[-1].note is None


def test_a_won_quote_never_expires(desk: Desk) -> None:
    """Long after its last day it is WON, and a repeat still answers with the order (erpnext#33952)."""
    quote = make_quote(desk, valid_until=TODAY)
    order = desk.do("accept_quote", id=quote)["order"]
    assert desk.later(days=400).do("accept_quote", id=quote)["order"] == order
    assert desk.row(quote).status == "WON"


def test_an_order_may_be_free_of_charge(desk: Desk) -> None:
    """A quote of nothing is accepted, and wins with nothing."""
    done = desk.do("accept_quote", id=make_quote(desk, [Item("1", "0")]))
    assert desk.row(done["opportunity"]).actual_revenue == Decimal(0)


@pytest.mark.parametrize("keys", ["one key", "no key"])
def test_twenty_accept_the_same_quote_at_once(crowd: Desk, keys: str) -> None:
    """One order comes of it, and everybody is told the same one."""
    quote = make_quote(crowd)
    given = {"idempotency_key": "k"} if keys == "one key" else {}
    answers = at_once(20, lambda _: crowd.do("accept_quote", id=quote, **given))
    assert len({each["order"] for each in answers}) == len(crowd.all(Order)) == 1
    assert len(crowd.all(Event, type="quote.accepted")) == len(crowd.all(Event, type="opportunity.won")) == 1


def test_two_siblings_are_accepted_at_once(crowd: Desk) -> None:
    """One wins; the other finds itself closed; nobody waits for anybody for ever."""
    for _ in range(5):
        quotes = [make_quote(crowd)]
        quotes += [make_sibling(crowd, quotes[0]) for _ in range(3)]

        def accept(number: int, quotes: list[str] = quotes) -> str:
            try:
                return str(crowd.do("accept_quote", id=quotes[number % 4])["order"])
            except Exception as fault:  # noqa: BLE001  # Whatever it is shows in the comparison.
                return str(getattr(fault, "code", repr(fault)))

        answers = at_once(20, accept)
        assert answers.count("ILLEGAL_TRANSITION") == 15
        assert len(set(answers)) == 2
        statuses = sorted(crowd.row(quote).status for quote in quotes)
        assert statuses == ["CLOSED", "CLOSED", "CLOSED", "WON"]


def test_acceptance_and_loss_at_once_leave_one_end(crowd: Desk) -> None:
    """Commands that start from different records of one deal wait for each other and do not deadlock."""
    quote = make_quote(crowd)
    opportunity = opportunity_of(crowd, quote)

    def end(number: int) -> str:
        try:
            if number % 2:
                crowd.do("lose_opportunity", id=opportunity, reason="OUT_SOLD", close_open_quotes=True)
            else:
                crowd.do("accept_quote", id=quote)
        except Exception as fault:  # noqa: BLE001  # Whatever it is shows in the comparison.
            return str(getattr(fault, "code", repr(fault)))
        return "done"

    assert set(at_once(20, end)) == {"done", "ILLEGAL_TRANSITION"}
    ends = (crowd.row(quote).status, crowd.row(opportunity).status, len(crowd.all(Order)))
    assert ends in {("WON", "WON", 1), ("CLOSED", "LOST", 0)}


def test_a_draft_competitor_is_closed_too(desk: Desk) -> None:
    """A draft of the same opportunity is open as well."""
    draft = make_draft(desk)
    quote = make_sibling(desk, draft)
    assert desk.do("accept_quote", id=quote)["closed_quotes"] == [draft]
    assert Pointer("quote", desk.read(Quote, draft).id).public_id == draft
