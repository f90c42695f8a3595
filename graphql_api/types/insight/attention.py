"""What does the schema show of what needs attention next?"""

from collections.abc import Mapping
from datetime import date
from typing import Any

import strawberry
from sqlalchemy import Date, Integer
from sqlmodel import Session

from graphql_api.planner.backing import RootComputed
from graphql_api.planner.condition import ArgumentRefused, plain_code
from graphql_api.planner.cursor import digest
from graphql_api.types.asked import key_asked, money_of
from graphql_api.types.backed import argument, built_field, by_name, describe, given, optional, shown
from graphql_api.types.forward import forward_arguments, forward_connection, forward_page
from graphql_api.types.node import Node
from models.access import Viewer
from models.insight import FEWEST_STAYS, AttentionKind, Item, Wanted, attention
from models.moment import Moment
from models.record import Identifier

_DEFAULT_DAYS, _MOST_DAYS = 7, 365

describe(
    AttentionKind,
    "Why something needs attention.",
    QUOTE_EXPIRING="An active quote whose last day is near.",
    STAGE_OVERSTAYED=(
        "An open deal, not on hold, that is in its stage for longer than the median of the stays there that "
        f"are over; at least {FEWEST_STAYS} have to be."
    ),
    CLOSE_DATE_PASSED="An open deal that was expected to close before today.",
    NOT_INVOICED="An order of which the customer has more than is billed.",
    INVOICE_OVERDUE="An invoice on which something is owed that was due before today.",
)


@shown
class AttentionItem:
    """A record that needs attention, and why."""

    kind = given(AttentionKind, "Why, for programs.")
    why = given(str, "Why, for people: in words and figures.")
    due_on = given(
        date,
        "The day that counts: the quote's last, that on which the deal passed the median or should have "
        "closed, that of the last delivery, or the invoice's due date.",
    )
    days = given(int, "How many days that was ago; below zero where it lies ahead.")
    amount = given(
        by_name("Money"), "What is at stake: a total, an estimated revenue, or what of an invoice is owed."
    )
    record = given(Node | None, "The quote, opportunity, order or invoice.")


def _shown(item: Item) -> dict[str, Any]:
    reason = item.reason
    return {
        "kind": item.kind,
        "why": reason.words,
        "due_on": item.due_on,
        "days": item.days,
        "amount": money_of(reason.amount, reason.currency_code),
        "record": item.record,
    }


def _answer(session: Session, viewer: Viewer, moment: Moment, arguments: Mapping[str, Any]) -> dict[str, Any]:
    given_kinds = arguments.get("kinds")
    kinds = [
        AttentionKind(plain_code(each)) for each in (AttentionKind if given_kinds is None else given_kinds)
    ]
    owner, days = key_asked(arguments, "owner", "user"), arguments.get("expiringWithinDays")
    days = _DEFAULT_DAYS if days is None else days
    if not 0 <= days <= _MOST_DAYS:
        message = f"`expiringWithinDays` is between 0 and {_MOST_DAYS}; {days} is not."
        raise ArgumentRefused(message)
    bound_to = digest("attention", sorted(set(kinds)), owner, days)
    page = forward_page(arguments, bound_to, [Date(), Integer(), Identifier()])
    after: Any = page.after
    items, has_next = attention(session, viewer, moment, Wanted(kinds, owner, days, page.first, after))
    return page.shown(items, _keys, has_next=has_next, node=_shown)


def _keys(item: Item) -> list[Any]:
    """Return what the cursor of an item holds."""
    due_on, number, key = item.place
    return [due_on.isoformat(), number, key.hex]


def root_attention() -> Any:
    """Declare ``attention``."""
    text = "What needs attention next, and why: what has waited longest first."
    arguments = [
        *forward_arguments(),
        argument("kinds", list[AttentionKind] | None, "Only of these kinds; all where absent or null."),
        argument("owner", strawberry.ID | None, "Only what this user looks after."),
        argument(
            "expiring_within_days",
            int | None,
            f"How many days before its end a quote is expiring, at most {_MOST_DAYS}.",
            default=_DEFAULT_DAYS,
        ),
    ]
    kind = optional(forward_connection("AttentionItem", "records that need attention"), null=True)
    return built_field(RootComputed(_answer), kind, text, arguments)
