"""Does walking the pages give what one unpaged read gives, whatever the order?"""

import itertools
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from graphql import get_named_type

from graphql_api.planner.cursor import CursorInvalid, decode, digest, encode
from models.access import Viewer
from models.quote import Quote
from models.record import Identifier
from tests.graphql_api.planner.company import ADMIN, PARTNER, Reader, key, pid

ORDERS = [
    "",
    "[{field: TOTAL}]",
    "[{field: TOTAL, direction: DESC}]",
    "[{field: VALID_UNTIL}]",
    "[{field: VALID_UNTIL, direction: DESC}]",
    "[{field: VALID_UNTIL}, {field: TOTAL, direction: DESC}]",
    "[{field: TOTAL}, {field: VALID_UNTIL, direction: DESC}, {field: NUMBER}]",
    "[{field: CREATED_AT, direction: DESC}]",
]
PAGE = "{ nodes { id } pageInfo { hasNextPage hasPreviousPage startCursor endCursor } }"


def _ids(page: Any) -> list[str]:
    return [node["id"] for node in page["nodes"]]


@pytest.mark.parametrize("viewer", [ADMIN, PARTNER], ids=["admin", "partner"])
@pytest.mark.parametrize("order", ORDERS)
def test_walking_pages_either_way_equals_one_unpaged_read(reader: Reader, order: str, viewer: Viewer) -> None:
    """Ties and nulls neither repeat nor lose a row, and the last page knows that it is the last."""
    by = f", orderBy: {order}" if order else ""
    whole = _ids(reader.data(f"{{ quotes(first: 100{by}) {PAGE} }}", viewer=viewer)["quotes"])
    assert len(whole) == (2 if viewer is PARTNER else 6)
    for size in (1, 2, 4):
        for name, cursor, ahead in (("first", "after", "hasNextPage"), ("last", "before", "hasPreviousPage")):
            text = f"query ($at: String) {{ quotes({name}: {size}, {cursor}: $at{by}) {PAGE} }}"
            pages: list[list[str]] = []
            at, is_more = None, True
            while is_more:
                page = reader.data(text, {"at": at}, viewer)["quotes"]
                pages.append(_ids(page))
                is_more = page["pageInfo"][ahead]
                at = page["pageInfo"]["endCursor" if name == "first" else "startCursor"]
            assert list(itertools.chain(*(pages if name == "first" else pages[::-1]))) == whole
            assert len(pages) == -(-len(whole) // size)


@pytest.mark.parametrize("flag", ["hasNextPage", "hasPreviousPage"])
def test_each_flag_alone_is_what_it_is_beside_the_other(reader: Reader, flag: str) -> None:
    """Where one is asked for, nothing is read for the other."""
    cursors = [
        each["cursor"]
        for each in reader.data("{ quotes(first: 100) { edges { cursor } } }")["quotes"]["edges"]
    ]
    for side, after, before in itertools.product(
        ("first", "last"), (None, cursors[0], cursors[3]), (None, cursors[2], cursors[5])
    ):
        texts = [
            f"query ($a: String, $b: String) {{ quotes({side}: 2, after: $a, before: $b) {part} }}"
            for part in (PAGE, f"{{ nodes {{ id }} pageInfo {{ {flag} }} }}")
        ]
        both, alone = (reader.data(text, {"a": after, "b": before})["quotes"] for text in texts)
        assert alone == {"nodes": both["nodes"], "pageInfo": {flag: both["pageInfo"][flag]}}


def test_the_way_forward_takes_one_statement(reader: Reader) -> None:
    """What lies before a page is looked for where that is asked."""
    text = "query ($at: String) {{ quotes(first: 2, after: $at) {{ nodes {{ id }} pageInfo {{ {} }} }} }}"
    at = reader.data(text.format("endCursor"))["quotes"]["pageInfo"]["endCursor"]
    counts = [
        len(reader.answer(text.format(flags), {"at": at}).statements)
        for flags in ("hasNextPage endCursor", "hasNextPage hasPreviousPage")
    ]
    assert counts == [1, reader.number(sqlite=2, postgresql=1)]


def test_what_a_variable_says_as_a_cursor_it_may_say_elsewhere(reader: Reader) -> None:
    """One that is also searched for, or is both ends of a page, is read anew each time."""
    whole = reader.data("{ quotes(first: 100) { edges { cursor node { id number } } } }")["quotes"]["edges"]
    text = "query ($at: String) { quotes(first: 9, after: $at, search: $at) { nodes { id } } }"
    answer = reader.answer(text, {"at": whole[0]["cursor"]})
    assert [(each.extensions or {})["code"] for each in answer.errors] == ["CURSOR_INVALID"]
    text = "query ($at: String) { quotes(first: 9, after: $at, before: $at) { nodes { id } } }"
    for at in (whole[0]["cursor"], whole[2]["cursor"]):
        assert reader.data(text, {"at": at})["quotes"] == {"nodes": []}
    assert _ids(reader.data(text, {"at": None})["quotes"]) == [each["node"]["id"] for each in whole]


def test_cursors_of_a_level_below_move_with_their_variables(reader: Reader) -> None:
    """Each run begins where its own variable says, and one that is no cursor is refused as before."""
    text = """query ($at: String) { account(by: {number: "A-2"}) {
        quotes(first: 1, after: $at) { edges { cursor node { id lines { nodes { id } } } } } } }"""
    seen: list[str] = []
    at = None
    while edges := reader.data(text, {"at": at})["account"]["quotes"]["edges"]:
        seen.append(edges[0]["node"]["id"])
        at = edges[0]["cursor"]
    whole = reader.data('{ account(by: {number: "A-2"}) { quotes(first: 100) { nodes { id } } } }')
    assert seen == _ids(whole["account"]["quotes"])
    assert len(seen) > 1
    (error,) = reader.answer(text, {"at": "?"}).errors
    assert ((error.extensions or {})["code"], error.path) == ("CURSOR_INVALID", ["account", "quotes"])


@pytest.mark.parametrize("order", ORDERS)
def test_page_info_is_exact_between_any_two_cursors(reader: Reader, order: str) -> None:
    """With after and before, first and last, both flags say whether rows lie outside, on either side."""
    by = f", orderBy: {order}" if order else ""
    edges = reader.data(f"{{ quotes(first: 100{by}) {{ edges {{ cursor node {{ id }} }} }} }}")["quotes"][
        "edges"
    ]
    whole, cursors = [edge["node"]["id"] for edge in edges], [edge["cursor"] for edge in edges]
    text = f"""query ($after: String, $before: String) {{
        forward: quotes(first: 2, after: $after, before: $before{by}) {PAGE}
        backward: quotes(last: 2, after: $after, before: $before{by}) {PAGE} }}"""
    for after, before in itertools.product([None, 0, 2, 5], [None, 0, 3, 5]):
        given = {
            "after": None if after is None else cursors[after],
            "before": None if before is None else cursors[before],
        }
        begin, end = 0 if after is None else after + 1, len(whole) if before is None else before
        window = whole[begin:end] if begin < end else []

        data = reader.data(text, given)

        forward, backward = data["forward"], data["backward"]
        assert _ids(forward) == window[:2]
        assert _ids(backward) == window[-2:]
        assert forward["pageInfo"]["hasNextPage"] == (len(window) > 2 or before is not None)
        assert forward["pageInfo"]["hasPreviousPage"] == (after is not None)
        assert backward["pageInfo"]["hasNextPage"] == (before is not None)
        assert backward["pageInfo"]["hasPreviousPage"] == (len(window) > 2 or after is not None)


def test_pages_below_parents_use_one_cursor_for_all(reader: Reader) -> None:
    """A cursor in a nested list holds for each parent, and so do both flags."""
    text = """query ($after: String) { opportunities { nodes {
        quotes(first: 1, after: $after, orderBy: [{field: NUMBER}]) {
        nodes { number } pageInfo { endCursor hasNextPage hasPreviousPage } } } } }"""
    first = reader.data(text)["opportunities"]["nodes"]
    after = first[1]["quotes"]["pageInfo"]["endCursor"]

    pages = [each["quotes"] for each in reader.data(text, {"after": after})["opportunities"]["nodes"]]

    assert [[node["number"] for node in page["nodes"]] for page in pages] == [[], ["Q-22"], ["Q-31"]]
    assert [page["pageInfo"]["hasPreviousPage"] for page in pages] == [True, True, False]
    assert [page["pageInfo"]["hasNextPage"] for page in pages] == [False, False, True]


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        ("first: 101", "BAD_USER_INPUT", "`first` is between 0 and 100; 101 is not."),
        ("first: -1", "BAD_USER_INPUT", "`first` is between 0 and 100; -1 is not."),
        ("last: 101", "BAD_USER_INPUT", "`last` is between 0 and 100; 101 is not."),
        (
            "first: 1, last: 1",
            "BAD_USER_INPUT",
            "`first` and `last` cannot be used together: one pages forward, the other backward.",
        ),
        (
            "orderBy: [{field: TOTAL}, {field: NUMBER}, {field: TOTAL}, {field: NUMBER}]",
            "BAD_USER_INPUT",
            "`orderBy` takes at most 3 fields; 4 were given.",
        ),
        ('after: "x"', "CURSOR_INVALID", None),
        ('after: ""', "CURSOR_INVALID", None),
        ('before: "W10"', "CURSOR_INVALID", None),
    ],
)
def test_arguments_that_cannot_be_used_are_refused_with_their_path(
    reader: Reader, arguments: str, code: str, message: str | None
) -> None:
    """The root field is null, the error names code and path, and no statement is run."""
    account = pid("account", 1)
    answer = reader.answer(
        f'{{ account(by: {{id: "{account}"}}) {{ id all: quotes({arguments}) {{ nodes {{ id }} }} }}'
        " viewer { name } }"
    )

    assert answer.data == b'{"account":null,"viewer":{"name":"Ada Admin"}}'
    (error,) = answer.errors
    assert (error.extensions, error.path) == ({"code": code}, ["account", "all"])
    assert message is None or error.message == message
    assert answer.statements == []


