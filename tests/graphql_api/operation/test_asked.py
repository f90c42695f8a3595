"""Is what is asked told by this request alone?"""

from typing import Any

import pytest

from tests.graphql_api.conftest import Site


async def test_variables_that_are_strings_are_each_requests_own(site: Site) -> None:
    """What is remembered of a document's values never answers for other ones, whatever their type."""
    made = {}
    for name in ("Xenon", "Yttrium"):
        made[name] = (
            await site.ask(f'mutation {{ createAccount(input: {{name: "{name}"}}) {{ account {{ id }} }} }}')
        )["data"]["createAccount"]["account"]["id"]
    text = """query ($id: ID, $words: String = "Yttrium", $n: Int!, $yes: Boolean!) {
        account(by: {id: $id}) @include(if: $yes) { name }
        accounts(first: $n, search: $words) { nodes { name } } }"""

    async def asked(**variables: Any) -> Any:
        answer = await site.ask(text, **variables)
        return answer.get("data") or answer["errors"][0]["message"]

    for _ in range(2):
        for name, other in (("Xenon", "Yttrium"), ("Yttrium", "Xenon")):
            found = await asked(id=made[name], words=other, n=5, yes=True)
            assert found == {"account": {"name": name}, "accounts": {"nodes": [{"name": other}]}}
        assert await asked(id=made["Xenon"], n=5, yes=False) == {"accounts": {"nodes": [{"name": "Yttrium"}]}}
        every = [{"name": "Xenon"}, {"name": "Yttrium"}]
        assert await asked(words=None, n=5, yes=False) == {"accounts": {"nodes": every}}
        assert await asked(words="Xenon", n=0, yes=False) == {"accounts": {"nodes": []}}
        assert "'$words'" in await asked(words=1, n=5, yes=False)
        assert "'$n'" in await asked(words="Xenon", n="5", yes=False)
        assert "'$yes'" in await asked(words="Xenon", n=5, yes="true")


async def test_what_is_kept_of_variables_is_bounded(embedded: Site) -> None:
    """Those that no operation declares, and those of whoever has no key, fill no memory."""
    text = "query ($n: Int) { accounts(first: $n) { nodes { id } } }"
    for number in range(3):
        others: dict[str, Any] = {f"other{number}": number, "more": number}
        assert "errors" not in await embedded.ask(text, n=5, **others)
    chosen = embedded.operations.documents.find(text).operation(None)
    assert list(chosen.values) == [(("n", int, 5),)]
    many: dict[str, Any] = {f"other{number}": 0 for number in range(100)}
    assert "errors" not in await embedded.ask(text, n=6, **many)
    assert len(chosen.values) == 1
    text = "query ($yes: Boolean!) { __typename @include(if: $yes) }"
    assert (await embedded.ask(text, None, yes=True))["data"] == {"__typename": "Query"}
    assert embedded.operations.documents.find(text).operation(None).values == {}
    assert (await embedded.ask(text, yes=True))["data"] == {"__typename": "Query"}
    assert len(embedded.operations.documents.find(text).operation(None).values) == 1
    for number in range(1, 101):
        await embedded.ask("query ($n: Int) { accounts(first: $n) { nodes { id } } }", n=number)
    assert len(chosen.values) <= 64


@pytest.mark.parametrize(
    "text",
    [
        'query ($it: ID = "x") { node(id: $it) { __typename } }',
        "query ($it: Boolean = true) { accounts @include(if: $it) { nodes { id } } }",
        "query ($it: Boolean = true) { accounts { nodes { id @skip(if: $it) } } }",
        """query ($it: AccountOrderField = NAME) {
            accounts(orderBy: [{field: $it, direction: ASC}]) { nodes { id } } }""",
        """mutation ($it: Boolean = true) {
            createAccount(input: {name: "A"}) @skip(if: $it) { userErrors { code } } }""",
    ],
)
async def test_null_in_place_of_a_default_is_refused(site: Site, text: str) -> None:
    """The language lets such a variable stand where null may not; its value is looked at when it is used."""
    answer = await site.ask(text, it=None)
    (error,) = answer["errors"]
    assert error["extensions"]["code"] == "BAD_USER_INPUT"
    assert "'$it'" in error["message"]
    assert error["message"].endswith("not to be None.")
    assert "data" not in answer
