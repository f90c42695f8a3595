"""What does the planner promise: row rules, refusals, fixed numbers of statements, plans for many?"""

import json
import threading
from typing import Any
from uuid import UUID

import pytest
from graphql import FieldNode, GraphQLOutputType

from models.access import Role, User, Viewer
from models.lifecycle import Pointer
from models.quote import Quote
from models.record import public_id
from tests.graphql_api.planner.company import ADMIN, MOMENT, PARTNER, START, Reader, key, pid

STRANGER = Viewer(key("user", 3), "Sam Stranger", Role.PARTNER)


def _payload(reader: Reader, text: str, value: dict[str, Any] | None, viewer: Viewer = ADMIN) -> Any:
    """Return the planner's answer to the one field of a mutation."""
    operation, fragments, variables = reader.prepared(text)
    (node,) = operation.selection_set.selections
    assert isinstance(node, FieldNode)
    mutation = reader.schema.mutation_type
    assert mutation is not None
    kind: GraphQLOutputType = mutation.fields[node.name.value].type
    with reader.database.reading() as session:
        return reader.planner.payload(
            session, [node], kind, value, fragments, variables, viewer, MOMENT, (node.name.value,)
        )


def test_a_plan_made_for_one_partner_shows_another_only_its_own(reader: Reader) -> None:
    """The plan belongs to the role; whose rows they are is a parameter."""
    operation, fragments, variables = reader.prepared(
        "{ accounts { nodes { name } } quotes { nodes { account { name } } } }"
    )
    found = []
    for viewer in (PARTNER, STRANGER, PARTNER):
        with reader.database.snapshot() as snapshot:
            answer = reader.planner.query(snapshot, operation, fragments, variables, viewer, MOMENT)
        found.append(
            len(json.loads(answer.data)["accounts"]["nodes"] + json.loads(answer.data)["quotes"]["nodes"])
        )

    assert found == [3, 0, 3]


def test_a_hidden_record_answers_as_one_that_does_not_exist(reader: Reader) -> None:
    """Message, code and path of the two are the same, by id, by number and through node."""
    text = """query ($id: ID!, $number: String!) {
        account(by: {id: $id}) { id } n: account(by: {number: $number}) { id } node(id: $id) { id } }"""

    hidden = reader.answer(text, {"id": pid("account", 2), "number": "A-2"}, PARTNER)
    missing = reader.answer(text, {"id": pid("account", 99), "number": "A-99"}, PARTNER)

    assert hidden.data == missing.data == b'{"account":null,"n":null,"node":null}'
    told = [
        [(each.message, each.path, each.extensions) for each in answer.errors] for answer in (hidden, missing)
    ]
    assert told[0] == told[1]
    assert told[0][0] == ("There is no such account that you may see.", ["account"], {"code": "NOT_FOUND"})
    assert [each.path for each in hidden.errors] == [["account"], ["n"], ["node"]]


@pytest.mark.parametrize(
    ("given", "message"),
    [
        (pid("account", 1), "This is the id of an account; a quote is needed here."),
        ("quote_1", "'quote_1' is not an id; ids look like quote_01jz8k… and come from `id` fields."),
        ("", "'' is not an id; ids look like quote_01jz8k… and come from `id` fields."),
    ],
)
def test_an_id_of_another_type_or_form_is_refused(reader: Reader, given: str, message: str) -> None:
    """The error names both types, or the form; no statement is run."""
    answer = reader.answer("query ($id: ID!) { quote(by: {id: $id}) { id } }", {"id": given})

    assert [(each.message, each.path, each.extensions) for each in answer.errors] == [
        (message, ["quote"], {"code": "BAD_USER_INPUT"})
    ]
    assert answer.statements == []


def test_ids_without_a_record_behind_them_are_refused_by_node(reader: Reader) -> None:
    """Neither tables that no type shows nor made-up nouns are looked for."""
    for noun in ("nonsense", "api_key", "chain"):
        answer = reader.answer(
            "query ($id: ID!) { node(id: $id) { id } }", {"id": public_id(noun, key("user", 1))}
        )
        assert [each.extensions for each in answer.errors] == [{"code": "BAD_USER_INPUT"}]
        assert answer.statements == []


def test_too_many_ids_are_refused(reader: Reader) -> None:
    """More ids than a page has rows are an error that names the bound."""
    answer = reader.answer(
        "query ($ids: [ID!]!) { nodes(ids: $ids) { id } }", {"ids": [pid("quote", 11)] * 101}
    )

    assert answer.data == b"null"
    assert [each.message for each in answer.errors] == ["`ids` takes at most 100 ids; 101 were given."]


