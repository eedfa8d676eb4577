"""What the control API can make happen at TikTok."""

from __future__ import annotations

from typing import Any

import pytest

from symphony_connect.platforms.tiktok.sandbox import PLATFORM
from tests.platforms.tiktok.client import ADA, API, LONG_TERM, OTHER_APP, SHORT_TERM, Client, answer, ok, refusal
from tests.tools.sandbox import Sandbox


def mint(sandbox: Sandbox, person: str = "ada", **wishes: Any) -> Any:
    return sandbox.control("tokens", {"platform": "tiktok", "person": person, **wishes})


@pytest.mark.parametrize("action", ["revoke", "remove-app", "change-password"])
def test_a_person_can_end_what_they_approved(client: Client, action: str) -> None:
    long, short = client.token(), client.tokens(SHORT_TERM)
    others = client.token(_sandbox_person="partial")
    client.sandbox.person("ada", action, platform="tiktok")
    assert client.advertisers(long)["code"] == 40105
    assert client.advertisers(short["access_token"], SHORT_TERM)["code"] == 40105
    assert client.refresh(short["refresh_token"])["code"] == 40107
    ok(client.advertisers(others))
    ok(client.advertisers(client.token()))


def test_revoking_one_app_leaves_the_other(client: Client) -> None:
    long, short = client.token(), client.token(SHORT_TERM)
    client.sandbox.person("ada", "revoke", platform="tiktok", appId=SHORT_TERM["app_id"])
    ok(client.advertisers(long))
    assert client.advertisers(short, SHORT_TERM)["code"] == 40105


def test_tokens_can_be_ended_early(client: Client) -> None:
    tokens = client.tokens(SHORT_TERM)
    client.sandbox.person("ada", "expire-token", platform="tiktok")
    assert client.advertisers(tokens["access_token"], SHORT_TERM)["code"] == 40102
    renewed = ok(client.refresh(tokens["refresh_token"]))
    client.sandbox.person("ada", "expire-refresh-token", platform="tiktok")
    assert client.refresh(renewed["refresh_token"])["code"] == 40103
    ok(client.advertisers(renewed["access_token"], SHORT_TERM))


def test_accounts_can_be_disabled_and_enabled(client: Client) -> None:
    token = client.token()

    def statuses() -> list[str]:
        return [each["status"] for each in ok(client.info(token, ADA, ["status"]))["list"]]

    client.sandbox.person("ada", "disable-account", platform="tiktok", accountId=ADA[1])
    assert statuses() == ["STATUS_ENABLE", "STATUS_DISABLE"]
    client.sandbox.person("ada", "disable-account", platform="tiktok")
    assert statuses() == ["STATUS_DISABLE", "STATUS_DISABLE"]
    client.sandbox.person("ada", "enable-account", platform="tiktok")
    assert statuses() == ["STATUS_ENABLE", "STATUS_ENABLE"]


def test_accounts_can_be_taken_out_of_a_grant(client: Client) -> None:
    token = client.token()
    client.sandbox.person("ada", "ungrant-account", platform="tiktok", accountId=ADA[0])
    assert [each["advertiser_id"] for each in ok(client.advertisers(token))["list"]] == ADA[1:]
    assert client.info(token, ADA[:1])["code"] == 40001


@pytest.mark.parametrize(
    "details", [{"action": "revoke", "appId": "1"}, {"action": "disable-account", "accountId": "7"}]
)
def test_an_action_on_what_there_is_not_is_refused(client: Client, details: dict[str, Any]) -> None:
    response = client.http.post("/_sandbox/people/ada", json={"platform": "tiktok", **details})
    assert response.status_code == 400
    assert ADA[0] in response.text or LONG_TERM["app_id"] in response.text


@pytest.mark.parametrize("error", PLATFORM.errors)
def test_every_documented_error_can_be_armed(client: Client, error: str) -> None:
    token = client.token()
    client.sandbox.fault("tiktok", f"tiktok:{error}", path="/open_api/v1.3/oauth2/advertiser/get/")
    assert ok(client.get("/user/info/", token))
    assert refusal(client.advertisers(token)) == (int(error.split("/")[0]), PLATFORM.errors[error])
    ok(client.advertisers(token))


def test_a_minted_token_is_a_token(client: Client) -> None:
    minted = mint(client.sandbox)
    assert minted["refreshToken"] is None
    assert minted["expiresAt"] is None
    listed = ok(client.advertisers(minted["accessToken"]))["list"]
    assert [each["advertiser_id"] for each in listed] == ADA == minted["adAccounts"]


def test_minted_tokens_of_other_kinds(client: Client) -> None:
    short = mint(client.sandbox, app=SHORT_TERM["app_id"], adAccounts=ADA[:1], scopes=[4])
    renewed = ok(client.refresh(short["refreshToken"]))
    assert (renewed["advertiser_ids"], renewed["scope"]) == (ADA[:1], [4])
    foreign = mint(client.sandbox, app=OTHER_APP["app_id"])["accessToken"]
    assert client.advertisers(foreign)["code"] == 40000
    over = mint(client.sandbox, expiresIn=-1)["accessToken"]
    assert client.advertisers(over)["code"] == 40102
    endless = mint(client.sandbox, app=SHORT_TERM["app_id"], expiresIn=0)
    client.sandbox.advance("3650d")
    ok(client.advertisers(endless["accessToken"], SHORT_TERM))


@pytest.mark.parametrize(
    "wishes", [{"app": "1"}, {"adAccounts": ["1"]}, {"scopes": [77]}, {"nonsense": 1}, {"expiresIn": "soon"}]
)
def test_an_impossible_token_is_refused(client: Client, wishes: dict[str, Any]) -> None:
    body = {"platform": "tiktok", "person": "ada", **wishes}
    assert client.http.post("/_sandbox/tokens", json=body).status_code == 400


def test_a_reset_forgets_tokens_codes_and_switches(client: Client) -> None:
    token, code = client.token(), client.code()
    client.sandbox.person("ada", "disable-account", platform="tiktok")
    client.sandbox.control("settings", {"tiktok.denyWithStateOnly": True})
    client.sandbox.reset()
    assert client.advertisers(token)["code"] == 40105
    assert client.post("/oauth2/access_token/", {**LONG_TERM, "auth_code": code})["code"] == 40110
    assert client.sandbox.state()["switches"]["tiktok.denyWithStateOnly"] is False
    assert ok(client.info(client.token(), ADA, ["status"]))["list"][0]["status"] == "STATUS_ENABLE"


def test_the_state_shows_what_a_person_granted(client: Client) -> None:
    client.token(account=ADA[0], permission=["4"])
    ada = next(person for person in client.sandbox.state()["people"] if person["name"] == "ada")["platforms"]["tiktok"]
    assert [account["id"] for account in ada["adAccounts"]] == ADA
    granted = {"appId": LONG_TERM["app_id"], "kind": "marketing", "adAccounts": ADA[:1], "scopes": ["4"]}
    assert ada["grants"] == [{**granted, "over": False, "tokens": 1, "ends": None}]


def test_the_ledger_names_person_and_refusal_but_no_token(client: Client) -> None:
    token = client.token()
    ok(client.advertisers(token))
    answer(client.http.get(f"{API}/user/info/", headers={"Access-Token": "x"}))
    calls = client.sandbox.calls()
    assert [(call["person"], call["code"]) for call in calls[-2:]] == [("ada", None), (None, "40105")]
    assert token not in str(calls)
    assert LONG_TERM["secret"] not in str(calls)
