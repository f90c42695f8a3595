"""Is what a plan's code writes what was stored, whatever that is and whatever it is called?"""

from collections.abc import Sequence
from uuid import UUID

import pytest

from graphql_api.planner.script import NULL, PRESENT, Code, Script
from models.record import key_texts, new_id, public_id
from tests.graphql_api.planner.company import Reader

# The names that the code of a plan has for its own ends, and words of Python.
_NAMES = (
    "r",
    "rows",
    "made",
    "add",
    "k0",
    "k0s",
    "below",
    "b0",
    "s0",
    "C0",
    "C1",
    "v1",
    "viewer",
    "moment",
    "None",
    "class",
)


def test_what_a_client_calls_things_is_no_code(reader: Reader) -> None:
    """Aliases that are names of the code, or words of its language, are keys of the answer."""
    fields = " ".join(f"{name}: name" for name in _NAMES)
    nested = " ".join(
        f"{name}: nodes {{ {fields} {name}x: quotes {{ f: totalCount {{ value }} }} }}" for name in _NAMES
    )

    data = reader.data(f"{{ a: accounts {{ {nested} }} names: accounts {{ nodes {{ name }} }} }}")

    names = [each["name"] for each in data["names"]["nodes"]]
    assert list(data["a"]) == list(_NAMES)
    for alias, nodes in data["a"].items():
        assert [list(each) for each in nodes] == [[*_NAMES, f"{alias}x"]] * len(names)
        assert [[each[name] for name in _NAMES] for each in nodes] == [[name] * len(_NAMES) for name in names]


@pytest.mark.parametrize(
    "name",
    [
        '"',
        "\\",
        '\\"}',
        "{r[0]}",
        "%s %(limit)s {{}}",
        "a\nb\tc\r\x01\x1e\x1f\x7f",
        "\u2028 \u2029 \ufeff",
        "Ünïcode \u2013 東京 😀",
        "' OR 1=1 --",
        "null",
    ],
)
def test_any_text_is_written_as_it_is_stored(reader: Reader, name: str) -> None:
    """Quotes, braces, marks of formats, control characters and any script."""
    reader.rename_first(name)

    text = "query ($n: Int!) { accounts(first: $n) { nodes { name quotes { nodes { account { name } } } } } }"
    for size in (1, 30):
        found = reader.data(text, {"n": size})["accounts"]["nodes"][0]
        assert found["name"] == name
        assert {quote["account"]["name"] for quote in found["quotes"]["nodes"]} <= {name}


def test_a_row_is_written_by_what_holds_for_it() -> None:
    """Blocks know the conditions under which they are reached."""
    script = Script()
    seen = []
    with script.block("for r in rows"):
        with script.block("if r[0] is None"):
            script.line(f"made.append({script.name(NULL)})")
        with (
            script.block("else", (0, PRESENT)),
            script.block(f"if r[1] == {script.name('x')}", (1, "x")),
        ):
            seen.append(script.conditions)
            script.line(f"made.append({script.text(['{', Code('r[0]'), '}'])})")
        seen.append(script.conditions)
    script.line("return made")

    write = script.function("write(rows)", "made = []")

    assert seen == [((0, PRESENT), (1, "x")), ()]
    assert write([(None, "x"), ("a", "x"), ("b", "y")]) == ["null", "{a}"]


@pytest.mark.parametrize("count", [0, 1, 2, 63, 64, 65, 200])
def test_keys_of_both_engines_are_written_as_public_ids(count: int) -> None:
    """As SQLite stores them, and as PostgreSQL writes them; any number of them, and of any bits."""
    keys = [new_id() for _ in range(count)]
    keys[:2] = [UUID(int=0), UUID(int=2**128 - 1)][:count]
    wanted = [public_id("quote", key).removeprefix("quote_") for key in keys]
    assert key_texts([key.bytes for key in keys]) == key_texts([str(key) for key in keys]) == wanted


def test_a_missing_key_has_no_text() -> None:
    """The others have theirs."""
    key = new_id()
    text = public_id("quote", key).removeprefix("quote_")
    assert key_texts([None, key.bytes, None, key.bytes]) == [None, text, None, text]
    assert key_texts([None]) == [None]


def test_what_is_made_of_a_column_is_made_for_all_rows_at_once() -> None:
    """A function that two places want for the same values is called once."""
    script, calls = Script(), []

    def doubled(values: Sequence[str]) -> list[str]:
        calls.append(list(values))
        return [value * 2 for value in values]

    first, again, other = (script.of_column(doubled, slot) for slot in (1, 1, 0))
    assert first == again != other
    script.line(f"return [{script.text([other, '/', first])} for {script.row} in {script.rows}]")
    write = script.function("write(rows)", *script.columns)
    assert write([("a", "b"), ("c", "d")]) == ["aa/bb", "cc/dd"]
    assert calls == [["b", "d"], ["a", "c"]]
