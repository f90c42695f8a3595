"""Does a revision say what changed since the one before, in one statement and for everyone who may see it?"""

from typing import Any

from models.access import Role
from models.lifecycle import Pointer
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
