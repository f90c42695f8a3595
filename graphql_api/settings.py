"""What can an operator choose, in which unit, and why is the default what it is?

One frozen ``Settings``, read once from the environment (``SALES_`` and the field's name in capitals) by the
command line, and passed down from there. No module reads the environment by itself.
"""

import os
import types
import typing
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from enum import StrEnum
from pathlib import Path
from typing import Any, get_origin
from zoneinfo import ZoneInfo

from sqlalchemy import make_url
from sqlalchemy.exc import ArgumentError

from models.access import Role
from models.moment import DiscountCalculation, Organization, TaxBase, TaxMode, TaxRounding
from models.numbering import parse_patterns

PREFIX = "SALES_"
ANONYMOUS = "ANONYMOUS"
"""The kind of viewer that has no key."""

_VIEWERS = (*(str(role) for role in Role), ANONYMOUS)
_LONGEST_PEPPER = 64  # Bytes: what a BLAKE2b key may have (RFC 7693).


class SettingError(ValueError):
    """A variable of the environment cannot be used; the message names it and what it takes."""


def _setting(default: Any, unit: str, reason: str, least: float | None = None) -> Any:  # As field().
    """Return a field with its unit, the reason for its default, and the least value that makes sense."""
    return field(default=default, metadata={"unit": unit, "reason": reason, "least": least})


