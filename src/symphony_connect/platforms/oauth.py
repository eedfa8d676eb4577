"""What OAuth 2.0 words alike at every platform that keeps to it: proof keys (RFC 7636) and errors (RFC 6749, 5.2)."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Collection

from symphony_connect.platforms import app, base, fields
from symphony_connect.platforms.http import Answer, retry_after


def challenge(verifier: str) -> str:
    """PKCE's `code_challenge` of a verifier, by S256."""
    return base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()


def failure(answer: Answer, now: int, who: str, ours: Collection[str], *secrets: str) -> base.PlatformError:
    """The exception for an error of an authorization server.

    `who` is its name in a sentence; `ours` are the values of `error` that only the operator can help with;
    `secrets` are what the call carried. `error_subtype`, which some send, becomes the subcode.
    """
    body = fields.mapping(answer.body)
    code = fields.text(body.get("error"))
    message = fields.sentence(body.get("error_description"), *secrets) or f"{who} answered {code or answer.status}"
    if answer.status == 429:
        return base.RateLimited(message, code=code or "429", retry_at=retry_after(answer.headers, now))
    if answer.status >= 500 or not code:
        return base.Unavailable(message, code=code or None)
    if code in ours or app.refused(message):
        return base.Misconfigured(message, code=code)
    return base.Rejected(message, code=code, subcode=fields.text(body.get("error_subtype")) or None)
