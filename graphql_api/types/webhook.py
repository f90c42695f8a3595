"""What does the schema show of webhooks: of endpoints, and of what was sent to them?"""

from graphql_api.types.backed import backed_by, column, describe, one
from graphql_api.types.node import Node, Versioned
from graphql_api.types.paging import many, ordered
from graphql_api.types.timeline import own_story
from graphql_api.types.transition import transitions_of
from models.webhook import WebhookAttempt as WebhookAttemptTable
from models.webhook import WebhookDelivery as WebhookDeliveryTable
from models.webhook import WebhookDeliveryStatus, WebhookEndpointStatus
from models.webhook import WebhookEndpoint as WebhookEndpointTable

describe(
    WebhookEndpointStatus,
    "Whether an endpoint is told of events.",
    ACTIVE="It is told of events.",
    DISABLED="Nothing is sent; statusReason says whether people did that, or it was gone or failing.",
)
describe(
    WebhookDeliveryStatus,
    "What became of a message.",
    PENDING="It is to be sent, or sent again.",
    DELIVERED="The receiver answered 2xx.",
    FAILED="It was given up: the receiver answered 410, or nothing else than failures for too long.",
    WITHHELD="It was not sent: the endpoint's owner may not see the event any more.",
    REPLACED="It was not sent: a replay made another one of the same event.",
)
ordered(
    WebhookEndpointTable,
    created_at="When the endpoint was made.",
    updated_at="When a command last touched the endpoint.",
)


@backed_by(WebhookEndpointTable)
class WebhookEndpoint(Versioned, Node):
    """A program that is told of committed events by HTTP. Only its owner and admins see it."""

    status = column("Whether it is told of events.")
    status_reason = one("Why the endpoint is in its state.", key="reason_id")
    owner = one("On whose behalf it is told: only what this user may see is sent.")
    url = column("Where messages are sent.")
    description = column("What it is for, in words.")
    names = column(
        "The names of the events that it is told of; quote.* is all of quotes. All where there are none.",
        kind=list[str],
    )
    deliveries = many("webhook_delivery", "endpoint_id", "What was sent to it, or is to be sent.")
    transitions = transitions_of(WebhookEndpointTable, WebhookEndpointStatus)
    timeline = own_story()


@backed_by(WebhookDeliveryTable)
class WebhookDelivery(Node):
    """One event that an endpoint is told of, or a test of the endpoint. Kept for some weeks."""

    created_at = column("When it was made; tries end three days later.")
    endpoint = one("The endpoint.")
    event = one("The event that it tells of; null for a test.")
    status = column("What became of it.")
    attempt_count = column("How often it was tried.")
    next_attempt_at = column("When it is tried next; null where it is not.")
    delivered_at = column("When the receiver took it.")
    attempts = many("webhook_attempt", "delivery_id", "Every try, the first one first.")


@backed_by(WebhookAttemptTable)
class WebhookAttempt(Node):
    """One try to send a message."""

    created_at = column("When it began.")
    number = column("Which try it was, from 1 on.")
    status_code = column("The status that the receiver answered; null where it did not.")
    milliseconds = column("How long it took.")
    error = column("Why it failed, in words; null where the receiver took the message.")
    next_attempt_at = column("When it is tried again; null where it is not.")
