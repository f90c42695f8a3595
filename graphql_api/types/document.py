"""What do the records of the chain, the priced documents and their lines have in common?

Plain bases: each field is declared once here and becomes a field of every type that has the column.
"""

from typing import Any

from graphql_api.planner.backing import Computed
from graphql_api.types.annotation import metadata, tags
from graphql_api.types.as_of import as_of
from graphql_api.types.backed import column, computed, describe, money, one
from graphql_api.types.journey import journey
from graphql_api.types.price import base_amounts, breakdown, document_trace, line_trace
from graphql_api.types.timeline import story, through_chain
from models.conversion import is_price_outdated, price_outdated_facts
from models.document import LineType


def price_outdated(table: type[Any]) -> Any:
    """Declare whether prices of a draft, or one of its lines, are no longer those of the catalogue."""
    return computed(
        Computed(price_outdated_facts(table), lambda values, _, moment: is_price_outdated(values, moment)),
        bool,
        "Whether repricing it today would find another price in the catalogue. What is no longer edited is "
        "not outdated: what was offered stays.",
    )


describe(
    LineType,
    "What a line is within its document.",
    PRODUCT="A product, or something written in.",
    BUNDLE="A bundle; the lines of its products bear its lineage.",
    REQUIRED_BUNDLE_PRODUCT="A product that its bundle is never sold without; it is paid with the bundle.",
    OPTIONAL_BUNDLE_PRODUCT="A product that its bundle may be sold without; it has a price of its own.",
)


class ChainFields:
    """What every record from lead to invoice shows."""

    status_reason = one("Why the record is in its state.", key="reason_id")
    account = one("The customer: an organisation.")
    contact = one("The customer's person for this deal.")
    owner = one("The user who looks after it.")
    notes = through_chain("note", "What was said about it, or about any record of its chain, oldest first.")
    activities = through_chain(
        "activity", "What is to be done, or was, about it or about any record of its chain, oldest first."
    )
    tags = tags()
    metadata = metadata()
    timeline = story()


class DocumentFields(ChainFields):
    """What every record with lines and totals shows."""

    name = column("What it is about, in a few words.")
    currency_code = column("The one currency of all its amounts.")
    price_list = one("What its lines are priced by; list prices count where null.")
    discount_percent = column("Percentage of the lines' net amount, 0 to 100, taken off first.")
    discount_amount = money("Taken off after the percentage.")
    freight_amount = money("Added after the discounts; untaxed unless freightTaxes says otherwise.")
    freight_taxes = breakdown("The taxes on the freight, each with its base and amount.")
    tax_rounding = column("Where its taxes are rounded; kept from when it was made.")
    tax_base = column("What its taxes are on; kept from when it was made.")
    tax_mode = column("Where its taxes come from; kept from when it was made.")
    line_total = money(
        "Sum of the lines' net amounts, with the taxes that prices include, before the document's discount."
    )
    discount_total = money("The document's own discount: its percentage and its amount together.")
    tax_total = money("Tax of all lines and of the freight.")
    included_tax_total = money("What of the tax the prices include, so that the total does not add it again.")
    taxes = breakdown("Each tax once per code and rate, with its base and amount: they sum to taxTotal.")
    price_trace = document_trace()
    as_of = as_of()
    base_amounts = base_amounts()
    total = money(
        "What the customer pays: lines, less discount, plus freight and the tax that prices do not include."
    )


class LineFields:
    """What every line of a document shows."""

    created_at = column("When the line was made.")
    position = column("The line's place on its document.")
    line_type = column("What it is within its document: part of a bundle, or of none.")
    lineage_id = column("What the same position bears on every document of the deal.", kind=str)
    bundle_lineage_id = column("The lineage of the bundle's line that it belongs to.", kind=str)
    product = one("The product; null where the line was written in.")
    product_version = one("The product as it was quoted.")
    price_list_item = one("The price that it has of the price list; null where there is none.")
    description = column("The product's name, or what was written in.")
    quantity = column("How many units.")
    counted_in = one("The unit of the product's unit group; null where it was written in.")
    unit = column("The name of the unit that the quantity counts, for example piece or hour.")
    currency_code = column("The document's currency.")
    price_per_unit = money("Price of one unit before discounts.")
    is_price_overridden = column("Whether the price was typed instead of taken from the catalogue.")
    volume_discount = money("Taken off each unit for a large quantity, by a discount list.")
    discount_amount = money("Manual discount of the whole line.")
    discount_per_unit = money("Manual discount of each unit.")
    tax_percent = column("The rates of its taxes together in percent, for example 19.")
    typed_tax = money("The tax that was typed; it counts in the tax mode TYPED alone.")
    taxes = breakdown("Its taxes with the line's part of each: they sum to taxAmount.")
    base_amount = money("Quantity times price less volume discount, rounded to the currency.")
    discount_share = money("The line's part of the document's own discount.")
    tax_amount = money("The line's part of the tax of its rates.")
    included_tax_amount = money("What of its tax the price includes.")
    price_trace = line_trace()
    extended_amount = money(
        "Base amount less manual discounts, plus the tax that the price does not include."
    )
    journey = journey()
