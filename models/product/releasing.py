"""When may a product be sold, and as what? Publishing, revising, retiring."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any
from uuid import UUID

from sqlalchemy.orm import aliased
from sqlmodel import col, delete, func, insert, select

from models.errors import Blocker
from models.lifecycle import Change, Fact, Seen, guard, transition
from models.product.tables import (
    CONTENT,
    SOLD,
    BundleProduct,
    Product,
    ProductStatus,
    ProductStructure,
    ProductVersion,
)
from models.record import new_id

_parent = aliased(Product)
_bundle = aliased(Product)
_part = aliased(Product)

parent_status = Fact(
    "parent_status",
    lambda product: select(_parent.status).where(_parent.id == product.parent_id).scalar_subquery(),
)
bundle_size = Fact(
    "bundle_size",
    lambda product: (
        select(func.count()).where(BundleProduct.bundle_id == product.id, _is_edited()).scalar_subquery()
    ),
)
has_unsold_part = Fact(
    "has_unsold_part",
    lambda product: (
        select(BundleProduct.id)
        .join(_part, col(_part.id) == BundleProduct.product_id)
        .where(BundleProduct.bundle_id == product.id, _is_edited(), col(_part.status).not_in(SOLD))
        .exists()
    ),
)
is_in_active_bundle = Fact("is_in_active_bundle", lambda product: _sold_with(product.id).exists())


def _is_edited() -> Any:  # A condition.
    """Return the condition that a product of a bundle is one of those being edited."""
    return col(BundleProduct.product_version_id).is_(None)


def _sold_with(product: Any) -> Any:  # A key or a column; a statement.
    """Return the active bundles that a product belongs to."""
    return (
        select(BundleProduct.id)
        .join(_bundle, col(_bundle.id) == BundleProduct.bundle_id)
        .where(BundleProduct.product_id == product, _is_edited(), col(_bundle.status).in_(SOLD))
    )


@guard("PARENT_NOT_ACTIVE", parent_status)
def parent_active(seen: Seen) -> str | None:
    """The family that the product belongs to is active, if it has one."""
    if seen.parent_status in {None, ProductStatus.ACTIVE}:
        return None
    return f"The product's family is {seen.parent_status}: publishProduct makes it ACTIVE."


@guard("EMPTY_BUNDLE", "structure", bundle_size)
def bundle_filled(seen: Seen) -> str | None:
    """A bundle has a product."""
    if seen.structure != ProductStructure.BUNDLE or seen.bundle_size:
        return None
    return "The bundle has no products: addBundleProduct adds one."


@guard("PRODUCT_NOT_ACTIVE", has_unsold_part)
def bundle_sold(seen: Seen) -> str | None:
    """Each product of a bundle is active."""
    if not seen.has_unsold_part:
        return None
    return (
        "A product of the bundle is not active: publishProduct makes a draft ACTIVE, or removeBundleProduct."
    )


@guard("IN_ACTIVE_BUNDLE", is_in_active_bundle)
def free_of_bundles(seen: Seen) -> str | None:
    """The product belongs to no active bundle."""
    if not seen.is_in_active_bundle:
        return None
    return (
        "The product belongs to an active bundle: take it off with removeBundleProduct, or retire the bundle."
    )


@guard("NOT_A_PLAIN_PRODUCT", "structure", "parent_id")
def plain(seen: Seen) -> str | None:
    """The product is neither a family nor a bundle, and belongs to no family."""
    if seen.structure == ProductStructure.PRODUCT and seen.parent_id is None:
        return None
    return (
        "Families, bundles and products of a family are not activated again: createProduct makes a new one."
    )


@transition(
    Product,
    event="product.published",
    sources=(ProductStatus.DRAFT, ProductStatus.UNDER_REVISION),
    target=ProductStatus.ACTIVE,
    reason="ACTIVE",
    guards=(parent_active, bundle_filled, bundle_sold),
)
def publish_product(change: Change, product: Product) -> None:
    """Make a product ready to be put on documents, as a new version (Dataverse: PublishProductHierarchy).

    Documents that quote an earlier version keep it.
    """
    _publish(change, [product])


@guard("NOT_A_FAMILY", "structure")
def is_family(seen: Seen) -> str | None:
    """The product is a family."""
    if seen.structure == ProductStructure.PRODUCT_FAMILY:
        return None
    return f"This is a {seen.structure}; only a PRODUCT_FAMILY is published with others: use publishProduct."


@dataclass
class PublishedFamily:
    """What was published."""

    published: Annotated[
        list[Product],
        "The products that were published, families first; empty where all of them were active.",
    ]


@transition(
    Product,
    event="product.family_published",
    sources=(ProductStatus.DRAFT, ProductStatus.ACTIVE, ProductStatus.UNDER_REVISION),
    target=ProductStatus.ACTIVE,
    when_read_only="RECORD_READ_ONLY",
    guards=(is_family, parent_active),
)
def publish_product_family(change: Change, family: Product) -> PublishedFamily:
    """Publish a family with every draft and revision in it, at once (Dataverse: PublishProductHierarchy).

    Each gets its next version. What is active stays as it is; what belongs to a retired family is left.
    """
    open_to = {family.id}
    below = []
    for each in sorted(_family(change, family), key=lambda product: product.id):
        # A product is made after its family, so that families come first.
        if each.parent_id in open_to and each.status is not ProductStatus.RETIRED:
            open_to.add(each.id)
            below.append(each)
    published = [each for each in (family, *below) if each.status is not ProductStatus.ACTIVE]
    _require_sold(change, {each.id for each in published})
    for each in published:
        change.become(each, ProductStatus.ACTIVE, "ACTIVE")
        if each is not family:
            change.tell(each, "product.published")
    _publish(change, published)
    return PublishedFamily(published)


def _publish(change: Change, products: Sequence[Product]) -> None:
    """Give products their next versions."""
    versions: dict[UUID, UUID | None] = {}
    for each in products:
        each.revision += 1
        content = {name: getattr(each, name) for name in CONTENT}
        version = change.new(ProductVersion, product_id=each.id, revision=each.revision, **content)
        versions[each.id] = change.add(version).id
    bundles = [each.id for each in products if each.structure is ProductStructure.BUNDLE]
    _copy_bundles(change, {key: versions[key] for key in bundles}, None)


@transition(
    Product,
    event="product.revised",
    sources=(ProductStatus.ACTIVE,),
    target=ProductStatus.UNDER_REVISION,
    reason="UNDER_REVISION",
)
def revise_product(change: Change, product: Product) -> None:
    """Begin to change a product (Dataverse: ReviseProduct).

    It goes on being sold as it was published last: publishProduct makes the changes hold, revertProduct drops
    them.
    """
    del change, product


@transition(
    Product,
    event="product.reverted",
    sources=(ProductStatus.UNDER_REVISION,),
    target=ProductStatus.ACTIVE,
    reason="ACTIVE",
)
def revert_product(change: Change, product: Product) -> None:
    """Drop the changes of a product since it was published last (Dataverse: RevertProduct)."""
    version = change.session.exec(
        select(ProductVersion).where(
            ProductVersion.product_id == product.id, ProductVersion.revision == product.revision
        )
    ).one()
    for name in CONTENT:
        setattr(product, name, getattr(version, name))
    change.session.exec(delete(BundleProduct).where(col(BundleProduct.bundle_id) == product.id, _is_edited()))
    if product.structure is ProductStructure.BUNDLE:
        _copy_bundles(change, {product.id: None}, version.id)


@transition(
    Product,
    event="product.retired",
    sources=(ProductStatus.ACTIVE,),
    target=ProductStatus.RETIRED,
    reason="RETIRED",
    guards=(free_of_bundles,),
)
def retire_product(change: Change, product: Product) -> None:
    """Sell a product no longer (Dataverse: RetireProduct). Documents that quote it keep it.

    A family takes all that is sold of it along.
    """
    if product.structure is not ProductStructure.PRODUCT_FAMILY:
        return
    sold = [each for each in _family(change, product) if each.status in SOLD]
    _require_free(change, sold)
    for each in sold:
        change.become(each, ProductStatus.RETIRED, "RETIRED")
        change.tell(each, "product.retired")


@transition(
    Product,
    event="product.activated",
    sources=(ProductStatus.RETIRED,),
    target=ProductStatus.ACTIVE,
    reason="ACTIVE",
    guards=(plain,),
)
def activate_product(change: Change, product: Product) -> None:
    """Sell a retired product again, as it was published last (Dataverse: SetState to Active)."""
    del change, product


def _copy_bundles(change: Change, targets: Mapping[UUID, UUID | None], source: UUID | None) -> None:
    """Copy what bundles are made of from a version to one each; None stands for what is being edited."""
    if not targets:
        return
    change.flush()
    found = change.session.exec(
        select(BundleProduct)
        .where(col(BundleProduct.bundle_id).in_(targets), col(BundleProduct.product_version_id) == source)
        .order_by(col(BundleProduct.id))
    ).all()
    rows = [
        each.model_dump()
        | {"id": new_id(), "created_at": change.now, "product_version_id": targets[each.bundle_id]}
        for each in found
    ]
    # The versions of a bundle are not told one by one: its event says that it was published.
    if rows:
        change.session.execute(insert(BundleProduct), rows)


def _require_sold(change: Change, keys: Collection[UUID]) -> None:
    """Refuse to publish bundles that are empty, or have a product that is neither sold nor published.

    Raises:
        Blocked: naming the bundles.
    """
    parts = select(BundleProduct.id).where(BundleProduct.bundle_id == _bundle.id, _is_edited())
    unsold = parts.join(_part, col(_part.id) == BundleProduct.product_id).where(
        col(_part.status).not_in(SOLD), col(_part.id).not_in(keys)
    )
    for code, lacking, words in (
        ("EMPTY_BUNDLE", ~parts.exists(), "have no products: addBundleProduct adds one"),
        ("PRODUCT_NOT_ACTIVE", unsold.exists(), "have products that are not active: publish those first"),
    ):
        bundles = select(_bundle.number).where(
            col(_bundle.id).in_(keys), _bundle.structure == ProductStructure.BUNDLE, lacking
        )
        if numbers := change.session.exec(bundles.order_by(_bundle.number)).all():
            message = f"The bundles {', '.join(numbers)} of the family {words}."
            change.refuse(Blocker(code, message, ("input", "id")))


def _family(change: Change, product: Product) -> list[Product]:
    """Return the products of a family, and those of the families in it."""
    below = select(Product.id).where(Product.parent_id == product.id).cte("below", recursive=True)
    children = aliased(Product)
    below = below.union_all(select(children.id).join(below, col(children.parent_id) == below.c.id))
    return list(change.session.exec(select(Product).where(col(Product.id).in_(select(below.c.id)))).all())


def _require_free(change: Change, products: Iterable[Product]) -> None:
    """Refuse to retire products that an active bundle needs, unless it is retired with them.

    Raises:
        Blocked: one of them belongs to an active bundle.
    """
    keys = {each.id for each in products}
    statement = (
        select(Product.number)
        .join(BundleProduct, col(BundleProduct.product_id) == Product.id)
        .join(_bundle, col(_bundle.id) == BundleProduct.bundle_id)
        .where(
            col(Product.id).in_(keys),
            _is_edited(),
            col(_bundle.status).in_(SOLD),
            col(_bundle.id).not_in(keys),
        )
        .order_by(Product.number)
    )
    if numbers := list(dict.fromkeys(change.session.exec(statement).all())):
        message = (
            f"{', '.join(numbers)} of the family belong to active bundles: take them off with "
            "removeBundleProduct, or retire the bundles."
        )
        change.refuse(Blocker("IN_ACTIVE_BUNDLE", message, ("input", "id")))
