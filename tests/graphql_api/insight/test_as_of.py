"""Is a document as of an instant what was answered at that instant?"""

from dataclasses import dataclass, field, replace
from datetime import datetime
from decimal import Decimal
from random import Random
from typing import Any

import pytest

from models.access import Role, Viewer
from models.errors import Refusal
from models.lifecycle import REGISTRY
from models.record import parse_id, public_id
from tests.commands import arguments
from tests.desk import Desk
from tests.factories import Item, make_account, make_draft, make_opportunity, make_product
from tests.graphql_api.insight.window import answered, asked, refused

_AMOUNTS = """currencyCode discountAmount { amount currencyCode } freightAmount { amount }
    lineTotal { amount } discountTotal { amount } taxTotal { amount } includedTaxTotal { amount }
    total { amount }"""
_HEADER = f"version name status discountPercent {_AMOUNTS}"
_LINE = """position description quantity unit pricePerUnit { amount } discountAmount { amount } taxPercent
    baseAmount { amount } discountShare { amount } taxAmount { amount } extendedAmount { amount }"""
# Root field -> what it has beside what all documents have.
DOCUMENTS = {
    "opportunities": "",
    "quotes": "number revision",
    "orders": "number",
    "invoices": "number",
    "creditNotes": "number",
}
NOW = "{" + "".join(
    f"""{root}(first: 50) {{ nodes {{ id {_HEADER} {own} statusReason {{ code }}
    lines(first: 100) {{ nodes {{ id {_LINE} }} }} }} }} """
    for root, own in DOCUMENTS.items()
) + "}"  # fmt: skip
THEN = "query ($at: DateTime!) {" + "".join(
    f"""{root}(first: 50) {{ nodes {{ id asOf(at: $at) {{ {_HEADER} {own} statusReason
    lines {{ lineId {_LINE} }} }} }} }} """
    for root, own in DOCUMENTS.items()
) + "}"  # fmt: skip
ONE = """query ($id: ID!, $at: DateTime!) { quote(by: {id: $id}) { asOf(at: $at) { at version status
    lineTotal { amount } taxTotal { amount } total { amount } fields { field value }
    lines { lineId quantity extendedAmount { amount } fields { field value } } } } }"""
Shown = dict[str, Any]
# What leads a deal to its end; whatever chance adds stands between.
_SPINE = (
    "activate_quote", "revise_quote", "activate_quote", "accept_quote", "fulfill_order", "invoice_order",
    "issue_invoice", "record_payment", "create_credit_note",
)  # fmt: skip
# What would end it before, and what changes nothing that is looked at.
_ENDS = (
    "close_", "lose_", "win_", "decline_", "hold_", "cancel_", "discard_", "submit_", "revert_", "comment_",
    "tag_", "assign_",
)  # fmt: skip


def now(desk: Desk) -> Shown:
    """Return every document as it is, by id, in the form of those that were."""
    found = {}
    for page in asked(desk, NOW).values():
        for node in page["nodes"]:
            node["statusReason"] = node["statusReason"]["code"]
            node["lines"] = [{"lineId": line.pop("id"), **line} for line in node["lines"]["nodes"]]
            found[node.pop("id")] = node
    return found


def then(desk: Desk, at: datetime) -> tuple[Shown, int]:
    """Return every document that was there at an instant, by id, and the number of statements."""
    data, errors, statements = answered(desk, THEN, at=at.isoformat().replace("+00:00", "Z"))
    assert {(error.extensions or {})["code"] for error in errors} <= {"NOT_FOUND"}
    found = {
        node["id"]: _reason(node["asOf"]) for page in data.values() for node in page["nodes"] if node["asOf"]
    }
    return found, len(statements)


def _reason(snapshot: Shown) -> Shown:
    snapshot["statusReason"] = snapshot["statusReason"].rpartition(".")[2]
    return snapshot