@dataclass(frozen=True)
class Settings:
    """Every choice of a deployment. Text in the environment is read by the type of the field."""

    data_directory: Path = _setting(  # noqa: RUF009  # It is dataclasses.field with other words.
        Path(".data"),
        "folder",
        "the embedded database and what belongs to it lie in one place, beside the program",
    )
    database_url: str = _setting(
        "", "URL", "empty is the embedded SQLite file sales.db in the data directory: nothing to install"
    )
    host: str = _setting("127.0.0.1", "address", "only this machine, until someone decides otherwise")
    port: int = _setting(8000, "TCP port", "what uvicorn users expect", 0)
    time_zone: ZoneInfo = _setting(  # noqa: RUF009  # The same.
        ZoneInfo("UTC"), "IANA name", "due dates are calendar days of the company"
    )
    base_currency: str = _setting("EUR", "ISO 4217 code", "the currency of a document that names none")
    tax_rounding: TaxRounding = _setting(  # noqa: RUF009  # The same.
        TaxRounding.DOCUMENT, "DOCUMENT or LINE", "one amount per rate is what tax offices add up"
    )
    tax_base: TaxBase = _setting(  # noqa: RUF009  # The same.
        TaxBase.AFTER_DISCOUNTS,
        "AFTER_DISCOUNTS or BEFORE_DOCUMENT_DISCOUNT",
        "tax is due on what is paid; Dynamics leaves it as it is under a document discount",
    )
    tax_mode: TaxMode = _setting(  # noqa: RUF009  # The same.
        TaxMode.COMPUTED, "COMPUTED or TYPED", "rates compute; in Dynamics people type amounts"
    )
    discount_calculation: DiscountCalculation = _setting(  # noqa: RUF009  # The same.
        DiscountCalculation.LINE_ITEM,
        "LINE_ITEM or PER_UNIT",
        "what a line's discountAmount is taken off; the default is Dynamics'",
    )
    price_places: int = _setting(
        2, "digits", "of a computed unit price, at least the currency's; the default is Dynamics'", 0
    )
    price_list_mandatory: bool = _setting(
        False,
        "true or false",
        "list prices are enough to begin with; Dynamics asks for a price list by default",
    )
    number_patterns: tuple[str, ...] = _setting(
        (),
        "series=pattern, by comma",
        "I=RE-{year}-{number:05} for invoices, say; A-2026-00001 and so on where none is given",
    )
    key_pepper: str = _setting(
        "",
        "up to 64 bytes",
        "keys are 256 random bits, safe as plain digests; a pepper protects a writable table too",
    )
    graphiql: bool = _setting(
        True, "true or false", "the explorer is how people learn the API; it shows no data"
    )
    metrics: bool = _setting(
        False, "true or false", "figures for Prometheus at /metrics, to whoever asks: keep the path inside"
    )
    allowed_origins: tuple[str, ...] = _setting(
        (), "origins, by comma", "browser pages of other sites reach neither the API nor its WebSocket"
    )

    max_body_bytes: int = _setting(1 << 20, "bytes", "1 MiB is some hundred times a large document", 1)
    body_timeout_seconds: float = _setting(
        10.0, "seconds", "a head or a body that dribbles in holds a connection", 0.1
    )
    max_document_chars: int = _setting(
        100_000, "characters", "bounds comments and strings, which are few tokens", 1
    )
    max_document_tokens: int = _setting(
        1_000, "tokens", "some five times the query that explorers introspect with", 1
    )
    max_depth: int = _setting(
        15, "fields", "lead to payment and back is 11; edges, node and nodes do not count", 1
    )
    max_aliases: int = _setting(30, "aliases", "after fragments are expanded; people write fewer than ten", 0)
    max_root_fields: int = _setting(20, "fields", "each is a statement of its own", 1)
    max_fields: int = _setting(
        2_000, "fields", "after fragments are expanded; bounds planning and merging", 1
    )
    max_directives_per_node: int = _setting(4, "directives", "two of the language's exist for a field", 0)
    max_directives: int = _setting(50, "directives", "in one document", 0)
    max_validation_errors: int = _setting(5, "errors", "the first few tell what is wrong", 1)
    max_list_items: int = _setting(250, "items", "one input list; a larger set is sent in parts", 1)
    max_variable_depth: int = _setting(16, "levels", "the deepest filter has twelve", 1)
    max_cost: int = _setting(
        50_000, "records", "what an own role may ask for at once: product of the page sizes", 1
    )
    max_cost_partner: int = _setting(10_000, "records", "what a partner may ask for at once", 1)
    max_cost_anonymous: int = _setting(1_000, "records", "without a key there is only the schema to read", 1)
    default_page_size: int = _setting(25, "records", "a screen", 1)
    max_page_size: int = _setting(100, "records", "later pages cost what the first one costs", 1)
    document_cache_entries: int = _setting(
        1_000, "documents", "an app has some dozens; partners add theirs", 1
    )
    document_cache_chars: int = _setting(500_000, "characters", "parsed, a character takes some 250 bytes", 1)

    trusted_documents: tuple[str, ...] = _setting(
        (),
        "kinds of viewer, by comma",
        "who may run trusted documents only: SALES of an own app, say; partners ask what they like",
    )
    persisted_query_entries: int = _setting(
        1_000, "documents", "registered by clients themselves, in one process; 0 registers none", 0
    )
    persisted_query_bytes: int = _setting(4 << 20, "bytes", "some 4 KiB for each of these documents", 0)
    persisted_query_seconds: float = _setting(
        86_400.0, "seconds", "a day; an app that is still in use registers again by itself", 0
    )

    statement_timeout_seconds: float = _setting(5.0, "seconds", "no planned statement needs one", 0.1)
    operation_timeout_seconds: float = _setting(
        10.0, "seconds", "two slow statements, then the client hears", 0.1
    )
    worker_threads: int = _setting(
        8,
        "threads",
        "each has a connection; beside them run as many commands on PostgreSQL; more wait in line",
        1,
    )
    key_cache_seconds: float = _setting(5.0, "seconds", "a revoked key is refused after at most as long", 0)
    max_retries: int = _setting(5, "tries", "of one command that met another's lock", 1)
    retry_seconds: float = _setting(2.0, "seconds", "then the client decides", 0)

    clock_seconds: float = _setting(
        60.0,
        "seconds",
        "what ends at midnight is closed a minute later; 0 leaves it to the command `clock`",
        0,
    )

    webhook_seconds: float = _setting(
        1.0, "seconds", "between two looks for what is to be sent; 0 leaves it to `webhooks deliver`", 0
    )
    webhook_timeout_seconds: float = _setting(
        15.0, "seconds", "for one attempt; a receiver answers first and works afterwards", 0.1
    )
    webhook_retry_seconds: float = _setting(
        259_200.0, "seconds", "three days: a weekend, and then somebody has looked", 1
    )
    webhook_connections: int = _setting(50, "attempts", "at once from one server, to all receivers", 1)
    webhook_log_days: int = _setting(30, "days", "that what was sent can be looked up and replayed", 1)
    webhook_loopback: bool = _setting(
        False, "true or false", "http and this machine are for development: a receiver is on the internet"
    )

    ws_init_timeout_seconds: float = _setting(
        5.0, "seconds", "a socket that does not say who it is goes", 0.1
    )
    ws_max_operations: int = _setting(20, "operations", "running at once on one socket", 1)
    ws_operations_per_second: int = _setting(
        10, "operations", "begun within one second on one socket; a page that opens begins some five", 1
    )
    ws_max_bytes: int = _setting(1 << 20, "bytes", "one frame, as one body", 1)
    stream_max_behind: int = _setting(
        10_000, "events", "a subscriber that falls further behind is ended; it goes on from its cursor", 1
    )
    streams_per_viewer: int = _setting(
        100, "subscriptions", "at once for one user on one server; an app needs a handful a window", 1
    )
    stream_poll_seconds: float = _setting(
        0.5, "seconds", "until what other servers committed is sent; own commits are sent at once", 0.01
    )
    shutdown_seconds: int = _setting(10, "seconds", "running operations end within their own timeout", 0)

    def __post_init__(self) -> None:
        """Refuse what no later step could use.

        Raises:
            SettingError: naming the variable.
        """
        for each in fields(self):
            least = each.metadata["least"]
            if least is not None and getattr(self, each.name) < least:
                message = (
                    f"{variable_of(each.name)} is {getattr(self, each.name)}; it has to be at least {least}."
                )
                raise SettingError(message)
        if len(self.pepper) > _LONGEST_PEPPER:
            variable = variable_of("key_pepper")
            message = f"{variable} has {len(self.pepper)} bytes; at most {_LONGEST_PEPPER} are used."
            raise SettingError(message)
        if (
            len(self.base_currency) != len("EUR")
            or not self.base_currency.isascii()
            or not self.base_currency.isupper()
        ):
            message = f"{variable_of('base_currency')} is {self.base_currency!r}; it takes a code like EUR."
            raise SettingError(message)
        _check_viewers(self.trusted_documents)
        try:
            parse_patterns(self.number_patterns)
        except ValueError as fault:
            message = f"{variable_of('number_patterns')}: {fault}."
            raise SettingError(message) from None
        try:
            make_url(self.url)
        except ArgumentError:
            # The text may hold a password: it is not repeated.
            message = (
                f"{variable_of('database_url')} is not a database URL; postgresql://user@host/name is one."
            )
            raise SettingError(message) from None

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] | None = None) -> "Settings":
        """Return the settings of the process, or of the given variables.

        Raises:
            SettingError: a variable is unknown or has a value that its field cannot take.
        """
        given = os.environ if environment is None else environment
        kinds = typing.get_type_hints(cls)
        known = {variable_of(each.name): each.name for each in fields(cls)}
        values: dict[str, Any] = {}
        for variable, text in given.items():
            if not variable.startswith(PREFIX):
                continue
            if variable not in known:
                message = f"{variable} is not a setting; the settings are {', '.join(sorted(known))}."
                raise SettingError(message)
            values[known[variable]] = _read(variable, kinds[known[variable]], text)
        return cls(**values)

    @property
    def url(self) -> str:
        """The database's URL, with the embedded file where none was given."""
        return self.database_url or f"sqlite:///{self.data_directory / 'sales.db'}"

    @property
    def pepper(self) -> bytes:
        """The key of the keyed digest that API keys are stored as."""
        return self.key_pepper.encode()

    @property
    def organization(self) -> Organization:
        """The company's own choices, as the lifecycle takes them."""
        return Organization(
            time_zone=self.time_zone,
            currency_code=self.base_currency,
            number_patterns=parse_patterns(self.number_patterns),
            tax_rounding=self.tax_rounding,
            tax_base=self.tax_base,
            tax_mode=self.tax_mode,
            discount_calculation=self.discount_calculation,
            price_places=self.price_places,
            price_list_is_mandatory=self.price_list_mandatory,
            webhooks_to_loopback=self.webhook_loopback,
        )


