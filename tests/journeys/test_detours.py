"""Do deals that do not go straight come to their end, over the wire? The branches before the order."""

from datetime import timedelta
from typing import Any

from models.clock import run_due
from models.moment import Moment, Organization
from tests.journeys.deals import Deal, make_deal
from tests.journeys.office import Office

STATE = "status statusReason { code }"


async def state_of(office: Office, record: str) -> tuple[str, str]:
    """Return the state of a record and its reason."""
    kind = record.rpartition("_")[0].capitalize()
    text = f"query ($id: ID!) {{ it: node(id: $id) {{ ... on {kind} {{ {STATE} }} }} }}"
    found = (await office.read(text, id=record))["it"]
    return found["status"], found["statusReason"]["code"]


async def refused(office: Office, command: str, who: str = "sam", **given: Any) -> tuple[str, list[Any]]:
    """Return code and path of the one error of a command that must be refused."""
    (error,) = (await office.call(command, "", who, **given))["userErrors"]
    return error["code"], error["path"]


async def repeated(office: Office, command: str, selection: str, **given: Any) -> Any:
    """Run a command twice under one key, and return what both answered."""
    key = f"{command} {given['id']}"
    first = await office.do(command, selection, idempotencyKey=key, **given)
    assert await office.do(command, selection, idempotencyKey=key, **given) == first
    return first


async def revise(office: Office, deal: Deal) -> str:
    """Revise the quote of a deal, which goes on with the revision."""
    made = await repeated(office, "reviseQuote", "revision { id revision }", id=deal["quote"])
    deal.ids["quote"] = made["revision"]["id"]
    return str(made["revision"]["id"])


async def test_duplicate_is_linked_when_its_lead_is_qualified(office: Office) -> None:
    """The refusal names the customers that look the same; linked, nothing is made twice."""
    first = await make_deal(office, "Nordwind GmbH", "qualified")
    second = await make_deal(office, "Nordwind GmbH", "confirmed")
    answer = await office.call("qualifyLead", id=second["lead"])
    (error,) = answer["userErrors"]
    assert (error["code"], error["path"]) == ("DUPLICATE_DETECTED", ["input", "onDuplicate"])
    assert [each["record"]["id"] for each in error["candidates"]] == [first["account"], first["contact"]]
    selection = "account { id } contact { id } opportunity { id lead { id } }"
    made = await repeated(office, "qualifyLead", selection, id=second["lead"], onDuplicate="LINK")
    assert (made["account"]["id"], made["contact"]["id"]) == (first["account"], first["contact"])
    assert made["opportunity"]["lead"]["id"] == second["lead"]
    counted = await office.read("{ accounts { totalCount { value } } contacts { totalCount { value } } }")
    assert counted == {"accounts": {"totalCount": {"value": 1}}, "contacts": {"totalCount": {"value": 1}}}


async def test_disqualified_lead_is_reactivated_and_qualified(office: Office) -> None:
    """Why it was given up stays in its story."""
    deal = await make_deal(office, until="confirmed")
    await repeated(office, "disqualifyLead", "lead { status }", id=deal["lead"], reason="CANNOT_CONTACT")
    assert await state_of(office, deal["lead"]) == ("DISQUALIFIED", "CANNOT_CONTACT")
    assert await refused(office, "qualifyLead", id=deal["lead"]) == ("ILLEGAL_TRANSITION", ["input", "id"])
    await repeated(office, "reactivateLead", "lead { status }", id=deal["lead"], note="They called.")
    made = await office.do("qualifyLead", "opportunity { id }", id=deal["lead"])
    assert await state_of(office, made["opportunity"]["id"]) == ("OPEN", "IN_PROGRESS")
    text = """query ($id: ID!) { lead(by: {id: $id}) { timeline(types: [STATUS_CHANGED]) {
        nodes { ... on StatusChanged { fromStatus toStatus reason note } } } } }"""
    told = (await office.read(text, id=deal["lead"]))["lead"]["timeline"]["nodes"]
    assert [(each["fromStatus"], each["toStatus"], each["reason"], each["note"]) for each in told] == [
        ("OPEN", "DISQUALIFIED", "CANNOT_CONTACT", None),
        ("DISQUALIFIED", "OPEN", "NEW", "They called."),
        ("OPEN", "QUALIFIED", "QUALIFIED", None),
    ]


