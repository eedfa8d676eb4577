"""Checks a webhook delivery by Standard Webhooks (https://www.standardwebhooks.com, symmetric signatures `v1`)."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import json
import time
from collections.abc import Mapping, Sequence
from typing import Any

from symphony_connect_client.errors import WebhookRefused

PREFIX = "whsec_"


def verify_webhook(
    secrets: str | Sequence[str],
    headers: Mapping[str, str],
    body: bytes | str,
    *,
    now: float | None = None,
    tolerance: float = 300.0,
) -> Any:
    """The delivery's JSON. Raises WebhookRefused; do nothing then.

    `secrets` is the endpoint's `whsec_…`, or two of them while you rotate. `body` is what came, byte for byte.
    `now` is seconds since 1970; `tolerance` how many seconds a delivery may be old or early. A delivery may come
    more than once: `webhook-id` stays the same.
    """
    held = {name.lower(): value for name, value in headers.items()}
    try:
        id, sent_at, signatures = (held[f"webhook-{name}"] for name in ("id", "timestamp", "signature"))
        age = (time.time() if now is None else now) - int(sent_at)
    except (KeyError, ValueError):
        raise WebhookRefused("The headers webhook-id, webhook-timestamp and webhook-signature are needed.") from None
    if abs(age) > tolerance:
        raise WebhookRefused("The delivery is too old, or from the future.")
    content = body.encode() if isinstance(body, str) else body
    wanted = [_signature(secret, f"{id}.{sent_at}.".encode() + content) for secret in _all(secrets)]
    given = [word.removeprefix("v1,").encode() for word in signatures.split() if word.startswith("v1,")]
    # Every pair is compared, so that the time taken tells nothing.
    if sum(hmac.compare_digest(one, other) for one in wanted for other in given) == 0:
        raise WebhookRefused("No signature fits.")
    try:
        return json.loads(content)
    except ValueError:
        raise WebhookRefused("The body is not JSON.") from None


def _all(secrets: str | Sequence[str]) -> Sequence[str]:
    return [secrets] if isinstance(secrets, str) else secrets


def _signature(secret: str, signed: bytes) -> bytes:
    try:
        key = base64.b64decode(secret.removeprefix(PREFIX), validate=True)
    except (binascii.Error, ValueError):
        raise ValueError("a webhook secret is whsec_ and base64") from None
    return base64.b64encode(hmac.digest(key, signed, hashlib.sha256))
