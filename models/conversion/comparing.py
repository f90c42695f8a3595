"""What changed from one revision of a quote to another?

All that is compared is read as scalars of one statement: however many lines there are, no
other one is needed. Lines are matched by their lineage, which a position keeps from revision to revision.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, ColumnElement, String, cast, func, type_coerce
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.orm import aliased
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement
from sqlmodel import Session, col, select

from models.access import Role, Viewer, visible_to
from models.errors import Invalid, NotFound
from models.lifecycle import Fact
from models.moment import Moment
from models.money import PLACES, Amount, plain
from models.quote import Quote, QuoteLine
from models.record import Identifier, camel, public_id

# ASCII's own separators; in a text that has them they are read as space.
_UNIT, _RECORD = "\x1f", "\x1e"
HEADER = (
    "name", "currency_code", "effective_from", "valid_until", "customer_reference", "discount_percent",
    "discount_amount", "freight_amount", "line_total", "discount_total", "tax_total", "total",
)  # fmt: skip
_LINE = (
    "position", "description", "quantity", "unit", "price_per_unit", "discount_amount", "tax_percent",
    "base_amount", "extended_amount",
)  # fmt: skip


class LineChange(StrEnum):
    """What became of a line."""

    ADDED = "ADDED"
    REMOVED = "REMOVED"
    CHANGED = "CHANGED"


class _Hex(FunctionElement[str]):
    """A key as 32 hex digits."""

    inherit_cache = True
    type = String()


@compiles(_Hex, "sqlite")
def _hex_on_sqlite(element: _Hex, compiler: SQLCompiler, **options: Any) -> str:
    return f"lower(hex({compiler.process(element.clauses, **options)}))"


@compiles(_Hex, "postgresql")
def _hex_on_postgresql(element: _Hex, compiler: SQLCompiler, **options: Any) -> str:
    return f"replace(CAST({compiler.process(element.clauses, **options)} AS VARCHAR), '-', '')"


def _text(column: Any) -> ColumnElement[str]:
    """Return a column as text without separators, empty where it is null."""
    if isinstance(column.type, Identifier):
        return _Hex(column)
    shown = cast(type_coerce(column, BigInteger) if isinstance(column.type, Amount) else column, String)
    cleaned = func.replace(func.replace(shown, _UNIT, " "), _RECORD, " ")
    return func.coalesce(cleaned, "")


def _row(table: Any, names: tuple[str, ...]) -> Any:
    """Return columns of a row as one text."""
    first, *others = (_text(getattr(table, name)) for name in names)
    joined: Any = first
    for each in others:
        joined = joined + _UNIT + each
    return joined


_previous = aliased(Quote)
_keyed = ("lineage_id", "id", *_LINE)


def _lines(key: str) -> Any:  # What a fact reads with.
    """Return how the lines of the quote that a column points to are read as one text."""
    return lambda quote: (
        select(func.aggregate_strings(_row(QuoteLine, _keyed), _RECORD))
        .where(QuoteLine.quote_id == getattr(quote, key))
        .scalar_subquery()
    )


lines_now = Fact("lines_now", _lines("id"))
lines_before = Fact("lines_before", _lines("previous_id"))
header_before = Fact(
    "header_before",
    lambda quote: (
        select(_row(_previous, ("revision", *HEADER)))
        .where(_previous.id == quote.previous_id)
        .scalar_subquery()
    ),
)
NEEDED: tuple[str | Fact, ...] = ("revision", "previous_id", *HEADER, header_before, lines_before, lines_now)


def compare(values: Mapping[str, Any], viewer: Viewer, moment: Moment) -> dict[str, Any] | None:
    """Return what changed since the revision before, None for a first one.

    A customer is shown one quote and no earlier one.
    """
    del moment
    if values["header_before"] is None or viewer.role is Role.CUSTOMER:
        return None
    now = _Offer(values["revision"], [_shown(values[name]) for name in HEADER], _parsed(values["lines_now"]))
    return _difference(_offer(values["header_before"], values["lines_before"]), now)


def compare_revisions(session: Session, viewer: Viewer, earlier: UUID, later: UUID) -> dict[str, Any]:
    """Return what changed from one revision of a quote to another, in either direction.

    Raises:
        NotFound: the viewer sees no such quote; its path names the one.
        Invalid: they are revisions of two quotes.
    """
    statement = select(
        Quote.id, Quote.number, _row(Quote, ("revision", *HEADER)), lines_now.read(Quote)
    ).where(col(Quote.id).in_((earlier, later)))
    rule = visible_to(viewer, Quote)
    found = {
        key: (number, header, lines)
        for key, number, header, lines in session.execute(
            statement if rule is None else statement.where(rule)
        )
    }
    for name, key in (("from", earlier), ("to", later)):
        if key not in found:
            raise NotFound(Quote.noun(), path=(name,))
    (before, *old), (now, *new) = found[earlier], found[later]
    if before != now:
        message = f"{before} and {now} are two quotes; revisions of one number are compared."
        raise Invalid(message, path=("to",))
    return _difference(_offer(*old), _offer(*new))


@dataclass(frozen=True)
class _Offer:
    """What a revision says: the header's values as they are shown, and the lines by lineage."""

    revision: int
    header: list[str | None]
    lines: Mapping[str, list[str]]


