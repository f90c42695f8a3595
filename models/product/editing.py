"""How is a product written down and changed, with what it is made of and what goes with it?"""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Annotated
from uuid import UUID

from sqlmodel import col, select

from models.document import require_currency, require_percent, require_positive
from models.errors import Blocker, Invalid, NotFound
from models.lifecycle import KEEP, Change, Fact, Kept, Reference, Seen, guard, kept, transition
from models.money import plain, round_to
from models.product.tables import (
    BundleProduct,
    Product,
    ProductContent,
    ProductRelationship,
    ProductStatus,
    ProductStructure,
    RelationshipType,
)
from models.tax import usable_tax_code
from models.unit import Unit, UnitGroup, unit_named, unit_of_its_own

# Dynamics: decimals supported, 0 to 5.
_MOST_PLACES = 5
# Dynamics: products in a bundle, by default.
_LARGEST_BUNDLE = 15
_EDITED = (ProductStatus.DRAFT, ProductStatus.UNDER_REVISION)

NewUnit = Annotated[
    str | None,
    "The unit that its price is for, by name, for example hour; where left out, the group's base unit"
    " or piece.",
]


@transition(Product, event="product.created")
def create_product(
    change: Change,
    *,
    number: Annotated[str, "The number that people know it by; unique."],
    name: Annotated[str, "Name."],
    list_price: Annotated[Decimal, "Price of one unit, where no price list says otherwise."] = Decimal(0),
    currency_code: Annotated[
        str | None, "ISO 4217 currency of its price and costs; the organisation's where left out."
    ] = None,
    unit: NewUnit = None,
    unit_group_id: Annotated[
        UUID | None, Reference("unit_group"), "The units that it is sold in; that unit alone where left out."
    ] = None,
    quantity_places: Annotated[int, "Digits behind the point of a quantity, 0 to 5."] = 0,
    current_cost: Annotated[Decimal | None, "What one unit costs us now."] = None,
    standard_cost: Annotated[Decimal | None, "What one unit is expected to cost us."] = None,
    tax_percent: Annotated[Decimal, "Tax rate in percent."] = Decimal(0),
    tax_code_id: Annotated[
        UUID | None, Reference("tax_code"), "The tax of its lines; it counts before taxPercent."
    ] = None,
    description: Annotated[str | None, "What it is."] = None,
    structure: Annotated[
        ProductStructure, "A product, a bundle of products, or a family of them."
    ] = ProductStructure.PRODUCT,
    parent_id: Annotated[UUID | None, Reference("product"), "The family that it belongs to."] = None,
    valid_from: Annotated[date | None, "The first day on which it may be put on documents."] = None,
    valid_to: Annotated[date | None, "The last day, itself included."] = None,
) -> Product:
    """Add a product to the catalogue, as a draft. publishProduct makes it ready to be sold."""
    for field, value in (("number", number), ("unit", unit)):
        if value == "":
            message = f"A product needs a {field}."
            raise Invalid(message, path=("input", field))
    if change.session.exec(select(Product.id).where(Product.number == number)).first() is not None:
        message = f"There is a product {number} already; numbers are unique."
        raise Invalid(message, path=("input", "number"), code="NUMBER_TAKEN")
    sold_in = _unit(change, unit_group_id, unit)
    product = change.new(
        Product,
        number=number,
        name=name,
        description=description,
        structure=structure,
        parent_id=None if parent_id is None else _parent(change, parent_id),
        unit_group_id=sold_in.unit_group_id,
        default_unit_id=sold_in.id,
        unit=sold_in.name,
        quantity_places=quantity_places,
        currency_code=require_currency(currency_code or change.moment.organization.currency_code),
        list_price=list_price,
        current_cost=current_cost,
        standard_cost=standard_cost,
        tax_percent=tax_percent,
        tax_code_id=None if tax_code_id is None else usable_tax_code(change, tax_code_id).id,
        valid_from=valid_from,
        valid_to=valid_to,
    )
    _check(product)
    return change.add(product, status=ProductStatus.DRAFT, reason="DRAFT")


