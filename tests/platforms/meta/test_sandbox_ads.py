"""What ad accounts hold: created, read, changed, deleted, reported on, as the Marketing API's reference has it."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.platforms.meta.client import Client

ACT = "act_210000000100001"
CAMPAIGN = {"name": "Spring", "objective": "OUTCOME_SALES", "special_ad_categories": "[]", "status": "PAUSED"}


class Ads:
    """Calls on behalf of ada."""

    def __init__(self, client: Client) -> None:
        self.http = client.http
        self.token = client.signed_in()

    def call(self, method: str, path: str, **params: str) -> Any:
        sent = {"access_token": self.token, **params}
        where = {"data": sent} if method == "POST" else {"params": sent}
        return self.http.request(method, f"/v26.0/{path}", **where).json()

    def made(self, edge: str, **params: str) -> str:
        body = self.call("POST", f"{ACT}/{edge}", **params)
        assert "id" in body, body
        return str(body["id"])


@pytest.fixture
def ads(client: Client) -> Ads:
    return Ads(client)


def test_objects_are_created_read_changed_and_deleted(ads: Ads) -> None:
    campaign = ads.made("campaigns", **CAMPAIGN)
    adset = ads.made("adsets", name="All", campaign_id=campaign, daily_budget="1000")
    creative = ads.made("adcreatives", name="Picture", body="Buy")
    ad = ads.made("ads", name="One", adset_id=adset, creative=json.dumps({"creative_id": creative}))
    audience = ads.made("customaudiences", name="Friends", subtype="CUSTOM")
    fields = "id,name,adset{name,campaign{name}},creative{body},campaign_id,status"
    assert ads.call("GET", ad, fields=fields) == {
        "id": ad,
        "name": "One",
        "adset": {"name": "All", "campaign": {"name": "Spring", "id": campaign}, "id": adset},
        "creative": {"body": "Buy", "id": creative},
        "campaign_id": campaign,
        "status": "PAUSED",
    }
    listed = ads.call("GET", f"{ACT}/campaigns", fields='["name","adsets{name,ads{name}}"]')
    assert listed["data"][0]["adsets"]["data"][0]["ads"]["data"] == [{"name": "One", "id": ad}]
    assert [row["id"] for row in ads.call("GET", f"{campaign}/ads")["data"]] == [ad]
    assert [row["id"] for row in ads.call("GET", f"{ad}/adcreatives")["data"]] == [creative]
    assert ads.call("POST", campaign, name="Summer", status="ACTIVE") == {"success": True}
    shown = ads.call("GET", campaign, fields="name,effective_status,account_id")
    assert shown == {"name": "Summer", "effective_status": "ACTIVE", "account_id": ACT[4:], "id": campaign}
    assert ads.call("DELETE", audience) == {"success": True}
    assert ads.call("GET", f"{ACT}/customaudiences")["data"] == []
    assert ads.call("GET", audience, fields="name") == {"name": "Friends", "id": audience}
    happened = [row["event_type"] for row in ads.call("GET", f"{ACT}/activities")["data"]]
    assert happened[:3] == ["delete_customaudience", "update_campaign", "create_customaudience"]


def test_images_have_a_hash(ads: Ads) -> None:
    made = ads.call("POST", f"{ACT}/adimages", bytes="aGVsbG8=", name="a.png")
    hash = made["images"]["a.png"]["hash"]
    assert [row["hash"] for row in ads.call("GET", f"{ACT}/adimages", fields="hash,name")["data"]] == [hash]
    assert ads.call("GET", f"{ACT[4:]}:{hash}", fields="name")["name"] == "a.png"
    assert ads.call("DELETE", f"{ACT}/adimages", hash=hash) == {"success": True}
    assert ads.call("GET", f"{ACT}/adimages")["data"] == []


def test_insights_come_at_once_or_as_a_report(ads: Ads) -> None:
    assert ads.call("GET", f"{ACT}/insights")["data"] == []
    first, second = ads.made("campaigns", **CAMPAIGN), ads.made("campaigns", **CAMPAIGN)
    (row,) = ads.call("GET", f"{ACT}/insights", fields="impressions,spend")["data"]
    assert row == {"impressions": "1000", "spend": "12.34"}
    run = ads.call("POST", f"{ACT}/insights", level="campaign")["report_run_id"]
    done = ads.call("GET", run)
    assert (done["async_status"], done["async_percent_completion"]) == ("Job Completed", 100)
    rows = ads.call("GET", f"{run}/insights", fields="campaign_id")["data"]
    assert {row["campaign_id"] for row in rows} == {first, second}
    answer = ads.http.get(f"/v26.0/{ACT}/insights", params={"access_token": ads.token})
    assert json.loads(answer.headers["x-fb-ads-insights-throttle"])["app_id_util_pct"] == 1


def test_a_batch_takes_ids_from_its_own_answers(ads: Ads) -> None:
    calls = [
        {
            **{"method": "POST", "relative_url": f"{ACT}/campaigns", "name": "c"},
            "body": "name=B&objective=X&special_ad_categories=[]",
        },
        {"method": "POST", "relative_url": f"{ACT}/adsets", "body": "name=S&campaign_id={result=c:$.id}"},
    ]  # fmt: skip
    left_out, adset = ads.call("POST", "", batch=json.dumps(calls))
    assert left_out is None
    below = json.loads(adset["body"])["id"]
    assert ads.call("GET", below, fields="campaign{name}")["campaign"]["name"] == "B"


@pytest.mark.parametrize(
    ("method", "path", "params", "code"),
    [
        ("POST", f"{ACT}/campaigns", {"name": "x", "objective": "y"}, (100, None)),
        ("POST", f"{ACT}/campaigns", {**CAMPAIGN, "status": "RUNNING"}, (100, None)),
        ("POST", f"{ACT}/adsets", {"name": "x", "campaign_id": "1"}, (100, None)),
        ("POST", f"{ACT}/ads", {"name": "x", "adset_id": "1", "creative": "{}"}, (100, None)),
        ("POST", f"{ACT}/users", {}, (100, 33)),
        ("POST", "act_210000000200001/campaigns", CAMPAIGN, (100, 33)),
        ("GET", f"{ACT}/campaigns", {"fields": "nonsense"}, (100, None)),
        ("GET", f"{ACT}/nonsense", {}, (100, None)),
        ("GET", f"{ACT}/insights", {"level": "planet"}, (100, None)),
        ("DELETE", ACT, {}, (100, 33)),
        ("GET", "120000000000000000", {}, (100, 33)),
    ],
)
def test_what_is_wrong_is_refused(ads: Ads, method: str, path: str, params: dict[str, str], code: Any) -> None:
    error = ads.call(method, path, **params)["error"]
    assert (error["code"], error.get("error_subcode")) == code, error


def test_somebody_else_sees_none_of_it(ads: Ads, client: Client) -> None:
    campaign = ads.made("campaigns", **CAMPAIGN)
    ads.token = client.issue(client.sandbox.newcomer())
    for method in ("GET", "POST", "DELETE"):
        assert ads.call(method, campaign)["error"]["error_subcode"] == 33


def test_changes_need_the_permission_to_manage(ads: Ads, client: Client) -> None:
    ads.token = client.issue(client.sandbox.newcomer(), scopes=["ads_read"])
    account = ads.call("GET", "me/adaccounts")["data"][0]["id"]
    assert ads.call("GET", f"{account}/campaigns")["data"] == []
    assert ads.call("POST", f"{account}/campaigns", **CAMPAIGN)["error"]["code"] == 200
