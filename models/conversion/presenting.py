"""How does an offer reach the customer?"""

from dataclasses import dataclass
from typing import Annotated

from models.access import TOKEN_PREFIX, digest_of, make_secret
from models.activity import Activity, ActivityKind, make_activity
from models.lifecycle import Change, transition
from models.quote import PresentationChannel, Quote, QuoteStatus, never_expired

# As what the timeline of activities tells of each way; a link is sent.
_KINDS = {
    PresentationChannel.EMAIL: ActivityKind.EMAIL,
    PresentationChannel.LINK: ActivityKind.EMAIL,
    PresentationChannel.MEETING: ActivityKind.APPOINTMENT,
    PresentationChannel.POST: ActivityKind.LETTER,
}


@dataclass
class Presented:
    """What presenting a quote made."""

    token: Annotated[
        str,
        "Opens this quote, and only this one, to the customer, who sends it as `Authorization: Bearer "
        "offer_…` to read, accept, decline or comment on it. It ends when the quote is closed or presented "
        "again. Shown once; only its hash is kept.",
    ]
    activity: Annotated[Activity, "The completed activity that tells of it."]


@transition(
    Quote,
    event="quote.presented",
    sources=(QuoteStatus.ACTIVE,),
    target=QuoteStatus.ACTIVE,
    reason="PRESENTED",
    guards=(never_expired,),
)
def present_quote(
    change: Change,
    quote: Quote,
    *,
    channel: Annotated[PresentationChannel, "How it reached the customer."] = PresentationChannel.EMAIL,
    note: Annotated[str | None, "What was said."] = None,
) -> Presented:
    """Present an active quote to the customer, and write that down as an activity.

    A new token replaces the one before.
    """
    token = make_secret(TOKEN_PREFIX)
    quote.token_digest = digest_of(token, b"")
    quote.presented_at = change.now
    quote.presented_by = channel
    change.tell(quote, note=note)
    activity = make_activity(
        change,
        quote,
        f"Quote {quote.number} presented",
        kind=_KINDS[channel],
        description=note,
        completed_at=change.now,
        owner_id=change.viewer.user_id,
    )
    return Presented(token, activity)
