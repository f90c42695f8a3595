"""Is what is asked told by this request alone?"""

from typing import Any

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
