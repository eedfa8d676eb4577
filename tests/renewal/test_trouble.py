"""What platforms answer when they do not renew, and what becomes of the connection."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from symphony_connect import platforms
from symphony_connect.base.model import Status
from symphony_connect.connections import connect, sql
from symphony_connect.operate.restored import restored
from tests.platforms import contract
from tests.platforms.chosen import LASTING, ROTATING
from tests.renewal.house import House

RUBBISH = ["http:500", "http:503", "reset", "truncate", "html", "html:404"]
ALIVE = (Status.CONNECTED, Status.EXPIRING)

DOCUMENTED = contract.all_having("REASONS", "carriers")


def corpus(platform: str) -> list[str]:
    path = Path(platforms.__file__).parent / platform / "samples" / "errors.json"
    return [row["key"] for row in json.loads(path.read_text(encoding="utf-8"))["errors"]]


def expected(platform: str, key: str) -> str | None:
    """The reason a connection is lost for; None when it lives on."""
    code, _, word = key.partition("/")
    reasons = contract.rules(platform).REASONS
    if key in reasons:
        return reasons[key]
    return None if word.isdigit() else reasons.get(code)


@pytest.mark.parametrize("platform", DOCUMENTED)
async def test_every_documented_error_of_a_verification_has_its_reason(house: House, platform: str) -> None:
    """The error meets the first call that carries the owner's token, and the refresh that may follow it."""
    wrong, lost = {}, 0
    for key in corpus(platform):
        id = await house.connect(platform)
        before = await house.sealed(id)
        for path in contract.rules(platform).carriers(expected(platform, key)):
            house.sandbox.fault(platform, f"{platform}:{key}", path=path, times=100)
        house.sandbox.advance("7h")
        await house.tend_one(id)
        house.sandbox.calm()
        await house.calm()
        row, reason = await house.row(id), expected(platform, key)
        shown = row.reason.value if row.reason and row.status is Status.NEEDS_RECONNECT else None
        lost += shown is not None
        if shown != reason or (reason is None and await house.sealed(id) != before):
            wrong[key] = (row.status.value, row.reason, reason)
    assert wrong == {}
    assert lost == sum(expected(platform, key) is not None for key in corpus(platform)) > 0


@pytest.mark.parametrize("platform", contract.all_having("RENEWAL_DUE"))
@pytest.mark.parametrize("rubbish", RUBBISH)
async def test_rubbish_leaves_the_grant_as_it_was(house: House, platform: str, rubbish: str) -> None:
    id = await house.connect(platform)
    grant = await house.grant(id)
    house.sandbox.fault(platform, rubbish, times=1000)
    await house.pass_time(contract.rules(platform).RENEWAL_DUE)
    row = await house.row(id)
    assert row.status in ALIVE
    assert (row.attempts, await house.grant(id)) == (1, grant)
    assert row.due_at is not None
    house.sandbox.calm()
    await house.pass_time("10m")
    row = await house.row(id)
    assert (row.status in ALIVE, row.attempts) == (True, 0)


