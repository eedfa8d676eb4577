"""A platform's failure, told to whoever asked: one table from error kind to Problem."""

from __future__ import annotations

from symphony_connect.clock import SECOND
from symphony_connect.errors import Problem
from symphony_connect.model import Reason
from symphony_connect.platforms.base import (
    Denied,
    Misconfigured,
    PermissionRefused,
    Platform,
    PlatformError,
    RateLimited,
    Rejected,
    TokenRefused,
)


def problem_of(error: PlatformError, platform: Platform, now: int) -> Problem:
    """What the caller is told. The platform's own words go along, never a token."""
    name = platform.display_name
    code, message = _code_and_message(error, name)
    retry_after = None
    if error.retry_at is not None:
        retry_after = max(1, (error.retry_at - now) // SECOND)
    # Where no platform answered there are no words of its own.
    return Problem(code, message, platform=words(error) if error.code else None, retry_after=retry_after)


def words(error: PlatformError) -> dict[str, str | None]:
    """The platform's own code, subcode and message."""
    return {"code": error.code, "subcode": error.subcode, "message": error.message}


def _code_and_message(error: PlatformError, name: str) -> tuple[str, str]:
    match error:
        case TokenRefused():
            # Platforms use one answer for a token they took back and for one they never issued.
            why = "invalid, or revoked" if error.reason is Reason.REVOKED else error.reason.replace("_", " ")
            return "token_refused", f"{name} does not accept this token ({why}). Nothing was stored."
        case Rejected():
            return error.problem, f"{name} refused: {_sentence(error)} Nothing was stored."
        case PermissionRefused():
            return "permissions_missing", f"The owner did not grant what this needs: {_sentence(error)}"
        case RateLimited():
            return "platform_rate_limited", f"{name} wants fewer calls for a while."
        case Misconfigured():
            return (
                "platform_misconfigured",
                f"{name} refuses this server's app: {_sentence(error)} Run: symphony-connect doctor",
            )
        case Denied():
            return "platform_refused", f"{name} was told no: {_sentence(error)}"
        case _:
            return "platform_unavailable", f"{name} cannot be reached now. Nothing was lost; try again."


def _sentence(error: PlatformError) -> str:
    """The platform's words, with the full stop that some of them end with."""
    return f"{error.message.rstrip('.')}."