def test_a_count_beyond_its_limit_is_refused(reader: Reader) -> None:
    """Counting has an upper bound that the error names."""
    answer = reader.answer("{ quotes { totalCount(limit: 10001) { value } } }")

    assert [error.message for error in answer.errors] == ["`limit` is between 0 and 10000; 10001 is not."]


def test_a_cursor_is_refused_with_other_arguments(reader: Reader) -> None:
    """Another order, another filter, another scope or another list never gets wrong rows."""
    page, quote = "pageInfo { endCursor }", pid("quote", 11)
    data = reader.data(f"""{{ quotes {{ {page} }} orders {{ {page} }}
        quote(by: {{id: "{quote}"}}) {{ timeline {{ {page} }} }} }}""")
    quotes, orders = data["quotes"]["pageInfo"]["endCursor"], data["orders"]["pageInfo"]["endCursor"]
    event = data["quote"]["timeline"]["pageInfo"]["endCursor"]
    for text in (
        f'{{ quotes(after: "{quotes}", orderBy: [{{field: TOTAL}}]) {{ nodes {{ id }} }} }}',
        f'{{ orders(after: "{quotes}") {{ nodes {{ id }} }} }}',
        f'{{ quotes(before: "{orders}") {{ nodes {{ id }} }} }}',
        f'{{ quote(by: {{id: "{quote}"}}) {{ timeline(after: "{event}", scope: CHAIN) {{ {page} }} }} }}',
        f'{{ quote(by: {{id: "{quote}"}}) {{ timeline(after: "{event}", types: [EDITED]) {{ {page} }} }} }}',
    ):
        assert [error.extensions for error in reader.answer(text).errors] == [{"code": "CURSOR_INVALID"}]


