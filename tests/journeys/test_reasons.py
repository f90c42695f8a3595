"""Do people find a company's own reasons over the wire, and the records that have them?"""

from tests.journeys.deals import make_deal
from tests.journeys.office import Office
from tests.journeys.test_customer import present

_REASON = (
    "statusReason { id key: code label wordings { language label } processCode ofRecord ofStatus version }"
)


async def test_a_company_words_why_deals_wait(office: Office) -> None:
    """An admin adds a kind of on hold; a deal is held for it, found by it, grouped by it, and goes on."""
    german = {"language": "de", "label": "Kein Budget"}
    made = await office.do(
        "addStatusReason", _REASON, "ada", place="OPPORTUNITY_ON_HOLD", code="NO_BUDGET", label="No budget",
        wordings=[german],
    )  # fmt: skip
    reason = made["statusReason"]
    assert reason.pop("id").startswith("status_reason_")
    assert reason == {
        "key": "NO_BUDGET", "label": "No budget", "wordings": [german], "processCode": "ON_HOLD",
        "ofRecord": "opportunity", "ofStatus": "OPEN", "version": 1,
    }  # fmt: skip
    deal = await make_deal(office, until="qualified")
    other = await make_deal(office, "Ostwind KG", "qualified")
    await office.do("holdOpportunity", id=other["opportunity"])
    held = await office.do(
        "holdOpportunity", "opportunity { statusReason { code label } transitions { name } }",
        id=deal["opportunity"], reason="NO_BUDGET",
    )  # fmt: skip
    assert held["opportunity"]["statusReason"] == {"code": "NO_BUDGET", "label": "No budget"}
    assert "resumeOpportunity" in {each["name"] for each in held["opportunity"]["transitions"]}
    found = await office.read(
        """{ own: opportunities(where: {statusReason: {code: {eq: "NO_BUDGET"}}}) { nodes { id } }
        kind: opportunities(where: {statusReason: {processCode: {eq: "ON_HOLD"}}}) { nodes { id } }
        none: opportunities(where: {statusReason: {isNull: true}}) { nodes { id } }
        opportunityGroups(by: [STATUS_REASON]) { count statusReason { code label } } }"""
    )
    assert found["own"]["nodes"] == [{"id": deal["opportunity"]}]
    assert [each["id"] for each in found["kind"]["nodes"]] == [deal["opportunity"], other["opportunity"]]
    assert found["none"]["nodes"] == []
    assert sorted((each["statusReason"]["code"], each["count"]) for each in found["opportunityGroups"]) == [
        ("NO_BUDGET", 1), ("ON_HOLD", 1),
    ]  # fmt: skip
    await office.do("resumeOpportunity", id=deal["opportunity"])


async def test_every_reason_is_listed_with_what_may_be_done(office: Office) -> None:
    """By record, state and place; inactive ones as well; a node is found by its id, with its story."""
    given = {"place": "ORDER_CANCELED", "code": "FLOOD", "label": "Flood"}
    made = await office.do("addStatusReason", "statusReason { id }", "ada", **given)
    await office.do("deactivateStatusReason", "", "ada", id=made["statusReason"]["id"])
    text = """query ($id: ID!) {
      statusReasons(where: {ofRecord: {eq: "order"}, ofStatus: {eq: "CANCELED"}}) {
        nodes { code status isChosen isOfProcess isDefault position }
      }
      node(id: $id) { ... on StatusReason {
        status statusReason { code } transitions { name allowed }
        timeline { nodes { type actor { ... on User { name } } } }
      } } }"""
    found = await office.read(text, "ada", id=made["statusReason"]["id"])
    listed = found["statusReasons"]["nodes"]
    assert [(each["code"], each["status"], each["isChosen"], each["isOfProcess"]) for each in listed] == [
        ("NO_MONEY", "ACTIVE", True, False),
        ("CUSTOMER_REQUEST", "ACTIVE", True, False),
        ("OUT_OF_STOCK", "ACTIVE", True, False),
        ("ACCEPTANCE_REVERTED", "ACTIVE", False, True),
        ("FLOOD", "INACTIVE", True, False),
    ]
    assert found["node"]["statusReason"] == {"code": "INACTIVE"}
    assert found["node"]["transitions"] == [
        {"name": "updateStatusReason", "allowed": True}, {"name": "activateStatusReason", "allowed": True},
    ]  # fmt: skip
    seen = await office.read(text, "sam", id=made["statusReason"]["id"])
    assert [each["allowed"] for each in seen["node"]["transitions"]] == [False, False]


async def test_a_refused_reason_brings_those_that_fit(office: Office) -> None:
    """As records, to be shown at once in the words of the company."""
    deal = await make_deal(office, until="qualified")
    text = """mutation ($input: LoseOpportunityInput!) { loseOpportunity(input: $input) {
      userErrors { __typename code path ... on ReasonError { allowed { code label ofStatus } } } } }"""
    answer = await office.ask(text, input={"id": deal["opportunity"], "reason": "NO_MONEY"})
    assert "errors" not in answer, answer
    assert answer["data"]["loseOpportunity"]["userErrors"] == [{
        "__typename": "ReasonError", "code": "REASON_REQUIRED", "path": ["input", "reason"],
        "allowed": [
            {"code": "CANCELED", "label": "Canceled", "ofStatus": "LOST"},
            {"code": "OUT_SOLD", "label": "Out-sold", "ofStatus": "LOST"},
        ],
    }]  # fmt: skip
    assert (await office.ask(text, "bob", input={"id": deal["opportunity"]}))["errors"][0]["extensions"][
        "code"
    ] == "FORBIDDEN"


async def test_a_customer_sees_why_its_quote_is_in_its_state_and_no_other_reason(office: Office) -> None:
    """What a company says of deals that it lost is not for those who buy."""
    deal = await make_deal(office, until="active")
    await present(office, deal, "carl")
    found = await office.read(
        """{ quotes { nodes { statusReason { code label } } } statusReasons { nodes { ofRecord code } } }""",
        "carl",
    )
    assert found["quotes"]["nodes"] == [{"statusReason": {"code": "PRESENTED", "label": "Presented"}}]
    assert found["statusReasons"]["nodes"] == [{"ofRecord": "quote", "code": "PRESENTED"}]
