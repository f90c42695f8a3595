"""What do the records of the chain, the priced documents and their lines have in common?

Plain bases: each field is declared once here and becomes a field of every type that has the column.
"""

from graphql_api.types.backed import column, money, one
from graphql_api.types.timeline import story


class ChainFields:
    """What every record from lead to invoice shows."""

    status_reason = one("Why the record is in its state.", key="reason_id")
    account = one("The customer: an organisation.")
    contact = one("The customer's person for this deal.")
    owner = one("The user who looks after it.")
    timeline = story()


class DocumentFields(ChainFields):
    """What every record with lines and totals shows."""

    name = column("What it is about, in a few words.")
    currency_code = column("The one currency of all its amounts.")
    discount_percent = column("Percentage of the lines' net amount, 0 to 100, taken off first.")
    discount_amount = money("Taken off after the percentage.")
    freight_amount = money("Added after the discounts, untaxed.")
    line_total = money("Sum of the lines' net amounts, before the document's own discount.")
    discount_total = money("The document's own discount: its percentage and its amount together.")
    tax_total = money("Tax of all lines, rounded once a rate.")
    total = money("What the customer pays: lines, less discount, plus freight and tax.")


class LineFields:
    """What every line of a document shows."""

    created_at = column("When the line was made.")
    position = column("The line's place on its document.")
    product = one("The product; null where the line was written in.")
    description = column("The product's name, or what was written in.")
    quantity = column("How many units.")
    unit = column("The unit that the quantity counts, for example piece or hour.")
    currency_code = column("The document's currency.")
    price_per_unit = money("Price of one unit before discounts.")
    is_price_overridden = column("Whether the price was typed instead of taken from the catalogue.")
    discount_amount = money("Manual discount of the whole line.")
    tax_percent = column("Rate of tax in percent, for example 19.")
    base_amount = money("Quantity times price, rounded to the currency.")
    discount_share = money("The line's part of the document's own discount.")
    tax_amount = money("The line's part of the tax of its rate.")
    extended_amount = money("Base amount less manual discount, plus tax.")
