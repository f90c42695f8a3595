"""How does a company shape its pipelines?"""

import re
from dataclasses import dataclass
from decimal import Decimal
from typing import Annotated
from uuid import UUID

from sqlalchemy import func
from sqlmodel import col, select

from models.document import require_percent
from models.errors import Blocker, Invalid, NotFound
from models.lifecycle import KEEP, Change, Kept, Loading, Reference, Seen, guard, kept, transition
from models.pipeline.record import ForecastCategory, Pipeline, PipelineStatus, Stage, StageFact
from models.record import KEY, table

_CLOSED = frozenset({ForecastCategory.WON, ForecastCategory.LOST})
_CODE = re.compile(r"[A-Z][A-Z0-9_]*")

Label = Annotated[str, "The stage in the company's words."]
Probability = Annotated[int, "Percentage that an opportunity gets when it enters the stage."]
Category = Annotated[
    ForecastCategory, "Category that an opportunity gets when it enters the stage; not WON or LOST."
]
Facts = Annotated[
    list[StageFact] | None, "What has to be known of an opportunity before it moves on from the stage."
]
IsProposal = Annotated[bool, "Whether an opportunity comes here once an offer is out."]
StageCode = Annotated[str, "Stable code in capitals, for example DEVELOP; unique within the pipeline."]
StageId = Annotated[UUID, Reference("stage"), "The stage."]


@dataclass
class NewStage:
    """A stage of a new pipeline."""

    code: StageCode
    label: Label
    probability: Probability
    forecast_category: Category = ForecastCategory.PIPELINE
    required_facts: Facts = None
    is_proposal: IsProposal = False


@dataclass
class EditedStage:
    """The stage that was added or changed."""

    stage: Annotated[Stage, "The stage that was added or changed."]


@transition(Pipeline, event="pipeline.created")
def create_pipeline(
    change: Change,
    *,
    code: Annotated[str, "Stable code in capitals, for example RENEWALS; unique."],
    name: Annotated[str, "What people call it."],
    stages: Annotated[list[NewStage], "Its stages, from the first on; at least one."],
) -> Pipeline:
    """Add a pipeline with its stages. updatePipeline makes it the one that new deals start in."""
    _require_code(code)
    _require_text(name, "name")
    if change.session.exec(select(Pipeline.id).where(Pipeline.code == code)).first() is not None:
        message = f"There is a pipeline {code} already; codes are unique."
        raise Invalid(message, path=("input", "code"), code="CODE_TAKEN")
    if not stages:
        message = "A pipeline needs at least one stage."
        raise Invalid(message, path=("input", "stages"))
    pipeline = change.add(
        change.new(Pipeline, code=code, name=name), status=PipelineStatus.ACTIVE, reason="ACTIVE"
    )
    made: list[Stage] = []
    for each in stages:
        made.append(_add(change, pipeline, made, each))
    return pipeline


@transition(Pipeline, event="pipeline.updated", sources=tuple(PipelineStatus))
def update_pipeline(
    change: Change,
    pipeline: Pipeline,
    *,
    name: Annotated[str | Kept, "What people call it."] = KEEP,
    is_default: Annotated[bool | Kept, "true: new deals start here, and no longer elsewhere."] = KEEP,
) -> None:
    """Rename a pipeline, or make it the one that new deals start in."""
    pipeline.name = _require_text(kept(name, pipeline.name), "name")
    if is_default is False and pipeline.is_default:
        message = (
            f"New deals have to start somewhere: make another pipeline the default, not {pipeline.code}."
        )
        raise Invalid(message, path=("input", "isDefault"))
    if is_default is True and not pipeline.is_default:
        if pipeline.status is not PipelineStatus.ACTIVE:
            message = (
                f"Pipeline {pipeline.code} is {pipeline.status}: activatePipeline lets deals start in it."
            )
            change.refuse(Blocker("PIPELINE_INACTIVE", message, ("input", "isDefault")))
        for other in change.session.exec(select(Pipeline).where(col(Pipeline.is_default))).all():
            other.is_default = False
        # The old default has to be gone from the database before there may be a new one.
        change.flush()
        pipeline.is_default = True


@guard("PIPELINE_IS_DEFAULT", "is_default", "code")
def is_not_default(seen: Seen) -> str | None:
    """New deals start in another pipeline by default."""
    if not seen.is_default:
        return None
    return f"New deals start in {seen.code}: updatePipeline makes another pipeline the default first."


