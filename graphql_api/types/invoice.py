"""What does the schema show of an invoice?"""

from collections.abc import Mapping
from typing import Any

from graphql_api.planner.backing import Computed
from graphql_api.types.backed import backed_by, column, computed, describe, money, one
from graphql_api.types.document import DocumentFields, LineFields
from graphql_api.types.node import Node, Versioned
from graphql_api.types.paging import many, ordered
from graphql_api.types.transition import transitions_of
from models.access import Viewer
from models.invoice import Invoice as InvoiceTable
from models.invoice import InvoiceLine as InvoiceLineTable
from models.invoice import InvoiceLineKind, InvoicePolicy, InvoiceStatus, is_overdue
from models.moment import Moment

describe(
    InvoiceStatus,
    "The states of an invoice.",
    ACTIVE="A draft, or issued and not paid in full.",
    PAID="Paid in full. Read-only.",
    CANCELED="Discarded, canceled, or credited before anything was paid. Read-only.",
)
describe(
    InvoicePolicy,
    "Which quantity may be billed.",
    FULFILLED="What was delivered.",
    ORDERED="What was ordered, delivered or not.",
)
describe(
    InvoiceLineKind,
    "What a position of an invoice is.",
    ITEM="Something that is billed.",
    DEPOSIT="A part of a deposit, for one set of taxes.",
    DEDUCTION="What is taken off for deposits, for one set of taxes.",
)
ordered(
    InvoiceTable,
    created_at="When the invoice was made.",
    updated_at="When a command last touched the invoice.",
    number="By invoice number; drafts have none.",
    due_on="By due date; drafts have none.",
    total="By total, as a number: mind the currencies.",
)


def _is_overdue(values: Mapping[str, Any], viewer: Viewer, moment: Moment) -> bool:
    """Say whether an invoice is overdue, on the organisation's calendar day."""
    del viewer
    return is_overdue(**values, today=moment.today)


@backed_by(InvoiceTable)
class Invoice(DocumentFields, Versioned, Node):
    """A demand for payment. Once issued it has its number for good and never changes."""

    status = column("The invoice's state.")
    number = column("The number that people use, gapless within a year; null on a draft.")
    order = one("The order that it bills.")
    opportunity = one("The opportunity that it came from.")
    bill_to = one("Where it goes.")
    customer_reference = column("The customer's own reference, for example a purchase order number.")
    is_deposit = column("Whether it asks for money before anything is billed; later invoices take it off.")
    prices_locked = column(
        "Whether its prices stay as they are; those of an order's invoice are the order's.",
        name="is_prices_locked",
    )
    billing_policy = column("Up to which quantity it may bill the order's lines; null without an order.")
    issued_on = column("The day of issue.")
    due_on = column("The day by which it is to be paid.")
    paid_total = money("Sum of its payments, without what of them became credit of the customer.")
    credited_total = money("Sum of its credit notes.")
    customer_credit_total = money("What of its credit notes became credit of the customer.")
    balance = money("What is still owed: total less payments and credit notes.")
    is_overdue = computed(
        Computed(("status", "due_on", "balance"), _is_overdue),
        bool,
        "Whether it is issued, not paid in full, and past its due date.",
    )
    became_overdue_at = column("When the clock told that it was not paid in time.")
    paid_on = column("The day of the payment that settled it.")
    closed_at = column("When it was paid or canceled.")
    lines = many("invoice_line", "invoice_id", "What is billed, by position.", order=(("position", False),))
    credit_notes = many("credit_note", "invoice_id", "What of it is taken back, oldest first.")
    payments = many("payment", "invoice_id", "The money received for it, oldest first.")
    transitions = transitions_of(InvoiceTable, InvoiceStatus)


@backed_by(InvoiceLineTable)
class InvoiceLine(LineFields, Node):
    """One position of an invoice."""

    invoice = one("The invoice that it belongs to.")
    kind = column("What it is: something billed, a deposit, or what is taken off for one.")
    order_line = one("The position of the order that it was made from.")
    quantity_credited = column("How much of the quantity credit notes took back.")
    credit_note_lines = many("credit_note_line", "invoice_line_id", "What credit notes took back of it.")
