"""How is an invoice taken back, as a whole or in part?

A credit note is made of what is left of each position of the invoice: by quantity, or by an amount that is
spread over what is left at each tax rate. Either way the last one takes what the others left, to the cent.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Annotated
from uuid import UUID

from sqlalchemy import func
from sqlmodel import col, select

from models.conversion.creditable import CreditedLine, Taken, named
from models.credit_note import CreditNote, CreditNoteLine, CreditNoteStatus
from models.document import PRICED, carried, require_past, set_line_price, set_totals
from models.errors import Blocker, Invalid
from models.invoice import ISSUED, Invoice, InvoiceLine, InvoiceStatus, settle_balance
from models.lifecycle import Change, Seen, guard, transition
from models.money import ZERO, Amount, in_words, plain
from models.numbering import next_number
from models.order import Order, OrderLine, settle
from models.payment import CreditEntryKind, CustomerCredit, CustomerCreditEntry, credit_of, enter
from models.pricing import LinePrice, document_of


@dataclass
class CreditedInvoice:
    """What came of taking an invoice back."""

    credit_note: Annotated[CreditNote, "The credit note, which is issued at once."]
    customer_credit: Annotated[
        CustomerCredit | None, "The customer's credit, where more was credited than was owed."
    ]
    order: Annotated[Order | None, "The invoice's order, where quantities come back to it."]


@guard("OVER_CREDITED", "total", "credited_total")
def something_to_credit(seen: Seen) -> str | None:
    """Something of the invoice is not credited yet."""
    if seen.credited_total < seen.total:
        return None
    return "The whole invoice is credited: nothing is left to take back."


@transition(
    Invoice,
    event="invoice.credited",
    sources=(*ISSUED, InvoiceStatus.PAID),
    target=InvoiceStatus.CANCELED,
    conditional=True,
    guards=(something_to_credit,),
)
def create_credit_note(
    change: Change,
    invoice: Invoice,
    *,
    reason: Annotated[
        str | None,
        "Code of a reason of credit notes, for example PRICE_REDUCTION or CORRECTION; needed unless the "
        "company has chosen a default.",
    ] = None,
    lines: Annotated[
        list[CreditedLine] | None, "What is taken back; without lines and amount, all that is left."
    ] = None,
    amount: Annotated[
        Decimal | None, "What is taken off with its taxes, spread over the rates of the invoice."
    ] = None,
    goods_returned: Annotated[
        bool, "Whether the goods come back: their quantities may then be returned, or billed again."
    ] = False,
    issued_on: Annotated[date | None, "The credit note's date; today where it is left out."] = None,
    note: Annotated[str | None, "Why, in words."] = None,
) -> CreditedInvoice:
    """Take an issued invoice back, or a part of it, by a credit note with a number of its own series.

    It lowers the balance; what is beyond the balance becomes credit of the customer. An invoice that is
    credited as a whole bills nothing any more: all its quantities come back to its order, whatever was said
    of the goods, and it is CANCELED where nothing was paid.
    """
    code = change.reason("credit_note", CreditNoteStatus.ISSUED, reason)
    if amount is not None and (lines is not None or goods_returned):
        message = "Pass either lines or an amount; goods come back by lines alone."
        raise Invalid(message, path=("input", "amount"))
    day = require_past(change, issued_on, "issued_on")
    if invoice.issued_on is not None and day < invoice.issued_on:
        message = f"issuedOn {day} lies before {invoice.issued_on}, the date of the invoice."
        raise Invalid(message, path=("input", "issuedOn"), code="INVALID_DATES")
    taken, freight = named(change, invoice, lines, amount)
    made = _write(change, invoice, taken, freight, code)
    made.issued_on, made.is_goods_returned, made.note = day, goods_returned, note
    made.number = next_number(change, "C", day)
    is_whole = made.total == invoice.total - invoice.credited_total
    back = _still_billed(change, invoice, made) if is_whole else _quantities(taken) if goods_returned else {}
    order = _take_back(change, invoice, back)
    return CreditedInvoice(made, _settle(change, invoice, made), order)


def _write(
    change: Change, invoice: Invoice, taken: Sequence[Taken], freight: LinePrice, reason: str
) -> CreditNote:
    """Write the credit note over what is taken back."""
    made = change.add(
        change.new(
            CreditNote,
            **{name: getattr(invoice, name) for name in _SHARED},
            invoice_id=invoice.id,
        ),
        status=CreditNoteStatus.ISSUED,
        reason=reason,
    )
    for each in taken:
        by_price = not each.quantity
        line = change.new(
            CreditNoteLine,
            credit_note_id=made.id,
            invoice_line_id=each.line.id,
            **carried(each.line, "discount_per_unit", "volume_discount", *PRICED),
        )
        line.quantity = Decimal(1) if by_price else each.quantity
        if by_price:
            line.unit, line.price_per_unit = "piece", each.price.base_amount
        else:
            line.volume_discount = each.line.volume_discount
        line.discount_amount = abs(each.price.manual_discount)
        set_line_price(line, each.price)
        change.add(line)
        each.line.quantity_credited += each.quantity
    made.freight_amount = freight.base_amount
    set_totals(made, document_of([each.price for each in taken], freight))
    _require_within(change, invoice, made)
    return made


def _require_within(change: Change, invoice: Invoice, made: CreditNote) -> None:
    """Refuse a credit note over nothing, or over more than is left of its invoice.

    Raises:
        Invalid: it comes to nothing.
        Blocked: it comes to more than is left.
    """
    whole = invoice.total - invoice.credited_total
    if made.total > whole:
        asked, there = plain(made.total), in_words(whole, invoice.currency_code)
        message = (
            f"What is named comes to {asked}, more than the {there} that are not credited yet: leave lines "
            "out to take all of it back, or pass an amount."
        )
        change.refuse(Blocker("OVER_CREDITED", message, ("input", "lines")))
    if made.total <= 0:
        message = "What is named comes to nothing: there is nothing to credit."
        raise Invalid(message, path=("input", "lines"))


def _quantities(taken: Sequence[Taken]) -> dict[UUID | None, Decimal]:
    """Return how much of each line of the order is taken back."""
    return {each.line.order_line_id: each.quantity for each in taken}


def _still_billed(change: Change, invoice: Invoice, made: CreditNote) -> dict[UUID | None, Decimal]:
    """Return how much of each line of the order is billed, less what the credit notes before brought back."""
    statement = (
        select(col(CreditNoteLine.invoice_line_id), func.sum(CreditNoteLine.quantity, type_=Amount))
        .join(CreditNote, col(CreditNote.id) == CreditNoteLine.credit_note_id)
        .where(
            CreditNote.invoice_id == invoice.id,
            CreditNote.id != made.id,
            col(CreditNote.is_goods_returned).is_(True),
        )
        .group_by(col(CreditNoteLine.invoice_line_id))
    )
    before: dict[UUID, Decimal] = dict(change.session.exec(statement).all())
    lines = change.parts(InvoiceLine, invoice)
    return {line.order_line_id: line.quantity - before.get(line.id, ZERO) for line in lines}


def _take_back(change: Change, invoice: Invoice, back: Mapping[UUID | None, Decimal]) -> Order | None:
    """Give quantities back to the invoice's order: they may be returned, or billed again."""
    if invoice.order_id is None or not any(back[key] for key in back if key is not None):
        return None
    order = change.get(Order, invoice.order_id)
    lines = change.parts(OrderLine, order)
    for line in lines:
        line.quantity_credited += back.get(line.id, ZERO)
    change.tell(order, "order.invoice_credited")
    settle(change, order, lines)
    return order


def _settle(change: Change, invoice: Invoice, made: CreditNote) -> CustomerCredit | None:
    """Lower the balance of the invoice; what is beyond it becomes credit of the customer."""
    made.applied_total = min(made.total, invoice.balance)
    made.customer_credit_total = made.total - made.applied_total
    invoice.credited_total += made.total
    invoice.customer_credit_total += made.customer_credit_total
    settle_balance(change, invoice, made.issued_on)
    change.tell(invoice, note=made.note)
    if not made.customer_credit_total:
        return None
    credit = credit_of(change, invoice)
    entry = change.new(
        CustomerCreditEntry,
        kind=CreditEntryKind.CREDIT_NOTE,
        amount=made.customer_credit_total,
        entered_on=made.issued_on,
        credit_note_id=made.id,
        note=made.note,
    )
    enter(change, credit, entry)
    return credit


# What a credit note has in common with its invoice: at another day's rate it would not take it back in the
# organisation's currency.
_SHARED = (
    "chain_id", "account_id", "contact_id", "owner_id", "name", "currency_code", "price_list_id", "order_id",
    "bill_to_id", "tax_rounding", "tax_base", "tax_mode", "exchange_rate", "base_currency_code",
)  # fmt: skip
