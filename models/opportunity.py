"""What could be sold, to whom, for how much, and by when? Opportunities."""

from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Annotated, ClassVar
from uuid import UUID

from sqlalchemy import JSON
from sqlmodel import Field, Index, SQLModel, col, select

from models.document import Document, Line, reprice, require_money, require_percent, set_terms
from models.errors import Blocker, Invalid
from models.lifecycle import KEEP, Change, Kept, kept, transition
from models.money import Amount
from models.record import Identifier, Instant, camel, choice
from models.status import reason_key


class OpportunityStatus(StrEnum):
    """The states of an opportunity."""

    OPEN = "OPEN"
    WON = "WON"
    LOST = "LOST"


class RevenueMode(StrEnum):
    """Where the estimated revenue comes from."""

    SYSTEM_CALCULATED = "SYSTEM_CALCULATED"
    USER_PROVIDED = "USER_PROVIDED"


class ForecastCategory(StrEnum):
    """How sure the revenue is."""

    PIPELINE = "PIPELINE"
    BEST_CASE = "BEST_CASE"
    COMMITTED = "COMMITTED"
    OMITTED = "OMITTED"
    WON = "WON"
    LOST = "LOST"


class Stage(SQLModel, table=True):
    """A step of the sales process. Rows, so that a company has its own steps and words."""

    __tablename__ = "stage"

    # Its code, for example DEVELOP.
    id: str = Field(primary_key=True, max_length=40)
    label: str = Field(max_length=80)
    position: int = Field(unique=True)
    # Percent; the default of an opportunity that enters the stage.
    probability: int
    forecast_category: ForecastCategory = Field(sa_type=choice(ForecastCategory))
    # The fields of the opportunity that have to be filled before it leaves the stage forwards.
    required_facts: list[str] = Field(default_factory=list, sa_type=JSON)


class Opportunity(Document, table=True):
    """A deal in the making."""

    __tablename__ = "opportunity"
    __table_args__ = (
        reason_key(),
        Index("ix_opportunity_account_id_id", "account_id", "id"),
        Index("ix_opportunity_created_at_id", "created_at", "id"),
        Index("ix_opportunity_updated_at_id", "updated_at", "id"),
        Index("ix_opportunity_estimated_close_on_id", "estimated_close_on", "id"),
        Index("ix_opportunity_estimated_revenue_id", "estimated_revenue", "id"),
    )

    read_only: ClassVar[frozenset[StrEnum]] = frozenset({OpportunityStatus.WON, OpportunityStatus.LOST})

    status: OpportunityStatus = Field(sa_type=choice(OpportunityStatus))
    # Unique: a lead becomes one opportunity, whatever is clicked, retried or raced.
    lead_id: UUID | None = Field(default=None, foreign_key="lead.id", sa_type=Identifier, unique=True)
    stage_id: str = Field(foreign_key="stage.id", max_length=40, index=True)
    stage_entered_at: datetime = Field(sa_type=Instant)
    # Percent; that of the stage unless it was typed.
    probability: int
    is_probability_typed: bool = False
    forecast_category: ForecastCategory = Field(sa_type=choice(ForecastCategory))
    revenue_mode: RevenueMode = Field(sa_type=choice(RevenueMode))
    estimated_revenue: Decimal = Field(default=Decimal(0), sa_type=Amount)
    estimated_close_on: date | None = None
    actual_revenue: Decimal | None = Field(default=None, sa_type=Amount)
    actual_close_on: date | None = None
    budget: Decimal | None = Field(default=None, sa_type=Amount)
    timeframe: str | None = Field(default=None, max_length=100)
    need: str | None = Field(default=None, max_length=2000)
    proposed_solution: str | None = Field(default=None, max_length=2000)
    decision_on: date | None = None


class OpportunityLine(Line, table=True):
    """A product, or something written in, that the customer may buy."""

    __tablename__ = "opportunity_line"
    __table_args__ = (
        Index("ix_opportunity_line_opportunity_id_position_id", "opportunity_id", "position", "id"),
    )
    part_of: ClassVar[str] = "opportunity_id"
    seen_through: ClassVar[str | None] = "opportunity_id"

    opportunity_id: UUID = Field(foreign_key="opportunity.id", sa_type=Identifier)


