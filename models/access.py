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

from sqlalchemy import BindParameter, ColumnElement, bindparam, false, inspect, select
from sqlmodel import Field, Session, SQLModel, col

from models.record import Identifier, Instant, Record, choice, records


class Role(StrEnum):
    """What kind of viewer asks: a user whose key it is, or the customer under the token of a quote."""

    ADMIN = "ADMIN"
    SALES = "SALES"
    PARTNER = "PARTNER"
    SUPPORT = "SUPPORT"
    # No user has it: models/quote.py makes these viewers.
    CUSTOMER = "CUSTOMER"


class ActorKind(StrEnum):
    """Who ran a command."""

    USER = "USER"
    CUSTOMER = "CUSTOMER"
    CLOCK = "CLOCK"


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


FOR_ADMINS = frozenset({
    "activate_pipeline",
    "activate_status_reason",
    "add_stage",
    "add_status_reason",
    "create_approval_policy",
    "create_pipeline",
    "deactivate_pipeline",
    "deactivate_status_reason",
    "reorder_stages",
    "restore_stage",
    "retire_stage",
    "update_approval_policy",
    "update_pipeline",
    "update_stage",
    "update_status_reason",
})  # fmt: skip
"""Transitions that shape the process itself, and so are not for everybody who sells."""


FOR_OWNERS = frozenset({
    "create_webhook_endpoint",
    "delete_webhook_endpoint",
    "disable_webhook_endpoint",
    "enable_webhook_endpoint",
    "replay_webhook",
    "rotate_webhook_secret",
    "send_test_webhook",
    "update_webhook_endpoint",
})  # fmt: skip
"""Transitions that every user may run on what is the user's own."""


@dataclass(frozen=True)
class Viewer:
    """On whose behalf a question is asked or a command is run: a user, a quote's customer, or the clock.

    ``id`` is the key of the user, or of the customer's quote.
    """

    id: UUID
    name: str
    role: Role

    # Roles that see every row; the others see what is shared with them.
    sees_all: ClassVar[frozenset[Role]] = frozenset({Role.ADMIN, Role.SALES, Role.SUPPORT})
    # Roles that run the commands of the sales process, and own its records.
    sells: ClassVar[frozenset[Role]] = frozenset({Role.ADMIN, Role.SALES})
    # Roles that may only say something about a record.
    comments: ClassVar[frozenset[Role]] = frozenset({Role.SUPPORT})

    # What a customer may do with the quote whose token it bears.
    buys: ClassVar[frozenset[str]] = frozenset({"accept_quote", "decline_quote", "comment_quote"})

    @property
    def actor_kind(self) -> ActorKind:
        """What is told of who ran a command."""
        if self.role is Role.CUSTOMER:
            return ActorKind.CUSTOMER
        return ActorKind.CLOCK if self.id == _NOBODY else ActorKind.USER

    @property
    def user_id(self) -> UUID | None:
        """The user's key; None for a customer and the clock."""
        return self.id if self.actor_kind is ActorKind.USER else None

    @property
    def noun(self) -> str:
        """The noun of what ``id`` is the key of."""
        return "quote" if self.role is Role.CUSTOMER else "user"

    @property
    def sees_costs(self) -> bool:
        """Whether this viewer's role is told what a product costs the company."""
        return self.role in self.sees_all

    def may(self, command: str) -> bool:
        """Say whether this viewer's role may run the transition ``command``, for example ``accept_quote``."""
        if self.role is Role.CUSTOMER:
            return command in self.buys
        if command in FOR_ADMINS:
            return self.role is Role.ADMIN
        if command in FOR_OWNERS:
            return True
        return self.role in self.sells or (self.role in self.comments and command.startswith("comment_"))


_NOBODY = UUID(int=0)
CLOCK = Viewer(_NOBODY, "clock", Role.ADMIN)
"""On whose behalf the clock runs what time brings about (models/clock.py)."""