async def test_back_off_grows_to_an_hour_and_one_event_tells_of_it(house: House) -> None:
    id = await house.connect(ROTATING)
    house.sandbox.fault(ROTATING, "http:503", times=1000)
    house.sandbox.advance("17h")
    waits = []
    for _ in range(7):
        await house.tend()
        row = await house.row(id)
        assert row.due_at is not None
        waits.append((row.due_at - house.core.clock()) // 60_000)
        house.sandbox.advance(f"{max((row.due_at - house.core.clock()) // 1000 + 2, 1)}s")
    assert [wait <= most for wait, most in zip(waits, [0, 2, 12, 37, 75, 75, 75], strict=True)] == [True] * 7
    assert waits[-1] >= 59
    assert len(await house.events(id, "connection.put_off")) == 1


async def test_a_wrong_secret_of_ours_costs_nobody_their_connection(house: House) -> None:
    id = await house.connect(ROTATING)
    house.sandbox.fault(ROTATING, contract.rules(ROTATING).WRONG_SECRET, times=1000)
    await house.pass_time("17h")
    assert (await house.row(id)).status is Status.CONNECTED
    await house.pass_time("7h")
    row = await house.row(id)
    assert (row.status, row.reason) == (Status.EXPIRING, "platform_misconfigured")
    house.sandbox.calm()
    await house.pass_time("2h")
    row = await house.row(id)
    assert (row.status, row.reason) == (Status.CONNECTED, None)


async def test_a_refused_refresh_leaves_what_still_works_in_service(house: House) -> None:
    id = await house.connect(ROTATING)
    house.sandbox.fault(ROTATING, contract.rules(ROTATING).SPENT, path=contract.rules(ROTATING).RENEWED, times=1)
    await house.pass_time("17h")
    row = await house.row(id)
    assert (row.status, row.reason) == (Status.EXPIRING, "token_ends_soon")
    assert await house.read(id)
    await house.pass_time("8h")
    row = await house.row(id)
    assert (row.status, row.reason, row.due_at) == (Status.NEEDS_RECONNECT, "expired", None)


async def test_a_refused_access_token_is_exchanged_while_its_refresh_token_lives(house: House) -> None:
    id = await house.connect(ROTATING)
    house.sandbox.fault(ROTATING, contract.rules(ROTATING).UNREADABLE, path=contract.rules(ROTATING).INSPECTED, times=1)
    await house.pass_time("7h")
    assert (await house.row(id)).status is Status.CONNECTED
    assert house.calls(ROTATING, contract.rules(ROTATING).RENEWED) == 1


@pytest.mark.parametrize(
    ("platform", "error", "reason"),
    [(name, *cure) for name in contract.all_having("CURABLE") for cure in contract.rules(name).CURABLE.items()],
)
async def test_what_can_be_cured_without_a_sign_in_is_asked_after(
    house: House, platform: str, error: str, reason: str
) -> None:
    id = await house.connect(platform)
    house.sandbox.fault(platform, f"{platform}:{error}", path=contract.rules(platform).carriers(None)[0], times=1)
    await house.pass_time("1d")
    row = await house.row(id)
    assert (row.status, row.reason) == (Status.NEEDS_RECONNECT, reason)
    await house.pass_time("25h")
    assert (await house.row(id)).status is Status.CONNECTED


async def test_one_broken_row_holds_up_nobody(house: House) -> None:
    broken, sound = await house.connect(LASTING), await house.connect(LASTING)
    async with house.core.store.writing() as tx:
        await tx.run(sql.grant_put, connection_id=broken, slot="live", sealed=b"dust", at=1, replaces=0)
    await house.pass_time("1d")
    assert (await house.row(sound)).verified_at > (await house.row(broken)).verified_at
    row = await house.row(broken)
    assert row.due_at is not None
    assert row.due_at > house.core.clock()


async def test_a_refused_newcomer_leaves_the_restored_grant_to_be_asked_after(house: House) -> None:
    """It waited beside a grant that a backup brought back, which may be as good as ever."""
    person = house.sandbox.newcomer()
    id = await house.connect(LASTING, person=person, brand=4711)
    await restored(house.core, lambda done, total: None)
    newcomer = house.bring(LASTING, person=person, brand=4711)
    house.sandbox.fault(LASTING, "reset", times=100)
    await connect.register(house.core, house.caller, newcomer)
    assert (await house.row(id)).status is Status.UNVERIFIED
    house.sandbox.calm()
    house.sandbox.fault(LASTING, contract.rules(LASTING).UNREADABLE, path=contract.rules(LASTING).INSPECTED, times=1)
    await house.pass_time("2m")
    assert [event["type"] for event in await house.events(id, "connection.token_refused")]
    assert (await house.row(id)).status is Status.CONNECTED


async def test_a_verification_that_is_put_off_leaves_the_journal_open(house: House) -> None:
    """A backup's refresh token may be spent: still known when its platform could not be asked at first."""
    id = await house.connect(ROTATING)
    await restored(house.core, lambda done, total: None)
    house.sandbox.fault(ROTATING, "reset", times=100)
    await house.tend_one(id)
    house.sandbox.calm()
    assert (await house.row(id)).attempts == 1
    await house.pass_time("10m")
    assert (await house.row(id)).status is Status.CONNECTED
    house.sandbox.fault(ROTATING, contract.rules(ROTATING).SPENT, path=contract.rules(ROTATING).RENEWED, times=1)
    await house.pass_time("25h")
    row = await house.row(id)
    assert (row.status, row.reason) == (Status.NEEDS_RECONNECT, "outcome_unknown")


@pytest.mark.parametrize("error", [contract.rules(ROTATING).BUSY, "http:503", contract.rules(ROTATING).LIMIT[0]])
async def test_an_answer_that_says_nothing_does_not_mean_that_nothing_was_spent(house: House, error: str) -> None:
    """The refresh took effect and its answer says that the platform is busy: the refresh token is spent."""
    id = await house.connect(ROTATING)
    renewed = contract.rules(ROTATING).RENEWED
    lost = {"platform": ROTATING, "error": error, "path": renewed, "times": 1, "when": "after"}
    house.sandbox.control("faults", lost)
    await house.pass_time("17h")
    await house.pass_time("1h")
    row = await house.row(id)
    assert (row.status in ALIVE, row.reason) == (True, "outcome_unknown")
    await house.pass_time("8h")
    row = await house.row(id)
    assert (row.status, row.reason) == (Status.NEEDS_RECONNECT, "outcome_unknown")
