"""How many are there of each kind, and what do they come to?"""

import json
from collections import Counter, defaultdict
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import update
from sqlmodel import col

from models.access import Viewer
from models.engines import local_month
from models.moment import Organization
from models.money import LARGEST
from models.quote import Quote
from tests.graphql_api.planner.company import ADMIN, MOMENT, PARTNER, Reader

SUMMARY = "sum { amount currencyCode } average { amount } minimum { amount } maximum { amount }"


def test_groups_count_sum_and_average_by_currency(reader: Reader) -> None:
    """Amounts are never added across currencies; they bear the digits of theirs."""
    answer = reader.answer(
        f"{{ quoteGroups(by: [STATUS]) {{ status currencyCode count total {{ {SUMMARY} }} }} }}"
    )

    def group(status: str, currency: str, count: int, *amounts: str) -> dict[str, Any]:
        total, *others = [{"amount": each} for each in amounts]
        names = ("average", "minimum", "maximum")
        summary = {"sum": total | {"currencyCode": currency}} | dict(zip(names, others, strict=True))
        return {"status": status, "currencyCode": currency, "count": count, "total": summary}

    assert json.loads(answer.data)["quoteGroups"] == [
        group("ACTIVE", "EUR", 2, "1.00", "0.50", "0.00", "1.00"),
        group("ACTIVE", "JPY", 1, "1", "1", "1", "1"),
        group("DRAFT", "EUR", 2, "2381.00", "1190.50", "1190.50", "1190.50"),
        group("DRAFT", "JPY", 1, "1190.5", "1191", "1190.5", "1190.5"),
    ]
    assert len(answer.statements) == 1


def test_groups_without_amounts_are_not_told_apart_by_currency(reader: Reader) -> None:
    """Only what is asked for is a key, and what is no key is null."""
    data = reader.data("""{ quoteGroups(by: [STATUS]) { status currencyCode owner { name } count }
        all: quoteGroups(by: []) { __typename count } none: leadGroups(by: [], where: {or: []}) { count }
        nothing: leadGroups(by: [SOURCE], where: {or: []}) { count } }""")

    assert data == {
        "quoteGroups": [
            {"status": status, "currencyCode": None, "owner": None, "count": 3}
            for status in ("ACTIVE", "DRAFT")
        ],
        "all": [{"__typename": "QuoteGroup", "count": 6}],
        "none": [{"count": 0}],
        "nothing": [],
    }


def test_groups_show_the_records_that_they_are_grouped_by(reader: Reader) -> None:
    """Each kind in one statement more, whatever the number of groups, as deep as any selection."""
    text = """{ quoteGroups(by: [OWNER, ACCOUNT, STATUS_REASON], where: {status: {eq: DRAFT}}) {
        count owner { name } statusReason { code }
        account { name quotes(first: 1) { nodes { number } } } } }"""
    answer = reader.answer(text)

    shared = {"owner": {"name": "Ada Admin"}, "statusReason": {"code": "IN_PROGRESS"}}
    assert json.loads(answer.data)["quoteGroups"] == [
        {"count": 1, **shared, "account": {"name": "Acme", "quotes": {"nodes": [{"number": "Q-21"}]}}},
        {"count": 2, **shared, "account": {"name": "Birch", "quotes": {"nodes": [{"number": "Q-11"}]}}},
    ]
    assert len(answer.statements) == reader.number(sqlite=5, postgresql=4)


@pytest.mark.parametrize("viewer", [ADMIN, PARTNER], ids=["admin", "partner"])
def test_groups_are_what_the_lists_hold(reader: Reader, viewer: Viewer) -> None:
    """Counted and summed in Python over the list with the same filter, for either role."""
    where = '{or: [{status: {eq: DRAFT}}, {account: {name: {startsWith: "A"}}}]}'
    data = reader.data(
        f"""{{ quoteGroups(by: [STATUS, VALID_UNTIL_MONTH, ACCOUNT], where: {where}) {{
            count status validUntilMonth currencyCode account {{ name }} total {{ sum {{ amount }} }} }}
        quotes(first: 100, where: {where}) {{ nodes {{
            status validUntil account {{ name }} total {{ amount currencyCode }} }} }} }}""",
        viewer=viewer,
    )
    counts: Counter[tuple[Any, ...]] = Counter()
    sums: defaultdict[tuple[Any, ...], Decimal] = defaultdict(Decimal)
    for each in data["quotes"]["nodes"]:
        month = each["validUntil"] and each["validUntil"][:7] + "-01"
        key = (each["status"], month, each["account"]["name"], each["total"]["currencyCode"])
        counts[key] += 1
        sums[key] += Decimal(each["total"]["amount"])

    found = {
        (each["status"], each["validUntilMonth"], each["account"]["name"], each["currencyCode"]): each
        for each in data["quoteGroups"]
    }
    assert {key: each["count"] for key, each in found.items()} == counts
    assert {key: Decimal(each["total"]["sum"]["amount"]) for key, each in found.items()} == sums
    assert len(found) == len(data["quoteGroups"]) > 1


