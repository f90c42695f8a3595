"""What is refused before a command begins, and what does running it promise?"""

import pytest

from models.access import Role
from models.errors import (
    Forbidden,
    Invalid,
    MalformedId,
    NotFound,
    Refusal,
    StaleVersion,
    WrongIdType,
)
from models.lifecycle import REGISTRY
from models.quote import Quote
from models.record import new_id, public_id
from tests.desk import Desk, blocked, everything, told
from tests.factories import Item, make_draft, make_opportunity, make_quote, make_sibling


def test_an_illegal_command_names_the_way_out(desk: Desk) -> None:
    """The refusal says the state, the state that is needed, and what the present state offers."""
    refusal = blocked(desk.refused("accept_quote", id=make_draft(desk)))
    assert told(refusal) == ("ILLEGAL_TRANSITION", ("input", "id"))
    assert refusal.status == "DRAFT"
    assert set(refusal.allowed) == {
        "updateQuote", "closeQuote", "addQuoteLine", "updateQuoteLine", "removeQuoteLine", "activateQuote",
        "copyOpportunityLines", "submitQuoteForApproval",
        "moveQuoteLine", "repriceQuote",
    }  # fmt: skip
    assert refusal.message == (
        f"This quote is DRAFT; acceptQuote needs ACTIVE: it offers {', '.join(refusal.allowed)}."
    )


def test_a_stale_version_is_refused_with_the_present_record(desk: Desk) -> None:
    """Whoever read an older version is told both versions, and which record to read again."""
    quote = make_draft(desk)
    desk.do("update_quote", id=quote, expected_version=1, name="Pumps and hoses")
    refusal = desk.refused("update_quote", id=quote, expected_version=1, name="Hoses")
    assert isinstance(refusal, StaleVersion)
    assert told(refusal) == ("STALE_VERSION", ("input", "expectedVersion"))
    assert public_id(refusal.noun, refusal.key) == quote
    assert refusal.message.startswith("You expected version 1, the quote is at version 2: ")


def test_a_lone_writer_never_meets_a_conflict(desk: Desk) -> None:
    """Passing on the version that each answer left the record at always fits."""
    opportunity = make_opportunity(desk, ())
    for version in range(1, 6):
        desk.do("add_opportunity_line", id=opportunity, expected_version=version, **Item().given)
        assert desk.row(opportunity).version == version + 1


def test_prices_and_lines_need_an_expected_version(desk: Desk) -> None:
    """Leaving the version out is refused where prices or lines change; null overwrites."""
    quote = make_draft(desk)
    refusal = desk.refused("add_quote_line", id=quote, **Item().given)
    assert told(refusal) == ("EXPECTED_VERSION_REQUIRED", ("input", "expectedVersion"))
    desk.do("add_quote_line", id=quote, expected_version=None, **Item().given)
    demanding = {name for name, each in REGISTRY.items() if each.demands_version}
    assert demanding == {
        "update_invoice", "add_invoice_line", "update_invoice_line", "remove_invoice_line",
        "unlock_invoice_pricing", "update_order", "add_order_line", "update_order_line",
        "remove_order_line", "unlock_order_pricing",
        "update_opportunity", "add_opportunity_line", "update_opportunity_line", "remove_opportunity_line",
        "set_revenue_mode",
        "update_quote", "add_quote_line", "update_quote_line", "remove_quote_line", "copy_opportunity_lines",
        "move_opportunity_line", "reprice_opportunity", "move_quote_line", "reprice_quote",
        "update_product", "add_bundle_product", "remove_bundle_product", "update_discount_list",
    }  # fmt: skip


def test_a_version_may_be_expected_of_any_command(desk: Desk) -> None:
    """A pure transition checks the version where it is given."""
    quote = make_quote(desk)
    assert desk.refused("accept_quote", id=quote, expected_version=1).code == "STALE_VERSION"
    assert desk.do("accept_quote", id=quote, expected_version=2)["order"]


