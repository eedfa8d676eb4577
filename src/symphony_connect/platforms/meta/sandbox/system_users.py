"""Tokens of system users: one for its own Business, and what a Business asks for."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from symphony_connect.platforms.meta.sandbox.errors import GraphError
from symphony_connect.platforms.meta.sandbox.grants import LONG_LIFE, Authorization, Grants, Token
from symphony_connect.platforms.meta.sandbox.wire import Ask


class SystemUsers:
    """`POST /{system user}/access_tokens` and `POST /{business}/system_user_access_tokens`."""

    def __init__(self, grants: Grants) -> None:
        self._grants = grants

    def answer(self, ask: Ask, token: Token, granted: Authorization) -> dict[str, Any] | None:
        """A token of the system user who asks; None when the request is no such call. Raises GraphError."""
        business = granted.member.client_business
        if ask.verb != "POST" or business is None:
            return None
        node, *edges = ask.path
        if edges == ["access_tokens"] and node in ("me", granted.member.id):
            if ask.needed("business_app") != token.app.id:
                raise GraphError("100/app")
            self._check_scopes(ask.needed("scope"), granted)
            return {"access_token": self._fresh(ask, granted).value}
        if edges == ["system_user_access_tokens"] and node == business.id:
            if ask.params.get("fetch_only") == "true":
                return {"access_token": token.value}
            self._check_scopes(ask.params.get("scope", ""), granted)
            return {"access_token": self._fresh(ask, granted).value}
        return None

    def _fresh(self, ask: Ask, granted: Authorization) -> Token:
        """Without end, or for 60 days where that is asked for."""
        sixty = ask.params.get("set_token_expires_in_60_days") == "true"
        return self._grants.new_token(granted, LONG_LIFE if sixty else 0, long_lived=True)

    def _check_scopes(self, text: str, granted: Authorization) -> None:
        wanted: Sequence[str] = [scope for scope in re.split(r"[\s,\[\]\"]+", text) if scope]
        if any(scope not in granted.granted() for scope in wanted):
            raise GraphError("100")
