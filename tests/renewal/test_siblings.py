"""Several brands behind one person: what happens to one is asked after for all."""

from __future__ import annotations

from dataclasses import replace

import pytest

from symphony_connect.base.model import Status
from symphony_connect.connections import connect, disconnect, worker
from tests.platforms import contract
from tests.platforms.chosen import LASTING, ROTATING
from tests.renewal.house import House


async def family(house: House, platform: str, count: int = 5) -> tuple[str, list[str]]:
    person = house.sandbox.newcomer()
    ids = [await house.connect(platform, person=person) for _ in range(count)]
    await house.tend()
    return person, ids


async def statuses(house: House, ids: list[str]) -> set[Status]:
    return {(await house.row(id)).status for id in ids}


@pytest.mark.parametrize(("deed", "reason"), contract.rules(LASTING).DEEDS.items())
async def test_a_loss_is_found_for_all_at_once(house: House, deed: str, reason: str) -> None:
    person, ids = await family(house, LASTING)
    house.sandbox.person(person, deed, platform=LASTING)
    await house.tend_one(ids[0])
    await house.tend()
    assert await statuses(house, ids) == {Status.NEEDS_RECONNECT}
    assert {(await house.row(id)).reason for id in ids} == {reason}


async def test_being_asked_after_forgets_no_earlier_answer(house: House) -> None:
    person, ids = await family(house, LASTING, 2)
    known = (await house.row(ids[1])).verified_at
    house.sandbox.person(person, next(iter(contract.rules(LASTING).DEEDS)), platform=LASTING)
    await house.tend_one(ids[0])
    waiting = await house.row(ids[1])
    assert waiting.verified_at == known
    assert waiting.due_at is not None
    assert waiting.due_at <= house.core.clock()


async def test_a_disconnect_leaves_the_others_alive_and_tells_the_platform_with_the_last(house: House) -> None:
    for platform in (LASTING, ROTATING):
        _, ids = await family(house, platform, 3)
        receipts = [await disconnect.disconnect(house.core, await house.row(id), "tests") for id in ids[:2]]
        assert [receipt.upstream for receipt in receipts if receipt] == ["shared_identity"] * 2
        await house.pass_time("7h")
        assert await house.read(ids[2])
        last = await disconnect.disconnect(house.core, await house.row(ids[2]), "tests")
        assert last is not None
        assert last.upstream == "revoked"


async def test_a_sign_in_revives_those_whose_token_works_again_and_asks_once(house: House) -> None:
    platform = contract.having("CURABLE")
    rules = contract.rules(platform)
    person, ids = await family(house, platform, 3)
    house.sandbox.fault(
        platform, f"{platform}:{next(iter(rules.CURABLE))}", path=rules.carriers(None)[0], times=len(ids)
    )
    await house.pass_time("25h")
    assert await statuses(house, ids) == {Status.NEEDS_RECONNECT}
    await house.connect(platform, person=person, brand=(await house.row(ids[0])).brand_id)
    await house.tend()
    assert await statuses(house, ids) == {Status.CONNECTED}


async def test_those_that_stay_lost_do_not_keep_waking_one_another(house: House) -> None:
    person, ids = await family(house, LASTING, 3)
    deed, reason = next(iter(contract.rules(LASTING).DEEDS.items()))
    house.sandbox.person(person, deed, platform=LASTING)
    await house.pass_time("25h")
    assert await statuses(house, ids) == {Status.NEEDS_RECONNECT}
    await house.connect(LASTING, person=person, brand=(await house.row(ids[0])).brand_id)
    assert await house.tend() <= 3
    assert await statuses(house, ids[1:]) == {Status.NEEDS_RECONNECT}
    assert {(await house.row(id)).reason for id in ids[1:]} == {reason}
    assert (await house.row(ids[0])).status is Status.CONNECTED


async def test_what_a_crash_left_to_revoke_is_left_alone_when_the_person_has_signed_in_since(house: House) -> None:
    for platform in (LASTING, ROTATING):
        person, (id,) = await family(house, platform, 1)
        assert await disconnect.end_here(house.core, await house.row(id), "tests")  # and here the process ends
        again = await house.connect(platform, person=person)
        house.sandbox.advance("1h")
        assert await worker.finish_revocations(house.core) == 1
        await house.pass_time("25h")
        assert await statuses(house, [again]) <= {Status.CONNECTED, Status.EXPIRING}
        assert await house.read(again)


async def test_who_is_spared_is_who_is_behind_the_connection_now(house: House) -> None:
    """The caller looked before somebody else signed in for the brand."""
    _, (id,) = await family(house, ROTATING, 1)
    looked = await house.row(id)
    other, (sibling,) = await family(house, ROTATING, 1)
    brought = house.bring(ROTATING, person=other, brand=looked.brand_id)
    await connect.register(house.core, house.caller, replace(brought, replace_identity=True))
    receipt = await disconnect.disconnect(house.core, looked, "tests")
    assert receipt is not None
    assert receipt.upstream == "shared_identity"
    await house.pass_time("7h")
    assert await house.read(sibling)
