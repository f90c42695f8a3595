"""How does an opportunity go from stage to stage?"""

from collections.abc import Iterable
from datetime import date, datetime
from typing import Annotated, Any, ClassVar
from uuid import UUID

from sqlalchemy import ColumnClause, ColumnElement, literal_column
from sqlmodel import Field, Index, col, select

from models.errors import Blocker, Invalid, Path
from models.lifecycle import Change, Loading, Reference, transition
from models.opportunity.record import Opportunity, OpportunityLine, OpportunityStatus
from models.pipeline import Pipeline, PipelineStatus, Stage, StageFact, live_stages
from models.record import KEY, Identifier, Instant, Record, camel, table

_PRESENT: ColumnClause[bool] = literal_column("left_at IS NULL")


class StageVisit(Record, table=True):
    """A stay of an opportunity in a stage; ``created_at`` is when it came. A close ends the stay."""

    __tablename__ = "stage_visit"
    __table_args__ = (
        Index("ix_stage_visit_opportunity_id_id", "opportunity_id", "id"),
        Index("ix_stage_visit_stage_id_id", "stage_id", "id"),
        # An opportunity is in one stage at a time.
        Index(
            "uq_stage_visit_present",
            "opportunity_id",
            unique=True,
            sqlite_where=_PRESENT,
            postgresql_where=_PRESENT,
        ),
    )
    filtered: ClassVar[tuple[str, ...]] = ("created_at", "left_at")
    seen_through: ClassVar[str | None] = "opportunity_id"

    opportunity_id: UUID = Field(foreign_key="opportunity.id", sa_type=Identifier)
    stage_id: UUID = Field(foreign_key="stage.id", sa_type=Identifier)
    # The GraphQL name of the command that brought it here: "moveOpportunityStage".
    command: str = Field(max_length=80)
    left_at: datetime | None = Field(default=None, sa_type=Instant)
    duration_seconds: int | None = None


Note = Annotated[str | None, "Why, in words."]
Override = Annotated[str | None, "Why it moves although facts are missing; kept as a note."]


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
    stage: Annotated[str, "Code of a stage of its pipeline, for example DEVELOP."],
    override: Override = None,
) -> None:
    """Move an opportunity to another stage of its pipeline, forwards or back.

    Probability and forecast category become the stage's unless they were typed. Forwards, the facts that
    the stages left ask for have to be known.
    """
    stages = live_stages(change, opportunity.pipeline_id)
    target = _named(stages, stage, ("input", "stage"))
    present = change.get(Stage, opportunity.stage_id)
    left = [each for each in (present, *stages) if present.position <= each.position < target.position]
    missing = _missing(change, opportunity, {fact for each in left for fact in each.required_facts})
    if missing and not override:
        message = f"Before {target.label}, {'; '.join(missing)}; or pass a reason as override."
        change.refuse(Blocker("STAGE_INCOMPLETE", message, ("input", "override")))
    enter_stage(change, opportunity, target)
    change.tell(opportunity, note=override)


@transition(
    Opportunity,
    event="opportunity.pipeline_changed",
    sources=(OpportunityStatus.OPEN,),
    when_read_only="RECORD_READ_ONLY",
)
def change_opportunity_pipeline(
    change: Change,
    opportunity: Opportunity,
    *,
    pipeline_id: Annotated[UUID, Reference("pipeline"), "The pipeline that it goes on in."],
    stage: Annotated[str | None, "Code of a stage there; the first where it is left out."] = None,
    note: Note = None,
) -> None:
    """Let an opportunity go on in another pipeline."""
    stages = live_stages(change, _startable(change, pipeline_id).id)
    enter_stage(
        change, opportunity, stages[0] if stage is None else _named(stages, stage, ("input", "stage"))
    )
    change.tell(opportunity, note=note)


