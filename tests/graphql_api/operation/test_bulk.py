"""Are many commands of one kind answered in their order, and kept together or each for itself?"""

from typing import Any

import pytest
from sqlalchemy import event, func
from sqlmodel import SQLModel, select

from graphql_api.settings import Settings
from models.access import Role
from models.account import Account
from models.event import Event, IdempotencyEntry
from models.lead import Lead
from tests.graphql_api.conftest import Site

BULK = """
mutation ($inputs: [CreateLeadInput!]!, $mode: BulkMode! = EACH, $dry: Boolean! = false, $key: String) {
  bulkCreateLead(inputs: $inputs, mode: $mode, dryRun: $dry, idempotencyKey: $key) {
    results {
      lead { topic version timeline { nodes { type } } }
      alreadyDone
      duplicates { record { ... on Lead { topic } } }
      userErrors { __typename code path }
    }
    succeeded
    refused
    userErrors { __typename code message path }
  }
}
"""
GOOD = {"lastName": "Novak", "email": "jana@amber.example"}
BAD = {"lastName": "Nobody"}
MADE: dict[str, Any] = {
    "lead": {"topic": "Novak", "version": 1, "timeline": {"nodes": [{"type": "CREATED"}]}},
    "alreadyDone": False,
    "duplicates": [],
    "userErrors": [],
}


def refusal(kind: str, code: str, *path: str) -> dict[str, Any]:
    """Return the result of an item that was refused."""
    error = {"__typename": kind, "code": code, "path": list(path)}
    return {"lead": None, "alreadyDone": False, "duplicates": [], "userErrors": [error]}


def lead(number: int) -> dict[str, Any]:
    """Return the input of a lead that looks like no other."""
    return {"lastName": f"Novak {number}", "email": f"novak.{number}@amber.example"}


def count(site: Site, table: type[SQLModel]) -> int:
    """Return the number of rows of a table."""
    with site.database.reading() as session:
        return session.exec(select(func.count()).select_from(table)).one()


async def bulk(site: Site, *inputs: dict[str, Any], **given: Any) -> dict[str, Any]:
    """Run the bulk command and return its payload."""
    answer = await site.ask(BULK, inputs=list(inputs), **given)
    payload: dict[str, Any] = answer["data"]["bulkCreateLead"]
    return payload


async def test_each_item_stands_for_itself(site: Site) -> None:
    """Results come in the order of the inputs; a refused one names its place, and the others are kept."""
    payload = await bulk(site, GOOD, BAD, lead(2))
    second = {**MADE["lead"], "topic": "Novak 2"}
    assert payload == {
        "results": [
            MADE,
            refusal("InputError", "VALIDATION", "inputs", "1", "email"),
            {**MADE, "lead": second},
        ],
        "succeeded": 2,
        "refused": 1,
        "userErrors": [],
    }
    assert (count(site, Lead), count(site, Event)) == (2, 2)


async def test_all_or_nothing_keeps_nothing_and_tells_every_refusal(site: Site) -> None:
    """The items that were fine say that they were taken back."""
    payload = await bulk(site, GOOD, BAD, BAD, mode="ALL_OR_NOTHING")
    assert payload == {
        "results": [
            refusal("UndoneError", "OTHERS_REFUSED", "mode"),
            refusal("InputError", "VALIDATION", "inputs", "1", "email"),
            refusal("InputError", "VALIDATION", "inputs", "2", "email"),
        ],
        "succeeded": 0,
        "refused": 3,
        "userErrors": [],
    }
    assert (count(site, Lead), count(site, Event)) == (0, 0)
    payload = await bulk(site, GOOD, lead(2), mode="ALL_OR_NOTHING")
    assert (payload["succeeded"], payload["refused"], count(site, Lead)) == (2, 0, 2)


async def test_a_later_item_sees_what_an_earlier_one_made(site: Site) -> None:
    """All run in one transaction."""
    payload = await bulk(site, GOOD, {**GOOD, "topic": "Again"})
    assert payload["results"][1]["duplicates"] == [{"record": {"topic": "Novak"}}]


async def test_a_dry_run_writes_nothing(site: Site) -> None:
    """It answers as if it had been done, its key is not used."""
    payload = await bulk(site, GOOD, BAD, dry=True, key="k")
    assert (payload["succeeded"], payload["refused"]) == (1, 1)
    assert [count(site, table) for table in (Lead, Event, IdempotencyEntry)] == [0, 0, 0]


async def test_a_repeat_gets_the_first_answer(site: Site) -> None:
    """Refusals included, and read as the repeat asks; other inputs under the key are refused."""
    first = await bulk(site, GOOD, BAD, key="k")
    assert await bulk(site, GOOD, BAD, key="k") == first
    text = """mutation ($inputs: [CreateLeadInput!]!) { bulkCreateLead(inputs: $inputs, idempotencyKey: "k") {
        results { lead { lastName } userErrors { code } } succeeded } }"""
    other = await site.ask(text, inputs=[GOOD, BAD])
    assert other["data"]["bulkCreateLead"] == {
        "results": [
            {"lead": {"lastName": "Novak"}, "userErrors": []},
            {"lead": None, "userErrors": [{"code": "VALIDATION"}]},
        ],
        "succeeded": 1,
    }
    assert count(site, Lead) == 1
    payload = await bulk(site, GOOD, key="k")
    assert (payload["results"], payload["userErrors"][0]["code"]) == ([], "IDEMPOTENCY_KEY_REUSED")


