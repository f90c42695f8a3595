"""What do the planner's tests read? One small company with fixed ids, the same on both engines."""

import json
from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from graphql import (
    DocumentNode,
    FragmentDefinitionNode,
    GraphQLSchema,
    OperationDefinitionNode,
    get_variable_values,
    parse,
    validate,
)
from graphql.execution import VariableValues
from sqlmodel import Session, SQLModel, col, select

from graphql_api.planner import Answer, Planner
from models.access import AccountShare, Role, User, Viewer
from models.account import Account, Contact, CustomerStatus
from models.database import Database
from models.event import Chain, Event, EventKind
from models.invoice import Invoice, InvoiceStatus
from models.lead import Lead, LeadSource, LeadStatus
from models.moment import Moment, Organization
from models.opportunity import Opportunity, OpportunityStatus, RevenueMode, StageVisit
from models.order import Order, OrderStatus
from models.payment import Payment, PaymentMethod
from models.pipeline import ForecastCategory
from models.product import Product, ProductStatus, ProductStructure
from models.quote import Quote, QuoteLine, QuoteStatus
from models.record import Record, public_id
from models.search import write
from models.unit import Unit, UnitGroup

START = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
MOMENT = Moment(datetime(2026, 4, 1, 12, 0, tzinfo=UTC), Organization())
_NOUNS = (
    *("user", "account", "contact", "product", "lead", "opportunity", "quote", "quote_line"),
    *("order", "invoice", "payment", "event", "chain", "unit_group", "unit", "stage_visit"),
)
_KINDS = {noun: number for number, noun in enumerate(_NOUNS, 1)}


# Those that the migrations write.
PIPELINE = UUID("019b76da-a800-7000-8000-000000000000")
DEVELOP = UUID("019b76da-a800-7000-8000-000000000002")


def key(noun: str, number: int) -> UUID:
    """Return the key of a row of the company: larger numbers sort later."""
    return UUID(int=0x0190_0000_0000 << 80 | 0x7 << 76 | 0b10 << 62 | _KINDS[noun] << 32 | number)


def pid(noun: str, number: int) -> str:
    """Return the public id of a row of the company."""
    return public_id(noun, key(noun, number))


ADMIN = Viewer(key("user", 1), "Ada Admin", Role.ADMIN)
PARTNER = Viewer(key("user", 2), "Paul Partner", Role.PARTNER)


def _stamps(number: int) -> dict[str, Any]:
    at = START + timedelta(hours=number)
    return {"created_at": at, "updated_at": at + timedelta(minutes=30)}


def _people() -> list[SQLModel]:
    accounts = [
        Account(
            id=key("account", number),
            number=f"A-{number}",
            name=name,
            match_name=name.lower(),
            status=CustomerStatus.ACTIVE,
            reason_id="account.ACTIVE.ACTIVE",
            currency_code="EUR",
            owner_id=key("user", 1),
            **_stamps(number),
        )
        for number, name in enumerate(["Acme", "Birch", "Cedar"], 1)
    ]
    return [
        User(id=key("user", 1), name="Ada Admin", role=Role.ADMIN, created_at=START),
        User(id=key("user", 2), name="Paul Partner", role=Role.PARTNER, created_at=START),
        *accounts,
        AccountShare(user_id=key("user", 2), account_id=key("account", 1)),
    ]


def _first_of_their_kind() -> list[SQLModel]:
    contact = Contact(
        id=key("contact", 1),
        status=CustomerStatus.ACTIVE,
        reason_id="contact.ACTIVE.ACTIVE",
        account_id=key("account", 1),
        first_name="Cleo",
        last_name="Clark",
        **_stamps(1),
    )
    product = Product(
        id=key("product", 1),
        number="P-1",
        name="Pump",
        status=ProductStatus.ACTIVE,
        reason_id="product.ACTIVE.ACTIVE",
        structure=ProductStructure.PRODUCT,
        unit_group_id=key("unit_group", 1),
        default_unit_id=key("unit", 1),
        unit="piece",
        currency_code="EUR",
        list_price=Decimal("12.5"),
        **_stamps(1),
    )
    group = UnitGroup(id=key("unit_group", 1), name="piece", **_stamps(1))
    piece = Unit(
        id=key("unit", 1),
        created_at=START,
        unit_group_id=group.id,
        name="piece",
        quantity=Decimal(1),
        base_quantity=Decimal(1),
    )
    return [contact, group, piece, product]


