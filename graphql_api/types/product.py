"""What does the schema show of the catalogue?"""

from graphql_api.types.backed import backed_by, column, describe, money, one
from graphql_api.types.node import Node, Versioned
from graphql_api.types.paging import many, ordered
from graphql_api.types.timeline import own_story
from graphql_api.types.transition import transitions_of
from models.product import Product as ProductTable
from models.product import ProductStatus

describe(
    ProductStatus,
    "Whether a product may be put on documents.",
    DRAFT="Being prepared: not yet.",
    ACTIVE="Sold.",
    UNDER_REVISION="Being changed: what was active goes on being sold.",
    RETIRED="No longer sold; documents keep it.",
)
ordered(
    ProductTable,
    created_at="When the product was made.",
    updated_at="When the product was changed last.",
    name="By name.",
    number="By product number.",
)


@backed_by(ProductTable)
class Product(Versioned, Node):
    """A thing or service with a price in one currency."""

    status = column("Whether it may be put on documents.")
    status_reason = one("Why the product is in its state.", key="reason_id")
    number = column("The product number that people use. Never reused.")
    name = column("Name, as it stands on documents.")
    description = column("What it is, in more words.")
    unit = column("The unit that it is sold by, for example piece or hour.")
    quantity_places = column(
        "Digits behind the point of a quantity, 0 to 5; with 0 only whole units are sold."
    )
    currency_code = column("The currency of its price.")
    list_price = money("Price of one unit.")
    tax_percent = column("Rate of tax in percent, for example 19.")
    opportunity_lines = many("opportunity_line", "product_id", "The positions of opportunities that name it.")
    quote_lines = many("quote_line", "product_id", "The positions of quotes that name it.")
    order_lines = many("order_line", "product_id", "The positions of orders that name it.")
    invoice_lines = many("invoice_line", "product_id", "The positions of invoices that name it.")
    transitions = transitions_of(ProductTable, ProductStatus)
    timeline = own_story()
