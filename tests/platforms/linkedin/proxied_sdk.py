"""LinkedIn's own Python client through the proxy, unmodified but for its base address. Prints what it saw as JSON."""

from __future__ import annotations

import json
import sys
from typing import Any

from linkedin_api.clients.restli.client import RestliClient
from linkedin_api.common import constants

VERSION = "202607"


def main(base: str, key: str, mine: str, other: str) -> dict[str, Any]:
    constants.VERSIONED_BASE_URL = f"{base}/rest"
    client, seen = RestliClient(), dict[str, Any]()
    usual = {"access_token": key, "version_string": VERSION}
    groups, group = "/adAccounts/{id}/adCampaignGroups", "/adAccounts/{id}/adCampaignGroups/{key}"
    shape = {"account": f"urn:li:sponsoredAccount:{mine}", "status": "DRAFT"}

    def create(n: int) -> str:
        made = client.create(
            resource_path=groups, path_keys={"id": mine}, entity={**shape, "name": f"Group {n}"}, **usual
        )
        return str(made.entity_id)

    ids = [create(n) for n in range(3)]
    keys = {"id": mine, "key": ids[0]}
    seen["read"] = client.get(resource_path=group, path_keys=keys, **usual).entity["name"]
    client.partial_update(resource_path=group, path_keys=keys, patch_set_object={"name": "Renamed"}, **usual)
    seen["renamed"] = client.get(resource_path=group, path_keys=keys, **usual).entity["name"]
    seen["deleted"] = client.delete(resource_path=group, path_keys={"id": mine, "key": ids[1]}, **usual).status_code
    paged, token = set[int](), ""
    for _ in range(10):
        params = {"pageSize": 1, **({"pageToken": token} if token else {})}
        page = client.finder(
            resource_path=groups, path_keys={"id": mine}, finder_name="search", query_params=params, **usual
        )
        paged |= {row["id"] for row in page.elements}
        token = page.response.json()["metadata"].get("nextPageToken", "")
        if not token:
            break
    seen["paged"] = len(paged)
    several = client.batch_get(resource_path=groups, path_keys={"id": mine}, ids=[ids[0], ids[2]], **usual)
    seen["batch"] = sorted(row["name"] for row in several.results.values())

    def numbers(account: str, **more: Any) -> Any:
        asked = {
            "pivot": "CAMPAIGN_GROUP",
            "dateRange": {"start": {"year": 2026, "month": 1, "day": 1}},
            "accounts": [f"urn:li:sponsoredAccount:{account}"],
            **more,
        }
        return client.finder(resource_path="/adAnalytics", finder_name="analytics", query_params=asked, **usual)

    seen["numbers"] = len(numbers(mine).elements)
    seen["tunnelled"] = len(numbers(mine, fields=",".join(["impressions"] * 400)).elements)
    wrong = client.create(resource_path=groups, path_keys={"id": mine}, entity={**shape}, **usual)
    seen["error"] = [wrong.status_code, wrong.response.json()["message"][:18]]
    beyond = [
        client.finder(resource_path=groups, path_keys={"id": other}, finder_name="search", **usual),
        client.get(resource_path="/adAccounts/{id}", path_keys={"id": other}, **usual),
        client.create(resource_path=groups, path_keys={"id": other}, entity={**shape, "name": "x"}, **usual),
        numbers(other),
        numbers(other, fields=",".join(["impressions"] * 400)),
        client.finder(resource_path="/adAccounts", finder_name="search", **usual),
    ]
    seen["beyond"] = [answer.status_code for answer in beyond]
    return seen


if __name__ == "__main__":
    sys.stdout.write(json.dumps(main(*sys.argv[1:])))
