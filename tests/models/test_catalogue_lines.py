"""Do lines follow the catalogue: its price lists, its versions, its volume discounts, its bundles?"""

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
import sqlalchemy

from models.opportunity import Opportunity
from models.pricing import Rule, from_json
from models.product import ProductVersion
from models.quote import QuoteLine
from models.record import new_id, parse_id, public_id
from tests.catalogue import add_product, make_priced_quote
from tests.desk import TODAY, Desk, blocked, told, undo_migrations
from tests.factories import (
    make_account,
    make_confirmed_lead,
    make_discount_list,
    make_price_list,
    make_product,
    set_price,
)
from tests.process import make_unit_group


def _mandatory(desk: Desk) -> Desk:
    """Return the desk of a company where a price list is mandatory."""
    return replace(desk, organization=replace(desk.organization, price_list_is_mandatory=True))


def _refused(desk: Desk, quote: str, product: str, quantity: str = "1", **given: Any) -> tuple[str, str, str]:
    refusal = desk.refused(
        "add_quote_line", id=quote, expected_version=None, product_id=product,
        quantity=Decimal(quantity), **given,
    )  # fmt: skip
    return refusal.code, str(refusal.path[-1]), refusal.message


# ---- prices


@pytest.mark.parametrize(
    ("given", "price"),
    [
        ({"amount": Decimal("89.90")}, "89.90"),
        ({"pricing_method": "PERCENT_OF_LIST", "percent": Decimal(85)}, "85"),
        ({"pricing_method": "PERCENT_MARKUP_CURRENT_COST", "percent": Decimal(50)}, "90"),
        ({"pricing_method": "PERCENT_MARGIN_CURRENT_COST", "percent": Decimal(40)}, "100"),
        ({"pricing_method": "PERCENT_MARKUP_STANDARD_COST", "percent": Decimal(10)}, "55"),
        ({"pricing_method": "PERCENT_MARGIN_STANDARD_COST", "percent": Decimal(60)}, "125"),
        (
            {"pricing_method": "PERCENT_OF_LIST", "percent": Decimal("83.33"), "rounding_policy": "UP",
             "rounding_option": "ENDS_IN", "rounding_amount": Decimal("0.99")},
            "83.99",
        ),
        (
            {"pricing_method": "PERCENT_OF_LIST", "percent": Decimal("83.33"), "rounding_policy": "DOWN",
             "rounding_option": "MULTIPLE_OF", "rounding_amount": Decimal(5)},
            "80",
        ),
    ],
)  # fmt: skip
def test_each_pricing_method_makes_the_price(desk: Desk, given: dict[str, Any], price: str) -> None:
    """The line takes the item's price and knows the item and the version that it quotes."""
    product = make_product(desk, current_cost=Decimal(60), standard_cost=Decimal(50))
    price_list = make_price_list(desk)
    item = set_price(desk, price_list, product, **given)
    line = add_product(desk, make_priced_quote(desk, price_list), product, "2")
    (version,) = desk.all(ProductVersion)
    assert (line.price_per_unit, line.base_amount) == (Decimal(price), 2 * Decimal(price))
    assert (line.price_list_item_id, line.product_version_id) == (parse_id(item)[1], version.id)
    assert (line.is_price_overridden, len(line.price_steps) > 0) == (False, True)


def test_a_cost_that_is_unknown_makes_no_price(desk: Desk) -> None:
    """The refusal says what the product lacks."""
    product, price_list = make_product(desk), make_price_list(desk)
    set_price(desk, price_list, product, pricing_method="PERCENT_MARKUP_CURRENT_COST", percent=Decimal(5))
    assert _refused(desk, make_priced_quote(desk, price_list), product) == (
        "PRICE_BASIS_MISSING", "productId",
        "The product has no current cost, which PERCENT_MARKUP_CURRENT_COST computes from.",
    )  # fmt: skip


