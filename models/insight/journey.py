"""Which way did a line take through its deal, from the opportunity to the invoice?

The same position bears the same lineage on every document. What was removed from a draft is told by the event
of its removal, so that a quote's line still says what it was made from.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import literal, select
from sqlalchemy.orm import aliased
from sqlmodel import Session

from models.access import Viewer, visible_to
from models.credit_note import CreditNote, CreditNoteLine
from models.insight.removed import RemovedLine, removed_lines
from models.invoice import Invoice, InvoiceLine
from models.lifecycle import Pointer
from models.opportunity import Opportunity, OpportunityLine
from models.order import (
    Fulfillment,
    FulfillmentLine,
    Order,
    OrderLine,
    OrderReturn,
    OrderReturnLine,
)
from models.quote import Quote, QuoteLine
from models.record import parse_id


class JourneyKind(StrEnum):
    """What a step on the way of a line is."""

    OPPORTUNITY = "OPPORTUNITY"
    QUOTE = "QUOTE"
    ORDER = "ORDER"
    FULFILLMENT = "FULFILLMENT"
    RETURN = "RETURN"
    INVOICE = "INVOICE"
    CREDIT_NOTE = "CREDIT_NOTE"


@dataclass(frozen=True)
class Step:
    """One step on the way of a line."""

    kind: JourneyKind
    recorded_at: datetime
    withdrawn_at: datetime | None
    is_removed: bool
    line: Pointer
    came_from: Pointer | None
    record: Pointer
    label: str
    description: str
    quantity: Decimal
    unit: str
    currency_code: str
    price_per_unit: Decimal | None
    extended_amount: Decimal | None

    @property
    def place(self) -> tuple[int, datetime, UUID]:
        """What the steps of a journey are sorted by."""
        return list(JourneyKind).index(self.kind), self.recorded_at, self.line.key


@dataclass(frozen=True)
class _Leg:
    """The lines of one kind of document. ``sources``: the keys of the line that a line was made from."""

    kind: JourneyKind
    line: Any
    document: Any
    sources: tuple[str, ...]


_LEGS = (
    _Leg(JourneyKind.OPPORTUNITY, OpportunityLine, Opportunity, ()),
    _Leg(JourneyKind.QUOTE, QuoteLine, Quote, ("previous_line_id", "opportunity_line_id")),
    _Leg(JourneyKind.ORDER, OrderLine, Order, ("quote_line_id",)),
    _Leg(JourneyKind.INVOICE, InvoiceLine, Invoice, ("order_line_id",)),
    _Leg(JourneyKind.CREDIT_NOTE, CreditNoteLine, CreditNote, ("invoice_line_id",)),
)
# What is delivered and what comes back: its line, what that is part of, the day of it, and its name.
_MOVES = (
    (JourneyKind.FULFILLMENT, FulfillmentLine, Fulfillment, "fulfilled_on", "Delivery"),
    (JourneyKind.RETURN, OrderReturnLine, OrderReturn, "returned_on", "Return"),
)
Found = dict[UUID, list[Step]]


def journeys(session: Session, viewer: Viewer, lineages: Collection[UUID]) -> Found:
    """Return the steps of each lineage that the viewer sees, in the order of the chain.

    At most nine statements, whatever the number of lineages and of steps.
    """
    wanted = list(dict.fromkeys(lineages))
    found: Found = {lineage: [] for lineage in wanted}
    chains: set[UUID] = set()
    for leg in _LEGS:
        for lineage, chain, step in _lines(session, viewer, leg, wanted):
            found[lineage].append(step)
            chains.add(chain)
    for move in _MOVES:
        for lineage, step in _moved(session, viewer, move, wanted):
            found[lineage].append(step)
    for lineage, gone in removed_lines(session, viewer, chains, set(wanted)):
        found[lineage].append(_gone(gone))
    return {lineage: _told(steps) for lineage, steps in found.items()}


def _lines(
    session: Session, viewer: Viewer, leg: _Leg, lineages: Sequence[UUID]
) -> Iterator[tuple[UUID, UUID, Step]]:
    """Yield the lines of one kind of document with their lineages and chains."""
    # Under names of their own: the row rule of a line looks at its document as well.
    line, document = leg.line, aliased(leg.document)
    named = [getattr(document, name) for name in ("number", "name") if hasattr(document, name)]
    revision = document.revision if hasattr(document, "revision") else literal(0)
    statement = select(line, document.chain_id, document.id, revision, *named).join(
        document, document.id == getattr(line, line.part_of)
    )
    for row, chain, key, number, *names in session.execute(_seen(viewer, statement, line, line, lineages)):
        title = next((name for name in names if name), "")
        label = f"{_words(leg.kind)} {title}" + (f" revision {number}" if number else "")
        yield (
            row.lineage_id,
            chain,
            Step(
                kind=leg.kind,
                recorded_at=row.created_at,
                withdrawn_at=None,
                is_removed=False,
                line=Pointer(line.noun(), row.id),
                came_from=_came_from(leg, row),
                record=Pointer(leg.document.noun(), key),
                label=label,
                description=row.description,
                quantity=row.quantity,
                unit=row.unit,
                currency_code=row.currency_code,
                price_per_unit=row.price_per_unit,
                extended_amount=row.extended_amount,
            ),
        )


def _moved(
    session: Session, viewer: Viewer, move: tuple[Any, ...], lineages: Sequence[UUID]
) -> Iterator[tuple[UUID, Step]]:
    """Yield what was delivered, or came back, of the orders' lines."""
    kind, line, table, day, name = move
    whole, ordered = aliased(table), aliased(OrderLine)
    canceled = whole.canceled_at if hasattr(whole, "canceled_at") else literal(None)
    statement = (
        select(line, ordered, getattr(whole, day), whole.id, canceled)
        .join(ordered, ordered.id == line.order_line_id)
        .join(whole, whole.id == getattr(line, line.part_of))
    )
    for row, of, on, key, canceled_at in session.execute(_seen(viewer, statement, line, ordered, lineages)):
        yield (
            of.lineage_id,
            Step(
                kind=kind,
                recorded_at=row.created_at,
                withdrawn_at=canceled_at,
                is_removed=False,
                line=Pointer(line.noun(), row.id),
                came_from=Pointer(OrderLine.noun(), of.id),
                record=Pointer(table.noun(), key),
                label=f"{name} on {on}",
                description=of.description,
                quantity=row.quantity,
                unit=of.unit,
                currency_code=of.currency_code,
                price_per_unit=None,
                extended_amount=None,
            ),
        )


