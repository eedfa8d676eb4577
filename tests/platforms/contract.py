"""What `tests/contract` needs to know of a platform: `tests/platforms/<name>/contract.py` says it."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Mapping
from typing import Any, Protocol, cast

from symphony_connect import platforms
from tests.tools.sandbox import Sandbox

Mint = Callable[[Sandbox, str], str]
"""Makes a token of a person at the sandbox."""


class Rules(Protocol):
    """The platform's own words for what every platform can do."""

    REFUSED: Mapping[str, tuple[Mint, str]]
    """What can be wrong with a token: how to come by such a one, and the error code that it must meet."""

    EXCHANGE: str
    """Part of the path at which the platform redeems a sign-in's code."""

    def settings(self, sandbox: Sandbox) -> dict[str, str]:
        """SYMPHONY_<NAME>_… for a service whose tokens of this platform can be renewed."""
        ...

    def token(self, sandbox: Sandbox, person: str) -> dict[str, Any]:
        """`accessToken`, and whatever else the platform issued, as fields of `PUT /brands`."""
        ...

    def works(self, sandbox: Sandbox, access_token: str) -> bool:
        """Whether the platform itself still takes the token."""
        ...


def rules(name: str) -> Rules:
    return cast(Rules, importlib.import_module(f"tests.platforms.{name}.contract"))


def settings(sandbox: Sandbox) -> dict[str, str]:
    """Every platform's settings together."""
    return {key: value for name in platforms.names() for key, value in rules(name).settings(sandbox).items()}
