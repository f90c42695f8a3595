"""Do lines take their price from the catalogue, keep what is typed, and price the document?"""

from decimal import Decimal
from typing import Any

import pytest

from models.opportunity import OpportunityLine
from models.quote import QuoteLine
from models.record import new_id, public_id
from tests.desk import Desk, blocked, told
from tests.factories import Item, make_draft, make_opportunity, make_product, make_quote

DOCUMENTS = ["opportunity", "quote"]


def _document(desk: Desk, noun: str) -> tuple[str, type[OpportunityLine | QuoteLine]]:
    if noun == "quote":
        return make_draft(desk, ()), QuoteLine
    return make_opportunity(desk, ()), OpportunityLine


def _add(desk: Desk, document: str, noun: str, **given: Any) -> str:
    line: str = desk.do(f"add_{noun}_line", id=document, expected_version=None, **given)["line"]
    return line


@pytest.mark.parametrize("noun", DOCUMENTS)
def test_a_line_takes_what_the_product_has(desk: Desk, noun: str) -> None:
    """Name, unit, price and tax are the product's unless they are typed."""
    document, table = _document(desk, noun)
    product = make_product(desk, name="Hose", unit="meter", tax_percent=Decimal(7), quantity_places=2)
    line = desk.read(table, _add(desk, document, noun, product_id=product, quantity=Decimal("2.25")))
    assert (line.description, line.unit, line.price_per_unit, line.tax_percent) == (
        "Hose", "meter", Decimal(100), Decimal(7),
    )  # fmt: skip
    assert (line.position, line.is_price_overridden, line.base_amount, line.tax_amount) == (
        1, False, Decimal(225), Decimal("15.75"),
    )  # fmt: skip
    typed = _add(
        desk, document, noun, product_id=product, quantity=Decimal(1), price_per_unit=Decimal("80.005"),
        tax_percent=Decimal(0), description="Hose, used",
    )  # fmt: skip
    row = desk.read(table, typed)
    assert (row.position, row.is_price_overridden, row.base_amount, row.extended_amount) == (
        2, True, Decimal("80.01"), Decimal("80.01"),
    )  # fmt: skip
    header = desk.row(document)
    assert (header.line_total, header.tax_total, header.total) == (
        Decimal("305.01"), Decimal("15.75"), Decimal("320.76"),
    )  # fmt: skip


@pytest.mark.parametrize("noun", DOCUMENTS)
def test_a_line_is_changed_and_removed(desk: Desk, noun: str) -> None:
    """Null goes back to the list price; a removed line leaves the others in their order."""
    document, table = _document(desk, noun)
    product = make_product(desk)
    first = _add(desk, document, noun, product_id=product, quantity=Decimal(1), price_per_unit=Decimal(90))
    second = _add(desk, document, noun, **Item("1", "10", tax="0").given)
    done = desk.do(
        f"update_{noun}_line", id=document, expected_version=None, line_id=first, price_per_unit=None,
        discount_amount=Decimal(5), description="Pump",
    )  # fmt: skip
    assert done["line"] == first
    row = desk.read(table, first)
    assert (row.price_per_unit, row.is_price_overridden, row.extended_amount) == (
        Decimal(100), False, Decimal(95),
    )  # fmt: skip
    assert desk.row(document).total == Decimal(105)
    desk.do(f"remove_{noun}_line", id=document, expected_version=None, line_id=first)
    assert [each.public_id for each in desk.all(table)] == [second]
    assert (desk.row(document).total, desk.read(table, second).position) == (Decimal(10), 2)
    event = desk.events_of(document)[-1]
    assert {"field": f"{first}.quantity", "before": "1", "after": None} in event.changes


_IMPOSSIBLE: list[tuple[dict[str, Any], str, str]] = [
    ({"quantity": Decimal(0)}, "quantity", "VALIDATION"),
    ({"quantity": Decimal(-1)}, "quantity", "VALIDATION"),
    ({"price_per_unit": Decimal(-1000)}, "pricePerUnit", "TOTAL_BELOW_ZERO"),
    ({"price_per_unit": None}, "pricePerUnit", "VALIDATION"),
    ({"description": " "}, "description", "VALIDATION"),
    ({"description": "x" * 501}, "description", "VALIDATION"),
    ({"discount_amount": Decimal(-1)}, "discountAmount", "VALIDATION"),
    ({"discount_amount": Decimal("0.001")}, "discountAmount", "VALIDATION"),
    ({"discount_amount": Decimal("200.01")}, "discountAmount", "DISCOUNT_TOO_LARGE"),
    ({"tax_percent": Decimal(101)}, "taxPercent", "VALIDATION"),
    ({"price_per_unit": Decimal(10) ** 13}, "pricePerUnit", "AMOUNT_TOO_LARGE"),
    (
        {"price_per_unit": Decimal(10) ** 17, "quantity": Decimal(10) ** 17},
        "pricePerUnit",
        "AMOUNT_TOO_LARGE",
    ),
]


