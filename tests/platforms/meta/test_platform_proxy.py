"""The Graph API through the proxy: what a key bounded to one ad account reaches, and what one that only reads does."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

import httpx2
import pytest

from symphony_connect.access.bounds import Bounds
from tests.proxy.place import Place, opened

pytestmark = pytest.mark.anyio
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


IN_BOUNDS: list[tuple[str, str, dict[str, str]]] = [
    ("GET", f"{V}/MINE", {}),
    ("GET", f"{V}/MINE/campaigns?fields=name,adsets{{name,ads{{name}}}}", {}),
    ("GET", f"{V}/MINE/campaigns?fields=%5B%22name%22%5D&limit=1", {}),
    ("GET", f"{V}/CAMPAIGN?fields=name,account_id", {}),
    ("GET", f"{V}/CAMPAIGN/insights", {}),
    ("GET", f"{V}/?ids=MINE,CAMPAIGN&fields=name", {}),
    ("GET", f"{V}/campaigns?ids=MINE", {}),
    ("POST", f"{V}/MINE/campaigns", CAMPAIGN),
    ("POST", f"{V}/CAMPAIGN", {"name": "Summer"}),
    ("POST", f"{V}/MINE/adsets", {"name": "x", "campaign_id": "CAMPAIGN"}),
    ("POST", f"{V}/MINE/insights", {"level": "campaign"}),
    ("POST", f"{V}/", {"batch": batch(("GET", "MINE/campaigns"), ("POST", f"{V}/CAMPAIGN?name=Again"))}),
    (
        "POST",
        f"{V}/",
        {
            "batch": batch(
                {"method": "GET", "relative_url": "MINE/campaigns?limit=1", "name": "c"},
                {"method": "GET", "relative_url": "?ids={result=c:$.data.*.id}&fields=name"},
                {"method": "GET", "relative_url": "{result=c:$.data[0].id}/adsets"},
            )
        },
    ),
]
OUT_OF_BOUNDS: list[tuple[str, str, dict[str, str]]] = [
    ("GET", f"{V}/OTHER", {}),
    ("GET", f"{V}/OTHER/campaigns", {}),
    ("POST", f"{V}/OTHER/campaigns", CAMPAIGN),
    ("DELETE", f"{V}/OTHER/adimages?hash=x", {}),
    ("GET", f"{V}/me", {}),
    ("GET", f"{V}/me/adaccounts", {}),
    ("GET", f"{V}/search?type=adaccount", {}),
    ("GET", f"{V}/?ids=MINE,OTHER", {}),
    ("GET", f"{V}/?ids=%5B%22MINE%22%2C%22OTHER%22%5D", {}),
    ("GET", f"{V}/campaigns?ids=OTHER", {}),
    ("GET", f"{V}/?id=OTHER", {}),
    ("GET", f"{V}/MINE/campaigns?ids=OTHER", {}),
    ("GET", f"{V}/MINE?fields=business{{owned_ad_accounts{{id}}}}", {}),
    ("GET", f"{V}/MINE?fields=business.fields(owned_ad_accounts)", {}),
    ("GET", f"{V}/MINE?fields=campaigns{{account{{business{{id}}}}}}", {}),
    ("GET", f"{V}/MINE?fields=%5B%22business%7Bowned_ad_accounts%7D%22%5D", {}),
    ("GET", f"{V}/MINE?fields=owner%20%7Bid%7D", {}),
    ("GET", f"{V}/MINE?fields=name.as(id)", {}),
    ("GET", f"{V}/MINE/agencies", {}),
    ("GET", f"{V}/MINE/campaigns/CAMPAIGN", {}),
    ("GET", f"{V}/MINE?ids%5B%5D=OTHER", {}),
    ("GET", f"{V}/MINE?batch%5B0%5D%5Brelative_url%5D=OTHER", {}),
    ("POST", f"{V}/MINE/adimages", {"copy_from": '{"source_account_id":"OTHER","hash":"x"}'}),
    ("POST", f"{V}/CAMPAIGN/copies", {"account_id": "OTHER"}),
    ("POST", f"{V}/MINE/async_batch_requests", {"adbatch": batch(("GET", "OTHER"))}),
    ("POST", f"{V}/MINE/campaigns", {"adbatch": batch(("GET", "OTHER"))}),
    ("POST", f"{V}/", {"batch": batch(("GET", "MINE"), ("GET", "OTHER/campaigns"))}),
    ("POST", f"{V}/", {"batch": batch(("GET", "MINE"), ("GET", "me/adaccounts"))}),
    ("POST", f"{V}/MINE", {"batch": batch(("GET", "OTHER"))}),
    ("POST", f"{V}/", {"batch": batch(("POST", f"?batch={quote(batch(('GET', 'OTHER')))}"))}),
    ("POST", f"{V}/", {"batch": batch(("GET", "https://graph.facebook.com/OTHER"))}),
    ("POST", f"{V}/", {"batch": batch(("GET", "MINE/../OTHER"))}),
    ("POST", f"{V}/", {"batch": batch(("GET", "MINE%2F..%2FOTHER"))}),
    (
        "POST",
        f"{V}/",
        {
            "batch": batch(
                {"method": "GET", "relative_url": "MINE/campaigns?fields=name", "name": "c"},
                {"method": "GET", "relative_url": "{result=c:$.data[0].name}/campaigns"},
            )
        },
    ),
]
BY_ID: list[tuple[str, str, dict[str, str]]] = [
    ("GET", f"{V}/OTHERS", {}),
    ("POST", f"{V}/OTHERS", {"name": "mine now"}),
    ("DELETE", f"{V}/OTHERS", {}),
    ("GET", f"{V}/OTHERS/insights", {}),
    ("GET", f"{V}/?ids=CAMPAIGN,OTHERS", {}),
    ("POST", f"{V}/MINE/adsets", {"name": "x", "campaign_id": "OTHERS"}),
    ("POST", f"{V}/", {"batch": batch(("GET", "MINE"), ("DELETE", "OTHERS"))}),
    ("GET", f"{V}/120000000000000000", {}),
]
"""Objects of the other account, and one that is nobody's: only the platform knows whose they are."""


