"""Does the plan answer what the plainest evaluator answers?

Each file of ``operations/`` is one question, its variables given by their defaults.
"""

import json
from pathlib import Path

import pytest

from models.access import Viewer
from tests.graphql_api.planner.company import ADMIN, MOMENT, PARTNER, Reader
from tests.graphql_api.planner.naive import Naive, without_cursors

FOLDER = Path(__file__).parent / "operations"
CASES = sorted(file.stem for file in FOLDER.glob("*.graphql"))


@pytest.mark.parametrize("viewer", [ADMIN, PARTNER], ids=["admin", "partner"])
@pytest.mark.parametrize("case", CASES)
def test_the_plan_answers_what_naive_resolvers_answer(reader: Reader, case: str, viewer: Viewer) -> None:
    """Data, errors and their paths are those of resolvers that read one row at a time."""
    text = (FOLDER / f"{case}.graphql").read_text(encoding="utf-8")
    planned = reader.answer(text, viewer=viewer)

    with reader.database.reading() as session:
        data, errors = Naive(reader.schema, session, viewer, MOMENT).answer(text)

    found = json.loads(planned.data)
    assert without_cursors(found) == data
    assert list(found) == list(data)
    told = [((error.extensions or {})["code"], error.path) for error in planned.errors]
    assert sorted(told, key=str) == sorted(errors, key=str)


def test_there_are_operations() -> None:
    """A wrong folder does not pass for an empty one."""
    assert len(CASES) >= 13
