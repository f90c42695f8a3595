"""What does the demo company do for its leads and customers, beside selling to them?"""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlmodel import Session, col, select

from models.account import Account, Contact
from models.lead import Lead, LeadStatus
from models.opportunity import Opportunity, OpportunityStatus

Do = Callable[..., Mapping[str, Any]]
"""Runs a command by its name and arguments, some hours after the last."""

# So many open leads and opportunities are looked after: enough to be found without looking.
_MANY = 12


def look_after(session: Session, do: Do, now: datetime) -> None:
    """Follow leads up, plan what is next for open deals, and put customers in order."""
    leads = session.exec(select(Lead).where(Lead.status == LeadStatus.OPEN).order_by(col(Lead.id))).all()
    for number, lead in enumerate(leads[:_MANY]):
        _FOLLOW_UPS[number % len(_FOLLOW_UPS)](do, lead.public_id, now)
    if len(leads) > _MANY:
        first, second = (lead.public_id for lead in leads[-2:])
        do("merge_leads", id=second, into_id=first, note="Wrote to us twice.")
    is_open = Opportunity.status == OpportunityStatus.OPEN
    deals = select(Opportunity).where(is_open).order_by(col(Opportunity.id)).limit(_MANY)
    for deal in session.exec(deals).all():
        _plan(do, deal.public_id, now)
    _order_customers(session, do)


def _contact(do: Do, lead: str, now: datetime) -> None:
    """Talk to a lead and agree on a visit."""
    do("mark_lead_contacted", id=lead, kind="PHONE_CALL", note="Wants somebody to look at the pumps.")
    due = now + timedelta(days=4)
    do("create_activity", regarding_id=lead, kind="APPOINTMENT", subject="Visit on site", due_at=due)


def _keep_warm(do: Do, lead: str, now: datetime) -> None:
    """Come back to a lead when there is money."""
    do("nurture_lead", id=lead, follow_up_at=now + timedelta(days=90), note="Next year's budget.")


def _label(do: Do, lead: str, now: datetime) -> None:
    """Note what was learnt about a lead."""
    del now
    do("tag_lead", id=lead, add=["fair"], metadata=[{"key": "fair.stand", "value": "B 17"}])
    do("comment_lead", id=lead, text="Asked for the handbook of pump hydraulics.")


_FOLLOW_UPS = (_contact, _keep_warm, _label)


def _plan(do: Do, opportunity: str, now: datetime) -> None:
    """Write down what was done about a deal, and what is next."""
    done = do(
        "create_activity", regarding_id=opportunity, kind="PHONE_CALL", subject="Ask for the flow rates"
    )
    do("complete_activity", id=done["activity"], note="They will send a drawing.")
    due = now + timedelta(days=2)
    do("create_activity", regarding_id=opportunity, kind="TASK", subject="Check the drawing", due_at=due)


def _order_customers(session: Session, do: Do) -> None:
    """Give the first account a parent, and both a person to turn to."""
    accounts = session.exec(select(Account).order_by(col(Account.number)).limit(2)).all()
    for account in accounts:
        people = select(Contact).where(Contact.account_id == account.id).order_by(col(Contact.id))
        contact = session.exec(people).first()
        if contact is not None:
            do("update_account", id=account.public_id, primary_contact_id=contact.public_id)
    if len(accounts) > 1:
        child, parent = (account.public_id for account in accounts)
        do("update_account", id=child, parent_id=parent, industry="Water supply")
