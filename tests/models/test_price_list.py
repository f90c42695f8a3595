"""Does a price list hold each price from its day on, and never overwrite one?"""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest

from models.price_list import PriceList, PriceListItem, items_on
from models.record import new_id, parse_id, public_id
from tests.desk import TODAY, Desk, blocked, told
from tests.factories import make_discount_list, make_price_list, make_product, set_price
from tests.process import make_unit_group


def test_a_price_list_is_made_and_changed(desk: Desk) -> None:
    """It begins ACTIVE, in the organisation's currency unless told otherwise."""
    made = make_price_list(desk)
    row = desk.read(PriceList, made)
    assert (row.status, row.currency_code, row.valid_from) == ("ACTIVE", "EUR", None)
    desk.do(
        "update_price_list", id=made, name="Trade", valid_from=TODAY, valid_to=TODAY, description="Dealers"
    )
    row = desk.read(PriceList, made)
    assert (row.name, row.valid_from, row.valid_to, row.description) == ("Trade", TODAY, TODAY, "Dealers")
    desk.do("deactivate_price_list", id=made)
    assert (desk.row(made).status, "activatePriceList" in desk.allowed(made)) == ("INACTIVE", True)
    desk.do("activate_price_list", id=made)
    assert desk.row(made).status == "ACTIVE"


@pytest.mark.parametrize(
    ("days", "status", "holds"),
    [((-1, 1), "ACTIVE", True), ((0, 0), "ACTIVE", True), ((1, 2), "ACTIVE", False),
     ((-2, -1), "ACTIVE", False), ((None, None), "ACTIVE", True), ((None, None), "INACTIVE", False)],
)  # fmt: skip
def test_a_price_list_holds_on_its_days(
    desk: Desk, days: tuple[int | None, int | None], status: str, *, holds: bool
) -> None:
    """Both bounds are included; an inactive list never holds."""
    first, last = (None if each is None else TODAY + timedelta(days=each) for each in days)
    made = make_price_list(desk, valid_from=first, valid_to=last)
    if status == "INACTIVE":
        desk.do("deactivate_price_list", id=made)
    assert desk.read(PriceList, made).holds_on(TODAY) is holds


def _current(desk: Desk, price_list: str, product: str, day: date) -> Decimal | None:
    """Return the amount that a product costs on a day by its default unit."""
    with desk.database.reading() as session:
        found = items_on(session, parse_id(price_list)[1], [parse_id(product)[1]], day)
        return next((each.amount for each in found.values()), None)


def test_a_price_change_is_a_new_row(desk: Desk) -> None:
    """The present price ends the day before; what is past can still be read."""
    price_list, product = make_price_list(desk), make_product(desk)
    first = set_price(desk, price_list, product)
    later = TODAY + timedelta(days=10)
    set_price(desk, price_list, product, amount=Decimal(95), valid_from=later)
    assert [(each.valid_from, each.amount) for each in desk.all(PriceListItem)] == [
        (TODAY, Decimal(90)), (later, Decimal(95)),
    ]  # fmt: skip
    days = [TODAY - timedelta(days=1), TODAY, later - timedelta(days=1), later]
    assert [_current(desk, price_list, product, day) for day in days] == [None, 90, 90, 95]
    desk.later(days=11).do(
        "end_price_list_item", id=price_list, item_id=desk.all(PriceListItem)[1].public_id,
        valid_to=TODAY + timedelta(days=20),
    )  # fmt: skip
    assert [_current(desk, price_list, product, TODAY + timedelta(days=days)) for days in (20, 21)] == [
        95,
        None,
    ]
    assert desk.read(PriceListItem, first).valid_to is None


def test_a_price_is_for_one_unit(desk: Desk) -> None:
    """A product has a price of its own in each of its units."""
    group = make_unit_group(desk, box="12")
    price_list, product = make_price_list(desk), make_product(desk, unit_group_id=group)
    set_price(desk, price_list, product)
    set_price(desk, price_list, product, unit="box", amount=Decimal(1000))
    assert len({each.unit_id for each in desk.all(PriceListItem)}) == 2
    refusal = desk.refused(
        "add_price_list_item", id=price_list, product_id=product, unit="meter", amount=Decimal(1)
    )
    assert told(refusal) == ("VALIDATION", ("input", "unit"))


_IMPOSSIBLE: list[tuple[dict[str, Any], str, str]] = [
    ({"amount": None}, "VALIDATION", "amount"),
    ({"pricing_method": "PERCENT_OF_LIST"}, "VALIDATION", "percent"),
    (
        {"pricing_method": "PERCENT_MARGIN_CURRENT_COST", "percent": Decimal(100)},
        "MARGIN_TOO_LARGE", "percent",
    ),
    ({"rounding_policy": "UP"}, "VALIDATION", "roundingAmount"),
    ({"valid_from": TODAY - timedelta(days=1)}, "INVALID_DATES", "validFrom"),
    ({"product_id": public_id("product", new_id())}, "NOT_FOUND", "productId"),
    ({"discount_list_id": public_id("discount_list", new_id())}, "NOT_FOUND", "discountListId"),
    ({"amount": Decimal(10) ** 14}, "AMOUNT_TOO_LARGE", "amount"),
]  # fmt: skip


