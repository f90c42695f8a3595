"""Does an opportunity know its worth, its stage and its chance?"""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

from models.opportunity import Opportunity
from tests.desk import Desk, told
from tests.factories import Item, make_account, make_opportunity, make_price_list, make_product


def _update(desk: Desk, opportunity: str, **given: Any) -> Opportunity:
    desk.do("update_opportunity", id=opportunity, expected_version=None, **given)
    return desk.read(Opportunity, opportunity)


def test_an_opportunity_starts_in_the_first_stage(desk: Desk) -> None:
    """It is OPEN, in its customer's currency, with the first stage's probability and forecast."""
    account = make_account(desk, currency_code="USD")
    row = desk.row(desk.do("create_opportunity", name="Pumps", account_id=account)["opportunity"])
    assert (row.status, row.reason, row.currency_code) == ("OPEN", "IN_PROGRESS", "USD")
    assert (desk.stage_of(row.public_id), row.probability, row.forecast_category) == (
        "QUALIFY",
        10,
        "PIPELINE",
    )
    assert (row.revenue_mode, row.estimated_revenue) == ("SYSTEM_CALCULATED", Decimal(0))


def test_an_opportunity_needs_a_customer_and_a_name(desk: Desk) -> None:
    """A contact in person is a customer; without any the command is refused, as it is without a name."""
    refusal = desk.refused("create_opportunity", name="Pumps")
    assert told(refusal) == ("CUSTOMER_REQUIRED", ("input", "accountId"))
    account = make_account(desk)
    refusal = desk.refused("create_opportunity", name=" ", account_id=account)
    assert told(refusal) == ("VALIDATION", ("input", "name"))
    contact = desk.do("create_contact", last_name="Elm", account_id=account)["contact"]
    made = desk.do("create_opportunity", name="Pumps", contact_id=contact)["opportunity"]
    assert desk.row(made).account_id == desk.row(account).id


def test_computed_revenue_follows_the_lines(desk: Desk) -> None:
    """Every edit of lines and terms moves the estimated revenue with the total."""
    opportunity = make_opportunity(desk, [Item("2", "100", "0", "0")])
    assert desk.row(opportunity).estimated_revenue == Decimal(200)
    row = _update(desk, opportunity, discount_percent=Decimal(10), freight_amount=Decimal(5))
    assert row.estimated_revenue == row.total == Decimal(185)


def test_typed_revenue_stays_as_typed(desk: Desk) -> None:
    """A typed revenue switches the mode, and lines leave it alone until it is computed again."""
    opportunity = make_opportunity(desk, [Item("2", "100", "0", "0")])
    row = _update(desk, opportunity, estimated_revenue=Decimal(999))
    assert (row.revenue_mode, row.estimated_revenue, row.total) == (
        "USER_PROVIDED", Decimal(999), Decimal(200),
    )  # fmt: skip
    desk.do("add_opportunity_line", id=opportunity, expected_version=None, **Item("1", "50", tax="0").given)
    assert desk.row(opportunity).estimated_revenue == Decimal(999)
    row = _update(desk, opportunity, revenue_mode="SYSTEM_CALCULATED")
    assert row.estimated_revenue == Decimal(250)
    refusal = desk.refused(
        "update_opportunity", id=opportunity, expected_version=None, revenue_mode="SYSTEM_CALCULATED",
        estimated_revenue=Decimal(1),
    )  # fmt: skip
    assert told(refusal) == ("VALIDATION", ("input", "estimatedRevenue"))