def _check_viewers(kinds: tuple[str, ...]) -> None:
    """Refuse what is no kind of viewer.

    Raises:
        SettingError: naming it.
    """
    strange = [each for each in kinds if each not in _VIEWERS]
    if strange:
        variable = variable_of("trusted_documents")
        message = f"{variable} names {strange[0]!r}; it takes some of {', '.join(_VIEWERS)}."
        raise SettingError(message)


def variable_of(name: str) -> str:
    """Return the variable of the environment that a field is read from."""
    return PREFIX + name.upper()


def _boolean(text: str) -> bool:
    """Return the truth value of a word."""
    return {"true": True, "1": True, "yes": True, "false": False, "0": False, "no": False}[
        text.strip().lower()
    ]


def _items(text: str) -> tuple[str, ...]:
    """Return the items of a list by comma."""
    return tuple(item.strip() for item in text.split(",") if item.strip())


_READERS: Mapping[Any, tuple[Callable[[str], Any], str]] = types.MappingProxyType(
    {
        str: (str, "text"),
        int: (int, "a whole number"),
        float: (float, "a number"),
        bool: (_boolean, "true or false"),
        Path: (Path, "a folder"),
        ZoneInfo: (ZoneInfo, "an IANA time zone like Europe/Berlin"),
        tuple: (_items, "a list by comma"),
    }
)


def _reader_of(kind: Any) -> tuple[Callable[[str], Any], str]:  # A field has any type.
    """Return what reads the text of a field's type, and what it takes in words."""
    if isinstance(kind, type) and issubclass(kind, StrEnum):
        return kind, " or ".join(kind)
    return _READERS[get_origin(kind) or kind]


def _read(variable: str, kind: Any, text: str) -> Any:  # A field has any type.
    """Return the value that a text stands for.

    Raises:
        SettingError: the text is not a value of the kind.
    """
    reader, words = _reader_of(kind)
    try:
        return reader(text)
    except (ValueError, KeyError, OSError) as fault:
        shown = (
            "its value"
            if variable in (variable_of("database_url"), variable_of("key_pepper"))
            else repr(text)
        )
        message = f"{variable} takes {words}, and {shown} is not."
        raise SettingError(message) from fault


def described() -> list[tuple[str, str, str, str]]:
    """Return (variable, default, unit, reason) of every setting, for the docs."""
    rows = []
    for each in fields(Settings):
        shown = ",".join(each.default) if isinstance(each.default, tuple) else str(each.default)
        rows.append((variable_of(each.name), shown, each.metadata["unit"], each.metadata["reason"]))
    return rows
