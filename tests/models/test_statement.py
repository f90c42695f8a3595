"""Are records that are made of a driver's rows those that SQLAlchemy would make?"""

from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import delete, event, inspect
from sqlalchemy.orm.exc import StaleDataError
from sqlmodel import Session, col, select

from models.access import Role, Viewer
from models.event import Event, EventKind
from models.lifecycle import Change, Loading
from models.lifecycle.making import made
from models.lifecycle.writing import store, write
from models.opportunity import Opportunity
from models.order import Order
from models.quote import Quote, QuoteLine, QuoteStatus
from models.record import KEY, Record, new_id, parse_id, records
from tests.desk import START, Desk
from tests.factories import make_quote

_OF_KEY = Loading(select(Quote).where(col(Quote.id) == KEY), Quote)
_WITH_ORDER = Loading(
    select(QuoteLine, Quote, Order, Quote.revision)
    .join(Quote, col(Quote.id) == QuoteLine.quote_id)
    .outerjoin(Order, col(Order.quote_id) == Quote.id)
    .where(col(Quote.status).in_((QuoteStatus.DRAFT, QuoteStatus.ACTIVE))),
    QuoteLine,
    Quote,
    Order,
)


def _columns(record: Record) -> dict[str, tuple[type, Any]]:
    """Return the values of a record with their types."""
    return {name: (type(value), value) for name, value in record.model_dump().items()}


def test_records_have_the_values_that_sqlalchemy_reads(desk: Desk) -> None:
    """Of every table that has a row, and each value has its type."""
    make_quote(desk)
    compared = set()
    for noun, table in records().items():
        with desk.database.reading() as session:
            expected = [_columns(each) for each in session.scalars(select(table).order_by(col(table.id)))]
        with desk.database.reading() as session:
            found = Loading(select(table).order_by(col(table.id)), table).all(session)
            assert [_columns(each) for each in found] == expected
            assert all(inspect(each).persistent and not inspect(each).modified for each in found)
        compared |= {noun} if expected else set()
    assert {"account", "opportunity", "quote", "quote_line", "event", "stage", "user"} <= compared


def test_a_record_that_the_session_holds_is_left_as_it_is(desk: Desk) -> None:
    """What was set of it is not lost, and it is the same object."""
    _, key = parse_id(make_quote(desk))
    with desk.database.writing() as session:
        held = _OF_KEY.one(session, key=key)
        held.name = "Set"
        assert _OF_KEY.one(session, key=key) is held
        assert session.get_one(Quote, key) is held
        assert (held.name, held in session.dirty) == ("Set", True)


def test_a_record_that_was_set_is_written(desk: Desk) -> None:
    """The session knows what it was before."""
    quote = make_quote(desk)
    with desk.database.writing() as session:
        record = _OF_KEY.one(session, key=parse_id(quote)[1])
        record.discount_percent = Decimal("2.5")
        session.flush()
        session.commit()
    assert desk.row(quote).discount_percent == Decimal("2.5")


def test_what_was_set_to_another_value_is_stored(desk: Desk) -> None:
    """Nothing else is sent, and then nothing waits any more; what is new is held from then on."""
    quote, sent = make_quote(desk), []
    with desk.database.writing() as session:
        record = _OF_KEY.one(session, key=parse_id(quote)[1])
        (line,) = session.scalars(select(QuoteLine).where(QuoteLine.quote_id == record.id))
        record.name, record.discount_percent, line.position = "Set", Decimal(0), line.position
        copy = made(QuoteLine, line.model_dump() | {"id": new_id(), "position": 7})
        session.add(copy)
        event.listen(desk.database._writer, "before_cursor_execute", lambda *told: sent.append(told[2]))
        store(session)
        store(session)
        assert [each.split(" SET ")[0].split(" (")[0] for each in sent] == [
            "UPDATE quote",
            "INSERT INTO quote_line",
        ]
        assert sent[0].count("=") == 2
        assert all(inspect(each).persistent and not inspect(each).modified for each in (record, line, copy))
        assert session.get_one(QuoteLine, copy.id) is copy
        session.commit()
    assert (desk.row(quote).name, [each.position for each in desk.all(QuoteLine)]) == (
        "Set",
        [line.position, 7],
    )