@pytest.mark.parametrize(("method", "path", "params"), IN_BOUNDS)
async def test_a_bounded_key_works_in_its_ad_account(
    house: House, method: str, path: str, params: dict[str, str]
) -> None:
    more = {"data": {name: house.filled(value) for name, value in params.items()}} if params else {}
    answer = await house.call(house.bounded, method, house.filled(path), **more)
    assert answer.status_code == 200, answer.text
    if "batch" in params:
        assert all(part is None or part["code"] == 200 for part in answer.json()), answer.text


@pytest.mark.parametrize(("method", "path", "params"), OUT_OF_BOUNDS)
async def test_out_of_bounds_nothing_is_sent(house: House, method: str, path: str, params: dict[str, str]) -> None:
    place = house.place
    more = {"data": {name: house.filled(value) for name, value in params.items()}} if params else {}
    calls = len(place.world.ledger)
    place.sent()
    answer = await house.call(house.bounded, method, house.filled(path), **more)
    assert answer.status_code in (403, 404), answer.text
    assert answer.json()["error"]["code"] in ("not_proxied", "not_found")
    assert house.other not in answer.text
    assert place.sent() == []
    assert len(place.world.ledger) == calls


@pytest.mark.parametrize(("method", "path", "params"), BY_ID)
async def test_an_object_of_another_account_is_not_there(
    house: House, method: str, path: str, params: dict[str, str]
) -> None:
    more = {"data": {name: house.filled(value) for name, value in params.items()}} if params else {}
    house.place.sent()
    answer = await house.call(house.bounded, method, house.filled(path), **more)
    assert (answer.status_code, answer.json()["error"]["code"]) == (404, "not_found"), answer.text
    for sent in house.place.sent():
        assert (sent.method, sent.url.params["fields"]) == ("GET", "account_id"), "only the question whose it is"


async def test_an_object_is_asked_about_once(house: House) -> None:
    key = house.bounded
    made = await house.call(key, "POST", f"{V}/{house.mine}/campaigns", data=CAMPAIGN)
    id = made.json()["id"]
    house.place.sent()
    for _ in range(3):
        assert (await house.call(key, "GET", f"{V}/{id}?fields=name")).status_code == 200
    assert [sent.url.params.get("fields") for sent in house.place.sent()] == ["account_id", "name", "name", "name"]


