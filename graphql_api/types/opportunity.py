"""What does the schema show of an opportunity?"""

from collections.abc import Mapping
from typing import Any

from graphql_api.planner.backing import Computed
from graphql_api.types.backed import backed_by, by_name, column, computed, describe, money, one
from graphql_api.types.document import DocumentFields, LineFields, price_outdated
from graphql_api.types.node import Node, Versioned
from graphql_api.types.paging import many, ordered
from graphql_api.types.transition import transitions_of
from models.access import Viewer
from models.buying import BudgetStatus, PurchaseProcess, PurchaseTimeframe, Rating, StakeholderRole
from models.moment import Moment
from models.money import HUNDRED, round_money
from models.opportunity import Opportunity as OpportunityTable
from models.opportunity import OpportunityCompetitor as OpportunityCompetitorTable
from models.opportunity import OpportunityLine as OpportunityLineTable
from models.opportunity import OpportunityStatus, RevenueMode
from models.opportunity import SalesTeamMember as SalesTeamMemberTable
from models.opportunity import StageVisit as StageVisitTable
from models.opportunity import Stakeholder as StakeholderTable
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
describe(
    Rating,
    "How warm the customer's interest is.",
    HOT="Wants to buy.",
    WARM="May buy.",
    COLD="Hardly.",
)
describe(
    BudgetStatus,
    "How sure the money is.",
    NO_COMMITTED_BUDGET="No money is set aside.",
    MAY_BUY="Money may be found.",
    CAN_BUY="Money is there.",
    WILL_BUY="Money is set aside for this.",
)
describe(
    PurchaseProcess,
    "Who decides.",
    INDIVIDUAL="One person.",
    COMMITTEE="Several together.",
    UNKNOWN="We do not know.",
)
describe(
    PurchaseTimeframe,
    "When the customer wants to buy.",
    IMMEDIATE="At once.",
    THIS_QUARTER="This quarter.",
    NEXT_QUARTER="Next quarter.",
    THIS_YEAR="This year.",
    UNKNOWN="We do not know.",
)
describe(
    StakeholderRole,
    "What a contact is to a deal.",
    DECISION_MAKER="Decides.",
    CHAMPION="Speaks for us.",
    ECONOMIC_BUYER="Holds the budget.",
    INFLUENCER="Is listened to.",
    TECHNICAL_BUYER="Judges whether it fits.",
    END_USER="Will work with it.",
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


def _weighted_revenue(values: Mapping[str, Any], viewer: Viewer, moment: Moment) -> dict[str, str]:
    """Return the estimated revenue times the probability, as a Money."""
    del viewer, moment
    currency = values["currency_code"]
    weighted = round_money(values["estimated_revenue"] * values["probability"] / HUNDRED, currency)
    return {"amount": str(weighted), "currencyCode": currency}


@backed_by(OpportunityTable)
class Opportunity(DocumentFields, Versioned, Node):
    """A deal in the making."""

    status = column("The opportunity's state.")
    pipeline = one("The way of selling that it goes through.")
    stage = one("The stage of its pipeline that it is in; once closed, the last that it was in.")
    stage_entered_at = column("When it entered the stage.")
    days_in_stage = computed(
        Computed(("status", "stage_entered_at"), _days_in_stage),
        int | None,
        "Whole days since it entered the stage; null once it is closed.",
    )
    stage_visits = many("stage_visit", "opportunity_id", "The steps that it has been in, each time.")
    held_at = column("When it was put on hold; null while it is not.")
    held_until = column("The day on which it goes on again; null where it waits for resumeOpportunity.")
    on_hold_seconds = column("How long it was on hold, all holds that are over together.")
    probability = column("Chance of winning in percent; that of the stage unless it was typed.")
    is_probability_typed = column("Whether the probability was typed instead of taken from the stage.")
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
    weighted_revenue = computed(
        Computed(("estimated_revenue", "probability", "currency_code"), _weighted_revenue),
        by_name("Money"),
        "The estimated revenue times the probability, rounded to the currency.",
    )
    rating = column("How warm the customer's interest is.")
    budget_status = column("How sure the money is.")
    purchase_process = column("Who decides.")
    purchase_timeframe = column("When the customer wants to buy.")
    current_situation = column("How the customer manages today.")
    pain_points = column("What hurts the customer today.")
    is_decision_maker_identified = column("Whether we know who decides; null while nobody has said.")
    is_proposal_developed = column("Whether the proposal is written; null while nobody has said.")
    is_internal_review_done = column("Whether we have reviewed the proposal; null while nobody has said.")
    is_proposal_presented = column("Whether the customer has seen the proposal; null while nobody has said.")
    is_final_proposal_ready = column("Whether the last proposal is written; null while nobody has said.")
    is_thank_you_sent = column("Whether we have thanked for the decision; null while nobody has said.")
    is_debrief_done = column("Whether we have talked over how it went; null while nobody has said.")
    stakeholders = many("stakeholder", "opportunity_id", "The contacts with a part in the decision.")
    sales_team = many("sales_team_member", "opportunity_id", "The users who work on it beside its owner.")
    competitors = many("opportunity_competitor", "opportunity_id", "Who else wants it.")
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


@backed_by(StakeholderTable)
class Stakeholder(Node):
    """A contact with a part in the customer's decision."""

    created_at = column("When it was said.")
    opportunity = one("The deal.")
    contact = one("The person.")
    role = column("What the person is to the deal.")


@backed_by(SalesTeamMemberTable)
class SalesTeamMember(Node):
    """A user who works on a deal beside its owner."""

    created_at = column("When the user joined.")
    opportunity = one("The deal.")
    user = one("The user.")
    role = column("What the user does for the deal, in words.")


@backed_by(OpportunityCompetitorTable)
class OpportunityCompetitor(Node):
    """A competitor that a deal meets."""

    created_at = column("When it was said.")
    opportunity = one("The deal.")
    competitor = one("The competitor.")
    note = column("What is known of its offer, in words.")


@backed_by(OpportunityLineTable)
class OpportunityLine(LineFields, Node):
    """A product, or something written in, that the customer may buy."""

    opportunity = one("The opportunity that it belongs to.")
    is_price_outdated = price_outdated(OpportunityLineTable)
    quote_lines = many("quote_line", "opportunity_line_id", "The positions of quotes that were made from it.")
