"""What is a record, and what may happen to it?

Importing the package makes every table known to ``SQLModel.metadata``.
"""

from sqlalchemy import CheckConstraint, Index, func
from sqlmodel import SQLModel

from models import (
    access,
    account,
    activity,
    address,
    annotation,
    approval,
    competitor,
    conversion,
    credit_note,
    currency,
    discount_list,
    event,
    invoice,
    lead,
    numbering,
    opportunity,
    order,
    outbox,
    payment,
    pipeline,
    price_list,
    product,
    quote,
    search,
    status,
    status_reason,
    tax,
    trusted_document,
    unit,
    webhook,
)
from models.record import Record, records, text_limit

__all__ = [
    "access",
    "account",
    "activity",
    "address",
    "annotation",
    "approval",
    "competitor",
    "conversion",
    "credit_note",
    "currency",
    "discount_list",
    "event",
    "invoice",
    "lead",
    "numbering",
    "opportunity",
    "order",
    "outbox",
    "payment",
    "pipeline",
    "price_list",
    "product",
    "quote",
    "search",
    "status",
    "status_reason",
    "tax",
    "trusted_document",
    "unit",
    "webhook",
]


def _by_status(record: type[Record]) -> tuple[str, ...]:
    """Return what lists of one status are ordered by."""
    return record.ordered_by_status if issubclass(record, status.Staged) else ()


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

# A filter finds its rows by an index, in the order of a list that names none: that of the ids.
for _record in records().values():
    _columns = SQLModel.metadata.tables[_record.noun()].c
    for _name in sorted({name for each in _record.__mro__ for name in vars(each).get("filtered", ())}):
        if f"ix_{_record.noun()}_{_name}_id" not in {each.name for each in _columns[_name].table.indexes}:
            Index(f"ix_{_record.noun()}_{_name}_id", _columns[_name], _columns["id"])

# So do lists of one status in another order. The engine would sort all rows that have the status, or look
# through those in the order until enough of them have it.
for _record in records().values():
    _columns = SQLModel.metadata.tables[_record.noun()].c
    for _name in _by_status(_record):
        Index(f"ix_{_record.noun()}_status_{_name}_id", _columns["status"], _columns[_name], _columns["id"])

# Read from its other end, an index whose keys may be null starts with its nulls on PostgreSQL, and our lists
# end with them: they take an index of their own. SQLite reads one index in either direction.
for _record in records().values():
    _columns = SQLModel.metadata.tables[_record.noun()].c
    for _name in _record.ordered_with_nulls:
        _keys = (_columns[_name].desc().nulls_last(), _columns["id"].desc())
        Index(f"ix_{_record.noun()}_{_name}_down", *_keys).ddl_if(dialect="postgresql")
        if _name in _by_status(_record):
            _down = Index(f"ix_{_record.noun()}_status_{_name}_down", _columns["status"], *_keys)
            _down.ddl_if(dialect="postgresql")
