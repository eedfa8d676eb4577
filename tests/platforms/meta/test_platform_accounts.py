"""Walking the ad accounts that a Meta token reaches."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any, cast

import httpx2
import pytest

from symphony_connect.base.model import AdAccount, Grant, Secret
from symphony_connect.platforms import base
from symphony_connect.platforms.meta import accounts
from symphony_connect.platforms.meta.graph import MAX_PAGES, Graph
from tests.platforms.scripted import scripted

APP = "100000000000001"
ENV = {
    "SYMPHONY_META_APP_ID": APP,
    "SYMPHONY_META_APP_SECRET": "sandbox-meta-secret",
    "SYMPHONY_META_SCOPES": "ads_read,ads_management,business_management",
}
GRANT = Grant(Secret("EAAmine"))


def error(code: int, message: str = "no", status: int = 400) -> httpx2.Response:
    return httpx2.Response(status, json={"error": {"code": code, "message": message}})


def account(number: int, **more: Any) -> dict[str, Any]:
    return {"id": f"act_{number}", "account_id": str(number), "name": f"Account {number}", "account_status": 1} | more


def page(*rows: Any, after: str = "", follow: str = "") -> dict[str, Any]:
    return {"data": list(rows), "paging": {"cursors": {"after": after}} | ({"next": follow} if follow else {})}


async def test_all_pages_and_the_businesses_accounts_each_once() -> None:
    owner = {"id": "5", "name": "Owner Ltd"}
    meta, script = scripted(
        "meta",
        ENV,
        {
            "GET /me/adaccounts": [
                page(account(1, currency="EUR", timezone_name="Europe/Berlin"), after="A", follow="http://evil.test/"),
                page(account(2, account_status=2), after="B"),
            ],
            "GET /me/businesses": page({"id": "900", "name": "Sample Inc"}, {"id": "../me", "name": "No id"}),
            "GET /900/owned_ad_accounts": [
                page(account(2), after="C", follow="x"),
                page(account(3, account_status=101)),
            ],
            "GET /900/client_ad_accounts": page(account(4, account_status=55, business=owner)),
        },
    )
    grant = Grant(Secret("EAAmine"), scopes=("ads_read", "business_management"))
    assert await meta.ad_accounts(grant) == [
        AdAccount("act_1", "Account 1", "active", "EUR", "Europe/Berlin"),
        AdAccount("act_2", "Account 2", "disabled"),
        AdAccount("act_3", "Account 3", "closed", business="Sample Inc"),
        AdAccount("act_4", "Account 4", "unknown", business="Owner Ltd"),
    ]
    assert {request.url.host for request in script.requests} == {"graph.facebook.com"}
    first, second = script.asked("/me/adaccounts")
    assert "after" not in first
    assert second["after"] == "A"
    assert "business{id,name}" in first["fields"]
    assert all("appsecret_proof" in dict(request.url.params) for request in script.requests)


@pytest.mark.parametrize("code", [3, 10, 200])
async def test_businesses_that_may_not_be_seen_are_skipped(code: int) -> None:
    replies = {"GET /me/adaccounts": page(account(1)), "GET /me/businesses": error(code, status=403)}
    meta, _ = scripted("meta", ENV, replies)
    assert [found.id for found in await meta.ad_accounts(GRANT)] == ["act_1"]


async def test_without_the_permission_the_businesses_are_not_asked() -> None:
    meta, script = scripted("meta", ENV, {"GET /me/adaccounts": page(account(1))})
    await meta.ad_accounts(Grant(Secret("EAAmine"), scopes=("ads_read",)))
    assert [request.url.path for request in script.requests] == ["/v26.0/me/adaccounts"]
    assert "business" not in script.asked("/me/adaccounts")[0]["fields"]


async def test_a_refused_list_of_ones_own_is_an_error() -> None:
    meta, _ = scripted("meta", ENV, {"GET /me/adaccounts": error(200, status=403)})
    with pytest.raises(base.PermissionRefused):
        await meta.ad_accounts(GRANT)


@pytest.mark.parametrize("answer", [{}, b"[]", {"data": {}}, {"data": None}])
async def test_a_list_without_data_is_not_an_empty_one(answer: Any) -> None:
    meta, _ = scripted("meta", ENV, {"GET /me/adaccounts": answer})
    with pytest.raises(base.Unavailable):
        await meta.ad_accounts(Grant(Secret("t"), scopes=()))


async def test_rows_that_make_no_sense_are_left_out() -> None:
    rows = [None, "act_9", {}, {"account_id": 7}, {"id": "act_8", "name": None, "account_status": "2"}]
    meta, _ = scripted("meta", ENV, {"GET /me/adaccounts": page(*rows)})
    found = await meta.ad_accounts(Grant(Secret("t"), scopes=()))
    assert found == [AdAccount("act_7", "act_7", "unknown"), AdAccount("act_8", "act_8", "disabled")]


async def test_a_cursor_that_stands_still_ends_the_walk() -> None:
    meta, script = scripted("meta", ENV, {"GET /me/adaccounts": page(account(1), after="A", follow="x")})
    await meta.ad_accounts(Grant(Secret("t"), scopes=()))
    assert len(script.requests) == 2


async def test_a_walk_without_end_is_given_up() -> None:
    pages = [page(account(number), after=str(number), follow="x") for number in range(MAX_PAGES + 1)]
    meta, script = scripted("meta", ENV, {"GET /me/adaccounts": pages})
    with pytest.raises(base.Unavailable):
        await meta.ad_accounts(Grant(Secret("t"), scopes=()))
    assert len(script.requests) == MAX_PAGES


TOO_MUCH = error(1, "Please reduce the amount of data you're asking for, then retry your request", status=500)


async def test_a_page_that_is_too_large_is_asked_for_in_smaller_ones() -> None:
    meta, script = scripted("meta", ENV, {"GET /me/adaccounts": [TOO_MUCH, TOO_MUCH, page(account(1))]})
    grant = Grant(Secret("EAAmine"), scopes=())
    assert [found.id for found in await meta.ad_accounts(grant)] == ["act_1"]
    assert [asked["limit"] for asked in script.asked("/me/adaccounts")] == ["100", "50", "25"]


async def test_a_page_that_is_too_large_at_any_size_is_not_an_empty_list() -> None:
    meta, _ = scripted("meta", ENV, {"GET /me/adaccounts": TOO_MUCH})
    with pytest.raises(base.Unavailable):
        await meta.ad_accounts(Grant(Secret("t"), scopes=()))


@pytest.mark.parametrize("edge", ["me/adaccounts", "900/owned_ad_accounts", "me/businesses"])
async def test_one_edge_that_fails_leaves_what_the_others_gave(edge: str) -> None:
    replies = {
        "GET /me/adaccounts": page(account(1)),
        "GET /me/businesses": page({"id": "900", "name": "Sample Inc"}),
        "GET /900/owned_ad_accounts": page(account(2)),
        "GET /900/client_ad_accounts": page(account(3)),
    }
    expected = {"me/adaccounts": ["act_2", "act_3"], "900/owned_ad_accounts": ["act_1", "act_3"]}
    meta, _ = scripted("meta", ENV, {**replies, f"GET /{edge}": error(2, status=503)})
    with pytest.raises(base.PartlyListed) as caught:
        await meta.ad_accounts(GRANT)
    assert [found.id for found in caught.value.accounts] == expected.get(edge, ["act_1"])


class Slow:
    """A Graph that answers for so many Businesses and then for none; each has one account."""

    def __init__(self, businesses: int, answers: int) -> None:
        self.businesses, self.answers, self.read = businesses, answers, list[str]()

    async def pages(self, path: str, _token: Secret, _columns: str) -> AsyncIterator[dict[str, Any]]:
        if path == "me/businesses":
            for number in range(self.businesses):
                yield {"id": str(number), "name": f"Business {number}"}
        elif path.endswith("/owned_ad_accounts"):
            if len(self.read) >= self.answers:
                await asyncio.Event().wait()
            self.read.append(path.partition("/")[0])
            yield account(int(path.partition("/")[0]))


async def test_businesses_that_there_was_no_time_for_come_first_the_next_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(accounts, "BUDGET", 0.3)
    grant, read = GRANT, []
    for _ in range(3):
        graph = Slow(12, 5)
        with pytest.raises(base.PartlyListed) as caught:
            await accounts.walk(cast("Graph", graph), grant)
        assert len(caught.value.accounts) == 5
        read += graph.read
        grant = replace(grant, extra={base.LISTED_TO: caught.value.place})
    assert read[:12] == [str(number) for number in range(12)]
    assert read[12:] == ["0", "1", "2"]
