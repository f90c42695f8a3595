"""Is it found out which answers are short, and up to which cost?"""

import pytest

from graphql_api.operation.pace import BRIEF_SECONDS, Pace


def test_nothing_is_short_before_it_was() -> None:
    """The first answer plans, and is long whatever it asks for."""
    pace = Pace()
    assert not pace.is_short(0)
    pace.note(10, 0.001)
    assert [pace.is_short(cost) for cost in (0, 10, 11)] == [True, True, False]


@pytest.mark.parametrize(
    ("cost", "seconds", "short_to"),
    [
        (20, BRIEF_SECONDS / 2, 20),
        (20, BRIEF_SECONDS * 0.6, 10),
        (5, BRIEF_SECONDS * 0.6, 10),
        (5, BRIEF_SECONDS * 1.1, 4),
        (20, BRIEF_SECONDS * 1.1, 10),
        (5_000, 0, 5_000),
        (5_001, 0, 10),
    ],
)
def test_bound_follows_the_last_answer(cost: int, seconds: float, short_to: int) -> None:
    """It goes up where there is room, and down as soon as one is long."""
    pace = Pace()
    pace.note(10, 0)
    pace.note(cost, seconds)
    assert pace.short_to == short_to


def test_what_is_never_short_is_not_tried_again() -> None:
    """However short it is on a thread."""
    pace = Pace()
    pace.note(10, 0)
    pace.is_long()
    pace.note(10, 0)
    assert not pace.is_short(0)
