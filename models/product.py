"""What is sold? The catalogue."""

from decimal import Decimal
from enum import StrEnum
from typing import Annotated

from sqlmodel import Field, Index, select

from models.document import require_currency, require_percent
from models.errors import Invalid
from models.lifecycle import Change, transition
from models.money import Amount, plain
from models.record import choice
from models.status import Staged, reason_key

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

    status: ProductStatus = Field(sa_type=choice(ProductStatus))
    number: str = Field(max_length=40, unique=True)
    name: str = Field(max_length=160)
    description: str | None = Field(default=None, max_length=2000)
    unit: str = Field(max_length=40)
    # Digits behind the point of a quantity, 0 to 5: with 0 only whole units are sold.
    quantity_places: int = 0
    currency_code: str = Field(max_length=3)
    list_price: Decimal = Field(sa_type=Amount)
    standard_cost: Decimal | None = Field(default=None, sa_type=Amount)
    # Percent of the price after discounts, for example 19.
    tax_percent: Decimal = Field(default=Decimal(0), sa_type=Amount)


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
    unit: Annotated[str, "What one is called, for example piece or hour."] = "piece",
    quantity_places: Annotated[int, "Digits behind the point of a quantity, 0 to 5."] = 0,
    standard_cost: Annotated[Decimal | None, "What one unit costs us."] = None,
    tax_percent: Annotated[Decimal, "Tax rate in percent."] = Decimal(0),
    description: Annotated[str | None, "What it is."] = None,
) -> Product:
    """Add a product to the catalogue, as a draft. publishProduct makes it ready to be sold."""
    for field, value in (("number", number), ("name", name), ("unit", unit)):
        if not value:
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
    return change.add(
        change.new(
            Product,
            number=number,
            name=name,
            description=description,
            unit=unit,
            quantity_places=quantity_places,
            currency_code=require_currency(currency_code or change.moment.organization.currency_code),
            list_price=list_price,
            standard_cost=standard_cost,
            tax_percent=tax_percent,
        ),
        status=ProductStatus.DRAFT,
        reason="DRAFT",
    )


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
