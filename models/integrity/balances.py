"""Is what is owed what was billed less what was paid and credited, and do the states say so?

Of invoices, and of the credit that customers have with us.
"""

from collections.abc import Iterator
from decimal import Decimal

from sqlalchemy import SelectBase, case, func, literal, type_coerce
from sqlmodel import Session, col, select

from models.credit_note import CreditNote
from models.integrity.difference import Difference, compared, difference, streamed
from models.invoice import Invoice, InvoiceStatus, state_of_amounts
from models.money import Amount
from models.payment import CustomerCredit, CustomerCreditEntry, CustomerCreditStatus, Payment, PaymentMethod
from models.record import Record

_ZERO = literal(Decimal(0), Amount)
# By record and column, the rows that it sums: each with the key of the record, and an amount.
_ROWS: tuple[tuple[type[Record], str, SelectBase], ...] = (
    (
        Invoice,
        "paid_total",
        select(col(Payment.invoice_id), col(Payment.amount) - Payment.excess_amount),
    ),
    (Invoice, "credited_total", select(col(CreditNote.invoice_id), col(CreditNote.total))),
    (
        Invoice,
        "customer_credit_total",
        select(col(CreditNote.invoice_id), col(CreditNote.customer_credit_total)),
    ),
    (
        CreditNote,
        "customer_credit_total",
        select(col(CustomerCreditEntry.credit_note_id), col(CustomerCreditEntry.amount)),
    ),
    (
        CustomerCredit,
        "balance",
        select(col(CustomerCreditEntry.customer_credit_id), col(CustomerCreditEntry.amount)),
    ),
    (
        Payment,
        "excess_amount",
        # A payment by credit takes from the credit, and keeps nothing of itself.
        select(col(CustomerCreditEntry.payment_id), col(CustomerCreditEntry.amount))
        .join(Payment, col(Payment.id) == CustomerCreditEntry.payment_id)
        .where(Payment.method != PaymentMethod.CUSTOMER_CREDIT),
    ),
)


def balances(session: Session) -> Iterator[Difference]:
    """Add payments, credit notes and the entries of credits up, and compare what they come to."""
    for table, name, rows in _ROWS:
        stored = getattr(table, name)
        key, amount = rows.subquery().c
        found = select(key, func.sum(amount, type_=Amount).label("derived")).group_by(key).subquery()
        derived = func.coalesce(found.c.derived, _ZERO)
        statement = select(table.id, stored, derived).outerjoin(found, found.c[key.name] == table.id)
        yield from compared(session, table, name, statement.where(stored != derived))
    applied = type_coerce(col(CreditNote.total) - CreditNote.customer_credit_total, Amount)
    wrong = select(CreditNote.id, col(CreditNote.applied_total), applied)
    yield from compared(
        session, CreditNote, "applied_total", wrong.where(CreditNote.applied_total != applied)
    )
    yield from _taken_from_credit(session)
    yield from _owed(session)


def _taken_from_credit(session: Session) -> Iterator[Difference]:
    """Compare each payment by credit with the entry that takes it from the customer's."""
    taken = type_coerce(-col(CustomerCreditEntry.amount), Amount)
    statement = (
        select(Payment.id, col(Payment.amount), taken)
        .outerjoin(CustomerCreditEntry, col(CustomerCreditEntry.payment_id) == Payment.id)
        .where(
            Payment.method == PaymentMethod.CUSTOMER_CREDIT,
            col(Payment.amount).is_distinct_from(taken),
        )
    )
    yield from compared(session, Payment, "amount", statement)


def _owed(session: Session) -> Iterator[Difference]:
    """Compare the balance of each invoice: nothing is owed on what is canceled."""
    less = col(Invoice.total) - Invoice.paid_total - Invoice.credited_total + Invoice.customer_credit_total
    live = col(Invoice.status) != InvoiceStatus.CANCELED
    owed = type_coerce(case((live, less), else_=_ZERO), Amount)
    wrong = select(Invoice.id, col(Invoice.balance), owed).where(col(Invoice.balance) != owed)
    yield from compared(session, Invoice, "balance", wrong)


def standings(session: Session) -> Iterator[Difference]:
    """Derive the state of every issued invoice, and of every credit, from its amounts alone."""
    # What was canceled has its state from a command.
    issued = select(Invoice).where(
        col(Invoice.number).is_not(None), Invoice.reason_id != "invoice.CANCELED.CANCELED"
    )
    for (row,) in streamed(session, issued):
        is_whole = 0 < row.total == row.credited_total
        derived = ".".join(state_of_amounts(row.paid_total, row.balance, is_credited=is_whole))
        if row.state != derived:
            yield difference(Invoice, row.id, "status", row.state, derived)
    has_some = col(CustomerCredit.balance) != 0
    standing = case((has_some, CustomerCreditStatus.OPEN.value), else_=CustomerCreditStatus.SETTLED.value)
    wrong = select(CustomerCredit.id, CustomerCredit.status, standing).where(
        CustomerCredit.status != standing
    )
    yield from compared(session, CustomerCredit, "status", wrong)
