"""How near the platforms' limits are, by app and by ad account, as their answers say: remembered in this process."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable
from dataclasses import dataclass, field

from prometheus_client import Counter, Gauge

from symphony_connect.base.clock import MINUTE, SECOND
from symphony_connect.base.errors import Problem
from symphony_connect.platforms.proxied import Usage

FULL = 95.0
"""Percent. What is left is for calls under way, and for keeping connections alive."""
WAIT = MINUTE
"""Where the platform does not say how long."""
MOST = 10_000
"""Ad accounts that are remembered; the longest unused is forgotten first."""

USED = Gauge(
    "symphony_proxy_usage_percent",
    "What the platform says is used up of its limits: of the app's, and of the fullest ad account's",
    ["platform", "of"],
)
HELD_BACK = Counter("symphony_proxy_held_back_total", "Proxied calls answered with 429 here", ["platform", "of"])


@dataclass
class Level:
    """`until` in milliseconds since the epoch: no call before it."""

    percent: float = 0.0
    until: int = 0


@dataclass
class Throttle:
    """One for each platform."""

    platform: str
    app: Level = field(default_factory=Level)
    accounts: OrderedDict[str, Level] = field(default_factory=OrderedDict)

    def check(self, accounts: Iterable[str], now: int) -> None:
        """Raises Problem `platform_rate_limited` where the platform would count a call against a limit that is full."""
        if self.app.until > now:
            self._hold_back("app", "this app", self.app, now)
        for account in accounts:
            level = self.accounts.get(account)
            if level and level.until > now:
                self._hold_back("account", f"ad account {account}", level, now)

    def note(self, usage: Usage, now: int) -> None:
        """What an answer said."""
        if usage.app is not None:
            self._fill(self.app, usage.app, usage.app_wait, now)
            USED.labels(self.platform, "app").set(usage.app)
        for account, (percent, wait) in usage.others.items():
            self._fill(self._account(account), percent, wait, now)
            USED.labels(self.platform, "account").set(max(level.percent for level in self.accounts.values()))

    def refused(self, accounts: Iterable[str], only_one: bool, until: int | None, now: int) -> None:
        """The platform refused a call because of a limit: the app's, or `only_one` ad account's."""
        levels = [self._account(account) for account in accounts] if only_one else [self.app]
        for level in levels:
            level.percent, level.until = 100.0, max(level.until, until or now + WAIT)

    def fields(self, accounts: Iterable[str]) -> dict[str, str]:
        """Header fields of an answer, in percent."""
        found = {"symphony-app-usage": f"{self.app.percent:g}"}
        levels = [self.accounts[account].percent for account in accounts if account in self.accounts]
        return found | ({"symphony-account-usage": f"{max(levels):g}"} if levels else {})

    def _fill(self, level: Level, percent: float, wait: int, now: int) -> None:
        level.percent = percent
        if percent >= FULL:
            level.until = max(level.until, now + (wait or WAIT))

    def _account(self, account: str) -> Level:
        level = self.accounts.setdefault(account, Level())
        self.accounts.move_to_end(account)
        if len(self.accounts) > MOST:
            self.accounts.popitem(last=False)
        return level

    def _hold_back(self, of: str, words: str, level: Level, now: int) -> None:
        HELD_BACK.labels(self.platform, of).inc()
        seconds = max(1, -(-(level.until - now) // SECOND))
        raise Problem(
            "platform_rate_limited",
            f"{words[0].upper()}{words[1:]} has used {level.percent:g} % of what the platform allows. Nothing was "
            "sent: one call more could lock it out.",
            retry_after=seconds,
        )
