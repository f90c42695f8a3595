"""Is each number and each link of a deal named where it was changed past the commands, whichever it is?

Every such column of the deals' tables is broken in a row of a small demo company, unless it stands below with
the reason why nothing tells what it has to be. A new column is broken as well.
"""

import os
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import JSON, Boolean, Column, Integer, select, update
from sqlmodel import Session, SQLModel

from models.database import Database
from models.demo import people, tell
from models.integrity import Difference, differences
from models.lifecycle.telling import column_change, shown_name
from models.moment import Organization
from models.money import Amount, Rate
from models.record import Identifier, new_id, parse_id, public_id, records
from tests.desk import START, Desk, make_desk
from tests.factories import make_pending_quote, make_peopled_opportunity
from tests.models.broken import credited, deal

if TYPE_CHECKING:
    from tests.postgresql import Server

# Enough for every second state of a deal; the others come from below.
_CHAINS = 4
DEALS = (
    "lead", "lead_evidence", "opportunity", "opportunity_line", "stakeholder", "sales_team_member",
    "opportunity_competitor", "stage_visit", "quote", "quote_line", "quote_approval", "order", "order_line",
    "fulfillment", "fulfillment_line", "order_return", "order_return_line", "invoice", "invoice_line",
    "credit_note", "credit_note_line", "payment", "customer_credit", "customer_credit_entry",
    "close_activity", "event",
)  # fmt: skip
# Tables whose columns no event tells one by one.
UNTOLD = {"close_activity", "event", "stage_visit"}
# Columns of which nothing else tells what they have to be.
GIVEN = {
    "customer_credit.contact_id": "The database itself holds that a credit has one customer.",
    "close_activity.competitor_id": "Who won instead is said when a deal is lost, and kept there alone.",
    "event.actor_id": "Who did it is told by the event alone.",
    "event.caused_by_id": "Which event of its instant led to it is told by the event alone.",
}


# What is broken, and whose rows are named then: its own, and that of what sums it up or stands beside it.
EXACT: tuple[tuple[str, set[str]], ...] = (
    ("opportunity.total", {"opportunity"}),
    ("opportunity_line.base_amount", {"opportunity_line"}),
    ("quote.line_total", {"quote"}),
    ("quote.previous_id", {"quote"}),
    ("quote_line.tax_amount", {"quote_line"}),
    ("order.tax_total", {"order"}),
    ("order.opportunity_id", {"order", "invoice"}),
    ("order_line.extended_amount", {"order_line"}),
    ("order_line.quantity_fulfilled", {"order_line", "order"}),
    ("order_line.quantity_invoiced", {"order_line", "order"}),
    ("fulfillment_line.quantity", {"fulfillment_line", "order_line"}),
    ("order_return_line.quantity", {"order_return_line", "order_line"}),
    ("invoice.total", {"invoice"}),
    ("invoice.paid_total", {"invoice"}),
    ("invoice.balance", {"invoice"}),
    ("invoice_line.discount_share", {"invoice_line", "invoice"}),
    ("credit_note.total", {"credit_note", "invoice"}),
    ("credit_note_line.tax_amount", {"credit_note_line", "credit_note"}),
    ("payment.amount", {"payment", "invoice"}),
    ("customer_credit.balance", {"customer_credit"}),
    ("customer_credit_entry.amount", {"customer_credit_entry", "customer_credit", "payment"}),
    ("lead.account_id", {"lead"}),
)


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def company(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, migrated_file: Path
) -> Iterator[Database]:
    """Return a small demo company with a deal in parts, one that was credited, and one with people."""
    if request.param == "sqlite":
        file = tmp_path_factory.mktemp("company") / "sales.db"
        with founded(f"sqlite:///{shutil.copy(migrated_file, file)}") as database:
            yield database
        return
    server: Server = request.getfixturevalue("postgresql")
    name = f"company_{os.getpid()}"
    with founded(server.create(name)) as database:
        yield database
    server.drop(name)


@contextmanager
def founded(url: str) -> Iterator[Database]:
    """Write the company into a migrated database."""
    database = Database(url)
    with database.writing() as session:
        list(tell(session, Organization(), START, people(session, START), _CHAINS))
        session.commit()
    desk: Desk = make_desk(database)
    for make in (deal, credited, make_peopled_opportunity, make_pending_quote):
        make(desk)
    yield database
    database.close()


