"""Tokens that somebody has already are moved in from a file, for every platform and on both databases."""

from __future__ import annotations

import asyncio
import csv
from collections.abc import AsyncIterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from symphony_connect import platforms
from symphony_connect.base.model import Status
from symphony_connect.connections.connection import find_or_none
from symphony_connect.operate.adopt import Adoption, Outcome
from symphony_connect.operate.adoption_file import File, check
from tests.platforms import contract
from tests.renewal.house import WORKSPACE, House, environment, opened
from tests.tools.rows import rows
from tests.tools.sandbox import Sandbox

pytestmark = pytest.mark.anyio
TOKENS = ("accessToken", "refreshToken")
RENEWABLE = contract.all_having("SPENT")
ANY = platforms.names()[0]


@pytest.fixture
async def house(sandbox: Sandbox, database_url: str, tmp_path: Path) -> AsyncIterator[House]:
    async with opened(environment(sandbox, tmp_path, database_url), sandbox) as house:
        yield house


class Mover:
    """Somebody with a file."""

    def __init__(self, house: House, folder: Path) -> None:
        self.house = house
        self.path = folder / "tokens.csv"
        self.lines: list[Mapping[str, Any]] = []
        self.waits = 0

    def token(self, platform: str, person: str = "", **wishes: Any) -> dict[str, Any]:
        sandbox, usual = self.house.sandbox, contract.rules(platform).WISHES
        who = person or sandbox.newcomer()
        issued = sandbox.control("tokens", {"platform": platform, "person": who, **usual, **wishes})
        return {name: issued[name] for name in TOKENS if issued.get(name)}

    def row(self, brand: int, platform: str, **fields: Any) -> None:
        self.lines.append({"brandId": brand, "platform": platform, **fields})

    def adoption(self, *, dry: bool = False) -> Adoption:
        names = list(dict.fromkeys(name for line in self.lines for name in line))
        with self.path.open("w", newline="") as stream:
            writer = csv.DictWriter(stream, names)
            writer.writeheader()
            writer.writerows(self.lines)
        file = File(self.path, tuple(platforms.names()))
        return Adoption(self.house.core, WORKSPACE, file, check(file), self.wait, dry)

    async def wait(self, milliseconds: int) -> None:
        self.waits += 1
        self.house.sandbox.advance(f"{milliseconds // 1000 + 1}s")

    async def go(self, *, dry: bool = False) -> list[Outcome]:
        found: list[Outcome] = []
        await self.adoption(dry=dry).run(found.append, lambda done, total: None)
        told = repr(found)
        assert not [line[name] for line in self.lines for name in TOKENS if line.get(name) and line[name] in told]
        return found

    async def results(self, *, dry: bool = False) -> list[str]:
        return [each.result for each in await self.go(dry=dry)]

    def calls(self) -> int:
        return len(self.house.sandbox.calls())


@pytest.fixture
def mover(house: House, tmp_path: Path) -> Mover:
    return Mover(house, tmp_path)


async def test_first_a_look_then_the_run_then_nothing_more(mover: Mover, database_url: str) -> None:
    for brand, platform in enumerate(platforms.names(), 1):
        mover.row(brand, platform, name="Lark", **mover.token(platform))
    before = await asyncio.to_thread(rows, database_url)
    looked = await mover.go(dry=True)
    assert {each.result for each in looked} <= {"good", "renewable"}
    assert all(each.identity and each.ad_accounts == 2 for each in looked)
    assert await asyncio.to_thread(rows, database_url) == before
    for platform in RENEWABLE:
        assert mover.house.calls(platform, contract.rules(platform).RENEWED) == 0

    adopted = await mover.go()
    assert [(each.result, each.ad_accounts) for each in adopted] == [("adopted", 2)] * len(adopted)
    assert [each.identity for each in adopted] == [each.identity for each in looked]
    stored, calls = await asyncio.to_thread(rows, database_url), mover.calls()
    assert await mover.results() == await mover.results(dry=True) == ["connected"] * len(adopted)
    assert mover.calls() == calls
    assert await asyncio.to_thread(rows, database_url) == stored


@pytest.mark.parametrize("platform", RENEWABLE)
async def test_a_refresh_token_is_spent_only_in_the_run(mover: Mover, platform: str) -> None:
    mover.row(7, platform, **mover.token(platform, expiresIn=-60))
    [looked] = await mover.go(dry=True)
    assert looked.result == "renewable"
    assert "when it is adopted" in looked.message
    renewed = contract.rules(platform).RENEWED
    before = mover.house.calls(platform, renewed)
    # Where nothing else says whose app a token is of, its refresh token does, and is not spent by that.
    assert before == 0 or not contract.facts(platform).refresh_tokens_work_once
    assert before == 0 or not contract.facts(platform).tells_whose_app
    assert await mover.results() == ["adopted"]
    after = mover.house.calls(platform, renewed)
    assert after > before
    assert await mover.results() == ["connected"]
    assert mover.house.calls(platform, renewed) == after


async def test_a_row_that_is_refused_says_why_and_stores_nothing(mover: Mover, database_url: str) -> None:
    codes = []
    for platform in platforms.names():
        for mint, code in contract.rules(platform).REFUSED.values():
            token = mint(mover.house.sandbox, mover.house.sandbox.newcomer())
            mover.row(len(codes) + 1, platform, accessToken=token)
            codes.append(code)
    before = await asyncio.to_thread(rows, database_url)
    for dry in (True, False):
        # Many people refused at once may mean our app: that is told apart, row by row.
        found = await mover.go(dry=dry)
        assert [each.code for each in found] == codes
        assert {each.result for each in found} == {"refused"}
        assert all(each.message for each in found)
    assert await asyncio.to_thread(rows, database_url) == before


