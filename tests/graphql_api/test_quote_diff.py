"""Does a revision say what changed since the one before, in one statement and for everyone who may see it?"""

from typing import Any

from models.access import Role
from models.lifecycle import Pointer
from models.quote import QuoteLine
from tests.desk import make_desk
from tests.factories import Item, make_account, make_draft
from tests.graphql_api.conftest import Site

DIFF = """query ($id: ID!) { quote(by: {id: $id}) { diff { revision
    fields { field before after }
    lines { kind line description changes { field before after } } } } }"""


async def diff_of(site: Site, quote: str, role: Role = Role.SALES) -> Any:
    """Return what a quote says of the revision before."""
    answer = await site.ask(DIFF, role, id=quote)
    assert "errors" not in answer, answer
    return answer["data"]["quote"]["diff"]


async def test_a_first_revision_has_nothing_before_it(site: Site) -> None:
    """Nor does a quote that was never revised."""
    assert await diff_of(site, make_draft(make_desk(site.database))) is None


async def test_a_revision_without_an_edit_has_no_change(site: Site) -> None:
    """The days begin anew when it is activated; lines that stand say nothing."""
    desk = make_desk(site.database)
    quote = make_draft(desk, [Item(), Item("3", "9.99")])
    desk.do("activate_quote", id=quote)
    revision = desk.do("revise_quote", id=quote)["revision"]
    diff = await diff_of(site, revision)
    assert (diff["revision"], diff["lines"]) == (0, [])
    assert diff["fields"] == [
        {"field": "effectiveFrom", "before": "2026-03-02", "after": None},
        {"field": "validUntil", "before": "2026-04-01", "after": None},
    ]
    desk.do("activate_quote", id=revision)
    assert (await diff_of(site, revision))["fields"] == []


async def test_a_revision_tells_its_changes_by_field_and_line(site: Site) -> None:
    """A line keeps its identity whatever its text becomes; one is new, one is gone."""
    desk = make_desk(site.database)
    quote = make_draft(desk, [Item("2", "100"), Item("1", "50", tax="7")])
    desk.do("activate_quote", id=quote)
    revision = desk.do("revise_quote", id=quote)["revision"]
    text = "query ($id: ID!) { quote(by: {id: $id}) { lines { nodes { id previousLine { id } } } } }"
    kept, gone = (await site.ask(text, id=revision))["data"]["quote"]["lines"]["nodes"]
    edit: dict[str, Any] = {"id": revision, "expected_version": None}
    desk.do("update_quote_line", **edit, line_id=kept["id"], quantity=Item("3").given["quantity"],
            description="Pump \x1f with\x1ehose")  # fmt: skip
    desk.do("remove_quote_line", **edit, line_id=gone["id"])
    added = desk.do("add_quote_line", **edit, **Item("1", "20").given)["line"]
    desk.do("update_quote", **edit, valid_until=desk.moment.in_days(30), effective_from=desk.moment.today,
            customer_reference="PO 7")  # fmt: skip
    diff = await diff_of(site, revision)
    assert diff["fields"] == [
        {"field": "customerReference", "before": None, "after": "PO 7"},
        {"field": "lineTotal", "before": "250", "after": "320"},
        {"field": "taxTotal", "before": "41.5", "after": "60.8"},
        {"field": "total", "before": "291.5", "after": "380.8"},
    ]
    assert [(each["kind"], each["line"], each["description"]) for each in diff["lines"]] == [
        ("CHANGED", kept["id"], "Pump   with hose"),
        ("ADDED", added, "Pump"),
        ("REMOVED", gone["previousLine"]["id"], "Pump"),
    ]
    changed, new, old = (each["changes"] for each in diff["lines"])
    assert changed == [
        {"field": "description", "before": "Pump", "after": "Pump   with hose"},
        {"field": "quantity", "before": "2", "after": "3"},
        {"field": "baseAmount", "before": "200", "after": "300"},
        {"field": "extendedAmount", "before": "238", "after": "357"},
    ]
    assert {"field": "pricePerUnit", "before": None, "after": "20"} in new
    assert {"field": "pricePerUnit", "before": "50", "after": None} in old


async def test_a_partner_reads_the_changes_of_what_is_shared(site: Site) -> None:
    """As the sellers do."""
    desk = make_desk(site.database)
    quote = make_draft(desk)
    desk.do("activate_quote", id=quote)
    revision = desk.do("revise_quote", id=quote)["revision"]
    account = Pointer("account", desk.row(quote).account_id).public_id
    viewer = (await site.ask("{ viewer { id } }", Role.PARTNER))["data"]["viewer"]
    desk.do("share_account", id=account, partner_id=viewer["id"])
    assert await diff_of(site, revision, Role.PARTNER) == await diff_of(site, revision)
    assert make_account(desk)


