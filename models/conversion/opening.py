"""How does a record of the chain come into being without another before it?"""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Annotated
from uuid import UUID

from sqlmodel import col, or_, select

from models.access import visible_to
from models.account import Account, Contact, CustomerStatus
from models.document import require_currency, require_money
from models.errors import Invalid
from models.lead import Lead, LeadSource, LeadStatus
from models.lifecycle import Change, Made, Reference, Verbatim, transition
from models.matching import match_email, match_name, match_phone, require_mailbox
from models.opportunity import Opportunity, OpportunityStatus, RevenueMode, Stage

# Candidates are for people to look at: more than ten tell nothing.
_MOST_DUPLICATES = 10
# A topic that is made from the names is cut to what its column holds.
_LONGEST_TOPIC = 300

Topic = Annotated[str | None, "What it is about; made from the names where it is left out."]
FirstName = Annotated[str | None, "First name of the person."]
LastName = Annotated[str | None, "Last name of the person; a lead needs it or a company."]
CompanyName = Annotated[str | None, "Name of the company; a lead needs it or a last name."]
JobTitle = Annotated[str | None, "What the person does there."]
Email = Annotated[str | None, "E-mail address; a lead needs it or a phone number."]
Phone = Annotated[str | None, "Phone number as people write it; a lead needs it or an e-mail address."]
Website = Annotated[str | None, "Web site of the company."]
CurrencyCode = Annotated[str | None, "ISO 4217 currency of its amounts; the organisation's where left out."]
Budget = Annotated[Decimal | None, "What the customer can spend."]
EstimatedValue = Annotated[Decimal | None, "What the deal may be worth."]
Timeframe = Annotated[str | None, "When the customer wants to buy, in words."]
Need = Annotated[str | None, "What the customer needs."]


@dataclass
class MadeLead(Made):
    """A lead, and the leads that look the same."""

    duplicates: Annotated[
        list[Lead] | None, "Open leads that look the same: same mailbox, phone or company."
    ] = None


@transition(Lead, event="lead.captured")
def capture_lead(
    change: Change,
    *,
    source: Annotated[LeadSource, "Where it came from."],
    external_id: Annotated[
        str | None, "The source's own id; the same one again answers with the first lead."
    ] = None,
    raw_payload: Annotated[
        str | None, Verbatim(), "What the source sent, kept unchanged; at most 65,536 characters."
    ] = None,
    topic: Topic = None,
    first_name: FirstName = None,
    last_name: LastName = None,
    company_name: CompanyName = None,
    job_title: JobTitle = None,
    email: Email = None,
    phone: Phone = None,
    website: Website = None,
    currency_code: CurrencyCode = None,
    budget: Budget = None,
    estimated_value: EstimatedValue = None,
    timeframe: Timeframe = None,
    need: Need = None,
) -> MadeLead:
    """Take in a lead from a source: a web form, an e-mail, a business card, a trade show, an import.

    The same external id of the same source answers with the lead that it made the first time. Leads that
    look the same are returned, and block nothing.
    """
    # An empty field of a form is no id: two such leads are two.
    external_id = external_id or None
    if external_id is not None:
        known = select(Lead).where(Lead.source == source, Lead.external_id == external_id)
        before = change.session.exec(known).one_or_none()
        if before is not None:
            return MadeLead(before, already_done=True, duplicates=_duplicates(change, before))
    lead = change.new(
        Lead,
        chain_id=change.begin_chain(),
        owner_id=change.viewer.id,
        source=source,
        external_id=external_id,
        raw_payload=raw_payload,
        topic=topic or ", ".join(filter(None, (company_name, last_name)))[:_LONGEST_TOPIC],
        first_name=first_name,
        last_name=last_name,
        company_name=company_name,
        job_title=job_title,
        email=email,
        phone=phone,
        website=website,
        match_name=match_name(company_name),
        match_email=match_email(email),
        match_phone=match_phone(phone),
        currency_code=require_currency(currency_code or change.moment.organization.currency_code),
        budget=budget,
        estimated_value=estimated_value,
        timeframe=timeframe,
        need=need,
    )
    _check(lead)
    change.add(lead, status=LeadStatus.OPEN, reason="NEW")
    change.flush()
    return MadeLead(lead, duplicates=_duplicates(change, lead))


@transition(Lead, event="lead.created")
def create_lead(
    change: Change,
    *,
    source: Annotated[LeadSource, "Where it came from."] = LeadSource.OTHER,
    topic: Topic = None,
    first_name: FirstName = None,
    last_name: LastName = None,
    company_name: CompanyName = None,
    job_title: JobTitle = None,
    email: Email = None,
    phone: Phone = None,
    website: Website = None,
    currency_code: CurrencyCode = None,
    budget: Budget = None,
    estimated_value: EstimatedValue = None,
    timeframe: Timeframe = None,
    need: Need = None,
) -> MadeLead:
    """Write down a lead by hand."""
    return capture_lead(
        change,
        source=source,
        topic=topic,
        first_name=first_name,
        last_name=last_name,
        company_name=company_name,
        job_title=job_title,
        email=email,
        phone=phone,
        website=website,
        currency_code=currency_code,
        budget=budget,
        estimated_value=estimated_value,
        timeframe=timeframe,
        need=need,
    )