@transition(
    Product,
    event="product.updated",
    sources=_EDITED,
    when_read_only="RECORD_READ_ONLY",
    demands_version=True,
)
def update_product(
    change: Change,
    product: Product,
    *,
    name: Annotated[str | Kept, "Name."] = KEEP,
    description: Annotated[str | Kept | None, "What it is."] = KEEP,
    unit: Annotated[str | Kept, "The unit of its group that its price and costs are for, by name."] = KEEP,
    quantity_places: Annotated[int | Kept, "Digits behind the point of a quantity, 0 to 5."] = KEEP,
    list_price: Annotated[Decimal | Kept, "Price of one unit, where no price list says otherwise."] = KEEP,
    current_cost: Annotated[Decimal | Kept | None, "What one unit costs us now."] = KEEP,
    standard_cost: Annotated[Decimal | Kept | None, "What one unit is expected to cost us."] = KEEP,
    tax_percent: Annotated[Decimal | Kept, "Tax rate in percent."] = KEEP,
    tax_code_id: Annotated[
        UUID | Kept | None, Reference("tax_code"), "The tax of its lines; it counts before taxPercent."
    ] = KEEP,
    valid_from: Annotated[date | Kept | None, "The first day on which it may be put on documents."] = KEEP,
    valid_to: Annotated[date | Kept | None, "The last day, itself included."] = KEEP,
) -> None:
    """Change a product that is a draft or under revision (Dataverse: Update product).

    What is sold does not change until publishProduct; revertProduct drops the changes.
    """
    product.name = kept(name, product.name)
    product.description = kept(description, product.description)
    if not isinstance(unit, Kept):
        named = unit_named(change.session, product.unit_group_id, unit)
        product.default_unit_id, product.unit = named.id, named.name
    product.quantity_places = kept(quantity_places, product.quantity_places)
    product.list_price = kept(list_price, product.list_price)
    product.current_cost = kept(current_cost, product.current_cost)
    product.standard_cost = kept(standard_cost, product.standard_cost)
    product.tax_percent = kept(tax_percent, product.tax_percent)
    if not isinstance(tax_code_id, Kept):
        product.tax_code_id = None if tax_code_id is None else usable_tax_code(change, tax_code_id).id
    product.valid_from = kept(valid_from, product.valid_from)
    product.valid_to = kept(valid_to, product.valid_to)
    _check(product)


@guard("NOT_A_BUNDLE", "structure")
def is_bundle(seen: Seen) -> str | None:
    """The product is a bundle."""
    if seen.structure == ProductStructure.BUNDLE:
        return None
    return f"This is a {seen.structure}; only a BUNDLE is made of products: createProduct makes one."


@dataclass
class AddedBundleProduct:
    """The product that was added."""

    bundle_product: Annotated[BundleProduct, "The product of the bundle that was added."]


@transition(
    Product,
    event="product.bundle_product_added",
    sources=_EDITED,
    when_read_only="RECORD_READ_ONLY",
    guards=(is_bundle,),
    demands_version=True,
)
def add_bundle_product(
    change: Change,
    bundle: Product,
    *,
    product_id: Annotated[UUID, Reference("product"), "The product."],
    quantity: Annotated[Decimal, "How many of its default unit belong to one bundle, above zero."] = Decimal(
        1
    ),
    is_required: Annotated[bool, "Whether the bundle is never sold without it."] = True,
) -> AddedBundleProduct:
    """Add a product to a bundle, at most 15 (Dataverse: AddProductToBundle)."""
    path = ("input", "productId")
    product = change.find(Product, product_id, path)
    if product.structure is not ProductStructure.PRODUCT:
        message = f"{product.name} is a {product.structure}; a bundle is made of plain products."
        raise Invalid(message, path=path)
    require_positive(quantity, "quantity")
    if round_to(quantity, product.quantity_places) != quantity:
        message = (
            f"Quantity {plain(quantity)} is finer than {product.name} is sold: "
            f"it has {product.quantity_places} digits behind the point."
        )
        raise Invalid(message, path=("input", "quantity"), code="FRACTIONAL_QUANTITY")
    present = bundled(change, bundle)
    if product.id in {each.product_id for each in present}:
        message = f"{product.name} belongs to the bundle already: removeBundleProduct takes it off."
        raise Invalid(message, path=path)
    if len(present) == _LARGEST_BUNDLE:
        message = (
            f"The bundle has {_LARGEST_BUNDLE} products, which is the most: removeBundleProduct makes room."
        )
        change.refuse(Blocker("BUNDLE_FULL", message, path))
    return AddedBundleProduct(
        change.add(
            change.new(
                BundleProduct,
                bundle_id=bundle.id,
                product_id=product.id,
                quantity=quantity,
                is_required=is_required,
            )
        )
    )


@transition(
    Product,
    event="product.bundle_product_removed",
    sources=_EDITED,
    when_read_only="RECORD_READ_ONLY",
    guards=(is_bundle,),
    demands_version=True,
)
def remove_bundle_product(
    change: Change,
    bundle: Product,
    *,
    product_id: Annotated[UUID, Reference("product"), "The product."],
) -> None:
    """Take a product off a bundle (Dataverse: RemoveProductFromBundle)."""
    for each in bundled(change, bundle):
        if each.product_id == product_id:
            change.remove(each)
            return
    raise NotFound(BundleProduct.noun(), path=("input", "productId"))


@dataclass
class AddedRelationship:
    """The relationship that was added."""

    product_relationship: Annotated[ProductRelationship, "The relationship that was added."]


