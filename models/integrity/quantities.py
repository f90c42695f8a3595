"""Does each line of an order know what became of it, and each order how far it has come?"""

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from sqlalchemy import ColumnElement, func, literal
from sqlmodel import Session, col, select

from models.integrity.difference import Difference, compared, difference
from models.integrity.totals import documents
from models.invoice import Invoice, InvoiceLine, InvoiceStatus
from models.money import Amount
from models.order import (
    Fulfillment,
    FulfillmentLine,
    Order,
    OrderLine,
    OrderReturnLine,
    OrderStatus,
    derived_state,
    progress,
)

_ZERO = literal(Decimal(0), Amount)
# By column of the order's line: the rows that it sums, what they belong to, and which of these count.
_SUMS: dict[str, tuple[Any, Any, ColumnElement[bool]]] = {
    "quantity_fulfilled": (FulfillmentLine, Fulfillment, col(Fulfillment.canceled_at).is_(None)),
    "quantity_invoiced": (InvoiceLine, Invoice, col(Invoice.status) != InvoiceStatus.CANCELED),
    "quantity_returned": (OrderReturnLine, None, literal(value=True)),
}


def quantities(session: Session) -> Iterator[Difference]:
    """Add deliveries, returns and live invoices up, and compare each line of an order."""
    for name, (table, whole, counts) in _SUMS.items():
        statement = select(table.order_line_id, func.sum(table.quantity).label("derived"))
        if whole is not None:
            statement = statement.join(whole, getattr(table, table.part_of) == whole.id)
        found = statement.where(counts).group_by(table.order_line_id).subquery()
        derived, stored = func.coalesce(found.c.derived, _ZERO), getattr(OrderLine, name)
        yield from compared(
            session,
            OrderLine,
            name,
            select(OrderLine.id, stored, derived)
            .outerjoin(found, found.c.order_line_id == OrderLine.id)
            .where(stored != derived),
        )


def axes(session: Session) -> Iterator[Difference]:
    """Derive both axes of every order, its state, and that no line has more than was ordered."""
    for order, lines in documents(session, Order, OrderLine):
        for line in lines:
            yield from _within(line, is_canceled=order.status is OrderStatus.CANCELED)
        wanted = [line.wanted for line in lines]
        fulfilled = progress([line.net_fulfilled for line in lines], wanted)
        billed = progress([line.net_invoiced for line in lines], wanted)
        if order.fulfillment_status is not fulfilled:
            yield difference(Order, order.id, "fulfillment_status", order.fulfillment_status, fulfilled)
        if order.billing_status is not billed:
            yield difference(Order, order.id, "billing_status", order.billing_status, billed)
        if order.status is OrderStatus.CANCELED:
            continue
        status, reason = derived_state(order, fulfilled, billed, lines)
        if (order.status, order.reason) != (status, reason):
            yield difference(Order, order.id, "status", order.state, f"{status}.{reason}")


def _within(line: OrderLine, *, is_canceled: bool) -> Iterator[Difference]:
    """Compare a line with what it can be: nothing negative, nothing beyond what is wanted."""
    if is_canceled and line.quantity_canceled != line.quantity:
        yield difference(OrderLine, line.id, "quantity_canceled", line.quantity_canceled, line.quantity)
    for name, value in (("net_fulfilled", line.net_fulfilled), ("net_invoiced", line.net_invoiced)):
        held = min(max(value, Decimal(0)), max(line.wanted, Decimal(0)))
        if value != held:
            yield difference(OrderLine, line.id, name, value, held)
