"""Does an opportunity know where it has been, for how long, and when it rests?"""

from datetime import timedelta
from decimal import Decimal

from models.opportunity import Opportunity, StageVisit
from models.pipeline import Stage
from tests.desk import TODAY, Desk, told
from tests.factories import Item, make_account, make_opportunity, make_quote, opportunity_of
from tests.process import make_pipeline, stage

_DAY = 24 * 60 * 60


def _visits(desk: Desk, opportunity: str) -> list[tuple[str, str, int | None]]:
    """Return the stays of an opportunity: stage, command, seconds."""
    codes = {each.id: each.code for each in desk.all(Stage)}
    found = desk.all(StageVisit, opportunity_id=opportunity)
    return [(codes[each.stage_id], each.command, each.duration_seconds) for each in found]


def test_every_stay_in_a_stage_is_kept_with_its_duration(desk: Desk) -> None:
    """Forwards, back, and by the quote that is out; the present stay has no end."""
    opportunity = make_opportunity(desk)
    desk.later(days=1).do("move_opportunity_stage", id=opportunity, stage="DEVELOP", override="Hurry.")
    desk.later(days=3).do("move_opportunity_stage", id=opportunity, stage="QUALIFY")
    late = desk.later(days=3, seconds=90)
    quote = late.do("generate_quote_from_opportunity", id=opportunity)["quote"]
    late.do("activate_quote", id=quote)
    assert _visits(desk, opportunity) == [
        ("QUALIFY", "createOpportunity", _DAY),
        ("DEVELOP", "moveOpportunityStage", 2 * _DAY),
        ("QUALIFY", "moveOpportunityStage", 90),
        ("PROPOSE", "activateQuote", None),
    ]
    last = desk.all(StageVisit, opportunity_id=opportunity)[-1]
    assert (last.created_at, last.left_at) == (late.now, None)
    assert desk.row(opportunity).stage_entered_at == late.now


def test_staying_is_no_move(desk: Desk) -> None:
    """A move into the stage that it is in begins no second stay."""
    opportunity = make_opportunity(desk)
    desk.later(days=1).do("move_opportunity_stage", id=opportunity, stage="QUALIFY")
    assert _visits(desk, opportunity) == [("QUALIFY", "createOpportunity", None)]
    assert desk.row(opportunity).stage_entered_at == desk.now


def test_a_close_ends_the_stay_and_reopening_begins_another(desk: Desk) -> None:
    """The time between a loss and its reopening is spent in no stage; a qualified lead begins one, too."""
    opportunity = make_opportunity(desk)
    desk.later(days=2).do("lose_opportunity", id=opportunity, reason="CANCELED")
    assert _visits(desk, opportunity) == [("QUALIFY", "createOpportunity", 2 * _DAY)]
    late = desk.later(days=9)
    late.do("reopen_opportunity", id=opportunity, reason="They called.")
    assert desk.row(opportunity).stage_entered_at == late.now
    late.later(days=1).do("win_opportunity", id=opportunity)
    assert _visits(desk, opportunity) == [
        ("QUALIFY", "createOpportunity", 2 * _DAY), ("QUALIFY", "reopenOpportunity", _DAY),
    ]  # fmt: skip


def test_a_deal_goes_on_in_another_pipeline(desk: Desk) -> None:
    """It enters the first stage or the named one, and moves among that pipeline's stages from then on."""
    pipeline = make_pipeline(desk)
    first, second = make_opportunity(desk), make_opportunity(desk)
    desk.do("change_opportunity_pipeline", id=first, pipeline_id=pipeline, note="A renewal.")
    desk.do("change_opportunity_pipeline", id=second, pipeline_id=pipeline, stage="SIGN")
    rows = [desk.read(Opportunity, each) for each in (first, second)]
    assert [(desk.stage_of(each.public_id), each.probability) for each in rows] == [
        ("TALK", 20),
        ("SIGN", 70),
    ]
    assert {each.pipeline_id for each in rows} == {desk.row(pipeline).id}
    assert desk.events_of(first)[-1].note == "A renewal."
    refusal = desk.refused("move_opportunity_stage", id=first, stage="QUALIFY")
    assert told(refusal) == ("VALIDATION", ("input", "stage"))
    assert refusal.message == "'QUALIFY' is not a stage of this pipeline; there are TALK, SIGN."
    refusal = desk.refused("change_opportunity_pipeline", id=first, pipeline_id=pipeline, stage="CLOSE")
    assert refusal.message == "'CLOSE' is not a stage of this pipeline; there are TALK, SIGN."


def test_a_pipeline_without_a_stage_of_offers_moves_nothing(desk: Desk) -> None:
    """Where the company names no such stage an active quote leaves the deal where it is."""
    pipeline = make_pipeline(desk)
    opportunity = make_opportunity(desk)
    desk.do("change_opportunity_pipeline", id=opportunity, pipeline_id=pipeline)
    quote = desk.do("generate_quote_from_opportunity", id=opportunity)["quote"]
    desk.do("activate_quote", id=quote)
    assert desk.stage_of(opportunity) == "TALK"


