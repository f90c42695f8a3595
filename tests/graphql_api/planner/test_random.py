"""Does the plan answer random questions as the plainest evaluator does?

``RANDOM_QUESTIONS`` is how many are asked on each engine, ``RANDOM_SEED`` which: both have modest defaults.
"""

import json
import os

from graphql import parse, validate

from tests.graphql_api.planner.company import ADMIN, MOMENT, PARTNER, Reader
from tests.graphql_api.planner.naive import Naive, without_cursors
from tests.graphql_api.planner.questions import NOUNS, questions

NUMBER = int(os.environ.get("RANDOM_QUESTIONS", "40"))
SEED = int(os.environ.get("RANDOM_SEED", "1"))


def test_random_questions_are_answered_as_naive_resolvers_answer(reader: Reader) -> None:
    """Data, errors and their paths are the same, and so is the order of the fields."""
    with reader.database.reading() as session:
        naive = {viewer: Naive(reader.schema, session, viewer, MOMENT) for viewer in (ADMIN, PARTNER)}
        for number, text in enumerate(questions(reader.schema, NOUNS, SEED, NUMBER)):
            viewer = PARTNER if number % 3 == 0 else ADMIN
            planned = reader.answer(text, viewer=viewer)
            data, errors = naive[viewer].answer(text)
            found = json.loads(planned.data)
            assert without_cursors(found) == data, text
            assert json.dumps(without_cursors(found)) == json.dumps(data), text
            told = [((error.extensions or {})["code"], error.path) for error in planned.errors]
            assert sorted(told, key=str) == sorted(errors, key=str), text


def test_random_questions_are_valid_and_not_all_alike(reader: Reader) -> None:
    """They use what the language has: fragments, variables, directives, pages, filters, interfaces."""
    made = questions(reader.schema, NOUNS, SEED, 100)

    assert [each for each in made if validate(reader.schema, parse(each))] == []
    together = " ".join(made)
    for part in ("fragment", "... on", "@skip", "@include", "$v0", "where:", "orderBy:", "last:", "search:"):
        assert part in together
