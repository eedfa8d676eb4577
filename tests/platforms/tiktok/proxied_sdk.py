"""TikTok's own SDK through the proxy, unmodified but for its host. Prints what it saw as one JSON object."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from typing import Any

import business_api_client as sdk
from business_api_client.rest import ApiException
from business_api_client.tiktok_business.tiktok_exceptions import TiktokSDKError


def error_of(call: Callable[[], Any]) -> Any:
    try:
        call()
    except ApiException as error:
        return error.status
    except TiktokSDKError as error:
        return str(error).partition(",")[0]
    raise AssertionError("no error")


def main(base: str, key: str, mine: str, other: str) -> dict[str, Any]:
    configuration = sdk.Configuration()
    configuration.host = base
    sdk.Configuration.set_default(configuration)
    campaigns, reports, seen = sdk.CampaignCreationApi(), sdk.ReportingApi(), dict[str, Any]()
    made = []
    for n in range(3):
        body = sdk.CampaignCreateBody(advertiser_id=mine, campaign_name=f"Campaign {n}", objective_type="TRAFFIC")
        made.append(campaigns.campaign_create(key, body=body)["data"]["campaign_id"])
    pages = [campaigns.campaign_get(mine, key, page=page, page_size=2)["data"] for page in (1, 2)]
    seen["paged"] = len({row["campaign_id"] for page in pages for row in page["list"]})
    status = sdk.CampaignStatusUpdateBody(advertiser_id=mine, campaign_ids=made[:1], operation_status="DISABLE")
    seen["stopped"] = campaigns.campaign_status_update(key, body=status)["data"]["status"]
    asked = {
        "dimensions": ["campaign_id"],
        "metrics": ["spend"],
        "advertiser_id": mine,
        "data_level": "AUCTION_CAMPAIGN",
    }
    report = reports.report_integrated_get("BASIC", key, **asked)
    seen["rows"] = len(report["data"]["list"])
    seen["name"] = sdk.AccountManagementApi().advertiser_info([mine], key)["data"]["list"][0]["advertiser_id"] == mine
    wrong = sdk.CampaignStatusUpdateBody(advertiser_id=mine, campaign_ids=["1"], operation_status="DISABLE")
    seen["error"] = error_of(lambda: campaigns.campaign_status_update(key, body=wrong))
    body = sdk.CampaignCreateBody(advertiser_id=other, campaign_name="x", objective_type="TRAFFIC")
    calls: list[Callable[[], Any]] = [
        lambda: campaigns.campaign_get(other, key),
        lambda: campaigns.campaign_create(key, body=body),
        lambda: sdk.AccountManagementApi().advertiser_info([mine, other], key),
        lambda: reports.report_integrated_get("BASIC", key, **{**asked, "advertiser_id": other}),
    ]
    seen["beyond"] = [error_of(call) for call in calls]
    return seen


if __name__ == "__main__":
    sys.stdout.write(json.dumps(main(*sys.argv[1:])))
