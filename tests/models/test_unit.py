"""Can a quantity be counted in any unit of its group, and is each unit a multiple that can be kept?"""

from decimal import Decimal
from typing import Any

import pytest

from models.opportunity import OpportunityLine
from models.product import Product
from models.record import new_id, public_id
from models.unit import Unit, UnitGroup
from tests.desk import Desk, blocked, told
from tests.factories import Item, make_opportunity, make_product
from tests.process import make_unit_group


def test_a_unit_is_a_multiple_of_another(desk: Desk) -> None:
    """A pallet of 40 boxes of 12 pieces is 480 pieces."""
    group = make_unit_group(desk, box="12")
    piece, box = desk.all(Unit, unit_group_id=group)
    pallet = desk.do(
        "add_unit", id=group, name="pallet", quantity=Decimal(40), base_unit_id=box.public_id
    )["unit"]  # fmt: skip
    assert [(each.name, each.quantity, each.base_quantity) for each in (piece, box)] == [
        ("piece", Decimal(1), Decimal(1)), ("box", Decimal(12), Decimal(12)),
    ]  # fmt: skip
    row = desk.read(Unit, pallet)
    assert (row.quantity, row.base_unit_id, row.base_quantity) == (Decimal(40), box.id, Decimal(480))
    assert (piece.base_unit_id, box.base_unit_id) == (None, piece.id)
    group_row = desk.read(UnitGroup, group)
    assert (group_row.name, group_row.version) == ("Packaging", 3)
    assert [each.type for each in desk.events_of(group)] == [
        "unit_group.created", "unit_group.unit_added", "unit_group.unit_added",
    ]  # fmt: skip


_IMPOSSIBLE: list[tuple[dict[str, Any], str, str, str]] = [
    ({"name": " "}, "VALIDATION", "name", "A unit needs a name."),
    ({"name": "box"}, "NAME_TAKEN", "name", "The unit group Packaging has a unit box already."),
    ({"quantity": Decimal(0)}, "VALIDATION", "quantity", "quantity is 0; it has to be above zero."),
    (
        {"quantity": Decimal("0.000001")}, "VALIDATION", "quantity",
        "0.000001 piece is finer than is kept: 5 digits behind the point.",
    ),
    (
        {"quantity": Decimal(10) ** 13}, "VALIDATION", "quantity",
        "10000000000000 piece is more than 9000000000000 piece.",
    ),
    (
        {"base_unit_id": public_id("unit", new_id())}, "NOT_FOUND", "baseUnitId",
        "There is no such unit that you may see.",
    ),
]  # fmt: skip


def test_a_unit_that_cannot_be_is_refused(desk: Desk) -> None:
    """Each impossible value is refused with its path and its reason."""
    group = make_unit_group(desk, box="12")
    for given, code, field, message in _IMPOSSIBLE:
        refusal = desk.refused("add_unit", id=group, **{"name": "crate", "quantity": Decimal(6)} | given)
        assert (*told(refusal), refusal.message) == (code, ("input", field), message)


@pytest.mark.parametrize(
    ("given", "code", "field", "message"),
    [
        ({"name": ""}, "VALIDATION", "name", "A unit group needs a name."),
        ({"base_unit": ""}, "VALIDATION", "baseUnit", "A unit needs a name: baseUnit is empty."),
        (
            {"name": "Packaging"}, "NAME_TAKEN", "name",
            "There is a unit group Packaging already; names are unique.",
        ),
    ],
)  # fmt: skip
def test_a_unit_group_that_cannot_be_is_refused(
    desk: Desk, given: dict[str, str], code: str, field: str, message: str
) -> None:
    """A group has a name of its own and a base unit."""
    make_unit_group(desk)
    refusal = desk.refused("create_unit_group", **{"name": "Time", "base_unit": "hour"} | given)
    assert (*told(refusal), refusal.message) == (code, ("input", field), message)


def test_a_unit_that_nothing_is_counted_in_is_removed(desk: Desk) -> None:
    """The base unit and a unit in use stay; another one goes."""
    group = make_unit_group(desk, box="12", crate="6")
    piece, box, crate = (each.public_id for each in desk.all(Unit, unit_group_id=group))
    make_product(desk, unit_group_id=group, unit="box")
    for unit, message in (
        (piece, "piece is the base unit of Packaging, which its other units are multiples of."),
        (box, "box is in use: a product, a line, a price or another unit is counted in it."),
    ):
        refusal = desk.refused("remove_unit", id=group, unit_id=unit)
        assert (*told(blocked(refusal)), refusal.message) == ("HAS_DOWNSTREAM", ("input", "unitId"), message)
    desk.do("remove_unit", id=group, unit_id=crate)
    assert [each.name for each in desk.all(Unit, unit_group_id=group)] == ["piece", "box"]
    refusal = desk.refused("remove_unit", id=group, unit_id=crate)
    assert told(refusal) == ("NOT_FOUND", ("input", "unitId"))


