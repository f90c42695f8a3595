"""What does a running command touch, and how is that told?

``Change`` is the hand that a transition's body writes with. It bumps each touched record's version once
and writes one event for it, so that no body has to think of either.
"""

from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from enum import StrEnum
from typing import Any, NoReturn, TypeVar, cast
from uuid import UUID

from sqlalchemy import bindparam, false, or_
from sqlmodel import Session, col, select

from models import search
from models.access import Viewer
from models.errors import Blocked, Blocker, Invalid, NotFound, Path, UnfitReason
from models.event import Chain, Event
from models.lifecycle import finding
from models.lifecycle.excerpt import Excerpts
from models.lifecycle.listing import allowed_commands
from models.lifecycle.making import made
from models.lifecycle.telling import changes_of
from models.lifecycle.touched import Touched
from models.lifecycle.validation import validate
from models.lifecycle.writing import store, write
from models.moment import Moment
from models.record import Part, Record, Versioned, new_id
from models.record import table as table_of
from models.statement import Loading
from models.status import Staged, StatusReason, StatusReasonStatus, reason_id

AnyRecord = TypeVar("AnyRecord", bound=Record)
AnyPart = TypeVar("AnyPart", bound=Part)


_REASONS = Loading(
    select(StatusReason)
    .where(StatusReason.of_record == bindparam("noun"), StatusReason.of_status == bindparam("status"))
    .order_by(col(StatusReason.position)),
    StatusReason,
)


