"""Grants that give way to another person's, or that a refused registration has renewed: none stays valid unknown."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from symphony_connect.base.errors import Problem
from symphony_connect.base.model import Reason, Status
from symphony_connect.connections import connect, disconnect, pacing, sql, worker
from symphony_connect.connections.connect import Registration
from symphony_connect.connections.lease import Stale
from tests.api.conftest import Api, api
from tests.api.test_signin import link
from tests.faults.test_strays import left
from tests.platforms import contract
from tests.platforms.chosen import LASTING, ROTATING
from tests.renewal.house import House
from tests.tools.owner import Owner
from tests.tools.wait import wait_until

__all__ = ["api"]


def works(house: House, platform: str, token: str) -> bool:
    return contract.rules(platform).works(house.sandbox, token)


async def replaced(house: House, id: str, platform: str, person: str) -> str:
    """Another person takes the brand over; returns the token that is served now."""
    brought = house.bring(platform, person=person, brand=(await house.row(id)).brand_id)
    await connect.register(house.core, house.caller, replace(brought, replace_identity=True))
    return await house.read(id)


@pytest.mark.parametrize("platform", [LASTING, ROTATING])
async def test_the_person_before_is_revoked(house: House, env: dict[str, str], platform: str) -> None:
    id = await house.connect(platform)
    before = await house.read(id)
    now = await replaced(house, id, platform, house.sandbox.newcomer())
    await worker.finish_revocations(house.core)
    assert (works(house, platform, before), works(house, platform, now)) == (False, True)
    assert await asyncio.to_thread(left, env) == 0


@pytest.mark.parametrize("fault", ["http:429", "reset"])
async def test_the_person_before_is_revoked_later_where_the_platform_is_away(house: House, fault: str) -> None:
    id = await house.connect(ROTATING)
    before = await house.read(id)
    await replaced(house, id, ROTATING, house.sandbox.newcomer())
    house.sandbox.fault(ROTATING, fault, times=1000)
    await worker.finish_revocations(house.core)
    house.sandbox.calm()
    assert works(house, ROTATING, before)
    for _ in range(20):
        house.sandbox.advance("2m")
        await worker.finish_revocations(house.core)
    assert not works(house, ROTATING, before)


@pytest.mark.parametrize("platform", [LASTING, ROTATING])
async def test_the_person_before_keeps_other_brands(house: House, env: dict[str, str], platform: str) -> None:
    person = house.sandbox.newcomer()
    id, other = await house.connect(platform, person=person), await house.connect(platform, person=person)
    await replaced(house, id, platform, house.sandbox.newcomer())
    await worker.finish_revocations(house.core)
    assert works(house, platform, await house.read(other))
    assert await asyncio.to_thread(left, env) == 0


@pytest.mark.parametrize(("reason", "is_revoked"), [("checkpoint", False), ("permissions_missing", True)])
async def test_a_brand_of_theirs_that_is_lost_counts_only_where_its_token_may_work_again(
    house: House, reason: str, is_revoked: bool
) -> None:
    """A checkpoint passes; without a single permission the token is of no use to that brand."""
    rules, person = contract.rules(LASTING), house.sandbox.newcomer()
    other = await house.connect(LASTING, person=person)
    error = next(code for code, why in rules.CURABLE.items() if why == reason)
    house.sandbox.fault(LASTING, f"{LASTING}:{error}", path=rules.carriers(None)[0], times=1)
    await house.tend_one(other)
    assert (await house.row(other)).reason == reason
    id = await house.connect(LASTING)
    token = (await house.grant(other)).access_token.reveal()
    grant = house.bring(LASTING, person=person).access_token
    stray = replace(await house.grant(id), access_token=grant)
    await disconnect.revoke_late_grant(house.core, await house.row(other), stray)
    assert works(house, LASTING, token) is not is_revoked


async def test_a_revocation_that_a_checkpoint_stops_is_tried_again(house: House, env: dict[str, str]) -> None:
    rules, id = contract.rules(LASTING), await house.connect(LASTING)
    before = await house.read(id)
    await replaced(house, id, LASTING, house.sandbox.newcomer())
    error = next(code for code, why in rules.CURABLE.items() if why == "checkpoint")
    house.sandbox.fault(LASTING, f"{LASTING}:{error}", times=1)
    await worker.finish_revocations(house.core)
    assert await asyncio.to_thread(left, env) == 1
    house.sandbox.advance("25h")
    await worker.finish_revocations(house.core)
    assert not works(house, LASTING, before)


async def test_what_a_renewal_brings_for_the_person_before_is_revoked(house: House, env: dict[str, str]) -> None:
    rules, id = contract.rules(ROTATING), await house.connect(ROTATING)
    house.sandbox.advance(rules.RENEWAL_DUE)
    house.sandbox.control("faults", {"platform": ROTATING, "path": rules.RENEWED, "delayMs": 60_000})
    renewing = asyncio.create_task(house.tend_one(id))
    await asyncio.to_thread(
        wait_until, lambda: house.calls(ROTATING, rules.RENEWED) == 1, what="the renewal to be sent"
    )
    now = await replaced(house, id, ROTATING, house.sandbox.newcomer())
    revoked = house.calls(ROTATING, "revoke")
    house.sandbox.calm()
    with pytest.raises(Stale):
        await renewing
    assert house.calls(ROTATING, "revoke") == revoked + 1
    assert await house.read(id) == now


@pytest.mark.parametrize("platform", [LASTING, ROTATING])
def test_a_sign_in_by_another_person_revokes_the_one_before(api: Api, platform: str) -> None:
    brand = api.connected(platform, api.sandbox.newcomer())
    path = f"/brands/{brand}/connections/{platform}/token"
    before = api.send("GET", path).json()["data"]["accessToken"]
    with Owner() as owner:
        question = owner.sign_in(link(api, brand, platform, replaceIdentity=True), api.sandbox.newcomer())
        assert "is connected" in owner.submit(question, answer="yes").text
    api.in_core(worker.finish_revocations)
    now = api.send("GET", path).json()["data"]["accessToken"]
    assert not contract.rules(platform).works(api.sandbox, before)
    assert contract.rules(platform).works(api.sandbox, now)


async def waits(house: House, platform: str) -> tuple[Registration, str]:
    """A token that waits for its platform, and its connection."""
    brought = house.bring(platform)
    house.sandbox.fault(platform, "reset", times=1000)
    id = (await connect.register(house.core, house.caller, brought)).id
    house.sandbox.calm()
    await house.calm_pace()
    assert (await house.row(id)).status is Status.UNVERIFIED
    return brought, id


@pytest.mark.parametrize("how", ["disconnected", "replaced"])
@pytest.mark.parametrize("platform", [LASTING, ROTATING])
async def test_a_waiting_token_that_gives_way_is_revoked(
    house: House, env: dict[str, str], platform: str, how: str
) -> None:
    brought, id = await waits(house, platform)
    if how == "disconnected":
        await disconnect.disconnect(house.core, await house.row(id), "tests")
    else:
        await replaced(house, id, platform, house.sandbox.newcomer())
    await worker.finish_revocations(house.core)
    assert not works(house, platform, brought.access_token.reveal())
    assert await asyncio.to_thread(left, env) == 0


async def test_a_waiting_token_that_is_sent_again_is_not_revoked(house: House, env: dict[str, str]) -> None:
    brought, id = await waits(house, ROTATING)
    await connect.register(house.core, house.caller, brought)
    await worker.finish_revocations(house.core)
    assert works(house, ROTATING, await house.read(id))
    assert await asyncio.to_thread(left, env) == 0


async def ended(house: House, brand: int = 0) -> Registration:
    """A token that has ended, with the one-time refresh token that it was issued with."""
    return house.bring(ROTATING, brand=brand, expiresIn=-60)


async def refused(house: House, ask: Registration, code: str) -> None:
    with pytest.raises(Problem) as problem:
        await connect.register(house.core, house.caller, ask)
    assert problem.value.code == code


async def test_a_pair_that_a_refused_registration_was_given_is_used_when_it_is_sent_again(
    house: House, env: dict[str, str]
) -> None:
    """The refusal says what to send: its one-time refresh token is spent by then."""
    rules, id = contract.rules(ROTATING), await house.connect(ROTATING)
    ask = await ended(house, (await house.row(id)).brand_id)
    await refused(house, ask, "identity_mismatch")
    await connect.register(house.core, house.caller, replace(ask, replace_identity=True))
    assert house.calls(ROTATING, rules.RENEWED) == 1
    await worker.finish_revocations(house.core)
    assert works(house, ROTATING, await house.read(id))
    assert await asyncio.to_thread(left, env) == 0


async def test_a_pair_that_nobody_asks_for_again_is_revoked(house: House, env: dict[str, str]) -> None:
    id = await house.connect(ROTATING)
    await refused(house, await ended(house, (await house.row(id)).brand_id), "identity_mismatch")
    assert await asyncio.to_thread(left, env) == 1
    revoked = house.calls(ROTATING, "revoke")
    house.sandbox.advance("61m")
    await worker.finish_revocations(house.core)
    assert house.calls(ROTATING, "revoke") == revoked + 1
    assert await asyncio.to_thread(left, env) == 0


async def test_a_pair_that_the_platform_refuses_at_once_is_revoked_at_once(house: House, env: dict[str, str]) -> None:
    rules, ask = contract.rules(ROTATING), await ended(house)
    house.sandbox.fault(ROTATING, rules.SPENT, path=rules.INSPECTED, times=2)
    await refused(house, ask, "token_refused")
    assert house.calls(ROTATING, rules.RENEWED) == 1
    assert house.calls(ROTATING, "revoke") == 1
    assert await asyncio.to_thread(left, env) == 0


@pytest.mark.parametrize("refusal", ["another person", "token refused"])
async def test_a_pair_of_a_waiting_token_that_is_refused_is_revoked(
    house: House, env: dict[str, str], refusal: str
) -> None:
    rules, id = contract.rules(ROTATING), await house.connect(ROTATING)
    ask = await ended(house, (await house.row(id)).brand_id)
    house.sandbox.fault(ROTATING, "reset", times=1000)
    await connect.register(house.core, house.caller, ask)
    house.sandbox.calm()
    await house.calm_pace()
    if refusal == "token refused":
        house.sandbox.fault(ROTATING, rules.SPENT, path=rules.INSPECTED, times=2)
    await house.tend_one(id)
    assert house.calls(ROTATING, rules.RENEWED) == 1
    assert house.calls(ROTATING, "revoke") == 1
    assert await asyncio.to_thread(left, env) == 0
    assert works(house, ROTATING, await house.read(id))


async def test_a_check_that_is_cut_short_leaves_the_pair_for_the_next(house: House) -> None:
    rules, ask = contract.rules(ROTATING), await ended(house)
    house.sandbox.control("faults", {"platform": ROTATING, "path": "user/info", "delayMs": 60_000})
    under_way = asyncio.create_task(connect.register(house.core, house.caller, ask))
    await asyncio.to_thread(wait_until, lambda: house.calls(ROTATING, "user/info") == 1)
    under_way.cancel()
    await asyncio.gather(under_way, return_exceptions=True)
    house.sandbox.calm()
    id = (await connect.register(house.core, house.caller, ask)).id
    assert house.calls(ROTATING, rules.RENEWED) == 1
    assert works(house, ROTATING, await house.read(id))


async def test_a_revocation_takes_one_place_of_the_pace(house: House) -> None:
    """The other places are for the connections that are due."""
    platform, id = house.core.platform(ROTATING), await house.connect(ROTATING)
    await replaced(house, id, ROTATING, house.sandbox.newcomer())
    house.sandbox.advance("1h")
    assert await worker.finish_revocations(house.core) == 1
    async with house.core.store.reading() as tx:
        row = await tx.one(sql.pace, platform=ROTATING)
    assert row is not None
    assert row["next_at"] <= house.core.clock() - (platform.burst - 3) * pacing.spacing(platform)


async def test_nothing_is_revoked_while_a_lost_answer_may_still_come(house: House, env: dict[str, str]) -> None:
    """A renewal of the same person without an answer: the process that asked may yet bring it, and the token lives."""
    person = house.sandbox.newcomer()
    other = await house.connect(ROTATING, person=person)
    async with house.core.store.writing() as tx:
        now, why = house.core.clock(), Reason.OUTCOME_UNKNOWN
        await tx.one(sql.connection_status, id=other, status="needs_reconnect", reason=why, at=now, due_at=None)
    id = await house.connect(ROTATING, person=person)
    await replaced(house, id, ROTATING, house.sandbox.newcomer())
    await worker.finish_revocations(house.core)
    assert await asyncio.to_thread(left, env) == 1
    house.sandbox.advance("61m")
    await worker.finish_revocations(house.core)
    assert await asyncio.to_thread(left, env) == 0