@transition(
    Opportunity,
    event="opportunity.updated",
    sources=(OpportunityStatus.OPEN,),
    when_read_only="RECORD_READ_ONLY",
    demands_version=True,
)
def update_opportunity(
    change: Change,
    opportunity: Opportunity,
    *,
    name: Annotated[str | Kept, "What it is about: Dynamics' topic."] = KEEP,
    revenue_mode: Annotated[
        RevenueMode | Kept, "Whether the revenue is typed or computed from the lines."
    ] = KEEP,
    estimated_revenue: Annotated[
        Decimal | Kept, "Typed revenue; it switches the revenue mode to USER_PROVIDED."
    ] = (KEEP),
    estimated_close_on: Annotated[date | Kept | None, "The day it should be closed by."] = KEEP,
    probability: Annotated[int | Kept | None, "Percent; null goes back to the stage's."] = KEEP,
    forecast_category: Annotated[ForecastCategory | Kept, "How sure the revenue is; not WON or LOST."] = KEEP,
    budget: Annotated[Decimal | Kept | None, "What the customer can spend."] = KEEP,
    timeframe: Annotated[str | Kept | None, "When the customer wants to buy, in words."] = KEEP,
    need: Annotated[str | Kept | None, "What the customer needs."] = KEEP,
    proposed_solution: Annotated[str | Kept | None, "What we propose."] = KEEP,
    decision_on: Annotated[date | Kept | None, "The day the customer decides."] = KEEP,
    discount_percent: Annotated[Decimal | Kept, "Percent off the lines' sum, taken off first."] = KEEP,
    discount_amount: Annotated[
        Decimal | Kept, "Amount off the lines' sum, taken off after the percentage."
    ] = KEEP,
    freight_amount: Annotated[Decimal | Kept, "Freight, added after discounts, untaxed."] = KEEP,
) -> None:
    """Change the facts, the discounts or the revenue of an opportunity."""
    if name == "":
        message = "An opportunity needs a name."
        raise Invalid(message, path=("input", "name"))
    opportunity.name = kept(name, opportunity.name)
    opportunity.estimated_close_on = kept(estimated_close_on, opportunity.estimated_close_on)
    opportunity.budget = kept(budget, opportunity.budget)
    require_money(opportunity.budget, "budget", opportunity.currency_code)
    opportunity.timeframe = kept(timeframe, opportunity.timeframe)
    opportunity.need = kept(need, opportunity.need)
    opportunity.proposed_solution = kept(proposed_solution, opportunity.proposed_solution)
    opportunity.decision_on = kept(decision_on, opportunity.decision_on)
    _set_probability(change, opportunity, probability)
    _set_forecast(opportunity, forecast_category)
    set_terms(opportunity, discount_percent, discount_amount, freight_amount)
    reprice(opportunity, change.parts(OpportunityLine, opportunity))
    _set_revenue(opportunity, revenue_mode, estimated_revenue)


@transition(
    Opportunity,
    event="opportunity.stage_moved",
    sources=(OpportunityStatus.OPEN,),
    when_read_only="RECORD_READ_ONLY",
)
def move_opportunity_stage(
    change: Change,
    opportunity: Opportunity,
    *,
    stage: Annotated[str, "Code of the stage, for example DEVELOP."],
    override: Annotated[str | None, "Why it moves although facts are missing; kept as a note."] = None,
) -> None:
    """Move an opportunity to another stage of the process, forwards or back.

    Probability and forecast category become the stage's unless they were typed. Forwards, the facts that
    the stages left ask for have to be filled.
    """
    target = change.session.get(Stage, stage)
    stages = list(change.session.exec(select(Stage).order_by(col(Stage.position))).all())
    if target is None:
        message = f"{stage!r} is not a stage; there are {', '.join(each.id for each in stages)}."
        raise Invalid(message, path=("input", "stage"))
    present = change.session.get_one(Stage, opportunity.stage_id)
    left = [each for each in stages if present.position <= each.position < target.position]
    missing = [
        name for each in left for name in each.required_facts if getattr(opportunity, name) in {None, ""}
    ]
    if missing and not override:
        words = ", ".join(camel(name) for name in missing)
        message = (
            f"Before {target.label}, updateOpportunity has to fill {words}; or pass a reason as override."
        )
        change.refuse(Blocker("STAGE_INCOMPLETE", message, ("input", "override")))
    enter_stage(change, opportunity, target)
    change.tell(opportunity, note=override)


def enter_stage(change: Change, opportunity: Opportunity, stage: Stage) -> None:
    """Put an opportunity into a stage, with the stage's probability and forecast unless typed."""
    if stage.id != opportunity.stage_id:
        opportunity.stage_id = stage.id
        opportunity.stage_entered_at = change.now
    if not opportunity.is_probability_typed:
        opportunity.probability = stage.probability
    opportunity.forecast_category = stage.forecast_category


def _set_probability(change: Change, opportunity: Opportunity, probability: int | Kept | None) -> None:
    """Type the probability, or go back to the stage's."""
    if isinstance(probability, Kept):
        return
    opportunity.is_probability_typed = probability is not None
    if probability is None:
        opportunity.probability = change.session.get_one(Stage, opportunity.stage_id).probability
        return
    require_percent(Decimal(probability), "probability")
    opportunity.probability = probability


def _set_forecast(opportunity: Opportunity, category: ForecastCategory | Kept) -> None:
    """Set the forecast category of an open opportunity."""
    if category in {ForecastCategory.WON, ForecastCategory.LOST}:
        message = f"forecastCategory {category} comes from winOpportunity or loseOpportunity."
        raise Invalid(message, path=("input", "forecastCategory"))
    opportunity.forecast_category = kept(category, opportunity.forecast_category)


def _set_revenue(opportunity: Opportunity, mode: RevenueMode | Kept, typed: Decimal | Kept) -> None:
    """Set where the revenue comes from, and the revenue."""
    if not isinstance(typed, Kept):
        if mode is RevenueMode.SYSTEM_CALCULATED:
            message = (
                "With revenueMode SYSTEM_CALCULATED the lines make the revenue; leave estimatedRevenue out."
            )
            raise Invalid(message, path=("input", "estimatedRevenue"))
        require_money(typed, "estimated_revenue", opportunity.currency_code)
        opportunity.revenue_mode = RevenueMode.USER_PROVIDED
        opportunity.estimated_revenue = typed
        return
    opportunity.revenue_mode = kept(mode, opportunity.revenue_mode)
    recalculate(opportunity)


def recalculate(opportunity: Opportunity) -> None:
    """Bring the estimated revenue in line with the total where it is computed."""
    if opportunity.revenue_mode is RevenueMode.SYSTEM_CALCULATED:
        opportunity.estimated_revenue = opportunity.total
