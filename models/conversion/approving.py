"""Does an offer need approval before it goes out, whose, and what did they say?"""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Annotated, Any

from sqlalchemy import BigInteger, ColumnElement, String, and_, cast, func, or_, type_coerce
from sqlalchemy.orm import aliased
from sqlmodel import col, select

from models.approval import ApprovalPolicy
from models.currency import ExchangeRate
from models.errors import Invalid
from models.event import Event, EventKind
from models.lifecycle import Change, Fact, Seen, guard, transition
from models.moment import Moment
from models.money import HUNDRED, PLACES, RATE_PLACES, exactly, in_words, plain, round_to
from models.product import Product
from models.quote import ApprovalDecision, Quote, QuoteApproval, QuoteLine, QuoteStatus
from models.record import public_id
from models.unit import Unit

# ASCII's own separators of units and records: names are printable and have neither.
_UNIT, _RECORD = "\x1f", "\x1e"
_PENDING = f"{QuoteStatus.DRAFT}.PENDING_APPROVAL"


def _digits(column: Any) -> ColumnElement[str]:
    """Return an amount as the text of its millionths, empty where there is none."""
    return func.coalesce(cast(type_coerce(column, BigInteger), String), "")


def _joined(first: Any, *others: Any) -> Any:  # Text columns and expressions.
    """Return texts as one, with separators that none of them has."""
    joined = first
    for part in others:
        joined = joined + _UNIT + part
    return joined


_default_unit = aliased(Unit)
policies = Fact(
    "policies",
    lambda _: (
        select(
            func.aggregate_strings(
                _joined(
                    col(ApprovalPolicy.name),
                    func.coalesce(col(ApprovalPolicy.currency_code), ""),
                    _digits(ApprovalPolicy.max_discount_percent),
                    _digits(ApprovalPolicy.min_margin_percent),
                    _digits(ApprovalPolicy.max_total),
                    col(ApprovalPolicy.asked_of),
                ),
                _RECORD,
            )
        )
        .where(col(ApprovalPolicy.is_active).is_(True))
        .scalar_subquery()
    ),
)
costs = Fact(
    "costs",
    lambda quote: (
        select(
            func.aggregate_strings(
                _joined(
                    col(Product.currency_code),
                    _digits(QuoteLine.quantity),
                    _digits(Product.standard_cost),
                    _digits(Unit.base_quantity),
                    _digits(_default_unit.base_quantity),
                ),
                _RECORD,
            )
        )
        .join_from(QuoteLine, Product, col(Product.id) == QuoteLine.product_id)
        .join(_default_unit, col(_default_unit.id) == Product.default_unit_id)
        .join(Unit, func.coalesce(col(QuoteLine.counted_in_id), col(Product.default_unit_id)) == Unit.id)
        .where(QuoteLine.quote_id == quote.id, col(Product.standard_cost).is_not(None))
        .scalar_subquery()
    ),
)
_later = aliased(ExchangeRate)


def _rates(quote: Any) -> Any:  # A quote's table, or an alias of it; an expression.
    """Return how the rates are read that costs in another currency than the quote's may need."""
    foreign = (
        select(col(Product.currency_code))
        .join_from(QuoteLine, Product, col(Product.id) == QuoteLine.product_id)
        .where(
            QuoteLine.quote_id == quote.id,
            Product.currency_code != quote.currency_code,
            col(Product.standard_cost).is_not(None),
        )
        .correlate(quote)
    )
    currency, valid_from = col(ExchangeRate.currency_code), col(ExchangeRate.valid_from)
    # What is followed by two others that began before the quote was made is in force on none of its days,
    # whatever the time zone: so the rates of years are not read.
    began = (
        select(col(_later.valid_from))
        .where(col(_later.currency_code) == currency, col(_later.valid_from) < quote.created_at)
        .order_by(col(_later.valid_from).desc())
        .offset(1)
        .limit(1)
        .correlate(ExchangeRate, quote)
        .scalar_subquery()
    )
    row = _joined(currency, cast(valid_from, String), _digits(ExchangeRate.rate))
    own = and_(currency == quote.currency_code, foreign.exists())
    return (
        select(func.aggregate_strings(row, _RECORD))
        .where(or_(own, currency.in_(foreign)), valid_from >= func.coalesce(began, valid_from))
        .scalar_subquery()
    )


rates = Fact("rates", _rates)
gross = Fact(
    "gross",
    lambda quote: (
        select(func.sum(QuoteLine.base_amount)).where(QuoteLine.quote_id == quote.id).scalar_subquery()
    ),
)


def _names(decision: ApprovalDecision, column: Any) -> Any:  # What a fact reads with.
    """Return how the names, or the approvers, of a quote's approvals with a decision are read."""
    return lambda quote: (
        select(func.aggregate_strings(column, _RECORD))
        .where(QuoteApproval.quote_id == quote.id, col(QuoteApproval.decision) == decision)
        .scalar_subquery()
    )


