"""Is there interest, and the means to buy? Leads."""

from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Annotated, ClassVar
from uuid import UUID

from sqlalchemy import UniqueConstraint
from sqlmodel import Field, Index

from models.document import ChainRecord, require_currency, require_money
from models.errors import Invalid
from models.lifecycle import KEEP, Change, Kept, kept, transition
from models.matching import match_email, match_name, match_phone, require_mailbox
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

    filtered: ClassVar[tuple[str, ...]] = ("source", "company_name", "last_name", "email", "estimated_value")
    ordered_by_status: ClassVar[tuple[str, ...]] = ("created_at", "updated_at")
    titled: ClassVar[tuple[str, ...]] = ("topic", "company_name", "first_name", "last_name")
    searched: ClassVar[tuple[str, ...]] = ("email", "phone", "job_title", "website", "need")
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
    # What qualifying made, as opposed to linked: what undoing puts aside, and qualifying again brings back.
    made_account_id: UUID | None = Field(
        default=None, foreign_key="account.id", sa_type=Identifier, unique=True
    )
    made_contact_id: UUID | None = Field(
        default=None, foreign_key="contact.id", sa_type=Identifier, unique=True
    )
    # The lead that this one was a duplicate of.
    merged_into_id: UUID | None = Field(default=None, foreign_key="lead.id", sa_type=Identifier, index=True)


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


@transition(Lead, event="lead.updated", sources=(LeadStatus.OPEN,), when_read_only="RECORD_READ_ONLY")
def update_lead(
    change: Change,
    lead: Lead,
    *,
    topic: Annotated[str | Kept, "What it is about."] = KEEP,
    first_name: Annotated[str | Kept | None, "First name of the person."] = KEEP,
    last_name: Annotated[str | Kept | None, "Last name of the person; a lead needs it or a company."] = KEEP,
    company_name: Annotated[str | Kept | None, "Name of the company; a lead needs it or a last name."] = KEEP,
    job_title: Annotated[str | Kept | None, "What the person does there."] = KEEP,
    email: Annotated[str | Kept | None, "E-mail address; a lead needs it or a phone number."] = KEEP,
    phone: Annotated[str | Kept | None, "Phone number; a lead needs it or an e-mail address."] = KEEP,
    website: Annotated[str | Kept | None, "Web site of the company."] = KEEP,
    currency_code: Annotated[str | Kept, "ISO 4217 currency of its amounts."] = KEEP,
    budget: Annotated[Decimal | Kept | None, "What the customer can spend."] = KEEP,
    estimated_value: Annotated[Decimal | Kept | None, "What the deal may be worth."] = KEEP,
    timeframe: Annotated[str | Kept | None, "When the customer wants to buy, in words."] = KEEP,
    need: Annotated[str | Kept | None, "What the customer needs."] = KEEP,
) -> None:
    """Change what is known of an open lead. What is left out stays; its event tells the difference."""
    if topic == "":
        message = "A lead needs a topic."
        raise Invalid(message, path=("input", "topic"))
    given = {
        "topic": topic,
        "first_name": first_name,
        "last_name": last_name,
        "company_name": company_name,
        "job_title": job_title,
        "email": email,
        "phone": phone,
        "website": website,
        "currency_code": currency_code,
        "budget": budget,
        "estimated_value": estimated_value,
        "timeframe": timeframe,
        "need": need,
    }
    for name, value in given.items():
        setattr(lead, name, kept(value, getattr(lead, name)))
    require_reachable(lead)
    change.tell(lead)


def require_reachable(lead: Lead) -> None:
    """Refuse a lead that nobody could reach, and note what its duplicates are found by.

    Raises:
        Invalid: neither last name nor company, neither e-mail nor phone, or a value that cannot be.
    """
    if not (lead.last_name or lead.company_name):
        message = "A lead needs a lastName or a companyName."
        raise Invalid(message, path=("input", "lastName"))
    if not (lead.email or lead.phone):
        message = "A lead needs an email or a phone, so that somebody can answer it."
        raise Invalid(message, path=("input", "email"))
    require_mailbox(lead.email)
    require_currency(lead.currency_code)
    require_money(lead.budget, "budget", lead.currency_code)
    require_money(lead.estimated_value, "estimated_value", lead.currency_code)
    lead.match_name = match_name(lead.company_name)
    lead.match_email = match_email(lead.email)
    lead.match_phone = match_phone(lead.phone)


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

    Why it was given up stays in its history. One that was merged into another stands on its own again.
    """
    lead.merged_into_id = None
    change.tell(lead, note=note)
