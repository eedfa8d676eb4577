"""Reading what `debug_token` and `/me/permissions` say of a token (Meta, "Debug Token", "Permissions")."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from symphony_connect.base.model import Grant, Reason, Secret
from symphony_connect.platforms import base, fields
from symphony_connect.platforms.meta import errors
from symphony_connect.platforms.meta.graph import Graph

SERVED_TYPES = ("USER", "SYSTEM_USER")


def check(data: Mapping[str, Any], app_id: str, now: int) -> None:
    """Raises unless the token is valid, of the app `app_id`, and of a kind that is served."""
    its_app, kind = fields.text(data.get("app_id")), fields.text(data.get("type"))
    if its_app and its_app != app_id:
        raise base.Rejected("the token was issued to another app", problem="token_of_other_app")
    if kind and kind not in SERVED_TYPES:
        raise base.Rejected(f"a token of type {kind[:20]} is not served", problem="token_kind_refused")
    if data.get("is_valid") is False:
        raise _refusal(data, now)
    if data.get("is_valid") is not True or not its_app or not kind:
        raise base.Unavailable("Meta's debug_token left out whether a token is valid, whose it is, or of what kind")
    data_access = fields.moment(data.get("data_access_expires_at"))
    if data_access is not None and data_access <= now:
        # Meta goes on calling such a token valid, and refuses every read of the person's data.
        raise errors.refusal("access to this person's data has ended", Reason.DATA_ACCESS_EXPIRED, None, None)


def dated(grant: Grant, data: Mapping[str, Any]) -> Grant:
    """Whose it is, and both clocks, which come in seconds, 0 for never; what is left out stays as it was."""

    def moment_of(key: str, before: int | None) -> int | None:
        return fields.moment(data[key]) if key in data else before

    return replace(
        grant,
        expires_at=moment_of("expires_at", grant.expires_at),
        holder=fields.text(data.get("user_id")) or None,
        data_access_expires_at=moment_of("data_access_expires_at", grant.data_access_expires_at),
    )


async def granted(graph: Graph, token: Secret, data: Mapping[str, Any]) -> tuple[str, ...]:
    """What the token carries, less what the person has declined or let lapse since."""
    carried = data.get("scopes")
    scopes = dict.fromkeys(word for word in carried if isinstance(word, str)) if isinstance(carried, list) else {}
    try:
        permissions = await graph.get("me/permissions", token)
    except (base.PermissionRefused, base.Rejected):
        return tuple(scopes)
    for row in fields.rows(permissions.get("data")):
        permission = fields.text(row.get("permission"))
        if row.get("status") == "granted" and permission:
            scopes[permission] = None
        else:
            scopes.pop(permission, None)
    return tuple(scopes)


def _refusal(data: Mapping[str, Any], now: int) -> base.PlatformError:
    """Why a token is not valid; when Meta does not say, its end may. Misconfigured where it is our app."""
    error = fields.mapping(data.get("error"))
    found = errors.verdict(200, error)
    end = fields.moment(data.get("expires_at"))
    reason = Reason.EXPIRED if end is not None and end <= now else Reason.REVOKED
    if found.kind is base.TokenRefused and found.reason is not Reason.REVOKED:
        reason = found.reason
    message = fields.sentence(error.get("message")) or "the token is not valid"
    code, subcode = (fields.text(error.get(key)) or None for key in ("code", "subcode"))
    if found.kind is base.Misconfigured:
        return base.Misconfigured(message, code=code, subcode=subcode)
    return errors.refusal(message, reason, code, subcode)
