"""What `tests/contract` needs to know of a platform: `tests/platforms/<name>/contract.py` says it."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from typing import Any, Protocol, cast

import httpx2

from symphony_connect import platforms
from symphony_connect.base.clock import system_clock
from symphony_connect.base.env import Env
from symphony_connect.platforms.base import Platform
from tests.tools.sandbox import Sandbox

Mint = Callable[[Sandbox, str], str]
"""Makes a token of a person at the sandbox."""


class Rules(Protocol):
    """The platform's own words. Up to `EXCHANGE`, and the functions, every platform has them.

    The others are needed for tests of what only some platforms can do: these choose theirs by `having`.
    """

    REFUSED: Mapping[str, tuple[Mint, str]]
    """What can be wrong with a token: how to come by such a one, and the error code that it must meet."""

    WISHES: Mapping[str, Any]
    """What to add to `POST /_sandbox/tokens` for a token as the service's own sign-in would hold it."""

    EXCHANGE: str
    """Part of the path at which the platform redeems a sign-in's code."""

    RENEWED: str
    """Part of the path at which the platform renews a token."""

    INSPECTED: str
    """Part of the path of the first call that looks at a token."""

    READ: str
    """A path of the platform's API that answers a GET."""

    PROXIED_READ: str
    """Where the sandbox stands below a path of its own: READ as the proxy takes it."""

    LIMIT: tuple[str, int]
    """The error of an app that called too often, as a sandbox fault, and at most how many milliseconds it asks for."""

    PROXIED_LIMIT: tuple[str, int]
    """The same as the API says it through the proxy, where that is another."""

    LIMIT_ON_ONE: str
    """The error of too many calls on behalf of one person."""

    TELLS_WHO: str
    """Where a renewal's answer says it: the part of the answer that says whose the new token is."""

    UNREADABLE: str
    """The error of a token that cannot be read."""

    DEEDS: Mapping[str, str]
    """What a person may do at the platform to end its tokens, and the reason that the service then gives."""

    RENEWAL_DUE: str
    """A time after which a token is due for renewal, and still good."""

    REASONS: Mapping[str, str]
    """Errors of `samples/errors.json` that lose a connection, and the reason each is lost for."""

    IDENTITY: str
    """Where there is one: the field of a page's login result that says who signed in."""

    PRINTED: tuple[str, str]
    """`tokenType` and `notes`, where the API document prints them."""

    ENDS_OLD: str
    """Where there is one: the sandbox setting with which a renewal ends the token it renewed."""

    SAYS_LITTLE: str
    """Where there is one: the sandbox setting with which a renewal answers with an access token and nothing else."""

    SPENT: str
    """Where there are refresh tokens: the error of one that is refused."""

    APP_REFUSED: str
    """Where it is told apart: the error at the code exchange of an app that the platform refuses."""

    APP_WORDINGS: Sequence[str]
    """Errors that refuse the whole app, whichever call meets them; the codes of one token may be among them."""

    BUSY: str
    """Where there are refresh tokens: the error of a platform that has no time."""

    WRONG_SECRET: str
    """Where renewal tells it apart: the error of a wrong app secret."""

    CURABLE: Mapping[str, str]
    """Where there are such: errors that may end without a sign-in, and their reasons. They are met at the first
    call with the owner's token."""

    LISTED: Sequence[str]
    """Parts of the paths of the calls that list ad accounts."""

    ASSETS_LISTED: str
    """Where there are assets: part of the path of the first call that lists them."""

    LIST_REFUSED: Sequence[str]
    """Errors that the first of these calls may meet while the token is good."""

    ENDLESS: Mapping[str, Any]
    """Where there is one: what to add to `POST /_sandbox/tokens` for a token without an end."""

    NEAR_LIMIT: str
    """Where there is one: the sandbox setting with which answers say that the app has all but used up its calls."""

    LOGIN_FUNCTION: str
    """Where the SDK has one of the platform's own: its function that signs somebody in."""

    DOCUMENT: str
    """Where the integration document prints a page for it: what that page calls the platform on its console. The page
    is `tests/platforms/<name>/document.html`."""

    LOGIN_RESULT: Mapping[str, type]
    """What such a function hands over beside `accessToken`, for a token that ends."""

    TOKENS: str
    """A regular expression of the sandbox's tokens of the platform, and of nothing else on a page."""

    EXCHANGE_REFUSED: str
    """Where a sign-in is tried with it: an error that ends the exchange of a code."""

    def carriers(self, reason: str | None) -> tuple[str, ...]:
        """Parts of the paths of the calls that carry the owner's token, where an error of this reason is met."""
        ...

    def exchanged(self, sandbox: Sandbox, person: str, app: tuple[str, str] | None, scope: str) -> dict[str, Any]:
        """What the platform's own code exchange answers once `person` has consented."""
        ...

    def token(self, sandbox: Sandbox, person: str) -> dict[str, Any]:
        """`accessToken`, and whatever else the platform issued, as fields of `PUT /brands`."""
        ...

    def works(self, sandbox: Sandbox, access_token: str) -> bool:
        """Whether the platform itself still takes the token."""
        ...


