"""Does a line tell its whole way through the deal, and to each only what they may see?"""

from decimal import Decimal
from typing import Any

from models.access import Role
from models.invoice import InvoiceLine
from models.opportunity import OpportunityLine
from models.order import OrderLine
from models.quote import QuoteLine
from models.record import public_id
from tests.desk import Desk, make_desk
from tests.factories import Item, make_account, make_opportunity
from tests.graphql_api.conftest import Site
from tests.graphql_api.insight.window import answered, asked, refused

STEPS = """kind label quantity unit description pricePerUnit { amount currencyCode } extendedAmount { amount }
    lineId cameFromId recordedAt withdrawnAt line { id } record { __typename id }"""
NODE = f"""query ($id: ID!, $first: Int, $after: String) {{ node(id: $id) {{
    ... on OpportunityLine {{ journey(first: $first, after: $after) {{ ...page }} }}
    ... on QuoteLine {{ journey(first: $first, after: $after) {{ ...page }} }}
    ... on OrderLine {{ journey(first: $first, after: $after) {{ ...page }} }}
    ... on InvoiceLine {{ journey(first: $first, after: $after) {{ ...page }} }}
    ... on CreditNoteLine {{ journey(first: $first, after: $after) {{ ...page }} }} }} }}
fragment page on JourneyStepConnection {{ nodes {{ {STEPS} }} edges {{ cursor }}
    pageInfo {{ hasNextPage hasPreviousPage endCursor }} }}"""
ANY: dict[str, Any] = {"expected_version": None}


def journey(desk: Desk, line: str) -> list[dict[str, Any]]:
    """Return the steps of a line's journey."""
    found: list[dict[str, Any]] = asked(desk, NODE, id=line)["node"]["journey"]["nodes"]
    return found


def only(desk: Desk, table: Any, **where: Any) -> str:
    """Return the id of the one line of a document."""
    (line,) = desk.all(table, **where)
    found: str = line.public_id
    return found


def deal(desk: Desk, account: str | None = None) -> dict[str, str]:
    """Return the lines of a deal: revised, delivered in two parts, returned, billed and credited in part."""
    opportunity = make_opportunity(desk, [Item("5", "100")], account=account)
    quote = desk.do("generate_quote_from_opportunity", id=opportunity)["quote"]
    desk.do("activate_quote", id=quote)
    revision = desk.later(hours=1).do("revise_quote", id=quote)["revision"]
    second = only(desk, QuoteLine, quote_id=revision)
    desk.do("update_quote_line", id=revision, line_id=second, quantity=Decimal(4), **ANY)
    desk.do("activate_quote", id=revision)
    order = desk.later(hours=2).do("accept_quote", id=revision)["order"]
    line = only(desk, OrderLine, order_id=order)
    for hours, quantity in ((3, 1), (4, 3)):
        lines = [{"line_id": line, "quantity": Decimal(quantity)}]
        desk.later(hours=hours).do("fulfill_order", id=order, lines=lines)
    back = [{"line_id": line, "quantity": Decimal(1)}]
    desk.later(hours=5).do("return_items", id=order, reason="Broken.", lines=back)
    invoice = desk.later(hours=6).do("invoice_order", id=order)["invoice"]
    desk.later(hours=6).do("issue_invoice", id=invoice)
    billed = only(desk, InvoiceLine, invoice_id=invoice)
    credit = {"reason": "CORRECTION", "lines": [{"line_id": billed, "quantity": Decimal(1)}]}
    note = desk.later(hours=7).do("create_credit_note", id=invoice, **credit)["credit_note"]
    return {
        "opportunity": opportunity,
        "opportunity_line": only(desk, OpportunityLine, opportunity_id=opportunity),
        "quote": quote,
        "quote_line": only(desk, QuoteLine, quote_id=quote),
        "revision": revision,
        "revised_line": second,
        "order": order,
        "order_line": line,
        "invoice": invoice,
        "invoice_line": billed,
        "credit_note": note,
    }