async def test_opportunity_on_hold_goes_on_by_the_clock(office: Office) -> None:
    """It may be quoted meanwhile; on its day it is resumed, once."""
    deal = await make_deal(office, until="qualified")
    until = (office.clock[0] + timedelta(days=3)).date().isoformat()
    await repeated(office, "holdOpportunity", "opportunity { status }", id=deal["opportunity"], until=until)
    assert await state_of(office, deal["opportunity"]) == ("OPEN", "ON_HOLD")
    await office.do("generateQuoteFromOpportunity", id=deal["opportunity"])
    for days, done in ((2, []), (1, ["resumeOpportunity"]), (1, [])):
        office.clock[0] += timedelta(days=days)
        moment = Moment(office.clock[0], Organization())
        assert [tick.command for tick in run_due(office.database, moment)] == done
    text = "query ($id: ID!) { opportunity(by: {id: $id}) { onHoldSeconds } }"
    found = (await office.read(text, id=deal["opportunity"]))["opportunity"]
    assert found == {"onHoldSeconds": 3 * 86_400}


async def test_quote_that_an_approver_rejects_is_changed_and_approved(office: Office) -> None:
    """Its author cannot approve it; the approver's words are kept."""
    policy = {"name": "Big discounts", "maxDiscountPercent": "10", "approverRole": "ADMIN"}
    await office.do("createApprovalPolicy", "", "ada", **policy)
    quote = (await make_deal(office, until="drafted"))["quote"]
    edit: dict[str, Any] = {"id": quote, "expectedVersion": None}
    await office.do("updateQuote", **edit, discountPercent="50")
    assert await refused(office, "activateQuote", id=quote) == ("APPROVAL_REQUIRED", ["input", "id"])
    await repeated(office, "submitQuoteForApproval", f"quote {{ {STATE} }}", id=quote)
    assert await refused(office, "approveQuote", id=quote) == ("APPROVER_IS_AUTHOR", ["input", "id"])
    assert await refused(office, "approveQuote", "sue", id=quote) == ("NOT_APPROVER", ["input", "id"])
    await office.do("rejectQuoteApproval", "", "ada", id=quote, reason="Half is too much.")
    assert await refused(office, "activateQuote", id=quote) == ("APPROVAL_REQUIRED", ["input", "id"])
    await office.do("updateQuote", **edit, discountPercent="15")
    await office.do("submitQuoteForApproval", id=quote)
    await office.do("approveQuote", "", "ada", id=quote)
    await office.do("activateQuote", id=quote)
    text = "query ($id: ID!) { quote(by: {id: $id}) { status approvals { nodes { decision note } } } }"
    found = (await office.read(text, id=quote))["quote"]
    assert (found["status"], found["approvals"]["nodes"]) == (
        "ACTIVE",
        [{"decision": "REJECTED", "note": "Half is too much."}, {"decision": "APPROVED", "note": None}],
    )


async def test_declined_quote_leaves_its_opportunity_open(office: Office) -> None:
    """The next revision may do better."""
    deal = await make_deal(office, until="active")
    await repeated(office, "declineQuote", "quote { status }", id=deal["quote"], note="Too dear.")
    assert await state_of(office, deal["quote"]) == ("CLOSED", "LOST")
    assert await state_of(office, deal["opportunity"]) == ("OPEN", "IN_PROGRESS")
    await office.do("activateQuote", id=await revise(office, deal))
    made = await office.do("acceptQuote", "order { id } opportunity { status }", id=deal["quote"])
    assert made["opportunity"] == {"status": "WON"}


