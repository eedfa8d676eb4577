"""kill -9 in the middle of a renewal that spends a one-time refresh token."""

from __future__ import annotations

import pytest

from symphony_connect.base.model import Reason, Status
from symphony_connect.connections import sql
from tests.faults.figures import FULL, Figure
from tests.faults.killing import Driver, kill
from tests.platforms import contract
from tests.platforms.chosen import ROTATING
from tests.renewal.house import House
from tests.tools.wait import wait_until

KILLS = 1000 if FULL else 50
TOGETHER = 4
"""Few enough that all have called before the first one's patience with the platform ends."""
REFRESH = contract.rules(ROTATING).RENEWED

pytestmark = pytest.mark.timeout(60 + 2 * KILLS)


async def struck(house: House, driver: Driver, ids: list[str], when: str) -> None:
    """Each renewal is killed while the platform holds its answer back; `when` says whether the call took effect."""
    for first in range(0, len(ids), TOGETHER):
        some = ids[first : first + TOGETHER]
        house.sandbox.calm()
        fault = {"platform": ROTATING, "path": REFRESH, "error": "timeout", "times": 1000, "when": when}
        house.sandbox.control("faults", fault)
        before = house.calls(ROTATING, REFRESH)
        pids = [driver.start(id) for id in some]
        wait_until(lambda wanted=before + len(some): house.calls(ROTATING, REFRESH) >= wanted, 60, "calls to be held")
        assert driver.done == {}
        kill(pids)
    house.sandbox.calm()


async def connected(house: House, count: int) -> list[str]:
    ids = [await house.connect(ROTATING) for _ in range(count)]
    house.sandbox.advance("17h")
    return ids


async def recovered(house: House, ids: list[str]) -> None:
    """The leases of the dead run out, and the worker comes by: no renewal is left without an outcome."""
    await house.pass_time("2m")
    async with house.core.store.reading() as tx:
        assert [id for id in ids if await tx.one(sql.journal_note, connection_id=id)] == []


async def test_before_the_call_had_its_effect(house: House, driver: Driver, figure: Figure) -> None:
    ids = await connected(house, KILLS)
    before = [await house.grant(id) for id in ids]
    await struck(house, driver, ids, "before")
    kept = [await house.grant(id) for id in ids]
    assert kept == before
    await recovered(house, ids)
    rows = [await house.row(id) for id in ids]
    lost = [row.id for row in rows if row.status is not Status.CONNECTED or row.reason]
    assert lost == []
    renewed = [await house.grant(id) for id in ids]
    assert all(new.refresh_token != old.refresh_token for new, old in zip(renewed, before, strict=True))
    figure("kill -9 before the upstream call", f"{len(lost)} lost in {len(ids):,}")


@pytest.mark.parametrize("survives", [True, False], ids=["old_token_lives", "old_token_ends"])
async def test_after_the_answer_and_before_it_is_durable(
    house: House, driver: Driver, figure: Figure, survives: bool
) -> None:
    ids = await connected(house, KILLS // 2)
    house.sandbox.control("settings", {contract.rules(ROTATING).ENDS_OLD: not survives})
    await struck(house, driver, ids, "after")
    await recovered(house, ids)
    rows = [await house.row(id) for id in ids]
    expected = (Status.EXPIRING if survives else Status.NEEDS_RECONNECT, Reason.OUTCOME_UNKNOWN)
    undetected = [row.id for row in rows if (row.status, row.reason) != expected]
    assert undetected == []
    line = "kill -9 after the answer, before commit"
    if survives:
        assert [id for id in ids if not await house.read(id)] == []
        await house.pass_time("8h")
        assert {((await house.row(id)).status, (await house.row(id)).reason) for id in ids} == {
            (Status.NEEDS_RECONNECT, Reason.OUTCOME_UNKNOWN)
        }
        figure(f"{line}, old token lives", f"0 undetected, 0 lost in {len(ids):,}")
    else:
        figure(f"{line}, old token ends", f"0 undetected in {len(ids):,}")
