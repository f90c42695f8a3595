"""How does a record of the chain come into being without another before it?"""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Annotated
from uuid import UUID

from sqlmodel import select

from models.account import Account, Contact, CustomerStatus, require_active
from models.conversion.customer import PriceListId, customer
from models.conversion.duplicates import DuplicateCandidate, duplicates_of
from models.document import freeze, require_money, tax_rules
from models.errors import Invalid
from models.lead import Lead, LeadSource, LeadStatus, require_reachable
from models.lifecycle import KEEP, Change, Made, Reference, Verbatim, transition
from models.matching import match_email, match_phone, require_mailbox
from models.opportunity import (
    Opportunity,
    OpportunityStatus,
    RevenueMode,
    begin_visit,
    first_stage,
    set_probability,
)
from models.price_list import put_price_list

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
    """A lead, and the records that look the same."""

    duplicates: Annotated[
        list[DuplicateCandidate] | None,
        "Active accounts and contacts and open leads that look the same, best match first.",
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

    The same external id of the same source answers with the lead that it made the first time. Records that
    look the same are returned, and block nothing. A lead of a known customer belongs to the user who looks
    after the customer, any other one to whoever took it in.
    """
    # An empty field of a form is no id: two such leads are two.
    external_id = external_id or None
    if external_id is not None:
        known = select(Lead).where(Lead.source == source, Lead.external_id == external_id)
        before = change.session.exec(known).one_or_none()
        if before is not None:
            return MadeLead(before, already_done=True, duplicates=duplicates_of(change, before))
    lead = change.new(
        Lead,
        chain_id=change.begin_chain(),
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
        currency_code=currency_code or change.moment.organization.currency_code,
        budget=budget,
        estimated_value=estimated_value,
        timeframe=timeframe,
        need=need,
    )
    require_reachable(lead)
    duplicates = duplicates_of(change, lead)
    customers = [each.record for each in duplicates if isinstance(each.record, Account | Contact)]
    lead.owner_id = next((each.owner_id for each in customers if each.owner_id), change.viewer.id)
    return MadeLead(change.add(lead, status=LeadStatus.OPEN, reason="NEW"), duplicates=duplicates)


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
        require_active(change.find(Account, account_id, ("input", "accountId")), ("input", "accountId"))
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
    price_list_id: PriceListId = KEEP,
    estimated_revenue: Annotated[
        Decimal | None, "Typed revenue; left out, it is computed from the lines."
    ] = None,
    estimated_close_on: Annotated[date | None, "The day it should be closed by."] = None,
    budget: Budget = None,
    timeframe: Timeframe = None,
    need: Need = None,
    pipeline_id: Annotated[
        UUID | None, Reference("pipeline"), "The pipeline it goes through; the default one where left out."
    ] = None,
    probability: Annotated[int | None, "Percent; the first stage's where left out."] = None,
) -> Opportunity:
    """Open an opportunity for a customer. It starts in the first stage of its pipeline."""
    buyer = customer(change, "an opportunity", account_id, contact_id, currency_code)
    if not name:
        message = "An opportunity needs a name."
        raise Invalid(message, path=("input", "name"))
    opportunity = change.new(
        Opportunity,
        **buyer.columns,
        chain_id=change.begin_chain(),
        owner_id=change.viewer.id,
        name=name,
        budget=budget,
        timeframe=timeframe,
        need=need,
        estimated_close_on=estimated_close_on,
        **first_stage(change, pipeline_id),
    )
    put_price_list(change, opportunity, price_list_id)
    if probability is not None:
        set_probability(change, opportunity, probability)
    return open_opportunity(change, opportunity, estimated_revenue)


def open_opportunity(
    change: Change, opportunity: Opportunity, estimated_revenue: Decimal | None
) -> Opportunity:
    """Write a new opportunity with its revenue typed, or computed where there is none."""
    require_money(opportunity.budget, "budget", opportunity.currency_code)
    require_money(estimated_revenue, "estimated_revenue", opportunity.currency_code)
    typed = estimated_revenue is not None
    opportunity.revenue_mode = RevenueMode.USER_PROVIDED if typed else RevenueMode.SYSTEM_CALCULATED
    opportunity.estimated_revenue = estimated_revenue or Decimal(0)
    for name, value in tax_rules(change.moment.organization).items():
        setattr(opportunity, name, value)
    freeze(change, opportunity)
    change.add(opportunity, status=OpportunityStatus.OPEN, reason="IN_PROGRESS")
    begin_visit(change, opportunity)
    return opportunity
