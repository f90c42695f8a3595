"""What does the schema show of the pipeline, of what it will bring, and of how deals fare?"""

from collections.abc import Callable, Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlmodel import Session

from graphql_api.planner.backing import RootComputed
from graphql_api.types.asked import money_of, scope_asked, told
from graphql_api.types.backed import argument, built_field, by_name, given, list_of, optional, shown
from graphql_api.types.filtering import where_argument
from graphql_api.types.scalars import CurrencyCode
from models.access import Viewer
from models.errors import InputRefusal
from models.insight import Scope, forecast, pipeline_at, pipeline_by_stage, stage_performance
from models.moment import Moment
from models.pipeline import ForecastCategory

_MONEY = by_name("Money")


@shown
class PipelineStage:
    """The open deals of one stage in one currency."""

    pipeline = given(by_name("Pipeline"), "The pipeline.")
    stage = given(by_name("Stage"), "The stage that they are in.")
    currency_code = given(CurrencyCode, "The currency of their amounts; another one is another item.")
    count = given(int, "How many they are.")
    estimated_revenue = given(_MONEY, "What they are expected to bring, together.")
    weighted_revenue = given(
        _MONEY, "The same times the probability of each, rounded deal by deal: the sum of weightedRevenue."
    )


@shown
class Forecast:
    """The deals that close in one month, of one forecast category, in one currency."""

    month = given(date | None, "The first day of the month; null for open deals without an expected close.")
    forecast_category = given(ForecastCategory, "How sure the revenue is.")
    currency_code = given(CurrencyCode, "The currency of their amounts; another one is another item.")
    count = given(int, "How many they are.")
    revenue = given(_MONEY, "What open and lost deals were expected to bring, and what won ones brought.")
    weighted_revenue = given(
        _MONEY, "Open deals by their probability, won ones in full, lost ones as nothing."
    )


@shown
class StagePerformance:
    """How the deals that came into a stage fared. One that came twice is one deal, and two stays."""

    stage = given(by_name("Stage"), "The stage.")
    entered = given(int, "How many deals came into it.")
    present = given(int, "How many of them are there now.")
    won = given(int, "How many of them are won.")
    lost = given(int, "How many of them are lost.")
    win_rate = given(
        Decimal | None, "Percentage of the closed ones that is won, to two places; null while none is closed."
    )
    stays = given(int, "How many stays in it are over.")
    median_duration_seconds = given(
        int | None, "Half of the stays that are over were as long or longer; null where there is none."
    )
    average_duration_seconds = given(int | None, "Their average; null where there is none.")


Make = Callable[[Scope, Mapping[str, Any]], list[dict[str, Any]]]


def _root(kind: type, make: Make, text: str, *, period: str = "", at: bool = False) -> Any:
    """Declare a list that is made of the deals that ``where`` lets through."""

    def answer(
        session: Session, viewer: Viewer, moment: Moment, arguments: Mapping[str, Any]
    ) -> list[dict[str, Any]]:
        try:
            return make(scope_asked(session, viewer, moment, "Opportunity", arguments), arguments)
        except InputRefusal as refusal:
            raise told(refusal) from refusal

    arguments = [where_argument("Opportunity")]
    if at:
        wanted = (
            "As of this instant, from the history, not in the future; `where` still chooses deals by what "
            "they are today."
        )
        arguments.append(argument("at", datetime | None, wanted))
    if period:
        arguments += [
            argument("from", date | None, f"Only what {period} on this day or later."),
            argument("to", date | None, f"Only what {period} on this day or earlier."),
        ]
    return built_field(RootComputed(answer), optional(list_of(kind), null=True), text, arguments)


def _pipeline(deals: Scope, arguments: Mapping[str, Any]) -> list[dict[str, Any]]:
    at = arguments.get("at")
    return [
        {
            "pipeline": each.pipeline,
            "stage": each.stage,
            "currency_code": each.currency_code,
            "count": each.count,
            "estimated_revenue": money_of(each.estimated_revenue, each.currency_code),
            "weighted_revenue": money_of(each.weighted_revenue, each.currency_code),
        }
        for each in (pipeline_by_stage(deals) if at is None else pipeline_at(deals, at))
    ]


def _forecast(deals: Scope, arguments: Mapping[str, Any]) -> list[dict[str, Any]]:
    return [
        {
            "month": each.month,
            "forecast_category": each.forecast_category,
            "currency_code": each.currency_code,
            "count": each.count,
            "revenue": money_of(each.revenue, each.currency_code),
            "weighted_revenue": money_of(each.weighted_revenue, each.currency_code),
        }
        for each in forecast(deals, arguments.get("from"), arguments.get("to"))
    ]


def _performance(deals: Scope, arguments: Mapping[str, Any]) -> list[dict[str, Any]]:
    return [
        {
            "stage": each.stage,
            "entered": each.entered,
            "present": each.present,
            "won": each.won,
            "lost": each.lost,
            "win_rate": each.win_rate,
            "stays": each.stays,
            "median_duration_seconds": each.median_seconds,
            "average_duration_seconds": each.average_seconds,
        }
        for each in stage_performance(deals, arguments.get("from"), arguments.get("to"))
    ]


def root_pipeline_by_stage() -> Any:
    """Declare ``pipelineByStage``."""
    return _root(
        PipelineStage,
        _pipeline,
        "The open deals by pipeline, stage and currency, in the order of the stages. A stage without a deal "
        "is left out.",
        at=True,
    )


def root_forecast() -> Any:
    """Declare ``forecast``."""
    return _root(
        Forecast,
        _forecast,
        "What deals bring month by month, by forecast category and currency: open ones in the month in which "
        "they are expected to close, won and lost ones in that in which they were closed.",
        period="closes",
    )


def root_stage_performance() -> Any:
    """Declare ``stagePerformance``."""
    return _root(
        StagePerformance,
        _performance,
        "How many deals came into each stage, how many of them are won, and how long they stayed, in the "
        "order of the stages.",
        period="came into the stage",
    )
