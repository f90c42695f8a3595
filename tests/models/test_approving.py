"""Does an offer that passes a limit wait for its approver, and no other?"""

import re
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from functools import partial
from typing import Any

import pytest

from models.access import Role, User, Viewer
from models.approval import ApprovalPolicy
from models.errors import Forbidden
from models.quote import Quote, QuoteApproval, QuoteLine
from models.record import public_id
from tests.desk import TODAY, Desk, blocked, told
from tests.factories import Item, make_draft, make_opportunity, make_product, make_quote


def make_policy(desk: Desk, **given: Any) -> str:
    """Return a policy under which what is discounted by more than 10 % waits for an admin."""
    values = {"name": "Big discounts", "max_discount_percent": Decimal(10), "approver_role": "ADMIN"}
    made = desk.acting(Role.ADMIN).do("create_approval_policy", **(values | given))
    return str(made["approval_policy"])


def hired(desk: Desk) -> Desk:
    """Return the desk of another salesperson."""
    user = User(name="Sue", role=Role.SALES, created_at=desk.now)
    with desk.database.writing() as session:
        session.add(user)
        session.commit()
        return replace(desk, viewer=Viewer(user.id, user.name, user.role))


def decisions(desk: Desk, quote: str) -> list[tuple[str, str]]:
    """Return the approvals of a quote: by which policy, and what became of each."""
    return [(each.policy_name, each.decision) for each in desk.all(QuoteApproval, quote_id=quote)]


def test_without_a_policy_nothing_waits(desk: Desk) -> None:
    """Any discount goes out; there is nothing to submit."""
    quote = make_draft(desk, discount_percent=Decimal(90))
    refusal = desk.refused("submit_quote_for_approval", id=quote)
    assert told(refusal) == ("NO_APPROVAL_NEEDED", ("input", "id"))
    assert refusal.message == (
        "No policy asks for an approval of quote Q-2026-00001: activateQuote makes it active."
    )
    desk.do("activate_quote", id=quote)


def test_a_discount_above_the_limit_waits_for_its_approver(desk: Desk) -> None:
    """It is refused with policy and reason, submitted, approved, and goes out; all of it is told."""
    make_policy(desk)
    quote = make_draft(desk, [Item("2", "100", "10")], discount_percent=Decimal(8))
    refusal = desk.refused("activate_quote", id=quote)
    assert told(refusal) == ("APPROVAL_REQUIRED", ("input", "id"))
    assert refusal.message == (
        "Quote Q-2026-00001 needs approval: Big discounts (discount 12.6 % is above 10 %). "
        "submitQuoteForApproval asks for it."
    )
    assert "activateQuote" not in desk.allowed(quote)
    desk.do("submit_quote_for_approval", id=quote, note="A large customer.")
    row = desk.read(Quote, quote)
    assert (row.state, row.approved_at) == ("DRAFT.PENDING_APPROVAL", None)
    (approval,) = desk.all(QuoteApproval)
    assert (approval.policy_name, approval.asked_of, approval.finding, approval.requested_by_id) == (
        "Big discounts", "ADMIN", "discount 12.6 % is above 10 %", desk.viewer.id,
    )  # fmt: skip
    assert desk.refused("activate_quote", id=quote).code == "APPROVAL_REQUIRED"
    assert desk.do("submit_quote_for_approval", id=quote).already_done
    boss = desk.acting(Role.ADMIN)
    assert ("approveQuote" in boss.allowed(quote), "approveQuote" in desk.allowed(quote)) == (True, False)
    boss.do("approve_quote", id=quote, note="Fine.")
    (approval,) = desk.all(QuoteApproval)
    assert (approval.decision, approval.note, approval.decided_by_id, approval.decided_at) == (
        "APPROVED", "Fine.", boss.viewer.id, desk.now,
    )  # fmt: skip
    row = desk.read(Quote, quote)
    assert (row.state, row.approved_at) == ("DRAFT.IN_PROGRESS", desk.now)
    assert desk.refused("submit_quote_for_approval", id=quote).code == "NO_APPROVAL_NEEDED"
    desk.do("activate_quote", id=quote)
    assert [(event.type, event.note) for event in desk.events_of(quote)][1:] == [
        ("quote.submitted_for_approval", "A large customer."),
        ("quote.approved", "Fine."),
        ("quote.activated", None),
    ]


