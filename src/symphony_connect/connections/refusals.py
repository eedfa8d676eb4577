"""Why a token is not attached to a brand, in the words of the API."""

from __future__ import annotations

from symphony_connect.base.errors import Problem
from symphony_connect.base.model import Identity


def identity_mismatch(brand_id: int, before: Identity, now: Identity) -> Problem:
    return Problem(
        "identity_mismatch",
        f"Brand {brand_id} is connected as {before.name}; this token is {now.name}'s. Nothing was changed. "
        "Send replaceIdentity: true to switch.",
        field="accessToken",
    )


def somebody_elses(brand_id: int) -> Problem:
    """The refusal for a publishable key: it says nothing about who is connected."""
    return Problem(
        "identity_mismatch",
        f"Brand {brand_id} has a connection already that this token is not for. Nothing was changed. "
        "Only a secret key may replace it.",
        field="accessToken",
    )


def not_now(name: str) -> Problem:
    return Problem(
        "platform_unavailable",
        f"{name} cannot be reached now, so nobody can tell whether this token is for the same account. "
        "Nothing was stored; try again.",
    )
