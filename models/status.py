"""Which status reasons does a state have?

States are code, closed and stable. Their reasons are rows: a company may add reasons and change their
labels, and each reason belongs to one state of one record (held by a foreign key over both columns).
"""

from enum import StrEnum
from typing import ClassVar

from sqlalchemy import JSON, ColumnClause, ForeignKeyConstraint, Index, UniqueConstraint, literal_column
from sqlmodel import Field

from models.record import Versioned, choice


class Staged(Versioned):
    """A record with a life: its status is a state of the lifecycle, its reason one of that state's.

    Only models/lifecycle assigns ``status`` and ``reason_id``.
    """

    filtered: ClassVar[tuple[str, ...]] = ("status", "reason_id")
    # What lists of one status are ordered by: the open quotes by their total. Each gets an index, so that a
    # page costs the same however many rows have the status, and however few.
    ordered_by_status: ClassVar[tuple[str, ...]] = ()
    # The states in which people change nothing but by a command that says so.
    read_only: ClassVar[frozenset[StrEnum]] = frozenset()

    status: StrEnum
    reason_id: str = Field(max_length=80)

    @property
    def state(self) -> str:
        """The status and its reason, for example ``ACTIVE.PRESENTED``.

        A company's own kind of one of the process's reasons stands behind that: ``OPEN.ON_HOLD.NO_BUDGET``.
        """
        return state_of(self.reason_id)

    @property
    def reason(self) -> str:
        """The code of the status reason, for example ``PRESENTED``."""
        return self.reason_id.rpartition(".")[2]


class StatusReasonStatus(StrEnum):
    """Whether records may still be given a reason."""

    ACTIVE = "ACTIVE"
    INACTIVE = "INACTIVE"


_DEFAULT: ColumnClause[bool] = literal_column("is_default")


def reason_id(noun: str, status: StrEnum, code: str) -> str:
    """Return the key of a status reason, for example ``quote.ACTIVE.PRESENTED``."""
    return f"{noun}.{status}.{code}"


def state_of(reason_id: str) -> str:
    """Return status and code of a reason's key: ``ACTIVE.PRESENTED`` of ``quote.ACTIVE.PRESENTED``."""
    return reason_id.partition(".")[2]


def reason_key() -> ForeignKeyConstraint:
    """Return the constraint that ties a record's reason to its state."""
    return ForeignKeyConstraint(["reason_id", "status"], ["status_reason.key", "status_reason.of_status"])


class StatusReason(Staged, table=True):
    """Why a record is in its state: a code for programs, a label for people.

    ``status`` says whether it may still be given; ``of_record`` and ``of_status`` which state it belongs to.
    """

    __tablename__ = "status_reason"
    __table_args__ = (
        reason_key(),
        UniqueConstraint("key", "of_status"),
        UniqueConstraint("of_record", "of_status", "code"),
        Index(
            "uq_status_reason_default",
            "of_record",
            "of_status",
            unique=True,
            sqlite_where=_DEFAULT,
            postgresql_where=_DEFAULT,
        ),
        Index("ix_status_reason_created_at_id", "created_at", "id"),
        Index("ix_status_reason_updated_at_id", "updated_at", "id"),
    )
    filtered: ClassVar[tuple[str, ...]] = ("code", "of_record", "of_status", "process_code")

    status: StatusReasonStatus = Field(sa_type=choice(StatusReasonStatus))
    # Noun, state and code: "quote.ACTIVE.PRESENTED"; of a company's own kind of one of the process's reasons
    # that one as well: "opportunity.OPEN.ON_HOLD.NO_BUDGET". What records keep as their reason_id.
    key: str = Field(max_length=80)
    of_record: str = Field(max_length=40)
    of_status: str = Field(max_length=40)
    code: str = Field(max_length=40)
    # The reason of the process that it is, or is a kind of; null where it is neither.
    process_code: str | None = Field(default=None, max_length=40)
    label: str = Field(max_length=80)
    # The label in other languages: {"language", "label"}.
    wordings: list[dict[str, str]] = Field(default_factory=list, sa_type=JSON)
    position: int
    # Taken where people who choose a reason of the state name none.
    is_default: bool = False
    # Whether commands give it by themselves, and so cannot do without it.
    is_of_process: bool = False
    # Whether people choose it where a command asks for a reason of the state.
    is_chosen: bool = False

    @property
    def path(self) -> str:
        """What its key says below the state: ``PRESENTED``, ``ON_HOLD.NO_BUDGET``."""
        return self.key.split(".", 2)[2]
