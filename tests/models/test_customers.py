"""May customers be changed, put in order, and retired, without breaking what refers to them?"""

from decimal import Decimal
from typing import Any

import pytest

from models.account import Account, Contact
from models.address import Address
from models.errors import Refusal
from models.record import new_id, parse_id, public_id
from tests.desk import Desk, at_once, told
from tests.factories import (
    ADDRESS,
    make_account,
    make_contact,
    make_draft,
    make_invoice,
    make_lead,
    make_opportunity,
    make_order,
    make_quote,
)


def test_an_account_is_changed(desk: Desk) -> None:
    """What is left out stays, null empties, and what duplicates are found by follows."""
    account = make_account(desk, phone="+49 40 555 001", website="birch.example", billing_address=ADDRESS)
    desk.do(
        "update_account", id=account, name="Birch AG", phone=None, email="Info@Birch.example",
        currency_code="USD", credit_limit=Decimal("5000.50"), is_on_credit_hold=True,
        shipping_address=ADDRESS | {"city": "Kiel"}, payment_terms_days=10,
    )  # fmt: skip
    row = desk.read(Account, account)
    assert (row.name, row.phone, row.email, row.website, row.currency_code, row.payment_terms_days) == (
        "Birch AG", None, "Info@Birch.example", "birch.example", "USD", 10,
    )  # fmt: skip
    assert (row.match_name, row.match_phone, row.match_email) == ("birch", None, "info@birch.example")
    assert (row.credit_limit, row.is_on_credit_hold) == (Decimal("5000.50"), True)
    billing, shipping = desk.all(Address)
    assert (row.billing_address_id, row.shipping_address_id, shipping.city) == (
        billing.id, shipping.id, "Kiel",
    )  # fmt: skip
    desk.do("update_account", id=account, billing_address=None, credit_limit=None)
    row = desk.read(Account, account)
    assert (row.billing_address_id, row.credit_limit, row.version) == (None, None, 3)
    assert desk.events_of(account)[-1].type == "account.updated"


_IMPOSSIBLE: list[tuple[dict[str, Any], str, tuple[str, ...]]] = [
    ({"name": " "}, "VALIDATION", ("name",)),
    ({"email": "nobody"}, "VALIDATION", ("email",)),
    ({"currency_code": "EURO"}, "VALIDATION", ("currencyCode",)),
    ({"payment_terms_days": -1}, "VALIDATION", ("paymentTermsDays",)),
    ({"credit_limit": Decimal(-1)}, "VALIDATION", ("creditLimit",)),
    ({"credit_limit": Decimal("0.001")}, "VALIDATION", ("creditLimit",)),
    ({"billing_address": ADDRESS | {"city": " "}}, "VALIDATION", ("billingAddress", "city")),
    ({"parent_id": public_id("account", new_id())}, "NOT_FOUND", ("parentId",)),
    ({"primary_contact_id": public_id("contact", new_id())}, "NOT_FOUND", ("primaryContactId",)),
]


def test_a_change_leaves_an_account_that_can_be(desk: Desk) -> None:
    """Each impossible value is refused with the path of its argument."""
    account = make_account(desk)
    for given, code, path in _IMPOSSIBLE:
        assert told(desk.refused("update_account", id=account, **given)) == (code, ("input", *path))


def test_an_account_is_no_part_of_itself(desk: Desk) -> None:
    """Neither directly nor further down; it may go to the top again."""
    top, middle, below = (make_account(desk, name=name) for name in ("Top", "Middle", "Below"))
    desk.do("update_account", id=middle, parent_id=top)
    desk.do("update_account", id=below, parent_id=middle)
    for parent in (top, middle, below):
        refusal = desk.refused("update_account", id=top, parent_id=parent)
        assert (*told(refusal), refusal.message) == (
            "HIERARCHY_CYCLE",
            ("input", "parentId"),
            "This account would be a part of itself: choose a parent that is not below it.",
        )
    desk.do("update_account", id=middle, parent_id=None)
    desk.do("update_account", id=top, parent_id=below)
    assert desk.row(top).parent_id == parse_id(below)[1]


def test_accounts_that_are_hung_on_each_other_at_once_make_no_ring(crowd: Desk) -> None:
    """One of the two is refused."""
    first, second = make_account(crowd, name="First"), make_account(crowd, name="Second")

    def hang(number: int) -> str:
        account, parent = (first, second) if number else (second, first)
        try:
            crowd.do("update_account", id=account, parent_id=parent)
        except Refusal as refusal:
            return refusal.code
        return "done"

    assert sorted(at_once(2, hang)) == ["HIERARCHY_CYCLE", "done"]


