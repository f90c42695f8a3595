"""Is everybody told what needs attention next, why, and in which order?"""

from datetime import timedelta
from typing import Any

import pytest

from models.access import Role
from models.order import OrderLine
from models.record import public_id
from tests.desk import Desk
from tests.factories import (
    Item,
    make_account,
    make_fulfilled_order,
    make_invoice,
    make_opportunity,
    make_order,
    make_quote,
)
from tests.graphql_api.insight.window import answered, asked, refused

TEXT = """query ($first: Int, $after: String, $kinds: [AttentionKind!], $owner: ID, $days: Int) {
    attention(first: $first, after: $after, kinds: $kinds, owner: $owner, expiringWithinDays: $days) {
        edges { cursor } pageInfo { hasNextPage endCursor }
        nodes { kind why dueOn days amount { amount currencyCode } record { id __typename } } } }"""


def items(desk: Desk, *kinds: str, **variables: Any) -> list[dict[str, Any]]:
    """Return what needs attention, of some kinds or of all."""
    given = {"kinds": list(kinds)} if kinds else {}
    found: list[dict[str, Any]] = asked(desk, TEXT, **given, **variables)["attention"]["nodes"]
    return found


def item(kind: str, why: str, due_on: str, days: int, amount: str, record: str) -> dict[str, Any]:
    """Return an item as it is asked for."""
    type_name = record.rpartition("_")[0].capitalize()
    return {
        "kind": kind,
        "why": why,
        "dueOn": due_on,
        "days": days,
        "amount": {"amount": amount, "currencyCode": "EUR"},
        "record": {"id": record, "__typename": type_name},
    }


def test_a_quote_is_expiring_from_a_week_before_its_last_day_to_the_end_of_it(desk: Desk) -> None:
    """In as many days as are asked for, while it is active."""
    today = desk.moment.today
    soon = make_quote(desk, valid_until=today + timedelta(days=7))
    last = make_quote(desk, valid_until=today)
    make_quote(desk, valid_until=today + timedelta(days=8))
    accepted = make_quote(desk, valid_until=today)
    desk.do("accept_quote", id=accepted)
    assert items(desk, "QUOTE_EXPIRING") == [
        item(
            "QUOTE_EXPIRING", "Quote Q-2026-00002 is valid through 2026-03-02: today is its last day.",
            "2026-03-02", 0, "238.00", last,
        ),
        item(
            "QUOTE_EXPIRING", "Quote Q-2026-00001 is valid through 2026-03-09: 7 days left.",
            "2026-03-09", -7, "238.00", soon,
        ),
    ]  # fmt: skip
    assert len(items(desk, "QUOTE_EXPIRING", days=8)) == 3
    assert items(desk.later(days=1), "QUOTE_EXPIRING", days=0) == []
    message = "`expiringWithinDays` is between 0 and 365; 366 is not."
    assert refused(desk, TEXT, days=366) == ("BAD_USER_INPUT", message)


def test_a_deal_is_overdue_in_its_stage_beyond_the_median_of_those_before(desk: Desk) -> None:
    """Three stays of one, two and four days make a median of two; what is on hold is left alone."""
    for days in (1, 2, 4):
        key = make_opportunity(desk)
        desk.later(days=days).do("move_opportunity_stage", id=key, stage="DEVELOP", override="Known.")
    stuck, held = make_opportunity(desk), make_opportunity(desk)
    desk.do("hold_opportunity", id=held)
    make_opportunity(desk.later(days=2))
    assert items(desk.later(days=2), "STAGE_OVERSTAYED") == []
    assert items(desk.later(days=3, hours=1), "STAGE_OVERSTAYED") == [
        item(
            "STAGE_OVERSTAYED", "For 3 days in Qualify; half of the deals left it within 2 days.",
            "2026-03-04", 1, "238.00", stuck,
        )
    ]  # fmt: skip


def test_a_median_of_two_stays_says_nothing(desk: Desk) -> None:
    """Three have to be over."""
    for _ in range(2):
        key = make_opportunity(desk)
        desk.later(hours=1).do("move_opportunity_stage", id=key, stage="DEVELOP", override="Known.")
    make_opportunity(desk)
    assert items(desk.later(days=9), "STAGE_OVERSTAYED") == []


def test_a_deal_should_have_closed_by_its_expected_day(desk: Desk) -> None:
    """Until it is closed, or expected later."""
    key = make_opportunity(desk, estimated_close_on=desk.moment.today)
    assert items(desk, "CLOSE_DATE_PASSED") == []
    late = desk.later(days=1)
    why = "It was expected to close by 2026-03-02 and is open."
    assert items(late, "CLOSE_DATE_PASSED") == [
        item("CLOSE_DATE_PASSED", why, "2026-03-02", 1, "238.00", key)
    ]
    late.do("win_opportunity", id=key)
    assert items(late, "CLOSE_DATE_PASSED") == []


