"""How does a deal go from one record to the next?

The transitions that touch more than one record of the chain, and their undoing.
"""

from models.conversion.acceptance import accept_quote
from models.conversion.approving import approve_quote, reject_quote_approval, submit_quote_for_approval
from models.conversion.closing import close_quote, lose_opportunity, reopen_opportunity, win_opportunity
from models.conversion.crediting import create_credit_note
from models.conversion.customers import deactivate_account, deactivate_contact
from models.conversion.deposits import invoice_deposit
from models.conversion.drafting import copy_opportunity_lines, create_quote
from models.conversion.expiry import expire_quote
from models.conversion.fulfillment import cancel_fulfillment, close_order_short, fulfill_order, return_items
from models.conversion.invoice_editing import (
    create_invoice,
    lock_invoice_pricing,
    unlock_invoice_pricing,
    update_invoice,
)
from models.conversion.invoice_lines import add_invoice_line, remove_invoice_line, update_invoice_line
from models.conversion.invoicing import cancel_invoice, discard_invoice, invoice_order
from models.conversion.leads import (
    delete_lead,
    disqualify_lead,
    mark_lead_contacted,
    merge_leads,
    nurture_lead,
)
from models.conversion.lines import (
    add_opportunity_line,
    add_quote_line,
    move_opportunity_line,
    move_quote_line,
    remove_opportunity_line,
    remove_quote_line,
    reprice_opportunity,
    reprice_quote,
    update_opportunity_line,
    update_quote_line,
)
from models.conversion.opening import capture_lead, create_contact, create_lead, create_opportunity
from models.conversion.order_editing import (
    create_order,
    lock_order_pricing,
    unlock_order_pricing,
    update_order,
)
from models.conversion.order_lines import add_order_line, remove_order_line, update_order_line
from models.conversion.ordering import cancel_order, recall_order, submit_order
from models.conversion.outdated import is_price_outdated, price_outdated_facts
from models.conversion.paying import (
    apply_customer_credit,
    mark_invoice_paid,
    record_payment,
    reverse_payment,
)
from models.conversion.presenting import present_quote
from models.conversion.qualification import qualify_lead
from models.conversion.quoting import activate_quote, generate_quote_from_opportunity, revise_quote
from models.conversion.reverting import decline_quote, revert_quote_acceptance
from models.conversion.undoing import undo_qualify_lead
from models.conversion.upkeep import assign, comment, comment_quote, tag

__all__ = [
    "accept_quote",
    "activate_quote",
    "add_invoice_line",
    "add_opportunity_line",
    "add_order_line",
    "add_quote_line",
    "apply_customer_credit",
    "approve_quote",
    "assign",
    "cancel_fulfillment",
    "cancel_invoice",
    "cancel_order",
    "capture_lead",
    "close_order_short",
    "close_quote",
    "comment",
    "comment_quote",
    "copy_opportunity_lines",
    "create_contact",
    "create_credit_note",
    "create_invoice",
    "create_lead",
    "create_opportunity",
    "create_order",
    "create_quote",
    "deactivate_account",
    "deactivate_contact",
    "decline_quote",
    "delete_lead",
    "discard_invoice",
    "disqualify_lead",
    "expire_quote",
    "fulfill_order",
    "generate_quote_from_opportunity",
    "invoice_deposit",
    "invoice_order",
    "is_price_outdated",
    "lock_invoice_pricing",
    "lock_order_pricing",
    "lose_opportunity",
    "mark_invoice_paid",
    "mark_lead_contacted",
    "merge_leads",
    "move_opportunity_line",
    "move_quote_line",
    "nurture_lead",
    "present_quote",
    "price_outdated_facts",
    "qualify_lead",
    "recall_order",
    "record_payment",
    "reject_quote_approval",
    "remove_invoice_line",
    "remove_opportunity_line",
    "remove_order_line",
    "remove_quote_line",
    "reopen_opportunity",
    "reprice_opportunity",
    "reprice_quote",
    "return_items",
    "reverse_payment",
    "revert_quote_acceptance",
    "revise_quote",
    "submit_order",
    "submit_quote_for_approval",
    "tag",
    "undo_qualify_lead",
    "unlock_invoice_pricing",
    "unlock_order_pricing",
    "update_invoice",
    "update_invoice_line",
    "update_opportunity_line",
    "update_order",
    "update_order_line",
    "update_quote_line",
    "win_opportunity",
]