class Change:
    """The writing hand of one command: session, viewer, moment, and all that was touched so far."""

    def __init__(self, session: Session, viewer: Viewer, moment: Moment) -> None:
        self.session = session
        self.viewer = viewer
        self.moment = moment
        self.command = ""
        self._cause: UUID | None = None
        self._doing = UUID(int=0)
        self._is_part = False
        self._touched: dict[UUID, Touched] = {}
        self._known: dict[UUID, Record] = {}
        self._excerpts: list[Excerpts] = []

    @property
    def now(self) -> datetime:
        """The instant of the command."""
        return self.moment.now

    def begin_chain(self) -> UUID:
        """Start a new story and return its key."""
        chain = Chain(id=new_id())
        self.session.add(chain)
        return chain.id

    def add(
        self, record: AnyRecord, *, status: StrEnum | None = None, reason: str | None = None
    ) -> AnyRecord:
        """Write a new record, in its first state where it has states."""
        if isinstance(record, Staged):
            if status is None or reason is None:
                message = f"{record.noun()} needs a first state"
                raise ValueError(message)
            record.status, record.reason_id = status, reason_id(record.noun(), status, reason)
        self._known[record.id] = record
        if isinstance(record, Versioned):
            self._touch(record, is_new=True)
        self.session.add(record)
        return record

    def new(self, table: type[AnyRecord], **values: Any) -> AnyRecord:  # Column values.
        """Return a record of ``table`` with its times set, not yet written."""
        times: dict[str, Any] = {"created_at": self.now}
        if issubclass(table, Versioned):
            times["updated_at"] = self.now
        return made(table, {**times, **values})

    def become(self, record: Staged, status: StrEnum, reason: str) -> None:
        """Move a record to a state, for one of the state's reasons."""
        self._touch(record)
        record.status, record.reason_id = status, reason_id(record.noun(), status, reason)

    def tell(self, record: Versioned, type_: str | None = None, *, note: str | None = None) -> None:
        """Name the event of a touched record, for example ``quote.accepted``, and say why it happened."""
        touched = self._touch(record)
        touched.type = type_ or touched.type
        touched.note = note or touched.note

    def tell_change(self, record: Versioned, field: str, before: str | None, after: str | None) -> None:
        """Tell a change of what a record has besides its columns and its parts."""
        if before != after:
            self._touch(record).add([{"field": field, "before": before, "after": after}])

    def remove(self, row: Record) -> None:
        """Delete a part of a draft, of which the event keeps what it was, or what is told otherwise."""
        self.session.delete(row)

    def find(self, table: type[AnyRecord], key: UUID, path: Path) -> AnyRecord:
        """Return a record that the viewer sees.

        Raises:
            NotFound: it does not exist, or is not this viewer's.
        """
        found: AnyRecord | None = finding.record(self.session, table, key, self.viewer)
        if found is None:
            raise NotFound(table.noun(), path=path)
        return found

    def get(self, table: type[AnyRecord], key: UUID | None) -> AnyRecord:
        """Return the record that has a key, whoever may see it.

        Raises:
            LookupError: it does not exist.
        """
        found: AnyRecord | None = finding.by_key(self.session, table, key)
        if found is None:
            message = f"there is no {table.noun()} {key}"
            raise LookupError(message)
        return found

    def parts(self, table: type[AnyRecord], parent: Record) -> list[AnyRecord]:
        """Return the parts of a record by position where they have one, else in the order they were made."""
        self._flush_rows(table)
        return finding.parts(self.session, table, parent)

    def excerpts(self, table: type[AnyPart], parent: Versioned, names: Sequence[str]) -> list[AnyPart]:
        """Return the parts of a record by position: only some columns of those that are not held already.

        An excerpt stands for the row as far as the ``names`` of its columns and its id go. What is set of it
        is written and told as a record's columns are.
        """
        self._flush_rows(table)
        read = Excerpts(self.session, table, parent, names)
        self._excerpts.append(read)
        return cast("list[AnyPart]", read.all)

    def require_free_name(self, table: type[Record], name: str) -> None:
        """Refuse a name, as Invalid, that is empty or that another record of its kind has."""
        words, path = table.noun().replace("_", " "), ("input", "name")
        if not name:
            message = f"A {words} needs a name."
            raise Invalid(message, path=path)
        column = table.metadata.tables[table.noun()].c.name
        if self.session.execute(select(column).where(column == name)).first() is not None:
            message = f"There is a {words} {name} already; names are unique."
            raise Invalid(message, path=path, code="NAME_TAKEN")

    def is_used(self, record: Record) -> bool:
        """Say whether a row of any table points to a record, which cannot be deleted then."""
        self.flush()
        table = type(record).metadata.tables[record.noun()]
        links = [
            select(key.parent).where(key.parent == record.id).exists()
            for other in table.metadata.tables.values()
            for key in other.foreign_keys
            if key.column.table is table
        ]
        return bool(self.session.execute(select(or_(false(), *links))).scalar_one())

    def reason(
        self,
        noun: str,
        status: StrEnum,
        code: str | None,
        *,
        kinds: Collection[str] = (),
        otherwise: str | None = None,
    ) -> str:
        """Return the status reason of a code, as ``become`` takes it; without a code the state's default.

        ``kinds`` are the reasons of the process that it has to be, or to be a kind of; all where there are
        none. ``otherwise`` is taken where no code is given and the company has chosen no default. A command
        that runs as a part of another may give reasons that people cannot choose.

        Raises:
            UnfitReason: there is no such reason for that state, or it is no longer given; or one is needed.
        """
        of_state: list[StatusReason] = _REASONS.all(self.session, noun=noun, status=str(status))
        fit = [
            each
            for each in of_state
            if (each.is_chosen or self._is_part)
            and each.status is StatusReasonStatus.ACTIVE
            and (not kinds or each.process_code in kinds)
        ]
        found = next((each for each in fit if (each.is_default if code is None else each.code == code)), None)
        if found is not None:
            return found.path
        if code is None and otherwise is not None:
            return otherwise
        raise _unfit(code, f"{noun} {status}", of_state, fit)

    def refuse(self, *blockers: Blocker, obstacles: Sequence[tuple[str, UUID]] = ()) -> NoReturn:
        """Refuse the running command for a reason that shows only while it runs.

        Raises:
            Blocked: with the state that the command's record had when it began.
            Invalid: the record is only being made, so that it is a matter of the input.
        """
        touched = self._touched.get(self._doing)
        if touched is None:
            first = blockers[0]
            raise Invalid(first.message, path=first.path or ("input",), code=first.code)
        allowed = allowed_commands(type(touched.record), touched.state)
        status = touched.state.partition(".")[0]
        raise Blocked(blockers, command=self.command, status=status, allowed=allowed, obstacles=obstacles)

    @contextmanager
    def causing(self, record: Versioned, command: str, event: str) -> Iterator[None]:
        """Run a command on ``record``: whatever is touched until it ends was caused by it."""
        touched = self._touch(record)
        touched.type, touched.command = event, command
        outer = self._cause, self.command, self._doing, self._is_part
        self._is_part = self._cause is not None
        self._cause, self.command, self._doing = touched.event_id, command, record.id
        try:
            yield
        finally:
            self._cause, self.command, self._doing, self._is_part = outer

    def flush(self) -> None:
        """Send all that was written to the database, noting what it changes."""
        changed = [each for each in (*self.session.dirty, *self.session.deleted) if isinstance(each, Record)]
        # The session keeps them in sets: by their ids, events tell of them in the same order every time.
        for record in [*self.session.new, *sorted(changed, key=lambda each: each.id)]:
            if isinstance(record, Record):
                validate(record)
                self._note(record)
        for read in self._excerpts:
            self._add(read.parent, read.changes())
        store(self.session)
        if self.session.deleted:
            self.session.flush()
        for read in self._excerpts:
            read.write()

    def _flush_rows(self, table: type[Record]) -> None:
        """Flush if rows of a table wait to be written, or to be deleted with what they belong to."""
        waiting = (*self.session.new, *self.session.dirty)
        if self._excerpts or self.session.deleted or any(isinstance(each, table) for each in waiting):
            self.flush()

    def finish(self) -> list[UUID]:
        """Flush, write one event a touched record, and return the keys of the events in their order."""
        self.flush()
        touched = sorted(self._touched.values(), key=lambda each: each.event_id)
        search.write(self.session, [each.record for each in touched if each.is_found_anew])
        if touched:
            rows = [each.told(self.viewer, self.now) for each in touched]
            write(self.session, Event, rows)
        return [each.event_id for each in touched]

    def _touch(self, record: Versioned, *, is_new: bool = False) -> Touched:
        """Note that the command changes a record, and raise its version the first time."""
        touched = self._touched.get(record.id)
        if touched is None:
            before, state = None, ""
            if isinstance(record, Staged) and not is_new:
                before, state = (str(record.status), record.reason), record.state
            touched = Touched(record, new_id(), self._cause, is_new, before, state, command=self.command)
            self._touched[record.id] = touched
            if not is_new:
                record.version += 1
                record.updated_at = self.now
        return touched

    def _note(self, record: Record) -> None:
        """Add a record's field changes to what its event, or that of the record it is part of, will tell."""
        changes = list(changes_of(record, deleted=record in self.session.deleted))
        if isinstance(record, Part):
            prefix = f"{record.public_id}."
            changes = [each | {"field": prefix + each["field"]} for each in changes]
            self._add(self._owner(record), changes)
        elif isinstance(record, Versioned):
            self._add(record, changes)

    def _add(self, owner: Versioned, changes: Sequence[dict[str, Any]]) -> None:
        """Add changes to what the event of a record will tell."""
        if changes:
            self._touch(owner).add(changes)

    def _owner(self, part: Part) -> Versioned:
        """Return the record that a part belongs to."""
        record: Record = part
        while isinstance(record, Part):
            (key,) = record.__table__.c[record.part_of].foreign_keys  # type: ignore[attr-defined]  # SQLModel sets it.
            parent = getattr(record, record.part_of)
            record = self._known.get(parent) or self.get(table_of(key.column.table.name), parent)
        if not isinstance(record, Versioned):
            message = f"{record.noun()} has no version"
            raise TypeError(message)
        return record


def _unfit(
    code: str | None, state: str, of_state: Sequence[StatusReason], fit: Sequence[StatusReason]
) -> UnfitReason:
    """Return the refusal of a reason that does not fit a state; it lists those that do."""
    codes = ", ".join(sorted(each.code for each in fit))
    given = next((each for each in of_state if each.code == code), None)
    is_inactive = given is not None and given.status is StatusReasonStatus.INACTIVE
    if code is None:
        what = f"No reason for {state} is given, and the company has chosen no default"
    elif is_inactive:
        what = f"{code!r} is an inactive reason for {state}"
    else:
        what = f"{code!r} is not a reason for {state}"
    return UnfitReason(
        f"{what}; there are {codes}.",
        [(each.noun(), each.id) for each in fit],
        path=("input", "reason"),
        code="REASON_INACTIVE" if is_inactive else "REASON_REQUIRED",
    )
