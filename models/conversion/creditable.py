"""What of an invoice may be taken back yet, and what of that is named?

By quantity of its lines, or by an amount that is spread over what is left at each tax rate. Of a deposit that
is what no invoice of its order has taken off.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Annotated, NoReturn
from uuid import UUID

from sqlmodel import col, select

from models.conversion.apportioning import NO_GROUP, NOTHING, billed_of
from models.credit_note import CreditNote, CreditNoteLine
from models.document import freight_of, line_price, require_money, require_positive
from models.errors import Blocker, Invalid, NotFound, Path
from models.invoice import Invoice, InvoiceLine, InvoiceLineKind
from models.lifecycle import Change, Reference
from models.money import ZERO, in_words, plain
from models.order import Order
from models.pricing import (
    Billing,
    LinePrice,
    less,
    part_by_amount,
    part_of_line,
    price_of_group,
    rate_groups,
)


@dataclass
class CreditedLine:
    """How much of a position is taken back."""

    line_id: Annotated[UUID, Reference("invoice_line"), "The invoice's line."]
    quantity: Annotated[Decimal, "How many units, above zero."]


@dataclass
class _Left:
    """What of a position of an invoice was not taken back yet."""

    line: InvoiceLine
    price: LinePrice

    @property
    def quantity(self) -> Decimal:
        """How many units."""
        return self.line.quantity - self.line.quantity_credited


@dataclass
class Taken:
    """What is taken back of a position now; without a quantity the price alone falls."""

    line: InvoiceLine
    quantity: Decimal
    price: LinePrice


def named(
    change: Change, invoice: Invoice, lines: Sequence[CreditedLine] | None, amount: Decimal | None
) -> tuple[list[Taken], LinePrice]:
    """Return what is taken off lines and freight: what lines or an amount name, or all that is left."""
    left, freight = _left(change, invoice)
    free = _undeducted(change, invoice, left) if invoice.is_deposit else left
    if amount is not None:
        return _by_amount(change, invoice, free, freight, amount)
    taken = _by_quantity(change, left, lines)
    there = {each.line.id: each.price.total_amount for each in free}
    over = [each for each in taken if each.price.total_amount > there.get(each.line.id, ZERO)]
    if over and lines is None:
        _refuse_deducted(change, invoice, sum(there.values(), ZERO), ("input", "id"))
    elif over:
        line = over[0].line
        _refuse_deducted(change, invoice, there.get(line.id, ZERO), ("input", "lines"), line)
    return taken, freight if lines is None else NOTHING


def _credited_of(change: Change, invoice: Invoice) -> dict[UUID, list[LinePrice]]:
    """Return what the credit notes of an invoice took back of each of its lines."""
    statement = (
        select(CreditNoteLine)
        .join(CreditNote, col(CreditNote.id) == CreditNoteLine.credit_note_id)
        .where(CreditNote.invoice_id == invoice.id)
    )
    found: dict[UUID, list[LinePrice]] = {}
    for line in change.session.exec(statement).all():
        found.setdefault(line.invoice_line_id, []).append(line_price(line))
    return found


def _left(change: Change, invoice: Invoice) -> tuple[list[_Left], LinePrice]:
    """Return what of an invoice's lines and of its freight was not taken back yet."""
    taken = _credited_of(change, invoice)
    lines = [
        _Left(line, less(line_price(line), taken.get(line.id, [])))
        for line in change.parts(InvoiceLine, invoice)
    ]
    notes = change.session.exec(select(CreditNote).where(CreditNote.invoice_id == invoice.id)).all()
    return lines, less(freight_of(invoice), [freight_of(each) for each in notes])


def _undeducted(change: Change, invoice: Invoice, left: Sequence[_Left]) -> list[_Left]:
    """Return what of a deposit's lines was neither taken back nor taken off by an invoice of its order."""
    there = billed_of(change, change.get(Order, invoice.order_id)).undeducted
    found = []
    for each in left:
        (own,) = rate_groups([each.price])
        free = there.get(own.key, NO_GROUP)
        if free.gross > 0:
            found.append(each if own.gross <= free.gross else _Left(each.line, price_of_group(free)))
    return found


