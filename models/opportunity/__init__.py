"""What could be sold, to whom, for how much, and by when? Opportunities."""

from models.opportunity.progress import (
    StageVisit,
    begin_visit,
    change_opportunity_pipeline,
    end_hold,
    enter_stage,
    first_stage,
    hold_opportunity,
    leave_stage,
    move_opportunity_stage,
    resume_opportunity,
    return_to_stage,
)
from models.opportunity.record import (
    Opportunity,
    OpportunityLine,
    OpportunityStatus,
    RevenueMode,
    recalculate,
    update_opportunity,
)

__all__ = [
    "Opportunity",
    "OpportunityLine",
    "OpportunityStatus",
    "RevenueMode",
    "StageVisit",
    "begin_visit",
    "change_opportunity_pipeline",
    "end_hold",
    "enter_stage",
    "first_stage",
    "hold_opportunity",
    "leave_stage",
    "move_opportunity_stage",
    "recalculate",
    "resume_opportunity",
    "return_to_stage",
    "update_opportunity",
]