def test_a_price_that_cannot_be_is_refused(desk: Desk) -> None:
    """Each impossible value is refused with the path of its argument."""
    price_list, product = make_price_list(desk), make_product(desk)
    valid = {"id": price_list, "product_id": product, "amount": Decimal(90)}
    for given, code, field in _IMPOSSIBLE:
        assert told(desk.refused("add_price_list_item", **valid | given)) == (code, ("input", field)), given


def test_a_second_price_of_a_day_is_refused(desk: Desk) -> None:
    """A typing error is removed while no line has the price, and typed again."""
    price_list, product = make_price_list(desk), make_product(desk, name="Pump")
    item = set_price(desk, price_list, product)
    refusal = desk.refused("add_price_list_item", id=price_list, product_id=product, amount=Decimal(91))
    assert told(refusal) == ("PRICE_EXISTS", ("input", "validFrom"))
    assert refusal.message == (
        "Pump has a price from 2026-03-02 on already: choose a later validFrom, or removePriceListItem takes "
        "that one off if no line has it."
    )
    desk.do("remove_price_list_item", id=price_list, item_id=item)
    set_price(desk, price_list, product, amount=Decimal(91))
    for command in ("remove_price_list_item", "end_price_list_item"):
        refusal = desk.refused(command, id=price_list, item_id=item)
        assert told(refusal) == ("NOT_FOUND", ("input", "itemId"))


def test_a_price_ends_today_or_later(desk: Desk) -> None:
    """Neither before it begins nor in the past."""
    price_list, product = make_price_list(desk), make_product(desk)
    item = set_price(desk, price_list, product, valid_from=TODAY + timedelta(days=2))
    refusal = desk.refused("end_price_list_item", id=price_list, item_id=item)
    assert told(refusal) == ("INVALID_DATES", ("input", "validTo"))
    assert refusal.message == "validTo 2026-03-02 is too early: the price can end on 2026-03-04 or later."
    desk.later(days=5).do("end_price_list_item", id=price_list, item_id=item)
    assert desk.read(PriceListItem, item).valid_to == TODAY + timedelta(days=5)


def test_a_price_of_a_retired_product_is_refused(desk: Desk) -> None:
    """What is no longer sold gets no new prices."""
    price_list, product = make_price_list(desk), make_product(desk, number="P")
    desk.do("retire_product", id=product)
    refusal = desk.refused("add_price_list_item", id=price_list, product_id=product, amount=Decimal(1))
    assert told(blocked(refusal)) == ("PRODUCT_NOT_ACTIVE", ("input", "productId"))
    assert refusal.message == "Product P is RETIRED; it gets no new prices: activateProduct sells it again."


def test_currencies_are_not_mixed(desk: Desk) -> None:
    """A price is typed in any currency; computed, and with amounts taken off, only in its product's."""
    price_list, product = make_price_list(desk, currency_code="USD"), make_product(desk)
    at = {"id": price_list, "product_id": product}
    refusal = desk.refused("add_price_list_item", **at, pricing_method="PERCENT_OF_LIST", percent=Decimal(90))
    assert told(blocked(refusal)) == ("CURRENCY_MISMATCH", ("input", "pricingMethod"))
    euros = make_discount_list(desk, {"low": Decimal(1), "amount": Decimal(1)}, type="AMOUNT")
    refusal = desk.refused("add_price_list_item", **at, amount=Decimal(9), discount_list_id=euros)
    assert told(blocked(refusal)) == ("CURRENCY_MISMATCH", ("input", "discountListId"))
    assert refusal.message == "The amounts of Volume are in EUR, the price list is in USD."
    set_price(desk, price_list, product)
    (item,) = desk.all(PriceListItem)
    assert (item.currency_code, item.amount) == ("USD", Decimal(90))


def test_an_inactive_discount_list_is_refused(desk: Desk) -> None:
    """New prices use active discount lists only."""
    price_list, product, discounts = make_price_list(desk), make_product(desk), make_discount_list(desk)
    desk.do("deactivate_discount_list", id=discounts)
    given = {"id": price_list, "product_id": product, "amount": Decimal(9), "discount_list_id": discounts}
    refusal = desk.refused("add_price_list_item", **given)
    assert told(blocked(refusal)) == ("DISCOUNT_LIST_INACTIVE", ("input", "discountListId"))
    assert refusal.message == "The discount list Volume is INACTIVE: activateDiscountList makes it ACTIVE."


@pytest.mark.parametrize(
    ("given", "code", "field"),
    [({"name": ""}, "VALIDATION", "name"), ({"name": "Taken"}, "NAME_TAKEN", "name"),
     ({"valid_from": TODAY, "valid_to": TODAY - timedelta(days=1)}, "INVALID_DATES", "validTo"),
     ({"currency_code": "XXX"}, "VALIDATION", "currencyCode")],
)  # fmt: skip
def test_a_price_list_that_cannot_be_is_refused(
    desk: Desk, given: dict[str, Any], code: str, field: str
) -> None:
    """It has a name of its own, a currency, and days in their order."""
    make_price_list(desk, name="Taken")
    assert told(desk.refused("create_price_list", **{"name": "Retail"} | given)) == (code, ("input", field))
    made = make_price_list(desk)
    if field != "currencyCode":
        assert told(desk.refused("update_price_list", id=made, **given)) == (code, ("input", field))