def test_a_product_is_sold_by_a_unit_of_its_group(desk: Desk) -> None:
    """It names one, or takes the base unit; another group's unit is refused."""
    group = make_unit_group(desk, box="12")
    piece, box = desk.all(Unit, unit_group_id=group)
    boxed = desk.read(Product, make_product(desk, unit_group_id=group, unit="box"))
    single = desk.read(Product, make_product(desk, unit_group_id=group))
    assert (boxed.unit_group_id, boxed.default_unit_id, boxed.unit) == (box.unit_group_id, box.id, "box")
    assert (single.default_unit_id, single.unit) == (piece.id, "piece")
    refusal = desk.refused(
        "create_product", number="H", name="Hose", list_price=Decimal(1), unit_group_id=group, unit="meter"
    )
    assert told(refusal) == ("VALIDATION", ("input", "unit"))
    assert refusal.message == (
        "'meter' is not a unit of this product's unit group; there are piece, box: addUnit adds one."
    )


def test_a_unit_without_a_group_gets_one_of_its_name(desk: Desk) -> None:
    """Two products that are sold by the hour share the group that the first one made."""
    first, second = (desk.read(Product, make_product(desk, unit="hour")) for _ in range(2))
    assert first.default_unit_id == second.default_unit_id
    (group,) = desk.all(UnitGroup)
    assert (group.name, group.id) == ("hour", first.unit_group_id)


@pytest.mark.parametrize(("unit", "price"), [("piece", "1.5"), ("pallet", "720"), ("box", "18")])
def test_a_line_is_counted_in_any_unit_of_its_product(desk: Desk, unit: str, price: str) -> None:
    """The list price of a box of 12 tells that of a piece and of a pallet of 480."""
    group = make_unit_group(desk, box="12", pallet="480")
    product = make_product(desk, unit_group_id=group, unit="box", list_price=Decimal(18))
    opportunity = make_opportunity(desk, ())
    made = desk.do(
        "add_opportunity_line", id=opportunity, expected_version=None, product_id=product, unit=unit,
        quantity=Decimal(2),
    )  # fmt: skip
    line = desk.read(OpportunityLine, made["line"])
    named = {each.name: each.id for each in desk.all(Unit, unit_group_id=group)}
    assert (line.unit, line.counted_in_id, line.price_per_unit) == (unit, named[unit], Decimal(price))
    assert line.base_amount == 2 * Decimal(price)


def test_a_line_changes_its_unit_and_with_it_its_price(desk: Desk) -> None:
    """A price that was typed stands; a unit that the product is not sold in is refused."""
    group = make_unit_group(desk, box="12")
    product = make_product(desk, unit_group_id=group, list_price=Decimal(2))
    opportunity = make_opportunity(desk, ())
    at = {"id": opportunity, "expected_version": None}
    line = desk.do("add_opportunity_line", **at, product_id=product, quantity=Decimal(1))["line"]
    desk.do("update_opportunity_line", **at, line_id=line, unit="box")
    assert (desk.row(line).unit, desk.row(line).price_per_unit) == ("box", 24)
    desk.do("update_opportunity_line", **at, line_id=line, price_per_unit=Decimal(20))
    desk.do("update_opportunity_line", **at, line_id=line, unit="piece")
    assert (desk.row(line).price_per_unit, desk.row(line).is_price_overridden) == (20, True)
    desk.do("update_opportunity_line", **at, line_id=line, price_per_unit=None)
    assert (desk.row(line).price_per_unit, desk.row(line).is_price_overridden) == (2, False)
    refusal = desk.refused("update_opportunity_line", **at, line_id=line, unit="meter")
    assert told(refusal) == ("VALIDATION", ("input", "unit"))


def test_a_line_that_is_written_in_has_any_unit(desk: Desk) -> None:
    """It is a name and no more, and its price stays what was typed."""
    opportunity = make_opportunity(desk, [Item(price="9")])
    (line,) = desk.all(OpportunityLine)
    desk.do(
        "update_opportunity_line", id=opportunity, expected_version=None, line_id=line.public_id, unit="truck"
    )  # fmt: skip
    row = desk.read(OpportunityLine, line.public_id)
    assert (row.unit, row.counted_in_id, row.price_per_unit, row.is_price_overridden) == (
        "truck",
        None,
        Decimal(9),
        False,
    )
