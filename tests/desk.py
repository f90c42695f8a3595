"""Who runs the commands in a test, and how does it look at what they did?"""

import random
import re
import threading
import time
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

import sqlalchemy
from sqlmodel import Session, SQLModel, col, select

from models import migrations
from models.access import Role, User, Viewer
from models.clock import Tick, run_due
from models.database import Database
from models.errors import Blocked, Refusal
from models.event import Event
from models.lifecycle import REGISTRY, Command, Offer, Outcome, Pointer, facts_of, offers, remember, run
from models.lifecycle.declaration import Fact
from models.moment import Moment, Organization
from models.pipeline import Stage
from models.record import Record, Versioned, parse_id, records
from models.status import Staged

T = TypeVar("T")
AnyRecord = TypeVar("AnyRecord", bound=Record)

START = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
TODAY = START.date()
_TRIES = 40


@dataclass(frozen=True)
class Done:
    """What a command answered: public ids and plain values by payload field, and its events."""

    values: Mapping[str, Any]
    outcome: Outcome
    database: Database

    def __getitem__(self, name: str) -> Any:
        """Return a field of the payload."""
        return self.values[name]

    @property
    def already_done(self) -> bool:
        """Whether an earlier call had done it."""
        found: bool = self.values["already_done"]
        return found

    @property
    def events(self) -> list[Event]:
        """What is told of it, in the order of the keys."""
        keys = self.outcome.event_keys
        with self.database.reading() as session:
            return list(session.scalars(select(Event).where(col(Event.id).in_(keys)).order_by(col(Event.id))))


@dataclass(frozen=True)
class Desk:
    """Somebody who works at a moment: runs commands, each in a transaction of its own, and looks at rows."""

    database: Database
    viewer: Viewer
    users: Mapping[Role, Viewer]
    now: datetime = START
    organization: Organization = field(default_factory=Organization)

    @property
    def moment(self) -> Moment:
        """When the commands run."""
        return Moment(self.now, self.organization)

    def acting(self, role: Role) -> "Desk":
        """Return the desk of another user."""
        return replace(self, viewer=self.users[role])

    def later(self, **time_passed: float) -> "Desk":
        """Return the desk some time later: ``desk.later(days=3)``."""
        return replace(self, now=self.now + timedelta(**time_passed))

    def abroad(self, zone: str) -> "Desk":
        """Return the desk of an organisation in another time zone."""
        return replace(self, organization=replace(self.organization, time_zone=ZoneInfo(zone)))

    def command(self, name: str, /, **given: Any) -> Command:
        """Return a command of this user, now."""
        return Command(REGISTRY[name], given, self.viewer, self.moment)

    def do(self, name: str, /, **given: Any) -> Done:
        """Run a command and commit it; while others stand in the way it is tried again."""
        for attempt in range(_TRIES):
            try:
                return self._once(name, given)
            except Exception as fault:
                if not self.database.is_retryable(fault) or attempt == _TRIES - 1:
                    raise
            time.sleep(random.uniform(0.001, 0.02))  # noqa: S311  # Spreads waits; guards no secret.
        raise AssertionError

    def _once(self, name: str, given: Mapping[str, Any]) -> Done:
        with self.database.writing() as session:
            outcome = run(session, self.command(name, **given))
            remember(session, outcome, "selection", "{}")
            session.commit()
        return Done(_shown(outcome.payload), outcome, self.database)

    def tick(self) -> list[Tick]:
        """Run what is due now, and return what was done."""
        return list(run_due(self.database, self.moment))

    def tried(self, name: str, /, **given: Any) -> Done:
        """Run a command and roll it back, as a dry run does."""
        with self.database.writing() as session:
            outcome = run(session, self.command(name, **given))
            session.rollback()
        return Done(_shown(outcome.payload), outcome, self.database)

    def refused(self, name: str, /, **given: Any) -> Refusal:
        """Run a command that must be refused, and check that it left no trace in any table."""
        before = everything(self.database)
        try:
            done = self._once(name, given)
        except Refusal as refusal:
            assert everything(self.database) == before
            return refusal
        message = f"{name} was carried out: {done.values}"
        raise AssertionError(message)

    def read(self, table: type[AnyRecord], key: str) -> AnyRecord:
        """Return the row of a public id."""
        noun, uuid = parse_id(key)
        assert noun == table.noun()
        with self.database.reading() as session:
            return session.get_one(table, uuid)

    def row(self, key: str) -> Any:
        """Return the row of a public id, whatever its table."""
        return self.read(records()[parse_id(key)[0]], key)

    def all(self, table: type[AnyRecord], **where: Any) -> list[AnyRecord]:
        """Return the rows of a table with these column values; public ids stand for keys. Oldest first."""
        statement = select(table).order_by(col(table.id))
        for name, value in where.items():
            is_key = name.endswith("_id") and isinstance(value, str) and name != "reason_id"
            statement = statement.where(getattr(table, name) == (parse_id(value)[1] if is_key else value))
        with self.database.reading() as session:
            return list(session.exec(statement).all())

    def stage_of(self, key: str) -> str:
        """Return the code of the stage that an opportunity is in."""
        with self.database.reading() as session:
            return session.get_one(Stage, self.row(key).stage_id).code

    def events_of(self, key: str) -> list[Event]:
        """Return the timeline of a record."""
        return self.all(Event, subject_id=key)

    def offers_of(self, key: str) -> list[Offer]:
        """Return the transitions that a record offers to this user."""
        with self.database.reading() as session:
            return offered(session, self.viewer, self.moment, session.get_one(*_place(key)))

    def allowed(self, key: str) -> list[str]:
        """Return the commands that a record offers without a blocker."""
        return [offer.name for offer in self.offers_of(key) if offer.allowed]


