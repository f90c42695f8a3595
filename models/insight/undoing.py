"""What was a row before? Its columns as events tell them, from which later changes are taken back."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from functools import cache
from typing import Any

import sqlalchemy
from sqlalchemy import Column, inspect
from sqlmodel import SQLModel

from models.lifecycle.telling import column_change, shown_name
from models.money import Amount, Rate
from models.record import Instant, Record

Texts = dict[str, str | None]
"""The values of a row as text, by the names that events and the API have for its columns."""


def texts_of(row: Record) -> Texts:
    """Return the columns of a row that events tell of; those that are null are left out."""
    table = type(row)
    return {
        each["field"]: each["after"]
        for column in inspect(table).column_attrs
        for each in column_change(table, column.key, None, getattr(row, column.key))
    }


def undo(texts: Texts, changes: Iterable[Mapping[str, Any]]) -> None:
    """Take back what an event tells of a row."""
    for each in changes:
        texts[each["field"]] = each["before"]


@cache
def columns_told(table: type[Record]) -> Mapping[str, Column[Any]]:
    """Return the columns of a table by the names that events have for them."""
    columns = SQLModel.metadata.tables[table.noun()].c
    return {shown_name(table, each.name): each for each in columns}


@dataclass(frozen=True)
class Past:
    """A row as it was: its values by column."""

    table: type[Record]
    texts: Texts

    @property
    def columns(self) -> frozenset[str]:
        """The names of the table's columns."""
        return frozenset(each.name for each in columns_told(self.table).values())

    def value(self, column: str) -> Any:
        """Return what a column held; a link as the id that it led to."""
        name = shown_name(self.table, column)
        text = self.texts.get(name)
        return None if text is None else _parsed(columns_told(self.table)[name], text)

    def listed(self) -> list[tuple[str, Any]]:
        """Return every value that was not null under its name in the API, in the order of the columns."""
        names = columns_told(self.table)
        return [(name, _parsed(names[name], text)) for name in names if (text := self.texts.get(name))]


def _parsed(column: Column[Any], text: str) -> Any:
    """Return the value that an event tells as text."""
    kind = column.type
    if isinstance(kind, Amount | Rate):
        return Decimal(text)
    if isinstance(kind, Instant):
        return datetime.fromisoformat(text)
    if isinstance(kind, sqlalchemy.Date):
        return date.fromisoformat(text)
    if isinstance(kind, sqlalchemy.Boolean):
        return text == "true"
    return int(text) if isinstance(kind, sqlalchemy.Integer) else text
