"""Is every document measured in linear time, and refused at the first limit that it passes?"""

from typing import Any
from uuid import UUID

import pytest
from graphql import GraphQLError, build_schema, get_introspection_query, parse

from graphql_api.cost import Cost, check_cost, cost_limit, cost_of
from graphql_api.errors import RequestRefused
from graphql_api.limits import Analysis, analyse, check_variables
from graphql_api.settings import Settings
from models.access import Role, Viewer

SETTINGS = Settings()
PAGING = "(first: Int, last: Int, after: String, tags: [Int])"
SCHEMA = build_schema(
    f"""
    interface Node {{ id: ID!, self: Node }}
    type Query {{ viewer: User, node(id: ID!): Node, nodes(ids: [ID!]!): [Node]!, me: User, x: Int }}
    type User implements Node {{
      id: ID!, self: Node, login: String, friend: User
      repositories{PAGING}: RepositoryConnection!
      followers{PAGING}: FollowerConnection!
    }}
    type Repository {{ name: String, pullRequests{PAGING}: ItemConnection!, issues{PAGING}: ItemConnection! }}
    type Item {{ title: String, comments{PAGING}: CommentConnection! }}
    type Comment {{ bodyHTML: String }}
    type RepositoryConnection {{ edges: [RepositoryEdge!]!, nodes: [Repository!]! }}
    type RepositoryEdge {{ node: Repository! }}
    type FollowerConnection {{ edges: [FollowerEdge!]!, nodes: [User!]! }}
    type FollowerEdge {{ node: User! }}
    type ItemConnection {{ totalCount: Int, edges: [ItemEdge!]!, nodes: [Item!]! }}
    type ItemEdge {{ node: Item! }}
    type CommentConnection {{ edges: [CommentEdge!]! }}
    type CommentEdge {{ node: Comment! }}
    """
)


def measured(text: str, name: str | None = None, settings: Settings = SETTINGS) -> Analysis:
    """Return what an operation of a text asks for."""
    return analyse(parse(text), SCHEMA, settings)[name]


def cost(text: str, **variables: Any) -> int:
    """Return how many records a text may return."""
    return cost_of(measured(text).load, variables, SETTINGS)


def refusal(text: str, settings: Settings = SETTINGS) -> GraphQLError:
    """Return the one error that a text is refused with."""
    try:
        refused = measured(text, settings=settings).refusal
    except RequestRefused as caught:
        # What holds for the whole document is refused before any operation is measured.
        refused = caught
    assert refused is not None
    (error,) = refused.errors
    assert refused.status in {400, 422}
    return error


def nested(depth: int) -> str:
    """Return a document that is ``depth`` fields deep."""
    return "{ viewer { " + "friend { " * (depth - 2) + "login" + " }" * (depth - 1) + " }"


def test_first_worked_example_of_github_costs_550() -> None:
    """Fifty repositories, each with ten issues, are 50 + 500 records."""
    text = """{ viewer { repositories(first: 50) { edges { repository: node {
        name issues(first: 10) { totalCount edges { node { title } } } } } } } }"""
    assert cost(text) == 550


def test_second_worked_example_of_github_costs_22060() -> None:
    """Two branches under each repository and one beside them add up as GitHub's documentation shows."""
    text = """{ viewer {
      repositories(first: 50) { edges { repository: node { name
        pullRequests(first: 20) { edges { pullRequest: node { title
          comments(first: 10) { edges { comment: node { bodyHTML } } } } } }
        issues(first: 20) { totalCount edges { issue: node { title
          comments(first: 10) { edges { comment: node { bodyHTML } } } } } }
      } } }
      followers(first: 10) { edges { follower: node { login } } }
    } }"""
    assert cost(text) == 22_060


def test_page_without_size_costs_the_default_page() -> None:
    """A connection that names no size returns 25 records."""
    assert cost("{ viewer { followers { nodes { login } } } }") == 25


def test_page_size_from_a_variable_counts_its_value() -> None:
    """The cost follows the variables; an absent one means the default page."""
    text = """query ($n: Int) {
      viewer { followers(last: $n) { nodes { followers(first: 2) { nodes { id } } } } } }"""
    assert cost(text, n=10) == 30
    assert cost(text) == 75


def test_page_size_that_is_null_is_not_given() -> None:
    """As the planner reads it: the other one tells the size, or it is the default page."""
    page = "{ viewer { followers(%s) { nodes { id } } } }"
    assert cost(page % "first: null, last: 100") == 100
    assert cost(page % "first: 100, last: null") == 100
    assert cost(page % "first: null") == cost(page % "first: null, last: null") == 25
    text = "query ($n: Int, $m: Int) " + page % "first: $n, last: $m"
    assert cost(text, n=None, m=100) == cost(text, m=100) == cost(text, n=100, m=None) == 100
    assert cost(text, n=None) == cost(text) == 25
    assert cost("query ($m: Int) " + page % "first: null, last: $m", m=7) == 7


