"""Pages of other origins: CORS by exact origins, what a secret key and what a publishable key may do there."""

from __future__ import annotations

import secrets
from typing import Any

import pytest

from symphony_connect.base.errors import Problem
from tests.api.conftest import API, Api
from tests.api.test_keys import CALLS
from tests.conftest import ServiceFactory
from tests.platforms import contract
from tests.tools.owner import Owner
from tests.tools.sandbox import Sandbox

PAGE = contract.having("IDENTITY", "LIMIT")
"""A platform whose login result says who signed in."""
WHO = contract.rules(PAGE).IDENTITY
SHOP = "https://shop.example"
LISTED = "https://app.example.com"
STRANGERS = [
    "https://evil.example",
    "https://app.example.com.evil.example",
    "https://evil-app.example.com",
    "http://app.example.com",
    "https://app.example.com:8443",
    "https://APP.example.com",
    "https://app.example.com/",
    "https://user@app.example.com",
    "null",
    "file://",
    "http://[::1",
    "http://localhost:99999",
    "*",
    "",
]


@pytest.fixture(scope="module")
def listed(shared_service: ServiceFactory, shared_sandbox: Sandbox) -> Any:
    """A service in development whose list of origins has one entry."""
    env = {**contract.settings(shared_sandbox), "SYMPHONY_ALLOWED_ORIGINS": LISTED, "SYMPHONY_FAILURE_LIMIT": "100000"}
    started = Api(shared_service(env, ["--no-worker"]), shared_sandbox)
    yield started
    started.http.close()


@pytest.fixture(scope="module")
def production(shared_service: ServiceFactory, shared_sandbox: Sandbox) -> Any:
    """As it runs behind a proxy that speaks TLS; no platform is set up."""
    env = {
        "SYMPHONY_PUBLIC_URL": "https://connect.example.com",
        "SYMPHONY_ALLOWED_ORIGINS": LISTED,
        "SYMPHONY_MASTER_KEY": "q6Yp5VbGkPvS0uJ8xkC2mWcQh1rZt3nEoLdXa9yTfGs=",
        "SYMPHONY_CLOCK_FILE": "",
        **dict.fromkeys(contract.settings(shared_sandbox), ""),
    }
    started = Api(shared_service(env, ["--no-worker"]), shared_sandbox)
    yield started
    started.http.close()


def preflight(api: Api, origin: str, path: str = "/brands") -> Any:
    asked = {
        "origin": origin,
        "access-control-request-method": "PUT",
        "access-control-request-headers": "content-type,x-api-key",
    }
    return api.http.options(API + path, headers=asked)


def test_a_page_of_a_listed_origin_may_ask(listed: Api) -> None:
    answer = preflight(listed, LISTED)
    assert answer.status_code == 204
    assert answer.headers["access-control-allow-origin"] == LISTED
    assert "PUT" in answer.headers["access-control-allow-methods"]
    assert {"x-api-key", "content-type"} <= set(answer.headers["access-control-allow-headers"].split(", "))
    assert "access-control-allow-credentials" not in answer.headers
    answer = listed.send("GET", "/brands", headers={"origin": LISTED})
    assert (answer.status_code, answer.headers["access-control-allow-origin"]) == (200, LISTED)
    assert "origin" in answer.headers["vary"].lower()
    assert "x-request-id" in answer.headers["access-control-expose-headers"]


@pytest.mark.parametrize("origin", STRANGERS)
def test_a_page_of_another_origin_may_not(listed: Api, origin: str) -> None:
    answers = [preflight(listed, origin), listed.send("GET", "/brands", headers={"origin": origin})]
    for answer in answers:
        assert answer.status_code in (401, 403), answer.text
        assert "access-control-allow-origin" not in answer.headers
    listed.refused(answers[1], 403, "origin_not_allowed")


def test_failures_can_be_read_by_the_page_too(listed: Api) -> None:
    for answer in (
        listed.send("GET", "/brands", key=None, headers={"origin": LISTED}),
        listed.send("GET", "/nowhere", headers={"origin": LISTED}),
        listed.send("PUT", "/brands", content=b"x" * 70_000, headers={"origin": LISTED}),
    ):
        assert answer.status_code >= 400
        assert answer.headers["access-control-allow-origin"] == LISTED


