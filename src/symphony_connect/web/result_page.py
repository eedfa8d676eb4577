"""`/oauth/{platform}/result/…`: whose account was found, which of it the brand will use, and how it ended."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated, Literal

from fastapi import APIRouter, Form, Request
from starlette.responses import RedirectResponse, Response

from symphony_connect.base.errors import Problem
from symphony_connect.base.ids import form_token
from symphony_connect.base.model import AdAccount
from symphony_connect.connections import asset_lists
from symphony_connect.connections.asset_lists import Kept
from symphony_connect.connections.connection import Connection, find_or_none
from symphony_connect.core import Core
from symphony_connect.platforms.base import Platform
from symphony_connect.signin import connect_sessions, flows, outcome, signin
from symphony_connect.signin.connect_sessions import ConnectSession
from symphony_connect.signin.flows import Flow, FlowUnknown
from symphony_connect.web import asks, browser, failures, pages
from symphony_connect.web.auth import TheCore
from symphony_connect.web.failures import Failure
from symphony_connect.web.forms import check_form
from symphony_connect.web.messages import Speaker, preferred

router = APIRouter(prefix="/oauth", include_in_schema=False)

NO_STORE = {"cache-control": "no-store"}
OVER = "This sign-in is over, or it began in another browser. Nothing was connected; start again."


def over(request: Request, core: Core, platform: str) -> Response:
    """No such sign-in for this browser."""
    return failures.page(request, core, Failure("session_expired", OVER, core.platform(platform), 400))


@router.get("/{platform}/window/{flow_id}")
async def window(request: Request, core: TheCore, platform: str, flow_id: str) -> Response:
    """The end of a window that the connect page opened: its script sends that page on and closes this one."""
    try:
        flow = await flows.of_browser(core, flow_id, browser.of(request, core) or "")
    except FlowUnknown:
        return over(request, core, platform)
    held = await connect_sessions.known(core, flow.session_id or "")
    return pages.owner_page(request, core, "window.html", held=held, step=2, on=f"/oauth/{platform}/result/{flow.id}")


@router.get("/{platform}/result/{flow_id}")
async def result(
    request: Request, core: TheCore, platform: str, flow_id: str, go: str = "", unticked: str = ""
) -> Response:
    """The outcome, or the question whether this is the right account; reloading changes nothing.

    `go=on` passes by what is missing; `unticked` says that nothing was ticked.
    """
    try:
        flow = await flows.of_browser(core, flow_id, browser.of(request, core) or "")
    except FlowUnknown:
        return over(request, core, platform)
    at = core.platform(flow.platform)
    held = await connect_sessions.known(core, flow.session_id or "")
    if flow.step == "failed":
        return failures.page(request, core, failures.of_flow(flow, at, held))
    if flow.step in ("ready", "done"):
        return _finished(request, core, flow, at, held)
    if flow.expires_at <= core.clock():
        return failures.page(request, core, failures.of_flow(flow, at, held, "timeout"))
    if held and (held.over or flow.platform in held.used):
        return failures.page(request, core, failures.of_flow(flow, at, held, "session_expired"))
    if flow.step == "confirming" and held:
        return await _question(request, core, flow, at, held, go=go, unticked=bool(unticked))
    working = pages.owner_page(request, core, "working.html", held=held, place=at.login_name, step=2)
    # Not a meta element: assistive technology cannot stop those.
    working.headers["refresh"] = "1"
    return working


async def _question(
    request: Request, core: Core, flow: Flow, platform: Platform, held: ConnectSession, *, go: str, unticked: bool
) -> Response:
    found = flow.result or {}
    listed = found["accounts"] is not None
    accounts = [AdAccount(**account) for account in found["accounts"] or ()]
    before = await find_or_none(core, held.workspace_id, held.brand_id, flow.platform)
    before = _same_person(before, found["identity"]["id"])
    speaker = Speaker(preferred(request.headers.get("accept-language", "")))
    wanted = asks.asks(speaker, platform, found["missingScopes"])
    lost = asks.lost(accounts, before) if listed else []
    missing = len(lost) + sum(ask.missing for ask in wanted)
    kept = await asset_lists.kept_by(core, before.id) if before else Kept()
    assets = outcome.found_assets(found)
    everything = assets.assets if assets else ()
    offers = [replace(offer, ticked=offer.ticked and not unticked) for offer in asks.offers(accounts, before)]
    template, step = "confirm.html", 3
    if listed and not accounts:
        template, step = "none.html", 2
    elif missing and go != "on":
        template, step = "partial.html", 2
    return pages.owner_page(
        request,
        core,
        template,
        held=held,
        step=step,
        flow=flow,
        csrf=form_token(browser.of(request, core) or "", flow.id),
        platform=platform,
        place=platform.login_name,
        person=found["identity"]["name"],
        listed=listed,
        offers=offers,
        groups=asks.grouped(offers),
        assets=asks.asset_offers(everything, kept),
        unshared=[asset for asset in everything if not asset.usable],
        account_status=lambda account: asks.account_status(speaker, account, platform),
        asks=wanted,
        lost=lost,
        missing=missing,
        again=f"/oauth/{flow.platform}/again/{flow.id}?ask=",
        unticked=unticked,
    )


def _same_person(before: Connection | None, identity: str) -> Connection | None:
    """What somebody else had chosen and shared says nothing of this account."""
    return before if before and before.identity and before.identity.id == identity else None


def _finished(request: Request, core: Core, flow: Flow, platform: Platform, held: ConnectSession | None) -> Response:
    # A login that was handed over already shows nothing more on a reload.
    fresh = flow.mode == "connect" or flow.step == "ready"
    message = pages.outcome(
        mode=flow.mode,
        platform=flow.platform,
        flow=flow.id,
        origin=flow.origin,
        nonce=flow.nonce,
        ok=True,
        result=flow.shown if flow.mode == "connect" else None,
    )
    left = [core.platform(name) for name in held.platforms if name not in held.used] if held and not held.over else []
    return pages.owner_page(
        request,
        core,
        "finished.html",
        held=held,
        flow=flow,
        place=platform.login_name,
        shown=(flow.result or {}).get("page", {}),
        left=left,
        back=pages.return_url(held, "connected", flow.platform),
        outcome=message if flow.origin and flow.nonce and fresh else None,
    )


@router.post("/{platform}/confirm")
async def confirm(
    request: Request,
    core: TheCore,
    platform: str,
    flow: Annotated[str, Form(max_length=60)],
    answer: Annotated[Literal["yes", "no"], Form()],
    csrf: Annotated[str, Form(max_length=100)] = "",
    choosing: Annotated[str, Form(max_length=10)] = "",
    account: Annotated[list[str] | None, Form()] = None,
    choosing_assets: Annotated[str, Form(max_length=10)] = "",
    asset: Annotated[list[str] | None, Form()] = None,
) -> Response:
    """The owner's yes or no to "is this the right account for this brand?", and the ad accounts it will use."""
    secret = browser.of(request, core) or ""
    check_form(request, core, csrf, form_token(secret, flow))
    there = f"/oauth/{platform}/result/{flow}"
    try:
        known = await flows.of_browser(core, flow, secret)
        if answer == "no":
            said = "The owner said that this is not the right account."
            await outcome.refuse(core, known, "access_denied", said, {"by": "owner"})
        elif known.step == "confirming":
            chosen = _chosen(known, account or []) if choosing else None
            if chosen == ():
                return RedirectResponse(f"{there}?go=on&unticked=1", 303, NO_STORE)
            assets = _chosen_assets(known, asset or []) if choosing_assets else None
            await outcome.confirm(core, known, secret, chosen, assets)
    except FlowUnknown:
        return over(request, core, platform)
    except Problem as problem:
        code = problem.code if problem.code in flows.ERROR_CODES else "platform_error"
        message = signin.ANOTHER_PERSON if code == "identity_mismatch" else problem.message
        await outcome.refuse(core, known, code, message)
    return RedirectResponse(there, 303, NO_STORE)


def _chosen(flow: Flow, ids: list[str]) -> tuple[str, ...]:
    """Those of the ids that this sign-in found."""
    found = [account["id"] for account in (flow.result or {}).get("accounts") or ()]
    return tuple(id for id in found if id in ids)


def _chosen_assets(flow: Flow, ids: list[str]) -> tuple[str, ...]:
    """The same of what there is beside ad accounts, as far as it can be used."""
    found = outcome.found_assets(flow.result or {})
    return tuple(asset.id for asset in found.assets if asset.usable and asset.id in ids) if found else ()
