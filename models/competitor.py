"""Who else wants the deal? Competitors."""

from enum import StrEnum
from typing import Annotated, ClassVar

from sqlmodel import Field, Index, select

from models.errors import Invalid
from models.lifecycle import KEEP, Change, Kept, kept, transition
from models.record import choice
from models.status import Staged, reason_key


class CompetitorStatus(StrEnum):
    """Whether deals still meet a competitor."""

    ACTIVE = "ACTIVE"
    INACTIVE = "INACTIVE"


class Competitor(Staged, table=True):
    """A company that sells what we sell."""

    __tablename__ = "competitor"
    __table_args__ = (
        reason_key(),
        Index("ix_competitor_created_at_id", "created_at", "id"),
        Index("ix_competitor_updated_at_id", "updated_at", "id"),
    )
    # What the company thinks of others is for its own people.
    is_internal: ClassVar[bool] = True

    status: CompetitorStatus = Field(sa_type=choice(CompetitorStatus))
    name: str = Field(max_length=160, unique=True)
    website: str | None = Field(default=None, max_length=200)
    strengths: str | None = Field(default=None, max_length=2000)
    weaknesses: str | None = Field(default=None, max_length=2000)


@transition(Competitor, event="competitor.created")
def create_competitor(
    change: Change,
    *,
    name: Annotated[str, "Name; unique."],
    website: Annotated[str | None, "Web site."] = None,
    strengths: Annotated[str | None, "What it does well, in words."] = None,
    weaknesses: Annotated[str | None, "What it does less well, in words."] = None,
) -> Competitor:
    """Write down a company that sells what we sell."""
    _require_name(change, name)
    return change.add(
        change.new(Competitor, name=name, website=website, strengths=strengths, weaknesses=weaknesses),
        status=CompetitorStatus.ACTIVE,
        reason="ACTIVE",
    )


@transition(Competitor, event="competitor.updated", sources=tuple(CompetitorStatus))
def update_competitor(
    change: Change,
    competitor: Competitor,
    *,
    name: Annotated[str | Kept, "Name; unique."] = KEEP,
    website: Annotated[str | Kept | None, "Web site."] = KEEP,
    strengths: Annotated[str | Kept | None, "What it does well, in words."] = KEEP,
    weaknesses: Annotated[str | Kept | None, "What it does less well, in words."] = KEEP,
) -> None:
    """Change what is known of a competitor."""
    if not isinstance(name, Kept) and name != competitor.name:
        _require_name(change, name)
        competitor.name = name
    competitor.website = kept(website, competitor.website)
    competitor.strengths = kept(strengths, competitor.strengths)
    competitor.weaknesses = kept(weaknesses, competitor.weaknesses)


@transition(
    Competitor,
    event="competitor.deactivated",
    sources=(CompetitorStatus.ACTIVE,),
    target=CompetitorStatus.INACTIVE,
    reason="INACTIVE",
    again=(CompetitorStatus.INACTIVE,),
)
def deactivate_competitor(change: Change, competitor: Competitor) -> None:
    """Let no further deal name a competitor. Those that do keep it."""
    del change, competitor


@transition(
    Competitor,
    event="competitor.activated",
    sources=(CompetitorStatus.INACTIVE,),
    target=CompetitorStatus.ACTIVE,
    reason="ACTIVE",
    again=(CompetitorStatus.ACTIVE,),
)
def activate_competitor(change: Change, competitor: Competitor) -> None:
    """Let deals name a competitor again."""
    del change, competitor


def _require_name(change: Change, name: str) -> None:
    """Refuse a name that is empty, or another competitor's.

    Raises:
        Invalid: it is one of the two.
    """
    if not name:
        message = "A competitor needs a name."
        raise Invalid(message, path=("input", "name"))
    if change.session.exec(select(Competitor.id).where(Competitor.name == name)).first() is not None:
        message = f"There is a competitor {name} already; names are unique."
        raise Invalid(message, path=("input", "name"), code="NAME_TAKEN")
