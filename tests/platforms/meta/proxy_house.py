"""A brand with two ad accounts, for tests of the proxy."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import httpx2
import pytest

from symphony_connect.access.bounds import Bounds
from tests.proxy.place import Place, opened

META = "meta"
V = "v26.0"
CAMPAIGN = {"name": "Spring", "objective": "OUTCOME_SALES", "special_ad_categories": "[]"}


@dataclass
class House:
    """A brand with two ad accounts, of which the keys know the first; each holds a campaign."""

    place: Place
    brand: int
    full: str
    bounded: str
    reading: str
    mine: str
    other: str
    campaign: str = ""
    others: str = ""

    async def call(self, key: str, method: str, path: str, **more: Any) -> httpx2.Response:
        return await self.place.send(method, self.brand, META, path, key, **more)

    def filled(self, text: str) -> str:
        names = {"MINE": self.mine, "OTHERS": self.others, "OTHER": self.other, "CAMPAIGN": self.campaign}
        for name, value in names.items():
            text = text.replace(name, value)
        return text


@pytest.fixture(scope="module")
async def house() -> AsyncIterator[House]:
    async with opened() as place:
        full = await place.key()
        brand = await place.connected(META, await place.newcomer(adAccounts=2), full)
        mine, other = await place.accounts(brand, META, full)
        narrow = Bounds(ad_accounts=frozenset({mine}))
        bounded = await place.key("proxy:use", bounds=narrow)
        reading = await place.key("proxy:use", bounds=Bounds(ad_accounts=frozenset({mine}), read_only=True))
        here = House(place, brand, full, bounded, reading, mine, other)
        for account, name in ((mine, "campaign"), (other, "others")):
            made = await here.call(full, "POST", f"{V}/{account}/campaigns", data={**CAMPAIGN, "name": f"of {name}"})
            setattr(here, name, made.json()["id"])
        yield here


def batch(*calls: tuple[str, str] | dict[str, Any]) -> str:
    made = [call if isinstance(call, dict) else {"method": call[0], "relative_url": call[1]} for call in calls]
    return json.dumps(made)
