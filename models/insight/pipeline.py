"""What is in the pipeline, and what will it bring, month by month?"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import BigInteger, ColumnElement, and_, case, extract, func, literal_column, or_, select
from sqlmodel import col

from models.insight.scope import Scope, require_period
from models.insight.sums import millionths, summed, total, weighted
from models.lifecycle import Pointer
from models.opportunity import OpportunityStatus
from models.pipeline import ForecastCategory, Pipeline, Stage


@dataclass(frozen=True)
class StageSum:
    """The open deals of one stage in one currency."""

    pipeline: Pointer
    stage: Pointer
    currency_code: str
    count: int
    estimated_revenue: Decimal
    weighted_revenue: Decimal


@dataclass(frozen=True)
class ForecastSum:
    """The deals that close in one month, of one category, in one currency."""

    month: date | None
    forecast_category: ForecastCategory
    currency_code: str
    count: int
    revenue: Decimal
    weighted_revenue: Decimal


def pipeline_by_stage(scope: Scope) -> list[StageSum]:
    """Return what is open in each stage, by pipeline, stage and currency; stages without a deal are left out.

    The default pipeline comes first, the others by code; stages come in their order.
    """
    deal = scope.rows
    amount = millionths(deal.estimated_revenue)
    sums = [*summed(amount), *summed(weighted(amount, deal.probability, deal.currency_code))]
    statement = (
        select(deal.pipeline_id, deal.stage_id, deal.currency_code, func.count(), *sums)
        .where(deal.status == OpportunityStatus.OPEN, *scope.conditions)
        .group_by(deal.pipeline_id, deal.stage_id, deal.currency_code)
    )
    found = [
        StageSum(
            Pointer("pipeline", pipeline),
            Pointer("stage", stage),
            code,
            count,
            total(*numbers[:2]),
            total(*numbers[2:]),
        )
        for pipeline, stage, code, count, *numbers in scope.all(statement)
    ]
    places = stage_places(scope)
    return sorted(found, key=lambda each: (places[each.stage.key], each.currency_code))


def stage_places(scope: Scope) -> dict[Any, tuple[bool, str, int, bytes]]:
    """Return what every stage is sorted by: its pipeline, the default one first, and its position there."""
    statement = select(col(Stage.id), col(Pipeline.is_default), col(Pipeline.code), col(Stage.position)).join(
        Pipeline, col(Pipeline.id) == col(Stage.pipeline_id)
    )
    return {
        key: (not is_default, code, position, key.bytes)
        for key, is_default, code, position in scope.session.execute(statement)
    }


def forecast(scope: Scope, start: date | None = None, end: date | None = None) -> list[ForecastSum]:
    """Return what closes in each month, by forecast category and currency; months that are not known last.

    An open deal counts in the month in which it is expected to close, with its estimated revenue weighted by
    its probability; a won one in the month in which it was won, with what it brought; a lost one as nothing.

    Raises:
        Invalid: the period ends before it begins.
    """
    require_period(start, end)
    deal = scope.rows
    is_open = deal.status == OpportunityStatus.OPEN
    closes_on = case((is_open, deal.estimated_close_on), else_=deal.actual_close_on)
    keys: tuple[ColumnElement[Any], ...] = (
        extract("year", closes_on),
        extract("month", closes_on),
        deal.forecast_category,
        deal.currency_code,
    )
    revenue, weight = _revenue(deal)
    statement = (
        select(*keys, func.count(), *summed(revenue), *summed(weight))
        .where(*scope.conditions, *_within(deal, start, end))
        .group_by(*(literal_column(str(at)) for at, _ in enumerate(keys, 1)))
    )
    return sorted(_read(scope.all(statement)), key=_place)


def _revenue(deal: Any) -> tuple[ColumnElement[int], ColumnElement[int]]:
    """Return what a deal brings, and what of that is to be reckoned with."""
    estimated = millionths(deal.estimated_revenue)
    actual = func.coalesce(millionths(deal.actual_revenue), estimated, type_=BigInteger)
    is_won, is_lost = (deal.status == each for each in (OpportunityStatus.WON, OpportunityStatus.LOST))
    expected = weighted(estimated, deal.probability, deal.currency_code)
    nothing = literal_column("0", BigInteger)
    return (
        case((is_won, actual), else_=estimated),
        case((is_won, actual), (is_lost, nothing), else_=expected),
    )


def _within(deal: Any, start: date | None, end: date | None) -> Iterator[ColumnElement[bool]]:
    """Yield the conditions that a deal closes within a period."""
    if start is None and end is None:
        return
    is_open = deal.status == OpportunityStatus.OPEN

    def inside(day: Any) -> ColumnElement[bool]:
        bounds = [day >= start] if start is not None else []
        return and_(*bounds, *([day <= end] if end is not None else []))

    closed = and_(deal.status != OpportunityStatus.OPEN, inside(deal.actual_close_on))
    yield or_(and_(is_open, inside(deal.estimated_close_on)), closed)


def _read(rows: Any) -> Iterator[ForecastSum]:
    """Yield the sums that rows of the statement hold."""
    for year, month, category, code, count, *numbers in rows:
        yield ForecastSum(
            None if year is None else date(int(year), int(month), 1),
            ForecastCategory(category),
            code,
            count,
            total(*numbers[:2]),
            total(*numbers[2:]),
        )


def _place(each: ForecastSum) -> tuple[bool, date, int, str]:
    """Return what a sum is sorted by."""
    categories = list(ForecastCategory)
    month = each.month or date.max
    return each.month is None, month, categories.index(each.forecast_category), each.currency_code
