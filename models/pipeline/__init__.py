"""Through which stages does a deal go? Pipelines and their stages: rows, so that a company has its own."""

from models.pipeline.record import ForecastCategory, Pipeline, PipelineStatus, Stage, StageFact
from models.pipeline.shaping import (
    activate_pipeline,
    add_stage,
    create_pipeline,
    deactivate_pipeline,
    live_stages,
    reorder_stages,
    restore_stage,
    retire_stage,
    update_pipeline,
    update_stage,
)

__all__ = [
    "ForecastCategory",
    "Pipeline",
    "PipelineStatus",
    "Stage",
    "StageFact",
    "activate_pipeline",
    "add_stage",
    "create_pipeline",
    "deactivate_pipeline",
    "live_stages",
    "reorder_stages",
    "restore_stage",
    "retire_stage",
    "update_pipeline",
    "update_stage",
]
