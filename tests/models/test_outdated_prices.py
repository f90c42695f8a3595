"""Does a draft show that the catalogue has moved on, and does nothing else change with it?"""

from datetime import timedelta
from decimal import Decimal

import sqlalchemy

from models.conversion import is_price_outdated, price_outdated_facts
from models.product import ProductVersion
from models.quote import QuoteLine
from tests.catalogue import add_product, make_priced_quote
from tests.desk import TODAY, Desk, blocked, told
from tests.factories import make_opportunity, make_price_list, make_product, set_price


def _outdated(desk: Desk, key: str) -> bool:
    """Return what a reader is told of a document or a line."""
    row = desk.row(key)
    table = type(row)
    columns = [fact.read(table).label(fact.name) for fact in price_outdated_facts(table)]
    with desk.database.reading() as session:
        statement = sqlalchemy.select(*columns).select_from(table).where(table.id == row.id)
        return is_price_outdated(dict(session.execute(statement).mappings().one()), desk.moment)


def test_a_draft_shows_that_its_prices_are_outdated(desk: Desk) -> None:
    """A price change shows from its day on; the draft changes when it is repriced, and not before."""
    product, price_list = make_product(desk), make_price_list(desk)
    set_price(desk, price_list, product)
    quote = make_priced_quote(desk, price_list)
    line = add_product(desk, quote, product, "2").public_id
    later = TODAY + timedelta(days=5)
    set_price(desk, price_list, product, amount=Decimal(99), valid_from=later)
    then = desk.later(days=5)
    assert [_outdated(each, key) for each in (desk, then) for key in (quote, line)] == [
        False,
        False,
        True,
        True,
    ]
    assert desk.row(quote).line_total == 180
    then.do("reprice_quote", id=quote, expected_version=None)
    assert (desk.row(quote).line_total, _outdated(then, quote), _outdated(then, line)) == (198, False, False)


def test_every_way_to_be_outdated_shows(desk: Desk) -> None:
    """Another price list, a price that ended, a first price, a new list price: each shows."""
    product, price_list, other = (
        make_product(desk),
        make_price_list(desk),
        make_price_list(desk, name="Other"),
    )
    quote = make_priced_quote(desk)
    line = add_product(desk, quote, product).public_id
    assert _outdated(desk, line) is False
    desk.do("revise_product", id=product)
    desk.do("update_product", id=product, expected_version=None, name="Same price")
    desk.do("publish_product", id=product)
    assert _outdated(desk, line) is False
    desk.do("revise_product", id=product)
    desk.do("update_product", id=product, expected_version=None, list_price=Decimal(101))
    assert _outdated(desk, line) is False
    desk.do("publish_product", id=product)
    assert _outdated(desk, line) is True
    desk.do("reprice_quote", id=quote, expected_version=None)
    row = desk.read(QuoteLine, line)
    assert (row.price_per_unit, _outdated(desk, line)) == (Decimal(101), False)
    desk.do("update_quote", id=quote, expected_version=None, price_list_id=price_list)
    assert _outdated(desk, line) is False
    item = set_price(desk, price_list, product)
    assert (_outdated(desk, line), _outdated(desk, quote)) == (True, True)
    desk.do("reprice_quote", id=quote, expected_version=None)
    assert (desk.row(line).price_per_unit, _outdated(desk, line)) == (90, False)
    desk.do("end_price_list_item", id=price_list, item_id=item)
    assert [_outdated(each, line) for each in (desk, desk.later(days=1))] == [False, True]
    desk.do("update_quote", id=quote, expected_version=None, price_list_id=other)
    assert _outdated(desk, line) is True


def test_an_active_quote_never_changes_with_the_catalogue(desk: Desk) -> None:
    """It keeps price and version, is not outdated, and is not repriced."""
    product, price_list = make_product(desk, name="Pump"), make_price_list(desk)
    item = set_price(desk, price_list, product)
    quote = make_priced_quote(desk, price_list)
    line = add_product(desk, quote, product).public_id
    desk.do("activate_quote", id=quote)
    desk.do("revise_product", id=product)
    desk.do("update_product", id=product, expected_version=None, name="Pump 2", list_price=Decimal(1))
    desk.do("publish_product", id=product)
    desk.do("end_price_list_item", id=price_list, item_id=item)
    then = desk.later(days=2)
    set_price(then, price_list, product, amount=Decimal(1))
    row = desk.read(QuoteLine, line)
    assert (row.price_per_unit, row.description, _outdated(then, quote), _outdated(then, line)) == (
        Decimal(90), "Pump", False, False,
    )  # fmt: skip
    with desk.database.reading() as session:
        version = session.get_one(ProductVersion, row.product_version_id)
        assert (version.name, version.revision) == ("Pump", 1)
    refusal = blocked(then.refused("reprice_quote", id=quote, expected_version=None))
    assert refusal.code == "RECORD_READ_ONLY"
    refusal = blocked(desk.refused("remove_price_list_item", id=price_list, item_id=item))
    assert refusal.code == "HAS_DOWNSTREAM"
    assert refusal.message == (
        "Lines have this price: addPriceListItem sets the next one, endPriceListItem ends it."
    )


def test_a_product_under_revision_is_sold_as_it_was_published(desk: Desk) -> None:
    """What is being written shows on no document."""
    product = make_product(desk, name="Pump")
    desk.do("revise_product", id=product)
    desk.do("update_product", id=product, expected_version=None, name="Pump 2", list_price=Decimal(5))
    line = add_product(desk, make_priced_quote(desk), product)
    assert (line.description, line.price_per_unit) == ("Pump", Decimal(100))


def test_what_is_not_sold_is_refused(desk: Desk) -> None:
    """A family, a retired product, and one whose days are over or to come."""
    quote = make_priced_quote(desk)
    family = desk.do("create_product", number="F", name="F", structure="PRODUCT_FAMILY")["product"]
    desk.do("publish_product", id=family)
    retired = make_product(desk, number="R")
    desk.do("retire_product", id=retired)
    over = make_product(desk, number="O", valid_to=TODAY - timedelta(days=1))
    future = make_product(desk, number="N", valid_from=TODAY + timedelta(days=1))
    for product, message in (
        (family, "Product F is a PRODUCT_FAMILY; one of its products goes on a document."),
        (retired, "Product R is RETIRED; only an active product goes on a document."),
        (over, "Product O is sold from the beginning to 2026-03-01; today is 2026-03-02."),
        (future, "Product N is sold from 2026-03-03 to no end; today is 2026-03-02."),
    ):
        refusal = blocked(
            desk.refused(
                "add_quote_line", id=quote, expected_version=None, product_id=product, quantity=Decimal(1)
            )
        )
        assert told(refusal) == ("PRODUCT_NOT_ACTIVE", ("input", "productId"))
        assert refusal.message == message


def test_an_opportunity_is_repriced_with_its_revenue(desk: Desk) -> None:
    """The estimated revenue follows the lines."""
    product, price_list = make_product(desk, tax_percent=Decimal(0)), make_price_list(desk)
    opportunity = make_opportunity(desk, ())
    at = {"id": opportunity, "expected_version": None}
    line = desk.do("add_opportunity_line", **at, product_id=product, quantity=Decimal(2))["line"]
    set_price(desk, price_list, product)
    desk.do("update_opportunity", **at, price_list_id=price_list)
    assert (desk.row(opportunity).estimated_revenue, _outdated(desk, opportunity)) == (200, True)
    desk.do("reprice_opportunity", **at)
    assert (desk.row(opportunity).estimated_revenue, _outdated(desk, line)) == (180, False)
