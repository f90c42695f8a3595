"""Does a product move as the catalogue says, and do its versions stay as they were published?"""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from models.database import Database
from models.product import BundleProduct, Product, ProductRelationship, ProductVersion
from models.record import new_id, public_id
from tests.desk import TODAY, Desk, blocked, told, undo_migrations
from tests.factories import make_bundle, make_product


def _draft(desk: Desk, number: str, **given: Any) -> str:
    product: str = desk.do("create_product", number=number, name=f"Pump {number}", **given)["product"]
    return product


def test_each_publication_is_a_version(desk: Desk) -> None:
    """What is edited under revision shows in the next version only."""
    product = make_product(desk, name="Pump", list_price=Decimal(100), current_cost=Decimal(60))
    desk.do("revise_product", id=product)
    desk.do(
        "update_product", id=product, expected_version=None, name="Pump 2", list_price=Decimal(110),
        current_cost=Decimal(61), standard_cost=Decimal(62), quantity_places=1, tax_percent=Decimal(7),
        description="Newer", valid_from=TODAY, valid_to=TODAY + timedelta(days=9),
    )  # fmt: skip
    (first,) = desk.all(ProductVersion)
    assert (first.name, first.list_price, first.current_cost, first.revision) == (
        "Pump", Decimal(100), Decimal(60), 1,
    )  # fmt: skip
    desk.do("publish_product", id=product)
    second = desk.all(ProductVersion)[1]
    row = desk.read(Product, product)
    assert (second.name, second.list_price, second.standard_cost, second.revision, row.revision) == (
        "Pump 2", Decimal(110), Decimal(62), 2, 2,
    )  # fmt: skip
    assert (second.quantity_places, second.tax_percent, second.description, second.valid_from) == (
        1, Decimal(7), "Newer", TODAY,
    )  # fmt: skip
    assert [each.type for each in desk.events_of(product)] == [
        "product.created", "product.published", "product.revised", "product.updated", "product.published",
    ]  # fmt: skip


def test_reverting_drops_the_changes(desk: Desk) -> None:
    """The product is again what was published, and the event tells what was dropped."""
    product = make_product(desk, name="Pump", list_price=Decimal(100))
    desk.do("revise_product", id=product)
    desk.do("update_product", id=product, expected_version=None, name="Other", list_price=Decimal(1))
    desk.do("revert_product", id=product)
    row = desk.read(Product, product)
    assert (row.status, row.name, row.list_price, row.revision) == ("ACTIVE", "Pump", Decimal(100), 1)
    assert {"field": "name", "before": "Other", "after": "Pump"} in desk.events_of(product)[-1].changes
    assert len(desk.all(ProductVersion)) == 1


def test_an_active_product_is_read_only(desk: Desk) -> None:
    """Its price changes by a revision, not by an edit."""
    product = make_product(desk)
    refusal = blocked(desk.refused("update_product", id=product, expected_version=None, name="Other"))
    assert told(refusal) == ("RECORD_READ_ONLY", ("input", "id"))
    assert refusal.allowed == (
        "relateProduct", "unrelateProduct", "publishProductFamily", "reviseProduct", "retireProduct",
    )  # fmt: skip
    assert desk.refused("update_product", id=product, name="Other").code == "EXPECTED_VERSION_REQUIRED"


@pytest.mark.parametrize(
    ("given", "code", "field"),
    [({"name": " "}, "VALIDATION", "name"), ({"list_price": Decimal(-1)}, "VALIDATION", "listPrice"),
     ({"quantity_places": 6}, "VALIDATION", "quantityPlaces"), ({"unit": "truck"}, "VALIDATION", "unit"),
     ({"tax_percent": Decimal(101)}, "VALIDATION", "taxPercent"),
     ({"valid_from": TODAY, "valid_to": TODAY - timedelta(days=1)}, "INVALID_DATES", "validTo")],
)  # fmt: skip
def test_a_change_that_cannot_be_is_refused(desk: Desk, given: dict[str, Any], code: str, field: str) -> None:
    """What a product cannot begin as it cannot become."""
    draft = _draft(desk, "D")
    refusal = desk.refused("update_product", id=draft, expected_version=None, **given)
    assert told(refusal) == (code, ("input", field))


def test_a_product_is_retired_and_activated(desk: Desk) -> None:
    """A plain product comes back as it was."""
    product = make_product(desk)
    desk.do("retire_product", id=product)
    assert (desk.row(product).status, desk.allowed(product)) == ("RETIRED", ["activateProduct"])
    desk.do("activate_product", id=product)
    assert desk.row(product).status == "ACTIVE"