def test_a_number_that_no_text_can_be_is_not_found(reader: Reader) -> None:
    """A null character reaches no database."""
    answer = reader.answer("query ($n: String!) { quote(by: {number: $n}) { id } }", {"n": "Q\x001"})

    assert [each.extensions for each in answer.errors] == [{"code": "NOT_FOUND"}]


def test_the_number_of_statements_does_not_depend_on_the_rows(reader: Reader) -> None:
    """One account or a list of them, few rows or many: one statement for each level."""
    below = """id quotes { nodes { number lines { nodes { position product { name } } }
        opportunity { lead { topic } } transitions { name } } }"""
    for text, number in (
        (f'{{ account(by: {{number: "A-2"}}) {{ {below} }} }}', 3),
        (f"{{ accounts {{ nodes {{ {below} }} }} }}", 3),
        (f"{{ accounts(first: 0) {{ nodes {{ {below} }} }} }}", 1),
    ):
        assert len(reader.answer(text).statements) == number


def test_edges_are_as_many_as_nodes(reader: Reader) -> None:
    """With nodes in them, with cursors, with both, and with neither."""
    data = reader.data(
        """{ accounts { nodes { quotes { n: nodes { id } } } }
        a: accounts { edges { node { quotes { edges { node { id } } totalCount { value } } } } }
        b: accounts { edges { node { quotes { edges { cursor } } } } }
        c: accounts { edges { node { quotes { edges { cursor node { id } } } } } }
        d: accounts { edges { node { quotes { edges { __typename } } } } } }"""
    )

    wanted = [[each["id"] for each in account["quotes"]["n"]] for account in data["accounts"]["nodes"]]
    lists = {
        name: [edge["node"]["quotes"]["edges"] for edge in data[name]["edges"]]
        for name in ("a", "b", "c", "d")
    }
    assert [len(each) for each in wanted] == [2, 4, 0]
    for name in ("a", "c"):
        assert [[edge["node"]["id"] for edge in edges] for edges in lists[name]] == wanted
    for edges in lists.values():
        assert [len(each) for each in edges] == [2, 4, 0]
    assert lists["d"][0] == [{"__typename": "QuoteEdge"}] * 2


def test_an_id_that_may_be_missing_is_null(reader: Reader) -> None:
    """Alone, and among other fields."""
    data = reader.data("{ quotes { nodes { a: number lines { nodes { bundleLineageId position } } } } }")

    lines = [line for quote in data["quotes"]["nodes"] for line in quote["lines"]["nodes"]]
    assert {each["bundleLineageId"] for each in lines} == {None}


def test_who_only_counts_reads_no_page(reader: Reader) -> None:
    """Neither at the root nor below a list; and who asks for the name of a type alone counts nothing."""
    for text, sqlite, postgresql in (
        ("{ accounts { totalCount { value } } }", 1, 1),
        ("{ accounts { nodes { quotes { totalCount { value } } } } }", 2, 1),
        ("{ accounts { nodes { quotes { a: __typename } } } }", 1, 1),
    ):
        assert len(reader.answer(text).statements) == reader.number(sqlite=sqlite, postgresql=postgresql)
    data = reader.data("{ accounts { nodes { name quotes { totalCount { value } } } } }")
    numbers = [(each["name"], each["quotes"]["totalCount"]["value"]) for each in data["accounts"]["nodes"]]
    assert numbers == [("Acme", 2), ("Birch", 4), ("Cedar", 0)]


def test_explain_names_the_statements_that_are_run(reader: Reader) -> None:
    """What explain prints is what runs, in the same order."""
    text = """{
        account(by: {number: "A-2"}) { quotes(first: 1) {
            totalCount { value } nodes { lines { nodes { id } } } } }
        quotes(last: 1) { nodes { number } } }"""
    operation, fragments, variables = reader.prepared(text)

    explained = reader.planner.explain(operation, fragments, variables, ADMIN)

    assert explained == [each.sql for each in reader.answer(text).statements]
    assert len(explained) == reader.number(sqlite=5, postgresql=2)


def test_variables_that_decide_the_shape_make_plans_of_their_own(reader: Reader) -> None:
    """The same document with and without a field answers each as asked, in any order."""
    operation, fragments, _ = reader.prepared(
        "query ($yes: Boolean!) { viewer { id name @include(if: $yes) } }", {"yes": True}
    )
    with reader.database.snapshot() as snapshot:
        shown = [
            list(
                json.loads(
                    reader.planner.query(snapshot, operation, fragments, {"yes": yes}, ADMIN, MOMENT).data
                )["viewer"]
            )
            for yes in (True, False, True)
        ]

    assert shown == [["id", "name"], ["id"], ["id", "name"]]


