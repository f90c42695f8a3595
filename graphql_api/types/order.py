"""What does the schema show of an order?"""

from graphql_api.types.backed import backed_by, column, describe, one
from graphql_api.types.document import DocumentFields, LineFields
from graphql_api.types.node import Node, Versioned
from graphql_api.types.paging import many, ordered
from graphql_api.types.transition import transitions_of
from models.order import Fulfillment as FulfillmentTable
from models.order import FulfillmentLine as FulfillmentLineTable
from models.order import Order as OrderTable
from models.order import OrderLine as OrderLineTable
from models.order import OrderStatus, Progress

describe(
    OrderStatus,
    "The states of an order.",
    ACTIVE="Being prepared and delivered.",
    SUBMITTED="Handed to fulfilment: read-only but for deliveries and invoices.",
    FULFILLED="Everything that was not cancelled is delivered.",
    INVOICED="Everything delivered is billed. Read-only.",
    CANCELED="Cancelled. Read-only.",
)
describe(
    Progress,
    "How much of an order is delivered, or billed.",
    NONE="Nothing.",
    PARTIAL="Something, and not all.",
    COMPLETE="All that was not cancelled.",
)
ordered(
    OrderTable,
    created_at="When the order was made.",
    updated_at="When a command last touched the order.",
    number="By order number.",
    total="By total, as a number: mind the currencies.",
)


@backed_by(OrderTable)
class Order(DocumentFields, Versioned, Node):
    """What the customer agreed to buy."""

    status = column("The order's state.")
    number = column("The number that people use, for example O-2026-00042. Never reused.")
    quote = one("The quote that it was made from.")
    opportunity = one("The opportunity that it came from.")
    prices_locked = column(
        "Whether the agreed prices stay; so they do on an order from a quote.", name="is_prices_locked"
    )
    customer_reference = column("The customer's own reference, for example a purchase order number.")
    bill_to = one("Where invoices go.")
    ship_to = one("Where the goods go.")
    fulfillment_status = column("How much of it is delivered.")
    billing_status = column("How much of it is billed.")
    submitted_at = column("When it was handed to fulfilment.")
    fulfilled_on = column("The day on which the last of it was delivered.")
    closed_at = column("When it was fulfilled or cancelled.")
    lines = many("order_line", "order_id", "What is ordered, by position.", order=(("position", False),))
    fulfillments = many("fulfillment", "order_id", "Its deliveries, oldest first.")
    invoices = many("invoice", "order_id", "What was billed of it.")
    close_activities = many("close_activity", "order_id", "Why it was fulfilled or cancelled.")
    transitions = transitions_of(OrderTable, OrderStatus)


@backed_by(OrderLineTable)
class OrderLine(LineFields, Node):
    """One position of an order, with what became of its quantity."""

    order = one("The order that it belongs to.")
    quote_line = one("The position of the quote that it was made from.")
    quantity_fulfilled = column("How much of it is delivered.")
    quantity_invoiced = column("How much of it is billed.")
    quantity_canceled = column("How much of it will not be delivered.")
    fulfillment_lines = many("fulfillment_line", "order_line_id", "Its deliveries, oldest first.")
    invoice_lines = many("invoice_line", "order_line_id", "The positions of invoices that were made from it.")


@backed_by(FulfillmentTable)
class Fulfillment(Node):
    """One delivery on an order."""

    created_at = column("When it was recorded.")
    order = one("The order that it belongs to.")
    fulfilled_on = column("The day of the delivery.")
    note = column("What there was to say.")
    lines = many("fulfillment_line", "fulfillment_id", "What was delivered.")


@backed_by(FulfillmentLineTable)
class FulfillmentLine(Node):
    """How much of an order's line was delivered at once."""

    created_at = column("When it was recorded.")
    fulfillment = one("The delivery that it belongs to.")
    order_line = one("The position that was delivered.")
    quantity = column("How many units.")
