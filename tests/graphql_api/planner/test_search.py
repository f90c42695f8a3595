"""Which records do words find, in which order, and for whom?"""

import json
from typing import Any

import pytest

from models.access import Viewer
from tests.graphql_api.planner.company import ADMIN, MOMENT, PARTNER, Reader
from tests.graphql_api.planner.naive import Naive

SEARCH = """query ($query: String!, $types: [SearchType!], $first: Int = 100, $after: String) {
    search(query: $query, types: $types, first: $first, after: $after) {
        totalCount { value } pageInfo { endCursor hasNextPage }
        nodes { rank record { __typename ... on Account { name } ... on Quote { number }
            ... on Opportunity { name } ... on Order { number } ... on Invoice { issued: number }
            ... on Contact { lastName } ... on Lead { topic } ... on Product { name } } } } }"""


def _found(reader: Reader, query: str, viewer: Viewer = ADMIN, **given: Any) -> list[tuple[int, str]]:
    """Return rank and name of what is found, after a look at the count."""
    found = reader.data(SEARCH, {"query": query, **given}, viewer)["search"]
    assert found["totalCount"]["value"] == len(found["nodes"])
    return [(each["rank"], *list(each["record"].values())[1:]) for each in found["nodes"]]


@pytest.mark.parametrize("viewer", [ADMIN, PARTNER], ids=["admin", "partner"])
def test_a_searched_list_is_what_naive_search_finds(reader: Reader, viewer: Viewer) -> None:
    """Beginnings of words, all of them, in any column, beside filters and orders, counted and paged."""
    with reader.database.reading() as session:
        naive = Naive(reader.schema, session, viewer, MOMENT)
        for text in (
            '{ quotes(search: "q-1", orderBy: [{field: TOTAL}]) { nodes { number } totalCount { value } } }',
            '{ quotes(search: "DEAL 2", where: {status: {eq: ACTIVE}}) { nodes { number } } }',
            '{ quotes(search: "") { nodes { number } } }',
            '{ quotes(search: "* ( ) -") { nodes { number } } }',
            '{ quotes(search: "eal") { nodes { number } } }',
            '{ accounts(search: "acm") { nodes { name quotes(search: "22 deal") { nodes { number } } } } }',
            '{ contacts(search: "clark, CLEO") { nodes { lastName } } }',
            '{ leads(search: "topic") { nodes { id } } }',
        ):
            answer = reader.answer(text, viewer=viewer)
            assert (json.loads(answer.data), answer.errors) == (naive.answer(text)[0], []), text


def test_one_search_finds_every_kind_the_best_first(reader: Reader) -> None:
    """What begins with the words comes first, then what has them in its name, the newest first."""
    assert _found(reader, "deal 1") == [
        (0, "Deal 1"),
        (1, "I-1"), (1, "O-1"), (1, "Q-12"), (1, "Q-11"),
    ]  # fmt: skip
    assert _found(reader, "deal 1", types=["ORDER", "OPPORTUNITY"]) == [(0, "Deal 1"), (1, "O-1")]
    assert _found(reader, "pump") == [(1, "Pump")]
    assert _found(reader, "nothing") == []


def test_a_search_is_paged(reader: Reader) -> None:
    """Walking the pages gives what one page gives; another question's cursor is refused."""
    whole = _found(reader, "deal")
    seen: list[str] = []
    cursor, is_more = None, True
    while is_more:
        page = reader.data(SEARCH, {"query": "deal", "first": 3, "after": cursor})["search"]
        seen += [list(each["record"].values())[1] for each in page["nodes"]]
        cursor, is_more = page["pageInfo"]["endCursor"], page["pageInfo"]["hasNextPage"]
    assert seen == [name for _, name in whole]
    assert len(seen) == 11

    refused = reader.answer(SEARCH, {"query": "pump", "after": cursor})
    assert [error.extensions for error in refused.errors] == [{"code": "CURSOR_INVALID"}]


def test_a_partner_finds_and_counts_only_what_is_shared(reader: Reader) -> None:
    """What is hidden is neither listed nor counted; the catalogue is everyone's."""
    assert _found(reader, "deal", PARTNER) == [(0, "Deal 2"), (1, "Q-22"), (1, "Q-21")]
    assert _found(reader, "birch", PARTNER) == []
    assert _found(reader, "p-1", PARTNER) == [(0, "Pump")]


@pytest.mark.parametrize(
    "query",
    ['acme"', "acme*", 'acme" OR "x', "acme NEAR(", "title : acme", "{words} : acme", "^acme", "'acme':*",
     "acme & !", "acme | x:", "-acme", "acme\\", "acme <->", "(acme", "acme'); --", "%acme_"],
)  # fmt: skip
def test_operators_of_either_engine_are_words_or_nothing(reader: Reader, query: str) -> None:
    """No text is an error, and none is more than its words."""
    words = {"or", "near", "title", "words", "x"}
    hurts = any(each in words for each in query.lower().replace("(", " ").replace("{", " ").split())
    found = reader.answer(SEARCH, {"query": query})
    assert found.errors == []
    assert (b"Acme" in found.data) is not (hurts or "x" in query or "words" in query)


def test_a_search_without_words_or_with_too_many_is_refused(reader: Reader) -> None:
    """The message names the argument; no statement is run."""
    for query, message in (
        (" ?! ", "`query` holds no word: letters and digits are what records are found by."),
        (" ".join(f"w{n}" for n in range(21)), "`query` takes at most 20 words; 21 were given."),
    ):
        answer = reader.answer(SEARCH, {"query": query})
        told = [(error.message, error.path, error.extensions) for error in answer.errors]
        assert told == [(message, ["search"], {"code": "BAD_USER_INPUT"})]
        assert answer.statements == []


def test_a_search_takes_a_statement_a_kind(reader: Reader) -> None:
    """One for the hits, one for the count, one for each kind of record that was found."""
    assert len(reader.answer(SEARCH, {"query": "deal", "types": ["QUOTE"]}).statements) == 3
    assert len(reader.answer(SEARCH, {"query": "deal"}).statements) == 2 + 4