def test_only_a_plain_product_is_activated_again(desk: Desk) -> None:
    """Families, bundles and products of a family stay retired."""
    family = _draft(desk, "F", structure="PRODUCT_FAMILY")
    desk.do("publish_product", id=family)
    child = make_product(desk, parent_id=family)
    bundle = make_bundle(desk, make_product(desk))
    for product in (child, family, bundle):
        desk.do("retire_product", id=product)
        refusal = blocked(desk.refused("activate_product", id=product))
        assert refusal.code == "NOT_A_PLAIN_PRODUCT"
        assert refusal.message == (
            "Families, bundles and products of a family are not activated again: createProduct makes a new "
            "one."
        )
        assert desk.allowed(product) == []


def test_a_child_is_published_after_its_family(desk: Desk) -> None:
    """The family comes first; a parent is a family that is not retired."""
    family = _draft(desk, "F", structure="PRODUCT_FAMILY")
    child = _draft(desk, "C", parent_id=family)
    refusal = blocked(desk.refused("publish_product", id=child))
    assert refusal.code == "PARENT_NOT_ACTIVE"
    assert refusal.message == "The product's family is DRAFT: publishProduct makes it ACTIVE."
    desk.do("publish_product", id=family)
    desk.do("publish_product", id=child)
    assert desk.row(child).status == "ACTIVE"
    desk.do("retire_product", id=family)
    given = {"number": "X", "name": "X"}
    assert told(desk.refused("create_product", **given, parent_id=child)) == (
        "VALIDATION",
        ("input", "parentId"),
    )
    retired = desk.refused("create_product", **given, parent_id=family)
    assert told(retired) == ("VALIDATION", ("input", "parentId"))
    assert retired.message == (
        "Pump F is a PRODUCT_FAMILY and RETIRED; a parent is a PRODUCT_FAMILY that is not RETIRED."
    )


def test_a_family_is_published_at_once(desk: Desk) -> None:
    """Families, drafts, revisions and bundles of products among them, each with a version and an event."""
    family = _draft(desk, "F", structure="PRODUCT_FAMILY")
    inner = _draft(desk, "I", structure="PRODUCT_FAMILY", parent_id=family)
    pump = _draft(desk, "P", parent_id=inner)
    kit = _draft(desk, "K", structure="BUNDLE", parent_id=family)
    desk.do("add_bundle_product", id=kit, expected_version=None, product_id=pump)
    done = desk.do("publish_product_family", id=family)
    assert done["published"] == [family, inner, pump, kit]
    assert {desk.row(each).state for each in (family, inner, pump, kit)} == {"ACTIVE.ACTIVE"}
    assert len(desk.all(ProductVersion)) == 4
    (kept,) = [each for each in desk.all(BundleProduct) if each.product_version_id is not None]
    assert (kept.bundle_id, kept.product_id) == (desk.row(kit).id, desk.row(pump).id)
    assert [each.type for each in done.events] == ["product.family_published", *["product.published"] * 3]
    assert {each.caused_by_id for each in done.events[1:]} == {done.events[0].id}
    desk.do("revise_product", id=pump)
    desk.do("update_product", id=pump, expected_version=None, name="Pump 2")
    new = _draft(desk, "N", parent_id=inner)
    assert desk.do("publish_product_family", id=family)["published"] == [pump, new]
    assert [desk.row(each).revision for each in (family, pump, new)] == [1, 2, 1]
    assert desk.do("publish_product_family", id=family)["published"] == []


def test_what_belongs_to_a_retired_family_is_left(desk: Desk) -> None:
    """It could not be published by itself either."""
    family = _draft(desk, "F", structure="PRODUCT_FAMILY")
    inner = _draft(desk, "I", structure="PRODUCT_FAMILY", parent_id=family)
    desk.do("publish_product_family", id=family)
    orphan, draft = _draft(desk, "O", parent_id=inner), _draft(desk, "D", parent_id=family)
    desk.do("retire_product", id=inner)
    assert desk.do("publish_product_family", id=family)["published"] == [draft]
    assert desk.row(orphan).status == "DRAFT"


def test_a_family_is_not_published_with_a_bundle_that_cannot_be_sold(desk: Desk) -> None:
    """An empty one, and one with a draft of elsewhere, are named; nothing is published."""
    family = _draft(desk, "F", structure="PRODUCT_FAMILY")
    kit = _draft(desk, "K", structure="BUNDLE", parent_id=family)
    refusal = blocked(desk.refused("publish_product_family", id=family))
    assert told(refusal) == ("EMPTY_BUNDLE", ("input", "id"))
    assert refusal.message == "The bundles K of the family have no products: addBundleProduct adds one."
    elsewhere = _draft(desk, "E")
    desk.do("add_bundle_product", id=kit, expected_version=None, product_id=elsewhere)
    refusal = blocked(desk.refused("publish_product_family", id=family))
    assert told(refusal) == ("PRODUCT_NOT_ACTIVE", ("input", "id"))
    assert refusal.message == (
        "The bundles K of the family have products that are not active: publish those first."
    )
    desk.do("publish_product", id=elsewhere)
    assert desk.do("publish_product_family", id=family)["published"] == [family, kit]


