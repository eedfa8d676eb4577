"""One sign-in at a platform, from the popup's first request to its outcome.

    at_platform ─▶ exchanging ─┬▶ ready ─▶ done        login: the page takes its token once
                               ├▶ confirming ─▶ done   connect: the owner confirms whose account, for which brand
                               └▶ failed               from any step; the reason is one of ERROR_CODES

A flow belongs to the browser that started it: every step needs that browser's cookie.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict

from symphony_connect.base.config import Settings
from symphony_connect.base.errors import Problem
from symphony_connect.base.ids import fingerprint
from symphony_connect.base.model import AdAccount, Grant, Identity
from symphony_connect.connections import app_trouble, connect, handed_over, strays
from symphony_connect.connections import sql as connections_sql
from symphony_connect.connections.connect import Found
from symphony_connect.connections.connection import active_connection
from symphony_connect.connections.failures import problem_of
from symphony_connect.core import Core
from symphony_connect.platforms import oauth
from symphony_connect.platforms.base import (
    Denied,
    Misconfigured,
    Platform,
    PlatformError,
    RateLimited,
    SignIn,
    Unavailable,
)
from symphony_connect.signin import connect_sessions, flows, sql
from symphony_connect.signin.flows import ERROR_CODES, FAILED_KEPT, FLOW_LIFE, Flow, FlowUnknown, Start
from symphony_connect.signin.patience import listed, patiently
from symphony_connect.store.db import Transaction
from symphony_connect.vault import vault
from symphony_connect.vault.vault import Binding

ANOTHER_PERSON = "Another person signed in than the one who connected this before. Nothing was changed."
"""The message for the page that started a sign-in. That page may be anybody's, so it names nobody."""


def callback_uri(settings: Settings, platform: str) -> str:
    """The only redirect URI for a platform; exactly this one is registered there."""
    return f"{settings.public_url}/oauth/{platform}/callback"


async def begin(core: Core, start: Start) -> str:
    """Store the flow; returns the platform's sign-in URL. Raises Problem."""
    platform = core.configured(start.platform)
    scopes = _narrowed(platform, start.scopes)
    state, verifier = core.ids.secret(), core.ids.secret(64)
    now = core.clock()
    id = core.ids.new("flow")
    binding = Binding(start.workspace_id, 0, start.platform, "flow", id)
    async with core.store.writing() as tx:
        await tx.run(sql.flows_forget, now=now - FLOW_LIFE, failed_before=now - FAILED_KEPT)
        await tx.run(connections_sql.handed_over_forget, now=now)
        await tx.run(sql.flow_nonce_free, nonce=start.nonce)
        await tx.run(
            sql.flow_add,
            id=id,
            state_hash=fingerprint(state),
            nonce=start.nonce,
            browser_hash=fingerprint(start.browser),
            mode=start.mode,
            platform=start.platform,
            workspace_id=start.workspace_id,
            key_id=start.key_id,
            session_id=start.session_id,
            origin=start.origin,
            scopes=json.dumps(scopes),
            sealed=await core.vault.seal(tx, binding, {"verifier": verifier}),
            at=now,
            expires_at=now + FLOW_LIFE,
        )
    return platform.authorization_url(
        SignIn(state, callback_uri(core.settings, start.platform), scopes, oauth.challenge(verifier), start.auth_type)
    )


def _narrowed(platform: Platform, asked: tuple[str, ...]) -> tuple[str, ...]:
    beyond = [scope for scope in asked if scope not in platform.scopes]
    if beyond:
        raise Problem(
            "invalid_request",
            f"scope may only narrow what is configured; {', '.join(beyond)} is not in it.",
            field="scope",
        )
    if platform.other_scopes_end_tokens:
        return platform.scopes
    return asked or platform.scopes


async def returned(core: Core, platform_name: str, query: Mapping[str, str], browser: str) -> Flow:
    """The browser comes back from the platform: exchange the code, once. Raises FlowUnknown.

    A second request with the same state (double click, reload) gets the flow as the first one left it.
    """
    state = fingerprint(query.get("state", ""))
    async with core.store.writing() as tx:
        row = await tx.one(
            sql.flow_claim,
            state_hash=state,
            platform=platform_name,
            browser_hash=fingerprint(browser),
            now=core.clock(),
        )
        if row is None:
            known = await tx.one(sql.flow_by_state, state_hash=state, browser_hash=fingerprint(browser))
            if known is None or known["platform"] != platform_name or known["step"] == "at_platform":
                raise FlowUnknown
            return Flow.of(known)
    flow = Flow.of(row)
    try:
        await _redeem(core, flow, row["sealed"], query)
    except Denied as error:
        await flows.fail(core, flow, "access_denied", str(error))
    except PlatformError as answered:
        await _fail(core, flow, answered)
    except Problem as problem:
        code = problem.code if problem.code in ERROR_CODES else "platform_error"
        await flows.fail(core, flow, code, problem.message, problem.details)
    except BaseException:
        await flows.fail(core, flow, "platform_error", "The sign-in was cut short. Start again.")
        raise
    return await flows.of_browser(core, flow.id, browser)


