"""What is an opportunity, and how is it edited?"""

from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Annotated, ClassVar
from uuid import UUID

from sqlmodel import Field, Index

from models.buying import BudgetStatus, PurchaseProcess, PurchaseTimeframe, Rating
from models.document import (
    Document,
    FreightTaxCodes,
    Line,
    freeze,
    lines_to_price,
    reprice,
    require_money,
    require_percent,
    set_freight_taxes,
    set_terms,
)
from models.errors import Invalid
from models.lifecycle import KEEP, Change, Kept, Reference, kept, transition
from models.money import Amount
from models.pipeline import ForecastCategory, Stage
from models.price_list import put_price_list
from models.record import Identifier, Instant, choice, table
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

    filtered: ClassVar[tuple[str, ...]] = (
        "pipeline_id",
        "stage_id",
        "forecast_category",
        "actual_close_on",
        "held_until",
        "rating",
    )
    ordered_with_nulls: ClassVar[tuple[str, ...]] = ("estimated_close_on",)
    ordered_by_status: ClassVar[tuple[str, ...]] = (
        "created_at",
        "updated_at",
        "estimated_close_on",
        "estimated_revenue",
    )
    titled: ClassVar[tuple[str, ...]] = ("name",)
    searched: ClassVar[tuple[str, ...]] = ("need", "proposed_solution")
    read_only: ClassVar[frozenset[StrEnum]] = frozenset({OpportunityStatus.WON, OpportunityStatus.LOST})

    status: OpportunityStatus = Field(sa_type=choice(OpportunityStatus))
    # Unique: a lead becomes one opportunity, whatever is clicked, retried or raced.
    lead_id: UUID | None = Field(default=None, foreign_key="lead.id", sa_type=Identifier, unique=True)
    # The stage's, so that deals can be found by it; held by the commands that set either.
    pipeline_id: UUID = Field(foreign_key="pipeline.id", sa_type=Identifier)
    stage_id: UUID = Field(foreign_key="stage.id", sa_type=Identifier)
    stage_entered_at: datetime = Field(sa_type=Instant)
    # Set while it is on hold; with a day, the clock resumes it then.
    held_at: datetime | None = Field(default=None, sa_type=Instant)
    held_until: date | None = None
    # How long it was on hold, all holds that are over together.
    on_hold_seconds: int = 0
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
    rating: Rating | None = Field(default=None, sa_type=choice(Rating))
    budget_status: BudgetStatus | None = Field(default=None, sa_type=choice(BudgetStatus))
    purchase_process: PurchaseProcess | None = Field(default=None, sa_type=choice(PurchaseProcess))
    purchase_timeframe: PurchaseTimeframe | None = Field(default=None, sa_type=choice(PurchaseTimeframe))
    current_situation: str | None = Field(default=None, max_length=2000)
    pain_points: str | None = Field(default=None, max_length=2000)
    # The checklist of the stages, ticked off by hand; null counts as no.
    is_decision_maker_identified: bool | None = None
    is_proposal_developed: bool | None = None
    is_internal_review_done: bool | None = None
    is_proposal_presented: bool | None = None
    is_final_proposal_ready: bool | None = None
    is_thank_you_sent: bool | None = None
    is_debrief_done: bool | None = None


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
    price_list_id: Annotated[
        UUID | Kept | None,
        Reference("price_list"),
        "What its lines are priced by from now on; they change when they are repriced.",
    ] = KEEP,
    contact_id: Annotated[UUID | Kept | None, Reference("contact"), "The person to talk to."] = KEEP,
    rating: Annotated[Rating | Kept | None, "How warm the customer's interest is."] = KEEP,
    budget_status: Annotated[BudgetStatus | Kept | None, "How sure the money is."] = KEEP,
    purchase_process: Annotated[PurchaseProcess | Kept | None, "Who decides."] = KEEP,
    purchase_timeframe: Annotated[PurchaseTimeframe | Kept | None, "When the customer wants to buy."] = KEEP,
    current_situation: Annotated[str | Kept | None, "How the customer manages today."] = KEEP,
    pain_points: Annotated[str | Kept | None, "What hurts the customer today."] = KEEP,
    is_decision_maker_identified: Annotated[bool | Kept | None, "Whether we know who decides."] = KEEP,
    is_proposal_developed: Annotated[bool | Kept | None, "Whether the proposal is written."] = KEEP,
    is_internal_review_done: Annotated[bool | Kept | None, "Whether we have reviewed the proposal."] = KEEP,
    is_proposal_presented: Annotated[
        bool | Kept | None, "Whether the customer has seen the proposal."
    ] = KEEP,
    is_final_proposal_ready: Annotated[bool | Kept | None, "Whether the last proposal is written."] = KEEP,
    is_thank_you_sent: Annotated[bool | Kept | None, "Whether we have thanked for the decision."] = KEEP,
    is_debrief_done: Annotated[bool | Kept | None, "Whether we have talked over how it went."] = KEEP,
    discount_percent: Annotated[Decimal | Kept, "Percent off the lines' sum, taken off first."] = KEEP,
    discount_amount: Annotated[
        Decimal | Kept, "Amount off the lines' sum, taken off after the percentage."
    ] = KEEP,
    freight_amount: Annotated[Decimal | Kept, "Freight, added after discounts."] = KEEP,
    freight_tax_codes: FreightTaxCodes = KEEP,
) -> None:
    """Change the facts, the discounts or the revenue of an opportunity."""
    if name == "":
        message = "An opportunity needs a name."
        raise Invalid(message, path=("input", "name"))
    if not isinstance(contact_id, Kept) and contact_id is not None:
        change.find(table("contact"), contact_id, ("input", "contactId"))
    _set(
        opportunity,
        name=name,
        contact_id=contact_id,
        estimated_close_on=estimated_close_on,
        budget=budget,
        timeframe=timeframe,
        need=need,
        proposed_solution=proposed_solution,
        decision_on=decision_on,
        rating=rating,
        budget_status=budget_status,
        purchase_process=purchase_process,
        purchase_timeframe=purchase_timeframe,
        current_situation=current_situation,
        pain_points=pain_points,
        is_decision_maker_identified=is_decision_maker_identified,
        is_proposal_developed=is_proposal_developed,
        is_internal_review_done=is_internal_review_done,
        is_proposal_presented=is_proposal_presented,
        is_final_proposal_ready=is_final_proposal_ready,
        is_thank_you_sent=is_thank_you_sent,
        is_debrief_done=is_debrief_done,
    )
    require_money(opportunity.budget, "budget", opportunity.currency_code)
    set_probability(change, opportunity, probability)
    _set_forecast(opportunity, forecast_category)
    put_price_list(change, opportunity, price_list_id)
    set_terms(opportunity, discount_percent, discount_amount, freight_amount)
    set_freight_taxes(change, opportunity, freight_tax_codes)
    freeze(change, opportunity)
    reprice(opportunity, lines_to_price(change, opportunity, OpportunityLine))
    _set_revenue(opportunity, revenue_mode, estimated_revenue)


@transition(
    Opportunity,
    event="opportunity.revenue_mode_set",
    sources=(OpportunityStatus.OPEN,),
    when_read_only="RECORD_READ_ONLY",
    demands_version=True,
)
def set_revenue_mode(
    change: Change,
    opportunity: Opportunity,
    *,
    mode: Annotated[RevenueMode, "SYSTEM_CALCULATED: the lines make it; USER_PROVIDED: it stays as typed."],
    estimated_revenue: Annotated[Decimal | None, "The typed revenue; the present one where left out."] = None,
) -> None:
    """Say whether the estimated revenue is typed or computed from the lines."""
    del change
    _set_revenue(opportunity, mode, KEEP if estimated_revenue is None else estimated_revenue)


def _set(opportunity: Opportunity, **given: object) -> None:
    """Set the fields that were given, null included."""
    for name, value in given.items():
        setattr(opportunity, name, kept(value, getattr(opportunity, name)))


def set_probability(change: Change, opportunity: Opportunity, probability: int | Kept | None) -> None:
    """Type the probability, or go back to the stage's."""
    if isinstance(probability, Kept):
        return
    opportunity.is_probability_typed = probability is not None
    if probability is None:
        opportunity.probability = change.get(Stage, opportunity.stage_id).probability
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
