"""What a token may do: `debug_token` and the permissions edge."""

from __future__ import annotations

from typing import Any

from symphony_connect.platforms.meta.sandbox.errors import GraphError
from symphony_connect.platforms.meta.sandbox.grants import Authorization, Grants, Token
from symphony_connect.platforms.meta.sandbox.members import CONFIGURED
from symphony_connect.platforms.meta.sandbox.wire import Ask


class Inspection:
    """Reads grants; its only change is to take permissions back."""

    def __init__(self, grants: Grants) -> None:
        self._grants = grants

    def debug_token(self, ask: Ask) -> dict[str, Any]:
        """`data` of a token of the asking app, HTTP 200 also for one that has ended. Raises GraphError.

        GET only. A person's token may inspect itself, a system user's may not.
        """
        if ask.verb != "GET":
            raise GraphError("100/33", id="debug_token", verb=ask.verb.lower())
        asking = ask.token(self._grants)
        value = ask.needed("input_token")
        if asking.kind == "SYSTEM_USER" or (asking.kind != "APP" and asking.value != value):
            raise GraphError("100/viewer")
        try:
            token = self._grants.token(value)
        except GraphError as error:
            return {"data": {"error": _error_of(error), "is_valid": False, "scopes": []}}
        if token.app is not asking.app:
            raise GraphError("100/app")
        return {"data": self._described(token)}

    def _described(self, token: Token) -> dict[str, Any]:
        dead = self._grants.why_dead(token)
        data: dict[str, Any] = {"app_id": token.app.id, "type": token.kind, "application": token.app.name}
        granted = token.authorization
        if granted is None:
            return {**data, "is_valid": dead is None, "scopes": []}
        data |= {"data_access_expires_at": granted.data_until, "expires_at": token.expires_at}
        if dead:
            data["error"] = _error_of(dead)
        data["is_valid"] = dead is None
        if token.long_lived:
            data["issued_at"] = token.issued_at
        if token.page:
            data["profile_id"] = token.page.id
        scopes = granted.granted()
        return {**data, "scopes": scopes, "granular_scopes": _granular(granted), "user_id": granted.member.id}

    def permissions(self, authorization: Authorization) -> list[dict[str, Any]]:
        """Once data access has ended, what was granted is `expired`, but for the public profile."""
        ended = self._grants.data_access_ended(authorization)
        return [
            {
                "permission": name,
                "status": "expired" if ended and status == "granted" and name != "public_profile" else status,
            }
            for name, status in authorization.permissions.items()
        ]

    def take_back(self, authorization: Authorization, permission: str | None) -> dict[str, Any]:
        """One permission, or all, which removes the app. Raises GraphError for one that was never asked for."""
        if permission is None:
            self._grants.remove(authorization)
        elif permission in authorization.permissions:
            authorization.permissions[permission] = "declined"
        else:
            raise GraphError("100")
        return {"success": True}


def _error_of(error: GraphError) -> dict[str, Any]:
    found = {"code": error.code, "message": error.message}
    return found | ({"subcode": error.row["subcode"]} if "subcode" in error.row else {})


def _granular(authorization: Authorization) -> list[dict[str, Any]]:
    """A permission without `target_ids` applies to all assets."""
    pages = [page.id for page in authorization.member.pages if page.id in authorization.pages]
    rows: list[dict[str, Any]] = []
    for scope in authorization.granted():
        row: dict[str, Any] = {"scope": scope}
        if scope in ("ads_read", "ads_management") and not authorization.sees_all_accounts():
            row["target_ids"] = sorted(authorization.accounts)
        elif scope.startswith("pages_"):
            row["target_ids"] = pages
        if scope in CONFIGURED or "target_ids" in row:
            rows.append(row)
    return rows
