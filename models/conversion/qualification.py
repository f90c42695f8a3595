"""How does a lead become a customer with an opportunity, or go no further?"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated, TypeVar
from uuid import UUID

from sqlalchemy import ColumnElement, update
from sqlmodel import col, or_, select

from models.access import visible_to
from models.account import Account, Contact, CustomerStatus
from models.conversion.opening import first_stage, open_opportunity
from models.errors import Duplicate, Invalid
from models.event import Event
from models.lead import Lead, LeadStatus
from models.lifecycle import Change, Fact, Reference, Seen, guard, transition
from models.matching import match_email, match_name, match_phone
from models.numbering import next_number
from models.opportunity import Opportunity, OpportunityStatus

R = TypeVar("R", Account, Contact)


class CustomerChoice(StrEnum):
    """What qualifying does about the account, or the contact."""

    CREATE = "CREATE"
    LINK = "LINK"
    NONE = "NONE"


class OpportunityChoice(StrEnum):
    """Whether qualifying opens an opportunity."""

    CREATE = "CREATE"
    NONE = "NONE"


class OnDuplicate(StrEnum):
    """What happens when a customer that looks the same exists."""

    FAIL = "FAIL"
    LINK = "LINK"
    CREATE_ANYWAY = "CREATE_ANYWAY"


@dataclass
class Qualified:
    """What qualifying a lead made or linked."""

    account: Annotated[Account | None, "The account that was made or linked."]
    contact: Annotated[Contact | None, "The contact that was made or linked."]
    opportunity: Annotated[Opportunity | None, "The opportunity that was opened."]


@guard(
    "NOT_QUALIFIABLE", "is_interest_confirmed", "is_purchasing_power_confirmed", path=("input", "override")
)
def both_confirmed(seen: Seen) -> str | None:
    """Interest and purchasing power are both confirmed, unless overridden with a reason."""
    if seen.arguments.get("override"):
        return None
    missing = [
        words
        for words, confirmed in (
            ("interest", seen.is_interest_confirmed),
            ("purchasing power", seen.is_purchasing_power_confirmed),
        )
        if not confirmed
    ]
    if not missing:
        return None
    return (
        f"The lead's {' and '.join(missing)} {'is' if len(missing) == 1 else 'are'} not confirmed: "
        "recordQualification confirms it, or pass a reason as override."
    )


def _recall(change: Change, lead: Lead) -> Qualified:
    """Return what qualifying the lead made the first time."""
    session = change.session
    opportunity = session.exec(select(Opportunity).where(Opportunity.lead_id == lead.id)).one_or_none()
    account = None if lead.account_id is None else session.get(Account, lead.account_id)
    contact = None if lead.contact_id is None else session.get(Contact, lead.contact_id)
    return Qualified(account, contact, opportunity)


@transition(
    Lead,
    event="lead.qualified",
    sources=(LeadStatus.OPEN,),
    target=LeadStatus.QUALIFIED,
    reason="QUALIFIED",
    guards=(both_confirmed,),
    again=(LeadStatus.QUALIFIED,),
    recall=_recall,
)
def qualify_lead(
    change: Change,
    lead: Lead,
    *,
    account: Annotated[
        CustomerChoice, "Make an account from the lead's company, link accountId, or neither."
    ] = (CustomerChoice.CREATE),
    account_id: Annotated[UUID | None, Reference("account"), "The account to link."] = None,
    contact: Annotated[
        CustomerChoice, "Make a contact from the lead's person, link contactId, or neither."
    ] = (CustomerChoice.CREATE),
    contact_id: Annotated[UUID | None, Reference("contact"), "The contact to link."] = None,
    opportunity: Annotated[OpportunityChoice, "Whether an opportunity is opened."] = OpportunityChoice.CREATE,
    on_duplicate: Annotated[
        OnDuplicate, "What to do when a customer that looks the same exists."
    ] = OnDuplicate.FAIL,
    override: Annotated[
        str | None, "Why the lead is qualified without both confirmations; kept as a note."
    ] = None,
) -> Qualified:
    """Turn a lead into an account, a contact and an opportunity, any subset of them (Dataverse: QualifyLead).

    A lead without a company makes no account, one without a last name no contact. The lead is read-only
    afterwards; a second call answers with what the first one made.
    """
    chosen_account = _account(change, lead, account, account_id, on_duplicate)
    chosen_contact = _contact(change, lead, contact, contact_id, on_duplicate, chosen_account)
    if chosen_account is None and chosen_contact is not None and chosen_contact.account_id is not None:
        chosen_account = change.find(Account, chosen_contact.account_id, ("input", "contactId"))
    lead.account_id = None if chosen_account is None else chosen_account.id
    lead.contact_id = None if chosen_contact is None else chosen_contact.id
    lead.qualified_at = change.now
    change.tell(lead, note=override)
    _adopt_story(change, lead)
    opened = _opportunity(change, lead) if opportunity is OpportunityChoice.CREATE else None
    return Qualified(chosen_account, chosen_contact, opened)


def _account(
    change: Change, lead: Lead, choice: CustomerChoice, key: UUID | None, on_duplicate: OnDuplicate
) -> Account | None:
    """Return the account to link, found or made."""
    if choice is CustomerChoice.LINK:
        return change.find(Account, _required(key, "accountId"), ("input", "accountId"))
    name = match_name(lead.company_name)
    if choice is CustomerChoice.NONE or not lead.company_name or name is None:
        return None
    if on_duplicate is not OnDuplicate.CREATE_ANYWAY:
        candidates = _visible(change, Account, col(Account.match_name) == name)
        if candidates:
            return _linked(candidates, on_duplicate, f"An account named like {lead.company_name!r} exists")
    return change.add(
        change.new(
            Account,
            number=next_number(change.session, "A", change.moment.today.year),
            name=lead.company_name,
            match_name=name,
            email=lead.email,
            phone=lead.phone,
            website=lead.website,
            currency_code=lead.currency_code,
            owner_id=lead.owner_id,
        ),
        status=CustomerStatus.ACTIVE,
        reason="ACTIVE",
    )


def _contact(  # noqa: PLR0917  # The choices of qualifyLead for one customer.
    change: Change,
    lead: Lead,
    choice: CustomerChoice,
    key: UUID | None,
    on_duplicate: OnDuplicate,
    account: Account | None,
) -> Contact | None:
    """Return the contact to link, found or made."""
    if choice is CustomerChoice.LINK:
        return change.find(Contact, _required(key, "contactId"), ("input", "contactId"))
    if choice is CustomerChoice.NONE or not lead.last_name:
        return None
    if on_duplicate is not OnDuplicate.CREATE_ANYWAY:
        same = [
            col(Contact.email) == match_email(lead.email),
            col(Contact.match_phone) == match_phone(lead.phone),
        ]
        known = [
            each for each, value in zip(same, (lead.email, match_phone(lead.phone)), strict=True) if value
        ]
        candidates = _visible(change, Contact, or_(*known)) if known else []
        if candidates:
            return _linked(candidates, on_duplicate, "A contact with the lead's e-mail or phone exists")
    return change.add(
        change.new(
            Contact,
            account_id=None if account is None else account.id,
            first_name=lead.first_name,
            last_name=lead.last_name,
            job_title=lead.job_title,
            email=match_email(lead.email),
            phone=lead.phone,
            match_phone=match_phone(lead.phone),
            owner_id=lead.owner_id,
        ),
        status=CustomerStatus.ACTIVE,
        reason="ACTIVE",
    )


def _adopt_story(change: Change, lead: Lead) -> None:
    """Give the account what the chain told before there was one: its history begins with the first word."""
    change.flush()
    told_before = update(Event).where(col(Event.chain_id) == lead.chain_id, col(Event.account_id).is_(None))
    change.session.execute(told_before.values(account_id=lead.account_id))


def _opportunity(change: Change, lead: Lead) -> Opportunity:
    """Open the opportunity of a qualified lead: topic, budget, timeframe, need and value come along."""
    if lead.account_id is None and lead.contact_id is None:
        message = (
            "An opportunity needs a customer: create or link an account or contact, or pass opportunity NONE."
        )
        raise Invalid(message, path=("input", "opportunity"), code="CUSTOMER_REQUIRED")
    return open_opportunity(
        change,
        change.new(
            Opportunity,
            chain_id=lead.chain_id,
            account_id=lead.account_id,
            contact_id=lead.contact_id,
            owner_id=lead.owner_id,
            lead_id=lead.id,
            name=lead.topic,
            currency_code=lead.currency_code,
            budget=lead.budget,
            timeframe=lead.timeframe,
            need=lead.need,
            **first_stage(change),
        ),
        lead.estimated_value,
    )


def _required(key: UUID | None, name: str) -> UUID:
    """Return the id that LINK needs."""
    if key is None:
        message = f"LINK needs {name}."
        raise Invalid(message, path=("input", name))
    return key


def _visible(change: Change, table: type[R], condition: ColumnElement[bool]) -> list[R]:
    """Return the active customers that meet a condition and that the viewer sees, oldest first."""
    statement = (
        select(table)
        .where(condition, table.status == CustomerStatus.ACTIVE)
        .order_by(col(table.id))
        .limit(10)
    )
    rule = visible_to(change.viewer, table)
    return list(change.session.exec(statement if rule is None else statement.where(rule)).all())


def _linked(candidates: list[R], on_duplicate: OnDuplicate, situation: str) -> R:
    """Return the best candidate, or refuse with all of them."""
    if on_duplicate is OnDuplicate.LINK:
        return candidates[0]
    message = f"{situation}: link it, pass onDuplicate LINK, or CREATE_ANYWAY."
    raise Duplicate(message, [(each.noun(), each.id) for each in candidates])


has_open_opportunity = Fact(
    "has_open_opportunity",
    lambda lead: (
        select(Opportunity.id)
        .where(Opportunity.lead_id == lead.id, Opportunity.status == OpportunityStatus.OPEN)
        .exists()
    ),
)


@guard("HAS_OPPORTUNITY", has_open_opportunity)
def no_open_opportunity(seen: Seen) -> str | None:
    """No open opportunity came from the lead."""
    if not seen.has_open_opportunity:
        return None
    return "An open opportunity came from this lead: loseOpportunity closes it first."


@transition(
    Lead,
    event="lead.disqualified",
    sources=(LeadStatus.OPEN,),
    guards=(no_open_opportunity,),
    target=LeadStatus.DISQUALIFIED,
)
def disqualify_lead(
    change: Change,
    lead: Lead,
    *,
    reason: Annotated[str, "Code of a status reason of DISQUALIFIED, for example LOST or CANNOT_CONTACT."],
    note: Annotated[str | None, "Why, in words."] = None,
) -> None:
    """Give a lead up (Dataverse: SetState to Disqualified).

    It stays readable, and reactivateLead brings it back.
    """
    change.become(lead, LeadStatus.DISQUALIFIED, change.reason("lead", LeadStatus.DISQUALIFIED, reason))
    change.tell(lead, note=note)
