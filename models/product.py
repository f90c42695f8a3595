"""What is sold? The catalogue."""

from decimal import Decimal
from enum import StrEnum
from typing import Annotated, ClassVar
from uuid import UUID

from sqlmodel import Field, Index, select

from models.document import require_currency, require_percent
from models.errors import Invalid
from models.lifecycle import Change, Reference, transition
from models.money import Amount, plain
from models.record import Identifier, choice
from models.status import Staged, reason_key
from models.tax import usable_tax_code
from models.unit import Unit, UnitGroup, unit_named, unit_of_its_own

# Dynamics: decimals supported, 0 to 5.
_MOST_PLACES = 5


class ProductStatus(StrEnum):
    """Whether a product may be put on documents."""

    DRAFT = "DRAFT"
    ACTIVE = "ACTIVE"
    UNDER_REVISION = "UNDER_REVISION"
    RETIRED = "RETIRED"


class Product(Staged, table=True):
    """A thing or service with a price in one currency."""

    __tablename__ = "product"
    __table_args__ = (
        reason_key(),
        Index("ix_product_name_id", "name", "id"),
        Index("ix_product_created_at_id", "created_at", "id"),
        Index("ix_product_updated_at_id", "updated_at", "id"),
    )
    titled: ClassVar[tuple[str, ...]] = ("number", "name")
    searched: ClassVar[tuple[str, ...]] = ("description",)

    status: ProductStatus = Field(sa_type=choice(ProductStatus))
    number: str = Field(max_length=40, unique=True)
    name: str = Field(max_length=160)
    description: str | None = Field(default=None, max_length=2000)
    unit_group_id: UUID = Field(foreign_key="unit_group.id", sa_type=Identifier, index=True)
    # The default unit, and its name: what the prices and costs are for.
    default_unit_id: UUID = Field(foreign_key="unit.id", sa_type=Identifier, index=True)
    unit: str = Field(max_length=40)
    # Digits behind the point of a quantity, 0 to 5: with 0 only whole units are sold.
    quantity_places: int = 0
    currency_code: str = Field(max_length=3)
    list_price: Decimal = Field(sa_type=Amount)
    standard_cost: Decimal | None = Field(default=None, sa_type=Amount)
    # Percent of the price after discounts, for example 19.
    tax_percent: Decimal = Field(default=Decimal(0), sa_type=Amount)
    # The tax that a line of it has unless another is named; it counts before the percentage.
    tax_code_id: UUID | None = Field(default=None, foreign_key="tax_code.id", sa_type=Identifier, index=True)


@transition(Product, event="product.created")
def create_product(
    change: Change,
    *,
    number: Annotated[str, "The number that people know it by; unique."],
    name: Annotated[str, "Name."],
    list_price: Annotated[Decimal, "Price of one unit."],
    currency_code: Annotated[
        str | None, "ISO 4217 currency of the price; the organisation's where left out."
    ] = None,
    unit: Annotated[
        str | None,
        "The unit that its price is for, by name, for example hour; where left out, the group's base unit "
        "or piece.",
    ] = None,
    unit_group_id: Annotated[
        UUID | None, Reference("unit_group"), "The units that it is sold in; that unit alone where left out."
    ] = None,
    quantity_places: Annotated[int, "Digits behind the point of a quantity, 0 to 5."] = 0,
    standard_cost: Annotated[Decimal | None, "What one unit costs us."] = None,
    tax_percent: Annotated[Decimal, "Tax rate in percent."] = Decimal(0),
    tax_code_id: Annotated[
        UUID | None, Reference("tax_code"), "The tax of its lines; it counts before taxPercent."
    ] = None,
    description: Annotated[str | None, "What it is."] = None,
) -> Product:
    """Add a product to the catalogue, as a draft. publishProduct makes it ready to be sold."""
    for field, value in (("number", number), ("name", name), ("unit", unit)):
        if value == "":
            message = f"A product needs a {field}."
            raise Invalid(message, path=("input", field))
    if not 0 <= quantity_places <= _MOST_PLACES:
        message = f"quantityPlaces is {quantity_places}; it is 0 to {_MOST_PLACES}."
        raise Invalid(message, path=("input", "quantityPlaces"))
    for field, amount in (("listPrice", list_price), ("standardCost", standard_cost)):
        if amount is not None and amount < 0:
            message = f"{field} is {plain(amount)}; it cannot be negative."
            raise Invalid(message, path=("input", field))
    require_percent(tax_percent, "tax_percent")
    if change.session.exec(select(Product.id).where(Product.number == number)).first() is not None:
        message = f"There is a product {number} already; numbers are unique."
        raise Invalid(message, path=("input", "number"), code="NUMBER_TAKEN")
    sold_in = _unit(change, unit_group_id, unit)
    return change.add(
        change.new(
            Product,
            number=number,
            name=name,
            description=description,
            unit_group_id=sold_in.unit_group_id,
            default_unit_id=sold_in.id,
            unit=sold_in.name,
            quantity_places=quantity_places,
            currency_code=require_currency(currency_code or change.moment.organization.currency_code),
            list_price=list_price,
            standard_cost=standard_cost,
            tax_percent=tax_percent,
            tax_code_id=None if tax_code_id is None else usable_tax_code(change, tax_code_id).id,
        ),
        status=ProductStatus.DRAFT,
        reason="DRAFT",
    )


def _unit(change: Change, group: UUID | None, name: str | None) -> Unit:
    """Return the unit that a product is sold by unless a line says otherwise."""
    if group is None:
        return unit_of_its_own(change, name or "piece")
    change.find(UnitGroup, group, ("input", "unitGroupId"))
    return unit_named(change.session, group, name)


@transition(
    Product,
    event="product.published",
    sources=(ProductStatus.DRAFT,),
    target=ProductStatus.ACTIVE,
    reason="ACTIVE",
)
def publish_product(change: Change, product: Product) -> None:
    """Make a draft product ready to be put on documents (Dataverse: PublishProduct)."""
    del change, product
