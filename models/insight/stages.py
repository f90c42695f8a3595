"""How do deals fare in each stage: how many come, how many of them are won, and how long do they stay?"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Integer, case, func, literal_column, select
from sqlalchemy.orm import aliased

from models.insight.pipeline import stage_places
from models.insight.scope import Scope, instants
from models.lifecycle import Pointer
from models.money import HUNDRED, round_to
from models.opportunity import OpportunityStatus, StageVisit

_RATE_PLACES = 2
_ONE: ColumnElement[int] = literal_column("1", Integer)
_TWO: ColumnElement[int] = literal_column("2", Integer)


@dataclass(frozen=True)
class StagePerformance:
    """How the deals that came into a stage fared. Durations are whole seconds of stays that are over."""

    stage: Pointer
    entered: int
    present: int
    won: int
    lost: int
    win_rate: Decimal | None
    stays: int
    median_seconds: int | None
    average_seconds: int | None


@dataclass(frozen=True)
class Median:
    """The middle of the stays in a stage that are over, and how many there are."""

    seconds: int
    stays: int


def stage_performance(
    scope: Scope, start: date | None = None, end: date | None = None
) -> list[StagePerformance]:
    """Return how deals fared in each stage, in the order of pipelines and stages.

    With a period only stays that began in it count: both days are part of it.

    Raises:
        Invalid: the period ends before it begins.
    """
    period = instants(scope.moment, start, end)
    middles = medians(scope, *period)
    places = stage_places(scope)
    found = [_performance(row, middles) for row in scope.all(_counted(scope, *period))]
    return sorted(found, key=lambda each: places[each.stage.key])


def medians(
    scope: Scope, since: datetime | None = None, before: datetime | None = None
) -> dict[UUID, Median]:
    """Return the median of the stays in each stage that are over: of an even number, between the two."""
    visit: Any = aliased(StageVisit, name="stage_visit_")
    by_stage = {"partition_by": visit.stage_id}
    ranked = (
        select(
            visit.stage_id,
            visit.duration_seconds.label("seconds"),
            func.row_number().over(**by_stage, order_by=(visit.duration_seconds, visit.id)).label("place"),
            func.count().over(**by_stage).label("stays"),
        )
        .join(scope.rows, scope.rows.id == visit.opportunity_id)
        .where(visit.duration_seconds.is_not(None), *scope.conditions, *_began(visit, since, before))
        .subquery("ranked_")
    )
    stays = ranked.c.stays
    middle = ranked.c.place.in_([(stays + _ONE) // _TWO, (stays + _TWO) // _TWO])
    statement = (
        select(ranked.c.stage_id, func.min(ranked.c.seconds), func.max(ranked.c.seconds), func.max(stays))
        .where(middle)
        .group_by(ranked.c.stage_id)
    )
    return {stage: Median((low + high + 1) // 2, stays) for stage, low, high, stays in scope.all(statement)}


def _counted(scope: Scope, since: datetime | None, before: datetime | None) -> Any:
    """Return the statement that counts deals and stays by stage."""
    visit: Any = aliased(StageVisit, name="stage_visit_")
    deal = scope.rows

    def deals(status: OpportunityStatus) -> ColumnElement[int]:
        return func.count(case((deal.status == status, deal.id)).distinct())

    return (
        select(
            visit.stage_id,
            func.count(deal.id.distinct()),
            func.count(case((visit.left_at.is_(None), visit.id))),
            deals(OpportunityStatus.WON),
            deals(OpportunityStatus.LOST),
            func.count(visit.duration_seconds),
            func.sum(visit.duration_seconds),
        )
        .join(deal, deal.id == visit.opportunity_id)
        .where(*scope.conditions, *_began(visit, since, before))
        .group_by(visit.stage_id)
    )


def _began(visit: Any, since: datetime | None, before: datetime | None) -> list[ColumnElement[bool]]:
    """Return the conditions that a stay began within a period.

    By key, so that the period leads: else SQLite reads every stay in the order of the groups.
    """
    within: Any = aliased(StageVisit, name="within_")
    bounds = [] if since is None else [within.created_at >= since]
    bounds += [] if before is None else [within.created_at < before]
    return [visit.id.in_(select(within.id).where(*bounds))] if bounds else []


def _performance(row: Sequence[Any], middles: dict[UUID, Median]) -> StagePerformance:
    """Return how deals fared in the stage of a row."""
    stage, entered, present, won, lost, stays, seconds = row
    middle = middles.get(stage)
    return StagePerformance(
        stage=Pointer("stage", stage),
        entered=entered,
        present=present,
        won=won,
        lost=lost,
        win_rate=round_to(HUNDRED * won / (won + lost), _RATE_PLACES) if won + lost else None,
        stays=stays,
        median_seconds=None if middle is None else middle.seconds,
        # Half a second is rounded up, as money is.
        average_seconds=(2 * int(seconds) + stays) // (2 * stays) if stays else None,
    )
