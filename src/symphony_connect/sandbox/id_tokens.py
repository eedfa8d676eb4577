"""Signed id_tokens (OpenID Connect) of a platform that the sandbox plays, and the keys that verify them."""

from __future__ import annotations

import datetime
import json
from collections.abc import Mapping
from functools import cached_property
from typing import Any

from tink import KeysetHandle, jwt, new_keyset_handle

LIFE = 3_600
"""Seconds."""


class IdTokens:
    """RS256; one key for each of these, made when first needed."""

    def signed(self, issuer: str, audience: str, subject: str, now: int, claims: Mapping[str, Any]) -> str:
        """A token that is good from `now`, in seconds since the epoch, for LIFE."""
        raw = jwt.new_raw_jwt(
            issuer=issuer,
            audience=audience,
            subject=subject,
            issued_at=_moment(now),
            expiration=_moment(now + LIFE),
            custom_claims=dict(claims),
        )
        signed: str = self._key.primitive(jwt.JwtPublicKeySign).sign_and_encode(raw)
        return signed

    def keys(self) -> dict[str, Any]:
        """The JSON Web Key Set that verifies them. Some clients refuse `use` and `key_ops` together (RFC 7517, 4.3)."""
        found = json.loads(jwt.jwk_set_from_public_keyset_handle(self._key.public_keyset_handle()))
        return {"keys": [{name: key[name] for name in key if name != "key_ops"} for key in found["keys"]]}

    @cached_property
    def _key(self) -> KeysetHandle:
        jwt.register_jwt_signature()
        return new_keyset_handle(jwt.jwt_rs256_2048_f4_template())


def _moment(seconds: int) -> datetime.datetime:
    return datetime.datetime.fromtimestamp(seconds, datetime.UTC)
