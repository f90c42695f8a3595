"""How is a qualification undone?"""

from dataclasses import dataclass
from typing import Annotated, Any

from sqlalchemy import func
from sqlalchemy.orm import aliased
from sqlmodel import col, or_, select

from models.account import Account, Contact, CustomerStatus
from models.conversion.closing import lose_opportunity
from models.invoice import Invoice
from models.lead import Lead, LeadStatus
from models.lifecycle import Change, Fact, Seen, guard, perform, transition
from models.opportunity import Opportunity, OpportunityStatus
from models.order import Order
from models.pipeline import Stage
from models.quote import Quote


def _numbers(table: Any) -> Fact:
    """Return the fact that lists the documents of a kind that came of a lead's opportunity."""
    return Fact(
        f"{table.noun()}_numbers",
        lambda lead: (
            select(func.aggregate_strings(func.coalesce(table.number, "draft"), " "))
            .join(Opportunity, Opportunity.id == table.opportunity_id)
            .where(Opportunity.lead_id == lead.id)
            .scalar_subquery()
        ),
    )


quotes, orders, invoices = (_numbers(table) for table in (Quote, Order, Invoice))
opportunity_state = Fact(
    "opportunity_state",
    lambda lead: select(Opportunity.reason_id).where(Opportunity.lead_id == lead.id).scalar_subquery(),
)
_earlier = aliased(Stage)
is_past_first_stage = Fact(
    "is_past_first_stage",
    lambda lead: (
        select(Opportunity.id)
        .join(Stage, col(Stage.id) == Opportunity.stage_id)
        .join(_earlier, col(_earlier.pipeline_id) == Stage.pipeline_id)
        .where(
            Opportunity.lead_id == lead.id,
            Opportunity.status == OpportunityStatus.OPEN,
            col(_earlier.retired_at).is_(None),
            _earlier.position < Stage.position,
        )
        .exists()
    ),
)
# Where there is an opportunity, it is one of these that can be taken back: nobody won or lost it.
_UNTOUCHED = {
    None,
    "opportunity.OPEN.IN_PROGRESS",
    "opportunity.OPEN.ON_HOLD",
    "opportunity.LOST.CANCELED",
}


@guard("HAS_DOWNSTREAM", opportunity_state, is_past_first_stage, quotes, orders, invoices)
def nobody_worked_on_it(seen: Seen) -> str | None:
    """The opportunity is open in its first stage, or canceled, and has neither quote, order nor invoice."""
    found = [
        f"{noun} {', '.join(sorted(numbers.split()))}"
        for noun, numbers in (
            ("quote", seen.quote_numbers),
            ("order", seen.order_numbers),
            ("invoice", seen.invoice_numbers),
        )
        if numbers
    ]
    if seen.opportunity_state not in _UNTOUCHED:
        found.append(f"an opportunity that is {seen.opportunity_state.split('.')[1]}")
    elif seen.is_past_first_stage:
        found.append("an opportunity that is past its first stage")
    if not found:
        return None
    return (
        f"What came of this lead is in use: {'; '.join(found)}. Only what nobody has worked on is taken "
        "back: loseOpportunity closes the deal instead."
    )


@dataclass
class Undone:
    """What was put aside."""

    opportunity: Annotated[Opportunity | None, "The opportunity that was closed as CANCELED."]
    account: Annotated[Account | None, "The account that was made, and is INACTIVE now."]
    contact: Annotated[Contact | None, "The contact that was made, and is INACTIVE now."]


@transition(
    Lead,
    event="lead.qualification_undone",
    sources=(LeadStatus.QUALIFIED,),
    guards=(nobody_worked_on_it,),
    target=LeadStatus.OPEN,
    reason="CONTACTED",
)
def undo_qualify_lead(
    change: Change, lead: Lead, *, note: Annotated[str | None, "Why, in words."] = None
) -> Undone:
    """Take a qualification back that nobody has worked on yet; the lead is open again.

    Its opportunity is closed as CANCELED and kept. The account and the contact that it made become INACTIVE
    unless something else refers to them. Qualifying again goes on with the same records.
    """
    change.tell(lead, note=note)
    lead.account_id = lead.contact_id = lead.qualified_at = None
    still_open = select(Opportunity).where(
        Opportunity.lead_id == lead.id, Opportunity.status == OpportunityStatus.OPEN
    )
    opportunity = change.session.exec(still_open).one_or_none()
    if opportunity is not None:
        why = "The qualification of its lead was undone."
        perform(change, lose_opportunity, opportunity, reason="CANCELED", note=note or why)
    contact = _put_aside(change, lead, Contact, lead.made_contact_id)
    account = _put_aside(change, lead, Account, lead.made_account_id)
    return Undone(opportunity, account, contact)


def _put_aside(change: Change, lead: Lead, table: Any, key: Any) -> Any:  # An account, or a contact.
    """Deactivate what the lead made, unless something else refers to it."""
    if key is None:
        return None
    customer = change.get(table, key)
    change.flush()
    link = f"{table.noun()}_id"
    others = [select(each.id).where(getattr(each, link) == key).exists() for each in (Quote, Order, Invoice)]
    others.append(select(Lead.id).where(getattr(Lead, link) == key, Lead.id != lead.id).exists())
    elsewhere = col(Opportunity.lead_id).is_distinct_from(lead.id)
    others.append(select(Opportunity.id).where(getattr(Opportunity, link) == key, elsewhere).exists())
    if table is Account:
        people = select(Contact.id).where(Contact.account_id == key, Contact.status == CustomerStatus.ACTIVE)
        others += [people.exists(), select(Account.id).where(Account.parent_id == key).exists()]
    is_referred_to = change.session.exec(select(or_(*others))).one()
    if is_referred_to or customer.status is CustomerStatus.INACTIVE:
        return None
    change.become(customer, CustomerStatus.INACTIVE, "INACTIVE")
    change.tell(customer, f"{table.noun()}.deactivated")
    return customer
