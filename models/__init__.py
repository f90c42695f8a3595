"""What is a record, and what may happen to it?

Importing the package makes every table known to ``SQLModel.metadata``.
"""

from sqlalchemy import CheckConstraint, func
from sqlmodel import SQLModel

from models import (
    access,
    account,
    activity,
    address,
    conversion,
    event,
    invoice,
    lead,
    numbering,
    opportunity,
    order,
    product,
    quote,
    status,
)
from models.record import text_limit

__all__ = [
    "access",
    "account",
    "activity",
    "address",
    "conversion",
    "event",
    "invoice",
    "lead",
    "numbering",
    "opportunity",
    "order",
    "product",
    "quote",
    "status",
]

# Foreign keys are checked at the commit, so that the rows of one command may be written in any order.
for _table in SQLModel.metadata.tables.values():
    for _key in _table.foreign_key_constraints:
        _key.deferrable, _key.initially = True, "DEFERRED"

# SQLite does not enforce the length of a text: a CHECK makes both engines refuse the same values.
for _table in SQLModel.metadata.tables.values():
    for _column in _table.columns:
        if (_limit := text_limit(_column)) is not None:
            _table.append_constraint(
                CheckConstraint(func.length(_column) <= _limit, name=f"{_column.name}_length")
            )