def test_what_is_within_the_limits_goes_out(desk: Desk) -> None:
    """Exactly at the limit is within it; another currency is not looked at."""
    make_policy(desk)
    make_policy(desk, name="Large", max_discount_percent=None, max_total=Decimal(238), currency_code="EUR")
    make_policy(desk, name="Dollars", max_discount_percent=Decimal(0), currency_code="USD")
    make_quote(desk, discount_percent=Decimal(10))
    make_quote(desk, [Item("2", "100")])
    refusal = desk.refused("activate_quote", id=make_draft(desk, [Item("20", "1000.01")]))
    assert refusal.message == (
        "Quote Q-2026-00003 needs approval: Large (total EUR 23,800.24 is above EUR 238.00). "
        "submitQuoteForApproval asks for it."
    )


def test_a_margin_below_the_limit_waits(desk: Desk) -> None:
    """Costs are those of the catalogue, in the unit that they are for; what has no cost costs nothing."""
    make_policy(desk, name="Thin", max_discount_percent=None, min_margin_percent=Decimal(20))
    pump = make_product(desk, list_price=Decimal(100), standard_cost=Decimal(85))
    opportunity = make_opportunity(desk, ())
    desk.do(
        "add_opportunity_line", id=opportunity, expected_version=None, product_id=pump, quantity=Decimal(4)
    )
    quote = desk.do("generate_quote_from_opportunity", id=opportunity)["quote"]
    refusal = desk.refused("activate_quote", id=quote)
    assert refusal.message == (
        "Quote Q-2026-00001 needs approval: Thin (margin 15 % is below 20 %). "
        "submitQuoteForApproval asks for it."
    )
    desk.do("add_quote_line", id=quote, expected_version=None, **Item("1", "25").given)
    desk.do("activate_quote", id=quote)


def _priced(desk: Desk, product: str, price: str, currency: str = "EUR") -> str:
    """Return a draft of four units at a typed price, whatever currency the product has."""
    quote = make_draft(desk, (), currency=currency)
    given = {"product_id": product, "quantity": Decimal(4), "price_per_unit": Decimal(price)}
    desk.do("add_quote_line", id=quote, expected_version=None, **given)
    return quote


def _finding(desk: Desk, quote: str) -> str | None:
    """Return what a policy finds in a draft today, None where nothing; offers and commands agree."""
    if "activateQuote" in desk.allowed(quote):
        desk.tried("activate_quote", id=quote)
        assert desk.refused("submit_quote_for_approval", id=quote).code == "NO_APPROVAL_NEEDED"
        return None
    desk.tried("submit_quote_for_approval", id=quote)
    refusal = desk.refused("activate_quote", id=quote)
    found = re.search(r"needs approval: Thin \((.+)\)\.", refusal.message)
    assert found is not None
    return found[1]


def test_a_cost_in_another_currency_counts_at_todays_rate(desk: Desk) -> None:
    """To the limit exactly; a rate of tomorrow counts tomorrow, one that is past no longer."""
    make_policy(desk, name="Thin", max_discount_percent=None, min_margin_percent=Decimal(20))
    pump = make_product(desk, currency_code="USD", list_price=Decimal(100), standard_cost=Decimal(88))
    set_rate = partial(desk.do, "set_exchange_rate", currency_code="USD")
    set_rate(rate="2.2", valid_from=TODAY - timedelta(days=400))
    set_rate(rate="0.5", valid_from=TODAY - timedelta(days=2))
    set_rate(rate="1.1")
    set_rate(rate="1", valid_from=TODAY + timedelta(days=1))
    set_rate(rate="2.2", valid_from=TODAY + timedelta(days=2))
    # USD 88.00 are EUR 80.00 today, EUR 88.00 tomorrow, and EUR 40.00 the day after.
    at_limit, below = _priced(desk, pump, "100"), _priced(desk, pump, "99.99")
    margins = [[_finding(desk.later(days=days), quote) for days in range(3)] for quote in (at_limit, below)]
    assert margins == [
        [None, "margin 12 % is below 20 %", None],
        ["margin 19.99 % is below 20 %", "margin 11.99 % is below 20 %", None],
    ]


