"""Existing tokens of a platform that cannot tell whose app a token is: only a refresh token proves it."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from symphony_connect.connections.connection import find_or_none
from symphony_connect.operate.adopt import Adoption, Outcome
from symphony_connect.operate.adoption_file import File, check
from tests.platforms.toy import contract
from tests.renewal.house import WORKSPACE, House, environment, opened
from tests.tools.sandbox import Sandbox

pytestmark = pytest.mark.anyio


@pytest.fixture
async def house(sandbox: Sandbox, tmp_path: Path) -> AsyncIterator[House]:
    url = f"sqlite:///{tmp_path / 'symphony.db'}"
    async with opened(environment(sandbox, tmp_path, url), sandbox) as house:
        yield house


def written(path: Path, brought: list[dict[str, Any]]) -> File:
    path.write_text(json.dumps([{"brandId": 1 + at, "platform": "toy", **each} for at, each in enumerate(brought)]))
    return File(path, ("toy",))


async def adopted(house: House, path: Path, brought: list[dict[str, Any]], *, dry: bool = False) -> list[Outcome]:
    """What becomes of the rows; of each token that a row brings, none is in what is reported."""
    file, found = await asyncio.to_thread(written, path, brought), list[Outcome]()

    async def wait(milliseconds: int) -> None:
        house.sandbox.advance(f"{milliseconds // 1000 + 1}s")

    adoption = Adoption(house.core, WORKSPACE, file, check(file), wait, dry)
    await adoption.run(found.append, lambda done, total: None)
    assert not [each for row in brought for each in row.values() if isinstance(each, str) and each in repr(found)]
    return found


def renewals(house: House) -> int:
    calls = house.sandbox.calls("toy", contract.RENEWED)
    return [call["params"].get("grant_type") for call in calls].count("refresh_token")


async def test_its_refresh_token_proves_the_app_in_the_run_and_not_before(house: House, tmp_path: Path) -> None:
    brought = [contract.token(house.sandbox, house.sandbox.newcomer()) for _ in range(2)]
    brought[1].pop("refreshToken")
    for dry, result in ((True, "renewable"), (False, "adopted")):
        proven, unproven = await adopted(house, tmp_path / "tokens.json", brought, dry=dry)
        assert (proven.result, proven.ad_accounts) == (result, 2)
        assert (unproven.result, unproven.code) == ("refused", "token_of_other_app")
        assert "Let the owner sign in" in unproven.message
        assert renewals(house) == (0 if dry else 1)
    assert await find_or_none(house.core, WORKSPACE, 2, "toy") is None
    calls = len(house.sandbox.calls())
    [again] = await adopted(house, tmp_path / "tokens.json", brought[:1])
    assert (again.result, len(house.sandbox.calls())) == ("connected", calls)


async def test_the_refresh_token_of_another_app_is_refused_and_nothing_is_kept(house: House, tmp_path: Path) -> None:
    brought = contract.token(house.sandbox, house.sandbox.newcomer())
    house.sandbox.fault("toy", contract.SPENT, path=contract.RENEWED, times=10)
    [refused] = await adopted(house, tmp_path / "tokens.json", [brought])
    assert refused.result == "refused"
    assert await find_or_none(house.core, WORKSPACE, 1, "toy") is None
