"""What do clients get that send the same command at once, to two servers on one database?"""

import itertools
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import pytest
from sqlalchemy import func
from sqlmodel import SQLModel, select

from models.account import Account, Contact
from models.event import IdempotencyEntry
from models.invoice import Invoice, InvoiceLine
from models.lead import Lead
from models.opportunity import Opportunity
from models.order import Fulfillment, Order, OrderLine
from models.payment import Payment
from models.quote import Quote
from tests.journeys.office import Branch, at_once, text_of

_numbers = itertools.count()
ADDRESS = {"line1": "Hafenstraße 1", "city": "Hamburg", "countryCode": "DE"}


@contextmanager
def new_rows(branch: Branch, expected: Mapping[type[SQLModel], int]) -> Iterator[None]:
    """Check how many rows the block adds to some tables."""
    before = _counts(branch, expected)
    yield
    after = _counts(branch, expected)
    assert {table: after[table] - before[table] for table in expected} == expected


def _counts(branch: Branch, tables: Mapping[type[SQLModel], int]) -> dict[type[SQLModel], int]:
    """Return the number of rows of some tables."""
    with branch.database.reading() as session:
        return {table: session.exec(select(func.count()).select_from(table)).one() for table in tables}


def told_of(branch: Branch, quote: str) -> Counter[str]:
    """Return how often each event is in the story of a quote, as a client reads it."""
    text = (
        "query ($id: ID!) { quote(by: {id: $id}) { timeline(scope: CHAIN, first: 100) { nodes { name } } } }"
    )
    answer = branch.post(1, text, id=quote)
    return Counter(each["name"] for each in answer["data"]["quote"]["timeline"]["nodes"])


def capture(branch: Branch) -> str:
    """Return the id of a lead with both confirmations, unlike any other."""
    number = next(_numbers)
    made = branch.do(
        "captureLead", "lead { id }", source="EMAIL", lastName=f"Petersen {number}",
        companyName=f"Nordwind {number}", email=f"nora{number}@nordwind.example",
    )  # fmt: skip
    branch.do("recordQualification", id=made["lead"]["id"], interest=True, purchasingPower=True)
    found: str = made["lead"]["id"]
    return found


def offer(branch: Branch) -> str:
    """Return the id of an active quote over two times 100.00."""
    made = branch.do("qualifyLead", "opportunity { id }", id=capture(branch))
    opportunity = made["opportunity"]["id"]
    branch.do(
        "addOpportunityLine", id=opportunity, expectedVersion=None, description="Pump", quantity=2,
        pricePerUnit=100,
    )  # fmt: skip
    quote: str = branch.do("generateQuoteFromOpportunity", "quote { id }", id=opportunity)["quote"]["id"]
    branch.do("activateQuote", id=quote)
    return quote


def order(branch: Branch) -> str:
    """Return the id of a submitted order."""
    found: str = branch.do("acceptQuote", "order { id }", id=offer(branch))["order"]["id"]
    branch.do("submitOrder", id=found, billTo=ADDRESS)
    return found


def one_winner(payloads: list[Any]) -> None:
    """Check that one client did it, and that all others got the same answer with ``alreadyDone``."""
    assert Counter(payload["alreadyDone"] for payload in payloads) == {False: 1, True: len(payloads) - 1}
    assert all(payload["userErrors"] == [] for payload in payloads)
    assert len({repr(payload | {"alreadyDone": None}) for payload in payloads}) == 1


def refusals(payloads: list[Any]) -> Counter[str]:
    """Return how often each code is among the errors."""
    return Counter(error["code"] for payload in payloads for error in payload["userErrors"])


_ONE_DEAL: Mapping[type[SQLModel], int] = {
    Order: 1, OrderLine: 1, Fulfillment: 1, Invoice: 1, InvoiceLine: 1, Payment: 1,
}  # fmt: skip


