"""How a sign-in ends in its own browser: confirmed, refused, or handed over to the page that asked for it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from symphony_connect.base.errors import Problem
from symphony_connect.base.model import AdAccount, Identity, Inspection
from symphony_connect.connections import asset_lists, connect, handed_over, strays
from symphony_connect.connections import sql as connections_sql
from symphony_connect.connections.connect import Found
from symphony_connect.connections.connection import Connection
from symphony_connect.connections.status import person_needed_at
from symphony_connect.core import Core
from symphony_connect.platforms.assets import Asset, AssetList
from symphony_connect.signin import connect_sessions, flows, sql
from symphony_connect.signin.flows import Flow, FlowUnknown
from symphony_connect.vault import vault
from symphony_connect.vault.vault import Binding


async def confirm(
    core: Core,
    flow: Flow,
    browser: str,
    chosen: tuple[str, ...] | None = None,
    assets: tuple[str, ...] | None = None,
) -> Connection:
    """The owner has seen whose account it is and agreed: connect it. Raises Problem or FlowUnknown.

    `chosen`: the ids of the ad accounts that the brand will use; None leaves the choice as it was.
    `assets`: the same of what there is beside ad accounts, such as Pages.
    """
    row = await flows.row(core, flow.id, browser)
    connect_session = await connect_sessions.by_id(core, flow.session_id or "")
    if row["step"] != "confirming" or flow.expires_at <= core.clock():
        raise Problem("session_expired", "This sign-in is over. Start again.")
    found = await _waiting(core, flow, row["sealed"])
    binding = Binding(flow.workspace_id, connect_session.brand_id, flow.platform, "grant")
    actor = f"connect page {connect_session.id}"
    async with core.store.writing() as tx:
        await connect_sessions.use(tx, core, connect_session, flow.platform)
        connection = await connect.attach(
            tx,
            core,
            binding,
            found,
            actor=actor,
            name=connect_session.brand_name,
            replace_identity=connect_session.replace_identity,
        )
        if chosen is not None:
            connection = await connect.choose(tx, core, connection, chosen, actor)
        if assets is not None:
            await asset_lists.choose(tx, core, connection, assets, actor)
        result = {
            "brandId": connection.brand_id,
            "platform": connection.platform,
            "status": connection.status,
            "identity": asdict(found.inspection.identity),
            "page": _summary(connection, found),
        }
        stepped = await tx.one(
            sql.flow_step, id=flow.id, before="confirming", after="done", sealed=None, result=json.dumps(result)
        )
        if not stepped:
            raise Problem("session_expired", "This sign-in was confirmed already.")
        await tx.run(connections_sql.stray_used, flow_id=flow.id)
    return connection


def _summary(connection: Connection, found: Found) -> dict[str, Any]:
    """For the last page: how many ad accounts are used, if none of these is active, and when to sign in again."""
    end = person_needed_at(connection, found.inspection.grant)
    listed = found.accounts is not None
    return {
        "used": len(connection.used_accounts) if listed else None,
        "of": len(found.accounts or ()) if listed else None,
        "idle": bool(connection.used_accounts) and all(each.status != "active" for each in connection.used_accounts),
        "confirmBy": end[0] if end else None,
    }


async def _waiting(core: Core, flow: Flow, sealed: bytes) -> Found:
    waiting, shown = await core.vault.open(flow.binding, sealed), flow.result or {}
    accounts = shown.get("accounts")
    return Found(
        Inspection(
            identity=Identity(**shown["identity"]),
            grant=vault.grant_of(waiting["grant"]),
            missing_scopes=tuple(waiting["missing"]),
        ),
        None if accounts is None else tuple(AdAccount(**account) for account in accounts),
        assets=found_assets(shown),
    )


def found_assets(shown: Mapping[str, Any]) -> AssetList | None:
    """What the sign-in found beside ad accounts, from the flow's result; None: not known, or not offered."""
    kept = shown.get("assets")
    return AssetList(**{**kept, "assets": tuple(Asset(**each) for each in kept["assets"])}) if kept else None


async def hand_over(core: Core, flow_id: str, browser: str, *, opener_lost: bool) -> dict[str, Any] | None:
    """The page's token, once. With `opener_lost` the token is destroyed instead. Raises FlowUnknown."""
    row = await flows.row(core, flow_id, browser)
    flow = Flow.of(row)
    if flow.mode != "login" or flow.step != "ready" or flow.expires_at <= core.clock():
        raise FlowUnknown
    result: dict[str, Any] = await core.vault.open(flow.binding, row["sealed"])
    if opener_lost:
        async with core.store.writing() as tx:
            await handed_over.destroy(tx, flow.workspace_id, result["accessToken"])
        await refuse(core, flow, "opener_lost", "The window lost its page, so nothing could be handed over.")
        return None
    async with core.store.writing() as tx:
        if not await tx.one(sql.flow_step, id=flow.id, before="ready", after="done", sealed=None, result=None):
            raise FlowUnknown
        await tx.run(connections_sql.stray_used, flow_id=flow.id)
    return result


async def refuse(core: Core, flow: Flow, code: str, message: str, shown: dict[str, Any] | None = None) -> None:
    """End a sign-in that its owner denied, or that could not be confirmed, and revoke what it was issued."""
    await flows.fail(core, flow, code, message, shown)
    await strays.finish_of_flow(core, flow.id)