def _seen(viewer: Viewer, statement: Any, line: Any, bearer: Any, lineages: Sequence[UUID]) -> Any:
    """Return a statement for the lines of these lineages that the viewer sees."""
    rule = visible_to(viewer, line)
    wanted = statement.where(bearer.lineage_id.in_(lineages))
    return wanted if rule is None else wanted.where(rule)


def _came_from(leg: _Leg, row: Any) -> Pointer | None:
    """Return the line that a line was made from, None where it is the first."""
    for name in leg.sources:
        if (key := getattr(row, name)) is not None:
            (target,) = leg.line.__table__.c[name].foreign_keys
            return Pointer(target.column.table.name, key)
    return None


def _gone(line: RemovedLine) -> Step:
    """Return the step of a line that was removed."""
    (leg,) = (each for each in _LEGS if each.line.noun() == line.pointer.noun)
    sources = (line.text(name) for name in leg.sources)
    came_from = next((Pointer(*parse_id(each)) for each in sources if each), None)
    return Step(
        kind=leg.kind,
        recorded_at=line.recorded_at,
        withdrawn_at=line.removed_at,
        is_removed=True,
        line=line.pointer,
        came_from=came_from,
        record=line.record,
        label=line.label,
        description=line.text("description") or "",
        quantity=Decimal(line.text("quantity") or 0),
        unit=line.text("unit") or "",
        currency_code=line.text("currency_code") or "",
        price_per_unit=Decimal(line.text("price_per_unit") or 0),
        extended_amount=Decimal(line.text("extended_amount") or 0),
    )


def _told(steps: Sequence[Step]) -> list[Step]:
    """Return the steps in their order, each with where it came from as far as that can be told.

    A quote's line whose opportunity's line was removed points to it again. What the viewer does not see of
    the journey is not told by an id either.
    """
    ordered = sorted(steps, key=lambda each: each.place)
    seen: Mapping[Pointer, Step] = {each.line: each for each in ordered}
    gone = [each.line for each in ordered if each.is_removed and each.kind is JourneyKind.OPPORTUNITY]
    told = []
    for each in ordered:
        source = each.came_from
        if source is None and each.kind is JourneyKind.QUOTE and gone:
            source = gone[0]
        told.append(replace(each, came_from=source if source in seen else None))
    return told


def _words(kind: JourneyKind) -> str:
    """Return a kind of document in words."""
    return kind.replace("_", " ").capitalize()