def test_a_price_is_that_of_the_unit(desk: Desk) -> None:
    """An item of the box prices boxes; pieces without an item have the list price of a piece."""
    group = make_unit_group(desk, box="12")
    product = make_product(desk, unit_group_id=group, list_price=Decimal(10))
    price_list = make_price_list(desk)
    set_price(desk, price_list, product, unit="box", pricing_method="PERCENT_OF_LIST", percent=Decimal(90))
    quote = make_priced_quote(desk, price_list)
    assert [add_product(desk, quote, product, unit=unit).price_per_unit for unit in ("box", "piece")] == [
        108,
        10,
    ]


def test_what_is_typed_stands(desk: Desk) -> None:
    """A typed price stays when the line is repriced, and gets no volume discount; null goes back."""
    product, price_list = make_product(desk), make_price_list(desk)
    set_price(desk, price_list, product, discount_list_id=make_discount_list(desk))
    quote = make_priced_quote(desk, price_list)
    line = add_product(desk, quote, product, "10", price_per_unit=Decimal(95))
    assert (line.price_per_unit, line.is_price_overridden, line.volume_discount) == (
        Decimal(95),
        True,
        Decimal(0),
    )
    desk.do("reprice_quote", id=quote, expected_version=None)
    assert desk.row(line.public_id).price_per_unit == 95
    desk.do("update_quote_line", id=quote, expected_version=None, line_id=line.public_id, price_per_unit=None)
    row = desk.read(QuoteLine, line.public_id)
    assert (row.price_per_unit, row.is_price_overridden, row.volume_discount) == (
        Decimal(90),
        False,
        Decimal("4.5"),
    )


def test_without_a_price_list_the_list_price_counts(desk: Desk) -> None:
    """So it does where the list lacks the product, is inactive, or is over."""
    product, price_list = make_product(desk), make_price_list(desk, valid_to=TODAY)
    quote = make_priced_quote(desk, price_list)
    assert add_product(desk, quote, product).price_per_unit == 100
    set_price(desk, price_list, product)
    assert add_product(desk, quote, product).price_per_unit == 90
    assert add_product(desk.later(days=1), quote, product).price_per_unit == 100
    desk.do("deactivate_price_list", id=price_list)
    line = add_product(desk, quote, product)
    assert (line.price_per_unit, line.price_list_item_id) == (Decimal(100), None)


def test_a_mandatory_price_list_has_to_have_the_product(desk: Desk) -> None:
    """Each way of not having it has its code; so has another currency."""
    strict = _mandatory(desk)
    product = make_product(desk, name="Pump")
    quote, price_list = make_priced_quote(desk), make_price_list(desk)
    assert _refused(strict, quote, product) == (
        "PRICE_LIST_REQUIRED", "productId", "The document has no price list: set its priceListId.",
    )  # fmt: skip
    desk.do("update_quote", id=quote, expected_version=None, price_list_id=price_list)
    assert _refused(strict, quote, product, price_per_unit=Decimal(1)) == (
        "PRODUCT_NOT_IN_PRICE_LIST", "productId",
        "Pump has no price per piece on the price list Retail today: addPriceListItem sets one.",
    )  # fmt: skip
    set_price(desk, price_list, product)
    assert add_product(strict, quote, product).price_per_unit == 90
    desk.do("deactivate_price_list", id=price_list)
    assert _refused(strict, quote, product) == (
        "PRICE_LIST_INACTIVE", "productId",
        (
            "The price list Retail is INACTIVE, and valid from the beginning to no end: set another "
            "priceListId, or use activatePriceList or updatePriceList."
        ),
    )  # fmt: skip
    dollars = make_price_list(desk, name="US", currency_code="USD")
    refusal = blocked(desk.refused("update_quote", id=quote, expected_version=None, price_list_id=dollars))
    assert told(refusal) == ("CURRENCY_MISMATCH", ("input", "priceListId"))
    assert refusal.message == "The price list US is in USD, this document in EUR."