def test_costs_are_taken_to_the_currency_of_the_quote(desk: Desk) -> None:
    """From the organisation's own into another one, and from a third one through it."""
    make_policy(desk, name="Thin", max_discount_percent=None, min_margin_percent=Decimal(20))
    own = make_product(desk, list_price=Decimal(100), standard_cost=Decimal(80))
    third = make_product(desk, currency_code="GBP", list_price=Decimal(100), standard_cost=Decimal(40))
    quotes = [_priced(desk, each, "110", "USD") for each in (own, third)]
    assert [_finding(desk, each) for each in quotes] == [None, None]
    desk.do("set_exchange_rate", currency_code="USD", rate="1.25")
    # EUR 80.00 are USD 100.00; without a rate of its own a cost counts as none.
    assert [_finding(desk, each) for each in quotes] == ["margin 9.09 % is below 20 %", None]
    desk.do("set_exchange_rate", currency_code="GBP", rate="0.5")
    assert [_finding(desk, each) for each in quotes] == ["margin 9.09 % is below 20 %"] * 2


def test_a_rate_counts_by_the_companys_own_day(desk: Desk) -> None:
    """It is still yesterday in Los Angeles, where a quote is made when today's rate has begun elsewhere."""
    west = desk.later(hours=-6).abroad("America/Los_Angeles")
    make_policy(west, name="Thin", max_discount_percent=None, min_margin_percent=Decimal(20))
    pump = make_product(west, currency_code="USD", list_price=Decimal(100), standard_cost=Decimal(88))
    for days, rate in ((-2, "2.2"), (-1, "1.1"), (0, "2.2")):
        day = TODAY + timedelta(days=days)
        west.do("set_exchange_rate", currency_code="USD", rate=rate, valid_from=day)
    quote = _priced(west, pump, "99.99")
    assert (west.moment.today, _finding(west, quote)) == (
        TODAY - timedelta(days=1), "margin 19.99 % is below 20 %",
    )  # fmt: skip
    assert _finding(west.later(days=1), quote) is None


def test_a_cost_without_a_rate_counts_as_none(desk: Desk) -> None:
    """One in the quote's own currency needs none, though another line's has none."""
    make_policy(desk, name="Thin", max_discount_percent=None, min_margin_percent=Decimal(20))
    yen = make_product(desk, currency_code="JPY", list_price=Decimal(100), standard_cost=Decimal(9000))
    dollars = make_product(desk, currency_code="USD", list_price=Decimal(100), standard_cost=Decimal(85))
    desk.do("set_exchange_rate", currency_code="JPY", rate="160", valid_from=TODAY + timedelta(days=1))
    quote = _priced(desk, yen, "100", "USD")
    assert _finding(desk, quote) is None
    desk.do(
        "add_quote_line", id=quote, expected_version=None, product_id=dollars, quantity=Decimal(4),
        price_per_unit=Decimal(0),
    )  # fmt: skip
    assert _finding(desk, quote) == "margin 15 % is below 20 %"


def test_an_edit_withdraws_the_approval(desk: Desk) -> None:
    """Whether asked for or given: another offer is approved anew; the old approvals stay to be read."""
    make_policy(desk)
    quote = make_draft(desk, discount_percent=Decimal(20))
    boss = desk.acting(Role.ADMIN)
    (line,) = desk.all(QuoteLine)
    given = {"id": quote, "expected_version": None}
    edits: list[tuple[str, dict[str, Any]]] = [
        ("update_quote", {"discount_percent": Decimal(21)}),
        ("add_quote_line", Item().given),
        ("update_quote_line", {"line_id": line.public_id, "quantity": Decimal(3)}),
        ("remove_quote_line", {"line_id": line.public_id}),
        ("copy_opportunity_lines", {"opportunity_id": make_opportunity(desk)}),
    ]
    for number, (name, values) in enumerate(edits):
        desk.do("submit_quote_for_approval", id=quote)
        if number % 2:
            boss.do("approve_quote", id=quote)
        desk.do(name, **given, **values)
        assert (desk.row(quote).state, desk.row(quote).approved_at) == ("DRAFT.IN_PROGRESS", None)
        assert decisions(desk, quote) == [("Big discounts", "WITHDRAWN")] * (number + 1)
        assert desk.refused("activate_quote", id=quote).code == "APPROVAL_REQUIRED"


