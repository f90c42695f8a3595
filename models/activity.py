"""Why did a deal end? Close activities, Dynamics' only record of *why*."""

from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from sqlmodel import Field

from models.money import Amount
from models.record import Identifier, Instant, Record


class CloseActivity(Record, table=True):
    """A win, loss, close, fulfilment or cancellation. Reopening keeps it, marked superseded."""

    __tablename__ = "close_activity"

    account_id: UUID | None = Field(default=None, foreign_key="account.id", sa_type=Identifier, index=True)
    # The one record that was closed.
    opportunity_id: UUID | None = Field(
        default=None, foreign_key="opportunity.id", sa_type=Identifier, index=True
    )
    quote_id: UUID | None = Field(default=None, foreign_key="quote.id", sa_type=Identifier, index=True)
    order_id: UUID | None = Field(default=None, foreign_key="order.id", sa_type=Identifier, index=True)
    # The state that the record came to, and the reason's code.
    status: str = Field(max_length=40)
    reason: str = Field(max_length=40)
    note: str | None = Field(default=None, max_length=2000)
    competitor: str | None = Field(default=None, max_length=160)
    currency_code: str | None = Field(default=None, max_length=3)
    actual_revenue: Decimal | None = Field(default=None, sa_type=Amount)
    closed_on: date
    superseded_at: datetime | None = Field(default=None, sa_type=Instant)