async def test_quote_is_revised_twice_and_accepted(office: Office) -> None:
    """One number, three revisions, the last of them won; all of them can be compared."""
    deal = await make_deal(office, until="active")
    first = deal["quote"]
    for _ in range(2):
        await office.do("activateQuote", id=await revise(office, deal))
    made = await repeated(office, "acceptQuote", "order { id } quote { number }", id=deal["quote"])
    again = await office.do("acceptQuote", "order { id }", id=deal["quote"])
    assert (again["alreadyDone"], again["order"]) == (True, made["order"])
    text = "query ($id: ID!) { quote(by: {id: $id}) { revisions { nodes { revision status } } } }"
    found = (await office.read(text, id=first))["quote"]["revisions"]["nodes"]
    assert [(each["revision"], each["status"]) for each in found] == [
        (0, "CLOSED"), (1, "CLOSED"), (2, "WON"),
    ]  # fmt: skip
    text = "query ($a: ID!, $b: ID!) { quoteDiff(from: $a, to: $b) { revision toRevision lines { kind } } }"
    assert (await office.read(text, a=first, b=deal["quote"]))["quoteDiff"] == {
        "revision": 0, "toRevision": 2, "lines": [],
    }  # fmt: skip
    assert await refused(office, "reviseQuote", id=deal["quote"]) == ("RECORD_READ_ONLY", ["input", "id"])


async def test_expired_quote_is_revised(office: Office) -> None:
    """The clock closes it once; the revision is accepted."""
    deal = await make_deal(office, until="active")
    office.clock[0] += timedelta(days=31)
    for done in (["expireQuote"], []):
        moment = Moment(office.clock[0], Organization())
        assert [tick.command for tick in run_due(office.database, moment)] == done
    assert await state_of(office, deal["quote"]) == ("CLOSED", "EXPIRED")
    code, path = await refused(office, "acceptQuote", id=deal["quote"], acceptExpired=True)
    assert (code, path) == ("ILLEGAL_TRANSITION", ["input", "id"])
    await office.do("activateQuote", id=await revise(office, deal))
    assert (await office.do("acceptQuote", "order { id }", id=deal["quote"]))["order"]


async def test_of_two_competing_quotes_one_is_accepted(office: Office) -> None:
    """The other is closed with it, and so is the opportunity, in one story."""
    deal = await make_deal(office, until="active")
    other = (await office.do("generateQuoteFromOpportunity", "quote { id }", id=deal["opportunity"]))["quote"]
    assert await refused(office, "winOpportunity", id=deal["opportunity"]) == (
        "OPEN_QUOTES_EXIST", ["input", "closeOpenQuotes"],
    )  # fmt: skip
    selection = "closedQuotes { id } opportunity { status actualRevenue { amount } }"
    made = await repeated(office, "acceptQuote", selection, id=deal["quote"])
    assert made["closedQuotes"] == [{"id": other["id"]}]
    assert made["opportunity"] == {"status": "WON", "actualRevenue": {"amount": "238.00"}}
    assert await state_of(office, other["id"]) == ("CLOSED", "CANCELED")
    assert await refused(office, "reviseQuote", id=other["id"]) == ("OPPORTUNITY_CLOSED", ["input", "id"])


async def test_loss_to_a_competitor_is_reopened_and_won(office: Office) -> None:
    """The loss stays in the history, superseded; a closed deal takes no edit meanwhile."""
    deal = await make_deal(office, until="qualified")
    rival = (await office.do("createCompetitor", "competitor { id }", name="Aqua"))["competitor"]["id"]
    lost: dict[str, Any] = {"id": deal["opportunity"], "reason": "OUT_SOLD", "competitorId": rival}
    await repeated(office, "loseOpportunity", f"opportunity {{ {STATE} forecastCategory }}", **lost)
    edit = await refused(office, "updateOpportunity", id=deal["opportunity"], expectedVersion=None)
    assert edit == ("RECORD_READ_ONLY", ["input", "id"])
    await repeated(
        office, "reopenOpportunity", "opportunity { status }", id=deal["opportunity"], reason="They called."
    )
    await office.do("winOpportunity", id=deal["opportunity"])
    text = """query ($id: ID!) { opportunity(by: {id: $id}) { status actualRevenue { amount }
        closeActivities { nodes { status reason competitor supersededAt } } } }"""
    found = (await office.read(text, id=deal["opportunity"]))["opportunity"]
    assert (found["status"], found["actualRevenue"]) == ("WON", {"amount": "238.00"})
    activities = found["closeActivities"]["nodes"]
    assert [(each["status"], each["competitor"], each["supersededAt"] is None) for each in activities] == [
        ("LOST", "Aqua", False), ("WON", None, True),
    ]  # fmt: skip
