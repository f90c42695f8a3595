"""What does the schema show of the customer? Accounts, contacts and addresses."""

from graphql_api.types.backed import backed_by, column, describe, one
from graphql_api.types.node import Node, Versioned
from graphql_api.types.paging import many, ordered
from graphql_api.types.timeline import history, own_story
from graphql_api.types.transition import transitions_of
from models.account import Account as AccountTable
from models.account import Contact as ContactTable
from models.account import CustomerStatus
from models.address import Address as AddressTable

describe(
    CustomerStatus,
    "Whether new business is done with a customer.",
    ACTIVE="New business is done.",
    INACTIVE="Kept for its history only.",
)
ordered(
    AccountTable,
    created_at="When the account was made.",
    updated_at="When the account was changed last.",
    name="By name.",
    number="By account number.",
)
ordered(
    ContactTable,
    created_at="When the contact was made.",
    updated_at="When the contact was changed last.",
    last_name="By last name.",
    email="By e-mail address.",
)


@backed_by(AddressTable, is_node=False)
class Address:
    """A postal address. A document keeps the address that it was made with."""

    line1 = column("Street and number, or post-office box.")
    line2 = column("Building, floor, or whatever else the post needs.")
    postal_code = column("Postal code.")
    city = column("Town or city.")
    region = column("State, province or county.")
    country_code = column("The country, by its ISO 3166-1 alpha-2 code, for example DE.")


@backed_by(AccountTable)
class Account(Versioned, Node):
    """An organisation that buys, or might."""

    status = column("Whether new business is done with it.")
    status_reason = one("Why the account is in its state.", key="reason_id")
    number = column("The account number that people use. Never reused.")
    name = column("Name of the organisation.")
    email = column("General e-mail address.")
    phone = column("General phone number, as people write it.")
    website = column("Web site.")
    industry = column("What it does.")
    currency_code = column("The currency of new deals unless they say otherwise.")
    payment_terms_days = column(
        "Days between an invoice's date and its due date; the organisation's default where null."
    )
    billing_address = one("Where invoices go.")
    shipping_address = one("Where goods go.")
    owner = one("The user who looks after it.")
    contacts = many("contact", "account_id", "The people who work there.")
    leads = many("lead", "account_id", "The leads that it came from, or that were linked to it.")
    opportunities = many("opportunity", "account_id", "Its deals in the making, won and lost ones as well.")
    quotes = many("quote", "account_id", "What was offered to it, every revision.")
    orders = many("order", "account_id", "What it agreed to buy.")
    invoices = many("invoice", "account_id", "What it owes or has paid.")
    transitions = transitions_of(AccountTable, CustomerStatus)
    timeline = own_story()
    history = history()


@backed_by(ContactTable)
class Contact(Versioned, Node):
    """A person at a customer, or a customer in person."""

    status = column("Whether new business is done with the person.")
    status_reason = one("Why the contact is in its state.", key="reason_id")
    account = one("The organisation that the person works for.")
    first_name = column("First name.")
    last_name = column("Last name.")
    job_title = column("What the person does there.")
    email = column("E-mail address.")
    phone = column("Phone number, as people write it.")
    owner = one("The user who looks after it.")
    leads = many("lead", "contact_id", "The leads that the person came from, or was linked to.")
    opportunities = many("opportunity", "contact_id", "The deals that the person stands for.")
    quotes = many("quote", "contact_id", "What was offered to the person, every revision.")
    orders = many("order", "contact_id", "The orders that the person stands for.")
    invoices = many("invoice", "contact_id", "The invoices that the person stands for.")
    transitions = transitions_of(ContactTable, CustomerStatus)
    timeline = own_story()