def test_a_rejected_quote_is_changed_and_submitted_again(desk: Desk) -> None:
    """The reason is needed and kept; the next approval counts."""
    make_policy(desk)
    quote = make_draft(desk, discount_percent=Decimal(50))
    desk.do("submit_quote_for_approval", id=quote)
    boss = desk.acting(Role.ADMIN)
    refusal = boss.refused("reject_quote_approval", id=quote, reason=" ")
    assert told(refusal) == ("REASON_REQUIRED", ("input", "reason"))
    assert refusal.message == "Say why the approval is rejected."
    boss.do("reject_quote_approval", id=quote, reason="Half is too much.")
    assert (desk.row(quote).state, decisions(desk, quote)) == (
        "DRAFT.IN_PROGRESS", [("Big discounts", "REJECTED")],
    )  # fmt: skip
    assert desk.events_of(quote)[-1].type == "quote.approval_rejected"
    assert desk.refused("activate_quote", id=quote).code == "APPROVAL_REQUIRED"
    desk.do("update_quote", id=quote, expected_version=None, discount_percent=Decimal(15))
    desk.do("submit_quote_for_approval", id=quote)
    boss.do("approve_quote", id=quote)
    desk.do("activate_quote", id=quote)
    assert desk.do("accept_quote", id=quote)["order"]


def test_nobody_approves_an_own_quote(desk: Desk) -> None:
    """Though the role could; a colleague does, or a reject says no in the same way."""
    make_policy(desk, approver_role="SALES")
    quote = make_draft(desk, discount_percent=Decimal(20))
    desk.do("submit_quote_for_approval", id=quote)
    for name, given in (("approve_quote", {}), ("reject_quote_approval", {"reason": "No."})):
        refusal = blocked(desk.refused(name, id=quote, **given))
        assert told(refusal) == ("APPROVER_IS_AUTHOR", ("input", "id"))
        assert refusal.message == "You submitted this quote: somebody else has to approve or reject it."


def test_nobody_has_an_own_quote_submitted_to_approve_it(desk: Desk) -> None:
    """Whoever made the draft does not decide about it, whoever submits it; a third one does."""
    make_policy(desk, approver_role="SALES")
    quote = make_draft(desk, discount_percent=Decimal(20))
    colleague = hired(desk)
    colleague.do("submit_quote_for_approval", id=quote)
    refusal = blocked(desk.refused("approve_quote", id=quote))
    assert told(refusal) == ("APPROVER_IS_AUTHOR", ("input", "id"))
    assert refusal.message == "You made this quote: somebody else has to approve or reject it."
    hired(desk).do("approve_quote", id=quote)
    assert desk.row(quote).approved_at == desk.now


def test_each_policy_has_its_own_approver(desk: Desk) -> None:
    """Who is asked for none is told whom to ask; the draft waits for the last of them."""
    one = public_id("user", desk.users[Role.SALES].id)
    make_policy(desk)
    make_policy(
        desk, name="Every offer", max_discount_percent=Decimal(0), approver_role=None, approver_id=one
    )
    colleague = hired(desk)
    quote = make_draft(colleague, discount_percent=Decimal(20))
    colleague.do("submit_quote_for_approval", id=quote)
    assert decisions(desk, quote) == [("Big discounts", "PENDING"), ("Every offer", "PENDING")]
    desk.do("approve_quote", id=quote)
    assert (desk.row(quote).state, desk.row(quote).approved_at) == ("DRAFT.PENDING_APPROVAL", None)
    refusal = desk.refused("approve_quote", id=quote)
    assert told(refusal) == ("NOT_APPROVER", ("input", "id"))
    assert refusal.message == "Quote Q-2026-00001 waits for ADMIN: ask them."
    assert colleague.refused("approve_quote", id=quote).code == "APPROVER_IS_AUTHOR"
    desk.acting(Role.ADMIN).do("approve_quote", id=quote)
    assert desk.row(quote).state == "DRAFT.IN_PROGRESS"


