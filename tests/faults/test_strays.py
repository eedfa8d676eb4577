"""Grants that a platform issued and no connection has: they stay sealed until the platform has been told."""

from __future__ import annotations

import asyncio
import secrets

import httpx2
import pytest

from symphony_connect.access import workspaces
from symphony_connect.base.clock import DAY
from symphony_connect.base.errors import SymphonyError
from symphony_connect.base.model import Grant, Secret
from symphony_connect.connections import disconnect, sql, strays, worker
from symphony_connect.connections.connection import Connection
from symphony_connect.core import Core
from symphony_connect.signin import signin
from tests.api.conftest import Api, api
from tests.api.test_signin import link
from tests.platforms import contract
from tests.platforms.chosen import LASTING, ROTATING
from tests.renewal.house import House
from tests.tools.owner import Owner
from tests.tools.rows import rows
from tests.tools.wait import wait_until

__all__ = ["api"]


async def renewed_meanwhile(house: House, platform: str, person: str) -> tuple[Connection, Grant]:
    """A connection that has just been ended, as its renewal had loaded it, and what that renewal brought."""
    connection = await house.row(await house.connect(platform, person=person))
    await disconnect.disconnect(house.core, connection, "tests")
    brought = house.bring(platform, person=person)
    return connection, Grant(brought.access_token, refresh_token=brought.refresh_token)


def left(env: dict[str, str]) -> int:
    return len(rows(env["SYMPHONY_DATABASE_URL"], "strays")["strays"])


@pytest.mark.parametrize("fault", ["http:429", "reset"])
@pytest.mark.parametrize("platform", [LASTING, ROTATING])
async def test_what_arrives_after_a_disconnect_is_told_later(
    house: House, env: dict[str, str], platform: str, fault: str
) -> None:
    connection, grant = await renewed_meanwhile(house, platform, house.sandbox.newcomer())
    house.sandbox.fault(platform, fault, times=1000)
    await disconnect.revoke_late_grant(house.core, connection, grant)
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
    connection, grant = await renewed_meanwhile(house, ROTATING, house.sandbox.newcomer())
    await disconnect.revoke_late_grant(house.core, connection, grant)
    assert not contract.rules(ROTATING).works(house.sandbox, grant.access_token.reveal())
    assert await asyncio.to_thread(left, env) == 0


async def test_nothing_is_revoked_while_the_person_has_a_living_connection(house: House, env: dict[str, str]) -> None:
    person = house.sandbox.newcomer()
    connection, grant = await renewed_meanwhile(house, LASTING, person)
    other = await house.connect(LASTING, person=person)
    await disconnect.revoke_late_grant(house.core, connection, grant)
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


def one_left(api: Api, platform: str) -> str:
    """The access token of the only grant that nobody has."""

    async def opened(core: Core) -> str:
        far = core.clock() + DAY
        async with core.store.writing() as tx:
            (stray,) = await strays.claim(tx, platform, far, 10)
            await tx.run(sql.stray_later, id=stray.id, identity_id=stray.identity_id, at=far)
        token: str = (await core.vault.open_grant(stray.binding, stray.sealed)).access_token.reveal()
        return token

    token: str = api.in_core(opened)
    assert contract.rules(platform).works(api.sandbox, token)
    return token


def gone(api: Api, platform: str, token: str) -> None:
    """The platform takes the token no more, and no copy of it is left."""
    assert not contract.rules(platform).works(api.sandbox, token)
    assert left(api.service.env) == 0


@pytest.mark.parametrize("platform", [LASTING, ROTATING])
def test_an_owner_who_says_no_leaves_no_token_alive(api: Api, platform: str) -> None:
    brand = api.brand()
    with Owner() as owner:
        question = owner.sign_in(link(api, brand, platform), api.sandbox.newcomer())
        token = one_left(api, platform)
        owner.submit(question, answer="no")
    gone(api, platform, token)


@pytest.mark.parametrize("has_another_brand", [False, True])
@pytest.mark.parametrize("platform", [LASTING, ROTATING])
def test_the_wrong_person_leaves_no_token_alive(api: Api, platform: str, has_another_brand: bool) -> None:
    """Where that person has a good connection, the revocation might end it too: it is left alone."""
    right, wrong = api.sandbox.newcomer(), api.sandbox.newcomer()
    brand = api.connected(platform, right)
    other = api.connected(platform, wrong) if has_another_brand else None
    before = revocations(api, platform)
    with Owner() as owner:
        page = owner.sign_in(link(api, brand, platform), wrong)
        assert 'name="answer"' not in page.text
    assert revocations(api, platform) - before == (0 if other else 1)
    assert left(api.service.env) == 0
    for one in filter(None, (brand, other)):
        token = api.send("GET", f"/brands/{one}/connections/{platform}/token").json()["data"]["accessToken"]
        assert contract.rules(platform).works(api.sandbox, token)


