"""What the service asks of a platform, and the kinds of failure.

PlatformError
├── TokenRefused         the token is no good; `reason` says why, only the owner can help
├── PermissionRefused    the token is good but may not do this
├── RateLimited          the app has called too often: wait until `retry_at`
│   └── OneLimited       only on behalf of this person or ad account; others may go on
├── Unavailable          no usable answer; the same call may work later
│   ├── NotSent          the call never reached the platform
│   └── OutcomeUnknown   sent but not answered: it may have taken effect
├── Misconfigured        our app id, secret or settings are wrong; only the operator can help
├── Rejected             this request is refused: a code used twice, a token of another app
└── Denied               the person said no at the platform's own page
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar, Literal

from symphony_connect.base.clock import DAY, SECOND
from symphony_connect.base.model import AdAccount, Grant, Inspection, Reason, Secret
from symphony_connect.base.notices import Route
from symphony_connect.platforms.assets import HasAssets
from symphony_connect.platforms.proxied import Proxied

Refusal = Literal["platform_refused", "token_refused", "token_of_other_app", "token_kind_refused"]
"""What a `Rejected` is about, in the words of the API's error codes."""


class PlatformError(Exception):
    """A platform said no, or nothing. `code`, `subcode` and `message` are the platform's own."""

    def __init__(
        self, message: str, *, code: str | None = None, subcode: str | None = None, retry_at: int | None = None
    ) -> None:
        super().__init__(message)
        self.message = message
        self.code = code
        self.subcode = subcode
        self.retry_at = retry_at
        """Milliseconds since the epoch before which the platform wants no further call."""
        self.could_be_app = True
        """Whether the platform may mean our app and not this token. False only where the answer names what
        the person did. Before a connection is lost, the app itself is then asked (`check_app`)."""
        self.issued: Grant | None = None
        """A grant that the platform issued before this failure. It is the only copy: the handler must store it."""


class TokenRefused(PlatformError):
    """The token is no good any more: only the owner can help, by signing in again."""

    def __init__(self, message: str, reason: Reason, *, code: str | None = None, subcode: str | None = None) -> None:
        super().__init__(message, code=code, subcode=subcode)
        self.reason = reason


class PermissionRefused(PlatformError):
    """The token is good, but lacks a permission that this call needs."""


class RateLimited(PlatformError):
    """Too many calls; `retry_at` says when to come back, where the platform said so."""


class OneLimited(RateLimited):
    """Too many calls on behalf of one person or ad account: the app's other calls are welcome."""


class Unavailable(PlatformError):
    """No answer, or an answer from which nothing follows for the token."""


class NotSent(Unavailable):
    """There was no connection: nothing reached the platform, so nothing is spent."""


class OutcomeUnknown(Unavailable):
    """The request was sent and never answered: a one-time code or refresh token may be spent."""


LISTED_TO = "listed_to"
"""Where in `Grant.extra` the `place` of PartlyListed is kept until the ad accounts are listed again."""


class PartlyListed(Unavailable):
    """Some of the ad accounts could not be listed now; `accounts` are those that could.

    `place` is the platform's own word for where it ran out of time. The next `ad_accounts` finds it in
    `Grant.extra[LISTED_TO]` and goes on from there.
    """

    def __init__(self, message: str, accounts: list[AdAccount], place: str = "") -> None:
        super().__init__(message)
        self.accounts = accounts
        self.place = place


class Misconfigured(PlatformError):
    """The platform refuses our app, not the owner's token."""


class Rejected(PlatformError):
    """This request is refused for good: a used code, a token of another app or kind; `problem` says which."""

    def __init__(
        self,
        message: str,
        *,
        problem: Refusal = "platform_refused",
        code: str | None = None,
        subcode: str | None = None,
    ) -> None:
        super().__init__(message, code=code, subcode=subcode)
        self.problem = problem


class Denied(PlatformError):
    """The person declined at the platform's page."""


@dataclass(frozen=True)
class SignIn:
    """All that a platform's sign-in page is asked for."""

    state: str = field(repr=False)
    redirect_uri: str
    scopes: tuple[str, ...]
    code_challenge: str
    """PKCE S256 challenge; a platform that takes no PKCE leaves it out."""
    auth_type: str | None = None
    """`rerequest` asks again for what was declined before."""


@dataclass(frozen=True)
class ApiVersion:
    """A version of a platform's API, such as `v26.0`."""

    name: str
    ends_at: int | None
    """Milliseconds since the epoch; None where no end is announced."""
    newest: str
    setting: str
    """Chooses another, such as `SYMPHONY_META_API_VERSION`."""
    known: bool = True
    """False where the platform's list of versions does not have it."""


