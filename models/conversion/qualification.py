"""How does a lead become a customer with an opportunity?"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated, Any, TypeVar
from uuid import UUID

from sqlalchemy import bindparam, update
from sqlmodel import col, select

from models.account import Account, Contact, CustomerStatus, require_active
from models.activity import Activity
from models.annotation import Note
from models.conversion.closing import reopen_opportunity
from models.conversion.duplicates import DuplicateCandidate, duplicates_of, listed, refused
from models.conversion.opening import open_opportunity
from models.document import freeze
from models.errors import Blocker, Duplicate, Invalid
from models.event import Event
from models.lead import Lead, LeadStatus
from models.lifecycle import Change, Loading, Reference, Seen, Writing, guard, perform, transition
from models.numbering import next_number
from models.opportunity import Opportunity, OpportunityLine, OpportunityStatus, RevenueMode, first_stage
from models.price_list import default_price_list
from models.record import KEY, Identifier
from models.status import Staged

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
    opportunity: Opportunity | None = _OF_LEAD.one(session, key=lead.id)
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
    afterwards; a second call answers with what the first one made. After undoQualifyLead it brings back what
    the first qualification made.
    """
    makes_account = account is CustomerChoice.CREATE and lead.match_name is not None
    makes_contact = contact is CustomerChoice.CREATE and bool(lead.last_name)
    alike = _alike(change, lead, on_duplicate, makes_account=makes_account, makes_contact=makes_contact)
    chosen_account = _linked(change, Account, account, account_id, alike)
    if makes_account and chosen_account is None:
        chosen_account = _made_account(change, lead)
    chosen_contact = _linked(change, Contact, contact, contact_id, alike)
    if makes_contact and chosen_contact is None:
        chosen_contact = _made_contact(change, lead, chosen_account)
    if chosen_account is None and chosen_contact is not None and chosen_contact.account_id is not None:
        path = ("input", "contactId")
        chosen_account = require_active(change.find(Account, chosen_contact.account_id, path), path)
    lead.account_id = None if chosen_account is None else chosen_account.id
    lead.contact_id = None if chosen_contact is None else chosen_contact.id
    lead.qualified_at = change.now
    change.tell(lead, note=override)
    _adopt_story(change, lead)
    opened = _opportunity(change, lead) if opportunity is OpportunityChoice.CREATE else None
    return Qualified(chosen_account, chosen_contact, opened)


def _alike(
    change: Change, lead: Lead, on_duplicate: OnDuplicate, *, makes_account: bool, makes_contact: bool
) -> list[DuplicateCandidate]:
    """Return the customers that look like those that are to be made, best match first.

    What an earlier qualification of the lead made is taken up again, and is not looked for.

    Raises:
        Duplicate: there are some, and they are neither to be linked nor to be ignored.
    """
    wanted: list[type[Staged]] = []
    if makes_account and lead.made_account_id is None:
        wanted.append(Account)
    if makes_contact and lead.made_contact_id is None:
        wanted.append(Contact)
    if on_duplicate is OnDuplicate.CREATE_ANYWAY or not wanted:
        return []
    alike = duplicates_of(change, lead, *wanted)
    if alike and on_duplicate is OnDuplicate.FAIL:
        message = (
            f"Customers that look the same exist: {listed(alike)}: link one by its id, or pass onDuplicate "
            "LINK or CREATE_ANYWAY."
        )
        raise Duplicate(message, refused(alike))
    return alike


def _linked(
    change: Change, table: type[R], choice: CustomerChoice, key: UUID | None, alike: list[DuplicateCandidate]
) -> R | None:
    """Return the customer to link: the given one, or the best match where one was looked for."""
    if choice is CustomerChoice.LINK:
        name = f"{table.noun()}Id"
        if key is None:
            message = f"LINK needs {name}."
            raise Invalid(message, path=("input", name))
        return require_active(change.find(table, key, ("input", name)), ("input", name))
    return next((each.record for each in alike if isinstance(each.record, table)), None)


def _made_account(change: Change, lead: Lead) -> Account:
    """Return a new account of the lead's company, or the one that an earlier qualification made."""
    columns: dict[str, Any] = {
        "name": lead.company_name,
        "match_name": lead.match_name,
        "email": lead.email,
        "match_email": lead.match_email,
        "phone": lead.phone,
        "match_phone": lead.match_phone,
        "website": lead.website,
    }
    if lead.made_account_id is not None:
        return _taken_up(change, change.get(Account, lead.made_account_id), columns)
    number = next_number(change, "A")
    account = change.new(
        Account, number=number, currency_code=lead.currency_code, owner_id=lead.owner_id, **columns
    )
    lead.made_account_id = account.id
    return change.add(account, status=CustomerStatus.ACTIVE, reason="ACTIVE")


