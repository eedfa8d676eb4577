"""Meta's own SDK through the proxy, unmodified but for its base address. Prints what it saw as one JSON object."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from typing import Any

from facebook_business.adobjects.adaccount import AdAccount
from facebook_business.adobjects.adreportrun import AdReportRun
from facebook_business.adobjects.campaign import Campaign
from facebook_business.api import FacebookAdsApi
from facebook_business.exceptions import FacebookRequestError
from facebook_business.session import FacebookSession


def error_of(call: Callable[[], Any]) -> list[Any]:
    try:
        call()
    except FacebookRequestError as error:
        body = error.body()
        ours = body.get("error", {}).get("code") if isinstance(body, dict) and "requestId" in body else None
        return [error.http_status(), ours or error.api_error_code()]
    raise AssertionError("no error")


def main(base: str, key: str, mine: str, other: str) -> dict[str, Any]:
    FacebookSession.GRAPH = base
    FacebookAdsApi.init("100000000000001", "a secret of the client", key, api_version="v26.0", crash_log=False)
    account, seen = AdAccount(mine), dict[str, Any]()
    shape = {"objective": "OUTCOME_SALES", "special_ad_categories": [], "status": "PAUSED"}
    made = [account.create_campaign(params={**shape, "name": f"Campaign {n}"}) for n in range(3)]
    seen["read"] = Campaign(made[0]["id"]).api_get(fields=["name", "status"])["name"]
    seen["paged"] = len({row["id"] for row in account.get_campaigns(fields=["name"], params={"limit": 1})})
    made[0].api_update(params={"name": "Renamed"})
    seen["renamed"] = Campaign(made[0]["id"]).api_get(fields=["name"])["name"]
    made[1].api_delete()
    seen["left"] = len(account.get_campaigns(fields=["name"]))

    batch = FacebookAdsApi.get_default_api().new_batch()
    answers: list[Any] = []
    for one in (made[0], made[2]):
        one.api_get(fields=["name"], batch=batch, success=answers.append, failure=answers.append)
    batch.execute()
    seen["batch"] = [answer.json()["name"] for answer in answers]

    run = account.get_insights(params={"level": "campaign"}, fields=["campaign_id"], is_async=True)
    seen["report"] = AdReportRun(run["id"]).api_get()["async_status"]
    seen["rows"] = len(run.get_result())
    seen["insights"] = len(account.get_insights(fields=["spend"], params={"level": "campaign"}))
    seen["unknown_field"] = error_of(lambda: account.get_campaigns(fields=["nonsense"]))
    seen["incomplete"] = error_of(lambda: account.create_campaign(params={"name": "x"}))

    calls: list[Callable[[], Any]] = [
        lambda: AdAccount(other).get_campaigns(fields=["name"]),
        lambda: AdAccount(other).create_campaign(params={**shape, "name": "x"}),
        lambda: AdAccount(other).api_get(fields=["name"]),
        lambda: AdAccount(other).get_insights(fields=["spend"]),
        lambda: AdAccount(mine).api_get(fields=["business{owned_ad_accounts}"]),
    ]
    seen["beyond"] = [error_of(call)[0] for call in calls]
    return seen


if __name__ == "__main__":
    sys.stdout.write(json.dumps(main(*sys.argv[1:])))
