"""Is what is owed what was billed less what was paid, and does the state of an invoice say so?"""

from collections.abc import Iterator
from decimal import Decimal

from sqlalchemy import and_, func, literal, type_coerce
from sqlmodel import Session, col, select

from models.integrity.difference import Difference, compared
from models.invoice import Invoice, InvoiceStatus
from models.money import Amount
from models.payment import Payment

_ZERO = literal(Decimal(0), Amount)


def balances(session: Session) -> Iterator[Difference]:
    """Add payments up, without what became credit, and compare paid total, balance and state of invoices."""
    paid = (
        select(
            Payment.invoice_id,
            func.sum(col(Payment.amount) - Payment.excess_amount, type_=Amount).label("derived"),
        )
        .group_by(col(Payment.invoice_id))
        .subquery()
    )
    derived = func.coalesce(paid.c.derived, _ZERO)
    yield from compared(
        session,
        Invoice,
        "paid_total",
        select(Invoice.id, col(Invoice.paid_total), derived)
        .outerjoin(paid, paid.c.invoice_id == Invoice.id)
        .where(col(Invoice.paid_total) != derived),
    )
    live = col(Invoice.status) != InvoiceStatus.CANCELED
    owed = type_coerce(col(Invoice.total) - Invoice.paid_total, Amount)
    wrong = select(Invoice.id, col(Invoice.balance), owed).where(live, col(Invoice.balance) != owed)
    yield from compared(session, Invoice, "balance", wrong)
    settled = and_(col(Invoice.number).is_not(None), live, col(Invoice.balance) == 0)
    for status, is_wrong in (
        (InvoiceStatus.PAID, and_(settled, col(Invoice.status) != InvoiceStatus.PAID)),
        (InvoiceStatus.ACTIVE, and_(col(Invoice.status) == InvoiceStatus.PAID, col(Invoice.balance) != 0)),
    ):
        statement = select(Invoice.id, Invoice.status, literal(str(status))).where(is_wrong)
        yield from compared(session, Invoice, "status", statement)