def test_a_row_that_is_gone_is_not_stored(desk: Desk) -> None:
    """Nobody deletes what a command holds: it is a fault."""
    quote = make_quote(desk)
    with desk.database.writing() as session:
        record = _OF_KEY.one(session, key=parse_id(quote)[1])
        session.connection().execute(delete(Quote))
        record.name = "Set"
        with pytest.raises(StaleDataError, match="1 rows of quote are gone"):
            store(session)


def test_a_row_has_a_record_for_each_table_and_none_where_a_join_found_none(desk: Desk) -> None:
    """Lists of constants are part of the text; what comes behind the tables stays plain."""
    quote = make_quote(desk)
    with desk.database.reading() as session:
        ((line, of_quote, order, revision),) = _WITH_ORDER.rows(session)
    assert (line.quote_id, of_quote.public_id, order, revision) == (of_quote.id, quote, None, 0)
    assert (line.position, of_quote.status) == (1, QuoteStatus.ACTIVE)


def test_one_finds_nothing_or_the_only_row(desk: Desk) -> None:
    """Several rows are a mistake."""
    make_quote(desk)
    make_quote(desk)
    with desk.database.reading() as session:
        assert _OF_KEY.one(session, key=new_id()) is None
        with pytest.raises(LookupError, match="2 rows are there in place of one"):
            Loading(select(Quote), Quote).one(session)


def test_a_change_gets_records_by_key_once(desk: Desk) -> None:
    """A record that is held is not read again; one that is not there is an error."""
    quote = desk.row(make_quote(desk))
    with desk.database.writing() as session, _sent(session) as sent:
        change = Change(session, desk.viewer, desk.moment)
        first = change.get(Quote, quote.id)
        assert change.get(Quote, quote.id) is first
        assert len(sent) == 1
        with pytest.raises(LookupError, match="there is no opportunity"):
            change.get(Opportunity, quote.id)


def test_rows_are_written_with_their_columns_whatever_their_number(desk: Desk) -> None:
    """More than one statement takes are written by several."""
    rows = [_event(number) for number in range(20)]
    with desk.database.writing() as session, _sent(session) as sent:
        write(session, Event, rows)
        session.commit()
        assert len([each for each in sent if each.startswith("INSERT INTO event")]) == 2
    keys = [row["id"] for row in rows]
    with desk.database.reading() as session:
        found = session.scalars(select(Event).where(col(Event.id).in_(keys)).order_by(col(Event.id))).all()
        assert [each.model_dump(exclude={"position"}) for each in found] == [
            Event(**row).model_dump(exclude={"position"}) for row in rows
        ]


def test_a_new_record_has_the_defaults_of_its_table() -> None:
    """It is what SQLModel makes; a value for no column is refused."""
    given: dict[str, Any] = {
        "created_at": START,
        "updated_at": START,
        "name": "Pumps",
        "currency_code": "EUR",
    }
    record = made(Quote, given)
    told = Quote(**given, id=record.id)
    names = inspect(Quote).column_attrs.keys()
    assert {name: getattr(record, name) for name in names} == {name: getattr(told, name) for name in names}
    assert record.freight_taxes is not made(Quote, given).freight_taxes
    with pytest.raises(TypeError, match="quote has no colour"):
        made(Quote, {**given, "colour": "red"})


@contextmanager
def _sent(session: Session) -> Iterator[list[str]]:
    """Collect the statements that are sent within the block."""
    seen: list[str] = []

    def note(_: Any, __: Any, statement: str, *___: Any) -> None:
        seen.append(statement)

    engine = session.connection().engine
    event.listen(engine, "before_cursor_execute", note)
    try:
        yield seen
    finally:
        event.remove(engine, "before_cursor_execute", note)


def _event(number: int) -> dict[str, Any]:
    """Return the columns of an event."""
    return {
        "id": new_id(),
        "created_at": START,
        "kind": EventKind.EDITED,
        "type": "quote.updated",
        "command": "updateQuote",
        "summary": f"Change {number}",
        "subject_type": "quote",
        "subject_id": new_id(),
        "subject_version": number,
        "chain_id": None,
        "account_id": None,
        "actor_kind": Viewer(new_id(), "", Role.SALES).actor_kind,
        "actor_id": None,
        "caused_by_id": None,
        "from_status": None,
        "to_status": None,
        "reason": None,
        "note": "Ü" * (number % 2),
        "changes": [{"field": "name", "before": None, "after": str(number)}],
    }
