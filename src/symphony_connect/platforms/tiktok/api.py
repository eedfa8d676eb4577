"""Calls to TikTok's API for Business: HTTP 200 also for errors; `code` says which."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from symphony_connect.base.clock import Clock
from symphony_connect.base.model import Secret
from symphony_connect.platforms import base, fields
from symphony_connect.platforms.http import Answer, Upstream
from symphony_connect.platforms.tiktok import errors
from symphony_connect.platforms.tiktok.settings import Settings

SECRET_FIELDS = ("auth_code", "refresh_token", "access_token")


class Api:
    """One app's way to the API. Every verb returns `data`, or raises a PlatformError."""

    def __init__(self, settings: Settings, upstream: Upstream, clock: Clock) -> None:
        self._settings = settings
        self._upstream = upstream.within(settings.api_url)
        self._clock = clock

    @property
    def credentials(self) -> dict[str, str]:
        """Our app's own, for the calls that ask for them."""
        return {"app_id": self._settings.app.id, "secret": self._settings.app.secret.reveal()}

    async def post(self, path: str, token: Secret | None = None, **body: str | bool) -> Mapping[str, Any]:
        """A call of the `/oauth2/` family, with our app's id and secret. TikTok wants the trailing slash."""
        headers = _header(token) if token else None
        answer = await self._upstream.once("POST", self._url(path), headers=headers, json=self.credentials | body)
        if "code" not in fields.mapping(answer.body) and not (400 <= answer.status < 500 or answer.status == 503):
            raise base.OutcomeUnknown(f"TikTok's {path} gave no usable answer")
        carried = (str(body[key]) for key in SECRET_FIELDS if key in body)
        return self._judged(answer, *carried)

    async def get(self, path: str, token: Secret, **params: str) -> Mapping[str, Any]:
        answer = await self._upstream.get(self._url(path), params, _header(token))
        return self._judged(answer, token.reveal())

    def _url(self, path: str) -> str:
        return f"{self._settings.api_url}/{path}/"

    def _judged(self, answer: Answer, *secrets: str) -> Mapping[str, Any]:
        body = fields.mapping(answer.body)
        if errors.is_error(body) or answer.status >= 300:
            raise errors.failure(answer, self._clock(), self.credentials["secret"], *secrets)
        return fields.mapping(body.get("data"))


def _header(token: Secret) -> dict[str, str]:
    """The token goes into a header, which cannot hold line breaks or letters outside of ASCII."""
    if not re.fullmatch(r"[!-~]+", token.reveal()):
        raise base.Rejected("this is no access token of TikTok's", problem="token_refused")
    return {"Access-Token": token.reveal()}
