"""What would a document cost? The answer shows the amounts and their steps as a stored document does."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from sqlmodel import Session

from graphql_api.errors import user_error
from graphql_api.planner.backing import RootComputed
from graphql_api.planner.leaf import money_text
from graphql_api.types.backed import argument, built_field, by_name, given, list_of, optional, shown
from graphql_api.types.command import input_of, named
from graphql_api.types.price import PriceStep, TaxAmount, shown_step, shown_tax
from graphql_api.types.scalars import CurrencyCode
from graphql_api.types.user_error import UserError
from models.access import Viewer
from models.conversion.previewing import PreviewLine, PriceDocumentInput, price_document
from models.document import DOCUMENT_FIGURES, LINE_FIGURES, LineType, explained_document, explained_line
from models.lifecycle import Pointer
from models.moment import Moment, TaxBase, TaxMode, TaxRounding
from models.money import SCALE
from models.pricing import taxes_from_json
from models.quote import Quote
from models.record import Record

_MONEY = by_name("Money")
_LINE_AMOUNTS = (
    "price_per_unit",
    "volume_discount",
    "discount_amount",
    "discount_per_unit",
    "base_amount",
    "discount_share",
    "tax_amount",
    "included_tax_amount",
    "extended_amount",
)
_AMOUNTS = (
    "discount_amount",
    "freight_amount",
    "line_total",
    "discount_total",
    "tax_total",
    "included_tax_total",
    "total",
)


@shown
class PricedLine:
    """A line that was priced and not kept. A bundle's is followed by those of its products."""

    index = given(int, "Of which line of the input it came, from 0 on.")
    line_type = given(LineType, "What it is within its document: part of a bundle, or of none.")
    product = given(by_name("Product") | None, "The product; null where the line was written in.")
    price_list_item = given(
        by_name("PriceListItem") | None, "The price that it has of the price list; null where there is none."
    )
    description = given(str, "The product's name, or what was written in.")
    quantity = given(Decimal, "How many units.")
    unit = given(str, "The name of the unit that the quantity counts.")
    price_per_unit = given(_MONEY, "Price of one unit before discounts.")
    is_price_overridden = given(bool, "Whether the price was typed instead of taken from the catalogue.")
    volume_discount = given(_MONEY, "Taken off each unit for a large quantity, by a discount list.")
    discount_amount = given(_MONEY, "Manual discount of the whole line.")
    discount_per_unit = given(_MONEY, "Manual discount of each unit.")
    base_amount = given(_MONEY, "Quantity times price less volume discount, rounded to the currency.")
    discount_share = given(_MONEY, "The line's part of the document's own discount.")
    taxes = given(list_of(TaxAmount), "Its taxes with the line's part of each: they sum to taxAmount.")
    tax_amount = given(_MONEY, "The line's part of the tax of its rates.")
    included_tax_amount = given(_MONEY, "What of its tax the price includes.")
    extended_amount = given(
        _MONEY, "Base amount less manual discounts, plus the tax that the price does not include."
    )
    price_trace = given(list_of(PriceStep), "How its price came about, step by step.")


@shown
class PricedDocument:
    """A document that was priced by the rules of a draft quote, and not kept."""

    lines = given(list_of(PricedLine), "Its lines in the order of the input.")
    currency_code = given(CurrencyCode, "The one currency of all its amounts.")
    price_list = given(
        by_name("PriceList") | None, "What its lines are priced by; list prices count where null."
    )
    discount_percent = given(Decimal, "Percentage of the lines' net amount, taken off first.")
    discount_amount = given(_MONEY, "Taken off after the percentage.")
    freight_amount = given(_MONEY, "Added after the discounts.")
    freight_taxes = given(list_of(TaxAmount), "The taxes on the freight, each with its base and amount.")
    tax_rounding = given(TaxRounding, "Where its taxes are rounded.")
    tax_base = given(TaxBase, "What its taxes are on.")
    tax_mode = given(TaxMode, "Where its taxes come from.")
    line_total = given(_MONEY, "Sum of the lines' net amounts, before the document's discount.")
    discount_total = given(_MONEY, "The document's own discount: its percentage and its amount together.")
    taxes = given(list_of(TaxAmount), "Each tax once per code and rate: they sum to taxTotal.")
    tax_total = given(_MONEY, "Tax of all lines and of the freight.")
    included_tax_total = given(_MONEY, "What of the tax the prices include.")
    total = given(
        _MONEY,
        "What the customer would pay: lines, less discount, plus freight and the tax that prices leave out.",
    )
    price_trace = given(list_of(PriceStep), "How its total came about, step by step.")