@dataclass
class Life:
    """A company in which something happens every minute, and which remembers what it was then."""

    desk: Desk
    random: Random
    remembered: list[tuple[datetime, Shown]] = field(default_factory=list)
    done: list[str] = field(default_factory=list)

    def begin(self) -> None:
        """Open a deal with lines of the catalogue and written in, and make a quote of it."""
        make_product(self.desk)
        key = make_opportunity(self.desk, [Item("3", "99.95"), Item("7", "12.345", "1", "7")])
        self.remember()
        self._try("generate_quote_from_opportunity", {"id": key})

    def lead(self, name: str) -> None:
        """Run a command on the newest document of its kind."""
        noun = REGISTRY[name].table.noun()
        keys = [key for key in self.remembered[-1][1] if key.rpartition("_")[0] == noun]
        if keys:
            self._run(name, max(keys))

    def step(self, *, left_out: tuple[str, ...]) -> None:
        """Run some command that some document may take."""
        key = self.random.choice(list(self.remembered[-1][1]))
        noun = key.rpartition("_")[0]
        names = sorted(
            name
            for name, each in REGISTRY.items()
            if not (each.creates or each.of_clock or name.startswith(left_out)) and each.table.noun() == noun
        )
        if names:
            self._run(self.random.choice(names), key)

    def _run(self, name: str, key: str) -> None:
        """Run a command with arguments of chance."""
        try:
            given = self._varied(name, arguments(self.desk, name, key))
        except (Refusal, IndexError, StopIteration):
            return
        self._try(name, {each: value for each, value in given.items() if each != "idempotency_key"})

    def _varied(self, name: str, given: dict[str, Any]) -> dict[str, Any]:
        """Return arguments with figures of chance, so that edits change something."""
        any_figure = Decimal(self.random.randint(1, 900)).scaleb(-2)
        if name.endswith("_line") and "quantity" in given:
            given["quantity"] = Decimal(self.random.randint(1, 9))
        if name in {"update_quote_line", "update_opportunity_line"}:
            given |= {"quantity": any_figure, "discount_amount": Decimal(0)}
        if name in {"update_quote", "update_opportunity"}:
            given |= {"discount_percent": any_figure, "freight_amount": any_figure}
        return given

    def _try(self, name: str, given: dict[str, Any]) -> None:
        """Run a command a minute later; what is refused changes nothing."""
        self.desk = self.desk.later(minutes=1)
        try:
            self.desk.do(name, **given)
        except Refusal:
            return
        self.done.append(name)
        self.remember()

    def remember(self) -> None:
        """Keep what every document is now."""
        self.remembered.append((self.desk.now, now(self.desk)))


@pytest.mark.parametrize(("seed", "left_out"), [(1, _ENDS), (2, ("comment_", "tag_"))])
def test_every_document_as_of_any_instant_is_what_was_answered_then(
    desk: Desk, seed: int, left_out: tuple[str, ...]
) -> None:
    """A deal in which chance has its hand, on both engines: header, lines and totals."""
    life = Life(desk, Random(seed))  # noqa: S311  # Chance, not secrecy.
    life.begin()
    for name in _SPINE:
        for _ in range(6):
            life.step(left_out=left_out)
        life.lead(name)
    if left_out is _ENDS:
        assert {"accept_quote", "issue_invoice", "create_credit_note"} <= set(life.done), life.done
    costs = set()
    for at, answer in life.remembered:
        found, cost = then(life.desk, at)
        assert found == answer, (at, life.done)
        costs.add(cost)
    assert len(costs) == 1


