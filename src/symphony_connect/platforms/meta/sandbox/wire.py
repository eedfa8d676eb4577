"""How the Graph API speaks HTTP: versions, where parameters may be, headers, errors."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from symphony_connect.platforms.meta.sandbox.errors import GraphError
from symphony_connect.platforms.meta.sandbox.grants import Grants, Token
from symphony_connect.platforms.meta.sandbox.versions import NEWEST, ended_for_ads, plain, version_of
from symphony_connect.sandbox.ledger import Call
from symphony_connect.sandbox.world import World

_LIMITS = {
    4: {"x-app-usage": '{"call_count":100,"total_time":25,"total_cputime":25}'},
    17: {"x-ad-account-usage": '{"acc_id_util_pct":100,"reset_time_duration":300}'},
}
_REGAIN_MINUTES = 5


@dataclass
class Ask:
    """One Graph API request, alone or out of a batch."""

    verb: str
    path: list[str]
    """Without version."""
    params: Mapping[str, str]
    version: str
    base: str
    """Scheme and host, as the caller sees them."""
    header_token: str = ""
    """From `Authorization: Bearer`."""
    basic: tuple[str, str] | None = None
    """From `Authorization: Basic`."""
    member: str | None = None
    """Whose token it was, for the ledger."""
    ads: bool = False
    """An ads call, which carries ads headers."""

    @property
    def access_token(self) -> str:
        return self.params.get("access_token") or self.header_token

    def needed(self, name: str) -> str:
        """A parameter; raises GraphError when it is missing or empty."""
        if value := self.params.get(name):
            return value
        raise GraphError("100/no-token", id=name)

    def token(self, grants: Grants, *, proof_required: bool = False) -> Token:
        """The valid token of this call, with its proof checked. Raises GraphError."""
        if not self.access_token:
            raise GraphError("2500" if self.path[:1] == ["me"] else "104")
        token = grants.alive(self.access_token)
        if token.authorization:
            self.member = token.authorization.member.person.name
        self._check_proof(token, proof_required)
        return token

    def _check_proof(self, token: Token, required: bool) -> None:
        proof = self.params.get("appsecret_proof")
        if not proof:
            if required and token.kind != "APP":
                raise GraphError("100/no-proof")
            return
        right = hmac.new(token.app.secret.encode(), self.access_token.encode(), hashlib.sha256).hexdigest()
        if not hmac.compare_digest(right.encode(), proof.encode()):
            raise GraphError("100/proof")


async def ask_of(request: Request, now: int) -> Ask:
    """Parameters of query and body together; `method` in them overrides the verb. Raises GraphError."""
    params = dict(request.query_params) | await _body(request)
    verb = params.get("method", "").upper()
    scheme, _, given = request.headers.get("authorization", "").partition(" ")
    return Ask(
        verb if verb in ("GET", "POST", "DELETE") else request.method.replace("HEAD", "GET"),
        [part for part in plain(request.url.path).split("/") if part],
        params,
        version_of(request.url.path, now),
        str(request.base_url).rstrip("/"),
        given.strip() if scheme.lower() in ("bearer", "oauth") else "",
        _basic(given) if scheme.lower() == "basic" else None,
    )


async def _body(request: Request) -> dict[str, str]:
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    sent = await request.body()
    if not sent.strip():
        return {}  # many clients send a content type without a body
    if kind in ("application/x-www-form-urlencoded", "multipart/form-data"):
        try:
            return {key: value for key, value in (await request.form()).items() if isinstance(value, str)}
        except HTTPException:
            raise GraphError("100") from None
    if kind != "application/json" or sent.strip() == b"null":
        return {}
    try:
        body = json.loads(sent)
    except ValueError:
        raise GraphError("100") from None
    if not isinstance(body, dict):
        raise GraphError("100")
    return {key: value if isinstance(value, str) else json.dumps(value) for key, value in body.items()}


def _basic(given: str) -> tuple[str, str] | None:
    try:
        name, colon, password = base64.b64decode(given.strip(), validate=True).decode().partition(":")
    except ValueError:
        return None
    return (name, password) if colon else None


NEAR_LIMIT = '{"call_count":98,"total_time":40,"total_cputime":40}'


def preflight(request: Request) -> Response:
    """What a browser asks before a page of another origin may send a header of its own."""
    allowed = {
        "Access-Control-Allow-Origin": "*",
        "Access-Control-Allow-Methods": "GET, POST, DELETE, OPTIONS",
        "Access-Control-Allow-Headers": request.headers.get("access-control-request-headers", "*"),
    }
    return Response(status_code=200, headers=allowed)


def success(world: World, ask: Ask, body: Any) -> Response:
    return _sent(ask, body, 200, headers(world, ask))


def _sent(ask: Ask | None, body: Any, status: int, sent: Mapping[str, str]) -> Response:
    """JSON, or for `?callback=name` a script (JSONP), which a page reads only with the status 200."""
    name = ask.params.get("callback", "") if ask and ask.verb == "GET" else ""
    if not re.fullmatch(r"[\w$.]{1,100}", name):
        return JSONResponse(body, status, dict(sent))
    script = f"/**/ {name}({json.dumps(body, separators=(',', ':'))});"
    return Response(script, 200, dict(sent), "text/javascript; charset=UTF-8")


def refusal(world: World, error: GraphError, ask: Ask | None = None) -> Response:
    """An error answer. A bad token in a header gets 401, as several clients report; elsewhere 400."""
    by_header = ask is not None and bool(ask.header_token) and error.code == 190
    sent = {**headers(world, ask), "WWW-Authenticate": error.challenge, **_usage(error.code)}
    # A header holds one line of latin-1; messages echo what callers sent.
    safe = {key: re.sub(r"[^\x20-\x7e]", "?", value) for key, value in sent.items()}
    status = 401 if by_header else int(error.row["status"])
    # An app that may not use JSONP is not told so by JSONP.
    return _sent(None if error.key == "100/new-app" else ask, error.envelope(world.letters(11)), status, safe)


def headers(world: World, ask: Ask | None) -> dict[str, str]:
    """As recorded from the real one."""
    found = {
        "facebook-api-version": ask.version if ask else NEWEST,
        "x-fb-request-id": world.letters(22),
        "x-fb-trace-id": world.letters(11),
        "x-fb-rev": "1000000001",
        "X-FB-Debug": world.letters(86) + "==",
        "Cache-Control": "private, no-cache, no-store, must-revalidate",
        "Access-Control-Allow-Origin": "*",
        "x-app-usage": '{"call_count":1,"total_time":1,"total_cputime":1}',
    }
    if ask and ask.ads:
        found["x-ad-account-usage"] = (
            '{"acc_id_util_pct":1.5,"reset_time_duration":0,"ads_api_access_tier":"standard_access"}'
        )
        if "insights" in ask.path:
            found["x-fb-ads-insights-throttle"] = (
                '{"app_id_util_pct":1,"acc_id_util_pct":1,"ads_api_access_tier":"standard_access"}'
            )
        if ended_for_ads(ask.version, world.clock() // 1000):
            found["X-Ad-Api-Version-Warning"] = f"The Marketing API {ask.version} has ended; this call was upgraded."
    return found


def note(call: Call, ask: Ask | None, error: GraphError | None) -> None:
    """What the ledger shows."""
    if ask:
        call.person = ask.member or call.person
    if error:
        subcode = error.row.get("subcode")
        call.code = f"{error.code}/{subcode}" if subcode else str(error.code)
        call.why = str(error.row["why"])


def _usage(code: int) -> dict[str, str]:
    """Headers that say when to call again after too many calls: some in seconds, some in minutes."""
    if 80000 <= code <= 80014:
        usage = {"type": "ads_management", "call_count": 100, "total_cputime": 20, "total_time": 20}
        usage |= {"estimated_time_to_regain_access": _REGAIN_MINUTES, "ads_api_access_tier": "development_access"}
        return {"x-business-use-case-usage": json.dumps({"400000000000001": [usage]})}
    return _LIMITS.get(code, {})
