"""In what is a quantity counted? Unit groups: a base unit, and units that are multiples of another."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Annotated, ClassVar
from uuid import UUID

from sqlalchemy import UniqueConstraint
from sqlmodel import Field, Index, Session, col, select

from models.document import require_positive
from models.errors import Blocker, Invalid, NotFound
from models.lifecycle import Change, Reference, transition
from models.money import LARGEST, PLACES, Amount, plain, round_to
from models.record import Identifier, Part, Versioned, camel

# Dynamics: a quantity has five places.
_QUANTITY_PLACES = 5


class UnitGroup(Versioned, table=True):
    """Units that count the same thing, so that a quantity in one can be told in another."""

    __tablename__ = "unit_group"
    __table_args__ = (
        Index("ix_unit_group_created_at_id", "created_at", "id"),
        Index("ix_unit_group_updated_at_id", "updated_at", "id"),
    )

    name: str = Field(max_length=80, unique=True)


class Unit(Part, table=True):
    """What one is called, and how many of another unit it is: a box is 12 pieces."""

    __tablename__ = "unit"
    __table_args__ = (UniqueConstraint("unit_group_id", "name"),)
    part_of: ClassVar[str] = "unit_group_id"

    unit_group_id: UUID = Field(foreign_key="unit_group.id", sa_type=Identifier)
    name: str = Field(max_length=40)
    # How many of ``base_unit_id`` it is; 1 for the group's base unit, which is based on none.
    quantity: Decimal = Field(sa_type=Amount)
    base_unit_id: UUID | None = Field(default=None, foreign_key="unit.id", sa_type=Identifier, index=True)
    # How many of the group's base unit it is.
    base_quantity: Decimal = Field(sa_type=Amount)


@transition(UnitGroup, event="unit_group.created")
def create_unit_group(
    change: Change,
    *,
    name: Annotated[str, "Name of the group, for example Packaging; unique."],
    base_unit: Annotated[str, "What the smallest unit is called, for example piece."],
) -> UnitGroup:
    """Make a unit group with its base unit (Dataverse: Create uomschedule). addUnit adds the multiples."""
    change.require_free_name(UnitGroup, name)
    group, _ = _begin(change, name, base_unit, "base_unit")
    return group


@dataclass
class AddedUnit:
    """The unit that was added."""

    unit: Annotated[Unit, "The unit that was added."]


@transition(UnitGroup, event="unit_group.unit_added", sources=("",))
def add_unit(
    change: Change,
    unit_group: UnitGroup,
    *,
    name: Annotated[str, "What one is called, for example box; unique in the group."],
    quantity: Annotated[Decimal, "How many of the unit below it is, above zero."],
    base_unit_id: Annotated[
        UUID | None,
        Reference("unit"),
        "The unit that it is a multiple of; the group's base unit if left out.",
    ] = None,
) -> AddedUnit:
    """Add a unit to a group, as a multiple of another unit of the group (Dataverse: Create uom)."""
    units = units_of(change.session, unit_group.id)
    if not name:
        message = "A unit needs a name."
        raise Invalid(message, path=("input", "name"))
    if name in {each.name for each in units}:
        message = f"The unit group {unit_group.name} has a unit {name} already."
        raise Invalid(message, path=("input", "name"), code="NAME_TAKEN")
    require_positive(quantity, "quantity")
    base = next((each for each in units if base_unit_id in {each.id, None}), None)
    if base is None:
        raise NotFound(Unit.noun(), path=("input", "baseUnitId"))
    in_base_units = quantity * base.base_quantity
    if round_to(quantity, _QUANTITY_PLACES) != quantity or round_to(in_base_units, PLACES) != in_base_units:
        places = _QUANTITY_PLACES
        message = f"{plain(quantity)} {base.name} is finer than is kept: {places} digits behind the point."
        raise Invalid(message, path=("input", "quantity"))
    if in_base_units > LARGEST:
        message = f"{plain(quantity)} {base.name} is more than {plain(LARGEST)} {units[0].name}."
        raise Invalid(message, path=("input", "quantity"))
    return AddedUnit(
        change.add(
            change.new(
                Unit,
                unit_group_id=unit_group.id,
                name=name,
                quantity=quantity,
                base_unit_id=base.id,
                base_quantity=in_base_units,
            )
        )
    )


@transition(UnitGroup, event="unit_group.unit_removed", sources=("",))
def remove_unit(
    change: Change,
    unit_group: UnitGroup,
    *,
    unit_id: Annotated[UUID, Reference("unit"), "The unit."],
) -> None:
    """Take a unit out of a group that nothing is counted in (Dataverse: Delete uom)."""
    units = units_of(change.session, unit_group.id)
    unit = next((each for each in units if each.id == unit_id), None)
    path = ("input", "unitId")
    if unit is None:
        raise NotFound(Unit.noun(), path=path)
    if unit.base_unit_id is None:
        message = (
            f"{unit.name} is the base unit of {unit_group.name}, which its other units are multiples of."
        )
        change.refuse(Blocker("HAS_DOWNSTREAM", message, path))
    if change.is_used(unit):
        message = f"{unit.name} is in use: a product, a line, a price or another unit is counted in it."
        change.refuse(Blocker("HAS_DOWNSTREAM", message, path))
    change.remove(unit)


def units_of(session: Session, *groups: UUID) -> list[Unit]:
    """Return the units of a group, or of several, base units first."""
    statement = (
        select(Unit)
        .where(col(Unit.unit_group_id).in_(groups))
        .order_by(col(Unit.base_unit_id).is_not(None), col(Unit.id))
    )
    return list(session.exec(statement).all())


def unit_named(session: Session, group: UUID, name: str | None) -> Unit:
    """Return the unit of a group that has the name; without a name the base unit.

    Raises:
        Invalid: the group has no such unit.
    """
    return named_among(units_of(session, group), name)


def named_among(units: Iterable[Unit], name: str | None) -> Unit:
    """Return the unit of a group that has the name, of the group's units; without a name the base unit.

    Raises:
        Invalid: the group has no such unit.
    """
    units = list(units)
    for unit in units:
        if name in {unit.name, None}:
            return unit
    names = ", ".join(each.name for each in units)
    message = f"{name!r} is not a unit of this product's unit group; there are {names}: addUnit adds one."
    raise Invalid(message, path=("input", "unit"))


def unit_of_its_own(change: Change, name: str) -> Unit:
    """Return the unit of a name in the group of the same name, which is made if there is none.

    What is sold in pieces or by the hour needs no more than that name.
    """
    group = change.session.exec(select(UnitGroup.id).where(UnitGroup.name == name)).first()
    if group is not None:
        return unit_named(change.session, group, name)
    _, unit = _begin(change, name, name, "unit")
    return unit


def _begin(change: Change, name: str, base_unit: str, argument: str) -> tuple[UnitGroup, Unit]:
    """Write a unit group with its base unit."""
    if not base_unit:
        message = f"A unit needs a name: {camel(argument)} is empty."
        raise Invalid(message, path=("input", camel(argument)))
    group = change.add(change.new(UnitGroup, name=name))
    one = Decimal(1)
    unit = change.new(Unit, unit_group_id=group.id, name=base_unit, quantity=one, base_quantity=one)
    return group, change.add(unit)


def in_unit(amount: Decimal, default: Unit, unit: Unit) -> Decimal:
    """Return what one ``unit`` comes to where one ``default`` comes to ``amount``, to six places."""
    return round_to(amount * unit.base_quantity / default.base_quantity, PLACES)
