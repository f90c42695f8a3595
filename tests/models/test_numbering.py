"""Do the numbers of documents run without a gap?"""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from models.numbering import next_number
from tests.desk import Desk, at_once
from tests.factories import make_invoice_draft, make_order


def test_numbers_count_up_by_series_and_year(desk: Desk) -> None:
    """Each series and each year begins at one."""
    with desk.database.writing() as session:
        taken = [
            next_number(session, series, year)
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
