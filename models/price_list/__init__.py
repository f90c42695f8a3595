"""What does a product cost, in which unit, for whom, and from when on? Price lists and their items."""

from models.price_list.editing import (
    activate_price_list,
    add_price_list_item,
    create_price_list,
    deactivate_price_list,
    end_price_list_item,
    remove_price_list_item,
    update_price_list,
)
from models.price_list.tables import (
    PriceList,
    PriceListItem,
    PriceListStatus,
    QuantitySellingOption,
    default_price_list,
    items_on,
    put_price_list,
)

__all__ = [
    "PriceList",
    "PriceListItem",
    "PriceListStatus",
    "QuantitySellingOption",
    "activate_price_list",
    "add_price_list_item",
    "create_price_list",
    "deactivate_price_list",
    "default_price_list",
    "end_price_list_item",
    "items_on",
    "put_price_list",
    "remove_price_list_item",
    "update_price_list",
]
