"""What of an order's money is due in one of its invoices?

The prices of an order's invoice are the order's. Each invoice takes its part by quantity of every amount and
tax, its part of the freight, and takes its part of the deposits off; the last one takes what the others left.
What came back by credit notes, or was credited as a whole, counts as not billed.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from uuid import UUID

from sqlalchemy import or_
from sqlmodel import col, select

from models.credit_note import CreditNote, CreditNoteLine
from models.document import freight_of, line_price, set_line_price, set_totals
from models.errors import Blocker, Path
from models.invoice import Invoice, InvoiceLine, InvoiceLineKind, is_live
from models.lifecycle import Change, Loading
from models.moment import TaxMode
from models.money import ZERO, in_words
from models.order import Order, OrderLine
from models.pricing import (
    Billing,
    LinePrice,
    RateGroup,
    Tax,
    TaxAmount,
    Taxes,
    deduction,
    document_of,
    negative,
    part_of_line,
    price_of_group,
    rate_groups,
    sum_of_lines,
)
from models.record import KEY, new_id

NOTHING = sum_of_lines([])
NO_GROUP = RateGroup(ZERO, ())
UNTAXED = Tax("", ZERO)


@dataclass
class Billed:
    """What the live invoices of an order took of it, less what came back."""

    # By the key of the order's line; the deposits, and what was taken off for them, stand apart.
    lines: dict[UUID, list[LinePrice]] = field(default_factory=dict)
    deposits: list[LinePrice] = field(default_factory=list)
    deductions: list[LinePrice] = field(default_factory=list)
    freight: list[LinePrice] = field(default_factory=list)

    @property
    def line_total(self) -> Decimal:
        """What the order's lines were billed with, after their own discounts."""
        return sum((each.net_amount for taken in self.lines.values() for each in taken), ZERO)

    @property
    def own(self) -> list[LinePrice]:
        """What was billed of the order's lines and of its freight."""
        return [each for taken in self.lines.values() for each in taken] + self.freight

    @property
    def undeducted(self) -> dict[Taxes, RateGroup]:
        """What of the deposits no invoice has taken off, at each set of taxes."""
        return by_taxes([*self.deposits, *self.deductions])

    def take(self, line: InvoiceLine, price: LinePrice) -> None:
        """Note what a line of an invoice took; what came back is negative."""
        if line.kind is InvoiceLineKind.DEPOSIT:
            self.deposits.append(price)
        elif line.kind is InvoiceLineKind.DEDUCTION:
            self.deductions.append(price)
        elif line.order_line_id is not None:
            self.lines.setdefault(line.order_line_id, []).append(price)


def billed_of(change: Change, order: Order, *, but: Invoice | None = None) -> Billed:
    """Return what the live invoices of an order took of it, one of them left out where it is given.

    An invoice whose prices were changed counts with what the order asks for its quantities, freight included,
    and so does what came back of it.
    """
    change.flush()
    found = Billed()
    own: dict[UUID | None, OrderLine] = {line.id: line for line in change.parts(OrderLine, order)}
    invoices: dict[UUID, Invoice] = {}
    nets: defaultdict[UUID, list[Decimal]] = defaultdict(list)
    for line, invoice in _BILLED.rows(change.session, key=order.id):
        if but is not None and invoice.id == but.id:
            continue
        price = _asked_for(line, own.get(line.order_line_id), invoice)
        found.take(line, price)
        invoices[invoice.id] = invoice
        if line.order_line_id is not None:
            nets[invoice.id].append(price.net_amount)
    found.freight = [_freight_asked_for(order, each, nets[key]) for key, each in invoices.items()]
    _give_back(change, order, own, found)
    return found


def _asked_for(line: InvoiceLine | CreditNoteLine, whole: OrderLine | None, invoice: Invoice) -> LinePrice:
    """Return what the order asks for the quantity of a line: where prices are locked, what the line says."""
    if whole is None or invoice.is_prices_locked:
        return line_price(line)
    return part_of_line(
        line_price(whole), NOTHING, Billing(line.quantity, whole.quantity), invoice.currency_code
    )


