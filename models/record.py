"""What is a record, and how is it named on the outside?

Every table row has a UUIDv7 as its key and one opaque public id, ``quote_01jz8k…``: the noun of its
table, ``_``, and the key in 26 lower-case base32 characters (the TypeID form, TypeID spec 0.3).
"""

import re
import secrets
import threading
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from enum import StrEnum
from functools import cache
from typing import Any, ClassVar, cast
from uuid import UUID

from sqlalchemy import BINARY, CHAR, Column, DateTime, Dialect, Enum, TypeDecorator, Uuid, bindparam
from sqlalchemy.types import TypeEngine
from sqlmodel import Field, SQLModel

from models.errors import MalformedId

SQLModel.metadata.naming_convention = {
    "pk": "pk_%(table_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
}

# Rows come from the database or from our own code, never from a client: Pydantic's validators take a fifth of
# the time that importing the tables does, and are built where one is used.
SQLModel.model_config["defer_build"] = True

# Crockford's alphabet leaves out i, l, o and u, so that an id read aloud is not mistaken.
_ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"
_VALUES = {character: value for value, character in enumerate(_ALPHABET)}
# 128 bits are 13 pairs of base32 characters (130 bits): one look-up a pair is the fastest pure-Python way.
_PAIRS = [first + second for first in _ALPHABET for second in _ALPHABET]
_SHIFTS = tuple(range(120, -1, -10))
# So many keys are written at once, each in a lane of 256 bits of one number: a tenth of the time for each of
# them alone. In five steps the upper half of what a lane holds moves to the upper half of the lane.
_LANES = 64
_NO_BITS = bytes(16)
_STEPS = [
    (sum((1 << bits) - 1 << at for at in range(0, 256 * _LANES, lane)), lane // 2 - bits)
    for bits, lane in ((80, 256), (40, 128), (20, 64), (10, 32), (5, 16))
]
_DIGITS = _ALPHABET.encode().ljust(256, b"?")
_PUBLIC_ID = re.compile(r"([a-z][a-z_]{0,62})_([0-7][0-9a-hjkmnp-tv-z]{25})")

_lock = threading.Lock()
_last_tick = 0


def new_id() -> UUID:
    """Return a fresh UUIDv7 (RFC 9562, 5.7), larger than every earlier one of this process.

    The 12 bits behind the milliseconds count up within one millisecond, so that ids made in one
    transaction sort in the order they were made: the timeline relies on it.
    """
    global _last_tick  # noqa: PLW0603  # One counter per process is the point of the function.
    with _lock:
        _last_tick = max(_last_tick + 1, (time.time_ns() // 1_000_000) << 12)
        tick = _last_tick
    milliseconds, counter = tick >> 12, tick & 0xFFF
    return UUID(int=milliseconds << 80 | 0x7 << 76 | counter << 64 | 0b10 << 62 | secrets.randbits(62))


def public_id(noun: str, key: UUID) -> str:
    """Return the id that clients see for the row ``key`` of the table ``noun``."""
    return f"{noun}_{_digits(key.int)}"


def key_texts(keys: Sequence[bytes | str | None]) -> list[str | None]:
    """Return what follows the noun in public ids, of keys as SQLite stores them or PostgreSQL writes them.

    Where a key is missing, so is its text.
    """
    if None in keys:
        texts = iter(key_texts([key for key in keys if key is not None]))
        return [None if key is None else next(texts) for key in keys]
    if keys and isinstance(keys[0], str):
        together = bytes.fromhex("".join(map(str, keys)).replace("-", ""))
        keys = [together[at : at + 16] for at in range(0, len(together), 16)]
    found: list[str | None] = []
    for at in range(0, len(keys), _LANES):
        found += _spread(keys[at : at + _LANES])
    return found


def _spread(keys: Sequence[Any]) -> list[str]:
    """Write keys in 26 digits each, all at once: as one number, the bits of each spread over 32 bytes."""
    number = int.from_bytes(b"".join([_NO_BITS + key for key in keys]))
    for low, shift in _STEPS:
        kept = number & low
        number = (number ^ kept) << shift | kept
    text = number.to_bytes(32 * len(keys)).translate(_DIGITS).decode()
    # 160 bits are 32 digits, of which a key of 128 bits needs the last 26.
    return [text[at : at + 26] for at in range(6, 32 * len(keys), 32)]


def _digits(number: int) -> str:
    """Write the number of a key in 26 digits."""
    return "".join([_PAIRS[number >> shift & 1023] for shift in _SHIFTS])


def parse_id(text: str) -> tuple[str, UUID]:
    """Return (noun, key) of a public id.

    Raises:
        MalformedId: ``text`` is not of the form noun, ``_``, 26 characters.
    """
    match = _PUBLIC_ID.fullmatch(text)
    if match is None:
        raise MalformedId(text)
    number = 0
    for character in match[2]:
        number = number << 5 | _VALUES[character]
    return match[1], UUID(int=number)


class Identifier(TypeDecorator[UUID]):
    """A UUID: 16 bytes on SQLite, ``uuid`` on PostgreSQL."""

    impl = Uuid
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """Choose the column type of the engine."""
        if dialect.name == "sqlite":
            return dialect.type_descriptor(BINARY(16))
        return dialect.type_descriptor(Uuid(as_uuid=True))

    def bind_processor(self, dialect: Dialect) -> Any:  # A function, or None where the driver takes UUIDs.
        """Return what turns a UUID into what the engine stores."""
        return super().bind_processor(dialect) if dialect.name == "sqlite" else None

    def result_processor(self, dialect: Dialect, coltype: object) -> Any:  # The same, the other way.
        """Return what turns what the engine stores into a UUID."""
        return super().result_processor(dialect, coltype) if dialect.name == "sqlite" else None

    def process_bind_param(self, value: UUID | None, dialect: Dialect) -> UUID | bytes | None:
        """Turn a UUID into what the engine stores."""
        return value if value is None or dialect.name != "sqlite" else value.bytes

    def process_result_value(self, value: bytes | None, dialect: Dialect) -> UUID | None:
        """Turn 16 bytes into a UUID."""
        del dialect
        return None if value is None else UUID(bytes=value)


KEY: Any = bindparam("key", type_=Identifier)
"""The parameter of statements that are made once and sent often: the key of what they are about."""

INSTANT_FORMAT = "%Y-%m-%dT%H:%M:%S.%fZ"


class Instant(TypeDecorator[datetime]):
    """A point in time, aware and in UTC, to the microsecond.

    SQLite stores RFC 3339 text of a fixed width, which sorts as time does and goes out unchanged.
    """

    impl = DateTime
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """Choose the column type of the engine."""
        if dialect.name == "sqlite":
            return dialect.type_descriptor(CHAR(27))
        return dialect.type_descriptor(DateTime(timezone=True))

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | str | None:
        """Turn an aware instant into what the engine stores."""
        if value is None:
            return None
        if value.tzinfo is None:
            message = f"{value} has no time zone"
            raise ValueError(message)
        value = value.astimezone(UTC)
        return value.strftime(INSTANT_FORMAT) if dialect.name == "sqlite" else value

    def result_processor(self, dialect: Dialect, coltype: object) -> Any:  # A function, or None.
        """Return what makes an aware instant of what the engine stores; PostgreSQL's driver hands one out."""
        return super().result_processor(dialect, coltype) if dialect.name == "sqlite" else None

    def process_result_value(self, value: str | None, dialect: Dialect) -> datetime | None:
        """Turn text into an aware instant."""
        del dialect
        return None if value is None else datetime.fromisoformat(value)


def choice(values: type[StrEnum], name: str | None = None) -> type[TypeEngine[Any]]:
    """Return the column type of a closed set of codes: text with a CHECK, the same on both engines.

    ``name`` tells the CHECKs of two columns of one table apart.
    """
    kind = Enum(
        values,
        native_enum=False,
        create_constraint=True,
        length=40,
        name=name or re.sub(r"(?<!^)(?=[A-Z])", "_", values.__name__).lower(),
        values_callable=lambda members: [member.value for member in members],
    )
    # SQLModel's Field wants a class, SQLAlchemy takes an instance just as well.
    return cast("type[TypeEngine[Any]]", kind)


def text_limit(column: Column[Any]) -> int | None:
    """Return how many characters a text column holds, None where it sets no limit or holds no text."""
    return None if isinstance(column.type, Enum) else getattr(column.type, "length", None)


def camel(name: str) -> str:
    """Return the GraphQL spelling of a Python name: ``valid_until`` becomes ``validUntil``."""
    head, *tail = name.split("_")
    return head + "".join(word.capitalize() for word in tail)


class Record(SQLModel):
    """A row with an identity of its own. Its table's name is its noun and the prefix of its public id."""

    # The link through which a row without an account of its own is seen (models/access.py).
    seen_through: ClassVar[str | None] = None
    # Whether only the company's own users see its rows, whatever is shared.
    is_internal: ClassVar[bool] = False
    # Whether only its owner and admins see a row: the owner by ``owner_id``, or of what it is seen through.
    is_personal: ClassVar[bool] = False
    # What lists are filtered by beside what they are ordered and linked by. Each of these columns gets an
    # index that ends in the id (models/__init__.py); those of the classes above count as well.
    filtered: ClassVar[tuple[str, ...]] = ()
    # What lists are ordered by though it may be null.
    ordered_with_nulls: ClassVar[tuple[str, ...]] = ()
    # What people call it by, and what else it is found by: text columns whose words search finds.
    titled: ClassVar[tuple[str, ...]] = ()
    searched: ClassVar[tuple[str, ...]] = ()

    id: UUID = Field(default_factory=new_id, primary_key=True, sa_type=Identifier)
    created_at: datetime = Field(sa_type=Instant)

    @classmethod
    def noun(cls) -> str:
        """Return the one noun of this record, for example ``quote``."""
        return cast("str", cls.__tablename__)

    @property
    def public_id(self) -> str:
        """The id that clients see."""
        return public_id(self.noun(), self.id)


class Versioned(Record):
    """A record that people change: each command that touches it raises ``version`` by one."""

    version: int = Field(default=1)
    updated_at: datetime = Field(sa_type=Instant)


class Part(Record):
    """A row inside a record, for example a quote's line: its changes are told by its record's events."""

    # The field that holds the key of the record it belongs to.
    part_of: ClassVar[str]


def records() -> dict[str, type[Record]]:
    """Return every table class by its noun."""
    # Whoever declares something asks, hundreds of times at the start: looked up again where a table has come.
    return dict(_records(len(SQLModel.metadata.tables)))


@cache
def _records(_: int) -> dict[str, type[Record]]:
    found: dict[str, type[Record]] = {}
    pending: list[type[Record]] = [Record]
    while pending:
        for kind in pending.pop().__subclasses__():
            pending.append(kind)
            if hasattr(kind, "__table__"):
                found[kind.noun()] = kind
    return found


@cache
def table(noun: str) -> type[Record]:
    """Return the table class of a noun: how a record's file speaks of another without importing it."""
    return records()[noun]


Clock = Callable[[], datetime]


def utc_now() -> datetime:
    """Return the present instant in UTC: the clock of a running server."""
    return datetime.now(UTC)
