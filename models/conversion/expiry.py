"""How does an offer end that nobody took up?"""

from models.conversion.quoting import close
from models.lifecycle import Change, transition
from models.quote import Quote, QuoteStatus


@transition(
    Quote,
    event="quote.expired",
    sources=(QuoteStatus.ACTIVE,),
    target=QuoteStatus.CLOSED,
    reason="EXPIRED",
    # Valid through the end of its last day in the organisation's time zone.
    due=lambda quote, moment: quote.valid_until < moment.today,
    of_clock=True,
)
def expire_quote(change: Change, quote: Quote) -> None:
    """Close an active quote whose last day is over. Its opportunity stays as it is."""
    quote.closed_at = change.now
    close(change, quote, note=f"Valid until {quote.valid_until}.")
    change.tell(quote, note=f"Valid until {quote.valid_until}.")