def test_a_policy_is_data_that_an_admin_keeps(desk: Desk) -> None:
    """It is changed and put out of force; drafts that wait are free then."""
    policy = make_policy(desk)
    quote = make_draft(desk, discount_percent=Decimal(12))
    boss = desk.acting(Role.ADMIN)
    boss.do("update_approval_policy", id=policy, max_discount_percent=Decimal(12))
    assert "activateQuote" in desk.allowed(quote)
    boss.do("update_approval_policy", id=policy, max_discount_percent=Decimal(1))
    desk.do("submit_quote_for_approval", id=quote)
    boss.do("update_approval_policy", id=policy, is_active=False)
    desk.do("activate_quote", id=quote)
    row = desk.read(ApprovalPolicy, policy)
    assert (row.name, row.max_discount_percent, row.is_active, row.asked_of, row.version) == (
        "Big discounts", Decimal(1), False, "ADMIN", 4,
    )  # fmt: skip
    for name, given in (
        ("create_approval_policy", {"name": "X"}),
        ("update_approval_policy", {"id": policy}),
    ):
        assert isinstance(desk.refused(name, **given), Forbidden)


@pytest.mark.parametrize(
    ("given", "path", "message"),
    [
        ({"name": " "}, "name", "A policy needs a name of printable characters."),
        ({"name": "a\nb"}, "name", "A policy needs a name of printable characters."),
        ({"max_discount_percent": None}, "maxDiscountPercent",
         "A policy needs a limit: maxDiscountPercent, minMarginPercent or maxTotal."),
        ({"max_discount_percent": Decimal(101)}, "maxDiscountPercent",
         "maxDiscountPercent is 101; a percentage is between 0 and 100."),
        ({"min_margin_percent": Decimal(-1)}, "minMarginPercent",
         "minMarginPercent is -1; a percentage is between 0 and 100."),
        ({"max_total": Decimal(5)}, "currencyCode", "maxTotal is an amount: pass its currencyCode."),
        ({"max_total": Decimal("0.001"), "currency_code": "EUR"}, "maxTotal",
         "maxTotal is 0.001; EUR has 2 digits behind the point."),
        ({"approver_role": None}, "approverRole",
         "Say who approves: pass either approverRole or approverId."),
        ({"approver_role": "SUPPORT"}, "approverRole",
         "The role SUPPORT runs no commands; who approves is ADMIN or SALES."),
    ],
)  # fmt: skip
def test_a_policy_that_cannot_be_is_refused(
    desk: Desk, given: dict[str, Any], path: str, message: str
) -> None:
    """Each at its argument, in words."""
    values = {"name": "P", "max_discount_percent": Decimal(10), "approver_role": "ADMIN"} | given
    refusal = desk.acting(Role.ADMIN).refused("create_approval_policy", **values)
    assert (told(refusal), refusal.message) == (("VALIDATION", ("input", path)), message)


def test_a_policy_names_itself_and_its_approver_once(desk: Desk) -> None:
    """A second of the name, and an approver who runs no commands, are refused."""
    make_policy(desk)
    boss = desk.acting(Role.ADMIN)
    values: dict[str, Any] = {"name": "Big discounts", "max_discount_percent": Decimal(1)}
    refusal = boss.refused("create_approval_policy", **values, approver_role="ADMIN")
    assert told(refusal) == ("NUMBER_TAKEN", ("input", "name"))
    assert refusal.message == "There is a policy 'Big discounts' already; names are unique."
    partner = public_id("user", desk.users[Role.PARTNER].id)
    refusal = boss.refused("create_approval_policy", **(values | {"name": "P"}), approver_id=partner)
    assert told(refusal) == ("VALIDATION", ("input", "approverId"))
    assert refusal.message == "The role PARTNER runs no commands; who approves is ADMIN or SALES."