@pytest.mark.parametrize(
    "keys", [[None], [1], ["zz"], [{}], [[]], [""], ["0" * 31], [str(key("quote", 1)), 1], [], [2**70], [1.5]]
)
def test_a_forged_cursor_is_refused(keys: list[Any]) -> None:
    """A cursor with the right digest and keys of a wrong form is no way to the database."""
    bound_to = digest("place")
    if keys == [None]:
        assert decode(encode(bound_to, keys), bound_to, [Identifier()]) == (None,)
        return
    with pytest.raises(CursorInvalid):
        decode(
            encode(bound_to, ["x"]) if keys == [2**70] else encode(bound_to, keys), bound_to, [Identifier()]
        )


def _orders(reader: Reader) -> Iterator[tuple[str, str]]:
    """Yield every root connection with its default order, and with each that it offers in each direction."""
    query: Any = reader.schema.query_type
    for name, field in query.fields.items():
        # What functions make is read forwards only, and walked by its own tests.
        if "last" not in field.args or name == "search":
            continue
        yield name, ""
        if "orderBy" not in field.args:
            continue
        order: Any = reader.schema.type_map[str(field.args["orderBy"].type).strip("[]!")]
        for choice in get_named_type(order.fields["field"].type).values:
            yield name, f"[{{field: {choice}}}]"
            yield name, f"[{{field: {choice}, direction: DESC}}]"


