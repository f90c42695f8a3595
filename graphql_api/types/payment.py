"""What does the schema show of payments, and of the credit of customers?"""

from graphql_api.types.backed import backed_by, column, describe, money, one, one_back
from graphql_api.types.node import Node, Versioned
from graphql_api.types.paging import many, ordered
from graphql_api.types.timeline import own_story
from graphql_api.types.transition import transitions_of
from models.payment import CreditEntryKind, CustomerCreditStatus, PaymentMethod
from models.payment import CustomerCredit as CustomerCreditTable
from models.payment import CustomerCreditEntry as CustomerCreditEntryTable
from models.payment import Payment as PaymentTable

describe(
    PaymentMethod,
    "How money changed hands.",
    BANK_TRANSFER="A bank transfer.",
    CARD="A credit or debit card.",
    DIRECT_DEBIT="A direct debit.",
    CASH="Cash.",
    CHECK="A check.",
    OTHER="Anything else.",
    CUSTOMER_CREDIT="No money: credit that the customer had was set off. Only applyCustomerCredit writes it.",
)
describe(
    CustomerCreditStatus,
    "Whether something is owed to the customer.",
    OPEN="Something is.",
    SETTLED="All of it was set off or paid out.",
)
describe(
    CreditEntryKind,
    "Why the credit of a customer rose or fell.",
    OVERPAYMENT="More was paid than was owed.",
    CREDIT_NOTE="More was credited than was owed.",
    APPLICATION="It was set off against an invoice.",
    REVERSAL="A payment that it came from, or went into, was reversed.",
    REFUND="It was paid out.",
)
ordered(
    CustomerCreditTable,
    created_at="When the customer first had credit in the currency.",
    updated_at="When the credit last changed.",
    balance="By what is owed to the customer, as a number: mind the currencies.",
)


@backed_by(PaymentTable)
class Payment(Node):
    """Money received for an invoice. Never changed or deleted: another row takes it back."""

    created_at = column("When it was recorded.")
    invoice = one("The invoice that it pays.")
    currency_code = column("The invoice's currency.")
    amount = money("What was received; below zero where it takes a payment back.")
    excess_amount = money("What of it was beyond the balance, and became credit of the customer.")
    paid_on = column("The day on which it arrived, or was taken back.")
    method = column("How it arrived.")
    reference = column("What the bank statement says.")
    note = column("Why it was taken back.")
    reverses = one("The payment that this one takes back.")
    reversal = one_back("payment", "reverses_id", "The row that takes this payment back.")
    customer_credit_entries = many(
        "customer_credit_entry", "payment_id", "What it did to the customer's credit."
    )


@backed_by(CustomerCreditTable)
class CustomerCredit(Versioned, Node):
    """What is owed to a customer in one currency: overpayments and credit notes, less what was used."""

    status = column("Whether something is owed.")
    status_reason = one("Why it is in its state.", key="reason_id")
    account = one("The customer: an organisation.")
    contact = one("The customer: a person, where there is no organisation.")
    currency_code = column("The currency of the credit.")
    balance = money("What is owed to the customer: the sum of the entries.")
    entries = many("customer_credit_entry", "customer_credit_id", "How it came about, oldest first.")
    transitions = transitions_of(CustomerCreditTable, CustomerCreditStatus)
    timeline = own_story()


@backed_by(CustomerCreditEntryTable)
class CustomerCreditEntry(Node):
    """One rise or fall of a customer's credit. Never changed or deleted."""

    created_at = column("When it was recorded.")
    customer_credit = one("The credit that it belongs to.")
    kind = column("Why the credit rose or fell.")
    currency_code = column("The currency of the credit.")
    amount = money("By how much: above zero where the credit rose.")
    entered_on = column("The day on which it counts.")
    payment = one("The payment that it came from, or went into.")
    credit_note = one("The credit note that it came from.")
    method = column("How a refund was paid out.")
    reference = column("The reference of a refund.")
    note = column("What there was to say.")
