"""What people granted to OAuth clients, and the codes and tokens issued for it."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field

from symphony_connect.base.clock import DAY, HOUR, MINUTE
from symphony_connect.platforms.google_ads.sandbox.errors import Refusal
from symphony_connect.sandbox.world import Person, World

ACCESS_LIFE = HOUR
UNUSED = 180 * DAY
"""A refresh token that nobody used for so long is over."""
TESTING = 7 * DAY
"""How long one lives while the consent screen is in Testing (the switch `testing`)."""
MOST = 100
"""Refresh tokens that one person's account has for one client."""
CODE_LIFE = 10 * MINUTE
ADS = "https://www.googleapis.com/auth/adwords"
EMAIL = "https://www.googleapis.com/auth/userinfo.email"
PROFILE = "https://www.googleapis.com/auth/userinfo.profile"
SCOPES: Mapping[str, str] = {
    ADS: "See, edit, create, and delete your Google Ads accounts and data",
    "openid": "Associate you with your personal info on Google",
    EMAIL: "See your primary Google Account email address",
    PROFILE: "See your personal info, including any you've made publicly available",
}
SHORT = {"email": EMAIL, "profile": PROFILE}
USUAL = (ADS, "openid", EMAIL, PROFILE)


@dataclass(frozen=True)
class Client:
    id: str
    secret: str
    name: str


CLIENTS = {
    client.id: client
    for client in (
        Client("100000000001-sandbox.apps.googleusercontent.com", "GOCSPX-sandbox-google-ads", "Sandbox client"),
        Client("100000000002-other.apps.googleusercontent.com", "GOCSPX-sandbox-other", "Somebody else's client"),
    )
}


@dataclass(eq=False)
class Grant:
    """One consent. Times are milliseconds since the epoch."""

    client: Client
    person: Person
    scopes: tuple[str, ...]
    consented_at: int
    used_at: int
    refresh: str | None
    tokens: dict[str, int] = field(default_factory=dict)
    """When each access token ends."""
    refresh_over: bool = False
    over: bool = False


@dataclass(frozen=True)
class Code:
    grant: Grant
    redirect_uri: str
    challenge: str
    nonce: str
    ends: int


class Grants:
    """Everything that was granted since the sandbox was reset."""

    def __init__(self, world: World, switches: Mapping[str, bool]) -> None:
        self._world = world
        self._switches = switches
        self._grants: list[Grant] = []
        self._codes: dict[str, Code] = {}

    def consent(self, client: Client, person: Person, scopes: tuple[str, ...], *, offline: bool = True) -> Grant:
        now = self._world.clock()
        refresh = f"1//0{self._world.letters(100)}" if offline else None
        grant = Grant(client, person, scopes, now, now, refresh)
        self._grants.append(grant)
        if refresh:
            self._end_oldest(client, person)
        return grant

    def consented(self, client: Client, person: Person) -> bool:
        """Whether they have granted this client something before, and not ended it."""
        return any(each.client == client and not each.over for each in self.of(person))

    def new_code(self, grant: Grant, redirect_uri: str, challenge: str, nonce: str = "") -> str:
        code = f"4/0{self._world.letters(70)}"
        self._codes[code] = Code(grant, redirect_uri, challenge, nonce, self._world.clock() + CODE_LIFE)
        return code

    def redeem(self, code: str, client: Client, redirect_uri: str, verifier: str) -> tuple[Grant, str]:
        """The grant, and the nonce of the sign-in. Raises Refusal."""
        found = self._codes.pop(code, None)
        if found is None or found.grant.client != client or found.ends <= self._world.clock() or found.grant.over:
            raise Refusal("invalid_grant/code")
        if found.redirect_uri != redirect_uri:
            raise Refusal("redirect_uri_mismatch")
        if found.challenge and found.challenge != _challenge(verifier):
            raise Refusal("invalid_grant/verifier")
        return found.grant, found.nonce

    def refresh(self, token: str, client: Client) -> Grant:
        """The grant of a refresh token, which stays the same. Raises Refusal."""
        grant = next((each for each in self._grants if each.refresh == token), None)
        if grant is None or grant.client != client or self._ended(grant):
            raise Refusal("invalid_grant")
        grant.used_at = self._world.clock()
        return grant

    def issue(self, grant: Grant, life: int = ACCESS_LIFE) -> str:
        token = f"ya29.{self._world.letters(160)}"
        grant.tokens[token] = self._world.clock() + life
        return token

    def holder(self, token: str) -> Grant | None:
        """Whose access or refresh token it is, whether or not it works."""
        return next((one for one in self._grants if token in one.tokens or (token and token == one.refresh)), None)

    def works(self, grant: Grant, token: str) -> bool:
        return not grant.over and grant.tokens.get(token, 0) > self._world.clock()

    def revoke(self, token: str) -> None:
        """Ends all that the person granted this client. Raises Refusal."""
        grant = self.holder(token)
        if grant is None or grant.over:
            raise Refusal("invalid_token")
        for each in self.of(grant.person):
            each.over = each.over or each.client == grant.client

    def of(self, person: Person) -> list[Grant]:
        return [grant for grant in self._grants if grant.person.name == person.name]

    def _end_oldest(self, client: Client, person: Person) -> None:
        """Beyond MOST refresh tokens of one person and client the oldest ends, without a word."""
        live = [each for each in self.of(person) if each.client == client and each.refresh and not self._ended(each)]
        for each in live[:-MOST]:
            each.refresh_over = True

    def _ended(self, grant: Grant) -> bool:
        now = self._world.clock()
        testing = self._switches["testing"] and now - grant.consented_at >= TESTING
        return grant.over or grant.refresh_over or testing or now - grant.used_at >= UNUSED


def _challenge(verifier: str) -> str:
    """PKCE S256, RFC 7636."""
    return base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).decode().rstrip("=")