def test_every_record_of_the_chain_is_grouped_by_everything(reader: Reader) -> None:
    """Each key alone makes groups that add up to all."""
    for field in ("lead", "opportunity", "quote", "order", "invoice"):
        choice: Any = reader.schema.type_map[f"{field.capitalize()}GroupField"]
        parts = " ".join(f"{key}: {field}Groups(by: [{key}]) {{ count }}" for key in choice.values)
        data = reader.data(f"{{ all: {field}Groups(by: []) {{ count }} {parts} }}")
        assert {"STATUS", "STATUS_REASON", "OWNER", "ACCOUNT", "CURRENCY_CODE", "CREATED_MONTH"} <= set(data)
        (whole,) = data.pop("all")
        assert {sum(each["count"] for each in groups) for groups in data.values()} == {whole["count"]}


def test_sums_may_be_larger_than_sixty_four_bits(reader: Reader) -> None:
    """Three of the largest amounts add up exactly, negative ones too."""
    with reader.database.writing() as session:
        session.execute(update(Quote).where(col(Quote.currency_code) == "EUR").values(total=LARGEST))
        session.execute(
            update(Quote).where(col(Quote.currency_code) == "JPY").values(total=Decimal("-0.000007"))
        )
        session.commit()

    data = reader.data("{ quoteGroups(by: []) { total { sum { amount } average { amount } } } }")

    assert [each["total"] for each in data["quoteGroups"]] == [
        {"sum": {"amount": "36000000000000.00"}, "average": {"amount": "9000000000000.00"}},
        {"sum": {"amount": "-0.000014"}, "average": {"amount": "0"}},
    ]


def test_a_month_is_one_of_the_organisations_calendar(reader: Reader) -> None:
    """An instant shortly before midnight in UTC belongs to the next month east of it."""
    with reader.database.writing() as session:
        session.execute(update(Quote).values(created_at=datetime(2026, 3, 31, 22, 30, tzinfo=UTC)))
        session.commit()
    operation = reader.prepared("{ quoteGroups(by: [CREATED_MONTH]) { createdMonth count } }")
    for zone, month in (
        ("UTC", "2026-03-01"),
        ("Europe/Berlin", "2026-04-01"),
        ("America/New_York", "2026-03-01"),
    ):
        moment = replace(MOMENT, organization=Organization(time_zone=ZoneInfo(zone)))
        with reader.database.snapshot() as snapshot:
            answer = reader.planner.query(snapshot, *operation, ADMIN, moment)
        assert json.loads(answer.data) == {"quoteGroups": [{"createdMonth": month, "count": 6}]}


def test_sqlite_finds_the_month_of_an_instant() -> None:
    """At the ends of a month the zone decides, in summer as in winter; null has none."""
    assert local_month("2026-10-25T00:30:00.000000Z", "Europe/Berlin") == "2026-10"
    assert local_month("2026-03-31T21:59:59.999999Z", "Europe/Berlin") == "2026-03"
    assert local_month("2026-03-31T22:00:00.000000Z", "Europe/Berlin") == "2026-04"
    assert local_month("2026-01-01T04:59:59.000000Z", "America/New_York") == "2025-12"
    assert local_month("2026-02-28T23:00:00.000000Z", "Asia/Kathmandu") == "2026-03"
    assert local_month(None, "UTC") is None


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (
            "by: [STATUS, OWNER, ACCOUNT, CURRENCY_CODE, CREATED_MONTH]",
            "`by` takes at most 4 fields; 5 were given.",
        ),
        ("by: [], first: 1001", "`first` is between 0 and 1000; 1001 is not."),
        ("by: [], first: -1", "`first` is between 0 and 1000; -1 is not."),
        ("by: [], where: {total: null}", "`where.total` is null: leave it out, or ask for `isNull: true`."),
    ],
)
def test_arguments_of_groups_that_cannot_be_used_are_refused(
    reader: Reader, arguments: str, message: str
) -> None:
    """The field is null, the rest is answered, and no statement is run."""
    answer = reader.answer(f"{{ quoteGroups({arguments}) {{ count }} viewer {{ name }} }}")

    assert answer.data == b'{"quoteGroups":null,"viewer":{"name":"Ada Admin"}}'
    told = [(error.message, error.path, error.extensions) for error in answer.errors]
    assert told == [(message, ["quoteGroups"], {"code": "BAD_USER_INPUT"})]
    assert answer.statements == []


def test_the_first_groups_are_a_stable_part_of_all(reader: Reader) -> None:
    """A smaller number gives the beginning of the same order."""
    text = "{{ quoteGroups(by: [STATUS, VALID_UNTIL_MONTH], first: {}) {{ status validUntilMonth count }} }}"
    whole = reader.data(text.format(100))["quoteGroups"]

    assert [reader.data(text.format(n))["quoteGroups"] for n in range(3)] == [whole[:n] for n in range(3)]
    assert [(each["status"], each["validUntilMonth"]) for each in whole] == [
        ("ACTIVE", None),
        ("DRAFT", "2026-04-01"),
    ]
