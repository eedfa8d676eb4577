"""What look-alikes share: switches, documented errors, and the wishes for a token of a plain OAuth 2 platform."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Collection, Mapping
from pathlib import Path
from typing import Any, ClassVar, NamedTuple

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from symphony_connect.base.clock import SECOND
from symphony_connect.sandbox.platform import call_of
from symphony_connect.sandbox.world import Person, World

Handler = Callable[[Request], Awaitable[Any]]


class LookAlike:
    """The parts of a `sandbox.platform.SandboxPlatform` that no platform has to write for itself."""

    switch_words: ClassVar[Mapping[str, str]] = {}

    def __init__(self, world: World) -> None:
        self._world = world

    def reset(self) -> None:
        """Turns every switch off; a look-alike makes its own state after that."""
        self._switches = dict.fromkeys(self.switch_words, False)
        self._statuses: dict[str, str] = {}

    def furnish(self, person: Person) -> None:
        """What a person owns follows from who they are, where a look-alike keeps nothing of them."""

    def switches(self) -> Mapping[str, bool]:
        return self._switches

    def switch(self, name: str, value: bool) -> None:
        if name not in self._switches:
            raise KeyError(name)
        self._switches[name] = value

    def set_status(self, accounts: Collection[str], status: str, account_id: object) -> None:
        """`status` for one of a person's ad accounts, or for all. Raises ValueError for an unknown one."""
        if account_id is not None and str(account_id) not in accounts:
            raise ValueError(f"`accountId` is one of {', '.join(accounts)}; not {account_id!r}.")
        for each in accounts if account_id is None else [str(account_id)]:
            self._statuses[each] = status


def documented(sample: Path) -> Mapping[str, Mapping[str, Any]]:
    """The rows of a platform's `samples/errors.json` by their keys: at least `why`, `message` and `status`."""
    return {row["key"]: row for row in json.loads(sample.read_text(encoding="utf-8"))["errors"]}


class DocumentedError(Exception):
    """One of a platform's documented errors, by its key; `id` fills the place that its words leave open."""

    rows: ClassVar[Mapping[str, Mapping[str, Any]]]

    def __init__(self, key: str, id: str = "") -> None:
        super().__init__(key)
        self.key = key
        self.id = id

    @property
    def row(self) -> Mapping[str, Any]:
        return self.rows[self.key]

    @property
    def message(self) -> str:
        return str(self.row["message"]).replace("{id}", self.id)

    def response(self) -> Response:
        """As the platform words it."""
        raise NotImplementedError


def answered(handler: Handler) -> Handler:
    """The handler's answer, as JSON where it is none yet, or the documented error it raises, noted in the ledger."""

    async def answer(request: Request) -> Response:
        try:
            found = await handler(request)
            return found if isinstance(found, Response) else JSONResponse(found)
        except DocumentedError as error:
            call_of(request).code, call_of(request).why = error.key, str(error.row["why"])
            return error.response()

    return answer


class Wished(NamedTuple):
    """What a token without a browser shall be like. `life`: milliseconds, less than 0 for one that has ended."""

    app: str
    scopes: tuple[str, ...]
    life: int | None


def wished(wishes: Mapping[str, Any], apps: Collection[str], scopes: Collection[str], usual: Collection[str]) -> Wished:
    """`app` an app's id, `scopes` a list, `expiresIn` seconds; each may be left out. Raises ValueError."""
    unknown = wishes.keys() - {"app", "scopes", "expiresIn"}
    if unknown:
        words = ", ".join(f"`{wish}`" for wish in sorted(unknown))
        raise ValueError(f"A token here takes `app`, `scopes` and `expiresIn`; not {words}.")
    app, asked, life = wishes.get("app", next(iter(apps))), wishes.get("scopes", list(usual)), wishes.get("expiresIn")
    if not isinstance(app, str) or app not in apps:
        raise ValueError(f"`app` is one of {', '.join(apps)}; not {app!r}.")
    if not isinstance(asked, list) or not all(isinstance(each, str) and each in scopes for each in asked):
        raise ValueError(f"`scopes` is a list of {', '.join(scopes)}; not {asked!r}.")
    if life is not None and (not isinstance(life, int) or isinstance(life, bool) or abs(life) > 10**9):
        raise ValueError(f"`expiresIn` is a number of seconds; not {life!r}.")
    return Wished(app, tuple(asked), None if life is None else life * SECOND)
