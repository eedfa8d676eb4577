"""Meta's own SDK against one base URL, unmodified but for the host. Prints what it saw as one JSON object."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from typing import Any

from facebook_business.adobjects.user import User
from facebook_business.api import FacebookAdsApi
from facebook_business.exceptions import FacebookRequestError
from facebook_business.session import FacebookSession


def error_of(call: Callable[[], Any]) -> list[int | None]:
    try:
        call()
    except FacebookRequestError as error:
        return [error.http_status(), error.api_error_code(), error.api_error_subcode()]
    raise AssertionError("no error")


def main(base: str, app: str, secret: str, token: str, many: str) -> dict[str, Any]:
    FacebookSession.GRAPH = base
    api = FacebookAdsApi.init(app, secret, token, api_version="v26.0", crash_log=False)
    me = User(fbid="me")
    seen: dict[str, Any] = {"id": me.api_get(fields=["id", "name"])["id"]}
    accounts = me.get_ad_accounts(fields=["account_id", "name", "account_status"])
    seen["accounts"] = [row["id"] for row in accounts]
    seen["total"] = accounts.total()
    seen["permissions"] = {row["permission"]: row["status"] for row in me.get_permissions()}
    query = {"input_token": token, "access_token": f"{app}|{secret}", "appsecret_proof": None}
    seen["valid"] = api.call("GET", ("debug_token",), query).json()["data"]["is_valid"]
    seen["pages"] = [row["name"] for row in me.get_accounts(fields=["name"])]

    batch = api.new_batch()
    answers: list[Any] = []
    for _ in range(3):
        me.get_ad_accounts(fields=["name"], batch=batch, success=answers.append, failure=answers.append)
    assert batch.execute() is None, "nothing is left to retry"
    seen["batch"] = [len(answer.json()["data"]) for answer in answers]

    crowd = FacebookAdsApi(FacebookSession(app, secret, many), "v26.0")
    cursor = User("me", api=crowd).get_ad_accounts(fields=["name"], params={"limit": 25})
    seen["walked"] = len({row["id"] for row in cursor})

    dead = FacebookAdsApi(FacebookSession(app, secret, "EAAdead"), "v26.0")
    seen["garbage"] = error_of(lambda: dead.call("GET", ("me",)))
    seen["hidden"] = error_of(lambda: api.call("GET", ("act_1",)))
    forged = FacebookAdsApi(FacebookSession(app, "not the secret", token), "v26.0")
    seen["proof"] = error_of(lambda: forged.call("GET", ("me",)))
    seen["gone"] = api.call("DELETE", ("me", "permissions")).json()
    seen["removed"] = error_of(lambda: api.call("GET", ("me",)))
    return seen


if __name__ == "__main__":
    sys.stdout.write(json.dumps(main(*sys.argv[1:])))
