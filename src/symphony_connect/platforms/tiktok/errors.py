"""TikTok's documented return codes and what each means for the core.

Sources: TikTok API for Business, "Return Codes" and "Rate limits"; the code list of the official
SDK; messages seen in public clients where two cases share a code.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from symphony_connect.base.clock import DAY, MINUTE, SECOND
from symphony_connect.base.model import Reason
from symphony_connect.platforms import app, base, fields
from symphony_connect.platforms.http import Answer, retry_after


@dataclass(frozen=True)
class Verdict:
    """A kind of failure; `reason` belongs to TokenRefused, `problem` to Rejected."""

    kind: type[base.PlatformError]
    reason: Reason = Reason.REVOKED
    problem: base.Refusal = "platform_refused"


REVOKED = Verdict(base.TokenRefused)
EXPIRED = Verdict(base.TokenRefused, Reason.EXPIRED)
PERMISSION = Verdict(base.PermissionRefused)
LIMITED = Verdict(base.RateLimited)
ONE_LIMITED = Verdict(base.OneLimited)
UNAVAILABLE = Verdict(base.Unavailable)
MISCONFIGURED = Verdict(base.Misconfigured)
REJECTED = Verdict(base.Rejected)
OTHER_APP = Verdict(base.Rejected, problem="token_of_other_app")

OK = (0, 20001)
"""Done, and done in part."""

MESSAGES: tuple[tuple[int, str, Verdict], ...] = (
    (40000, "inconsistent with the token", OTHER_APP),
    (40113, "inconsistent with the token", OTHER_APP),
    (40101, "auth_code", REJECTED),
)
"""Where only the message tells two cases of one code apart. Compared in lower case."""

CODES: dict[int, Verdict] = {
    40001: PERMISSION,
    40016: LIMITED,
    40100: LIMITED,
    40101: MISCONFIGURED,
    40102: EXPIRED,
    40103: EXPIRED,  # the refresh token
    40104: REVOKED,  # no access token arrived
    40105: REVOKED,
    40106: REVOKED,  # the token's user is not one any more
    40107: REVOKED,  # the refresh token, or one that belongs to no renewable access token
    40113: MISCONFIGURED,
    40117: MISCONFIGURED,  # the app may not use this method
    40118: MISCONFIGURED,  # the app is not on the allowlist
    40119: MISCONFIGURED,  # the app's developer and the advertiser are of different companies
    40124: MISCONFIGURED,  # the app's developer is not approved
    40125: PERMISSION,
    40130: PERMISSION,
    40132: LIMITED,
    40133: ONE_LIMITED,  # this advertiser's calls
    40200: UNAVAILABLE,
    40201: UNAVAILABLE,
    40202: UNAVAILABLE,
    40700: UNAVAILABLE,
    41000: MISCONFIGURED,  # this server's address is blocked
    51021: LIMITED,
    60001: UNAVAILABLE,
    61000: LIMITED,
}
"""The meaning of a code. Other 4xxxx codes refuse the request; after 5xxxx and the rest its outcome is unknown."""

WAITS = (("qpd", DAY), ("day", DAY), ("qpm", 5 * MINUTE), ("minute", 5 * MINUTE))
"""How long a limit lasts by the word its message holds; a second otherwise. A day ends at 00:00 UTC."""


def verdict(status: int, code: int | None, message: str) -> Verdict:
    """What a return code means; an answer without one is judged by its HTTP status."""
    for its_code, words, its_verdict in MESSAGES:
        if code == its_code and words in message.lower():
            return its_verdict
    found = _by_code(status, code)
    refuses = issubclass(found.kind, base.TokenRefused | base.PermissionRefused | base.Rejected)
    return MISCONFIGURED if refuses and app.refused(message) else found


def _by_code(status: int, code: int | None) -> Verdict:
    if code in CODES:
        return CODES[code]
    if code is not None and 40000 <= code < 50000:
        return REJECTED
    return LIMITED if status == 429 else UNAVAILABLE


def failure(answer: Answer, now: int, *secrets: str) -> base.PlatformError:
    """The exception for an answer that is an error; `secrets` are what the call carried."""
    body = fields.mapping(answer.body)
    code = fields.whole(body.get("code"))
    message = fields.sentence(body.get("message"), *secrets) or f"TikTok answered HTTP {answer.status}"
    found, shown = verdict(answer.status, code, message), None if code is None else str(code)
    if found.kind is base.TokenRefused:
        error = base.TokenRefused(message, found.reason, code=shown)
        error.could_be_app = found.reason is not Reason.EXPIRED
        return error
    if found.kind is base.Rejected:
        return base.Rejected(message, problem=found.problem, code=shown)
    retry_at = _retry_at(answer.headers, message, now) if issubclass(found.kind, base.RateLimited) else None
    return found.kind(message, code=shown, retry_at=retry_at)


def _retry_at(headers: Mapping[str, str], message: str, now: int) -> int:
    """TikTok sends no Retry-After of its own, but a server before it may."""
    from_headers = retry_after(headers, now)
    if from_headers is not None:
        return from_headers
    wait = next((wait for word, wait in WAITS if word in message.lower()), SECOND)
    return now - now % DAY + DAY if wait == DAY else now + wait


def is_error(body: Mapping[str, Any]) -> bool:
    return fields.whole(body.get("code")) not in OK
