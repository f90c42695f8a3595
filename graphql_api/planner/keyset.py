"""Which rows lie past a cursor, and in which order are they read? The conditions of keyset paging.

Deep pages cost what the first costs: an index leads to the first row past the cursor.
"""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, and_, bindparam, false, or_, tuple_

from graphql_api.planner.page import PageShape, Term


def order_of(entity: Any, shape: PageShape) -> list[ColumnElement[Any]]:
    """Return the order in which rows are read: from the end where the page is counted from there."""
    found: list[ColumnElement[Any]] = []
    for term in shape.order:
        column: ColumnElement[Any] = getattr(entity, term.column)
        key = column.desc() if term.descending != shape.backward else column.asc()
        if term.nullable:
            key = key.nulls_first() if shape.backward else key.nulls_last()
        found.append(key)
    return found


def past(
    entity: Any,
    order: Sequence[Term],
    nulls: Sequence[bool] | None,
    name: str,
    *,
    back: bool,
) -> ColumnElement[bool]:
    """Return the condition that a row comes after the cursor ``name``, or with ``back`` before it."""
    nulls = nulls or [False] * len(order)
    columns = [getattr(entity, term.column) for term in order]
    values = [_bound(column, name, index) for index, column in enumerate(columns)]
    if len({term.descending for term in order}) == 1 and not any(term.nullable for term in order):
        # Row values compare as the index is sorted.
        one, other = (columns[0], values[0]) if len(order) == 1 else (tuple_(*columns), tuple_(*values))
        found: ColumnElement[bool] = one < other if order[0].descending != back else one > other
        return found
    condition: ColumnElement[bool] | None = None
    for index in reversed(range(len(order))):
        strict = _strictly_past(columns[index], values[index], order[index], is_null=nulls[index], back=back)
        same = _same(columns[index], values[index], is_null=nulls[index])
        condition = strict if condition is None else or_(strict, and_(same, condition))
    return false() if condition is None else condition


def _strictly_past(
    column: ColumnElement[Any], value: ColumnElement[Any], term: Term, *, is_null: bool, back: bool
) -> ColumnElement[bool]:
    """Return the condition that one key alone puts a row past the cursor. Nulls come last."""
    if is_null:
        return column.is_not(None) if back else false()
    beyond = column < value if term.descending != back else column > value
    return or_(beyond, column.is_(None)) if term.nullable and not back else beyond


def equal(
    entity: Any,
    order: Sequence[Term],
    nulls: Sequence[bool] | None,
    name: str,
) -> ColumnElement[bool]:
    """Return the condition that a row is the one that a cursor was made for."""
    nulls = nulls or [False] * len(order)
    columns = [getattr(entity, term.column) for term in order]
    return and_(
        *(
            _same(column, _bound(column, name, index), is_null=nulls[index])
            for index, column in enumerate(columns)
        )
    )


def _same(column: ColumnElement[Any], value: ColumnElement[Any], *, is_null: bool) -> ColumnElement[bool]:
    """Return the condition that a key equals the cursor's."""
    return column.is_(None) if is_null else column == value


def _bound(column: ColumnElement[Any], name: str, index: int) -> ColumnElement[Any]:
    """Return the parameter that holds one key of a cursor."""
    return bindparam(f"{name}_{index}", None, type_=column.type)
