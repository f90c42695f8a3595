"""Which status reasons does a state have?

States are code, closed and stable. Their reasons are rows: a company may add reasons and change their
labels, and each reason belongs to one state of one record (held by a foreign key over both columns).
"""

from enum import StrEnum
from typing import ClassVar

from sqlalchemy import ForeignKeyConstraint, UniqueConstraint
from sqlmodel import Field, SQLModel

from models.record import Versioned


class StatusReason(SQLModel, table=True):
    """Why a record is in its state: a code for programs, a label for people."""

    __tablename__ = "status_reason"
    __table_args__ = (UniqueConstraint("id", "status"),)

    # Noun, state and code: "quote.ACTIVE.PRESENTED".
    id: str = Field(primary_key=True, max_length=80)
    noun: str = Field(max_length=40)
    status: str = Field(max_length=40)
    code: str = Field(max_length=40, index=True)
    label: str = Field(max_length=80)
    position: int


class Staged(Versioned):
    """A record with a life: its status is a state of the lifecycle, its reason one of that state's.

    Only models/lifecycle assigns ``status`` and ``reason_id``.
    """

    filtered: ClassVar[tuple[str, ...]] = ("status", "reason_id")
    # The states in which people change nothing but by a command that says so.
    read_only: ClassVar[frozenset[StrEnum]] = frozenset()

    status: StrEnum
    reason_id: str = Field(max_length=80)

    @property
    def state(self) -> str:
        """The status and its reason's code, for example ``ACTIVE.PRESENTED``."""
        return state_of(self.reason_id)

    @property
    def reason(self) -> str:
        """The code of the status reason, for example ``PRESENTED``."""
        return self.reason_id.rpartition(".")[2]


def reason_id(noun: str, status: StrEnum, code: str) -> str:
    """Return the key of a status reason, for example ``quote.ACTIVE.PRESENTED``."""
    return f"{noun}.{status}.{code}"


def state_of(reason_id: str) -> str:
    """Return status and code of a reason's key: ``ACTIVE.PRESENTED`` of ``quote.ACTIVE.PRESENTED``."""
    return reason_id.partition(".")[2]


def reason_key() -> ForeignKeyConstraint:
    """Return the constraint that ties a record's reason to its state."""
    return ForeignKeyConstraint(["reason_id", "status"], ["status_reason.id", "status_reason.status"])