async def test_items_may_bear_keys_of_their_own(site: Site) -> None:
    """What one item made, a repeat finds, in bulk or alone; what was refused may be tried again."""
    keyed = {**GOOD, "idempotencyKey": "a"}
    await bulk(site, keyed, {**BAD, "idempotencyKey": "b"})
    payload = await bulk(site, keyed, {**lead(2), "idempotencyKey": "b"})
    assert [each["lead"]["topic"] for each in payload["results"]] == ["Novak", "Novak 2"]
    alone = await site.ask(
        "mutation ($input: CreateLeadInput!) { createLead(input: $input) { lead { topic } } }", input=keyed
    )
    assert alone["data"]["createLead"] == {"lead": {"topic": "Novak"}}
    assert count(site, Lead) == 2


@pytest.mark.parametrize("number", [0, 251])
async def test_a_bulk_command_has_its_size(site: Site, number: int) -> None:
    """None is refused as data; more than the list of an input may hold is refused before anything runs."""
    answer = await site.ask(BULK, inputs=[lead(each) for each in range(number)])
    if number:
        assert answer["errors"][0]["message"] == (
            f"A list has 251 items, {Settings().max_list_items} is the limit; send it in parts."
        )
    else:
        (error,) = answer["data"]["bulkCreateLead"]["userErrors"]
        assert (error["code"], error["path"]) == ("VALIDATION", ["inputs"])
        assert error["message"] == "There are 0 inputs; a bulk command takes 1 to 250."
    assert count(site, Lead) == 0


async def test_records_are_read_for_all_items_together(site: Site) -> None:
    """The statements that read the answer do not grow with the number of items."""
    reads: list[str] = []

    def note(_: Any, __: Any, statement: str, *___: Any) -> None:
        if statement.startswith(("SELECT", "WITH")) and "timeline" in statement:
            reads.append(statement)

    event.listen(site.database._writer, "before_cursor_execute", note)
    await bulk(site, *map(lead, range(3)))
    few = len(reads)
    await bulk(site, *map(lead, range(3, 33)))
    assert len(reads) == 2 * few > 0


async def test_a_refused_guard_names_its_item(site: Site) -> None:
    """The paths of its blockers as well; what the others did is kept."""
    made = await bulk(site, GOOD, lead(1))
    assert made["succeeded"] == 2
    found = await site.ask("{ leads { nodes { id } } }")
    first, second = [each["id"] for each in found["data"]["leads"]["nodes"]]
    text = """mutation ($inputs: [QualifyLeadInput!]!) { bulkQualifyLead(inputs: $inputs) { results {
        account { name } userErrors { code path ... on TransitionError { blockers { path } } } } } }"""
    inputs = [{"id": first}, {"id": second, "override": "They called.", "account": "NONE"}]
    answer = await site.ask(text, inputs=inputs)
    refused, done = answer["data"]["bulkQualifyLead"]["results"]
    (error,) = refused["userErrors"]
    assert error["code"] == "NOT_QUALIFIABLE"
    assert error["path"] == ["inputs", "0", "override"]
    assert error["blockers"] == [{"path": ["inputs", "0", "override"]}]
    assert done["userErrors"] == []
    assert count(site, Account) == 0


async def test_the_header_is_the_key_of_the_call(site: Site) -> None:
    """It stands for the argument, and may not differ from it."""
    headers = {"Idempotency-Key": "k"}
    for _ in range(2):
        assert (await bulk(site, GOOD, headers=headers))["succeeded"] == 1
    assert (count(site, Lead), count(site, IdempotencyEntry)) == (1, 1)
    answer = await site.ask(BULK, headers=headers, inputs=[GOOD], key="l")
    assert answer["errors"][0]["message"] == (
        "The header Idempotency-Key and the argument idempotencyKey differ; send one of them."
    )


async def test_inputs_count_as_records(site: Site) -> None:
    """The cost of a bulk command is that of its inputs and of what is asked for each."""
    wanted = " ".join(f"t{number}: timeline(first: 100) {{ nodes {{ id }} }}" for number in range(9))
    text = f"""mutation ($inputs: [CreateLeadInput!]!) {{
        bulkCreateLead(inputs: $inputs) {{ results {{ lead {{ {wanted} }} }} }} }}"""
    answer = await site.ask(text, inputs=[lead(each) for each in range(100)])
    assert answer["errors"][0]["extensions"]["code"] == "COST_LIMIT_EXCEEDED"
    assert answer["errors"][0]["extensions"]["requested"] == 100 * (1 + 9 * 100)
    assert count(site, Lead) == 0


async def test_only_who_may_run_the_command_may_run_it_in_bulk(site: Site) -> None:
    """The call as a whole is refused."""
    answer = await site.ask(BULK, Role.SUPPORT, inputs=[GOOD])
    (error,) = answer["errors"]
    assert error["extensions"]["code"] == "FORBIDDEN"
    assert error["message"] == "The role SUPPORT may not run bulkCreateLead; ask an admin for a key that may."
