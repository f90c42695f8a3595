"""What can be asked from nothing? Two lines a record: one, and many."""

import strawberry

# Each record's module declares its GraphQL type; the names below refer to them.
from graphql_api.types import (
    account,
    activity,
    invoice,
    lead,
    money,
    opportunity,
    order,
    product,
    quote,
    status,
    viewer,
)
from graphql_api.types.lookup import root_node, root_nodes, root_one, root_viewer
from graphql_api.types.paging import root_many

TYPES = (account, activity, invoice, lead, money, opportunity, order, product, quote, status, viewer)
_LATEST = "The number that people use; of several revisions the latest is found."


@strawberry.type(description="Everything that can be read. Each operation is answered from one snapshot.")
class Query:
    """The root of every query."""

    node = root_node()
    nodes = root_nodes()
    viewer = root_viewer()

    lead = root_one("Lead")
    leads = root_many("Lead", "Leads: who may want to buy.")
    account = root_one("Account", number="The account number that people use.")
    accounts = root_many("Account", "Accounts: organisations that buy, or might.")
    contact = root_one("Contact")
    contacts = root_many("Contact", "Contacts: people at customers.")
    product = root_one("Product", number="The product number that people use.")
    products = root_many("Product", "The catalogue.")
    opportunity = root_one("Opportunity")
    opportunities = root_many("Opportunity", "Opportunities: deals in the making, won and lost ones as well.")
    stages = root_many(
        "Stage", "The steps of the sales process, in their order.", order=(("position", False),)
    )
    quote = root_one("Quote", number=_LATEST, latest="revision")
    quotes = root_many("Quote", "Quotes, every revision.")
    order = root_one("Order", number="The order number that people use.")
    orders = root_many("Order", "Orders: what customers agreed to buy.")
    invoice = root_one("Invoice", number="The invoice number that people use; drafts have none.")
    invoices = root_many("Invoice", "Invoices: what is owed, and what is paid.")
