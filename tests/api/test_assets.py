"""`…/assets` on the wire, on the command line and on the dashboard: pages of a list, a choice, and what is refused."""

from __future__ import annotations

import json

import pytest

from symphony_connect import platforms
from symphony_connect.access.bounds import Bounds
from tests.api.conftest import Api
from tests.platforms import contract

OFFERING = next(name for name in platforms.names() if contract.facts(name).asset_kinds)
WITHOUT = next(name for name in platforms.names() if not contract.facts(name).asset_kinds)


def test_a_list_in_pages_and_a_choice(api: Api) -> None:
    person = api.sandbox.newcomer(pages=4, unshared=1, businesses=1)
    brand = api.connected(OFFERING, person)
    at = f"/brands/{brand}/connections/{OFFERING}/assets"
    first = api.send("GET", f"{at}?limit=3").json()
    second = api.send("GET", f"{at}?limit=200&cursor={first['nextCursor']}").json()
    assert (len(first["data"]), second["nextCursor"], first["offered"]) == (3, None, "offered")
    assert set(first["kinds"]) == set(contract.facts(OFFERING).asset_kinds)
    found = first["data"] + second["data"]
    assert not {"accessToken", "access_token"} & {name for asset in found for name in (*asset, *asset["extra"])}
    assert [asset["usable"] for asset in found] == [asset["selected"] for asset in found]
    bad = next(asset["id"] for asset in found if not asset["usable"])
    for body in ({"selected": [found[0]["id"], bad]}, {"selected": ["404"]}, {}):
        assert api.refused(api.send("PUT", at, json=body), 400, "invalid_request")["field"] == "selected"
    assert api.send("GET", f"{at}?limit=200").json()["data"] == found
    chosen = api.send("PUT", at, json={"selected": [found[0]["id"]]}).json()["data"]
    assert [asset["id"] for asset in chosen] == [found[0]["id"]]
    again = api.send("GET", f"{at}?refresh=true&limit=200").json()["data"]
    assert [asset["id"] for asset in again if asset["selected"]] == [found[0]["id"]]
    reading = api.new_key(bounds=Bounds(read_only=True))
    assert api.send("GET", f"{at}?limit=200", key=reading).json()["data"] == again
    assert api.send("PUT", at, key=reading, json={"selected": None}).status_code == 403

    shown = json.loads(api.service.cli("brands", "assets", str(brand), OFFERING, "--json").stdout)
    assert [asset["id"] for asset in shown["assets"] if asset["selected"]] == [found[0]["id"]]
    told = api.send("GET", f"{at}?limit=200").json()
    assert (shown["kinds"], [each["extra"] for each in shown["assets"]]) == (
        told["kinds"],
        [each["extra"] for each in told["data"]],
    ), "kinds are values and not names of fields, so the command keeps them too"
    printed = api.service.cli("brands", "assets", str(brand), OFFERING)
    assert f"{found[0]['kind']}\t{found[0]['id']}\t{found[0]['name']}" in printed.stdout
    unknown = api.service.cli("brands", "assets", "1", OFFERING, check=False)
    assert (unknown.returncode, "There is no brand 1" in unknown.stderr) == (1, True)


@pytest.mark.parametrize("query", ["", "?refresh=true"])
def test_a_platform_without_assets(api: Api, query: str) -> None:
    brand = api.connected(WITHOUT)
    answer = api.send("GET", f"/brands/{brand}/connections/{WITHOUT}/assets{query}").json()
    assert answer == {"success": True, "data": [], "nextCursor": None, "offered": "not_offered", "kinds": {}}


def test_what_is_not_listed_yet_is_not_empty(api: Api) -> None:
    api.sandbox.fault(OFFERING, "http:503", path=contract.rules(OFFERING).ASSETS_LISTED, times=100)
    brand = api.connected(OFFERING, api.sandbox.newcomer())
    at = f"/brands/{brand}/connections/{OFFERING}/assets"
    for query in ("", "?refresh=true"):
        api.refused(api.send("GET", f"{at}{query}"), 503, "platform_unavailable")
    api.sandbox.calm()
    assert api.send("GET", f"{at}?refresh=true").json()["data"]