@transition(
    Opportunity,
    event="opportunity.held",
    sources=(f"{OpportunityStatus.OPEN}.IN_PROGRESS",),
    target=OpportunityStatus.OPEN,
    reason="ON_HOLD",
    when_read_only="RECORD_READ_ONLY",
)
def hold_opportunity(
    change: Change,
    opportunity: Opportunity,
    *,
    until: Annotated[
        date | None, "The day on which it goes on; left out, it waits for resumeOpportunity."
    ] = None,
    reason: Annotated[
        str | None, "Code of ON_HOLD or of a company's kind of it; the default where it is left out."
    ] = None,
    note: Note = None,
) -> None:
    """Put an opportunity on hold. It can still be edited, won and lost."""
    if until is not None and until <= change.moment.today:
        message = f"until {until} is not after today, {change.moment.today}: pass a later day."
        raise Invalid(message, path=("input", "until"), code="INVALID_DATES")
    held = change.reason(
        "opportunity", OpportunityStatus.OPEN, reason, kinds=("ON_HOLD",), otherwise="ON_HOLD"
    )
    change.become(opportunity, OpportunityStatus.OPEN, held)
    opportunity.held_at = change.now
    opportunity.held_until = until
    change.tell(opportunity, note=note)


@transition(
    Opportunity,
    event="opportunity.resumed",
    sources=(f"{OpportunityStatus.OPEN}.ON_HOLD",),
    target=OpportunityStatus.OPEN,
    reason="IN_PROGRESS",
    when_read_only="RECORD_READ_ONLY",
    due=lambda opportunity, moment: opportunity.held_until <= moment.today,
)
def resume_opportunity(change: Change, opportunity: Opportunity, *, note: Note = None) -> None:
    """Go on with an opportunity that is on hold. How long it was is added up."""
    end_hold(change, opportunity)
    change.tell(opportunity, note=note)


def end_hold(change: Change, opportunity: Opportunity) -> None:
    """Add up how long an opportunity was on hold, if it is."""
    if opportunity.held_at is not None:
        opportunity.on_hold_seconds += _seconds(opportunity.held_at, change.now)
        opportunity.held_at = opportunity.held_until = None


def enter_stage(change: Change, opportunity: Opportunity, stage: Stage) -> None:
    """Put an open opportunity into a stage, with the stage's probability and forecast unless typed."""
    if stage.id != opportunity.stage_id:
        leave_stage(change, opportunity)
        _settle(change, opportunity, stage)
    if not opportunity.is_probability_typed:
        opportunity.probability = stage.probability
    opportunity.forecast_category = stage.forecast_category


_stay = select(StageVisit).where(col(StageVisit.opportunity_id) == KEY, col(StageVisit.left_at).is_(None))
_STAY = Loading(_stay, StageVisit)


def leave_stage(change: Change, opportunity: Opportunity) -> None:
    """End an opportunity's stay in its stage.

    In the database it is over before there may be a new one: a session writes what was changed of a table
    before what is new in it.
    """
    for visit in _STAY.all(change.session, key=opportunity.id):
        visit.left_at = change.now
        visit.duration_seconds = _seconds(visit.created_at, change.now)


def return_to_stage(change: Change, opportunity: Opportunity) -> None:
    """Put a reopened opportunity back into its stage, or into the next one where it was retired since."""
    stage = change.get(Stage, opportunity.stage_id)
    if stage.retired_at is not None:
        stages = live_stages(change, opportunity.pipeline_id)
        stage = next((each for each in stages if each.position >= stage.position), stages[-1])
    _settle(change, opportunity, stage)
    enter_stage(change, opportunity, stage)


def begin_visit(change: Change, opportunity: Opportunity) -> None:
    """Write down that an opportunity has come into its stage."""
    visit = change.new(
        StageVisit, opportunity_id=opportunity.id, stage_id=opportunity.stage_id, command=change.command
    )
    change.add(visit)


def _settle(change: Change, opportunity: Opportunity, stage: Stage) -> None:
    """Begin an opportunity's stay in a stage."""
    opportunity.pipeline_id = stage.pipeline_id
    opportunity.stage_id = stage.id
    opportunity.stage_entered_at = change.now
    begin_visit(change, opportunity)


def _seconds(start: datetime, end: datetime) -> int:
    """Return the whole seconds from one instant to another."""
    return int((end - start).total_seconds())


def first_stage(change: Change, pipeline_id: UUID | None = None) -> dict[str, Any]:
    """Return the columns of an opportunity that starts in a pipeline, by default in the default one."""
    stage = live_stages(change, None if pipeline_id is None else _startable(change, pipeline_id).id)[0]
    return {
        "pipeline_id": stage.pipeline_id,
        "stage_id": stage.id,
        "stage_entered_at": change.now,
        "probability": stage.probability,
        "forecast_category": stage.forecast_category,
    }


