"""What does the schema show of how the company does?"""

from graphql_api.types.insight.attention import root_attention
from graphql_api.types.insight.movement import root_pipeline_movement, root_pipeline_moves
from graphql_api.types.insight.receivables import root_receivables, root_receivables_by_account
from graphql_api.types.insight.sales import root_forecast, root_pipeline_by_stage, root_stage_performance

__all__ = [
    "root_attention",
    "root_forecast",
    "root_pipeline_by_stage",
    "root_pipeline_movement",
    "root_pipeline_moves",
    "root_receivables",
    "root_receivables_by_account",
    "root_stage_performance",
]
