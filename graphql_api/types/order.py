"""What does the schema show of an order?"""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from graphql_api.planner.backing import Computed
from graphql_api.types.backed import backed_by, column, computed, describe, one
from graphql_api.types.document import DocumentFields, LineFields
from graphql_api.types.node import Node, Versioned
from graphql_api.types.paging import many, ordered
from graphql_api.types.transition import transitions_of
from models.access import Viewer
from models.moment import Moment
from models.order import Fulfillment as FulfillmentTable
from models.order import FulfillmentLine as FulfillmentLineTable
from models.order import Order as OrderTable
from models.order import OrderLine as OrderLineTable
from models.order import OrderReturn as OrderReturnTable
from models.order import OrderReturnLine as OrderReturnLineTable
from models.order import OrderStatus, Progress

describe(
    OrderStatus,
    "The states of an order.",
    ACTIVE="Being prepared and delivered.",
    SUBMITTED="Handed to fulfilment: read-only but for deliveries and invoices.",
    FULFILLED="Everything that was not canceled is delivered. Read-only.",
    INVOICED="Everything that was not canceled is delivered and billed. Read-only.",
    CANCELED="Canceled. Read-only.",
)
describe(
    Progress,
    "How much of an order is delivered, or billed.",
    NONE="Nothing.",
    PARTIAL="Something, and not all.",
    COMPLETE="All that was not canceled.",
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
    reverted_quote = one("The quote that it was made from, where that acceptance was taken back.")
    opportunity = one("The opportunity that it came from.")
    prices_locked = column(
        "Whether the agreed prices stay, as on an order from a quote; unlocked ones can be changed.",
        name="is_prices_locked",
    )
    customer_reference = column("The customer's own reference, for example a purchase order number.")
    bill_to = one("Where invoices go.")
    ship_to = one("Where the goods go.")
    fulfillment_status = column("How much of it is delivered.")
    billing_status = column("How much of it is billed.")
    requested_delivery_on = column("The day on which the customer wants the goods.")
    payment_terms_days = column("Days until its invoices are due; null for the account's terms.")
    freight_terms = column("Who bears the freight, for example an Incoterm such as DAP Hamburg.")
    shipping_method = column("How the goods travel, for example parcel or full load.")
    submitted_at = column("When it was handed to fulfilment.")
    fulfilled_on = column("The day on which the last of it was delivered.")
    closed_at = column("When it was fulfilled or canceled.")
    lines = many("order_line", "order_id", "What is ordered, by position.", order=(("position", False),))
    fulfillments = many("fulfillment", "order_id", "Its deliveries, oldest first.")
    returns = many("order_return", "order_id", "What came back of it, oldest first.")
    invoices = many("invoice", "order_id", "What was billed of it.")
    credit_notes = many("credit_note", "order_id", "What of its invoices is taken back.")
    close_activities = many("close_activity", "order_id", "Why it was fulfilled or canceled.")
    transitions = transitions_of(OrderTable, OrderStatus)


def _open_quantity(values: Mapping[str, Any], viewer: Viewer, moment: Moment) -> Decimal:
    """Return how much of a line is still to be delivered."""
    del viewer, moment
    return OrderLineTable(**values).open_quantity


@backed_by(OrderLineTable)
class OrderLine(LineFields, Node):
    """One position of an order, with what became of its quantity."""

    order = one("The order that it belongs to.")
    quote_line = one("The position of the quote that it was made from.")
    requested_delivery_on = column("The day on which the customer wants it, where that is not the order's.")
    ship_to = one("Where it goes; null for the order's address.")
    will_call = column("Whether the customer fetches it.", name="is_will_call")
    quantity_fulfilled = column("How much of it was delivered, by deliveries that stand.")
    quantity_returned = column("How much of what was delivered came back.")
    quantity_invoiced = column("How much of it is on invoices that are not canceled.")
    quantity_credited = column("How much of what was billed is credited.")
    quantity_canceled = column("How much of it was called off and will not be delivered.")
    open_quantity = computed(
        Computed(
            ("quantity", "quantity_canceled", "quantity_fulfilled", "quantity_returned"), _open_quantity
        ),
        Decimal,
        "How much of it is still to be delivered: ordered less canceled, less delivered, plus returned.",
    )
    fulfillment_lines = many("fulfillment_line", "order_line_id", "Its deliveries, oldest first.")
    return_lines = many("order_return_line", "order_line_id", "Its returns, oldest first.")
    invoice_lines = many("invoice_line", "order_line_id", "The positions of invoices that were made from it.")


@backed_by(FulfillmentTable)
class Fulfillment(Node):
    """One delivery on an order."""

    created_at = column("When it was recorded.")
    order = one("The order that it belongs to.")
    fulfilled_on = column("The day of the delivery.")
    note = column("What there was to say.")
    canceled_at = column("When it was withdrawn, so that it counts no longer; null where it stands.")
    lines = many("fulfillment_line", "fulfillment_id", "What was delivered.")


@backed_by(FulfillmentLineTable)
class FulfillmentLine(Node):
    """How much of an order's line was delivered at once."""

    created_at = column("When it was recorded.")
    fulfillment = one("The delivery that it belongs to.")
    order_line = one("The position that was delivered.")
    quantity = column("How many units.")


@backed_by(OrderReturnTable)
class OrderReturn(Node):
    """Goods of an order that came back at once."""

    created_at = column("When it was recorded.")
    order = one("The order that it belongs to.")
    returned_on = column("The day of the return.")
    reason = column("Why the goods came back.")
    lines = many("order_return_line", "order_return_id", "What came back.")


@backed_by(OrderReturnLineTable)
class OrderReturnLine(Node):
    """How much of an order's line came back at once."""

    created_at = column("When it was recorded.")
    order_return = one("The return that it belongs to.")
    order_line = one("The position that came back.")
    quantity = column("How many units.")
