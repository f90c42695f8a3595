"""What does the schema show of an invoice and its payments?"""

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
from models.invoice import InvoiceStatus, PaymentMethod, is_overdue
from models.invoice import Payment as PaymentTable
from models.moment import Moment

describe(
    InvoiceStatus,
    "The states of an invoice.",
    ACTIVE="A draft, or issued and not paid in full.",
    PAID="Paid in full. Read-only.",
    CANCELED="Discarded or cancelled: its quantities can be billed again. Read-only.",
)
describe(
    PaymentMethod,
    "How money reached us.",
    BANK_TRANSFER="A bank transfer.",
    CARD="A credit or debit card.",
    DIRECT_DEBIT="A direct debit.",
    CASH="Cash.",
    CHECK="A check.",
    OTHER="Anything else.",
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
    issued_on = column("The day of issue.")
    due_on = column("The day by which it is to be paid.")
    paid_total = money("Sum of its payments.")
    balance = money("What is still owed: total less payments.")
    is_overdue = computed(
        Computed(("status", "due_on", "balance"), _is_overdue),
        bool,
        "Whether it is issued, not paid in full, and past its due date.",
    )
    paid_on = column("The day of the payment that settled it.")
    closed_at = column("When it was paid or cancelled.")
    lines = many("invoice_line", "invoice_id", "What is billed, by position.", order=(("position", False),))
    payments = many("payment", "invoice_id", "The money received for it, oldest first.")
    transitions = transitions_of(InvoiceTable, InvoiceStatus)


@backed_by(InvoiceLineTable)
class InvoiceLine(LineFields, Node):
    """One position of an invoice."""

    invoice = one("The invoice that it belongs to.")
    order_line = one("The position of the order that it was made from.")


@backed_by(PaymentTable)
class Payment(Node):
    """Money received for an invoice. Never changed or deleted."""

    created_at = column("When it was recorded.")
    invoice = one("The invoice that it pays.")
    currency_code = column("The invoice's currency.")
    amount = money("What was received.")
    paid_on = column("The day on which it arrived.")
    method = column("How it arrived.")
    reference = column("What the bank statement says.")
