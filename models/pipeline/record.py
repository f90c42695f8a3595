"""What is a pipeline, and what is a stage of it?"""

from datetime import datetime
from enum import StrEnum
from typing import ClassVar
from uuid import UUID

from sqlalchemy import JSON, ColumnClause, UniqueConstraint, literal_column
from sqlmodel import Field, Index

from models.record import Identifier, Instant, Part, choice
from models.status import Staged, reason_key


class PipelineStatus(StrEnum):
    """Whether new deals may start in a pipeline."""

    ACTIVE = "ACTIVE"
    INACTIVE = "INACTIVE"


class ForecastCategory(StrEnum):
    """How sure the revenue is."""

    PIPELINE = "PIPELINE"
    BEST_CASE = "BEST_CASE"
    COMMITTED = "COMMITTED"
    OMITTED = "OMITTED"
    WON = "WON"
    LOST = "LOST"


class StageFact(StrEnum):
    """What has to be known of an opportunity before it moves on from a stage."""

    CONTACT = "CONTACT"
    BUDGET = "BUDGET"
    TIMEFRAME = "TIMEFRAME"
    NEED = "NEED"
    PROPOSED_SOLUTION = "PROPOSED_SOLUTION"
    ESTIMATED_CLOSE_ON = "ESTIMATED_CLOSE_ON"
    DECISION_ON = "DECISION_ON"
    RATING = "RATING"
    BUDGET_STATUS = "BUDGET_STATUS"
    PURCHASE_PROCESS = "PURCHASE_PROCESS"
    PURCHASE_TIMEFRAME = "PURCHASE_TIMEFRAME"
    CURRENT_SITUATION = "CURRENT_SITUATION"
    PAIN_POINTS = "PAIN_POINTS"
    DECISION_MAKER_IDENTIFIED = "DECISION_MAKER_IDENTIFIED"
    PROPOSAL_DEVELOPED = "PROPOSAL_DEVELOPED"
    INTERNAL_REVIEW_DONE = "INTERNAL_REVIEW_DONE"
    PROPOSAL_PRESENTED = "PROPOSAL_PRESENTED"
    FINAL_PROPOSAL_READY = "FINAL_PROPOSAL_READY"
    THANK_YOU_SENT = "THANK_YOU_SENT"
    DEBRIEF_DONE = "DEBRIEF_DONE"
    STAKEHOLDERS = "STAKEHOLDERS"
    SALES_TEAM = "SALES_TEAM"
    COMPETITORS = "COMPETITORS"
    LINES = "LINES"
    QUOTE = "QUOTE"


_DEFAULT: ColumnClause[bool] = literal_column("is_default")


class Pipeline(Staged, table=True):
    """A way of selling, with its own stages."""

    __tablename__ = "pipeline"
    __table_args__ = (
        reason_key(),
        # New deals start in one pipeline unless they say otherwise.
        Index(
            "uq_pipeline_default", "is_default", unique=True, sqlite_where=_DEFAULT, postgresql_where=_DEFAULT
        ),
        Index("ix_pipeline_created_at_id", "created_at", "id"),
        Index("ix_pipeline_updated_at_id", "updated_at", "id"),
    )

    status: PipelineStatus = Field(sa_type=choice(PipelineStatus))
    code: str = Field(max_length=40, unique=True)
    name: str = Field(max_length=160)
    is_default: bool = False


class Stage(Part, table=True):
    """A stage of a pipeline."""

    __tablename__ = "stage"
    __table_args__ = (
        UniqueConstraint("pipeline_id", "code"),
        Index("ix_stage_pipeline_id_position_id", "pipeline_id", "position", "id"),
    )

    filtered: ClassVar[tuple[str, ...]] = ("code",)
    part_of: ClassVar[str] = "pipeline_id"

    pipeline_id: UUID = Field(foreign_key="pipeline.id", sa_type=Identifier)
    code: str = Field(max_length=40)
    label: str = Field(max_length=80)
    position: int
    # Percent; the default of an opportunity that enters the stage.
    probability: int
    forecast_category: ForecastCategory = Field(sa_type=choice(ForecastCategory))
    # What has to be known of the opportunity before it leaves the stage forwards: StageFacts.
    required_facts: list[str] = Field(default_factory=list, sa_type=JSON)
    # An opportunity in an earlier stage comes here once an offer is out.
    is_proposal: bool = False
    # No opportunity enters it any more; those that have been there keep it in their history.
    retired_at: datetime | None = Field(default=None, sa_type=Instant)
