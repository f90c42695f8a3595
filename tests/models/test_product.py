"""Does the catalogue hold only what can be sold?"""

from decimal import Decimal
from typing import Any

from models.product import Product
from tests.desk import Desk, at_once, told
from tests.factories import make_product


def test_a_product_is_a_draft_until_it_is_published(desk: Desk) -> None:
    """A new product may not be sold yet; publishing makes it ACTIVE."""
    product = desk.do("create_product", number="MP-1", name="Pump", list_price=Decimal("489.005"))["product"]
    row = desk.read(Product, product)
    assert (row.status, row.unit, row.currency_code, row.list_price) == (
        "DRAFT", "piece", "EUR", Decimal("489.005"),
    )  # fmt: skip
    assert (row.structure, row.revision) == ("PRODUCT", 0)
    assert desk.allowed(product) == [
        "updateProduct", "relateProduct", "publishProduct",
    ]  # fmt: skip
    desk.do("publish_product", id=product)
    assert (desk.row(product).status, desk.allowed(product)) == (
        "ACTIVE", ["relateProduct", "reviseProduct", "retireProduct"],
    )  # fmt: skip


_IMPOSSIBLE: list[tuple[dict[str, Any], str]] = [
    ({"number": " "}, "number"),
    ({"name": ""}, "name"),
    ({"unit": ""}, "unit"),
    ({"quantity_places": -1}, "quantityPlaces"),
    ({"quantity_places": 6}, "quantityPlaces"),
    ({"list_price": Decimal(-1)}, "listPrice"),
    ({"standard_cost": Decimal(-1)}, "standardCost"),
    ({"current_cost": Decimal(-1)}, "currentCost"),
    ({"tax_percent": Decimal(101)}, "taxPercent"),
    ({"tax_percent": Decimal(-1)}, "taxPercent"),
    ({"currency_code": "eur"}, "currencyCode"),
    ({"number": "x" * 41}, "number"),
]


def test_a_product_that_cannot_be_is_refused(desk: Desk) -> None:
    """Each impossible value is refused with the path of its argument."""
    valid = {"number": "MP-1", "name": "Pump", "list_price": Decimal(1)}
    for given, field in _IMPOSSIBLE:
        assert told(desk.refused("create_product", **valid | given)) == ("VALIDATION", ("input", field))


def test_a_number_is_given_once(desk: Desk) -> None:
    """A second product of the same number is refused."""
    make_product(desk, number="MP-1")
    refusal = desk.refused("create_product", number="MP-1", name="Other", list_price=Decimal(1))
    assert told(refusal) == ("NUMBER_TAKEN", ("input", "number"))
    assert refusal.message == "There is a product MP-1 already; numbers are unique."


def test_a_number_at_once_is_given_once(crowd: Desk) -> None:
    """Of twenty who take a number at once one gets it; the others are refused, not broken."""

    def take(_: int) -> str:
        try:
            return str(
                crowd.do("create_product", number="MP-1", name="Pump", list_price=Decimal(1))["product"]
            )
        except Exception as fault:  # noqa: BLE001  # Whatever it is shows in the comparison.
            return str(getattr(fault, "code", repr(fault)))

    answers = at_once(20, take)
    assert answers.count("NUMBER_TAKEN") == 19
    assert len(crowd.all(Product)) == 1