def test_only_a_family_is_published_as_one(desk: Desk) -> None:
    """A product goes alone; a family within another one after that."""
    refusal = blocked(desk.refused("publish_product_family", id=_draft(desk, "P")))
    assert (refusal.code, refusal.message) == (
        "NOT_A_FAMILY",
        "This is a PRODUCT; only a PRODUCT_FAMILY is published with others: use publishProduct.",
    )
    family = _draft(desk, "F", structure="PRODUCT_FAMILY")
    inner = _draft(desk, "I", structure="PRODUCT_FAMILY", parent_id=family)
    assert desk.refused("publish_product_family", id=inner).code == "PARENT_NOT_ACTIVE"


def test_a_family_takes_what_is_sold_of_it_along(desk: Desk) -> None:
    """Children and grandchildren are retired with it, each with an event that it caused; drafts are left."""
    family = _draft(desk, "F", structure="PRODUCT_FAMILY")
    desk.do("publish_product", id=family)
    inner = _draft(desk, "I", structure="PRODUCT_FAMILY", parent_id=family)
    desk.do("publish_product", id=inner)
    products = [make_product(desk, parent_id=inner), make_product(desk, parent_id=family)]
    draft = _draft(desk, "D", parent_id=family)
    bundle = make_bundle(desk, products[0])
    refusal = blocked(desk.refused("retire_product", id=family))
    number = desk.row(products[0]).number
    assert told(refusal) == ("IN_ACTIVE_BUNDLE", ("input", "id"))
    assert refusal.message == (
        f"{number} of the family belong to active bundles: take them off with removeBundleProduct, or retire "
        "the bundles."
    )
    desk.do("retire_product", id=bundle)
    done = desk.do("retire_product", id=family)
    assert {desk.row(each).status for each in (*products, inner, family)} == {"RETIRED"}
    assert desk.row(draft).status == "DRAFT"
    assert [each.type for each in done.events] == ["product.retired"] * 4
    assert {each.caused_by_id for each in done.events[1:]} == {done.events[0].id}


def test_a_product_of_an_active_bundle_is_not_retired(desk: Desk) -> None:
    """It is taken off by a revision of the bundle first."""
    one, other = make_product(desk), make_product(desk)
    bundle = make_bundle(desk, one, other)
    refusal = blocked(desk.refused("retire_product", id=one))
    assert refusal.code == "IN_ACTIVE_BUNDLE"
    assert refusal.message == (
        "The product belongs to an active bundle: take it off with removeBundleProduct, or retire the bundle."
    )
    desk.do("revise_product", id=bundle)
    desk.do("remove_bundle_product", id=bundle, expected_version=None, product_id=one)
    desk.do("publish_product", id=bundle)
    desk.do("retire_product", id=one)
    assert desk.row(one).status == "RETIRED"


def test_a_bundle_has_versions_of_what_it_is_made_of(desk: Desk) -> None:
    """Publishing keeps the products of the version; reverting brings them back."""
    one, other = make_product(desk), make_product(desk)
    bundle = make_bundle(desk, one, optional=[other])
    (version,) = desk.all(ProductVersion, product_id=bundle)
    kept = desk.all(BundleProduct, product_version_id=version.public_id)
    assert [(each.product_id, each.is_required, each.quantity) for each in kept] == [
        (desk.row(one).id, True, Decimal(1)), (desk.row(other).id, False, Decimal(1)),
    ]  # fmt: skip
    desk.do("revise_product", id=bundle)
    desk.do("remove_bundle_product", id=bundle, expected_version=None, product_id=one)
    assert [each.product_id for each in desk.all(BundleProduct, product_version_id=None)] == [
        kept[1].product_id
    ]
    desk.do("revert_product", id=bundle)
    edited = desk.all(BundleProduct, product_version_id=None)
    assert [(each.product_id, each.is_required) for each in edited] == [
        (each.product_id, each.is_required) for each in kept
    ]
    assert len(desk.all(BundleProduct)) == 4


def test_a_bundle_is_published_with_active_products(desk: Desk) -> None:
    """Not empty, and not with a draft in it."""
    bundle = _draft(desk, "B", structure="BUNDLE")
    assert blocked(desk.refused("publish_product", id=bundle)).code == "EMPTY_BUNDLE"
    draft = _draft(desk, "D")
    desk.do("add_bundle_product", id=bundle, expected_version=None, product_id=draft)
    refusal = blocked(desk.refused("publish_product", id=bundle))
    assert [each.code for each in refusal.blockers] == ["PRODUCT_NOT_ACTIVE"]
    assert refusal.message == (
        "A product of the bundle is not active: publishProduct makes a draft ACTIVE, or removeBundleProduct."
    )
    desk.do("publish_product", id=draft)
    desk.do("publish_product", id=bundle)
    assert desk.row(bundle).status == "ACTIVE"


