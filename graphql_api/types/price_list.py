"""What does the schema show of price lists?"""

from graphql_api.types.backed import backed_by, column, describe, money, one
from graphql_api.types.node import Node, Versioned
from graphql_api.types.paging import many, ordered
from graphql_api.types.timeline import own_story
from graphql_api.types.transition import transitions_of
from models.price_list import PriceList as PriceListTable
from models.price_list import PriceListItem as PriceListItemTable
from models.price_list import PriceListStatus, QuantitySellingOption
from models.pricing import PricingMethod, RoundingOption, RoundingPolicy

describe(
    PriceListStatus,
    "Whether documents may be priced by a price list.",
    ACTIVE="They may, on the days on which it is valid.",
    INACTIVE="They may not. Lines that have a price keep it.",
)
describe(
    PricingMethod,
    "What the price of one unit is computed from.",
    CURRENCY_AMOUNT="It is typed.",
    PERCENT_OF_LIST="A percentage of the product's list price.",
    PERCENT_MARKUP_CURRENT_COST="The current cost, and a percentage of it on top.",
    PERCENT_MARGIN_CURRENT_COST="What leaves a percentage of itself over the current cost.",
    PERCENT_MARKUP_STANDARD_COST="The standard cost, and a percentage of it on top.",
    PERCENT_MARGIN_STANDARD_COST="What leaves a percentage of itself over the standard cost.",
)
describe(
    RoundingPolicy,
    "Which way a computed price is rounded.",
    NONE="It is not.",
    UP="Up.",
    DOWN="Down.",
    TO_NEAREST="To whatever is nearest; up on a tie.",
)
describe(
    RoundingOption,
    "What a computed price is rounded to.",
    ENDS_IN="To a price that ends in the amount, for example 0.99.",
    MULTIPLE_OF="To a multiple of the amount, for example 0.05.",
)
describe(
    QuantitySellingOption,
    "Which quantities are sold at a price.",
    NO_CONTROL="Any that the product allows.",
    WHOLE="Whole units only.",
    WHOLE_AND_FRACTIONAL="Whole units and parts of one, as far as the product allows.",
)
ordered(
    PriceListTable,
    created_at="When the price list was made.",
    updated_at="When the price list was changed last.",
    name="By name.",
)


@backed_by(PriceListTable)
class PriceList(Versioned, Node):
    """Prices in one currency, for some customers or some season."""

    status = column("Whether documents may be priced by it.")
    status_reason = one("Why the price list is in its state.", key="reason_id")
    name = column("Name; unique.")
    description = column("Whom or what it is for.")
    currency_code = column("The currency of its prices.")
    valid_from = column("The first day that documents are priced by it; any where null.")
    valid_to = column("The last day, itself included; any where null.")
    items = many(
        "price_list_item",
        "price_list_id",
        "Its prices, those that are past and those to come as well.",
        order=(("product_id", False), ("valid_from", False)),
    )
    accounts = many("account", "price_list_id", "The customers whose deals are priced by it.")
    opportunities = many("opportunity", "price_list_id", "The opportunities that are priced by it.")
    quotes = many("quote", "price_list_id", "The quotes that are priced by it.")
    transitions = transitions_of(PriceListTable, PriceListStatus)
    timeline = own_story()


@backed_by(PriceListItemTable)
class PriceListItem(Node):
    """The price of a product in a unit on a price list, from a day on."""

    created_at = column("When the price was set.")
    price_list = one("The price list.")
    product = one("The product.")
    unit = one("The unit that the price is for.")
    currency_code = column("The price list's currency.")
    pricing_method = column("What the price is computed from.")
    amount = money("The price of one unit, where it is typed.")
    percent = column("The percentage, where the price is computed.")
    rounding_policy = column("Which way a computed price is rounded.")
    rounding_option = column("What a computed price is rounded to.")
    rounding_amount = column("What it is a multiple of, or ends in.")
    quantity_selling_option = column("Which quantities are sold at the price.")
    discount_list = one("The volume discounts that are taken off it.")
    valid_from = column("The first day of the price.")
    valid_to = column("Its last day, itself included; until the next price begins where null.")