@pytest.mark.parametrize("noun", ["opportunity", "quote"])
def test_documents_take_the_price_list_of_the_account(desk: Desk, noun: str) -> None:
    """It comes from the account, or from what is said, and goes on to the quote; null takes it off."""
    price_list, other = make_price_list(desk), make_price_list(desk, name="Other")
    account = make_account(desk, price_list_id=price_list)
    opportunity = desk.do("create_opportunity", name="Pumps", account_id=account)["opportunity"]
    said = desk.do("create_opportunity", name="More", account_id=account, price_list_id=other)["opportunity"]
    foreign = desk.do("create_opportunity", name="US", account_id=account, currency_code="USD")["opportunity"]
    lists = [desk.read(Opportunity, each).price_list_id for each in (opportunity, said, foreign)]
    assert lists == [parse_id(price_list)[1], parse_id(other)[1], None]
    document = opportunity
    if noun == "quote":
        document = desk.do("generate_quote_from_opportunity", id=opportunity)["quote"]
    assert desk.row(document).price_list_id == parse_id(price_list)[1]
    desk.do(f"update_{noun}", id=document, expected_version=None, price_list_id=None)
    assert desk.row(document).price_list_id is None
    missing = public_id("price_list", new_id())
    for name, given in (
        (f"update_{noun}", {"id": document, "expected_version": None}),
        ("create_account", {"name": "X"}),
    ):
        refusal = desk.refused(name, **given, price_list_id=missing)
        assert told(refusal) == ("NOT_FOUND", ("input", "priceListId"))


@pytest.mark.parametrize("noun", ["opportunity", "quote", "order", "invoice"])
def test_a_new_document_names_its_price_list(desk: Desk, noun: str) -> None:
    """The account's where it is left out and in the document's currency, none for null; or what is said."""
    price_list, other = make_price_list(desk), make_price_list(desk, name="Other")
    dollars = make_price_list(desk, name="US", currency_code="USD")
    account = make_account(desk, price_list_id=price_list)
    given = {"name": "Pumps", "account_id": account}

    def made(**said: Any) -> Any:
        return desk.row(desk.do(f"create_{noun}", **given, **said)[noun]).price_list_id

    found = [made(), made(price_list_id=other), made(price_list_id=None), made(currency_code="USD")]
    assert found == [parse_id(price_list)[1], parse_id(other)[1], None, None]
    refusal = desk.refused(f"create_{noun}", **given, price_list_id=dollars)
    assert told(refusal) == ("CURRENCY_MISMATCH", ("input", "priceListId"))
    assert refusal.message == "The price list US is in USD, this document in EUR."
    missing = public_id("price_list", new_id())
    refused = desk.refused(f"create_{noun}", **given, price_list_id=missing)
    assert told(refused) == ("NOT_FOUND", ("input", "priceListId"))


@pytest.mark.parametrize("noun", ["order", "invoice"])
def test_new_lines_go_by_the_price_list_of_their_document(desk: Desk, noun: str) -> None:
    """Another one counts from then on; while prices are locked it stays, and an order's invoice has its."""
    product, price_list, other = make_product(desk), make_price_list(desk), make_price_list(desk, name="B")
    set_price(desk, price_list, product)
    set_price(desk, other, product, amount=Decimal(80))
    given = {"name": "Pumps", "account_id": make_account(desk), "price_list_id": price_list}
    at = {"id": desk.do(f"create_{noun}", **given)[noun], "expected_version": None}
    for put in (price_list, other, None):
        desk.do(f"update_{noun}", **at, price_list_id=put)
        desk.do(f"add_{noun}_line", **at, product_id=product, quantity=Decimal(1))
    assert desk.row(at["id"]).line_total == 90 + 80 + 100
    desk.do(f"lock_{noun}_pricing", id=at["id"])
    refusal = desk.refused(f"update_{noun}", **at, price_list_id=other)
    assert refusal.code == "PRICES_LOCKED"
    if noun == "order":
        desk.do("unlock_order_pricing", **at)
        desk.do("update_order", **at, price_list_id=other)
        invoice = desk.do("invoice_order", id=at["id"], policy="ORDERED")["invoice"]
        assert desk.row(invoice).price_list_id == parse_id(other)[1]


