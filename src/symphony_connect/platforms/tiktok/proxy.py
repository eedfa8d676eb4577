"""TikTok's API through the proxy: the token in its header, the advertiser in every call's fields.

Sources: TikTok API for Business v1.3, "Authentication" and the reference of each endpoint, all of which name
`advertiser_id` or `advertiser_ids`; where `bc_id` stands instead, a call reaches a whole Business Center.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any, ClassVar

from symphony_connect.base.model import Grant
from symphony_connect.platforms import fields
from symphony_connect.platforms.http import Answer
from symphony_connect.platforms.proxied import READS, Call, Proxied, Touched, plain_name
from symphony_connect.platforms.tiktok import errors
from symphony_connect.platforms.tiktok.settings import Settings

API = re.compile(r"open_api/v1\.[0-9]+/(?P<call>.+)")
SIGN_IN = re.compile(r"(tt_user/)?(oauth2?|token_info)(/.*)?", re.IGNORECASE)
READING_POSTS = ("report/task/create",)
"""Makes a report in the background, and changes nothing."""
ADVERTISER = re.compile(r"(?:^|_)advertiser_ids?$", re.IGNORECASE)
WIDER = re.compile(r"(?:^|_)(?:bc|business_center|partner)_ids?$", re.IGNORECASE)
DEEPEST = 12
_CALLS = ("advertiser_id", "advertiser_ids")


class TikTokProxied(Proxied):
    credentials: ClassVar[frozenset[str]] = frozenset({"access_token", "secret"})
    header: ClassVar[str] = "access-token"
    special: ClassVar[frozenset[str]] = frozenset({*_CALLS, "bc_id", "access_token"})

    def __init__(self, settings: Settings) -> None:
        super().__init__(re.sub(r"(?<=[^/:])/.*", "", settings.api_url))
        self._secret = settings.app.secret

    def refusal(self, call: Call) -> str:
        found = API.fullmatch(call.path)
        if not found:
            return "TikTok's API is below open_api/v1.3/."
        if SIGN_IN.fullmatch(found["call"]):
            return (
                "Signing in, and everything about tokens, is this service's part; it lists advertisers as ad accounts."
            )
        return ""

    def signed(self, call: Call, grant: Grant) -> dict[str, str]:  # noqa: ARG002
        return {"access-token": grant.access_token.reveal()}

    def secrets(self, grant: Grant) -> tuple[str, ...]:
        return (*super().secrets(grant), self._secret.reveal())

    def reads(self, call: Call) -> bool:
        if call.opaque:
            return False
        verbs = {call.method, *call.overrides}
        return verbs <= READS or (verbs == {"POST"} and _name(call) in READING_POSTS)

    def touched(self, call: Call) -> Touched:
        """By every advertiser that the call names anywhere, one of them where TikTok looks for it."""
        named, wider = set[str](), False
        for given, value in _named(list(call.params()), DEEPEST):
            name = plain_name(given)
            named |= {value} if ADVERTISER.search(name) else set()
            wider = wider or bool(WIDER.search(name))
        place = dict(call.query) if call.method in READS else _body(call)
        if wider:
            return Touched(frozenset(named), unknown="bc_id reaches every advertiser of a Business Center")
        if not named or not any(place.get(name) for name in _CALLS):
            return Touched(frozenset(named), unknown="the call names no advertiser_id")
        return Touched(frozenset(named))

    def failure(self, status: int, headers: Mapping[str, str], body: Any, now: int) -> Exception | None:
        found = fields.mapping(body)
        if status < 400 and ("code" not in found or not errors.is_error(found)):
            return None
        return errors.failure(Answer(status, headers, body), now, self._secret.reveal())


def _name(call: Call) -> str:
    """`campaign/get` of `open_api/v1.3/campaign/get/`."""
    found = API.fullmatch(call.path)
    return found["call"].strip("/") if found else ""


def _body(call: Call) -> Mapping[str, Any]:
    return call.json if isinstance(call.json, dict) else dict(call.form)


def _named(value: Any, depth: int, name: str = "") -> Iterator[tuple[str, str]]:
    """Every text and number with the name of the field it stands in, also in JSON inside of a text."""
    if depth == 0:
        yield "bc_id", ""  # nested too deeply to be read: as if it reached everything
    elif isinstance(value, dict):
        for key, each in value.items():
            yield from _named(each, depth - 1, str(key))
    elif isinstance(value, list):
        for each in value:
            if isinstance(each, tuple):
                yield from _named(each[1], depth - 1, each[0])
            else:
                yield from _named(each, depth - 1, name)
    elif isinstance(value, str) and (inner := _json(value)) is not None:
        yield from _named(inner, depth - 1, name)
    else:
        yield name, str(value)


def _json(text: str) -> Any:
    """The list or the object that a text is as JSON; None for any other."""
    if text.lstrip()[:1] not in ("[", "{"):
        return None
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None
