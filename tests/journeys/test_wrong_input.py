"""Does wrong input of every kind get its typed error, and leave the database as it was?

The cases lie beside this file, one a line: what is sent, and the error that answers it.
"""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.journeys.deals import Settled
from tests.journeys.office import Office, text_of

_CARD: dict[str, Any] = {"source": "EMAIL", "lastName": "Petersen", "email": "nora@nordwind.example"}
_WRONG = Path(__file__).parent / "wrong"
DRAFT_OFFERS = [
    "updateQuote",
    "submitQuoteForApproval",
    "activateQuote",
    "closeQuote",
    "copyOpportunityLines",
    "addQuoteLine",
    "updateQuoteLine",
    "removeQuoteLine",
    "moveQuoteLine",
    "repriceQuote",
]


def cases(name: str) -> list[Any]:
    """Return the cases of a file, each with its number and first words as its name."""
    found = [json.loads(line) for line in (_WRONG / f"{name}.jsonl").read_text(encoding="utf-8").splitlines()]
    return [
        pytest.param(case, id=f"{number} {next(iter(case.values()))[:40]}")
        for number, case in enumerate(found, start=1)
    ]


async def _cursor(office: Office) -> str:
    """Return a cursor of the connection of all quotes, in their default order."""
    found: str = (await office.read("{ quotes(first: 1) { pageInfo { endCursor } } }"))["quotes"]["pageInfo"][
        "endCursor"
    ]
    return found


@pytest.mark.parametrize("case", cases("commands"))
async def test_unusable_input_is_an_error_of_its_type(settled: Settled, case: Any) -> None:
    """The payload's record is null, the error says which argument and what would do; nothing is written."""
    before = settled.office.dump()
    payload = await settled.office.call(case["command"], **settled.filled(case["input"]))
    (error,) = payload["userErrors"]
    assert (error["__typename"], error["code"]) == (case["type"], case["code"])
    assert (error["path"], error["message"]) == (case["path"], case["message"])
    assert payload["alreadyDone"] is False
    assert settled.office.dump() == before


async def test_text_of_a_megabyte_is_refused_by_its_length(settled: Settled) -> None:
    """What a source sent is kept up to 65,536 characters; the body may be larger."""
    before = settled.office.dump()
    payload = await settled.office.call("captureLead", **_CARD, rawPayload="x" * 1_000_000)
    (error,) = payload["userErrors"]
    assert error["message"] == "rawPayload is 1000000 characters long; at most 65536 are kept."
    assert settled.office.dump() == before


async def test_refusals_bear_what_is_needed_to_act(settled: Settled) -> None:
    """A stale version brings the present record, a wrong state what it offers, a duplicate the candidates."""
    office, ids = settled.office, settled.ids
    stale = (await office.call("activateQuote", id=ids["quote"], expectedVersion=7))["userErrors"][0]
    assert stale["current"] == {"id": ids["quote"], "version": 1}
    wrong = (await office.call("acceptQuote", id=ids["quote"]))["userErrors"][0]
    assert (wrong["status"], wrong["command"], wrong["allowed"]) == ("DRAFT", "acceptQuote", DRAFT_OFFERS)
    assert wrong["blockers"] == [
        {"code": "ILLEGAL_TRANSITION", "message": wrong["message"], "path": ["input", "id"]}
    ]
    twin = await office.do(
        "captureLead",
        "lead { id } duplicates { record { id } }",
        **_CARD,
        companyName="Nordwind gmbh",
    )
    same = await office.call("qualifyLead", id=twin["lead"]["id"], override="They called")
    assert [error["code"] for error in same["userErrors"]] == ["DUPLICATE_DETECTED"]
    account = await office.read(
        "query ($id: ID!) { invoice(by: {id: $id}) { account { id } } }", id=ids["issued_invoice"]
    )
    assert [each["record"] for each in same["userErrors"][0]["candidates"]] == [account["invoice"]["account"]]


@pytest.mark.parametrize("case", cases("variables"))
async def test_variable_of_another_type_is_refused_before_anything_runs(settled: Settled, case: Any) -> None:
    """One error names the place in the variable; there is no data, and nothing is written."""
    before = settled.office.dump()
    body = {"query": text_of(case["command"]), "variables": {"input": settled.filled(case["input"])}}
    response = await settled.office.post(body)
    (error,) = response.json()["errors"]
    assert (response.status_code, error["extensions"]["code"]) == (400, "BAD_USER_INPUT")
    assert error["message"] == case["message"]
    assert "data" not in response.json()
    assert settled.office.dump() == before