def test_a_qualified_lead_brings_the_price_list_of_its_account(desk: Desk) -> None:
    """Where its prices are in the lead's currency."""
    account = make_account(desk, price_list_id=make_price_list(desk))
    found = []
    for currency in ("EUR", "USD"):
        lead = make_confirmed_lead(desk, currency_code=currency, company_name=f"{currency} Ltd")
        chosen = {"account": "LINK", "account_id": account, "contact": "NONE"}
        found.append(desk.row(desk.do("qualify_lead", id=lead, **chosen)["opportunity"]).price_list_id)
    assert found == [desk.row(account).price_list_id, None]


# ---- quantities


def test_whole_units_only_where_the_price_says_so(desk: Desk) -> None:
    """WHOLE refuses parts of a unit, whatever the product allows; the other options do not."""
    product = make_product(desk, name="Hose", quantity_places=2)
    price_list = make_price_list(desk)
    set_price(desk, price_list, product, quantity_selling_option="WHOLE")
    quote = make_priced_quote(desk, price_list)
    message = "Quantity 1.5: at this price Hose is sold in whole units only."
    assert _refused(desk, quote, product, "1.5") == ("FRACTIONAL_QUANTITY", "quantity", message)
    line = add_product(desk, quote, product, "2")
    refusal = desk.refused(
        "update_quote_line", id=quote, expected_version=None, line_id=line.public_id, quantity=Decimal("1.5")
    )
    assert (*told(refusal), refusal.message) == ("FRACTIONAL_QUANTITY", ("input", "quantity"), message)
    other = make_price_list(desk, name="Parts")
    set_price(desk, other, product, quantity_selling_option="WHOLE_AND_FRACTIONAL")
    assert add_product(desk, make_priced_quote(desk, other), product, "1.5").quantity == Decimal("1.5")


def test_a_volume_discount_follows_the_quantity(desk: Desk) -> None:
    """Bounds are included; a new quantity finds its row even if the list is inactive by now."""
    product, price_list, discounts = make_product(desk), make_price_list(desk), make_discount_list(desk)
    set_price(desk, price_list, product, discount_list_id=discounts)
    quote = make_priced_quote(desk, price_list)
    line = add_product(desk, quote, product, "9").public_id
    desk.do("deactivate_discount_list", id=discounts)
    seen = {}
    for quantity in ("9", "10", "99", "100"):
        desk.do(
            "update_quote_line", id=quote, expected_version=None, line_id=line, quantity=Decimal(quantity)
        )  # fmt: skip
        row = desk.read(QuoteLine, line)
        steps = [(each.rule, each.output) for each in from_json(row.price_steps)]
        assert steps[0] == (Rule.CURRENCY_AMOUNT, Decimal(90))
        seen[quantity] = (row.volume_discount, row.base_amount, steps[1:])
    assert seen == {
        "9": (Decimal(0), Decimal(810), []),
        "10": (Decimal("4.5"), Decimal(855), [(Rule.VOLUME_PERCENT, Decimal("4.5"))]),
        "99": (Decimal("4.5"), Decimal("8464.5"), [(Rule.VOLUME_PERCENT, Decimal("4.5"))]),
        "100": (Decimal(9), Decimal(8100), [(Rule.VOLUME_PERCENT, Decimal(9))]),
    }


