"""What do we offer, at which price, until when? Quotes and their revisions."""

from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Annotated, ClassVar
from uuid import UUID

from sqlalchemy import ColumnClause, UniqueConstraint, literal_column
from sqlmodel import Field, Index, Session, col, select

from models.access import Role, Viewer, digest_of
from models.document import (
    Document,
    FreightTaxCodes,
    Line,
    lines_to_price,
    reprice,
    set_freight_taxes,
    set_terms,
)
from models.errors import Invalid
from models.lifecycle import KEEP, Change, Kept, Reference, Seen, guard, kept, transition
from models.price_list import put_price_list
from models.record import Identifier, Instant, Part, choice
from models.status import reason_key


class QuoteStatus(StrEnum):
    """The states of a quote."""

    DRAFT = "DRAFT"
    ACTIVE = "ACTIVE"
    WON = "WON"
    CLOSED = "CLOSED"


class PresentationChannel(StrEnum):
    """How a quote reached the customer."""

    EMAIL = "EMAIL"
    LINK = "LINK"
    MEETING = "MEETING"
    POST = "POST"


_LIVE: ColumnClause[bool] = literal_column("status IN ('DRAFT', 'ACTIVE', 'WON')")
_ACTIVE: ColumnClause[bool] = literal_column("status = 'ACTIVE'")


class Quote(Document, table=True):
    """A priced offer that the customer can hold us to once it is active."""

    __tablename__ = "quote"
    __table_args__ = (
        reason_key(),
        UniqueConstraint("number", "revision"),
        # One live revision per number, whatever is raced.
        Index("uq_quote_live_number", "number", unique=True, sqlite_where=_LIVE, postgresql_where=_LIVE),
        Index("ix_quote_opportunity_id_id", "opportunity_id", "id"),
        Index("ix_quote_account_id_id", "account_id", "id"),
        Index("ix_quote_created_at_id", "created_at", "id"),
        Index("ix_quote_updated_at_id", "updated_at", "id"),
        Index("ix_quote_valid_until_id", "valid_until", "id"),
        # What the clock looks for: the open offers, and not those of all the years.
        Index("ix_quote_active_valid_until", "valid_until", sqlite_where=_ACTIVE, postgresql_where=_ACTIVE),
        Index("ix_quote_total_id", "total", "id"),
    )

    filtered: ClassVar[tuple[str, ...]] = ("number",)
    ordered_with_nulls: ClassVar[tuple[str, ...]] = ("valid_until",)
    ordered_by_status: ClassVar[tuple[str, ...]] = (
        "created_at",
        "updated_at",
        "number",
        "valid_until",
        "total",
    )
    titled: ClassVar[tuple[str, ...]] = ("number", "name")
    searched: ClassVar[tuple[str, ...]] = ("customer_reference",)
    read_only: ClassVar[frozenset[StrEnum]] = frozenset(
        {QuoteStatus.ACTIVE, QuoteStatus.WON, QuoteStatus.CLOSED}
    )

    status: QuoteStatus = Field(sa_type=choice(QuoteStatus))
    number: str = Field(max_length=40)
    # 0 first; a revision keeps the number.
    revision: int = 0
    opportunity_id: UUID | None = Field(default=None, foreign_key="opportunity.id", sa_type=Identifier)
    # The revision that this one replaced.
    previous_id: UUID | None = Field(default=None, foreign_key="quote.id", sa_type=Identifier, unique=True)
    effective_from: date | None = None
    # Through the end of that day in the organisation's time zone.
    valid_until: date | None = None
    # When the last approver that policies asked for agreed; null again once the draft is edited.
    approved_at: datetime | None = Field(default=None, sa_type=Instant)
    activated_at: datetime | None = Field(default=None, sa_type=Instant)
    # SHA-256 of what the customer was offered, taken when the quote became active.
    content_hash: str | None = Field(default=None, max_length=64)
    presented_at: datetime | None = Field(default=None, sa_type=Instant)
    presented_by: PresentationChannel | None = Field(default=None, sa_type=choice(PresentationChannel))
    # The digest of the token under which the customer sees this quote, and only this one.
    token_digest: str | None = Field(default=None, max_length=64, unique=True)
    customer_reference: str | None = Field(default=None, max_length=100)
    closed_at: datetime | None = Field(default=None, sa_type=Instant)


class QuoteLine(Line, table=True):
    """One position of a quote."""

    __tablename__ = "quote_line"
    __table_args__ = (Index("ix_quote_line_quote_id_position_id", "quote_id", "position", "id"),)
    part_of: ClassVar[str] = "quote_id"
    seen_through: ClassVar[str | None] = "quote_id"

    quote_id: UUID = Field(foreign_key="quote.id", sa_type=Identifier)
    # Null once the opportunity's line was removed; the lineage stays.
    opportunity_line_id: UUID | None = Field(
        default=None,
        foreign_key="opportunity_line.id",
        ondelete="SET NULL",
        sa_type=Identifier,
        index=True,
    )
    # The same position on the revision before.
    previous_line_id: UUID | None = Field(
        default=None, foreign_key="quote_line.id", sa_type=Identifier, index=True
    )


class ApprovalDecision(StrEnum):
    """What became of an approval that was asked for."""

    PENDING = "PENDING"
    APPROVED = "APPROVED"
    REJECTED = "REJECTED"
    WITHDRAWN = "WITHDRAWN"


