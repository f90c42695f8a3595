"""How is money asked for before anything is delivered? Deposits on an order."""

from decimal import Decimal
from typing import Annotated

from models.conversion.apportioning import billed_of
from models.conversion.invoicing import InvoicedOrder, draft_of
from models.document import freight_of, line_price, set_line_price, set_totals
from models.errors import Blocker, Invalid
from models.invoice import InvoiceLine, InvoiceLineKind
from models.lifecycle import Change, transition
from models.money import (
    HUNDRED,
    ZERO,
    in_words,
    plain,
    require_money,
    require_percent,
    require_positive,
    round_money,
)
from models.order import Order, OrderLine, OrderStatus
from models.pricing import deposit, document_of, freight_price, price_of_group, rate_groups
from models.record import new_id


@transition(
    Order,
    event="order.deposit_invoiced",
    sources=(OrderStatus.ACTIVE, OrderStatus.SUBMITTED, OrderStatus.FULFILLED),
)
def invoice_deposit(
    change: Change,
    order: Order,
    *,
    percent: Annotated[Decimal | None, "Percent of the order's total, above 0 to 100."] = None,
    amount: Annotated[Decimal | None, "The amount, taxes included."] = None,
) -> InvoicedOrder:
    """Make a draft invoice of a deposit on an order, split over the order's tax rates.

    All invoices of an order, deposits among them, come to no more than its total. The invoices that follow
    take the deposit off, each its part and the last one what is left.
    """
    asked = _asked(order, percent, amount)
    before = billed_of(change, order)
    left = order.total - before.total
    if asked > left:
        there = in_words(left, order.currency_code)
        message = f"{plain(asked)} is more than the {there} of the order that no invoice asks for yet."
        field = "percent" if amount is None else "amount"
        change.refuse(Blocker("OVER_INVOICED", message, ("input", field)))
    invoice = draft_of(change, order)
    invoice.is_deposit = True
    prices = [line_price(line) for line in change.parts(OrderLine, order)]
    groups = rate_groups([*prices, freight_of(order)])
    parts = deposit(groups, asked, rate_groups(before.deposits), order.currency_code)
    found = [price_of_group(part) for part in parts if part.gross]
    for position, price in enumerate(found, start=1):
        line = change.new(
            InvoiceLine,
            invoice_id=invoice.id,
            lineage_id=new_id(),
            position=position,
            kind=InvoiceLineKind.DEPOSIT,
            description=f"Deposit on order {order.number}",
            quantity=Decimal(1),
            unit="piece",
            currency_code=order.currency_code,
            price_per_unit=price.base_amount,
            tax_percent=sum((each.tax.percent for each in price.taxes), ZERO),
        )
        set_line_price(line, price)
        change.add(line)
    set_totals(invoice, document_of(found, freight_price(ZERO, ())))
    invoice.balance = invoice.total
    return InvoicedOrder(invoice)


def _asked(order: Order, percent: Decimal | None, amount: Decimal | None) -> Decimal:
    """Return the amount of a deposit.

    Raises:
        Invalid: neither percent nor amount was given, or both, or one out of its range.
    """
    if (percent is None) == (amount is None):
        message = "Pass either percent or amount."
        raise Invalid(message, path=("input", "percent"))
    if amount is None:
        require_percent(percent, "percent")
        asked = round_money(order.total * (percent or ZERO) / HUNDRED, order.currency_code)
        require_positive(asked, "percent")
        return asked
    require_positive(amount, "amount")
    require_money(amount, "amount", order.currency_code)
    return amount
