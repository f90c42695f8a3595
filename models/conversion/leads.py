"""What becomes of a lead that is not qualified: is it followed up, given up, merged, or deleted?"""

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated
from uuid import UUID

from sqlalchemy import update
from sqlalchemy.orm import aliased
from sqlmodel import col, delete, or_, select

from models.activity import Activity, ActivityKind, ActivityStatus, make_activity
from models.annotation import MetadataEntry, Note, Tag
from models.errors import Blocker, Invalid
from models.lead import Lead, LeadEvidence, LeadStatus, require_reachable
from models.lifecycle import Change, Fact, Reference, Seen, guard, transition
from models.opportunity import Opportunity, OpportunityStatus

# The lead of a fact's row is one, those that were merged into it are others.
_OtherLead = aliased(Lead)


@dataclass
class FollowedUp:
    """The activity that tells of it."""

    activity: Annotated[Activity | None, "The activity that was written down or planned."]


def _no_activity(change: Change, lead: Lead) -> FollowedUp:
    """Return nothing: the activities of a lead are its own list."""
    del change, lead
    return FollowedUp(None)


@transition(
    Lead,
    event="lead.contacted",
    sources=("OPEN.NEW", "OPEN.NURTURING"),
    target=LeadStatus.OPEN,
    reason="CONTACTED",
    again=("OPEN.CONTACTED",),
    recall=_no_activity,
)
def mark_lead_contacted(
    change: Change,
    lead: Lead,
    *,
    kind: Annotated[ActivityKind, "How the lead was reached."] = ActivityKind.PHONE_CALL,
    note: Annotated[str | None, "What was said, in words."] = None,
) -> FollowedUp:
    """Write down that somebody has talked to a lead: a completed activity."""
    activity = make_activity(
        change,
        lead,
        "First contact",
        kind=kind,
        description=note,
        completed_at=change.now,
        owner_id=change.viewer.id,
    )
    change.tell(lead, note=note)
    return FollowedUp(activity)


@transition(
    Lead,
    event="lead.nurtured",
    sources=("OPEN.NEW", "OPEN.CONTACTED"),
    target=LeadStatus.OPEN,
    reason="NURTURING",
    again=("OPEN.NURTURING",),
    recall=_no_activity,
)
def nurture_lead(
    change: Change,
    lead: Lead,
    *,
    reason: Annotated[
        str | None, "Code of NURTURING or of a company's kind of it; the default where it is left out."
    ] = None,
    follow_up_at: Annotated[datetime | None, "When to come back to it: plans a task for its owner."] = None,
    note: Annotated[str | None, "Why it is too early, in words."] = None,
) -> FollowedUp:
    """Keep a lead warm that is not ready yet. markLeadContacted takes it up again."""
    kind = change.reason("lead", LeadStatus.OPEN, reason, kinds=("NURTURING",), otherwise="NURTURING")
    change.become(lead, LeadStatus.OPEN, kind)
    change.tell(lead, note=note)
    if follow_up_at is None:
        return FollowedUp(None)
    return FollowedUp(
        make_activity(
            change,
            lead,
            "Follow up",
            kind=ActivityKind.TASK,
            description=note,
            due_at=follow_up_at,
            owner_id=lead.owner_id,
        )
    )


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


@dataclass
class GivenUp:
    """What was given up along with the lead."""

    canceled_activities: Annotated[list[Activity], "The open activities that were canceled with it."]


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
    reason: Annotated[
        str | None,
        "Code of a status reason of DISQUALIFIED, for example LOST or CANNOT_CONTACT; needed unless the "
        "company has chosen a default.",
    ] = None,
    note: Annotated[str | None, "Why, in words."] = None,
) -> GivenUp:
    """Give a lead up (Dataverse: SetState to Disqualified). Its open activities are canceled.

    It stays readable, and reactivateLead brings it back.
    """
    change.become(lead, LeadStatus.DISQUALIFIED, change.reason("lead", LeadStatus.DISQUALIFIED, reason))
    change.tell(lead, note=note)
    still_open = select(Activity).where(
        Activity.regarding_id == lead.id, Activity.status == ActivityStatus.OPEN
    )
    canceled = list(change.session.exec(still_open.order_by(col(Activity.id))).all())
    for activity in canceled:
        change.become(activity, ActivityStatus.CANCELED, "CANCELED")
        change.tell(activity, "activity.canceled", note="The lead was disqualified.")
    return GivenUp(canceled)


@guard("ALREADY_MERGED", "merged_into_id")
def not_merged(seen: Seen) -> str | None:
    """The lead was not merged into another one."""
    if seen.merged_into_id is None:
        return None
    return "This lead was merged into another one, see mergedInto: reactivateLead takes it up again first."