def visible_to(
    viewer: Viewer, entity: Any
) -> ColumnElement[bool] | None:  # A table class or an alias of one.
    """Return the condition under which the viewer sees a row of ``entity``, None for every row.

    The viewer's id is the parameter ``viewer_id``, so that a statement compiled for one partner
    serves every partner, and one for a customer every customer.
    """
    table: type[Record] = inspect(entity).mapper.class_
    asks = bindparam("viewer_id", viewer.id, type_=Identifier)
    if table.is_personal and viewer.role is not Role.ADMIN:
        is_own: ColumnElement[bool] | None = (
            col(entity.owner_id) == asks
            if "owner_id" in table.model_fields
            else _seen_through(viewer, entity, table)
        )
        return is_own
    if viewer.role in viewer.sees_all:
        return None
    if table.is_internal:
        return false()
    if viewer.role is Role.CUSTOMER:
        return _seen_by_customer(viewer, entity, table, asks)
    shared = select(col(AccountShare.account_id)).where(col(AccountShare.user_id) == asks)
    if table.noun() == "account":
        return col(entity.id).in_(shared)
    if "account_id" in table.model_fields:
        return col(entity.account_id).in_(shared)
    return None if table.seen_through is None else _seen_through(viewer, entity, table)


def _seen_by_customer(
    viewer: Viewer, entity: Any, table: type[Record], asks: BindParameter[UUID]
) -> ColumnElement[bool] | None:
    """Return the condition under which a customer sees a row: its quote, its lines, and what was said to it.

    What it said itself is among it, and so is why the quote is in its state.
    """
    if table.noun() == viewer.noun:
        return col(entity.id) == asks
    if table.seen_through == f"{viewer.noun}_id":
        return _seen_through(viewer, entity, table)
    if table.noun() == "status_reason":
        quote: Any = records()["quote"]
        return col(entity.key).in_(select(quote.reason_id).where(quote.id == asks))
    if table.noun() == "note":
        return (col(entity.regarding_id) == asks) & col(entity.is_for_customer)
    return false()


def _seen_through(viewer: Viewer, entity: Any, table: type[Record]) -> ColumnElement[bool] | None:
    """Return the condition under which a viewer sees the record that a row belongs to."""
    link = str(table.seen_through)
    (key,) = table.__table__.c[link].foreign_keys  # type: ignore[attr-defined]  # SQLModel sets it.
    parent = records()[key.column.table.name]
    within = visible_to(viewer, parent)
    if within is None:
        return None
    return select(col(parent.id)).where(parent.id == getattr(entity, link), within).exists()


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


def user_of(session: Session, digest: str) -> Viewer | None:
    """Return the user whose key has a digest, None where it is unknown or revoked."""
    statement = (
        select(User)
        .join(ApiKey, col(ApiKey.user_id) == col(User.id))
        .where(col(ApiKey.digest) == digest, col(ApiKey.revoked_at).is_(None))
    )
    user = session.execute(statement).scalars().first()
    return None if user is None else Viewer(user.id, user.name, user.role)


_HINT = 10
_KEY_PREFIX = "sales_"
TOKEN_PREFIX = "offer_"  # noqa: S105  # What the tokens of customers begin with, so that scanners find them.
_KEY_BYTES = 32  # 256 bits: beyond guessing, so that a fast keyed hash is enough (decision 0003).


def make_secret(prefix: str = _KEY_PREFIX) -> str:
    """Return a new secret: prefix, 64 hex digits, and a checksum that lets scanners tell it from noise."""
    body = secrets.token_hex(_KEY_BYTES)
    return f"{prefix}{body}{_checksum(body)}"


def is_well_formed(secret: str, prefix: str = _KEY_PREFIX) -> bool:
    """Say whether a text has the form of a secret, before any database is asked."""
    body, checksum = secret[len(prefix) : -8], secret[-8:]
    return secret.startswith(prefix) and len(body) == 2 * _KEY_BYTES and _checksum(body) == checksum


def digest_of(secret: str, pepper: bytes) -> str:
    """Return the keyed BLAKE2b digest of an API key, as it is stored."""
    return hashlib.blake2b(secret.encode(), key=pepper, digest_size=32).hexdigest()


def _checksum(body: str) -> str:
    """Return the CRC-32 of the key's body in hex."""
    return f"{zlib.crc32(body.encode()):08x}"
