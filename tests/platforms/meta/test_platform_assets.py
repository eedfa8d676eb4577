"""Pages and Instagram accounts: seen through a Business, selected or not, and what is known when time runs out."""

from __future__ import annotations

import asyncio
from typing import Any, cast

import httpx2
import pytest

from symphony_connect.base.model import Grant, Secret
from symphony_connect.platforms import base
from symphony_connect.platforms.assets import Asset
from symphony_connect.platforms.meta import assets
from symphony_connect.platforms.meta.graph import Graph
from tests.platforms.scripted import scripted

ENV = {"SYMPHONY_META_APP_ID": "100000000000001", "SYMPHONY_META_APP_SECRET": "sandbox-meta-secret"}
ALL = ("pages_show_list", "instagram_basic", "business_management")


def grant(*scopes: str) -> Grant:
    return Grant(Secret("EAAmine"), scopes=scopes)


def rows(*found: dict[str, Any]) -> dict[str, Any]:
    return {"data": list(found)}


def refused(code: int, status: int = 403) -> httpx2.Response:
    return httpx2.Response(status, json={"error": {"code": code, "message": "no"}})


async def test_a_page_is_usable_where_its_token_comes_with_it() -> None:
    own = {"id": "31", "name": "Ticked", "access_token": "EAApage", "instagram_business_account": {"id": "178"}}
    meta, script = scripted(
        "meta",
        ENV,
        {
            "GET /me/accounts": rows(own, {"name": "no id"}),
            "GET /me/businesses": rows({"id": "900", "name": "Sample Inc"}, {"id": "../me"}),
            "GET /900/owned_pages": rows({**own, "access_token": None}, {"id": "32", "name": "Unticked"}),
            "GET /900/client_pages": refused(200),
        },
    )
    listed = await meta.assets(grant(*ALL), ())
    assert listed.assets == (
        Asset("31", "page", "Ticked", business="Sample Inc"),
        Asset("178", "instagram_account", "178", business="Sample Inc", parent="31"),
        Asset("32", "page", "Unticked", usable=False, reason="not_shared", business="Sample Inc"),
    )
    assert listed.kinds == {"page": "listed", "instagram_account": "listed"}
    assert "EAApage" not in repr(listed)
    assert "instagram_business_account" in script.asked("/me/accounts")[0]["fields"]


async def test_a_permission_that_is_missing_is_said_and_not_asked_for() -> None:
    meta, script = scripted("meta", ENV, {"GET /me/accounts": rows({"id": "31", "access_token": "EAApage"})})
    missing = await meta.assets(grant("ads_read"), ())
    assert set(missing.kinds.values()) == {"permission_missing"}
    assert script.requests == []
    some = await meta.assets(grant("pages_show_list"), ())
    assert some.kinds == {"page": "listed", "instagram_account": "permission_missing"}
    assert "instagram" not in script.asked("/me/accounts")[0]["fields"]


@pytest.mark.parametrize("answer", [refused(1, 500), refused(4, 400)])
async def test_a_business_that_cannot_be_read_now_leaves_the_list_open(answer: httpx2.Response) -> None:
    own = rows({"id": "31", "access_token": "EAApage"})
    calls = {"GET /me/accounts": own, "GET /me/businesses": rows({"id": "900"}), "GET /900/owned_pages": answer}
    meta, _ = scripted("meta", ENV, {**calls, "GET /900/client_pages": answer})
    listed = await meta.assets(grant(*ALL), ())
    assert [asset.id for asset in listed.assets] == ["31"]
    assert listed.kinds["page"] == "partly"
    unreadable, _ = scripted("meta", ENV, {"GET /me/accounts": answer})
    with pytest.raises((base.Unavailable, base.RateLimited)):
        await unreadable.assets(grant(*ALL), ())


class Slow:
    """A Graph whose second Business never answers."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    async def pages(self, path: str, _token: Secret, _columns: str) -> Any:
        self.asked.append(path)
        if path == "me/businesses":
            for id in ("1", "2"):
                yield {"id": id}
        elif path.startswith("2/"):
            await asyncio.Event().wait()
        else:
            yield {"id": f"9{path[0]}", "access_token": "EAApage"}


async def test_a_list_that_ran_out_of_time_says_where(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(assets, "BUDGET", 0.05)
    slow = Slow()
    listed = await assets.walk(cast(Graph, slow), grant(*ALL), "")
    assert (listed.place, listed.kinds["page"]) == ("1", "partly")
    monkeypatch.setattr(assets, "AT_ONCE", 1)
    slow.asked.clear()
    await assets.walk(cast(Graph, slow), grant(*ALL), listed.place)
    assert slow.asked[2] == "2/owned_pages", "the next listing goes on behind that place"
