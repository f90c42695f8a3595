"""How do tutorials serve it? Strawberry with resolvers, SQLAlchemy's asynchronous sessions, and data loaders.

``python -m tests.benchmark.peers.plain URL PORT`` serves it. It checks no key and knows no limit.
"""

import sys
from collections.abc import Awaitable, Callable
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

import strawberry
import uvicorn
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase, InstrumentedAttribute, Mapped, mapped_column
from starlette.requests import Request
from starlette.responses import Response
from starlette.websockets import WebSocket
from strawberry.asgi import GraphQL
from strawberry.dataloader import DataLoader

from models.money import Amount

Sessions = async_sessionmaker[AsyncSession]
Info = strawberry.Info[dict[str, DataLoader[UUID, Any]], None]


class Base(DeclarativeBase):
    """What the tables have in common."""


class AccountRow(Base):
    """An account, as far as it is asked for."""

    __tablename__ = "account"
    id: Mapped[UUID] = mapped_column(primary_key=True)
    number: Mapped[str]
    name: Mapped[str]


class OpportunityRow(Base):
    """An opportunity."""

    __tablename__ = "opportunity"
    id: Mapped[UUID] = mapped_column(primary_key=True)
    account_id: Mapped[UUID]
    name: Mapped[str]
    status: Mapped[str]


class QuoteRow(Base):
    """A quote."""

    __tablename__ = "quote"
    id: Mapped[UUID] = mapped_column(primary_key=True)
    opportunity_id: Mapped[UUID]
    number: Mapped[str]
    status: Mapped[str]
    valid_until: Mapped[date | None]
    total: Mapped[Decimal] = mapped_column(Amount)
    currency_code: Mapped[str]


class LineRow(Base):
    """A line of a quote."""

    __tablename__ = "quote_line"
    id: Mapped[UUID] = mapped_column(primary_key=True)
    quote_id: Mapped[UUID]
    product_id: Mapped[UUID | None]
    position: Mapped[int]
    description: Mapped[str]
    quantity: Mapped[Decimal] = mapped_column(Amount)
    unit: Mapped[str]
    price_per_unit: Mapped[Decimal] = mapped_column(Amount)
    tax_percent: Mapped[Decimal] = mapped_column(Amount)
    extended_amount: Mapped[Decimal] = mapped_column(Amount)


class ProductRow(Base):
    """A product."""

    __tablename__ = "product"
    id: Mapped[UUID] = mapped_column(primary_key=True)
    number: Mapped[str]


class OrderRow(Base):
    """An order."""

    __tablename__ = "order"
    id: Mapped[UUID] = mapped_column(primary_key=True)
    quote_id: Mapped[UUID | None]
    number: Mapped[str]
    status: Mapped[str]
    total: Mapped[Decimal] = mapped_column(Amount)


class InvoiceRow(Base):
    """An invoice."""

    __tablename__ = "invoice"
    id: Mapped[UUID] = mapped_column(primary_key=True)
    order_id: Mapped[UUID | None]
    number: Mapped[str | None]
    due_on: Mapped[date | None]
    total: Mapped[Decimal] = mapped_column(Amount)
    balance: Mapped[Decimal] = mapped_column(Amount)


Load = Callable[[list[UUID]], Awaitable[list[Any]]]


def many(sessions: Sessions, link: InstrumentedAttribute[Any], *order: InstrumentedAttribute[Any]) -> Load:
    """Return what loads the rows that link to each key."""

    async def load(keys: list[UUID]) -> list[Any]:
        found: dict[UUID, list[Any]] = {key: [] for key in keys}
        async with sessions() as session:
            for row in await session.scalars(select(link.class_).where(link.in_(keys)).order_by(*order)):
                found[getattr(row, link.key)].append(row)
        return [found[key] for key in keys]

    return load


def one(sessions: Sessions, link: InstrumentedAttribute[Any]) -> Load:
    """Return what loads the row that has each key, or links to it."""

    async def load(keys: list[UUID]) -> list[Any]:
        async with sessions() as session:
            rows = await session.scalars(select(link.class_).where(link.in_(keys)))
            found = {getattr(row, link.key): row for row in rows}
        return [found.get(key) for key in keys]

    return load


@strawberry.type
class Product:
    """What is sold."""

    number: str


@strawberry.type
class Line:
    """One line of a quote."""

    row: strawberry.Private[LineRow]
    position: int
    description: str
    quantity: Decimal
    unit: str
    price_per_unit: Decimal
    tax_percent: Decimal
    extended_amount: Decimal

    @strawberry.field
    async def product(self, info: Info) -> Product | None:
        """Return what it sells."""
        if self.row.product_id is None:
            return None
        row: ProductRow | None = await info.context["product"].load(self.row.product_id)
        return None if row is None else Product(number=row.number)


