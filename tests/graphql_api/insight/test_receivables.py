"""Is what is owed told by its age, to the day and to the cent, and to those alone who may see it?"""

from datetime import timedelta
from decimal import Decimal
from typing import Any

from models.access import Role
from models.record import public_id
from tests.desk import Desk
from tests.factories import Item, make_account, make_invoice_draft
from tests.graphql_api.insight.window import answered, asked, refused

_FIELDS = """currencyCode count balance { amount currencyCode } overdue { amount } oldestDueOn
    buckets { age count balance { amount } }"""
ALL = f"query ($where: InvoiceWhere) {{ receivables(where: $where) {{ {_FIELDS} }} }}"
BY_ACCOUNT = """query ($first: Int, $after: String, $where: InvoiceWhere) {
    receivablesByAccount(first: $first, after: $after, where: $where) {
        edges { cursor node { account { name }
            receivables { currencyCode overdue { amount } balance { amount } } } }
        pageInfo { hasNextPage hasPreviousPage startCursor endCursor } } }"""
AGES = ("NOT_DUE", "DAYS_1_TO_30", "DAYS_31_TO_60", "DAYS_61_TO_90", "OVER_90_DAYS")


def owe(desk: Desk, price: str, *, days_ago: int, account: str | None = None, currency: str = "EUR") -> str:
    """Return an invoice, without tax, that was due so many days ago."""
    account = account or make_account(desk, currency_code=currency)
    invoice = make_invoice_draft(
        desk, [Item("1", price, tax="0")], currency=currency, account=account
    )  # fmt: skip
    # Numbers run in the order of their dates: all are issued on one day, and due on different ones.
    day = desk.moment.today - timedelta(days=100)
    desk.do("issue_invoice", id=invoice, issued_on=day, terms_days=100 - days_ago)
    return invoice


def buckets(*counted: tuple[int, str]) -> list[dict[str, Any]]:
    """Return all buckets as they are asked for."""
    return [
        {"age": age, "count": count, "balance": {"amount": amount}}
        for age, (count, amount) in zip(AGES, counted, strict=True)
    ]


def test_what_is_owed_is_told_by_its_age(desk: Desk) -> None:
    """The edges of each age, a part that was paid, and nothing of drafts, paid and canceled invoices."""
    for days, price in ((0, "1"), (1, "10"), (30, "20"), (31, "100"), (60, "200"), (61, "1000")):
        owe(desk, price, days_ago=days)
    owe(desk, "2000.05", days_ago=90)
    part = owe(desk, "40000", days_ago=91)
    desk.do("record_payment", id=part, amount=Decimal(10000))
    paid, void = owe(desk, "7", days_ago=5), owe(desk, "7", days_ago=5)
    desk.do("mark_invoice_paid", id=paid)
    desk.do("cancel_invoice", id=void, reason="Typing error.")
    make_invoice_draft(desk)
    owe(desk, "500", days_ago=40, currency="JPY")
    found, _, statements = answered(desk, ALL)
    assert found["receivables"] == [
        {
            "currencyCode": "EUR",
            "count": 8,
            "balance": {"amount": "33331.05", "currencyCode": "EUR"},
            "overdue": {"amount": "33330.05"},
            "oldestDueOn": "2025-12-01",
            "buckets": buckets((1, "1.00"), (2, "30.00"), (2, "300.00"), (2, "3000.05"), (1, "30000.00")),
        },
        {
            "currencyCode": "JPY",
            "count": 1,
            "balance": {"amount": "500", "currencyCode": "JPY"},
            "overdue": {"amount": "500"},
            "oldestDueOn": "2026-01-21",
            "buckets": buckets((0, "0"), (0, "0"), (1, "500"), (0, "0"), (0, "0")),
        },
    ]
    assert len(statements) == 1


def test_a_day_later_everything_is_a_day_older(desk: Desk) -> None:
    """Today is that of the organisation: in Tokyo the day has begun already."""
    owe(desk, "1", days_ago=0)
    assert asked(desk, ALL)["receivables"][0]["overdue"]["amount"] == "0.00"
    late = desk.later(hours=8).abroad("Asia/Tokyo")
    assert asked(late, ALL)["receivables"][0]["overdue"]["amount"] == "1.00"


def test_accounts_that_owe_most_overdue_come_first(desk: Desk) -> None:
    """Page by page, currency by currency; a filter narrows it, a cursor keeps to its filter."""
    acme, birch, cedar = (make_account(desk, name=name) for name in ("Acme", "Birch", "Cedar"))
    owe(desk, "100", days_ago=5, account=acme)
    owe(desk, "900", days_ago=-5, account=acme)
    owe(desk, "150", days_ago=5, account=birch)
    owe(desk, "150", days_ago=50, account=birch)
    owe(desk, "20", days_ago=5, account=cedar)
    yen = make_account(desk, name="Yen", currency_code="JPY")
    owe(desk, "9", days_ago=5, account=yen, currency="JPY")

    def row(name: str, overdue: str, balance: str, code: str = "EUR") -> dict[str, Any]:
        owed = {"currencyCode": code, "overdue": {"amount": overdue}, "balance": {"amount": balance}}
        return {"account": {"name": name}, "receivables": owed}

    data, _, statements = answered(desk, BY_ACCOUNT, first=3)
    page = data["receivablesByAccount"]
    assert [edge["node"] for edge in page["edges"]] == [
        row("Birch", "300.00", "300.00"), row("Acme", "100.00", "1000.00"), row("Cedar", "20.00", "20.00"),
    ]  # fmt: skip
    assert page["pageInfo"] == {
        "hasNextPage": True,
        "hasPreviousPage": False,
        "startCursor": page["edges"][0]["cursor"],
        "endCursor": page["edges"][2]["cursor"],
    }
    assert len(statements) == 2
    after = page["pageInfo"]["endCursor"]
    rest = asked(desk, BY_ACCOUNT, first=3, after=after)["receivablesByAccount"]
    assert [edge["node"] for edge in rest["edges"]] == [row("Yen", "9", "9", "JPY")]
    assert (rest["pageInfo"]["hasNextPage"], rest["pageInfo"]["hasPreviousPage"]) == (False, True)
    where = {"dueOn": {"gte": desk.moment.today.isoformat()}}
    (only,) = asked(desk, BY_ACCOUNT, where=where)["receivablesByAccount"]["edges"]
    assert only["node"] == row("Acme", "0.00", "900.00")
    assert refused(desk, BY_ACCOUNT, where=where, after=after)[0] == "CURSOR_INVALID"
    assert refused(desk, BY_ACCOUNT, after="bm9uZQ")[0] == "CURSOR_INVALID"
    assert refused(desk, BY_ACCOUNT, first=101) == (
        "BAD_USER_INPUT", "`first` is between 0 and 100; 101 is not.",
    )  # fmt: skip


def test_a_partner_is_told_of_what_its_accounts_owe(desk: Desk) -> None:
    """And of nothing else, in sums and in lists."""
    shared = make_account(desk, name="Acme")
    owe(desk, "5", days_ago=5, account=shared)
    owe(desk, "9", days_ago=5)
    partner = public_id("user", desk.users[Role.PARTNER].id)
    desk.do("share_account", id=shared, partner_id=partner)
    look = desk.acting(Role.PARTNER)
    assert [each["balance"]["amount"] for each in asked(look, ALL)["receivables"]] == ["5.00"]
    edges = asked(look, BY_ACCOUNT)["receivablesByAccount"]["edges"]
    assert [edge["node"]["account"]["name"] for edge in edges] == ["Acme"]
