"""Which rows does a filter let through, and which filters are refused?"""

import json
from typing import Any

import pytest
import sqlalchemy
from graphql import GraphQLInputObjectType, get_named_type
from sqlmodel import col

from graphql_api.planner.backing import backing_of, columns_of, table_of
from graphql_api.planner.condition import after_prefix
from models.access import Viewer
from models.quote import Quote
from tests.graphql_api.planner.company import ADMIN, MOMENT, PARTNER, Reader, key, pid
from tests.graphql_api.planner.naive import Naive

# Connection, filter, and the rows that the admin and the partner find.
FOUND: list[tuple[str, str, int, int]] = [
    ("quotes", "{}", 6, 2),
    ("quotes", "{status: {eq: DRAFT}}", 3, 1),
    ("quotes", "{status: {in: [DRAFT, ACTIVE]}, validUntil: {isNull: true}}", 3, 1),
    ("quotes", "{status: {notIn: [DRAFT]}}", 3, 1),
    ("quotes", "{status: {in: []}}", 0, 0),
    ("quotes", "{status: {}}", 6, 2),
    ("quotes", '{validUntil: {gt: "2026-04-01", lte: "2026-04-03"}}', 2, 1),
    ("quotes", '{not: {validUntil: {gt: "2026-04-01"}}}', 4, 1),
    ("quotes", '{not: {not: {validUntil: {gt: "2026-04-01"}}}}', 2, 1),
    ("quotes", '{validUntil: {notIn: ["2026-04-01"]}}', 2, 1),
    ("quotes", '{validUntil: {in: ["2026-04-01", "2026-04-02"]}}', 2, 1),
    ("quotes", "{total: {gte: 1190.5}}", 3, 1),
    ("quotes", '{total: {in: ["1190.500", 0]}}', 4, 2),
    ("quotes", '{currencyCode: {eq: "JPY"}}', 2, 0),
    ("quotes", '{createdAt: {lt: "2026-03-03T08:00:00+01:00"}}', 3, 1),
    ("quotes", '{createdAt: {in: ["2026-03-02T20:00:00Z", "2026-03-02T21:00:00+01:00"]}}', 1, 0),
    ("quotes", '{number: {startsWith: "Q-2"}}', 2, 2),
    ("quotes", '{number: {startsWith: ""}}', 6, 2),
    ("quotes", '{number: {startsWith: "q-2"}}', 0, 0),
    ("quotes", '{number: {contains: "-2"}}', 2, 2),
    ("quotes", '{number: {contains: "%"}}', 0, 0),
    ("quotes", f'{{id: {{in: ["{pid("quote", 11)}", "{pid("quote", 22)}"]}}}}', 2, 1),
    ("quotes", "{id: {isNull: false}}", 6, 2),
    ("quotes", f'{{account: {{id: {{eq: "{pid("account", 2)}"}}}}}}', 4, 0),
    ("quotes", '{account: {name: {startsWith: "A"}}}', 2, 2),
    ("quotes", '{not: {account: {name: {eq: "Birch"}}}}', 2, 2),
    ("quotes", '{or: [{account: {name: {eq: "Acme"}}}, {total: {gt: "1190"}}]}', 4, 2),
    ("quotes", "{or: []}", 0, 0),
    ("quotes", "{and: []}", 6, 2),
    ("quotes", "{and: {status: {eq: DRAFT}}}", 3, 1),
    ("quotes", "{order: {isNull: true}}", 5, 2),
    ("quotes", "{order: {isNull: false}}", 1, 0),
    ("quotes", '{order: {number: {eq: "O-1"}}}', 1, 0),
    ("quotes", '{not: {order: {number: {eq: "O-1"}}}}', 5, 2),
    ("quotes", "{account: {}}", 6, 2),
    ("quotes", '{account: {isNull: true, name: {eq: "Acme"}}}', 0, 0),
    ("quotes", "{contact: {isNull: true}}", 6, 2),
    ("quotes", '{statusReason: {code: {eq: "IN_PROGRESS"}}}', 6, 2),
    ("opportunities", '{contact: {lastName: {contains: "lar"}}}', 1, 1),
    ("opportunities", "{contact: {isNull: false}}", 1, 1),
    ("opportunities", '{stage: {code: {in: ["DEVELOP", "CLOSE"]}}, lead: {source: {eq: WEB_FORM}}}', 3, 1),
    ("leads", '{opportunity: {total: {gt: "150"}}}', 2, 1),
    ("accounts", '{status: {eq: ACTIVE}, number: {in: ["A-1", "A-2"]}}', 2, 1),
    ("stages", '{code: {startsWith: "D"}}', 1, 1),
    ("invoices", '{order: {number: {eq: "O-1"}}, dueOn: {lt: "2026-03-21"}, balance: {gt: 1}}', 1, 0),
]  # fmt: skip


def _ids(page: Any) -> list[str]:
    return [each.get("id") or each["code"] for each in page["nodes"]]


