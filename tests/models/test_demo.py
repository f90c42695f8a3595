"""Is the demo company believable, sound to the cent, and offered exactly what may be done?"""

from collections import Counter
from decimal import Decimal
from itertools import pairwise
from typing import Any

import pytest
from sqlmodel import Session

from models.access import Role, Viewer
from models.account import Account
from models.database import Database
from models.demo import people, tell
from models.demo.scenery import FATES
from models.errors import Blocked, Blocker, Duplicate, NotFound
from models.event import Event
from models.integrity import differences
from models.invoice import Invoice, InvoiceLine
from models.lead import Lead
from models.lifecycle import REGISTRY, run
from models.moment import Organization
from models.opportunity import Opportunity, OpportunityLine
from models.order import FulfillmentLine, Order, OrderLine, OrderReturnLine
from models.payment import Payment
from models.product import Product
from models.quote import Quote, QuoteLine
from models.status import Staged
from tests.commands import arguments
from tests.desk import START, Desk, offered

# After so many chains the fates come round again.
_CHAINS = sum(weight for _, weight in FATES)
# Records of one state with the same offers behave the same: so many of each are tried.
_MOST_TRIED = 3
_TABLES: tuple[type[Staged], ...] = (Account, Product, Lead, Opportunity, Quote, Order, Invoice)
_DOCUMENTS: tuple[tuple[Any, Any, str], ...] = (
    (Opportunity, OpportunityLine, "opportunity_id"),
    (Quote, QuoteLine, "quote_id"),
    (Order, OrderLine, "order_id"),
    (Invoice, InvoiceLine, "invoice_id"),
)
_STATES = {
    "lead.OPEN", "lead.QUALIFIED", "lead.DISQUALIFIED", "opportunity.OPEN", "opportunity.WON",
    "opportunity.LOST", "quote.DRAFT", "quote.ACTIVE", "quote.WON", "quote.CLOSED", "order.ACTIVE",
    "order.SUBMITTED", "order.FULFILLED", "order.INVOICED", "order.CANCELED", "invoice.ACTIVE",
    "invoice.PAID",
}  # fmt: skip


@pytest.fixture
def company(database: Database) -> Desk:
    """Return the demo company at the desk of a salesperson."""
    with database.writing() as session:
        users = people(session, START)
        assert list(tell(session, Organization(), START, users, _CHAINS)) == list(range(1, _CHAINS + 1))
        session.commit()
    viewers = {user.role: Viewer(user.id, user.name, user.role) for user in users}
    return Desk(database, viewers[Role.SALES], viewers)


def test_the_company_is_believable_and_sound(company: Desk) -> None:
    """Chains end in every state, sums are right, history is whole, and offers are kept."""
    records = [record for table in _TABLES for record in company.all(table)]
    assert {f"{each.noun()}.{each.status}" for each in records} >= _STATES
    _check_sums(company)
    with company.database.reading() as session:
        assert list(differences(session)) == []
    _check_history(company, records)
    _check_offers(company, records)


def _check_sums(company: Desk) -> None:
    """Check headers against lines, quantities against deliveries and bills, balances against payments."""
    for table, line_table, key in _DOCUMENTS:
        lines = company.all(line_table)
        for document in company.all(table):
            own = [line for line in lines if getattr(line, key) == document.id]
            assert document.line_total == sum(line.base_amount - line.discount_amount for line in own)
            assert document.discount_total == sum(line.discount_share for line in own)
            assert document.tax_total == sum(line.tax_amount for line in own)
            net = document.line_total - document.discount_total
            assert document.total == net + document.tax_total + document.freight_amount
    payments, deliveries = company.all(Payment), company.all(FulfillmentLine)
    returns = company.all(OrderReturnLine)
    for invoice in company.all(Invoice):
        paid = sum(each.amount - each.excess_amount for each in payments if each.invoice_id == invoice.id)
        assert invoice.paid_total == paid
        credited = invoice.credited_total - invoice.customer_credit_total
        assert (invoice.balance == invoice.total - paid - credited) or invoice.status == "CANCELED"
        assert (invoice.status == "PAID") == (invoice.balance == 0 and invoice.status != "CANCELED")
    for line in company.all(OrderLine):
        delivered = sum(each.quantity for each in deliveries if each.order_line_id == line.id)
        returned = sum(each.quantity for each in returns if each.order_line_id == line.id)
        assert (line.quantity_fulfilled, line.quantity_returned) == (delivered, returned)
        assert Decimal(0) <= line.net_fulfilled <= line.wanted
        assert Decimal(0) <= line.quantity_invoiced <= line.quantity


def _check_history(company: Desk, records: list[Staged]) -> None:
    """Check that each version of each record has its one event, in order, and one story its one chain."""
    events: dict[Any, list[Event]] = {}
    for event in company.all(Event):
        events.setdefault(event.subject_id, []).append(event)
        assert event.command
        assert event.actor_id
    known = {event.id for own in events.values() for event in own}
    for record in records:
        own = events[record.id]
        assert [event.subject_version for event in own] == list(range(1, record.version + 1))
        assert (own[-1].to_status, own[-1].reason) == (str(record.status), record.reason)
        assert {event.chain_id for event in own} == {getattr(record, "chain_id", None)}
        assert {event.caused_by_id for event in own} <= known | {None}
        for before, after in pairwise(own):
            assert after.from_status == before.to_status
        for event in own:
            assert max(Counter(each["field"] for each in event.changes).values(), default=1) == 1


def _check_offers(company: Desk, records: list[Staged]) -> None:
    """Check that what is offered is carried out, and what is blocked is refused with those blockers."""
    tried: Counter[object] = Counter()
    with company.database.writing() as session:
        for record in records:
            offers = {
                each.name: each.blockers for each in offered(session, company.viewer, company.moment, record)
            }
            situation = (record.reason_id, tuple((name, bool(each)) for name, each in offers.items()))
            tried[situation] += 1
            if tried[situation] > _MOST_TRIED:
                continue
            for name, each in REGISTRY.items():
                is_offered = not (each.creates or each.of_clock or each.is_upkeep)
                if isinstance(record, each.table) and is_offered and not each.was_done_in(record.state):
                    found = _blockers(session, company, name, record)
                    assert found in {offers.get(each.command), _LOOKS_THE_SAME}, (record.public_id, name)


# Whether a customer that looks the same exists is asked only when the lead is qualified.
_LOOKS_THE_SAME = (Blocker("DUPLICATE_DETECTED", ""),)


def _blockers(session: Session, company: Desk, name: str, record: Staged) -> tuple[Blocker, ...] | None:
    """Run a command and undo it; return its blockers, or None where the state does not offer it."""
    given = arguments(company, name, record.public_id)
    given.pop("bill_to", None)
    savepoint = session.begin_nested()
    try:
        run(session, company.command(name, **given))
    except Duplicate:
        return _LOOKS_THE_SAME
    except NotFound:
        # A part to be taken off that the record has none of: nothing else stands in the way.
        return ()
    except Blocked as refusal:
        return refusal.blockers if REGISTRY[name].starts_from(record.state) else None
    else:
        return ()
    finally:
        savepoint.rollback()
        session.expire_all()