def test_page_size_out_of_bounds_does_not_multiply() -> None:
    """Sizes that are refused later count as the largest and the smallest page."""
    assert cost("{ viewer { followers(first: 1000000) { nodes { id } } } }") == 100
    assert cost("{ viewer { followers(first: -5) { nodes { id } } } }") == 0
    assert cost("{ viewer { followers(first: 99999999999999999999) { nodes { id } } } }") == 1


def test_list_of_ids_counts_its_items() -> None:
    """``nodes(ids:)`` returns one record for each id, given as literals or by a variable."""
    assert cost('{ nodes(ids: ["a", "b", "c"]) { id } }') == 3
    text = (
        "query ($ids: [ID!]!) { nodes(ids: $ids) { ... on User { followers(first: 2) { nodes { id } } } } }"
    )
    assert cost(text, ids=["a", "b"]) == 6


def test_fragment_costs_the_same_each_time_it_is_spread() -> None:
    """A shared fragment is measured once and counted at every place."""
    text = """{ viewer { ...F } me { ...F } }
    fragment F on User { followers(first: 10) { nodes { ...G } } }
    fragment G on User { repositories(first: 2) { nodes { name } } }"""
    assert cost(text) == 60


def test_depth_of_fifteen_is_allowed_and_sixteen_refused() -> None:
    """The limit itself is within the limit."""
    assert measured(nested(14)).depth == 14
    assert measured(nested(15)).depth == 15
    error = refusal(nested(16))
    assert error.extensions == {"code": "DEPTH_LIMIT_EXCEEDED", "requested": 16, "limit": 15}
    assert error.message == (
        "The operation is 16 fields deep, fragments expanded; 15 is the limit: "
        "ask for the deeper part by its id."
    )


def test_frame_of_a_connection_is_not_depth() -> None:
    """``edges``, ``node`` and ``nodes`` nest without asking for more; the root field ``node(id:)`` does."""
    assert measured("{ viewer { followers { edges { node { login } } } } }").depth == 3
    assert measured("{ viewer { followers { nodes { login } } } }").depth == 3
    assert measured('{ node(id: "a") { id } }').depth == 2


def test_introspection_has_a_depth_of_its_own() -> None:
    """The query that explorers send is taken, and counts as one level."""
    assert measured(get_introspection_query(descriptions=True), "IntrospectionQuery").depth == 1
    wraps = "{ ofType " * 19 + "{ name }" + " }" * 19
    assert measured('{ __type(name: "A") ' + wraps + "}").depth == 1
    deeper = '{ __type(name: "A") { ofType ' + wraps + "} }"
    assert refusal(deeper).message.startswith("The operation is 21 introspection fields deep")


def test_introspection_loop_is_refused() -> None:
    """Lists of types within lists of types multiply."""
    text = "{ __schema { types { fields { type { fields { name } } } } } }"
    error = refusal(text)
    assert error.extensions == {"code": "DEPTH_LIMIT_EXCEEDED", "requested": 5, "limit": 4}


def test_list_of_all_types_is_sent_once() -> None:
    """Aliases do not multiply the one large list that the schema holds."""
    error = refusal("{ a: __schema { types { name } } b: __schema { types { name } } }")
    assert error.message.startswith("The operation is asking for the list of types 2 times")


@pytest.mark.parametrize("width", [2, 3])
def test_doubling_fragments_are_refused(width: int) -> None:
    """Thirty fragments that spread the next one twice are measured in one pass over sixty spreads."""
    chain = "".join(f"fragment F{n} on Query {{ {f'...F{n + 1} ' * width}}} " for n in range(30))
    error = refusal("{ ...F0 } " + chain + "fragment F30 on Query { x }")
    assert error.extensions is not None
    assert error.extensions["code"] == "COST_LIMIT_EXCEEDED"
    assert error.extensions["requested"] == 1_000_000


def test_aliases_are_counted_after_expansion() -> None:
    """Thirty aliases are allowed; one more is refused, whether written out or through a fragment."""
    thirty = "{ viewer { " + " ".join(f"a{n}: login" for n in range(30)) + " } }"
    assert measured(thirty).aliases == 30
    assert refusal(thirty.replace("a0:", "z: login a0:")).message == (
        "The operation is using 31 aliases, fragments expanded; 30 is the limit: ask in several operations."
    )
    through_fragments = "{ viewer { ...F } me { ...F } } fragment F on User { " + "a: login " * 16 + "}"
    assert "using 32 aliases" in refusal(through_fragments).message


