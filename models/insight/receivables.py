"""What are we owed, and for how long has it been due?"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Integer, and_, case, func, literal_column, select

from models.insight.scope import Scope
from models.insight.sums import millionths, summed, total
from models.invoice import InvoiceStatus
from models.lifecycle import Pointer


class ReceivableAge(StrEnum):
    """For how long something has been due."""

    NOT_DUE = "NOT_DUE"
    DAYS_1_TO_30 = "DAYS_1_TO_30"
    DAYS_31_TO_60 = "DAYS_31_TO_60"
    DAYS_61_TO_90 = "DAYS_61_TO_90"
    OVER_90_DAYS = "OVER_90_DAYS"


# The days after its due date through which an invoice is of each age; the last age has no end.
_THROUGH = (0, 30, 60, 90)


@dataclass(frozen=True)
class Bucket:
    """The invoices of one age."""

    age: ReceivableAge
    count: int
    balance: Decimal


@dataclass(frozen=True)
class Receivables:
    """What is owed in one currency, by all or by one account: every age in its order, empty ones too."""

    account: Pointer | None
    currency_code: str
    count: int
    balance: Decimal
    overdue: Decimal
    oldest_due_on: date
    buckets: list[Bucket]


def receivables(scope: Scope) -> list[Receivables]:
    """Return what is owed in each currency, sorted by currency."""
    return list(_gathered(scope.all(_statement(scope, literal_column("NULL")))))


def receivables_by_account(scope: Scope) -> list[Receivables]:
    """Return what each account owes in each currency: by currency, who owes most of it overdue first."""
    found = _gathered(scope.all(_statement(scope, scope.rows.account_id)))
    return sorted(found, key=lambda each: (each.currency_code, -each.overdue, -each.balance, _key(each)))


def is_owed(invoice: Any) -> ColumnElement[bool]:  # The table, or an alias of it.
    """Return the condition that something is still owed on an invoice, which was issued."""
    is_active = invoice.status == InvoiceStatus.ACTIVE
    return and_(is_active, invoice.issued_on.is_not(None), invoice.balance > 0)


def _statement(scope: Scope, account: ColumnElement[Any]) -> Any:
    """Return the statement that sums balances by account, currency and age."""
    invoice, today = scope.rows, scope.moment.today
    edges = [
        (invoice.due_on >= today - timedelta(days=days), literal_column(str(at), Integer))
        for at, days in enumerate(_THROUGH)
    ]
    age = case(*edges, else_=literal_column(str(len(_THROUGH)), Integer))
    keys = (account.label("account_id"), invoice.currency_code, age.label("age"))
    sums = summed(millionths(invoice.balance))
    return (
        select(*keys, func.count(), *sums, func.min(invoice.due_on))
        .where(is_owed(invoice), *scope.conditions)
        .group_by(*(literal_column(str(at)) for at, key in enumerate(keys, 1)))
    )


def _gathered(rows: Iterable[Any]) -> Iterator[Receivables]:
    """Yield what is owed by account and currency, in the order of the currencies."""
    found: dict[tuple[str, UUID | None], dict[int, tuple[int, Decimal, date]]] = {}
    for account, code, age, count, whole, rest, due_on in rows:
        found.setdefault((code, account), {})[age] = count, total(whole, rest), due_on
    for (code, account), ages in sorted(found.items(), key=lambda item: item[0][0]):
        nothing = (0, Decimal(0), date.max)
        listed = [ages.get(at, nothing) for at, _ in enumerate(ReceivableAge)]
        yield Receivables(
            account=None if account is None else Pointer("account", account),
            currency_code=code,
            count=sum(each[0] for each in listed),
            balance=sum((each[1] for each in listed), Decimal(0)),
            overdue=sum((each[1] for each in listed[1:]), Decimal(0)),
            oldest_due_on=min(each[2] for each in listed),
            buckets=[Bucket(age, *each[:2]) for age, each in zip(ReceivableAge, listed, strict=True)],
        )


def _key(owed: Receivables) -> bytes:
    """Return what accounts that owe as much are sorted by."""
    return owed.account.key.bytes if owed.account is not None else b""
