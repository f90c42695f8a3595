"""How does a deal go from one record to the next?

The transitions that touch more than one record of the chain, and their undoing.
"""

from models.conversion.acceptance import accept_quote
from models.conversion.closing import (
    cancel_order,
    close_quote,
    lose_opportunity,
    reopen_opportunity,
    win_opportunity,
)
from models.conversion.invoicing import cancel_invoice, discard_invoice, invoice_order
from models.conversion.lines import (
    add_opportunity_line,
    add_quote_line,
    remove_opportunity_line,
    remove_quote_line,
    update_opportunity_line,
    update_quote_line,
)
from models.conversion.opening import capture_lead, create_contact, create_lead, create_opportunity
from models.conversion.qualification import disqualify_lead, qualify_lead
from models.conversion.quoting import activate_quote, generate_quote_from_opportunity, revise_quote

__all__ = [
    "accept_quote",
    "activate_quote",
    "add_opportunity_line",
    "add_quote_line",
    "cancel_invoice",
    "cancel_order",
    "capture_lead",
    "close_quote",
    "create_contact",
    "create_lead",
    "create_opportunity",
    "discard_invoice",
    "disqualify_lead",
    "generate_quote_from_opportunity",
    "invoice_order",
    "lose_opportunity",
    "qualify_lead",
    "remove_opportunity_line",
    "remove_quote_line",
    "reopen_opportunity",
    "revise_quote",
    "update_opportunity_line",
    "update_quote_line",
    "win_opportunity",
]