def test_root_fields_are_counted_after_expansion() -> None:
    """Twenty root fields are allowed; one more is refused, also through fragments."""
    assert measured("{" + "x " * 20 + "}").root_fields == 20
    assert "21 root fields wide" in refusal("{" + "x " * 21 + "}").message
    assert "22 root fields wide" in refusal("{ ...F ...F } fragment F on Query {" + "x " * 11 + "}").message


def test_fields_are_counted_after_expansion() -> None:
    """Repeating a field is no fault, asking for more than two thousand is."""
    settings = Settings(max_document_tokens=10_000)
    assert measured("{ viewer {" + "login " * 1_999 + "} }", settings=settings).fields == 2_000
    assert "2001 fields large" in refusal("{ viewer {" + "login " * 2_000 + "} }", settings).message


def test_directives_are_limited_on_a_node_and_in_a_document() -> None:
    """Four on one node, fifty in all."""
    measured("{ x " + "@include(if: true) " * 4 + "}")
    assert "5 directives on one node" in refusal("{ x " + "@a " * 5 + "}").message
    assert "51 directives in one document" in refusal("{ viewer {" + "login @a @b @c " * 17 + "} }").message


def test_list_literal_is_limited() -> None:
    """An input list has at most 250 items, also within a list."""
    measured(f"{{ viewer {{ followers(tags: {[1] * 250}) {{ nodes {{ id }} }} }} }}")
    error = refusal(f"{{ viewer {{ followers(tags: {[1] * 251}) {{ nodes {{ id }} }} }} }}")
    assert error.extensions == {"code": "BAD_USER_INPUT"}
    assert error.message == "A list has 251 items, 250 is the limit; send it in parts."
    assert "251 items" in refusal(f"{{ viewer {{ followers(tags: [{{a: {[1] * 251}}}]) {{ x }} }} }}").message


@pytest.mark.parametrize(
    "text",
    [
        "{ ...Missing }",
        "{ ...A } fragment A on Query { ...A }",
        "{ ...A } fragment A on Query { x ...B } fragment B on Query { x ...A }",
        "{ x } fragment Unused on Query { ...Unused }",
        "{ unknown { field { of @nothing } } ... on Nothing { x } }",
        "fragment A on Query { x }",
    ],
)
def test_invalid_documents_are_left_to_validation(text: str) -> None:
    """Unknown, circular and unused fragments, and unknown fields, are measured without a fault."""
    analyse(parse(text), SCHEMA, SETTINGS)


def test_endless_chain_of_fragments_is_refused() -> None:
    """A chain of fragments too long for the interpreter's stack is told to be nested too deeply."""
    chain = "".join(f"fragment F{n} on User {{ friend {{ ...F{n + 1} }} }} " for n in range(1_000))
    error = refusal("{ viewer { ...F0 } } " + chain)
    assert error.extensions == {"code": "DEPTH_LIMIT_EXCEEDED"}


def test_variables_are_limited_in_depth_and_length() -> None:
    """Sixteen levels and 250 items are taken, more are not."""

    def levels(count: int) -> Any:
        return {"a": levels(count - 1)} if count else 1

    check_variables({"v": levels(16), "w": [0] * 250}, SETTINGS)
    with pytest.raises(RequestRefused, match="more than 16 levels deep"):
        check_variables({"v": levels(17)}, SETTINGS)
    with pytest.raises(RequestRefused, match="A list has 251 items"):
        check_variables({"v": {"w": [0] * 251}}, SETTINGS)


def test_limit_of_cost_depends_on_the_role() -> None:
    """Nobody, partners, and people of the company."""
    limits = [cost_limit(Viewer(UUID(int=1), "", role), SETTINGS) for role in (Role.PARTNER, Role.SALES)]
    assert [cost_limit(None, SETTINGS), *limits] == [1_000, 10_000, 50_000]


def test_cost_above_the_limit_is_refused_with_the_way_out() -> None:
    """The limit itself is allowed."""
    check_cost(Cost(10_000, 10_000))
    with pytest.raises(RequestRefused) as caught:
        check_cost(Cost(10_001, 10_000))
    (error,) = caught.value.errors
    assert error.extensions == {"code": "COST_LIMIT_EXCEEDED", "requested": 10_001, "limit": 10_000}
    assert error.message == (
        "The operation may return 10001 records, 10000 is the limit: "
        "ask for smaller pages (first, last), most of all in the outer connections."
    )