def test_a_line_tells_its_way_from_the_opportunity_to_the_credit_note(desk: Desk) -> None:
    """Through all revisions, with quantities and prices at each step, the same from wherever it is asked."""
    made = deal(desk)
    steps = journey(desk, made["order_line"])
    assert [
        (each["kind"], each["label"], each["quantity"], (each["extendedAmount"] or {}).get("amount"))
        for each in steps
    ] == [
        ("OPPORTUNITY", "Opportunity Pumps", "5", "595.00"),
        ("QUOTE", "Quote Q-2026-00001", "5", "595.00"),
        ("QUOTE", "Quote Q-2026-00001 revision 1", "4", "476.00"),
        ("ORDER", "Order O-2026-00001", "4", "476.00"),
        ("FULFILLMENT", "Delivery on 2026-03-02", "1", None),
        ("FULFILLMENT", "Delivery on 2026-03-02", "3", None),
        ("RETURN", "Return on 2026-03-02", "1", None),
        ("INVOICE", "Invoice I-2026-00001", "3", "357.00"),
        ("CREDIT_NOTE", "Credit note C-2026-00001", "1", "119.00"),
    ]
    assert {(each["unit"], each["description"]) for each in steps} == {("piece", "Pump")}
    names = ("opportunity_line", "quote_line", "revised_line", "order_line")
    assert [each["lineId"] for each in steps[:4]] == [made[name] for name in names]
    came_from = [None, *(made[name] for name in names[:3]), *[made["order_line"]] * 4, made["invoice_line"]]
    assert [each["cameFromId"] for each in steps] == came_from
    assert [each["line"]["id"] for each in steps] == [each["lineId"] for each in steps]
    assert steps[3]["pricePerUnit"] == {"amount": "100.00", "currencyCode": "EUR"}
    records = [each["record"]["__typename"] for each in steps]
    assert records == [
        "Opportunity", "Quote", "Quote", "Order", "Fulfillment", "Fulfillment", "OrderReturn", "Invoice",
        "CreditNote",
    ]  # fmt: skip
    assert [steps[at]["recordedAt"] for at in (0, 2, 8)] == [
        "2026-03-02T09:00:00.000000Z", "2026-03-02T10:00:00.000000Z", "2026-03-02T16:00:00.000000Z"
    ]  # fmt: skip
    for name in ("opportunity_line", "quote_line", "revised_line", "invoice_line"):
        assert journey(desk, made[name]) == steps
    assert journey(desk, steps[8]["lineId"]) == steps


def test_a_removed_line_stays_in_the_story(desk: Desk) -> None:
    """What the quote's line was made from is told although the opportunity's line is gone."""
    opportunity = make_opportunity(desk, [Item("5", "100"), Item("1", "7")])
    first, _ = desk.all(OpportunityLine, opportunity_id=opportunity)
    quote = desk.later(hours=1).do("generate_quote_from_opportunity", id=opportunity)["quote"]
    change = {"id": opportunity, "line_id": first.public_id, **ANY}
    desk.later(hours=2).do("update_opportunity_line", **change, quantity=Decimal(6))
    desk.later(hours=3).do("remove_opportunity_line", **change)
    line, other = desk.all(QuoteLine, quote_id=quote)
    gone, kept = journey(desk, line.public_id)
    assert gone == {
        "kind": "OPPORTUNITY",
        "label": "Opportunity Pumps",
        "quantity": "6",
        "unit": "piece",
        "description": "Pump",
        "pricePerUnit": {"amount": "100.00", "currencyCode": "EUR"},
        "extendedAmount": {"amount": "714.00"},
        "lineId": first.public_id,
        "cameFromId": None,
        "recordedAt": "2026-03-02T09:00:00.000000Z",
        "withdrawnAt": "2026-03-02T12:00:00.000000Z",
        "line": None,
        "record": {"__typename": "Opportunity", "id": opportunity},
    }
    assert (kept["lineId"], kept["cameFromId"], kept["withdrawnAt"]) == (
        line.public_id, first.public_id, None,
    )  # fmt: skip
    assert [each["withdrawnAt"] for each in journey(desk, other.public_id)] == [None, None]
    # Whoever may see it reads it without a word about what is not theirs.
    assert desk.row(quote).opportunity_id is not None


