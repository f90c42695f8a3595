"""What does the schema show of discount lists?"""

from graphql_api.types.backed import backed_by, column, describe, money, one
from graphql_api.types.node import Node, Versioned
from graphql_api.types.paging import many, ordered
from graphql_api.types.timeline import own_story
from graphql_api.types.transition import transitions_of
from models.discount_list import Discount as DiscountTable
from models.discount_list import DiscountList as DiscountListTable
from models.discount_list import DiscountListStatus, DiscountType

describe(
    DiscountType,
    "What the discounts of a list are typed as.",
    PERCENTAGE="Percentages of the price of one unit.",
    AMOUNT="Amounts off each unit, in the list's currency.",
)
describe(
    DiscountListStatus,
    "Whether new prices may use a discount list.",
    ACTIVE="They may.",
    INACTIVE="They may not; prices that refer to it go on giving its discounts.",
)
ordered(
    DiscountListTable,
    created_at="When the discount list was made.",
    updated_at="When the discount list was changed last.",
    name="By name.",
)


@backed_by(DiscountListTable)
class DiscountList(Versioned, Node):
    """Volume discounts by quantity, which prices refer to."""

    status = column("Whether new prices may use it.")
    status_reason = one("Why the discount list is in its state.", key="reason_id")
    name = column("Name; unique.")
    type = column("Whether its discounts are percentages or amounts.")
    currency_code = column("The currency of its amounts; null for percentages.")
    discounts = many(
        "discount",
        "discount_list_id",
        "Its quantity breaks, the smallest quantities first.",
        order=(("low_quantity", False),),
    )
    price_list_items = many("price_list_item", "discount_list_id", "The prices that it is taken off.")
    transitions = transitions_of(DiscountListTable, DiscountListStatus)
    timeline = own_story()


@backed_by(DiscountTable)
class Discount(Node):
    """A quantity break: what is taken off each unit between two quantities, both included."""

    created_at = column("When the quantity break was set.")
    discount_list = one("The discount list.")
    low_quantity = column("From this quantity on.")
    high_quantity = column("Up to this quantity; without an upper bound where null.")
    percent = column("Percent off the price of each unit.")
    amount = money("Amount off each unit.")
    currency_code = column("The currency of the amount.")