def test_deal_is_accepted_and_billed_once(branch: Branch) -> None:
    """Two clients, then twenty, accept one quote: one order. All deliver and bill it: one invoice chain."""
    quote = offer(branch)
    selection = (
        "quote { status version } order { id number version total { amount } } opportunity { id status }"
    )
    with new_rows(branch, _ONE_DEAL):
        payloads = [
            *branch.race(2, "acceptQuote", selection, id=quote),
            *branch.race(20, "acceptQuote", selection, id=quote),
        ]
        one_winner(payloads)
        order_id = payloads[0]["order"]["id"]
        branch.do("submitOrder", id=order_id, billTo=ADDRESS)
        one_winner(branch.race(20, "fulfillOrder", "order { status } fulfillment { id }", id=order_id))
        billed = branch.race(20, "invoiceOrder", "invoice { id } order { id status }", id=order_id)
        (invoice,) = [each["invoice"]["id"] for each in billed if each["invoice"]]
        assert refusals(billed) == {"NOTHING_TO_INVOICE": 19}
        one_winner(branch.race(20, "issueInvoice", "invoice { number version }", id=invoice))
        paid = branch.race(20, "recordPayment", "payment { id }", id=invoice, amount="200")
        assert refusals(paid) == {"ILLEGAL_TRANSITION": 19}
    story = told_of(branch, quote)
    assert {story[name] for name in (
        "quote.accepted", "order.created", "opportunity.won", "order.fulfilled", "order.invoiced",
        "invoice.created", "invoice.issued", "invoice.payment_recorded",
    )} == {1}  # fmt: skip


_KEYS: Mapping[str, Callable[[int], dict[str, str]]] = {
    "none": lambda _: {},
    "one": lambda _: {"idempotencyKey": "one"},
    "different": lambda number: {"idempotencyKey": f"different {number}"},
}


@pytest.mark.parametrize("keys", _KEYS)
def test_lead_is_qualified_once(branch: Branch, keys: str) -> None:
    """Twenty at once, without keys, with one, with different ones: one account, contact and opportunity."""
    lead = capture(branch)
    text = text_of("qualifyLead", "account { id } contact { id } opportunity { id } lead { version }")
    entries = {"none": 0, "one": 1, "different": 20}[keys]
    with new_rows(branch, {Lead: 0, Account: 1, Contact: 1, Opportunity: 1, IdempotencyEntry: entries}):
        answers = at_once(
            20, lambda number: branch.post(number, text, input={"id": lead} | _KEYS[keys](number))
        )
    payloads = [answer["data"]["it"] for answer in answers]
    if keys == "one":
        assert len({repr(payload) for payload in payloads}) == 1
        assert payloads[0]["alreadyDone"] is False
    else:
        one_winner(payloads)


def test_invoices_issued_at_once_are_numbered_without_a_gap(branch: Branch) -> None:
    """Ten drafts, issued by ten clients at once, get the next ten numbers; a dry run takes none."""
    drafts = []
    for _ in range(10):
        made = branch.do("invoiceOrder", "invoice { id }", id=order(branch), policy="ORDERED")
        drafts.append(made["invoice"]["id"])
    text = text_of("issueInvoice", "invoice { number }")
    dry = branch.post(0, text, input={"id": drafts[0]}, dry=True)
    first: str = dry["data"]["it"]["invoice"]["number"]
    answers = at_once(10, lambda number: branch.post(number, text, input={"id": drafts[number]}))
    numbers = sorted(answer["data"]["it"]["invoice"]["number"] for answer in answers)
    series, _, start = first.rpartition("-")
    assert numbers == [f"{series}-{int(start) + number:05}" for number in range(10)]


def test_two_that_bill_parts_of_one_order_never_bill_too_much(branch: Branch) -> None:
    """Two units, ten clients that each bill one: two invoices, eight refusals."""
    order_id = order(branch)
    shown = branch.post(
        0, "query ($id: ID!) { order(by: {id: $id}) { lines { nodes { id } } } }", id=order_id
    )
    line = shown["data"]["order"]["lines"]["nodes"][0]["id"]
    with new_rows(branch, {Invoice: 2, InvoiceLine: 2}):
        billed = branch.race(
            10, "invoiceOrder", "invoice { id }", id=order_id, policy="ORDERED",
            lines=[{"lineId": line, "quantity": 1}],
        )  # fmt: skip
    assert Counter(error["code"] for each in billed for error in each["userErrors"]).total() == 8
    assert sum(each["invoice"] is not None for each in billed) == 2