def test_a_list_price_is_told_as_one(desk: Desk) -> None:
    """Until another one is typed."""
    product, quote = make_product(desk), make_priced_quote(desk)
    line = add_product(desk, quote, product, "1")
    assert [(each.rule, each.output) for each in from_json(line.price_steps)] == [
        (Rule.LIST_PRICE, Decimal(100))
    ]
    desk.do(
        "update_quote_line", id=quote, expected_version=None, line_id=line.public_id,
        price_per_unit=Decimal(95),
    )  # fmt: skip
    assert desk.read(QuoteLine, line.public_id).price_steps == []


def test_an_amount_is_taken_off_each_unit(desk: Desk) -> None:
    """A list of amounts takes the same off every unit."""
    product, price_list = make_product(desk), make_price_list(desk)
    off = make_discount_list(desk, {"low": Decimal(5), "amount": Decimal("2.50")}, type="AMOUNT")
    set_price(desk, price_list, product, discount_list_id=off)
    line = add_product(desk, make_priced_quote(desk, price_list), product, "5")
    assert (line.volume_discount, line.base_amount) == (Decimal("2.5"), Decimal("437.5"))


@pytest.mark.parametrize(
    ("quantity", "price", "per_line", "per_unit"),
    [("11", "100", "1090", "990"), ("200", "100", "19990", "18000")],
)
def test_discounts_of_the_line_and_of_the_unit_differ(
    desk: Desk, quantity: str, price: str, per_line: str, per_unit: str
) -> None:
    """Ten off the line and ten off each unit are both typed, and are not the same."""
    quote = make_priced_quote(desk)
    given = {"description": "Pump", "price_per_unit": Decimal(price)}
    off_line = add_product(desk, quote, None, quantity, **given, discount_amount=Decimal(10))
    off_unit = add_product(desk, quote, None, quantity, **given, discount_per_unit=Decimal(10))
    assert (off_line.extended_amount, off_unit.extended_amount) == (Decimal(per_line), Decimal(per_unit))


# ---- cost


def _statements(desk: Desk, name: str, **given: Any) -> int:
    """Return how many statements a command takes."""
    count = 0

    def seen(*_: Any) -> None:
        nonlocal count
        count += 1

    sqlalchemy.event.listen(desk.database._writer, "before_cursor_execute", seen)
    try:
        desk.tried(name, **given)
    finally:
        sqlalchemy.event.remove(desk.database._writer, "before_cursor_execute", seen)
    return count


def test_a_line_takes_as_many_statements_whatever_the_document_has(desk: Desk) -> None:
    """One line or thirty: adding, changing, moving, repricing cost the same."""
    product, price_list = make_product(desk), make_price_list(desk)
    set_price(desk, price_list, product, discount_list_id=make_discount_list(desk))
    counts = []
    for lines in (2, 30):
        quote = make_priced_quote(desk, price_list)
        line = [add_product(desk, quote, product, "10").public_id for _ in range(lines)][-1]
        at = {"id": quote, "expected_version": None}
        counts.append([
            _statements(desk, "add_quote_line", **at, product_id=product, quantity=Decimal(10)),
            _statements(desk, "update_quote_line", **at, line_id=line, quantity=Decimal(100)),
            _statements(desk, "move_quote_line", **at, line_id=line, position=1),
            _statements(desk, "update_quote", **at, discount_percent=Decimal(5)),
            _statements(desk, "reprice_quote", **at),
        ])  # fmt: skip
    assert counts[0] == counts[1]


def test_lines_of_earlier_get_the_version_of_their_product(desk: Desk) -> None:
    """Migrating back and forth keeps lines, and links them to what was published."""
    line = add_product(desk, make_priced_quote(desk), make_product(desk)).public_id
    undo_migrations(desk.database, "lines_know_the_price")
    desk.database.migrate()
    (version,) = desk.all(ProductVersion)
    row = desk.read(QuoteLine, line)
    assert (row.product_version_id, row.line_type, row.price_list_item_id) == (version.id, "PRODUCT", None)
