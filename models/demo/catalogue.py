"""What does the demo company sell, by which unit and at which price?"""

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

from models.demo.scenery import BUNDLE, DEALER_PRICES, PACKED, PRODUCTS, RELATED, UNITS, VOLUME

# Runs a command by its name, and returns ids by payload field.
Do = Callable[..., dict[str, Any]]
# The finest quantity that there is.
_LEAST = Decimal("0.00001")


def write_catalogue(do: Do) -> tuple[list[str], str]:
    """Write the products with their units, and what dealers pay; return what is sold, and the price list."""
    name, base_unit, multiples = UNITS
    group = do("create_unit_group", name=name, base_unit=base_unit)["unit_group"]
    for unit, quantity in multiples:
        do("add_unit", id=group, name=unit, quantity=Decimal(quantity))
    catalogue: dict[str, str] = {}
    for number, title, unit, price, cost, tax, places in PRODUCTS:
        made = do(
            "create_product",
            number=number,
            name=title,
            unit=unit,
            unit_group_id=group if number in PACKED else None,
            list_price=Decimal(price),
            standard_cost=Decimal(cost),
            tax_percent=Decimal(tax),
            quantity_places=places,
        )
        do("publish_product", id=made["product"])
        catalogue[number] = made["product"]
    # It stays a draft: the catalogue has one that may not be sold yet.
    do("create_product", number="MP-500", name="Solar pump P1", list_price=Decimal(1990))
    for number, related, kind in RELATED:
        do("relate_product", id=catalogue[number], related_product_id=catalogue[related], type=kind)
    return [*catalogue.values(), _bundle(do, catalogue)], _price_list(do, catalogue)


def _bundle(do: Do, catalogue: Mapping[str, str]) -> str:
    """Write a bundle of products, and publish it."""
    number, name, price, required, optional = BUNDLE
    bundle = do(
        "create_product",
        number=number,
        name=name,
        structure="BUNDLE",
        list_price=Decimal(price),
        tax_percent=Decimal(19),
    )["product"]
    for part in (*required, *optional):
        do(
            "add_bundle_product",
            id=bundle,
            expected_version=None,
            product_id=catalogue[part],
            is_required=part in required,
        )
    do("publish_product", id=bundle)
    return str(bundle)


def _price_list(do: Do, catalogue: Mapping[str, str]) -> str:
    """Write what dealers pay: a price list, with discounts for large quantities."""
    bounds = [low for low, _ in VOLUME]
    breaks = [
        {"low": Decimal(low), "high": Decimal(end) - _LEAST if end else None, "percent": Decimal(percent)}
        for (low, percent), end in zip(VOLUME, [*bounds[1:], None], strict=True)
    ]
    volume = do("create_discount_list", name="Volume", type="PERCENTAGE", breaks=breaks)
    price_list = do("create_price_list", name="Dealers")["price_list"]
    for number, method, value in DEALER_PRICES:
        do(
            "add_price_list_item",
            id=price_list,
            product_id=catalogue[number],
            pricing_method=method,
            discount_list_id=volume["discount_list"],
            **{"amount" if method == "CURRENCY_AMOUNT" else "percent": Decimal(value)},
        )
    return str(price_list)
