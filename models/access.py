"""Who is asking, what may they do, and which rows do they see?

``visible_to`` is the one row rule: the planner puts it into every read, the lifecycle into every write.
"""

import hashlib
import secrets
import zlib
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import ColumnElement, bindparam, inspect, select
from sqlmodel import Field, Session, SQLModel, col

from models.record import Identifier, Instant, Record, choice, records


class Role(StrEnum):
    """What kind of user a key speaks for."""

    ADMIN = "ADMIN"
    SALES = "SALES"
    PARTNER = "PARTNER"
    SUPPORT = "SUPPORT"


class User(Record, table=True):
    """Someone, or some program, that reads and runs commands: the actor of events, the owner of records."""

    __tablename__ = "user"

    name: str = Field(max_length=160)
    role: Role = Field(sa_type=choice(Role))


class ApiKey(Record, table=True):
    """A secret that speaks for a user. Only its digest is kept."""

    __tablename__ = "api_key"

    user_id: UUID = Field(foreign_key="user.id", sa_type=Identifier, index=True)
    name: str = Field(max_length=160)
    digest: str = Field(max_length=64, unique=True)
    hint: str = Field(max_length=16)
    revoked_at: datetime | None = Field(default=None, sa_type=Instant)


class AccountShare(SQLModel, table=True):
    """An account that a partner sees, and with it the account's chains."""

    __tablename__ = "account_share"

    user_id: UUID = Field(primary_key=True, foreign_key="user.id", sa_type=Identifier)
    account_id: UUID = Field(primary_key=True, foreign_key="account.id", sa_type=Identifier, index=True)


@dataclass(frozen=True)
class Viewer:
    """The user on whose behalf a question is asked or a command is run."""

    id: UUID
    name: str
    role: Role

    # Roles that see every row; the others see what is shared with them.
    sees_all: ClassVar[frozenset[Role]] = frozenset({Role.ADMIN, Role.SALES, Role.SUPPORT})
    # Roles that run the commands of the sales process.
    sells: ClassVar[frozenset[Role]] = frozenset({Role.ADMIN, Role.SALES})

    def may(self, command: str) -> bool:
        """Say whether this viewer's role may run the transition ``command``, for example ``accept_quote``."""
        del command  # Every command of the chain has the same permission so far.
        return self.role in self.sells


def visible_to(
    viewer: Viewer, entity: Any
) -> ColumnElement[bool] | None:  # A table class or an alias of one.
    """Return the condition under which the viewer sees a row of ``entity``, None for every row.

    The viewer's id is the parameter ``viewer_id``, so that a statement compiled for one partner
    serves every partner.
    """
    if viewer.role in viewer.sees_all:
        return None
    table: type[Record] = inspect(entity).mapper.class_
    shared = select(col(AccountShare.account_id)).where(
        col(AccountShare.user_id) == bindparam("viewer_id", viewer.id, type_=Identifier)
    )
    if table.noun() == "account":
        return col(entity.id).in_(shared)
    if "account_id" in table.model_fields:
        return col(entity.account_id).in_(shared)
    if table.seen_through is None:
        return None
    (key,) = table.__table__.c[table.seen_through].foreign_keys  # type: ignore[attr-defined]  # SQLModel sets it.
    parent = records()[key.column.table.name]
    within = visible_to(viewer, parent)
    if within is None:
        return None
    return select(col(parent.id)).where(parent.id == getattr(entity, table.seen_through), within).exists()


def issue_key(session: Session, user: User, name: str, *, now: datetime, pepper: bytes) -> str:
    """Write a new key of a user and return its secret, which is not kept."""
    secret = make_secret()
    session.add(
        ApiKey(
            created_at=now,
            user_id=user.id,
            name=name,
            digest=digest_of(secret, pepper),
            hint=secret[:_HINT] + "…",
        )
    )
    return secret


_HINT = 10
_KEY_PREFIX = "sales_"
_KEY_BYTES = 32  # 256 bits: beyond guessing, so that a fast keyed hash is enough (decision 0003).


def make_secret() -> str:
    """Return a new API key: prefix, 64 hex digits, and a checksum that lets scanners tell it from noise."""
    body = secrets.token_hex(_KEY_BYTES)
    return f"{_KEY_PREFIX}{body}{_checksum(body)}"


def is_well_formed(secret: str) -> bool:
    """Say whether a text has the form of an API key, before any database is asked."""
    body, checksum = secret[len(_KEY_PREFIX) : -8], secret[-8:]
    return secret.startswith(_KEY_PREFIX) and len(body) == 2 * _KEY_BYTES and _checksum(body) == checksum


def digest_of(secret: str, pepper: bytes) -> str:
    """Return the keyed BLAKE2b digest of an API key, as it is stored."""
    return hashlib.blake2b(secret.encode(), key=pepper, digest_size=32).hexdigest()


def _checksum(body: str) -> str:
    """Return the CRC-32 of the key's body in hex."""
    return f"{zlib.crc32(body.encode()):08x}"
