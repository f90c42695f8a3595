"""Do the records of a deal point to one another, each to the right one, and none to nothing?"""

from collections.abc import Iterator
from functools import cache
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, literal
from sqlalchemy.orm import aliased
from sqlmodel import Session, SQLModel, col, select

from models.credit_note import CreditNote, CreditNoteLine
from models.integrity.difference import Difference, compared, difference, in_text, streamed
from models.invoice import Invoice, InvoiceLine
from models.lead import Lead
from models.lifecycle.telling import shown_name
from models.opportunity import Opportunity, OpportunityLine
from models.order import Fulfillment, FulfillmentLine, Order, OrderLine, OrderReturn, OrderReturnLine
from models.quote import Quote, QuoteLine, QuoteStatus
from models.record import Record, public_id, records

# Along these links the columns below agree, where both records have them.
_CHAIN: tuple[tuple[Any, str, Any], ...] = (
    (Opportunity, "lead_id", Lead),
    (Quote, "opportunity_id", Opportunity),
    (Quote, "previous_id", Quote),
    (Order, "quote_id", Quote),
    (Order, "opportunity_id", Opportunity),
    (Invoice, "order_id", Order),
    (Invoice, "opportunity_id", Opportunity),
    (CreditNote, "invoice_id", Invoice),
    (CreditNote, "order_id", Order),
)
_AGREEING = ("chain_id", "account_id", "opportunity_id", "order_id", "currency_code")
_LINEAGE: tuple[tuple[Any, str, Any], ...] = (
    (QuoteLine, "opportunity_line_id", OpportunityLine),
    (QuoteLine, "previous_line_id", QuoteLine),
    (OrderLine, "quote_line_id", QuoteLine),
    (InvoiceLine, "order_line_id", OrderLine),
    (CreditNoteLine, "invoice_line_id", InvoiceLine),
)
# Parts that name a part of another record, and the column in which both their records say which that is.
_NAMING: tuple[tuple[Any, Any, str, Any, str], ...] = (
    (FulfillmentLine, Fulfillment, "order_line_id", OrderLine, "order_id"),
    (OrderReturnLine, OrderReturn, "order_line_id", OrderLine, "order_id"),
    (InvoiceLine, Invoice, "order_line_id", OrderLine, "order_id"),
    (CreditNoteLine, CreditNote, "invoice_line_id", InvoiceLine, "invoice_id"),
)
_LIVE = (QuoteStatus.DRAFT, QuoteStatus.ACTIVE, QuoteStatus.WON)


def once(session: Session) -> Iterator[Difference]:
    """Find won quotes without an order, and what exists twice and may exist once."""
    order = select(Order.id).where(Order.quote_id == Quote.id).exists()
    won = select(Quote.id, literal(None), literal("an order")).where(Quote.status == QuoteStatus.WON, ~order)
    yield from compared(session, Quote, "order", won)
    other_order, other_quote, other = aliased(Order), aliased(Quote), aliased(Opportunity)
    twice: tuple[tuple[Any, Any, str, ColumnElement[bool]], ...] = (
        (Order, other_order, "quote_id", literal(value=True)),
        (Opportunity, other, "lead_id", literal(value=True)),
        (
            Quote,
            other_quote,
            "number",
            col(Quote.status).in_(_LIVE) & col(other_quote.status).in_(_LIVE),
        ),
    )
    for table, twin, name, counts in twice:
        same = getattr(table, name) == getattr(twin, name)
        pairs = (
            select(table.id, getattr(table, name), literal("one of it"))
            .join(twin, same & (table.id != twin.id))
            .where(counts)
        )
        yield from compared(session, table, name.removesuffix("_id"), pairs)


def agreement(session: Session) -> Iterator[Difference]:
    """Compare chain, account, opportunity and currency along the links of a deal."""
    for child, name, target in _CHAIN:
        parent = aliased(target)
        # A lead has its customer only once it is qualified, and an estimate in a currency of its own.
        columns = ("chain_id",) if target is Lead else _AGREEING
        for column in columns:
            if column in child.model_fields and column in target.model_fields:
                stored, derived = getattr(child, column), getattr(parent, column)
                statement = (
                    select(child.id, stored, derived)
                    .join(parent, getattr(child, name) == parent.id)
                    .where(stored.is_distinct_from(derived))
                )
                for key, mine, theirs in streamed(session, statement):
                    yield link(child, key, column, mine, theirs)


def lineage(session: Session) -> Iterator[Difference]:
    """Compare each line with that which it came from, and parts with the lines that they name."""
    for child, name, target in _LINEAGE:
        parent = aliased(target)
        yield from compared(
            session,
            child,
            "lineage_id",
            select(child.id, child.lineage_id, parent.lineage_id)
            .join(parent, getattr(child, name) == parent.id)
            .where(child.lineage_id != parent.lineage_id),
        )
    for part, whole, name, line, column in _NAMING:
        own, other = getattr(whole, column), getattr(line, column)
        statement = (
            select(part.id, own, other)
            .join(whole, getattr(part, part.part_of) == whole.id)
            .join(line, line.id == getattr(part, name))
            .where(own.is_distinct_from(other))
        )
        noun = column.removesuffix("_id")
        for key, mine, theirs in streamed(session, statement):
            found = (None if each is None else public_id(noun, each) for each in (mine, theirs))
            yield difference(part, key, shown_name(part, name), *found)


def dangling(session: Session) -> Iterator[Difference]:
    """Find links to what is not there: SQLite holds its keys only where a connection asks it to."""
    for table, column, statement in _pointing_nowhere():
        for own, value in streamed(session, statement):
            yield link(table, own, column, value, None)


@cache
def _pointing_nowhere() -> list[tuple[type[Record], str, Any]]:
    """Return for each column that points to a row the statement for those whose row is not there."""
    found: list[tuple[type[Record], str, Any]] = []
    for table in records().values():
        columns = SQLModel.metadata.tables[table.noun()].c
        for column in columns:
            for key in column.foreign_keys:
                parent = key.column.table.alias()
                statement = (
                    select(columns.id, column)
                    .outerjoin_from(column.table, parent, column == parent.c[key.column.name])
                    .where(column.is_not(None), parent.c[key.column.name].is_(None))
                )
                found.append((table, column.name, statement))
    return found


def link(table: type[Record], key: Any, column: str, stored: Any, derived: Any) -> Difference:
    """Return the difference between what a row points to and what it should."""
    keys = SQLModel.metadata.tables[table.noun()].c[column].foreign_keys
    nouns = [each.column.table.name for each in keys if each.column.table.name in records()]

    def named(value: Any) -> str:
        return public_id(nouns[0], value) if nouns and isinstance(value, UUID) else in_text(value)

    return Difference(public_id(table.noun(), key), shown_name(table, column), named(stored), named(derived))
