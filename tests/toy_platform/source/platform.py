"""A platform that is none, of the kind most platforms are: authorization code, HTTP Basic, reusable refresh tokens."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, ClassVar
from urllib.parse import urlencode

from symphony_connect.platforms.toy import errors, settings

from symphony_connect.base.clock import Clock
from symphony_connect.base.env import Env
from symphony_connect.base.model import AdAccount, Grant, Identity, Inspection, Secret
from symphony_connect.platforms import base, fields
from symphony_connect.platforms.http import Answer, Upstream

PAGE = 50


class Toy(base.Platform):
    """One app at the toy."""

    name: ClassVar[str] = "toy"
    display_name: ClassVar[str] = "Toy Ads"
    login_name: ClassVar[str] = "Toy"
    token_type: ClassVar[str] = "Toy access token"
    other_scopes_end_tokens: ClassVar[bool] = True
    refresh_end_moves: ClassVar[bool] = False
    revokes: ClassVar[bool] = False
    tells_whose_app: ClassVar[bool] = False
    calls_per_second: float = 20.0
    calls_per_change: ClassVar[int] = 4
    burst: ClassVar[int] = 8
    at_once: ClassVar[int] = 5

    def __init__(self, chosen: settings.Settings, upstream: Upstream, clock: Clock) -> None:
        self._settings = chosen
        self._clock = clock
        self._upstream = upstream.within(chosen.url)

    @property
    def scopes(self) -> tuple[str, ...]:
        return self._settings.scopes

    @property
    def missing_settings(self) -> tuple[str, ...]:
        return self._settings.app.missing

    def app_headers(self) -> Mapping[str, Secret]:
        return {"Toy-Developer": self._settings.developer}

    def account_headers(self, account: AdAccount) -> Mapping[str, str]:
        return {"Toy-Region": account.extra["region"]}

    def authorization_url(self, sign_in: base.SignIn) -> str:
        query = {
            "client_id": self._settings.app.id,
            "redirect_uri": sign_in.redirect_uri,
            "response_type": "code",
            "scope": " ".join(sign_in.scopes),
            "state": sign_in.state,
        }
        return f"{self._settings.url}/oauth/authorize?{urlencode(query)}"

    def code_from_callback(self, query: Mapping[str, str]) -> str:
        if query.get("error") or not query.get("code"):
            raise base.Denied(fields.sentence(query.get("error_description")) or "the person said no")
        return query["code"]

    async def exchange(self, code: str, redirect_uri: str, code_verifier: str) -> Grant:
        form = {"grant_type": "authorization_code", "code": code, "redirect_uri": redirect_uri}
        return self._issued(Grant(Secret("")), await self._token(form, spends=True))

    async def inspect(self, grant: Grant) -> Inspection:
        me = await self._get("me", grant)
        scopes = tuple(fields.text(me.get("scope")).split())
        identity = Identity(fields.text(me.get("id")), fields.text(me.get("name")))
        missing = tuple(scope for scope in self.scopes if scope not in scopes)
        end = fields.moment(me.get("expires_at"))
        return Inspection(identity, replace(grant, scopes=scopes, expires_at=end), missing)

    async def renew(self, grant: Grant) -> Grant:
        if grant.refresh_token is None:
            raise base.Rejected("this token came without a refresh token")
        form = {"grant_type": "refresh_token", "refresh_token": grant.refresh_token.reveal()}
        return self._issued(grant, await self._token(form, spends=False))

    async def ad_accounts(self, grant: Grant) -> list[AdAccount]:
        found: list[AdAccount] = []
        bookmark = ""
        while True:
            page = await self._get("ad_accounts", grant, page_size=str(PAGE), bookmark=bookmark)
            found += [_account(row) for row in fields.rows(page.get("items"))]
            bookmark = fields.text(page.get("bookmark"))
            if not bookmark:
                return found

    async def check_app(self) -> None:
        try:
            await self._token({"grant_type": "authorization_code", "code": "none"}, spends=False)
        except base.Rejected:
            return

    async def _token(self, form: Mapping[str, str], *, spends: bool) -> Mapping[str, Any]:
        pair = f"{self._settings.app.id}:{self._settings.app.secret.reveal()}"
        headers = {"Authorization": f"Basic {base64.b64encode(pair.encode()).decode()}"}
        url = f"{self._settings.url}/oauth/token"
        return self._judged(await self._upstream.once("POST", url, headers=headers, data=form, spends=spends))

    async def _get(self, path: str, grant: Grant, **params: str) -> Mapping[str, Any]:
        token = grant.access_token.reveal()
        if not token.isascii() or not token.isprintable() or " " in token:
            raise base.Rejected("this is no access token of the toy's", problem="token_refused")
        headers = {"Authorization": f"Bearer {token}"}
        headers |= {name: value.reveal() for name, value in self.app_headers().items()}
        return self._judged(await self._upstream.get(f"{self._settings.url}/v1/{path}", params, headers))

    def _judged(self, answer: Answer) -> Mapping[str, Any]:
        if answer.status >= 300:
            raise errors.failure(answer, self._clock())
        return fields.mapping(answer.body)

    def _issued(self, grant: Grant, body: Mapping[str, Any]) -> Grant:
        """A refresh answers without a refresh token: it stays the one it was."""
        now, refresh = self._clock(), fields.text(body.get("refresh_token"))
        return Grant(
            Secret(fields.text(body.get("access_token"))),
            Secret(refresh) if refresh else None,
            fields.after(now, body.get("expires_in")),
            fields.after(now, body.get("refresh_token_expires_in")),
            scopes=grant.scopes,
        )


def _account(row: Mapping[str, Any]) -> AdAccount:
    return AdAccount(
        fields.text(row.get("id")),
        fields.text(row.get("name")),
        fields.text(row.get("status")),
        currency=fields.text(row.get("currency")),
        extra={"region": fields.text(row.get("region"))},
    )


def create(env: Env, upstream: Upstream, clock: Clock, production: bool) -> base.Platform:
    """Raises ConfigError for a malformed setting; without app id or secret the platform is not configured."""
    return Toy(settings.load(env, production), upstream, clock)
