"""What does the schema show of units and their groups?"""

from graphql_api.types.backed import backed_by, column, one
from graphql_api.types.node import Node, Versioned
from graphql_api.types.paging import many, ordered
from graphql_api.types.timeline import own_story
from models.unit import Unit as UnitTable
from models.unit import UnitGroup as UnitGroupTable

ordered(
    UnitGroupTable,
    created_at="When the unit group was made.",
    updated_at="When the unit group was changed last.",
    name="By name.",
)


@backed_by(UnitGroupTable)
class UnitGroup(Versioned, Node):
    """Units that count the same thing: a base unit, and units that are multiples of another."""

    name = column("Name of the group; unique.")
    units = many(
        "unit", "unit_group_id", "Its units, the base unit first.", order=(("base_quantity", False),)
    )
    products = many("product", "unit_group_id", "The products that are sold in its units.")
    timeline = own_story()


@backed_by(UnitTable)
class Unit(Node):
    """What one is called, and how many of another unit it is: a box is 12 pieces."""

    created_at = column("When the unit was added.")
    unit_group = one("The group that it belongs to.")
    name = column("What one is called, for example box.")
    quantity = column("How many of the unit below it is; 1 for the base unit.")
    base_unit = one("The unit that it is a multiple of; null for the base unit of the group.")
    base_quantity = column("How many of the group's base unit it is.")
    multiples = many("unit", "base_unit_id", "The units that are multiples of this one.")
    price_list_items = many("price_list_item", "unit_id", "The prices that are for it.")
