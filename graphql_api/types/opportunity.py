"""What does the schema show of an opportunity?"""

from collections.abc import Mapping
from typing import Any

from graphql_api.planner.backing import Computed
from graphql_api.types.backed import backed_by, column, computed, describe, money, one
from graphql_api.types.document import DocumentFields, LineFields, price_outdated
from graphql_api.types.node import Node, Versioned
from graphql_api.types.paging import many, ordered
from graphql_api.types.transition import transitions_of
from models.access import Viewer
from models.moment import Moment
from models.opportunity import Opportunity as OpportunityTable
from models.opportunity import OpportunityLine as OpportunityLineTable
from models.opportunity import OpportunityStatus, RevenueMode
from models.opportunity import StageVisit as StageVisitTable
from models.pipeline import ForecastCategory

describe(
    OpportunityStatus,
    "The states of an opportunity.",
    OPEN="Being worked on.",
    WON="The customer agreed. Read-only.",
    LOST="Nothing came of it. Read-only, and can be reopened.",
)
describe(
    RevenueMode,
    "Where the estimated revenue comes from.",
    SYSTEM_CALCULATED="It is the total of the lines.",
    USER_PROVIDED="Somebody typed it.",
)
describe(
    ForecastCategory,
    "How sure the revenue is.",
    PIPELINE="Possible.",
    BEST_CASE="Likely if all goes well.",
    COMMITTED="Promised by whoever looks after it.",
    OMITTED="Left out of forecasts.",
    WON="Won.",
    LOST="Lost.",
)
ordered(
    OpportunityTable,
    created_at="When the opportunity was opened.",
    updated_at="When a command last touched the opportunity.",
    estimated_close_on="By the day on which it is expected to close.",
    estimated_revenue="By estimated revenue, as a number: mind the currencies.",
)


def _days_in_stage(values: Mapping[str, Any], viewer: Viewer, moment: Moment) -> int | None:
    """Return the whole days since an opportunity came into its stage, None once it is closed."""
    del viewer
    is_open = values["status"] == OpportunityStatus.OPEN
    return (moment.now - values["stage_entered_at"]).days if is_open else None


@backed_by(OpportunityTable)
class Opportunity(DocumentFields, Versioned, Node):
    """A deal in the making."""

    status = column("The opportunity's state.")
    pipeline = one("The way of selling that it goes through.")
    stage = one("The step of its pipeline that it is in; once closed, the last that it was in.")
    stage_entered_at = column("When it entered the step.")
    days_in_stage = computed(
        Computed(("status", "stage_entered_at"), _days_in_stage),
        int | None,
        "Whole days since it entered the step; null once it is closed.",
    )
    stage_visits = many("stage_visit", "opportunity_id", "The steps that it has been in, each time.")
    held_at = column("When it was put on hold; null while it is not.")
    held_until = column("The day on which it goes on again; null where it waits for resumeOpportunity.")
    on_hold_seconds = column("How long it was on hold, all holds that are over together.")
    probability = column("Chance of winning in percent; that of the step unless it was typed.")
    is_probability_typed = column("Whether the probability was typed instead of taken from the step.")
    forecast_category = column("How sure the revenue is.")
    revenue_mode = column("Where the estimated revenue comes from.")
    estimated_revenue = money("What the deal is expected to bring.")
    estimated_close_on = column("The day on which it is expected to close.")
    actual_revenue = money("What the deal brought, once it is won.")
    actual_close_on = column("The day on which it was won or lost.")
    budget = money("What the customer can spend.")
    timeframe = column("When the customer wants to buy, in words.")
    need = column("What the customer needs.")
    proposed_solution = column("What we propose.")
    decision_on = column("The day on which the customer decides.")
    lead = one("The lead that it came from.")
    lines = many(
        "opportunity_line",
        "opportunity_id",
        "What the customer may buy, by position.",
        order=(("position", False),),
    )
    quotes = many("quote", "opportunity_id", "What was offered, every revision.")
    orders = many("order", "opportunity_id", "What the customer agreed to buy.")
    invoices = many("invoice", "opportunity_id", "What was billed.")
    is_price_outdated = price_outdated(OpportunityTable)
    close_activities = many("close_activity", "opportunity_id", "Why it was won or lost, each time.")
    transitions = transitions_of(OpportunityTable, OpportunityStatus)


@backed_by(StageVisitTable)
class StageVisit(Node):
    """A stay of an opportunity in a step of its pipeline. A close ends it; reopening begins another."""

    opportunity = one("The opportunity.")
    stage = one("The step.")
    entered_at = column("When it came.", name="created_at")
    left_at = column("When it moved on or was closed; null while it is there.")
    duration_seconds = column("How long it was there; null while it is there.")
    command = column("The command that brought it here, for example moveOpportunityStage.")


@backed_by(OpportunityLineTable)
class OpportunityLine(LineFields, Node):
    """A product, or something written in, that the customer may buy."""

    opportunity = one("The opportunity that it belongs to.")
    is_price_outdated = price_outdated(OpportunityLineTable)
    quote_lines = many("quote_line", "opportunity_line_id", "The positions of quotes that were made from it.")
