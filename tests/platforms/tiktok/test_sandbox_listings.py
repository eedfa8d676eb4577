"""The lists that every client of the Marketing API reads next."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.platforms.tiktok.client import ADA, API, LONG_TERM, Client, answer, ok, refusal

LISTS = [
    *((path, "list") for path in ("/campaign/get/", "/adgroup/get/", "/ad/get/", "/report/integrated/get/")),
    ("/identity/get/", "identity_list"),
    ("/pixel/list/", "pixels"),
]


@pytest.mark.parametrize(("path", "key"), LISTS)
def test_a_list_is_a_page(client: Client, path: str, key: str) -> None:
    found = ok(client.get(path, client.token(), advertiser_id=ADA[0], page="900", page_size="20"))
    assert found[key] == []
    assert found["page_info"]["page_size"] == 20
    assert refusal(client.get(path, client.token(), advertiser_id="1"))[0] == 40301
    assert refusal(client.get(path, client.token())) == (40002, "Missing required field(s): advertiser_id.")
    assert refusal(client.get(path, advertiser_id=ADA[0]))[0] == 40104


def test_what_is_below_a_campaign_follows_it(client: Client) -> None:
    token = client.token()
    body = {"advertiser_id": ADA[1], "campaign_name": "Below", "objective_type": "TRAFFIC"}
    send = {"headers": {"Access-Token": token}}
    id = ok(answer(client.http.post(f"{API}/campaign/create/", json=body, **send)))["campaign_id"]
    only = {"advertiser_id": ADA[1], "filtering": json.dumps({"campaign_ids": [id]})}
    groups = ok(client.get("/adgroup/get/", token, **only))["list"]
    assert [(row["campaign_id"], row["campaign_name"], row["operation_status"]) for row in groups] == [
        (id, "Below", "ENABLE")
    ] * 2
    ads = ok(client.get("/ad/get/", token, **only))["list"]
    assert [row["adgroup_id"] for row in ads] == [row["adgroup_id"] for row in groups]
    change = {"advertiser_id": ADA[1], "campaign_ids": [id], "operation_status": "DISABLE"}
    ok(answer(client.http.post(f"{API}/campaign/status/update/", json=change, **send)))
    assert {row["operation_status"] for row in ok(client.get("/ad/get/", token, **only))["list"]} == {"DISABLE"}
    one = {"advertiser_id": ADA[1], "filtering": json.dumps({"adgroup_ids": [groups[1]["adgroup_id"]]})}
    assert [row["ad_id"] for row in ok(client.get("/ad/get/", token, **one))["list"]] == [ads[1]["ad_id"]]


def test_pixels_come_in_pages(client: Client) -> None:
    token = client.token()
    pages = [
        ok(client.get("/pixel/list/", token, advertiser_id=ADA[0], page=str(page), page_size="2")) for page in (1, 2, 3)
    ]
    assert [len(page["pixels"]) for page in pages] == [2, 1, 0]
    assert len({row["pixel_id"] for page in pages for row in page["pixels"]}) == 3
    assert pages[0]["page_info"]["total_number"] == 3


def test_campaigns_are_created_listed_stopped_and_reported_on(client: Client) -> None:
    token = client.token()

    def post(path: str, **body: Any) -> Any:
        return answer(client.http.post(API + path, json=body, headers={"Access-Token": token}))

    body = {"advertiser_id": ADA[0], "campaign_name": "Spring", "objective_type": "TRAFFIC", "budget": 50.0}
    made = [ok(post("/campaign/create/", **body))["campaign_id"] for _ in range(3)]
    page = ok(client.get("/campaign/get/", token, advertiser_id=ADA[0], page="2", page_size="2"))
    assert [row["campaign_id"] for row in page["list"]] == made[2:]
    assert page["page_info"] == {"page": 2, "page_size": 2, "total_number": 3, "total_page": 2}
    only = json.dumps({"campaign_ids": made[:1]})
    one = ok(client.get("/campaign/get/", token, advertiser_id=ADA[0], filtering=only))
    assert [(row["campaign_name"], row["operation_status"]) for row in one["list"]] == [("Spring", "ENABLE")]
    change = {"advertiser_id": ADA[0], "campaign_ids": made[:2], "operation_status": "DISABLE"}
    assert ok(post("/campaign/status/update/", **change)) == {"campaign_ids": made[:2], "status": "DISABLE"}
    report = {"advertiser_id": ADA[0], "report_type": "BASIC", "metrics": json.dumps(["spend"])}
    rows = ok(client.get("/report/integrated/get/", token, **report))["list"]
    assert [row["dimensions"]["campaign_id"] for row in rows] == made
    task = ok(post("/report/task/create/", advertiser_id=ADA[0], report_type="BASIC"))["task_id"]
    assert ok(client.get("/report/task/check/", token, advertiser_id=ADA[0], task_id=task))["status"] == "SUCCESS"
    wrong = (
        ("/campaign/create/", {"advertiser_id": ADA[0], "campaign_name": "x"}),
        ("/campaign/status/update/", {**change, "campaign_ids": ["1"]}),
        ("/campaign/status/update/", {**change, "campaign_ids": "1"}),
        ("/campaign/status/update/", {**change, "operation_status": "EXPLODE"}),
        ("/report/task/create/", {"advertiser_id": ADA[0]}),
    )
    for path, asked in wrong:
        assert refusal(post(path, **asked))[0] == 40002, (path, asked)
    assert refusal(client.get("/campaign/get/", token, advertiser_id=ADA[0], filtering="["))[0] == 40002
    assert refusal(client.get("/report/task/check/", token, advertiser_id=ADA[1], task_id=task))[0] == 40002
    assert refusal(post("/campaign/create/", **{**body, "advertiser_id": "7300000000000020001"}))[0] == 40301


def test_a_person_has_no_business_center_of_their_own(client: Client) -> None:
    assert ok(client.get("/bc/get/", client.token()))["list"] == []


@pytest.mark.parametrize("wrong", [{"page": "0"}, {"page_size": "1001"}, {"page_size": "x"}, {"page": "-1"}])
def test_pages_have_bounds(client: Client, wrong: dict[str, str]) -> None:
    code, message = refusal(client.get("/campaign/get/", client.token(), advertiser_id=ADA[0], **wrong))
    assert code == 40002
    assert message.startswith(next(iter(wrong)))


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"app_id": ["7000000000000000001"]}, "app_id: Not a valid string."),
        ({"app_id": 1.5}, "app_id: Not a valid string."),
        ({"auth_code": {"code": "x"}}, "auth_code: Not a valid string."),
        ({"auth_code": True}, "auth_code: Not a valid string."),
        ({"auth_code": ""}, "Missing required field(s): auth_code."),
    ],
)
def test_a_field_of_another_type_is_not_called_missing(client: Client, wrong: dict[str, Any], words: str) -> None:
    body = {**LONG_TERM, "auth_code": "x", **wrong}
    assert refusal(client.post("/oauth2/access_token/", body)) == (40002, words)


def test_advertiser_ids_are_strings(client: Client) -> None:
    assert refusal(client.info(client.token(), [True]))[0] == 40002
