"""What a platform's answer teaches: a token that is no good, a limit that is near."""

from __future__ import annotations

import pytest

from symphony_connect import platforms
from tests.platforms import contract
from tests.proxy.place import API, Place

pytestmark = pytest.mark.anyio
REACHED = [name for name in platforms.names() if contract.facts(name).proxied is not None]


def read(platform: str) -> str:
    return contract.proxied_read(platform)


async def status(place: Place, brand: int, platform: str, key: str) -> tuple[str, str | None]:
    answer = await place.http.get(f"{API}/brands/{brand}/connections/{platform}", headers={"x-api-key": key})
    data = answer.json()["data"]
    return data["status"], data["reason"]


@pytest.mark.parametrize("platform", REACHED)
async def test_a_revoked_token_changes_the_status_at_once(place: Place, platform: str) -> None:
    key, person = await place.key(), await place.newcomer()
    brand = await place.connected(platform, person, key)
    deed, reason = next(iter(contract.rules(platform).DEEDS.items()))
    await place.control(f"people/{person}", {"action": deed, "platform": platform})
    place.sent()
    first = await place.send("GET", brand, platform, read(platform), key)
    direct = await place.sandbox.request(
        "GET", place.outward.requests[0].url, headers=place.outward.requests[0].headers
    )
    assert first.status_code == direct.status_code
    assert set(first.json()) == set(direct.json()), "the platform's own error, unchanged"
    assert await status(place, brand, platform, key) == ("needs_reconnect", reason)
    place.sent()
    second = await place.send("GET", brand, platform, read(platform), key)
    assert (second.status_code, second.json()["error"]["code"]) == (409, "needs_reconnect")
    assert second.json()["error"]["reconnectUrl"]
    assert place.sent() == []


@pytest.mark.parametrize("platform", REACHED)
async def test_a_token_error_that_is_not_so_loses_nothing(place: Place, platform: str) -> None:
    """And is asked about once a minute: the platform must not be called again for each."""
    key = await place.key()
    brand = await place.connected(platform, await place.newcomer(), key)
    unreadable = contract.rules(platform).UNREADABLE
    await place.control("faults", {"platform": platform, "error": unreadable, "times": 1})
    await place.send("GET", brand, platform, read(platform), key)
    assert await status(place, brand, platform, key) == ("connected", None)
    asked = 0
    for _ in range(3):
        await place.control("faults", {"platform": platform, "error": unreadable, "times": 1})
        place.sent()
        await place.send("GET", brand, platform, read(platform), key)
        asked = max(asked, len(place.sent()))
    assert asked == 1
    assert (await place.send("GET", brand, platform, read(platform), key)).status_code == 200


@pytest.mark.parametrize("platform", REACHED)
async def test_a_limit_holds_back_until_it_is_over(one_place: Place, platform: str) -> None:
    place, key = one_place, await one_place.key()
    brand = await place.connected(platform, await place.newcomer(), key)
    error, wait = contract.proxied_limit(platform)
    await place.control("faults", {"platform": platform, "error": error, "times": 1})
    limited = await place.send("GET", brand, platform, read(platform), key)
    assert "platform_rate_limited" not in limited.text, "the platform's own error passes"
    place.sent()
    held = await place.send("GET", brand, platform, read(platform), key)
    assert (held.status_code, held.json()["error"]["code"]) == (429, "platform_rate_limited"), held.text
    seconds = int(held.headers["retry-after"])
    assert 1 <= seconds <= max(wait // 1000, 60)
    assert place.sent() == []
    await place.control("clock", {"advance": f"{seconds + 1}s"})
    again = await place.send("GET", brand, platform, read(platform), key)
    assert again.status_code == 200
    assert again.headers["symphony-app-usage"]
    metrics = (await place.http.get("/metrics", headers={"x-api-key": key})).text
    assert f'symphony_proxy_held_back_total{{of="app",platform="{platform}"}}' in metrics