@transition(
    Pipeline,
    event="pipeline.deactivated",
    sources=(PipelineStatus.ACTIVE,),
    target=PipelineStatus.INACTIVE,
    reason="INACTIVE",
    guards=(is_not_default,),
    again=(PipelineStatus.INACTIVE,),
)
def deactivate_pipeline(change: Change, pipeline: Pipeline) -> None:
    """Let no new deal start in a pipeline. Those that are in it go on."""
    del change, pipeline


@transition(
    Pipeline,
    event="pipeline.activated",
    sources=(PipelineStatus.INACTIVE,),
    target=PipelineStatus.ACTIVE,
    reason="ACTIVE",
    again=(PipelineStatus.ACTIVE,),
)
def activate_pipeline(change: Change, pipeline: Pipeline) -> None:
    """Let new deals start in a pipeline again."""
    del change, pipeline


@transition(Pipeline, event="pipeline.stage_added", sources=tuple(PipelineStatus))
def add_stage(
    change: Change,
    pipeline: Pipeline,
    *,
    code: StageCode,
    label: Label,
    probability: Probability,
    forecast_category: Category = ForecastCategory.PIPELINE,
    required_facts: Facts = None,
    is_proposal: IsProposal = False,
    position: Annotated[int | None, "Its place from 0 on; at the end where it is left out."] = None,
) -> EditedStage:
    """Add a stage to a pipeline."""
    known = change.parts(Stage, pipeline)
    given = NewStage(code, label, probability, forecast_category, required_facts, is_proposal)
    stage = _add(change, pipeline, known, given)
    if position is not None:
        if not 0 <= position <= len(known):
            message = f"position is {position}; it is 0 to {len(known)}."
            raise Invalid(message, path=("input", "position"))
        _arrange([*known[:position], stage, *known[position:]])
    return EditedStage(stage)


@transition(Pipeline, event="pipeline.stage_updated", sources=tuple(PipelineStatus))
def update_stage(
    change: Change,
    pipeline: Pipeline,
    *,
    stage_id: StageId,
    label: Annotated[str | Kept, "The stage in the company's words."] = KEEP,
    probability: Annotated[
        int | Kept, "Percentage that an opportunity gets when it enters the stage."
    ] = KEEP,
    forecast_category: Annotated[
        ForecastCategory | Kept, "Category that an opportunity gets when it enters the stage."
    ] = KEEP,
    required_facts: Annotated[
        list[StageFact] | Kept, "What has to be known before an opportunity moves on from the stage."
    ] = KEEP,
    is_proposal: Annotated[bool | Kept, "Whether an opportunity comes here once an offer is out."] = KEEP,
) -> EditedStage:
    """Change a stage. Opportunities that are in it keep the probability and category that they have."""
    stage = _find(change.parts(Stage, pipeline), stage_id)
    stage.label = kept(label, stage.label)
    stage.probability = kept(probability, stage.probability)
    stage.forecast_category = kept(forecast_category, stage.forecast_category)
    stage.is_proposal = kept(is_proposal, stage.is_proposal)
    if not isinstance(required_facts, Kept):
        stage.required_facts = _codes(required_facts)
    _check(stage)
    return EditedStage(stage)


@transition(Pipeline, event="pipeline.stages_reordered", sources=tuple(PipelineStatus))
def reorder_stages(
    change: Change,
    pipeline: Pipeline,
    *,
    stage_ids: Annotated[
        list[Annotated[UUID, Reference("stage")]], "Every stage that is not retired, in the new order."
    ],
) -> None:
    """Put the stages of a pipeline into another order."""
    stages = change.parts(Stage, pipeline)
    live = [each for each in stages if each.retired_at is None]
    if sorted(stage_ids) != sorted(each.id for each in live):
        codes = ", ".join(each.code for each in live)
        message = f"stageIds has to hold each stage of {pipeline.code} once; there are {codes}."
        raise Invalid(message, path=("input", "stageIds"))
    live.sort(key=lambda each: stage_ids.index(each.id))
    _arrange([*live, *(each for each in stages if each.retired_at is not None)])


@transition(Pipeline, event="pipeline.stage_retired", sources=tuple(PipelineStatus))
def retire_stage(change: Change, pipeline: Pipeline, *, stage_id: StageId) -> EditedStage:
    """Let no opportunity enter a stage any more. What has been there keeps it in its history."""
    # Whoever moves an opportunity into the stage holds a share of its row: first the lock, then the look.
    locked = select(Stage).where(Stage.pipeline_id == pipeline.id).with_for_update()
    stages = list(change.session.exec(locked).all())
    stage = _find(stages, stage_id)
    if stage.retired_at is None:
        used = _open_opportunities(change, stage)
        if used:
            message = (
                f"{used} open opportunities are in {stage.label}: moveOpportunityStage moves each on first."
                if used > 1
                else f"An open opportunity is in {stage.label}: moveOpportunityStage moves it on first."
            )
            change.refuse(Blocker("STAGE_IN_USE", message, ("input", "stageId")))
        if sum(each.retired_at is None for each in stages) == 1:
            message = f"{stage.label} is the last stage of {pipeline.code}: addStage adds another first."
            change.refuse(Blocker("LAST_STAGE", message, ("input", "stageId")))
        stage.retired_at = change.now
    return EditedStage(stage)


