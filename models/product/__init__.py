"""What is sold? The catalogue: products, bundles and families, and their versions."""

from models.product.editing import (
    add_bundle_product,
    create_product,
    relate_product,
    remove_bundle_product,
    unrelate_product,
    update_product,
)
from models.product.releasing import (
    activate_product,
    publish_product,
    publish_product_family,
    retire_product,
    revert_product,
    revise_product,
)
from models.product.tables import (
    SOLD,
    BundleProduct,
    Product,
    ProductContent,
    ProductRelationship,
    ProductStatus,
    ProductStructure,
    ProductVersion,
    RelationshipType,
)

__all__ = [
    "SOLD",
    "BundleProduct",
    "Product",
    "ProductContent",
    "ProductRelationship",
    "ProductStatus",
    "ProductStructure",
    "ProductVersion",
    "RelationshipType",
    "activate_product",
    "add_bundle_product",
    "create_product",
    "publish_product",
    "publish_product_family",
    "relate_product",
    "remove_bundle_product",
    "retire_product",
    "revert_product",
    "revise_product",
    "unrelate_product",
    "update_product",
]
