"""What happened to the records of a deal since they were last looked at, and is all of it told?

What must hold among them at any moment is in ``conditions.py``.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from sqlalchemy import func, literal, select, union_all
from sqlmodel import Session, SQLModel

from models.event import Event
from models.payment import CustomerCredit
from models.record import Part, Record, camel, public_id, records
from tests.journeys.conditions import CONDITIONS, TOLD, Row, Rows, hold

# What changes without being told: bookkeeping, and what follows from columns that are told.
_UNTOLD = frozenset(
    {
        "version",
        "updated_at",
        "token_digest",
        "match_name",
        "match_email",
        "match_phone",
        "taxes",
        "freight_taxes",
        "price_steps",
    }
)
# What an event of a lead's chain learns once there is an account.
_LATER = frozenset({"account_id"})


@dataclass
class Ledger:
    """The records of some chains, and what they were when they were last looked at."""

    chains: set[UUID] = field(default_factory=set)
    others: set[tuple[str, UUID]] = field(default_factory=set)
    seen: Rows = field(default_factory=dict)

    def look(self, session: Session) -> Rows:
        """Return the rows of the chains, of what they are linked to, and of their parts, by noun and key."""
        found: dict[str, dict[UUID, Row]] = defaultdict(dict)
        for noun, table in records().items():
            if "chain_id" in table.model_fields and not issubclass(table, Event):
                found[noun] = _rows(session, table, "chain_id", self.chains)
        for noun in ("account", "contact"):
            linked = {
                row[f"{noun}_id"] for rows in found.values() for row in rows.values() if f"{noun}_id" in row
            }
            own = {key for kind, key in self.others if kind == noun}
            found[noun] = _rows(session, records()[noun], "id", (linked | own) - {None})
        for noun in ("account", "contact"):
            found["customer_credit"] |= _rows(session, CustomerCredit, f"{noun}_id", found[noun])
        for _ in range(2):  # Parts of parts.
            for noun, table in records().items():
                if issubclass(table, Part):
                    found[noun] |= _rows(session, table, table.part_of, found[whole_of(table)])
        found["event"] = _rows(session, Event, "chain_id", self.chains)
        found["event"] |= _rows(session, Event, "subject_id", found["customer_credit"])
        return found

    def check(self, rows: Rows) -> None:
        """Hold everything to everything else, and to what it was before."""
        for condition in CONDITIONS:
            condition(rows)
        self._check_history(rows)
        self._check_changes(rows)
        self.seen = rows

    def _check_history(self, rows: Rows) -> None:
        """What was told stays as it was told."""
        for key, event in self.seen.get("event", {}).items():
            now = rows["event"].get(key, {})
            changed = [name for name in event if name not in _LATER and now.get(name) != event[name]]
            rule = f"an event of it changed: {changed}"
            hold(holds=not changed, noun=event["subject_type"], key=event["subject_id"], rule=rule)

    def _check_changes(self, rows: Rows) -> None:
        """Versions only go up, with every change of a record and of its parts, and its event tells of it."""
        news = _told_since(rows, self.seen)
        changes: dict[tuple[str, UUID], list[str]] = defaultdict(list)
        for noun in TOLD:
            for key, before in self.seen.get(noun, {}).items():
                now = rows[noun].get(key)
                if now is not None:
                    changes[noun, key] += _changed(records()[noun], before, now)
        for owner, names in self._changes_of_parts(rows):
            changes[owner] += names
        for (noun, key), names in changes.items():
            before, now = self.seen[noun][key]["version"], rows[noun][key]["version"]
            hold(holds=now >= before, noun=noun, key=key, rule=f"version {now} came after {before}")
            rule = f"version {now} has not changed, but {names} have"
            hold(holds=now > before or not names, noun=noun, key=key, rule=rule)
            missing = [name for name in names if name not in news[key] and not _is_untold(name)]
            hold(holds=not missing, noun=noun, key=key, rule=f"no event tells of {missing}")

    def _changes_of_parts(self, rows: Rows) -> Iterator[tuple[tuple[str, UUID], list[str]]]:
        """Yield the records whose parts came, changed or went, with the names of what changed."""
        for noun, table in records().items():
            if not issubclass(table, Part):
                continue
            old, new = self.seen.get(noun, {}), rows.get(noun, {})
            for key in {*old, *new}:
                row = new.get(key) or old[key]
                owner = _owner(table, row, rows)
                if owner[0] not in TOLD or owner[1] not in self.seen.get(owner[0], {}):
                    continue
                if owner[1] not in rows[owner[0]]:
                    continue
                part = public_id(noun, key)
                before, now = old.get(key, {}), new.get(key, {})
                yield owner, [f"{part}.{name}" for name in _changed(table, before, now)]


def whole_of(table: type[Part]) -> str:
    """Return the noun of what a part is a part of."""
    (key,) = SQLModel.metadata.tables[table.noun()].c[table.part_of].foreign_keys
    return str(key.column.table.name)


def _owner(table: type[Part], row: Row, rows: Rows) -> tuple[str, UUID]:
    """Return noun and key of the record that a part is told of with."""
    noun, key = whole_of(table), row[table.part_of]
    whole = records()[noun]
    if issubclass(whole, Part) and key in rows[noun]:
        return _owner(whole, rows[noun][key], rows)
    return noun, key


def _changed(table: type[Record], before: Row, now: Row) -> list[str]:
    """Return what changed of a row, by the names that events tell it by; a row that is not there is empty."""
    columns = SQLModel.metadata.tables[table.noun()].c
    own = {"id", "created_at", "version", "updated_at"}
    if issubclass(table, Part):
        own.add(table.part_of)
    found = []
    for column in columns:
        # What the database itself empties where the other end is removed is told of that end.
        if column.name in own or any(key.ondelete for key in column.foreign_keys):
            continue
        if before.get(column.name) != now.get(column.name):
            found.append(_told_as(column.name, is_link=bool(column.foreign_keys)))
    return found


def _told_as(column: str, *, is_link: bool) -> str:
    """Return the name that an event tells a column by."""
    if column == "reason_id":
        return "statusReason"
    return camel(column.removesuffix("_id") if is_link else column)


def _is_untold(name: str) -> bool:
    """Say whether a change follows from others, which are told."""
    return name.rpartition(".")[2] in {camel(each) for each in _UNTOLD}


def _told_since(rows: Rows, seen: Rows) -> dict[UUID, set[str]]:
    """Return what the events tell that were not there before, by the key of the record they tell of."""
    found: dict[UUID, set[str]] = defaultdict(set)
    old: Mapping[UUID, Row] = seen.get("event", {})
    for key, event in rows["event"].items():
        if key not in old:
            found[event["subject_id"]] |= {each["field"] for each in event["changes"]}
    return found


def footprint(session: Session) -> dict[str, Any]:
    """Return how many rows every table has, and the last number of every series."""
    each = [
        select(literal(name), func.count()).select_from(table)
        for name, table in SQLModel.metadata.tables.items()
    ]
    found: dict[str, Any] = {str(name): count for name, count in session.execute(union_all(*each)).all()}
    series = select(*SQLModel.metadata.tables["number_series"].c["series", "year", "last"])
    return found | {f"series {code} {year}": last for code, year, last in session.execute(series).all()}


def _rows(session: Session, table: type[Record], column: str, keys: Iterable[UUID]) -> dict[UUID, Row]:
    """Return the rows of a table whose column has one of the values."""
    wanted = sorted(keys)
    if not wanted:
        return {}
    columns = [
        each for each in SQLModel.metadata.tables[table.noun()].c if (table.noun(), each.name) != _HANDED_OUT
    ]
    found = session.execute(select(*columns).where(_column(table, column).in_(wanted)))
    return {row["id"]: dict(row) for row in found.mappings()}


# When events are handed out is no part of what happened.
_HANDED_OUT = ("event", "position")


def _column(table: type[Record], name: str) -> Any:  # A column of any type.
    """Return a column of a table."""
    return SQLModel.metadata.tables[table.noun()].c[name]