class Platform(HasAssets, ABC):
    """One ad platform. Verbs return values or raise a `PlatformError`; nothing is remembered between calls.

    The defaults fit an ordinary OAuth 2 platform; a platform overrides only what differs.
    """

    name: ClassVar[str]
    """As in `adPlatform` and in every path."""
    display_name: ClassVar[str]
    login_name: ClassVar[str]
    """What people call the place they sign in at."""
    token_type: ClassVar[str]
    notes: ClassVar[str] = ""
    verify_every: ClassVar[int] = DAY
    """Milliseconds after which a connection that nothing else touched is checked."""

    asks_add_up: ClassVar[bool] = False
    """Whether a sign-in that asks for a few scopes leaves those given before in place."""
    other_scopes_end_tokens: ClassVar[bool] = False
    """Whether a sign-in that asks for another set of scopes ends the person's other tokens for this app.
    Every sign-in then asks for all configured scopes, whatever a page asks for."""
    login_lists_accounts: ClassVar[bool] = False
    """Whether `login_result` names the ad accounts."""
    dialog_asks_for_accounts: ClassVar[bool] = False
    """Whether the platform's own page lets the person choose ad accounts; our page then says: all of them."""

    in_app_agents: ClassVar[tuple[str, ...]] = ()
    """What the browsers inside of this platform's own apps say in `User-Agent`."""
    embedded_browsers: ClassVar[bool] = True
    """Whether its sign-in page opens in browsers inside of other apps. False: our page says so before the jump."""

    refresh_tokens_work_once: ClassVar[bool] = False
    """Whether using a refresh token may end it. A platform that sometimes answers with another one says True:
    a lost answer may then have cost the only copy, so a note is written before the token is used."""
    refresh_end_moves: ClassVar[bool] = True
    """False where a refresh token ends at a fixed time after the consent: no renewal moves that end, whatever
    its answer says, and it is announced from 14 days before."""
    renews_when_read: ClassVar[bool] = False
    """Whether an access token lives so briefly that it is renewed only when somebody reads it. The daily check then
    uses the refresh token, and finds out when that is refused."""
    revokes: ClassVar[bool] = True
    """Whether the platform has a call that ends a grant. False: `revoke` is never called."""
    tells_whose_app: ClassVar[bool] = True
    """Whether `inspect` finds out that a token was issued to another app. False: a token that a caller brings
    must come with a refresh token, which is used at once; only the app it was issued to can do that."""

    calls_per_second: float = 10.0
    """What the platform grants the app by default; `SYMPHONY_<NAME>_CALLS_PER_SECOND` says otherwise."""
    calls_per_change: ClassVar[int] = 3
    """About how many calls one verification or renewal makes."""
    burst: ClassVar[int] = 20
    """How many connections may follow one another at once after a quiet time."""
    at_once: ClassVar[int] = 16
    """How many connections the workers of all running processes may handle at the same time."""

    @property
    @abstractmethod
    def scopes(self) -> tuple[str, ...]:
        """The configured scopes; a sign-in may narrow them, never widen."""

    @property
    @abstractmethod
    def missing_settings(self) -> tuple[str, ...]:
        """Names of the settings without which nobody can sign in; empty when configured."""

    def api_version(self) -> ApiVersion | None:
        """The version that calls name; None where the platform announces no ends."""
        return None

    @property
    def proxied(self) -> Proxied | None:
        """How calls of campaign code go through the proxy; None where they do not."""
        return None

    @property
    def nearly_limited(self) -> bool:
        """Whether the platform's last answer says that the app has all but used up its calls."""
        return False

    @abstractmethod
    def authorization_url(self, sign_in: SignIn) -> str: ...

    @abstractmethod
    def code_from_callback(self, query: Mapping[str, str]) -> str:
        """The one-time code; raises Denied when the person said no, Misconfigured when our app is refused."""

    @abstractmethod
    async def exchange(self, code: str, redirect_uri: str, code_verifier: str) -> Grant:
        """Code for grant. Raises OutcomeUnknown when the answer was lost: never sent again."""

    async def extend(self, grant: Grant) -> Grant:
        """The longest-lived form of a freshly issued grant; the same one where there is none longer."""
        return grant

    @abstractmethod
    async def inspect(self, grant: Grant) -> Inspection:
        """Whose token, of our app, good for what, until when. Raises TokenRefused or Rejected."""

    def renew_at(self, grant: Grant, issued_at: int) -> int | None:
        """When renewal should first be tried; None when this grant cannot be renewed.

        With a third of its life left where there is a refresh token; at once where its end is unknown.
        """
        if grant.refresh_token is None:
            return None
        if grant.expires_at is None:
            return issued_at
        return grant.expires_at - max(grant.expires_at - issued_at, 0) // 3

    @abstractmethod
    async def renew(self, grant: Grant) -> Grant:
        """A later-ending grant, or the same end where the platform will not move it.

        Raises TokenRefused when the refresh token is refused; the access token is then checked separately.
        """

    @abstractmethod
    async def ad_accounts(self, grant: Grant) -> list[AdAccount]:
        """Every ad account that the grant reaches. Raises PartlyListed with those that could be listed."""

    async def revoke(self, grant: Grant) -> None:
        """End this identity's grant at the platform. Called only where the platform `revokes`."""
        raise NotImplementedError(f"{self.name} has no revocation")

    def login_result(self, inspection: Inspection, accounts: list[AdAccount] | None, now: int) -> dict[str, Any]:  # noqa: ARG002
        """What the browser SDK hands to the page; `now` in milliseconds since the epoch, `expiresIn` in seconds.

        `accounts` is None where they could not be listed.
        """
        end = inspection.grant.expires_at
        return {
            "accessToken": inspection.grant.access_token.reveal(),
            "expiresIn": None if end is None else max((end - now) // SECOND, 0),
        }

    @abstractmethod
    async def check_app(self) -> None:
        """Raises Misconfigured when the platform refuses our app: its id and secret, or the app as a whole."""

    def app_headers(self) -> Mapping[str, Secret]:
        """Headers that every API call of this app carries beside the token, such as a developer token."""
        return {}

    def routes(self) -> Mapping[str, Route]:
        """What the platform's own servers call: below `/callbacks/<name>/`, by POST with a form, by path."""
        return {}

    def account_headers(self, account: AdAccount) -> Mapping[str, str]:  # noqa: ARG002
        """Headers that calls for this ad account carry, such as the id of the manager it is reached through."""
        return {}