WRITES: list[tuple[str, str, dict[str, Any]]] = [
    ("POST", f"{V}/MINE/campaigns", {"data": CAMPAIGN}),
    ("POST", f"{V}/CAMPAIGN", {"data": {"name": "x"}}),
    ("DELETE", f"{V}/CAMPAIGN", {}),
    ("PUT", f"{V}/CAMPAIGN", {}),
    ("PATCH", f"{V}/CAMPAIGN", {}),
    ("GET", f"{V}/CAMPAIGN?method=delete", {}),
    ("GET", f"{V}/CAMPAIGN?method=get&method=DELETE", {}),
    ("GET", f"{V}/CAMPAIGN?method=%20delete", {}),
    ("GET", f"{V}/CAMPAIGN?_method=POST", {}),
    ("GET", f"{V}/CAMPAIGN?method%5B%5D=delete", {}),
    ("GET", f"{V}/CAMPAIGN?Method=delete", {}),
    ("GET", f"{V}/CAMPAIGN", {"headers": {"X-HTTP-Method-Override": "DELETE"}}),
    ("GET", f"{V}/CAMPAIGN", {"headers": {"X-Method-Override": "POST"}}),
    ("POST", f"{V}/CAMPAIGN", {"data": {"method": "GET", "name": "x"}}),
    ("POST", f"{V}/CAMPAIGN", {"headers": {"X-HTTP-Method-Override": "GET"}, "data": {"name": "x"}}),
    ("POST", f"{V}/MINE/insights", {"data": {"method": "delete"}}),
    ("POST", f"{V}/MINE/insights", {"json": {"method": "DELETE"}}),
    ("POST", f"{V}/MINE/insights", {"data": {"batch": batch(("DELETE", "CAMPAIGN"))}}),
    ("POST", f"{V}/MINE/insights", {"data": {"batch": batch(("GET", "CAMPAIGN"))}}),
    ("POST", f"{V}/", {"data": {"batch": batch(("GET", "MINE"), ("POST", "CAMPAIGN?name=x"))}}),
    ("POST", f"{V}/", {"data": {"batch": batch(("GET", "CAMPAIGN?method=delete"))}}),
    ("POST", f"{V}/", {"json": {"batch": [{"method": "DELETE", "relative_url": "CAMPAIGN"}]}}),
    ("POST", f"{V}/", {"data": {"batch": batch({"method": "GET", "relative_url": "CAMPAIGN", "body": "method=post"})}}),
    ("POST", f"{V}/MINE/insights", {"headers": {"content-type": "text/plain"}, "content": b"method=delete"}),
    ("POST", f"{V}/MINE/insights/CAMPAIGN", {}),
]


@pytest.mark.parametrize(("method", "path", "more"), WRITES)
async def test_a_key_that_only_reads_writes_nothing(house: House, method: str, path: str, more: dict[str, Any]) -> None:
    more = json.loads(house.filled(json.dumps(more))) if "content" not in more else more
    calls = len(house.place.world.ledger)
    answer = await house.call(house.reading, method, house.filled(path), **more)
    assert (answer.status_code, answer.json()["error"]["code"]) == (403, "not_proxied"), answer.text
    assert len(house.place.world.ledger) == calls


async def test_a_key_that_only_reads_reads(house: House) -> None:
    for method, path, more in (
        ("GET", f"{V}/MINE/campaigns", {}),
        ("GET", f"{V}/CAMPAIGN?method=get", {}),
        ("POST", f"{V}/MINE/insights", {"data": {"level": "campaign"}}),
        ("POST", f"{V}/", {"data": {"batch": batch(("GET", "MINE"), ("POST", "MINE/insights"), ("GET", "CAMPAIGN"))}}),
    ):
        filled = json.loads(house.filled(json.dumps(more)))
        answer = await house.call(house.reading, method, house.filled(path), **filled)
        assert answer.status_code == 200, (path, answer.text)
    run = (await house.call(house.reading, "POST", f"{V}/{house.mine}/insights")).json()["report_run_id"]
    assert (await house.call(house.reading, "GET", f"{V}/{run}/insights")).status_code == 200


async def test_nobody_ends_the_connection_or_asks_about_tokens(house: House) -> None:
    for method, path, more in (
        ("DELETE", f"{V}/me/permissions", {}),
        ("GET", f"{V}/me/permissions?method=delete", {}),
        ("POST", f"{V}/", {"data": {"batch": batch(("DELETE", "me/permissions"))}}),
        ("POST", f"{V}/", {"data": {"batch": batch(("GET", "debug_token?input_token=x"))}}),
        ("POST", f"{V}/", {"data": {"batch": batch(("GET", f"{V}/oauth/revoke"))}}),
        ("POST", f"{V}/", {"data": {"batch": "not json"}}),
        ("GET", f"{V}/?id=debug_token", {}),
        ("GET", "me", {}),
    ):
        house.place.sent()
        answer = await house.call(house.full, method, path, **more)
        assert (answer.status_code, answer.json()["error"]["code"]) == (403, "not_proxied"), (path, answer.text)
        assert house.place.sent() == []
    assert (await house.call(house.full, "GET", f"{V}/me/permissions")).status_code == 200


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


async def test_a_bounded_key_sends_no_body_that_was_not_looked_into(house: House) -> None:
    path = f"{V}/{house.mine}/advideos"
    house.place.sent()
    for kind, body in (("application/octet-stream", b"x"), ("application/json", b'{"a":"%s"}' % (b"x" * 1_100_000))):
        answer = await house.call(house.bounded, "POST", path, headers={"content-type": kind}, content=body)
        assert (answer.status_code, answer.json()["error"]["code"]) == (403, "not_proxied"), answer.text
        assert house.place.sent() == []
    assert (
        await house.call(house.full, "POST", path, headers={"content-type": "a/b"}, content=b"x")
    ).status_code != 403
