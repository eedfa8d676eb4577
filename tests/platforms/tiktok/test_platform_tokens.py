"""Inspecting and revoking TikTok's tokens, and listing their advertisers."""

from __future__ import annotations

import json
from typing import Any

import httpx2
import pytest

from symphony_connect import platforms
from symphony_connect.base.config import Env
from symphony_connect.base.model import AdAccount, Grant, Secret
from symphony_connect.platforms import base
from symphony_connect.platforms.http import Upstream
from tests.platforms.scripted import NOW, scripted
from tests.platforms.tiktok.answers import APP, ENV, GRANT, PAIR, body, no, ok

EXCHANGE = "POST /oauth2/access_token/"
LISTED, DETAILS, USER = "GET /oauth2/advertiser/get/", "GET /advertiser/info/", "GET /user/info/"


# Inspection and revocation


async def test_an_inspection_proves_the_app_and_names_the_person() -> None:
    tiktok, script = scripted("tiktok", ENV, {LISTED: body("advertiser_get"), USER: body("user_info")})
    seen = await tiktok.inspect(PAIR)
    assert (seen.identity.id, seen.identity.name) == ("7100000000000000001", body("user_info")["data"]["display_name"])
    assert seen.grant == PAIR
    assert script.asked("/advertiser/get/") == [APP]
    assert {request.headers["access-token"] for request in script.requests} == {"token-1"}
    assert not any("token-1" in str(request.url) for request in script.requests)


async def test_an_identity_may_be_a_number() -> None:
    tiktok, _ = scripted("tiktok", ENV, {LISTED: ok(list=[]), USER: ok(core_user_id=7100000000000000001)})
    identity = (await tiktok.inspect(GRANT)).identity
    assert (identity.id, identity.name) == ("7100000000000000001", "7100000000000000001")


@pytest.mark.parametrize(
    ("listed", "user", "kind"),
    [
        (no(40000, "The app_id is inconsistent with the token's app information."), None, base.Rejected),
        (no(40105), None, base.TokenRefused),
        (ok(list=[]), no(40001), base.PermissionRefused),
        (ok(list=[]), ok(display_name="Nobody"), base.Unavailable),
    ],
)
async def test_a_token_that_is_not_served(listed: Any, user: Any, kind: type[Exception]) -> None:
    tiktok, script = scripted("tiktok", ENV, {LISTED: listed, USER: user})
    with pytest.raises(base.PlatformError) as caught:
        await tiktok.inspect(GRANT)
    assert type(caught.value) is kind
    assert len(script.requests) == (1 if user is None else 2)


@pytest.mark.parametrize("code", [40101, 40113])
async def test_whose_fault_a_refused_app_is(code: int) -> None:
    """Our app is asked after on its own: when that is well, the token belongs to another."""
    tiktok, _ = scripted("tiktok", ENV, {LISTED: no(code), EXCHANGE: no(40110)})
    with pytest.raises(base.Rejected) as caught:
        await tiktok.inspect(GRANT)
    assert caught.value.problem == "token_of_other_app"
    for answer, kind in ((no(40113), base.Misconfigured), (no(50000), base.Unavailable)):
        tiktok, _ = scripted("tiktok", ENV, {LISTED: no(code), EXCHANGE: answer})
        with pytest.raises(kind):
            await tiktok.inspect(GRANT)


@pytest.mark.parametrize("token", ["", "two words", "line\r\nX-Evil: 1", "tökén", "nul\0"])
async def test_what_no_header_can_carry_is_no_token(token: str) -> None:
    tiktok, script = scripted("tiktok", ENV, {})
    with pytest.raises(base.Rejected) as caught:
        await tiktok.inspect(Grant(Secret(token)))
    assert caught.value.problem == "token_refused"
    assert script.requests == []


@pytest.mark.parametrize(
    ("granted", "missing"),
    [(None, ()), (("1", "2"), ("4",)), (("1", "200"), ("2", "4")), (("2", "4"), ()), ((), ("2", "200", "4"))],
)
async def test_missing_permissions(granted: tuple[str, ...] | None, missing: tuple[str, ...]) -> None:
    """2 holds 200; what was never told is not missing."""
    replies = {LISTED: ok(list=[]), USER: body("user_info")}
    tiktok, _ = scripted("tiktok", ENV | {"SYMPHONY_TIKTOK_SCOPES": "2,200,4"}, replies)
    assert (await tiktok.inspect(Grant(Secret("token-1"), scopes=granted))).missing_scopes == missing


async def test_revoking_names_the_token_and_is_content_when_it_is_gone() -> None:
    for answer in (body("revoke_token"), no(40105)):
        tiktok, script = scripted("tiktok", ENV, {"POST /oauth2/revoke_token/": answer})
        await tiktok.revoke(GRANT)
        assert script.asked("/revoke_token/") == [APP | {"access_token": "token-1"}]
    tiktok, _ = scripted("tiktok", ENV, {"POST /oauth2/revoke_token/": no(40001)})
    with pytest.raises(base.PermissionRefused):
        await tiktok.revoke(GRANT)


async def test_the_app_is_known_when_tiktok_objects_to_the_code_alone() -> None:
    tiktok, _ = scripted("tiktok", ENV, {EXCHANGE: no(40110)})
    await tiktok.check_app()
    for answer, kind in (
        (no(40101), base.Misconfigured),
        (no(40113), base.Misconfigured),
        (no(50000), base.Unavailable),
    ):
        tiktok, _ = scripted("tiktok", ENV, {EXCHANGE: answer})
        with pytest.raises(kind):
            await tiktok.check_app()


