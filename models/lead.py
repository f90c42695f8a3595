"""Is there interest, and the means to buy? Leads."""

from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Annotated, ClassVar
from uuid import UUID

from sqlalchemy import UniqueConstraint
from sqlmodel import Field, Index

from models.document import ChainRecord, require_money
from models.errors import Invalid
from models.lifecycle import KEEP, Change, Kept, kept, transition
from models.money import Amount
from models.record import Identifier, Instant, Part, choice
from models.status import reason_key


class LeadStatus(StrEnum):
    """The states of a lead."""

    OPEN = "OPEN"
    QUALIFIED = "QUALIFIED"
    DISQUALIFIED = "DISQUALIFIED"


class LeadSource(StrEnum):
    """How a lead reached us."""

    WEB_FORM = "WEB_FORM"
    EMAIL = "EMAIL"
    BUSINESS_CARD = "BUSINESS_CARD"
    TRADE_SHOW = "TRADE_SHOW"
    REFERRAL = "REFERRAL"
    PHONE = "PHONE"
    AUTOMATED = "AUTOMATED"
    IMPORT = "IMPORT"
    OTHER = "OTHER"


class Lead(ChainRecord, table=True):
    """Someone who may want to buy: a person, a company, or both."""

    __tablename__ = "lead"
    __table_args__ = (
        reason_key(),
        # The same item of a source is taken in once.
        UniqueConstraint("source", "external_id"),
        Index("ix_lead_account_id_id", "account_id", "id"),
        Index("ix_lead_created_at_id", "created_at", "id"),
        Index("ix_lead_updated_at_id", "updated_at", "id"),
    )

    read_only: ClassVar[frozenset[StrEnum]] = frozenset({LeadStatus.QUALIFIED, LeadStatus.DISQUALIFIED})

    status: LeadStatus = Field(sa_type=choice(LeadStatus))
    source: LeadSource = Field(sa_type=choice(LeadSource))
    external_id: str | None = Field(default=None, max_length=200)
    # What the source sent, unchanged.
    raw_payload: str | None = Field(default=None, max_length=65_536)
    topic: str = Field(max_length=300)
    first_name: str | None = Field(default=None, max_length=100)
    last_name: str | None = Field(default=None, max_length=100)
    company_name: str | None = Field(default=None, max_length=160)
    job_title: str | None = Field(default=None, max_length=100)
    email: str | None = Field(default=None, max_length=254)
    phone: str | None = Field(default=None, max_length=40)
    website: str | None = Field(default=None, max_length=200)
    # What duplicates are found by: the company without case and legal form, the phone's digits.
    match_name: str | None = Field(default=None, max_length=160, index=True)
    match_email: str | None = Field(default=None, max_length=254, index=True)
    match_phone: str | None = Field(default=None, max_length=40, index=True)
    currency_code: str = Field(max_length=3)
    budget: Decimal | None = Field(default=None, sa_type=Amount)
    estimated_value: Decimal | None = Field(default=None, sa_type=Amount)
    timeframe: str | None = Field(default=None, max_length=100)
    need: str | None = Field(default=None, max_length=2000)
    # The latest evidence on each of the two questions; null while nobody has asked.
    is_interest_confirmed: bool | None = None
    is_purchasing_power_confirmed: bool | None = None
    qualified_at: datetime | None = Field(default=None, sa_type=Instant)


class EvidenceKind(StrEnum):
    """What a piece of evidence speaks to."""

    INTEREST = "INTEREST"
    PURCHASING_POWER = "PURCHASING_POWER"


class LeadEvidence(Part, table=True):
    """What was learnt about a lead's interest or purchasing power, and when."""

    __tablename__ = "lead_evidence"
    __table_args__ = (Index("ix_lead_evidence_lead_id_id", "lead_id", "id"),)
    part_of: ClassVar[str] = "lead_id"
    seen_through: ClassVar[str | None] = "lead_id"

    lead_id: UUID = Field(foreign_key="lead.id", sa_type=Identifier)
    kind: EvidenceKind = Field(sa_type=choice(EvidenceKind))
    is_confirmed: bool
    note: str | None = Field(default=None, max_length=2000)


@transition(
    Lead,
    event="lead.qualification_recorded",
    sources=(LeadStatus.OPEN,),
    when_read_only="RECORD_READ_ONLY",
)
def record_qualification(
    change: Change,
    lead: Lead,
    *,
    interest: Annotated[
        bool | None, "Whether interest is confirmed; left out, nothing was learnt about it."
    ] = None,
    purchasing_power: Annotated[
        bool | None, "Whether purchasing power is confirmed; left out, nothing was learnt about it."
    ] = None,
    note: Annotated[str | None, "How it was learnt; at most 2,000 characters."] = None,
    budget: Annotated[Decimal | Kept | None, "What the customer can spend."] = KEEP,
    timeframe: Annotated[str | Kept | None, "When the customer wants to buy, in words."] = KEEP,
    need: Annotated[str | Kept | None, "What the customer needs."] = KEEP,
) -> None:
    """Write down what was learnt about a lead's interest and purchasing power.

    Both have to be confirmed before qualifyLead. Each call keeps its evidence; the latest counts.
    """
    if interest is None and purchasing_power is None:
        message = "Pass interest or purchasingPower: there is nothing to record."
        raise Invalid(message, path=("input", "interest"))
    answers = ((EvidenceKind.INTEREST, interest), (EvidenceKind.PURCHASING_POWER, purchasing_power))
    for kind, is_confirmed in answers:
        if is_confirmed is not None:
            change.add(
                change.new(LeadEvidence, lead_id=lead.id, kind=kind, is_confirmed=is_confirmed, note=note)
            )
    lead.is_interest_confirmed = lead.is_interest_confirmed if interest is None else interest
    if purchasing_power is not None:
        lead.is_purchasing_power_confirmed = purchasing_power
    lead.budget = kept(budget, lead.budget)
    require_money(lead.budget, "budget", lead.currency_code)
    lead.timeframe = kept(timeframe, lead.timeframe)
    lead.need = kept(need, lead.need)
    change.tell(lead, note=note)


@transition(
    Lead,
    event="lead.reactivated",
    sources=(LeadStatus.DISQUALIFIED,),
    target=LeadStatus.OPEN,
    reason="NEW",
)
def reactivate_lead(
    change: Change, lead: Lead, *, note: Annotated[str | None, "Why, in words."] = None
) -> None:
    """Take a disqualified lead up again (Dataverse: SetState to Open).

    Why it was given up stays in its history.
    """
    change.tell(lead, note=note)
