"""Calls to Google: forms to the token endpoint, and the Google Ads API."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from symphony_connect.base.clock import Clock
from symphony_connect.base.model import Secret
from symphony_connect.platforms import base, fields, oauth
from symphony_connect.platforms.google_ads import errors
from symphony_connect.platforms.google_ads.settings import Settings
from symphony_connect.platforms.http import Answer, Upstream


class Api:
    """One app's way to Google. Every verb returns the answer's JSON, or raises a PlatformError."""

    def __init__(self, settings: Settings, upstream: Upstream, clock: Clock) -> None:
        self._settings = settings
        self._oauth = upstream.within(settings.oauth_url)
        self._info = upstream.within(settings.info_url)
        self._upstream = upstream.within(settings.api_url)
        self._clock = clock

    async def form(self, path: str, *, ours: bool = True, spends: bool = False, **form: str) -> Mapping[str, Any]:
        """A call of the token endpoint's family; `ours`: with our app's id and secret in its body."""
        app = self._settings.app
        pair = {"client_id": app.id, "client_secret": app.secret.reveal()} if ours else {}
        url = f"{self._settings.oauth_url}/{path}"
        answer = await self._oauth.once("POST", url, data={**form, **pair}, spends=spends)
        return self._object(answer, *form.values(), app.secret.reveal())

    async def token_info(self, token: Secret) -> Mapping[str, Any]:
        url, form = f"{self._settings.info_url}/tokeninfo", {"access_token": token.reveal()}
        return self._object(await self._info.once("POST", url, data=form, spends=False), token.reveal())

    def _object(self, answer: Answer, *secrets: str) -> Mapping[str, Any]:
        if answer.status >= 300:
            raise oauth.failure(answer, self._clock(), "Google", errors.OAUTH_OURS, *secrets)
        return fields.mapping(answer.body)

    async def customers(self, token: Secret) -> list[str]:
        """Ids of the accounts that the token's person reaches directly: managers, and ad accounts."""
        url = f"{self._base}/customers:listAccessibleCustomers"
        body = self._judged(await self._upstream.get(url, None, self._headers(token)), token)
        names = fields.mapping(body).get("resourceNames")
        found = [fields.text(name).rpartition("/")[2] for name in names] if isinstance(names, list) else []
        return [id for id in dict.fromkeys(found) if id.isdigit()]

    async def search(self, token: Secret, root: str, query: str) -> list[Mapping[str, Any]]:
        """Rows of a GAQL query, asked as `root`; streamed answers are lists of pages."""
        url = f"{self._base}/customers/{root}/googleAds:searchStream"
        headers = {**self._headers(token), "login-customer-id": root}
        answer = await self._upstream.once("POST", url, headers=headers, json={"query": query}, spends=False)
        body = self._judged(answer, token)
        pages = fields.rows(body) if isinstance(body, list) else [fields.mapping(body)]
        return [row for page in pages for row in fields.rows(page.get("results"))]

    @property
    def _base(self) -> str:
        return f"{self._settings.api_url}/{self._settings.api_version}"

    def _headers(self, token: Secret) -> dict[str, str]:
        """The token goes into a header, which cannot hold line breaks or letters outside of ASCII."""
        if not re.fullmatch(r"[!-~]+", token.reveal()):
            raise base.Rejected("this is no access token of Google's", problem="token_refused")
        return {"Authorization": f"Bearer {token.reveal()}", **self.developer_header}

    @property
    def developer_header(self) -> dict[str, str]:
        """Empty without a developer token: an empty header is refused, and none is not."""
        developer = self._settings.developer_token.reveal()
        return {"developer-token": developer} if developer else {}

    def _judged(self, answer: Answer, token: Secret) -> Any:
        if answer.status >= 300:
            raise errors.of_api(answer, self._clock(), token.reveal(), self._settings.developer_token.reveal())
        return answer.body