def _startable(change: Change, key: UUID) -> Pipeline:
    """Return a pipeline that deals may start in.

    Raises:
        NotFound: there is no such pipeline.
        Invalid: it is inactive.
    """
    path = ("input", "pipelineId")
    pipeline = change.find(Pipeline, key, path)
    if pipeline.status is not PipelineStatus.ACTIVE:
        message = f"Pipeline {pipeline.code} is {pipeline.status}: activatePipeline lets deals start in it."
        raise Invalid(message, path=path, code="PIPELINE_INACTIVE")
    return pipeline


def _named(stages: list[Stage], code: str, path: Path) -> Stage:
    """Return the stage of that code.

    Raises:
        Invalid: the pipeline has no such stage.
    """
    for stage in stages:
        if stage.code == code:
            return stage
    message = (
        f"{code!r} is not a stage of this pipeline; there are {', '.join(each.code for each in stages)}."
    )
    raise Invalid(message, path=path)


# Which column knows a fact; updateOpportunity fills it.
_COLUMNS = {
    StageFact.CONTACT: "contact_id",
    StageFact.BUDGET: "budget",
    StageFact.TIMEFRAME: "timeframe",
    StageFact.NEED: "need",
    StageFact.PROPOSED_SOLUTION: "proposed_solution",
    StageFact.ESTIMATED_CLOSE_ON: "estimated_close_on",
    StageFact.DECISION_ON: "decision_on",
    StageFact.RATING: "rating",
    StageFact.BUDGET_STATUS: "budget_status",
    StageFact.PURCHASE_PROCESS: "purchase_process",
    StageFact.PURCHASE_TIMEFRAME: "purchase_timeframe",
    StageFact.CURRENT_SITUATION: "current_situation",
    StageFact.PAIN_POINTS: "pain_points",
    StageFact.DECISION_MAKER_IDENTIFIED: "is_decision_maker_identified",
    StageFact.PROPOSAL_DEVELOPED: "is_proposal_developed",
    StageFact.INTERNAL_REVIEW_DONE: "is_internal_review_done",
    StageFact.PROPOSAL_PRESENTED: "is_proposal_presented",
    StageFact.FINAL_PROPOSAL_READY: "is_final_proposal_ready",
    StageFact.THANK_YOU_SENT: "is_thank_you_sent",
    StageFact.DEBRIEF_DONE: "is_debrief_done",
}
# Which table's rows know a fact, and the way out where there is none.
_ROWS = {
    StageFact.LINES: (OpportunityLine.__tablename__, "addOpportunityLine has to add a line"),
    StageFact.STAKEHOLDERS: ("stakeholder", "addOpportunityStakeholder has to add a stakeholder"),
    StageFact.SALES_TEAM: ("sales_team_member", "addSalesTeamMember has to add a member"),
    StageFact.COMPETITORS: ("opportunity_competitor", "addOpportunityCompetitor has to add a competitor"),
    StageFact.QUOTE: ("quote", "generateQuoteFromOpportunity has to make a quote"),
}


def _missing(change: Change, opportunity: Opportunity, facts: Iterable[str]) -> list[str]:
    """Return, as parts of a sentence, what has to be done to know the facts that are not known yet."""
    wanted = [each for each in StageFact if each in facts]
    empty = [
        name
        for each in wanted
        if (name := _COLUMNS.get(each)) is not None and _is_empty(getattr(opportunity, name))
    ]
    filled = ", ".join(camel(name) for name in empty)
    found = [f"updateOpportunity has to fill {filled}"] if empty else []
    rows = [_ROWS[each] for each in wanted if each in _ROWS]
    if rows:
        known = change.session.execute(select(*(_has_row(noun, opportunity) for noun, _ in rows))).one()
        found += [way_out for (_, way_out), is_known in zip(rows, known, strict=True) if not is_known]
    return found


def _is_empty(value: object) -> bool:
    """Say whether a fact is not known: nothing, or a no on the checklist. An amount of zero is known."""
    return value is None or value is False or value == ""


def _has_row(noun: str, opportunity: Opportunity) -> ColumnElement[bool]:
    """Return the condition that a table has a row of the opportunity."""
    rows: Any = table(noun)
    return select(rows.id).where(rows.opportunity_id == opportunity.id).exists()