# Advertisers


async def test_advertisers_with_their_details() -> None:
    rows = [{"advertiser_id": 7300000000000000002, "status": "STATUS_PENDING_CONFIRM", "timezone": "Etc/GMT+5"}]
    details = ok(list=body("advertiser_info")["data"]["list"] + rows)
    listed = body("advertiser_get")["data"]["list"]
    names = [
        {"advertiser_id": 7300000000000000002, "advertiser_name": "Two"},
        {"advertiser_id": "9"},
        {},
        None,
        listed[0],
    ]
    tiktok, script = scripted("tiktok", ENV, {LISTED: ok(list=[listed[0], *names]), DETAILS: details})
    detail = body("advertiser_info")["data"]["list"][0]
    assert await tiktok.ad_accounts(GRANT) == [
        AdAccount(listed[0]["advertiser_id"], detail["name"], "active", "EUR", "Europe/Berlin", detail["company"]),
        AdAccount("7300000000000000002", "Two", "pending_confirm", timezone="Etc/GMT+5"),
        AdAccount("9", "9", "unknown"),
    ]
    asked = script.asked("/advertiser/info/")[0]
    assert json.loads(asked["advertiser_ids"]) == [listed[0]["advertiser_id"], "7300000000000000002", "9"]
    assert "name" in json.loads(asked["fields"])


async def test_a_disabled_advertiser() -> None:
    details = ok(list=[{"advertiser_id": "9", "status": "STATUS_DISABLE"}])
    tiktok, _ = scripted("tiktok", ENV, {LISTED: ok(list=[{"advertiser_id": "9"}]), DETAILS: details})
    assert [found.status for found in await tiktok.ad_accounts(GRANT)] == ["disabled"]


async def test_details_come_a_hundred_at_a_time() -> None:
    rows = [{"advertiser_id": str(number), "advertiser_name": "A"} for number in range(250)]
    tiktok, script = scripted("tiktok", ENV, {LISTED: ok(list=rows), DETAILS: ok(list=[])})
    assert len(await tiktok.ad_accounts(GRANT)) == 250
    assert [len(json.loads(asked["advertiser_ids"])) for asked in script.asked("/advertiser/info/")] == [100, 100, 50]


async def test_a_grant_of_no_advertiser_at_all() -> None:
    tiktok, script = scripted("tiktok", ENV, {LISTED: ok(list=[])})
    assert await tiktok.ad_accounts(GRANT) == []
    assert len(script.requests) == 1


async def test_details_that_may_not_be_read_leave_id_and_name() -> None:
    replies = {LISTED: ok(list=[{"advertiser_id": "9", "advertiser_name": "Nine"}]), DETAILS: no(40001)}
    tiktok, _ = scripted("tiktok", ENV, replies)
    assert await tiktok.ad_accounts(GRANT) == [AdAccount("9", "Nine", "unknown")]


@pytest.mark.parametrize("answer", [ok(), {"code": 0}, ok(list={}), {"code": 0, "data": []}])
async def test_an_answer_without_a_list_is_not_an_empty_one(answer: Any) -> None:
    tiktok, _ = scripted("tiktok", ENV, {LISTED: answer})
    with pytest.raises(base.Unavailable):
        await tiktok.ad_accounts(GRANT)


async def test_a_page_is_given_advertisers_and_never_the_refresh_token() -> None:
    tiktok, _ = scripted("tiktok", ENV, {LISTED: ok(list=[]), USER: body("user_info")})
    accounts = [AdAccount("9", "Nine", "active")]
    short, long = await tiktok.inspect(PAIR), await tiktok.inspect(GRANT)
    assert tiktok.login_result(short, accounts, NOW) == {
        "accessToken": "token-1",
        "advertiserIds": ["9"],
        "expiresIn": 3600,
    }
    assert tiktok.login_result(long, [], NOW) == {"accessToken": "token-1", "advertiserIds": [], "expiresIn": None}


@pytest.mark.parametrize("code", [40001, 40002, 40300])
async def test_one_refused_advertiser_costs_no_other_its_details(code: int) -> None:
    """`/advertiser/info/` is all or nothing: the batch is split until only the refused one is left out."""
    ids = [str(number) for number in range(7000, 7010)]

    def info(request: httpx2.Request) -> httpx2.Response:
        asked = json.loads(request.url.params["advertiser_ids"])
        if "7003" in asked:
            return httpx2.Response(200, json={"code": code, "message": "no", "data": {}})
        rows = [{"advertiser_id": id, "name": f"Name {id}", "currency": "EUR"} for id in asked]
        return httpx2.Response(200, json={"code": 0, "message": "OK", "data": {"list": rows}})

    def answer(request: httpx2.Request) -> httpx2.Response:
        if request.url.path.endswith("/advertiser/info/"):
            return info(request)
        rows = [{"advertiser_id": id, "advertiser_name": "plain"} for id in ids]
        return httpx2.Response(200, json={"code": 0, "message": "OK", "data": {"list": rows}})

    client = httpx2.AsyncClient(transport=httpx2.MockTransport(answer))
    made = platforms.module("tiktok", "platform").create(
        Env(ENV).under("TIKTOK"), Upstream(client, attempts=1), lambda: NOW, False
    )
    found = {account.id: account for account in await made.ad_accounts(Grant(Secret("token-1")))}
    assert sorted(found) == ids
    assert [id for id, account in found.items() if account.currency is None] == ["7003"]
