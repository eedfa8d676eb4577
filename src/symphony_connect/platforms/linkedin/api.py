"""Calls to LinkedIn: forms to `/oauth/v2/`, reads of the versioned API."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from symphony_connect.base.clock import Clock
from symphony_connect.base.model import Secret
from symphony_connect.platforms import base, fields, oauth
from symphony_connect.platforms.http import Answer, Upstream
from symphony_connect.platforms.linkedin import errors
from symphony_connect.platforms.linkedin.settings import Settings


class Api:
    """One app's way to LinkedIn. Every verb returns the answer's object, or raises a PlatformError."""

    def __init__(self, settings: Settings, upstream: Upstream, clock: Clock) -> None:
        self._settings = settings
        self._oauth = upstream.within(settings.oauth_url)
        self._upstream = upstream.within(settings.api_url)
        self._clock = clock

    async def form(self, path: str, *, spends: bool = False, **form: str) -> Mapping[str, Any]:
        """A call with our app's id and secret in its body, as LinkedIn wants them."""
        app = self._settings.app
        sent = {**form, "client_id": app.id, "client_secret": app.secret.reveal()}
        answer = await self._oauth.once("POST", f"{self._settings.oauth_url}/{path}", data=sent, spends=spends)
        if answer.status >= 300:
            carried = (*form.values(), app.secret.reveal())
            raise oauth.failure(answer, self._clock(), "LinkedIn", errors.OAUTH_OURS, *carried)
        return fields.mapping(answer.body)

    async def get(self, path: str, token: Secret, params: Mapping[str, str] | None = None) -> Mapping[str, Any]:
        url, headers = f"{self._settings.api_url}/{path}", {**_bearer(token), **self.headers}
        answer: Answer = await self._upstream.get(url, params, headers)
        if answer.status >= 300:
            raise errors.of_api(answer, self._clock(), token.reveal())
        return fields.mapping(answer.body)

    @property
    def headers(self) -> dict[str, str]:
        return {"LinkedIn-Version": self._settings.api_version, "X-Restli-Protocol-Version": "2.0.0"}


def _bearer(token: Secret) -> dict[str, str]:
    """The token goes into a header, which cannot hold line breaks or letters outside of ASCII."""
    if not re.fullmatch(r"[!-~]+", token.reveal()):
        raise base.Rejected("this is no access token of LinkedIn's", problem="token_refused")
    return {"Authorization": f"Bearer {token.reveal()}"}