def _deal(number: int) -> list[SQLModel]:
    """Return one chain: a lead, an opportunity, two quotes with lines, three events."""
    account = key("account", 1 + number % 2)
    shared: dict[str, Any] = {
        "chain_id": key("chain", number),
        "account_id": account,
        "owner_id": key("user", 1),
    }
    currency = "JPY" if number == 3 else "EUR"
    priced: dict[str, Any] = {**shared, "name": f"Deal {number}", "currency_code": currency}
    rows: list[SQLModel] = [
        Chain(id=key("chain", number)),
        Lead(
            id=key("lead", number),
            topic=f"Topic {number}",
            status=LeadStatus.QUALIFIED,
            reason_id="lead.QUALIFIED.QUALIFIED",
            source=LeadSource.WEB_FORM,
            currency_code="EUR",
            **shared,
            **_stamps(number),
        ),
        Opportunity(
            id=key("opportunity", number),
            status=OpportunityStatus.OPEN,
            reason_id="opportunity.OPEN.IN_PROGRESS",
            lead_id=key("lead", number),
            pipeline_id=PIPELINE,
            stage_id=DEVELOP,
            stage_entered_at=START,
            probability=40,
            forecast_category=ForecastCategory.PIPELINE,
            revenue_mode=RevenueMode.SYSTEM_CALCULATED,
            total=Decimal(100 * number),
            contact_id=key("contact", 1) if number == 2 else None,
            **priced,
            **_stamps(number),
        ),
    ]
    rows.append(_stay(number))
    return [*rows, *_quote(number, 1, priced), *_quote(number, 2, priced), *_events(number, account)]


def _stay(number: int) -> SQLModel:
    """Return the stay of an opportunity in its stage."""
    return StageVisit(
        id=key("stage_visit", number),
        created_at=START,
        opportunity_id=key("opportunity", number),
        stage_id=DEVELOP,
        command="createOpportunity",
    )


def _quote(number: int, place: int, priced: Mapping[str, Any]) -> list[SQLModel]:
    """Return a quote with three lines. Every second quote has no last day; totals repeat, for ties."""
    quote = 10 * number + place
    return [
        Quote(
            id=key("quote", quote),
            number=f"Q-{quote}",
            revision=0,
            opportunity_id=key("opportunity", number),
            status=QuoteStatus.DRAFT if place == 1 else QuoteStatus.ACTIVE,
            reason_id=f"quote.{'DRAFT' if place == 1 else 'ACTIVE'}.IN_PROGRESS",
            valid_until=date(2026, 4, number) if place == 1 else None,
            total=Decimal("1190.5") if place == 1 else Decimal(number % 2),
            **priced,
            **_stamps(quote),
        ),
        *(
            QuoteLine(
                id=key("quote_line", 10 * quote + line),
                quote_id=key("quote", quote),
                position=4 - line,
                lineage_id=key("quote_line", 10 * quote + line),
                product_id=key("product", 1) if line == 1 else None,
                description=f"Line {line}",
                quantity=Decimal(line) / 2,
                unit="piece",
                currency_code=priced["currency_code"],
                price_per_unit=Decimal("12.345"),
                created_at=START,
            )
            for line in (1, 2, 3)
        ),
    ]


def _events(number: int, account: UUID) -> list[SQLModel]:
    subjects = (("lead", number), ("opportunity", number), ("quote", 10 * number + 1))
    kinds = (EventKind.CREATED, EventKind.STATUS_CHANGED, EventKind.EDITED)
    return [
        Event(
            id=key("event", 10 * number + place),
            kind=kind,
            type=f"{noun}.happened",
            command="doIt",
            summary=f"{noun} {kind}",
            subject_type=noun,
            subject_id=key(noun, row),
            subject_version=place,
            chain_id=key("chain", number),
            account_id=account,
            actor_id=key("user", 1),
            from_status=None,
            to_status=OpportunityStatus.OPEN,
            created_at=START + timedelta(hours=place),
            caused_by_id=key("event", 10 * number + place - 1) if place > 1 else None,
            changes=[{"field": "name", "before": None, "after": "x"}] if kind is EventKind.EDITED else [],
        )
        for place, (kind, (noun, row)) in enumerate(zip(kinds, subjects, strict=True), 1)
    ]


