"""Is a quote frozen once it is active, valid through its last day, and revised under one number?"""

import hashlib
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest

from models.access import TOKEN_PREFIX, is_well_formed
from models.activity import Activity, CloseActivity
from models.conversion.quoting import content_hash
from models.quote import Quote, QuoteLine
from tests.desk import TODAY, Desk, told
from tests.factories import (
    Item,
    make_draft,
    make_opportunity,
    make_product,
    make_quote,
    make_sibling,
    opportunity_of,
)


def _lines(desk: Desk, quote: str) -> list[tuple[Any, ...]]:
    return [
        (line.lineage_id, line.position, line.description, line.quantity, line.extended_amount)
        for line in desk.all(QuoteLine, quote_id=quote)
    ]


def test_a_generated_quote_is_the_opportunity_as_a_draft(desk: Desk) -> None:
    """Terms, totals and lines are copied, each line linked to the one it came from."""
    opportunity = make_opportunity(
        desk, [Item("2", "100", "5"), Item("1", "9.99", tax="7")], discount_percent=Decimal(3),
        discount_amount=Decimal(2), freight_amount=Decimal("4.90"),
    )  # fmt: skip
    quote = desk.read(Quote, desk.do("generate_quote_from_opportunity", id=opportunity)["quote"])
    source = desk.row(opportunity)
    assert (quote.number, quote.revision, quote.status, quote.version) == ("Q-2026-00001", 0, "DRAFT", 1)
    for name in ("name", "currency_code", "discount_percent", "discount_amount", "freight_amount",
                 "line_total", "discount_total", "tax_total", "total", "account_id", "chain_id"):  # fmt: skip
        assert getattr(quote, name) == getattr(source, name), name
    (first, second) = desk.all(QuoteLine, quote_id=quote.public_id)
    assert (first.position, second.position) == (1, 2)
    assert None not in {first.opportunity_line_id, second.opportunity_line_id}
    again = desk.do("generate_quote_from_opportunity", id=opportunity)["quote"]
    assert desk.row(again).number == "Q-2026-00002"


def test_activation_freezes_the_offer(desk: Desk) -> None:
    """It gets its days and the hash of what is offered, which differs with the content."""
    quote = desk.read(Quote, make_quote(desk))
    assert (quote.status, quote.reason) == ("ACTIVE", "IN_PROGRESS")
    assert (quote.effective_from, quote.valid_until) == (TODAY, TODAY + timedelta(days=30))
    assert quote.activated_at == desk.now
    other = desk.read(Quote, make_quote(desk, [Item("3", "100")]))
    assert quote.content_hash is not None
    assert len(quote.content_hash) == 64
    assert quote.content_hash != other.content_hash
    assert content_hash(quote, desk.all(QuoteLine, quote_id=quote.public_id)) == quote.content_hash
    for name, value in (("name", "Hoses"), ("customer_reference", "PO 7"), ("tax_total", Decimal(1))):
        altered = desk.read(Quote, quote.public_id)
        setattr(altered, name, value)
        assert content_hash(altered, desk.all(QuoteLine, quote_id=quote.public_id)) != quote.content_hash


def test_an_empty_quote_is_not_activated(desk: Desk) -> None:
    """A quote without lines offers nothing."""
    quote = make_draft(desk, ())
    refusal = desk.refused("activate_quote", id=quote)
    assert told(refusal) == ("EMPTY_DOCUMENT", ("input", "id"))
    assert refusal.message == "The quote has no lines: addQuoteLine adds one."
    assert "activateQuote" not in desk.allowed(quote)