_RELATED = tuple(each for each in ProductStatus if each is not ProductStatus.RETIRED)


@transition(Product, event="product.related", sources=_RELATED, when_read_only="RECORD_READ_ONLY")
def relate_product(
    change: Change,
    product: Product,
    *,
    related_product_id: Annotated[UUID, Reference("product"), "The product to suggest."],
    type: Annotated[RelationshipType, "What it is suggested as."],  # noqa: A002  # The field's term.
) -> AddedRelationship:
    """Suggest a product where another one is quoted (Dataverse: Create productsubstitute)."""
    path = ("input", "relatedProductId")
    related = change.find(Product, related_product_id, path)
    if related.id == product.id:
        message = "A product is not related to itself."
        raise Invalid(message, path=path)
    statement = select(ProductRelationship.id).where(
        ProductRelationship.product_id == product.id,
        ProductRelationship.related_product_id == related.id,
        ProductRelationship.type == type,
    )
    if change.session.exec(statement).first() is not None:
        message = f"{related.name} is a {type} of {product.name} already."
        raise Invalid(message, path=path)
    return AddedRelationship(
        change.add(
            change.new(ProductRelationship, product_id=product.id, related_product_id=related.id, type=type)
        )
    )


has_relationships = Fact(
    "has_relationships",
    lambda product: (
        select(ProductRelationship.id).where(ProductRelationship.product_id == product.id).exists()
    ),
)


@guard("NOT_RELATED", has_relationships)
def is_related(seen: Seen) -> str | None:
    """Something is suggested where the product is quoted."""
    return None if seen.has_relationships else "Nothing is suggested for the product: relateProduct does."


@transition(
    Product,
    event="product.unrelated",
    sources=_RELATED,
    when_read_only="RECORD_READ_ONLY",
    guards=(is_related,),
)
def unrelate_product(
    change: Change,
    product: Product,
    *,
    relationship_id: Annotated[UUID, Reference("product_relationship"), "The relationship."],
) -> None:
    """Suggest a product no longer (Dataverse: Delete productsubstitute)."""
    relationship = change.session.get(ProductRelationship, relationship_id)
    if relationship is None or relationship.product_id != product.id:
        raise NotFound(ProductRelationship.noun(), path=("input", "relationshipId"))
    change.remove(relationship)


def bundled(change: Change, bundle: Product) -> list[BundleProduct]:
    """Return what a bundle is made of as it is being edited, in the order it was added."""
    statement = select(BundleProduct).where(
        BundleProduct.bundle_id == bundle.id, col(BundleProduct.product_version_id).is_(None)
    )
    return list(change.session.exec(statement.order_by(col(BundleProduct.id))).all())


def _unit(change: Change, group: UUID | None, name: str | None) -> Unit:
    """Return the unit that a product is sold by unless a line says otherwise."""
    if group is None:
        return unit_of_its_own(change, name or "piece")
    change.find(UnitGroup, group, ("input", "unitGroupId"))
    return unit_named(change.session, group, name)


def _parent(change: Change, key: UUID) -> UUID:
    """Return the key of a family that a product may belong to.

    Raises:
        NotFound: there is no such product.
        Invalid: it is no family, or is retired.
    """
    path = ("input", "parentId")
    parent = change.find(Product, key, path)
    if parent.structure is not ProductStructure.PRODUCT_FAMILY or parent.status is ProductStatus.RETIRED:
        message = (
            f"{parent.name} is a {parent.structure} and {parent.status}; "
            "a parent is a PRODUCT_FAMILY that is not RETIRED."
        )
        raise Invalid(message, path=path)
    return parent.id


def _check(content: ProductContent) -> None:
    """Refuse what a product cannot be.

    Raises:
        Invalid: it has no name, or a number is out of its range.
    """
    if not content.name:
        message = "A product needs a name."
        raise Invalid(message, path=("input", "name"))
    if not 0 <= content.quantity_places <= _MOST_PLACES:
        message = f"quantityPlaces is {content.quantity_places}; it is 0 to {_MOST_PLACES}."
        raise Invalid(message, path=("input", "quantityPlaces"))
    for field, amount in (
        ("listPrice", content.list_price),
        ("currentCost", content.current_cost),
        ("standardCost", content.standard_cost),
    ):
        if amount is not None and amount < 0:
            message = f"{field} is {plain(amount)}; it cannot be negative."
            raise Invalid(message, path=("input", field))
    require_percent(content.tax_percent, "tax_percent")
    if content.valid_from and content.valid_to and content.valid_to < content.valid_from:
        message = f"validTo {content.valid_to} lies before validFrom {content.valid_from}."
        raise Invalid(message, path=("input", "validTo"), code="INVALID_DATES")