def test_a_withdrawn_delivery_says_so(desk: Desk) -> None:
    """It stays, and does not count."""
    made = deal(desk)
    order = make_opportunity(desk)
    quote = desk.do("generate_quote_from_opportunity", id=order)["quote"]
    desk.do("activate_quote", id=quote)
    order = desk.do("accept_quote", id=quote)["order"]
    desk.do("fulfill_order", id=order)
    delivery = journey(desk, only(desk, OrderLine, order_id=order))[-1]["record"]["id"]
    desk.later(hours=9).do("cancel_fulfillment", id=order, fulfillment_id=delivery, reason="Wrong truck.")
    steps = journey(desk, only(desk, OrderLine, order_id=order))
    assert [each["withdrawnAt"] for each in steps] == [None, None, None, "2026-03-02T18:00:00.000000Z"]
    assert len(journey(desk, made["order_line"])) == 9


def test_pages_of_a_journey_are_the_whole(desk: Desk) -> None:
    """Forwards, with a cursor for each step; one of elsewhere is refused."""
    line = deal(desk)["order_line"]
    whole = journey(desk, line)
    found: list[Any] = []
    after = None
    for more in (True, True, False):
        page = asked(desk, NODE, id=line, first=4, after=after)["node"]["journey"]
        assert (page["pageInfo"]["hasNextPage"], page["pageInfo"]["hasPreviousPage"]) == (more, bool(found))
        found += page["nodes"]
        after = page["edges"][-1]["cursor"]
    assert found == whole
    assert refused(desk, NODE, id=line, after="bm9uZQ")[0] == "CURSOR_INVALID"
    assert refused(desk, NODE, id=line, first=1000)[0] == "BAD_USER_INPUT"


def test_journeys_of_many_lines_take_no_more_statements_than_that_of_one(desk: Desk) -> None:
    """In one query, whatever the number of lines and steps."""
    text = """query ($id: ID!) { quote(by: {id: $id}) { lines { nodes { journey { nodes { kind } } } } } }"""
    counts = []
    for items in ([Item()], [Item("1"), Item("2"), Item("3"), Item("4")]):
        opportunity = make_opportunity(desk, items)
        quote = desk.do("generate_quote_from_opportunity", id=opportunity)["quote"]
        data, errors, statements = answered(desk, text, id=quote)
        assert errors == []
        kinds = [
            [step["kind"] for step in line["journey"]["nodes"]] for line in data["quote"]["lines"]["nodes"]
        ]
        assert kinds == [["OPPORTUNITY", "QUOTE"]] * len(items)
        counts.append(len(statements))
    # The quote, its lines, seven kinds of steps, and what was removed.
    assert counts == [10, 10]


def test_a_partner_and_a_customer_see_their_part_of_the_way(desk: Desk) -> None:
    """A partner the whole chain of a shared account; nothing of another; a customer its quote alone."""
    account = make_account(desk)
    made = deal(desk, account)
    other = deal(desk)
    desk.do("share_account", id=account, partner_id=public_id("user", desk.users[Role.PARTNER].id))
    partner = desk.acting(Role.PARTNER)
    assert journey(partner, made["order_line"]) == journey(desk, made["order_line"])
    assert refused(partner, NODE, id=other["order_line"])[0] == "NOT_FOUND"


async def test_a_command_answers_with_the_journey_of_the_line_that_it_wrote(site: Site) -> None:
    """In the transaction of the command, before it is committed."""
    opportunity = make_opportunity(make_desk(site.database))
    text = """mutation ($id: ID!) { addOpportunityLine(input: {id: $id, expectedVersion: null, quantity: "4",
        description: "Hose", pricePerUnit: "2.50"}) { userErrors { message }
        line { journey { nodes { kind quantity description } pageInfo { hasNextPage } } } } }"""
    answer = await site.ask(text, id=opportunity)
    step = {"kind": "OPPORTUNITY", "quantity": "4", "description": "Hose"}
    assert answer["data"]["addOpportunityLine"]["line"]["journey"] == {
        "nodes": [step],
        "pageInfo": {"hasNextPage": False},
    }
