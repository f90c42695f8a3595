"""Does each line of an order know what became of it, and each order how far it has come?"""

from collections.abc import Iterator
from decimal import Decimal

from sqlalchemy import SelectBase, func, literal, or_, union_all
from sqlmodel import Session, col, select

from models.credit_note import CreditNote, CreditNoteLine
from models.integrity.difference import Difference, compared, difference
from models.integrity.totals import documents
from models.invoice import Invoice, InvoiceLine, InvoiceStatus, is_credited
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
_whole = is_credited(Invoice)
# By column of the order's line: the rows that it sums, each with the line's key and a quantity.
_SUMS: dict[str, SelectBase] = {
    "quantity_fulfilled": select(col(FulfillmentLine.order_line_id), col(FulfillmentLine.quantity))
    .join(Fulfillment, col(Fulfillment.id) == FulfillmentLine.fulfillment_id)
    .where(col(Fulfillment.canceled_at).is_(None)),
    "quantity_returned": select(col(OrderReturnLine.order_line_id), col(OrderReturnLine.quantity)),
    # What was credited stays invoiced; what was canceled never counted.
    "quantity_invoiced": select(col(InvoiceLine.order_line_id), col(InvoiceLine.quantity))
    .join(Invoice, col(Invoice.id) == InvoiceLine.invoice_id)
    .where(or_(col(Invoice.status) != InvoiceStatus.CANCELED, _whole)),
    # An invoice that is credited as a whole gives everything back, another one what the goods came back of.
    "quantity_credited": union_all(
        select(col(InvoiceLine.order_line_id), col(InvoiceLine.quantity))
        .join(Invoice, col(Invoice.id) == InvoiceLine.invoice_id)
        .where(_whole),
        select(col(InvoiceLine.order_line_id), col(CreditNoteLine.quantity))
        .join(CreditNoteLine, col(CreditNoteLine.invoice_line_id) == InvoiceLine.id)
        .join(CreditNote, col(CreditNote.id) == CreditNoteLine.credit_note_id)
        .join(Invoice, col(Invoice.id) == InvoiceLine.invoice_id)
        .where(col(CreditNote.is_goods_returned).is_(True), ~_whole),
    ),
}


def quantities(session: Session) -> Iterator[Difference]:
    """Add deliveries, returns, invoices and credit notes up, and compare each line of an order."""
    for name, rows in _SUMS.items():
        row = rows.subquery()
        summed = select(row.c.order_line_id, func.sum(row.c.quantity, type_=Amount).label("derived"))
        found = summed.group_by(row.c.order_line_id).subquery()
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
