"""How did the pipeline come from what it was to what it is? Deal by deal, what became of it meanwhile.

What was open at the first instant, and the changes, sum to what was open at the second: by deals and by
amounts, currency by currency.
"""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any
from uuid import UUID

from models.errors import Invalid
from models.insight.past_deals import Deal, deals_at
from models.insight.pipeline import StageSum, stage_places
from models.insight.scope import Scope
from models.lifecycle import Pointer
from models.opportunity import OpportunityStatus


class MovementKind(StrEnum):
    """What became of a deal."""

    NEW = "NEW"
    REOPENED = "REOPENED"
    INCREASED = "INCREASED"
    DECREASED = "DECREASED"
    MOVED_FORWARD = "MOVED_FORWARD"
    MOVED_BACK = "MOVED_BACK"
    CHANGED_PIPELINE = "CHANGED_PIPELINE"
    PULLED_IN = "PULLED_IN"
    SLIPPED = "SLIPPED"
    WON = "WON"
    LOST = "LOST"


@dataclass(frozen=True)
class Move:
    """One thing that became of one deal: it may have several. ``deals`` and ``change`` are what it did."""

    kind: MovementKind
    opportunity: UUID
    before: Deal | None
    after: Deal
    deals: int = 0
    change: Decimal = Decimal(0)

    @property
    def place(self) -> tuple[int, UUID]:
        """What moves are sorted by."""
        return list(MovementKind).index(self.kind), self.opportunity


@dataclass(frozen=True)
class KindSum:
    """All moves of one kind in one currency. ``value`` is what their deals were worth at the end."""

    kind: MovementKind
    count: int
    value: Decimal
    deals: int
    change: Decimal


@dataclass(frozen=True)
class Movement:
    """How what was open in one currency changed. Every kind is there, in its order."""

    currency_code: str
    opening_count: int
    opening: Decimal
    closing_count: int
    closing: Decimal
    kinds: list[KindSum]


def pipeline_at(scope: Scope, at: datetime) -> list[StageSum]:
    """Return what was open in each stage at an instant, as ``pipeline_by_stage`` does of the present.

    Raises:
        Invalid: the instant lies in the future.
    """
    _require_past(scope, at, "at")
    (deals,) = deals_at(scope, at)
    groups: dict[tuple[UUID, UUID, str], list[Deal]] = {}
    for deal in deals.values():
        if deal.is_open:
            groups.setdefault((deal.pipeline, deal.stage, deal.currency_code), []).append(deal)
    places = stage_places(scope)
    found = [
        StageSum(
            Pointer("pipeline", pipeline),
            Pointer("stage", stage),
            code,
            len(group),
            _sum(each.revenue for each in group),
            _sum(each.weighted for each in group),
        )
        for (pipeline, stage, code), group in groups.items()
    ]
    return sorted(found, key=lambda each: (places[each.stage.key], each.currency_code))


def moves(scope: Scope, start: datetime, end: datetime, kinds: Collection[MovementKind]) -> list[Move]:
    """Return what became of every deal between two instants, by kind and the deal's key.

    Raises:
        Invalid: an instant lies in the future, or the second before the first.
    """
    after, before = _between(scope, start, end)
    return _moves(scope, before, after, kinds)


def movement(scope: Scope, start: datetime, end: datetime) -> list[Movement]:
    """Return how what was open changed between two instants, by currency.

    Raises:
        Invalid: an instant lies in the future, or the second before the first.
    """
    after, before = _between(scope, start, end)
    made = _moves(scope, before, after, list(MovementKind))
    open_before, open_after = ([each for each in deals.values() if each.is_open] for deals in (before, after))
    codes = {each.currency_code for each in (*open_before, *open_after)}
    codes |= {each.after.currency_code for each in made}
    found = []
    for code in sorted(codes):
        first, last = (
            [each for each in deals if each.currency_code == code] for deals in (open_before, open_after)
        )
        own = [each for each in made if each.after.currency_code == code]
        found.append(
            Movement(
                currency_code=code,
                opening_count=len(first),
                opening=_sum(each.revenue for each in first),
                closing_count=len(last),
                closing=_sum(each.revenue for each in last),
                kinds=[_kind_sum(kind, own) for kind in MovementKind],
            )
        )
    return found


