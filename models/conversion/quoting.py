"""How does an opportunity become an offer, and an offer the next one?"""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Annotated

from sqlalchemy.orm import aliased
from sqlmodel import col, select

from models.activity import CloseActivity
from models.conversion.approving import is_approved
from models.document import carried, carried_terms, freeze, told_unpriced, unpriced_lines
from models.lifecycle import Change, Fact, Seen, guard, transition
from models.moment import Moment
from models.money import plain
from models.numbering import next_number
from models.opportunity import Opportunity, OpportunityLine, OpportunityStatus, enter_stage
from models.pipeline import Stage, live_stages
from models.quote import Quote, QuoteLine, QuoteStatus


@dataclass
class GeneratedQuote:
    """The draft that was made."""

    quote: Annotated[Quote, "The draft quote that was made."]


@transition(
    Opportunity,
    event="opportunity.quoted",
    sources=(OpportunityStatus.OPEN,),
    when_read_only="OPPORTUNITY_CLOSED",
)
def generate_quote_from_opportunity(change: Change, opportunity: Opportunity) -> GeneratedQuote:
    """Make a draft quote with the opportunity's lines and terms (Dataverse: GenerateQuoteFromOpportunity).

    Several quotes of one opportunity may compete: accepting one closes the others.
    """
    lines = change.parts(OpportunityLine, opportunity)
    quote = change.add(
        change.new(
            Quote,
            **carried_terms(opportunity),
            number=next_number(change, "Q"),
            opportunity_id=opportunity.id,
        ),
        status=QuoteStatus.DRAFT,
        reason="IN_PROGRESS",
    )
    for line in lines:
        change.add(change.new(QuoteLine, quote_id=quote.id, opportunity_line_id=line.id, **carried(line)))
    return GeneratedQuote(quote)


has_lines = Fact(
    "has_lines", lambda quote: select(QuoteLine.id).where(QuoteLine.quote_id == quote.id).exists()
)


@guard("EMPTY_DOCUMENT", has_lines)
def not_empty(seen: Seen) -> str | None:
    """The quote has a line."""
    return None if seen.has_lines else "The quote has no lines: addQuoteLine adds one."


@guard("PRICING_ERROR", unpriced_lines(QuoteLine), "currency_code")
def is_priced(seen: Seen) -> str | None:
    """Each line has a price in the quote's currency; what is given away has 0 typed."""
    return told_unpriced(seen, "updateQuoteLine types one, 0 for what is given away.")


@guard("INVALID_DATES", "effective_from", "valid_until", path=("input", "validUntil"))
def dates_hold(seen: Seen) -> str | None:
    """The offer ends neither before it begins nor before today."""
    begins, ends = _validity(
        seen.moment, seen.effective_from, seen.arguments["valid_until"] or seen.valid_until
    )
    if ends < seen.today:
        return f"validUntil {ends} is past; today is {seen.today}: pass a later validUntil."
    if ends < begins:
        return f"validUntil {ends} lies before effectiveFrom {begins}: pass a later validUntil."
    return None


@transition(
    Quote,
    event="quote.activated",
    sources=(QuoteStatus.DRAFT,),
    target=QuoteStatus.ACTIVE,
    reason="IN_PROGRESS",
    guards=(not_empty, is_priced, dates_hold, is_approved),
)
def activate_quote(
    change: Change,
    quote: Quote,
    *,
    valid_until: Annotated[
        date | None, "The last day the offer holds; the draft's, or the organisation's default."
    ] = (None),
) -> None:
    """Make a draft binding: content and prices are frozen and hashed (Dataverse: SetState to Active).

    The opportunity comes to its pipeline's stage of offers, such as PROPOSE, if it was not there yet.
    """
    quote.effective_from, quote.valid_until = _validity(
        change.moment, quote.effective_from, valid_until or quote.valid_until
    )
    freeze(change, quote)
    quote.activated_at = change.now
    quote.content_hash = content_hash(quote, change.parts(QuoteLine, quote))
    if quote.opportunity_id is not None:
        _reach_proposal(change, change.get(Opportunity, quote.opportunity_id))


def _validity(moment: Moment, begins: date | None, ends: date | None) -> tuple[date, date]:
    """Return the first and the last day of an offer: today, and the organisation's default, where open."""
    return begins or moment.today, ends or moment.in_days(moment.organization.quote_validity_days)


_earlier = aliased(Quote)
has_successor = Fact(
    "has_successor", lambda quote: select(_earlier.id).where(_earlier.previous_id == quote.id).exists()
)
has_other_live_revision = Fact(
    "has_other_live_revision",
    lambda quote: (
        select(_earlier.id)
        .where(
            _earlier.number == quote.number,
            _earlier.id != quote.id,
            col(_earlier.status) != QuoteStatus.CLOSED,
        )
        .exists()
    ),
)
opportunity_status = Fact(
    "opportunity_status",
    lambda quote: select(Opportunity.status).where(Opportunity.id == quote.opportunity_id).scalar_subquery(),
)


