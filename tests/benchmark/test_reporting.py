"""Do the parts of the benchmark that need no server say what they have to?"""

from xml.etree import ElementTree as ET

import pytest

from models.record import new_id, public_id
from tests.benchmark.ground import Row, ratio
from tests.benchmark.load import Measured
from tests.benchmark.picture import bars
from tests.benchmark.questions import content_of
from tests.benchmark.report import markdown, told_in


def test_the_same_content_is_found_in_every_form() -> None:
    """Ids, amounts, lists and counts are compared by what they say."""
    key = new_id()
    ours = (
        '{"data": {"quotes": {"totalCount": {"value": 2}, '
        f'"nodes": [{{"id": "{public_id("quote", key)}", '
        '"total": {"amount": "10.50", "currencyCode": "EUR"}, "validUntil": null}]}}}'
    )
    other = (
        f'{{"data": {{"quotes": {{"totalCount": "2", "nodes": [{{"id": "{key}", '
        '"total": "10500000", "currencyCode": "EUR", "validUntil": null}]}}}'
    )
    wanted = [
        ("totalCount", "2"),
        ("quotes", "1 items"),
        ("id", str(key)),
        ("total", "10.5"),
        ("currencyCode", "EUR"),
        ("validUntil", "None"),
    ]
    assert content_of(ours.encode()) == wanted
    assert content_of(other.encode(), in_millionths=True) == wanted


def test_an_answer_with_errors_is_not_compared() -> None:
    """A refusal is faster than an answer, and must not be measured as one."""
    with pytest.raises(ValueError, match="the answer has errors"):
        content_of(b'{"errors": [{"message": "COST_LIMIT_EXCEEDED"}]}')


def test_a_ratio_is_taken_round_by_round() -> None:
    """What slows a whole round down does not move it."""
    found = ratio([10, 4, 30], [5, 2, 10])
    assert (found.middle, found.least, found.most) == (2, 2, 3)
    assert str(found) == "2.00 (2.00 to 3.00)"


def test_the_rate_is_answers_a_second() -> None:
    """Failed answers are counted apart, and end the run."""
    assert Measured(count=30, failed=0, seconds=1.5, size=10, times=[0.05]).rate == 20


def test_the_table_names_a_part_once() -> None:
    """Rows of one part stand below its name, each with its verdict."""
    rows = [
        Row("history", "ours / other", "≥ 2", "2.50", True),
        Row("history", "ours / third", "≥ 9", "1.00", False),
        Row("start", "PostGraphile", "", "1.50 s"),
    ]
    assert markdown(rows).splitlines()[2:] == [
        "| history | ours / other | ≥ 2 | 2.50 | met |",
        "|  | ours / third | ≥ 9 | 1.00 | **not yet** |",
        "| start | PostGraphile |  | 1.50 s |  |",
    ]


def test_the_table_takes_the_place_of_the_one_before() -> None:
    """What stands around it in the docs stays."""
    docs = "# Speed\n\nText.\n\n## The figures\n\nOld.\n\n## After\n\nMore.\n"
    once = told_in(docs, "| new |\n", "Measured with care.")
    head, _, rest = once.partition("## The figures\n")
    assert head == "# Speed\n\nText.\n\n"
    assert rest.startswith("\n| new |\n\nMeasured with care.")
    assert rest.endswith(".\n\n## After\n\nMore.\n")
    assert told_in(once, "| new |\n", "Measured with care.") == once


def test_the_longest_bar_of_a_group_takes_the_width() -> None:
    """Each group has a scale of its own, and names are escaped."""
    picture = bars({"a < b": [("ours", 20.0), ("other", 5.0)]}, "/s")
    root = ET.fromstring(picture)  # noqa: S314  # It was made a line above.
    space = "{http://www.w3.org/2000/svg}"
    assert [each.get("width") for each in root.iter(f"{space}rect")] == ["480", "120"]
    assert [each.text for each in root.iter(f"{space}text")] == [
        "a < b", "ours", "20.0 /s", "other", "5.0 /s",
    ]  # fmt: skip
