"""Who signed in, by the id_token of the token answer.

Its signature is not checked: it comes from the platform's token endpoint itself over TLS (OpenID Connect Core 1.0,
3.1.3.7).
"""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Collection, Mapping
from typing import Any

from symphony_connect.base.clock import MINUTE
from symphony_connect.base.model import Identity
from symphony_connect.platforms import fields
from symphony_connect.platforms.http import storable

SKEW = 5 * MINUTE
"""By how much this machine's clock may be ahead of the platform's."""


def identity(claims: Mapping[str, Any]) -> Identity | None:
    """From the claims of an id_token, or the answer of a userinfo endpoint; None without a subject."""
    subject = fields.text(claims.get("sub"))
    parts = (fields.text(claims.get("given_name")), fields.text(claims.get("family_name")))
    name = fields.text(claims.get("name")) or " ".join(part for part in parts if part)
    return Identity(subject, name or subject) if subject else None


def claims(token: str, client_id: str, issuers: Collection[str], now: int, nonce: str = "") -> Mapping[str, Any]:
    """The claims of a token of one of `issuers` for this app, good at `now` (milliseconds since the epoch).

    Empty for anything else, also where the sign-in sent a `nonce` and the token has another or none.
    """
    try:
        payload = token.split(".")[1]
        found = storable(json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4))))
    except (IndexError, ValueError, binascii.Error, RecursionError):
        return {}
    read = fields.mapping(found)
    audience, end = read.get("aud"), fields.moment(read.get("exp"))
    good = (
        client_id in (audience if isinstance(audience, list) else [audience]),
        read.get("iss") in issuers,
        end is not None and now < end + SKEW,
        not nonce or read.get("nonce") == nonce,
    )
    return read if all(good) else {}