@pytest.mark.parametrize("viewer", [ADMIN, PARTNER], ids=["admin", "partner"])
def test_a_filter_finds_what_naive_filtering_finds(reader: Reader, viewer: Viewer) -> None:
    """Rows and count are those that Python finds by comparing each row, in as many statements as before."""
    with reader.database.reading() as session:
        naive = Naive(reader.schema, session, viewer, MOMENT)
        for field, where, *numbers in FOUND:
            shown = "code" if field == "stages" else "id"
            text = f"{{ {field}(where: {where}) {{ nodes {{ {shown} }} totalCount {{ value }} }} }}"
            answer = reader.answer(text, viewer=viewer)
            found = json.loads(answer.data)
            data, _ = naive.answer(text)
            assert found == data, where
            assert found[field]["totalCount"]["value"] == numbers[viewer is PARTNER], where
            assert len(_ids(found[field])) == numbers[viewer is PARTNER], where
            assert len(answer.statements) == reader.number(sqlite=2, postgresql=1), where


def test_a_filter_below_parents_holds_for_each(reader: Reader) -> None:
    """Pages, counts and cursors of a nested list are those of what is left."""
    text = """query ($where: QuoteWhere, $after: String) { accounts { nodes { name
        quotes(first: 1, where: $where, after: $after) {
            totalCount { value } nodes { number } pageInfo { endCursor hasNextPage } } } } }"""
    refused = reader.answer(text, {"where": {"status": {"eq": None}}})
    where = {"or": [{"status": {"eq": "DRAFT"}}, {"validUntil": {"isNull": False}}]}

    first = [each["quotes"] for each in reader.data(text, {"where": where})["accounts"]["nodes"]]
    after = first[1]["pageInfo"]["endCursor"]
    second = [
        each["quotes"] for each in reader.data(text, {"where": where, "after": after})["accounts"]["nodes"]
    ]

    assert [error.path for error in refused.errors] == [["accounts", "quotes"]]
    assert [[node["number"] for node in page["nodes"]] for page in first] == [["Q-21"], ["Q-11"], []]
    assert [[node["number"] for node in page["nodes"]] for page in second] == [["Q-21"], ["Q-31"], []]
    assert [page["totalCount"]["value"] for page in first] == [1, 2, 0]
    assert [page["pageInfo"]["hasNextPage"] for page in first] == [False, True, False]


def test_the_hop_tells_nothing_of_hidden_records(reader: Reader) -> None:
    """A record that the viewer may not see is as good as none, whatever is asked of it."""
    with reader.database.writing() as session:
        session.execute(
            sqlalchemy.update(Quote).where(col(Quote.number) == "Q-21"),
            {"opportunity_id": key("opportunity", 1)},
        )
        session.commit()
    for where, numbers in (
        ('{opportunity: {name: {eq: "Deal 1"}}}', []),
        ('{opportunity: {name: {startsWith: "Deal"}}}', ["Q-22"]),
        ("{opportunity: {isNull: true}}", ["Q-21"]),
        ("{opportunity: {isNull: false}}", ["Q-22"]),
        ('{not: {opportunity: {name: {eq: "Deal 1"}}}}', ["Q-21", "Q-22"]),
    ):
        text = f"{{ quotes(where: {where}) {{ nodes {{ number opportunity {{ id }} }} }} }}"
        nodes = reader.data(text, viewer=PARTNER)["quotes"]["nodes"]
        assert [each["number"] for each in nodes] == numbers, where
        assert [each["number"] for each in nodes if each["opportunity"] is None] == [
            each for each in numbers if each == "Q-21"
        ]


IS_NULL = "is null: leave it out, or ask for `isNull: true`."
REFUSED = {
    "{status: {eq: null}}": f"`where.status.eq` {IS_NULL}",
    "{status: null}": f"`where.status` {IS_NULL}",
    "{account: {name: null}}": f"`where.account.name` {IS_NULL}",
    "{account: {name: {eq: null}}}": f"`where.account.name.eq` {IS_NULL}",
    "{account: {isNull: null}}": f"`where.account.isNull` {IS_NULL}",
    "{or: [{}, {and: null}]}": f"`where.or.1.and` {IS_NULL}",
    f'{{account: {{id: {{eq: "{pid("quote", 1)}"}}}}}}': (
        "`where.account.id.eq` cannot be used: This is the id of a quote; an account is needed here."
    ),
    '{id: {in: ["x"]}}': (
        "`where.id.in` cannot be used: 'x' is not an id; "
        "ids look like quote_01jz8k… and come from `id` fields."
    ),
    '{total: {gt: "9000000000001"}}': (
        "`where.total.gt` is beyond 9000000000000, the largest amount that is kept."
    ),
    "{not: {not: {not: {not: {not: {not: {}}}}}}}": (
        "`where.not.not.not.not.not.not` is nested 6 deep; 5 levels of `and`, `or` and `not` are taken."
    ),
    "{or: [" + '{number: {eq: "1", startsWith: "1"}}' * 16 + "]}": (
        "`where` takes at most 30 conditions; ask in several operations."
    ),
    "{number: {in: [" + '"1" ' * 201 + "]}}": "`where.number.in` holds 201 values; at most 200 are taken.",
    '{number: {eq: "\\u0000"}}': (
        "`where.number.eq` holds a null character or half a character, which no text has."
    ),
}  # fmt: skip


