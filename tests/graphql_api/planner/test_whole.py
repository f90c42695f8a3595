"""Does one statement of all levels answer the same, whether its rows come one by one or as one?"""

import json
import re

import pytest

from tests.graphql_api.planner.company import PARTNER, Reader

_SIZES = {"few": (3, 5), "some": (20, 25), "many": (100, 100)}
_QUESTION = """query ($n: Int!, $m: Int!) {
    accounts(first: $n) { nodes {
        id name
        opportunities(first: $m) {
            totalCount { value precision } pageInfo { hasNextPage } nodes { __typename } }
        quotes(first: $m) {
            edges { cursor node { id order { number invoices(first: 2) { nodes { id } } } } } }
        plain: quotes(first: $m) { nodes { __typename } }
        lines: quotes(first: 2) { nodes { lines(first: 1) { nodes { quantity } } } } } } }"""


@pytest.mark.parametrize("viewer", [None, PARTNER])
def test_rows_that_come_as_one_are_the_same_rows(reader: Reader, viewer: object) -> None:
    """Missing keys, levels of which nothing is read but how many there are, cursors, counts, empty lists."""
    who = {} if viewer is None else {"viewer": PARTNER}
    found = {}
    for name, (n, m) in _SIZES.items():
        found[name] = reader.data(_QUESTION, {"n": n, "m": m}, **who)["accounts"]["nodes"]

    assert found["some"] == found["many"]
    assert found["few"] == found["many"][:3]
    if viewer is None:
        orders = [edge["node"]["order"] for each in found["many"] for edge in each["quotes"]["edges"]]
        assert None in orders
        assert any(orders)
        assert {len(each["opportunities"]["nodes"]) for each in found["many"]} > {0}


def test_some_rows_come_as_one(reader: Reader) -> None:
    """One for each part on PostgreSQL; few of them come one by one, and many."""
    if reader.database.dialect == "sqlite":
        return
    text = "query ($n: Int!) { accounts(first: $n) { nodes { id quotes(first: 60) { nodes { id } } } } }"
    rows = {}
    for n in (5, 30, 100):
        (statement,) = reader.answer(text, {"n": n}).statements
        rows[n] = statement.rows
    accounts = len(reader.data("{ accounts(first: 100) { nodes { id } } }")["accounts"]["nodes"])
    quotes = len(reader.data("{ quotes(first: 100) { nodes { id } } }")["quotes"]["nodes"])
    assert rows == {5: min(5, accounts) + quotes, 30: 2, 100: accounts + quotes}


def test_free_text_holds_the_mark_between_values(reader: Reader) -> None:
    """It is escaped where it is shown, and a cursor that is made of it is read row by row."""
    name = "a\x1eb\x1e"
    reader.rename_first(name)
    for order in ("", ", orderBy: {field: NAME, direction: ASC}"):
        text = f"""{{ accounts(first: 30{order}) {{
            edges {{ cursor node {{ name quotes(first: 60) {{ nodes {{ account {{ name }} }} }} }} }} }} }}"""
        edges = reader.data(text)["accounts"]["edges"]
        for edge in edges:
            names = {each["account"]["name"] for each in edge["node"]["quotes"]["nodes"]}
            assert names <= {edge["node"]["name"]}
        (place,) = [number for number, each in enumerate(edges) if each["node"]["name"] == name]
        after = text.replace("first: 30", f'first: 30, after: "{edges[place]["cursor"]}"')
        rest = reader.data(after)["accounts"]["edges"]
        assert [each["node"] for each in rest] == [each["node"] for each in edges[place + 1 :]]


def test_what_several_rows_share_is_read_once(reader: Reader) -> None:
    """The key of a joined row may repeat; that of a level's own, or of what has one of these alone, not."""
    text = """{ quotes(first: 60) { nodes { id lines(first: 2) { nodes { id } }
        order { invoices(first: 2) { nodes { id } } }
        account { id quotes(first: 60) { nodes { id } } } } } }"""
    answer = reader.answer(text)

    shared: dict[str, list[str]] = {}
    for quote in json.loads(answer.data)["quotes"]["nodes"]:
        shared.setdefault(quote["account"]["id"], []).append(quote["id"])
        theirs = [each["id"] for each in quote["account"]["quotes"]["nodes"]]
        assert len(set(theirs)) == len(theirs)
        assert quote["id"] in theirs
    assert max(map(len, shared.values())) > 1
    if reader.database.dialect == "postgresql":
        (statement,) = answer.statements
        assert re.findall(r"SELECT (?:DISTINCT )?c\d AS value", statement.sql) == [
            "SELECT c0 AS value", "SELECT c1 AS value", "SELECT DISTINCT c2 AS value"
        ]  # fmt: skip
