"""Who is around a deal? Stakeholders, the sales team, and competitors."""

from dataclasses import dataclass
from typing import Annotated, ClassVar, TypeVar
from uuid import UUID

from sqlalchemy import UniqueConstraint
from sqlmodel import Field, Index, select

from models.access import User
from models.buying import StakeholderRole
from models.errors import Blocker, Invalid, NotFound
from models.lifecycle import Change, Reference, transition
from models.opportunity.record import Opportunity, OpportunityStatus
from models.record import Identifier, Part, choice, table
from models.status import Staged

AnyPart = TypeVar("AnyPart", bound=Part)


class Stakeholder(Part, table=True):
    """A contact with a part in the customer's decision. One person may play several."""

    __tablename__ = "stakeholder"
    __table_args__ = (
        UniqueConstraint("opportunity_id", "contact_id", "role"),
        Index("ix_stakeholder_opportunity_id_id", "opportunity_id", "id"),
        Index("ix_stakeholder_contact_id_id", "contact_id", "id"),
    )
    part_of: ClassVar[str] = "opportunity_id"
    seen_through: ClassVar[str | None] = "opportunity_id"

    opportunity_id: UUID = Field(foreign_key="opportunity.id", sa_type=Identifier)
    contact_id: UUID = Field(foreign_key="contact.id", sa_type=Identifier)
    role: StakeholderRole = Field(sa_type=choice(StakeholderRole))


class SalesTeamMember(Part, table=True):
    """A user who works on a deal beside its owner."""

    __tablename__ = "sales_team_member"
    __table_args__ = (
        UniqueConstraint("opportunity_id", "user_id"),
        Index("ix_sales_team_member_opportunity_id_id", "opportunity_id", "id"),
        Index("ix_sales_team_member_user_id_id", "user_id", "id"),
    )
    part_of: ClassVar[str] = "opportunity_id"
    seen_through: ClassVar[str | None] = "opportunity_id"

    opportunity_id: UUID = Field(foreign_key="opportunity.id", sa_type=Identifier)
    user_id: UUID = Field(foreign_key="user.id", sa_type=Identifier)
    role: str = Field(max_length=80)


class OpportunityCompetitor(Part, table=True):
    """A competitor that a deal meets."""

    __tablename__ = "opportunity_competitor"
    __table_args__ = (
        UniqueConstraint("opportunity_id", "competitor_id"),
        Index("ix_opportunity_competitor_opportunity_id_id", "opportunity_id", "id"),
        Index("ix_opportunity_competitor_competitor_id_id", "competitor_id", "id"),
    )
    part_of: ClassVar[str] = "opportunity_id"
    seen_through: ClassVar[str | None] = "opportunity_id"

    opportunity_id: UUID = Field(foreign_key="opportunity.id", sa_type=Identifier)
    competitor_id: UUID = Field(foreign_key="competitor.id", sa_type=Identifier)
    note: str | None = Field(default=None, max_length=2000)


@dataclass
class EditedStakeholder:
    """The stakeholder that was added."""

    stakeholder: Annotated[Stakeholder, "The stakeholder, added now or there before."]


@dataclass
class EditedSalesTeamMember:
    """The member that was added or given another role."""

    sales_team_member: Annotated[SalesTeamMember, "The member, added now or there before."]


@dataclass
class EditedCompetitor:
    """The competitor that was added."""

    opportunity_competitor: Annotated[
        OpportunityCompetitor, "The competitor of this deal, added now or there before."
    ]


@transition(
    Opportunity,
    event="opportunity.stakeholder_added",
    sources=(OpportunityStatus.OPEN,),
    when_read_only="RECORD_READ_ONLY",
)
def add_opportunity_stakeholder(
    change: Change,
    opportunity: Opportunity,
    *,
    contact_id: Annotated[UUID, Reference("contact"), "The person."],
    role: Annotated[StakeholderRole, "What the person is to the deal."],
) -> EditedStakeholder:
    """Say who has a part in the customer's decision. The same person and role again change nothing."""
    contact = change.find(table("contact"), contact_id, ("input", "contactId"))
    same = select(Stakeholder).where(
        Stakeholder.opportunity_id == opportunity.id,
        Stakeholder.contact_id == contact.id,
        Stakeholder.role == role,
    )
    found = change.session.exec(same).one_or_none()
    made = found or change.add(
        change.new(Stakeholder, opportunity_id=opportunity.id, contact_id=contact.id, role=role)
    )
    return EditedStakeholder(made)


