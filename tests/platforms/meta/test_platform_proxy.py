"""The Graph API through the proxy: what a key bounded to one ad account reaches, and what one that only reads does."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import quote

import pytest

from tests.platforms.meta.proxy_house import CAMPAIGN, House, V, batch, house

__all__ = ["house"]
pytestmark = pytest.mark.anyio


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
    *_, noted = house.place.core.calls.unwritten
    assert set(noted.accounts) <= {house.mine}, "what the audit says of it"
    assert noted.accounts or "result=" in str(params)
    await house.place.core.write_noted()


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
