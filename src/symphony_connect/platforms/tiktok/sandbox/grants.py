"""What people approved, and the codes and tokens issued for it."""

from __future__ import annotations

import base64
import hashlib
import hmac
from dataclasses import dataclass
from enum import StrEnum

from symphony_connect.base.clock import DAY, HOUR
from symphony_connect.platforms.tiktok.sandbox.errors import Refusal
from symphony_connect.platforms.tiktok.sandbox.members import App, Member
from symphony_connect.sandbox.world import World

CODE_LIFE = HOUR
ACCESS_LIFE = DAY
REFRESH_LIFE = 365 * DAY


class Kind(StrEnum):
    """The two kinds of tokens; neither works in the place of the other."""

    MARKETING = "marketing"
    CREATOR = "creator"


@dataclass
class Approval:
    """One Confirm at the consent page. Everything issued for it ends with it."""

    app: App
    member: Member
    kind: Kind
    advertiser_ids: list[str]
    scope: list[int] | list[str]
    code_challenge: str = ""
    over: bool = False

    @property
    def refreshable(self) -> bool:
        return self.app.short_term or self.kind is Kind.CREATOR


@dataclass
class AuthCode:
    """Works once, for an hour."""

    value: str
    approval: Approval
    expires_at: int
    used: bool = False


@dataclass
class AccessToken:
    value: str
    approval: Approval
    expires_at: int | None
    over: bool = False


@dataclass
class RefreshToken:
    value: str
    approval: Approval
    access: AccessToken
    expires_at: int
    over: bool = False


@dataclass
class Issued:
    """The tokens of one exchange, refresh or mint; lifetimes in seconds."""

    access: AccessToken
    refresh: RefreshToken | None

    def lifetimes(self) -> dict[str, str | int]:
        """The fields of a token that ends; none for a long-term one."""
        if self.refresh is None:
            return {}
        return {
            "expires_in": ACCESS_LIFE // 1000,
            "refresh_token": self.refresh.value,
            "refresh_token_expires_in": REFRESH_LIFE // 1000,
        }


class Grants:
    """Everything issued since the last reset, by value."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._approvals: list[Approval] = []
        self._codes: dict[str, AuthCode] = {}
        self._access: dict[str, AccessToken] = {}
        self._refresh: dict[str, RefreshToken] = {}

    def approve(self, approval: Approval) -> Approval:
        self._approvals.append(approval)
        return approval

    def new_code(self, approval: Approval) -> str:
        code = AuthCode(self._world.hex(40), approval, self._world.clock() + CODE_LIFE)
        self._codes[code.value] = code
        return code.value

    def redeem(self, value: str, app: App, kind: Kind, verifier: str | None = None) -> Issued:
        """Tokens for a code. `verifier` is checked only when the authorization request had a challenge.

        Raises Refusal: 40110 canceled, used or expired; 40101 of another app; 40115 for the other family.
        """
        code = self._codes.get(value)
        if code is None or code.approval.over:
            raise Refusal("40110")
        if code.approval.app is not app:
            raise Refusal("40101/code")
        if code.approval.kind is not kind:
            raise Refusal("40115")
        if code.used:
            raise Refusal("40110/used")
        if self._world.clock() >= code.expires_at:
            raise Refusal("40110/expired")
        if verifier is not None and not proves(verifier, code.approval.code_challenge):
            raise Refusal("40002", "Code verifier or code challenge is invalid.")
        code.used = True
        return self.issue(code.approval)

    def issue(self, approval: Approval, lifetime: int | None = None) -> Issued:
        """New tokens; `lifetime` of the access token in milliseconds, else what is usual."""
        now = self._world.clock()
        if lifetime is None and approval.refreshable:
            lifetime = ACCESS_LIFE
        prefix = "act." if approval.kind is Kind.CREATOR else ""
        access = AccessToken(prefix + self._world.hex(40), approval, None if lifetime is None else now + lifetime)
        self._access[access.value] = access
        if not approval.refreshable:
            return Issued(access, None)
        prefix = "rft." if approval.kind is Kind.CREATOR else ""
        refresh = RefreshToken(prefix + self._world.hex(40), approval, access, now + REFRESH_LIFE)
        self._refresh[refresh.value] = refresh
        return Issued(access, refresh)

    def rotate(self, value: str, app: App, kind: Kind, *, end_old: bool, keep: bool = False) -> Issued:
        """New tokens for a refresh token, which stops working unless `keep`. Raises Refusal 40107 or 40103."""
        old = self._refresh.get(value)
        if old is None or old.over or old.approval.over or old.approval.app is not app or old.approval.kind is not kind:
            raise Refusal("40107")
        if self._world.clock() >= old.expires_at:
            raise Refusal("40103")
        old.over = not keep
        old.access.over = old.access.over or end_old
        return self.issue(old.approval)

    def access(self, value: str, kind: Kind) -> AccessToken:
        """A token that works now. Raises Refusal 40105 or 40102."""
        token = self._access.get(value)
        if token is None or token.over or token.approval.over or token.approval.kind is not kind:
            raise Refusal("40105")
        if token.expires_at is not None and self._world.clock() >= token.expires_at:
            raise Refusal("40102")
        return token

    def approvals(self, member: Member) -> list[Approval]:
        return [approval for approval in self._approvals if approval.member is member]

    def tokens(self, member: Member) -> list[AccessToken]:
        return [token for token in self._access.values() if token.approval.member is member]

    def active(self, approval: Approval) -> list[AccessToken]:
        """The access tokens of an approval that work now."""
        now = self._world.clock()
        return [
            token
            for token in self._access.values()
            if token.approval is approval
            and not (token.over or approval.over)
            and (token.expires_at is None or token.expires_at > now)
        ]

    def refresh_tokens(self, member: Member) -> list[RefreshToken]:
        return [token for token in self._refresh.values() if token.approval.member is member]


def proves(verifier: str, challenge: str) -> bool:
    """Whether a PKCE verifier fits, hashed as RFC 7636 writes it or in hex, as TikTok's Login Kit for desktop does."""
    digest = hashlib.sha256(verifier.encode()).digest()
    written = base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
    return hmac.compare_digest(challenge, written) or hmac.compare_digest(challenge, digest.hex())