@transition(
    Opportunity,
    event="opportunity.stakeholder_removed",
    sources=(OpportunityStatus.OPEN,),
    when_read_only="RECORD_READ_ONLY",
)
def remove_opportunity_stakeholder(
    change: Change,
    opportunity: Opportunity,
    *,
    stakeholder_id: Annotated[UUID, Reference("stakeholder"), "The stakeholder."],
) -> None:
    """Take a stakeholder off a deal."""
    _remove(change, opportunity, Stakeholder, stakeholder_id, "stakeholderId")


@transition(
    Opportunity,
    event="opportunity.sales_team_member_added",
    sources=(OpportunityStatus.OPEN,),
    when_read_only="RECORD_READ_ONLY",
)
def add_sales_team_member(
    change: Change,
    opportunity: Opportunity,
    *,
    user_id: Annotated[UUID, Reference("user"), "The user; `key list` shows the ids of users."],
    role: Annotated[str, "What the user does for the deal, for example Solution engineer."],
) -> EditedSalesTeamMember:
    """Say who works on a deal beside its owner. The same user again gets the role that is given."""
    if not role:
        message = "A member of the sales team needs a role."
        raise Invalid(message, path=("input", "role"))
    user = change.find(User, user_id, ("input", "userId"))
    same = select(SalesTeamMember).where(
        SalesTeamMember.opportunity_id == opportunity.id, SalesTeamMember.user_id == user.id
    )
    member = change.session.exec(same).one_or_none()
    if member is None:
        member = change.new(SalesTeamMember, opportunity_id=opportunity.id, user_id=user.id, role=role)
        change.add(member)
    member.role = role
    return EditedSalesTeamMember(member)


@transition(
    Opportunity,
    event="opportunity.sales_team_member_removed",
    sources=(OpportunityStatus.OPEN,),
    when_read_only="RECORD_READ_ONLY",
)
def remove_sales_team_member(
    change: Change,
    opportunity: Opportunity,
    *,
    sales_team_member_id: Annotated[UUID, Reference("sales_team_member"), "The member."],
) -> None:
    """Take a user off the sales team of a deal."""
    _remove(change, opportunity, SalesTeamMember, sales_team_member_id, "salesTeamMemberId")


@transition(
    Opportunity,
    event="opportunity.competitor_added",
    sources=(OpportunityStatus.OPEN,),
    when_read_only="RECORD_READ_ONLY",
)
def add_opportunity_competitor(
    change: Change,
    opportunity: Opportunity,
    *,
    competitor_id: Annotated[UUID, Reference("competitor"), "The competitor."],
    note: Annotated[str | None, "What is known of its offer, in words."] = None,
) -> EditedCompetitor:
    """Say who else wants a deal. The same competitor again gets the note that is given."""
    path = ("input", "competitorId")
    competitor = change.find(table("competitor"), competitor_id, path)
    same = select(OpportunityCompetitor).where(
        OpportunityCompetitor.opportunity_id == opportunity.id,
        OpportunityCompetitor.competitor_id == competitor.id,
    )
    found = change.session.exec(same).one_or_none()
    if found is None:
        if isinstance(competitor, Staged) and competitor.status != "ACTIVE":
            message = "This competitor is INACTIVE: activateCompetitor lets deals name it again."
            change.refuse(Blocker("COMPETITOR_INACTIVE", message, path))
        found = change.new(OpportunityCompetitor, opportunity_id=opportunity.id, competitor_id=competitor.id)
        change.add(found)
    found.note = note or found.note
    return EditedCompetitor(found)


@transition(
    Opportunity,
    event="opportunity.competitor_removed",
    sources=(OpportunityStatus.OPEN,),
    when_read_only="RECORD_READ_ONLY",
)
def remove_opportunity_competitor(
    change: Change,
    opportunity: Opportunity,
    *,
    opportunity_competitor_id: Annotated[
        UUID, Reference("opportunity_competitor"), "The competitor of this deal."
    ],
) -> None:
    """Take a competitor off a deal."""
    path = "opportunityCompetitorId"
    _remove(change, opportunity, OpportunityCompetitor, opportunity_competitor_id, path)


def _remove(change: Change, opportunity: Opportunity, kind: type[AnyPart], key: UUID, argument: str) -> None:
    """Delete a part of an opportunity.

    Raises:
        NotFound: the opportunity has no such part.
    """
    part = change.session.get(kind, key)
    if part is None or getattr(part, kind.part_of) != opportunity.id:
        raise NotFound(kind.noun(), path=("input", argument))
    change.remove(part)
