"""Which columns and joins does one statement need? Collected while its objects are planned, each once."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import ColumnElement, Dialect, Enum, Label, and_, case
from sqlalchemy.orm import aliased
from sqlmodel import SQLModel

from graphql_api.planner.backing import table_of
from graphql_api.planner.leaf import Finish, in_text, is_text, result_processor
from graphql_api.planner.level import Child, Join, Level, Waiting
from graphql_api.planner.script import PRESENT, Code, Condition, Pieces, Spelled
from graphql_api.planner.selection import Nodes
from graphql_api.planner.spelling import constant, together
from models.access import Viewer, visible_to
from models.lifecycle import Fact
from models.record import Record
from models.search import SearchHit

# PostgreSQL cuts names at 63 bytes; what is longer gets a digest instead of its end.
_LONGEST_NAME = 48


@dataclass(frozen=True, eq=False)
class Place:
    """One of the rows that a statement fetches together: the level's own, or a joined one.

    ``is_once`` says that none of them is there for two rows of the level.
    """

    entity: Any
    table: type[SQLModel]
    stem: str
    is_once: bool

    def column(self, name: str) -> ColumnElement[Any]:
        """Return a column of the row."""
        column: ColumnElement[Any] = getattr(self.entity, name)
        return column


@dataclass
class Draft:
    """One statement in the making. ``path`` is where its objects stand in the answer."""

    path: tuple[str, ...]
    table: type[SQLModel]
    viewer: Viewer
    dialect: Dialect
    where: list[tuple[str, Any]] = field(default_factory=list)
    columns: list[Label[Any]] = field(default_factory=list)
    joins: list[Join] = field(default_factory=list)
    children: list[Waiting] = field(default_factory=list)
    is_textual: bool = True
    is_divisible: bool = True
    _slots: dict[tuple[str, str], int] = field(default_factory=dict)
    _taken: set[str] = field(default_factory=set)
    _places: dict[tuple[str, type[SQLModel], str, str], Place] = field(default_factory=dict)
    _numbers: dict[tuple[str, str, tuple[int, ...]], int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Give the table its alias: the same response path, the same SQL."""
        self._taken |= {each.lower() for each in (self.stem, f"{self.stem}_page", f"{self.stem}_keys")}
        self.own = Place(self._entity(), self.table, self.stem, not issubclass(self.table, SearchHit))

    def _entity(self) -> Any:
        """Return the table under its alias, or in its place the rows that it is selected from."""
        name = named(self.stem)
        if not issubclass(self.table, SearchHit):
            return aliased(self.table, name=name)
        rows = self.table.rows(self.viewer, self.dialect).subquery(name)
        return aliased(self.table, rows, adapt_on_names=True)

    @property
    def stem(self) -> str:
        """What the statement's aliases begin with: the last step of the path."""
        return short(self.path[-1])

    def written(self, pieces: Pieces, conditions: tuple[Condition, ...] = ()) -> list[str]:
        """Return pieces without what the database writes: it is a column, with the words around it.

        It is written only for rows that meet the conditions.
        """
        found: list[str] = []
        run: list[str | Spelled] = []
        for each in pieces:
            if isinstance(each, Code):
                found += self._run(run, conditions)
                found.append(each)
                run = []
            else:
                run.append(each)
        return found + self._run(run, conditions)

    def _run(self, run: list[str | Spelled], conditions: tuple[Condition, ...]) -> list[str]:
        """Return what stands for a run of pieces, of which none is code."""
        words = [each for each in run if isinstance(each, str)]
        if len(words) == len(run):
            return words
        text = together(run)
        met = [
            self.columns[slot].element.is_not(None)
            if value is PRESENT
            else self.columns[slot].element == constant(value)
            for slot, value in conditions
        ]
        slot = len(self.columns)
        self.columns.append((case((and_(*met), text)) if met else text).label(f"text_{slot}"))
        return [Code(f"r[{slot}]")]

    def forget(self, count: int) -> None:
        """Take back all columns but the first so many, which nothing refers to."""
        del self.columns[count:]
        self._slots = {key: slot for key, slot in self._slots.items() if slot < count}

    def raw(self, at: Place, column: str) -> int:
        """Return the slot of a column as the database hands it out: a key, or what tells variants apart."""
        kind = table_of(at.table).c[column].type
        # Free text may hold the mark that divides values; JSON and what the database writes escape it.
        self.is_divisible &= not is_text(kind) or isinstance(kind, Enum)
        return self._slot(at, column, in_text(at.column(column), kind, self.dialect))

    def needed(self, at: Place, need: str | Fact) -> tuple[str, int, Finish | None]:
        """Return the name, the slot and the finish of a value that code computes with."""
        name, expression = (
            (need, at.column(need)) if isinstance(need, str) else (need.name, need.read(at.entity))
        )
        self.is_textual = False
        what = f"{'typed' if isinstance(need, str) else 'fact'}_{name}"
        return name, self._slot(at, what, expression), result_processor(expression.type, self.dialect)

    def join(self, at: Place, key: str, target: type[SQLModel], own: str, other: str) -> Place:
        """Join the row of ``target`` whose ``other`` is this row's ``own``; a hidden one counts as missing.

        The same row is joined once, whatever the number of types and aliases that ask for it.
        """
        known = self._places.get((at.stem, target, own, other))
        if known is not None:
            return known
        stem = self._free(short(f"{at.stem}_{key}"))
        entity = aliased(target, name=named(stem))
        on = getattr(entity, other) == at.column(own)
        hidden = visible(self.viewer, entity, target)
        self.joins.append(Join(entity, on if hidden is None else and_(on, hidden)))
        is_once = at.is_once and own == "id"
        place = self._places[at.stem, target, own, other] = Place(entity, target, stem, is_once)
        return place

    def child(
        self,
        at: Place,
        key: str,
        nodes: Nodes,
        conditions: tuple[Condition, ...],
        plan: Callable[[], Child],
    ) -> int:
        """Return the number of what hangs on the rows that meet the conditions.

        All types that ask by the same nodes share it.
        """
        mark = (at.stem, key, tuple(map(id, nodes)))
        if mark not in self._numbers:
            self.children.append(Waiting(plan(), []))
            self._numbers[mark] = len(self.children) - 1
        self.children[self._numbers[mark]].where.append(conditions)
        return self._numbers[mark]

    def level(self) -> Level:
        """Return the finished level."""
        return Level(
            path=self.path,
            stem=self.stem,
            table=self.table,
            entity=self.own.entity,
            where=tuple(self.where),
            viewer=self.viewer,
            columns=tuple(self.columns),
            joins=tuple(self.joins),
            children=tuple(self.children),
            is_textual=self.is_textual,
            is_divisible=self.is_divisible,
        )

    def _slot(self, at: Place, what: str, expression: ColumnElement[Any]) -> int:
        """Return the slot of an expression on a row, adding it to the statement at its first mention."""
        slot = self._slots.get((at.stem, what))
        if slot is None:
            slot = self._slots[at.stem, what] = len(self.columns)
            owner = "" if at is self.own else at.stem.removeprefix(self.stem).removeprefix("_") + "_"
            self.columns.append(expression.label(short(f"{owner}{what}_{slot}")))
        return slot

    def _free(self, name: str) -> str:
        """Return the name, or the first numbered form of it that no other alias has. SQLite ignores case."""
        free, number = name, 1
        while free.lower() in self._taken:
            number += 1
            free = f"{name}_{number}"
        self._taken.add(free.lower())
        return free


def visible(viewer: Viewer, entity: Any, table: type[SQLModel]) -> ColumnElement[bool] | None:
    """Return the row rule for an alias of a table. What is no record is everyone's."""
    return visible_to(viewer, entity) if issubclass(table, Record) else None


def named(stem: str, what: str = "") -> str:
    """Return an alias. It ends in ``_``, as no table does: a client's words cannot hide one."""
    return f"{stem}_{what}_" if what else f"{stem}_"


def short(name: str) -> str:
    """Return a name that every database takes whole."""
    if len(name) <= _LONGEST_NAME:
        return name
    return name[: _LONGEST_NAME - 9] + "_" + hashlib.blake2b(name.encode(), digest_size=4).hexdigest()
