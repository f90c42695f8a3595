"""What did a command do to one record, and what is told of that?"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import inspect

from models.access import Viewer
from models.event import EventKind
from models.lifecycle.telling import label, shown_name
from models.record import Versioned
from models.status import Staged


@dataclass
class Touched:
    """A record that the command touched, and what will be told of it."""

    record: Versioned
    event_id: UUID
    cause: UUID | None
    is_new: bool
    before: tuple[str, str] | None
    # The state that it came from as transitions know it, with the whole of its reason.
    state: str = ""
    type: str | None = None
    command: str = ""
    note: str | None = None
    changes: list[dict[str, Any]] = field(default_factory=list)
    _by_field: dict[str, dict[str, Any]] = field(default_factory=dict)

    def add(self, changes: Iterable[dict[str, Any]]) -> None:
        """Add changes to those that were noted: a field that changes again keeps what it was at first."""
        for each in changes:
            known = self._by_field.setdefault(each["field"], each)
            if known is each:
                self.changes.append(each)
            else:
                known["after"] = each["after"]

    @property
    def after(self) -> tuple[str, str] | tuple[None, None]:
        """The state and the reason that the record has come to; one that was deleted has none."""
        if isinstance(self.record, Staged) and not inspect(self.record).deleted:
            return str(self.record.status), self.record.reason
        return None, None

    @property
    def kind(self) -> EventKind:
        """What its event tells."""
        if inspect(self.record).deleted:
            return EventKind.DELETED
        if self.is_new:
            return EventKind.CREATED
        is_same = self.after == (self.before or (None, None))
        return EventKind.EDITED if is_same else EventKind.STATUS_CHANGED

    @property
    def is_found_anew(self) -> bool:
        """Whether words may find the record that they did not find before, or no longer."""
        table = type(self.record)
        columns = {shown_name(table, name) for name in (*table.titled, *table.searched)}
        return self.is_new or any(each["field"] in columns for each in self.changes)

    def told(self, viewer: Viewer, now: datetime) -> dict[str, Any]:
        """Return the event that tells of the record, as the columns of its row."""
        record, (status, reason) = self.record, self.after
        type_ = self.type or f"{record.noun()}.{'created' if self.is_new else 'edited'}"
        return {
            "id": self.event_id,
            "created_at": now,
            "kind": self.kind,
            "type": type_,
            "command": self.command,
            "summary": f"{label(record)}: {type_.partition('.')[2].replace('_', ' ')}",
            "subject_type": record.noun(),
            "subject_id": record.id,
            "subject_version": record.version,
            "chain_id": getattr(record, "chain_id", None),
            "account_id": record.id if record.noun() == "account" else getattr(record, "account_id", None),
            "actor_kind": viewer.actor_kind,
            "actor_id": viewer.user_id,
            "caused_by_id": self.cause,
            "from_status": self.before[0] if self.before else None,
            "to_status": status,
            "reason": reason,
            "note": self.note,
            "changes": [each for each in self.changes if each["before"] != each["after"]],
        }