def offered(session: Session, viewer: Viewer, moment: Moment, record: Any) -> list[Offer]:
    """Return the offers of a record, with the facts read as a reader would."""
    table: type[Versioned] = type(record)
    facts = {fact if isinstance(fact, str) else fact.name: fact for fact in facts_of(table)}
    columns = [
        (fact.read(table) if isinstance(fact, Fact) else getattr(table, fact)).label(name)
        for name, fact in facts.items()
    ]
    values = (
        session.execute(sqlalchemy.select(*columns).select_from(table).where(table.id == record.id)).one()
        if columns
        else ()
    )
    state = record.state if isinstance(record, Staged) else ""
    return offers(table, state, dict(zip(facts, values, strict=True)), viewer, moment)


Rows = dict[str, dict[tuple[Any, ...], dict[str, Any]]]


def everything(database: Database) -> Rows:
    """Return all rows of all tables: two answers are equal if nothing was written in between."""
    with database.reading() as session:
        return rows_of(session)


def rows_of(session: Session) -> Rows:
    """Return all rows that a transaction sees, by table and primary key."""
    return {
        name: {
            tuple(row[key.name] for key in table.primary_key): dict(row)
            for row in session.execute(sqlalchemy.select(table)).mappings()
        }
        for name, table in SQLModel.metadata.tables.items()
    }


def at_once(count: int, action: Callable[[int], T]) -> list[T]:
    """Return what ``action`` answered to each of ``count`` threads that start together."""
    barrier = threading.Barrier(count)

    def start(number: int) -> T:
        barrier.wait()
        return action(number)

    with ThreadPoolExecutor(count) as threads:
        return list(threads.map(start, range(count)))


def undo_migrations(database: Database, name: str) -> None:
    """Go back to the tables before a migration, given by the begin of its name, with all rows that fit."""
    (file,) = (Path(migrations.__file__).parent / "versions").glob(f"*_{name}*.py")
    (revision,) = re.findall(r'^down_revision = "(\d+)"', file.read_text(), re.MULTILINE)
    with database._writer.connect() as connection:
        driver: Any = connection.connection.driver_connection
        # As forwards: a table that is written anew must not lose what points to it.
        if database.dialect == "sqlite":
            driver.execute("PRAGMA foreign_keys = OFF")
        with connection.begin():
            migrations.downgrade(connection, revision)
        if database.dialect == "sqlite":
            driver.execute("PRAGMA foreign_keys = ON")


def make_desk(database: Database) -> Desk:
    """Return the desk of a salesperson in a database that has a user for each role."""
    rows = [User(name=role.title(), role=role, created_at=START) for role in Role]
    with database.writing() as session:
        session.add_all(rows)
        session.commit()
    users = {row.role: Viewer(row.id, row.name, row.role) for row in rows}
    return Desk(database, users[Role.SALES], users)


def told(refusal: Refusal) -> tuple[str, tuple[str | int, ...]]:
    """Return the code and the path of a refusal."""
    return refusal.code, refusal.path


def blocked(refusal: Refusal) -> Blocked:
    """Return a refusal that came from a state or a guard."""
    assert isinstance(refusal, Blocked), refusal
    return refusal


def _place(key: str) -> tuple[type[Record], Any]:
    noun, uuid = parse_id(key)
    return records()[noun], uuid


def _shown(payload: Mapping[str, Any]) -> dict[str, Any]:
    """Return a payload with public ids for pointers."""

    def shown(value: Any) -> Any:
        if isinstance(value, Pointer):
            return value.public_id
        if isinstance(value, Mapping):
            return {name: shown(each) for name, each in value.items()}
        return [shown(each) for each in value] if isinstance(value, list) else value

    return {name: shown(value) for name, value in payload.items()}
