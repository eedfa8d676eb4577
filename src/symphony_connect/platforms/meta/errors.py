"""Meta's documented errors and what each means for the core.

Sources: Meta's "Handle Errors" of the Graph API, "Error Codes" of the Marketing API, "Rate
Limits", and messages seen in public clients where two cases share a code.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from symphony_connect.base.model import Reason
from symphony_connect.platforms import app, base, fields
from symphony_connect.platforms.http import Answer
from symphony_connect.platforms.meta import usage


@dataclass(frozen=True)
class Verdict:
    """A kind of failure; `reason` belongs to TokenRefused, `problem` to Rejected."""

    kind: type[base.PlatformError]
    reason: Reason = Reason.REVOKED
    problem: base.Refusal = "platform_refused"


REVOKED = Verdict(base.TokenRefused)
EXPIRED = Verdict(base.TokenRefused, Reason.EXPIRED)
CHECKPOINT = Verdict(base.TokenRefused, Reason.CHECKPOINT)
LOGGED_OUT = Verdict(base.TokenRefused, Reason.LOGGED_OUT)
APP_REMOVED = Verdict(base.TokenRefused, Reason.APP_REMOVED)
PASSWORD_CHANGED = Verdict(base.TokenRefused, Reason.PASSWORD_CHANGED)
PERMISSION = Verdict(base.PermissionRefused)
LIMITED = Verdict(base.RateLimited)
ONE_LIMITED = Verdict(base.OneLimited)
UNAVAILABLE = Verdict(base.Unavailable)
MISCONFIGURED = Verdict(base.Misconfigured)
REJECTED = Verdict(base.Rejected)
OTHER_APP = Verdict(base.Rejected, problem="token_of_other_app")

SESSION_CODES = (102, 190, 452)
SESSION: dict[int, Verdict] = {
    458: APP_REMOVED,
    459: CHECKPOINT,  # must log in at facebook.com first
    460: PASSWORD_CHANGED,
    463: EXPIRED,
    464: CHECKPOINT,  # unconfirmed user
    467: LOGGED_OUT,
    490: CHECKPOINT,
    492: REVOKED,  # the session does not match, or has no role on the Page any more
    493: EXPIRED,  # the app was not used for 90 days
}
"""What `error_subcode` says of a session that codes 102, 190 and 452 refuse; without one the message may say."""

MESSAGES: tuple[tuple[int, str, Verdict], ...] = (
    (1, "client secret", MISCONFIGURED),
    (1, "client_secret", MISCONFIGURED),
    (100, "appsecret_proof", MISCONFIGURED),
    (100, "did not match the Viewing App", OTHER_APP),
    (2500, "Unknown path components", MISCONFIGURED),  # a version that Meta does not have
)
"""Where only the message tells two cases of one code apart."""

WORDS: tuple[tuple[str, Verdict], ...] = (
    ("changed their password", PASSWORD_CHANGED),
    ("changed the password", PASSWORD_CHANGED),
    ("password has been changed", PASSWORD_CHANGED),
    ("session has expired", EXPIRED),
    ("token has expired", EXPIRED),
    ("session expired", EXPIRED),
    ("logged out", LOGGED_OUT),
    ("session is invalid because the user", LOGGED_OUT),
    ("has not authorized application", APP_REMOVED),
    ("checkpoint", CHECKPOINT),
    ("confirmed user", CHECKPOINT),
    ("log in to www.facebook.com", CHECKPOINT),
    ("engaged the app", EXPIRED),
)
"""What the message says of a session that is refused without a subcode. Compared in lower case."""

CODES: dict[int, Verdict] = {
    1: UNAVAILABLE,
    2: UNAVAILABLE,
    3: PERMISSION,
    4: LIMITED,
    10: PERMISSION,
    12: MISCONFIGURED,  # deprecated method or version
    17: ONE_LIMITED,  # this person's calls
    32: ONE_LIMITED,  # this Page's
    100: REJECTED,  # also codes used (36009), expired (36007) or for another redirect URI (36008)
    101: MISCONFIGURED,
    102: REVOKED,
    104: REJECTED,  # no access token sent
    190: REVOKED,
    191: MISCONFIGURED,  # redirect URI missing or not the app's
    341: LIMITED,
    452: REVOKED,  # the session key is not valid any more
    368: ONE_LIMITED,  # this person is blocked for a while by policy
    613: LIMITED,
    2500: REJECTED,  # no active access token sent
    2635: MISCONFIGURED,  # deprecated version
    **dict.fromkeys(range(200, 300), PERMISSION),
    **dict.fromkeys(range(80000, 80015), ONE_LIMITED),  # this Business's or ad account's
}
"""The meaning of a code on its own."""


def verdict(status: int, error: Mapping[str, Any]) -> Verdict:
    """What an error envelope means. Meta refuses a whole app in the codes of tokens and permissions too."""
    found = _by_code(status, error)
    refuses = issubclass(found.kind, base.TokenRefused | base.PermissionRefused | base.Rejected)
    return MISCONFIGURED if refuses and app.refused(fields.text(error.get("message"))) else found


def _by_code(status: int, error: Mapping[str, Any]) -> Verdict:
    """An unknown code is judged by `is_transient` and the HTTP status."""
    code, subcode = fields.whole(error.get("code")), fields.whole(_subcode(error))
    message = fields.text(error.get("message"))
    found = CODES.get(code) if code is not None else None
    for its_code, words, its_verdict in MESSAGES:
        if code == its_code and words in message:
            return its_verdict
    if code in SESSION_CODES:
        return SESSION.get(subcode or 0) or _by_words(message)
    if error.get("is_transient") is True and found not in (LIMITED, ONE_LIMITED):
        return UNAVAILABLE
    if found:
        return found
    if status == 429:
        return LIMITED
    return UNAVAILABLE if status >= 500 or code is None else REJECTED


def _by_words(message: str) -> Verdict:
    return next((its_verdict for words, its_verdict in WORDS if words in message.lower()), REVOKED)


def refusal(message: str, reason: Reason, code: str | None, subcode: str | None) -> base.TokenRefused:
    """A refused token. Where Meta names what the person did, or that time is over, it does not mean our app."""
    error = base.TokenRefused(message, reason, code=code, subcode=subcode)
    error.could_be_app = reason in (Reason.REVOKED, Reason.APP_REMOVED)
    return error


def failure(answer: Answer, error: Mapping[str, Any], now: int, *secrets: str) -> base.PlatformError:
    """The exception for an error envelope; `secrets` are what the call carried and no message may repeat."""
    found = verdict(answer.status, error)
    code, subcode = fields.text(error.get("code")) or None, fields.text(_subcode(error)) or None
    message = fields.sentence(error.get("message"), *secrets) or f"Meta answered HTTP {answer.status}"
    if found.kind is base.TokenRefused:
        return refusal(message, found.reason, code, subcode)
    if found.kind is base.Rejected:
        return base.Rejected(message, problem=found.problem, code=code, subcode=subcode)
    waits = issubclass(found.kind, base.RateLimited | base.Unavailable)
    retry_at = usage.regained_at(answer.headers, now) if waits else None
    return found.kind(message, code=code, subcode=subcode, retry_at=retry_at)


def concerns_all(error: Exception | None) -> bool:
    """Whether an error says something of the token or of a limit, and not only of one call."""
    return isinstance(error, base.TokenRefused | base.RateLimited)


def _subcode(error: Mapping[str, Any]) -> Any:
    """`error_subcode` in an envelope; `debug_token` calls it `subcode`."""
    return error.get("error_subcode", error.get("subcode"))
