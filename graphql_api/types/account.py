"""What does the schema show of the customer? Accounts, contacts and addresses."""

from graphql_api.types.annotation import metadata, tags
from graphql_api.types.backed import backed_by, column, describe, money, one, one_back
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
    price_list = one("What its new deals are priced by unless they say otherwise.")
    payment_terms_days = column(
        "Days between an invoice's date and its due date; the organisation's default where null."
    )
    parent = one("The organisation that it is a part of.")
    children = many("account", "parent_id", "The organisations that are parts of it.")
    primary_contact = one("The person to turn to first.")
    credit_limit = money("What it may owe; null for no limit.")
    is_on_credit_hold = column("Whether no more is to be sold to it on credit.")
    billing_address = one("Where invoices go.")
    shipping_address = one("Where goods go.")
    owner = one("The user who looks after it.")
    contacts = many("contact", "account_id", "The people who work there.")
    leads = many("lead", "account_id", "The leads that it came from, or that were linked to it.")
    opportunities = many("opportunity", "account_id", "Its deals in the making, won and lost ones as well.")
    quotes = many("quote", "account_id", "What was offered to it, every revision.")
    orders = many("order", "account_id", "What it agreed to buy.")
    invoices = many("invoice", "account_id", "What it owes or has paid.")
    activities = many(
        "activity", "account_id", "What is to be done, or was, about it or a record of its chains."
    )
    notes = many("note", "account_id", "What was said about it, or about a record of its chains.")
    tags = tags()
    metadata = metadata()
    originating_lead = one_back("lead", "made_account_id", "The lead whose qualification made it.")
    credit_notes = many("credit_note", "account_id", "What of its invoices is taken back.")
    customer_credits = many("customer_credit", "account_id", "What is owed to it, by currency.")
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
    stakes = many("stakeholder", "contact_id", "The deals in whose decision the person has a part.")
    quotes = many("quote", "contact_id", "What was offered to the person, every revision.")
    orders = many("order", "contact_id", "The orders that the person stands for.")
    invoices = many("invoice", "contact_id", "The invoices that the person stands for.")
    activities = many("activity", "regarding_id", "What is to be done, or was, about the person.")
    notes = many("note", "regarding_id", "What was said about the person.")
    tags = tags()
    metadata = metadata()
    originating_lead = one_back("lead", "made_contact_id", "The lead whose qualification made it.")
    customer_credits = many("customer_credit", "contact_id", "What is owed to the person, by currency.")
    transitions = transitions_of(ContactTable, CustomerStatus)
    timeline = own_story()