def test_edit_at_once_is_lost_by_no_one(branch: Branch) -> None:
    """Ten clients edit the version they read: one does, nine get the present record; then all try again."""
    quote = branch.do("reviseQuote", "revision { id version }", id=offer(branch))["revision"]
    added = branch.race(
        10, "addQuoteLine", "quote { version }", id=quote["id"], expectedVersion=quote["version"],
        description="Hose", quantity=1, pricePerUnit=1,
    )  # fmt: skip
    assert Counter(each["quote"] is not None for each in added) == {True: 1, False: 9}
    errors = [error for each in added for error in each["userErrors"]]
    assert {(error["code"], error["current"]["version"]) for error in errors} == {("STALE_VERSION", 2)}

    def persist(number: int) -> int:
        tries, version = 1, 2
        text = text_of("addQuoteLine", "quote { id }")
        given = {"id": quote["id"], "description": "Hose", "quantity": 1, "pricePerUnit": 1}
        while True:
            answer = branch.post(number, text, input=given | {"expectedVersion": version})["data"]["it"]
            if not answer["userErrors"]:
                return tries
            version = answer["userErrors"][0]["current"]["version"]
            tries += 1

    assert len(at_once(6, persist)) == 6
    text = "query ($id: ID!) { quote(by: {id: $id}) { version total { amount } } }"
    found = branch.post(0, text, id=quote["id"])["data"]["quote"]
    assert found == {"version": 2 + 6, "total": {"amount": "207.00"}}


def test_revisions_at_once_leave_one_live(branch: Branch) -> None:
    """Ten clients revise one quote: one new draft, which all of them get."""
    quote = offer(branch)
    with new_rows(branch, {Quote: 1}):
        one_winner(
            branch.race(10, "reviseQuote", "quote { status } revision { id number revision }", id=quote)
        )


def test_opposite_ends_of_a_deal_at_once_leave_a_legal_state(branch: Branch) -> None:
    """Accepting a quote while others lose its opportunity: either the order and WON, or LOST and no order."""
    for _ in range(5):
        quote = offer(branch)
        shown = branch.post(0, "query ($id: ID!) { quote(by: {id: $id}) { opportunity { id } } }", id=quote)
        opportunity = shown["data"]["quote"]["opportunity"]["id"]
        lose = {"id": opportunity, "reason": "OUT_SOLD", "closeOpenQuotes": True}

        def either(client: int, quote: str = quote, lose: dict[str, Any] = lose) -> Any:
            if client % 2:
                return branch.post(client // 2, text_of("loseOpportunity"), input=lose)
            return branch.post(client // 2, text_of("acceptQuote"), input={"id": quote})

        answers = at_once(8, either)
        assert all("errors" not in answer for answer in answers)
        read = branch.post(
            0,
            "query ($id: ID!) { quote(by: {id: $id}) { status order { id } opportunity { status } } }",
            id=quote,
        )
        found = read["data"]["quote"]
        is_won = found["order"] is not None
        assert (found["status"], found["opportunity"]["status"]) == (
            ("WON", "WON") if is_won else ("CLOSED", "LOST")
        )


def test_bulk_commands_that_meet_do_each_item_once(branch: Branch) -> None:
    """Six calls on the same leads in different orders: each lead is given up once, every call is answered."""
    leads = [capture(branch) for _ in range(4)]
    text = """mutation ($inputs: [DisqualifyLeadInput!]!) { bulkDisqualifyLead(inputs: $inputs) {
        succeeded refused results { userErrors { code } } userErrors { code } } }"""

    def call(number: int) -> Any:
        ids = leads[number % 4 :] + leads[: number % 4]
        inputs = [{"id": each, "reason": "LOST"} for each in (ids if number % 2 else reversed(ids))]
        return branch.post(number, text, inputs=inputs)

    answers = at_once(6, call)
    assert [answer for answer in answers if "errors" in answer] == []
    payloads = [answer["data"]["bulkDisqualifyLead"] for answer in answers]
    assert sum(payload["succeeded"] for payload in payloads) == 4
    assert refusals([each for payload in payloads for each in payload["results"]]) == {
        "ILLEGAL_TRANSITION": 20
    }