@pytest.mark.parametrize(
    ("key", "kind", "message"),
    [
        ("nonsense", MalformedId, "'nonsense' is not an id; ids look like quote_01jz8k…"),
        (public_id("lead", new_id()), WrongIdType, "This is the id of a lead; a quote"),
        (public_id("quote", new_id()), NotFound, "There is no such quote"),
    ],
    ids=["malformed", "of another type", "unknown"],
)
def test_an_id_that_leads_nowhere(desk: Desk, key: str, kind: type[Refusal], message: str) -> None:
    """A text that is no id, an id of another kind of record, and an unknown one are told apart."""
    refusal = desk.refused("accept_quote", id=key)
    assert type(refusal) is kind
    assert refusal.path == ("input", "id")
    assert refusal.message.startswith(message)


@pytest.mark.parametrize("role", [Role.PARTNER, Role.SUPPORT])
def test_only_sellers_run_commands(desk: Desk, role: Role) -> None:
    """Partners and support read; whatever they command is forbidden, even on records that do not exist."""
    quote = make_quote(desk)
    other = desk.acting(role)
    for given in ({"id": quote}, {"id": "nonsense"}):
        refusal = other.refused("accept_quote", **given)
        assert isinstance(refusal, Forbidden)
        assert refusal.message == f"The role {role} may not run acceptQuote; ask an admin for a key that may."
    (offer,) = [each for each in other.offers_of(quote) if each.name == "acceptQuote"]
    assert (offer.allowed, offer.blockers[0].code) == (False, "FORBIDDEN")


def test_an_admin_may_do_what_sales_may(desk: Desk) -> None:
    """An admin runs the commands of the chain."""
    assert desk.acting(Role.ADMIN).do("accept_quote", id=make_quote(desk))["order"]


def test_an_offer_says_where_it_leads(desk: Desk) -> None:
    """The offers of an active quote have their targets, and no blocker."""
    offers = {each.name: (each.to, each.allowed) for each in desk.offers_of(make_quote(desk))}
    assert offers == {
        "presentQuote": ("ACTIVE", True),
        "reviseQuote": ("CLOSED", True),
        "acceptQuote": ("WON", True),
        "declineQuote": ("CLOSED", True),
        "closeQuote": ("CLOSED", True),
    }


def test_a_tried_command_answers_and_leaves_nothing(desk: Desk) -> None:
    """What is rolled back takes no number and leaves no row."""
    quote = make_quote(desk)
    before = everything(desk.database)
    tried = desk.tried("accept_quote", id=quote, idempotency_key="k")
    assert everything(desk.database) == before
    order = desk.do("accept_quote", id=quote, idempotency_key="k")["order"]
    assert tried["order"] != order
    assert desk.row(order).number == "O-2026-00001"


def test_required_text_cannot_be_null(desk: Desk) -> None:
    """Null for an argument that has a value is refused, and says how to keep it."""
    refusal = desk.refused("update_quote", id=make_draft(desk), expected_version=None, name=None)
    assert isinstance(refusal, Invalid)
    assert told(refusal) == ("VALIDATION", ("input", "name"))
    assert refusal.message == "name cannot be null; leave it out to keep or default it."


def test_a_part_of_a_command_is_refused_with_the_whole(desk: Desk) -> None:
    """A guard of an inner command takes the outer one back, and speaks of what the caller sent."""
    quote = make_quote(desk)
    make_sibling(desk, quote)
    desk.do("accept_quote", id=quote, siblings="KEEP")
    (sibling,) = [each for each in desk.all(Quote) if each.public_id != quote]
    refusal = blocked(
        desk.refused("close_quote", id=sibling.public_id, reason="LOST", close_opportunity=True)
    )
    assert told(refusal) == ("HAS_LIVE_ORDER", ("input", "closeOpportunity"))
    assert (refusal.command, refusal.status) == ("closeQuote", "ACTIVE")
    assert "closeQuote" in refusal.allowed