def _freight_asked_for(order: Order, invoice: Invoice, nets: Sequence[Decimal]) -> LinePrice:
    """Return the part of the order's freight that goes with the lines of an invoice, which net to these.

    Of an order whose lines come to nothing no line has a part: there the invoice is taken at its word.
    """
    if invoice.is_prices_locked or not order.line_total:
        return freight_of(invoice)
    billing = Billing(sum(nets, ZERO), order.line_total)
    return part_of_line(freight_of(order), NOTHING, billing, order.currency_code)


def _give_back(change: Change, order: Order, own: Mapping[UUID | None, OrderLine], found: Billed) -> None:
    """Take off what came back by credit notes, and deposits; a price that was reduced stays billed."""
    for line, billed, invoice in _CREDITED.rows(change.session, key=order.id):
        found.take(billed, negative(_asked_for(line, own.get(billed.order_line_id), invoice)))
    found.freight += [negative(freight_of(note)) for note in _RETURNS.all(change.session, key=order.id)]


_BILLED = Loading(
    select(InvoiceLine, Invoice)
    .join(Invoice, col(Invoice.id) == InvoiceLine.invoice_id)
    .where(col(Invoice.order_id) == KEY, is_live(Invoice)),
    InvoiceLine,
    Invoice,
)
_came_back = col(CreditNote.is_goods_returned).is_(True)
_CREDITED = Loading(
    select(CreditNoteLine, InvoiceLine, Invoice)
    .join(CreditNote, col(CreditNote.id) == CreditNoteLine.credit_note_id)
    .join(InvoiceLine, col(InvoiceLine.id) == CreditNoteLine.invoice_line_id)
    .join(Invoice, col(Invoice.id) == CreditNote.invoice_id)
    .where(
        col(CreditNote.order_id) == KEY,
        is_live(Invoice),
        or_(_came_back, col(InvoiceLine.kind) == InvoiceLineKind.DEPOSIT),
    ),
    CreditNoteLine,
    InvoiceLine,
    Invoice,
)
_RETURNS = Loading(
    select(CreditNote)
    .join(Invoice, col(Invoice.id) == CreditNote.invoice_id)
    .where(col(CreditNote.order_id) == KEY, _came_back, is_live(Invoice)),
    CreditNote,
)


def apportion(
    change: Change, order: Order, invoice: Invoice, everything: Sequence[OrderLine], path: Path
) -> None:
    """Give the lines of a draft invoice what is due of the order's, and the invoice its totals.

    Raises:
        Blocked: it would come to less than zero.
    """
    before = billed_of(change, order, but=invoice)
    by_key = {line.id: line for line in everything}
    lines = change.parts(InvoiceLine, invoice)
    prices = []
    for line in lines:
        own = by_key.get(line.order_line_id) if line.order_line_id else None
        if own is not None:
            taken = sum_of_lines(before.lines.get(own.id, []))
            billing = Billing(own.net_invoiced, own.quantity)
            prices.append(part_of_line(line_price(own), taken, billing, order.currency_code, order.tax_base))
            set_price(line, prices[-1], order)
    is_last = all(line.net_invoiced == line.wanted for line in everything)
    freight = _freight(order, before, prices, is_last=is_last)
    taken_off = _deductions(order, everything, before, [*prices, freight])
    _write_deductions(change, invoice, lines, taken_off)
    invoice.freight_amount = freight.base_amount
    set_totals(invoice, document_of([*prices, *taken_off], freight))
    invoice.balance = invoice.total
    if invoice.total < 0:
        amount = in_words(invoice.total, invoice.currency_code)
        message = (
            f"The invoice would come to {amount}, and none comes to less than zero: bill "
            f"{lowering(everything)} with what covers it, or less of it."
        )
        change.refuse(Blocker("TOTAL_BELOW_ZERO", message, path))


def lowers(line: OrderLine) -> bool:
    """Say whether a line lowers what its order comes to: by its price, or by a tax that is typed."""
    return line.base_amount < 0 or line.tax_amount < 0


def lowering(lines: Sequence[OrderLine]) -> str:
    """Name the lines of an order that lower what it comes to."""
    found = [f"line {line.position}" for line in lines if lowers(line)]
    return " and ".join(found) or "what lowers it"


def part_of(order: Order, line: OrderLine, quantity: Decimal) -> LinePrice:
    """Return what a quantity of an order's line comes to, whatever was billed of it before."""
    billing = Billing(quantity, line.quantity)
    return part_of_line(line_price(line), NOTHING, billing, order.currency_code, order.tax_base)