approved = Fact("approved", _names(ApprovalDecision.APPROVED, col(QuoteApproval.policy_name)))
asked_of = Fact("asked_of", _names(ApprovalDecision.PENDING, col(QuoteApproval.asked_of)))
requested_by = Fact(
    "requested_by",
    lambda quote: (
        select(QuoteApproval.requested_by_id)
        .where(QuoteApproval.quote_id == quote.id, col(QuoteApproval.decision) == ApprovalDecision.PENDING)
        .limit(1)
        .scalar_subquery()
    ),
)
made_by = Fact(
    "made_by",
    lambda quote: (
        select(Event.actor_id)
        .where(Event.subject_id == quote.id, col(Event.kind) == EventKind.CREATED)
        .limit(1)
        .scalar_subquery()
    ),
)
MEASURED = (
    "number",
    "currency_code",
    "line_total",
    "discount_total",
    "total",
    policies,
    costs,
    rates,
    gross,
    approved,
)


@dataclass(frozen=True)
class Finding:
    """A policy that a quote passes a limit of, and which."""

    policy: str
    asked_of: str
    words: str


def findings(seen: Any, moment: Moment) -> list[Finding]:  # A Seen, or a row with the same names.
    """Return the policies under which a quote needs an approval that it does not have, by name."""
    have = set(_split(seen.approved))
    found = []
    for text in sorted(_split(seen.policies)):
        name, currency, *limits, asked = text.split(_UNIT)
        if name not in have and currency in {"", seen.currency_code}:
            words = [each for each in _passed(seen, moment, [_number(limit) for limit in limits]) if each]
            found += [Finding(name, asked, ", ".join(words))] if words else []
    return found


def _passed(seen: Any, moment: Moment, limits: Sequence[Decimal | None]) -> list[str]:
    """Return the limits that a quote passes, in words."""
    max_discount, min_margin, max_total = limits
    whole, net = seen.gross or Decimal(0), seen.line_total - seen.discount_total
    found = []
    if max_discount is not None and (whole - net) * HUNDRED > max_discount * whole:
        taken = plain(round_to((whole - net) * HUNDRED / whole, 2))
        found.append(f"discount {taken} % is above {plain(max_discount)} %")
    earned = net - _cost(seen, moment)
    if min_margin is not None and net and earned * HUNDRED < min_margin * net:
        margin = plain(round_to(earned * HUNDRED / net, 2))
        found.append(f"margin {margin} % is below {plain(min_margin)} %")
    if max_total is not None and seen.total > max_total:
        total, most = (in_words(each, seen.currency_code) for each in (seen.total, max_total))
        found.append(f"total {total} is above {most}")
    return found


def _cost(seen: Any, moment: Moment) -> Decimal:
    """Return what the lines with a known cost cost us, each in the unit that the cost is for.

    It is in the quote's currency: a cost in another one is known where both have a rate today.
    """
    total, own, known = Decimal(0), seen.currency_code, _rates_of(seen, moment)
    for line in _split(seen.costs):
        currency, *parts = line.split(_UNIT)
        quantity, cost, unit, default = (_number(part) or Decimal(0) for part in parts)
        to, of = (Decimal(1), Decimal(1)) if currency == own else (known.get(own), known.get(currency))
        if to is not None and of is not None:
            with exactly():
                total += quantity * unit * cost * to / (default * of)
    return total


def _rates_of(seen: Any, moment: Moment) -> dict[str, Decimal]:
    """Return the rates of today by their currencies: 1 for the organisation's own."""
    found = {}
    for text in sorted(_split(seen.rates)):
        currency, valid_from, digits = text.split(_UNIT)
        if valid_from <= moment.today.isoformat():
            found[currency] = Decimal(digits).scaleb(-RATE_PLACES)
    return found | {moment.organization.currency_code: Decimal(1)}


def _number(digits: str) -> Decimal | None:
    """Return the amount of a text of millionths."""
    return Decimal(digits).scaleb(-PLACES) if digits else None


def _split(text: str | None) -> list[str]:
    """Return the texts that were aggregated into one."""
    return text.split(_RECORD) if text else []


def _told(found: Sequence[Finding]) -> str:
    """Return which policies ask for approval, and why."""
    return "; ".join(f"{each.policy} ({each.words})" for each in found)


@guard("APPROVAL_REQUIRED", *MEASURED)
def is_approved(seen: Seen) -> str | None:
    """The quote has the approval of every policy that it passes a limit of."""
    found = findings(seen, seen.moment)
    if not found:
        return None
    return f"Quote {seen.number} needs approval: {_told(found)}. submitQuoteForApproval asks for it."


