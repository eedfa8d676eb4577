"""Meta: Facebook Login for a person's ad accounts on Facebook and Instagram.

Sources: Meta's "Manually Build a Login Flow", "Access Token Guide", "Debug Token" and the
Marketing API reference, Graph API v26.0.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import cached_property
from typing import Any, ClassVar
from urllib.parse import urlencode

from symphony_connect.base.clock import SECOND, Clock
from symphony_connect.base.env import Env
from symphony_connect.base.model import AdAccount, Grant, Identity, Inspection, Reason, Secret
from symphony_connect.base.notices import Notice, Route
from symphony_connect.platforms import base, fields
from symphony_connect.platforms.assets import AssetList
from symphony_connect.platforms.http import Upstream
from symphony_connect.platforms.meta import accounts, assets, inspection, settings, signed_request, versions
from symphony_connect.platforms.meta.graph import Graph
from symphony_connect.platforms.meta.proxy import MetaProxied

AUTH_TYPES = ("rerequest", "reauthenticate", "reauthorize")
OUTAGES = ("server_error", "temporarily_unavailable", "1", "2")


class Meta(base.Platform):
    """One app at Meta. `Grant.extra["type"]` is what `debug_token` calls the token: USER or SYSTEM_USER."""

    name: ClassVar[str] = "meta"
    display_name: ClassVar[str] = "Meta (Facebook/Instagram)"
    login_name: ClassVar[str] = "Facebook"
    in_app_agents: ClassVar[tuple[str, ...]] = ("FBAN/", "FBAV/", "Instagram ")
    token_type: ClassVar[str] = "Facebook user access token"  # noqa: S105 - what it is called
    notes: ClassVar[str] = "Obtained via Facebook Login SDK"
    asks_add_up: ClassVar[bool] = True
    dialog_asks_for_accounts: ClassVar[bool] = True
    asset_kinds: ClassVar[tuple[str, ...]] = (assets.PAGE, assets.INSTAGRAM)

    def __init__(self, chosen: settings.Settings, upstream: Upstream, clock: Clock) -> None:
        self._settings = chosen
        self._clock = clock
        self._graph = Graph(chosen, upstream, clock)

    def routes(self) -> Mapping[str, Route]:
        """Both carry a `signed_request`; a deletion is answered with the address of a status page and a code."""

        def read(form: Mapping[str, str]) -> Notice:
            return signed_request.read(form, self._settings.app.secret, self._clock())

        return {
            "deauthorize": Route("deauthorized", read),
            "data-deletion": Route("deletion", read, lambda url, code: {"url": url, "confirmation_code": code}),
        }

    @property
    def scopes(self) -> tuple[str, ...]:
        return self._settings.scopes

    @property
    def missing_settings(self) -> tuple[str, ...]:
        return self._settings.app.missing

    def api_version(self) -> base.ApiVersion:
        return versions.described(self._settings.version, "SYMPHONY_META_API_VERSION")

    @cached_property
    def proxied(self) -> MetaProxied:
        return MetaProxied(self._settings, self._graph)

    @property
    def nearly_limited(self) -> bool:
        return self._graph.nearly_limited

    def authorization_url(self, sign_in: base.SignIn) -> str:
        """The login dialog. With a Facebook Login for Business configuration that, not scopes, says what is asked."""
        query = {
            "client_id": self._settings.app.id,
            "redirect_uri": sign_in.redirect_uri,
            "response_type": "code",
            "state": sign_in.state,
            "code_challenge": sign_in.code_challenge,
            "code_challenge_method": "S256",
        }
        if self._settings.config_id:
            query |= {"config_id": self._settings.config_id, "override_default_response_type": "true"}
        else:
            query["scope"] = ",".join(scope for scope in sign_in.scopes if scope in self.scopes)
        if sign_in.auth_type in AUTH_TYPES:
            query["auth_type"] = sign_in.auth_type
        return f"{self._settings.dialog_url}/{self._settings.version}/dialog/oauth?{urlencode(query)}"

    def code_from_callback(self, query: Mapping[str, str]) -> str:
        """Errors of the app may arrive as `error_code` and `error_message`, without `error`."""
        words = query.get("error_description") or query.get("error_message") or query.get("error_reason")
        error, code = query.get("error"), query.get("error_code")
        message = fields.sentence(words) or f"Facebook answered {error or code}"
        if error == "access_denied" or code == "200":
            raise base.Denied(message, code=code, subcode=query.get("error_reason"))
        if error in OUTAGES or code in OUTAGES:
            raise base.Unavailable(message, code=code or error)
        if error or code:
            raise base.Misconfigured(message, code=code or error)
        if not query.get("code"):
            raise base.Denied("Facebook sent the person back without a code")
        return query["code"]

    async def exchange(self, code: str, redirect_uri: str, code_verifier: str) -> Grant:
        form = {"code": code, "redirect_uri": redirect_uri, "code_verifier": code_verifier}
        body = await self._graph.issue("authorization_code", spends=True, **form)
        return self._issued(Grant(Secret("")), body)

    async def extend(self, grant: Grant) -> Grant:
        """About 60 days for a person's token. A system user's, one without end, and one that Meta will not
        extend stay as they are."""
        kind = grant.extra.get("type")
        if kind == "SYSTEM_USER" or (kind and grant.expires_at is None):
            return grant
        try:
            longer = await self._reissued(grant)
        except (base.Rejected, base.PermissionRefused):
            return grant
        return longer if longer.expires_at else await self._dated(longer)

    async def inspect(self, grant: Grant) -> Inspection:
        data = await self._checked(grant.access_token)
        me = await self._graph.get("me", grant.access_token, fields="id,name")
        identity = fields.text(me.get("id"))
        if not identity:
            raise base.Unavailable("Meta's /me answered without an id")
        scopes = await inspection.granted(self._graph, grant.access_token, data)
        extra = {**grant.extra, "type": fields.text(data.get("type"))}
        dated = replace(inspection.dated(grant, data), scopes=scopes, extra=extra)
        missing = tuple(scope for scope in self.scopes if scope not in scopes)
        return Inspection(Identity(identity, fields.text(me.get("name")) or identity), dated, missing)

    def renew_at(self, grant: Grant, issued_at: int) -> int | None:
        """With a third of its life left: 20 days of a long-lived token's 60."""
        if grant.expires_at is None:
            return None
        return grant.expires_at - max(grant.expires_at - issued_at, 0) // 3

    async def renew(self, grant: Grant) -> Grant:
        """The end that `debug_token` confirms: Meta may hand out a token whose end has not moved."""
        return await self._dated(await self._reissued(grant))

    async def ad_accounts(self, grant: Grant) -> list[AdAccount]:
        return await accounts.walk(self._graph, grant)

    async def assets(self, grant: Grant, accounts: tuple[AdAccount, ...], place: str = "") -> AssetList:  # noqa: ARG002
        return await assets.walk(self._graph, grant, place)

    async def revoke(self, grant: Grant) -> None:
        """Takes every permission back, which ends all tokens of this person for this app.

        A system user has no permissions of its own to take back: there, its token is ended.
        """
        try:
            if grant.extra.get("type") == "SYSTEM_USER":
                body = await self._graph.end(grant.access_token)
            else:
                body = await self._graph.delete("me/permissions", grant.access_token)
        except base.TokenRefused as error:
            if error.reason is Reason.APP_REMOVED:
                return
            raise
        if body.get("success") is not True:
            raise base.Rejected("Meta did not confirm that the permissions were taken back")

    def login_result(self, inspection: Inspection, accounts: list[AdAccount] | None, now: int) -> dict[str, Any]:  # noqa: ARG002
        """`FacebookUserResponse`; `expiresIn` in seconds, 0 when no end is known."""
        end = inspection.grant.expires_at
        return {
            "accessToken": inspection.grant.access_token.reveal(),
            "userId": inspection.identity.id,
            "expiresIn": 0 if end is None else max((end - now) // SECOND, 0),
        }

    async def check_app(self) -> None:
        await self._graph.check_app()

    async def _reissued(self, grant: Grant) -> Grant:
        form = {"fb_exchange_token": grant.access_token.reveal()}
        if grant.extra.get("type") == "SYSTEM_USER":
            form |= {"set_token_expires_in_60_days": "true"}
        return self._issued(grant, await self._graph.issue("fb_exchange_token", spends=False, **form))

    def _issued(self, grant: Grant, body: Mapping[str, Any]) -> Grant:
        """`expires_in` may be left out; the end is then unknown until the token is inspected."""
        token, end = Secret(fields.text(body.get("access_token"))), fields.after(self._clock(), body.get("expires_in"))
        return replace(grant, access_token=token, expires_at=end)

    async def _dated(self, grant: Grant) -> Grant:
        return inspection.dated(grant, await self._checked(grant.access_token))

    async def _checked(self, token: Secret) -> Mapping[str, Any]:
        data = await self._graph.debug(token)
        inspection.check(data, self._settings.app.id, self._clock())
        return data


def create(env: Env, upstream: Upstream, clock: Clock, production: bool) -> base.Platform:
    """Raises ConfigError for a malformed setting; without app id or secret the platform is not configured."""
    return Meta(settings.load(env, production), upstream, clock)
