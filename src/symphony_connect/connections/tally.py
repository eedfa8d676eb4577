"""How renewals and checks end, counted for `/metrics` by platform and outcome."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from functools import wraps

from prometheus_client import Counter

from symphony_connect.base.model import Status
from symphony_connect.connections.failures import Outcome
from symphony_connect.connections.lease import Held
from symphony_connect.core import Core
from symphony_connect.platforms.base import Misconfigured, RateLimited, Unavailable

RENEWALS = Counter("symphony_renewals_total", "Renewals by platform and how they ended", ["platform", "outcome"])
CHECKS = Counter("symphony_checks_total", "Verifications by platform and how they ended", ["platform", "outcome"])

Work = Callable[[Core, Held, str], Awaitable[Outcome]]


def counted(counter: Counter) -> Callable[[Work], Work]:
    """Counts each run of the work; one that raises counts as `failed`."""

    def around(work: Work) -> Work:
        @wraps(work)
        async def counting(core: Core, held: Held, actor: str) -> Outcome:
            ended = "failed"
            try:
                outcome = await work(core, held, actor)
                ended = _ended(outcome)
            finally:
                counter.labels(held.connection.platform, ended).inc()
            return outcome

        return counting

    return around


def _ended(outcome: Outcome) -> str:
    if outcome.connection.status is Status.NEEDS_RECONNECT:
        return "lost"
    match outcome.error:
        case None:
            return "ok"
        case RateLimited():
            return "limited"
        case Unavailable():
            return "unavailable"
        case Misconfigured():
            return "misconfigured"
        case _:
            return "refused"