def test_in_development_without_a_list_any_loopback_page_may(api: Api) -> None:
    for origin in ("http://localhost:3000", "http://127.0.0.1:5173", "http://[::1]:8000", "https://localhost"):
        assert preflight(api, origin).headers["access-control-allow-origin"] == origin
    for origin in ("http://localhost.evil.example", "http://192.168.0.5:3000", "https://app.example.com"):
        assert preflight(api, origin).status_code == 403


def test_a_keys_own_origins_replace_the_list(api: Api) -> None:
    key = api.new_key(publishable=True, origins=[SHOP])
    body = {"brandId": 5, "adPlatform": PAGE, "accessToken": "EAAB" + "q" * 50}
    assert preflight(api, SHOP).headers["access-control-allow-origin"] == SHOP
    answer = api.send("PUT", "/brands", key=key, json=body, headers={"origin": SHOP})
    api.refused(answer, 403, "token_not_issued_here")
    assert answer.headers["access-control-allow-origin"] == SHOP
    answer = api.send("PUT", "/brands", key=key, json=body, headers={"origin": "http://localhost:3000"})
    api.refused(answer, 403, "origin_not_allowed")
    # Another key's page is no page of this one.
    api.refused(api.send("GET", "/brands", headers={"origin": SHOP}), 403, "origin_not_allowed")


def test_a_secret_key_from_a_page_works_in_development_with_a_warning(api: Api) -> None:
    answer = api.send("GET", "/brands", headers={"origin": "http://localhost:3000"})
    assert answer.status_code == 200
    assert "secret_key_in_browser" in api.service.log_text()
    assert api.service.secret_key not in api.service.log_text()


def test_a_secret_key_from_a_page_is_refused_in_production(production: Api) -> None:
    for origin in (LISTED, "https://evil.example", "null", "https://connect.example.com"):
        for path in ("/brands", f"/brands/5/connections/{PAGE}/token"):
            answer = production.send("GET", path, headers={"origin": origin})
            production.refused(answer, 403, "secret_key_in_browser")
    assert production.send("GET", "/brands").status_code == 200


def test_a_page_over_plain_http_gets_no_key_in_production(production: Api) -> None:
    for origin in ("http://app.example.com", "http://192.0.2.7:3000"):
        with pytest.raises(Problem, match="https"):
            production.new_key(publishable=True, origins=[origin])
    assert production.new_key(publishable=True, origins=["https://app.example.com"])


def test_a_page_of_another_workspace_learns_no_outcome(api: Api) -> None:
    """Beta's origin is on a key of beta's; the connect link is alpha's."""
    api.new_key(workspace="beta", publishable=True, origins=["https://beta.example"])
    answer = api.send("POST", "/connect-sessions", json={"brandId": api.brand(), "adPlatforms": [PAGE]})
    token, nonce = answer.json()["data"]["token"], secrets.token_urlsafe(24)
    query = {"session": token, "origin": "https://beta.example", "nonce": nonce}
    refused = api.http.get(f"{api.service.url}/oauth/{PAGE}/start", params=query)
    assert refused.status_code == 403
    assert nonce not in refused.text, "nothing is sent to a page of another workspace"


def test_production_says_so_in_headers_and_cookies(production: Api) -> None:
    answer = production.send("GET", "/brands")
    assert answer.headers["strict-transport-security"].startswith("max-age=")
    assert preflight(production, "http://localhost:3000").status_code == 403


# Publishable keys


def popup(api: Api, key: str, person: str, origin: str = "http://localhost:3000") -> dict[str, Any]:
    """What a page gets for its key by `loginWith…`: the short-lived token."""
    with Owner() as owner:
        start = f"{api.service.url}/oauth/{PAGE}/start"
        nonce = secrets.token_urlsafe(24)
        page = owner.visit(owner.decide(owner.begin(start, origin=origin, nonce=nonce, key=key), person))
        flow = page.url.path.rsplit("/", 1)[1]
        handed = owner.http.post(f"{api.service.url}/oauth/{PAGE}/handover", json={"flow": flow})
        assert handed.status_code == 200, handed.text
        assert "no-store" in handed.headers["cache-control"]
        again = owner.http.post(f"{api.service.url}/oauth/{PAGE}/handover", json={"flow": flow})
        assert again.status_code == 410
        reply: dict[str, Any] = handed.json()
        return reply


