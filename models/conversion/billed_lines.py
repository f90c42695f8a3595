"""Does what is billed of an order keep its price when the order's lines change?

An invoice bills its part of what a line comes to, and the last one what the others left. So a unit has to
cost the same after an edit, or what was billed is billed again at another price, or never as a whole. The
rule goes by what is typed, not by what it comes to: roundings play no part in it. Percentages and discounts
of each unit follow the lines, and do not stand in the way; fixed amounts do not.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import NoReturn
from uuid import UUID

from sqlmodel import col, select

from models.conversion.apportioning import billed_of
from models.conversion.remaining import require_rest
from models.errors import Blocker
from models.lifecycle import Change, Loading
from models.money import in_words, plain
from models.order import Order, OrderLine, Progress
from models.record import KEY, camel

_OTHERWISE = "cancelInvoice or discardInvoice first, or put it on a new order."
_BILLED = Loading(
    select(
        col(OrderLine.id),
        col(OrderLine.quantity),
        col(OrderLine.price_per_unit),
        col(OrderLine.volume_discount),
    ).where(OrderLine.order_id == KEY, col(OrderLine.quantity_invoiced) > OrderLine.quantity_credited)
)


@dataclass(frozen=True)
class Before:
    """What the lines of an order came to before an edit of them, and what of it was billed."""

    line_total: Decimal
    is_all_billed: bool
    # By the key of each line of which something is billed: its quantity, and what a unit cost.
    lines: Mapping[UUID, tuple[Decimal, Decimal]]


def before_edit(change: Change, order: Order) -> Before:
    """Return what an edit of an order's lines must leave as it is."""
    rows = _BILLED.rows(change.session, key=order.id)
    lines = {key: (quantity, price - volume) for key, quantity, price, volume in rows}
    return Before(order.line_total, order.billing_status is Progress.COMPLETE, lines)


def require_billed_prices(change: Change, order: Order, before: Before, name: str) -> None:
    """Refuse an edit that changes what is billed, or after which the rest could not be billed.

    Raises:
        Blocked: it is so; ``name`` is the argument at fault.
    """
    if not before.lines:
        return
    if order.discount_amount and order.line_total != before.line_total:
        discount = in_words(order.discount_amount, order.currency_code)
        message = (
            f"Something of this order is billed with its part of the discountAmount of {discount}, which "
            "another sum of the lines would change"
        )
        _refuse(change, name, message)
    lines = change.parts(OrderLine, order)
    for line in lines:
        if line.id in before.lines:
            _require_same_price(change, line, *before.lines[line.id], name)
    if not before.is_all_billed:
        _require_freight_billed(change, order, lines, name)
    way_out = "createCreditNote gives back what was billed, or put it on a new order."
    require_rest(change, order, lines, ("input", camel(name)), way_out)


def _require_same_price(
    change: Change, line: OrderLine, quantity: Decimal, unit_price: Decimal, name: str
) -> None:
    """Refuse another quantity of a billed line where a unit would cost something else with it."""
    if line.quantity == quantity:
        return
    billed = f"Of line {line.position}, {plain(line.net_invoiced)} are billed"
    for field in ("discount_amount", "typed_tax"):
        if amount := getattr(line, field):
            typed = f"a {camel(field)} of {in_words(amount, line.currency_code)}"
            _refuse(change, name, f"{billed} with their part of what is typed for all of it, {typed}")
    now = line.price_per_unit - line.volume_discount
    if now != unit_price:
        costs = f"with a quantity of {plain(line.quantity)} a unit would cost {plain(now)}"
        _refuse(change, name, f"{billed} at {plain(unit_price)} a unit, and {costs}")


def _require_freight_billed(change: Change, order: Order, lines: Sequence[OrderLine], name: str) -> None:
    """Refuse to take off what is left to bill while a part of the freight is to be billed with it."""
    if not order.freight_amount or any(line.net_invoiced != line.wanted for line in lines):
        return
    left = order.freight_amount - sum(each.base_amount for each in billed_of(change, order).freight)
    if left:
        message = (
            f"That would leave {in_words(left, order.currency_code)} of the freight with nothing to bill it "
            "with: cancelInvoice or discardInvoice first, and bill it again after the change."
        )
        change.refuse(Blocker("HAS_INVOICES", message, ("input", camel(name))))


def _refuse(change: Change, name: str, message: str) -> NoReturn:
    """Refuse an edit while something of the order is billed."""
    change.refuse(Blocker("HAS_INVOICES", f"{message}: {_OTHERWISE}", ("input", camel(name))))