@pytest.mark.parametrize("case", cases("questions"))
async def test_question_that_cannot_be_answered_names_the_field(settled: Settled, case: Any) -> None:
    """The field is null, the error has its path; the rest is answered."""
    text = case["query"].replace("{", "{ who: viewer { name } ", 1)
    for name, value in (settled.ids | {"cursor": await _cursor(settled.office)}).items():
        text = text.replace(f"{{{name}}}", value)
    answer = await settled.office.ask(text)
    (error,) = answer["errors"]
    assert (error["extensions"]["code"], error["path"]) == (case["code"], case["path"])
    assert error["message"] == case["message"]
    assert answer["data"].pop("who") == {"name": "sam"}
    (value,) = answer["data"].values()
    assert value in (None, [{"id": settled.ids["quote"]}, None])


@pytest.mark.parametrize("case", cases("documents"))
async def test_document_that_does_not_fit_the_schema_is_not_run(settled: Settled, case: Any) -> None:
    """The first error says what is wrong where; there is no data."""
    response = await settled.office.post({"query": case["query"]})
    error = response.json()["errors"][0]
    assert (error["extensions"]["code"], error["message"]) == (case["code"], case["message"])
    assert response.status_code == case["status"]
    assert "data" not in response.json()


@pytest.mark.parametrize(
    "text",
    [
        "日本の顧客 🏢👩🏽‍💻",
        "שלום \u202eRTL\u202c עולם",
        "ß ẞ İ \u0131 \ufb01",
        "\u200b\u2066x\u2069",
        "'; DROP TABLE quote; --",
        '"\\\\ \\u0041 {}',
        "%_%",
        "x" * 300,
    ],
)
async def test_text_of_any_script_comes_back_as_it_was(settled: Settled, text: str) -> None:
    """What is stored is what was sent; a dry run shows it, and a real one reads it again."""
    made = await settled.office.do(
        "createOpportunity", "opportunity { id }", name=text, accountId=settled.ids["account"]
    )
    found = await settled.office.read(
        "query ($id: ID!) { opportunity(by: {id: $id}) { name } }", id=made["opportunity"]["id"]
    )
    assert found["opportunity"]["name"] == text


async def test_text_is_kept_composed_and_without_space_around_it(settled: Settled) -> None:
    """Two ways to write an accented letter are one text; length counts characters, not bytes."""
    selection = "opportunity { name }"
    given: dict[str, Any] = {"accountId": settled.ids["account"]}
    made = await settled.office.do("createOpportunity", selection, name="  Cafe\u0301 ", **given)
    assert made["opportunity"]["name"] == "Caf\u00e9"
    longest = await settled.office.do("createOpportunity", selection, name="𝄞" * 300, **given)
    assert longest["opportunity"]["name"] == "𝄞" * 300
    (error,) = (await settled.office.call("createOpportunity", name="𝄞" * 301, **given))["userErrors"]
    assert error["message"] == "name is 301 characters long; at most 300 are kept."


async def test_lone_surrogate_is_refused_with_the_body(settled: Settled) -> None:
    """No text has one, so the body is none."""
    before = settled.office.dump()
    response = await settled.office.post(
        {"query": text_of("createAccount"), "variables": {"input": {"name": "\ud800"}}}
    )
    assert response.status_code == 400
    (error,) = response.json()["errors"]
    assert error["extensions"]["code"] == "BAD_USER_INPUT"
    assert settled.office.dump() == before


async def test_empty_external_id_is_none(settled: Settled) -> None:
    """Two leads of a form that leaves the field empty are two leads."""
    leads = [
        await settled.office.do("captureLead", "lead { id externalId }", **_CARD, externalId=" ")
        for _ in range(2)
    ]
    assert [each["alreadyDone"] for each in leads] == [False, False]
    assert [each["lead"]["externalId"] for each in leads] == [None, None]


@pytest.mark.parametrize(
    "selection",
    [
        "totalCount { value precision }",
        "pageInfo { hasNextPage }",
        "__typename",
        "nodes { __typename }",
        "edges { __typename }",
        "edges { node { __typename } }",
    ],
)
async def test_question_that_asks_for_no_column_is_answered(settled: Settled, selection: str) -> None:
    """Counting, or looking whether there is something, needs no field of a record."""
    data = await settled.office.read(f"{{ leads {{ {selection} }} stages {{ {selection} }} }}")
    assert data["leads"]
    assert data["stages"]
    one = await settled.office.read(
        "query ($id: ID!) { lead(by: {id: $id}) { __typename } }", id=settled.ids["lead"]
    )
    assert one == {"lead": {"__typename": "Lead"}}
