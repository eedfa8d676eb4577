"""What members granted, and the codes and tokens issued for it."""

from __future__ import annotations

from dataclasses import dataclass, field

from symphony_connect.base.clock import DAY, MINUTE
from symphony_connect.platforms.linkedin.sandbox.errors import Refusal
from symphony_connect.sandbox.world import Person, World

ACCESS_LIFE = 60 * DAY
REFRESH_LIFE = 365 * DAY
"""From the consent on; no refresh moves it."""
CODE_LIFE = 30 * MINUTE


@dataclass(frozen=True)
class App:
    id: str
    secret: str
    name: str
    partner: bool = False
    """Is issued refresh tokens."""


APPS = {
    app.id: app
    for app in (
        App("78sandboxpartn", "sandbox-linkedin-partner", "Partner app", partner=True),
        App("78sandboxusual", "sandbox-linkedin-secret", "Usual app"),
        App("78sandboxother", "sandbox-linkedin-other", "Somebody else's app", partner=True),
    )
}
SCOPES = {
    "r_ads": "Retrieve your advertising accounts",
    "rw_ads": "Manage your advertising accounts",
    "r_ads_reporting": "Retrieve reporting for your advertising accounts",
    "openid": "Use your name and photo",
    "profile": "Use your name and photo",
    "email": "Use the primary email address of your LinkedIn account",
}
USUAL = tuple(SCOPES)


@dataclass(eq=False)
class Grant:
    """One consent of a member for an app. Times are milliseconds since the epoch."""

    app: App
    person: Person
    scopes: tuple[str, ...]
    authorized_at: int
    refresh: str | None = None
    refresh_ends: int = 0
    tokens: dict[str, tuple[int, int]] = field(default_factory=dict)
    """When each access token was made, and when it ends."""
    over: bool = False


@dataclass(frozen=True)
class Code:
    grant: Grant
    redirect_uri: str
    ends: int


class Grants:
    """Everything that was granted since the sandbox was reset."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._grants: list[Grant] = []
        self._codes: dict[str, Code] = {}

    def consent(self, app: App, person: Person, scopes: tuple[str, ...]) -> Grant:
        """A consent with another set of scopes ends the member's earlier tokens for the app."""
        for before in self.of(person):
            if before.app == app and set(before.scopes) != set(scopes):
                before.over = True
        now = self._world.clock()
        grant = Grant(app, person, scopes, now)
        if app.partner:
            grant.refresh, grant.refresh_ends = f"AQW{self._world.letters(160)}", now + REFRESH_LIFE
        self._grants.append(grant)
        return grant

    def new_code(self, grant: Grant, redirect_uri: str) -> str:
        code = f"AQT{self._world.letters(80)}"
        self._codes[code] = Code(grant, redirect_uri, self._world.clock() + CODE_LIFE)
        return code

    def redeem(self, code: str, app: App, redirect_uri: str) -> Grant:
        """Raises Refusal."""
        found = self._codes.pop(code, None)
        if found is None or found.grant.app != app or found.ends <= self._world.clock() or found.grant.over:
            raise Refusal("invalid_request")
        if found.redirect_uri != redirect_uri:
            raise Refusal("invalid_redirect_uri")
        return found.grant

    def refresh(self, token: str, app: App) -> Grant:
        """The grant of a refresh token, which stays the same. Raises Refusal."""
        grant = next((each for each in self._grants if each.refresh == token), None)
        if grant is None or grant.app != app or grant.over:
            raise Refusal("invalid_grant")
        if grant.refresh_ends <= self._world.clock():
            raise Refusal("invalid_grant/expired")
        return grant

    def issue(self, grant: Grant, life: int = ACCESS_LIFE) -> str:
        """A new access token, which does not outlive the refresh token."""
        token, now = f"AQX{self._world.letters(160)}", self._world.clock()
        end = now + life
        grant.tokens[token] = (now, min(end, grant.refresh_ends) if grant.refresh else end)
        return token

    def holder(self, token: str) -> Grant | None:
        return next((grant for grant in self._grants if token in grant.tokens), None)

    def works(self, grant: Grant, token: str) -> bool:
        return not grant.over and grant.tokens[token][1] > self._world.clock()

    def of(self, person: Person) -> list[Grant]:
        return [grant for grant in self._grants if grant.person.name == person.name]