def test_an_order_is_not_invoiced_while_the_customer_has_more_than_is_billed(desk: Desk) -> None:
    """A part delivered counts; what came back, or is billed, does not."""
    order = make_order(desk, [Item("2"), Item("3"), Item("1")])
    first, second, _ = desk.all(OrderLine, order_id=order)
    lines = [{"line_id": line.public_id, "quantity": Item("1").given["quantity"]} for line in (first, second)]
    make_order(desk)
    billed = make_fulfilled_order(desk)
    desk.do("invoice_order", id=billed)
    assert items(desk, "NOT_INVOICED") == []
    desk.do("fulfill_order", id=order, lines=lines)
    late = desk.later(days=2)
    assert items(late, "NOT_INVOICED") == [
        item(
            "NOT_INVOICED",
            "Order O-2026-00001 was last delivered on 2026-03-02; of 3 lines 2 are not fully invoiced.",
            "2026-03-02", 2, "714.00", order,
        )
    ]  # fmt: skip
    late.do("return_items", id=order, reason="Broken.", lines=lines[:1])
    assert items(late, "NOT_INVOICED")[0]["why"].endswith("of 3 lines 1 is not fully invoiced.")
    late.do("invoice_order", id=order)
    assert items(late, "NOT_INVOICED") == []


def test_an_invoice_is_overdue_from_the_day_after_it_was_due(desk: Desk) -> None:
    """With what is still owed."""
    invoice = make_invoice(desk)
    desk.do("record_payment", id=invoice, amount=Item(price="38").given["price_per_unit"])
    assert items(desk.later(days=30), "INVOICE_OVERDUE") == []
    why = "Invoice I-2026-00001 was due on 2026-04-01; EUR 200.00 is owed."
    assert items(desk.later(days=31), "INVOICE_OVERDUE") == [
        item("INVOICE_OVERDUE", why, "2026-04-01", 1, "200.00", invoice)
    ]


@pytest.fixture
def busy(desk: Desk) -> Desk:
    """Return the desk on a day on which something of nearly every kind is due."""
    make_invoice(desk)
    make_fulfilled_order(desk)
    make_quote(desk, valid_until=desk.moment.today + timedelta(days=40))
    make_opportunity(desk, estimated_close_on=desk.moment.today)
    make_opportunity(desk, estimated_close_on=desk.moment.today)
    return desk.later(days=35)


def test_what_waits_longest_comes_first_page_by_page(busy: Desk) -> None:
    """All pages together are the whole, in a fixed number of statements each."""
    whole = asked(busy, TEXT)["attention"]
    kinds = [each["kind"] for each in whole["nodes"]]
    assert kinds == [
        *["STAGE_OVERSTAYED"] * 2, *["CLOSE_DATE_PASSED"] * 2,
        "NOT_INVOICED", "INVOICE_OVERDUE", "QUOTE_EXPIRING",
    ]  # fmt: skip
    assert whole["pageInfo"]["hasNextPage"] is False
    found, after = [], None
    for more in (True, True, True, False):
        page = asked(busy, TEXT, first=2, after=after)["attention"]
        assert page["pageInfo"]["hasNextPage"] is more
        found += page["nodes"]
        after = page["pageInfo"]["endCursor"]
    assert found == whole["nodes"]
    assert refused(busy, TEXT, after=after, kinds=["NOT_INVOICED"])[0] == "CURSOR_INVALID"
    _, _, statements = answered(busy, TEXT)
    # Medians, what is due; one for each kind, two where figures are elsewhere; one for each type.
    assert len(statements) == 2 + 7 + 4
    make_opportunity(busy.later(days=-34), estimated_close_on=busy.moment.today - timedelta(days=20))
    assert len(answered(busy, TEXT)[2]) == len(statements)


def test_everybody_is_told_of_their_own(busy: Desk) -> None:
    """By the user who looks after it; by the row rule; and of no kind, of nothing."""
    sales, admin = (public_id("user", busy.users[role].id) for role in (Role.SALES, Role.ADMIN))
    assert len(items(busy, owner=sales)) == 7
    assert items(busy, owner=admin) == []
    assert asked(busy, TEXT, kinds=[])["attention"]["nodes"] == []
    message = "owner: This is the id of a quote; a user is needed here."
    assert refused(busy, TEXT, owner=f"quote_{'0' * 26}") == ("BAD_USER_INPUT", message)
    account = make_account(busy)
    shared = make_opportunity(
        busy.later(days=-1), account=account, estimated_close_on=busy.later(days=-1).now.date()
    )
    busy.do("share_account", id=account, partner_id=public_id("user", busy.users[Role.PARTNER].id))
    assert [each["record"]["id"] for each in items(busy.acting(Role.PARTNER))] == [shared]
    assert items(busy.acting(Role.CUSTOMER)) == []
