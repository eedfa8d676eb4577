"""LinkedIn: the Marketing API, for a member's ad accounts.

Sources: LinkedIn's "Authorization Code Flow", "Refresh Tokens with OAuth 2.0", "Token Introspection" and
"Account Users" (learn.microsoft.com/linkedin). Apps of approved partners are issued refresh tokens that end
365 days after the consent, whatever is done meanwhile; all others get an access token of 60 days alone.
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
from symphony_connect.platforms import base, fields, id_token
from symphony_connect.platforms.http import Upstream
from symphony_connect.platforms.linkedin import accounts, errors, settings, versions
from symphony_connect.platforms.linkedin.api import Api
from symphony_connect.platforms.linkedin.proxy import LinkedInProxied

DENIALS = ("user_cancelled_login", "user_cancelled_authorize", "access_denied")
OUTAGES = ("server_error", "temporarily_unavailable")


class LinkedIn(base.Platform):
    """One app at LinkedIn. `Grant.extra` keeps `sub` and `name` of the id_token that came with the grant."""

    name: ClassVar[str] = "linkedin"
    display_name: ClassVar[str] = "LinkedIn Ads"
    login_name: ClassVar[str] = "LinkedIn"
    in_app_agents: ClassVar[tuple[str, ...]] = ("LinkedInApp",)
    token_type: ClassVar[str] = "LinkedIn member access token"  # noqa: S105 - what it is called
    notes: ClassVar[str] = "Obtained via LinkedIn's authorization code flow"
    other_scopes_end_tokens: ClassVar[bool] = True
    """Databricks's documentation of its LinkedIn connector quotes it; LinkedIn's own says it of new scopes."""
    refresh_end_moves: ClassVar[bool] = False
    revokes: ClassVar[bool] = False
    """Members end it in their own settings; there is no documented call."""
    calls_per_second: float = 10.0
    calls_per_change: ClassVar[int] = 4

    def __init__(self, chosen: settings.Settings, upstream: Upstream, clock: Clock, setting: str) -> None:
        self._settings = chosen
        self._clock = clock
        self._api = Api(chosen, upstream, clock)
        self._version_setting = setting

    @property
    def scopes(self) -> tuple[str, ...]:
        return self._settings.scopes

    @property
    def missing_settings(self) -> tuple[str, ...]:
        return self._settings.app.missing

    def api_version(self) -> base.ApiVersion:
        return versions.described(self._settings.api_version, self._version_setting, self._clock())

    @cached_property
    def proxied(self) -> LinkedInProxied:
        return LinkedInProxied(self._settings, self._api.headers)

    def app_headers(self) -> Mapping[str, Secret]:
        return {name: Secret(value) for name, value in self._api.headers.items()}

    def authorization_url(self, sign_in: base.SignIn) -> str:
        """The consent page, which takes no PKCE and offers all scopes or none."""
        query = {
            "response_type": "code",
            "client_id": self._settings.app.id,
            "redirect_uri": sign_in.redirect_uri,
            "state": sign_in.state,
            "scope": " ".join(sign_in.scopes),
        }
        return f"{self._settings.oauth_url}/authorization?{urlencode(query)}"

    def code_from_callback(self, query: Mapping[str, str]) -> str:
        error, code = query.get("error", ""), query.get("code", "")
        message = fields.sentence(query.get("error_description")) or error
        if error in DENIALS or not (error or code):
            raise base.Denied(message or "LinkedIn sent the person back without a code")
        if error in OUTAGES:
            raise base.Unavailable(message, code=error)
        if error:
            raise base.Misconfigured(message, code=error)
        return code

    async def exchange(self, code: str, redirect_uri: str, code_verifier: str) -> Grant:  # noqa: ARG002
        body = await self._api.form(
            "accessToken", spends=True, grant_type="authorization_code", code=code, redirect_uri=redirect_uri
        )
        return self._issued(Grant(Secret("")), body)

    async def inspect(self, grant: Grant) -> Inspection:
        """Introspection says whose app the token is of; the id_token, where there was one, who the member is."""
        seen = await self._api.form("introspectToken", token=grant.access_token.reveal())
        self._check(seen)
        scopes = tuple(word for word in fields.text(seen.get("scope")).replace(",", " ").split() if word)
        end = fields.moment(seen.get("expires_at")) or grant.expires_at
        known = replace(grant, scopes=scopes, expires_at=end)
        who = await self._identity(known)
        held = replace(known, extra={**known.extra, "sub": who.id, "name": who.name})
        return Inspection(who, held, tuple(scope for scope in self.scopes if scope not in scopes))

    async def renew(self, grant: Grant) -> Grant:
        if grant.refresh_token is None:
            raise base.Rejected("LinkedIn issued this token without a refresh token")
        token = grant.refresh_token.reveal()
        try:
            body = await self._api.form("accessToken", grant_type="refresh_token", refresh_token=token)
        except base.PlatformError as error:
            raise errors.of_refresh(error) from error
        return self._issued(grant, body)

    async def ad_accounts(self, grant: Grant) -> list[AdAccount]:
        return await accounts.walk(self._api, grant.access_token)

    async def check_app(self) -> None:
        """Introspection of a token that is none: only our own id and secret can be refused."""
        try:
            await self._api.form("introspectToken", token="none")  # noqa: S106 - it is none
        except base.Rejected:
            return

    def _check(self, seen: Mapping[str, Any]) -> None:
        client, status = fields.text(seen.get("client_id")), fields.text(seen.get("status"))
        if client and client != self._settings.app.id:
            raise base.Rejected("the token was issued to another app", problem="token_of_other_app")
        if seen.get("active") is not True:
            reason = Reason.EXPIRED if status == "expired" else Reason.REVOKED
            error = base.TokenRefused(f"The token is {status or 'not active'}", reason, code=status or "inactive")
            # LinkedIn answered to our app's own id and secret.
            error.could_be_app = False
            raise error

    async def _identity(self, grant: Grant) -> Identity:
        """`/v2/userinfo` now and then calls a good token revoked, and this one was just found active."""
        stored = id_token.identity(grant.extra)
        if stored is not None:
            return stored
        try:
            found = id_token.identity(await self._api.get("v2/userinfo", grant.access_token))
        except base.TokenRefused as error:
            raise base.Unavailable(error.message, code=error.code) from error
        if found is None:
            raise base.Unavailable("LinkedIn's userinfo answered without a subject")
        return found

    def _issued(self, grant: Grant, body: Mapping[str, Any]) -> Grant:
        token, refresh = fields.text(body.get("access_token")), fields.text(body.get("refresh_token"))
        if not token:
            raise base.OutcomeUnknown("LinkedIn's token endpoint answered without a token")
        now = self._clock()
        who = id_token.identity(id_token.claims(fields.text(body.get("id_token")), self._settings.app.id))
        scopes = tuple(fields.text(body.get("scope")).replace(",", " ").split())
        return replace(
            grant,
            access_token=Secret(token),
            refresh_token=Secret(refresh) if refresh else grant.refresh_token,
            expires_at=fields.after(now, body.get("expires_in")),
            refresh_expires_at=fields.after(now, body.get("refresh_token_expires_in")) or grant.refresh_expires_at,
            scopes=scopes or grant.scopes,
            extra={**grant.extra, "sub": who.id, "name": who.name} if who else grant.extra,
            holder=who.id if who else None,
        )


def create(env: Env, upstream: Upstream, clock: Clock, production: bool) -> base.Platform:
    """Raises ConfigError for a malformed setting; without app id or secret the platform is not configured."""
    return LinkedIn(settings.load(env, production), upstream, clock, env.name("API_VERSION"))
