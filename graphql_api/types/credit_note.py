"""What does the schema show of a credit note?"""

from graphql_api.types.backed import backed_by, column, describe, money, one
from graphql_api.types.document import DocumentFields, LineFields
from graphql_api.types.node import Node, Versioned
from graphql_api.types.paging import many, ordered
from graphql_api.types.transition import transitions_of
from models.credit_note import CreditNote as CreditNoteTable
from models.credit_note import CreditNoteLine as CreditNoteLineTable
from models.credit_note import CreditNoteStatus

describe(
    CreditNoteStatus,
    "The one state of a credit note.",
    ISSUED="Issued when it was made, and final. Read-only.",
)
ordered(
    CreditNoteTable,
    created_at="When the credit note was made.",
    updated_at="The same: a credit note never changes.",
    number="By credit note number.",
    issued_on="By the day of issue.",
    total="By total, as a number: mind the currencies.",
)


@backed_by(CreditNoteTable)
class CreditNote(DocumentFields, Versioned, Node):
    """A document that takes an invoice back, or a part of it. It never changes."""

    status = column("The credit note's state.")
    number = column("The number that people use, gapless in a series of its own.")
    invoice = one("The invoice that it takes back.")
    order = one("The order that the invoice bills.")
    bill_to = one("Where it goes.")
    issued_on = column("The day of issue.")
    is_goods_returned = column("Whether the goods come back: then they may be returned, or billed again.")
    applied_total = money("What of the total lowered the invoice's balance.")
    customer_credit_total = money("What of the total became credit of the customer.")
    note = column("Why, in words.")
    lines = many(
        "credit_note_line", "credit_note_id", "What is taken back, by position.", order=(("position", False),)
    )
    customer_credit_entries = many(
        "customer_credit_entry", "credit_note_id", "What it did to the customer's credit."
    )
    transitions = transitions_of(CreditNoteTable, CreditNoteStatus)


@backed_by(CreditNoteLineTable)
class CreditNoteLine(LineFields, Node):
    """What of one position of an invoice is taken back."""

    credit_note = one("The credit note that it belongs to.")
    invoice_line = one("The position of the invoice that it takes back.")
