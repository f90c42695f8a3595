"""What does the schema show of a quote?"""

from graphql_api.types.backed import backed_by, column, describe, one, one_back
from graphql_api.types.document import DocumentFields, LineFields
from graphql_api.types.node import Node, Versioned
from graphql_api.types.paging import many, ordered
from graphql_api.types.transition import transitions_of
from models.quote import PresentationChannel, QuoteStatus
from models.quote import Quote as QuoteTable
from models.quote import QuoteLine as QuoteLineTable

describe(
    QuoteStatus,
    "The states of a quote.",
    DRAFT="Being written: lines and prices can change.",
    ACTIVE="Valid and frozen: what the customer holds is what is stored.",
    WON="Accepted: its order is made. Read-only.",
    CLOSED="Lost, cancelled, expired, or replaced by its next revision. Read-only.",
)
describe(
    PresentationChannel,
    "How a quote reached the customer.",
    EMAIL="By e-mail.",
    LINK="By a link to it.",
    MEETING="In a meeting.",
    POST="By post.",
)
ordered(
    QuoteTable,
    created_at="When the quote was made.",
    updated_at="When a command last touched the quote.",
    number="By quote number; its revisions have the same.",
    valid_until="By the last day of its validity.",
    total="By total, as a number: mind the currencies.",
)


@backed_by(QuoteTable)
class Quote(DocumentFields, Versioned, Node):
    """A priced offer that the customer can hold us to once it is active."""

    status = column("The quote's state.")
    number = column(
        "The number that people use, for example Q-2026-00042. Never reused; a revision keeps it."
    )
    revision = column("0 for the first, 1 for the revision that replaced it, and so on.")
    opportunity = one("The opportunity that it was made for.")
    previous = one("The revision that this one replaced.")
    next = one_back("quote", "previous_id", "The revision that replaced this one.")
    revisions = many(
        "quote",
        "number",
        "Every revision under this number, this one included, first to last.",
        parent="number",
        order=(("revision", False),),
    )
    effective_from = column("The first day of its validity.")
    valid_until = column("The last day of its validity: it holds through the end of that day.")
    activated_at = column("When it became active, and was frozen.")
    content_hash = column("SHA-256 of what the customer was offered, taken when it became active.")
    presented_at = column("When it was last presented to the customer.")
    presented_by = column("How it was presented.")
    customer_reference = column("The customer's own reference, for example a purchase order number.")
    closed_at = column("When it was won or closed.")
    lines = many("quote_line", "quote_id", "What is offered, by position.", order=(("position", False),))
    order = one_back("order", "quote_id", "The order made from this quote, once it is won.")
    close_activities = many("close_activity", "quote_id", "Why it was closed.")
    transitions = transitions_of(QuoteTable, QuoteStatus)


@backed_by(QuoteLineTable)
class QuoteLine(LineFields, Node):
    """One position of a quote."""

    quote = one("The quote that it belongs to.")
    opportunity_line = one("The position of the opportunity that it was made from.")
    previous_line = one("The same position on the revision before.")
    revised_lines = many("quote_line", "previous_line_id", "The same position on the next revision.")
    order_lines = many("order_line", "quote_line_id", "The positions of orders that were made from it.")
