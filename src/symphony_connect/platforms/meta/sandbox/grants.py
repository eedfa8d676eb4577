"""What people granted to apps at the sandbox's Meta: authorisations, codes and tokens."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from symphony_connect.platforms.meta.sandbox.errors import GraphError, session_expired
from symphony_connect.platforms.meta.sandbox.members import APPS, App, Member, Page
from symphony_connect.sandbox.world import World

CODE_LIFE = 600
"""Seconds, as are all times in this module."""
SHORT_LIFE = 5_400
"""Meta: "about one to two hours"."""
LONG_LIFE = 5_183_944
"""About 60 days: the `expires_in` of Meta's own example."""
DATA_LIFE = 7_776_000
"""90 days after the last login."""


@dataclass
class Authorization:
    """What one member granted one app. Tokens refer to it, so a later change of a choice applies to them too."""

    app: App
    member: Member
    permissions: dict[str, str] = field(default_factory=dict)
    """`granted` or `declined` by permission."""
    accounts: set[str] = field(default_factory=set)
    pages: set[str] = field(default_factory=set)
    """Ids of the Pages that the person ticked."""
    data_until: int = 0
    """0: never ends, as for system users."""
    nonce: str = ""
    """The `auth_nonce` of the last login."""

    def granted(self) -> list[str]:
        return [name for name, status in self.permissions.items() if status == "granted"]

    def sees_all_accounts(self) -> bool:
        return all(account.number in self.accounts for account in self.member.every_account())


@dataclass
class Code:
    """Good for one token."""

    value: str
    authorization: Authorization
    redirect_uri: str
    expires_at: int
    challenge: str = ""
    challenge_method: str = ""
    nonce: str | None = None
    """For the id_token, empty where the sign-in named none; None where its scope had no `openid`."""
    used: bool = False


@dataclass
class Token:
    """`kind` is Meta's word: USER, PAGE, APP or SYSTEM_USER. `expires_at` 0 means never."""

    value: str
    kind: str
    app: App
    issued_at: int
    expires_at: int = 0
    authorization: Authorization | None = None
    page: Page | None = None
    long_lived: bool = False
    dead: str | None = None
    """The error that ended it."""


class Grants:
    """All authorisations, codes and tokens of one world."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._authorizations: dict[tuple[str, str], Authorization] = {}
        self._codes: dict[str, Code] = {}
        self._tokens: dict[str, Token] = {}

    def now(self) -> int:
        return self._world.clock() // 1000

    def between(self, app: App, member: Member) -> Authorization | None:
        return self._authorizations.get((app.id, member.id))

    def of_member(self, member: Member) -> list[Authorization]:
        return [each for each in self._authorizations.values() if each.member.person is member.person]

    def authorise(
        self,
        app: App,
        member: Member,
        choices: dict[str, str],
        accounts: Iterable[str],
        pages: Iterable[str] | None = None,
    ) -> Authorization:
        """A login: adds permissions, replaces the ad accounts and Pages, starts data access again for 90 days.

        `pages`: None for those that the person usually ticks.
        """
        granted = self._authorizations.setdefault((app.id, member.id), Authorization(app, member))
        granted.permissions |= choices
        granted.accounts = set(accounts)
        granted.pages = set(member.usual_pages if pages is None else pages)
        granted.data_until = 0 if member.client_business else self.now() + DATA_LIFE
        return granted

    def remove(self, authorization: Authorization, error: str = "190/458") -> None:
        """The app is removed: every token ends for good, even if the member comes back."""
        self._authorizations.pop((authorization.app.id, authorization.member.id), None)
        self.kill(authorization, error)

    def kill(self, authorization: Authorization, error: str) -> None:
        for token in self.tokens(authorization):
            token.dead = token.dead or error

    def tokens(self, authorization: Authorization) -> Iterator[Token]:
        return (token for token in self._tokens.values() if token.authorization is authorization)

    def new_code(
        self, authorization: Authorization, redirect_uri: str, challenge: str, method: str, nonce: str | None = None
    ) -> str:
        value = "AQ" + self._world.letters(180)
        self._codes[value] = Code(value, authorization, redirect_uri, self.now() + CODE_LIFE, challenge, method, nonce)
        return value

    def code(self, app: App, value: str) -> Code:
        """Raises GraphError when it is unknown, another app's, used or too old."""
        code = self._codes.get(value)
        if code is None or code.authorization.app is not app:
            raise GraphError("100/code")
        if self.between(app, code.authorization.member) is not code.authorization:
            raise GraphError("190/458", id=app.id)
        if code.used:
            raise GraphError("100/36009")
        if code.expires_at <= self.now():
            raise GraphError("100/36007")
        return code

    def token(self, value: str) -> Token:
        """Any token that was ever issued, valid or not. Raises GraphError 190 for anything else."""
        if token := self._tokens.get(value):
            return token
        app_id, _, secret = value.partition("|")
        if app_id in APPS and secret == APPS[app_id].secret:
            return Token(value, "APP", APPS[app_id], 0)
        raise GraphError("190")

    def alive(self, value: str) -> Token:
        """A valid token. Raises GraphError with the reason when it is not."""
        token = self.token(value)
        if error := self.why_dead(token):
            raise error
        return token

    def why_dead(self, token: Token) -> GraphError | None:
        if token.dead:
            return GraphError(token.dead, id=token.app.id)
        if token.expires_at and token.expires_at <= self.now():
            return session_expired(token.expires_at, self.now())
        if token.authorization and token.authorization.member.barred:
            return GraphError(token.authorization.member.barred)
        return None

    def may(self, token: Token, *permissions: str) -> bool:
        """Whether the token carries one of these permissions now, and may still read the member's data."""
        granted = token.authorization
        if granted is None or self.data_access_ended(granted):
            return False
        return any(granted.permissions.get(name) == "granted" for name in permissions)

    def data_access_ended(self, authorization: Authorization) -> bool:
        return 0 < authorization.data_until <= self.now()

    def new_app_token(self, app: App) -> Token:
        return self._keep(Token(f"{app.id}|{self._world.letters(27)}", "APP", app, self.now()))

    def new_token(self, authorization: Authorization, life: int, *, long_lived: bool) -> Token:
        """`life` in seconds; 0 means that it never ends."""
        kind = "SYSTEM_USER" if authorization.member.client_business else "USER"
        end = self.now() + life if life else 0
        value = "EAA" + self._world.letters(160)
        return self._keep(Token(value, kind, authorization.app, self.now(), end, authorization, None, long_lived))

    def page_token(self, token: Token, page: Page) -> Token:
        """The Page's token. From a long-lived token it never ends. The same token each time."""
        end = 0 if token.long_lived else token.expires_at
        for known in self._tokens.values():
            same = known.authorization is token.authorization and known.page is page
            if same and known.expires_at == end and not known.dead:
                return known
        value = "EAA" + self._world.letters(160)
        fresh = Token(value, "PAGE", token.app, self.now(), end, token.authorization, page, token.long_lived)
        return self._keep(fresh)

    def _keep(self, token: Token) -> Token:
        self._tokens[token.value] = token
        return token