@pytest.mark.parametrize("platform", [LASTING, ROTATING])
def test_a_refused_sign_in_is_told_later_where_the_platform_is_away(api: Api, platform: str) -> None:
    with Owner() as owner:
        question = owner.sign_in(link(api, api.brand(), platform), api.sandbox.newcomer())
        token = one_left(api, platform)
        api.sandbox.fault(platform, "http:503", times=1000)
        owner.submit(question, answer="no")
    api.sandbox.calm()
    assert one_left(api, platform) == token
    api.sandbox.advance("25h")
    api.in_core(worker.finish_revocations)
    gone(api, platform, token)


@pytest.mark.parametrize("platform", [LASTING, ROTATING])
def test_a_sign_in_that_nobody_confirms_leaves_no_token_alive(api: Api, platform: str) -> None:
    with Owner() as owner:
        owner.sign_in(link(api, api.brand(), platform), api.sandbox.newcomer())
    token = one_left(api, platform)
    api.sandbox.advance("25h")
    api.in_core(worker.finish_revocations)
    gone(api, platform, token)


def test_a_sign_in_that_is_cut_short_after_the_exchange_is_remembered(api: Api) -> None:
    async def cut_short(core: Core) -> None:
        with Owner() as owner:
            callback = owner.decide(owner.begin(link(api, api.brand(), LASTING)), api.sandbox.newcomer())
            secret = next(iter(owner.http.cookies.values()))
        api.sandbox.fault(LASTING, "http:503", path=contract.rules(LASTING).INSPECTED, delay_ms=60_000)
        query = dict(httpx2.URL(callback).params)
        under_way = asyncio.create_task(signin.returned(core, LASTING, query, secret))
        await asyncio.to_thread(wait_until, lambda: left(api.service.env) == 1)
        under_way.cancel()
        await asyncio.gather(under_way, return_exceptions=True)

    api.in_core(cut_short)
    api.sandbox.calm()
    token = one_left(api, LASTING)
    api.sandbox.advance("25h")
    api.in_core(worker.finish_revocations)
    gone(api, LASTING, token)


def test_a_person_who_signs_in_again_meanwhile_loses_nothing(api: Api) -> None:
    person = api.sandbox.newcomer()
    first, second = api.brand(), api.brand()
    with Owner() as owner, Owner() as again:
        refused = owner.sign_in(link(api, first, LASTING), person)
        question = again.sign_in(link(api, second, LASTING), person)
        before = revocations(api, LASTING)
        owner.submit(refused, answer="no")
        assert "is connected" in again.submit(question, answer="yes").text
    api.sandbox.advance("61m")
    api.in_core(worker.finish_revocations)
    assert (left(api.service.env), revocations(api, LASTING) - before) == (0, 0)


@pytest.mark.parametrize("how", ["deleted", "panic"])
def test_a_brand_that_is_ended_in_mid_sign_in_leaves_no_token_alive(api: Api, how: str) -> None:
    brand = api.connected(ROTATING, api.sandbox.newcomer())
    with Owner() as owner:
        owner.sign_in(link(api, brand, LASTING), api.sandbox.newcomer())
    token = one_left(api, LASTING)
    if how == "deleted":
        assert api.send("DELETE", f"/brands?brandId={brand}").status_code == 200
    else:
        api.service.cli("panic-revoke", "--all", "--yes")
    gone(api, LASTING, token)


@pytest.mark.parametrize("opener_lost", [False, True])
def test_a_token_for_a_page_is_revoked_only_where_the_page_never_got_it(api: Api, opener_lost: bool) -> None:
    with Owner() as owner:
        start, query = (
            f"{api.service.url}/oauth/{LASTING}/start",
            {"origin": "http://localhost:3000", "nonce": secrets.token_urlsafe(32)},
        )
        page = owner.visit(owner.decide(owner.begin(start, **query), api.sandbox.newcomer()))
        token = one_left(api, LASTING)
        ask = {"flow": page.url.path.rpartition("/")[2], "openerLost": opener_lost}
        owner.http.post(f"{api.service.url}/oauth/{LASTING}/handover", json=ask)
    assert left(api.service.env) == 0
    assert contract.rules(LASTING).works(api.sandbox, token) is not opener_lost


def test_a_workspace_with_such_a_grant_is_not_removed(api: Api) -> None:
    async def kept(core: Core) -> str:
        workspace = await workspaces.create(core, "strays")
        await strays.keep(core, workspace, core.platform(LASTING), Grant(Secret("EAAB" + "x" * 60)), "1")
        with pytest.raises(SymphonyError, match="sealed tokens: 1"):
            await workspaces.remove(core, "strays")
        return workspace

    api.in_core(kept)
