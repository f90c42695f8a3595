"""What does the schema show of a quote?"""

from collections.abc import Mapping
from typing import Any

import strawberry
from sqlmodel import Session

from graphql_api.errors import ErrorCode
from graphql_api.planner.backing import Computed, RootComputed
from graphql_api.planner.condition import ArgumentRefused
from graphql_api.types.backed import (
    argument,
    backed_by,
    built_field,
    by_name,
    column,
    computed,
    describe,
    given,
    one,
    one_back,
    optional,
    shown,
)
from graphql_api.types.document import DocumentFields, LineFields, price_outdated
from graphql_api.types.node import Node, Versioned
from graphql_api.types.paging import many, ordered
from graphql_api.types.timeline import FieldChange
from graphql_api.types.transition import transitions_of
from models.access import Viewer
from models.conversion.comparing import NEEDED, LineChange, compare, compare_revisions
from models.errors import InputRefusal, NotFound
from models.lifecycle.arguments import decode_id
from models.moment import Moment
from models.quote import PresentationChannel, QuoteStatus
from models.quote import Quote as QuoteTable
from models.quote import QuoteLine as QuoteLineTable

describe(
    QuoteStatus,
    "The states of a quote.",
    DRAFT="Being written: lines and prices can change.",
    ACTIVE="Valid and frozen: what the customer holds is what is stored.",
    WON="Accepted: its order is made. Read-only.",
    CLOSED="Lost, canceled, expired, or replaced by its next revision. Read-only.",
)
describe(
    LineChange,
    "What became of a line from one revision to another.",
    ADDED="It is new.",
    REMOVED="It is gone.",
    CHANGED="It is there and is not what it was.",
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


@shown
class QuoteLineDiff:
    """What became of one line since the other revision. It is the same while it keeps its lineage."""

    kind = given(LineChange, "Whether the line is new, gone, or not what it was.")
    line = given(strawberry.ID, "The line's id; of one that is gone, its id on the revision compared with.")
    description = given(str, "What the line offers; of one that is gone, what it offered.")
    changes = given(
        list[FieldChange], "The fields that differ: of a new line there is no before, of a gone one no after."
    )


@shown
class QuoteDiff:
    """What changed from one revision of a quote to another."""

    revision = given(int, "The revision that it is compared with: quoteDiff's `from`, or the one before.")
    to_revision = given(int, "The revision that it tells of.")
    fields = given(list[FieldChange], "The header's fields that differ.")
    lines = given(
        list[QuoteLineDiff],
        "The lines that differ: those that are there by position, then those that are gone.",
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
    approved_at = column("When the last approver agreed; null again once the draft is edited.")
    approvals = many("quote_approval", "quote_id", "The approvals that policies asked for, oldest first.")
    activated_at = column("When it became active, and was frozen.")
    content_hash = column("SHA-256 of what the customer was offered, taken when it became active.")
    presented_at = column("When it was last presented to the customer.")
    presented_by = column("How it was presented.")
    customer_reference = column("The customer's own reference, for example a purchase order number.")
    closed_at = column("When it was won or closed.")
    lines = many("quote_line", "quote_id", "What is offered, by position.", order=(("position", False),))
    order = one_back("order", "quote_id", "The order made from this quote, once it is won.")
    is_price_outdated = price_outdated(QuoteTable)
    reverted_orders = many(
        "order", "reverted_quote_id", "Orders that were canceled because their acceptance was taken back."
    )
    close_activities = many("close_activity", "quote_id", "Why it was closed.")
    diff = computed(
        Computed(NEEDED, compare),
        optional(by_name("QuoteDiff"), null=True),
        "What changed since the revision before, on the header and line by line; null for a first one.",
    )
    transitions = transitions_of(QuoteTable, QuoteStatus)


@backed_by(QuoteLineTable)
class QuoteLine(LineFields, Node):
    """One position of a quote."""

    quote = one("The quote that it belongs to.")
    is_price_outdated = price_outdated(QuoteLineTable)
    opportunity_line = one("The position of the opportunity that it was made from.")
    previous_line = one("The same position on the revision before.")
    revised_lines = many("quote_line", "previous_line_id", "The same position on the next revision.")
    order_lines = many("order_line", "quote_line_id", "The positions of orders that were made from it.")


def root_quote_diff() -> Any:
    """Declare ``quoteDiff``."""
    text = (
        "What changed from one revision of a quote to another, whichever is older; null, with an error, "
        "where you do not see both, or where they are revisions of two numbers."
    )
    wanted = [
        argument("from", strawberry.ID, "The revision that is compared with."),
        argument("to", strawberry.ID, "The revision that is told of, under the same number."),
    ]
    return built_field(RootComputed(_diff), optional(QuoteDiff, null=True), text, wanted)


def _diff(session: Session, viewer: Viewer, moment: Moment, arguments: Mapping[str, Any]) -> dict[str, Any]:
    """Return the difference of two revisions, under Python names.

    Raises:
        ArgumentRefused: an id is none of a quote that the viewer sees, or they are of two numbers.
    """
    del moment
    try:
        earlier, later = (
            decode_id(str(arguments[name]), QuoteTable.noun(), (name,)) for name in ("from", "to")
        )
        return compare_revisions(session, viewer, earlier, later)
    except InputRefusal as refusal:
        message = f"{refusal.path[-1]}: {refusal.message}"
        raise ArgumentRefused(message) from refusal
    except NotFound as refusal:
        raise ArgumentRefused(refusal.message, ErrorCode.NOT_FOUND) from refusal