def test_the_primary_contact_works_there(desk: Desk) -> None:
    """Who works elsewhere is refused; who leaves is it no longer, and the account says so."""
    account, other = make_account(desk), make_account(desk, name="Elm")
    contact = make_contact(desk, account_id=account)
    refusal = desk.refused("update_account", id=other, primary_contact_id=contact)
    assert (*told(refusal), refusal.message) == (
        "VALIDATION",
        ("input", "primaryContactId"),
        "Lark does not work there: updateContact with accountId says where.",
    )
    desk.do("update_account", id=account, primary_contact_id=contact)
    assert desk.row(account).primary_contact_id == parse_id(contact)[1]
    desk.do("update_contact", id=contact, account_id=other)
    assert (desk.row(account).primary_contact_id, desk.row(account).version) == (None, 3)
    event = desk.events_of(account)[-1]
    assert event.caused_by_id == desk.events_of(contact)[-1].id
    assert event.changes == [{"field": "primaryContact", "before": contact, "after": None}]


def test_a_contact_is_changed(desk: Desk) -> None:
    """Its mailbox is kept in lower case, its phone is recognised in any spelling."""
    contact = make_contact(desk, first_name="Ida", email="ida@elm.example")
    desk.do(
        "update_contact", id=contact, email="I.Lark@Elm.example", phone="0049 40 55-5001", job_title="Head"
    )
    row = desk.read(Contact, contact)
    assert (row.first_name, row.last_name, row.email, row.match_phone, row.job_title) == (
        "Ida", "Lark", "i.lark@elm.example", "4940555001", "Head",
    )  # fmt: skip
    for given, field in (
        ({"last_name": ""}, "lastName"),
        ({"email": "nobody"}, "email"),
    ):
        refusal = desk.refused("update_contact", id=contact, **given)
        assert told(refusal) == ("VALIDATION", ("input", field))


@pytest.mark.parametrize("make", [make_opportunity, make_draft, make_quote, make_order, make_invoice])
def test_a_customer_with_open_business_stays_active(desk: Desk, make: Any) -> None:
    """An open opportunity, quote, order or invoice stands in the way, of its account as of its contact."""
    account = public_id("account", desk.row(make(desk)).account_id)
    refusal = desk.refused("deactivate_account", id=account)
    assert refusal.code == "HAS_OPEN_BUSINESS"
    assert refusal.message == (
        "An opportunity or quote of this customer is open, an order is to be delivered, or an invoice to be "
        "paid: close it first."
    )
    assert "deactivateAccount" not in desk.allowed(account)


def test_a_contact_with_an_open_opportunity_stays_active(desk: Desk) -> None:
    """Once it is lost, the contact is retired, and taken up again."""
    contact = make_contact(desk)
    opportunity = desk.do("create_opportunity", name="Hoses", contact_id=contact)["opportunity"]
    assert desk.refused("deactivate_contact", id=contact).code == "HAS_OPEN_BUSINESS"
    desk.do("lose_opportunity", id=opportunity, reason="CANCELED")
    desk.do("deactivate_contact", id=contact, note="Retired.")
    assert (desk.row(contact).status, desk.events_of(contact)[-1].note) == ("INACTIVE", "Retired.")
    desk.do("reactivate_contact", id=contact)
    assert desk.row(contact).status == "ACTIVE"


_ARGUMENTS = (
    "accountId", "contactId", "accountId", "contactId", "accountId", "accountId", "accountId", "contactId",
)  # fmt: skip


def test_no_new_business_with_an_inactive_customer(desk: Desk) -> None:
    """No opportunity, no contact, no qualification that links it, until it is active again."""
    account, contact = make_account(desk), make_contact(desk)
    desk.do("deactivate_account", id=account)
    desk.do("deactivate_contact", id=contact)
    lead = make_lead(desk)
    refusals = [
        desk.refused("create_opportunity", name="Hoses", account_id=account),
        desk.refused("create_opportunity", name="Hoses", contact_id=contact),
        desk.refused("create_quote", name="Hoses", account_id=account),
        desk.refused("create_order", name="Hoses", contact_id=contact),
        desk.refused("create_contact", last_name="Elm", account_id=account),
        desk.refused("update_contact", id=make_contact(desk), account_id=account),
        desk.refused("qualify_lead", id=lead, override="Old.", account="LINK", account_id=account),
        desk.refused("qualify_lead", id=lead, override="Old.", contact="LINK", contact_id=contact),
    ]
    assert [(refusal.code, refusal.path[-1]) for refusal in refusals] == [
        ("CUSTOMER_INACTIVE", name) for name in _ARGUMENTS
    ]
    assert refusals[0].message == "This account is INACTIVE: reactivateAccount first, or choose another."
    desk.do("reactivate_account", id=account)
    assert desk.do("create_opportunity", name="Hoses", account_id=account)["opportunity"]