def _between(scope: Scope, start: datetime, end: datetime) -> tuple[dict[UUID, Deal], dict[UUID, Deal]]:
    """Return the deals at the second instant and at the first."""
    _require_past(scope, start, "from")
    _require_past(scope, end, "to")
    if end < start:
        message = f"`to` is {end.isoformat()}, before `from`, {start.isoformat()}."
        raise Invalid(message, path=("to",))
    after, before = deals_at(scope, end, start)
    return after, before


def _require_past(scope: Scope, at: datetime, name: str) -> None:
    """Refuse an instant in the future."""
    if at > scope.moment.now:
        message = f"{at.isoformat()} lies in the future; it is {scope.moment.now.isoformat()}."
        raise Invalid(message, path=(name,))


def _moves(
    scope: Scope, before: Mapping[UUID, Deal], after: Mapping[UUID, Deal], kinds: Collection[MovementKind]
) -> list[Move]:
    """Return what became of each deal that was open at one of the instants, or came and went between them."""
    positions = {key: place[2] for key, place in stage_places(scope).items()}
    made = [
        each
        for key, deal in after.items()
        for each in _of_deal(key, before.get(key), deal, positions)
        if each.kind in kinds
    ]
    return sorted(made, key=lambda each: each.place)


def _of_deal(key: UUID, before: Deal | None, after: Deal, positions: Mapping[UUID, int]) -> Iterator[Move]:
    """Yield what became of one deal. What it is worth comes in before it goes out."""

    def move(kind: MovementKind, deals: int = 0, change: Decimal = Decimal(0)) -> Move:
        return Move(kind, key, before, after, deals, change)

    if before is None:
        yield move(MovementKind.NEW, 1, after.revenue)
    elif before.is_open:
        yield from _while_open(move, before, after, positions)
    elif after.is_open:
        yield move(MovementKind.REOPENED, 1, after.revenue)
    if not after.is_open and (before is None or before.is_open):
        is_won = after.status is OpportunityStatus.WON
        yield move(MovementKind.WON if is_won else MovementKind.LOST, -1, -after.revenue)


def _while_open(move: Any, before: Deal, after: Deal, positions: Mapping[UUID, int]) -> Iterator[Move]:
    """Yield what became of a deal that was open, beside its close."""
    if after.revenue != before.revenue:
        is_more = after.revenue > before.revenue
        kind = MovementKind.INCREASED if is_more else MovementKind.DECREASED
        yield move(kind, 0, after.revenue - before.revenue)
    if after.pipeline != before.pipeline:
        yield move(MovementKind.CHANGED_PIPELINE)
    elif after.stage != before.stage:
        is_forward = positions[after.stage] > positions[before.stage]
        yield move(MovementKind.MOVED_FORWARD if is_forward else MovementKind.MOVED_BACK)
    if after.close_on != before.close_on and after.close_on is not None and before.close_on is not None:
        is_earlier = after.close_on < before.close_on
        yield move(MovementKind.PULLED_IN if is_earlier else MovementKind.SLIPPED)


def _kind_sum(kind: MovementKind, made: list[Move]) -> KindSum:
    """Return the sum of the moves of one kind."""
    own = [each for each in made if each.kind is kind]
    return KindSum(
        kind=kind,
        count=len(own),
        value=_sum(each.after.revenue for each in own),
        deals=sum(each.deals for each in own),
        change=_sum(each.change for each in own),
    )


def _sum(amounts: Iterator[Decimal]) -> Decimal:
    """Return a sum, zero of nothing."""
    return sum(amounts, Decimal(0))
