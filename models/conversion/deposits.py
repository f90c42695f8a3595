"""How is money asked for before anything is delivered? Deposits on an order."""

from collections.abc import Iterable
from decimal import Decimal
from typing import Annotated

from sqlmodel import col, select

from models.conversion.apportioning import NO_GROUP, Billed, billed_of, by_taxes, unbilled
from models.conversion.invoicing import InvoicedOrder, draft_of
from models.document import set_line_price, set_totals
from models.errors import Blocker, Invalid, Path
from models.invoice import Invoice, InvoiceLine, InvoiceLineKind, is_live
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
from models.pricing import (
    RateGroup,
    Taxes,
    deposit,
    document_of,
    freight_price,
    price_of_group,
    rest_of,
)
from models.record import new_id

_TAKEN_BACK = "cancelInvoice or discardInvoice"


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
    """Make a draft invoice of a deposit on an order, split over the tax rates of what is not billed yet.

    All invoices of an order, deposits among them, come to no more than its total. The invoices that follow
    take the deposit off, each its part and the last one what is left.
    """
    asked = _asked(order, percent, amount)
    free = _unasked(change, order)
    left = max(_sum(free), ZERO)
    if asked > left:
        there = in_words(left, order.currency_code)
        message = f"{plain(asked)} is more than the {there} of the order that no invoice asks for yet."
        field = "percent" if amount is None else "amount"
        change.refuse(Blocker("OVER_INVOICED", message, ("input", field)))
    invoice = draft_of(change, order)
    invoice.is_deposit = True
    # What the customer gets back at another rate bears no deposit: there is nothing to take it off from.
    parts = deposit([each for each in free if each.gross > 0], asked, order.currency_code)
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


def require_worth_of_deposits(change: Change, order: Order, path: Path, way_out: str | None = None) -> None:
    """Refuse what makes an order worth less than its deposits, as a whole or at one of its tax rates.

    ``way_out`` is what to do where that is not to take a deposit back.

    Raises:
        Blocked: no invoice could take the rest of the deposits off any more.
    """
    deposits = select(Invoice.id).where(
        Invoice.order_id == order.id, col(Invoice.is_deposit), is_live(Invoice)
    )
    if change.session.exec(deposits.limit(1)).first() is None:
        return
    before = billed_of(change, order)
    billed, rest, owed = by_taxes(before.own), _left_to_bill(change, order, before), before.undeducted
    is_whole = _sum(owed.values()) > max(_sum(rest.values()), ZERO)
    short = [key for key in owed if owed[key].gross > max(rest.get(key, NO_GROUP).gross, ZERO)]
    if not is_whole and not short:
        return
    keys = {*billed, *rest, *owed} if is_whole else set(short[:1])
    so_far, left, asked = (_sum(each[key] for key in keys if key in each) for each in (billed, rest, owed))
    worth, all_asked = (in_words(so_far + each, order.currency_code) for each in (left, asked))
    where, what = "The", f"createCreditNote, {_TAKEN_BACK} takes a deposit back first"
    if not is_whole:
        where = f"At {plain(sum((tax.percent for tax in short[0]), ZERO))} % tax the"
        what = f"createCreditNote of a deposit's line at that rate, {_TAKEN_BACK} takes it back first"
    message = (
        f"{where} order would come to {worth}, and its invoices, with deposits, ask for {all_asked}: "
        f"{way_out or what}."
    )
    change.refuse(Blocker("OVER_INVOICED", message, path))


def _unasked(change: Change, order: Order) -> list[RateGroup]:
    """Return what of an order no invoice asks for yet, at each set of taxes."""
    before = billed_of(change, order)
    rest, owed = _left_to_bill(change, order, before), before.undeducted
    return [rest_of(rest.get(key, NO_GROUP), owed.get(key)) for key in {**rest, **owed}]


def _left_to_bill(change: Change, order: Order, before: Billed) -> dict[Taxes, RateGroup]:
    """Return what of an order is still to be billed: nothing, no freight either, once its lines are."""
    lines = change.parts(OrderLine, order)
    is_open = any(line.wanted > line.net_invoiced for line in lines)
    return unbilled(order, lines, before) if is_open else {}


def _sum(groups: Iterable[RateGroup]) -> Decimal:
    """Return what groups come to together."""
    return sum((each.gross for each in groups), ZERO)


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