def test_many_threads_share_one_planner(reader: Reader) -> None:
    """The first run of a plan may be several at once; all get the same answer."""
    text = """{ quotes { nodes { number transitions { name }
        timeline(scope: CHAIN) { nodes { subject { id } } } } } }"""
    operation, fragments, variables = reader.prepared(text)
    answers: list[bytes] = []
    barrier = threading.Barrier(6)

    def ask() -> None:
        barrier.wait()
        with reader.database.snapshot() as snapshot:
            answers.append(
                reader.planner.query(snapshot, operation, fragments, variables, ADMIN, MOMENT).data
            )

    threads = [threading.Thread(target=ask) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(answers) == 6
    assert len(set(answers)) == 1


def test_the_latest_revision_answers_for_a_number(reader: Reader) -> None:
    """Of several quotes with one number the last revision is found."""
    with reader.database.writing() as session:
        old = session.get_one(Quote, key("quote", 11))
        old.status, old.reason_id = type(old.status)("CLOSED"), "quote.CLOSED.REVISED"
        session.add(old)
        session.flush()
        values = old.model_dump() | {
            "id": key("quote", 5),
            "revision": 1,
            "status": "DRAFT",
            "reason_id": "quote.DRAFT.IN_PROGRESS",
        }
        session.add(Quote(**values))
        session.commit()

    data = reader.data('{ quote(by: {number: "Q-11"}) { id revision revisions { nodes { revision } } } }')

    assert data["quote"] == {
        "id": pid("quote", 5),
        "revision": 1,
        "revisions": {"nodes": [{"revision": 0}, {"revision": 1}]},
    }


def test_every_record_lists_its_transitions(reader: Reader) -> None:
    """The facts that guards need are read with the row, whatever the record."""
    fields = " ".join(
        f"{each} {{ nodes {{ status transitions {{ name }} }} }}"
        for each in ("leads", "opportunities", "quotes", "orders", "invoices")
    )

    answer = reader.answer(f"{{ {fields} }}")

    assert answer.errors == []
    assert len(answer.statements) == 5


def test_a_payload_reads_its_pointers_as_deeply_as_a_query(reader: Reader) -> None:
    """Records, lists of records and plain values; one statement for each path and level."""
    text = """mutation { acceptQuote(input: {id: "x"}) {
        __typename quote { number lines { nodes { position } } } order { number }
        alreadyDone userErrors { __typename code } } }"""
    value = {
        "quote": Pointer("quote", key("quote", 11)),
        "order": Pointer("order", key("order", 1)),
        "already_done": False,
        "user_errors": [],
    }

    answer = _payload(reader, text, value)

    assert json.loads(answer.data) == {
        "__typename": "AcceptQuotePayload",
        "quote": {"number": "Q-11", "lines": {"nodes": [{"position": 1}, {"position": 2}, {"position": 3}]}},
        "order": {"number": "O-1"},
        "alreadyDone": False,
        "userErrors": [],
    }
    assert answer.errors == []
    assert len(answer.statements) == reader.number(sqlite=3, postgresql=2)


def test_user_errors_bear_the_records_that_are_needed_to_act(reader: Reader) -> None:
    """Records in errors are read like all others, in the order that they are named."""
    text = """mutation { acceptQuote(input: {id: "x"}) { userErrors { __typename
        ... on StaleVersionError { current { __typename id version ... on Quote { number } } }
        ... on DuplicateError { candidates {
            reasons message record { id ... on Account { name } ... on Lead { topic } } } } } } }"""
    current = Pointer("quote", key("quote", 11))
    why = {"reasons": ["SAME_EMAIL"], "message": "Same e-mail address."}
    candidates = [
        {"record": Pointer(noun, key(noun, number)), **why}
        for noun, number in (("lead", 2), ("account", 1), ("lead", 1))
    ]
    value = {
        "user_errors": [
            {"__typename": "StaleVersionError", "current": current},
            {"__typename": "DuplicateError", "candidates": candidates},
        ]
    }

    answer = _payload(reader, text, value)

    stale, duplicate = json.loads(answer.data)["userErrors"]
    assert stale["current"] == {"__typename": "Quote", "id": pid("quote", 11), "version": 1, "number": "Q-11"}
    assert duplicate["candidates"] == [
        why | {"record": {"id": pid("lead", 2), "topic": "Topic 2"}},
        why | {"record": {"id": pid("account", 1), "name": "Acme"}},
        why | {"record": {"id": pid("lead", 1), "topic": "Topic 1"}},
    ]
    assert len(answer.statements) == 3


def test_user_errors_bear_plain_values_by_their_type(reader: Reader) -> None:
    """Each item shows the fields of its own type; a nested object is projected and aliased like any other."""
    text = """mutation { acceptQuote(input: {id: "x"}) { userErrors { __typename code message path
        ... on TransitionError { status allowed shown: blockers { code } } } } }"""
    shared = {"message": "m", "path": ["input", "id"]}
    blocked = {"status": "DRAFT", "allowed": ["activateQuote"], "blockers": [{"code": "A", "message": "a"}]}
    value = {
        "user_errors": [
            {"__typename": "TransitionError", "code": "X", **shared, **blocked},
            {"__typename": "InputError", "code": "VALIDATION", **shared},
        ]
    }

    answer = _payload(reader, text, value)

    shown = {"status": "DRAFT", "allowed": ["activateQuote"], "shown": [{"code": "A"}]}
    assert json.loads(answer.data)["userErrors"] == [
        {"__typename": "TransitionError", "code": "X", **shared, **shown},
        {"__typename": "InputError", "code": "VALIDATION", **shared},
    ]
    assert answer.statements == []


def test_nulls_spread_to_the_nearest_field_that_may_be_null(reader: Reader) -> None:
    """An item of a list without nulls that cannot be shown takes the list and its object along."""
    text = """mutation { acceptQuote(input: {id: "x"}) { quote { id } closedQuotes { id } } }"""
    gone = Pointer("quote", key("quote", 99))
    value = {"quote": gone, "closed_quotes": [gone]}

    answer = _payload(reader, text, value)

    assert answer.data == b"null"
    assert [(each.path, each.extensions) for each in answer.errors] == [
        (["acceptQuote", "quote"], {"code": "NOT_FOUND"}),
        (["acceptQuote", "closedQuotes", 0], {"code": "NOT_FOUND"}),
    ]


def test_a_null_payload_is_null(reader: Reader) -> None:
    """Nothing is read for it."""
    answer = _payload(reader, 'mutation { acceptQuote(input: {id: "x"}) { alreadyDone } }', None)

    assert (answer.data, answer.errors, answer.statements) == (b"null", [], [])


def test_the_schema_answers_introspection_among_other_fields(reader: Reader) -> None:
    """Introspection keeps its place in the answer, and takes variables and fragments."""
    text = """query ($name: String!, $old: Boolean = true) {
        viewer { name } __type(name: $name) { ...T } __schema { queryType { name } } b: __typename }
        fragment T on __Type { kind name fields(includeDeprecated: $old) { name } }"""

    data = reader.data(text, {"name": "Count"})

    assert data == {
        "viewer": {"name": "Ada Admin"},
        "__type": {"kind": "OBJECT", "name": "Count", "fields": [{"name": "precision"}, {"name": "value"}]},
        "__schema": {"queryType": {"name": "Query"}},
        "b": "Query",
    }


def test_a_user_is_found_like_any_record(reader: Reader) -> None:
    """A row that is written later is read by the plan that was made before."""
    text = "query ($id: ID!) { node(id: $id) { ... on User { name } } }"
    assert reader.answer(text, {"id": public_id("user", UUID(int=5))}).data == b'{"node":null}'
    with reader.database.writing() as session:
        session.add(User(id=UUID(int=5), name="Nia New", role=Role.SALES, created_at=START))
        session.commit()

    assert reader.data(text, {"id": public_id("user", UUID(int=5))}) == {"node": {"name": "Nia New"}}


def test_long_answer_comes_in_pieces(reader: Reader) -> None:
    """Short texts come together, and no piece is so long that it would take room of its own."""
    answer = reader.answer("{ viewer { name } __schema { types { name fields { name description } } } }")
    assert answer.pieces[0] == b'{"viewer":{"name":"Ada Admin"},"__schema":'
    assert answer.pieces[-1] == b"}"
    lengths = [len(piece.decode()) for piece in answer.pieces[1:-1]]
    assert set(lengths[:-1]) == {64_000}
    assert len(json.loads(answer.data)["__schema"]["types"]) > 800
    assert len(reader.answer("{ viewer { name } }").pieces) == 1
