"""Are customers written down as they should be?"""

from decimal import Decimal
from typing import Any

from models.account import Account, Contact
from models.address import Address
from models.lifecycle import Pointer
from models.record import new_id, public_id
from tests.desk import Desk, told
from tests.factories import ADDRESS, make_account, make_invoice_draft, make_order


def test_an_account_has_its_addresses(desk: Desk) -> None:
    """Billing and shipping address are rows of their own."""
    account = desk.read(
        Account,
        make_account(desk, billing_address=ADDRESS, shipping_address=ADDRESS | {"city": "Kiel"}),
    )
    assert (account.status, account.number, account.currency_code) == ("ACTIVE", "A-2026-00001", "EUR")
    billing, shipping = desk.all(Address)
    assert (account.billing_address_id, account.shipping_address_id) == (billing.id, shipping.id)
    assert (billing.city, shipping.city, billing.country_code) == ("Hamburg", "Kiel", "DE")


_IMPOSSIBLE_ACCOUNTS: list[tuple[dict[str, Any], tuple[str, ...]]] = [
    ({"name": " "}, ("name",)),
    ({"name": "!!!"}, ("name",)),
    ({"name": "x" * 161}, ("name",)),
    ({"currency_code": "EURO"}, ("currencyCode",)),
    ({"payment_terms_days": -1}, ("paymentTermsDays",)),
    ({"payment_terms_days": 3651}, ("paymentTermsDays",)),
    ({"email": "nobody"}, ("email",)),
    ({"billing_address": ADDRESS | {"line1": ""}}, ("billingAddress", "line1")),
    ({"billing_address": ADDRESS | {"city": " "}}, ("billingAddress", "city")),
    ({"shipping_address": ADDRESS | {"country_code": "Germany"}}, ("shippingAddress", "countryCode")),
]


def test_an_account_that_cannot_be_is_refused(desk: Desk) -> None:
    """Each impossible value is refused with the path of its argument."""
    for given, path in _IMPOSSIBLE_ACCOUNTS:
        refusal = desk.refused("create_account", **{"name": "Elm"} | given)
        assert told(refusal) == ("VALIDATION", ("input", *path))


_IMPOSSIBLE_CONTACTS: list[tuple[dict[str, Any], str, str]] = [
    ({"last_name": " "}, "lastName", "VALIDATION"),
    ({"email": "nobody"}, "email", "VALIDATION"),
    ({"account_id": public_id("account", new_id())}, "accountId", "NOT_FOUND"),
    ({"account_id": public_id("lead", new_id())}, "accountId", "WRONG_ID_TYPE"),
]


def test_a_contact_that_cannot_be_is_refused(desk: Desk) -> None:
    """A contact needs a name, and an account that exists if any."""
    for given, field, code in _IMPOSSIBLE_CONTACTS:
        refusal = desk.refused("create_contact", **{"last_name": "Elm"} | given)
        assert told(refusal) == (code, ("input", field))


def test_a_contact_keeps_its_mailbox_in_lower_case(desk: Desk) -> None:
    """The same mailbox is found again, whoever writes it."""
    contact = desk.read(Contact, desk.do("create_contact", last_name="Elm", email="A@Elm.Example")["contact"])
    assert (contact.email, contact.account_id, contact.status) == ("a@elm.example", None, "ACTIVE")


def test_an_accounts_terms_are_its_invoices(desk: Desk) -> None:
    """The due date follows the account's payment terms, else the organisation's."""
    account = make_account(desk, payment_terms_days=0)
    opportunity = desk.do("create_opportunity", name="Hoses", account_id=account)["opportunity"]
    desk.do(
        "add_opportunity_line", id=opportunity, expected_version=1, description="Hose",
        quantity=Decimal(1), price_per_unit=Decimal(9),
    )  # fmt: skip
    quote = desk.do("generate_quote_from_opportunity", id=opportunity)["quote"]
    desk.do("activate_quote", id=quote)
    order = desk.do("accept_quote", id=quote)["order"]
    invoice = desk.do("invoice_order", id=order, policy="ORDERED")["invoice"]
    desk.do("issue_invoice", id=invoice)
    assert desk.row(invoice).due_on == desk.moment.today
    other = make_invoice_draft(desk)
    desk.do("issue_invoice", id=other)
    assert desk.row(other).due_on == desk.moment.in_days(30)


def test_an_order_goes_to_the_accounts_addresses(desk: Desk) -> None:
    """Without an address of their own goods go where the invoice goes."""
    account = make_account(desk, billing_address=ADDRESS)
    order = desk.row(make_order(desk))
    assert (order.bill_to_id, order.ship_to_id) == (None, None)
    opportunity = desk.do("create_opportunity", name="Hoses", account_id=account)["opportunity"]
    desk.do(
        "add_opportunity_line", id=opportunity, expected_version=None, description="Hose",
        quantity=Decimal(1), price_per_unit=Decimal(9),
    )  # fmt: skip
    quote = desk.do("generate_quote_from_opportunity", id=opportunity)["quote"]
    desk.do("activate_quote", id=quote)
    billed = desk.row(desk.do("accept_quote", id=quote)["order"])
    assert billed.bill_to_id == billed.ship_to_id == desk.row(account).billing_address_id
    desk.do("submit_order", id=Pointer("order", billed.id).public_id)