def counted(noun: str) -> list[Column[Any]]:
    """Return the columns of a table that hold a number, a breakdown or a link."""
    kinds = (Amount, Rate, Integer, Boolean, Identifier)
    return [
        column
        for column in SQLModel.metadata.tables[noun].c
        if (isinstance(column.type, kinds) or column.name in {"taxes", "freight_taxes", "changes"})
        and not column.primary_key
        and f"{noun}.{column.name}" not in GIVEN
    ]


def row_with(session: Session, column: Column[Any]) -> Any:
    """Return a row that has a value in a column, else any."""
    found = session.execute(select(column.table).order_by(column.table.c.id)).mappings().all()
    assert found, f"the company has no {column.table.name}"
    return next((row for row in reversed(found) if row[column.name]), found[-1])


def other_value(session: Session, column: Column[Any], value: Any) -> Any:
    """Return another value for a column: a cent or one more, the opposite, or another row to point to."""
    if isinstance(column.type, Amount | Rate):
        return (value or Decimal(0)) + Decimal("0.01")
    if isinstance(column.type, Boolean):
        return not value
    if isinstance(column.type, Integer):
        return (value or 0) + 1
    if isinstance(column.type, JSON):
        return [{**value[0], **_changed(value[0])}, *value[1:]] if value else [_TAX]
    keys = list(column.foreign_keys)
    if not keys:
        return new_id()
    target = keys[0].column
    # Where each points to another row, to one that none points to.
    taken = select(column).where(column.is_not(None))
    free = session.execute(select(target).where(target.not_in(taken)).limit(1)).scalar()
    return free or session.execute(select(target).where(target != value).limit(1)).scalar() or new_id()


_TAX = {
    "code": "", "percent": "7", "isInclusive": False, "isOnPrevious": False, "exemptReason": "",
    "base": "1", "amount": "0.07",
}  # fmt: skip


def _changed(item: dict[str, Any]) -> dict[str, Any]:
    """Return what is other in an item of a breakdown, or of what an event tells."""
    if "amount" in item:
        return {"amount": str(Decimal(item["amount"]) + Decimal("0.01"))}
    return {"before": "something"}


def broken(database: Database, noun: str, columns: Sequence[Column[Any]]) -> tuple[str, list[Difference]]:
    """Return a row of which columns were changed by hand, and what is found; then it is mended."""
    table = SQLModel.metadata.tables[noun]
    with database.writing() as session:
        row = row_with(session, columns[0])
        values = {each.name: other_value(session, each, row[each.name]) for each in columns}
        session.execute(update(table).where(table.c.id == row["id"]).values(values))
        found = list(differences(session))
        session.rollback()
    return public_id(noun, row["id"]), found


@pytest.mark.parametrize("noun", DEALS)
def test_every_number_and_link_is_held(company: Database, noun: str) -> None:
    """A cent, one more, the opposite, or another row: the row is named, and its column where that is told."""
    table = records()[noun]
    told = [each for each in counted(noun) if any(column_change(table, each.name, None, "something"))]
    if noun not in UNTOLD and told:
        key, found = broken(company, noun, told)
        named = {each.field for each in found if each.record == key}
        assert {shown_name(table, each.name) for each in told} - named == set()
    for column in counted(noun):
        if noun in UNTOLD or column not in told:
            key, found = broken(company, noun, [column])
            assert key in {each.record for each in found}, (column.name, found)


@pytest.mark.parametrize(("place", "nouns"), EXACT)
def test_what_is_broken_is_named_and_nothing_else(company: Database, place: str, nouns: set[str]) -> None:
    """The row itself, and one row each of what is summed from it."""
    noun, _, name = place.partition(".")
    key, found = broken(company, noun, [SQLModel.metadata.tables[noun].c[name]])
    named = {each.record for each in found}
    assert key in named
    assert sorted(parse_id(each)[0] for each in named) == sorted(nouns)


def test_what_is_given_is_there(company: Database) -> None:
    """Each column that is excepted exists and has a reason; and the company is sound before it is broken."""
    with company.reading() as session:
        assert list(differences(session)) == []
    for name, reason in GIVEN.items():
        noun, _, column = name.partition(".")
        assert column in SQLModel.metadata.tables[noun].c
        assert reason.endswith(".")
