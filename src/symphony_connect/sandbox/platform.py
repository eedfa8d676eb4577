"""What a platform must provide to take part in the sandbox."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, ClassVar, NamedTuple, Protocol

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute

from symphony_connect.sandbox.ledger import Call
from symphony_connect.sandbox.world import Person, World


class Endpoint(NamedTuple):
    """A documented call that is answered; `note` says what of it is not as the real one's."""

    methods: str
    path: str
    note: str = ""


class SandboxPlatform(Protocol):
    """One platform's look-alike, with its own state. `platforms/<name>/sandbox` exposes the class as PLATFORM.

    Made once for each World, and reset at once after. Three more things are read where a class has
    them: `places`, from a part of a plain path to what it is (`{"me/adaccounts": "ad accounts"}`);
    `switch_words`, from a switch to a sentence about it; and the method `endpoints`, the Endpoints that it answers.
    """

    name: ClassVar[str]
    """The folder's name."""
    title: ClassVar[str]
    app_ids: ClassVar[Sequence[str]]
    """Every app id that it knows; the sandbox refuses to start when the environment holds another."""
    actions: ClassVar[Mapping[str, str]]
    """What can happen to a person: the word in `POST /_sandbox/people/{name}`, and a sentence about it."""
    errors: ClassVar[Mapping[str, str]]
    """Documented error codes that a fault can answer: `{"190/460": "password changed"}`."""

    def __init__(self, world: World) -> None: ...

    @staticmethod
    def sandbox_settings(url: str) -> Mapping[str, str]:
        """The platform's settings, such as APP_ID and its URLs, that lead a service to the sandbox at `url`.

        The app is one whose tokens can be renewed, where there is such a one. Where under `url` this
        look-alike lives, such as below a path prefix of its own, is its own to say.
        """
        ...

    def reset(self) -> None:
        """Forget everything, switches too, then `furnish` everybody in `world.people` again."""
        ...

    def furnish(self, person: Person) -> None:
        """Give a newcomer what they own here."""
        ...

    def routes(self) -> Sequence[BaseRoute]: ...

    def owns(self, path: str) -> bool:
        """Whether a path belongs to this platform. The first platform that says yes gets the call."""
        ...

    def plain(self, path: str) -> str:
        """The path without its version and other variable parts. The `path` of a fault is compared with this."""
        ...

    def fault(self, code: str) -> Response:
        """The documented error of `errors`, as the platform words it."""
        ...

    def act(self, person: Person, action: str, details: Mapping[str, Any]) -> None:
        """Make one of `actions` happen. Raises ValueError with a sentence when `details` make no sense."""
        ...

    def issue(self, person: Person, wishes: Mapping[str, Any]) -> dict[str, Any]:
        """A token without a browser: at least `accessToken`. Raises ValueError when `wishes` make no sense."""
        ...

    def switches(self) -> Mapping[str, bool]:
        """Variants of behaviour, and whether they are on."""
        ...

    def switch(self, name: str, value: bool) -> None:
        """Turn a variant on or off. Raises KeyError when there is none of this name."""
        ...

    def apps(self) -> list[dict[str, Any]]:
        """At least `id`, `secret` and `name` of each: they open nothing but this sandbox."""
        ...

    def holdings(self, person: Person) -> dict[str, Any]:
        """What a person owns and has granted here, for `GET /_sandbox/state`.

        The control room knows these where they are there: `adAccounts` (`id`, `name`, `status`) and `grants`
        (`appId`, `kind`, `tokens` that work now, `ends` of the last one, null for never, `over`).
        """
        ...


def fallback_of(platforms: Iterable[SandboxPlatform]) -> Any:
    """The first platform with a method `fallback`, which answers requests for paths that no platform owns."""
    return next((each for each in platforms if hasattr(each, "fallback")), None)


def call_of(request: Request) -> Call:
    """The ledger's row of this request; a handler sets `code`, `why` and `person` where it knows them."""
    call: Call = request.scope["sandbox.call"]
    return call
