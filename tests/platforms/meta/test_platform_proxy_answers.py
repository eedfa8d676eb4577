"""Answers of the Graph API through the proxy: links and tokens in them, and what they teach of limits and tokens."""

from __future__ import annotations

import json
from typing import Any

import httpx2
import pytest

from tests.platforms.meta.proxy_house import CAMPAIGN, META, House, V, batch, house

__all__ = ["house"]
pytestmark = pytest.mark.anyio


async def test_pages_and_their_tokens(house: House) -> None:
    """`paging.next` is followed as it stands, and a Page's token stays here, whatever its field is called."""
    key, at = house.full, house.place
    listed = await house.call(key, "GET", f"{V}/me/accounts?fields=name,access_token,access_token.as(x){{}}")
    listed = await house.call(key, "GET", f"{V}/me/accounts?fields=name,access_token.as(hidden)")
    assert listed.json()["data"][0]["hidden"] == "[redacted]"
    for name in range(2):
        await house.call(key, "POST", f"{V}/{house.mine}/campaigns", data={**CAMPAIGN, "name": str(name)})
    first = await at.send("GET", house.brand, META, f"{V}/{house.mine}/campaigns?limit=1&access_token={key}")
    seen, link = 1, first.json()["paging"]["next"]
    while link:
        assert link.startswith("http://127.0.0.1:8080/api/sym/v2/brands/")
        page = (await at.http.get(link)).json()
        seen += len(page["data"])
        link = page["paging"].get("next")
    assert seen >= 3


def limits(**fields: Any) -> Any:
    theirs = {
        "content-type": "application/json",
        **{name.replace("_", "-"): json.dumps(each) for name, each in fields.items()},
    }
    return lambda _: httpx2.Response(200, headers=theirs, stream=httpx2.ByteStream(b"{}"))


async def test_one_ad_account_that_is_nearly_full_does_not_hold_others_back(house: House) -> None:
    place, key = house.place, house.full
    brand = await place.connected(META, await place.newcomer(adAccounts=3), key)
    first, second, third = await place.accounts(brand, META, key)

    async def get(path: str) -> httpx2.Response:
        return await place.send("GET", brand, META, f"{V}/{path}", key)

    nearly = {"acc_id_util_pct": 96, "reset_time_duration": 100}
    place.outward.script = limits(x_app_usage={"call_count": 10, "total_time": 12}, x_ad_account_usage=nearly)
    try:
        answer = await get(first)
        place.outward.script = limits(x_fb_ads_insights_throttle={"app_id_util_pct": 1, "acc_id_util_pct": 99})
        await get(f"{second}/insights")
        use = {"call_count": 97, "estimated_time_to_regain_access": 3}
        place.outward.script = limits(x_business_use_case_usage={third[4:]: [use]})
        await get("me")
    finally:
        place.outward.script = lambda _: None
    assert (answer.headers["symphony-app-usage"], answer.headers["symphony-account-usage"]) == ("12", "96")
    place.sent()
    for path, wait in ((f"{first}/campaigns", 100), (f"{second}/insights", 60), (third, 180)):
        held = await get(path)
        assert (held.status_code, held.json()["error"]["code"]) == (429, "platform_rate_limited"), held.text
        assert wait - 5 <= int(held.headers["retry-after"]) <= wait
    assert place.sent() == []
    assert (await get(f"{second}/campaigns")).status_code == 200, "only its reports are at their limit"
    assert (await get("me")).status_code == 200


async def test_a_token_error_inside_a_batch_is_learnt_from(house: House) -> None:
    place, key, person = house.place, house.full, await house.place.newcomer()
    brand = await place.connected(META, person, key)
    await place.control(f"people/{person}", {"action": "change-password", "platform": META})
    inner = {"error": {"code": 190, "error_subcode": 460, "message": "x", "type": "OAuthException"}}
    place.outward.script = lambda sent: (
        httpx2.Response(
            200,
            headers={"content-type": "application/json"},
            stream=httpx2.ByteStream(json.dumps([{"code": 400, "body": json.dumps(inner)}]).encode()),
        )
        if sent.method == "POST" and sent.url.path == f"/{V}/"
        else None
    )
    try:
        answer = await place.send("POST", brand, META, f"{V}/", key, data={"batch": batch(("GET", "me"))})
    finally:
        place.outward.script = lambda _: None
    assert answer.status_code == 200
    after = await place.send("GET", brand, META, f"{V}/me", key)
    assert (after.status_code, after.json()["error"]["reason"]) == (409, "password_changed")
