"""TikTok: the Marketing API of TikTok for Business, for a person's advertisers.

Sources: TikTok API for Business, "Authorization" and "Authentication", v1.3. Apps of today are
issued long-term tokens, with neither refresh token nor end; older ones short-term pairs, where
each renewal spends the refresh token. Both are served, by what the answer holds.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import cached_property
from typing import Any, ClassVar
from urllib.parse import urlencode

from symphony_connect.base.clock import HOUR, SECOND, Clock
from symphony_connect.base.env import Env
from symphony_connect.base.model import AdAccount, Grant, Identity, Inspection, Reason, Secret
from symphony_connect.platforms import app, base, fields
from symphony_connect.platforms.assets import AssetList
from symphony_connect.platforms.http import Upstream
from symphony_connect.platforms.tiktok import advertisers, assets, errors, settings
from symphony_connect.platforms.tiktok.api import Api
from symphony_connect.platforms.tiktok.proxy import TikTokProxied

DENIALS = ("access_denied", "user_denied", "user_cancelled", "cancelled")
OUTAGES = ("server_error", "temporarily_unavailable")
NO_SUCH_CODE = "0" * 40


class TikTok(base.Platform):
    """One app at TikTok. `Grant.extra["lifetime"]` is how long, in milliseconds, an access token was last given."""

    name: ClassVar[str] = "tiktok"
    display_name: ClassVar[str] = "TikTok"
    login_name: ClassVar[str] = "TikTok"
    in_app_agents: ClassVar[tuple[str, ...]] = ("musical_ly", "BytedanceWebview")
    token_type: ClassVar[str] = "TikTok Marketing API access token"  # noqa: S105 - what it is called
    notes: ClassVar[str] = "Obtained via TikTok OAuth flow"
    login_lists_accounts: ClassVar[bool] = True
    dialog_asks_for_accounts: ClassVar[bool] = True
    asset_kinds: ClassVar[tuple[str, ...]] = (assets.IDENTITY, assets.CENTER)
    refresh_tokens_work_once: ClassVar[bool] = True
    calls_per_second: float = 10.0
    """What TikTok grants its smallest apps ("Rate limits", Basic)."""
    verify_every: ClassVar[int] = 6 * HOUR
    """TikTok does not notify apps of a revocation, so connections are checked."""

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
    def proxied(self) -> TikTokProxied:
        return TikTokProxied(self._settings)

    def authorization_url(self, sign_in: base.SignIn) -> str:
        """The consent page. It takes no PKCE; without `scope` it asks for all that the app was approved for."""
        query = {"app_id": self._settings.app.id, "state": sign_in.state, "redirect_uri": sign_in.redirect_uri}
        asked = ",".join(scope for scope in sign_in.scopes if scope in self.scopes)
        if asked:
            query["scope"] = f"[{asked}]"
        return f"{self._settings.auth_url}?{urlencode(query)}"

    def code_from_callback(self, query: Mapping[str, str]) -> str:
        """`auth_code`, or `code` where a client in the field found only that. What a refusal looks like is
        documented nowhere: whatever comes back without a code and without another error is one."""
        error, number = query.get("error", ""), query.get("error_code", "")
        words = query.get("error_description") or query.get("error_message") or error
        code = query.get("auth_code") or query.get("code")
        message = fields.sentence(words) or f"TikTok answered {number}"
        if error in DENIALS or not (error or number):
            if words or not code:
                raise base.Denied(fields.sentence(words) or "TikTok sent the person back without a code")
            return code
        kind = errors.verdict(200, fields.whole(number), message).kind if number else base.Misconfigured
        if error in OUTAGES or issubclass(kind, base.Unavailable | base.RateLimited):
            raise base.Unavailable(message, code=number or error)
        raise base.Misconfigured(message, code=number or error)

    async def exchange(self, code: str, redirect_uri: str, code_verifier: str) -> Grant:  # noqa: ARG002
        """The list of advertisers in this answer is known to be wrong and may be long: not asked for."""
        data = await self._api.post(
            "oauth2/access_token", auth_code=code, grant_type="authorization_code", return_advertiser_ids=False
        )
        return self._issued(Grant(Secret("")), data)

    async def inspect(self, grant: Grant) -> Inspection:
        """TikTok answers for the advertisers of a token only to the app that the token was issued to."""
        try:
            await self._api.get("oauth2/advertiser/get", grant.access_token, **self._api.credentials)
        except base.Misconfigured as error:
            # The same codes answer a wrong secret of ours and a token that is not ours.
            await self.check_app()
            if app.refused(error.message):
                raise
            raise base.Rejected(error.message, problem="token_of_other_app", code=error.code) from None
        user = await self._api.get("user/info", grant.access_token)
        identity = fields.text(user.get("core_user_id"))
        if not identity:
            raise base.Unavailable("TikTok's user/info answered without a core_user_id")
        name = fields.text(user.get("display_name")) or identity
        return Inspection(Identity(identity, name), grant, self._missing(grant.scopes))

    async def renew(self, grant: Grant) -> Grant:
        if grant.refresh_token is None:
            raise base.Rejected("TikTok issued this token without a refresh token")
        data = await self._api.post(
            "oauth2/refresh_token", refresh_token=grant.refresh_token.reveal(), grant_type="refresh_token"
        )
        return self._issued(grant, data)

    async def ad_accounts(self, grant: Grant) -> list[AdAccount]:
        return await advertisers.walk(self._api, grant.access_token)

    async def assets(self, grant: Grant, accounts: tuple[AdAccount, ...], place: str = "") -> AssetList:
        return await assets.walk(self._api, grant.access_token, accounts, place)

    async def revoke(self, grant: Grant) -> None:
        try:
            await self._api.post("oauth2/revoke_token", grant.access_token, access_token=grant.access_token.reveal())
        except base.TokenRefused as error:
            if error.reason is not Reason.REVOKED:
                raise

    def login_result(self, inspection: Inspection, accounts: list[AdAccount] | None, now: int) -> dict[str, Any]:
        """`expiresIn` in seconds, null when no end is known; `advertiserIds` null when TikTok could not list them.

        A refresh token never reaches a page.
        """
        end = inspection.grant.expires_at
        return {
            "accessToken": inspection.grant.access_token.reveal(),
            "advertiserIds": None if accounts is None else [account.id for account in accounts],
            "expiresIn": None if end is None else max((end - now) // SECOND, 0),
        }

    async def check_app(self) -> None:
        """TikTok has no call that checks an app alone: send an impossible code, and see what TikTok refuses."""
        try:
            await self._api.post("oauth2/access_token", auth_code=NO_SUCH_CODE, grant_type="authorization_code")
        except base.Rejected as error:
            if error.problem != "platform_refused":
                raise base.Misconfigured(error.message, code=error.code) from error
        except base.PermissionRefused as error:
            raise base.Misconfigured(error.message, code=error.code) from error
        except base.TokenRefused:
            return

    def _issued(self, grant: Grant, data: Mapping[str, Any]) -> Grant:
        """What the answer leaves out stays as it was; a lifetime left out is taken to be the last one."""
        token, refresh = fields.text(data.get("access_token")), fields.text(data.get("refresh_token"))
        if not token:
            raise base.OutcomeUnknown("TikTok's token endpoint answered without a token")
        now = self._clock()
        lifetime = fields.after(0, data.get("expires_in")) or fields.whole(grant.extra.get("lifetime"))
        return replace(
            grant,
            access_token=Secret(token),
            refresh_token=Secret(refresh) if refresh else grant.refresh_token,
            expires_at=now + lifetime if lifetime else grant.expires_at,
            refresh_expires_at=fields.after(now, data.get("refresh_token_expires_in")) or grant.refresh_expires_at,
            scopes=_scopes(data.get("scope")) or grant.scopes,
            extra={**grant.extra, "lifetime": lifetime} if lifetime else grant.extra,
        )

    def _missing(self, granted: tuple[str, ...] | None) -> tuple[str, ...]:
        """A three-digit permission, such as 200, is part of the one its first digit names, 2."""
        if granted is None:
            return ()
        held = set(granted)
        return tuple(s for s in self.scopes if s not in held and not (len(s) == 3 and s[0] in held))


def _scopes(value: Any) -> tuple[str, ...]:
    """Permission ids: numbers or strings, in a list or, from some endpoints, in one string."""
    found = value.split(",") if isinstance(value, str) else value if isinstance(value, list) else []
    return tuple(dict.fromkeys(word for word in (fields.text(item).strip() for item in found) if word))


def create(env: Env, upstream: Upstream, clock: Clock, production: bool) -> base.Platform:
    """Raises ConfigError for a malformed setting; without app id or secret the platform is not configured."""
    return TikTok(settings.load(env, production), upstream, clock)
