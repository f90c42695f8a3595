"""What did people add to a record that its own fields do not hold? Notes, tags and metadata."""

from uuid import UUID

from sqlalchemy import UniqueConstraint, false
from sqlmodel import Field, Index

from models.record import Identifier, Record
from models.regarding import Regarding


class Note(Regarding, Record, table=True):
    """What somebody said about a record. Never changed; ``created_at`` is when it was said."""

    __tablename__ = "note"
    __table_args__ = (
        Index("ix_note_regarding_id_id", "regarding_id", "id"),
        Index("ix_note_chain_id_id", "chain_id", "id"),
        Index("ix_note_account_id_id", "account_id", "id"),
    )

    # Null where it speaks of an account or a contact.
    chain_id: UUID | None = Field(default=None, foreign_key="chain.id", sa_type=Identifier)
    # Null where the customer of a quote said it, who is no user.
    author_id: UUID | None = Field(default=None, foreign_key="user.id", sa_type=Identifier, index=True)
    text: str = Field(max_length=10_000)
    # Whether the customer of its quote reads it under the quote's token: what the customer said, and answers.
    is_for_customer: bool = Field(default=False, sa_column_kwargs={"server_default": false()})


class Tag(Record, table=True):
    """A word that a record can be found by."""

    __tablename__ = "tag"
    __table_args__ = (UniqueConstraint("regarding_id", "name"), Index("ix_tag_name_id", "name", "id"))

    regarding_type: str = Field(max_length=40)
    regarding_id: UUID = Field(sa_type=Identifier)
    name: str = Field(max_length=60)


class MetadataEntry(Record, table=True):
    """A value that another program keeps with a record, under a key of its own."""

    __tablename__ = "metadata_entry"
    __table_args__ = (
        UniqueConstraint("regarding_id", "key"),
        Index("ix_metadata_entry_key_value_id", "key", "value", "id"),
    )

    regarding_type: str = Field(max_length=40)
    regarding_id: UUID = Field(sa_type=Identifier)
    key: str = Field(max_length=100)
    value: str = Field(max_length=500)
