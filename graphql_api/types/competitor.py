"""What does the schema show of those who want the same deals?"""

from graphql_api.types.backed import backed_by, column, describe, one
from graphql_api.types.node import Node, Versioned
from graphql_api.types.paging import many, ordered
from graphql_api.types.timeline import own_story
from graphql_api.types.transition import transitions_of
from models.competitor import Competitor as CompetitorTable
from models.competitor import CompetitorStatus

describe(
    CompetitorStatus,
    "Whether deals still meet a competitor.",
    ACTIVE="Deals meet it.",
    INACTIVE="Kept for its history only.",
)
ordered(
    CompetitorTable,
    created_at="When the competitor was written down.",
    updated_at="When the competitor was changed last.",
    name="By name.",
)


@backed_by(CompetitorTable)
class Competitor(Versioned, Node):
    """A company that sells what we sell."""

    status = column("Whether deals still meet it.")
    status_reason = one("Why the competitor is in its state.", key="reason_id")
    name = column("Name; unique.")
    website = column("Web site.")
    strengths = column("What it does well, in words.")
    weaknesses = column("What it does less well, in words.")
    deals = many("opportunity_competitor", "competitor_id", "The deals that meet it.")
    won_deals = many("close_activity", "competitor_id", "The closes that name it as the winner.")
    transitions = transitions_of(CompetitorTable, CompetitorStatus)
    timeline = own_story()
