"""The request bodies of the control API, with their limits."""

from __future__ import annotations

import re
from http import HTTPStatus
from typing import Annotated, Any, Literal

from msgspec import Meta, Struct

from symphony_connect.sandbox.faults import PLAIN_ERRORS

PLAIN_WORDS = f"{', '.join(PLAIN_ERRORS)}, html:502, http:503 (any status from 400)"


Plain = str | int | float | bool | None
"""A value of an order whose names each platform chooses: nothing that holds others."""


class Advance(Struct, forbid_unknown_fields=True):
    advance: str


class FreeAnswer(Struct, forbid_unknown_fields=True):
    """See faults.Answer."""

    status: Annotated[int, Meta(ge=200, le=599)] = 200
    body: Any = ""
    headers: dict[str, Annotated[str, Meta(pattern=r"^[\x20-\x7e]*$")]] = {}


class Arm(Struct, forbid_unknown_fields=True, rename="camel"):
    """A fault; see faults.Fault. `platform` may be left out when `error` names it."""

    platform: str | None = None
    path: str = ""
    times: Annotated[int, Meta(ge=1, le=1_000_000)] = 1
    error: str | None = None
    delay_ms: Annotated[int, Meta(ge=0, le=600_000)] = 0
    when: Literal["before", "after"] = "before"
    answer: FreeAnswer | None = None
    query: dict[str, str] = {}
    part: Annotated[int, Meta(ge=1, le=50)] | None = None


class NewPerson(Struct, forbid_unknown_fields=True, rename="camel"):
    """A newcomer; see world.Person."""

    name: str
    title: str = ""
    ad_accounts: Annotated[int, Meta(ge=0, le=10_000)] = 2
    business_only: bool = False
    disabled: bool = False
    partial: bool = False
    businesses: Annotated[int, Meta(ge=0, le=500)] = 0
    account_names: tuple[Annotated[str, Meta(max_length=1_000)], ...] = ()
    missing_fields: tuple[str, ...] = ()
    pages: Annotated[int, Meta(ge=0, le=500)] = 1
    unshared: Annotated[int, Meta(ge=0, le=500)] = 0
    paging: Literal["", "repeats", "without-after"] = ""


class Reset(Struct, forbid_unknown_fields=True):
    clock: bool = False
    """Also set the clock back to the machine's. Do this only when the service starts over too (`--with-service`)."""


def plain_error(error: str) -> bool:
    """Whether this is a fault that works for every platform, such as `http:503`."""
    kind, _, status = error.partition(":")
    if kind not in ("http", "html"):
        return error in PLAIN_ERRORS
    if not status:
        return kind == "html"
    return bool(re.fullmatch(r"\d{3}", status)) and (int(status) >= 400 or kind == "html") and _known(int(status))


def _known(status: int) -> bool:
    return status in {known.value for known in HTTPStatus} and status >= 200
