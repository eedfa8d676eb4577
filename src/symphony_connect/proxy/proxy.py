"""Passes a call on to a platform with a fresh token put in, and its answer back with every token taken out."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass, replace

from symphony_connect.access.api_keys import Scope
from symphony_connect.access.caller import Caller, check_key, check_scope
from symphony_connect.access.origins import check_origin
from symphony_connect.audit.proxied_calls import ProxiedCall
from symphony_connect.base.clock import SECOND
from symphony_connect.base.errors import Problem
from symphony_connect.base.ids import fingerprint
from symphony_connect.base.model import Grant
from symphony_connect.base.redact import redact
from symphony_connect.connections import sql
from symphony_connect.connections.connection import Connection, check_bounds, not_connected
from symphony_connect.connections.read_token import MIN_TTL, READ_COLUMNS, NeedsReconnect, serve
from symphony_connect.core import Core
from symphony_connect.platforms.base import Platform
from symphony_connect.platforms.proxied import READS, Call, Proxied, Touched
from symphony_connect.proxy import bounded, headers, paths
from symphony_connect.proxy.bodies import Body, look_into, pairs
from symphony_connect.proxy.headers import Fields
from symphony_connect.proxy.learning import learn_limits, learn_token
from symphony_connect.proxy.masking import Masker, same_length, shown
from symphony_connect.proxy.sending import Answer, Reply, answered, passing, send
from symphony_connect.proxy.state import state_of
from symphony_connect.proxy.throttle import Throttle
from symphony_connect.store.db import StoreUnavailable
from symphony_connect.store.look_ups import Question

SCOPE: Scope = "proxy:use"
METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE")


@dataclass
class Asked:
    """A request to the proxy, as it came."""

    key: str
    origin: str | None
    brand_id: int
    platform: str
    method: str
    path: str
    """What follows `proxy/`, still percent-encoded."""
    query: str
    headers: Fields
    body: AsyncIterator[bytes]
    key_in_address: bool = False
    """Whether the key came as `access_token` of the address: links in the answer then carry it too."""


@dataclass
class _Way:
    """One call that was found good, with all it needs to go out once or twice."""

    core: Core
    asked: Asked
    caller: Caller
    connection: Connection
    platform: Platform
    proxied: Proxied
    call: Call
    fields: Fields
    body: Body
    touched: Touched

    @property
    def throttle(self) -> Throttle:
        return state_of(self.core).throttle(self.platform.name)

    @property
    def limits(self) -> frozenset[str]:
        return self.proxied.limits(self.call, self.touched.accounts)


async def pass_on(core: Core, asked: Asked) -> Answer:
    """The platform's answer, whatever it says. Its body must be read or closed.

    Raises Problem for the key; `brand_not_found`, `connection_not_found`, `unknown_platform`; `not_proxied`,
    `not_found` for an ad account out of bounds; `platform_rate_limited`, `platform_unavailable`; and whatever
    `read_token.serve` raises.
    """
    caller, connection, sealed = await _found(core, asked)
    try:
        way = await _checked(core, caller, connection, asked)
        token = await serve(core, connection, sealed, MIN_TTL * SECOND)
        await _look_up(way, token.grant)
        reply, grant = await _audited(way, token.grant)
    except Problem as problem:
        problem.key_id = caller.key_id
        if isinstance(problem, NeedsReconnect):
            problem.caller = caller
        raise
    return _answer(way, reply, grant)


async def _found(core: Core, asked: Asked) -> tuple[Caller, Connection, bytes | None]:
    """Key, connection and sealed grant, in the statement of a token read."""
    check_key(asked.key)
    of: Question = {"hash": fingerprint(asked.key), "brand_id": asked.brand_id, "platform": asked.platform}
    found = await core.asking(sql.token_read)(of, core.clock())
    row = None if found is None else dict(zip(READ_COLUMNS, found, strict=False))
    caller = Caller.of(row, "key_")
    assert row is not None
    try:
        check_origin(core.settings, caller, asked.origin)
        check_scope(caller, SCOPE)
        check_bounds(core, caller, asked.brand_id, asked.platform)
        if row["id"] is None:
            raise not_connected(row["known_brand_id"] is not None, asked.brand_id, core.platform(asked.platform))
    except Problem as problem:
        problem.key_id = caller.key_id
        raise
    return caller, Connection.of(row), row["sealed"]


async def _checked(core: Core, caller: Caller, connection: Connection, asked: Asked) -> _Way:
    """Everything that can be refused without a call to the platform is refused here."""
    platform = core.platform(connection.platform)
    proxied = platform.proxied
    if proxied is None:
        raise Problem("not_proxied", f"{platform.display_name} is not reached through the proxy.")
    if asked.method not in METHODS:
        raise Problem("not_proxied", f"The proxy passes on {', '.join(METHODS)}.")
    fields = [each for each in headers.to_platform(asked.headers) if each[0] not in proxied.own]
    call = Call(
        asked.method,
        paths.plain(asked.path),
        pairs(asked.query, raw=proxied.keeps_encoding),
        overrides=headers.overrides(asked.headers),
        headers=fields,
        raw_path=asked.path,
    )
    body = await _looked_into(asked, raw=proxied.keeps_encoding)
    call.form, call.json, call.opaque = body.form, body.json, body.opaque
    if why := proxied.refusal(call):
        raise Problem("not_proxied", why)
    call = proxied.stripped(call)
    touched = bounded.check(proxied, caller.bounds, call)
    way = _Way(core, asked, caller, connection, platform, proxied, call, fields, body, touched)
    way.throttle.check(way.limits, core.clock())
    return way


async def _looked_into(asked: Asked, *, raw: bool) -> Body:
    sent = {name.lower(): value for name, value in asked.headers}
    if sent.get("content-encoding", "identity").strip().lower() != "identity":
        raise Problem("unsupported_media_type", "The proxy takes bodies without Content-Encoding.")
    body = await look_into(sent.get("content-type", ""), asked.body, raw=raw)
    if asked.method in READS and not body.empty:
        raise Problem("invalid_request", f"A {asked.method} has no body; send parameters in the query.")
    return body


async def _look_up(way: _Way, grant: Grant) -> None:
    """Finds the ad accounts of the objects that the call names, for a key that is bounded to some.

    Each is asked for once. Raises Problem `not_found` for one out of bounds, or where nobody can say whose it is.
    """
    state, bounds = state_of(way.core), way.caller.bounds
    for id in sorted(way.touched.objects):
        account = state.account_of(way.connection.id, id)
        if bounds.ad_accounts is not None:
            account = account or await _asked_for(way, grant, id)
            bounded.check_account(bounds, account or "")
        if account:
            way.touched |= Touched(frozenset({account}))
    way.throttle.check(way.limits, way.core.clock())


async def _asked_for(way: _Way, grant: Grant, id: str) -> str | None:
    call = way.proxied.lookup(id)
    signed = way.proxied.signed(call, grant)
    reply = await send(way.core, way.platform, way.proxied, call, [], None, signed)
    await reply.close()
    failure = learn_limits(way.core, way.throttle, way.proxied, call, reply, frozenset())
    account = None if failure else way.proxied.account_of(reply.json)
    if account:
        state_of(way.core).remember(way.connection.id, id, account)
    return account


async def _audited(way: _Way, grant: Grant) -> tuple[Reply, Grant]:
    """`_sent`, with its row in the audit, whatever becomes of it. With SYMPHONY_AUDIT_STRICT one is written before too.

    Raises StoreUnavailable where that cannot be written; then nothing was sent.
    """
    core, noted = way.core, _noted(way)
    if core.settings.audit_strict:
        core.calls.note(replace(noted, what="proxy.sending"), core.clock())
    await core.audited()
    try:
        reply, grant = await _sent(way, grant)
        noted = replace(noted, status=reply.response.status_code)
    finally:
        core.calls.note(noted, core.clock())
        core.reads.note_key(noted.key_id, core.clock())
    try:
        await core.audited()
    except BaseException:
        await reply.close()
        raise
    return reply, grant


def _noted(way: _Way) -> ProxiedCall:
    connection, call = way.connection, way.call
    return ProxiedCall(
        workspace_id=connection.workspace_id,
        key_id=way.caller.key_id,
        connection_id=connection.id,
        brand_id=connection.brand_id,
        platform=connection.platform,
        method=call.method,
        path=redact(call.path),
        accounts=tuple(sorted(way.touched.accounts)),
        reads=way.proxied.reads(call),
    )


async def _sent(way: _Way, grant: Grant) -> tuple[Reply, Grant]:
    """The reply, and the grant that it was sent with: a safe call is repeated once with a renewed one."""
    reply = await _once(way, grant)
    try:
        renewed = await _renewed(way, reply, grant)
    except BaseException:
        await reply.close()
        raise
    if renewed is None:
        return reply, grant
    await reply.close()
    again = await _once(way, renewed)
    learn_limits(way.core, way.throttle, way.proxied, way.call, again, way.touched.accounts)
    return again, renewed


async def _renewed(way: _Way, reply: Reply, grant: Grant) -> Grant | None:
    """Another grant to send the call with once more; None where the reply stands, whatever it says."""
    failure = learn_limits(way.core, way.throttle, way.proxied, way.call, reply, way.touched.accounts)
    if not await learn_token(way.core, state_of(way.core), way.caller, way.connection, failure):
        return None
    if way.call.opaque or not way.proxied.repeatable(way.call):
        return None
    try:
        _, connection, sealed = await _found(way.core, way.asked)
        token = await serve(way.core, connection, sealed, MIN_TTL * SECOND)
    except (Problem, StoreUnavailable):
        return None
    return token.grant if token.grant.access_token.reveal() != grant.access_token.reveal() else None


async def _once(way: _Way, grant: Grant) -> Reply:
    call = replace(way.call, query=list(way.call.query))
    signed = way.proxied.signed(call, grant) | _account_headers(way)
    fields = list(way.fields)
    content: bytes | AsyncIterator[bytes] | None = None
    if way.body.opaque:
        content = passing(way.body.pieces(), Masker([way.asked.key], replace=same_length))
        fields += [(name.lower(), value) for name, value in way.asked.headers if name.lower() == "content-length"]
    elif not way.body.empty:
        kind, content = way.body.written(call)
        fields = [*(each for each in fields if each[0] != "content-type"), ("content-type", kind)]
    return await send(way.core, way.platform, way.proxied, call, fields, content, signed)


def _account_headers(way: _Way) -> dict[str, str]:
    """Those of the ad account that the call acts as, such as the manager it is reached through."""
    id = way.proxied.acting(way.call)
    listed = (way.connection.ad_accounts or ()) if id else ()
    return next((dict(way.platform.account_headers(each)) for each in listed if each.id == id), {})


def _answer(way: _Way, reply: Reply, grant: Grant) -> Answer:
    asked, text = way.asked, reply.is_text
    at = f"/api/sym/v2/brands/{asked.brand_id}/connections/{way.platform.name}/proxy"
    here = f"{way.core.settings.public_url}{at}"
    masker = Masker(
        way.proxied.secrets(grant),
        shapes=way.proxied.shapes,
        fields=True,
        replace=shown if text else same_length,
        links=(way.proxied.root, here) if text else None,
        key=asked.key.encode() if asked.key_in_address and text else b"",
    )
    answer = answered(reply, masker, way.proxied.root, here)
    answer.headers += way.throttle.fields(way.touched.accounts).items()
    return answer
