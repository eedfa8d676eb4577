"""Disconnects while a platform wants fewer calls, or is out of reach: told later, at its pace."""

from __future__ import annotations

import asyncio

import pytest

from symphony_connect.base.clock import DAY
from symphony_connect.connections import disconnect, pacing, sql, worker
from symphony_connect.connections.lease import Stale
from symphony_connect.operate.panic_revoke import Scope, revoke_all
from tests.faults.figures import Figure
from tests.platforms import contract
from tests.platforms.chosen import LASTING, ROTATING
from tests.renewal.house import House
from tests.tools.wait import wait_until

MANY = 40


async def kept(house: House, ids: list[str]) -> list[str]:
    """Those whose last copy is still there, sealed, and seen by no reader."""
    async with house.core.store.reading() as tx:
        return [id for id in ids if await tx.one(sql.grant_sealed, connection_id=id, slot="revoking")]


async def tell_all(house: House, ids: list[str]) -> None:
    """As the worker would, by a clock that is moved on."""
    for _ in range(60):
        await worker.finish_revocations(house.core)
        if not await kept(house, ids):
            return
        house.sandbox.advance("2m")
    raise AssertionError(f"{len(await kept(house, ids))} were never told")


@pytest.mark.parametrize(("fault", "word"), [("http:429", "pending"), ("reset", "unreachable")])
@pytest.mark.parametrize("platform", [LASTING, ROTATING])
async def test_a_disconnect_that_could_not_be_told_is_told_later(
    house: House, platform: str, fault: str, word: str
) -> None:
    id = await house.connect(platform)
    token = await house.read(id)
    house.sandbox.fault(platform, fault, times=1000)
    receipt = await disconnect.disconnect(house.core, await house.row(id), "tests")
    assert receipt is not None
    assert receipt.upstream == word
    assert await house.sealed(id) is None
    house.sandbox.advance("2m")
    await worker.finish_revocations(house.core)
    assert await kept(house, [id]) == [id]
    house.sandbox.calm()
    await tell_all(house, [id])
    assert not contract.rules(platform).works(house.sandbox, token)
    assert [event["upstream"] for event in await house.events(id, "connection.receipt")] == [word, "revoked"]


@pytest.mark.parametrize("revokes", [True, False])
async def test_a_grant_that_arrives_after_a_disconnect_is_ended_where_that_can_be(house: House, revokes: bool) -> None:
    """The answer to a renewal comes late; a platform without revocation is not asked for one."""
    house.core.platform(ROTATING).revokes = revokes  # type: ignore[misc]
    rules, id = contract.rules(ROTATING), await house.connect(ROTATING)
    house.sandbox.advance(rules.RENEWAL_DUE)
    house.sandbox.control("faults", {"platform": ROTATING, "path": rules.RENEWED, "delayMs": 60_000})
    renewing = asyncio.create_task(house.tend_one(id))
    await asyncio.to_thread(
        wait_until, lambda: house.calls(ROTATING, rules.RENEWED) == 1, what="the renewal to be sent"
    )
    await disconnect.disconnect(house.core, await house.row(id), "tests")
    before = len(house.sandbox.calls(ROTATING))
    house.sandbox.calm()
    with pytest.raises(Stale):
        await renewing
    assert (len(house.sandbox.calls(ROTATING)) > before) is revokes


async def test_what_cannot_be_told_for_a_week_is_destroyed(house: House) -> None:
    id = await house.connect(LASTING)
    house.sandbox.fault(LASTING, "reset", times=1000)
    await disconnect.disconnect(house.core, await house.row(id), "tests")
    house.sandbox.advance(f"{disconnect.KEPT // DAY - 1}d")
    await worker.finish_revocations(house.core)
    assert await kept(house, [id]) == [id]
    house.sandbox.advance("1d1h")
    await worker.finish_revocations(house.core)
    assert await kept(house, [id]) == []
    assert [event["upstream"] for event in await house.events(id, "connection.receipt")] == ["unreachable"] * 2


async def test_panic_revoke_under_a_rate_limit_loses_no_token(house: House, figure: Figure) -> None:
    ids = [await house.connect(LASTING) for _ in range(MANY)]
    tokens = [await house.read(id) for id in ids]
    house.sandbox.advance("1h")
    house.sandbox.fault(LASTING, "http:429", times=10_000)
    before = len(house.sandbox.calls(LASTING))
    ended = await revoke_all(house.core, Scope(), lambda done, total: None)
    calls = len(house.sandbox.calls(LASTING)) - before
    assert {(one.here, one.upstream) for one in ended} == {("destroyed", "pending")}
    assert calls <= 2 * house.core.platform(LASTING).burst
    assert len(await kept(house, ids)) == MANY
    house.sandbox.calm()
    await tell_all(house, ids)
    alive = [token for token in tokens if contract.rules(LASTING).works(house.sandbox, token)]
    assert alive == []
    figure(f"panic revoke of {MANY} under a rate limit", f"{calls} calls while limited, {len(alive)} alive untold")


async def test_panic_revoke_keeps_to_the_pace(house: House) -> None:
    """Each revocation takes a place: the next free one is as far away as that many places reach."""
    platform = house.core.platform(LASTING)
    many = platform.burst + 4
    for _ in range(many):
        await house.connect(LASTING)
    house.sandbox.advance("1h")
    began = house.core.clock()
    ended = await revoke_all(house.core, Scope(), lambda done, total: None)
    assert {one.upstream for one in ended} == {"revoked"}
    async with house.core.store.writing() as tx:
        row = await tx.one(sql.pace, platform=LASTING)
    assert row is not None
    assert row["next_at"] >= began + (many - platform.burst) * pacing.spacing(platform)