def test_a_quote_with_a_line_without_a_price_is_not_activated(desk: Desk) -> None:
    """A product that costs nothing is given away only where 0 is typed."""
    quote = make_draft(desk, ())
    given: dict[str, Any] = {"id": quote, "expected_version": None}
    free = make_product(desk, list_price=Decimal(0))
    desk.do("add_quote_line", **given, product_id=make_product(desk), quantity=Decimal(1))
    lines = [
        desk.do("add_quote_line", **given, product_id=free, quantity=Decimal(1))["line"] for _ in range(2)
    ]
    refusal = desk.refused("activate_quote", id=quote)
    assert told(refusal) == ("PRICING_ERROR", ("input", "id"))
    assert refusal.message == (
        "There is no price in EUR on line 2, 3: updateQuoteLine types one, 0 for what is given away."
    )
    assert "activateQuote" not in desk.allowed(quote)
    for line in lines:
        desk.do("update_quote_line", **given, line_id=line, price_per_unit=Decimal(0))
    desk.do("activate_quote", id=quote)


def test_a_quote_is_not_activated_for_days_that_are_over(desk: Desk) -> None:
    """Neither the argument nor the draft's own date may be past; a later argument helps."""
    quote = make_draft(desk)
    yesterday = TODAY - timedelta(days=1)
    refusal = desk.refused("activate_quote", id=quote, valid_until=yesterday)
    assert told(refusal) == ("INVALID_DATES", ("input", "validUntil"))
    assert refusal.message == f"validUntil {yesterday} is past; today is {TODAY}: pass a later validUntil."
    desk.do("update_quote", id=quote, expected_version=1, valid_until=TODAY)
    late = desk.later(days=1)
    assert late.refused("activate_quote", id=quote).code == "INVALID_DATES"
    assert "activateQuote" in desk.allowed(quote)
    assert "activateQuote" not in late.allowed(quote)
    late.do("activate_quote", id=quote, valid_until=TODAY + timedelta(days=1))


def test_a_quote_cannot_end_before_it_begins(desk: Desk) -> None:
    """The days are checked on the draft, and with the default when it is activated."""
    quote = make_draft(desk)
    begins, ends = date(2026, 6, 1), date(2026, 5, 31)
    refusal = desk.refused(
        "update_quote", id=quote, expected_version=1, effective_from=begins, valid_until=ends
    )
    assert told(refusal) == ("INVALID_DATES", ("input", "validUntil"))
    assert refusal.message == "validUntil 2026-05-31 lies before effectiveFrom 2026-06-01."
    desk.do("update_quote", id=quote, expected_version=1, effective_from=begins)
    refusal = desk.refused("activate_quote", id=quote)
    assert told(refusal) == ("INVALID_DATES", ("input", "validUntil"))
    assert refusal.message == (
        "validUntil 2026-04-01 lies before effectiveFrom 2026-06-01: pass a later validUntil."
    )


def test_the_header_of_a_draft_is_edited(desk: Desk) -> None:
    """Discounts and freight reprice the quote; what is left out stays; a name is needed."""
    quote = make_draft(desk, [Item("2", "100", tax="10")])
    desk.do(
        "update_quote", id=quote, expected_version=1, discount_percent=Decimal(10), freight_amount=Decimal(5),
        customer_reference="PO 7",
    )  # fmt: skip
    desk.do("update_quote", id=quote, expected_version=2, customer_reference=None)
    row = desk.read(Quote, quote)
    assert (row.discount_total, row.tax_total, row.total) == (Decimal(20), Decimal(18), Decimal(203))
    assert row.customer_reference is None
    refusal = desk.refused("update_quote", id=quote, expected_version=3, name=" ")
    assert told(refusal) == ("VALIDATION", ("input", "name"))


def test_a_presented_quote_has_a_token_of_which_only_the_digest_is_kept(desk: Desk) -> None:
    """A new presentation replaces the token."""
    quote = make_quote(desk)
    first = desk.do("present_quote", id=quote, channel="MEETING", note="Over lunch.")["token"]
    row = desk.read(Quote, quote)
    assert row.token_digest == hashlib.blake2b(first.encode(), digest_size=32).hexdigest()
    assert is_well_formed(first, TOKEN_PREFIX)
    assert (row.reason, row.presented_by, row.presented_at) == ("PRESENTED", "MEETING", desk.now)
    second = desk.do("present_quote", id=quote)["token"]
    assert (second != first, desk.row(quote).token_digest != row.token_digest) == (True, True)
    told_of = repr([event.changes for event in desk.events_of(quote)])
    assert first not in told_of
    assert "tokenDigest" not in told_of


