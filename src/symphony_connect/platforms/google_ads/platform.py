"""Google Ads, for a person's ad accounts and those below the managers that they reach.

Sources: "Using OAuth 2.0 for Web Server Applications" (developers.google.com/identity), and the Google Ads API's
pages on authentication, access and account hierarchy. An access token lives an hour; the refresh token comes at the
consent only, and is not changed by use.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import cached_property
from typing import Any, ClassVar
from urllib.parse import urlencode

from symphony_connect.base.clock import Clock
from symphony_connect.base.env import Env
from symphony_connect.base.model import AdAccount, Grant, Identity, Inspection, Reason, Secret
from symphony_connect.platforms import base, fields, id_token, oauth
from symphony_connect.platforms.google_ads import accounts, errors, settings
from symphony_connect.platforms.google_ads.api import Api
from symphony_connect.platforms.google_ads.proxy import GoogleAdsProxied
from symphony_connect.platforms.http import Upstream

DENIALS = ("access_denied", "admin_policy_enforced")
"""The person said no, or the administrator of their organisation does."""
OUTAGES = ("server_error", "temporarily_unavailable")
LONG_NAMES = {
    "email": "https://www.googleapis.com/auth/userinfo.email",
    "profile": "https://www.googleapis.com/auth/userinfo.profile",
}
"""How answers name two scopes that are asked for by a short name."""


class GoogleAds(base.Platform):
    """One OAuth client at Google. `Grant.extra`: the person's name, and when it was consented to and last renewed, in
    milliseconds."""

    name: ClassVar[str] = "google_ads"
    display_name: ClassVar[str] = "Google Ads"
    login_name: ClassVar[str] = "Google"
    token_type: ClassVar[str] = "Google OAuth 2.0 access token"  # noqa: S105 - what it is called
    notes: ClassVar[str] = "Obtained via Google's authorization code flow"
    renews_when_read: ClassVar[bool] = True
    embedded_browsers: ClassVar[bool] = False
    """Google's "OAuth 2.0 Policies": embedded user agents are refused (`disallowed_useragent`)."""
    calls_per_second: float = 10.0
    calls_per_change: ClassVar[int] = 4

    def __init__(self, chosen: settings.Settings, upstream: Upstream, clock: Clock) -> None:
        self._settings = chosen
        self._clock = clock
        self._api = Api(chosen, upstream, clock)

    @property
    def scopes(self) -> tuple[str, ...]:
        return self._settings.scopes

    @property
    def missing_settings(self) -> tuple[str, ...]:
        return self._settings.app.missing

    @cached_property
    def proxied(self) -> GoogleAdsProxied:
        return GoogleAdsProxied(self._settings)

    def app_headers(self) -> Mapping[str, Secret]:
        return {name: Secret(value) for name, value in self._api.developer_header.items()}

    def account_headers(self, account: AdAccount) -> Mapping[str, str]:
        root = account.extra.get(accounts.ROOT)
        return {"login-customer-id": root} if root else {}

    def authorization_url(self, sign_in: base.SignIn) -> str:
        """Without `prompt=consent` a second sign-in brings no refresh token. The id_token repeats `nonce`."""
        query = {
            "client_id": self._settings.app.id,
            "redirect_uri": sign_in.redirect_uri,
            "response_type": "code",
            "scope": " ".join(sign_in.scopes),
            "state": sign_in.state,
            "access_type": "offline",
            "prompt": "consent",
            "nonce": sign_in.code_challenge,
            "code_challenge": sign_in.code_challenge,
            "code_challenge_method": "S256",
        }
        return f"{self._settings.auth_url}?{urlencode(query)}"

    def code_from_callback(self, query: Mapping[str, str]) -> str:
        error, code = query.get("error", ""), query.get("code", "")
        message = fields.sentence(query.get("error_description")) or error
        if error in DENIALS or not (error or code):
            raise base.Denied(message or "Google sent the person back without a code")
        if error in OUTAGES:
            raise base.Unavailable(message, code=error)
        if error:
            raise base.Misconfigured(message, code=error)
        return code

    async def exchange(self, code: str, redirect_uri: str, code_verifier: str) -> Grant:
        body = await self._api.form(
            "token",
            spends=True,
            grant_type="authorization_code",
            code=code,
            redirect_uri=redirect_uri,
            code_verifier=code_verifier,
        )
        brought = fields.text(body.get("id_token"))
        known = self._claims(brought, nonce=oauth.challenge(code_verifier))
        if brought and not known:
            raise base.Rejected("Google's id_token is not of this sign-in and this app")
        return self._issued(Grant(Secret(""), extra={"consented_at": self._clock()}), body)

    async def inspect(self, grant: Grant) -> Inspection:
        """`tokeninfo` says whose app the token is of, who the person is, and what was granted."""
        try:
            seen = await self._api.token_info(grant.access_token)
        except base.Rejected as error:
            ended = grant.expires_at is not None and grant.expires_at <= self._clock()
            refused = base.TokenRefused(error.message, Reason.EXPIRED if ended else Reason.REVOKED, code=error.code)
            # Where there is a refresh token it is used next, and that answer tells of our app.
            refused.could_be_app = grant.refresh_token is None
            raise refused from error
        if fields.text(seen.get("aud")) != self._settings.app.id:
            raise base.Rejected("the token was issued to another app", problem="token_of_other_app")
        subject, email = fields.text(seen.get("sub")), fields.text(seen.get("email"))
        if not subject:
            raise base.Rejected("the token was granted without the scope openid", problem="token_kind_refused")
        scopes = tuple(fields.text(seen.get("scope")).split())
        end = fields.moment(seen.get("exp")) or grant.expires_at
        missing = tuple(scope for scope in self.scopes if not {scope, LONG_NAMES.get(scope, scope)} & set(scopes))
        name = fields.text(grant.extra.get("name")) or email or subject
        return Inspection(Identity(subject, name), replace(grant, scopes=scopes, expires_at=end), missing)

    async def renew(self, grant: Grant) -> Grant:
        if grant.refresh_token is None:
            raise base.Rejected("Google issued this token without a refresh token")
        try:
            body = await self._api.form("token", grant_type="refresh_token", refresh_token=grant.refresh_token.reveal())
        except base.PlatformError as error:
            raise errors.of_refresh(error, grant, self._clock()) from error
        return self._issued(grant, body)

    async def ad_accounts(self, grant: Grant) -> list[AdAccount]:
        return await accounts.walk(self._api, grant.access_token)

    async def revoke(self, grant: Grant) -> None:
        """Ends all that the person granted this OAuth client."""
        token = (grant.refresh_token or grant.access_token).reveal()
        try:
            await self._api.form("revoke", ours=False, token=token)
        except base.Rejected as error:
            if error.code != "invalid_token":
                raise

    async def check_app(self) -> None:
        """A refresh with a token that is none: only our own id and secret can be refused."""
        try:
            await self._api.form("token", grant_type="refresh_token", refresh_token="none")  # noqa: S106 - it is none
        except base.Rejected:
            return

    def _claims(self, token: str, nonce: str = "") -> Mapping[str, Any]:
        """What an id_token says, of Google itself and for our app; empty for any other."""
        issuer = self._settings.auth_url.removesuffix("/o/oauth2/v2/auth")
        issuers = (issuer, issuer.removeprefix("https://"))
        return id_token.claims(token, self._settings.app.id, issuers, self._clock(), nonce)

    def _issued(self, grant: Grant, body: Mapping[str, Any]) -> Grant:
        token, refresh = fields.text(body.get("access_token")), fields.text(body.get("refresh_token"))
        if not token:
            raise base.OutcomeUnknown("Google's token endpoint answered without a token")
        now = self._clock()
        who = id_token.identity(self._claims(fields.text(body.get("id_token"))))
        named = {"name": who.name} if who and who.name != who.id else {}
        return replace(
            grant,
            access_token=Secret(token),
            refresh_token=Secret(refresh) if refresh else grant.refresh_token,
            expires_at=fields.after(now, body.get("expires_in")),
            refresh_expires_at=fields.after(now, body.get("refresh_token_expires_in")) or grant.refresh_expires_at,
            scopes=tuple(fields.text(body.get("scope")).split()) or grant.scopes,
            extra={**grant.extra, "used_at": now, **named},
            holder=who.id if who else None,
        )


def create(env: Env, upstream: Upstream, clock: Clock, production: bool) -> base.Platform:
    """Raises ConfigError for a malformed setting; without app id or secret the platform is not configured."""
    return GoogleAds(settings.load(env, production), upstream, clock)