def test_filters_that_cannot_be_used_are_refused_by_their_path(reader: Reader) -> None:
    """The field is null, the message names the operand and the way out, and no statement is run."""
    for where, message in REFUSED.items():
        answer = reader.answer(f"{{ quotes(where: {where}) {{ nodes {{ id }} }} }}")
        assert answer.data == b'{"quotes":null}'
        told = [(error.message, error.path, error.extensions) for error in answer.errors]
        assert told == [(message, ["quotes"], {"code": "BAD_USER_INPUT"})]
        assert answer.statements == []


def test_a_cursor_belongs_to_its_filter(reader: Reader) -> None:
    """With another filter, other values, or none it is refused; written in another order it is the same."""
    page = "{ nodes { number } pageInfo { endCursor } }"
    made = '{status: {in: [DRAFT]}, number: {startsWith: "Q"}}'
    cursor = reader.data(f"{{ quotes(first: 1, where: {made}) {page} }}")["quotes"]["pageInfo"]["endCursor"]
    for where in (
        "{}",
        "{status: {in: [ACTIVE]}}",
        "{status: {eq: DRAFT}}",
        "{not: {status: {in: [DRAFT]}}}",
    ):
        answer = reader.answer(f'{{ quotes(after: "{cursor}", where: {where}) {page} }}')
        assert [error.extensions for error in answer.errors] == [{"code": "CURSOR_INVALID"}], where

    same = '{number: {startsWith: "Q"}, status: {in: [DRAFT]}}'
    data = reader.data(f'{{ quotes(after: "{cursor}", where: {same}) {page} }}')
    assert [each["number"] for each in data["quotes"]["nodes"]] == ["Q-21", "Q-31"]


def test_filters_of_one_shape_share_a_statement(reader: Reader) -> None:
    """Values are parameters: neither a value nor the length of a list is part of the text."""
    operation, fragments, _ = reader.prepared("query ($w: QuoteWhere) { quotes(where: $w) { nodes { id } } }")
    texts = {}
    for name, where in {
        "one": {"number": {"in": ["Q-11"]}, "total": {"gt": "1"}},
        "two": {"number": {"in": ["Q-11", "it's"]}, "total": {"gt": "99.5"}},
        "other": {"number": {"eq": "Q-11"}, "total": {"gt": "99.5"}},
    }.items():
        _, _, variables = reader.prepared(
            "query ($w: QuoteWhere) { quotes(where: $w) { nodes { id } } }", {"w": where}
        )
        (texts[name],) = reader.planner.explain(operation, fragments, variables, ADMIN)

    assert texts["one"] == texts["two"] != texts["other"]
    assert "Q-11" not in texts["one"]


@pytest.mark.parametrize(
    ("prefix", "following"),
    [("ab", "ac"), ("a\U0010ffff", "b"), ("\ud7ff", "\ue000"), ("", "\U0010ffff"), ("ß", "à")],
)
def test_a_prefix_is_a_range(prefix: str, following: str) -> None:
    """What begins with it sorts before what follows, and nothing else between the two."""
    assert after_prefix(prefix) == following
    assert prefix <= prefix + "\U0010fffe" < following


def test_every_filter_and_order_has_an_index_in_the_database(reader: Reader) -> None:
    """The migrations made an index for each column that a client may filter or order by."""
    with reader.database.reading() as session:
        inspector = sqlalchemy.inspect(session.connection())
        leading: dict[str, set[str]] = {}
        for table in inspector.get_table_names():
            found: list[Any] = [*inspector.get_indexes(table), *inspector.get_unique_constraints(table)]
            firsts = [each["column_names"][0] for each in found]
            leading[table] = {*firsts, *inspector.get_pk_constraint(table)["constrained_columns"][:1]}
    offered = list(_offered(reader))
    assert len(offered) > 150
    assert [each for each in offered if each[1] not in leading[each[0]]] == []


def _offered(reader: Reader) -> Any:
    """Yield table and column of each filter and each order of the schema."""
    for kind in reader.schema.type_map.values():
        if not isinstance(kind, GraphQLInputObjectType):
            continue
        for suffix in ("LinkWhere", "Where", "Order"):
            if kind.name.endswith(suffix):
                break
        else:
            continue
        type_name = kind.name.removesuffix(suffix)
        backing = backing_of(type_name)
        table = table_of(backing.table)
        if suffix == "Order":
            orders: Any = get_named_type(kind.fields["field"].type)
            yield from [(table.name, name.lower()) for name in orders.values]
            continue
        for name in set(kind.fields) - {"and", "or", "not", "isNull"}:
            for column in columns_of(backing.fields[name])[:1]:
                yield table.name, column