@strawberry.type
class Invoice:
    """What is to be paid."""

    number: str | None
    due_on: date | None
    total: Decimal
    balance: Decimal


@strawberry.type
class Order:
    """What was bought."""

    row: strawberry.Private[OrderRow]
    number: str
    status: str
    total: Decimal

    @strawberry.field
    async def invoices(self, info: Info, first: int = 25) -> list[Invoice]:
        """Return its invoices."""
        rows: list[InvoiceRow] = await info.context["invoices"].load(self.row.id)
        return [
            Invoice(number=row.number, due_on=row.due_on, total=row.total, balance=row.balance)
            for row in rows[:first]
        ]


@strawberry.type
class Quote:
    """What was offered."""

    row: strawberry.Private[QuoteRow]
    number: str
    status: str
    valid_until: date | None
    total: Decimal
    currency_code: str

    @strawberry.field
    async def lines(self, info: Info, first: int = 25) -> list[Line]:
        """Return its lines."""
        rows: list[LineRow] = await info.context["lines"].load(self.row.id)
        return [
            Line(
                row=row,
                position=row.position,
                description=row.description,
                quantity=row.quantity,
                unit=row.unit,
                price_per_unit=row.price_per_unit,
                tax_percent=row.tax_percent,
                extended_amount=row.extended_amount,
            )
            for row in rows[:first]
        ]

    @strawberry.field
    async def order(self, info: Info) -> Order | None:
        """Return the order that was made of it."""
        row: OrderRow | None = await info.context["order"].load(self.row.id)
        return None if row is None else Order(row=row, number=row.number, status=row.status, total=row.total)


@strawberry.type
class Opportunity:
    """A deal."""

    id: UUID
    name: str
    status: str

    @strawberry.field
    async def quotes(self, info: Info, first: int = 25) -> list[Quote]:
        """Return its quotes."""
        rows: list[QuoteRow] = await info.context["quotes"].load(self.id)
        return [
            Quote(
                row=row,
                number=row.number,
                status=row.status,
                valid_until=row.valid_until,
                total=row.total,
                currency_code=row.currency_code,
            )
            for row in rows[:first]
        ]


@strawberry.type
class Account:
    """A customer."""

    id: UUID
    number: str
    name: str

    @strawberry.field
    async def opportunities(self, info: Info, first: int = 25) -> list[Opportunity]:
        """Return its opportunities."""
        rows: list[OpportunityRow] = await info.context["opportunities"].load(self.id)
        return [Opportunity(id=row.id, name=row.name, status=row.status) for row in rows[:first]]


@strawberry.type
class Query:
    """What may be asked."""

    @strawberry.field
    async def accounts(self, info: Info, first: int = 25) -> list[Account]:
        """Return the oldest accounts."""
        sessions: Any = info.context["sessions"]
        async with sessions() as session:
            rows = await session.scalars(select(AccountRow).order_by(AccountRow.id).limit(first))
            return [Account(id=row.id, number=row.number, name=row.name) for row in rows]


class Served(GraphQL[dict[str, Any], None]):
    """The schema over HTTP, with loaders of its own for each request."""

    def __init__(self, url: str) -> None:
        super().__init__(strawberry.Schema(Query), graphql_ide=None)
        engine = create_async_engine(url.replace("postgresql://", "postgresql+asyncpg://"), pool_size=10)
        self._sessions: Sessions = async_sessionmaker(engine, expire_on_commit=False)

    async def get_context(
        self, request: Request | WebSocket, response: Response | WebSocket
    ) -> dict[str, Any]:
        """Return the loaders of a request."""
        del request, response
        sessions = self._sessions
        loads = {
            "opportunities": many(sessions, OpportunityRow.account_id, OpportunityRow.id),
            "quotes": many(sessions, QuoteRow.opportunity_id, QuoteRow.id),
            "lines": many(sessions, LineRow.quote_id, LineRow.position, LineRow.id),
            "invoices": many(sessions, InvoiceRow.order_id, InvoiceRow.id),
            "order": one(sessions, OrderRow.quote_id),
            "product": one(sessions, ProductRow.id),
        }
        return {"sessions": sessions} | {name: DataLoader(load) for name, load in loads.items()}


if __name__ == "__main__":
    uvicorn.run(Served(sys.argv[1]), port=int(sys.argv[2]), log_level="warning", server_header=False)
