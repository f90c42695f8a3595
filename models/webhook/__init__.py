"""Which programs are told of committed events, and were they?

A webhook endpoint is an address and the events that it is told of, on behalf of its owner and by the owner's
row rules. Each event for each endpoint is a delivery, each try an attempt.
"""

from models.webhook.address import is_public, require_url
from models.webhook.delivering import Claim, Result, claim, due, is_behind, is_needed, prune, record, spread
from models.webhook.managing import (
    create_webhook_endpoint,
    delete_webhook_endpoint,
    disable_webhook_endpoint,
    enable_webhook_endpoint,
    replay_webhook,
    rotate_webhook_secret,
    send_test_webhook,
    suspend_webhook_endpoint,
    update_webhook_endpoint,
)
from models.webhook.tables import (
    WebhookAttempt,
    WebhookDelivery,
    WebhookDeliveryStatus,
    WebhookEndpoint,
    WebhookEndpointStatus,
    WebhookProgress,
    WebhookSecret,
)

__all__ = [
    "Claim",
    "Result",
    "WebhookAttempt",
    "WebhookDelivery",
    "WebhookDeliveryStatus",
    "WebhookEndpoint",
    "WebhookEndpointStatus",
    "WebhookProgress",
    "WebhookSecret",
    "claim",
    "create_webhook_endpoint",
    "delete_webhook_endpoint",
    "disable_webhook_endpoint",
    "due",
    "enable_webhook_endpoint",
    "is_behind",
    "is_needed",
    "is_public",
    "prune",
    "record",
    "replay_webhook",
    "require_url",
    "rotate_webhook_secret",
    "send_test_webhook",
    "spread",
    "suspend_webhook_endpoint",
    "update_webhook_endpoint",
]
