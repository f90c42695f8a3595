"""Are the pipeline, the forecast and the fate of deals in each stage what the deals say, to the cent?"""

from decimal import Decimal
from typing import Any

import pytest

from models.access import Role
from models.record import public_id
from tests.desk import Desk
from tests.factories import make_account, make_opportunity, make_order
from tests.graphql_api.insight.window import answered, asked, refused
from tests.process import make_pipeline

PIPELINE = """query ($where: OpportunityWhere) { pipelineByStage(where: $where) {
    pipeline { code } stage { code } currencyCode count
    estimatedRevenue { amount currencyCode } weightedRevenue { amount } } }"""
FORECAST = """query ($where: OpportunityWhere, $from: Date, $to: Date) {
    forecast(where: $where, from: $from, to: $to) {
        month forecastCategory currencyCode count revenue { amount } weightedRevenue { amount } } }"""
STAGES = """query ($where: OpportunityWhere, $from: Date, $to: Date) {
    stagePerformance(where: $where, from: $from, to: $to) { stage { code } entered present won lost winRate
        stays medianDurationSeconds averageDurationSeconds } }"""
HOUR = 3_600


def deal(desk: Desk, revenue: str, *, stage: str | None = None, currency: str = "EUR", **given: Any) -> str:
    """Return an opportunity with a typed revenue, in a stage."""
    key = make_opportunity(desk, (), currency=currency, account=given.pop("account", None))
    if stage:
        desk.do("move_opportunity_stage", id=key, stage=stage, override="Known.")
    desk.do("update_opportunity", id=key, expected_version=None, estimated_revenue=Decimal(revenue), **given)
    return key


def of_stage(stage: str, count: int, revenue: str, weighted: str, currency: str = "EUR") -> dict[str, Any]:
    """Return a row of the pipeline as it is asked for."""
    return {
        "pipeline": {"code": "SALES"},
        "stage": {"code": stage},
        "currencyCode": currency,
        "count": count,
        "estimatedRevenue": {"amount": revenue, "currencyCode": currency},
        "weightedRevenue": {"amount": weighted},
    }


def test_the_pipeline_is_summed_by_stage_and_currency(desk: Desk) -> None:
    """Each deal is weighted and rounded by itself: 0.05 at 10 % is a cent, and so are two of them two."""
    deal(desk, "0.05")
    deal(desk, "0.05")
    deal(desk, "1000.01", stage="DEVELOP", probability=33)
    deal(desk, "1005", stage="DEVELOP", currency="JPY", probability=50)
    deal(desk, "0.005", stage="DEVELOP", currency="KWD", probability=50)
    lost = deal(desk, "99")
    desk.do("lose_opportunity", id=lost, reason="CANCELED")
    rows, _, statements = answered(desk, PIPELINE)
    assert rows["pipelineByStage"] == [
        of_stage("QUALIFY", 2, "0.10", "0.02"),
        of_stage("DEVELOP", 1, "1000.01", "330.00"),
        of_stage("DEVELOP", 1, "1005", "503", "JPY"),
        of_stage("DEVELOP", 1, "0.005", "0.003", "KWD"),
    ]
    # Sums, the places of the stages, pipelines and stages: as many for a thousand deals.
    assert len(statements) == 4


def test_the_largest_amounts_are_summed_and_weighted_exactly(desk: Desk) -> None:
    """Beyond the 64 bits of a sum of millionths."""
    for _ in range(3):
        deal(desk, "8999999999999.99", probability=99)
    (row,) = asked(desk, PIPELINE)["pipelineByStage"]
    assert row["estimatedRevenue"]["amount"] == "26999999999999.97"
    assert row["weightedRevenue"]["amount"] == "26729999999999.97"


def test_a_filter_says_which_deals_are_summed(desk: Desk) -> None:
    """Any filter that the list of opportunities takes, one along a link as well."""
    account = make_account(desk, name="Acme")
    deal(desk, "10", account=account)
    deal(desk, "20")
    where = {"account": {"name": {"eq": "Acme"}}}
    assert asked(desk, PIPELINE, where=where)["pipelineByStage"] == [of_stage("QUALIFY", 1, "10.00", "1.00")]
    assert asked(desk, PIPELINE, where={"or": []})["pipelineByStage"] == []
    assert refused(desk, PIPELINE, where={"account": {"id": {"eq": "quote_1"}}})[0] == "BAD_USER_INPUT"


def test_pipelines_come_after_the_default_one_in_the_order_of_their_codes(desk: Desk) -> None:
    """Stages in the order of their pipeline."""
    first = make_pipeline(desk, code="ALPHA")
    for stage in ("SIGN", "TALK"):
        key = deal(desk, "5")
        desk.do("change_opportunity_pipeline", id=key, pipeline_id=first, stage=stage)
    deal(desk, "7")
    rows = asked(desk, PIPELINE)["pipelineByStage"]
    places = [(row["pipeline"]["code"], row["stage"]["code"]) for row in rows]
    assert places == [("SALES", "QUALIFY"), ("ALPHA", "TALK"), ("ALPHA", "SIGN")]


def month(
    month: str | None, category: str, count: int, revenue: str, weighted: str, currency: str = "EUR"
) -> dict[str, Any]:
    """Return a row of the forecast as it is asked for."""
    return {
        "month": month,
        "forecastCategory": category,
        "currencyCode": currency,
        "count": count,
        "revenue": {"amount": revenue},
        "weightedRevenue": {"amount": weighted},
    }


