"""Which number does the next document bear?

A counter row per series and year, raised in the command's own transaction: a command that rolls back
gives its number back, so a series has no gaps. How a number is written is the organisation's choice.
"""

import re
from collections.abc import Iterable
from datetime import date
from string import Formatter
from typing import Any

from sqlalchemy import Date, bindparam, case, func
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Field, SQLModel, col, select

from models.errors import Invalid
from models.lifecycle import Change, Loading

SERIES = {"A": "accounts", "Q": "quotes", "O": "orders", "I": "invoices", "C": "credit notes"}
"""What is numbered, by the code of its series."""

# An auditor reads these in their order: the dates must not run backwards.
_DATED = frozenset({"I", "C"})
# The columns of numbers hold as many characters.
_LONGEST = 40
# A pattern that has neither of these counts on from year to year.
_YEARS = frozenset({"year", "yy"})


class NumberSeries(SQLModel, table=True):
    """The last number given out in a series and year, and the latest date that a number of it bears."""

    __tablename__ = "number_series"

    series: str = Field(primary_key=True, max_length=20)
    # 0 where the numbers of the series do not begin anew each year.
    year: int = Field(primary_key=True)
    last: int
    last_on: date | None = None


def _taking(insert: Any) -> Any:  # An INSERT of either engine, and what comes of it.
    """Return the statement that takes the next number of a series."""
    last_on, day = col(NumberSeries.last_on), bindparam("day", type_=Date)
    return (
        insert(NumberSeries)
        .values(series=bindparam("series"), year=bindparam("year"), last=1, last_on=day)
        .on_conflict_do_update(
            index_elements=["series", "year"],
            set_={"last": NumberSeries.last + 1, "last_on": case((last_on > day, last_on), else_=day)},
        )
        .returning(col(NumberSeries.last), last_on)
    )


_TAKING = {
    "postgresql": Loading(_taking(postgresql.insert)),
    "sqlite": Loading(_taking(sqlite.insert)),
}


def next_number(change: Change, series: str, on: date | None = None) -> str:
    """Take the next number of a series for a day, today where none is given: ``Q-2026-00042``.

    Raises:
        Invalid: an invoice or a credit note would bear an earlier date than the number before it.
    """
    today = change.moment.today
    day = on or today
    pattern = _pattern(change, series)
    year = day.year if _YEARS & set(_fields(pattern)) else 0
    taking = _TAKING[change.session.get_bind().dialect.name]
    ((number, latest),) = taking.rows(change.session, series=series, year=year, day=day)
    if series in _DATED and year and day.year < today.year:
        # The year after may have begun: its numbers come after those of this one.
        every = select(func.max(col(NumberSeries.last_on))).where(NumberSeries.series == series)
        latest = change.session.exec(every).one()
    if series in _DATED and latest > day:
        message = (
            f"issuedOn {day} lies before {latest}, the date of the last number given to {SERIES[series]}: "
            f"dates and numbers run in one order, so issue it on {latest} or later."
        )
        raise Invalid(message, path=("input", "issuedOn"), code="INVALID_DATES")
    return _written(pattern, day, number)


def parse_patterns(items: Iterable[str]) -> tuple[tuple[str, str], ...]:
    """Return the patterns of series out of texts such as ``I=RE-{year}-{number:05}``.

    Raises:
        ValueError: an unknown series, one named twice, or a pattern that cannot tell numbers apart.
    """
    found: dict[str, str] = {}
    for item in items:
        series, _, pattern = item.partition("=")
        if series not in SERIES or series in found:
            names = ", ".join(f"{code} ({what})" for code, what in SERIES.items())
            message = f"{item!r} does not begin with one of the series {names}, each named once"
            raise ValueError(message)
        _check(pattern)
        found[series] = pattern
    every = [found.get(series, _default(series)) for series in SERIES]
    if len(set(every)) < len(every):
        message = "two series would write the same numbers; give each its own pattern"
        raise ValueError(message)
    return tuple(found.items())


def _check(pattern: str) -> None:
    """Refuse a pattern that cannot tell the numbers of a series apart, or is too long.

    Raises:
        ValueError: the pattern is not one; the message says what is.
    """
    is_known = True
    try:
        for _, field, width, conversion in Formatter().parse(pattern):
            is_digits = field == "number" and re.fullmatch(r"(0[1-9])?", width or "")
            is_year = field in _YEARS and not width
            is_known &= field is None or (not conversion and bool(is_digits or is_year))
        is_known &= _fields(pattern).count("number") == 1
    except ValueError:
        is_known = False
    if not is_known:
        message = (
            f"{pattern!r} is not a pattern like 'I-{{year}}-{{number:05}}': {{number}} once, with 01 to 09 "
            "digits where they are given, and {year} or {yy} where it begins anew each year"
        )
        raise ValueError(message)
    if len(_written(pattern, date.max, 10**9)) > _LONGEST:
        message = f"{pattern!r} makes numbers longer than {_LONGEST} characters"
        raise ValueError(message)


def _pattern(change: Change, series: str) -> str:
    """Return how the organisation writes the numbers of a series."""
    return dict(change.moment.organization.number_patterns).get(series) or _default(series)


def _default(series: str) -> str:
    """Return how the numbers of a series are written where nothing else is chosen."""
    return f"{series}-{{year}}-{{number:05}}"


def _fields(pattern: str) -> list[str]:
    """Return the names in the braces of a pattern, in their order."""
    return [field for _, field, _, _ in Formatter().parse(pattern) if field is not None]


def _written(pattern: str, day: date, number: int) -> str:
    """Return a number as its series writes it."""
    return pattern.format(year=day.year, yy=f"{day.year % 100:02}", number=number)
