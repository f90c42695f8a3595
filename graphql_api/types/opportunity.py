"""What does the schema show of an opportunity?"""

from graphql_api.types.backed import backed_by, column, describe, money, one
from graphql_api.types.document import DocumentFields, LineFields
from graphql_api.types.node import Node, Versioned
from graphql_api.types.paging import many, ordered
from graphql_api.types.transition import transitions_of
from models.opportunity import ForecastCategory, OpportunityStatus, RevenueMode
from models.opportunity import Opportunity as OpportunityTable
from models.opportunity import OpportunityLine as OpportunityLineTable
from models.opportunity import Stage as StageTable

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


@backed_by(StageTable, is_node=False)
class Stage:
    """A step of the sales process. A company has its own steps and words."""

    code = column("Stable code, for programs, for example DEVELOP.", name="id")
    label = column("The step in the company's words.")
    position = column("Its place in the process, from the first step on.")
    probability = column("Percentage that an opportunity gets when it enters the step.")
    forecast_category = column("Category that an opportunity gets when it enters the step.")
    required_facts = column(
        "Fields of the opportunity to be filled before it moves on from this step.", kind=list[str]
    )


@backed_by(OpportunityTable)
class Opportunity(DocumentFields, Versioned, Node):
    """A deal in the making."""

    status = column("The opportunity's state.")
    stage = one("The step of the sales process that it is in.")
    stage_entered_at = column("When it entered the step.")
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
    close_activities = many("close_activity", "opportunity_id", "Why it was won or lost, each time.")
    transitions = transitions_of(OpportunityTable, OpportunityStatus)


@backed_by(OpportunityLineTable)
class OpportunityLine(LineFields, Node):
    """A product, or something written in, that the customer may buy."""

    opportunity = one("The opportunity that it belongs to.")
    quote_lines = many("quote_line", "opportunity_line_id", "The positions of quotes that were made from it.")
