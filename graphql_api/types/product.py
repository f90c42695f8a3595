"""What does the schema show of the catalogue? Products, their versions, and what goes with them."""

from collections.abc import Mapping
from typing import Any

from graphql_api.planner.backing import Computed
from graphql_api.planner.leaf import money_text
from graphql_api.types.backed import backed_by, column, computed, describe, money, one
from graphql_api.types.money import Money
from graphql_api.types.node import Node, Versioned
from graphql_api.types.paging import many, ordered
from graphql_api.types.timeline import own_story
from graphql_api.types.transition import transitions_of
from models.access import Viewer
from models.moment import Moment
from models.money import SCALE
from models.product import BundleProduct as BundleProductTable
from models.product import Product as ProductTable
from models.product import ProductRelationship as ProductRelationshipTable
from models.product import ProductStatus, ProductStructure, RelationshipType
from models.product import ProductVersion as ProductVersionTable

describe(
    ProductStatus,
    "Whether a product may be put on documents.",
    DRAFT="Being prepared: not yet.",
    ACTIVE="Sold.",
    UNDER_REVISION="Being changed: what was active goes on being sold.",
    RETIRED="No longer sold; documents keep it.",
)
describe(
    ProductStructure,
    "What a product is made of.",
    PRODUCT="A thing or a service.",
    PRODUCT_FAMILY="Products that belong together, and families of such. It is not sold itself.",
    BUNDLE="Several products that are sold as one.",
)
describe(
    RelationshipType,
    "What a related product is suggested as.",
    SUBSTITUTE="In its place.",
    CROSS_SELL="Beside it.",
    UP_SELL="Instead of it, for more money.",
    ACCESSORY="To be used with it.",
)
ordered(
    ProductTable,
    created_at="When the product was made.",
    updated_at="When the product was changed last.",
    name="By name.",
    number="By product number.",
)

_BEING_EDITED = (("product_version_id", None),)


def _cost(name: str, description: str) -> Any:
    """Declare a cost, which is shown to the company's own people only."""

    def shown(values: Mapping[str, Any], viewer: Viewer, _: Moment) -> dict[str, str] | None:
        cost, currency = values[name], values["currency_code"]
        if cost is None or not viewer.sees_costs:
            return None
        return {"amount": money_text(int(cost * SCALE), currency), "currency_code": currency}

    return computed(Computed((name, "currency_code"), shown), Money | None, description)


class ProductFields:
    """What a product and each of its versions show."""

    name = column("Name, as it stands on documents.")
    description = column("What it is, in more words.")
    default_unit = one("The unit that its price is for, and that a line has unless it says otherwise.")
    unit = column("The name of its default unit, for example piece or hour.")
    quantity_places = column(
        "Digits behind the point of a quantity, 0 to 5; with 0 only whole units are sold."
    )
    currency_code = column("The currency of its price and costs.")
    list_price = money("Price of one default unit, where no price list says otherwise.")
    current_cost = _cost("current_cost", "What one default unit costs us now; null for partners.")
    standard_cost = _cost("standard_cost", "What one default unit is expected to cost us; null for partners.")
    tax_percent = column("Rate of tax in percent, for example 19.")
    tax_code = one("The tax of its lines, where it has one; it counts before the percentage.")
    valid_from = column("The first day on which it may be put on documents; any where null.")
    valid_to = column("The last day on which it may be put on documents; any where null.")


@backed_by(ProductTable)
class Product(ProductFields, Versioned, Node):
    """A thing or service, a bundle or a family of such, as it is being edited; sold is its latest version."""

    status = column("Whether it may be put on documents.")
    status_reason = one("Why the product is in its state.", key="reason_id")
    number = column("The product number that people use. Never reused.")
    structure = column("What it is made of.")
    parent = one("The family that it belongs to.")
    children = many("product", "parent_id", "The products and families of this family.")
    unit_group = one("The units that it is sold in.")
    revision = column("That of the version published last; 0 before the first.")
    versions = many(
        "product_version",
        "product_id",
        "Its published versions, first to last.",
        order=(("revision", False),),
    )
    bundle_products = many(
        "bundle_product",
        "bundle_id",
        "What this bundle is made of, as it is being edited.",
        where=_BEING_EDITED,
    )
    bundles = many("bundle_product", "product_id", "Its places in bundles.", where=_BEING_EDITED)
    relationships = many("product_relationship", "product_id", "What is suggested where it is quoted.")
    related_from = many("product_relationship", "related_product_id", "Where it is suggested.")
    price_list_items = many(
        "price_list_item",
        "product_id",
        "Its prices on price lists, those that are past as well.",
        order=(("valid_from", False),),
    )
    opportunity_lines = many("opportunity_line", "product_id", "The positions of opportunities that name it.")
    quote_lines = many("quote_line", "product_id", "The positions of quotes that name it.")
    order_lines = many("order_line", "product_id", "The positions of orders that name it.")
    invoice_lines = many("invoice_line", "product_id", "The positions of invoices that name it.")
    transitions = transitions_of(ProductTable, ProductStatus)
    timeline = own_story()


@backed_by(ProductVersionTable)
class ProductVersion(ProductFields, Node):
    """A product as it was published. It never changes: what quotes it goes on showing it."""

    created_at = column("When it was published.")
    product = one("The product that it is a version of.")
    revision = column("1 for the first, 2 for the one that replaced it, and so on.")
    bundle_products = many(
        "bundle_product", "product_version_id", "What this version of a bundle is made of."
    )


@backed_by(BundleProductTable)
class BundleProduct(Node):
    """A product that a bundle is made of."""

    created_at = column("When it was added.")
    bundle = one("The bundle.")
    product_version = one("The version of the bundle; null for what is being edited.")
    product = one("The product.")
    quantity = column("How many of the product's default unit belong to one bundle.")
    is_required = column("Whether the bundle is never sold without it.")


@backed_by(ProductRelationshipTable)
class ProductRelationship(Node):
    """A product that is suggested where another one is quoted."""

    created_at = column("When it was added.")
    product = one("The product that is quoted.")
    related_product = one("The product that is suggested.")
    type = column("What it is suggested as.")