def test_a_bundle_takes_fifteen_plain_products_once_each(desk: Desk) -> None:
    """A sixteenth, a second of the same, another bundle, a fraction: each is refused."""
    bundle = _draft(desk, "B", structure="BUNDLE")
    at = {"id": bundle, "expected_version": None}
    first = _draft(desk, "P0")
    for command, given, code, field in (
        ("add_bundle_product", {"id": first, "product_id": bundle}, "NOT_A_BUNDLE", "id"),
        ("remove_bundle_product", {"id": first, "product_id": bundle}, "NOT_A_BUNDLE", "id"),
        ("add_bundle_product", {"product_id": bundle}, "VALIDATION", "productId"),
        ("add_bundle_product", {"product_id": first, "quantity": Decimal(0)}, "VALIDATION", "quantity"),
        (
            "add_bundle_product",
            {"product_id": first, "quantity": Decimal("0.5")},
            "FRACTIONAL_QUANTITY",
            "quantity",
        ),
        ("remove_bundle_product", {"product_id": first}, "NOT_FOUND", "productId"),
    ):
        assert told(desk.refused(command, **at | given)) == (code, ("input", field))
    for number in range(15):
        product = first if number == 0 else _draft(desk, f"P{number}")
        desk.do("add_bundle_product", **at, product_id=product, quantity=Decimal(2))
    refusal = desk.refused("add_bundle_product", **at, product_id=first)
    assert told(refusal) == ("VALIDATION", ("input", "productId"))
    refusal = blocked(desk.refused("add_bundle_product", **at, product_id=_draft(desk, "P15")))
    assert told(refusal) == ("BUNDLE_FULL", ("input", "productId"))
    assert refusal.message == "The bundle has 15 products, which is the most: removeBundleProduct makes room."


def test_products_are_related(desk: Desk) -> None:
    """Once for each type, never to itself, until the relationship is taken away."""
    pump, hose = make_product(desk, name="Pump"), make_product(desk, name="Hose")
    made = desk.do("relate_product", id=pump, related_product_id=hose, type="ACCESSORY")[
        "product_relationship"
    ]
    (row,) = desk.all(ProductRelationship)
    assert (row.product_id, row.related_product_id, row.type) == (
        desk.row(pump).id, desk.row(hose).id, "ACCESSORY",
    )  # fmt: skip
    for related, message in (
        (pump, "A product is not related to itself."),
        (hose, "Hose is a ACCESSORY of Pump already."),
    ):
        refusal = desk.refused("relate_product", id=pump, related_product_id=related, type="ACCESSORY")
        assert (*told(refusal), refusal.message) == ("VALIDATION", ("input", "relatedProductId"), message)
    desk.do("relate_product", id=pump, related_product_id=hose, type="CROSS_SELL")
    refusal = blocked(desk.refused("unrelate_product", id=hose, relationship_id=made))
    assert (refusal.code, refusal.message) == (
        "NOT_RELATED", "Nothing is suggested for the product: relateProduct does.",
    )  # fmt: skip
    missing = public_id("product_relationship", new_id())
    refused = desk.refused("unrelate_product", id=pump, relationship_id=missing)
    assert told(refused) == ("NOT_FOUND", ("input", "relationshipId"))
    desk.do("unrelate_product", id=pump, relationship_id=made)
    assert [each.type for each in desk.all(ProductRelationship)] == ["CROSS_SELL"]
    refusal = desk.refused(
        "relate_product", id=pump, related_product_id=public_id("product", new_id()), type="UP_SELL"
    )
    assert told(refusal) == ("NOT_FOUND", ("input", "relatedProductId"))


def test_published_products_of_earlier_get_their_first_version(desk: Desk, database: Database) -> None:
    """Migrating back and forth keeps products; what was published is its own first version."""
    active, draft = make_product(desk, name="Pump", standard_cost=Decimal(5)), _draft(desk, "D")
    undo_migrations(database, "the_catalogue_has_price_lists")
    database.migrate()
    (version,) = desk.all(ProductVersion)
    assert (version.product_id, version.revision, version.name, version.standard_cost) == (
        desk.row(active).id, 1, "Pump", Decimal(5),
    )  # fmt: skip
    assert [(desk.row(each).revision, desk.row(each).structure) for each in (active, draft)] == [
        (1, "PRODUCT"), (0, "PRODUCT"),
    ]  # fmt: skip
