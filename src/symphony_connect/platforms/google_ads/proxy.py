"""The Google Ads API through the proxy: token, developer token and `login-customer-id` put in, bounds by customer.

Sources: "REST Interface: Authorization", "Mutates", "Search and SearchStream" and "Resource names" of the Google Ads
API's documentation, and Google's "System parameters" for what a query may hold beside a call's own fields.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, ClassVar

from symphony_connect.base.model import Grant
from symphony_connect.platforms import fields
from symphony_connect.platforms.base import OneLimited, RateLimited
from symphony_connect.platforms.google_ads import errors, touching
from symphony_connect.platforms.google_ads.settings import Settings
from symphony_connect.platforms.http import Answer
from symphony_connect.platforms.proxied import READS, Call, Proxied, Touched


class GoogleAdsProxied(Proxied):
    credentials: ClassVar[frozenset[str]] = frozenset({"access_token", "oauth_token", "key", "bearer_token"})
    shapes: ClassVar[re.Pattern[bytes] | None] = re.compile(rb"ya29\.[\w-]{20,}")
    special: ClassVar[frozenset[str]] = frozenset({"query"})
    own: ClassVar[frozenset[str]] = frozenset(
        {
            *("developer-token", "login-customer-id", "x-goog-api-key", "x-goog-user-project"),
            *("x-goog-iam-authorization-token", "x-goog-iam-authority-selector"),
        }
    )

    def __init__(self, settings: Settings) -> None:
        super().__init__(settings.api_url)
        self._settings = settings

    def refusal(self, call: Call) -> str:
        if not touching.VERSION.fullmatch(call.segments[0] if call.segments else ""):
            return "Paths of the Google Ads API begin with its version, such as v26/customers/1234567890."
        return ""

    def signed(self, call: Call, grant: Grant) -> dict[str, str]:
        return {**super().signed(call, grant), "developer-token": self._settings.developer_token.reveal()}

    def secrets(self, grant: Grant) -> tuple[str, ...]:
        ours = (self._settings.developer_token.reveal(), self._settings.app.secret.reveal())
        return (*super().secrets(grant), *filter(None, ours))

    def reads(self, call: Call) -> bool:
        """Queries are sent by POST. Every `:mutate`, and every POST that is not known to read, changes something."""
        verbs = {call.method, *call.overrides}
        if call.opaque or touching.odd(call):
            return False
        return verbs <= READS or (verbs == {"POST"} and touching.is_search(call))

    def repeatable(self, call: Call) -> bool:
        return self.reads(call)

    def acting(self, call: Call) -> str:
        return touching.customer(call)

    def touched(self, call: Call) -> Touched:
        return touching.touched(call)

    def failure(self, status: int, headers: Mapping[str, str], body: Any, now: int) -> Exception | None:
        """Google counts calls for each customer too: such a limit says so in `quotaErrorDetails.rateScope`."""
        if status < 400:
            return None
        secrets = (self._settings.developer_token.reveal(),)
        found = errors.of_api(Answer(status, headers, body), now, *filter(None, secrets))
        if isinstance(found, RateLimited) and _scope(body) == "ACCOUNT":
            return OneLimited(found.message, code=found.code, retry_at=found.retry_at)
        return found


def _scope(body: Any) -> str:
    return fields.text(errors.quota(body).get("rateScope"))
