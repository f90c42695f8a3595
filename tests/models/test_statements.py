"""How many statements does a command send? As few as it needs, whatever the number of lines."""

from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import pytest
from sqlalchemy import event

from tests.desk import Desk
from tests.factories import ONE_LINE, make_draft

# PostgreSQL locks the chain by a statement; on SQLite the transaction has the lock.
_LOCKS = {"postgresql": 1, "sqlite": 0}


@contextmanager
def _sent(desk: Desk) -> Iterator[list[str]]:
    """Collect what is sent to the database within the block, transactions aside."""
    seen: list[str] = []

    def note(_: Any, __: Any, statement: str, *___: Any) -> None:
        if not statement.startswith("BEGIN"):
            seen.append(statement)

    event.listen(desk.database._writer, "before_cursor_execute", note)
    try:
        yield seen
    finally:
        event.remove(desk.database._writer, "before_cursor_execute", note)


def _verbs(sent: list[str]) -> Mapping[str, int]:
    """Return how often each kind of statement was sent."""
    return Counter(each.split()[0] for each in sent)


@pytest.mark.parametrize("lines", [1, 4])
def test_activating_a_quote(desk: Desk, lines: int) -> None:
    """Quote with guards, lines, deal, stages and stay are read; quote, deal, stay and events written."""
    desk = desk.later(minutes=1)
    quote = make_draft(desk, ONE_LINE * lines)
    with _sent(desk) as sent:
        desk.do("activate_quote", id=quote)
    reads = 5 + _LOCKS[desk.database.dialect]
    assert _verbs(sent) == {"SELECT": reads, "UPDATE": 3, "INSERT": 2}


def test_a_key_takes_two_statements_more(desk: Desk) -> None:
    """One claims it, the other keeps the answer; a repeat asks for it and for nothing else."""
    first, second = make_draft(desk), make_draft(desk)
    with _sent(desk) as without:
        desk.do("activate_quote", id=first)
    with _sent(desk) as sent:
        desk.do("activate_quote", id=second, idempotency_key="k")
    with _sent(desk) as again:
        desk.do("activate_quote", id=second, idempotency_key="k")
    more = Counter(_verbs(sent)) - Counter(_verbs(without))
    assert (more, _verbs(again)) == ({"INSERT": 1, "UPDATE": 1}, {"INSERT": 1, "SELECT": 1})
