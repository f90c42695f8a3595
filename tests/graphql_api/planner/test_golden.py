"""Which statements does a question become, and what is the answer? Question, SQL and answer side by side.

``tests/golden/<case>.graphql`` holds the operation; ``<case>.<engine>.sql`` the statements, and so their
number; ``<case>.json`` the answer, the same on both engines. ``REFRESH_GOLDEN=1`` writes them anew.
"""

import json
import os
from pathlib import Path

import pytest

from tests.graphql_api.planner.company import ADMIN, PARTNER, Reader

FOLDER = Path(__file__).parents[2] / "golden"
CASES = sorted(file.stem for file in FOLDER.glob("*.graphql"))


def _held(file: Path, found: str) -> str:
    """Return what the file holds, after it was refreshed where that is wanted."""
    if os.environ.get("REFRESH_GOLDEN"):
        file.write_text(found, encoding="utf-8")
    return file.read_text(encoding="utf-8")


@pytest.mark.parametrize("case", CASES)
def test_question_statements_and_answer_are_as_written(reader: Reader, case: str) -> None:
    """The statements are those of the file, one for each to-many level; so is the answer."""
    text = (FOLDER / f"{case}.graphql").read_text(encoding="utf-8")
    viewer = PARTNER if text.startswith("# As a partner.") else ADMIN

    answer = reader.answer(text, viewer=viewer)

    statements = [
        "\n".join(line.strip() for line in each.sql.splitlines()) + f"\n-- {each.rows} rows"
        for each in answer.statements
    ]
    assert "\n\n".join(statements) + "\n" == _held(
        FOLDER / f"{case}.{reader.database.dialect}.sql", "\n\n".join(statements) + "\n"
    )
    shown = {
        "data": json.loads(answer.data),
        "errors": [
            {"message": each.message, "path": each.path, **(each.extensions or {})} for each in answer.errors
        ],
    }
    written = json.dumps(shown, indent=2, ensure_ascii=False) + "\n"
    assert written == _held(FOLDER / f"{case}.json", written)


def test_there_are_cases() -> None:
    """A wrong folder does not pass for an empty one."""
    assert len(CASES) >= 6
