"""What was granted at the toy, and the tokens that came of it."""

from __future__ import annotations

from dataclasses import dataclass, field

from symphony_connect.base.clock import DAY, HOUR
from symphony_connect.sandbox.world import Person, World

ACCESS_LIFE = HOUR
REFRESH_LIFE = 90 * DAY


class Refusal(Exception):
    """`status`, and the `code` of `CATALOGUE`."""

    def __init__(self, code: str, status: int = 401) -> None:
        super().__init__(code)
        self.code, self.status = code, status


@dataclass(eq=False)
class Grant:
    """One consent. Its refresh token is good for as many uses as one likes, until its own end."""

    app: str
    person: Person
    scopes: list[str]
    refresh: str
    refresh_ends: int
    tokens: dict[str, int] = field(default_factory=dict)
    """When each access token ends, in milliseconds."""
    over: bool = False


class State:
    def __init__(self, world: World) -> None:
        self._world = world
        self.grants: list[Grant] = []
        self._codes: dict[str, Grant] = {}

    def consent(self, app: str, person: Person, scopes: list[str]) -> Grant:
        """Another set of scopes ends what this person granted this app before."""
        for before in self.of(person):
            before.over = before.over or (before.app == app and set(before.scopes) != set(scopes))
        ends = self._world.clock() + REFRESH_LIFE
        grant = Grant(app, person, scopes, f"toyr_{self._world.letters(30)}", ends)
        self.grants.append(grant)
        return grant

    def code(self, grant: Grant) -> str:
        code = self._world.letters(24)
        self._codes[code] = grant
        return code

    def redeem(self, code: str, app: str) -> Grant:
        grant = self._codes.pop(code, None)
        if grant is None or grant.app != app:
            raise Refusal("code_used", 400)
        return grant

    def refresh(self, token: str, app: str) -> Grant:
        grant = next((each for each in self.grants if each.refresh == token), None)
        if grant is None or grant.app != app or grant.over or grant.refresh_ends <= self._world.clock():
            raise Refusal("invalid_grant", 400)
        return grant

    def issue(self, grant: Grant, life: int = ACCESS_LIFE) -> str:
        token = f"toya_{self._world.letters(30)}"
        grant.tokens[token] = self._world.clock() + life
        return token

    def holder(self, token: str) -> Grant:
        for grant in self.grants:
            if token in grant.tokens:
                if grant.over:
                    break
                if grant.tokens[token] <= self._world.clock():
                    raise Refusal("token_expired")
                return grant
        raise Refusal("token_revoked")

    def of(self, person: Person) -> list[Grant]:
        return [grant for grant in self.grants if grant.person.name == person.name]
