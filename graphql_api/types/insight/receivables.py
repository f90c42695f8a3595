"""What does the schema show of what is owed to the company?"""

from collections.abc import Mapping
from datetime import date
from typing import Any

from sqlalchemy import Integer
from sqlmodel import Session

from graphql_api.planner.backing import RootComputed
from graphql_api.planner.cursor import digest
from graphql_api.types.asked import money_of, scope_asked
from graphql_api.types.backed import built_field, by_name, describe, given, list_of, optional, shown
from graphql_api.types.filtering import where_argument
from graphql_api.types.forward import forward_arguments, forward_connection, forward_page
from graphql_api.types.scalars import CurrencyCode
from models.access import Viewer
from models.insight import ReceivableAge, receivables, receivables_by_account
from models.insight import Receivables as Owed
from models.moment import Moment

_MONEY = by_name("Money")

describe(
    ReceivableAge,
    "For how long what is owed has been due, in days of the organisation's calendar.",
    NOT_DUE="It is due today or later.",
    DAYS_1_TO_30="It was due 1 to 30 days ago.",
    DAYS_31_TO_60="It was due 31 to 60 days ago.",
    DAYS_61_TO_90="It was due 61 to 90 days ago.",
    OVER_90_DAYS="It was due more than 90 days ago.",
)


@shown
class ReceivableBucket:
    """The invoices of one age."""

    age = given(ReceivableAge, "For how long they have been due.")
    count = given(int, "How many they are.")
    balance = given(_MONEY, "What is owed on them.")


@shown
class Receivables:
    """What is owed in one currency on invoices that were issued."""

    currency_code = given(CurrencyCode, "The currency; another one is another item.")
    count = given(int, "On how many invoices something is owed.")
    balance = given(_MONEY, "What is owed in all.")
    overdue = given(_MONEY, "What of it was due before today.")
    oldest_due_on = given(date, "The earliest day on which one of them was due.")
    buckets = given(list_of(ReceivableBucket), "The same by age: all five in their order, empty ones too.")


@shown
class AccountReceivables:
    """What one account owes in one currency on invoices that were issued."""

    account = given(by_name("Account") | None, "Who owes it; null for invoices without an account.")
    receivables = given(Receivables, "What is owed, by age.")


def _shown(owed: Owed) -> dict[str, Any]:
    code = owed.currency_code
    return {
        "currency_code": code,
        "count": owed.count,
        "balance": money_of(owed.balance, code),
        "overdue": money_of(owed.overdue, code),
        "oldest_due_on": owed.oldest_due_on,
        "buckets": [
            {"age": each.age, "count": each.count, "balance": money_of(each.balance, code)}
            for each in owed.buckets
        ],
    }


def _all(
    session: Session, viewer: Viewer, moment: Moment, arguments: Mapping[str, Any]
) -> list[dict[str, Any]]:
    invoices = scope_asked(session, viewer, moment, "Invoice", arguments)
    return [_shown(each) for each in receivables(invoices)]


def _by_account(
    session: Session, viewer: Viewer, moment: Moment, arguments: Mapping[str, Any]
) -> dict[str, Any]:
    bound_to = digest("receivablesByAccount", arguments.get("where"))
    page = forward_page(arguments, bound_to, [Integer()])
    found = receivables_by_account(scope_asked(session, viewer, moment, "Invoice", arguments))
    # The place of an item in the whole list: sums have no key that a page could begin behind.
    start = 0 if page.after is None else page.after[0] + 1
    items = list(enumerate(found))[start : start + page.first]
    return page.shown(
        items,
        lambda item: [item[0]],
        has_next=start + page.first < len(found),
        node=lambda item: {"account": item[1].account, "receivables": _shown(item[1])},
    )


def root_receivables() -> Any:
    """Declare ``receivables``."""
    text = (
        "What is owed on invoices that were issued, by currency and by how long it has been due. Drafts and "
        "canceled invoices are not owed."
    )
    kind = optional(list_of(Receivables), null=True)
    return built_field(RootComputed(_all), kind, text, [where_argument("Invoice")])


def root_receivables_by_account() -> Any:
    """Declare ``receivablesByAccount``."""
    text = (
        "What each account owes in each currency: by currency, who owes most of it overdue first. A deal's "
        "currency is never added to another."
    )
    kind = optional(forward_connection("AccountReceivables", "accounts with what they owe"), null=True)
    arguments = [*forward_arguments(), where_argument("Invoice")]
    return built_field(RootComputed(_by_account), kind, text, arguments)