def _made_contact(change: Change, lead: Lead, account: Account | None) -> Contact:
    """Return a new contact of the lead's person, or the one that an earlier qualification made."""
    columns: dict[str, Any] = {
        "account_id": None if account is None else account.id,
        "first_name": lead.first_name,
        "last_name": lead.last_name,
        "job_title": lead.job_title,
        "email": lead.match_email,
        "phone": lead.phone,
        "match_phone": lead.match_phone,
    }
    if lead.made_contact_id is not None:
        return _taken_up(change, change.get(Contact, lead.made_contact_id), columns)
    contact = change.new(Contact, owner_id=lead.owner_id, **columns)
    lead.made_contact_id = contact.id
    return change.add(contact, status=CustomerStatus.ACTIVE, reason="ACTIVE")


def _taken_up(change: Change, customer: R, columns: Mapping[str, Any]) -> R:
    """Return what an earlier qualification made; what undoing put aside is active again, as the lead says."""
    if customer.status is CustomerStatus.INACTIVE:
        change.become(customer, CustomerStatus.ACTIVE, "ACTIVE")
        change.tell(customer, f"{customer.noun()}.reactivated")
        for name, value in columns.items():
            setattr(customer, name, value)
    return customer


_account: Any = bindparam("account", type_=Identifier)
_of_chain = col(Event.chain_id) == KEY, col(Event.account_id).is_(None)
_ADOPTING = (
    Writing(update(Event.__table__).where(*_of_chain).values(account_id=_account)),  # type: ignore[attr-defined]  # SQLModel sets it.
    Writing(update(Note.__table__).where(col(Note.chain_id) == KEY).values(account_id=_account)),  # type: ignore[attr-defined]  # The same.
)
_elsewhere = col(Activity.account_id).is_distinct_from(_account)
_ELSEWHERE = Loading(select(Activity).where(col(Activity.chain_id) == KEY, _elsewhere), Activity)
_OF_LEAD = Loading(select(Opportunity).where(col(Opportunity.lead_id) == KEY), Opportunity)


def _adopt_story(change: Change, lead: Lead) -> None:
    """Give the account what the chain told before there was one: its history begins with the first word.

    Notes and activities go along to another account, events stay with the one that they told of.
    """
    change.flush()
    told = {"key": lead.chain_id, "account": lead.account_id}
    for adopting in _ADOPTING:
        adopting.send(change.session, told)
    for activity in _ELSEWHERE.all(change.session, **told):
        activity.account_id = lead.account_id
        change.tell(activity, "activity.moved")


def _opportunity(change: Change, lead: Lead) -> Opportunity:
    """Open the opportunity of a qualified lead: topic, budget, timeframe, need and value come along.

    A lead has one opportunity: where it was qualified before, that one goes on.
    """
    if lead.account_id is None and lead.contact_id is None:
        message = (
            "An opportunity needs a customer: create or link an account or contact, or pass opportunity NONE."
        )
        raise Invalid(message, path=("input", "opportunity"), code="CUSTOMER_REQUIRED")
    columns: dict[str, Any] = {
        "account_id": lead.account_id,
        "contact_id": lead.contact_id,
        "owner_id": lead.owner_id,
        "name": lead.topic,
        "budget": lead.budget,
        "timeframe": lead.timeframe,
        "need": lead.need,
    }
    before: Opportunity | None = _OF_LEAD.one(change.session, key=lead.id)
    if before is None:
        opened = change.new(
            Opportunity,
            chain_id=lead.chain_id,
            lead_id=lead.id,
            currency_code=lead.currency_code,
            price_list_id=_price_list(change, lead),
            **columns,
            **first_stage(change),
        )
        return open_opportunity(change, opened, lead.estimated_value)
    if before.status is OpportunityStatus.LOST:
        why = "Its lead was qualified again."
        perform(change, reopen_opportunity, before, asked_by=("input", "opportunity"), reason=why)
        for name, value in columns.items():
            setattr(before, name, value)
        _restate(change, lead, before)
    return before


def _price_list(change: Change, lead: Lead) -> UUID | None:
    """Return the price list of a lead's account, where its prices are in the lead's currency."""
    account = None if lead.account_id is None else change.get(Account, lead.account_id)
    own = None if account is None else account.price_list_id
    return default_price_list(change.session, own, lead.currency_code)


def _restate(change: Change, lead: Lead, opportunity: Opportunity) -> None:
    """Bring an opportunity that goes on to the currency and the value that its lead has now.

    Raises:
        Blocked: it has lines, whose prices are in another currency.
    """
    if opportunity.currency_code != lead.currency_code:
        if change.parts(OpportunityLine, opportunity):
            message = (
                f"The opportunity of this lead has lines in {opportunity.currency_code}, the lead is in "
                f"{lead.currency_code}: updateLead sets its currencyCode back, or pass opportunity NONE."
            )
            change.refuse(Blocker("CURRENCY_MISMATCH", message, ("input", "opportunity")))
        opportunity.currency_code, opportunity.price_list_id = lead.currency_code, _price_list(change, lead)
        freeze(change, opportunity)
    if lead.estimated_value is not None:
        opportunity.revenue_mode = RevenueMode.USER_PROVIDED
        opportunity.estimated_revenue = lead.estimated_value
