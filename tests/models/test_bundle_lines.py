"""Do the lines of a bundle come, change, move and go together?"""

from decimal import Decimal
from typing import Any

from models.product import ProductVersion
from models.quote import QuoteLine
from tests.desk import Desk, blocked, told
from tests.factories import Item, make_bundle, make_draft, make_product


def _add(desk: Desk, quote: str, product: str, quantity: str = "1", **given: Any) -> QuoteLine:
    at = {"id": quote, "expected_version": None}
    made = desk.do("add_quote_line", **at, product_id=product, quantity=Decimal(quantity), **given)
    return desk.read(QuoteLine, made["line"])


def test_a_bundle_comes_with_its_products(desk: Desk) -> None:
    """What is required is paid with the bundle; what is optional has its own price, and may be left out."""
    pump, hose, kit = (
        make_product(desk, name=name, list_price=Decimal(40)) for name in ("Pump", "Hose", "Kit")
    )
    bundle = make_bundle(desk, pump, optional=[hose, kit], name="Set")
    quote = make_draft(desk, ())
    parent = _add(desk, quote, bundle, "2", optional_product_ids=[kit])
    lines = desk.all(QuoteLine)
    assert [
        (each.description, each.line_type, each.quantity, each.price_per_unit, each.position)
        for each in lines
    ] == [
        ("Set", "BUNDLE", Decimal(2), Decimal(150), 1),
        ("Pump", "REQUIRED_BUNDLE_PRODUCT", Decimal(2), Decimal(0), 2),
        ("Kit", "OPTIONAL_BUNDLE_PRODUCT", Decimal(2), Decimal(40), 3),
    ]
    assert {each.bundle_lineage_id for each in lines[1:]} == {parent.lineage_id}
    assert desk.row(quote).line_total == 380
    other = make_draft(desk, ())
    _add(desk, other, bundle)
    assert len(desk.all(QuoteLine, quote_id=other)) == 4
    refusal = desk.refused(
        "add_quote_line", id=other, expected_version=None, product_id=bundle, quantity=Decimal(1),
        optional_product_ids=[pump],
    )  # fmt: skip
    assert told(refusal) == ("VALIDATION", ("input", "optionalProductIds"))
    assert refusal.message == "1 of optionalProductIds are not optional products of Set."


def test_the_lines_of_a_bundle_belong_together(desk: Desk) -> None:
    """They follow its quantity, move and go with it; what is required neither changes nor goes alone."""
    pump, hose = make_product(desk, name="Pump"), make_product(desk, name="Hose", list_price=Decimal(10))
    bundle = make_bundle(desk, pump, optional=[hose])
    quote = make_draft(desk, [Item("1", "5")])
    parent = _add(desk, quote, bundle).public_id
    _, _, required, optional = (each.public_id for each in desk.all(QuoteLine))
    at = {"id": quote, "expected_version": None}
    desk.do("update_quote_line", **at, line_id=parent, quantity=Decimal(3))
    assert [desk.row(each).quantity for each in (parent, required, optional)] == [3, 3, 3]
    desk.do("update_quote_line", **at, line_id=required, description="Pump, red")
    for command, given, way_out in (
        ("update_quote_line", {"quantity": Decimal(1)}, "change the quantity of the bundle's line"),
        ("update_quote_line", {"price_per_unit": Decimal(1)}, "change the quantity of the bundle's line"),
        ("remove_quote_line", {}, "remove the bundle's line"),
    ):
        refusal = blocked(desk.refused(command, **at, line_id=required, **given))
        assert told(refusal) == ("REQUIRED_BUNDLE_PRODUCT", ("input", "lineId"))
        assert refusal.message == f"Pump, red belongs to a bundle that is never sold without it: {way_out}."
    desk.do("move_quote_line", **at, line_id=parent, position=1)
    ordered = sorted(desk.all(QuoteLine), key=lambda each: each.position)
    assert [each.public_id for each in ordered][:3] == [parent, required, optional]
    desk.do("remove_quote_line", **at, line_id=optional)
    desk.do("remove_quote_line", **at, line_id=parent)
    assert [each.description for each in desk.all(QuoteLine)] == ["Pump"]


def test_lines_move_to_a_place(desk: Desk) -> None:
    """Positions run from 1 on without a gap."""
    quote = make_draft(desk, [Item("1", price) for price in ("1", "2", "3")])
    first = desk.all(QuoteLine)[0].public_id
    at = {"id": quote, "expected_version": None, "line_id": first}
    desk.do("move_quote_line", **at, position=3)
    assert [(each.price_per_unit, each.position) for each in desk.all(QuoteLine)] == [
        (Decimal(1), 3),
        (Decimal(2), 1),
        (Decimal(3), 2),
    ]
    for position in (0, 4):
        refusal = desk.refused("move_quote_line", **at, position=position)
        assert told(refusal) == ("VALIDATION", ("input", "position"))
        assert refusal.message == f"position is {position}; the document has the positions 1 to 3."


def test_a_bundle_stays_together_on_the_order_and_its_revision(desk: Desk) -> None:
    """Lineages carry what belongs together to every next document."""
    bundle = make_bundle(desk, make_product(desk, name="Pump"))
    quote = make_draft(desk, ())
    parent = _add(desk, quote, bundle)
    desk.do("activate_quote", id=quote)
    revision = desk.do("revise_quote", id=quote)["revision"]
    lines = desk.all(QuoteLine, quote_id=revision)
    assert [each.bundle_lineage_id for each in lines] == [None, parent.lineage_id]
    assert [each.product_version_id for each in lines] == [each.id for each in desk.all(ProductVersion)][::-1]