@pytest.mark.parametrize(
    ("channel", "kind"),
    [("EMAIL", "EMAIL"), ("LINK", "EMAIL"), ("MEETING", "APPOINTMENT"), ("POST", "LETTER")],
)
def test_presenting_is_written_down_as_an_activity(desk: Desk, channel: str, kind: str) -> None:
    """A completed one of the quote, of the kind that the channel is, caused by the presentation."""
    quote = make_quote(desk)
    done = desk.do("present_quote", id=quote, channel=channel, note="Good luck.")
    activity, row = desk.read(Activity, done["activity"]), desk.row(quote)
    assert (activity.kind, activity.subject, activity.description, activity.status) == (
        kind, "Quote Q-2026-00001 presented", "Good luck.", "COMPLETED",
    )  # fmt: skip
    assert (activity.regarding_id, activity.chain_id, activity.account_id, activity.owner_id) == (
        row.id, row.chain_id, row.account_id, desk.viewer.id,
    )  # fmt: skip
    assert activity.completed_at == desk.now
    presented, made = done.events
    assert (presented.type, made.type, made.caused_by_id) == (
        "quote.presented", "activity.created", presented.id,
    )  # fmt: skip


def test_an_expired_quote_is_not_presented(desk: Desk) -> None:
    """Presenting has no override; a revision does."""
    quote = make_quote(desk, valid_until=TODAY)
    late = desk.later(days=1)
    refusal = late.refused("present_quote", id=quote)
    assert told(refusal) == ("QUOTE_EXPIRED", ("input", "id"))
    assert refusal.message == (
        "Quote Q-2026-00001 was valid until 2026-03-02: reviseQuote makes a new revision."
    )


def test_a_revision_has_the_number_and_the_lines_of_the_quote(desk: Desk) -> None:
    """The old one is closed as REVISED; the lines keep their identity and know the line before."""
    quote = make_quote(desk, [Item("2", "100", "5"), Item("1", "10", tax="7")], discount_percent=Decimal(3))
    second = desk.do("revise_quote", id=quote, note="Cheaper.")["revision"]
    old, new = desk.read(Quote, quote), desk.read(Quote, second)
    assert (old.status, old.reason, old.closed_at) == ("CLOSED", "REVISED", desk.now)
    assert (new.number, new.revision, new.status, new.previous_id) == (old.number, 1, "DRAFT", old.id)
    assert (new.valid_until, new.content_hash, new.total) == (None, None, old.total)
    assert _lines(desk, second) == _lines(desk, quote)
    assert [line.previous_line_id for line in desk.all(QuoteLine, quote_id=second)] == [
        line.id for line in desk.all(QuoteLine, quote_id=quote)
    ]
    (activity,) = desk.all(CloseActivity, quote_id=quote)
    assert (activity.status, activity.reason, activity.note) == ("CLOSED", "REVISED", "Cheaper.")
    assert [event.type for event in desk.events_of(quote)][-1] == "quote.revised"
    assert desk.events_of(second)[0].caused_by_id == desk.events_of(quote)[-1].id


def test_a_quote_revised_twice_is_accepted(desk: Desk) -> None:
    """Only the last revision of a number is live, and it becomes the order."""
    quote = make_quote(desk)
    second = desk.do("revise_quote", id=quote)["revision"]
    desk.do("activate_quote", id=second)
    third = desk.do("revise_quote", id=second)["revision"]
    for earlier, later in ((quote, second), (second, third)):
        again = desk.do("revise_quote", id=earlier)
        assert (again["revision"], again["already_done"]) == (later, True)
    desk.do("activate_quote", id=third)
    done = desk.do("accept_quote", id=third)
    assert (desk.row(third).revision, done["closed_quotes"]) == (2, [])
    assert [each.status for each in desk.all(Quote)] == ["CLOSED", "CLOSED", "WON"]