@pytest.fixture(scope="module")
def publishable(api: Api) -> str:
    return api.new_key(publishable=True)


def register(api: Api, key: str, brand: int, token: str, **more: Any) -> Any:
    body = {"brandId": brand, "adPlatform": PAGE, "accessToken": token, **more}
    return api.send("PUT", "/brands", key=key, json=body)


def test_it_registers_a_token_that_was_issued_to_it(api: Api, publishable: str) -> None:
    brand, person = api.brand(), api.sandbox.newcomer()
    reply = popup(api, publishable, person)
    assert set(reply) == {"accessToken", WHO, "expiresIn"}
    answer = register(api, publishable, brand, reply["accessToken"])
    assert (answer.status_code, answer.json()["message"]) == (200, f"Brand {brand} updated successfully")
    shown = api.send("GET", f"/brands/{brand}/connections/{PAGE}").json()["data"]
    assert shown["identity"]["id"] == reply[WHO]


def test_it_registers_nothing_else(api: Api, publishable: str) -> None:
    other = api.new_key(publishable=True)
    before = api.stored()
    brought = api.token(PAGE, api.sandbox.newcomer())["accessToken"]
    theirs = popup(api, other, api.sandbox.newcomer())["accessToken"]
    of_beta = popup(api, api.new_key(workspace="beta", publishable=True), api.sandbox.newcomer())["accessToken"]
    for token in (brought, theirs, of_beta):
        answer = register(api, publishable, api.brand(), token)
        api.refused(answer, 403, "token_not_issued_here")
        forged = api.send(
            "PUT",
            "/brands",
            key=publishable,
            json={"brandId": api.brand(), "adPlatform": PAGE, "accessToken": token},
            headers={"origin": api.service.url},
        )
        api.refused(forged, 403, "token_not_issued_here")
    assert api.stored() == before


def test_it_registers_for_fifteen_minutes(api: Api, publishable: str) -> None:
    brand, token = api.brand(), popup(api, publishable, api.sandbox.newcomer())["accessToken"]
    api.sandbox.advance("14m")
    assert register(api, publishable, brand, token).status_code == 200
    late = popup(api, publishable, api.sandbox.newcomer())["accessToken"]
    api.sandbox.advance("15m")
    before = api.stored()
    api.refused(register(api, publishable, api.brand(), late), 403, "token_not_issued_here")
    assert api.stored() == before


def test_it_cannot_change_whose_a_brand_is(api: Api, publishable: str) -> None:
    one, other = api.sandbox.newcomer(), api.sandbox.newcomer()
    brand = api.connected(PAGE, one)
    token = popup(api, publishable, other)["accessToken"]
    before = api.stored()
    for more in ({}, {"replaceIdentity": True}):
        api.refused(register(api, publishable, brand, token, **more), 409, "identity_mismatch")
    assert api.stored() == before
    assert register(api, publishable, brand, popup(api, publishable, one)["accessToken"]).status_code == 200


def test_it_cannot_rename_a_brand(api: Api, publishable: str) -> None:
    brand, person = api.brand(), api.sandbox.newcomer()
    body = {"brandId": brand, "adPlatform": PAGE, "name": "Lark", **api.token(PAGE, person)}
    assert api.send("PUT", "/brands", json=body).status_code == 200
    token = popup(api, publishable, person)["accessToken"]
    refused = register(api, publishable, brand, token, name="Mine now")
    assert api.refused(refused, 403, "missing_scope")["field"] == "name"
    assert api.send("GET", f"/brands?brandId={brand}").json()["data"]["name"] == "Lark"


@pytest.mark.parametrize("name", [name for name in CALLS if name != "PUT /brands"])
def test_it_may_call_nothing_else(api: Api, publishable: str, name: str) -> None:
    method, path, body = CALLS[name]
    for headers in ({}, {"origin": "http://localhost:3000"}, {"origin": api.service.url}):
        answer = api.send(method, path, key=publishable, json=body, headers=headers)
        api.refused(answer, 403, "missing_scope")
