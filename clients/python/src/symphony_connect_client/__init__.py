"""For campaign code: tokens that are always fresh, from a Symphony Connect server.

from symphony_connect_client import Client, NeedsReconnect

with Client("https://connect.example.com", "sym_sk_…") as client:
    token = client.token(12345, "meta")
"""

from symphony_connect_client.client import AsyncClient, Client
from symphony_connect_client.errors import (
    APIError,
    ConnectionFailed,
    NeedsReconnect,
    SymphonyError,
    WebhookRefused,
)
from symphony_connect_client.models import (
    AdAccount,
    Asset,
    Brand,
    Change,
    Connection,
    ConnectSession,
    Delivery,
    Event,
    Identity,
    Key,
    NewKey,
    NewSecret,
    NewWebhook,
    Platform,
    Receipt,
    Report,
    Token,
    Webhook,
)
from symphony_connect_client.retries import Retries
from symphony_connect_client.webhooks import verify_webhook

__version__ = "0.1.0"
__all__ = [
    "APIError",
    "AdAccount",
    "Asset",
    "AsyncClient",
    "Brand",
    "Change",
    "Client",
    "ConnectSession",
    "Connection",
    "ConnectionFailed",
    "Delivery",
    "Event",
    "Identity",
    "Key",
    "NeedsReconnect",
    "NewKey",
    "NewSecret",
    "NewWebhook",
    "Platform",
    "Receipt",
    "Report",
    "Retries",
    "SymphonyError",
    "Token",
    "Webhook",
    "WebhookRefused",
    "verify_webhook",
]