def test_a_lost_quote_is_revised_and_stays_lost(desk: Desk) -> None:
    """What was closed for good keeps its reason and its close activity."""
    quote = make_quote(desk)
    desk.do("close_quote", id=quote, reason="LOST")
    revision = desk.do("revise_quote", id=quote)["revision"]
    assert (desk.row(quote).reason, desk.row(revision).revision) == ("LOST", 1)
    assert len(desk.all(CloseActivity, quote_id=quote)) == 1
    desk.do("close_quote", id=revision, reason="CANCELED")
    refusal = desk.refused("revise_quote", id=quote)
    assert told(refusal) == ("LATER_REVISION_EXISTS", ("input", "id"))
    assert refusal.message == "A later revision of Q-2026-00001 exists: revise that one."
    assert desk.row(desk.do("revise_quote", id=revision)["revision"]).revision == 2


def test_a_quote_of_a_closed_opportunity_is_not_revised(desk: Desk) -> None:
    """Reopening the opportunity comes first."""
    quote = make_quote(desk)
    desk.do("close_quote", id=quote, reason="LOST", close_opportunity=True)
    refusal = desk.refused("revise_quote", id=quote)
    assert told(refusal) == ("OPPORTUNITY_CLOSED", ("input", "id"))
    assert refusal.message == "The quote's opportunity is LOST: reopenOpportunity opens it again."
    opportunity = opportunity_of(desk, quote)
    refusal = desk.refused("generate_quote_from_opportunity", id=opportunity)
    assert told(refusal) == ("OPPORTUNITY_CLOSED", ("input", "id"))
    desk.do("reopen_opportunity", id=opportunity, reason="New budget.")
    assert desk.do("revise_quote", id=quote)["revision"]


def test_a_quote_is_closed_with_its_opportunity(desk: Desk) -> None:
    """The reason of the quote becomes that of the opportunity, the competitor is kept with both."""
    quote = make_quote(desk)
    desk.do("close_quote", id=quote, reason="LOST", competitor="Aqua", close_opportunity=True, note="Price.")
    opportunity = desk.row(opportunity_of(desk, quote))
    assert (desk.row(quote).reason, opportunity.status, opportunity.reason) == ("LOST", "LOST", "OUT_SOLD")
    assert [(each.competitor, each.note) for each in desk.all(CloseActivity)] == [("Aqua", "Price.")] * 2


def test_only_the_last_open_quote_closes_the_opportunity(desk: Desk) -> None:
    """While others are open the command is refused whole."""
    quote = make_quote(desk)
    make_sibling(desk, quote)
    refusal = desk.refused("close_quote", id=quote, reason="LOST", close_opportunity=True)
    assert told(refusal) == ("OTHER_QUOTES_OPEN", ("input", "closeOpportunity"))
    assert refusal.message == (
        "Q-2026-00002 is an open quote of the same opportunity: "
        "leave closeOpportunity out, or use loseOpportunity."
    )


def test_a_draft_is_only_canceled(desk: Desk) -> None:
    """Nobody can lose what was never offered; an unknown reason is refused with the known ones."""
    quote = make_draft(desk)
    refusal = desk.refused("close_quote", id=quote, reason="LOST")
    assert told(refusal) == ("REASON_REQUIRED", ("input", "reason"))
    assert refusal.message == "'LOST' is not a reason for quote CLOSED; there are CANCELED."
    desk.do("close_quote", id=quote, reason="CANCELED")
    active = make_quote(desk)
    refusal = desk.refused("close_quote", id=active, reason="REVISED")
    assert refusal.message == "'REVISED' is not a reason for quote CLOSED; there are CANCELED, LOST."