@shown
class PriceDocumentPayload:
    """What priceDocument answers."""

    document = given(PricedDocument | None, "The priced document; null where something has to be put right.")
    user_errors = given(
        list[UserError],
        "What has to be put right, of each line the first; empty where the document is priced.",
    )


def root_price_document() -> Any:
    """Declare ``priceDocument``."""
    text = (
        "What a document with these lines would cost: priced as a draft quote is, by the same rules, without "
        "writing anything. Null, with an error FORBIDDEN, for roles that do not sell."
    )
    wanted = argument("input", input_of(PriceDocumentInput), "What is to be priced.")
    return built_field(RootComputed(_answer), optional(PriceDocumentPayload, null=True), text, [wanted])


def _answer(session: Session, viewer: Viewer, moment: Moment, arguments: Mapping[str, Any]) -> dict[str, Any]:
    """Return the payload, under Python names."""
    found = price_document(session, viewer, moment, named(PriceDocumentInput, arguments["input"]))
    document = None if found.document is None else _document(found.document)
    if document is not None:
        document["lines"] = [_line(each) for each in found.lines]
    return {"document": document, "user_errors": [user_error(each) for each in found.refusals]}


def _document(row: Quote) -> dict[str, Any]:
    """Return a document as ``PricedDocument`` shows it, without its lines."""
    code = row.currency_code
    same = ("currency_code", "discount_percent", "tax_rounding", "tax_base", "tax_mode")
    return {
        **{name: getattr(row, name) for name in same},
        **_amounts(row, _AMOUNTS, code),
        "price_list": row.price_list_id and Pointer("price_list", row.price_list_id),
        "freight_taxes": [shown_tax(each, code) for each in taxes_from_json(row.freight_taxes)],
        "taxes": [shown_tax(each, code) for each in taxes_from_json(row.taxes)],
        "price_trace": [shown_step(each) for each in explained_document(_values(row, DOCUMENT_FIGURES))],
    }


def _line(priced: PreviewLine) -> dict[str, Any]:
    """Return a line as ``PricedLine`` shows it."""
    row, code = priced.line, priced.line.currency_code
    same = ("line_type", "description", "quantity", "unit", "is_price_overridden")
    return {
        "index": priced.index,
        **{name: getattr(row, name) for name in same},
        **_amounts(row, _LINE_AMOUNTS, code),
        "product": row.product_id and Pointer("product", row.product_id),
        "price_list_item": row.price_list_item_id and Pointer("price_list_item", row.price_list_item_id),
        "taxes": [shown_tax(each, code) for each in taxes_from_json(row.taxes)],
        # Only who sells may ask, and who sells is told of costs.
        "price_trace": [
            shown_step(each) for each in explained_line(_values(row, LINE_FIGURES), sees_costs=True)
        ],
    }


def _amounts(row: Record, names: tuple[str, ...], currency_code: str) -> dict[str, Any]:
    """Return amounts of a row, each as ``Money``: written as the planner writes those of a stored row."""
    return {
        name: {
            "amount": money_text(int(getattr(row, name) * SCALE), currency_code),
            "currency_code": currency_code,
        }
        for name in names
    }


def _values(row: Record, names: tuple[str, ...]) -> dict[str, Any]:
    """Return columns of a row by name."""
    return {name: getattr(row, name) for name in names}
