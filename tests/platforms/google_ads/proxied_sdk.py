"""Google's own session class through the proxy, with the service's key as its token. Prints what it saw as JSON."""

from __future__ import annotations

import json
import sys
from typing import Any

from google.auth.transport.requests import AuthorizedSession
from google.oauth2.credentials import Credentials


def main(base: str, key: str, mine: str, other: str) -> dict[str, Any]:
    session, seen = AuthorizedSession(Credentials(key)), dict[str, Any]()
    session.headers["developer-token"] = "the client's own"

    def post(id: str, call: str, **body: Any) -> Any:
        return session.post(f"{base}/v26/customers/{id}/{call}", json=body)

    made = [{"create": {"name": f"Campaign {n}", "advertisingChannelType": "SEARCH"}} for n in range(3)]
    names = [row["resourceName"] for row in post(mine, "campaigns:mutate", operations=made).json()["results"]]
    seen["made"] = len(names)
    change = {"update": {"resourceName": names[0], "name": "Renamed", "status": "PAUSED"}, "updateMask": "name,status"}
    changes = [change, {"remove": names[1]}]
    seen["changed"] = len(post(mine, "campaigns:mutate", operations=changes).json()["results"])
    query = "SELECT campaign.id, campaign.name, campaign.status FROM campaign WHERE campaign.status != 'REMOVED'"
    rows = post(mine, "googleAds:search", query=query).json()["results"]
    seen["read"] = sorted(row["campaign"]["name"] for row in rows if row["campaign"]["name"][-6:] != "search")
    numbers = (
        "SELECT campaign.id, segments.date, metrics.impressions, metrics.clicks, metrics.cost_micros FROM campaign "
        "WHERE segments.date DURING LAST_7_DAYS AND campaign.name = 'Renamed' ORDER BY segments.date DESC"
    )
    pages = post(mine, "googleAds:searchStream", query=numbers).json()
    days = [row["segments"]["date"] for page in pages for row in page["results"]]
    seen["days"] = [len(days), days == sorted(days, reverse=True)]
    seen["metrics"] = sorted(pages[0]["results"][0]["metrics"])
    taken = post(mine, "campaigns:mutate", operations=[{"create": {**made[2]["create"]}}])
    seen["error"] = [taken.status_code, taken.json()["error"]["details"][0]["errors"][0]["errorCode"]]
    unknown = post(mine, "googleAds:search", query="SELECT ad.id FROM campaign").json()
    seen["unknown_field"] = unknown["error"]["details"][0]["errors"][0]["errorCode"]
    beyond = [
        post(other, "googleAds:search", query=query),
        post(other, "campaigns:mutate", operations=made),
        post(mine, "campaigns:mutate", operations=[{"remove": f"customers/{other}/campaigns/1"}]),
        session.get(f"{base}/v26/customers:listAccessibleCustomers"),
    ]
    seen["beyond"] = [answer.status_code for answer in beyond]
    return seen


if __name__ == "__main__":
    sys.stdout.write(json.dumps(main(*sys.argv[1:])))
