"""What does the schema show of the sales process?"""

from graphql_api.types.backed import backed_by, column, describe, one
from graphql_api.types.node import Node, Versioned
from graphql_api.types.paging import many, ordered
from graphql_api.types.timeline import own_story
from graphql_api.types.transition import transitions_of
from models.pipeline import Pipeline as PipelineTable
from models.pipeline import PipelineStatus, StageFact
from models.pipeline import Stage as StageTable

describe(
    PipelineStatus,
    "Whether new deals may start in a pipeline.",
    ACTIVE="New deals may start in it.",
    INACTIVE="No new deal starts in it; those that are in it go on.",
)
describe(
    StageFact,
    "What has to be known of an opportunity before it moves on from a stage.",
    CONTACT="The person to talk to.",
    BUDGET="What the customer can spend.",
    TIMEFRAME="When the customer wants to buy.",
    NEED="What the customer needs.",
    PROPOSED_SOLUTION="What we propose.",
    ESTIMATED_CLOSE_ON="The day on which it is expected to close.",
    DECISION_ON="The day on which the customer decides.",
    RATING="How warm the customer's interest is.",
    BUDGET_STATUS="How sure the money is.",
    PURCHASE_PROCESS="Who decides: one person or several.",
    PURCHASE_TIMEFRAME="When the customer wants to buy, by quarters.",
    CURRENT_SITUATION="How the customer manages today.",
    PAIN_POINTS="What hurts the customer today.",
    DECISION_MAKER_IDENTIFIED="On the checklist: we know who decides.",
    PROPOSAL_DEVELOPED="On the checklist: the proposal is written.",
    INTERNAL_REVIEW_DONE="On the checklist: we have reviewed the proposal.",
    PROPOSAL_PRESENTED="On the checklist: the customer has seen the proposal.",
    FINAL_PROPOSAL_READY="On the checklist: the last proposal is written.",
    THANK_YOU_SENT="On the checklist: we have thanked for the decision.",
    DEBRIEF_DONE="On the checklist: we have talked over how it went.",
    STAKEHOLDERS="Who has a part in the decision: at least one stakeholder.",
    SALES_TEAM="Who works on it beside its owner: at least one member.",
    COMPETITORS="Who else wants it: at least one competitor.",
    LINES="What may be bought: at least one line.",
    QUOTE="An offer: at least one quote, whatever became of it.",
)
ordered(
    PipelineTable,
    created_at="When the pipeline was made.",
    updated_at="When the pipeline was changed last.",
    code="By code.",
)


@backed_by(PipelineTable)
class Pipeline(Versioned, Node):
    """A way of selling, with its own stages. A company has as many as it sells in ways."""

    status = column("Whether new deals may start in it.")
    status_reason = one("Why the pipeline is in its state.", key="reason_id")
    code = column("Stable code, for programs, for example RENEWALS.")
    name = column("What people call it.")
    is_default = column("Whether new deals start in it unless they say otherwise.")
    stages = many(
        "stage",
        "pipeline_id",
        "Its stages in their order, retired ones as well.",
        order=(("position", False),),
    )
    opportunities = many("opportunity", "pipeline_id", "The deals that go through it, closed ones as well.")
    transitions = transitions_of(PipelineTable, PipelineStatus)
    timeline = own_story()


@backed_by(StageTable)
class Stage(Node):
    """A stage of a pipeline, in the company's own words."""

    pipeline = one("The pipeline that it is a stage of.")
    code = column("Stable code, for programs, for example DEVELOP. Unique within the pipeline.")
    label = column("The stage in the company's words.")
    position = column("Its place in the pipeline, from the first stage on.")
    probability = column("Percentage that an opportunity gets when it enters the stage.")
    forecast_category = column("Category that an opportunity gets when it enters the stage.")
    required_facts = column(
        "What has to be known of an opportunity before it moves on from this stage.", kind=list[StageFact]
    )
    is_proposal = column("Whether an opportunity in an earlier stage comes here once an offer is out.")
    retired_at = column("When it was retired, so that no opportunity enters it any more.")
    opportunities = many("opportunity", "stage_id", "The deals that are in it, or were last.")
    visits = many("stage_visit", "stage_id", "The stays of deals in it.")
