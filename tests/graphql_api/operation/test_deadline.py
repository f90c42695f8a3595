"""Is an operation that nobody waits for any more never committed?"""

from graphql_api.operation.deadline import Deadline


def test_deadline_is_decided_once() -> None:
    """Whoever comes first: an expired operation does not commit, a commit under way does not expire."""
    late = Deadline(60)
    assert late.expire()
    assert not late.begin_commit()
    timely = Deadline(60)
    assert timely.begin_commit()
    assert not timely.expire()
    timely.end_commit()
    assert timely.expire()
    over = Deadline(0)
    assert over.is_over
    assert not over.begin_commit()
    assert over.remaining_seconds == 0
    assert 59 < Deadline(60).remaining_seconds <= 60