def _offer(header: str, lines: str | None) -> _Offer:
    """Return a revision of the texts that its header and its lines were read as."""
    revision, *texts = header.split(_UNIT)
    values = [_read(Quote, name, text) for name, text in zip(HEADER, texts, strict=True)]
    return _Offer(int(revision), values, _parsed(lines))


def _difference(before: _Offer, now: _Offer) -> dict[str, Any]:
    """Return what changed from one revision to another."""
    return {
        "revision": before.revision,
        "to_revision": now.revision,
        "fields": list(_changes(HEADER, before.header, now.header)),
        "lines": list(_line_changes(before.lines, now.lines)),
    }


def _line_changes(before: Mapping[str, list[str]], now: Mapping[str, list[str]]) -> Iterator[dict[str, Any]]:
    """Yield each line that is new, gone or not what it was: the present ones by position, then the gone."""
    for lineage, (key, *texts) in now.items():
        _, *earlier = before.get(lineage, ["", *[""] * len(_LINE)])
        changes = list(_changes(_LINE, _values(earlier), _values(texts)))
        if changes:
            kind = LineChange.CHANGED if lineage in before else LineChange.ADDED
            yield _line(kind, key, texts, changes)
    for lineage, (key, *texts) in before.items():
        if lineage not in now:
            gone = _changes(_LINE, _values(texts), [None] * len(_LINE))
            yield _line(LineChange.REMOVED, key, texts, list(gone))


def _line(kind: LineChange, key: str, texts: list[str], changes: list[dict[str, Any]]) -> dict[str, Any]:
    """Return what is told of one line."""
    line = public_id(QuoteLine.noun(), UUID(key))
    return {"kind": kind, "line": line, "description": texts[_LINE.index("description")], "changes": changes}


def _values(texts: list[str]) -> list[str | None]:
    """Return the values of a line's texts as they are shown."""
    return [_read(QuoteLine, name, text) for name, text in zip(_LINE, texts, strict=True)]


def _parsed(text: str | None) -> dict[str, list[str]]:
    """Return the lines of an aggregated text by lineage, in the order of their positions."""
    rows = [row.split(_UNIT) for row in text.split(_RECORD)] if text else []
    place = _keyed.index("position")
    return {row[0]: row[1:] for row in sorted(rows, key=lambda row: int(row[place]))}


def _changes(
    names: tuple[str, ...], before: list[str | None], now: list[str | None]
) -> Iterator[dict[str, Any]]:
    """Yield the fields whose values differ."""
    for name, old, new in zip(names, before, now, strict=True):
        if old != new:
            yield {"field": camel(name), "before": old, "after": new}


def _read(table: Any, name: str, text: str) -> str | None:  # A table with columns.
    """Return the text of a column as a value is shown: an amount came as millionths."""
    if not text:
        return None
    column = table.__table__.c[name]
    return plain(Decimal(text).scaleb(-PLACES)) if isinstance(column.type, Amount) else text


def _shown(value: Any) -> str | None:  # A column's value.
    """Return a value as text."""
    if value is None or value == "":
        return None
    return plain(value) if isinstance(value, Decimal) else str(value)