async def _fail(core: Core, flow: Flow, answered: PlatformError) -> None:
    """The operator's fault has other words than the owner's, or than one that passes."""
    platform = core.platform(flow.platform)
    error = await app_trouble.whose(core, platform, answered)
    if isinstance(error, Misconfigured):
        await flows.fail(core, flow, "not_configured", problem_of(error, platform, core.clock()).message)
    else:
        await flows.fail(core, flow, "platform_error", str(error))


async def _redeem(core: Core, flow: Flow, sealed: bytes, query: Mapping[str, str]) -> None:
    platform = core.configured(flow.platform)
    verifier = (await core.vault.open(flow.binding, sealed))["verifier"]
    code = platform.code_from_callback(query)
    grant = await platform.exchange(code, callback_uri(core.settings, flow.platform), verifier)
    if platform.revokes:
        await _remember(core, flow, platform, grant)
    ready = _ready_for_page if flow.mode == "login" else _ready_to_confirm
    try:
        await ready(core, flow, platform, grant)
    except (Unavailable, RateLimited, Misconfigured):
        raise
    except (Problem, PlatformError):
        await strays.finish_of_flow(core, flow.id)
        raise


async def _remember(core: Core, flow: Flow, platform: Platform, grant: Grant) -> None:
    """The code is spent: whatever ends this sign-in before a connection or a page has its token, the worker revokes
    it. Kept before the platform is asked anything more, so that a crash leaves no token that we do not know of."""
    held = await connect_sessions.known(core, flow.session_id or "")
    brand_id = held.brand_id if held else None
    await strays.keep(
        core, flow.workspace_id, platform, grant, wait=strays.SIGN_IN_OVER, flow_id=flow.id, brand_id=brand_id
    )


async def _ready_for_page(core: Core, flow: Flow, platform: Platform, grant: Grant) -> None:
    """The page will get the access token; the rest of the grant is kept until the token is registered."""
    inspection = await patiently(core, lambda: platform.inspect(grant))
    person = inspection.identity.id
    await strays.known(core, flow.id, inspection.grant, person)
    connect.refuse_useless(platform, Found(inspection, None))
    accounts: list[AdAccount] | None = []
    if platform.login_lists_accounts:
        accounts = await listed(core, platform, inspection.grant)
    result = platform.login_result(inspection, accounts, core.clock())
    async with core.store.writing() as tx:
        token = grant.access_token
        await handed_over.keep(tx, core, flow.workspace_id, flow.platform, flow.key_id, token, inspection.grant, person)
        sealed = await core.vault.seal(tx, flow.binding, result)
        await _step(tx, flow, "ready", sealed, None)


async def _ready_to_confirm(core: Core, flow: Flow, platform: Platform, grant: Grant) -> None:
    """Nothing is connected yet: the owner first sees whose account this is, and for which brand."""
    connect_session = await connect_sessions.by_id(core, flow.session_id or "")
    found = await patiently(core, lambda: connect.examine(platform, grant))
    await strays.known(core, flow.id, found.inspection.grant, found.inspection.identity.id)
    connect.refuse_useless(platform, found)
    await _check_person(core, connect_session, flow.platform, found.inspection.identity)
    waiting = {"grant": vault.plain(found.inspection.grant), "missing": found.inspection.missing_scopes}
    accounts = None if found.accounts is None else [asdict(account) for account in found.accounts]
    identity, missing = asdict(found.inspection.identity), found.inspection.missing_scopes
    shown = {"identity": identity, "accounts": accounts, "missingScopes": missing}
    shown["assets"] = asdict(found.assets) if found.assets else None
    async with core.store.writing() as tx:
        sealed = await core.vault.seal(tx, flow.binding, waiting)
        await _step(tx, flow, "confirming", sealed, json.dumps(shown))


async def _step(tx: Transaction, flow: Flow, after: str, sealed: bytes, result: str | None) -> None:
    """Raises Problem where the sign-in was ended meanwhile, as when its brand was deleted."""
    if not await tx.one(sql.flow_step, id=flow.id, before="exchanging", after=after, sealed=sealed, result=result):
        raise Problem("session_expired", "This sign-in is over. Start again.")


async def _check_person(
    core: Core, connect_session: connect_sessions.ConnectSession, platform: str, identity: Identity
) -> None:
    async with core.store.reading() as tx:
        before = await active_connection(tx, connect_session.workspace_id, connect_session.brand_id, platform)
    pinned = connect_session.pinned.get(platform)
    another_person = (
        before and before.identity and before.identity.id != identity.id and not connect_session.replace_identity
    )
    if another_person or (pinned and pinned != identity.id):
        known = before.identity if before else None
        details = {"before": known.name if known else None, "now": identity.name}
        raise Problem("identity_mismatch", ANOTHER_PERSON, details=details)