class QuoteApproval(Part, table=True):
    """One approval that a policy asked for, and what became of it."""

    __tablename__ = "quote_approval"
    __table_args__ = (Index("ix_quote_approval_quote_id_id", "quote_id", "id"),)
    part_of: ClassVar[str] = "quote_id"
    is_internal: ClassVar[bool] = True

    quote_id: UUID = Field(foreign_key="quote.id", sa_type=Identifier)
    policy_id: UUID = Field(foreign_key="approval_policy.id", sa_type=Identifier, index=True)
    # The policy's name and approver as they were, and which limit the quote passes.
    policy_name: str = Field(max_length=80)
    asked_of: str = Field(max_length=80)
    finding: str = Field(max_length=400)
    requested_by_id: UUID | None = Field(default=None, foreign_key="user.id", sa_type=Identifier, index=True)
    decision: ApprovalDecision = Field(default=ApprovalDecision.PENDING, sa_type=choice(ApprovalDecision))
    decided_by_id: UUID | None = Field(default=None, foreign_key="user.id", sa_type=Identifier, index=True)
    decided_at: datetime | None = Field(default=None, sa_type=Instant)
    note: str | None = Field(default=None, max_length=2000)


def withdraw_approval(change: Change, quote: Quote) -> None:
    """Take back what was asked or given for a draft: it is another offer once it is edited."""
    if quote.reason == "IN_PROGRESS" and quote.approved_at is None:
        return
    change.become(quote, QuoteStatus.DRAFT, "IN_PROGRESS")
    quote.approved_at = None
    for each in change.parts(QuoteApproval, quote):
        if each.decision in {ApprovalDecision.PENDING, ApprovalDecision.APPROVED}:
            each.decision = ApprovalDecision.WITHDRAWN


def _unexpired(seen: Seen) -> str | None:
    """The quote is valid through today, or a seller overrides its expiry."""
    is_customer = seen.viewer.role is Role.CUSTOMER
    is_overridden = seen.arguments.get("accept_expired") and not is_customer
    if seen.valid_until is None or seen.today <= seen.valid_until or is_overridden:
        return None
    if is_customer:
        return f"Quote {seen.number} was valid until {seen.valid_until}: ask for a new one."
    way_out = "reviseQuote makes a new revision"
    if "accept_expired" in seen.arguments:
        way_out += ", or pass acceptExpired"
    return f"Quote {seen.number} was valid until {seen.valid_until}: {way_out}."


not_expired = guard("QUOTE_EXPIRED", "number", "valid_until", path=("input", "acceptExpired"))(_unexpired)
# Of a command that has no argument to override it.
never_expired = guard("QUOTE_EXPIRED", "number", "valid_until")(_unexpired)


@transition(
    Quote,
    event="quote.updated",
    sources=(QuoteStatus.DRAFT,),
    when_read_only="RECORD_READ_ONLY",
    demands_version=True,
)
def update_quote(
    change: Change,
    quote: Quote,
    *,
    name: Annotated[str | Kept, "What it is about."] = KEEP,
    effective_from: Annotated[date | Kept | None, "The first day the offer holds."] = KEEP,
    valid_until: Annotated[date | Kept | None, "The last day the offer holds, through its end."] = KEEP,
    price_list_id: Annotated[
        UUID | Kept | None,
        Reference("price_list"),
        "What its lines are priced by from now on; they change when they are repriced.",
    ] = KEEP,
    discount_percent: Annotated[Decimal | Kept, "Percent off the lines' sum, taken off first."] = KEEP,
    discount_amount: Annotated[
        Decimal | Kept, "Amount off the lines' sum, taken off after the percentage."
    ] = KEEP,
    freight_amount: Annotated[Decimal | Kept, "Freight, added after discounts."] = KEEP,
    freight_tax_codes: FreightTaxCodes = KEEP,
    customer_reference: Annotated[str | Kept | None, "The customer's own number for it."] = KEEP,
) -> None:
    """Change the header of a draft quote: dates, discounts, freight. It withdraws an approval."""
    withdraw_approval(change, quote)
    if name == "":
        message = "A quote needs a name."
        raise Invalid(message, path=("input", "name"))
    quote.name = kept(name, quote.name)
    quote.effective_from = kept(effective_from, quote.effective_from)
    quote.valid_until = kept(valid_until, quote.valid_until)
    require_dates(quote)
    quote.customer_reference = kept(customer_reference, quote.customer_reference)
    put_price_list(change, quote, price_list_id)
    set_terms(quote, discount_percent, discount_amount, freight_amount)
    set_freight_taxes(change, quote, freight_tax_codes)
    reprice(quote, lines_to_price(change, quote, QuoteLine))


def customer_of(session: Session, token: str) -> Viewer | None:
    """Return the customer whose token it is, None where the token is of no quote that is open or won."""
    standing = col(Quote.status).in_((QuoteStatus.ACTIVE, QuoteStatus.WON))
    statement = select(Quote.id, Quote.number).where(Quote.token_digest == digest_of(token, b""), standing)
    found = session.exec(statement).first()
    return None if found is None else Viewer(found[0], f"Customer of {found[1]}", Role.CUSTOMER)


def require_dates(quote: Quote) -> None:
    """Refuse a quote that would end before it begins.

    Raises:
        Invalid: valid until lies before effective from.
    """
    if quote.valid_until and quote.effective_from and quote.valid_until < quote.effective_from:
        message = f"validUntil {quote.valid_until} lies before effectiveFrom {quote.effective_from}."
        raise Invalid(message, path=("input", "validUntil"), code="INVALID_DATES")
