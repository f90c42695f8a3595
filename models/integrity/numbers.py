"""Was every number of a series given to a record, and none twice?"""

from collections.abc import Iterator
from typing import Any

from sqlalchemy import ColumnElement, func, literal
from sqlmodel import Session, col, select

from models.account import Account
from models.credit_note import CreditNote
from models.integrity.difference import Difference, in_text
from models.invoice import Invoice
from models.numbering import NumberSeries
from models.order import Order
from models.quote import Quote

# By series: the table whose records bear its numbers, and which of them took one.
_BEARERS: dict[str, tuple[Any, ColumnElement[bool]]] = {
    "A": (Account, literal(value=True)),
    "Q": (Quote, col(Quote.revision) == 0),
    "O": (Order, literal(value=True)),
    "I": (Invoice, col(Invoice.number).is_not(None)),
    "C": (CreditNote, literal(value=True)),
}


def series(session: Session) -> Iterator[Difference]:
    """Compare how many numbers each series gave out with how many records bear one."""
    given = dict(
        session.execute(
            select(NumberSeries.series, func.sum(NumberSeries.last)).group_by(col(NumberSeries.series))
        ).all()
    )
    for code, (table, bears) in _BEARERS.items():
        borne = session.execute(select(func.count()).select_from(table).where(bears)).scalar_one()
        if int(given.get(code, 0)) != borne:
            yield Difference(f"number_series {code}", "last", in_text(given.get(code, 0)), in_text(borne))