@pytest.mark.parametrize("viewer", [ADMIN, PARTNER], ids=["admin", "partner"])
def test_every_connection_is_walked_in_every_order_with_a_filter(reader: Reader, viewer: Viewer) -> None:
    """Nulls, ties, row rules and a filter: pages either way hold what one read and the count hold."""
    walked = 0
    for field, order in _orders(reader):
        where = "{}" if walked % 2 else "{not: {or: []}}"
        by = f"where: {where}" + (f", orderBy: {order}" if order else "")
        text = f"""query ($after: String, $before: String) {{
            {field}(SIZE, after: $after, before: $before, {by}) {{
                edges {{ cursor }} totalCount {{ value }} pageInfo {{ hasNextPage hasPreviousPage }} }} }}"""
        whole = reader.data(text.replace("SIZE", "first: 100"), viewer=viewer)[field]
        cursors = [each["cursor"] for each in whole["edges"]]
        assert whole["totalCount"]["value"] == len(cursors) == len(set(cursors))
        for size, side, edge in (("first: 2", "after", -1), ("last: 2", "before", 0)):
            pages, at = [], None
            while True:
                page = reader.data(text.replace("SIZE", size), {side: at}, viewer)[field]
                pages.append([each["cursor"] for each in page["edges"]])
                more = page["pageInfo"]["hasNextPage" if side == "after" else "hasPreviousPage"]
                if not more:
                    break
                at = pages[-1][edge]
            seen = list(itertools.chain(*(pages if side == "after" else pages[::-1])))
            assert seen == cursors, (field, order)
        walked += 1
    assert walked > 60


@pytest.mark.parametrize("order", ["", "[{field: TOTAL, direction: DESC}]", "[{field: VALID_UNTIL}]"])
def test_rows_that_are_added_meanwhile_shift_nothing(reader: Reader, order: str) -> None:
    """Whoever walks the pages meets each row that was there at the start once, in its place."""
    by = ', where: {number: {startsWith: "Q"}}' + (f", orderBy: {order}" if order else "")
    text = f"query ($after: String) {{ quotes(first: 2, after: $after{by}) {PAGE} }}"
    before = _ids(reader.data(text.replace("first: 2", "first: 100"))["quotes"])
    seen: list[str] = []
    at, is_more = None, True
    while is_more:
        page = reader.data(text, {"after": at})["quotes"]
        seen += _ids(page)
        at, is_more = page["pageInfo"]["endCursor"], page["pageInfo"]["hasNextPage"]
        if len(seen) > 2 * len(before):  # Those that come behind the last page would be followed for ever.
            continue
        with reader.database.writing() as session:
            some = session.get_one(Quote, key("quote", 11)).model_dump()
            for place, total in enumerate((0, 500, 5000)):
                number = 50 + 10 * len(seen) + place
                some |= {"id": key("quote", number), "number": f"Q-{number}", "total": Decimal(total)}
                session.add(Quote(**some | {"valid_until": None if place else date(2026, 4, 2)}))
            session.commit()
    assert [each for each in seen if each in before] == before
    assert len(seen) == len(set(seen))