@transition(Pipeline, event="pipeline.stage_restored", sources=tuple(PipelineStatus))
def restore_stage(change: Change, pipeline: Pipeline, *, stage_id: StageId) -> EditedStage:
    """Let opportunities enter a retired stage again."""
    stage = _find(change.parts(Stage, pipeline), stage_id)
    stage.retired_at = None
    return EditedStage(stage)


def live_stages(change: Change, pipeline_id: UUID | None) -> list[Stage]:
    """Return the stages of a pipeline that are not retired, in order, and keep them from being retired.

    Without a key they are those of the default one.
    """
    if pipeline_id is None:
        return _STAGES_OF_DEFAULT.all(change.session)
    return _STAGES.all(change.session, key=pipeline_id)


_live = (
    select(Stage)
    .where(col(Stage.retired_at).is_(None))
    .order_by(col(Stage.position), col(Stage.id))
    .with_for_update(read=True)
)
_STAGES = Loading(_live.where(col(Stage.pipeline_id) == KEY), Stage)
_default = select(Pipeline.id).where(col(Pipeline.is_default)).scalar_subquery()
_STAGES_OF_DEFAULT = Loading(_live.where(col(Stage.pipeline_id) == _default), Stage)


def _open_opportunities(change: Change, stage: Stage) -> int:
    """Return how many open opportunities are in a stage."""
    opportunity = table("opportunity").__table__.c  # type: ignore[attr-defined]  # SQLModel sets it.
    statement = select(func.count()).where(
        opportunity.stage_id == stage.id, opportunity.reason_id.startswith("opportunity.OPEN.")
    )
    return change.session.exec(statement).one()


def _add(change: Change, pipeline: Pipeline, known: list[Stage], given: NewStage) -> Stage:
    """Write a stage after those that are known."""
    _require_code(given.code)
    if any(each.code == given.code for each in known):
        message = f"{pipeline.code} has a stage {given.code} already; restoreStage brings a retired one back."
        raise Invalid(message, path=("input", "code"), code="CODE_TAKEN")
    stage = change.new(
        Stage,
        pipeline_id=pipeline.id,
        code=given.code,
        label=given.label,
        position=1 + max((each.position for each in known), default=-1),
        probability=given.probability,
        forecast_category=given.forecast_category,
        required_facts=_codes(given.required_facts or []),
        is_proposal=given.is_proposal,
    )
    _check(stage)
    return change.add(stage)


def _check(stage: Stage) -> None:
    """Refuse a stage that no opportunity could be in.

    Raises:
        Invalid: no label, a probability out of range, or a category of a deal that is over.
    """
    _require_text(stage.label, "label")
    require_percent(Decimal(stage.probability), "probability")
    if stage.forecast_category in _CLOSED:
        message = f"forecastCategory {stage.forecast_category} comes from winOpportunity or loseOpportunity."
        raise Invalid(message, path=("input", "forecastCategory"))


def _find(stages: list[Stage], key: UUID) -> Stage:
    """Return the stage with that key.

    Raises:
        NotFound: the pipeline has no such stage.
    """
    for stage in stages:
        if stage.id == key:
            return stage
    raise NotFound(Stage.noun(), path=("input", "stageId"))


def _arrange(stages: list[Stage]) -> None:
    """Number stages in their new order."""
    for position, stage in enumerate(stages):
        stage.position = position


def _codes(facts: list[StageFact]) -> list[str]:
    """Return facts as they are stored: each once, in the order of their declaration."""
    return [str(each) for each in StageFact if each in facts]


def _require_code(code: str) -> None:
    """Refuse a code that programs could not rely on.

    Raises:
        Invalid: it is not made of capitals, digits and underscores.
    """
    if not _CODE.fullmatch(code):
        message = f"{code!r} is not a code; codes are capitals, digits and _, for example DEVELOP."
        raise Invalid(message, path=("input", "code"))


def _require_text(text: str, name: str) -> str:
    """Return a text after checking that there is one.

    Raises:
        Invalid: it is empty.
    """
    if not text:
        message = f"The {name} cannot be empty."
        raise Invalid(message, path=("input", name))
    return text
