"""What the proxy of one process remembers between calls."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from dataclasses import dataclass, field
from typing import Any

from symphony_connect.core import Core
from symphony_connect.proxy.throttle import Throttle

MOST_OBJECTS = 20_000
"""Objects whose ad account is remembered; the longest unused is forgotten first. About 6 MB."""
LONGEST_ID = 128


@dataclass
class State:
    throttles: dict[str, Throttle] = field(default_factory=dict)
    objects: OrderedDict[tuple[str, str], str] = field(default_factory=OrderedDict)
    """Connection and object → ad account. An object never moves to another account."""
    checks: dict[str, asyncio.Task[Any]] = field(default_factory=dict)
    """Connections that the platform is being asked about, because a call through the proxy met a token error."""
    checked: OrderedDict[str, int] = field(default_factory=OrderedDict)
    """When that was last so, in milliseconds since the epoch."""

    def throttle(self, platform: str) -> Throttle:
        return self.throttles.setdefault(platform, Throttle(platform))

    def account_of(self, connection_id: str, object_id: str) -> str | None:
        found = self.objects.get((connection_id, object_id))
        if found is not None:
            self.objects.move_to_end((connection_id, object_id))
        return found

    def remember(self, connection_id: str, object_id: str, account: str) -> None:
        if len(object_id) > LONGEST_ID:
            return
        self.objects[connection_id, object_id] = account
        if len(self.objects) > MOST_OBJECTS:
            self.objects.popitem(last=False)


def state_of(core: Core) -> State:
    state: State = core.proxying.setdefault("state", State())
    return state