BETWEEN = """query ($from: ID!, $to: ID!) { quoteDiff(from: $from, to: $to) { revision toRevision
    fields { field before after } lines { kind line changes { field before after } } } }"""


async def between(site: Site, earlier: str, later: str, role: Role = Role.SALES) -> Any:
    """Return the answer to a comparison of two quotes."""
    asked: dict[str, Any] = {"from": earlier, "to": later}
    return await site.ask(BETWEEN, role, **asked)


def revised(desk: Any, quote: str, quantity: str) -> str:
    """Activate a draft, and return its next revision with another quantity on its one line."""
    desk.do("activate_quote", id=quote)
    revision: str = desk.do("revise_quote", id=quote)["revision"]
    (line,) = desk.all(QuoteLine, quote_id=revision)
    given = {"id": revision, "expected_version": None, "line_id": line.public_id}
    desk.do("update_quote_line", **given, quantity=Item(quantity).given["quantity"])
    return revision


async def test_any_two_revisions_of_a_number_are_compared(site: Site) -> None:
    """Over the one between them, in either direction; one with itself is no change."""
    desk = make_desk(site.database)
    first = make_draft(desk, [Item("1", "100")])
    last = revised(desk, revised(desk, first, "2"), "5")
    (line,), (old,) = (desk.all(QuoteLine, quote_id=each) for each in (last, first))
    answer = await between(site, first, last)
    assert "errors" not in answer, answer
    diff = answer["data"]["quoteDiff"]
    assert (diff["revision"], diff["toRevision"]) == (0, 2)
    assert {"field": "total", "before": "119", "after": "595"} in diff["fields"]
    assert diff["lines"] == [
        {
            "kind": "CHANGED",
            "line": line.public_id,
            "changes": [
                {"field": "quantity", "before": "1", "after": "5"},
                {"field": "baseAmount", "before": "100", "after": "500"},
                {"field": "extendedAmount", "before": "119", "after": "595"},
            ],
        }
    ]
    back = (await between(site, last, first))["data"]["quoteDiff"]
    assert (back["revision"], back["toRevision"], back["lines"][0]["line"]) == (2, 0, old.public_id)
    assert {"field": "total", "before": "595", "after": "119"} in back["fields"]
    same = (await between(site, last, last))["data"]["quoteDiff"]
    assert same == {"revision": 2, "toRevision": 2, "fields": [], "lines": []}


async def test_what_is_no_revision_of_the_same_number_is_not_compared(site: Site) -> None:
    """Another quote, another record, no id, and what is not there, each in words."""
    desk = make_desk(site.database)
    quote, other = make_draft(desk), make_draft(desk)
    missing = f"quote_{'0' * 26}"
    for earlier, later, code, message in (
        (quote, other, "BAD_USER_INPUT",
         "to: Q-2026-00001 and Q-2026-00002 are two quotes; revisions of one number are compared."),
        (make_account(desk), quote, "BAD_USER_INPUT",
         "from: This is the id of an account; a quote is needed here."),
        (quote, "Q-2026-00001", "BAD_USER_INPUT",
         "to: 'Q-2026-00001' is not an id; ids look like quote_01jz8k… and come from `id` fields."),
        (missing, quote, "NOT_FOUND", "There is no such quote that you may see."),
        (quote, missing, "NOT_FOUND", "There is no such quote that you may see."),
    ):  # fmt: skip
        answer = await between(site, earlier, later)
        (error,) = answer["errors"]
        assert answer["data"] == {"quoteDiff": None}
        assert (error["extensions"]["code"], error["message"], error["path"]) == (
            code,
            message,
            ["quoteDiff"],
        )


async def test_who_does_not_see_a_quote_compares_it_with_nothing(site: Site) -> None:
    """To a partner it is not shared with, it does not exist; support reads it as sellers do."""
    desk = make_desk(site.database)
    quote = make_draft(desk)
    (error,) = (await between(site, quote, quote, Role.PARTNER))["errors"]
    assert error["extensions"]["code"] == "NOT_FOUND"
    assert (await between(site, quote, quote, Role.SUPPORT))["data"]["quoteDiff"]["lines"] == []