def _delivery() -> list[SQLModel]:
    """Return what the first deal led to."""
    shared: dict[str, Any] = {
        "chain_id": key("chain", 1),
        "account_id": key("account", 2),
        "owner_id": key("user", 1),
        "opportunity_id": key("opportunity", 1),
        "name": "Deal 1",
        "currency_code": "EUR",
        "total": Decimal("1190.5"),
    }
    return [
        Order(
            id=key("order", 1),
            number="O-1",
            status=OrderStatus.ACTIVE,
            reason_id="order.ACTIVE.NEW",
            quote_id=key("quote", 11),
            **shared,
            **_stamps(90),
        ),
        Invoice(
            id=key("invoice", 1),
            number="I-1",
            status=InvoiceStatus.ACTIVE,
            reason_id="invoice.ACTIVE.BILLED",
            order_id=key("order", 1),
            issued_on=date(2026, 3, 5),
            due_on=date(2026, 3, 20),
            balance=Decimal("1000.5"),
            **shared,
            **_stamps(91),
        ),
        _payment(),
    ]


def _payment() -> SQLModel:
    return Payment(
        id=key("payment", 1),
        invoice_id=key("invoice", 1),
        currency_code="EUR",
        amount=Decimal(190),
        paid_on=date(2026, 3, 10),
        method=PaymentMethod.CARD,
        created_at=START,
    )


def fill(session: Session) -> None:
    """Write the company's rows."""
    for rows in (_people(), _first_of_their_kind(), _deal(1), _deal(2), _deal(3), _delivery()):
        for row in rows:
            session.add(row)
            session.flush()
        write(session, [row for row in rows if isinstance(row, Record)])
    session.commit()


class Reader:
    """Asks the planner, the way the endpoint does."""

    def __init__(self, schema: GraphQLSchema, database: Database) -> None:
        self.schema = schema
        self.database = database
        self.planner = Planner(schema, database.dialect)
        self._documents: dict[str, DocumentNode] = {}

    def prepared(
        self, text: str, variables: Mapping[str, Any] | None = None
    ) -> tuple[OperationDefinitionNode, dict[str, FragmentDefinitionNode], dict[str, Any]]:
        """Return operation, fragments and coerced variables of a valid document."""
        document = self._document(text)
        (operation,) = [each for each in document.definitions if isinstance(each, OperationDefinitionNode)]
        fragments = {
            each.name.value: each for each in document.definitions if isinstance(each, FragmentDefinitionNode)
        }
        coerced = get_variable_values(
            self.schema, operation.variable_definitions or (), dict(variables or {})
        )
        assert isinstance(coerced, VariableValues), coerced
        return operation, fragments, coerced.coerced

    def _document(self, text: str) -> DocumentNode:
        """Return a valid document, the same for the same text: so its plan is the same as well."""
        if text not in self._documents:
            document = parse(text)
            assert validate(self.schema, document) == []
            self._documents[text] = document
        return self._documents[text]

    def answer(self, text: str, variables: Mapping[str, Any] | None = None, viewer: Viewer = ADMIN) -> Answer:
        """Return the planner's answer."""
        prepared = self.prepared(text, variables)
        with self.database.snapshot() as snapshot:
            return self.planner.query(snapshot, *prepared, viewer, MOMENT)

    def rename_first(self, name: str) -> None:
        """Give the first account another name."""
        with self.database.writing() as session:
            account = session.exec(select(Account).order_by(col(Account.id))).first()
            assert account is not None
            account.name = name
            session.add(account)
            session.commit()

    def number(self, *, sqlite: int, postgresql: int) -> int:
        """Return the number of statements for the engine: PostgreSQL reads lists of text with their rows."""
        return postgresql if self.database.dialect == "postgresql" else sqlite

    def data(self, text: str, variables: Mapping[str, Any] | None = None, viewer: Viewer = ADMIN) -> Any:
        """Return the data of an answer without errors."""
        answer = self.answer(text, variables, viewer)
        assert answer.errors == []
        return json.loads(answer.data)
