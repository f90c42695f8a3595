"""What does the schema show of a document as it was?"""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import strawberry
from sqlmodel import Session, SQLModel

from graphql_api.errors import ErrorCode
from graphql_api.planner.backing import ComputedTogether
from graphql_api.planner.condition import ArgumentRefused
from graphql_api.planner.leaf import money_text
from graphql_api.types.asked import told
from graphql_api.types.backed import (
    Declared,
    argument,
    built_field,
    by_name,
    given,
    list_of,
    optional,
    shown,
)
from graphql_api.types.scalars import CurrencyCode
from models.access import Viewer
from models.document import Document
from models.errors import Forbidden, Invalid, MalformedId
from models.insight.as_of import Snapshot, Wanted, snapshots
from models.insight.undoing import Past
from models.moment import Moment
from models.money import PLACES, plain
from models.record import INSTANT_FORMAT, parse_id, records

_MONEY = by_name("Money")
_HEADER = ("name", "number", "revision", "status", "currency_code", "discount_percent")
_HEADER_AMOUNTS = (
    "discount_amount",
    "freight_amount",
    "line_total",
    "discount_total",
    "tax_total",
    "included_tax_total",
    "total",
)
_LINE = ("position", "description", "quantity", "unit", "tax_percent")
_LINE_AMOUNTS = (
    "price_per_unit",
    "discount_amount",
    "base_amount",
    "discount_share",
    "tax_amount",
    "extended_amount",
)


@shown
class PastValue:
    """What a field held."""

    field = given(str, "The field's name.")
    value = given(str, "Its value, as text; a link as the id that it led to.")


@shown
class PastLine:
    """A line of a document as it was."""

    line_id = given(strawberry.ID, "The line's id, also of one that was removed since.")
    position = given(int, "Its place on the document.")
    description = given(str, "What it said.")
    quantity = given(Decimal, "How many units.")
    unit = given(str, "The name of the unit that the quantity counted.")
    price_per_unit = given(_MONEY, "Price of one unit before discounts.")
    discount_amount = given(_MONEY, "Manual discount of the whole line.")
    tax_percent = given(Decimal, "The rates of its taxes together in percent.")
    base_amount = given(_MONEY, "Quantity times price less volume discount, rounded to the currency.")
    discount_share = given(_MONEY, "The line's part of the document's own discount.")
    tax_amount = given(_MONEY, "The line's part of the tax of its rates.")
    extended_amount = given(
        _MONEY, "Base amount less manual discounts, plus the tax that the price did not include."
    )
    fields = given(list_of(PastValue), "Every field that held something, those above as well.")


@shown
class PastDocument:
    """A document as it was at an instant, rebuilt from its history."""

    at = given(datetime, "The instant: what was done at it is done.")
    version = given(int, "The document's version then.")
    status = given(str, "Its state then.")
    status_reason = given(str, "The code of the reason for it.")
    name = given(str, "What it was about.")
    number = given(str | None, "Its number; null where it had none.")
    revision = given(int | None, "Which revision it was; null for what is no quote.")
    currency_code = given(CurrencyCode, "The one currency of all its amounts.")
    discount_percent = given(Decimal, "Percentage of the lines' net amount, taken off first.")
    discount_amount = given(_MONEY, "Taken off after the percentage.")
    freight_amount = given(_MONEY, "Added after the discounts.")
    line_total = given(_MONEY, "Sum of the lines' net amounts before the document's discount.")
    discount_total = given(_MONEY, "The document's own discount.")
    tax_total = given(_MONEY, "Tax of all lines and of the freight.")
    included_tax_total = given(_MONEY, "What of the tax the prices included.")
    total = given(_MONEY, "What the customer would have paid.")
    lines = given(
        list_of(PastLine), "Its lines by position: those that are gone since, without those that came since."
    )
    fields = given(list_of(PastValue), "Every field that held something, those above as well.")


def _shown(snapshot: Snapshot, viewer: Viewer) -> dict[str, Any]:
    document = snapshot.document
    code = document.value("currency_code")
    known = {name: document.value(name) for name in _HEADER if name in document.columns}
    return known | _amounts(document, _HEADER_AMOUNTS, code) | {
        "at": snapshot.at,
        "version": snapshot.version,
        "status_reason": document.value("reason_id").partition(".")[2],
        "lines": [_line(key, line, code, viewer) for key, line in snapshot.lines],
        "fields": _fields(document, viewer),
    }  # fmt: skip


def _line(key: str, line: Past, currency_code: str, viewer: Viewer) -> dict[str, Any]:
    known = {name: line.value(name) for name in _LINE}
    amounts = _amounts(line, _LINE_AMOUNTS, currency_code)
    return {"line_id": key, "fields": _fields(line, viewer)} | known | amounts


def _amounts(past: Past, names: Sequence[str], currency_code: str) -> dict[str, Any]:
    return {
        name: {
            "amount": money_text(int(past.value(name).scaleb(PLACES)), currency_code),
            "currency_code": currency_code,
        }
        for name in names
    }


def _fields(past: Past, viewer: Viewer) -> list[dict[str, str]]:
    """Return every value as text; ids only to who sees every record: one may be that of a hidden one."""
    listed = [{"field": name, "value": _text(value)} for name, value in past.listed()]
    return (
        listed if viewer.role in viewer.sees_all else [each for each in listed if not _is_id(each["value"])]
    )


def _text(value: Any) -> str:
    """Return a value as the API writes it."""
    match value:
        case bool():
            return "true" if value else "false"
        case Decimal():
            return plain(value)
        case datetime():
            return value.strftime(INSTANT_FORMAT)
        case date():
            return value.isoformat()
        case _:
            return str(value)


def _is_id(text: str) -> bool:
    """Say whether a text is the id of a record."""
    try:
        return parse_id(text)[0] in records()
    except MalformedId:
        return False


def as_of() -> Any:
    """Declare ``asOf`` of a document."""

    def make(table: type[SQLModel], _: str) -> Any:
        if not issubclass(table, Document):
            message = f"{table.__name__} is no document"
            raise TypeError(message)

        def answer(
            session: Session,
            viewer: Viewer,
            moment: Moment,
            rows: Sequence[Mapping[str, Any]],
            arguments: Mapping[str, Any],
        ) -> list[Any]:
            try:
                keys = [row["id"] for row in rows]
                found = snapshots(session, viewer, moment, Wanted(table, keys, arguments["at"]))
            except Invalid as refusal:
                raise told(refusal) from refusal
            except Forbidden as refusal:
                raise ArgumentRefused(refusal.message, ErrorCode.FORBIDDEN) from refusal
            return [
                _shown(each, viewer)
                if isinstance(each, Snapshot)
                else ArgumentRefused(each.message, ErrorCode.NOT_FOUND)
                for each in (found[key] for key in keys)
            ]

        text = (
            "What it was at an instant, with its lines, rebuilt from its history; null, with an error, where "
            "it was not there yet. Not for customers."
        )
        wanted = [argument("at", datetime, "The instant, not in the future: what was done at it is done.")]
        return built_field(ComputedTogether(("id",), answer), optional(PastDocument, null=True), text, wanted)

    return Declared(make)