@guard("LATER_REVISION_EXISTS", has_successor, has_other_live_revision, "number")
def is_latest_revision(seen: Seen) -> str | None:
    """No later revision of the quote exists, and no other one is live."""
    if not (seen.has_successor or seen.has_other_live_revision):
        return None
    return f"A later revision of {seen.number} exists: revise that one."


@guard("OPPORTUNITY_CLOSED", opportunity_status)
def opportunity_open(seen: Seen) -> str | None:
    """The quote's opportunity is open, if it has one."""
    if seen.opportunity_status in {None, OpportunityStatus.OPEN}:
        return None
    return f"The quote's opportunity is {seen.opportunity_status}: reopenOpportunity opens it again."


@dataclass
class RevisedQuote:
    """The draft that takes the quote's place."""

    revision: Annotated[Quote | None, "The new draft, under the same number."]


# The ends of a quote that was not revised: a new revision may take up from there.
_REVISABLE = ("LOST", "CANCELED", "EXPIRED")


def _recall_revision(change: Change, quote: Quote) -> RevisedQuote:
    """Return the revision that took the quote's place."""
    return RevisedQuote(change.session.exec(select(Quote).where(Quote.previous_id == quote.id)).one_or_none())


@transition(
    Quote,
    event="quote.revised",
    sources=(QuoteStatus.ACTIVE, *(f"{QuoteStatus.CLOSED}.{reason}" for reason in _REVISABLE)),
    when_read_only="RECORD_READ_ONLY",
    target=QuoteStatus.CLOSED,
    guards=(is_latest_revision, opportunity_open),
    again=(f"{QuoteStatus.CLOSED}.REVISED",),
    recall=_recall_revision,
)
def revise_quote(
    change: Change, quote: Quote, *, note: Annotated[str | None, "Why, in words."] = None
) -> RevisedQuote:
    """Make a new draft under the same number with the next revision (Dataverse: ReviseQuote).

    An active quote is closed as REVISED; one that was lost, canceled or has expired stays what it is.
    Lines keep their identity, so that two revisions can be compared.
    """
    if quote.status is QuoteStatus.ACTIVE:
        change.become(quote, QuoteStatus.CLOSED, "REVISED")
        quote.closed_at = change.now
        close(change, quote, note=note)
    change.tell(quote, note=note)
    # The old revision has to be closed in the database before another one may be live.
    lines = change.parts(QuoteLine, quote)
    revision = change.add(
        change.new(
            Quote,
            **carried_terms(quote),
            number=quote.number,
            revision=quote.revision + 1,
            opportunity_id=quote.opportunity_id,
            previous_id=quote.id,
            customer_reference=quote.customer_reference,
        ),
        status=QuoteStatus.DRAFT,
        reason="IN_PROGRESS",
    )
    for line in lines:
        change.add(
            change.new(
                QuoteLine,
                quote_id=revision.id,
                opportunity_line_id=line.opportunity_line_id,
                previous_line_id=line.id,
                **carried(line),
            )
        )
    return RevisedQuote(revision)


def close(
    change: Change, quote: Quote, *, note: str | None = None, competitor: str | None = None
) -> CloseActivity:
    """Write the close activity of a quote that has come to its end."""
    return change.add(
        change.new(
            CloseActivity,
            account_id=quote.account_id,
            quote_id=quote.id,
            status=str(quote.status),
            reason=quote.reason,
            note=note,
            competitor=competitor,
            closed_on=change.moment.today,
        )
    )


def content_hash(quote: Quote, lines: Sequence[QuoteLine]) -> str:
    """Return the SHA-256 of what the customer sees: number, revision, validity, terms and lines."""
    content = {
        "number": quote.number,
        "revision": quote.revision,
        "name": quote.name,
        "customerReference": quote.customer_reference,
        "customer": [str(quote.account_id), str(quote.contact_id)],
        "effectiveFrom": str(quote.effective_from),
        "validUntil": str(quote.valid_until),
        "currency": quote.currency_code,
        "discount": plain(quote.discount_total),
        "freight": plain(quote.freight_amount),
        "taxes": quote.taxes,
        "tax": plain(quote.tax_total),
        "total": plain(quote.total),
        "lines": [
            [
                str(line.product_id),
                line.description,
                plain(line.quantity),
                line.unit,
                plain(line.price_per_unit),
                plain(line.volume_discount),
                plain(line.discount_amount),
                plain(line.discount_per_unit),
                plain(line.discount_share),
                plain(line.tax_percent),
                plain(line.tax_amount),
                plain(line.extended_amount),
            ]
            for line in lines
        ],
    }
    canonical = json.dumps(content, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(canonical.encode()).hexdigest()


def _reach_proposal(change: Change, opportunity: Opportunity) -> None:
    """Bring an open opportunity to its pipeline's stage of offers if it is in an earlier one."""
    if opportunity.status is not OpportunityStatus.OPEN:
        return
    stages = live_stages(change, opportunity.pipeline_id)
    proposal = next((each for each in stages if each.is_proposal), None)
    present = change.get(Stage, opportunity.stage_id)
    if proposal is not None and present.position < proposal.position:
        enter_stage(change, opportunity, proposal)
        change.tell(opportunity, "opportunity.stage_moved")