def rules(name: str) -> Rules:
    return cast(Rules, importlib.import_module(f"tests.platforms.{name}.contract"))


@cache
def facts(name: str) -> Platform:
    """What the platform says of itself, unconfigured."""
    return platforms.load(Env({}), httpx2.AsyncClient(), system_clock, production=False)[name]


def proxied_read(name: str) -> str:
    """`Rules.READ` as it is written behind the proxy's address."""
    return str(getattr(rules(name), "PROXIED_READ", rules(name).READ)).lstrip("/")


def proxied_limit(name: str) -> tuple[str, int]:
    """`Rules.LIMIT`, or the platform's own for the proxy."""
    found: tuple[str, int] = getattr(rules(name), "PROXIED_LIMIT", None) or rules(name).LIMIT
    return found


def apart(has: Callable[[Platform], bool]) -> tuple[str, str]:
    """The first platform without what `has` looks for, and the first with it."""
    names = {has(facts(name)): name for name in reversed(platforms.names())}
    return names[False], names[True]


def having(*words: str) -> str:
    """The first platform whose `tests/platforms/<name>/contract.py` has all these words of `Rules`."""
    return all_having(*words)[0]


def all_having(*words: str) -> list[str]:
    """Every platform whose `tests/platforms/<name>/contract.py` has all these words of `Rules`."""
    return [name for name in platforms.names() if all(hasattr(rules(name), word) for word in words)]


def shown(name: str) -> str:
    """What the command line and the dashboard call the platform."""
    return facts(name).display_name.partition(" (")[0]


def login(name: str) -> str:
    """What owners call the place they sign in at."""
    return facts(name).login_name


def setting(name: str, key: str) -> str:
    """The full name of a platform's setting, such as `APP_ID`."""
    return f"SYMPHONY_{name.upper()}_{key}"


def urls(name: str, url: str) -> dict[str, str]:
    """All addresses of the platform in its settings, each below `url`."""
    return {key: value for key, value in platforms.sandbox_settings(url).items() if _is_url(name, key)}


def _is_url(name: str, key: str) -> bool:
    return key.startswith(setting(name, "")) and key.endswith("_URL")


def gone(name: str) -> str:
    """What a receipt says at best: `revoked`, where the platform has a call for it."""
    return "revoked" if facts(name).revokes else "not_offered"


def settings(sandbox: Sandbox) -> dict[str, str]:
    """Every platform's settings together, for a service whose tokens can be renewed wherever a platform has such."""
    return platforms.sandbox_settings(sandbox.url)


def usual_settings(sandbox: Sandbox) -> dict[str, str]:
    """The same, with the app that a new customer would be given today (`USUAL_APP`) where that is another one."""
    found = settings(sandbox)
    for name in platforms.names():
        app = getattr(rules(name), "USUAL_APP", None)
        if app:
            found |= {f"SYMPHONY_{name.upper()}_APP_ID": app[0], f"SYMPHONY_{name.upper()}_APP_SECRET": app[1]}
    return found
