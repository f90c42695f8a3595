"""How long does a price take? ``pytest -m benchmark tests/benchmark/test_pricing.py -s`` prints it."""

import time
from decimal import Decimal
from statistics import median
from typing import Any

import pytest

from models.pricing import Position, Tax, Terms, price
from models.quote import QuoteLine
from tests.desk import Desk
from tests.factories import Item, make_draft

_RATES = [Tax("VAT", Decimal(rate)) for rate in (0, 7, 19)]


@pytest.mark.benchmark
def test_ten_thousand_lines() -> None:
    """One document of ten thousand lines at three rates, with a discount that is shared over them."""
    positions = [
        Position(Decimal(index % 17 + 1), Decimal(index % 991).scaleb(-2), taxes=(_RATES[index % 3],))
        for index in range(10_000)
    ]
    terms = Terms("EUR", Decimal(3), Decimal("12.34"), Decimal(50))
    times = []
    for _ in range(5):
        begin = time.perf_counter()
        price(positions, terms)
        times.append(time.perf_counter() - begin)
    print(f"\n10,000 lines: median {median(times) * 1000:.0f} ms")


@pytest.mark.benchmark
def test_editing_one_of_a_thousand_lines(desk: Desk) -> None:
    """The whole command, from its lock to its commit, on each engine."""
    quote = make_draft(desk, [Item("2", "10.01")])
    (first,) = desk.all(QuoteLine)
    copied: dict[str, Any] = first.model_dump(exclude={"id", "position", "opportunity_line_id"})
    with desk.database.writing() as session:
        session.add_all(QuoteLine(**copied, position=position) for position in range(2, 1001))
        session.commit()
    times = []
    for number in range(15):
        begin = time.perf_counter()
        desk.do(
            "update_quote_line",
            id=quote,
            expected_version=None,
            line_id=first.public_id,
            quantity=Decimal(number + 1),
        )
        times.append(time.perf_counter() - begin)
    print(f"\none of 1,000 lines, {desk.database.dialect}: median {median(times[1:]) * 1000:.0f} ms")
