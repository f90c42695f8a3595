"""How are many parts of a record read and changed of which only some columns count?

A document may have a thousand lines, and a change of one bears on all. As records, each with all of its
columns, they would cost many times what is done with them.
"""

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

from sqlalchemy import update
from sqlmodel import Session, select

from models.lifecycle.telling import column_change
from models.lifecycle.validation import validate_value
from models.record import KEY, Part, Versioned, public_id
from models.statement import Loading


class Excerpt:
    """Some columns of a part. What is set of them is written when the change writes its records."""

    def __init__(self, columns: Mapping[str, Any]) -> None:
        vars(self).update(columns, before={})

    def __setattr__(self, name: str, value: Any) -> None:  # A column's value.
        """Set a column that was read, and keep what it was before."""
        known = vars(self)
        known["before"].setdefault(name, known[name])
        known[name] = value


class Excerpts:
    """The parts of a record in one table, in their order: excerpts, and records where they are held so."""

    def __init__(self, session: Session, table: type[Part], parent: Versioned, names: Sequence[str]) -> None:
        self.parent = parent
        self._session = session
        self._table = table
        held = {each.id: each for each in session.identity_map.values() if isinstance(each, table)}
        rows = _loading(table, tuple(names)).rows(session, key=parent.id)
        self.all = [held.get(row[0]) or Excerpt(dict(zip(("id", *names), row, strict=True))) for row in rows]

    def changes(self) -> list[dict[str, Any]]:
        """Check what was set, and return what an event tells of it.

        Raises:
            Invalid: a value that its column would not hold.
        """
        found = []
        for each in self._changed():
            prefix = f"{public_id(self._table.noun(), each['id'])}."
            for name, before in each["before"].items():
                validate_value(self._table, name, each[name])
                changes = column_change(self._table, name, before, each[name])
                found += [told | {"field": prefix + told["field"]} for told in changes]
        return found

    def write(self) -> None:
        """Write what was set, in one statement that is sent once for all rows."""
        changed = self._changed()
        names = {"id", *(name for each in changed for name in each["before"])}
        if changed:
            self._session.execute(
                update(self._table), [{name: each[name] for name in names} for each in changed]
            )
        for each in changed:
            each["before"].clear()

    def _changed(self) -> list[dict[str, Any]]:
        """Return the columns of the excerpts of which some were set."""
        return [vars(each) for each in self.all if isinstance(each, Excerpt) and vars(each)["before"]]


@cache
def _loading(table: type[Part], names: tuple[str, ...]) -> Loading:
    """Return what reads some columns of the parts of a record, their ids first."""
    columns = table.metadata.tables[table.noun()].c
    order = [columns[name] for name in ("position", "id") if name in columns]
    statement = select(columns.id, *(columns[name] for name in names)).where(columns[table.part_of] == KEY)
    return Loading(statement.order_by(*order))