def set_price(line: InvoiceLine, price: LinePrice, order: Order) -> None:
    """Write what a line comes to, all its manual discounts as one amount."""
    line.discount_amount, line.discount_per_unit = abs(price.manual_discount), ZERO
    line.typed_tax = price.tax_amount if order.tax_mode is TaxMode.TYPED else ZERO
    set_line_price(line, price)


def _freight(order: Order, before: Billed, lines: Sequence[LinePrice], *, is_last: bool) -> LinePrice:
    """Return an invoice's part of the order's freight: by what is billed altogether, less what was billed."""
    billed = before.line_total + sum((each.net_amount for each in lines), ZERO)
    billing = Billing(order.line_total if is_last else billed, order.line_total)
    return part_of_line(freight_of(order), sum_of_lines(before.freight), billing, order.currency_code)


def unbilled(order: Order, everything: Sequence[OrderLine], before: Billed) -> dict[Taxes, RateGroup]:
    """Return what of an order is still to be billed, at each set of taxes: as one invoice would bill it all.

    What was called off is not.
    """
    code, base = order.currency_code, order.tax_base
    found = [
        part_of_line(
            line_price(line),
            sum_of_lines(before.lines.get(line.id, [])),
            Billing(line.wanted, line.quantity),
            code,
            base,
        )
        for line in everything
    ]
    return by_taxes([*found, _freight(order, before, [], is_last=True)])


def _deductions(
    order: Order, everything: Sequence[OrderLine], before: Billed, own: Sequence[LinePrice]
) -> list[LinePrice]:
    """Return what an invoice takes off for the deposits on its order, at each set of taxes."""
    if not before.deposits:
        return []
    billed, left = by_taxes(before.own), unbilled(order, everything, before)
    present, deducted = by_taxes(own), by_taxes(before.deductions)
    found = []
    for paid in rate_groups(before.deposits):
        now, so_far, rest = (each.get(paid.key, NO_GROUP) for each in (present, billed, left))
        taken = _turned(deducted.get(paid.key))
        # Of what was called off nothing is billed that could bear a deposit.
        billing = Billing(so_far.gross + now.gross, so_far.gross + rest.gross)
        due = deduction(now, billing, paid, taken, order.currency_code)
        if due.gross:
            found.append(negative(price_of_group(due)))
    return found


def by_taxes(prices: Sequence[LinePrice]) -> dict[Taxes, RateGroup]:
    """Return what is owed at each set of taxes.

    Freight without taxes is one with lines without: a deposit on it is a line, and keeps the rate of zero.
    """
    found = [
        each if each.taxes else replace(each, taxes=(TaxAmount(UNTAXED, each.net_amount, ZERO),))
        for each in prices
    ]
    return {each.key: each for each in rate_groups(found)}


def _turned(group: RateGroup | None) -> RateGroup:
    """Return what was taken off as an amount above zero."""
    if group is None:
        return NO_GROUP
    (turned,) = rate_groups([negative(price_of_group(group))])
    return turned


def _write_deductions(
    change: Change, invoice: Invoice, lines: Sequence[InvoiceLine], taken_off: Sequence[LinePrice]
) -> None:
    """Let the lines that take deposits off be these."""
    present = {
        tuple(each.tax for each in line_price(line).taxes): line
        for line in lines
        if line.kind is InvoiceLineKind.DEDUCTION
    }
    items = [line.position for line in lines if line.kind is not InvoiceLineKind.DEDUCTION]
    last = max(items, default=0)
    for index, price in enumerate(taken_off, start=1):
        line = present.pop(tuple(each.tax for each in price.taxes), None)
        if line is None:
            line = change.new(
                InvoiceLine,
                invoice_id=invoice.id,
                lineage_id=new_id(),
                position=0,
                kind=InvoiceLineKind.DEDUCTION,
                description="Less deposit",
                quantity=Decimal(-1),
                unit="piece",
                currency_code=invoice.currency_code,
                price_per_unit=ZERO,
            )
            change.add(line)
        line.position = last + index
        line.price_per_unit = -price.base_amount
        line.tax_percent = sum((each.tax.percent for each in price.taxes), ZERO)
        set_line_price(line, price)
    for line in present.values():
        change.remove(line)
