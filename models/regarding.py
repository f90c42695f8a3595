"""Which record does a note, or an activity, speak of?"""

from typing import Any
from uuid import UUID

from sqlmodel import Field, SQLModel

from models.record import Identifier, Versioned


class Regarding(SQLModel):
    """What speaks of one record of any kind, and travels with its chain (Dynamics' regarding object)."""

    # Noun and key of the record.
    regarding_type: str = Field(max_length=40)
    regarding_id: UUID = Field(sa_type=Identifier)
    # The record's account; that of a lead is added at qualifying.
    account_id: UUID | None = Field(default=None, foreign_key="account.id", sa_type=Identifier)


def placed(record: Versioned) -> dict[str, Any]:
    """Return the columns by which a row speaks of a record."""
    account = record.id if record.noun() == "account" else getattr(record, "account_id", None)
    return {"regarding_type": record.noun(), "regarding_id": record.id, "account_id": account}