@guard("NO_APPROVAL_NEEDED", *MEASURED)
def needs_approval(seen: Seen) -> str | None:
    """A policy asks for an approval that the quote does not have."""
    if findings(seen, seen.moment):
        return None
    return f"No policy asks for an approval of quote {seen.number}: activateQuote makes it active."


@guard("APPROVER_IS_AUTHOR", requested_by, made_by)
def is_not_author(seen: Seen) -> str | None:
    """Whoever made or submitted the quote does not decide about it."""
    asks = seen.viewer.user_id
    if asks is None or asks not in {seen.requested_by, seen.made_by}:
        return None
    did = "submitted" if asks == seen.requested_by else "made"
    return f"You {did} this quote: somebody else has to approve or reject it."


@guard("NOT_APPROVER", asked_of, "number")
def is_approver(seen: Seen) -> str | None:
    """The viewer is asked for one of the approvals."""
    asked = _split(seen.asked_of)
    if not asked or set(asked) & _known_as(seen.viewer):
        return None
    return f"Quote {seen.number} waits for {', '.join(sorted(set(asked)))}: ask them."


def _known_as(viewer: Any) -> set[str]:  # A viewer.
    """Return what an approval may call a viewer: its role, and its id."""
    return {str(viewer.role), public_id("user", viewer.id)}


@transition(
    Quote,
    event="quote.submitted_for_approval",
    sources=(f"{QuoteStatus.DRAFT}.IN_PROGRESS",),
    target=QuoteStatus.DRAFT,
    reason="PENDING_APPROVAL",
    guards=(needs_approval,),
    again=(_PENDING,),
)
def submit_quote_for_approval(
    change: Change, quote: Quote, *, note: Annotated[str | None, "What the approver should know."] = None
) -> None:
    """Ask for the approvals that policies demand. Editing the draft withdraws them.

    Each policy that the quote passes a limit of makes one approval, asked of its role or its user.
    """
    columns = [
        (fact.read(Quote) if isinstance(fact, Fact) else getattr(Quote, fact)).label(
            fact.name if isinstance(fact, Fact) else fact
        )
        for fact in MEASURED
    ]
    row = change.session.execute(select(*columns).where(Quote.id == quote.id)).one()
    found = findings(row, change.moment)
    named = select(ApprovalPolicy).where(col(ApprovalPolicy.name).in_([each.policy for each in found]))
    keys = {policy.name: policy.id for policy in change.session.exec(named).all()}
    for each in found:
        change.add(
            change.new(
                QuoteApproval,
                quote_id=quote.id,
                policy_id=keys[each.policy],
                policy_name=each.policy,
                asked_of=each.asked_of,
                finding=each.words,
                requested_by_id=change.viewer.user_id,
            )
        )
    change.tell(quote, note=note)


@transition(
    Quote,
    event="quote.approved",
    sources=(_PENDING,),
    guards=(is_not_author, is_approver),
)
def approve_quote(
    change: Change, quote: Quote, *, note: Annotated[str | None, "What the approver has to say."] = None
) -> None:
    """Give the approvals that are asked of you. With the last one the draft may be activated."""
    pending = _decide(change, quote, ApprovalDecision.APPROVED, note)
    if not pending:
        change.become(quote, QuoteStatus.DRAFT, "IN_PROGRESS")
        quote.approved_at = change.now
    change.tell(quote, note=note)


@transition(
    Quote,
    event="quote.approval_rejected",
    sources=(_PENDING,),
    target=QuoteStatus.DRAFT,
    reason="IN_PROGRESS",
    guards=(is_not_author, is_approver),
)
def reject_quote_approval(
    change: Change, quote: Quote, *, reason: Annotated[str, "Why it may not go out like this, in words."]
) -> None:
    """Send a draft back to its author. It can be changed, and submitted again."""
    if not reason:
        message = "Say why the approval is rejected."
        raise Invalid(message, path=("input", "reason"), code="REASON_REQUIRED")
    for left in _decide(change, quote, ApprovalDecision.REJECTED, reason):
        left.decision = ApprovalDecision.WITHDRAWN
    change.tell(quote, note=reason)


def _decide(
    change: Change, quote: Quote, decision: ApprovalDecision, note: str | None
) -> list[QuoteApproval]:
    """Write a viewer's decision on what is asked of it, and return what is still pending."""
    pending = [
        each for each in change.parts(QuoteApproval, quote) if each.decision is ApprovalDecision.PENDING
    ]
    for each in pending:
        if each.asked_of in _known_as(change.viewer):
            each.decision, each.note = decision, note
            each.decided_by_id, each.decided_at = change.viewer.user_id, change.now
    return [each for each in pending if each.decision is ApprovalDecision.PENDING]
