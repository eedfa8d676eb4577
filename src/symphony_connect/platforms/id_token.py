"""Who signed in, by the id_token of the token answer.

Its signature is not checked: it comes from the platform's token endpoint itself over TLS (OpenID Connect Core 1.0,
3.1.3.7).
"""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Mapping
from typing import Any

from symphony_connect.base.model import Identity
from symphony_connect.platforms import fields
from symphony_connect.platforms.http import storable


def identity(claims: Mapping[str, Any]) -> Identity | None:
    """From the claims of an id_token, or the answer of a userinfo endpoint; None without a subject."""
    subject = fields.text(claims.get("sub"))
    parts = (fields.text(claims.get("given_name")), fields.text(claims.get("family_name")))
    name = fields.text(claims.get("name")) or " ".join(part for part in parts if part)
    return Identity(subject, name or subject) if subject else None


def claims(token: str, client_id: str) -> Mapping[str, Any]:
    """The claims of a token for this app; empty for anything else."""
    try:
        payload = token.split(".")[1]
        found = storable(json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4))))
    except (IndexError, ValueError, binascii.Error, RecursionError):
        return {}
    read = fields.mapping(found)
    audience = read.get("aud")
    return read if client_id in (audience if isinstance(audience, list) else [audience]) else {}