async def test_a_brand_that_is_connected_is_left_alone(mover: Mover) -> None:
    for brand, platform in enumerate(platforms.names(), 1):
        person = mover.house.sandbox.newcomer()
        id = await mover.house.connect(platform, person=person, brand=brand)
        sealed = await mover.house.sealed(id)
        for who, result in ((person, "connected"), ("", "refused")):
            mover.lines = []
            mover.row(brand, platform, **mover.token(platform, who))
            for dry in (True, False):
                [found] = await mover.go(dry=dry)
                assert found.result == result
                assert found.code == ("identity_mismatch" if result == "refused" else None)
        assert await mover.house.sealed(id) == sealed


async def test_a_lost_connection_is_taken_up_again_by_the_same_person(mover: Mover) -> None:
    for brand, platform in enumerate(platforms.names(), 1):
        person = mover.house.sandbox.newcomer()
        id = await mover.house.connect(platform, person=person, brand=brand)
        mover.house.sandbox.person(person, next(iter(contract.rules(platform).DEEDS)), platform=platform)
        await mover.house.tend_one(id)
        assert (await mover.house.row(id)).status is Status.NEEDS_RECONNECT
        for who, result in (("", "refused"), (person, "adopted")):
            mover.lines = []
            mover.row(brand, platform, **mover.token(platform, who))
            [found] = await mover.go()
            assert (found.result, found.code) == (result, None if who else "identity_mismatch")
        assert (await mover.house.row(id)).status in (Status.CONNECTED, Status.EXPIRING)


async def test_only_the_named_ad_accounts_are_used(mover: Mover) -> None:
    for brand, platform in enumerate(platforms.names(), 1):
        person = mover.house.sandbox.newcomer()
        shown = await mover.house.row(await mover.house.connect(platform, person=person, brand=100 + brand))
        assert shown.ad_accounts
        wanted = shown.ad_accounts[1].id.rpartition("_")[2]
        mover.row(brand, platform, **mover.token(platform, person), adAccountIds=f"{wanted} 404404")
    found = await mover.go()
    assert [(each.result, each.ad_accounts) for each in found] == [("adopted", 1)] * len(found)
    assert all("1 of its adAccountIds" in each.message for each in found)


async def test_the_platform_s_pace_is_kept(mover: Mover) -> None:
    """More rows than may follow one another at once."""
    most = mover.house.core.platform(ANY).burst + 5
    person = mover.house.sandbox.newcomer()
    token = mover.token(ANY, person)
    for brand in range(1, most + 1):
        mover.row(brand, ANY, **(token if brand == 1 else mover.token(ANY, person)))
    began = mover.house.core.clock()
    assert await mover.results(dry=True) == ["good"] * most
    assert mover.waits > 0
    assert mover.house.core.clock() > began


@pytest.mark.parametrize("platform", contract.all_having("LIMIT"))
async def test_a_platform_that_wants_fewer_calls_is_waited_for(mover: Mover, platform: str) -> None:
    mover.row(1, platform, **mover.token(platform))
    mover.house.sandbox.fault(platform, contract.rules(platform).LIMIT[0], times=2)
    [looked] = await mover.go(dry=True)
    assert looked.result == "good"
    assert mover.waits > 0


async def test_a_platform_out_of_reach_keeps_the_row_and_the_worker_goes_on(mover: Mover) -> None:
    mover.row(1, ANY, **mover.token(ANY))
    mover.house.sandbox.fault(ANY, "http:503", times=100)
    [looked] = await mover.go(dry=True)
    assert looked.code == "platform_unavailable"
    assert await find_or_none(mover.house.core, WORKSPACE, 1, ANY) is None
    assert await mover.results() == await mover.results() == ["unverified"] * 1
    mover.house.sandbox.calm()
    await mover.house.pass_time("1h")
    kept = await find_or_none(mover.house.core, WORKSPACE, 1, ANY)
    assert kept is not None
    assert kept.status in (Status.CONNECTED, Status.EXPIRING)
    assert await mover.results() == ["connected"]


async def test_an_app_that_is_refused_is_asked_about_once(mover: Mover) -> None:
    for brand in range(1, 30):
        mover.row(brand, ANY, **(mover.token(ANY)))
    mover.house.sandbox.fault(ANY, contract.rules(ANY).APP_WORDINGS[0], times=1000)
    found = await mover.go()
    assert {each.code for each in found} == {"platform_misconfigured"}
    asked = mover.house.calls(ANY, contract.rules(ANY).INSPECTED)
    assert asked <= 8


@pytest.mark.parametrize("platform", RENEWABLE)
async def test_what_is_stopped_in_the_middle_goes_on(mover: Mover, platform: str) -> None:
    """Rows under way are finished: their refresh tokens may be spent."""
    for brand in range(1, 13):
        mover.row(brand, platform, **mover.token(platform, expiresIn=-60))
    renewed = contract.rules(platform).RENEWED
    reported: list[Outcome] = []
    task = asyncio.create_task(mover.adoption().run(reported.append, lambda done, total: None))
    while mover.house.calls(platform, renewed) == 0:  # noqa: ASYNC110
        await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert [each.result for each in reported] == ["adopted"] * 8
    assert await mover.results() == ["connected"] * 8 + ["adopted"] * 4
    assert mover.house.calls(platform, renewed) == 12
