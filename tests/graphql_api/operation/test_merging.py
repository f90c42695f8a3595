"""Are fields that share a response key merged exactly where the specification allows it?"""

import pytest
from graphql import build_schema, parse, specified_rules, validate
from graphql.validation import OverlappingFieldsCanBeMergedRule
from hypothesis import given, settings
from hypothesis import strategies as st

from graphql_api.errors import RequestRefused
from graphql_api.operation.merging import FieldsCanMerge

SCHEMA = build_schema(
    """
    interface Pet { name(upper: Boolean): String, friend: Pet, age: Int }
    type Dog implements Pet {
      name(upper: Boolean): String, friend: Pet, age: Int, owner: Pet, kind: Int!, tags: [Int]
    }
    type Cat implements Pet {
      name(upper: Boolean): String, friend: Pet, age: Int, owner: Dog, kind: Int, tags: Int
    }
    union Any = Dog | Cat
    type Query { pet: Pet, dog: Dog, any: Any }
    """
)


def conflicts(text: str) -> list[str]:
    """Return the messages of our rule."""
    return [error.message for error in validate(SCHEMA, parse(text), [FieldsCanMerge])]


@pytest.mark.parametrize(
    "text",
    [
        "{ dog { name name age: age } dog { name } }",
        "{ pet { ... on Dog { x: name } ... on Cat { x: name(upper: true) } } }",
        "{ pet { ... on Dog { name } name ...F } } fragment F on Pet { name friend { age } }",
        "{ any { ... on Dog { owner { name } } ... on Cat { owner { name } } } }",
        "{ dog { name(upper: true) ... { name(upper: true) } } }",
        "query ($a: Boolean) { dog { name(upper: $a) name(upper: $a) } }",
        "{ missing { x } dog { missing } }",
    ],
)
def test_mergeable_fields_are_merged(text: str) -> None:
    """The same field with the same arguments, or fields that never meet in one object."""
    assert conflicts(text) == []


@pytest.mark.parametrize(
    ("text", "key", "reason"),
    [
        ("{ dog { x: owner { age } x: friend { age } } }", "x", "'owner' and 'friend' are different"),
        ("{ dog { name name(upper: true) } }", "name", "they have differing arguments"),
        ("{ pet { ... on Dog { kind } ... on Cat { kind } } }", "kind", "they return conflicting types"),
        ("{ pet { ... on Dog { tags } ... on Cat { tags } } }", "tags", "they return conflicting types"),
        ("{ pet { ... on Dog { name } ... { name: age } } }", "name", "they return conflicting types"),
        (
            "{ dog { friend { name } ...F } } fragment F on Dog { friend { name(upper: true) } }",
            "name",
            "they have",
        ),
        (
            "{ pet { ... on Dog { x: owner { age } } ... on Cat { x: owner { age: kind } } } }",
            "age",
            "they return",
        ),
    ],
)
def test_conflicting_fields_are_named_with_the_reason(text: str, key: str, reason: str) -> None:
    """Key, reason and way out."""
    (message,) = conflicts(text)
    assert message.startswith(f"Fields '{key}' conflict because {reason}")
    assert message.endswith("Use different aliases to fetch both.")


def _selections(depth: int) -> st.SearchStrategy[str]:
    """Return selection sets over any of the types; some name fields that their type lacks."""
    key = st.sampled_from(["", "", "x: ", "y: "])
    leaf = st.sampled_from(["name", "name(upper: true)", "age", "kind", "tags", "...F", "...G"])
    leaves = st.builds(lambda alias, field: field if field[0] == "." else alias + field, key, leaf)
    if depth == 0:
        return st.lists(leaves, min_size=1, max_size=4).map(" ".join)
    inner = _selections(depth - 1)
    linked = st.builds("{}{} {{ {} }}".format, key, st.sampled_from(["friend", "owner"]), inner)
    narrowed = st.builds("... on {} {{ {} }}".format, st.sampled_from(["Dog", "Cat", "Pet"]), inner)
    return st.lists(leaves | linked | narrowed, min_size=1, max_size=4).map(" ".join)


@settings(max_examples=400, deadline=None)
@given(_selections(3), _selections(1), _selections(1))
def test_verdict_is_that_of_the_pairwise_rule(selection: str, first: str, second: str) -> None:
    """On random documents that are valid otherwise, both rules refuse and accept the same."""
    first, second = (
        first.replace("...F", "age").replace("...G", "age"),
        second.replace("...F", "age").replace("...G", "age"),
    )
    fragments = f"fragment F on Dog {{ {first} }} fragment G on Pet {{ {second} }}"
    text = f"{{ dog {{ {selection} ...F ...G }} }} {fragments}"
    document = parse(text)
    others = [rule for rule in specified_rules if rule is not OverlappingFieldsCanBeMergedRule]
    if not validate(SCHEMA, document, others):
        assert bool(conflicts(text)) == bool(validate(SCHEMA, document, [OverlappingFieldsCanBeMergedRule]))


def test_field_repeated_thousands_of_times_is_no_conflict() -> None:
    """Repeating is allowed; the check looks at each field once for each of its two questions."""
    assert conflicts("{" + "dog { name } " * 5_000 + "}") == []


def test_document_made_to_be_expensive_is_refused() -> None:
    """Abstract fields repeated beside concrete ones at every level would be looked at exponentially often."""
    inner = "name"
    for _ in range(12):
        inner = f"friend {{ {inner} }} ... on Dog {{ friend {{ age }} }} ... on Cat {{ friend {{ name }} }}"
    with pytest.raises(RequestRefused, match="too often to be checked"):
        conflicts("{ pet { " + inner + " } }")