def test_lines_that_came_and_went_are_as_they_were(desk: Desk) -> None:
    """Added since, removed since, changed since; the totals add up at every instant."""
    quote = make_draft(desk, [Item("2", "100"), Item("1", "50", tax="7")])
    kept, gone = (line["lineId"] for line in then(desk, desk.now)[0][quote]["lines"])
    edit: dict[str, Any] = {"id": quote, "expected_version": None}
    desk.later(hours=1).do("remove_quote_line", **edit, line_id=gone)
    desk.later(hours=2).do("update_quote_line", **edit, line_id=kept, quantity=Decimal(3))
    later = desk.later(hours=3)
    later.do("add_quote_line", **edit, **Item("1", "20").given)
    wanted = {
        0: ("250.00", "41.50", "291.50", [(kept, "2", "238.00"), (gone, "1", "53.50")]),
        1: ("200.00", "38.00", "238.00", [(kept, "2", "238.00")]),
        2: ("300.00", "57.00", "357.00", [(kept, "3", "357.00")]),
    }
    for hours, (lines, tax, total, listed) in wanted.items():
        at = desk.later(hours=hours, minutes=30).now.isoformat()
        found = asked(later, ONE, id=quote, at=at)["quote"]["asOf"]
        assert [found[name]["amount"] for name in ("lineTotal", "taxTotal", "total")] == [lines, tax, total]
        assert [
            (line["lineId"], line["quantity"], line["extendedAmount"]["amount"]) for line in found["lines"]
        ] == listed
        assert found["version"] == 1 + hours
        fields = {each["field"]: each["value"] for each in found["fields"]}
        assert (fields["number"], fields["status"], fields["total"]) == (
            "Q-2026-00001", "DRAFT", total.removesuffix("0").removesuffix(".0"),
        )  # fmt: skip


def test_an_instant_without_the_document_is_refused(desk: Desk) -> None:
    """Before it was made, and in the future, each in words; at its making it is there."""
    late = desk.later(days=1)
    quote = make_draft(late)
    assert refused_as_of(late, quote, "2026-03-02T09:00:00Z") == (
        "NOT_FOUND",
        "At 2026-03-02T09:00:00Z this quote was not there yet: it was made at 2026-03-03T09:00:00Z.",
        ["quote", "asOf"],
    )
    future = "at: 2026-03-04T00:00:00Z lies in the future; it is 2026-03-03T09:00:00Z."
    assert refused(late, ONE, id=quote, at="2026-03-04T00:00:00Z") == ("BAD_USER_INPUT", future)
    assert asked(late, ONE, id=quote, at="2026-03-03T10:00:00+01:00")["quote"]["asOf"]["version"] == 1


def refused_as_of(desk: Desk, quote: str, at: str) -> tuple[str, str, Any]:
    """Return code, message and path of the error of a document that is there now."""
    data, (error,), _ = answered(desk, ONE, id=quote, at=at)
    assert data == {"quote": {"asOf": None}}
    return (error.extensions or {})["code"], error.message, error.path


def test_a_partner_reads_the_past_of_what_is_shared_without_ids(desk: Desk) -> None:
    """As on the timeline: an id may be that of a hidden record. What is not shared has no past either."""
    account = make_account(desk)
    quote, other = make_draft(desk, account=account), make_draft(desk)
    desk.do("share_account", id=account, partner_id=public_id("user", desk.users[Role.PARTNER].id))
    partner, at = desk.acting(Role.PARTNER), desk.now.isoformat()
    full = asked(desk, ONE, id=quote, at=at)["quote"]["asOf"]
    seen = asked(partner, ONE, id=quote, at=at)["quote"]["asOf"]
    assert {each["field"] for each in full["fields"]} - {each["field"] for each in seen["fields"]} == {
        "account", "opportunity", "owner",
    }  # fmt: skip
    assert seen["total"] == full["total"]
    assert refused(partner, ONE, id=other, at=at)[0] == "NOT_FOUND"


def test_a_customer_is_not_told_how_an_offer_came_about(desk: Desk) -> None:
    """It reads its quote, and not what was written and changed before."""
    quote = make_draft(desk)
    desk.do("activate_quote", id=quote)
    customer = replace(desk, viewer=Viewer(parse_id(quote)[1], "Customer", Role.CUSTOMER))
    message = "The role CUSTOMER may not run asOf; ask an admin for a key that may."
    assert refused(customer, ONE, id=quote, at=desk.now.isoformat()) == ("FORBIDDEN", message)
