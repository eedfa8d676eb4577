"""What every verb is given: the store, the vault, the platforms, time and randomness."""

from __future__ import annotations

import asyncio
import random
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import httpx2

from symphony_connect.audit.proxied_calls import Calls
from symphony_connect.audit.token_reads import Reads
from symphony_connect.audit.trail import Trail
from symphony_connect.base.clock import Clock
from symphony_connect.base.config import Settings
from symphony_connect.base.errors import Problem
from symphony_connect.base.ids import Ids
from symphony_connect.base.watched_clock import WatchedClock
from symphony_connect.platforms import http
from symphony_connect.platforms.base import Platform
from symphony_connect.store.db import Store
from symphony_connect.store.shared import Shared
from symphony_connect.store.statements import One
from symphony_connect.vault.vault import Vault


@dataclass(frozen=True)
class Core:
    """Built once at the start (`app.py`), never changed after."""

    settings: Settings
    store: Store
    vault: Vault
    platforms: Mapping[str, Platform]
    clock: Clock
    ids: Ids
    audit: Trail
    watch: WatchedClock = field(default_factory=WatchedClock)
    """Compares this process's clock with others; `clock` reads it, unless a test brings its own."""
    process: str = field(default_factory=lambda: f"proc_{secrets.token_hex(12)}")
    """Names this process in the leases that its worker takes, and in its heartbeats."""
    random: random.Random = field(default_factory=random.SystemRandom)
    renewals: dict[str, asyncio.Task[Any]] = field(default_factory=dict)
    """Renewals that this process is doing now, by connection id. Other readers wait for the same one."""
    tended: dict[str, int] = field(default_factory=dict)
    """How many connections each platform has to keep alive, as this process last counted (`connections/backlog.py`)."""
    statements: dict[One, Shared] = field(default_factory=dict)
    """Those that callers share, each once it was asked (`shared`)."""
    reads: Reads = field(default_factory=Reads)
    """Counts of token reads that are not written to the store yet."""
    calls: Calls = field(default_factory=Calls)
    """Calls through the proxy that are not written to the store yet."""
    checks: dict[str, Any] = field(default_factory=dict)
    """What this process last found out about its surroundings, such as whether the database takes writes."""
    scraping: asyncio.Lock = field(default_factory=asyncio.Lock)
    """Held while the installation is measured for `/metrics`: scrapes that come together wait for one measurement."""
    outward: httpx2.AsyncClient = field(default_factory=http.client)
    """Carries what the proxy passes on; the platforms have one of their own, so that neither waits for the other."""
    proxying: dict[str, Any] = field(default_factory=dict)
    """What the proxy of this process remembers (`proxy/state.py`)."""
    reconnect_links: dict[str, Any] = field(default_factory=dict)
    """The newest reconnect link that this process made for each connection."""

    def shared(self, statement: One) -> Shared:
        """The statement, for callers who may wait for one another (`store/shared.py`)."""
        if statement not in self.statements:
            self.statements[statement] = Shared(self.store, statement)
        return self.statements[statement]

    async def write_noted(self) -> None:
        """Write the token reads and proxied calls that were noted so far. Raises StoreUnavailable; the rest is kept."""
        await self.reads.write(self.store, self.audit)
        await self.calls.write(self.store, self.audit)

    async def audited(self) -> None:
        """Before a token or a platform's answer leaves: with SYMPHONY_AUDIT_STRICT, write what was noted first.

        So it is too where more waits to be written than is held in memory. Raises StoreUnavailable.
        """
        if self.settings.audit_strict or self.calls.full:
            await self.write_noted()

    def platform(self, name: str, field: str = "adPlatform") -> Platform:
        """Raises Problem `unknown_platform`. `field` is how the caller sent the name."""
        try:
            return self.platforms[name]
        except KeyError:
            raise self.unknown_platform(name, field) from None

    def unknown_platform(self, name: str, field: str = "adPlatform") -> Problem:
        """For a name that is not there, or that the caller's key may not know. `field` is how the caller sent it."""
        known = ", ".join(sorted(self.platforms))
        return Problem("unknown_platform", f"There is no platform {name!r}; known are: {known}.", field=field)

    def configured(self, name: str, field: str = "adPlatform") -> Platform:
        """Raises Problem `unknown_platform` or `not_configured`."""
        platform = self.platform(name, field)
        if platform.missing_settings:
            missing = ", ".join(platform.missing_settings)
            raise Problem("not_configured", f"{platform.display_name} is not set up on this server: set {missing}.")
        return platform
