"""Do the numbers of documents run without a gap?"""

import re
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from models.lifecycle import Change
from models.numbering import next_number, parse_patterns
from tests.desk import TODAY, Desk, at_once, told
from tests.factories import make_invoice_draft, make_order


def test_numbers_count_up_by_series_and_year(desk: Desk) -> None:
    """Each series and each year begins at one."""
    with desk.database.writing() as session:
        taken = [
            next_number(Change(session, desk.viewer, desk.moment), series, date(year, 3, 2))
            for series, year in (("Q", 2026), ("Q", 2026), ("O", 2026), ("Q", 2027), ("Q", 2026))
        ]
    assert taken == ["Q-2026-00001", "Q-2026-00002", "O-2026-00001", "Q-2027-00001", "Q-2026-00003"]


def test_what_is_rolled_back_takes_no_number(desk: Desk) -> None:
    """A refused issue, and a dry run, give their number back."""
    first, second = make_invoice_draft(desk), make_invoice_draft(desk)
    desk.tried("issue_invoice", id=first)
    desk.refused("issue_invoice", id=first, terms_days=-1)
    desk.do("issue_invoice", id=second)
    desk.do("issue_invoice", id=first)
    assert (desk.row(second).number, desk.row(first).number) == ("I-2026-00001", "I-2026-00002")


def test_a_draft_or_a_discarded_invoice_has_no_number(desk: Desk) -> None:
    """Only issuing takes a number."""
    invoice = make_invoice_draft(desk)
    assert desk.row(invoice).number is None
    desk.do("discard_invoice", id=invoice)
    assert desk.row(invoice).number is None


def test_the_year_is_that_of_the_organisation(desk: Desk) -> None:
    """Near midnight of the last day the time zone decides, for orders as for invoices."""
    night = replace(desk, now=datetime(2026, 12, 31, 23, 30, tzinfo=UTC))
    assert night.row(make_order(night)).number == "O-2026-00001"
    east = night.abroad("Asia/Tokyo")
    assert east.row(make_order(east)).number == "O-2027-00001"


@pytest.mark.parametrize("count", [50])
def test_fifty_issues_at_once_are_numbered_without_a_gap(crowd: Desk, count: int) -> None:
    """Each thread issues one invoice: consecutive numbers, and no error."""
    invoices = [make_invoice_draft(crowd) for _ in range(count)]
    at_once(count, lambda number: crowd.do("issue_invoice", id=invoices[number]))
    numbers = sorted(crowd.row(invoice).number for invoice in invoices)
    assert numbers == [f"I-2026-{number:05d}" for number in range(1, count + 1)]


def test_numbers_are_written_as_the_organisation_chose(desk: Desk) -> None:
    """A pattern says how; without a year in it the count runs on, with one it begins anew."""
    patterns = parse_patterns(["I=RE{yy}/{number:03}", "Q=Offer {number}"])
    own = replace(desk, organization=replace(desk.organization, number_patterns=patterns))
    taken = []
    with own.database.writing() as session:
        change = Change(session, own.viewer, own.moment)
        for series, year in (("I", 2026), ("I", 2027), ("Q", 2026), ("Q", 2027), ("O", 2026)):
            taken.append(next_number(change, series, date(year, 3, 2)))
    assert taken == ["RE26/001", "RE27/001", "Offer 1", "Offer 2", "O-2026-00001"]


@pytest.mark.parametrize(
    ("items", "words"),
    [
        (["X=X-{number}"], "'X=X-{number}' does not begin with one of the series A (accounts), Q (quotes), "),
        (["I=I{number}", "I=J{number}"], "'I=J{number}' does not begin with one of the series "),
        (["I=I-{year}"], "'I-{year}' is not a pattern like 'I-{year}-{number:05}': {number} once, "),
        (["I={number}-{number}"], "'{number}-{number}' is not a pattern like "),
        (["I={number:x}"], "'{number:x}' is not a pattern like "),
        (["I={number!r}"], "'{number!r}' is not a pattern like "),
        (["I={month}{number}"], "'{month}{number}' is not a pattern like "),
        (["I={number"], "'{number' is not a pattern like "),
        ([f"I={'x' * 31}{{number}}"], "makes numbers longer than 40 characters"),
        (["I=C-{year}-{number:05}"], "two series would write the same numbers; give each its own pattern"),
    ],
)
def test_a_pattern_that_tells_no_numbers_apart_is_refused(items: list[str], words: str) -> None:
    """An unknown series, a pattern without its number, one that is too long, and two that are the same."""
    with pytest.raises(ValueError, match=re.escape(words)):
        parse_patterns(items)


def test_numbers_and_dates_run_in_one_order(desk: Desk) -> None:
    """No invoice is dated before the last one, be it of the year before: an auditor would ask."""
    first, second = make_invoice_draft(desk), make_invoice_draft(desk)
    desk.do("issue_invoice", id=first)
    refusal = desk.refused("issue_invoice", id=second, issued_on=TODAY - timedelta(days=1))
    assert told(refusal) == ("INVALID_DATES", ("input", "issuedOn"))
    assert refusal.message == (
        "issuedOn 2026-03-01 lies before 2026-03-02, the date of the last number given to invoices: "
        "dates and numbers run in one order, so issue it on 2026-03-02 or later."
    )
    refusal = desk.refused("issue_invoice", id=second, issued_on=date(2025, 12, 31))
    assert refusal.message.startswith("issuedOn 2025-12-31 lies before 2026-03-02, ")
    desk.do("issue_invoice", id=second, issued_on=TODAY)
    assert desk.row(second).number == "I-2026-00002"


def test_the_last_of_a_year_may_be_issued_in_the_next(desk: Desk) -> None:
    """As long as the new year's numbers have not begun, the old year's go on."""
    invoice, later = make_invoice_draft(desk), make_invoice_draft(desk)
    january = replace(desk, now=datetime(2027, 1, 4, 9, tzinfo=UTC))
    january.do("issue_invoice", id=invoice, issued_on=date(2026, 12, 31))
    january.do("issue_invoice", id=later)
    assert (desk.row(invoice).number, desk.row(later).number) == ("I-2026-00001", "I-2027-00001")