def test_a_stage_may_ask_for_lines_and_a_quote(desk: Desk) -> None:
    """Each missing fact is named with the command that brings it."""
    facts = ["NEED", "BUDGET", "LINES", "QUOTE"]
    pipeline = make_pipeline(desk, stages=[stage("TALK", 20, facts=facts), stage("SIGN", 70)])
    account = make_account(desk)
    made = desk.do("create_opportunity", name="Pumps", account_id=account, pipeline_id=pipeline)
    opportunity = made["opportunity"]
    refusal = desk.refused("move_opportunity_stage", id=opportunity, stage="SIGN")
    assert told(refusal) == ("STAGE_INCOMPLETE", ("input", "override"))
    assert refusal.message == (
        "Before Sign, updateOpportunity has to fill budget, need; addOpportunityLine has to add a line; "
        "generateQuoteFromOpportunity has to make a quote; or pass a reason as override."
    )
    desk.do("add_opportunity_line", id=opportunity, expected_version=None, **Item().given)
    desk.do("generate_quote_from_opportunity", id=opportunity)
    refusal = desk.refused("move_opportunity_stage", id=opportunity, stage="SIGN")
    assert refusal.message == (
        "Before Sign, updateOpportunity has to fill budget, need; or pass a reason as override."
    )
    desk.do("update_opportunity", id=opportunity, expected_version=None, need="Pressure.", budget=Decimal(0))
    desk.do("move_opportunity_stage", id=opportunity, stage="SIGN")


def test_a_deal_rests_and_goes_on(desk: Desk) -> None:
    """On hold it stays open, may be edited and quoted; all holds are added up."""
    opportunity = make_opportunity(desk)
    desk.do("hold_opportunity", id=opportunity, note="Waiting for the budget.")
    row = desk.row(opportunity)
    assert (row.status, row.reason, row.held_at, row.held_until) == ("OPEN", "ON_HOLD", desk.now, None)
    assert desk.events_of(opportunity)[-1].note == "Waiting for the budget."
    assert {"resumeOpportunity", "updateOpportunity", "winOpportunity"} <= set(desk.allowed(opportunity))
    refusal = desk.refused("hold_opportunity", id=opportunity)
    assert told(refusal) == ("ILLEGAL_TRANSITION", ("input", "id"))
    desk.do("update_opportunity", id=opportunity, expected_version=None, need="Pressure.")
    desk.later(hours=2).do("resume_opportunity", id=opportunity)
    row = desk.row(opportunity)
    assert (row.reason, row.held_at, row.on_hold_seconds) == ("IN_PROGRESS", None, 7200)
    desk.later(hours=3).do("hold_opportunity", id=opportunity)
    desk.later(hours=4).do("resume_opportunity", id=opportunity, note="Budget is there.")
    assert desk.row(opportunity).on_hold_seconds == 3 * 3600
    assert desk.events_of(opportunity)[-1].note == "Budget is there."


def test_the_clock_resumes_a_deal_on_its_day(desk: Desk) -> None:
    """Not before, in the organisation's time zone, by nobody; without a day it waits."""
    opportunity, waiting = make_opportunity(desk), make_opportunity(desk)
    day = TODAY + timedelta(days=3)
    desk.do("hold_opportunity", id=opportunity, until=day)
    desk.do("hold_opportunity", id=waiting)
    assert desk.later(days=2, hours=14).tick() == []
    late = desk.later(days=2, hours=16)
    (tick,) = late.tick()
    assert (tick.command, tick.record.public_id) == ("resumeOpportunity", opportunity)
    row = desk.row(opportunity)
    assert (row.reason, row.held_until, row.on_hold_seconds) == ("IN_PROGRESS", None, (2 * 24 + 16) * 3600)
    event = desk.events_of(opportunity)[-1]
    assert (event.type, event.actor_id) == ("opportunity.resumed", None)
    assert desk.row(waiting).reason == "ON_HOLD"


def test_a_hold_until_today_is_refused(desk: Desk) -> None:
    """The day has to lie in the future."""
    opportunity = make_opportunity(desk)
    refusal = desk.refused("hold_opportunity", id=opportunity, until=TODAY)
    assert told(refusal) == ("INVALID_DATES", ("input", "until"))
    assert refusal.message == f"until {TODAY} is not after today, {TODAY}: pass a later day."


def test_a_deal_that_ends_on_hold_rests_no_longer(desk: Desk) -> None:
    """A win, by its quote or by hand, and a loss end the hold."""
    quote = make_quote(desk)
    sold, lost = opportunity_of(desk, quote), make_opportunity(desk)
    for opportunity in (sold, lost):
        desk.do("hold_opportunity", id=opportunity, until=TODAY + timedelta(days=3))
    late = desk.later(hours=1)
    late.do("accept_quote", id=quote)
    late.do("lose_opportunity", id=lost, reason="OUT_SOLD")
    rows = [desk.row(each) for each in (sold, lost)]
    assert [(row.status, row.held_at, row.held_until, row.on_hold_seconds) for row in rows] == [
        ("WON", None, None, 3600), ("LOST", None, None, 3600),
    ]  # fmt: skip
    late.do("reopen_opportunity", id=lost, reason="They called.")
    assert desk.row(lost).reason == "IN_PROGRESS"