def test_the_revenue_mode_is_set_by_itself(desk: Desk) -> None:
    """Typed, it keeps the present revenue or takes another; computed, it is the lines' again."""
    opportunity = make_opportunity(desk, [Item("2", "100", "0", "0")])
    given: dict[str, Any] = {"id": opportunity, "expected_version": None}
    desk.do("set_revenue_mode", **given, mode="USER_PROVIDED")
    desk.do("add_opportunity_line", **given, **Item("1", "50", tax="0").given)
    row = desk.read(Opportunity, opportunity)
    assert (row.revenue_mode, row.estimated_revenue, row.total) == (
        "USER_PROVIDED", Decimal(200), Decimal(250),
    )  # fmt: skip
    desk.do("set_revenue_mode", **given, mode="USER_PROVIDED", estimated_revenue=Decimal(99))
    assert desk.row(opportunity).estimated_revenue == Decimal(99)
    refusal = desk.refused(
        "set_revenue_mode", **given, mode="SYSTEM_CALCULATED", estimated_revenue=Decimal(1)
    )
    assert told(refusal) == ("VALIDATION", ("input", "estimatedRevenue"))
    assert refusal.message == (
        "With revenueMode SYSTEM_CALCULATED the lines make the revenue; leave estimatedRevenue out."
    )
    desk.do("set_revenue_mode", **given, mode="SYSTEM_CALCULATED")
    row = desk.read(Opportunity, opportunity)
    assert (row.revenue_mode, row.estimated_revenue) == ("SYSTEM_CALCULATED", Decimal(250))


_IMPOSSIBLE: list[tuple[dict[str, Any], str, str]] = [
    ({"name": " "}, "name", "VALIDATION"),
    ({"probability": 101}, "probability", "VALIDATION"),
    ({"probability": -1}, "probability", "VALIDATION"),
    ({"forecast_category": "WON"}, "forecastCategory", "VALIDATION"),
    ({"budget": Decimal("1.001")}, "budget", "VALIDATION"),
    ({"estimated_revenue": Decimal(-1)}, "estimatedRevenue", "VALIDATION"),
    ({"discount_percent": Decimal("100.5")}, "discountPercent", "VALIDATION"),
    ({"discount_amount": Decimal(-1)}, "discountAmount", "VALIDATION"),
    ({"discount_amount": Decimal("200.01")}, "discountAmount", "DISCOUNT_TOO_LARGE"),
    ({"freight_amount": Decimal("0.001")}, "freightAmount", "VALIDATION"),
    ({"freight_amount": Decimal(10) ** 13}, "freightAmount", "AMOUNT_TOO_LARGE"),
    ({"need": "x" * 2001}, "need", "VALIDATION"),
]


def test_an_update_that_cannot_be_is_refused(desk: Desk) -> None:
    """Each impossible value is refused with its path, and nothing is changed."""
    opportunity = make_opportunity(desk)
    for given, field, code in _IMPOSSIBLE:
        refusal = desk.refused("update_opportunity", id=opportunity, expected_version=None, **given)
        assert told(refusal) == (code, ("input", field)), given


def test_null_clears_and_absence_keeps(desk: Desk) -> None:
    """What is left out stays; null takes it away."""
    opportunity = make_opportunity(desk)
    _update(desk, opportunity, need="Pressure", decision_on=date(2026, 4, 1), budget=Decimal(5))
    row = _update(desk, opportunity, need=None)
    assert (row.need, row.decision_on, row.budget) == (None, date(2026, 4, 1), Decimal(5))


def test_a_probability_may_be_typed_at_the_beginning(desk: Desk) -> None:
    """It stands where the first stage's would; one that is none is refused."""
    given = {"name": "Pumps", "account_id": make_account(desk)}
    made = desk.do("create_opportunity", **given, probability=55)["opportunity"]
    desk.do("move_opportunity_stage", id=made, stage="DEVELOP", override="Hurry.")
    row = desk.read(Opportunity, made)
    assert (row.probability, row.is_probability_typed) == (55, True)
    refusal = desk.refused("create_opportunity", **given, probability=101)
    assert told(refusal) == ("VALIDATION", ("input", "probability"))


