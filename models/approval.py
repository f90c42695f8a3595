"""Which offers need a second pair of eyes, and whose? Approval policies: conditions as data."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Annotated, ClassVar
from uuid import UUID

from sqlmodel import Field, Index, select

from models.access import Role, User, Viewer
from models.document import require_currency, require_money, require_percent
from models.errors import Invalid
from models.lifecycle import KEEP, Change, Kept, Reference, kept, transition
from models.money import Amount
from models.record import Identifier, Versioned, choice, public_id

Name = "What people call it; unique."
MaxDiscount = "A quote on which more percent is taken off, lines and document together, needs approval."
MinMargin = (
    "A quote that earns fewer percent of its net amount needs approval. Costs in another currency count at "
    "today's exchange rates; unknown ones, and those without a rate, as none."
)
MaxTotal = "A quote with a larger total needs approval; it needs currencyCode."
Currency = "ISO 4217: only quotes in this currency are looked at; all where null."
ApproverRole = "The role whose users may approve: ADMIN or SALES."
ApproverId = "The one user who may approve."


class ApprovalPolicy(Versioned, table=True):
    """A quote that passes one of its limits is activated only after its approver agreed."""

    __tablename__ = "approval_policy"
    __table_args__ = (
        Index("ix_approval_policy_created_at_id", "created_at", "id"),
        Index("ix_approval_policy_updated_at_id", "updated_at", "id"),
    )
    is_internal: ClassVar[bool] = True

    name: str = Field(max_length=80, unique=True)
    currency_code: str | None = Field(default=None, max_length=3)
    max_discount_percent: Decimal | None = Field(default=None, sa_type=Amount)
    min_margin_percent: Decimal | None = Field(default=None, sa_type=Amount)
    max_total: Decimal | None = Field(default=None, sa_type=Amount)
    approver_role: Role | None = Field(default=None, sa_type=choice(Role, "approver_role"))
    approver_id: UUID | None = Field(default=None, foreign_key="user.id", sa_type=Identifier, index=True)
    # The approver as an approval keeps it: the role, or the public id of the user.
    asked_of: str = Field(max_length=80)
    is_active: bool = True


@dataclass
class _Terms:
    """What is typed of a policy."""

    name: str
    currency_code: str | None
    max_discount_percent: Decimal | None
    min_margin_percent: Decimal | None
    max_total: Decimal | None
    approver_role: Role | None
    approver_id: UUID | None


@transition(ApprovalPolicy, event="approval_policy.created")
def create_approval_policy(
    change: Change,
    *,
    name: Annotated[str, Name],
    max_discount_percent: Annotated[Decimal | None, MaxDiscount] = None,
    min_margin_percent: Annotated[Decimal | None, MinMargin] = None,
    max_total: Annotated[Decimal | None, MaxTotal] = None,
    currency_code: Annotated[str | None, Currency] = None,
    approver_role: Annotated[Role | None, ApproverRole] = None,
    approver_id: Annotated[UUID | None, Reference("user"), ApproverId] = None,
) -> ApprovalPolicy:
    """Let quotes that pass a limit wait for an approver: a role, or one user.

    Drafts that are activated from now on are held to it. Without policies no quote needs approval.
    """
    policy = change.new(ApprovalPolicy, name=name, asked_of="")
    terms = _Terms(
        name, currency_code, max_discount_percent, min_margin_percent, max_total, approver_role, approver_id
    )
    _set(change, policy, terms)
    return change.add(policy)


@transition(ApprovalPolicy, event="approval_policy.updated", sources=("",))
def update_approval_policy(
    change: Change,
    policy: ApprovalPolicy,
    *,
    name: Annotated[str | Kept, Name] = KEEP,
    max_discount_percent: Annotated[Decimal | Kept | None, MaxDiscount] = KEEP,
    min_margin_percent: Annotated[Decimal | Kept | None, MinMargin] = KEEP,
    max_total: Annotated[Decimal | Kept | None, MaxTotal] = KEEP,
    currency_code: Annotated[str | Kept | None, Currency] = KEEP,
    approver_role: Annotated[Role | Kept | None, ApproverRole] = KEEP,
    approver_id: Annotated[UUID | Kept | None, Reference("user"), ApproverId] = KEEP,
    is_active: Annotated[bool | Kept, "Whether quotes are held to it."] = KEEP,
) -> None:
    """Change a policy, or put it out of force. What was approved stays approved."""
    terms = _Terms(
        kept(name, policy.name),
        kept(currency_code, policy.currency_code),
        kept(max_discount_percent, policy.max_discount_percent),
        kept(min_margin_percent, policy.min_margin_percent),
        kept(max_total, policy.max_total),
        kept(approver_role, policy.approver_role),
        kept(approver_id, policy.approver_id),
    )
    policy.is_active = kept(is_active, policy.is_active)
    _set(change, policy, terms)


def _set(change: Change, policy: ApprovalPolicy, terms: _Terms) -> None:
    """Write what was typed into a policy, after checking it.

    Raises:
        Invalid: a name that is empty, taken or not printable, a limit out of range, no approver.
    """
    if not terms.name or not terms.name.isprintable():
        message = "A policy needs a name of printable characters."
        raise Invalid(message, path=("input", "name"))
    taken = select(ApprovalPolicy.id).where(ApprovalPolicy.name == terms.name, ApprovalPolicy.id != policy.id)
    if change.session.exec(taken).first() is not None:
        message = f"There is a policy {terms.name!r} already; names are unique."
        raise Invalid(message, path=("input", "name"), code="NUMBER_TAKEN")
    _check_limits(terms)
    policy.asked_of = _approver(change, terms)
    for field, value in vars(terms).items():
        setattr(policy, field, value)


def _check_limits(terms: _Terms) -> None:
    """Refuse limits that cannot be looked at.

    Raises:
        Invalid: there is none, one is out of range, or a total has no currency.
    """
    if {terms.max_discount_percent, terms.min_margin_percent, terms.max_total} == {None}:
        message = "A policy needs a limit: maxDiscountPercent, minMarginPercent or maxTotal."
        raise Invalid(message, path=("input", "maxDiscountPercent"))
    require_percent(terms.max_discount_percent, "max_discount_percent")
    require_percent(terms.min_margin_percent, "min_margin_percent")
    if terms.currency_code is not None:
        require_currency(terms.currency_code)
        require_money(terms.max_total, "max_total", terms.currency_code)
    elif terms.max_total is not None:
        message = "maxTotal is an amount: pass its currencyCode."
        raise Invalid(message, path=("input", "currencyCode"))


def _approver(change: Change, terms: _Terms) -> str:
    """Return who is asked: the role, or the public id of the user.

    Raises:
        Invalid: neither or both are given, or the approver may not run commands.
        NotFound: there is no such user.
    """
    if (terms.approver_role is None) == (terms.approver_id is None):
        message = "Say who approves: pass either approverRole or approverId."
        raise Invalid(message, path=("input", "approverRole"))
    if terms.approver_id is None:
        role, field, asked = terms.approver_role, "approverRole", str(terms.approver_role)
    else:
        user = change.find(User, terms.approver_id, ("input", "approverId"))
        role, field, asked = user.role, "approverId", public_id("user", user.id)
    if role not in Viewer.sells:
        able = " or ".join(sorted(Viewer.sells))
        message = f"The role {role} runs no commands; who approves is {able}."
        raise Invalid(message, path=("input", field))
    return asked