@dataclass
class Merged:
    """The lead that stays."""

    into: Annotated[Lead | None, "The lead that stays."]


# What the lead that stays gets from the other one where it has nothing itself.
_FILLED = (
    "first_name",
    "last_name",
    "company_name",
    "job_title",
    "email",
    "phone",
    "website",
    "timeframe",
    "need",
    "is_interest_confirmed",
    "is_purchasing_power_confirmed",
)
_FILLED_IN_ONE_CURRENCY = ("budget", "estimated_value")


@transition(
    Lead,
    event="lead.merged",
    sources=(LeadStatus.OPEN, LeadStatus.DISQUALIFIED),
    guards=(not_merged, no_open_opportunity),
    target=LeadStatus.DISQUALIFIED,
    reason="DUPLICATE",
    repeated=lambda lead, arguments: lead.merged_into_id == arguments["into_id"],
    recall=lambda change, lead: Merged(change.session.get(Lead, lead.merged_into_id)),
)
def merge_leads(
    change: Change,
    lead: Lead,
    *,
    into_id: Annotated[UUID, Reference("lead", is_locked=True), "The open lead that stays."],
    note: Annotated[str | None, "Why they are the same, in words."] = None,
) -> Merged:
    """Close a lead as the duplicate of another one (Dataverse: Merge).

    What the other one lacks is filled in; evidence, notes and activities go over to it. The closed lead
    stays readable and says where it went: mergedInto.
    """
    if into_id == lead.id:
        message = "A lead cannot be merged into itself: pass the other one as intoId."
        raise Invalid(message, path=("input", "intoId"), code="MERGE_INTO_ITSELF")
    into = change.find(Lead, into_id, ("input", "intoId"))
    if into.status is not LeadStatus.OPEN:
        message = f"The lead of intoId is {into.status}; only an OPEN one can take in another."
        change.refuse(Blocker("TARGET_NOT_OPEN", message, ("input", "intoId")))
    names = _FILLED + (_FILLED_IN_ONE_CURRENCY if into.currency_code == lead.currency_code else ())
    for name in names:
        if getattr(into, name) in {None, ""}:
            setattr(into, name, getattr(lead, name))
    require_reachable(into)
    lead.merged_into_id = into.id
    change.tell(lead, note=note)
    change.tell(into, "lead.duplicate_absorbed", note=note)
    _hand_over(change, lead, into)
    return Merged(into)


def _hand_over(change: Change, lead: Lead, into: Lead) -> None:
    """Let evidence, notes and activities of a lead be those of another."""
    change.flush()
    session = change.session
    session.execute(update(LeadEvidence).where(col(LeadEvidence.lead_id) == lead.id).values(lead_id=into.id))
    place = {"regarding_id": into.id, "chain_id": into.chain_id, "account_id": into.account_id}
    session.execute(update(Note).where(col(Note.regarding_id) == lead.id).values(place))
    for activity in session.exec(select(Activity).where(Activity.regarding_id == lead.id)).all():
        for name, value in place.items():
            setattr(activity, name, value)
        change.tell(activity, "activity.moved")


has_followers = Fact(
    "has_followers",
    lambda lead: or_(
        select(Opportunity.id).where(Opportunity.lead_id == lead.id).exists(),
        select(_OtherLead.id).where(_OtherLead.merged_into_id == lead.id).exists(),
        select(Note.id).where(Note.regarding_id == lead.id).exists(),
        select(Activity.id).where(Activity.regarding_id == lead.id).exists(),
    ),
)


@guard("HAS_DOWNSTREAM", has_followers)
def nothing_follows(seen: Seen) -> str | None:
    """No opportunity, merged lead, note or activity hangs on the lead."""
    if not seen.has_followers:
        return None
    return (
        "An opportunity, a merged lead, a note or an activity hangs on this lead: disqualifyLead closes it, "
        "and keeps them."
    )


@dataclass
class DeletedLead:
    """What was deleted."""

    deleted_id: Annotated[str, Reference("lead"), "The id that the lead had; its event tells what it was."]


@transition(Lead, event="lead.deleted", sources=("OPEN.NEW",), guards=(nothing_follows,))
def delete_lead(
    change: Change, lead: Lead, *, note: Annotated[str | None, "Why, in words."] = None
) -> DeletedLead:
    """Delete a lead that nobody has worked on, for example a test or a bot's (Dataverse: Delete).

    Its event stays and tells what it was. Any other lead is closed by disqualifyLead, and kept.
    """
    change.tell(lead, note=note)
    for evidence in change.parts(LeadEvidence, lead):
        change.remove(evidence)
    for table in (Tag, MetadataEntry):
        change.session.execute(delete(table).where(col(table.regarding_id) == lead.id))
    change.remove(lead)
    return DeletedLead(lead.public_id)
