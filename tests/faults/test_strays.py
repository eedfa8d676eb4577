"""Grants that a platform issued and no connection has: they stay sealed until the platform has been told."""

from __future__ import annotations

import asyncio

import pytest

from symphony_connect.access import workspaces
from symphony_connect.base.clock import DAY
from symphony_connect.base.errors import SymphonyError
from symphony_connect.base.model import Grant, Secret
from symphony_connect.connections import disconnect, strays, worker
from symphony_connect.core import Core
from tests.api.conftest import Api, api
from tests.api.test_signin import link
from tests.platforms import contract
from tests.platforms.chosen import LASTING, ROTATING
from tests.renewal.house import House
from tests.tools.owner import Owner
from tests.tools.rows import rows

__all__ = ["api"]


async def renewed_meanwhile(house: House, platform: str, person: str) -> tuple[str, Grant]:
    """A connection that has just been ended, and what a renewal brought for it."""
    id = await house.connect(platform, person=person)
    await disconnect.disconnect(house.core, await house.row(id), "tests")
    brought = house.bring(platform, person=person)
    return id, Grant(brought.access_token, refresh_token=brought.refresh_token)


def left(env: dict[str, str]) -> int:
    return len(rows(env["SYMPHONY_DATABASE_URL"], "strays")["strays"])


@pytest.mark.parametrize("fault", ["http:429", "reset"])
@pytest.mark.parametrize("platform", [LASTING, ROTATING])
async def test_what_arrives_after_a_disconnect_is_told_later(
    house: House, env: dict[str, str], platform: str, fault: str
) -> None:
    id, grant = await renewed_meanwhile(house, platform, house.sandbox.newcomer())
    house.sandbox.fault(platform, fault, times=1000)
    await disconnect.revoke_late_grant(house.core, await house.row(id), grant)
    house.sandbox.calm()
    assert contract.rules(platform).works(house.sandbox, grant.access_token.reveal())
    for _ in range(20):
        house.sandbox.advance("2m")
        await worker.finish_revocations(house.core)
    assert not contract.rules(platform).works(house.sandbox, grant.access_token.reveal())
    assert await asyncio.to_thread(left, env) == 0


async def test_what_arrives_after_a_disconnect_is_told_at_once_where_that_can_be(
    house: House, env: dict[str, str]
) -> None:
    id, grant = await renewed_meanwhile(house, ROTATING, house.sandbox.newcomer())
    await disconnect.revoke_late_grant(house.core, await house.row(id), grant)
    assert not contract.rules(ROTATING).works(house.sandbox, grant.access_token.reveal())
    assert await asyncio.to_thread(left, env) == 0


async def test_nothing_is_revoked_while_the_person_has_a_living_connection(house: House, env: dict[str, str]) -> None:
    person = house.sandbox.newcomer()
    id, grant = await renewed_meanwhile(house, LASTING, person)
    other = await house.connect(LASTING, person=person)
    await disconnect.revoke_late_grant(house.core, await house.row(id), grant)
    assert contract.rules(LASTING).works(house.sandbox, await house.read(other))
    assert await asyncio.to_thread(left, env) == 0


async def test_after_a_week_the_last_copy_is_destroyed(house: House, env: dict[str, str]) -> None:
    platform = house.core.platform(LASTING)
    await strays.keep(house.core, house.caller.workspace_id, platform, Grant(Secret("EAAB" + "x" * 60)), "1")
    house.sandbox.fault(LASTING, "reset", times=1000)
    house.sandbox.advance(f"{strays.KEPT // DAY - 1}d")
    await worker.finish_revocations(house.core)
    assert await asyncio.to_thread(left, env) == 1
    house.sandbox.advance("1d1h")
    await worker.finish_revocations(house.core)
    assert await asyncio.to_thread(left, env) == 0


def revocations(api: Api, platform: str) -> int:
    calls = api.sandbox.calls(platform)
    return len([call for call in calls if call["method"] == "DELETE" or "revoke" in call["path"]])


@pytest.mark.parametrize("starts_again", [False, True])
@pytest.mark.parametrize("platform", [LASTING, ROTATING])
def test_the_token_of_a_sign_in_that_failed_is_revoked_an_hour_later(
    api: Api, platform: str, starts_again: bool
) -> None:
    """Unless the person has connected meanwhile: the revocation might end that token too."""
    person, env = api.sandbox.newcomer(), api.service.env
    with Owner() as owner:
        callback = owner.decide(owner.begin(link(api, api.brand(), platform)), person)
        api.sandbox.fault(platform, "http:503", path=contract.rules(platform).INSPECTED, times=1000)
        page = owner.visit(callback)
        assert "try again" in page.text.lower()
    api.sandbox.calm()
    assert left(env) == 1
    if starts_again:
        brand = api.connected(platform, person)
    api.in_core(worker.finish_revocations)
    assert left(env) == 1
    api.sandbox.advance("61m")
    before = revocations(api, platform)
    api.in_core(worker.finish_revocations)
    assert left(env) == 0
    assert revocations(api, platform) - before == (0 if starts_again else 1)
    if starts_again:
        token = api.send("GET", f"/brands/{brand}/connections/{platform}/token").json()["data"]["accessToken"]
        assert contract.rules(platform).works(api.sandbox, token)


def test_a_workspace_with_such_a_grant_is_not_removed(api: Api) -> None:
    async def kept(core: Core) -> str:
        workspace = await workspaces.create(core, "strays")
        await strays.keep(core, workspace, core.platform(LASTING), Grant(Secret("EAAB" + "x" * 60)), "1")
        with pytest.raises(SymphonyError, match="1 sealed tokens"):
            await workspaces.remove(core, "strays")
        return workspace

    api.in_core(kept)
