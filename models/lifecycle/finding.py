"""How does a command find the rows that it works on? By statements that are made once.

Making a statement out of expressions takes longer than sending it: what differs from one command to the next
is a parameter.
"""

from collections import defaultdict
from collections.abc import Iterable
from functools import cache
from typing import Any
from uuid import UUID

from sqlalchemy import bindparam, inspect, union_all
from sqlmodel import Session, col, select

from models.access import CLOCK, Role, Viewer, visible_to
from models.event import Chain
from models.lifecycle.declaration import Fact, Transition
from models.moment import Moment
from models.record import KEY, Identifier, Record
from models.statement import Loading


def lock(session: Session, places: Iterable[tuple[type[Record], UUID]]) -> None:
    """Lock the chains of records, in the order of the chains' keys so that no two commands deadlock.

    On SQLite the transaction has the only write lock already.
    """
    keys: defaultdict[type[Record], list[UUID]] = defaultdict(list)
    for table, key in places:
        if _is_chained(table):
            keys[table].append(key)
    if not keys or not _is_postgresql(session):
        return
    (table, own), *others = keys.items()
    if len(own) == 1 and not others:
        _locking_one(table).rows(session, key=own[0])
        return
    session.execute(_locking(tuple(keys)), {f"keys_{table.noun()}": own for table, own in keys.items()})


def record_and_facts(
    session: Session, transition: Transition, key: UUID, viewer: Viewer, moment: Moment, *, is_part: bool
) -> Any:  # A row, or None.
    """Return a transition's record and then the facts of its guards; None where there is none to be seen.

    A record without a chain is locked by that. What ``is_part`` of a running command has its lock, and its
    right: a customer's acceptance closes quotes that the customer does not see.
    """
    is_locked = not is_part and not _is_chained(transition.table) and _is_postgresql(session)
    role = None if is_part else viewer.role
    if transition.due is not None and viewer == CLOCK:
        # Another process may have been faster, or the record has changed since the clock looked.
        due = transition.due(transition.table, moment)
        statement = _select(transition, role, is_locked=is_locked).where(due)
        return session.execute(statement, {"key": key, "viewer_id": viewer.id}).one_or_none()
    rows = _loading(transition, role, is_locked=is_locked).rows(session, key=key, viewer_id=viewer.id)
    return rows[0] if rows else None


def record(
    session: Session, table: type[Record], key: UUID, viewer: Viewer
) -> Any:  # One of the table, or None.
    """Return the record of a key, None where the viewer sees no such record."""
    return _seen(table, viewer.role).one(session, key=key, viewer_id=viewer.id)


def by_key(session: Session, table: type[Record], key: UUID | None) -> Any:  # One of the table, or None.
    """Return the record of a key: the session's own if it holds it, else as the database has it."""
    mapper: Any = inspect(table)
    held = session.identity_map.get(mapper.identity_key_from_primary_key((key,)))
    return _by_key(table).one(session, key=key) if held is None else held


def parts(session: Session, table: type[Record], parent: Record) -> list[Any]:  # Records of the table.
    """Return the parts of a record by position where they have one, else in the order they were made."""
    return _parts(table, parent.noun()).all(session, key=parent.id)


@cache
def needed(transition: Transition) -> dict[str, str | Fact]:
    """Return what the guards of a transition need, by name: columns, and facts."""
    return {
        fact.name if isinstance(fact, Fact) else fact: fact
        for each in transition.guards
        for fact in each.facts
    }


@cache
def _locking_one(table: Any) -> Loading:  # A table class with chains.
    """Return what locks the chain of a row."""
    found = select(table.chain_id).where(table.id == KEY).scalar_subquery()
    return Loading(select(Chain.id).where(col(Chain.id) == found).with_for_update(key_share=True))


@cache
def _locking(tables: tuple[Any, ...]) -> Any:  # A select; of table classes with chains.
    """Return the statement that locks the chains of rows of some tables."""
    found = union_all(
        *(
            select(table.chain_id).where(
                table.id.in_(bindparam(f"keys_{table.noun()}", expanding=True, type_=Identifier))
            )
            for table in tables
        )
    )
    wanted = select(Chain.id).where(col(Chain.id).in_(found))
    return wanted.order_by(col(Chain.id)).with_for_update(key_share=True)


@cache
def _loading(transition: Transition, role: Role | None, *, is_locked: bool) -> Loading:
    """Return what reads the record of a transition, and the facts of its guards, for a role."""
    return Loading(_select(transition, role, is_locked=is_locked), transition.table)


@cache
def _select(transition: Transition, role: Role | None, *, is_locked: bool) -> Any:  # A select.
    """Return the same as a statement."""
    table = transition.table
    columns = [
        (fact.read(table) if isinstance(fact, Fact) else getattr(table, name)).label(f"fact_{name}")
        for name, fact in needed(transition).items()
    ]
    statement: Any = select(table, *columns).where(table.id == KEY)
    if role is not None:
        statement = _where_seen(statement, table, role)
    return statement.with_for_update(of=table, key_share=True) if is_locked else statement


@cache
def _seen(table: type[Record], role: Role) -> Loading:
    """Return what reads a record for a role."""
    return Loading(_where_seen(select(table).where(table.id == KEY), table, role), table)


@cache
def _by_key(table: type[Record]) -> Loading:
    """Return what reads a record."""
    return Loading(select(table).where(table.id == KEY), table)


@cache
def _parts(table: type[Record], noun: str) -> Loading:
    """Return what reads the parts of a record of a kind."""
    order = [getattr(table, name) for name in ("position", "id") if hasattr(table, name)]
    return Loading(select(table).where(getattr(table, f"{noun}_id") == KEY).order_by(*order), table)


def _where_seen(statement: Any, table: type[Record], role: Role) -> Any:  # A select of the table.
    """Add the row rule, which differs by role; whose it is is the parameter ``viewer_id``."""
    condition = visible_to(Viewer(CLOCK.id, "", role), table)
    return statement if condition is None else statement.where(condition)


def _is_chained(table: type[Record]) -> bool:
    """Say whether the rows of a table belong to a chain."""
    return "chain_id" in table.model_fields


def _is_postgresql(session: Session) -> bool:
    """Say whether a command runs on PostgreSQL."""
    return session.get_bind().dialect.name == "postgresql"
