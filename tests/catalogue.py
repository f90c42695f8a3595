"""What does each command of the catalogue come to in each state of its record? A part of the table of all."""

from decimal import Decimal
from typing import Any

from models.quote import QuoteLine
from tests.desk import Desk
from tests.factories import make_draft

DONE, ILLEGAL, FROZEN = "done", "ILLEGAL_TRANSITION", "RECORD_READ_ONLY"

CATALOGUE: dict[tuple[str, ...], dict[str, tuple[str, ...]]] = {
    ("unit_group",): {"add_unit": (DONE,), "remove_unit": (DONE,)},
    (
        "product.DRAFT.DRAFT",
        "product.ACTIVE.ACTIVE",
        "product.UNDER_REVISION.UNDER_REVISION",
        "product.RETIRED.RETIRED",
    ): {
        "update_product": (DONE, FROZEN, DONE, FROZEN),
        "add_bundle_product": ("NOT_A_BUNDLE", FROZEN, "NOT_A_BUNDLE", FROZEN),
        "remove_bundle_product": ("NOT_A_BUNDLE", FROZEN, "NOT_A_BUNDLE", FROZEN),
        "relate_product": (DONE, DONE, DONE, FROZEN),
        "unrelate_product": (DONE, DONE, DONE, FROZEN),
        "publish_product": (DONE, ILLEGAL, DONE, ILLEGAL),
        "publish_product_family": (*["NOT_A_FAMILY"] * 3, FROZEN),
        "revise_product": (ILLEGAL, DONE, ILLEGAL, ILLEGAL),
        "revert_product": (ILLEGAL, ILLEGAL, DONE, ILLEGAL),
        "retire_product": (ILLEGAL, DONE, ILLEGAL, ILLEGAL),
        "activate_product": (ILLEGAL, ILLEGAL, ILLEGAL, DONE),
    },
    ("price_list.ACTIVE.ACTIVE", "price_list.INACTIVE.INACTIVE"): {
        "update_price_list": (DONE, DONE),
        "add_price_list_item": (DONE, DONE),
        "end_price_list_item": (DONE, DONE),
        "remove_price_list_item": (DONE, DONE),
        "deactivate_price_list": (DONE, ILLEGAL),
        "activate_price_list": (ILLEGAL, DONE),
    },
    ("discount_list.ACTIVE.ACTIVE", "discount_list.INACTIVE.INACTIVE"): {
        "update_discount_list": (DONE, DONE),
        "deactivate_discount_list": (DONE, ILLEGAL),
        "activate_discount_list": (ILLEGAL, DONE),
    },
}
MADE = {"create_product", "create_unit_group", "create_price_list", "create_discount_list"}


def make_priced_quote(desk: Desk, price_list: str | None = None) -> str:
    """Return an empty draft quote with a price list."""
    quote = make_draft(desk, ())
    if price_list is not None:
        desk.do("update_quote", id=quote, expected_version=None, price_list_id=price_list)
    return quote


def add_product(
    desk: Desk, quote: str, product: str | None = None, quantity: str = "1", **given: Any
) -> QuoteLine:
    """Add a line to a quote, and return its row."""
    made = desk.do(
        "add_quote_line", id=quote, expected_version=None, product_id=product,
        quantity=Decimal(quantity), **given,
    )  # fmt: skip
    return desk.read(QuoteLine, made["line"])