@transition(Contact, event="contact.created")
def create_contact(
    change: Change,
    *,
    last_name: Annotated[str, "Last name."],
    first_name: FirstName = None,
    account_id: Annotated[UUID | None, Reference("account"), "The account that the person works for."] = None,
    job_title: JobTitle = None,
    email: Annotated[str | None, "E-mail address."] = None,
    phone: Annotated[str | None, "Phone number as people write it."] = None,
) -> Contact:
    """Write down a person at a customer, or a customer in person."""
    if not last_name:
        message = "A contact needs a last name."
        raise Invalid(message, path=("input", "lastName"))
    require_mailbox(email)
    if account_id is not None:
        change.find(Account, account_id, ("input", "accountId"))
    return change.add(
        change.new(
            Contact,
            account_id=account_id,
            first_name=first_name,
            last_name=last_name,
            job_title=job_title,
            email=match_email(email),
            phone=phone,
            match_phone=match_phone(phone),
            owner_id=change.viewer.id,
        ),
        status=CustomerStatus.ACTIVE,
        reason="ACTIVE",
    )


@transition(Opportunity, event="opportunity.created")
def create_opportunity(
    change: Change,
    *,
    name: Annotated[str, "What it is about: Dynamics' topic."],
    account_id: Annotated[UUID | None, Reference("account"), "The organisation that may buy."] = None,
    contact_id: Annotated[UUID | None, Reference("contact"), "The person to talk to, or who may buy."] = None,
    currency_code: Annotated[str | None, "ISO 4217; the account's currency where left out."] = None,
    estimated_revenue: Annotated[
        Decimal | None, "Typed revenue; left out, it is computed from the lines."
    ] = None,
    estimated_close_on: Annotated[date | None, "The day it should be closed by."] = None,
    budget: Budget = None,
    timeframe: Timeframe = None,
    need: Need = None,
) -> Opportunity:
    """Open an opportunity for a customer. It starts in the first stage."""
    contact = None if contact_id is None else change.find(Contact, contact_id, ("input", "contactId"))
    if account_id is None and contact is not None:
        account_id = contact.account_id
    account = None if account_id is None else change.find(Account, account_id, ("input", "accountId"))
    if account is None and contact is None:
        message = "An opportunity needs a customer: pass accountId or contactId; createContact makes one."
        raise Invalid(message, path=("input", "accountId"), code="CUSTOMER_REQUIRED")
    if not name:
        message = "An opportunity needs a name."
        raise Invalid(message, path=("input", "name"))
    default = change.moment.organization.currency_code if account is None else account.currency_code
    return open_opportunity(
        change,
        change.new(
            Opportunity,
            chain_id=change.begin_chain(),
            account_id=account_id,
            contact_id=contact_id,
            owner_id=change.viewer.id,
            name=name,
            currency_code=require_currency(currency_code or default),
            budget=budget,
            timeframe=timeframe,
            need=need,
            estimated_close_on=estimated_close_on,
            **first_stage(change),
        ),
        estimated_revenue,
    )


def open_opportunity(
    change: Change, opportunity: Opportunity, estimated_revenue: Decimal | None
) -> Opportunity:
    """Write a new opportunity with its revenue typed, or computed where there is none."""
    require_money(opportunity.budget, "budget", opportunity.currency_code)
    require_money(estimated_revenue, "estimated_revenue", opportunity.currency_code)
    typed = estimated_revenue is not None
    opportunity.revenue_mode = RevenueMode.USER_PROVIDED if typed else RevenueMode.SYSTEM_CALCULATED
    opportunity.estimated_revenue = estimated_revenue or Decimal(0)
    return change.add(opportunity, status=OpportunityStatus.OPEN, reason="IN_PROGRESS")


def first_stage(change: Change) -> dict[str, object]:
    """Return the columns of an opportunity in the first stage."""
    stage = change.session.exec(select(Stage).order_by(col(Stage.position)).limit(1)).one()
    return {
        "stage_id": stage.id,
        "stage_entered_at": change.now,
        "probability": stage.probability,
        "forecast_category": stage.forecast_category,
    }


def _check(lead: Lead) -> None:
    """Refuse a lead that nobody could reach.

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
    require_money(lead.budget, "budget", lead.currency_code)
    require_money(lead.estimated_value, "estimated_value", lead.currency_code)


def _duplicates(change: Change, lead: Lead) -> list[Lead]:
    """Return the open leads, at most ten, that share a mailbox, a phone number or a company with a lead."""
    names = ("match_email", "match_phone", "match_name")
    same = [getattr(Lead, name) == value for name in names if (value := getattr(lead, name)) is not None]
    if not same:
        return []
    statement = select(Lead).where(or_(*same), Lead.id != lead.id, Lead.status == LeadStatus.OPEN)
    condition = visible_to(change.viewer, Lead)
    if condition is not None:
        statement = statement.where(condition)
    return list(change.session.exec(statement.order_by(col(Lead.id)).limit(_MOST_DUPLICATES)).all())
