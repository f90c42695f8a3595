"""How does the company do? What is in the pipeline and owed to it, how deals fare, and what is due next.

Reads only. Every question is answered by a fixed number of statements, under the row rule of whoever asks.
"""

from models.insight.attention import FEWEST_STAYS, AttentionKind, Item, Wanted, attention
from models.insight.movement import Move, Movement, MovementKind, movement, moves, pipeline_at
from models.insight.pipeline import ForecastSum, StageSum, forecast, pipeline_by_stage
from models.insight.receivables import (
    Bucket,
    ReceivableAge,
    Receivables,
    receivables,
    receivables_by_account,
)
from models.insight.scope import Filter, Scope, scope, scope_of
from models.insight.stages import StagePerformance, stage_performance

__all__ = [
    "FEWEST_STAYS",
    "AttentionKind",
    "Bucket",
    "Filter",
    "ForecastSum",
    "Item",
    "Move",
    "Movement",
    "MovementKind",
    "ReceivableAge",
    "Receivables",
    "Scope",
    "StagePerformance",
    "StageSum",
    "Wanted",
    "attention",
    "forecast",
    "movement",
    "moves",
    "pipeline_at",
    "pipeline_by_stage",
    "receivables",
    "receivables_by_account",
    "scope",
    "scope_of",
    "stage_performance",
]