@pytest.mark.parametrize("noun", DOCUMENTS)
def test_a_line_that_cannot_be_is_refused(desk: Desk, noun: str) -> None:
    """Each impossible value is refused with its path, when a line is added and when it is changed."""
    document, _ = _document(desk, noun)
    line = _add(desk, document, noun, **Item().given)
    for given, field, code in _IMPOSSIBLE:
        refusal = desk.refused(f"add_{noun}_line", id=document, expected_version=None, **Item().given | given)
        assert told(refusal) == (code, ("input", field)), given
        refusal = desk.refused(
            f"update_{noun}_line", id=document, expected_version=None, line_id=line, **given
        )
        assert told(refusal) == (code, ("input", field)), given


@pytest.mark.parametrize("noun", DOCUMENTS)
def test_a_product_that_may_not_be_sold_is_refused(desk: Desk, noun: str) -> None:
    """A draft, another currency, a fraction of a whole and an unknown product keep the line off."""
    document, _ = _document(desk, noun)
    command = f"add_{noun}_line"
    draft = desk.do("create_product", number="D", name="Draft", list_price=Decimal(1))["product"]
    dollars = make_product(desk, currency_code="USD", number="U")
    whole = make_product(desk, number="W", name="Pump W")
    for product, code, message in (
        (draft, "PRODUCT_NOT_ACTIVE", "Product D is DRAFT; only an active product goes on a document."),
        (dollars, "CURRENCY_MISMATCH", "Product U is priced in USD, this document in EUR."),
    ):
        refusal = desk.refused(
            command, id=document, expected_version=None, product_id=product, quantity=Decimal(1)
        )
        assert told(blocked(refusal)) == (code, ("input", "productId"))
        assert refusal.message == message
    half = {"expected_version": None, "product_id": whole, "quantity": Decimal("0.5")}
    refusal = desk.refused(command, id=document, **half)
    assert told(refusal) == ("FRACTIONAL_QUANTITY", ("input", "quantity"))
    assert refusal.message == ("Quantity 0.5 is finer than Pump W is sold: it has 0 digits behind the point.")
    refusal = desk.refused(command, id=document, **half | {"product_id": public_id("product", new_id())})
    assert told(refusal) == ("NOT_FOUND", ("input", "productId"))


@pytest.mark.parametrize("noun", DOCUMENTS)
def test_a_line_of_another_document_is_not_found(desk: Desk, noun: str) -> None:
    """A line is looked for on its document only."""
    document, _ = _document(desk, noun)
    other, _ = _document(desk, noun)
    line = _add(desk, other, noun, **Item().given)
    for command in (f"update_{noun}_line", f"remove_{noun}_line"):
        refusal = desk.refused(command, id=document, expected_version=None, line_id=line)
        assert told(refusal) == ("NOT_FOUND", ("input", "lineId"))


def test_removing_a_line_cannot_leave_more_discount_than_goods(desk: Desk) -> None:
    """The document's discount has to fit what is left."""
    quote = make_draft(desk, [Item("1", "100"), Item("1", "10")], discount_amount=Decimal(50))
    line = desk.all(QuoteLine, quote_id=quote)[0].public_id
    refusal = desk.refused("remove_quote_line", id=quote, expected_version=None, line_id=line)
    assert told(refusal) == ("DISCOUNT_TOO_LARGE", ("input", "discountAmount"))


def test_half_a_cent_is_rounded_up_on_the_line_and_in_the_total(desk: Desk) -> None:
    """9.5 times 124.75 is 1,185.13 in the database, too (SuiteCRM#10811)."""
    quote = make_draft(desk, [Item("9.5", "124.75", "0", "0")])
    assert desk.all(QuoteLine, quote_id=quote)[0].extended_amount == Decimal("1185.13")
    assert desk.row(quote).total == Decimal("1185.13")


def test_a_quote_does_not_change_with_the_catalogue_or_the_opportunity(desk: Desk) -> None:
    """What was copied stays, whatever becomes of the opportunity's line."""
    quote = make_quote(desk)
    (line,) = desk.all(OpportunityLine)
    opportunity = public_id("opportunity", line.opportunity_id)
    desk.do(
        "update_opportunity_line", id=opportunity, expected_version=None, line_id=line.public_id,
        price_per_unit=Decimal(1),
    )  # fmt: skip
    assert desk.row(quote).total == Decimal(238)


def test_a_line_that_a_quote_was_made_with_may_be_removed(desk: Desk) -> None:
    """Quotes keep their lines when the opportunity loses its own."""
    quote = make_draft(desk)
    (line,) = desk.all(OpportunityLine)
    opportunity = public_id("opportunity", line.opportunity_id)
    desk.do("remove_opportunity_line", id=opportunity, expected_version=None, line_id=line.public_id)
    (kept,) = desk.all(QuoteLine, quote_id=quote)
    assert (kept.lineage_id, kept.opportunity_line_id) == (line.lineage_id, None)
    assert desk.all(OpportunityLine) == []