def _by_quantity(change: Change, left: Sequence[_Left], given: Sequence[CreditedLine] | None) -> list[Taken]:
    """Return what is taken back of lines by quantity: of each the part of what is left.

    Raises:
        NotFound: a line that the invoice does not have.
        Invalid: a line that is named twice, a quantity that is not above zero, or nothing at all.
        Blocked: more than is left.
    """
    if given is None:
        return [
            Taken(each.line, each.quantity, each.price)
            for each in left
            if each.quantity or each.price.base_amount
        ]
    by_key = {each.line.id: each for each in left}
    found: dict[UUID, Taken] = {}
    for index, each in enumerate(given):
        path = ("input", "lines", index)
        one = by_key.get(each.line_id)
        if one is None:
            raise NotFound(InvoiceLine.noun(), path=(*path, "lineId"))
        if each.line_id in found:
            message = f"Line {one.line.position} is named twice; add its quantities up."
            raise Invalid(message, path=(*path, "lineId"))
        require_positive(each.quantity, "quantity")
        if one.line.kind is InvoiceLineKind.DEDUCTION:
            message = f"Line {one.line.position} takes a deposit off: leave lines out to take all of it back."
            change.refuse(Blocker("OVER_CREDITED", message, ("input", "lines")))
        if each.quantity > one.quantity:
            there, wanted = plain(one.quantity), plain(each.quantity)
            message = f"Line {one.line.position} has {there} left to credit, not {wanted}."
            change.refuse(Blocker("OVER_CREDITED", message, ("input", "lines")))
        billing = Billing(each.quantity, one.quantity)
        price = part_of_line(one.price, NOTHING, billing, one.line.currency_code)
        found[each.line_id] = Taken(one.line, each.quantity, price)
    if not found:
        message = "Nothing of the invoice was named: pass a line with a quantity above zero."
        raise Invalid(message, path=("input", "lines"))
    return list(found.values())


def _by_amount(
    change: Change, invoice: Invoice, left: Sequence[_Left], freight: LinePrice, amount: Decimal
) -> tuple[list[Taken], LinePrice]:
    """Return what is taken off lines and freight by an amount, taxes included.

    Raises:
        Invalid: an amount that is not above zero, or finer than the currency.
        Blocked: more than is left.
    """
    require_positive(amount, "amount")
    require_money(amount, "amount", invoice.currency_code)
    whole = invoice.total - invoice.credited_total
    if amount > whole:
        there = in_words(whole, invoice.currency_code)
        message = f"{plain(amount)} is more than the {there} of the invoice that are not credited yet."
        change.refuse(Blocker("OVER_CREDITED", message, ("input", "amount")))
    undeducted = sum((each.price.total_amount for each in left), ZERO)
    if invoice.is_deposit and amount > undeducted:
        _refuse_deducted(change, invoice, undeducted, ("input", "amount"))
    *prices, of_freight = part_by_amount(
        [*(each.price for each in left), freight], amount, invoice.currency_code
    )
    taken = [Taken(each.line, ZERO, price) for each, price in zip(left, prices, strict=True)]
    return [each for each in taken if each.price.total_amount], of_freight


def _refuse_deducted(
    change: Change, invoice: Invoice, there: Decimal, path: Path, line: InvoiceLine | None = None
) -> NoReturn:
    """Refuse to give back what of a deposit an invoice of its order has taken off."""
    message = "An invoice of the order takes this deposit off: "
    if there > 0:
        what = "this deposit" if line is None else f"line {line.position}"
        most = "pass no more as amount" if line is None else "name no more of it"
        message = f"No invoice took {in_words(there, invoice.currency_code)} of {what} off: {most}, or "
    message += "discardInvoice, cancelInvoice or createCreditNote takes that "
    message += "invoice back first." if there > 0 else "one back first."
    change.refuse(Blocker("DEPOSIT_DEDUCTED", message, path))