@pytest.fixture
def forecast(desk: Desk) -> Desk:
    """Return the desk with deals that close in March, in April and nobody knows when."""
    april, march = desk.moment.today.replace(month=4), desk.moment.today
    deal(desk, "100", estimated_close_on=april)
    deal(desk, "200", estimated_close_on=april.replace(day=30), probability=25)
    deal(desk, "300", estimated_close_on=april, forecast_category="COMMITTED")
    deal(desk, "50", estimated_close_on=april, currency="USD")
    deal(desk, "40")
    won, lost = deal(desk, "1000", estimated_close_on=april), deal(desk, "70")
    desk.do("win_opportunity", id=won, actual_revenue=Decimal("900.50"), closed_on=march.replace(day=1))
    desk.do("lose_opportunity", id=lost, reason="CANCELED")
    return desk


def test_the_forecast_is_by_month_category_and_currency(forecast: Desk) -> None:
    """Open deals where they should close, closed ones where they did; unknown months last."""
    assert asked(forecast, FORECAST)["forecast"] == [
        month("2026-03-01", "WON", 1, "900.50", "900.50"),
        month("2026-03-01", "LOST", 1, "70.00", "0.00"),
        month("2026-04-01", "PIPELINE", 2, "300.00", "60.00"),
        month("2026-04-01", "PIPELINE", 1, "50.00", "5.00", "USD"),
        month("2026-04-01", "COMMITTED", 1, "300.00", "30.00"),
        month(None, "PIPELINE", 1, "40.00", "4.00"),
    ]


def test_the_forecast_keeps_to_a_period(forecast: Desk) -> None:
    """Both days are part of it; what is not expected on any day is in none."""
    rows = asked(forecast, FORECAST, **{"from": "2026-04-30", "to": "2026-04-30"})["forecast"]
    assert rows == [month("2026-04-01", "PIPELINE", 1, "200.00", "50.00")]
    rows = asked(forecast, FORECAST, to="2026-03-31")["forecast"]
    assert [row["forecastCategory"] for row in rows] == ["WON", "LOST"]
    refusal = refused(forecast, FORECAST, **{"from": "2026-05-01", "to": "2026-04-30"})
    assert refusal == ("BAD_USER_INPUT", "to: `to` is 2026-04-30, before `from`, 2026-05-01.")


def test_stages_tell_how_many_deals_were_won_and_how_long_they_stayed(desk: Desk) -> None:
    """Four stays of one, two, four and nine hours: the median is three hours, the average four."""
    keys = [deal(desk, "10") for _ in range(5)]
    for key, hours in zip(keys, (1, 2, 4, 9), strict=False):
        desk.later(hours=hours).do("move_opportunity_stage", id=key, stage="DEVELOP", override="Known.")
    later = desk.later(hours=10)
    later.do("win_opportunity", id=keys[0])
    later.do("lose_opportunity", id=keys[1], reason="CANCELED")
    later.do("lose_opportunity", id=keys[2], reason="CANCELED")
    # Back, and so a second stay of the same deal.
    later.do("move_opportunity_stage", id=keys[3], stage="QUALIFY")
    rows, _, statements = answered(later, STAGES)
    assert rows["stagePerformance"] == [
        {
            "stage": {"code": "QUALIFY"},
            "entered": 5,
            "present": 2,
            "won": 1,
            "lost": 2,
            "winRate": "33.33",
            "stays": 4,
            "medianDurationSeconds": 3 * HOUR,
            "averageDurationSeconds": 4 * HOUR,
        },
        {
            "stage": {"code": "DEVELOP"},
            "entered": 4,
            "present": 0,
            "won": 1,
            "lost": 2,
            "winRate": "33.33",
            "stays": 4,
            # Nine, eight, six hours and one.
            "medianDurationSeconds": 7 * HOUR,
            "averageDurationSeconds": 6 * HOUR,
        },
    ]
    assert len(statements) == 4


def test_stages_tell_of_a_period_by_when_deals_came(desk: Desk) -> None:
    """Days are those of the organisation; a stage without a close or an end has neither rate nor median."""
    east = desk.abroad("Asia/Tokyo")
    deal(east, "10")
    deal(east.later(hours=7), "10")
    rows = asked(east, STAGES, **{"from": "2026-03-03"})["stagePerformance"]
    assert [(row["entered"], row["winRate"], row["medianDurationSeconds"]) for row in rows] == [
        (1, None, None)
    ]
    assert asked(east, STAGES, to="2026-03-02")["stagePerformance"][0]["entered"] == 1
    assert asked(east, STAGES, to="2026-03-01")["stagePerformance"] == []


def test_a_partner_sees_the_sums_of_what_is_shared(desk: Desk) -> None:
    """And nothing of the others, not even in a median; a customer sees nothing."""
    account = make_account(desk)
    shared = deal(desk, "100", account=account, estimated_close_on=desk.moment.today)
    other = deal(desk, "900", estimated_close_on=desk.moment.today)
    for key, hours in ((shared, 2), (other, 8)):
        desk.later(hours=hours).do("move_opportunity_stage", id=key, stage="DEVELOP", override="Known.")
    partner = public_id("user", desk.users[Role.PARTNER].id)
    desk.do("share_account", id=account, partner_id=partner)
    look = desk.acting(Role.PARTNER)
    assert asked(look, PIPELINE)["pipelineByStage"] == [of_stage("DEVELOP", 1, "100.00", "30.00")]
    assert asked(look, FORECAST)["forecast"] == [month("2026-03-01", "PIPELINE", 1, "100.00", "30.00")]
    (first, _) = asked(look, STAGES)["stagePerformance"]
    assert (first["entered"], first["medianDurationSeconds"]) == (1, 2 * HOUR)
    customer = desk.acting(Role.CUSTOMER)
    assert asked(customer, PIPELINE)["pipelineByStage"] == []
    assert asked(customer, STAGES)["stagePerformance"] == []
    assert make_order(desk)
