"""`signed_request`: what Meta's servers send when a person removes our app, or wants their data deleted.

Source: Meta's "Parsing the Signed Request", "Data Deletion Request Callback" and "Deauthorize Callback".
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import json
import re
from collections.abc import Mapping
from typing import Any

from symphony_connect.base.clock import DAY, MINUTE, SECOND
from symphony_connect.base.model import Secret
from symphony_connect.base.notices import Notice
from symphony_connect.platforms.base import Rejected

ALGORITHM = "HMAC-SHA256"
AGE = DAY
"""Milliseconds after which a request is not believed any more."""
AHEAD = 10 * MINUTE
"""How far Meta's clock may be ahead of ours."""
LONGEST = 4_096
USER = re.compile(r"[0-9]{0,40}")


def read(form: Mapping[str, str], secret: Secret, now: int) -> Notice:
    """Whom it is about, and when it was made. Raises Rejected for one that is not Meta's, or too old.

    `user_id` is empty in what Meta sends when a Page is unsubscribed: that is about nobody.
    """
    text = form.get("signed_request", "")
    payload = _payload(text, secret)
    issued_at, user = payload.get("issued_at"), payload.get("user_id", "")
    if type(issued_at) is not int or not now - AGE <= issued_at * SECOND <= now + AHEAD:
        raise Rejected("the signed_request is too old, or made in the future")
    if not isinstance(user, str | int) or isinstance(user, bool) or not USER.fullmatch(str(user)):
        raise Rejected("the signed_request names nobody in a way that we know")
    canonical = json.dumps(payload, sort_keys=True)
    return Notice(str(user), issued_at * SECOND, hashlib.sha256(canonical.encode()).hexdigest())


def _payload(text: str, secret: Secret) -> dict[str, Any]:
    """Its content, once the signature was found right. Raises Rejected."""
    signature, dot, encoded = text.partition(".")
    sent = _decoded(signature)
    if len(text) > LONGEST or not dot or "." in encoded or sent is None or not secret.reveal():
        raise Rejected("no signed_request, or a malformed one")
    # Over the encoded text as it was sent.
    expected = hmac.new(secret.reveal().encode(), encoded.encode(), hashlib.sha256).digest()
    if not hmac.compare_digest(expected, sent):
        raise Rejected("the signed_request is signed by somebody else")
    decoded = _decoded(encoded)
    try:
        payload = json.loads((decoded or b"").decode())
    except (ValueError, RecursionError):
        payload = None
    if not isinstance(payload, dict) or payload.get("algorithm") != ALGORITHM:
        raise Rejected(f"the signed_request is not made by {ALGORITHM}")
    return payload


def _decoded(text: str) -> bytes | None:
    """base64url, with or without padding; None for anything else."""
    plain = text.rstrip("=")
    if not (plain.isascii() and plain.replace("-", "").replace("_", "").isalnum()):
        return None
    try:
        return base64.urlsafe_b64decode(plain + "=" * (-len(plain) % 4))
    except binascii.Error:
        return None
