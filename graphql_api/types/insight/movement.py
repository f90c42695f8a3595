"""What does the schema show of how the pipeline changed?"""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from sqlalchemy import Integer
from sqlmodel import Session

from graphql_api.planner.backing import RootComputed
from graphql_api.planner.condition import plain_code
from graphql_api.planner.cursor import digest
from graphql_api.types.asked import money_of, scope_asked, told
from graphql_api.types.backed import (
    argument,
    built_field,
    by_name,
    describe,
    given,
    list_of,
    optional,
    shown,
)
from graphql_api.types.filtering import where_argument
from graphql_api.types.forward import forward_arguments, forward_connection, forward_page
from graphql_api.types.scalars import CurrencyCode
from models.access import Viewer
from models.errors import InputRefusal
from models.insight import Move, Movement, MovementKind, movement, moves
from models.lifecycle import Pointer
from models.moment import Moment
from models.record import Identifier

_MONEY = by_name("Money")

describe(
    MovementKind,
    "What became of a deal between two instants. One deal may be of several kinds.",
    NEW="It was opened.",
    REOPENED="It was closed and is open again.",
    INCREASED="It was open, and is expected to bring more.",
    DECREASED="It was open, and is expected to bring less.",
    MOVED_FORWARD="It was open, and is in a later stage of its pipeline.",
    MOVED_BACK="It was open, and is in an earlier stage of its pipeline.",
    CHANGED_PIPELINE="It was open, and goes on in another pipeline.",
    PULLED_IN="It was open, and is expected to close earlier.",
    SLIPPED="It was open, and is expected to close later.",
    WON="It was open or new, and is won.",
    LOST="It was open or new, and is lost.",
)


@shown
class MovementOfKind:
    """What one kind of movement did to the open deals."""

    kind = given(MovementKind, "What happened to the deals.")
    count = given(int, "How many they are.")
    value = given(_MONEY, "What they were expected to bring at the second instant.")
    change_of_count = given(int, "By how many it changed the number of open deals.")
    change = given(_MONEY, "By how much it changed what open deals are expected to bring.")


@shown
class PipelineMovement:
    """How what was open in one currency changed: opening and all changes sum to closing."""

    currency_code = given(CurrencyCode, "The currency; another one is another item.")
    opening_count = given(int, "How many deals were open at the first instant.")
    opening = given(_MONEY, "What they were expected to bring then.")
    closing_count = given(int, "How many deals were open at the second instant.")
    closing = given(_MONEY, "What they were expected to bring then.")
    kinds = given(list_of(MovementOfKind), "What became of them: every kind in its order, empty ones too.")


@shown
class PipelineMove:
    """One thing that became of one deal, with what it was before and after."""

    kind = given(MovementKind, "What became of it.")
    opportunity = given(by_name("Opportunity") | None, "The deal.")
    change = given(_MONEY, "By how much it changed what open deals are expected to bring.")
    revenue_before = given(_MONEY | None, "What it was expected to bring; null where it is new.")
    revenue_after = given(_MONEY, "What it was expected to bring at the second instant.")
    stage_before = given(by_name("Stage") | None, "The stage that it was in; null where it is new.")
    stage_after = given(by_name("Stage"), "The stage that it was in at the second instant, or last.")
    close_on_before = given(date | None, "The day on which it was expected to close.")
    close_on_after = given(date | None, "The day on which it was expected to close at the second instant.")


def _shown(found: Movement) -> dict[str, Any]:
    code = found.currency_code
    return {
        "currency_code": code,
        "opening_count": found.opening_count,
        "opening": money_of(found.opening, code),
        "closing_count": found.closing_count,
        "closing": money_of(found.closing, code),
        "kinds": [
            {
                "kind": each.kind,
                "count": each.count,
                "value": money_of(each.value, code),
                "change_of_count": each.deals,
                "change": money_of(each.change, code),
            }
            for each in found.kinds
        ],
    }


def _shown_move(move: Move) -> dict[str, Any]:
    before, after = move.before, move.after
    code = after.currency_code
    return {
        "kind": move.kind,
        "opportunity": Pointer("opportunity", move.opportunity),
        "change": money_of(move.change, code),
        "revenue_before": None if before is None else money_of(before.revenue, code),
        "revenue_after": money_of(after.revenue, code),
        "stage_before": None if before is None else Pointer("stage", before.stage),
        "stage_after": Pointer("stage", after.stage),
        "close_on_before": None if before is None else before.close_on,
        "close_on_after": after.close_on,
    }


def _sums(
    session: Session, viewer: Viewer, moment: Moment, arguments: Mapping[str, Any]
) -> list[dict[str, Any]]:
    deals = scope_asked(session, viewer, moment, "Opportunity", arguments)
    try:
        return [_shown(each) for each in movement(deals, arguments["from"], _end(moment, arguments))]
    except InputRefusal as refusal:
        raise told(refusal) from refusal


def _deals(session: Session, viewer: Viewer, moment: Moment, arguments: Mapping[str, Any]) -> dict[str, Any]:
    wanted = arguments.get("kinds")
    kinds = [MovementKind(plain_code(each)) for each in (MovementKind if wanted is None else wanted)]
    parts = (arguments["from"], arguments.get("to"), sorted(set(kinds)), arguments.get("where"))
    page = forward_page(arguments, digest("pipelineMoves", *parts), [Integer(), Identifier()])
    deals = scope_asked(session, viewer, moment, "Opportunity", arguments)
    try:
        found = moves(deals, arguments["from"], _end(moment, arguments), kinds)
    except InputRefusal as refusal:
        raise told(refusal) from refusal
    rest = [each for each in found if page.after is None or each.place > page.after]
    return page.shown(rest[: page.first], _keys, has_next=len(rest) > page.first, node=_shown_move)


def _end(moment: Moment, arguments: Mapping[str, Any]) -> datetime:
    """Return the second instant: now where none is given."""
    given_end: datetime | None = arguments.get("to")
    return moment.now if given_end is None else given_end


def _keys(move: Move) -> list[Any]:
    """Return what the cursor of a move holds."""
    rank, key = move.place
    return [rank, key.hex]


def _period() -> list[Any]:
    """Return the arguments that say between which instants, and which deals."""
    return [
        argument("from", datetime, "The first instant: what was done at it is done."),
        argument("to", datetime | None, "The second instant, not in the future; now where left out."),
        where_argument("Opportunity"),
    ]


def root_pipeline_movement() -> Any:
    """Declare ``pipelineMovement``."""
    text = (
        "How what was open changed between two instants, by currency: what was new, won, lost, moved. "
        "`where` chooses deals by what they are today."
    )
    return built_field(RootComputed(_sums), optional(list_of(PipelineMovement), null=True), text, _period())


def root_pipeline_moves() -> Any:
    """Declare ``pipelineMoves``."""
    text = "The deals behind `pipelineMovement`: by kind, and of one kind in the order of their making."
    kinds = argument("kinds", list[MovementKind] | None, "Only of these kinds; all where absent or null.")
    kind = optional(forward_connection("PipelineMove", "moves of deals"), null=True)
    return built_field(RootComputed(_deals), kind, text, [*forward_arguments(), kinds, *_period()])
