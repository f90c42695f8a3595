"""What is a product, which versions does it have, and what goes with it?"""

from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import ClassVar
from uuid import UUID

from sqlalchemy import UniqueConstraint
from sqlmodel import Field, Index, SQLModel

from models.money import Amount
from models.record import Identifier, Part, Record, choice
from models.status import Staged, reason_key


class ProductStatus(StrEnum):
    """Whether a product may be put on documents."""

    DRAFT = "DRAFT"
    ACTIVE = "ACTIVE"
    UNDER_REVISION = "UNDER_REVISION"
    RETIRED = "RETIRED"


SOLD = (ProductStatus.ACTIVE, ProductStatus.UNDER_REVISION)
"""The states in which a product goes on documents; under revision it does as it was published last."""


class ProductStructure(StrEnum):
    """What a product is made of."""

    PRODUCT = "PRODUCT"
    PRODUCT_FAMILY = "PRODUCT_FAMILY"
    BUNDLE = "BUNDLE"


class RelationshipType(StrEnum):
    """What a related product is suggested as."""

    SUBSTITUTE = "SUBSTITUTE"
    CROSS_SELL = "CROSS_SELL"
    UP_SELL = "UP_SELL"
    ACCESSORY = "ACCESSORY"


class ProductContent(SQLModel):
    """What is published of a product, and stays with the documents that quote it."""

    name: str = Field(max_length=160)
    description: str | None = Field(default=None, max_length=2000)
    # The default unit, and its name: what the price and the costs are for.
    default_unit_id: UUID = Field(foreign_key="unit.id", sa_type=Identifier, index=True)
    unit: str = Field(max_length=40)
    # Digits behind the point of a quantity, 0 to 5: with 0 only whole units are sold.
    quantity_places: int = 0
    currency_code: str = Field(max_length=3)
    list_price: Decimal = Field(sa_type=Amount)
    # What a unit costs us now, and what it is expected to cost.
    current_cost: Decimal | None = Field(default=None, sa_type=Amount)
    standard_cost: Decimal | None = Field(default=None, sa_type=Amount)
    # Percent of the price after discounts, for example 19.
    tax_percent: Decimal = Field(default=Decimal(0), sa_type=Amount)
    # The tax that a line of it has unless another is named; it counts before the percentage.
    tax_code_id: UUID | None = Field(default=None, foreign_key="tax_code.id", sa_type=Identifier, index=True)
    # The days on which it may be put on documents, both included; without a bound where null.
    valid_from: date | None = None
    valid_to: date | None = None


CONTENT = tuple(ProductContent.model_fields)


class Product(Staged, ProductContent, table=True):
    """A thing or service with a price in one currency; a bundle of such; or a family of them.

    Its content is what is being edited; what is sold is the version that was published last.
    """

    __tablename__ = "product"
    __table_args__ = (
        reason_key(),
        Index("ix_product_name_id", "name", "id"),
        Index("ix_product_created_at_id", "created_at", "id"),
        Index("ix_product_updated_at_id", "updated_at", "id"),
    )
    titled: ClassVar[tuple[str, ...]] = ("number", "name")
    searched: ClassVar[tuple[str, ...]] = ("description",)
    read_only: ClassVar[frozenset[StrEnum]] = frozenset({ProductStatus.ACTIVE, ProductStatus.RETIRED})

    status: ProductStatus = Field(sa_type=choice(ProductStatus))
    number: str = Field(max_length=40, unique=True)
    structure: ProductStructure = Field(sa_type=choice(ProductStructure))
    # The family that it belongs to.
    parent_id: UUID | None = Field(default=None, foreign_key="product.id", sa_type=Identifier, index=True)
    unit_group_id: UUID = Field(foreign_key="unit_group.id", sa_type=Identifier, index=True)
    # That of the version published last; 0 before the first.
    revision: int = 0


class ProductVersion(Record, ProductContent, table=True):
    """A product as it was published. Never changed: a line that quotes it goes on showing it."""

    __tablename__ = "product_version"
    __table_args__ = (UniqueConstraint("product_id", "revision"),)

    product_id: UUID = Field(foreign_key="product.id", sa_type=Identifier)
    revision: int


class BundleProduct(Part, table=True):
    """A product that a bundle is made of: as it is being edited, or as a version of the bundle has it."""

    __tablename__ = "bundle_product"
    part_of: ClassVar[str] = "bundle_id"

    bundle_id: UUID = Field(foreign_key="product.id", sa_type=Identifier, index=True)
    # The version of the bundle that it belongs to; null for what is being edited.
    product_version_id: UUID | None = Field(
        default=None, foreign_key="product_version.id", sa_type=Identifier, index=True
    )
    product_id: UUID = Field(foreign_key="product.id", sa_type=Identifier, index=True)
    # Of the product's default unit, for one bundle.
    quantity: Decimal = Field(sa_type=Amount)
    is_required: bool


class ProductRelationship(Part, table=True):
    """A product that is suggested where another one is quoted."""

    __tablename__ = "product_relationship"
    __table_args__ = (UniqueConstraint("product_id", "related_product_id", "type"),)
    part_of: ClassVar[str] = "product_id"

    product_id: UUID = Field(foreign_key="product.id", sa_type=Identifier)
    related_product_id: UUID = Field(foreign_key="product.id", sa_type=Identifier, index=True)
    type: RelationshipType = Field(sa_type=choice(RelationshipType))
