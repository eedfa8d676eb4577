"""Which error codes a call may answer with: named by each route, listed in `/openapi.json`."""

from __future__ import annotations

from typing import Any

from symphony_connect.access.api_keys import Scope
from symphony_connect.base.errors import Code

EVERY: tuple[Code, ...] = (
    "invalid_request",
    "key_required",
    "invalid_key",
    "missing_scope",
    "origin_not_allowed",
    "secret_key_in_browser",
    "too_many_requests",
    "internal_error",
    "store_unavailable",
)
WITH_BODY: tuple[Code, ...] = ("invalid_json", "body_too_large", "unsupported_media_type")
WITH_BRAND: tuple[Code, ...] = ("brand_not_found",)
WITH_PLATFORM: tuple[Code, ...] = ("unknown_platform", "connection_not_found")
PLATFORM: tuple[Code, ...] = (
    "permissions_missing",
    "platform_refused",
    "platform_rate_limited",
    "platform_misconfigured",
    "platform_unavailable",
    "not_configured",
)
"""Of calls that ask the platform."""
TOKEN: tuple[Code, ...] = ("token_refused", "token_of_other_app", "token_kind_refused")
"""Of calls that take a token, or ask about one."""


def refuses(*codes: Code, scope: Scope | None = None) -> dict[str, Any]:
    """For a route's `openapi_extra`: its own codes. Those of every call and of its kind come by themselves.

    `scope`: of a call that finds its caller without the dependency `Needs`.
    """
    return {"x-refuses": codes, **({"x-needs": scope} if scope else {})}