def test_a_typed_probability_survives_the_stage(desk: Desk) -> None:
    """Null goes back to the stage's."""
    opportunity = make_opportunity(desk)
    _update(desk, opportunity, probability=55, need="x")
    desk.do("move_opportunity_stage", id=opportunity, stage="DEVELOP")
    assert desk.row(opportunity).probability == 55
    assert _update(desk, opportunity, probability=None).probability == 30


def test_a_stage_is_left_when_its_facts_are_known(desk: Desk) -> None:
    """Forwards, every stage that is passed asks for its facts; a reason overrides, and is kept."""
    opportunity = make_opportunity(desk)
    refusal = desk.refused("move_opportunity_stage", id=opportunity, stage="PROPOSE")
    assert told(refusal) == ("STAGE_INCOMPLETE", ("input", "override"))
    assert refusal.message == (
        "Before Propose, updateOpportunity has to fill need, proposedSolution; or pass a reason as override."
    )
    _update(desk, opportunity, need="Pressure", proposed_solution="Pumps")
    later = desk.later(days=3)
    later.do("move_opportunity_stage", id=opportunity, stage="PROPOSE")
    row = desk.read(Opportunity, opportunity)
    assert (desk.stage_of(opportunity), row.probability, row.forecast_category, row.stage_entered_at) == (
        "PROPOSE", 60, "BEST_CASE", later.now,
    )  # fmt: skip
    later.do("move_opportunity_stage", id=opportunity, stage="CLOSE", override="Boss said so.")
    assert desk.events_of(opportunity)[-1].note == "Boss said so."
    later.do("move_opportunity_stage", id=opportunity, stage="QUALIFY")
    assert desk.row(opportunity).probability == 10


def test_an_unknown_stage_is_refused_with_the_known_ones(desk: Desk) -> None:
    """The stages of the company are named."""
    refusal = desk.refused("move_opportunity_stage", id=make_opportunity(desk), stage="DREAM")
    assert told(refusal) == ("VALIDATION", ("input", "stage"))
    assert refusal.message == (
        "'DREAM' is not a stage of this pipeline; there are QUALIFY, DEVELOP, PROPOSE, CLOSE."
    )


def test_an_active_quote_brings_the_stage_to_propose(desk: Desk) -> None:
    """Activation moves an earlier stage forwards, and a later one not back."""
    early, late = make_opportunity(desk), make_opportunity(desk)
    desk.do("move_opportunity_stage", id=late, stage="CLOSE", override="Hurry.")
    for opportunity, stage in ((early, "PROPOSE"), (late, "CLOSE")):
        quote = desk.do("generate_quote_from_opportunity", id=opportunity)["quote"]
        desk.do("activate_quote", id=quote)
        assert desk.stage_of(opportunity) == stage


def test_what_is_not_sold_like_this_goes_on_no_opportunity(desk: Desk) -> None:
    """A draft product, a part of a piece, another currency, a product that the price list lacks."""
    opportunity = make_opportunity(desk, ())
    edit: dict[str, Any] = {"id": opportunity, "expected_version": None}
    draft = desk.do("create_product", number="D", name="Draft")["product"]
    dollars = make_product(desk, name="Dollar pump", currency_code="USD")
    pump = make_product(desk, name="Pump")
    strict = replace(desk, organization=replace(desk.organization, price_list_is_mandatory=True))
    desk.do("update_opportunity", **edit, price_list_id=make_price_list(desk))
    for who, product, quantity, code, field in (
        (desk, draft, "1", "PRODUCT_NOT_ACTIVE", "productId"),
        (desk, dollars, "1", "CURRENCY_MISMATCH", "productId"),
        (desk, pump, "0.5", "FRACTIONAL_QUANTITY", "quantity"),
        (strict, pump, "1", "PRODUCT_NOT_IN_PRICE_LIST", "productId"),
    ):
        refusal = who.refused("add_opportunity_line", **edit, product_id=product, quantity=Decimal(quantity))
        assert told(refusal) == (code, ("input", field))
        assert refusal.message
